//! `InputSink` by `enigo`, for Windows and macOS: text as Unicode, so that it arrives whatever the
//! layout; buttons, wheel and keys by name. What the two systems do not share, positions of keys and whose
//! window is whose, is behind [`Desk`].

mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use enigo::{Axis, Direction, Enigo, Key, Keyboard, Mouse, NewConError, Settings};
use farhand_protocol::geometry::{DesktopLayout, Point};
use farhand_protocol::input::{Button, InputEvent, KeyEvent, KeyLayout, MAX_TEXT_BYTES, Press};

use self::words::{Typed, detents, enigo_button, is_local_only, named, typed_parts};
use super::keys::{ChordHeld, is_modifier, is_stop_key};
use super::{InputError, InputOutcome, InputRefusal, InputSink};

/// What the hands must know of one system and `enigo` does not do for them.
pub(super) trait Desk: Send {
    /// Moves the pointer, anywhere on the desktop; false when the system refused.
    fn move_pointer(&self, enigo: &mut Enigo, pos: Point) -> bool;
    /// True when the window at this point belongs to this process.
    fn owns_window_at(&self, pos: Point) -> bool;
    /// True when keys go to this process.
    fn has_focus(&self) -> bool;
    /// The system's code for the key at the position of this USB HID usage.
    fn key_code(&self, usage: u16) -> Option<u16>;
    /// Presses or releases the key of this code; false when the system refused.
    fn send_key_code(&self, enigo: &mut Enigo, code: u16, press: Press) -> bool;
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum KeyId {
    Usage(u16),
    Name(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeldKey {
    Code(u16),
    Named(Key),
}

/// Hands on the desktop of this process.
pub(super) struct EnigoHands<D: Desk> {
    desk: D,
    enigo: Enigo,
    layout: DesktopLayout,
    keys: BTreeMap<KeyId, HeldKey>,
    buttons: Vec<Button>,
    wheel: (i32, i32),
    interrupted: Arc<AtomicBool>,
}

impl<D: Desk> EnigoHands<D> {
    /// Opens them; on macOS this asks the person for the permission if it is missing.
    pub(super) fn open(desk: D, layout: DesktopLayout) -> Result<Self, InputError> {
        let settings = Settings {
            release_keys_when_dropped: true,
            ..Settings::default()
        };
        let enigo = Enigo::new(&settings).map_err(|error| match error {
            NewConError::NoPermission => InputError::Denied(error.to_string()),
            other => InputError::NoDisplay(other.to_string()),
        })?;
        let interrupted = Arc::default();
        Ok(Self {
            desk,
            enigo,
            layout,
            keys: BTreeMap::new(),
            buttons: Vec::new(),
            wheel: (0, 0),
            interrupted,
        })
    }

    fn act(&mut self, event: &InputEvent) -> Result<InputOutcome, InputError> {
        let is_stale = event.epoch().is_some_and(|epoch| epoch != self.layout.epoch);
        match event {
            InputEvent::PointerButton {
                button, press: Press::Up, ..
            } if is_stale => self.release_button(*button),
            _ if is_stale => Ok(InputOutcome::Refused(InputRefusal::StaleEpoch)),
            InputEvent::PointerMove { pos, .. } => self.move_to(*pos).map(|_| InputOutcome::Done),
            InputEvent::PointerButton { pos, button, press, .. } => {
                let pos = self.move_to(*pos)?;
                match press {
                    Press::Up => self.release_button(*button),
                    Press::Down => self.press_button(*button, pos),
                }
            }
            InputEvent::Wheel { pos, dx, dy, .. } => {
                let pos = self.move_to(*pos)?;
                self.turn(*dx, *dy, pos)
            }
            InputEvent::Key(key) => self.handle_key(key),
            InputEvent::Text(text) if text.len() > MAX_TEXT_BYTES => Ok(InputOutcome::Refused(InputRefusal::Unsupported)),
            InputEvent::Text(text) => self.type_text(text),
            InputEvent::Beat | InputEvent::Mark(_) => Ok(InputOutcome::Done),
            InputEvent::ReleaseAll => self.let_go().map(|()| InputOutcome::Done),
        }
    }

    fn move_to(&mut self, pos: Point) -> Result<Point, InputError> {
        let bounds = self.layout.bounds();
        let pos = Point {
            x: pos.x.clamp(bounds.x, bounds.right() - 1),
            y: pos.y.clamp(bounds.y, bounds.bottom() - 1),
        };
        if self.desk.move_pointer(&mut self.enigo, pos) {
            Ok(pos)
        } else {
            Err(InputError::Denied("the pointer was not moved".to_owned()))
        }
    }

    fn press_button(&mut self, button: Button, pos: Point) -> Result<InputOutcome, InputError> {
        if self.desk.owns_window_at(pos) {
            return Ok(InputOutcome::Refused(InputRefusal::OwnWindow));
        }
        if !self.buttons.contains(&button) {
            self.enigo.button(enigo_button(button), Direction::Press).map_err(denied)?;
            self.buttons.push(button);
        }
        Ok(InputOutcome::Done)
    }

    fn release_button(&mut self, button: Button) -> Result<InputOutcome, InputError> {
        if let Some(index) = self.buttons.iter().position(|held| *held == button) {
            self.buttons.swap_remove(index);
            self.enigo.button(enigo_button(button), Direction::Release).map_err(denied)?;
        }
        Ok(InputOutcome::Done)
    }

    fn turn(&mut self, dx: i32, dy: i32, pos: Point) -> Result<InputOutcome, InputError> {
        let right = detents(&mut self.wheel.0, dx);
        let up = detents(&mut self.wheel.1, dy);
        if (right, up) == (0, 0) {
            return Ok(InputOutcome::Done);
        }
        if self.desk.owns_window_at(pos) {
            return Ok(InputOutcome::Refused(InputRefusal::OwnWindow));
        }
        if up != 0 {
            // enigo counts towards the person.
            self.enigo.scroll(-up, Axis::Vertical).map_err(denied)?;
        }
        if right != 0 {
            self.enigo.scroll(right, Axis::Horizontal).map_err(denied)?;
        }
        Ok(InputOutcome::Done)
    }

    fn handle_key(&mut self, key: &KeyEvent) -> Result<InputOutcome, InputError> {
        let key_id = match (key.usage, &key.logical) {
            (0, None) => return Ok(InputOutcome::Refused(InputRefusal::Unsupported)),
            (0, Some(name)) => KeyId::Name(name.to_lowercase()),
            (usage, _) => KeyId::Usage(usage),
        };
        if key.press == Press::Up {
            return self.release_key(&key_id).map(|()| InputOutcome::Done);
        }
        if is_stop_key(key, self.chord()) {
            return Ok(InputOutcome::Refused(InputRefusal::StopKey));
        }
        if self.desk.has_focus() {
            return Ok(InputOutcome::Refused(InputRefusal::OwnWindow));
        }
        if let Some(text) = self.text_of(key) {
            return self.type_text(text);
        }
        match self.meaning(key) {
            Some(held) => self.press_key(key_id, held).map(|()| InputOutcome::Done),
            None if key.layout == KeyLayout::Here && key.logical.as_deref().is_some_and(is_local_only) => Ok(InputOutcome::Done),
            None => Ok(InputOutcome::Refused(InputRefusal::Unsupported)),
        }
    }

    fn text_of<'a>(&self, key: &'a KeyEvent) -> Option<&'a str> {
        if key.layout == KeyLayout::There && self.desk.key_code(key.usage).is_some() {
            return None;
        }
        let text = key.text.as_deref().filter(|t| !t.is_empty() && !t.chars().any(char::is_control))?;
        let chord = self.chord();
        let is_commanded = chord.control || chord.alt || self.is_held([0xe3, 0xe7]);
        (!is_commanded || !text.chars().all(|c| c.is_ascii_alphanumeric())).then_some(text)
    }

    /// A shortcut's character where the layout here decides, else the position, else the name.
    fn meaning(&self, key: &KeyEvent) -> Option<HeldKey> {
        let logical = key.logical.as_deref().unwrap_or_default();
        let position = self.desk.key_code(key.usage).map(HeldKey::Code);
        if key.layout == KeyLayout::Here && is_local_only(logical) {
            return None;
        }
        let mut characters = logical.chars();
        let character = characters.next().filter(|c| characters.next().is_none() && !c.is_whitespace());
        let by_character = character.map(|c| HeldKey::Named(Key::Unicode(c.to_lowercase().next().unwrap_or(c))));
        match key.layout {
            KeyLayout::Here => by_character
                .filter(|_| character.is_some_and(|c| c.is_ascii()))
                .or(position)
                .or(named(logical).map(HeldKey::Named)),
            KeyLayout::There => position.or(named(logical).map(HeldKey::Named)).or(by_character),
        }
    }

    fn press_key(&mut self, key_id: KeyId, held: HeldKey) -> Result<(), InputError> {
        if self.keys.contains_key(&key_id) {
            if matches!(key_id, KeyId::Usage(usage) if is_modifier(usage)) {
                return Ok(());
            }
            self.release_key(&key_id)?;
        }
        self.send(held, Press::Down)?;
        self.keys.insert(key_id, held);
        Ok(())
    }

    fn release_key(&mut self, key_id: &KeyId) -> Result<(), InputError> {
        self.keys.remove(key_id).map_or(Ok(()), |held| self.send(held, Press::Up))
    }

    fn send(&mut self, held: HeldKey, press: Press) -> Result<(), InputError> {
        let direction = if press == Press::Down {
            Direction::Press
        } else {
            Direction::Release
        };
        match held {
            HeldKey::Code(code) if self.desk.send_key_code(&mut self.enigo, code, press) => Ok(()),
            HeldKey::Code(_) => Err(InputError::Denied("a key was not taken".to_owned())),
            HeldKey::Named(key) => self.enigo.key(key, direction).map_err(denied),
        }
    }

    fn type_text(&mut self, text: &str) -> Result<InputOutcome, InputError> {
        for part in typed_parts(text) {
            if self.interrupted.load(Ordering::Relaxed) {
                return Ok(InputOutcome::Refused(InputRefusal::Interrupted));
            }
            if self.desk.has_focus() {
                return Ok(InputOutcome::Refused(InputRefusal::OwnWindow));
            }
            match part {
                Typed::Text(text) => self.enigo.text(&text).map_err(denied)?,
                Typed::Key(key) => self.enigo.key(key, Direction::Click).map_err(denied)?,
            }
        }
        Ok(InputOutcome::Done)
    }

    fn let_go(&mut self) -> Result<(), InputError> {
        self.wheel = (0, 0);
        let keys = std::mem::take(&mut self.keys);
        let buttons = std::mem::take(&mut self.buttons);
        let mut first_error = Ok(());
        for held in keys.into_values() {
            first_error = first_error.and(self.send(held, Press::Up));
        }
        for button in buttons {
            first_error = first_error.and(self.enigo.button(enigo_button(button), Direction::Release).map_err(denied));
        }
        first_error
    }

    fn chord(&self) -> ChordHeld {
        ChordHeld {
            control: self.is_held([0xe0, 0xe4]),
            shift: self.is_held([0xe1, 0xe5]),
            alt: self.is_held([0xe2, 0xe6]),
        }
    }

    fn is_held(&self, usages: [u16; 2]) -> bool {
        usages.iter().any(|usage| self.keys.contains_key(&KeyId::Usage(*usage)))
    }
}

impl<D: Desk> InputSink for EnigoHands<D> {
    fn handle_input(&mut self, event: &InputEvent) -> Result<InputOutcome, InputError> {
        if self.interrupted.load(Ordering::Relaxed) && !event.is_release() {
            return Ok(InputOutcome::Refused(InputRefusal::Interrupted));
        }
        self.act(event)
    }

    fn release_all(&mut self) -> Result<(), InputError> {
        self.interrupted.store(false, Ordering::Relaxed);
        self.let_go()
    }

    fn set_layout(&mut self, layout: &DesktopLayout) {
        self.layout = layout.clone();
    }

    fn is_holding(&self) -> bool {
        !self.keys.is_empty() || !self.buttons.is_empty()
    }

    fn interrupter(&self) -> Arc<dyn Fn() + Send + Sync> {
        let interrupted = Arc::clone(&self.interrupted);
        Arc::new(move || interrupted.store(true, Ordering::Relaxed))
    }

    fn resume(&mut self) {
        self.interrupted.store(false, Ordering::Relaxed);
    }
}

impl<D: Desk> Drop for EnigoHands<D> {
    fn drop(&mut self) {
        if let Err(error) = self.let_go() {
            tracing::warn!(%error, "keys may still be held");
        }
    }
}

fn denied(error: enigo::InputError) -> InputError {
    InputError::Denied(error.to_string())
}
