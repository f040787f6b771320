//! Live WebSockets on a real port: rows and events pushed, uploads stored once, tickets handed over, the end told.

mod support;

use std::time::{Duration, Instant};

use farhand_protocol::{
    chain::{Body, Chain, Origin},
    error::ErrorCode,
    gateway::{CustomerStep, FromGateway, LinkReport, ToGateway},
    ids::PeerKey,
    session::Status,
    time::Timestamp,
};
use serde_json::json;
use support::{
    applet_key,
    wire::{Live, links},
};

const SECRET: [u8; 32] = [7; 32];

fn row_with(status: Status) -> impl FnMut(FromGateway) -> Option<i64> {
    move |message| match message {
        FromGateway::Row(row) if row.status == Some(status) => Some(row.session_id.0),
        _ => None,
    }
}

fn state(wanted: Status) -> impl FnMut(FromGateway) -> Option<()> {
    move |message| matches!(message, FromGateway::Session(is) if is.status == wanted).then_some(())
}

#[tokio::test]
async fn a_session_is_told_to_both_sides_as_it_goes() {
    let live = Live::start().await;
    let api = live.api();
    let token = api.login().await;
    let mut console = live.socket(&token).await;
    let (session_id, credential) = api.joined(&token, &SECRET).await;
    assert_eq!(console.until(row_with(Status::Connecting)).await, session_id.0);
    let mut applet = live.socket(&credential).await;
    applet.until(state(Status::Connecting)).await;
    applet.reachable(applet_key(7)).await;
    applet.say(&ToGateway::Customer(CustomerStep::Ready)).await;
    applet.until(state(Status::Waiting)).await;
    assert_eq!(console.until(row_with(Status::Waiting)).await, session_id.0);
    api.post(&format!("/sessions/{session_id}/start"), &token, json!({})).await;
    applet.until(state(Status::Active)).await;
    let viewer = PeerKey([9; 32]);
    let body = json!({ "viewer": { "key": viewer.to_string(), "relay_url": null, "direct": ["192.0.2.9:9"] } });
    let answer = api.post(&format!("/sessions/{session_id}/ticket"), &token, body).await;
    assert_eq!(answer["host"]["direct"][0], "192.0.2.1:7");
    let issued = applet
        .until(|m| if let FromGateway::Ticket(issued) = m { Some(issued) } else { None })
        .await;
    assert_eq!(
        (issued.peer.key, serde_json::to_value(&issued.ticket).unwrap()),
        (viewer, answer["ticket"].clone())
    );
    // An applet that was killed gets it again.
    drop(applet);
    let mut applet = live.socket(&credential).await;
    applet.until(|m| matches!(m, FromGateway::Ticket(_)).then_some(())).await;
    api.post(&format!("/sessions/{session_id}/close"), &token, json!({ "comment": "ok" }))
        .await;
    applet.until(state(Status::ClosedByTechnician)).await;
    console.until(row_with(Status::ClosedByTechnician)).await;
    live.stop().await;
}

#[tokio::test]
async fn uploads_are_stored_once_gaps_are_asked_for_and_forks_refused() {
    let live = Live::start().await;
    let api = live.api();
    let token = api.login().await;
    let (session_id, credential) = api.joined(&token, &SECRET).await;
    let mut console = live.socket(&token).await;
    let mut applet = live.socket(&credential).await;
    let chain = links(applet_key(7), session_id, 6);
    applet.upload(session_id, &chain[..2]).await;
    assert_eq!(applet.stored().await, 2);
    applet.upload(session_id, &chain[..4]).await;
    assert_eq!(applet.stored().await, 4, "what is known is taken again without effect");
    applet.upload(session_id, &chain[5..]).await;
    assert_eq!(applet.stored().await, 4, "a gap: the gateway says what it has");
    let mut other = Chain::new(Origin::Applet(applet_key(7)), session_id);
    let forged = other.append(Timestamp(1), "chat.line", Body::from("never said")).unwrap();
    applet.upload(session_id, &[forged]).await;
    let refused = applet
        .until(|m| {
            if let FromGateway::Refused(body) = m {
                Some(body.code)
            } else {
                None
            }
        })
        .await;
    assert_eq!(refused, ErrorCode::LinkProtocol);
    applet.upload(session_id, &chain).await;
    assert_eq!(
        applet
            .until(|m| matches!(m, FromGateway::Stored(s) if s.seq == 6).then_some(6))
            .await,
        6
    );
    let events = api.get(&format!("/sessions/{session_id}/events"), &token).await;
    let stored: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["kind"] == "chat.line")
        .map(|e| e["hash"].as_str().unwrap())
        .collect();
    let written: Vec<String> = chain.iter().map(|link| link.hash().to_string()).collect();
    assert_eq!(stored, written);
    let told = console
        .until(|m| matches!(&m, FromGateway::Event(e) if e.seq == 6 && e.kind == "chat.line").then_some(true))
        .await;
    assert!(told);
    live.stop().await;
}

#[tokio::test]
async fn nobody_writes_the_chain_of_somebody_else() {
    let live = Live::start().await;
    let api = live.api();
    let token = api.login().await;
    let (mine, credential) = api.joined(&token, &SECRET).await;
    let (other, _) = api.joined(&token, &[8; 32]).await;
    let mut applet = live.socket(&credential).await;
    let refused = |m| {
        if let FromGateway::Refused(body) = m {
            Some(body.code)
        } else {
            None
        }
    };
    for (session_id, key) in [(mine, applet_key(8)), (other, applet_key(8)), (other, applet_key(7))] {
        applet.upload(session_id, &links(key, session_id, 1)).await;
        assert_eq!(applet.until(refused).await, ErrorCode::SessionNotParticipant);
    }
    let mut console = live.socket(&token).await;
    let mut chain = Chain::new(Origin::Console(PeerKey([5; 32])), mine);
    let entry = chain.append(Timestamp(1), "note.made", Body::Null).unwrap();
    console.upload(mine, &[entry]).await;
    assert_eq!(
        console.until(refused).await,
        ErrorCode::SessionNotParticipant,
        "no ticket was issued for this key"
    );
    console.say(&ToGateway::Customer(CustomerStep::Ended)).await;
    assert_eq!(console.until(refused).await, ErrorCode::SessionNotEligible);
    live.stop().await;
}

#[tokio::test]
async fn signing_out_everywhere_reaches_live_consoles_and_a_stop_closes_all() {
    let live = Live::start().await;
    let api = live.api();
    let (token, other) = (api.login().await, api.login().await);
    let mut console = live.socket(&other).await;
    api.post("/logout", &token, json!({ "everywhere": true })).await;
    console.until(|m| matches!(m, FromGateway::SignedOut(_)).then_some(())).await;
    assert!(console.hear().await.is_none());
    let token = api.login().await;
    let mut console = live.socket(&token).await;
    let listening = tokio::spawn(async move { while console.hear().await.is_some() {} });
    live.stop().await;
    listening.await.unwrap();
}

#[tokio::test]
async fn pings_are_answered_and_unknown_kinds_refused_without_ending_the_line() {
    let live = Live::start().await;
    let token = live.api().login().await;
    let mut console = live.socket(&token).await;
    console.say(&ToGateway::Ping(42)).await;
    console.until(|m| matches!(m, FromGateway::Pong(42)).then_some(())).await;
    live.stop().await;
}

#[tokio::test]
async fn a_frame_beyond_the_limit_ends_the_line_before_it_is_taken_in() {
    let live = Live::start().await;
    let token = live.api().login().await;
    let mut console = live.socket(&token).await;
    console.begin_frame(8 << 20).await;
    assert!(console.hear().await.is_none());
    live.stop().await;
}

#[tokio::test]
async fn who_talks_without_a_pause_is_heard_to_the_end_but_slowly() {
    let live = Live::start().await;
    let token = live.api().login().await;
    let mut console = live.socket(&token).await;
    let began = Instant::now();
    for number in 1..=240 {
        console.say(&ToGateway::Ping(number)).await;
    }
    for number in 1..=240 {
        console
            .until(|m| matches!(m, FromGateway::Pong(n) if n == number).then_some(()))
            .await;
    }
    assert!(began.elapsed() > Duration::from_secs(1), "{:?}", began.elapsed());
    live.stop().await;
}

#[tokio::test]
async fn a_link_counts_only_from_a_console_that_has_a_ticket_and_until_the_session_ends() {
    let live = Live::start().await;
    let api = live.api();
    let token = api.login().await;
    let (session_id, credential) = api.joined(&token, &SECRET).await;
    let (other, _) = api.joined(&token, &[8; 32]).await;
    let (mut applet, mut console) = (live.socket(&credential).await, live.socket(&token).await);
    let viewer = PeerKey([9; 32]);
    let up = |session_id, peer| {
        ToGateway::Link(LinkReport {
            session_id,
            peer,
            up: true,
        })
    };
    let refused = |m| {
        if let FromGateway::Refused(body) = m {
            Some(body.code)
        } else {
            None
        }
    };
    console.say(&up(session_id, viewer)).await;
    assert_eq!(console.until(refused).await, ErrorCode::SessionNotParticipant, "no ticket yet");
    applet.say(&up(other, viewer)).await;
    assert_eq!(applet.until(refused).await, ErrorCode::SessionNotParticipant, "not its session");
    applet.say(&ToGateway::Customer(CustomerStep::Ready)).await;
    applet.until(state(Status::Waiting)).await;
    api.post(&format!("/sessions/{session_id}/start"), &token, json!({})).await;
    let body = json!({ "viewer": { "key": viewer.to_string(), "relay_url": null, "direct": [] } });
    api.post(&format!("/sessions/{session_id}/ticket"), &token, body).await;
    console.say(&up(other, viewer)).await;
    assert_eq!(
        console.until(refused).await,
        ErrorCode::SessionNotParticipant,
        "a ticket of another session"
    );
    assert!(!live.app.hub.peer_link_stands(session_id) && !live.app.hub.peer_link_stands(other));
    console.say(&up(session_id, viewer)).await;
    console.say(&ToGateway::Ping(1)).await;
    console.until(|m| matches!(m, FromGateway::Pong(1)).then_some(())).await;
    assert!(live.app.hub.peer_link_stands(session_id));
    api.post(&format!("/sessions/{session_id}/close"), &token, json!({})).await;
    assert!(!live.app.hub.peer_link_stands(session_id));
    console.say(&up(session_id, viewer)).await;
    console.say(&ToGateway::Ping(2)).await;
    console.until(|m| matches!(m, FromGateway::Pong(2)).then_some(())).await;
    assert!(!live.app.hub.peer_link_stands(session_id), "it has ended");
    live.stop().await;
}
