//! Limits on guesses at PINs (DESIGN, "How a session comes to be", 2; SES-13). Pure: `now` is passed in.
//!
//! ```text
//! guess ─► address under its own limit and a free evaluation left?  ──► evaluate
//!            │ no
//!            ├─ a fresh proof of work of the present difficulty, and an evaluation left for proofs? ──► evaluate
//!            ├─ else ──► a challenge: harder the fewer evaluations are left, and the more wrong guesses came from this address
//!            └─ an address with dozens of wrong guesses waits
//! ```
//!
//! Only wrong guesses use evaluations up. Both buckets together let at most [`MOST_WRONG_PER_WINDOW`] wrong guesses be evaluated in any 15 minutes,
//! whatever the attacker spends; nobody honest is refused for what others do. The difficulty settles where the attackers' whole computing power
//! buys what the bucket refills, so an honest customer waits about (attackers' hashes per second / own hashes per second) / 6.5 seconds.

pub mod address;
mod bucket;
mod puzzle;
#[cfg(test)]
mod simulation;

use std::net::IpAddr;

use farhand_protocol::{
    proof::{Challenge, MAX_DIFFICULTY_BITS, Solution},
    time::Timestamp,
};

use address::Addresses;
use bucket::Bucket;
use puzzle::Puzzles;

/// Wrong guesses evaluated in any 15 minutes, at most.
pub const MOST_WRONG_PER_WINDOW: u32 = 8_450;
/// The window of that figure.
pub const WINDOW_MILLIS: i64 = 15 * 60_000;
/// Evaluations without proof: at once, and then per second.
const FREE: (f64, f64) = (200.0, 2.0);
/// Evaluations with proof: at once, and then per second.
const PROVEN: (f64, f64) = (600.0, 6.5);
/// Difficulty while every proven evaluation is left: a few hundredths of a second.
const LEAST_BITS: u8 = 16;
/// Hardest challenge while hardly any is left.
const MOST_BITS: u8 = 25;
/// A proof may be this much easier than what is asked now: the difficulty moved while it was computed.
const SLACK_BITS: u8 = 2;

/// What a guess may do.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Look it up, then [`GuessLimits::settle`].
    Evaluate(Permit),
    /// Solve this first.
    Solve(Challenge),
    /// Too many wrong guesses from this address.
    Refuse {
        /// Whole seconds to wait.
        retry_after_secs: u32,
    },
}

/// An evaluation that was set aside; given back when the guess was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    address: address::Key,
    proven: bool,
}

/// How an evaluation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A session waits under it.
    Right,
    /// Unknown, expired or used.
    Wrong,
    /// It could not be looked up.
    Failed,
}

/// A verdict before its challenge is made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ruling {
    Evaluate(Permit),
    Solve { bits: u8 },
    Refuse { retry_after_secs: u32 },
}

/// All limits on guesses of one process.
#[derive(Debug)]
pub struct GuessLimits {
    free: Bucket,
    proven: Bucket,
    addresses: Addresses,
    puzzles: Puzzles,
}

impl GuessLimits {
    /// Fresh limits; `key` signs the seeds of challenges.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            free: Bucket::new(FREE.0, FREE.1),
            proven: Bucket::new(PROVEN.0, PROVEN.1),
            addresses: Addresses::default(),
            puzzles: Puzzles::new(key),
        }
    }

    /// So many processes evaluate guesses of one database: together they evaluate no more than one would.
    pub fn share_among(&mut self, processes: usize) {
        let cost = processes.max(1) as f64;
        self.free.set_cost(cost);
        self.proven.set_cost(cost);
    }

    /// Decides about one guess from `address`. A proof may be for the code as it was sent or as it is written properly: `codes` holds both.
    pub fn admit(&mut self, address: IpAddr, codes: [&str; 2], proof: Option<&Solution>, now: Timestamp) -> Verdict {
        let shown = proof.and_then(|proof| codes.iter().find_map(|code| self.puzzles.check(proof, code, now)));
        match self.decide(address, shown, now) {
            Ruling::Evaluate(permit) => Verdict::Evaluate(permit),
            Ruling::Solve { bits } => Verdict::Solve(self.puzzles.challenge(bits, now)),
            Ruling::Refuse { retry_after_secs } => Verdict::Refuse { retry_after_secs },
        }
    }

    fn decide(&mut self, address: IpAddr, shown: Option<puzzle::Shown>, now: Timestamp) -> Ruling {
        let address = address::Key::of(address);
        let standing = self.addresses.standing(&address, now);
        if let address::Standing::Barred { until } = standing {
            return Ruling::Refuse {
                retry_after_secs: u32::try_from(until.since_millis(now) / 1000 + 1).unwrap_or(u32::MAX),
            };
        }
        if standing == address::Standing::Free && shown.is_none() && self.free.take(now) {
            self.addresses.begin(address, now);
            return Ruling::Evaluate(Permit { address, proven: false });
        }
        let bits = self.bits(&standing, now);
        match shown {
            Some(shown) if shown.bits + SLACK_BITS >= bits && self.proven.take(now) => {
                self.puzzles.spend(shown);
                self.addresses.begin(address, now);
                Ruling::Evaluate(Permit { address, proven: true })
            }
            _ => Ruling::Solve { bits },
        }
    }

    /// Ends an evaluation: only a wrong guess uses it up and counts against the address.
    pub fn settle(&mut self, permit: Permit, outcome: Outcome, now: Timestamp) {
        let is_wrong = outcome == Outcome::Wrong;
        self.addresses.end(permit.address, is_wrong, now);
        if is_wrong {
            return;
        }
        if permit.proven {
            self.proven.give_back();
        } else {
            self.free.give_back();
        }
    }

    /// Difficulty asked now: higher the emptier the bucket of proven evaluations is, and with the wrong guesses of the address.
    fn bits(&mut self, standing: &address::Standing, now: Timestamp) -> u8 {
        let spent = 1.0 - self.proven.level(now);
        let shared = LEAST_BITS + (spent * f64::from(MOST_BITS - LEAST_BITS)).round() as u8;
        let own = match standing {
            address::Standing::Over { beyond } => LEAST_BITS + u8::try_from(*beyond / 4).unwrap_or(u8::MAX).min(MOST_BITS - LEAST_BITS),
            _ => 0,
        };
        shared.max(own).min(MAX_DIFFICULTY_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use farhand_protocol::proof::solve_some;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn wrong(limits: &mut GuessLimits, from: IpAddr, now: Timestamp) -> bool {
        match limits.admit(from, ["123456789"; 2], None, now) {
            Verdict::Evaluate(permit) => {
                limits.settle(permit, Outcome::Wrong, now);
                true
            }
            _ => false,
        }
    }

    #[test]
    fn after_five_wrong_pins_an_address_solves_a_proof_and_ten_minutes_later_it_need_not() {
        let mut limits = GuessLimits::new([1; 32]);
        assert_eq!((0..8).filter(|_| wrong(&mut limits, HOME, NOW)).count(), 5);
        let Verdict::Solve(challenge) = limits.admit(HOME, ["427901358"; 2], None, NOW) else {
            panic!("a challenge")
        };
        let solution = solve_some(&challenge, "427901358", 0, 1 << 24).expect("a solution");
        let soon = NOW.plus_millis(900);
        assert!(matches!(
            limits.admit(HOME, ["427901358"; 2], Some(&solution), soon),
            Verdict::Evaluate(_)
        ));
        assert!(
            matches!(limits.admit(HOME, ["427901358"; 2], Some(&solution), soon), Verdict::Solve(_)),
            "a seed works once"
        );
        assert!(matches!(
            limits.admit(HOME, ["427901358"; 2], None, NOW.plus_millis(10 * 60_000 + 1)),
            Verdict::Evaluate(_)
        ));
    }

    #[test]
    fn a_proof_holds_for_its_code_its_time_and_its_gateway() {
        let mut limits = GuessLimits::new([1; 32]);
        (0..5).for_each(|_| assert!(wrong(&mut limits, HOME, NOW)));
        let Verdict::Solve(challenge) = limits.admit(HOME, ["111111111"; 2], None, NOW) else {
            panic!("a challenge")
        };
        let solution = solve_some(&challenge, "111111111", 0, 1 << 24).expect("a solution");
        let tried = |limits: &mut GuessLimits, code: &str, at: Timestamp| {
            matches!(limits.admit(HOME, [code; 2], Some(&solution), at), Verdict::Evaluate(_))
        };
        assert!(!tried(&mut limits, "222222222", NOW), "another code");
        assert!(!tried(&mut limits, "111111111", NOW.plus_millis(10 * 60_000 - 1)), "too late");
        let mut foreign = GuessLimits::new([2; 32]);
        (0..5).for_each(|_| assert!(wrong(&mut foreign, HOME, NOW)));
        assert!(!tried(&mut foreign, "111111111", NOW), "another gateway");
        assert!(tried(&mut limits, "111111111", NOW));
    }

    #[test]
    fn right_pins_use_nothing_up() {
        let mut limits = GuessLimits::new([1; 32]);
        for _ in 0..5_000 {
            let Verdict::Evaluate(permit) = limits.admit(HOME, ["1"; 2], None, NOW) else {
                panic!("right guesses go through")
            };
            limits.settle(permit, Outcome::Right, NOW);
        }
    }

    #[test]
    fn guesses_that_come_at_once_are_no_more_than_those_that_come_one_by_one() {
        let mut limits = GuessLimits::new([1; 32]);
        let admit = |limits: &mut GuessLimits| match limits.admit(HOME, ["123456789"; 2], None, NOW) {
            Verdict::Evaluate(permit) => Some(permit),
            _ => None,
        };
        let mut permits: Vec<Permit> = (0..50).filter_map(|_| admit(&mut limits)).collect();
        assert_eq!(permits.len(), 5);
        let settle = |limits: &mut GuessLimits, permit: Option<Permit>, outcome| limits.settle(permit.expect("five"), outcome, NOW);
        settle(&mut limits, permits.pop(), Outcome::Right);
        settle(&mut limits, permits.pop(), Outcome::Failed);
        settle(&mut limits, permits.pop(), Outcome::Wrong);
        // Two were not wrong, so two more may be tried.
        permits.extend((0..50).filter_map(|_| admit(&mut limits)));
        assert_eq!(permits.len(), 4);
        permits.into_iter().for_each(|permit| limits.settle(permit, Outcome::Wrong, NOW));
        assert_eq!(admit(&mut limits), None);
    }

    #[test]
    fn processes_that_share_a_database_share_the_evaluations() {
        let evaluated = |processes| {
            let mut limits = GuessLimits::new([1; 32]);
            limits.share_among(processes);
            let host = |n: u32| IpAddr::V4(std::net::Ipv4Addr::from(0x0a00_0000 + n));
            (0..2_000).filter(|n| wrong(&mut limits, host(*n), NOW)).count()
        };
        assert_eq!((evaluated(1), evaluated(4)), (200, 50));
    }

    #[test]
    fn neighbours_in_one_ipv6_network_share_their_limit() {
        let mut limits = GuessLimits::new([1; 32]);
        let host = |n: u16| IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 7, 0, 0, 0, n));
        assert_eq!((0..20).filter(|n| wrong(&mut limits, host(*n), NOW)).count(), 5);
    }
}
