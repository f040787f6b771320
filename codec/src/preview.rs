//! A coarse picture of an area for links that would take seconds to carry the exact one: made smaller, coded as a single H.264 key, and shown at the
//! area's size. What it stands for is sent exactly afterwards.

use crate::error::{DecodeError, EncodeError};
use crate::operations::{MAX_PREVIEW_PIXELS, Operation, append_operation};
use crate::picture::{Area, Canvas, Picture, PictureMut};
use crate::scale::{Kernel, Scaler};
use crate::video::{Content, VideoConfig, VideoDecoder, VideoEncoder, video_size_allowed};

/// What a pixel of a preview takes, more or less.
const BITS_PER_PIXEL: f64 = 0.4;
/// No side is made shorter than this, and none by more than so many times.
const LEAST_SIDE: u32 = 16;
const MOST_TIMES_SMALLER: u32 = 16;
/// A preview that turns out larger than this many times what it should be is made again, coarser.
const MOST_TOO_LARGE: usize = 2;

/// Appends a preview of `area` that has about `bytes` bytes, headers and all. Returns false, and appends nothing, where a preview makes no sense: the
/// area is too small to be made smaller.
///
/// # Errors
/// When the encoder fails.
pub fn append_preview(picture: &Picture<'_>, area: Area, bytes: usize, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
    let Some(part) = picture.part(area) else { return Ok(false) };
    if !video_size_allowed(area.width, area.height) {
        return append_halves(picture, area, bytes, out);
    }
    let affordable = (bytes as f64 * 8.0 / BITS_PER_PIXEL).max(1.0).min(f64::from(MAX_PREVIEW_PIXELS));
    let times = (area.pixels() as f64 / affordable).sqrt().ceil() as u32;
    let mut times = times.clamp(2, MOST_TIMES_SMALLER);
    loop {
        let (width, height) = (area.width / times, area.height / times);
        if width.min(height) < LEAST_SIDE {
            return Ok(false);
        }
        let coded = code(&part, width, height, bytes)?;
        let next = (times * 3).div_ceil(2).min(MOST_TIMES_SMALLER);
        let is_last = next == times || area.width.min(area.height) / next < LEAST_SIDE;
        if coded.len() <= bytes.saturating_mul(MOST_TOO_LARGE) || is_last {
            append_operation(
                &Operation::Preview {
                    area,
                    width,
                    height,
                    bytes: &coded,
                },
                out,
            );
            return Ok(true);
        }
        times = next;
    }
}

/// A desktop of several screens is larger than any video.
fn append_halves(picture: &Picture<'_>, area: Area, bytes: usize, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
    let (mut first, mut second) = (area, area);
    if area.width > area.height {
        first.width /= 2;
        (second.x, second.width) = (first.right(), area.width - first.width);
    } else {
        first.height /= 2;
        (second.y, second.height) = (first.bottom(), area.height - first.height);
    }
    let before = out.len();
    let has_both = append_preview(picture, first, bytes / 2, out)? && append_preview(picture, second, bytes / 2, out)?;
    if !has_both {
        out.truncate(before);
    }
    Ok(has_both)
}

fn code(part: &Picture<'_>, width: u32, height: u32, bytes: usize) -> Result<Vec<u8>, EncodeError> {
    let mut small = Canvas::black(width, height).ok_or(EncodeError::Unsupported("preview size"))?;
    let whole = Area::of_size(width, height);
    Scaler::default().draw_with(Kernel::Smooth, part, (width, height), &whole, &mut small.as_picture_mut(), (0, 0));
    let bitrate_bps = u32::try_from(bytes.saturating_mul(8)).unwrap_or(u32::MAX);
    let mut encoder = VideoEncoder::new(VideoConfig {
        width,
        height,
        bitrate_bps,
        max_bitrate_bps: bitrate_bps,
        fps_max: 1,
        content: Content::Camera,
    })?;
    let coded = encoder.encode(&small.as_picture(), 0)?;
    // The first picture is never left out.
    coded.map(|coded| coded.bytes.to_vec()).ok_or(EncodeError::Library {
        step: "code a preview",
        code: 0,
    })
}

/// Paints a preview into its area.
pub(crate) fn paint(width: u32, height: u32, bytes: &[u8], into: &mut PictureMut<'_>) -> Result<(), DecodeError> {
    let mut decoder = VideoDecoder::new(width, height)?;
    let decoded = decoder.decode(bytes).map_err(|error| match error {
        // There is no stream that could go on from another one.
        DecodeError::NeedsKey => DecodeError::Malformed("preview"),
        other => other,
    })?;
    let mut small = Canvas::black(width, height).ok_or(DecodeError::Unavailable)?;
    decoded.paint(Area::of_size(width, height), &mut small.as_picture_mut())?;
    let size = (into.width(), into.height());
    let whole = Area::of_size(size.0, size.1);
    Scaler::default().draw_with(Kernel::Smooth, &small.as_picture(), size, &whole, into, (0, 0));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::painter::FramePainter;

    /// A page of dark lines on white, with a red rectangle.
    fn page(width: u32, height: u32) -> Canvas {
        let mut canvas = Canvas::black(width, height).unwrap();
        let mut picture = canvas.as_picture_mut();
        for y in 0..height {
            for (x, pixel) in picture.row_mut(y).as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let is_ink = y % 20 < 10 && (x * 7 + y as usize * 3) % 11 < 4;
                let is_red = (100..300).contains(&y) && (100..300).contains(&x);
                *pixel = match (is_red, is_ink) {
                    (true, _) => [20, 20, 220, 255],
                    (_, true) => [30, 30, 30, 255],
                    _ => [255; 4],
                };
            }
        }
        canvas
    }

    fn painted(canvas: &Canvas, bytes: usize) -> (usize, Canvas) {
        let (width, height) = (canvas.as_picture().width(), canvas.as_picture().height());
        let mut update = Vec::new();
        append_operation(&Operation::Reset { width, height }, &mut update);
        let before = update.len();
        assert!(append_preview(&canvas.as_picture(), Area::of_size(width, height), bytes, &mut update).unwrap());
        let mut painter = FramePainter::new().unwrap();
        painter.apply(&update).unwrap();
        let mut shown = Canvas::black(width, height).unwrap();
        for y in 0..height {
            shown.as_picture_mut().row_mut(y).copy_from_slice(painter.frame().unwrap().row(y));
        }
        (update.len() - before, shown)
    }

    #[test]
    fn a_screen_is_recognisable_in_a_few_kilobytes() {
        let canvas = page(1920, 1080);
        for budget in [4_000, 10_000, 40_000] {
            let (bytes, shown) = painted(&canvas, budget);
            assert!(bytes <= budget * 5 / 2, "{bytes} for {budget}");
            let red = &shown.as_picture().row(200)[200 * 4..][..3];
            assert!(red[2] > 150 && red[0] < 90 && red[1] < 90, "{red:?}");
            let paper = &shown.as_picture().row(815)[1000 * 4..][..3];
            assert!(paper.iter().all(|part| *part > 190), "{paper:?}");
        }
    }

    #[test]
    fn a_desktop_of_several_screens_has_a_preview_of_several_parts() {
        let canvas = page(5000, 700);
        let (bytes, shown) = painted(&canvas, 20_000);
        assert!(bytes < 50_000, "{bytes}");
        for x in [700, 4300] {
            let paper = &shown.as_picture().row(615)[x * 4..][..3];
            assert!(paper.iter().all(|part| *part > 190), "{paper:?} at {x}");
        }
    }

    #[test]
    fn what_is_small_has_no_preview() {
        let (canvas, mut out) = (page(64, 64), Vec::new());
        let line = Area::new(0, 0, 64, 20);
        assert!(!append_preview(&canvas.as_picture(), line, 100, &mut out).unwrap());
        assert!(!append_preview(&canvas.as_picture(), Area::new(60, 0, 64, 64), 100, &mut out).unwrap());
        assert!(out.is_empty());
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let canvas = page(640, 480);
        let mut update = Vec::new();
        append_preview(&canvas.as_picture(), Area::of_size(640, 480), 5_000, &mut update).unwrap();
        let mut begun = Vec::new();
        append_operation(&Operation::Reset { width: 640, height: 480 }, &mut begun);
        for at in (3..update.len()).step_by(97) {
            let mut damaged = update.clone();
            damaged[at] ^= 0x55;
            let mut painter = FramePainter::new().unwrap();
            painter.apply(&begun).unwrap();
            // Damaged or not, it is bounded and tells no lie about what it painted.
            if let Ok(painted) = painter.apply(&damaged) {
                assert!(painted.changed.iter().all(|area| Area::of_size(640, 480).contains(area)));
            }
        }
        let mut painter = FramePainter::new().unwrap();
        painter.apply(&begun).unwrap();
        let empty = Operation::Preview {
            area: Area::of_size(640, 480),
            width: 160,
            height: 120,
            bytes: &[],
        };
        let mut bytes = Vec::new();
        append_operation(&empty, &mut bytes);
        assert!(painter.apply(&bytes).is_err());
    }
}
