//! What can go wrong: a peer's bytes, or our own encoder.

use crate::picture::{MAX_FRAME_PIXELS, MAX_SIDE};

/// Why bytes from a peer could not be turned into pixels. Always the bytes' fault unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before what they announce.
    #[error("picture bytes end too early")]
    Truncated,
    /// An operation, area or pixel stream contradicts itself.
    #[error("malformed picture bytes: {0}")]
    Malformed(&'static str),
    /// Something is larger than this program ever accepts; nothing was allocated for it.
    #[error("picture beyond limits: {0}")]
    TooLarge(&'static str),
    /// An area lies outside the frame.
    #[error("area outside the frame")]
    OutsideFrame,
    /// H.264 that the decoder could not use; a key frame mends it.
    #[error("video needs a key frame")]
    NeedsKey,
    /// The decoder library could not be set up: ours or the machine's fault.
    #[error("video decoder unavailable")]
    Unavailable,
}

/// Why pixels could not be encoded: our own misuse, or the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The picture does not have the size the encoder was made for.
    #[error("picture is {got_width} x {got_height}, encoder is for {width} x {height}")]
    WrongSize {
        /// Width the encoder was made for, in pixels.
        width: u32,
        /// Height the encoder was made for, in pixels.
        height: u32,
        /// Width of the picture given, in pixels.
        got_width: u32,
        /// Height of the picture given, in pixels.
        got_height: u32,
    },
    /// A size, count or rate outside what can be coded.
    #[error("cannot encode: {0}")]
    Unsupported(&'static str),
    /// An area lies outside the picture or is empty.
    #[error("area outside the picture (sides at most {MAX_SIDE}, pixels at most {MAX_FRAME_PIXELS})")]
    OutsidePicture,
    /// The encoder library failed in the named step with this code.
    #[error("encoder failed to {step} (code {code})")]
    Library {
        /// What was asked of it.
        step: &'static str,
        /// Its return code.
        code: i32,
    },
}
