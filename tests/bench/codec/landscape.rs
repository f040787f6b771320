//! A picture that is like a photograph where the other one is not: wide smooth regions, sharp edges between them, texture that grows towards the front,
//! and the grain of a camera in good light. Hills under a sky with clouds, and trees on the nearest.

use image::{Rgb, RgbImage};

use crate::random::Random;

/// Red, green and blue, 0 to 1.
type Colour = [f64; 3];

const ZENITH: Colour = [0.24, 0.45, 0.75];
const HORIZON: Colour = [0.86, 0.89, 0.92];
const CLOUD: Colour = [0.97, 0.97, 0.96];
const TREE: Colour = [0.10, 0.16, 0.09];
/// An edge is soft over so many pixels, as a lens draws it.
const EDGE_PIXELS: f64 = 1.6;
/// The grain is the sum of so many even chances of 0 to 2, so mostly within two steps of 256.
const GRAIN: u32 = 4;

/// One line of hills. Lengths are in heights of the picture.
struct Range {
    top: f64,
    rise: f64,
    /// How many rises there are in a length.
    density: f64,
    colour: Colour,
    texture: f64,
    /// Height of the trees.
    trees: f64,
}

const RANGES: [Range; 4] = [
    Range {
        top: 0.46,
        rise: 0.22,
        density: 1.6,
        colour: [0.62, 0.70, 0.78],
        texture: 0.06,
        trees: 0.0,
    },
    Range {
        top: 0.56,
        rise: 0.20,
        density: 2.3,
        colour: [0.44, 0.55, 0.56],
        texture: 0.14,
        trees: 0.0,
    },
    Range {
        top: 0.68,
        rise: 0.18,
        density: 1.9,
        colour: [0.33, 0.44, 0.27],
        texture: 0.30,
        trees: 0.02,
    },
    Range {
        top: 0.86,
        rise: 0.14,
        density: 1.3,
        colour: [0.40, 0.42, 0.20],
        texture: 0.55,
        trees: 0.07,
    },
];

/// The picture in this size.
pub fn draw(width: u32, height: u32) -> RgbImage {
    let mut random = Random(23);
    let noise = Noise::new(&mut random);
    let unit = 1.0 / f64::from(height);
    let mut image = RgbImage::new(width, height);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        let colour = colour_at(&noise, f64::from(x) * unit, f64::from(y) * unit, unit);
        let grain = (0..GRAIN).map(|_| random.below(3)).sum::<u32>();
        let grain = f64::from(grain) - f64::from(GRAIN);
        *pixel = Rgb(colour.map(|part| (part * 255.0 + grain).round().clamp(0.0, 255.0) as u8));
    }
    image
}

fn colour_at(noise: &Noise, x: f64, y: f64, unit: f64) -> Colour {
    let mut colour = sky(noise, x, y);
    for (number, range) in RANGES.iter().enumerate() {
        // Each looks at another part of the noise.
        let far = 31.0 * (number as f64 + 1.0);
        let top = range.top + range.rise * (noise.sum(x * range.density, far, 7) - 0.5);
        let below = (y - top) / (unit * EDGE_PIXELS);
        let texture = 1.0 + range.texture * (noise.sum(x * 14.0 + far, y * 22.0, 6) - 0.5) * 2.0;
        let light = 1.0 + 0.5 * (noise.sum(x * 2.0, y * 3.0 + far, 3) - 0.5);
        let ground = range.colour.map(|part| part * texture * light);
        colour = mix(colour, ground, below + 0.5);
        let is_grown = (below + range.trees / (unit * EDGE_PIXELS)) > 0.0;
        if is_grown && range.trees > 0.0 {
            colour = mix(colour, TREE.map(|part| part * texture), tree(noise, range, x, y - top, far, unit));
        }
    }
    colour
}

fn sky(noise: &Noise, x: f64, y: f64) -> Colour {
    let plain = mix(ZENITH, HORIZON, (y / 0.6).powf(1.3));
    let cloud = noise.sum(x * 1.2, y * 3.5 + 90.0, 6);
    mix(plain, CLOUD, (cloud - 0.48) * 3.5)
}

/// How much of a pixel `below` the edge of the hill is covered by a tree: they are pointed, as high as chance has it, and stand in a row.
fn tree(noise: &Noise, range: &Range, x: f64, below: f64, far: f64, unit: f64) -> f64 {
    let width = range.trees * 0.4;
    let place = (x / width).floor();
    let height = range.trees * noise.sum(place * 0.77, far + 50.0, 2) * 1.4;
    let ragged = width * 0.25 * (noise.sum(x * 120.0, below * 160.0 + far, 2) - 0.5);
    let half = (below + height) / range.trees * width * 0.5 + ragged;
    let aside = (x / width - place - 0.5).abs() * width;
    let foot = range.trees * 0.15 - below;
    ((half - aside).min(foot) / (unit * EDGE_PIXELS) + 0.5).clamp(0.0, 1.0)
}

fn mix(one: Colour, other: Colour, part: f64) -> Colour {
    let part = part.clamp(0.0, 1.0);
    std::array::from_fn(|at| one[at] + (other[at] - one[at]) * part)
}

/// Smooth chance: a lattice of values, with smooth ways between them.
struct Noise(Vec<f64>);

const SIDE: usize = 256;

impl Noise {
    fn new(random: &mut Random) -> Self {
        Self((0..SIDE * SIDE).map(|_| f64::from(random.below(1 << 16)) / 65536.0).collect())
    }

    /// So many scales of it, each twice as fine as the one before and half as strong; 0 to 1.
    fn sum(&self, x: f64, y: f64, scales: u32) -> f64 {
        let (mut sum, mut all, mut strength, mut fine) = (0.0, 0.0, 1.0, 1.0);
        for _ in 0..scales {
            sum += strength * self.at(x * fine, y * fine);
            all += strength;
            strength *= 0.5;
            fine *= 2.0;
        }
        sum / all
    }

    fn at(&self, x: f64, y: f64) -> f64 {
        let (column, row) = (x.floor(), y.floor());
        let ease = |part: f64| part * part * (3.0 - 2.0 * part);
        let (across, down) = (ease(x - column), ease(y - row));
        let value = |right: i64, below: i64| {
            let place = |at: f64, more: i64| (at as i64 + more).rem_euclid(SIDE as i64) as usize;
            self.0[place(row, below) * SIDE + place(column, right)]
        };
        let between = |one: f64, other: f64, part: f64| one + (other - one) * part;
        let upper = between(value(0, 0), value(1, 0), across);
        let lower = between(value(0, 1), value(1, 1), across);
        between(upper, lower, down)
    }
}
