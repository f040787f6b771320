//! Makes the dictionary of short tiles, from pieces of the size of what changes while somebody works: letters, words, lines and
//! boxes of screens of real programs.

use std::path::Path;

use anyhow::{Context as _, Result};
use farhand_codec::TileEncoder;

use super::{
    corpus,
    pieces::{self, Kind},
};
use crate::random::Random;

/// More makes letters no shorter.
const BYTES: usize = 8 << 10;

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
    let mut samples = Vec::new();
    for screen in corpus::draw_for_dictionary()? {
        let picture = screen.picture.as_picture();
        for kind in &KINDS {
            for area in pieces::of(&picture, kind, &mut random) {
                samples.push(encoder.blocks(&picture, &[area])?.to_vec());
            }
        }
    }
    let dictionary = zstd::dict::from_samples(&samples, BYTES).context("learn from the pieces")?;
    std::fs::write(path, dictionary).with_context(|| format!("write {}", path.display()))?;
    Ok(samples.len())
}
