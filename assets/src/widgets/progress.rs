//! Long work: what it is, how far, what is left, and a way to stop it.

use egui::{FontFamily, FontId, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::button::Button;
use super::paint::{line, paint_galley};
use crate::icons;
use crate::palette::Palette;
use crate::theme::Size;

/// A labelled bar. Show it with [`Progress::show`].
#[derive(Clone, Debug)]
#[must_use = "show it with .show(ui)"]
pub struct Progress<'a> {
    label: &'a str,
    left: &'a str,
    part: Option<f32>,
    cancel: Option<&'a str>,
}

impl<'a> Progress<'a> {
    /// Work called `label`, of which `part` (0 to 1) is done; `None` when nobody knows.
    pub fn new(label: &'a str, part: Option<f32>) -> Self {
        Self {
            label,
            left: "",
            part,
            cancel: None,
        }
    }

    /// What is left: "1.2 MB, 4 s".
    pub fn left(mut self, left: &'a str) -> Self {
        self.left = left;
        self
    }

    /// A button that stops it, read aloud as `label`.
    pub fn cancel(mut self, label: &'a str) -> Self {
        self.cancel = Some(label);
        self
    }

    /// Paints it over the width there is; true when the work is to stop.
    pub fn show(self, ui: &mut Ui) -> bool {
        let size = Size::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size.height()), Sense::hover());
        response.widget_info(|| WidgetInfo {
            value: self.part.map(f64::from),
            ..WidgetInfo::labeled(Role::ProgressIndicator, true, self.label)
        });
        let cancelled = self.cancel.is_some_and(|label| {
            let square = Rect::from_min_max(pos2(rect.right() - size.height(), rect.top()), rect.max);
            ui.place(square, Button::icon_alone(icons::X, label)).clicked()
        });
        let end = if self.cancel.is_some() { size.height() + 4.0 } else { 0.0 };
        self.paint(ui, Rect::from_min_max(rect.min, pos2(rect.right() - end, rect.bottom())), size);
        cancelled
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
        // Without a known part a third stands still: moving it would repaint the window for nothing.
        let part = self.part.unwrap_or(0.33).clamp(0.0, 1.0);
        let done = Rect::from_min_size(rail.min, vec2(rail.width() * part, rail.height()));
        ui.painter().rect_filled(done, 2.0, palette.accent);
    }
}
