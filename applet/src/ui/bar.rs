//! The thin bar that stays on top while anyone sees or controls the screen: who, what, and STOP.

use egui::{Align, CentralPanel, Color32, Context, FontId, Frame, Layout, Margin, TextStyle, Ui, Vec2, vec2};
use farhand_assets::{
    Palette, Size, Tone, Words,
    fonts::strong_family,
    icons, theme,
    widgets::{Button, status_dot},
};

use crate::model::AppletState;

/// What the bar shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarView {
    /// "Ada Kern, ACME sees and controls this screen".
    pub text: String,
    /// True when somebody has mouse and keyboard.
    pub controlled: bool,
    /// Text of the button.
    pub stop: String,
}

impl BarView {
    /// The bar for this state; none while nobody watches.
    pub fn of(state: &AppletState, words: &Words) -> Option<Self> {
        let watcher = state
            .present
            .iter()
            .find(|p| p.controlling)
            .or_else(|| state.present.iter().find(|p| p.viewing))?;
        let others = state.present.iter().filter(|p| p.viewing || p.controlling).count() - 1;
        let key = if watcher.controlling {
            "applet-bar-controls"
        } else {
            "applet-bar-sees"
        };
        let technician = &watcher.technician;
        let values = [
            ("name", technician.name.as_str().into()),
            ("organisation", technician.organisation.as_str().into()),
            ("others", others.into()),
        ];
        Some(Self {
            text: words.with(key, &values),
            controlled: watcher.controlling,
            stop: words.text("applet-session-stop"),
        })
    }
}

/// Least width of the bar and its height with one line of text, points.
const LEAST: Vec2 = vec2(460.0, 40.0);
/// Room between the edges and what is in the bar, points.
const MARGIN: Vec2 = vec2(10.0, 4.0);

/// Above and below several lines of text, which begin no higher than the button beside them, points.
const AIR: f32 = 14.0;
/// Width of the shape before the text, with air around it, points.
const DOT: f32 = 16.0;

/// How large the bar must be for its whole sentence: as wide as it takes, and in several lines where the screen is narrower.
pub fn bar_size(ctx: &Context, view: &BarView, screen_width: f32) -> Vec2 {
    let style = ctx.global_style();
    let gaps = 4.0 * style.spacing.item_spacing.x + 2.0 * MARGIN.x;
    let size = |text: &str, points: f32, room: f32| {
        let font = FontId::new(points, strong_family());
        ctx.fonts_mut(|fonts| fonts.layout(text.to_owned(), font, Color32::PLACEHOLDER, room).size())
    };
    let body = TextStyle::Body.resolve(&style).size;
    let button = size(&view.stop, Size::Dense.body(), f32::INFINITY).x + Size::Dense.icon() + 6.0 + 2.0 * Size::Dense.padding();
    let beside = button + DOT + gaps;
    let text = size(&view.text, body, f32::INFINITY);
    if text.x + beside <= screen_width {
        return vec2((text.x + beside).ceil().max(LEAST.x), LEAST.y);
    }
    let wrapped = size(&view.text, body, (screen_width - beside).max(80.0));
    vec2(screen_width, (wrapped.y + 2.0 * MARGIN.y + AIR).max(LEAST.y))
}

/// Draws the bar; true when STOP was pressed.
pub fn bar_ui(ui: &mut Ui, view: &BarView) -> bool {
    let palette = Palette::of(ui);
    let mut stopped = false;
    CentralPanel::default()
        .frame(
            Frame::NONE
                .fill(palette.surface)
                .inner_margin(Margin::symmetric(MARGIN.x as i8, MARGIN.y as i8)),
        )
        .show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                stopped = ui.add(Button::danger(&view.stop).icon(icons::X).size(Size::Dense)).clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    status_dot(ui, if view.controlled { Tone::Waiting } else { Tone::Info }, &view.text);
                    ui.add(egui::Label::new(theme::strong(&view.text)).wrap());
                });
            });
        });
    stopped
}
