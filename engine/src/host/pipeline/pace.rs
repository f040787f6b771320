//! When the next update may go to one viewer, and what is still on its way. Sans-I/O.
//!
//! Bytes that have not arrived stay at or under bandwidth × round trip + one update: where the bandwidth is known, the next update goes when the
//! link has taken in the one before, and not only when the word of it is back. Never more than two updates wait at the viewer. So what is not yet
//! sent is always replaced by newer state, and a slow link shows fewer pictures, not older ones (DESIGN, "The picture").

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Most updates that have arrived and are not shown.
const MOST_UNSHOWN: usize = 2;
/// Most updates on their way where the round trip is short, and so many more at most where it is long: one for each of these times.
const MOST_IN_FLIGHT: usize = 2;
const MORE_IN_FLIGHT: u128 = 8;
const MORE_EVERY: Duration = Duration::from_millis(10);
/// Updates are not sent closer together than this: what a screen shows within one refresh goes as one.
const LEAST_INTERVAL: Duration = Duration::from_millis(7);

/// What the link is like now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PathFigures {
    /// Round trip.
    pub(crate) rtt: Duration,
    /// Congestion window, bytes.
    pub(crate) cwnd_bytes: u64,
    /// Bandwidth estimate, where the congestion control makes one.
    pub(crate) bandwidth_bps: Option<u64>,
    /// Number of the newest update that has wholly arrived, whether it is shown already or not: it fills the path no more.
    pub(crate) delivered: u64,
}

/// No update is taken for one that keeps the link for longer.
const LONGEST_TURN: Duration = Duration::from_secs(60);
/// Updates from this size on tell how fast the link is.
const MEASURED_FROM_BYTES: u64 = 16 << 10;
/// The least round trip is looked for in windows of this length.
const RTT_WINDOW: Duration = Duration::from_secs(10);
/// The best but one of so many measurements counts: a slow one may be the viewer's doing, and a very fast one that of a packet which was sent again.
const MEASUREMENTS: usize = 8;

/// Numbers of updates and what of them is on its way.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: u64,
    acknowledged: u64,
    in_flight: VecDeque<Sent>,
    least_rtt: LeastRtt,
    measured_bps: VecDeque<u64>,
    /// When the last word of the viewer had come of what it shows.
    acknowledged_at: Option<Instant>,
    sent_at: Option<Instant>,
    /// When the link has taken in all that was sent, by the estimate of its bandwidth.
    free_at: Option<Instant>,
    held_until: Option<Instant>,
    max_fps: u8,
}

/// The least round trip of the last ten to twenty seconds: longer ago the bytes may have gone another way.
#[derive(Debug, Default)]
struct LeastRtt {
    now: Option<Duration>,
    before: Option<Duration>,
    began: Option<Instant>,
}

impl LeastRtt {
    fn note(&mut self, rtt: Duration, now: Instant) {
        if self.began.is_none_or(|began| now.saturating_duration_since(began) >= RTT_WINDOW) {
            (self.before, self.now, self.began) = (self.now, None, Some(now));
        }
        self.now = Some(self.now.map_or(rtt, |least| least.min(rtt)));
    }

    fn get(&self) -> Option<Duration> {
        [self.now, self.before].into_iter().flatten().min()
    }
}

/// An update on its way.
#[derive(Debug, Clone, Copy)]
struct Sent {
    number: u64,
    bytes: u64,
    at: Instant,
}

/// Whether an update may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum May {
    /// Now.
    Send,
    /// At this time, if nothing else happens.
    At(Instant),
    /// When an acknowledgement has come.
    AfterAck,
}

impl Pace {
    /// Goes on counting after this number: a viewer that begins to watch again must not take an old update for a new one.
    pub(super) fn after(last: u64) -> Self {
        Self { last, ..Self::default() }
    }

    /// The technician wishes for at most so many pictures a second; 0 for no wish.
    pub(super) fn set_max_fps(&mut self, max_fps: u8) {
        self.max_fps = max_fps;
    }

    /// Decides for now.
    pub(super) fn may_send(&self, now: Instant, path: impl FnOnce() -> PathFigures) -> May {
        let mut free_at = None;
        if !self.in_flight.is_empty() {
            let path = path();
            let longer = (self.rtt(&path).as_micros() / MORE_EVERY.as_micros()).min(MORE_IN_FLIGHT);
            // What has arrived waits for the viewer's decoder, not for the network.
            let unshown = self.in_flight.iter().filter(|sent| sent.number <= path.delivered).count();
            if self.in_flight.len() >= MOST_IN_FLIGHT + longer as usize || unshown >= MOST_UNSHOWN {
                return May::AfterAck;
            }
            let on_the_way = self.in_flight.iter().filter(|sent| sent.number > path.delivered);
            let bytes: u64 = on_the_way.map(|sent| sent.bytes).sum();
            if bytes > 0 && bytes >= self.capacity_bytes(&path) {
                free_at = self.free_at.filter(|_| self.bandwidth_bps(&path).is_some());
                if free_at.is_none() {
                    return May::AfterAck;
                }
            }
        }
        let interval = if self.max_fps > 0 {
            Duration::from_secs(1) / u32::from(self.max_fps)
        } else {
            LEAST_INTERVAL
        };
        let next = self.sent_at.map(|at| at + interval.max(LEAST_INTERVAL));
        match next.max(self.held_until).max(free_at) {
            Some(next) if next > now => May::At(next),
            _ => May::Send,
        }
    }

    /// Nothing is sent before this time.
    pub(super) fn hold(&mut self, until: Instant) {
        self.held_until = Some(until);
    }

    /// Number and base of the update about to be made.
    pub(super) fn next(&self) -> (u64, u64) {
        (self.last + 1, self.acknowledged)
    }

    /// The update was sent.
    pub(super) fn handle_sent(&mut self, bytes: u64, now: Instant, path: &PathFigures) {
        self.last += 1;
        self.free_at = self.bandwidth_bps(path).map(|bps| {
            let took = Duration::from_secs_f64(bytes as f64 * 8.0 / bps.max(1) as f64);
            self.free_at.map_or(now, |free_at| free_at.max(now)) + took.min(LONGEST_TURN)
        });
        self.in_flight.push_back(Sent {
            number: self.last,
            bytes,
            at: now,
        });
        self.sent_at = Some(now);
    }

    /// The viewer shows this update, and so every one before it; `now` is when it had arrived there and the word was back.
    pub(super) fn handle_acknowledged(&mut self, update: u64, now: Instant, path: &PathFigures) {
        if update > self.last {
            return;
        }
        if !path.rtt.is_zero() {
            self.least_rtt.note(path.rtt, now);
        }
        self.measure(update, now);
        self.acknowledged_at = self.acknowledged_at.max(Some(now));
        self.acknowledged = self.acknowledged.max(update);
        self.in_flight.retain(|sent| sent.number > update);
    }

    /// Learns from an acknowledgement how fast the link is: it tells of what arrived after the update before, or, where nothing
    /// was under way, of all that took longer than the least round trip.
    fn measure(&mut self, update: u64, now: Instant) {
        let arrived = || self.in_flight.iter().filter(|sent| sent.number <= update);
        let bytes: u64 = arrived().map(|sent| sent.bytes).sum();
        let Some(last) = arrived().next_back().filter(|_| bytes >= MEASURED_FROM_BYTES) else {
            return;
        };
        let began = (last.at + self.least_rtt.get().unwrap_or_default()).max(self.acknowledged_at.unwrap_or(last.at));
        let took = now.saturating_duration_since(began).max(Duration::from_micros(100));
        if self.measured_bps.len() == MEASUREMENTS {
            self.measured_bps.pop_front();
        }
        self.measured_bps.push_back((bytes as f64 * 8.0 / took.as_secs_f64()) as u64);
    }

    /// Bits per second the link carries: the congestion control's estimate, or what updates needed; none before either.
    pub(super) fn bandwidth_bps(&self, path: &PathFigures) -> Option<u64> {
        path.bandwidth_bps.or_else(|| {
            let mut measured: Vec<u64> = self.measured_bps.iter().copied().collect();
            measured.sort_unstable_by_key(|bps| std::cmp::Reverse(*bps));
            let best = if measured.len() < 3 { 0 } else { 1 };
            measured.get(best).copied()
        })
    }

    fn rtt(&self, path: &PathFigures) -> Duration {
        self.least_rtt.get().unwrap_or(path.rtt)
    }

    /// Bytes that fill the path, and no queue.
    fn capacity_bytes(&self, path: &PathFigures) -> u64 {
        let rtt = self.rtt(path);
        let filling = self
            .bandwidth_bps(path)
            .map(|bps| (u128::from(bps) / 8 * rtt.as_micros() / 1_000_000).min(u128::from(u64::MAX)) as u64);
        filling.map_or(path.cwnd_bytes, |filling| filling.min(path.cwnd_bytes))
    }

    /// Newest update sent, and whether the viewer has shown it.
    pub(super) fn newest(&self) -> (u64, bool) {
        (self.last, self.in_flight.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(kilobytes: u64) -> impl Fn() -> PathFigures {
        move || PathFigures {
            rtt: Duration::from_millis(50),
            cwnd_bytes: kilobytes * 1000,
            bandwidth_bps: None,
            delivered: 0,
        }
    }

    #[test]
    fn the_least_round_trip_is_forgotten_when_the_bytes_go_another_way() {
        let (start, mut least) = (Instant::now(), LeastRtt::default());
        least.note(Duration::from_millis(1), start);
        least.note(Duration::from_millis(80), start + RTT_WINDOW);
        assert_eq!(least.get(), Some(Duration::from_millis(1)));
        least.note(Duration::from_millis(90), start + 2 * RTT_WINDOW);
        assert_eq!(least.get(), Some(Duration::from_millis(80)));
    }

    #[test]
    fn a_first_update_goes_at_once_whatever_its_size_and_the_next_waits_for_room() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut pace = Pace::default();
        assert_eq!(pace.may_send(start, path(0)), May::Send);
        pace.handle_sent(300_000, start, &path(0)());
        assert_eq!(pace.may_send(later, path(100)), May::AfterAck);
        assert_eq!(pace.may_send(later, path(400)), May::Send);
        // Five more may be on their way where the round trip is 50 ms.
        (0..6).for_each(|_| pace.handle_sent(10, later, &path(0)()));
        assert_eq!(pace.may_send(later + LEAST_INTERVAL, path(400_000)), May::AfterAck);
        pace.handle_acknowledged(7, later, &path(0)());
        assert_eq!(pace.newest(), (7, true));
        assert_eq!((pace.may_send(later + LEAST_INTERVAL, path(0)), pace.next()), (May::Send, (8, 7)));
    }

    #[test]
    fn what_has_arrived_and_is_not_shown_yet_makes_room_for_one_more_and_no_third() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut pace = Pace::default();
        pace.handle_sent(300_000, start, &path(0)());
        let arrived = |delivered| move || PathFigures { delivered, ..path(100)() };
        assert_eq!(pace.may_send(later, arrived(0)), May::AfterAck);
        assert_eq!(pace.may_send(later, arrived(1)), May::Send);
        pace.handle_sent(300_000, later, &path(0)());
        assert_eq!(
            pace.may_send(later + LEAST_INTERVAL, arrived(2)),
            May::AfterAck,
            "the decoder is behind"
        );
    }

    #[test]
    fn updates_one_behind_the_other_are_timed_from_one_to_the_next() {
        let (start, figures) = (Instant::now(), path(u64::MAX / 1000)());
        let mut pace = Pace::default();
        let at = |millis| start + Duration::from_millis(millis);
        // 25 kB each, 200 ms apart on the link, though all were sent within a moment.
        (0..4).for_each(|number| pace.handle_sent(25_000, at(number), &figures));
        (1..=4).for_each(|number| pace.handle_acknowledged(number, at(50 + 200 * number), &figures));
        let measured = pace.bandwidth_bps(&figures).unwrap();
        assert!(measured.abs_diff(1_000_000) < 10_000, "{measured}");
    }

    #[test]
    fn an_estimate_of_bandwidth_bounds_what_is_under_way() {
        let figures = PathFigures {
            rtt: Duration::from_millis(100),
            cwnd_bytes: u64::MAX,
            bandwidth_bps: Some(800_000),
            delivered: 0,
        };
        assert_eq!(Pace::default().capacity_bytes(&figures), 10_000);
    }

    #[test]
    fn without_an_estimate_large_updates_tell_how_fast_the_link_is_and_small_ones_do_not() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let figures = path(u64::MAX / 1000)();
        pace.handle_sent(500, start, &path(0)());
        pace.handle_acknowledged(1, start + Duration::from_secs(1), &figures);
        assert_eq!(pace.bandwidth_bps(&figures), None);
        // 100 kB in a second, beside a round trip of 50 ms.
        pace.handle_sent(100_000, start + Duration::from_secs(1), &path(0)());
        pace.handle_acknowledged(2, start + Duration::from_millis(2050), &figures);
        assert_eq!(pace.bandwidth_bps(&figures), Some(800_000));
        assert_eq!(pace.capacity_bytes(&figures), 5_000);
        // The best of the last ones counts.
        pace.handle_sent(100_000, start + Duration::from_secs(3), &path(0)());
        pace.handle_acknowledged(3, start + Duration::from_millis(12_050), &figures);
        assert_eq!(pace.bandwidth_bps(&figures), Some(800_000));
    }

    #[test]
    fn the_next_update_goes_when_the_link_has_taken_in_the_one_before() {
        let start = Instant::now();
        let figures = PathFigures {
            rtt: Duration::from_millis(100),
            cwnd_bytes: u64::MAX,
            bandwidth_bps: Some(800_000),
            delivered: 0,
        };
        let mut pace = Pace::default();
        // Half a second on the link; 10 kB would fill it.
        pace.handle_sent(50_000, start, &figures);
        let free_at = start + Duration::from_millis(500);
        assert_eq!(pace.may_send(start, || figures), May::At(free_at));
        assert_eq!(pace.may_send(free_at, || figures), May::Send);
        pace.handle_sent(50_000, free_at, &figures);
        assert_eq!(pace.may_send(free_at, || figures), May::At(free_at + Duration::from_millis(500)));
    }

    #[test]
    fn acknowledging_what_was_never_sent_changes_nothing() {
        let mut pace = Pace::default();
        pace.handle_sent(1, Instant::now(), &path(0)());
        pace.handle_acknowledged(77, Instant::now(), &PathFigures::default());
        assert_eq!((pace.newest(), pace.next()), ((1, false), (2, 0)));
    }

    #[test]
    fn wished_for_few_pictures_come_apart() {
        let now = Instant::now();
        let mut pace = Pace::default();
        pace.set_max_fps(10);
        pace.handle_sent(1, now, &path(0)());
        pace.handle_acknowledged(1, now, &PathFigures::default());
        assert_eq!(pace.may_send(now, path(9)), May::At(now + Duration::from_millis(100)));
    }
}
