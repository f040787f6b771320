//! Exact pixels for one viewer on a slow link: what is drawn is foreseen by a model that learns from all that this viewer was sent, at a quarter of the
//! bytes; photographs go as tiles do, which take about as much there and far less time.

use farhand_codec::{
    EncodeError,
    modelled::{MAX_MODELLED_PIXELS, PixelModel},
    operations::{MAX_AREAS, Operation, TilesReason, append_operation},
    picture::{Area, Picture},
    planner::merge_into_rectangles,
    tiles::{GROUP_PIXELS, is_costly},
};

use super::tiles::SharedTiles;

/// Areas are looked at in pieces of this size, to find the photographs among them.
const PIECE: u32 = 64;
/// Most pixels that are foreseen in one update: 50 ms of work, for which other viewers wait.
pub(super) const MOST_PIXELS: u64 = GROUP_PIXELS;
const _: () = assert!(MOST_PIXELS <= MAX_MODELLED_PIXELS, "a viewer takes it");
/// What a pixel of a photograph takes, in bytes.
const COSTLY_BYTES_PER_PIXEL: f64 = 1.5;

/// How much an update of a slow link may still hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Pixels that are foreseen.
    drawn: u64,
    /// Pixels of photographs.
    costly: u64,
}

impl Room {
    /// Of a new update.
    pub(super) fn new() -> Self {
        Self {
            drawn: MOST_PIXELS,
            costly: u64::MAX,
        }
    }

    /// No more photographs than take so many bytes, but one piece.
    pub(super) fn limit_costly(&mut self, bytes: f64) {
        self.costly = ((bytes / COSTLY_BYTES_PER_PIXEL) as u64).max(u64::from(PIECE * PIECE));
    }
}

/// What became of some areas.
#[derive(Debug, Default)]
pub(super) struct Appended {
    /// What is left for the next update.
    pub(super) rest: Vec<Area>,
    /// What was foreseen, and the bytes that it took.
    pub(super) drawn: Vec<Area>,
    pub(super) drawn_bytes: usize,
}

/// What the viewer's model has learnt, too.
#[derive(Clone, Default)]
pub(super) struct Modelled {
    model: Box<PixelModel>,
}

impl Modelled {
    /// Appends `areas` of the picture, which do not overlap, as far as there is room.
    pub(super) fn append(
        &mut self,
        tiles: &mut SharedTiles,
        picture: &Picture<'_>,
        areas: &[Area],
        reason: TilesReason,
        room: &mut Room,
        out: &mut Vec<u8>,
    ) -> Result<Appended, EncodeError> {
        let (costly, drawn): (Vec<Area>, Vec<Area>) = areas
            .iter()
            .flat_map(|area| area.pieces(PIECE))
            .partition(|piece| is_costly(picture, *piece));
        let (costly, mut rest) = fitting(costly, &mut room.costly);
        tiles.append(picture, &costly, reason, out)?;
        let (mut drawn, more) = fitting(drawn, &mut room.drawn);
        rest.extend(more);
        rest.extend(drawn.split_off(drawn.len().min(MAX_AREAS)));
        let before = out.len();
        if !drawn.is_empty() {
            let mut coded = Vec::new();
            self.model.encode(picture, &drawn, &mut coded)?;
            let areas = drawn.as_slice().into();
            let coded = &coded;
            append_operation(&Operation::Modelled { reason, areas, coded }, out);
        }
        let drawn_bytes = out.len() - before;
        Ok(Appended { rest, drawn, drawn_bytes })
    }
}

/// The first of these pieces, joined, that are no more pixels than the room; and the others.
fn fitting(mut pieces: Vec<Area>, room: &mut u64) -> (Vec<Area>, Vec<Area>) {
    let is_too_much = |piece: &Area| {
        let left = room.checked_sub(piece.pixels());
        *room = left.unwrap_or(0);
        left.is_none()
    };
    let end = pieces.iter().position(is_too_much).unwrap_or(pieces.len());
    let rest = pieces.split_off(end);
    (merge_into_rectangles(pieces), rest)
}

#[cfg(test)]
mod tests {
    use farhand_codec::{FramePainter, picture::Canvas};

    use super::*;

    const SIDE: u32 = 1024;

    /// Lines of something like text, and a corner that is like a photograph.
    fn page() -> Canvas {
        let mut canvas = Canvas::black(SIDE, SIDE).unwrap();
        let mut chance = 1_u32;
        for y in 0..SIDE {
            for (x, pixel) in canvas.as_picture_mut().row_mut(y).chunks_exact_mut(4).enumerate() {
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let is_ink = y % 20 < 12 && (x as u32 / 3 * 7 + y / 20 * 5) % 11 < 4;
                let ink = if is_ink { 20 } else { 250 };
                let grain = (chance >> 24) as u8;
                let is_photograph = x < 200 && y < 200;
                pixel[..3].copy_from_slice(&if is_photograph {
                    [grain, grain ^ 0x55, grain / 2]
                } else {
                    [ink; 3]
                });
            }
        }
        canvas
    }

    #[test]
    fn what_does_not_fit_is_left_and_all_comes_back_exactly() {
        let (page, mut tiles, mut modelled) = (page(), SharedTiles::default(), Modelled::default());
        let mut painter = FramePainter::new().unwrap();
        let mut left = vec![Area::of_size(SIDE, SIDE)];
        let mut update = Vec::new();
        append_operation(&Operation::Reset { width: SIDE, height: SIDE }, &mut update);
        let (mut updates, mut bytes) = (0, 0);
        while !left.is_empty() {
            let mut room = Room::new();
            room.limit_costly(20_000.0);
            let appended = modelled
                .append(&mut tiles, &page.as_picture(), &left, TilesReason::Refine, &mut room, &mut update)
                .unwrap();
            assert!(appended.drawn.iter().map(Area::pixels).sum::<u64>() <= MOST_PIXELS);
            let photographs = update.len() - appended.drawn_bytes;
            assert!(photographs < 60_000, "{photographs} bytes of a photograph in one update");
            left = appended.rest;
            painter.apply(&update).unwrap();
            updates += 1;
            bytes += update.len();
            update.clear();
        }
        assert!(
            (4..12).contains(&updates),
            "a megapixel, and a photograph of 40 000 pixels in four or more parts: {updates}"
        );
        assert!((40_000..80_000).contains(&bytes), "{bytes}");
        for y in 0..SIDE {
            assert!(painter.frame().unwrap().row(y) == page.as_picture().row(y));
        }
    }
}
