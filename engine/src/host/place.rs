//! A message's place in its sender's queue. It is given back once everything the message caused is done: when the hands have acted, the picture's
//! thread has heard, and every line of the journal is on disk. A viewer that causes more than the machine can do therefore waits on its own stream, and
//! memory stays bounded by places × the largest message.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

/// Held for what its drop does; clones are the same place.
#[derive(Debug, Clone)]
pub struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl From<OwnedSemaphorePermit> for Place {
    fn from(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: Arc::new(permit) }
    }
}
