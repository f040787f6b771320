//! The picture past the window's own drawing, where that drawing is slow: a surface in the window that the engine fills as pictures
//! come, with egui around it and over it. egui only says where it lies and what covers it.
//!
//! ```text
//! nothing over it ────────────▶ surface; menus, bars and notes are holes in it, no frame is painted for a new picture
//! most of it is covered ──────▶ texture: what lies over it may be dim or clear
//! the surface is lost, or none ▶ texture
//! ```

use std::sync::Arc;

use egui::{Context, LayerId, Order, Rect as Points};
use farhand_assets::theme;
use farhand_engine::{
    platform::{OwnWindow, Platform, SurfacePlace},
    viewer::{Presenter, SharedPicture, Shown},
};
use farhand_protocol::{
    geometry::{Point, Rect},
    ids::SessionId,
};

use super::echo::Echo;
use crate::model::placement::Placement;

/// Corners of what lies over the picture, in points: the theme's menus have them this round.
const CORNER_POINTS: f32 = theme::CARD_ROUNDING as f32;
/// Covered by more than this part of it, the picture is egui's again.
const MOST_COVERED: (u64, u64) = (3, 5);
/// Width of the ring around the picture that has the keyboard, in points.
const RING_POINTS: f32 = 2.0;

/// Which way pictures go into the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum PictureWay {
    /// A surface where windows are drawn by the processor, a texture elsewhere.
    #[default]
    Auto,
    /// A surface, where there is one to be had.
    Surface,
    /// A texture of the window's own drawing.
    Texture,
}

/// Who shows the picture in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Standing {
    /// The window, for now.
    #[default]
    Window,
    /// The surface.
    Surface,
    /// The window, for as long as most of it is covered.
    Covered,
}

/// The surface of the main window.
#[derive(Default)]
pub struct PictureSpot {
    presenter: Option<Presenter>,
    standing: Standing,
    /// Whose picture it was in the frame before.
    session_id: Option<SessionId>,
}

/// What a frame has found out about the picture.
pub struct Spot<'a> {
    /// Its session.
    pub session_id: SessionId,
    /// The picture.
    pub picture: &'a Arc<SharedPicture>,
    /// Where the frame put it.
    pub placement: Placement,
    /// A ring is drawn around it.
    pub ring: bool,
    /// Whose cursor needs no drawing.
    pub echo: &'a Echo,
}

impl PictureSpot {
    /// Opens a surface in this window, if it is wanted and to be had.
    pub fn open(platform: &dyn Platform, window: &OwnWindow, way: PictureWay) -> Self {
        let is_wanted = match way {
            PictureWay::Auto => platform.draws_in_software(),
            PictureWay::Surface => true,
            PictureWay::Texture => false,
        };
        if !is_wanted {
            return Self::default();
        }
        let opened = platform
            .open_surface(window)
            .map_err(|error| error.to_string())
            .and_then(|surface| Presenter::start(surface).map_err(|error| error.to_string()));
        match opened {
            Ok(presenter) => Self {
                presenter: Some(presenter),
                ..Self::default()
            },
            Err(error) => {
                tracing::info!(error, "pictures are drawn by the window");
                Self::default()
            }
        }
    }

    /// True when this frame need not draw the picture of this session. One that has just come to the front is drawn by the window
    /// first: a surface is not of the same moment as the frame around it, and nobody may be shown under another's name.
    pub fn takes_over(&mut self, session_id: SessionId) -> bool {
        if let Some(error) = self.presenter.as_ref().and_then(Presenter::lost) {
            tracing::info!(%error, "pictures are drawn by the window again");
            self.presenter = None;
            self.standing = Standing::Window;
        }
        if self.session_id != Some(session_id) {
            self.hide();
        }
        self.presenter.is_some() && self.standing != Standing::Covered && self.session_id == Some(session_id)
    }

    fn hide(&mut self) {
        if self.standing != Standing::Surface {
            return;
        }
        if let Some(presenter) = &self.presenter {
            presenter.show(None);
        }
        self.standing = Standing::Window;
    }

    /// True while the picture in front is shown past the window, so that new pixels are no reason for a frame.
    pub fn is_shown(&self) -> bool {
        self.standing == Standing::Surface
    }

    /// Ends a frame. Call it when everything has been painted; `took_over` is what [`PictureSpot::takes_over`] said for this frame.
    pub fn settle(&mut self, ctx: &Context, spot: Option<Spot<'_>>, took_over: bool) {
        let Some(presenter) = &self.presenter else { return };
        let session_id = spot.as_ref().map(|spot| spot.session_id);
        let is_new = session_id.is_some() && std::mem::replace(&mut self.session_id, session_id) != session_id;
        if is_new {
            // The frame after this one is drawn by the window too, and this one is on the display by then.
            ctx.request_repaint();
        }
        let placed = spot.filter(|_| !is_new).and_then(|spot| placed(ctx, &spot));
        let was_covered = self.standing == Standing::Covered;
        // What is dimmed below a dialog is dimmed by the window's own drawing.
        let is_below_dialog = ctx.memory(|memory| memory.top_modal_layer().is_some());
        self.standing = match &placed {
            None => Standing::Window,
            Some(shown) if is_below_dialog || is_covered(&shown.place) => Standing::Covered,
            Some(_) => Standing::Surface,
        };
        let is_covered = self.standing == Standing::Covered;
        if was_covered != is_covered {
            ctx.request_repaint();
        }
        // One that has just been covered goes only when a frame has drawn the picture in its stead.
        presenter.show(placed.filter(|_| !is_covered || took_over));
    }
}

/// Where and how large, in physical pixels; none while nothing of it is to be seen.
fn placed(ctx: &Context, spot: &Spot<'_>) -> Option<Shown> {
    let scale = ctx.pixels_per_point();
    let placement = spot.placement;
    let ring = if spot.ring { (RING_POINTS * scale).ceil() as i32 } else { 0 };
    let [left, top, right, bottom] = placement.visible_px.map(|edge| edge.round() as i32);
    let area = Rect::new(
        left + ring,
        top + ring,
        (right - left - 2 * ring).max(0) as u32,
        (bottom - top - 2 * ring).max(0) as u32,
    );
    if area.is_empty() {
        return None;
    }
    let size = placement.size_px().map(|side| (side.round() as u32).max(1));
    let echo = spot.echo.clone();
    Some(Shown {
        picture: spot.picture.clone(),
        area: placement.area,
        corner: Point {
            x: placement.left_px.round() as i32,
            y: placement.top_px.round() as i32,
        },
        size: (size[0], size[1]),
        place: SurfacePlace {
            area,
            holes: holes(ctx, scale, &area),
            hole_radius: (CORNER_POINTS * scale).round() as u32,
        },
        hides_cursor: Arc::new(move |pos| echo.follows(pos)),
    })
}

/// What egui has painted over `area` in this frame, in pixels. Of what was there in the frame before nothing may be left: it may be long until the next.
fn holes(ctx: &Context, scale: f32, area: &Rect) -> Vec<Rect> {
    let layers = ctx.memory(|memory| memory.areas().visible_layer_ids());
    let over = layers.into_iter().filter(|layer| layer.order != Order::Background);
    let is_painted = |layer: &LayerId| ctx.graphics(|all| all.get(*layer).is_some_and(|shapes| !shapes.is_empty()));
    let painted: Vec<LayerId> = over.filter(is_painted).collect();
    let rects: Vec<Points> = ctx.memory(|memory| painted.iter().filter_map(|layer| memory.area_rect(layer.id)).collect());
    let holes = rects.iter().map(|rect| in_pixels(rect, scale));
    // Whole: the corners of what is beyond the edge are not this picture's.
    let mut holes: Vec<Rect> = holes.filter(|hole| hole.intersection(area).is_some()).collect();
    holes.sort_unstable_by_key(|hole| (hole.y, hole.x, hole.height, hole.width));
    holes
}

fn in_pixels(rect: &Points, scale: f32) -> Rect {
    // To the nearest: what of an edge is less than half a pixel shows nothing but what is below the picture.
    let [left, top, right, bottom] = [rect.left(), rect.top(), rect.right(), rect.bottom()].map(|edge| (edge * scale).round() as i32);
    Rect::new(left, top, (right - left).max(0) as u32, (bottom - top).max(0) as u32)
}

fn is_covered(place: &SurfacePlace) -> bool {
    let covered = place.holes.iter().filter_map(|hole| hole.intersection(&place.area));
    let covered: u64 = covered.map(|part| part.area()).sum();
    covered * MOST_COVERED.1 > place.area.area() * MOST_COVERED.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_is_a_hole_and_a_dialog_over_everything_takes_the_picture_back() {
        let area = Rect::new(0, 0, 1000, 800);
        let place = |holes: Vec<Rect>| SurfacePlace {
            area,
            holes,
            hole_radius: 0,
        };
        assert!(!is_covered(&place(vec![Rect::new(10, 10, 300, 400)])));
        assert!(is_covered(&place(vec![area])));
        assert!(
            !is_covered(&place(vec![Rect::new(-4000, -4000, 4100, 4900)])),
            "nearly all of it is beyond the edge"
        );
        assert_eq!(
            in_pixels(&Points::from_min_max(egui::pos2(10.2, 5.0), egui::pos2(20.1, 6.0)), 2.0),
            Rect::new(20, 10, 20, 2)
        );
    }

    #[test]
    fn what_lies_over_the_picture_is_found_and_what_lies_beside_it_is_not() {
        let ctx = Context::default();
        let found = |is_there: bool| {
            let mut found = Vec::new();
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                for (name, x) in [("over", 30.0), ("beyond the edge", 180.0), ("beside", 500.0)] {
                    let area = egui::Area::new(egui::Id::unique(name)).order(Order::Foreground);
                    let area = area.fixed_pos(egui::pos2(x, 20.0));
                    if is_there {
                        area.show(ui.ctx(), |ui| {
                            let (rect, _) = ui.allocate_exact_size(egui::vec2(50.0, 40.0), egui::Sense::hover());
                            ui.painter().rect_filled(rect, 0.0, egui::Color32::RED);
                        });
                    }
                }
                found = holes(ui.ctx(), 1.0, &Rect::new(0, 0, 200, 200));
            });
            // Nobody draws here.
            output.textures_delta.clear();
            found
        };
        found(true);
        assert_eq!(found(true), [Rect::new(30, 20, 50, 40), Rect::new(180, 20, 50, 40)]);
        assert_eq!(found(false), [], "the first frame without it may be the last for long");
    }
}
