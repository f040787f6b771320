//! Hands: moves the pointer and presses buttons and keys of a display through the XTEST extension,
//! exactly where a mouse and a keyboard would come in.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Keycode, Keysym, MOTION_NOTIFY_EVENT,
    Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::display::Display;

/// Key symbols that have no character of their own, as `X11/keysymdef.h` numbers them.
pub mod key {
    #![allow(missing_docs)]
    use x11rb::protocol::xproto::Keysym;

    pub const BACKSPACE: Keysym = 0xff08;
    pub const TAB: Keysym = 0xff09;
    pub const RETURN: Keysym = 0xff0d;
    pub const PAUSE: Keysym = 0xff13;
    pub const ESCAPE: Keysym = 0xff1b;
    pub const HOME: Keysym = 0xff50;
    pub const LEFT: Keysym = 0xff51;
    pub const UP: Keysym = 0xff52;
    pub const RIGHT: Keysym = 0xff53;
    pub const DOWN: Keysym = 0xff54;
    pub const END: Keysym = 0xff57;
    pub const DELETE: Keysym = 0xffff;
    pub const F1: Keysym = 0xffbe;
    pub const F11: Keysym = 0xffc8;
    pub const SHIFT: Keysym = 0xffe1;
    pub const CONTROL: Keysym = 0xffe3;
    pub const ALT: Keysym = 0xffe9;
    pub const SUPER: Keysym = 0xffeb;
}

/// Pointer buttons as X numbers them.
pub mod button {
    #![allow(missing_docs)]
    pub const LEFT: u8 = 1;
    pub const MIDDLE: u8 = 2;
    pub const RIGHT: u8 = 3;
    pub const WHEEL_UP: u8 = 4;
    pub const WHEEL_DOWN: u8 = 5;
}

/// A mouse and a keyboard on one display.
#[derive(Debug)]
pub struct Hands {
    connection: RustConnection,
    root: Window,
    /// Which key, and whether with Shift, gives a symbol.
    keys: HashMap<Keysym, (Keycode, bool)>,
    /// Keys without a symbol, to be lent to characters the keyboard lacks.
    spare: Vec<Keycode>,
    symbols_per_key: u8,
}

impl Hands {
    /// Takes hold of `display`.
    pub fn on(display: &Display) -> Result<Self> {
        let (connection, screen) = display.connect()?;
        connection.xtest_get_version(2, 2)?.reply().context("the display has no XTEST")?;
        let root = connection.setup().roots[screen].root;
        let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
        let mapping = connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let symbols_per_key = mapping.keysyms_per_keycode;
        let mut keys = HashMap::new();
        let mut spare = Vec::new();
        for (code, symbols) in (first..=last).zip(mapping.keysyms.chunks(symbols_per_key.into())) {
            if symbols.iter().all(|symbol| *symbol == 0) {
                spare.push(code);
            }
            for (shifted, symbol) in [false, true].into_iter().zip(symbols) {
                if *symbol != 0 {
                    keys.entry(*symbol).or_insert((code, shifted));
                }
            }
        }
        Ok(Self {
            connection,
            root,
            keys,
            spare,
            symbols_per_key,
        })
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) -> Result<()> {
        self.connection.xtest_fake_input(kind, detail, CURRENT_TIME, self.root, x, y, 0)?;
        Ok(())
    }

    /// Waits until the server has taken everything sent.
    fn settle(&self) -> Result<()> {
        self.connection.get_input_focus()?.reply()?;
        Ok(())
    }

    /// Moves the pointer to a place on the screen.
    pub fn move_to(&self, x: i32, y: i32) -> Result<()> {
        self.fake(MOTION_NOTIFY_EVENT, 0, i16::try_from(x)?, i16::try_from(y)?)?;
        self.settle()
    }

    /// Presses a button and keeps it down.
    pub fn button_down(&self, button: u8) -> Result<()> {
        self.fake(BUTTON_PRESS_EVENT, button, 0, 0)?;
        self.settle()
    }

    /// Lets a button go.
    pub fn button_up(&self, button: u8) -> Result<()> {
        self.fake(BUTTON_RELEASE_EVENT, button, 0, 0)?;
        self.settle()
    }

    /// Moves to a place and clicks there with the left button.
    pub fn click(&self, x: i32, y: i32) -> Result<()> {
        self.click_with(button::LEFT, x, y)
    }

    /// Moves to a place and clicks there.
    pub fn click_with(&self, button: u8, x: i32, y: i32) -> Result<()> {
        self.move_to(x, y)?;
        self.button_down(button)?;
        self.button_up(button)
    }

    /// Turns the wheel by `notches`, down when positive.
    pub fn wheel(&self, notches: i32) -> Result<()> {
        let direction = if notches > 0 { button::WHEEL_DOWN } else { button::WHEEL_UP };
        for _ in 0..notches.unsigned_abs() {
            self.button_down(direction)?;
            self.button_up(direction)?;
        }
        Ok(())
    }

    /// Drags with the left button from one place to another, through `steps` places between.
    pub fn drag(&self, from: (i32, i32), to: (i32, i32), steps: i32) -> Result<()> {
        self.move_to(from.0, from.1)?;
        self.button_down(button::LEFT)?;
        for step in 1..=steps.max(1) {
            let between = |from: i32, to: i32| from + (to - from) * step / steps.max(1);
            self.move_to(between(from.0, to.0), between(from.1, to.1))?;
        }
        self.button_up(button::LEFT)
    }

    /// Presses the key of a symbol and keeps it down; Shift is not pressed with it.
    pub fn key_down(&mut self, symbol: Keysym) -> Result<()> {
        let (code, _) = self.key_for(symbol)?;
        self.fake(KEY_PRESS_EVENT, code, 0, 0)?;
        self.settle()
    }

    /// Lets the key of a symbol go.
    pub fn key_up(&mut self, symbol: Keysym) -> Result<()> {
        let (code, _) = self.key_for(symbol)?;
        self.fake(KEY_RELEASE_EVENT, code, 0, 0)?;
        self.settle()
    }

    /// Presses keys one after the other and lets them go in reverse, such as Ctrl, then `c`.
    pub fn chord(&mut self, symbols: &[Keysym]) -> Result<()> {
        for symbol in symbols {
            self.key_down(*symbol)?;
        }
        for symbol in symbols.iter().rev() {
            self.key_up(*symbol)?;
        }
        Ok(())
    }

    /// Presses and lets go the key of a symbol, with Shift where the symbol needs it.
    pub fn tap(&mut self, symbol: Keysym) -> Result<()> {
        match self.key_for(symbol)? {
            (_, true) => self.chord(&[key::SHIFT, symbol]),
            (_, false) => self.chord(&[symbol]),
        }
    }

    /// Types text key by key; a character the keyboard lacks is lent a spare key first.
    pub fn type_text(&mut self, text: &str) -> Result<()> {
        for character in text.chars() {
            self.tap(symbol_of(character))?;
        }
        Ok(())
    }

    fn key_for(&mut self, symbol: Keysym) -> Result<(Keycode, bool)> {
        if let Some(key) = self.keys.get(&symbol) {
            return Ok(*key);
        }
        let Some(code) = self.spare.pop() else {
            bail!("no key is left for symbol {symbol:#x}")
        };
        let symbols = vec![symbol; self.symbols_per_key.into()];
        self.connection
            .change_keyboard_mapping(1, code, self.symbols_per_key, &symbols)?
            .check()?;
        self.keys.insert(symbol, (code, false));
        Ok((code, false))
    }
}

/// The symbol of a character: itself in Latin 1, else its code point in the Unicode range.
pub fn symbol_of(character: char) -> Keysym {
    match character {
        '\n' => key::RETURN,
        '\t' => key::TAB,
        '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{ff}' => character.into(),
        _ => 0x0100_0000 | u32::from(character),
    }
}
