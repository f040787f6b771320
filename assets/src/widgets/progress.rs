//! Long work: what it is, how far, what is left.

use std::time::Duration;

use egui::{FontFamily, FontId, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::paint::{line, paint_galley};
use crate::palette::Palette;
use crate::theme::Size;

/// Where nobody knows how much is done, a part of the rail this large goes round.
const TRAVELLER: f32 = 0.25;
/// So many places has a round.
const PLACES: u32 = 16;
/// Steps of a round come no faster: each is a frame, and on software OpenGL a frame costs tens of milliseconds.
const STEP: Duration = Duration::from_millis(200);

/// A labelled bar. Show it with [`Progress::show`].
#[derive(Clone, Debug)]
#[must_use = "show it with .show(ui)"]
pub struct Progress<'a> {
    label: &'a str,
    left: &'a str,
    part: Option<f32>,
}

impl<'a> Progress<'a> {
    /// Work called `label`, of which `part` (0 to 1) is done; `None` when nobody knows.
    pub fn new(label: &'a str, part: Option<f32>) -> Self {
        Self { label, left: "", part }
    }

    /// What is left: "1.2 MB, 4 s".
    pub fn left(mut self, left: &'a str) -> Self {
        self.left = left;
        self
    }

    /// Paints it over the width there is.
    pub fn show(self, ui: &mut Ui) {
        let size = Size::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size.height()), Sense::hover());
        response.widget_info(|| WidgetInfo {
            value: self.part.map(f64::from),
            ..WidgetInfo::labeled(Role::ProgressIndicator, true, self.label)
        });
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect, size);
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, size: Size) {
        let palette = Palette::of(ui);
        let middle = rect.center().y - 3.0;
        let left = line(
            ui,
            self.left,
            FontId::new(size.small(), FontFamily::Proportional),
            rect.width() / 2.0,
        );
        let room = rect.width() - left.rect.width() - 8.0;
        let label = line(ui, self.label, FontId::new(size.body(), FontFamily::Proportional), room);
        paint_galley(ui, pos2(rect.left(), middle), &label, palette.text);
        paint_galley(ui, pos2(rect.right() - left.rect.width(), middle), &left, palette.secondary);
        let rail = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 5.0), pos2(rect.right(), rect.bottom() - 1.0));
        ui.painter().rect_filled(rail, 2.0, palette.pressed);
        let (from, to) = match self.part {
            Some(part) => (0.0, part.clamp(0.0, 1.0)),
            None => {
                // What stands still looks like work that is stuck, and a part that is filled like work of which so much is done.
                ui.ctx().request_repaint_after(STEP);
                travelled(ui.input(|input| input.time))
            }
        };
        let along = |part: f32| rail.left() + rail.width() * part;
        let done = Rect::from_x_y_ranges(along(from)..=along(to), rail.y_range());
        ui.painter().rect_filled(done, 2.0, palette.accent);
    }
}

/// Where the traveller is at a time in seconds, as parts of the rail: it comes in at one end and leaves at the other.
fn travelled(seconds: f64) -> (f32, f32) {
    let steps = (seconds.max(0.0) / STEP.as_secs_f64()) as u64 % u64::from(PLACES);
    let end = (steps + 1) as f32 / (PLACES + 1) as f32 * (1.0 + TRAVELLER);
    ((end - TRAVELLER).max(0.0), end.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_unknown_length_moves_and_is_always_to_be_seen() {
        let places: Vec<(f32, f32)> = (0..PLACES).map(|step| travelled(f64::from(step) * 0.2 + 0.1)).collect();
        for (from, to) in &places {
            assert!(0.0 <= *from && from < to && *to <= 1.0, "{places:?}");
        }
        assert!(places.windows(2).all(|pair| pair[0] != pair[1]), "{places:?}");
        assert_eq!(travelled(0.1), travelled(0.1 + 0.2 * f64::from(PLACES)), "it goes round");
    }
}
