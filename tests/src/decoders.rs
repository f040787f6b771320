//! Every reader of a peer's bytes, under one name each: what `make fuzz` feeds, and what the tests
//! replay with the files that once broke it (`fixtures/crashes/NAME/`).
//!
//! A reader must return, with a value or an error, whatever the bytes are. Some also check that what
//! was read is written and read again the same. This file is compiled into the fuzz targets as well,
//! so it uses nothing but the two crates it feeds.

use farhand_codec::FramePainter;
use farhand_codec::operations::{MAX_UPDATE_BYTES, decode_operations};
use farhand_protocol::chain::{self, ChainEntry};
use farhand_protocol::code::{Code, Invitation, Pin, parse_gateway};
use farhand_protocol::gateway::{FromGateway, ToGateway};
use farhand_protocol::media::{CursorPosition, UpdateHeader};
use farhand_protocol::peer::{HostBound, ViewerBound};
use farhand_protocol::ticket::{GatewayKey, Signed, Ticket};
use farhand_protocol::wire::{FrameReader, Incoming, Message, from_cbor};

/// Every reader by the name of its fuzz target.
pub const DECODERS: [(&str, fn(&[u8])); 9] = [
    ("host_bound", host_bound),
    ("viewer_bound", viewer_bound),
    ("to_gateway", to_gateway),
    ("from_gateway", from_gateway),
    ("ticket", ticket),
    ("chain", chain_entries),
    ("code", code),
    ("media_header", media_header),
    ("update", update),
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
    assert_eq!(
        again.to_frame(),
        frame,
        "{message:?} is written differently the second time"
    );
}

/// A signed statement, as text and as CBOR.
pub fn ticket(bytes: &[u8]) {
    if let Some(signed) = std::str::from_utf8(bytes).ok().and_then(Signed::from_text) {
        let _ = signed.open::<Ticket>(&GatewayKey([7; 32]));
        assert_eq!(Signed::from_text(&signed.to_text()), Some(signed));
    }
    let _ = from_cbor::<Ticket>(bytes);
}

/// A chain of events a peer hands in.
pub fn chain_entries(bytes: &[u8]) {
    if let Ok(entries) = from_cbor::<Vec<ChainEntry>>(bytes) {
        let _ = chain::verify(&entries);
        for entry in &entries {
            let _ = entry.check_limits();
            let _ = entry.body.to_json().to_string();
        }
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
        assert_eq!(
            Invitation::parse(&invitation.link()),
            Ok(invitation.clone())
        );
        assert_eq!(Invitation::parse(&invitation.deep_link()), Ok(invitation));
    }
    let _ = parse_gateway(text);
}

/// The fixed headers of picture and cursor.
pub fn media_header(bytes: &[u8]) {
    if let Ok(header) = UpdateHeader::from_bytes(bytes) {
        assert_eq!(UpdateHeader::from_bytes(&header.to_bytes()), Ok(header));
    }
    if let Ok(position) = CursorPosition::from_bytes(bytes) {
        assert_eq!(
            CursorPosition::from_bytes(&position.to_bytes()),
            Ok(position)
        );
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
