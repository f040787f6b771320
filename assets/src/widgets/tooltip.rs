//! Tooltips that name the shortcut of what they explain.

use egui::{KeyboardShortcut, Response};

use crate::palette::Palette;
use crate::theme;

/// Shows `text` and, quieter, the shortcut while the pointer rests on an enabled control.
pub fn tooltip(response: Response, text: &str, shortcut: Option<KeyboardShortcut>) -> Response {
    response.on_hover_ui(|ui| {
        ui.horizontal(|ui| {
            ui.label(text);
            if let Some(shortcut) = shortcut {
                let keys = ui.ctx().format_shortcut(&shortcut);
                ui.label(theme::code(keys).color(Palette::of(ui).secondary));
            }
        });
    })
}

/// Says why a control cannot be used; for the pointer and, as description, for assistive technology.
pub(super) fn reason_tooltip(response: Response, reason: &str) -> Response {
    response
        .ctx
        .accesskit_node_builder(response.id, |node| node.set_description(reason));
    response.on_hover_ui(|ui| {
        ui.horizontal(|ui| {
            ui.label(theme::icon(crate::icons::PROHIBIT, 14.0).color(Palette::of(ui).secondary));
            ui.label(reason);
        });
    })
}
