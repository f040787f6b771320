//! The first page: the code the technician gave, and, where it is needed, how to reach the gateway.

use egui::{Id, Key, Ui};
use farhand_assets::{
    Words, icons, theme,
    widgets::{Banner, Button, CodeInput, Progress, TextField, cannot_be_code},
};
use farhand_protocol::error::ErrorCode;

use crate::model::{Act, AppletState};

/// The fields by name, so that the keyboard can be given to them.
const CODE: &str = "applet-code-field";
const TRUST: &str = "applet-trust-field";

pub(super) fn code_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    if let Some(error) = &state.no_screen {
        // Said before anything is typed: who needs the screen seen can sign in to another desktop first.
        Banner::warning(&words.error(error.code.as_str(), &error.message)).show(ui);
    }
    theme::gap(ui, 4);
    ui.label(theme::title(words.text("applet-code-title")));
    theme::gap(ui, 3);
    if let Some(key) = state.progress {
        Progress::new(&words.text(key), None).show(ui);
        return;
    }
    focus_where_to_type(ui, state);
    let wrong = wrong_with(state).map(|key| words.text(key));
    let output = CodeInput::new(&words.text("applet-code-label"), &mut state.code)
        .id(Id::unique(CODE))
        .help(&words.text("applet-code-help"))
        .error(wrong.as_deref())
        .show(ui);
    let too_early = output.response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !output.complete;
    state.sent_too_early |= too_early && !state.code.is_empty();
    let mut changed = output.response.changed();
    let mut submitted = output.submitted;
    theme::gap(ui, 2);
    if let Some(error) = &state.join_error {
        Banner::error(&words.error(error.code.as_str(), &error.message)).show(ui);
        theme::gap(ui, 2);
    }
    let has_gateway = !state.gateway.trim().is_empty() || state.code.contains("://");
    state.shows_connection |= !has_gateway;
    let is_code = output.complete && !cannot_be_code(&state.code);
    let fits = is_code && has_gateway;
    if state.shows_connection {
        let (typed, entered) = connection_ui(ui, state, words);
        changed |= typed;
        submitted |= entered && fits;
    }
    if changed {
        // What was said of another code, or of another gateway, is not true of this one.
        state.join_error = None;
        state.sent_too_early = false;
    }
    let reason = if is_code {
        "applet-code-no-gateway"
    } else {
        "applet-code-incomplete"
    };
    let (reason, connect) = (words.text(reason), words.text("applet-code-connect"));
    let button = Button::primary(&connect).full_width();
    let pressed = ui.add(button.disabled_because((!fits).then_some(reason.as_str()))).clicked();
    if fits && (pressed || submitted) {
        acts.push(Act::Connect);
    }
    theme::gap(ui, 2);
    disclosure(ui, state, words);
    theme::gap(ui, 2);
    ui.label(theme::secondary(ui, words.text("applet-code-safety")));
}

/// The keyboard is where the next thing is typed: at the start, and again after something went wrong.
fn focus_where_to_type(ui: &Ui, state: &AppletState) {
    let needs_trust = state.join_error.as_ref().is_some_and(|e| e.code == ErrorCode::GatewayUnpinned);
    let field = if needs_trust { TRUST } else { CODE };
    ui.memory_mut(|memory| {
        if memory.focused().is_none() {
            memory.request_focus(Id::unique(field));
        }
    });
}

/// A Fluent key of what is wrong with what stands in the field.
fn wrong_with(state: &AppletState) -> Option<&'static str> {
    if cannot_be_code(&state.code) {
        Some("applet-code-shape")
    } else {
        state.sent_too_early.then_some("applet-code-incomplete")
    }
}

/// Address and trust value of the gateway; whether something was typed, and whether Enter was pressed.
fn connection_ui(ui: &mut Ui, state: &mut AppletState, words: &Words) -> (bool, bool) {
    let gateway = TextField::new(&words.text("applet-code-gateway"), &mut state.gateway)
        .help(&words.text("applet-code-gateway-help"))
        .show(ui);
    theme::gap(ui, 2);
    let trust = TextField::new(&words.text("applet-code-trust"), &mut state.trust)
        .id(Id::unique(TRUST))
        .help(&words.text("applet-code-trust-help"))
        .mono()
        .show(ui);
    theme::gap(ui, 2);
    let entered = (gateway.lost_focus() || trust.lost_focus()) && ui.input(|i| i.key_pressed(Key::Enter));
    (gateway.changed() || trust.changed(), entered)
}

fn disclosure(ui: &mut Ui, state: &mut AppletState, words: &Words) {
    let caret = if state.shows_connection {
        icons::CARET_UP
    } else {
        icons::CARET_DOWN
    };
    let label = words.text("applet-code-connection");
    let button = Button::ghost(&label).trailing_icon(caret);
    if ui.add(button).clicked() {
        state.shows_connection = !state.shows_connection;
    }
}
