//! A screen of the corpus and what happens on it: letters, lines and boxes that change, a page that scrolls, a window that is dragged, another
//! program that comes to the front.

use anyhow::{Context as _, Result};
use farhand_codec::{
    Area, Canvas, Picture,
    copies::same_row,
    planner::{TILE, merge_into_rectangles},
};
use farhand_engine::platform::Frame;
use farhand_protocol::geometry::Rect;

use crate::{
    codec::pieces::{self, Kind},
    random::Random,
};

/// Where one letter changes.
pub const LETTER: Area = Area::new(300, 200, 9, 18);
/// Where a line of text does.
pub const LINE: Area = Area::new(300, 200, 1200, 18);
/// Rows of a scroll: three lines.
pub const SCROLL_ROWS: u32 = 54;

/// A window, and how far it is dragged from one frame to the next.
const DRAGGED: Area = Area::new(300, 200, 600, 400);
const DRAGGED_BY: (u32, u32) = (9, 5);
/// Changes of each size are taken at so many places.
const PLACES: usize = 24;

/// What changes while somebody works, and how large that is.
pub const CHANGES: [(&str, Kind); 4] = [
    ("letter 9×18", Kind::of_size(9, 18, PLACES)),
    ("line 1200×18", Kind::of_size(1200, 18, PLACES)),
    ("paragraph 800×200", Kind::of_size(800, 200, PLACES)),
    ("dialog 500×300", Kind::of_size(500, 300, PLACES)),
];

/// A screen, and the one that comes after it.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What is shown.
    pub now: &'a Canvas,
    /// What another program shows, as large.
    pub next: &'a Canvas,
}

impl Scene<'_> {
    /// All of it.
    pub fn whole(&self) -> Area {
        self.now.as_picture().area()
    }

    /// With another letter in it, which stands elsewhere on the screen already.
    ///
    /// # Errors
    /// When there is none on it.
    pub fn with_letter(&self) -> Result<Canvas> {
        let [(_, letter), ..] = &CHANGES;
        let letters = pieces::of(&self.now.as_picture(), letter, &mut Random(3));
        let letter = *letters.first().context("no letter is on the screen")?;
        with_part(self.now, self.now, letter, LETTER)
    }

    /// Scrolled up by so many rows; what comes in from below is of the other program.
    pub fn scrolled(&self, rows: u32) -> Canvas {
        let (mut scrolled, height) = (self.now.clone(), self.now.height());
        let mut picture = scrolled.as_picture_mut();
        for y in 0..height {
            let from = y + rows;
            let row = match from.checked_sub(height) {
                None => self.now.as_picture().row(from),
                Some(below) => self.next.as_picture().row(below),
            };
            picture.row_mut(y).copy_from_slice(row);
        }
        scrolled
    }

    /// With a window of the other program in front, dragged so many times.
    ///
    /// # Errors
    /// When the screen is too small for it.
    pub fn with_window(&self, times: u32) -> Result<Canvas> {
        let at = Area {
            x: DRAGGED.x + times * DRAGGED_BY.0,
            y: DRAGGED.y + times * DRAGGED_BY.1,
            ..DRAGGED
        };
        with_part(self.now, self.next, DRAGGED, at)
    }
}

/// A picture with a part of another at a place of that size.
fn with_part(picture: &Canvas, other: &Canvas, from: Area, to: Area) -> Result<Canvas> {
    let mut canvas = picture.clone();
    let part = other.as_picture().part(from).context("a screen of this size")?;
    let mut picture = canvas.as_picture_mut();
    let mut into = picture.part(to).context("a screen of this size")?;
    (0..part.height()).for_each(|y| into.row_mut(y).copy_from_slice(part.row(y)));
    Ok(canvas)
}

/// The tiles in which two pictures of the same size differ, joined where they touch.
pub fn changed_tiles(before: &Picture<'_>, now: &Picture<'_>) -> Vec<Area> {
    let places = |side: u32| (0..side).step_by(TILE as usize);
    let tiles = places(now.height()).flat_map(|y| places(now.width()).map(move |x| Area::new(x, y, TILE, TILE)));
    let differs = |tile: &Area| {
        let parts = before.part(*tile).zip(now.part(*tile));
        parts.is_some_and(|(before, now)| (0..tile.height).any(|y| !same_row(before.row(y), now.row(y))))
    };
    let inside = tiles.filter_map(|tile| tile.intersection(&now.area()));
    merge_into_rectangles(inside.filter(differs).collect())
}

/// A picture as it is captured.
pub fn frame_of(canvas: &Canvas) -> Frame {
    Frame {
        area: Rect::new(0, 0, canvas.width(), canvas.height()),
        stride: canvas.stride(),
        data: canvas.bytes().to_vec(),
    }
}

/// The same rectangle in the desktop space.
pub const fn rect_of(area: &Area) -> Rect {
    Rect::new(area.x as i32, area.y as i32, area.width, area.height)
}

/// The same rectangle in the frame, which begins where the desktop does.
pub const fn area_of(rect: &Rect) -> Area {
    Area::new(rect.x as u32, rect.y as u32, rect.width, rect.height)
}
