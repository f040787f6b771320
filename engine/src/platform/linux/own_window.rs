//! Does a window belong to this very process? Asked before anything is pressed, so that a
//! technician never answers a question put to the customer.

use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{Atom, AtomEnum, ConnectionExt, InputFocus, Window};

use super::connection::{Server, XError};

/// Deepest window tree looked at.
const MAX_DEPTH: usize = 64;

/// Knows the windows of this process by `_NET_WM_PID`, which every toolkit sets.
#[derive(Debug)]
pub(super) struct OwnWindows {
    pid_atom: Atom,
    pid: u32,
}

impl OwnWindows {
    pub(super) fn new(server: &Server) -> Result<Self, XError> {
        Ok(Self {
            pid_atom: server.atom("_NET_WM_PID")?,
            pid: std::process::id(),
        })
    }

    /// True when the window under the pointer, or one around it, is ours.
    pub(super) fn is_under_pointer(&self, server: &Server) -> Result<bool, XError> {
        let mut window = server.root;
        for _ in 0..MAX_DEPTH {
            let child = match server.conn.query_pointer(window)?.reply() {
                Ok(reply) => reply.child,
                Err(ReplyError::X11Error(_)) => return Ok(false),
                Err(e) => return Err(e.into()),
            };
            if child == x11rb::NONE {
                return Ok(false);
            }
            if self.is_ours(server, child)? {
                return Ok(true);
            }
            window = child;
        }
        Ok(false)
    }

    /// True when keys go to a window that is ours, or inside one that is.
    pub(super) fn has_focus(&self, server: &Server) -> Result<bool, XError> {
        let focus = server.conn.get_input_focus()?.reply()?.focus;
        if focus == u32::from(InputFocus::POINTER_ROOT) || focus == server.root {
            return self.is_under_pointer(server);
        }
        let mut window = focus;
        for _ in 0..MAX_DEPTH {
            if window == x11rb::NONE || window == server.root {
                return Ok(false);
            }
            if self.is_ours(server, window)? {
                return Ok(true);
            }
            window = match server.conn.query_tree(window)?.reply() {
                Ok(reply) => reply.parent,
                Err(ReplyError::X11Error(_)) => return Ok(false),
                Err(e) => return Err(e.into()),
            };
        }
        Ok(false)
    }

    fn is_ours(&self, server: &Server, window: Window) -> Result<bool, XError> {
        let property = server.property(window, self.pid_atom, AtomEnum::CARDINAL, 1)?;
        let pid = property.and_then(|p| p.value32().and_then(|mut values| values.next()));
        Ok(pid == Some(self.pid))
    }
}
