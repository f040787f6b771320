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
    let pairs = plane.chunks_exact(width).zip(plane.chunks_exact(width).skip(1));
    for ((upper, current), target) in pairs.zip(differences.chunks_exact_mut(width).skip(1)) {
        target[0] = current[0].wrapping_sub(upper[0]);
        // Slices of one length, shifted against each other: the compiler turns this into SIMD.
        let lefts = &current[..width - 1];
        let (ups, up_lefts) = (&upper[1..], &upper[..width - 1]);
        let samples = current[1..].iter().zip(lefts).zip(ups.iter().zip(up_lefts));
        for (difference, ((sample, left), (up, up_left))) in target[1..].iter_mut().zip(samples) {
            *difference = sample.wrapping_sub(median(*left, *up, *up_left));
        }
    }
}

/// Turns the differences of three planes back into their samples. `differences` holds them one after the other, each of
/// `pixels` samples in rows of `width`.
///
/// Each sample waits for the one before it, so the three planes go side by side to keep the processor busy.
pub(super) fn restore(differences: &[u8], width: usize, pixels: usize, planes: &mut Planes) {
    let (first, rest) = differences.split_at(pixels);
    let (second, third) = rest.split_at(pixels);
    let differences = [first, second, third];
    for (plane, differences) in planes.iter_mut().zip(differences) {
        let mut before = 0_u8;
        for (sample, difference) in plane[..width].iter_mut().zip(&differences[..width]) {
            before = before.wrapping_add(*difference);
            *sample = before;
        }
    }
    for row in 1..pixels / width {
        let at = row * width;
        let rows = planes.each_mut().map(|plane| {
            let (done, rest) = plane.split_at_mut(at);
            (&done[at - width..], &mut rest[..width])
        });
        restore_row(differences.map(|plane| &plane[at..at + width]), rows);
    }
}

/// One row of three planes: differences, and for each plane the row above and the one to fill. All have one length.
fn restore_row(differences: [&[u8]; 3], rows: [(&[u8], &mut [u8]); 3]) {
    let [(up0, out0), (up1, out1), (up2, out2)] = rows;
    // As if the sample to the left of the first were the one above it: then the median is that one.
    let mut left = [up0[0], up1[0], up2[0]];
    let mut up_left = left;
    let ups = up0.iter().zip(up1).zip(up2);
    let sources = differences[0].iter().zip(differences[1]).zip(differences[2]);
    let outs = out0.iter_mut().zip(out1).zip(out2);
    for ((((up0, up1), up2), ((source0, source1), source2)), ((out0, out1), out2)) in ups.zip(sources).zip(outs) {
        let up = [*up0, *up1, *up2];
        left = [
            source0.wrapping_add(median(left[0], up[0], up_left[0])),
            source1.wrapping_add(median(left[1], up[1], up_left[1])),
            source2.wrapping_add(median(left[2], up[2], up_left[2])),
        ];
        up_left = up;
        [*out0, *out1, *out2] = left;
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
    fn differences_give_the_planes_back() {
        for (width, height) in [(1, 1), (1, 7), (64, 64), (13, 5), (5, 1)] {
            let pixels = width * height;
            let planes: Planes = [31, 77, 1234].map(|factor| {
                let mut plane = [0; BLOCK_PIXELS];
                (0..pixels).for_each(|at| plane[at] = (at * at * factor % 257) as u8);
                plane
            });
            let mut differences = Vec::new();
            planes
                .iter()
                .for_each(|plane| append_differences(&plane[..pixels], width, &mut differences));
            let mut restored = [[0; BLOCK_PIXELS]; 3];
            restore(&differences, width, pixels, &mut restored);
            assert!(restored == planes, "{width} x {height}");
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
