//! The one place where the engine reads the wall clock for stored times; durations come from the monotonic clock.

use std::time::{SystemTime, UNIX_EPOCH};

use farhand_protocol::time::Timestamp;

/// Now, in UTC milliseconds.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
