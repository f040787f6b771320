//! The places of a page that are measured, each between two lines of its own:
//!
//! ```text
//! <!-- measured: glass -->
//! …
//! <!-- /measured: glass -->
//! ```

use std::ops::Range;

use thiserror::Error;

/// What keeps a page from being rewritten.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MarkerError {
    /// A marker is not there.
    #[error("the line `{0}` is missing")]
    Missing(String),
    /// A marker is there more than once.
    #[error("the line `{0}` is there twice")]
    Twice(String),
    /// The second marker comes before the first.
    #[error("the line `{0}` comes before the one that opens it")]
    Crossed(String),
}

/// The page with this text between the markers of a part, and all else as it was.
///
/// # Errors
/// When not each of the part's markers is there once, in order.
pub fn replace(page: &str, part: &str, text: &str) -> Result<String, MarkerError> {
    let (open, close) = (format!("<!-- measured: {part} -->"), format!("<!-- /measured: {part} -->"));
    let (start, end) = (line(page, &open)?.end, line(page, &close)?.start);
    if start > end {
        return Err(MarkerError::Crossed(close));
    }
    // An empty line on each side, so that what follows the comment is Markdown again.
    Ok(format!("{}\n\n{}\n\n{}", page[..start].trim_end(), text.trim(), &page[end..]))
}

/// Where the one line with this marker and nothing else lies, its end included.
fn line(page: &str, marker: &str) -> Result<Range<usize>, MarkerError> {
    let mut at = 0;
    let mut found = None;
    for line in page.split_inclusive('\n') {
        if line.trim() == marker && found.replace(at..at + line.len()).is_some() {
            return Err(MarkerError::Twice(marker.to_owned()));
        }
        at += line.len();
    }
    found.ok_or_else(|| MarkerError::Missing(marker.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\nBefore.\n\n<!-- measured: a -->\n\nold\n\n<!-- /measured: a -->\n\nBetween.\n\n\
                        <!-- measured: b -->\n<!-- /measured: b -->\nAfter `<!-- measured: a -->` in a sentence.\n";

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = replace(PAGE, "a", "| new |\n").expect("markers");
        assert_eq!(page, PAGE.replace("old", "| new |"));
        assert_eq!(replace(&page, "a", "old").as_deref(), Ok(PAGE));
    }

    #[test]
    fn an_empty_part_is_filled() {
        let page = replace(PAGE, "b", "| new |").expect("markers");
        assert!(
            page.contains("<!-- measured: b -->\n\n| new |\n\n<!-- /measured: b -->\nAfter"),
            "{page}"
        );
    }

    #[test]
    fn a_marker_that_is_missing_is_named() {
        let missing = |marker: &str| Err(MarkerError::Missing(marker.to_owned()));
        assert_eq!(replace(PAGE, "c", ""), missing("<!-- measured: c -->"));
        let open = PAGE.replace("<!-- /measured: a -->", "");
        assert_eq!(replace(&open, "a", ""), missing("<!-- /measured: a -->"));
        let sentence = MarkerError::Missing("<!-- measured: c -->".to_owned()).to_string();
        assert_eq!(sentence, "the line `<!-- measured: c -->` is missing");
    }

    #[test]
    fn markers_that_are_there_twice_or_crossed_are_refused() {
        let twice = format!("{PAGE}<!-- measured: a -->\n");
        assert_eq!(replace(&twice, "a", ""), Err(MarkerError::Twice("<!-- measured: a -->".to_owned())));
        let crossed = "<!-- /measured: a -->\n<!-- measured: a -->\n";
        assert_eq!(
            replace(crossed, "a", ""),
            Err(MarkerError::Crossed("<!-- /measured: a -->".to_owned()))
        );
    }
}
