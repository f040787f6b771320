//! Linux desktops. X11 is captured and controlled through one connection per job; Wayland is
//! recognised and said; without either there is nothing to share. D-Bus is asked, never relied on.

mod connection;
mod cursor;
mod focus;
mod grab;
mod input;
mod key_names;
mod keyboard;
mod keyboard_grab;
mod keymap;
mod lock_watch;
mod monitors;
mod own_window;
mod pointer;
mod screen;
mod segment;
mod spare_keys;
mod surface;
mod waiting;
mod wake;
mod watch;
mod xtest_devices;

use farhand_protocol::geometry::DesktopLayout;
use raw_window_handle::RawWindowHandle;
use sysinfo::{System, Users};

use super::{
    CaptureError, DesktopSession, FocusOutcome, GrabbedKey, InputError, InputSink, KeyboardGrab, LocalInput, LocalInputWatch, OwnWindow,
    PictureSurface, Platform, ScreenSource, SurfaceError, SystemFacts, WakeError, WakeLock,
};

pub use self::input::X11Input;
pub use self::screen::X11Screen;
pub use self::segment::CapturePath;
pub use self::surface::X11Surface;

/// A Linux machine and the desktop session this process belongs to.
#[derive(Debug, Clone)]
pub struct LinuxPlatform {
    session: DesktopSession,
}

impl LinuxPlatform {
    /// The session named by `DISPLAY`, `WAYLAND_DISPLAY` and `XDG_SESSION_TYPE`.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            session: recognise(variable("DISPLAY"), variable("WAYLAND_DISPLAY"), variable("XDG_SESSION_TYPE")),
        }
    }

    /// The X server of this display (":7"), whatever the environment says.
    pub fn x11_on(display: &str) -> Self {
        Self {
            session: DesktopSession::X11 {
                display: display.to_owned(),
            },
        }
    }

    fn display(&self) -> Result<&str, Unshareable<'_>> {
        match &self.session {
            DesktopSession::X11 { display } => Ok(display),
            DesktopSession::Wayland => Err(Unshareable::Wayland),
            DesktopSession::None { reason } => Err(Unshareable::Nothing(reason)),
            DesktopSession::Windows | DesktopSession::MacOs => Err(Unshareable::Nothing("not a Linux desktop")),
        }
    }
}

enum Unshareable<'a> {
    Wayland,
    Nothing(&'a str),
}

impl From<Unshareable<'_>> for CaptureError {
    fn from(why: Unshareable<'_>) -> Self {
        match why {
            Unshareable::Wayland => Self::WaylandUnsupported,
            Unshareable::Nothing(reason) => Self::NoDisplay(reason.to_owned()),
        }
    }
}

impl From<Unshareable<'_>> for InputError {
    fn from(why: Unshareable<'_>) -> Self {
        match why {
            Unshareable::Wayland => Self::WaylandUnsupported,
            Unshareable::Nothing(reason) => Self::NoDisplay(reason.to_owned()),
        }
    }
}

/// XWayland sets `DISPLAY` too, but shows only X programs and takes input for them alone: a Wayland
/// session is Wayland even then.
fn recognise(display: Option<String>, wayland: Option<String>, session_type: Option<String>) -> DesktopSession {
    let is_wayland = match session_type.as_deref() {
        Some("wayland") => true,
        Some("x11") => false,
        _ => wayland.is_some(),
    };
    match (is_wayland, display) {
        (true, _) => DesktopSession::Wayland,
        (false, Some(display)) => DesktopSession::X11 { display },
        (false, None) => DesktopSession::None {
            reason: "neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned(),
        },
    }
}

impl Platform for LinuxPlatform {
    fn name(&self) -> &'static str {
        "linux"
    }

    fn session(&self) -> DesktopSession {
        self.session.clone()
    }

    fn open_screen(&self) -> Result<Box<dyn ScreenSource>, CaptureError> {
        Ok(Box::new(X11Screen::open(self.display()?)?))
    }

    fn open_input(&self) -> Result<Box<dyn InputSink>, InputError> {
        Ok(Box::new(X11Input::open(self.display()?)?))
    }

    fn watch_local_input(&self, on: Box<dyn Fn(LocalInput) + Send>, stop_key: bool) -> Result<Box<dyn LocalInputWatch>, InputError> {
        Ok(Box::new(watch::X11InputWatch::start(self.display()?, on, stop_key)?))
    }

    fn hold_awake(&self, reason: &str) -> Result<Box<dyn WakeLock>, WakeError> {
        Ok(Box::new(wake::LinuxWakeLock::hold(self.display().ok(), reason)?))
    }

    fn grab_keyboard(&self, window: &OwnWindow, _on_key: Box<dyn Fn(GrabbedKey) + Send>) -> Result<Box<dyn KeyboardGrab>, InputError> {
        Ok(Box::new(keyboard_grab::X11KeyboardGrab::take(window)?))
    }

    fn focus_unmanaged(&self, window: RawWindowHandle) -> Result<FocusOutcome, InputError> {
        match focus::window_id(window) {
            Some(window) => Ok(focus::focus_unmanaged(self.display()?, window)?),
            None => Ok(FocusOutcome::Managed),
        }
    }

    fn open_surface(&self, window: &OwnWindow) -> Result<Box<dyn PictureSurface>, SurfaceError> {
        let display = self.display().map_err(|_| surface::WANTED)?;
        let window = focus::window_id(window.window).ok_or(surface::WANTED)?;
        Ok(Box::new(X11Surface::open(display, window, CapturePath::SharedDescriptor)?))
    }

    fn draws_in_software(&self) -> bool {
        self.display().is_ok_and(surface::draws_in_software)
    }

    fn quiet_sound_library(&self) {
        // ALSA writes into a buffer instead, and that buffer is nobody's.
        if let Err(error) = alsa::Output::local_error_handler() {
            tracing::debug!(%error, "ALSA may print");
        }
    }

    fn facts(&self) -> SystemFacts {
        SystemFacts {
            os_name: System::name().unwrap_or_else(|_| "Linux".to_owned()),
            os_version: System::os_version().unwrap_or_default(),
            host_name: System::host_name().unwrap_or_default(),
            user_name: user_name(),
            display_server: match self.session {
                DesktopSession::X11 { .. } => "X11",
                DesktopSession::Wayland => "Wayland",
                _ => "none",
            }
            .to_owned(),
        }
    }
}

fn user_name() -> String {
    let by_variable = || std::env::var("USER").unwrap_or_default();
    let Ok(users) = Users::new_with_refreshed_list() else {
        return by_variable();
    };
    // SAFETY: `geteuid` takes no arguments, touches no memory of ours and cannot fail.
    let uid = unsafe { libc::geteuid() };
    let user = users.iter().find(|user| **user.id() == uid);
    user.map_or_else(by_variable, |user| user.name().to_owned())
}

/// True when both list the same monitors, whatever their epochs.
fn same_monitors(a: &DesktopLayout, b: &DesktopLayout) -> bool {
    a.monitors == b.monitors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_wayland_session_is_wayland_even_with_xwayland() {
        assert_eq!(recognise(some(":0"), some("wayland-0"), some("wayland")), DesktopSession::Wayland);
        assert_eq!(recognise(some(":0"), some("wayland-0"), None), DesktopSession::Wayland);
        assert_eq!(recognise(None, some("wayland-0"), some("tty")), DesktopSession::Wayland);
    }

    #[test]
    fn an_x_session_is_x11_and_a_bare_console_is_nothing() {
        assert_eq!(
            recognise(some(":1"), None, some("x11")),
            DesktopSession::X11 { display: ":1".to_owned() }
        );
        assert_eq!(
            recognise(some(":1"), None, some("tty")),
            DesktopSession::X11 { display: ":1".to_owned() }
        );
        assert!(matches!(recognise(None, None, some("tty")), DesktopSession::None { .. }));
    }

    #[test]
    fn wayland_is_said_when_the_screen_is_opened() {
        let platform = LinuxPlatform {
            session: DesktopSession::Wayland,
        };
        assert_eq!(platform.open_screen().err(), Some(CaptureError::WaylandUnsupported));
        assert_eq!(platform.open_input().err(), Some(InputError::WaylandUnsupported));
        assert!(!platform.session().is_shareable());
    }

    #[test]
    fn facts_name_the_system_and_the_user() {
        let facts = LinuxPlatform::x11_on(":99").facts();
        assert!(!facts.os_name.is_empty() && !facts.user_name.is_empty() && !facts.host_name.is_empty());
        assert_eq!(facts.display_server, "X11");
    }
}
