//! What the applet keeps on disk while its session lives, so that a crash or a reboot does not end it: the credential, the key and the journal.
//!
//! ```text
//! <state>/applet/<session id>/session.json   0600
//! <state>/applet/<session id>/journal/       see `journal`
//! ```

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    gateway::CustomerStep,
    ids::{MemberId, SessionId},
    permission::CapabilitySet,
};
use serde::{Deserialize, Serialize};

use crate::{
    folders::{Folders, write_private},
    gateway::GatewayAddress,
    platform,
};

/// A session that was joined and has not ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptSession {
    /// The session.
    pub(super) session_id: SessionId,
    /// Origin of its gateway.
    pub(super) gateway: String,
    /// Pin of the gateway's CA, if it has its own.
    pub(super) trust: Option<String>,
    /// Bearer credential.
    pub(super) credential: String,
    /// Secret half of the applet's key.
    pub(super) key: [u8; 32],
    /// True once the terms were accepted or there were none.
    pub(super) ready: bool,
    /// SHA-256 of the code it was joined by, so that the same code takes it up again.
    pub(super) code_hash: String,
    /// What the customer did last that the gateway has not confirmed: it is said until it is.
    #[serde(default)]
    pub(super) unsaid: Option<CustomerStep>,
    /// What the customer has allowed, by technician.
    #[serde(default)]
    pub(super) allowed: Vec<(MemberId, CapabilitySet)>,
}

impl KeptSession {
    /// The gateway it belongs to.
    pub(super) fn address(&self) -> Result<GatewayAddress, ErrorBody> {
        GatewayAddress::parse(&self.gateway, self.trust.as_deref())
    }

    /// Its folder.
    pub(super) fn folder(&self, folders: &Folders) -> PathBuf {
        root(folders).join(self.session_id.to_string())
    }

    /// Writes it, readable by its owner alone.
    pub(super) fn save(&self, folders: &Folders) -> Result<(), ErrorBody> {
        let json = serde_json::to_vec(self).map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        write_private(&self.folder(folders).join("session.json"), &json)
    }

    /// Takes the session for this process; none while another process has it. The operating system gives it back whatever happens to the
    /// process.
    pub(super) fn take(&self, folders: &Folders) -> Option<File> {
        let file = platform::append_private(&self.folder(folders).join("in-use")).ok()?;
        file.try_lock().ok()?;
        Some(file)
    }

    /// Removes it with its journal.
    pub(super) fn remove(&self, folders: &Folders) {
        if let Err(e) = fs::remove_dir_all(self.folder(folders)) {
            tracing::debug!(error = %e, "a session's folder could not be removed");
        }
    }

    /// Every session left on disk, newest first.
    pub(super) fn all(folders: &Folders) -> Vec<Self> {
        let Ok(entries) = fs::read_dir(root(folders)) else {
            return Vec::new();
        };
        let mut found: Vec<Self> = entries.flatten().filter_map(|entry| read(&entry.path())).collect();
        found.sort_by_key(|kept| std::cmp::Reverse(kept.session_id));
        found
    }
}

fn root(folders: &Folders) -> PathBuf {
    folders.state.join("applet")
}

fn read(folder: &Path) -> Option<KeptSession> {
    serde_json::from_slice(&fs::read(folder.join("session.json")).ok()?).ok()
}
