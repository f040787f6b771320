//! Pictures of every page in light and dark, at the usual and at the smallest width, with long names and long sentences.
//!
//! Run with `UPDATE_SNAPSHOTS=1` after a wanted change of the look, and look at the pictures in `tests/snapshots`.

use std::{cell::Cell, rc::Rc};

use egui::{Theme as Mode, vec2};
use egui_kittest::{Harness, SnapshotResults};
use farhand_applet::{
    model::{AppletState, Line, Page, Question, Session},
    ui::{BarView, applet_ui, bar_size, bar_ui},
};
use farhand_assets::{Size, Theme, Words};
use farhand_engine::{
    customer::{LogLine, Presence},
    viewer::LinkPath,
};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::MemberId,
    peer::ScreenState,
    permission::{Capability, CapabilitySet},
    session::Status,
    ticket::TechnicianIdentity,
    time::Timestamp,
};
use serde_json::json;
use uuid::Uuid;

const AT: Timestamp = Timestamp(1_795_356_300_000);
const USUAL: [f32; 2] = [380.0, 640.0];
const SMALLEST: [f32; 2] = [320.0, 480.0];

fn in_both_modes(results: &mut SnapshotResults, name: &str, size: [f32; 2], locale: &'static str, state: impl Fn() -> AppletState) {
    for (mode, suffix) in [(Mode::Light, "light"), (Mode::Dark, "dark")] {
        let (mut state, words) = (state(), Words::load(locale));
        let mut harness = Harness::builder()
            .with_size(size)
            .with_pixels_per_point(1.0)
            .with_theme(mode)
            .with_context_setup(|ctx| Theme::install_with(ctx, Size::Comfortable))
            .wgpu()
            .build_ui(move |ui| applet_ui(ui, &mut state, &words, 10.0, &mut Vec::new()));
        harness.run();
        results.add(harness.try_snapshot(format!("{name}_{suffix}")));
    }
}

fn technician() -> TechnicianIdentity {
    TechnicianIdentity {
        member_id: MemberId(1),
        name: "Ada Kern".into(),
        organisation: "ACME Support".into(),
    }
}

fn both() -> CapabilitySet {
    CapabilitySet::EMPTY.with(Capability::View).with(Capability::Control)
}

fn joined(page: Page) -> AppletState {
    AppletState {
        page,
        utc_offset_minutes: 60,
        session: Some(Session {
            number: "1042".into(),
            organisation: "ACME Support".into(),
            application_name: "ACME Support".into(),
            technician: technician(),
            terms: Some("Be kind to each other.\n\n".repeat(30)),
            pause_key: true,
            is_unguarded: false,
            granted_in_advance: CapabilitySet::EMPTY,
            screen: ScreenState::Shown,
        }),
        ..AppletState::default()
    }
}

fn logged(minutes: i64, kind: &str, detail: serde_json::Value) -> Line {
    Line::Log(LogLine {
        at: AT.plus_millis(minutes * 60_000),
        actor: "technician".into(),
        kind: kind.into(),
        detail,
    })
}

fn controlled() -> AppletState {
    let said = |minutes: i64, from: Option<&str>, text: &str| Line::Chat {
        line_id: Uuid::now_v7(),
        from: from.map(str::to_owned),
        at: AT.plus_millis(minutes * 60_000),
        text: text.into(),
    };
    let every = "view,control,chat,clipboard,send_files,system_info,reboot,credentials";
    AppletState {
        status: Some(Status::Active),
        present: vec![Presence {
            technician: technician(),
            viewing: true,
            controlling: true,
            path: LinkPath::Direct,
            check_number: Some("421 793".into()),
        }],
        granted: CapabilitySet::all(),
        lines: vec![
            logged(0, "consent.asked", json!({"technician": "Ada Kern", "capabilities": every})),
            logged(1, "consent.allowed", json!({"technician": "Ada Kern", "capabilities": every})),
            logged(1, "control.started", json!({"technician": "Ada Kern"})),
            said(2, Some("Ada Kern"), "I am looking at the printer now."),
            said(2, None, "Thank you!"),
        ],
        ..joined(Page::Session)
    }
}

fn asked() -> AppletState {
    AppletState {
        questions: vec![Question {
            request_id: Uuid::nil(),
            technician: technician(),
            capabilities: both(),
            shown_at: Some(0.0),
            is_read: false,
            is_ready: false,
            until: 120.0,
        }],
        status: Some(Status::Active),
        ..joined(Page::Session)
    }
}

#[test]
fn the_code() {
    let mut results = SnapshotResults::new();
    in_both_modes(&mut results, "code", USUAL, "en", AppletState::default);
    in_both_modes(&mut results, "code_small", SMALLEST, "de", AppletState::default);
    let refused = || AppletState {
        code: "12ab34".into(),
        gateway: "https://help.example".into(),
        shows_connection: true,
        join_error: Some(ErrorBody::new(ErrorCode::GatewayUnpinned, "")),
        ..AppletState::default()
    };
    in_both_modes(&mut results, "code_refused", USUAL, "en", refused);
    let asking = || AppletState {
        code: "427901358".into(),
        gateway: "https://help.example".into(),
        progress: Some("applet-progress-gateway"),
        ..AppletState::default()
    };
    in_both_modes(&mut results, "code_asking", USUAL, "en", asking);
    let no_screen = || AppletState {
        gateway: "https://help.example".into(),
        no_screen: Some(ErrorBody::new(ErrorCode::ScreenWayland, "")),
        ..AppletState::default()
    };
    in_both_modes(&mut results, "code_no_screen", SMALLEST, "en", no_screen);
}

#[test]
fn the_bar() {
    let mut results = SnapshotResults::new();
    let seen = || {
        let mut state = controlled();
        state.present[0].controlling = false;
        state
    };
    let others = || {
        let mut state = controlled();
        state.present.push(state.present[0].clone());
        state.present[0].technician.name = "Maximiliane von Wolkenstein-Trostburg".into();
        state
    };
    bar_in_both_modes(&mut results, "bar_sees", 1280.0, seen);
    bar_in_both_modes(&mut results, "bar_controls", 1280.0, controlled);
    bar_in_both_modes(&mut results, "bar_narrow", 480.0, others);
}

/// The bar in a window of the size it asks for.
fn bar_in_both_modes(results: &mut SnapshotResults, name: &str, screen_width: f32, state: impl Fn() -> AppletState) {
    for (mode, suffix) in [(Mode::Light, "light"), (Mode::Dark, "dark")] {
        let view = BarView::of(&state(), &Words::load("en")).expect("somebody watches");
        let size = Rc::new(Cell::new(vec2(screen_width, 200.0)));
        let measured = size.clone();
        let mut harness = Harness::builder()
            .with_size([screen_width, 200.0])
            .with_pixels_per_point(1.0)
            .with_theme(mode)
            .with_context_setup(|ctx| Theme::install_with(ctx, Size::Comfortable))
            .wgpu()
            .build_ui(move |ui| {
                measured.set(bar_size(ui.ctx(), &view, screen_width));
                bar_ui(ui, &view);
            });
        harness.run();
        // The harness keeps a margin of eight points around what it shows.
        harness.set_size(size.get() + vec2(16.0, 16.0));
        harness.run();
        results.add(harness.try_snapshot(format!("{name}_{suffix}")));
    }
}

#[test]
fn terms_and_waiting() {
    let mut results = SnapshotResults::new();
    in_both_modes(&mut results, "terms", USUAL, "en", || joined(Page::Terms));
    in_both_modes(&mut results, "waiting", USUAL, "en", || joined(Page::Waiting));
}

#[test]
fn a_session_under_control() {
    let mut results = SnapshotResults::new();
    in_both_modes(&mut results, "session", USUAL, "en", controlled);
    in_both_modes(&mut results, "session_small", SMALLEST, "de", controlled);
}

#[test]
fn a_question() {
    let mut results = SnapshotResults::new();
    in_both_modes(&mut results, "question", USUAL, "en", asked);
    in_both_modes(&mut results, "question_small", SMALLEST, "fr", asked);
    let everything = || {
        let mut state = asked();
        state.questions[0].capabilities = CapabilitySet::all();
        state.lines = controlled().lines;
        state
    };
    in_both_modes(&mut results, "question_everything", USUAL, "en", everything);
    in_both_modes(&mut results, "question_everything_small", SMALLEST, "de", everything);
}

#[test]
fn the_end() {
    let mut results = SnapshotResults::new();
    let ended = || AppletState {
        page: Page::End,
        ended: Some(Status::ClosedByTechnician),
        ..controlled()
    };
    in_both_modes(&mut results, "end", USUAL, "en", ended);
    in_both_modes(&mut results, "end_small", SMALLEST, "en", ended);
    let unsaved = || AppletState {
        asks_receipt: true,
        ..ended()
    };
    in_both_modes(&mut results, "end_unsaved_small", SMALLEST, "de", unsaved);
}

#[test]
fn a_brand_that_is_not_the_organisations_name() {
    let mut results = SnapshotResults::new();
    in_both_modes(&mut results, "branded", SMALLEST, "en", || {
        let mut state = controlled();
        if let Some(session) = &mut state.session {
            session.application_name = "Hilfe für alle Werkstätten und Büros im Haus".into();
        }
        state
    });
}
