//! Rectangles of the root window into a frame, large ones in bands: by shared memory, several in one round trip, or over
//! the socket. Pixels become BGRA whatever the screen's own format.

use x11rb::connection::Connection;
use x11rb::cookie::Cookie;
use x11rb::errors::ReplyError;
use x11rb::protocol::shm;
use x11rb::protocol::xproto::{ConnectionExt, ImageFormat, ImageOrder, VisualClass, Visualid};
use x11rb::rust_connection::RustConnection;

use farhand_protocol::geometry::Rect;

use super::connection::{Server, XError};
use super::segment::{CapturePath, Segment, Writer};
use crate::platform::{CaptureError, Frame, bands};

/// Most bytes of one reply over the socket.
const BAND_BYTES: usize = 1 << 20;
/// A large image comes in bands of so many bytes, all asked for at once: while one is copied here, the server copies the next.
const SHARED_BAND_BYTES: usize = 1 << 20;

type ImageCookie<'s> = Cookie<'s, RustConnection, shm::GetImageReply>;

/// What became of a grab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grabbed {
    /// All of it is in the frame.
    Whole,
    /// Some of it lies outside the root window: the screen has just changed its size.
    OutOfBounds,
}

/// Copies rectangles of the root window.
pub(super) struct Grabber {
    format: PixelFormat,
    path: CapturePath,
    segment: Option<Segment>,
}

impl Grabber {
    /// The best path at most as good as `best` that this server offers.
    pub(super) fn new(server: &Server, best: CapturePath) -> Result<Self, CaptureError> {
        let format = PixelFormat::of_root(server)?;
        let mut grabber = Self {
            format,
            path: CapturePath::Socket,
            segment: None,
        };
        let paths = [CapturePath::SharedDescriptor, CapturePath::SharedSysV];
        if best != CapturePath::Socket && server.has(shm::X11_EXTENSION_NAME)? {
            for path in paths.into_iter().skip_while(|p| *p != best) {
                match Segment::share(server, format.bytes_per_pixel(), path, Writer::Server) {
                    Ok(segment) => {
                        grabber.path = path;
                        grabber.segment = Some(segment);
                        break;
                    }
                    Err(XError::Lost(text)) => return Err(CaptureError::Gone(text)),
                    Err(error) => tracing::debug!(?path, %error, "this path to the screen is closed"),
                }
            }
        }
        Ok(grabber)
    }

    pub(super) fn path(&self) -> CapturePath {
        self.path
    }

    /// Refreshes `rects`, which lie inside both the frame and, as far as known, the root window.
    pub(super) fn grab(&mut self, server: &Server, rects: &[Rect], frame: &mut Frame) -> Result<Grabbed, CaptureError> {
        match self.path {
            CapturePath::Socket => self.grab_by_socket(server, rects, frame),
            _ => self.grab_by_segment(server, rects, frame),
        }
    }

    fn grab_by_segment(&mut self, server: &Server, rects: &[Rect], frame: &mut Frame) -> Result<Grabbed, CaptureError> {
        let format = self.format;
        let needed = format.image_len(frame.area.width, frame.area.height);
        let Some(segment) = self.segment_of(server, needed)? else {
            return self.grab_by_socket(server, rects, frame);
        };
        let banded: Vec<Rect> = rects
            .iter()
            .flat_map(|rect| bands(rect, format.rows_in(rect.width, SHARED_BAND_BYTES)))
            .collect();
        let mut rest = &banded[..];
        while !rest.is_empty() {
            let (batch, offsets) = format.fitting(rest, segment.len());
            rest = &rest[batch.len()..];
            let mut grabbed = Grabbed::Whole;
            // Every reply is waited for, whatever the one before it said: the server writes until it has answered.
            for ((cookie, rect), offset) in request_batch(server, segment, batch, &offsets)?.into_iter().zip(batch).zip(offsets) {
                match cookie.reply() {
                    Ok(_) => {
                        let end = offset + format.image_len(rect.width, rect.height);
                        format.copy(segment.bytes(offset..end), rect, frame);
                    }
                    Err(ReplyError::X11Error(_)) => grabbed = Grabbed::OutOfBounds,
                    Err(e) => return Err(XError::from(e).into()),
                }
            }
            if grabbed == Grabbed::OutOfBounds {
                return Ok(grabbed);
            }
        }
        Ok(Grabbed::Whole)
    }

    /// The segment, grown to `len`; none when the server has no more, and the socket serves from now on.
    fn segment_of(&mut self, server: &Server, len: usize) -> Result<Option<&Segment>, CaptureError> {
        if self.segment.as_ref().is_none_or(|s| s.len() < len) {
            if let Some(old) = self.segment.take() {
                old.detach(&server.conn);
            }
            match Segment::share(server, len, self.path, Writer::Server) {
                Ok(segment) => self.segment = Some(segment),
                Err(XError::Lost(text)) => return Err(CaptureError::Gone(text)),
                Err(error) => {
                    tracing::warn!(%error, "no shared memory for the screen; capturing over the socket");
                    self.path = CapturePath::Socket;
                }
            }
        }
        Ok(self.segment.as_ref())
    }

    fn grab_by_socket(&self, server: &Server, rects: &[Rect], frame: &mut Frame) -> Result<Grabbed, CaptureError> {
        for rect in rects {
            for band in bands(rect, self.format.rows_in(rect.width, BAND_BYTES)) {
                let image = server
                    .conn
                    .get_image(
                        ImageFormat::Z_PIXMAP,
                        server.root,
                        band.x as i16,
                        band.y as i16,
                        band.width as u16,
                        band.height as u16,
                        !0,
                    )
                    .map_err(XError::from)?
                    .reply();
                match image {
                    Ok(image) if image.data.len() >= self.format.image_len(band.width, band.height) => {
                        self.format.copy(&image.data, &band, frame)
                    }
                    Ok(_) => return Err(CaptureError::PixelFormat("an image shorter than its format says".to_owned())),
                    Err(ReplyError::X11Error(_)) => return Ok(Grabbed::OutOfBounds),
                    Err(e) => return Err(XError::from(e).into()),
                }
            }
        }
        Ok(Grabbed::Whole)
    }
}

fn request_batch<'s>(
    server: &'s Server,
    segment: &Segment,
    batch: &[Rect],
    offsets: &[usize],
) -> Result<Vec<ImageCookie<'s>>, CaptureError> {
    let mut cookies = Vec::with_capacity(batch.len());
    for (rect, offset) in batch.iter().zip(offsets) {
        let (x, y, width, height) = (rect.x as i16, rect.y as i16, rect.width as u16, rect.height as u16);
        let cookie = shm::get_image(
            &server.conn,
            server.root,
            x,
            y,
            width,
            height,
            !0,
            ImageFormat::Z_PIXMAP.into(),
            segment.seg,
            *offset as u32,
        );
        cookies.push(cookie.map_err(XError::from)?);
    }
    Ok(cookies)
}

/// How the root window's pixels lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PixelFormat {
    bits_per_pixel: u8,
    pad_bits: u8,
    order: ImageOrder,
    red: u32,
    green: u32,
    blue: u32,
}

impl PixelFormat {
    fn of_root(server: &Server) -> Result<Self, CaptureError> {
        let screen = server.screen();
        Self::of_visual(server, screen.root_depth, screen.root_visual)
    }

    /// The format of windows of this depth and visual.
    pub(super) fn of_visual(server: &Server, depth: u8, visual: Visualid) -> Result<Self, CaptureError> {
        let setup = server.conn.setup();
        let screen = server.screen();
        let unknown = |what: &str| CaptureError::PixelFormat(format!("{what} (depth {depth})"));
        let visuals = screen.allowed_depths.iter().flat_map(|d| &d.visuals);
        let visual = visuals
            .into_iter()
            .find(|v| v.visual_id == visual)
            .ok_or_else(|| unknown("no such visual"))?;
        if visual.class != VisualClass::TRUE_COLOR && visual.class != VisualClass::DIRECT_COLOR {
            return Err(unknown("a screen with a palette"));
        }
        let format = setup
            .pixmap_formats
            .iter()
            .find(|f| f.depth == depth)
            .ok_or_else(|| unknown("no pixmap format"))?;
        if !matches!(format.bits_per_pixel, 16 | 24 | 32) {
            return Err(unknown("an odd number of bits per pixel"));
        }
        Ok(Self {
            bits_per_pixel: format.bits_per_pixel,
            pad_bits: format.scanline_pad.max(8),
            order: setup.image_byte_order,
            red: visual.red_mask,
            green: visual.green_mask,
            blue: visual.blue_mask,
        })
    }

    fn bytes_per_pixel(self) -> usize {
        usize::from(self.bits_per_pixel / 8)
    }

    fn stride(self, width: u32) -> usize {
        let bits = width as usize * usize::from(self.bits_per_pixel);
        bits.next_multiple_of(usize::from(self.pad_bits)) / 8
    }

    /// How many rows go into so many bytes, at least one.
    fn rows_in(self, width: u32, bytes: usize) -> u32 {
        (bytes / self.stride(width).max(1)).max(1) as u32
    }

    fn image_len(self, width: u32, height: u32) -> usize {
        self.stride(width) * height as usize
    }

    /// As many of `rects` as fit into `len` bytes one after the other, at least one, and where each goes.
    fn fitting(self, rects: &[Rect], len: usize) -> (&[Rect], Vec<usize>) {
        let mut end = 0;
        let mut offsets = Vec::with_capacity(rects.len());
        for rect in rects {
            let next = end + self.image_len(rect.width, rect.height).next_multiple_of(64);
            if !offsets.is_empty() && next > len {
                break;
            }
            offsets.push(end);
            end = next;
        }
        (&rects[..offsets.len()], offsets)
    }

    /// True when a pixel is four bytes: blue, green, red and one that says nothing.
    pub(super) fn is_bgrx(self) -> bool {
        self.bits_per_pixel == 32 && self.order == ImageOrder::LSB_FIRST && (self.red, self.green, self.blue) == (0xff_0000, 0xff00, 0xff)
    }

    fn copy(self, image: &[u8], rect: &Rect, frame: &mut Frame) {
        let stride = self.stride(rect.width);
        let used = rect.width as usize * self.bytes_per_pixel();
        for (row, y) in (rect.y..rect.bottom()).enumerate() {
            let Some(source) = image.get(row * stride..row * stride + used) else {
                return;
            };
            let target = frame.row_mut(rect, y);
            if self.is_bgrx() {
                copy_opaque(source, target);
            } else {
                self.convert(source, target);
            }
        }
    }

    fn convert(self, source: &[u8], target: &mut [u8]) {
        for (pixel, out) in source.chunks_exact(self.bytes_per_pixel()).zip(target.chunks_exact_mut(4)) {
            let value = match self.order {
                ImageOrder::LSB_FIRST => pixel.iter().rev().fold(0u32, |v, b| v << 8 | u32::from(*b)),
                _ => pixel.iter().fold(0u32, |v, b| v << 8 | u32::from(*b)),
            };
            out.copy_from_slice(&[channel(value, self.blue), channel(value, self.green), channel(value, self.red), 255]);
        }
    }
}

/// The padding byte of a 24-bit screen is anything; ours is 255, so that equal pixels are equal bytes.
fn copy_opaque(source: &[u8], target: &mut [u8]) {
    for (from, to) in source.chunks_exact(4).zip(target.chunks_exact_mut(4)) {
        to.copy_from_slice(&[from[0], from[1], from[2], 255]);
    }
}

/// The bits of `mask`, stretched to eight.
fn channel(value: u32, mask: u32) -> u8 {
    if mask == 0 {
        return 0;
    }
    let max = u64::from(mask >> mask.trailing_zeros());
    let part = u64::from((value & mask) >> mask.trailing_zeros());
    ((part * 255 + max / 2) / max) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const RGB565: PixelFormat = PixelFormat {
        bits_per_pixel: 16,
        pad_bits: 32,
        order: ImageOrder::LSB_FIRST,
        red: 0xf800,
        green: 0x07e0,
        blue: 0x001f,
    };
    const BGRX: PixelFormat = PixelFormat {
        bits_per_pixel: 32,
        pad_bits: 32,
        order: ImageOrder::LSB_FIRST,
        red: 0xff_0000,
        green: 0xff00,
        blue: 0xff,
    };

    #[test]
    fn sixteen_bits_become_eight_per_channel() {
        let mut frame = Frame::with_area(Rect::new(0, 0, 3, 1));
        let image = [0x00, 0xf8, 0xe0, 0x07, 0xff, 0xff, 0, 0];
        RGB565.copy(&image, &Rect::new(0, 0, 3, 1), &mut frame);
        assert_eq!(frame.data, [0, 0, 255, 255, 0, 255, 0, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn ten_bits_and_the_other_byte_order_are_understood() {
        let deep = PixelFormat {
            order: ImageOrder::MSB_FIRST,
            red: 0x3ff0_0000,
            green: 0xf_fc00,
            blue: 0x3ff,
            ..BGRX
        };
        let mut out = [0; 4];
        deep.convert(&0x3ff8_0000_u32.to_be_bytes(), &mut out);
        assert_eq!(out, [0, 128, 255, 255]);
    }

    #[test]
    fn the_padding_byte_becomes_opaque() {
        let mut frame = Frame::with_area(Rect::new(-1, 0, 1, 1));
        BGRX.copy(&[1, 2, 3, 77], &Rect::new(-1, 0, 1, 1), &mut frame);
        assert_eq!(frame.data, [1, 2, 3, 255]);
    }

    #[test]
    fn rectangles_that_do_not_fit_wait_for_the_next_batch() {
        let rects = [Rect::new(0, 0, 4, 4), Rect::new(0, 0, 4, 4), Rect::new(0, 0, 4, 4)];
        let (batch, offsets) = BGRX.fitting(&rects, 128);
        assert_eq!((batch.len(), offsets), (2, vec![0, 64]));
    }

    #[test]
    fn bands_cover_the_rectangle_once() {
        let all: Vec<Rect> = bands(&Rect::new(3, 5, 10, 25), 10).collect();
        assert_eq!(
            all,
            vec![Rect::new(3, 5, 10, 10), Rect::new(3, 15, 10, 10), Rect::new(3, 25, 10, 5)]
        );
    }
}
