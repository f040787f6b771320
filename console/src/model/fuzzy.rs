//! How well a few typed letters fit a name: those of a word must occur in it in their order, words in any order; starts of words, runs and
//! early places count more.

/// How well `typed` fits `name`, larger being better; none when it does not. Nothing typed fits everything alike, and case does not count.
pub fn score(typed: &str, name: &str) -> Option<u32> {
    let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    typed.split_whitespace().map(|word| score_word(word, &name)).sum()
}

fn score_word(typed: &str, name: &[char]) -> Option<u32> {
    let typed: Vec<char> = typed.chars().flat_map(char::to_lowercase).collect();
    // The best of all starts: a name may hold the first letter before the word that was meant.
    (0..name.len()).filter_map(|start| score_from(&typed, name, start)).max()
}

fn score_from(typed: &[char], name: &[char], start: usize) -> Option<u32> {
    let (mut total, mut next, mut before) = (0, start, None);
    for wanted in typed {
        let at = (next..name.len()).find(|at| name[*at] == *wanted)?;
        if before.is_none() && at != start {
            return None;
        }
        let word = at == 0 || !name[at - 1].is_alphanumeric();
        let run = before.is_some_and(|before: usize| before + 1 == at);
        total += 1 + if word { 8 } else { 0 } + if run { 10 } else { 0 };
        before = Some(at);
        next = at + 1;
    }
    Some(total * 100 + 50_u32.saturating_sub(u32::try_from(start).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(typed: &str, names: &[&'a str]) -> Option<&'a str> {
        let scored = names.iter().filter_map(|name| Some((score(typed, name)?, *name)));
        scored.max_by_key(|(score, _)| *score).map(|(_, name)| name)
    }

    #[test]
    fn letters_must_all_occur_in_their_order() {
        assert!(score("ful", "Full screen").is_some());
        assert!(score("fsc", "Full screen").is_some());
        assert_eq!(score("sf", "Fit"), None);
        assert_eq!(score("fullx", "Full screen"), None);
        assert!(score("own window", "Chat: In a window of its own").is_some(), "words in any order");
    }

    #[test]
    fn starts_of_words_beat_letters_in_the_middle() {
        assert_eq!(best("fs", &["Refresh", "Full screen", "Fit"]), Some("Full screen"));
        assert_eq!(best("close s", &["Close tab", "Close session…", "Choose"]), Some("Close session…"));
        assert_eq!(best("ctrl", &["Control", "Send Ctrl+Alt+Del"]), Some("Send Ctrl+Alt+Del"));
    }

    #[test]
    fn nothing_typed_fits_everything_and_case_never_counts() {
        assert_eq!(score("", "Anything"), Some(0));
        assert_eq!(score("STRASSE", "strasse"), score("strasse", "Strasse"));
        assert_eq!(score("É", "étage"), score("é", "Étage"));
    }
}
