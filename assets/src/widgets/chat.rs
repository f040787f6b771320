//! The conversation: bubbles of both sides and, between them, what happened.
//!
//! Texts can be selected and copied. The list stays at the newest line until the reader scrolls up.

use egui::{Align, Frame, Label, Layout, Margin, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::paint::focus_ring;
use crate::fonts::strong_family;
use crate::icons;
use crate::palette::Palette;
use crate::theme::{self, Size};

/// Whose line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// What happened: a state, a permission, a file.
    System,
    /// Written by the one who reads.
    Mine,
    /// Written by the other side.
    Theirs,
}

/// One line, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLine {
    /// Whose line it is.
    pub kind: ChatKind,
    /// Name of the writer; may be empty for system lines.
    pub who: String,
    /// Time of day as shown, such as `14:05`.
    pub time: String,
    /// The text.
    pub text: String,
    /// What a press on a system line shows below it, such as a list that the text shortens; nothing where it is empty.
    pub detail: Vec<String>,
}

/// The list. Show it with [`ChatList::show`] in the space it may fill.
#[derive(Clone, Debug)]
#[must_use = "show it with .show(ui, …)"]
pub struct ChatList<'a> {
    lines: &'a [ChatLine],
    label: &'a str,
}

impl<'a> ChatList<'a> {
    /// Lines, oldest first; `label` names the list to assistive technology.
    pub fn new(lines: &'a [ChatLine], label: &'a str) -> Self {
        Self { lines, label }
    }

    /// Paints it; `salt` tells conversations apart, each with its own scroll position.
    pub fn show(self, ui: &mut Ui, salt: impl egui::AsIdSalt) {
        let id = ui.make_persistent_id(salt);
        let builder = egui::UiBuilder::new().accessibility_role(Role::Log).accessibility_label(self.label);
        ui.scope_builder(builder, |ui| {
            ScrollArea::vertical()
                .id_salt(id)
                .auto_shrink([false, false])
                .stick_to_bottom(true)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                    // Rows of names and times are as high as their text, not as a button.
                    ui.spacing_mut().interact_size.y = 0.0;
                    let mut before: Option<&ChatLine> = None;
                    for (index, line) in self.lines.iter().enumerate() {
                        ui.push_id(index, |ui| line_ui(ui, line, before));
                        before = Some(line);
                    }
                });
        });
    }
}

fn line_ui(ui: &mut Ui, line: &ChatLine, before: Option<&ChatLine>) {
    let follows = before.is_some_and(|before| before.kind == line.kind && before.who == line.who);
    ui.add_space(if follows { 2.0 } else { 10.0 });
    match line.kind {
        ChatKind::System => system_ui(ui, line),
        ChatKind::Mine => bubble_ui(ui, line, follows, Align::Max),
        ChatKind::Theirs => bubble_ui(ui, line, follows, Align::Min),
    }
}

fn system_ui(ui: &mut Ui, line: &ChatLine) {
    let color = Palette::of(ui).secondary;
    let points = Size::of(ui).small();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.label(RichText::new(&line.time).size(points).color(color));
        let text = if line.who.is_empty() {
            line.text.clone()
        } else {
            format!("{} {}", line.who, line.text)
        };
        if line.detail.is_empty() {
            ui.add(Label::new(RichText::new(text).size(points).color(color)).wrap().selectable(true));
        } else {
            ui.vertical(|ui| expandable(ui, &text, points, &line.detail));
        }
    });
}

/// A text that a press opens into a list, and closes again; `points` is its size.
pub fn expandable(ui: &mut Ui, text: &str, points: f32, list: &[String]) {
    let color = Palette::of(ui).secondary;
    ui.spacing_mut().interact_size.y = 0.0;
    let id = ui.next_auto_id().with("open");
    let mut is_open = ui.data(|data| data.get_temp(id).unwrap_or(false));
    let (response, caret) = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let label = Label::new(RichText::new(text).size(points).color(color))
                .wrap()
                .sense(Sense::click());
            let width = ui.available_width() - points - 4.0;
            let response = ui
                .scope(|ui| {
                    ui.set_max_width(width);
                    ui.add(label)
                })
                .inner;
            let caret = if is_open { icons::CARET_UP } else { icons::CARET_DOWN };
            // Pressed like the text, and no stop of its own for the keyboard.
            let caret = ui.add(Label::new(theme::icon(caret, points).color(color)).sense(Sense::CLICK));
            (response, caret)
        })
        .inner;
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, is_open, text));
    focus_ring(ui, &response, 3.0);
    let is_pressed = [response, caret].map(|part| part.on_hover_cursor(egui::CursorIcon::PointingHand).clicked());
    if is_pressed.contains(&true) {
        is_open = !is_open;
        ui.data_mut(|data| data.insert_temp(id, is_open));
    }
    if is_open {
        for item in list {
            ui.add(
                Label::new(RichText::new(format!("•  {item}")).size(points).color(color))
                    .wrap()
                    .selectable(true),
            );
        }
    }
}

fn bubble_ui(ui: &mut Ui, line: &ChatLine, follows: bool, side: Align) {
    let palette = Palette::of(ui);
    let size = Size::of(ui);
    let widest = (ui.available_width() * 0.84).max(120.0);
    ui.with_layout(Layout::top_down(side), |ui| {
        if !follows {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let who = RichText::new(&line.who)
                    .size(size.small())
                    .family(strong_family())
                    .color(palette.secondary);
                ui.label(who);
                ui.label(RichText::new(&line.time).size(size.small()).color(palette.secondary));
            });
            ui.add_space(2.0);
        }
        let fill = if line.kind == ChatKind::Mine {
            palette.bubble_mine
        } else {
            palette.bubble_theirs
        };
        // Measured first: laid out from the trailing edge, a bubble would take all the width there is.
        let font = egui::TextStyle::Body.resolve(ui.style());
        let text = ui.painter().layout(line.text.clone(), font, palette.text, widest - 20.0);
        let width = text.rect.width().ceil() + 1.0;
        Frame::new()
            .fill(fill)
            .corner_radius(10)
            .inner_margin(Margin::symmetric(10, 6))
            .show(ui, |ui| {
                ui.set_max_width(width);
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    ui.add(Label::new(RichText::new(&line.text).color(palette.text)).wrap().selectable(true));
                });
            });
    });
}
