//! Fixed binary headers of what flows beside the control stream: one stream per picture update, cursor positions as datagrams. Little endian.
//! The operations after an update's header are `farhand-codec`'s affair.
//!
//! ```text
//! update   "FU" version:u8 flags:u8 update:u64 base:u64 captured_at_micros:i64 epoch:u32 x:i32 y:i32 width:u32 height:u32 length:u32, then `length` bytes
//! cursor   "FC" version:u8 flags:u8 number:u32 serial:u64 epoch:u32 x:i32 y:i32
//! ```

use thiserror::Error;

use crate::geometry::{MAX_SIDE_PX, Point, Rect};

/// Bytes of an update's header.
pub const UPDATE_HEADER_BYTES: usize = 52;
/// Bytes of a cursor datagram.
pub const CURSOR_BYTES: usize = 28;
/// Largest coded update, in bytes.
pub const MAX_UPDATE_BYTES: u32 = 64 << 20;
const VERSION: u8 = 1;
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

/// What one picture update says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdateHeader {
    /// Grows by one with each update sent to this viewer.
    pub update: u64,
    /// Newest acknowledged update it depends on; 0 for none.
    pub base: u64,
    /// Host clock when its pixels were read, microseconds.
    pub captured_at_micros: i64,
    /// Layout it was captured under.
    pub epoch: u32,
    /// Area of the desktop space the operations' positions count from.
    pub area: Rect,
    /// Coded operations that follow, bytes.
    pub length: u32,
    /// True when it holds the whole picture and depends on nothing.
    pub full: bool,
    /// True when after it every pixel is exact.
    pub exact: bool,
}

impl UpdateHeader {
    /// The bytes on the wire.
    pub fn to_bytes(&self) -> [u8; UPDATE_HEADER_BYTES] {
        let mut out = Writer::<UPDATE_HEADER_BYTES>::new(*b"FU", (u8::from(self.full) * FLAG_FULL) | (u8::from(self.exact) * FLAG_EXACT));
        out.put(&self.update.to_le_bytes());
        out.put(&self.base.to_le_bytes());
        out.put(&self.captured_at_micros.to_le_bytes());
        out.put(&self.epoch.to_le_bytes());
        out.put(&self.area.x.to_le_bytes());
        out.put(&self.area.y.to_le_bytes());
        out.put(&self.area.width.to_le_bytes());
        out.put(&self.area.height.to_le_bytes());
        out.put(&self.length.to_le_bytes());
        out.bytes
    }

    /// Reads the header; sizes and length are within their limits afterwards.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MediaError> {
        let (mut r, flags) = Reader::open(bytes, *b"FU")?;
        let header = Self {
            update: u64::from_le_bytes(r.take()?),
            base: u64::from_le_bytes(r.take()?),
            captured_at_micros: i64::from_le_bytes(r.take()?),
            epoch: u32::from_le_bytes(r.take()?),
            area: Rect::new(
                i32::from_le_bytes(r.take()?),
                i32::from_le_bytes(r.take()?),
                u32::from_le_bytes(r.take()?),
                u32::from_le_bytes(r.take()?),
            ),
            length: u32::from_le_bytes(r.take()?),
            full: flags & FLAG_FULL != 0,
            exact: flags & FLAG_EXACT != 0,
        };
        if header.area.is_empty() || header.area.width > MAX_SIDE_PX || header.area.height > MAX_SIDE_PX {
            return Err(MediaError::Limit("area"));
        }
        if header.length > MAX_UPDATE_BYTES {
            return Err(MediaError::Limit("length"));
        }
        Ok(header)
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

    /// Reads a datagram.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MediaError> {
        let (mut r, flags) = Reader::open(bytes, *b"FC")?;
        Ok(Self {
            number: u32::from_le_bytes(r.take()?),
            serial: u64::from_le_bytes(r.take()?),
            epoch: u32::from_le_bytes(r.take()?),
            pos: Point {
                x: i32::from_le_bytes(r.take()?),
                y: i32::from_le_bytes(r.take()?),
            },
            visible: flags & FLAG_VISIBLE != 0,
        })
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

    fn take<const N: usize>(&mut self) -> Result<[u8; N], MediaError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(MediaError::Truncated)?;
        self.0 = rest;
        Ok(*head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_trip_and_no_truncation_passes() {
        let header = UpdateHeader {
            update: 9,
            base: 8,
            captured_at_micros: -5,
            epoch: 3,
            area: Rect::new(-1920, 0, 3840, 1080),
            length: 77,
            full: true,
            exact: false,
        };
        let bytes = header.to_bytes();
        assert_eq!(UpdateHeader::from_bytes(&bytes), Ok(header));
        let cursor = CursorPosition {
            number: 1,
            serial: 2,
            epoch: 3,
            pos: Point { x: -4, y: 5 },
            visible: true,
        };
        assert_eq!(CursorPosition::from_bytes(&cursor.to_bytes()), Ok(cursor));
        for n in 0..bytes.len() {
            assert!(UpdateHeader::from_bytes(&bytes[..n]).is_err());
        }
        for n in 0..CURSOR_BYTES {
            assert!(CursorPosition::from_bytes(&cursor.to_bytes()[..n]).is_err());
        }
    }
}
