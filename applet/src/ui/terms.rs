//! The organisation's terms (APP-43 to APP-50): read to the end, then accept or leave.

use egui::{ScrollArea, Ui};
use farhand_assets::{
    Words, theme,
    widgets::{Button, card},
};

use crate::model::{Act, AppletState};

pub(super) fn terms_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    ui.label(theme::title(words.text("applet-terms-title")));
    theme::gap(ui, 2);
    let text = state.session.as_ref().and_then(|s| s.terms.clone()).unwrap_or_default();
    let height = (ui.available_height() - 120.0).max(120.0);
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        let output = ScrollArea::vertical()
            .max_height(height)
            .auto_shrink([false, false])
            .show(ui, |ui| ui.label(&text));
        let end = output.content_size.y - output.inner_rect.height();
        if output.state.clamped_offset().y >= end - 4.0 {
            state.terms_read = true;
        }
    });
    theme::gap(ui, 2);
    let (accept, decline, reason) = (
        words.text("applet-terms-accept"),
        words.text("applet-terms-decline"),
        words.text("applet-terms-scroll"),
    );
    if ui
        .add(
            Button::primary(&accept)
                .full_width()
                .disabled_because((!state.terms_read).then_some(reason.as_str())),
        )
        .clicked()
    {
        acts.push(Act::AcceptTerms);
    }
    theme::gap(ui, 1);
    if ui.add(Button::ghost(&decline).full_width()).clicked() {
        acts.push(Act::DeclineTerms);
    }
}
