//! Pictures as capturing interfaces hand them over, put into a [`Frame`]: rows with padding at their
//! end, a fourth byte that means nothing. Pure.

use farhand_protocol::geometry::Rect;

use super::{BYTES_PER_PIXEL, Frame};

/// Copies a BGRX picture whose rows lie `stride` bytes apart to `area` of the frame; alpha becomes 255.
/// What lies outside of the frame, or is not there, is left out.
pub(super) fn paste(frame: &mut Frame, area: &Rect, picture: &[u8], stride: usize) {
    let Some(inside) = area.intersection(&frame.area) else { return };
    let left = (i64::from(inside.x) - i64::from(area.x)) as usize * BYTES_PER_PIXEL;
    let width = inside.width as usize * BYTES_PER_PIXEL;
    for y in inside.y..inside.bottom() {
        let row = (i64::from(y) - i64::from(area.y)) as usize * stride;
        let Some(from) = picture.get(row + left..row + left + width) else {
            return;
        };
        let to = frame.row_mut(&inside, y);
        for (to, from) in to.chunks_exact_mut(BYTES_PER_PIXEL).zip(from.chunks_exact(BYTES_PER_PIXEL)) {
            to.copy_from_slice(&[from[0], from[1], from[2], 255]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_picture_lands_in_its_place_and_is_opaque() {
        let mut frame = Frame::with_area(Rect::new(-2, 0, 6, 2));
        let picture: Vec<u8> = (0..2 * 12).collect();
        paste(&mut frame, &Rect::new(1, 0, 2, 2), &picture, 12);
        assert_eq!((frame.pixel(1, 0), frame.pixel(2, 0)), (Some([0, 1, 2, 255]), Some([4, 5, 6, 255])));
        assert_eq!(
            (frame.pixel(1, 1), frame.pixel(2, 1)),
            (Some([12, 13, 14, 255]), Some([16, 17, 18, 255]))
        );
        assert_eq!((frame.pixel(0, 0), frame.pixel(3, 1)), (Some([0, 0, 0, 255]), Some([0, 0, 0, 255])));
    }

    #[test]
    fn a_picture_beyond_the_frame_or_too_short_is_cut() {
        let mut frame = Frame::with_area(Rect::new(0, 0, 2, 2));
        paste(&mut frame, &Rect::new(-1, 1, 2, 1), &[1, 1, 1, 0, 2, 2, 2, 0], 8);
        assert_eq!((frame.pixel(0, 1), frame.pixel(1, 1)), (Some([2, 2, 2, 255]), Some([0, 0, 0, 255])));
        paste(&mut frame, &Rect::new(0, 0, 2, 2), &[9; 8], 8);
        assert_eq!((frame.pixel(1, 0), frame.pixel(0, 1)), (Some([9, 9, 9, 255]), Some([2, 2, 2, 255])));
    }
}
