//! How much one viewer may say, and how often anybody may connect. Sans-I/O: what comes too fast is made to wait on the viewer's own stream, so that a
//! flood is slowed at its source, costs bounded memory, and delays no other viewer. What is typed and pointed (input) has no rate: it is bounded by
//! places alone (see `leg`).
//!
//! | what | at once | then, in a second |
//! |---|---|---|
//! | chat lines | 256 | 2 |
//! | bytes of chat | 512 KiB | 8 KiB |
//! | pictures shown | 512 | 512 |
//! | everything else on the control stream, and taking control | 64 | 4 |
//! | connections of a key with an announced ticket | 8 | ½ |
//! | connections of all others together | 32 | 1 |

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use farhand_protocol::{
    ids::PeerKey,
    peer::{HostBound, MAX_CHAT_BYTES},
};

/// So much at once, then so much in a second.
#[derive(Debug, Clone, Copy)]
struct Limit {
    at_once: f64,
    per_second: f64,
}

const CHAT_LINES: Limit = Limit {
    // Everything a console keeps for a link that comes back, and more.
    at_once: 256.0,
    per_second: 2.0,
};
const CHAT_BYTES: Limit = Limit {
    at_once: 32.0 * MAX_CHAT_BYTES as f64,
    per_second: 8192.0,
};
const SHOWN: Limit = Limit {
    at_once: 512.0,
    per_second: 512.0,
};
const WORDS: Limit = Limit {
    at_once: 64.0,
    per_second: 4.0,
};
const CALLS: Limit = Limit {
    at_once: 8.0,
    per_second: 0.5,
};
const STRANGERS: Limit = Limit {
    at_once: 32.0,
    per_second: 1.0,
};
/// Most keys whose connections are counted; the ticket book remembers no more.
const MOST_KEYS: usize = 64;

#[derive(Debug)]
struct Bucket {
    limit: Limit,
    left: f64,
    at: Instant,
}

impl Bucket {
    fn new(limit: Limit, now: Instant) -> Self {
        Self {
            limit,
            left: limit.at_once,
            at: now,
        }
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * self.limit.per_second).min(self.limit.at_once);
        self.at = self.at.max(now);
    }

    /// Takes so much, on credit if need be, and says how long to wait until it was earned.
    fn take(&mut self, cost: f64, now: Instant) -> Duration {
        self.refill(now);
        self.left -= cost;
        Duration::from_secs_f64((-self.left).max(0.0) / self.limit.per_second)
    }

    /// Takes one if there is one.
    fn try_take(&mut self, now: Instant) -> bool {
        self.refill(now);
        let there = self.left >= 1.0;
        if there {
            self.left -= 1.0;
        }
        there
    }
}

/// The measure of one viewer, over all its streams.
#[derive(Debug)]
pub(super) struct Throttle {
    chat_lines: Bucket,
    chat_bytes: Bucket,
    shown: Bucket,
    words: Bucket,
    was_told: bool,
}

/// What a message must wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    /// So long, before it is done.
    pub(super) pause: Duration,
    /// True the first time this viewer is made to wait: worth a line in the log.
    pub(super) is_first: bool,
}

impl Throttle {
    /// Nothing said yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            chat_lines: Bucket::new(CHAT_LINES, now),
            chat_bytes: Bucket::new(CHAT_BYTES, now),
            shown: Bucket::new(SHOWN, now),
            words: Bucket::new(WORDS, now),
            was_told: false,
        }
    }

    /// A message has come; none for one of a kind not known here. The pause, if it came too fast.
    pub(super) fn handle_message(&mut self, message: Option<&HostBound>, now: Instant) -> Option<Wait> {
        let pause = match message {
            Some(HostBound::Input(_)) => Duration::ZERO,
            Some(HostBound::Acknowledge(_)) => self.shown.take(1.0, now),
            Some(HostBound::Chat(line)) => self
                .chat_lines
                .take(1.0, now)
                .max(self.chat_bytes.take(line.text.len() as f64, now)),
            _ => self.words.take(1.0, now),
        };
        (!pause.is_zero()).then(|| Wait {
            pause,
            is_first: !std::mem::replace(&mut self.was_told, true),
        })
    }
}

/// Who connects, and how often.
#[derive(Debug)]
pub(super) struct Callers {
    strangers: Bucket,
    // INVARIANT: at most `MOST_KEYS`.
    expected: BTreeMap<PeerKey, Bucket>,
}

impl Callers {
    /// Nobody has called yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            strangers: Bucket::new(STRANGERS, now),
            expected: BTreeMap::new(),
        }
    }

    /// True when this connection may be served. A key that the gateway has announced is measured by itself, so that strangers cannot keep it out.
    pub(super) fn admit(&mut self, peer: PeerKey, is_expected: bool, now: Instant) -> bool {
        if !is_expected {
            return self.strangers.try_take(now);
        }
        if !self.expected.contains_key(&peer) && self.expected.len() >= MOST_KEYS {
            self.expected.pop_first();
        }
        self.expected.entry(peer).or_insert_with(|| Bucket::new(CALLS, now)).try_take(now)
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{
        input::InputEvent,
        peer::{ChatLine, TakeControl},
        time::Timestamp,
    };
    use uuid::Uuid;

    use super::*;

    fn chat(bytes: usize) -> HostBound {
        HostBound::Chat(ChatLine {
            line_id: Uuid::nil(),
            sent_at: Timestamp(0),
            text: "x".repeat(bytes),
        })
    }

    #[test]
    fn a_person_is_never_slowed_and_a_flood_is_from_its_first_word_too_many() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start);
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            for message in [chat(200), HostBound::TakeControl(TakeControl { on: true })] {
                assert_eq!(throttle.handle_message(Some(&message), now), None);
            }
        }
        let now = start + Duration::from_secs(600);
        let first = (0..).find_map(|_| throttle.handle_message(None, now)).unwrap();
        assert_eq!(
            first,
            Wait {
                pause: Duration::from_millis(250),
                is_first: true
            }
        );
        let second = throttle.handle_message(None, now).unwrap();
        assert_eq!(
            second,
            Wait {
                pause: Duration::from_millis(500),
                is_first: false
            }
        );
        assert_eq!(throttle.handle_message(None, now + Duration::from_secs(2)), None);
    }

    #[test]
    fn the_largest_lines_are_counted_by_their_bytes() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        let passed = (0..100)
            .take_while(|_| throttle.handle_message(Some(&chat(MAX_CHAT_BYTES)), now).is_none())
            .count();
        assert_eq!(passed, 32);
    }

    #[test]
    fn typing_has_no_rate() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        let beat = HostBound::Input(InputEvent::Beat);
        assert!((0..100_000).all(|_| throttle.handle_message(Some(&beat), now).is_none()));
    }

    #[test]
    fn strangers_cannot_keep_out_who_is_expected_and_nobody_calls_without_end() {
        let start = Instant::now();
        let mut callers = Callers::new(start);
        let key = |n: u32| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            PeerKey(bytes)
        };
        assert_eq!((0..1000).filter(|n| callers.admit(key(*n), false, start)).count(), 32);
        assert_eq!((0..1000).filter(|_| callers.admit(key(7), true, start)).count(), 8);
        assert!(callers.admit(key(7), true, start + Duration::from_secs(2)));
        for n in 0..1000 {
            callers.admit(key(n), true, start);
        }
        assert_eq!(callers.expected.len(), MOST_KEYS);
    }
}
