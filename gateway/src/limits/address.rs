//! Wrong guesses by address: five in ten minutes are free (SES-13), then each needs a proof of work that grows, and an address with dozens waits.
//! An IPv6 network of 64 bits counts as one address. Memory is bounded.

use std::collections::HashMap;
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
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u64::from(u32::from(v4))),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(u64::from(a) << 48 | u64::from(b) << 32 | u64::from(c) << 16 | u64::from(d))
            }
        }
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
    last: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct Addresses(HashMap<Key, Count>);

impl Addresses {
    pub(super) fn standing(&self, key: &Key, now: Timestamp) -> Standing {
        match self.0.get(key) {
            Some(count) if now.since_millis(count.last) < WINDOW_MILLIS => match count.wrong {
                0..FREE_WRONG => Standing::Free,
                FREE_WRONG..MOST_WRONG => Standing::Over {
                    beyond: count.wrong - FREE_WRONG,
                },
                _ => Standing::Barred {
                    until: count.last.plus_millis(WINDOW_MILLIS),
                },
            },
            _ => Standing::Free,
        }
    }

    pub(super) fn count_wrong(&mut self, key: Key, now: Timestamp) {
        if self.0.len() >= MOST_ADDRESSES {
            self.0.retain(|_, count| now.since_millis(count.last) < WINDOW_MILLIS);
        }
        if self.0.len() >= MOST_ADDRESSES
            && let Some(oldest) = self.0.iter().min_by_key(|(_, count)| count.last).map(|(key, _)| *key)
        {
            self.0.remove(&oldest);
        }
        let count = self.0.entry(key).or_insert(Count { wrong: 0, last: now });
        if now.since_millis(count.last) >= WINDOW_MILLIS {
            count.wrong = 0;
        }
        (count.wrong, count.last) = (count.wrong.saturating_add(1), now);
    }
}
