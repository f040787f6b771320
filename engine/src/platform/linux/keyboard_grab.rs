//! The whole keyboard for one of our windows. X gives grabbed keys to the client that grabbed them, and to no other; so the grab is taken
//! on the toolkit's own connection, and its windows are told of every key in their usual way, Alt+Tab included.

use std::ffi::c_int;

use raw_window_handle::{HasDisplayHandle as _, RawDisplayHandle};
use x11_dl::xlib::{CurrentTime, Display, False, GrabModeAsync, Xlib};

use super::focus::window_id;
use crate::platform::{InputError, KeyboardGrab, OwnWindow};

/// The keyboard, until this is dropped.
pub(super) struct X11KeyboardGrab {
    xlib: Xlib,
    /// INVARIANT: held as long as the grab, so that the connection it was taken on is still open when it is given back.
    window: OwnWindow,
}

impl X11KeyboardGrab {
    pub(super) fn take(window: &OwnWindow) -> Result<Self, InputError> {
        let id = window_id(window.window).ok_or(InputError::WaylandUnsupported)?;
        let display = display_of(window)?;
        let xlib = Xlib::open().map_err(|_| InputError::Missing("libX11"))?;
        // SAFETY: the display is open for as long as `window` lives; the toolkit has made Xlib safe for threads, and an identifier that
        // names no window is an error the server answers.
        let status = unsafe { (xlib.XGrabKeyboard)(display, id.into(), False, GrabModeAsync, GrabModeAsync, CurrentTime) };
        match refusal(status) {
            None => Ok(Self {
                xlib,
                window: window.clone(),
            }),
            Some(reason) => Err(InputError::Denied(reason.to_owned())),
        }
    }
}

impl KeyboardGrab for X11KeyboardGrab {}

impl Drop for X11KeyboardGrab {
    fn drop(&mut self) {
        let Ok(display) = display_of(&self.window) else { return };
        // SAFETY: the display is still open, because `window` keeps it.
        unsafe {
            (self.xlib.XUngrabKeyboard)(display, CurrentTime);
            (self.xlib.XFlush)(display);
        }
    }
}

fn display_of(window: &OwnWindow) -> Result<*mut Display, InputError> {
    let handle = window.display.display_handle().map_err(|e| InputError::NoDisplay(e.to_string()))?;
    match handle.as_raw() {
        RawDisplayHandle::Xlib(xlib) => match xlib.display {
            Some(display) => Ok(display.as_ptr().cast()),
            None => Err(InputError::NoDisplay("the toolkit names no display".to_owned())),
        },
        RawDisplayHandle::Wayland(_) => Err(InputError::WaylandUnsupported),
        _ => Err(InputError::Missing("a window of Xlib")),
    }
}

/// Why the server did not give the keyboard, by the numbers of the X protocol; none when it did.
fn refusal(status: c_int) -> Option<&'static str> {
    match status {
        0 => None,
        1 => Some("another program holds the keyboard"),
        3 => Some("the window is not to be seen"),
        4 => Some("another program has frozen the keyboard"),
        _ => Some("the server refused"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use raw_window_handle::{DisplayHandle, HandleError, HasDisplayHandle, RawWindowHandle, WaylandWindowHandle, XlibWindowHandle};

    use super::*;

    struct NoDisplay;

    impl HasDisplayHandle for NoDisplay {
        fn display_handle(&self) -> Result<DisplayHandle<'_>, HandleError> {
            Err(HandleError::Unavailable)
        }
    }

    #[test]
    fn a_window_without_a_display_is_refused_and_nothing_is_touched() {
        let window = OwnWindow {
            display: Arc::new(NoDisplay),
            window: RawWindowHandle::Xlib(XlibWindowHandle::new(7)),
        };
        assert!(matches!(X11KeyboardGrab::take(&window), Err(InputError::NoDisplay(_))));
    }

    #[test]
    fn a_window_of_wayland_is_said_to_be_one() {
        let surface = std::ptr::NonNull::<std::ffi::c_void>::dangling();
        let window = OwnWindow {
            display: Arc::new(NoDisplay),
            window: RawWindowHandle::Wayland(WaylandWindowHandle::new(surface)),
        };
        assert_eq!(X11KeyboardGrab::take(&window).err(), Some(InputError::WaylandUnsupported));
    }

    #[test]
    fn only_success_is_no_refusal() {
        assert_eq!(refusal(0), None);
        assert!((1..6).all(|status| refusal(status).is_some()));
    }
}
