//! The wires of one connection on the viewer side: control frames both ways, updates and cursor positions in, input out.
//! What arrives is bounded here and judged elsewhere.

use std::{sync::Arc, time::Instant};

use bytes::{Bytes, BytesMut};
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    media::{CursorPosition, MAX_UPDATE_BYTES, UpdateHeader},
    peer::{HostBound, ViewerBound},
    wire::Incoming,
};
use iroh::endpoint::{Connection, ConnectionError, RecvStream, VarInt};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

use super::{
    decode::Work,
    event::LinkPath,
    input::{InputGate, InputLine},
    picture::SharedPicture,
};
use crate::link::{
    frames::{FrameStream, Outbox},
    on_selected_path,
};

const CONTROL_PRIORITY: i32 = 10;
const INPUT_PRIORITY: i32 = 20;
/// Updates read at the same time; a host has two on their way.
const MOST_STREAMS: u32 = 4;
/// Streams a host may open without being told of new room: it is told after every eighth of them, not after every letter. What is in those that
/// are not read yet keeps to the connection's window.
const OPEN_STREAMS: u32 = 128;
const READ_BYTES: usize = 64 * 1024;

/// What a connection tells the actor.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message of the host.
    Message(Box<ViewerBound>),
    /// New cursor position in the picture.
    Cursor,
    /// The connection is over.
    Gone(ErrorBody),
}

/// An open connection; dropping it ends its tasks and closes it.
pub(super) struct LinkWires {
    conn: Connection,
    outbox: Outbox,
    input: InputLine,
    tasks: JoinSet<()>,
}

impl Drop for LinkWires {
    fn drop(&mut self) {
        if !self.tasks.is_empty() {
            self.conn.close(VarInt::from_u32(0), b"over");
        }
    }
}

impl LinkWires {
    /// Opens control and input streams, and serves them.
    pub(super) async fn open(
        conn: Connection,
        heard: mpsc::Sender<Heard>,
        work: mpsc::UnboundedSender<Work>,
        picture: Arc<SharedPicture>,
        runtime: &tokio::runtime::Handle,
    ) -> Result<Self, ErrorBody> {
        conn.set_max_concurrent_uni_streams(VarInt::from_u32(OPEN_STREAMS));
        conn.set_max_concurrent_bi_streams(VarInt::from_u32(0));
        let (send, recv) = conn.open_bi().await.map_err(|error| lost(&error))?;
        let input = conn.open_uni().await.map_err(|error| lost(&error))?;
        let _ = send.set_priority(CONTROL_PRIORITY);
        let _ = input.set_priority(INPUT_PRIORITY);
        let (outbox, waiting) = Outbox::new(conn.clone());
        let mut tasks = JoinSet::new();
        runtime.spawn(waiting.write(send));
        tasks.spawn_on(read_frames(recv, heard.clone()), runtime);
        tasks.spawn_on(accept_updates(conn.clone(), work), runtime);
        tasks.spawn_on(read_cursors(conn.clone(), picture, heard.clone()), runtime);
        tasks.spawn_on(watch_end(conn.clone(), heard), runtime);
        Ok(Self {
            conn,
            outbox,
            input: InputLine::start(input, runtime),
            tasks,
        })
    }

    /// Says something; a host that takes none any more loses the connection.
    pub(super) fn say(&self, message: &HostBound) {
        self.outbox.say(message);
    }

    /// Closes once what was said is through.
    pub(super) fn finish(mut self) {
        self.tasks.detach_all();
        self.outbox.close();
    }

    /// Takes or leaves control, in order with input.
    pub(super) fn set_control(&self, on: bool, gate: &InputGate) {
        self.input.set_control(on, gate);
    }

    /// Packets of the host that have arrived so far, whatever was in them.
    pub(super) fn packets(&self) -> u64 {
        self.conn.stats().udp_rx.datagrams
    }

    /// How the bytes go now, and their round trip in milliseconds.
    pub(super) fn path(&self) -> (LinkPath, u32) {
        let path = on_selected_path(&self.conn, |path| {
            let kind = if path.is_relay() { LinkPath::Relayed } else { LinkPath::Direct };
            (kind, u32::try_from(path.rtt().as_millis()).unwrap_or(u32::MAX))
        });
        path.unwrap_or((LinkPath::Unknown, 0))
    }
}

async fn watch_end(conn: Connection, heard: mpsc::Sender<Heard>) {
    let error = conn.closed().await;
    let _ = heard.send(Heard::Gone(lost(&error))).await;
}

async fn read_frames(recv: RecvStream, heard: mpsc::Sender<Heard>) {
    let mut frames = FrameStream::new(recv);
    while let Some(frame) = frames.next::<ViewerBound>().await {
        let message = match frame {
            Ok(Incoming::Message(message)) => Heard::Message(Box::new(message)),
            Ok(Incoming::Unknown(kind)) => {
                tracing::debug!(kind, "a message of a newer host is skipped");
                continue;
            }
            Err(error) => {
                let _ = heard
                    .send(Heard::Gone(ErrorBody::new(ErrorCode::LinkProtocol, error.to_string())))
                    .await;
                return;
            }
        };
        if heard.send(message).await.is_err() {
            return;
        }
    }
    let _ = heard
        .send(Heard::Gone(ErrorBody::new(ErrorCode::LinkLost, "the host has closed the link")))
        .await;
}

async fn accept_updates(conn: Connection, work: mpsc::UnboundedSender<Work>) {
    let places = Arc::new(Semaphore::new(MOST_STREAMS as usize));
    let mut reading = JoinSet::new();
    while let Ok(recv) = conn.accept_uni().await {
        while reading.try_join_next().is_some() {}
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let work = work.clone();
        reading.spawn(async move {
            // A stream that was broken off is an update the host has given up.
            if let Some((header, bytes)) = read_update(recv).await {
                let _ = work.send(Work::Update(header, bytes, Instant::now(), place));
            }
        });
    }
}

/// Reads an update up to the end of its stream; memory grows with what really arrives.
async fn read_update(mut recv: RecvStream) -> Option<(UpdateHeader, Bytes)> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = recv.read_chunk(READ_BYTES).await.ok()? {
        if bytes.len() + chunk.len() > MAX_UPDATE_BYTES as usize {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    let bytes = bytes.freeze();
    let (header, operations) = UpdateHeader::from_bytes(&bytes).ok()?;
    Some((header, bytes.slice_ref(operations)))
}

async fn read_cursors(conn: Connection, picture: Arc<SharedPicture>, heard: mpsc::Sender<Heard>) {
    while let Ok(datagram) = conn.read_datagram().await {
        let position = CursorPosition::from_bytes(&datagram);
        if position.is_ok_and(|position| picture.handle_cursor_position(position))
            && picture.must_tell()
            && heard.send(Heard::Cursor).await.is_err()
        {
            return;
        }
    }
}

fn lost(error: &ConnectionError) -> ErrorBody {
    ErrorBody::new(ErrorCode::LinkLost, error.to_string())
}
