//! The journals of a technician's program: one per session and key, in folders that say whose they are, so that what an earlier run left goes up under
//! the account that wrote it and under no other.
//!
//! ```text
//! <state>/console/<session id>-<key>/owner.json   gateway and member
//! <state>/console/<session id>-<key>/in-use       locked by the process that writes it
//! <state>/console/<session id>-<key>/chain, …     see `journal`
//! ```

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use farhand_protocol::{
    chain::Origin,
    error::{ErrorBody, ErrorCode},
    ids::{MemberId, PeerKey, SessionId},
};
use serde::{Deserialize, Serialize};

use crate::{
    folders::{Folders, write_private},
    journal::{Disk, Journal, OnWritten},
    platform,
};

const OWNER: &str = "owner.json";

/// The account under which journals are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// Origin of the gateway.
    pub(super) gateway: String,
    /// Who signed in there.
    pub(super) member_id: MemberId,
}

/// What every journal of one account is written with.
#[derive(Clone)]
pub(super) struct Writing {
    pub(super) disk: Disk,
    pub(super) on_written: OnWritten,
    pub(super) owner: Owner,
}

impl Writing {
    /// Begins the journal of a session under a key of its own.
    pub(super) async fn begin(&self, folders: &Folders, session_id: SessionId, key: PeerKey) -> Result<Journal, ErrorBody> {
        let folder = journals(folders).join(format!("{session_id}-{key}"));
        let (path, owner) = (folder.join(OWNER), self.owner.clone());
        self.disk.call(move || write_owner(&path, &owner)).await??;
        let place = folder.clone();
        let lock = self.disk.call(move || claim(&place)).await?;
        let lock = lock.ok_or_else(|| ErrorBody::new(ErrorCode::StorageFailed, "the journal's folder cannot be used"))?;
        let on_written = self.on_written.clone();
        let journal = Journal::open(&self.disk, folder, Origin::Console(key), session_id, on_written).await?;
        Ok(journal.holding(lock))
    }

    /// Journals an earlier run of this account left on disk before the gateway had everything; whole ones are removed. What another process of this
    /// person is writing now is left alone.
    pub(super) async fn leftovers(&self, folders: &Folders) -> Vec<Journal> {
        let (root, owner) = (journals(folders), self.owner.clone());
        let mine = self.disk.call(move || folders_of(&root, &owner)).await.unwrap_or_default();
        let mut left = Vec::new();
        for (folder, session_id, key, lock) in mine {
            let on_written = self.on_written.clone();
            match Journal::open(&self.disk, folder, Origin::Console(key), session_id, on_written).await {
                Ok(journal) if journal.is_uploaded() => journal.holding(lock).remove(),
                Ok(journal) => left.push(journal.holding(lock)),
                Err(error) => tracing::warn!(code = %error.code, %session_id, "a journal cannot be read"),
            }
        }
        left
    }
}

fn write_owner(path: &Path, owner: &Owner) -> Result<(), ErrorBody> {
    let json = serde_json::to_vec(owner).map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
    write_private(path, &json)
}

fn journals(folders: &Folders) -> PathBuf {
    folders.state.join("console")
}

/// Takes a journal for this process; none while another one writes it. The operating system gives it back whatever happens to the process.
fn claim(folder: &Path) -> Option<File> {
    let file = platform::append_private(&folder.join("in-use")).ok()?;
    file.try_lock().ok()?;
    Some(file)
}

fn folders_of(root: &Path, owner: &Owner) -> Vec<(PathBuf, SessionId, PeerKey, File)> {
    let of_mine = |path: PathBuf| {
        let (session, key) = path.file_name()?.to_str()?.split_once('-')?;
        let (session, key) = (session.parse().ok()?, PeerKey::parse(key)?);
        let whose: Owner = serde_json::from_slice(&fs::read(path.join(OWNER)).ok()?).ok()?;
        let lock = Some(()).filter(|()| whose == *owner).and_then(|()| claim(&path))?;
        Some((path, session, key, lock))
    };
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries.filter_map(|entry| of_mine(entry.path())).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc;

    use super::*;
    use crate::journal::Line;

    #[tokio::test]
    async fn what_is_left_goes_up_under_the_account_that_wrote_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        let (tell, mut told) = mpsc::unbounded_channel();
        let writing = |gateway: &str, member| Writing {
            disk: Disk::start().unwrap(),
            on_written: Arc::new({
                let tell = tell.clone();
                move |written| drop(tell.send(written))
            }),
            owner: Owner {
                gateway: gateway.into(),
                member_id: MemberId(member),
            },
        };
        let ada = writing("https://a", 1);
        let mut journal = ada.begin(&folders, SessionId(4), PeerKey([1; 32])).await.unwrap();
        let writing_now = ada.begin(&folders, SessionId(6), PeerKey([3; 32])).await.unwrap();
        let whole = ada.begin(&folders, SessionId(5), PeerKey([2; 32])).await.unwrap();
        drop(whole);
        journal.append(Line::new("x.y", "technician", serde_json::Value::Null));
        assert!(told.recv().await.unwrap().result.is_ok());
        drop(journal);
        for (other, member) in [("https://a", 2), ("https://b", 1)] {
            assert!(writing(other, member).leftovers(&folders).await.is_empty());
        }
        let left = ada.leftovers(&folders).await;
        assert_eq!(left.iter().map(Journal::session_id).collect::<Vec<_>>(), [SessionId(4)]);
        assert_eq!(writing_now.session_id(), SessionId(6));
        let still = folders.clone();
        let is_there = move || journals(&still).join(format!("6-{}", PeerKey([3; 32]))).exists();
        assert!(ada.disk.call(is_there).await.unwrap(), "another one writes it");
        // What the gateway had whole is gone from disk.
        assert!(
            ada.disk
                .call(move || !journals(&folders).join(format!("5-{}", PeerKey([2; 32]))).exists())
                .await
                .unwrap()
        );
    }
}
