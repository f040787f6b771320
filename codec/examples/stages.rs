//! How long each stage takes, and how many bytes it makes: `cargo run -p farhand-codec --example stages [--release]`.
//!
//! Prints the least and the median of several runs in milliseconds; on a busy machine the least says more. Nothing is
//! asserted; the machine decides.

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use farhand_codec::operations::{Operation, TilesReason, append_operation, decode_operations};
use farhand_codec::planner::{PlannerConfig, RegionPlanner};
use farhand_codec::video::{Content, I420, VideoConfig};
use farhand_codec::{Area, Canvas, CopyFinder, FramePainter, TileDecoder, TileEncoder, VideoDecoder, VideoEncoder};
use support::{film, text, with_letter};

const WIDTH: u32 = 1920;
const HEIGHT: u32 = 1080;
const WHOLE: Area = Area::of_size(WIDTH, HEIGHT);
const LETTER: Area = Area::new(300, 200, 12, 13);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let page = text(WIDTH, HEIGHT, 0);
    colour(&page)?;
    tiles("text 1080p", &page, WHOLE)?;
    tiles("film 1080p", &film(WIDTH, HEIGHT, 0), WHOLE)?;
    tiles("letter 12x13", &page, LETTER)?;
    tiles("tile 64x64 of text", &page, Area::new(320, 320, 64, 64))?;
    let typed: Vec<Canvas> = (0..8)
        .map(|step| {
            with_letter(
                &page,
                Area {
                    x: 300 + step * 12,
                    ..LETTER
                },
                90,
            )
        })
        .collect();
    let scrolled: Vec<Canvas> = (0..8).map(|step| text(WIDTH, HEIGHT, step * 16)).collect();
    let films: Vec<Canvas> = (0..8).map(|step| film(WIDTH, HEIGHT, step)).collect();
    for content in [Content::Screen, Content::Camera] {
        video(&format!("{content:?}: letters on 1080p"), &typed, content)?;
        video(&format!("{content:?}: scrolling 1080p"), &scrolled, content)?;
        video(&format!("{content:?}: film 1080p"), &films, content)?;
    }
    moving(&page);
    planning();
    whole_way(&page)
}

fn report(what: &str, bytes: usize, mut run: impl FnMut()) {
    let mut millis: Vec<f64> = (0..25)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    millis.sort_by(f64::total_cmp);
    let bytes = if bytes > 0 { format!("{bytes:>9} bytes") } else { String::new() };
    println!("{what:<44} {:>8.3} {:>8.3} ms {bytes}", millis[0], millis[millis.len() / 2]);
}

fn colour(page: &Canvas) -> Result<(), Box<dyn std::error::Error>> {
    let mut planes = I420::new(WIDTH, HEIGHT);
    planes.convert(&page.as_picture())?;
    report("BGRA to I420 1080p", 0, || {
        planes.convert(&page.as_picture()).expect("converted before")
    });
    Ok(())
}

fn tiles(what: &str, picture: &Canvas, area: Area) -> Result<(), Box<dyn std::error::Error>> {
    let mut encoder = TileEncoder::new()?;
    let mut update = Vec::new();
    encoder.append_operations(&picture.as_picture(), &[area], TilesReason::Change, &mut update)?;
    report(&format!("{what}: encode tiles"), update.len(), || {
        let mut again = Vec::new();
        let done = encoder.append_operations(&picture.as_picture(), &[area], TilesReason::Change, &mut again);
        done.expect("encoded before");
    });
    let mut decoder = TileDecoder::new()?;
    let mut target = Canvas::black(WIDTH, HEIGHT).ok_or("size")?;
    report(&format!("{what}: decode tiles"), update.len(), || {
        for operation in decode_operations(&update) {
            if let Ok(Operation::Tiles { areas, coded, .. }) = operation {
                decoder.decode(areas, coded, &mut target.as_picture_mut()).expect("our own bytes");
            }
        }
    });
    Ok(())
}

fn video(what: &str, pictures: &[Canvas], content: Content) -> Result<(), Box<dyn std::error::Error>> {
    let (bitrate_bps, max_bitrate_bps) = (10_000_000, 50_000_000);
    let config = VideoConfig {
        width: WIDTH,
        height: HEIGHT,
        bitrate_bps,
        max_bitrate_bps,
        fps_max: 30,
        content,
    };
    let before = resident_kib();
    let mut encoder = VideoEncoder::new(config)?;
    let mut coded: Vec<Vec<u8>> = Vec::new();
    let begin = Instant::now();
    coded.push(encoder.encode(&pictures[0].as_picture(), 0)?.ok_or("skipped")?.bytes.to_vec());
    let millis = begin.elapsed().as_secs_f64() * 1000.0;
    println!("{:<44} {millis:>17.3} ms {:>9} bytes", format!("{what}: first key"), coded[0].len());
    let mut step = 0;
    report(&format!("{what}: encode"), 0, || {
        step += 1;
        let picture = &pictures[step % pictures.len()];
        let encoded = encoder
            .encode(&picture.as_picture(), step as u64 * 33)
            .expect("encodes")
            .expect("not skipped");
        coded.push(encoded.bytes.to_vec());
    });
    let held = resident_kib().saturating_sub(before);
    let mean = coded[1..].iter().map(Vec::len).sum::<usize>() / (coded.len() - 1);
    println!(
        "{:<44} {held:>17} KiB {mean:>8} bytes a picture",
        format!("{what}: held by the encoder")
    );
    let before = resident_kib();
    let mut decoder = VideoDecoder::new(WIDTH, HEIGHT)?;
    decoder.decode(&coded[0])?;
    let mut at = 0;
    report(&format!("{what}: decode"), 0, || {
        at += 1;
        decoder.decode(&coded[at]).expect("our own bytes");
    });
    println!(
        "{:<44} {:>17} KiB",
        format!("{what}: held by the decoder"),
        resident_kib().saturating_sub(before)
    );
    let mut target = Canvas::black(WIDTH, HEIGHT).ok_or("size")?;
    decoder.decode(&coded[0])?;
    let decoded = decoder.decode(&coded[1])?;
    report(&format!("{what}: I420 to BGRA"), 0, || {
        decoded.paint(WHOLE, &mut target.as_picture_mut()).expect("inside");
    });
    Ok(())
}

fn moving(page: &Canvas) {
    let mut finder = CopyFinder::new();
    let below_title = Area::new(0, 24, WIDTH, HEIGHT - 24);
    let scrolled = text(WIDTH, HEIGHT, 54);
    report("copies: a scrolled 1080p page", 0, || {
        let moves = finder.find(&page.as_picture(), &scrolled.as_picture(), &[below_title]);
        assert_eq!(moves.copies.len(), 1);
    });
    let (one, other) = (film(WIDTH, HEIGHT, 0), film(WIDTH, HEIGHT, 1));
    report("copies: a 1080p film, in vain", 0, || {
        finder.find(&one.as_picture(), &other.as_picture(), &[WHOLE]);
    });
}

fn planning() {
    let mut planner = RegionPlanner::new(WIDTH, HEIGHT, PlannerConfig::default());
    let mut now_millis = 0;
    report("plan a letter", 0, || {
        now_millis += 33;
        planner.plan(&[LETTER], now_millis, &[]);
    });
    report("plan a whole screen", 0, || {
        now_millis += 33;
        planner.plan(&[WHOLE], now_millis, &[]);
    });
}

fn whole_way(page: &Canvas) -> Result<(), Box<dyn std::error::Error>> {
    let mut painter = FramePainter::new()?;
    let mut update = Vec::new();
    append_operation(
        &Operation::Reset {
            width: WIDTH,
            height: HEIGHT,
        },
        &mut update,
    );
    painter.apply(&update)?;
    let mut encoder = TileEncoder::new()?;
    let mut planner = RegionPlanner::new(WIDTH, HEIGHT, PlannerConfig::default());
    let mut now_millis = 0;
    report("letter: plan, encode, paint", 0, || {
        now_millis += 100;
        let mut update = Vec::new();
        let plan = planner.plan(&[LETTER], now_millis, &[]);
        let done = encoder.append_operations(&page.as_picture(), &plan.tiles, TilesReason::Change, &mut update);
        done.expect("inside");
        painter.apply(&update).expect("our own bytes");
    });
    Ok(())
}

/// Anonymous resident memory where the system tells it, else 0.
#[allow(clippy::disallowed_methods, reason = "a measurement may ask the system")]
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
