//! A strip of tabs: session tabs with state, time and close button, or plain work-area tabs.
//!
//! Tabs shrink to fit: first the quieter text leaves, then the title is cut; both are said under the pointer. Below [`LEAST`] points each they
//! scroll, and the chosen one comes into sight. Arrow keys are left to egui's focus order.

use egui::{
    Align, FontFamily, FontId, Id, KeyboardShortcut, Layout, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::button::Button;
use super::paint::{focus_ring_at, line, paint_galley, quiet_fill};
use super::status::paint_dot;
use crate::fonts::strong_family;
use crate::icons;
use crate::palette::{Palette, Tone};
use crate::theme::{Size, paint_icon};

/// The narrowest tab whose title still says something, points.
const LEAST: f32 = 112.0;

/// One tab.
#[derive(Clone, Debug, Default)]
pub struct Tab<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Quieter text after the title: time in state.
    pub detail: &'a str,
    /// A state's shape before the title.
    pub tone: Option<Tone>,
    /// An icon before the title.
    pub icon: Option<&'a str>,
    /// Unread things; zero shows nothing.
    pub badge: u32,
    /// The words of its close button; `None` for a tab that stays.
    pub close: Option<&'a str>,
    /// The shortcut that closes it, named in the tooltip of that button.
    pub close_shortcut: Option<KeyboardShortcut>,
}

impl<'a> Tab<'a> {
    /// A tab with a title alone.
    #[must_use]
    pub fn new(title: &'a str) -> Self {
        Self { title, ..Self::default() }
    }
}

/// What was done to the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabEvent {
    /// The tab with this index was chosen.
    Selected(usize),
    /// The close button of this tab, or the middle button on it, was pressed.
    Closed(usize),
}

/// The strip. Show it with [`TabStrip::show`].
#[derive(Clone, Debug)]
#[must_use = "show it with .show(ui, …)"]
pub struct TabStrip<'a> {
    tabs: &'a [Tab<'a>],
    selected: Option<usize>,
    widest: f32,
}

impl<'a> TabStrip<'a> {
    /// A strip with one tab chosen, or none.
    pub fn new(tabs: &'a [Tab<'a>], selected: Option<usize>) -> Self {
        Self {
            tabs,
            selected,
            widest: 220.0,
        }
    }

    /// Most points a tab may take; [`LEAST`] where that is more.
    pub fn widest(mut self, points: f32) -> Self {
        self.widest = points;
        self
    }

    /// Paints it; `salt` tells strips apart.
    pub fn show(self, ui: &mut Ui, salt: impl egui::AsIdSalt) -> Option<TabEvent> {
        let id = ui.make_persistent_id(salt);
        let height = Size::of(ui).height() + 4.0;
        let room = (ui.available_width() / self.tabs.len().max(1) as f32).clamp(LEAST, self.widest.max(LEAST));
        let mut event = None;
        let is_new_choice = is_new_choice(ui, id, self.selected);
        // A wheel that only goes up and down moves the strip, too.
        let before = std::mem::replace(&mut ui.style_mut().always_scroll_the_only_direction, true);
        ScrollArea::horizontal()
            .id_salt(id)
            .max_height(height)
            .auto_shrink([true, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                let builder = UiBuilder::new()
                    .accessibility_role(Role::TabList)
                    .layout(Layout::left_to_right(Align::Center));
                ui.scope_builder(builder, |ui| {
                    for (index, tab) in self.tabs.iter().enumerate() {
                        let chosen = self.selected == Some(index);
                        let (response, done) = tab_ui(ui, id.with(index), index, tab, chosen, room);
                        if chosen && is_new_choice {
                            response.scroll_to_me(None);
                        }
                        event = done.or(event);
                    }
                });
            });
        ui.style_mut().always_scroll_the_only_direction = before;
        event
    }
}

/// True when another tab is chosen than in the last frame.
fn is_new_choice(ui: &Ui, id: Id, selected: Option<usize>) -> bool {
    let id = id.with("chosen");
    let before = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or(id, None), selected));
    before != selected
}

struct Measured {
    title: std::sync::Arc<egui::Galley>,
    detail: Option<std::sync::Arc<egui::Galley>>,
    lead: f32,
    trail: f32,
}

impl Measured {
    /// Between the title and the quieter text, points.
    const GAP: f32 = 6.0;

    /// What the quieter text takes, points.
    fn detail_width(&self) -> f32 {
        self.detail.as_ref().map_or(0.0, |detail| Self::GAP + detail.rect.width())
    }

    /// Width of the whole tab, points.
    fn width(&self) -> f32 {
        (24.0 + self.lead + self.title.rect.width() + self.detail_width() + self.trail).ceil()
    }
}

fn measure(ui: &Ui, tab: &Tab<'_>, chosen: bool, room: f32) -> Measured {
    let size = Size::of(ui);
    let family = if chosen { strong_family() } else { FontFamily::Proportional };
    let lead = if tab.icon.is_some() {
        size.icon() + 6.0
    } else if tab.tone.is_some() {
        14.0
    } else {
        0.0
    };
    let badge = if tab.badge > 0 { 24.0 } else { 0.0 };
    let trail = badge + if tab.close.is_some() { 24.0 } else { 0.0 };
    let detail = line(ui, tab.detail, FontId::new(size.small(), FontFamily::Proportional), f32::INFINITY);
    let left = (room - 24.0 - lead - trail).max(24.0);
    let title = line(ui, tab.title, FontId::new(size.body(), family), left);
    let has_room = title.rect.width() + Measured::GAP + detail.rect.width() <= left && !title.elided;
    Measured {
        title,
        detail: (has_room && !tab.detail.is_empty()).then_some(detail),
        lead,
        trail,
    }
}

fn tab_ui(ui: &mut Ui, id: Id, index: usize, tab: &Tab<'_>, chosen: bool, room: f32) -> (Response, Option<TabEvent>) {
    let parts = measure(ui, tab, chosen, room);
    let (_, rect) = ui.allocate_space(vec2(parts.width(), Size::of(ui).height() + 4.0));
    let mut response = ui.interact(rect, id, Sense::click());
    describe(&response, tab, chosen);
    paint_tab(ui, &response, tab, chosen, &parts);
    let is_all = !parts.title.elided && (parts.detail.is_some() || tab.detail.is_empty());
    if !is_all {
        response = response.on_hover_text(format!("{}  {}", tab.title, tab.detail).trim_end());
    }
    let closed = tab.close.is_some_and(|label| {
        let square = Rect::from_center_size(pos2(rect.right() - 18.0, rect.center().y), egui::Vec2::splat(20.0));
        let mut button = Button::icon_alone(icons::X, label).small();
        if let Some(shortcut) = tab.close_shortcut {
            button = button.shortcut(shortcut);
        }
        ui.place(square, button).clicked()
    });
    let event = if closed || (tab.close.is_some() && response.middle_clicked()) {
        Some(TabEvent::Closed(index))
    } else {
        response.clicked().then_some(TabEvent::Selected(index))
    };
    (response, event)
}

fn describe(response: &Response, tab: &Tab<'_>, chosen: bool) {
    response.widget_info(|| WidgetInfo::labeled(Role::Tab, true, tab.title));
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_selected(chosen);
        if !tab.detail.is_empty() {
            node.set_description(tab.detail);
        }
    });
}

fn paint_tab(ui: &Ui, response: &Response, tab: &Tab<'_>, chosen: bool, parts: &Measured) {
    let rect = response.rect;
    if !ui.is_rect_visible(rect) {
        return;
    }
    let (palette, size) = (Palette::of(ui), Size::of(ui));
    let color = if chosen { palette.text } else { palette.secondary };
    ui.painter()
        .rect_filled(rect.shrink2(vec2(2.0, 3.0)), 6.0, quiet_fill(ui, response));
    let mut x = rect.left() + 12.0;
    if let Some(glyph) = tab.icon {
        let center = pos2(x + size.icon() / 2.0, rect.center().y);
        let color = if chosen { palette.accent_text } else { color };
        paint_icon(
            ui,
            Rect::from_center_size(center, egui::Vec2::splat(size.icon())),
            glyph,
            size.icon(),
            color,
        );
    } else if let Some(tone) = tab.tone {
        let dot = Rect::from_center_size(pos2(x + 4.0, rect.center().y), egui::Vec2::splat(8.0));
        paint_dot(ui, dot, tone, palette.tone(tone).text);
    }
    x += parts.lead;
    paint_galley(ui, pos2(x, rect.center().y), &parts.title, color);
    if let Some(detail) = &parts.detail {
        x += parts.title.rect.width() + Measured::GAP;
        paint_galley(ui, pos2(x, rect.center().y), detail, palette.secondary);
    }
    if tab.badge > 0 {
        let right = rect.right() - 12.0 - if tab.close.is_some() { 24.0 } else { 0.0 };
        paint_badge(ui, pos2(right - 9.0, rect.center().y), tab.badge);
    }
    if chosen {
        let under = Rect::from_min_max(pos2(rect.left() + 8.0, rect.bottom() - 2.0), rect.right_bottom() - vec2(8.0, 0.0));
        ui.painter().rect_filled(under, 1.0, palette.accent);
    }
    if response.has_focus() {
        focus_ring_at(ui, rect.shrink(4.0), 5.0);
    }
}

fn paint_badge(ui: &Ui, center: egui::Pos2, count: u32) {
    let palette = Palette::of(ui);
    let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
    let galley = line(ui, &text, FontId::new(10.0, strong_family()), f32::INFINITY);
    let width = (galley.rect.width() + 8.0).max(16.0);
    ui.painter()
        .rect_filled(Rect::from_center_size(center, vec2(width, 16.0)), 8.0, palette.accent);
    paint_galley(ui, pos2(center.x - galley.rect.width() / 2.0, center.y), &galley, palette.on_accent);
}
