//! Where the customer's picture lies in the window, and which pixel of their desktop a point of the window means. Everything in
//! physical pixels of the window, so that 1:1 is exact on any scale factor.

use farhand_protocol::geometry::{Point, Rect};

/// How large the picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Zoom {
    /// As large as the space allows, letterboxed.
    #[default]
    Fit,
    /// One pixel there is one pixel here.
    Actual,
}

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
    /// The largest whole picture inside `space` (left, top, right, bottom), in its middle. Never magnified beyond 1:1 unless it is
    /// less than half as large as the space.
    pub fn fit(area: Rect, space: [f32; 4]) -> Self {
        let (width, height) = (space[2] - space[0], space[3] - space[1]);
        let (columns, rows) = (area.width.max(1) as f32, area.height.max(1) as f32);
        let fitting = (width / columns).min(height / rows).max(0.01);
        let scale = if (1.0..2.0).contains(&fitting) { 1.0 } else { fitting };
        let (w, h) = (columns * scale, rows * scale);
        let left_px = (space[0] + (width - w) / 2.0).round();
        let top_px = (space[1] + (height - h) / 2.0).round();
        Self {
            left_px,
            top_px,
            scale,
            area,
            visible_px: clip([left_px, top_px, left_px + w, top_px + h], space),
        }
    }

    /// One desktop pixel per window pixel, its corner at `left`, `top`, seen through `space`.
    pub fn actual(area: Rect, left: f32, top: f32, space: [f32; 4]) -> Self {
        let (left_px, top_px) = (left.round(), top.round());
        let whole = [left_px, top_px, left_px + area.width as f32, top_px + area.height as f32];
        Self {
            left_px,
            top_px,
            scale: 1.0,
            area,
            visible_px: clip(whole, space),
        }
    }

    /// Width and height in window pixels.
    pub fn size_px(&self) -> [f32; 2] {
        [self.area.width as f32 * self.scale, self.area.height as f32 * self.scale]
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
        let placed = Placement::fit(Rect::new(0, 0, 1920, 1080), [100.0, 50.0, 1060.0, 1050.0]);
        assert_eq!((placed.scale, placed.left_px, placed.top_px), (0.5, 100.0, 280.0));
        assert_eq!(placed.visible_px, [100.0, 280.0, 1060.0, 820.0]);
        assert!(!placed.contains(500.0, 100.0) && placed.contains(100.0, 280.0) && !placed.contains(1060.0, 500.0));
    }

    #[test]
    fn every_desktop_pixel_is_hit_by_the_middle_of_what_shows_it() {
        let area = Rect::new(-1280, -200, 1280, 1024);
        for placed in [
            Placement::fit(area, [13.0, 7.0, 713.0, 907.0]),
            Placement::actual(area, -31.0, 12.0, [0.0, 0.0, 800.0, 600.0]),
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
        let placed = Placement::actual(Rect::new(10, 20, 100, 50), 0.0, 0.0, [0.0, 0.0, 100.0, 50.0]);
        assert_eq!(placed.to_desktop(-500.0, 900.0), Point { x: 10, y: 69 });
    }

    #[test]
    fn a_cursor_that_a_peer_says_is_anywhere_breaks_nothing() {
        let placed = Placement::fit(Rect::new(-100, 0, 100, 100), [0.0, 0.0, 100.0, 100.0]);
        for pos in [Point { x: i32::MAX, y: i32::MIN }, Point { x: i32::MIN, y: i32::MAX }] {
            assert!(placed.to_window(pos).iter().all(|at| at.is_finite()));
        }
    }

    #[test]
    fn a_picture_a_little_smaller_than_the_space_stays_sharp() {
        assert_eq!(Placement::fit(Rect::new(0, 0, 100, 100), [0.0, 0.0, 150.0, 150.0]).scale, 1.0);
        assert_eq!(Placement::fit(Rect::new(0, 0, 100, 100), [0.0, 0.0, 300.0, 300.0]).scale, 3.0);
    }
}
