//! Several encoders for one large change: it is cut into groups of rectangles, each coded by itself, so that several threads can code and decode them.

use std::sync::{Mutex, PoisonError};

use super::TileEncoder;
use crate::error::EncodeError;
use crate::operations::MAX_AREAS;
use crate::parallel::in_parts;
use crate::picture::{Area, Picture};

/// Most pixels of a group: an eighth of a 1080p screen. Smaller ones cost bytes, since each begins without knowing the others.
pub const GROUP_PIXELS: u64 = 1920 * 128;

/// Cuts areas along rows of blocks and puts them into groups of at most [`GROUP_PIXELS`], each fit for one tiles operation.
pub fn groups_of(areas: &[Area]) -> Vec<Vec<Area>> {
    let mut groups: Vec<Vec<Area>> = Vec::new();
    let mut pixels = 0;
    for area in super::cut_into(areas, GROUP_PIXELS) {
        match groups.last_mut() {
            Some(group) if pixels + area.pixels() <= GROUP_PIXELS && group.len() < MAX_AREAS => group.push(area),
            _ => {
                groups.push(vec![area]);
                pixels = 0;
            }
        }
        pixels += area.pixels();
    }
    groups
}

/// Encoders that are made as threads ask for them, and kept.
#[derive(Default)]
pub struct TileEncoders {
    idle: Mutex<Vec<TileEncoder>>,
}

impl TileEncoders {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The coded pixels of each group, in their order; where there are several groups, by several threads.
    ///
    /// # Errors
    /// The first error of [`TileEncoder::encode`].
    pub fn encode(&self, picture: &Picture<'_>, groups: &[&[Area]]) -> Result<Vec<Vec<u8>>, EncodeError> {
        in_parts(groups, 1, |groups| self.encode_part(picture, groups))
            .into_iter()
            .collect()
    }

    fn encode_part(&self, picture: &Picture<'_>, groups: &[&[Area]]) -> Vec<Result<Vec<u8>, EncodeError>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut encoder = match idle.map_or_else(TileEncoder::new, Ok) {
            Ok(encoder) => encoder,
            Err(error) => return vec![Err(error)],
        };
        let coded = groups.iter().map(|group| {
            let mut coded = Vec::new();
            encoder.encode(picture, group, &mut coded).map(|()| coded)
        });
        let coded = coded.collect();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(encoder);
        coded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::{Operation, TilesReason, append_operation};
    use crate::painter::FramePainter;
    use crate::picture::Canvas;

    #[test]
    fn groups_are_small_and_cover_all_once() {
        let screen = Area::of_size(1920, 1080);
        let letters: Vec<Area> = (0..1000).map(|at| Area::new(at % 100 * 10, at / 100 * 20, 9, 18)).collect();
        for (areas, least) in [(vec![screen], 9), (letters, 1), (vec![Area::new(3, 4, 1, 1)], 1), (Vec::new(), 0)] {
            let groups = groups_of(&areas);
            let pixels = |areas: &[Area]| areas.iter().map(Area::pixels).sum::<u64>();
            assert!(groups.len() >= least);
            assert!(groups.iter().all(|group| pixels(group) <= GROUP_PIXELS && group.len() <= MAX_AREAS));
            assert_eq!(groups.iter().map(|group| pixels(group)).sum::<u64>(), pixels(&areas));
        }
        // Where a row of blocks is more than a group, it is cut.
        assert_eq!(groups_of(&[Area::of_size(8192, 130)]).len(), 5);
    }

    #[test]
    fn a_screen_that_several_threads_coded_comes_back_exactly() {
        let mut canvas = Canvas::black(1920, 1080).unwrap();
        for y in 0..1080 {
            let mut picture = canvas.as_picture_mut();
            for (x, pixel) in picture.row_mut(y).chunks_exact_mut(4).enumerate() {
                pixel[..3].copy_from_slice(&[(x * 7) as u8, (y / 3) as u8, ((x as u32 * y) >> 9) as u8]);
            }
        }
        let left = Area::new(0, 0, 700, 1080);
        let areas = [left, Area::new(700, 0, 1220, 1080)];
        for areas in [&areas[..], &[Area::of_size(1920, 1080)]] {
            let groups = groups_of(areas);
            let parts: Vec<&[Area]> = groups.iter().map(Vec::as_slice).collect();
            let encoders = TileEncoders::new();
            let coded = encoders.encode(&canvas.as_picture(), &parts).unwrap();
            let mut update = Vec::new();
            append_operation(&Operation::Reset { width: 1920, height: 1080 }, &mut update);
            for (areas, coded) in parts.iter().zip(&coded) {
                let reason = TilesReason::Change;
                let areas = (*areas).into();
                append_operation(&Operation::Tiles { reason, areas, coded }, &mut update);
            }
            let mut painter = FramePainter::new().unwrap();
            painter.apply(&update).unwrap();
            assert!(painter.frame().unwrap().bytes() == canvas.bytes());
        }
        let outside = [Area::new(1900, 0, 64, 64)];
        assert!(TileEncoders::new().encode(&canvas.as_picture(), &[&outside]).is_err());
    }
}
