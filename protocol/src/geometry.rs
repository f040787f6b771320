//! The desktop space: one plane in physical pixels that may have negative coordinates, and the
//! monitors in it. A layout carries an epoch; whatever names a position names the epoch too, so
//! that a click aimed at yesterday's arrangement is dropped instead of landing somewhere else.

use serde::{Deserialize, Serialize};

/// Largest width or height of a desktop, in pixels; anything beyond is refused before allocation.
pub const MAX_SIDE_PX: u32 = 16_384;
/// Farthest a peer's point may lie from the origin along either axis, in pixels: beyond what any system has, and so near that
/// positions can be subtracted and scaled without care.
pub const MAX_POSITION_PX: i32 = 1 << 20;
/// Most monitors a layout may list.
pub const MAX_MONITORS: usize = 16;

/// A point of the desktop space, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Point {
    /// Pixels to the trailing side of the origin.
    pub x: i32,
    /// Pixels below the origin.
    pub y: i32,
}

impl Point {
    /// True when a peer may be believed: within [`MAX_POSITION_PX`].
    pub fn is_sane(&self) -> bool {
        let range = -MAX_POSITION_PX..=MAX_POSITION_PX;
        range.contains(&self.x) && range.contains(&self.y)
    }
}

/// A half-open rectangle of the desktop space, in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Rect {
    /// First column.
    pub x: i32,
    /// First row.
    pub y: i32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// A rectangle from its first corner and its size.
    pub const fn new(x: i32, y: i32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    /// True when no pixel lies inside.
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// First column and row.
    pub const fn corner(&self) -> Point {
        Point { x: self.x, y: self.y }
    }

    /// True when a peer may be believed that a desktop or part of one is here: some pixels, and sides and place within their limits.
    pub fn is_sane(&self) -> bool {
        !self.is_empty() && self.width <= MAX_SIDE_PX && self.height <= MAX_SIDE_PX && self.corner().is_sane()
    }

    /// First column past the rectangle.
    pub const fn right(&self) -> i32 {
        self.x.saturating_add_unsigned(self.width)
    }

    /// First row past the rectangle.
    pub const fn bottom(&self) -> i32 {
        self.y.saturating_add_unsigned(self.height)
    }

    /// Pixels inside.
    pub const fn area(&self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// True when the point lies inside.
    pub const fn contains(&self, point: Point) -> bool {
        point.x >= self.x && point.y >= self.y && point.x < self.right() && point.y < self.bottom()
    }

    /// The pixels both have, if any.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let width = i64::from(self.right().min(other.right())) - i64::from(x);
        let height = i64::from(self.bottom().min(other.bottom())) - i64::from(y);
        (width > 0 && height > 0).then(|| Self::new(x, y, width as u32, height as u32))
    }

    /// The smallest rectangle that holds both; an empty one adds nothing.
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        let width = (i64::from(self.right().max(other.right())) - i64::from(x)) as u32;
        let height = (i64::from(self.bottom().max(other.bottom())) - i64::from(y)) as u32;
        Self::new(x, y, width, height)
    }
}

/// One monitor of the customer's desktop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Monitor {
    /// Stable for the life of the session.
    pub id: u32,
    /// Where it lies in the desktop space, in physical pixels.
    pub area: Rect,
    /// Physical pixels per logical pixel, in hundredths (150 is one and a half).
    pub scale_percent: u16,
    /// True for the one with the task bar.
    pub primary: bool,
    /// What the system calls it, for the monitor menu.
    pub name: String,
}

/// The arrangement of all monitors at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DesktopLayout {
    /// Grows with each change.
    pub epoch: u32,
    /// At least one, at most [`MAX_MONITORS`].
    #[serde(deserialize_with = "crate::wire::bounded::<MAX_MONITORS, _, _>")]
    pub monitors: Vec<Monitor>,
}

impl DesktopLayout {
    /// The smallest rectangle that holds every monitor.
    pub fn bounds(&self) -> Rect {
        self.monitors.iter().fold(Rect::default(), |all, one| all.union(&one.area))
    }

    /// True when a peer may be believed: sides, places and counts within the stated limits.
    pub fn is_sane(&self) -> bool {
        (1..=MAX_MONITORS).contains(&self.monitors.len()) && self.monitors.iter().all(|m| m.area.is_sane()) && self.bounds().is_sane()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intersection_is_what_both_contain() {
        let a = Rect::new(-10, 0, 20, 10);
        let b = Rect::new(5, 5, 20, 10);
        assert_eq!(a.intersection(&b), Some(Rect::new(5, 5, 5, 5)));
        assert_eq!(a.intersection(&Rect::new(10, 0, 1, 1)), None);
    }

    #[test]
    fn extreme_rectangles_do_not_overflow() {
        let far = Rect::new(i32::MAX - 1, i32::MAX - 1, u32::MAX, u32::MAX);
        assert_eq!(far.right(), i32::MAX);
        assert!(far.intersection(&Rect::new(0, 0, 1, 1)).is_none());
        let _ = far.union(&Rect::new(i32::MIN, i32::MIN, 1, 1));
    }

    #[test]
    fn a_layout_is_believed_within_its_limits_only() {
        let at = |x, y, width, height| DesktopLayout {
            epoch: 1,
            monitors: vec![Monitor {
                id: 1,
                area: Rect::new(x, y, width, height),
                scale_percent: 100,
                primary: true,
                name: String::new(),
            }],
        };
        assert!(!DesktopLayout::default().is_sane());
        assert!(at(-MAX_POSITION_PX, MAX_POSITION_PX, MAX_SIDE_PX, 1).is_sane());
        assert!(!at(0, 0, 0, 1).is_sane());
        assert!(!at(0, 0, 1, MAX_SIDE_PX + 1).is_sane());
        assert!(!at(MAX_POSITION_PX + 1, 0, 1, 1).is_sane());
        assert!(!at(0, i32::MIN, 1, 1).is_sane());
        let mut apart = at(0, 0, 10, 10);
        apart.monitors.extend(at(MAX_SIDE_PX as i32, 0, 1, 1).monitors);
        assert!(!apart.is_sane());
    }
}
