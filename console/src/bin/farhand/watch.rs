//! `farhand watch`: what happens in a session until it ends. A line for people each, or, with `--json`, an object whose member `event` names what it is
//! (docs/watch.md). Names and members stay; new ones may come.

use std::io::Write;

use farhand_engine::{
    technician::EngineEvent,
    viewer::{LinkPath, LinkState, LinkStats, ViewerEvent},
};
use farhand_protocol::{
    api::SessionRow,
    error::ErrorBody,
    peer::{ConsentAnswer, ScreenState},
    session::Status,
};
use serde_json::{Value, json};

use super::link::SessionLink;

/// One happening, for programs and for people.
#[derive(Debug)]
pub struct Line {
    json: Value,
    text: String,
}

/// Prints what happens until the session ends, the time is up, or nobody reads any more.
///
/// # Errors
/// Why this program is no longer signed in.
pub fn run(link: &SessionLink, json: bool, view: bool) -> Result<(), ErrorBody> {
    if view {
        link.subscribe();
    }
    let mut out = std::io::stdout();
    while let Some(event) = link.next_event() {
        let (line, last) = match event {
            EngineEvent::Session { session_id, event } if session_id == link.session_id() => (of_link(&event), false),
            EngineEvent::SessionChanged(row) if row.session_id == link.session_id() => {
                let is_over = row.status.is_some_and(Status::is_final);
                (Some(of_row(&row)), is_over)
            }
            EngineEvent::EventStored(event) if event.session_id == link.session_id() => {
                let text = format!("stored      {} {}{}", event.actor, event.kind, named(&event.detail));
                (Some(Line::new("stored", json!({ "detail": event }), text)), false)
            }
            EngineEvent::SignedOut(None) => return Ok(()),
            EngineEvent::SignedOut(Some(error)) => return Err(error),
            _ => (None, false),
        };
        let said = line.map_or(Ok(()), |line| {
            if json {
                writeln!(out, "{}", line.json)
            } else {
                writeln!(out, "{}", line.text)
            }
        });
        if last || said.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

impl Line {
    /// `members` is an object; `event` is added to it.
    fn new(event: &str, mut members: Value, text: String) -> Self {
        if let Some(members) = members.as_object_mut() {
            members.insert("event".to_owned(), event.into());
        }
        Self { json: members, text }
    }
}

fn of_row(row: &SessionRow) -> Line {
    let status = row
        .status
        .map_or_else(|| "waits for the customer".to_owned(), |status| status.to_string());
    Line::new("session", json!({ "row": row }), format!("session     {status}"))
}

/// What is told with an event, as ` name=value` for each thing that has a value: the lines are for people.
fn named(detail: &Value) -> String {
    let inner = detail.get("detail").unwrap_or(detail);
    let Some(fields) = inner.as_object() else {
        return String::new();
    };
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    let shown = fields.iter().filter(|(_, value)| !value.is_null() && !value.is_object());
    shown.map(|(name, value)| format!(" {name}={}", plain(value))).collect()
}

/// What the peer link told; none for a picture, which is not a line.
fn of_link(event: &ViewerEvent) -> Option<Line> {
    let on_off = |on: bool| if on { "begins" } else { "ends" };
    Some(match event {
        ViewerEvent::Picture | ViewerEvent::Done(_) => return None,
        ViewerEvent::Link(state) => of_state(state),
        ViewerEvent::Welcome(welcome) => Line::new(
            "welcome",
            json!({
                "device": welcome.device, "system": welcome.system,
                "granted": welcome.granted.to_string(), "ceiling": welcome.ceiling.to_string(),
            }),
            format!(
                "welcome     {}, {}; allowed: {}",
                welcome.device,
                welcome.system,
                listed(&welcome.granted)
            ),
        ),
        ViewerEvent::Sas(code) => Line::new(
            "check",
            json!({ "code": code }),
            format!("check       {code} (compare it by voice)"),
        ),
        ViewerEvent::Consent { answer, capabilities, .. } => Line::new(
            "consent",
            json!({ "answer": answer, "capabilities": capabilities.to_string() }),
            format!("consent     {}: {}", answered(*answer), listed(capabilities)),
        ),
        ViewerEvent::Grant { granted, cause } => Line::new(
            "grant",
            json!({ "granted": granted.to_string(), "cause": cause }),
            format!("allowed     {}", listed(granted)),
        ),
        ViewerEvent::Layout(layout) => {
            let bounds = layout.bounds();
            let count = layout.monitors.len();
            let text = format!("monitors    {count}, {}×{} pixels", bounds.width, bounds.height);
            Line::new("layout", json!({ "layout": layout }), text)
        }
        ViewerEvent::Screen(state) => Line::new("screen", json!({ "state": state }), format!("screen      {}", shown(state))),
        ViewerEvent::Control(on) => Line::new("control", json!({ "on": on }), format!("control     {}", on_off(*on))),
        ViewerEvent::View(on) => Line::new("view", json!({ "on": on }), format!("view        {}", on_off(*on))),
        ViewerEvent::Chat { mine, text, at, .. } => {
            let who = if *mine { "technician" } else { "customer" };
            let line = format!("chat        {who}: {text}");
            Line::new("chat", json!({ "mine": mine, "at": at, "text": text }), line)
        }
        ViewerEvent::Participants(present) => {
            let names: Vec<&str> = present.iter().map(|(who, _)| who.name.as_str()).collect();
            let text = format!("linked      {}", names.join(", "));
            let present: Vec<Value> = present
                .iter()
                .map(|(who, granted)| json!({ "technician": who, "granted": granted.to_string() }))
                .collect();
            Line::new("participants", json!({ "present": present }), text)
        }
        ViewerEvent::Refused(error) => Line::new("refused", json!({ "error": error }), format!("refused     {error}")),
        ViewerEvent::Stats(stats) => of_stats(stats),
    })
}

fn of_state(state: &LinkState) -> Line {
    match state {
        LinkState::Connecting(what) => {
            // The Fluent key of what is waited for ends in its name.
            let waits_for = what.rsplit('-').next().unwrap_or_default();
            let text = format!("link        connecting ({waits_for})");
            Line::new("link", json!({ "state": "connecting", "waits_for": waits_for }), text)
        }
        LinkState::Up(path) => {
            let path = path_name(*path);
            Line::new("link", json!({ "state": "up", "path": path }), format!("link        up, {path}"))
        }
        LinkState::Stalled { silent_millis } => Line::new(
            "link",
            json!({ "state": "silent", "silent_millis": silent_millis }),
            format!("link        nothing heard for {:.1} s", *silent_millis as f64 / 1000.0),
        ),
        LinkState::Lost { error, retry_in_millis } => Line::new(
            "link",
            json!({ "state": "lost", "error": error, "retry_in_millis": retry_in_millis }),
            format!("link        lost ({error}); next try in {:.1} s", *retry_in_millis as f64 / 1000.0),
        ),
        LinkState::Ended(error) => Line::new(
            "link",
            json!({ "state": "ended", "error": error }),
            format!("link        ended ({error})"),
        ),
    }
}

fn of_stats(stats: &LinkStats) -> Line {
    let path = path_name(stats.path);
    let stages = stats.stages.map(|stages| {
        json!({
            "capture_micros": stages.capture_micros, "compare_micros": stages.compare_micros, "encode_micros": stages.encode_micros,
            "network_micros": stages.network_micros, "decode_micros": stages.decode_micros, "present_micros": stages.present_micros,
            "offset_micros": stages.offset_micros, "offset_error_micros": stages.offset_error_micros,
        })
    });
    let json = json!({
        "path": path, "rtt_millis": stats.rtt_millis, "received_bps": stats.received_bps,
        "updates_per_second": stats.updates_per_second, "exact": stats.exact, "latency_millis": stats.latency_millis,
        "stages": stages,
    });
    let exact = if stats.exact { "exact" } else { "not exact yet" };
    let text = format!(
        "figures     {path}, {} ms, {} kbit/s, {} updates/s, {exact}",
        stats.rtt_millis,
        stats.received_bps / 1000,
        stats.updates_per_second
    );
    Line::new("stats", json, text)
}

fn path_name(path: LinkPath) -> &'static str {
    match path {
        LinkPath::Unknown => "unknown",
        LinkPath::Direct => "direct",
        LinkPath::Relayed => "relayed",
    }
}

fn answered(answer: ConsentAnswer) -> &'static str {
    match answer {
        ConsentAnswer::Asking => "asked",
        ConsentAnswer::Allowed => "allowed",
        ConsentAnswer::Refused => "refused",
        ConsentAnswer::TimedOut => "no answer",
        ConsentAnswer::AllowedInAdvance => "allowed in advance",
    }
}

fn shown(state: &ScreenState) -> String {
    match state {
        ScreenState::Shown => "is shown".to_owned(),
        ScreenState::Locked => "is locked".to_owned(),
        ScreenState::Unavailable(error) => format!("cannot be shown ({error})"),
    }
}

fn listed(capabilities: &farhand_protocol::permission::CapabilitySet) -> String {
    let text = capabilities.to_string();
    if text.is_empty() { "nothing".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::error::ErrorCode;

    use super::*;

    /// Every event there is, but pictures.
    fn all() -> Vec<ViewerEvent> {
        let error = ErrorBody::new(ErrorCode::LinkLost, "gone");
        let nothing = farhand_protocol::permission::CapabilitySet::EMPTY;
        vec![
            ViewerEvent::Link(LinkState::Connecting("console-link-ticket")),
            ViewerEvent::Link(LinkState::Up(LinkPath::Direct)),
            ViewerEvent::Link(LinkState::Stalled { silent_millis: 2100 }),
            ViewerEvent::Link(LinkState::Lost {
                error: error.clone(),
                retry_in_millis: 250,
            }),
            ViewerEvent::Link(LinkState::Ended(error.clone())),
            ViewerEvent::Sas("42 17 93".into()),
            ViewerEvent::Consent {
                request_id: uuid::Uuid::nil(),
                answer: ConsentAnswer::AllowedInAdvance,
                capabilities: nothing,
            },
            ViewerEvent::Grant {
                granted: nothing,
                cause: farhand_protocol::peer::GrantCause::StopKey,
            },
            ViewerEvent::Layout(Default::default()),
            ViewerEvent::Screen(ScreenState::Unavailable(error.clone())),
            ViewerEvent::Control(true),
            ViewerEvent::View(false),
            ViewerEvent::Participants(vec![]),
            ViewerEvent::Refused(error),
            ViewerEvent::Stats(LinkStats::default()),
        ]
    }

    #[test]
    fn every_event_is_an_object_with_a_documented_name_and_a_line_without_rusts_own_words() {
        let docs = include_str!("../../../../docs/watch.md");
        for event in all() {
            let line = of_link(&event).unwrap();
            let name = line.json["event"].as_str().unwrap();
            assert!(docs.contains(&format!("| `{name}` |")), "docs/watch.md lacks {name}");
            for member in line.json.as_object().unwrap().keys().filter(|key| *key != "event") {
                assert!(docs.contains(&format!("`{member}`")), "docs/watch.md lacks {name}'s {member}");
            }
            for odd in ["{", "Some(", "ErrorBody", "ErrorCode"] {
                assert!(!line.text.contains(odd), "{}", line.text);
            }
        }
    }

    #[test]
    fn a_lost_link_says_why_to_both() {
        let line = of_link(&all()[3]).unwrap();
        assert_eq!(line.json["state"], "lost");
        assert_eq!(line.json["error"]["code"], "link.lost");
        assert_eq!(line.text, "link        lost (link.lost: gone); next try in 0.2 s");
    }
}
