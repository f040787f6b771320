//! The operating system as the engine sees it: a screen to capture, hands to imitate, hands to
//! listen to, and a machine to keep awake. One trait per thing, one implementation per system, and
//! a `fake` that tests script. This is the only file of the workspace with a `cfg` for an operating
//! system; what differs between systems differs below it.
//!
//! Deliberately absent: clipboard, files and sound, which have portable crates of their own, and
//! anything that knows of sessions, permissions or the network.

mod damage;
mod error;
#[cfg(unix)]
#[path = "files_unix.rs"]
mod files;
#[cfg(windows)]
#[path = "files_windows.rs"]
mod files;
mod frame;
mod keys;

#[cfg(any(windows, target_os = "macos"))]
mod enigo_hands;
pub mod fake;
#[cfg(target_os = "linux")]
pub mod linux;
#[cfg(target_os = "macos")]
pub mod macos;
#[cfg(any(target_os = "macos", test))]
mod padding;
#[cfg(any(windows, target_os = "macos", test))]
mod pasted;
#[cfg(any(windows, target_os = "macos", test))]
mod polled;
#[cfg(any(windows, target_os = "linux"))]
mod usb_hid;
#[cfg(windows)]
pub mod windows;

use std::sync::Arc;
use std::time::Duration;

use farhand_codec::PictureMut;
use farhand_protocol::error::{ErrorBody, ErrorCode};
use farhand_protocol::geometry::{DesktopLayout, Point, Rect};
use farhand_protocol::input::{InputEvent, Press};
use raw_window_handle::{HasDisplayHandle, RawWindowHandle};

pub use self::damage::DamageList;
pub use self::error::{CaptureError, InputError, InputOutcome, InputRefusal, SurfaceError, WakeError};
#[cfg(not(target_os = "macos"))]
pub use self::files::user_locale;
pub use self::files::{
    append_private, create_private_folder, make_private, remove_own_program, replace_private, terminated, use_callers_console, user_folders,
};
pub use self::frame::{BYTES_PER_PIXEL, CursorShape, Frame};
#[cfg(target_os = "macos")]
pub use self::macos::user_locale;

/// Something that happened on the screen, in the order it was noticed.
#[derive(Debug, Clone, PartialEq)]
pub enum ScreenEvent {
    /// These rectangles of the desktop may look different now; merged, clipped to the layout.
    Damage(Vec<Rect>),
    /// The pointer looks different now.
    CursorShape(CursorShape),
    /// The pointer is somewhere else, or was hidden or shown.
    CursorMoved {
        /// Of the hot spot, in the desktop space.
        pos: Point,
        /// False while the program under the pointer hides it.
        visible: bool,
    },
    /// Monitors came, went or moved; `epoch` has grown, and a [`ScreenEvent::Damage`] of everything follows.
    Layout(DesktopLayout),
    /// The session was locked or its screen blanked (true), or is to be seen again (false).
    Locked(bool),
    /// Somebody called the waker.
    Woken,
    /// The display is gone for good, with the reason for the log; nothing else will come.
    Gone(String),
}

/// A desktop that can be looked at. The first [`ScreenSource::wait`] reports the cursor and a damage
/// of everything, so that whoever starts needs no special case.
pub trait ScreenSource: Send {
    /// The monitors as last reported.
    fn layout(&self) -> &DesktopLayout;

    /// A function that makes a running or the next [`ScreenSource::wait`] return
    /// [`ScreenEvent::Woken`], from any thread.
    fn waker(&self) -> Arc<dyn Fn() + Send + Sync>;

    /// Blocks until something happened, at most `timeout`; an empty answer means that nothing did.
    /// Takes no processor time while it waits, and always drains what the system has queued.
    ///
    /// # Errors
    /// When the system answers something that makes no sense; a lost display is [`ScreenEvent::Gone`].
    fn wait(&mut self, timeout: Duration) -> Result<Vec<ScreenEvent>, CaptureError>;

    /// Refreshes these rectangles of `frame`; the rest of it stays as it is. A frame whose area is not
    /// the layout's bounds is made anew and captured whole.
    ///
    /// # Errors
    /// [`CaptureError::Gone`] when the display is lost.
    fn capture(&mut self, rects: &[Rect], frame: &mut Frame) -> Result<(), CaptureError>;

    /// Where the pointer was when last looked, in the desktop space.
    fn pointer(&self) -> Point;
}

/// Hands that act on the customer's desktop. Blocking: give it a thread of its own.
///
/// INVARIANT: it never acts on windows of its own process, never presses the keys that stop control,
/// and keeps the set of what it holds, so that [`InputSink::release_all`] leaves nothing pressed.
pub trait InputSink: Send {
    /// Does what the event says, or says why not.
    ///
    /// # Errors
    /// When the display is lost or refuses.
    fn handle_input(&mut self, event: &InputEvent) -> Result<InputOutcome, InputError>;

    /// Lets go of every key and button this sink holds.
    ///
    /// # Errors
    /// When the display is lost; then nothing is held any more either.
    fn release_all(&mut self) -> Result<(), InputError>;

    /// Positions are read against this layout from now on; other epochs are stale.
    fn set_layout(&mut self, layout: &DesktopLayout);

    /// True while a key or button is down by this sink's doing.
    fn is_holding(&self) -> bool;

    /// A function that ends text being typed at once, from any thread, and makes the sink refuse
    /// everything but releases until [`InputSink::release_all`] or [`InputSink::resume`]. Revoking
    /// control calls it first.
    fn interrupter(&self) -> Arc<dyn Fn() + Send + Sync>;

    /// Takes an interruption back and lets go of nothing: others may act on with what they hold.
    fn resume(&mut self);
}

/// What the person at the machine did with real devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocalInput {
    /// Pause/Break or Ctrl+Alt+Shift+X went down (APP-36, APP-41).
    Stop,
    /// Some key, button or motion (APP-59).
    Activity,
    /// The watch has ended by itself and hears nothing from now on. Said once, last.
    Lost,
}

/// A watch over real devices; dropping it ends the watch. Never hears injected input (APP-42).
pub trait LocalInputWatch: Send {}

/// Keeps the machine awake, its screen lit and unlocked, until dropped.
pub trait WakeLock: Send {}

/// A window of this process, as its toolkit hands it out.
#[derive(Clone)]
pub struct OwnWindow {
    /// Keeps the toolkit's line to the display open for as long as anybody here uses it.
    pub display: Arc<dyn HasDisplayHandle>,
    /// The window itself.
    pub window: RawWindowHandle,
}

/// A key that went down or up while the whole keyboard is held, and that the window itself is not told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GrabbedKey {
    /// USB HID usage of its place.
    pub usage: u16,
    /// Down or up.
    pub press: Press,
}

/// The whole keyboard for one window, the combinations that the desktop keeps for itself included, until dropped.
pub trait KeyboardGrab {}

/// What became of the wish for the keyboard where nobody hands it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FocusOutcome {
    /// Keys go to the window now.
    Given,
    /// A window manager, or the system itself, says where keys go.
    Managed,
    /// The window is not to be seen yet: ask again.
    NotYet,
}

/// Where a picture is put into a window of this process. Physical pixels, counted from the window's corner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SurfacePlace {
    /// The part of the window; an empty one hides the picture.
    pub area: Rect,
    /// What the window's own menus, bars and notes cover, which may reach beyond the area. The picture leaves it out.
    pub holes: Vec<Rect>,
    /// Radius of the corners of the holes.
    pub hole_radius: u32,
}

/// The rectangle in bands of so many rows.
pub(crate) fn bands(rect: &Rect, rows: u32) -> impl Iterator<Item = Rect> + use<> {
    let (rect, rows) = (*rect, rows.max(1));
    (0..rect.height).step_by(rows as usize).map(move |top| Rect {
        y: rect.y.saturating_add_unsigned(top),
        height: rows.min(rect.height - top),
        ..rect
    })
}

/// A part of a window whose pixels go past the window's own drawing, where that would be slow or wait for the display. It takes
/// neither pointer nor keys.
pub trait PictureSurface: Send {
    /// Puts it there. With another size its pixels are undefined until they are drawn and presented; what is only moved or covered
    /// keeps them.
    ///
    /// # Errors
    /// When the display or the window is gone.
    fn place(&mut self, place: &SurfacePlace) -> Result<(), SurfaceError>;

    /// The pixels, BGRA, as large as the place; none while it is hidden. Waits until the system has taken what was presented last.
    ///
    /// # Errors
    /// When the display or the window is gone.
    fn pixels(&mut self) -> Result<Option<PictureMut<'_>>, SurfaceError>;

    /// Shows these rectangles of the pixels, counted from the place's corner.
    ///
    /// # Errors
    /// When the display or the window is gone.
    fn present(&mut self, rects: &[Rect]) -> Result<(), SurfaceError>;

    /// Has these rectangles of the pixels drawn one after the other. Where that takes no time each is shown at once, so that the system takes it in while
    /// the next is drawn; [`PictureSurface::present`] with the same rectangles shows what is left.
    ///
    /// # Errors
    /// When the display or the window is gone.
    fn draw(&mut self, rects: &[Rect], draw: &mut dyn FnMut(&Rect, &mut PictureMut<'_>)) -> Result<(), SurfaceError> {
        let Some(mut pixels) = self.pixels()? else { return Ok(()) };
        rects.iter().for_each(|rect| draw(rect, &mut pixels));
        Ok(())
    }

    /// Moves what is shown to a rectangle of the place, as large as it; what is moved, and what is shown, lie inside the place. The pixels of
    /// [`PictureSurface::draw`] are undefined there from then on. False, with nothing moved, where the system cannot.
    ///
    /// # Errors
    /// When the display or the window is gone.
    fn move_shown(&mut self, _from: Point, _to: &Rect) -> Result<bool, SurfaceError> {
        Ok(false)
    }

    /// What the system lost of what was shown, or could not move: to be drawn and presented again.
    fn take_lost(&mut self) -> Vec<Rect> {
        Vec::new()
    }

    /// A function that makes a running or the next [`PictureSurface::wait`] return, from any thread.
    fn waker(&self) -> Arc<dyn Fn() + Send + Sync>;

    /// Blocks until somebody wakes it, or the system lost some of what was shown.
    ///
    /// # Errors
    /// When the display or the window is gone.
    fn wait(&mut self) -> Result<(), SurfaceError>;
}

/// What kind of desktop this process could share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DesktopSession {
    /// An X server, named by its display.
    X11 {
        /// As in `DISPLAY`.
        display: String,
    },
    /// A Wayland compositor without X: no capture, no input; chat and files still work.
    Wayland,
    /// No desktop at all.
    None {
        /// Why not, for the log.
        reason: String,
    },
    /// The Windows desktop.
    Windows,
    /// The macOS desktop.
    MacOs,
}

impl DesktopSession {
    /// True when a screen can be shared from here.
    pub fn is_shareable(&self) -> bool {
        matches!(self, Self::X11 { .. } | Self::Windows | Self::MacOs)
    }
}

/// What a technician is told about the machine before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemFacts {
    /// Name of the operating system ("Debian GNU/Linux").
    pub os_name: String,
    /// Its version, as the system says it.
    pub os_version: String,
    /// The machine's name.
    pub host_name: String,
    /// Who runs this process.
    pub user_name: String,
    /// "X11", "Wayland", "Windows", "macOS" or "none".
    pub display_server: String,
}

/// One operating system.
pub trait Platform: Send + Sync {
    /// "linux", "windows", "macos" or "fake".
    fn name(&self) -> &'static str;

    /// What could be shared.
    fn session(&self) -> DesktopSession;

    /// Opens the screen.
    ///
    /// # Errors
    /// With the reason in words fit for a log; the kind decides what the user is told.
    fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError>;

    /// Opens the hands.
    ///
    /// # Errors
    /// When there is no desktop or it offers no way to inject input.
    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError>;

    /// Listens to real devices on a thread of its own; `on` is called there, within milliseconds,
    /// and must not block. A watch that ends for any reason but its drop says [`LocalInput::Lost`], so
    /// that nobody goes on in the belief that STOP is heard. With `stop_key` false [`LocalInput::Stop`] is never reported (APP-38).
    ///
    /// # Errors
    /// When the system cannot tell real devices from injected input.
    fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError>;

    /// Keeps the machine awake and unlocked; each means is best effort. Takes at most a second.
    ///
    /// # Errors
    /// When no means at all worked.
    fn hold_awake(&self, reason: &str) -> Result<Box<dyn WakeLock>, WakeError>;

    /// Gives a window of this process every key, Alt+Tab and Super among them, until the grab is dropped. Keys that the window cannot
    /// be told of go to `on_key`, on a thread of the platform's. To be called on the thread that runs the window.
    ///
    /// # Errors
    /// [`InputError::Denied`] while somebody else holds the keyboard: asking again may help. [`InputError::Missing`] and
    /// [`InputError::WaylandUnsupported`] where it cannot be had.
    fn grab_keyboard(&self, _window: &OwnWindow, _on_key: Box<dyn Fn(GrabbedKey) + Send>) -> Result<Box<dyn KeyboardGrab>, InputError> {
        Err(InputError::Missing("a way to take the whole keyboard"))
    }

    /// Gives the keyboard to a window of this process on a desktop where no window manager does.
    ///
    /// # Errors
    /// When the display is lost or refuses.
    fn focus_unmanaged(&self, _window: RawWindowHandle) -> Result<FocusOutcome, InputError> {
        Ok(FocusOutcome::Managed)
    }

    /// A surface for pictures in a window of this process.
    ///
    /// # Errors
    /// [`SurfaceError::Unsupported`] where there is none to be had; the window draws the picture itself then.
    fn open_surface(&self, _window: &OwnWindow) -> Result<Box<dyn PictureSurface>, SurfaceError> {
        Err(SurfaceError::Unsupported("a surface beside the window's own drawing"))
    }

    /// True when windows are most likely drawn by the processor, so that drawing a whole one takes many milliseconds.
    fn draws_in_software(&self) -> bool {
        false
    }

    /// Keeps the system's sound library from printing whatever it cannot find, from now on, on the thread that calls.
    fn quiet_sound_library(&self) {}

    /// Facts for the technician.
    fn facts(&self) -> SystemFacts;
}

/// The platform of this process, its display taken from the environment.
pub fn current() -> Arc<dyn Platform> {
    #[cfg(target_os = "linux")]
    return Arc::new(linux::LinuxPlatform::from_environment());
    #[cfg(windows)]
    return Arc::new(windows::WindowsPlatform);
    #[cfg(target_os = "macos")]
    return Arc::new(macos::MacPlatform);
}

/// Why no window can be opened in this environment, and what to do about it.
pub fn no_window() -> ErrorBody {
    let why = match current().session() {
        DesktopSession::X11 { display } => {
            format!("the display {display} cannot be opened; is it running, and may this user use it (XAUTHORITY)?")
        }
        DesktopSession::Wayland => "the Wayland display cannot be opened".to_owned(),
        DesktopSession::None { reason } => format!("there is no display ({reason}); start this program from a desktop session"),
        DesktopSession::Windows | DesktopSession::MacOs => "the desktop gives no window".to_owned(),
    };
    ErrorBody::new(ErrorCode::ScreenUnavailable, format!("no window can be opened: {why}"))
}
