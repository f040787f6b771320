//! Painting that several controls share: the focus ring, one line of icon and text, state fills.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::{Color32, FontFamily, FontId, Galley, Pos2, Rect, Response, Stroke, StrokeKind, Ui, pos2};

use crate::palette::Palette;
use crate::theme::{Size, paint_icon};

/// The ring around what has the keyboard, one point outside the control.
pub(super) fn focus_ring(ui: &Ui, response: &Response, rounding: f32) {
    if response.has_focus() {
        focus_ring_at(ui, response.rect, rounding);
    }
}

/// The same around a rectangle of choice.
pub(super) fn focus_ring_at(ui: &Ui, rect: Rect, rounding: f32) {
    let stroke = Stroke::new(2.0, Palette::of(ui).focus);
    ui.painter()
        .rect_stroke(rect.expand(1.0), rounding + 1.0, stroke, StrokeKind::Outside);
}

/// Fill of a quiet control by state: nothing, hovered, pressed.
pub(super) fn quiet_fill(ui: &Ui, response: &Response) -> Color32 {
    let palette = Palette::of(ui);
    if response.is_pointer_button_down_on() {
        palette.pressed
    } else if response.hovered() {
        palette.hover
    } else {
        Color32::TRANSPARENT
    }
}

/// Text in body size, cut with `…` at `max_width` points.
pub(super) fn body_line(ui: &Ui, text: &str, size: Size, family: FontFamily, max_width: f32) -> Arc<Galley> {
    line(ui, text, FontId::new(size.body(), family), max_width)
}

/// One line of text in placeholder colour, cut with `…` at `max_width` points.
pub(super) fn line(ui: &Ui, text: &str, font: FontId, max_width: f32) -> Arc<Galley> {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, Color32::PLACEHOLDER);
    job.wrap.max_width = max_width;
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    ui.painter().layout_job(job)
}

/// An icon before a line of text.
pub(super) struct IconLine {
    pub(super) icon: Option<String>,
    pub(super) icon_points: f32,
    pub(super) gap: f32,
    pub(super) galley: Arc<Galley>,
}

impl IconLine {
    /// Width in points, without padding.
    pub(super) fn width(&self) -> f32 {
        let icon = if self.icon.is_some() { self.icon_points } else { 0.0 };
        let gap = if self.icon.is_some() && self.galley.rect.width() > 0.0 {
            self.gap
        } else {
            0.0
        };
        icon + gap + self.galley.rect.width()
    }

    /// Paints the line with its leading edge at `left`, centred vertically in `rect`.
    pub(super) fn paint(&self, ui: &Ui, rect: Rect, left: f32, color: Color32) {
        let mut x = left;
        if let Some(icon) = &self.icon {
            let square = Rect::from_center_size(
                pos2(x + self.icon_points / 2.0, rect.center().y),
                egui::Vec2::splat(self.icon_points),
            );
            paint_icon(ui, square, icon, self.icon_points, color);
            x += self.icon_points + self.gap;
        }
        paint_galley(ui, pos2(x, rect.center().y), &self.galley, color);
    }
}

/// Paints a galley with its leading edge at `left_middle`, on whole pixels.
pub(super) fn paint_galley(ui: &Ui, left_middle: Pos2, galley: &Arc<Galley>, color: Color32) {
    let corner = pos2(left_middle.x, left_middle.y - galley.rect.height() / 2.0);
    ui.painter()
        .galley(corner.round_to_pixels(ui.pixels_per_point()), galley.clone(), color);
}
