//! The organisation's terms (APP-43 to APP-50): read to the end, then accept or leave.

use egui::{Label, Ui};
use farhand_assets::{
    Size, Words, theme,
    widgets::{Button, card},
};

use super::reading::Reading;
use crate::model::{Act, AppletState};

/// What the edges of the card and the two answers below it take of the height, points.
const AROUND: f32 = 144.0;

pub(super) fn terms_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    ui.label(theme::title(words.text("applet-terms-title")));
    theme::gap(ui, 2);
    let text = state.session.as_ref().and_then(|s| s.terms.clone()).unwrap_or_default();
    let height = (ui.available_height() - AROUND).max(120.0);
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        let reading = Reading {
            id: ui.make_persistent_id("terms"),
            height,
            size: Size::of(ui),
            keys: true,
            words,
        };
        reading.show(ui, &mut state.terms_read, |ui| {
            ui.add(Label::new(&text).wrap());
        });
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
