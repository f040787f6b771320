//! The sign-in form and how far signing in has come.

use farhand_protocol::error::ErrorBody;

/// What is typed, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignInForm {
    /// Address of the gateway.
    pub gateway: String,
    /// Trust value of a gateway with its own certificate authority.
    pub trust: String,
    /// The field for the trust value is shown.
    pub own_certificate: bool,
    /// E-mail address of the account.
    pub email: String,
    /// Password; emptied as soon as it was handed over.
    pub password: Password,
    /// Keep the token for the next start.
    pub stay: bool,
    /// How far it has come.
    pub progress: SignInProgress,
}

/// How far signing in has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SignInProgress {
    /// Nobody has asked for anything yet.
    #[default]
    Idle,
    /// Looking for a token kept earlier.
    Remembered,
    /// The gateway is being asked.
    Asking,
    /// It failed.
    Failed(ErrorBody),
    /// Signed out, here or elsewhere.
    SignedOut(Option<ErrorBody>),
}

/// A typed secret that no log shows.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "Password(empty)" } else { "Password(…)" })
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl SignInForm {
    /// True when enough is typed to ask the gateway.
    pub fn is_complete(&self) -> bool {
        !self.gateway.trim().is_empty() && self.email.contains('@') && !self.password.0.is_empty()
    }

    /// True while an answer is awaited.
    pub fn is_waiting(&self) -> bool {
        matches!(self.progress, SignInProgress::Remembered | SignInProgress::Asking)
    }

    /// The trust value as it goes to the engine: none when the field is hidden or empty.
    pub fn trust_value(&self) -> Option<String> {
        let trust = self.trust.trim();
        (self.own_certificate && !trust.is_empty()).then(|| trust.to_owned())
    }
}
