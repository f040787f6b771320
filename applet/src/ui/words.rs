//! Sentences for what the log and the capabilities say.

use std::sync::Arc;

use farhand_assets::Words;
use farhand_engine::customer::{LogLine, ReceiptWords};
use farhand_protocol::permission::CapabilitySet;

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
    let key = format!("applet-log-{}", line.kind.replace(['.', '_'], "-"));
    if !words.has(&key) {
        return format!("{} · {}", line.actor, line.kind);
    }
    let name = text_of(line, "technician").unwrap_or_default();
    let what = capabilities_of(line).map(|set| list(words, set)).unwrap_or_default();
    words.with(&key, &[("name", name.into()), ("what", what.into())])
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
