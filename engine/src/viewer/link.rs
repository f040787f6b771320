//! The wires of one connection on the viewer side: control frames both ways, updates and cursor positions in, input out.
//! What arrives is bounded here and judged elsewhere.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use bytes::Bytes;
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    media::{CursorPosition, MediaError, Repair, UpdateHeader},
    peer::{HostBound, ViewerBound},
    wire::Incoming,
};
use iroh::endpoint::{Connection, ConnectionError, RecvStream, VarInt};
use parking_lot::Mutex;
use thiserror::Error;
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
    repair::{Beyond, Gathered, Parity},
};

const CONTROL_PRIORITY: i32 = 10;
const INPUT_PRIORITY: i32 = 20;
/// Updates read at the same time; a host has two on their way.
const MOST_STREAMS: u32 = 4;
/// Streams a host may open without being told of new room: it is told after every eighth of them, not after every letter. What is in those that
/// are not read yet keeps to the connection's window.
const OPEN_STREAMS: u32 = 128;
const READ_BYTES: usize = 64 * 1024;
/// Repairs kept for updates of which nothing has come; most belong to updates that have come whole.
const MOST_REPAIRS: usize = 8;
/// Parts of a repair that may wait for an update that is being read.
const REPAIR_PARTS: usize = 8;

/// What a connection tells the actor.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message of the host.
    Message(Box<ViewerBound>),
    /// New cursor position in the picture.
    Cursor,
    /// An update came that is none: what it was to show never will be, and those behind it wait for its number.
    Unreadable(Unreadable),
    /// The connection is over.
    Gone(ErrorBody),
}

/// Why the bytes of a stream are no update: the host is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Unreadable {
    /// More of them, or in more pieces, than an update has.
    #[error("an update is beyond its limit")]
    Beyond,
    /// They end, and some in between are missing.
    #[error("an update has a gap")]
    Gap,
    /// They do not begin as an update does.
    #[error("an update cannot be read: {0}")]
    Header(#[from] MediaError),
}

impl From<Beyond> for Unreadable {
    fn from(_: Beyond) -> Self {
        Self::Beyond
    }
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
        let repairs = Arc::new(Repairs::default());
        tasks.spawn_on(accept_updates(conn.clone(), work, heard.clone(), repairs.clone()), runtime);
        tasks.spawn_on(read_datagrams(conn.clone(), picture, heard.clone(), repairs), runtime);
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

    /// Bytes of the host that have arrived so far, whatever was in them.
    pub(super) fn received_bytes(&self) -> u64 {
        self.conn.stats().udp_rx.bytes
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

/// Repairs on their way to the updates they belong to, by the number of the update's stream.
#[derive(Default)]
struct Repairs {
    /// Updates that are being read.
    wanted: Mutex<Vec<(u64, mpsc::Sender<Bytes>)>>,
    came: Mutex<VecDeque<(u64, Bytes)>>,
}

impl Repairs {
    /// The parts of the repair for an update that is being read, as they come.
    fn wait_for(&self, stream: u64) -> mpsc::Receiver<Bytes> {
        let (sender, receiver) = mpsc::channel(REPAIR_PARTS);
        let mut wanted = self.wanted.lock();
        wanted.retain(|(_, sender)| !sender.is_closed());
        self.came.lock().retain(|(number, early)| {
            let is_wanted = *number == stream;
            if is_wanted {
                let _ = sender.try_send(early.clone());
            }
            !is_wanted
        });
        wanted.push((stream, sender));
        receiver
    }

    fn handle_datagram(&self, datagram: &Bytes) {
        let Ok(Repair { stream, .. }) = Repair::from_bytes(datagram) else {
            return;
        };
        let wanted = self.wanted.lock();
        if let Some((_, sender)) = wanted.iter().find(|(number, _)| *number == stream) {
            let _ = sender.try_send(datagram.clone());
            return;
        }
        let mut came = self.came.lock();
        if came.len() == MOST_REPAIRS {
            came.pop_front();
        }
        came.push_back((stream, datagram.clone()));
    }
}

async fn accept_updates(conn: Connection, work: mpsc::UnboundedSender<Work>, heard: mpsc::Sender<Heard>, repairs: Arc<Repairs>) {
    let places = Arc::new(Semaphore::new(MOST_STREAMS as usize));
    let mut reading = JoinSet::new();
    while let Ok(recv) = conn.accept_uni().await {
        while reading.try_join_next().is_some() {}
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let (work, heard, repair) = (work.clone(), heard.clone(), repairs.wait_for(recv.id().index()));
        reading.spawn(async move {
            match read_update(recv, repair).await {
                Ok(Some((header, bytes))) => drop(work.send(Work::Update(header, bytes, Instant::now(), place))),
                // A stream that was broken off is an update the host has given up.
                Ok(None) => {}
                // The place is kept until that is heard, so that a host that sends nothing else is read no faster.
                Err(unreadable) => drop(heard.send(Heard::Unreadable(unreadable)).await),
            }
        });
    }
}

/// Reads an update up to the end of its stream, or until its repair makes it whole; memory grows with what really arrives. None when the stream was
/// broken off.
async fn read_update(recv: RecvStream, repair: mpsc::Receiver<Bytes>) -> Result<Option<(UpdateHeader, Bytes)>, Unreadable> {
    let Some(whole) = gather(recv, repair).await? else {
        return Ok(None);
    };
    let (header, operations) = UpdateHeader::from_bytes(&whole)?;
    Ok(Some((header, whole.slice_ref(operations))))
}

async fn gather(recv: RecvStream, mut repair: mpsc::Receiver<Bytes>) -> Result<Option<Bytes>, Unreadable> {
    let mut recv = recv.into_unordered();
    let mut gathered = Gathered::default();
    let mut parity: Option<Parity> = None;
    loop {
        tokio::select! {
            chunk = recv.read_chunk(READ_BYTES) => match chunk {
                Ok(Some(chunk)) => gathered.add(chunk.offset, &chunk.bytes)?,
                Ok(None) => return gathered.whole().map(Some).ok_or(Unreadable::Gap),
                Err(_) => return Ok(None),
            },
            Some(part) = repair.recv() => {
                let Ok(part) = Repair::from_bytes(&part) else { continue };
                match &mut parity {
                    Some(parity) => parity.add(&part),
                    None => parity = Some(Parity::begin(&part)),
                }
            }
        }
        if let Some(whole) = parity.as_ref().and_then(|parity| gathered.repaired(parity)) {
            return Ok(Some(whole));
        }
    }
}

async fn read_datagrams(conn: Connection, picture: Arc<SharedPicture>, heard: mpsc::Sender<Heard>, repairs: Arc<Repairs>) {
    while let Ok(datagram) = conn.read_datagram().await {
        let Ok(position) = CursorPosition::from_bytes(&datagram) else {
            repairs.handle_datagram(&datagram);
            continue;
        };
        if picture.handle_cursor_position(position) && picture.must_tell() && heard.send(Heard::Cursor).await.is_err() {
            return;
        }
    }
}

fn lost(error: &ConnectionError) -> ErrorBody {
    ErrorBody::new(ErrorCode::LinkLost, error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::link::{pair::Pair, repair::repair_of};

    const LONG: Duration = Duration::from_secs(20);
    const QUIET: Duration = Duration::from_millis(150);

    /// An update of this number, as a host makes it.
    fn update(number: u64, length: usize) -> Vec<u8> {
        let header = UpdateHeader {
            update: number,
            base: 0,
            captured_at_micros: 0,
            full: None,
            exact: false,
        };
        let mut bytes = Vec::new();
        header.append_to(&mut bytes);
        bytes.extend((bytes.len()..length).map(|at| (at * 7) as u8));
        bytes
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_update_whose_end_never_comes_is_made_good_by_the_datagram_that_follows_it() {
        let pair = Pair::connect().await;
        let (work, mut queue) = mpsc::unbounded_channel();
        let (heard, _events) = mpsc::channel(8);
        let repairs = Arc::new(Repairs::default());
        let picture = Arc::new(SharedPicture::default());
        pair.viewer.set_max_concurrent_uni_streams(VarInt::from_u32(8));
        tokio::spawn(accept_updates(pair.viewer.clone(), work, heard.clone(), repairs.clone()));
        tokio::spawn(read_datagrams(pair.viewer.clone(), picture, heard, repairs));
        for (number, comes_first) in [(1, false), (2, true)] {
            let bytes = update(number, 5000);
            let mut send = pair.host.open_uni().await.unwrap();
            let room = pair.host.max_datagram_size().unwrap();
            let repairs = repair_of(send.id().index(), &bytes, room + 20, room);
            assert_eq!(repairs.len(), 2);
            let repair = || repairs.iter().for_each(|part| pair.host.send_datagram(part.clone()).unwrap());
            if comes_first {
                repair();
                tokio::time::sleep(QUIET).await;
            }
            send.write_all(&bytes[..5000 - room]).await.unwrap();
            if !comes_first {
                assert!(tokio::time::timeout(QUIET, queue.recv()).await.is_err(), "its end is missing");
                repair();
            }
            let Ok(Some(Work::Update(header, operations, ..))) = tokio::time::timeout(LONG, queue.recv()).await else {
                panic!("no update came");
            };
            let (_, expected) = UpdateHeader::from_bytes(&bytes).unwrap();
            assert_eq!((header.update, &operations[..]), (number, expected));
            // The host need send the rest no more.
            assert!(tokio::time::timeout(LONG, send.stopped()).await.unwrap().is_ok());
        }
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn an_update_that_cannot_be_read_is_told_and_one_that_is_broken_off_is_not() {
        let pair = Pair::connect().await;
        let (work, mut queue) = mpsc::unbounded_channel();
        let (heard, mut events) = mpsc::channel(8);
        pair.viewer.set_max_concurrent_uni_streams(VarInt::from_u32(8));
        tokio::spawn(accept_updates(pair.viewer.clone(), work, heard, Arc::default()));
        let mut given_up = pair.host.open_uni().await.unwrap();
        given_up.write_all(&update(1, 200)).await.unwrap();
        given_up.reset(VarInt::from_u32(0)).unwrap();
        for (bytes, why) in [(&b""[..], MediaError::Truncated), (b"no update", MediaError::Unknown)] {
            let mut send = pair.host.open_uni().await.unwrap();
            send.write_all(bytes).await.unwrap();
            send.finish().unwrap();
            let Ok(Some(Heard::Unreadable(told))) = tokio::time::timeout(LONG, events.recv()).await else {
                panic!("nothing is told of {bytes:?}");
            };
            assert_eq!(told, Unreadable::Header(why));
        }
        // What comes next is read as ever.
        let mut send = pair.host.open_uni().await.unwrap();
        send.write_all(&update(4, 200)).await.unwrap();
        send.finish().unwrap();
        let next = tokio::time::timeout(LONG, queue.recv()).await;
        assert!(
            matches!(next, Ok(Some(Work::Update(UpdateHeader { update: 4, .. }, ..)))),
            "{next:?}"
        );
        assert!(events.try_recv().is_err(), "what was broken off is nobody's");
    }
}
