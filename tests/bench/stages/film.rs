//! Lossy coding: a film in a part of the screen, and the preview of all of it.

use anyhow::{Context as _, Result, ensure};
use farhand_codec::{
    Area, Canvas, FramePainter, Picture, VideoDecoder, VideoEncoder,
    operations::{Operation, append_operation},
    preview::append_preview,
    video::{Content, I420, VideoConfig},
};

use super::{
    measure::{MOST_RUNS, time, time_with},
    report::{Beside, Record},
    scene::Scene,
};

/// Where the film plays.
const FILM: Area = Area::new(320, 180, 1280, 720);
/// The picture moves by so much from one to the next, and turns round after so many.
const STEP: (u32, u32) = (2, 1);
const STEPS: u32 = 32;

const BITRATE_BPS: u32 = 10_000_000;
/// As the engine sets it up.
const MAX_BITRATE_BPS: u32 = 40_000_000;
const FPS: u32 = 30;
const FRAME_MILLIS: u64 = 33;
/// What a preview may have: a second of a slow link.
const PREVIEW_BYTES: usize = 16_000;

/// H.264 of a part of the screen that moves a little.
pub fn video(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let mut planes = I420::new(FILM.width, FILM.height);
    let first = picture(scene, 0)?;
    record.note("from BGRA", time(|| Ok(planes.convert(&first)?))?);
    let mut bytes = 0;
    let key = time_with(encoder, |encoder| {
        bytes = encode(encoder, &first, 0)?.len();
        Ok(())
    })?;
    record.note_with("encode a key", key, Beside::Bytes(bytes));
    let coded = next(scene, record)?;
    let mut decoder = VideoDecoder::new(FILM.width, FILM.height)?;
    let mut pictures = coded.iter();
    decoder.decode(pictures.next().context("a key")?)?;
    let decode = time(|| {
        decoder.decode(pictures.next().context("another picture")?)?;
        Ok(())
    })?;
    record.note("decode the next", decode);
    back(&coded[0], record)
}

/// A key and what comes after it, of which the times count.
fn next(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<Vec<Vec<u8>>> {
    let mut encoder = encoder()?;
    let mut coded = vec![encode(&mut encoder, &picture(scene, 0)?, 0)?];
    let mut number = 0;
    let time = time(|| {
        number += 1;
        coded.push(encode(&mut encoder, &picture(scene, number)?, number)?);
        Ok(())
    })?;
    let mean = coded[1..].iter().map(Vec::len).sum::<usize>() / (coded.len() - 1);
    record.note_with("encode the next", time, Beside::Bytes(mean));
    // Decoding is quicker and has more runs, and one that does not count.
    while coded.len() < MOST_RUNS + 2 {
        number += 1;
        coded.push(encode(&mut encoder, &picture(scene, number)?, number)?);
    }
    Ok(coded)
}

fn back(key: &[u8], record: &mut Record<'_>) -> Result<()> {
    let mut decoder = VideoDecoder::new(FILM.width, FILM.height)?;
    let decoded = decoder.decode(key)?;
    let mut shown = Canvas::black(FILM.width, FILM.height).context("memory")?;
    let whole = Area::of_size(FILM.width, FILM.height);
    record.note("to BGRA", time(|| Ok(decoded.paint(whole, &mut shown.as_picture_mut())?))?);
    Ok(())
}

/// The film's picture of this number.
fn picture<'a>(scene: &Scene<'a>, number: u64) -> Result<Picture<'a>> {
    let phase = (number % u64::from(2 * STEPS)) as u32;
    let step = phase.min(2 * STEPS - phase);
    let area = Area {
        x: FILM.x + step * STEP.0,
        y: FILM.y + step * STEP.1,
        ..FILM
    };
    scene.now.as_picture().part(area).context("a screen of this size")
}

fn encoder() -> Result<VideoEncoder> {
    Ok(VideoEncoder::new(VideoConfig {
        width: FILM.width,
        height: FILM.height,
        bitrate_bps: BITRATE_BPS,
        max_bitrate_bps: MAX_BITRATE_BPS,
        fps_max: FPS,
        content: Content::Camera,
    })?)
}

fn encode(encoder: &mut VideoEncoder, picture: &Picture<'_>, number: u64) -> Result<Vec<u8>> {
    let encoded = encoder.encode(picture, number * FRAME_MILLIS)?;
    Ok(encoded.context("the encoder left a picture out")?.bytes.to_vec())
}

/// What a slow link is sent first of a whole screen.
pub fn preview(scene: &Scene<'_>, record: &mut Record<'_>) -> Result<()> {
    let (picture, whole) = (scene.now.as_picture(), scene.whole());
    let mut update = Vec::new();
    let encode = time(|| {
        update.clear();
        ensure!(append_preview(&picture, whole, PREVIEW_BYTES, &mut update)?, "no preview was made");
        Ok(())
    })?;
    record.note_with("encode", encode, Beside::Bytes(update.len()));
    let mut painter = FramePainter::new()?;
    let (width, height) = (whole.width, whole.height);
    let mut begin = Vec::new();
    append_operation(&Operation::Reset { width, height }, &mut begin);
    painter.apply(&begin)?;
    record.note("paint", time(|| Ok(painter.apply(&update)?))?);
    Ok(())
}
