//! Consent, control and their end: what the technician's hands do arrives, in order, exactly as long as the customer wants.

mod session_support;

use std::time::{Duration, Instant};

use farhand_engine::{
    host::HostEvent,
    platform::{InputRefusal, LocalInput, fake::FakePlatform},
    viewer::{LinkState, ViewerEvent},
};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    geometry::Point,
    ids::MemberId,
    input::{Button, HELD_SILENCE_MILLIS, InputEvent, InputPriority, KeyEvent, KeyLayout, Press},
    peer::{ConsentAnswer, GrantCause, HostBound, Subscribe, TakeControl},
    permission::{Capability, CapabilitySet},
    session::Status,
    ticket::Leg,
};
use session_support::{Console, Lab, LabOptions, RawViewer, until};

const VIEW: CapabilitySet = CapabilitySet::EMPTY.with(Capability::View);
const CONTROL: CapabilitySet = VIEW.with(Capability::Control);

fn key(usage: u16, press: Press) -> InputEvent {
    InputEvent::Key(KeyEvent {
        usage,
        press,
        logical: None,
        text: None,
        layout: KeyLayout::There,
    })
}

fn everything() -> Subscribe {
    Subscribe {
        monitors: vec![],
        on: true,
    }
}

fn consent(wanted: ConsentAnswer) -> impl Fn(&ViewerEvent) -> Option<CapabilitySet> {
    move |event| match event {
        ViewerEvent::Consent { answer, capabilities, .. } if *answer == wanted => Some(*capabilities),
        _ => None,
    }
}

fn granted(cause: GrantCause) -> impl Fn(&ViewerEvent) -> Option<CapabilitySet> {
    move |event| match event {
        ViewerEvent::Grant { granted, cause: why } if *why == cause => Some(*granted),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn seeing_waits_for_the_customer_and_then_begins_by_itself() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.viewer.subscribe(everything());
    console
        .events
        .wait("the question to be shown", consent(ConsentAnswer::Asking))
        .await;
    // APP-34: until then nothing of the device is known on the other side, not even its monitors.
    assert!(
        !console
            .events
            .all()
            .iter()
            .any(|e| matches!(e, ViewerEvent::Layout(_) | ViewerEvent::Screen(_) | ViewerEvent::Picture))
    );
    assert_eq!(lab.answer(0, true).await, VIEW);
    console.viewing(0, true).await;
    console.shows_screen(&lab.platform).await;
    let allowed = lab.wait_journal(0, "consent.allowed").await;
    assert_eq!(
        (&allowed["technician"], &allowed["capabilities"]),
        (&"Technician 1".into(), &serde_json::json!(["view"]))
    );
    lab.wait_journal(0, "view.started").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_begins_nothing_and_the_same_is_not_asked_again_at_once() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.viewer.subscribe(everything());
    lab.answer(0, false).await;
    assert_eq!(console.events.wait("the refusal", consent(ConsentAnswer::Refused)).await, VIEW);
    let from = lab.events.len();
    console.viewer.subscribe(everything());
    let too_soon = |e: &ViewerEvent| match e {
        ViewerEvent::Refused(error) if error.code == ErrorCode::ConsentTooSoon => error.retry_after_secs,
        _ => None,
    };
    let secs = console.events.wait("the reason", too_soon).await;
    assert!((1..=15).contains(&secs), "{secs}");
    // Somebody else, and something else, may be asked for.
    let other = lab.technician(2).await;
    other.viewer.subscribe(everything());
    lab.answer(from, true).await;
    other.viewing(0, true).await;
    let asked = lab
        .events
        .all()
        .iter()
        .filter(|e| matches!(e, HostEvent::ConsentAsked { .. }))
        .count();
    assert_eq!(asked, 2);
    assert!(lab.journal("view.started").iter().all(|line| line["member_id"] == 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_technician_does_by_two_programs_ends_in_the_log_with_the_last_of_them() {
    let lab = Lab::new().await;
    let killed = lab.technician(1).await;
    killed.in_control(&lab).await;
    let again = lab.technician(1).await;
    again.viewer.subscribe(everything());
    again.viewing(0, true).await;
    again.takes_control().await;
    again.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    let from = lab.events.len();
    killed.viewer.leave("done");
    let down = |e: &HostEvent| matches!(e, HostEvent::Link { up: false, .. }).then_some(());
    lab.events.wait_from(from, "the end of one link", down).await;
    assert_eq!((lab.journal("control.started").len(), lab.journal("view.started").len()), (1, 1));
    for kind in ["control.ended", "view.ended"] {
        assert_eq!(lab.journal(kind), Vec::<serde_json::Value>::new(), "{kind}");
    }
    again.viewer.leave("done");
    lab.wait_journal(from, "control.ended").await;
    lab.wait_journal(from, "view.ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_yes_covers_everything_where_the_group_says_so() {
    let mut options = LabOptions::default();
    options.settings.single_prompt = true;
    let lab = Lab::with(FakePlatform::new(64, 64), options).await;
    let console = lab.technician(1).await;
    console.viewer.subscribe(everything());
    let asked = lab.answer(0, true).await;
    assert!(asked.has(Capability::Control) && asked.has(Capability::Reboot) && !asked.has(Capability::Record));
    console.viewing(0, true).await;
    let from = lab.events.len();
    console.takes_control().await;
    assert!(!lab.events.all()[from..].iter().any(|e| matches!(e, HostEvent::ConsentAsked { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_at_the_start_comes_with_the_link_and_once() {
    let mut options = LabOptions::default();
    options.settings.ask_at_start = true;
    let lab = Lab::with(FakePlatform::new(64, 64), options).await;
    let console = lab.technician(1).await;
    assert!(lab.answer(0, false).await.has(Capability::Control));
    let settled = |e: &HostEvent| {
        matches!(
            e,
            HostEvent::ConsentSettled {
                answer: ConsentAnswer::Refused,
                ..
            }
        )
        .then_some(())
    };
    lab.events.wait("the answer to count", settled).await;
    let from = lab.events.len();
    console.viewer.subscribe(everything());
    // APP-29: refused at the start, asked again when something is attempted.
    assert!(lab.answer(from, true).await.has(Capability::View));
    console.viewing(0, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_allowed_in_advance_is_told_and_journalled_but_not_asked() {
    let lab = Lab::with(FakePlatform::new(64, 64), LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.takes_control().await;
    assert_eq!(
        console.events.wait("the answer", consent(ConsentAnswer::AllowedInAdvance)).await,
        CONTROL
    );
    lab.wait_journal(0, "consent.allowed_in_advance").await;
    let settled = |e: &HostEvent| {
        matches!(
            e,
            HostEvent::ConsentSettled {
                answer: ConsentAnswer::AllowedInAdvance,
                ..
            }
        )
        .then_some(())
    };
    lab.events.wait("it to be shown", settled).await;
    assert!(!lab.events.all().iter().any(|e| matches!(e, HostEvent::ConsentAsked { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn input_arrives_in_order_and_completely() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    let epoch = console.viewer.picture().lock().epoch().max(1);
    let mut sent = Vec::new();
    for step in 0..300_u16 {
        let pos = Point { x: i32::from(step), y: 7 };
        // A click between two positions keeps both of them from being merged.
        sent.push(InputEvent::PointerMove { epoch, pos });
        sent.push(InputEvent::PointerButton {
            epoch,
            pos,
            button: Button::Left,
            press: Press::Down,
        });
        sent.push(InputEvent::PointerButton {
            epoch,
            pos,
            button: Button::Left,
            press: Press::Up,
        });
        sent.push(key(4 + step % 20, Press::Down));
        sent.push(key(4 + step % 20, Press::Up));
    }
    sent.push(InputEvent::Text("héllo 漢字 🎉".into()));
    sent.push(InputEvent::Wheel {
        epoch,
        pos: Point::default(),
        dx: 0,
        dy: -120,
    });
    until("the layout to be known", || !console.viewer.picture().lock().frame().is_empty()).await;
    sent.iter().for_each(|event| console.viewer.input(event.clone()));
    lab.wait_hands(sent.len()).await;
    assert_eq!(*lab.platform.events().lock(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_works_within_200_ms_while_keys_are_held_and_the_session_stays() {
    for by_key in [true, false] {
        let lab = Lab::new().await;
        let console = lab.technician(1).await;
        console.in_control(&lab).await;
        console.viewer.input(key(0xe1, Press::Down));
        console.viewer.input(key(4, Press::Down));
        lab.wait_hands(2).await;
        // Much is under way when the person presses it.
        (0..500).for_each(|_| console.viewer.input(key(5, Press::Down)));
        let (from, releases, pressed) = (console.events.len(), lab.platform.releases(), Instant::now());
        let cause = if by_key {
            assert!(lab.platform.act_locally(LocalInput::Stop));
            GrantCause::StopKey
        } else {
            lab.host.revoke(GrantCause::StopButton);
            GrantCause::StopButton
        };
        until("the keys to be let go", || lab.platform.releases() > releases).await;
        let done = lab.platform.events().lock().len();
        assert!(pressed.elapsed() < Duration::from_millis(200), "{:?}", pressed.elapsed());
        let left = console.events.wait_from(from, "the revocation", granted(cause)).await;
        assert!(pressed.elapsed() < Duration::from_millis(200), "{:?}", pressed.elapsed());
        assert!(!left.has(Capability::View) && left.has(Capability::Chat));
        console.controlling(from, false).await;
        console.viewing(from, false).await;
        console.viewer.chat("are you still there?".into());
        let heard = |e: &HostEvent| matches!(e, HostEvent::Chat { from: Some(_), .. }).then_some(());
        lab.events.wait("chat to go on", heard).await;
        assert_eq!(lab.platform.events().lock().len(), done, "something was done after the stop");
        assert_eq!(
            lab.wait_journal(0, "grant.revoked").await["cause"],
            if by_key { "stop_key" } else { "stop_button" }
        );
        // APP-37: the next action asks again.
        let from = lab.events.len();
        console.viewer.subscribe(everything());
        lab.answer(from, true).await;
        console.viewing(console.events.len() - 1, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_takes_back_what_was_given_in_advance() {
    let lab = Lab::with(FakePlatform::new(64, 64), LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.takes_control().await;
    lab.host.revoke(GrantCause::StopButton);
    console.controlling(0, false).await;
    let from = lab.events.len();
    console.viewer.take_control(true);
    assert_eq!(lab.answer(from, false).await, CONTROL);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_key_disabled_only_the_button_stops() {
    let mut options = LabOptions::in_control();
    options.settings.pause_key = false;
    let lab = Lab::with(FakePlatform::new(64, 64), options).await;
    let console = lab.technician(1).await;
    console.takes_control().await;
    assert!(!lab.platform.act_locally(LocalInput::Stop));
    lab.host.revoke(GrantCause::StopButton);
    console.controlling(0, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_falls_silent_with_a_key_down_is_let_go() {
    let lab = Lab::with(FakePlatform::new(64, 64), LabOptions::in_control()).await;
    let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    raw.say(&HostBound::Request(farhand_protocol::peer::Request {
        request_id: uuid::Uuid::now_v7(),
        capabilities: CONTROL,
    }))
    .await;
    raw.say(&HostBound::TakeControl(TakeControl { on: true })).await;
    raw.say(&HostBound::Input(key(4, Press::Down))).await;
    lab.wait_hands(1).await;
    let (silent, releases) = (Instant::now(), lab.platform.releases());
    until("the key to be let go", || lab.platform.releases() > releases).await;
    let waited = silent.elapsed().as_millis() as u64;
    assert!(
        (HELD_SILENCE_MILLIS - 200..HELD_SILENCE_MILLIS + 1000).contains(&waited),
        "{waited} ms"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_key_is_kept_down_by_beats_for_as_long_as_the_person_holds_it() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    console.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    let releases = lab.platform.releases();
    // Longer than the silence after which it would be let go: the passing of time is what is tested here.
    tokio::time::sleep(Duration::from_millis(HELD_SILENCE_MILLIS + 700)).await;
    assert_eq!(lab.platform.releases(), releases);
    console.viewer.input(key(4, Press::Up));
    lab.wait_hands(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_link_lets_go_and_a_redial_asks_nothing() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    console.shows_screen(&lab.platform).await;
    console.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    let (ours, theirs, releases) = (console.events.len(), lab.events.len(), lab.platform.releases());
    console.dialer.cut();
    let up = |e: &ViewerEvent| matches!(e, ViewerEvent::Link(LinkState::Up(_))).then_some(());
    console
        .events
        .wait_from(ours, "the loss", |e| {
            matches!(e, ViewerEvent::Link(LinkState::Lost { .. })).then_some(())
        })
        .await;
    console.events.wait_from(ours, "the link again", up).await;
    until("the key to be let go", || lab.platform.releases() > releases).await;
    lab.wait_journal(theirs, "control.started").await;
    lab.platform.fill(farhand_protocol::geometry::Rect::new(0, 0, 99, 99), [1, 2, 3]);
    console.shows_screen(&lab.platform).await;
    let before = lab.platform.events().lock().len();
    console.viewer.input(key(5, Press::Down));
    lab.wait_hands(before + 1).await;
    assert!(
        !lab.events.all()[theirs..]
            .iter()
            .any(|e| matches!(e, HostEvent::ConsentAsked { .. }))
    );
    // The picture stayed on the technician's screen all the time.
    assert!(!console.events.all()[ours..].iter().any(|e| matches!(e, ViewerEvent::View(false))));
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_suspends_and_the_same_technician_resumes_without_being_asked_about() {
    for status in [Status::OnHold, Status::Transferring] {
        let lab = Lab::new().await;
        let console = lab.technician(1).await;
        console.in_control(&lab).await;
        console.viewer.input(key(4, Press::Down));
        lab.wait_hands(1).await;
        let (ours, theirs, releases) = (console.events.len(), lab.events.len(), lab.platform.releases());
        lab.host.set_status(status);
        console.controlling(ours, false).await;
        console.viewing(ours, false).await;
        until("the keys to be let go", || lab.platform.releases() > releases).await;
        let ours = console.events.len();
        lab.host.set_status(Status::Active);
        console.controlling(ours, true).await;
        console.viewing(ours, true).await;
        console.shows_screen(&lab.platform).await;
        assert!(
            !lab.events.all()[theirs..]
                .iter()
                .any(|e| matches!(e, HostEvent::ConsentAsked { .. }))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_lead_ends_the_old_ones_link_and_must_ask() {
    let lab = Lab::new().await;
    let old = lab.technician(1).await;
    let lead = |console: &Console, millis| farhand_protocol::ticket::Ticket {
        ticket_id: uuid::Uuid::now_v7(),
        leg: Leg::Lead,
        issued_at: console.ticket.issued_at.plus_millis(millis),
        ..console.ticket.clone()
    };
    let ticket = lab.seal(&lead(&old, 1));
    lab.host.handle_ticket(ticket.clone());
    old.viewer.handle_ticket(ticket);
    old.in_control(&lab).await;
    let new = lab.technician(2).await;
    let ticket = lab.seal(&lead(&new, 5));
    lab.host.handle_ticket(ticket.clone());
    new.viewer.handle_ticket(ticket);
    let ended = |e: &ViewerEvent| match e {
        ViewerEvent::Link(LinkState::Ended(error)) if error.code == ErrorCode::SessionNotParticipant => Some(()),
        _ => None,
    };
    old.events.wait("the end", ended).await;
    old.viewing(1, false).await;
    let from = lab.events.len();
    new.viewer.subscribe(everything());
    lab.answer(from, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_ticket_keeps_the_link_and_the_grant() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    let (ours, theirs) = (console.events.len(), lab.events.len());
    let renewed = farhand_protocol::ticket::Ticket {
        ticket_id: uuid::Uuid::now_v7(),
        issued_at: console.ticket.issued_at.plus_millis(1),
        ceiling: CONTROL.with(Capability::Chat),
        ..console.ticket.clone()
    };
    lab.host.handle_ticket(lab.seal(&renewed));
    console.viewer.handle_ticket(lab.seal(&renewed));
    let narrower = |e: &ViewerEvent| match e {
        ViewerEvent::Welcome(welcome) => (welcome.ceiling == renewed.ceiling).then_some(welcome.granted),
        _ => None,
    };
    let granted = console.events.wait_from(ours, "the new ceiling", narrower).await;
    assert!(granted.has_all(CONTROL));
    console.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    let all = console.events.all();
    assert!(
        !all[ours..]
            .iter()
            .any(|e| matches!(e, ViewerEvent::Control(_) | ViewerEvent::Link(_))),
        "{all:#?}"
    );
    assert!(
        !lab.events.all()[theirs..]
            .iter()
            .any(|e| matches!(e, HostEvent::ConsentAsked { .. }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceiling_that_shrinks_takes_control_away_whoever_brings_it() {
    for by_peer in [false, true] {
        let lab = Lab::new().await;
        let console = lab.technician(1).await;
        console.in_control(&lab).await;
        let from = console.events.len();
        let update = lab.ceiling(&console.ticket, 1, VIEW);
        if by_peer {
            console.viewer.handle_ceiling(update);
        } else {
            lab.host.handle_ceiling(update);
        }
        assert_eq!(
            console.events.wait_from(from, "the new rights", granted(GrantCause::Ceiling)).await,
            VIEW
        );
        console.controlling(from, false).await;
        assert!(console.events.all()[from..].iter().all(|e| !matches!(e, ViewerEvent::View(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_hands_win_where_they_have_priority() {
    let mut options = LabOptions::in_control();
    options.settings.priority = InputPriority::Customer;
    let lab = Lab::with(FakePlatform::new(64, 64), options).await;
    let console = lab.technician(1).await;
    console.takes_control().await;
    console.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    lab.platform.act_locally(LocalInput::Activity);
    console.viewer.input(key(5, Press::Down));
    console.viewer.input(key(4, Press::Up));
    lab.wait_hands(2).await;
    assert_eq!(*lab.platform.events().lock(), vec![key(4, Press::Down), key(4, Press::Up)]);
    // APP-60: half a second, so half a second must pass.
    tokio::time::sleep(Duration::from_millis(550)).await;
    console.viewer.input(key(6, Press::Down));
    lab.wait_hands(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn input_aimed_at_our_own_window_is_refused_by_name() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    lab.platform.refuse_input(Some(InputRefusal::OwnWindow));
    (0..50).for_each(|_| console.viewer.input(key(4, Press::Down)));
    let code = |e: &ViewerEvent| match e {
        ViewerEvent::Refused(error) => Some(error.code),
        _ => None,
    };
    assert_eq!(console.events.wait("the refusal", code).await, ErrorCode::InputOwnWindow);
    assert_eq!(lab.wait_journal(0, "refused").await["key"], "own_window");
    assert_eq!(lab.journal("refused").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_takes_no_input_is_said_when_control_is_taken() {
    let platform = FakePlatform::new(64, 64).with_session(farhand_engine::platform::DesktopSession::Wayland);
    let lab = Lab::with(platform, LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.viewer.take_control(true);
    let code = |e: &ViewerEvent| match e {
        ViewerEvent::Refused(error) => Some(error.code),
        _ => None,
    };
    assert_eq!(console.events.wait("the reason", code).await, ErrorCode::InputUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_people_read_the_same_six_digits() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    let ours = console
        .events
        .wait("the string", |e| {
            if let ViewerEvent::Sas(digits) = e {
                Some(digits.clone())
            } else {
                None
            }
        })
        .await;
    let theirs = lab
        .events
        .wait("the string", |e| {
            if let HostEvent::Sas { digits, .. } = e {
                Some(digits.clone())
            } else {
                None
            }
        })
        .await;
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn chat_goes_both_ways_and_lines_from_before_the_link_are_not_lost() {
    let lab = Lab::new().await;
    lab.host.send_chat("is somebody there?".into());
    let shown = |e: &HostEvent| matches!(e, HostEvent::Chat { from: None, .. }).then_some(());
    lab.events.wait("the line to be shown", shown).await;
    assert!(lab.journal("chat.line").is_empty(), "what is said while waiting stays here");
    let console = lab.technician(1).await;
    console.viewer.chat("yes".into());
    let mine = |wanted: bool| {
        move |e: &ViewerEvent| match e {
            ViewerEvent::Chat { mine, text, .. } if *mine == wanted => Some(text.clone()),
            _ => None,
        }
    };
    assert_eq!(console.events.wait("the customer's line", mine(false)).await, "is somebody there?");
    assert_eq!(console.events.wait("my own line", mine(true)).await, "yes");
    let heard = |e: &HostEvent| match e {
        HostEvent::Chat { from: Some(who), text, .. } => Some((who.member_id, text.clone())),
        _ => None,
    };
    assert_eq!(lab.events.wait("the answer", heard).await, (MemberId(1), "yes".into()));
    assert_eq!(lab.journal("chat.line").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_said_with_its_reason_and_everything_is_let_go() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    console.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    let releases = lab.platform.releases();
    lab.host
        .end(ErrorBody::new(ErrorCode::SessionEnded, "the customer has ended the session"));
    let ended = |e: &ViewerEvent| match e {
        ViewerEvent::Link(LinkState::Ended(error)) => Some(error.code),
        _ => None,
    };
    assert_eq!(console.events.wait("the end", ended).await, ErrorCode::SessionEnded);
    until("the keys to be let go", || lab.platform.releases() > releases).await;
    until("the picture to be forgotten", || console.viewer.picture().lock().size() == (0, 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_applet_remembered_counts_again() {
    let lab = Lab::new().await;
    lab.host.restore(vec![(MemberId(1), CONTROL)], Vec::new(), Vec::new());
    let console = lab.technician(1).await;
    console.takes_control().await;
    assert!(!lab.events.all().iter().any(|e| matches!(e, HostEvent::ConsentAsked { .. })));
}

fn chat_line(text: &str) -> farhand_protocol::peer::ChatLine {
    farhand_protocol::peer::ChatLine {
        line_id: uuid::Uuid::now_v7(),
        sent_at: session_support::now(),
        text: text.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_line_of_before_a_crash_is_not_taken_twice() {
    let lab = Lab::new().await;
    let line = chat_line("once");
    lab.host.restore(Vec::new(), vec![line.line_id], Vec::new());
    let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    raw.say(&HostBound::Chat(line)).await;
    raw.say(&HostBound::Chat(chat_line("twice"))).await;
    assert_eq!(lab.wait_journal(0, "chat.line").await["text"], "twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_wrote_before_a_crash_reaches_the_technician() {
    let lab = Lab::new().await;
    let line = chat_line("is somebody there?");
    lab.host.restore(Vec::new(), Vec::new(), vec![line]);
    let console = lab.technician(1).await;
    let heard = |e: &ViewerEvent| match e {
        ViewerEvent::Chat { mine: false, text, .. } => Some(text.clone()),
        _ => None,
    };
    assert_eq!(console.events.wait("the customer's line", heard).await, "is somebody there?");
    assert_eq!(lab.wait_journal(0, "chat.line").await["text"], "is somebody there?");
}

fn stop_key(wanted: bool) -> impl Fn(&HostEvent) -> Option<()> {
    move |e| matches!(e, HostEvent::StopKey { is_heard } if *is_heard == wanted).then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_stop_key_cannot_be_heard_nobody_controls_and_the_customer_is_told() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    console.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    let (ours, theirs, releases) = (console.events.len(), lab.events.len(), lab.platform.releases());
    lab.platform.lose_watches(true);
    until("the key to be let go", || lab.platform.releases() > releases).await;
    console.controlling(ours, false).await;
    lab.events.wait_from(theirs, "the customer to be told", stop_key(false)).await;
    lab.wait_journal(theirs, "stop_key.unavailable").await;
    // Seeing goes on, and the button still takes it back.
    assert!(!console.events.all()[ours..].iter().any(|e| matches!(e, ViewerEvent::View(false))));
    let other = lab.technician(2).await;
    other.viewer.take_control(true);
    let code = |e: &ViewerEvent| match e {
        ViewerEvent::Refused(error) => Some(error.code),
        _ => None,
    };
    assert_eq!(other.events.wait("the reason", code).await, ErrorCode::InputUnguarded);
    let ours = console.events.len();
    lab.platform.hear_again();
    lab.events.wait_from(theirs, "the key to be heard again", stop_key(true)).await;
    console.controlling(ours, true).await;
    lab.wait_journal(theirs, "stop_key.heard").await;
    let from = console.events.len();
    assert!(lab.platform.act_locally(LocalInput::Stop), "a new watch listens");
    console.events.wait_from(from, "the revocation", granted(GrantCause::StopKey)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_ends_is_started_again_at_once() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    console.in_control(&lab).await;
    let (ours, theirs, lost) = (console.events.len(), lab.events.len(), Instant::now());
    lab.platform.lose_watches(false);
    lab.events.wait_from(theirs, "the key to be heard again", stop_key(true)).await;
    console.controlling(ours, true).await;
    assert!(lost.elapsed() < Duration::from_secs(1), "{:?}", lost.elapsed());
    assert!(lab.platform.act_locally(LocalInput::Stop));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_key_has_no_function_a_lost_watch_takes_nothing_away() {
    let mut options = LabOptions::in_control();
    options.settings.pause_key = false;
    let lab = Lab::with(FakePlatform::new(64, 64), options).await;
    let console = lab.technician(1).await;
    console.takes_control().await;
    lab.platform.lose_watches(true);
    console.viewer.input(key(4, Press::Down));
    lab.wait_hands(1).await;
    assert!(!lab.events.all().iter().any(|e| matches!(e, HostEvent::StopKey { .. })));
}
