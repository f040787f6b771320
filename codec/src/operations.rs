//! The operations that turn what a viewer shows into what the screen shows, and their bytes.
//!
//! An update is a run of operations. It is sent with every letter, so it is short: a number has seven bits a byte, the least first, the highest
//! bit of a byte saying that another follows, and never more bytes than it needs.
//!
//! ```text
//! operation   kind u8, with 128 for its flag | length of the body | body
//! area        x | y | width | height        relative to the frame
//!
//! kind 1   reset       width | height
//! kind 2   copy        target area | source x | source y
//! kind 3   tiles       number of areas | areas | coded tiles (see `tiles`)                flag: refine
//! kind 4   video       stream | area | number of areas | painted areas | H.264 Annex B    flag: key
//! kind 5   end video   stream
//! kind 6   preview     area | width | height | H.264 Annex B of that many pixels, a key
//! kind 7   modelled    number of areas | areas | pixels as decisions (see `modelled`)   flag: refine
//! ```
//!
//! Unknown kinds and flags are errors, not skipped: a picture with a part missing is a wrong picture. What both sides
//! know is agreed before the first update, elsewhere. This file moves no pixels; see `painter` for that.

use crate::copies::Copy;
use crate::error::DecodeError;
use crate::picture::{Area, MAX_SIDE, frame_size_allowed};

/// Most areas one operation may name.
pub const MAX_AREAS: usize = 4096;

/// Most bytes of one update. Whoever reads updates from a link checks this before allocating.
pub const MAX_UPDATE_BYTES: usize = 48 << 20;

/// Most bytes of H.264 in one video operation.
pub const MAX_VIDEO_BYTES: usize = 8 << 20;

/// Most pixels a preview is coded in.
pub const MAX_PREVIEW_PIXELS: u32 = 960 * 540;

/// Most bytes of the length of a body.
const MOST_LENGTH_BYTES: usize = 4;
const KIND_RESET: u8 = 1;
const KIND_COPY: u8 = 2;
const KIND_TILES: u8 = 3;
const KIND_VIDEO: u8 = 4;
const KIND_END_VIDEO: u8 = 5;
const KIND_PREVIEW: u8 = 6;
const KIND_MODELLED: u8 = 7;
const FLAG: u8 = 0x80;

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
    /// Exact pixels of some rectangles, made by the [`PixelModel`](crate::modelled::PixelModel) of this viewer, which builds on all that was made by it since
    /// the last reset.
    Modelled {
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
        /// Which parts of it to show (inside `area`), so that what is already exact
        /// there stays exact. None: the picture is only what the next one depends on.
        painted: AreaList<'a>,
        /// H.264, Annex B, BT.709 full range.
        bytes: &'a [u8],
    },
    /// The stream is over; its decoder may go.
    EndVideo {
        /// Which stream.
        stream: u16,
    },
    /// A coarse picture of an area, coded smaller than it is and shown at its size: what a slow link can carry soon.
    Preview {
        /// Where it belongs.
        area: Area,
        /// Width it is coded in.
        width: u32,
        /// Height it is coded in.
        height: u32,
        /// H.264, Annex B, BT.709 full range; a key.
        bytes: &'a [u8],
    },
}

/// Areas given as a slice, or still in their coded form.
#[derive(Clone, Copy)]
pub struct AreaList<'a>(List<'a>);

#[derive(Clone, Copy)]
enum List<'a> {
    Plain(&'a [Area]),
    // INVARIANT: so many areas and nothing else, each checked when it was read.
    Coded(usize, &'a [u8]),
}

impl<'a> AreaList<'a> {
    /// How many.
    pub fn len(&self) -> usize {
        match self.0 {
            List::Plain(areas) => areas.len(),
            List::Coded(count, _) => count,
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
            List::Coded(_, bytes) => (&[][..], bytes),
        };
        let mut coded = Reader(coded);
        plain.iter().copied().chain(std::iter::from_fn(move || coded.area().ok()))
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
/// When a coordinate is beyond [`MAX_SIDE`], there are more than [`MAX_AREAS`] areas, or a body of 256 MiB: such an
/// operation is our own mistake.
pub fn append_operation(operation: &Operation<'_>, out: &mut Vec<u8>) {
    match operation {
        Operation::Reset { width, height } => {
            let body = begin(KIND_RESET, out);
            put_sides(out, &[*width, *height]);
            finish(body, out);
        }
        Operation::Copy { from_x, from_y, to } => {
            let body = begin(KIND_COPY, out);
            put_area(out, to);
            put_sides(out, &[*from_x, *from_y]);
            finish(body, out);
        }
        Operation::Tiles { reason, areas, coded } => {
            let body = begin_exact(KIND_TILES, *reason, *areas, out);
            out.extend_from_slice(coded);
            finish(body, out);
        }
        Operation::Modelled { reason, areas, coded } => {
            let body = begin_exact(KIND_MODELLED, *reason, *areas, out);
            out.extend_from_slice(coded);
            finish(body, out);
        }
        Operation::Video {
            stream,
            kind,
            area,
            painted,
            bytes,
        } => {
            let flag = if *kind == VideoKind::Key { FLAG } else { 0 };
            let body = begin(KIND_VIDEO | flag, out);
            put_number(u32::from(*stream), out);
            put_area(out, area);
            put_areas(out, *painted);
            out.extend_from_slice(bytes);
            finish(body, out);
        }
        Operation::EndVideo { stream } => {
            let body = begin(KIND_END_VIDEO, out);
            put_number(u32::from(*stream), out);
            finish(body, out);
        }
        Operation::Preview {
            area,
            width,
            height,
            bytes,
        } => {
            let body = begin(KIND_PREVIEW, out);
            put_area(out, area);
            put_sides(out, &[*width, *height]);
            out.extend_from_slice(bytes);
            finish(body, out);
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
    let body = begin_exact(KIND_TILES, reason, areas.into(), out);
    if let Err(error) = write(out) {
        out.truncate(before);
        return Err(error);
    }
    finish(body, out);
    Ok(())
}

/// The copies an update begins with, and what follows them.
pub fn leading_copies(update: &[u8]) -> (Vec<Copy>, &[u8]) {
    let (mut copies, mut operations) = (Vec::new(), decode_operations(update));
    let mut rest = update;
    while let Some(Ok(Operation::Copy { from_x, from_y, to })) = operations.next() {
        copies.push(Copy { from_x, from_y, to });
        rest = operations.rest;
    }
    (copies, rest)
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
        let mut reader = Reader(self.rest);
        let first = reader.byte()?;
        let length = reader.number()? as usize;
        let (body, rest) = reader.0.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        let operation = read_body(first & !FLAG, first & FLAG != 0, &mut Reader(body))?;
        self.rest = rest;
        Ok(operation)
    }
}

fn read_body<'a>(kind: u8, flag: bool, body: &mut Reader<'a>) -> Result<Operation<'a>, DecodeError> {
    if flag && !matches!(kind, KIND_TILES | KIND_VIDEO | KIND_MODELLED) {
        return Err(DecodeError::Malformed("unknown flag"));
    }
    let operation = match kind {
        KIND_RESET => read_reset(body)?,
        KIND_COPY => {
            let to = body.area()?;
            let (from_x, from_y) = (body.side()?, body.side()?);
            Operation::Copy { from_x, from_y, to }
        }
        KIND_TILES | KIND_MODELLED => {
            let reason = if flag { TilesReason::Refine } else { TilesReason::Change };
            let areas = body.areas()?;
            if areas.is_empty() {
                return Err(DecodeError::Malformed("tiles without an area"));
            }
            let coded = body.all();
            match kind {
                KIND_TILES => Operation::Tiles { reason, areas, coded },
                _ => Operation::Modelled { reason, areas, coded },
            }
        }
        KIND_VIDEO => read_video(if flag { VideoKind::Key } else { VideoKind::Delta }, body)?,
        KIND_END_VIDEO => Operation::EndVideo { stream: body.stream()? },
        KIND_PREVIEW => read_preview(body)?,
        _ => return Err(DecodeError::Malformed("unknown operation")),
    };
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

fn read_video<'a>(kind: VideoKind, body: &mut Reader<'a>) -> Result<Operation<'a>, DecodeError> {
    let stream = body.stream()?;
    let area = body.area()?;
    let painted = body.areas()?;
    for part in painted.iter() {
        if !area.contains(&part) {
            return Err(DecodeError::Malformed("painted area outside the video"));
        }
    }
    let bytes = body.all();
    if bytes.len() > MAX_VIDEO_BYTES {
        return Err(DecodeError::TooLarge("video bytes"));
    }
    Ok(Operation::Video {
        stream,
        kind,
        area,
        painted,
        bytes,
    })
}

fn read_preview<'a>(body: &mut Reader<'a>) -> Result<Operation<'a>, DecodeError> {
    let area = body.area()?;
    let (width, height) = (body.side()?, body.side()?);
    if width == 0 || height == 0 || width > area.width || height > area.height {
        return Err(DecodeError::Malformed("preview larger than its area"));
    }
    if width * height > MAX_PREVIEW_PIXELS {
        return Err(DecodeError::TooLarge("preview"));
    }
    let bytes = body.all();
    Ok(Operation::Preview {
        area,
        width,
        height,
        bytes,
    })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (byte, rest) = self.0.split_first().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u32, DecodeError> {
        let mut number = 0;
        for shift in (0..).step_by(7).take(MOST_LENGTH_BYTES) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(DecodeError::Malformed("a number longer than it needs to be"));
                }
                return Ok(number);
            }
        }
        Err(DecodeError::TooLarge("number"))
    }

    fn stream(&mut self) -> Result<u16, DecodeError> {
        u16::try_from(self.number()?).map_err(|_| DecodeError::TooLarge("number of a stream"))
    }

    fn side(&mut self) -> Result<u32, DecodeError> {
        match self.number()? {
            side if side <= MAX_SIDE => Ok(side),
            _ => Err(DecodeError::TooLarge("coordinate")),
        }
    }

    fn area(&mut self) -> Result<Area, DecodeError> {
        let area = Area::new(self.side()?, self.side()?, self.side()?, self.side()?);
        if area.is_empty() {
            return Err(DecodeError::Malformed("empty area"));
        }
        if area.right() > MAX_SIDE || area.bottom() > MAX_SIDE {
            return Err(DecodeError::TooLarge("coordinate"));
        }
        Ok(area)
    }

    fn areas(&mut self) -> Result<AreaList<'a>, DecodeError> {
        let count = self.number()? as usize;
        if count > MAX_AREAS {
            return Err(DecodeError::TooLarge("number of areas"));
        }
        let whole = self.0;
        for _ in 0..count {
            self.area()?;
        }
        let bytes = &whole[..whole.len() - self.0.len()];
        Ok(AreaList(List::Coded(count, bytes)))
    }

    fn all(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

fn begin_exact(kind: u8, reason: TilesReason, areas: AreaList<'_>, out: &mut Vec<u8>) -> usize {
    let flag = if reason == TilesReason::Refine { FLAG } else { 0 };
    let body = begin(kind | flag, out);
    put_areas(out, areas);
    body
}

/// Begins an operation; returns where its body begins, with room for the longest length before it.
fn begin(first: u8, out: &mut Vec<u8>) -> usize {
    out.push(first);
    out.extend_from_slice(&[0; MOST_LENGTH_BYTES]);
    out.len()
}

/// Says how long the body is, and moves it up to that.
fn finish(body: usize, out: &mut Vec<u8>) {
    let length = out.len() - body;
    assert!(length >> (7 * MOST_LENGTH_BYTES) == 0, "an operation is smaller than 256 MiB");
    let (mut at, mut rest) = (body - MOST_LENGTH_BYTES, length);
    while rest > 0x7f {
        out[at] = rest as u8 | 0x80;
        rest >>= 7;
        at += 1;
    }
    out[at] = rest as u8;
    out.copy_within(body.., at + 1);
    out.truncate(at + 1 + length);
}

fn put_number(mut number: u32, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_areas(out: &mut Vec<u8>, areas: AreaList<'_>) {
    assert!(areas.len() <= MAX_AREAS, "too many areas for one operation");
    put_number(areas.len() as u32, out);
    areas.iter().for_each(|area| put_area(out, &area));
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
        put_number(*side, out);
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
            Operation::Preview {
                area,
                width: 300,
                height: 4,
                bytes: &[0, 0, 1],
            },
            Operation::Modelled {
                reason: TilesReason::Change,
                areas: areas[..1].into(),
                coded: &[5, 6],
            },
            Operation::Modelled {
                reason: TilesReason::Refine,
                areas: areas[..1].into(),
                coded: &[],
            },
        ]
    }

    const AREAS: [Area; 2] = [Area::new(2, 4, 64, 1), Area::new(0, 0, 3, 5)];

    #[test]
    fn operations_have_these_bytes_for_ever() {
        let mut bytes = Vec::new();
        encode_operations(&samples(&AREAS), &mut bytes);
        let golden: &[u8] = &[
            1, 4, 0x80, 15, 0xb8, 8, // reset
            2, 11, 0x82, 2, 0x84, 6, 0x86, 10, 0x88, 14, 7, 0x88, 18, // copy
            3, 12, 2, 2, 4, 64, 1, 0, 0, 3, 5, 9, 8, 7, // tiles, change
            0x83, 5, 1, 2, 4, 64, 1, // tiles, refine
            0x84, 21, 0xb4, 0x24, 0, 0, 0x80, 5, 0xe0, 3, 2, 2, 4, 64, 1, 0, 0, 3, 5, 0, 0, 1, 0x67, // video, key
            4, 11, 1, 0x82, 2, 0x84, 6, 0x86, 10, 0x88, 14, 0, 0xaa, // video, delta
            5, 2, 0xb4, 0x24, // end of video
            6, 14, 0x82, 2, 0x84, 6, 0x86, 10, 0x88, 14, 0xac, 2, 4, 0, 0, 1, // preview
            7, 7, 1, 2, 4, 64, 1, 5, 6, // modelled, change
            0x87, 5, 1, 2, 4, 64, 1, // modelled, refine
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
        // An unknown kind, an unknown flag, a number that is longer than it needs to be, or than any.
        assert_eq!(refused(&[9, 0]), DecodeError::Malformed("unknown operation"));
        assert_eq!(refused(&[0x85, 1, 1]), DecodeError::Malformed("unknown flag"));
        let long = DecodeError::Malformed("a number longer than it needs to be");
        assert_eq!(refused(&[5, 0x81, 0, 1]), long);
        assert_eq!(refused(&[5, 0xff, 0xff, 0xff, 0xff, 1]), DecodeError::TooLarge("number"));
        assert_eq!(refused(&[5, 2, 1, 0]), DecodeError::Malformed("bytes after the operation"));
        assert_eq!(refused(&[5, 3, 0x80, 0x80, 4]), DecodeError::TooLarge("number of a stream"));
        // A frame that is empty, too long, or too large in all.
        assert_eq!(refused(&[1, 2, 0, 1]), DecodeError::TooLarge("frame"));
        assert_eq!(refused(&[1, 4, 0x81, 0x80, 1, 1]), DecodeError::TooLarge("coordinate"));
        assert_eq!(refused(&[1, 6, 0x80, 0x80, 1, 0x80, 0x80, 1]), DecodeError::TooLarge("frame"));
        // Tiles of nothing, an empty area, an area that ends beyond the largest side, too many areas.
        assert_eq!(refused(&[3, 1, 0]), DecodeError::Malformed("tiles without an area"));
        assert_eq!(refused(&[3, 5, 1, 0, 0, 0, 1]), DecodeError::Malformed("empty area"));
        assert_eq!(refused(&[3, 7, 1, 1, 0, 0x80, 0x80, 1, 1]), DecodeError::TooLarge("coordinate"));
        assert_eq!(refused(&[3, 2, 0x81, 0x20]), DecodeError::TooLarge("number of areas"));
        // A preview that is larger than its area, or than any.
        let preview = DecodeError::Malformed("preview larger than its area");
        assert_eq!(refused(&[6, 6, 0, 0, 9, 9, 10, 9]), preview);
        assert_eq!(refused(&[6, 6, 0, 0, 9, 9, 9, 0]), preview);
        let large = [6, 10, 0, 0, 0xe8, 7, 0xe8, 7, 0xe8, 7, 0xe8, 7];
        assert_eq!(refused(&large), DecodeError::TooLarge("preview"));
        // Video painted outside itself.
        let video = |part: [u8; 4]| [&[4, 10, 1, 2, 2, 8, 8, 1][..], &part].concat();
        let outside = DecodeError::Malformed("painted area outside the video");
        assert_eq!(refused(&video([0, 2, 4, 4])), outside);
        assert_eq!(refused(&video([2, 2, 9, 4])), outside);
    }
}
