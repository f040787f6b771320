//! Pixels as the platform hands them over: one frame for the whole desktop, and the cursor apart.
//! Both are BGRA in memory; a frame's alpha is always 255, a cursor's colours are premultiplied.

use farhand_protocol::geometry::Rect;

/// Bytes of one BGRA pixel.
pub const BYTES_PER_PIXEL: usize = 4;

/// The desktop at one moment. BGRA, alpha 255, rows `stride` bytes apart, covering `area` of the
/// desktop space, first row first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// What part of the desktop space the pixels cover, in physical pixels.
    pub area: Rect,
    /// Bytes from one row to the next, at least four per column.
    pub stride: usize,
    /// `stride` × height bytes.
    pub data: Vec<u8>,
}

impl Frame {
    /// A black frame of this area.
    pub fn with_area(area: Rect) -> Self {
        let stride = area.width as usize * BYTES_PER_PIXEL;
        let pixels = area.width as usize * area.height as usize;
        Self {
            area,
            stride,
            data: [0, 0, 0, 255].repeat(pixels),
        }
    }

    /// Where the row `y` of the desktop space, from column `x` on, starts in `data`.
    ///
    /// # Panics
    /// Never for points inside `area`; in debug builds when the point lies before it.
    pub fn offset(&self, x: i32, y: i32) -> usize {
        debug_assert!(x >= self.area.x && y >= self.area.y, "point before the frame");
        let column = (i64::from(x) - i64::from(self.area.x)) as usize;
        let row = (i64::from(y) - i64::from(self.area.y)) as usize;
        row * self.stride + column * BYTES_PER_PIXEL
    }

    /// The pixel at this point of the desktop space, as B, G, R, A.
    pub fn pixel(&self, x: i32, y: i32) -> Option<[u8; 4]> {
        if !self.area.contains(farhand_protocol::geometry::Point { x, y }) {
            return None;
        }
        let at = self.offset(x, y);
        self.data.get(at..at + BYTES_PER_PIXEL)?.try_into().ok()
    }

    /// One row of a rectangle that lies inside the frame.
    pub fn row(&self, rect: &Rect, y: i32) -> &[u8] {
        let at = self.offset(rect.x, y);
        &self.data[at..at + rect.width as usize * BYTES_PER_PIXEL]
    }

    /// One row of a rectangle that lies inside the frame, to be written.
    pub fn row_mut(&mut self, rect: &Rect, y: i32) -> &mut [u8] {
        let at = self.offset(rect.x, y);
        &mut self.data[at..at + rect.width as usize * BYTES_PER_PIXEL]
    }

    /// Makes the frame cover `area`; true when that meant starting again from black.
    pub fn fit(&mut self, area: Rect) -> bool {
        let fits = self.area == area && self.data.len() == self.stride * area.height as usize && self.stride >= area.width as usize * 4;
        if !fits {
            *self = Self::with_area(area);
        }
        !fits
    }
}

/// What the pointer looks like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CursorShape {
    /// Names the picture: equal serials are equal pictures for the life of the screen source.
    pub serial: u64,
    /// Width and height in pixels.
    pub size: (u16, u16),
    /// The point that points, from the first pixel.
    pub hotspot: (u16, u16),
    /// Premultiplied BGRA, rows without gaps.
    pub bgra: Vec<u8>,
}

impl CursorShape {
    /// True when some pixel is not fully transparent.
    pub fn is_visible(&self) -> bool {
        self.bgra.chunks_exact(BYTES_PER_PIXEL).any(|pixel| pixel[3] != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_with_a_negative_origin_finds_its_pixels() {
        let mut frame = Frame::with_area(Rect::new(-4, -2, 8, 4));
        frame
            .row_mut(&Rect::new(-1, 1, 2, 1), 1)
            .copy_from_slice(&[1, 2, 3, 255, 5, 6, 7, 255]);
        assert_eq!(frame.pixel(-1, 1), Some([1, 2, 3, 255]));
        assert_eq!(frame.pixel(0, 1), Some([5, 6, 7, 255]));
        assert_eq!(frame.pixel(4, 1), None);
    }

    #[test]
    fn fitting_to_the_same_area_keeps_the_pixels() {
        let mut frame = Frame::with_area(Rect::new(0, 0, 2, 2));
        frame.data[0] = 9;
        assert!(!frame.fit(Rect::new(0, 0, 2, 2)));
        assert_eq!(frame.data[0], 9);
        assert!(frame.fit(Rect::new(0, 0, 3, 2)));
        assert_eq!(frame.data.len(), 24);
    }
}
