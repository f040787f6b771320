//! Exact tiles, coded once for all viewers and remembered by content: a viewer that lacks the same, a menu that closes again, a window that comes to the
//! front once more cost a hash instead of a coding.
//!
//! ```text
//! areas ─► groups ─► known by content? ──yes──────────────► operations
//!                         └─no─► coded, several at a time ─┘
//! ```

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _};

use bytes::Bytes;
use farhand_codec::{
    EncodeError,
    operations::{Operation, TilesReason, append_operation},
    picture::{Area, BYTES_PER_PIXEL, Picture},
    tiles::{TileEncoders, groups_of},
};

/// Smaller groups are coded faster than they are looked up.
const LEAST_PIXELS: u64 = 4096;
/// Most bytes that are remembered, in each of two generations.
const MOST_BYTES: usize = 2 << 20;
/// What remembering takes beside them.
const ENTRY_BYTES: usize = 128;

/// Codes exact tiles for all viewers.
#[derive(Default)]
pub(super) struct SharedTiles {
    encoders: TileEncoders,
    known: Known,
}

impl SharedTiles {
    /// Appends `areas` of the picture, which do not overlap.
    pub(super) fn append(
        &mut self,
        picture: &Picture<'_>,
        areas: &[Area],
        reason: TilesReason,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let groups = groups_of(areas);
        let keys: Vec<Option<u64>> = groups.iter().map(|group| self.known.key_of(picture, group)).collect();
        let mut coded: Vec<Option<Bytes>> = keys.iter().map(|key| self.known.get((*key)?)).collect();
        let wanted: Vec<usize> = (0..groups.len()).filter(|at| coded[*at].is_none()).collect();
        let parts: Vec<&[Area]> = wanted.iter().map(|at| groups[*at].as_slice()).collect();
        for (at, bytes) in wanted.into_iter().zip(self.encoders.encode(picture, &parts)?) {
            let bytes = Bytes::from(bytes);
            if let Some(key) = keys[at] {
                self.known.insert(key, bytes.clone());
            }
            coded[at] = Some(bytes);
        }
        for (group, coded) in groups.iter().zip(coded.iter().flatten()) {
            let areas = group.as_slice().into();
            append_operation(&Operation::Tiles { reason, areas, coded }, out);
        }
        Ok(())
    }

    /// Lets go of buffers that have grown to megabytes, which a next letter does not need.
    pub(super) fn release_buffers(&mut self) {
        self.encoders = TileEncoders::new();
    }
}

/// What was coded lately, by content. What was of no use while as much again was coded is forgotten.
#[derive(Default)]
struct Known {
    /// With a key of its own in each program, so that nobody can choose two pictures that are taken for one. Should it happen by chance, the digest tells.
    hashes: foldhash::quality::RandomState,
    newer: HashMap<u64, Bytes>,
    older: HashMap<u64, Bytes>,
    newer_bytes: usize,
}

impl Known {
    /// What names these pixels in this arrangement; none where it is not worth it.
    fn key_of(&self, picture: &Picture<'_>, areas: &[Area]) -> Option<u64> {
        if areas.iter().map(Area::pixels).sum::<u64>() < LEAST_PIXELS {
            return None;
        }
        let mut hasher = self.hashes.build_hasher();
        for area in areas {
            hasher.write_u32(area.width);
            hasher.write_u32(area.height);
            let columns = area.x as usize * BYTES_PER_PIXEL..area.right() as usize * BYTES_PER_PIXEL;
            for y in area.y..area.bottom() {
                hasher.write(picture.row(y).get(columns.clone())?);
            }
        }
        Some(hasher.finish())
    }

    fn get(&mut self, key: u64) -> Option<Bytes> {
        if let Some(bytes) = self.newer.get(&key) {
            return Some(bytes.clone());
        }
        let bytes = self.older.remove(&key)?;
        self.insert(key, bytes.clone());
        Some(bytes)
    }

    fn insert(&mut self, key: u64, bytes: Bytes) {
        let len = bytes.len() + ENTRY_BYTES;
        if len > MOST_BYTES || self.newer.contains_key(&key) {
            return;
        }
        if self.newer_bytes + len > MOST_BYTES {
            self.older = std::mem::take(&mut self.newer);
            self.newer_bytes = 0;
        }
        self.newer_bytes += len;
        self.newer.insert(key, bytes);
    }
}

#[cfg(test)]
mod tests {
    use farhand_codec::{FramePainter, picture::Canvas};

    use super::*;

    const SIDE: u32 = 640;

    fn picture(seed: u32) -> Canvas {
        let mut canvas = Canvas::black(SIDE, SIDE).unwrap();
        for y in 0..SIDE {
            for (x, pixel) in canvas.as_picture_mut().row_mut(y).chunks_exact_mut(4).enumerate() {
                pixel[..3].copy_from_slice(&[(x as u32 * seed) as u8, (y * seed) as u8, 9]);
            }
        }
        canvas
    }

    fn append(tiles: &mut SharedTiles, picture: &Canvas, areas: &[Area]) -> Vec<u8> {
        let mut out = Vec::new();
        append_operation(&Operation::Reset { width: SIDE, height: SIDE }, &mut out);
        tiles.append(&picture.as_picture(), areas, TilesReason::Change, &mut out).unwrap();
        out
    }

    #[test]
    fn what_comes_back_is_known_and_what_is_shown_is_right() {
        let (mut tiles, whole) = (SharedTiles::default(), Area::of_size(SIDE, SIDE));
        let (menu, page) = (picture(3), picture(5));
        for shown in [&menu, &page, &menu, &page] {
            let mut painter = FramePainter::new().unwrap();
            painter.apply(&append(&mut tiles, shown, &[whole])).unwrap();
            assert!(painter.frame().unwrap().bytes() == shown.bytes());
        }
        let groups = groups_of(&[whole]).len();
        assert_eq!(tiles.known.newer.len(), 2 * groups, "each was coded once");
        // The same pixels elsewhere are the same content, and in another arrangement are not.
        let part = Area::new(0, 0, 128, 128);
        append(&mut tiles, &picture(0), &[part]);
        append(&mut tiles, &picture(0), &[Area { x: 64, ..part }]);
        assert_eq!(tiles.known.newer.len(), 2 * groups + 1);
        append(
            &mut tiles,
            &picture(0),
            &[Area {
                width: 256,
                height: 64,
                ..part
            }],
        );
        assert_eq!(tiles.known.newer.len(), 2 * groups + 2);
        append(&mut tiles, &menu, &[Area::new(0, 0, 9, 18)]);
        assert_eq!(tiles.known.newer.len(), 2 * groups + 2, "a letter is not worth it");
    }

    #[test]
    fn no_more_is_remembered_than_its_measure() {
        let mut known = Known::default();
        let bytes = Bytes::from(vec![0; MOST_BYTES / 4 - ENTRY_BYTES]);
        for key in 0..20 {
            known.insert(key, bytes.clone());
            assert!(known.get(0).is_some(), "what is of use stays, at {key}");
        }
        assert!(known.get(9).is_none());
        let all = known.newer.values().chain(known.older.values());
        assert!(all.map(Bytes::len).sum::<usize>() <= 2 * MOST_BYTES);
        known.insert(99, Bytes::from(vec![0; MOST_BYTES + 1]));
        assert!(known.get(99).is_none());
    }
}
