//! When the next update may go to one viewer, and what is still on its way. Sans-I/O.
//!
//! Bytes that have not arrived stay at or under bandwidth × round trip + one update: where the bandwidth is known, the next update goes when the
//! link has taken in the one before, and not only when the word of it is back. Never more than two updates wait at the viewer. So what is not yet
//! sent is always replaced by newer state, and a slow link shows fewer pictures, not older ones (DESIGN, "The picture").

mod bandwidth;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use farhand_protocol::media::{MOST_UPDATES_UNDER_WAY, SMALL_UPDATE_BYTES};

pub(super) use self::bandwidth::SLOW_BPS;
use self::bandwidth::{Arrived, Bandwidth};
use crate::link::least_rtt::LeastRtt;

/// Most updates that have arrived and are not shown.
const MOST_UNSHOWN: usize = 2;
/// Most updates on their way where the round trip is short, and so many more at most where it is long: one for each of these times.
const MOST_IN_FLIGHT: usize = 2;
const MORE_IN_FLIGHT: u128 = 8;
const MORE_EVERY: Duration = Duration::from_millis(10);
/// A viewer that asks for everything anew waits for none of what is under way; it is believed so often.
const RESYNC_EVERY: Duration = Duration::from_secs(1);
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
/// What a packet adds to the bytes in it, on the wire: headers and seal.
const PACKET_BYTES: u64 = 60;
/// A link of which nothing is known but that its round trip takes so long may be as slow as any that is of use: a first preview of 5 kB tells, at the cost
/// of one round trip where it is fast.
const PERHAPS_SLOW_FROM: Duration = Duration::from_millis(15);
const FEARED_BPS: u64 = 28_000;
/// Words, answers and keys are left so much of a slow link, or a tenth.
const OTHERS_BPS: u64 = 4_000;
/// An update that has not arrived so long after it should have is late.
const LATE: Duration = Duration::from_millis(60);

/// Numbers of updates and what of them is on its way.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: u64,
    acknowledged: u64,
    in_flight: VecDeque<Sent>,
    least_rtt: LeastRtt,
    bandwidth: Bandwidth,
    /// When the last word of the viewer had come of what it shows.
    acknowledged_at: Option<Instant>,
    sent_at: Option<Instant>,
    /// When the link has taken in all that was sent, by the estimate of its bandwidth.
    free_at: Option<Instant>,
    held_until: Option<Instant>,
    max_fps: u8,
    resynced_at: Option<Instant>,
    /// What the technician wants the link to carry at most; 0 for no wish.
    max_bps: u64,
}

/// An update on its way.
#[derive(Debug, Clone, Copy)]
struct Sent {
    number: u64,
    bytes: u64,
    is_small: bool,
    at: Instant,
    /// When it should have arrived and the word of it be back, by the estimate of the bandwidth.
    due_at: Option<Instant>,
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

    /// The technician wishes for at most so many bits a second, however much the link carries; 0 for no wish.
    pub(super) fn set_max_bps(&mut self, max_bps: u64) {
        self.max_bps = max_bps;
        // What was reckoned by another rate holds no longer.
        self.free_at = None;
    }

    /// Decides for now.
    pub(super) fn may_send(&self, now: Instant, path: impl FnOnce() -> PathFigures) -> May {
        // A wish holds for what has arrived, too.
        let mut free_at = self.free_at.filter(|_| self.max_bps > 0);
        if !self.in_flight.is_empty() {
            let path = path();
            let longer = (self.rtt(&path).as_micros() / MORE_EVERY.as_micros()).min(MORE_IN_FLIGHT);
            // What has arrived waits for the viewer's decoder, not for the network.
            // Small ones are answered together, some time later: the next waits for none of that.
            let large = || self.in_flight.iter().filter(|sent| !sent.is_small);
            let is_full = large().count() >= MOST_IN_FLIGHT + longer as usize || self.in_flight.len() >= MOST_UPDATES_UNDER_WAY;
            let unshown = large().filter(|sent| sent.number <= path.delivered).count();
            if is_full || unshown >= MOST_UNSHOWN {
                return May::AfterAck;
            }
            let on_the_way = self.in_flight.iter().filter(|sent| sent.number > path.delivered);
            let bytes: u64 = on_the_way.map(|sent| sent.bytes).sum();
            if bytes > 0 && bytes >= self.capacity_bytes(&path) {
                // What should have arrived and has not says that the link carries less than it did: then only its word makes room.
                let mut on_the_way = self.in_flight.iter().filter(|sent| sent.number > path.delivered);
                let is_late = on_the_way.any(|sent| sent.due_at.is_some_and(|due_at| due_at < now));
                free_at = self.free_at.filter(|_| !is_late && self.bandwidth_bps(&path).is_some());
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

    /// The viewer asks for everything anew: what is under way is of no use to it. False where it did so just before.
    pub(super) fn handle_resync(&mut self, now: Instant) -> bool {
        let is_believed = self.resynced_at.is_none_or(|at| now.saturating_duration_since(at) >= RESYNC_EVERY);
        if is_believed {
            self.resynced_at = Some(now);
            self.in_flight.clear();
        }
        is_believed
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
        // Where letters are all there is, the packets around them are a third of it.
        let is_small = bytes < SMALL_UPDATE_BYTES;
        let bytes = if is_small { bytes + PACKET_BYTES } else { bytes };
        self.free_at = self.share_bps(path).map(|bps| {
            let took = Duration::from_secs_f64(bytes as f64 * 8.0 / bps.max(1) as f64);
            self.free_at.map_or(now, |free_at| free_at.max(now)) + took.min(LONGEST_TURN)
        });
        self.in_flight.push_back(Sent {
            number: self.last,
            bytes,
            is_small,
            at: now,
            due_at: self.free_at.map(|free_at| free_at + self.rtt(path) + LATE),
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
        self.measure(update, now, path);
        self.acknowledged_at = self.acknowledged_at.max(Some(now));
        self.acknowledged = self.acknowledged.max(update);
        self.in_flight.retain(|sent| sent.number > update);
    }

    /// Learns from an acknowledgement how fast the link is.
    fn measure(&mut self, update: u64, now: Instant, path: &PathFigures) {
        let arrived = || self.in_flight.iter().filter(|sent| sent.number <= update);
        let Some(first) = arrived().next() else { return };
        let first_at = first.at;
        let last_at = arrived().map(|sent| sent.at).fold(first_at, Instant::max);
        let arrived = Arrived {
            bytes: arrived().map(|sent| sent.bytes).sum(),
            first_at,
            spread: last_at.saturating_duration_since(first_at),
            before_at: self.acknowledged_at,
            at: now,
        };
        let believed_bps = self.link_bps(path);
        let least_rtt = self.least_rtt.get().unwrap_or_default();
        self.bandwidth.handle_arrived(&arrived, believed_bps, least_rtt);
    }

    /// Whether updates have shown that the link is slow.
    pub(super) fn is_known_slow(&self, path: &PathFigures) -> bool {
        !self.bandwidth.is_unknown() && self.is_slow(path)
    }

    fn is_slow(&self, path: &PathFigures) -> bool {
        self.link_bps(path).is_some_and(|bps| bps < SLOW_BPS)
    }

    /// Bits per second the link carries: the congestion control's estimate, or what updates needed, or, before either, what a long round trip leaves to
    /// be feared; none where nothing speaks for a slow link.
    fn link_bps(&self, path: &PathFigures) -> Option<u64> {
        let measured = path.bandwidth_bps.or_else(|| self.bandwidth.bps());
        measured.or_else(|| (path.rtt >= PERHAPS_SLOW_FROM).then_some(FEARED_BPS))
    }

    /// What may be used of that: the technician may wish for less.
    pub(super) fn bandwidth_bps(&self, path: &PathFigures) -> Option<u64> {
        let wished = (self.max_bps > 0).then_some(self.max_bps);
        [self.link_bps(path), wished].into_iter().flatten().min()
    }

    /// What of that updates may take: words, answers and keys want their part of a slow link.
    fn share_bps(&self, path: &PathFigures) -> Option<u64> {
        let is_slow = self.is_slow(path);
        self.bandwidth_bps(path).map(|bps| {
            let others = if is_slow { OTHERS_BPS.max(bps / 10) } else { 0 };
            bps.saturating_sub(others).max(bps / 2)
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
            rtt: Duration::from_millis(14),
            cwnd_bytes: kilobytes * 1000,
            bandwidth_bps: None,
            delivered: 0,
        }
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
        // One more may be on its way where the round trip is 10 ms.
        (0..2).for_each(|_| pace.handle_sent(SMALL_UPDATE_BYTES, later, &path(0)()));
        assert_eq!(pace.may_send(later + LEAST_INTERVAL, path(400_000)), May::AfterAck);
        pace.handle_acknowledged(3, later, &path(0)());
        assert_eq!(pace.newest(), (3, true));
        assert_eq!((pace.may_send(later + LEAST_INTERVAL, path(0)), pace.next()), (May::Send, (4, 3)));
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
    fn letters_wait_for_no_answer_but_not_for_ever_and_for_no_word_of_a_viewer_that_begins_anew() {
        let (start, figures) = (Instant::now(), |delivered| move || PathFigures { delivered, ..path(100)() });
        let mut pace = Pace::default();
        let at = |number: usize| start + LEAST_INTERVAL * number as u32;
        for number in 0..MOST_UPDATES_UNDER_WAY {
            assert_eq!(pace.may_send(at(number), figures(0)), May::Send, "{number}");
            pace.handle_sent(SMALL_UPDATE_BYTES - 1, at(number), &figures(0)());
        }
        assert_eq!(pace.may_send(at(99), figures(99)), May::AfterAck);
        pace.handle_acknowledged(1, at(99), &figures(99)());
        assert_eq!(pace.may_send(at(99), figures(99)), May::Send);
        pace.handle_sent(10, at(99), &figures(0)());
        assert_eq!(pace.may_send(at(999), figures(0)), May::AfterAck);
        pace.handle_resync(at(999));
        assert_eq!(pace.may_send(at(999), figures(0)), May::Send);
        (0..MOST_UPDATES_UNDER_WAY).for_each(|_| pace.handle_sent(10, at(1000), &figures(0)()));
        pace.handle_resync(at(1010));
        assert_eq!(pace.may_send(at(1020), figures(0)), May::AfterAck, "not at once again");
    }

    #[test]
    fn letters_that_are_answered_together_do_not_pass_for_one_quick_update() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let figures = PathFigures {
            rtt: Duration::from_millis(40),
            ..path(100)()
        };
        let mut pace = Pace::default();
        (0..6).for_each(|letter| pace.handle_sent(150, at(80 * letter), &figures));
        pace.handle_acknowledged(6, at(442), &figures);
        assert_eq!(pace.bandwidth_bps(&figures), Some(FEARED_BPS));
        // With more between them than the link carries, they tell how little that is: 6 × 460 bytes in a second.
        (0..6).for_each(|letter| pace.handle_sent(400, at(1000 + 80 * letter), &figures));
        pace.handle_acknowledged(12, at(2040), &figures);
        assert_eq!(pace.bandwidth_bps(&figures), Some(22_080));
    }

    #[test]
    fn a_link_that_is_only_long_is_not_feared_for_long() {
        let start = Instant::now();
        let figures = PathFigures {
            rtt: Duration::from_millis(600),
            ..path(100)()
        };
        let mut pace = Pace::default();
        assert_eq!(pace.bandwidth_bps(&figures), Some(FEARED_BPS));
        pace.handle_sent(5_000, start, &figures);
        pace.handle_acknowledged(1, start + Duration::from_millis(610), &figures);
        assert_eq!(pace.bandwidth_bps(&figures), Some(1_000_000));
        // A wish is no measurement.
        pace.set_max_bps(100_000);
        pace.handle_sent(4_000, start + Duration::from_secs(2), &figures);
        pace.handle_acknowledged(2, start + Duration::from_secs(4), &figures);
        pace.set_max_bps(0);
        assert_eq!(pace.bandwidth_bps(&figures), Some(1_000_000));
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
        let figures = PathFigures {
            rtt: Duration::from_millis(50),
            ..path(u64::MAX / 1000)()
        };
        pace.handle_sent(500, start, &path(0)());
        pace.handle_acknowledged(1, start + Duration::from_secs(1), &figures);
        assert_eq!(pace.bandwidth_bps(&figures), Some(FEARED_BPS));
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
    fn a_long_round_trip_is_feared_to_be_a_slow_link_until_an_update_has_told() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let figures = PathFigures {
            rtt: Duration::from_millis(690),
            ..path(100)()
        };
        let mut pace = Pace::default();
        let feared = pace.bandwidth_bps(&figures).unwrap();
        assert!(feared.abs_diff(28_000) < 500, "{feared}");
        // 4 kB in a second are 32 kbit/s; the round trip of small packets is 60 ms.
        let quick = PathFigures {
            rtt: Duration::from_millis(60),
            ..figures
        };
        pace.handle_sent(4_000, start, &figures);
        pace.handle_acknowledged(1, at(1690), &figures);
        assert_eq!(pace.bandwidth_bps(&quick), Some(32_000));
        // A letter says nothing, and neither does what took no time.
        pace.handle_sent(100, at(2000), &quick);
        pace.handle_acknowledged(2, at(3000), &quick);
        pace.handle_sent(4_000, at(4000), &quick);
        pace.handle_acknowledged(3, at(4061), &quick);
        assert_eq!(pace.bandwidth_bps(&quick), Some(64_000), "no link of 32 kbit/s does that");
        // A large one that took little says how fast it is.
        pace.handle_sent(50_000, at(5000), &quick);
        pace.handle_acknowledged(4, at(5160), &quick);
        assert_eq!(pace.bandwidth_bps(&quick), Some(4_000_000));
        assert_eq!(
            Pace::default().bandwidth_bps(&path(100)()),
            None,
            "nothing near is feared to be slow"
        );
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
    fn a_wish_for_few_bits_holds_on_a_fast_link_too() {
        let start = Instant::now();
        let figures = PathFigures {
            rtt: Duration::from_millis(1),
            cwnd_bytes: u64::MAX,
            bandwidth_bps: Some(1_000_000_000),
            delivered: 0,
        };
        let mut pace = Pace::default();
        pace.set_max_bps(80_000);
        assert_eq!(pace.bandwidth_bps(&figures), Some(80_000));
        pace.handle_sent(10_000, start, &figures);
        pace.handle_acknowledged(1, start + Duration::from_millis(2), &figures);
        let second = start + Duration::from_secs(1);
        assert_eq!(pace.may_send(start + Duration::from_millis(20), || figures), May::At(second));
        assert_eq!(pace.may_send(second, || figures), May::Send);
        pace.set_max_bps(0);
        assert_eq!(pace.may_send(start + Duration::from_millis(20), || figures), May::Send);
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

    #[test]
    fn on_a_link_that_turns_slow_no_more_is_under_way_than_it_carries() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let figures = |delivered| PathFigures {
            rtt: Duration::from_millis(40),
            cwnd_bytes: 1_000_000,
            bandwidth_bps: None,
            delivered,
        };
        let mut pace = Pace::default();
        // 20 Mbit/s for a while: 25 kB each 10 ms, and the word of it 40 ms after that.
        for number in 1..=10 {
            pace.handle_sent(25_000, at(number * 100), &figures(number - 1));
            pace.handle_acknowledged(number, at(number * 100 + 50), &figures(number));
        }
        assert_eq!(pace.bandwidth_bps(&figures(10)), Some(20_000_000));
        // From now on it carries 1 Mbit/s: 25 kB in 200 ms.
        let (mut now, mut sent, mut arrived) = (1200, Vec::new(), 10);
        let mut largest = 0;
        while now < 4000 {
            let delivered = 10 + sent.iter().filter(|arrives| **arrives <= now).count() as u64;
            while arrived < delivered {
                arrived += 1;
                pace.handle_acknowledged(arrived, at(sent[(arrived - 11) as usize]), &figures(arrived));
            }
            if pace.may_send(at(now), || figures(delivered)) == May::Send {
                pace.handle_sent(25_000, at(now), &figures(delivered));
                sent.push(sent.last().map_or(now, |last: &u64| (*last).max(now)) + 200);
            }
            if now > 2500 {
                largest = largest.max(sent.len() as u64 + 10 - delivered);
            }
            now += 5;
        }
        assert!(largest <= 2, "{largest} of 200 ms each are under way");
        assert!(pace.bandwidth_bps(&figures(arrived)).is_some_and(|bps| bps < 2_000_000));
    }
}
