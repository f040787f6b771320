//! What the systems share about keys: the USB HID usages that matter by themselves, and the rule
//! which keys only the person at the machine may press (APP-36, APP-41, APP-42).

use farhand_protocol::input::KeyEvent;

/// USB HID usage of Pause/Break.
pub(crate) const USAGE_PAUSE: u16 = 0x48;
/// USB HID usage of the key that prints "x" on a US layout.
pub(crate) const USAGE_X: u16 = 0x1b;

/// True for the eight modifier positions, left Control to right Super.
pub(crate) fn is_modifier(usage: u16) -> bool {
    (0xe0..=0xe7).contains(&usage)
}

/// Which modifiers of the stop chord are down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ChordHeld {
    /// Some Control key.
    pub control: bool,
    /// Some Alt key.
    pub alt: bool,
    /// Some Shift key.
    pub shift: bool,
}

impl ChordHeld {
    /// True when only X is missing.
    pub(crate) fn is_complete(self) -> bool {
        self.control && self.alt && self.shift
    }
}

/// True when pressing this key, with these modifiers down, would be a stop key on this machine.
pub(crate) fn is_stop_key(key: &KeyEvent, held: ChordHeld) -> bool {
    let logical = key.logical.as_deref().unwrap_or_default();
    let is_pause = key.usage == USAGE_PAUSE || matches!(logical, "Pause" | "Cancel" | "Break");
    let is_x =
        key.usage == USAGE_X || logical.eq_ignore_ascii_case("x") || key.text.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("x"));
    is_pause || (is_x && held.is_complete())
}

#[cfg(test)]
mod tests {
    use farhand_protocol::input::{KeyLayout, Press};

    use super::*;

    fn key(usage: u16, logical: Option<&str>) -> KeyEvent {
        KeyEvent {
            usage,
            press: Press::Down,
            logical: logical.map(str::to_owned),
            text: None,
            layout: KeyLayout::Here,
        }
    }

    #[test]
    fn pause_is_a_stop_key_by_position_and_by_name() {
        assert!(is_stop_key(&key(USAGE_PAUSE, None), ChordHeld::default()));
        assert!(is_stop_key(&key(0, Some("Pause")), ChordHeld::default()));
        assert!(!is_stop_key(&key(0x49, Some("Insert")), ChordHeld::default()));
    }

    #[test]
    fn x_is_a_stop_key_only_with_all_three_modifiers() {
        let all = ChordHeld {
            control: true,
            alt: true,
            shift: true,
        };
        assert!(is_stop_key(&key(USAGE_X, None), all));
        assert!(is_stop_key(&key(0, Some("X")), all));
        assert!(!is_stop_key(&key(USAGE_X, None), ChordHeld { shift: false, ..all }));
        assert!(!is_stop_key(&key(0x1c, Some("y")), all));
    }
}
