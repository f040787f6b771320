//! The last page: who did what, that access is gone, and the receipt.

use egui::{Label, ScrollArea, Ui};
use farhand_assets::{
    Size, Words, icons, theme,
    widgets::{Banner, Button, card, expandable, section_title},
};

use super::words as say;
use crate::model::{Act, AppletState, Line};

pub(super) fn end_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    ui.label(theme::title(words.text("applet-end-title")));
    theme::gap(ui, 2);
    Banner::success(&words.text("applet-end-access-gone")).icon(icons::LOCK).show(ui);
    theme::gap(ui, 2);
    if let Some(status) = state.ended {
        ui.label(theme::secondary(ui, words.named("state", status.code())));
        theme::gap(ui, 2);
    }
    section_title(ui, &words.text("applet-end-done"));
    let height = (ui.available_height() - 144.0).max(100.0);
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        ScrollArea::vertical()
            .max_height(height)
            .auto_shrink([false, false])
            .show(ui, |ui| {
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
    theme::gap(ui, 2);
    if let Some(path) = &state.receipt {
        ui.label(theme::secondary(
            ui,
            words.with("applet-end-saved", &[("path", path.as_str().into())]),
        ));
    } else if ui
        .add(
            Button::secondary(&words.text("applet-end-receipt"))
                .icon(icons::FLOPPY_DISK)
                .full_width(),
        )
        .clicked()
    {
        acts.push(Act::SaveReceipt);
    }
    theme::gap(ui, 1);
    if ui.add(Button::primary(&words.text("applet-end-close")).full_width()).clicked() {
        acts.push(Act::Quit);
    }
}
