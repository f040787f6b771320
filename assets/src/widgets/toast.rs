//! Short notes in the corner that leave by themselves: "Code copied".
//!
//! The list holds no clock: the caller passes the time in seconds (egui's `input.time`) and the widget
//! asks for one repaint when the next note ends.

use std::time::Duration;

use egui::{Align2, Area, Context, Frame, Id, Margin, Order, Role, Stroke, WidgetInfo, vec2};

use crate::icons;
use crate::palette::{Palette, Tone};
use crate::theme::{self, CARD_ROUNDING};

const SHOWN_SECONDS: f64 = 4.0;
const MOST: usize = 4;
/// Below a window's own bars, and above what is written at its lower edge.
const TOP: f32 = 72.0;

/// The notes on screen; keep one per window.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    notes: Vec<Note>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Note {
    number: u64,
    tone: Tone,
    text: String,
    until: f64,
}

impl Toasts {
    /// Adds a note at `now` (seconds); the oldest of more than four goes.
    pub fn push(&mut self, tone: Tone, text: impl Into<String>, now: f64) {
        self.notes.push(Note {
            number: self.next,
            tone,
            text: text.into(),
            until: now + SHOWN_SECONDS,
        });
        self.next += 1;
        if self.notes.len() > MOST {
            self.notes.remove(0);
        }
    }

    /// Whether nothing is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Paints the notes above everything, at the trailing upper corner.
    pub fn show(&mut self, ctx: &Context) {
        let now = ctx.input(|input| input.time);
        self.notes.retain(|note| note.until > now);
        let Some(first_end) = self.notes.iter().map(|note| note.until).reduce(f64::min) else {
            return;
        };
        ctx.request_repaint_after(Duration::from_secs_f64((first_end - now).max(0.05)));
        let mut offset = TOP;
        for note in self.notes.iter().rev() {
            let area = Area::new(Id::unique(("toast", note.number)))
                .order(Order::Tooltip)
                .interactable(false);
            let shown = area.anchor(Align2::RIGHT_TOP, vec2(-16.0, offset)).show(ctx, |ui| note.ui(ui));
            offset += shown.response.rect.height() + 8.0;
        }
    }
}

impl Note {
    fn ui(&self, ui: &mut egui::Ui) {
        let palette = Palette::of(ui);
        let glyph = match self.tone {
            Tone::Error => icons::WARNING_CIRCLE,
            Tone::Waiting => icons::WARNING,
            Tone::Active => icons::CHECK_CIRCLE,
            _ => icons::INFO,
        };
        let frame = Frame::new()
            .fill(palette.raised)
            .stroke(Stroke::new(1.0, palette.line))
            .shadow(ui.visuals().popup_shadow)
            .corner_radius(CARD_ROUNDING)
            .inner_margin(Margin::symmetric(12, 8));
        let shown = frame.show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.set_max_width(360.0);
                ui.label(theme::icon(glyph, 18.0).color(palette.tone(self.tone).text));
                ui.add(egui::Label::new(&self.text).wrap());
            });
        });
        shown.response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &self.text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_note_pushes_out_the_oldest() {
        let mut toasts = Toasts::default();
        for number in 0..5 {
            toasts.push(Tone::Info, number.to_string(), 0.0);
        }
        assert_eq!(toasts.notes.first().map(|note| note.text.as_str()), Some("1"));
        assert_eq!(toasts.notes.len(), MOST);
    }
}
