//! A picture made smaller for a texture: each pixel is the mean of all it stands for, so that no line of a letter is left out, which a
//! texture's own filter does below half. Any part can be drawn by itself and is what drawing the whole would have given there. The
//! surface has the scaler of the codec, to which no arrow leads from here.

use std::ops::Range;

use egui::{Color32, ColorImage};
use farhand_protocol::geometry::Rect;

/// Parts of one, as weights count: their products with bytes fit into 16 bits, and so do the sums.
const ONE: u64 = 256;

/// The pixels of a picture: BGRA, rows `stride` bytes apart.
#[derive(Clone, Copy)]
pub struct Pixels<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// From one row to the next.
    pub stride: usize,
    /// Columns and rows.
    pub size: (u32, u32),
}

/// Draws `part` of the picture made so small; the sides of `size` are no longer than the picture's.
pub fn shrunk(from: Pixels<'_>, size: (u32, u32), part: &Rect) -> ColorImage {
    let columns = Shares::new(from.size.0, size.0, part.x as u32..part.x as u32 + part.width);
    let rows = Shares::new(from.size.1, size.1, part.y as u32..part.y as u32 + part.height);
    let needed = columns.needed();
    let mut sums = vec![0_u16; needed.len() * 4];
    let mut pixels = Vec::with_capacity(part.area() as usize);
    for (top, weights) in rows.iter() {
        sums.fill(0);
        for (row, weight) in (top..).zip(weights) {
            let line = from.bytes.get(row * from.stride..).unwrap_or(&[]);
            let line = line.get(needed.start * 4..needed.end * 4).unwrap_or(&[]);
            for (sum, byte) in sums.iter_mut().zip(line) {
                *sum += u16::from(*byte) * weight;
            }
        }
        pixels.extend(
            columns
                .iter()
                .map(|(left, weights)| mean(&sums[(left - needed.start) * 4..], weights)),
        );
    }
    ColorImage::new([part.width as usize, part.height as usize], pixels)
}

/// What of a picture scaled from `from` to `to` looks different when `changed` does.
pub fn touched(changed: &Rect, from: (u32, u32), to: (u32, u32)) -> Rect {
    let span = |start: i32, length: u32, from: u32, to: u32| {
        let (from, to, start) = (u64::from(from.max(1)), u64::from(to), start.max(0) as u64);
        let first = (start * to / from).min(to);
        let last = ((start + u64::from(length)) * to).div_ceil(from).min(to);
        (first as i32, (last - first) as u32)
    };
    let (x, width) = span(changed.x, changed.width, from.0, to.0);
    let (y, height) = span(changed.y, changed.height, from.1, to.1);
    Rect::new(x, y, width, height)
}

fn mean(sums: &[u16], weights: &[u16]) -> Color32 {
    let mut mean = [1_u32 << 15; 3];
    for (pixel, weight) in sums.chunks_exact(4).zip(weights) {
        for (mean, sum) in mean.iter_mut().zip(pixel) {
            *mean += u32::from(*sum) * u32::from(*weight);
        }
    }
    let [blue, green, red] = mean.map(|mean| (mean >> 16) as u8);
    Color32::from_rgb(red, green, blue)
}

/// Along one side: which pixels each pixel of the result stands for, and what share each of them has in it.
struct Shares {
    /// The first of them, and where their weights are.
    spans: Vec<(usize, Range<usize>)>,
    weights: Vec<u16>,
}

impl Shares {
    fn new(from: u32, to: u32, part: Range<u32>) -> Self {
        let (from, to) = (u64::from(from), u64::from(to.max(1)));
        let mut shares = Self {
            spans: Vec::with_capacity(part.len()),
            weights: Vec::new(),
        };
        for at in part.map(u64::from) {
            // Counted in parts of a pixel of which there are `to`; the result's pixel is `from` of them long.
            let (start, end) = (at * from, (at + 1) * from);
            let first = start / to;
            let before = shares.weights.len();
            let mut given = 0;
            for pixel in first..end.div_ceil(to) {
                let covered = ((pixel + 1) * to).min(end) - start;
                let reached = (covered * ONE + from / 2) / from.max(1);
                shares.weights.push((reached - given) as u16);
                given = reached;
            }
            shares.spans.push((first as usize, before..shares.weights.len()));
        }
        shares
    }

    fn iter(&self) -> impl Iterator<Item = (usize, &[u16])> {
        self.spans.iter().map(|(first, weights)| (*first, &self.weights[weights.clone()]))
    }

    /// All the pixels that any of the result stands for.
    fn needed(&self) -> Range<usize> {
        match (self.spans.first(), self.spans.last()) {
            (Some((first, _)), Some((last, weights))) => *first..last + weights.len(),
            _ => 0..0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (61, 37);

    fn noise() -> Vec<u8> {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..SIZE.0 * SIZE.1 * 4).map(|_| next()).collect()
    }

    fn pixels(bytes: &[u8]) -> Pixels<'_> {
        Pixels {
            bytes,
            stride: SIZE.0 as usize * 4,
            size: SIZE,
        }
    }

    fn whole(bytes: &[u8], size: (u32, u32)) -> ColorImage {
        shrunk(pixels(bytes), size, &Rect::new(0, 0, size.0, size.1))
    }

    #[test]
    fn one_colour_stays_that_colour_in_every_size() {
        for value in [0, 1, 127, 254, 255] {
            let bytes = vec![value; noise().len()];
            for size in [(1, 1), (7, 5), (30, 37), (60, 36), SIZE] {
                let grey = Color32::from_gray(value);
                assert!(whole(&bytes, size).pixels.iter().all(|pixel| *pixel == grey), "{size:?}");
            }
        }
    }

    #[test]
    fn every_pixel_has_its_share_however_small_the_picture() {
        let mut bytes = vec![0; noise().len()];
        // A line one pixel wide in a picture a quarter as large.
        for row in bytes.chunks_exact_mut(SIZE.0 as usize * 4) {
            row[30 * 4..31 * 4].fill(255);
        }
        let size = (15, 9);
        for row in whole(&bytes, size).pixels.chunks_exact(15) {
            let light: u32 = row.iter().map(|pixel| u32::from(pixel.g())).sum();
            assert!((60..=65).contains(&light), "{light} of {}", 255.0 * 15.0 / 61.0);
        }
    }

    #[test]
    fn a_part_is_what_the_whole_has_there() {
        let bytes = noise();
        for size in [(40, 30), (15, 9), (60, 37)] {
            let all = whole(&bytes, size);
            let part = Rect::new(3, 2, 9, 6);
            let drawn = shrunk(pixels(&bytes), size, &part);
            for (row, line) in drawn.pixels.chunks_exact(9).enumerate() {
                let at = (row + 2) * size.0 as usize + 3;
                assert_eq!(line, &all.pixels[at..at + 9], "{size:?}");
            }
        }
    }

    #[test]
    fn nothing_changes_outside_what_is_touched() {
        for size in [(40, 30), (15, 9), (60, 37)] {
            let mut bytes = noise();
            let before = whole(&bytes, size);
            let changed = Rect::new(20, 11, 5, 3);
            for row in bytes.chunks_exact_mut(SIZE.0 as usize * 4).skip(11).take(3) {
                row[20 * 4..25 * 4].fill(255);
            }
            let after = whole(&bytes, size);
            let touched = touched(&changed, SIZE, size);
            for (at, (was, is)) in before.pixels.iter().zip(&after.pixels).enumerate() {
                let pixel = Rect::new((at % size.0 as usize) as i32, (at / size.0 as usize) as i32, 1, 1);
                assert!(was == is || touched.intersection(&pixel).is_some(), "{size:?}: {pixel:?}");
            }
        }
    }
}
