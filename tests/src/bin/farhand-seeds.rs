//! Writes a few well-formed inputs for each fuzz target into the folder given, so that the search starts
//! from what readers accept instead of from nothing.

use std::path::Path;

use farhand_codec::operations::{Operation, TilesReason, append_operation};
use farhand_codec::preview::append_preview;
use farhand_codec::video::{Content, VideoConfig, VideoEncoder};
use farhand_codec::{Area, Canvas, TileEncoder};
use farhand_protocol::chain::{Body, Chain, Origin};
use farhand_protocol::gateway::{FromGateway, ToGateway};
use farhand_protocol::ids::{PeerKey, SessionId};
use farhand_protocol::peer::{HostBound, ViewerBound};
use farhand_protocol::ticket::Signed;
use farhand_protocol::time::Timestamp;
use farhand_protocol::wire::to_cbor;

/// Frames of every kind as the protocol's tests keep them: a name, a space, hexadecimal digits.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/tests/golden/frames.txt");
/// Bodies that many kinds accept: an empty map, an empty list, small numbers, null.
const BODIES: [&[u8]; 5] = [&[0xa0], &[0x80], &[0x00], &[0x19, 0x01, 0x00], &[0xf6]];
const TEXTS: [&str; 5] = [
    "427 901 358",
    "https://support.example/join#AAAAAAAAAAAAAAAAAAAAAAAAAA",
    "https://support.example:8443/join#427901358.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "farhand:join?gateway=https://support.example&code=427901358",
    "Farhand~support.example~443~~427901358",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: farhand-seeds FOLDER")?;
    let folder = Path::new(&folder);
    for (target, kinds) in [
        ("host_bound", HostBound::KINDS),
        ("viewer_bound", ViewerBound::KINDS),
        ("to_gateway", ToGateway::KINDS),
        ("from_gateway", FromGateway::KINDS),
    ] {
        for (kind, _) in kinds {
            for body in BODIES {
                let length = u32::try_from(body.len())?.to_be_bytes();
                let frame = [&kind.to_be_bytes(), length.as_slice(), body].concat();
                write(folder, target, &frame)?;
            }
        }
        for frame in golden() {
            write(folder, target, &frame)?;
        }
    }
    for text in TEXTS {
        write(folder, "code", text.as_bytes())?;
    }
    for signed in signed() {
        write(folder, "ticket", &signed.bytes)?;
        write(folder, "ticket", signed.to_text().as_bytes())?;
    }
    write(folder, "chain", &[0x80])?;
    write(folder, "chain", &chain()?)?;
    for length in [16, 24, 32, 48] {
        write(folder, "media_header", &vec![0; length])?;
    }
    write(folder, "update", &update()?)?;
    write(folder, "update", &preview()?)?;
    for tiles in tiles()? {
        write(folder, "tiles", &tiles)?;
    }
    write(folder, "video", &video()?)
}

/// The signed statements among the golden lines.
fn signed() -> Vec<Signed> {
    let text = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("Signed "));
    let decode = |word: Option<&str>| from_hex(word?);
    lines
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(3);
            Some(Signed {
                bytes: decode(words.next())?,
                signature: decode(words.next())?,
            })
        })
        .collect()
}

/// Three links of a chain.
fn chain() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut chain = Chain::new(Origin::Applet(PeerKey([7; 32])), SessionId(1));
    let map = Body::from([("text", Body::from("hello")), ("count", Body::from(3)), ("on", Body::from(true))]);
    let bodies = [map, Body::Null, Body::List(vec![Body::from("x")])];
    let entries: Result<Vec<_>, _> = bodies
        .into_iter()
        .map(|body| chain.append(Timestamp(0), "chat.line", body))
        .collect();
    let mut bytes = Vec::new();
    to_cbor(&entries?, &mut bytes);
    Ok(bytes)
}

/// Coded tiles of every kind of block, in the form of the target `tiles`.
fn tiles() -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
    const SIDE: u8 = 80;
    let area = Area::of_size(SIDE.into(), SIDE.into());
    let colours: [fn(usize) -> u8; 4] = [|_| 7, |at| (at / 400 % 3) as u8, |at| (at / 4) as u8, |at| (at * at / 7) as u8];
    let mut all = Vec::new();
    for colour in colours {
        let mut canvas = Canvas::black(area.width, area.height).ok_or("size")?;
        for (at, byte) in canvas.as_picture_mut().bytes_mut().iter_mut().enumerate() {
            *byte = colour(at);
        }
        let mut bytes = vec![SIDE, SIDE, 1, 0, 0, SIDE, SIDE];
        TileEncoder::new()?.encode(&canvas.as_picture(), &[area], &mut bytes)?;
        all.push(bytes);
    }
    // One plain block, so that the search need not get past zstd.
    all.push(vec![8, 8, 1, 0, 0, 8, 8, 0, 0, 1, 2, 3]);
    Ok(all)
}

/// A frame that is shown coarsely.
fn preview() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let (area, mut update) = (Area::of_size(96, 64), Vec::new());
    append_operation(&Operation::Reset { width: 96, height: 64 }, &mut update);
    let mut canvas = Canvas::black(area.width, area.height).ok_or("size")?;
    for (at, byte) in canvas.as_picture_mut().bytes_mut().iter_mut().enumerate() {
        *byte = (at / 7) as u8;
    }
    if !append_preview(&canvas.as_picture(), area, 2_000, &mut update)? {
        return Err("no preview of so small a frame".into());
    }
    Ok(update)
}

/// A key and two pictures that build on it, in the form of the target `video`.
fn video() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let area = Area::of_size(64, 64);
    let mut encoder = VideoEncoder::new(video_config(area))?;
    let mut canvas = Canvas::black(area.width, area.height).ok_or("size")?;
    let mut bytes = vec![4, 4];
    for picture in 0..3_u64 {
        for (at, byte) in canvas.as_picture_mut().bytes_mut().iter_mut().enumerate() {
            // Eight rows change from one picture to the next, so that the later ones build on the first.
            let changed = at as u64 / (64 * 4 * 8) == picture;
            *byte = (at / 5) as u8 ^ if changed { 0x3c } else { 0 };
        }
        if let Some(encoded) = encoder.encode(&canvas.as_picture(), picture * 40)? {
            bytes.extend(u16::try_from(encoded.bytes.len())?.to_le_bytes());
            bytes.extend(encoded.bytes);
        }
    }
    Ok(bytes)
}

fn video_config(area: Area) -> VideoConfig {
    VideoConfig {
        width: area.width,
        height: area.height,
        bitrate_bps: 1_000_000,
        max_bitrate_bps: 2_000_000,
        fps_max: 30,
        content: Content::Screen,
    }
}

fn golden() -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let words = text.lines().filter_map(|line| line.split_whitespace().last());
    words.filter_map(from_hex).collect()
}

fn from_hex(word: &str) -> Option<Vec<u8>> {
    let (pairs, []) = word.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect()
}

/// A reset, exact tiles and one picture of video.
fn update() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let area = Area::of_size(64, 64);
    let screen = Canvas::black(area.width, area.height).ok_or("size")?;
    let mut bytes = Vec::new();
    append_operation(
        &Operation::Reset {
            width: area.width,
            height: area.height,
        },
        &mut bytes,
    );
    let picture = screen.as_picture();
    TileEncoder::new()?.append_operations(&picture, &[area], TilesReason::Change, &mut bytes)?;
    let mut encoder = VideoEncoder::new(video_config(area))?;
    if let Some(encoded) = encoder.encode(&picture, 0)? {
        let (kind, coded) = (encoded.kind, encoded.bytes);
        let whole = [area];
        let painted = whole.as_slice().into();
        append_operation(
            &Operation::Video {
                stream: 0,
                kind,
                area,
                painted,
                bytes: coded,
            },
            &mut bytes,
        );
    }
    Ok(bytes)
}

fn write(folder: &Path, target: &str, bytes: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let folder = folder.join(target);
    std::fs::create_dir_all(&folder)?;
    let sum = bytes.iter().fold(5381_u64, |sum, byte| sum.wrapping_mul(33) ^ u64::from(*byte));
    Ok(std::fs::write(folder.join(format!("seed-{sum:016x}")), bytes)?)
}
