//! A picture shown larger or smaller than it is: whole multiples by repeating pixels, so that they stay crisp, everything
//! else by a Catmull-Rom kernel. Any part of the result can be drawn by itself, and is what drawing the whole would have
//! given there, so that one changed letter costs one letter.

use farhand_resample::{Part, Pixels, Resampler};

use crate::picture::{Area, BYTES_PER_PIXEL, Picture, PictureMut};

/// How far the kernel reaches, in pixels of the coarser side.
const REACH: f64 = 2.0;

/// How pixels between pixels are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Whole multiples by repeating pixels, everything else smoothly.
    Crisp,
    /// Always smoothly: for what was made smaller before.
    Smooth,
}

/// Draws scaled pictures; keeps its buffers.
#[derive(Default)]
pub struct Scaler {
    resampler: Resampler,
    rows: Vec<u8>,
    drawn: Vec<u8>,
}

impl Scaler {
    /// Draws `part` of `from`, scaled to `size` as a whole, into `to`, whose upper left pixel is `corner` of the scaled picture.
    /// What of `part` lies outside the scaled picture or outside `to` is left as it was.
    pub fn draw(&mut self, from: &Picture<'_>, size: (u32, u32), part: &Area, to: &mut PictureMut<'_>, corner: (u32, u32)) {
        self.draw_with(Kernel::Crisp, from, size, part, to, corner);
    }

    /// As [`Self::draw`], with this kernel.
    pub fn draw_with(
        &mut self,
        kernel: Kernel,
        from: &Picture<'_>,
        size: (u32, u32),
        part: &Area,
        to: &mut PictureMut<'_>,
        corner: (u32, u32),
    ) {
        let seen = Area::new(corner.0, corner.1, to.width(), to.height());
        let whole = Area::of_size(size.0, size.1);
        let Some(part) = part.intersection(&seen).and_then(|part| part.intersection(&whole)) else {
            return;
        };
        let at = Area::new(part.x - corner.0, part.y - corner.1, part.width, part.height);
        if from.area().is_empty() {
            return;
        }
        if size == (from.width(), from.height()) {
            for row in 0..part.height {
                let (left, right) = (part.x as usize * BYTES_PER_PIXEL, part.right() as usize * BYTES_PER_PIXEL);
                copy_row(to, &at, row, &from.row(part.y + row)[left..right]);
            }
            return;
        }
        if self.resize(kernel, from, size, &part).is_some() {
            let row_bytes = part.width as usize * BYTES_PER_PIXEL;
            for (row, pixels) in self.drawn.chunks_exact(row_bytes).enumerate() {
                copy_row(to, &at, row as u32, pixels);
            }
        }
    }

    /// Fills `drawn` with the part.
    fn resize(&mut self, kernel: Kernel, from: &Picture<'_>, size: (u32, u32), part: &Area) -> Option<()> {
        let row_bytes = from.width() as usize * BYTES_PER_PIXEL;
        let bytes = if from.stride() == row_bytes {
            from.bytes().get(..row_bytes * from.height() as usize)?
        } else {
            self.rows.clear();
            (0..from.height()).for_each(|y| self.rows.extend_from_slice(from.row(y)));
            &self.rows
        };
        self.drawn.resize(part.pixels() as usize * BYTES_PER_PIXEL, 0);
        let source = Pixels {
            width: from.width(),
            height: from.height(),
            bytes,
        };
        let (across, down) = (
            f64::from(from.width()) / f64::from(size.0),
            f64::from(from.height()) / f64::from(size.1),
        );
        let is_multiple = is_multiple(from.width(), size.0) && is_multiple(from.height(), size.1);
        let kernel = match kernel {
            Kernel::Crisp if is_multiple => farhand_resample::Kernel::Nearest,
            _ => farhand_resample::Kernel::CatmullRom,
        };
        let (left, top) = (f64::from(part.x) * across, f64::from(part.y) * down);
        let source_part = Part {
            left,
            top,
            // A rounding error must not reach beyond the picture.
            width: (f64::from(part.width) * across).min(f64::from(from.width()) - left),
            height: (f64::from(part.height) * down).min(f64::from(from.height()) - top),
        };
        self.resampler
            .draw(kernel, source, source_part, (part.width, part.height), &mut self.drawn)
    }
}

impl std::fmt::Debug for Scaler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scaler")
    }
}

/// What of a picture scaled from `from` to `to` (columns and rows) looks different when `changed` does.
pub fn touched(changed: &Area, from: (u32, u32), to: (u32, u32)) -> Area {
    let span = |start: u32, end: u32, from: u32, to: u32| {
        if from == to || from == 0 {
            return (start.min(to), end.min(to));
        }
        let ratio = f64::from(to) / f64::from(from);
        let reach = if is_multiple(from, to) {
            0.0
        } else {
            REACH * (1.0 / ratio).max(1.0)
        };
        let first = ((f64::from(start) - reach) * ratio).floor().max(0.0);
        let last = ((f64::from(end) + reach) * ratio).ceil().min(f64::from(to));
        (first as u32, (last as u32).max(first as u32))
    };
    let (left, right) = span(changed.x, changed.right(), from.0, to.0);
    let (top, bottom) = span(changed.y, changed.bottom(), from.1, to.1);
    Area::new(left, top, right - left, bottom - top)
}

fn is_multiple(from: u32, to: u32) -> bool {
    from > 0 && to >= from && to.is_multiple_of(from)
}

fn copy_row(to: &mut PictureMut<'_>, at: &Area, row: u32, pixels: &[u8]) {
    let left = at.x as usize * BYTES_PER_PIXEL;
    to.row_mut(at.y + row)[left..left + pixels.len()].copy_from_slice(pixels);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Canvas;

    fn noise(width: u32, height: u32) -> Canvas {
        let mut canvas = Canvas::black(width, height).unwrap();
        let mut state = 7_u32;
        for y in 0..height {
            let mut picture = canvas.as_picture_mut();
            for pixel in picture.row_mut(y).as_chunks_mut::<4>().0 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *pixel = [(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8, 255];
            }
        }
        canvas
    }

    fn whole(from: &Canvas, size: (u32, u32)) -> Canvas {
        let mut to = Canvas::black(size.0, size.1).unwrap();
        let area = Area::of_size(size.0, size.1);
        Scaler::default().draw(&from.as_picture(), size, &area, &mut to.as_picture_mut(), (0, 0));
        to
    }

    #[test]
    fn the_same_size_is_the_same_picture_and_a_multiple_repeats_its_pixels() {
        let from = noise(31, 17);
        assert!(whole(&from, (31, 17)) == from);
        let thrice = whole(&from, (93, 51));
        for y in 0..51 {
            for x in 0..93_usize {
                let pixel = |row: &[u8], x: usize| [row[x * 4], row[x * 4 + 1], row[x * 4 + 2], row[x * 4 + 3]];
                assert_eq!(
                    pixel(thrice.as_picture().row(y), x),
                    pixel(from.as_picture().row(y / 3), x / 3),
                    "{x}, {y}"
                );
            }
        }
    }

    #[test]
    fn a_part_is_what_the_whole_has_there() {
        let from = noise(200, 120);
        for size in [(127, 76), (333, 200), (400, 240), (61, 120), (200, 120)] {
            let all = whole(&from, size);
            let mut parts = Canvas::black(size.0, size.1).unwrap();
            let mut scaler = Scaler::default();
            for part in [
                Area::new(0, 0, 40, 40),
                Area::new(40, 0, size.0 - 40, 40),
                Area::new(0, 40, 17, size.1 - 40),
                Area::new(17, 40, 500, 500),
            ] {
                scaler.draw(&from.as_picture(), size, &part, &mut parts.as_picture_mut(), (0, 0));
            }
            let differ = all.bytes().iter().zip(parts.bytes()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(differ <= Some(1), "{size:?}: {differ:?}");
        }
    }

    #[test]
    fn nothing_changes_outside_what_is_touched() {
        let mut from = noise(150, 90);
        for size in [(77, 46), (211, 127), (300, 180), (150, 90)] {
            let before = whole(&from, size);
            let changed = Area::new(60, 41, 9, 3);
            for y in changed.y..changed.bottom() {
                let mut picture = from.as_picture_mut();
                picture.row_mut(y)[changed.x as usize * 4..changed.right() as usize * 4].fill(255);
            }
            let after = whole(&from, size);
            let touched = touched(&changed, (150, 90), size);
            for y in 0..size.1 {
                for x in 0..size.0 {
                    let at = x as usize * 4;
                    let same = before.as_picture().row(y)[at..at + 4] == after.as_picture().row(y)[at..at + 4];
                    assert!(same || touched.contains(&Area::new(x, y, 1, 1)), "{size:?}: {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn a_window_on_the_scaled_picture_shows_its_part_of_it() {
        let from = noise(100, 100);
        let all = whole(&from, (150, 150));
        let mut seen = Canvas::black(40, 30).unwrap();
        let part = Area::new(0, 0, 1000, 1000);
        Scaler::default().draw(&from.as_picture(), (150, 150), &part, &mut seen.as_picture_mut(), (70, 130));
        for y in 0..20 {
            let expected = &all.as_picture().row(130 + y)[70 * 4..110 * 4];
            let differ = expected.iter().zip(seen.as_picture().row(y)).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(differ <= Some(1));
        }
        assert!(
            seen.as_picture().row(25).chunks_exact(4).all(|pixel| pixel == [0, 0, 0, 255]),
            "below the picture"
        );
    }
}
