//! Writes a few well-formed inputs for each target into the folder given, so that the search starts
//! from what readers accept instead of from nothing.

use std::path::Path;

use data_encoding::HEXLOWER_PERMISSIVE;
use farhand_codec::operations::{Operation, TilesReason, append_operation};
use farhand_codec::video::{Content, VideoConfig, VideoEncoder};
use farhand_codec::{Area, Canvas, TileEncoder};
use farhand_protocol::gateway::{FromGateway, ToGateway};
use farhand_protocol::peer::{HostBound, ViewerBound};

/// Frames of every kind as the protocol's tests keep them: a name, a space, hexadecimal digits.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocol/tests/golden/frames.txt");
/// Bodies that many kinds accept: an empty map, an empty list, small numbers, null.
const BODIES: [&[u8]; 5] = [&[0xa0], &[0x80], &[0x00], &[0x19, 0x01, 0x00], &[0xf6]];
const TEXTS: [&str; 5] = [
    "427 901 358",
    "https://support.example/join#AAAAAAAAAAAAAAAAAAAAAA",
    "https://support.example:8443/join#427901358.0000000000000000000000000000000000000000000000000000000000000000",
    "farhand:join?gateway=https://support.example&code=427901358",
    "Farhand~support.example~443~~427901358",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: seeds FOLDER")?;
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
    write(folder, "ticket", b"oA.AAAA")?;
    write(folder, "chain", &[0x80])?;
    for length in [16, 24, 32, 48] {
        write(folder, "media_header", &vec![0; length])?;
    }
    write(folder, "update", &update()?)
}

fn golden() -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let words = text.lines().filter_map(|line| line.split_whitespace().last());
    words.filter_map(|word| HEXLOWER_PERMISSIVE.decode(word.as_bytes()).ok()).collect()
}

/// A reset, exact tiles and one picture of video.
fn update() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let area = Area::of_size(64, 64);
    let screen = Canvas::black(area.width, area.height).ok_or("size")?;
    let mut bytes = Vec::new();
    append_operation(&Operation::Reset { width: area.width, height: area.height }, &mut bytes);
    let picture = screen.as_picture();
    TileEncoder::new()?.append_operations(&picture, &[area], TilesReason::Change, &mut bytes)?;
    let config = VideoConfig {
        width: area.width,
        height: area.height,
        bitrate_bps: 1_000_000,
        max_bitrate_bps: 2_000_000,
        fps_max: 30,
        content: Content::Screen,
    };
    let mut encoder = VideoEncoder::new(config)?;
    if let Some(encoded) = encoder.encode(&picture, 0)? {
        let (kind, coded) = (encoded.kind, encoded.bytes);
        let painted = [].as_slice().into();
        append_operation(&Operation::Video { stream: 0, kind, area, painted, bytes: coded }, &mut bytes);
    }
    Ok(bytes)
}

fn write(folder: &Path, target: &str, bytes: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let folder = folder.join(target);
    std::fs::create_dir_all(&folder)?;
    let sum = bytes.iter().fold(5381_u64, |sum, byte| sum.wrapping_mul(33) ^ u64::from(*byte));
    Ok(std::fs::write(folder.join(format!("seed-{sum:016x}")), bytes)?)
}
