//! The lossless codings of pictures that ours is held against, each as a file of its own.

use std::io::Cursor;

use anyhow::Result;
use farhand_codec::Picture;
use image::{
    ColorType, ImageEncoder as _,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};

/// A picture as others want it: three bytes a pixel, without gaps.
pub struct Rgb {
    width: u32,
    height: u32,
    /// Red, green, blue.
    pub samples: Vec<u8>,
}

impl Rgb {
    /// The colours of a picture.
    pub fn of(picture: &Picture<'_>) -> Self {
        let pixels = (0..picture.height()).flat_map(|y| picture.row(y).as_chunks::<4>().0);
        Self {
            width: picture.width(),
            height: picture.height(),
            samples: pixels.flat_map(|[blue, green, red, _]| [*red, *green, *blue]).collect(),
        }
    }
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coder {
    /// The Quite OK Image format.
    Qoi,
    /// PNG that is quick.
    PngFast,
    /// PNG that is small.
    PngBest,
    /// WebP without loss.
    Webp,
}

impl Coder {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 4] = [Self::Qoi, Self::PngFast, Self::PngBest, Self::Webp];

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qoi => "QOI",
            Self::PngFast => "PNG, fast",
            Self::PngBest => "PNG, best",
            Self::Webp => "WebP, lossless",
        }
    }

    /// The bytes of a picture.
    ///
    /// # Errors
    /// When the coder fails.
    pub fn encode(self, rgb: &Rgb) -> Result<Vec<u8>> {
        let (samples, width, height) = (&rgb.samples, rgb.width, rgb.height);
        let png = |compression| -> Result<Vec<u8>> {
            let mut out = Vec::new();
            let encoder = PngEncoder::new_with_quality(&mut out, compression, FilterType::Adaptive);
            encoder.write_image(samples, width, height, ColorType::Rgb8.into())?;
            Ok(out)
        };
        match self {
            Self::Qoi => Ok(qoi::encode_to_vec(samples, width, height)?),
            Self::PngFast => png(CompressionType::Fast),
            Self::PngBest => png(CompressionType::Best),
            Self::Webp => {
                let mut out = Vec::new();
                image_webp::WebPEncoder::new(&mut out).encode(samples, width, height, image_webp::ColorType::Rgb8)?;
                Ok(out)
            }
        }
    }

    /// The samples of what [`Self::encode`] made.
    ///
    /// # Errors
    /// When the bytes are none of this coder's.
    pub fn decode(self, bytes: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Qoi => Ok(qoi::decode_to_vec(bytes)?.1),
            Self::PngFast | Self::PngBest => Ok(image::load_from_memory(bytes)?.into_rgb8().into_raw()),
            Self::Webp => {
                let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes))?;
                let (width, height) = decoder.dimensions();
                let mut samples = vec![0; width as usize * height as usize * 3];
                decoder.read_image(&mut samples)?;
                Ok(samples)
            }
        }
    }
}
