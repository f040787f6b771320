//! How fast bytes may leave for a slow line (APP-08). Cubic's window is never smaller than two packets, which leave one behind the other: a line of 28 kbit/s
//! needs 0.8 s for them, and where a router keeps less than that the second of them is lost each time. So on a line that showed to be slow, packets
//! leave as fast as they arrive, and one at a time.
//!
//! ```text
//! lost, behind a long queue, where little arrives ─► at the rate of what arrived
//! no more than a packet in the queue, and the rate made use of ─► faster, until the line is no slow one
//! two packets in the queue ─► at the rate of what arrived
//! ```

use std::time::{Duration, Instant};

/// A line that carries this much, in bytes per second, is no slow one.
const SLOW_BYTES_PER_SEC: f64 = 300_000.0 / 8.0;
/// No line of use is slower.
const LEAST_BYTES_PER_SEC: f64 = 2500.0;
const CHANGED_EVERY: Duration = Duration::from_millis(500);
const RAISED_BY: f64 = 1.25;
/// One more packet was lost: so much slower at most.
const LOWERED_TO: f64 = 0.75;
/// Where a packet takes less than a quarter of the time that it would take at the rate.
const RAISED_MUCH_BY: f64 = 4.0;
const RAISED_MUCH_EVERY: Duration = Duration::from_millis(100);
const QUARTER: f64 = 0.25;
/// A slow line delays by more than this before it loses.
const LONG_QUEUE: Duration = Duration::from_millis(100);
/// From this part of the rate on it is made use of.
const USED: f64 = 0.85;
/// What a round trip varies by itself.
const JITTER: Duration = Duration::from_millis(10);
/// Packets in the queue: so many are the one on the line, and so many are too many.
const ONE_PACKET: f64 = 1.5;
const MANY_PACKETS: f64 = 2.0;

/// The most bytes a second that may leave, where that is few.
#[derive(Debug, Clone, Default)]
pub(super) struct Trickle {
    bytes_per_sec: Option<f64>,
    changed_at: Option<Instant>,
}

/// What the acknowledgements tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Newest round trip.
    pub(super) rtt: Duration,
    /// The least one.
    pub(super) least_rtt: Duration,
    /// What arrived in the last one to two seconds, bytes per second.
    pub(super) arrived_per_sec: f64,
    /// Bytes of a packet.
    pub(super) mtu: u16,
}

impl Trickle {
    /// Bytes per second; none where the line is no slow one.
    pub(super) fn rate(&self) -> Option<u64> {
        self.bytes_per_sec.map(|rate| rate as u64)
    }

    /// A packet was lost behind a queue.
    pub(super) fn handle_lost(&mut self, now: Instant, seen: &Seen) {
        if seen.arrived_per_sec < SLOW_BYTES_PER_SEC && seen.rtt > seen.least_rtt + LONG_QUEUE {
            let rate = self
                .bytes_per_sec
                .map_or(seen.arrived_per_sec, |rate| seen.arrived_per_sec.clamp(rate * LOWERED_TO, rate));
            self.set(rate, now);
        }
    }

    /// Packets arrived.
    pub(super) fn handle_arrived(&mut self, now: Instant, seen: &Seen) {
        let Some(rate) = self.bytes_per_sec else { return };
        let packets = |count: f64| Duration::from_secs_f64(f64::from(seen.mtu) * count / rate);
        let queued = seen.rtt.saturating_sub(seen.least_rtt + JITTER);
        let is_used = seen.arrived_per_sec > rate * USED;
        let age = self.changed_at.map_or(CHANGED_EVERY, |at| now.saturating_duration_since(at));
        if is_used && queued < packets(QUARTER) && age >= RAISED_MUCH_EVERY {
            self.set(rate * RAISED_MUCH_BY, now);
        } else if is_used && queued < packets(ONE_PACKET) && age >= CHANGED_EVERY {
            self.set(rate * RAISED_BY, now);
        } else if queued > packets(MANY_PACKETS) && age >= CHANGED_EVERY {
            self.set(seen.arrived_per_sec.clamp(rate * LOWERED_TO, rate), now);
        }
    }

    fn set(&mut self, rate: f64, now: Instant) {
        tracing::debug!(rate, before = self.bytes_per_sec, "how fast packets leave for a slow line");
        self.bytes_per_sec = Some(rate.max(LEAST_BYTES_PER_SEC)).filter(|rate| *rate < SLOW_BYTES_PER_SEC);
        self.changed_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST_RTT: Duration = Duration::from_millis(40);

    fn seen(queued_millis: u64, arrived_per_sec: f64) -> Seen {
        Seen {
            rtt: LEAST_RTT + Duration::from_millis(queued_millis),
            least_rtt: LEAST_RTT,
            arrived_per_sec,
            mtu: 1200,
        }
    }

    #[test]
    fn a_line_is_taken_for_slow_when_it_loses_while_little_arrives() {
        let now = Instant::now();
        let mut trickle = Trickle::default();
        trickle.handle_arrived(now, &seen(500, 3500.0));
        assert_eq!(trickle.rate(), None, "nothing was lost");
        trickle.handle_lost(now, &seen(300, 400_000.0));
        assert_eq!(trickle.rate(), None, "that line is fast");
        trickle.handle_lost(now, &seen(300, 3500.0));
        assert_eq!(trickle.rate(), Some(3500));
        trickle.handle_lost(now, &seen(300, 10.0));
        assert_eq!(trickle.rate(), Some(2625), "by a quarter at most");
        trickle.handle_lost(now, &seen(300, 10.0));
        assert_eq!(trickle.rate(), Some(2500), "no line of use is slower");
    }

    /// A line with a queue of 300 ms that is always given as much as is allowed.
    fn run(line_per_sec: f64, seconds: u32) -> (Trickle, u32) {
        let start = Instant::now();
        let (mut trickle, mut queue, mut lost) = (Trickle::default(), 0.0, 0);
        trickle.handle_lost(start, &seen(300, 2000.0_f64.min(line_per_sec)));
        for step in 1..seconds * 20 {
            let now = start + Duration::from_millis(50) * step;
            let rate = trickle.bytes_per_sec.unwrap_or(SLOW_BYTES_PER_SEC);
            let arrived = (queue + rate * 0.05).min(line_per_sec * 0.05);
            queue = queue + rate * 0.05 - arrived;
            let one_packet = 1200.0 / line_per_sec * 1000.0;
            let seen = seen((queue / line_per_sec * 1000.0 + one_packet) as u64, arrived * 20.0);
            if queue > line_per_sec * 0.3 {
                queue = line_per_sec * 0.3;
                lost += 1;
                trickle.handle_lost(now, &seen);
            } else {
                trickle.handle_arrived(now, &seen);
            }
        }
        (trickle, lost)
    }

    #[test]
    fn a_slow_line_is_filled_and_loses_little() {
        let (trickle, lost) = run(3500.0, 30);
        let rate = trickle.bytes_per_sec.unwrap();
        assert!((3000.0..5500.0).contains(&rate), "{rate}");
        assert!(lost < 60, "{lost}");
    }

    #[test]
    fn a_line_that_was_taken_for_slow_is_let_go_within_a_second() {
        let (trickle, _) = run(1_000_000.0, 1);
        assert_eq!(trickle.rate(), None);
    }
}
