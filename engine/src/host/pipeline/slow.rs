//! What a slow link is given (APP-08): first a coarse picture of what would take long, then that exactly, bit by bit.

use farhand_codec::{
    EncodeError,
    picture::{Area, Picture},
    planner::PlannerConfig,
    preview,
};

use super::stream::Speed;

/// What would take longer than this on a slow link goes as a preview.
const LONGEST_EXACT_SECS: f64 = 0.5;
/// A preview takes so many bytes for each pixel that it stands for (5 kB for a screen of 1080p, by which a page is recognised), but more where the link carries
/// that within the first of these times, and no more than it carries within the second.
const PREVIEW_BYTES_PER_PIXEL: f64 = 0.0024;
const PREVIEW_SECS: (f64, f64) = (0.3, 1.5);
/// No preview is asked to be smaller than this.
const LEAST_PREVIEW_BYTES: f64 = 800.0;
/// Places that are shown coarsely at the same time.
const MOST_PREVIEWS: usize = 4;
/// What lies between two of them is left out from one part in so many of both on; where there are more of them, such as the lines of a page, from half on.
const LEAST_BETWEEN: u64 = 10;
const LEAST_BETWEEN_MANY: u64 = 2;
/// No more areas than this are looked at one by one.
const MOST_COMPARED: usize = 48;
/// What exact pixels cost before any were sent, in bytes: text and user interface, as tiles and as a slow link is sent them.
const USUAL_BYTES_PER_PIXEL: f64 = 0.15;
const SLOW_BYTES_PER_PIXEL: f64 = 0.04;
/// Only changes of this size tell what pixels cost.
const COST_FROM_PIXELS: u64 = 1 << 16;
const SLOW_COST_FROM_PIXELS: u64 = 1 << 12;

/// What exact pixels cost lately, as far as that is known.
#[derive(Debug, Default)]
pub(super) struct PixelCost {
    bytes_per_pixel: Option<f64>,
    /// On a slow link.
    slow_bytes_per_pixel: Option<f64>,
}

impl PixelCost {
    /// How many pixels so many bytes hold exactly.
    pub(super) fn pixels_in(&self, bytes: f64, link: Speed) -> u64 {
        let per_pixel = match link {
            Speed::Slow => self.slow_bytes_per_pixel.unwrap_or(SLOW_BYTES_PER_PIXEL),
            Speed::Usual => self.bytes_per_pixel.unwrap_or(USUAL_BYTES_PER_PIXEL),
        };
        (bytes / per_pixel.max(0.001)) as u64
    }

    /// Learns what these areas took; the newest count for a third.
    pub(super) fn note(&mut self, areas: &[Area], bytes: usize, link: Speed) {
        let pixels: u64 = areas.iter().map(Area::pixels).sum();
        let (from, cost) = match link {
            Speed::Slow => (SLOW_COST_FROM_PIXELS, &mut self.slow_bytes_per_pixel),
            Speed::Usual => (COST_FROM_PIXELS, &mut self.bytes_per_pixel),
        };
        if pixels >= from {
            let newest = bytes as f64 / pixels as f64;
            let known = cost.unwrap_or(newest);
            *cost = Some(known + (newest - known) / 3.0);
        }
    }
}

/// What a slow link leaves to spend.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlowBudget {
    bytes_per_sec: f64,
}

impl SlowBudget {
    /// Of a link that carries so much.
    pub(super) fn new(bps: u64) -> Self {
        Self {
            bytes_per_sec: bps as f64 / 8.0,
        }
    }

    /// What it carries in this time.
    pub(super) fn bytes_in(&self, secs: f64) -> f64 {
        self.bytes_per_sec * secs
    }

    /// Whether so many bytes of exact pixels are far too many, once they are coded.
    pub(super) fn is_dear(&self, bytes: usize) -> bool {
        bytes as f64 > 2.0 * LONGEST_EXACT_SECS * self.bytes_per_sec
    }

    /// Whether what changed would take long if it went exactly.
    pub(super) fn is_large(&self, damage: &[Area], cost: &PixelCost) -> bool {
        let pixels: u64 = damage.iter().map(Area::pixels).sum();
        pixels > cost.pixels_in(self.bytes_per_sec * LONGEST_EXACT_SECS, Speed::Slow)
    }

    /// Appends coarse pictures of what changed, and takes out of `damage` what they show. Returns the areas they show; an error
    /// ends it, and what was appended before it counts.
    pub(super) fn append_previews(
        &self,
        picture: &Picture<'_>,
        damage: &mut Vec<Area>,
        out: &mut Vec<u8>,
    ) -> (Vec<Area>, Result<(), EncodeError>) {
        let parts = joined(damage);
        let of_all = parts.iter().map(Area::pixels).sum::<u64>() as f64;
        let (least, most) = (self.bytes_per_sec * PREVIEW_SECS.0, self.bytes_per_sec * PREVIEW_SECS.1);
        let affordable = (of_all * PREVIEW_BYTES_PER_PIXEL).clamp(least, most);
        let mut shown = Vec::new();
        for part in parts {
            let bytes = (affordable * part.pixels() as f64 / of_all).max(LEAST_PREVIEW_BYTES);
            let before = out.len();
            match preview::append_preview(picture, part, bytes as usize, out) {
                Ok(false) => {}
                Ok(true) => {
                    damage.retain(|damaged| !part.contains(damaged));
                    shown.push(part);
                }
                Err(error) => {
                    out.truncate(before);
                    return (shown, Err(error));
                }
            }
        }
        (shown, Ok(()))
    }
}

/// Few rectangles around most of these areas, the largest first: joined where little lies between them, which is exact and would become coarse. Of many
/// areas a page is made all the same; what lies far from the largest of them is left out.
fn joined(areas: &[Area]) -> Vec<Area> {
    let mut parts: Vec<Area> = Vec::new();
    for area in areas {
        let nearest = (0..parts.len()).min_by_key(|part| between(&parts[*part], area));
        match nearest.filter(|part| parts.len() >= MOST_COMPARED || is_little(&parts[*part], area, LEAST_BETWEEN)) {
            Some(part) => parts[part] = parts[part].union(area),
            None => parts.push(*area),
        }
    }
    loop {
        let least = if are_most_in_few(&mut parts) {
            LEAST_BETWEEN
        } else {
            LEAST_BETWEEN_MANY
        };
        let pairs = (0..parts.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
        let found = pairs
            .filter(|(one, other)| is_little(&parts[*one], &parts[*other], least))
            .min_by_key(|(one, other)| between(&parts[*one], &parts[*other]));
        let Some((one, other)) = found else { break };
        let part = parts.swap_remove(one);
        parts[other] = parts[other].union(&part);
    }
    parts.truncate(MOST_PREVIEWS);
    parts
}

/// Whether as many parts as are shown at a time have three quarters of all the pixels; the largest come first.
fn are_most_in_few(parts: &mut [Area]) -> bool {
    parts.sort_unstable_by_key(|part| std::cmp::Reverse(part.pixels()));
    let pixels = |parts: &[Area]| parts.iter().map(Area::pixels).sum::<u64>();
    pixels(&parts[..parts.len().min(MOST_PREVIEWS)]) * 4 >= pixels(parts) * 3
}

/// Pixels that are in the rectangle around both and in neither.
fn between(one: &Area, other: &Area) -> u64 {
    one.union(other).pixels().saturating_sub(one.pixels() + other.pixels())
}

/// Whether no more than one part in so many of the rectangle around both is in neither.
fn is_little(one: &Area, other: &Area, least: u64) -> bool {
    between(one, other).saturating_mul(least) <= one.union(other).pixels()
}

/// Everything goes exactly.
pub(super) fn without_film(config: PlannerConfig) -> PlannerConfig {
    PlannerConfig {
        hot_heat: f32::MAX,
        most_exact_pixels: u64::MAX,
        most_costly_pixels: u64::MAX,
        ..config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_over_a_page_that_scrolls_is_not_made_coarse_and_lines_of_a_page_are_one_part() {
        // A page of 1200 × 900 around a window of 400 × 500 in it.
        let around = [
            Area::new(0, 0, 1200, 200),
            Area::new(0, 200, 400, 500),
            Area::new(800, 200, 400, 500),
            Area::new(0, 700, 1200, 200),
        ];
        let parts = joined(&around);
        assert!(
            parts.iter().all(|part| part.intersection(&Area::new(400, 200, 400, 500)).is_none()),
            "{parts:?}"
        );
        assert_eq!(parts.iter().map(Area::pixels).sum::<u64>(), 1200 * 900 - 400 * 500);
        // Lines with a little air between them.
        let lines: Vec<Area> = (0..40).map(|line| Area::new(10, line * 20, 800 - line % 7 * 5, 19)).collect();
        assert_eq!(joined(&lines), [Area::new(10, 0, 800, 799)]);
        // A clock far from the page makes the window no coarser.
        let with_clock = joined(&[&around[..], &[Area::new(1850, 1060, 60, 15)]].concat());
        assert_eq!(with_clock, parts);
        // Lines that leave as much between them are a page, once they are many; and of very many areas all are looked at.
        let apart: Vec<Area> = (0..40).map(|line| Area::new(10, line * 20, 800, 11)).collect();
        assert_eq!(joined(&apart), [Area::new(10, 0, 800, 791)]);
        let tiles: Vec<Area> = (0..3000).map(|tile| Area::new(tile % 60 * 32, tile / 60 * 20, 30, 19)).collect();
        assert_eq!(joined(&tiles), [Area::new(0, 0, 1918, 999)]);
        assert!(joined(&[]).is_empty());
    }
}
