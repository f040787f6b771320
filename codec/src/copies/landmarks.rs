//! Proposals: which displacements would explain much of a change.
//!
//! Every block of 32 × 4 pixels of what was shown, at columns that are multiples of 32 and at every row (every third one of a large
//! change, which has enough of them), is entered under its
//! hash, unless all its columns are alike (it would be found everywhere). Then the same hash slides over every eleventh row of
//! what is there now; a block met exactly once votes for the way it went.

use std::collections::HashMap;

use crate::picture::{Area, BYTES_PER_PIXEL, Picture};

/// Width of a landmark.
const WIDTH: usize = 32;
/// Height of a landmark.
const HEIGHT: u32 = 4;
/// Landmarks are looked for on every row whose number is a multiple of this: a number that no lines of text keep step with,
/// or only the gaps between them would be looked at.
const ROW_STEP: u32 = 11;
/// From so many pixels on a change is large.
const LARGE_PIXELS: u64 = 1 << 18;
/// Rows between landmarks of a large change. With `ROW_STEP` it has no common divisor, so every distance is met.
const LARGE_STEP: usize = 3;
/// An odd number, to mix columns.
const BASE: u32 = 0x9e37_79b1;
/// Bits by which a column is turned from row to row; turning and adding is what any processor does several at a time.
const TURN: u32 = 7;
const COLOURS: u32 = 0x00ff_ffff;

/// How far something moved, in pixels to the right and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Displacement {
    pub(super) dx: i32,
    pub(super) dy: i32,
}

impl Displacement {
    /// Where the pixel now at `x`, `y` was shown; for pixels of [`Self::reachable`].
    pub(super) fn source_of(self, x: u32, y: u32) -> (u32, u32) {
        (x.wrapping_add_signed(-self.dx), y.wrapping_add_signed(-self.dy))
    }

    /// The part of a frame whose sources are inside the frame too.
    pub(super) fn reachable(self, width: u32, height: u32) -> Option<Area> {
        let frame = Area::of_size(width, height);
        let side = |by: i32, side: u32| (by.max(0).unsigned_abs(), side.saturating_sub(by.unsigned_abs()));
        let ((x, width), (y, height)) = (side(self.dx, width), side(self.dy, height));
        Area::new(x, y, width, height).intersection(&frame)
    }
}

/// Blocks of what was shown, by hash.
#[derive(Default)]
pub(super) struct Landmarks {
    /// Open addressing: the block under each hash; a power of two long, at most half full.
    slots: Vec<Slot>,
    columns: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u32,
    place: Place,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Free,
    At(u16, u16),
    /// The same block is there more than once, so it says nothing.
    Several,
}

impl Landmarks {
    /// Displacements of parts of `changed`, those with most votes first; none with fewer than `least_votes`.
    pub(super) fn compare(
        &mut self,
        shown: &Picture<'_>,
        now: &Picture<'_>,
        changed: &[Area],
        least_votes: u32,
        most: usize,
    ) -> Vec<Displacement> {
        self.enter(shown, changed);
        let mut votes: HashMap<Displacement, u32> = HashMap::new();
        for area in changed {
            self.look_for(now, *area, &mut votes);
        }
        let mut ranked: Vec<(u32, Displacement)> = votes
            .into_iter()
            .filter(|(by, count)| *count >= least_votes && (by.dx, by.dy) != (0, 0))
            .map(|(by, count)| (count, by))
            .collect();
        // Equal votes in a fixed order, so that the same pictures have the same answer.
        ranked.sort_unstable_by_key(|(count, by)| (std::cmp::Reverse(*count), by.dy, by.dx));
        ranked.into_iter().take(most).map(|(_, by)| by).collect()
    }

    fn enter(&mut self, shown: &Picture<'_>, changed: &[Area]) {
        let blocks: usize = changed
            .iter()
            .map(|area| (area.width as usize).div_ceil(WIDTH) * area.height as usize)
            .sum();
        let pixels: u64 = changed.iter().map(Area::pixels).sum();
        let step = if pixels < LARGE_PIXELS { 1 } else { LARGE_STEP };
        self.slots.clear();
        self.slots
            .resize((blocks.div_ceil(step) * 2 + 2).next_power_of_two(), Slot::default());
        for area in changed {
            let first = area.x.next_multiple_of(WIDTH as u32);
            for y in (area.y..(area.bottom() + 1).saturating_sub(HEIGHT).max(area.y)).step_by(step) {
                if first >= area.right() {
                    break;
                }
                mix_rows(shown, first, area.right(), y, &mut self.columns);
                for (index, block) in self.columns.as_chunks::<WIDTH>().0.iter().enumerate() {
                    if !is_plain(block) {
                        let x = first as usize + index * WIDTH;
                        put(&mut self.slots, hash_of(block), Place::At(x as u16, y as u16));
                    }
                }
            }
        }
    }

    fn look_for(&mut self, now: &Picture<'_>, area: Area, votes: &mut HashMap<Displacement, u32>) {
        let power = (0..WIDTH).fold(1_u32, |power, _| power.wrapping_mul(BASE));
        let mut y = area.y.next_multiple_of(ROW_STEP);
        // A low strip has one row of landmarks all the same.
        if y + HEIGHT > area.bottom() {
            y = area.y;
        }
        while y + HEIGHT <= area.bottom() {
            mix_rows(now, area.x, area.right(), y, &mut self.columns);
            let Some(first) = self.columns.first_chunk::<WIDTH>() else { return };
            let mut hash = hash_of(first);
            // How many columns up to the last are alike: a block of nothing else is plain and was never entered.
            let mut alike = first.iter().rev().take_while(|column| **column == first[WIDTH - 1]).count();
            for (x, block) in (area.x..).zip(self.columns.windows(WIDTH)) {
                if alike < WIDTH
                    && let Place::At(old_x, old_y) = find(&self.slots, hash)
                {
                    let by = Displacement {
                        dx: x as i32 - i32::from(old_x),
                        dy: y as i32 - i32::from(old_y),
                    };
                    *votes.entry(by).or_default() += 1;
                }
                let Some(entering) = self.columns.get((x - area.x) as usize + WIDTH) else {
                    break;
                };
                alike = if *entering == block[WIDTH - 1] { alike + 1 } else { 1 };
                hash = hash
                    .wrapping_mul(BASE)
                    .wrapping_sub(block[0].wrapping_mul(power))
                    .wrapping_add(*entering);
            }
            y += ROW_STEP;
        }
    }
}

/// One number for each column of a strip, four pixels high, from `x` to `right`.
fn mix_rows(picture: &Picture<'_>, x: u32, right: u32, y: u32, columns: &mut Vec<u32>) {
    columns.clear();
    columns.resize((right - x) as usize, 0);
    let bytes = x as usize * BYTES_PER_PIXEL..right as usize * BYTES_PER_PIXEL;
    for row in y..y + HEIGHT {
        let pixels = picture.row(row)[bytes.clone()].as_chunks::<BYTES_PER_PIXEL>().0;
        for (column, pixel) in columns.iter_mut().zip(pixels) {
            *column = column.rotate_left(TURN).wrapping_add(u32::from_le_bytes(*pixel) & COLOURS);
        }
    }
}

/// Whether all columns are alike.
fn is_plain(block: &[u32; WIDTH]) -> bool {
    block.iter().fold(0, |bits, column| bits | (column ^ block[0])) == 0
}

/// A polynomial of the columns, which can be slid along.
fn hash_of(block: &[u32; WIDTH]) -> u32 {
    block
        .iter()
        .fold(0_u32, |hash, column| hash.wrapping_mul(BASE).wrapping_add(*column))
}

/// Where the search for a hash begins; the lower bits of the polynomial are weak.
fn slot_of(hash: u32, slots: usize) -> usize {
    (hash.wrapping_mul(0x2c1b_3c6d) >> 8) as usize & (slots - 1)
}

fn put(slots: &mut [Slot], hash: u32, place: Place) {
    let mut at = slot_of(hash, slots.len());
    loop {
        let slot = &mut slots[at];
        if slot.place == Place::Free {
            *slot = Slot { hash, place };
            return;
        }
        if slot.hash == hash {
            slot.place = Place::Several;
            return;
        }
        at = (at + 1) & (slots.len() - 1);
    }
}

fn find(slots: &[Slot], hash: u32) -> Place {
    let mut at = slot_of(hash, slots.len());
    loop {
        let slot = &slots[at];
        if slot.place == Place::Free || slot.hash == hash {
            return slot.place;
        }
        at = (at + 1) & (slots.len() - 1);
    }
}
