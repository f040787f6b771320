//! Random values from the operating system.

use farhand_protocol::error::{ErrorBody, ErrorCode};
use uuid::{NoContext, Timestamp, Uuid};

/// Thirty-two random bytes, for a key.
///
/// # Errors
/// When the system has no randomness to give; nothing may go on then.
pub fn secret_key() -> Result<[u8; 32], ErrorBody> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| ErrorBody::new(ErrorCode::Internal, format!("no random numbers: {e}")))?;
    Ok(bytes)
}

/// A new name for whatever a peer makes.
pub fn new_id() -> Uuid {
    let millis = u64::try_from(crate::clock::now().0).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, millis / 1000, (millis % 1000) as u32 * 1_000_000))
}
