//! H.264 of a rectangle: the lossy side, for film, animation and whatever changes faster than exact tiles can follow.
//!
//! A stream is one rectangle of fixed size. An encoder costs 22 MB at 1080p ([`Content::Camera`]; 44 MB with
//! [`Content::Screen`]) and a decoder 27 MB, and the first picture is a key of hundreds of kB for text. So streams are
//! made when a region needs one and dropped when it does not. There are no
//! periodic keys: a key comes first, after [`VideoEncoder::request_key`], and with [`Content::Screen`] when a picture
//! has nothing in common with the one before.
//!
//! Colour is BT.709 at full range on both sides and tagged so in the stream. 4:2:0 blurs coloured text whatever the bit
//! rate; what stands still must be refined by exact tiles.

mod backend;
mod colour;
mod decode;
mod encode;
mod stream_check;

pub use decode::{DecodedVideo, VideoDecoder};
pub use encode::{Content, EncodedVideo, VideoConfig, VideoEncoder};

pub use colour::{I420, coded_size};

/// Longest side of a video rectangle, in pixels.
pub const MAX_VIDEO_LONG_SIDE: u32 = 3840;

/// Shorter side of the largest video rectangle, in pixels.
pub const MAX_VIDEO_SHORT_SIDE: u32 = 2160;

/// Whether a rectangle of this size can be a video stream.
pub const fn video_size_allowed(width: u32, height: u32) -> bool {
    let (long, short) = if width > height { (width, height) } else { (height, width) };
    short > 0 && long <= MAX_VIDEO_LONG_SIDE && short <= MAX_VIDEO_SHORT_SIDE
}
