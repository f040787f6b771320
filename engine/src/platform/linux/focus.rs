//! The keyboard where nobody manages windows: a bare X server gives keys to whatever lies under the pointer and tells no window that it
//! has them, so toolkits take them for somebody else's. A window manager, where there is one, is never overruled.

use raw_window_handle::RawWindowHandle;
use x11rb::protocol::xproto::{ConnectionExt as _, EventMask, InputFocus, MapState, Window};

use super::connection::{Server, XError};
use crate::platform::FocusOutcome;

/// The number of a window on an X server.
pub(super) fn window_id(window: RawWindowHandle) -> Option<Window> {
    match window {
        RawWindowHandle::Xlib(handle) => Window::try_from(handle.window).ok(),
        RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
        _ => None,
    }
}

/// Sets the input focus on `window` unless there is a window manager, known by what only one client may select on the root window.
pub(super) fn focus_unmanaged(display: &str, window: Window) -> Result<FocusOutcome, XError> {
    let server = Server::connect(display)?;
    let root = server.conn.get_window_attributes(server.root)?.reply()?;
    if root.all_event_masks.contains(EventMask::SUBSTRUCTURE_REDIRECT) {
        return Ok(FocusOutcome::Managed);
    }
    if server.conn.get_window_attributes(window)?.reply()?.map_state != MapState::VIEWABLE {
        return Ok(FocusOutcome::NotYet);
    }
    let request = server.conn.set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME)?;
    request.check()?;
    Ok(FocusOutcome::Given)
}
