//! Wrong guesses by address: five in ten minutes are free (SES-13), then each needs a proof of work that grows, and an address with dozens waits.
//! A guess under evaluation counts as wrong until it is known to be right, so that many at once are not more than many in a row. An IPv6 network of
//! 64 bits counts as one address. Memory is bounded.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use farhand_protocol::time::Timestamp;

const FREE_WRONG: u32 = 5;
const MOST_WRONG: u32 = 40;
const WINDOW_MILLIS: i64 = 10 * 60_000;
/// Addresses remembered; only evaluated guesses get in, so a flood cannot fill it faster than the buckets allow.
const MOST_ADDRESSES: usize = 20_000;

/// What counts as one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// The key of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u64::from(u32::from(v4))),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(u64::from(a) << 48 | u64::from(b) << 32 | u64::from(c) << 16 | u64::from(d))
            }
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How an address stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Free,
    Over { beyond: u32 },
    Barred { until: Timestamp },
}

#[derive(Debug, Clone, Copy)]
struct Count {
    wrong: u32,
    /// Of the last wrong one.
    last: Timestamp,
    /// Guesses under evaluation.
    pending: u32,
}

impl Count {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.since_millis(self.last) < WINDOW_MILLIS
    }
}

#[derive(Debug, Default)]
pub(super) struct Addresses(HashMap<Key, Count>);

impl Addresses {
    pub(super) fn standing(&self, key: &Key, now: Timestamp) -> Standing {
        let Some(count) = self.0.get(key) else {
            return Standing::Free;
        };
        let wrong = if count.is_fresh(now) { count.wrong } else { 0 };
        match wrong.saturating_add(count.pending) {
            0..FREE_WRONG => Standing::Free,
            _ if wrong >= MOST_WRONG => Standing::Barred {
                until: count.last.plus_millis(WINDOW_MILLIS),
            },
            beyond => Standing::Over {
                beyond: beyond - FREE_WRONG,
            },
        }
    }

    /// A guess is evaluated now.
    pub(super) fn begin(&mut self, key: Key, now: Timestamp) {
        if self.0.len() >= MOST_ADDRESSES {
            self.0.retain(|_, count| count.pending > 0 || count.is_fresh(now));
        }
        if self.0.len() >= MOST_ADDRESSES
            && let Some(oldest) = self.0.iter().min_by_key(|(_, count)| count.last).map(|(key, _)| *key)
        {
            self.0.remove(&oldest);
        }
        let fresh = Count {
            wrong: 0,
            last: now,
            pending: 0,
        };
        self.0.entry(key).or_insert(fresh).pending += 1;
    }

    /// It was wrong, or it was not.
    pub(super) fn end(&mut self, key: Key, is_wrong: bool, now: Timestamp) {
        if is_wrong && !self.0.contains_key(&key) {
            // Pushed out by others meanwhile.
            self.begin(key, now);
        }
        let Some(count) = self.0.get_mut(&key) else { return };
        count.pending = count.pending.saturating_sub(1);
        if is_wrong {
            let known = if count.is_fresh(now) { count.wrong } else { 0 };
            (count.wrong, count.last) = (known.saturating_add(1), now);
        } else if count.pending == 0 && count.wrong == 0 {
            self.0.remove(&key);
        }
    }
}
