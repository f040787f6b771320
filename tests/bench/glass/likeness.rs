//! How like two pictures are: exactly, or by their peak signal-to-noise ratio.

use serde::Serialize;

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
    }
}
