//! STOP (APP-36, APP-40): the way from a button to the host that passes through no queue and no task, and so waits for nothing.

use std::sync::Arc;

use farhand_protocol::peer::GrantCause;
use parking_lot::Mutex;

use crate::host::Host;

/// Takes everything back from everyone; clones are the same switch. Without a session it does nothing.
#[derive(Clone, Default)]
pub struct StopSwitch(Arc<Mutex<Option<Host>>>);

impl StopSwitch {
    /// Withdraws everything; input has stopped when this returns.
    pub fn stop(&self) {
        let host = self.0.lock().clone();
        if let Some(host) = host {
            host.revoke(GrantCause::StopButton);
        }
    }

    /// The session it acts on.
    pub(super) fn set(&self, host: Option<Host>) {
        *self.0.lock() = host;
    }
}
