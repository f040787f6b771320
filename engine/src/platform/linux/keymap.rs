//! What each key of the host means at the moment: keysyms by group and level, which modifiers reach
//! which level, and which keys are modifiers. Read from XKB, which says exactly what the core
//! protocol only hints at.

use std::collections::HashMap;

use x11rb::protocol::Event;
use x11rb::protocol::xkb::{self, ConnectionExt as _, EventType, MapPart};
use xkeysym::{Keysym, key as k};

use super::connection::{Server, XError};
use crate::platform::usb_hid;

/// Real modifier bits.
pub(super) mod mods {
    pub(in super::super) const SHIFT: u8 = 1;
    pub(in super::super) const LOCK: u8 = 2;
    pub(in super::super) const CONTROL: u8 = 4;
    pub(in super::super) const MOD1: u8 = 8;
}

/// The keyboard's state as far as it changes what keys mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KeyState {
    /// The group (layout) in effect.
    pub(super) group: u8,
    /// Modifiers held down.
    pub(super) base: u8,
    /// Modifiers locked or latched, which holding and releasing keys does not change.
    pub(super) locked: u8,
}

/// How to type a character: this key, with exactly these of the modifiers in `care` held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) keycode: u8,
    pub(super) hold: u8,
    /// Modifiers that must be as `hold` says; the others may be as they are.
    pub(super) care: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    keycode: u8,
    group: u8,
    level: u8,
}

#[derive(Debug, Clone, Default)]
struct KeyType {
    mask: u8,
    /// Modifiers of `mask` and the level they reach; anything else reaches the first.
    levels: Vec<(u8, u8)>,
}

#[derive(Debug, Clone, Default)]
struct Key {
    types: [u8; 4],
    group_info: u8,
    width: u8,
    syms: Vec<u32>,
}

/// The host's keyboard mapping.
#[derive(Debug, Clone, Default)]
pub(super) struct Keymap {
    first: u8,
    keys: Vec<Key>,
    types: Vec<KeyType>,
    modifiers: Vec<u8>,
    by_char: HashMap<char, Vec<Position>>,
}

/// The key code at this position, if Linux knows the position.
pub(super) fn x_keycode(usage: u16) -> Option<u8> {
    /// X key codes are evdev codes plus this.
    const X_OFFSET: u8 = 8;
    usb_hid::evdev(usage).and_then(|code| code.checked_add(X_OFFSET))
}

/// True when the event says that keys may mean something else now.
pub(super) fn is_keymap_change(event: &Event) -> bool {
    matches!(
        event,
        Event::MappingNotify(_) | Event::XkbMapNotify(_) | Event::XkbNewKeyboardNotify(_)
    )
}

impl Keymap {
    /// Asks the server to report what [`is_keymap_change`] recognises; comes before any other XKB request.
    pub(super) fn select_changes(server: &Server) -> Result<(), XError> {
        server.conn.xkb_use_extension(1, 0)?.reply()?;
        let (core, none) = (u16::from(xkb::ID::USE_CORE_KBD), EventType::from(0u16));
        let events = EventType::NEW_KEYBOARD_NOTIFY | EventType::MAP_NOTIFY;
        let parts = MapPart::KEY_TYPES | MapPart::KEY_SYMS | MapPart::MODIFIER_MAP;
        server
            .conn
            .xkb_select_events(core, none, events, parts, parts, &xkb::SelectEventsAux::new())?
            .check()?;
        Ok(())
    }

    /// Reads the core keyboard's mapping.
    pub(super) fn load(server: &Server) -> Result<Self, XError> {
        let core = u16::from(xkb::ID::USE_CORE_KBD);
        let parts = MapPart::KEY_TYPES | MapPart::KEY_SYMS | MapPart::MODIFIER_MAP;
        let none = MapPart::from(0u16);
        let cookie = server
            .conn
            .xkb_get_map(core, parts, none, 0, 0, 0, 0, 0, 0, 0, 0, 0u16.into(), 0, 0, 0, 0, 0, 0)?;
        let reply = cookie.reply()?;
        let mut map = Self {
            first: reply.first_key_sym,
            modifiers: vec![0; 256],
            ..Self::default()
        };
        map.types = reply.map.types_rtrn.unwrap_or_default().iter().map(KeyType::from_wire).collect();
        let keys = reply.map.syms_rtrn.unwrap_or_default();
        map.keys = keys
            .into_iter()
            .map(|s| Key {
                types: s.kt_index,
                group_info: s.group_info,
                width: s.width,
                syms: s.syms,
            })
            .collect();
        for entry in reply.map.modmap_rtrn.unwrap_or_default() {
            map.modifiers[usize::from(entry.keycode)] = u16::from(entry.mods) as u8;
        }
        map.index_characters();
        Ok(map)
    }

    fn index_characters(&mut self) {
        for (keycode, key) in (self.first..=u8::MAX).zip(&self.keys) {
            for (group, level, sym) in key.all_syms() {
                let sym = Keysym::new(sym);
                // Keypad and function keysyms have characters too, but programs tell them apart.
                let is_text = !(0xff00..=0xffff).contains(&sym.raw());
                if let Some(character) = sym.key_char().filter(|_| is_text) {
                    self.by_char.entry(character).or_default().push(Position { keycode, group, level });
                }
            }
        }
    }

    pub(super) fn keycodes(&self) -> std::ops::RangeInclusive<u8> {
        let count = u8::try_from(self.keys.len()).unwrap_or(u8::MAX);
        self.first..=self.first.saturating_add(count.saturating_sub(1))
    }

    fn key(&self, keycode: u8) -> Option<&Key> {
        self.keys.get(usize::from(keycode.checked_sub(self.first)?))
    }

    /// Every keysym of a key, whatever group or level.
    pub(super) fn syms(&self, keycode: u8) -> impl Iterator<Item = u32> + '_ {
        self.key(keycode).into_iter().flat_map(Key::all_syms).map(|(_, _, sym)| sym)
    }

    /// The real modifiers a key sets.
    pub(super) fn modifiers(&self, keycode: u8) -> u8 {
        self.modifiers.get(usize::from(keycode)).copied().unwrap_or(0)
    }

    /// True when nothing is bound to a key, in no group.
    pub(super) fn is_free(&self, keycode: u8) -> bool {
        self.syms(keycode).all(|sym| sym == 0) && self.modifiers(keycode) == 0
    }

    /// The key that means one of these keysyms without help from Shift, or else at any level.
    pub(super) fn find_keysym(&self, wanted: &[u32], group: u8) -> Option<u8> {
        let first_level = |sym: u32| self.keycodes().find(|code| self.level_sym(*code, group, 0) == Some(sym));
        let any_level = |sym: u32| self.keycodes().find(|code| self.syms(*code).any(|s| s == sym));
        wanted
            .iter()
            .copied()
            .find_map(first_level)
            .or_else(|| wanted.iter().copied().find_map(any_level))
    }

    /// What a key means in this state.
    pub(super) fn sym_now(&self, keycode: u8, state: &KeyState) -> Option<u32> {
        let key = self.key(keycode)?;
        let group = key.group(state.group)?;
        let kind = self.types.get(usize::from(key.types[usize::from(group)]))?;
        key.sym(group, kind.level((state.base | state.locked) & kind.mask))
    }

    fn level_sym(&self, keycode: u8, group: u8, level: u8) -> Option<u32> {
        let key = self.key(keycode)?;
        key.sym(key.group(group)?, level)
    }

    /// The key that carries this character, for shortcuts: in the group in effect, else in any.
    pub(super) fn find_shortcut(&self, character: char, group: u8) -> Option<u8> {
        let lower = character.to_lowercase().next().unwrap_or(character);
        let positions = [lower, character].into_iter().filter_map(|c| self.by_char.get(&c)).flatten();
        let is_current = |p: &&Position| self.key(p.keycode).and_then(|key| key.group(group)) == Some(p.group);
        let best = positions.min_by_key(|p| (!is_current(p), p.level, p.group))?;
        Some(best.keycode)
    }

    /// The stroke that types exactly this character in this state with the fewest changes of
    /// modifiers, or none when the current group does not have it.
    pub(super) fn find_stroke(&self, character: char, state: &KeyState) -> Option<Stroke> {
        let strokes = self
            .by_char
            .get(&character)?
            .iter()
            .filter_map(|position| self.stroke(character, *position, state));
        strokes
            .min_by_key(|(cost, stroke)| (*cost, stroke.keycode))
            .map(|(_, stroke)| stroke)
    }

    fn stroke(&self, character: char, position: Position, state: &KeyState) -> Option<(u32, Stroke)> {
        let key = self.key(position.keycode)?;
        if key.group(state.group) != Some(position.group) || self.modifiers(position.keycode) != 0 {
            return None;
        }
        let kind = self.types.get(usize::from(key.types[usize::from(position.group)]))?;
        // Programs capitalise what Caps Lock did not reach by level.
        let is_capitalised = state.locked & mods::LOCK != 0 && kind.mask & mods::LOCK == 0;
        if is_capitalised && character.to_uppercase().ne(std::iter::once(character)) {
            return None;
        }
        let usable = kind.mask & self.level_mods();
        let choices = (0..=usable).filter(|hold| hold & !usable == 0);
        let reaching = choices.filter(|hold| kind.level((hold | state.locked) & kind.mask) == position.level);
        // Holding Control, Alt or Super would make a command of it.
        let commands = !(mods::SHIFT | mods::LOCK | self.level_mods());
        let care = kind.mask | commands;
        let (cost, hold) = reaching.map(|hold| (((hold ^ state.base) & care).count_ones(), hold)).min()?;
        Some((
            cost,
            Stroke {
                keycode: position.keycode,
                hold,
                care,
            },
        ))
    }

    /// Modifiers that only choose levels: Shift, and whatever AltGr and its like set.
    fn level_mods(&self) -> u8 {
        let choosers = [k::Shift_L, k::Shift_R, k::ISO_Level3_Shift, k::ISO_Level5_Shift, k::Mode_switch];
        let mask = self
            .keycodes()
            .filter(|code| self.syms(*code).any(|s| choosers.contains(&s)))
            .fold(0, |all, code| all | self.modifiers(code));
        mask & !(mods::LOCK | mods::CONTROL | mods::MOD1)
    }

    /// A key that, held, sets exactly this one modifier.
    pub(super) fn key_of_modifier(&self, modifier: u8) -> Option<u8> {
        let locks = [
            k::Caps_Lock,
            k::Shift_Lock,
            k::Num_Lock,
            k::Scroll_Lock,
            k::ISO_Level3_Lock,
            k::ISO_Level5_Lock,
        ];
        self.keycodes()
            .find(|code| self.modifiers(*code) == modifier && !self.syms(*code).any(|s| locks.contains(&s)))
    }
}

impl KeyType {
    fn from_wire(wire: &xkb::KeyType) -> Self {
        let entries = wire.map.iter().filter(|entry| entry.active);
        Self {
            mask: u16::from(wire.mods_mask) as u8,
            levels: entries.map(|e| (u16::from(e.mods_mask) as u8, e.level)).collect(),
        }
    }

    fn level(&self, held: u8) -> u8 {
        self.levels.iter().find(|(mask, _)| *mask == held).map_or(0, |(_, level)| *level)
    }
}

impl Key {
    fn groups(&self) -> u8 {
        self.group_info & 0x0f
    }

    /// The group this key uses when `group` is in effect (XKB, "out of range group action").
    fn group(&self, group: u8) -> Option<u8> {
        let groups = self.groups();
        match (groups, self.group_info & 0xc0) {
            (0, _) => None,
            (n, _) if group < n => Some(group),
            (n, 0x40) => Some(n - 1),
            (n, 0x80) => Some(Some((self.group_info & 0x30) >> 4).filter(|g| *g < n).unwrap_or(0)),
            (n, _) => Some(group % n),
        }
    }

    fn sym(&self, group: u8, level: u8) -> Option<u32> {
        (level < self.width)
            .then(|| {
                self.syms
                    .get(usize::from(group) * usize::from(self.width) + usize::from(level))
                    .copied()
            })
            .flatten()
    }

    fn all_syms(&self) -> impl Iterator<Item = (u8, u8, u32)> + '_ {
        let width = self.width.max(1);
        self.syms
            .iter()
            .enumerate()
            .map(move |(i, sym)| ((i / usize::from(width)) as u8, (i % usize::from(width)) as u8, *sym))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOD5: u8 = 0x80;

    /// A key map of a Shift, an AltGr, "é"/"É" capitalised by Lock, "2"/"@" by Shift, "q"/"Q"/"µ" by AltGr.
    fn sample() -> Keymap {
        let alphabetic = KeyType {
            mask: mods::SHIFT | mods::LOCK,
            levels: vec![(mods::SHIFT, 1), (mods::LOCK, 1)],
        };
        let two_level = KeyType {
            mask: mods::SHIFT,
            levels: vec![(mods::SHIFT, 1)],
        };
        let four_level = KeyType {
            mask: mods::SHIFT | mods::LOCK | MOD5,
            levels: vec![
                (mods::SHIFT, 1),
                (mods::LOCK, 1),
                (MOD5, 2),
                (MOD5 | mods::SHIFT, 3),
                (MOD5 | mods::LOCK, 2),
            ],
        };
        let key = |kind: u8, syms: &[u32]| Key {
            types: [kind; 4],
            group_info: 1,
            width: syms.len() as u8,
            syms: syms.to_vec(),
        };
        let keys = vec![
            key(1, &[k::Shift_L, 0]),
            key(1, &[k::ISO_Level3_Shift, 0]),
            key(0, &[0xe9, 0xc9]),
            key(1, &[0x32, 0x40]),
            key(2, &[0x71, 0x51, 0xb5, 0]),
            key(1, &[0, 0]),
        ];
        let mut modifiers = vec![0; 256];
        modifiers[10] = mods::SHIFT;
        modifiers[11] = MOD5;
        let mut map = Keymap {
            first: 10,
            keys,
            types: vec![alphabetic, two_level, four_level],
            modifiers,
            by_char: HashMap::new(),
        };
        map.index_characters();
        map
    }

    fn hold(character: char, state: KeyState) -> Option<(u8, u8)> {
        sample().find_stroke(character, &state).map(|s| (s.keycode, s.hold))
    }

    #[test]
    fn levels_are_reached_by_the_modifiers_of_the_type() {
        let plain = KeyState::default();
        assert_eq!(hold('2', plain), Some((13, 0)));
        assert_eq!(hold('@', plain), Some((13, mods::SHIFT)));
        assert_eq!(hold('µ', plain), Some((14, MOD5)));
        assert_eq!(hold('漢', plain), None);
    }

    #[test]
    fn caps_lock_is_undone_by_shift_where_it_counts() {
        let caps = KeyState {
            locked: mods::LOCK,
            ..KeyState::default()
        };
        assert_eq!(hold('É', caps), Some((12, 0)));
        assert_eq!(hold('é', caps), Some((12, mods::SHIFT)));
        assert_eq!(hold('@', caps), Some((13, mods::SHIFT)));
    }

    #[test]
    fn a_held_control_must_be_let_go_for_text() {
        let stroke = sample().find_stroke('2', &KeyState::default()).unwrap();
        assert_ne!(stroke.care & mods::CONTROL, 0);
        assert_ne!(stroke.care & mods::MOD1, 0);
        assert_eq!(stroke.care & mods::LOCK, 0);
    }

    #[test]
    fn shortcuts_find_the_key_whatever_the_case() {
        assert_eq!(sample().find_shortcut('Q', 0), Some(14));
        assert_eq!(sample().find_shortcut('@', 0), Some(13));
        assert_eq!(sample().find_shortcut('ж', 0), None);
    }

    #[test]
    fn groups_out_of_range_wrap_clamp_or_redirect() {
        let key = |info| Key {
            group_info: info,
            ..Key::default()
        };
        assert_eq!(key(0x02).group(3), Some(1));
        assert_eq!(key(0x42).group(3), Some(1));
        assert_eq!(key(0x82 | 0x10).group(3), Some(1));
        assert_eq!(key(0x82).group(2), Some(0));
        assert_eq!(key(0x00).group(0), None);
    }

    #[test]
    fn free_keys_and_modifier_keys_are_told_apart() {
        let map = sample();
        assert!(map.is_free(15) && !map.is_free(10));
        assert_eq!(map.key_of_modifier(mods::SHIFT), Some(10));
        assert_eq!(map.key_of_modifier(MOD5), Some(11));
        assert_eq!(map.key_of_modifier(0x40), None);
    }
}
