//! The exact tiles beside other lossless codings, over screens of real programs: bytes and time, all in one run.

pub mod corpus;
pub mod dictionary;
mod landscape;
mod modelled;
pub mod others;
pub mod pieces;
pub mod shown;
pub mod tight;
mod unlearnt;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use farhand_codec::{
    Canvas, TileDecoder, TileEncoder,
    operations::{Operation, TilesReason, decode_operations},
};
use serde::Serialize;

use self::{
    corpus::Screen,
    others::{Coder, Rgb},
};

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
        let rgb = Rgb::of(&screen.picture.as_picture());
        rows.push(tiles(&screen)?);
        rows.extend(modelled::rows(&screen)?);
        for coder in Coder::ALL {
            rows.push(other(&screen, &rgb, coder)?);
        }
        match tight::bytes(&screen.picture, &[]) {
            Ok((bytes, _)) => rows.push(Row::new(&screen, "Tight", bytes, None, None)),
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

fn other(screen: &Screen, rgb: &Rgb, coder: Coder) -> Result<Row> {
    let (encode, bytes) = least(|| coder.encode(rgb))?;
    let (decode, back) = least(|| coder.decode(&bytes))?;
    ensure!(back == rgb.samples, "{} lost something", coder.name());
    Ok(Row::new(screen, coder.name(), bytes.len(), Some(encode), Some(decode)))
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
