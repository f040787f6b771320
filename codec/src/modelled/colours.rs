//! The colours that were seen: the last few, which are likely to come again, and a table of those that have a number.

use super::foresight::{Foresight, WAYS, hash};
use super::range::Decisions;

/// So many colours have a number; a new one then takes that of the oldest.
const NUMBERED: usize = 256;
/// So many that came last are asked for by themselves.
pub(super) const RECENT: usize = 4;

/// Decisions about colours take these, so that no pixel's has the same.
const NEW: u32 = 100;
const NUMBER: u32 = 1000;
const PLANE: u32 = 2000;
/// Sets of weights for the bits of a number and of a colour's planes.
const NUMBER_SET: usize = 12;
const PLANE_SET: usize = NUMBER_SET + 8;

/// Colours are blue, green and red from the lowest byte on.
#[derive(Clone)]
pub(super) struct Colours {
    numbered: Vec<u32>,
    /// Which number is given next, where all are taken.
    oldest: usize,
    /// The last first.
    pub(super) recent: [u32; RECENT],
}

impl Colours {
    /// None seen.
    pub(super) fn new() -> Self {
        Self {
            numbered: Vec::with_capacity(NUMBERED),
            oldest: 0,
            recent: [0; RECENT],
        }
    }

    /// This colour was used.
    #[inline]
    pub(super) fn note(&mut self, colour: u32) {
        if self.recent[0] != colour {
            let at = self.recent.iter().position(|recent| *recent == colour).unwrap_or(RECENT - 1);
            self.recent.copy_within(..at, 1);
            self.recent[0] = colour;
        }
    }

    /// A colour that is none of those that were likely, beside these: left, above, and above that on the left.
    pub(super) fn code(&mut self, foresight: &mut Foresight, decisions: &mut impl Decisions, beside: [u32; 3], colour: u32) -> u32 {
        let [left, above, _] = beside;
        let both = hash(left, above);
        let surroundings: [u32; WAYS] = [1, hash(left, 2), hash(above, 3), both, hash(self.recent[0], 4)];
        let number = self.numbered.iter().position(|known| *known == colour);
        let set = NUMBER_SET - 1;
        if foresight.decide(decisions, &surroundings, NEW, set, number.is_none()) {
            let colour = plane_by_plane(foresight, decisions, beside, colour);
            self.give_number(colour);
            return colour;
        }
        let number = byte(foresight, decisions, &surroundings, NUMBER, NUMBER_SET, number.unwrap_or(0) as u8);
        // Of a number that was never given, any colour will do: no encoder of ours writes it.
        self.numbered.get(usize::from(number)).copied().unwrap_or(0)
    }

    fn give_number(&mut self, colour: u32) {
        if self.numbered.len() < NUMBERED {
            self.numbered.push(colour);
        } else {
            self.numbered[self.oldest] = colour;
            self.oldest = (self.oldest + 1) % NUMBERED;
        }
    }
}

/// Green as it differs from what is likely there, then blue and red as they differ from green, less what that is likely to be.
fn plane_by_plane(foresight: &mut Foresight, decisions: &mut impl Decisions, beside: [u32; 3], colour: u32) -> u32 {
    let beside = beside.map(planes);
    let [left, above, corner] = beside;
    let likely = std::array::from_fn::<u8, 3, _>(|plane| median(left[plane], above[plane], corner[plane]));
    let actual = planes(colour);
    // How much differs around here.
    let rough = |plane: usize| {
        let differing = left[plane].wrapping_sub(corner[plane]) as i8;
        let down = above[plane].wrapping_sub(corner[plane]) as i8;
        (u32::from(differing.unsigned_abs()) + u32::from(down.unsigned_abs()))
            .next_power_of_two()
            .ilog2()
    };
    let mut coded = [0; 3];
    for plane in 0_usize..3 {
        let number = plane as u32;
        let before = coded[plane.saturating_sub(1)];
        let texture = hash(number, rough(plane));
        let surroundings = [
            texture,
            hash(texture, u32::from(before)),
            hash(hash(number, u32::from(left[plane])), u32::from(above[plane])),
            hash(hash(number, rough(0)), u32::from(likely[plane])),
            hash(hash(texture, u32::from(before)), hash(u32::from(coded[0]), rough(0))),
        ];
        let value = actual[plane].wrapping_sub(likely[plane]);
        coded[plane] = byte(foresight, decisions, &surroundings, PLANE, PLANE_SET, value);
    }
    let [green, blue, red] = std::array::from_fn(|plane| coded[plane].wrapping_add(likely[plane]));
    u32::from_le_bytes([blue.wrapping_add(green), green, red.wrapping_add(green), 0])
}

/// Green, blue - green, red - green.
fn planes(colour: u32) -> [u8; 3] {
    let [blue, green, red, _] = colour.to_le_bytes();
    [green, blue.wrapping_sub(green), red.wrapping_sub(green)]
}

/// The one in the middle of left, above, and left + above - corner (LOCO-I).
fn median(left: u8, above: u8, corner: u8) -> u8 {
    let (low, high) = (left.min(above), left.max(above));
    match corner {
        corner if corner >= high => low,
        corner if corner <= low => high,
        corner => left.wrapping_add(above).wrapping_sub(corner),
    }
}

/// A byte, its highest bit first; each bit is foreseen by those before it.
fn byte(foresight: &mut Foresight, decisions: &mut impl Decisions, surroundings: &[u32; WAYS], which: u32, set: usize, value: u8) -> u8 {
    let mut known = 1_u32;
    for place in (0..8).rev() {
        let is_one = value >> place & 1 == 1;
        let is_one = foresight.decide(decisions, surroundings, which + known, set + 7 - place, is_one);
        known = known << 1 | u32::from(is_one);
    }
    known as u8
}
