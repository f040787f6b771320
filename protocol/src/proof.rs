//! Proof of work: what an honest customer solves, unseen, when guesses at codes exceed the limits
//! (DESIGN, "How a session comes to be", 2). Over the limit nobody honest is refused; a million guesses cost
//! a million solutions.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// More leading zero bits than this are never asked for; a client refuses to start.
pub const MAX_DIFFICULTY_BITS: u8 = 26;

/// A puzzle: find a nonce so that SHA-256(seed ‖ code ‖ nonce) starts with `difficulty_bits` zero bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Signed, dated value of the gateway; opaque to the client.
    pub seed: String,
    /// Leading zero bits asked for.
    pub difficulty_bits: u8,
}

/// The answer, sent with the next try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// The seed that was solved.
    pub seed: String,
    /// The nonce found.
    pub nonce: u64,
}

/// True when the nonce solves the puzzle for this code.
pub fn is_solved(seed: &str, code: &str, nonce: u64, difficulty_bits: u8) -> bool {
    leading_zero_bits(&digest(seed, code, nonce)) >= u32::from(difficulty_bits)
}

/// Tries `count` nonces from `first`; none when no nonce among them solves it, so that the caller can stop or go on.
pub fn solve_some(challenge: &Challenge, code: &str, first: u64, count: u64) -> Option<Solution> {
    (first..first.saturating_add(count))
        .find(|nonce| is_solved(&challenge.seed, code, *nonce, challenge.difficulty_bits))
        .map(|nonce| Solution {
            seed: challenge.seed.clone(),
            nonce,
        })
}

fn digest(seed: &str, code: &str, nonce: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((seed.len() as u64).to_le_bytes());
    hash.update(seed);
    hash.update(code);
    hash.update(nonce.to_le_bytes());
    hash.finalize().into()
}

fn leading_zero_bits(digest: &[u8; 32]) -> u32 {
    let mut bits = 0;
    for byte in digest {
        bits += byte.leading_zeros();
        if *byte != 0 {
            break;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solution_holds_for_its_code_alone() {
        let challenge = Challenge {
            seed: "s".into(),
            difficulty_bits: 12,
        };
        let solution = solve_some(&challenge, "123456789", 0, 1 << 20).expect("a nonce among a million");
        assert!(is_solved("s", "123456789", solution.nonce, 12));
        assert!(!is_solved("s", "123456780", solution.nonce, 12) || !is_solved("t", "123456789", solution.nonce, 12));
    }
}
