//! A screen for systems that do not say what changed: a thread of its own takes the whole desktop
//! again and again, compares it with the last one tile by tile, and wakes whoever waits. It takes
//! pictures often while the screen changes and seldom while it stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use farhand_protocol::geometry::{DesktopLayout, Monitor, Point, Rect};
use parking_lot::{Condvar, Mutex};

use super::{CaptureError, CursorShape, DamageList, Frame, ScreenEvent, ScreenSource};

/// Side of the squares that are compared as one, in pixels.
const TILE_PX: u32 = 64;
/// Between two pictures while the screen changes.
const BUSY: Duration = Duration::from_millis(33);
/// Between two pictures while nothing has changed for [`CALM_AFTER`].
const CALM: Duration = Duration::from_millis(200);
const CALM_AFTER: Duration = Duration::from_secs(2);
/// Between two tries while the desktop cannot be seen.
const HIDDEN: Duration = Duration::from_millis(500);

/// A layout of which the system gives no picture for so long is not to be had.
const FIRST_PICTURE: Duration = Duration::from_secs(5);

/// What one look at the desktop gave.
pub(super) enum Look {
    /// The frame given holds the picture now.
    Taken,
    /// The system says that nothing changed.
    Same,
    /// There is a desktop, but not for us: locked, or asking for a password.
    Hidden,
}

/// The pointer at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PointerLook {
    pub(super) pos: Point,
    pub(super) visible: bool,
    /// A new picture of it, when it changed.
    pub(super) shape: Option<CursorShape>,
}

/// One system's way to take pictures. Lives and dies on the capturing thread, so it need not be `Send`.
pub(super) trait Taker {
    /// The monitors as they are now; everything else fits them.
    fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError>;
    /// Fills a frame that covers all monitors.
    fn take(&mut self, frame: &mut Frame) -> Result<Look, CaptureError>;
    /// Where the pointer is.
    fn pointer(&mut self) -> PointerLook;
}

/// The screen of a [`Taker`].
pub(super) struct PolledScreen {
    shared: Arc<Shared>,
    layout: DesktopLayout,
    pointer: Point,
}

struct Shared {
    state: Mutex<State>,
    told: Condvar,
    hurry: Condvar,
    ending: AtomicBool,
}

struct State {
    frame: Frame,
    layout: DesktopLayout,
    /// No picture of this layout was taken yet, so nobody is told that there is one.
    is_unseen: bool,
    events: Vec<ScreenEvent>,
    damage: DamageList,
    pointer: Option<(Point, bool)>,
    hidden: bool,
    woken: bool,
    gone: Option<String>,
}

impl PolledScreen {
    /// Starts the capturing thread; `open` runs there.
    pub(super) fn start<T: Taker>(open: impl FnOnce() -> Result<T, CaptureError> + Send + 'static) -> Result<Self, CaptureError> {
        let (opened, first) = std::sync::mpsc::sync_channel(1);
        let run = move || {
            let layout = open().and_then(|mut taker| Ok((taker.monitors()?, taker)));
            let (monitors, taker) = match layout {
                Ok((monitors, taker)) => (monitors, taker),
                Err(error) => return drop(opened.send(Err(error))),
            };
            let shared = Arc::new(Shared::new(DesktopLayout { epoch: 1, monitors }));
            if opened.send(Ok(Arc::clone(&shared))).is_ok() {
                shared.run(taker);
            }
        };
        thread::Builder::new()
            .name("capture".to_owned())
            .spawn(run)
            .map_err(|e| CaptureError::NoDisplay(e.to_string()))?;
        let shared = first
            .recv()
            .map_err(|_| CaptureError::NoDisplay("the capturing thread ended".to_owned()))??;
        let layout = shared.state.lock().layout.clone();
        Ok(Self {
            shared,
            layout,
            pointer: Point::default(),
        })
    }
}

impl Shared {
    fn new(layout: DesktopLayout) -> Self {
        let state = State {
            frame: Frame::with_area(layout.bounds()),
            layout,
            is_unseen: true,
            events: Vec::new(),
            damage: DamageList::default(),
            pointer: None,
            hidden: false,
            woken: false,
            gone: None,
        };
        Self {
            state: Mutex::new(state),
            told: Condvar::new(),
            hurry: Condvar::new(),
            ending: AtomicBool::new(false),
        }
    }

    fn run(&self, mut taker: impl Taker) {
        let mut next = Frame::default();
        let mut changed_at = Instant::now();
        while !self.ending.load(Ordering::Acquire) {
            let pause = match self.look(&mut taker, &mut next) {
                Ok(Look::Hidden) => HIDDEN,
                Ok(Look::Taken) => {
                    changed_at = Instant::now();
                    BUSY
                }
                Ok(Look::Same) if changed_at.elapsed() < CALM_AFTER => BUSY,
                Ok(Look::Same) => CALM,
                Err(error) => {
                    self.tell(|state| state.gone = Some(error.to_string()));
                    return;
                }
            };
            let mut state = self.state.lock();
            if !self.ending.load(Ordering::Acquire) {
                self.hurry.wait_for(&mut state, pause);
            }
        }
    }

    /// One look; [`Look::Taken`] only when something really changed.
    fn look(&self, taker: &mut impl Taker, next: &mut Frame) -> Result<Look, CaptureError> {
        self.note_layout(taker.monitors()?);
        let pointer = taker.pointer();
        next.fit(self.state.lock().frame.area);
        let look = taker.take(next)?;
        let mut state = self.state.lock();
        let before = (state.events.len(), state.damage.is_empty());
        state.note_pointer(pointer);
        let hidden = matches!(look, Look::Hidden);
        if state.hidden != hidden {
            state.hidden = hidden;
            state.events.push(ScreenEvent::Locked(hidden));
        }
        let mut result = if hidden { Look::Hidden } else { Look::Same };
        let is_taken = matches!(look, Look::Taken) && next.area == state.frame.area;
        if is_taken && state.note_picture(next) {
            result = Look::Taken;
        }
        if (is_taken || hidden) && std::mem::take(&mut state.is_unseen) {
            let bounds = state.frame.area;
            state.damage.add(&bounds, &bounds);
        }
        if before != (state.events.len(), state.damage.is_empty()) || matches!(result, Look::Taken) {
            self.told.notify_all();
        }
        Ok(result)
    }

    fn note_layout(&self, monitors: Vec<Monitor>) {
        self.tell(|state| {
            if state.layout.monitors == monitors || monitors.is_empty() {
                return;
            }
            state.layout = DesktopLayout {
                epoch: state.layout.epoch.wrapping_add(1),
                monitors,
            };
            state.frame = Frame::with_area(state.layout.bounds());
            state.damage.take();
            state.is_unseen = true;
            state.events.push(ScreenEvent::Layout(state.layout.clone()));
        });
    }

    fn tell(&self, act: impl FnOnce(&mut State)) {
        act(&mut self.state.lock());
        self.told.notify_all();
    }
}

impl State {
    fn note_pointer(&mut self, look: PointerLook) {
        self.events.extend(look.shape.map(ScreenEvent::CursorShape));
        if self.pointer != Some((look.pos, look.visible)) {
            self.pointer = Some((look.pos, look.visible));
            self.events.retain(|event| !matches!(event, ScreenEvent::CursorMoved { .. }));
            self.events.push(ScreenEvent::CursorMoved {
                pos: look.pos,
                visible: look.visible,
            });
        }
    }

    /// Takes the picture over where it differs; true when it does somewhere.
    fn note_picture(&mut self, next: &Frame) -> bool {
        let changed = changed_tiles(&self.frame, next);
        for rect in &changed {
            for y in rect.y..rect.bottom() {
                self.frame.row_mut(rect, y).copy_from_slice(next.row(rect, y));
            }
            self.damage.add(rect, &next.area);
        }
        !changed.is_empty()
    }

    fn take_events(&mut self) -> Vec<ScreenEvent> {
        if let Some(reason) = &self.gone {
            return vec![ScreenEvent::Gone(reason.clone())];
        }
        let mut events = std::mem::take(&mut self.events);
        if !self.damage.is_empty() {
            events.push(ScreenEvent::Damage(self.damage.take()));
        }
        if std::mem::take(&mut self.woken) {
            events.push(ScreenEvent::Woken);
        }
        events
    }
}

impl ScreenSource for PolledScreen {
    fn layout(&self) -> &DesktopLayout {
        &self.layout
    }

    fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let shared = Arc::clone(&self.shared);
        Arc::new(move || shared.tell(|state| state.woken = true))
    }

    fn wait(&mut self, timeout: Duration) -> Result<Vec<ScreenEvent>, CaptureError> {
        let deadline = Instant::now() + timeout;
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state.lock();
        let events = loop {
            let events = state.take_events();
            if !events.is_empty() || shared.told.wait_until(&mut state, deadline).timed_out() {
                break events;
            }
        };
        for event in &events {
            match event {
                ScreenEvent::Layout(layout) => self.layout = layout.clone(),
                ScreenEvent::CursorMoved { pos, .. } => self.pointer = *pos,
                _ => {}
            }
        }
        Ok(events)
    }

    /// Of a layout that has no picture yet, the first one is waited for: what is there before is black and nobody's desktop.
    fn capture(&mut self, rects: &[Rect], frame: &mut Frame) -> Result<(), CaptureError> {
        let deadline = Instant::now() + FIRST_PICTURE;
        let mut state = self.shared.state.lock();
        while state.is_unseen && state.gone.is_none() {
            if self.shared.told.wait_until(&mut state, deadline).timed_out() {
                return Err(CaptureError::Gone("the system gives no picture of it".to_owned()));
            }
        }
        if let Some(reason) = &state.gone {
            return Err(CaptureError::Gone(reason.clone()));
        }
        let bounds = self.layout.bounds();
        let whole = [bounds];
        let rects = if frame.fit(bounds) { &whole[..] } else { rects };
        for rect in rects
            .iter()
            .filter_map(|r| r.intersection(&bounds)?.intersection(&state.frame.area))
        {
            for y in rect.y..rect.bottom() {
                frame.row_mut(&rect, y).copy_from_slice(state.frame.row(&rect, y));
            }
        }
        Ok(())
    }

    fn pointer(&self) -> Point {
        self.pointer
    }
}

impl Drop for PolledScreen {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Release);
        self.shared.hurry.notify_all();
    }
}

/// Tiles that differ between two frames of the same area, those side by side joined.
fn changed_tiles(old: &Frame, new: &Frame) -> Vec<Rect> {
    let area = new.area;
    let mut changed: Vec<Rect> = Vec::new();
    for top in (area.y..area.bottom()).step_by(TILE_PX as usize) {
        let mut run: Option<Rect> = None;
        for left in (area.x..area.right()).step_by(TILE_PX as usize) {
            let Some(tile) = Rect::new(left, top, TILE_PX, TILE_PX).intersection(&area) else {
                continue;
            };
            let differs = (tile.y..tile.bottom()).any(|y| old.row(&tile, y) != new.row(&tile, y));
            match (differs, run) {
                (true, Some(before)) => run = Some(before.union(&tile)),
                (true, None) => run = Some(tile),
                (false, _) => changed.extend(run.take()),
            }
        }
        changed.extend(run);
    }
    changed
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    enum Act {
        Fill(Rect, u8),
        Resize(u32, u32),
        Hide,
        Point(Point),
        Open,
        Break,
    }

    struct Scripted {
        acts: mpsc::Receiver<Act>,
        picture: Frame,
        pointer: Point,
        hidden: bool,
        shut: bool,
        broken: bool,
    }

    impl Taker for Scripted {
        fn monitors(&mut self) -> Result<Vec<Monitor>, CaptureError> {
            while let Ok(act) = self.acts.try_recv() {
                match act {
                    Act::Fill(rect, value) => (rect.y..rect.bottom()).for_each(|y| self.picture.row_mut(&rect, y).fill(value)),
                    Act::Resize(width, height) => _ = self.picture.fit(Rect::new(-5, 0, width, height)),
                    Act::Hide => self.hidden = true,
                    Act::Point(pos) => self.pointer = pos,
                    Act::Open => self.shut = false,
                    Act::Break => self.broken = true,
                }
            }
            Ok(vec![Monitor {
                id: 1,
                area: self.picture.area,
                scale_percent: 100,
                primary: true,
                name: "Scripted".to_owned(),
            }])
        }

        fn take(&mut self, frame: &mut Frame) -> Result<Look, CaptureError> {
            if self.broken {
                return Err(CaptureError::Denied("broken".to_owned()));
            }
            if self.shut {
                return Ok(Look::Same);
            }
            frame.data.copy_from_slice(&self.picture.data);
            Ok(if self.hidden { Look::Hidden } else { Look::Taken })
        }

        fn pointer(&mut self) -> PointerLook {
            PointerLook {
                pos: self.pointer,
                visible: true,
                shape: None,
            }
        }
    }

    fn taker(shut: bool) -> (Scripted, mpsc::Sender<Act>) {
        let (act, acts) = mpsc::channel();
        let taker = Scripted {
            acts,
            picture: Frame::with_area(Rect::new(0, 0, 300, 200)),
            pointer: Point::default(),
            hidden: false,
            shut,
            broken: false,
        };
        (taker, act)
    }

    fn scripted() -> (PolledScreen, mpsc::Sender<Act>, Frame) {
        let (taker, act) = taker(false);
        let mut screen = PolledScreen::start(move || Ok(taker)).unwrap();
        let mut frame = Frame::default();
        let first = wait_for(&mut screen, |e| {
            if let ScreenEvent::Damage(rects) = e {
                Some(rects.clone())
            } else {
                None
            }
        });
        assert_eq!(first, [Rect::new(0, 0, 300, 200)]);
        screen.capture(&[], &mut frame).unwrap();
        (screen, act, frame)
    }

    fn wait_for<T>(screen: &mut PolledScreen, pick: impl Fn(&ScreenEvent) -> Option<T>) -> T {
        loop {
            let events = screen.wait(LONG).unwrap();
            assert!(!events.is_empty(), "the screen never said so");
            if let Some(found) = events.iter().find_map(&pick) {
                return found;
            }
        }
    }

    #[test]
    fn what_changed_is_found_by_comparing() {
        let (mut screen, act, mut frame) = scripted();
        act.send(Act::Fill(Rect::new(70, 10, 60, 5), 9)).unwrap();
        let rects = wait_for(&mut screen, |e| {
            if let ScreenEvent::Damage(rects) = e {
                Some(rects.clone())
            } else {
                None
            }
        });
        assert_eq!(rects, [Rect::new(64, 0, 128, 64)]);
        screen.capture(&rects, &mut frame).unwrap();
        assert_eq!((frame.pixel(70, 10), frame.pixel(69, 10)), (Some([9; 4]), Some([0, 0, 0, 255])));
    }

    #[test]
    fn nothing_is_to_be_seen_before_the_first_picture() {
        let (taker, act) = taker(true);
        let mut screen = PolledScreen::start(move || Ok(taker)).unwrap();
        let first = screen.wait(LONG).unwrap();
        assert!(matches!(first[..], [ScreenEvent::CursorMoved { .. }]), "{first:?}");
        let bounds = Rect::new(0, 0, 300, 200);
        let capturing = thread::spawn(move || {
            let mut frame = Frame::default();
            screen.capture(&[bounds], &mut frame).unwrap();
            (screen, frame)
        });
        thread::sleep(Duration::from_millis(100));
        assert!(!capturing.is_finished(), "a picture of nothing");
        act.send(Act::Fill(bounds, 9)).unwrap();
        act.send(Act::Open).unwrap();
        let (mut screen, frame) = capturing.join().unwrap();
        assert_eq!(frame.pixel(299, 199), Some([9; 4]));
        assert_eq!(screen.wait(LONG).unwrap(), [ScreenEvent::Damage(vec![bounds])]);
    }

    #[test]
    fn a_new_size_is_a_new_layout() {
        let (mut screen, act, mut frame) = scripted();
        act.send(Act::Resize(100, 50)).unwrap();
        let layout = wait_for(&mut screen, |e| {
            if let ScreenEvent::Layout(layout) = e {
                Some(layout.clone())
            } else {
                None
            }
        });
        assert_eq!((layout.epoch, layout.bounds()), (2, Rect::new(-5, 0, 100, 50)));
        screen.capture(&[], &mut frame).unwrap();
        assert_eq!(frame.area, layout.bounds());
    }

    #[test]
    fn a_hidden_desktop_is_said_and_its_picture_kept_back() {
        let (mut screen, act, mut frame) = scripted();
        act.send(Act::Hide).unwrap();
        act.send(Act::Fill(Rect::new(0, 0, 10, 10), 7)).unwrap();
        assert!(wait_for(&mut screen, |e| if let ScreenEvent::Locked(locked) = e {
            Some(*locked)
        } else {
            None
        }));
        screen.capture(&[Rect::new(0, 0, 10, 10)], &mut frame).unwrap();
        assert_eq!(frame.pixel(1, 1), Some([0, 0, 0, 255]));
    }

    #[test]
    fn the_pointer_and_the_waker_are_heard() {
        let (mut screen, act, _) = scripted();
        act.send(Act::Point(Point { x: 8, y: 9 })).unwrap();
        wait_for(&mut screen, |e| {
            (*e == ScreenEvent::CursorMoved {
                pos: Point { x: 8, y: 9 },
                visible: true,
            })
            .then_some(())
        });
        assert_eq!(screen.pointer(), Point { x: 8, y: 9 });
        screen.waker()();
        wait_for(&mut screen, |e| (*e == ScreenEvent::Woken).then_some(()));
    }

    #[test]
    fn a_screen_that_breaks_is_gone() {
        let (mut screen, act, _) = scripted();
        act.send(Act::Break).unwrap();
        wait_for(&mut screen, |e| matches!(e, ScreenEvent::Gone(_)).then_some(()));
    }
}
