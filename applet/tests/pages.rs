//! The pages worked as a customer works them: typing at once, mending a mistake, answering a question only after it was read.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use egui::{Event, Key, Modifiers, Rect, pos2, vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use farhand_applet::{
    model::{Act, AppletState, Closing, Line, Page, Question, Session},
    ui::{BarView, applet_ui, bar_size, bar_ui},
};
use farhand_assets::{Size, Theme, Words};
use farhand_engine::{
    customer::{CustomerEvent, LogLine, Presence},
    viewer::LinkPath,
};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::MemberId,
    peer::{ConsentAnswer, ScreenState},
    permission::{Capability, CapabilitySet},
    session::Status,
    ticket::TechnicianIdentity,
    time::Timestamp,
};
use uuid::Uuid;

const USUAL: [f32; 2] = [380.0, 640.0];
const SMALLEST: [f32; 2] = [320.0, 480.0];

/// The applet's window with a clock that stands until it is put forward.
struct Window {
    harness: Harness<'static>,
    state: Rc<RefCell<AppletState>>,
    acts: Rc<RefCell<Vec<Act>>>,
    now: Rc<Cell<f64>>,
}

impl Window {
    fn new(size: [f32; 2], state: AppletState) -> Self {
        let (state, acts, now) = (
            Rc::new(RefCell::new(state)),
            Rc::<RefCell<Vec<Act>>>::default(),
            Rc::new(Cell::new(0.0)),
        );
        let (shown, done, clock, words) = (state.clone(), acts.clone(), now.clone(), Words::load("en"));
        let harness = Harness::builder()
            .with_size(size)
            .with_context_setup(|ctx| Theme::install_with(ctx, Size::Comfortable))
            .build_ui(move |ui| applet_ui(ui, &mut shown.borrow_mut(), &words, clock.get(), &mut done.borrow_mut()));
        let mut window = Self { harness, state, acts, now };
        window.settle();
        window
    }

    fn settle(&mut self) {
        self.harness.run_steps(4);
    }

    fn wait(&mut self, seconds: f64) {
        self.now.set(self.now.get() + seconds);
        self.settle();
    }

    fn types(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.settle();
    }

    fn enter(&mut self) {
        self.harness.key_press(Key::Enter);
        self.settle();
    }

    fn press(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    fn hears(&mut self, event: CustomerEvent) {
        let now = self.now.get();
        self.state.borrow_mut().handle_event(event, now);
        self.settle();
    }

    fn shows(&self, words: &str) -> bool {
        self.harness.query_all_by_label_contains(words).next().is_some()
    }

    fn may_press(&self, label: &str) -> bool {
        !self.harness.get_by_label(label).accesskit_node().is_disabled()
    }

    fn has_keyboard(&self, label: &str) -> bool {
        self.harness.get_by_label(label).is_focused()
    }

    fn rect(&self, label: &str) -> Rect {
        self.harness.get_by_label(label).rect()
    }
}

fn ada() -> TechnicianIdentity {
    TechnicianIdentity {
        member_id: MemberId(1),
        name: "Ada Kern".into(),
        organisation: "ACME Support".into(),
    }
}

fn at_gateway() -> AppletState {
    AppletState {
        gateway: "https://help.example".into(),
        ..AppletState::default()
    }
}

fn in_session() -> AppletState {
    AppletState {
        page: Page::Session,
        session: Some(Session {
            number: "1042".into(),
            organisation: "ACME Support".into(),
            application_name: "ACME Support".into(),
            technician: ada(),
            terms: None,
            pause_key: true,
            is_unguarded: false,
            granted_in_advance: CapabilitySet::EMPTY,
            screen: ScreenState::Shown,
        }),
        status: Some(Status::Active),
        ..AppletState::default()
    }
}

fn asked(capabilities: CapabilitySet) -> AppletState {
    AppletState {
        questions: vec![Question {
            request_id: Uuid::nil(),
            technician: ada(),
            capabilities,
            shown_at: None,
            is_read: false,
            is_ready: false,
            until: 120.0,
        }],
        ..in_session()
    }
}

fn over() -> AppletState {
    let joined = LogLine {
        at: Timestamp(0),
        kind: "link.up".into(),
        actor: "technician".into(),
        detail: serde_json::json!({ "technician": "Ada Kern" }),
    };
    AppletState {
        page: Page::End,
        ended: Some(Status::ClosedByTechnician),
        lines: vec![Line::Log(joined)],
        ..in_session()
    }
}

fn both() -> CapabilitySet {
    CapabilitySet::EMPTY.with(Capability::View).with(Capability::Control)
}

#[test]
fn a_code_can_be_typed_at_once_and_enter_sends_it() {
    let mut window = Window::new(USUAL, at_gateway());
    window.types("427901358");
    window.enter();
    assert_eq!(window.acts.take(), [Act::Connect]);
    window.hears(CustomerEvent::JoinFailed(ErrorBody::new(ErrorCode::CodeUnknown, "")));
    assert!(window.has_keyboard("Code"), "after an error the keyboard is where it was");
    assert_eq!(window.state.borrow().code, "427901358");
}

#[test]
fn letters_in_a_code_are_told_at_once_and_an_old_error_goes_with_the_next_key() {
    let mut window = Window::new(USUAL, at_gateway());
    window.hears(CustomerEvent::JoinFailed(ErrorBody::new(ErrorCode::CodeExpired, "")));
    assert!(window.shows("This code has expired"));
    window.types("12ab34");
    assert!(!window.shows("This code has expired"));
    assert!(
        window
            .harness
            .get_by_label("Code")
            .accesskit_node()
            .description()
            .is_some_and(|d| d.contains("no letters"))
    );
    window.enter();
    assert_eq!(window.acts.take(), []);
}

#[test]
fn a_code_that_is_too_short_says_so_on_enter() {
    let mut window = Window::new(USUAL, at_gateway());
    window.types("4279");
    window.enter();
    let told = |window: &Window| {
        window
            .harness
            .get_by_label("Code")
            .accesskit_node()
            .description()
            .unwrap_or_default()
    };
    assert!(told(&window).contains("all digits"), "{}", told(&window));
    window.types("01");
    assert!(!told(&window).contains("all digits"));
    assert!(window.may_press("Connect"));
}

#[test]
fn a_gateway_with_its_own_certificate_asks_for_the_trust_value_and_keeps_the_pin() {
    let mut window = Window::new(
        SMALLEST,
        AppletState {
            code: "427901358".into(),
            ..at_gateway()
        },
    );
    assert!(!window.shows("Trust value"));
    window.state.borrow_mut().progress = Some("applet-progress-gateway");
    window.settle();
    window.state.borrow_mut().progress = None;
    window.hears(CustomerEvent::JoinFailed(ErrorBody::new(ErrorCode::GatewayUnpinned, "")));
    assert!(window.has_keyboard("Trust value"));
    window.types("VALUE");
    window.enter();
    assert_eq!(window.acts.take(), [Act::Connect]);
    let state = window.state.borrow();
    assert_eq!((state.code.as_str(), state.trust.as_str()), ("427901358", "VALUE"));
}

#[test]
fn without_a_gateway_its_address_is_asked_for_before_a_pin_is_sent() {
    let mut window = Window::new(
        USUAL,
        AppletState {
            code: "427901358".into(),
            ..AppletState::default()
        },
    );
    assert!(window.shows("Address of the support server") && !window.may_press("Connect"));
    window.state.borrow_mut().gateway = "help.example".into();
    window.settle();
    assert!(window.may_press("Connect"));
}

#[test]
fn a_question_takes_no_yes_before_it_was_there_for_a_while_but_a_no_at_once() {
    let mut window = Window::new(USUAL, asked(both()));
    assert!(!window.may_press("Allow") && !window.may_press("Only let them see my screen") && window.may_press("Don’t allow"));
    window.wait(1.4);
    window.press("Allow");
    assert_eq!(window.acts.take(), []);
    window.wait(0.2);
    window.press("Allow");
    assert_eq!(window.acts.take(), [Act::Answer(Uuid::nil(), both())]);
}

#[test]
fn a_button_of_the_pointer_that_is_down_when_the_question_appears_answers_nothing() {
    let mut window = Window::new(USUAL, asked(both()));
    let pos = window.rect("Allow").center();
    let button = |pressed| Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.harness.event(Event::PointerMoved(pos));
    window.harness.event(button(true));
    window.settle();
    window.wait(10.0);
    assert!(!window.may_press("Allow"));
    window.harness.event(button(false));
    window.settle();
    assert_eq!(window.acts.take(), []);
    assert!(window.may_press("Allow"));
}

#[test]
fn what_is_typed_for_the_chat_stays_there_when_a_question_appears() {
    let mut window = Window::new(USUAL, in_session());
    let field = window.rect("Message");
    window.harness.get_by_label("Message").focus();
    window.settle();
    window.types("wh");
    window.state.borrow_mut().questions = asked(both()).questions;
    window.settle();
    window.wait(2.0);
    for label in ["Allow", "Only let them see my screen", "Don’t allow"] {
        assert!(!window.has_keyboard(label) && !window.rect(label).intersects(field), "{label}");
    }
    window.types("y?");
    window.enter();
    assert_eq!(window.acts.take(), [Act::Send]);
    assert_eq!(window.state.borrow().draft, "why?");
}

#[test]
fn everything_is_seen_before_it_is_allowed_even_in_the_smallest_window() {
    let mut window = Window::new(SMALLEST, asked(CapabilitySet::all()));
    window.wait(5.0);
    let whole = Rect::from_min_size(pos2(0.0, 0.0), vec2(SMALLEST[0], SMALLEST[1]));
    for label in ["Allow", "Don’t allow", "Only let them see my screen", "Message", "End session…"] {
        assert!(whole.contains_rect(window.rect(label)), "{label}: {:?}", window.rect(label));
    }
    assert!(!window.may_press("Allow"));
    let mut pages = 0;
    while window.harness.query_by_label("More below").is_some() {
        assert!(!window.may_press("Allow"));
        window.press("More below");
        pages += 1;
        assert!(pages < 40, "the end is never reached");
    }
    assert!(pages > 0 && window.may_press("Allow"));
}

#[test]
fn what_they_may_do_stands_in_the_window_and_opens_into_the_whole_list() {
    let mut state = in_session();
    state.granted = CapabilitySet::all();
    let mut window = Window::new(USUAL, state);
    assert!(window.shows("Allowed: See and control, files and"));
    assert!(!window.shows("Restart your computer"));
    let label = window.harness.get_by_label_contains("Allowed: See and control");
    label.click();
    window.settle();
    assert!(window.shows("Restart your computer"));
}

#[test]
fn terms_are_read_to_their_end_before_they_are_accepted_and_can_be_declined() {
    let mut state = in_session();
    state.page = Page::Terms;
    state.session.as_mut().expect("a session").terms = Some("Be kind to each other.\n\n".repeat(60));
    let mut window = Window::new(SMALLEST, state);
    assert!(!window.may_press("Accept"));
    window.press("Decline and leave");
    assert_eq!(window.acts.take(), [Act::DeclineTerms]);
    window.harness.event(Event::PointerMoved(pos2(160.0, 200.0)));
    window.harness.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Page,
        delta: vec2(0.0, -100.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    window.harness.run_steps(60);
    window.press("Accept");
    assert_eq!(window.acts.take(), [Act::AcceptTerms]);
}

#[test]
fn refusing_the_terms_leaves_the_program_and_refusing_a_question_does_not() {
    let mut state = in_session();
    (state.page, state.status) = (Page::Terms, Some(Status::Connecting));
    state.session.as_mut().expect("a session").terms = Some("Be kind to each other.".into());
    let mut window = Window::new(USUAL, state);
    window.press("Decline and leave");
    assert_eq!(window.acts.take(), [Act::DeclineTerms]);
    window.hears(CustomerEvent::Ended {
        status: Some(Status::DeclinedByCustomer),
    });
    assert!(window.state.borrow().is_declined());
    assert_eq!(window.state.borrow_mut().handle_close(), Closing::Now);

    let mut window = Window::new(USUAL, asked(both()));
    window.press("Don’t allow");
    assert_eq!(window.acts.take(), [Act::Answer(Uuid::nil(), CapabilitySet::EMPTY)]);
    window.hears(CustomerEvent::ConsentSettled {
        request_id: Uuid::nil(),
        answer: ConsentAnswer::Refused,
    });
    assert_eq!(
        (window.state.borrow().page, window.state.borrow().is_declined()),
        (Page::Session, false)
    );
    assert_eq!(window.state.borrow_mut().handle_close(), Closing::Asked);
}

#[test]
fn terms_are_read_with_keys_alone() {
    for (key, times) in [(Key::End, 1), (Key::PageDown, 20), (Key::Space, 20)] {
        let mut state = in_session();
        state.page = Page::Terms;
        state.session.as_mut().expect("a session").terms = Some("Be kind to each other.\n\n".repeat(60));
        let mut window = Window::new(SMALLEST, state);
        assert!(!window.may_press("Accept"));
        for _ in 0..times {
            window.harness.key_press(key);
            window.settle();
        }
        assert!(window.may_press("Accept"), "{key:?}");
    }
}

#[test]
fn a_desktop_that_cannot_be_shown_is_said_before_the_code_is_typed() {
    let window = Window::new(
        SMALLEST,
        AppletState {
            no_screen: Some(ErrorBody::new(ErrorCode::ScreenWayland, "")),
            ..at_gateway()
        },
    );
    assert!(window.shows("this desktop runs Wayland") && window.has_keyboard("Code"));
}

#[test]
fn what_a_small_window_has_no_room_for_can_be_scrolled_to() {
    let window = Window::new(SMALLEST, AppletState::default());
    let below = |window: &Window, label: &str| window.rect(label).bottom() > SMALLEST[1];
    assert!(below(&window, "Connect"), "nothing would have to be scrolled");
    let mut window = window;
    window.harness.event(Event::PointerMoved(pos2(160.0, 300.0)));
    window.harness.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Page,
        delta: vec2(0.0, -100.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    window.harness.run_steps(60);
    assert!(!below(&window, "Connect") && window.shows("Nobody sees your screen until you allow it"));
}

#[test]
fn the_conversation_has_room_in_the_smallest_window_and_the_check_number_is_one_press_away() {
    let mut state = in_session();
    state.granted = CapabilitySet::all();
    state.present = vec![Presence {
        technician: ada(),
        viewing: true,
        controlling: true,
        path: LinkPath::Direct,
        check_number: Some("421 793".into()),
    }];
    let mut window = Window::new(SMALLEST, state);
    assert!(window.shows("uses mouse and keyboard") && !window.shows("421 793"));
    let above = window.rect("You are talking to Ada Kern, ACME Support").bottom();
    let below = window.rect("Message").top();
    assert!(below - above > 90.0, "{above} to {below}");
    window.press("You are talking to Ada Kern, ACME Support");
    assert!(window.shows("421 793"));
}

#[test]
fn who_has_gone_is_not_talked_to_and_who_was_never_there_is_not_called_gone() {
    let linked = |technician: TechnicianIdentity| Presence {
        technician,
        viewing: false,
        controlling: false,
        path: LinkPath::Direct,
        check_number: None,
    };
    let mut state = in_session();
    state.present.clear();
    assert!(!state.is_alone(), "nobody was linked yet");
    state.handle_event(CustomerEvent::Present(vec![linked(ada())]), 0.0);
    assert!(!state.is_alone());
    state.handle_event(CustomerEvent::Present(Vec::new()), 0.0);
    let window = Window::new(SMALLEST, state.clone());
    assert!(window.shows("is not connected at the moment") && !window.shows("You are talking to"));
    // Another technician has it: they may be on their way.
    let ben = TechnicianIdentity {
        member_id: MemberId(77),
        name: "Ben Moss".into(),
        ..ada()
    };
    let leads = |lead: TechnicianIdentity| CustomerEvent::Status {
        status: Status::Active,
        lead: Some(lead),
        estimated_wait_minutes: None,
    };
    state.handle_event(leads(ben.clone()), 0.0);
    assert!(!state.is_alone());
    // They were linked before they had the session.
    state.handle_event(leads(ada()), 0.0);
    state.handle_event(CustomerEvent::Present(vec![linked(ben.clone())]), 0.0);
    state.handle_event(leads(ben), 0.0);
    state.handle_event(CustomerEvent::Present(Vec::new()), 0.0);
    assert!(state.is_alone());
}

#[test]
fn who_leaves_the_last_page_without_the_receipt_is_asked_once_where_it_is_seen() {
    let mut window = Window::new(SMALLEST, over());
    let close = window.rect("Close").center();
    window.press("Close");
    assert_eq!(window.acts.take(), [Act::Quit]);
    assert_eq!(window.state.borrow_mut().handle_close(), Closing::Asked);
    window.settle();
    assert!(window.shows("is not saved yet"));
    let whole = Rect::from_min_size(pos2(0.0, 0.0), vec2(SMALLEST[0], SMALLEST[1]));
    for label in ["Close without it", "Save receipt"] {
        assert!(whole.contains_rect(window.rect(label)), "{label}: {:?}", window.rect(label));
    }
    assert!(window.rect("Save receipt").contains(close), "a double click loses nothing");
    window.press("Close without it");
    assert_eq!(window.acts.take(), [Act::Quit]);
    assert_eq!(window.state.borrow_mut().handle_close(), Closing::Now);
}

#[test]
fn a_receipt_saved_when_asked_is_shown_with_its_place_before_the_window_closes() {
    let mut window = Window::new(USUAL, over());
    window.state.borrow_mut().handle_close();
    window.settle();
    window.press("Save receipt");
    assert_eq!(window.acts.take(), [Act::SaveReceipt]);
    window.hears(CustomerEvent::ReceiptSaved("/documents/receipt.txt".into()));
    assert!(window.shows("/documents/receipt.txt") && !window.shows("is not saved yet"));
    window.press("Close");
    assert_eq!(window.state.borrow_mut().handle_close(), Closing::Now);
}

#[test]
fn the_bar_is_as_large_as_what_it_says_in_every_language() {
    for (locale, width) in ["en", "fr", "de"]
        .into_iter()
        .flat_map(|locale| [(locale, 1280.0), (locale, 480.0)])
    {
        let mut state = in_session();
        let technician = TechnicianIdentity {
            name: "Maximiliane von Wolkenstein-Trostburg".into(),
            organisation: "Kundendienst der Vereinigten Werkstätten".into(),
            ..ada()
        };
        state.present = vec![Presence {
            technician,
            viewing: true,
            controlling: true,
            path: LinkPath::Direct,
            check_number: None,
        }];
        let view = BarView::of(&state, &Words::load(locale)).expect("somebody controls");
        let size = Rc::new(Cell::new(vec2(0.0, 0.0)));
        let (measured, text) = (size.clone(), view.text.clone());
        let mut harness = Harness::builder()
            .with_size([width, 200.0])
            .with_context_setup(|ctx| Theme::install_with(ctx, Size::Comfortable))
            .build_ui(move |ui| {
                let size = bar_size(ui.ctx(), &view, width);
                measured.set(size);
                ui.set_max_size(size);
                bar_ui(ui, &view);
            });
        harness.run_steps(4);
        harness.set_size(size.get());
        harness.run_steps(4);
        let bar = Rect::from_min_size(pos2(0.0, 0.0), size.get());
        let labels: Vec<Rect> = harness.query_all_by_label(&text).map(|node| node.rect()).collect();
        assert!(!labels.is_empty() && size.get().x <= width);
        for rect in labels {
            assert!(bar.contains_rect(rect), "{locale} {width}: {rect:?} in {bar:?}");
            assert!(
                width < 1000.0 || rect.height() < 30.0,
                "{locale}: one line where there is room, not {rect:?}"
            );
        }
    }
}
