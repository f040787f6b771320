//! The customer's desktop as a picture: letterboxed or pixel for pixel, with their cursor. What it does not do: pointer and keys, which
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
    /// The pixels; none while they are shown past the window's own drawing.
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
    /// Fit or 1:1.
    pub zoom: Zoom,
    /// Mouse and keyboard are held.
    pub control: bool,
    /// The keyboard goes here.
    pub focused: bool,
    /// What it is called.
    pub label: &'a str,
    /// A ring shows that the keyboard goes here.
    pub ring: bool,
}

/// Paints the picture into all the space there is.
pub fn picture_ui(ui: &mut Ui, view: &PictureView, options: PictureOptions<'_>, commands: &mut Vec<Command>) {
    let space = ui.available_rect_before_wrap();
    let scale = ui.pixels_per_point();
    let fits = view.area.width as f32 <= space.width() * scale + 0.5 && view.area.height as f32 <= space.height() * scale + 0.5;
    if options.zoom == Zoom::Actual && !fits {
        scrolled_ui(ui, view, options, commands);
        return;
    }
    let space_px = [space.left(), space.top(), space.right(), space.bottom()].map(|edge| (edge * scale).round());
    let placed = match options.zoom {
        Zoom::Fit => Placement::fit(view.area, space_px),
        Zoom::Actual => {
            let left = space_px[0] + ((space_px[2] - space_px[0]) - view.area.width as f32) / 2.0;
            let top = space_px[1] + ((space_px[3] - space_px[1]) - view.area.height as f32) / 2.0;
            Placement::actual(view.area, left, top, space_px)
        }
    };
    ui.allocate_rect(space, Sense::hover());
    paint(ui, view, placed, options, commands);
}

fn scrolled_ui(ui: &mut Ui, view: &PictureView, options: PictureOptions<'_>, commands: &mut Vec<Command>) {
    let scale = ui.pixels_per_point();
    ui.spacing_mut().scroll = egui::style::ScrollStyle::solid();
    // Every pixel as it is, to the edge.
    ui.spacing_mut().scroll.fade.strength = 0.0;
    let id = ("picture", options.session_id);
    egui::ScrollArea::both().id_salt(id).auto_shrink([false, false]).show(ui, |ui| {
        let size = vec2(view.area.width as f32, view.area.height as f32) / scale;
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let seen = ui.clip_rect();
        let seen_px = [seen.left(), seen.top(), seen.right(), seen.bottom()].map(|edge| (edge * scale).round());
        let placed = Placement::actual(view.area, rect.left() * scale, rect.top() * scale, seen_px);
        paint(ui, view, placed, options, commands);
    });
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
        painter.image(texture, whole, all, Color32::WHITE);
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
