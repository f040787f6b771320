//! Tells the host what is shown. What its pacing waits for is told at once; a letter can wait for the next one, so that typing costs one answer
//! for two letters, and the wire is quiet sooner.

use std::time::{Duration, Instant};

use farhand_protocol::peer::Acknowledge;

/// An update of fewer bytes says nothing about the link.
const SMALL_BYTES: u64 = 2048;
/// What is small is told after this long at the latest.
const LATER: Duration = Duration::from_millis(120);

/// What is shown and not told yet.
#[derive(Debug, Default)]
pub(super) struct Acknowledger {
    waiting: Option<(Acknowledge, Instant)>,
}

impl Acknowledger {
    /// An update is shown; gives what is to be told now.
    pub(super) fn handle_shown(&mut self, shown: Acknowledge, now: Instant) -> Option<Acknowledge> {
        if let Some((before, _)) = self.waiting.take() {
            return Some(Acknowledge {
                received_bytes: before.received_bytes + shown.received_bytes,
                ..shown
            });
        }
        if shown.received_bytes >= SMALL_BYTES {
            return Some(shown);
        }
        self.waiting = Some((shown, now + LATER));
        None
    }

    /// When [`Self::take_due`] has something.
    pub(super) fn poll_deadline(&self) -> Option<Instant> {
        self.waiting.map(|(_, due)| due)
    }

    /// What has waited long enough.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Acknowledge> {
        self.waiting.take_if(|(_, due)| *due <= now).map(|(shown, _)| shown)
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
    fn a_letter_waits_for_the_next_or_a_moment_and_a_page_for_nothing() {
        let (mut acks, now) = (Acknowledger::default(), Instant::now());
        assert_eq!(acks.handle_shown(shown(1, 90_000), now), Some(shown(1, 90_000)));
        assert_eq!(
            (acks.handle_shown(shown(2, 100), now), acks.poll_deadline()),
            (None, Some(now + LATER))
        );
        assert_eq!(acks.handle_shown(shown(3, 50), now), Some(shown(3, 150)));
        assert_eq!(acks.poll_deadline(), None);
        assert_eq!(acks.handle_shown(shown(4, 100), now), None);
        assert_eq!(acks.take_due(now), None);
        assert_eq!(acks.take_due(now + LATER), Some(shown(4, 100)));
    }
}
