//! Capabilities in few words: like goes with like, the weightiest first, and what is left is counted. The whole list is one press away.

use farhand_assets::Words;
use farhand_protocol::permission::{
    Capability::{self, *},
    CapabilitySet,
};

/// Groups named before the rest is only counted.
const NAMED: usize = 2;
/// Control by itself: seeing is allowed by another line, or was.
const CONTROL_ONLY: &str = "applet-may-control-only";

/// Like goes with like; the order is that of weight for the person whose computer it is.
const GROUPS: &[(&str, &[Capability])] = &[
    ("applet-may-files", &[SendFiles, ReceiveFiles, ManageFiles]),
    ("applet-may-restart", &[Reboot]),
    ("applet-may-commands", &[CommandLine, Scripts]),
    ("applet-may-system", &[ManageSystem]),
    ("applet-may-sign-in", &[Credentials]),
    ("applet-may-record", &[Record]),
    ("applet-may-lock-out", &[BlockInput, BlankScreen]),
    ("applet-may-clipboard", &[Clipboard]),
    ("applet-may-sound", &[RemoteSound, VoiceCall]),
    ("applet-may-web", &[Urls]),
    ("applet-may-details", &[SystemInfo]),
    ("applet-may-draw", &[Whiteboard, ShareScreen]),
    ("applet-may-chat", &[Chat]),
];

/// `See and control, files and 6 more`.
pub(super) fn in_short(words: &Words, set: CapabilitySet) -> String {
    let groups = groups(words, set);
    if groups.len() <= NAMED + 1 {
        return list(&groups);
    }
    let left: usize = groups[NAMED..].iter().map(|(_, count)| count).sum();
    let what = list(&groups[..NAMED]);
    words.with("applet-may-more", &[("what", what.into()), ("count", left.into())])
}

/// Every group in a line, none left out: for the receipt.
pub(super) fn in_full(words: &Words, set: CapabilitySet) -> String {
    list(&groups(words, set))
}

/// Each thing by itself, as it was asked: seeing goes with controlling.
pub(super) fn each(words: &Words, set: CapabilitySet) -> Vec<String> {
    let shown = if set.has(Control) { set.without(View) } else { set };
    let name = |capability: Capability| match capability {
        Control if !set.has(View) => capitalised(words.text(CONTROL_ONLY)),
        _ => words.named("consent", capability.key()),
    };
    shown.iter().map(name).collect()
}

/// True where [`in_short`] leaves something to be told.
pub(super) fn is_shortened(words: &Words, set: CapabilitySet) -> bool {
    let told = groups(words, set);
    told.len() > NAMED + 1 || told.iter().any(|(_, count)| *count > 1)
}

/// Name of each group that the set touches, and how many of its members.
fn groups(words: &Words, set: CapabilitySet) -> Vec<(String, usize)> {
    let screen = match (set.has(Control), set.has(View)) {
        (true, true) => Some("applet-may-control"),
        (true, false) => Some(CONTROL_ONLY),
        (false, true) => Some("applet-may-view"),
        (false, false) => None,
    };
    let rest = GROUPS.iter().filter_map(|(key, members)| {
        let count = members.iter().filter(|member| set.has(**member)).count();
        (count > 0).then(|| (words.text(key), count))
    });
    screen.map(|key| (words.text(key), 1)).into_iter().chain(rest).collect()
}

fn list(groups: &[(String, usize)]) -> String {
    let names: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
    // The first of a list opens the sentence, whichever it is.
    capitalised(names.join(", "))
}

fn capitalised(mut text: String) -> String {
    if let Some(first) = text.chars().next() {
        text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(keys: &str) -> CapabilitySet {
        CapabilitySet::parse_list(keys).unwrap()
    }

    #[test]
    fn a_long_list_is_two_groups_and_a_number() {
        let words = Words::load("en");
        let short = |keys| in_short(&words, set(keys));
        assert_eq!(short("view"), "See your screen");
        assert_eq!(
            short("view,control,send_files,manage_files,reboot"),
            "See and control, files, restart"
        );
        let long = "view,control,send_files,manage_files,reboot,clipboard,urls,remote_sound,voice_call,system_info";
        assert_eq!(short(long), "See and control, files and 6 more");
        assert_eq!(each(&words, set(long)).len(), 9, "the whole list, seeing within controlling");
    }

    #[test]
    fn what_was_not_allowed_beside_seeing_does_not_name_seeing() {
        let words = Words::load("en");
        let refused = set("control,send_files,reboot");
        assert_eq!(in_short(&words, refused), "Control mouse and keyboard, files, restart");
        assert_eq!(each(&words, refused)[0], "Control mouse and keyboard");
        for locale in ["en", "fr", "de"] {
            let text = in_full(&Words::load(locale), set("control"));
            assert!(!text.contains("-only"), "{locale}: {text}");
        }
    }

    #[test]
    fn every_capability_is_in_a_group() {
        let words = Words::load("en");
        for capability in Capability::ALL {
            assert!(!in_full(&words, CapabilitySet::EMPTY.with(*capability)).is_empty(), "{capability}");
        }
        assert!(is_shortened(&words, CapabilitySet::all()) && !is_shortened(&words, set("view")));
    }
}
