//! The exact tiles beside other lossless codings, over screens of real programs: bytes and time, all in one run.

mod corpus;
pub mod dictionary;
mod tight;

use std::fmt::Write as _;
use std::io::Cursor;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use farhand_codec::{
    Area, Canvas, TileDecoder, TileEncoder,
    operations::{Operation, TilesReason, decode_operations},
};
use image::{
    ColorType, ImageEncoder as _,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use serde::Serialize;

use self::corpus::Screen;

/// The least time of so many runs counts.
const RUNS: usize = 5;

/// One coder over one screen.
#[derive(Debug, Serialize)]
pub struct Row {
    screen: String,
    coder: &'static str,
    bytes: usize,
    encode_millis: Option<f64>,
    decode_millis: Option<f64>,
}

/// Measures all coders over all screens.
///
/// # Errors
/// When a program of the corpus cannot be started, or a coder loses something.
pub fn run() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for screen in corpus::draw()? {
        let rgb = rgb_of(&screen.picture);
        rows.push(tiles(&screen)?);
        rows.push(qoi(&screen, &rgb)?);
        rows.push(png(&screen, &rgb, "PNG, fast", CompressionType::Fast)?);
        rows.push(png(&screen, &rgb, "PNG, best", CompressionType::Best)?);
        rows.push(webp(&screen, &rgb)?);
        match tight::bytes(&screen.picture) {
            Ok(bytes) => rows.push(Row::new(&screen, "Tight", bytes, None, None)),
            Err(error) => eprintln!("Tight: left out: {error:#}"),
        }
    }
    Ok(rows)
}

impl Row {
    fn new(screen: &Screen, coder: &'static str, bytes: usize, encode: Option<Duration>, decode: Option<Duration>) -> Self {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        Self {
            screen: screen.name.to_owned(),
            coder,
            bytes,
            encode_millis: encode.map(millis),
            decode_millis: decode.map(millis),
        }
    }
}

/// One line a screen and coder, with what it is of the tiles.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = String::from("| screen | coder | kB | bytes ÷ tiles | encode, ms | decode, ms |\n|---|---|---|---|---|---|\n");
    let of = |screen: &str| rows.iter().find(|row| row.screen == screen && row.coder == TILES);
    let time = |millis: Option<f64>| millis.map_or_else(String::new, |millis| format!("{millis:.1}"));
    for row in rows {
        let ratio = of(&row.screen).map_or(1.0, |tiles| row.bytes as f64 / tiles.bytes as f64);
        let _ = writeln!(
            out,
            "| {} | {} | {:.1} | {ratio:.2} | {} | {} |",
            row.screen,
            row.coder,
            row.bytes as f64 / 1000.0,
            time(row.encode_millis),
            time(row.decode_millis)
        );
    }
    out
}

const TILES: &str = "Farhand tiles";

fn tiles(screen: &Screen) -> Result<Row> {
    let picture = screen.picture.as_picture();
    let whole = [picture.area()];
    let mut encoder = TileEncoder::new()?;
    let (encode, bytes) = least(|| {
        let mut out = Vec::new();
        encoder.append_operations(&picture, &whole, TilesReason::Change, &mut out)?;
        Ok(out)
    })?;
    let mut decoder = TileDecoder::new()?;
    let mut shown = Canvas::black(picture.width(), picture.height()).context("memory")?;
    let (decode, ()) = least(|| {
        for operation in decode_operations(&bytes) {
            let Operation::Tiles { areas, coded, .. } = operation? else {
                return Err(anyhow!("something else than tiles"));
            };
            decoder.decode(areas, coded, &mut shown.as_picture_mut())?;
        }
        Ok(())
    })?;
    ensure!(
        shown.bytes() == screen.picture.bytes(),
        "the tiles lost something of the {}",
        screen.name
    );
    Ok(Row::new(screen, TILES, bytes.len(), Some(encode), Some(decode)))
}

fn qoi(screen: &Screen, rgb: &[u8]) -> Result<Row> {
    let Area { width, height, .. } = screen.picture.as_picture().area();
    let (encode, bytes) = least(|| Ok(qoi::encode_to_vec(rgb, width, height)?))?;
    let (decode, (_, back)) = least(|| Ok(qoi::decode_to_vec(&bytes)?))?;
    ensure!(back == rgb, "QOI lost something");
    Ok(Row::new(screen, "QOI", bytes.len(), Some(encode), Some(decode)))
}

fn png(screen: &Screen, rgb: &[u8], name: &'static str, compression: CompressionType) -> Result<Row> {
    let Area { width, height, .. } = screen.picture.as_picture().area();
    let (encode, bytes) = least(|| {
        let mut out = Vec::new();
        PngEncoder::new_with_quality(&mut out, compression, FilterType::Adaptive).write_image(
            rgb,
            width,
            height,
            ColorType::Rgb8.into(),
        )?;
        Ok(out)
    })?;
    let (decode, back) = least(|| Ok(image::load_from_memory(&bytes)?.into_rgb8().into_raw()))?;
    ensure!(back == rgb, "PNG lost something");
    Ok(Row::new(screen, name, bytes.len(), Some(encode), Some(decode)))
}

fn webp(screen: &Screen, rgb: &[u8]) -> Result<Row> {
    let Area { width, height, .. } = screen.picture.as_picture().area();
    let (encode, bytes) = least(|| {
        let mut out = Vec::new();
        image_webp::WebPEncoder::new(&mut out).encode(rgb, width, height, image_webp::ColorType::Rgb8)?;
        Ok(out)
    })?;
    let mut back = vec![0; rgb.len()];
    let (decode, ()) = least(|| Ok(image_webp::WebPDecoder::new(Cursor::new(&bytes))?.read_image(&mut back)?))?;
    ensure!(back == rgb, "WebP lost something");
    Ok(Row::new(screen, "WebP, lossless", bytes.len(), Some(encode), Some(decode)))
}

fn least<T>(mut run: impl FnMut() -> Result<T>) -> Result<(Duration, T)> {
    let mut timed = || {
        let began = Instant::now();
        run().map(|made| (began.elapsed(), made))
    };
    let mut best = timed()?;
    for _ in 1..RUNS {
        let next = timed()?;
        best = (best.0.min(next.0), next.1);
    }
    Ok(best)
}

fn rgb_of(picture: &Canvas) -> Vec<u8> {
    let pixels = picture.bytes().as_chunks::<4>().0;
    pixels.iter().flat_map(|[blue, green, red, _]| [*red, *green, *blue]).collect()
}
