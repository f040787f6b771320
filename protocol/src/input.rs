//! What a technician's hands do: pointer, wheel, keys and text, as they travel on the input stream.
//! A key is named by its USB HID usage, never by a character, so that the host can choose between
//! the layout here (the text) and the layout there (the position).

use serde::{Deserialize, Serialize};

use crate::geometry::Point;

/// Longest text one event may carry, in bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = 4096;
/// One detent of a classic wheel, in the unit of [`InputEvent::Wheel`].
pub const WHEEL_DETENT: i32 = 120;
/// The viewer repeats [`InputEvent::Beat`] this often while keys or buttons are down.
pub const BEAT_MILLIS: u64 = 500;
/// After this much silence with something held down, the host releases everything.
pub const HELD_SILENCE_MILLIS: u64 = 1500;

/// A pointer button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// The first button.
    Left,
    /// The wheel pressed.
    Middle,
    /// The context menu button.
    Right,
    /// The thumb button that goes back.
    Back,
    /// The thumb button that goes forward.
    Forward,
}

/// Whether a key or button goes down or up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Press {
    /// Goes down.
    Down,
    /// Comes up.
    Up,
}

/// Whose keyboard layout decides what a key means (CON-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyLayout {
    /// The technician's: the host injects `text` where there is any.
    #[default]
    Here,
    /// The customer's: the host presses the position.
    There,
}

/// One key going down or up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEvent {
    /// USB HID usage on the keyboard page (0x04 is the key that prints "a" on a US layout); 0 when
    /// the technician's system could not name the position.
    pub usage: u16,
    /// Down or up. A repeat is another `Down`.
    pub press: Press,
    /// The logical key by its W3C UI Events name ("Enter", "ArrowLeft", "é"), where known.
    pub logical: Option<String>,
    /// What the press types on the technician's layout; none for shortcuts and releases.
    pub text: Option<String>,
    /// Whose layout decides.
    pub layout: KeyLayout,
}

/// One act of the technician's hands, in the order it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputEvent {
    /// The pointer is now here.
    PointerMove {
        /// Layout the position was read against.
        epoch: u32,
        /// In the desktop space, physical pixels.
        pos: Point,
    },
    /// A button went down or up here.
    PointerButton {
        /// Layout the position was read against.
        epoch: u32,
        /// In the desktop space, physical pixels.
        pos: Point,
        /// Which one.
        button: Button,
        /// Down or up.
        press: Press,
    },
    /// The wheel turned here.
    Wheel {
        /// Layout the position was read against.
        epoch: u32,
        /// In the desktop space, physical pixels.
        pos: Point,
        /// Towards the trailing side, in 120ths of a detent.
        dx: i32,
        /// Away from the person (scroll up), in 120ths of a detent.
        dy: i32,
    },
    /// A key.
    Key(KeyEvent),
    /// Text to type exactly, whatever either layout can print; at most [`MAX_TEXT_BYTES`].
    Text(String),
    /// Nothing new: what is held is still held (sent every [`BEAT_MILLIS`]).
    Beat,
    /// Let go of everything the technician holds.
    ReleaseAll,
    /// Nothing to do: once everything sent before is done or refused, the host answers with [`Done`](crate::peer::Done) of this number.
    Mark(u32),
}

impl InputEvent {
    /// The layout epoch this event was aimed at, if it has a position.
    pub fn epoch(&self) -> Option<u32> {
        match self {
            Self::PointerMove { epoch, .. } | Self::PointerButton { epoch, .. } | Self::Wheel { epoch, .. } => Some(*epoch),
            _ => None,
        }
    }

    /// True when the event only lets go, and must always pass so that nothing sticks (APP-60).
    pub fn is_release(&self) -> bool {
        matches!(
            self,
            Self::ReleaseAll | Self::Beat | Self::PointerButton { press: Press::Up, .. } | Self::Key(KeyEvent { press: Press::Up, .. })
        )
    }
}

/// Whose hands win when both use mouse or keyboard at the same time (APP-59).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputPriority {
    /// The technician's (default, APP-60).
    #[default]
    Technician,
    /// The customer's.
    Customer,
}
