//! `InputSink` on X11: one connection, on which the injected keyboard and pointer act in the order
//! the events come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use x11rb::connection::Connection;
use x11rb::protocol::{Event, xkb, xtest};
use x11rb::wrapper::ConnectionExt as _;

use farhand_protocol::geometry::DesktopLayout;
use farhand_protocol::input::{InputEvent, MAX_TEXT_BYTES, Press};

use super::connection::{Server, XError};
use super::keyboard::Keyboard;
use super::monitors;
use super::own_window::OwnWindows;
use super::pointer::Pointer;
use crate::platform::{InputError, InputOutcome, InputRefusal, InputSink};

/// Hands on one X server.
pub struct X11Input {
    server: Server,
    layout: DesktopLayout,
    own: OwnWindows,
    keyboard: Keyboard,
    pointer: Pointer,
    interrupted: Arc<AtomicBool>,
}

impl X11Input {
    /// Opens the hands of this display.
    ///
    /// # Errors
    /// When there is no such display or it lacks XTEST or XKB.
    pub fn open(display: &str) -> Result<Self, InputError> {
        let server = Server::connect(display)?;
        if !server.has(xtest::X11_EXTENSION_NAME)? {
            return Err(InputError::Missing("the XTEST extension"));
        }
        if !server.has(xkb::X11_EXTENSION_NAME)? {
            return Err(InputError::Missing("the XKEYBOARD extension"));
        }
        Self::with_server(server).map_err(InputError::from)
    }

    fn with_server(server: Server) -> Result<Self, XError> {
        let layout = monitors::current(&server, 1)?;
        let own = OwnWindows::new(&server)?;
        let keyboard = Keyboard::new(&server)?;
        let pointer = Pointer::new(&server)?;
        Ok(Self {
            server,
            layout,
            own,
            keyboard,
            pointer,
            interrupted: Arc::default(),
        })
    }

    fn act(&mut self, event: &InputEvent) -> Result<InputOutcome, XError> {
        self.drain()?;
        let Self {
            server,
            own,
            keyboard,
            pointer,
            ..
        } = self;
        let bounds = self.layout.bounds();
        let is_stale = event.epoch().is_some_and(|epoch| epoch != self.layout.epoch);
        match event {
            // A button always comes up, if need be where the pointer is.
            InputEvent::PointerButton {
                button, press: Press::Up, ..
            } if is_stale => pointer.handle_button(server, own, *button, Press::Up),
            _ if is_stale => Ok(InputOutcome::Refused(InputRefusal::StaleEpoch)),
            InputEvent::PointerMove { pos, .. } => pointer.move_to(server, *pos, &bounds).map(|()| InputOutcome::Done),
            InputEvent::PointerButton { pos, button, press, .. } => {
                pointer.move_to(server, *pos, &bounds)?;
                pointer.handle_button(server, own, *button, *press)
            }
            InputEvent::Wheel { pos, dx, dy, .. } => {
                pointer.move_to(server, *pos, &bounds)?;
                pointer.handle_wheel(server, own, *dx, *dy)
            }
            InputEvent::Key(key) => keyboard.handle_key(server, own, key, &self.interrupted),
            InputEvent::Text(text) if text.len() > MAX_TEXT_BYTES => Ok(InputOutcome::Refused(InputRefusal::Unsupported)),
            InputEvent::Text(text) => keyboard.type_text(server, own, text, &self.interrupted),
            InputEvent::Beat | InputEvent::Mark(_) => Ok(InputOutcome::Done),
            InputEvent::ReleaseAll => self.let_go().map(|()| InputOutcome::Done),
        }
    }

    fn drain(&mut self) -> Result<(), XError> {
        while let Some(event) = self.server.conn.poll_for_event()? {
            if let Event::Error(error) = &event {
                tracing::debug!(kind = ?error.error_kind, request = error.request_name, "the X server complains");
            }
            self.keyboard.handle_event(&event);
            self.pointer.handle_event(&event);
        }
        Ok(())
    }

    fn let_go(&mut self) -> Result<(), XError> {
        self.keyboard.release_all(&self.server)?;
        self.pointer.release_all(&self.server)
    }
}

impl InputSink for X11Input {
    fn handle_input(&mut self, event: &InputEvent) -> Result<InputOutcome, InputError> {
        if self.interrupted.load(Ordering::Relaxed) && !event.is_release() {
            return Ok(InputOutcome::Refused(InputRefusal::Interrupted));
        }
        let outcome = match self.act(event) {
            Err(XError::Refused(reason)) => {
                tracing::debug!(reason, "the X server refused an input event");
                InputOutcome::Refused(InputRefusal::Unsupported)
            }
            other => other?,
        };
        self.server.conn.flush().map_err(XError::from)?;
        Ok(outcome)
    }

    fn release_all(&mut self) -> Result<(), InputError> {
        self.interrupted.store(false, Ordering::Relaxed);
        self.let_go()?;
        self.server.conn.flush().map_err(XError::from)?;
        Ok(())
    }

    fn set_layout(&mut self, layout: &DesktopLayout) {
        self.layout = layout.clone();
    }

    fn is_holding(&self) -> bool {
        self.keyboard.is_holding() || self.pointer.is_holding()
    }

    fn interrupter(&self) -> Arc<dyn Fn() + Send + Sync> {
        let interrupted = Arc::clone(&self.interrupted);
        Arc::new(move || interrupted.store(true, Ordering::Relaxed))
    }

    fn resume(&mut self) {
        self.interrupted.store(false, Ordering::Relaxed);
    }
}

impl Drop for X11Input {
    fn drop(&mut self) {
        // A server that is gone holds nothing. One that is there must have read all of this before
        // the connection closes: closing it with answers unread would throw away what it has not.
        let _ = self
            .pointer
            .release_all(&self.server)
            .and_then(|()| self.keyboard.close(&self.server));
        let _ = self.server.conn.sync();
    }
}
