//! The receipt: what was done, by whom and when, as a text a person can read, with the hash chain that proves it beneath.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use chrono::{Local, TimeZone};
use farhand_protocol::{
    api::JoinAnswer,
    chain::ChainEntry,
    error::{ErrorBody, ErrorCode},
    time::Timestamp,
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
        let _ = writeln!(text, "{}  {:<12} {}{detail}", at_the_wall(line.at, &Local), line.actor, line.kind);
    }
    if let Some(head) = head {
        let _ = writeln!(text, "\nLast entry {} of {}, SHA-256 {}", head.seq, head.origin, head.hash());
    }
    fs::write(path, text).map_err(|e| ErrorBody::new(ErrorCode::StorageFailed, format!("{} could not be written: {e}", path.display())))
}

/// `2026-11-22 14:05:31 +01:00`: as the clock on the customer's wall showed it then, and how far that is from UTC.
fn at_the_wall<Z: TimeZone<Offset: std::fmt::Display>>(at: Timestamp, zone: &Z) -> String {
    match zone.timestamp_millis_opt(at.0).earliest() {
        Some(moment) => moment.format("%Y-%m-%d %H:%M:%S %:z").to_string(),
        None => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;

    #[test]
    fn a_receipt_tells_the_time_of_the_wall_and_its_distance_from_utc() {
        let at = Timestamp::parse("2026-11-22T23:30:59Z").unwrap();
        let india = FixedOffset::east_opt(19_800).unwrap();
        assert_eq!(at_the_wall(at, &india), "2026-11-23 05:00:59 +05:30");
        assert_eq!(
            at_the_wall(Timestamp(i64::MAX), &india),
            Timestamp(i64::MAX).to_string(),
            "no such day"
        );
    }
}
