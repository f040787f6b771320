//! Where windows stand: a new one fits its monitor, none is left behind by a monitor that shrank, and the bar keeps off the title of the applet's own
//! window. Pure; everything in points.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// What a new window leaves free of the monitor's height for its own frame and the desktop's bars.
const BESIDE: f32 = 90.0;
/// Air between the bars of several applets.
const GAP: f32 = 4.0;

/// Inner size of a new window that would be `wanted` large on a monitor with room for it, and is never smaller than `least`.
pub(super) fn fitting(wanted: Vec2, least: Vec2, monitor: Vec2) -> Vec2 {
    wanted.min(monitor - vec2(0.0, BESIDE)).max(least)
}

/// A window: with its frame, and without.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Framed {
    pub(super) outer: Rect,
    pub(super) inner: Rect,
}

impl Framed {
    /// The part of the frame above the contents; nothing where the window has no frame.
    fn title(self) -> Rect {
        Rect::from_min_max(self.outer.min, pos2(self.outer.right(), self.inner.top()))
    }

    /// Outer corner and inner size with which the window is on this screen with all its frame.
    pub(super) fn kept_on(self, screen: Rect) -> (Pos2, Vec2) {
        let size = self.outer.size().min(screen.size());
        let corner = self.outer.min.clamp(screen.min, (screen.max - size).max(screen.min));
        (corner, self.inner.size() - (self.outer.size() - size))
    }
}

/// What decides where the bar stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BarNeeds {
    /// How large it is.
    pub(super) size: Vec2,
    /// The monitor it stands on.
    pub(super) screen: Rect,
    /// So many rows are left to the bars of other applets.
    pub(super) row: u8,
}

impl BarNeeds {
    /// Upper left corner of the bar: `at`, where it stands already, unless the title of the window has come to lie there; else in the middle of the
    /// upper edge, or at the next place that covers nothing of the window, or as little as can be.
    pub(super) fn corner(self, window: Option<Framed>, at: Option<Pos2>) -> Pos2 {
        let covers = |corner: Pos2| {
            let bar = Rect::from_min_size(corner, self.size);
            window.map_or((0.0, 0.0), |window| (common(bar, window.title()), common(bar, window.outer)))
        };
        if let Some(corner) = at.filter(|at| covers(*at).0 <= 0.0) {
            return corner;
        }
        let places = self.places();
        let by_cover = |one: &Pos2, other: &Pos2| {
            let ((title, all), (other_title, other_all)) = (covers(*one), covers(*other));
            title.total_cmp(&other_title).then(all.total_cmp(&other_all))
        };
        places.into_iter().min_by(by_cover).unwrap_or(places[0])
    }

    /// Upper edge, then lower edge; on each the middle first.
    fn places(self) -> [Pos2; 6] {
        let Self { size, screen, row } = self;
        let corners = Rect::from_min_max(screen.min, (screen.max - size).max(screen.min));
        let rows = f32::from(row) * (size.y + GAP);
        let upper = (corners.top() + rows).min(corners.bottom());
        let lower = (corners.bottom() - rows).max(corners.top());
        let (left, middle, right) = (corners.left(), corners.center().x, corners.right());
        [
            pos2(middle, upper),
            pos2(right, upper),
            pos2(left, upper),
            pos2(middle, lower),
            pos2(right, lower),
            pos2(left, lower),
        ]
    }
}

/// How much of a surface two rectangles share.
fn common(one: Rect, other: Rect) -> f32 {
    one.intersect(other).area()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Rect = Rect {
        min: Pos2::ZERO,
        max: pos2(800.0, 600.0),
    };
    const BAR: BarNeeds = BarNeeds {
        size: vec2(460.0, 40.0),
        screen: SCREEN,
        row: 0,
    };

    /// A window with a title of 25 points at this place.
    fn window(x: f32, y: f32) -> Framed {
        let outer = Rect::from_min_size(pos2(x, y), vec2(400.0, 535.0));
        let inner = Rect::from_min_max(outer.min + vec2(0.0, 25.0), outer.max);
        Framed { outer, inner }
    }

    fn bar(corner: Pos2) -> Rect {
        Rect::from_min_size(corner, BAR.size)
    }

    #[test]
    fn a_new_window_fits_its_monitor_with_its_frame_and_is_never_too_small_to_be_used() {
        let on = |monitor| fitting(vec2(400.0, 720.0), vec2(320.0, 480.0), monitor);
        assert_eq!(on(vec2(1280.0, 1024.0)), vec2(400.0, 720.0));
        assert_eq!(on(vec2(800.0, 600.0)), vec2(400.0, 510.0));
        assert_eq!(on(vec2(360.0, 400.0)), vec2(360.0, 480.0));
    }

    #[test]
    fn a_window_that_a_monitor_left_behind_comes_back_with_all_its_frame() {
        assert_eq!(window(0.0, 0.0).kept_on(SCREEN), (Pos2::ZERO, vec2(400.0, 510.0)));
        assert_eq!(window(700.0, 300.0).kept_on(SCREEN), (pos2(400.0, 65.0), vec2(400.0, 510.0)));
        let small = Rect::from_min_size(Pos2::ZERO, vec2(640.0, 480.0));
        assert_eq!(window(0.0, 0.0).kept_on(small), (Pos2::ZERO, vec2(400.0, 455.0)));
    }

    #[test]
    fn the_bar_stands_in_the_middle_of_the_upper_edge_unless_the_window_is_there() {
        assert_eq!(BAR.corner(None, None), pos2(170.0, 0.0));
        assert_eq!(BAR.corner(Some(window(0.0, 60.0)), None), pos2(170.0, 0.0));
        let below = BAR.corner(Some(window(0.0, 0.0)), None);
        assert_eq!(common(bar(below), window(0.0, 0.0).outer), 0.0);
        let centred = window(200.0, 32.0);
        assert_eq!(common(bar(BAR.corner(Some(centred), None)), centred.title()), 0.0);
    }

    #[test]
    fn the_bar_stays_where_it_is_until_the_title_comes_there() {
        let at = Some(pos2(170.0, 560.0));
        assert_eq!(BAR.corner(None, at), pos2(170.0, 560.0));
        assert_eq!(BAR.corner(Some(window(100.0, 64.0)), at), pos2(170.0, 560.0));
        let moved = BAR.corner(Some(window(100.0, 565.0)), at);
        assert_eq!(moved, pos2(170.0, 0.0));
    }

    #[test]
    fn the_bar_of_a_second_applet_covers_nothing_of_the_first_ones() {
        let second = BarNeeds { row: 1, ..BAR };
        for window in [None, Some(window(0.0, 0.0))] {
            let (one, other) = (bar(BAR.corner(window, None)), bar(second.corner(window, None)));
            assert_eq!(common(one, other), 0.0, "{one} {other}");
            assert!(SCREEN.contains_rect(other));
        }
    }
}
