//! Whether exact coding of some pixels takes many bytes: film and photographs do, text and user interfaces do not.

use crate::picture::{Area, BYTES_PER_PIXEL, Picture};

/// More colours than this among the pixels looked at, and it is not a drawn surface.
const MANY_COLOURS: usize = 160;
const SLOTS: usize = 512;
const COLOUR_MASK: u32 = 0x00ff_ffff;
const TAKEN: u32 = 0x0100_0000;

/// Whether `area` of `picture` (up to some tiles large) looks like film or a photograph: more colours in every other row
/// than text or an interface has. Costs some microseconds for a tile of 64 × 64. False for an area outside.
pub fn is_costly(picture: &Picture<'_>, area: Area) -> bool {
    let Some(part) = picture.part(area) else {
        return false;
    };
    let mut slots = [0_u32; SLOTS];
    let mut colours = 0;
    for y in (0..part.height()).step_by(2) {
        let mut last = 0;
        for pixel in part.row(y).as_chunks::<BYTES_PER_PIXEL>().0 {
            let colour = u32::from_le_bytes(*pixel) & COLOUR_MASK | TAKEN;
            if colour == last {
                continue;
            }
            last = colour;
            let mut slot = (colour.wrapping_mul(0x9e37_79b1) >> 23) as usize;
            while slots[slot] != colour && slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            if slots[slot] == 0 {
                slots[slot] = colour;
                colours += 1;
                if colours > MANY_COLOURS {
                    return true;
                }
            }
        }
    }
    false
}
