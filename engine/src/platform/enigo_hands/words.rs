//! Text, keys by name, buttons and wheel in the terms of `enigo`; pure functions.

use enigo::Key;
use farhand_protocol::input::{Button, WHEEL_DETENT};

/// Characters typed between two looks at who has the focus.
const LOOK_EVERY: usize = 16;
/// Most detents that one event turns.
const MAX_DETENTS: i32 = 64;

/// What is typed between two looks at who has the focus.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Text(String),
    Key(Key),
}

/// Text in short pieces, lines and columns as the keys that make them: `enigo` would send a line's end
/// twice on Windows and an invisible character before it on macOS. Other control characters type nothing.
pub(super) fn typed_parts(text: &str) -> Vec<Typed> {
    let mut parts: Vec<Typed> = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' => parts.push(Typed::Key(Key::Return)),
            '\t' => parts.push(Typed::Key(Key::Tab)),
            character if character.is_control() => {}
            character => match parts.last_mut() {
                Some(Typed::Text(piece)) if piece.chars().count() < LOOK_EVERY => piece.push(character),
                _ => parts.push(Typed::Text(character.into())),
            },
        }
    }
    parts
}

/// Whole detents in what was left over and what came now; turning round forgets what was left.
pub(super) fn detents(rest: &mut i32, delta: i32) -> i32 {
    if delta.signum() * rest.signum() < 0 {
        *rest = 0;
    }
    let sum = rest.saturating_add(delta);
    *rest = sum % WHEEL_DETENT;
    (sum / WHEEL_DETENT).clamp(-MAX_DETENTS, MAX_DETENTS)
}

/// Keys that mean something only where they are pressed.
pub(super) fn is_local_only(name: &str) -> bool {
    matches!(
        name,
        "Dead" | "Compose" | "Process" | "Unidentified" | "CapsLock" | "NumLock" | "AltGraph"
    )
}

/// Keys by name, for technicians whose system could not name the position.
pub(super) fn named(name: &str) -> Option<Key> {
    Some(match name {
        "Enter" => Key::Return,
        "Tab" => Key::Tab,
        " " | "Space" => Key::Space,
        "Backspace" => Key::Backspace,
        "Delete" => Key::Delete,
        "Escape" => Key::Escape,
        "Home" => Key::Home,
        "End" => Key::End,
        "PageUp" => Key::PageUp,
        "PageDown" => Key::PageDown,
        "ArrowLeft" => Key::LeftArrow,
        "ArrowRight" => Key::RightArrow,
        "ArrowUp" => Key::UpArrow,
        "ArrowDown" => Key::DownArrow,
        "Shift" => Key::Shift,
        "Control" => Key::Control,
        "Alt" => Key::Alt,
        "Meta" | "Super" => Key::Meta,
        "F1" => Key::F1,
        "F2" => Key::F2,
        "F3" => Key::F3,
        "F4" => Key::F4,
        "F5" => Key::F5,
        "F6" => Key::F6,
        "F7" => Key::F7,
        "F8" => Key::F8,
        "F9" => Key::F9,
        "F10" => Key::F10,
        "F11" => Key::F11,
        "F12" => Key::F12,
        _ => return None,
    })
}

/// Our names for buttons in those of `enigo`.
pub(super) fn enigo_button(button: Button) -> enigo::Button {
    match button {
        Button::Left => enigo::Button::Left,
        Button::Middle => enigo::Button::Middle,
        Button::Right => enigo::Button::Right,
        Button::Back => enigo::Button::Back,
        Button::Forward => enigo::Button::Forward,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Typed {
        Typed::Text(text.to_owned())
    }

    #[test]
    fn lines_and_columns_are_typed_as_keys_and_once() {
        let parts = [
            text("a"),
            Typed::Key(Key::Return),
            text("é"),
            Typed::Key(Key::Tab),
            text("😀"),
            Typed::Key(Key::Return),
        ];
        assert_eq!(typed_parts("a\r\né\t😀\r"), parts);
    }

    #[test]
    fn other_control_characters_type_nothing() {
        assert_eq!(typed_parts("a\0b\u{7f}c"), [text("abc")]);
        assert!(typed_parts("\u{1b}").is_empty());
    }

    #[test]
    fn long_text_comes_in_pieces_that_lose_nothing() {
        let long = "0123456789abcdef0123";
        assert_eq!(typed_parts(long), [text("0123456789abcdef"), text("0123")]);
    }

    #[test]
    fn part_of_a_detent_waits_for_the_rest_and_is_forgotten_on_turning_round() {
        let mut rest = 0;
        assert_eq!((detents(&mut rest, 100), detents(&mut rest, 30), rest), (0, 1, 10));
        assert_eq!((detents(&mut rest, -120), rest), (-1, 0));
        assert_eq!(detents(&mut rest, i32::MAX), MAX_DETENTS);
    }
}
