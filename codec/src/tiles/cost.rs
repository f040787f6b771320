//! Whether exact coding of some pixels takes many bytes: film and photographs do, text and user interfaces do not.

use crate::picture::{Area, BYTES_PER_PIXEL, Picture};

/// More colours than this among the pixels looked at, and it is not a drawn surface.
const MANY_COLOURS: usize = 160;
/// In a small area so many colours for each pixel looked at, if it is not very small.
const COLOURS_PER_PIXEL: f64 = 0.5;
const LEAST_PIXELS: usize = 64;
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
    let looked_at = part.width() as usize * part.height().div_ceil(2) as usize;
    looked_at >= LEAST_PIXELS && colours as f64 > looked_at as f64 * COLOURS_PER_PIXEL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Canvas;

    #[test]
    fn a_strip_of_a_film_is_costly_and_one_of_text_or_a_letter_is_not() {
        let mut canvas = Canvas::black(256, 64).unwrap();
        for y in 0..64 {
            let mut into = canvas.as_picture_mut();
            for (x, pixel) in into.row_mut(y).as_chunks_mut::<BYTES_PER_PIXEL>().0.iter_mut().enumerate() {
                let grain = ((x as u32).wrapping_mul(2_654_435_761) ^ y.wrapping_mul(0x9e37_79b1)).to_le_bytes();
                // Film on the left half, text of 30 shades on the right one.
                *pixel = if x < 128 { grain } else { [grain[2] % 30 * 8; 4] };
            }
        }
        let picture = canvas.as_picture();
        for (area, costly) in [
            (Area::new(0, 0, 64, 64), true),
            (Area::new(0, 60, 64, 4), true),
            (Area::new(128, 0, 64, 64), false),
            (Area::new(128, 60, 64, 4), false),
            (Area::new(4, 4, 9, 10), false),
            (Area::new(200, 0, 64, 64), false),
        ] {
            assert_eq!(is_costly(&picture, area), costly, "{area:?}");
        }
    }
}
