//! Refusals, generated from the capability map: every message a viewer can send × every reason why it may not, with proof that
//! the machine felt nothing, that nobody was asked, and that the log says so once, by the permission's key.

mod session_support;

use farhand_engine::{host::HostEvent, platform::fake::FakePlatform};
use farhand_protocol::{
    error::ErrorCode,
    geometry::Point,
    ids::SessionId,
    input::{Button, InputEvent, KeyEvent, KeyLayout, Press},
    peer::{
        Acknowledge, ChatLine, ClockProbe, GrantCause, Hello, HostBound, Leave, Needs, Present, Quality, Request, Resync, SasPart,
        Subscribe, TakeControl, ViewerBound,
    },
    permission::{Capability, CapabilitySet},
    session::Status,
    ticket::{Signed, Ticket},
    time::Timestamp,
    wire::Message,
};
use session_support::{Lab, LabOptions, RawViewer, SESSION, endpoint};
use uuid::Uuid;

/// One of every message, and of the kinds of input one of each.
fn every_message() -> Vec<HostBound> {
    let pos = Point { x: 1, y: 1 };
    let key = KeyEvent {
        usage: 4,
        press: Press::Down,
        logical: None,
        text: Some("a".into()),
        layout: KeyLayout::Here,
    };
    let signed = Signed {
        bytes: vec![1],
        signature: vec![2],
    };
    let mut all = vec![
        HostBound::Hello(Hello::ours("raw")),
        HostBound::Present(Present {
            ticket: signed.clone(),
            update: None,
        }),
        HostBound::Sas(SasPart { bytes: vec![0; 32] }),
        HostBound::Request(Request {
            request_id: Uuid::now_v7(),
            capabilities: CapabilitySet::EMPTY.with(Capability::View),
        }),
        HostBound::Subscribe(Subscribe {
            monitors: vec![],
            on: true,
        }),
        HostBound::TakeControl(TakeControl { on: true }),
        HostBound::Chat(ChatLine {
            line_id: Uuid::now_v7(),
            sent_at: Timestamp(0),
            text: "x".into(),
        }),
        HostBound::Acknowledge(Acknowledge {
            update: 1,
            received_bytes: 1,
            shown_after_micros: 1,
        }),
        HostBound::Resync(Resync { reason: String::new() }),
        HostBound::Quality(Quality {
            max_bitrate_bps: 0,
            max_fps: 0,
        }),
        HostBound::Clock(ClockProbe {
            asked_at_micros: 0,
            answered_at_micros: 0,
        }),
        HostBound::Ceiling(signed),
        HostBound::Leave(Leave { reason: String::new() }),
    ];
    let input = [
        InputEvent::PointerMove { epoch: 1, pos },
        InputEvent::PointerButton {
            epoch: 1,
            pos,
            button: Button::Left,
            press: Press::Down,
        },
        InputEvent::PointerButton {
            epoch: 1,
            pos,
            button: Button::Left,
            press: Press::Up,
        },
        InputEvent::Wheel {
            epoch: 1,
            pos,
            dx: 0,
            dy: 120,
        },
        InputEvent::Key(key),
        InputEvent::Text("rm".into()),
        InputEvent::Beat,
        InputEvent::ReleaseAll,
        InputEvent::Mark(1),
    ];
    all.extend(input.map(HostBound::Input));
    all
}

/// Messages that need a capability, with it.
fn guarded() -> Vec<(HostBound, Capability)> {
    let needs = |message: HostBound| match message.needs() {
        Needs::Capability(one) => Some((message, one)),
        Needs::Nothing | Needs::Ticket => None,
    };
    every_message().into_iter().filter_map(needs).collect()
}

#[test]
fn every_kind_of_message_is_in_the_list() {
    let sent: std::collections::BTreeSet<u16> = every_message().iter().map(Message::kind).collect();
    let known: std::collections::BTreeSet<u16> = HostBound::KINDS.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(sent, known);
}

/// The machine felt nothing: no input, no screen opened, nobody listened to as seeing or acting.
fn assert_untouched(lab: &Lab, message: &HostBound) {
    assert!(lab.platform.events().lock().is_empty(), "{message:?} had an effect");
    assert!(!lab.platform.is_held_awake(), "{message:?} opened the screen");
    for kind in ["view.started", "control.started", "chat.line", "consent.allowed"] {
        assert!(lab.journal(kind).is_empty(), "{message:?} journalled {kind}");
    }
}

/// Says it and learns that it was dealt with: a clock question behind it is answered, or the link ends. Returns refusals.
async fn say_and_settle(raw: &mut RawViewer, message: &HostBound) -> Vec<farhand_protocol::peer::Refused> {
    raw.say(message).await;
    raw.say(&HostBound::Clock(ClockProbe {
        asked_at_micros: 77,
        answered_at_micros: 0,
    }))
    .await;
    let mut refused = Vec::new();
    while let Some(answer) = raw.next().await {
        match answer {
            ViewerBound::Refused(refusal) => refused.push(refusal),
            ViewerBound::Clock(answer) if answer.asked_at_micros == 77 => break,
            ViewerBound::Goodbye(_) => break,
            ViewerBound::Layout(_) | ViewerBound::Screen(_) | ViewerBound::Cursor(_) | ViewerBound::Digest(_) => {
                panic!("something of the device was shown")
            }
            _ => {}
        }
    }
    refused
}

async fn assert_refused_once(lab: &Lab, raw: &mut RawViewer, message: &HostBound, capability: Capability, code: ErrorCode) {
    let refused = say_and_settle(raw, message).await;
    assert_untouched(lab, message);
    let entries = lab.journal("refused");
    if message.only_gives_up() && code != ErrorCode::TicketInvalid {
        assert!(
            refused.is_empty() && entries.is_empty(),
            "giving up is never refused: {message:?} {entries:?}"
        );
        return;
    }
    let key = capability.permission().key();
    assert_eq!(refused.len(), 1, "{message:?}");
    assert_eq!(
        (refused[0].kind, refused[0].error.code, refused[0].error.permission.as_deref()),
        (message.kind(), code, Some(key)),
        "{message:?}"
    );
    assert_eq!(entries.len(), 1, "{message:?}: {entries:?}");
    assert_eq!(entries[0]["key"], key, "{message:?}");
}

/// A device on which everything is allowed in advance.
async fn granted_in_advance() -> Lab {
    let options = LabOptions {
        in_advance: CapabilitySet::all(),
        ..LabOptions::default()
    };
    Lab::with(FakePlatform::new(64, 64), options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_ticket_nothing_has_an_effect_and_the_connection_is_closed() {
    for message in every_message() {
        let lab = granted_in_advance().await;
        let mut raw = RawViewer::dial(&lab, endpoint().await).await;
        match message.needs() {
            Needs::Nothing => continue,
            Needs::Capability(one) => assert_refused_once(&lab, &mut raw, &message, one, ErrorCode::TicketInvalid).await,
            Needs::Ticket => {
                let refused = say_and_settle(&mut raw, &message).await;
                assert_eq!(refused.first().map(|r| r.error.code), Some(ErrorCode::TicketInvalid), "{message:?}");
                assert_eq!(lab.journal("refused").len(), 1);
                assert_eq!(lab.journal("refused")[0]["key"], "ticket");
                assert_untouched(&lab, &message);
            }
        }
        raw.conn.closed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_consent_every_guarded_message_is_refused_by_its_key() {
    for (message, capability) in guarded() {
        if capability == Capability::Chat {
            // The only one that needs no prompt.
            continue;
        }
        let lab = Lab::new().await;
        let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
        assert_refused_once(&lab, &mut raw, &message, capability, ErrorCode::PermissionNotGranted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_ceiling_or_the_devices_policy_lacks_is_refused_by_its_key() {
    for (message, capability) in guarded() {
        let without = CapabilitySet::all().without(capability);
        let lab = Lab::new().await;
        let (mut raw, _) = RawViewer::linked(&lab, 1, without).await;
        assert_refused_once(&lab, &mut raw, &message, capability, ErrorCode::PermissionMissing).await;
        let lab = Lab::with(
            FakePlatform::new(64, 64),
            LabOptions {
                local_policy: without,
                ..LabOptions::default()
            },
        )
        .await;
        let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
        assert_refused_once(&lab, &mut raw, &message, capability, ErrorCode::PermissionMissing).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_revocation_every_guarded_message_is_refused_by_its_key() {
    for (message, capability) in guarded().into_iter().filter(|(_, capability)| *capability != Capability::Chat) {
        let lab = Lab::new().await;
        let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
        let capabilities = CapabilitySet::EMPTY.with(capability);
        raw.say(&HostBound::Request(Request {
            request_id: Uuid::now_v7(),
            capabilities,
        }))
        .await;
        lab.answer(0, true).await;
        let is_granted = |answer| matches!(answer, ViewerBound::Grant(change) if change.granted.has(capability)).then_some(());
        raw.hear("the grant", is_granted).await;
        lab.host.revoke(GrantCause::StopButton);
        let is_revoked = |answer| matches!(answer, ViewerBound::Grant(change) if change.cause == GrantCause::StopButton).then_some(());
        raw.hear("the revocation", is_revoked).await;
        let refused = say_and_settle(&mut raw, &message).await;
        assert!(
            lab.platform.events().lock().is_empty() && lab.journal("view.started").is_empty() && lab.journal("control.started").is_empty()
        );
        let entries = lab.journal("refused");
        if message.only_gives_up() {
            assert!(refused.is_empty() && entries.is_empty());
        } else {
            assert_eq!(
                refused.iter().map(|r| r.error.code).collect::<Vec<_>>(),
                vec![ErrorCode::PermissionRevoked],
                "{message:?}"
            );
            assert_eq!(
                entries.iter().map(|e| e["key"].clone()).collect::<Vec<_>>(),
                vec![serde_json::json!(capability.permission().key())]
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_hold_nothing_has_an_effect() {
    for (message, capability) in guarded() {
        let lab = granted_in_advance().await;
        lab.host.set_status(Status::OnHold);
        let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
        assert_refused_once(&lab, &mut raw, &message, capability, ErrorCode::PermissionNotGranted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_another_session_key_or_gateway_opens_nothing() {
    let lab = Lab::with(
        FakePlatform::new(64, 64),
        LabOptions {
            in_advance: CapabilitySet::all(),
            ..LabOptions::default()
        },
    )
    .await;
    let (mut entries, mut try_with) = (0, Vec::new());
    let viewer = endpoint().await;
    let good = lab.ticket(1, &viewer, CapabilitySet::all());
    let other_session = Ticket {
        ticket_id: Uuid::now_v7(),
        session_id: SessionId(SESSION.0 + 1),
        ..good.clone()
    };
    try_with.push((viewer, lab.seal(&other_session), ErrorCode::TicketForeign));
    let thief = endpoint().await;
    lab.host.handle_ticket(lab.seal(&good));
    try_with.push((thief, lab.seal(&good), ErrorCode::TicketForeign));
    let forger = endpoint().await;
    let forged = Signed::seal(
        &lab.ticket(1, &forger, CapabilitySet::all()),
        &ed25519_dalek::SigningKey::from_bytes(&[9; 32]),
    );
    try_with.push((forger, forged, ErrorCode::TicketInvalid));
    let late = endpoint().await;
    let mut old = lab.ticket(1, &late, CapabilitySet::all());
    old.issued_at = old.issued_at.plus_millis(-7_200_000);
    old.first_use_until = old.first_use_until.plus_millis(-7_200_000);
    lab.host.handle_ticket(lab.seal(&old));
    try_with.push((late, lab.seal(&old), ErrorCode::TicketExpired));
    for (endpoint, ticket, code) in try_with {
        let mut raw = RawViewer::dial(&lab, endpoint).await;
        let message = HostBound::Present(Present { ticket, update: None });
        let refused = say_and_settle(&mut raw, &message).await;
        assert_eq!(refused.iter().map(|r| r.error.code).collect::<Vec<_>>(), vec![code]);
        raw.conn.closed().await;
        entries += 1;
        let journal = lab.journal("refused");
        assert_eq!(journal.len(), entries);
        assert_eq!(
            (&journal[entries - 1]["key"], &journal[entries - 1]["message"]),
            (&"ticket".into(), &"Present".into())
        );
        assert_untouched(&lab, &message);
    }
}

/// A device on which this message would be felt, or would ask the customer, if it counted.
async fn device_for(message: &HostBound) -> Lab {
    match message.needs() {
        Needs::Capability(_) => granted_in_advance().await,
        Needs::Ticket | Needs::Nothing => Lab::new().await,
    }
}

/// The message as the other session has it: what the gateway signs there is signed for that session's ticket.
fn recorded(lab: &Lab, elsewhere: &Ticket, message: HostBound) -> HostBound {
    match message {
        HostBound::Present(_) => HostBound::Present(Present {
            ticket: lab.seal(elsewhere),
            update: Some(lab.ceiling(elsewhere, 1, CapabilitySet::all())),
        }),
        HostBound::Ceiling(_) => HostBound::Ceiling(lab.ceiling(elsewhere, 1, CapabilitySet::all())),
        other => other,
    }
}

/// The customer noticed nothing: nobody was let in, nobody said anything, and nothing was asked.
fn assert_unnoticed(lab: &Lab, message: &HostBound) {
    let is_of_somebody = |event: &HostEvent| {
        matches!(
            event,
            HostEvent::ConsentAsked { .. }
                | HostEvent::ConsentSettled { .. }
                | HostEvent::Grant { .. }
                | HostEvent::Allowed(_)
                | HostEvent::Present(_)
                | HostEvent::Chat { .. }
                | HostEvent::Sas { .. }
                | HostEvent::Link { .. }
        )
    };
    let noticed: Vec<HostEvent> = lab.events.all().into_iter().filter(is_of_somebody).collect();
    assert!(noticed.is_empty(), "{message:?}: {noticed:?}");
}

/// What was said in one session is said again in another, as it was recorded: hello, the ticket, and the message right behind it. The ticket ends the
/// link, so that whatever stands behind it, guarded or not, is not even answered.
#[tokio::test(flavor = "multi_thread")]
async fn every_message_replayed_from_another_session_has_no_effect_asks_nothing_and_is_one_refusal() {
    for message in every_message() {
        let lab = device_for(&message).await;
        let viewer = endpoint().await;
        let elsewhere = Ticket {
            session_id: SessionId(SESSION.0 + 1),
            ..lab.ticket(1, &viewer, CapabilitySet::all())
        };
        let message = recorded(&lab, &elsewhere, message);
        let ticket = lab.seal(&elsewhere);
        // Not even a gateway that announced it here would make it count.
        lab.host.handle_ticket(ticket.clone());
        let mut raw = RawViewer::dial(&lab, viewer).await;
        let present = HostBound::Present(Present { ticket, update: None });
        raw.say(&present).await;
        let refused = say_and_settle(&mut raw, &message).await;
        let told: Vec<_> = refused.iter().map(|refusal| (refusal.kind, refusal.error.code)).collect();
        assert_eq!(told, [(present.kind(), ErrorCode::TicketForeign)], "{message:?}");
        raw.conn.closed().await;
        assert_untouched(&lab, &message);
        assert_unnoticed(&lab, &message);
        let entries = lab.journal("refused");
        assert_eq!(entries.len(), 1, "{message:?}: {entries:?}");
        assert_eq!((&entries[0]["key"], &entries[0]["message"]), (&"ticket".into(), &"Present".into()));
    }
}

/// Behind a ticket of this session only what the gateway signed can still be another session's: a wider ceiling of a ticket there.
#[tokio::test(flavor = "multi_thread")]
async fn a_ceiling_of_another_session_replayed_on_a_link_that_stands_widens_nothing() {
    let lab = granted_in_advance().await;
    let (mut raw, ticket) = RawViewer::linked(&lab, 1, CapabilitySet::EMPTY.with(Capability::Chat)).await;
    let elsewhere = Ticket {
        ticket_id: Uuid::now_v7(),
        session_id: SessionId(SESSION.0 + 1),
        ..ticket
    };
    let wider = HostBound::Ceiling(lab.ceiling(&elsewhere, 1, CapabilitySet::all()));
    let take = HostBound::TakeControl(TakeControl { on: true });
    for (message, code, key) in [
        (wider, ErrorCode::TicketForeign, "ticket"),
        (take, ErrorCode::PermissionMissing, "remote_control"),
    ] {
        let refused = say_and_settle(&mut raw, &message).await;
        let told: Vec<_> = refused.iter().map(|refusal| (refusal.kind, refusal.error.code)).collect();
        assert_eq!(told, [(message.kind(), code)], "{message:?}");
        assert_eq!(lab.journal("refused").last().map(|entry| entry["key"].clone()), Some(key.into()));
        assert_untouched(&lab, &message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_shown_before_the_gateway_announced_it_waits_for_that() {
    let lab = Lab::new().await;
    let viewer = endpoint().await;
    let ticket = lab.seal(&lab.ticket(1, &viewer, CapabilitySet::all()));
    let mut raw = RawViewer::dial(&lab, viewer).await;
    raw.say(&HostBound::Present(Present {
        ticket: ticket.clone(),
        update: None,
    }))
    .await;
    assert!(
        tokio::time::timeout(
            std::time::Duration::from_millis(300),
            raw.hear("welcome", |m| matches!(m, ViewerBound::Welcome(_)).then_some(()))
        )
        .await
        .is_err()
    );
    lab.host.handle_ticket(ticket);
    raw.hear("welcome", |m| matches!(m, ViewerBound::Welcome(_)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_beyond_the_ceiling_is_refused_without_asking_the_customer() {
    let lab = Lab::new().await;
    let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::EMPTY.with(Capability::View)).await;
    let capabilities = CapabilitySet::EMPTY.with(Capability::Control);
    let refused = say_and_settle(
        &mut raw,
        &HostBound::Request(Request {
            request_id: Uuid::now_v7(),
            capabilities,
        }),
    )
    .await;
    assert_eq!(refused[0].error.permission.as_deref(), Some("remote_control"));
    assert_eq!(lab.journal("refused")[0]["key"], "remote_control");
    assert!(lab.journal("consent.asked").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_refusals_of_a_kind_are_one_line_and_a_count() {
    let lab = Lab::new().await;
    let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    let key = HostBound::Input(InputEvent::Text("x".into()));
    for _ in 0..999 {
        raw.say(&key).await;
    }
    say_and_settle(&mut raw, &key).await;
    assert_eq!(lab.journal("refused").len(), 1);
    raw.say(&HostBound::Leave(Leave { reason: "done".into() })).await;
    assert_eq!(lab.wait_journal(0, "refused.repeated").await["times"], 999);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_end_the_link_and_nothing_else() {
    let lab = Lab::new().await;
    let (raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    let mut junk = raw.conn.open_uni().await.unwrap();
    junk.write_all(&[0, 0x13, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]).await.unwrap();
    raw.conn.closed().await;
    lab.wait_journal(0, "link.down").await;
    let (mut next, _) = RawViewer::linked(&lab, 2, CapabilitySet::all()).await;
    next.say(&HostBound::Clock(ClockProbe {
        asked_at_micros: 1,
        answered_at_micros: 0,
    }))
    .await;
    next.hear("an answer", |m| matches!(m, ViewerBound::Clock(_)).then_some(())).await;
}
