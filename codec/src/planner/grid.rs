//! The grid of tiles: heat, damage and what is lossy.

use super::{EDGE_HEAT, PlannerConfig, TILE};
use crate::picture::Area;

const HALF_LIFE_MILLIS: f32 = 400.0;

/// How long an answer about a tile's cost holds.
const COST_MILLIS: u64 = 500;

/// More lossy parts of one tile are not told apart.
const MOST_LOSSY_PARTS: usize = 8;

/// One tile's history.
#[derive(Clone, Debug, Default)]
pub(super) struct Tile {
    /// Whole changes of late, as of `heat_at`.
    pub(super) heat: f32,
    heat_at: u64,
    /// Whether exact coding takes many bytes; only such tiles become video.
    pub(super) costly: bool,
    /// When `costly` is out of date.
    cost_until: u64,
    /// What changed since the last plan, in frame coordinates; empty when nothing did.
    pub(super) damage: Area,
    /// What viewers show lossy; disjoint.
    lossy: Vec<Lossy>,
}

/// A part of a tile that viewers show lossy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lossy {
    pub(super) area: Area,
    /// When it was last shown so.
    pub(super) at: u64,
}

impl Tile {
    fn is_hot(&self, heat: f32) -> bool {
        self.costly && self.heat >= heat
    }

    /// A part of it is shown from video now.
    pub(super) fn note_lossy(&mut self, area: Area, now_millis: u64) {
        self.note_exact(&area);
        self.lossy.push(Lossy { area, at: now_millis });
        if self.lossy.len() > MOST_LOSSY_PARTS {
            let all = self.lossy.iter().fold(Area::default(), |all, part| all.union(&part.area));
            self.lossy = vec![Lossy { area: all, at: now_millis }];
        }
    }

    /// A part of it is shown exactly now.
    pub(super) fn note_exact(&mut self, area: &Area) {
        let is_touched = |part: &Lossy| part.area.intersection(area).is_some();
        if self.lossy.iter().any(is_touched) {
            let rest = self.lossy.iter().flat_map(|part| {
                let pieces = part.area.without(area);
                pieces.map(|area| Lossy { area, ..*part })
            });
            self.lossy = rest.collect();
        }
    }
}

/// Tiles that belong together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    hot_tiles: usize,
    /// The bounds of the tiles that are not cool.
    pub(super) bounds: Area,
    /// The bounds with the cool tiles around that change now: the edges of a film change less, yet belong to it.
    pub(super) with_edges: Area,
}

pub(super) struct Grid {
    width: u32,
    height: u32,
    columns: u32,
    tiles: Vec<Tile>,
}

impl Grid {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let columns = width.div_ceil(TILE);
        let tiles = vec![Tile::default(); columns as usize * height.div_ceil(TILE) as usize];
        Self {
            width,
            height,
            columns,
            tiles,
        }
    }

    /// How many there are.
    pub(super) fn tiles(&self) -> usize {
        self.tiles.len()
    }

    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Notes damage and lets the heat of all tiles cool to `now`; none gets hotter than `most_heat`. Returns how many
    /// pixels are damaged, as tiles will name them.
    pub(super) fn add_damage(&mut self, damage: &[Area], now_millis: u64, most_heat: f32) -> u64 {
        for tile in &mut self.tiles {
            let elapsed = now_millis.saturating_sub(tile.heat_at) as f32;
            tile.heat_at = now_millis;
            if tile.heat > 0.0 {
                tile.heat *= (-elapsed / HALF_LIFE_MILLIS).exp2();
            }
        }
        let frame = Area::of_size(self.width, self.height);
        for area in damage.iter().filter_map(|area| area.intersection(&frame)) {
            for row in area.y / TILE..area.bottom().div_ceil(TILE) {
                for column in area.x / TILE..area.right().div_ceil(TILE) {
                    let tile_area = self.area(column, row);
                    let tile = &mut self.tiles[(row * self.columns + column) as usize];
                    if let Some(part) = area.intersection(&tile_area) {
                        tile.damage = tile.damage.union(&part);
                    }
                }
            }
        }
        let mut pixels = 0;
        for (tile, area) in self.damaged() {
            pixels += tile.damage.pixels();
            tile.heat = (tile.heat + tile.damage.pixels() as f32 / area.pixels() as f32).min(most_heat);
        }
        pixels
    }

    /// Asks for the cost of what changed in tiles that are not cool, where the last answer is too old. Returns how many damaged pixels are
    /// in costly tiles.
    pub(super) fn ask_costs(&mut self, cool_heat: f32, now_millis: u64, costly: &mut impl FnMut(Area) -> bool) -> u64 {
        let mut pixels = 0;
        for (tile, _) in self.damaged() {
            if tile.heat >= cool_heat && now_millis >= tile.cost_until {
                tile.costly = costly(tile.damage);
                tile.cost_until = now_millis + COST_MILLIS;
            }
            if tile.costly {
                pixels += tile.damage.pixels();
            }
        }
        pixels
    }

    /// How many damaged pixels are in tiles that are none of a film, be it one that plays in `video` or one that is about to begin.
    pub(super) fn pixels_beside_film(&mut self, config: &PlannerConfig, video: Option<Area>) -> u64 {
        let is_film = |tile: &Tile| {
            let plays = video.is_some_and(|video| video.contains(&tile.damage));
            tile.is_hot(if plays { config.cool_heat * EDGE_HEAT } else { config.hot_heat })
        };
        let beside = self.damaged().filter(|(tile, _)| !is_film(tile));
        beside.map(|(tile, _)| tile.damage.pixels()).sum()
    }

    /// Makes what is damaged now and costly at least this hot.
    pub(super) fn heat_costly(&mut self, heat: f32) {
        for (tile, _) in self.damaged().filter(|(tile, _)| tile.costly) {
            tile.heat = tile.heat.max(heat);
        }
    }

    /// Makes what is damaged now at least this hot, and video whatever it is.
    pub(super) fn heat_damaged(&mut self, heat: f32) {
        for (tile, _) in self.damaged() {
            tile.heat = tile.heat.max(heat);
            tile.costly = true;
        }
    }

    /// Viewers show `area` lossy.
    pub(super) fn note_lossy(&mut self, area: &Area, now_millis: u64) {
        for at in 0..self.tiles.len() {
            if let Some(part) = self.area_of(at).intersection(area) {
                self.tiles[at].note_lossy(part, now_millis);
            }
        }
    }

    /// Tiles with damage, row by row, and where they are.
    pub(super) fn damaged(&mut self) -> impl Iterator<Item = (&mut Tile, Area)> {
        let (width, height, columns) = (self.width, self.height, self.columns);
        self.tiles
            .iter_mut()
            .enumerate()
            .filter(|(_, tile)| !tile.damage.is_empty())
            .map(move |(at, tile)| (tile, tile_area(width, height, at as u32 % columns, at as u32 / columns)))
    }

    /// What viewers show lossy.
    pub(super) fn lossy(&self) -> impl Iterator<Item = Lossy> {
        self.tiles.iter().flat_map(|tile| tile.lossy.iter().copied())
    }

    /// The tile that holds this pixel.
    pub(super) fn tile_at(&mut self, x: u32, y: u32) -> &mut Tile {
        &mut self.tiles[(y / TILE * self.columns + x / TILE) as usize]
    }

    fn area(&self, column: u32, row: u32) -> Area {
        tile_area(self.width, self.height, column, row)
    }

    /// The groups of tiles that touch (also by a corner) of which enough are hot, the largest first. A group is begun by a hot tile
    /// and goes on through all that are not cool. Inside the present video area whatever is not cool counts as hot.
    pub(super) fn hot_groups(&self, config: &PlannerConfig, video: Option<Area>) -> Vec<Group> {
        let hot = |at: usize| {
            let kept = video.is_some_and(|video| video.intersection(&self.area_of(at)).is_some());
            self.tiles[at].is_hot(if kept { config.cool_heat } else { config.hot_heat })
        };
        let mut seen = vec![false; self.tiles.len()];
        let mut groups = Vec::new();
        for start in 0..self.tiles.len() {
            if !seen[start] && hot(start) {
                let group = self.flood(start, &mut seen, config.cool_heat, &hot);
                if group.hot_tiles >= config.least_video_tiles {
                    groups.push(group);
                }
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.hot_tiles));
        groups
    }

    fn flood(&self, start: usize, seen: &mut [bool], cool_heat: f32, hot: &impl Fn(usize) -> bool) -> Group {
        let mut waiting = vec![start];
        let mut group = Group::default();
        seen[start] = true;
        while let Some(at) = waiting.pop() {
            group.hot_tiles += usize::from(hot(at));
            group.bounds = group.bounds.union(&self.area_of(at));
            for near in self.around(at) {
                let tile = &self.tiles[near];
                if tile.is_hot(cool_heat) {
                    if !std::mem::replace(&mut seen[near], true) {
                        waiting.push(near);
                    }
                } else if tile.heat < cool_heat && !tile.damage.is_empty() {
                    group.with_edges = group.with_edges.union(&self.area_of(near));
                }
            }
        }
        group.with_edges = group.with_edges.union(&group.bounds);
        group
    }

    /// A tile and its neighbours.
    fn around(&self, at: usize) -> impl Iterator<Item = usize> + use<> {
        let (columns, rows) = (self.columns, self.tiles.len() as u32 / self.columns);
        let (column, row) = (at as u32 % columns, at as u32 / columns);
        let near_rows = row.saturating_sub(1)..(row + 2).min(rows);
        near_rows.flat_map(move |near_row| {
            let near_columns = column.saturating_sub(1)..(column + 2).min(columns);
            near_columns.map(move |near_column| (near_row * columns + near_column) as usize)
        })
    }

    fn area_of(&self, at: usize) -> Area {
        self.area(at as u32 % self.columns, at as u32 / self.columns)
    }
}

fn tile_area(width: u32, height: u32, column: u32, row: u32) -> Area {
    let (x, y) = (column * TILE, row * TILE);
    Area::new(x, y, TILE.min(width - x), TILE.min(height - y))
}

/// Joins areas that share a whole edge, first side by side, then one above the other. They come row by row, each inside
/// one tile, and do not overlap.
pub fn merge_into_rectangles(areas: Vec<Area>) -> Vec<Area> {
    let mut runs: Vec<Area> = Vec::new();
    for area in areas {
        match runs.last_mut() {
            Some(run) if run.y == area.y && run.height == area.height && run.right() == area.x => {
                run.width += area.width;
            }
            _ => runs.push(area),
        }
    }
    let mut merged: Vec<Area> = Vec::new();
    // Rectangles that the next row of runs may still continue.
    let mut open: Vec<usize> = Vec::new();
    for run in runs {
        open.retain(|at| merged[*at].bottom() >= run.y);
        let continued = open.iter().copied().find(|at| {
            let above = &merged[*at];
            above.bottom() == run.y && above.x == run.x && above.width == run.width
        });
        match continued {
            Some(at) => merged[at].height += run.height,
            None => {
                open.push(merged.len());
                merged.push(run);
            }
        }
    }
    merged
}
