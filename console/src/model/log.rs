//! The log of a session: chat lines and, between them, what happened and by whom. Lines come twice (from the peer link and
//! from the gateway's event log), in any order, and are shown once, by time.

use std::collections::BTreeSet;

use farhand_protocol::{api::SessionEvent, ids::MemberId, permission::CapabilitySet, time::Timestamp};
use uuid::Uuid;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub what: LogWhat,
}

/// Who wrote a chat line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// This technician.
    Me,
    /// The customer.
    Customer,
    /// Another technician, by name.
    Technician(String),
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum LogWhat {
    /// A chat line.
    Chat {
        /// Whose.
        from: Writer,
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
    /// Those of them that came over the peer link.
    linked_lines: BTreeSet<Uuid>,
    events: BTreeSet<i64>,
}

impl SessionLog {
    /// The lines, oldest first.
    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// A chat line of the peer link, unless it is known. True when the link had not told it before: a line that is only said again calls nobody, one
    /// that the gateway told first does.
    pub fn add_chat(&mut self, line_id: Uuid, from: Writer, at: Timestamp, text: String) -> bool {
        self.add_line(line_id, from, at, text);
        self.linked_lines.insert(line_id)
    }

    fn add_line(&mut self, line_id: Uuid, from: Writer, at: Timestamp, text: String) {
        if self.chat_lines.insert(line_id) {
            self.insert(LogEntry {
                at,
                what: LogWhat::Chat { from, text },
            });
        }
    }

    /// A stored event, unless it is known; `me` tells this technician's lines from those of others. Events that say nothing to people are
    /// dropped by the view, not here.
    pub fn add_event(&mut self, mut event: SessionEvent, me: Option<MemberId>) {
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
            self.add_stored_line(&event, me);
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

    /// What this technician has asked for and nobody has answered yet, as the customer's side wrote it down: where one yes is for everything, that is
    /// more than was pressed (APP-25).
    pub fn asked_by(&self, me: MemberId) -> CapabilitySet {
        let mut asked = CapabilitySet::EMPTY;
        for entry in &self.entries {
            let LogWhat::Event { kind, detail, .. } = &entry.what else {
                continue;
            };
            if detail.get("member_id").and_then(serde_json::Value::as_i64) != Some(me.0) {
                continue;
            }
            let what = capabilities_of(detail).unwrap_or(CapabilitySet::EMPTY);
            asked = match kind.strip_prefix("consent.") {
                Some("asked") => asked.or(what),
                Some(_) => asked.minus(what),
                None => asked,
            };
        }
        asked
    }

    /// What this technician's last question was about, as long as nobody has allowed or withdrawn it: the answer to one that was not asked from here, at
    /// the start of the session or before the console was started anew, does not say it.
    pub fn last_question(&self, me: MemberId) -> CapabilitySet {
        let last = self.entries.iter().rev().find_map(|entry| match &entry.what {
            LogWhat::Event { kind, detail, .. } if kind.starts_with("consent.") => {
                let is_mine = detail.get("member_id").and_then(serde_json::Value::as_i64) == Some(me.0);
                is_mine.then_some((kind.as_str(), detail))
            }
            _ => None,
        });
        match last {
            Some(("consent.asked" | "consent.refused" | "consent.timed_out", detail)) => {
                capabilities_of(detail).unwrap_or(CapabilitySet::EMPTY)
            }
            _ => CapabilitySet::EMPTY,
        }
    }

    fn add_stored_line(&mut self, event: &SessionEvent, me: Option<MemberId>) {
        let field = |name: &str| event.detail.get(name).and_then(serde_json::Value::as_str);
        let (Some(line_id), Some(text)) = (field("line_id").and_then(|id| id.parse().ok()), field("text")) else {
            return;
        };
        let member = event.detail.get("member_id").and_then(serde_json::Value::as_i64).map(MemberId);
        let from = if event.actor == "customer" {
            Writer::Customer
        } else if member.is_some() && member == me {
            Writer::Me
        } else {
            Writer::Technician(field("technician").unwrap_or_default().to_owned())
        };
        self.add_line(line_id, from, event.occurred_at, text.to_owned());
    }

    fn insert(&mut self, entry: LogEntry) {
        let place = self.entries.partition_point(|known| known.at <= entry.at);
        self.entries.insert(place, entry);
    }
}

/// The capabilities an event is about, which come as a number, a list of keys or a text of keys.
pub fn capabilities_of(detail: &serde_json::Value) -> Option<CapabilitySet> {
    let value = detail.get("capabilities").or_else(|| detail.get("granted"))?;
    let text = match value {
        serde_json::Value::Number(bits) => {
            return bits.as_u64().and_then(|bits| u32::try_from(bits).ok()).map(Into::into);
        }
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(keys) => keys.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(","),
        _ => return None,
    };
    CapabilitySet::parse_list(&text).ok()
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
    use farhand_protocol::{ids::SessionId, permission::Capability};

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
        log.add_chat(line, Writer::Customer, Timestamp(30), "hello".into());
        let stored = [
            event(1, 10, "session.status", serde_json::json!({"new": "waiting"})),
            event(1, 10, "session.status", serde_json::json!({"new": "waiting"})),
            event(2, 31, "chat.line", serde_json::json!({"line_id": line, "text": "hello"})),
            event(
                3,
                40,
                "chat.line",
                serde_json::json!({"line_id": Uuid::from_u128(8), "text": "anyone?"}),
            ),
        ];
        stored.into_iter().for_each(|event| log.add_event(event, None));
        let at: Vec<i64> = log.entries().iter().map(|entry| entry.at.0).collect();
        assert_eq!(at, [10, 30, 40]);
    }

    #[test]
    fn a_line_calls_once_and_also_when_the_gateway_told_it_first() {
        let mut log = SessionLog::default();
        let line = Uuid::from_u128(7);
        log.add_event(
            event(1, 10, "chat.line", serde_json::json!({"line_id": line, "text": "hello"})),
            None,
        );
        assert!(log.add_chat(line, Writer::Customer, Timestamp(10), "hello".into()));
        assert!(!log.add_chat(line, Writer::Customer, Timestamp(10), "hello".into()));
        assert_eq!(log.entries().len(), 1);
    }

    #[test]
    fn what_a_peer_wrote_names_who_really_acted() {
        let mut log = SessionLog::default();
        let detail = serde_json::json!({"actor": "technician", "detail": {"technician": "Ada Kern"}});
        for (event_id, origin) in [(1, "applet:00"), (2, "console:00")] {
            let event = SessionEvent {
                origin: origin.into(),
                ..event(event_id, event_id, "view.started", detail.clone())
            };
            log.add_event(event, None);
        }
        assert_eq!(log.entries().len(), 1, "told once");
        let LogWhat::Event { actor, detail, .. } = &log.entries()[0].what else {
            panic!()
        };
        assert_eq!((actor.as_str(), detail["technician"].as_str()), ("technician", Some("Ada Kern")));
    }

    #[test]
    fn what_is_asked_is_what_was_written_down_of_mine_and_not_answered() {
        let mut log = SessionLog::default();
        let consent = |at: i64, kind: &str, member: i64, capabilities: &[&str]| {
            let inner = serde_json::json!({"capabilities": capabilities, "member_id": member, "technician": "Ada Kern"});
            event(at, at, kind, serde_json::json!({"actor": "technician", "detail": inner}))
        };
        let set = |capabilities: &[Capability]| capabilities.iter().copied().collect::<CapabilitySet>();
        let mut told = |event: SessionEvent| {
            log.add_event(event, Some(MemberId(1)));
            log.asked_by(MemberId(1))
        };
        let both = set(&[Capability::View, Capability::Reboot]);
        assert_eq!(told(consent(10, "consent.asked", 1, &["view", "reboot"])), both);
        assert_eq!(told(consent(11, "consent.asked", 2, &["clipboard"])), both, "another technician");
        assert_eq!(told(consent(30, "consent.refused", 1, &["reboot"])), set(&[Capability::View]));
        // What was stored while the line was down comes later, and counts when it happened.
        assert_eq!(told(consent(20, "consent.asked", 1, &["reboot"])), set(&[Capability::View]));
        assert_eq!(told(consent(31, "consent.allowed", 1, &["view"])), CapabilitySet::EMPTY);
    }

    #[test]
    fn a_stored_line_is_mine_only_when_i_wrote_it() {
        let mut log = SessionLog::default();
        let line = |event_id: i64, actor: &str, detail: serde_json::Value| {
            let mut whole = serde_json::json!({"line_id": Uuid::from_u128(event_id.unsigned_abs().into()), "text": "x"});
            if let (Some(whole), Some(more)) = (whole.as_object_mut(), detail.as_object()) {
                whole.extend(more.clone());
            }
            event(
                event_id,
                event_id,
                "chat.line",
                serde_json::json!({"actor": actor, "detail": whole}),
            )
        };
        let stored = [
            line(1, "customer", serde_json::json!({})),
            line(2, "technician", serde_json::json!({"member_id": 1, "technician": "Ada Kern"})),
            line(3, "technician", serde_json::json!({"member_id": 2, "technician": "Tom Baker"})),
        ];
        stored.into_iter().for_each(|event| log.add_event(event, Some(MemberId(1))));
        let from: Vec<&Writer> = log
            .entries()
            .iter()
            .filter_map(|entry| match &entry.what {
                LogWhat::Chat { from, .. } => Some(from),
                LogWhat::Event { .. } => None,
            })
            .collect();
        assert_eq!(from, [&Writer::Customer, &Writer::Me, &Writer::Technician("Tom Baker".into())]);
    }
}
