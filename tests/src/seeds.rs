//! A few well-formed inputs for each fuzz target, so that the search starts from what readers accept instead of from nothing. What is worth keeping of
//! them, and of what a search found, stands in `fuzz/corpus`.

use farhand_codec::modelled::PixelModel;
use farhand_codec::operations::{Operation, TilesReason, append_operation};
use farhand_codec::preview::append_preview;
use farhand_codec::video::{Content, VideoConfig, VideoEncoder};
use farhand_codec::{Area, Canvas, TileEncoder};
use farhand_protocol::chain::{Body, Chain, ChainEntry, Origin};
use farhand_protocol::gateway::{FromGateway, ToGateway};
use farhand_protocol::geometry::{DesktopLayout, MAX_POSITION_PX, MAX_SIDE_PX, Monitor, Point, Rect};
use farhand_protocol::ids::{PeerKey, SessionId};
use farhand_protocol::media::{CursorPosition, MAX_REPAIRED_BYTES, PicturePlace, Repair, UpdateHeader};
use farhand_protocol::peer::{CursorImage, HostBound, ViewerBound};
use farhand_protocol::ticket::Signed;
use farhand_protocol::time::Timestamp;
use farhand_protocol::wire::{Message, to_cbor};

/// Frames of every kind as the protocol's tests keep them: a name, a space, hexadecimal digits.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/tests/golden/frames.txt");
/// Bodies that many kinds accept: an empty map, an empty list, small numbers, null.
const BODIES: [&[u8]; 5] = [&[0xa0], &[0x80], &[0x00], &[0x19, 0x01, 0x00], &[0xf6]];
/// Sides of a video: whole blocks, odd ones, the least, one that is long, and one larger than most windows.
const VIDEOS: [((u32, u32), Content); 8] = [
    ((64, 64), Content::Screen),
    ((64, 48), Content::Camera),
    ((37, 51), Content::Camera),
    ((1, 1), Content::Camera),
    ((16, 16), Content::Screen),
    ((2, 130), Content::Screen),
    ((1021, 18), Content::Screen),
    ((640, 360), Content::Camera),
];
const TEXTS: [&str; 14] = [
    "427 901 358",
    "427901",
    "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE-F",
    "https://support.example/join#AAAAAAAAAAAAAAAAAAAAAAAAAA",
    "https://support.example:8443/join#427901358.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "farhand:join?gateway=https://support.example&code=427901358",
    "farhand:join?gateway=https%3A%2F%2Fsupport.example%3A8443&code=AAAAAAAAAAAAAAAAAAAAAAAAAA&trust=AAAA",
    "Farhand~support.example~443~~427901358",
    "Farhand~support.example~8443~AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA~427901358 (1).exe",
    "support.example",
    "https://[2001:db8::1]:8443/",
    "http://127.0.0.1:65536",
    "https://xn--nxasmq6b.example:0/join",
    "٤٢٧ ９０１ 358",
];

/// The error of whatever could not be made.
type Error = Box<dyn std::error::Error>;

/// Every seed, with the name of its target.
///
/// # Errors
/// When the codec or the protocol cannot write what it should.
pub fn all() -> Result<Vec<(&'static str, Vec<u8>)>, Error> {
    let mut seeds = Vec::new();
    for (target, kinds, name) in [
        ("host_bound", HostBound::KINDS, "HostBound "),
        ("viewer_bound", ViewerBound::KINDS, "ViewerBound "),
        ("to_gateway", ToGateway::KINDS, "ToGateway "),
        ("from_gateway", FromGateway::KINDS, "FromGateway "),
    ] {
        for (kind, _) in kinds {
            for body in BODIES {
                let length = u32::try_from(body.len())?.to_be_bytes();
                seeds.push((target, [&kind.to_be_bytes(), length.as_slice(), body].concat()));
            }
        }
        let frames: Vec<Vec<u8>> = golden(name).collect();
        // All together, as a stream brings them.
        seeds.push((target, frames.concat()));
        seeds.extend(frames.into_iter().map(|frame| (target, frame)));
    }
    seeds.extend(TEXTS.map(|text| ("code", text.into())));
    for signed in signed() {
        let text = signed.to_text().into_bytes();
        let half = text[..text.len() / 2].to_vec();
        seeds.extend([signed.bytes, text, half].map(|bytes| ("ticket", bytes)));
    }
    seeds.extend(chains()?.into_iter().map(|chain| ("chain", chain)));
    seeds.extend(headers().into_iter().map(|header| ("media_header", header)));
    seeds.extend(shown().iter().map(|message| ("viewer_bound", message.to_frame())));
    seeds.extend(repairs().into_iter().map(|script| ("repair", script)));
    seeds.extend(updates()?.into_iter().map(|update| ("update", update)));
    let (tiles, foreseen): (Vec<_>, Vec<_>) = framed()?.into_iter().unzip();
    seeds.extend(tiles.into_iter().map(|tiles| ("tiles", tiles)));
    seeds.extend(foreseen.into_iter().map(|foreseen| ("modelled", foreseen)));
    for (sides, content) in VIDEOS {
        seeds.push(("video", video(sides, content)?));
    }
    Ok(seeds)
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

/// Chains of none to three links, and some that are none: a link that is missing, comes twice, in the wrong place or from elsewhere.
fn chains() -> Result<Vec<Vec<u8>>, Error> {
    let mut chain = Chain::new(Origin::Applet(PeerKey([7; 32])), SessionId(1));
    let map = Body::from([("text", Body::from("hello")), ("count", Body::from(3)), ("on", Body::from(true))]);
    let deep = (0..17).fold(Body::Null, |inner, _| Body::List(vec![inner]));
    let mut links = Vec::new();
    for body in [map, Body::Null, Body::List(vec![Body::from("x"), Body::from(i64::MIN)])] {
        links.push(chain.append(Timestamp(0), "chat.line", body)?);
    }
    let changed = |at: usize, change: fn(&mut ChainEntry)| {
        let mut links = links.clone();
        links.get_mut(at).into_iter().for_each(change);
        links
    };
    let mut deeper = links.clone();
    deeper.iter_mut().for_each(|link| link.body = deep.clone());
    let all = [
        Vec::new(),
        links[..1].to_vec(),
        links.clone(),
        links[1..].to_vec(),
        [&links[..1], &links[..]].concat(),
        links.iter().rev().cloned().collect(),
        changed(1, |link| link.seq = u64::MAX),
        changed(2, |link| link.session_id = SessionId(i64::MIN)),
        changed(0, |link| link.origin = Origin::Gateway),
        changed(1, |link| link.kind = "k".repeat(65)),
        changed(1, |link| link.occurred_at = Timestamp::MAX),
        deeper,
    ];
    let cbor = |links: &Vec<ChainEntry>| {
        let mut bytes = Vec::new();
        to_cbor(links, &mut bytes);
        bytes
    };
    Ok(all.iter().map(cbor).collect())
}

/// Headers of updates, cursors and repairs: those the protocol's tests keep, the longest, and one of each limit that is kept to.
fn headers() -> Vec<Vec<u8>> {
    let update = |update, base, full| UpdateHeader {
        update,
        base,
        captured_at_micros: -5,
        full,
        exact: base > 0,
    };
    let place = |x, y, width, height| PicturePlace {
        epoch: u32::MAX,
        area: Rect::new(x, y, width, height),
    };
    let far = place(-MAX_POSITION_PX, MAX_POSITION_PX, MAX_SIDE_PX, 1);
    let mut headers: Vec<Vec<u8>> = golden("Media ").collect();
    for header in [
        update(1, 0, Some(place(-1920, 0, 3840, 1080))),
        update(2, 1, None),
        update(u64::MAX, 0, Some(far)),
        update(300, 290, None),
    ] {
        let mut bytes = Vec::new();
        header.append_to(&mut bytes);
        headers.push(bytes);
    }
    for (number, pos) in [(0, Point::default()), (u32::MAX, far.area.corner())] {
        let cursor = CursorPosition {
            number,
            serial: 7,
            epoch: 1,
            pos,
            visible: number > 0,
        };
        headers.push(cursor.to_bytes().to_vec());
    }
    for (length, width, offset) in [(MAX_REPAIRED_BYTES, 1200, 1190), (5, 5, 0)] {
        let repair = Repair {
            stream: 70_000,
            length,
            width,
            offset,
            parity: &[1, 2, 3],
        };
        let mut bytes = Vec::new();
        repair.append_to(&mut bytes);
        headers.push(bytes);
    }
    headers
}

/// What a host says of its screen and its cursor.
fn shown() -> Vec<ViewerBound> {
    let cursor = |width: u16, height: u16| CursorImage {
        serial: 9,
        width,
        height,
        hot_x: width,
        hot_y: u16::MAX,
        bgra: vec![128; usize::from(width) * usize::from(height) * 4],
    };
    let monitor = |id, x, width| Monitor {
        id,
        area: Rect::new(x, -8, width, 900),
        scale_percent: 150,
        primary: id == 1,
        name: "DP-1".into(),
    };
    let layout = |monitors| DesktopLayout { epoch: 3, monitors };
    vec![
        ViewerBound::Cursor(cursor(0, 0)),
        ViewerBound::Cursor(cursor(0, 3)),
        ViewerBound::Cursor(cursor(5, 4)),
        ViewerBound::Cursor(cursor(CursorImage::MAX_SIDE_PX, 1)),
        ViewerBound::Cursor(CursorImage { width: 6, ..cursor(5, 4) }),
        ViewerBound::Layout(layout(vec![monitor(1, 0, 1600), monitor(2, -1200, 1200)])),
        ViewerBound::Layout(layout(vec![monitor(1, i32::MAX, MAX_SIDE_PX)])),
    ]
}

/// What comes of an update, in the form of the target `repair`: all of it, all but a run and then the parity, in either order, and what no host sends.
fn repairs() -> Vec<Vec<u8>> {
    // 1000 bytes, a parity of 240 in datagrams of 100.
    const HEAD: [u8; 4] = [0xe8, 3, 30, 100];
    let own = |begin: u16, steps: u8| {
        let [low, high] = begin.to_le_bytes();
        vec![0, low, high, steps]
    };
    let parity = |index: u8| vec![1, index, 0, 0];
    let foreign = |kind: u8, shift: u8, place: u16, bytes: &[u8]| {
        let [low, high] = place.to_le_bytes();
        [&[kind | (shift << 2), low, high, bytes.len() as u8][..], bytes].concat()
    };
    let script = |head: [u8; 4], pieces: &[Vec<u8>]| [&head[..], &pieces.concat()].concat();
    // Both halves of the parity of eight bytes.
    let (first, second) = ([0x60, 1, 8, 4, 0, 9, 9], [0x60, 1, 8, 4, 2, 9, 9]);
    vec![
        script(HEAD, &[own(0, 100), own(800, 100)]),
        script(HEAD, &[own(400, 100), own(0, 50), own(400, 1)]),
        script(HEAD, &[own(0, 50), own(600, 50), parity(0), parity(1), parity(2)]),
        script(HEAD, &[parity(2), parity(2), parity(0), parity(1), own(240, 95)]),
        script(HEAD, &[own(0, 95), parity(0), parity(1), parity(2)]),
        script(HEAD, &[own(0, 10), own(160, 10), own(320, 10), own(80, 10)]),
        script([0; 4], &[own(0, 0), parity(0)]),
        script([5, 0, 1, 12], &[parity(0), own(0, 1)]),
        script(
            HEAD,
            &[foreign(2, 0, 4, b"abcd"), foreign(3, 0, 0, &first), foreign(3, 0, 0, &second)],
        ),
        script(
            HEAD,
            &[foreign(3, 0, 0, &first), foreign(2, 0, 9, b"abc"), foreign(2, 0, 3, b"abcdefgh")],
        ),
        script(
            HEAD,
            &[foreign(2, 12, 12_287, b"at the limit"), foreign(2, 12, 12_288, b"beyond it")],
        ),
        script(HEAD, &[foreign(2, 50, u16::MAX, b"far beyond"), own(0, 1)]),
    ]
}

/// Inputs of the targets `tiles` and `modelled`.
type TilesAndModelled = (Vec<u8>, Vec<u8>);

/// Coded tiles of every kind of block, in the form of the target `tiles`: one area, and two that lie over each other. And the same as modelled pixels.
fn framed() -> Result<Vec<TilesAndModelled>, Error> {
    const SIDE: u8 = 80;
    let area = Area::of_size(SIDE.into(), SIDE.into());
    let colours: [fn(usize) -> u8; 4] = [|_| 7, |at| (at / 400 % 3) as u8, |at| (at / 4) as u8, |at| (at * at / 7) as u8];
    let mut all = Vec::new();
    for colour in colours {
        let mut canvas = Canvas::black(area.width, area.height).ok_or("size")?;
        for (at, byte) in canvas.as_picture_mut().bytes_mut().iter_mut().enumerate() {
            *byte = colour(at);
        }
        for areas in [&[[0, 0, SIDE, SIDE]][..], &[[3, 5, 17, 9]], &[[0, 70, 80, 10], [60, 60, 5, 20]]] {
            let mut bytes = vec![SIDE, SIDE, areas.len() as u8];
            bytes.extend(areas.iter().flatten());
            let areas: Vec<Area> = areas
                .iter()
                .map(|area| area.map(u32::from))
                .map(|[x, y, width, height]| Area::new(x, y, width, height))
                .collect();
            let mut foreseen = bytes.clone();
            TileEncoder::new()?.encode(&canvas.as_picture(), &areas, &mut bytes)?;
            PixelModel::new().encode(&canvas.as_picture(), &areas, &mut foreseen)?;
            all.push((bytes, foreseen));
        }
    }
    // One plain block, so that the search need not get past zstd.
    all.push((vec![8, 8, 1, 0, 0, 8, 8, 0, 0, 1, 2, 3], vec![8, 8, 1, 0, 0, 8, 8]));
    Ok(all)
}

/// Updates of every kind of operation, by themselves and behind each other.
fn updates() -> Result<Vec<Vec<u8>>, Error> {
    let (shown, moved, preview, modelled) = (update()?, moved(), preview()?, modelled()?);
    let mut reset = Vec::new();
    append_operation(&Operation::Reset { width: 64, height: 64 }, &mut reset);
    // What comes after the first reset, on a frame it was not made for.
    let later = |update: &[u8]| update.get(reset.len()..).unwrap_or_default().to_vec();
    let pairs = [
        (&shown, &later(&shown)),
        (&shown, &later(&moved)),
        (&preview, &later(&preview)),
        (&preview, &moved),
        (&reset, &later(&preview)),
        (&modelled, &later(&modelled)),
    ];
    let mut all: Vec<Vec<u8>> = pairs.map(|(first, then)| [&first[..], then].concat()).into();
    all.extend([later(&shown), shown, moved, preview, modelled, reset]);
    Ok(all)
}

/// A frame whose pixels are foreseen, in two operations of which the second knows the first.
fn modelled() -> Result<Vec<u8>, Error> {
    let (area, mut update) = (Area::of_size(96, 64), Vec::new());
    append_operation(&Operation::Reset { width: 96, height: 64 }, &mut update);
    let mut canvas = Canvas::black(area.width, area.height).ok_or("size")?;
    for (at, byte) in canvas.as_picture_mut().bytes_mut().iter_mut().enumerate() {
        *byte = (at / 4 % 23 % 7 * 30) as u8;
    }
    let mut model = PixelModel::new();
    for (reason, areas) in [
        (TilesReason::Change, &[Area::new(0, 0, 96, 40)][..]),
        (TilesReason::Refine, &[Area::new(1, 40, 9, 18), Area::new(20, 50, 70, 3)]),
    ] {
        let mut coded = Vec::new();
        model.encode(&canvas.as_picture(), areas, &mut coded)?;
        let (areas, coded) = (areas.into(), &coded);
        append_operation(&Operation::Modelled { reason, areas, coded }, &mut update);
    }
    Ok(update)
}

/// A frame that is shown coarsely.
fn preview() -> Result<Vec<u8>, Error> {
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
fn video((width, height): (u32, u32), content: Content) -> Result<Vec<u8>, Error> {
    let area = Area::of_size(width, height);
    let mut encoder = VideoEncoder::new(video_config(area, content))?;
    let mut canvas = Canvas::black(width, height).ok_or("size")?;
    let mut bytes = [width, height].map(|side| (side as u16).to_le_bytes()).concat();
    let rows = u64::from(width) * 4 * 8;
    for picture in 0..3_u64 {
        for (at, byte) in canvas.as_picture_mut().bytes_mut().iter_mut().enumerate() {
            // Eight rows change from one picture to the next, so that the later ones build on the first.
            let changed = at as u64 / rows == picture;
            *byte = (at / 5) as u8 ^ if changed { 0x3c } else { 0 };
        }
        if let Some(encoded) = encoder.encode(&canvas.as_picture(), picture * 40)? {
            bytes.extend(u32::try_from(encoded.bytes.len())?.to_le_bytes());
            bytes.extend(encoded.bytes);
        }
    }
    Ok(bytes)
}

fn video_config(area: Area, content: Content) -> VideoConfig {
    VideoConfig {
        width: area.width,
        height: area.height,
        bitrate_bps: 1_000_000,
        max_bitrate_bps: 2_000_000,
        fps_max: 30,
        content,
    }
}

/// The bytes at the end of those golden lines that begin so.
fn golden(begin: &str) -> impl Iterator<Item = Vec<u8>> {
    let text = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let lines: Vec<String> = text.lines().filter(|line| line.starts_with(begin)).map(str::to_owned).collect();
    lines.into_iter().filter_map(|line| from_hex(line.split_whitespace().last()?))
}

fn from_hex(word: &str) -> Option<Vec<u8>> {
    let (pairs, []) = word.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect()
}

/// A reset, exact tiles and one picture of video.
fn update() -> Result<Vec<u8>, Error> {
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
    let mut encoder = VideoEncoder::new(video_config(area, Content::Screen))?;
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

/// A reset, copies that overlap themselves, tiles made exact, and the end of a video that was never begun.
fn moved() -> Vec<u8> {
    let mut bytes = Vec::new();
    let areas = [Area::of_size(8, 8), Area::new(40, 30, 8, 1)];
    let coded = [&[0][..], &[0, 1, 2, 3], &[0, 4, 5, 6]].concat();
    let copy = |from_x, from_y, to| Operation::Copy { from_x, from_y, to };
    for operation in [
        Operation::Reset { width: 96, height: 64 },
        Operation::Tiles {
            reason: TilesReason::Refine,
            areas: areas.as_slice().into(),
            coded: &coded,
        },
        copy(0, 0, Area::new(1, 1, 60, 40)),
        copy(20, 20, Area::new(20, 3, 76, 44)),
        Operation::EndVideo { stream: u16::MAX },
    ] {
        append_operation(&operation, &mut bytes);
    }
    bytes
}
