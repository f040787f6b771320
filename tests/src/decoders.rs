//! Every reader of a peer's bytes, under one name each: what `make fuzz` feeds, and what the tests
//! replay with the files that once broke it (`fixtures/crashes/NAME/`).
//!
//! A reader must return, with a value or an error, whatever the bytes are. Some also check that what
//! was read is written and read again the same. This file is compiled into the fuzz targets as well,
//! so it uses nothing but the two crates it feeds.

use farhand_codec::operations::{MAX_UPDATE_BYTES, decode_operations};
use farhand_codec::{Area, Canvas, FramePainter, TileDecoder, VideoDecoder};
use farhand_protocol::chain::{self, Body, ChainEntry, Head};
use farhand_protocol::code::{Code, Invitation, Pin, parse_gateway};
use farhand_protocol::gateway::{FromGateway, ToGateway};
use farhand_protocol::media::{CursorPosition, Repair, UpdateHeader};
use farhand_protocol::peer::{HostBound, ViewerBound};
use farhand_protocol::ticket::{CeilingUpdate, GatewayKey, RelayToken, Signed, Statement, Ticket};
use farhand_protocol::wire::{FrameReader, Incoming, Message, from_cbor};

/// Reads what a peer sent, and panics when the reader is wrong.
pub type Decoder = fn(&[u8]);

/// Every reader by the name of its fuzz target.
pub const DECODERS: [(&str, Decoder); 11] = [
    ("host_bound", host_bound),
    ("viewer_bound", viewer_bound),
    ("to_gateway", to_gateway),
    ("from_gateway", from_gateway),
    ("ticket", ticket),
    ("chain", chain_entries),
    ("code", code),
    ("media_header", media_header),
    ("update", update),
    ("tiles", tiles),
    ("video", video),
];

/// What a console sends to an applet.
pub fn host_bound(bytes: &[u8]) {
    frames::<HostBound>(bytes);
}

/// What an applet sends to a console.
pub fn viewer_bound(bytes: &[u8]) {
    frames::<ViewerBound>(bytes);
}

/// What a peer sends to the gateway.
pub fn to_gateway(bytes: &[u8]) {
    frames::<ToGateway>(bytes);
}

/// What the gateway sends to a peer.
pub fn from_gateway(bytes: &[u8]) {
    frames::<FromGateway>(bytes);
}

fn frames<T: Message + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let mut reader = FrameReader::default();
    // In two pieces, as a network may deliver them.
    let (first, second) = bytes.split_at(bytes.len() / 2);
    for piece in [first, second] {
        reader.handle_bytes(piece);
        while let Ok(Some(incoming)) = reader.poll_message::<T>() {
            if let Incoming::Message(message) = incoming {
                written_again(&message);
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
    }
    if let Ok(position) = CursorPosition::from_bytes(bytes) {
        assert_eq!(CursorPosition::from_bytes(&position.to_bytes()), Ok(position));
    }
    if let Ok(repair) = Repair::from_bytes(bytes) {
        let mut again = Vec::new();
        repair.append_to(&mut again);
        assert_eq!(Repair::from_bytes(&again), Ok(repair));
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
    let Some(([width, height, count], rest)) = bytes.split_first_chunk::<3>() else {
        return;
    };
    let Some((areas, coded)) = rest.split_at_checked(usize::from(count % 8) * 4) else {
        return;
    };
    let areas: Vec<Area> = areas
        .as_chunks::<4>()
        .0
        .iter()
        .map(|area| area.map(u32::from))
        .map(|[x, y, width, height]| Area::new(x, y, width, height))
        .collect();
    let Some(mut canvas) = Canvas::black(u32::from(*width), u32::from(*height)) else {
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

/// A video stream by itself: its sides in steps of 16 pixels, a byte each; then pictures, each behind
/// its length in two bytes.
pub fn video(bytes: &[u8]) {
    let Some(([width, height], mut rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let (width, height) = (u32::from(width % 8) * 16, u32::from(height % 8) * 16);
    let Ok(mut decoder) = VideoDecoder::new(width, height) else {
        return;
    };
    let Some(mut canvas) = Canvas::black(width, height) else {
        return;
    };
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length)).min(after.len());
        let (picture, after) = after.split_at(length);
        rest = after;
        if let Ok(decoded) = decoder.decode(picture) {
            let whole = Area::of_size(width, height);
            assert_eq!(decoded.paint(whole, &mut canvas.as_picture_mut()), Ok(()));
        }
    }
}
