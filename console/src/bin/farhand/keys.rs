//! What is typed: texts with their two escapes, and chords by name, `Ctrl+Alt+Delete` to positions on the USB HID keyboard page (HID Usage
//! Tables 1.5, section 10).

use farhand_protocol::input::{InputEvent, KeyEvent, KeyLayout, Press};

/// A text as it is typed: `\n` is Enter, `\\` a backslash; a backslash before anything else is itself.
pub fn text(typed: &str) -> String {
    let mut text = String::with_capacity(typed.len());
    let mut rest = typed.chars();
    while let Some(character) = rest.next() {
        let escaped = match (character, rest.as_str().chars().next()) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('\\')) => '\\',
            _ => {
                text.push(character);
                continue;
            }
        };
        text.push(escaped);
        rest.next();
    }
    text
}

/// The presses and releases of a chord, in order.
///
/// # Errors
/// Names the key that is not known.
pub fn chord(text: &str) -> Result<Vec<InputEvent>, String> {
    // The sign between the keys is a key as well, alone or as the last: `Ctrl++`.
    let (before, plus) = match text.strip_suffix("++") {
        _ if text == "+" => (None, Some("+")),
        Some(before) => (Some(before), Some("+")),
        None => (Some(text), None),
    };
    let before = before.map(|names| names.split('+').map(str::trim));
    let names: Vec<&str> = before.into_iter().flatten().chain(plus).collect();
    let keys = names
        .iter()
        .map(|name| usage(name).map(|usage| (usage, logical(name))))
        .collect::<Result<Vec<_>, _>>()?;
    let event = |(usage, logical): &(u16, String), press| {
        InputEvent::Key(KeyEvent {
            usage: *usage,
            press,
            logical: Some(logical.clone()),
            text: None,
            layout: KeyLayout::There,
        })
    };
    let downs = keys.iter().map(|key| event(key, Press::Down));
    let ups = keys.iter().rev().map(|key| event(key, Press::Up));
    Ok(downs.chain(ups).collect())
}

fn logical(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "ctrl" | "control" => "Control".into(),
        "super" | "win" | "cmd" | "meta" => "Meta".into(),
        "del" => "Delete".into(),
        "esc" => "Escape".into(),
        "return" => "Enter".into(),
        "plus" => "+".into(),
        other if other.chars().count() == 1 => other.to_owned(),
        _ => name.to_owned(),
    }
}

fn usage(name: &str) -> Result<u16, String> {
    let lower = name.to_ascii_lowercase();
    let mut chars = lower.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        match c {
            'a'..='z' => return Ok(0x04 + (c as u16 - 'a' as u16)),
            '1'..='9' => return Ok(0x1e + (c as u16 - '1' as u16)),
            '0' => return Ok(0x27),
            _ => {}
        }
    }
    if let Some(n) = lower.strip_prefix('f').and_then(|n| n.parse::<u16>().ok()) {
        match n {
            1..=12 => return Ok(0x3a + n - 1),
            13..=24 => return Ok(0x68 + n - 13),
            _ => {}
        }
    }
    Ok(match lower.as_str() {
        "enter" | "return" => 0x28,
        "escape" | "esc" => 0x29,
        "backspace" => 0x2a,
        "tab" => 0x2b,
        "space" => 0x2c,
        // On the keypad, where no layout and no Shift comes between.
        "plus" | "+" => 0x57,
        "minus" | "-" => 0x2d,
        "equal" | "=" => 0x2e,
        "printscreen" | "print" => 0x46,
        "scrolllock" => 0x47,
        "pause" => 0x48,
        "insert" => 0x49,
        "home" => 0x4a,
        "pageup" => 0x4b,
        "delete" | "del" => 0x4c,
        "end" => 0x4d,
        "pagedown" => 0x4e,
        "right" | "arrowright" => 0x4f,
        "left" | "arrowleft" => 0x50,
        "down" | "arrowdown" => 0x51,
        "up" | "arrowup" => 0x52,
        "menu" | "contextmenu" => 0x65,
        "ctrl" | "control" => 0xe0,
        "shift" => 0xe1,
        "alt" => 0xe2,
        "super" | "win" | "cmd" | "meta" => 0xe3,
        "altgr" => 0xe6,
        _ => {
            return Err(format!(
                "there is no key \"{name}\"; use names such as Enter, F5, a, Ctrl+Alt+Delete"
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chord_goes_down_in_order_and_up_in_reverse() {
        let events = chord("Ctrl+Alt+Delete").unwrap();
        let seen: Vec<(u16, Press)> = events
            .iter()
            .map(|e| match e {
                InputEvent::Key(key) => (key.usage, key.press),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            (0xe0, Press::Down),
            (0xe2, Press::Down),
            (0x4c, Press::Down),
            (0x4c, Press::Up),
            (0xe2, Press::Up),
            (0xe0, Press::Up),
        ];
        assert_eq!(seen, expected);
        assert!(chord("Ctrl+Fly").unwrap_err().contains("Fly"));
    }

    #[test]
    fn the_sign_between_keys_is_a_key_as_well() {
        let downs = |text: &str| -> Vec<u16> {
            let events = chord(text).unwrap();
            let usage = |event: &InputEvent| match event {
                InputEvent::Key(key) if key.press == Press::Down => Some(key.usage),
                _ => None,
            };
            events.iter().filter_map(usage).collect()
        };
        assert_eq!(downs("+"), [0x57]);
        assert_eq!(downs("Ctrl++"), [0xe0, 0x57]);
        assert_eq!(downs("Ctrl+Plus"), [0xe0, 0x57]);
        assert!(chord("Ctrl+").is_err() && chord("").is_err());
    }

    #[test]
    fn a_backslash_is_typed_as_two_and_enter_as_one_with_an_n() {
        for (typed, wanted) in [
            (r"uname -a\n", "uname -a\n"),
            (r"C:\\new\\table", r"C:\new\table"),
            (r"\\\n", "\\\n"),
            ("[]\\;\\t\\", "[]\\;\\t\\"),
            ("🦀\\n", "🦀\n"),
        ] {
            assert_eq!(text(typed), wanted, "{typed}");
        }
    }
}
