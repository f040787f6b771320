//! The strip of figures below a picture: path, round trip, rate, frames, the exact mark.

use egui::{
    Align, FontFamily, FontId, Frame, Layout, Margin, Popup, PopupCloseBehavior, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::paint::{focus_ring, line, paint_galley, quiet_fill};
use super::status::paint_dot;
use crate::icons;
use crate::palette::{Palette, Tone};
use crate::theme::{Size, paint_icon};

/// Cells on one line, with hairlines between. Made by [`StatusStrip::show`].
pub struct StatusStrip<'u> {
    ui: &'u mut Ui,
    first: bool,
}

impl std::fmt::Debug for StatusStrip<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StatusStrip").finish_non_exhaustive()
    }
}

impl StatusStrip<'_> {
    /// Paints the strip across the space there is and lets `cells` fill it.
    pub fn show(ui: &mut Ui, cells: impl FnOnce(&mut StatusStrip<'_>)) {
        let palette = Palette::of(ui);
        Frame::new()
            .fill(palette.canvas)
            .inner_margin(Margin::symmetric(4, 0))
            .show(ui, |ui| {
                let size = vec2(ui.available_width(), height(ui));
                ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_size(size);
                    ui.spacing_mut().item_spacing.x = 0.0;
                    cells(&mut StatusStrip { ui, first: true });
                });
            });
    }

    /// A figure; `label` is what it is, read aloud and in the tooltip.
    pub fn cell(&mut self, label: &str, value: &str) -> Response {
        self.any(None, label, value)
    }

    /// A figure that keeps the room of the widest of its kind, so that what follows stays where it is.
    pub fn cell_for(&mut self, label: &str, value: &str, widest: &str) -> Response {
        self.sensing(None, label, &[value, widest], Sense::hover())
    }

    /// A state's shape and word.
    pub fn tone_cell(&mut self, tone: Tone, label: &str, value: &str) -> Response {
        self.any(Some(tone), label, value)
    }

    /// A state's shape and word that opens into more. The first of `values` is shown, with the room of the widest.
    pub fn menu_cell_for(&mut self, tone: Tone, label: &str, values: [&str; 2], add_contents: impl FnOnce(&mut Ui)) -> Response {
        let response = self.sensing(Some(tone), label, &values, Sense::click());
        response
            .ctx
            .accesskit_node_builder(response.id, |node| node.set_has_popup(egui::accesskit::HasPopup::Dialog));
        Popup::menu(&response)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .gap(4.0)
            .show(|ui| {
                Frame::new().inner_margin(Margin::same(8)).show(ui, add_contents);
            });
        response
    }

    /// True when the rest of the line has room for a figure.
    pub fn fits(&self, value: &str) -> bool {
        let ui = &*self.ui;
        let font = FontId::new(Size::of(ui).small(), FontFamily::Proportional);
        16.0 + line(ui, value, font, f32::INFINITY).rect.width() <= ui.available_width()
    }

    /// True when the rest of the line has room for these figures and, after them, for the word of a state that opens into more, each with the widest
    /// of its kind, and for what stands at the trailing edge, if anything does.
    pub fn fits_all(&self, values: &[[&str; 2]], opening: [&str; 2], trailing: Option<&str>) -> bool {
        let ui = &*self.ui;
        let font = FontId::new(Size::of(ui).small(), FontFamily::Proportional);
        let width_of = |values: [&str; 2]| 16.0 + widest(ui, &values, &font);
        let figures: f32 = values.iter().copied().map(width_of).sum();
        // Its shape and its caret take 14 points each.
        let trailing = trailing.map_or(0.0, |value| width_of([value; 2]));
        figures + width_of(opening) + 28.0 + trailing <= ui.available_width()
    }

    /// The rest of the line, laid out from the trailing edge.
    pub fn trailing(&mut self, add_contents: impl FnOnce(&mut Ui)) {
        self.ui.with_layout(Layout::right_to_left(Align::Center), add_contents);
    }

    fn any(&mut self, tone: Option<Tone>, label: &str, value: &str) -> Response {
        self.sensing(tone, label, &[value], Sense::hover())
    }

    /// A cell that shows the first of `values` in the room of the widest of them.
    fn sensing(&mut self, tone: Option<Tone>, label: &str, values: &[&str], sense: Sense) -> Response {
        let ui = &mut *self.ui;
        let palette = Palette::of(ui);
        let font = FontId::new(Size::of(ui).small(), FontFamily::Proportional);
        let value = values.first().copied().unwrap_or_default();
        let room = widest(ui, values, &font);
        let galley = line(ui, value, font, f32::INFINITY);
        let lead = if tone.is_some() { 14.0 } else { 0.0 };
        let opens = sense.senses_click();
        let tail = if opens { 14.0 } else { 0.0 };
        let wanted = vec2(16.0 + lead + room + tail, height(ui));
        let (rect, response) = ui.allocate_exact_size(wanted, sense);
        let role = if opens { Role::Button } else { Role::Label };
        response.widget_info(|| WidgetInfo::labeled(role, true, format!("{label}: {value}")));
        if opens {
            ui.painter().rect_filled(rect, 0.0, quiet_fill(ui, &response));
            focus_ring(ui, &response, 0.0);
        }
        if !self.first {
            ui.painter()
                .vline(rect.left(), rect.shrink2(vec2(0.0, 6.0)).y_range(), (1.0, palette.line));
        }
        self.first = false;
        let x = rect.left() + 8.0;
        if let Some(tone) = tone {
            let square = Rect::from_center_size(pos2(x + 4.0, rect.center().y), egui::Vec2::splat(8.0));
            paint_dot(ui, square, tone, palette.tone(tone).text);
        }
        let color = tone.map_or(palette.secondary, |tone| palette.tone(tone).text);
        paint_galley(ui, pos2(x + lead, rect.center().y), &galley, color);
        if opens {
            let end = x + lead + galley.rect.width();
            let caret = Rect::from_center_size(pos2(end + 10.0, rect.center().y), egui::Vec2::splat(10.0));
            // Towards where there is room.
            let is_above = rect.center().y < ui.ctx().content_rect().center().y;
            let glyph = if is_above { icons::CARET_DOWN } else { icons::CARET_UP };
            paint_icon(ui, caret, glyph, 10.0, color);
        }
        response.on_hover_text(label)
    }
}

/// Width of the widest of these on one line.
fn widest(ui: &Ui, values: &[&str], font: &FontId) -> f32 {
    let widths = values.iter().map(|value| line(ui, value, font.clone(), f32::INFINITY).rect.width());
    widths.fold(0.0, f32::max)
}

fn height(ui: &Ui) -> f32 {
    Size::of(ui).small() + 13.0
}
