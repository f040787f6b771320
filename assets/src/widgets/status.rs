//! Status as dot and word. Each tone has a shape of its own, so that it can be told without colour.

use egui::{Color32, FontFamily, FontId, Rect, Response, Role, Sense, Shape, Stroke, Ui, Widget, WidgetInfo, pos2, vec2};

use super::paint::{line, paint_galley};
use crate::palette::{Palette, Tone};
use crate::theme::Size;

/// Width of the shape, in points.
const DOT: f32 = 8.0;

/// A rounded label of dot and text.
#[derive(Clone, Debug)]
#[must_use = "add it with ui.add"]
pub struct StatusPill<'a> {
    tone: Tone,
    text: &'a str,
    plain: bool,
}

impl<'a> StatusPill<'a> {
    /// A pill of a meaning.
    pub fn new(tone: Tone, text: &'a str) -> Self {
        Self { tone, text, plain: false }
    }

    /// Without fill, for rows of a table.
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }
}

impl Widget for StatusPill<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let size = Size::of(ui);
        let colors = Palette::of(ui).tone(self.tone);
        let points = if self.plain { size.body() } else { size.small() + 1.0 };
        let padding = if self.plain { 0.0 } else { 8.0 };
        let font = FontId::new(points, FontFamily::Proportional);
        let room = (ui.available_width() - DOT - 6.0 - 2.0 * padding).max(16.0);
        // A pill says something whole: where there is no room for it in one line, it takes two.
        let galley = if self.plain {
            line(ui, self.text, font, room)
        } else {
            ui.painter().layout(self.text.to_owned(), font, colors.text, room)
        };
        let rows = galley.rows.len().max(1);
        let height = match (self.plain, rows) {
            (true, _) => galley.rect.height(),
            (false, 1) => points + 9.0,
            (false, _) => galley.rect.height() + 8.0,
        };
        let wanted = vec2(DOT + 6.0 + galley.rect.width() + 2.0 * padding, height);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.text));
        if ui.is_rect_visible(rect) {
            if !self.plain {
                ui.painter()
                    .rect_filled(rect, (rect.height() / 2.0).min((points + 9.0) / 2.0), colors.background);
            }
            let first = if rows == 1 {
                rect.center().y
            } else {
                rect.top() + (points + 9.0) / 2.0
            };
            let center = pos2(rect.left() + padding + DOT / 2.0, first);
            paint_dot(ui, Rect::from_center_size(center, egui::Vec2::splat(DOT)), self.tone, colors.text);
            paint_galley(ui, pos2(rect.left() + padding + DOT + 6.0, rect.center().y), &galley, colors.text);
        }
        if galley.elided {
            return response.on_hover_text(self.text);
        }
        response
    }
}

/// The shape alone, for tabs; `label` is read aloud.
pub fn status_dot(ui: &mut Ui, tone: Tone, label: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(DOT, DOT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label));
    paint_dot(ui, rect, tone, Palette::of(ui).tone(tone).text);
    response
}

/// Disc: active. Ring: waiting. Two bars: hold. Triangle: transferring. Cross: error. Square: info.
/// Dash: neutral.
pub(super) fn paint_dot(ui: &Ui, rect: Rect, tone: Tone, color: Color32) {
    let painter = ui.painter();
    let (center, radius) = (rect.center(), rect.width() / 2.0);
    let stroke = Stroke::new(2.0, color);
    match tone {
        Tone::Active => {
            painter.circle_filled(center, radius, color);
        }
        Tone::Waiting => {
            painter.circle_stroke(center, radius - 1.0, stroke);
        }
        Tone::Hold => {
            for x in [rect.left() + 1.0, rect.right() - 3.0] {
                let bar = Rect::from_min_max(pos2(x, rect.top()), pos2(x + 2.0, rect.bottom()));
                painter.rect_filled(bar, 0.5, color);
            }
        }
        Tone::Transferring => {
            let points = vec![
                rect.left_top() + vec2(1.0, 0.0),
                rect.right_center(),
                rect.left_bottom() + vec2(1.0, 0.0),
            ];
            painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
        }
        Tone::Error => {
            let inner = rect.shrink(1.0);
            painter.line_segment([inner.left_top(), inner.right_bottom()], stroke);
            painter.line_segment([inner.right_top(), inner.left_bottom()], stroke);
        }
        Tone::Info => {
            painter.rect_filled(rect.shrink(1.0), 1.0, color);
        }
        Tone::Neutral => {
            painter.hline(rect.x_range(), center.y, stroke);
        }
    }
}
