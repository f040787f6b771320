//! Where the customer's picture lies in the window, and which pixel of their desktop a point of the window means. Everything in
//! physical pixels of the window, so that 1:1 is exact on any scale factor.

use farhand_protocol::geometry::{Point, Rect};

/// How large the picture is shown; never out of its proportions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Zoom {
    /// All of it, as sharp as the space allows.
    #[default]
    Fit,
    /// All of it, as large as the space allows.
    Stretch,
    /// So many pixels here for a hundred there.
    Percent(u16),
}

impl Zoom {
    /// One pixel there is one pixel here.
    pub const ACTUAL: Self = Self::Percent(100);
    /// The sizes that can be chosen, percent.
    pub const STEPS: [u16; 9] = [25, 50, 75, 100, 125, 150, 200, 300, 400];

    /// The next larger or smaller of the sizes to choose from than what is shown so large; the last of them stays.
    pub fn step(scale: f32, larger: bool) -> Self {
        // What is fitted to a size of the list is of that size, whatever it was rounded to.
        let percent = scale * 100.0;
        let found = if larger {
            Self::STEPS.into_iter().find(|step| f32::from(*step) > percent + 0.5)
        } else {
            Self::STEPS.into_iter().rev().find(|step| f32::from(*step) < percent - 0.5)
        };
        let [smallest, .., largest] = Self::STEPS;
        Self::Percent(found.unwrap_or(if larger { largest } else { smallest }))
    }
}

/// A picture larger than a whole multiple by no more than this share is shown as that multiple.
const SNAP: f32 = 0.06;

/// A picture in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Left edge of the picture in the window, physical pixels; may be negative when scrolled.
    pub left_px: f32,
    /// Top edge.
    pub top_px: f32,
    /// Window pixels per desktop pixel.
    pub scale: f32,
    /// What of the desktop the picture shows.
    pub area: Rect,
    /// The part of the window where it can be seen: left, top, right, bottom.
    pub visible_px: [f32; 4],
}

impl Placement {
    /// All of the picture inside `space` (left, top, right, bottom), in its middle. Where there is room for more than 1:1 it grows by whole
    /// multiples, which stay sharp; between them only as far as it is smaller here than its customer sees it. `natural` is the scale at which both
    /// see it equally large: 2 for a plain screen of theirs on one with twice the pixels here.
    pub fn fit(area: Rect, space: [f32; 4], natural: f32) -> Self {
        let fitting = fitting(area, space);
        let sharp = fitting.floor().max(1.0);
        let scale = if fitting <= 1.0 {
            fitting
        } else if sharp >= natural.round() || fitting <= sharp * (1.0 + SNAP) {
            sharp
        } else {
            fitting
        };
        Self::centred(area, scale, space)
    }

    /// The largest whole picture inside `space`, in its middle.
    pub fn stretched(area: Rect, space: [f32; 4]) -> Self {
        Self::centred(area, fitting(area, space), space)
    }

    /// So large, in the middle of `space`.
    pub fn centred(area: Rect, scale: f32, space: [f32; 4]) -> Self {
        let [width, height] = sides(area, scale);
        let left = space[0] + (space[2] - space[0] - width) / 2.0;
        let top = space[1] + (space[3] - space[1] - height) / 2.0;
        Self::scaled(area, scale, left, top, space)
    }

    /// So large, its corner at `left`, `top`, seen through `space`.
    pub fn scaled(area: Rect, scale: f32, left: f32, top: f32, space: [f32; 4]) -> Self {
        let (left_px, top_px) = (left.round(), top.round());
        let [width, height] = sides(area, scale);
        Self {
            left_px,
            top_px,
            scale,
            area,
            visible_px: clip([left_px, top_px, left_px + width, top_px + height], space),
        }
    }

    /// Width and height in window pixels, whole ones.
    pub fn size_px(&self) -> [f32; 2] {
        sides(self.area, self.scale)
    }

    /// True where one pixel here stands for more than one of the desktop.
    pub fn is_shrunk(&self) -> bool {
        self.scale < 1.0
    }

    /// True where each pixel of the desktop is a square of whole pixels here.
    pub fn is_multiple(&self) -> bool {
        self.scale >= 1.0 && self.scale.fract() == 0.0
    }

    /// True when the point of the window shows a pixel of the picture.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        let [left, top, right, bottom] = self.visible_px.map(f64::from);
        x >= left && y >= top && x < right && y < bottom
    }

    /// The desktop pixel under a point of the window; outside the picture the nearest one, so that drags may leave it.
    pub fn to_desktop(&self, x: f64, y: f64) -> Point {
        let column = ((x - f64::from(self.left_px)) / f64::from(self.scale)).floor();
        let row = ((y - f64::from(self.top_px)) / f64::from(self.scale)).floor();
        let last_column = f64::from(self.area.width.max(1) - 1);
        let last_row = f64::from(self.area.height.max(1) - 1);
        Point {
            x: self.area.x.saturating_add(column.clamp(0.0, last_column) as i32),
            y: self.area.y.saturating_add(row.clamp(0.0, last_row) as i32),
        }
    }

    /// Where the corner of a desktop pixel lies in the window.
    pub fn to_window(&self, point: Point) -> [f32; 2] {
        [
            self.left_px + point.x.saturating_sub(self.area.x) as f32 * self.scale,
            self.top_px + point.y.saturating_sub(self.area.y) as f32 * self.scale,
        ]
    }
}

/// The scale at which a picture just fits.
fn fitting(area: Rect, space: [f32; 4]) -> f32 {
    let (width, height) = (space[2] - space[0], space[3] - space[1]);
    (width / area.width.max(1) as f32).min(height / area.height.max(1) as f32).max(0.01)
}

fn sides(area: Rect, scale: f32) -> [f32; 2] {
    [area.width, area.height].map(|side| (side as f32 * scale).round().max(1.0))
}

fn clip(inner: [f32; 4], outer: [f32; 4]) -> [f32; 4] {
    [
        inner[0].max(outer[0]),
        inner[1].max(outer[1]),
        inner[2].min(outer[2]),
        inner[3].min(outer[3]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fitted_picture_is_letterboxed_in_the_middle() {
        let placed = Placement::fit(Rect::new(0, 0, 1920, 1080), [100.0, 50.0, 1060.0, 1050.0], 1.0);
        assert_eq!((placed.scale, placed.left_px, placed.top_px), (0.5, 100.0, 280.0));
        assert_eq!(placed.visible_px, [100.0, 280.0, 1060.0, 820.0]);
        assert!(!placed.contains(500.0, 100.0) && placed.contains(100.0, 280.0) && !placed.contains(1060.0, 500.0));
    }

    #[test]
    fn every_desktop_pixel_is_hit_by_the_middle_of_what_shows_it() {
        let area = Rect::new(-1280, -200, 1280, 1024);
        for placed in [
            Placement::fit(area, [13.0, 7.0, 713.0, 907.0], 1.0),
            Placement::scaled(area, 1.0, -31.0, 12.0, [0.0, 0.0, 800.0, 600.0]),
            Placement::scaled(area, 1.5, -310.0, -12.0, [0.0, 0.0, 800.0, 600.0]),
        ] {
            for point in [Point { x: -1280, y: -200 }, Point { x: -641, y: 311 }, Point { x: -1, y: 823 }] {
                let [x, y] = placed.to_window(point);
                let half = f64::from(placed.scale) / 2.0;
                assert_eq!(placed.to_desktop(f64::from(x) + half, f64::from(y) + half), point);
            }
        }
    }

    #[test]
    fn points_outside_mean_the_nearest_pixel_so_that_drags_go_on() {
        let placed = Placement::scaled(Rect::new(10, 20, 100, 50), 1.0, 0.0, 0.0, [0.0, 0.0, 100.0, 50.0]);
        assert_eq!(placed.to_desktop(-500.0, 900.0), Point { x: 10, y: 69 });
    }

    #[test]
    fn a_cursor_that_a_peer_says_is_anywhere_breaks_nothing() {
        let placed = Placement::fit(Rect::new(-100, 0, 100, 100), [0.0, 0.0, 100.0, 100.0], 1.0);
        for pos in [Point { x: i32::MAX, y: i32::MIN }, Point { x: i32::MIN, y: i32::MAX }] {
            assert!(placed.to_window(pos).iter().all(|at| at.is_finite()));
        }
    }

    #[test]
    fn what_is_fitted_grows_by_whole_multiples_and_between_them_only_where_it_would_be_smaller_than_there() {
        let scale = |space: f32, natural| Placement::fit(Rect::new(0, 0, 100, 100), [0.0, 0.0, space, space], natural).scale;
        assert_eq!([75.0, 150.0, 237.0, 300.0].map(|space| scale(space, 1.0)), [0.75, 1.0, 2.0, 3.0]);
        assert_eq!([104.0, 150.0, 204.0, 237.0].map(|space| scale(space, 2.0)), [1.0, 1.5, 2.0, 2.0]);
        assert_eq!(
            [75.0, 150.0].map(|space| scale(space, 0.5)),
            [0.75, 1.0],
            "theirs has twice the pixels"
        );
    }

    #[test]
    fn what_is_stretched_fills_the_space_in_its_proportions() {
        let placed = Placement::stretched(Rect::new(0, 0, 100, 50), [10.0, 0.0, 260.0, 300.0]);
        assert_eq!((placed.scale, placed.size_px()), (2.5, [250.0, 125.0]));
        assert_eq!(placed.visible_px, [10.0, 88.0, 260.0, 213.0]);
        assert!(!placed.is_multiple());
    }

    #[test]
    fn steps_go_on_from_the_size_that_is_shown() {
        let step = |scale, larger| match Zoom::step(scale, larger) {
            Zoom::Percent(percent) => percent,
            other => panic!("{other:?}"),
        };
        assert_eq!((step(0.68, true), step(0.68, false)), (75, 50));
        assert_eq!((step(1.0, true), step(0.9999, false)), (125, 75));
        assert_eq!((step(9.0, true), step(0.1, false)), (400, 25));
    }
}
