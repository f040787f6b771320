//! The wires of one connection on the host side: reading frames into the actor, writing what it says, sending picture
//! updates. No decision is made here, and nothing is believed: frames go to the gate as they come.
//!
//! ```text
//! viewer ──control──► reader ─┐                         ┌─ outbox ──► control
//! viewer ──input────► reader ─┴─► actor (bounded)  actor┤
//!                                                       └─ pipeline ──► updates, one stream each; cursor datagrams
//! ```
//!
//! Seeing ends here, on the actor's word, and not when the pipeline hears of it: see [`Showing`].

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use farhand_protocol::{
    media::{CURSOR_BYTES, MAX_REPAIRED_BYTES, MOST_UPDATES_UNDER_WAY},
    peer::{HostBound, ViewerBound},
    wire::{Incoming, Message, WireError},
};
use iroh::endpoint::{Connection, PathId, RecvStream, SendStream, VarInt};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use super::{
    Place,
    pipeline::{PathFigures, Port, Speed},
    throttle::Throttle,
};
use crate::link::{
    frames::{FrameStream, Outbox, Waiting},
    on_selected_path,
    repair::repair_of,
};

/// A connection must open its control stream within this time.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// Most messages of the control stream that are not done yet, journal and all; then the peer waits. At most 16 KiB each.
const CONTROL_PLACES: usize = 64;
/// The same of the input stream.
const INPUT_PLACES: usize = 512;
/// Updates handed over and not written yet: those that pacing allows, and pictures of the film.
const QUEUED_UPDATES: usize = MOST_UPDATES_UNDER_WAY + 4;
/// Over a round trip this long a larger update than this is followed by a datagram: when the update's last packet is lost, the answer to the datagram
/// tells so, and nobody waits for a time-out.
const FOLLOWED_FROM_RTT: Duration = Duration::from_millis(10);
const FOLLOWED_FROM_BYTES: usize = 2048;
/// By then the update's packets have left.
const FOLLOWED_AFTER: Duration = Duration::from_millis(3);
/// The datagram makes good a packet of the update where one was lost no longer ago than this.
const REPAIRED_AFTER_LOSS: Duration = Duration::from_secs(60);
/// What of a packet is no byte of an update, at least: first byte, connection's number, packet's number, seal, and the frame's kind and numbers.
const LEAST_PACKET_OVERHEAD: usize = 1 + 8 + 1 + 16 + 2;
/// Streams of updates whose last byte has not been confirmed; more are not opened.
const MOST_UNCONFIRMED: usize = 64;
/// What is said to a peer whose stream is read no further is written within this time, or never.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(2);
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
        on_selected_path(&self.conn, |path| path.is_relay())
    }

    /// The sending side for pictures, for one period of viewing, and what ends that period. Dropping the port breaks off what is under way too.
    pub(super) fn port(&self, runtime: &tokio::runtime::Handle) -> (Box<dyn Port>, Showing) {
        let (updates, queue) = mpsc::channel(QUEUED_UPDATES);
        let (written, arrivals) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Arrivals::default())));
        let is_on = Arc::new(AtomicBool::new(true));
        let sending = send_updates(self.conn.clone(), queue, is_on.clone(), written.clone(), arrivals.clone());
        let showing = Showing {
            is_on,
            sender: runtime.spawn(sending).abort_handle(),
        };
        let port = LegPort {
            wires: self.clone(),
            showing: showing.clone(),
            updates,
            written,
            arrivals,
        };
        (Box::new(port), showing)
    }
}

/// One period of viewing; clones are the same. Once it has ended nothing of the picture leaves any more, whatever the pipeline is still making of it.
#[derive(Debug, Clone)]
pub(super) struct Showing {
    is_on: Arc<AtomicBool>,
    sender: AbortHandle,
}

impl Showing {
    /// Ends it for good: what waits is dropped, and what is under way is broken off.
    pub(super) fn end(&self) {
        // First, so that a sender that is gone is not taken for a viewer that does not listen.
        self.is_on.store(false, Ordering::SeqCst);
        self.sender.abort();
    }

    fn is_on(&self) -> bool {
        self.is_on.load(Ordering::SeqCst)
    }
}

struct LegPort {
    wires: Wires,
    showing: Showing,
    updates: mpsc::Sender<(u64, Bytes, Speed)>,
    /// Number of the newest update whose bytes the transport has taken. One that acknowledges a later one cannot have seen it.
    written: Arc<AtomicU64>,
    arrivals: Arc<Mutex<Arrivals>>,
}

/// Which updates the other end has confirmed to the last byte.
#[derive(Default)]
struct Arrivals {
    /// Up to this number all have; none before the first update of a period of viewing is known.
    upto: Option<u64>,
    /// Those that have overtaken another.
    beyond: BTreeSet<u64>,
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Arrivals {
    /// This one is about to be sent. The first of a period of viewing says where counting begins, a later one nothing.
    fn begin(&mut self, number: u64) {
        self.upto.get_or_insert(number.saturating_sub(1));
    }

    /// This one has arrived; gives whom to wake.
    fn note(&mut self, number: u64) -> Option<Arc<dyn Fn() + Send + Sync>> {
        self.beyond.insert(number);
        if let Some(upto) = &mut self.upto {
            while self.beyond.remove(&(*upto + 1)) {
                *upto += 1;
            }
        }
        self.wake.take()
    }
}

impl Drop for LegPort {
    fn drop(&mut self) {
        self.showing.end();
    }
}

impl Port for LegPort {
    fn say(&self, message: &ViewerBound) {
        if self.showing.is_on() {
            self.wires.say(message);
        }
    }

    fn send_update(&self, number: u64, update: Bytes, link: Speed) {
        if !self.showing.is_on() {
            return;
        }
        // Full only if pacing were broken; a missing update could not be made good. Closed also when viewing has ended meanwhile.
        if self.updates.try_send((number, update, link)).is_err() && self.showing.is_on() {
            self.wires.conn.close(VarInt::from_u32(1), b"not listening");
        }
    }

    fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    fn send_cursor(&self, cursor: [u8; CURSOR_BYTES]) {
        if self.showing.is_on() {
            // A lost position is replaced by the next one.
            let _ = self.wires.conn.send_datagram(Bytes::copy_from_slice(&cursor));
        }
    }

    fn path(&self) -> PathFigures {
        let figures = on_selected_path(&self.wires.conn, |path| {
            let stats = path.stats();
            PathFigures {
                rtt: stats.rtt,
                cwnd_bytes: stats.cwnd,
                bandwidth_bps: stats.bandwidth_estimate,
                delivered: self.arrivals.lock().upto.unwrap_or(0),
            }
        });
        figures.unwrap_or_default()
    }

    fn wake_on_arrival(&self, wake: &Arc<dyn Fn() + Send + Sync>) {
        self.arrivals.lock().wake = Some(wake.clone());
    }
}

async fn serve(conn: Connection, leg: u64, events: LegEvents, waiting: Waiting) {
    let opened = tokio::time::timeout(OPEN_WITHIN, conn.accept_bi()).await;
    if let Ok(Ok((send, recv))) = opened {
        let _ = send.set_priority(CONTROL_PRIORITY);
        let throttle = Arc::new(Mutex::new(Throttle::new(Instant::now())));
        let mut writer = tokio::spawn(waiting.write(send));
        let input = tokio::spawn(accept_input(conn.clone(), leg, events.clone(), throttle.clone()));
        let ended = read_frames(recv, leg, &events, &throttle, CONTROL_PLACES).await;
        // The control stream is the link: without it nothing else counts.
        input.abort();
        if matches!(ended, ReadEnd::Ours) {
            let _ = tokio::time::timeout(LAST_WORDS_WITHIN, &mut writer).await;
        }
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

/// Why a stream is read no further.
enum ReadEnd {
    /// The peer has ended it, or the connection is lost.
    Theirs,
    /// It is broken, or nobody here listens any more: why, is on its way to the peer.
    Ours,
}

async fn read_frames(recv: RecvStream, leg: u64, events: &LegEvents, throttle: &Mutex<Throttle>, places: usize) -> ReadEnd {
    let places = Arc::new(Semaphore::new(places));
    let mut frames = FrameStream::new(recv);
    while let Some(frame) = frames.next::<HostBound>().await {
        let incoming = match frame {
            Ok(incoming) => incoming,
            Err(error) => {
                let _ = events.send((leg, LegEvent::Broken(error))).await;
                return ReadEnd::Ours;
            }
        };
        if wait_for_turn(&incoming, leg, events, throttle).await.is_err() {
            return ReadEnd::Ours;
        }
        let event = match incoming {
            Incoming::Message(message) => LegEvent::Message(message, places.clone().acquire_owned().await.ok().map(Place::from)),
            Incoming::Unknown(kind) => LegEvent::Unknown(kind),
        };
        if events.send((leg, event)).await.is_err() {
            return ReadEnd::Ours;
        }
    }
    ReadEnd::Theirs
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

/// Whether a path loses packets.
#[derive(Default)]
struct LossWatch {
    path: Option<PathId>,
    lost: u64,
    at: Option<Instant>,
}

impl LossWatch {
    /// Looks at the count of lost packets of the path that bytes go now.
    fn is_lossy(&mut self, path: PathId, lost: u64, now: Instant) -> bool {
        if self.path != Some(path) {
            // Its losses of before are no news, if it is not new.
            *self = Self {
                path: Some(path),
                lost,
                at: (lost > 0).then_some(now),
            };
        }
        if lost != self.lost {
            (self.lost, self.at) = (lost, Some(now));
        }
        self.at.is_some_and(|at| now.saturating_duration_since(at) < REPAIRED_AFTER_LOSS)
    }
}

/// The datagrams that follow this update.
fn followers(conn: &Connection, losses: &mut LossWatch, stream: u64, update: &Bytes, link: Speed) -> Vec<Bytes> {
    let path = on_selected_path(conn, |path| (path.id(), path.stats()));
    let Some((id, stats)) = path else { return Vec::new() };
    let lost = stats.lost_packets.saturating_sub(stats.lost_plpmtud_probes);
    let is_lossy = losses.is_lossy(id, lost, Instant::now());
    // On a slow line they would come before the rest of the update, and cost too much of it.
    if link == Speed::Slow || update.len() < FOLLOWED_FROM_BYTES || stats.rtt < FOLLOWED_FROM_RTT {
        return Vec::new();
    }
    let room = conn
        .max_datagram_size()
        .filter(|_| is_lossy && update.len() <= MAX_REPAIRED_BYTES as usize);
    let width = usize::from(stats.current_mtu).saturating_sub(LEAST_PACKET_OVERHEAD);
    let repair = room.map(|room| repair_of(stream, update, width, room)).unwrap_or_default();
    // One that says nothing is answered, too.
    if repair.is_empty() { vec![Bytes::new()] } else { repair }
}

async fn send_updates(
    conn: Connection,
    mut queue: mpsc::Receiver<(u64, Bytes, Speed)>,
    is_on: Arc<AtomicBool>,
    written: Arc<AtomicU64>,
    arrivals: Arc<Mutex<Arrivals>>,
) {
    // Dropped with this future, which breaks off what the other end has not taken in yet.
    let mut under_way = JoinSet::new();
    let mut losses = LossWatch::default();
    while let Some((number, bytes, link)) = queue.recv().await {
        arrivals.lock().begin(number);
        while under_way.len() >= MOST_UNCONFIRMED {
            under_way.join_next().await;
        }
        let Ok(send) = conn.open_uni().await else { return };
        let followers = followers(&conn, &mut losses, send.id().index(), &bytes, link);
        let mut update = Update(send);
        let _ = update.0.set_priority(UPDATE_PRIORITY);
        // Viewing may have ended since it was handed over.
        if !is_on.load(Ordering::SeqCst) || update.0.write_chunk(bytes).await.is_err() {
            return;
        }
        // Before the last word of it: an honest answer comes later.
        written.store(number, Ordering::Release);
        if update.0.finish().is_err() {
            return;
        }
        while under_way.try_join_next().is_some() {}
        let (arrivals, conn) = (arrivals.clone(), conn.clone());
        under_way.spawn(async move {
            if !followers.is_empty() {
                tokio::time::sleep(FOLLOWED_AFTER).await;
                followers.into_iter().for_each(|follower| drop(conn.send_datagram(follower)));
            }
            if update.0.stopped().await.is_ok() {
                let wake = arrivals.lock().note(number);
                if let Some(wake) = wake {
                    wake();
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{
        error::{ErrorBody, ErrorCode},
        peer::{Done, Goodbye, Hello, ScreenState},
    };
    use tokio::{runtime::Handle, time::timeout};

    use super::*;
    use crate::link::pair::Pair;

    /// Nothing is sent for longer than this on loopback only when nothing is sent at all.
    const QUIET: Duration = Duration::from_millis(150);

    /// A viewer's control stream to a host that serves it.
    struct Link {
        wires: Wires,
        theirs: Connection,
        send: SendStream,
        frames: FrameStream,
        _pair: Pair,
    }

    impl Link {
        /// Linked, with a first word said.
        async fn serve(events: LegEvents) -> Self {
            let pair = Pair::connect().await;
            let theirs = pair.viewer.clone();
            let wires = Wires::serve(pair.host.clone(), 1, events, &Handle::current());
            let (mut send, recv) = theirs.open_bi().await.unwrap();
            send.write_all(&HostBound::Hello(Hello::ours("tests")).to_frame()).await.unwrap();
            Self {
                wires,
                theirs,
                send,
                frames: FrameStream::new(recv),
                _pair: pair,
            }
        }

        fn says_goodbye(&self) {
            let error = ErrorBody::new(ErrorCode::SessionEnded, "over");
            self.wires.say(&ViewerBound::Goodbye(Goodbye { error }));
            self.wires.close();
        }

        async fn hears(&mut self) -> ViewerBound {
            match self.frames.next::<ViewerBound>().await {
                Some(Ok(Incoming::Message(message))) => message,
                other => panic!("{other:?} is no message"),
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn once_viewing_has_ended_nothing_of_the_picture_leaves_and_the_link_stays() {
        let (events, _queue) = mpsc::channel(8);
        let mut link = Link::serve(events).await;
        let (port, showing) = link.wires.port(&Handle::current());
        port.send_update(1, Bytes::from_static(b"first"), Speed::Usual);
        let mut first = link.theirs.accept_uni().await.unwrap();
        assert_eq!(first.read_to_end(64).await.unwrap(), b"first");
        showing.end();
        for number in 2..20 {
            port.send_update(number, Bytes::from_static(b"made too late"), Speed::Usual);
        }
        port.say(&ViewerBound::Screen(ScreenState::Locked));
        port.send_cursor([0; CURSOR_BYTES]);
        link.wires.say(&ViewerBound::Done(Done { mark: 7 }));
        assert_eq!(link.hears().await, ViewerBound::Done(Done { mark: 7 }));
        assert!(timeout(QUIET, link.theirs.accept_uni()).await.is_err());
        assert!(timeout(QUIET, link.theirs.read_datagram()).await.is_err());
        // Viewing that begins anew is another period.
        let (port, _showing) = link.wires.port(&Handle::current());
        port.send_update(20, Bytes::from_static(b"again"), Speed::Usual);
        let mut again = link.theirs.accept_uni().await.unwrap();
        assert_eq!(again.read_to_end(64).await.unwrap(), b"again");
    }

    #[test]
    fn a_path_that_lost_something_is_lossy_for_a_minute() {
        let (mut watch, start) = (LossWatch::default(), Instant::now());
        let (direct, relayed) = (PathId::ZERO, PathId::MAX);
        assert!(!watch.is_lossy(direct, 0, start));
        assert!(watch.is_lossy(direct, 3, start));
        assert!(watch.is_lossy(direct, 3, start + REPAIRED_AFTER_LOSS / 2));
        assert!(!watch.is_lossy(direct, 3, start + REPAIRED_AFTER_LOSS));
        assert!(watch.is_lossy(direct, 4, start + REPAIRED_AFTER_LOSS));
        assert!(!watch.is_lossy(relayed, 0, start + REPAIRED_AFTER_LOSS));
    }

    #[test]
    fn what_has_overtaken_a_late_update_has_not_arrived_before_it() {
        let mut arrivals = Arrivals::default();
        arrivals.begin(7);
        arrivals.note(8);
        arrivals.note(9);
        assert_eq!(arrivals.upto, Some(6));
        arrivals.note(7);
        assert_eq!((arrivals.upto, arrivals.beyond.len()), (Some(9), 0));
        arrivals.begin(10);
        assert_eq!(arrivals.upto, Some(9));
        let woken = Arc::new(AtomicU64::new(0));
        let count = woken.clone();
        arrivals.wake = Some(Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        }));
        (10..13).filter_map(|number| arrivals.note(number)).for_each(|wake| wake());
        assert_eq!(woken.load(Ordering::Relaxed), 1, "once");
    }

    #[test]
    fn what_is_sent_behind_the_very_first_update_does_not_make_that_one_arrive() {
        let mut arrivals = Arrivals::default();
        (1..4).for_each(|number| arrivals.begin(number));
        assert_eq!(arrivals.upto, Some(0));
        arrivals.note(2);
        assert_eq!(arrivals.upto, Some(0));
        arrivals.note(1);
        assert_eq!((arrivals.upto, arrivals.beyond.len()), (Some(2), 0));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn last_words_are_heard_although_nobody_here_listens_any_more() {
        let (events, queue) = mpsc::channel(8);
        drop(queue);
        let mut link = Link::serve(events).await;
        link.says_goodbye();
        assert!(matches!(link.hears().await, ViewerBound::Goodbye(_)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_viewer_that_talks_nonsense_is_told_so() {
        let (events, mut queue) = mpsc::channel(8);
        let mut link = Link::serve(events).await;
        link.send.write_all(&[0xff; 16]).await.unwrap();
        loop {
            let (_, event) = queue.recv().await.expect("it is told first");
            if matches!(event, LegEvent::Broken(_)) {
                break;
            }
        }
        link.says_goodbye();
        assert!(matches!(link.hears().await, ViewerBound::Goodbye(_)));
    }
}
