//! A segmented control: one choice of a few, all visible.

use egui::{FontFamily, KeyboardShortcut, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::paint::{body_line, focus_ring_at, paint_galley};
use super::tooltip::tooltip;
use crate::fonts::strong_family;
use crate::palette::Palette;
use crate::theme::{ROUNDING, Size};

/// A choice: its value, its name, and the shortcut that leads to it.
pub type Choice<'a, T> = (T, &'a str, Option<KeyboardShortcut>);

/// Paints the choices as one control and writes the chosen value; true when it changed. `label` says
/// what is chosen, for assistive technology.
pub fn segmented<T: PartialEq + Copy>(ui: &mut Ui, label: &str, chosen: &mut T, choices: &[(T, &str)]) -> bool {
    let choices: Vec<Choice<'_, T>> = choices.iter().map(|(value, text)| (*value, *text, None)).collect();
    segmented_with_shortcuts(ui, label, chosen, &choices)
}

/// The same, with the shortcut of each choice in its tooltip. The control does not listen to them.
pub fn segmented_with_shortcuts<T: PartialEq + Copy>(ui: &mut Ui, label: &str, chosen: &mut T, choices: &[Choice<'_, T>]) -> bool {
    let builder = UiBuilder::new().accessibility_role(Role::RadioGroup).accessibility_label(label);
    ui.scope_builder(builder, |ui| choices_ui(ui, label, chosen, choices)).inner
}

fn choices_ui<T: PartialEq + Copy>(ui: &mut Ui, label: &str, chosen: &mut T, choices: &[Choice<'_, T>]) -> bool {
    let size = Size::of(ui);
    let palette = Palette::of(ui);
    let padding = size.padding();
    let widest = choices
        .iter()
        .map(|(_, text, _)| body_line(ui, text, size, strong_family(), f32::INFINITY).rect.width())
        .fold(0.0, f32::max);
    let all = ui.available_width();
    let each = (widest + 2.0 * padding).min(all / choices.len().max(1) as f32).floor();
    let (_, rect) = ui.allocate_space(vec2(each * choices.len() as f32, size.height()));
    ui.painter()
        .rect(rect, ROUNDING, palette.sunken, Stroke::new(1.0, palette.line), StrokeKind::Inside);
    let base = ui.make_persistent_id(("segmented", label));
    let mut changed = false;
    for (index, (value, text, shortcut)) in choices.iter().enumerate() {
        let left = rect.left() + each * index as f32;
        let part = Rect::from_min_size(pos2(left, rect.top()), vec2(each, rect.height()));
        let response = ui.interact(part, base.with(index), Sense::click());
        let is_chosen = *chosen == *value;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_chosen, text));
        let inner = part.shrink(3.0);
        if is_chosen {
            ui.painter()
                .rect(inner, 4.0, palette.raised, Stroke::new(1.0, palette.edge), StrokeKind::Inside);
        } else if response.hovered() {
            ui.painter().rect_filled(inner, 4.0, palette.hover);
        }
        let family = if is_chosen { strong_family() } else { FontFamily::Proportional };
        let galley = body_line(ui, text, size, family, each - 12.0);
        let color = if is_chosen { palette.text } else { palette.secondary };
        paint_galley(
            ui,
            pos2(part.center().x - galley.rect.width() / 2.0, part.center().y),
            &galley,
            color,
        );
        if response.has_focus() {
            focus_ring_at(ui, inner, 4.0);
        }
        if response.clicked() && !is_chosen {
            *chosen = *value;
            changed = true;
        }
        if shortcut.is_some() {
            tooltip(response, text, *shortcut);
        }
    }
    changed
}
