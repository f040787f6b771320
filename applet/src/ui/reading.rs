//! A text that has to be read to its end before it is answered: where it does not fit it scrolls, and says so until its end was to be seen.
//! It scrolls by wheel, by the button below it and, where nothing else has the keyboard, by keys.

use egui::{
    Id, Key, Modifiers, ScrollArea, Ui,
    scroll_area::{ScrollAreaOutput, ScrollBarVisibility},
    style::ScrollAnimation,
};
use farhand_assets::{Size, Words, icons, widgets::Button};

/// Least height of the text, points.
const LEAST_TEXT: f32 = 48.0;
/// A text scrolled to within so many points of its end is read.
const NEARLY: f32 = 4.0;
/// An arrow key scrolls so many points.
const LINE: f32 = 40.0;
/// A page key, or the button below, scrolls by so much of what is to be seen.
const PAGE: f32 = 0.8;

/// A text and the room it has.
pub(super) struct Reading<'a> {
    /// Tells texts apart, each with its own place.
    pub(super) id: Id,
    /// Points there are for it and for the button below it.
    pub(super) height: f32,
    /// Size of that button.
    pub(super) size: Size,
    /// Keys scroll it.
    pub(super) keys: bool,
    /// Words of that button.
    pub(super) words: &'a Words,
}

impl Reading<'_> {
    /// Paints it; `is_read` is set once its end was to be seen, and is not taken back.
    pub(super) fn show(self, ui: &mut Ui, is_read: &mut bool, add_text: impl FnOnce(&mut Ui)) {
        let step: f32 = ui.data_mut(|data| data.remove_temp(self.id).unwrap_or_default());
        let cue = if *is_read { 0.0 } else { self.size.height() + 4.0 };
        let area = ScrollArea::vertical()
            .id_salt(self.id)
            .max_height((self.height - cue).max(LEAST_TEXT))
            .auto_shrink([false, true]);
        let output = beside_bar(ui, area, |ui| {
            if step != 0.0 {
                ui.scroll_with_delta_animation(egui::vec2(0.0, -step), ScrollAnimation::none());
            }
            ui.set_width(ui.available_width());
            add_text(ui);
        });
        let page = output.inner_rect.height();
        let end = output.content_size.y - page;
        if output.state.clamped_offset().y >= end - NEARLY {
            *is_read = true;
        }
        let mut step = if self.keys { pressed(ui, page, output.content_size.y) } else { 0.0 };
        if !*is_read {
            let below = self.words.text("applet-consent-below");
            let button = Button::ghost(&below).trailing_icon(icons::CARET_DOWN).size(self.size).full_width();
            if ui.add(button).clicked() {
                step += page * PAGE;
            }
        }
        if step != 0.0 {
            ui.data_mut(|data| data.insert_temp(self.id, step));
            ui.ctx().request_repaint();
        }
    }
}

/// Shows a scroll area whose bar stands beside the contents where there is more of them, not over them.
pub(super) fn beside_bar<R>(ui: &mut Ui, area: ScrollArea, add_contents: impl FnOnce(&mut Ui) -> R) -> ScrollAreaOutput<R> {
    let floating = std::mem::replace(&mut ui.spacing_mut().scroll.floating, false);
    let area = area.scroll_bar_visibility(ScrollBarVisibility::VisibleWhenNeeded);
    let output = area.show(ui, |ui| {
        ui.spacing_mut().scroll.floating = floating;
        add_contents(ui)
    });
    ui.spacing_mut().scroll.floating = floating;
    output
}

/// How far the keys of this frame scroll, points; nothing while something has the keyboard.
fn pressed(ui: &Ui, page: f32, whole: f32) -> f32 {
    if ui.memory(|memory| memory.focused().is_some()) {
        return 0.0;
    }
    let steps = [
        (Key::ArrowDown, LINE),
        (Key::ArrowUp, -LINE),
        (Key::PageDown, page * PAGE),
        (Key::PageUp, -page * PAGE),
        (Key::Space, page * PAGE),
        (Key::End, whole),
        (Key::Home, -whole),
    ];
    ui.input_mut(|input| {
        let step = |(key, step): (Key, f32)| if input.consume_key(Modifiers::NONE, key) { step } else { 0.0 };
        steps.into_iter().map(step).sum()
    })
}
