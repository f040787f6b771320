//! The pointer by XTEST: motion, buttons and the wheel. The order of events is the order of the
//! technician's hands, so a drag is a press, motions and a release, as it was.

use std::collections::BTreeSet;

use x11rb::protocol::Event;
use x11rb::protocol::xproto::{BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, MOTION_NOTIFY_EVENT, Mapping};
use x11rb::protocol::xtest::ConnectionExt as _;

use farhand_protocol::geometry::{Point, Rect};
use farhand_protocol::input::{Button, Press, WHEEL_DETENT};

use super::connection::{Server, XError};
use super::own_window::OwnWindows;
use crate::platform::{InputOutcome, InputRefusal};

/// Most detents that one event turns.
const MAX_DETENTS: i32 = 64;
const WHEEL_UP: u8 = 4;
const WHEEL_DOWN: u8 = 5;
const WHEEL_LEFT: u8 = 6;
const WHEEL_RIGHT: u8 = 7;

/// The injected pointer.
#[derive(Debug)]
pub(super) struct Pointer {
    held: BTreeSet<u8>,
    /// What each physical button means, as the person has set it.
    mapping: Vec<u8>,
    mapping_changed: bool,
    wheel_x: Detents,
    wheel_y: Detents,
}

impl Pointer {
    pub(super) fn new(server: &Server) -> Result<Self, XError> {
        let mapping = server.conn.get_pointer_mapping()?.reply()?.map;
        Ok(Self {
            held: BTreeSet::new(),
            mapping,
            mapping_changed: false,
            wheel_x: Detents::default(),
            wheel_y: Detents::default(),
        })
    }

    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    pub(super) fn handle_event(&mut self, event: &Event) {
        if matches!(event, Event::MappingNotify(notify) if notify.request == Mapping::POINTER) {
            self.mapping_changed = true;
        }
    }

    pub(super) fn move_to(&self, server: &Server, pos: Point, bounds: &Rect) -> Result<(), XError> {
        let x = pos.x.clamp(bounds.x, bounds.right() - 1);
        let y = pos.y.clamp(bounds.y, bounds.bottom() - 1);
        server
            .conn
            .xtest_fake_input(MOTION_NOTIFY_EVENT, 0, x11rb::CURRENT_TIME, server.root, x as i16, y as i16, 0)?;
        Ok(())
    }

    /// Presses or releases a button where the pointer is.
    pub(super) fn handle_button(
        &mut self,
        server: &Server,
        own: &OwnWindows,
        button: Button,
        press: Press,
    ) -> Result<InputOutcome, XError> {
        self.refresh_mapping(server)?;
        let number = self.physical(x_button(button));
        match press {
            Press::Up => {
                if self.held.remove(&number) {
                    fake_button(server, BUTTON_RELEASE_EVENT, number)?;
                }
                Ok(InputOutcome::Done)
            }
            Press::Down if self.held.contains(&number) => Ok(InputOutcome::Done),
            Press::Down => self.guarded(server, own, |pointer| {
                fake_button(server, BUTTON_PRESS_EVENT, number)?;
                pointer.held.insert(number);
                Ok(())
            }),
        }
    }

    /// Turns the wheel where the pointer is, by whole detents; what is left of one is kept.
    pub(super) fn handle_wheel(&mut self, server: &Server, own: &OwnWindows, dx: i32, dy: i32) -> Result<InputOutcome, XError> {
        self.refresh_mapping(server)?;
        let (right, up) = (self.wheel_x.add(dx), self.wheel_y.add(dy));
        if right == 0 && up == 0 {
            return Ok(InputOutcome::Done);
        }
        self.guarded(server, own, |pointer| {
            pointer.turn(server, up, WHEEL_UP, WHEEL_DOWN)?;
            pointer.turn(server, right, WHEEL_RIGHT, WHEEL_LEFT)
        })
    }

    pub(super) fn release_all(&mut self, server: &Server) -> Result<(), XError> {
        (self.wheel_x, self.wheel_y) = (Detents::default(), Detents::default());
        std::mem::take(&mut self.held)
            .into_iter()
            .try_for_each(|number| fake_button(server, BUTTON_RELEASE_EVENT, number))
    }

    fn turn(&self, server: &Server, detents: i32, positive: u8, negative: u8) -> Result<(), XError> {
        let number = self.physical(if detents > 0 { positive } else { negative });
        for _ in 0..detents.unsigned_abs() {
            fake_button(server, BUTTON_PRESS_EVENT, number)?;
            fake_button(server, BUTTON_RELEASE_EVENT, number)?;
        }
        Ok(())
    }

    /// Looks and acts while nobody else can put a window under the pointer. A button held down keeps
    /// the pointer to the window where it was pressed, so that window is the one to judge by then.
    fn guarded(
        &mut self,
        server: &Server,
        own: &OwnWindows,
        act: impl FnOnce(&mut Self) -> Result<(), XError>,
    ) -> Result<InputOutcome, XError> {
        server.conn.grab_server()?;
        let outcome = match own.is_under_pointer(server) {
            Ok(true) => Ok(InputOutcome::Refused(InputRefusal::OwnWindow)),
            Ok(false) => act(self).map(|()| InputOutcome::Done),
            Err(e) => Err(e),
        };
        server.conn.ungrab_server()?;
        outcome
    }

    fn refresh_mapping(&mut self, server: &Server) -> Result<(), XError> {
        if std::mem::take(&mut self.mapping_changed) {
            self.mapping = server.conn.get_pointer_mapping()?.reply()?.map;
        }
        Ok(())
    }

    /// The physical button that means this one: a left-handed person has swapped them.
    fn physical(&self, logical: u8) -> u8 {
        self.mapping
            .iter()
            .position(|meaning| *meaning == logical)
            .map_or(logical, |index| index as u8 + 1)
    }
}

/// Turns of a wheel too small to be told, kept until they make a detent.
#[derive(Debug, Clone, Copy, Default)]
struct Detents {
    rest: i32,
}

impl Detents {
    fn add(&mut self, delta: i32) -> i32 {
        if delta.signum() * self.rest.signum() < 0 {
            self.rest = 0;
        }
        let sum = self.rest.saturating_add(delta);
        self.rest = sum % WHEEL_DETENT;
        (sum / WHEEL_DETENT).clamp(-MAX_DETENTS, MAX_DETENTS)
    }
}

fn x_button(button: Button) -> u8 {
    match button {
        Button::Left => 1,
        Button::Middle => 2,
        Button::Right => 3,
        Button::Back => 8,
        Button::Forward => 9,
    }
}

fn fake_button(server: &Server, type_: u8, number: u8) -> Result<(), XError> {
    server
        .conn
        .xtest_fake_input(type_, number, x11rb::CURRENT_TIME, server.root, 0, 0, 0)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_turns_add_up_to_a_detent() {
        let mut wheel = Detents::default();
        assert_eq!([wheel.add(50), wheel.add(50), wheel.add(50)], [0, 0, 1]);
        assert_eq!(wheel.rest, 30);
    }

    #[test]
    fn turning_back_forgets_what_was_left() {
        let mut wheel = Detents::default();
        wheel.add(119);
        assert_eq!(wheel.add(-60), 0);
        assert_eq!(wheel.add(-60), -1);
    }

    #[test]
    fn one_event_never_turns_for_ever() {
        let mut wheel = Detents::default();
        assert_eq!(wheel.add(i32::MAX), MAX_DETENTS);
        assert_eq!(wheel.add(i32::MIN), -MAX_DETENTS);
    }
}
