//! What the viewer shows: a persistent frame on which updates are painted.
//!
//! ```text
//! nothing ──reset──▶ frame ──copy, tiles, video──▶ frame ──reset──▶ another frame
//! ```
//!
//! The bytes are the host's, so all is bounded: the frame by `picture`, streams by [`MAX_VIDEO_STREAMS`], the work of
//! one update by [`MAX_WORK_FRAMES`]. Damaged video asks for a key and shows the last good state meanwhile; any other
//! fault of the bytes is an error, after which the frame should be asked for anew.

use std::ops::Range;

use crate::error::DecodeError;
use crate::modelled::{MAX_MODELLED_PIXELS, PixelModel};
use crate::operations::{AreaList, Operation, VideoKind, decode_operations};
use crate::parallel::{each, threads};
use crate::picture::{Area, Canvas, Picture, frame_size_allowed};
use crate::preview;
use crate::tiles::TileDecoder;
use crate::video::{VideoDecoder, video_size_allowed};

/// Most video streams at a time.
pub const MAX_VIDEO_STREAMS: usize = 4;

/// An update may touch this many times the pixels of the frame, and no more.
pub const MAX_WORK_FRAMES: u64 = 16;

/// Most previews of one update, each of which takes a decoder of its own for a moment. Together they are no more than two frames.
pub const MAX_PREVIEWS: usize = 16;
const MOST_PREVIEW_FRAMES: u64 = 2;

/// So many tiles operations are painted together at most: a bound to what is kept of an update, which may hold millions.
const MOST_TOGETHER: usize = 512;

/// Tiles of so many pixels are decoded by several threads, where their rows are apart.
const SHARED_PIXELS: u64 = 1920 * 256;

/// More changed areas than this are told as one.
const MAX_CHANGED: usize = 1024;

/// What an update did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Painted {
    /// Which parts of the frame may look different now. Inside the frame; may overlap.
    pub changed: Vec<Area>,
    /// The frame has a new size (and `changed` names all of it).
    pub resized: bool,
    /// Streams that cannot go on without a key. Ask the host for one.
    pub keys_wanted: Vec<u16>,
}

/// A frame and what is needed to bring it up to date.
pub struct FramePainter {
    canvas: Option<Canvas>,
    /// One, and more where several threads decode.
    // INVARIANT: there is at least one.
    tiles: Vec<TileDecoder>,
    streams: Vec<Stream>,
    /// What was learnt from modelled pixels since the last reset.
    model: Option<Box<PixelModel>>,
    modelled_pixels: u64,
    work: u64,
    previews: usize,
    preview_pixels: u64,
}

struct Stream {
    number: u16,
    decoder: VideoDecoder,
}

impl FramePainter {
    /// A painter without a frame; the first operation it can use is a reset.
    ///
    /// # Errors
    /// [`DecodeError::Unavailable`] when out of memory.
    pub fn new() -> Result<Self, DecodeError> {
        Ok(Self {
            canvas: None,
            tiles: vec![TileDecoder::new()?],
            streams: Vec::new(),
            model: None,
            modelled_pixels: 0,
            work: 0,
            previews: 0,
            preview_pixels: 0,
        })
    }

    /// The frame as it is now; `None` before the first reset.
    pub fn frame(&self) -> Option<Picture<'_>> {
        self.canvas.as_ref().map(Canvas::as_picture)
    }

    /// Applies the operations of one update in order.
    ///
    /// # Errors
    /// The first error of the bytes, other than video that needs a key. What came before it has been painted.
    pub fn apply(&mut self, update: &[u8]) -> Result<Painted, DecodeError> {
        let mut painted = Painted::default();
        (self.work, self.modelled_pixels, self.previews, self.preview_pixels) = (0, 0, 0, 0);
        // Tiles that follow each other are painted together.
        let mut tiles: Vec<TilesRun<'_>> = Vec::new();
        for operation in decode_operations(update) {
            if tiles.len() == MOST_TOGETHER || !matches!(operation, Ok(Operation::Tiles { .. })) {
                self.paint_tiles(std::mem::take(&mut tiles), &mut painted)?;
            }
            self.apply_one(operation?, &mut tiles, &mut painted)?;
        }
        self.paint_tiles(tiles, &mut painted)?;
        Ok(painted)
    }

    /// Applies one operation; tiles are only put to those that are to be painted together.
    fn apply_one<'a>(&mut self, operation: Operation<'a>, tiles: &mut Vec<TilesRun<'a>>, painted: &mut Painted) -> Result<(), DecodeError> {
        match operation {
            Operation::Reset { width, height } => self.reset(width, height, painted),
            Operation::Copy { from_x, from_y, to } => self.copy(from_x, from_y, to, painted),
            Operation::Tiles { areas, coded, .. } => {
                tiles.push(TilesRun { areas, coded });
                Ok(())
            }
            Operation::Modelled { areas, coded, .. } => self.paint_modelled(areas, coded, painted),
            Operation::Video {
                stream,
                kind,
                area,
                painted: parts,
                bytes,
            } => match self.paint_video(stream, kind, area, parts, bytes, painted) {
                Err(DecodeError::NeedsKey) => {
                    painted.want_key(stream);
                    Ok(())
                }
                other => other,
            },
            Operation::EndVideo { stream } => {
                self.streams.retain(|open| open.number != stream);
                painted.keys_wanted.retain(|wanted| *wanted != stream);
                Ok(())
            }
            Operation::Preview {
                area,
                width,
                height,
                bytes,
            } => self.paint_preview(area, (width, height), bytes, painted),
        }
    }

    fn reset(&mut self, width: u32, height: u32, painted: &mut Painted) -> Result<(), DecodeError> {
        if !frame_size_allowed(width, height) {
            return Err(DecodeError::TooLarge("frame"));
        }
        // The old frame goes first, so that both are never held at once.
        self.streams.clear();
        self.model = None;
        self.canvas = None;
        self.canvas = Canvas::black(width, height);
        self.spend(u64::from(width) * u64::from(height))?;
        *painted = Painted {
            changed: vec![Area::of_size(width, height)],
            resized: true,
            keys_wanted: Vec::new(),
        };
        Ok(())
    }

    fn copy(&mut self, from_x: u32, from_y: u32, to: Area, painted: &mut Painted) -> Result<(), DecodeError> {
        self.spend(to.pixels())?;
        let canvas = self.canvas.as_mut().ok_or(DecodeError::OutsideFrame)?;
        if !canvas.as_picture_mut().copy_within(from_x, from_y, to) {
            return Err(DecodeError::OutsideFrame);
        }
        painted.add(to);
        Ok(())
    }

    fn paint_tiles(&mut self, runs: Vec<TilesRun<'_>>, painted: &mut Painted) -> Result<(), DecodeError> {
        if runs.is_empty() {
            return Ok(());
        }
        let pixels: u64 = runs.iter().map(TilesRun::pixels).sum();
        self.spend(pixels)?;
        let canvas = self.canvas.as_mut().ok_or(DecodeError::OutsideFrame)?;
        let shares = if pixels >= SHARED_PIXELS { shares_of(&runs) } else { Vec::new() };
        while self.tiles.len() < shares.len() {
            self.tiles.push(TileDecoder::new()?);
        }
        let rows: Vec<Range<u32>> = shares.iter().map(|share| share.rows.clone()).collect();
        match canvas.as_picture_mut().split_rows(&rows).filter(|parts| parts.len() > 1) {
            Some(parts) => {
                let work: Vec<_> = self.tiles.iter_mut().zip(&shares).zip(parts).collect();
                let done = each(work, |((decoder, share), mut into)| {
                    let mut runs = share.runs.iter();
                    runs.try_for_each(|run| decoder.decode_below(share.rows.start, run.areas, run.coded, &mut into))
                });
                done.into_iter().collect::<Result<(), _>>()?;
            }
            None => {
                let decoder = self.tiles.first_mut().ok_or(DecodeError::Unavailable)?;
                for run in &runs {
                    decoder.decode(run.areas, run.coded, &mut canvas.as_picture_mut())?;
                }
            }
        }
        runs.iter().flat_map(|run| run.areas.iter()).for_each(|area| painted.add(area));
        Ok(())
    }

    fn paint_modelled(&mut self, areas: AreaList<'_>, coded: &[u8], painted: &mut Painted) -> Result<(), DecodeError> {
        self.modelled_pixels += areas.iter().map(|area| area.pixels()).sum::<u64>();
        if self.modelled_pixels > MAX_MODELLED_PIXELS {
            return Err(DecodeError::TooLarge("modelled pixels"));
        }
        let canvas = self.canvas.as_mut().ok_or(DecodeError::OutsideFrame)?;
        let model = self.model.get_or_insert_with(Box::default);
        model.decode(areas, coded, &mut canvas.as_picture_mut())?;
        areas.iter().for_each(|area| painted.add(area));
        Ok(())
    }

    fn paint_video(
        &mut self,
        number: u16,
        kind: VideoKind,
        area: Area,
        parts: AreaList<'_>,
        bytes: &[u8],
        painted: &mut Painted,
    ) -> Result<(), DecodeError> {
        let frame = self.frame().ok_or(DecodeError::OutsideFrame)?.area();
        if !frame.contains(&area) {
            return Err(DecodeError::OutsideFrame);
        }
        self.spend(area.pixels() + parts.iter().map(|part| part.pixels()).sum::<u64>())?;
        let at = self.stream_index(number, kind, area)?;
        let picture = self.streams[at].decoder.decode(bytes)?;
        let mut target = self.canvas.as_mut().ok_or(DecodeError::OutsideFrame)?.as_picture_mut();
        for part in parts.iter() {
            let within = Area::new(part.x - area.x, part.y - area.y, part.width, part.height);
            let mut into = target.part(part).ok_or(DecodeError::OutsideFrame)?;
            picture.paint(within, &mut into)?;
            painted.add(part);
        }
        if kind == VideoKind::Key {
            painted.keys_wanted.retain(|wanted| *wanted != number);
        }
        Ok(())
    }

    fn paint_preview(&mut self, area: Area, (width, height): (u32, u32), bytes: &[u8], painted: &mut Painted) -> Result<(), DecodeError> {
        self.spend(area.pixels())?;
        self.previews += 1;
        self.preview_pixels += area.pixels();
        let frame = self.frame().map_or(0, |frame| frame.area().pixels());
        let is_much = self.previews > MAX_PREVIEWS || self.preview_pixels > frame * MOST_PREVIEW_FRAMES;
        if is_much || !video_size_allowed(area.width, area.height) {
            return Err(DecodeError::TooLarge("previews"));
        }
        let canvas = self.canvas.as_mut().ok_or(DecodeError::OutsideFrame)?;
        let mut target = canvas.as_picture_mut();
        let mut into = target.part(area).ok_or(DecodeError::OutsideFrame)?;
        preview::paint(width, height, bytes, &mut into)?;
        painted.add(area);
        Ok(())
    }

    /// The stream's place in the list; a key makes it, or makes it anew in another size.
    fn stream_index(&mut self, number: u16, kind: VideoKind, area: Area) -> Result<usize, DecodeError> {
        let size = (area.width, area.height);
        let known = self.streams.iter().position(|stream| stream.number == number);
        if let Some(at) = known.filter(|at| self.streams[*at].decoder.size() == size) {
            return Ok(at);
        }
        if kind == VideoKind::Delta {
            return Err(DecodeError::NeedsKey);
        }
        if !video_size_allowed(area.width, area.height) {
            return Err(DecodeError::TooLarge("video"));
        }
        if let Some(at) = known {
            self.streams.swap_remove(at);
        }
        if self.streams.len() == MAX_VIDEO_STREAMS {
            return Err(DecodeError::TooLarge("number of video streams"));
        }
        self.streams.push(Stream {
            number,
            decoder: VideoDecoder::new(area.width, area.height)?,
        });
        Ok(self.streams.len() - 1)
    }

    fn spend(&mut self, pixels: u64) -> Result<(), DecodeError> {
        self.work = self.work.saturating_add(pixels);
        let frame = self.frame().ok_or(DecodeError::OutsideFrame)?.area();
        if self.work > frame.pixels().saturating_mul(MAX_WORK_FRAMES) {
            return Err(DecodeError::TooLarge("work of one update"));
        }
        Ok(())
    }
}

/// The areas and bytes of one tiles operation.
#[derive(Clone, Copy)]
struct TilesRun<'a> {
    areas: AreaList<'a>,
    coded: &'a [u8],
}

impl TilesRun<'_> {
    fn pixels(&self) -> u64 {
        self.areas.iter().map(|area| area.pixels()).sum()
    }

    fn rows(&self) -> Range<u32> {
        let areas = || self.areas.iter();
        areas().map(|area| area.y).min().unwrap_or(0)..areas().map(|area| area.bottom()).max().unwrap_or(0)
    }
}

/// What one thread decodes: tiles that lie in these rows.
struct Share<'r, 'a> {
    rows: Range<u32>,
    runs: &'r [TilesRun<'a>],
}

/// Shares of about the same number of operations, one for each thread.
fn shares_of<'r, 'a>(runs: &'r [TilesRun<'a>]) -> Vec<Share<'r, 'a>> {
    let share = |runs: &'r [TilesRun<'a>]| {
        let rows = runs.iter().map(TilesRun::rows);
        let rows = rows
            .reduce(|all, one| all.start.min(one.start)..all.end.max(one.end))
            .unwrap_or(0..0);
        Share { rows, runs }
    };
    runs.chunks(runs.len().div_ceil(threads()).max(1)).map(share).collect()
}

impl Painted {
    fn add(&mut self, area: Area) {
        if self.changed.last().is_some_and(|last| last.contains(&area)) {
            return;
        }
        if self.changed.len() == MAX_CHANGED {
            let all = self.changed.iter().fold(area, |all, part| all.union(part));
            self.changed.clear();
            self.changed.push(all);
        } else {
            self.changed.push(area);
        }
    }

    fn want_key(&mut self, stream: u16) {
        if !self.keys_wanted.contains(&stream) {
            self.keys_wanted.push(stream);
        }
    }
}
