//! A platform without a system: tests paint its screen, read what its hands were told, and act as
//! the person at the machine. Everything is synchronous and shared through one handle.

mod input;
mod screen;
mod surface;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use farhand_protocol::geometry::{DesktopLayout, Monitor, Point, Rect};
use farhand_protocol::input::InputEvent;
use parking_lot::Mutex;

use self::input::{FakeInput, Hands};
use self::screen::{FakeScreen, Stage};
pub use self::surface::FakeSurface;
use super::{
    CaptureError, CursorShape, DesktopSession, InputError, InputRefusal, InputSink, LocalInput, LocalInputWatch, Platform, ScreenSource,
    SystemFacts, WakeError, WakeLock,
};

type Callback = (u64, bool, Box<dyn Fn(LocalInput) + Send>);

/// A scripted machine; clones share it.
#[derive(Clone)]
pub struct FakePlatform {
    stage: Arc<Stage>,
    hands: Arc<Mutex<Hands>>,
    watches: Arc<Mutex<Vec<Callback>>>,
    awake: Arc<AtomicUsize>,
    deaf: Arc<AtomicBool>,
    session: DesktopSession,
}

impl FakePlatform {
    /// A machine with one black monitor of this size.
    pub fn new(width: u32, height: u32) -> Self {
        let monitor = Monitor {
            id: 1,
            area: Rect::new(0, 0, width, height),
            scale_percent: 100,
            primary: true,
            name: "Fake".to_owned(),
        };
        Self::with_layout(DesktopLayout {
            epoch: 1,
            monitors: vec![monitor],
        })
    }

    /// A machine with these monitors.
    pub fn with_layout(layout: DesktopLayout) -> Self {
        Self {
            stage: Arc::new(Stage::new(layout)),
            hands: Arc::default(),
            watches: Arc::default(),
            awake: Arc::default(),
            deaf: Arc::default(),
            session: DesktopSession::X11 {
                display: "fake".to_owned(),
            },
        }
    }

    /// The same machine with another kind of session, such as [`DesktopSession::Wayland`].
    pub fn with_session(mut self, session: DesktopSession) -> Self {
        self.session = session;
        self
    }

    /// Paints a rectangle in one colour (B, G, R) and raises its damage.
    pub fn fill(&self, rect: Rect, bgr: [u8; 3]) {
        self.stage.paint(rect, |_, _| bgr);
    }

    /// Paints a rectangle by a function of the position and raises its damage.
    pub fn paint(&self, rect: Rect, colour: impl Fn(i32, i32) -> [u8; 3]) {
        self.stage.paint(rect, colour);
    }

    /// The pixel as it is on the screen, B, G, R, A.
    pub fn pixel(&self, pos: Point) -> Option<[u8; 4]> {
        self.stage.pixel(pos)
    }

    /// Replaces the monitors: the epoch grows by one, the picture starts again from black.
    pub fn set_monitors(&self, monitors: Vec<Monitor>) {
        self.stage.set_monitors(monitors);
    }

    /// Gives the pointer another picture.
    pub fn set_cursor(&self, shape: CursorShape) {
        self.stage.set_cursor(shape);
    }

    /// Moves the pointer, as the person would.
    pub fn move_pointer(&self, pos: Point, visible: bool) {
        self.stage.move_pointer(pos, visible);
    }

    /// Locks or unlocks the session.
    pub fn set_locked(&self, locked: bool) {
        self.stage.set_locked(locked);
    }

    /// Takes the display away for good.
    pub fn take_display_away(&self, reason: &str) {
        self.stage.take_away(reason);
    }

    /// Every event the hands carried out so far, in order. Refused ones are not among them.
    pub fn events(&self) -> Arc<Mutex<Vec<InputEvent>>> {
        Arc::clone(&self.hands.lock().events)
    }

    /// Makes the hands refuse everything but releases, as over a window of our own; none lifts it.
    pub fn refuse_input(&self, refusal: Option<InputRefusal>) {
        self.hands.lock().refusal = refusal;
    }

    /// How often everything was let go.
    pub fn releases(&self) -> usize {
        self.hands.lock().releases
    }

    /// Acts as the person at the machine; true when somebody heard it.
    pub fn act_locally(&self, input: LocalInput) -> bool {
        let watches = self.watches.lock();
        let hearing = watches.iter().filter(|(_, stop_key, _)| *stop_key || input != LocalInput::Stop);
        hearing.map(|(_, _, on)| on(input)).count() > 0
    }

    /// The system ends every watch over local input; while `deaf`, no new one can be had.
    pub fn lose_watches(&self, deaf: bool) {
        self.deaf.store(deaf, Ordering::SeqCst);
        let lost = std::mem::take(&mut *self.watches.lock());
        lost.iter().for_each(|(_, _, on)| on(LocalInput::Lost));
    }

    /// Watches can be had again.
    pub fn hear_again(&self) {
        self.deaf.store(false, Ordering::SeqCst);
    }

    /// True while somebody keeps the machine awake.
    pub fn is_held_awake(&self) -> bool {
        self.awake.load(Ordering::SeqCst) > 0
    }

    fn is_shareable(&self) -> Result<(), CaptureError> {
        match &self.session {
            DesktopSession::Wayland => Err(CaptureError::WaylandUnsupported),
            DesktopSession::None { reason } => Err(CaptureError::NoDisplay(reason.clone())),
            _ => Ok(()),
        }
    }
}

impl Platform for FakePlatform {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn session(&self) -> DesktopSession {
        self.session.clone()
    }

    fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError> {
        self.is_shareable()?;
        Ok(Box::new(FakeScreen::open(&self.stage)))
    }

    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        match self.is_shareable() {
            Ok(()) => Ok(Box::new(FakeInput::open(&self.hands, &self.stage))),
            Err(CaptureError::WaylandUnsupported) => Err(InputError::WaylandUnsupported),
            Err(other) => Err(InputError::NoDisplay(other.to_string())),
        }
    }

    fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
        if self.deaf.load(Ordering::SeqCst) {
            return Err(InputError::Missing("ears"));
        }
        let mut watches = self.watches.lock();
        let number = watches.last().map_or(1, |(number, ..)| number + 1);
        watches.push((number, stop_key, on));
        Ok(Box::new(FakeWatch {
            number,
            watches: Arc::clone(&self.watches),
        }))
    }

    fn hold_awake(&self, _reason: &str) -> Result<Box<dyn WakeLock>, WakeError> {
        self.awake.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(FakeWakeLock(Arc::clone(&self.awake))))
    }

    fn facts(&self) -> SystemFacts {
        let text = str::to_owned;
        SystemFacts {
            os_name: text("Fake OS"),
            os_version: text("1"),
            host_name: text("fake-host"),
            user_name: text("fake-user"),
            display_server: text("fake"),
        }
    }
}

struct FakeWatch {
    number: u64,
    watches: Arc<Mutex<Vec<Callback>>>,
}

impl LocalInputWatch for FakeWatch {}

impl Drop for FakeWatch {
    fn drop(&mut self) {
        self.watches.lock().retain(|(number, ..)| *number != self.number);
    }
}

struct FakeWakeLock(Arc<AtomicUsize>);

impl WakeLock for FakeWakeLock {}

impl Drop for FakeWakeLock {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use farhand_protocol::input::{Button, Press};

    use super::*;
    use crate::platform::{Frame, InputOutcome, ScreenEvent};

    const AT_ONCE: Duration = Duration::ZERO;
    const LONG: Duration = Duration::from_secs(20);

    fn opened(platform: &FakePlatform) -> (Box<dyn ScreenSource>, Frame) {
        let mut screen = platform.open_screen().unwrap();
        let first = screen.wait(LONG).unwrap();
        assert!(
            first
                .iter()
                .any(|e| matches!(e, ScreenEvent::Damage(rects) if rects == &[screen.layout().bounds()]))
        );
        let mut frame = Frame::default();
        screen.capture(&[], &mut frame).unwrap();
        (screen, frame)
    }

    #[test]
    fn what_is_painted_is_reported_and_captured() {
        let platform = FakePlatform::new(64, 48);
        let (mut screen, mut frame) = opened(&platform);
        assert!(screen.wait(AT_ONCE).unwrap().is_empty());
        platform.fill(Rect::new(3, 4, 5, 6), [1, 2, 3]);
        let events = screen.wait(LONG).unwrap();
        assert_eq!(events, vec![ScreenEvent::Damage(vec![Rect::new(3, 4, 5, 6)])]);
        screen.capture(&[Rect::new(3, 4, 5, 6)], &mut frame).unwrap();
        assert_eq!(frame.pixel(7, 9), Some([1, 2, 3, 255]));
        assert_eq!(frame.pixel(8, 9), Some([0, 0, 0, 255]));
    }

    #[test]
    fn the_waker_ends_a_wait_from_another_thread() {
        let platform = FakePlatform::new(8, 8);
        let (mut screen, _) = opened(&platform);
        let waker = screen.waker();
        let thread = std::thread::spawn(move || waker());
        assert_eq!(screen.wait(LONG).unwrap(), vec![ScreenEvent::Woken]);
        thread.join().unwrap();
    }

    #[test]
    fn new_monitors_raise_the_epoch_and_make_old_positions_stale() {
        let platform = FakePlatform::new(64, 48);
        let (mut screen, _) = opened(&platform);
        let mut input = platform.open_input().unwrap();
        let mut monitors = screen.layout().monitors.clone();
        monitors[0].area = Rect::new(-10, 0, 20, 20);
        platform.set_monitors(monitors);
        let events = screen.wait(LONG).unwrap();
        assert!(matches!(&events[0], ScreenEvent::Layout(layout) if layout.epoch == 2));
        assert_eq!(events[1], ScreenEvent::Damage(vec![Rect::new(-10, 0, 20, 20)]));
        input.set_layout(screen.layout());
        let stale = InputEvent::PointerMove {
            epoch: 1,
            pos: Point::default(),
        };
        assert_eq!(input.handle_input(&stale).unwrap(), InputOutcome::Refused(InputRefusal::StaleEpoch));
        assert!(platform.events().lock().is_empty());
    }

    #[test]
    fn hands_keep_what_they_hold_until_all_is_released() {
        let platform = FakePlatform::new(64, 48);
        let mut input = platform.open_input().unwrap();
        let press = InputEvent::PointerButton {
            epoch: 1,
            pos: Point::default(),
            button: Button::Left,
            press: Press::Down,
        };
        assert_eq!(input.handle_input(&press).unwrap(), InputOutcome::Done);
        assert!(input.is_holding());
        input.release_all().unwrap();
        assert!(!input.is_holding());
        assert_eq!((platform.events().lock().clone(), platform.releases()), (vec![press], 1));
    }

    #[test]
    fn a_dropped_watch_hears_nothing_more() {
        let platform = FakePlatform::new(8, 8);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&heard);
        let watch = platform
            .watch_local_input(Box::new(move |input| sink.lock().push(input)), true)
            .unwrap();
        assert!(platform.act_locally(LocalInput::Stop));
        drop(watch);
        assert!(!platform.act_locally(LocalInput::Activity));
        assert_eq!(*heard.lock(), vec![LocalInput::Stop]);
    }

    #[test]
    fn a_display_taken_away_is_gone_for_everybody() {
        let platform = FakePlatform::new(8, 8);
        let (mut screen, mut frame) = opened(&platform);
        platform.take_display_away("unplugged");
        assert_eq!(screen.wait(LONG).unwrap(), vec![ScreenEvent::Gone("unplugged".to_owned())]);
        assert_eq!(screen.capture(&[], &mut frame), Err(CaptureError::Gone("unplugged".to_owned())));
    }
}
