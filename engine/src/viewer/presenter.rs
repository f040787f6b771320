//! Shows pictures in a part of a window past the window's own drawing: a thread that is woken by every change, draws what changed
//! (scaled, with the customer's cursor on it) into a [`PictureSurface`], and presents that alone. So a changed letter goes from the
//! decoder to the display without waiting for a frame of the window.
//!
//! ```text
//! decoder ─► SharedPicture ─wake─► presenter ─► surface ─► display
//! window ──► Shown (where, how large, what covers it) ──┘
//! ```

use std::{sync::Arc, time::Instant};

use farhand_codec::{Area, PictureMut, Scaler, copies::Copy, scale::touched};
use farhand_protocol::{
    geometry::{Point, Rect},
    peer::CursorImage,
};
use parking_lot::Mutex;

use super::picture::{PictureGuard, SharedPicture};
use crate::platform::{BYTES_PER_PIXEL, DamageList, PictureSurface, SurfaceError, SurfacePlace, bands};

/// A large part is drawn and shown in bands of so many pixels.
const BAND_PIXELS: u32 = 1 << 18;

/// What is shown, and where. Physical pixels of the window.
#[derive(Clone)]
pub struct Shown {
    /// The picture.
    pub picture: Arc<SharedPicture>,
    /// The part of the desktop it is placed for; nothing is drawn while the picture is of another.
    pub area: Rect,
    /// Where its upper left pixel lies, maybe outside of what is to be seen.
    pub corner: Point,
    /// Columns and rows of all of it, scaled.
    pub size: (u32, u32),
    /// What of it is to be seen, what covers it, and how round that is.
    pub place: SurfacePlace,
    /// True for places of the customer's cursor where it needs no drawing. Asked on the presenting thread.
    pub hides_cursor: Arc<dyn Fn(Point) -> bool + Send + Sync>,
}

impl Shown {
    fn is_drawn_like(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.picture, &other.picture)
            && (self.area, self.corner, self.size, self.place.area) == (other.area, other.corner, other.size, other.place.area)
    }

    fn ratio(&self) -> (f64, f64) {
        (
            f64::from(self.size.0) / f64::from(self.area.width.max(1)),
            f64::from(self.size.1) / f64::from(self.area.height.max(1)),
        )
    }

    /// Where the visible part begins in the scaled picture.
    fn origin(&self) -> (u32, u32) {
        let from = |at: i32, corner: i32| at.saturating_sub(corner).max(0) as u32;
        (from(self.place.area.x, self.corner.x), from(self.place.area.y, self.corner.y))
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({:?} as {:?} at {:?})", self.area, self.size, self.place)
    }
}

/// The thread; it ends, and the surface goes, when this is dropped.
pub struct Presenter {
    orders: Arc<Mutex<Orders>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Orders {
    shown: Option<Shown>,
    is_over: bool,
    lost: Option<SurfaceError>,
}

impl Presenter {
    /// Starts to show on this surface; nothing yet.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(surface: Box<dyn PictureSurface>) -> std::io::Result<Self> {
        let orders = Arc::new(Mutex::new(Orders::default()));
        let wake = surface.waker();
        let worker = Worker {
            surface,
            orders: orders.clone(),
            wake: wake.clone(),
            shown: None,
            cursor: None,
            scaler: Scaler::default(),
            stale: DamageList::default(),
            changed: Vec::new(),
            has_moved: false,
        };
        std::thread::Builder::new()
            .name("farhand-present".into())
            .spawn(move || worker.run())?;
        Ok(Self { orders, wake })
    }

    /// Shows this from now on, or nothing. Never blocks.
    pub fn show(&self, shown: Option<Shown>) {
        self.orders.lock().shown = shown;
        (self.wake)();
    }

    /// Why nothing is shown any more, when the surface is gone.
    pub fn lost(&self) -> Option<SurfaceError> {
        self.orders.lock().lost.clone()
    }
}

impl Drop for Presenter {
    fn drop(&mut self) {
        self.orders.lock().is_over = true;
        (self.wake)();
    }
}

impl std::fmt::Debug for Presenter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Presenter")
    }
}

/// The cursor as it is drawn: its shape, and what of the place it covers.
#[derive(Clone, PartialEq)]
struct Drawn {
    serial: u64,
    covers: Rect,
}

struct Worker {
    surface: Box<dyn PictureSurface>,
    orders: Arc<Mutex<Orders>>,
    wake: Arc<dyn Fn() + Send + Sync>,
    shown: Option<Shown>,
    cursor: Option<Drawn>,
    scaler: Scaler,
    /// What must be drawn after what was moved: of the place, and of the picture.
    stale: DamageList,
    changed: Vec<Rect>,
    /// The display moved something of it that is not told of yet.
    has_moved: bool,
}

impl Worker {
    fn run(mut self) {
        loop {
            let done = self.surface.wait().and_then(|()| self.turn());
            match done {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "the picture is drawn by the window from now on");
                    self.orders.lock().lost = Some(error);
                    break;
                }
            }
        }
        if let Some(shown) = &self.shown {
            shown.picture.set_watcher(None);
        }
    }

    /// Shows what changed; false when it is over.
    fn turn(&mut self) -> Result<bool, SurfaceError> {
        let wanted = {
            let orders = self.orders.lock();
            if orders.is_over {
                return Ok(false);
            }
            orders.shown.clone()
        };
        let all_anew = self.adopt(wanted)?;
        if !all_anew {
            self.carry_out_moves()?;
        }
        self.draw(all_anew)?;
        Ok(true)
    }

    /// Has the display move what only moved: at once, while the picture may still be painted on.
    fn carry_out_moves(&mut self) -> Result<(), SurfaceError> {
        let Some(shown) = self.shown.clone() else { return Ok(()) };
        for copy in shown.picture.take_moves() {
            self.carry_out(&copy, &shown)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, copy: &Copy, shown: &Shown) -> Result<(), SurfaceError> {
        let seen = Rect::new(0, 0, shown.place.area.width, shown.place.area.height);
        if shown.size != (shown.area.width, shown.area.height) {
            // Scaled, it is drawn.
            let to = copy.to;
            self.changed.push(Rect::new(to.x as i32, to.y as i32, to.width, to.height));
            return Ok(());
        }
        let origin = shown.origin();
        let (from, to) = (within(&copy.from(), origin), within(&copy.to, origin));
        let (across, down) = (to.x - from.x, to.y - from.y);
        let moved = |rect: &Rect| Rect::new(rect.x.saturating_add(across), rect.y.saturating_add(down), rect.width, rect.height);
        let visible = from.intersection(&seen).and_then(|from| moved(&from).intersection(&seen));
        let is_moved = match visible {
            Some(visible) => self.move_shown(&visible, (across, down))?,
            None => false,
        };
        self.has_moved |= is_moved;
        let Some(visible) = visible.filter(|_| is_moved) else {
            self.stale.add(&to, &seen);
            return Ok(());
        };
        // What was not drawn yet of it was moved along.
        let source = Rect::new(visible.x - across, visible.y - down, visible.width, visible.height);
        for part in self.stale.within(&source) {
            self.stale.add(&moved(&part), &seen);
        }
        // What was not to be seen, and the cursor, which is drawn on the picture and not part of it.
        let inside = |rect: &Rect| Area::new(rect.x as u32, rect.y as u32, rect.width, rect.height);
        let wanted = to.intersection(&seen).iter().map(inside).next().unwrap_or_default();
        for part in wanted.without(&inside(&visible)) {
            self.stale.add(&within(&part, (0, 0)), &seen);
        }
        let covered = self.cursor.as_ref().map(|cursor| cursor.covers);
        for covers in covered.iter().flat_map(|covers| [*covers, moved(covers)]) {
            self.stale.add(&covers, &seen);
        }
        Ok(())
    }

    fn move_shown(&mut self, to: &Rect, (across, down): (i32, i32)) -> Result<bool, SurfaceError> {
        let from = Point {
            x: to.x - across,
            y: to.y - down,
        };
        self.surface.move_shown(from, to)
    }

    /// Takes what is wanted; true when all of it must be drawn.
    fn adopt(&mut self, wanted: Option<Shown>) -> Result<bool, SurfaceError> {
        let before = self.shown.take();
        let is_other = match (&before, &wanted) {
            (Some(before), Some(wanted)) => !Arc::ptr_eq(&before.picture, &wanted.picture),
            (before, wanted) => before.is_some() != wanted.is_some(),
        };
        if is_other {
            if let Some(before) = &before {
                before.picture.set_watcher(None);
            }
            if let Some(wanted) = &wanted {
                wanted.picture.set_watcher(Some(self.wake.clone()));
            }
        }
        let all_anew = match (&before, &wanted) {
            (Some(before), Some(wanted)) => !before.is_drawn_like(wanted),
            _ => true,
        };
        let place = wanted.as_ref().map(|wanted| wanted.place.clone()).unwrap_or_default();
        self.shown = wanted;
        self.surface.place(&place)?;
        Ok(all_anew)
    }

    fn draw(&mut self, all_anew: bool) -> Result<(), SurfaceError> {
        let Some(shown) = &self.shown else { return Ok(()) };
        let Some(pixels) = self.surface.pixels()? else { return Ok(()) };
        let seen = Rect::new(0, 0, pixels.width(), pixels.height());
        // Asked before the picture is locked: whoever answers may hold a lock of its own and want the picture.
        let cursor_at = shown.picture.lock_for_surface().cursor().map(|(_, pos, _)| pos);
        let is_hidden = cursor_at.is_some_and(|pos| (shown.hides_cursor)(pos));
        let lost = self.surface.take_lost();
        let picture = shown.picture.clone();
        let mut guard = picture.lock_for_surface();
        if all_anew {
            picture.take_moves();
        } else {
            self.carry_out_moves()?;
        }
        let Some(shown) = &self.shown else { return Ok(()) };
        let mut changed = std::mem::take(&mut self.changed);
        changed.extend(guard.take_surface_dirty());
        let mut stale = std::mem::take(&mut self.stale);
        let taken = Instant::now();
        if guard.area() != shown.area {
            // The window will place what there is now.
            return Ok(());
        }
        let Some(picture) = guard.picture() else { return Ok(()) };
        let (from, origin) = ((picture.width(), picture.height()), shown.origin());
        lost.iter().for_each(|rect| stale.add(rect, &seen));
        if all_anew {
            stale.add(&seen, &seen);
        }
        for rect in &changed {
            let area = Area::new(rect.x.max(0) as u32, rect.y.max(0) as u32, rect.width, rect.height);
            stale.add(&within(&touched(&area, from, shown.size), origin), &seen);
        }
        let cursor = cursor_of(&guard, shown, origin).filter(|_| !is_hidden);
        let now = cursor.as_ref().map(|(_, drawn)| drawn.clone());
        if now != self.cursor {
            for drawn in [&now, &self.cursor].into_iter().flatten() {
                stale.add(&drawn.covers, &seen);
            }
        }
        let stale: Vec<Rect> = stale
            .take()
            .iter()
            .flat_map(|rect| bands(rect, BAND_PIXELS / rect.width.max(1)))
            .collect();
        let scaler = &mut self.scaler;
        self.surface.draw(&stale, &mut |rect, pixels| {
            let part = Area::new(rect.x as u32 + origin.0, rect.y as u32 + origin.1, rect.width, rect.height);
            scaler.draw(&picture, shown.size, &part, pixels, origin);
            if let Some((image, drawn)) = &cursor {
                draw_cursor(image, &drawn.covers, rect, pixels);
            }
        })?;
        drop(guard);
        self.cursor = now;
        let has_moved = std::mem::take(&mut self.has_moved);
        if stale.is_empty() {
            if has_moved {
                shown.picture.note_presented(taken);
            } else {
                shown.picture.note_unseen(taken);
            }
            return Ok(());
        }
        self.surface.present(&stale)?;
        shown.picture.note_presented(taken);
        Ok(())
    }
}

/// A part of the scaled picture, counted from what is to be seen of it.
fn within(area: &Area, origin: (u32, u32)) -> Rect {
    let from = |at: u32, origin: u32| (i64::from(at) - i64::from(origin)) as i32;
    Rect::new(from(area.x, origin.0), from(area.y, origin.1), area.width, area.height)
}

/// The cursor, and where it is to be drawn.
fn cursor_of(guard: &PictureGuard<'_>, shown: &Shown, origin: (u32, u32)) -> Option<(Arc<CursorImage>, Drawn)> {
    let (image, pos, is_visible) = guard.cursor()?;
    if !is_visible || image.width == 0 || image.height == 0 {
        return None;
    }
    let (across, down) = shown.ratio();
    let place = |at: i32, first: i32, hot: u16, ratio: f64, origin: u32| {
        ((f64::from(at) - f64::from(first) - f64::from(hot)) * ratio - f64::from(origin)).round() as i32
    };
    let long = |side: u16, ratio: f64| ((f64::from(side) * ratio).round() as u32).max(1);
    let covers = Rect::new(
        place(pos.x, shown.area.x, image.hot_x, across, origin.0),
        place(pos.y, shown.area.y, image.hot_y, down, origin.1),
        long(image.width, across),
        long(image.height, down),
    );
    let serial = image.serial;
    Some((image, Drawn { serial, covers }))
}

/// Blends the cursor over what it covers of a part that was just drawn. Its colours are premultiplied; in another size than its own it takes the nearest pixels.
fn draw_cursor(image: &CursorImage, covers: &Rect, drawn: &Rect, pixels: &mut PictureMut<'_>) {
    let Some(part) = covers.intersection(drawn) else { return };
    let nearest = |at: i32, first: i32, long: u32, side: u16| (i64::from(at - first) * i64::from(side) / i64::from(long.max(1))) as usize;
    for y in part.y..part.bottom() {
        let line = nearest(y, covers.y, covers.height, image.height) * usize::from(image.width);
        let row = pixels.row_mut(y as u32);
        for x in part.x..part.right() {
            let source = (line + nearest(x, covers.x, covers.width, image.width)) * BYTES_PER_PIXEL;
            let at = x as usize * BYTES_PER_PIXEL;
            if let (Some(over), Some(under)) = (image.bgra.get(source..source + 4), row.get_mut(at..at + 4)) {
                let rest = 255 - u32::from(over[3]);
                for (under, over) in under.iter_mut().zip(over).take(3) {
                    *under = (u32::from(*over) + (u32::from(*under) * rest + 127) / 255).min(255) as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use farhand_codec::{
        Canvas, TileEncoder, append_operation,
        operations::{Operation, TilesReason},
    };
    use farhand_protocol::media::{CursorPosition, PicturePlace, UpdateHeader};

    use super::*;
    use crate::platform::fake::FakeSurface;

    const LONG: Duration = Duration::from_secs(20);

    fn header(width: u32, height: u32) -> UpdateHeader {
        UpdateHeader {
            update: 1,
            base: 0,
            captured_at_micros: 9,
            full: Some(PicturePlace {
                epoch: 1,
                area: Rect::new(0, 0, width, height),
            }),
            exact: true,
        }
    }

    /// A grey picture.
    fn picture(width: u32, height: u32) -> Arc<SharedPicture> {
        let picture = Arc::new(SharedPicture::default());
        let mut update = Vec::new();
        append_operation(&Operation::Reset { width, height }, &mut update);
        picture.handle_update(&header(width, height), &update).unwrap();
        paint(&picture, (width, height), Area::of_size(width, height), 100);
        picture
    }

    fn paint(picture: &SharedPicture, size: (u32, u32), area: Area, value: u8) {
        let mut canvas = Canvas::black(size.0, size.1).unwrap();
        for y in area.y..area.bottom() {
            let mut picture = canvas.as_picture_mut();
            picture.row_mut(y)[area.x as usize * 4..area.right() as usize * 4].fill(value);
        }
        let mut update = Vec::new();
        let mut encoder = TileEncoder::new().unwrap();
        encoder
            .append_operations(&canvas.as_picture(), &[area], TilesReason::Change, &mut update)
            .unwrap();
        picture.handle_update(&header(size.0, size.1), &update).unwrap();
    }

    fn shown(picture: &Arc<SharedPicture>, area: Rect, corner: Point, size: (u32, u32), seen: Rect) -> Shown {
        Shown {
            picture: picture.clone(),
            area,
            corner,
            size,
            place: SurfacePlace {
                area: seen,
                ..SurfacePlace::default()
            },
            hides_cursor: Arc::new(|_| false),
        }
    }

    fn started() -> (Presenter, FakeSurface) {
        let surface = FakeSurface::default();
        (Presenter::start(surface.surface()).unwrap(), surface)
    }

    fn shows(surface: &FakeSurface, x: i32, y: i32, value: u8) -> bool {
        surface.wait_until(LONG, |surface| surface.pixel(Point { x, y }) == Some([value; 3]))
    }

    #[test]
    fn a_change_is_presented_and_nothing_but_it() {
        let (presenter, surface) = started();
        let picture = picture(200, 100);
        let area = Rect::new(0, 0, 200, 100);
        presenter.show(Some(shown(
            &picture,
            area,
            Point { x: 30, y: 40 },
            (200, 100),
            Rect::new(30, 40, 200, 100),
        )));
        assert!(shows(&surface, 199, 99, 100));
        surface.take_presented();
        paint(&picture, (200, 100), Area::new(20, 10, 8, 9), 7);
        assert!(shows(&surface, 20, 10, 7));
        assert_eq!(surface.take_presented(), [Rect::new(20, 10, 8, 9)]);
        presenter.show(None);
        assert!(surface.wait_until(LONG, |surface| surface.place().area.is_empty()), "hidden again");
    }

    #[test]
    fn a_scrolled_picture_shows_the_part_in_sight_and_a_scaled_one_all_of_it() {
        let (presenter, surface) = started();
        let picture = picture(200, 100);
        paint(&picture, (200, 100), Area::new(150, 50, 50, 50), 7);
        let area = Rect::new(0, 0, 200, 100);
        // Scrolled by 120, 40: the window shows 80 × 60 of it.
        presenter.show(Some(shown(
            &picture,
            area,
            Point { x: -120, y: -40 },
            (200, 100),
            Rect::new(0, 0, 80, 60),
        )));
        assert!(shows(&surface, 30, 10, 7) && shows(&surface, 29, 10, 100) && shows(&surface, 30, 9, 100));
        presenter.show(Some(shown(&picture, area, Point::default(), (100, 50), Rect::new(0, 0, 100, 50))));
        assert!(shows(&surface, 90, 40, 7) && shows(&surface, 10, 10, 100));
        surface.take_presented();
        paint(&picture, (200, 100), Area::new(0, 0, 20, 20), 50);
        assert!(shows(&surface, 3, 3, 50));
        let presented = surface.take_presented();
        assert!(
            presented.iter().all(|rect| rect.right() < 20 && rect.bottom() < 20),
            "{presented:?}"
        );
    }

    #[test]
    fn the_cursor_is_drawn_once_where_it_is_and_leaves_nothing_behind() {
        let (presenter, surface) = started();
        let picture = picture(100, 100);
        let area = Rect::new(0, 0, 100, 100);
        let half = [20, 20, 20, 128].repeat(16);
        picture.handle_cursor_image(CursorImage {
            serial: 1,
            width: 4,
            height: 4,
            hot_x: 1,
            hot_y: 1,
            bgra: half,
        });
        let at = |number, x, y| CursorPosition {
            number,
            serial: 1,
            epoch: 1,
            pos: Point { x, y },
            visible: true,
        };
        picture.handle_cursor_position(at(1, 21, 31));
        presenter.show(Some(shown(&picture, area, Point::default(), (100, 100), area)));
        // Its own, and half of the grey below.
        let blended = 70;
        assert!(shows(&surface, 20, 30, blended) && shows(&surface, 24, 30, 100));
        picture.handle_cursor_position(at(2, 23, 31));
        assert!(shows(&surface, 25, 33, blended), "{:?}", surface.pixel(Point { x: 25, y: 33 }));
        assert!(shows(&surface, 20, 30, 100), "where it was is as it was before");
        // A change below half of it draws it once, not twice.
        paint(&picture, (100, 100), Area::new(22, 30, 2, 4), 0);
        assert!(shows(&surface, 23, 31, 20) && shows(&surface, 25, 33, blended));
        presenter.show(Some(Shown {
            hides_cursor: Arc::new(|_| true),
            ..shown(&picture, area, Point::default(), (100, 100), area)
        }));
        assert!(shows(&surface, 25, 33, 100) && shows(&surface, 23, 31, 0));
    }

    /// Paints each row in a value of its own.
    fn paint_rows(picture: &SharedPicture, (width, height): (u32, u32), first: u32) {
        (0..height).for_each(|y| paint(picture, (width, height), Area::new(0, y, width, 1), (first + y) as u8));
    }

    /// Scrolls up by some rows, and paints what comes in.
    fn scroll(picture: &SharedPicture, (width, height): (u32, u32), rows: u32, value: u8) {
        let mut update = Vec::new();
        let to = Area::new(0, 0, width, height - rows);
        append_operation(
            &Operation::Copy {
                from_x: 0,
                from_y: rows,
                to,
            },
            &mut update,
        );
        picture.handle_update(&header(width, height), &update).unwrap();
        paint(picture, (width, height), Area::new(0, height - rows, width, rows), value);
    }

    /// Whether a part of the picture is shown as it is at 1:1.
    fn shows_all(surface: &FakeSurface, picture: &SharedPicture, origin: (u32, u32), size: (u32, u32)) -> bool {
        surface.wait_until(LONG, |surface| {
            let guard = picture.lock_for_surface();
            let picture = guard.picture().unwrap();
            let differs = |x: u32, y: u32| {
                let pixel = &picture.row(y + origin.1)[(x + origin.0) as usize * 4..][..3];
                surface.pixel(Point { x: x as i32, y: y as i32 }).as_ref().map(<[u8; 3]>::as_slice) != Some(pixel)
            };
            !(0..size.1).any(|y| (0..size.0).step_by(7).any(|x| differs(x, y)))
        })
    }

    #[test]
    fn what_is_scrolled_is_moved_on_the_display_and_not_drawn_again() {
        let (presenter, surface) = started();
        let size = (400, 300);
        let picture = picture(size.0, size.1);
        paint_rows(&picture, size, 1);
        let area = Rect::new(0, 0, size.0, size.1);
        presenter.show(Some(shown(&picture, area, Point::default(), size, area)));
        assert!(shows_all(&surface, &picture, (0, 0), size));
        surface.take_presented();
        scroll(&picture, size, 20, 7);
        assert!(shows_all(&surface, &picture, (0, 0), size));
        assert_eq!(surface.moved(), 1);
        assert_eq!(surface.take_presented(), [Rect::new(0, 280, 400, 20)]);
        // What is not drawn yet when something moves is drawn where it went to: many changes, quicker than they are shown.
        for step in 0..200 {
            paint(&picture, size, Area::new(step, step % 90 + 150, 40, 9), step as u8);
            scroll(&picture, size, 1 + step % 30, (step * 3) as u8);
        }
        assert!(shows_all(&surface, &picture, (0, 0), size));
        // Scrolled by 50, 60 in its window: what comes in from outside cannot be moved.
        let seen = Rect::new(0, 0, 300, 200);
        presenter.show(Some(shown(&picture, area, Point { x: -50, y: -60 }, size, seen)));
        assert!(shows_all(&surface, &picture, (50, 60), (300, 200)));
        let before = surface.moved();
        paint_rows(&picture, size, 9);
        scroll(&picture, size, 70, 1);
        assert!(shows_all(&surface, &picture, (50, 60), (300, 200)) && surface.moved() > before);
        // Scaled, it is drawn.
        presenter.show(Some(shown(&picture, area, Point::default(), (200, 150), Rect::new(0, 0, 200, 150))));
        assert!(shows(&surface, 100, 149, 1));
        let before = surface.moved();
        scroll(&picture, size, 70, 2);
        assert!(shows(&surface, 100, 149, 2) && shows(&surface, 100, 100, 1) && surface.moved() == before);
    }

    #[test]
    fn what_is_not_drawn_yet_is_moved_along() {
        let size = (400, 300);
        let picture = picture(size.0, size.1);
        paint_rows(&picture, size, 1);
        let area = Rect::new(0, 0, size.0, size.1);
        let surface = FakeSurface::default();
        let seen = Rect::new(0, 0, 300, 200);
        let mut worker = Worker {
            surface: surface.surface(),
            orders: Arc::default(),
            wake: Arc::new(|| {}),
            shown: None,
            cursor: None,
            scaler: Scaler::default(),
            stale: DamageList::default(),
            changed: Vec::new(),
            has_moved: false,
        };
        worker.orders.lock().shown = Some(shown(&picture, area, Point { x: -50, y: -60 }, size, seen));
        assert!(worker.turn().unwrap());
        // Several moves before one draw, each of which brings something in from outside; the last from far away.
        for (step, rows) in [40, 40, 1, 70, 190].into_iter().enumerate() {
            scroll(&picture, size, rows, step as u8);
        }
        assert!(worker.turn().unwrap());
        assert!(shows_all(&surface, &picture, (50, 60), (300, 200)));
        let mut update = Vec::new();
        let to = Area::new(0, 210, 400, 90);
        append_operation(&Operation::Copy { from_x: 0, from_y: 0, to }, &mut update);
        append_operation(
            &Operation::Copy {
                from_x: 0,
                from_y: 110,
                to: Area::new(0, 0, 400, 190),
            },
            &mut update,
        );
        picture.handle_update(&header(size.0, size.1), &update).unwrap();
        assert!(worker.turn().unwrap());
        assert!(shows_all(&surface, &picture, (50, 60), (300, 200)) && surface.moved() > 3);
    }

    #[test]
    fn a_cursor_over_what_moves_stays_where_it_is() {
        let (presenter, surface) = started();
        let size = (400, 300);
        let picture = picture(size.0, size.1);
        let area = Rect::new(0, 0, size.0, size.1);
        picture.handle_cursor_image(CursorImage {
            serial: 1,
            width: 4,
            height: 4,
            hot_x: 0,
            hot_y: 0,
            bgra: vec![255; 64],
        });
        picture.handle_cursor_position(CursorPosition {
            number: 1,
            serial: 1,
            epoch: 1,
            pos: Point { x: 14, y: 90 },
            visible: true,
        });
        paint(&picture, size, Area::new(0, 110, 400, 190), 50);
        presenter.show(Some(shown(&picture, area, Point::default(), size, area)));
        assert!(shows(&surface, 14, 90, 255) && shows(&surface, 14, 110, 50));
        scroll(&picture, size, 40, 9);
        assert!(shows(&surface, 14, 299, 9) && shows(&surface, 14, 90, 255), "where it is");
        assert!(
            shows(&surface, 14, 50, 100) && shows(&surface, 14, 70, 50),
            "and not where it was moved to"
        );
        assert_eq!(surface.moved(), 1);
    }

    #[test]
    fn who_is_asked_about_the_cursor_may_look_at_the_picture_meanwhile() {
        let (presenter, surface) = started();
        let picture = picture(100, 100);
        picture.handle_cursor_image(CursorImage {
            serial: 1,
            width: 1,
            height: 1,
            hot_x: 0,
            hot_y: 0,
            bgra: vec![0, 0, 0, 255],
        });
        picture.handle_cursor_position(CursorPosition {
            number: 1,
            serial: 1,
            epoch: 1,
            pos: Point { x: 5, y: 5 },
            visible: true,
        });
        let area = Rect::new(0, 0, 100, 100);
        let looked = picture.clone();
        presenter.show(Some(Shown {
            hides_cursor: Arc::new(move |_| looked.lock().size() == (100, 100)),
            ..shown(&picture, area, Point::default(), (100, 100), area)
        }));
        assert!(shows(&surface, 5, 5, 100));
    }

    #[test]
    fn a_picture_of_another_size_waits_for_its_place_and_a_lost_surface_is_said() {
        let (presenter, surface) = started();
        let picture = picture(100, 100);
        let area = Rect::new(0, 0, 100, 100);
        presenter.show(Some(shown(&picture, area, Point::default(), (100, 100), area)));
        assert!(shows(&surface, 99, 99, 100));
        surface.take_presented();
        let mut update = Vec::new();
        append_operation(&Operation::Reset { width: 50, height: 60 }, &mut update);
        picture.handle_update(&header(50, 60), &update).unwrap();
        let area = Rect::new(0, 0, 50, 60);
        presenter.show(Some(shown(&picture, area, Point::default(), (50, 60), area)));
        assert!(shows(&surface, 49, 59, 0));
        assert!(
            surface.take_presented().iter().all(|rect| rect.right() <= 50),
            "none of the new picture in the old place"
        );
        surface.destroy();
        assert!(surface.wait_until(LONG, |_| presenter.lost().is_some()));
    }
}
