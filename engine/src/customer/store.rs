//! What the applet keeps on disk while its session lives, so that a crash or a reboot does not end it: the credential, the key and the journal.
//!
//! ```text
//! <state>/applet/<session id>/session.json   0600
//! <state>/applet/<session id>/journal/       see `journal`
//! <state>/joining/<code>.json                0600, the key of a session that is being joined
//! ```

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    gateway::CustomerStep,
    ids::{MemberId, SessionId},
    peer::ChatLine,
    permission::CapabilitySet,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    clock,
    folders::{Folders, write_private},
    gateway::GatewayAddress,
    platform, random,
};

/// A key that was drawn for a code and led to nothing is forgotten after this long.
const FORGET_MILLIS: i64 = 7 * 24 * 3_600_000;

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
    /// What the customer wrote and the journal does not have yet: nobody was there to read it.
    #[serde(default)]
    pub(super) unsent: Vec<ChatLine>,
    /// The customer has pressed STOP in this session.
    #[serde(default)]
    pub(super) stopped: bool,
}

impl KeptSession {
    /// The gateway it belongs to.
    pub(super) fn address(&self) -> Result<GatewayAddress, ErrorBody> {
        GatewayAddress::parse(&self.gateway, self.trust.as_deref())
    }

    /// What counts of the consent from the command line: nothing any more once the customer has changed their mind, however often the applet
    /// is started with it.
    pub(super) fn in_advance(&self, granted: CapabilitySet) -> CapabilitySet {
        if self.stopped { CapabilitySet::EMPTY } else { granted }
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

/// The key of a session that is being joined. It is on disk before the gateway is asked, so that whoever asks again after a lost answer or a crash is
/// the same applet, and the code is not lost.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Joining {
    /// Secret half of the applet's key.
    pub(super) key: [u8; 32],
    /// When it was drawn.
    drawn_at: Timestamp,
}

impl Joining {
    /// The key for this code at this gateway: the one that was asked with before, or a new one.
    pub(super) fn begin(folders: &Folders, origin: &str, code_hash: &str) -> Result<Self, ErrorBody> {
        forget_old(folders);
        let path = joining_path(folders, origin, code_hash);
        if let Some(known) = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return Ok(known);
        }
        let drawn = Self {
            key: random::secret_key()?,
            drawn_at: clock::now(),
        };
        let json = serde_json::to_vec(&drawn).map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        write_private(&path, &json)?;
        Ok(drawn)
    }

    /// The session has begun and keeps its key itself, or the code is good for nothing.
    pub(super) fn end(folders: &Folders, origin: &str, code_hash: &str) {
        let _ = fs::remove_file(joining_path(folders, origin, code_hash));
        // Succeeds when it was the last.
        let _ = fs::remove_dir(joining_folder(folders));
    }
}

fn joining_folder(folders: &Folders) -> PathBuf {
    folders.state.join("joining")
}

fn joining_path(folders: &Folders, origin: &str, code_hash: &str) -> PathBuf {
    joining_folder(folders).join(format!("{}.json", super::hex_sha256(&format!("{origin} {code_hash}"))))
}

/// Removes keys of codes that nobody can still mean.
fn forget_old(folders: &Folders) {
    for entry in fs::read_dir(joining_folder(folders)).into_iter().flatten().flatten() {
        let kept: Option<Joining> = fs::read(entry.path()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if kept.is_none_or(|kept| clock::now().since_millis(kept.drawn_at) > FORGET_MILLIS) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn root(folders: &Folders) -> PathBuf {
    folders.state.join("applet")
}

fn read(folder: &Path) -> Option<KeptSession> {
    serde_json::from_slice(&fs::read(folder.join("session.json")).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use farhand_protocol::permission::Capability;

    use super::*;

    #[test]
    fn consent_in_advance_ends_with_stop_and_a_session_of_before_that_was_kept_still_loads() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        let kept = KeptSession {
            session_id: SessionId(41),
            gateway: "https://h".into(),
            trust: None,
            credential: "fha_test".into(),
            key: [1; 32],
            ready: true,
            code_hash: "one".into(),
            unsaid: None,
            allowed: Vec::new(),
            unsent: Vec::new(),
            stopped: true,
        };
        let view = CapabilitySet::EMPTY.with(Capability::View);
        let mut old = serde_json::to_value(&kept).unwrap();
        assert!(old.as_object_mut().unwrap().remove("stopped").is_some());
        write_private(&kept.folder(&folders).join("session.json"), old.to_string().as_bytes()).unwrap();
        assert_eq!(KeptSession::all(&folders)[0].in_advance(view), view);
        kept.save(&folders).unwrap();
        assert_eq!(KeptSession::all(&folders)[0].in_advance(view), CapabilitySet::EMPTY);
    }

    #[test]
    fn who_asks_again_asks_with_the_same_key_until_the_session_has_begun() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        let key = |code: &str| Joining::begin(&folders, "https://h", code).unwrap().key;
        let first = key("one");
        assert_eq!(first, key("one"));
        assert_ne!(first, key("two"));
        Joining::end(&folders, "https://h", "one");
        assert_ne!(first, key("one"));
        assert!(KeptSession::all(&folders).is_empty());
    }
}
