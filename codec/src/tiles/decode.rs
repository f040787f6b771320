//! Coded tiles to pixels. Everything here reads a peer's bytes.

use super::predict::{Planes, join_row, restore};
use super::{
    BLOCK_NEW_PACKED, BLOCK_NEW_PALETTE, BLOCK_PACKED, BLOCK_PALETTE, BLOCK_PIXELS, BLOCK_PREDICTED, BLOCK_SOLID, CODED_PLAIN, CODED_SHORT,
    CODED_ZSTD, DICTIONARY, MAX_TILES_PIXELS, MOST_PACKED_PIXELS, MOST_SHORT_BYTES, PALETTE_MAX, ZSTD_MAGIC, blocks, most_block_bytes,
    packed_bits,
};
use crate::error::DecodeError;
use crate::operations::AreaList;
use crate::picture::{Area, BYTES_PER_PIXEL, PictureMut};

const OPAQUE: u8 = 255;

/// Paints coded tiles. Reuses its buffers, of at most 7 MB.
pub struct TileDecoder {
    decompressor: zstd::bulk::Decompressor<'static>,
    /// Knows the dictionary.
    short_decompressor: zstd::bulk::Decompressor<'static>,
    /// A short frame with its magic number before it.
    short_frame: Vec<u8>,
    blocks: Vec<u8>,
    planes: Box<Planes>,
    palette: Box<[[u8; BYTES_PER_PIXEL]; PALETTE_MAX]>,
}

impl TileDecoder {
    /// A decoder with empty buffers.
    ///
    /// # Errors
    /// [`DecodeError::Unavailable`] when zstd cannot make a context (out of memory).
    pub fn new() -> Result<Self, DecodeError> {
        Ok(Self {
            decompressor: zstd::bulk::Decompressor::new().map_err(|_| DecodeError::Unavailable)?,
            short_decompressor: zstd::bulk::Decompressor::with_dictionary(DICTIONARY).map_err(|_| DecodeError::Unavailable)?,
            short_frame: Vec::new(),
            blocks: Vec::new(),
            planes: Box::new([[0; BLOCK_PIXELS]; 3]),
            palette: Box::new([[0; BYTES_PER_PIXEL]; PALETTE_MAX]),
        })
    }

    /// Paints `coded` into `areas` of `into`.
    ///
    /// # Errors
    /// When an area is outside, the areas together have more than [`MAX_TILES_PIXELS`], or the bytes do not say exactly
    /// what each of their pixels is. Some areas may then have been painted.
    pub fn decode(&mut self, areas: AreaList<'_>, coded: &[u8], into: &mut PictureMut<'_>) -> Result<(), DecodeError> {
        self.decode_below(0, areas, coded, into)
    }

    /// The same into the rows of a picture from `top` on; `areas` are counted from the picture's own corner.
    pub(crate) fn decode_below(
        &mut self,
        top: u32,
        areas: AreaList<'_>,
        coded: &[u8],
        into: &mut PictureMut<'_>,
    ) -> Result<(), DecodeError> {
        let inside = |area: Area| {
            let y = area.y.checked_sub(top)?;
            Some(Area { y, ..area })
        };
        if areas.iter().any(|area| inside(area).is_none()) {
            return Err(DecodeError::OutsideFrame);
        }
        self.decode_areas(|| areas.iter().filter_map(inside), coded, into)
    }

    fn decode_areas<I: Iterator<Item = Area>>(
        &mut self,
        areas: impl Fn() -> I,
        coded: &[u8],
        into: &mut PictureMut<'_>,
    ) -> Result<(), DecodeError> {
        let mut most_bytes = 0;
        let mut pixels = 0;
        for area in areas() {
            if area.is_empty() || !into.area().contains(&area) {
                return Err(DecodeError::OutsideFrame);
            }
            pixels += area.pixels();
            if pixels > MAX_TILES_PIXELS {
                return Err(DecodeError::TooLarge("tiles"));
            }
            most_bytes += most_block_bytes(area);
        }
        match coded.split_first() {
            None => Err(DecodeError::Truncated),
            Some((&CODED_PLAIN, blocks)) => self.paint(areas(), blocks, into),
            Some((&coded @ (CODED_ZSTD | CODED_SHORT), frame)) => {
                let mut blocks = std::mem::take(&mut self.blocks);
                let result = if coded == CODED_SHORT {
                    self.decompress_short(frame, most_bytes.min(MOST_SHORT_BYTES), &mut blocks)
                } else {
                    decompress(&mut self.decompressor, frame, most_bytes, &mut blocks)
                };
                let result = result.and_then(|()| self.paint(areas(), &blocks, into));
                self.blocks = blocks;
                result
            }
            Some(_) => Err(DecodeError::Malformed("unknown coding of tiles")),
        }
    }

    fn decompress_short(&mut self, frame: &[u8], most_bytes: usize, blocks: &mut Vec<u8>) -> Result<(), DecodeError> {
        if frame.len() > zstd::zstd_safe::compress_bound(MOST_SHORT_BYTES) {
            return Err(DecodeError::TooLarge("a short zstd frame"));
        }
        self.short_frame.clear();
        self.short_frame.extend_from_slice(&ZSTD_MAGIC);
        self.short_frame.extend_from_slice(frame);
        decompress(&mut self.short_decompressor, &self.short_frame, most_bytes, blocks)
    }

    fn paint(&mut self, areas: impl Iterator<Item = Area>, bytes: &[u8], into: &mut PictureMut<'_>) -> Result<(), DecodeError> {
        let mut rest = Rest(bytes);
        let mut colours = 0;
        for block in areas.flat_map(blocks) {
            let mut target = into.part(block).ok_or(DecodeError::OutsideFrame)?;
            match rest.byte()? {
                BLOCK_SOLID => paint_solid(rest.take(3)?, &mut target),
                kind @ (BLOCK_PALETTE | BLOCK_PACKED) => {
                    let added = usize::from(rest.byte()?);
                    colours = self.extend_palette(colours, added, &mut rest)?;
                    self.paint_indices(kind == BLOCK_PACKED, colours, &mut rest, &mut target)?;
                }
                kind @ (BLOCK_NEW_PALETTE | BLOCK_NEW_PACKED) => {
                    let added = usize::from(rest.byte()?) + 1;
                    colours = self.extend_palette(0, added, &mut rest)?;
                    self.paint_indices(kind == BLOCK_NEW_PACKED, colours, &mut rest, &mut target)?;
                }
                BLOCK_PREDICTED => self.paint_predicted(&mut rest, &mut target)?,
                _ => return Err(DecodeError::Malformed("unknown block")),
            }
        }
        if rest.0.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Malformed("bytes after the last block"))
        }
    }

    fn extend_palette(&mut self, known: usize, added: usize, rest: &mut Rest<'_>) -> Result<usize, DecodeError> {
        let colours = known + added;
        let target = self
            .palette
            .get_mut(known..colours)
            .ok_or(DecodeError::Malformed("palette too large"))?;
        let (greens, others) = rest.take(added * 3)?.split_at(added);
        let (blues, reds) = others.split_at(added);
        let mut green = 0_u8;
        for (entry, ((difference, blue), red)) in target.iter_mut().zip(greens.iter().zip(blues).zip(reds)) {
            green = green.wrapping_add(*difference);
            *entry = [blue.wrapping_add(green), green, red.wrapping_add(green), OPAQUE];
        }
        Ok(colours)
    }

    fn paint_indices(&self, is_packed: bool, colours: usize, rest: &mut Rest<'_>, target: &mut PictureMut<'_>) -> Result<(), DecodeError> {
        let width = target.width() as usize;
        let pixels = width * target.height() as usize;
        let mut unpacked = [0; MOST_PACKED_PIXELS];
        let indices = if is_packed {
            let indices = unpacked.get_mut(..pixels).ok_or(DecodeError::Malformed("large block packed"))?;
            let bits = packed_bits(colours).ok_or(DecodeError::Malformed("many colours packed"))?;
            let packed = rest.take((pixels * bits).div_ceil(8))?;
            for (together, byte) in indices.chunks_mut(8 / bits).zip(packed) {
                for (index, place) in together.iter_mut().zip((0..).step_by(bits)) {
                    *index = byte >> place & ((1 << bits) - 1);
                }
            }
            &*indices
        } else {
            rest.take(pixels)?
        };
        let largest = indices.iter().copied().max().unwrap_or(0);
        if usize::from(largest) >= colours {
            return Err(DecodeError::Malformed("index beyond the palette"));
        }
        for (y, row) in indices.chunks_exact(width).enumerate() {
            let pixels = target.row_mut(y as u32).as_chunks_mut::<BYTES_PER_PIXEL>().0;
            for (pixel, index) in pixels.iter_mut().zip(row) {
                *pixel = self.palette[usize::from(*index)];
            }
        }
        Ok(())
    }

    fn paint_predicted(&mut self, rest: &mut Rest<'_>, target: &mut PictureMut<'_>) -> Result<(), DecodeError> {
        let width = target.width() as usize;
        let pixels = width * target.height() as usize;
        restore(rest.take(3 * pixels)?, width, pixels, &mut self.planes);
        for y in 0..target.height() {
            join_row(&self.planes, y as usize * width, target.row_mut(y));
        }
        Ok(())
    }
}

fn decompress(
    decompressor: &mut zstd::bulk::Decompressor<'_>,
    frame: &[u8],
    most_bytes: usize,
    blocks: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    // The library also reads its own formats of before version 1 and several frames in a row; neither is ours.
    if !frame.starts_with(&ZSTD_MAGIC) || zstd::zstd_safe::find_frame_compressed_size(frame) != Ok(frame.len()) {
        return Err(DecodeError::Malformed("not one zstd frame"));
    }
    let stated = match zstd::zstd_safe::get_frame_content_size(frame) {
        Ok(Some(stated)) => stated,
        _ => return Err(DecodeError::Malformed("zstd frame without its size")),
    };
    if stated > most_bytes as u64 {
        return Err(DecodeError::TooLarge("decompressed tiles"));
    }
    blocks.clear();
    blocks.resize(stated as usize, 0);
    match decompressor.decompress_to_buffer(frame, &mut blocks[..]) {
        Ok(written) if written == blocks.len() => Ok(()),
        _ => Err(DecodeError::Malformed("zstd frame")),
    }
}

fn paint_solid(colour: &[u8], target: &mut PictureMut<'_>) {
    let pixel = [colour[0], colour[1], colour[2], OPAQUE];
    for y in 0..target.height() {
        target.row_mut(y).as_chunks_mut::<BYTES_PER_PIXEL>().0.fill(pixel);
    }
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (byte, rest) = self.0.split_first().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(bytes)
    }
}
