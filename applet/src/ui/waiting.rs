//! Waiting for a technician, with the time it will likely take.

use egui::Ui;
use farhand_assets::{
    Words, icons, theme,
    widgets::{Banner, EmptyState},
};
use farhand_protocol::peer::ScreenState;

use crate::model::{Act, AppletState};

pub(super) fn waiting_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    if let Some(session) = &state.session {
        if let ScreenState::Unavailable(error) = &session.screen {
            Banner::warning(&words.error(error.code.as_str(), &error.message)).show(ui);
            theme::gap(ui, 2);
        }
        if !session.granted_in_advance.is_empty() {
            let granted = super::may::in_full(words, session.granted_in_advance);
            Banner::info(&words.with("applet-waiting-advance", &[("what", granted.into())])).show(ui);
            theme::gap(ui, 2);
        }
    }
    let below = if state.asks_end { 104.0 } else { 52.0 };
    let size = egui::vec2(ui.available_width(), (ui.available_height() - below).max(160.0));
    ui.allocate_ui(size, |ui| {
        ui.set_min_size(size);
        let title = words.with("applet-waiting-title", &[("name", state.technician().into())]);
        let text = match state.wait_minutes {
            Some(minutes) => words.with("applet-waiting-minutes", &[("minutes", minutes.into())]),
            None => words.text("applet-waiting-text"),
        };
        EmptyState::new(icons::HOURGLASS, &title).text(&text).show(ui);
    });
    super::session::end_button(ui, state, words, acts);
}
