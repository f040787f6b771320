//! Pixels of four bytes, larger or smaller. Nothing but one call into `fast_image_resize`: the library has hundreds of loops, one for each processor and
//! kernel, which the compiler makes at the place of their use. Here that is done once, and not with every change of the codec.

#![deny(unsafe_code)]

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// How pixels between pixels are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The nearest pixel is repeated.
    Nearest,
    /// Catmull-Rom, over four pixels each way.
    CatmullRom,
}

/// A picture of four bytes a pixel, its rows one after the other.
#[derive(Clone, Copy)]
pub struct Pixels<'a> {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 4` bytes.
    pub bytes: &'a [u8],
}

/// A part of a picture, in its pixels; it may begin and end between them.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Columns.
    pub width: f64,
    /// Rows.
    pub height: f64,
}

/// Resamples pictures; keeps its buffers.
#[derive(Default)]
pub struct Resampler(Resizer);

impl Resampler {
    /// Draws `part` of `from` into `to`, `width * height` pixels of four bytes. None, and nothing is drawn, when the sizes do not fit together.
    pub fn draw(&mut self, kernel: Kernel, from: Pixels<'_>, part: Part, (width, height): (u32, u32), to: &mut [u8]) -> Option<()> {
        let source = ImageRef::new(from.width, from.height, from.bytes, PixelType::U8x4).ok()?;
        let mut target = Image::from_slice_u8(width, height, to, PixelType::U8x4).ok()?;
        let algorithm = match kernel {
            Kernel::Nearest => ResizeAlg::Nearest,
            Kernel::CatmullRom => ResizeAlg::Convolution(FilterType::CatmullRom),
        };
        let options = ResizeOptions::new()
            .resize_alg(algorithm)
            .use_alpha(false)
            .crop(part.left, part.top, part.width, part.height);
        self.0.resize(&source, &mut target, &options).ok()
    }
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resampler")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grey_picture_stays_grey_in_any_size_and_sizes_that_do_not_fit_are_refused() {
        let bytes = [90; 4 * 3 * 2];
        let from = Pixels {
            width: 3,
            height: 2,
            bytes: &bytes,
        };
        let whole = Part {
            left: 0.0,
            top: 0.0,
            width: 3.0,
            height: 2.0,
        };
        for kernel in [Kernel::Nearest, Kernel::CatmullRom] {
            for (width, height) in [(1, 1), (3, 2), (7, 5)] {
                let mut to = vec![0; (width * height * 4) as usize];
                assert!(Resampler::default().draw(kernel, from, whole, (width, height), &mut to).is_some());
                assert!(to.iter().all(|byte| *byte == 90), "{to:?}");
            }
        }
        let mut to = [0; 8];
        assert!(Resampler::default().draw(Kernel::Nearest, from, whole, (7, 5), &mut to).is_none());
    }
}
