//! Pixels to coded tiles.

use zstd::zstd_safe::CParameter;

use super::predict::{Planes, append_differences, split_row};
use super::{
    BLOCK_NEW_PACKED, BLOCK_NEW_PALETTE, BLOCK_PACKED, BLOCK_PALETTE, BLOCK_PIXELS, BLOCK_PREDICTED, BLOCK_SOLID, CODED_PLAIN, CODED_SHORT,
    CODED_ZSTD, DICTIONARY, MAX_TILES_PIXELS, MOST_PACKED_PIXELS, MOST_SHORT_BYTES, PALETTE_MAX, ZSTD_MAGIC, blocks, groups_of,
    packed_bits,
};
use crate::error::EncodeError;
use crate::operations::{MAX_AREAS, TilesReason, append_tiles};
use crate::picture::{Area, BYTES_PER_PIXEL, Picture};

const ZSTD_LEVEL: i32 = 1;
/// Up to so many pixels, indices are coded both packed and whole, and the shorter is taken.
const MOST_TRIED_PIXELS: u64 = 4096;
/// Up to so many bytes of blocks are compressed with and without the dictionary, and the shorter is taken.
const MOST_TRIED_BYTES: usize = 8 << 10;
/// Fewer new colours than this are not put in order in a large block: going through its indices again takes longer.
const FEW_COLOURS: usize = 8;
const SLOTS: usize = 1024;
const COLOUR_MASK: u32 = 0x00ff_ffff;
const TAKEN: u32 = 0x0100_0000;

/// Codes rectangles of pixels exactly. Reuses its buffers; keep one and use it for every change.
pub struct TileEncoder {
    compressor: zstd::bulk::Compressor<'static>,
    /// Knows the dictionary.
    short_compressor: zstd::bulk::Compressor<'static>,
    blocks: Vec<u8>,
    indices: Box<[u8; BLOCK_PIXELS]>,
    planes: Box<Planes>,
    palette: Palette,
    /// Whether any of the blocks could be packed.
    is_packable: bool,
}

impl TileEncoder {
    /// An encoder with empty buffers.
    ///
    /// # Errors
    /// When zstd cannot make a context (out of memory).
    pub fn new() -> Result<Self, EncodeError> {
        let failed = |_| EncodeError::Library {
            step: "set up zstd",
            code: 0,
        };
        let mut short_compressor = zstd::bulk::Compressor::with_dictionary(ZSTD_LEVEL, DICTIONARY).map_err(failed)?;
        // Both ends know which it is.
        short_compressor.set_parameter(CParameter::DictIdFlag(false)).map_err(failed)?;
        Ok(Self {
            compressor: zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(failed)?,
            short_compressor,
            blocks: Vec::new(),
            indices: Box::new([0; BLOCK_PIXELS]),
            planes: Box::new([[0; BLOCK_PIXELS]; 3]),
            palette: Palette::new(),
            is_packable: false,
        })
    }

    /// Appends tiles operations for `areas` of `picture` to `out`: as many as the limits of one operation ask for
    /// (usually one). Areas should not overlap, since each is coded in full.
    ///
    /// # Errors
    /// [`EncodeError::OutsidePicture`] when an area is empty or outside; `out` may then hold some whole operations.
    pub fn append_operations(
        &mut self,
        picture: &Picture<'_>,
        areas: &[Area],
        reason: TilesReason,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        for group in groups_of(areas) {
            append_tiles(reason, &group, out, |out| self.encode(picture, &group, out))?;
        }
        Ok(())
    }

    /// Appends the coded pixels of `areas` to `out`: the `coded` part of one tiles operation.
    ///
    /// # Errors
    /// [`EncodeError::OutsidePicture`] when an area is empty or outside, [`EncodeError::Unsupported`] when there are
    /// more than [`MAX_AREAS`] or more than [`MAX_TILES_PIXELS`] in all; `out` is then unchanged.
    pub fn encode(&mut self, picture: &Picture<'_>, areas: &[Area], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let pixels = areas.iter().map(Area::pixels).sum::<u64>();
        if areas.len() > MAX_AREAS || pixels > MAX_TILES_PIXELS {
            return Err(EncodeError::Unsupported("too many pixels for one tiles operation"));
        }
        self.encode_blocks(picture, areas, false)?;
        let before = out.len();
        let result = self.append_shortest(picture, areas, pixels, out);
        if result.is_err() {
            out.truncate(before);
        }
        result
    }

    fn append_shortest(&mut self, picture: &Picture<'_>, areas: &[Area], pixels: u64, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let before = out.len();
        self.append_compressed(out)?;
        if pixels <= MOST_TRIED_PIXELS && self.is_packable {
            self.encode_blocks(picture, areas, true)?;
            let mut packed = Vec::new();
            self.append_compressed(&mut packed)?;
            if packed.len() < out.len() - before {
                out.truncate(before);
                out.extend(packed);
            }
        }
        Ok(())
    }

    /// The blocks of `areas` one after another, before they are compressed: what a dictionary is made from.
    ///
    /// # Errors
    /// [`EncodeError::OutsidePicture`] when an area is empty or outside.
    pub fn blocks(&mut self, picture: &Picture<'_>, areas: &[Area]) -> Result<&[u8], EncodeError> {
        self.encode_blocks(picture, areas, false)?;
        Ok(&self.blocks)
    }

    fn encode_blocks(&mut self, picture: &Picture<'_>, areas: &[Area], is_packed: bool) -> Result<(), EncodeError> {
        self.blocks.clear();
        self.palette.clear();
        self.is_packable = false;
        for area in areas {
            if area.is_empty() || !picture.area().contains(area) {
                return Err(EncodeError::OutsidePicture);
            }
            for block in blocks(*area) {
                let part = picture.part(block).ok_or(EncodeError::OutsidePicture)?;
                self.encode_block(&part, is_packed);
            }
        }
        Ok(())
    }

    fn encode_block(&mut self, block: &Picture<'_>, is_packed: bool) {
        if let Some(colour) = solid_colour(block) {
            self.blocks.push(BLOCK_SOLID);
            self.blocks.extend_from_slice(&colour.to_le_bytes()[..3]);
            return;
        }
        let pixels = block.area().pixels() as usize;
        let known = self.palette.colours.len();
        if self.palette.index_block(block, &mut self.indices[..]) {
            self.append_palette_block(BLOCK_PALETTE, known, pixels, is_packed);
            return;
        }
        if known > 0 {
            let kept = self.palette.colours.clone();
            self.palette.clear();
            if self.palette.index_block(block, &mut self.indices[..]) {
                self.append_palette_block(BLOCK_NEW_PALETTE, 0, pixels, is_packed);
                return;
            }
            self.palette.restore(kept);
        }
        self.append_predicted_block(block);
    }

    fn append_palette_block(&mut self, kind: u8, known: usize, pixels: usize, is_packed: bool) {
        let added = self.palette.colours.len() - known;
        // A new palette has at least one colour and may have 256, so it states one less.
        let stated = if kind == BLOCK_NEW_PALETTE { added - 1 } else { added };
        if stated > usize::from(u8::MAX) {
            // 256 new colours on top of none: say that the palette begins anew.
            return self.append_palette_block(BLOCK_NEW_PALETTE, known, pixels, is_packed);
        }
        let packable = packed_bits(self.palette.colours.len()).filter(|_| pixels <= MOST_PACKED_PIXELS);
        self.is_packable |= packable.is_some();
        let packed = packable.filter(|_| is_packed);
        let kind = match (packed, kind) {
            (None, kind) => kind,
            (Some(_), BLOCK_PALETTE) => BLOCK_PACKED,
            (Some(_), _) => BLOCK_NEW_PACKED,
        };
        self.blocks.extend_from_slice(&[kind, stated as u8]);
        append_colours(&self.palette.colours[known..], &mut self.blocks);
        let indices = &self.indices[..pixels];
        match packed {
            None => self.blocks.extend_from_slice(indices),
            Some(bits) => {
                let packed = indices.chunks(8 / bits).map(|together| {
                    let places = together.iter().zip((0..).step_by(bits));
                    places.fold(0, |byte, (index, place)| byte | index << place)
                });
                self.blocks.extend(packed);
            }
        }
    }

    fn append_predicted_block(&mut self, block: &Picture<'_>) {
        let width = block.width() as usize;
        for y in 0..block.height() {
            split_row(block.row(y), &mut self.planes, y as usize * width);
        }
        self.blocks.push(BLOCK_PREDICTED);
        let pixels = block.area().pixels() as usize;
        for plane in self.planes.iter() {
            append_differences(&plane[..pixels], width, &mut self.blocks);
        }
    }

    fn append_compressed(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let before = out.len();
        let done = if self.blocks.len() > MOST_SHORT_BYTES {
            append_frame(CODED_ZSTD, &mut self.compressor, &self.blocks, out)
        } else {
            append_frame(CODED_SHORT, &mut self.short_compressor, &self.blocks, out)
        };
        if done.is_ok() && self.blocks.len() <= MOST_TRIED_BYTES {
            // What is unlike all text is shorter without the dictionary; whoever knows it reads that, too.
            let end = out.len();
            append_frame(CODED_SHORT, &mut self.compressor, &self.blocks, out)?;
            if out.len() - end < end - before {
                out.drain(before..end);
            } else {
                out.truncate(end);
            }
        }
        if done.is_ok() && out.len() - before > self.blocks.len() {
            out.truncate(before);
            out.push(CODED_PLAIN);
            out.extend_from_slice(&self.blocks);
        }
        done
    }
}

/// Appends `blocks` as a frame, short ones without the magic number; nothing when that fails.
fn append_frame(coded: u8, compressor: &mut zstd::bulk::Compressor<'_>, blocks: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let before = out.len();
    out.push(coded);
    let begin = out.len();
    out.resize(begin + zstd::zstd_safe::compress_bound(blocks.len()), 0);
    let Ok(written) = compressor.compress_to_buffer(blocks, &mut out[begin..]) else {
        out.truncate(before);
        return Err(EncodeError::Library {
            step: "compress tiles",
            code: 0,
        });
    };
    out.truncate(begin + written);
    if coded == CODED_SHORT {
        out.drain(begin..begin + ZSTD_MAGIC.len());
    }
    Ok(())
}

/// Appends colours as three planes: the differences of green from one to the next, blue - green, red - green.
fn append_colours(colours: &[u32], out: &mut Vec<u8>) {
    let parts = |colour: &u32| {
        let [blue, green, red, _] = colour.to_le_bytes();
        [green, blue.wrapping_sub(green), red.wrapping_sub(green)]
    };
    let mut before = 0;
    out.extend(colours.iter().map(|colour| {
        let green = parts(colour)[0];
        green.wrapping_sub(std::mem::replace(&mut before, green))
    }));
    out.extend(colours.iter().map(|colour| parts(colour)[1]));
    out.extend(colours.iter().map(|colour| parts(colour)[2]));
}

/// The order of new colours in a palette.
#[inline]
fn by_green(colour: u32) -> u32 {
    let [blue, green, red, _] = colour.to_le_bytes();
    u32::from_be_bytes([0, green, blue, red])
}

/// One past the last area that still goes into the operation that begins with the area at `begin`.
fn solid_colour(block: &Picture<'_>) -> Option<u32> {
    let first = colour(block.row(0).first_chunk()?);
    (0..block.height())
        .all(|y| {
            let row = block.row(y).as_chunks::<BYTES_PER_PIXEL>().0;
            // Folding without a way out early is what the compiler turns into SIMD.
            row.iter().fold(0, |differing, pixel| differing | (colour(pixel) ^ first)) == 0
        })
        .then_some(first)
}

#[inline(always)]
fn colour(pixel: &[u8; BYTES_PER_PIXEL]) -> u32 {
    u32::from_le_bytes(*pixel) & COLOUR_MASK
}

/// Colours in the order of their indices, and an open-addressed table from colour to index.
struct Palette {
    colours: Vec<u32>,
    // INVARIANT: each colour of `colours` has one slot, `TAKEN | colour`, with its index beside; others are 0.
    slots: Box<[u32; SLOTS]>,
    indices: Box<[u8; SLOTS]>,
}

impl Palette {
    fn new() -> Self {
        Self {
            colours: Vec::with_capacity(PALETTE_MAX),
            slots: Box::new([0; SLOTS]),
            indices: Box::new([0; SLOTS]),
        }
    }

    fn clear(&mut self) {
        self.colours.clear();
        self.slots.fill(0);
    }

    fn restore(&mut self, colours: Vec<u32>) {
        self.clear();
        for colour in colours {
            self.index_of(colour);
        }
    }

    /// Writes the index of each pixel, adding colours as they come. False, with the palette as before, when the
    /// palette would need more than [`PALETTE_MAX`].
    fn index_block(&mut self, block: &Picture<'_>, indices: &mut [u8]) -> bool {
        let known = self.colours.len();
        let width = block.width() as usize;
        let mut last = (u32::MAX, 0);
        for y in 0..block.height() {
            let row = block.row(y).as_chunks::<BYTES_PER_PIXEL>().0;
            let target = &mut indices[y as usize * width..(y as usize + 1) * width];
            for (pixel, index) in row.iter().zip(target) {
                let colour = colour(pixel);
                if colour != last.0 {
                    let Some(found) = self.index_of(colour) else {
                        let kept = self.colours[..known].to_vec();
                        self.restore(kept);
                        return false;
                    };
                    last = (colour, found);
                }
                *index = last.1;
            }
        }
        self.sort_from(known, &mut indices[..width * block.height() as usize]);
        true
    }

    /// Puts the new colours in order of their green, so that their differences and the indices of neighbours are small, and makes `indices` follow.
    fn sort_from(&mut self, known: usize, indices: &mut [u8]) {
        let in_order = |colours: &[u32]| colours.is_sorted_by_key(|colour| by_green(*colour));
        let is_worth_it = |added: &&[u32]| (added.len() >= FEW_COLOURS || indices.len() <= MOST_PACKED_PIXELS) && !in_order(added);
        let Some(added) = self.colours.get(known..).filter(is_worth_it) else {
            return;
        };
        let mut moved: [u8; PALETTE_MAX] = std::array::from_fn(|at| at as u8);
        let mut order: Vec<(u32, usize)> = added.iter().copied().zip(known..).collect();
        order.sort_unstable_by_key(|(colour, _)| by_green(*colour));
        for (at, (colour, before)) in (known..).zip(order) {
            moved[before] = at as u8;
            self.colours[at] = colour;
            let slot = self.slot_of(colour);
            self.indices[slot] = at as u8;
        }
        for index in indices {
            *index = moved[usize::from(*index)];
        }
    }

    /// The colour's slot, or the free one that it would take.
    #[inline]
    fn slot_of(&self, colour: u32) -> usize {
        let mut slot = (colour.wrapping_mul(0x9e37_79b1) >> 22) as usize % SLOTS;
        while self.slots[slot] != 0 && self.slots[slot] != TAKEN | colour {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    #[inline]
    fn index_of(&mut self, colour: u32) -> Option<u8> {
        let slot = self.slot_of(colour);
        if self.slots[slot] != 0 {
            return Some(self.indices[slot]);
        }
        if self.colours.len() == PALETTE_MAX {
            return None;
        }
        let index = self.colours.len() as u8;
        self.slots[slot] = TAKEN | colour;
        self.indices[slot] = index;
        self.colours.push(colour);
        Some(index)
    }
}
