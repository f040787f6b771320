//! Makes the dictionary of short tiles, from pieces of the size of what changes while somebody works: letters, words, lines and
//! boxes of screens of real programs.

use std::path::Path;

use anyhow::{Context as _, Result};
use farhand_codec::{Area, Picture, TileEncoder};

use super::corpus;
use crate::random::Random;

/// More makes letters no shorter.
const BYTES: usize = 8 << 10;
/// A piece in which one colour has more of the pixels than this is nothing to learn from.
const MOST_OF_ONE_COLOUR: f64 = 0.97;

/// Least and most width, least and most height, and how many of a screen.
struct Kind {
    width: (u32, u32),
    height: (u32, u32),
    count: usize,
}

const KINDS: [Kind; 4] = [
    Kind {
        width: (7, 22),
        height: (11, 24),
        count: 400,
    },
    Kind {
        width: (30, 120),
        height: (12, 24),
        count: 300,
    },
    Kind {
        width: (200, 900),
        height: (12, 24),
        count: 150,
    },
    Kind {
        width: (64, 300),
        height: (40, 200),
        count: 60,
    },
];

/// Draws the screens, learns from them and writes the dictionary.
///
/// # Errors
/// When a screen cannot be drawn, or there is too little on them.
pub fn make(path: &Path) -> Result<usize> {
    let mut random = Random(11);
    let mut encoder = TileEncoder::new()?;
    let mut pieces = Vec::new();
    for screen in corpus::draw_for_dictionary()? {
        let picture = screen.picture.as_picture();
        for kind in &KINDS {
            for area in areas(&picture, kind, &mut random) {
                pieces.push(encoder.blocks(&picture, &[area])?.to_vec());
            }
        }
    }
    let dictionary = zstd::dict::from_samples(&pieces, BYTES).context("learn from the pieces")?;
    std::fs::write(path, dictionary).with_context(|| format!("write {}", path.display()))?;
    Ok(pieces.len())
}

fn areas(picture: &Picture<'_>, kind: &Kind, random: &mut Random) -> Vec<Area> {
    let mut found = Vec::new();
    for _ in 0..kind.count * 50 {
        let mut between = |(least, most): (u32, u32)| least + random.below(most - least);
        let (width, height) = (between(kind.width), between(kind.height));
        let area = Area::new(
            random.below(picture.width() - width),
            random.below(picture.height() - height),
            width,
            height,
        );
        if picture.part(area).is_some_and(|part| is_busy(&part)) {
            found.push(area);
        }
        if found.len() == kind.count {
            break;
        }
    }
    found
}

fn is_busy(part: &Picture<'_>) -> bool {
    let pixels = || (0..part.height()).flat_map(|y| part.row(y).as_chunks::<4>().0);
    let Some(first) = pixels().next() else { return false };
    let same = pixels().filter(|pixel| *pixel == first).count();
    (same as f64) < part.area().pixels() as f64 * MOST_OF_ONE_COLOUR
}
