//! Every view as text: what a state is turned into before anything is painted.
//!
//! Run with `UPDATE_SNAPSHOTS=1` after a wanted change, and read the differences in `tests/views`.

use std::path::PathBuf;

use farhand_assets::Words;
use farhand_console::{
    model::{
        Command, ConsoleState, GatewayLine, PictureQuality, Settings,
        dialog::{DialogKind, Way},
        list::ListKind,
        sample,
        tab::{Notice, TabLink},
    },
    ui::{DialogView, RootView, mail::MailResult, new_session::CodeProgress},
};
use farhand_engine::technician::EngineEvent;
use farhand_protocol::{
    api::{SessionCreated, SessionEvent},
    error::{ErrorBody, ErrorCode},
    ids::SessionId,
    permission::{Capability, CapabilitySet},
    session::Status,
};

fn check(name: &str, state: &ConsoleState) {
    let text = format!("{:#?}\n", RootView::new(state, None, false, &Words::load("en")));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/views")
        .join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} differs from {}:\n{text}", path.display());
}

fn created(state: &mut ConsoleState) {
    state.handle_command(Command::OpenDialog(DialogKind::NewSession));
    state.handle_command(Command::EditNewSession {
        name: "Priya Raman".into(),
        auto_start: false,
    });
    let effects = state.handle_command(Command::CreateSession);
    let request_id = effects
        .iter()
        .find_map(|effect| match effect {
            farhand_console::model::Effect::Send(farhand_engine::technician::TechnicianCommand::NewSession { request_id, .. }) => {
                Some(*request_id)
            }
            _ => None,
        })
        .unwrap();
    let created = SessionCreated {
        session_id: SessionId(4),
        pin: "427901358".into(),
        link: "https://support.acme.example/join#ABCDEFGHIJKLMNOPQRSTUVWXYZ".into(),
        expires_at: sample::NOW.plus_millis(754_000),
        mail_subject: "Your support session link".into(),
        mail_text: "To ask for live support, please open this link:\n\nhttps://support.acme.example/join#ABC\n".into(),
    };
    state.handle_event(EngineEvent::SessionCreated { request_id, created });
}

#[test]
fn sign_in_says_what_is_asked_for_and_what_went_wrong() {
    let mut state = ConsoleState::new(Settings::default());
    check("sign_in_empty", &state);
    state.handle_event(EngineEvent::SignInFailed(ErrorBody::new(ErrorCode::GatewayUnpinned, "")));
    check("sign_in_trust_needed", &state);
}

#[test]
fn the_list_shows_states_times_codes_and_alarms() {
    let mut state = sample::busy();
    check("list_mine", &state);
    state.handle_command(Command::ShowList(ListKind::Queue));
    check("list_queue", &state);
}

#[test]
fn the_desktop_says_what_it_waits_for_and_what_was_refused() {
    let control = CapabilitySet::EMPTY.with(Capability::Control).normalised();
    let mut state = sample::with_tab();
    check("desktop_not_seen", &state);
    for (name, notice) in [
        ("desktop_asking", Notice::Asking(control)),
        ("desktop_refused", Notice::Refused(control)),
        ("desktop_stopped", Notice::Stopped),
    ] {
        state.tabs[0].notice = notice;
        check(name, &state);
    }
    state.tabs[0].notice = Notice::None;
    let error = ErrorBody::new(ErrorCode::LinkLost, "gone");
    state.tabs[0].link = TabLink::Lost {
        error,
        retry_at: sample::NOW.plus_millis(4_000),
    };
    check("desktop_link_lost", &state);
}

#[test]
fn the_desktop_says_which_quality_was_chosen() {
    let mut state = sample::with_tab();
    state.handle_command(Command::Quality(SessionId(1), PictureQuality::VeryLow));
    check("desktop_quality", &state);
}

#[test]
fn a_question_names_all_that_is_asked_where_one_yes_is_for_everything() {
    let (mut state, words) = (sample::with_tab(), Words::load("en"));
    state.tabs[0].notice = Notice::Asking(CapabilitySet::EMPTY.with(Capability::View));
    let said = |state: &ConsoleState| {
        let RootView::Main(view) = RootView::new(state, None, true, &words) else {
            panic!("the main window")
        };
        view.session.expect("the session").desktop.notice.expect("a notice").text
    };
    assert_eq!(said(&state), "Waiting for M. Diaz to allow: View the screen");
    let inner = serde_json::json!({ "capabilities": ["view", "control", "reboot"], "member_id": 1, "technician": "Ada Kern" });
    state.handle_event(applet_wrote("consent.asked", "technician", &inner));
    assert_eq!(said(&state), "Waiting for M. Diaz to allow: Control mouse and keyboard, Reboot");
}

/// What the applet of the first session wrote down.
fn applet_wrote(kind: &str, actor: &str, inner: &serde_json::Value) -> EngineEvent {
    EngineEvent::EventStored(SessionEvent {
        event_id: 1,
        session_id: SessionId(1),
        occurred_at: sample::NOW,
        origin: "applet:00".into(),
        seq: 1,
        kind: kind.into(),
        actor: actor.into(),
        detail: serde_json::json!({ "actor": actor, "detail": inner }),
        hash: String::new(),
    })
}

#[test]
fn a_question_that_ran_out_is_named_by_what_was_written_down_or_not_at_all() {
    let (mut state, words) = (sample::with_tab(), Words::load("en"));
    state.tabs[0].notice = Notice::TimedOut(CapabilitySet::EMPTY);
    let desktop = |state: &ConsoleState| {
        let RootView::Main(view) = RootView::new(state, None, true, &words) else {
            panic!("the main window")
        };
        view.session.expect("the session")
    };
    let said = |state: &ConsoleState| desktop(state).desktop.notice.expect("a notice").text;
    assert_eq!(said(&state), "M. Diaz did not answer in time");
    let inner = serde_json::json!({ "capabilities": ["view", "reboot"], "member_id": 1, "technician": "Ada Kern" });
    state.handle_event(applet_wrote("consent.timed_out", "system", &inner));
    assert_eq!(said(&state), "M. Diaz did not answer in time: View the screen, Reboot");
    let lines = desktop(&state).chat.lines;
    assert_eq!(lines[0].text, said(&state), "and so in the log");
}

#[test]
fn who_may_not_be_asked_yet_is_asked_when_the_pause_is_over() {
    let (mut state, words) = (sample::with_tab(), Words::load("en"));
    state.tabs[0].notice = Notice::Refused(CapabilitySet::EMPTY.with(Capability::View));
    state.tabs[0].pause.handle_no(sample::NOW.plus_millis(-3_000));
    let action = |state: &ConsoleState| {
        let RootView::Main(view) = RootView::new(state, None, true, &words) else {
            panic!("the main window")
        };
        view.session.expect("the session").desktop.notice.expect("a notice").action
    };
    assert_eq!(action(&state), Some(("Ask again in 12 s".into(), None)));
    assert_eq!(state.next_change_millis(), Some(1_000));
    state.now.at = sample::NOW.plus_millis(12_000);
    assert_eq!(action(&state), Some(("Ask again".into(), Some(Command::View(SessionId(1), true)))));
}

#[test]
fn a_conversation_is_shown_between_what_happened() {
    let mut state = sample::controlling();
    state.gateway = GatewayLine::Down {
        error: ErrorBody::new(ErrorCode::GatewayUnreachable, "gone"),
        retry_at: sample::NOW.plus_millis(9_000),
    };
    check("conversation_gateway_down", &state);
}

#[test]
fn a_new_session_shows_its_code_in_three_ways() {
    let mut state = sample::busy();
    created(&mut state);
    check("new_session_pin", &state);
    state.handle_command(Command::ShowWay(Way::Email));
    state.handle_command(Command::MailFailed);
    check("new_session_email", &state);
}

#[test]
fn a_new_session_says_that_the_customer_has_come() {
    let (mut state, words) = (sample::busy(), Words::load("en"));
    created(&mut state);
    state.handle_event(EngineEvent::SessionChanged(sample::row(4, "Priya Raman", Some(Status::Waiting))));
    for way in [Way::Pin, Way::Link, Way::Email] {
        state.handle_command(Command::ShowWay(way));
        let RootView::Main(view) = RootView::new(&state, None, false, &words) else {
            panic!("the main window")
        };
        let Some(DialogView::NewSession(view)) = view.dialog else {
            panic!("the dialog")
        };
        let code = view.code.expect("a code");
        assert_eq!(
            (code.progress, code.left.as_str()),
            (CodeProgress::Joined, "The customer has joined")
        );
    }
}

#[test]
fn a_link_that_the_gateway_mails_is_shown_with_what_became_of_it() {
    let (mut state, words) = (sample::mailing(), Words::load("en"));
    let mail = |state: &ConsoleState| {
        let RootView::Main(view) = RootView::new(state, None, false, &words) else {
            panic!("the main window")
        };
        let Some(DialogView::NewSession(view)) = view.dialog else {
            panic!("the dialog")
        };
        view.code.expect("a code").mail
    };
    assert!(mail(&state).has_choice && !mail(&state).can_send);
    state.handle_command(Command::EditMail {
        subject: "Changed".into(),
        text: "for the mail program".into(),
    });
    assert_eq!(
        mail(&state).subject,
        "Your support session link",
        "the gateway has the group's words"
    );
    state.handle_command(Command::EditMailTo("maria@home.example".into()));
    assert!(mail(&state).can_send);
    state.handle_command(Command::MailLink);
    assert!(!mail(&state).can_send && mail(&state).result == MailResult::Sending);
    let session_id = SessionId(4);
    state.handle_event(EngineEvent::Failed {
        what: "mail",
        session_id: Some(session_id),
        error: ErrorBody::new(ErrorCode::MailRefused, "550 no such user"),
    });
    let said = "The mail server did not take the message: 550 no such user".to_owned();
    assert_eq!(mail(&state).result, MailResult::Failed(said));
    state.handle_command(Command::MailLink);
    let to = "maria@home.example".to_owned();
    state.handle_event(EngineEvent::LinkMailed { session_id, to });
    assert_eq!(mail(&state).result, MailResult::Sent("Sent to maria@home.example".into()));
    state.now.at = sample::NOW.plus_millis(800_000);
    assert!(!mail(&state).can_send, "the code has expired");
}

#[test]
fn a_computer_that_is_not_heard_is_said_to_be_so_and_no_figure_of_before_stays() {
    let mut state = sample::controlling();
    let words = Words::load("en");
    state.tabs[0].link = TabLink::Stalled {
        since: sample::NOW.plus_millis(-3_000),
    };
    let RootView::Main(view) = RootView::new(&state, None, true, &words) else {
        panic!("the main window")
    };
    let desktop = view.session.expect("the session").desktop;
    assert!(desktop.silent && desktop.stats.is_none());
    let notice = desktop.notice.expect("a notice");
    assert_eq!(notice.text, "Nothing is heard from the customer's computer");
    assert!(notice.detail.is_some_and(|detail| detail.starts_with("Last heard at 14:04:57;")));
}
