//! The customer's own hands: the stop key cuts control on the very thread that heard it (APP-36), before anything else learns of it.

use std::sync::Arc;

use farhand_protocol::peer::GrantCause;
use tokio::sync::mpsc;

use super::{actor::Command, hands::Switch};
use crate::platform::{InputError, LocalInput, LocalInputWatch, Platform};

/// What is needed to start a watch, again and again.
#[derive(Clone)]
pub(super) struct Watching {
    pub(super) platform: Arc<dyn Platform>,
    /// Whether the key has its function (APP-38).
    pub(super) stop_key: bool,
    /// Whether every motion of the person matters, because it outranks the technician's.
    pub(super) counts: bool,
}

/// Starts a watch. This attempt's number is told with its end, which may be known before its beginning.
///
/// # Errors
/// When the system lets nobody hear.
pub(super) fn start(
    watching: &Watching,
    attempt: u64,
    commands: mpsc::WeakUnboundedSender<Command>,
    switch: &Arc<Switch>,
) -> Result<Box<dyn LocalInputWatch>, InputError> {
    let (switch, counts, stop_key) = (switch.clone(), watching.counts, watching.stop_key);
    let on = move |input| {
        let Some(commands) = commands.upgrade() else { return };
        match input {
            LocalInput::Stop => {
                switch.cut();
                let _ = commands.send(Command::Revoke(GrantCause::StopKey));
            }
            LocalInput::Activity if counts => {
                let _ = commands.send(Command::CustomerActed);
            }
            LocalInput::Activity => {}
            LocalInput::Lost => {
                if stop_key {
                    switch.cut();
                }
                let _ = commands.send(Command::Deaf(attempt));
            }
        }
    };
    watching.platform.watch_local_input(Box::new(on), watching.stop_key)
}
