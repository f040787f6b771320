//! A consent question (APP-33): who, from where, for what exactly; *Allow* or *Don't allow*.

use egui::{Label, Ui};
use farhand_assets::{
    Palette, Words, icons, theme,
    widgets::{Button, card},
};

use farhand_protocol::permission::{Capability, CapabilitySet};

use crate::model::{Act, Question};

/// A yes counts only after the question was to be seen for this long.
const INERT_SECONDS: f64 = 0.5;

/// Who asks, and for what.
pub(super) fn consent_ui(ui: &mut Ui, question: &Question, words: &Words) {
    let palette = Palette::of(ui);
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            ui.label(theme::icon(icons::SHIELD_CHECK, 22.0).color(palette.accent));
            let who = words.with(
                "applet-consent-who",
                &[
                    ("name", question.technician.name.as_str().into()),
                    ("organisation", question.technician.organisation.as_str().into()),
                ],
            );
            // Who asks is never cut off.
            ui.add(Label::new(theme::strong(who)).wrap());
        });
        theme::gap(ui, 2);
        for line in main_lines(question.capabilities, words) {
            ui.label(format!("•  {line}"));
        }
        let others = other_lines(question.capabilities, words);
        if !others.is_empty() {
            theme::gap(ui, 1);
            ui.label(theme::secondary(
                ui,
                words.with("applet-consent-also", &[("what", others.join(" · ").into())]),
            ));
        }
    });
}

/// The two answers, and until when.
pub(super) fn answer_ui(ui: &mut Ui, question: &Question, words: &Words, now: f64, acts: &mut Vec<Act>) {
    // Whole half minutes: a clock that ticks would repaint the window each second.
    let left = ((question.until - now).max(0.0) / 30.0).ceil() * 30.0;
    ui.label(theme::secondary(
        ui,
        words.with("applet-consent-until", &[("seconds", (left as u32).into())]),
    ));
    theme::gap(ui, 2);
    let (allow, refuse) = (words.text("applet-consent-allow"), words.text("applet-consent-refuse"));
    // A question that appears under a moving mouse must not be answered by a click meant for something else.
    let inert = INERT_SECONDS - (now - question.asked_at);
    let reason = words.text("applet-consent-read-first");
    let not_yet = (inert > 0.0).then_some(reason.as_str());
    if not_yet.is_some() {
        ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(inert));
    }
    if ui.add(Button::primary(&allow).full_width().disabled_because(not_yet)).clicked() {
        acts.push(Act::Answer(question.request_id, question.capabilities));
    }
    theme::gap(ui, 1);
    // Seeing and steering are separate grants: where both are asked, the lesser can be given alone.
    let view = CapabilitySet::EMPTY.with(Capability::View);
    if question.capabilities.has_all(view.with(Capability::Control)) {
        if ui
            .add(
                Button::secondary(&words.text("applet-consent-view-only"))
                    .full_width()
                    .disabled_because(not_yet),
            )
            .clicked()
        {
            acts.push(Act::Answer(question.request_id, view));
        }
        theme::gap(ui, 1);
    }
    if ui.add(Button::secondary(&refuse).full_width()).clicked() {
        acts.push(Act::Answer(question.request_id, CapabilitySet::EMPTY));
    }
}

/// What matters most to the person asked: being seen, and being steered.
fn main_lines(asked: CapabilitySet, words: &Words) -> Vec<String> {
    let shown = if asked.has(Capability::Control) {
        asked.without(Capability::View)
    } else {
        asked
    };
    let few = shown.iter().count() <= 2;
    shown.iter().filter(|c| few || is_main(*c)).map(|c| say(words, c)).collect()
}

/// The rest of a long question, in a line of their own.
fn other_lines(asked: CapabilitySet, words: &Words) -> Vec<String> {
    let few = asked.without(Capability::View).iter().count() <= 2;
    asked.iter().filter(|c| !few && !is_main(*c)).map(|c| say(words, c)).collect()
}

fn is_main(capability: Capability) -> bool {
    matches!(capability, Capability::View | Capability::Control)
}

fn say(words: &Words, capability: Capability) -> String {
    words.text(&format!("consent-{}", capability.key().replace('_', "-")))
}
