//! Sentences for what the log and the capabilities say.

use farhand_assets::Words;
use farhand_engine::customer::LogLine;
use farhand_protocol::{permission::CapabilitySet, time::Timestamp};

/// `14:05` on the wall clock of a place so many minutes east of UTC.
pub(super) fn time_of_day(at: Timestamp, utc_offset_minutes: i32) -> String {
    let minutes = at.0.div_euclid(60_000) + i64::from(utc_offset_minutes);
    format!("{:02}:{:02}", minutes.div_euclid(60).rem_euclid(24), minutes.rem_euclid(60))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_wall_also_across_midnight() {
        let at = Timestamp::parse("2026-11-22T23:30:59Z").unwrap();
        assert_eq!(time_of_day(at, 0), "23:30");
        assert_eq!(time_of_day(at, 330), "05:00");
        assert_eq!(time_of_day(Timestamp(60_000), -90), "22:31");
    }
}
