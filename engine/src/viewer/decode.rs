//! The thread that turns updates into pixels, in their order. Updates travel on streams of their own and may overtake each
//! other; each builds on the one before, so they are put back in order here, and a full one begins anew. After one that cannot be
//! painted, or never comes, nothing is painted before a full one.
//!
//! ```text
//! stream ─► (header, bytes) ─► in order? ─► painter ─► picture ─► acknowledge
//!                                 └─ wait for the one before      └─ fails ─► resync
//! ```

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use farhand_protocol::{
    media::{MAX_UPDATE_BYTES, MOST_UPDATES_UNDER_WAY, UpdateHeader},
    peer::Digest,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{
    acks::{Shown, Untold},
    picture::SharedPicture,
};

/// Most updates that wait for the one before them, and most bytes of them: more than an honest host has under way.
const MOST_WAITING: usize = 2 * MOST_UPDATES_UNDER_WAY;
const MOST_WAITING_BYTES: usize = MAX_UPDATE_BYTES as usize;
/// An update that others wait for comes within this time after the host has sent anything large, or never.
const OVERDUE: Duration = Duration::from_secs(10);
/// Rows hashed at a time, so that the window never waits long for the lock.
const BAND_ROWS: u32 = 64;

/// What the thread is given.
#[derive(Debug)]
pub(super) enum Work {
    /// An update as it came, with when it had arrived; the permit bounds how many there are.
    Update(UpdateHeader, Bytes, Instant, OwnedSemaphorePermit),
    /// Proof of a picture; the flag is lowered once it is done with.
    Digest(Digest, Arc<AtomicBool>),
    /// A second has passed, in which the host sent something or not: an update that others have waited for too long is given up, and what is shown is told.
    Second(Instant, bool),
    /// Another connection: numbers begin anew.
    NewLink,
    /// Viewing has ended.
    Clear,
}

/// What the thread tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Report {
    /// The window is to look at the picture.
    Changed,
    /// These updates are in the picture, in this order.
    Shown(Vec<Shown>),
    /// The whole picture is needed anew.
    Resync(String),
    /// The digest was that of the picture, or not.
    Proven(bool),
}

/// Starts the thread; it ends when the sender of `work` is dropped.
///
/// # Errors
/// When the system has no thread to give.
pub(super) fn start(
    picture: Arc<SharedPicture>,
    work: mpsc::UnboundedReceiver<Work>,
    tell: impl Fn(Report) + Send + 'static,
) -> std::io::Result<()> {
    let decoder = Decoder {
        picture,
        order: Order::default(),
        untold: Untold::default(),
        tell: Box::new(tell),
    };
    std::thread::Builder::new()
        .name("farhand-decode".into())
        .spawn(move || decoder.run(work))?;
    Ok(())
}

struct Decoder {
    picture: Arc<SharedPicture>,
    order: Order,
    untold: Untold,
    tell: Box<dyn Fn(Report) + Send>,
}

impl Decoder {
    fn run(mut self, mut work: mpsc::UnboundedReceiver<Work>) {
        while let Some(work) = work.blocking_recv() {
            match work {
                Work::Update(header, bytes, arrived_at, _permit) => match self.order.handle_update(header, bytes, arrived_at) {
                    Ok(ready) => self.paint_all(&ready),
                    Err(GivenUp) => (self.tell)(Report::Resync("an update never came".into())),
                },
                Work::Second(now, is_receiving) => {
                    self.tell_shown();
                    if self.order.is_overdue(now, is_receiving) {
                        self.order.break_off(now);
                        (self.tell)(Report::Resync("an update never came".into()));
                    }
                }
                Work::Digest(digest, is_pending) => {
                    self.prove(&digest);
                    is_pending.store(false, Ordering::Release);
                }
                Work::NewLink => {
                    self.order = Order::default();
                    self.untold = Untold::default();
                }
                Work::Clear => {
                    self.untold = Untold::default();
                    self.order.waiting.clear();
                    self.picture.clear();
                }
            }
        }
    }

    /// Paints updates that build on each other, up to the first that cannot be.
    fn paint_all(&mut self, ready: &[Arrived]) {
        let mut ready = ready.iter();
        while ready
            .next()
            .is_some_and(|(header, bytes, arrived_at)| self.paint(header, bytes, *arrived_at))
        {}
    }

    /// False when it cannot be painted.
    fn paint(&mut self, header: &UpdateHeader, bytes: &[u8], arrived_at: Instant) -> bool {
        let painted = match self.picture.handle_update(header, bytes) {
            Ok(painted) => painted,
            Err(error) => {
                // What builds on it would only make it worse.
                self.order.break_off(Instant::now());
                (self.tell)(Report::Resync(error.to_string()));
                return false;
            }
        };
        if self.picture.must_tell() {
            (self.tell)(Report::Changed);
        }
        let shown = Shown {
            update: header.update,
            bytes: bytes.len() as u64,
            captured_at_micros: header.captured_at_micros,
            arrived_at,
            decode: arrived_at.elapsed(),
            is_full: header.full.is_some(),
            exact: header.exact && painted.keys_wanted.is_empty(),
        };
        if let Some(told) = self.untold.handle_shown(shown) {
            (self.tell)(Report::Shown(told));
        }
        if !painted.keys_wanted.is_empty() {
            (self.tell)(Report::Resync("a video needs a key".into()));
        }
        true
    }

    /// Tells what waits for that.
    fn tell_shown(&mut self) {
        if let Some(told) = self.untold.take() {
            (self.tell)(Report::Shown(told));
        }
    }

    /// Compares the digest with the picture it was made for; says nothing when that is not shown (any more).
    fn prove(&self, digest: &Digest) {
        if self.order.last != digest.update {
            return;
        }
        let (generation, height) = {
            let guard = self.picture.lock();
            (guard.generation(), guard.size().1)
        };
        let mut hash = Sha256::new();
        let mut y = 0;
        while y < height {
            if !self.picture.hash_rows(generation, y..y + BAND_ROWS, &mut hash) {
                return;
            }
            y += BAND_ROWS;
        }
        let is_same = hash.finalize().as_slice() == digest.sha256.as_slice();
        (self.tell)(Report::Proven(is_same));
        if !is_same {
            (self.tell)(Report::Resync("the picture differs from the host's".into()));
        }
    }
}

type Arrived = (UpdateHeader, Bytes, Instant);

/// Puts updates back in order.
#[derive(Debug, Default)]
struct Order {
    last: u64,
    waiting: BTreeMap<u64, Arrived>,
    /// Since when what comes is of no use before a full picture, or when that was asked for last.
    broken_at: Option<Instant>,
    /// When the host sent more than signs of life last: what is late is on its way.
    received_at: Option<Instant>,
}

/// Too much waits for an update that has not come; none of it is kept.
#[derive(Debug, PartialEq)]
struct GivenUp;

impl Order {
    /// Nothing can be built upon any more: only a full picture begins anew.
    fn break_off(&mut self, now: Instant) {
        self.waiting.clear();
        self.broken_at = Some(now);
    }

    /// Whether an update waits for one that should long have come, or a full one does not come.
    fn is_overdue(&mut self, now: Instant, is_receiving: bool) -> bool {
        if is_receiving {
            self.received_at = Some(now);
        }
        let first = self.waiting.values().map(|(_, _, arrived_at)| *arrived_at).min();
        let since = self.broken_at.or(first).map(|since| since.max(self.received_at.unwrap_or(since)));
        since.is_some_and(|since| now.saturating_duration_since(since) >= OVERDUE)
    }

    /// Takes in an update; gives out those that can be applied now, in order.
    fn handle_update(&mut self, header: UpdateHeader, bytes: Bytes, arrived_at: Instant) -> Result<Vec<Arrived>, GivenUp> {
        if header.update <= self.last || (self.broken_at.is_some() && header.full.is_none()) {
            return Ok(Vec::new());
        }
        self.broken_at = None;
        self.waiting.insert(header.update, (header, bytes, arrived_at));
        let newest_full = self
            .waiting
            .iter()
            .rev()
            .find(|(_, (header, ..))| header.full.is_some())
            .map(|(number, _)| *number);
        if let Some(number) = newest_full {
            // What came before a full picture is of no use.
            self.waiting = self.waiting.split_off(&number);
            self.last = number - 1;
        }
        let mut ready = Vec::new();
        while let Some(entry) = self
            .waiting
            .first_entry()
            .filter(|entry| self.last.checked_add(1) == Some(*entry.key()))
        {
            self.last = *entry.key();
            ready.push(entry.remove());
        }
        let bytes: usize = self.waiting.values().map(|(_, bytes, _)| bytes.len()).sum();
        if self.waiting.len() > MOST_WAITING || bytes > MOST_WAITING_BYTES {
            self.break_off(arrived_at);
            return Err(GivenUp);
        }
        Ok(ready)
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{geometry::Rect, media::PicturePlace};

    use super::*;

    fn numbers(order: &mut Order, update: u64, full: bool) -> Vec<u64> {
        let area = Rect::new(0, 0, 1, 1);
        let header = UpdateHeader {
            update,
            base: 0,
            captured_at_micros: 0,
            full: full.then_some(PicturePlace { epoch: 1, area }),
            exact: true,
        };
        let ready = order.handle_update(header, Bytes::new(), Instant::now());
        ready.unwrap_or_default().iter().map(|(header, ..)| header.update).collect()
    }

    #[test]
    fn an_update_waits_for_the_one_before_it() {
        let mut order = Order::default();
        assert_eq!(numbers(&mut order, 1, true), vec![1]);
        assert!(numbers(&mut order, 3, false).is_empty());
        assert_eq!(numbers(&mut order, 2, false), vec![2, 3]);
        assert!(numbers(&mut order, 2, false).is_empty());
    }

    #[test]
    fn a_digest_proves_the_picture_or_asks_for_it_anew() {
        let reports = Arc::new(parking_lot::Mutex::new(Vec::new()));
        let sink = reports.clone();
        let picture = Arc::new(SharedPicture::default());
        let mut decoder = Decoder {
            picture,
            order: Order::default(),
            untold: Untold::default(),
            tell: Box::new(move |report| sink.lock().push(report)),
        };
        let mut update = Vec::new();
        farhand_codec::append_operation(&farhand_codec::Operation::Reset { width: 3, height: 200 }, &mut update);
        let header = UpdateHeader {
            update: 1,
            base: 0,
            captured_at_micros: 0,
            full: Some(PicturePlace {
                epoch: 1,
                area: Rect::new(0, 0, 3, 200),
            }),
            exact: true,
        };
        let ready = decoder.order.handle_update(header, update.into(), Instant::now()).unwrap();
        decoder.paint_all(&ready);
        reports.lock().clear();
        let black = Sha256::digest(vec![0; 3 * 200 * 3]).to_vec();
        decoder.prove(&Digest {
            update: 2,
            sha256: black.clone(),
        });
        decoder.prove(&Digest { update: 1, sha256: black });
        assert_eq!(*reports.lock(), vec![Report::Proven(true)]);
        decoder.prove(&Digest {
            update: 1,
            sha256: vec![0; 32],
        });
        assert!(matches!(reports.lock()[1..], [Report::Proven(false), Report::Resync(_)]));
    }

    #[test]
    fn a_full_update_waits_for_nothing_and_what_was_before_it_is_dropped() {
        let mut order = Order::default();
        assert!(numbers(&mut order, 5, false).is_empty());
        assert_eq!(numbers(&mut order, 7, true), vec![7]);
        assert!(numbers(&mut order, 6, false).is_empty());
        assert_eq!(numbers(&mut order, 8, false), vec![8]);
    }

    #[test]
    fn as_many_as_a_host_has_under_way_wait_for_the_one_that_is_late() {
        let mut order = Order::default();
        let last = MOST_UPDATES_UNDER_WAY as u64;
        for update in 2..=last {
            assert!(numbers(&mut order, update, false).is_empty());
        }
        assert_eq!(numbers(&mut order, 1, false), (1..=last).collect::<Vec<_>>());
    }

    #[test]
    fn a_flood_of_updates_that_fit_nowhere_stays_bounded_and_asks_for_all_anew() {
        let mut order = Order::default();
        let header = |update| UpdateHeader {
            update,
            base: 0,
            captured_at_micros: 0,
            full: None,
            exact: true,
        };
        let mut given_up = 0;
        for update in 2..1000 {
            given_up += usize::from(order.handle_update(header(update), Bytes::new(), Instant::now()) == Err(GivenUp));
            assert!(order.waiting.len() <= MOST_WAITING);
        }
        assert_eq!(given_up, 1, "it is asked for once");
        let large = Bytes::from(vec![0; MOST_WAITING_BYTES / 2 + 1]);
        order.broken_at = None;
        assert_eq!(order.handle_update(header(2000), large.clone(), Instant::now()), Ok(Vec::new()));
        assert_eq!(order.handle_update(header(2001), large, Instant::now()), Err(GivenUp));
        assert_eq!(numbers(&mut order, u64::MAX, true), vec![u64::MAX]);
    }

    #[test]
    fn after_one_that_never_comes_a_full_one_goes_on() {
        let mut order = Order::default();
        let now = Instant::now();
        assert_eq!(numbers(&mut order, 1, true), vec![1]);
        assert!(numbers(&mut order, 3, false).is_empty());
        assert!(!order.is_overdue(now, false) && order.is_overdue(now + OVERDUE * 2, false));
        assert!(!order.is_overdue(now + OVERDUE * 2, true), "it is on its way");
        let asked = now + OVERDUE * 3;
        assert!(order.is_overdue(asked, false));
        order.break_off(asked);
        assert!(
            !order.is_overdue(asked + OVERDUE / 2, false) && order.is_overdue(asked + OVERDUE, false),
            "it is asked for again"
        );
        assert!(numbers(&mut order, 2, false).is_empty() && numbers(&mut order, 4, false).is_empty());
        assert_eq!(numbers(&mut order, 5, true), vec![5]);
        assert_eq!(numbers(&mut order, 6, false), vec![6]);
    }

    #[test]
    fn an_update_that_cannot_be_painted_is_not_shown_and_a_full_one_mends_it() {
        let reports = Arc::new(parking_lot::Mutex::new(Vec::new()));
        let sink = reports.clone();
        let mut decoder = Decoder {
            picture: Arc::new(SharedPicture::default()),
            order: Order::default(),
            untold: Untold::default(),
            tell: Box::new(move |report| sink.lock().push(report)),
        };
        let mut give = |update, area: Option<Rect>, operations: Vec<u8>| {
            let header = UpdateHeader {
                update,
                base: 0,
                captured_at_micros: 0,
                full: area.map(|area| PicturePlace { epoch: 1, area }),
                exact: true,
            };
            let ready = decoder.order.handle_update(header, operations.into(), Instant::now()).unwrap();
            decoder.paint_all(&ready);
            let shown = reports
                .lock()
                .drain(..)
                .filter(|report| *report != Report::Changed)
                .map(|report| matches!(report, Report::Shown(shown) if shown.iter().all(|shown| shown.exact)))
                .collect::<Vec<_>>();
            (shown, decoder.picture.lock().is_exact())
        };
        let reset = || {
            let mut update = Vec::new();
            farhand_codec::append_operation(&farhand_codec::Operation::Reset { width: 3, height: 2 }, &mut update);
            update
        };
        let area = Some(Rect::new(0, 0, 3, 2));
        assert_eq!(give(1, area, reset()), (vec![true], true));
        assert_eq!(give(2, None, vec![9, 9, 9]), (vec![false], false), "only asked for anew");
        assert_eq!(give(3, None, Vec::new()), (Vec::new(), false), "nothing is built upon it");
        assert_eq!(
            give(4, Some(Rect::new(0, 0, 300, 2)), reset()),
            (vec![false], false),
            "of another size than it says"
        );
        assert_eq!(give(5, area, reset()), (vec![true], true));
        // What comes together with one that cannot be painted, behind it, is not painted either.
        assert_eq!(give(7, None, Vec::new()), (Vec::new(), true));
        assert_eq!(give(6, None, vec![9, 9, 9]), (vec![false], false));
    }
}
