//! A text field under its visible label, with help or an error below it.

use egui::{Id, KeyboardShortcut, Response, TextEdit, Ui};

use super::button::Button;
use super::tooltip::tooltip;
use crate::palette::{Palette, Tone};
use crate::theme::{self, Size};

/// One line (or several) of text to type. Show it with [`TextField::show`].
#[must_use = "show it with .show(ui)"]
pub struct TextField<'a> {
    label: &'a str,
    value: &'a mut String,
    hint: &'a str,
    help: Option<&'a str>,
    error: Option<&'a str>,
    id: Option<Id>,
    reveal: Option<(&'a str, &'a str)>,
    width: f32,
    rows: usize,
    char_limit: usize,
    password: bool,
    mono: bool,
    hide_label: bool,
    icon: Option<&'a str>,
    shortcut: Option<KeyboardShortcut>,
}

impl<'a> TextField<'a> {
    /// A field for `value` under `label`.
    pub fn new(label: &'a str, value: &'a mut String) -> Self {
        Self {
            label,
            value,
            hint: "",
            help: None,
            error: None,
            id: None,
            reveal: None,
            width: f32::INFINITY,
            rows: 1,
            char_limit: usize::MAX,
            password: false,
            mono: false,
            hide_label: false,
            icon: None,
            shortcut: None,
        }
    }

    /// Shown in the empty field.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// A line of help below.
    pub fn help(mut self, help: &'a str) -> Self {
        self.help = Some(help);
        self
    }

    /// What is wrong, below and as a red edge. Replaces the help.
    pub fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// An id of one's own, to move the focus to it.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Hides what is typed, with a button to show it; the two words name that button.
    pub fn password(mut self, show: &'a str, hide: &'a str) -> Self {
        self.password = true;
        self.reveal = Some((show, hide));
        self
    }

    /// Width in points; all there is by default.
    pub fn width(mut self, points: f32) -> Self {
        self.width = points;
        self
    }

    /// Several lines.
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// At most so many characters.
    pub fn char_limit(mut self, characters: usize) -> Self {
        self.char_limit = characters;
        self
    }

    /// In the code typeface.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// No visible label (a search box); it is still read aloud.
    pub fn hide_label(mut self) -> Self {
        self.hide_label = true;
        self
    }

    /// An icon inside, before the text.
    pub fn icon(mut self, glyph: &'a str) -> Self {
        self.icon = Some(glyph);
        self
    }

    /// The shortcut that leads here, named in the tooltip. The field does not listen to it.
    pub fn shortcut(mut self, shortcut: KeyboardShortcut) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    /// Paints it; the response is the text edit's (`changed`, `lost_focus`, …).
    pub fn show(self, ui: &mut Ui) -> Response {
        let width = self.width.min(ui.available_width());
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 4.0;
            let label = (!self.hide_label).then(|| {
                let text = egui::RichText::new(self.label).size(Size::of(ui).small() + 1.0);
                ui.label(text.color(Palette::of(ui).secondary))
            });
            let (help, error) = (self.help, self.error);
            let (label_text, shortcut) = (self.label, self.shortcut);
            let response = self.edit(ui, width);
            let response = match label {
                Some(label) => response.labelled_by(label.id),
                None => response.accessible_name(label_text),
            };
            below(ui, &response, help, error);
            match shortcut {
                Some(_) => tooltip(response, label_text, shortcut),
                None => response,
            }
        })
        .inner
    }

    fn edit(self, ui: &mut Ui, width: f32) -> Response {
        let palette = Palette::of(ui);
        let size = Size::of(ui);
        let id = self.id.unwrap_or_else(|| ui.make_persistent_id(("text-field", self.label)));
        let shown_id = id.with("shown");
        let mut shown = self.password && ui.data(|data| data.get_temp(shown_id).unwrap_or(false));
        if self.error.is_some() {
            let edge = palette.tone(Tone::Error).text;
            let widgets = &mut ui.visuals_mut().widgets;
            widgets.inactive.bg_stroke.color = edge;
            widgets.hovered.bg_stroke.color = edge;
        }
        let edit = if self.rows > 1 {
            TextEdit::multiline(self.value)
        } else {
            TextEdit::singleline(self.value)
        };
        let edit = edit
            .id(id)
            .hint_text(self.hint)
            .password(self.password && !shown)
            .char_limit(self.char_limit)
            .desired_rows(self.rows)
            .desired_width(if self.reveal.is_some() {
                width - size.height() - 4.0
            } else {
                width
            });
        let edit = match self.icon {
            Some(glyph) => edit.prefix(theme::icon(glyph, size.icon()).color(palette.secondary)),
            None => edit,
        };
        let edit = if self.mono { edit.font(egui::TextStyle::Monospace) } else { edit };
        let Some((show, hide)) = self.reveal else {
            return ui.add(edit);
        };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let response = ui.add(edit);
            let (glyph, label) = if shown {
                (crate::icons::EYE_SLASH, hide)
            } else {
                (crate::icons::EYE, show)
            };
            if ui.add(Button::icon_alone(glyph, label)).clicked() {
                shown = !shown;
                ui.data_mut(|data| data.insert_temp(shown_id, shown));
            }
            response
        })
        .inner
    }
}

pub(super) fn below(ui: &mut Ui, response: &Response, help: Option<&str>, error: Option<&str>) {
    let palette = Palette::of(ui);
    let (text, color) = match (error, help) {
        (Some(error), _) => (error, palette.tone(Tone::Error).text),
        (None, Some(help)) => (help, palette.secondary),
        (None, None) => return,
    };
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_description(text);
        if error.is_some() {
            node.set_invalid(egui::accesskit::Invalid::True);
        }
    });
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if error.is_some() {
            ui.label(theme::icon(crate::icons::WARNING_CIRCLE, Size::of(ui).small() + 2.0).color(color));
        }
        ui.add(egui::Label::new(egui::RichText::new(text).small().color(color)).wrap());
    });
}
