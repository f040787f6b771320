//! Hash chains of events, one per origin and session. Peers cut off from the gateway write what
//! happened to disk as links of a chain and replay it when the gateway is back; the gateway takes
//! each link once, refuses a rewritten past, and asks for what is missing.
//!
//! ```text
//! hash(n) = SHA-256(context ‖ CBOR [origin, session, seq, occurred_at, prev, kind, body])
//! prev(1) = 0…0, prev(n + 1) = hash(n)
//! ```
//!
//! Who writes what, so that each thing that happened is one link of one chain:
//!
//! | origin | writes |
//! |---|---|
//! | gateway | states, codes, tickets, transfers |
//! | applet | questions and answers, what is seen and controlled, refusals, and every chat line of either side: the customer's once it first goes to a technician, a technician's once it arrives |
//! | console | when its link, its view and its control began and ended; no chat |
//!
//! Links are CBOR on disk and between peers, JSON in the API; both carry the same values, so that a
//! hash can be checked from either. No file and no clock here. `seq` orders links, not `occurred_at`:
//! clocks may be set back.

mod body;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::gateway::MAX_EVENTS;
use crate::ids::{PeerKey, SessionId};
use crate::time::Timestamp;
use crate::wire::to_cbor;

pub use body::{Body, BodyError, MAX_DEPTH, MAX_VALUES};

/// Longest kind, in bytes.
pub const MAX_KIND_BYTES: usize = 64;
/// Largest body, in bytes of CBOR: a chat line of the largest size and what goes with it.
pub const MAX_BODY_BYTES: usize = 32 * 1024;
/// Most bytes of the links in one upload; the frame they go in takes twice as much.
pub const MAX_UPLOAD_BYTES: usize = 512 * 1024;
const CONTEXT: &[u8] = b"farhand chain v1\0";

/// Who writes a chain. As text: `gateway`, `applet:HEX` or `console:HEX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// The gateway, all its processes together.
    Gateway,
    /// The applet with this key.
    Applet(PeerKey),
    /// The console with this key.
    Console(PeerKey),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway => f.write_str("gateway"),
            Self::Applet(key) => write!(f, "applet:{key}"),
            Self::Console(key) => write!(f, "console:{key}"),
        }
    }
}

impl std::str::FromStr for Origin {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let key = |hex: &str| PeerKey::parse(hex).ok_or(ChainError::BadOrigin);
        match text.split_once(':') {
            None if text == "gateway" => Ok(Self::Gateway),
            Some(("applet", hex)) => key(hex).map(Self::Applet),
            Some(("console", hex)) => key(hex).map(Self::Console),
            _ => Err(ChainError::BadOrigin),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// SHA-256 of a link; hex in JSON, bytes in CBOR.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkHash(pub [u8; 32]);

impl LinkHash {
    /// What the first link of a chain points at.
    pub const START: Self = Self([0; 32]);
}

impl fmt::Display for LinkHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for LinkHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkHash({self})")
    }
}

impl std::str::FromStr for LinkHash {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .map_err(|_| ChainError::BadHash)?;
        bytes.try_into().map(Self).map_err(|_| ChainError::BadHash)
    }
}

impl Serialize for LinkHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for LinkHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            serde_bytes::ByteArray::<32>::deserialize(deserializer).map(|bytes| Self(bytes.into_array()))
        }
    }
}

/// One link: something that happened, bound to everything its origin wrote before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEntry {
    /// Who wrote it.
    pub origin: Origin,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// Number in the chain, from 1.
    pub seq: u64,
    /// When it happened, by the origin's clock.
    pub occurred_at: Timestamp,
    /// Hash of the link before, [`LinkHash::START`] for the first.
    pub prev: LinkHash,
    /// What happened, `area.event`: `chat.line`, `consent.allowed`, `control.started`, …
    pub kind: String,
    /// What the kind tells.
    pub body: Body,
}

impl ChainEntry {
    /// The hash the next link points at.
    pub fn hash(&self) -> LinkHash {
        let mut bytes = CONTEXT.to_vec();
        let tuple = (
            &self.origin,
            self.session_id,
            self.seq,
            self.occurred_at,
            self.prev,
            &self.kind,
            &self.body,
        );
        to_cbor(&tuple, &mut bytes);
        LinkHash(Sha256::digest(&bytes).into())
    }

    /// Refuses a link beyond the limits, whoever wrote it.
    pub fn check_limits(&self) -> Result<(), ChainError> {
        let kind_ok = !self.kind.is_empty() && self.kind.len() <= MAX_KIND_BYTES;
        let body_ok = self.body.is_within_limits() && cbor_bytes(&self.body) <= MAX_BODY_BYTES;
        if kind_ok && body_ok {
            Ok(())
        } else {
            Err(ChainError::TooLarge { seq: self.seq })
        }
    }

    /// The state of the chain after this link.
    pub fn head(&self) -> Head {
        Head {
            seq: self.seq,
            hash: self.hash(),
        }
    }
}

/// The newest link of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number, 0 for an empty chain.
    pub seq: u64,
    /// Its hash, [`LinkHash::START`] for an empty chain.
    pub hash: LinkHash,
}

impl Head {
    /// Of an empty chain.
    pub const EMPTY: Self = Self {
        seq: 0,
        hash: LinkHash::START,
    };

    /// The head after `entry`, if it is the next link.
    pub fn follow(self, entry: &ChainEntry) -> Result<Self, ChainError> {
        if entry.seq != self.seq.saturating_add(1) {
            return Err(ChainError::Gap {
                expected: self.seq.saturating_add(1),
                got: entry.seq,
            });
        }
        if entry.prev != self.hash {
            return Err(ChainError::Broken { seq: entry.seq });
        }
        entry.check_limits()?;
        Ok(entry.head())
    }
}

/// Why links are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Not the text of an origin.
    #[error("an origin is gateway, applet:KEY or console:KEY")]
    BadOrigin,
    /// Not the text of a hash.
    #[error("a hash has 64 hexadecimal digits")]
    BadHash,
    /// Links of another chain among them.
    #[error("entry {seq} belongs to another chain")]
    Foreign {
        /// Its number.
        seq: u64,
    },
    /// Links are missing before these; send from `expected` on.
    #[error("entry {expected} is missing before entry {got}")]
    Gap {
        /// Number needed.
        expected: u64,
        /// Number that came.
        got: u64,
    },
    /// A link does not point at the one before it.
    #[error("entry {seq} does not follow the one before it")]
    Broken {
        /// Its number.
        seq: u64,
    },
    /// A link differs from the one already taken under its number: the past was rewritten.
    #[error("entry {seq} differs from the one already stored")]
    Fork {
        /// Its number.
        seq: u64,
    },
    /// Beyond [`MAX_KIND_BYTES`], [`MAX_BODY_BYTES`], [`MAX_VALUES`] or [`MAX_DEPTH`], or without a kind.
    #[error("entry {seq} is beyond the limits")]
    TooLarge {
        /// Its number.
        seq: u64,
    },
}

/// The writing end of a chain. It keeps only the head; the links are the caller's to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    origin: Origin,
    session_id: SessionId,
    head: Head,
}

impl Chain {
    /// An empty chain.
    pub const fn new(origin: Origin, session_id: SessionId) -> Self {
        Self {
            origin,
            session_id,
            head: Head::EMPTY,
        }
    }

    /// A chain that goes on after the links on disk, all of which are checked.
    pub fn resume(origin: Origin, session_id: SessionId, entries: &[ChainEntry]) -> Result<Self, ChainError> {
        if let Some(foreign) = entries
            .iter()
            .find(|entry| entry.origin != origin || entry.session_id != session_id)
        {
            return Err(ChainError::Foreign { seq: foreign.seq });
        }
        Ok(Self {
            origin,
            session_id,
            head: verify(entries)?,
        })
    }

    /// A chain that goes on after a head that is trusted, such as the gateway's own row.
    pub const fn resume_at(origin: Origin, session_id: SessionId, head: Head) -> Self {
        Self { origin, session_id, head }
    }

    /// The next link. It counts as written from now on: store it before appending another.
    pub fn append(&mut self, occurred_at: Timestamp, kind: &str, body: Body) -> Result<ChainEntry, ChainError> {
        let entry = ChainEntry {
            origin: self.origin,
            session_id: self.session_id,
            seq: self.head.seq + 1,
            occurred_at,
            prev: self.head.hash,
            kind: kind.to_owned(),
            body,
        };
        self.head = self.head.follow(&entry)?;
        Ok(entry)
    }

    /// The newest link.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Who writes it.
    pub const fn origin(&self) -> Origin {
        self.origin
    }
}

/// Checks a whole chain from its first link; its head if every link follows.
pub fn verify(entries: &[ChainEntry]) -> Result<Head, ChainError> {
    entries
        .iter()
        .try_fold((Head::EMPTY, None), |(head, first), entry| {
            let (origin, session_id) = first.unwrap_or((entry.origin, entry.session_id));
            if (entry.origin, entry.session_id) != (origin, session_id) {
                return Err(ChainError::Foreign { seq: entry.seq });
            }
            Ok((head.follow(entry)?, Some((origin, session_id))))
        })
        .map(|(head, _)| head)
}

/// What a replay brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay<'a> {
    /// Links to store now, in order; empty when all were known.
    pub fresh: &'a [ChainEntry],
    /// The head once they are stored.
    pub head: Head,
}

/// Merges links that came from an origin into what is stored of its chain. Known links are taken
/// again without effect (replaying is idempotent), new ones must follow.
///
/// `known` is the stored head; `hash_at` gives the stored hash of a number up to it. The caller has
/// checked that the sender may write for this origin and session.
pub fn replay<'a>(
    origin: Origin,
    session_id: SessionId,
    known: Head,
    hash_at: impl Fn(u64) -> Option<LinkHash>,
    incoming: &'a [ChainEntry],
) -> Result<Replay<'a>, ChainError> {
    if let Some(foreign) = incoming
        .iter()
        .find(|entry| entry.origin != origin || entry.session_id != session_id)
    {
        return Err(ChainError::Foreign { seq: foreign.seq });
    }
    let is_known = |entry: &&ChainEntry| entry.seq <= known.seq;
    let split = incoming.iter().take_while(is_known).count();
    let (seen, fresh) = incoming.split_at(split);
    for entry in seen {
        if hash_at(entry.seq) != Some(entry.hash()) {
            return Err(ChainError::Fork { seq: entry.seq });
        }
    }
    let head = fresh.iter().try_fold(known, |head, entry| match head.follow(entry) {
        // The first fresh link names another past than the stored one.
        Err(ChainError::Broken { seq }) if seq == known.seq.saturating_add(1) => Err(ChainError::Fork { seq: known.seq }),
        other => other,
    })?;
    Ok(Replay { fresh, head })
}

/// As many of these links, from the first on, as fit into one upload.
pub fn upload_of(entries: &[ChainEntry]) -> &[ChainEntry] {
    let mut bytes_left = MAX_UPLOAD_BYTES;
    let fits = |entry: &&ChainEntry| {
        let left = bytes_left.checked_sub(cbor_bytes(entry));
        bytes_left = left.unwrap_or(0);
        left.is_some()
    };
    let count = entries.iter().take(MAX_EVENTS).take_while(fits).count();
    &entries[..count]
}

fn cbor_bytes<T: Serialize>(value: &T) -> usize {
    let mut bytes = Vec::new();
    to_cbor(value, &mut bytes);
    bytes.len()
}
