//! Every reader of a peer's bytes, under one name each: what `make fuzz` feeds, and what the tests
//! replay with the files that once broke it (`fixtures/crashes/NAME/`) and with those that reach all
//! its parts (`fuzz/corpus/NAME/`).
//!
//! A reader must return, with a value or an error, whatever the bytes are. Some also check that what
//! was read is written and read again the same, or may be believed. This file is compiled into the
//! fuzz targets as well, so it uses nothing but the two crates it feeds and one file of the engine,
//! which needs no more than they do.

// Compiled in and not linked: the engine brings an operating system and a network along.
#[path = "../../engine/src/link/repair.rs"]
mod update_repair;

use farhand_codec::modelled::PixelModel;
use farhand_codec::operations::{MAX_UPDATE_BYTES, decode_operations};
use farhand_codec::video::DecodedVideo;
use farhand_codec::{Area, Canvas, FramePainter, TileDecoder, VideoDecoder};
use farhand_protocol::chain::{self, Body, ChainEntry, Head};
use farhand_protocol::code::{Code, Invitation, Pin, parse_gateway};
use farhand_protocol::gateway::{FromGateway, ToGateway};
use farhand_protocol::geometry::Rect;
use farhand_protocol::media::{CursorPosition, MOST_UPDATE_HEADER_BYTES, Repair, UpdateHeader};
use farhand_protocol::peer::{HostBound, ViewerBound};
use farhand_protocol::ticket::{CeilingUpdate, GatewayKey, RelayToken, Signed, Statement, Ticket};
use farhand_protocol::wire::{FrameReader, Incoming, Message, from_cbor};

use update_repair::{Gathered, Parity, repair_of};

/// Reads what a peer sent, and panics when the reader is wrong.
pub type Decoder = fn(&[u8]);

/// Every reader by the name of its fuzz target.
pub const DECODERS: [(&str, Decoder); 13] = [
    ("host_bound", host_bound),
    ("viewer_bound", viewer_bound),
    ("to_gateway", to_gateway),
    ("from_gateway", from_gateway),
    ("ticket", ticket),
    ("chain", chain_entries),
    ("code", code),
    ("media_header", media_header),
    ("repair", repair),
    ("update", update),
    ("tiles", tiles),
    ("modelled", modelled),
    ("video", video),
];

/// Most pixels that one input of the target `video` may have decoded, and most pictures: with more it would be slow, and show nothing else.
const MOST_VIDEO_PIXELS: u64 = 1 << 24;
const MOST_VIDEO_PICTURES: usize = 256;

/// What a console sends to an applet.
pub fn host_bound(bytes: &[u8]) {
    frames::<HostBound>(bytes, |_| {});
}

/// What an applet sends to a console. Whatever it calls sane is drawn and reckoned with unseen.
pub fn viewer_bound(bytes: &[u8]) {
    frames::<ViewerBound>(bytes, |message| match message {
        ViewerBound::Cursor(image) if image.is_sane() => {
            let row = usize::from(image.width) * 4;
            let rows = image.bgra.chunks_exact(row.max(1));
            assert!(rows.remainder().is_empty() && (row == 0 || rows.len() == usize::from(image.height)));
        }
        ViewerBound::Layout(layout) if layout.is_sane() => {
            assert!(layout.monitors.iter().all(|monitor| is_whole(&monitor.area)) && is_whole(&layout.bounds()));
        }
        _ => {}
    });
}

/// Whether all of a rectangle can be named.
fn is_whole(rect: &Rect) -> bool {
    (rect.right().checked_sub(rect.x), rect.bottom().checked_sub(rect.y))
        == (i32::try_from(rect.width).ok(), i32::try_from(rect.height).ok())
}

/// What a peer sends to the gateway.
pub fn to_gateway(bytes: &[u8]) {
    frames::<ToGateway>(bytes, |_| {});
}

/// What the gateway sends to a peer.
pub fn from_gateway(bytes: &[u8]) {
    frames::<FromGateway>(bytes, |_| {});
}

fn frames<T: Message + PartialEq + std::fmt::Debug>(bytes: &[u8], believe: fn(&T)) {
    let mut reader = FrameReader::default();
    // In two pieces, as a network may deliver them.
    let (first, second) = bytes.split_at(bytes.len() / 2);
    for piece in [first, second] {
        reader.handle_bytes(piece);
        while let Ok(Some(incoming)) = reader.poll_message::<T>() {
            if let Incoming::Message(message) = incoming {
                written_again(&message);
                believe(&message);
            }
        }
    }
}

/// What was read must survive being written: the gateway stores and forwards it. Compared as bytes,
/// because a not-a-number differs from itself.
fn written_again<T: Message + std::fmt::Debug>(message: &T) {
    let frame = message.to_frame();
    let again = T::from_frame(&frame);
    let Ok(Some(again)) = again else {
        panic!("{message:?} reads back as {again:?}")
    };
    assert_eq!(again.to_frame(), frame, "{message:?} is written differently the second time");
}

/// A signed statement of each kind, as text and as CBOR.
pub fn ticket(bytes: &[u8]) {
    let signed = std::str::from_utf8(bytes).ok().and_then(Signed::from_text);
    statement::<Ticket>(bytes, signed.as_ref());
    statement::<CeilingUpdate>(bytes, signed.as_ref());
    statement::<RelayToken>(bytes, signed.as_ref());
    if let Some(signed) = signed {
        assert_eq!(Signed::from_text(&signed.to_text()), Some(signed));
    }
}

/// Behind a signature nobody can make, and without one.
fn statement<T: Statement>(bytes: &[u8], signed: Option<&Signed>) {
    let _ = signed.map(|signed| signed.open::<T>(&GatewayKey([7; 32])));
    let _ = signed.map(|signed| from_cbor::<T>(&signed.bytes));
    let _ = from_cbor::<T>(bytes);
}

/// A chain of events a peer hands in, and hands in again.
pub fn chain_entries(bytes: &[u8]) {
    let Ok(entries) = from_cbor::<Vec<ChainEntry>>(bytes) else {
        return;
    };
    for entry in &entries {
        let _ = entry.check_limits();
        let json = entry.body.to_json();
        assert_eq!(Body::from_value(&json).as_ref(), Ok(&entry.body));
    }
    let Some(first) = entries.first() else { return };
    let hashes: Vec<_> = entries.iter().map(ChainEntry::hash).collect();
    let none = |_| None;
    let taken = chain::replay(first.origin, first.session_id, Head::EMPTY, none, &entries);
    assert_eq!(
        taken.map(|taken| taken.head).ok(),
        chain::verify(&entries).ok(),
        "a whole chain is taken exactly if it is one"
    );
    if let Ok(taken) = taken {
        let stored = |seq: u64| hashes.get(usize::try_from(seq).ok()?.checked_sub(1)?).copied();
        let again = chain::replay(first.origin, first.session_id, taken.head, stored, &entries);
        assert_eq!(again.map(|again| again.fresh.len()), Ok(0));
    }
}

/// What a person types or clicks.
pub fn code(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(pin) = Pin::parse(text) {
        assert_eq!(Pin::parse(&pin.grouped()), Ok(pin));
    }
    if let Ok(code) = Code::parse(text) {
        assert_eq!(Code::parse(&code.to_string()), Ok(code));
    }
    if let Ok(invitation) = Invitation::parse(text) {
        assert_eq!(Invitation::parse(&invitation.link()), Ok(invitation.clone()));
        assert_eq!(Invitation::parse(&invitation.deep_link()), Ok(invitation));
    }
    let _ = parse_gateway(text);
}

/// The headers of picture, cursor and repair.
pub fn media_header(bytes: &[u8]) {
    if let Ok((header, _)) = UpdateHeader::from_bytes(bytes) {
        let mut again = Vec::new();
        header.append_to(&mut again);
        assert_eq!(UpdateHeader::from_bytes(&again), Ok((header, &[][..])));
        assert!(again.len() <= MOST_UPDATE_HEADER_BYTES && header.full.is_none_or(|place| is_whole(&place.area)));
    }
    if let Ok(position) = CursorPosition::from_bytes(bytes) {
        assert_eq!(CursorPosition::from_bytes(&position.to_bytes()), Ok(position));
        assert!(position.pos.is_sane());
    }
    if let Ok(repair) = Repair::from_bytes(bytes) {
        let mut again = Vec::new();
        repair.append_to(&mut again);
        assert_eq!(Repair::from_bytes(&again), Ok(repair));
    }
}

/// An update gathered from pieces in any order, and made good by its parity. Two bytes for its length, one for the width of the parity in steps of
/// eight, one for the room of a datagram; then what comes, four bytes each: see [`Piece`].
pub fn repair(bytes: &[u8]) {
    let Some(([low, high, width, room], mut rest)) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let length = u16::from_le_bytes([*low, *high]) % 8192;
    let update: Vec<u8> = (0..usize::from(length)).map(|at| (at * 7 + at / 11) as u8).collect();
    let datagrams = repair_of(1, &update, usize::from(*width) * 8, usize::from(*room));
    let (mut gathered, mut parity, mut is_honest) = (Gathered::default(), None, true);
    while let Some((piece, after)) = Piece::read(rest) {
        rest = after;
        is_honest &= matches!(piece, Piece::Own(..) | Piece::OwnParity(_));
        let taken = match piece {
            Piece::Own(begin, length) => {
                let begin = begin.min(update.len());
                gathered.add(begin as u64, &update[begin..update.len().min(begin + length)])
            }
            Piece::Foreign(offset, bytes) => gathered.add(offset, bytes),
            Piece::OwnParity(index) => {
                datagrams
                    .get(index)
                    .into_iter()
                    .for_each(|datagram| take_parity(datagram, &mut parity));
                Ok(())
            }
            Piece::ForeignParity(datagram) => {
                take_parity(datagram, &mut parity);
                Ok(())
            }
        };
        if taken.is_err() {
            return;
        }
        if let Some((length, parity)) = &parity
            && let Some(whole) = gathered.repaired(parity)
        {
            assert_eq!(whole.len(), *length as usize);
            assert!(!is_honest || whole == update, "made good wrongly");
            return;
        }
    }
    let whole = gathered.whole();
    assert!(
        !is_honest || whole.is_none_or(|whole| update.starts_with(&whole)),
        "gathered wrongly"
    );
}

/// What comes of an update: of its own bytes or its own parity, or of another's.
enum Piece<'a> {
    /// So many bytes from here on.
    Own(usize, usize),
    /// The datagram of this number.
    OwnParity(usize),
    /// Any bytes, said to begin anywhere.
    Foreign(u64, &'a [u8]),
    /// Any datagram.
    ForeignParity(&'a [u8]),
}

impl<'a> Piece<'a> {
    /// The kind in two bits and a shift in six; two bytes for a place; one for a length, in steps of eight for own bytes.
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let ([kind, low, high, length], rest) = bytes.split_first_chunk::<4>()?;
        let (place, length) = (u16::from_le_bytes([*low, *high]), usize::from(*length));
        let (foreign, after) = rest.split_at(length.min(rest.len()));
        Some(match kind & 3 {
            0 => (Self::Own(place.into(), length * 8), rest),
            1 => (Self::OwnParity(place.into()), rest),
            2 => (Self::Foreign(u64::from(place) << (kind >> 2), foreign), after),
            _ => (Self::ForeignParity(foreign), after),
        })
    }
}

/// As the viewer does: the first part says what the others belong to.
fn take_parity(datagram: &[u8], parity: &mut Option<(u32, Parity)>) {
    let Ok(part) = Repair::from_bytes(datagram) else { return };
    match parity {
        Some((_, parity)) => parity.add(&part),
        None => *parity = Some((part.length, Parity::begin(&part))),
    }
}

/// A picture update, painted: operations, tiles and video.
pub fn update(bytes: &[u8]) {
    if bytes.len() > MAX_UPDATE_BYTES {
        return;
    }
    let _ = decode_operations(bytes).count();
    let Ok(mut painter) = FramePainter::new() else {
        return;
    };
    let _ = painter.apply(bytes);
    let _ = painter.apply(bytes);
}

/// Exact tiles by themselves: the sides of the frame and the number of areas, a byte each; four bytes
/// for each area; what is left is their coded pixels.
pub fn tiles(bytes: &[u8]) {
    let Some((mut canvas, areas, coded)) = framed(bytes) else {
        return;
    };
    let Ok(mut decoder) = TileDecoder::new() else {
        return;
    };
    let first = decoder.decode(areas.as_slice().into(), coded, &mut canvas.as_picture_mut());
    let once = canvas.bytes().to_vec();
    let second = decoder.decode(areas.as_slice().into(), coded, &mut canvas.as_picture_mut());
    assert_eq!(first, second, "nothing is kept from one call to the next");
    assert!(first.is_err() || canvas.bytes() == once);
}

/// Modelled pixels by themselves, in the same form: twice, so that they also meet a model that has learnt something.
pub fn modelled(bytes: &[u8]) {
    let Some((mut canvas, areas, coded)) = framed(bytes) else {
        return;
    };
    let mut model = PixelModel::new();
    for _ in 0..2 {
        let _ = model.decode(areas.as_slice().into(), coded, &mut canvas.as_picture_mut());
    }
}

/// A frame, areas, and the rest.
fn framed(bytes: &[u8]) -> Option<(Canvas, Vec<Area>, &[u8])> {
    let ([width, height, count], rest) = bytes.split_first_chunk::<3>()?;
    let (areas, coded) = rest.split_at_checked(usize::from(count % 8) * 4)?;
    let areas = areas.as_chunks::<4>().0.iter().map(|area| area.map(u32::from));
    let areas = areas.map(|[x, y, width, height]| Area::new(x, y, width, height)).collect();
    Some((Canvas::black(u32::from(*width), u32::from(*height))?, areas, coded))
}

/// A video stream by itself: its sides, two bytes each; then pictures, each behind its length in four bytes.
pub fn video(bytes: &[u8]) {
    let Some(([wide, wider, high, higher], mut rest)) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let (width, height) = (
        u16::from_le_bytes([*wide, *wider]).into(),
        u16::from_le_bytes([*high, *higher]).into(),
    );
    let Ok(mut decoder) = VideoDecoder::new(width, height) else {
        return;
    };
    let mut canvas = None;
    let most = usize::try_from(MOST_VIDEO_PIXELS / Area::of_size(width, height).pixels()).unwrap_or(0);
    for _ in 0..most.min(MOST_VIDEO_PICTURES) {
        let Some((length, after)) = rest.split_first_chunk::<4>() else {
            return;
        };
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (picture, after) = after.split_at(length.min(after.len()));
        rest = after;
        if let Ok(decoded) = decoder.decode(picture) {
            paint_twice(&decoded, (width, height), &mut canvas);
        }
    }
}

/// All of a picture, and its last corner.
fn paint_twice(decoded: &DecodedVideo<'_>, (width, height): (u32, u32), canvas: &mut Option<Canvas>) {
    let Some(canvas) = canvas
        .take()
        .or_else(|| Canvas::black(width, height))
        .map(|made| canvas.insert(made))
    else {
        return;
    };
    let mut picture = canvas.as_picture_mut();
    assert_eq!(decoded.paint(Area::of_size(width, height), &mut picture), Ok(()));
    let (x, y) = ((width - 1) & !1, (height - 1) & !1);
    let corner = Area::new(x, y, width - x, height - y);
    if let Some(mut part) = picture.part(corner) {
        assert_eq!(decoded.paint(corner, &mut part), Ok(()));
    }
}
