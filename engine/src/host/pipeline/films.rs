//! Films for all viewers. Who shows the same rectangle at about the same rate is sent the same H.264, coded once; whoever keeps the others waiting, or
//! has a much slower link, goes to a second film of it: two rate classes, however many viewers there are. Viewers of the same monitors agree on where the film
//! plays ([`Company`]).
//!
//! A picture depends on the one before, so every viewer of a film is sent every picture of it. The next one is begun when the one before is coded and all
//! of its viewers have room.
//!
//! ```text
//!             ┌──────────── closed ────────────┐
//!   picture ──┤ one is coded, or a viewer has  ├── open: who comes first gives the picture, the others share it
//!   coded     │ no room yet (its debt grows)   │
//!             └──────── debt ≥ patience: that viewer leaves for the slow film
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use farhand_codec::{
    EncodeError,
    picture::{Area, Picture},
    planner::Company,
    video::{Content, VideoConfig},
};
use farhand_protocol::geometry::Rect;

use super::film::{Coded, Film, Wake, Wish};
use super::stream::{CaptureTook, Moment};

/// Most films of one scene: for those who keep up, and for those who do not.
const MOST_FILMS: usize = 2;
/// Most places of one picture where films play; viewers of the same picture agree on one soon.
const MOST_AREAS: usize = 2;
/// A viewer that keeps the others waiting for so much longer than it makes good leaves their film.
const PATIENCE: Duration = Duration::from_millis(60);
/// The same in the slow film, which is as slow as the slowest of its viewers; only who says nothing any more has to go.
const SLOW_PATIENCE: Duration = Duration::from_secs(1);
/// Whoever has been sent fewer pictures of the film has just come.
const NEWCOMER: u32 = 8;
/// What it makes good: this part of the time in which nobody waits for it.
const MADE_GOOD: u32 = 10;
/// Viewers whose rates are further apart than this, and stay so for a while, have a film each.
const SAME_RATE: f64 = 2.0;
const APART: Duration = Duration::from_secs(2);
/// Pictures a second, at most.
pub(super) const VIDEO_FPS: u32 = 30;
/// Least and most bits per second of a film.
pub(super) const VIDEO_BPS: (u32, u32) = (100_000, 40_000_000);

/// Names a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FilmId(u64);

/// What a film shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scene {
    /// The picture it is part of, in the desktop space.
    pub(super) picture: Rect,
    /// Where in that picture.
    pub(super) area: Area,
}

/// Where films play for others who are shown `picture`.
pub(super) fn company(picture: &Rect, others: &[Scene]) -> Company {
    let mut areas: Vec<Area> = Vec::new();
    for scene in others.iter().filter(|scene| scene.picture == *picture) {
        if !areas.contains(&scene.area) {
            areas.push(scene.area);
        }
    }
    let may_begin = areas.len() < MOST_AREAS;
    Company { areas, may_begin }
}

/// Who wants to see a film.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    /// What their link has room for.
    pub(super) bitrate_bps: u32,
    /// They kept others waiting of late.
    pub(super) is_late: bool,
}

/// Why a viewer is to leave its film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// The others wait for it.
    Late,
    /// The others wait for it, though it has just come: what it was sent first may be large.
    New,
    /// Its link carries much less than the others' do.
    Rate,
}

/// What one viewer has of a film.
#[derive(Debug)]
pub(super) struct Part {
    /// Which film.
    pub(super) film: FilmId,
    /// What the viewer knows it by.
    pub(super) stream: u16,
    /// Where it plays.
    pub(super) area: Area,
    /// What the viewer is to show of the picture under way, if it is sent it.
    pub(super) painted: Option<Vec<Area>>,
    /// What it was to show of the last picture.
    pub(super) shown: Vec<Area>,
    /// A coded picture that is to be sent.
    pub(super) coded: Option<Result<Shown, EncodeError>>,
    /// The next picture can be given.
    pub(super) is_open: bool,
    /// This viewer is to leave.
    pub(super) leaves: Option<Leave>,
    /// It has not been sent a picture that stands alone.
    needs_key: bool,
    /// So many pictures of the film it has been sent.
    pictures: u32,
    /// It had room for a picture when that was last asked.
    had_room: bool,
    /// For how long it kept the others waiting, less what it made good.
    debt: Duration,
    keeps_waiting: bool,
    apart_since: Option<Instant>,
}

impl Part {
    /// A viewer that has nothing of the film yet.
    pub(super) fn new(film: FilmId, stream: u16, area: Area) -> Self {
        Self {
            film,
            stream,
            area,
            painted: None,
            shown: Vec::new(),
            coded: None,
            is_open: false,
            leaves: None,
            needs_key: true,
            pictures: 0,
            had_room: true,
            debt: Duration::ZERO,
            keeps_waiting: false,
            apart_since: None,
        }
    }

    /// True when the next picture waits for this viewer to have room.
    pub(super) fn is_awaited(&self, holds: bool) -> bool {
        self.painted.is_none() && !self.is_open && !self.had_room && (self.keeps_waiting || holds)
    }

    /// The viewer will be sent the picture that was just given, if it can make use of it.
    fn share(&mut self, is_key: bool, painted: Vec<Area>) -> bool {
        let is_shared = !self.needs_key || is_key;
        if is_shared {
            self.needs_key = false;
            self.pictures = self.pictures.saturating_add(1);
            self.painted = Some(painted);
        }
        is_shared
    }

    fn reckon(&mut self, passed: Duration, patience: Duration) {
        if std::mem::take(&mut self.keeps_waiting) {
            self.debt = (self.debt + passed).min(patience);
            if self.debt == patience {
                self.leaves = Some(if self.pictures < NEWCOMER { Leave::New } else { Leave::Late });
            }
        } else {
            self.debt = self.debt.saturating_sub(passed / MADE_GOOD);
        }
    }
}

/// A coded picture with where it came from.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// What was coded.
    pub(super) coded: Coded,
    /// When it was captured, by the host's clock.
    pub(super) captured_at_micros: i64,
    /// How long that took.
    pub(super) took: CaptureTook,
}

/// A viewer as its film sees it when a turn begins.
pub(super) struct Viewer<'a> {
    /// What it has of the film.
    pub(super) part: &'a mut Part,
    /// It has room for a picture now.
    pub(super) has_room: bool,
    /// What its link has room for.
    pub(super) bitrate_bps: u32,
}

struct Playing {
    film: Film,
    scene: Scene,
    /// The second of its scene.
    is_slow: bool,
    bitrate_bps: u32,
    /// A viewer lacks what the next picture would depend on.
    key_wanted: bool,
    /// All viewers have room for the next picture.
    is_open: bool,
    /// It codes no more.
    broken: Option<EncodeError>,
    shot: Option<Shot>,
    looked_at: Instant,
}

/// The picture under way.
#[derive(Debug, Clone, Copy)]
struct Shot {
    captured_at_micros: i64,
    took: CaptureTook,
    /// The turn in which it was given.
    turn: u64,
    is_key: bool,
}

/// All films that play.
pub(super) struct Films {
    playing: BTreeMap<FilmId, Playing>,
    last: u64,
    turn: u64,
    wake: Wake,
}

impl Films {
    /// None yet; `wake` is called when a picture is coded.
    pub(super) fn new(wake: Wake) -> Self {
        Self {
            playing: BTreeMap::new(),
            last: 0,
            turn: 0,
            wake,
        }
    }

    /// Begins a turn: what is coded goes to its viewers, films that nobody sees or that broke end, and each viewer learns whether the next picture can be
    /// given.
    pub(super) fn direct<'a>(&mut self, now: Instant, viewers: impl IntoIterator<Item = Viewer<'a>>) {
        self.turn += 1;
        let mut seats: BTreeMap<FilmId, Vec<Viewer<'a>>> = BTreeMap::new();
        for viewer in viewers {
            seats.entry(viewer.part.film).or_default().push(viewer);
        }
        self.playing.retain(|film, _| seats.contains_key(film));
        let others: Vec<(FilmId, Scene, u32)> = self
            .playing
            .iter()
            .map(|(film, playing)| (*film, playing.scene, playing.bitrate_bps))
            .collect();
        for (film, viewers) in seats {
            let Some(playing) = self.playing.get_mut(&film) else { continue };
            let scene = playing.scene;
            let mut other = others.iter().filter(|(id, place, _)| *id != film && *place == scene);
            let other_bps = other.next().map(|(_, _, bitrate_bps)| *bitrate_bps);
            playing.direct(now, viewers, other_bps);
        }
        self.playing.retain(|_, playing| playing.broken.is_none());
    }

    /// Ends a turn: who is not sent the picture that was given in it with parts to be shown is sent it all the same, because the next depends on it. Where a
    /// picture waits for a viewer that had no room, that counts from now. Of each viewer it is said whether it holds something for the film. Returns when
    /// to look again at the latest.
    pub(super) fn settle<'a>(&mut self, now: Instant, parts: impl IntoIterator<Item = (&'a mut Part, bool)>) -> Option<Instant> {
        let mut closed: BTreeMap<FilmId, Vec<(&mut Part, bool)>> = BTreeMap::new();
        for (part, holds) in parts {
            let Some(playing) = self.playing.get(&part.film).filter(|_| part.leaves.is_none()) else {
                continue;
            };
            match playing.shot {
                Some(shot) if shot.turn == self.turn && part.painted.is_none() => {
                    part.share(shot.is_key, Vec::new());
                }
                Some(_) => {}
                None if playing.is_open => {}
                None => closed.entry(part.film).or_default().push((part, holds)),
            }
        }
        let mut deadline: Option<Instant> = None;
        for (film, mut parts) in closed {
            let somebody_waits = parts.iter().any(|(part, holds)| part.had_room && *holds);
            let Some(playing) = self.playing.get_mut(&film).filter(|_| somebody_waits) else {
                continue;
            };
            playing.looked_at = now;
            for part in parts.iter_mut().map(|(part, _)| &mut **part).filter(|part| !part.had_room) {
                part.keeps_waiting = true;
                let at = now + playing.patience().saturating_sub(part.debt);
                deadline = Some(deadline.map_or(at, |deadline| deadline.min(at)));
            }
        }
        deadline
    }

    /// A coded picture waits to be taken.
    pub(super) fn is_ready(&self) -> bool {
        self.playing.values().any(|playing| playing.film.is_ready())
    }

    /// Whether a viewer in the slow film of a scene has room for what those who keep up are sent, and would be let in.
    pub(super) fn has_faster(&self, own: FilmId, seat: Seat) -> bool {
        let Some(slow) = self.playing.get(&own).filter(|playing| playing.is_slow) else {
            return false;
        };
        let mut others = self
            .playing
            .values()
            .filter(|playing| playing.scene == slow.scene && !playing.is_slow);
        others.any(|playing| playing.suits(seat) && playing.bitrate_bps <= seat.bitrate_bps)
    }

    /// A seat in a film of this scene, which is begun if there is none that suits.
    ///
    /// # Errors
    /// When the encoder refuses the size, or the system has no thread to give.
    pub(super) fn join(&mut self, scene: Scene, seat: Seat, now: Instant) -> Result<FilmId, EncodeError> {
        let mut here: Vec<(&FilmId, &mut Playing)> = self
            .playing
            .iter_mut()
            .filter(|(_, playing)| playing.scene == scene && playing.broken.is_none())
            .collect();
        // Who keeps up comes first.
        here.sort_by_key(|(_, playing)| playing.is_slow);
        let is_alone = here.len() < MOST_FILMS;
        let chosen = match here.iter().position(|(_, playing)| playing.suits(seat)) {
            None if is_alone => None,
            None if seat.is_late => here.iter().position(|(_, playing)| playing.is_slow),
            // The nearest there is.
            None => {
                let ratio = |at: &usize| ratio(here[*at].1.bitrate_bps, seat.bitrate_bps);
                (0..here.len()).min_by(|one, other| ratio(one).total_cmp(&ratio(other)))
            }
            some => some,
        };
        if let Some((film, playing)) = chosen.map(|at| &mut here[at]) {
            playing.bitrate_bps = playing.bitrate_bps.min(seat.bitrate_bps);
            return Ok(**film);
        }
        self.begin(scene, seat, now)
    }

    fn begin(&mut self, scene: Scene, seat: Seat, now: Instant) -> Result<FilmId, EncodeError> {
        let config = VideoConfig {
            width: scene.area.width,
            height: scene.area.height,
            bitrate_bps: seat.bitrate_bps,
            max_bitrate_bps: VIDEO_BPS.1,
            fps_max: VIDEO_FPS,
            content: Content::Camera,
        };
        let film = Film::start(config, self.wake.clone())?;
        let other = self.playing.values_mut().find(|playing| playing.scene == scene);
        let is_slow = other.is_some_and(|other| {
            // Of two, one is the slow one.
            let is_slow = seat.is_late || seat.bitrate_bps < other.bitrate_bps;
            other.is_slow = !is_slow;
            is_slow
        });
        self.last += 1;
        let playing = Playing {
            film,
            scene,
            is_slow,
            bitrate_bps: seat.bitrate_bps,
            key_wanted: false,
            is_open: true,
            broken: None,
            shot: None,
            looked_at: now,
        };
        let id = FilmId(self.last);
        tracing::debug!(?id, ?scene, is_slow, "a film begins");
        self.playing.insert(id, playing);
        Ok(id)
    }

    /// Hands a film its next picture, or shares that which another viewer handed over in this turn. False where neither can be.
    ///
    /// # Errors
    /// When the film cannot be coded; nobody is let into it any more.
    pub(super) fn give(
        &mut self,
        part: &mut Part,
        picture: &Picture<'_>,
        painted: Vec<Area>,
        moment: &Moment<'_>,
    ) -> Result<bool, EncodeError> {
        let Some(playing) = self.playing.get_mut(&part.film) else {
            return Ok(false);
        };
        if let Some(shot) = playing.shot {
            return Ok(shot.turn == self.turn && part.painted.is_none() && part.share(shot.is_key, painted));
        }
        if !playing.is_open {
            return Ok(false);
        }
        let wish = Wish {
            key: playing.key_wanted || part.needs_key,
            bitrate_bps: playing.bitrate_bps,
            at_millis: moment.now_millis,
        };
        if let Err(error) = playing.film.give(picture, wish) {
            playing.broken = Some(error);
            return Err(error);
        }
        playing.shot = Some(Shot {
            captured_at_micros: moment.captured_at_micros,
            took: moment.took,
            turn: self.turn,
            is_key: wish.key,
        });
        Ok(part.share(wish.key, painted))
    }
}

impl Playing {
    fn suits(&self, seat: Seat) -> bool {
        let is_for_late = self.is_slow || !seat.is_late;
        is_for_late && self.broken.is_none() && is_same_rate(self.bitrate_bps, seat.bitrate_bps)
    }

    fn patience(&self) -> Duration {
        if self.is_slow { SLOW_PATIENCE } else { PATIENCE }
    }

    /// Begins a turn; `other_bps` is the rate of the scene's other film.
    fn direct(&mut self, now: Instant, mut viewers: Vec<Viewer<'_>>, other_bps: Option<u32>) {
        self.is_slow &= other_bps.is_some();
        self.hand_out(&mut viewers);
        let passed = now.saturating_duration_since(std::mem::replace(&mut self.looked_at, now));
        let best_bps = viewers.iter().map(|viewer| viewer.bitrate_bps).max().unwrap_or_default();
        for viewer in &mut viewers {
            viewer.part.reckon(passed, self.patience());
            viewer.part.had_room = viewer.has_room;
            let has_better = other_bps.is_none_or(|bps| is_same_rate(bps, viewer.bitrate_bps));
            if has_better && !is_same_rate(best_bps, viewer.bitrate_bps) {
                let since = *viewer.part.apart_since.get_or_insert(now);
                if now.saturating_duration_since(since) >= APART {
                    viewer.part.leaves = Some(Leave::Rate);
                }
            } else {
                viewer.part.apart_since = None;
            }
        }
        viewers.retain(|viewer| viewer.part.leaves.is_none());
        self.key_wanted = viewers.iter().any(|viewer| viewer.part.needs_key);
        let least_bps = viewers.iter().map(|viewer| viewer.bitrate_bps).min();
        self.bitrate_bps = least_bps.unwrap_or(self.bitrate_bps);
        self.is_open = !self.film.is_under_way() && self.broken.is_none() && viewers.iter().all(|viewer| viewer.has_room);
        for viewer in viewers {
            viewer.part.is_open = self.is_open;
        }
    }

    /// What is coded goes to all who share it; that nothing more will be, to all.
    fn hand_out(&mut self, viewers: &mut [Viewer<'_>]) {
        let taken = match self.broken {
            Some(error) => Err(error),
            None => self.film.take(),
        };
        let shot = match &taken {
            Ok(None) => return,
            Ok(Some(_)) => self.shot.take(),
            Err(error) => {
                self.broken = Some(*error);
                None
            }
        };
        for part in viewers.iter_mut().map(|viewer| &mut *viewer.part) {
            let shown = match (&taken, shot) {
                (Err(error), _) => Err(*error),
                (Ok(Some(coded)), Some(shot)) if part.painted.is_some() => Ok(Shown {
                    coded: coded.clone(),
                    captured_at_micros: shot.captured_at_micros,
                    took: shot.took,
                }),
                _ => continue,
            };
            part.coded = Some(shown);
        }
    }
}

/// How many times one rate is the other.
fn ratio(one: u32, other: u32) -> f64 {
    f64::from(one.max(other)) / f64::from(one.min(other).max(1))
}

fn is_same_rate(one: u32, other: u32) -> bool {
    ratio(one, other) <= SAME_RATE
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::platform::Frame;

    const SIDE: u32 = 128;
    const STEP: Duration = Duration::from_millis(10);
    const MEGABIT: u32 = 1_000_000;

    fn films() -> Films {
        Films::new(Arc::new(|| {}))
    }

    fn scene() -> Scene {
        Scene {
            picture: Rect::new(0, 0, 1920, 1080),
            area: Area::new(64, 64, SIDE, SIDE),
        }
    }

    fn seat(bitrate_bps: u32) -> Seat {
        Seat {
            bitrate_bps,
            is_late: false,
        }
    }

    fn late(bitrate_bps: u32) -> Seat {
        Seat {
            bitrate_bps,
            is_late: true,
        }
    }

    fn enter(films: &mut Films, seat: Seat) -> Part {
        let film = films.join(scene(), seat, Instant::now()).unwrap();
        Part::new(film, 1, scene().area)
    }

    /// Begins a turn for viewers of whom it is said whether they have room and what their links carry.
    fn direct<const N: usize>(films: &mut Films, now: Instant, parts: [(&mut Part, bool, u32); N]) {
        let viewers = parts.map(|(part, has_room, bitrate_bps)| Viewer {
            part,
            has_room,
            bitrate_bps,
        });
        films.direct(now, viewers.into_iter().filter(|viewer| viewer.part.leaves.is_none()));
    }

    fn moment(frame: &Frame, captured_at_micros: i64) -> Moment<'_> {
        Moment {
            frame,
            epoch: 1,
            captured_at_micros,
            now_micros: captured_at_micros,
            took: CaptureTook::default(),
            films: &[],
            focus: &[],
            now: Instant::now(),
            now_millis: captured_at_micros as u64,
        }
    }

    fn give(films: &mut Films, part: &mut Part, captured_at_micros: i64) -> bool {
        let frame = Frame::default();
        let data: Vec<u8> = (0..SIDE * SIDE * 4).map(|at| (at * 31 + captured_at_micros as u32) as u8).collect();
        let picture = Picture::new(SIDE, SIDE, SIDE as usize * 4, &data).unwrap();
        films
            .give(part, &picture, vec![scene().area], &moment(&frame, captured_at_micros))
            .unwrap()
    }

    fn wait_until_coded(films: &Films) {
        let began = Instant::now();
        while !films.is_ready() {
            assert!(began.elapsed() < Duration::from_secs(20), "nothing was coded");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The coded bytes a viewer was handed, which it has sent now.
    fn take(part: &mut Part) -> Option<bytes::Bytes> {
        let shown = part.coded.take()?.unwrap();
        part.painted = None;
        shown.coded.video.map(|(_, bytes)| bytes)
    }

    #[test]
    fn one_picture_is_coded_once_for_all_viewers_of_a_film() {
        let (mut films, now) = (films(), Instant::now());
        let mut ada = enter(&mut films, seat(MEGABIT));
        assert!(give(&mut films, &mut ada, 1));
        let mut ben = enter(&mut films, seat(900_000));
        assert_eq!((ada.film, films.playing.len()), (ben.film, 1));
        assert!(give(&mut films, &mut ben, 1), "the first stands alone");
        wait_until_coded(&films);
        direct(&mut films, now, [(&mut ada, true, MEGABIT), (&mut ben, true, MEGABIT)]);
        let (one, other) = (take(&mut ada).unwrap(), take(&mut ben).unwrap());
        assert_eq!(one.as_ptr(), other.as_ptr(), "the very same bytes");
        assert!(!films.playing[&ada.film].key_wanted, "both have it");
        // Nothing to be shown changed for Ben: he is sent the picture all the same, since the next depends on it.
        assert!(give(&mut films, &mut ada, 2));
        films.settle(now, [(&mut ada, false), (&mut ben, false)]);
        assert_eq!(ben.painted, Some(Vec::new()));
        direct(&mut films, now, []);
        assert_eq!(films.playing.len(), 0, "a film that nobody sees ends");
    }

    #[test]
    fn who_keeps_the_others_waiting_leaves_for_a_film_of_its_own() {
        let (mut films, start) = (films(), Instant::now());
        let (mut ada, mut ben) = (enter(&mut films, seat(MEGABIT)), enter(&mut films, seat(MEGABIT)));
        let mut now = start;
        ben.pictures = NEWCOMER;
        while ben.leaves.is_none() {
            direct(&mut films, now, [(&mut ada, true, MEGABIT), (&mut ben, false, MEGABIT)]);
            assert!(!give(&mut films, &mut ada, 1) || ben.leaves.is_some(), "Ben has no room");
            let next = films.settle(now, [(&mut ada, true), (&mut ben, false)]);
            assert!(
                next.is_some_and(|next| next <= start + PATIENCE) || ben.leaves.is_some(),
                "that is looked at again"
            );
            assert!(ben.is_awaited(false) && !ada.is_awaited(true) || ben.leaves.is_some());
            now += STEP;
        }
        assert_eq!((now - start, ada.leaves, ben.leaves), (PATIENCE + STEP, None, Some(Leave::Late)));
        let mut ben = enter(&mut films, late(MEGABIT));
        assert_eq!((ada.film == ben.film, films.playing.len()), (false, 2));
        assert!(films.has_faster(ben.film, seat(MEGABIT)) && !films.has_faster(ben.film, late(MEGABIT)));
        assert!(!films.has_faster(ben.film, seat(900_000)) && !films.has_faster(ben.film, seat(3 * MEGABIT)));
        assert!(!films.has_faster(ada.film, seat(MEGABIT)));
        // Another who was late shares the slow one, and both have more time there.
        let mut cleo = enter(&mut films, late(900_000));
        assert_eq!((cleo.film, films.playing.len()), (ben.film, 2));
        for _ in 0..20 {
            direct(
                &mut films,
                now,
                [(&mut ada, true, MEGABIT), (&mut ben, true, MEGABIT), (&mut cleo, false, MEGABIT)],
            );
            films.settle(now, [(&mut ada, true), (&mut ben, true), (&mut cleo, true)]);
            now += STEP;
        }
        assert_eq!((ben.leaves, cleo.leaves, cleo.debt), (None, None, 19 * STEP));
        // Where those who keep up are gone, nobody is slow.
        direct(&mut films, now, [(&mut ben, true, MEGABIT), (&mut cleo, true, MEGABIT)]);
        assert!(!films.playing[&ben.film].is_slow);
        // Who has just come and is not ready is not thought late.
        let mut dan = enter(&mut films, seat(MEGABIT));
        while dan.leaves.is_none() {
            direct(&mut films, now, [(&mut ben, true, MEGABIT), (&mut dan, false, MEGABIT)]);
            films.settle(now, [(&mut ben, true), (&mut dan, false)]);
            now += STEP;
        }
        assert_eq!(dan.leaves, Some(Leave::New));
    }

    #[test]
    fn a_short_wait_now_and_then_is_made_good() {
        let (mut films, mut now) = (films(), Instant::now());
        let (mut ada, mut ben) = (enter(&mut films, seat(MEGABIT)), enter(&mut films, seat(MEGABIT)));
        for _ in 0..50 {
            for step in 0..12 {
                direct(&mut films, now, [(&mut ada, true, MEGABIT), (&mut ben, step > 0, MEGABIT)]);
                films.settle(now, [(&mut ada, true), (&mut ben, true)]);
                now += STEP;
            }
        }
        assert!(ben.leaves.is_none(), "{:?}", ben.debt);
    }

    #[test]
    fn who_comes_later_begins_with_a_picture_that_stands_alone() {
        let (mut films, now) = (films(), Instant::now());
        let mut ada = enter(&mut films, seat(MEGABIT));
        direct(&mut films, now, [(&mut ada, true, MEGABIT)]);
        assert!(give(&mut films, &mut ada, 1));
        wait_until_coded(&films);
        direct(&mut films, now, [(&mut ada, true, MEGABIT)]);
        assert!(take(&mut ada).is_some() && give(&mut films, &mut ada, 2));
        let mut ben = enter(&mut films, seat(MEGABIT));
        assert!(!give(&mut films, &mut ben, 2), "it depends on one that Ben was not sent");
        films.turn += 1;
        assert!(!give(&mut films, &mut ben, 2), "one is under way");
        wait_until_coded(&films);
        direct(&mut films, now, [(&mut ada, true, MEGABIT), (&mut ben, true, MEGABIT)]);
        assert!(take(&mut ada).is_some() && ben.coded.is_none());
        assert!(give(&mut films, &mut ada, 3) && give(&mut films, &mut ben, 3));
        wait_until_coded(&films);
        direct(&mut films, now, [(&mut ada, true, MEGABIT), (&mut ben, true, MEGABIT)]);
        for part in [&mut ada, &mut ben] {
            let shown = part.coded.take().unwrap().unwrap();
            assert_eq!(shown.coded.video.unwrap().0, farhand_codec::operations::VideoKind::Key);
        }
    }

    #[test]
    fn rates_far_apart_have_a_film_each_and_there_are_two_at_most() {
        let mut films = films();
        let rates = [4_000_000, MEGABIT, 3_000_000, 500_000, 200_000, 40_000_000];
        let parts = rates.map(|rate| enter(&mut films, seat(rate)).film);
        assert_eq!(films.playing.len(), 2);
        assert_ne!(parts[0], parts[1]);
        assert_eq!(parts[2..], [parts[0], parts[1], parts[1], parts[0]]);
        let (picture, elsewhere) = (scene().picture, Rect::new(1920, 0, 1920, 1080));
        assert_eq!(company(&picture, &[scene(), scene()]).areas, [scene().area]);
        let third = Scene {
            area: Area::new(640, 64, SIDE, SIDE),
            ..scene()
        };
        assert!(!company(&picture, &[scene(), third]).may_begin);
        assert_eq!(company(&elsewhere, &[scene(), third]), Company::default());
    }

    #[test]
    fn whose_link_turns_slow_leaves_and_is_not_thought_late() {
        let (mut films, start) = (films(), Instant::now());
        let (mut ada, mut ben) = (enter(&mut films, seat(4 * MEGABIT)), enter(&mut films, seat(4 * MEGABIT)));
        let rates = |films: &mut Films, at: Duration, ada: &mut Part, ben: &mut Part, bitrate_bps| {
            direct(films, start + at, [(ada, true, 4 * MEGABIT), (ben, true, bitrate_bps)]);
        };
        rates(&mut films, Duration::ZERO, &mut ada, &mut ben, MEGABIT);
        rates(&mut films, APART / 2, &mut ada, &mut ben, 3 * MEGABIT);
        rates(&mut films, APART, &mut ada, &mut ben, MEGABIT);
        assert_eq!((ben.leaves, films.playing[&ben.film].bitrate_bps), (None, MEGABIT));
        rates(&mut films, 2 * APART, &mut ada, &mut ben, MEGABIT);
        assert_eq!((ada.leaves, ben.leaves), (None, Some(Leave::Rate)));
        assert_eq!(films.playing[&ada.film].bitrate_bps, 4 * MEGABIT);
        let ben = enter(&mut films, seat(MEGABIT));
        assert!(ben.film != ada.film && films.playing[&ben.film].is_slow);
    }

    #[test]
    fn a_film_that_breaks_ends_for_all_its_viewers_and_is_not_joined_again() {
        let (mut films, now) = (films(), Instant::now());
        let (mut ada, mut ben) = (enter(&mut films, seat(MEGABIT)), enter(&mut films, seat(MEGABIT)));
        direct(&mut films, now, [(&mut ada, true, MEGABIT), (&mut ben, true, MEGABIT)]);
        let (frame, data) = (Frame::default(), vec![0; 64 * 64 * 4]);
        let wrong_size = Picture::new(64, 64, 64 * 4, &data).unwrap();
        assert!(films.give(&mut ada, &wrong_size, Vec::new(), &moment(&frame, 1)).is_err());
        assert_ne!(enter(&mut films, seat(MEGABIT)).film, ada.film);
        direct(&mut films, now, [(&mut ada, true, MEGABIT), (&mut ben, true, MEGABIT)]);
        assert!(matches!((&ada.coded, &ben.coded), (Some(Err(_)), Some(Err(_)))));
        assert_eq!(films.playing.len(), 0);
    }
}
