//! Pictures of every panel in light and dark: empty, busy, degraded and failed.
//!
//! Run with `UPDATE_SNAPSHOTS=1` after a wanted change of the look, and look at the pictures in `tests/snapshots`.

mod common;

use common::{window_showing, window_with};
use egui::{Color32, ColorImage, Theme};
use egui_kittest::{Harness, SnapshotResults, kittest::Queryable as _};
use farhand_assets::Words;
use farhand_console::{
    model::{
        ChatPlace, Command, ConsoleState, Effect, GatewayLine, SessionTab, Settings, SignInProgress,
        dialog::{DialogKind, Palette, Way},
        log::Writer,
        sample,
        tab::{Notice, TabLink},
    },
    ui::{RootView, chat::ChatView, picture::PictureView, root_ui, session::chat_window_ui},
};
use farhand_engine::technician::{EngineEvent, TechnicianCommand};
use farhand_protocol::{
    api::SessionCreated,
    error::{ErrorBody, ErrorCode},
    geometry::{Monitor, Rect},
    ids::SessionId,
    input::KeyLayout,
    permission::{Capability, CapabilitySet},
};

/// A desktop with a window on it, small enough to be made at once.
fn picture(ctx: &egui::Context) -> Option<PictureView> {
    let (width, height) = (480, 270);
    let mut image = ColorImage::filled([width, height], Color32::from_rgb(22, 70, 104));
    for y in 40..200 {
        for x in 60..360 {
            let bar = y < 54;
            let text = y > 70 && y % 12 < 4 && x > 76 && x < 76 + (y * 37) % 240;
            let color = if bar {
                0x3a
            } else if text {
                0x50
            } else {
                0xf4
            };
            image.pixels[y * width + x] = Color32::from_gray(color);
        }
    }
    let texture = ctx.load_texture("test", image, egui::TextureOptions::LINEAR);
    let id = texture.id();
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("kept"), texture));
    Some(PictureView {
        texture: Some(id),
        area: Rect::new(0, 0, 1920, 1080),
        cursor: None,
    })
}

fn in_both_modes(name: &str, size: [f32; 2], state: impl Fn() -> ConsoleState) {
    take_pictures(&mut SnapshotResults::new(), name, size, state);
}

fn take_pictures(results: &mut SnapshotResults, name: &str, size: [f32; 2], state: impl Fn() -> ConsoleState) {
    for (mode, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let (mut harness, _) = window_with(state(), mode, size, picture);
        harness.run();
        results.add(harness.try_snapshot(format!("{name}_{suffix}")));
    }
}

const WIDE: [f32; 2] = [1180.0, 720.0];

#[test]
fn sign_in() {
    in_both_modes("sign_in", [720.0, 640.0], || {
        let mut state = ConsoleState::new(Settings::default());
        state.sign_in.gateway = "https://support.acme.example".into();
        state.sign_in.email = "ada@acme.example".into();
        state.handle_event(EngineEvent::SignInFailed(ErrorBody::new(ErrorCode::GatewayUnpinned, "")));
        state
    });
}

#[test]
fn nothing_yet() {
    in_both_modes("main_empty", WIDE, || {
        let mut state = sample::signed_in();
        state.rows_known = true;
        state
    });
}

#[test]
fn controlling_a_desktop() {
    in_both_modes("main_controlling", WIDE, || {
        let mut state = sample::controlling();
        state.picture_focused = true;
        let mut other = SessionTab::new(SessionId(3), KeyLayout::Here);
        other.unread = 2;
        state.tabs.push(other);
        state
    });
}

#[test]
fn controlling_a_desktop_with_two_monitors_in_a_narrow_window() {
    let mut results = SnapshotResults::new();
    for locale in ["de", "en-XA"] {
        let words = Words::load(locale);
        let state = two_monitors();
        let mut painted = None;
        let mut harness = Harness::builder()
            .with_size([900.0, 640.0])
            .with_pixels_per_point(1.0)
            .with_theme(Theme::Light)
            .with_context_setup(farhand_assets::Theme::install)
            .wgpu()
            .build_ui(move |ui| {
                let view = painted.get_or_insert_with(|| RootView::new(&state, picture(ui.ctx()), true, &words));
                root_ui(ui, &words, view, &mut Vec::new());
            });
        harness.run();
        results.add(harness.try_snapshot(format!("main_narrow_{locale}")));
    }
}

/// A plain monitor, and one whose system draws twice as large.
fn two_monitors() -> ConsoleState {
    let mut state = sample::controlling();
    state.tabs[0].layout.monitors.push(Monitor {
        id: 2,
        area: Rect::new(1920, 0, 3840, 2160),
        scale_percent: 200,
        primary: false,
        name: "DP-2".into(),
    });
    state
}

#[test]
fn the_menus_of_sizes_monitors_and_more() {
    let mut results = SnapshotResults::new();
    for (name, label, width) in [
        ("zoom", "Fit", 1180.0),
        ("monitors", "Monitors", 1180.0),
        ("more", "More tools", 760.0),
    ] {
        let (mut harness, _) = window_with(two_monitors(), Theme::Light, [width, 720.0], picture);
        harness.run();
        harness.get_by_label(label).click();
        harness.run();
        results.add(harness.try_snapshot(format!("menu_{name}_light")));
    }
}

#[test]
fn refused_and_the_gateway_away() {
    in_both_modes("main_degraded", WIDE, || {
        let mut state = sample::with_tab();
        let control = CapabilitySet::EMPTY.with(Capability::Control).normalised();
        state.tabs[0].notice = Notice::Refused(control);
        state.gateway = GatewayLine::Down {
            error: ErrorBody::new(ErrorCode::GatewayUnreachable, "gone"),
            retry_at: sample::NOW.plus_millis(9_000),
        };
        state
    });
}

#[test]
fn a_session_that_ended() {
    in_both_modes("main_ended", WIDE, || {
        let mut state = sample::with_tab();
        state.tabs[0].link = TabLink::Ended(ErrorBody::new(ErrorCode::SessionEnded, "over"));
        state
    });
}

fn with_code(way: Way) -> ConsoleState {
    let mut state = sample::busy();
    state.handle_command(Command::OpenDialog(DialogKind::NewSession));
    state.handle_command(Command::EditNewSession {
        name: "Priya Raman".into(),
        auto_start: false,
    });
    let effects = state.handle_command(Command::CreateSession);
    let Effect::Send(TechnicianCommand::NewSession { request_id, .. }) = &effects[0] else {
        panic!("{effects:?}")
    };
    let created = SessionCreated {
        session_id: SessionId(4),
        pin: "427901358".into(),
        link: "https://support.acme.example/join#ABCDEFGHIJKLMNOPQRSTUVWXYZ".into(),
        expires_at: sample::NOW.plus_millis(754_000),
        mail_subject: "Your support session link".into(),
        mail_text:
            "To ask for live support, please open this link:\n\nhttps://support.acme.example/join#ABC\n\nKind regards, your support team"
                .into(),
    };
    let request_id = *request_id;
    state.handle_event(EngineEvent::SessionCreated { request_id, created });
    state.handle_command(Command::ShowWay(way));
    state
}

#[test]
fn a_new_session_as_pin() {
    in_both_modes("new_session_pin", [900.0, 640.0], || with_code(Way::Pin));
}

#[test]
fn a_new_session_as_link() {
    in_both_modes("new_session_link", [900.0, 640.0], || with_code(Way::Link));
}

#[test]
fn a_new_session_by_mail() {
    in_both_modes("new_session_email", [900.0, 640.0], || with_code(Way::Email));
}

#[test]
fn a_new_session_mailed_by_the_gateway() {
    in_both_modes("new_session_email_gateway", [900.0, 720.0], || {
        let mut state = sample::mailing();
        state.handle_command(Command::EditMailTo("maria@home.example".into()));
        state.handle_command(Command::MailLink);
        state.handle_event(EngineEvent::Failed {
            what: "mail",
            session_id: Some(SessionId(4)),
            error: ErrorBody::new(ErrorCode::MailRefused, "550 5.1.1 no such user"),
        });
        state
    });
}

fn with_dialog(kind: DialogKind) -> ConsoleState {
    let mut state = sample::busy();
    state.handle_command(Command::OpenDialog(kind));
    state
}

#[test]
fn settings() {
    in_both_modes("settings", [900.0, 640.0], || with_dialog(DialogKind::Settings));
}

#[test]
fn change_password() {
    in_both_modes("password", [900.0, 640.0], || with_dialog(DialogKind::Password));
}

#[test]
fn shortcuts() {
    in_both_modes("shortcuts", [900.0, 720.0], || with_dialog(DialogKind::Shortcuts));
}

#[test]
fn the_chat_before_and_below_the_desktop_and_away() {
    let mut results = SnapshotResults::new();
    for (name, place) in [
        ("chat_leading", ChatPlace::Leading),
        ("chat_below", ChatPlace::Below),
        ("chat_window", ChatPlace::Window),
    ] {
        take_pictures(&mut results, name, WIDE, || {
            let mut state = sample::controlling();
            state.handle_command(Command::PlaceChat(place));
            state
        });
    }
}

#[test]
fn the_command_palette() {
    in_both_modes("palette", [900.0, 640.0], || {
        let mut state = sample::controlling();
        state.handle_command(Command::OpenDialog(DialogKind::Palette));
        let typed = "se".into();
        state.handle_command(Command::EditPalette(Palette { typed, chosen: 1 }));
        state
    });
}

#[test]
fn a_question_before_the_session_is_closed() {
    in_both_modes("close_session", [900.0, 640.0], || {
        let mut state = sample::controlling();
        state.handle_command(Command::Close(SessionId(1)));
        state
    });
}

#[test]
fn full_screen_with_the_whole_keyboard() {
    in_both_modes("full_screen_keyboard", WIDE, || {
        let mut state = sample::controlling();
        state.full_screen = true;
        state.picture_focused = true;
        state.keyboard_held = true;
        state
    });
}

#[test]
fn full_screen_with_its_bar() {
    in_both_modes("full_screen", WIDE, || {
        let mut state = sample::controlling();
        state.full_screen = true;
        state
    });
}

fn watching() -> ConsoleState {
    let mut state = sample::controlling();
    state.tabs[0].control = false;
    state.full_screen = true;
    state
}

#[test]
fn full_screen_of_who_only_watches_with_and_without_its_bar() {
    let mut results = SnapshotResults::new();
    take_pictures(&mut results, "full_screen_view", WIDE, watching);
    for (mode, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let (mut harness, _) = window_showing(watching(), mode, WIDE, false, picture);
        harness.run();
        results.add(harness.try_snapshot(format!("full_screen_view_alone_{suffix}")));
    }
}

#[test]
fn the_chat_in_a_window_of_its_own() {
    let mut results = SnapshotResults::new();
    for (mode, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let (mut state, words) = (sample::controlling(), Words::load("en"));
        state.handle_command(Command::PlaceChat(ChatPlace::Window));
        let log = &mut state.tabs[0].log;
        let (tom, at) = (Writer::Technician("Tom Baker".into()), sample::NOW.plus_millis(-60_000));
        log.add_chat(uuid::Uuid::from_u128(4), tom, at, "I can take this one over.".into());
        log.add_chat(uuid::Uuid::from_u128(5), Writer::Me, sample::NOW, "Ok".into());
        let view = ChatView::new(&state, &state.tabs[0], &words);
        let mut harness = Harness::builder()
            .with_size([360.0, 520.0])
            .with_pixels_per_point(1.0)
            .with_theme(mode)
            .with_context_setup(farhand_assets::Theme::install)
            .wgpu()
            .build_ui(move |ui| chat_window_ui(ui, &words, &view, &mut Vec::new()));
        harness.run();
        results.add(harness.try_snapshot(format!("chat_apart_{suffix}")));
    }
}

#[test]
fn a_new_session_before_it_is_made() {
    in_both_modes("new_session_form", [900.0, 640.0], || {
        let mut state = with_dialog(DialogKind::NewSession);
        state.handle_command(Command::EditNewSession {
            name: "Priya Raman".into(),
            auto_start: true,
        });
        state
    });
}

#[test]
fn questions_before_a_tab_the_window_or_the_sign_in_is_left() {
    let mut results = SnapshotResults::new();
    let everywhere = true;
    for (name, command) in [
        ("close_tab", Command::CloseTab(SessionId(1))),
        ("quit", Command::Quit),
        ("sign_out", Command::SignOut { everywhere }),
    ] {
        take_pictures(&mut results, name, [900.0, 640.0], || {
            let mut state = sample::controlling();
            state.handle_command(command.clone());
            state
        });
    }
}

#[test]
fn a_session_whose_link_does_not_stand() {
    let mut results = SnapshotResults::new();
    let lost = TabLink::Lost {
        error: ErrorBody::new(ErrorCode::LinkLost, "gone"),
        retry_at: sample::NOW.plus_millis(4_000),
    };
    let ended = TabLink::Ended(ErrorBody::new(ErrorCode::LinkIncompatible, "another version"));
    for (name, link) in [("tab_opening", TabLink::Opening), ("tab_lost", lost), ("tab_link_ended", ended)] {
        take_pictures(&mut results, name, WIDE, || {
            let mut state = sample::with_tab();
            state.tabs[0].link = link.clone();
            state
        });
    }
}

#[test]
fn a_customer_who_is_being_asked() {
    in_both_modes("desktop_asking", WIDE, || {
        let mut state = sample::with_tab();
        let control = CapabilitySet::EMPTY.with(Capability::Control).normalised();
        state.tabs[0].notice = Notice::Asking(control);
        state
    });
}

#[test]
fn a_kept_sign_in_that_waits_for_the_network() {
    in_both_modes("sign_in_unreached", [720.0, 640.0], || {
        let mut state = ConsoleState::new(Settings::default());
        state.sign_in.gateway = "https://support.acme.example".into();
        state.sign_in.email = "ada@acme.example".into();
        state.sign_in.progress = SignInProgress::Remembered;
        state.handle_event(EngineEvent::SignInFailed(ErrorBody::new(ErrorCode::GatewayUnreachable, "")));
        state
    });
}

#[test]
fn where_the_time_goes_from_their_screen_to_this_one() {
    let mut results = SnapshotResults::new();
    for (mode, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let (mut harness, _) = window_with(sample::controlling(), mode, WIDE, picture);
        harness.run();
        harness.get_by_label_contains("Exactness").click();
        harness.run();
        harness.get_by_label("Network: 9.3 ms");
        results.add(harness.try_snapshot(format!("latency_{suffix}")));
    }
}

#[test]
fn in_full_screen_the_bar_has_the_figures_and_where_the_time_goes() {
    let mut results = SnapshotResults::new();
    for (mode, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let mut state = two_monitors();
        state.full_screen = true;
        let (mut harness, _) = window_with(state, mode, WIDE, picture);
        harness.run();
        harness.get_by_label_contains("Exactness").click();
        harness.run();
        harness.get_by_label("Network: 9.3 ms");
        results.add(harness.try_snapshot(format!("full_screen_latency_{suffix}")));
    }
}
