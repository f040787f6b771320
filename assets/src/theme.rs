//! One theme for both applications: installs fonts, sizes, spacing and every widget state, light and
//! dark, following the system. A 4-px grid; 13 px body, 11 px secondary, 16 px titles in the console,
//! larger in the applet. The text cursor does not blink: each blink would repaint the window, and on
//! software OpenGL a repaint costs tens of milliseconds.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::style::{ScrollAnimation, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, RichText, Stroke, Style, TextStyle, ThemePreference, Ui, Vec2, Visuals,
    vec2,
};

use crate::fonts::{definitions, icon_family, strong_family};
use crate::palette::Palette;

/// One step of the grid, in points.
pub const GRID: f32 = 4.0;
/// Rounding of buttons and fields, in points.
pub const ROUNDING: u8 = 6;
/// Rounding of cards, menus and windows, in points.
pub const CARD_ROUNDING: u8 = 8;

/// How much room controls take: dense for people who live in it, comfortable for who sees it once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// Console: buttons 28 points high, body 13.
    #[default]
    Dense,
    /// Applet: buttons 40 points high, body 15.
    Comfortable,
}

impl Size {
    /// The size this `Ui`'s theme was installed with.
    #[must_use]
    pub fn of(ui: &Ui) -> Self {
        let body = ui.style().text_styles.get(&TextStyle::Body).map_or(13.0, |font| font.size);
        if body > 14.0 { Self::Comfortable } else { Self::Dense }
    }

    /// Least height of a button or field, in points.
    #[must_use]
    pub fn height(self) -> f32 {
        match self {
            Self::Dense => 28.0,
            Self::Comfortable => 40.0,
        }
    }

    /// Body text, in points.
    #[must_use]
    pub fn body(self) -> f32 {
        match self {
            Self::Dense => 13.0,
            Self::Comfortable => 15.0,
        }
    }

    /// Secondary text, in points.
    #[must_use]
    pub fn small(self) -> f32 {
        match self {
            Self::Dense => 11.0,
            Self::Comfortable => 13.0,
        }
    }

    /// Titles, in points.
    #[must_use]
    pub fn title(self) -> f32 {
        match self {
            Self::Dense => 16.0,
            Self::Comfortable => 20.0,
        }
    }

    /// Icons inside controls, in points.
    #[must_use]
    pub fn icon(self) -> f32 {
        match self {
            Self::Dense => 16.0,
            Self::Comfortable => 20.0,
        }
    }

    /// Space between the edge of a button and its text, in points.
    #[must_use]
    pub fn padding(self) -> f32 {
        match self {
            Self::Dense => 12.0,
            Self::Comfortable => 20.0,
        }
    }
}

/// Installs the look into an egui context.
pub struct Theme;

impl Theme {
    /// The console's theme: dense, following the system's light or dark.
    pub fn install(ctx: &Context) {
        Self::install_with(ctx, Size::Dense);
    }

    /// The theme in a size of choice. Call once, before the first frame.
    pub fn install_with(ctx: &Context, size: Size) {
        ctx.set_fonts(definitions());
        ctx.set_theme(ThemePreference::System);
        for theme in [egui::Theme::Light, egui::Theme::Dark] {
            ctx.set_style_of(theme, style(Palette::for_mode(theme == egui::Theme::Dark), size));
        }
        ctx.options_mut(|options| options.fallback_theme = egui::Theme::Light);
    }

    /// Light, dark or as the system says; a setting of both applications.
    pub fn prefer(ctx: &Context, preference: ThemePreference) {
        ctx.set_theme(preference);
    }
}

/// The whole egui style of one mode.
#[must_use]
pub fn style(palette: &Palette, size: Size) -> Arc<Style> {
    let mut style = Style {
        animation_time: 0.06,
        visuals: visuals(palette),
        ..Style::default()
    };
    style.scroll_animation = ScrollAnimation::none();
    style.url_in_tooltip = true;
    style.text_styles = text_styles(size);
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.interaction.multi_widget_text_select = false;
    set_spacing(&mut style, size);
    Arc::new(style)
}

fn text_styles(size: Size) -> std::collections::BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Body, FontId::new(size.body(), FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(size.body(), FontFamily::Proportional)),
        (TextStyle::Small, FontId::new(size.small(), FontFamily::Proportional)),
        (TextStyle::Heading, FontId::new(size.title(), strong_family())),
        (TextStyle::Monospace, FontId::new(size.body() - 1.0, FontFamily::Monospace)),
    ]
    .into()
}

fn set_spacing(style: &mut Style, size: Size) {
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 8.0);
    spacing.button_padding = match size {
        // Text rows are 16 and 18 points high: with these, fields are as high as buttons.
        Size::Dense => vec2(8.0, 6.0),
        Size::Comfortable => vec2(12.0, 11.0),
    };
    spacing.interact_size = vec2(size.height(), size.height());
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(4);
    spacing.indent = 16.0;
    spacing.icon_width = size.icon();
    spacing.icon_width_inner = size.icon() - 6.0;
    spacing.icon_spacing = 8.0;
    spacing.combo_width = 120.0;
    spacing.text_edit_width = 240.0;
    spacing.tooltip_width = 320.0;
    spacing.menu_width = 320.0;
    spacing.slider_rail_height = 4.0;
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.floating_width = 4.0;
    spacing.scroll.floating_allocated_width = 0.0;
    spacing.scroll.handle_min_length = 24.0;
    spacing.scroll.bar_inner_margin = 0.0;
    spacing.scroll.fade.strength = 0.0;
}

fn visuals(palette: &Palette) -> Visuals {
    let mut visuals = if palette.dark { Visuals::dark() } else { Visuals::light() };
    visuals.widgets = widgets(palette);
    visuals.weak_text_color = Some(palette.secondary);
    visuals.selection.bg_fill = palette.accent_weak;
    visuals.selection.stroke = Stroke::new(1.5, palette.accent_text);
    visuals.hyperlink_color = palette.accent_text;
    visuals.faint_bg_color = palette.canvas;
    visuals.extreme_bg_color = palette.sunken;
    visuals.text_edit_bg_color = Some(palette.field);
    visuals.code_bg_color = palette.sunken;
    visuals.warn_fg_color = palette.tone(crate::Tone::Waiting).text;
    visuals.error_fg_color = palette.tone(crate::Tone::Error).text;
    visuals.window_corner_radius = CornerRadius::same(CARD_ROUNDING);
    visuals.menu_corner_radius = CornerRadius::same(CARD_ROUNDING);
    visuals.window_fill = palette.raised;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_shadow = egui::Shadow {
        offset: [0, 8],
        blur: 24,
        spread: 0,
        color: palette.shadow,
    };
    visuals.popup_shadow = egui::Shadow {
        offset: [0, 4],
        blur: 12,
        spread: 0,
        color: palette.shadow,
    };
    visuals.window_highlight_topmost = false;
    visuals.panel_fill = palette.surface;
    visuals.text_cursor.stroke = Stroke::new(1.5, palette.text);
    visuals.text_cursor.blink = false;
    visuals.text_cursor.preview = false;
    visuals.striped = false;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.indent_has_left_vline = false;
    visuals.disabled_alpha = 0.5;
    visuals.image_loading_spinners = false;
    visuals
}

fn widgets(palette: &Palette) -> Widgets {
    let state = |fill: Color32, edge: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: edge,
        corner_radius: CornerRadius::same(ROUNDING),
        fg_stroke: Stroke::new(1.5, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(palette.surface, Stroke::new(1.0, palette.line), palette.text),
        inactive: state(palette.raised, Stroke::new(1.0, palette.edge), palette.text),
        hovered: state(palette.hover, Stroke::new(1.0, palette.edge), palette.text),
        active: state(palette.pressed, Stroke::new(2.0, palette.focus), palette.text),
        open: state(palette.hover, Stroke::new(1.0, palette.edge), palette.text),
    }
}

/// A title: 16 points and semibold in the console.
#[must_use]
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Heading)
}

/// Emphasis at body size.
#[must_use]
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).family(strong_family())
}

/// Secondary text: small and quiet.
#[must_use]
pub fn secondary(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Small).color(Palette::of(ui).secondary)
}

/// Codes, keys, fingerprints and logs.
#[must_use]
pub fn code(text: impl Into<String>) -> RichText {
    RichText::new(text).monospace()
}

/// A code that is read aloud, such as a PIN.
#[must_use]
pub fn large_code(text: impl Into<String>) -> RichText {
    RichText::new(text).font(FontId::new(28.0, FontFamily::Monospace))
}

/// An icon of [`crate::icons`] as text of `points`; colour it with `.color(…)`.
#[must_use]
pub fn icon(glyph: &str, points: f32) -> RichText {
    RichText::new(glyph).font(FontId::new(points, icon_family()))
}

/// Paints an icon centred in a rectangle; for widgets that lay themselves out.
pub fn paint_icon(ui: &Ui, rect: egui::Rect, glyph: &str, points: f32, color: Color32) {
    let galley = ui
        .painter()
        .layout_no_wrap(glyph.to_owned(), FontId::new(points, icon_family()), color);
    let corner = rect.center() - galley.rect.size() / 2.0;
    let corner = corner.round_to_pixels(ui.pixels_per_point());
    ui.painter().galley(corner, galley, color);
}

/// Space of `steps` on the grid.
pub fn gap(ui: &mut Ui, steps: u8) {
    ui.add_space(GRID * f32::from(steps));
}

/// A square of `points`, for allocating icons.
#[must_use]
pub fn square(points: f32) -> Vec2 {
    Vec2::splat(points)
}
