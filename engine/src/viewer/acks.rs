//! When what is shown is told, to the host and for the figures. What the host's pacing waits for is told at once; a letter can wait for the next ones, so that
//! typing wakes nobody, and costs one answer, for six letters or a second of them, and the wire is quiet sooner. The figures of the last few letters come
//! with those of the next second.

use std::time::{Duration, Instant};

use farhand_protocol::peer::Acknowledge;

/// A letter is less than this, and is told with the look that comes each second, or so many together. What is larger tells the host how fast a slow link is.
const LETTER_BYTES: u64 = 512;
const MOST_WAITING: usize = 6;

/// An update that is in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shown {
    /// Its number.
    pub(super) update: u64,
    /// Its size, without the header.
    pub(super) bytes: u64,
    /// When its pixels were read, by the host's clock.
    pub(super) captured_at_micros: i64,
    /// When all of it had arrived.
    pub(super) arrived_at: Instant,
    /// How long decoding took, waiting for the one before it included.
    pub(super) decode: Duration,
    /// It began the picture anew.
    pub(super) is_full: bool,
    /// Every pixel is exact now.
    pub(super) exact: bool,
}

impl Shown {
    fn can_wait(&self) -> bool {
        !self.is_full && self.bytes < LETTER_BYTES
    }
}

/// What is shown and not told yet.
#[derive(Debug, Default)]
pub(super) struct Untold {
    waiting: Vec<Shown>,
    /// What was told last of the picture.
    told_exact: bool,
}

impl Untold {
    /// An update is shown; gives what is to be told now.
    pub(super) fn handle_shown(&mut self, shown: Shown) -> Option<Vec<Shown>> {
        let can_wait = shown.can_wait() && shown.exact == self.told_exact;
        self.waiting.push(shown);
        if can_wait && self.waiting.len() < MOST_WAITING {
            return None;
        }
        self.take()
    }

    /// All of it, if there is any.
    pub(super) fn take(&mut self) -> Option<Vec<Shown>> {
        let newest = self.waiting.last()?;
        self.told_exact = newest.exact;
        Some(std::mem::take(&mut self.waiting))
    }
}

/// What the host is told of these, of which the last is the newest. It takes off the time since that one arrived, and must not take our waiting for the
/// link's.
pub(super) fn acknowledgement(shown: &[Shown], now: Instant) -> Option<Acknowledge> {
    let newest = shown.last()?;
    let since = now.saturating_duration_since(newest.arrived_at).as_micros();
    Some(Acknowledge {
        update: newest.update,
        received_bytes: shown.iter().map(|shown| shown.bytes).sum(),
        shown_after_micros: u32::try_from(since).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(update: u64, bytes: u64) -> Shown {
        Shown {
            update,
            bytes,
            captured_at_micros: 0,
            arrived_at: Instant::now(),
            decode: Duration::ZERO,
            is_full: false,
            exact: true,
        }
    }

    #[test]
    fn a_letter_waits_for_the_next_ones_and_a_page_for_nothing() {
        let mut untold = Untold::default();
        let numbers = |told: Option<Vec<Shown>>| told.map(|told| told.iter().map(|shown| shown.update).collect::<Vec<_>>());
        assert_eq!(numbers(untold.handle_shown(shown(1, 90_000))), Some(vec![1]));
        assert_eq!(untold.take(), None);
        for update in 2..7 {
            assert_eq!(untold.handle_shown(shown(update, 100)), None);
        }
        assert_eq!(numbers(untold.handle_shown(shown(7, 100))), Some((2..8).collect()));
        assert_eq!(untold.handle_shown(shown(8, 100)), None);
        assert_eq!(numbers(untold.take()), Some(vec![8]));
        assert_eq!(untold.handle_shown(shown(9, 100)), None);
        assert_eq!(numbers(untold.handle_shown(shown(10, 90_000))), Some(vec![9, 10]));
    }

    #[test]
    fn that_the_picture_is_exact_or_no_longer_or_new_waits_for_nothing() {
        let mut untold = Untold::default();
        let lossy = |update| Shown {
            exact: false,
            ..shown(update, 9)
        };
        assert_eq!(untold.handle_shown(lossy(1)), None, "nothing was exact before");
        assert!(untold.handle_shown(shown(2, 9)).is_some());
        assert!(untold.handle_shown(lossy(3)).is_some());
        assert_eq!(untold.handle_shown(lossy(4)), None);
        assert!(untold.handle_shown(Shown { is_full: true, ..lossy(5) }).is_some());
    }

    #[test]
    fn the_host_is_told_the_newest_all_bytes_and_how_long_that_waited() {
        let (first, second) = (shown(4, 100), shown(5, 30));
        let told = acknowledgement(&[first, second], second.arrived_at + Duration::from_millis(7)).unwrap();
        assert_eq!((told.update, told.received_bytes, told.shown_after_micros), (5, 130, 7000));
        assert_eq!(acknowledgement(&[], Instant::now()), None);
    }
}
