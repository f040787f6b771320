//! Binary headers of what flows beside the control stream: one stream per picture update, cursor positions as datagrams. Little endian.
//! The operations after an update's header are `farhand-codec`'s affair.
//!
//! ```text
//! update   a stream of its own: see `UpdateHeader`, then operations
//! cursor   "FC" version:u8 flags:u8 number:u32 serial:u64 epoch:u32 x:i32 y:i32
//! repair   0x60 stream length width offset, then a part of the parity: see `Repair`
//! ```

use thiserror::Error;

use crate::geometry::{Point, Rect};

/// Most bytes of an update's header; without a place it has about twelve.
pub const MOST_UPDATE_HEADER_BYTES: usize = 51;
/// Bytes of a cursor datagram.
pub const CURSOR_BYTES: usize = 28;
/// Largest update, header and all, in bytes. No larger than what `farhand-codec` paints: what is gathered is never refused for its size.
pub const MAX_UPDATE_BYTES: u32 = 48 << 20;
/// An update of fewer bytes, header and all, may be acknowledged together with later ones: the sender waits for no answer to it.
pub const SMALL_UPDATE_BYTES: u64 = 2048;
/// Most updates under way that are not acknowledged; a viewer puts as many back in order.
pub const MOST_UPDATES_UNDER_WAY: usize = 16;
/// Larger updates lose several packets more often than one, and are not repaired.
pub const MAX_REPAIRED_BYTES: u32 = 256 << 10;
const VERSION: u8 = 1;
/// The first byte of an update: a mark, which is also its version, and flags.
const UPDATE_MARK: u8 = 0x50;
/// The first byte of a repair.
const REPAIR_MARK: u8 = 0x60;
const FLAG_FULL: u8 = 1;
const FLAG_EXACT: u8 = 2;
const FLAG_VISIBLE: u8 = 1;

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MediaError {
    /// Fewer bytes than a header has.
    #[error("the header is truncated")]
    Truncated,
    /// Not the mark or version expected.
    #[error("not a known media header")]
    Unknown,
    /// A size or length beyond its limit.
    #[error("the {0} is beyond its limit")]
    Limit(&'static str),
}

/// What one picture update says of itself. It is sent with every letter, so it is short: numbers of seven bits a byte, the least first, the
/// highest bit of a byte saying that another follows; signed ones folded so that small ones stay small.
///
/// ```text
/// 0x50 | flags (1 full, 2 exact) | update | update - base | captured at
///                                | full: epoch | x | y | width | height
/// ```
///
/// The operations follow, up to the end of the update's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdateHeader {
    /// Grows by one with each update sent to this viewer.
    pub update: u64,
    /// Newest update whose arrival was known when this one was made, for whoever looks into a capture; 0 for none. What it builds on is the update before it,
    /// which may still be on its way.
    pub base: u64,
    /// Host clock when its pixels were read, microseconds.
    pub captured_at_micros: i64,
    /// Set when it holds the whole picture and depends on nothing: what the picture is of, from here on.
    pub full: Option<PicturePlace>,
    /// True when after it every pixel is exact.
    pub exact: bool,
}

/// What a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PicturePlace {
    /// Layout it was captured under.
    pub epoch: u32,
    /// Area of the desktop space the operations' positions count from.
    pub area: Rect,
}

impl UpdateHeader {
    /// Appends the bytes on the wire: at most [`MOST_UPDATE_HEADER_BYTES`].
    pub fn append_to(&self, out: &mut Vec<u8>) {
        let flags = (u8::from(self.full.is_some()) * FLAG_FULL) | (u8::from(self.exact) * FLAG_EXACT);
        out.push(UPDATE_MARK | flags);
        put_number(self.update, out);
        put_number(self.update.wrapping_sub(self.base), out);
        put_number(folded(self.captured_at_micros), out);
        if let Some(PicturePlace { epoch, area }) = self.full {
            put_number(epoch.into(), out);
            put_number(folded(area.x.into()), out);
            put_number(folded(area.y.into()), out);
            put_number(area.width.into(), out);
            put_number(area.height.into(), out);
        }
    }

    /// Reads the header and gives what follows it; sizes and places are within their limits afterwards.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, &[u8]), MediaError> {
        let mut r = Reader(bytes);
        let [first] = r.take()?;
        let flags = first & (FLAG_FULL | FLAG_EXACT);
        if first != UPDATE_MARK | flags {
            return Err(MediaError::Unknown);
        }
        let update = r.number()?;
        let header = Self {
            update,
            base: update.wrapping_sub(r.number()?),
            captured_at_micros: unfolded(r.number()?),
            full: if flags & FLAG_FULL == 0 { None } else { Some(r.place()?) },
            exact: flags & FLAG_EXACT != 0,
        };
        Ok((header, r.0))
    }
}

fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A signed number as an unsigned one that is small when the signed one is near zero.
const fn folded(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unfolded(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// What makes good a run of an update's bytes that is lost. Byte `i` of the parity is the exclusive or of every byte of the update whose place leaves
/// the remainder `i` when divided by the width of the parity. It is a little wider than a datagram, so it comes in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repair<'a> {
    /// Number of the stream the update is on, counted among those of its kind.
    pub stream: u64,
    /// Bytes of the update, header and all.
    pub length: u32,
    /// Bytes of the whole parity.
    pub width: u32,
    /// Where in it this part begins.
    pub offset: u32,
    /// This part of it.
    pub parity: &'a [u8],
}

impl<'a> Repair<'a> {
    /// Appends the bytes on the wire.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.push(REPAIR_MARK);
        put_number(self.stream, out);
        put_number(self.length.into(), out);
        put_number(self.width.into(), out);
        put_number(self.offset.into(), out);
        out.extend_from_slice(self.parity);
    }

    /// Reads a datagram.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, MediaError> {
        let mut r = Reader(bytes);
        let [REPAIR_MARK] = r.take()? else {
            return Err(MediaError::Unknown);
        };
        let stream = r.number()?;
        let (length, width, offset) = (r.number()?, r.number()?, r.number()?);
        if length > MAX_REPAIRED_BYTES.into() || width > length {
            return Err(MediaError::Limit("length"));
        }
        if offset.saturating_add(r.0.len() as u64) > width {
            return Err(MediaError::Limit("parity"));
        }
        Ok(Self {
            stream,
            length: length as u32,
            width: width as u32,
            offset: offset as u32,
            parity: r.0,
        })
    }
}

/// Where the cursor is; a later number replaces an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CursorPosition {
    /// Grows by one with each datagram.
    pub number: u32,
    /// Shape to draw, see `peer::CursorImage`.
    pub serial: u64,
    /// Layout the position was read against.
    pub epoch: u32,
    /// In the desktop space.
    pub pos: Point,
    /// False while the system hides it.
    pub visible: bool,
}

impl CursorPosition {
    /// The bytes on the wire.
    pub fn to_bytes(&self) -> [u8; CURSOR_BYTES] {
        let mut out = Writer::<CURSOR_BYTES>::new(*b"FC", u8::from(self.visible) * FLAG_VISIBLE);
        out.put(&self.number.to_le_bytes());
        out.put(&self.serial.to_le_bytes());
        out.put(&self.epoch.to_le_bytes());
        out.put(&self.pos.x.to_le_bytes());
        out.put(&self.pos.y.to_le_bytes());
        out.bytes
    }

    /// Reads a datagram; the position is within its limit afterwards.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MediaError> {
        let (mut r, flags) = Reader::open(bytes, *b"FC")?;
        let cursor = Self {
            number: u32::from_le_bytes(r.take()?),
            serial: u64::from_le_bytes(r.take()?),
            epoch: u32::from_le_bytes(r.take()?),
            pos: Point {
                x: i32::from_le_bytes(r.take()?),
                y: i32::from_le_bytes(r.take()?),
            },
            visible: flags & FLAG_VISIBLE != 0,
        };
        if cursor.pos.is_sane() {
            Ok(cursor)
        } else {
            Err(MediaError::Limit("position"))
        }
    }
}

struct Writer<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Writer<N> {
    fn new(mark: [u8; 2], flags: u8) -> Self {
        let mut out = Self { bytes: [0; N], at: 0 };
        out.put(&mark);
        out.put(&[VERSION, flags]);
        out
    }

    // INVARIANT: the puts of one header add up to N; golden-byte tests hold it.
    fn put(&mut self, part: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.at..self.at + part.len()) {
            place.copy_from_slice(part);
        }
        self.at += part.len();
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn open(bytes: &'a [u8], mark: [u8; 2]) -> Result<(Self, u8), MediaError> {
        let mut reader = Self(bytes);
        let [a, b, version, flags] = reader.take()?;
        if [a, b] != mark || version != VERSION {
            return Err(MediaError::Unknown);
        }
        Ok((reader, flags))
    }

    fn number(&mut self) -> Result<u64, MediaError> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.take()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                break;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(MediaError::Limit("number"))
    }

    fn place(&mut self) -> Result<PicturePlace, MediaError> {
        let epoch = u32::try_from(self.number()?).map_err(|_| MediaError::Limit("epoch"))?;
        let beyond = |_| MediaError::Limit("area");
        let mut at = || i32::try_from(unfolded(self.number()?)).map_err(beyond);
        let (x, y) = (at()?, at()?);
        let mut side = || u32::try_from(self.number()?).map_err(beyond);
        let area = Rect::new(x, y, side()?, side()?);
        if !area.is_sane() {
            return Err(MediaError::Limit("area"));
        }
        Ok(PicturePlace { epoch, area })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], MediaError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(MediaError::Truncated)?;
        self.0 = rest;
        Ok(*head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{MAX_POSITION_PX, MAX_SIDE_PX};

    #[test]
    fn places_beyond_their_limits_are_refused() {
        let (far, long) = (MAX_POSITION_PX + 1, MAX_SIDE_PX + 1);
        for area in [
            Rect::new(far, 0, 1, 1),
            Rect::new(0, -far, 1, 1),
            Rect::new(i32::MIN, i32::MAX, 1, 1),
            Rect::new(0, 0, 0, 1),
            Rect::new(0, 0, 1, long),
        ] {
            let header = UpdateHeader {
                update: 1,
                base: 0,
                captured_at_micros: 0,
                full: Some(PicturePlace { epoch: 1, area }),
                exact: false,
            };
            let mut bytes = Vec::new();
            header.append_to(&mut bytes);
            assert_eq!(UpdateHeader::from_bytes(&bytes), Err(MediaError::Limit("area")), "{area:?}");
        }
        let mut cursor = CursorPosition {
            number: 1,
            serial: 2,
            epoch: 3,
            pos: Point { x: far - 1, y: 1 - far },
            visible: true,
        };
        assert_eq!(CursorPosition::from_bytes(&cursor.to_bytes()), Ok(cursor));
        cursor.pos.y -= 1;
        assert_eq!(CursorPosition::from_bytes(&cursor.to_bytes()), Err(MediaError::Limit("position")));
    }

    #[test]
    fn a_number_beyond_its_range_is_refused() {
        let mut bytes = vec![UPDATE_MARK];
        bytes.extend([0xff; 9]);
        bytes.extend([0x02, 0, 0]);
        assert_eq!(UpdateHeader::from_bytes(&bytes), Err(MediaError::Limit("number")));
    }

    #[test]
    fn headers_survive_the_trip_and_no_truncation_passes() {
        let place = PicturePlace {
            epoch: u32::MAX,
            area: Rect::new(-MAX_POSITION_PX, MAX_POSITION_PX, MAX_SIDE_PX, 1080),
        };
        let plain = UpdateHeader {
            update: 900,
            base: 898,
            captured_at_micros: -5,
            full: None,
            exact: false,
        };
        let longest = UpdateHeader {
            update: u64::MAX,
            base: 0,
            captured_at_micros: i64::MIN,
            full: Some(place),
            exact: true,
        };
        for (header, most) in [(plain, 5), (longest, MOST_UPDATE_HEADER_BYTES)] {
            let mut bytes = Vec::new();
            header.append_to(&mut bytes);
            assert!(bytes.len() <= most, "{}", bytes.len());
            for n in 0..bytes.len() {
                assert!(UpdateHeader::from_bytes(&bytes[..n]).is_err());
            }
            bytes.extend([1, 2, 3]);
            assert_eq!(UpdateHeader::from_bytes(&bytes), Ok((header, &[1, 2, 3][..])));
        }
        let repair = Repair {
            stream: 300,
            length: MAX_REPAIRED_BYTES,
            width: 9,
            offset: 7,
            parity: &[7, 8],
        };
        let mut bytes = Vec::new();
        repair.append_to(&mut bytes);
        assert_eq!(bytes, [0x60, 0xac, 2, 0x80, 0x80, 0x10, 9, 7, 7, 8]);
        assert_eq!(Repair::from_bytes(&bytes), Ok(repair));
        assert!((0..bytes.len() - 2).all(|n| Repair::from_bytes(&bytes[..n]).is_err()));
        assert_eq!(Repair::from_bytes(b"FC"), Err(MediaError::Unknown));
        bytes[7] += 1;
        assert_eq!(Repair::from_bytes(&bytes), Err(MediaError::Limit("parity")));
        bytes[5] += 1;
        assert_eq!(Repair::from_bytes(&bytes), Err(MediaError::Limit("length")));
        let cursor = CursorPosition {
            number: 1,
            serial: 2,
            epoch: 3,
            pos: Point { x: -4, y: 5 },
            visible: true,
        };
        assert_eq!(CursorPosition::from_bytes(&cursor.to_bytes()), Ok(cursor));
        for n in 0..CURSOR_BYTES {
            assert!(CursorPosition::from_bytes(&cursor.to_bytes()[..n]).is_err());
        }
    }
}
