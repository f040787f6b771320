//! Pixels to H.264.

use super::backend::{Backend, Settings};
use super::colour::{I420, coded_size};
use super::video_size_allowed;
use crate::error::EncodeError;
use crate::operations::VideoKind;
use crate::picture::Picture;

/// What the pictures are like; it decides how the encoder searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// User interfaces and text: finds scrolling; about 20 ms and 44 MB for 1080p.
    Screen,
    /// Film and animation: about 10 ms and 22 MB for 1080p. The better choice beside exact tiles.
    Camera,
}

/// How to set up a [`VideoEncoder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoConfig {
    /// Width of the pictures, in pixels.
    pub width: u32,
    /// Height of the pictures, in pixels.
    pub height: u32,
    /// Bit rate to begin with. Reckoned for `fps_max` pictures a second; fewer pictures make fewer bits.
    pub bitrate_bps: u32,
    /// Highest bit rate that will ever be set.
    pub max_bitrate_bps: u32,
    /// Most pictures a second, 1 to 60.
    pub fps_max: u32,
    /// What the pictures are like.
    pub content: Content,
}

/// Lowest bit rate an encoder accepts.
pub const MIN_BITRATE_BPS: u32 = 10_000;

/// Highest bit rate an encoder accepts.
pub const MAX_BITRATE_BPS: u32 = 200_000_000;

/// An H.264 encoder for pictures of one size. It holds several frames of memory and keeps no thread.
pub struct VideoEncoder {
    config: VideoConfig,
    backend: Backend,
    /// Made by the first picture that is not converted elsewhere.
    planes: Option<I420>,
    bytes: Vec<u8>,
    key_wanted: bool,
}

/// One coded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedVideo<'a> {
    /// Whether it stands alone.
    pub kind: VideoKind,
    /// H.264, Annex B.
    pub bytes: &'a [u8],
}

impl VideoEncoder {
    /// Sets an encoder up.
    ///
    /// # Errors
    /// [`EncodeError::Unsupported`] when the size ([`video_size_allowed`]), rate or frame rate is out of range.
    pub fn new(config: VideoConfig) -> Result<Self, EncodeError> {
        if !video_size_allowed(config.width, config.height) {
            return Err(EncodeError::Unsupported("video size"));
        }
        if !(1..=60).contains(&config.fps_max) {
            return Err(EncodeError::Unsupported("frame rate"));
        }
        let max_bitrate_bps = config.max_bitrate_bps.clamp(MIN_BITRATE_BPS, MAX_BITRATE_BPS);
        let bitrate_bps = config.bitrate_bps.clamp(MIN_BITRATE_BPS, max_bitrate_bps);
        let (width, height) = coded_size(config.width, config.height);
        let (fps_max, content) = (config.fps_max, config.content);
        let backend = Backend::new(Settings {
            width,
            height,
            bitrate_bps,
            max_bitrate_bps,
            fps_max,
            content,
        })?;
        Ok(Self {
            config: VideoConfig {
                bitrate_bps,
                max_bitrate_bps,
                ..config
            },
            backend,
            planes: None,
            bytes: Vec::new(),
            key_wanted: true,
        })
    }

    /// How it is set up, with the bit rate of now.
    pub const fn config(&self) -> &VideoConfig {
        &self.config
    }

    /// Makes the next picture a key, for a viewer that has none or lost one.
    pub const fn request_key(&mut self) {
        self.key_wanted = true;
    }

    /// Changes the bit rate from the next picture on, without a key. Beyond the configured maximum, the maximum counts.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn set_bitrate_bps(&mut self, bitrate_bps: u32) -> Result<(), EncodeError> {
        let bitrate_bps = bitrate_bps.clamp(MIN_BITRATE_BPS, self.config.max_bitrate_bps);
        if bitrate_bps != self.config.bitrate_bps {
            self.backend.set_bitrate_bps(bitrate_bps)?;
            self.config.bitrate_bps = bitrate_bps;
        }
        Ok(())
    }

    /// Encodes a picture. `captured_at_millis` grows from picture to picture. `None` when the library left it out to
    /// keep to the bit rate; give the screen's next state then.
    ///
    /// # Errors
    /// [`EncodeError::WrongSize`] for a picture of another size; [`EncodeError::Library`] when the encoder fails, after
    /// which it should be made anew.
    pub fn encode(&mut self, picture: &Picture<'_>, captured_at_millis: u64) -> Result<Option<EncodedVideo<'_>>, EncodeError> {
        let (width, height) = (self.config.width, self.config.height);
        let mut planes = self.planes.take().unwrap_or_else(|| I420::new(width, height));
        if let Err(error) = planes.convert(picture) {
            self.planes = Some(planes);
            return Err(error);
        }
        let kind = self.code(&planes, captured_at_millis);
        self.planes = Some(planes);
        Ok(kind?.map(|kind| EncodedVideo { kind, bytes: &self.bytes }))
    }

    /// As [`Self::encode`], of a picture that was converted already, perhaps on another thread.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_planes(&mut self, planes: &I420, captured_at_millis: u64) -> Result<Option<EncodedVideo<'_>>, EncodeError> {
        let (width, height) = coded_size(self.config.width, self.config.height);
        if (planes.width(), planes.height()) != (width, height) {
            return Err(EncodeError::WrongSize {
                width,
                height,
                got_width: planes.width(),
                got_height: planes.height(),
            });
        }
        let kind = self.code(planes, captured_at_millis)?;
        Ok(kind.map(|kind| EncodedVideo { kind, bytes: &self.bytes }))
    }

    fn code(&mut self, planes: &I420, captured_at_millis: u64) -> Result<Option<VideoKind>, EncodeError> {
        if self.key_wanted {
            self.backend.force_key()?;
        }
        self.bytes.clear();
        let kind = self.backend.encode(planes, captured_at_millis, &mut self.bytes)?;
        if kind == Some(VideoKind::Key) {
            self.key_wanted = false;
        }
        Ok(kind)
    }
}
