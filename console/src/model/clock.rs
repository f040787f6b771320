//! Times as they are shown, and when a shown time next changes. No clock is read here: the application says what time it is.

use farhand_protocol::time::Timestamp;

/// The time as the application last read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// UTC.
    pub at: Timestamp,
    /// Minutes east of UTC, for times of day.
    pub utc_offset_minutes: i32,
}

impl Now {
    /// Whole seconds until `later`, rounded up; 0 once it has passed.
    pub fn seconds_until(&self, later: Timestamp) -> u64 {
        u64::try_from((later.since_millis(self.at).max(0) + 999) / 1000).unwrap_or(0)
    }

    /// `14:05:09` on this side's wall clock.
    pub fn exact_time_of_day(&self, at: Timestamp) -> String {
        format!("{}:{:02}", self.time_of_day(at), at.0.div_euclid(1_000).rem_euclid(60))
    }

    /// `14:05` on this side's wall clock.
    pub fn time_of_day(&self, at: Timestamp) -> String {
        at.time_of_day(self.utc_offset_minutes)
    }
}

/// A time in state changes so often in its first minute, seconds; each second would cost three hundredths of a core on software OpenGL.
const FIRST_STEP_SECS: i64 = 5;

/// The time in state that began at `since` as it is shown: in steps of [`FIRST_STEP_SECS`] in the first minute.
pub fn shown_seconds(now: Timestamp, since: Timestamp) -> u64 {
    let seconds = now.since_millis(since).max(0) / 1000;
    let shown = if seconds < 60 {
        seconds / FIRST_STEP_SECS * FIRST_STEP_SECS
    } else {
        seconds
    };
    u64::try_from(shown).unwrap_or(0)
}

/// Milliseconds until a time in state that began at `since` is shown differently: every few seconds in the first minute, each minute
/// later.
pub fn next_change_millis(now: Timestamp, since: Timestamp) -> u64 {
    let shown = now.since_millis(since).max(0);
    let step = if shown < 60_000 { FIRST_STEP_SECS * 1_000 } else { 60_000 };
    u64::try_from(step - shown % step).unwrap_or(1_000)
}

/// Milliseconds until the time left before `expires_at` is shown differently: each minute, and each second in the last one.
pub fn next_countdown_millis(now: Timestamp, expires_at: Timestamp) -> Option<u64> {
    let left = expires_at.since_millis(now);
    let step = if left <= 60_000 { 1_000 } else { 60_000 };
    (left > 0).then(|| u64::try_from((left - 1) % step + 1).unwrap_or(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_change_every_five_seconds_in_the_first_minute_and_each_minute_later() {
        let since = Timestamp(1_000);
        for (now, shown, wait) in [(1_000, 0, 5_000), (8_400, 5, 2_600), (61_000, 60, 60_000), (100_000, 99, 21_000)] {
            let now = Timestamp(now);
            assert_eq!((shown_seconds(now, since), next_change_millis(now, since)), (shown, wait));
        }
        assert_eq!(next_change_millis(Timestamp(0), since), 5_000, "a clock that was set back");
    }

    #[test]
    fn times_of_day_follow_the_offset_across_midnight() {
        let now = Now {
            at: Timestamp(0),
            utc_offset_minutes: -90,
        };
        assert_eq!(now.time_of_day(Timestamp(30 * 60_000)), "23:00");
        assert_eq!(now.exact_time_of_day(Timestamp(30 * 60_000 + 7_999)), "23:00:07");
        assert_eq!(
            Now {
                utc_offset_minutes: 330,
                ..now
            }
            .time_of_day(Timestamp(0)),
            "05:30"
        );
    }
}
