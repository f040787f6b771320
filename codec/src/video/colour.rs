//! BGRA to I420 and back, BT.709 at full range, by the SIMD of crate `yuv`.
//!
//! The encoder library wants even sides of at least 16. Pictures of other sizes are padded by repeating the last column
//! and row, which costs the fewest bits; the padding is never shown.

use yuv::{
    BufferStoreMut, YuvConversionMode, YuvPlanarImage, YuvPlanarImageMut, YuvRange, YuvStandardMatrix, bgra_to_yuv420, yuv420_to_bgra,
};

use crate::error::{DecodeError, EncodeError};
use crate::picture::{Area, BYTES_PER_PIXEL, Picture, PictureMut};

const MATRIX: YuvStandardMatrix = YuvStandardMatrix::Bt709;
const RANGE: YuvRange = YuvRange::Full;
const LEAST_SIDE: u32 = 16;

/// The size in which a picture of this size is coded: even, and at least 16.
pub const fn coded_size(width: u32, height: u32) -> (u32, u32) {
    (coded_side(width), coded_side(height))
}

const fn coded_side(side: u32) -> u32 {
    if side < LEAST_SIDE { LEAST_SIDE } else { side.next_multiple_of(2) }
}

/// A picture as one full plane of luma and two quarter planes of chroma. Reused from frame to frame.
pub struct I420 {
    picture_width: u32,
    picture_height: u32,
    width: u32,
    height: u32,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
    // Reused for the last two rows.
    last_rows: Vec<u8>,
}

impl I420 {
    /// Planes for pictures of this size, padded to [`coded_size`].
    pub fn new(picture_width: u32, picture_height: u32) -> Self {
        let (width, height) = coded_size(picture_width, picture_height);
        let pixels = width as usize * height as usize;
        let (y, u, v) = (vec![0; pixels], vec![128; pixels / 4], vec![128; pixels / 4]);
        Self {
            picture_width,
            picture_height,
            width,
            height,
            y,
            u,
            v,
            last_rows: Vec::new(),
        }
    }

    /// Coded width in pixels; also the luma stride in bytes. Chroma planes have half.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Coded height in pixels. Chroma planes have half.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The planes: luma, blue difference, red difference.
    pub fn planes(&self) -> [&[u8]; 3] {
        [&self.y, &self.u, &self.v]
    }

    /// Converts a picture of the size given to [`Self::new`].
    ///
    /// # Errors
    /// When it has another size.
    pub fn convert(&mut self, picture: &Picture<'_>) -> Result<(), EncodeError> {
        if (picture.width(), picture.height()) != (self.picture_width, self.picture_height) {
            return Err(EncodeError::WrongSize {
                width: self.picture_width,
                height: self.picture_height,
                got_width: picture.width(),
                got_height: picture.height(),
            });
        }
        // The crate's forward conversion walks whole rows of its slices: a last row without its gap is left out, and
        // rows beyond the picture are counted in. So it gets exact slices, and the last two rows from a copy.
        let main_rows = (picture.height().div_ceil(2) - 1) * 2;
        let stride = u32::try_from(picture.stride()).map_err(|_| EncodeError::Unsupported("picture stride"))?;
        if main_rows > 0 {
            let bytes = &picture.bytes()[..main_rows as usize * picture.stride()];
            self.convert_rows(0, main_rows, bytes, stride)?;
        }
        let mut last_rows = std::mem::take(&mut self.last_rows);
        last_rows.clear();
        last_rows.extend_from_slice(picture.row(main_rows));
        last_rows.extend_from_slice(picture.row(picture.height() - 1));
        let result = self.convert_rows(main_rows, 2, &last_rows, picture.width() * BYTES_PER_PIXEL as u32);
        self.last_rows = last_rows;
        result?;
        self.pad();
        Ok(())
    }

    /// Converts an even number of rows, from an even row on; `bytes` holds `count` rows of `stride` bytes.
    fn convert_rows(&mut self, first: u32, count: u32, bytes: &[u8], stride: u32) -> Result<(), EncodeError> {
        let width = self.width as usize;
        let luma = first as usize * width..(first + count) as usize * width;
        let chroma = luma.start / 4..luma.end / 4;
        let mut image = YuvPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(&mut self.y[luma]),
            y_stride: self.width,
            u_plane: BufferStoreMut::Borrowed(&mut self.u[chroma.clone()]),
            u_stride: self.width / 2,
            v_plane: BufferStoreMut::Borrowed(&mut self.v[chroma]),
            v_stride: self.width / 2,
            width: self.picture_width,
            height: count,
        };
        bgra_to_yuv420(&mut image, bytes, stride, RANGE, MATRIX, YuvConversionMode::Balanced)
            .map_err(|_| EncodeError::Unsupported("picture for colour conversion"))
    }

    fn pad(&mut self) {
        let (width, height) = (self.width as usize, self.height as usize);
        let (filled_width, filled_height) = (self.picture_width as usize, self.picture_height as usize);
        pad_plane(&mut self.y, width, height, filled_width, filled_height);
        let (filled_width, filled_height) = (filled_width.div_ceil(2), filled_height.div_ceil(2));
        pad_plane(&mut self.u, width / 2, height / 2, filled_width, filled_height);
        pad_plane(&mut self.v, width / 2, height / 2, filled_width, filled_height);
    }
}

fn pad_plane(plane: &mut [u8], width: usize, height: usize, filled_width: usize, filled_height: usize) {
    if filled_width < width {
        for row in plane.chunks_exact_mut(width).take(filled_height) {
            let last = row[filled_width - 1];
            row[filled_width..].fill(last);
        }
    }
    for row in filled_height..height {
        plane.copy_within((filled_height - 1) * width..filled_height * width, row * width);
    }
}

/// Planes that somebody else owns, to convert from.
#[derive(Clone, Copy)]
pub(super) struct PlanesRef<'a> {
    pub(super) y: &'a [u8],
    pub(super) u: &'a [u8],
    pub(super) v: &'a [u8],
    pub(super) y_stride: usize,
    pub(super) chroma_stride: usize,
}

/// Converts `part` of the planes into `into`, which has its size. `part` begins at even coordinates.
///
/// # Errors
/// When the planes do not reach so far: the decoder library gave less than it said.
pub(super) fn paint_part(planes: PlanesRef<'_>, part: Area, into: &mut PictureMut<'_>) -> Result<(), DecodeError> {
    const SHORT: DecodeError = DecodeError::Malformed("decoded planes");
    debug_assert!(part.x.is_multiple_of(2) && part.y.is_multiple_of(2));
    let luma = part.y as usize * planes.y_stride + part.x as usize;
    let chroma = (part.y / 2) as usize * planes.chroma_stride + (part.x / 2) as usize;
    let image = YuvPlanarImage {
        y_plane: planes.y.get(luma..).ok_or(SHORT)?,
        y_stride: planes.y_stride as u32,
        u_plane: planes.u.get(chroma..).ok_or(SHORT)?,
        u_stride: planes.chroma_stride as u32,
        v_plane: planes.v.get(chroma..).ok_or(SHORT)?,
        v_stride: planes.chroma_stride as u32,
        width: part.width,
        height: part.height,
    };
    let stride = into.stride() as u32;
    yuv420_to_bgra(&image, into.bytes_mut(), stride, RANGE, MATRIX).map_err(|_| SHORT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Canvas;

    fn patterned(width: u32, height: u32) -> Canvas {
        let mut canvas = Canvas::black(width, height).unwrap();
        for y in 0..height {
            for (x, pixel) in canvas.as_picture_mut().row_mut(y).chunks_exact_mut(4).enumerate() {
                pixel.copy_from_slice(&[(x * 5) as u8, (y * 3) as u8, (x + y as usize) as u8, 255]);
            }
        }
        canvas
    }

    fn paint(planes: &I420, part: Area, stride_extra: usize) -> Vec<u8> {
        let [y, u, v] = planes.planes();
        let (y_stride, chroma_stride) = (planes.width() as usize, planes.width() as usize / 2);
        let stride = part.width as usize * 4 + stride_extra;
        let mut bytes = vec![7; stride * part.height as usize];
        let mut into = PictureMut::new(part.width, part.height, stride, &mut bytes).unwrap();
        paint_part(
            PlanesRef {
                y,
                u,
                v,
                y_stride,
                chroma_stride,
            },
            part,
            &mut into,
        )
        .unwrap();
        (0..part.height).flat_map(|y| into.as_picture().row(y).to_vec()).collect()
    }

    #[test]
    fn greys_keep_their_value_from_black_to_white() {
        for level in 0..=255_u8 {
            let bytes = [level, level, level, 0].repeat(64 * 16);
            let mut planes = I420::new(64, 16);
            planes.convert(&Picture::new(64, 16, 256, &bytes).unwrap()).unwrap();
            let painted = paint(&planes, Area::of_size(64, 16), 0);
            assert!(
                painted
                    .chunks_exact(4)
                    .all(|p| p[..3].iter().all(|c| c.abs_diff(level) <= 1) && p[3] == 255)
            );
        }
    }

    #[test]
    fn flat_colours_come_back_within_two_steps() {
        for colour in [[255, 0, 0], [0, 255, 0], [0, 0, 255], [30, 200, 90], [255, 255, 0]] {
            let bytes = [colour[0], colour[1], colour[2], 0].repeat(33 * 17);
            let mut planes = I420::new(33, 17);
            planes.convert(&Picture::new(33, 17, 33 * 4, &bytes).unwrap()).unwrap();
            let painted = paint(&planes, Area::of_size(33, 17), 0);
            assert!(
                painted
                    .chunks_exact(4)
                    .all(|p| p.iter().zip(&colour).all(|(a, b)| a.abs_diff(*b) <= 2)),
                "{colour:?} {:?}",
                &painted[..4]
            );
        }
    }

    #[test]
    fn a_part_of_a_wider_picture_converts_like_a_copy_of_it() {
        let canvas = patterned(200, 90);
        for area in [
            Area::new(3, 5, 64, 32),
            Area::new(199 - 36, 90 - 21, 37, 21),
            Area::new(1, 1, 1, 1),
            Area::new(9, 9, 17, 2),
        ] {
            let part = canvas.as_picture().part(area).unwrap();
            let compact: Vec<u8> = (0..area.height).flat_map(|y| part.row(y).to_vec()).collect();
            let compact = Picture::new(area.width, area.height, area.width as usize * 4, &compact).unwrap();
            let (mut from_part, mut from_copy) = (I420::new(area.width, area.height), I420::new(area.width, area.height));
            from_part.convert(&part).unwrap();
            from_copy.convert(&compact).unwrap();
            assert_eq!(from_part.planes(), from_copy.planes(), "{area:?}");
        }
    }

    #[test]
    fn parts_are_painted_like_the_whole() {
        let canvas = patterned(202, 94);
        let mut planes = I420::new(202, 94);
        planes.convert(&canvas.as_picture()).unwrap();
        let whole = paint(&planes, Area::of_size(202, 94), 0);
        let whole = Picture::new(202, 94, 202 * 4, &whole).unwrap();
        for area in [
            Area::new(0, 0, 64, 64),
            Area::new(138, 60, 64, 34),
            Area::new(2, 4, 33, 17),
            Area::new(200, 92, 1, 1),
        ] {
            let expected: Vec<u8> = (0..area.height).flat_map(|y| whole.part(area).unwrap().row(y).to_vec()).collect();
            assert_eq!(paint(&planes, area, 12), expected, "{area:?}");
        }
    }

    #[test]
    fn padding_repeats_the_last_pixels() {
        let canvas = patterned(5, 3);
        let mut planes = I420::new(5, 3);
        planes.convert(&canvas.as_picture()).unwrap();
        assert_eq!((planes.width(), planes.height()), (16, 16));
        let [y, u, _] = planes.planes();
        assert!(y[..16][5..].iter().all(|luma| *luma == y[4]));
        assert_eq!(y[15 * 16..], y[2 * 16..3 * 16]);
        assert_eq!(u[7 * 8..], u[8..16]);
    }

    #[test]
    fn a_picture_of_another_size_is_refused() {
        let canvas = patterned(8, 8);
        assert!(matches!(
            I420::new(8, 6).convert(&canvas.as_picture()),
            Err(EncodeError::WrongSize { .. })
        ));
    }
}
