//! The chain of one origin on disk. Blocking: used on the thread of [`Disk`](super::Disk) alone.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use farhand_protocol::{
    chain::{Body, Chain, ChainEntry, ChainError, Origin},
    error::{ErrorBody, ErrorCode},
    ids::SessionId,
    time::Timestamp,
    wire::{from_cbor, to_cbor},
};

use crate::{folders, platform};

const CHAIN: &str = "chain";
const STORED: &str = "stored";
const MAX_ENTRY_BYTES: usize = 64 * 1024;

/// Entries of an earlier run that are given out again.
const EARLIER: usize = 512;

/// A chain, what of it the gateway has not confirmed, and its last entries.
type Opened = (ChainFile, Vec<ChainEntry>, Vec<ChainEntry>);

/// The file, open to be continued.
#[derive(Debug)]
pub(super) struct ChainFile {
    folder: PathBuf,
    file: File,
    chain: Chain,
}

impl ChainFile {
    /// Opens the chain in this folder, or begins one; also what the gateway has not confirmed of it, and its last entries. What another gateway's session of
    /// the same number left there, when its program was killed, is kept in a folder beside.
    pub(super) fn open(folder: &Path, origin: Origin, session_id: SessionId) -> Result<Opened, ErrorBody> {
        let failed = |e: &dyn std::fmt::Display| ErrorBody::new(ErrorCode::StorageFailed, format!("{}: {e}", folder.display()));
        folders::make_private_folder(folder).map_err(|e| failed(&e))?;
        let path = folder.join(CHAIN);
        let mut file = platform::append_private(&path).map_err(|e| failed(&e))?;
        let (entries, whole) = read_entries(&mut file).map_err(|e| failed(&e))?;
        file.set_len(whole).map_err(|e| failed(&e))?;
        let chain = match Chain::resume(origin, session_id, &entries) {
            Err(ChainError::Foreign { .. }) => {
                drop(file);
                set_aside(folder).map_err(|e| failed(&e))?;
                return Self::open(folder, origin, session_id);
            }
            resumed => resumed.map_err(|e| failed(&e))?,
        };
        let stored = fs::read_to_string(folder.join(STORED))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0u64);
        let earlier = entries.iter().rev().take(EARLIER).rev().cloned().collect();
        let pending = entries.into_iter().filter(|entry| entry.seq > stored).collect();
        let folder = folder.to_owned();
        Ok((Self { folder, file, chain }, pending, earlier))
    }

    /// Writes the next entry; it is on disk once this returns, or not at all.
    pub(super) fn append(&mut self, at: Timestamp, kind: &str, actor: &str, detail: &serde_json::Value) -> Result<ChainEntry, ErrorBody> {
        let failed = |e: &dyn std::fmt::Display| ErrorBody::new(ErrorCode::StorageFailed, e.to_string());
        let body = Body::from_value(&serde_json::json!({ "actor": actor, "detail": detail })).map_err(|e| failed(&e))?;
        let before = self.chain.clone();
        let entry = self.chain.append(at, kind, body).map_err(|e| failed(&e))?;
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
        Ok(entry)
    }

    /// Notes what the gateway has.
    pub(super) fn note_stored(&self, seq: u64) {
        // Losing this line only repeats an upload, which the gateway takes without effect.
        if let Err(e) = folders::write_private(&self.folder.join(STORED), seq.to_string().as_bytes()) {
            tracing::warn!(error = %e, "what is uploaded could not be noted");
        }
    }

    /// Removes the chain with its folder.
    pub(super) fn remove(&self) {
        if let Err(e) = fs::remove_dir_all(&self.folder) {
            tracing::debug!(error = %e, "a journal could not be removed");
        }
    }
}

/// Gives the folder a name that is still free.
fn set_aside(folder: &Path) -> std::io::Result<()> {
    let free = (1..)
        .map(|number| folder.with_extension(format!("other-{number}")))
        .find(|path| !path.exists());
    let beside = free.unwrap_or_else(|| folder.with_extension("other"));
    tracing::warn!(folder = %folder.display(), kept = %beside.display(), "a journal of another session is kept beside");
    fs::rename(folder, beside)
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
