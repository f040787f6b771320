//! The one registry of error codes, for wire, API, exit status and Fluent key alike. A code is
//! `area.reason`; its Fluent key is `error-area-reason`. A refusal carries the key of the permission it lacked
//! (ORG-113).

use serde::{Deserialize, Serialize};

/// Broad class of a failure, which decides HTTP status and exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The request cannot be understood: HTTP 400, exit 2.
    Malformed,
    /// Nobody is signed in, or the credential is no longer good: HTTP 401, exit 3.
    Unauthenticated,
    /// Signed in, but not allowed: HTTP 403, exit 4.
    Forbidden,
    /// There is no such thing: HTTP 404, exit 5.
    NotFound,
    /// It clashes with the present state: HTTP 409, exit 6.
    Conflict,
    /// It was there and is gone for good: HTTP 410, exit 7.
    Gone,
    /// Too large: HTTP 413, exit 2.
    TooLarge,
    /// Too often: HTTP 429, exit 8.
    Limited,
    /// Cannot be reached or is stopping: HTTP 503, exit 9.
    Unavailable,
    /// Our bug: HTTP 500, exit 10.
    Internal,
    /// A check found something wrong with this machine or its network: HTTP 500, exit 11.
    Unsound,
}

impl ErrorClass {
    /// HTTP status of the class.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::TooLarge => 413,
            Self::Limited => 429,
            Self::Unavailable => 503,
            Self::Internal | Self::Unsound => 500,
        }
    }

    /// Exit status of a program that fails with it.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Malformed | Self::TooLarge => 2,
            Self::Unauthenticated => 3,
            Self::Forbidden => 4,
            Self::NotFound => 5,
            Self::Conflict => 6,
            Self::Gone => 7,
            Self::Limited => 8,
            Self::Unavailable => 9,
            Self::Internal => 10,
            Self::Unsound => 11,
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $class:ident;)+) => {
        /// Every way in which Farhand refuses or fails, by its stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $variant,)+ }

        impl ErrorCode {
            /// Every code, in the order of the registry.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text, `area.reason`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The class, which gives HTTP and exit status.
            pub const fn class(self) -> ErrorClass {
                match self { $(Self::$variant => ErrorClass::$class,)+ }
            }

            /// The code behind a stable text.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

codes! {
    /// The e-mail address or the password is wrong.
    AuthWrong = "auth.wrong_credentials", Unauthenticated;
    /// No token was given, or it is unknown.
    AuthMissing = "auth.not_signed_in", Unauthenticated;
    /// The token was good once and is not any more.
    AuthExpired = "auth.token_expired", Unauthenticated;
    /// Too many sign-in attempts.
    AuthLimited = "auth.too_many_attempts", Limited;
    /// The account is disabled.
    AuthDisabled = "auth.account_disabled", Forbidden;
    /// The new password does not meet the rules.
    AuthWeakPassword = "auth.weak_password", Malformed;
    /// A permission is missing; the error names it.
    PermissionMissing = "permission.missing", Forbidden;
    /// The customer did not allow it.
    PermissionNotGranted = "permission.not_granted", Forbidden;
    /// The customer withdrew it.
    PermissionRevoked = "permission.revoked", Forbidden;
    /// The customer said no a moment ago; it may be asked again later.
    ConsentTooSoon = "consent.too_soon", Limited;
    /// This is not a PIN or link of ours.
    CodeMalformed = "code.malformed", Malformed;
    /// No session waits under this code.
    CodeUnknown = "code.unknown", NotFound;
    /// The code was good and has expired (STM-20, EML-25).
    CodeExpired = "code.expired", Gone;
    /// The code has already started a session (EML-29).
    CodeUsed = "code.used", Gone;
    /// Too many guesses from this address (SES-13).
    CodeLimited = "code.too_many_guesses", Limited;
    /// Solve the enclosed proof of work and try again.
    CodeProofOfWork = "code.proof_of_work", Limited;
    /// There is no such session.
    SessionUnknown = "session.unknown", NotFound;
    /// The session does not allow this step now (STM-68).
    SessionTransition = "session.refused_transition", Conflict;
    /// The session has ended.
    SessionEnded = "session.ended", Gone;
    /// The technician is at the session maximum (CON-38).
    SessionMaximum = "session.maximum_reached", Conflict;
    /// Only the lead technician may do this.
    SessionNotLead = "session.not_lead", Forbidden;
    /// This person may not do this to the session.
    SessionNotEligible = "session.not_eligible", Forbidden;
    /// Not somebody who takes part in the session.
    SessionNotParticipant = "session.not_participant", Forbidden;
    /// No technician is available and the request is aborted (SES-45).
    SessionNoTechnician = "session.no_technician", Unavailable;
    /// The ticket is not one of this gateway, or not for these two.
    TicketInvalid = "ticket.invalid", Forbidden;
    /// The ticket was not used in time.
    TicketExpired = "ticket.expired", Gone;
    /// The ticket belongs to another session or pair.
    TicketForeign = "ticket.foreign", Forbidden;
    /// The relay admits only keys with a valid relay token.
    RelayRefused = "relay.refused", Forbidden;
    /// The peer cannot be reached.
    LinkUnreachable = "link.unreachable", Unavailable;
    /// The link was lost.
    LinkLost = "link.lost", Unavailable;
    /// The peer speaks another version.
    LinkIncompatible = "link.incompatible", Conflict;
    /// The peer broke the protocol.
    LinkProtocol = "link.protocol_violation", Malformed;
    /// The gateway cannot be reached.
    GatewayUnreachable = "gateway.unreachable", Unavailable;
    /// The gateway's certificate is not the one that was pinned.
    GatewayUntrusted = "gateway.untrusted", Forbidden;
    /// A self-signed gateway was met without its trust value.
    GatewayUnpinned = "gateway.trust_needed", Forbidden;
    /// The gateway is shutting down.
    GatewayStopping = "gateway.stopping", Unavailable;
    /// The mail server will not have the message; its reason is the sentence (EML-22).
    MailRefused = "mail.refused", Forbidden;
    /// The mail server could not be reached or used.
    MailFailed = "mail.failed", Unavailable;
    /// The program is too old for the gateway.
    VersionTooOld = "version.too_old", Conflict;
    /// The request body or a field is not as documented.
    RequestMalformed = "request.malformed", Malformed;
    /// The request or message is larger than allowed.
    RequestTooLarge = "request.too_large", TooLarge;
    /// There is no such resource.
    RequestNotFound = "request.not_found", NotFound;
    /// The message kind is not known here.
    RequestUnsupported = "request.unsupported", Malformed;
    /// Requests come too fast.
    RequestLimited = "request.too_many", Limited;
    /// The desktop cannot be captured because it runs under Wayland.
    ScreenWayland = "screen.wayland_unsupported", Conflict;
    /// The screen cannot be captured.
    ScreenUnavailable = "screen.unavailable", Unavailable;
    /// The screen is locked and cannot be shown.
    ScreenLocked = "screen.locked", Conflict;
    /// Input cannot be given to this desktop.
    InputUnavailable = "input.unavailable", Unavailable;
    /// Input was aimed at the applet's own window.
    InputOwnWindow = "input.own_window", Forbidden;
    /// Stop keys cannot be pressed from afar.
    InputStopKey = "input.stop_key", Forbidden;
    /// The stop key cannot be heard on this device just now, so nobody may control it.
    InputUnguarded = "input.unguarded", Unavailable;
    /// The customer's own hands were at mouse or keyboard just then, and theirs go first.
    InputPriority = "input.priority", Conflict;
    /// The place lies on none of the customer's monitors.
    InputOffScreen = "input.off_screen", Malformed;
    /// No applet runs here that could be stopped.
    AppletNotRunning = "applet.not_running", NotFound;
    /// A check of this machine or its network failed.
    DoctorFailed = "doctor.checks_failed", Unsound;
    /// A file could not be read or written.
    StorageFailed = "storage.failed", Unavailable;
    /// Something went wrong inside; the log has more.
    Internal = "internal.error", Internal;
}

impl ErrorCode {
    /// Key of the sentence shown to people.
    pub fn fluent_key(self) -> String {
        format!("error-{}", self.as_str().replace(['.', '_'], "-"))
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self::parse(&text).unwrap_or(Self::Internal))
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error as it travels: the body of every non-2xx API answer and of every refusal on a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ErrorBody {
    /// Stable code.
    pub code: ErrorCode,
    /// English sentence for logs; programs show the Fluent text of the code.
    pub message: String,
    /// Key of the permission that was missing, where that was the reason (ORG-113).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// Whole seconds after which another try makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
    /// Proof of work to solve before the next try, with [`ErrorCode::CodeProofOfWork`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<crate::proof::Challenge>,
}

impl ErrorBody {
    /// An error with a code and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            permission: None,
            retry_after_secs: None,
            challenge: None,
        }
    }

    /// A refusal that names the permission it lacked.
    pub fn missing(permission: impl Into<String>) -> Self {
        let permission = permission.into();
        Self {
            permission: Some(permission.clone()),
            ..Self::new(ErrorCode::PermissionMissing, format!("the permission {permission} is missing"))
        }
    }

    /// The same error with a time to wait.
    pub fn retry_after(mut self, secs: u32) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_and_parses_back() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
            assert_eq!(code.as_str().split('.').count(), 2);
        }
    }
}
