//! A consent question (APP-33): who, from where, for what exactly; *Allow* or *Don't allow*. It stands above the conversation, which goes on, and far
//! from where a customer types. A yes counts only once all of it was to be seen, for a while, with no button of the pointer down from before.

use std::time::Duration;

use egui::Ui;
use farhand_assets::{
    Palette, Size, Words, icons, theme,
    widgets::{Button, card},
};
use farhand_protocol::permission::{Capability, CapabilitySet};

use super::reading::Reading;
use crate::model::{Act, Question};

/// A yes counts only after the question was to be seen for this long.
const INERT_SECONDS: f64 = 1.5;
/// Whether everything fits is known after so long.
const SETTLED_SECONDS: f64 = 0.1;
/// What the conversation keeps of the height, points.
const CONVERSATION: f32 = 44.0;
/// In less height than this the buttons are small, points.
const ROOMY: f32 = 340.0;
/// Least height of what is asked, points.
const LEAST_TEXT: f32 = 48.0;
/// Above and below within the card, points.
const CARD_MARGINS: f32 = 32.0;

/// The question with its answers.
pub(super) fn consent_ui(ui: &mut Ui, question: &mut Question, words: &Words, now: f64, acts: &mut Vec<Act>) {
    let shown_at = *question.shown_at.get_or_insert(now);
    let is_roomy = ui.available_height() >= ROOMY;
    let size = if is_roomy { Size::of(ui) } else { Size::Dense };
    // Where there is little room it is read with the question.
    let until = until_text(question, words, now);
    let (in_text, below) = if is_roomy { (None, Some(until)) } else { (Some(until), None) };
    let room = ui.available_height() - CONVERSATION;
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        let top = ui.cursor().top();
        who_ui(ui, question, words);
        theme::gap(ui, 1);
        let above = ui.cursor().top() - top;
        let height = (room - above - answers_height(ui, question, size, is_roomy) - CARD_MARGINS).max(LEAST_TEXT);
        text_ui(ui, question, words, (height, size), in_text);
        // The first frames may still be finding their sizes.
        question.is_read &= now - shown_at >= SETTLED_SECONDS;
        theme::gap(ui, 1);
        let left = INERT_SECONDS - (now - shown_at);
        if left > 0.0 {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(left));
        } else if question.is_read && !ui.input(|i| i.pointer.any_down()) {
            question.is_ready = true;
        }
        answers_ui(ui, question, words, size, acts);
        if let Some(until) = below {
            ui.label(theme::secondary(ui, until));
        }
    });
}

fn who_ui(ui: &mut Ui, question: &Question, words: &Words) {
    let palette = Palette::of(ui);
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
        ui.add(egui::Label::new(theme::strong(who)).wrap());
    });
}

/// What is asked, to be read to its end.
fn text_ui(ui: &mut Ui, question: &mut Question, words: &Words, (height, size): (f32, Size), until: Option<String>) {
    let reading = Reading {
        id: ui.make_persistent_id(("question", question.request_id)),
        height,
        size,
        // Keys that were meant for something else must not turn the pages of a question.
        keys: false,
        words,
    };
    let asked = question.capabilities;
    reading.show(ui, &mut question.is_read, |ui| {
        for line in main_lines(asked, words) {
            // The second line of it begins below the first, and not below the mark.
            ui.horizontal_top(|ui| {
                ui.label("•");
                ui.add(egui::Label::new(line).wrap());
            });
        }
        let others = other_lines(asked, words);
        if !others.is_empty() {
            theme::gap(ui, 1);
            let also = words.with("applet-consent-also", &[("what", others.join(" · ").into())]);
            ui.add(egui::Label::new(theme::secondary(ui, also)).wrap());
        }
        if let Some(until) = until {
            theme::gap(ui, 1);
            ui.add(egui::Label::new(theme::secondary(ui, until)).wrap());
        }
    });
}

/// The two answers, and a lesser one between them.
fn answers_ui(ui: &mut Ui, question: &Question, words: &Words, size: Size, acts: &mut Vec<Act>) {
    let reason = match (question.is_ready, question.is_read) {
        (true, _) => None,
        (false, true) => Some(words.text("applet-consent-read-first")),
        (false, false) => Some(words.text("applet-consent-read-all")),
    };
    let (allow, refuse) = (words.text("applet-consent-allow"), words.text("applet-consent-refuse"));
    let mut answer = None;
    ui.horizontal(|ui| {
        let half = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
        if ui.add(Button::secondary(&refuse).size(size).min_width(half)).clicked() {
            answer = Some(CapabilitySet::EMPTY);
        }
        let button = Button::primary(&allow).size(size).full_width();
        if ui.add(button.disabled_because(reason.as_deref())).clicked() {
            answer = Some(question.capabilities);
        }
    });
    // Seeing and steering are separate grants: where both are asked, the lesser can be given alone.
    if offers_view_only(question) {
        theme::gap(ui, 1);
        let only = words.text("applet-consent-view-only");
        let button = Button::secondary(&only).size(size).full_width();
        if ui.add(button.disabled_because(reason.as_deref())).clicked() {
            answer = Some(CapabilitySet::EMPTY.with(Capability::View));
        }
    }
    acts.extend(answer.map(|allowed| Act::Answer(question.request_id, allowed)));
}

/// Until when an answer counts: whole half minutes, since a clock that ticks would repaint the window each second.
fn until_text(question: &Question, words: &Words, now: f64) -> String {
    let left = ((question.until - now).max(0.0) / 30.0).ceil() * 30.0;
    words.with("applet-consent-until", &[("seconds", (left as u32).into())])
}

/// What the answers take of the height at most, points: their rows and, where there is room, two lines that say until when.
fn answers_height(ui: &Ui, question: &Question, size: Size, is_roomy: bool) -> f32 {
    let rows = if offers_view_only(question) { 2.0 } else { 1.0 };
    let row = size.height() + ui.spacing().item_spacing.y + 4.0;
    let lines = if is_roomy {
        2.4 * ui.text_style_height(&egui::TextStyle::Small)
    } else {
        0.0
    };
    rows * row + lines + 8.0
}

fn offers_view_only(question: &Question) -> bool {
    let view = CapabilitySet::EMPTY.with(Capability::View);
    question.capabilities.has_all(view.with(Capability::Control))
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
    words.named("consent", capability.key())
}
