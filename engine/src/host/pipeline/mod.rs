//! From the screen to the viewers: capture → compare → encode → send, on one named thread, so that a changed letter passes
//! from the system's notice to the wire without waiting for anybody. Capture and compare happen once for all viewers; each
//! [`Stream`] keeps what its viewer lacks. The screen is open only while somebody watches: idle costs nothing.
//!
//! ```text
//! no viewer ──watch──► open screen ──► wait ──► capture ──► compare ──► streams that may send
//!      ▲                  │ fails: said, tried again    ▲        locked: said, nothing is captured
//!      └── last unwatch ──┘                             └─ orders wake it
//! ```

mod compare;
mod film;
mod films;
mod modelled;
mod pace;
mod slow;
mod stream;
mod tiles;

use std::collections::BTreeMap;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
    mpsc,
};
use std::time::{Duration, Instant};

use farhand_codec::picture::frame_size_allowed;
use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    geometry::{DesktopLayout, Point, Rect},
    peer::{Acknowledge, CursorImage, Quality, ScreenState, Subscribe, ViewerBound},
};
use parking_lot::Mutex;

pub use self::compare::{Change, Comparer};
pub(crate) use self::{
    pace::PathFigures,
    stream::{Port, Speed, hash_rows},
};

use self::{
    films::{Films, Scene},
    stream::{CaptureTook, Moment, Stream},
    tiles::SharedTiles,
};
use super::{Place, clock::Clock};
use crate::platform::{CaptureError, CursorShape, DamageList, Frame, Platform, ScreenEvent, ScreenSource};

/// A screen that cannot be opened is tried again after this long.
const RETRY: Duration = Duration::from_secs(2);
/// A screen that was open for longer than this is opened again at once when it is lost.
const HAS_WORKED: Duration = Duration::from_secs(10);
/// The longest wait without anything to do; only a bound, orders wake the thread.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What the thread is told.
pub(super) enum Order {
    /// A viewer begins to watch, or watches other monitors.
    Watch {
        /// The viewer.
        viewer: u64,
        /// The way to it; none to keep the present one.
        port: Option<Box<dyn Port>>,
        /// What it wants to see.
        subscribe: Subscribe,
    },
    /// A viewer watches no longer.
    Unwatch(u64),
    /// A viewer is gone for good.
    Forget(u64),
    /// A viewer shows an update.
    Acknowledge(u64, Acknowledge),
    /// A viewer wants the whole picture anew.
    Resync(u64),
    /// A viewer's wishes.
    Quality(u64, Quality),
}

/// What the thread tells.
#[derive(Debug)]
pub(super) enum ScreenNews {
    /// Whether the screen is shown.
    State(ScreenState),
    /// Monitors, with the epoch that positions must name.
    Layout(DesktopLayout),
}

/// After an update of more pixels the encoders let go of their buffers.
const LARGE_PIXELS: u64 = 1 << 19;

/// What changes so soon after a key was pressed was typed, if it is no larger than a few lines.
const SEEN_WITHIN: Duration = Duration::from_millis(150);
const MOST_TYPED_PIXELS: u64 = 200_000;
/// Where something was typed the person looks for so long, at least.
const LOOKED_AT_FOR: Duration = Duration::from_secs(5);

type Waker = Arc<dyn Fn() + Send + Sync>;

/// When a viewer pressed a key last, microseconds of the host's clock.
#[derive(Debug, Clone)]
pub(super) struct TypedAt(Arc<AtomicI64>);

impl TypedAt {
    /// Not yet.
    pub(super) fn never() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MIN / 2)))
    }

    /// Now.
    pub(super) fn note(&self, clock: &Clock) {
        self.0.store(clock.now_micros(), Ordering::Relaxed);
    }
}

/// The way to the thread; it ends when this is dropped.
pub(super) struct Pipeline {
    orders: Option<mpsc::Sender<(Order, Option<Place>)>>,
    waker: Arc<Mutex<Option<Waker>>>,
}

impl Pipeline {
    /// Starts the thread; nothing is opened yet.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(super) fn start(
        platform: Arc<dyn Platform>,
        clock: Clock,
        typed_at: TypedAt,
        tell: impl Fn(ScreenNews) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, queue) = mpsc::channel();
        let waker = Arc::new(Mutex::new(None));
        let worker = Worker {
            platform,
            clock,
            tell: Box::new(tell),
            queue,
            waker: waker.clone(),
            streams: BTreeMap::new(),
            screen: None,
            state: None,
            layout: DesktopLayout::default(),
            frame: Frame::default(),
            comparer: Comparer::default(),
            damage: DamageList::default(),
            tiles: SharedTiles::default(),
            cursor: Cursor::default(),
            typed_at,
            typed: None,
            locked: false,
            captured_at_micros: 0,
            took: CaptureTook::default(),
            started: Instant::now(),
            opened_at: Instant::now(),
            retry_at: Instant::now(),
            numbers: BTreeMap::new(),
            films: Films::new(wake_by(&waker)),
            films_at: None,
        };
        std::thread::Builder::new()
            .name("farhand-picture".into())
            .spawn(move || worker.run())?;
        Ok(Self {
            orders: Some(orders),
            waker,
        })
    }

    /// Gives an order and wakes the thread.
    pub(super) fn order(&self, order: Order) {
        self.order_for(order, None);
    }

    /// The same for a viewer, whose place it keeps until it is carried out.
    pub(super) fn order_for(&self, order: Order, place: Option<Place>) {
        if let Some(orders) = &self.orders {
            let _ = orders.send((order, place));
        }
        self.wake();
    }

    fn wake(&self) {
        let waker = self.waker.lock().clone();
        if let Some(wake) = waker {
            wake();
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.orders = None;
        self.wake();
    }
}

#[derive(Default)]
struct Cursor {
    image: Option<CursorImage>,
    pos: Point,
    visible: bool,
}

struct Worker {
    platform: Arc<dyn Platform>,
    clock: Clock,
    tell: Box<dyn Fn(ScreenNews) + Send>,
    queue: mpsc::Receiver<(Order, Option<Place>)>,
    waker: Arc<Mutex<Option<Waker>>>,
    streams: BTreeMap<u64, Stream>,
    screen: Option<Box<dyn ScreenSource>>,
    state: Option<ScreenState>,
    // INVARIANT: its epoch only grows, also over screens that are closed and opened again.
    layout: DesktopLayout,
    frame: Frame,
    comparer: Comparer,
    damage: DamageList,
    tiles: SharedTiles,
    cursor: Cursor,
    typed_at: TypedAt,
    /// Where something was typed last, and when.
    typed: Option<(Point, Instant)>,
    locked: bool,
    captured_at_micros: i64,
    /// How long the last capture and its comparison took.
    took: CaptureTook,
    started: Instant,
    opened_at: Instant,
    /// A screen that was lost is not opened before.
    retry_at: Instant,
    /// Last update of viewers that are linked and do not watch now.
    numbers: BTreeMap<u64, u64>,
    /// What is coded as film, for all viewers.
    films: Films,
    /// When films are to be looked at, where one viewer keeps another waiting.
    films_at: Option<Instant>,
}

/// The other side hung up.
struct Over;

impl Worker {
    fn run(mut self) {
        while self.turn().is_ok() {}
    }

    fn turn(&mut self) -> Result<(), Over> {
        self.take_orders()?;
        if self.streams.is_empty() {
            self.close();
            let (order, _place) = self.queue.recv().map_err(|_| Over)?;
            self.handle_order(order);
            return Ok(());
        }
        if self.screen.is_none() && (Instant::now() < self.retry_at || !self.open()) {
            return match self.queue.recv_timeout(self.retry_at.saturating_duration_since(Instant::now())) {
                Ok((order, _place)) => {
                    self.handle_order(order);
                    Ok(())
                }
                Err(mpsc::RecvTimeoutError::Timeout) => Ok(()),
                Err(mpsc::RecvTimeoutError::Disconnected) => Err(Over),
            };
        }
        let timeout = self.timeout(Instant::now());
        let Some(screen) = self.screen.as_mut() else { return Ok(()) };
        match screen.wait(timeout) {
            Ok(events) => events.into_iter().for_each(|event| self.handle_screen(event)),
            Err(error) => self.lose(&error),
        }
        self.take_orders()?;
        self.show();
        Ok(())
    }

    fn take_orders(&mut self) -> Result<(), Over> {
        loop {
            match self.queue.try_recv() {
                Ok((order, _place)) => self.handle_order(order),
                Err(mpsc::TryRecvError::Empty) => return Ok(()),
                Err(mpsc::TryRecvError::Disconnected) => return Err(Over),
            }
        }
    }

    fn handle_order(&mut self, order: Order) {
        match order {
            Order::Watch { viewer, port, subscribe } => self.watch(viewer, port, &subscribe),
            Order::Unwatch(viewer) => {
                let gone = self.streams.remove(&viewer);
                self.numbers.extend(gone.map(|stream| (viewer, stream.last_update())));
            }
            Order::Forget(viewer) => {
                self.streams.remove(&viewer);
                self.numbers.remove(&viewer);
            }
            Order::Acknowledge(viewer, shown) => self.with(viewer, |stream| stream.handle_acknowledged(&shown)),
            Order::Resync(viewer) => self.with(viewer, Stream::resync),
            Order::Quality(viewer, quality) => self.with(viewer, |stream| stream.set_quality(quality)),
        }
    }

    fn with(&mut self, viewer: u64, act: impl FnOnce(&mut Stream)) {
        if let Some(stream) = self.streams.get_mut(&viewer) {
            act(stream);
        }
    }

    fn watch(&mut self, viewer: u64, port: Option<Box<dyn Port>>, subscribe: &Subscribe) {
        let Some(port) = port else {
            let layout = self.layout.clone();
            return self.with(viewer, |stream| stream.set_monitors(subscribe, &layout));
        };
        let last_update = self.numbers.remove(&viewer).unwrap_or(0);
        let mut stream = Stream::new(port, subscribe, &self.layout, last_update, wake_by(&self.waker), Instant::now());
        if self.screen.is_some() {
            greet(&mut stream, self.state.as_ref(), &self.layout, &self.cursor);
        } else if let Some(state) = &self.state {
            stream.say(&ViewerBound::Screen(state.clone()));
        }
        self.streams.insert(viewer, stream);
    }

    fn open(&mut self) -> bool {
        let opened = self.platform.open_screen().and_then(|screen| {
            let bounds = screen.layout().bounds();
            if frame_size_allowed(bounds.width, bounds.height) && screen.layout().is_sane() {
                return Ok(screen);
            }
            Err(CaptureError::PixelFormat(format!(
                "a desktop of {} x {} pixels",
                bounds.width, bounds.height
            )))
        });
        let screen = match opened {
            Ok(screen) => screen,
            Err(error) => {
                self.lose(&error);
                return false;
            }
        };
        *self.waker.lock() = Some(screen.waker());
        self.locked = false;
        self.comparer = Comparer::default();
        self.damage = DamageList::default();
        let layout = screen.layout().clone();
        self.damage.add(&layout.bounds(), &layout.bounds());
        self.cursor = Cursor {
            pos: screen.pointer(),
            visible: true,
            image: None,
        };
        self.screen = Some(screen);
        self.opened_at = Instant::now();
        self.set_state(ScreenState::Shown);
        self.set_layout(layout);
        true
    }

    fn close(&mut self) {
        if self.screen.take().is_some() {
            *self.waker.lock() = None;
            // The next viewer opens it anew; nothing of the picture stays in memory.
            self.frame = Frame::default();
            self.comparer = Comparer::default();
            self.tiles = SharedTiles::default();
        }
        self.films.direct(Instant::now(), []);
        // Nobody looks: nothing is known of the screen any more, and nothing said of it.
        if self.state.take().is_some_and(|state| state != ScreenState::Shown) {
            (self.tell)(ScreenNews::State(ScreenState::Shown));
        }
        self.retry_at = Instant::now();
    }

    fn lose(&mut self, error: &CaptureError) {
        let state = ScreenState::Unavailable(body_of(error));
        if self.state.as_ref() != Some(&state) {
            tracing::warn!(%error, "the screen cannot be captured");
        }
        let has_worked = self.screen.take().is_some() && self.opened_at.elapsed() > HAS_WORKED;
        *self.waker.lock() = None;
        // One that opens and cannot be read must not be opened again and again.
        let pause = match error.is_retryable() {
            true if has_worked => Duration::ZERO,
            true => RETRY,
            false => LONGEST_WAIT,
        };
        self.retry_at = Instant::now() + pause;
        self.set_state(state);
    }

    fn set_state(&mut self, state: ScreenState) {
        if self.state.as_ref() == Some(&state) {
            return;
        }
        self.streams
            .values()
            .for_each(|stream| stream.say(&ViewerBound::Screen(state.clone())));
        (self.tell)(ScreenNews::State(state.clone()));
        self.state = Some(state);
    }

    fn set_layout(&mut self, layout: DesktopLayout) {
        let same = self.layout.monitors == layout.monitors;
        let epoch = if same { self.layout.epoch } else { self.layout.epoch + 1 };
        self.layout = DesktopLayout { epoch, ..layout };
        for stream in self.streams.values_mut() {
            stream.say(&ViewerBound::Layout(self.layout.clone()));
            stream.set_layout(&self.layout);
        }
        (self.tell)(ScreenNews::Layout(self.layout.clone()));
    }

    fn handle_screen(&mut self, event: ScreenEvent) {
        match event {
            ScreenEvent::Damage(rects) => {
                let bounds = self.layout.bounds();
                rects.iter().for_each(|rect| self.damage.add(rect, &bounds));
            }
            ScreenEvent::CursorShape(shape) => self.set_cursor(shape),
            ScreenEvent::CursorMoved { pos, visible } => {
                (self.cursor.pos, self.cursor.visible) = (pos, visible);
                self.send_cursor();
            }
            ScreenEvent::Layout(layout) => {
                let bounds = layout.bounds();
                if layout.is_sane() && frame_size_allowed(bounds.width, bounds.height) {
                    self.damage = DamageList::default();
                    self.damage.add(&bounds, &bounds);
                    self.set_layout(layout);
                } else {
                    self.lose(&CaptureError::PixelFormat(format!(
                        "a desktop of {} x {} pixels",
                        bounds.width, bounds.height
                    )));
                }
            }
            ScreenEvent::Locked(locked) => {
                self.locked = locked;
                self.set_state(if locked { ScreenState::Locked } else { ScreenState::Shown });
            }
            ScreenEvent::Woken => {}
            ScreenEvent::Gone(reason) => self.lose(&CaptureError::Gone(reason)),
        }
    }

    fn set_cursor(&mut self, shape: CursorShape) {
        let (width, height) = shape.size;
        let (hot_x, hot_y) = shape.hotspot;
        let image = CursorImage {
            serial: shape.serial,
            width,
            height,
            hot_x,
            hot_y,
            bgra: shape.bgra,
        };
        if !image.is_sane() {
            return;
        }
        self.streams.values().for_each(|stream| stream.say_cursor(&image));
        self.cursor.image = Some(image);
        self.send_cursor();
    }

    fn send_cursor(&mut self) {
        let Cursor { image, pos, visible } = &self.cursor;
        let serial = image.as_ref().map_or(0, |image| image.serial);
        for stream in self.streams.values_mut() {
            stream.send_cursor(serial, self.layout.epoch, *pos, *visible);
        }
    }

    fn now_millis(&self, now: Instant) -> u64 {
        now.duration_since(self.started).as_millis() as u64
    }

    fn timeout(&self, now: Instant) -> Duration {
        if self.locked {
            return LONGEST_WAIT;
        }
        let is_damaged = !self.damage.is_empty();
        if self.films.is_ready() {
            return Duration::ZERO;
        }
        let streams = self.streams.values();
        let streams = streams.filter_map(|stream| stream.poll_deadline(now, self.started, is_damaged));
        let next = streams.chain(self.films_at).min();
        next.map_or(LONGEST_WAIT, |at| at.saturating_duration_since(now)).min(LONGEST_WAIT)
    }

    /// Captures what changed and sends it to every viewer that can take it now.
    fn show(&mut self) {
        let now = Instant::now();
        let now_millis = self.now_millis(now);
        let viewers = self.streams.values_mut().filter_map(|stream| stream.as_film_viewer(now));
        self.films.direct(now, viewers);
        self.streams.values_mut().for_each(Stream::handle_directed);
        let is_damaged = !self.damage.is_empty();
        let ready = |stream: &Stream| (is_damaged || stream.has_work(now_millis)) && stream.may_send(now);
        let ready: Vec<u64> = self
            .streams
            .iter()
            .filter(|(_, stream)| ready(stream))
            .map(|(viewer, _)| *viewer)
            .collect();
        if self.screen.is_none() || self.locked {
            return;
        }
        if !ready.is_empty() && is_damaged {
            self.capture();
        }
        for viewer in ready {
            self.send_update(viewer, now);
        }
        self.films_at = self
            .films
            .settle(Instant::now(), self.streams.values_mut().filter_map(Stream::film_part));
        self.comparer.settle(&self.frame);
        for stream in self.streams.values_mut().filter(|_| self.damage.is_empty()) {
            stream.send_digest(&self.frame, now);
        }
    }

    fn capture(&mut self) {
        let Some(screen) = self.screen.as_mut() else { return };
        // The frame is about to change.
        self.comparer.settle(&self.frame);
        let rects: Vec<Rect> = self.damage.take();
        let began = Instant::now();
        if let Err(error) = screen.capture(&rects, &mut self.frame) {
            return self.lose(&error);
        }
        self.captured_at_micros = self.clock.now_micros();
        let captured = Instant::now();
        let films: Vec<Rect> = self.streams.values().flat_map(Stream::film_rects).collect();
        let change = self.comparer.handle_capture(&self.frame, &rects, &films);
        self.took = CaptureTook {
            capture: captured.duration_since(began),
            compare: captured.elapsed(),
        };
        self.note_typed(&change);
        for stream in self.streams.values_mut() {
            stream.add_change(&change, &self.frame.area);
        }
    }

    /// What changes right after a key was pressed is what was typed: there the person looks.
    fn note_typed(&mut self, change: &Change) {
        let since = self.captured_at_micros - self.typed_at.0.load(Ordering::Relaxed);
        let changed = change.rest.iter().fold(Rect::default(), |all, rect| all.union(rect));
        let is_typed = (0..SEEN_WITHIN.as_micros() as i64).contains(&since);
        if is_typed && !changed.is_empty() && changed.area() <= MOST_TYPED_PIXELS {
            let middle = |at: i32, side: u32| at.saturating_add_unsigned(side / 2);
            let point = Point {
                x: middle(changed.x, changed.width),
                y: middle(changed.y, changed.height),
            };
            self.typed = Some((point, Instant::now()));
        }
    }

    fn send_update(&mut self, viewer: u64, now: Instant) {
        let now_millis = self.now_millis(now);
        let is_shared = self.streams.len() > 1;
        let others = self.streams.iter().filter(|(other, _)| **other != viewer);
        let films: Vec<Scene> = others.filter_map(|(_, stream)| stream.film_scene()).collect();
        let Some(stream) = self.streams.get_mut(&viewer) else { return };
        let typed = self.typed.filter(|(_, at)| now.saturating_duration_since(*at) < LOOKED_AT_FOR);
        let focus: Vec<Point> = typed.map(|(point, _)| point).into_iter().chain([self.cursor.pos]).collect();
        let moment = Moment {
            frame: &self.frame,
            epoch: self.layout.epoch,
            captured_at_micros: self.captured_at_micros,
            now_micros: self.clock.now_micros(),
            took: self.took,
            films: &films,
            focus: &focus,
            now,
            now_millis,
        };
        match stream.send_update(&mut self.tiles, &mut self.films, &moment) {
            Ok(pixels) if pixels > LARGE_PIXELS && !is_shared => self.tiles.release_buffers(),
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "a picture could not be coded");
                stream.fail(now);
            }
        }
    }
}

/// Wakes the thread from another.
fn wake_by(waker: &Arc<Mutex<Option<Waker>>>) -> film::Wake {
    let waker = waker.clone();
    Arc::new(move || {
        let wake = waker.lock().clone();
        if let Some(wake) = wake {
            wake();
        }
    })
}

fn greet(stream: &mut Stream, state: Option<&ScreenState>, layout: &DesktopLayout, cursor: &Cursor) {
    if let Some(state) = state {
        stream.say(&ViewerBound::Screen(state.clone()));
    }
    stream.say(&ViewerBound::Layout(layout.clone()));
    if let Some(image) = &cursor.image {
        stream.say_cursor(image);
    }
    let serial = cursor.image.as_ref().map_or(0, |image| image.serial);
    stream.send_cursor(serial, layout.epoch, cursor.pos, cursor.visible);
}

/// What people are told about a screen that cannot be captured.
pub(super) fn body_of(error: &CaptureError) -> ErrorBody {
    let code = match error {
        CaptureError::WaylandUnsupported => ErrorCode::ScreenWayland,
        _ => ErrorCode::ScreenUnavailable,
    };
    ErrorBody::new(code, error.to_string())
}

#[cfg(test)]
mod tests;
