//! The customer's desktop as a picture: fitted or so many percent large, with their cursor. What it does not do: pointer and keys, which
//! go from the window's own events straight to the engine (`app/hands.rs`), without waiting for a frame.

use std::sync::Arc;

use egui::{Color32, CustomCursorImage, Rect, Role, Sense, TextureId, Ui, WidgetInfo, pos2, vec2};
use farhand_assets::Palette;
use farhand_protocol::{
    geometry::{Point, Rect as DesktopRect},
    ids::SessionId,
};

use crate::model::{
    Command,
    placement::{Placement, Zoom},
};

/// What is shown of a desktop.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureView {
    /// The pixels; none while they are shown past the window's own drawing. What is shrunk has them of what is to be seen alone.
    pub texture: Option<TextureId>,
    /// What of the desktop they cover.
    pub area: DesktopRect,
    /// The customer's cursor.
    pub cursor: Option<CursorView>,
}

/// The customer's cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct CursorView {
    /// Its pixels, to be painted.
    pub texture: TextureId,
    /// Its pixels, for the pointer of this side's system.
    pub image: Option<Arc<CursorPixels>>,
    /// Where it points, in the desktop space.
    pub pos: Point,
    /// Columns and rows.
    pub size_px: [u16; 2],
    /// What points, from the corner of the image.
    pub hot_px: [u16; 2],
    /// It is where this side's pointer is, and need not be painted twice.
    pub follows_me: bool,
}

/// A cursor shape as the window system takes it.
#[derive(Clone, PartialEq)]
pub struct CursorPixels(pub CustomCursorImage);

impl std::fmt::Debug for CursorPixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CursorPixels({:?})", self.0.size)
    }
}

/// How the picture takes part in the session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureOptions<'a> {
    /// The session.
    pub session_id: SessionId,
    /// How large it is shown.
    pub zoom: Zoom,
    /// What its own system draws it larger by, percent.
    pub scale_percent: u16,
    /// Mouse and keyboard are held.
    pub control: bool,
    /// The keyboard goes here.
    pub focused: bool,
    /// What it is called.
    pub label: &'a str,
    /// A ring shows that the keyboard goes here.
    pub ring: bool,
    /// What is larger than its space follows a pointer at the edge of it.
    pub edge_pans: bool,
}

/// What egui makes of one notch of a wheel with Ctrl, which it tells in parts: this, as the logarithm of a factor.
const NOTCH: f32 = 0.2;

/// Width of the bars beside what is larger than its space.
const BAR_POINTS: f32 = 12.0;
/// A pointer so near the edge of the screen pans what is larger than it, by so much each second.
const PAN_EDGE_POINTS: f32 = 4.0;
const PAN_POINTS_PER_SEC: f32 = 1200.0;

/// Paints the picture into all the space there is.
pub fn picture_ui(ui: &mut Ui, view: &PictureView, options: PictureOptions<'_>, commands: &mut Vec<Command>) {
    let space = ui.available_rect_before_wrap();
    let scale = ui.pixels_per_point();
    let space_px = [space.left(), space.top(), space.right(), space.bottom()].map(|edge| (edge * scale).round());
    let placed = match options.zoom {
        Zoom::Fit => Placement::fit(view.area, space_px, scale * 100.0 / f32::from(options.scale_percent.max(1))),
        Zoom::Stretch => Placement::stretched(view.area, space_px),
        Zoom::Percent(percent) => Placement::centred(view.area, f32::from(percent) / 100.0, space_px),
    };
    wheel(ui, space, options, commands);
    let [width, height] = placed.size_px();
    if width > space_px[2] - space_px[0] || height > space_px[3] - space_px[1] {
        scrolled_ui(ui, view, placed, options, commands);
        return;
    }
    ui.allocate_rect(space, Sense::hover());
    paint(ui, view, placed, options, commands);
}

/// Where the wheel is not the customer's it turns the zoom, with Ctrl.
fn wheel(ui: &Ui, space: Rect, options: PictureOptions<'_>, commands: &mut Vec<Command>) {
    let turned = ui.input(|input| input.zoom_delta()).ln();
    if options.control || turned == 0.0 || !ui.rect_contains_pointer(space) {
        return;
    }
    let id = egui::Id::unique(("picture-wheel", options.session_id));
    let before: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
    let mut so_far = before + turned;
    // The last of its parts are small and late.
    if so_far.abs() >= 0.9 * NOTCH {
        let (session_id, larger) = (options.session_id, so_far > 0.0);
        commands.push(Command::StepZoom { session_id, larger });
        so_far -= NOTCH.copysign(so_far);
    }
    ui.data_mut(|data| data.insert_temp(id, so_far));
}

fn scrolled_ui(ui: &mut Ui, view: &PictureView, whole: Placement, options: PictureOptions<'_>, commands: &mut Vec<Command>) {
    let scale = ui.pixels_per_point();
    ui.spacing_mut().scroll = egui::style::ScrollStyle {
        bar_width: BAR_POINTS,
        // In the colour of text: that of a surface is hardly to be told from the bar.
        foreground_color: true,
        handle_min_length: 3.0 * BAR_POINTS,
        ..egui::style::ScrollStyle::solid()
    };
    // Every pixel as it is, to the edge.
    ui.spacing_mut().scroll.fade.strength = 0.0;
    let mut area = egui::ScrollArea::both()
        .id_salt(("picture", options.session_id))
        .auto_shrink([false, false]);
    if let Some(offset) = kept_in_place(ui, whole.scale, options.session_id) {
        area = area.scroll_offset(offset);
    }
    let pan = options.edge_pans.then(|| edge_pan(ui)).flatten();
    area.show(ui, |ui| {
        let seen = ui.clip_rect();
        let size = egui::Vec2::from(whole.size_px()) / scale;
        // In the middle where one side has room.
        let (room, _) = ui.allocate_exact_size(size.max(seen.size()), Sense::hover());
        if let Some(pan) = pan.map(|pan| within_reach(pan, room, seen)).filter(|pan| *pan != egui::Vec2::ZERO) {
            ui.scroll_with_delta(pan);
            ui.ctx().request_repaint();
        }
        let rect = Rect::from_min_size(room.min + ((seen.size() - size) / 2.0).max(egui::Vec2::ZERO), size);
        let seen_px = [seen.left(), seen.top(), seen.right(), seen.bottom()].map(|edge| (edge * scale).round());
        let placed = Placement::scaled(view.area, whole.scale, rect.left() * scale, rect.top() * scale, seen_px);
        paint(ui, view, placed, options, commands);
    });
}

/// By how much what is larger than its space moves for a pointer at the edge of it, over which nothing else lies.
fn edge_pan(ui: &Ui) -> Option<egui::Vec2> {
    let space = ui.available_rect_before_wrap();
    // Who drags a bar has it at the edge, too.
    let at = ui.input(|input| input.pointer.hover_pos().filter(|_| !input.pointer.any_down()))?;
    if !ui.rect_contains_pointer(space) {
        return None;
    }
    let side = |at: f32, (least, most): (f32, f32)| {
        f32::from(u8::from(at <= least + PAN_EDGE_POINTS)) - f32::from(u8::from(at >= most - PAN_EDGE_POINTS))
    };
    let towards = vec2(side(at.x, (space.left(), space.right())), side(at.y, (space.top(), space.bottom())));
    Some(towards * PAN_POINTS_PER_SEC * ui.input(|input| input.stable_dt).min(1.0 / 30.0))
}

/// As much of a pan as moves something: `all` is where it lies, of which `seen` is to be seen.
fn within_reach(pan: egui::Vec2, all: Rect, seen: Rect) -> egui::Vec2 {
    let most = (seen.min - all.min).max(egui::Vec2::ZERO);
    let least = -(all.max - seen.max).max(egui::Vec2::ZERO);
    pan.max(least).min(most)
}

/// Where to scroll to after another size, so that what the pointer is at, or else what is in the middle, stays there.
fn kept_in_place(ui: &Ui, zoom: f32, session_id: SessionId) -> Option<egui::Vec2> {
    let before: Placement = ui.data(|data| data.get_temp(last_placed(session_id)))?;
    if before.scale == zoom {
        return None;
    }
    let space = ui.available_rect_before_wrap();
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|pos| space.contains(*pos));
    let held = pointer.unwrap_or(space.center());
    let corner = pos2(before.left_px, before.top_px) / ui.pixels_per_point();
    let now = held - (held - corner) * (zoom / before.scale);
    Some((space.min - now).max(egui::Vec2::ZERO))
}

/// Where the picture was painted last.
fn last_placed(session_id: SessionId) -> egui::Id {
    egui::Id::unique(("picture-placed", session_id))
}

fn paint(ui: &mut Ui, view: &PictureView, placed: Placement, options: PictureOptions<'_>, commands: &mut Vec<Command>) {
    let scale = ui.pixels_per_point();
    let to_points =
        |left: f32, top: f32, width: f32, height: f32| Rect::from_min_size(pos2(left, top) / scale, vec2(width, height) / scale);
    let [width, height] = placed.size_px();
    let whole = to_points(placed.left_px, placed.top_px, width, height);
    let [left, top, right, bottom] = placed.visible_px;
    let visible = to_points(left, top, right - left, bottom - top);
    let response = ui.interact(visible, ui.scope_id().with(("desktop", options.session_id)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, options.label));
    let painter = ui.painter().with_clip_rect(visible.intersect(ui.clip_rect()));
    if let Some(texture) = view.texture {
        let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture, if placed.is_shrunk() { visible } else { whole }, all, Color32::WHITE);
    }
    if let Some(cursor) = &view.cursor {
        if let (true, Some(image)) = (options.control && response.hovered(), &cursor.image) {
            // This side's pointer takes the customer's shape: it moves without delay and without a frame.
            ui.ctx().set_cursor_image(Some(image.0.clone()));
        }
        if view.texture.is_some() && !(options.control && cursor.follows_me && response.hovered()) {
            paint_cursor(&painter, cursor, placed, scale);
        }
    }
    keyboard(ui, &response, options, commands);
    ui.data_mut(|data| data.insert_temp(last_placed(options.session_id), placed));
    commands.push(Command::Placed(options.session_id, placed));
}

fn paint_cursor(painter: &egui::Painter, cursor: &CursorView, placed: Placement, points: f32) {
    let [x, y] = placed.to_window(cursor.pos);
    let [hot_x, hot_y] = cursor.hot_px.map(|hot| f32::from(hot) * placed.scale);
    let size = vec2(f32::from(cursor.size_px[0]), f32::from(cursor.size_px[1])) * placed.scale;
    let rect = Rect::from_min_size(pos2(x - hot_x, y - hot_y) / points, size / points);
    painter.image(
        cursor.texture,
        rect,
        Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)),
        Color32::WHITE,
    );
}

/// The picture takes part in the tab order; while it has the keyboard, a ring says so.
fn keyboard(ui: &Ui, response: &egui::Response, options: PictureOptions<'_>, commands: &mut Vec<Command>) {
    if !options.control {
        return;
    }
    if options.focused && !response.has_focus() {
        response.request_focus();
    } else if !options.focused && (response.gained_focus() || response.clicked()) {
        commands.push(Command::FocusPicture(options.session_id));
    }
    if options.focused && options.ring {
        let stroke = (2.0, Palette::of(ui).focus);
        ui.painter().rect_stroke(response.rect, 0.0, stroke, egui::StrokeKind::Inside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pan_goes_no_farther_than_the_end_of_the_picture() {
        let seen = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 100.0));
        let all = |left: f32, width: f32| Rect::from_min_size(pos2(left, 0.0), vec2(width, 100.0));
        let right = |left: f32, width: f32| within_reach(vec2(-30.0, -30.0), all(left, width), seen);
        assert_eq!(right(0.0, 300.0), vec2(-30.0, 0.0));
        assert_eq!(right(-190.0, 300.0), vec2(-10.0, 0.0));
        assert_eq!(right(-200.0, 300.0), vec2(0.0, 0.0));
        assert_eq!(within_reach(vec2(30.0, 30.0), all(-20.0, 300.0), seen), vec2(20.0, 0.0));
    }
}
