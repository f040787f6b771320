//! Keys that the host's keyboard does not have, lent to characters that none of its keys can type.
//! A character is bound to a key code that means nothing, typed, and stays bound until the key is
//! needed again: programs learn of a new binding in order with the key presses, but read it later,
//! so a key just used must not change its meaning under them.
//!
//! Who is there and what is bound is written on the root window, so that whoever comes after a
//! crash takes it back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, PropMode, Window, WindowClass};
use x11rb::wrapper::ConnectionExt as _;
use xkeysym::Keysym;

use super::connection::{Server, XError};
use super::keymap::Keymap;

/// A program may read a binding this much later than the key press that used it, where each has a processor when it wants one.
const SETTLE: Duration = Duration::from_millis(250);
/// Where more want one than there are, programs are late by as much as they have to share, up to this.
const MOST_LATE: f64 = 4.0;
/// How often a wait for a key looks whether it should go on.
const SLICE: Duration = Duration::from_millis(10);
/// Key codes that keyboards of other countries do have come last, then the one many programs shun.
const LAST_CHOICES: [u8; 7] = [97, 103, 132, 93, 120, 149, 8];
/// Stands for no key: its owner is there.
const PRESENT: u8 = 0;
/// Most entries of the property that are read.
const MAX_ENTRIES: u32 = 1024;

/// The spare keys of one input sink.
#[derive(Debug)]
pub(super) struct SpareKeys {
    owner: Window,
    registry: Atom,
    bound: Vec<Bound>,
}

#[derive(Debug, Clone, Copy)]
struct Bound {
    keycode: u8,
    character: char,
    used_at: Instant,
}

impl SpareKeys {
    /// Nothing is bound yet; what dead predecessors left bound is freed.
    pub(super) fn new(server: &Server) -> Result<Self, XError> {
        let owner = server.conn.generate_id()?;
        let spare = Self {
            owner,
            registry: server.atom("_FARHAND_SPARE_KEYS")?,
            bound: Vec::new(),
        };
        // Before our window is there: the server gives the identifiers of the dead to the next who comes.
        spare.free_orphans(server)?;
        let aux = CreateWindowAux::new();
        server.conn.create_window(
            0,
            owner,
            server.root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_ONLY,
            x11rb::COPY_FROM_PARENT,
            &aux,
        )?;
        server
            .conn
            .change_property32(PropMode::REPLACE, owner, spare.registry, AtomEnum::CARDINAL, &[PRESENT.into()])?;
        spare.write_registry(server)?;
        Ok(spare)
    }

    /// Lends keys to as many of `wanted` as there are free keys. The caller reloads its key map afterwards.
    pub(super) fn lend(&mut self, server: &Server, keymap: &Keymap, wanted: &[char]) -> Result<(), XError> {
        let mut free: Vec<u8> = keymap.keycodes().filter(|code| keymap.is_free(*code)).collect();
        free.sort_by_key(|code| (LAST_CHOICES.iter().position(|last| last == code), *code));
        let lent: Vec<Bound> = wanted
            .iter()
            .zip(&free)
            .map(|(character, keycode)| Bound {
                keycode: *keycode,
                character: *character,
                used_at: Instant::now(),
            })
            .collect();
        self.bound.extend(&lent);
        self.write_registry(server)?;
        for Bound { keycode, character, .. } in lent {
            server.conn.change_keyboard_mapping(1, keycode, 2, &keysyms_of(character))?;
        }
        Ok(())
    }

    /// Notes that a key was pressed; nothing for keys that are not lent.
    pub(super) fn mark_used(&mut self, keycode: u8) {
        if let Some(bound) = self.bound.iter_mut().find(|b| b.keycode == keycode) {
            bound.used_at = Instant::now();
        }
    }

    /// Forgets keys that somebody else has given another meaning.
    pub(super) fn handle_new_keymap(&mut self, keymap: &Keymap) {
        self.bound
            .retain(|b| keymap.syms(b.keycode).any(|sym| Keysym::new(sym).key_char() == Some(b.character)));
    }

    /// Gives all keys back.
    pub(super) fn return_all(&mut self, server: &Server) -> Result<(), XError> {
        if self.bound.is_empty() {
            return Ok(());
        }
        for bound in std::mem::take(&mut self.bound) {
            unbind(server, bound.keycode)?;
        }
        self.write_registry(server)
    }

    /// Takes back what has settled, waiting until that is at least half. False when interrupted, or
    /// when there is nothing to take back.
    pub(super) fn reclaim(&mut self, server: &Server, interrupted: &AtomicBool) -> Result<bool, XError> {
        self.bound.sort_by_key(|b| b.used_at);
        let half = self.bound.len().div_ceil(2);
        let Some(newest) = half.checked_sub(1).map(|last| self.bound[last].used_at) else {
            return Ok(false);
        };
        server.conn.flush()?;
        let mut settle = SETTLE;
        while newest.elapsed() < settle {
            if interrupted.load(Ordering::Relaxed) {
                return Ok(false);
            }
            settle = settle.max(SETTLE.mul_f64(lateness()));
            thread::sleep(SLICE);
        }
        let is_settled = |b: &mut Bound| b.used_at.elapsed() >= settle;
        self.bound.extract_if(.., is_settled).try_for_each(|b| unbind(server, b.keycode))?;
        Ok(true)
    }

    /// True when no other input sink lives on this display.
    pub(super) fn is_alone(&self, server: &Server) -> Result<bool, XError> {
        for (owner, _) in self.entries(server)? {
            if owner != self.owner && self.is_alive(server, owner)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn free_orphans(&self, server: &Server) -> Result<(), XError> {
        let (first, last) = (server.conn.setup().min_keycode, server.conn.setup().max_keycode);
        for (owner, keycode) in self.entries(server)? {
            let keycode = u8::try_from(keycode).unwrap_or(PRESENT);
            if (first..=last).contains(&keycode) && !self.is_alive(server, owner)? {
                unbind(server, keycode)?;
            }
        }
        Ok(())
    }

    /// True when the window is one of ours, not merely one with the same number.
    fn is_alive(&self, server: &Server, owner: Window) -> Result<bool, XError> {
        Ok(server.property(owner, self.registry, AtomEnum::CARDINAL, 1)?.is_some())
    }

    /// Pairs of who and which key.
    fn entries(&self, server: &Server) -> Result<Vec<(Window, u32)>, XError> {
        let property = server.property(server.root, self.registry, AtomEnum::CARDINAL, MAX_ENTRIES)?;
        let values: Vec<u32> = property.as_ref().and_then(|p| p.value32()).into_iter().flatten().collect();
        Ok(values.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
    }

    fn write_registry(&self, server: &Server) -> Result<(), XError> {
        let mut values = Vec::new();
        for (owner, keycode) in self.entries(server)? {
            if owner != self.owner && self.is_alive(server, owner)? {
                values.extend([owner, keycode]);
            }
        }
        values.extend([self.owner, PRESENT.into()]);
        values.extend(self.bound.iter().flat_map(|b| [self.owner, b.keycode.into()]));
        server
            .conn
            .change_property32(PropMode::REPLACE, server.root, self.registry, AtomEnum::CARDINAL, &values)?;
        Ok(())
    }
}

/// How much later than on an idle machine programs get to what they were sent; 1 when that is not known.
fn lateness() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    running(&load).map_or(1.0, |running| (running / processors as f64).clamp(1.0, MOST_LATE))
}

/// How many threads have a processor or wait for one: `0.20 0.18 0.12 3/80 11206` has three.
fn running(load: &str) -> Option<f64> {
    load.split_whitespace().nth(3)?.split_once('/')?.0.parse().ok()
}

fn unbind(server: &Server, keycode: u8) -> Result<(), XError> {
    server.conn.change_keyboard_mapping(1, keycode, 2, &[0, 0])?;
    Ok(())
}

/// A letter with two cases takes both levels, so that Caps Lock reaches it as any other letter.
fn keysyms_of(character: char) -> [u32; 2] {
    let single = |mut chars: Box<dyn Iterator<Item = char>>| chars.next().filter(|_| chars.next().is_none());
    let lower = single(Box::new(character.to_lowercase()));
    let upper = single(Box::new(character.to_uppercase()));
    match (lower, upper) {
        (Some(lower), Some(upper)) if lower != upper && (character == lower || character == upper) => [keysym(lower), keysym(upper)],
        _ => [keysym(character), 0],
    }
}

/// Outside Latin-1 the Unicode keysym: programs know it for every character, the older ones they do not.
fn keysym(character: char) -> u32 {
    match u32::from(character) {
        code @ (0x20..=0x7e | 0xa0..=0xff) => code,
        code => 0x0100_0000 | code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_known_by_who_waits_for_a_processor() {
        assert_eq!(running("0.20 0.18 0.12 3/80 11206\n"), Some(3.0));
        assert_eq!(running(""), None);
        assert!((1.0..=MOST_LATE).contains(&lateness()));
    }

    #[test]
    fn cased_letters_take_both_levels() {
        assert_eq!(keysyms_of('é'), [0xe9, 0xc9]);
        assert_eq!(keysyms_of('Ж'), [0x0100_0436, 0x0100_0416]);
    }

    #[test]
    fn everything_else_takes_one() {
        assert_eq!(keysyms_of('漢'), [0x0100_6f22, 0]);
        assert_eq!(keysyms_of('😀'), [0x0101_f600, 0]);
        assert_eq!(keysyms_of('ß'), [0xdf, 0]);
    }
}
