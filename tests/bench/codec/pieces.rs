//! Pieces of a screen of the size of what changes while somebody works: letters, words, lines and boxes, chosen by chance where there is something.

use farhand_codec::{Area, Picture};

use crate::random::Random;

/// A piece in which one colour has more of the pixels than this is taken for empty.
const MOST_OF_ONE_COLOUR: f64 = 0.97;
/// So many places are tried for each piece.
const MOST_TRIES: usize = 50;

/// How large pieces are, and how many of a screen.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Least width, and what is too wide.
    pub width: (u32, u32),
    /// Least height, and what is too high.
    pub height: (u32, u32),
    /// Of a screen.
    pub count: usize,
}

impl Kind {
    /// Pieces of one size.
    pub const fn of_size(width: u32, height: u32, count: usize) -> Self {
        Self {
            width: (width, width + 1),
            height: (height, height + 1),
            count,
        }
    }
}

/// Pieces of a picture that are not empty; fewer than wanted where most of it is.
pub fn of(picture: &Picture<'_>, kind: &Kind, random: &mut Random) -> Vec<Area> {
    let mut found = Vec::new();
    for _ in 0..kind.count * MOST_TRIES {
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
