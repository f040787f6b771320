//! How fast one socket may talk: a burst at once, then so many frames a second. What comes faster is not refused but left unread, so that a long chain
//! that is handed in again gets through, only slower.

use std::time::Duration;

use tokio::time::Instant;

const BURST: u32 = 200;
const EVERY: Duration = Duration::from_millis(50);

/// The frames of one socket.
#[derive(Debug)]
pub(super) struct Pace {
    /// Until then the frames that were read last, had they come in even steps.
    spent_until: Instant,
}

impl Pace {
    pub(super) const fn new(now: Instant) -> Self {
        Self { spent_until: now }
    }

    /// A frame was read.
    pub(super) fn note_frame(&mut self, now: Instant) {
        self.spent_until = self.spent_until.max(now) + EVERY;
    }

    /// For how long nothing is to be read; zero while the next frame may come.
    pub(super) fn pause(&self, now: Instant) -> Duration {
        self.spent_until.saturating_duration_since(now).saturating_sub(EVERY * (BURST - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_at(pace: &mut Pace, now: Instant) -> usize {
        let mut read = 0;
        while pace.pause(now).is_zero() {
            pace.note_frame(now);
            read += 1;
        }
        read
    }

    #[test]
    fn a_burst_is_read_at_once_then_twenty_frames_a_second_and_after_silence_a_burst_again() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(read_at(&mut pace, start), 200);
        assert_eq!(pace.pause(start), EVERY);
        assert_eq!(read_at(&mut pace, start + Duration::from_secs(1)), 20);
        assert_eq!(read_at(&mut pace, start + Duration::from_secs(3600)), 200);
    }
}
