//! Which damage is a change. Systems report more than changed (a program repaints what it had), so the hash of every
//! 64 × 64 tile is kept, and damage in tiles whose hash stayed the same is dropped. Hashes instead of a second frame:
//! 8 kB instead of 8 MB at 1080p. BLAKE3, cut to 128 bits, so that nobody can paint two pictures that pass for the same.

use farhand_protocol::geometry::Rect;

use crate::platform::Frame;

/// Side of a tile, the same as the planner's.
const TILE: u32 = farhand_codec::planner::TILE;

/// Hashes of what was captured last.
#[derive(Debug, Default)]
pub(super) struct Comparer {
    area: Rect,
    columns: u32,
    hashes: Vec<TileHash>,
    /// The pixels of one tile without gaps, for the hash to take at once: that is what makes it fast.
    scratch: Vec<u8>,
}

type TileHash = [u8; 16];

impl Comparer {
    /// Takes in freshly captured pixels within `damage`; returns which parts of it changed. A frame of another area is
    /// changed as a whole.
    pub(super) fn handle_capture(&mut self, frame: &Frame, damage: &[Rect]) -> Vec<Rect> {
        if frame.area != self.area {
            self.area = frame.area;
            self.columns = frame.area.width.div_ceil(TILE);
            self.hashes = vec![TileHash::default(); self.columns as usize * frame.area.height.div_ceil(TILE) as usize];
            let everything = [frame.area];
            self.refresh(frame, &everything);
            return everything.to_vec();
        }
        self.refresh(frame, damage)
    }

    fn refresh(&mut self, frame: &Frame, damage: &[Rect]) -> Vec<Rect> {
        // A tile may be in several damaged rectangles; its hash must be taken once and hold for all of them.
        let mut fresh: Vec<(usize, bool)> = Vec::new();
        let mut changed = Vec::new();
        for rect in damage.iter().filter_map(|rect| rect.intersection(&self.area)) {
            for (index, tile) in tiles_of(self.area, self.columns, rect) {
                let known = fresh.iter().find(|(at, _)| *at == index).map(|(_, differs)| *differs);
                let differs = known.unwrap_or_else(|| {
                    let hash = hash_of(frame, &tile, &mut self.scratch);
                    let differs = self.hashes.get_mut(index).is_some_and(|old| std::mem::replace(old, hash) != hash);
                    if damage.len() > 1 {
                        fresh.push((index, differs));
                    }
                    differs
                });
                if let Some(part) = rect.intersection(&tile).filter(|_| differs) {
                    changed.push(part);
                }
            }
        }
        changed
    }
}

/// The tiles a rectangle inside `area` touches, row by row, with their numbers.
fn tiles_of(area: Rect, columns: u32, rect: Rect) -> impl Iterator<Item = (usize, Rect)> {
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
            ((row * columns + column) as usize, tile)
        })
    })
}

fn hash_of(frame: &Frame, tile: &Rect, scratch: &mut Vec<u8>) -> TileHash {
    scratch.clear();
    for y in tile.y..tile.bottom() {
        scratch.extend_from_slice(frame.row(tile, y));
    }
    let mut hash = TileHash::default();
    hash.copy_from_slice(&blake3::hash(scratch).as_bytes()[..16]);
    hash
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

    #[test]
    fn a_new_frame_is_changed_and_an_unchanged_one_is_not() {
        let frame = frame();
        let mut comparer = Comparer::default();
        assert_eq!(comparer.handle_capture(&frame, &[]), vec![frame.area]);
        assert!(comparer.handle_capture(&frame, &[frame.area]).is_empty());
    }

    #[test]
    fn one_pixel_is_found_in_every_corner_of_a_frame_of_odd_size() {
        let mut frame = frame();
        let mut comparer = Comparer::default();
        comparer.handle_capture(&frame, &[]);
        for (x, y) in [(-100, -50), (199, 149), (199, -50), (-100, 149), (0, 0)] {
            paint(&mut frame, x, y, 77);
            let damage = Rect::new(x, y, 1, 1);
            assert_eq!(comparer.handle_capture(&frame, &[damage]), vec![damage]);
            assert!(comparer.handle_capture(&frame, &[damage]).is_empty());
        }
    }

    #[test]
    fn damage_named_twice_is_a_change_both_times() {
        let mut frame = frame();
        let mut comparer = Comparer::default();
        comparer.handle_capture(&frame, &[]);
        paint(&mut frame, 10, 10, 5);
        let damage = [Rect::new(8, 8, 4, 4), Rect::new(10, 10, 4, 4)];
        assert_eq!(comparer.handle_capture(&frame, &damage), damage.to_vec());
    }

    #[test]
    fn only_the_tiles_that_changed_are_named() {
        let mut frame = frame();
        let mut comparer = Comparer::default();
        comparer.handle_capture(&frame, &[]);
        paint(&mut frame, -100 + 70, -50 + 3, 9);
        assert_eq!(comparer.handle_capture(&frame, &[frame.area]), vec![Rect::new(-36, -50, 64, 64)]);
    }

    #[test]
    fn swapped_pixels_have_another_hash() {
        let tile = Rect::new(0, 0, 64, 64);
        let mut hashes: Vec<TileHash> = (0..64)
            .map(|x| {
                let mut frame = Frame::with_area(tile);
                paint(&mut frame, x, 7, 1);
                hash_of(&frame, &tile, &mut Vec::new())
            })
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 64);
    }
}
