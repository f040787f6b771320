//! The host's clock as seen from here: offset by least round trip (DESIGN, "Time"), from one question every ten seconds.

use std::{collections::VecDeque, time::Duration};

use farhand_protocol::peer::ClockProbe;

/// Answers remembered; the one with the least round trip counts.
const KEPT: usize = 12;

/// Offset of the host's clock.
#[derive(Debug, Default)]
pub(super) struct ClockOffset {
    samples: VecDeque<(i64, i64)>,
}

impl ClockOffset {
    /// Takes in an answer that came at `now_micros` of this side's clock; none when it makes no sense.
    pub(super) fn handle_answer(&mut self, probe: &ClockProbe, now_micros: i64) -> Option<Duration> {
        let rtt = now_micros.checked_sub(probe.asked_at_micros).filter(|rtt| *rtt >= 0)?;
        let offset = probe.answered_at_micros.checked_sub(probe.asked_at_micros.checked_add(rtt / 2)?)?;
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back((rtt, offset));
        Some(Duration::from_micros(rtt as u64))
    }

    /// The host's clock minus this one, and by how much that may be wrong either way, microseconds; none before the first answer.
    pub(super) fn offset_micros(&self) -> Option<(i64, u32)> {
        let (rtt, offset) = self.samples.iter().min()?;
        Some((*offset, u32::try_from(rtt / 2).unwrap_or(u32::MAX)))
    }

    /// How long ago the host's clock showed this, milliseconds; none before the first answer.
    pub(super) fn age_millis(&self, host_micros: i64, now_micros: i64) -> Option<u32> {
        let (_, offset) = self.samples.iter().min()?;
        let age = now_micros.checked_add(*offset)?.checked_sub(host_micros)?;
        u32::try_from(age.max(0) / 1000).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_with_the_least_round_trip_counts() {
        let mut clock = ClockOffset::default();
        assert_eq!(clock.age_millis(0, 0), None);
        // The host is a second ahead; the second answer was held up on its way back.
        clock.handle_answer(
            &ClockProbe {
                asked_at_micros: 0,
                answered_at_micros: 1_005_000,
            },
            10_000,
        );
        clock.handle_answer(
            &ClockProbe {
                asked_at_micros: 20_000,
                answered_at_micros: 1_025_000,
            },
            520_000,
        );
        assert_eq!(clock.age_millis(1_100_000, 130_000), Some(30));
    }

    #[test]
    fn an_answer_from_the_future_or_of_absurd_size_is_dropped() {
        let mut clock = ClockOffset::default();
        assert_eq!(
            clock.handle_answer(
                &ClockProbe {
                    asked_at_micros: 50,
                    answered_at_micros: 0
                },
                49
            ),
            None
        );
        assert_eq!(
            clock.handle_answer(
                &ClockProbe {
                    asked_at_micros: i64::MIN,
                    answered_at_micros: i64::MAX
                },
                1
            ),
            None
        );
        clock.handle_answer(
            &ClockProbe {
                asked_at_micros: 0,
                answered_at_micros: i64::MAX,
            },
            2,
        );
        assert_eq!(clock.age_millis(i64::MIN, i64::MAX), None);
    }
}
