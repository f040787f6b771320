//! Bodies of the gateway's JSON API (`/api/v1/…`), shared with its clients. Times are RFC 3339 with Z, keys hex, every error an [`ErrorBody`].
//!
//! | method and path | body → answer | who |
//! |---|---|---|
//! | `POST /login` | [`Login`] → [`LoginAnswer`] | anyone |
//! | `POST /logout` `{everywhere: bool}` | [`Logout`] → 204 | technician |
//! | `POST /password` | [`PasswordChange`] → 204 (signs out everywhere else) | technician |
//! | `GET /me` | → [`LoginAnswer`] without token | technician |
//! | `POST /sessions` | [`NewSession`] → [`SessionCreated`] | technician |
//! | `GET /sessions?final=bool` | → `[SessionRow]` | technician |
//! | `GET /sessions/{id}` | → [`SessionRow`] | technician |
//! | `GET /sessions/{id}/events?after=N` | → `[SessionEvent]` | technician |
//! | `POST /sessions/{id}/start` | [`Empty`] → [`SessionRow`] (Waiting, On hold, Transferring → Active) | technician |
//! | `POST /sessions/{id}/hold`, `/close` | [`Comment`] → [`SessionRow`] | lead |
//! | `POST /sessions/{id}/mail` | [`MailLink`] → [`MailOutcome`] (while only the code exists) | technician |
//! | `POST /sessions/{id}/ticket` | [`TicketRequest`] → [`TicketAnswer`] (session Active) | lead |
//! | `POST /join` | [`Join`] → [`JoinAnswer`] | anyone |
//! | `GET /rejoin` | → [`JoinAnswer`] | applet, by its credential |
//! | `GET /live` | WebSocket, see [`gateway`](crate::gateway) | technician or applet |

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::{
    error::{ErrorBody, ErrorCode},
    ids::{MemberId, PeerKey, SessionId},
    input::InputPriority,
    proof::Solution,
    session::Status,
    ticket::{GatewayKey, Signed, TechnicianIdentity},
    time::Timestamp,
};

/// Longest name of a session, in characters (GLO-87).
pub const MAX_NAME_CHARS: usize = 128;
/// Longest custom field, in characters (GLO-88).
pub const MAX_FIELD_CHARS: usize = 64;
/// Custom fields a session has (GLO-88).
pub const MAX_FIELDS: usize = 5;
/// Most addresses an endpoint may name.
pub const MAX_ADDRESSES: usize = 64;

/// Nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Empty {}

/// Sign-in of a member.
#[derive(Clone, Serialize, Deserialize)]
pub struct Login {
    /// Address of the account.
    pub email: String,
    /// Password; never logged.
    pub password: String,
}

/// A signed-in member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginAnswer {
    /// Bearer token; empty in answers to `GET /me`.
    #[serde(default)]
    pub token: String,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// Who signed in.
    pub technician: TechnicianIdentity,
    /// Address of the account.
    pub email: String,
    /// Key the gateway signs tickets with.
    pub gateway_key: GatewayKey,
    /// Keys of the group permissions the member has.
    pub permissions: Vec<String>,
    /// Address customers open to type a PIN (SES-10).
    pub pin_page: String,
    /// Most sessions the technician may have Active at once (CON-38).
    pub max_active_sessions: u32,
    /// The gateway sends links by e-mail for the technician (EML-03, EML-09); one of an earlier version does not say so.
    #[serde(default)]
    pub sends_mail: bool,
}

/// Sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Logout {
    /// Every token of the member, not only this one.
    #[serde(default)]
    pub everywhere: bool,
}

/// A new password.
#[derive(Clone, Serialize, Deserialize)]
pub struct PasswordChange {
    /// The present one.
    pub current: String,
    /// The new one, at least 10 characters.
    pub new: String,
}

/// A private session to be made (EML-05, EML-06).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewSession {
    /// Name field, at most [`MAX_NAME_CHARS`].
    pub name: String,
    /// CField1 to CField5, each at most [`MAX_FIELD_CHARS`].
    #[serde(default, deserialize_with = "crate::wire::bounded::<MAX_FIELDS, _, _>")]
    pub fields: Vec<String>,
    /// Active without a click when the customer arrives (SES-15).
    #[serde(default)]
    pub auto_start: bool,
    /// Minutes the code lives; the group's value when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_minutes: Option<u32>,
}

/// A session that waits for its customer: it has a code and no status yet (EML-11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionCreated {
    /// The session.
    pub session_id: SessionId,
    /// PIN, digits only.
    pub pin: String,
    /// Link for the customer.
    pub link: String,
    /// Both stop working then.
    pub expires_at: Timestamp,
    /// Subject of the e-mail, as the technician's group has it (EML-16, EML-20).
    pub mail_subject: String,
    /// Text of the e-mail with the link on a line of its own (EML-16, EML-18, EML-20).
    pub mail_text: String,
}

/// Asks the gateway to send the link of a session by its mail service (EML-09, EML-11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailLink {
    /// Whom to: one address that passes [`is_address`](crate::mail::is_address) (EML-23).
    pub to: String,
    /// The link as [`SessionCreated`] has it; the gateway itself keeps hashes of codes alone.
    pub link: String,
}

/// What became of a message that the gateway was to send (EML-22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum MailOutcome {
    /// The mail server has taken it over.
    Sent,
    /// The mail server will not have it.
    Refused {
        /// In the server's words.
        reason: String,
    },
    /// The mail server could not be reached, or broke off; another try may get through.
    Failed {
        /// What went wrong.
        reason: String,
    },
}

impl MailOutcome {
    /// The same as an error with the reason as its sentence, unless the message was sent.
    ///
    /// # Errors
    /// `mail.refused`, `mail.failed`.
    pub fn into_result(self) -> Result<(), ErrorBody> {
        match self {
            Self::Sent => Ok(()),
            Self::Refused { reason } => Err(ErrorBody::new(ErrorCode::MailRefused, reason)),
            Self::Failed { reason } => Err(ErrorBody::new(ErrorCode::MailFailed, reason)),
        }
    }
}

/// One line of the session list (UX, "Session list columns").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The session.
    pub session_id: SessionId,
    /// Name field.
    pub name: String,
    /// CField1 to CField5.
    #[serde(deserialize_with = "crate::wire::bounded::<MAX_FIELDS, _, _>")]
    pub fields: Vec<String>,
    /// State; none while only the code exists.
    pub status: Option<Status>,
    /// Since when it has this state (or the code exists).
    pub since: Timestamp,
    /// When the session was made.
    pub created_at: Timestamp,
    /// Lead technician.
    pub lead: Option<TechnicianIdentity>,
    /// Who made the code.
    pub issued_by: TechnicianIdentity,
    /// Operating system of the device, once known.
    pub platform: Option<String>,
    /// Host name of the device, once known.
    pub device: Option<String>,
    /// Last comment.
    pub comment: String,
    /// End of the code while it waits for the customer.
    pub expires_at: Option<Timestamp>,
    /// When a session that is Waiting or Transferring times out (SES-55); none for any other, and where there is no limit.
    #[serde(default)]
    pub waiting_ends_at: Option<Timestamp>,
    /// True while the applet's line to the gateway stands.
    pub customer_online: bool,
}

/// A word along with a step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Comment {
    /// Free text, at most 512 characters.
    #[serde(default)]
    pub comment: String,
}

/// Where an endpoint can be dialled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerAddress {
    /// Its key.
    pub key: PeerKey,
    /// Relay it is connected to.
    pub relay_url: Option<String>,
    /// `ip:port` it may be reached at directly.
    #[serde(deserialize_with = "crate::wire::bounded::<MAX_ADDRESSES, _, _>")]
    pub direct: Vec<String>,
}

/// Asks for the right to meet the applet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRequest {
    /// The console's endpoint.
    pub viewer: PeerAddress,
}

/// The right to meet the applet, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAnswer {
    /// The ticket.
    pub ticket: Signed,
    /// Where the applet is.
    pub host: PeerAddress,
    /// Relay and token for the console's key; none when the gateway runs no relay.
    pub relay: Option<crate::gateway::RelayGrant>,
}

/// A customer arrives with a code. The same key may ask again while the code lives, and is given the same session and credential: an answer that
/// was lost costs nobody a PIN. For any other key a code is good once (EML-29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// PIN digits or link code.
    pub code: String,
    /// Key of the applet for this session.
    pub applet_key: PeerKey,
    /// Operating system and version.
    pub platform: String,
    /// Host name.
    pub device: String,
    /// Version of the applet.
    pub version: String,
    /// Ed25519 by the applet's key over all of the above, 128 hex digits: see [`Join::sign`].
    #[serde(default)]
    pub signature: String,
    /// Answer to a proof of work, when one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Solution>,
}

impl Join {
    /// Says whose it is and proves it: sets key and signature.
    pub fn sign(&mut self, key: &SigningKey) {
        self.applet_key = PeerKey(key.verifying_key().to_bytes());
        self.signature = HEXLOWER.encode(&key.sign(&self.signed_bytes()).to_bytes());
    }

    /// True when whoever wrote it has the secret half of [`Join::applet_key`].
    pub fn is_signed(&self) -> bool {
        let signature = HEXLOWER_PERMISSIVE.decode(self.signature.as_bytes()).unwrap_or_default();
        let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(&self.applet_key.0), Signature::from_slice(&signature)) else {
            return false;
        };
        // Strict, so that nobody proves a key that others may hold as well.
        key.verify_strict(&self.signed_bytes(), &signature).is_ok()
    }

    /// `farhand join v1`, a zero byte, the key, then each text with its length in bytes (u32, big endian) before it.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"farhand join v1\0".to_vec();
        bytes.extend_from_slice(&self.applet_key.0);
        for text in [&self.code, &self.platform, &self.device, &self.version] {
            bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

/// The session, as its applet needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinAnswer {
    /// The session.
    pub session_id: SessionId,
    /// Bearer credential for the life of the session; kept on disk until then.
    pub credential: String,
    /// Its state.
    pub status: Status,
    /// Organisation exactly as typed (APP-11).
    pub organisation: String,
    /// Technician who made the code.
    pub technician: TechnicianIdentity,
    /// Name field of the session.
    pub name: String,
    /// Key the gateway signs tickets with.
    pub gateway_key: GatewayKey,
    /// Terms to accept first (APP-43), if any.
    pub terms: Option<String>,
    /// Settings of the unit.
    pub settings: AppletSettings,
    /// Relay and token for the applet's key; none when the gateway runs no relay.
    pub relay: Option<crate::gateway::RelayGrant>,
}

/// Settings of the technician group or channel that the applet follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppletSettings {
    /// Name at the top (APP-52).
    pub application_name: String,
    /// APP-36, APP-38: false passes the key to the system.
    pub pause_key: bool,
    /// APP-59.
    pub priority: InputPriority,
    /// APP-25: one question covers all.
    pub single_prompt: bool,
    /// APP-27: ask once at the start.
    pub ask_at_start: bool,
}

/// A chain entry as it is uploaded; see `chain`.
pub type NewEvent = crate::chain::ChainEntry;

/// A stored event of a session, gateway's own and peers' alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionEvent {
    /// Number in the gateway's log; grows.
    pub event_id: i64,
    /// The session.
    pub session_id: SessionId,
    /// When it happened, by the origin's clock.
    pub occurred_at: Timestamp,
    /// `gateway`, or the key of the peer's chain.
    pub origin: String,
    /// Number in the origin's chain.
    pub seq: u64,
    /// `session.status`, `consent.allowed`, `chat.line`, `control.started`, …
    pub kind: String,
    /// Who acted: `customer`, `technician`, `administrator`, `system`.
    pub actor: String,
    /// What the kind tells, a JSON object.
    pub detail: serde_json::Value,
    /// Hash of the entry, hex.
    pub hash: String,
}

/// Answer of `GET /api/v1/version`, and of nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Version of the gateway.
    pub version: String,
    /// Name of the organisation.
    pub organisation: String,
    /// API versions served.
    pub api: Vec<u16>,
}

/// A member as `farhand-gateway technician list --json` and later pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// The member.
    pub member_id: MemberId,
    /// Address of the account.
    pub email: String,
    /// Name.
    pub name: String,
    /// `master`, `administrator` or `technician`.
    pub role: String,
    /// True when the account may not sign in.
    pub disabled: bool,
}
