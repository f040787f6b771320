//! Sentences for what the log and the capabilities say.

use std::sync::Arc;

use farhand_assets::Words;
use farhand_engine::customer::{LogLine, ReceiptWords};
use farhand_protocol::{
    error::ErrorCode,
    permission::{Capability, CapabilitySet},
};

use super::may;
use crate::model::AppletState;

/// A sentence for a log line, short enough for a window: see [`may::in_short`].
pub(super) fn log_line(words: &Words, line: &LogLine) -> String {
    sentence(words, line, may::in_short)
}

/// The whole list behind a sentence that names capabilities only in short; empty where there is nothing more to tell.
pub(super) fn log_detail(words: &Words, line: &LogLine) -> Vec<String> {
    match capabilities_of(line) {
        Some(set) if may::is_shortened(words, set) => may::each(words, set),
        _ => Vec::new(),
    }
}

/// A sentence for the receipt: nothing is left out, and what was said stands in it.
pub fn receipt_line(words: &Words, line: &LogLine) -> String {
    if line.kind != "chat.line" {
        return sentence(words, line, may::in_full);
    }
    let name = text_of(line, "technician").unwrap_or_else(|| words.text("applet-session-you"));
    let text = text_of(line, "text").unwrap_or_default();
    words.with("applet-log-said", &[("name", name.into()), ("text", text.into())])
}

/// Everything the receipt of this session says, but its lines.
pub fn receipt_words(state: &AppletState, words: &Arc<Words>) -> ReceiptWords {
    let session = state.session.as_ref();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let number = text(session.map(|s| s.number.as_str()));
    let organisation = text(session.map(|s| s.organisation.as_str()));
    let (left_out, say) = (words.clone(), words.clone());
    ReceiptWords {
        heading: vec![
            words.with("applet-receipt-title", &[("number", number.into())]),
            words.with("applet-receipt-organisation", &[("organisation", organisation.into())]),
            words.with("applet-receipt-technician", &[("name", state.technician().into())]),
            words.text("applet-receipt-times"),
        ],
        left_out: Arc::new(move |count| left_out.with("applet-receipt-left-out", &[("count", count.into())])),
        say: Arc::new(move |line| receipt_line(&say, line)),
        chain: words.text("applet-receipt-chain"),
    }
}

/// `applet-log-<kind>` with the name and the capabilities in it, or the kind itself for one that is not known here.
fn sentence(words: &Words, line: &LogLine, list: fn(&Words, CapabilitySet) -> String) -> String {
    if line.kind == "refused" {
        return refused(words, line);
    }
    let key = format!("applet-log-{}", line.kind.replace(['.', '_'], "-"));
    if !words.has(&key) {
        return format!("{} · {}", line.actor, line.kind);
    }
    let name = text_of(line, "technician").unwrap_or_default();
    let what = capabilities_of(line).map(|set| list(words, set)).unwrap_or_default();
    words.with(&key, &[("name", name.into()), ("what", what.into())])
}

/// What was tried, and that nothing came of it: to be told, not to be warned of.
fn refused(words: &Words, line: &LogLine) -> String {
    let Some(name) = text_of(line, "technician") else {
        // A ticket for just these two programs, of before: a technician who still belongs here comes back with another.
        let is_late = text_of(line, "code").is_some_and(|code| code == ErrorCode::TicketExpired.as_str());
        let key = if is_late {
            "applet-log-refused-late"
        } else {
            "applet-log-refused-stranger"
        };
        return words.text(key);
    };
    // What it lacked is named by the permission behind the capability, or is no permission at all.
    let lacked = text_of(line, "key").unwrap_or_default();
    let capability = Capability::ALL.iter().copied().find(|one| one.permission().key() == lacked);
    let key = match (capability, lacked.as_str()) {
        (Some(Capability::Control), _) => "applet-log-refused-control",
        (Some(Capability::View), _) => "applet-log-refused-view",
        (Some(_), _) => "applet-log-refused-what",
        (None, "consent") => "applet-log-refused-question",
        (None, "own_window") => "applet-log-refused-own-window",
        (None, "priority") => "applet-log-refused-priority",
        (None, "stop_key") => "applet-log-refused-stop-key",
        (None, _) => "applet-log-refused",
    };
    let what = capability.map(|one| words.named("consent", one.key())).unwrap_or_default();
    words.with(key, &[("name", name.into()), ("what", what.into())])
}

fn text_of(line: &LogLine, name: &str) -> Option<String> {
    line.detail.get(name)?.as_str().map(str::to_owned)
}

fn capabilities_of(line: &LogLine) -> Option<CapabilitySet> {
    let listed = match line.detail.get("capabilities")? {
        serde_json::Value::Array(keys) => keys.iter().filter_map(|key| key.as_str()).collect::<Vec<_>>().join(","),
        other => other.as_str()?.to_owned(),
    };
    CapabilitySet::parse_list(&listed).ok()
}

#[cfg(test)]
mod tests {
    use farhand_protocol::time::Timestamp;
    use serde_json::json;

    use super::*;

    fn refusal(detail: serde_json::Value) -> LogLine {
        LogLine {
            at: Timestamp(0),
            kind: "refused".into(),
            actor: "technician".into(),
            detail,
        }
    }

    #[test]
    fn what_was_refused_is_named_and_nothing_came_of_it() {
        let words = Words::load("en");
        let told = |key: &str| log_line(&words, &refusal(json!({ "technician": "Ana", "key": key })));
        assert_eq!(
            told("remote_control"),
            "Ana tried to use mouse and keyboard. That is not allowed now, so nothing happened"
        );
        assert_eq!(
            told("desktop_viewing"),
            "Ana tried to see your screen. That is not allowed now, so nothing happened"
        );
        assert_eq!(
            told("reboot"),
            "Ana tried something that is not allowed now, so nothing happened: Restart your computer"
        );
        assert_eq!(told("limit"), "Ana tried something that is not allowed now, so nothing happened");
        let stranger = log_line(&words, &refusal(json!({ "peer": "abc", "key": "ticket" })));
        assert!(stranger.contains("turned away"), "{stranger}");
        let late = log_line(
            &words,
            &refusal(json!({ "peer": "abc", "key": "ticket", "code": ErrorCode::TicketExpired.as_str() })),
        );
        assert!(late.contains("no longer valid") && late != stranger, "{late}");
    }

    #[test]
    fn every_reason_of_a_refusal_has_words_in_every_language() {
        for locale in ["en", "fr", "de"] {
            let words = Words::load(locale);
            let permissions = Capability::ALL.iter().map(|one| one.permission().key());
            for key in permissions.chain(["consent", "limit", "own_window", "priority", "stop_key", "ticket"]) {
                let text = receipt_line(&words, &refusal(json!({ "technician": "Ana", "key": key })));
                assert!(text.contains("Ana") && !text.contains("applet-log"), "{locale} {key}: {text}");
            }
        }
    }
}
