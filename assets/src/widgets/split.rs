//! The handle between two panes: a hairline that widens under the pointer and moves with the arrow keys.

use egui::{CursorIcon, Id, Key, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::palette::Palette;

/// Which way the panes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitAxis {
    /// Side by side; the handle is vertical.
    SideBySide,
    /// One above the other; the handle is horizontal.
    Stacked,
}

/// A handle that changes the size of the pane before it, in points.
#[derive(Debug)]
#[must_use = "show it with .show(ui, …)"]
pub struct SplitHandle<'a> {
    axis: SplitAxis,
    size: &'a mut f32,
    least: f32,
    most: f32,
    label: &'a str,
    reversed: bool,
}

impl<'a> SplitHandle<'a> {
    /// A handle for a pane of `size` points, read aloud as `label`.
    pub fn new(axis: SplitAxis, size: &'a mut f32, label: &'a str) -> Self {
        Self {
            axis,
            size,
            least: 120.0,
            most: f32::INFINITY,
            label,
            reversed: false,
        }
    }

    /// The least and the most points of the pane.
    pub fn limits(mut self, least: f32, most: f32) -> Self {
        self.least = least;
        self.most = most.max(least);
        self
    }

    /// The pane whose size changes lies after the handle.
    pub fn reversed(mut self) -> Self {
        self.reversed = true;
        self
    }

    /// Takes part of `rect` (the boundary, any thickness) and paints there; true when somebody changed the size. A size beyond the limits, which
    /// a small window narrows, is left as it is until then: it is wanted again where there is more room.
    pub fn show(self, ui: &mut Ui, rect: Rect, salt: impl egui::AsIdSalt) -> bool {
        let grip = match self.axis {
            SplitAxis::SideBySide => Rect::from_center_size(rect.center(), vec2(8.0, rect.height())),
            SplitAxis::Stacked => Rect::from_center_size(rect.center(), vec2(rect.width(), 8.0)),
        };
        let id: Id = ui.make_persistent_id(salt);
        let response = ui.interact(grip, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, self.label));
        let cursor = match self.axis {
            SplitAxis::SideBySide => CursorIcon::ResizeHorizontal,
            SplitAxis::Stacked => CursorIcon::ResizeVertical,
        };
        let response = response.on_hover_and_drag_cursor(cursor);
        let lively = response.hovered() || response.dragged() || response.has_focus();
        self.paint(ui, rect, lively);
        let mut delta = match self.axis {
            SplitAxis::SideBySide => response.drag_delta().x,
            SplitAxis::Stacked => response.drag_delta().y,
        };
        if response.has_focus() {
            delta += self.keys(ui);
        }
        if delta == 0.0 {
            return false;
        }
        // What is seen is moved, not what there is no room for.
        let seen = (*self.size).clamp(self.least, self.most);
        let wanted = (seen + if self.reversed { -delta } else { delta }).clamp(self.least, self.most);
        let changed = (wanted - *self.size).abs() > f32::EPSILON;
        *self.size = wanted;
        changed
    }

    fn keys(&self, ui: &Ui) -> f32 {
        let (less, more) = match self.axis {
            SplitAxis::SideBySide => (Key::ArrowLeft, Key::ArrowRight),
            SplitAxis::Stacked => (Key::ArrowUp, Key::ArrowDown),
        };
        ui.input(|input| {
            let step = 16.0;
            f32::from(u8::from(input.key_pressed(more))) * step - f32::from(u8::from(input.key_pressed(less))) * step
        })
    }

    fn paint(&self, ui: &Ui, rect: Rect, lively: bool) {
        let palette = Palette::of(ui);
        let (width, color) = if lively { (3.0, palette.accent) } else { (1.0, palette.line) };
        let center = rect.center();
        let bar = match self.axis {
            SplitAxis::SideBySide => Rect::from_min_max(
                pos2(center.x - width / 2.0, rect.top()),
                pos2(center.x + width / 2.0, rect.bottom()),
            ),
            SplitAxis::Stacked => Rect::from_min_max(
                pos2(rect.left(), center.y - width / 2.0),
                pos2(rect.right(), center.y + width / 2.0),
            ),
        };
        ui.painter().rect_filled(bar, 0.0, color);
    }
}
