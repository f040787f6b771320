//! The receipt: what was done, by whom and when, as a text a person can read, with the hash chain that proves it beneath.

use std::{collections::VecDeque, fmt::Write as _, io::Write as _, path::PathBuf};

use chrono::{Local, TimeZone};
use farhand_protocol::{
    chain::ChainEntry,
    error::{ErrorBody, ErrorCode},
    time::Timestamp,
};

use super::{CustomerEvent, LogLine, Own, ReceiptWords, running::Finished};
use crate::platform;

/// Most bytes of lines kept for the receipt; the chain has them all.
const MOST_BYTES: usize = 8 << 20;

/// The lines of the receipt, oldest first. Bounded: beyond [`MOST_BYTES`] the oldest go, and it says how many.
#[derive(Debug, Clone, Default)]
pub(super) struct LogLines {
    lines: VecDeque<(usize, LogLine)>,
    bytes: usize,
    left_out: u64,
}

impl LogLines {
    /// Takes in the next line.
    pub(super) fn push(&mut self, line: LogLine) {
        let bytes = size_of::<LogLine>() + line.kind.len() + line.actor.len() + line.detail.to_string().len();
        self.bytes += bytes;
        self.lines.push_back((bytes, line));
        while self.bytes > MOST_BYTES {
            let Some((bytes, _)) = self.lines.pop_front() else { return };
            self.bytes -= bytes;
            self.left_out += 1;
        }
    }
}

/// Writes the receipt of a session, on the thread of the disk, and tells how that went. It says what a customer wrote: only its owner can read it.
pub(super) fn save(own: &Own, path: PathBuf, words: ReceiptWords, finished: Finished) {
    let tell = own.clone();
    own.disk.run(move || {
        let text = text_of(&finished.lines, finished.last_entry.as_ref(), &words, &Local);
        let written = platform::replace_private(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.commit()
        });
        tell.tell(match written {
            Ok(()) => CustomerEvent::ReceiptSaved(path),
            Err(e) => {
                let message = format!("{} could not be written: {e}", path.display());
                CustomerEvent::Failed(ErrorBody::new(ErrorCode::StorageFailed, message))
            }
        });
    });
}

/// Sentences for a person first, then the same lines as they were recorded, with the hash that closes the chain.
fn text_of<Z>(lines: &LogLines, head: Option<&ChainEntry>, words: &ReceiptWords, zone: &Z) -> String
where
    Z: TimeZone<Offset: std::fmt::Display>,
{
    let mut text = words.heading.join("\n");
    text.push_str("\n\n");
    if lines.left_out > 0 {
        let _ = writeln!(text, "{}\n", (words.left_out)(lines.left_out));
    }
    for (_, line) in &lines.lines {
        // One line each, whatever somebody wrote.
        let sentence = (words.say)(line).replace(['\r', '\n'], " ");
        let _ = writeln!(text, "{}  {sentence}", at_the_wall(line.at, zone));
    }
    let _ = writeln!(text, "\n{}\n", words.chain);
    for (_, line) in &lines.lines {
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
    text
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
    use std::sync::Arc;

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

    #[test]
    fn a_flood_of_lines_stays_bounded_and_is_owned_up_to() {
        let mut lines = LogLines::default();
        for _ in 0..2000 {
            lines.push(LogLine {
                at: Timestamp(0),
                kind: "chat.line".into(),
                actor: "technician".into(),
                detail: "x".repeat(16 << 10).into(),
            });
        }
        assert!(lines.bytes <= MOST_BYTES && lines.bytes > MOST_BYTES / 2);
        assert_eq!(lines.left_out + lines.lines.len() as u64, 2000);
    }

    #[test]
    fn a_receipt_has_sentences_with_local_times_and_then_the_record() {
        let mut lines = LogLines::default();
        lines.push(LogLine {
            at: Timestamp::parse("2026-11-22T23:30:59Z").unwrap(),
            kind: "consent.asked".into(),
            actor: "technician".into(),
            detail: serde_json::json!({ "capabilities": ["view"], "member_id": 2 }),
        });
        let words = ReceiptWords {
            heading: vec!["Beleg 4".into()],
            left_out: Arc::new(|count| count.to_string()),
            say: Arc::new(|line| format!("Satz zu\n{}", line.kind)),
            chain: "Zum Nachprüfen".into(),
        };
        let text = text_of(&lines, None, &words, &FixedOffset::east_opt(3600).unwrap());
        let (people, record) = text.split_once("Zum Nachprüfen").unwrap();
        assert_eq!(people, "Beleg 4\n\n2026-11-23 00:30:59 +01:00  Satz zu consent.asked\n\n");
        assert!(
            record.contains("2026-11-22T23:30:59.000Z  technician   consent.asked  {"),
            "{record}"
        );
    }
}
