//! The log of a session: chat lines and, between them, what happened and by whom. Lines come twice (from the peer link and
//! from the gateway's event log), in any order, and are shown once, by time.

use std::collections::BTreeSet;

use farhand_protocol::{api::SessionEvent, time::Timestamp};
use uuid::Uuid;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub what: LogWhat,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum LogWhat {
    /// A chat line.
    Chat {
        /// Of this technician.
        mine: bool,
        /// Plain text.
        text: String,
    },
    /// An event of the session.
    Event {
        /// `session.status`, `consent.allowed`, …
        kind: String,
        /// `customer`, `technician`, `administrator`, `system`.
        actor: String,
        /// What the kind tells.
        detail: serde_json::Value,
    },
}

/// All lines of a session, by time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SessionLog {
    entries: Vec<LogEntry>,
    chat_lines: BTreeSet<Uuid>,
    events: BTreeSet<i64>,
}

impl SessionLog {
    /// The lines, oldest first.
    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// A chat line, unless it is known.
    pub fn add_chat(&mut self, line_id: Uuid, mine: bool, at: Timestamp, text: String) {
        if self.chat_lines.insert(line_id) {
            self.insert(LogEntry {
                at,
                what: LogWhat::Chat { mine, text },
            });
        }
    }

    /// A stored event, unless it is known. Events that say nothing to people are dropped by the view, not here.
    pub fn add_event(&mut self, mut event: SessionEvent) {
        if !self.events.insert(event.event_id) {
            return;
        }
        // What both ends write down is told once, by the end where it took effect.
        let of_console = event.origin.starts_with("console:");
        if of_console && (event.kind.starts_with("view.") || event.kind.starts_with("control.")) {
            return;
        }
        unwrap_journal(&mut event);
        if event.kind == "chat.line" {
            self.add_stored_line(&event);
            return;
        }
        let what = LogWhat::Event {
            kind: event.kind,
            actor: event.actor,
            detail: event.detail,
        };
        self.insert(LogEntry {
            at: event.occurred_at,
            what,
        });
    }

    fn add_stored_line(&mut self, event: &SessionEvent) {
        let field = |name: &str| event.detail.get(name).and_then(serde_json::Value::as_str);
        let (Some(line_id), Some(text)) = (field("line_id").and_then(|id| id.parse().ok()), field("text")) else {
            return;
        };
        let mine = field("from").unwrap_or(&event.actor) != "customer";
        self.add_chat(line_id, mine, event.occurred_at, text.to_owned());
    }

    fn insert(&mut self, entry: LogEntry) {
        let place = self.entries.partition_point(|known| known.at <= entry.at);
        self.entries.insert(place, entry);
    }
}

/// A peer's chain carries who acted and the details together; the gateway's own events have them apart.
fn unwrap_journal(event: &mut SessionEvent) {
    let serde_json::Value::Object(fields) = &mut event.detail else {
        return;
    };
    if !fields.contains_key("detail") {
        return;
    }
    if let Some(actor) = fields.get("actor").and_then(serde_json::Value::as_str) {
        event.actor = actor.to_owned();
    }
    let inner = fields.remove("detail").unwrap_or_default();
    event.detail = inner;
}

#[cfg(test)]
mod tests {
    use farhand_protocol::ids::SessionId;

    use super::*;

    fn event(event_id: i64, at: i64, kind: &str, detail: serde_json::Value) -> SessionEvent {
        SessionEvent {
            event_id,
            session_id: SessionId(1),
            occurred_at: Timestamp(at),
            origin: "gateway".into(),
            seq: 1,
            kind: kind.into(),
            actor: "customer".into(),
            detail,
            hash: String::new(),
        }
    }

    #[test]
    fn lines_are_shown_once_and_in_order_of_time() {
        let mut log = SessionLog::default();
        let line = Uuid::from_u128(7);
        log.add_chat(line, false, Timestamp(30), "hello".into());
        log.add_event(event(1, 10, "session.status", serde_json::json!({"new": "waiting"})));
        log.add_event(event(1, 10, "session.status", serde_json::json!({"new": "waiting"})));
        log.add_event(event(2, 31, "chat.line", serde_json::json!({"line_id": line, "text": "hello"})));
        log.add_event(event(
            3,
            40,
            "chat.line",
            serde_json::json!({"line_id": Uuid::from_u128(8), "text": "anyone?"}),
        ));
        let at: Vec<i64> = log.entries().iter().map(|entry| entry.at.0).collect();
        assert_eq!(at, [10, 30, 40]);
    }

    #[test]
    fn what_a_peer_wrote_names_who_really_acted() {
        let mut log = SessionLog::default();
        let detail = serde_json::json!({"actor": "technician", "detail": {"technician": "Ada Kern"}});
        log.add_event(SessionEvent {
            origin: "applet:00".into(),
            ..event(1, 1, "view.started", detail.clone())
        });
        log.add_event(SessionEvent {
            origin: "console:00".into(),
            ..event(2, 2, "view.started", detail)
        });
        assert_eq!(log.entries().len(), 1, "told once");
        let LogWhat::Event { actor, detail, .. } = &log.entries()[0].what else {
            panic!()
        };
        assert_eq!((actor.as_str(), detail["technician"].as_str()), ("technician", Some("Ada Kern")));
    }
}
