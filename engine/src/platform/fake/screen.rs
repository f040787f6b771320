//! The fake screen: a frame that tests paint, and for each open source a queue of what it has yet
//! to report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use farhand_protocol::geometry::{DesktopLayout, Monitor, Point, Rect};
use parking_lot::{Condvar, Mutex};

use crate::platform::{CaptureError, CursorShape, DamageList, Frame, ScreenEvent, ScreenSource};

/// What all fake screens show.
pub(super) struct Stage {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    frame: Frame,
    layout: DesktopLayout,
    cursor: Option<CursorShape>,
    pointer: (Point, bool),
    locked: bool,
    gone: Option<String>,
    sources: Vec<Queue>,
    next_source: u64,
}

struct Queue {
    number: u64,
    events: Vec<ScreenEvent>,
    damage: DamageList,
    woken: bool,
}

impl Stage {
    pub(super) fn new(layout: DesktopLayout) -> Self {
        let state = State {
            frame: Frame::with_area(layout.bounds()),
            layout,
            cursor: None,
            pointer: (Point::default(), true),
            locked: false,
            gone: None,
            sources: Vec::new(),
            next_source: 1,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(super) fn paint(&self, rect: Rect, colour: impl Fn(i32, i32) -> [u8; 3]) {
        self.change(|state| {
            let Some(rect) = rect.intersection(&state.frame.area) else { return };
            for y in rect.y..rect.bottom() {
                for (x, pixel) in (rect.x..).zip(state.frame.row_mut(&rect, y).chunks_exact_mut(4)) {
                    pixel[..3].copy_from_slice(&colour(x, y));
                }
            }
            let bounds = state.frame.area;
            state.sources.iter_mut().for_each(|source| source.damage.add(&rect, &bounds));
        });
    }

    pub(super) fn pixel(&self, pos: Point) -> Option<[u8; 4]> {
        self.state.lock().frame.pixel(pos.x, pos.y)
    }

    pub(super) fn layout(&self) -> DesktopLayout {
        self.state.lock().layout.clone()
    }

    pub(super) fn set_monitors(&self, monitors: Vec<Monitor>) {
        self.change(|state| {
            state.layout = DesktopLayout {
                epoch: state.layout.epoch + 1,
                monitors,
            };
            let bounds = state.layout.bounds();
            state.frame = Frame::with_area(bounds);
            for source in &mut state.sources {
                source.damage.take();
                source.damage.add(&bounds, &bounds);
                source.events.push(ScreenEvent::Layout(state.layout.clone()));
            }
        });
    }

    pub(super) fn set_cursor(&self, shape: CursorShape) {
        self.change(|state| {
            state.cursor = Some(shape.clone());
            state.tell(&ScreenEvent::CursorShape(shape));
        });
    }

    pub(super) fn move_pointer(&self, pos: Point, visible: bool) {
        self.change(|state| {
            state.pointer = (pos, visible);
            state.tell(&ScreenEvent::CursorMoved { pos, visible });
        });
    }

    pub(super) fn set_locked(&self, locked: bool) {
        self.change(|state| {
            state.locked = locked;
            state.tell(&ScreenEvent::Locked(locked));
        });
    }

    pub(super) fn take_away(&self, reason: &str) {
        self.change(|state| state.gone = Some(reason.to_owned()));
    }

    fn change(&self, act: impl FnOnce(&mut State)) {
        act(&mut self.state.lock());
        self.changed.notify_all();
    }
}

impl State {
    fn tell(&mut self, event: &ScreenEvent) {
        self.sources.iter_mut().for_each(|source| source.events.push(event.clone()));
    }

    fn take_events(&mut self, number: u64) -> Vec<ScreenEvent> {
        if let Some(reason) = &self.gone {
            return vec![ScreenEvent::Gone(reason.clone())];
        }
        let Some(source) = self.sources.iter_mut().find(|source| source.number == number) else {
            return Vec::new();
        };
        let mut events = std::mem::take(&mut source.events);
        if !source.damage.is_empty() {
            events.push(ScreenEvent::Damage(source.damage.take()));
        }
        if std::mem::take(&mut source.woken) {
            events.push(ScreenEvent::Woken);
        }
        events
    }
}

/// One look at the stage.
pub(super) struct FakeScreen {
    stage: Arc<Stage>,
    number: u64,
    layout: DesktopLayout,
    pointer: Point,
}

impl FakeScreen {
    pub(super) fn open(stage: &Arc<Stage>) -> Self {
        let mut state = stage.state.lock();
        let number = state.next_source;
        state.next_source += 1;
        let layout = state.layout.clone();
        let (pointer, visible) = state.pointer;
        let mut damage = DamageList::default();
        damage.add(&layout.bounds(), &layout.bounds());
        let mut events: Vec<ScreenEvent> = state.cursor.clone().map(ScreenEvent::CursorShape).into_iter().collect();
        events.push(ScreenEvent::CursorMoved { pos: pointer, visible });
        events.extend(state.locked.then_some(ScreenEvent::Locked(true)));
        state.sources.push(Queue {
            number,
            events,
            damage,
            woken: false,
        });
        drop(state);
        Self {
            stage: Arc::clone(stage),
            number,
            layout,
            pointer,
        }
    }

    fn note(&mut self, events: &[ScreenEvent]) {
        for event in events {
            match event {
                ScreenEvent::Layout(layout) => self.layout = layout.clone(),
                ScreenEvent::CursorMoved { pos, .. } => self.pointer = *pos,
                _ => {}
            }
        }
    }
}

impl ScreenSource for FakeScreen {
    fn layout(&self) -> &DesktopLayout {
        &self.layout
    }

    fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let (stage, number) = (Arc::clone(&self.stage), self.number);
        Arc::new(move || {
            stage.change(|state| {
                if let Some(source) = state.sources.iter_mut().find(|source| source.number == number) {
                    source.woken = true;
                }
            });
        })
    }

    fn wait(&mut self, timeout: Duration) -> Result<Vec<ScreenEvent>, CaptureError> {
        let deadline = Instant::now() + timeout;
        let stage = Arc::clone(&self.stage);
        let mut state = stage.state.lock();
        loop {
            let events = state.take_events(self.number);
            if !events.is_empty() || stage.changed.wait_until(&mut state, deadline).timed_out() {
                // What came in the last moment is for the next wait.
                self.note(&events);
                return Ok(events);
            }
        }
    }

    fn capture(&mut self, rects: &[Rect], frame: &mut Frame) -> Result<(), CaptureError> {
        let state = self.stage.state.lock();
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

impl Drop for FakeScreen {
    fn drop(&mut self) {
        self.stage.state.lock().sources.retain(|source| source.number != self.number);
    }
}
