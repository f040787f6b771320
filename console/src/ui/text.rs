//! Sentences that several views build: states, times, errors, refusals.

use farhand_assets::{Tone, Words};
use farhand_protocol::{api::SessionRow, error::ErrorBody, permission::CapabilitySet, session::Status};

use crate::model::{Now, Refusal, clock::shown_seconds};

/// Most capabilities named one by one.
const NAMED: usize = 3;

/// Colour and shape of a state.
pub fn status_tone(status: Option<Status>) -> Tone {
    match status {
        None => Tone::Info,
        Some(Status::Connecting | Status::Waiting) => Tone::Waiting,
        Some(Status::Active) => Tone::Active,
        Some(Status::OnHold) => Tone::Hold,
        Some(Status::Transferring | Status::Transferred) => Tone::Transferring,
        // STM-14: what ran out of time is red.
        Some(Status::Rebooting | Status::Reconnecting | Status::Offline | Status::TimedOut) => Tone::Error,
        Some(_) => Tone::Neutral,
    }
}

/// State and time of a row; a session that only has a code shows what is left of it.
pub fn status_and_time(words: &Words, row: &SessionRow, now: Now) -> (String, String) {
    match (row.status, row.expires_at) {
        (Some(status), _) => (
            words.named("state", status.code()),
            words.duration(shown_seconds(now.at, row.since)),
        ),
        (None, Some(end)) if end > now.at => {
            let left = words.duration(now.seconds_until(end));
            (words.text("list-code"), words.with("list-code-left", &[("time", left.into())]))
        }
        (None, _) => (words.text("list-code-expired"), String::new()),
    }
}

/// What a session is called, which need not have a name.
pub fn session_name(words: &Words, name: &str) -> String {
    if name.is_empty() {
        words.text("list-nameless")
    } else {
        name.to_owned()
    }
}

/// The sentence of an error.
pub fn error_text(words: &Words, error: &ErrorBody) -> String {
    words.refusal(error.code.as_str(), &error.message, error.permission.as_deref())
}

/// Why a button cannot be pressed.
pub fn refusal_text(words: &Words, refusal: Refusal) -> String {
    match refusal {
        Refusal::Permission(permission) => {
            let name = words.named("permission", permission.key());
            words.with("refusal-permission", &[("permission", name.into())])
        }
        refusal => words.text(refusal.key()),
    }
}

/// What a set of capabilities allows, as the technician reads it.
pub fn capability_names(words: &Words, set: CapabilitySet) -> String {
    use farhand_protocol::permission::Capability;

    // Control goes with sight; naming both would say the same twice.
    let set = if set.has(Capability::Control) {
        set.without(Capability::View)
    } else {
        set
    };
    let names: Vec<String> = set.iter().map(|one| words.named("capability", one.key())).collect();
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => words.with("capability-list-more", &[("names", shown.into()), ("count", more.into())]),
    }
}

/// What a link waits for, by the key the engine names.
pub fn waiting_text(words: &Words, key: &str) -> String {
    words.text(match key {
        "console-link-ticket" => "console-link-ticket",
        "console-link-dialling" => "console-link-dialling",
        "console-link-welcome" => "console-link-welcome",
        _ => "desktop-connecting-text",
    })
}
