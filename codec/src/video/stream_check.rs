//! What an H.264 picture must be before the decoder library sees it (ITU-T H.264, 7.3).
//!
//! Reads the parameter sets just far enough to know that they ask for the announced size, few reference pictures, and
//! none of the tools that no encoder of ours uses: scalable and multi-view extensions, interlacing, slice groups,
//! scaling lists, 4:2:2, more than eight bits. That bounds the library's memory and leaves its rarer code unreached.

use crate::error::DecodeError;
use crate::operations::VideoKind;

const UNIT_SLICE: u8 = 1;
const UNIT_KEY_SLICE: u8 = 5;
const UNIT_SEQUENCE: u8 = 7;
const UNIT_PICTURE: u8 = 8;

/// Most units of one picture: its slices and parameter sets.
const MAX_UNITS: usize = 64;

/// Most reference pictures a stream may ask for.
const MAX_REFERENCES: u32 = 4;

/// A parameter set is tens of bytes; only so many are looked at and allowed.
const MAX_PARAMETER_BYTES: usize = 256;

/// Checks the units of one picture of coded size `width` × `height`.
///
/// # Errors
/// [`DecodeError::NeedsKey`] when a key slice comes without its parameter sets or nothing is there to decode,
/// [`DecodeError::Malformed`] for what is not allowed.
pub(super) fn check_access_unit(bytes: &[u8], width: u32, height: u32) -> Result<VideoKind, DecodeError> {
    let (mut sequences, mut pictures, mut keys, mut deltas) = (0, 0, 0, 0);
    for (index, unit) in units(bytes)?.enumerate() {
        if index == MAX_UNITS {
            return Err(DecodeError::TooLarge("number of units"));
        }
        let header = *unit.first().ok_or(DecodeError::Malformed("empty unit"))?;
        if header & 0x80 != 0 {
            return Err(DecodeError::Malformed("forbidden bit"));
        }
        match header & 0x1f {
            UNIT_SEQUENCE => {
                check_sequence(&unit[1..], width, height)?;
                sequences += 1;
            }
            UNIT_PICTURE => {
                check_picture(&unit[1..])?;
                pictures += 1;
            }
            UNIT_KEY_SLICE => keys += 1,
            UNIT_SLICE => deltas += 1,
            _ => return Err(DecodeError::Malformed("kind of unit")),
        }
    }
    match (sequences, pictures, keys, deltas) {
        (1.., 1.., 1.., 0) => Ok(VideoKind::Key),
        (0, 0, 0, 1..) => Ok(VideoKind::Delta),
        (_, _, 0, 0) | (_, _, 1.., 0) => Err(DecodeError::NeedsKey),
        _ => Err(DecodeError::Malformed("mixed units")),
    }
}

/// The units between start codes (Annex B), without trailing zeros.
fn units(bytes: &[u8]) -> Result<impl Iterator<Item = &[u8]>, DecodeError> {
    let first = find_start(bytes, 0).ok_or(DecodeError::Malformed("no start code"))?;
    if bytes[..first].iter().any(|byte| *byte != 0) {
        return Err(DecodeError::Malformed("bytes before the start code"));
    }
    let mut next = Some(first);
    Ok(std::iter::from_fn(move || {
        let begin = next? + 3;
        next = find_start(bytes, begin);
        let unit = &bytes[begin..next.unwrap_or(bytes.len())];
        let length = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        Some(&unit[..length])
    }))
}

/// Where the next `00 00 01` begins, at or after `from`.
fn find_start(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 2;
    while at < bytes.len() {
        match bytes[at] {
            0 => at += 1,
            1 if bytes[at - 1] == 0 && bytes[at - 2] == 0 => return Some(at - 2),
            _ => at += 3,
        }
        // A byte above 1 cannot belong to a start code, so the next one ends two bytes further at the earliest; a 1
        // without zeros before it likewise. A 0 may be the first or second zero of one.
    }
    None
}

fn check_sequence(unit: &[u8], width: u32, height: u32) -> Result<(), DecodeError> {
    const EXTENSION_PROFILES: [u32; 1] = [100];
    let mut bits = Bits::new(unit)?;
    let profile = bits.read(8)?;
    bits.read(16)?; // constraints and level
    small(bits.exp_golomb()?, 31, "sequence id")?;
    match profile {
        66 | 77 => {}
        profile if EXTENSION_PROFILES.contains(&profile) => {
            exactly(bits.exp_golomb()?, 1, "chroma format")?;
            exactly(bits.exp_golomb()?, 0, "luma depth")?;
            exactly(bits.exp_golomb()?, 0, "chroma depth")?;
            exactly(bits.read(1)?, 0, "lossless transform")?;
            exactly(bits.read(1)?, 0, "scaling lists")?;
        }
        _ => return Err(DecodeError::Malformed("profile")),
    }
    small(bits.exp_golomb()?, 12, "frame number length")?;
    match bits.exp_golomb()? {
        0 => small(bits.exp_golomb()?, 12, "picture order length")?,
        2 => {}
        _ => return Err(DecodeError::Malformed("picture order")),
    }
    small(bits.exp_golomb()?, MAX_REFERENCES, "number of references")?;
    exactly(bits.read(1)?, 0, "gaps in frame numbers")?;
    exactly(bits.exp_golomb()?.saturating_add(1), width.div_ceil(16), "video width")?;
    exactly(bits.exp_golomb()?.saturating_add(1), height.div_ceil(16), "video height")?;
    exactly(bits.read(1)?, 1, "interlacing")?;
    bits.read(1)?; // direct_8x8_inference_flag
    let (mut right, mut bottom) = (0, 0);
    if bits.read(1)? == 1 {
        exactly(bits.exp_golomb()?, 0, "cropping")?;
        right = bits.exp_golomb()?;
        exactly(bits.exp_golomb()?, 0, "cropping")?;
        bottom = bits.exp_golomb()?;
    }
    // Cropping counts in pairs of pixels for 4:2:0.
    exactly(right, (width.next_multiple_of(16) - width) / 2, "cropped width")?;
    exactly(bottom, (height.next_multiple_of(16) - height) / 2, "cropped height")
}

fn check_picture(unit: &[u8]) -> Result<(), DecodeError> {
    let mut bits = Bits::new(unit)?;
    small(bits.exp_golomb()?, 255, "picture id")?;
    small(bits.exp_golomb()?, 31, "sequence id")?;
    bits.read(2)?; // entropy coding, picture order present
    exactly(bits.exp_golomb()?, 0, "slice groups")?;
    small(bits.exp_golomb()?, 31, "number of references")?;
    small(bits.exp_golomb()?, 31, "number of references")
}

fn small(value: u32, most: u32, what: &'static str) -> Result<(), DecodeError> {
    if value <= most { Ok(()) } else { Err(DecodeError::Malformed(what)) }
}

fn exactly(value: u32, wanted: u32, what: &'static str) -> Result<(), DecodeError> {
    if value == wanted {
        Ok(())
    } else {
        Err(DecodeError::Malformed(what))
    }
}

/// Bits of a unit, without the bytes that keep start codes out of it (7.4.1).
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn new(unit: &[u8]) -> Result<Self, DecodeError> {
        if unit.len() > MAX_PARAMETER_BYTES {
            return Err(DecodeError::TooLarge("parameter set"));
        }
        let mut bytes = Vec::with_capacity(unit.len());
        let mut zeros = 0;
        for byte in unit {
            if zeros >= 2 && *byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            bytes.push(*byte);
        }
        Ok(Self { bytes, at: 0 })
    }

    fn read(&mut self, count: u32) -> Result<u32, DecodeError> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8).ok_or(DecodeError::Truncated)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Ok(value)
    }

    /// An unsigned Exp-Golomb number (9.1), of at most 31 bits.
    fn exp_golomb(&mut self) -> Result<u32, DecodeError> {
        let mut zeros = 0;
        while self.read(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return Err(DecodeError::Malformed("number too long"));
            }
        }
        Ok((1_u32 << zeros).wrapping_sub(1).wrapping_add(self.read(zeros)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_are_found_wherever_they_stand() {
        for before in 0..9 {
            let mut bytes = vec![0xff; before];
            bytes.extend([0, 0, 1, 0x65]);
            assert_eq!(find_start(&bytes, 0), Some(before), "{before}");
            let mut zeros = vec![0; before];
            zeros.extend([0, 0, 1, 0x65]);
            assert_eq!(find_start(&zeros, 0), Some(before), "{before} zeros");
        }
        assert_eq!(find_start(&[0, 1, 0, 0, 2, 0, 0], 0), None);
        assert_eq!(find_start(&[], 0), None);
    }

    #[test]
    fn units_are_split_and_trailing_zeros_dropped() {
        let bytes = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 0, 0, 1, 0x65, 0, 3, 0];
        let split: Vec<&[u8]> = units(&bytes).unwrap().collect();
        assert_eq!(split, [&[0x67, 1, 2][..], &[0x68], &[0x65, 0, 3]]);
        assert!(units(&[1, 0, 0, 1]).is_err());
        assert!(units(&[]).is_err());
    }

    #[test]
    fn exp_golomb_numbers_are_read() {
        // 1 | 010 | 011 | 00100 | 00101 = 0 1 2 3 4
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0010, 0b1000_0000]).unwrap();
        assert_eq!((0..5).map(|_| bits.exp_golomb().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert!(Bits::new(&[0; 9]).unwrap().exp_golomb().is_err());
        assert!(Bits::new(&[0; 2]).unwrap().exp_golomb().is_err());
    }

    /// A sequence parameter set, field by field: profile, then numbers as Exp-Golomb or plain bits.
    #[derive(Clone, Copy)]
    struct Sequence {
        profile: u8,
        chroma: u32,
        order: u32,
        references: u32,
        columns: u32,
        rows: u32,
        progressive: u32,
        crop_bottom: u32,
    }

    /// 1920 × 1080, as our own encoder makes it.
    const GOOD: Sequence = Sequence {
        profile: 66,
        chroma: 1,
        order: 0,
        references: 1,
        columns: 120,
        rows: 68,
        progressive: 1,
        crop_bottom: 4,
    };

    impl Sequence {
        fn bytes(self) -> Vec<u8> {
            let mut bits = format!("{:08b}{:016b}", self.profile, 0xc028);
            let exp_golomb = |value: u32| {
                let binary = format!("{:b}", value + 1);
                "0".repeat(binary.len() - 1) + &binary
            };
            bits += &exp_golomb(0);
            if self.profile == 100 {
                bits += &(exp_golomb(self.chroma) + &exp_golomb(0) + &exp_golomb(0) + "00");
            }
            bits += &(exp_golomb(11) + &exp_golomb(self.order));
            if self.order == 0 {
                bits += &exp_golomb(12);
            }
            bits += &(exp_golomb(self.references) + "0");
            bits += &(exp_golomb(self.columns - 1) + &exp_golomb(self.rows - 1));
            bits += &format!("{}1", self.progressive);
            bits += &("1".to_owned() + &[0, 0, 0, self.crop_bottom].map(exp_golomb).concat());
            bits += "01";
            while bits.len() % 8 != 0 {
                bits.push('0');
            }
            let bytes: Vec<u8> = (0..bits.len() / 8)
                .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap())
                .collect();
            // As a stream carries it: never two zeros before a byte below 4.
            let mut escaped: Vec<u8> = Vec::new();
            for byte in bytes {
                if byte < 4 && escaped.ends_with(&[0, 0]) {
                    escaped.push(3);
                }
                escaped.push(byte);
            }
            escaped
        }

        fn check(self) -> Result<(), DecodeError> {
            check_sequence(&self.bytes(), 1920, 1080)
        }
    }

    #[test]
    fn a_sequence_must_be_of_the_announced_size_and_plain() {
        assert_eq!(GOOD.check(), Ok(()));
        assert_eq!(Sequence { profile: 100, ..GOOD }.check(), Ok(()));
        assert_eq!(
            Sequence {
                order: 2,
                references: 4,
                ..GOOD
            }
            .check(),
            Ok(())
        );
        let refused = |what, sequence: Sequence| {
            assert_eq!(sequence.check(), Err(DecodeError::Malformed(what)));
        };
        refused("profile", Sequence { profile: 88, ..GOOD });
        refused("profile", Sequence { profile: 83, ..GOOD });
        refused(
            "chroma format",
            Sequence {
                profile: 100,
                chroma: 2,
                ..GOOD
            },
        );
        refused("picture order", Sequence { order: 1, ..GOOD });
        refused("number of references", Sequence { references: 5, ..GOOD });
        refused("video width", Sequence { columns: 121, ..GOOD });
        refused("video height", Sequence { rows: 34, ..GOOD });
        refused("interlacing", Sequence { progressive: 0, ..GOOD });
        refused("cropped height", Sequence { crop_bottom: 3, ..GOOD });
        for length in 0..GOOD.bytes().len() - 1 {
            assert!(check_sequence(&GOOD.bytes()[..length], 1920, 1080).is_err(), "{length}");
        }
        assert_eq!(check_sequence(&[66; 300], 1920, 1080), Err(DecodeError::TooLarge("parameter set")));
    }

    #[test]
    fn slice_groups_are_refused() {
        // Ids 0 and 0, two flags, then one slice group, and three references: 1 1 00 1 00100 00100.
        assert_eq!(check_picture(&[0b1100_1001, 0b0000_1001, 0b0000_0000]), Ok(()));
        assert_eq!(
            check_picture(&[0b1100_0100, 0b0100_0000]),
            Err(DecodeError::Malformed("slice groups"))
        );
    }

    #[test]
    fn units_of_other_kinds_are_refused() {
        for kind in (0..32).filter(|kind| ![1, 5, 7, 8].contains(kind)) {
            let bytes = [0, 0, 1, 0x60 | kind, 0xff, 0xff];
            assert_eq!(check_access_unit(&bytes, 64, 64), Err(DecodeError::Malformed("kind of unit")));
        }
        assert_eq!(
            check_access_unit(&[0, 0, 1, 0xe5, 1], 64, 64),
            Err(DecodeError::Malformed("forbidden bit"))
        );
        assert_eq!(check_access_unit(&[0, 0, 1, 0x65, 1], 64, 64), Err(DecodeError::NeedsKey));
        assert_eq!(check_access_unit(&[0, 0, 1, 0x41, 1], 64, 64), Ok(VideoKind::Delta));
        assert_eq!(check_access_unit(&[0, 0, 1], 64, 64), Err(DecodeError::Malformed("empty unit")));
    }
}
