//! A binary range coder: one decision after the other, each taking as many bits as it was unlikely (Martin, 1979; carryless after Schindler and Mahoney).
//! Both ends must foresee the same; only integers are used here, so they do on every machine.

use crate::error::DecodeError;

/// How likely something is, in parts of 65536; neither impossible nor certain.
pub(super) type Chance = u16;

/// Decisions on their way to bytes, or out of them.
pub(super) trait Decisions {
    /// One decision that is `yes` with this chance. An encoder is told what it is and says the same; a decoder says what it was.
    fn decide(&mut self, yes: Chance, is_so: bool) -> bool;
}

/// The decisions that led to the same bytes lie between `low` and `high`, both included.
struct Interval {
    low: u32,
    high: u32,
}

impl Interval {
    const ALL: Self = Self { low: 0, high: u32::MAX };

    /// Where the part for *yes* ends.
    fn cut(&self, yes: Chance) -> u32 {
        let width = u64::from(self.high - self.low);
        self.low + ((width * u64::from(yes.max(1))) >> Chance::BITS) as u32
    }

    fn narrow(&mut self, cut: u32, is_so: bool) {
        if is_so {
            self.high = cut;
        } else {
            self.low = cut + 1;
        }
    }

    /// The highest byte, once it is the same whatever comes.
    fn take_byte(&mut self) -> Option<u8> {
        if (self.low ^ self.high) >> 24 != 0 {
            return None;
        }
        let byte = (self.high >> 24) as u8;
        (self.low, self.high) = (self.low << 8, self.high << 8 | 0xff);
        Some(byte)
    }
}

/// Writes decisions.
pub(super) struct Writer<'a> {
    interval: Interval,
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            interval: Interval::ALL,
            out,
        }
    }

    /// Writes what is left, with as few bytes as tell it; a reader takes zeros for the rest.
    pub(super) fn finish(self) {
        let Interval { low, high } = self.interval;
        for bytes in 0..=4 {
            let rest = u32::MAX.checked_shr(8 * bytes).unwrap_or(0);
            if let Some(value) = low.checked_add(rest).map(|value| value & !rest).filter(|value| *value <= high) {
                self.out.extend_from_slice(&value.to_be_bytes()[..bytes as usize]);
                return;
            }
        }
    }
}

impl Decisions for Writer<'_> {
    #[inline]
    fn decide(&mut self, yes: Chance, is_so: bool) -> bool {
        self.interval.narrow(self.interval.cut(yes), is_so);
        while let Some(byte) = self.interval.take_byte() {
            self.out.push(byte);
        }
        is_so
    }
}

/// Reads decisions.
pub(super) struct Reader<'a> {
    interval: Interval,
    value: u32,
    rest: &'a [u8],
    /// Bytes that were not there.
    missing: u32,
}

impl<'a> Reader<'a> {
    /// Of these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self {
            interval: Interval::ALL,
            value: 0,
            rest: bytes,
            missing: 0,
        };
        (0..4).for_each(|_| reader.take_in());
        reader
    }

    fn take_in(&mut self) {
        let byte = match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => {
                self.missing = self.missing.saturating_add(1);
                0
            }
        };
        self.value = self.value << 8 | u32::from(byte);
    }

    /// Whether more was read than was written.
    pub(super) fn is_exhausted(&self) -> bool {
        self.missing > 4
    }

    /// Checks that all bytes were needed.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        if self.is_exhausted() {
            return Err(DecodeError::Truncated);
        }
        if !self.rest.is_empty() {
            return Err(DecodeError::Malformed("bytes after the last pixel"));
        }
        Ok(())
    }
}

impl Decisions for Reader<'_> {
    #[inline]
    fn decide(&mut self, yes: Chance, _is_so: bool) -> bool {
        let cut = self.interval.cut(yes);
        let is_so = self.value <= cut;
        self.interval.narrow(cut, is_so);
        while self.interval.take_byte().is_some() {
            self.take_in();
        }
        is_so
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decisions and their chances that follow no rule a coder could know.
    fn decisions(count: u32) -> impl Iterator<Item = (Chance, bool)> {
        let mut state = 7_u32;
        (0..count).map(move |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let chance = [1, 65535, 32768, (state >> 8) as u16][state as usize >> 30];
            (chance, (state >> 4) as u16 <= chance)
        })
    }

    #[test]
    fn what_was_decided_comes_back_and_costs_what_it_was_unlikely() {
        for count in [0, 1, 2, 3, 17, 100_000] {
            let (mut bytes, mut bits) = (Vec::new(), 0.0);
            let mut writer = Writer::new(&mut bytes);
            for (chance, is_so) in decisions(count) {
                writer.decide(chance, is_so);
                let yes = f64::from(chance.max(1)) / 65536.0;
                bits -= if is_so { yes } else { 1.0 - yes }.log2();
            }
            writer.finish();
            assert!((bytes.len() as f64) < bits / 8.0 * 1.01 + 5.0, "{} of {bits} bits", bytes.len());
            let mut reader = Reader::new(&bytes);
            assert!(decisions(count).all(|(chance, is_so)| reader.decide(chance, false) == is_so));
            assert_eq!(reader.finish(), Ok(()));
        }
    }

    #[test]
    fn bytes_that_end_early_or_late_are_told() {
        let mut reader = Reader::new(&[]);
        (0..64).for_each(|_| {
            reader.decide(32768, false);
        });
        assert_eq!(reader.finish(), Err(DecodeError::Truncated));
        assert!(matches!(Reader::new(&[0; 9]).finish(), Err(DecodeError::Malformed(_))));
    }
}
