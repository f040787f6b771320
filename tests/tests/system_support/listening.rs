//! A bare window on the customer's screen that hears what the pointer does to it, so that what arrives can be told event by event.

use farhand_tests::harness::{Desk, wait};
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, EventMask, WindowClass};
use x11rb::rust_connection::RustConnection;

use super::SOON;

/// What a window hears of the pointer, in its own coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// A button went down.
    Down(u8, i16, i16),
    /// A button came up.
    Up(u8, i16, i16),
    /// The pointer moved.
    At(i16, i16),
}

/// A window that covers a part of the screen, above all others, and hears the pointer.
pub struct Window {
    connection: RustConnection,
}

impl Window {
    /// Opens it at a place and waits until it is seen.
    pub fn open(desk: &Desk, x: i16, y: i16, width: u16, height: u16) -> Self {
        let (connection, screen) = desk.display().connect().expect("the display");
        let root = connection.setup().roots[screen].root;
        let id = connection.generate_id().expect("an id");
        let wanted = EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::POINTER_MOTION | EventMask::EXPOSURE;
        let values = CreateWindowAux::new()
            .event_mask(wanted)
            .override_redirect(1)
            .background_pixel(0x0033_6699);
        connection
            .create_window(
                COPY_DEPTH_FROM_PARENT,
                id,
                root,
                x,
                y,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &values,
            )
            .expect("a window");
        connection.map_window(id).expect("a request");
        connection.flush().expect("sent");
        loop {
            if let Event::Expose(_) = connection.wait_for_event().expect("an event") {
                return Self { connection };
            }
        }
    }

    /// What it has heard since it was asked last.
    pub fn heard(&self) -> anyhow::Result<Vec<Heard>> {
        let mut heard = Vec::new();
        while let Some(event) = self.connection.poll_for_event()? {
            heard.extend(match event {
                Event::ButtonPress(e) => Some(Heard::Down(e.detail, e.event_x, e.event_y)),
                Event::ButtonRelease(e) => Some(Heard::Up(e.detail, e.event_x, e.event_y)),
                Event::MotionNotify(e) => Some(Heard::At(e.event_x, e.event_y)),
                _ => None,
            });
        }
        Ok(heard)
    }

    /// Listens until what was heard is enough, and gives it all.
    pub fn listen(&self, what: &str, is_enough: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
        let mut heard = Vec::new();
        let waited = wait::until(what, SOON, || {
            heard.extend(self.heard()?);
            Ok(is_enough(&heard).then_some(()))
        });
        waited.unwrap_or_else(|error| panic!("{error:#}, but {heard:?}"));
        heard
    }

    /// Waits until `last` was heard, and gives everything up to it.
    pub fn until(&self, last: Heard) -> Vec<Heard> {
        self.listen(&format!("{last:?}"), |heard| heard.last() == Some(&last))
    }
}
