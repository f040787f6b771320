//! Challenges: nothing is kept of one until it is solved. The seed says when it was made and how hard it is, and carries a keyed hash; a seed that was
//! used is remembered until it would be too old.

use std::collections::HashMap;

use data_encoding::BASE64URL_NOPAD;
use farhand_protocol::{
    proof::{Challenge, Solution, is_solved},
    time::Timestamp,
};
use subtle::ConstantTimeEq;

use crate::secret::{hmac_sha256, random_bytes};

/// A solution must come within this time.
const LIFE_MILLIS: i64 = 90_000;
const RANDOM_BYTES: usize = 12;
const MAC_BYTES: usize = 16;
const SEED_BYTES: usize = 8 + 1 + RANDOM_BYTES + MAC_BYTES;
const CONTEXT: &[u8] = b"farhand proof v1\0";

/// A good solution that was not used before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) bits: u8,
    pub(super) made_at: Timestamp,
    pub(super) random: [u8; RANDOM_BYTES],
}

#[derive(Debug)]
pub(super) struct Puzzles {
    key: [u8; 32],
    used: HashMap<[u8; RANDOM_BYTES], Timestamp>,
}

impl Puzzles {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key, used: HashMap::new() }
    }

    /// A challenge of this difficulty.
    pub(super) fn challenge(&self, bits: u8, now: Timestamp) -> Challenge {
        // Without randomness two challenges of one millisecond share a seed, which then works once: safe, if unlucky.
        let random = random_bytes::<RANDOM_BYTES>().unwrap_or_default();
        let mut seed = Vec::with_capacity(SEED_BYTES);
        seed.extend_from_slice(&now.0.to_be_bytes());
        seed.push(bits);
        seed.extend_from_slice(&random);
        let mac = self.mac(&seed);
        seed.extend_from_slice(&mac);
        Challenge {
            seed: BASE64URL_NOPAD.encode(&seed),
            difficulty_bits: bits,
        }
    }

    /// The challenge behind a solution, if it is ours, in time, unused and solved for this code.
    pub(super) fn check(&self, solution: &Solution, code: &str, now: Timestamp) -> Option<Shown> {
        let seed: [u8; SEED_BYTES] = BASE64URL_NOPAD.decode(solution.seed.as_bytes()).ok()?.try_into().ok()?;
        let (signed, mac) = seed.split_at(SEED_BYTES - MAC_BYTES);
        if !bool::from(self.mac(signed).ct_eq(mac)) {
            return None;
        }
        let (at, rest) = signed.split_first_chunk::<8>()?;
        let (bits, random) = rest.split_first()?;
        let shown = Shown {
            bits: *bits,
            made_at: Timestamp(i64::from_be_bytes(*at)),
            random: random.try_into().ok()?,
        };
        let age = now.since_millis(shown.made_at);
        let fresh = (0..=LIFE_MILLIS).contains(&age) && !self.used.contains_key(&shown.random);
        (fresh && is_solved(&solution.seed, code, solution.nonce, shown.bits)).then_some(shown)
    }

    /// Marks it used. Called once per evaluation, so the buckets bound what is remembered.
    pub(super) fn spend(&mut self, shown: Shown) {
        let now = shown.made_at;
        if self.used.len() > 4_096 {
            self.used.retain(|_, made_at| now.since_millis(*made_at) <= 2 * LIFE_MILLIS);
        }
        self.used.insert(shown.random, shown.made_at);
    }

    fn mac(&self, signed: &[u8]) -> [u8; MAC_BYTES] {
        let full = hmac_sha256(&self.key, &[CONTEXT, signed]);
        std::array::from_fn(|i| full[i])
    }
}
