//! What happened on this side of a session, as a hash chain on disk: written before it counts, uploaded when the gateway is there, repeated until
//! the gateway says that it is stored. Whoever hands over a line goes on at once; that it is on disk is told by [`Written`].
//!
//! ```text
//! append ─► thread of Disk ─► <folder>/chain ─► Written ─► pending ─► upload ─► <folder>/stored
//!
//! <folder>/chain     entries, each {length u32 BE, CBOR}; a tail cut off by a crash is dropped when the file is opened
//! <folder>/stored    the last number the gateway has, as text
//! ```

mod disk;
mod file;

use std::{fs::File, path::PathBuf, sync::Arc};

use farhand_protocol::{
    chain::{ChainEntry, Origin, upload_of},
    error::ErrorBody,
    ids::SessionId,
};
use parking_lot::Mutex;

pub use self::disk::Disk;

use self::file::ChainFile;
use crate::{clock, host::Place};

/// A line of the journal as it was handed over.
#[derive(Debug, Clone)]
pub struct Line {
    /// Such as `consent.allowed`, `control.started`, `chat.line`.
    pub kind: String,
    /// `customer`, `technician` or `system`.
    pub actor: String,
    /// A JSON object of texts, whole numbers, lists and maps, or null.
    pub detail: serde_json::Value,
    /// The peer's place in the queue, kept until the line is on disk; none for what nobody else caused.
    pub place: Option<Place>,
}

impl Line {
    /// A line of our own.
    pub fn new(kind: &str, actor: &str, detail: serde_json::Value) -> Self {
        Self {
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            detail,
            place: None,
        }
    }
}

/// What became of a line.
#[derive(Debug, Clone)]
pub struct Written {
    /// The session.
    pub session_id: SessionId,
    /// Whose chain.
    pub origin: Origin,
    /// The line.
    pub line: Line,
    /// The entry, on disk now; or why the disk refused it (`storage.failed`).
    pub result: Result<ChainEntry, ErrorBody>,
}

/// Hears of each line; called on the thread of the disk, so it must not block.
pub type OnWritten = Arc<dyn Fn(Written) + Send + Sync>;

/// The chain of one origin in one session.
pub struct Journal {
    disk: Disk,
    file: Arc<Mutex<ChainFile>>,
    on_written: OnWritten,
    origin: Origin,
    session_id: SessionId,
    /// Entries on disk that the gateway has not confirmed.
    pending: Vec<ChainEntry>,
    /// Lines handed over and not told of yet.
    unwritten: usize,
    /// The last entries an earlier run wrote.
    earlier: Vec<ChainEntry>,
    /// Held for as long as this process writes it.
    held: Option<File>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("session_id", &self.session_id)
            .field("pending", &self.pending.len())
            .field("unwritten", &self.unwritten)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the chain in this folder, or begins one.
    ///
    /// # Errors
    /// `storage.failed` when the folder cannot be written, or holds another chain.
    pub async fn open(
        disk: &Disk,
        folder: PathBuf,
        origin: Origin,
        session_id: SessionId,
        on_written: OnWritten,
    ) -> Result<Self, ErrorBody> {
        let (file, pending, earlier) = disk.call(move || ChainFile::open(&folder, origin, session_id)).await??;
        Ok(Self {
            disk: disk.clone(),
            file: Arc::new(Mutex::new(file)),
            on_written,
            origin,
            session_id,
            pending,
            unwritten: 0,
            earlier,
            held: None,
        })
    }

    /// Hands over the next line, dated now; it counts once it is told to be written and [`Journal::handle_written`] has heard so. Never blocks.
    pub fn append(&mut self, line: Line) {
        self.unwritten += 1;
        let (file, on_written, at) = (self.file.clone(), self.on_written.clone(), clock::now());
        let (session_id, origin) = (self.session_id, self.origin);
        self.disk.run(move || {
            let result = file.lock().append(at, &line.kind, &line.actor, &line.detail);
            on_written(Written {
                session_id,
                origin,
                line,
                result,
            });
        });
    }

    /// A line of this chain is on disk, or was refused: from now on it may be uploaded.
    pub fn handle_written(&mut self, written: &Written) {
        self.unwritten = self.unwritten.saturating_sub(1);
        self.pending.extend(written.result.clone().ok());
    }

    /// What is on disk and not confirmed by the gateway, oldest first, at most one upload's worth.
    pub fn pending(&self) -> Vec<ChainEntry> {
        upload_of(&self.pending).to_vec()
    }

    /// True when everything is on disk and the gateway has it.
    pub fn is_uploaded(&self) -> bool {
        self.pending.is_empty() && self.unwritten == 0
    }

    /// The gateway has everything up to this number; true when that is news, so that the rest is worth sending.
    pub fn handle_stored(&mut self, seq: u64) -> bool {
        let before = self.pending.len();
        self.pending.retain(|entry| entry.seq > seq);
        let file = self.file.clone();
        self.disk.run(move || file.lock().note_stored(seq));
        self.pending.len() < before
    }

    /// The last entries an earlier run wrote, once.
    pub fn take_earlier(&mut self) -> Vec<ChainEntry> {
        std::mem::take(&mut self.earlier)
    }

    /// Keeps a locked file until the journal is dropped, so that no other process takes it for abandoned.
    #[must_use]
    pub fn holding(mut self, lock: File) -> Self {
        self.held = Some(lock);
        self
    }

    /// The session it belongs to.
    pub fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// Who writes it.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Removes the chain from disk; for one that is uploaded, or that nobody wants.
    pub fn remove(self) {
        let (file, held) = (self.file, self.held);
        self.disk.run(move || {
            drop(held);
            file.lock().remove();
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use farhand_protocol::{chain::verify, ids::PeerKey};
    use tokio::sync::mpsc;

    use super::*;

    fn origin() -> Origin {
        Origin::Applet(PeerKey([3; 32]))
    }

    async fn opened(disk: &Disk, folder: &std::path::Path) -> (Journal, mpsc::UnboundedReceiver<Written>) {
        let (tell, told) = mpsc::unbounded_channel();
        let on_written = Arc::new(move |written| drop(tell.send(written)));
        let journal = Journal::open(disk, folder.to_owned(), origin(), SessionId(4), on_written)
            .await
            .unwrap();
        (journal, told)
    }

    async fn append(journal: &mut Journal, told: &mut mpsc::UnboundedReceiver<Written>, lines: std::ops::Range<u64>) {
        for n in lines.clone() {
            journal.append(Line::new("chat.line", "customer", serde_json::json!({ "n": n })));
        }
        for _ in lines {
            let written = told.recv().await.unwrap();
            journal.handle_written(&written);
        }
    }

    #[tokio::test]
    async fn a_chain_goes_on_after_a_crash_in_the_middle_of_a_write() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::start().unwrap();
        let (mut journal, mut told) = opened(&disk, folder.path()).await;
        append(&mut journal, &mut told, 0..3).await;
        drop(journal);
        let path = folder.path().join("chain");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
        let (mut journal, mut told) = opened(&disk, folder.path()).await;
        assert_eq!(journal.pending().len(), 2);
        append(&mut journal, &mut told, 9..10).await;
        drop(journal);
        let (journal, _told) = opened(&disk, folder.path()).await;
        assert_eq!(verify(&journal.pending()).unwrap().seq, 3);
    }

    #[tokio::test]
    async fn what_a_session_of_the_same_number_at_another_gateway_left_is_kept_and_stands_in_nobodys_way() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("journal");
        let disk = Disk::start().unwrap();
        let (mut journal, mut told) = opened(&disk, &folder).await;
        append(&mut journal, &mut told, 0..3).await;
        drop(journal);
        let left = fs::read(folder.join("chain")).unwrap();
        let other = Origin::Applet(PeerKey([4; 32]));
        let journal = Journal::open(&disk, folder.clone(), other, SessionId(4), Arc::new(|_| {}))
            .await
            .unwrap();
        assert!(journal.pending().is_empty());
        assert_eq!(fs::read(state.path().join("journal.other-1/chain")).unwrap(), left);
    }

    #[tokio::test]
    async fn what_the_gateway_stored_is_not_uploaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::start().unwrap();
        let (mut journal, mut told) = opened(&disk, folder.path()).await;
        append(&mut journal, &mut told, 0..5).await;
        journal.handle_stored(3);
        drop(journal);
        let (journal, _told) = opened(&disk, folder.path()).await;
        assert_eq!(journal.pending().iter().map(|e| e.seq).collect::<Vec<_>>(), [4, 5]);
    }

    #[tokio::test]
    async fn a_line_counts_only_once_the_disk_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::start().unwrap();
        let (mut journal, mut told) = opened(&disk, folder.path()).await;
        let (go_on, stalled) = std::sync::mpsc::channel::<()>();
        disk.run(move || {
            let _ = stalled.recv();
        });
        journal.append(Line::new("x.y", "system", serde_json::Value::Null));
        assert!(told.try_recv().is_err() && journal.pending().is_empty() && !journal.is_uploaded());
        drop(go_on);
        let written = told.recv().await.unwrap();
        journal.handle_written(&written);
        assert_eq!((journal.pending().len(), written.result.unwrap().seq), (1, 1));
    }
}
