//! How like two pictures are: exactly, or by their peak signal-to-noise ratio, pixel by pixel or by the means of blocks of 8 × 8, which is what a
//! person recognises before anything can be read.

use serde::Serialize;

/// Side of a block, pixels.
const BLOCK: usize = 8;
/// Red, green, blue.
const CHANNELS: usize = 3;

/// How like a picture is to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// Every value is the same.
    Exact,
    /// Peak signal-to-noise ratio over all values.
    Decibels(f64),
}

impl Likeness {
    /// Of two rows of values; the shorter one says how many.
    pub fn of(a: &[u8], b: &[u8]) -> Self {
        if a == b {
            return Self::Exact;
        }
        let errors: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
        Self::from_mean(errors as f64 / a.len().min(b.len()).max(1) as f64)
    }

    fn from_mean(squared_error: f64) -> Self {
        if squared_error == 0.0 {
            return Self::Exact;
        }
        Self::Decibels(10.0 * (255.0 * 255.0 / squared_error).log10())
    }

    /// True when it is at least so like.
    pub fn reaches(self, decibels: f64) -> bool {
        match self {
            Self::Exact => true,
            Self::Decibels(own) => own >= decibels,
        }
    }
}

/// A picture made smaller: the means of its blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Coarse(Vec<f64>);

impl Coarse {
    /// Of RGB pixels in rows of this width; what fills no whole block is left out.
    pub fn of(rgb: &[u8], width: usize) -> Self {
        let (columns, row_len) = (width / BLOCK, width * CHANNELS);
        let mut means = Vec::new();
        for band in rgb.chunks_exact(row_len * BLOCK) {
            let mut sums = vec![0_u32; columns * CHANNELS];
            for row in band.chunks_exact(row_len) {
                for (block, sum) in row.chunks_exact(BLOCK * CHANNELS).zip(sums.as_chunks_mut::<CHANNELS>().0) {
                    for pixel in block.as_chunks::<CHANNELS>().0 {
                        sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
                    }
                }
            }
            means.extend(sums.into_iter().map(|sum| f64::from(sum) / (BLOCK * BLOCK) as f64));
        }
        Self(means)
    }

    /// How like another picture of the same size is.
    pub fn likeness(&self, other: &Self) -> Likeness {
        let errors: f64 = self.0.iter().zip(&other.0).map(|(a, b)| (a - b).powi(2)).sum();
        Likeness::from_mean(errors / self.0.len().max(1) as f64)
    }

    /// The picture of one colour that is most like this one.
    pub fn flat(&self) -> Self {
        let blocks = (self.0.len() / CHANNELS).max(1) as f64;
        let mean = |channel: usize| self.0.iter().skip(channel).step_by(CHANNELS).sum::<f64>() / blocks;
        let colour = [mean(0), mean(1), mean(2)];
        Self(colour.into_iter().cycle().take(self.0.len()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_exact_and_one_step_everywhere_is_48_decibels() {
        assert_eq!(Likeness::of(&[1, 2, 3], &[1, 2, 3]), Likeness::Exact);
        let Likeness::Decibels(value) = Likeness::of(&[10, 20, 30], &[11, 19, 31]) else {
            panic!("not the same");
        };
        assert!((value - 48.13).abs() < 0.01, "{value}");
        assert!(Likeness::Exact.reaches(1000.0) && !Likeness::Decibels(24.9).reaches(25.0));
    }

    #[test]
    fn blocks_are_blind_to_what_happens_within_them() {
        let (width, height) = (24, 16);
        let stripes: Vec<u8> = (0..width * height * CHANNELS)
            .map(|at| if (at / CHANNELS).is_multiple_of(2) { 100 } else { 120 })
            .collect();
        let even = vec![110; stripes.len()];
        let (stripes, even) = (Coarse::of(&stripes, width), Coarse::of(&even, width));
        assert_eq!(stripes.0.len(), 3 * 2 * CHANNELS);
        assert_eq!(stripes.likeness(&even), Likeness::Exact);
    }

    #[test]
    fn a_flat_picture_has_the_mean_of_each_channel() {
        let half = Coarse(vec![0.0, 10.0, 20.0, 200.0, 10.0, 40.0]);
        assert_eq!(half.flat(), Coarse(vec![100.0, 10.0, 30.0, 100.0, 10.0, 30.0]));
        assert!(!half.likeness(&half.flat()).reaches(20.0));
    }
}
