//! The wires of one connection on the host side: reading frames into the actor, writing what it says, sending picture
//! updates. No decision is made here, and nothing is believed: frames go to the gate as they come.
//!
//! ```text
//! viewer ──control──► reader ─┐                         ┌─ outbox ──► control
//! viewer ──input────► reader ─┴─► actor (bounded)  actor┤
//!                                                       └─ pipeline ──► updates, one stream each; cursor datagrams
//! ```

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use farhand_protocol::{
    media::CURSOR_BYTES,
    peer::{HostBound, ViewerBound},
    wire::{Incoming, Message, WireError},
};
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::{
    Place,
    pipeline::{PathFigures, Port},
    throttle::Throttle,
};
use crate::link::frames::{FrameStream, Outbox, Waiting};

/// A connection must open its control stream within this time.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// Most messages of the control stream that are not done yet, journal and all; then the peer waits. At most 16 KiB each.
const CONTROL_PLACES: usize = 64;
/// The same of the input stream.
const INPUT_PLACES: usize = 512;
/// Updates handed over and not written yet: pacing has two on their way.
const QUEUED_UPDATES: usize = 4;
/// Streams of updates whose last byte has not been confirmed; more are not opened.
const MOST_UNCONFIRMED: usize = 64;
const CONTROL_PRIORITY: i32 = 10;
const UPDATE_PRIORITY: i32 = 0;

/// What a connection tells the actor.
#[derive(Debug)]
pub(super) enum LegEvent {
    /// A message, and its place in the queue.
    Message(HostBound, Option<Place>),
    /// The viewer says more than it may and is made to wait; told once, with the kind of the message.
    Slowed(u16),
    /// A frame of a kind not known here.
    Unknown(u16),
    /// Bytes that are no message: the peer is at fault.
    Broken(WireError),
    /// The connection is over, or the viewer took longer than allowed.
    Gone,
}

/// Where a connection's events go, with its number.
pub(super) type LegEvents = mpsc::Sender<(u64, LegEvent)>;

/// The way to one viewer.
#[derive(Clone)]
pub(super) struct Wires {
    conn: Connection,
    outbox: Outbox,
}

impl Wires {
    /// Serves a connection whose TLS has proven the other end's key.
    pub(super) fn serve(conn: Connection, leg: u64, events: LegEvents, runtime: &tokio::runtime::Handle) -> Self {
        let (outbox, waiting) = Outbox::new(conn.clone());
        conn.set_max_concurrent_bi_streams(VarInt::from_u32(1));
        conn.set_max_concurrent_uni_streams(VarInt::from_u32(1));
        runtime.spawn(serve(conn.clone(), leg, events, waiting));
        Self { conn, outbox }
    }

    /// Sends a message; a peer that takes none any more loses the connection.
    pub(super) fn say(&self, message: &ViewerBound) {
        self.outbox.say(message);
    }

    /// Closes once what was said is through.
    pub(super) fn close(&self) {
        self.outbox.close();
    }

    /// True when the selected path goes through the relay; none while unknown.
    pub(super) fn is_relayed(&self) -> Option<bool> {
        let paths = self.conn.paths();
        paths.iter().find(|path| path.is_selected()).map(|path| path.is_relay())
    }

    /// The sending side for pictures, for one period of viewing: dropping it breaks off what is under way.
    pub(super) fn port(&self, runtime: &tokio::runtime::Handle) -> Box<dyn Port> {
        let (updates, queue) = mpsc::channel(QUEUED_UPDATES);
        let (written, delivered) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let sender = runtime.spawn(send_updates(self.conn.clone(), queue, written.clone(), delivered.clone()));
        Box::new(LegPort {
            wires: self.clone(),
            updates,
            written,
            delivered,
            sender,
        })
    }
}

struct LegPort {
    wires: Wires,
    updates: mpsc::Sender<(u64, Bytes)>,
    /// Number of the newest update whose bytes the transport has taken. One that acknowledges a later one cannot have seen it.
    written: Arc<AtomicU64>,
    /// Number of the newest update whose last byte the other end has confirmed.
    delivered: Arc<AtomicU64>,
    sender: tokio::task::JoinHandle<()>,
}

impl Drop for LegPort {
    fn drop(&mut self) {
        self.sender.abort();
    }
}

impl Port for LegPort {
    fn say(&self, message: &ViewerBound) {
        self.wires.say(message);
    }

    fn send_update(&self, number: u64, update: Bytes) {
        // Full only if pacing were broken; a missing update could not be made good.
        if self.updates.try_send((number, update)).is_err() {
            self.wires.conn.close(VarInt::from_u32(1), b"not listening");
        }
    }

    fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    fn send_cursor(&self, cursor: [u8; CURSOR_BYTES]) {
        // A lost position is replaced by the next one.
        let _ = self.wires.conn.send_datagram(Bytes::copy_from_slice(&cursor));
    }

    fn path(&self) -> PathFigures {
        let paths = self.wires.conn.paths();
        let Some(path) = paths.iter().find(|path| path.is_selected()) else {
            return PathFigures::default();
        };
        let stats = path.stats();
        PathFigures {
            rtt: stats.rtt,
            cwnd_bytes: stats.cwnd,
            bandwidth_bps: stats.bandwidth_estimate,
            delivered: self.delivered.load(Ordering::Acquire),
        }
    }
}

async fn serve(conn: Connection, leg: u64, events: LegEvents, waiting: Waiting) {
    let opened = tokio::time::timeout(OPEN_WITHIN, conn.accept_bi()).await;
    if let Ok(Ok((send, recv))) = opened {
        let _ = send.set_priority(CONTROL_PRIORITY);
        let throttle = Arc::new(Mutex::new(Throttle::new(Instant::now())));
        let writer = tokio::spawn(waiting.write(send));
        let input = tokio::spawn(accept_input(conn.clone(), leg, events.clone(), throttle.clone()));
        read_frames(recv, leg, &events, &throttle, CONTROL_PLACES).await;
        // The control stream is the link: without it nothing else counts.
        input.abort();
        writer.abort();
    }
    conn.close(VarInt::from_u32(0), b"over");
    let _ = events.send((leg, LegEvent::Gone)).await;
}

async fn accept_input(conn: Connection, leg: u64, events: LegEvents, throttle: Arc<Mutex<Throttle>>) {
    if let Ok(recv) = conn.accept_uni().await {
        read_frames(recv, leg, &events, &throttle, INPUT_PLACES).await;
    }
}

async fn read_frames(recv: RecvStream, leg: u64, events: &LegEvents, throttle: &Mutex<Throttle>, places: usize) {
    let places = Arc::new(Semaphore::new(places));
    let mut frames = FrameStream::new(recv);
    while let Some(frame) = frames.next::<HostBound>().await {
        let incoming = match frame {
            Ok(incoming) => incoming,
            Err(error) => {
                let _ = events.send((leg, LegEvent::Broken(error))).await;
                return;
            }
        };
        if wait_for_turn(&incoming, leg, events, throttle).await.is_err() {
            return;
        }
        let event = match incoming {
            Incoming::Message(message) => LegEvent::Message(message, places.clone().acquire_owned().await.ok().map(Place::from)),
            Incoming::Unknown(kind) => LegEvent::Unknown(kind),
        };
        if events.send((leg, event)).await.is_err() {
            return;
        }
    }
}

/// Waits while the viewer has said too much lately: nothing more is read from this stream until then. Fails when the actor is gone.
async fn wait_for_turn(
    incoming: &Incoming<HostBound>,
    leg: u64,
    events: &LegEvents,
    throttle: &Mutex<Throttle>,
) -> Result<(), mpsc::error::SendError<(u64, LegEvent)>> {
    let (message, kind) = match incoming {
        Incoming::Message(message) => (Some(message), message.kind()),
        Incoming::Unknown(kind) => (None, *kind),
    };
    let wait = throttle.lock().handle_message(message, Instant::now());
    let Some(wait) = wait else { return Ok(()) };
    if wait.is_first {
        events.send((leg, LegEvent::Slowed(kind))).await?;
    }
    tokio::time::sleep(wait.pause).await;
    Ok(())
}

/// A stream that is broken off, not finished, when its future is dropped: nothing more of a picture goes out once viewing
/// has ended.
struct Update(SendStream);

impl Drop for Update {
    fn drop(&mut self) {
        // Finished streams do not mind.
        let _ = self.0.reset(VarInt::from_u32(0));
    }
}

async fn send_updates(conn: Connection, mut queue: mpsc::Receiver<(u64, Bytes)>, written: Arc<AtomicU64>, delivered: Arc<AtomicU64>) {
    // Dropped with this future, which breaks off what the other end has not taken in yet.
    let mut under_way = JoinSet::new();
    while let Some((number, bytes)) = queue.recv().await {
        while under_way.len() >= MOST_UNCONFIRMED {
            under_way.join_next().await;
        }
        let Ok(send) = conn.open_uni().await else { return };
        let mut update = Update(send);
        let _ = update.0.set_priority(UPDATE_PRIORITY);
        if update.0.write_chunk(bytes).await.is_err() {
            return;
        }
        // Before the last word of it: an honest answer comes later.
        written.store(number, Ordering::Release);
        if update.0.finish().is_err() {
            return;
        }
        while under_way.try_join_next().is_some() {}
        let delivered = delivered.clone();
        under_way.spawn(async move {
            if update.0.stopped().await.is_ok() {
                delivered.fetch_max(number, Ordering::AcqRel);
            }
        });
    }
}
