//! Sentences for what the log and the capabilities say.

use farhand_assets::Words;
use farhand_engine::customer::LogLine;
use farhand_protocol::{permission::CapabilitySet, time::Timestamp};

/// `14:05` in UTC; the receipt has the whole moment.
pub(super) fn time_of_day(at: Timestamp) -> String {
    at.to_string().get(11..16).unwrap_or_default().to_owned()
}

/// A list of capabilities in words.
pub(super) fn capabilities(words: &Words, set: CapabilitySet) -> String {
    set.iter()
        .map(|c| words.text(&format!("capability-{}", c.key().replace('_', "-"))))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A sentence for a log line: `applet-log-<kind>` with the name and the capabilities in it, or the kind itself for one that is not known here.
pub(super) fn log_line(words: &Words, line: &LogLine) -> String {
    let key = format!("applet-log-{}", line.kind.replace(['.', '_'], "-"));
    if !words.has(&key) {
        return format!("{} · {}", line.actor, line.kind);
    }
    let text = |name: &str| line.detail.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let listed = match line.detail.get("capabilities") {
        Some(serde_json::Value::Array(keys)) => keys.iter().filter_map(|key| key.as_str()).collect::<Vec<_>>().join(","),
        _ => text("capabilities"),
    };
    let what = CapabilitySet::parse_list(&listed).map_or(listed, |set| capabilities(words, set));
    words.with(&key, &[("name", text("technician").into()), ("what", what.into())])
}
