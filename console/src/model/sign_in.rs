//! The sign-in form and how far signing in has come.
//!
//! ```text
//! Remembered ─▶ signed in
//!     │ ▲ └── no longer good ─▶ Idle: the form is filled in by hand
//!     ▼ └─ Try again
//! Unreached, tried again by itself every ten seconds while nobody types a password
//! ```

use farhand_engine::technician::{Credential, TechnicianCommand};
use farhand_protocol::{code::Trust, error::ErrorBody, time::Timestamp};
use zeroize::Zeroizing;

use super::{ConsoleState, Effect};

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
    /// Password; emptied when the gateway has said what it thinks of it, and kept when it was not even asked.
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
    /// The kept sign-in may still be good, but the gateway could not be asked.
    Unreached {
        /// Why.
        error: ErrorBody,
        /// Next try by itself; none while one is under way.
        retry_at: Option<Timestamp>,
    },
    /// Signed out, here or elsewhere.
    SignedOut(Option<ErrorBody>),
    /// Signed out here; the gateway did not hear that it was meant everywhere.
    SignedOutHereAlone(ErrorBody),
    /// There is a token, but nobody said for which gateway.
    TokenWithoutGateway,
    /// What was typed as the trust value is none; nobody was asked.
    TrustMalformed,
}

/// The kept sign-in is tried again so often, milliseconds.
pub const RETRY_MILLIS: i64 = 10_000;

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

impl ConsoleState {
    /// Hands what was typed to the engine.
    pub(super) fn ask_to_sign_in(&mut self) -> Vec<Effect> {
        let form = &mut self.sign_in;
        if form.is_waiting() || !form.is_complete() {
            return Vec::new();
        }
        if form.trust_value().is_some_and(|trust| Trust::parse(&trust).is_err()) {
            form.progress = SignInProgress::TrustMalformed;
            return Vec::new();
        }
        let password = Zeroizing::new(form.password.0.clone());
        form.progress = SignInProgress::Asking;
        vec![Effect::Send(TechnicianCommand::SignIn {
            gateway: form.gateway.trim().to_owned(),
            trust: form.trust_value(),
            credential: Credential::Password {
                email: form.email.trim().to_owned(),
                password,
            },
            remember: form.stay,
        })]
    }

    /// Asks with the kept sign-in once more, at a press of *Try again*.
    pub(super) fn sign_in_again(&mut self) -> Vec<Effect> {
        if !matches!(self.sign_in.progress, SignInProgress::Unreached { .. }) {
            return Vec::new();
        }
        self.sign_in.progress = SignInProgress::Remembered;
        vec![Effect::Send(TechnicianCommand::SignInRemembered)]
    }

    /// The time went on: a kept sign-in whose gateway could not be reached is tried again, without a word, unless somebody is typing a
    /// password.
    pub fn handle_time(&mut self) -> Vec<Effect> {
        let now = self.now.at;
        let typing = !self.sign_in.password.0.is_empty();
        let SignInProgress::Unreached { retry_at: retry, .. } = &mut self.sign_in.progress else {
            return Vec::new();
        };
        if retry.is_none_or(|at| at > now) {
            return Vec::new();
        }
        if typing {
            *retry = Some(now.plus_millis(RETRY_MILLIS));
            return Vec::new();
        }
        *retry = None;
        vec![Effect::Send(TechnicianCommand::SignInRemembered)]
    }
}

/// The one gateway that a token without an address can belong to, with its trust value: none where nothing is known, or where it could be
/// either of two.
pub fn only_gateway<'a>(known: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Option<(String, Option<String>)> {
    let mut known = known.into_iter().filter(|(gateway, _)| !gateway.is_empty());
    let (gateway, trust) = known.next()?;
    known
        .all(|(other, _)| other == gateway)
        .then(|| (gateway.to_owned(), trust.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use farhand_engine::technician::EngineEvent;
    use farhand_protocol::error::ErrorCode;

    use super::super::{Command, act::tests::sent};
    use super::*;

    #[test]
    fn a_password_leaves_the_form_when_the_gateway_has_judged_it() {
        let mut state = ConsoleState::new(Default::default());
        state.sign_in.gateway = " https://support.acme.example ".into();
        state.sign_in.email = "ada@acme.example".into();
        state.sign_in.password.0 = "correct horse".into();
        let effects = state.handle_command(Command::SignIn);
        assert_eq!(sent(&effects).len(), 1);
        assert!(state.handle_command(Command::SignIn).is_empty(), "one question at a time");
        for unheard in [ErrorCode::GatewayUnpinned, ErrorCode::GatewayUnreachable] {
            state.handle_event(EngineEvent::SignInFailed(ErrorBody::new(unheard, "")));
            assert_eq!(state.sign_in.password.0, "correct horse");
        }
        (state.sign_in.own_certificate, state.sign_in.trust) = (true, "AAAA".into());
        assert!(
            state.handle_command(Command::SignIn).is_empty(),
            "nobody is asked with half a trust value"
        );
        assert_eq!(
            (&state.sign_in.progress, state.sign_in.password.0.as_str()),
            (&SignInProgress::TrustMalformed, "correct horse")
        );
        state.handle_event(EngineEvent::SignInFailed(ErrorBody::new(ErrorCode::AuthWrong, "")));
        assert!(state.sign_in.password.0.is_empty());
    }

    fn remembering() -> ConsoleState {
        let mut state = ConsoleState::new(Default::default());
        state.sign_in.progress = SignInProgress::Remembered;
        state
    }

    #[test]
    fn a_kept_sign_in_is_tried_again_when_the_network_comes_late() {
        let mut state = remembering();
        let error = ErrorBody::new(ErrorCode::GatewayUnreachable, "no route");
        state.handle_event(EngineEvent::SignInFailed(error.clone()));
        assert!(matches!(state.sign_in.progress, SignInProgress::Unreached { .. }) && !state.sign_in.is_waiting());
        assert_eq!(state.next_change_millis(), Some(1_000));
        assert!(state.handle_time().is_empty(), "not yet");
        state.now.at = Timestamp(RETRY_MILLIS);
        assert!(matches!(sent(&state.handle_time())[..], [TechnicianCommand::SignInRemembered]));
        assert!(state.handle_time().is_empty(), "one at a time");
        state.handle_event(EngineEvent::SignInFailed(error));
        state.sign_in.password.0 = "correct".into();
        state.now.at = Timestamp(2 * RETRY_MILLIS);
        assert!(state.handle_time().is_empty(), "somebody types");
        assert!(matches!(
            sent(&state.handle_command(Command::SignInAgain))[..],
            [TechnicianCommand::SignInRemembered]
        ));
    }

    #[test]
    fn a_kept_sign_in_that_is_refused_is_not_tried_again() {
        let mut state = remembering();
        state.handle_event(EngineEvent::SignInFailed(ErrorBody::new(ErrorCode::AuthDisabled, "")));
        assert!(matches!(state.sign_in.progress, SignInProgress::Failed(_)));
    }

    #[test]
    fn a_token_without_an_address_goes_nowhere_when_it_could_belong_to_two_gateways() {
        let (here, there) = (("https://here", Some("pin")), ("https://there", None));
        let found = Some(("https://here".to_owned(), Some("pin".to_owned())));
        assert_eq!(only_gateway([here, here]), found);
        assert_eq!(only_gateway([here, ("", None)]), found);
        assert_eq!(only_gateway([here, there]), None);
        assert_eq!(only_gateway([("", None)]), None);
    }
}
