//! Pixels to bytes and back. Knows nothing of sessions, networks or operating systems.
//!
//! The path of a change, from the host's screen to the viewer's:
//!
//! ```text
//!          ┌─ moved ────────────────────────────────────────────┐
//! damage ─▶ CopyFinder ─▶ RegionPlanner ─┬─ exact ─▶ TileEncoder ──┼─▶ operations ═▶ bytes ═▶ FramePainter ─▶ frame,
//!                        (what goes how) ├─ moving ─▶ VideoEncoder ┤                                        changed areas
//!                                        └─ still ──▶ TileEncoder ─┘
//!         on a slow link, first a preview, then modelled pixels ────┘
//! ```
//!
//! - [`picture`]: [`Area`], [`Picture`], [`PictureMut`], [`Canvas`]; BGRA, positions relative to the frame.
//! - [`operations`]: what an update is made of (reset, copy, tiles, video, preview, modelled pixels), and its bytes.
//! - [`tiles`]: exact coding of rectangles.
//! - [`modelled`]: exact coding for slow links, a quarter of the bytes at many times the work.
//! - [`video`]: H.264 of a rectangle.
//! - [`preview`]: a coarse picture for slow links.
//! - [`copies`]: what moved, so that it is copied where it is shown.
//! - [`planner`]: which part of a change goes how; optional, pure.
//! - [`painter`]: the viewer's frame.
//! - [`scale`]: that frame, larger or smaller.
//! - [`parallel`]: large work by several threads.
//!
//! # The host's side
//!
//! ```
//! use farhand_codec::operations::{Operation, TilesReason, append_operation};
//! use farhand_codec::planner::{PlannerConfig, RegionPlanner};
//! use farhand_codec::video::{Content, VideoConfig, VideoEncoder};
//! use farhand_codec::{Area, Canvas, FramePainter, TileEncoder};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let screen = Canvas::black(640, 480).ok_or("size")?;
//! let mut planner = RegionPlanner::new(640, 480, PlannerConfig::default());
//! let mut tiles = TileEncoder::new()?;
//! let mut stream: Option<VideoEncoder> = None;
//! let mut stream_number = 0;
//!
//! let mut update = Vec::new();
//! append_operation(&Operation::Reset { width: 640, height: 480 }, &mut update);
//! let (now_millis, pointer) = (0, (20, 30));
//! let plan = planner.plan(&[Area::of_size(640, 480)], now_millis, &[pointer]);
//! let picture = screen.as_picture();
//! tiles.append_operations(&picture, &plan.tiles, TilesReason::Change, &mut update)?;
//! if plan.video_restarted && stream.take().is_some() {
//!     append_operation(&Operation::EndVideo { stream: stream_number }, &mut update);
//!     stream_number += 1;
//! }
//! if let Some(video) = &plan.video {
//!     let Area { width, height, .. } = video.area;
//!     let config = VideoConfig {
//!         width,
//!         height,
//!         bitrate_bps: 8_000_000,
//!         max_bitrate_bps: 50_000_000,
//!         fps_max: 30,
//!         content: Content::Camera,
//!     };
//!     let encoder = match &mut stream {
//!         Some(encoder) => encoder,
//!         None => stream.insert(VideoEncoder::new(config)?),
//!     };
//!     let part = picture.part(video.area).ok_or("area")?;
//!     if let Some(encoded) = encoder.encode(&part, now_millis)? {
//!         let painted = video.painted.as_slice().into();
//!         let (kind, bytes) = (encoded.kind, encoded.bytes);
//!         append_operation(&Operation::Video { stream: stream_number, kind, area: video.area, painted, bytes }, &mut update);
//!     }
//! }
//! tiles.append_operations(&picture, &plan.refine, TilesReason::Refine, &mut update)?;
//!
//! // The viewer's side.
//! let mut painter = FramePainter::new()?;
//! let painted = painter.apply(&update)?;
//! assert!(painted.resized);
//! assert_eq!(painter.frame().ok_or("frame")?.row(7), screen.as_picture().row(7));
//! # Ok(())
//! # }
//! ```
//!
//! # What always holds
//!
//! Bytes from a peer never panic, and make this crate allocate no more than: the frame
//! ([`picture::MAX_FRAME_PIXELS`] × 4 bytes), 7 MB for tiles, 7 MB for modelled pixels, and [`painter::MAX_VIDEO_STREAMS`] video decoders of at
//! most six pictures each, and one more with a smaller picture for a preview. Callers bound an update's bytes by [`operations::MAX_UPDATE_BYTES`] before reading it.

#![deny(unsafe_code)]

pub mod picture;

pub mod operations;

pub mod tiles;

pub mod modelled;

pub mod video;

pub mod preview;

pub mod copies;

pub mod planner;

pub mod painter;

pub mod scale;

pub mod parallel;

mod error;

pub use copies::CopyFinder;
pub use error::{DecodeError, EncodeError};
pub use operations::{Operation, append_operation, decode_operations, encode_operations};
pub use painter::{FramePainter, Painted};
pub use picture::{Area, Canvas, Picture, PictureMut};
pub use planner::{Plan, RegionPlanner};
pub use scale::Scaler;
pub use tiles::{TileDecoder, TileEncoder};
pub use video::{VideoDecoder, VideoEncoder};
