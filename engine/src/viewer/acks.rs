//! Tells the host what is shown. What its pacing waits for is told at once; a letter can wait for the next ones, so that typing costs one answer for
//! six letters, or for half a second of them, and the wire is quiet sooner.

use std::time::{Duration, Instant};

use farhand_protocol::{
    media::{MOST_UPDATE_HEADER_BYTES, SMALL_UPDATE_BYTES},
    peer::Acknowledge,
};

/// What is small is told after this long at the latest, or so many of them.
const LATER: Duration = Duration::from_millis(500);
const MOST_WAITING: u32 = 6;

/// What is shown and not told yet.
#[derive(Debug, Default)]
pub(super) struct Acknowledger {
    waiting: Option<Waiting>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    shown: Acknowledge,
    shown_at: Instant,
    updates: u32,
    due: Instant,
}

impl Acknowledger {
    /// An update is shown; gives what is to be told now.
    pub(super) fn handle_shown(&mut self, shown: Acknowledge, now: Instant) -> Option<Acknowledge> {
        let waited = self.waiting.take();
        let all = Acknowledge {
            received_bytes: waited.map_or(0, |before| before.shown.received_bytes) + shown.received_bytes,
            ..shown
        };
        let updates = waited.map_or(0, |before| before.updates) + 1;
        let is_small = shown.received_bytes + (MOST_UPDATE_HEADER_BYTES as u64) < SMALL_UPDATE_BYTES;
        if !is_small || updates >= MOST_WAITING {
            return Some(all);
        }
        let due = waited.map_or(now + LATER, |before| before.due);
        self.waiting = Some(Waiting {
            shown: all,
            shown_at: now,
            updates,
            due,
        });
        None
    }

    /// When [`Self::take_due`] has something.
    pub(super) fn poll_deadline(&self) -> Option<Instant> {
        self.waiting.map(|waiting| waiting.due)
    }

    /// What has waited long enough.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Acknowledge> {
        let waiting = self.waiting.take_if(|waiting| waiting.due <= now)?;
        // The host takes this time off, and must not take our waiting for the link's.
        let waited = now.saturating_duration_since(waiting.shown_at).as_micros();
        let shown_after = u128::from(waiting.shown.shown_after_micros) + waited;
        Some(Acknowledge {
            shown_after_micros: u32::try_from(shown_after).unwrap_or(u32::MAX),
            ..waiting.shown
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(update: u64, received_bytes: u64) -> Acknowledge {
        Acknowledge {
            update,
            received_bytes,
            shown_after_micros: 5,
        }
    }

    #[test]
    fn a_letter_waits_for_the_next_ones_or_a_moment_and_a_page_for_nothing() {
        let (mut acks, now) = (Acknowledger::default(), Instant::now());
        assert_eq!(acks.handle_shown(shown(1, 90_000), now), Some(shown(1, 90_000)));
        for update in 2..2 + u64::from(MOST_WAITING) - 1 {
            assert_eq!(acks.handle_shown(shown(update, 100), now + LATER / 2), None);
            assert_eq!(acks.poll_deadline(), Some(now + LATER / 2 + LATER));
        }
        let last = 1 + u64::from(MOST_WAITING);
        let all = shown(last, 100 * u64::from(MOST_WAITING));
        assert_eq!((acks.handle_shown(shown(last, 100), now), acks.poll_deadline()), (Some(all), None));
        assert_eq!(acks.handle_shown(shown(9, 100), now), None);
        assert_eq!(acks.take_due(now), None);
        let waited = Acknowledge {
            shown_after_micros: 5 + LATER.as_micros() as u32,
            ..shown(9, 100)
        };
        assert_eq!(acks.take_due(now + LATER), Some(waited));
        assert_eq!(acks.handle_shown(shown(10, 100), now), None);
        assert_eq!(acks.handle_shown(shown(11, 90_000), now), Some(shown(11, 90_100)));
    }
}
