//! What the gateway signs: tickets (one per applet–technician pair), numbered ceiling updates, and relay tokens. Ed25519 over the
//! bytes as carried, each kind under its own context string, so that one can never pass for another.
//! No clock here: whoever checks passes `now`.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::{
    error::ErrorCode,
    ids::{MemberId, PeerKey, SessionId},
    permission::{CapabilitySet, RecordingPolicy},
    time::Timestamp,
    wire::{from_cbor, to_cbor},
};

/// A ticket must first be used within this time (DESIGN 4).
pub const FIRST_USE_MILLIS: i64 = 60_000;
/// A pair may dial again under its ticket for this long after issue or the last update (DESIGN 7).
pub const LEASE_MILLIS: i64 = 60 * 60_000;
/// Disagreement of clocks that is forgiven.
pub const CLOCK_SKEW_MILLIS: i64 = 120_000;
/// Largest signed statement, in bytes.
pub const MAX_SIGNED_BYTES: usize = 4096;

/// Why a signed statement is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TicketError {
    /// The signature is not the gateway's, or the bytes were changed.
    #[error("the ticket was not signed by this gateway")]
    BadSignature,
    /// The bytes are not the statement they should be.
    #[error("the ticket is malformed: {0}")]
    Malformed(String),
    /// It names another session, key or pair.
    #[error("the ticket belongs to another {0}")]
    Foreign(&'static str),
    /// It came too late or too early.
    #[error("the ticket has expired")]
    Expired,
    /// An older update after a newer one.
    #[error("update {got} is not newer than {have}")]
    Stale {
        /// Number in the update.
        got: u64,
        /// Newest number known.
        have: u64,
    },
}

impl TicketError {
    /// The code to answer with.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::BadSignature | Self::Malformed(_) | Self::Stale { .. } => ErrorCode::TicketInvalid,
            Self::Foreign(_) => ErrorCode::TicketForeign,
            Self::Expired => ErrorCode::TicketExpired,
        }
    }
}

/// A statement that can be signed; the context keeps kinds apart.
pub trait Statement: Serialize + DeserializeOwned {
    /// Prefix of the signed bytes.
    const CONTEXT: &'static [u8];
}

/// Bytes as carried, and the gateway's signature over them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The statement in CBOR, exactly as signed.
    #[serde(with = "bytes_or_text")]
    pub bytes: Vec<u8>,
    /// Ed25519, 64 bytes.
    #[serde(with = "bytes_or_text")]
    pub signature: Vec<u8>,
}

impl Signed {
    /// Signs a statement.
    pub fn seal<T: Statement>(statement: &T, key: &SigningKey) -> Self {
        let mut bytes = Vec::new();
        to_cbor(statement, &mut bytes);
        let signature = key.sign(&with_context(T::CONTEXT, &bytes)).to_bytes().to_vec();
        Self { bytes, signature }
    }

    /// The statement, if the gateway signed it.
    pub fn open<T: Statement>(&self, gateway: &GatewayKey) -> Result<T, TicketError> {
        if self.bytes.len() > MAX_SIGNED_BYTES {
            return Err(TicketError::Malformed("too large".into()));
        }
        let key = VerifyingKey::from_bytes(&gateway.0).map_err(|_| TicketError::BadSignature)?;
        let signature = Signature::from_slice(&self.signature).map_err(|_| TicketError::BadSignature)?;
        key.verify(&with_context(T::CONTEXT, &self.bytes), &signature)
            .map_err(|_| TicketError::BadSignature)?;
        from_cbor(&self.bytes).map_err(TicketError::Malformed)
    }

    /// SHA-256 of the bytes, compared by both ends inside the channel.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    /// One line of text: base64url of bytes, a dot, base64url of the signature.
    pub fn to_text(&self) -> String {
        let b64 = data_encoding::BASE64URL_NOPAD;
        format!("{}.{}", b64.encode(&self.bytes), b64.encode(&self.signature))
    }

    /// Reads [`Signed::to_text`].
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() > MAX_SIGNED_BYTES * 2 {
            return None;
        }
        let b64 = data_encoding::BASE64URL_NOPAD;
        let (bytes, signature) = text.split_once('.')?;
        Some(Self {
            bytes: b64.decode(bytes.as_bytes()).ok()?,
            signature: b64.decode(signature.as_bytes()).ok()?,
        })
    }
}

/// The public half of the key a gateway signs with, as hex in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PeerKey", into = "PeerKey")]
pub struct GatewayKey(pub [u8; 32]);

impl From<PeerKey> for GatewayKey {
    fn from(key: PeerKey) -> Self {
        Self(key.0)
    }
}

impl From<GatewayKey> for PeerKey {
    fn from(key: GatewayKey) -> Self {
        Self(key.0)
    }
}

/// What a technician is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TechnicianIdentity {
    /// Account in the organisation.
    pub member_id: MemberId,
    /// The name customers see (GLO-27).
    pub name: String,
    /// Organisation verified by this gateway.
    pub organisation: String,
}

/// The part a technician plays in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// In charge (GLO-22).
    Lead,
    /// By invitation of the lead (GLO-23).
    Collaborator,
}

/// The right of one console to meet one applet (DESIGN 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Made by the gateway.
    pub ticket_id: Uuid,
    /// The session.
    pub session_id: SessionId,
    /// The technician's part.
    pub leg: Leg,
    /// Key of the applet.
    pub host_key: PeerKey,
    /// Key of the console.
    pub viewer_key: PeerKey,
    /// Who holds the console.
    pub technician: TechnicianIdentity,
    /// Most that can ever be allowed under it.
    pub ceiling: CapabilitySet,
    /// How recording stands.
    pub recording: RecordingPolicy,
    /// When it was made.
    pub issued_at: Timestamp,
    /// First use until then.
    pub first_use_until: Timestamp,
    /// Redialling until then.
    pub lease_until: Timestamp,
}

impl Statement for Ticket {
    const CONTEXT: &'static [u8] = b"farhand ticket v1\0";
}

/// Whether this ticket was used before on this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketUse {
    /// Not yet.
    First,
    /// The link was lost and is dialled again.
    Again,
}

impl Ticket {
    /// Checks the ticket against what this side knows of itself and of the proven key of the other.
    pub fn check(
        &self,
        session_id: SessionId,
        host_key: PeerKey,
        viewer_key: PeerKey,
        now: Timestamp,
        used: TicketUse,
    ) -> Result<(), TicketError> {
        if self.session_id != session_id {
            return Err(TicketError::Foreign("session"));
        }
        if self.host_key != host_key {
            return Err(TicketError::Foreign("applet"));
        }
        if self.viewer_key != viewer_key {
            return Err(TicketError::Foreign("console"));
        }
        let until = match used {
            TicketUse::First => self.first_use_until,
            TicketUse::Again => self.lease_until,
        };
        let too_early = self.issued_at.since_millis(now) > CLOCK_SKEW_MILLIS;
        if too_early || now.since_millis(until) > CLOCK_SKEW_MILLIS {
            return Err(TicketError::Expired);
        }
        Ok(())
    }
}

/// A ceiling that changed, in force within a second (DESIGN 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeilingUpdate {
    /// The ticket it amends.
    pub ticket_id: Uuid,
    /// Grows by one with each update of this ticket.
    pub number: u64,
    /// New most that can be allowed.
    pub ceiling: CapabilitySet,
    /// New end of redialling.
    pub lease_until: Timestamp,
}

impl Statement for CeilingUpdate {
    const CONTEXT: &'static [u8] = b"farhand ceiling v1\0";
}

impl CeilingUpdate {
    /// Refuses an update for another ticket or one that is not newer.
    pub fn check(&self, ticket_id: Uuid, newest: u64) -> Result<(), TicketError> {
        if self.ticket_id != ticket_id {
            return Err(TicketError::Foreign("ticket"));
        }
        if self.number <= newest {
            return Err(TicketError::Stale {
                got: self.number,
                have: newest,
            });
        }
        Ok(())
    }
}

/// The right of one key to use the relay while its session lasts (DESIGN 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayToken {
    /// The key that may use it.
    pub key: PeerKey,
    /// The session it is for.
    pub session_id: SessionId,
    /// Not after.
    pub not_after: Timestamp,
}

impl Statement for RelayToken {
    const CONTEXT: &'static [u8] = b"farhand relay v1\0";
}

impl RelayToken {
    /// Checks the proven key of a relay client and the time; that the session is not over is asked of the database.
    pub fn check(&self, key: PeerKey, now: Timestamp) -> Result<(), TicketError> {
        if self.key != key {
            return Err(TicketError::Foreign("key"));
        }
        if now > self.not_after {
            return Err(TicketError::Expired);
        }
        Ok(())
    }
}

fn with_context(context: &[u8], bytes: &[u8]) -> Vec<u8> {
    [context, bytes].concat()
}

/// Byte strings in CBOR, base64url text in JSON.
pub(crate) mod bytes_or_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&data_encoding::BASE64URL_NOPAD.encode(bytes))
        } else {
            serializer.serialize_bytes(bytes)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map_err(D::Error::custom)
        } else {
            serde_bytes::ByteBuf::deserialize(deserializer).map(serde_bytes::ByteBuf::into_vec)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        Ticket {
            ticket_id: Uuid::from_u128(1),
            session_id: SessionId(7),
            leg: Leg::Lead,
            host_key: PeerKey([1; 32]),
            viewer_key: PeerKey([2; 32]),
            technician: TechnicianIdentity {
                member_id: MemberId(3),
                name: "Ada Kern".into(),
                organisation: "ACME".into(),
            },
            ceiling: CapabilitySet::all(),
            recording: RecordingPolicy::WithConsent,
            issued_at: Timestamp(1_000_000),
            first_use_until: Timestamp(1_000_000 + FIRST_USE_MILLIS),
            lease_until: Timestamp(1_000_000 + LEASE_MILLIS),
        }
    }

    fn keys() -> (SigningKey, GatewayKey) {
        let key = SigningKey::from_bytes(&[5; 32]);
        let public = GatewayKey(key.verifying_key().to_bytes());
        (key, public)
    }

    #[test]
    fn a_sealed_ticket_opens_under_its_gateway_alone() {
        let (key, public) = keys();
        let signed = Signed::seal(&ticket(), &key);
        assert_eq!(signed.open::<Ticket>(&public).unwrap(), ticket());
        assert_eq!(Signed::from_text(&signed.to_text()), Some(signed.clone()));
        let other = GatewayKey(SigningKey::from_bytes(&[6; 32]).verifying_key().to_bytes());
        assert_eq!(signed.open::<Ticket>(&other), Err(TicketError::BadSignature));
        assert_eq!(
            signed.open::<CeilingUpdate>(&public),
            Err(TicketError::BadSignature),
            "contexts keep kinds apart"
        );
    }

    #[test]
    fn any_changed_byte_breaks_the_signature() {
        let (key, public) = keys();
        let signed = Signed::seal(&ticket(), &key);
        for i in 0..signed.bytes.len() {
            let mut forged = signed.clone();
            forged.bytes[i] ^= 1;
            assert!(forged.open::<Ticket>(&public).is_err(), "byte {i}");
        }
    }

    #[test]
    fn a_ticket_holds_for_its_pair_session_and_time() {
        let t = ticket();
        let (s, h, v, now) = (t.session_id, t.host_key, t.viewer_key, t.issued_at.plus_millis(1000));
        assert_eq!(t.check(s, h, v, now, TicketUse::First), Ok(()));
        assert_eq!(
            t.check(SessionId(8), h, v, now, TicketUse::First),
            Err(TicketError::Foreign("session"))
        );
        assert_eq!(t.check(s, v, v, now, TicketUse::First), Err(TicketError::Foreign("applet")));
        assert_eq!(t.check(s, h, h, now, TicketUse::First), Err(TicketError::Foreign("console")));
        let late = t.issued_at.plus_millis(FIRST_USE_MILLIS + CLOCK_SKEW_MILLIS + 1);
        assert_eq!(t.check(s, h, v, late, TicketUse::First), Err(TicketError::Expired));
        assert_eq!(t.check(s, h, v, late, TicketUse::Again), Ok(()));
        assert_eq!(
            t.check(s, h, v, t.issued_at.plus_millis(-CLOCK_SKEW_MILLIS - 1), TicketUse::First),
            Err(TicketError::Expired)
        );
    }
}
