//! Pictures that look like screens, and a small repeatable source of chance.

#![allow(dead_code)]

use farhand_codec::{Area, Canvas, Picture};

/// Xorshift: the same numbers on every machine.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 8) % limit
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }
}

fn filled(width: u32, height: u32, mut pixel_at: impl FnMut(u32, u32) -> [u8; 3]) -> Canvas {
    let mut canvas = Canvas::black(width, height).expect("size within limits");
    for y in 0..height {
        let mut picture = canvas.as_picture_mut();
        for (x, pixel) in picture.row_mut(y).chunks_exact_mut(4).enumerate() {
            let [blue, green, red] = pixel_at(x as u32, y);
            pixel.copy_from_slice(&[blue, green, red, 255]);
        }
    }
    canvas
}

pub fn noise(width: u32, height: u32, seed: u64) -> Canvas {
    let mut chance = Chance::new(seed);
    filled(width, height, |_, _| {
        let value = chance.next();
        [(value >> 16) as u8, (value >> 24) as u8, (value >> 32) as u8]
    })
}

pub fn solid(width: u32, height: u32) -> Canvas {
    filled(width, height, |_, _| [0x33, 0x66, 0x99])
}

/// `colours` different colours, scattered.
pub fn palette(width: u32, height: u32, colours: u64, seed: u64) -> Canvas {
    let mut chance = Chance::new(seed);
    filled(width, height, |_, _| {
        let colour = chance.below(colours);
        [colour as u8, (colour >> 3) as u8, (colour * 7) as u8]
    })
}

pub fn gradient(width: u32, height: u32) -> Canvas {
    filled(width, height, |x, y| [(x / 2) as u8, (y / 2) as u8, ((x + y) / 4) as u8])
}

/// Soft shapes with a little grain, which move with `step`: what a film is to a coder.
pub fn film(width: u32, height: u32, step: u32) -> Canvas {
    grainy_film(width, height, step, 5)
}

/// A film with more grain, which takes as many bits as there are.
pub fn grainy_film(width: u32, height: u32, step: u32, grain: i32) -> Canvas {
    let strength = grain;
    let mut chance = Chance::new(u64::from(step) + 1);
    filled(width, height, |x, y| {
        let grain = (chance.next() >> 40) as i32 % strength;
        let wave = |scale: u32, shift: u32| {
            let at = ((x + y / 2 + shift + step * 3) % scale) as i32 * 512 / scale as i32;
            (if at < 256 { at } else { 511 - at }) * 3 / 4 + 20
        };
        [wave(311, 0), wave(401, 90), wave(523, 200)].map(|level| (level + grain).clamp(0, 255) as u8)
    })
}

/// Dark letters of 7 × 13 pixels with grey edges on white, from row `scroll` of an endless page; a title bar above.
pub fn text(width: u32, height: u32, scroll: u32) -> Canvas {
    filled(width, height, |x, y| {
        if y < 24 {
            return if (x / 9 + y / 5) % 11 == 0 {
                [250, 250, 250]
            } else {
                [120, 70, 40]
            };
        }
        let (column, row) = (x / 8, (y + scroll) / 16);
        let (inner_x, inner_y) = (x % 8, (y + scroll) % 16);
        let line_length = 20 + (u64::from(row) * 7919 % 180) as u32;
        let mut letter = Chance::new(u64::from(row) * 1000 + u64::from(column) % 300);
        let shape = letter.next() >> 3;
        // Words: about every sixth cell is empty, as is every fifth line.
        if column > line_length || shape.is_multiple_of(6) || row % 5 == 4 || inner_x > 6 || !(2..14).contains(&inner_y) {
            return [255, 255, 255];
        }
        // Letters are of 40 shapes, as in a text.
        let mut shape = Chance::new(shape % 40 + 5);
        let strokes = shape.next() >> 5;
        let on = |bit: u32| strokes >> (bit % 59) & 1 == 1;
        match (
            on(inner_y / 3 * 4 + inner_x / 2),
            on(inner_y / 3 * 4 + inner_x / 2 + 1),
            inner_x % 2,
        ) {
            (true, _, _) => [40, 30, 20],
            (false, true, 1) => [170, 165, 160],
            _ => [255, 255, 255],
        }
    })
}

/// The same picture with a letter-sized change.
pub fn with_letter(picture: &Canvas, area: Area, shade: u8) -> Canvas {
    let mut changed = picture.clone();
    let mut target = changed.as_picture_mut();
    for y in area.y..area.bottom() {
        for (x, pixel) in target.row_mut(y).chunks_exact_mut(4).enumerate() {
            if area.contains(&Area::new(x as u32, y, 1, 1)) && !(x as u32 + y).is_multiple_of(3) {
                pixel[..3].fill(shade);
            }
        }
    }
    changed
}

/// Whether the colours are the same, whatever the fourth bytes.
pub fn same_colours(left: &Picture<'_>, right: &Picture<'_>) -> bool {
    (left.width(), left.height()) == (right.width(), right.height())
        && (0..left.height()).all(|y| {
            let pixels = left.row(y).chunks_exact(4).zip(right.row(y).chunks_exact(4));
            pixels.into_iter().all(|(left, right)| left[..3] == right[..3])
        })
}

/// Peak signal to noise ratio over blue, green and red, in decibels.
pub fn psnr(left: &Picture<'_>, right: &Picture<'_>) -> f64 {
    let mut squares = 0.0;
    for y in 0..left.height() {
        for (left, right) in left.row(y).chunks_exact(4).zip(right.row(y).chunks_exact(4)) {
            squares += (0..3).map(|at| f64::from(left[at].abs_diff(right[at])).powi(2)).sum::<f64>();
        }
    }
    let mean = squares / (left.area().pixels() * 3) as f64;
    if mean == 0.0 { 99.0 } else { 10.0 * (255.0 * 255.0 / mean).log10() }
}
