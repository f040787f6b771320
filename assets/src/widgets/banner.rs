//! A quiet strip across a view that says what is wrong and what happens next.

use egui::{Align, Frame, Layout, Margin, Response, Role, Ui, WidgetInfo};

use super::button::Button;
use crate::icons;
use crate::palette::{Palette, Tone};
use crate::theme::{self, CARD_ROUNDING, Size};

/// Information, warning or error, with detail (a countdown, who refused and why) and an action.
#[derive(Clone, Debug)]
#[must_use = "show it with .show(ui)"]
pub struct Banner<'a> {
    tone: Tone,
    icon: &'a str,
    text: &'a str,
    detail: Option<&'a str>,
    action: Option<&'a str>,
    action_enabled: bool,
    dismiss: Option<&'a str>,
    square: bool,
}

/// What was pressed on a [`Banner`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BannerOutput {
    /// The action's button.
    pub action: bool,
    /// The button that closes it.
    pub dismissed: bool,
}

impl<'a> Banner<'a> {
    fn new(tone: Tone, icon: &'a str, text: &'a str) -> Self {
        Self {
            tone,
            icon,
            text,
            detail: None,
            action: None,
            action_enabled: true,
            dismiss: None,
            square: false,
        }
    }

    /// Something to know.
    pub fn info(text: &'a str) -> Self {
        Self::new(Tone::Info, icons::INFO, text)
    }

    /// Something that may pass: a link being restored.
    pub fn warning(text: &'a str) -> Self {
        Self::new(Tone::Waiting, icons::WARNING, text)
    }

    /// Something that failed.
    pub fn error(text: &'a str) -> Self {
        Self::new(Tone::Error, icons::WARNING_CIRCLE, text)
    }

    /// Something that worked.
    pub fn success(text: &'a str) -> Self {
        Self::new(Tone::Active, icons::CHECK_CIRCLE, text)
    }

    /// More, behind or below the text: "Next try in 4 s".
    pub fn detail(mut self, detail: &'a str) -> Self {
        self.detail = Some(detail);
        self
    }

    /// A button at the end.
    pub fn action(mut self, text: &'a str) -> Self {
        self.action = Some(text);
        self
    }

    /// Whether the action's button can be pressed yet, where its text says why not.
    pub fn action_enabled(mut self, enabled: bool) -> Self {
        self.action_enabled = enabled;
        self
    }

    /// A button that closes it, read aloud as `label`.
    pub fn dismissible(mut self, label: &'a str) -> Self {
        self.dismiss = Some(label);
        self
    }

    /// Another icon.
    pub fn icon(mut self, glyph: &'a str) -> Self {
        self.icon = glyph;
        self
    }

    /// Without rounded corners, for the full width of a panel.
    pub fn square(mut self) -> Self {
        self.square = true;
        self
    }

    /// Paints it over the whole width there is.
    pub fn show(self, ui: &mut Ui) -> BannerOutput {
        let colors = Palette::of(ui).tone(self.tone);
        let rounding = if self.square { 0 } else { CARD_ROUNDING };
        let frame = Frame::new()
            .fill(colors.background)
            .stroke(egui::Stroke::new(1.0, if self.square { colors.background } else { colors.edge }))
            .corner_radius(rounding)
            .inner_margin(Margin::symmetric(12, 6));
        let mut output = BannerOutput::default();
        let shown = frame.show(ui, |ui| {
            let height = Size::of(ui).height();
            ui.allocate_ui_with_layout(
                egui::vec2(ui.available_width(), height),
                Layout::right_to_left(Align::Center),
                |ui| {
                    ui.set_min_height(height);
                    output = self.buttons(ui);
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.words(ui));
                },
            );
        });
        announce(&shown.response, self.tone, self.text, self.detail);
        output
    }

    fn buttons(&self, ui: &mut Ui) -> BannerOutput {
        let dismissed = self
            .dismiss
            .is_some_and(|label| ui.add(Button::icon_alone(icons::X, label).tone(self.tone)).clicked());
        let action = self
            .action
            .is_some_and(|text| ui.add(Button::secondary(text).enabled(self.action_enabled)).clicked());
        BannerOutput { action, dismissed }
    }

    fn words(&self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        let color = palette.tone(self.tone).text;
        ui.label(theme::icon(self.icon, Size::of(ui).icon() + 2.0).color(color));
        let title = egui::Label::new(theme::strong(self.text).color(color)).wrap();
        let Some(detail) = self.detail else {
            ui.add(title);
            return;
        };
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add(title);
            ui.add(egui::Label::new(egui::RichText::new(detail).color(palette.text)).wrap());
        });
    }
}

fn announce(response: &Response, tone: Tone, text: &str, detail: Option<&str>) {
    let all = detail.map_or_else(|| text.to_owned(), |detail| format!("{text}. {detail}"));
    let role = if tone == Tone::Error { Role::Alert } else { Role::Status };
    response.widget_info(|| WidgetInfo::labeled(role, true, &all));
}
