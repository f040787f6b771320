//! The first page: the code the technician gave.

use egui::Ui;
use farhand_assets::{
    Words, theme,
    widgets::{Banner, Button, CodeInput, Progress, TextField},
};

use crate::model::{Act, AppletState};

pub(super) fn code_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    theme::gap(ui, 4);
    ui.label(theme::title(words.text("applet-code-title")));
    theme::gap(ui, 3);
    if let Some(key) = state.progress {
        Progress::new(&words.text(key), None).show(ui);
        return;
    }
    let error = state.join_error.as_ref().map(|e| words.error(e.code.as_str(), &e.message));
    let output = CodeInput::new(&words.text("applet-code-label"), &mut state.code)
        .help(&words.text("applet-code-help"))
        .show(ui);
    theme::gap(ui, 2);
    if state.asks_gateway {
        TextField::new(&words.text("applet-code-gateway"), &mut state.gateway)
            .hint("https://support.example.org")
            .show(ui);
        theme::gap(ui, 2);
        TextField::new(&words.text("applet-code-trust"), &mut state.trust)
            .help(&words.text("applet-code-trust-help"))
            .mono()
            .show(ui);
        theme::gap(ui, 2);
    }
    if let Some(error) = &error {
        Banner::error(error).show(ui);
        theme::gap(ui, 2);
    }
    let (reason, connect) = (words.text("applet-code-incomplete"), words.text("applet-code-connect"));
    let button = Button::primary(&connect).full_width();
    let pressed = ui
        .add(button.disabled_because((!output.complete).then_some(reason.as_str())))
        .clicked();
    if pressed || output.submitted {
        acts.push(Act::Connect);
    }
    theme::gap(ui, 4);
    ui.label(theme::secondary(ui, words.text("applet-code-safety")));
}
