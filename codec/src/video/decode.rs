//! H.264 to pixels. The bytes are a peer's, and the library that reads them is large and written in C++.
//!
//! So it gets nothing but what our own encoder could have made: each picture is first checked by `stream_check` (only
//! slices and parameter sets, of exactly the announced size, without the rarer tools of the standard), and after any
//! error the decoder is thrown away and the next one starts from a key.

use openh264::OpenH264API;
use openh264::decoder::{DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;

use super::colour::{PlanesRef, coded_size, paint_part};
use super::stream_check::check_access_unit;
use super::video_size_allowed;
use crate::error::DecodeError;
use crate::operations::{MAX_VIDEO_BYTES, VideoKind};
use crate::picture::{Area, BYTES_PER_PIXEL, Canvas, PictureMut};

/// A decoder for one stream, with pictures of one size.
pub struct VideoDecoder {
    width: u32,
    height: u32,
    decoder: Option<Decoder>,
    // Whether `decoder` may be used: not before the first key, nor after an error.
    healthy: bool,
}

impl VideoDecoder {
    /// A decoder for pictures of this size. It costs next to nothing before the first key.
    ///
    /// # Errors
    /// [`DecodeError::TooLarge`] when no stream may have that size.
    pub fn new(width: u32, height: u32) -> Result<Self, DecodeError> {
        if !video_size_allowed(width, height) {
            return Err(DecodeError::TooLarge("video"));
        }
        Ok(Self {
            width,
            height,
            decoder: None,
            healthy: false,
        })
    }

    /// Width and height of the pictures, in pixels.
    pub const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Decodes one picture.
    ///
    /// # Errors
    /// [`DecodeError::NeedsKey`] when it builds on a picture that is not there or the bytes are damaged; other errors
    /// say that the peer sends what it must not. After any of them the next picture must be a key.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<DecodedVideo<'_>, DecodeError> {
        // Taken out and declared ill, so that every way out by an error leaves nothing to build on.
        let previous = self.decoder.take().filter(|_| self.healthy);
        self.healthy = false;
        if bytes.len() > MAX_VIDEO_BYTES {
            return Err(DecodeError::TooLarge("video bytes"));
        }
        let (width, height) = coded_size(self.width, self.height);
        let decoder = match (check_access_unit(bytes, width, height)?, previous) {
            (_, Some(decoder)) => decoder,
            (VideoKind::Key, None) => new_decoder()?,
            (VideoKind::Delta, None) => return Err(DecodeError::NeedsKey),
        };
        match self.decoder.insert(decoder).decode(bytes) {
            Ok(Some(planes)) if planes.dimensions() == (width as usize, height as usize) => {
                self.healthy = true;
                Ok(DecodedVideo {
                    width: self.width,
                    height: self.height,
                    planes,
                })
            }
            _ => Err(DecodeError::NeedsKey),
        }
    }
}

fn new_decoder() -> Result<Decoder, DecodeError> {
    let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
    Decoder::with_api_config(OpenH264API::from_source(), config).map_err(|_| DecodeError::Unavailable)
}

/// A decoded picture, to be painted wherever it is wanted.
pub struct DecodedVideo<'a> {
    width: u32,
    height: u32,
    planes: DecodedYUV<'a>,
}

impl DecodedVideo<'_> {
    /// Paints `part` of the picture (relative to it) into `into`, which has the size of `part`.
    ///
    /// # Errors
    /// [`DecodeError::OutsideFrame`] when `part` is empty, outside, or not of that size.
    pub fn paint(&self, part: Area, into: &mut PictureMut<'_>) -> Result<(), DecodeError> {
        let inside = Area::of_size(self.width, self.height).contains(&part);
        let fits = (into.width(), into.height()) == (part.width, part.height);
        if !inside || !fits || part.is_empty() {
            return Err(DecodeError::OutsideFrame);
        }
        let (y_stride, chroma_stride, _) = self.planes.strides();
        let planes = PlanesRef {
            y: self.planes.y(),
            u: self.planes.u(),
            v: self.planes.v(),
            y_stride,
            chroma_stride,
        };
        // Two pixels share a colour in either direction: the first of an odd column or row is painted together with the one before it.
        let (odd_x, odd_y) = (part.x % 2, part.y % 2);
        let even = Area::new(odd_x, odd_y, part.width - odd_x, part.height - odd_y);
        for edge in Area::of_size(part.width, part.height).without(&even) {
            paint_edge(planes, part, edge, into)?;
        }
        if even.is_empty() {
            return Ok(());
        }
        let mut rest = into.part(even).ok_or(DecodeError::OutsideFrame)?;
        paint_part(
            planes,
            Area::new(part.x + odd_x, part.y + odd_y, even.width, even.height),
            &mut rest,
        )
    }
}

/// Paints an edge of `part`, a column or row that may begin at odd coordinates.
fn paint_edge(planes: PlanesRef<'_>, part: Area, edge: Area, into: &mut PictureMut<'_>) -> Result<(), DecodeError> {
    let (x, y) = (part.x + edge.x, part.y + edge.y);
    let around = Area::new(x - x % 2, y - y % 2, edge.width + x % 2, edge.height + y % 2);
    let mut canvas = Canvas::black(around.width, around.height).ok_or(DecodeError::OutsideFrame)?;
    paint_part(planes, around, &mut canvas.as_picture_mut())?;
    let painted = canvas.as_picture();
    let (from, to, bytes) = (x % 2, edge.x, edge.width as usize * BYTES_PER_PIXEL);
    let (from, to) = (from as usize * BYTES_PER_PIXEL, to as usize * BYTES_PER_PIXEL);
    for row in 0..edge.height {
        let source = painted.row(row + y % 2);
        into.row_mut(edge.y + row)[to..to + bytes].copy_from_slice(&source[from..from + bytes]);
    }
    Ok(())
}

impl std::fmt::Debug for DecodedVideo<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecodedVideo({} x {})", self.width, self.height)
    }
}
