//! Which part of a change goes exactly, which as video, and what that was lossy is to be made exact.
//!
//! The frame is a grid of 64 × 64 tiles. Each remembers how much of it changed lately (its *heat*: whole changes, halved
//! every 400 ms) and whether what viewers show there is lossy. Groups of hot tiles that touch become a video area, all in one;
//! within it only what changed in hot tiles is shown from the video, everything else goes exactly, so typing beside a film stays sharp,
//! also in a tile that holds an edge of it.
//!
//! ```text
//!          changed, cool                      changed, hot, in the video area
//!   exact ───────────────▶ exact       exact ────────────────────────────────▶ lossy
//!   lossy ── still for 300 ms: refine ──▶ exact
//! ```
//!
//! A pure function of what it is told: no clock, no pixels, no bytes. What a plan names must be sent; whatever is not,
//! is given to the next plan as damage again.

use crate::operations::MAX_AREAS;
use crate::picture::Area;
use crate::video::{MAX_VIDEO_LONG_SIDE, MAX_VIDEO_SHORT_SIDE};

mod grid;

use grid::Grid;
pub use grid::merge_into_rectangles;

/// Side of a tile of the grid, in pixels.
pub const TILE: u32 = 64;

/// Inside the video area a tile is cool only below this part of what is cool elsewhere: of a tile at the edge of a film little changes each time.
const EDGE_HEAT: f32 = 0.25;

/// More pieces of one tile are not told apart; fewer where the picture has many tiles.
const MOST_PIECES: usize = 8;

/// Films far apart share a stream that is no more than so many times as large as they are.
const MOST_BETWEEN_FILMS: u64 = 6;

/// No tile gets hotter than this many times what is hot, so that all are cool again soon after a film.
const MOST_HEAT: f32 = 2.0;

/// When to do what. [`PlannerConfig::default`] suits a link of some megabits a second and more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlannerConfig {
    /// Heat from which a tile is hot. 4: four whole changes in quick succession, or seven a second for long.
    pub hot_heat: f32,
    /// Heat below which a hot tile is cool again.
    pub cool_heat: f32,
    /// Fewer hot tiles than this in a group are not worth a video stream.
    pub least_video_tiles: usize,
    /// How long a lossy tile must stand still before it is refined.
    pub still_millis: u64,
    /// How long a video area without a hot tile, or much too large for them, is kept.
    pub video_idle_millis: u64,
    /// A change of more pixels than this at once, beside a film that plays, goes as video right away, for links too slow to carry it exactly.
    pub most_exact_pixels: u64,
    /// A change of more pixels than this in costly tiles goes as video right away: film and photographs are megabytes when exact, which hold up
    /// everything behind them, and are made exact as soon as they stand still.
    pub most_costly_pixels: u64,
    /// Most pixels refined by one plan.
    pub most_refined_pixels: u64,
}

impl Default for PlannerConfig {
    fn default() -> Self {
        Self {
            hot_heat: 4.0,
            cool_heat: 1.0,
            least_video_tiles: 12,
            still_millis: 300,
            video_idle_millis: 1500,
            most_exact_pixels: u64::MAX,
            most_costly_pixels: 256 * 1024,
            most_refined_pixels: 512 * 1024,
        }
    }
}

/// What to send now. Areas are inside the frame and do not overlap within one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Send these exactly: they changed.
    pub tiles: Vec<Area>,
    /// Encode this area as the next picture of its video stream and show these parts of it.
    pub video: Option<VideoPlan>,
    /// The video area has changed or ended: end the old stream, and give the new area (if any) a stream of its own.
    pub video_restarted: bool,
    /// Send these exactly when there is room: they are lossy and stand still. Carry out `video` first.
    pub refine: Vec<Area>,
}

impl Plan {
    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty() && self.video.is_none() && self.refine.is_empty()
    }
}

/// What plays for other viewers of the same picture: a video area that is one of theirs is coded once for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Their video areas.
    pub areas: Vec<Area>,
    /// An area may be chosen that is none of them.
    pub may_begin: bool,
}

impl Default for Company {
    fn default() -> Self {
        Self {
            areas: Vec::new(),
            may_begin: true,
        }
    }
}

/// A picture of the video stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoPlan {
    /// What to encode; its corner is at a multiple of 64.
    pub area: Area,
    /// What to show of it.
    pub painted: Vec<Area>,
}

/// The change history of a frame, for one group of viewers that are sent the same.
pub struct RegionPlanner {
    config: PlannerConfig,
    company: Company,
    grid: Grid,
    video: Option<Video>,
}

#[derive(Clone, Copy)]
struct Video {
    area: Area,
    /// When it was last of use as large as it is.
    useful_at: u64,
}

impl RegionPlanner {
    /// A planner for a frame of this size, all of it taken as exactly what viewers show. Give the whole frame as damage
    /// when they show nothing yet.
    pub fn new(width: u32, height: u32, config: PlannerConfig) -> Self {
        Self {
            config,
            company: Company::default(),
            grid: Grid::new(width, height),
            video: None,
        }
    }

    /// Changes the thresholds, for instance when the link turns out slower. History stays.
    pub fn set_config(&mut self, config: PlannerConfig) {
        self.config = config;
    }

    /// Changes how long a lossy tile must stand still before it is refined.
    pub fn set_still_millis(&mut self, still_millis: u64) {
        self.config.still_millis = still_millis;
    }

    /// Says what plays for others, before a plan is made.
    pub fn set_company(&mut self, company: Company) {
        self.company = company;
    }

    /// The video area of now.
    pub fn video_area(&self) -> Option<Area> {
        self.video.map(|video| video.area)
    }

    /// How many pixels viewers show lossy.
    pub fn lossy_pixels(&self) -> u64 {
        self.grid.lossy().map(|lossy| lossy.area.pixels()).sum()
    }

    /// What viewers show lossy of `area`.
    pub fn lossy_within(&self, area: &Area) -> Vec<Area> {
        self.grid.lossy().filter_map(|lossy| lossy.area.intersection(area)).collect()
    }

    /// Viewers show `area` lossy from now on, by other means than this planner's.
    pub fn note_lossy(&mut self, area: &Area, now_millis: u64) {
        self.grid.note_lossy(area, now_millis);
    }

    /// Plans what to send for `damage` (what changed since the last plan), at `now_millis` of any monotonic clock.
    /// `focus` is where the person looks, most likely (the pointer, what was typed): what is nearest to any of these is refined first.
    ///
    /// Whatever changes often becomes video. On a link that carries text exactly as fast as it scrolls, use
    /// [`Self::plan_with`].
    pub fn plan(&mut self, damage: &[Area], now_millis: u64, focus: &[(u32, u32)]) -> Plan {
        self.plan_with(damage, now_millis, focus, |_| true)
    }

    /// As [`Self::plan`], but what changes often becomes video only where `costly` says that exact coding takes many
    /// bytes ([`tiles::is_costly`](crate::tiles::is_costly) on the picture). It is asked about what changed in tiles that
    /// are not cool, at most twice a second each, and about each piece where several changed apart in one of a film. So scrolling text stays exact, at a fraction of video's time, for about
    /// 100 kB a screen.
    pub fn plan_with(&mut self, damage: &[Area], now_millis: u64, focus: &[(u32, u32)], mut costly: impl FnMut(Area) -> bool) -> Plan {
        let damaged_pixels = self.grid.add_damage(damage, now_millis, self.config.hot_heat * MOST_HEAT);
        let is_large = damaged_pixels > self.config.most_costly_pixels;
        let cool_heat = if is_large { 0.0 } else { self.config.cool_heat * EDGE_HEAT };
        let costly_pixels = self.grid.ask_costs(cool_heat, now_millis, &mut costly);
        if costly_pixels > self.config.most_costly_pixels {
            self.grid.heat_costly(self.config.hot_heat);
        }
        let before = self.video_area();
        // What the film shows takes nothing from what the link carries exactly, and must not take the text before it along.
        if self.grid.pixels_beside_film(&self.config, before) > self.config.most_exact_pixels {
            self.grid.heat_damaged(self.config.hot_heat);
        }
        self.choose_video(now_millis);
        let mut plan = Plan {
            video_restarted: before != self.video_area(),
            ..Plan::default()
        };
        self.share_damage(damage, now_millis, &mut costly, &mut plan);
        plan.refine = self.choose_refined(now_millis, focus);
        plan
    }

    /// When [`Self::plan`] has something to do even without damage.
    pub fn wake_at_millis(&self) -> Option<u64> {
        let still = self.grid.lossy().map(|lossy| lossy.at + self.config.still_millis).min();
        let idle = self.video.map(|video| video.useful_at + self.config.video_idle_millis);
        still.into_iter().chain(idle).min()
    }

    /// Forgets all heat and takes everything as lossless: for a fresh start, with the whole frame given as damage.
    pub fn forget(&mut self) {
        let (width, height) = self.grid.size();
        self.grid = Grid::new(width, height);
        self.video = None;
    }

    fn choose_video(&mut self, now_millis: u64) {
        let Some((wanted, with_edges)) = self.wanted_video() else {
            if self
                .video
                .is_some_and(|video| now_millis >= video.useful_at + self.config.video_idle_millis)
            {
                self.video = None;
            }
            return;
        };
        let own_pixels = self.video.map_or(0, |video| video.area.pixels());
        let closer = self.their_area(wanted).filter(|theirs| theirs.pixels() < own_pixels);
        match &mut self.video {
            // A quarter of the area in use is worth keeping the stream; a smaller part, or one that others are sent anyway, for a while.
            Some(video) if video.area.contains(&wanted) => {
                if closer.is_none() && wanted.pixels() * 4 >= video.area.pixels() {
                    video.useful_at = now_millis;
                } else if now_millis >= video.useful_at + self.config.video_idle_millis {
                    *video = Video {
                        area: closer.unwrap_or(with_edges),
                        useful_at: now_millis,
                    };
                }
            }
            _ => {
                // Growing takes the old area along, so that a region that heats up bit by bit does not restart often.
                let old = self.video.map(|video| video.area).filter(|old| old.intersection(&wanted).is_some());
                let area = self.limited(old.map_or(with_edges, |old| old.union(&with_edges)));
                self.video = self.shared(wanted, area).map(|area| Video {
                    area,
                    useful_at: now_millis,
                });
            }
        }
    }

    /// Where films play, without and with their edges: all of them where one stream may hold that and most of it is not between them, else the largest. What
    /// stands still between them costs hardly a byte, but time, and is not shown from the stream.
    fn wanted_video(&self) -> Option<(Area, Area)> {
        let groups = self.grid.hot_groups(&self.config, self.video_area());
        let largest = groups.first()?;
        let all = groups
            .iter()
            .fold((Area::default(), Area::default()), |(bounds, with_edges), group| {
                (bounds.union(&group.bounds), with_edges.union(&group.with_edges))
            });
        let filmed: u64 = groups.iter().map(|group| group.bounds.pixels()).sum();
        let is_worth_it = self.limited(all.0) == all.0 && all.0.pixels() <= filmed * MOST_BETWEEN_FILMS;
        let (bounds, with_edges) = if is_worth_it { all } else { (largest.bounds, largest.with_edges) };
        Some((self.limited(bounds), self.limited(with_edges)))
    }

    /// The area of a stream that others are sent and that serves as well; where none may be begun, the one that serves best.
    fn shared(&self, wanted: Area, area: Area) -> Option<Area> {
        let common = |their: &Area| their.intersection(&wanted).map_or(0, |common| common.pixels());
        // Others who are sent the same as this one will want the same, too, and come along.
        let is_shared = self.video.is_some_and(|own| self.company.areas.contains(&own.area));
        match self.their_area(wanted) {
            None if self.company.may_begin || is_shared => Some(area),
            None => {
                let theirs = self.company.areas.iter().copied();
                theirs.filter(|their| common(their) > 0).max_by_key(common)
            }
            theirs => theirs,
        }
    }

    /// The area of a stream that others are sent and that serves for what is wanted.
    fn their_area(&self, wanted: Area) -> Option<Area> {
        let theirs = self.company.areas.iter().copied();
        let serve = theirs.filter(|their| their.contains(&wanted) && wanted.pixels() * 4 >= their.pixels());
        serve.min_by_key(Area::pixels)
    }

    /// The part of an area that a video stream may have.
    fn limited(&self, area: Area) -> Area {
        let (most_width, most_height) = if area.width >= area.height {
            (MAX_VIDEO_LONG_SIDE, MAX_VIDEO_SHORT_SIDE)
        } else {
            (MAX_VIDEO_SHORT_SIDE, MAX_VIDEO_LONG_SIDE)
        };
        // Whole tiles, so that what is left over stays on the grid.
        let side = |side: u32, most: u32| {
            if side > most { most - most % TILE } else { side }
        };
        Area {
            width: side(area.width, most_width),
            height: side(area.height, most_height),
            ..area
        }
    }

    fn share_damage(&mut self, damage: &[Area], now_millis: u64, costly: &mut impl FnMut(Area) -> bool, plan: &mut Plan) {
        let (video, cool) = (self.video_area(), self.config.cool_heat * EDGE_HEAT);
        // No more than one operation may name.
        let most = (MAX_AREAS / self.grid.tiles().max(1)).clamp(1, MOST_PIECES);
        let mut painted = Vec::new();
        for (tile, area) in self.grid.damaged() {
            let damaged = std::mem::take(&mut tile.damage);
            let is_filmed = tile.costly && tile.heat >= cool && video.is_some_and(|video| video.contains(&damaged));
            let pieces = if is_filmed { pieces_of(damage, &area, most) } else { vec![damaged] };
            // Of what changed beside each other in one tile, a film and a letter, each goes its own way.
            let is_mixed = pieces.len() > 1;
            let (filmed, exact): (Vec<Area>, Vec<Area>) = pieces.into_iter().partition(|piece| is_filmed && (!is_mixed || costly(*piece)));
            filmed.iter().for_each(|piece| tile.note_lossy(*piece, now_millis));
            exact.iter().for_each(|piece| tile.note_exact(piece));
            painted.extend(filmed);
            plan.tiles.extend(exact);
        }
        plan.tiles = merged(std::mem::take(&mut plan.tiles));
        if let Some(area) = video.filter(|_| !painted.is_empty()) {
            plan.video = Some(VideoPlan {
                area,
                painted: merged(painted),
            });
        }
    }

    fn choose_refined(&mut self, now_millis: u64, focus: &[(u32, u32)]) -> Vec<Area> {
        let still = self.config.still_millis;
        let mut candidates: Vec<(u64, Area)> = self
            .grid
            .lossy()
            .filter(|lossy| now_millis >= lossy.at + still)
            .map(|lossy| {
                (
                    focus.iter().map(|focus| distance(lossy.area, *focus)).min().unwrap_or(0),
                    lossy.area,
                )
            })
            .collect();
        candidates.sort_unstable_by_key(|(distance, area)| (*distance, area.y, area.x));
        let mut pixels = 0;
        let mut areas: Vec<Area> = Vec::new();
        for (_, area) in candidates {
            pixels += area.pixels();
            if !areas.is_empty() && pixels > self.config.most_refined_pixels {
                break;
            }
            self.grid.tile_at(area.x, area.y).note_exact(&area);
            areas.push(area);
        }
        merged(areas)
    }
}

/// What of `damage` lies in a tile, piece by piece, none twice; all as one where there are many.
fn pieces_of(damage: &[Area], tile: &Area, most: usize) -> Vec<Area> {
    let mut pieces: Vec<Area> = Vec::new();
    for piece in damage.iter().filter_map(|area| area.intersection(tile)) {
        let fresh = Area::parts_without(vec![piece], &pieces);
        pieces.extend(fresh);
    }
    if pieces.len() > most {
        return vec![pieces.iter().fold(Area::default(), |all, piece| all.union(piece))];
    }
    pieces
}

/// In rows, and joined.
fn merged(mut areas: Vec<Area>) -> Vec<Area> {
    areas.sort_unstable_by_key(|area| (area.y, area.x));
    merge_into_rectangles(areas)
}

fn distance(area: Area, (x, y): (u32, u32)) -> u64 {
    let side = |begin: u32, end: u32, at: u32| u64::from(begin.saturating_sub(at).max(at.saturating_sub(end)));
    side(area.x, area.right(), x) + side(area.y, area.bottom(), y)
}

#[cfg(test)]
mod tests;
