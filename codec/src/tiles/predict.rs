//! The median predictor of LOCO-I (Weinberger, Seroussi, Sapiro: "The LOCO-I lossless image compression algorithm",
//! 2000), on green and on the differences of blue and red from green.
//!
//! A sample is predicted from its left, upper and upper left neighbours within the block. Where one is missing, the
//! other is the prediction; the first sample of all is predicted as 0. Everything wraps modulo 256, so nothing is lost.

use super::BLOCK_PIXELS;
use crate::picture::BYTES_PER_PIXEL;

/// One block as three planes: green, blue - green, red - green.
pub(super) type Planes = [[u8; BLOCK_PIXELS]; 3];

/// Splits one row of BGRA into the planes at `at`.
#[inline]
pub(super) fn split_row(bgra: &[u8], planes: &mut Planes, at: usize) {
    let width = bgra.len() / BYTES_PER_PIXEL;
    let [green, blue, red] = planes;
    let (green, blue, red) = (&mut green[at..at + width], &mut blue[at..at + width], &mut red[at..at + width]);
    for (index, pixel) in bgra.as_chunks::<BYTES_PER_PIXEL>().0.iter().enumerate() {
        green[index] = pixel[1];
        blue[index] = pixel[0].wrapping_sub(pixel[1]);
        red[index] = pixel[2].wrapping_sub(pixel[1]);
    }
}

/// Joins one row of the planes at `at` into BGRA.
#[inline]
pub(super) fn join_row(planes: &Planes, at: usize, bgra: &mut [u8]) {
    let width = bgra.len() / BYTES_PER_PIXEL;
    let [green, blue, red] = planes;
    let (green, blue, red) = (&green[at..at + width], &blue[at..at + width], &red[at..at + width]);
    for (index, pixel) in bgra.as_chunks_mut::<BYTES_PER_PIXEL>().0.iter_mut().enumerate() {
        let base = green[index];
        *pixel = [blue[index].wrapping_add(base), base, red[index].wrapping_add(base), 255];
    }
}

/// Appends the differences of a plane of `width` samples a row from its prediction.
pub(super) fn append_differences(plane: &[u8], width: usize, out: &mut Vec<u8>) {
    let begin = out.len();
    out.resize(begin + plane.len(), 0);
    let differences = &mut out[begin..];
    let mut before = 0;
    for (difference, sample) in differences[..width].iter_mut().zip(&plane[..width]) {
        *difference = sample.wrapping_sub(before);
        before = *sample;
    }
    for row in 1..plane.len() / width {
        let upper = &plane[(row - 1) * width..row * width];
        let current = &plane[row * width..(row + 1) * width];
        let target = &mut differences[row * width..(row + 1) * width];
        target[0] = current[0].wrapping_sub(upper[0]);
        for column in 1..width {
            let prediction = median(current[column - 1], upper[column], upper[column - 1]);
            target[column] = current[column].wrapping_sub(prediction);
        }
    }
}

/// Turns differences back into the samples of a plane; both have the same length, a whole number of rows.
pub(super) fn restore(differences: &[u8], width: usize, plane: &mut [u8]) {
    let mut before = 0_u8;
    for (sample, difference) in plane[..width].iter_mut().zip(&differences[..width]) {
        before = before.wrapping_add(*difference);
        *sample = before;
    }
    for row in 1..plane.len() / width {
        let (done, rest) = plane.split_at_mut(row * width);
        let upper = &done[(row - 1) * width..];
        let current = &mut rest[..width];
        let source = &differences[row * width..(row + 1) * width];
        let mut left = source[0].wrapping_add(upper[0]);
        let mut upper_left = upper[0];
        current[0] = left;
        for column in 1..width {
            left = source[column].wrapping_add(median(left, upper[column], upper_left));
            upper_left = upper[column];
            current[column] = left;
        }
    }
}

#[inline(always)]
fn median(left: u8, up: u8, up_left: u8) -> u8 {
    let (low, high) = (left.min(up), left.max(up));
    let plane = i16::from(left) + i16::from(up) - i16::from(up_left);
    plane.clamp(i16::from(low), i16::from(high)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_give_the_plane_back() {
        for (width, height) in [(1, 1), (1, 7), (64, 64), (13, 5)] {
            let plane: Vec<u8> = (0..width * height).map(|at| (at * at * 31 % 257) as u8).collect();
            let mut differences = Vec::new();
            append_differences(&plane, width, &mut differences);
            let mut restored = vec![0; plane.len()];
            restore(&differences, width, &mut restored);
            assert_eq!(restored, plane);
        }
    }

    #[test]
    fn a_slope_is_predicted_but_for_its_edges() {
        let plane: Vec<u8> = (0..64 * 64).map(|at| (at % 64 + at / 64) as u8).collect();
        let mut differences = Vec::new();
        append_differences(&plane, 64, &mut differences);
        assert!(differences.iter().filter(|difference| **difference > 1).count() == 0);
    }
}
