//! Menus: a button that opens one, and its items with icon, text and shortcut.

use egui::{FontFamily, KeyboardShortcut, Popup, PopupCloseBehavior, Response, Role, Sense, Ui, Widget, WidgetInfo, vec2};

use super::button::Button;
use super::paint::{IconLine, body_line, focus_ring, paint_galley, quiet_fill};
use super::tooltip::reason_tooltip;
use crate::icons;
use crate::palette::Palette;
use crate::theme::{Size, paint_icon};

/// Adds a button with a caret; pressing it opens a menu below. Returns the button's response.
pub fn menu_button(ui: &mut Ui, button: Button<'_>, add_items: impl FnOnce(&mut Ui)) -> Response {
    let response = ui.add(button.trailing_icon(icons::CARET_DOWN));
    response
        .ctx
        .accesskit_node_builder(response.id, |node| node.set_has_popup(egui::accesskit::HasPopup::Menu));
    Popup::menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .gap(4.0)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.set_min_width(180.0);
            add_items(ui);
        });
    response
}

/// A line of a menu. Pressing it closes the menu.
#[derive(Clone, Debug)]
#[must_use = "add it with ui.add"]
pub struct MenuItem<'a> {
    text: &'a str,
    icon: Option<&'a str>,
    shortcut: Option<KeyboardShortcut>,
    checked: Option<bool>,
    reason: Option<&'a str>,
    chosen: bool,
}

impl<'a> MenuItem<'a> {
    /// A line that says `text`.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            icon: None,
            shortcut: None,
            checked: None,
            reason: None,
            chosen: false,
        }
    }

    /// An icon before the text.
    pub fn icon(mut self, glyph: &'a str) -> Self {
        self.icon = Some(glyph);
        self
    }

    /// The shortcut shown at the end. The item does not listen to it.
    pub fn shortcut(mut self, shortcut: KeyboardShortcut) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    /// A choice that is on or off.
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = Some(checked);
        self
    }

    /// `Some(reason)` disables the item and shows the reason.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.reason = reason;
        self
    }

    /// The line that Enter would take, in a list that is walked with the arrows.
    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }

    fn glyph(&self) -> Option<&'a str> {
        match self.checked {
            Some(true) => Some(icons::CHECK),
            Some(false) => None,
            None => self.icon,
        }
    }
}

impl Widget for MenuItem<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let size = Size::of(ui);
        let palette = Palette::of(ui);
        let usable = self.reason.is_none();
        let text = body_line(ui, self.text, size, FontFamily::Proportional, f32::INFINITY);
        let keys = self.shortcut.map(|keys| ui.ctx().format_shortcut(&keys)).unwrap_or_default();
        let keys = body_line(ui, &keys, size, FontFamily::Proportional, f32::INFINITY);
        let lead = size.icon() + 8.0;
        let wanted = 16.0 + lead + text.rect.width() + keys.rect.width() + if keys.is_empty() { 0.0 } else { 24.0 };
        // While a menu finds its size, what it offers is more than it needs.
        let width = if ui.is_sizing_pass() {
            wanted
        } else {
            wanted.max(ui.available_width())
        };
        let sense = if usable { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(width, size.height()), sense);
        let enabled = usable && ui.is_enabled();
        response.widget_info(|| match self.checked {
            Some(checked) => WidgetInfo::selected(Role::MenuItemCheckBox, enabled, checked, self.text),
            None => WidgetInfo::labeled(Role::MenuItem, enabled, self.text),
        });
        if ui.is_rect_visible(rect) {
            let color = if usable { palette.text } else { palette.disabled };
            if self.chosen {
                ui.painter().rect_filled(rect, 4.0, palette.accent_weak);
            } else if usable {
                ui.painter().rect_filled(rect, 4.0, quiet_fill(ui, &response));
            }
            if let Some(glyph) = self.glyph() {
                let center = egui::pos2(rect.left() + 8.0 + size.icon() / 2.0, rect.center().y);
                let square = egui::Rect::from_center_size(center, egui::Vec2::splat(size.icon()));
                paint_icon(ui, square, glyph, size.icon(), color);
            }
            let words = IconLine {
                icon: None,
                icon_points: 0.0,
                gap: 0.0,
                galley: text,
            };
            words.paint(ui, rect, rect.left() + 8.0 + lead, color);
            let right = rect.right() - 8.0 - keys.rect.width();
            paint_galley(ui, egui::pos2(right, rect.center().y), &keys, palette.secondary);
            focus_ring(ui, &response, 4.0);
        }
        match self.reason {
            Some(reason) => reason_tooltip(response, reason),
            None => response,
        }
    }
}
