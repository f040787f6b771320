//! Links that end, tickets that change and people who act at the same time: what was said arrives, what was asked is settled by name, and nobody is left
//! in the belief that something was done.

mod session_support;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ed25519_dalek::SigningKey;
use farhand_engine::{
    host::{Host, HostConfig, HostEvent},
    platform::{
        CaptureError, DesktopSession, InputError, InputSink, LocalInput, LocalInputWatch, Platform, ScreenSource, SystemFacts, WakeError,
        WakeLock, fake::FakePlatform,
    },
    viewer::{LinkState, Viewer, ViewerConfig, ViewerEvent},
};
use farhand_protocol::{
    error::ErrorCode,
    geometry::Point,
    ids::{MemberId, PeerKey},
    input::{InputEvent, InputPriority, KeyEvent, KeyLayout, Press},
    peer::{ClockProbe, ConsentAnswer, HostBound, Request, Subscribe, ViewerBound},
    permission::{Capability, CapabilitySet},
    session::Status,
    ticket::{GatewayKey, Ticket},
};
use parking_lot::Mutex;
use session_support::{Dialer, Lab, LabOptions, Log, RawViewer, SESSION, endpoint, until};
use uuid::Uuid;

const VIEW: CapabilitySet = CapabilitySet::EMPTY.with(Capability::View);
const CONTROL: CapabilitySet = VIEW.with(Capability::Control);

fn everything() -> Subscribe {
    Subscribe {
        monitors: vec![],
        on: true,
    }
}

fn refused(event: &ViewerEvent) -> Option<ErrorCode> {
    match event {
        ViewerEvent::Refused(error) => Some(error.code),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_customer_said_to_a_link_that_died_is_said_again_on_the_next() {
    let lab = Lab::new().await;
    let (raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    lab.host.send_chat("are you there?".into());
    let shown = |e: &HostEvent| matches!(e, HostEvent::Chat { from: None, .. }).then_some(());
    lab.events.wait("the line to be sent", shown).await;
    raw.conn.close(9_u32.into(), b"cut by the test");
    let (mut next, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    let said = |message| match message {
        ViewerBound::Chat(line) => Some(line.text),
        _ => None,
    };
    assert_eq!(next.hear("the line again", said).await, "are you there?");
    assert_eq!(lab.journal("chat.line").len(), 1, "it was said once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_that_was_said_while_the_link_was_cut_is_told_on_the_next_and_nobody_is_asked_again() {
    let lab = Lab::new().await;
    let request = HostBound::Request(Request {
        request_id: Uuid::now_v7(),
        capabilities: VIEW,
    });
    let (mut raw, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    raw.say(&request).await;
    let asked = |e: &HostEvent| match e {
        HostEvent::ConsentAsked { request_id, .. } => Some(*request_id),
        _ => None,
    };
    let question = lab.events.wait("the question", asked).await;
    raw.conn.close(9_u32.into(), b"cut by the test");
    lab.wait_journal(0, "link.down").await;
    lab.host.answer_consent(question, CapabilitySet::EMPTY);
    lab.wait_journal(0, "consent.refused").await;
    let (mut next, _) = RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
    next.say(&request).await;
    next.say(&HostBound::Clock(ClockProbe {
        asked_at_micros: 77,
        answered_at_micros: 0,
    }))
    .await;
    let answer = |message| match message {
        ViewerBound::Consent(consent) => Some(consent.answer),
        _ => None,
    };
    assert_eq!(next.hear("the answer", answer).await, ConsentAnswer::Refused);
    // Not even as an attempt that came too soon.
    let rest = |message| match message {
        ViewerBound::Refused(refusal) => panic!("{refusal:?}"),
        ViewerBound::Clock(_) => Some(()),
        _ => None,
    };
    next.hear("the clock", rest).await;
    assert!(lab.journal("refused").is_empty());
    assert_eq!(lab.events.all().iter().filter_map(asked).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_any_more_is_withdrawn_by_the_system_and_keeps_its_name() {
    let lab = Lab::new().await;
    let console = lab.technician(1).await;
    let is_asked = |e: &HostEvent| matches!(e, HostEvent::ConsentAsked { .. }).then_some(());
    let withdrawn = |e: &HostEvent| match e {
        HostEvent::Journal {
            kind: "consent.withdrawn",
            actor,
            detail,
            ..
        } => Some((*actor, detail["technician"].clone())),
        _ => None,
    };
    console.viewer.subscribe(everything());
    lab.events.wait("the question", is_asked).await;
    lab.host.set_status(Status::OnHold);
    let told = lab.events.wait("the hold to withdraw it", withdrawn).await;
    assert_eq!(told, ("system", "Technician 1".into()));
    lab.host.set_status(Status::Active);
    let other = lab.technician(2).await;
    let from = lab.events.len();
    other.viewer.subscribe(everything());
    lab.events.wait_from(from, "the question", is_asked).await;
    other.viewer.leave("done");
    let told = lab.events.wait_from(from, "the leaver to take it along", withdrawn).await;
    assert_eq!(told, ("system", "Technician 2".into()));
    assert!(lab.journal("consent.refused").is_empty(), "the customer said no such thing");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_that_the_device_cannot_give_is_not_held_here_either() {
    let platform = FakePlatform::new(64, 64).with_session(DesktopSession::Wayland);
    let lab = Lab::with(platform, LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.takes_control().await;
    assert_eq!(console.events.wait("the reason", refused).await, ErrorCode::InputUnavailable);
    console.controlling(0, false).await;
    // It can be tried again, and is refused again.
    let from = console.events.len();
    console.viewer.take_control(true);
    console.controlling(from, true).await;
    console.controlling(from, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_ticket_may_overtake_the_welcome_for_the_one_before() {
    let lab = Lab::new().await;
    let endpoint = endpoint().await;
    let ticket = lab.ticket(1, &endpoint, CapabilitySet::all());
    // As old as the first, so that it leaves it its place.
    let renewed = lab.seal(&Ticket {
        ticket_id: Uuid::now_v7(),
        ceiling: VIEW,
        ..ticket.clone()
    });
    lab.host.handle_ticket(lab.seal(&ticket));
    lab.host.handle_ticket(renewed.clone());
    let config = ViewerConfig {
        session_id: SESSION,
        ticket: lab.seal(&ticket),
        gateway_key: GatewayKey(lab.gateway.verifying_key().to_bytes()),
        host_key: ticket.host_key,
        agent: "tests".into(),
        dial: Dialer::new(endpoint, lab.address()),
    };
    let (events, viewer) = (Log::new(), Arc::new(Mutex::new(None::<Viewer>)));
    let (log, same_viewer) = (events.clone(), viewer.clone());
    let on_event = move |event: ViewerEvent| {
        // Told right after the first ticket was shown; the viewer does what its program wants before it listens to the host.
        if matches!(event, ViewerEvent::Link(LinkState::Connecting("console-link-welcome")))
            && let Some(viewer) = &*same_viewer.lock()
        {
            viewer.handle_ticket(renewed.clone());
        }
        log.push(event);
    };
    {
        // Its events wait until it is there.
        let mut started = viewer.lock();
        *started = Some(Viewer::start(config, tokio::runtime::Handle::current(), Arc::new(on_event)));
    }
    let ceiling = |wanted: CapabilitySet| {
        move |event: &ViewerEvent| match event {
            ViewerEvent::Welcome(welcome) => (welcome.ceiling == wanted).then_some(()),
            _ => None,
        }
    };
    events.wait("the first welcome", ceiling(CapabilitySet::all())).await;
    events.wait("the second welcome", ceiling(VIEW)).await;
    let digits = |event: &ViewerEvent| match event {
        ViewerEvent::Sas(digits) => Some(digits.clone()),
        _ => None,
    };
    let their_digits = |event: &HostEvent| match event {
        HostEvent::Sas { digits, .. } => Some(digits.clone()),
        _ => None,
    };
    assert_eq!(
        events.wait("the digits", digits).await,
        lab.events.wait("the digits", their_digits).await
    );
    let is_over = |event: &ViewerEvent| matches!(event, ViewerEvent::Link(LinkState::Ended(_) | LinkState::Lost { .. }));
    assert!(!events.all().iter().any(is_over));
    viewer.lock().take();
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_dial_keep_nobody_out_whom_the_gateway_has_announced() {
    let lab = Lab::new().await;
    let caller = endpoint().await;
    let hello = |message| matches!(message, ViewerBound::Hello(_)).then_some(());
    let mut strangers = Vec::new();
    for _ in 0..8 {
        let mut raw = RawViewer::dial(&lab, caller.clone()).await;
        raw.hear("hello", hello).await;
        strangers.push(raw);
    }
    if let Some(mut one_more) = RawViewer::try_dial(&lab, caller).await {
        assert!(one_more.next().await.is_none(), "eight are enough");
    }
    RawViewer::linked(&lab, 1, CapabilitySet::all()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_over_for_the_customers_hands_is_said_and_a_mark_is_always_answered() {
    let mut options = LabOptions::in_control();
    options.settings.priority = InputPriority::Customer;
    let lab = Lab::with(FakePlatform::new(64, 64), options).await;
    let key = InputEvent::Key(KeyEvent {
        usage: 4,
        press: Press::Down,
        logical: None,
        text: None,
        layout: KeyLayout::There,
    });
    let way = InputEvent::PointerMove {
        epoch: 1,
        pos: Point { x: 3, y: 4 },
    };
    for (member, event) in [(1, key), (2, way)] {
        let console = lab.technician(member).await;
        console.takes_control().await;
        lab.platform.act_locally(LocalInput::Activity);
        console.viewer.input(event);
        console.viewer.input(InputEvent::Mark(7));
        assert_eq!(console.events.wait("the reason", refused).await, ErrorCode::InputPriority);
        let done = |event: &ViewerEvent| matches!(event, ViewerEvent::Done(7)).then_some(());
        console.events.wait("the mark", done).await;
    }
    assert!(lab.journal("refused").iter().all(|line| line["key"] == "priority"));
    assert!(lab.platform.events().lock().is_empty());
}

/// Counts how often its hands are opened.
struct Opened {
    fake: FakePlatform,
    hands: AtomicUsize,
}

impl Platform for Opened {
    fn name(&self) -> &'static str {
        "opened"
    }
    fn session(&self) -> DesktopSession {
        self.fake.session()
    }
    fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError> {
        self.fake.open_screen()
    }
    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        self.hands.fetch_add(1, Ordering::SeqCst);
        self.fake.open_input()
    }
    fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
        self.fake.watch_local_input(on, stop_key)
    }
    fn hold_awake(&self, reason: &str) -> Result<Box<dyn WakeLock>, WakeError> {
        self.fake.hold_awake(reason)
    }
    fn facts(&self) -> SystemFacts {
        self.fake.facts()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hands_are_opened_at_once_where_a_killed_applet_may_have_left_keys_down() {
    let platform = Arc::new(Opened {
        fake: FakePlatform::new(64, 64),
        hands: AtomicUsize::new(0),
    });
    let config = HostConfig {
        session_id: SESSION,
        host_key: PeerKey([1; 32]),
        gateway_key: GatewayKey(SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes()),
        settings: LabOptions::default().settings,
        local_policy: CapabilitySet::all(),
        grant_in_advance: CapabilitySet::EMPTY,
        device: "fake-host".into(),
        system: "Fake OS 1".into(),
        agent: "tests".into(),
        platform: platform.clone(),
    };
    let host = Host::start(config, tokio::runtime::Handle::current(), Arc::new(|_: HostEvent| {})).unwrap();
    host.restore(vec![(MemberId(1), CONTROL)], Vec::new(), Vec::new());
    until("the hands to be opened", || platform.hands.load(Ordering::SeqCst) == 1).await;
}

/// Its second watch over local input ends before whoever started it has it.
struct Stillborn {
    fake: FakePlatform,
    watches: AtomicUsize,
}

impl Platform for Stillborn {
    fn name(&self) -> &'static str {
        "stillborn"
    }
    fn session(&self) -> DesktopSession {
        self.fake.session()
    }
    fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError> {
        self.fake.open_screen()
    }
    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        self.fake.open_input()
    }
    fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
        if self.watches.fetch_add(1, Ordering::SeqCst) != 1 {
            return self.fake.watch_local_input(on, stop_key);
        }
        let watch = self.fake.watch_local_input(Box::new(|_| {}), stop_key);
        on(LocalInput::Lost);
        watch
    }
    fn hold_awake(&self, reason: &str) -> Result<Box<dyn WakeLock>, WakeError> {
        self.fake.hold_awake(reason)
    }
    fn facts(&self) -> SystemFacts {
        self.fake.facts()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_ends_while_it_is_started_is_not_taken_for_one_that_hears() {
    let fake = FakePlatform::new(64, 64);
    let platform = Arc::new(Stillborn {
        fake: fake.clone(),
        watches: AtomicUsize::new(0),
    });
    let lab = Lab::on(platform.clone(), fake, LabOptions::in_control()).await;
    let console = lab.technician(1).await;
    console.takes_control().await;
    let (ours, theirs) = (console.events.len(), lab.events.len());
    lab.platform.lose_watches(false);
    console.controlling(ours, false).await;
    let is_heard = |e: &HostEvent| matches!(e, HostEvent::StopKey { is_heard: true }).then_some(());
    lab.events.wait_from(theirs, "the key to be heard again", is_heard).await;
    assert_eq!(platform.watches.load(Ordering::SeqCst), 3, "the second hears nothing");
    console.controlling(ours, true).await;
    // Both cuts interrupted the hands, and both were taken back.
    console.viewer.input(InputEvent::Key(KeyEvent {
        usage: 4,
        press: Press::Down,
        logical: None,
        text: None,
        layout: KeyLayout::There,
    }));
    lab.wait_hands(1).await;
    let from = console.events.len();
    assert!(lab.platform.act_locally(LocalInput::Stop));
    console.controlling(from, false).await;
}
