//! Exact pixels for slow links: each pixel is foreseen from those around it and from all that was coded before, and only what could not be foreseen takes
//! bits. A page of text takes a third or a quarter of what tiles take, at many times their work; a link of 300 kbit/s and less is
//! slower than that still.
//!
//! ```text
//! coded     for each area: its ground | its pixels, row by row          a run of decisions (`range`)
//! ground    the same as before? | else a colour
//! pixel     all around one colour: that colour? ──yes─► done
//!           the left one? | the upper one? | upper right? | upper left? | one of the last used? | else a colour
//! colour    new: green, blue - green, red - green | else its number
//! ```
//!
//! Both ends keep a [`PixelModel`] that learns from everything in the order in which it was sent, so it serves one viewer only, and a reset of the frame
//! begins it anew. What lies outside of an area is taken for its ground, the colour most of it has.

mod colours;
mod foresight;
mod range;

use colours::{Colours, RECENT};
use foresight::{Foresight, WAYS, hash};
use range::{Decisions, Reader, Writer};

use crate::error::{DecodeError, EncodeError};
use crate::operations::AreaList;
use crate::picture::{Area, BYTES_PER_PIXEL, Picture, PictureMut};

/// Most pixels of one operation, and of all those of one update: each may take three microseconds.
pub const MAX_MODELLED_PIXELS: u64 = 1920 * 256;

const COLOUR_MASK: u32 = 0x00ff_ffff;
const OPAQUE: u32 = 0xff00_0000;
/// How far a pixel looks to its sides and up.
const SIDE: usize = 4;
const ABOVE: usize = 3;
/// Colours of the surroundings that are told apart, as a pattern without their values.
const TOLD_APART: usize = 6;
/// Sets of weights: one for each candidate, then those of colours.
const CANDIDATES: usize = 4 + RECENT;

/// What both ends of a slow link have learnt from what was sent. 1.3 MB, and the pixels of the largest area so far.
#[derive(Clone)]
pub struct PixelModel {
    foresight: Foresight,
    colours: Colours,
    ground: u32,
    window: Window,
}

impl Default for PixelModel {
    fn default() -> Self {
        Self::new()
    }
}

impl PixelModel {
    /// That has seen nothing.
    pub fn new() -> Self {
        Self {
            foresight: Foresight::new(),
            colours: Colours::new(),
            ground: 0,
            window: Window::default(),
        }
    }

    /// Appends the coded pixels of `areas` to `out`.
    ///
    /// # Errors
    /// [`EncodeError::OutsidePicture`] when an area is empty or outside, [`EncodeError::Unsupported`] when they have more than [`MAX_MODELLED_PIXELS`]
    /// together; nothing is appended or learnt then.
    pub fn encode(&mut self, picture: &Picture<'_>, areas: &[Area], out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if areas.iter().map(Area::pixels).sum::<u64>() > MAX_MODELLED_PIXELS {
            return Err(EncodeError::Unsupported("too many pixels for one modelled operation"));
        }
        if areas.iter().any(|area| area.is_empty() || !picture.area().contains(area)) {
            return Err(EncodeError::OutsidePicture);
        }
        let mut writer = Writer::new(out);
        for part in areas.iter().filter_map(|area| picture.part(*area)) {
            let ground = ground_of(&part);
            self.begin_area(&mut writer, (part.width(), part.height()), ground);
            self.window.fill(&part);
            (0..part.height()).for_each(|row| self.code_row(&mut writer, row));
        }
        writer.finish();
        Ok(())
    }

    /// Paints `coded` into `areas` of `into`.
    ///
    /// # Errors
    /// When an area is outside, the areas together have more than [`MAX_MODELLED_PIXELS`], or there are fewer or more bytes than their pixels take. Some of
    /// it may have been painted, and the model is of no use any more.
    pub fn decode(&mut self, areas: AreaList<'_>, coded: &[u8], into: &mut PictureMut<'_>) -> Result<(), DecodeError> {
        if areas.iter().map(|area| area.pixels()).sum::<u64>() > MAX_MODELLED_PIXELS {
            return Err(DecodeError::TooLarge("modelled pixels"));
        }
        let mut reader = Reader::new(coded);
        for area in areas.iter() {
            let mut part = into.part(area).ok_or(DecodeError::OutsideFrame)?;
            self.begin_area(&mut reader, (area.width, area.height), 0);
            for row in 0..area.height {
                self.code_row(&mut reader, row);
                if reader.is_exhausted() {
                    return Err(DecodeError::Truncated);
                }
            }
            self.window.paint(&mut part);
        }
        reader.finish()
    }

    fn begin_area(&mut self, decisions: &mut impl Decisions, size: (u32, u32), ground: u32) {
        if !self.foresight.decide_alone(decisions, 0, ground == self.ground) {
            self.ground = self.colours.code(&mut self.foresight, decisions, [self.ground; 3], ground);
        }
        self.window.begin(size, self.ground);
    }

    fn code_row(&mut self, decisions: &mut impl Decisions, row: u32) {
        let begin = self.window.at(row);
        for at in begin..begin + self.window.width {
            let around = self.window.around(at);
            let colour = self.code_pixel(decisions, &around, self.window.pixels[at]);
            self.window.pixels[at] = colour;
        }
    }

    #[inline]
    fn code_pixel(&mut self, decisions: &mut impl Decisions, around: &Around, colour: u32) -> u32 {
        let [left, above, above_left, above_right, ..] = *around;
        let is_flat = around.iter().fold(0, |differing, other| differing | (other ^ left)) == 0;
        if is_flat && self.foresight.decide_alone(decisions, flat_surroundings(left), colour == left) {
            return left;
        }
        let surroundings = self.surroundings(around);
        let mut candidates = [0; CANDIDATES];
        let mut count = 0;
        for candidate in [left, above, above_right, above_left].into_iter().chain(self.colours.recent) {
            if candidates[..count].contains(&candidate) {
                continue;
            }
            candidates[count] = candidate;
            count += 1;
            // That it is not the left one is known there.
            let is_known = is_flat && count == 1;
            if !is_known
                && self
                    .foresight
                    .decide(decisions, &surroundings, count as u32, count - 1, colour == candidate)
            {
                if candidate != left {
                    self.colours.note(candidate);
                }
                return candidate;
            }
        }
        let colour = self.colours.code(&mut self.foresight, decisions, [left, above, above_left], colour);
        self.colours.note(colour);
        colour
    }

    /// The pixels around as colours, near and far, and as patterns that are the same for text of any colour.
    fn surroundings(&self, around: &Around) -> [u32; WAYS] {
        let (mut colours, mut near, mut far) = (0, 0, 0);
        for (at, colour) in around.iter().enumerate() {
            colours = hash(colours, *colour);
            match at {
                3 => near = colours,
                8 => far = colours,
                _ => {}
            }
        }
        let mut known = [0; TOLD_APART];
        let mut count = 0;
        let mut pattern = u32::from(around[0] == self.ground);
        let mut small_pattern = 0;
        for (at, colour) in around.iter().enumerate() {
            let number = known[..count].iter().position(|other| other == colour).unwrap_or(count);
            if number == count && count < TOLD_APART {
                known[count] = *colour;
                count += 1;
            }
            pattern = hash(pattern, number as u32);
            if at == 9 {
                small_pattern = pattern;
            }
        }
        [near, far ^ 0x2222, colours ^ 0x3333, small_pattern ^ 0x4444, pattern ^ 0x5555]
    }
}

/// Which of the numbers known alone serves in the midst of one colour.
fn flat_surroundings(colour: u32) -> u8 {
    // The first is that of the ground.
    (hash(colour, 0) >> 24) as u8 | 1
}

/// The colour most of it has, more or less: that of most of some hundred pixels.
fn ground_of(part: &Picture<'_>) -> u32 {
    let mut seen: Vec<u32> = Vec::with_capacity(256);
    let (down, across) = (part.height().div_ceil(16), part.width().div_ceil(16));
    for y in (0..part.height()).step_by(down as usize) {
        let row = part.row(y).as_chunks::<BYTES_PER_PIXEL>().0;
        seen.extend(
            row.iter()
                .step_by(across as usize)
                .map(|pixel| u32::from_le_bytes(*pixel) & COLOUR_MASK),
        );
    }
    seen.sort_unstable();
    let runs = seen.chunk_by(|one, other| one == other);
    runs.max_by_key(|run| run.len()).map_or(0, |run| run[0])
}

/// Colours of the pixels around one, in the order in which they tell most.
type Around = [u32; 17];

/// The pixels of an area, with its ground around them. Nothing that was learnt: a copy begins without.
#[derive(Default)]
struct Window {
    pixels: Vec<u32>,
    width: usize,
    stride: usize,
}

impl Clone for Window {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Window {
    fn begin(&mut self, (width, height): (u32, u32), ground: u32) {
        self.width = width as usize;
        self.stride = self.width + SIDE;
        self.pixels.clear();
        self.pixels.resize(self.stride * (height as usize + ABOVE) + SIDE, ground);
    }

    /// Where a row begins. What is right of a row is left of the next one: the ground.
    fn at(&self, row: u32) -> usize {
        (row as usize + ABOVE) * self.stride + SIDE
    }

    fn fill(&mut self, part: &Picture<'_>) {
        for row in 0..part.height() {
            let begin = self.at(row);
            let pixels = part.row(row).as_chunks::<BYTES_PER_PIXEL>().0;
            for (into, pixel) in self.pixels[begin..begin + self.width].iter_mut().zip(pixels) {
                *into = u32::from_le_bytes(*pixel) & COLOUR_MASK;
            }
        }
    }

    fn paint(&self, part: &mut PictureMut<'_>) {
        for row in 0..part.height() {
            let begin = self.at(row);
            let pixels = part.row_mut(row).as_chunks_mut::<BYTES_PER_PIXEL>().0;
            for (pixel, colour) in pixels.iter_mut().zip(&self.pixels[begin..begin + self.width]) {
                *pixel = (colour | OPAQUE).to_le_bytes();
            }
        }
    }

    #[inline]
    fn around(&self, at: usize) -> Around {
        let (above, second, third) = (at - self.stride, at - 2 * self.stride, at - 3 * self.stride);
        let pixels = &self.pixels;
        [
            pixels[at - 1],
            pixels[above],
            pixels[above - 1],
            pixels[above + 1],
            pixels[at - 2],
            pixels[second],
            pixels[above + 2],
            pixels[above - 2],
            pixels[second + 1],
            pixels[second - 1],
            pixels[at - 3],
            pixels[third],
            pixels[second + 2],
            pixels[second - 2],
            pixels[above + 3],
            pixels[at - 4],
            pixels[above - 3],
        ]
    }
}
