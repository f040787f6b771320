//! Buttons: primary, secondary, danger, ghost, and icons alone. All are one builder.
//!
//! A button that cannot be used stays visible and says why ([`Button::disabled_because`]): it keeps its
//! label in the accessibility tree, marked disabled and described by the reason.

use egui::{Color32, FontFamily, KeyboardShortcut, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo, vec2};

use super::paint::{IconLine, body_line, focus_ring, quiet_fill};
use super::tooltip::{reason_tooltip, tooltip};
use crate::fonts::strong_family;
use crate::palette::{Palette, Tone};
use crate::theme::{ROUNDING, Size, paint_icon};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Primary,
    Secondary,
    Danger,
    Ghost,
}

/// What is seen of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    /// Its text, and icons beside it.
    Text,
    /// The same without the text, which is read aloud and shown in the tooltip.
    Bare,
    /// Its icon alone, in a square; the text is read aloud and shown in the tooltip.
    Icon,
    /// The same, 20 points square.
    SmallIcon,
}

/// Side of a small icon alone, in points.
const SMALL: f32 = 20.0;

/// A button with text and, if wanted, an icon before it, or an icon alone. Add it with `ui.add(…)`.
#[derive(Clone, Debug)]
#[must_use = "add it with ui.add"]
pub struct Button<'a> {
    kind: Kind,
    face: Face,
    tone: Option<Tone>,
    text: &'a str,
    icon: Option<&'a str>,
    trailing_icon: Option<&'a str>,
    size: Option<Size>,
    tooltip: Option<&'a str>,
    shortcut: Option<KeyboardShortcut>,
    reason: Option<&'a str>,
    selected: Option<bool>,
    full_width: bool,
    enabled: bool,
    min_width: f32,
}

impl<'a> Button<'a> {
    fn new(kind: Kind, text: &'a str) -> Self {
        Self {
            kind,
            face: Face::Text,
            tone: None,
            text,
            icon: None,
            trailing_icon: None,
            size: None,
            tooltip: None,
            shortcut: None,
            reason: None,
            selected: None,
            full_width: false,
            enabled: true,
            min_width: 0.0,
        }
    }

    /// The one thing to do here; at most one per view.
    pub fn primary(text: &'a str) -> Self {
        Self::new(Kind::Primary, text)
    }

    /// Anything else that may be done.
    pub fn secondary(text: &'a str) -> Self {
        Self::new(Kind::Secondary, text)
    }

    /// Stops or destroys, in solid red: STOP.
    pub fn danger(text: &'a str) -> Self {
        Self::new(Kind::Danger, text)
    }

    /// Without edge or fill until the pointer is there; for toolbars.
    pub fn ghost(text: &'a str) -> Self {
        Self::new(Kind::Ghost, text)
    }

    /// A square that shows an icon alone; `label` is read aloud and shown in the tooltip.
    pub fn icon_alone(glyph: &'a str, label: &'a str) -> Self {
        Self {
            face: Face::Icon,
            icon: Some(glyph),
            ..Self::new(Kind::Ghost, label)
        }
    }

    /// Makes an icon alone 20 points square, for inside a tab or a field.
    pub fn small(mut self) -> Self {
        self.face = Face::SmallIcon;
        self
    }

    /// Leaves out the text where there is no room for it; it is read aloud and shown in the tooltip.
    pub fn bare(mut self, bare: bool) -> Self {
        if bare {
            self.face = Face::Bare;
        }
        self
    }

    /// Colours the icon of an icon alone by meaning.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }

    /// An icon of [`crate::icons`] before the text.
    pub fn icon(mut self, glyph: &'a str) -> Self {
        self.icon = Some(glyph);
        self
    }

    /// An icon after the text, such as a caret on a button that opens a menu.
    pub fn trailing_icon(mut self, glyph: &'a str) -> Self {
        self.trailing_icon = Some(glyph);
        self
    }

    /// Height and text size, where it differs from the theme's.
    pub fn size(mut self, size: Size) -> Self {
        self.size = Some(size);
        self
    }

    /// What it does, in the tooltip.
    pub fn tooltip(mut self, text: &'a str) -> Self {
        self.tooltip = Some(text);
        self
    }

    /// The shortcut named in the tooltip. The button does not listen to it.
    pub fn shortcut(mut self, shortcut: KeyboardShortcut) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    /// `Some(reason)` disables the button and shows the reason; `None` leaves it alone.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.reason = reason;
        self
    }

    /// Enabled or not, where the reason is plain to see (an empty form).
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Makes it a toggle that shows and announces its state.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// As wide as the space there is.
    pub fn full_width(mut self) -> Self {
        self.full_width = true;
        self
    }

    /// At least so wide, in points.
    pub fn min_width(mut self, points: f32) -> Self {
        self.min_width = points;
        self
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let usable = self.enabled && self.reason.is_none();
        let response = match self.face {
            Face::Text | Face::Bare => self.text_ui(ui, usable),
            Face::Icon | Face::SmallIcon => self.icon_ui(ui, usable),
        };
        focus_ring(ui, &response, f32::from(ROUNDING));
        self.with_tooltip(response)
    }
}

impl Button<'_> {
    fn allocate(&self, ui: &mut Ui, size: Vec2, usable: bool) -> Response {
        let sense = if usable { Sense::click() } else { Sense::hover() };
        let (_, response) = ui.allocate_exact_size(size, sense);
        self.describe(ui, &response, usable);
        response
    }

    /// How wide it is by itself, in points.
    pub fn natural_width(&self, ui: &Ui) -> f32 {
        let size = self.size.unwrap_or_else(|| Size::of(ui));
        match self.face {
            Face::Text | Face::Bare => {
                let width = self.content(ui, f32::INFINITY).width() + self.trailing_width(size) + 2.0 * self.padding(size);
                width.max(self.min_width)
            }
            Face::Icon => size.height(),
            Face::SmallIcon => SMALL,
        }
    }

    fn padding(&self, size: Size) -> f32 {
        match (self.face, self.kind) {
            // As wide as an icon alone.
            (Face::Bare, _) => (size.height() - size.icon()) / 2.0,
            (_, Kind::Ghost) => size.padding() * 2.0 / 3.0,
            _ => size.padding(),
        }
    }

    fn trailing_width(&self, size: Size) -> f32 {
        self.trailing_icon.map_or(0.0, |_| 4.0 + size.icon() * 0.75)
    }

    /// Icon and text, within so many points.
    fn content(&self, ui: &Ui, room: f32) -> IconLine {
        let size = self.size.unwrap_or_else(|| Size::of(ui));
        let family = if self.kind == Kind::Primary || self.kind == Kind::Danger {
            strong_family()
        } else {
            FontFamily::Proportional
        };
        let text = if self.face == Face::Bare { "" } else { self.text };
        IconLine {
            icon: self.icon.map(str::to_owned),
            icon_points: size.icon(),
            gap: 6.0,
            galley: body_line(ui, text, size, family, room),
        }
    }

    fn text_ui(&self, ui: &mut Ui, usable: bool) -> Response {
        let size = self.size.unwrap_or_else(|| Size::of(ui));
        let padding = self.padding(size);
        let room = if self.full_width {
            ui.available_width() - 2.0 * padding
        } else {
            f32::INFINITY
        };
        let content = self.content(ui, room);
        let trailing = self.trailing_width(size);
        let natural = content.width() + trailing + 2.0 * padding;
        let width = if self.full_width { ui.available_width() } else { natural }.max(self.min_width);
        let response = self.allocate(ui, vec2(width, size.height()), usable);
        let rect = response.rect;
        if ui.is_rect_visible(rect) {
            let look = look(ui, &response, self.kind, usable, self.selected == Some(true));
            ui.painter().rect(rect, ROUNDING, look.fill, look.edge, StrokeKind::Inside);
            let left = rect.center().x - (content.width() + trailing) / 2.0;
            content.paint(ui, rect, left, look.text);
            if let Some(glyph) = self.trailing_icon {
                let points = size.icon() * 0.75;
                let center = egui::pos2(left + content.width() + 4.0 + points / 2.0, rect.center().y);
                let square = egui::Rect::from_center_size(center, Vec2::splat(points));
                paint_icon(ui, square, glyph, points, look.text);
            }
        }
        response
    }

    fn icon_ui(&self, ui: &mut Ui, usable: bool) -> Response {
        let size = self.size.unwrap_or_else(|| Size::of(ui));
        let (side, points) = match self.face {
            Face::SmallIcon => (SMALL, 14.0),
            _ => (size.height(), size.icon() + 2.0),
        };
        let response = self.allocate(ui, Vec2::splat(side), usable);
        if ui.is_rect_visible(response.rect) {
            let chosen = self.selected == Some(true);
            let look = look(ui, &response, self.kind, usable, chosen);
            let color = match self.tone {
                Some(tone) if usable && !chosen => Palette::of(ui).tone(tone).text,
                _ => look.text,
            };
            ui.painter()
                .rect(response.rect, ROUNDING, look.fill, Stroke::NONE, StrokeKind::Inside);
            paint_icon(ui, response.rect, self.icon.unwrap_or_default(), points, color);
        }
        response
    }

    fn describe(&self, ui: &Ui, response: &Response, usable: bool) {
        let enabled = usable && ui.is_enabled();
        response.widget_info(|| match self.selected {
            Some(selected) => WidgetInfo::selected(Role::Button, enabled, selected, self.text),
            None => WidgetInfo::labeled(Role::Button, enabled, self.text),
        });
    }

    fn with_tooltip(&self, response: Response) -> Response {
        match (self.reason, self.tooltip, self.shortcut) {
            (Some(reason), _, _) => reason_tooltip(response, reason),
            (None, Some(text), shortcut) => tooltip(response, text, shortcut),
            (None, None, Some(shortcut)) => tooltip(response, self.text, Some(shortcut)),
            (None, None, None) if self.face != Face::Text => tooltip(response, self.text, None),
            (None, None, None) => response,
        }
    }
}

struct Look {
    fill: Color32,
    edge: Stroke,
    text: Color32,
}

fn look(ui: &Ui, response: &Response, kind: Kind, usable: bool, selected: bool) -> Look {
    let palette = Palette::of(ui);
    if !usable {
        let solid = !matches!(kind, Kind::Ghost);
        let fill = if solid { palette.sunken } else { Color32::TRANSPARENT };
        let edge = if solid { Stroke::new(1.0, palette.line) } else { Stroke::NONE };
        return Look {
            fill,
            edge,
            text: palette.disabled,
        };
    }
    let by_state = |rest, hover, pressed| {
        if response.is_pointer_button_down_on() {
            pressed
        } else if response.hovered() {
            hover
        } else {
            rest
        }
    };
    match kind {
        _ if selected => {
            let fill = by_state(palette.accent_weak, palette.accent_weak, palette.pressed);
            Look {
                fill,
                edge: Stroke::new(1.0, palette.accent),
                text: palette.accent_text,
            }
        }
        Kind::Primary => Look {
            fill: by_state(palette.accent, palette.accent_hover, palette.accent_pressed),
            edge: Stroke::NONE,
            text: palette.on_accent,
        },
        Kind::Danger => Look {
            fill: by_state(palette.danger, palette.danger_hover, palette.danger_pressed),
            edge: Stroke::NONE,
            text: palette.on_danger,
        },
        Kind::Secondary => Look {
            fill: by_state(palette.raised, palette.hover, palette.pressed),
            edge: Stroke::new(1.0, palette.edge),
            text: palette.text,
        },
        Kind::Ghost => Look {
            fill: quiet_fill(ui, response),
            edge: Stroke::NONE,
            text: palette.text,
        },
    }
}
