//! Peer bytes never make a reader allocate beyond a stated limit, whatever lengths they announce.
//! A counting allocator measures the most memory held at once while a frame is read.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use farhand_protocol::chain::{Body, Chain, MAX_VALUES, Origin};
use farhand_protocol::gateway::{Events, FromGateway, ToGateway};
use farhand_protocol::geometry::MAX_MONITORS;
use farhand_protocol::peer::{HostBound, Subscribe, ViewerBound};
use farhand_protocol::wire::{HEADER_BYTES, MAX_BODY_BYTES, Message};

/// What reading a frame may hold at once beyond its content.
const FIXED_LIMIT: usize = 64 << 10;
/// Bytes in memory for each byte of a body: text grows by doubling, and small texts and numbers in
/// bounded lists take more room than they took in the frame.
const EXPANSION_LIMIT: usize = 8;
/// The same for what only the gateway says: the detail of an event is any JSON.
const GATEWAY_EXPANSION_LIMIT: usize = 160;

struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn count(taken: usize, given_back: usize) {
    // A thread that is ending has no counters any more.
    let _ = HELD.try_with(|held| {
        held.set((held.get() + taken).saturating_sub(given_back));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches no memory of the caller.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller got `pointer` from `alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Most bytes held at once by `work` beyond what was held before.
fn peak_of(work: impl FnOnce()) -> usize {
    let before = HELD.with(Cell::get);
    PEAK.with(|peak| peak.set(before));
    work();
    PEAK.with(Cell::get) - before
}

/// Fails when reading the frame, as whatever family, holds more than the limits allow.
fn assert_bounded(frame: &[u8]) {
    let content = frame.len() - HEADER_BYTES;
    let limit = FIXED_LIMIT + EXPANSION_LIMIT * content;
    let peaks = [
        peak_of(|| drop(HostBound::from_frame(frame))),
        peak_of(|| drop(ViewerBound::from_frame(frame))),
        peak_of(|| drop(ToGateway::from_frame(frame))),
    ];
    for peak in peaks {
        assert!(
            peak <= limit,
            "{peak} bytes for a body of {content} of kind {:02x}{:02x}",
            frame[0],
            frame[1]
        );
    }
    let peak = peak_of(|| drop(FromGateway::from_frame(frame)));
    assert!(
        peak <= FIXED_LIMIT + GATEWAY_EXPANSION_LIMIT * content,
        "{peak} bytes for a body of {content} from the gateway"
    );
}

fn frames() -> Vec<Vec<u8>> {
    let mut all: Vec<_> = common::host_bound().iter().map(Message::to_frame).collect();
    all.extend(common::viewer_bound().iter().map(Message::to_frame));
    all.extend(common::to_gateway().iter().map(Message::to_frame));
    all.extend(common::from_gateway().iter().map(Message::to_frame));
    all
}

fn with_body(frame: &[u8], body: &[u8]) -> Vec<u8> {
    [&frame[..2], &(body.len() as u32).to_be_bytes()[..], body].concat()
}

#[test]
fn announced_lengths_reserve_next_to_nothing() {
    let lengths = [0x7fff_ffff_u64, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX];
    for frame in frames() {
        let body = &frame[HEADER_BYTES..];
        for at in 0..body.len() {
            // Every string, list and map in turn announces a monstrous length.
            let major = body[at] >> 5;
            if !(2..=5).contains(&major) {
                continue;
            }
            for length in lengths {
                let head = [&[(major << 5) | 27][..], &length.to_be_bytes()].concat();
                let monstrous = [&body[..at], &head, &body[at + 1..]].concat();
                assert_bounded(&with_body(&frame, &monstrous));
            }
        }
    }
}

#[test]
fn the_largest_bodies_of_small_parts_stay_within_the_stated_multiple() {
    let parts: [&[u8]; 5] = [&[0x00], &[0x60], &[0xf6], &[0x80], &[0x61, b'x']];
    for frame in frames() {
        let body = &frame[HEADER_BYTES..];
        for at in 0..body.len() {
            if body[at] >> 5 != 4 {
                continue;
            }
            // Every list in turn becomes as long as a frame allows.
            for part in parts {
                let room = MAX_BODY_BYTES - body.len() - 8;
                let count = room / part.len();
                let head = [&[0x9a][..], &(count as u32).to_be_bytes()].concat();
                let long = [&body[..at], &head, &part.repeat(count), &body[at + 1..]].concat();
                assert_bounded(&with_body(&frame, &long));
            }
        }
    }
}

#[test]
fn lists_and_event_bodies_beyond_their_limits_are_refused() {
    let list = |count| Body::List(vec![Body::Null; count]);
    let events = |body: Body| {
        let mut chain = Chain::new(Origin::Applet(common::HOST), common::SESSION);
        let mut entry = chain.append(common::NOW, "chat.line", Body::Null).unwrap();
        entry.body = body;
        ToGateway::Events(Events {
            session_id: common::SESSION,
            entries: vec![entry],
        })
    };
    assert!(matches!(
        ToGateway::from_frame(&events(list(MAX_VALUES - 1)).to_frame()),
        Ok(Some(_))
    ));
    assert!(ToGateway::from_frame(&events(list(MAX_VALUES)).to_frame()).is_err());
    let nested = Body::List(vec![list(MAX_VALUES / 2), list(MAX_VALUES / 2)]);
    assert!(
        ToGateway::from_frame(&events(nested).to_frame()).is_err(),
        "all lists of a body count together"
    );

    let subscribe = |count| {
        HostBound::Subscribe(Subscribe {
            monitors: vec![1; count],
            on: true,
        })
        .to_frame()
    };
    assert!(HostBound::from_frame(&subscribe(MAX_MONITORS)).is_ok());
    assert!(HostBound::from_frame(&subscribe(MAX_MONITORS + 1)).is_err());
}
