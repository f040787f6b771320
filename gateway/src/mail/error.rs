//! Why a message was not taken over, with the server's own words where it gave any (EML-22).

use std::error::Error;

use lettre::transport::smtp;
use thiserror::Error as ThisError;

/// Characters of a reason that are told on, at most.
const MAX_REASON: usize = 300;

/// Why a message was not taken over.
#[derive(Debug, ThisError)]
pub enum MailError {
    /// The server will not have the message, or not from us; code and text are its own (EML-22).
    #[error("{0}")]
    Refused(String),
    /// What the server says is no SMTP, or it said nothing more.
    #[error("what answers there does not talk as a mail server does")]
    NotSmtp,
    /// The server cannot be reached, the line is not as it must be, or it broke.
    #[error("the mail server cannot be used: {0}")]
    Line(String),
    /// It took too long.
    #[error("the mail server did not answer in time")]
    TooSlow,
    /// Headers and text are no message.
    #[error("the message could not be written: {0}")]
    Unwritable(#[from] lettre::error::Error),
}

impl From<smtp::Error> for MailError {
    fn from(error: smtp::Error) -> Self {
        let said = innermost(&error);
        match error.status() {
            Some(code) => Self::Refused(format!("{code} {said}").trim_end().to_owned()),
            None if error.is_response() => Self::NotSmtp,
            None if error.is_timeout() => Self::TooSlow,
            None => Self::Line(said),
        }
    }
}

/// What lies at the bottom of an error, as one line of a fair length. Of a refusal that is what the server said.
fn innermost(error: &smtp::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let line: String = cause.to_string().chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
    line.trim().to_owned()
}
