//! The wires of one connection on the host side: reading frames into the actor, writing what it says, sending picture
//! updates. No decision is made here, and nothing is believed: frames go to the gate as they come.
//!
//! ```text
//! viewer ──control──► reader ─┐                         ┌─ outbox ──► control
//! viewer ──input────► reader ─┴─► actor (bounded)  actor┤
//!                                                       └─ pipeline ──► updates, one stream each; cursor datagrams
//! ```

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use farhand_protocol::{
    media::CURSOR_BYTES,
    peer::{HostBound, ViewerBound},
    wire::{FrameReader, Incoming, Message, WireError},
};
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use super::pipeline::{PathFigures, Port};

/// A connection must open its control stream within this time.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// A goodbye that is not taken in within this time is not waited for.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);
/// Most messages of one stream that wait to be done; then the peer waits.
const QUEUED_MESSAGES: usize = 512;
/// Most messages that wait to be sent; a peer that takes none is given up.
const OUTBOX: usize = 1024;
const CONTROL_PRIORITY: i32 = 10;
const UPDATE_PRIORITY: i32 = 0;
const READ_BYTES: usize = 16 * 1024;

/// What a connection tells the actor.
#[derive(Debug)]
pub(super) enum LegEvent {
    /// A message; the permit keeps its place in the queue until it is done.
    Message(HostBound, Option<OwnedSemaphorePermit>),
    /// A frame of a kind not known here.
    Unknown(u16),
    /// Bytes that are no message: the peer is at fault.
    Broken(WireError),
    /// The connection is over, or the viewer took longer than allowed.
    Gone,
}

/// Where a connection's events go, with its number.
pub(super) type LegEvents = mpsc::Sender<(u64, LegEvent)>;

enum Out {
    Frame(Vec<u8>),
    Close,
}

/// The way to one viewer.
#[derive(Clone)]
pub(super) struct Wires {
    conn: Connection,
    outbox: mpsc::Sender<Out>,
}

impl Wires {
    /// Serves a connection whose TLS has proven the other end's key.
    pub(super) fn serve(conn: Connection, leg: u64, events: LegEvents, runtime: &tokio::runtime::Handle) -> Self {
        let (outbox, queue) = mpsc::channel(OUTBOX);
        conn.set_max_concurrent_bi_streams(VarInt::from_u32(1));
        conn.set_max_concurrent_uni_streams(VarInt::from_u32(1));
        runtime.spawn(serve(conn.clone(), leg, events, queue));
        Self { conn, outbox }
    }

    /// Sends a message; a peer that takes none any more loses the connection.
    pub(super) fn say(&self, message: &ViewerBound) {
        if self.outbox.try_send(Out::Frame(message.to_frame())).is_err() {
            self.conn.close(VarInt::from_u32(1), b"not listening");
        }
    }

    /// Closes once what was said is through.
    pub(super) fn close(&self) {
        if self.outbox.try_send(Out::Close).is_err() {
            self.conn.close(VarInt::from_u32(0), b"over");
        }
    }

    /// True when the selected path goes through the relay; none while unknown.
    pub(super) fn is_relayed(&self) -> Option<bool> {
        let paths = self.conn.paths();
        paths.iter().find(|path| path.is_selected()).map(|path| path.is_relay())
    }

    /// The sending side for pictures, for one period of viewing: dropping it breaks off what is under way.
    pub(super) fn port(&self, runtime: &tokio::runtime::Handle) -> Box<dyn Port> {
        let (updates, queue) = mpsc::unbounded_channel();
        let sender = runtime.spawn(send_updates(self.conn.clone(), queue));
        Box::new(LegPort {
            wires: self.clone(),
            updates,
            sender,
        })
    }
}

struct LegPort {
    wires: Wires,
    // Bounded by pacing: at most two updates are unacknowledged.
    updates: mpsc::UnboundedSender<Bytes>,
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

    fn send_update(&self, update: Bytes) {
        let _ = self.updates.send(update);
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
        }
    }
}

async fn serve(conn: Connection, leg: u64, events: LegEvents, queue: mpsc::Receiver<Out>) {
    let opened = tokio::time::timeout(OPEN_WITHIN, conn.accept_bi()).await;
    if let Ok(Ok((send, recv))) = opened {
        let _ = send.set_priority(CONTROL_PRIORITY);
        let writer = tokio::spawn(write_frames(conn.clone(), send, queue));
        let input = tokio::spawn(accept_input(conn.clone(), leg, events.clone()));
        read_frames(recv, leg, &events).await;
        // The control stream is the link: without it nothing else counts.
        input.abort();
        writer.abort();
    }
    conn.close(VarInt::from_u32(0), b"over");
    let _ = events.send((leg, LegEvent::Gone)).await;
}

async fn accept_input(conn: Connection, leg: u64, events: LegEvents) {
    if let Ok(recv) = conn.accept_uni().await {
        read_frames(recv, leg, &events).await;
    }
}

async fn read_frames(mut recv: RecvStream, leg: u64, events: &LegEvents) {
    let places = Arc::new(Semaphore::new(QUEUED_MESSAGES));
    let mut reader = FrameReader::default();
    while let Ok(Some(chunk)) = recv.read_chunk(READ_BYTES).await {
        reader.handle_bytes(&chunk);
        loop {
            let event = match reader.poll_message::<HostBound>() {
                Ok(None) => break,
                Ok(Some(Incoming::Message(message))) => LegEvent::Message(message, places.clone().acquire_owned().await.ok()),
                Ok(Some(Incoming::Unknown(kind))) => LegEvent::Unknown(kind),
                Err(error) => {
                    let _ = events.send((leg, LegEvent::Broken(error))).await;
                    return;
                }
            };
            if events.send((leg, event)).await.is_err() {
                return;
            }
        }
    }
}

async fn write_frames(conn: Connection, mut send: SendStream, mut queue: mpsc::Receiver<Out>) {
    while let Some(out) = queue.recv().await {
        match out {
            Out::Frame(frame) => {
                if send.write_all(&frame).await.is_err() {
                    return;
                }
            }
            Out::Close => {
                let _ = send.finish();
                let _ = tokio::time::timeout(GOODBYE_WITHIN, send.stopped()).await;
                break;
            }
        }
    }
    conn.close(VarInt::from_u32(0), b"over");
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

async fn send_updates(conn: Connection, mut queue: mpsc::UnboundedReceiver<Bytes>) {
    // Dropped with this future, which breaks off what the other end has not taken in yet.
    let mut under_way = JoinSet::new();
    while let Some(bytes) = queue.recv().await {
        let Ok(send) = conn.open_uni().await else { return };
        let mut update = Update(send);
        let _ = update.0.set_priority(UPDATE_PRIORITY);
        if update.0.write_chunk(bytes).await.is_err() || update.0.finish().is_err() {
            return;
        }
        while under_way.try_join_next().is_some() {}
        under_way.spawn(async move {
            let _ = update.0.stopped().await;
        });
    }
}
