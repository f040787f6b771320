//! Long work: what it is, how far, what is left, and a way to stop it.

use egui::{Align, Layout, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::button::IconButton;
use crate::icons;
use crate::palette::Palette;
use crate::theme;

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
        let mut cancelled = false;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            cancelled = self
                .cancel
                .is_some_and(|label| ui.add(IconButton::new(icons::X, label)).clicked());
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                    ui.label(theme::secondary(ui, self.left));
                    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                        ui.add(egui::Label::new(self.label).truncate());
                    });
                });
                self.bar(ui);
            });
        });
        cancelled
    }

    fn bar(&self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
        let info = || WidgetInfo {
            value: self.part.map(f64::from),
            ..WidgetInfo::labeled(Role::ProgressIndicator, true, self.label)
        };
        response.widget_info(info);
        ui.painter().rect_filled(rect, 2.0, palette.pressed);
        // Without a known part a third stands still: moving it would repaint the window for nothing.
        let part = self.part.unwrap_or(0.33).clamp(0.0, 1.0);
        let done = Rect::from_min_size(rect.min, vec2(rect.width() * part, rect.height()));
        ui.painter().rect_filled(done, 2.0, palette.accent);
    }
}
