//! Subject and text of the e-mail that carries a link: those of the technician group, or of the nearest group above it that has some, or the built-in ones
//! (EML-16, EML-20, SES-04, SES-05). A text names the place of the link, alone on a line (EML-18).

use thiserror::Error;

use crate::{
    db::{Db, Tx},
    error::Result,
    settings,
};

/// Stands in a text where the link comes.
pub const LINK: &str = "{link}";
/// Longest text of a message, in characters: a mail program is started with an address that holds all of it (EML-21), and systems bound its length.
pub const MAX_TEXT_CHARS: usize = 1000;
const MAX_SUBJECT_CHARS: usize = 128;
/// The built-in words (EML-20).
const DEFAULT_SUBJECT: &str = "Your support session link";
const DEFAULT_TEXT: &str = "To ask for live support, please open this link:\n\n{link}\n\nKind regards, your support team\n";
/// Names of the settings.
const SUBJECT: &str = "mail_subject";
const TEXT: &str = "mail_text";

/// Why words are not taken.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum WordsError {
    /// There is no place for the link, or more than one.
    #[error("the text must hold {place} once, alone on its line: the link comes there", place = LINK)]
    Link,
    /// The subject is none.
    #[error("a subject has 1 to {most} characters on one line", most = MAX_SUBJECT_CHARS)]
    Subject,
    /// The text is too long.
    #[error("the text has more than {most} characters", most = MAX_TEXT_CHARS)]
    TooLong,
}

/// Subject and text of the e-mails of one technician group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWords {
    /// Subject.
    pub subject: String,
    /// Text, with [`LINK`] where the link comes.
    pub text: String,
}

impl MailWords {
    /// The words in force for a technician group.
    pub async fn of_group(db: &Db, group_id: i64) -> Result<Self> {
        let subject = settings::group_text(db, group_id, SUBJECT).await?;
        let text = settings::group_text(db, group_id, TEXT).await?;
        Ok(Self {
            subject: subject.unwrap_or_else(|| DEFAULT_SUBJECT.to_owned()),
            text: text.unwrap_or_else(|| DEFAULT_TEXT.to_owned()),
        })
    }

    /// The text with this link in its place.
    pub fn text_with(&self, link: &str) -> String {
        self.text.replace(LINK, link)
    }
}

/// A subject as it is stored.
pub fn check_subject(subject: &str) -> std::result::Result<&str, WordsError> {
    let subject = subject.trim();
    let fits = (1..=MAX_SUBJECT_CHARS).contains(&subject.chars().count()) && !subject.chars().any(char::is_control);
    fits.then_some(subject).ok_or(WordsError::Subject)
}

/// A text as it is stored.
pub fn check_text(text: &str) -> std::result::Result<&str, WordsError> {
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(WordsError::TooLong);
    }
    let stands_alone = text.lines().any(|line| line.trim() == LINK);
    let is_single = text.matches(LINK).count() == 1;
    (stands_alone && is_single).then_some(text).ok_or(WordsError::Link)
}

/// Sets a group's subject, which was checked; an empty one takes it away, and the group follows the one above it again.
pub async fn set_subject(tx: &mut Tx, group_id: i64, subject: &str) -> std::result::Result<(), sqlx::Error> {
    settings::set_group_text(tx, group_id, SUBJECT, subject).await
}

/// The same for its text.
pub async fn set_text(tx: &mut Tx, group_id: i64, text: &str) -> std::result::Result<(), sqlx::Error> {
    settings::set_group_text(tx, group_id, TEXT, text).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_words_are_those_of_the_requirement() {
        let words = MailWords {
            subject: check_subject(DEFAULT_SUBJECT).unwrap().to_owned(),
            text: check_text(DEFAULT_TEXT).unwrap().to_owned(),
        };
        assert_eq!(words.subject, "Your support session link");
        let text = "To ask for live support, please open this link:\n\nhttps://h/join#A\n\nKind regards, your support team\n";
        assert_eq!(words.text_with("https://h/join#A"), text);
    }

    #[test]
    fn a_text_has_one_place_for_the_link_on_a_line_of_its_own() {
        for good in ["{link}", "Bitte öffnen:\n\n  {link}\n\nIhr Team"] {
            assert_eq!(check_text(good), Ok(good));
        }
        for bad in ["", "no link", "Open {link} now", "{link}\n{link}\n", "{link}\nor {link}"] {
            assert_eq!(check_text(bad), Err(WordsError::Link), "{bad}");
        }
        let long = format!("{LINK}\n{}", "x".repeat(MAX_TEXT_CHARS));
        assert_eq!(check_text(&long), Err(WordsError::TooLong));
    }

    #[test]
    fn a_subject_is_one_line_of_a_fair_length() {
        assert_eq!(check_subject(" Ihr Link "), Ok("Ihr Link"));
        for bad in ["", " ", "two\nlines", &"x".repeat(129)] {
            assert_eq!(check_subject(bad), Err(WordsError::Subject), "{bad}");
        }
    }
}
