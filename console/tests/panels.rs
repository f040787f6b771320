//! The console as a person or a screen reader uses it: controls found by their label, pressed, and what is asked for.

mod common;

use std::{cell::Cell, rc::Rc};

use common::{window, window_with};
use egui::{ColorImage, Key, Modifiers, Theme, accesskit::Toggled};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use farhand_assets::Words;
use farhand_console::{
    model::{
        Combination, Command, ConsoleState, PictureQuality, Settings,
        dialog::{DialogKind, MailSender, Palette},
        list::{Column, ListKind},
        placement::Zoom,
        sample,
        sign_in::SignInProgress,
        tab::TabLink,
    },
    ui::{
        picture::PictureView,
        sign_in::{SignInView, sign_in_ui},
    },
};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    geometry::{Monitor, Rect},
    ids::SessionId,
};

const SIZE: [f32; 2] = [1280.0, 800.0];
const ID: SessionId = SessionId(1);

fn picture(ctx: &egui::Context) -> Option<PictureView> {
    let image = ColorImage::filled([192, 108], egui::Color32::from_rgb(30, 90, 140));
    let texture = ctx.load_texture("test", image, egui::TextureOptions::NEAREST);
    let id = texture.id();
    // Kept for as long as the context lives.
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("kept"), texture));
    Some(PictureView {
        texture: Some(id),
        area: Rect::new(0, 0, 1920, 1080),
        cursor: None,
    })
}

#[test]
fn signing_in_needs_gateway_address_and_password() {
    let mut state = ConsoleState::new(Settings::default());
    state.sign_in.gateway = "https://support.acme.example".into();
    state.sign_in.email = "ada@acme.example".into();
    let (mut harness, wishes) = window(state.clone(), Theme::Light, SIZE);
    harness.run();
    assert!(harness.get_by_label("Sign in").accesskit_node().is_disabled());
    assert_eq!(wishes.take(), []);
    state.sign_in.password.0 = "correct horse".into();
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("Sign in").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::SignIn]);
}

#[test]
fn after_a_refused_sign_in_the_keyboard_is_back_in_the_password() {
    let mut state = ConsoleState::new(Settings::default());
    state.sign_in.gateway = "https://support.acme.example".into();
    state.sign_in.email = "ada@acme.example".into();
    let mut asking = state.clone();
    asking.sign_in.progress = SignInProgress::Asking;
    state.sign_in.progress = SignInProgress::Failed(ErrorBody::new(ErrorCode::AuthWrong, ""));
    let (words, is_asking) = (Words::load("en"), Rc::new(Cell::new(true)));
    let asks = is_asking.clone();
    let mut harness = Harness::builder()
        .with_size([720.0, 640.0])
        .with_context_setup(farhand_assets::Theme::install)
        .build_ui(move |ui| {
            let view = SignInView::new(if asks.get() { &asking } else { &state }, &words);
            sign_in_ui(ui, &words, &view, &mut Vec::new());
        });
    harness.run_steps(3);
    assert!(!harness.get_by_label("Password").is_focused());
    is_asking.set(false);
    harness.run_steps(3);
    assert!(harness.get_by_label("Password").is_focused());
}

#[test]
fn a_gateway_that_needs_a_trust_value_gets_it_typed_and_sent_with_enter() {
    let mut state = ConsoleState::new(Settings::default());
    state.sign_in.gateway = "https://support.acme.example".into();
    state.sign_in.email = "ada@acme.example".into();
    state.sign_in.own_certificate = true;
    state.sign_in.progress = SignInProgress::Failed(ErrorBody::new(ErrorCode::GatewayUnpinned, ""));
    let (mut harness, _) = window(state.clone(), Theme::Light, [720.0, 640.0]);
    harness.run();
    assert!(harness.get_by_label("Trust value").is_focused());
    state.sign_in.trust = "VALUE".into();
    for (password, wanted) in [("", vec![]), ("correct horse", vec![Command::SignIn])] {
        state.sign_in.password.0 = password.into();
        let (mut harness, wishes) = window(state.clone(), Theme::Light, [720.0, 640.0]);
        harness.run();
        harness.get_by_label("Trust value").focus();
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(wishes.take(), wanted);
        assert!(password.is_empty() == harness.get_by_label("Password").is_focused());
    }
}

#[test]
fn a_kept_sign_in_is_tried_again_at_a_press() {
    let mut state = ConsoleState::new(Settings::default());
    state.sign_in.progress = SignInProgress::Unreached {
        error: ErrorBody::new(ErrorCode::GatewayUnreachable, ""),
        retry_at: None,
    };
    let (mut harness, wishes) = window(state, Theme::Light, [720.0, 640.0]);
    harness.run();
    harness.get_by_label("Try again").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::SignInAgain]);
}

#[test]
fn an_ended_link_of_a_session_that_goes_on_offers_to_connect_again() {
    let mut state = sample::with_tab();
    state.tabs[0].link = TabLink::Ended(ErrorBody::new(ErrorCode::LinkIncompatible, ""));
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("Connect again").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::Reconnect(ID)]);
}

#[test]
fn an_empty_reply_cannot_be_sent() {
    let (mut harness, _) = window(sample::controlling(), Theme::Light, SIZE);
    harness.run();
    assert!(harness.get_by_label("Send").accesskit_node().is_disabled());
}

#[test]
fn typing_an_address_reports_the_whole_form() {
    let (mut harness, wishes) = window(ConsoleState::new(Settings::default()), Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("Gateway address").focus();
    harness.run();
    harness.get_by_label("Gateway address").type_text("g");
    harness.run();
    let typed = wishes.take();
    assert!(matches!(&typed[0], Command::EditSignIn(form) if form.gateway == "g"), "{typed:?}");
}

#[test]
fn the_toolbar_starts_what_waits_and_says_why_the_rest_is_refused() {
    let mut state = sample::busy();
    state.selected = Some(SessionId(2));
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("Start").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::Start(SessionId(2))]);
    let hold = harness.get_by_label("Hold");
    assert!(hold.accesskit_node().is_disabled());
    assert_eq!(hold.accesskit_node().description().as_deref(), Some("The session is not active"));
    hold.click();
    harness.run();
    assert_eq!(wishes.take(), []);
    harness.get_by_label("New session…").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::OpenDialog(DialogKind::NewSession)]);
}

#[test]
fn rows_headings_and_lists_are_pressed_by_their_names() {
    let (mut harness, wishes) = window(sample::busy(), Theme::Light, SIZE);
    harness.run();
    for (label, command) in [
        ("J. Ono, Waiting 4 min", Command::Select(SessionId(2))),
        ("Queue 2", Command::ShowList(ListKind::Queue)),
        ("Name", Command::Sort(Column::Name)),
    ] {
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(wishes.take(), [command], "{label}");
    }
}

#[test]
fn in_the_smallest_window_the_list_keeps_to_its_panel_and_names_what_a_wider_one_shows() {
    let (mut harness, wishes) = window(sample::busy(), Theme::Light, [760.0, 480.0]);
    harness.run();
    let mark = harness.get_by_label("Technician, Platform, Device").rect();
    let row = harness.get_by_label("J. Ono, Waiting 4 min").rect();
    assert!(mark.right() <= row.right() && row.right() <= 280.0, "{mark:?} {row:?}");
    harness.get_by_label("Time").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::Sort(Column::Time)]);
}

#[test]
fn the_desktop_is_asked_for_seen_and_left_by_its_buttons() {
    let (mut harness, wishes) = window(sample::with_tab(), Theme::Light, SIZE);
    harness.run();
    for (label, command) in [("View", Command::View(ID, true)), ("Control", Command::Control(ID, true))] {
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(wishes.take(), [command], "{label}");
    }
    assert!(harness.get_by_label("Full screen").accesskit_node().is_disabled());
    let (mut harness, wishes) = window_with(sample::controlling(), Theme::Light, SIZE, picture);
    harness.run();
    for (label, command) in [
        ("Control", Command::Control(ID, false)),
        ("Full screen", Command::FullScreen(true)),
        ("Refresh the picture", Command::Refresh(ID)),
    ] {
        wishes.take();
        harness.get_by_label(label).click();
        harness.run();
        assert!(wishes.take().contains(&command), "{label}");
    }
}

#[test]
fn the_size_of_the_picture_is_chosen_from_a_menu_or_turned_by_the_wheel_of_who_only_watches() {
    let mut state = sample::controlling();
    for (label, zoom) in [
        ("1:1", Zoom::ACTUAL),
        ("Stretch", Zoom::Stretch),
        ("150\u{a0}%", Zoom::Percent(150)),
    ] {
        let (mut harness, wishes) = window_with(state.clone(), Theme::Light, SIZE, picture);
        harness.run();
        harness.get_by_label("Fit").click();
        harness.run();
        wishes.take();
        harness.get_by_label(label).click();
        harness.run();
        assert!(wishes.take().contains(&Command::Zoom(ID, zoom)), "{label}");
    }
    for (control, steps) in [(true, 0), (false, 1)] {
        state.tabs[0].control = control;
        let (mut harness, wishes) = window_with(state.clone(), Theme::Light, SIZE, picture);
        harness.run();
        wishes.take();
        let middle = harness.get_by_label("Desktop of M. Diaz").rect().center();
        harness.hover_at(middle);
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: egui::vec2(0.0, 1.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::COMMAND,
        });
        harness.run_steps(30);
        let step = Command::StepZoom {
            session_id: ID,
            larger: true,
        };
        let turned = wishes.take().into_iter().filter(|command| *command == step).count();
        assert_eq!(turned, steps, "control: {control}");
    }
}

#[test]
fn on_a_narrow_line_the_tools_leave_out_their_text_and_then_share_a_menu() {
    let mut state = sample::controlling();
    let second = state.tabs[0].layout.monitors[0].clone();
    state.tabs[0].layout.monitors.push(Monitor { id: 2, ..second });
    for (width, is_shared) in [(1600.0, false), (1180.0, false), (760.0, true)] {
        let (mut harness, wishes) = window_with(state.clone(), Theme::Light, [width, 800.0], picture);
        harness.run();
        let line = harness.get_by_label("View").rect().center().y;
        for label in ["Control", "Fit", "Full screen", "Send keys"] {
            assert_eq!(harness.get_by_label(label).rect().center().y, line, "{label} at {width}");
        }
        assert_eq!(harness.query_by_label("More tools").is_some(), is_shared, "{width}");
        if is_shared {
            harness.get_by_label("More tools").click();
            harness.run();
        }
        wishes.take();
        harness.get_by_label("Refresh the picture").click();
        harness.run();
        assert!(wishes.take().contains(&Command::Refresh(ID)), "{width}");
    }
}

#[test]
fn in_full_screen_a_monitor_is_chosen_from_the_bar() {
    let mut state = sample::controlling();
    let second = state.tabs[0].layout.monitors[0].clone();
    state.tabs[0].layout.monitors.push(Monitor {
        id: 2,
        scale_percent: 200,
        name: "DP-2".into(),
        ..second
    });
    state.full_screen = true;
    let (mut harness, wishes) = window_with(state, Theme::Light, SIZE, picture);
    harness.run();
    harness.get_by_label("Monitors").click();
    harness.run();
    wishes.take();
    harness.get_by_label("DP-2 · 1920 × 1080 · 200\u{a0}%").click();
    harness.run();
    assert!(wishes.take().contains(&Command::Monitors(ID, vec![2])));
}

#[test]
fn keys_this_side_would_keep_are_sent_from_a_menu() {
    let (mut harness, wishes) = window_with(sample::controlling(), Theme::Light, SIZE, picture);
    harness.run();
    harness.get_by_label("Send keys").click();
    harness.run();
    wishes.take();
    harness.get_by_label("Ctrl+Alt+Del").click();
    harness.run();
    assert!(wishes.take().contains(&Command::SendKeys(ID, Combination::CtrlAltDelete)));
}

#[test]
fn the_quality_is_chosen_from_a_menu_that_marks_it_and_says_what_each_means() {
    let mut state = sample::controlling();
    state.handle_command(Command::Quality(ID, PictureQuality::Low));
    let (mut harness, wishes) = window_with(state, Theme::Light, SIZE, picture);
    harness.run();
    harness.get_by_label("Quality: Low bandwidth").click();
    harness.run();
    wishes.take();
    let low = harness.get_by_label("Low bandwidth");
    assert_eq!(low.accesskit_node().toggled(), Some(Toggled::True));
    let modem = harness.get_by_label("Modem");
    assert_eq!(modem.accesskit_node().toggled(), Some(Toggled::False));
    let means = modem.accesskit_node().description();
    assert!(means.is_some_and(|means| means.contains("28 kbit/s")));
    modem.click();
    harness.run();
    assert!(wishes.take().contains(&Command::Quality(ID, PictureQuality::Modem)));
}

#[test]
fn enter_sends_a_reply_and_shift_enter_begins_a_line() {
    let mut state = sample::controlling();
    state.tabs[0].reply = "Hello".into();
    state.tabs[0].control = false;
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("Reply").focus();
    harness.run();
    wishes.take();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.run();
    let edits = wishes.take();
    assert!(
        matches!(&edits[0], Command::EditReply(ID, text) if text.contains('\n')),
        "{edits:?}"
    );
    assert!(!edits.contains(&Command::SendReply(ID)));
    harness.key_press(Key::Enter);
    harness.run();
    assert!(wishes.take().contains(&Command::SendReply(ID)));
}

#[test]
fn a_tab_is_shown_and_closed_by_its_name() {
    let (mut harness, wishes) = window(sample::with_tab(), Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("Close tab of M. Diaz").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::CloseTab(ID)]);
}

#[test]
fn creating_a_session_takes_a_name_and_one_press() {
    let mut state = sample::busy();
    state.handle_command(Command::OpenDialog(DialogKind::NewSession));
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("Customer name").type_text("P");
    harness.run();
    let typed = wishes.take();
    assert!(
        matches!(&typed[0], Command::EditNewSession { name, .. } if name == "P"),
        "{typed:?}"
    );
    harness.get_by_label("Create").click();
    harness.run();
    assert!(wishes.take().contains(&Command::CreateSession));
    harness.key_press(Key::Escape);
    harness.run();
    assert!(wishes.take().contains(&Command::CloseDialog));
}

#[test]
fn a_link_is_mailed_by_the_gateway_once_there_is_an_address() {
    let mut state = sample::mailing();
    let (mut harness, wishes) = window(state.clone(), Theme::Light, SIZE);
    harness.run();
    assert!(harness.get_by_label("E-mail link").accesskit_node().is_disabled());
    harness.get_by_label("To").focus();
    harness.run();
    harness.get_by_label("To").type_text("m");
    harness.run();
    let typed = wishes.take();
    assert!(typed.contains(&Command::EditMailTo("m".into())), "{typed:?}");
    state.handle_command(Command::EditMailTo("maria@home.example".into()));
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    for (label, command) in [
        ("E-mail link", Command::MailLink),
        (
            "Send through my default mail client on this computer",
            Command::ChooseMailSender(MailSender::MailProgram),
        ),
    ] {
        harness.get_by_label(label).click();
        harness.run();
        assert_eq!(wishes.take(), [command], "{label}");
    }
}

#[test]
fn enter_says_why_a_link_is_not_mailed_and_to_keeps_the_focus() {
    let mut state = sample::mailing();
    state.handle_command(Command::EditMailTo("foo".into()));
    let (mut harness, wishes) = window(state.clone(), Theme::Light, SIZE);
    harness.run();
    assert!(harness.get_by_label("To").is_focused(), "it was opened");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(wishes.take(), [Command::MailLink]);
    assert!(harness.get_by_label("To").is_focused());
    state.handle_command(Command::MailLink);
    let (mut harness, _) = window(state, Theme::Light, SIZE);
    harness.run();
    harness.get_by_label_contains("This is not one e-mail address");
}

#[test]
fn without_a_gateway_that_sends_mail_there_is_the_mail_program_alone() {
    let mut state = sample::mailing();
    state.account.as_mut().unwrap().account.sends_mail = false;
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    assert!(harness.query_by_label("Send for me through the gateway").is_none());
    assert!(harness.query_by_label("To").is_none());
    harness.get_by_label("E-mail link").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::OpenMail]);
}

#[test]
fn the_palette_is_typed_into_walked_with_arrows_and_obeyed_with_enter() {
    let mut state = sample::controlling();
    state.handle_command(Command::OpenDialog(DialogKind::Palette));
    let (mut harness, wishes) = window(state.clone(), Theme::Light, SIZE);
    harness.run();
    harness.get_by_label("What do you want to do?").type_text("f");
    harness.run();
    let typed = wishes.take();
    assert!(
        matches!(&typed[..], [Command::EditPalette(palette)] if palette.typed == "f"),
        "{typed:?}"
    );
    let typed = Palette {
        typed: "full".into(),
        chosen: 0,
    };
    state.handle_command(Command::EditPalette(typed));
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(wishes.take(), [Command::CloseDialog, Command::FullScreen(true)]);
}

#[test]
fn closing_a_session_says_what_will_happen_and_cancel_has_the_keyboard() {
    let mut state = sample::controlling();
    state.handle_command(Command::Close(ID));
    let (mut harness, wishes) = window(state, Theme::Light, SIZE);
    harness.run();
    let happens = "M. Diaz is told that the session is over. All access to their computer ends, and the session cannot be opened again";
    let _ = harness.get_by_label(happens);
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(wishes.take(), [Command::CloseDialog]);
    harness.get_by_label("Close session").click();
    harness.run();
    assert_eq!(wishes.take(), [Command::CloseNow(ID)]);
}
