//! Frames, headings, and what to show when there is nothing to show.

use egui::{Align, Frame, InnerResponse, Layout, Margin, Rect, Response, Stroke, Ui, vec2};

use super::button::Button;
use crate::palette::Palette;
use crate::theme::{self, CARD_ROUNDING, Size};

/// A rounded surface with a hairline edge around its contents.
pub fn card<R>(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let palette = Palette::of(ui);
    let margin = match Size::of(ui) {
        Size::Dense => Margin::same(12),
        Size::Comfortable => Margin::same(16),
    };
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.line))
        .corner_radius(CARD_ROUNDING)
        .inner_margin(margin)
        .show(ui, add_contents)
}

/// The heading of a section inside a panel: semibold, body size.
pub fn section_title(ui: &mut Ui, text: &str) -> Response {
    ui.label(theme::strong(text))
}

/// A hairline across the space there is, taking one point.
pub fn hairline(ui: &mut Ui) {
    // While a menu finds its size, what it offers is more than it needs.
    let width = if ui.is_sizing_pass() { 0.0 } else { ui.available_width() };
    let (rect, _) = ui.allocate_exact_size(vec2(width, 1.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 0.0, Palette::of(ui).line);
}

/// A view without contents: a large quiet icon, what this is, what to do, perhaps a button.
#[derive(Clone, Debug)]
#[must_use = "show it with .show(ui)"]
pub struct EmptyState<'a> {
    icon: &'a str,
    title: &'a str,
    text: Option<&'a str>,
    action: Option<(&'a str, &'a str)>,
}

impl<'a> EmptyState<'a> {
    /// An icon and a title.
    pub fn new(icon: &'a str, title: &'a str) -> Self {
        Self {
            icon,
            title,
            text: None,
            action: None,
        }
    }

    /// A sentence below.
    pub fn text(mut self, text: &'a str) -> Self {
        self.text = Some(text);
        self
    }

    /// A button below: icon and text.
    pub fn action(mut self, icon: &'a str, text: &'a str) -> Self {
        self.action = Some((icon, text));
        self
    }

    /// Paints it in the middle of the space there is; true when the button was pressed.
    pub fn show(self, ui: &mut Ui) -> bool {
        let space = ui.available_rect_before_wrap();
        let height = 72.0 + if self.text.is_some() { 24.0 } else { 0.0 } + if self.action.is_some() { 44.0 } else { 0.0 };
        let width = space.width().min(360.0);
        let rect = if space.height().is_finite() && space.height() > height {
            Rect::from_center_size(space.center(), vec2(width, height))
        } else {
            Rect::from_min_size(egui::pos2(space.center().x - width / 2.0, space.top()), vec2(width, height))
        };
        let builder = egui::UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Center));
        ui.scope_builder(builder, |ui| {
            let palette = Palette::of(ui);
            ui.spacing_mut().item_spacing.y = 8.0;
            ui.label(theme::icon(self.icon, 32.0).color(palette.secondary));
            ui.label(theme::title(self.title));
            if let Some(text) = self.text {
                ui.add(egui::Label::new(egui::RichText::new(text).color(palette.secondary)).wrap());
            }
            self.action.is_some_and(|(icon, text)| {
                ui.add_space(4.0);
                ui.add(Button::secondary(text).icon(icon)).clicked()
            })
        })
        .inner
    }
}
