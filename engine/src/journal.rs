//! What happened on this side of a session, as a hash chain on disk: written before it counts, uploaded when the gateway is there, repeated until
//! the gateway says that it is stored.
//!
//! ```text
//! <folder>/chain     entries, each {length u32 BE, CBOR}; a tail cut off by a crash is dropped when the file is opened
//! <folder>/stored    the last number the gateway has, as text
//! ```

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use farhand_protocol::{
    chain::{Body, Chain, ChainEntry, Origin, upload_of},
    error::{ErrorBody, ErrorCode},
    ids::SessionId,
    wire::{from_cbor, to_cbor},
};

use crate::{clock, platform};

const CHAIN: &str = "chain";
const STORED: &str = "stored";
const MAX_ENTRY_BYTES: usize = 64 * 1024;

/// The chain of one origin in one session.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    file: File,
    chain: Chain,
    session_id: SessionId,
    /// Entries the gateway has not confirmed.
    pending: Vec<ChainEntry>,
}

impl Journal {
    /// Opens the chain in this folder, or begins one.
    ///
    /// # Errors
    /// `storage.failed` when the folder cannot be written, or holds another chain.
    pub fn open(folder: &Path, origin: Origin, session_id: SessionId) -> Result<Self, ErrorBody> {
        let failed = |e: &dyn std::fmt::Display| ErrorBody::new(ErrorCode::StorageFailed, format!("{}: {e}", folder.display()));
        fs::create_dir_all(folder).map_err(|e| failed(&e))?;
        platform::make_private(folder).map_err(|e| failed(&e))?;
        let path = folder.join(CHAIN);
        let mut file = platform::append_private(&path).map_err(|e| failed(&e))?;
        let (entries, whole) = read_entries(&mut file).map_err(|e| failed(&e))?;
        file.set_len(whole).map_err(|e| failed(&e))?;
        let chain = Chain::resume(origin, session_id, &entries).map_err(|e| failed(&e))?;
        let stored = fs::read_to_string(folder.join(STORED))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0u64);
        let pending = entries.into_iter().filter(|entry| entry.seq > stored).collect();
        Ok(Self {
            folder: folder.to_owned(),
            file,
            chain,
            session_id,
            pending,
        })
    }

    /// Writes the next entry to disk; it counts once this returns.
    ///
    /// # Errors
    /// `storage.failed` when the disk refuses.
    pub fn append(&mut self, kind: &str, actor: &str, detail: &serde_json::Value) -> Result<ChainEntry, ErrorBody> {
        let failed = |e: &dyn std::fmt::Display| ErrorBody::new(ErrorCode::StorageFailed, e.to_string());
        let body = Body::from_value(&serde_json::json!({ "actor": actor, "detail": detail })).map_err(|e| failed(&e))?;
        let before = self.chain.clone();
        let entry = self.chain.append(clock::now(), kind, body).map_err(|e| failed(&e))?;
        let mut bytes = vec![0; 4];
        to_cbor(&entry, &mut bytes);
        let length = u32::try_from(bytes.len() - 4).unwrap_or(u32::MAX);
        bytes[..4].copy_from_slice(&length.to_be_bytes());
        let written = self.file.metadata().map(|m| m.len()).and_then(|length| {
            self.file.write_all(&bytes).and_then(|()| self.file.sync_data()).inspect_err(|_| {
                // Half an entry would cut off everything after it at the next start.
                let _ = self.file.set_len(length);
            })
        });
        if let Err(e) = written {
            self.chain = before;
            return Err(failed(&e));
        }
        self.pending.push(entry.clone());
        Ok(entry)
    }

    /// What the gateway has not confirmed, oldest first, at most one upload's worth.
    pub fn pending(&self) -> Vec<ChainEntry> {
        upload_of(&self.pending).to_vec()
    }

    /// True when the gateway has everything.
    pub fn is_uploaded(&self) -> bool {
        self.pending.is_empty()
    }

    /// The gateway has everything up to this number; true when that is news, so that the rest is worth sending.
    pub fn handle_stored(&mut self, seq: u64) -> bool {
        let before = self.pending.len();
        self.pending.retain(|entry| entry.seq > seq);
        // Losing this line only repeats an upload, which the gateway takes without effect.
        if let Err(e) = fs::write(self.folder.join(STORED), seq.to_string()) {
            tracing::warn!(error = %e, "what is uploaded could not be noted");
        }
        self.pending.len() < before
    }

    /// The session it belongs to.
    pub fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// Who writes it.
    pub fn origin(&self) -> Origin {
        self.chain.origin()
    }

    /// Removes the chain from disk; for one that is uploaded, or that nobody wants.
    pub fn remove(self) {
        if let Err(e) = fs::remove_dir_all(&self.folder) {
            tracing::debug!(error = %e, "a journal could not be removed");
        }
    }
}

/// Every whole entry and the bytes they take; what follows was being written when the program ended.
fn read_entries(file: &mut File) -> std::io::Result<(Vec<ChainEntry>, u64)> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let (mut entries, mut rest, mut whole) = (Vec::new(), bytes.as_slice(), 0u64);
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*head) as usize;
        let Some((body, next)) = after.split_at_checked(length).filter(|_| length <= MAX_ENTRY_BYTES) else {
            break;
        };
        let Ok(entry) = from_cbor(body) else { break };
        entries.push(entry);
        rest = next;
        whole += 4 + length as u64;
    }
    Ok((entries, whole))
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{chain::verify, ids::PeerKey};

    use super::*;

    fn origin() -> Origin {
        Origin::Applet(PeerKey([3; 32]))
    }

    #[test]
    fn a_chain_goes_on_after_a_crash_in_the_middle_of_a_write() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), origin(), SessionId(4)).unwrap();
        for n in 0..3 {
            journal.append("chat.line", "customer", &serde_json::json!({ "n": n })).unwrap();
        }
        drop(journal);
        let path = folder.path().join(CHAIN);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
        let mut journal = Journal::open(folder.path(), origin(), SessionId(4)).unwrap();
        assert_eq!(journal.pending().len(), 2);
        journal.append("chat.line", "customer", &serde_json::json!({ "n": 9 })).unwrap();
        drop(journal);
        let journal = Journal::open(folder.path(), origin(), SessionId(4)).unwrap();
        assert_eq!(verify(&journal.pending()).unwrap().seq, 3);
    }

    #[test]
    fn what_the_gateway_stored_is_not_uploaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), origin(), SessionId(4)).unwrap();
        for n in 0..5 {
            journal.append("x.y", "system", &serde_json::json!({ "n": n })).unwrap();
        }
        journal.handle_stored(3);
        drop(journal);
        let journal = Journal::open(folder.path(), origin(), SessionId(4)).unwrap();
        assert_eq!(journal.pending().iter().map(|e| e.seq).collect::<Vec<_>>(), [4, 5]);
    }
}
