//! Waiting for something to become true, with a deadline and a sentence that says what was awaited.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often what cannot announce itself is looked at.
pub const POLL: Duration = Duration::from_millis(10);

/// Asks `probe` until it gives a value; fails after `timeout` with what was awaited.
///
/// An error of the probe counts as "not yet", and the last one is part of the failure.
pub fn until<T>(what: &str, timeout: Duration, mut probe: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + timeout;
    loop {
        let outcome = probe();
        if let Ok(Some(value)) = outcome {
            return Ok(value);
        }
        if Instant::now() >= deadline {
            match outcome {
                Err(error) => bail!("waited {timeout:?} for {what}: {error:#}"),
                Ok(_) => bail!("waited {timeout:?} for {what}"),
            }
        }
        std::thread::sleep(POLL);
    }
}
