//! Rectangles and BGRA pictures: the words every other file of this crate speaks.
//!
//! A pixel is four bytes in memory: blue, green, red and one byte that screens leave undefined. The fourth byte is
//! never carried; whatever comes back from this crate has it at 255. Coordinates are whole pixels, relative to the
//! upper left corner of the frame; this file knows nothing of monitors or of a desktop space.

/// Bytes of one pixel.
pub const BYTES_PER_PIXEL: usize = 4;

/// Longest side of a frame, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// Most pixels a frame may have (four 4K monitors side by side; 128 MiB).
pub const MAX_FRAME_PIXELS: u64 = 1 << 25;

/// A rectangle of pixels relative to the frame's upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Area {
    /// Left edge, in pixels from the left.
    pub x: u32,
    /// Upper edge, in pixels from the top.
    pub y: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Area {
    /// The rectangle with its upper left corner at `x`, `y`.
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    /// The whole of a picture of this size.
    pub const fn of_size(width: u32, height: u32) -> Self {
        Self::new(0, 0, width, height)
    }

    /// First column to the right of the area.
    pub const fn right(&self) -> u32 {
        self.x.saturating_add(self.width)
    }

    /// First row below the area.
    pub const fn bottom(&self) -> u32 {
        self.y.saturating_add(self.height)
    }

    /// How many pixels it covers.
    pub const fn pixels(&self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// Whether it covers no pixel.
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Whether `inner` lies wholly inside.
    pub const fn contains(&self, inner: &Self) -> bool {
        inner.x >= self.x && inner.y >= self.y && inner.right() <= self.right() && inner.bottom() <= self.bottom()
    }

    /// What both cover, if anything.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let right = self.right().min(other.right());
        let bottom = self.bottom().min(other.bottom());
        (right > x && bottom > y).then(|| Self::new(x, y, right - x, bottom - y))
    }

    /// The smallest area that holds both. An empty area adds nothing.
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        Self::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }

    /// This area without what `hole` covers, as at most four areas (above, left, right, below).
    pub fn without(&self, hole: &Self) -> impl Iterator<Item = Self> + use<> {
        let pieces = match self.intersection(hole) {
            None => [Some(*self), None, None, None],
            Some(cut) => [
                Some(Self::new(self.x, self.y, self.width, cut.y - self.y)),
                Some(Self::new(self.x, cut.y, cut.x - self.x, cut.height)),
                Some(Self::new(cut.right(), cut.y, self.right() - cut.right(), cut.height)),
                Some(Self::new(self.x, cut.bottom(), self.width, self.bottom() - cut.bottom())),
            ],
        };
        pieces.into_iter().flatten().filter(|piece| !piece.is_empty())
    }

    /// The pieces of this area, row by row from its corner, none with a side of more than `side` pixels.
    pub fn pieces(self, side: u32) -> impl Iterator<Item = Self> {
        let side = side.max(1);
        let starts = move |length: u32| (0..length.div_ceil(side)).map(move |number| number * side);
        starts(self.height).flat_map(move |y| {
            let height = side.min(self.height - y);
            starts(self.width).map(move |x| Self::new(self.x + x, self.y + y, side.min(self.width - x), height))
        })
    }

    /// These parts without what any of `holes` covers, in the order of the parts; each part is cut as by [`Self::without`].
    pub fn parts_without<'a>(parts: Vec<Self>, holes: impl IntoIterator<Item = &'a Self>) -> Vec<Self> {
        holes
            .into_iter()
            .fold(parts, |parts, hole| parts.iter().flat_map(|part| part.without(hole)).collect())
    }
}

/// Whether a frame of this size is within the limits of this crate ([`MAX_SIDE`], [`MAX_FRAME_PIXELS`]) and not empty.
pub const fn frame_size_allowed(width: u32, height: u32) -> bool {
    width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE && width as u64 * height as u64 <= MAX_FRAME_PIXELS
}

/// Pixels to read, borrowed.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    width: u32,
    height: u32,
    stride: usize,
    // INVARIANT: holds `(height - 1) * stride + width * 4` bytes at least when neither side is 0, and stride >= width * 4.
    bgra: &'a [u8],
}

impl<'a> Picture<'a> {
    /// Borrows pixels; `stride` is the number of bytes from one row to the next. `None` when `bgra` is too short for
    /// that, the stride shorter than a row, or a side beyond [`MAX_SIDE`].
    pub fn new(width: u32, height: u32, stride: usize, bgra: &'a [u8]) -> Option<Self> {
        (bgra.len() >= bytes_needed(width, height, stride)?).then_some(Self {
            width,
            height,
            stride,
            bgra,
        })
    }

    /// Width in pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Bytes from one row to the next.
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// The bytes, starting at the first pixel.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bgra
    }

    /// The whole picture as an area.
    pub const fn area(&self) -> Area {
        Area::of_size(self.width, self.height)
    }

    /// One row, `width * 4` bytes.
    ///
    /// # Panics
    /// When `y` is not below the height: our own mistake, never a peer's.
    #[inline]
    pub fn row(&self, y: u32) -> &'a [u8] {
        let start = y as usize * self.stride;
        &self.bgra[start..start + self.width as usize * BYTES_PER_PIXEL]
    }

    /// A part of the picture, without copying. `None` when `area` is not inside or is empty.
    pub fn part(&self, area: Area) -> Option<Picture<'a>> {
        if area.is_empty() || !self.area().contains(&area) {
            return None;
        }
        let start = area.y as usize * self.stride + area.x as usize * BYTES_PER_PIXEL;
        Picture::new(area.width, area.height, self.stride, &self.bgra[start..])
    }
}

impl std::fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}

/// Pixels to write, borrowed.
pub struct PictureMut<'a> {
    width: u32,
    height: u32,
    stride: usize,
    // INVARIANT: as in `Picture`.
    bgra: &'a mut [u8],
}

impl<'a> PictureMut<'a> {
    /// As [`Picture::new`], for writing.
    pub fn new(width: u32, height: u32, stride: usize, bgra: &'a mut [u8]) -> Option<Self> {
        (bgra.len() >= bytes_needed(width, height, stride)?).then_some(Self {
            width,
            height,
            stride,
            bgra,
        })
    }

    /// Width in pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Bytes from one row to the next.
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// The whole picture as an area.
    pub const fn area(&self) -> Area {
        Area::of_size(self.width, self.height)
    }

    /// The same pixels to read.
    pub fn as_picture(&self) -> Picture<'_> {
        Picture {
            width: self.width,
            height: self.height,
            stride: self.stride,
            bgra: self.bgra,
        }
    }

    /// The bytes, starting at the first pixel.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.bgra
    }

    /// One row to write, `width * 4` bytes.
    ///
    /// # Panics
    /// When `y` is not below the height: our own mistake, never a peer's.
    #[inline]
    pub fn row_mut(&mut self, y: u32) -> &mut [u8] {
        let start = y as usize * self.stride;
        &mut self.bgra[start..start + self.width as usize * BYTES_PER_PIXEL]
    }

    /// A part of the picture to write. `None` when `area` is not inside or is empty.
    pub fn part(&mut self, area: Area) -> Option<PictureMut<'_>> {
        if area.is_empty() || !self.area().contains(&area) {
            return None;
        }
        let start = area.y as usize * self.stride + area.x as usize * BYTES_PER_PIXEL;
        PictureMut::new(area.width, area.height, self.stride, &mut self.bgra[start..])
    }

    /// The rows of each range by themselves, to be written by several threads. `None` when a range is empty, outside, or not below the one before it.
    pub fn split_rows(self, ranges: &[std::ops::Range<u32>]) -> Option<Vec<PictureMut<'a>>> {
        let Self {
            width,
            stride,
            height,
            bgra,
        } = self;
        let (mut rest, mut begins) = (bgra, 0);
        let mut parts = Vec::with_capacity(ranges.len());
        for range in ranges {
            if range.is_empty() || range.start < begins || range.end > height {
                return None;
            }
            let (_, from) = rest.split_at_mut_checked((range.start - begins) as usize * stride)?;
            // The last row of all may be shorter than the others.
            let len = ((range.end - range.start) as usize * stride).min(from.len());
            let (part, after) = from.split_at_mut_checked(len)?;
            parts.push(PictureMut::new(width, range.end - range.start, stride, part)?);
            (rest, begins) = (after, range.end);
        }
        Some(parts)
    }

    /// Moves the pixels of a rectangle of `width` × `height` from `from_x`, `from_y` to `to`; they may overlap.
    /// Returns false, with nothing changed, when either lies outside.
    pub fn copy_within(&mut self, from_x: u32, from_y: u32, to: Area) -> bool {
        let from = Area::new(from_x, from_y, to.width, to.height);
        if to.is_empty() || !self.area().contains(&from) || !self.area().contains(&to) {
            return false;
        }
        let row_bytes = to.width as usize * BYTES_PER_PIXEL;
        let mut copy_row = |row: u32| {
            let source = (from.y + row) as usize * self.stride + from.x as usize * BYTES_PER_PIXEL;
            let target = (to.y + row) as usize * self.stride + to.x as usize * BYTES_PER_PIXEL;
            self.bgra.copy_within(source..source + row_bytes, target);
        };
        if to.y <= from.y {
            (0..to.height).for_each(&mut copy_row);
        } else {
            (0..to.height).rev().for_each(&mut copy_row);
        }
        true
    }
}

impl std::fmt::Debug for PictureMut<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PictureMut({} x {})", self.width, self.height)
    }
}

/// A picture that owns its pixels, rows one after another without gaps.
#[derive(Clone, PartialEq, Eq)]
pub struct Canvas {
    width: u32,
    height: u32,
    bgra: Vec<u8>,
}

impl Canvas {
    /// A black picture. `None` when the size is beyond the limits ([`frame_size_allowed`]).
    pub fn black(width: u32, height: u32) -> Option<Self> {
        if !frame_size_allowed(width, height) {
            return None;
        }
        let mut bgra = vec![0; width as usize * height as usize * BYTES_PER_PIXEL];
        bgra.chunks_exact_mut(BYTES_PER_PIXEL).for_each(|pixel| pixel[3] = 255);
        Some(Self { width, height, bgra })
    }

    /// Width in pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Bytes from one row to the next.
    pub const fn stride(&self) -> usize {
        self.width as usize * BYTES_PER_PIXEL
    }

    /// All pixels, row after row.
    pub fn bytes(&self) -> &[u8] {
        &self.bgra
    }

    /// The pixels to read.
    pub fn as_picture(&self) -> Picture<'_> {
        Picture {
            width: self.width,
            height: self.height,
            stride: self.stride(),
            bgra: &self.bgra,
        }
    }

    /// The pixels to write.
    pub fn as_picture_mut(&mut self) -> PictureMut<'_> {
        PictureMut {
            width: self.width,
            height: self.height,
            stride: self.stride(),
            bgra: &mut self.bgra,
        }
    }
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canvas({} x {})", self.width, self.height)
    }
}

fn bytes_needed(width: u32, height: u32, stride: usize) -> Option<usize> {
    if width > MAX_SIDE || height > MAX_SIDE {
        return None;
    }
    let row = width as usize * BYTES_PER_PIXEL;
    if stride < row {
        return None;
    }
    match (width, height) {
        (0, _) | (_, 0) => Some(0),
        _ => (height as usize - 1).checked_mul(stride)?.checked_add(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_shorter_than_its_rows_is_refused() {
        let bytes = [0_u8; 4 * 10 * 3];
        assert!(Picture::new(10, 3, 40, &bytes).is_some());
        assert!(Picture::new(10, 4, 40, &bytes).is_none());
        assert!(Picture::new(11, 2, 40, &bytes).is_none());
        assert!(Picture::new(MAX_SIDE + 1, 1, usize::MAX, &bytes).is_none());
    }

    #[test]
    fn a_part_begins_at_its_own_corner() {
        let bytes: Vec<u8> = (0..4 * 6 * 5).map(|byte| byte as u8).collect();
        let picture = Picture::new(6, 5, 24, &bytes).unwrap();
        let part = picture.part(Area::new(2, 1, 3, 4)).unwrap();
        assert_eq!(part.row(0), &bytes[24 + 8..24 + 20]);
        assert_eq!(part.row(3), &bytes[4 * 24 + 8..4 * 24 + 20]);
        assert!(picture.part(Area::new(4, 0, 3, 1)).is_none());
        assert!(picture.part(Area::new(u32::MAX, 0, 3, 1)).is_none());
    }

    #[test]
    fn an_overlapping_copy_moves_every_pixel_once() {
        for (from_y, to_y) in [(0, 3), (3, 0), (2, 2)] {
            let mut canvas = Canvas::black(4, 12).unwrap();
            for y in 0..12 {
                canvas.as_picture_mut().row_mut(y).fill(y as u8);
            }
            assert!(canvas.as_picture_mut().copy_within(0, from_y, Area::new(0, to_y, 4, 8)));
            for row in 0..8 {
                assert!(
                    canvas
                        .as_picture()
                        .row(to_y + row)
                        .iter()
                        .all(|byte| u32::from(*byte) == from_y + row)
                );
            }
        }
    }

    #[test]
    fn a_copy_from_or_to_outside_changes_nothing() {
        let mut canvas = Canvas::black(4, 4).unwrap();
        let before = canvas.clone();
        assert!(!canvas.as_picture_mut().copy_within(2, 0, Area::new(0, 0, 3, 1)));
        assert!(!canvas.as_picture_mut().copy_within(0, 0, Area::new(0, 3, 1, 2)));
        assert!(!canvas.as_picture_mut().copy_within(u32::MAX, 0, Area::new(0, 0, 1, 1)));
        assert_eq!(canvas, before);
    }

    #[test]
    fn rows_are_written_apart() {
        let mut canvas = Canvas::black(3, 10).unwrap();
        let mut parts = canvas.as_picture_mut().split_rows(&[1..3, 3..4, 8..10]).unwrap();
        for (value, part) in (1..).zip(&mut parts) {
            (0..part.height()).for_each(|y| part.row_mut(y).fill(value));
        }
        let column: Vec<u8> = (0..10).map(|y| canvas.as_picture().row(y)[0]).collect();
        assert_eq!(column, [0, 1, 1, 2, 0, 0, 0, 0, 3, 3]);
        for wrong in [[3..5, 4..6], [0..1, 5..11], [0..1, 2..2]] {
            assert!(canvas.as_picture_mut().split_rows(&wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_hole_leaves_what_is_around_it() {
        let whole = Area::new(10, 10, 100, 50);
        for hole in [
            Area::new(30, 20, 10, 10),
            Area::new(0, 0, 500, 20),
            Area::new(10, 10, 100, 50),
            Area::new(0, 0, 5, 5),
        ] {
            let rest: u64 = whole.without(&hole).map(|piece| piece.pixels()).sum();
            let cut = whole.intersection(&hole).map_or(0, |cut| cut.pixels());
            assert_eq!(rest + cut, whole.pixels());
            assert!(
                whole
                    .without(&hole)
                    .all(|piece| piece.intersection(&hole).is_none() && whole.contains(&piece))
            );
        }
    }

    #[test]
    fn holes_take_from_parts_the_pixels_they_cover_and_no_other() {
        let parts = vec![Area::new(0, 0, 20, 20), Area::new(20, 5, 10, 10), Area::new(40, 0, 5, 5)];
        // One reaches into two parts, two overlap, one covers a whole part, one touches none.
        let holes = [
            Area::new(15, 8, 10, 4),
            Area::new(3, 3, 6, 6),
            Area::new(5, 5, 6, 6),
            Area::new(38, 0, 9, 9),
            Area::new(100, 100, 5, 5),
        ];
        let covering = |areas: &[Area], pixel: &Area| areas.iter().filter(|area| area.contains(pixel)).count();
        let rest = Area::parts_without(parts.clone(), &holes);
        for (x, y) in (0..50).flat_map(|x| (0..25).map(move |y| (x, y))) {
            let pixel = Area::new(x, y, 1, 1);
            let is_cut = covering(&holes, &pixel) > 0;
            let wanted = if is_cut { 0 } else { covering(&parts, &pixel) };
            assert_eq!(covering(&rest, &pixel), wanted, "{x}, {y}");
        }
        let pieces: Vec<Area> = Area::new(3, 5, 130, 65).pieces(64).collect();
        assert_eq!(
            (pieces.len(), pieces[0], pieces[5]),
            (6, Area::new(3, 5, 64, 64), Area::new(131, 69, 2, 1))
        );
        assert_eq!(pieces.iter().map(Area::pixels).sum::<u64>(), 130 * 65);
        assert_eq!(
            (Area::new(1, 1, 0, 9).pieces(64).count(), Area::new(1, 1, 2, 2).pieces(0).count()),
            (0, 4)
        );
        assert_eq!(Area::parts_without(parts.clone(), &[]), parts);
        assert!(Area::parts_without(Vec::new(), &holes).is_empty());
    }
}
