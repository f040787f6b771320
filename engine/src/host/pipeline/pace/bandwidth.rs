//! How fast a link is, by how long updates took on it. Sans-I/O.
//!
//! ```text
//! large, or slow for its size ─► measured: bits and time ┐
//! small and quick ─► no link as slow as this one seems   ├─► the best but one of the last; where most are slow, all together
//!                    could do that: what was measured is doubled ┘
//! anything else says nothing
//! ```

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A link below this is slow: what changes much goes as a preview first.
pub(in crate::host::pipeline) const SLOW_BPS: u64 = 300_000;
/// Updates from this size on tell how fast the link is; where it seems slow, smaller ones, if they took long.
const MEASURED_FROM_BYTES: u64 = 16 << 10;
const SLOW_MEASURED_FROM_BYTES: u64 = 2 << 10;
const SLOW_MEASURED_FROM: Duration = Duration::from_millis(40);
/// On a link that seems very slow updates are small, and must tell all the same, or it would be taken for slow for ever.
const VERY_SLOW_BPS: u64 = 64_000;
const VERY_SLOW_MEASURED_FROM_BYTES: u64 = 512;
/// It is never without a queue of ours: by the round trips that are seen it would be a long one, and so a fast one.
const VERY_SLOW_TRAVEL: Duration = Duration::from_millis(60);
/// An update from this size on can show that a link is not as slow as it seems.
const DISPROVED_FROM_BYTES: u64 = 512;
/// The best but one of so many measurements counts: a slow one may be the viewer's doing, and a very fast one that of a packet which was sent again. Where most
/// are slow, the middle one counts.
const MEASUREMENTS: usize = 8;
/// A link is slower than it was where it carries less than one part in so many, twice.
const MUCH_SLOWER: u64 = 3;
/// Updates that were sent over more than so many times as long as the link takes for them did not fill it.
const MOST_IDLE: f64 = 2.0;
/// By one measurement a slow link gets no more than so many times as fast.
const MUCH_FASTER: f64 = 8.0;

/// Updates of which the word came together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived {
    /// All of them.
    pub(super) bytes: u64,
    /// When the first was sent.
    pub(super) first_at: Instant,
    /// How long after it the last was.
    pub(super) spread: Duration,
    /// When the word had come of those before.
    pub(super) before_at: Option<Instant>,
    /// When these had arrived and the word of them was back.
    pub(super) at: Instant,
}

/// How long some bits took.
#[derive(Debug, Clone, Copy)]
struct Measured {
    bits: f64,
    took: Duration,
}

impl Measured {
    fn bps(&self) -> u64 {
        (self.bits / self.took.as_secs_f64()) as u64
    }
}

/// The last measurements of a link.
#[derive(Debug, Default)]
pub(super) struct Bandwidth {
    measured: VecDeque<Measured>,
}

impl Bandwidth {
    /// True before the first measurement.
    pub(super) fn is_unknown(&self) -> bool {
        self.measured.is_empty()
    }

    /// Learns from updates that arrived: they tell of the time after the ones before, or, where nothing was under way, of all that took longer than the
    /// least round trip. `believed_bps` is what the link is taken for, measured or feared.
    pub(super) fn handle_arrived(&mut self, arrived: &Arrived, believed_bps: Option<u64>, least_rtt: Duration) {
        let is_slow = believed_bps.is_some_and(|bps| bps < SLOW_BPS);
        // What is only feared is no reason to call it so.
        let is_very_slow = !self.is_unknown() && believed_bps.is_some_and(|bps| bps < VERY_SLOW_BPS);
        let is_large = arrived.bytes >= MEASURED_FROM_BYTES;
        let may_tell = is_large || (is_slow && arrived.bytes >= DISPROVED_FROM_BYTES);
        if !may_tell {
            return;
        }
        let bits = arrived.bytes as f64 * 8.0;
        let filling = believed_bps.map_or(f64::MAX, |bps| bits / bps.max(1) as f64);
        // What came out of a queue all at once makes no slow link a fast one; the next measurement may go as far again.
        let least_took = if is_slow && !is_large {
            Duration::from_secs_f64(filling / MUCH_FASTER)
        } else {
            Duration::ZERO
        };
        let travel = if is_very_slow { least_rtt.min(VERY_SLOW_TRAVEL) } else { least_rtt };
        let began = (arrived.first_at + travel).max(arrived.before_at.unwrap_or(arrived.first_at));
        let took = arrived.at.saturating_duration_since(began).max(Duration::from_micros(100));
        if !is_large && took < SLOW_MEASURED_FROM {
            // A link as slow as this one is taken for could not have carried it since it was sent. Words that come together, the first of them late, say nothing.
            let since = arrived.at.saturating_duration_since(arrived.first_at);
            if filling > (since + SLOW_MEASURED_FROM).as_secs_f64() {
                self.disprove(bits, least_took);
            }
            return;
        }
        let from_bytes = if is_very_slow {
            VERY_SLOW_MEASURED_FROM_BYTES
        } else {
            SLOW_MEASURED_FROM_BYTES
        };
        // Letters that are answered together took as long as typing them.
        let was_idle = arrived.spread.as_secs_f64() > filling * MOST_IDLE;
        if arrived.bytes < from_bytes || was_idle {
            return;
        }
        let took = took.max(least_took);
        tracing::trace!(bytes = arrived.bytes, ?took, ?believed_bps, "the link was measured");
        if self.measured.len() == MEASUREMENTS {
            self.measured.pop_front();
        }
        self.measured.push_back(Measured { bits, took });
        self.forget_better_days();
    }

    /// What was measured is doubled, what was feared is no longer; how fast the link is, only a larger update will tell.
    fn disprove(&mut self, bits: f64, least_took: Duration) {
        let took = if self.is_unknown() {
            SLOW_MEASURED_FROM
        } else {
            SLOW_MEASURED_FROM.max(least_took * 4)
        };
        self.measured.clear();
        self.measured.push_back(Measured { bits, took });
    }

    /// A link that was fast and is no longer: two slow measurements one after the other count, and what was before no more.
    fn forget_better_days(&mut self) {
        let Some(before) = self.measured.len().checked_sub(2) else { return };
        let best = |measured: &mut dyn Iterator<Item = &Measured>| measured.map(Measured::bps).max().unwrap_or(0);
        let now = best(&mut self.measured.iter().skip(before));
        if now.saturating_mul(MUCH_SLOWER) < best(&mut self.measured.iter().take(before)) {
            self.measured.drain(..before);
        }
    }

    /// Bits per second; none before the first measurement.
    pub(super) fn bps(&self) -> Option<u64> {
        let mut measured: Vec<u64> = self.measured.iter().map(Measured::bps).collect();
        measured.sort_unstable_by_key(|bps| std::cmp::Reverse(*bps));
        let median = *measured.get(measured.len().saturating_sub(1) / 2)?;
        if median < SLOW_BPS {
            // On a slow link most are right, and more than it carries must not be sent: words that come late make one measurement small and the next
            // large, and all together are right.
            let bits: f64 = self.measured.iter().map(|one| one.bits).sum();
            let took: f64 = self.measured.iter().map(|one| one.took.as_secs_f64()).sum();
            return Some(median.min((bits / took) as u64));
        }
        let best = if measured.len() < 3 { 0 } else { 1 };
        measured.get(best).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(100);

    /// A link that is fed updates of one size, each `took` after the one before.
    struct Fed {
        bandwidth: Bandwidth,
        now: Instant,
    }

    impl Fed {
        fn new() -> Self {
            Self {
                bandwidth: Bandwidth::default(),
                now: Instant::now(),
            }
        }

        /// One update by itself that took so long beyond the travel of a byte.
        fn send(&mut self, bytes: u64, took_millis: u64, travel: Duration) -> Option<u64> {
            let first_at = self.now + Duration::from_secs(1);
            self.now = first_at + travel + Duration::from_millis(took_millis);
            let arrived = Arrived {
                bytes,
                first_at,
                spread: Duration::ZERO,
                before_at: None,
                at: self.now,
            };
            let believed = self.bandwidth.bps().or(Some(28_000));
            self.bandwidth.handle_arrived(&arrived, believed, RTT);
            self.bandwidth.bps()
        }
    }

    #[test]
    fn a_queue_that_comes_all_at_once_makes_a_slow_link_no_more_than_eight_times_as_fast() {
        let mut link = Fed::new();
        // 3000 bytes in 1 s.
        assert_eq!(link.send(3000, 1000, RTT), Some(24_000));
        // 15 kB in 50 ms would be 2.4 Mbit/s.
        let jumped = link.send(15_000, 50, RTT).unwrap();
        // Taken for 625 ms at 192 kbit/s, both together: 144 kbit in 1.625 s.
        assert!(jumped.abs_diff(88_615) < 2, "{jumped}");
        // A large update is believed.
        let mut link = Fed::new();
        link.send(3000, 1000, RTT);
        (0..2).for_each(|_| assert!(link.send(50_000, 100, RTT).is_some()));
        assert!(link.bandwidth.bps() > Some(1_000_000), "{:?}", link.bandwidth.bps());
    }

    #[test]
    fn on_a_very_slow_link_small_updates_tell_and_a_queue_of_ours_is_no_travel() {
        let mut link = Fed::new();
        assert_eq!(link.send(3000, 1000, RTT), Some(24_000));
        // 600 bytes: 60 ms on the way, 200 ms on the link. The round trips that were seen are 100 ms, 40 of them our own queue.
        let measured = link.send(600, 200, VERY_SLOW_TRAVEL).unwrap();
        assert_eq!(measured, 24_000);
        // On a link that is only feared to be so slow as little says nothing.
        let mut link = Fed::new();
        assert_eq!(link.send(600, 200, RTT), None);
        // Nor does what is smaller than any update that can tell.
        link.send(3000, 1000, RTT);
        let before = link.bandwidth.measured.len();
        link.send(500, 1000, RTT);
        assert_eq!(link.bandwidth.measured.len(), before);
    }
}
