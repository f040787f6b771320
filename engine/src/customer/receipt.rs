//! The receipt: what was done, by whom and when, as a text a person can read, with the hash chain that proves it beneath.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use farhand_protocol::{
    api::JoinAnswer,
    chain::ChainEntry,
    error::{ErrorBody, ErrorCode},
};

use super::{CustomerEvent, LogLine, running::Finished};

/// Writes the receipt of a session that is over.
pub(super) fn save(path: PathBuf, finished: &Finished) -> CustomerEvent {
    match write(&path, &finished.answer, &finished.lines, finished.last_entry.as_ref()) {
        Ok(()) => CustomerEvent::ReceiptSaved(path),
        Err(error) => CustomerEvent::Failed(error),
    }
}

/// Writes the receipt of a session.
pub(super) fn write(path: &Path, answer: &JoinAnswer, lines: &[LogLine], head: Option<&ChainEntry>) -> Result<(), ErrorBody> {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Farhand session {}\nOrganisation: {}\nTechnician: {}\n",
        answer.session_id, answer.organisation, answer.technician.name
    );
    for line in lines {
        let detail = if line.detail.is_null() {
            String::new()
        } else {
            format!("  {}", line.detail)
        };
        let _ = writeln!(text, "{}  {:<12} {}{detail}", line.at, line.actor, line.kind);
    }
    if let Some(head) = head {
        let _ = writeln!(text, "\nLast entry {} of {}, SHA-256 {}", head.seq, head.origin, head.hash());
    }
    fs::write(path, text).map_err(|e| ErrorBody::new(ErrorCode::StorageFailed, format!("{} could not be written: {e}", path.display())))
}
