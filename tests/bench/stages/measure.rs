//! How long something takes: the least and the median of several runs after one that does not count.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;

/// No more runs than this are made.
pub const MOST_RUNS: usize = 25;
/// No fewer are made, however long they take.
const LEAST_RUNS: usize = 5;
/// From then on no further run is begun.
const ENOUGH: Duration = Duration::from_millis(400);

/// What the runs took.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    /// How many there were.
    pub runs: usize,
    /// The quickest of them.
    pub least: Duration,
    /// The one in the middle.
    pub median: Duration,
}

impl Time {
    /// What each of so many took that are done in every run.
    pub fn of_each(self, count: usize) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        Self {
            least: self.least / count,
            median: self.median / count,
            ..self
        }
    }
}

/// Times what is the same in every run.
///
/// # Errors
/// The first of a run.
pub fn time<T>(mut run: impl FnMut() -> Result<T>) -> Result<Time> {
    time_with(|| Ok(()), |()| run())
}

/// Times `run` alone, on what `prepare` makes anew for each.
///
/// # Errors
/// The first of either.
pub fn time_with<S, T>(mut prepare: impl FnMut() -> Result<S>, mut run: impl FnMut(&mut S) -> Result<T>) -> Result<Time> {
    black_box(run(&mut prepare()?)?);
    let (first, mut times) = (Instant::now(), Vec::with_capacity(MOST_RUNS));
    while times.len() < LEAST_RUNS || times.len() < MOST_RUNS && first.elapsed() < ENOUGH {
        let mut prepared = prepare()?;
        let began = Instant::now();
        let made = run(&mut prepared)?;
        times.push(began.elapsed());
        black_box(made);
    }
    times.sort_unstable();
    Ok(Time {
        runs: times.len(),
        least: times[0],
        median: times[times.len() / 2],
    })
}
