//! Which damage is a change, and what of the change only moved. Systems report more than changed (a program repaints what it
//! had), so the frame that viewers were last told of is kept (8 MB at 1080p) and compared within the damage, tile by tile, down
//! to the pixels; what is shown elsewhere already is found by [`CopyFinder`].

use farhand_codec::{
    copies::{Copy, CopyFinder, same_row},
    parallel::in_parts,
    picture::{Area, BYTES_PER_PIXEL, Picture},
    planner::merge_into_rectangles,
};
use farhand_protocol::geometry::Rect;

use crate::platform::Frame;

/// The bytes of a pixel that say something.
const COLOURS: u32 = 0x00ff_ffff;
/// Side of a tile, the same as the planner's.
const TILE: u32 = farhand_codec::planner::TILE;

/// What happened to the frame. Copies first, one after the other; then the rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What moved, in pixels of the frame.
    pub copies: Vec<Copy>,
    /// What changed otherwise, in the desktop space; nothing twice.
    pub rest: Vec<Rect>,
}

/// A thread compares no fewer tiles: a fifth of a screen.
const LEAST_TILES: usize = 100;

/// The frame before.
#[derive(Default)]
pub struct Comparer {
    before: Frame,
    /// What of it is older than the frame that was looked at last.
    behind: Vec<Rect>,
    finder: CopyFinder,
}

impl Comparer {
    /// Takes in freshly captured pixels within `damage`; returns what of it changed. A frame of another area is changed as a
    /// whole. In `films` nothing is looked for that only moved. [`Self::settle`] must follow before the frame changes again.
    pub fn handle_capture(&mut self, frame: &Frame, damage: &[Rect], films: &[Rect]) -> Change {
        debug_assert!(self.behind.is_empty(), "settle comes before the next capture");
        if frame.area != self.before.area || frame.stride != self.before.stride {
            self.before.clone_from(frame);
            return Change {
                copies: Vec::new(),
                rest: vec![frame.area],
            };
        }
        if let Some(change) = self.follow_moves(frame, damage, films) {
            self.behind = damage.iter().filter_map(|rect| rect.intersection(&frame.area)).collect();
            return change;
        }
        let changed = self.changed_within(frame, damage);
        let change = self.find_moves(frame, &changed, films);
        self.behind = changed;
        change
    }

    /// Where a large damage goes on moving as it did, only what of it did not move is compared: a page that is scrolled is read once, not twice.
    fn follow_moves(&self, frame: &Frame, damage: &[Rect], films: &[Rect]) -> Option<Change> {
        let within: Vec<Rect> = damage.iter().filter_map(|rect| rect.intersection(&frame.area)).collect();
        let pixels: u64 = within.iter().map(Rect::area).sum();
        let is_large = pixels * 4 >= frame.area.area();
        if !is_large || !films.is_empty() || overlap(&within) || !self.has_changed_much(frame, &within) {
            return None;
        }
        let (before, now) = (picture_of(&self.before)?, picture_of(frame)?);
        let areas: Vec<Area> = within.iter().map(|rect| relative(rect, &frame.area)).collect();
        let moves = self.finder.follow(&before, &now, &areas)?;
        let rest: Vec<Rect> = moves.rest.iter().map(|area| absolute(area, &frame.area)).collect();
        let rest = self
            .changed_within(frame, &rest)
            .iter()
            .map(|rect| relative(rect, &frame.area))
            .collect();
        Some(Change {
            copies: moves.copies,
            rest: merged(rest, &frame.area),
        })
    }

    /// Whether most of a few rows changed: what only was drawn again as it was has not moved.
    fn has_changed_much(&self, frame: &Frame, within: &[Rect]) -> bool {
        const EVERY: usize = 24;
        let mut looked = (0, 0);
        for rect in within {
            for y in (rect.y..rect.bottom()).step_by(EVERY) {
                let (before, now) = (self.before.row(rect, y), frame.row(rect, y));
                let part = TILE as usize * BYTES_PER_PIXEL;
                for (before, now) in before.chunks(part).zip(now.chunks(part)) {
                    looked.0 += 1;
                    looked.1 += usize::from(!same_row(before, now));
                }
            }
        }
        looked.1 * 2 > looked.0
    }

    /// Keeps what the frame has now, to be compared with later. Nothing that is to be sent waits for this.
    pub fn settle(&mut self, frame: &Frame) {
        for rect in std::mem::take(&mut self.behind) {
            for y in rect.y..rect.bottom() {
                self.before.row_mut(&rect, y).copy_from_slice(frame.row(&rect, y));
            }
        }
    }

    fn changed_within(&self, frame: &Frame, damage: &[Rect]) -> Vec<Rect> {
        let columns = frame.area.width.div_ceil(TILE);
        let damage = damage.iter().filter_map(|rect| rect.intersection(&frame.area));
        let tiles: Vec<(u32, Rect)> = damage
            .flat_map(|rect| {
                let tiles = tiles_of(frame.area, columns, rect);
                tiles.filter_map(move |(index, tile)| Some((index, rect.intersection(&tile)?)))
            })
            .collect();
        let mut changed: Vec<(u32, Rect)> = in_parts(&tiles, LEAST_TILES, |tiles| {
            let changed = tiles.iter().map(|(index, part)| Some((*index, self.changed_part(frame, part)?)));
            changed.flatten().collect()
        });
        // A tile may be in several damaged rectangles. What changed apart in it stays apart: a film and a letter beside it, say.
        changed.sort_unstable_by_key(|(index, part)| (*index, part.y, part.x));
        let mut parts: Vec<Rect> = Vec::with_capacity(changed.len());
        let mut tile_begins = 0;
        for (at, (index, part)) in changed.iter().enumerate() {
            if at == 0 || changed[at - 1].0 != *index {
                tile_begins = parts.len();
            }
            let mut part = *part;
            while let Some(other) = (tile_begins..parts.len()).find(|other| parts[*other].intersection(&part).is_some()) {
                part = part.union(&parts.swap_remove(other));
            }
            parts.push(part);
        }
        parts
    }

    /// The least rectangle inside `part` that holds every pixel that changed.
    fn changed_part(&self, frame: &Frame, part: &Rect) -> Option<Rect> {
        let differs = |y: &i32| !same_row(self.before.row(part, *y), frame.row(part, *y));
        let top = (part.y..part.bottom()).find(differs)?;
        let bottom = (top..part.bottom()).rev().find(differs).unwrap_or(top) + 1;
        // All rows of a column at once, which any processor does for several columns at a time, until both edges are met.
        let mut columns = [0_u32; TILE as usize];
        let differs = |column: &u32| column & COLOURS != 0;
        let last = (part.width as usize).saturating_sub(1).min(columns.len() - 1);
        for y in top..bottom {
            let before = self.before.row(part, y).as_chunks::<BYTES_PER_PIXEL>().0;
            let now = frame.row(part, y).as_chunks::<BYTES_PER_PIXEL>().0;
            for ((column, before), now) in columns.iter_mut().zip(before).zip(now) {
                *column |= u32::from_le_bytes(*before) ^ u32::from_le_bytes(*now);
            }
            if differs(&columns[0]) && columns.get(last).is_some_and(differs) {
                break;
            }
        }
        let left = columns.iter().position(differs).unwrap_or(0);
        let right = columns.iter().rposition(differs).map_or(0, |at| at + 1);
        let x = part.x.saturating_add_unsigned(left as u32);
        Some(Rect::new(x, top, right.saturating_sub(left) as u32, (bottom - top) as u32))
    }

    /// Looks in whole tiles, because the edges of what changed are ragged where a line of text ends.
    fn find_moves(&mut self, frame: &Frame, changed: &[Rect], films: &[Rect]) -> Change {
        let areas: Vec<Area> = changed.iter().map(|rect| relative(rect, &frame.area)).collect();
        let whole = Area::of_size(frame.area.width, frame.area.height);
        let is_searched = |rect: &&Rect| !films.iter().any(|film| film.intersection(rect) == Some(**rect));
        let tiles = changed.iter().filter(is_searched).filter_map(|rect| {
            let area = relative(rect, &frame.area);
            let (x, y) = (area.x / TILE * TILE, area.y / TILE * TILE);
            Area::new(x, y, TILE, TILE).intersection(&whole)
        });
        let mut tiles: Vec<Area> = tiles.collect();
        tiles.dedup();
        let tiles = merge_into_rectangles(tiles);
        let (Some(before), Some(now)) = (picture_of(&self.before), picture_of(frame)) else {
            return Change::default();
        };
        let copies = self.finder.find(&before, &now, &tiles).copies;
        let rest = Area::parts_without(areas, copies.iter().map(|copy| &copy.to));
        Change {
            copies,
            rest: merged(rest, &frame.area),
        }
    }
}

/// In rows and joined, in the desktop space.
fn merged(mut rest: Vec<Area>, frame_area: &Rect) -> Vec<Rect> {
    rest.sort_unstable_by_key(|area| (area.y, area.x));
    merge_into_rectangles(rest).iter().map(|area| absolute(area, frame_area)).collect()
}

fn overlap(rects: &[Rect]) -> bool {
    rects
        .iter()
        .enumerate()
        .any(|(at, rect)| rects[..at].iter().any(|other| other.intersection(rect).is_some()))
}

fn picture_of(frame: &Frame) -> Option<Picture<'_>> {
    Picture::new(frame.area.width, frame.area.height, frame.stride, &frame.data)
}

/// A rectangle inside `area`, counted from its corner.
pub(super) fn relative(rect: &Rect, area: &Rect) -> Area {
    let from = |at: i32, corner: i32| (i64::from(at) - i64::from(corner)).clamp(0, i64::from(u32::MAX)) as u32;
    Area::new(from(rect.x, area.x), from(rect.y, area.y), rect.width, rect.height)
}

/// A rectangle counted from the corner of `area`, in the desktop space.
pub(super) fn absolute(part: &Area, area: &Rect) -> Rect {
    Rect::new(
        area.x.saturating_add_unsigned(part.x),
        area.y.saturating_add_unsigned(part.y),
        part.width,
        part.height,
    )
}

/// The tiles a rectangle inside `area` touches, row by row, with their numbers.
fn tiles_of(area: Rect, columns: u32, rect: Rect) -> impl Iterator<Item = (u32, Rect)> {
    let column_of = |x: i32| (i64::from(x) - i64::from(area.x)) as u32 / TILE;
    let row_of = |y: i32| (i64::from(y) - i64::from(area.y)) as u32 / TILE;
    let (first, last) = (column_of(rect.x), column_of(rect.right() - 1));
    (row_of(rect.y)..=row_of(rect.bottom() - 1)).flat_map(move |row| {
        (first..=last).map(move |column| {
            let (x, y) = (column * TILE, row * TILE);
            let tile = Rect::new(
                area.x.saturating_add_unsigned(x),
                area.y.saturating_add_unsigned(y),
                TILE.min(area.width - x),
                TILE.min(area.height - y),
            );
            (row * columns + column, tile)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame::with_area(Rect::new(-100, -50, 300, 200))
    }

    fn paint(frame: &mut Frame, x: i32, y: i32, value: u8) {
        frame.row_mut(&Rect::new(x, y, 1, 1), y)[0] = value;
    }

    fn rest(rects: &[Rect]) -> Change {
        Change {
            copies: Vec::new(),
            rest: rects.to_vec(),
        }
    }

    /// Looks at the next frame, and keeps it.
    fn look(comparer: &mut Comparer, frame: &Frame, damage: &[Rect]) -> Change {
        let change = comparer.handle_capture(frame, damage, &[]);
        comparer.settle(frame);
        change
    }

    #[test]
    fn a_new_frame_is_changed_and_an_unchanged_one_is_not() {
        let frame = frame();
        let mut comparer = Comparer::default();
        assert_eq!(look(&mut comparer, &frame, &[]), rest(&[frame.area]));
        assert_eq!(look(&mut comparer, &frame, &[frame.area]), Change::default());
    }

    #[test]
    fn one_pixel_is_found_in_every_corner_of_a_frame_of_odd_size() {
        let mut frame = frame();
        let mut comparer = Comparer::default();
        look(&mut comparer, &frame, &[]);
        for (x, y) in [(-100, -50), (199, 149), (199, -50), (-100, 149), (0, 0)] {
            paint(&mut frame, x, y, 77);
            let changed = rest(&[Rect::new(x, y, 1, 1)]);
            assert_eq!(look(&mut comparer, &frame, &[frame.area]), changed);
            assert_eq!(look(&mut comparer, &frame, &[frame.area]), Change::default());
        }
    }

    #[test]
    fn a_change_named_twice_is_one_change() {
        let mut frame = frame();
        let mut comparer = Comparer::default();
        look(&mut comparer, &frame, &[]);
        paint(&mut frame, 10, 10, 5);
        paint(&mut frame, 8, 11, 5);
        let damage = [Rect::new(8, 8, 4, 4), Rect::new(10, 10, 4, 4)];
        assert_eq!(look(&mut comparer, &frame, &damage), rest(&[Rect::new(8, 10, 3, 2)]));
    }

    #[test]
    fn a_change_over_several_tiles_is_one_rectangle() {
        let mut frame = frame();
        let mut comparer = Comparer::default();
        look(&mut comparer, &frame, &[]);
        for x in -100..100 {
            (-50..100).for_each(|y| paint(&mut frame, x, y, 9));
        }
        assert_eq!(look(&mut comparer, &frame, &[frame.area]), rest(&[Rect::new(-100, -50, 200, 150)]));
    }

    #[test]
    fn the_byte_that_says_nothing_changes_nothing() {
        let mut frame = frame();
        let mut comparer = Comparer::default();
        look(&mut comparer, &frame, &[]);
        frame.row_mut(&Rect::new(3, 3, 1, 1), 3)[3] = 0;
        assert_eq!(look(&mut comparer, &frame, &[frame.area]), Change::default());
    }

    #[test]
    fn a_scrolled_page_is_a_copy_and_what_came_in() {
        let mut frame = frame();
        let page = |frame: &mut Frame, scroll: i32| {
            for y in -50..150 {
                for x in -100..200 {
                    let at = (x * 31 + (y + scroll) * 17) ^ ((x + 100) * (y + scroll + 900));
                    paint(frame, x, y, (at % 251) as u8);
                }
            }
        };
        page(&mut frame, 0);
        let mut comparer = Comparer::default();
        look(&mut comparer, &frame, &[]);
        page(&mut frame, 30);
        let change = look(&mut comparer, &frame, &[frame.area]);
        let copy = Copy {
            from_x: 0,
            from_y: 30,
            to: Area::new(0, 0, 300, 170),
        };
        assert_eq!((change.copies, change.rest), (vec![copy], vec![Rect::new(-100, 120, 300, 30)]));
    }
}
