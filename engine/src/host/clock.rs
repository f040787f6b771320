//! The clocks of one side: the wall for what is written down, a steady one for what is measured.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use farhand_protocol::time::Timestamp;

/// Microseconds of a day.
pub(crate) const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// A steady clock that counts microseconds from the time of day at its start (UTC), and past midnight; the other end learns the offset by asking, which is
/// how far the clocks of both computers are apart, but for whole days. It is sent with every letter, so it is no longer than that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
    start_micros: i64,
}

impl Clock {
    /// Counts from now.
    pub(crate) fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let start_micros = (since.as_micros() % u128::from(DAY_MICROS.unsigned_abs())) as i64;
        Self {
            start: Instant::now(),
            start_micros,
        }
    }

    /// Microseconds since the midnight before the start.
    pub(crate) fn now_micros(&self) -> i64 {
        let elapsed = i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.start_micros.saturating_add(elapsed)
    }
}

/// The time of day, for tickets and logs.
pub(crate) fn wall_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Waits until then, or for ever.
pub(crate) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
