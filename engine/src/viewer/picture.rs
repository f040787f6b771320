//! The picture a viewer shows, shared between the decoder, which paints on it, and the window, which reads it. The lock is held
//! for one update at a time: microseconds for a letter, milliseconds for a whole screen.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use farhand_codec::{Area, DecodeError, FramePainter, Painted, Picture, copies::Copy, operations::leading_copies};
use farhand_protocol::{
    geometry::{Point, Rect},
    media::{CursorPosition, PicturePlace, UpdateHeader},
    peer::CursorImage,
};
use parking_lot::{Mutex, MutexGuard};
use sha2::Sha256;

use crate::{host::hash_rows, platform::DamageList};

/// Less than this is drawn as fast as the display moves it.
const LEAST_MOVED_PIXELS: u64 = 1 << 16;
/// More moves than this are not kept for a display that is late.
const MOST_MOVES: usize = 128;
/// Cursor shapes kept; positions name them by serial.
const KEPT_CURSORS: usize = 16;

/// A picture shared by decoder and window.
#[derive(Default)]
pub struct SharedPicture {
    state: Mutex<State>,
    /// What only moved, for whoever shows the picture past the window: to be carried out before what is dirty is drawn. Apart, so that the display
    /// may move it while the picture is being painted; added to only while the picture is locked.
    moves: Mutex<Vec<Copy>>,
    is_told: AtomicBool,
}

#[derive(Default)]
struct State {
    painter: Option<FramePainter>,
    area: Rect,
    epoch: u32,
    dirty: DamageList,
    generation: u64,
    captured_at_micros: i64,
    is_exact: bool,
    /// When the oldest pixels that nobody has put on the display yet were painted.
    painted_at: Option<Instant>,
    /// How long pixels painted lately took from there to the display.
    presented_after: Option<Duration>,
    cursors: VecDeque<Arc<CursorImage>>,
    cursor: Option<CursorPosition>,
    watcher: Option<Watcher>,
}

/// Who shows the picture past the window's own drawing.
struct Watcher {
    dirty: DamageList,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl SharedPicture {
    /// The picture as it is now; decoding waits while this is held.
    pub fn lock(&self) -> PictureGuard<'_> {
        self.is_told.store(false, Ordering::Release);
        PictureGuard(self.state.lock())
    }

    /// True when the window has looked since it was told last, and must be told again.
    pub(super) fn must_tell(&self) -> bool {
        !self.is_told.swap(true, Ordering::AcqRel)
    }

    /// Applies an update.
    pub(super) fn handle_update(&self, header: &UpdateHeader, operations: &[u8]) -> Result<Painted, DecodeError> {
        let mut state = self.state.lock();
        let mut painter = match state.painter.take() {
            Some(painter) => painter,
            None => FramePainter::new()?,
        };
        let copies = state.movable(&painter, operations);
        let painted = match &copies {
            None => painter.apply(operations),
            Some((copies, rest)) => {
                let bounds = painter.frame().map_or(Rect::default(), |frame| rect_of(&frame.area()));
                self.begin_moves(&mut state, copies, &bounds);
                let moving = operations.get(..operations.len() - rest.len()).unwrap_or_default();
                // What moved is told apart.
                painter.apply(moving).and_then(|_| painter.apply(rest))
            }
        };
        let size = painter.frame().map(|frame| (frame.width(), frame.height()));
        state.painter = Some(painter);
        state.generation += 1;
        let place = header.full.unwrap_or(PicturePlace {
            epoch: state.epoch,
            area: state.area,
        });
        let painted = painted.and_then(|painted| {
            // Positions count from this area: of another size it is another picture's.
            let fits = size.is_none_or(|size| size == (place.area.width, place.area.height));
            fits.then_some(painted).ok_or(DecodeError::OutsideFrame)
        });
        let painted = painted.inspect_err(|_| state.is_exact = false)?;
        (state.area, state.epoch) = (place.area, place.epoch);
        (state.captured_at_micros, state.is_exact) = (header.captured_at_micros, header.exact && painted.keys_wanted.is_empty());
        if copies.is_some() || !painted.changed.is_empty() {
            state.painted_at.get_or_insert_with(Instant::now);
        }
        let bounds = state.bounds();
        for copy in copies.iter().flat_map(|(copies, _)| copies) {
            state.dirty.add(&rect_of(&copy.to), &bounds);
        }
        for area in &painted.changed {
            let rect = rect_of(area);
            state.dirty.add(&rect, &bounds);
            if let Some(watcher) = &mut state.watcher {
                watcher.dirty.add(&rect, &bounds);
            }
        }
        state.wake_watcher();
        Ok(painted)
    }

    /// Lets the display move what an update moves. What is not drawn yet of that is drawn where it goes to.
    fn begin_moves(&self, state: &mut State, copies: &[Copy], bounds: &Rect) {
        let Some(watcher) = &mut state.watcher else { return };
        if self.moves.lock().len() + copies.len() > MOST_MOVES {
            // The display hangs. Once it goes on, all of it is drawn.
            self.moves.lock().clear();
            watcher.dirty.add(bounds, bounds);
            return;
        }
        for copy in copies {
            let (from, to) = (rect_of(&copy.from()), rect_of(&copy.to));
            for part in watcher.dirty.within(&from) {
                let moved = Rect::new(part.x - from.x + to.x, part.y - from.y + to.y, part.width, part.height);
                watcher.dirty.add(&moved, bounds);
            }
            self.moves.lock().push(*copy);
        }
        state.wake_watcher();
    }

    /// What moved since this was called last. What is dirty is to be drawn after it.
    pub(super) fn take_moves(&self) -> Vec<Copy> {
        std::mem::take(&mut self.moves.lock())
    }

    /// A cursor shape; insane ones are dropped.
    pub(super) fn handle_cursor_image(&self, image: CursorImage) {
        if !image.is_sane() {
            return;
        }
        let mut state = self.state.lock();
        state.cursors.retain(|known| known.serial != image.serial);
        if state.cursors.len() == KEPT_CURSORS {
            state.cursors.pop_front();
        }
        state.cursors.push_back(Arc::new(image));
        state.generation += 1;
        state.wake_watcher();
    }

    /// A cursor position; true when it is newer than the one known.
    pub(super) fn handle_cursor_position(&self, position: CursorPosition) -> bool {
        let mut state = self.state.lock();
        // Numbers wrap; half the range counts as newer.
        let is_newer = state
            .cursor
            .is_none_or(|known| position.number.wrapping_sub(known.number) as i32 > 0);
        if is_newer {
            state.cursor = Some(position);
            state.generation += 1;
            state.wake_watcher();
        }
        is_newer
    }

    /// Positions are counted anew: another connection.
    pub(super) fn forget_cursor_number(&self) {
        self.state.lock().cursor = None;
    }

    /// How long pixels painted lately took until the window or the surface had them; none while they have taken none.
    pub(super) fn presented_after(&self) -> Option<Duration> {
        self.state.lock().presented_after
    }

    /// Whoever shows the picture past the window has put on the display what it took at `taken`.
    pub(super) fn note_presented(&self, taken: Instant) {
        self.state.lock().note_presented(taken);
    }

    /// What had been painted at `taken` is not to be seen where the picture is shown: it is never on the display, and no time is counted for it.
    pub(super) fn note_unseen(&self, taken: Instant) {
        self.state.lock().painted_at.take_if(|at| *at <= taken);
    }

    /// Takes rows into a digest, unless the picture is not the one of this generation any more.
    pub(super) fn hash_rows(&self, generation: u64, rows: Range<u32>, hash: &mut Sha256) -> bool {
        let state = self.state.lock();
        let Some(frame) = state
            .painter
            .as_ref()
            .and_then(FramePainter::frame)
            .filter(|_| state.generation == generation)
        else {
            return false;
        };
        hash_rows(hash, &frame, rows.start..rows.end.min(frame.height()));
        true
    }

    /// Forgets the picture: viewing has ended, and what was seen is not kept.
    pub(super) fn clear(&self) {
        let mut state = self.state.lock();
        let generation = state.generation + 1;
        *state = State {
            generation,
            watcher: state.watcher.take(),
            ..State::default()
        };
        state.wake_watcher();
    }

    /// The picture for who shows it past the window, which has not looked by that.
    pub(super) fn lock_for_surface(&self) -> PictureGuard<'_> {
        PictureGuard(self.state.lock())
    }

    /// Someone else shows the picture from now on, beginning with all of it, and is woken by every change; or nobody does.
    pub(super) fn set_watcher(&self, wake: Option<Arc<dyn Fn() + Send + Sync>>) {
        let mut state = self.state.lock();
        self.moves.lock().clear();
        let bounds = state.bounds();
        state.watcher = wake.map(|wake| {
            let mut dirty = DamageList::default();
            dirty.add(&bounds, &bounds);
            Watcher { dirty, wake }
        });
        state.wake_watcher();
    }
}

impl std::fmt::Debug for SharedPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedPicture(…)")
    }
}

fn rect_of(area: &Area) -> Rect {
    Rect::new(area.x as i32, area.y as i32, area.width, area.height)
}

impl State {
    /// What an update moves of what is shown past the window, and what follows that; none where nothing large does.
    fn movable<'a>(&self, painter: &FramePainter, operations: &'a [u8]) -> Option<(Vec<Copy>, &'a [u8])> {
        self.watcher.as_ref()?;
        let frame = painter.frame()?.area();
        let (copies, rest) = leading_copies(operations);
        if copies.len() > MOST_MOVES {
            return None;
        }
        let is_inside = copies.iter().all(|copy| frame.contains(&copy.from()) && frame.contains(&copy.to));
        let pixels: u64 = copies.iter().map(|copy| copy.to.pixels()).sum();
        (is_inside && pixels >= LEAST_MOVED_PIXELS).then_some((copies, rest))
    }

    fn wake_watcher(&self) {
        if let Some(watcher) = &self.watcher {
            (watcher.wake)();
        }
    }

    fn note_presented(&mut self, taken: Instant) {
        // What was painted since it was taken is not on the display yet.
        if let Some(at) = self.painted_at.take_if(|at| *at <= taken) {
            self.presented_after = Some(at.elapsed());
        }
    }

    fn bounds(&self) -> Rect {
        self.painter
            .as_ref()
            .and_then(FramePainter::frame)
            .map_or(Rect::default(), |frame| Rect::new(0, 0, frame.width(), frame.height()))
    }
}

/// The picture while nobody paints on it.
pub struct PictureGuard<'a>(MutexGuard<'a, State>);

impl PictureGuard<'_> {
    /// Columns and rows; both 0 while there is nothing to show.
    pub fn size(&self) -> (u32, u32) {
        let bounds = self.0.bounds();
        (bounds.width, bounds.height)
    }

    /// What part of the desktop space it covers, in physical pixels.
    pub fn area(&self) -> Rect {
        self.0.area
    }

    /// Layout it belongs to; pointer events name it.
    pub fn epoch(&self) -> u32 {
        self.0.epoch
    }

    /// Its pixels, BGRA with alpha 255, rows [`Self::stride`] bytes apart; empty while there is nothing to show.
    pub fn frame(&self) -> &[u8] {
        self.0
            .painter
            .as_ref()
            .and_then(FramePainter::frame)
            .map_or(&[], |frame| frame.bytes())
    }

    /// Bytes from one row to the next.
    pub fn stride(&self) -> usize {
        self.0
            .painter
            .as_ref()
            .and_then(FramePainter::frame)
            .map_or(0, |frame| frame.stride())
    }

    /// What changed since this was called last, counted from the picture's own corner.
    pub fn take_dirty(&mut self) -> Vec<Rect> {
        self.0.note_presented(Instant::now());
        self.0.dirty.take()
    }

    /// What changed for who shows the picture past the window.
    pub(super) fn take_surface_dirty(&mut self) -> Vec<Rect> {
        self.0.watcher.as_mut().map(|watcher| watcher.dirty.take()).unwrap_or_default()
    }

    /// The pixels; none while there is nothing to show.
    pub(super) fn picture(&self) -> Option<Picture<'_>> {
        self.0.painter.as_ref().and_then(FramePainter::frame)
    }

    /// Shape, place in the desktop space, and whether it is visible; none while unknown.
    pub fn cursor(&self) -> Option<(Arc<CursorImage>, Point, bool)> {
        let position = self.0.cursor?;
        let image = self.0.cursors.iter().find(|image| image.serial == position.serial)?;
        Some((image.clone(), position.pos, position.visible))
    }

    /// Grows with every change of pixels, size or cursor.
    pub fn generation(&self) -> u64 {
        self.0.generation
    }

    /// When the newest pixels were read, microseconds of the host's clock.
    pub fn captured_at_micros(&self) -> i64 {
        self.0.captured_at_micros
    }

    /// True when every pixel is the host's, as far as its updates say.
    pub fn is_exact(&self) -> bool {
        self.0.is_exact
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use farhand_codec::operations::{Operation, append_operation};

    fn header(width: u32, height: u32) -> UpdateHeader {
        let area = Rect::new(-5, 7, width, height);
        UpdateHeader {
            update: 1,
            base: 0,
            captured_at_micros: 9,
            full: Some(PicturePlace { epoch: 3, area }),
            exact: true,
        }
    }

    #[test]
    fn a_reset_makes_a_picture_and_all_of_it_is_dirty_once() {
        let picture = SharedPicture::default();
        assert_eq!(picture.lock().size(), (0, 0));
        let mut update = Vec::new();
        append_operation(&Operation::Reset { width: 30, height: 20 }, &mut update);
        picture.handle_update(&header(30, 20), &update).unwrap();
        let mut guard = picture.lock();
        assert_eq!((guard.size(), guard.area(), guard.epoch()), ((30, 20), Rect::new(-5, 7, 30, 20), 3));
        assert_eq!(guard.frame().len(), guard.stride() * 20);
        assert_eq!(guard.take_dirty(), vec![Rect::new(0, 0, 30, 20)]);
        assert!(guard.take_dirty().is_empty());
        drop(guard);
        picture.clear();
        assert!(picture.lock().frame().is_empty());
    }

    #[test]
    fn the_window_is_told_once_until_it_looks() {
        let picture = SharedPicture::default();
        assert!(picture.must_tell() && !picture.must_tell());
        drop(picture.lock());
        assert!(picture.must_tell());
    }

    #[test]
    fn an_older_cursor_position_is_dropped_even_where_numbers_wrap() {
        let picture = SharedPicture::default();
        let at = |number| CursorPosition {
            number,
            serial: 1,
            epoch: 1,
            pos: Point { x: number as i32, y: 0 },
            visible: true,
        };
        assert!(picture.handle_cursor_position(at(u32::MAX)));
        assert!(picture.handle_cursor_position(at(1)));
        assert!(!picture.handle_cursor_position(at(u32::MAX)));
        let image = CursorImage {
            serial: 1,
            width: 1,
            height: 1,
            hot_x: 0,
            hot_y: 0,
            bgra: vec![0; 4],
        };
        picture.handle_cursor_image(CursorImage {
            bgra: vec![0; 5],
            ..image.clone()
        });
        assert!(picture.lock().cursor().is_none());
        picture.handle_cursor_image(image);
        assert_eq!(picture.lock().cursor().unwrap().1.x, 1);
    }

    #[test]
    fn bytes_that_are_no_update_leave_the_picture_usable() {
        let picture = SharedPicture::default();
        assert!(picture.handle_update(&header(1, 1), &[9, 9, 9]).is_err());
        assert_eq!(picture.lock().size(), (0, 0));
    }
}
