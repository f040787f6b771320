//! Where the time of an update went: what the host says of it, and what this side saw of the same one. Sans-I/O.

use std::{collections::VecDeque, time::Duration};

use farhand_protocol::peer::Timing;

use super::{clock::ClockOffset, event::Stages};
use crate::host::DAY_MICROS;

/// Updates of which the other side's half may still come.
const KEPT: usize = 16;

/// The two halves of updates lately.
#[derive(Debug, Default)]
pub(super) struct StageRecorder {
    shown: VecDeque<Shown>,
    told: Option<Timing>,
    /// The newest update of which both are known.
    whole: Option<(Timing, Shown)>,
}

#[derive(Debug, Clone, Copy)]
struct Shown {
    update: u64,
    arrived_at_micros: i64,
    decode_micros: u32,
}

impl StageRecorder {
    /// An update is in the picture; `arrived_at_micros` by this side's clock.
    pub(super) fn handle_shown(&mut self, update: u64, arrived_at_micros: i64, decode: Duration) {
        if self.shown.len() == KEPT {
            self.shown.pop_front();
        }
        self.shown.push_back(Shown {
            update,
            arrived_at_micros,
            decode_micros: u32::try_from(decode.as_micros()).unwrap_or(u32::MAX),
        });
        self.join();
    }

    /// What the host says of one.
    pub(super) fn handle_timing(&mut self, timing: &Timing) {
        self.told = Some(*timing);
        self.join();
    }

    fn join(&mut self) {
        let Some(timing) = self.told else { return };
        if let Some(shown) = self.shown.iter().find(|shown| shown.update == timing.update) {
            self.whole = Some((timing, *shown));
            self.told = None;
        }
    }

    /// The newest one, once the clocks are known.
    pub(super) fn latest(&self, clock: &ClockOffset, presented_after: Option<Duration>) -> Option<Stages> {
        let (timing, shown) = self.whole?;
        let (offset_micros, offset_error_micros) = clock.offset_micros()?;
        let network = shown
            .arrived_at_micros
            .checked_add(offset_micros)?
            .checked_sub(timing.sent_at_micros)?;
        Some(Stages {
            capture_micros: timing.capture_micros,
            compare_micros: timing.compare_micros,
            encode_micros: timing.encode_micros,
            network_micros: u32::try_from(network.max(0)).unwrap_or(u32::MAX),
            decode_micros: shown.decode_micros,
            present_micros: presented_after.map(|time| u32::try_from(time.as_micros()).unwrap_or(u32::MAX)),
            offset_micros: nearest_day(offset_micros),
            offset_error_micros,
        })
    }
}

/// The clocks count from midnight, and may not mean the same one: no computer's clock is taken for one that is half a day and more wrong.
fn nearest_day(offset_micros: i64) -> i64 {
    let half = DAY_MICROS / 2;
    offset_micros.saturating_add(half).rem_euclid(DAY_MICROS) - half
}

#[cfg(test)]
mod tests {
    use farhand_protocol::peer::ClockProbe;

    use super::*;

    fn timing(update: u64, sent_at_micros: i64) -> Timing {
        Timing {
            update,
            capture_micros: 1,
            compare_micros: 2,
            encode_micros: 3,
            sent_at_micros,
        }
    }

    /// The host's clock is a second ahead, found out in a round trip of 400 µs.
    fn clock() -> ClockOffset {
        let mut clock = ClockOffset::default();
        let probe = ClockProbe {
            asked_at_micros: 0,
            answered_at_micros: 1_000_200,
        };
        clock.handle_answer(&probe, 400);
        clock
    }

    #[test]
    fn clocks_that_began_on_two_days_are_no_day_apart() {
        assert_eq!([5, -5, DAY_MICROS - 3, 2 - DAY_MICROS].map(nearest_day), [5, -5, -3, 2]);
        assert_eq!(nearest_day(7_201_000_000), 7_201_000_000);
        assert!(nearest_day(i64::MAX).abs() <= DAY_MICROS && nearest_day(i64::MIN).abs() <= DAY_MICROS);
    }

    #[test]
    fn both_halves_make_a_whole_in_either_order() {
        let mut stages = StageRecorder::default();
        assert_eq!(stages.latest(&clock(), None), None);
        stages.handle_shown(7, 5_000, Duration::from_micros(40));
        stages.handle_timing(&timing(7, 1_004_100));
        let whole = stages.latest(&clock(), Some(Duration::from_micros(60))).unwrap();
        assert_eq!(
            (whole.network_micros, whole.decode_micros, whole.present_micros),
            (900, 40, Some(60))
        );
        assert_eq!((whole.offset_micros, whole.offset_error_micros), (1_000_000, 200));
        assert_eq!(whole.total_micros(), 1 + 2 + 3 + 900 + 40 + 60);
        stages.handle_timing(&timing(9, 1_010_000));
        stages.handle_shown(8, 6_000, Duration::ZERO);
        assert_eq!(
            stages.latest(&clock(), None).unwrap().network_micros,
            900,
            "the old one until the new one is whole"
        );
        stages.handle_shown(9, 9_000, Duration::ZERO);
        // What the offset is wrong by must not make time run backwards.
        assert_eq!(stages.latest(&clock(), None).unwrap().network_micros, 0);
        assert_eq!(stages.latest(&ClockOffset::default(), None), None);
    }

    #[test]
    fn absurd_times_of_a_peer_are_no_figures() {
        let mut stages = StageRecorder::default();
        stages.handle_shown(1, i64::MAX, Duration::MAX);
        stages.handle_timing(&timing(1, i64::MIN));
        assert_eq!(stages.latest(&clock(), None), None);
    }
}
