//! The film in the picture of one viewer: what of it is under way and held for it, how it is joined and left, and what becomes of it when it fails.
//!
//! ```text
//! plan ─► next picture ─┬► under way ─► coded ─► update
//!                       │      └ what changes where it will show: held ─► pending, once it is in an update
//!                       └► no room at other viewers: held ─► pending, when the film is open
//! ```

use std::time::{Duration, Instant};

use farhand_codec::{
    EncodeError,
    operations::{Operation, append_operation},
    picture::{Area, Picture},
    planner::VideoPlan,
};
use farhand_protocol::geometry::Rect;

use super::{LATE_FOR, Moment, STILL_MILLIS, Stream};
use crate::host::pipeline::{
    compare::{absolute, relative},
    films::{Films, Leave, Part, Scene, Seat, Shown, VIDEO_BPS, VIDEO_FPS, Viewer},
    pace::May,
};

/// What a film is given where the link has room: 7.5 Mbit/s for 1280 × 720.
const VIDEO_BITS_PER_PIXEL: f64 = 0.27;

impl Stream {
    /// Where the film played last, in the desktop space: what changes there is looked at no further.
    pub(in crate::host::pipeline) fn film_rects(&self) -> impl Iterator<Item = Rect> {
        let parts = self.film.iter().flat_map(|part| &part.shown);
        parts.map(|area| absolute(area, &self.area))
    }

    /// This viewer as its film sees it.
    pub(in crate::host::pipeline) fn as_film_viewer(&mut self, now: Instant) -> Option<Viewer<'_>> {
        let area = self.film.as_ref().filter(|part| part.leaves.is_none())?.area;
        let has_room = self.pace.may_send(now, || self.port.path()) == May::Send;
        let bitrate_bps = self.bitrate_bps(&area);
        Some(Viewer {
            part: self.film.as_mut()?,
            has_room,
            bitrate_bps,
        })
    }

    /// What it has of a film, and whether it holds something for that.
    pub(in crate::host::pipeline) fn film_part(&mut self) -> Option<(&mut Part, bool)> {
        let holds = !self.held.is_empty();
        Some((self.film.as_mut()?, holds))
    }

    /// What it is shown as a film.
    pub(in crate::host::pipeline) fn film_scene(&self) -> Option<Scene> {
        let area = self.film.as_ref().filter(|part| part.leaves.is_none())?.area;
        Some(Scene { picture: self.area, area })
    }

    /// Where the film is open, or is to be left, what was held for it need not wait any longer.
    pub(in crate::host::pipeline) fn handle_directed(&mut self) {
        let may_go = |part: &Part| part.painted.is_none() && (part.is_open || part.leaves.is_some());
        if self.film.as_ref().is_some_and(may_go) {
            self.release_held();
        }
    }

    pub(super) fn is_film_ready(&self) -> bool {
        self.film.as_ref().is_some_and(|part| part.coded.is_some())
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.film.as_ref().is_some_and(|part| part.leaves.is_some())
    }

    /// True when the film's next picture waits for room on this viewer's way.
    pub(super) fn is_awaited(&self) -> bool {
        self.film.as_ref().is_some_and(|part| part.is_awaited(!self.held.is_empty()))
    }

    /// What a picture of the film that is under way will show, and is older than what changes there now; none where no picture is.
    pub(super) fn under_way(&self) -> Option<&[Area]> {
        self.film.as_ref()?.painted.as_deref()
    }

    /// Sends again what lies in `area` and the picture of the film under way will cover, after that picture.
    pub(super) fn hold_under_way(&mut self, area: &Area) {
        let shown = self.film.iter().filter_map(|part| part.painted.as_deref()).flatten();
        for part in shown.filter_map(|part| part.intersection(area)) {
            self.held.add(&absolute(&part, &self.area), &self.area);
        }
    }

    /// What is pending, without what must wait for a picture of the film.
    pub(super) fn take_beside_film(&mut self) -> Vec<Rect> {
        let pending = self.pending.take();
        let Some(shown) = self.under_way().filter(|shown| !shown.is_empty()).map(<[Area]>::to_vec) else {
            return pending;
        };
        let mut beside = Vec::new();
        for rect in pending {
            let area = relative(&rect, &self.area);
            self.hold_under_way(&area);
            let rest = Area::parts_without(vec![area], &shown);
            beside.extend(rest.iter().map(|part| absolute(part, &self.area)));
        }
        beside
    }

    /// Appends the picture of the film that is coded, if there is one; returns whether anything of it is shown, too.
    pub(super) fn append_film(&mut self, now: Instant, out: &mut Vec<u8>) -> Option<(Shown, bool)> {
        let part = self.film.as_mut()?;
        let (stream, area) = (part.stream, part.area);
        let shown = part.coded.take()?;
        let painted = part.painted.take().unwrap_or_default();
        if !painted.is_empty() {
            part.shown.clone_from(&painted);
        }
        self.planner.set_still_millis(STILL_MILLIS);
        self.handle_directed();
        match shown {
            Ok(shown) => {
                let Some((kind, bytes)) = &shown.coded.video else {
                    // Left out to keep to the rate; the next would be left out at once, too.
                    self.lack(&painted);
                    self.pace.hold(now + Duration::from_secs(1) / VIDEO_FPS);
                    return None;
                };
                let (kind, is_news) = (*kind, !painted.is_empty());
                let painted = painted.as_slice().into();
                append_operation(
                    &Operation::Video {
                        stream,
                        kind,
                        area,
                        painted,
                        bytes,
                    },
                    out,
                );
                Some((shown, is_news))
            }
            Err(error) => {
                self.lack(&painted);
                self.fail_film(&error, out);
                None
            }
        }
    }

    /// Hands the film its next picture. What it does not take yet is held for it.
    pub(super) fn film_next(&mut self, films: &mut Films, picture: &Picture<'_>, plan: VideoPlan, moment: &Moment<'_>, out: &mut Vec<u8>) {
        let painted = plan.painted.clone();
        match self.try_film(films, picture, plan, moment) {
            Ok(true) => {}
            Ok(false) if self.film.is_none() => self.lack(&painted),
            // It waits for others.
            Ok(false) => painted
                .iter()
                .for_each(|part| self.held.add(&absolute(part, &self.area), &self.area)),
            Err(error) => {
                self.lack(&painted);
                self.fail_film(&error, out);
            }
        }
    }

    /// Leaves a film whose other viewers wait for this one, or carry much more, and comes back to them when that is over.
    pub(super) fn leave_film(&mut self, films: &Films, now: Instant, out: &mut Vec<u8>) {
        let Some(part) = &self.film else { return };
        if part.leaves.is_some() || films.has_faster(part.film, self.seat(&part.area, now)) {
            self.note_lateness(now);
            self.end_film(out);
        }
    }

    /// The film is over, or begins anew elsewhere; what of it was under way is sent another way.
    pub(super) fn end_film(&mut self, out: &mut Vec<u8>) {
        let Some(part) = self.film.take() else { return };
        self.planner.set_still_millis(STILL_MILLIS);
        self.lack(&part.painted.unwrap_or_default());
        self.release_held();
        append_operation(&Operation::EndVideo { stream: part.stream }, out);
    }

    /// The film is about to be left: who was late is not let in again for a while.
    pub(super) fn note_lateness(&mut self, now: Instant) {
        let is_late = self.film.as_ref().is_some_and(|part| part.leaves == Some(Leave::Late));
        if !is_late {
            return;
        }
        // Once more in the slow film counts no more.
        if self.late_until.is_none_or(|until| now >= until) {
            self.times_late += 1;
        }
        let for_so_long = LATE_FOR * (1 << self.times_late.saturating_sub(1).min(4));
        self.late_until = Some(now + for_so_long);
        tracing::debug!(seconds = for_so_long.as_secs(), "a viewer keeps the others of its film waiting");
    }

    fn release_held(&mut self) {
        for rect in self.held.take() {
            self.pending.add(&rect, &self.area);
        }
    }

    fn try_film(&mut self, films: &mut Films, picture: &Picture<'_>, plan: VideoPlan, moment: &Moment<'_>) -> Result<bool, EncodeError> {
        let Some(picture) = picture.part(plan.area) else {
            return Ok(false);
        };
        let seat = self.seat(&plan.area, moment.now);
        tracing::trace!(?seat, path = ?self.port.path(), "a picture of the film");
        let part = match &mut self.film {
            Some(part) => part,
            none => {
                let scene = Scene {
                    picture: self.area,
                    area: plan.area,
                };
                let film = films.join(scene, seat, moment.now)?;
                let part = Part::new(film, self.next_video, plan.area);
                self.next_video = self.next_video.wrapping_add(1);
                none.insert(part)
            }
        };
        films.give(part, &picture, plan.painted, moment)
    }

    fn fail_film(&mut self, error: &EncodeError, out: &mut Vec<u8>) {
        tracing::warn!(%error, "video of the screen failed");
        self.video_failures += 1;
        self.end_film(out);
    }

    fn seat(&self, area: &Area, now: Instant) -> Seat {
        Seat {
            bitrate_bps: self.bitrate_bps(area),
            is_late: self.late_until.is_some_and(|until| now < until),
        }
    }

    fn bitrate_bps(&self, area: &Area) -> u32 {
        let usual = (area.pixels() as f64 * f64::from(VIDEO_FPS) * VIDEO_BITS_PER_PIXEL) as u64;
        // Three quarters leave room for tiles beside the video.
        let link = self.pace.bandwidth_bps(&self.port.path()).map_or(usual, |bps| bps / 4 * 3);
        link.min(usual).clamp(VIDEO_BPS.0.into(), VIDEO_BPS.1.into()) as u32
    }
}
