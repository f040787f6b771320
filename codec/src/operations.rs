//! The operations that turn what a viewer shows into what the screen shows, and their bytes.
//!
//! An update is a run of operations, each a header of eight bytes and a body; all numbers are little endian.
//!
//! ```text
//! header   kind u8 | flags u8 | number u16 | body length u32
//! area     x u16 | y u16 | width u16 | height u16        relative to the frame
//!
//! kind 1   reset      number 0           body: width u16 | height u16
//! kind 2   copy       number 0           body: target area | source x u16 | source y u16
//! kind 3   tiles      number of areas    body: areas | coded tiles (see `tiles`)   flag 1: refine
//! kind 4   video      stream             body: area | count u16 | painted areas | H.264 Annex B   flag 1: key
//! kind 5   end video  stream             body: empty
//! ```
//!
//! Unknown kinds and flags are errors, not skipped: a picture with a part missing is a wrong picture. What both sides
//! know is agreed before the first update, elsewhere. This file moves no pixels; see `painter` for that.

use crate::error::DecodeError;
use crate::picture::{Area, MAX_SIDE, frame_size_allowed};

/// Most areas one operation may name.
pub const MAX_AREAS: usize = 4096;

/// Most bytes of one update. Whoever reads updates from a link checks this before allocating.
pub const MAX_UPDATE_BYTES: usize = 48 << 20;

/// Most bytes of H.264 in one video operation.
pub const MAX_VIDEO_BYTES: usize = 8 << 20;

/// Bytes before each body.
pub const HEADER_BYTES: usize = 8;

const AREA_BYTES: usize = 8;
const KIND_RESET: u8 = 1;
const KIND_COPY: u8 = 2;
const KIND_TILES: u8 = 3;
const KIND_VIDEO: u8 = 4;
const KIND_END_VIDEO: u8 = 5;
const FLAG: u8 = 1;

/// Why exact tiles are sent. Painting is the same; accounts and recordings tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TilesReason {
    /// The screen changed there.
    Change,
    /// What was sent lossy has stood still and is now made exact.
    Refine,
}

/// Whether a coded video picture stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VideoKind {
    /// Decodable by a fresh decoder.
    Key,
    /// Builds on the pictures before it.
    Delta,
}

/// One step from what is shown to what the screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// Begin a frame of this size: all black, no video streams.
    Reset {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Show in `to` what is shown at `from_x`, `from_y`; the two may overlap.
    Copy {
        /// Left edge of the source.
        from_x: u32,
        /// Upper edge of the source.
        from_y: u32,
        /// Where it goes, and how large it is.
        to: Area,
    },
    /// Exact pixels of some rectangles, made by [`TileEncoder`](crate::tiles::TileEncoder).
    Tiles {
        /// Why.
        reason: TilesReason,
        /// Which rectangles, in the order in which they are coded.
        areas: AreaList<'a>,
        /// Their pixels.
        coded: &'a [u8],
    },
    /// A picture of a video stream. The stream's first picture is a key; its area keeps its size until the next key.
    Video {
        /// Which stream: one decoder each.
        stream: u16,
        /// Whether it stands alone.
        kind: VideoKind,
        /// Where the stream's picture lies in the frame.
        area: Area,
        /// Which parts of it to show (inside `area`, at even distances from its corner), so that what is already exact
        /// there stays exact. Empty: all of it.
        painted: AreaList<'a>,
        /// H.264, Annex B, BT.709 full range.
        bytes: &'a [u8],
    },
    /// The stream is over; its decoder may go.
    EndVideo {
        /// Which stream.
        stream: u16,
    },
}

/// Areas given as a slice, or still in their coded form.
#[derive(Clone, Copy)]
pub struct AreaList<'a>(List<'a>);

#[derive(Clone, Copy)]
enum List<'a> {
    Plain(&'a [Area]),
    // INVARIANT: a whole number of areas, each checked when it was read.
    Coded(&'a [u8]),
}

impl<'a> AreaList<'a> {
    /// How many.
    pub fn len(&self) -> usize {
        match self.0 {
            List::Plain(areas) => areas.len(),
            List::Coded(bytes) => bytes.len() / AREA_BYTES,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Area> + use<'a> {
        let (plain, coded) = match self.0 {
            List::Plain(areas) => (areas, &[][..]),
            List::Coded(bytes) => (&[][..], bytes),
        };
        plain
            .iter()
            .copied()
            .chain(coded.as_chunks::<AREA_BYTES>().0.iter().map(area_from_bytes))
    }
}

impl<'a> From<&'a [Area]> for AreaList<'a> {
    fn from(areas: &'a [Area]) -> Self {
        Self(List::Plain(areas))
    }
}

impl PartialEq for AreaList<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for AreaList<'_> {}

impl std::fmt::Debug for AreaList<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Appends the bytes of some operations to `out`.
pub fn encode_operations(operations: &[Operation<'_>], out: &mut Vec<u8>) {
    operations.iter().for_each(|operation| append_operation(operation, out));
}

/// Appends the bytes of one operation to `out`.
///
/// # Panics
/// When a coordinate is beyond [`MAX_SIDE`], there are more than [`MAX_AREAS`] areas, or a body of 4 GiB: such an
/// operation is our own mistake.
pub fn append_operation(operation: &Operation<'_>, out: &mut Vec<u8>) {
    match operation {
        Operation::Reset { width, height } => {
            let header = begin(KIND_RESET, 0, 0, out);
            put_sides(out, &[*width, *height]);
            finish(header, out);
        }
        Operation::Copy { from_x, from_y, to } => {
            let header = begin(KIND_COPY, 0, 0, out);
            put_area(out, to);
            put_sides(out, &[*from_x, *from_y]);
            finish(header, out);
        }
        Operation::Tiles { reason, areas, coded } => {
            let header = begin_tiles(*reason, *areas, out);
            out.extend_from_slice(coded);
            finish(header, out);
        }
        Operation::Video {
            stream,
            kind,
            area,
            painted,
            bytes,
        } => {
            let flags = if *kind == VideoKind::Key { FLAG } else { 0 };
            let header = begin(KIND_VIDEO, flags, *stream, out);
            put_area(out, area);
            out.extend_from_slice(&count(*painted).to_le_bytes());
            painted.iter().for_each(|area| put_area(out, &area));
            out.extend_from_slice(bytes);
            finish(header, out);
        }
        Operation::EndVideo { stream } => {
            let header = begin(KIND_END_VIDEO, 0, *stream, out);
            finish(header, out);
        }
    }
}

/// Appends a tiles operation whose coded part `write` appends itself, sparing a copy of it.
pub(crate) fn append_tiles<E>(
    reason: TilesReason,
    areas: &[Area],
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let before = out.len();
    let header = begin_tiles(reason, areas.into(), out);
    if let Err(error) = write(out) {
        out.truncate(before);
        return Err(error);
    }
    finish(header, out);
    Ok(())
}

/// Reads operations one after the other, borrowing from `update`. Each is checked for its own limits (sides at most
/// [`MAX_SIDE`], at most [`MAX_AREAS`] areas, none empty); that areas lie inside the frame is for whoever has the frame.
/// After the first error the iterator ends.
pub fn decode_operations(update: &[u8]) -> Operations<'_> {
    Operations {
        rest: update,
        whole: update.len(),
    }
}

/// The iterator of [`decode_operations`].
#[derive(Clone, Debug)]
pub struct Operations<'a> {
    rest: &'a [u8],
    whole: usize,
}

impl<'a> Iterator for Operations<'a> {
    type Item = Result<Operation<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let result = self.read();
        if result.is_err() {
            self.rest = &[];
        }
        Some(result)
    }
}

impl<'a> Operations<'a> {
    fn read(&mut self) -> Result<Operation<'a>, DecodeError> {
        if self.whole > MAX_UPDATE_BYTES {
            return Err(DecodeError::TooLarge("update"));
        }
        let (header, rest) = self.rest.split_first_chunk::<HEADER_BYTES>().ok_or(DecodeError::Truncated)?;
        let [kind, flags, number_low, number_high, length @ ..] = *header;
        let number = u16::from_le_bytes([number_low, number_high]);
        let length = u32::from_le_bytes(length) as usize;
        let (body, rest) = rest.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        let operation = read_body(kind, flags, number, &mut Reader(body))?;
        self.rest = rest;
        Ok(operation)
    }
}

fn read_body<'a>(kind: u8, flags: u8, number: u16, body: &mut Reader<'a>) -> Result<Operation<'a>, DecodeError> {
    let may_have_flag = matches!(kind, KIND_TILES | KIND_VIDEO);
    if flags & !FLAG != 0 || (flags != 0 && !may_have_flag) {
        return Err(DecodeError::Malformed("unknown flag"));
    }
    let operation = match kind {
        KIND_RESET => read_reset(body)?,
        KIND_COPY => {
            let to = body.area()?;
            let (from_x, from_y) = (body.side()?, body.side()?);
            Operation::Copy { from_x, from_y, to }
        }
        KIND_TILES => {
            let reason = if flags == 0 { TilesReason::Change } else { TilesReason::Refine };
            let areas = body.areas(number)?;
            if areas.is_empty() {
                return Err(DecodeError::Malformed("tiles without an area"));
            }
            Operation::Tiles {
                reason,
                areas,
                coded: body.all(),
            }
        }
        KIND_VIDEO => read_video(flags, number, body)?,
        KIND_END_VIDEO => Operation::EndVideo { stream: number },
        _ => return Err(DecodeError::Malformed("unknown operation")),
    };
    if number != 0 && matches!(kind, KIND_RESET | KIND_COPY) {
        return Err(DecodeError::Malformed("number without a meaning"));
    }
    if !body.0.is_empty() {
        return Err(DecodeError::Malformed("bytes after the operation"));
    }
    Ok(operation)
}

fn read_reset<'a>(body: &mut Reader<'a>) -> Result<Operation<'a>, DecodeError> {
    let (width, height) = (body.side()?, body.side()?);
    if !frame_size_allowed(width, height) {
        return Err(DecodeError::TooLarge("frame"));
    }
    Ok(Operation::Reset { width, height })
}

fn read_video<'a>(flags: u8, stream: u16, body: &mut Reader<'a>) -> Result<Operation<'a>, DecodeError> {
    let area = body.area()?;
    let count = body.u16()?;
    let painted = body.areas(count)?;
    for part in painted.iter() {
        if !area.contains(&part) {
            return Err(DecodeError::Malformed("painted area outside the video"));
        }
        if (part.x - area.x) % 2 != 0 || (part.y - area.y) % 2 != 0 {
            return Err(DecodeError::Malformed("painted area at an odd place"));
        }
    }
    let bytes = body.all();
    if bytes.len() > MAX_VIDEO_BYTES {
        return Err(DecodeError::TooLarge("video bytes"));
    }
    let kind = if flags == 0 { VideoKind::Delta } else { VideoKind::Key };
    Ok(Operation::Video {
        stream,
        kind,
        area,
        painted,
        bytes,
    })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn u16(&mut self) -> Result<u16, DecodeError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(u16::from_le_bytes(*bytes))
    }

    fn side(&mut self) -> Result<u32, DecodeError> {
        match u32::from(self.u16()?) {
            side if side <= MAX_SIDE => Ok(side),
            _ => Err(DecodeError::TooLarge("coordinate")),
        }
    }

    fn area(&mut self) -> Result<Area, DecodeError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        checked_area(bytes)
    }

    fn areas(&mut self, count: u16) -> Result<AreaList<'a>, DecodeError> {
        let count = usize::from(count);
        if count > MAX_AREAS {
            return Err(DecodeError::TooLarge("number of areas"));
        }
        let (bytes, rest) = self.0.split_at_checked(count * AREA_BYTES).ok_or(DecodeError::Truncated)?;
        for area in bytes.as_chunks::<AREA_BYTES>().0 {
            checked_area(area)?;
        }
        self.0 = rest;
        Ok(AreaList(List::Coded(bytes)))
    }

    fn all(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

fn area_from_bytes(bytes: &[u8; AREA_BYTES]) -> Area {
    let side = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    Area::new(side(0), side(2), side(4), side(6))
}

fn checked_area(bytes: &[u8; AREA_BYTES]) -> Result<Area, DecodeError> {
    let area = area_from_bytes(bytes);
    if area.is_empty() {
        return Err(DecodeError::Malformed("empty area"));
    }
    if area.right() > MAX_SIDE || area.bottom() > MAX_SIDE {
        return Err(DecodeError::TooLarge("coordinate"));
    }
    Ok(area)
}

fn begin_tiles(reason: TilesReason, areas: AreaList<'_>, out: &mut Vec<u8>) -> usize {
    let flags = if reason == TilesReason::Refine { FLAG } else { 0 };
    let header = begin(KIND_TILES, flags, count(areas), out);
    areas.iter().for_each(|area| put_area(out, &area));
    header
}

fn begin(kind: u8, flags: u8, number: u16, out: &mut Vec<u8>) -> usize {
    let header = out.len();
    let [low, high] = number.to_le_bytes();
    out.extend_from_slice(&[kind, flags, low, high, 0, 0, 0, 0]);
    header
}

fn finish(header: usize, out: &mut [u8]) {
    let length = u32::try_from(out.len() - header - HEADER_BYTES).expect("an operation is far smaller than 4 GiB");
    out[header + 4..header + HEADER_BYTES].copy_from_slice(&length.to_le_bytes());
}

fn count(areas: AreaList<'_>) -> u16 {
    assert!(areas.len() <= MAX_AREAS, "too many areas for one operation");
    areas.len() as u16
}

fn put_area(out: &mut Vec<u8>, area: &Area) {
    assert!(
        area.right() <= MAX_SIDE && area.bottom() <= MAX_SIDE,
        "area beyond the largest frame"
    );
    put_sides(out, &[area.x, area.y, area.width, area.height]);
}

fn put_sides(out: &mut Vec<u8>, sides: &[u32]) {
    for side in sides {
        assert!(*side <= MAX_SIDE, "coordinate beyond the largest frame");
        out.extend_from_slice(&(*side as u16).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(areas: &[Area]) -> Vec<Operation<'_>> {
        let area = Area::new(0x0102, 0x0304, 0x0506, 0x0708);
        vec![
            Operation::Reset { width: 1920, height: 1080 },
            Operation::Copy {
                from_x: 7,
                from_y: 0x0908,
                to: area,
            },
            Operation::Tiles {
                reason: TilesReason::Change,
                areas: areas.into(),
                coded: &[9, 8, 7],
            },
            Operation::Tiles {
                reason: TilesReason::Refine,
                areas: areas[..1].into(),
                coded: &[],
            },
            Operation::Video {
                stream: 0x1234,
                kind: VideoKind::Key,
                area: Area::new(0, 0, 640, 480),
                painted: areas.into(),
                bytes: &[0, 0, 1, 0x67],
            },
            Operation::Video {
                stream: 1,
                kind: VideoKind::Delta,
                area,
                painted: [].as_slice().into(),
                bytes: &[0xaa],
            },
            Operation::EndVideo { stream: 0x1234 },
        ]
    }

    const AREAS: [Area; 2] = [Area::new(2, 4, 64, 1), Area::new(0, 0, 3, 5)];

    #[test]
    fn operations_have_these_bytes_for_ever() {
        let mut bytes = Vec::new();
        encode_operations(&samples(&AREAS), &mut bytes);
        let golden: &[u8] = &[
            1, 0, 0, 0, 4, 0, 0, 0, 0x80, 0x07, 0x38, 0x04, // reset
            2, 0, 0, 0, 12, 0, 0, 0, 2, 1, 4, 3, 6, 5, 8, 7, 7, 0, 8, 9, // copy
            3, 0, 2, 0, 19, 0, 0, 0, 2, 0, 4, 0, 64, 0, 1, 0, 0, 0, 0, 0, 3, 0, 5, 0, 9, 8, 7, // tiles, change
            3, 1, 1, 0, 8, 0, 0, 0, 2, 0, 4, 0, 64, 0, 1, 0, // tiles, refine
            4, 1, 0x34, 0x12, 30, 0, 0, 0, 0, 0, 0, 0, 0x80, 2, 0xe0, 1, // video, key
            2, 0, 2, 0, 4, 0, 64, 0, 1, 0, 0, 0, 0, 0, 3, 0, 5, 0, 0, 0, 1, 0x67, //
            4, 0, 1, 0, 11, 0, 0, 0, 2, 1, 4, 3, 6, 5, 8, 7, 0, 0, 0xaa, // video, delta
            5, 0, 0x34, 0x12, 0, 0, 0, 0, // end of video
        ];
        assert_eq!(bytes, golden);
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let operations = samples(&AREAS);
        let mut bytes = Vec::new();
        encode_operations(&operations, &mut bytes);
        let decoded: Result<Vec<_>, _> = decode_operations(&bytes).collect();
        assert_eq!(decoded.unwrap(), operations);
    }

    #[test]
    fn every_truncation_is_an_error_or_ends_between_operations() {
        let operations = samples(&AREAS);
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for operation in &operations {
            append_operation(operation, &mut bytes);
            ends.push(bytes.len());
        }
        for length in 0..bytes.len() {
            let decoded: Vec<_> = decode_operations(&bytes[..length]).collect();
            match ends.iter().position(|end| *end == length) {
                Some(whole) => assert_eq!(decoded, operations[..whole].iter().map(|op| Ok(*op)).collect::<Vec<_>>()),
                None => assert_eq!(decoded.last(), Some(&Err(DecodeError::Truncated)), "at {length}"),
            }
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let refused = |bytes: &[u8]| decode_operations(bytes).last().unwrap().unwrap_err();
        // An unknown kind, an unknown flag, a flag without a meaning, a number without a meaning.
        assert_eq!(refused(&[9, 0, 0, 0, 0, 0, 0, 0]), DecodeError::Malformed("unknown operation"));
        assert_eq!(refused(&[5, 2, 0, 0, 0, 0, 0, 0]), DecodeError::Malformed("unknown flag"));
        assert_eq!(refused(&[5, 1, 0, 0, 0, 0, 0, 0]), DecodeError::Malformed("unknown flag"));
        assert_eq!(
            refused(&[1, 0, 1, 0, 4, 0, 0, 0, 1, 0, 1, 0]),
            DecodeError::Malformed("number without a meaning")
        );
        assert_eq!(
            refused(&[5, 0, 1, 0, 1, 0, 0, 0, 0]),
            DecodeError::Malformed("bytes after the operation")
        );
        // A frame that is empty, too long, or too large in all.
        assert_eq!(refused(&[1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 0]), DecodeError::TooLarge("frame"));
        assert_eq!(
            refused(&[1, 0, 0, 0, 4, 0, 0, 0, 1, 0x40, 1, 0]),
            DecodeError::TooLarge("coordinate")
        );
        assert_eq!(refused(&[1, 0, 0, 0, 4, 0, 0, 0, 0, 0x40, 0, 0x40]), DecodeError::TooLarge("frame"));
        // Tiles of nothing, an empty area, an area that ends beyond the largest side, too many areas.
        assert_eq!(refused(&[3, 0, 0, 0, 0, 0, 0, 0]), DecodeError::Malformed("tiles without an area"));
        let tiles = |area: [u8; 8]| [&[3, 0, 1, 0, 8, 0, 0, 0][..], &area].concat();
        assert_eq!(refused(&tiles([0, 0, 0, 0, 0, 0, 1, 0])), DecodeError::Malformed("empty area"));
        assert_eq!(refused(&tiles([1, 0, 0, 0, 0, 0x40, 1, 0])), DecodeError::TooLarge("coordinate"));
        assert_eq!(refused(&[3, 0, 1, 0x10, 0, 0, 0, 0]), DecodeError::TooLarge("number of areas"));
        // Video painted outside itself or at an odd place.
        let video = |part: [u8; 8]| [&[4, 0, 1, 0, 18, 0, 0, 0, 2, 0, 2, 0, 8, 0, 8, 0, 1, 0][..], &part].concat();
        let outside = DecodeError::Malformed("painted area outside the video");
        assert_eq!(refused(&video([0, 0, 2, 0, 4, 0, 4, 0])), outside);
        assert_eq!(refused(&video([2, 0, 2, 0, 9, 0, 4, 0])), outside);
        assert_eq!(
            refused(&video([3, 0, 2, 0, 4, 0, 4, 0])),
            DecodeError::Malformed("painted area at an odd place")
        );
    }
}
