//! The last page: who did what, that access is gone, and the receipt. Who leaves without having saved it is asked about it once.

use egui::{Label, ScrollArea, Ui};
use farhand_assets::{
    Size, Words, icons, theme,
    widgets::{Banner, Button, card, expandable, section_title},
};
use farhand_protocol::session::Status;

use super::{reading::beside_bar, words as say};
use crate::model::{Act, AppletState, Line};

/// What the edges of the card take of the height, points.
const AROUND: f32 = 36.0;

pub(super) fn end_ui(ui: &mut Ui, state: &AppletState, words: &Words) {
    ui.label(theme::title(words.text("applet-end-title")));
    theme::gap(ui, 2);
    Banner::success(&words.text("applet-end-access-gone")).icon(icons::LOCK).show(ui);
    theme::gap(ui, 2);
    if let Some(status) = state.ended {
        ui.label(theme::secondary(ui, how_it_ended(status, words)));
        theme::gap(ui, 2);
    }
    section_title(ui, &words.text("applet-end-done"));
    let height = (ui.available_height() - AROUND).max(100.0);
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        let area = ScrollArea::vertical().max_height(height).auto_shrink([false, false]);
        beside_bar(ui, area, |ui| {
            let mut any = false;
            for line in &state.lines {
                if let Line::Log(line) = line {
                    any = true;
                    // The time in a column of its own: a long sentence wraps beside it, not under it.
                    ui.horizontal_top(|ui| {
                        ui.spacing_mut().item_spacing.x = 8.0;
                        ui.label(theme::secondary(ui, line.at.time_of_day(state.utc_offset_minutes)));
                        let (text, detail) = (say::log_line(words, line), say::log_detail(words, line));
                        if detail.is_empty() {
                            ui.add(Label::new(text).wrap().selectable(true));
                        } else {
                            let points = Size::of(ui).body();
                            ui.vertical(|ui| expandable(ui, &text, points, &detail));
                        }
                    });
                }
            }
            if !any {
                ui.label(theme::secondary(ui, words.text("applet-end-nothing")));
            }
        });
    });
}

/// To whoever ended it themselves, *Closed by customer* would be about somebody else.
fn how_it_ended(status: Status, words: &Words) -> String {
    match status {
        Status::ClosedByCustomer | Status::ClosedByWaitingCustomer => words.text("applet-log-session-ended-here"),
        _ => words.named("state", status.code()),
    }
}

/// What stays at the bottom whatever is above it: the receipt, and the way out.
pub(super) fn actions_ui(ui: &mut Ui, state: &AppletState, words: &Words, acts: &mut Vec<Act>) {
    if state.asks_receipt {
        return receipt_question(ui, words, acts);
    }
    let save = words.text("applet-end-receipt");
    if let Some(path) = &state.receipt {
        ui.label(theme::secondary(
            ui,
            words.with("applet-end-saved", &[("path", path.as_str().into())]),
        ));
    } else if ui.add(Button::secondary(&save).icon(icons::FLOPPY_DISK).full_width()).clicked() {
        acts.push(Act::SaveReceipt);
    }
    theme::gap(ui, 1);
    if ui.add(Button::primary(&words.text("applet-end-close")).full_width()).clicked() {
        acts.push(Act::Quit);
    }
}

/// Saving is where *Close* was: the second half of a double click loses nothing.
fn receipt_question(ui: &mut Ui, words: &Words, acts: &mut Vec<Act>) {
    Banner::info(&words.text("applet-end-unsaved")).show(ui);
    theme::gap(ui, 1);
    let (leave, save) = (words.text("applet-end-close-unsaved"), words.text("applet-end-receipt"));
    if ui.add(Button::secondary(&leave).full_width()).clicked() {
        acts.push(Act::Quit);
    }
    theme::gap(ui, 1);
    if ui.add(Button::primary(&save).icon(icons::FLOPPY_DISK).full_width()).clicked() {
        acts.push(Act::SaveReceipt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_ended_the_session_is_told_so_as_themselves() {
        let words = Words::load("en");
        for status in [Status::ClosedByCustomer, Status::ClosedByWaitingCustomer] {
            assert_eq!(how_it_ended(status, &words), "You ended the session");
        }
        assert_eq!(how_it_ended(Status::ClosedByTechnician, &words), "Closed by technician");
    }
}
