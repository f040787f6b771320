//! The dialogs: at most one is open.

use farhand_protocol::{
    api::{MailLink, NewSession, SessionCreated},
    error::ErrorBody,
    ids::SessionId,
    mail::is_address,
};
use uuid::Uuid;

use super::sign_in::Password;

/// The open dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    /// *Create session* (EML-05).
    NewSession(Box<NewSessionForm>),
    /// The technician's settings.
    Settings,
    /// *Change password*.
    Password(PasswordForm),
    /// Shortcuts (F1).
    Shortcuts,
    /// Every action, found by a few letters (Ctrl+K).
    Palette(Palette),
    /// Something that cannot be taken back, asked once more.
    Confirm(Question),
}

/// What is asked once more before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    /// *Close session*: the customer is told and access ends.
    CloseSession(SessionId),
    /// *Close tab* while its session goes on.
    CloseTab(SessionId),
    /// The window was closed while sessions go on.
    Quit,
    /// *Sign out* while sessions go on.
    SignOut {
        /// Every token of the account.
        everywhere: bool,
    },
}

/// The command palette.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What was typed.
    pub typed: String,
    /// Which of the actions that fit is chosen, counted from the best.
    pub chosen: usize,
}

/// Which dialog to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialogKind {
    /// *Create session*.
    NewSession,
    /// The technician's settings.
    Settings,
    /// *Change password*.
    Password,
    /// Shortcuts.
    Shortcuts,
    /// The command palette.
    Palette,
}

/// How the code reaches the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Way {
    /// Read aloud.
    #[default]
    Pin,
    /// Sent or scanned.
    Link,
    /// By e-mail, see [`MailSender`].
    Email,
}

/// Who sends the e-mail (EML-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum MailSender {
    /// *Send through my default mail client on this computer* (EML-08).
    #[default]
    MailProgram,
    /// *Send for me through the gateway* (EML-09).
    Gateway,
}

/// What becomes of the message that the gateway sends (EML-22).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mailing {
    /// Nothing was asked, or the address was changed since.
    #[default]
    No,
    /// The gateway is asked.
    Asking,
    /// A mail server has it, for this address.
    Sent(String),
    /// It was refused or could not be sent.
    Failed(ErrorBody),
}

/// The form of a new session and, once made, its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewSessionForm {
    /// Name field (EML-06).
    pub name: String,
    /// Active without a click when the customer arrives (EML-26).
    pub auto_start: bool,
    /// How the code reaches the customer.
    pub way: Way,
    /// Who sends the e-mail.
    pub mail_sender: MailSender,
    /// Subject of the e-mail, to be changed before sending with the mail program (EML-17).
    pub mail_subject: String,
    /// Text of the e-mail, likewise.
    pub mail_text: String,
    /// *To* of the message that the gateway sends (EML-09).
    pub mail_to: String,
    /// It was to be sent, but *To* was not one address; it was not changed since.
    pub mail_to_wrong: bool,
    /// What becomes of that message.
    pub mailing: Mailing,
    /// No mail program took the message: the text is offered for copying (EML-21).
    pub mail_failed: bool,
    /// How far it has come.
    pub progress: NewSessionProgress,
}

/// How far a new session has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NewSessionProgress {
    /// Being filled in.
    #[default]
    Form,
    /// The gateway makes the code.
    Creating(Uuid),
    /// It was refused.
    Failed(ErrorBody),
    /// PIN and link exist.
    Created(SessionCreated),
}

impl NewSessionForm {
    /// What is asked of the gateway.
    pub fn request(&self) -> NewSession {
        NewSession {
            name: self.name.trim().to_owned(),
            auto_start: self.auto_start,
            ..NewSession::default()
        }
    }

    /// A code that was made before, shown once more.
    pub fn again(name: &str, created: SessionCreated) -> Self {
        Self {
            name: name.to_owned(),
            mail_subject: created.mail_subject.clone(),
            mail_text: created.mail_text.clone(),
            progress: NewSessionProgress::Created(created),
            ..Self::default()
        }
    }

    /// What the gateway is asked to send, once the code exists and *To* holds one address (EML-23); once at a time.
    pub fn mail(&self) -> Option<(SessionId, MailLink)> {
        let created = self.created().filter(|_| self.mailing != Mailing::Asking)?;
        let to = self.mail_to.trim().to_owned();
        let link = created.link.clone();
        is_address(&to).then_some((created.session_id, MailLink { to, link }))
    }

    /// Where the answer to a message of this session is told; none when nobody waits for it here.
    pub fn mailing_of(&mut self, session_id: SessionId) -> Option<&mut Mailing> {
        let is_asked = self.created().is_some_and(|created| created.session_id == session_id) && self.mailing == Mailing::Asking;
        is_asked.then_some(&mut self.mailing)
    }

    /// The code, once it exists.
    pub fn created(&self) -> Option<&SessionCreated> {
        match &self.progress {
            NewSessionProgress::Created(created) => Some(created),
            _ => None,
        }
    }
}

/// *Change password*.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PasswordForm {
    /// The present one.
    pub current: Password,
    /// The new one.
    pub new: Password,
    /// The new one once more.
    pub again: Password,
    /// How far it has come.
    pub progress: PasswordProgress,
}

/// How far a password change has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PasswordProgress {
    /// Being filled in.
    #[default]
    Form,
    /// The gateway is asked.
    Asking,
    /// It was refused.
    Failed(ErrorBody),
}

/// Fewest characters of a new password.
pub const MIN_PASSWORD_CHARS: usize = 10;

impl PasswordForm {
    /// Key of what is wrong with the new password, if anything.
    pub fn problem(&self) -> Option<&'static str> {
        if self.new.0.is_empty() {
            None
        } else if self.new.0.chars().count() < MIN_PASSWORD_CHARS {
            Some("password-new-short")
        } else if !self.again.0.is_empty() && self.again != self.new {
            Some("password-again-different")
        } else {
            None
        }
    }

    /// True when it can be sent.
    pub fn is_complete(&self) -> bool {
        !self.current.0.is_empty() && !self.again.0.is_empty() && self.new == self.again && self.problem().is_none()
    }
}
