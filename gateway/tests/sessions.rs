//! Whole sessions through the router and the state machine, on SQLite and on PostgreSQL, by a clock turned by hand.

mod support;

use std::time::Duration;

use farhand_gateway::{
    live::{Outgoing, Viewer},
    sessions,
};
use farhand_protocol::{
    api::{PeerAddress, SessionEvent},
    chain::{Body, Chain, ChainEntry, Head, LinkHash, Origin},
    error::ErrorCode,
    gateway::{CustomerStep, FromGateway},
    ids::{MemberId, PeerKey, SessionId},
    permission::{Capability, CapabilitySet},
    ticket::{CeilingUpdate, GatewayKey, Leg, RelayToken, Signed, Ticket},
    wire::Message,
};
use serde_json::json;
use support::{
    ADA, ADMIN, BEN, Lab, MINUTE, PASSWORD,
    postgres::Postgres,
    wire::{PATIENCE, links},
};
use tokio::sync::mpsc;

/// Ada's console, as filters see it.
const ADAS: Viewer = Viewer {
    member_id: MemberId(2),
    is_administrator: false,
};

/// What waits for a line.
fn heard(queue: &mut mpsc::Receiver<Outgoing>) -> Vec<FromGateway> {
    let mut heard = Vec::new();
    while let Ok(outgoing) = queue.try_recv() {
        if let Outgoing::Frame(frame) = outgoing {
            heard.extend(FromGateway::from_frame(&frame).unwrap());
        }
    }
    heard
}

async fn a_session_goes_from_pin_to_close(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    lab.act(session_id, "hold", &ada).await.ok();
    assert_eq!(lab.act(session_id, "ticket", &ada).await.status, 400, "a ticket needs a body");
    lab.act(session_id, "start", &ada).await.ok();
    let row = lab
        .post(&format!("/api/v1/sessions/{session_id}/close"), &ada, json!({ "comment": "done" }))
        .await
        .ok();
    assert_eq!(
        (row["status"].as_str(), row["comment"].as_str(), row["device"].as_str()),
        (Some("closed_by_technician"), Some("done"), Some("ACME-PC7"))
    );
    // STM-76.
    assert_eq!(
        lab.path(session_id, &ada).await,
        ["connecting", "waiting", "active", "on_hold", "active", "closed_by_technician"]
    );
    assert_eq!(lab.act(session_id, "start", &ada).await.refused(), "session.ended");
    let running = lab.get("/api/v1/sessions", &ada).await.ok();
    assert!(running.as_array().unwrap().iter().all(|row| row["session_id"] != session_id.0));
    let ended = lab.get("/api/v1/sessions?final=true", &ada).await.ok();
    assert!(ended.as_array().unwrap().iter().any(|row| row["session_id"] == session_id.0));
}

async fn the_log_is_one_unbroken_chain(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let events = lab.get(&format!("/api/v1/sessions/{session_id}/events"), &ada).await.ok();
    let entries: Vec<ChainEntry> = {
        let rows = sqlx::query("SELECT prev, hash FROM events WHERE session_id = $1 ORDER BY seq")
            .bind(session_id.0)
            .fetch_all(lab.app.db.read())
            .await
            .unwrap();
        let prevs = rows.iter().map(|row| sqlx::Row::get::<String, _>(row, 0));
        events
            .as_array()
            .unwrap()
            .iter()
            .zip(prevs)
            .map(|(event, prev)| {
                serde_json::from_value(json!({ "origin": event["origin"], "session_id": event["session_id"], "seq": event["seq"], "occurred_at": event["occurred_at"],
                    "prev": prev, "kind": event["kind"], "body": event["detail"] }))
                .unwrap()
            })
            .collect()
    };
    let head = farhand_protocol::chain::verify(&entries).unwrap();
    assert_eq!(head.seq as usize, entries.len());
    assert_eq!(
        Some(head.hash.to_string().as_str()),
        events.as_array().unwrap().last().unwrap()["hash"].as_str()
    );
    let later = lab
        .get(
            &format!("/api/v1/sessions/{session_id}/events?after={}", events[1]["event_id"]),
            &ada,
        )
        .await
        .ok();
    assert_eq!(later.as_array().unwrap().len(), entries.len() - 2);
}

async fn codes_are_good_once_and_for_a_while(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let (first, pin) = lab.session(&ada, json!({})).await;
    assert_eq!(lab.try_join("12").await.refused(), "code.malformed");
    let wrong = if pin == "111111111" { "222222222" } else { "111111111" };
    assert_eq!(lab.try_join(wrong).await.refused(), "code.unknown");
    lab.try_join(&format!("{} {} {}", &pin[..3], &pin[3..6], &pin[6..])).await.ok();
    assert_eq!(lab.try_join(&pin).await.refused(), "code.used");
    assert_eq!(lab.status(first, &ada).await, "connecting");
    let (second, pin) = lab.session(&ada, json!({ "valid_minutes": 2 })).await;
    lab.jump(2 * MINUTE).await;
    sessions::tidy(&lab.app).await.unwrap();
    assert_eq!(lab.try_join(&pin).await.refused(), "code.expired");
    let running = lab.get("/api/v1/sessions", &ada).await.ok();
    assert!(
        running.as_array().unwrap().iter().all(|row| row["session_id"] != second.0),
        "it never was a session"
    );
    let ended = lab.get("/api/v1/sessions?final=true", &ada).await.ok();
    assert!(ended.as_array().unwrap().iter().all(|row| row["session_id"] != second.0));
}

async fn a_lost_answer_to_join_can_be_asked_for_again_by_the_same_key_alone(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let (session_id, pin) = lab.session(&ada, json!({ "valid_minutes": 15 })).await;
    let key = lab.key();
    let body = support::join_body(&pin, &key, "ACME-PC7");
    let first = lab.post("/api/v1/join", "", body.clone()).await.ok();
    // As often as it likes: asking again is no guess.
    for _ in 0..30 {
        let again = lab.post("/api/v1/join", "", body.clone()).await.ok();
        assert_eq!(first["credential"], again["credential"]);
    }
    let credential = first["credential"].as_str().unwrap();
    let rejoined = lab.get("/api/v1/rejoin", credential).await.ok();
    assert_eq!(
        (&rejoined["session_id"], &rejoined["technician"]["name"]),
        (&json!(session_id.0), &json!("Ada Kern"))
    );
    let joined = lab.get(&format!("/api/v1/sessions/{session_id}/events"), &ada).await.ok();
    let times = joined.as_array().unwrap().iter().filter(|e| e["kind"] == "session.joined").count();
    assert_eq!(times, 1, "the customer arrived once");
    // Another applet, and one that only says that it has the key.
    assert_eq!(lab.try_join(&pin).await.refused(), "code.used");
    let mut forged = body.clone();
    forged["signature"] = support::join_body(&pin, &lab.key(), "ACME-PC7")["signature"].clone();
    assert_eq!(lab.post("/api/v1/join", "", forged).await.refused(), "request.malformed");
    lab.customer(session_id, CustomerStep::Ready).await;
    lab.post("/api/v1/join", "", body.clone()).await.ok();
    // The PIN's life is over, whoever asks.
    lab.line(session_id, true).await;
    lab.jump(15 * MINUTE).await;
    assert_eq!(lab.status(session_id, &ada).await, "waiting");
    assert_eq!(lab.post("/api/v1/join", "", body).await.refused(), "code.used");
    lab.get("/api/v1/rejoin", credential).await.ok();
}

async fn a_key_that_is_not_proven_starts_nothing_and_costs_no_pin(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let (session_id, pin) = lab.session(&ada, json!({})).await;
    let body = lab.join_body(&pin);
    for change in [
        json!({ "signature": "" }),
        json!({ "signature": "00".repeat(64) }),
        json!({ "device": "another" }),
    ] {
        let mut forged = body.clone();
        forged.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
        assert_eq!(lab.post("/api/v1/join", "", forged).await.refused(), "request.malformed");
    }
    let joined = lab.post("/api/v1/join", "", body).await.ok();
    assert_eq!(joined["session_id"], session_id.0);
}

async fn time_runs_out_where_the_spec_says(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let (connecting, pin) = lab.session(&ada, json!({})).await;
    lab.try_join(&pin).await.ok();
    let waiting = lab.waiting(&ada).await;
    let unreachable = lab.waiting(&ada).await;
    lab.line(unreachable, false).await;
    // Another process noted the loss of an old line after the applet had come back.
    let back = lab.waiting(&ada).await;
    lab.line(back, false).await;
    let (line, _queue) = lab.app.hub.add_applet(back);
    lab.jump(2 * MINUTE - 1).await;
    assert_eq!(lab.status(unreachable, &ada).await, "waiting");
    lab.jump(1).await;
    assert_eq!(lab.status(unreachable, &ada).await, "disconnected");
    assert_eq!(lab.status(back, &ada).await, "waiting");
    lab.act(back, "close", &ada).await.ok();
    lab.app.hub.remove_applet(back, line);
    lab.jump(8 * MINUTE - 1).await;
    assert_eq!(lab.status(connecting, &ada).await, "connecting");
    lab.jump(1).await;
    assert_eq!(lab.status(connecting, &ada).await, "timed_out");
    assert_eq!(lab.status(waiting, &ada).await, "waiting");
    lab.jump(20 * MINUTE).await;
    // STM-78, but for the queue it came to.
    assert_eq!(lab.path(waiting, &ada).await, ["connecting", "waiting", "timed_out"]);
    assert_eq!(class_of(lab, waiting).await.as_deref(), Some("missed"));
    assert_eq!(class_of(lab, connecting).await.as_deref(), Some("failed"));
}

async fn a_lost_link_is_reconnecting_then_offline_and_comes_back(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    // A console is open, so that the lead is not the one who is missing.
    let viewer = Viewer {
        member_id: MemberId(2),
        is_administrator: false,
    };
    let (line, _queue) = lab.app.hub.add_console(viewer, String::new());
    sessions::console_opened(&lab.app, viewer.member_id).await;
    lab.line(session_id, false).await;
    lab.jump(4_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "active", "a redial is not a loss");
    lab.jump(1_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "reconnecting");
    lab.line(session_id, true).await;
    assert_eq!(lab.status(session_id, &ada).await, "active");
    lab.line(session_id, false).await;
    lab.pass(2 * MINUTE + 1_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "offline");
    lab.line(session_id, true).await;
    assert_eq!(lab.status(session_id, &ada).await, "active");
    // What an old line leaves behind late does not count against the new one.
    sessions::link_changed(&lab.app, session_id).await.unwrap();
    lab.jump(6_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "active");
    // Cut off from the gateway alone, the session goes on.
    lab.app.hub.note_link(line, session_id, lab.peer_key(), true);
    lab.line(session_id, false).await;
    lab.pass(10 * MINUTE).await;
    assert_eq!(lab.status(session_id, &ada).await, "active");
    lab.app.hub.remove_console(viewer.member_id, line);
    lab.act(session_id, "close", &ada).await.ok();
}

async fn a_link_between_the_ends_that_comes_back_ends_reconnecting_and_offline(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let (line, _console) = lab.app.hub.add_console(ADAS, String::new());
    sessions::console_opened(&lab.app, ADAS.member_id).await;
    let viewer = lab.peer_key();
    let link = |up| lab.app.hub.note_link(line, session_id, viewer, up);
    lab.line(session_id, false).await;
    lab.jump(5_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "reconnecting");
    link(true);
    sessions::peer_link_up(&lab.app, session_id).await.unwrap();
    assert_eq!(lab.status(session_id, &ada).await, "active", "STM-52");
    link(false);
    lab.pass(2 * MINUTE + 1_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "offline");
    link(true);
    sessions::peer_link_up(&lab.app, session_id).await.unwrap();
    assert_eq!(lab.status(session_id, &ada).await, "active", "STM-54");
    // What is said while the loss is being noted is found when the time for it is over; so is an applet that is here.
    link(false);
    lab.jump(1_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "reconnecting");
    link(true);
    lab.jump(1_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "active");
    link(false);
    lab.jump(1_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "reconnecting");
    let (applet, _queue) = lab.app.hub.add_applet(session_id);
    lab.jump(1_000).await;
    assert_eq!(lab.status(session_id, &ada).await, "active");
    lab.act(session_id, "close", &ada).await.ok();
    lab.app.hub.remove_applet(session_id, applet);
    lab.app.hub.remove_console(ADAS.member_id, line);
}

async fn a_lead_without_a_console_loses_the_session_to_hold_after_two_minutes_and_at_once_when_signed_out(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    lab.jump(2 * MINUTE - 1).await;
    assert_eq!(lab.status(session_id, &ada).await, "active");
    lab.jump(1).await;
    assert_eq!(lab.status(session_id, &ada).await, "on_hold");
    lab.act(session_id, "start", &ada).await.ok();
    lab.post("/api/v1/logout", &ada, json!({ "everywhere": true })).await.ok();
    assert_eq!(lab.get("/api/v1/me", &ada).await.refused(), "auth.token_expired");
    let ada = lab.token(ADA).await;
    assert_eq!(lab.status(session_id, &ada).await, "on_hold");
    lab.act(session_id, "close", &ada).await.ok();
}

async fn after_a_kill_sessions_have_their_state_and_timers_stood_still(lab: &mut Lab) {
    let ada = lab.token(ADA).await;
    let (connecting, pin) = lab.session(&ada, json!({})).await;
    lab.try_join(&pin).await.ok();
    lab.line(connecting, true).await;
    let active = lab.active(&ada).await;
    lab.jump(6 * MINUTE - 1).await;
    // The heartbeat of every five seconds.
    sessions::beat(&lab.app).await.unwrap();
    let before = lab.status(active, &ada).await;
    lab.kill_and_restart_after(60 * MINUTE).await;
    lab.jump(1).await;
    assert_eq!(
        lab.status(connecting, &ada).await,
        "connecting",
        "an hour down is no hour of waiting"
    );
    assert_eq!(lab.status(active, &ada).await, before);
    lab.jump(4 * MINUTE + 1).await;
    assert_eq!(lab.status(connecting, &ada).await, "timed_out");
    lab.act(active, "close", &ada).await.ok();
}

async fn two_technicians_work_side_by_side_and_see_their_own(lab: &Lab) {
    let (ada, ben, root) = (lab.token(ADA).await, lab.token(BEN).await, lab.token(ADMIN).await);
    let (a, b, c) = (lab.active(&ada).await, lab.active(&ada).await, lab.active(&ben).await);
    assert_eq!(lab.act(a, "hold", &ben).await.refused(), "session.unknown");
    assert_eq!(lab.act(c, "close", &ada).await.refused(), "session.unknown");
    let seen = |rows: serde_json::Value| {
        rows.as_array()
            .unwrap()
            .iter()
            .filter(|r| [a.0, b.0, c.0].contains(&r["session_id"].as_i64().unwrap()))
            .count()
    };
    assert_eq!(seen(lab.get("/api/v1/sessions", &ada).await.ok()), 2);
    assert_eq!(seen(lab.get("/api/v1/sessions", &ben).await.ok()), 1);
    assert_eq!(seen(lab.get("/api/v1/sessions", &root).await.ok()), 3);
    lab.act(a, "hold", &root).await.ok();
    for (session_id, token) in [(a, &ada), (b, &ada), (c, &ben)] {
        lab.act(session_id, "close", token).await.ok();
    }
}

async fn a_ticket_is_for_the_lead_of_an_active_session_and_carries_the_ceiling(lab: &Lab) {
    let (ada, ben) = (lab.token(ADA).await, lab.token(BEN).await);
    let session_id = lab.waiting(&ada).await;
    let viewer = lab.peer_key();
    let body = json!({ "viewer": { "key": viewer.to_string(), "relay_url": null, "direct": ["192.0.2.7:4000"] } });
    let path = format!("/api/v1/sessions/{session_id}/ticket");
    assert_eq!(lab.post(&path, &ada, body.clone()).await.refused(), "session.refused_transition");
    lab.act(session_id, "start", &ada).await.ok();
    assert_eq!(lab.post(&path, &ben, body.clone()).await.refused(), "session.unknown");
    let bad = json!({ "viewer": { "key": viewer.to_string(), "relay_url": null, "direct": ["nowhere"] } });
    assert_eq!(lab.post(&path, &ada, bad).await.refused(), "request.malformed");
    let answer = lab.post(&path, &ada, body).await.ok();
    let key: GatewayKey = serde_json::from_value(lab.get("/api/v1/me", &ada).await.ok()["gateway_key"].clone()).unwrap();
    let signed: Signed = serde_json::from_value(answer["ticket"].clone()).unwrap();
    let ticket: Ticket = signed.open(&key).unwrap();
    assert_eq!((ticket.session_id, ticket.viewer_key, ticket.leg), (session_id, viewer, Leg::Lead));
    assert_eq!(answer["host"]["key"], ticket.host_key.to_string());
    assert!(ticket.ceiling.has(Capability::Control) && !ticket.ceiling.has(Capability::CommandLine));
    let relay = Signed::from_text(answer["relay"]["token"].as_str().unwrap()).unwrap();
    let token: RelayToken = relay.open(&key).unwrap();
    let days = token.not_after.since_millis(lab.app.now()) / (24 * 60 * MINUTE);
    assert_eq!(days, 365, "nobody renews it");
    lab.act(session_id, "close", &ada).await.ok();
}

async fn consoles_are_told_where_the_applet_is_and_of_no_relay_but_ours(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let body = json!({ "viewer": { "key": lab.peer_key().to_string(), "relay_url": null, "direct": [] } });
    let path = format!("/api/v1/sessions/{session_id}/ticket");
    let host = lab.post(&path, &ada, body.clone()).await.ok()["host"].clone();
    let key = PeerKey::parse(host["key"].as_str().unwrap()).unwrap();
    let (line, mut console) = lab.app.hub.add_console(ADAS, String::new());
    let (process, elsewhere) = (uuid::Uuid::now_v7(), "https://two.acme.example");
    let now = lab.app.now();
    lab.app
        .hub
        .others(|others| others.note_beat(process, Some(elsewhere.to_owned()), 0, now));
    // The lease is over, and the console still holds on to its link.
    lab.app.clock.advance_millis(61 * MINUTE);
    for (number, said, told) in [
        (1, "https://relay.example", None),
        (2, "https://support.acme.example/", Some("https://support.acme.example")),
        (3, "https://two.acme.example/", Some(elsewhere)),
    ] {
        let address = PeerAddress {
            key,
            relay_url: Some(said.to_owned()),
            direct: vec![format!("192.0.2.{number}:7")],
        };
        sessions::handle_reachable(&lab.app, session_id, address.clone()).await.unwrap();
        let expected = PeerAddress {
            relay_url: told.map(str::to_owned),
            ..address
        };
        let moved: Vec<PeerAddress> = heard(&mut console)
            .into_iter()
            .filter_map(|m| if let FromGateway::Peer(moved) = m { Some(moved.peer) } else { None })
            .collect();
        assert_eq!(moved, std::slice::from_ref(&expected));
        let answer = lab.post(&path, &ada, body.clone()).await.ok();
        assert_eq!(answer["host"], serde_json::to_value(&expected).unwrap());
    }
    // The same of the console, towards the applet.
    let (applet_line, mut applet) = lab.app.hub.add_applet(session_id);
    for (said, told) in [
        ("https://relay.example", None),
        ("https://support.acme.example/", Some("https://support.acme.example")),
    ] {
        let viewer = json!({ "key": lab.peer_key().to_string(), "relay_url": said, "direct": [] });
        lab.post(&path, &ada, json!({ "viewer": viewer })).await.ok();
        let issued: Vec<Option<String>> = heard(&mut applet)
            .into_iter()
            .filter_map(|m| {
                if let FromGateway::Ticket(issued) = m {
                    Some(issued.peer.relay_url)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(issued, [told.map(str::to_owned)]);
    }
    lab.app.hub.remove_applet(session_id, applet_line);
    lab.act(session_id, "close", &ada).await.ok();
    lab.app.hub.others(|others| others.remove(process));
    lab.app.hub.remove_console(ADAS.member_id, line);
}

async fn the_end_of_a_sign_in_ends_what_its_tickets_allow(lab: &Lab) {
    let (stolen, other) = (lab.token(ADA).await, lab.token(ADA).await);
    let session_id = lab.active(&other).await;
    let (line, mut applet) = lab.app.hub.add_applet(session_id);
    let ticket = async |token: &str| -> Ticket {
        let body = json!({ "viewer": { "key": lab.peer_key().to_string(), "relay_url": null, "direct": [] } });
        let answer = lab.post(&format!("/api/v1/sessions/{session_id}/ticket"), token, body).await.ok();
        let signed: Signed = serde_json::from_value(answer["ticket"].clone()).unwrap();
        signed.open(&lab.app.keys.gateway_key()).unwrap()
    };
    let (ends, _stays) = (ticket(&stolen).await, ticket(&other).await);
    let change = json!({ "current": PASSWORD, "new": "another one 43" });
    lab.post("/api/v1/password", &other, change).await.ok();
    let mut updates = Vec::new();
    while let Ok(Outgoing::Frame(frame)) = applet.try_recv() {
        if let Some(FromGateway::Ceiling(is)) = FromGateway::from_frame(&frame).unwrap() {
            updates.push(is.update.open::<CeilingUpdate>(&lab.app.keys.gateway_key()).unwrap());
        }
    }
    assert_eq!(updates.len(), 1, "{updates:?}");
    assert_eq!((updates[0].ticket_id, updates[0].ceiling), (ends.ticket_id, CapabilitySet::EMPTY));
    updates[0].check(ends.ticket_id, 0).unwrap();
    assert_eq!(sessions::outstanding_tickets(&lab.app, session_id).await.unwrap().len(), 1);
    assert_eq!(
        sessions::ceilings_for_applet(&lab.app, session_id).await.unwrap().len(),
        1,
        "told again to one who was away"
    );
    let back = json!({ "current": "another one 43", "new": PASSWORD });
    lab.post("/api/v1/password", &other, back).await.ok();
    lab.act(session_id, "close", &other).await.ok();
    lab.app.hub.remove_applet(session_id, line);
}

async fn a_missing_permission_is_named(lab: &Lab) {
    let ben = lab.token(BEN).await;
    let set = |permission: &'static str, on: i64| {
        sqlx::query("UPDATE group_permissions SET is_on = $1 WHERE permission = $2")
            .bind(on)
            .bind(permission)
            .execute(lab.app.db.read())
    };
    let session_id = lab.active(&ben).await;
    set("hold_sessions", 0).await.unwrap();
    set("start_private_sessions", 0).await.unwrap();
    let refused = lab.act(session_id, "hold", &ben).await;
    assert_eq!((refused.status, refused.body["permission"].as_str()), (403, Some("hold_sessions")));
    let refused = lab.post("/api/v1/sessions", &ben, json!({ "name": "x" })).await;
    assert_eq!(
        (refused.refused(), refused.body["permission"].as_str()),
        ("permission.missing", Some("start_private_sessions"))
    );
    set("hold_sessions", 1).await.unwrap();
    set("start_private_sessions", 1).await.unwrap();
    lab.act(session_id, "close", &ben).await.ok();
}

async fn the_session_maximum_holds_and_auto_start_waits_for_a_console(lab: &Lab) {
    let ben = lab.token(BEN).await;
    sqlx::query("UPDATE members SET max_active_sessions = 1 WHERE email_key = $1")
        .bind(BEN)
        .execute(lab.app.db.read())
        .await
        .unwrap();
    let first = lab.active(&ben).await;
    let second = lab.waiting(&ben).await;
    assert_eq!(lab.act(second, "start", &ben).await.refused(), "session.maximum_reached");
    // A customer whose device is away still takes a place.
    lab.line(first, false).await;
    lab.jump(5_000).await;
    assert_eq!(lab.status(first, &ben).await, "reconnecting");
    let start = lab.act(second, "start", &ben).await;
    assert_eq!(start.refused(), "session.maximum_reached", "SES-75");
    lab.act(first, "close", &ben).await.ok();
    lab.act(second, "close", &ben).await.ok();
    let (third, pin) = lab.session(&ben, json!({ "auto_start": true })).await;
    lab.try_join(&pin).await.ok();
    lab.customer(third, CustomerStep::Ready).await;
    assert_eq!(lab.status(third, &ben).await, "waiting", "no console is open (STM-26)");
    let viewer = Viewer {
        member_id: MemberId(3),
        is_administrator: false,
    };
    let (line, _queue) = lab.app.hub.add_console(viewer, String::new());
    sessions::console_opened(&lab.app, viewer.member_id).await;
    assert_eq!(lab.status(third, &ben).await, "active", "SES-17");
    lab.act(third, "close", &ben).await.ok();
    let (fourth, pin) = lab.session(&ben, json!({ "auto_start": true })).await;
    lab.try_join(&pin).await.ok();
    lab.customer(fourth, CustomerStep::Ready).await;
    assert_eq!(lab.path(fourth, &ben).await, ["connecting", "active"]);
    let (fifth, pin) = lab.session(&ben, json!({ "auto_start": true })).await;
    lab.try_join(&pin).await.ok();
    lab.customer(fifth, CustomerStep::Ready).await;
    assert_eq!(lab.status(fifth, &ben).await, "waiting", "the one slot is taken");
    lab.act(fourth, "close", &ben).await.ok();
    assert_eq!(lab.status(fifth, &ben).await, "active", "and free again");
    lab.act(fifth, "close", &ben).await.ok();
    lab.app.hub.remove_console(viewer.member_id, line);
}

async fn a_disabled_technician_aborts_what_they_were_responsible_for(lab: &Lab) {
    let (ben, root) = (lab.token(BEN).await, lab.token(ADMIN).await);
    let (active, (open, pin)) = (lab.active(&ben).await, lab.session(&ben, json!({})).await);
    let bar = async |disabled| {
        let mut tx = lab.app.db.write().await.unwrap();
        farhand_gateway::accounts::set_disabled(&mut tx, MemberId(3), disabled, lab.app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    bar(true).await;
    sessions::end_sessions_of_disabled(&lab.app).await.unwrap();
    assert_eq!(lab.status(active, &root).await, "aborted");
    assert_eq!(lab.try_join(&pin).await.refused(), "code.expired");
    assert_eq!(lab.status(open, &root).await, "none");
    bar(false).await;
    sessions::tidy(&lab.app).await.unwrap();
}

async fn customers_may_decline_leave_and_end(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let (declined, pin) = lab.session(&ada, json!({})).await;
    lab.try_join(&pin).await.ok();
    lab.customer(declined, CustomerStep::Declined).await;
    // STM-79.
    assert_eq!(lab.path(declined, &ada).await, ["connecting", "declined_by_customer"]);
    assert_eq!(class_of(lab, declined).await.as_deref(), Some("failed"));
    let left = lab.waiting(&ada).await;
    lab.customer(left, CustomerStep::Ended).await;
    assert_eq!(lab.status(left, &ada).await, "closed_by_waiting_customer");
    let ended = lab.active(&ada).await;
    assert_eq!(class_of(lab, ended).await, None, "it runs");
    lab.customer(ended, CustomerStep::Ended).await;
    assert_eq!(lab.status(ended, &ada).await, "closed_by_customer");
    assert_eq!(class_of(lab, ended).await.as_deref(), Some("handled"));
    // Whoever declines may not have heard yet that the session has gone on.
    let late = lab.waiting(&ada).await;
    lab.customer(late, CustomerStep::Declined).await;
    assert_eq!(lab.status(late, &ada).await, "closed_by_waiting_customer");
    let later = lab.active(&ada).await;
    lab.customer(later, CustomerStep::Declined).await;
    assert_eq!(lab.status(later, &ada).await, "closed_by_customer");
}

async fn a_session_that_timed_out_and_is_then_closed_has_ended_once(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.waiting(&ada).await;
    sqlx::query("UPDATE sessions SET idle_minutes = 1 WHERE session_id = $1")
        .bind(session_id.0)
        .execute(lab.app.db.read())
        .await
        .unwrap();
    lab.act(session_id, "start", &ada).await.ok();
    let counted = || lab.app.metrics.sessions_ended.value();
    let before = counted();
    lab.jump(MINUTE).await;
    assert_eq!(lab.status(session_id, &ada).await, "timed_out");
    let after = counted();
    assert!(after > before);
    let times = async || {
        let row = lab.get(&format!("/api/v1/sessions/{session_id}"), &ada).await.ok();
        let ended = sqlx::query("SELECT ended_at FROM sessions WHERE session_id = $1")
            .bind(session_id.0)
            .fetch_one(lab.app.db.read())
            .await
            .unwrap();
        (row["since"].clone(), sqlx::Row::get::<i64, _>(&ended, 0))
    };
    let ended = times().await;
    lab.app.clock.advance_millis(MINUTE);
    lab.act(session_id, "close", &ada).await.ok();
    assert_eq!(lab.status(session_id, &ada).await, "timed_out_closed_by_technician");
    assert_eq!(counted(), after);
    assert_eq!(times().await, ended, "STM-61");
}

async fn ended_sessions_are_listed_by_their_end_and_those_of_one_moment_by_number(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let (first, second, third) = (lab.waiting(&ada).await, lab.waiting(&ada).await, lab.waiting(&ada).await);
    let listed = async |path: &str| {
        let rows = lab.get(path, &ada).await.ok();
        let numbers = rows.as_array().unwrap().iter().map(|row| row["session_id"].as_i64().unwrap());
        numbers.collect::<Vec<i64>>()
    };
    let running = listed("/api/v1/sessions").await;
    assert!(running.is_sorted(), "{running:?}");
    assert!(running.ends_with(&[first.0, second.0, third.0]), "{running:?}");
    lab.app.clock.advance_millis(1_000);
    // The clock stands still: these two end in one moment.
    lab.act(third, "close", &ada).await.ok();
    lab.act(second, "close", &ada).await.ok();
    lab.app.clock.advance_millis(1_000);
    lab.act(first, "close", &ada).await.ok();
    let ended = listed("/api/v1/sessions?final=true").await;
    assert!(ended.starts_with(&[first.0, third.0, second.0]), "{ended:?}");
}

async fn an_administrator_who_takes_a_session_acts_as_one_and_becomes_its_lead(lab: &Lab) {
    let (ada, root) = (lab.token(ADA).await, lab.token(ADMIN).await);
    let session_id = lab.waiting(&ada).await;
    let row = lab.act(session_id, "start", &root).await.ok();
    assert_eq!((&row["status"], &row["lead"]["member_id"]), (&json!("active"), &json!(1)));
    let events = lab.get(&format!("/api/v1/sessions/{session_id}/events"), &root).await.ok();
    let started = events.as_array().unwrap().iter().find(|event| event["detail"]["new"] == "active");
    assert_eq!(started.unwrap()["actor"], "administrator", "STM-31, STM-70");
    lab.act(session_id, "close", &root).await.ok();
}

/// What became of a session, as reports will ask for it.
async fn class_of(lab: &Lab, session_id: SessionId) -> Option<String> {
    let row = sqlx::query("SELECT class FROM sessions WHERE session_id = $1")
        .bind(session_id.0)
        .fetch_one(lab.app.db.read())
        .await
        .unwrap();
    sqlx::Row::get(&row, 0)
}

async fn a_waiting_customer_is_told_how_long_it_may_take(lab: &Lab) {
    let root = lab.token(ADMIN).await;
    let first = lab.waiting(&root).await;
    let estimate = async |session_id| {
        sessions::state_for_applet(&lab.app, session_id)
            .await
            .unwrap()
            .unwrap()
            .1
            .estimated_wait_minutes
    };
    assert_eq!(estimate(first).await, None, "nothing is known yet");
    lab.app.clock.advance_millis(90_000);
    lab.act(first, "start", &root).await.ok();
    assert_eq!(estimate(first).await, None, "not waiting any more");
    let second = lab.waiting(&root).await;
    assert_eq!(estimate(second).await, Some(2));
    lab.act(first, "close", &root).await.ok();
    lab.act(second, "close", &root).await.ok();
}

async fn passwords_change_and_sign_out_everywhere_else(lab: &Lab) {
    let (one, other) = (lab.token(ADMIN).await, lab.token(ADMIN).await);
    let change = |current: &str, new: &str| json!({ "current": current, "new": new });
    assert_eq!(
        lab.post("/api/v1/password", &one, change("wrong", "another one 43"))
            .await
            .refused(),
        "auth.wrong_credentials"
    );
    assert_eq!(
        lab.post("/api/v1/password", &one, change(PASSWORD, "short")).await.refused(),
        "auth.weak_password"
    );
    lab.post("/api/v1/password", &one, change(PASSWORD, "another one 43")).await.ok();
    lab.get("/api/v1/me", &one).await.ok();
    assert_eq!(lab.get("/api/v1/me", &other).await.refused(), "auth.token_expired");
    lab.post("/api/v1/password", &one, change("another one 43", PASSWORD)).await.ok();
}

async fn a_session_that_was_withdrawn_stays_as_it_is(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let (session_id, pin) = lab.session(&ada, json!({})).await;
    let first = lab.act(session_id, "close", &ada).await.ok();
    lab.app.clock.advance_millis(1_000);
    assert_eq!(lab.act(session_id, "close", &ada).await.ok(), first);
    let events = lab.get(&format!("/api/v1/sessions/{session_id}/events"), &ada).await.ok();
    let ended = events.as_array().unwrap().iter().filter(|e| e["kind"] == "code.ended").count();
    assert_eq!(ended, 1, "STM-69");
    sessions::tidy(&lab.app).await.unwrap();
    assert_eq!(lab.try_join(&pin).await.refused(), "code.expired");
}

async fn who_withdraws_a_code_stands_in_the_log_and_consoles_are_told(lab: &Lab) {
    let (ada, root) = (lab.token(ADA).await, lab.token(ADMIN).await);
    let (line, mut console) = lab.app.hub.add_console(ADAS, String::new());
    let mut ended = |session_id: SessionId| -> SessionEvent {
        heard(&mut console)
            .into_iter()
            .find_map(|m| match m {
                FromGateway::Event(event) if event.kind == "code.ended" && event.session_id == session_id => Some(event),
                _ => None,
            })
            .expect("the end of the code is told")
    };
    for (token, actor, member_id) in [(&ada, "technician", 2), (&root, "administrator", 1)] {
        let (session_id, _) = lab.session(&ada, json!({})).await;
        lab.act(session_id, "close", token).await.ok();
        let event = ended(session_id);
        assert_eq!(
            (event.actor.as_str(), event.detail),
            (actor, json!({ "member_id": member_id, "unused": true }))
        );
    }
    let (session_id, _) = lab.session(&ada, json!({ "valid_minutes": 1 })).await;
    lab.jump(MINUTE).await;
    let event = ended(session_id);
    assert_eq!((event.actor.as_str(), event.detail), ("system", json!({ "unused": true })));
    lab.app.hub.remove_console(ADAS.member_id, line);
}

/// More than there are connections to a database.
async fn a_start_that_is_pressed_many_times_at_once_is_one(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let presses = (0..16).map(|_| lab.act(session_id, "start", &ada));
    for answer in futures_util::future::join_all(presses).await {
        assert_eq!(answer.ok()["status"], "active");
    }
    assert_eq!(lab.path(session_id, &ada).await, ["connecting", "waiting", "active"]);
    lab.act(session_id, "close", &ada).await.ok();
}

async fn hand_in(lab: &Lab, session_id: SessionId, entries: &[ChainEntry]) -> Result<u64, ErrorCode> {
    let stored = sessions::upload(&lab.app, session_id, entries[0].origin, entries).await;
    stored.map(|stored| stored.seq).map_err(|error| error.code())
}

async fn a_session_hands_in_so_much_and_no_more(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let chain = links(lab.peer_key(), session_id, 3);
    assert_eq!(hand_in(lab, session_id, &chain[..2]).await, Ok(2));
    let row = sqlx::query("SELECT stored_bytes FROM sessions WHERE session_id = $1")
        .bind(session_id.0)
        .fetch_one(lab.app.db.read());
    let counted: i64 = sqlx::Row::get(&row.await.unwrap(), 0);
    assert!((1_000..4_000).contains(&counted), "{counted}");
    let set = |bytes: i64| {
        sqlx::query("UPDATE sessions SET stored_bytes = $1 WHERE session_id = $2")
            .bind(bytes)
            .bind(session_id.0)
            .execute(lab.app.db.read())
    };
    set(sessions::MAX_STORED_BYTES).await.unwrap();
    assert_eq!(hand_in(lab, session_id, &chain).await, Err(ErrorCode::RequestTooLarge));
    assert_eq!(hand_in(lab, session_id, &chain[..2]).await, Ok(2), "what is known is taken again");
    set(0).await.unwrap();
    assert_eq!(hand_in(lab, session_id, &chain).await, Ok(3));
    // Another chain, as if almost all of it had been handed in.
    let (origin, head) = (
        Origin::Applet(lab.peer_key()),
        Head {
            seq: sessions::MAX_LINKS - 1,
            hash: LinkHash([5; 32]),
        },
    );
    sqlx::query(
        "INSERT INTO events (event_id, session_id, origin, seq, occurred_at, stored_at, prev, hash, kind, actor, detail) \
         VALUES (999999999, $1, $2, $3, 0, 0, '', $4, 'chat.line', 'customer', '{}')",
    )
    .bind(session_id.0)
    .bind(origin.to_string())
    .bind(head.seq as i64)
    .bind(head.hash.to_string())
    .execute(lab.app.db.read())
    .await
    .unwrap();
    let mut chain = Chain::resume_at(origin, session_id, head);
    let mut next = || chain.append(support::START, "chat.line", Body::Null).unwrap();
    let (last, beyond) = (next(), next());
    assert_eq!(hand_in(lab, session_id, &[last]).await, Ok(sessions::MAX_LINKS));
    assert_eq!(hand_in(lab, session_id, &[beyond]).await, Err(ErrorCode::RequestTooLarge));
    lab.act(session_id, "close", &ada).await.ok();
}

async fn a_page_of_events_holds_so_many_bytes_and_no_more(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let origin = Origin::Applet(lab.peer_key());
    let mut chain = Chain::new(origin, session_id);
    let text = "x".repeat(30_000);
    let mut line = || {
        let body = Body::from([("text", text.as_str())]);
        chain.append(support::START, "chat.line", body).unwrap()
    };
    let long: Vec<ChainEntry> = (0..80).map(|_| line()).collect();
    assert_eq!(hand_in(lab, session_id, &long[..40]).await, Ok(40));
    assert_eq!(hand_in(lab, session_id, &long[40..]).await, Ok(80));
    let (mut after, mut pages, mut seqs) = (0, 0, Vec::new());
    loop {
        let page = sessions::events_after(&lab.app, session_id, after).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.event_id;
        pages += 1;
        let bytes: usize = page.iter().map(|event| event.detail.to_string().len()).sum();
        assert!(bytes <= 1 << 20, "{bytes}");
        seqs.extend(
            page.iter()
                .filter(|event| event.origin == origin.to_string())
                .map(|event| event.seq),
        );
    }
    assert_eq!((pages, seqs), (3, (1..=80).collect::<Vec<u64>>()));
    lab.act(session_id, "close", &ada).await.ok();
}

async fn what_postgresql_does_not_store_is_refused_as_malformed(lab: &Lab) {
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let login = json!({ "email": "ada\0@acme.example", "password": PASSWORD });
    assert_eq!(lab.post("/api/v1/login", "", login).await.refused(), "request.malformed");
    let hold = format!("/api/v1/sessions/{session_id}/hold");
    let comment = json!({ "comment": "back\0soon" });
    assert_eq!(lab.post(&hold, &ada, comment).await.refused(), "request.malformed");
    let mut chain = Chain::new(Origin::Applet(lab.peer_key()), session_id);
    let link = chain.append(support::START, "chat\0line", Body::Null).unwrap();
    assert_eq!(hand_in(lab, session_id, &[link]).await, Err(ErrorCode::RequestMalformed));
    lab.act(session_id, "close", &ada).await.ok();
}

async fn everything(mut lab: Lab) {
    a_session_goes_from_pin_to_close(&lab).await;
    a_session_that_was_withdrawn_stays_as_it_is(&lab).await;
    who_withdraws_a_code_stands_in_the_log_and_consoles_are_told(&lab).await;
    a_start_that_is_pressed_many_times_at_once_is_one(&lab).await;
    a_session_hands_in_so_much_and_no_more(&lab).await;
    a_page_of_events_holds_so_many_bytes_and_no_more(&lab).await;
    what_postgresql_does_not_store_is_refused_as_malformed(&lab).await;
    the_log_is_one_unbroken_chain(&lab).await;
    codes_are_good_once_and_for_a_while(&lab).await;
    a_lost_answer_to_join_can_be_asked_for_again_by_the_same_key_alone(&lab).await;
    a_key_that_is_not_proven_starts_nothing_and_costs_no_pin(&lab).await;
    a_lost_link_is_reconnecting_then_offline_and_comes_back(&lab).await;
    a_link_between_the_ends_that_comes_back_ends_reconnecting_and_offline(&lab).await;
    two_technicians_work_side_by_side_and_see_their_own(&lab).await;
    a_ticket_is_for_the_lead_of_an_active_session_and_carries_the_ceiling(&lab).await;
    the_end_of_a_sign_in_ends_what_its_tickets_allow(&lab).await;
    a_missing_permission_is_named(&lab).await;
    the_session_maximum_holds_and_auto_start_waits_for_a_console(&lab).await;
    customers_may_decline_leave_and_end(&lab).await;
    a_session_that_timed_out_and_is_then_closed_has_ended_once(&lab).await;
    ended_sessions_are_listed_by_their_end_and_those_of_one_moment_by_number(&lab).await;
    an_administrator_who_takes_a_session_acts_as_one_and_becomes_its_lead(&lab).await;
    a_disabled_technician_aborts_what_they_were_responsible_for(&lab).await;
    passwords_change_and_sign_out_everywhere_else(&lab).await;
    a_waiting_customer_is_told_how_long_it_may_take(&lab).await;
    time_runs_out_where_the_spec_says(&lab).await;
    consoles_are_told_where_the_applet_is_and_of_no_relay_but_ours(&lab).await;
    a_lead_without_a_console_loses_the_session_to_hold_after_two_minutes_and_at_once_when_signed_out(&lab).await;
    after_a_kill_sessions_have_their_state_and_timers_stood_still(&mut lab).await;
}

#[tokio::test]
async fn sessions_go_as_the_spec_says_on_sqlite() {
    everything(Lab::sqlite().await).await;
}

#[tokio::test]
async fn sessions_go_as_the_spec_says_on_postgresql() {
    let server = Postgres::start();
    everything(Lab::new(Some(server.database("farhand"))).await).await;
}

#[tokio::test]
async fn a_step_is_taken_and_told_also_when_whoever_asked_goes_away() {
    let lab = Lab::sqlite().await;
    let ada = lab.token(ADA).await;
    let session_id = lab.active(&ada).await;
    let (_, mut applet) = lab.app.hub.add_applet(session_id);
    let writing = lab.app.db.write().await.unwrap();
    // It waits for its turn to write until whoever asked has had enough.
    let asked = tokio::time::timeout(Duration::from_secs(2), lab.act(session_id, "close", &ada)).await;
    assert!(asked.is_err(), "nothing can be written yet");
    drop(writing);
    let told = tokio::time::timeout(PATIENCE, applet.recv()).await.unwrap();
    assert!(matches!(told, Some(Outgoing::Frame(_))), "{told:?}");
    assert_eq!(lab.status(session_id, &ada).await, "closed_by_technician");
}
