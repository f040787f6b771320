//! Keys and text by XTEST. A key that types something on the technician's layout types exactly that
//! here, once per press: the host's own repeat is off for injected keys, so that a stalled link
//! never floods. Everything else is pressed and held: shortcuts by what the key means, the rest by
//! where it lies.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xkb::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;
use xkeysym::key as k;

use farhand_protocol::input::{KeyEvent, KeyLayout, Press};

use super::connection::{Server, XError};
use super::key_names;
use super::keymap::{KeyState, Keymap, Stroke, is_keymap_change, mods, x_keycode};
use super::own_window::OwnWindows;
use super::spare_keys::SpareKeys;
use super::xtest_devices::{self, Repeat};
use crate::platform::keys::{ChordHeld, is_modifier, is_stop_key};
use crate::platform::{InputOutcome, InputRefusal};

/// Characters typed between two looks at who has the focus and what is locked.
const LOOK_EVERY: usize = 16;

/// A key of the technician's keyboard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum KeyId {
    Usage(u16),
    Name(String),
}

/// What a press comes down to on this host.
#[derive(Debug, PartialEq, Eq)]
enum Plan<'a> {
    Type(&'a str),
    Press(u8),
    Nothing,
    Unsupported,
}

/// The injected keyboard.
#[derive(Debug)]
pub(super) struct Keyboard {
    keymap: Keymap,
    keymap_changed: bool,
    held: BTreeMap<KeyId, u8>,
    spare: SpareKeys,
}

impl Keyboard {
    pub(super) fn new(server: &Server) -> Result<Self, XError> {
        Keymap::select_changes(server)?;
        // Frees what a crashed predecessor left bound, so it comes before the key map is read.
        let spare = SpareKeys::new(server)?;
        if spare.is_alone(server)? {
            xtest_devices::release_everything(server)?;
        }
        xtest_devices::set_repeat(server, Repeat::Off)?;
        Ok(Self {
            keymap: Keymap::load(server)?,
            keymap_changed: false,
            held: BTreeMap::new(),
            spare,
        })
    }

    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    pub(super) fn handle_event(&mut self, event: &Event) {
        self.keymap_changed |= is_keymap_change(event);
    }

    pub(super) fn handle_key(
        &mut self,
        server: &Server,
        own: &OwnWindows,
        key: &KeyEvent,
        stop: &AtomicBool,
    ) -> Result<InputOutcome, XError> {
        let Some(key_id) = key_id(key) else {
            return match (key.press, &key.text) {
                (Press::Down, Some(text)) => self.type_text(server, own, text, stop),
                _ => Ok(InputOutcome::Refused(InputRefusal::Unsupported)),
            };
        };
        if key.press == Press::Up {
            return self.release(server, &key_id).map(|()| InputOutcome::Done);
        }
        let state = self.look(server)?;
        let chord = chord_of(&state);
        if is_stop_key(key, chord) {
            return Ok(InputOutcome::Refused(InputRefusal::StopKey));
        }
        match self.plan(key, &state) {
            Plan::Type(text) => self.type_text(server, own, text, stop),
            Plan::Press(keycode) if self.stops(keycode, chord) => Ok(InputOutcome::Refused(InputRefusal::StopKey)),
            // Alone a modifier does nothing, so there is nothing to refuse; it is not pressed all the same.
            Plan::Press(_) if own.has_focus(server)? && is_modifier(key.usage) => Ok(InputOutcome::Done),
            Plan::Press(_) if own.has_focus(server)? => Ok(InputOutcome::Refused(InputRefusal::OwnWindow)),
            Plan::Press(keycode) => self.press(server, key_id, keycode).map(|()| InputOutcome::Done),
            Plan::Nothing => Ok(InputOutcome::Done),
            Plan::Unsupported => Ok(InputOutcome::Refused(InputRefusal::Unsupported)),
        }
    }

    /// Types text whatever the layout, character by character, in order with everything else.
    pub(super) fn type_text(&mut self, server: &Server, own: &OwnWindows, text: &str, stop: &AtomicBool) -> Result<InputOutcome, XError> {
        let characters: Vec<char> = text.replace("\r\n", "\n").chars().collect();
        let mut outcome = InputOutcome::Done;
        for (index, part) in characters.chunks(LOOK_EVERY).enumerate() {
            if own.has_focus(server)? {
                return Ok(InputOutcome::Refused(InputRefusal::OwnWindow));
            }
            let rest = &characters[index * LOOK_EVERY..];
            outcome = match self.type_part(server, part, rest, stop)? {
                InputOutcome::Done => outcome,
                refused @ InputOutcome::Refused(InputRefusal::Interrupted) => return Ok(refused),
                refused => refused,
            };
        }
        Ok(outcome)
    }

    /// Lets go of everything.
    pub(super) fn release_all(&mut self, server: &Server) -> Result<(), XError> {
        let mut keycodes: Vec<u8> = std::mem::take(&mut self.held).into_values().collect();
        keycodes.dedup();
        keycodes
            .into_iter()
            .try_for_each(|keycode| fake_key(server, KEY_RELEASE_EVENT, keycode))
    }

    /// Lets go of everything, gives borrowed keys back, and leaves injected keys to repeat as ever.
    pub(super) fn close(&mut self, server: &Server) -> Result<(), XError> {
        self.release_all(server)?;
        self.spare.return_all(server)?;
        if self.spare.is_alone(server)? {
            xtest_devices::set_repeat(server, Repeat::On)?;
        }
        Ok(())
    }

    fn plan<'a>(&self, key: &'a KeyEvent, state: &KeyState) -> Plan<'a> {
        let position = x_keycode(key.usage);
        let by_position = position.map_or(Plan::Unsupported, Plan::Press);
        let Some(logical) = key.logical.as_deref() else {
            let typed = key.text.as_deref().filter(|_| key.layout == KeyLayout::Here || position.is_none());
            return typed.map_or(by_position, Plan::Type);
        };
        if key.layout == KeyLayout::There && position.is_some() {
            return by_position;
        }
        if let Some(text) = self.text_of(key, state) {
            return Plan::Type(text);
        }
        if key.layout == KeyLayout::Here && key_names::is_local_only(logical) {
            return Plan::Nothing;
        }
        let meant = key_names::keysyms(logical);
        let mut characters = logical.chars();
        match (meant, characters.next(), characters.next()) {
            ([], Some(character), None) => self.keymap.find_shortcut(character, state.group).map_or(by_position, Plan::Press),
            ([], ..) => by_position,
            _ if position
                .and_then(|p| self.keymap.sym_now(p, state))
                .is_some_and(|sym| meant.contains(&sym)) =>
            {
                by_position
            }
            _ => self.keymap.find_keysym(meant, state.group).map_or(by_position, Plan::Press),
        }
    }

    /// What the press types. Letters and digits under Control, Alt or Super are commands whatever
    /// the technician's system calls them; other text is AltGr's doing there, and is typed.
    fn text_of<'a>(&self, key: &'a KeyEvent, state: &KeyState) -> Option<&'a str> {
        let text = key.text.as_deref().filter(|t| !t.is_empty() && !t.chars().any(char::is_control))?;
        let is_commanded = state.base & (mods::CONTROL | mods::MOD1 | self.super_mod()) != 0;
        (!is_commanded || !text.chars().all(|c| c.is_ascii_alphanumeric())).then_some(text)
    }

    fn super_mod(&self) -> u8 {
        let is_super = |code: &u8| self.keymap.syms(*code).any(|sym| sym == k::Super_L);
        self.keymap.keycodes().find(is_super).map_or(0, |code| self.keymap.modifiers(code)) & !(mods::SHIFT | mods::LOCK)
    }

    /// True when this key code stops control on this host, whatever the technician calls it.
    fn stops(&self, keycode: u8, chord: ChordHeld) -> bool {
        self.keymap
            .syms(keycode)
            .any(|sym| matches!(sym, k::Pause | k::Break) || (chord.is_complete() && matches!(sym, k::x | k::X)))
    }

    fn press(&mut self, server: &Server, key_id: KeyId, keycode: u8) -> Result<(), XError> {
        if let Some(&old) = self.held.get(&key_id) {
            if self.keymap.modifiers(old) != 0 || matches!(key_id, KeyId::Usage(usage) if is_modifier(usage)) {
                return Ok(());
            }
            self.release(server, &key_id)?;
        }
        fake_key(server, KEY_PRESS_EVENT, keycode)?;
        self.held.insert(key_id, keycode);
        Ok(())
    }

    fn release(&mut self, server: &Server, key_id: &KeyId) -> Result<(), XError> {
        match self.held.remove(key_id) {
            Some(keycode) if !self.held.values().any(|other| *other == keycode) => fake_key(server, KEY_RELEASE_EVENT, keycode),
            _ => Ok(()),
        }
    }

    /// The state of the keyboard as it is now, with the key map it belongs to.
    fn look(&mut self, server: &Server) -> Result<KeyState, XError> {
        let reply = server.conn.xkb_get_state(xkb::ID::USE_CORE_KBD.into())?.reply()?;
        // The reply came after every event that was sent before it, so none is missed.
        while let Some(event) = server.conn.poll_for_event()? {
            self.handle_event(&event);
        }
        if std::mem::take(&mut self.keymap_changed) {
            self.reload(server)?;
        }
        let bits = |mask| u16::from(mask) as u8;
        Ok(KeyState {
            group: reply.group.into(),
            base: bits(reply.base_mods),
            locked: bits(reply.locked_mods) | bits(reply.latched_mods),
        })
    }

    fn reload(&mut self, server: &Server) -> Result<(), XError> {
        self.keymap = Keymap::load(server)?;
        self.spare.handle_new_keymap(&self.keymap);
        Ok(())
    }

    fn type_part(&mut self, server: &Server, part: &[char], rest: &[char], stop: &AtomicBool) -> Result<InputOutcome, XError> {
        let state = self.look(server)?;
        let mut hands = ModifierHands {
            state,
            pressed: Vec::new(),
            released: Vec::new(),
            lifted: None,
        };
        let mut outcome = InputOutcome::Done;
        for (index, character) in part.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                outcome = InputOutcome::Refused(InputRefusal::Interrupted);
                break;
            }
            let mut stroke = self.stroke_for(server, *character, &rest[index..], &hands.state, stop)?;
            if stroke.is_none() && hands.lift_caps_lock(server, &self.keymap)? {
                stroke = self.stroke_for(server, *character, &rest[index..], &hands.state, stop)?;
            }
            match stroke {
                Some(stroke) => self.tap(server, stroke, &mut hands)?,
                None => outcome = InputOutcome::Refused(InputRefusal::Unsupported),
            }
        }
        hands.restore(server)?;
        Ok(outcome)
    }

    fn stroke_for(
        &mut self,
        server: &Server,
        character: char,
        rest: &[char],
        state: &KeyState,
        stop: &AtomicBool,
    ) -> Result<Option<Stroke>, XError> {
        if let Some(keysym) = control_keysym(character) {
            let keycode = self.keymap.find_keysym(&[keysym], state.group);
            return Ok(keycode.map(|keycode| Stroke {
                keycode,
                hold: 0,
                care: !mods::LOCK,
            }));
        }
        if character.is_control() {
            return Ok(None);
        }
        if let Some(stroke) = self.keymap.find_stroke(character, state) {
            return Ok(Some(stroke));
        }
        if !self.lend_keys(server, rest, state, stop)? {
            return Ok(None);
        }
        Ok(self.keymap.find_stroke(character, state))
    }

    /// Lends spare keys to the next characters that need one, in one go: each change of the key map
    /// makes every program read it again.
    fn lend_keys(&mut self, server: &Server, rest: &[char], state: &KeyState, stop: &AtomicBool) -> Result<bool, XError> {
        let mut wanted: Vec<char> = Vec::new();
        for character in rest {
            if !wanted.contains(character) && !character.is_control() && self.keymap.find_stroke(*character, state).is_none() {
                wanted.push(*character);
            }
        }
        let is_full = !self.keymap.keycodes().any(|code| self.keymap.is_free(code));
        if is_full && !self.spare.reclaim(server, stop)? {
            return Ok(false);
        }
        // Another sink may look for spare keys at the same time.
        server.conn.grab_server()?;
        let lent = self.reload(server).and_then(|()| self.spare.lend(server, &self.keymap, &wanted));
        server.conn.ungrab_server()?;
        lent?;
        self.reload(server)?;
        Ok(true)
    }

    fn tap(&mut self, server: &Server, stroke: Stroke, hands: &mut ModifierHands) -> Result<(), XError> {
        hands.shape(server, &self.keymap, &self.held, stroke)?;
        if self.held.values().any(|held| *held == stroke.keycode) {
            self.held.retain(|_, held| *held != stroke.keycode);
            fake_key(server, KEY_RELEASE_EVENT, stroke.keycode)?;
        }
        tap_key(server, stroke.keycode)?;
        self.spare.mark_used(stroke.keycode);
        Ok(())
    }
}

/// Modifiers pressed and let go for a while so that a stroke types what it should.
struct ModifierHands {
    state: KeyState,
    pressed: Vec<u8>,
    released: Vec<u8>,
    /// The key that locks capitals, when it was pressed to unlock them.
    lifted: Option<u8>,
}

impl ModifierHands {
    fn shape(&mut self, server: &Server, keymap: &Keymap, held: &BTreeMap<KeyId, u8>, stroke: Stroke) -> Result<(), XError> {
        let excess = self.state.base & stroke.care & !stroke.hold;
        let lacking = stroke.hold & !self.state.base;
        let (release, keep) = self.pressed.iter().partition(|code| keymap.modifiers(**code) & excess != 0);
        self.pressed = keep;
        for keycode in release {
            let keycode: u8 = keycode;
            fake_key(server, KEY_RELEASE_EVENT, keycode)?;
        }
        let held_excess = held.values().copied().filter(|code| keymap.modifiers(*code) & excess != 0);
        for keycode in held_excess {
            if !self.released.contains(&keycode) {
                fake_key(server, KEY_RELEASE_EVENT, keycode)?;
                self.released.push(keycode);
            }
        }
        for bit in (0..8).map(|bit| 1u8 << bit).filter(|bit| lacking & bit != 0) {
            if let Some(keycode) = keymap.key_of_modifier(bit) {
                fake_key(server, KEY_PRESS_EVENT, keycode)?;
                // Where the technician holds this very key, it simply is down again.
                match self.released.iter().position(|code| *code == keycode) {
                    Some(index) => _ = self.released.swap_remove(index),
                    None => self.pressed.push(keycode),
                }
            }
        }
        self.state.base = (self.state.base & !stroke.care) | stroke.hold;
        Ok(())
    }

    /// Unlocks capitals for a while: programs capitalise letters of scripts that the server cannot
    /// tell the cases of. False when nothing was locked.
    fn lift_caps_lock(&mut self, server: &Server, keymap: &Keymap) -> Result<bool, XError> {
        if self.state.locked & mods::LOCK == 0 || self.lifted.is_some() {
            return Ok(false);
        }
        let Some(keycode) = keymap.find_keysym(&[k::Caps_Lock], self.state.group) else {
            return Ok(false);
        };
        tap_key(server, keycode)?;
        self.state.locked &= !mods::LOCK;
        self.lifted = Some(keycode);
        Ok(true)
    }

    fn restore(self, server: &Server) -> Result<(), XError> {
        for keycode in self.pressed {
            fake_key(server, KEY_RELEASE_EVENT, keycode)?;
        }
        if let Some(keycode) = self.lifted {
            tap_key(server, keycode)?;
        }
        for keycode in self.released {
            fake_key(server, KEY_PRESS_EVENT, keycode)?;
        }
        Ok(())
    }
}

fn key_id(key: &KeyEvent) -> Option<KeyId> {
    match (key.usage, &key.logical) {
        (0, None) => None,
        (0, Some(name)) => Some(KeyId::Name(name.to_lowercase())),
        (usage, _) => Some(KeyId::Usage(usage)),
    }
}

fn chord_of(state: &KeyState) -> ChordHeld {
    let held = state.base | state.locked;
    ChordHeld {
        control: held & mods::CONTROL != 0,
        alt: held & mods::MOD1 != 0,
        shift: held & mods::SHIFT != 0,
    }
}

/// The key behind a control character that text may contain.
fn control_keysym(character: char) -> Option<u32> {
    Some(match character {
        '\r' | '\n' => k::Return,
        '\t' => k::Tab,
        '\u{8}' => k::BackSpace,
        '\u{1b}' => k::Escape,
        '\u{7f}' => k::Delete,
        _ => return None,
    })
}

fn tap_key(server: &Server, keycode: u8) -> Result<(), XError> {
    fake_key(server, KEY_PRESS_EVENT, keycode)?;
    fake_key(server, KEY_RELEASE_EVENT, keycode)
}

fn fake_key(server: &Server, type_: u8, keycode: u8) -> Result<(), XError> {
    server
        .conn
        .xtest_fake_input(type_, keycode, x11rb::CURRENT_TIME, server.root, 0, 0, 0)?;
    Ok(())
}
