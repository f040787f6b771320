//! What moved: scrolled text, dragged windows, in any direction, so that it is copied where it is shown instead of sent.
//!
//! ```text
//! shown, now, changed ─▶ landmarks of shown ─▶ met again in now ─▶ displacements, most votes first
//!                                                                        │
//!                     what is left goes otherwise ◀─ in a safe order ◀─ verified pixel by pixel
//! ```
//!
//! What goes on moving as it did a moment ago, as a page that is scrolled or a window that is dragged, needs no search: where the
//! displacements found last explain nearly all of a change, they are it.
//!
//! Landmarks are blocks of 32 × 4 pixels (a hash each), looked for at every column of every eleventh row of what changed.
//! Hashes only propose; what is named as moved was compared pixel by pixel. A pure function of two pictures.

use crate::parallel::in_parts;
use crate::picture::{Area, BYTES_PER_PIXEL, Picture};
use crate::planner::merge_into_rectangles;

mod landmarks;
mod order;

use landmarks::{Displacement, Landmarks};

/// Less change than this is not worth a look: coding it takes about as long.
const LEAST_PIXELS: u64 = 8192;
/// The least rectangle worth a copy, in pixels.
const LEAST_COPY_PIXELS: u64 = 1024;
/// Side of the cells that are compared.
const CELL: u32 = 32;
/// A thread compares no fewer cells: a fifth of a screen.
const LEAST_CELLS: usize = 400;
/// So many ways in which things moved are followed at once.
const MOST_DISPLACEMENTS: usize = 6;
/// A displacement that fewer landmarks speak for is chance.
const LEAST_VOTES: u32 = 6;
/// Displacements of before are believed when they leave no more than one part in so many of a change: a blank margin looks the same
/// wherever it comes from, so a little of the change says nothing.
const MOST_LEFT: u64 = 8;
/// So many of them are tried.
const MOST_RECENT: usize = 2;
/// No more copies than this in one answer.
const MOST_COPIES: usize = 64;

/// A rectangle that is shown elsewhere already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Left edge of where it is shown.
    pub from_x: u32,
    /// Upper edge of where it is shown.
    pub from_y: u32,
    /// Where it belongs, and how large it is.
    pub to: Area,
}

impl Copy {
    /// What is read.
    pub const fn from(&self) -> Area {
        Area::new(self.from_x, self.from_y, self.to.width, self.to.height)
    }
}

/// What moved, and what did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// To be carried out one after the other, before anything else: none overwrites what a later one reads.
    pub copies: Vec<Copy>,
    /// What changed and is not made by a copy.
    pub rest: Vec<Area>,
}

/// Finds what moved. Keeps its buffers: about 1.5 MB after a change of a whole 1080p screen.
#[derive(Default)]
pub struct CopyFinder {
    landmarks: Landmarks,
    recent: Vec<Displacement>,
}

impl CopyFinder {
    /// With empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for parts of `changed` in `now` that `shown` has elsewhere, within what changed. `changed` must not overlap;
    /// pictures of different sizes have nothing in common.
    pub fn find(&mut self, shown: &Picture<'_>, now: &Picture<'_>, changed: &[Area]) -> Moves {
        let nothing = || Moves {
            copies: Vec::new(),
            rest: changed.to_vec(),
        };
        if !is_worth_a_look(shown, now, changed) {
            return nothing();
        }
        if let Some(moves) = self.follow(shown, now, changed) {
            return moves;
        }
        let displacements = self.landmarks.compare(shown, now, changed, LEAST_VOTES, MOST_DISPLACEMENTS);
        let (rest, copies) = moved_by(shown, now, &displacements, changed);
        self.recent = displacements;
        self.recent.truncate(MOST_RECENT);
        if copies.is_empty() { nothing() } else { in_order(rest, copies) }
    }

    /// What goes on moving as it did when [`Self::find`] was called last, if that is nearly all of `changed`; it takes no search. Parts that did not change at all may
    /// be among the copies.
    pub fn follow(&self, shown: &Picture<'_>, now: &Picture<'_>, changed: &[Area]) -> Option<Moves> {
        if self.recent.is_empty() || !is_worth_a_look(shown, now, changed) {
            return None;
        }
        let (rest, copies) = moved_by(shown, now, &self.recent, changed);
        let is_nearly_all = pixels(&rest) * MOST_LEFT <= pixels(changed);
        (is_nearly_all && !copies.is_empty()).then(|| in_order(rest, copies))
    }
}

fn is_worth_a_look(shown: &Picture<'_>, now: &Picture<'_>, changed: &[Area]) -> bool {
    pixels(changed) >= LEAST_PIXELS && (shown.width(), shown.height()) == (now.width(), now.height())
}

fn pixels(areas: &[Area]) -> u64 {
    areas.iter().map(Area::pixels).sum()
}

fn in_order(mut rest: Vec<Area>, copies: Vec<Copy>) -> Moves {
    let (copies, dropped) = order::in_safe_order(copies);
    rest.extend(dropped.into_iter().map(|copy| copy.to));
    Moves { copies, rest }
}

/// What of a change these displacements leave, and what they explain, the first of them first.
fn moved_by(shown: &Picture<'_>, now: &Picture<'_>, displacements: &[Displacement], changed: &[Area]) -> (Vec<Area>, Vec<Copy>) {
    let (mut rest, mut copies) = (changed.to_vec(), Vec::new());
    for displacement in displacements {
        verify(shown, now, *displacement, &mut rest, &mut copies);
    }
    (rest, copies)
}

/// Moves what `displacement` explains from `rest` to `copies`.
fn verify(shown: &Picture<'_>, now: &Picture<'_>, by: Displacement, rest: &mut Vec<Area>, copies: &mut Vec<Copy>) {
    let Some(reachable) = by.reachable(now.width(), now.height()) else {
        return;
    };
    for area in std::mem::take(rest) {
        let Some(inside) = area.intersection(&reachable) else {
            rest.push(area);
            continue;
        };
        let moved = moved_within(shown, now, by, inside, MOST_COPIES - copies.len().min(MOST_COPIES));
        rest.extend(Area::parts_without(vec![area], &moved));
        copies.extend(moved.into_iter().map(|to| {
            let (from_x, from_y) = by.source_of(to.x, to.y);
            Copy { from_x, from_y, to }
        }));
    }
}

/// Rectangles inside `area`, without overlap, that are the same as what is shown `by` away.
fn moved_within(shown: &Picture<'_>, now: &Picture<'_>, by: Displacement, area: Area, most: usize) -> Vec<Area> {
    let is_same = |part: Area| {
        let (from_x, from_y) = by.source_of(part.x, part.y);
        same_pixels(shown, from_x, from_y, now, part)
    };
    let cells: Vec<Area> = cells_of(area).collect();
    let cells = in_parts(&cells, LEAST_CELLS, |cells| {
        cells.iter().copied().filter(|cell| is_same(*cell)).collect()
    });
    let mut found: Vec<Area> = Vec::new();
    let mut rectangles = merge_into_rectangles(cells);
    rectangles.sort_unstable_by_key(|rectangle| std::cmp::Reverse(rectangle.pixels()));
    for rectangle in rectangles {
        if found.len() >= most {
            break;
        }
        // What grew before may have taken an edge of this one.
        let free = Area::parts_without(vec![rectangle], &found);
        let Some(largest) = free.into_iter().max_by_key(Area::pixels) else {
            continue;
        };
        let grown = grow(largest, area, &is_same);
        let overlaps = found.iter().any(|taken| taken.intersection(&grown).is_some());
        let chosen = if overlaps { largest } else { grown };
        if chosen.pixels() >= LEAST_COPY_PIXELS {
            found.push(chosen);
        }
    }
    found
}

/// The cells of a grid that lie wholly inside `area`; where it is smaller than a cell, what there is.
fn cells_of(area: Area) -> impl Iterator<Item = Area> {
    let rows = cuts(area.y, area.bottom());
    let columns = cuts(area.x, area.right());
    rows.into_iter().flat_map(move |(y, bottom)| {
        let columns = columns.clone();
        columns.into_iter().map(move |(x, right)| Area::new(x, y, right - x, bottom - y))
    })
}

/// Cuts a side at the lines of the grid.
fn cuts(begin: u32, end: u32) -> Vec<(u32, u32)> {
    let mut cuts = Vec::new();
    let mut at = begin;
    while at < end {
        let next = (at / CELL * CELL + CELL).min(end);
        cuts.push((at, next));
        at = next;
    }
    cuts
}

/// Widens a rectangle that is the same on all four sides as far as it stays so, by less than a cell on each.
fn grow(mut area: Area, within: Area, is_same: &impl Fn(Area) -> bool) -> Area {
    for _ in 1..CELL {
        let above = Area::new(area.x, area.y.wrapping_sub(1), area.width, 1);
        if area.y <= within.y || !is_same(above) {
            break;
        }
        area = area.union(&above);
    }
    for _ in 1..CELL {
        let below = Area::new(area.x, area.bottom(), area.width, 1);
        if area.bottom() >= within.bottom() || !is_same(below) {
            break;
        }
        area = area.union(&below);
    }
    for _ in 1..CELL {
        let before = Area::new(area.x.wrapping_sub(1), area.y, 1, area.height);
        if area.x <= within.x || !is_same(before) {
            break;
        }
        area = area.union(&before);
    }
    for _ in 1..CELL {
        let after = Area::new(area.right(), area.y, 1, area.height);
        if area.right() >= within.right() || !is_same(after) {
            break;
        }
        area = area.union(&after);
    }
    area
}

/// Whether `part` of `now` looks like what `shown` has at `from_x`, `from_y`. Both are inside.
fn same_pixels(shown: &Picture<'_>, from_x: u32, from_y: u32, now: &Picture<'_>, part: Area) -> bool {
    let bytes = part.width as usize * BYTES_PER_PIXEL;
    let (old, new) = (from_x as usize * BYTES_PER_PIXEL, part.x as usize * BYTES_PER_PIXEL);
    (0..part.height).all(|row| {
        let old_row = &shown.row(from_y + row)[old..old + bytes];
        let new_row = &now.row(part.y + row)[new..new + bytes];
        same_row(old_row, new_row)
    })
}

/// Whether two rows of pixels have the same colours; the fourth byte says nothing.
pub fn same_row(one: &[u8], other: &[u8]) -> bool {
    const COLOURS: u32 = u32::from_le_bytes([255, 255, 255, 0]);
    const AT_ONCE: usize = 16 * BYTES_PER_PIXEL;
    let differs = |a: &[u8], b: &[u8]| {
        let pairs = a.as_chunks::<BYTES_PER_PIXEL>().0.iter().zip(b.as_chunks::<BYTES_PER_PIXEL>().0);
        pairs.fold(0, |bits, (a, b)| bits | (u32::from_ne_bytes(*a) ^ u32::from_ne_bytes(*b))) & u32::from_ne_bytes(COLOURS.to_le_bytes())
            != 0
    };
    let (ones, one_rest) = one.as_chunks::<AT_ONCE>();
    let (others, other_rest) = other.as_chunks::<AT_ONCE>();
    one.len() == other.len() && !ones.iter().zip(others).any(|(a, b)| differs(a, b)) && !differs(one_rest, other_rest)
}
