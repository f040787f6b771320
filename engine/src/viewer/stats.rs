//! Figures of the status strip: counted as updates come, given out at most once a second, and only when a person would see
//! the difference. Sans-I/O.

use super::event::{LinkPath, LinkStats, Stages};

/// What was captured within this time is one picture: a film's picture comes by itself, after what changed around it.
const ONE_PICTURE_MICROS: u64 = 10_000;
/// What seems so much older than the one before was captured by another clock.
const NEW_CLOCK_MICROS: u64 = 60_000_000;

/// Counts of the second under way.
#[derive(Debug, Default)]
pub(super) struct StatsCounter {
    received_bytes: u64,
    updates: u32,
    /// When the last picture that was counted was captured, by the host's clock.
    counted_micros: Option<i64>,
    exact: bool,
    latency_millis: Option<u32>,
    told: Option<LinkStats>,
}

impl StatsCounter {
    /// An update is shown.
    pub(super) fn handle_shown(&mut self, bytes: u64, exact: bool, captured_at_micros: i64, latency_millis: Option<u32>) {
        self.received_bytes += bytes;
        let is_newer = |counted: i64| captured_at_micros > counted || counted.abs_diff(captured_at_micros) > NEW_CLOCK_MICROS;
        let is_another = |counted: i64| is_newer(counted) && counted.abs_diff(captured_at_micros) >= ONE_PICTURE_MICROS;
        if self.counted_micros.is_none_or(is_another) {
            self.updates += 1;
            self.counted_micros = Some(captured_at_micros);
        }
        self.exact = exact;
        self.latency_millis = latency_millis.or(self.latency_millis);
    }

    /// The digest agreed or did not.
    pub(super) fn handle_proven(&mut self, is_same: bool) {
        self.exact = is_same;
    }

    /// Nothing is shown any more.
    pub(super) fn clear(&mut self) {
        *self = Self {
            told: self.told,
            ..Self::default()
        };
    }

    /// Ends a second; the figures, when they changed visibly.
    pub(super) fn poll_second(&mut self, path: LinkPath, rtt_millis: u32, stages: Option<Stages>) -> Option<LinkStats> {
        let stats = LinkStats {
            path,
            rtt_millis,
            received_bps: std::mem::take(&mut self.received_bytes).saturating_mul(8),
            updates_per_second: std::mem::take(&mut self.updates),
            exact: self.exact,
            latency_millis: self.latency_millis,
            stages,
        };
        if self.told.is_some_and(|told| looks_same(&told, &stats)) {
            return None;
        }
        self.told = Some(stats);
        Some(stats)
    }
}

fn looks_same(a: &LinkStats, b: &LinkStats) -> bool {
    let near = |a: u64, b: u64, slack: u64| a.abs_diff(b) <= (a.max(b) / 5).max(slack);
    let latency = match (a.latency_millis, b.latency_millis) {
        (Some(a), Some(b)) => near(a.into(), b.into(), 3),
        (a, b) => a == b,
    };
    let is_idle = |stats: &LinkStats| stats.received_bps == 0;
    let total = |stats: &LinkStats| stats.stages.map_or(0, |stages| stages.total_micros());
    a.path == b.path
        && a.stages.is_some() == b.stages.is_some()
        && near(total(a), total(b), 3000)
        && a.exact == b.exact
        && latency
        && is_idle(a) == is_idle(b)
        && near(a.rtt_millis.into(), b.rtt_millis.into(), 3)
        && near(a.received_bps, b.received_bps, 2000)
        && near(a.updates_per_second.into(), b.updates_per_second.into(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_picture_is_told_once() {
        let mut stats = StatsCounter::default();
        stats.handle_shown(125_000, true, 0, Some(12));
        let told = stats.poll_second(LinkPath::Direct, 10, None).unwrap();
        assert_eq!(
            (told.received_bps, told.updates_per_second, told.exact, told.latency_millis),
            (1_000_000, 1, true, Some(12))
        );
        assert_eq!(stats.poll_second(LinkPath::Direct, 10, None).unwrap().received_bps, 0);
        for rtt_millis in [10, 11, 12, 9] {
            assert_eq!(stats.poll_second(LinkPath::Direct, rtt_millis, None), None);
        }
        assert!(stats.poll_second(LinkPath::Relayed, 10, None).is_some());
    }

    #[test]
    fn a_film_and_what_changes_around_it_are_one_picture() {
        let mut stats = StatsCounter::default();
        let mut count = |captured: &[i64]| {
            captured.iter().for_each(|at| stats.handle_shown(1, false, at * 1000, None));
            stats
                .poll_second(LinkPath::Direct, 10, None)
                .map_or(0, |told| told.updates_per_second)
        };
        // Text at once, the film's picture of the same moment after the text of the next.
        let film: Vec<i64> = (0..30).flat_map(|number| [number * 33 + 33, number * 33]).collect();
        assert_eq!(count(&film), 30);
        // The host was started anew.
        assert_eq!(count(&[-95_000, -94_900, -94_899, -94_800, -94_700]), 4);
    }
}
