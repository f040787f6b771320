//! The least round trip of the last while: longer ago the bytes may have gone another way.

use std::time::{Duration, Instant};

/// The least of the present window and the one before.
#[derive(Debug, Clone)]
pub(crate) struct LeastRtt {
    window: Duration,
    now: Option<Duration>,
    before: Option<Duration>,
    began: Option<Instant>,
}

/// Windows of ten seconds.
impl Default for LeastRtt {
    fn default() -> Self {
        Self::of_window(Duration::from_secs(10))
    }
}

impl LeastRtt {
    /// Looks in windows of this length.
    pub(crate) const fn of_window(window: Duration) -> Self {
        Self {
            window,
            now: None,
            before: None,
            began: None,
        }
    }

    /// One more round trip.
    pub(crate) fn note(&mut self, rtt: Duration, now: Instant) {
        if self.began.is_none_or(|began| now.saturating_duration_since(began) >= self.window) {
            (self.before, self.now, self.began) = (self.now, None, Some(now));
        }
        self.now = Some(self.now.map_or(rtt, |least| least.min(rtt)));
    }

    /// The least; none before the first.
    pub(crate) fn get(&self) -> Option<Duration> {
        [self.now, self.before].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_round_trip_is_forgotten_when_the_bytes_go_another_way() {
        const WINDOW: Duration = Duration::from_secs(10);
        let (start, mut least) = (Instant::now(), LeastRtt::of_window(WINDOW));
        least.note(Duration::from_millis(1), start);
        least.note(Duration::from_millis(80), start + WINDOW);
        assert_eq!(least.get(), Some(Duration::from_millis(1)));
        least.note(Duration::from_millis(90), start + 2 * WINDOW);
        assert_eq!(least.get(), Some(Duration::from_millis(80)));
    }
}
