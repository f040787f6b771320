//! A consent question (APP-33): who, from where, for what exactly; *Allow* or *Don't allow*.

use egui::Ui;
use farhand_assets::{
    Palette, Words, icons, theme,
    widgets::{Button, card},
};

use crate::model::{Act, Question};

pub(super) fn consent_ui(ui: &mut Ui, question: &Question, words: &Words, now: f64, acts: &mut Vec<Act>) {
    let palette = Palette::of(ui);
    card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::icon(icons::SHIELD_CHECK, 22.0).color(palette.accent));
            ui.label(theme::strong(words.with(
                "applet-consent-who",
                &[("name", question.technician.name.as_str().into()), ("organisation", question.technician.organisation.as_str().into())],
            )));
        });
        theme::gap(ui, 2);
        for capability in question.capabilities.iter() {
            let key = format!("capability-{}-asked", capability.key().replace('_', "-"));
            ui.label(format!("•  {}", words.text(&key)));
        }
        theme::gap(ui, 3);
        let (allow, refuse) = (words.text("applet-consent-allow"), words.text("applet-consent-refuse"));
        if ui.add(Button::primary(&allow).full_width()).clicked() {
            acts.push(Act::Answer(question.request_id, true));
        }
        theme::gap(ui, 1);
        if ui.add(Button::secondary(&refuse).full_width()).clicked() {
            acts.push(Act::Answer(question.request_id, false));
        }
        theme::gap(ui, 1);
        // Whole half minutes: a clock that ticks would repaint the window each second.
        let left = ((question.until - now).max(0.0) / 30.0).ceil() * 30.0;
        ui.label(theme::secondary(ui, words.with("applet-consent-until", &[("seconds", (left as u32).into())])));
    });
}
