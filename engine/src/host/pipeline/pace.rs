//! When the next update may go to one viewer, and what is still on its way. Sans-I/O.
//!
//! Unacknowledged bytes stay at or under bandwidth × round trip, or one update where that is more; never more than two
//! updates are on their way. So what is not yet sent is always replaced by newer state, and a slow link shows fewer pictures,
//! not older ones (DESIGN, "The picture").

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Most updates on their way.
const MOST_IN_FLIGHT: usize = 2;
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
}

impl PathFigures {
    /// Bytes that fill the path.
    fn capacity_bytes(&self) -> u64 {
        match self.bandwidth_bps {
            Some(bps) => (u128::from(bps) / 8 * self.rtt.as_micros() / 1_000_000).min(u128::from(u64::MAX)) as u64,
            None => self.cwnd_bytes,
        }
    }
}

/// Numbers of updates and what of them is on its way.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: u64,
    acknowledged: u64,
    in_flight: VecDeque<(u64, u64)>,
    sent_at: Option<Instant>,
    held_until: Option<Instant>,
    max_fps: u8,
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
        if self.in_flight.len() >= MOST_IN_FLIGHT {
            return May::AfterAck;
        }
        let bytes: u64 = self.in_flight.iter().map(|(_, bytes)| bytes).sum();
        if bytes > 0 && bytes >= path().capacity_bytes() {
            return May::AfterAck;
        }
        let interval = if self.max_fps > 0 { Duration::from_secs(1) / u32::from(self.max_fps) } else { LEAST_INTERVAL };
        match self.sent_at.map(|at| at + interval.max(LEAST_INTERVAL)).max(self.held_until) {
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
    pub(super) fn handle_sent(&mut self, bytes: u64, now: Instant) {
        self.last += 1;
        self.in_flight.push_back((self.last, bytes));
        self.sent_at = Some(now);
    }

    /// The viewer shows this update, and so every one before it.
    pub(super) fn handle_acknowledged(&mut self, update: u64) {
        if update <= self.last {
            self.acknowledged = self.acknowledged.max(update);
            self.in_flight.retain(|(number, _)| *number > update);
        }
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
        move || PathFigures { rtt: Duration::from_millis(50), cwnd_bytes: kilobytes * 1000, bandwidth_bps: None }
    }

    #[test]
    fn a_first_update_goes_at_once_whatever_its_size_and_the_next_waits_for_room() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut pace = Pace::default();
        assert_eq!(pace.may_send(start, path(0)), May::Send);
        pace.handle_sent(300_000, start);
        assert_eq!(pace.may_send(later, path(100)), May::AfterAck);
        assert_eq!(pace.may_send(later, path(400)), May::Send);
        pace.handle_sent(10, later);
        assert_eq!(pace.may_send(later + LEAST_INTERVAL, path(400_000)), May::AfterAck);
        pace.handle_acknowledged(2);
        assert_eq!(pace.newest(), (2, true));
        assert_eq!((pace.may_send(later + LEAST_INTERVAL, path(0)), pace.next()), (May::Send, (3, 2)));
    }

    #[test]
    fn an_estimate_of_bandwidth_bounds_what_is_under_way() {
        let figures = PathFigures { rtt: Duration::from_millis(100), cwnd_bytes: u64::MAX, bandwidth_bps: Some(800_000) };
        assert_eq!(figures.capacity_bytes(), 10_000);
    }

    #[test]
    fn acknowledging_what_was_never_sent_changes_nothing() {
        let mut pace = Pace::default();
        pace.handle_sent(1, Instant::now());
        pace.handle_acknowledged(77);
        assert_eq!((pace.newest(), pace.next()), ((1, false), (2, 0)));
    }

    #[test]
    fn wished_for_few_pictures_come_apart() {
        let now = Instant::now();
        let mut pace = Pace::default();
        pace.set_max_fps(10);
        pace.handle_sent(1, now);
        pace.handle_acknowledged(1);
        assert_eq!(pace.may_send(now, path(9)), May::At(now + Duration::from_millis(100)));
    }
}
