//! What holds for the bytes of every message: they are these and no others, they survive the trip,
//! no part of them passes for the whole, and no bytes make a reader panic.

mod common;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fmt::Write as _;

use farhand_protocol::gateway::{FromGateway, ToGateway};
use farhand_protocol::media::{CursorPosition, MediaError, Repair, UpdateHeader};
use farhand_protocol::peer::{HostBound, ViewerBound};
use farhand_protocol::ticket::{CeilingUpdate, GatewayKey, RelayToken, Signed, Ticket, TicketError};
use farhand_protocol::wire::{FrameReader, HEADER_BYTES, Incoming, MAX_BODY_BYTES, Message, WireError};

/// `family number name bytes`, a line for each sample.
const GOLDEN: &str = include_str!("golden/frames.txt");

/// A frame read by the family it belongs to, for tests that treat all families alike.
type Family = (
    &'static str,
    &'static [(u16, &'static str)],
    Vec<Vec<u8>>,
    fn(&[u8]) -> Result<bool, WireError>,
);

fn family<T: Message + Debug + PartialEq>(name: &'static str, kinds: &'static [(u16, &'static str)], samples: Vec<T>) -> Family {
    let frames = samples.iter().map(Message::to_frame).collect();
    (name, kinds, frames, |bytes| T::from_frame(bytes).map(|message| message.is_some()))
}

fn families() -> Vec<Family> {
    vec![
        family("HostBound", HostBound::KINDS, common::host_bound()),
        family("ViewerBound", ViewerBound::KINDS, common::viewer_bound()),
        family("ToGateway", ToGateway::KINDS, common::to_gateway()),
        family("FromGateway", FromGateway::KINDS, common::from_gateway()),
    ]
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn kind_of(frame: &[u8]) -> u16 {
    u16::from_be_bytes([frame[0], frame[1]])
}

/// The same frame with another body.
fn with_body(frame: &[u8], body: &[u8]) -> Vec<u8> {
    [&frame[..2], &(body.len() as u32).to_be_bytes()[..], body].concat()
}

/// Numbers that differ from run to run of the loop and not from run to run of the test.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

#[test]
fn the_bytes_of_every_message_are_the_golden_ones() {
    let mut lines = String::new();
    for (family, kinds, frames, _) in families() {
        for (number, frame) in frames.iter().enumerate() {
            let name = kinds
                .iter()
                .find(|(kind, _)| *kind == kind_of(frame))
                .expect("a kind of the family")
                .1;
            writeln!(lines, "{family} {number} {name} {}", hex(frame)).unwrap();
        }
    }
    for (number, (name, signed)) in common::signed().iter().enumerate() {
        writeln!(lines, "Signed {number} {name} {} {}", hex(&signed.bytes), hex(&signed.signature)).unwrap();
    }
    writeln!(lines, "Media 0 UpdateHeader {}", hex(&common::update_header_bytes())).unwrap();
    writeln!(lines, "Media 1 CursorPosition {}", hex(&common::cursor_position().to_bytes())).unwrap();
    writeln!(lines, "Media 2 Repair {}", hex(&common::repair_bytes())).unwrap();
    if lines != GOLDEN {
        for (got, golden) in lines.lines().zip(GOLDEN.lines()).filter(|(got, golden)| got != golden) {
            println!("is     {got}\nshould {golden}");
        }
        // Programs in the field speak the old bytes: change golden/frames.txt only along with the version.
        panic!("the wire has changed; all of it:\n{lines}");
    }
}

#[test]
fn every_kind_has_a_sample_and_no_two_messages_share_one() {
    let mut seen = BTreeSet::new();
    for (family, kinds, frames, _) in families() {
        let sampled: BTreeSet<_> = frames.iter().map(|frame| kind_of(frame)).collect();
        let declared: BTreeSet<_> = kinds.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(sampled, declared, "{family}");
        for kind in declared {
            assert!(seen.insert(kind), "kind {kind:#06x} is used twice");
        }
    }
}

fn assert_round_trip<T: Message + Debug + PartialEq>(samples: Vec<T>) {
    for message in samples {
        let frame = message.to_frame();
        assert_eq!(T::from_frame(&frame).unwrap(), Some(message));
    }
}

#[test]
fn every_message_survives_the_trip() {
    assert_round_trip(common::host_bound());
    assert_round_trip(common::viewer_bound());
    assert_round_trip(common::to_gateway());
    assert_round_trip(common::from_gateway());
    let (update, cursor) = (common::update_header(), common::cursor_position());
    assert_eq!(UpdateHeader::from_bytes(&common::update_header_bytes()), Ok((update, &[][..])));
    assert_eq!(CursorPosition::from_bytes(&cursor.to_bytes()), Ok(cursor));
    assert_eq!(Repair::from_bytes(&common::repair_bytes()), Ok(common::repair()));
}

#[test]
fn no_truncation_passes_for_the_whole() {
    for (family, _, frames, read) in families() {
        for frame in frames {
            for length in 0..frame.len() {
                assert_eq!(
                    read(&frame[..length]),
                    Err(WireError::Truncated),
                    "{family} {length} of {}",
                    hex(&frame)
                );
            }
            // The same with a header that admits to the shorter body.
            for length in 0..frame.len() - HEADER_BYTES {
                let shorter = with_body(&frame, &frame[HEADER_BYTES..HEADER_BYTES + length]);
                assert!(
                    matches!(read(&shorter), Err(WireError::Malformed { .. })),
                    "{family} body {length} of {}",
                    hex(&frame)
                );
            }
        }
    }
    let update = common::update_header_bytes();
    assert!((0..update.len()).all(|length| UpdateHeader::from_bytes(&update[..length]).is_err()));
    let cursor = common::cursor_position().to_bytes();
    assert!((0..cursor.len()).all(|length| CursorPosition::from_bytes(&cursor[..length]).is_err()));
    assert_cut_repairs_say_no_more_than_they_hold(&common::repair(), &common::repair_bytes());
}

/// A part of the parity ends where its datagram does: cut in its header it is refused, cut behind that it is a shorter part at the same place.
fn assert_cut_repairs_say_no_more_than_they_hold(repair: &Repair<'_>, bytes: &[u8]) {
    let header = bytes.len() - repair.parity.len();
    for length in 0..bytes.len() {
        let wanted = match length.checked_sub(header) {
            None => Err(MediaError::Truncated),
            Some(left) => Ok(Repair {
                parity: &repair.parity[..left],
                ..*repair
            }),
        };
        assert_eq!(Repair::from_bytes(&bytes[..length]), wanted, "cut to {length}");
        assert_ne!(wanted, Ok(*repair));
    }
}

#[test]
fn bytes_behind_a_message_are_refused() {
    for (_, _, frames, read) in families() {
        for frame in frames {
            let longer = [&frame[HEADER_BYTES..], &[0xf6]].concat();
            assert!(matches!(read(&with_body(&frame, &longer)), Err(WireError::Malformed { .. })));
            assert!(matches!(read(&[&frame[..], &[0]].concat()), Err(WireError::Malformed { .. })));
        }
    }
}

#[test]
fn a_length_beyond_the_limit_is_refused_from_the_header_alone() {
    for (_, _, frames, read) in families() {
        let mut frame = frames[0][..HEADER_BYTES].to_vec();
        frame[2..].copy_from_slice(&(MAX_BODY_BYTES as u32 + 1).to_be_bytes());
        assert_eq!(read(&frame), Err(WireError::TooLarge(MAX_BODY_BYTES as u64 + 1)));
        frame[2..].copy_from_slice(&u32::MAX.to_be_bytes());
        let mut reader = FrameReader::default();
        reader.handle_bytes(&frame);
        assert_eq!(reader.poll_message::<HostBound>(), Err(WireError::TooLarge(u64::from(u32::MAX))));
    }
}

#[test]
fn an_unknown_kind_is_named_and_skipped() {
    let unknown = [0x7f, 0xff, 0, 0, 0, 1, 0xf6];
    assert_eq!(HostBound::from_frame(&unknown), Ok(None));
    let mut reader = FrameReader::default();
    reader.handle_bytes(&unknown);
    reader.handle_bytes(&common::host_bound()[0].to_frame());
    assert_eq!(reader.poll_message::<HostBound>(), Ok(Some(Incoming::Unknown(0x7fff))));
    assert_eq!(reader.poll_message(), Ok(Some(Incoming::Message(common::host_bound().remove(0)))));
    assert_eq!(reader.poll_message::<HostBound>(), Ok(None));
    assert!(reader.is_at_boundary());
}

#[test]
fn a_field_of_a_newer_version_is_skipped() {
    let frame = HostBound::TakeControl(farhand_protocol::peer::TakeControl { on: true }).to_frame();
    // {"on": true, "new": [1]}
    let body = [0xa2, 0x62, b'o', b'n', 0xf5, 0x63, b'n', b'e', b'w', 0x81, 0x01];
    let read = HostBound::from_frame(&with_body(&frame, &body)).unwrap();
    assert_eq!(read.map(|message| message.to_frame()), Some(frame));
}

#[test]
fn a_stream_cut_anywhere_gives_the_same_messages() {
    let messages = common::viewer_bound();
    let stream: Vec<u8> = messages.iter().flat_map(Message::to_frame).collect();
    let mut random = Random(0x1234_5678_9abc_def1);
    for most in [1, 2, 7, 64, 4096] {
        let mut reader = FrameReader::default();
        let mut read: Vec<ViewerBound> = Vec::new();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let (head, tail) = rest.split_at((1 + random.below(most)).min(rest.len()));
            reader.handle_bytes(head);
            rest = tail;
            while let Some(incoming) = reader.poll_message().unwrap() {
                let Incoming::Message(message) = incoming else {
                    panic!("all kinds are known")
                };
                read.push(message);
            }
        }
        assert!(reader.is_at_boundary());
        assert_eq!(read, messages);
    }
}

/// Whatever passes for a message says the same after another trip.
fn assert_stable<T: Message + Debug + PartialEq>(bytes: &[u8]) -> bool {
    let Ok(Some(message)) = T::from_frame(bytes) else {
        return false;
    };
    let again = T::from_frame(&message.to_frame()).expect("what we write we read");
    assert_eq!(again.as_ref(), Some(&message), "{}", hex(bytes));
    true
}

fn assert_all_stable(bytes: &[u8]) -> bool {
    let read = [
        assert_stable::<HostBound>(bytes),
        assert_stable::<ViewerBound>(bytes),
        assert_stable::<ToGateway>(bytes),
        assert_stable::<FromGateway>(bytes),
    ];
    read.contains(&true)
}

#[test]
fn damaged_messages_are_refused_or_read_and_never_panic() {
    let mut random = Random(0x0dd0_5eed_0dd0_5eed);
    let frames: Vec<_> = families().into_iter().flat_map(|(_, _, frames, _)| frames).collect();
    let mut read = 0;
    for frame in &frames {
        for at in HEADER_BYTES..frame.len() {
            for bit in 0..8 {
                let mut damaged = frame.clone();
                damaged[at] ^= 1 << bit;
                read += usize::from(assert_all_stable(&damaged));
            }
        }
    }
    for _ in 0..60_000 {
        let mut body = frames[random.below(frames.len())][HEADER_BYTES..].to_vec();
        for _ in 0..=random.below(4) {
            if body.is_empty() {
                break;
            }
            let at = random.below(body.len());
            match random.below(4) {
                0 => body[at] = random.next() as u8,
                1 => drop(body.remove(at)),
                2 => body.insert(at, random.next() as u8),
                _ => body.truncate(at),
            }
        }
        read += usize::from(assert_all_stable(&with_body(&frames[random.below(frames.len())], &body)));
    }
    assert!(read > 10_000, "the damage is small enough to get past the outermost checks: {read}");
}

#[test]
fn deep_nesting_is_refused_before_the_stack_ends() {
    for (family, _, frames, read) in families() {
        for frame in frames {
            for opening in [[0x81].as_slice(), &[0xa1, 0x61, b'x'], &[0x9f], &[0xd8, 0x20]] {
                let body: Vec<u8> = opening.iter().copied().cycle().take(MAX_BODY_BYTES / 2).collect();
                assert!(read(&with_body(&frame, &body)).is_err(), "{family}");
                // The same inside a field that is skipped.
                let body = [&[0xa1, 0x63, b'n', b'e', b'w'][..], &body].concat();
                assert!(read(&with_body(&frame, &body)).is_err(), "{family}");
            }
        }
    }
}

#[test]
fn signed_objects_open_whole_under_their_own_name_alone() {
    let key = common::gateway_key();
    for (name, signed) in common::signed() {
        let opened = [
            signed.open::<Ticket>(&key).map(|ticket| assert_eq!(ticket, common::ticket())),
            signed
                .open::<CeilingUpdate>(&key)
                .map(|update| assert_eq!(update, common::ceiling_update())),
            signed
                .open::<RelayToken>(&key)
                .map(|token| assert_eq!(token, common::relay_token())),
        ];
        let right = ["Ticket", "CeilingUpdate", "RelayToken"]
            .iter()
            .position(|kind| *kind == name)
            .unwrap();
        for (kind, outcome) in opened.into_iter().enumerate() {
            assert_eq!(
                outcome,
                if kind == right { Ok(()) } else { Err(TicketError::BadSignature) },
                "{name}"
            );
        }
        assert_eq!(Signed::from_text(&signed.to_text()).as_ref(), Some(&signed));
        assert_cut_and_damaged_are_refused(&signed, &key);
    }
}

fn assert_cut_and_damaged_are_refused(signed: &Signed, key: &GatewayKey) {
    let refused = |changed: &Signed| {
        changed.open::<Ticket>(key).is_err() && changed.open::<CeilingUpdate>(key).is_err() && changed.open::<RelayToken>(key).is_err()
    };
    for length in 0..signed.bytes.len() {
        assert!(refused(&Signed {
            bytes: signed.bytes[..length].to_vec(),
            ..signed.clone()
        }));
    }
    for length in 0..signed.signature.len() {
        assert!(refused(&Signed {
            signature: signed.signature[..length].to_vec(),
            ..signed.clone()
        }));
    }
    for at in 0..signed.signature.len() {
        let mut forged = signed.clone();
        forged.signature[at] ^= 0x80;
        assert!(refused(&forged), "signature byte {at}");
    }
    let text = signed.to_text();
    for length in 0..text.len() {
        let cut = Signed::from_text(&text[..length]);
        assert!(cut.is_none_or(|cut| refused(&cut)), "text cut to {length}");
    }
}
