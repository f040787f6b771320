//! Frames: `{kind u16 BE, length u32 BE, CBOR}`. Unknown kinds are skipped or answered `unsupported`; a length beyond the limit
//! is refused before anything is allocated. Sans-I/O: bytes in, frames out.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

/// Bytes before the body.
pub const HEADER_BYTES: usize = 6;
/// Largest body of a frame, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// Deepest nesting of CBOR values accepted.
const MAX_DEPTH: usize = 32;

/// Why bytes are not a frame, sorted by who is at fault: all of these are the peer's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WireError {
    /// The announced length is beyond [`MAX_BODY_BYTES`].
    #[error("a frame of {0} bytes is larger than the limit")]
    TooLarge(u64),
    /// The body is not what its kind says.
    #[error("a frame of kind {kind} is malformed: {reason}")]
    Malformed {
        /// Kind in the header.
        kind: u16,
        /// What did not fit.
        reason: String,
    },
    /// The bytes end inside a frame.
    #[error("the bytes end inside a frame")]
    Truncated,
}

/// A message type that knows its frame kinds.
pub trait Message: Sized {
    /// Kind of this message.
    fn kind(&self) -> u16;
    /// Body of this message in CBOR.
    fn write_body(&self, out: &mut Vec<u8>);
    /// The message of this kind, `None` when the kind is unknown here.
    fn read_body(kind: u16, body: &[u8]) -> Option<Result<Self, WireError>>;

    /// The whole frame.
    fn to_frame(&self) -> Vec<u8> {
        let mut out = vec![0; HEADER_BYTES];
        self.write_body(&mut out);
        let length = (out.len() - HEADER_BYTES) as u32;
        out[..2].copy_from_slice(&self.kind().to_be_bytes());
        out[2..HEADER_BYTES].copy_from_slice(&length.to_be_bytes());
        out
    }

    /// Reads exactly one frame that fills the bytes; `Ok(None)` for an unknown kind.
    fn from_frame(bytes: &[u8]) -> Result<Option<Self>, WireError> {
        let (frame, rest) = split_frame(bytes)?.ok_or(WireError::Truncated)?;
        if !rest.is_empty() {
            return Err(WireError::Malformed {
                kind: frame.kind,
                reason: "bytes after the frame".into(),
            });
        }
        Self::read_body(frame.kind, frame.body).transpose()
    }
}

/// One frame as it lies in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawFrame<'a> {
    /// What the body is.
    pub kind: u16,
    /// CBOR.
    pub body: &'a [u8],
}

/// The first frame and what follows it; `None` while more bytes are needed.
pub fn split_frame(bytes: &[u8]) -> Result<Option<(RawFrame<'_>, &[u8])>, WireError> {
    let Some((header, rest)) = bytes.split_at_checked(HEADER_BYTES) else {
        return Ok(None);
    };
    let kind = u16::from_be_bytes([header[0], header[1]]);
    let length = u32::from_be_bytes([header[2], header[3], header[4], header[5]]) as usize;
    if length > MAX_BODY_BYTES {
        return Err(WireError::TooLarge(length as u64));
    }
    Ok(rest.split_at_checked(length).map(|(body, rest)| (RawFrame { kind, body }, rest)))
}

/// Collects bytes of a stream and gives out messages.
#[derive(Debug, Default)]
pub struct FrameReader {
    buffer: Vec<u8>,
    consumed: usize,
}

/// What a stream held next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming<T> {
    /// A message.
    Message(T),
    /// A frame whose kind is not known here; answer `unsupported` or skip it.
    Unknown(u16),
}

impl FrameReader {
    /// Takes in bytes from the stream.
    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        if self.consumed > 0 {
            self.buffer.drain(..self.consumed);
            self.consumed = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    pub fn poll_message<T: Message>(&mut self) -> Result<Option<Incoming<T>>, WireError> {
        let pending = self.buffer.get(self.consumed..).unwrap_or_default();
        let Some((frame, rest)) = split_frame(pending)? else {
            return Ok(None);
        };
        self.consumed = self.buffer.len() - rest.len();
        match T::read_body(frame.kind, frame.body) {
            Some(message) => message.map(|m| Some(Incoming::Message(m))),
            None => Ok(Some(Incoming::Unknown(frame.kind))),
        }
    }

    /// True when the stream may end here without a loss.
    pub fn is_at_boundary(&self) -> bool {
        self.consumed == self.buffer.len()
    }
}

/// Writes a value as CBOR.
pub fn to_cbor<T: Serialize>(value: &T, out: &mut Vec<u8>) {
    // Writing into a Vec cannot fail and none of our types refuse to serialise; an empty body would be refused by the peer.
    let before = out.len();
    if ciborium::into_writer(value, &mut *out).is_err() {
        out.truncate(before);
    }
}

/// Reads a value that fills the bytes.
pub fn from_cbor<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    if bytes.len() > MAX_BODY_BYTES {
        return Err("too large".into());
    }
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|e| e.to_string())?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err("bytes after the value".into())
    }
}

/// Reads a list of at most `MOST` elements; a longer one is refused when it gets too long, whatever length it announces. For
/// `#[serde(deserialize_with = "…")]` on every list of a message, so that small bytes cannot become a large list.
pub(crate) fn bounded<'de, const MOST: usize, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Bounded<const MOST: usize, T>(PhantomData<T>);

    impl<'de, const MOST: usize, T: Deserialize<'de>> Visitor<'de> for Bounded<MOST, T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = seq.next_element()? {
                if list.len() == MOST {
                    return Err(A::Error::invalid_length(MOST + 1, &self));
                }
                list.push(element);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(Bounded::<MOST, T>(PhantomData))
}

/// Gives every variant of a message enum a frame kind of its own; the body is the variant's content.
#[macro_export]
macro_rules! messages {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$vdoc:meta])* $kind:literal => $variant:ident($body:ty),)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        $vis enum $name { $($(#[$vdoc])* $variant($body),)+ }

        impl $name {
            /// Every frame kind with the name of its message.
            pub const KINDS: &'static [(u16, &'static str)] = &[$(($kind, stringify!($variant)),)+];
        }

        impl $crate::wire::Message for $name {
            fn kind(&self) -> u16 {
                match self { $(Self::$variant(_) => $kind,)+ }
            }
            fn write_body(&self, out: &mut Vec<u8>) {
                match self { $(Self::$variant(body) => $crate::wire::to_cbor(body, out),)+ }
            }
            fn read_body(kind: u16, body: &[u8]) -> Option<Result<Self, $crate::wire::WireError>> {
                match kind {
                    $($kind => Some($crate::wire::from_cbor::<$body>(body)
                        .map(Self::$variant)
                        .map_err(|reason| $crate::wire::WireError::Malformed { kind, reason })),)+
                    _ => None,
                }
            }
        }
    };
}
