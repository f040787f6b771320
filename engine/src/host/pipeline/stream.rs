//! The picture of one viewer: what of the frame it subscribed to, what changed there since its last update, how that is
//! coded, and the proof that it shows the same once the screen stands still.
//!
//! ```text
//! change ─┬► copies ───────────────────────────► copies ┐
//!         └► pending ─► (pace says send) ─► plan ─► tiles, refine ─► update ═► viewer ─► acknowledged
//!                          resync, resize ─► full ──┤      ▲           still and acknowledged ─► digest
//!                                                   └► film ┘ when it is coded; what changes there meanwhile is held, and what the next picture
//!                                                             will show waits until other viewers of the film have room for it
//! ```

mod filmed;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use farhand_codec::{
    EncodeError,
    copies::Copy,
    operations::{Operation, TilesReason, append_operation},
    picture::{Area, BYTES_PER_PIXEL, Picture},
    planner::{PlannerConfig, RegionPlanner},
    tiles::is_costly,
};
use farhand_protocol::{
    geometry::{DesktopLayout, Point, Rect},
    media::{CURSOR_BYTES, CursorPosition, MOST_UPDATE_HEADER_BYTES, PicturePlace, UpdateHeader},
    peer::{Acknowledge, CursorImage, Digest, Quality, Subscribe, Timing, ViewerBound},
};
use sha2::{Digest as _, Sha256};

use super::compare::{Change, absolute, relative};
use super::film::Wake;
use super::films::{Films, Part, Scene, company};
use super::modelled::{MOST_PIXELS as MOST_MODELLED_PIXELS, Modelled, Room};
use super::pace::{May, Pace, PathFigures, SLOW_BPS};
use super::slow::{PixelCost, SlowBudget, without_film};
use super::tiles::SharedTiles;
use crate::platform::{DamageList, Frame};

/// Lossy tiles are made exact when they stood still for this long.
const STILL_MILLIS: u64 = 150;
/// While a picture of the film is under way nothing is made exact.
const LATER_MILLIS: u64 = 60_000;
/// The digest of a still picture is sent after this long, and not more often than `DIGEST_EVERY`.
const DIGEST_AFTER: Duration = Duration::from_secs(1);
const DIGEST_EVERY: Duration = Duration::from_secs(10);
/// Where an update's time went is told this often at most.
const TIMING_EVERY: Duration = Duration::from_secs(1);
/// Most pixels of one update, so that even noise stays under the largest update a viewer takes.
const MOST_PIXELS: u64 = 12 << 20;
/// A change that would take longer than this on the link goes as video at once, and is made exact afterwards.
const LONGEST_EXACT_SECS: f64 = 0.2;
/// What is made exact at a time takes this long; on a slow link, where letters wait for it, less, and twice as much each time while nothing changes: a packet
/// of its own takes bytes, too.
const REFINED_SECS: f64 = 0.25;
const REFINED_SLOW_SECS: (f64, f64) = (0.08, 0.32);
/// Who kept the others of a film waiting is not let in again for so long, the first time; twice as long the next.
const LATE_FOR: Duration = Duration::from_secs(20);
const FAILED: Duration = Duration::from_secs(1);
/// A copy is worth it where no more than one part in so many of it must be sent all the same.
const LEAST_OF_COPY: u64 = 2;
/// More copies than this are not kept for a viewer that cannot be sent to; what moved then goes as pixels.
const MOST_COPIES: usize = 128;
/// After so many failures of the video encoder everything goes exactly.
const MOST_VIDEO_FAILURES: u32 = 3;

/// What kind of link an update is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speed {
    /// One on which every packet counts (APP-08).
    Slow,
    /// Any other.
    Usual,
}

/// Where updates, cursor and words for one viewer go; none of it blocks.
pub(crate) trait Port: Send {
    /// Says something on the control stream.
    fn say(&self, message: &ViewerBound);
    /// Sends an update, header and all, under its number.
    fn send_update(&self, number: u64, update: Bytes, link: Speed);
    /// Number of the newest update that has left: nobody can have seen a later one.
    fn written(&self) -> u64;
    /// Sends a cursor position that may be lost.
    fn send_cursor(&self, cursor: [u8; CURSOR_BYTES]);
    /// What the link is like.
    fn path(&self) -> PathFigures;
    /// Calls `wake` once, when the next update has arrived at the other end.
    fn wake_on_arrival(&self, wake: &Arc<dyn Fn() + Send + Sync>);
}

/// How long a capture and its comparison took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CaptureTook {
    /// Reading the pixels.
    pub(super) capture: Duration,
    /// Finding out what changed, and what only moved.
    pub(super) compare: Duration,
}

/// How an update came to be that shows something new.
struct News {
    captured_at_micros: i64,
    took: CaptureTook,
    encode: Duration,
}

/// What an update is made from.
pub(super) struct Moment<'a> {
    /// The screen.
    pub(super) frame: &'a Frame,
    /// Layout it was captured under.
    pub(super) epoch: u32,
    /// When, by the host's clock.
    pub(super) captured_at_micros: i64,
    /// Now, by the same clock.
    pub(super) now_micros: i64,
    /// How long it took to have it.
    pub(super) took: CaptureTook,
    /// What other viewers are shown as film.
    pub(super) films: &'a [Scene],
    /// Where the person looks, most likely: the pointer, and what was typed last.
    pub(super) focus: &'a [Point],
    /// Now, for pacing.
    pub(super) now: Instant,
    /// Now, for the planner.
    pub(super) now_millis: u64,
}

/// The picture of one viewer.
pub(super) struct Stream {
    port: Box<dyn Port>,
    monitors: Vec<u32>,
    area: Rect,
    full: bool,
    /// What moved since the last update, in the order in which it is to be carried out, before anything that is pending.
    /// INVARIANT: what one of them reads that the viewer does not have is pending where it goes to; coordinates are the picture's.
    copies: Vec<Copy>,
    pending: DamageList,
    planner: RegionPlanner,
    pace: Pace,
    /// What this viewer has of the film it is shown.
    film: Option<Part>,
    /// It kept other viewers of a film waiting: until when that counts, and how often it was so.
    late_until: Option<Instant>,
    times_late: u32,
    /// What changed where a picture of the film is under way: only after that picture may it be sent, or the older would cover the newer. And what the
    /// film's next picture will show, which waits for other viewers.
    held: DamageList,
    wake: Wake,
    next_video: u16,
    video_failures: u32,
    cost: PixelCost,
    /// What was sent modelled since the picture was begun.
    modelled: Option<Modelled>,
    /// What is made exact at a time on a slow link may take so long now.
    refined_slow_secs: f64,
    cursor_number: u32,
    digested: u64,
    digest_at: Instant,
    /// When the viewer was told last where an update's time went.
    timing_at: Option<Instant>,
}

impl Stream {
    /// A viewer that shows nothing yet.
    pub(super) fn new(
        port: Box<dyn Port>,
        subscribe: &Subscribe,
        layout: &DesktopLayout,
        last_update: u64,
        wake: Wake,
        now: Instant,
    ) -> Self {
        let mut stream = Self {
            port,
            monitors: subscribe.monitors.clone(),
            area: Rect::default(),
            full: true,
            copies: Vec::new(),
            pending: DamageList::default(),
            planner: RegionPlanner::new(1, 1, PlannerConfig::default()),
            pace: Pace::after(last_update),
            film: None,
            late_until: None,
            times_late: 0,
            held: DamageList::default(),
            wake,
            next_video: 1,
            video_failures: 0,
            cost: PixelCost::default(),
            modelled: None,
            refined_slow_secs: REFINED_SLOW_SECS.0,
            cursor_number: 0,
            digested: last_update,
            digest_at: now,
            timing_at: None,
        };
        stream.set_layout(layout);
        stream
    }

    /// Other monitors are wanted.
    pub(super) fn set_monitors(&mut self, subscribe: &Subscribe, layout: &DesktopLayout) {
        self.monitors.clone_from(&subscribe.monitors);
        self.set_layout(layout);
    }

    /// The monitors moved: begins again with the whole picture.
    pub(super) fn set_layout(&mut self, layout: &DesktopLayout) {
        let chosen = layout.monitors.iter().filter(|m| self.monitors.contains(&m.id));
        let chosen = chosen.fold(Rect::default(), |all, one| all.union(&one.area));
        self.area = if chosen.is_empty() { layout.bounds() } else { chosen };
        self.planner = RegionPlanner::new(self.area.width, self.area.height, PlannerConfig::default());
        self.pending = DamageList::default();
        self.copies.clear();
        // Its area is that of another picture now.
        self.note_lateness(Instant::now());
        self.film = None;
        self.full = true;
    }

    /// Wishes for the coding.
    pub(super) fn set_quality(&mut self, quality: Quality) {
        self.pace.set_max_bps(quality.max_bitrate_bps);
        self.pace.set_max_fps(quality.max_fps);
    }

    /// The whole picture is wanted anew.
    pub(super) fn resync(&mut self) {
        self.full = true;
        let now = Instant::now();
        if !self.pace.handle_resync(now) {
            // Each time all the viewers of its film begin anew, too.
            self.late_until = Some(now + LATE_FOR);
        }
    }

    /// The viewer shows this update. What it cannot have seen yet makes no room for more, so that a viewer that only claims to take
    /// updates is sent none.
    pub(super) fn handle_acknowledged(&mut self, shown: &Acknowledge) {
        if shown.update > self.port.written() {
            return;
        }
        // What the viewer took to decode says nothing about the link.
        let decoding = Duration::from_micros(shown.shown_after_micros.into());
        let now = Instant::now();
        self.pace
            .handle_acknowledged(shown.update, now.checked_sub(decoding).unwrap_or(now), &self.port.path());
    }

    /// A picture could not be coded: begins again, after a while.
    pub(super) fn fail(&mut self, now: Instant) {
        self.full = true;
        self.pace.hold(now + FAILED);
    }

    /// The screen changed. `frame_area` is what the pixels of the change are counted from.
    pub(super) fn add_change(&mut self, change: &Change, frame_area: &Rect) {
        for copy in &change.copies {
            if !self.add_copy(copy, frame_area) {
                self.pending.add(&absolute(&copy.to, frame_area), &self.area);
            }
        }
        change.rest.iter().for_each(|rect| self.pending.add(rect, &self.area));
    }

    /// Takes in what moved, if the viewer has (or is about to have) most of what is to be copied exactly; the rest of it is sent where it was copied to.
    fn add_copy(&mut self, copy: &Copy, frame_area: &Rect) -> bool {
        let (from, to) = (absolute(&copy.from(), frame_area), absolute(&copy.to, frame_area));
        let is_inside = |rect: &Rect| self.area.intersection(rect).is_some_and(|common| common == *rect);
        if self.full || self.copies.len() >= MOST_COPIES || !is_inside(&from) || !is_inside(&to) {
            return false;
        }
        let lossy = self.planner.lossy_within(&relative(&from, &self.area));
        let lossy = lossy.iter().map(|part| absolute(part, &self.area));
        let mut stale: Vec<Rect> = [&self.pending, &self.held]
            .into_iter()
            .flat_map(|list| list.within(&from))
            .collect();
        stale.extend(lossy);
        if stale.iter().map(Rect::area).sum::<u64>() * LEAST_OF_COPY > to.area() {
            return false;
        }
        let (across, down) = (to.x.saturating_sub(from.x), to.y.saturating_sub(from.y));
        for part in stale {
            let moved = Rect::new(part.x.saturating_add(across), part.y.saturating_add(down), part.width, part.height);
            self.pending.add(&moved, &self.area);
        }
        let (from, to) = (relative(&from, &self.area), relative(&to, &self.area));
        // The picture of the film that is under way comes after it, and is older.
        self.hold_under_way(&to);
        self.copies.push(Copy {
            from_x: from.x,
            from_y: from.y,
            to,
        });
        true
    }

    /// Says something on the control stream.
    pub(super) fn say(&self, message: &ViewerBound) {
        self.port.say(message);
    }

    /// Tells the shape of the cursor.
    pub(super) fn say_cursor(&self, image: &CursorImage) {
        self.port.say(&ViewerBound::Cursor(image.clone()));
    }

    /// Tells where the cursor is.
    pub(super) fn send_cursor(&mut self, serial: u64, epoch: u32, pos: Point, visible: bool) {
        self.cursor_number = self.cursor_number.wrapping_add(1);
        let position = CursorPosition {
            number: self.cursor_number,
            serial,
            epoch,
            pos,
            visible,
        };
        self.port.send_cursor(position.to_bytes());
    }

    /// Number of the newest update.
    pub(super) fn last_update(&self) -> u64 {
        self.pace.newest().0
    }

    /// True when damage that is known, or new damage, would be sent now.
    pub(super) fn may_send(&self, now: Instant) -> bool {
        self.is_film_ready() || self.pace.may_send(now, || self.port.path()) == May::Send
    }

    /// True when there is something to send without new damage.
    pub(super) fn has_work(&self, now_millis: u64) -> bool {
        self.is_film_ready() || self.is_leaving() || self.has_change() || self.planner.wake_at_millis().is_some_and(|at| at <= now_millis)
    }

    /// True when the viewer lacks something that is known.
    fn has_change(&self) -> bool {
        self.full || !self.pending.is_empty() || !self.copies.is_empty()
    }

    /// When this stream wants to be looked at, if nothing happens. `started` is where `now_millis` counts from.
    pub(super) fn poll_deadline(&self, now: Instant, started: Instant, is_damaged: bool) -> Option<Instant> {
        if self.is_film_ready() {
            return Some(now);
        }
        let may_send = || self.pace.may_send(now, || self.port.path());
        let mut may = may_send();
        let is_awaited = self.is_awaited() || self.is_leaving();
        let is_lossy = self.planner.wake_at_millis().is_some();
        if may == May::AfterAck && (is_damaged || is_awaited || is_lossy || self.has_change()) {
            // What has arrived makes room too. It may do so while this is said.
            self.port.wake_on_arrival(&self.wake);
            may = may_send();
        }
        let earliest = match may {
            May::Send => Some(now),
            May::At(at) => Some(at),
            May::AfterAck => None,
        };
        let work = if is_damaged || is_awaited || self.has_change() {
            earliest
        } else {
            let planned = self.planner.wake_at_millis().map(|at| started + Duration::from_millis(at));
            planned.and_then(|planned| earliest.map(|earliest| earliest.max(planned)))
        };
        let digest = (!is_damaged && self.is_digest_due()).then_some(self.digest_at);
        [work, digest].into_iter().flatten().min()
    }

    /// True when the viewer shows the whole picture exactly and has no proof of it yet.
    fn is_digest_due(&self) -> bool {
        let (newest, is_shown) = self.pace.newest();
        newest > self.digested && is_shown && !self.has_change() && self.is_exact()
    }

    /// True when the viewer has, or is about to have, every pixel that is known as it is.
    fn is_exact(&self) -> bool {
        self.planner.lossy_pixels() == 0
            && self.pending.is_empty()
            && self.held.is_empty()
            && self.copies.is_empty()
            && self.under_way().is_none()
    }

    /// Makes and sends an update, if there is anything to send. Returns how many pixels were coded exactly.
    pub(super) fn send_update(&mut self, tiles: &mut SharedTiles, films: &mut Films, moment: &Moment<'_>) -> Result<u64, EncodeError> {
        let Some(picture) = part_of(moment.frame, self.area) else {
            return Ok(0);
        };
        let began = Instant::now();
        // The header goes before it in the end, as close as it is short.
        let mut out = vec![0; MOST_UPDATE_HEADER_BYTES];
        let full = std::mem::take(&mut self.full);
        if full {
            self.begin_again(&mut out);
        }
        let shown = self.append_film(moment.now, &mut out);
        self.leave_film(films, moment.now, &mut out);
        let mut news = shown.filter(|(_, is_news)| *is_news).map(|(shown, _)| News {
            captured_at_micros: shown.captured_at_micros,
            took: shown.took,
            encode: shown.coded.encode,
        });
        let mut pixels = 0;
        // A picture of the film that is coded goes at once; whatever else there is waits until the link has room.
        if full || self.pace.may_send(moment.now, || self.port.path()) == May::Send {
            let (is_news, exact_pixels) = self.append_changes(&picture, (tiles, films), moment, &mut out)?;
            pixels = exact_pixels;
            if is_news {
                news = Some(News {
                    // Of a screen that stands still, all of it is what it is now.
                    captured_at_micros: if full { moment.now_micros } else { moment.captured_at_micros },
                    took: moment.took,
                    encode: began.elapsed(),
                });
            }
        }
        if out.len() > MOST_UPDATE_HEADER_BYTES {
            // What is only refined or tidied up was current when it was looked at, which is now.
            let captured_at_micros = news.as_ref().map_or(moment.now_micros, |news| news.captured_at_micros);
            self.send(out, full, captured_at_micros, moment);
            if let Some(news) = news {
                self.tell_timing(&news, moment.now_micros + began.elapsed().as_micros() as i64);
            }
        }
        Ok(pixels)
    }

    /// Appends what moved and what changed, and hands the film its next picture. Returns whether any of it was new, and how many pixels were
    /// coded exactly.
    fn append_changes(
        &mut self,
        picture: &Picture<'_>,
        (tiles, films): (&mut SharedTiles, &mut Films),
        moment: &Moment<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(bool, u64), EncodeError> {
        let path = self.port.path();
        self.plan_for(path);
        self.planner.set_company(company(&self.area, moment.films));
        let budget = self.slow_bps(&path).map(SlowBudget::new);
        let has_moved = self.append_copies(out);
        let mut damage = self.take_damage();
        let mut has_preview =
            budget.is_some_and(|budget| budget.is_large(&damage, &self.cost) && self.preview(budget, picture, &mut damage, moment, out));
        let here = moment.focus.iter().filter(|point| self.area.contains(**point));
        let here = here.map(|point| relative(&Rect::new(point.x, point.y, 1, 1), &self.area));
        let focus: Vec<(u32, u32)> = here.map(|at| (at.x, at.y)).collect();
        let mut plan = self
            .planner
            .plan_with(&damage, moment.now_millis, &focus, |area| is_costly(picture, area));
        if plan.video_restarted {
            self.end_film(out);
        }
        // Of a tile more may go than what changed.
        plan.tiles.iter().for_each(|area| self.hold_under_way(area));
        let (before, has_tiles) = (out.len(), !plan.tiles.is_empty());
        let modelled = budget.filter(|_| has_tiles).and_then(|_| self.modelled.clone());
        let mut room = budget.map(|_| Room::new());
        let rest = self.append_exact(tiles, picture, &mut plan.tiles, TilesReason::Change, room.as_mut(), out)?;
        self.lack(&rest);
        // What turns out to be dearer than it looked is taken back.
        if let Some(budget) = budget.filter(|budget| budget.is_dear(out.len() - before)) {
            let coded = out.split_off(before);
            if self.preview(budget, picture, &mut plan.tiles, moment, out) {
                has_preview = true;
                self.modelled = modelled;
                let rest = std::mem::take(&mut plan.tiles);
                self.lack(&rest);
            } else {
                out.extend(coded);
            }
        }
        if let Some(video) = plan.video {
            self.film_next(films, picture, video, moment, out);
        }
        if let (Some(budget), Some(room)) = (budget, &mut room) {
            room.limit_costly(budget.bytes_in(self.refined_slow_secs));
        }
        let rest = self.append_exact(tiles, picture, &mut plan.refine, TilesReason::Refine, room.as_mut(), out)?;
        rest.iter().for_each(|part| self.planner.note_lossy(part, moment.now_millis));
        let pixels = plan.tiles.iter().chain(&plan.refine).map(Area::pixels).sum();
        let is_news = has_moved || has_preview || !plan.tiles.is_empty();
        self.refined_slow_secs = match is_news {
            true => REFINED_SLOW_SECS.0,
            false if plan.refine.is_empty() => self.refined_slow_secs,
            false => (self.refined_slow_secs * 2.0).min(REFINED_SLOW_SECS.1),
        };
        Ok((is_news, pixels))
    }

    /// Appends areas exactly: modelled as far as there is room on a slow link, as tiles on any other. What there is no room for is taken out of `areas` and returned.
    fn append_exact(
        &mut self,
        tiles: &mut SharedTiles,
        picture: &Picture<'_>,
        areas: &mut Vec<Area>,
        reason: TilesReason,
        room: Option<&mut Room>,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Area>, EncodeError> {
        let Some(room) = room.filter(|_| !areas.is_empty()) else {
            let before = out.len();
            tiles.append(picture, areas, reason, out)?;
            self.cost.note(areas, out.len() - before, Speed::Usual);
            return Ok(Vec::new());
        };
        let modelled = self.modelled.get_or_insert_default();
        let appended = modelled.append(tiles, picture, areas, reason, room, out)?;
        self.cost.note(&appended.drawn, appended.drawn_bytes, Speed::Slow);
        *areas = Area::parts_without(std::mem::take(areas), &appended.rest);
        Ok(appended.rest)
    }

    /// Shows what is in `damage` coarsely, and takes out of it what is shown; true when anything is.
    fn preview(
        &mut self,
        budget: SlowBudget,
        picture: &Picture<'_>,
        damage: &mut Vec<Area>,
        moment: &Moment<'_>,
        out: &mut Vec<u8>,
    ) -> bool {
        if self.video_failures >= MOST_VIDEO_FAILURES {
            return false;
        }
        let (shown, result) = budget.append_previews(picture, damage, out);
        for part in &shown {
            self.planner.note_lossy(part, moment.now_millis);
        }
        if let Err(error) = result {
            tracing::warn!(%error, "a preview failed");
            self.video_failures += 1;
        }
        !shown.is_empty()
    }

    /// What a slow link carries; none for any other.
    fn slow_bps(&self, path: &PathFigures) -> Option<u64> {
        self.pace.bandwidth_bps(path).filter(|bps| *bps < SLOW_BPS)
    }

    /// Sends the digest when the picture has stood still, exact and acknowledged, for a while.
    pub(super) fn send_digest(&mut self, frame: &Frame, now: Instant) {
        if now < self.digest_at || !self.is_digest_due() {
            return;
        }
        let Some(picture) = part_of(frame, self.area) else { return };
        let mut hash = Sha256::new();
        hash_rows(&mut hash, &picture, 0..picture.height());
        let sha256 = hash.finalize().to_vec();
        let newest = self.pace.newest().0;
        self.digested = newest;
        self.digest_at = now + DIGEST_EVERY;
        self.port.say(&ViewerBound::Digest(Digest { update: newest, sha256 }));
    }

    fn begin_again(&mut self, out: &mut Vec<u8>) {
        // A reset ends every video stream at the viewer.
        self.note_lateness(Instant::now());
        self.film = None;
        self.held = DamageList::default();
        self.modelled = None;
        self.copies.clear();
        self.planner.forget();
        append_operation(
            &Operation::Reset {
                width: self.area.width,
                height: self.area.height,
            },
            out,
        );
        self.pending.add(&self.area.clone(), &self.area);
    }

    /// Sets the planner to what the link carries now. An unknown link is taken for a fast one until the first large update
    /// has told.
    fn plan_for(&mut self, path: PathFigures) {
        let mut config = PlannerConfig {
            // What a picture of the film that is under way will cover must not be made exact before.
            still_millis: if self.under_way().is_some_and(|shown| !shown.is_empty()) {
                LATER_MILLIS
            } else {
                STILL_MILLIS
            },
            ..PlannerConfig::default()
        };
        if let Some(bytes_per_sec) = self.pace.bandwidth_bps(&path).map(|bps| bps as f64 / 8.0) {
            let (link, secs) = match self.slow_bps(&path) {
                Some(_) => (Speed::Slow, self.refined_slow_secs),
                None => (Speed::Usual, REFINED_SECS),
            };
            config.most_exact_pixels = self.cost.pixels_in(bytes_per_sec * LONGEST_EXACT_SECS, link);
            config.most_refined_pixels = config.most_refined_pixels.min(self.cost.pixels_in(bytes_per_sec * secs, link));
            if link == Speed::Slow {
                config.most_refined_pixels = config.most_refined_pixels.min(MOST_MODELLED_PIXELS);
                // No film: its pictures would come seconds late. Previews take its place.
                config = without_film(config);
            }
        }
        if self.video_failures >= MOST_VIDEO_FAILURES {
            config = without_film(config);
        }
        self.planner.set_config(config);
    }

    /// What changed, in coordinates of the picture; what is beyond one update's measure stays pending, and what a picture of the film under way
    /// will cover is held.
    fn take_damage(&mut self) -> Vec<Area> {
        let mut room = MOST_PIXELS;
        let mut taken = Vec::new();
        for rect in self.take_beside_film() {
            let rows = (room / u64::from(rect.width.max(1))).min(u64::from(rect.height)) as u32;
            if rows > 0 {
                taken.push(relative(&Rect { height: rows, ..rect }, &self.area));
                room -= u64::from(rows) * u64::from(rect.width);
            }
            if rows < rect.height {
                let rest = Rect::new(rect.x, rect.y.saturating_add_unsigned(rows), rect.width, rect.height - rows);
                self.pending.add(&rest, &self.area);
            }
        }
        taken
    }

    /// True when something moved.
    fn append_copies(&mut self, out: &mut Vec<u8>) -> bool {
        let has_moved = !self.copies.is_empty();
        for Copy { from_x, from_y, to } in self.copies.drain(..) {
            append_operation(&Operation::Copy { from_x, from_y, to }, out);
        }
        has_moved
    }

    /// The viewer still lacks these parts.
    fn lack(&mut self, parts: &[Area]) {
        for part in parts {
            self.pending.add(&absolute(part, &self.area), &self.area);
        }
    }

    /// Says where the time of the update just sent went, unless that was said a moment ago.
    fn tell_timing(&mut self, news: &News, sent_at_micros: i64) {
        let now = Instant::now();
        if self.timing_at.is_some_and(|at| now.duration_since(at) < TIMING_EVERY) {
            return;
        }
        self.timing_at = Some(now);
        let micros = |time: Duration| u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        self.port.say(&ViewerBound::Timing(Timing {
            update: self.pace.newest().0,
            capture_micros: micros(news.took.capture),
            compare_micros: micros(news.took.compare),
            encode_micros: micros(news.encode),
            sent_at_micros,
        }));
    }

    fn send(&mut self, mut out: Vec<u8>, full: bool, captured_at_micros: i64, moment: &Moment<'_>) {
        let (update, base) = self.pace.next();
        let place = PicturePlace {
            epoch: moment.epoch,
            area: self.area,
        };
        let header = UpdateHeader {
            update,
            base: if full { 0 } else { base },
            captured_at_micros,
            full: full.then_some(place),
            exact: self.is_exact(),
        };
        let mut bytes = Vec::with_capacity(MOST_UPDATE_HEADER_BYTES);
        header.append_to(&mut bytes);
        let begin = MOST_UPDATE_HEADER_BYTES.saturating_sub(bytes.len());
        if let Some(room) = out.get_mut(begin..MOST_UPDATE_HEADER_BYTES) {
            room.copy_from_slice(&bytes);
        }
        let out = Bytes::from(out).slice(begin..);
        let path = self.port.path();
        self.pace.handle_sent(out.len() as u64, Instant::now(), &path);
        self.digest_at = self.digest_at.max(moment.now + DIGEST_AFTER);
        tracing::trace!(
            update,
            bytes = out.len(),
            bps = self.pace.bandwidth_bps(&path),
            ?path,
            "an update leaves"
        );
        let link = if self.pace.is_known_slow(&path) {
            Speed::Slow
        } else {
            Speed::Usual
        };
        self.port.send_update(self.pace.newest().0, out, link);
    }
}

/// Takes rows of the picture into a digest: blue, green and red of each pixel; both ends reckon it so.
pub(crate) fn hash_rows(hash: &mut Sha256, picture: &Picture<'_>, rows: std::ops::Range<u32>) {
    let mut row = Vec::with_capacity(picture.width() as usize * 3);
    for y in rows {
        row.clear();
        row.extend(
            picture
                .row(y)
                .as_chunks::<BYTES_PER_PIXEL>()
                .0
                .iter()
                .flat_map(|[b, g, r, _]| [*b, *g, *r]),
        );
        hash.update(&row);
    }
}

fn part_of(frame: &Frame, area: Rect) -> Option<Picture<'_>> {
    let whole = Picture::new(frame.area.width, frame.area.height, frame.stride, &frame.data)?;
    let inside = frame.area.intersection(&area).is_some_and(|common| common == area);
    whole.part(inside.then(|| relative(&area, &frame.area))?)
}
