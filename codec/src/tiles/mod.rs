//! Exact tiles: rectangles of BGRA, coded without loss.
//!
//! Each rectangle is cut into blocks of up to 64 × 64 pixels, left to right and top to bottom from its own corner. A
//! block is a single colour, indices into a palette that grows from block to block, or the differences from a
//! prediction. The blocks' bytes one after another then go through zstd, if that makes them shorter; a few of them with a dictionary
//! that both ends have, since a letter alone has nothing before it to be like.
//!
//! ```text
//! coded    0 | blocks                    as they are
//!          1 | zstd frame of the blocks  one frame that states its content size
//!          2 | the same, made with the dictionary and without the frame's magic number; at most 32 KiB of blocks
//!
//! block    0 | blue green red                      one colour
//!          1 | n u8 | colours | index of each pixel       palette goes on with n new colours; at most 256 in all
//!          2 | n-1 u8 | colours | index of each pixel     palette begins anew
//!          4 | as 1, and 5 | as 2, but indices of 1, 2 or 4 bits: the fewest that the palette's colours need, the first pixel in the
//!              lowest bits, all pixels of the block without a gap; for blocks of at most 1024 pixels and 16 colours
//!          3 | green, blue - green, red - green: each a plane of differences from the median predictor (LOCO-I)
//!
//! colours  green of each, less that of the one before (the first as it is) | blue - green of each | red - green of each
//! ```
//!
//! New colours go in order of their green, but a few of them in a large block: between text and its background lie many, which differ by little then.
//!
//! The fourth byte of a pixel is not carried and comes back as 255. There is no state from one call to the next but
//! the reused buffers, so what was coded for one viewer serves all.

mod cost;
mod decode;
mod encode;
mod predict;
mod team;

pub use cost::is_costly;
pub use decode::TileDecoder;
pub use encode::TileEncoder;
pub use team::{GROUP_PIXELS, TileEncoders, groups_of};

use crate::picture::Area;

/// Most pixels of one tiles operation a decoder takes; encoders of ours put less into one ([`GROUP_PIXELS`]). Bounds the buffers of both sides (7 MB).
pub const MAX_TILES_PIXELS: u64 = 1920 * 640;

/// Longest side of a block.
pub(crate) const BLOCK: u32 = 64;

/// Pixels of a whole block.
pub(crate) const BLOCK_PIXELS: usize = (BLOCK * BLOCK) as usize;

pub(crate) const CODED_PLAIN: u8 = 0;
pub(crate) const CODED_ZSTD: u8 = 1;
pub(crate) const CODED_SHORT: u8 = 2;

/// Most bytes of blocks that are compressed with the dictionary.
pub(crate) const MOST_SHORT_BYTES: usize = 32 << 10;

/// Made by `farhand-bench dictionary` from screens of real programs. Both ends have the same: another needs another `coded`.
pub(crate) const DICTIONARY: &[u8] = include_bytes!("dictionary.zstd");

pub(crate) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(crate) const BLOCK_SOLID: u8 = 0;
pub(crate) const BLOCK_PALETTE: u8 = 1;
pub(crate) const BLOCK_NEW_PALETTE: u8 = 2;
pub(crate) const BLOCK_PREDICTED: u8 = 3;
pub(crate) const BLOCK_PACKED: u8 = 4;
pub(crate) const BLOCK_NEW_PACKED: u8 = 5;

/// Larger blocks are not packed: zstd finds more in whole bytes.
pub(crate) const MOST_PACKED_PIXELS: usize = 1024;

/// Bits of an index into so many colours, where packing saves something.
pub(crate) const fn packed_bits(colours: usize) -> Option<usize> {
    match colours {
        ..=2 => Some(1),
        3..=4 => Some(2),
        5..=16 => Some(4),
        _ => None,
    }
}

/// Most colours of a palette.
pub(crate) const PALETTE_MAX: usize = 256;

/// The blocks of an area, relative to the frame.
pub(crate) fn blocks(area: Area) -> impl Iterator<Item = Area> {
    area.pieces(BLOCK)
}

/// The most bytes the blocks of an area can take before zstd: what a decoder allocates at most.
pub(crate) fn most_block_bytes(area: Area) -> usize {
    let blocks = area.width.div_ceil(BLOCK) as usize * area.height.div_ceil(BLOCK) as usize;
    let pixels = area.pixels() as usize;
    // A palette block of few pixels may still name 256 colours, though no encoder of ours does.
    blocks * (2 + 3 * PALETTE_MAX) + 3 * pixels
}

/// Cuts areas along rows of blocks so that none has more pixels, or only one row of blocks.
fn cut_into(areas: &[Area], most_pixels: u64) -> Vec<Area> {
    let mut cut = Vec::with_capacity(areas.len());
    for area in areas.iter().filter(|area| !area.is_empty()) {
        let rows = (most_pixels / u64::from(area.width)).clamp(1, u64::from(area.height)) as u32;
        let rows = if rows > BLOCK { rows - rows % BLOCK } else { rows };
        let mut y = area.y;
        while y < area.bottom() {
            let height = rows.min(area.bottom() - y);
            cut.push(Area::new(area.x, y, area.width, height));
            y += height;
        }
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_an_area_once() {
        for area in [
            Area::new(3, 5, 1, 1),
            Area::new(0, 0, 64, 64),
            Area::new(1, 2, 65, 130),
            Area::new(9, 9, 200, 3),
        ] {
            let pixels: u64 = blocks(area).map(|block| block.pixels()).sum();
            assert_eq!(pixels, area.pixels());
            assert!(blocks(area).all(|block| area.contains(&block) && block.width <= BLOCK && block.height <= BLOCK));
        }
    }
}
