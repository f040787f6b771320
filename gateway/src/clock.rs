//! The gateway's only clock. Everything that decides by time takes `now` from here, so that tests turn it by hand.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{SystemTime, UNIX_EPOCH};

use farhand_protocol::time::Timestamp;

/// Where `now` comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock a test turns.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at this moment until it is turned.
    pub fn manual(start: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.0)))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Manual(millis) => Timestamp(millis.load(Ordering::SeqCst)),
        }
    }

    /// Turns a manual clock; the system's is left alone.
    pub fn advance_millis(&self, by: i64) {
        if let Self::Manual(millis) = self {
            millis.fetch_add(by, Ordering::SeqCst);
        }
    }
}
