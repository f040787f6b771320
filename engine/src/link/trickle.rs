//! How fast bytes may leave for a slow line (APP-08). Cubic's window is never smaller than two packets, which leave one behind the other: a line of 28 kbit/s
//! needs 0.8 s for them, and where a router keeps less than that the second of them is lost each time. So on a line that showed to be slow, packets
//! leave as fast as they arrive, and one at a time.
//!
//! ```text
//! lost, behind a long queue, and never much at once for a minute ─► at the rate of what arrived
//! a large packet that hardly waited ─► four times as fast, until the line is no slow one
//! no more than a packet waits, and the rate is made use of ─► faster by a tenth
//! two packets wait ─► at the rate of what arrived
//! ```

use std::time::{Duration, Instant};

use super::least_rtt::LeastRtt;

/// A line that carries this much, in bytes per second, is no slow one.
const SLOW_BYTES_PER_SEC: f64 = 300_000.0 / 8.0;
/// No line of use is slower.
const LEAST_BYTES_PER_SEC: f64 = 2500.0;
const CHANGED_EVERY: Duration = Duration::from_millis(500);
const RAISED_BY: f64 = 1.1;
/// Where nothing is lost, it goes so much slower at most.
const LOWERED_TO: f64 = 0.75;
/// Where a whole packet waits for less than a fifth of the time that it takes at the rate.
const RAISED_MUCH_BY: f64 = 4.0;
const FIFTH: f64 = 0.2;
/// A slow line delays by more than this before it loses.
const LONG_QUEUE: Duration = Duration::from_millis(100);
/// From this part of the rate on it is made use of.
const USED: f64 = 0.9;
/// What a round trip varies by itself.
const JITTER: Duration = Duration::from_millis(10);
/// Packets that wait: one is the one on the line, two are too many.
const ONE_PACKET: f64 = 1.1;
const TWO_PACKETS: f64 = 1.7;
/// A slow line has carried no more than this within a tenth of a second, in the last minute: two packets that met an end of it.
const BURST: Duration = Duration::from_millis(100);
const BURST_BYTES: u64 = 3750;
/// Counting what was under way for less than this: how long a packet takes on an empty line is not known at first.
const BURST_WITHIN: Duration = Duration::from_millis(250);
const BURST_REMEMBERED: Duration = Duration::from_secs(60);
/// A round trip tells what waits now for so long.
const SAMPLE_HOLDS: Duration = Duration::from_secs(1);

/// The least round trip is looked for in windows of this length: on a full line few packets see it.
const RTT_WINDOW: Duration = Duration::from_secs(60);

/// The most bytes a second that may leave, where that is few.
#[derive(Debug, Clone)]
pub(super) struct Trickle {
    bytes_per_sec: Option<f64>,
    changed_at: Option<Instant>,
    /// The rate before the newest loss.
    before_loss: Option<Option<f64>>,
    least_rtt: LeastRtt,
    /// The newest round trip beyond the least one, and when it was seen.
    waited: Option<(Instant, Duration)>,
    /// What arrived together.
    together: Option<(Instant, u64)>,
    carried_much_at: Option<Instant>,
}

/// A packet that arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived {
    /// Its round trip.
    pub(super) rtt: Duration,
    /// Its bytes.
    pub(super) bytes: u64,
    /// What arrived in the last one to two seconds, bytes per second.
    pub(super) per_sec: f64,
    /// Bytes of a whole packet.
    pub(super) mtu: u16,
}

impl Default for Trickle {
    fn default() -> Self {
        Self {
            bytes_per_sec: None,
            changed_at: None,
            before_loss: None,
            least_rtt: LeastRtt::of_window(RTT_WINDOW),
            waited: None,
            together: None,
            carried_much_at: None,
        }
    }
}

impl Trickle {
    /// Bytes per second; none where the line is no slow one.
    pub(super) fn rate(&self) -> Option<u64> {
        self.bytes_per_sec.map(|rate| rate as u64)
    }

    /// A packet was lost, while so much arrives.
    pub(super) fn handle_lost(&mut self, now: Instant, arrived_per_sec: f64) {
        let is_current = |(at, _): &(Instant, Duration)| now.saturating_duration_since(*at) < SAMPLE_HOLDS;
        let waited = self.waited.filter(is_current).map_or(Duration::ZERO, |(_, waited)| waited);
        let carried_much = self
            .carried_much_at
            .is_some_and(|at| now.saturating_duration_since(at) < BURST_REMEMBERED);
        if carried_much || waited < LONG_QUEUE || arrived_per_sec >= SLOW_BYTES_PER_SEC {
            return;
        }
        self.before_loss = Some(self.bytes_per_sec);
        self.set(self.bytes_per_sec.map_or(arrived_per_sec, |rate| arrived_per_sec.min(rate)), now);
    }

    /// The packet was not lost.
    pub(super) fn handle_not_lost(&mut self) {
        if let Some(before) = self.before_loss.take() {
            self.bytes_per_sec = before;
        }
    }

    /// A packet arrived.
    pub(super) fn handle_arrived(&mut self, now: Instant, arrived: &Arrived) {
        self.least_rtt.note(arrived.rtt, now);
        let waited = arrived.rtt.saturating_sub(self.least_rtt.get().unwrap_or_default() + JITTER);
        self.waited = Some((now, waited));
        // What took longer, and is told of with what came later, did not arrive at once.
        if arrived.rtt < BURST_WITHIN && self.arrives_much(now, arrived.bytes) {
            tracing::debug!(rate = self.bytes_per_sec, "this line is no slow one");
            self.carried_much_at = Some(now);
            self.bytes_per_sec = None;
        }
        let Some(rate) = self.bytes_per_sec else { return };
        let packets = |count: f64| Duration::from_secs_f64(f64::from(arrived.mtu) * count / rate);
        let is_whole = arrived.bytes >= u64::from(arrived.mtu / 10 * 9);
        let may_change = self.changed_at.is_none_or(|at| now.saturating_duration_since(at) >= CHANGED_EVERY);
        if is_whole && waited < packets(FIFTH) {
            self.set(rate * RAISED_MUCH_BY, now);
        } else if may_change && waited < packets(ONE_PACKET) && arrived.per_sec > rate * USED {
            self.set(rate * RAISED_BY, now);
        } else if may_change && waited > packets(TWO_PACKETS) {
            self.set(arrived.per_sec.clamp(rate * LOWERED_TO, rate), now);
        }
    }

    /// Whether more arrived within a moment than a slow line carries in it.
    fn arrives_much(&mut self, now: Instant, bytes: u64) -> bool {
        let together = self.together.filter(|(since, _)| now.saturating_duration_since(*since) < BURST);
        let (since, before) = together.unwrap_or((now, 0));
        self.together = Some((since, before + bytes));
        before + bytes > BURST_BYTES
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
    const MTU: u16 = 1200;

    fn arrived(waited_millis: u64, bytes: u64, per_sec: f64) -> Arrived {
        Arrived {
            rtt: LEAST_RTT + JITTER + Duration::from_millis(waited_millis),
            bytes,
            per_sec,
            mtu: MTU,
        }
    }

    /// A line whose least round trip is known and behind whose queue a packet waited for 300 ms.
    fn queued(now: Instant) -> Trickle {
        let mut trickle = Trickle::default();
        trickle.least_rtt.note(LEAST_RTT, now);
        trickle.handle_arrived(now, &arrived(300, 1200, 3500.0));
        trickle
    }

    #[test]
    fn a_line_is_taken_for_slow_when_it_loses_behind_a_queue_and_never_carried_much() {
        let now = Instant::now();
        let mut trickle = queued(now);
        assert_eq!(trickle.rate(), None, "nothing was lost");
        trickle.handle_lost(now, 400_000.0);
        assert_eq!(trickle.rate(), None, "that line is fast");
        trickle.handle_lost(now + SAMPLE_HOLDS, 3500.0);
        assert_eq!(trickle.rate(), None, "nobody knows of a queue now");
        trickle.handle_lost(now, 3500.0);
        assert_eq!(trickle.rate(), Some(3500));
        trickle.handle_lost(now, 10.0);
        assert_eq!(trickle.rate(), Some(2500), "no line of use is slower");
        trickle.handle_not_lost();
        assert_eq!(trickle.rate(), Some(3500), "it was not lost");
    }

    #[test]
    fn somebody_who_types_on_a_fast_line_is_not_slowed_by_a_loss() {
        let now = Instant::now();
        let mut trickle = queued(now);
        // The screen before had gone at once.
        (0..4).for_each(|_| trickle.handle_arrived(now, &arrived(5, 1200, 5000.0)));
        let later = now + Duration::from_secs(59);
        trickle.handle_arrived(later, &arrived(300, 200, 2000.0));
        trickle.handle_lost(later, 2000.0);
        assert_eq!(trickle.rate(), None);
    }

    #[test]
    fn a_line_that_was_taken_for_slow_is_let_go_with_its_second_whole_packet() {
        let now = Instant::now();
        let mut trickle = queued(now);
        trickle.handle_lost(now, 2500.0);
        let later = now + Duration::from_secs(2);
        trickle.handle_arrived(later, &arrived(1, 200, 2000.0));
        assert_eq!(trickle.rate(), Some(2500), "a letter passes a slow line, too");
        for rate in [Some(10_000), None] {
            trickle.handle_arrived(later, &arrived(1, 1200, 2000.0));
            assert_eq!(trickle.rate(), rate);
        }
    }

    /// A line with a queue of 300 ms that is always given as much as is allowed, in steps of 50 ms.
    #[test]
    fn a_slow_line_is_filled_and_loses_little() {
        const LINE: f64 = 3500.0;
        let start = Instant::now();
        let (mut trickle, mut queue, mut lost) = (queued(start), 0.0, 0);
        trickle.handle_lost(start, 2000.0);
        for step in 1..600 {
            let now = start + Duration::from_millis(50) * step;
            let rate = trickle.bytes_per_sec.unwrap_or(SLOW_BYTES_PER_SEC);
            let carried = (queue + rate * 0.05).min(LINE * 0.05);
            queue = queue + rate * 0.05 - carried;
            let waited = (queue + f64::from(MTU)) / LINE * 1000.0;
            if queue > LINE * 0.3 {
                queue = LINE * 0.3;
                lost += 1;
                trickle.handle_lost(now, carried * 20.0);
            } else {
                trickle.handle_arrived(now, &arrived(waited as u64, carried as u64, carried * 20.0));
            }
        }
        let rate = trickle.bytes_per_sec.unwrap();
        assert!((3000.0..5500.0).contains(&rate), "{rate}");
        assert!(lost < 60, "{lost}");
    }
}
