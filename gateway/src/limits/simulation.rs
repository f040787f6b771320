//! Fifteen minutes of attack on a virtual clock: a million guesses from a hundred thousand addresses, with and without computing power, while 20 honest
//! customers come with right PINs.

use std::net::{IpAddr, Ipv4Addr};

use farhand_protocol::time::Timestamp;

use super::{GuessLimits, Outcome, Ruling, WINDOW_MILLIS, address::Standing, puzzle::Shown};

const START: Timestamp = Timestamp(1_800_000_000_000);
const GUESSES: i64 = 1_000_000;
const ADDRESSES: u32 = 100_000;
const CUSTOMERS: usize = 20;
/// A modest computer: SHA-256 per second on one core.
const CUSTOMER_HASHES_PER_SEC: f64 = 4e6;
/// From one request to the next.
const ROUND_TRIP_MILLIS: i64 = 100;

/// Repeatable noise.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// How long one finds a nonce.
    fn solving_millis(&mut self, bits: u8, hashes_per_sec: f64) -> f64 {
        -(1.0 - self.unit()).ln() * f64::from(bits).exp2() / hashes_per_sec * 1000.0
    }
}

/// A client at work on a challenge, or about to ask.
struct Try {
    address: IpAddr,
    at: Timestamp,
    solved: Option<Shown>,
}

struct Attack {
    hashes_per_sec: f64,
}

/// All the attacker's machines at work on one challenge, under one of the addresses.
struct Cluster {
    address: IpAddr,
    at_millis: f64,
    solved: Shown,
}

impl Cluster {
    fn start(from_millis: f64, attack: &Attack, bits: u8, noise: &mut Noise, now: Timestamp) -> Self {
        let address = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + noise.next() as u32 % ADDRESSES));
        let took = noise.solving_millis(bits, attack.hashes_per_sec);
        Self {
            address,
            at_millis: from_millis + took,
            solved: solve(bits, noise, now),
        }
    }
}

#[derive(Debug)]
struct Report {
    evaluated_wrong: u32,
    waits_millis: Vec<i64>,
}

impl Report {
    fn p95(&mut self) -> i64 {
        self.waits_millis.sort_unstable();
        self.waits_millis[self.waits_millis.len() * 95 / 100 - 1]
    }
}

/// A solution as the limits see it once it is checked; only the time it took is imagined.
fn solve(bits: u8, noise: &mut Noise, made_at: Timestamp) -> Shown {
    let mut random = [0; 12];
    random[..8].copy_from_slice(&noise.next().to_be_bytes());
    Shown { bits, made_at, random }
}

fn run(attack: &Attack, seed: u64) -> Report {
    let mut limits = GuessLimits::new([7; 32]);
    let mut noise = Noise(seed);
    let mut report = Report {
        evaluated_wrong: 0,
        waits_millis: Vec::new(),
    };
    // The attacker's machines solve one challenge after another, all power on one at a time.
    let mut cluster: Option<Cluster> = None;
    let mut arrivals: Vec<i64> = (0..CUSTOMERS).map(|_| (noise.unit() * 14.0 * 60_000.0) as i64).collect();
    arrivals.sort_unstable();
    let mut customers: Vec<(Timestamp, Try)> = arrivals
        .into_iter()
        .enumerate()
        .map(|(i, at)| {
            let at = START.plus_millis(at);
            (
                at,
                Try {
                    address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, i as u8)),
                    at,
                    solved: None,
                },
            )
        })
        .collect();
    let mut sent = 0;
    for milli in 0..WINDOW_MILLIS {
        let now = START.plus_millis(milli);
        while sent * WINDOW_MILLIS < GUESSES * (milli + 1) && sent < GUESSES {
            sent += 1;
            let address = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + noise.next() as u32 % ADDRESSES));
            match limits.decide(address, None, now) {
                Ruling::Evaluate(permit) => {
                    report.evaluated_wrong += 1;
                    limits.settle(permit, Outcome::Wrong, now);
                }
                Ruling::Solve { bits } if attack.hashes_per_sec > 0.0 && cluster.is_none() => {
                    cluster = Some(Cluster::start(milli as f64, attack, bits, &mut noise, now));
                }
                _ => {}
            }
        }
        while let Some(done) = cluster.take_if(|cluster| cluster.at_millis < (milli + 1) as f64) {
            let ruling = limits.decide(done.address, Some(done.solved), now);
            let bits = match ruling {
                Ruling::Evaluate(permit) => {
                    report.evaluated_wrong += 1;
                    limits.settle(permit, Outcome::Wrong, now);
                    limits.bits(&Standing::Free, now)
                }
                Ruling::Solve { bits } => bits,
                Ruling::Refuse { .. } => continue,
            };
            cluster = Some(Cluster::start(done.at_millis, attack, bits, &mut noise, now));
        }
        customers.retain_mut(|(came, customer)| {
            if customer.at > now {
                return true;
            }
            match limits.decide(customer.address, customer.solved.take(), now) {
                Ruling::Evaluate(permit) => {
                    limits.settle(permit, Outcome::Right, now);
                    report.waits_millis.push(now.since_millis(*came));
                    false
                }
                Ruling::Solve { bits } => {
                    let took = noise.solving_millis(bits, CUSTOMER_HASHES_PER_SEC) as i64 + ROUND_TRIP_MILLIS;
                    customer.solved = Some(solve(bits, &mut noise, now));
                    customer.at = now.plus_millis(took);
                    true
                }
                Ruling::Refuse { .. } => panic!("an honest customer was refused"),
            }
        });
    }
    report.waits_millis.extend(customers.iter().map(|_| i64::MAX));
    report
}

#[test]
fn a_million_guesses_without_computing_power_get_few_evaluations_and_keep_nobody_waiting() {
    for seed in 1..=2 {
        let mut report = run(&Attack { hashes_per_sec: 0.0 }, seed);
        assert!(report.evaluated_wrong < 9_000 / 4, "{report:?}");
        assert!(report.p95() < 1_000, "{report:?}");
    }
}

#[test]
fn an_attacker_with_five_times_a_customers_power_gets_fewer_than_9000_and_customers_wait_under_five_seconds() {
    for seed in 1..=3 {
        let mut report = run(
            &Attack {
                hashes_per_sec: 5.0 * CUSTOMER_HASHES_PER_SEC,
            },
            seed,
        );
        assert!(report.evaluated_wrong < 9_000, "{report:?}");
        assert!(report.evaluated_wrong > 2_000, "the attack is real: {report:?}");
        assert!(report.p95() < 5_000, "{report:?}");
    }
}

#[test]
fn no_computing_power_buys_more_than_the_bound() {
    let report = run(&Attack { hashes_per_sec: 1e10 }, 1);
    assert!(report.evaluated_wrong <= super::MOST_WRONG_PER_WINDOW, "{report:?}");
}
