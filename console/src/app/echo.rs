//! The echo of one's own pointer: while the technician's pointer has the shape of the customer's, a cursor that only follows it is no
//! reason to paint; and where pictures go past the window's own drawing, neither are new pixels. Asked on engine threads, told by the
//! window's.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use farhand_engine::viewer::SharedPicture;
use farhand_protocol::{geometry::Point, ids::SessionId};

/// Places remembered: what a fast hand passes within a slow second.
const TRAIL: usize = 256;
/// How far a cursor may be from where the pointer was, desktop pixels; programs may nudge it.
const NEAR_PX: u64 = 2;

/// What window and engine threads share.
#[derive(Clone, Default)]
pub struct Echo(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    shown: Option<(SessionId, Arc<SharedPicture>)>,
    trail: VecDeque<Point>,
    seen: Option<Seen>,
    is_surface: bool,
}

/// What the newest picture event told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    captured_at_micros: i64,
    size: (u32, u32),
    epoch: u32,
    shape: Option<u64>,
}

impl Echo {
    /// The picture in front, or none.
    pub fn show(&self, shown: Option<(SessionId, Arc<SharedPicture>)>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.is_none() || state.shown.as_ref().map(|(id, _)| *id) != shown.as_ref().map(|(id, _)| *id) {
            state.seen = None;
        }
        state.shown = shown;
    }

    /// Whether the picture in front is shown past the window's own drawing, so that new pixels of it are no reason to paint.
    pub fn show_on_surface(&self, is_surface: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_surface = is_surface;
    }

    /// Where this side's pointer acts, while it is over the picture under control; elsewhere it leaves no trail.
    pub fn point(&self, pointer: Option<Point>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match pointer {
            None => state.trail.clear(),
            Some(pointer) if state.trail.back() == Some(&pointer) => {}
            Some(pointer) => {
                if state.trail.len() == TRAIL {
                    state.trail.pop_front();
                }
                state.trail.push_back(pointer);
            }
        }
    }

    /// True when the customer's cursor is where this side's pointer was a moment ago: it follows, and is not moved by their hand.
    pub fn follows(&self, cursor: Point) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).follows(cursor)
    }

    /// True when news about the picture of a session changes nothing that is painted.
    pub fn is_only_mine(&self, session_id: SessionId) -> bool {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner).shown.clone();
        let Some((_, picture)) = shown.filter(|(id, _)| *id == session_id) else {
            return false;
        };
        // Never both locks at once: others ask for them the other way round.
        let guard = picture.lock();
        let cursor = guard.cursor().filter(|(_, _, visible)| *visible);
        let seen = Seen {
            captured_at_micros: guard.captured_at_micros(),
            size: guard.size(),
            epoch: guard.epoch(),
            shape: cursor.as_ref().map(|(image, ..)| image.serial),
        };
        drop(guard);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = state.seen.replace(seen);
        if state.is_surface {
            return before.is_some_and(|before| (before.size, before.epoch, before.shape) == (seen.size, seen.epoch, seen.shape));
        }
        before == Some(seen) && cursor.is_some_and(|(_, pos, _)| state.follows(pos))
    }
}

impl State {
    fn follows(&self, cursor: Point) -> bool {
        let far = |a: i32, b: i32| i64::from(a).abs_diff(i64::from(b));
        self.trail
            .iter()
            .any(|passed| far(passed.x, cursor.x).max(far(passed.y, cursor.y)) <= NEAR_PX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_follows_where_the_pointer_was_and_not_where_it_never_was() {
        let (echo, point) = (Echo::default(), |x, y| Point { x, y });
        for step in 0..1000 {
            echo.point(Some(point(step * 10, 0)));
        }
        assert!(echo.follows(point(9_502, 1)), "a moment ago");
        assert!(!echo.follows(point(10, 0)), "long ago");
        assert!(!echo.follows(point(i32::MIN, i32::MAX)));
        echo.point(None);
        assert!(!echo.follows(point(9_990, 0)), "the pointer left");
    }

    #[test]
    fn news_about_a_picture_that_is_not_in_front_is_never_an_echo() {
        let echo = Echo::default();
        assert!(!echo.is_only_mine(SessionId(1)));
        echo.show(Some((SessionId(1), Arc::default())));
        echo.point(Some(Point { x: 0, y: 0 }));
        assert!(!echo.is_only_mine(SessionId(1)), "no cursor is known");
    }
}
