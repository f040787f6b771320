//! What one viewer holds down, and the silence after which it is let go (DESIGN 7): a lost link must leave no key pressed.
//! Also whose hands win (APP-59, APP-60). Sans-I/O.

use std::time::{Duration, Instant};

use farhand_protocol::{
    geometry::Point,
    input::{Button, HELD_SILENCE_MILLIS, InputEvent, InputPriority, KeyEvent, Press},
};

/// For this long after the other person's hands moved, the hands without priority are not listened to.
const PRIORITY: Duration = Duration::from_millis(500);
/// More than a person can hold; further presses are still done, but not let go one by one.
const MAX_HELD: usize = 64;

/// Keys and buttons down by one viewer's doing.
#[derive(Debug, Default)]
pub(crate) struct Held {
    keys: Vec<KeyEvent>,
    buttons: Vec<Button>,
    at: Option<(u32, Point)>,
    heard_at: Option<Instant>,
}

impl Held {
    /// Takes in an event of the viewer, done or not.
    pub(crate) fn handle_input(&mut self, event: &InputEvent, now: Instant) {
        self.heard_at = Some(now);
        match event {
            InputEvent::Key(key) => {
                self.keys.retain(|held| !is_same_key(held, key));
                if key.press == Press::Down && self.keys.len() < MAX_HELD {
                    self.keys.push(key.clone());
                }
            }
            InputEvent::PointerButton { epoch, pos, button, press } => {
                self.at = Some((*epoch, *pos));
                self.buttons.retain(|held| held != button);
                if *press == Press::Down {
                    self.buttons.push(*button);
                }
            }
            InputEvent::PointerMove { epoch, pos } | InputEvent::Wheel { epoch, pos, .. } => self.at = Some((*epoch, *pos)),
            InputEvent::ReleaseAll => {
                self.keys.clear();
                self.buttons.clear();
            }
            InputEvent::Beat | InputEvent::Text(_) | InputEvent::Mark(_) => {}
        }
    }

    /// True while something is down.
    pub(crate) fn is_holding(&self) -> bool {
        !self.keys.is_empty() || !self.buttons.is_empty()
    }

    /// When all is let go unless the viewer is heard again.
    pub(crate) fn poll_deadline(&self) -> Option<Instant> {
        self.heard_at
            .filter(|_| self.is_holding())
            .map(|at| at + Duration::from_millis(HELD_SILENCE_MILLIS))
    }

    /// The events that let go of everything, modifiers last.
    pub(crate) fn release(&mut self) -> Vec<InputEvent> {
        let (epoch, pos) = self.at.unwrap_or_default();
        let buttons = std::mem::take(&mut self.buttons).into_iter().rev();
        let keys = std::mem::take(&mut self.keys).into_iter().rev();
        buttons
            .map(|button| InputEvent::PointerButton {
                epoch,
                pos,
                button,
                press: Press::Up,
            })
            .chain(keys.map(|key| {
                InputEvent::Key(KeyEvent {
                    press: Press::Up,
                    text: None,
                    ..key
                })
            }))
            .collect()
    }
}

fn is_same_key(a: &KeyEvent, b: &KeyEvent) -> bool {
    if a.usage != 0 || b.usage != 0 {
        a.usage == b.usage
    } else {
        a.logical == b.logical
    }
}

/// Decides whether an event of a technician is listened to. The customer's own hands act directly on the device and
/// cannot be held back by it: with priority to the technician nobody is (APP-59 would need `block_input`). A mark does nothing, and who asked with it
/// must be answered.
pub(super) fn yields_to_customer(priority: InputPriority, event: &InputEvent, customer_acted_at: Option<Instant>, now: Instant) -> bool {
    let acts = !event.is_release() && !matches!(event, InputEvent::Mark(_));
    priority == InputPriority::Customer && acts && customer_acted_at.is_some_and(|at| now.duration_since(at) < PRIORITY)
}

#[cfg(test)]
mod tests {
    use farhand_protocol::input::KeyLayout;

    use super::*;

    fn key(usage: u16, press: Press) -> InputEvent {
        InputEvent::Key(KeyEvent {
            usage,
            press,
            logical: None,
            text: Some("a".into()),
            layout: KeyLayout::Here,
        })
    }

    #[test]
    fn what_is_down_is_let_go_in_reverse_and_nothing_else() {
        let now = Instant::now();
        let mut held = Held::default();
        for event in [
            key(0xe0, Press::Down),
            key(4, Press::Down),
            key(4, Press::Down),
            key(5, Press::Down),
            key(5, Press::Up),
        ] {
            held.handle_input(&event, now);
        }
        let pos = Point { x: 3, y: 4 };
        held.handle_input(
            &InputEvent::PointerButton {
                epoch: 2,
                pos,
                button: Button::Left,
                press: Press::Down,
            },
            now,
        );
        let usages: Vec<Option<u16>> = held
            .release()
            .iter()
            .map(|event| match event {
                InputEvent::Key(key) => {
                    assert!(key.press == Press::Up && key.text.is_none());
                    Some(key.usage)
                }
                other => {
                    assert_eq!(
                        other,
                        &InputEvent::PointerButton {
                            epoch: 2,
                            pos,
                            button: Button::Left,
                            press: Press::Up
                        }
                    );
                    None
                }
            })
            .collect();
        assert_eq!(usages, vec![None, Some(4), Some(0xe0)]);
        assert!(!held.is_holding() && held.release().is_empty());
    }

    #[test]
    fn silence_counts_from_the_last_word_and_only_while_something_is_down() {
        let start = Instant::now();
        let mut held = Held::default();
        assert_eq!(held.poll_deadline(), None);
        held.handle_input(&key(4, Press::Down), start);
        let later = start + Duration::from_millis(700);
        held.handle_input(&InputEvent::Beat, later);
        assert_eq!(held.poll_deadline(), Some(later + Duration::from_millis(HELD_SILENCE_MILLIS)));
        held.handle_input(&InputEvent::ReleaseAll, later);
        assert_eq!(held.poll_deadline(), None);
    }

    #[test]
    fn the_customers_hands_win_for_half_a_second_where_they_have_priority_but_releases_pass() {
        let now = Instant::now();
        let acted = Some(now);
        let soon = now + PRIORITY - Duration::from_millis(1);
        let yields = |priority, event: &InputEvent, at| yields_to_customer(priority, event, acted, at);
        assert!(yields(InputPriority::Customer, &key(4, Press::Down), soon));
        assert!(!yields(InputPriority::Customer, &key(4, Press::Up), soon));
        assert!(!yields(InputPriority::Customer, &InputEvent::ReleaseAll, soon));
        assert!(!yields(InputPriority::Customer, &key(4, Press::Down), now + PRIORITY));
        assert!(!yields(InputPriority::Technician, &key(4, Press::Down), soon));
    }
}
