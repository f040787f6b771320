//! What the technician's hands do over the customer's desktop. Pointer and keys are taken from the window's own events, before egui sees
//! them, and go straight to the engine: no frame is waited for, and a moving pointer repaints nothing.
//!
//! ```text
//! pointer over the picture, control held   → engine (swallowed)
//! keys while the picture has the keyboard  → engine (swallowed), but F11 and Ctrl+Alt+Home
//! a press beside the picture               → egui; the keyboard is lent to the console until a tool gives it back or a key is pressed
//! everything else                          → egui
//! ```

use std::collections::BTreeSet;

use farhand_engine::platform::GrabbedKey;
use farhand_protocol::{
    geometry::Point,
    ids::SessionId,
    input::{Button, InputEvent, KeyEvent, KeyLayout, Press, WHEEL_DETENT},
};
use winit::{
    event::{ElementState, Ime, MouseButton, MouseScrollDelta, WindowEvent},
    keyboard::{Key, KeyCode, ModifiersState, PhysicalKey},
};

use super::keys;
use crate::model::placement::Placement;

/// Window pixels of a smooth wheel that make one detent.
const PIXELS_PER_DETENT: f64 = 40.0;
/// How near the upper edge calls the full-screen bar, window pixels.
const EDGE_PX: f64 = 2.0;
/// How far below the upper edge the bar is left again, window pixels.
const BAR_PX: f64 = 120.0;

/// So near the edge of a picture that is larger than its screen egui pans it and wants to see the pointer, window pixels.
const PAN_PX: f64 = 16.0;

/// Where the hands act.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The session.
    pub session_id: SessionId,
    /// Where its picture lies.
    pub placement: Placement,
    /// Layout the picture belongs to.
    pub epoch: u32,
    /// Whose keyboard layout counts.
    pub layout: KeyLayout,
    /// The keyboard goes to the picture.
    pub focused: bool,
    /// The window fills the screen.
    pub full_screen: bool,
}

/// Something the hands want of the console itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandsWish {
    /// The keyboard goes to the picture.
    Focus,
    /// The keyboard comes back to the console.
    Leave,
    /// A press beside the picture takes the keyboard from it.
    Lend,
    /// The person types in the console.
    Keep,
    /// Full screen, or back.
    ToggleFullScreen,
    /// The full-screen bar comes or goes.
    Bar(bool),
}

/// What became of one window event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// egui must not see it.
    pub swallow: bool,
    /// For the engine, in order.
    pub send: Vec<InputEvent>,
    /// For the console.
    pub wish: Option<HandsWish>,
}

impl Outcome {
    fn sent(event: InputEvent) -> Self {
        Self {
            swallow: true,
            send: vec![event],
            wish: None,
        }
    }
}

/// The state of the hands.
#[derive(Debug, Default)]
pub struct Hands {
    target: Option<Target>,
    pos: (f64, f64),
    last_sent: Option<Point>,
    inside: bool,
    /// Where egui saw the pointer last.
    seen_pos: (f64, f64),
    bar: bool,
    /// A press beside the picture took the keyboard from it, and no key was pressed since.
    lent: bool,
    buttons: BTreeSet<Button>,
    keys: BTreeSet<u16>,
    modifiers: ModifiersState,
    wheel: (f64, f64),
}

impl Hands {
    /// Where the hands act from now on; none while nothing is controlled. Returns what the engine is to be told, and in which session: what must be let
    /// go, or where the pointer is in a picture that was moved under it.
    pub fn set_target(&mut self, target: Option<Target>) -> Option<(SessionId, InputEvent)> {
        let moved = self.target.zip(target).is_some_and(|(old, new)| old.placement != new.placement);
        let before = self.target.map(|target| target.session_id);
        let same = before == target.map(|target| target.session_id);
        self.target = target;
        if same {
            let (x, y) = self.pos;
            // What was moved away from below the pointer is not pointed at.
            let target = target.filter(|target| moved && self.inside && target.placement.contains(x, y))?;
            let (last_sent, epoch) = (self.last_sent, target.epoch);
            let pos = self.desktop_pos(&target);
            let event = InputEvent::PointerMove { epoch, pos };
            return (last_sent != Some(pos)).then_some((target.session_id, event));
        }
        self.inside = false;
        self.last_sent = None;
        before
            .filter(|_| self.let_go())
            .map(|session_id| (session_id, InputEvent::ReleaseAll))
    }

    /// The session acted on.
    pub fn session_id(&self) -> Option<SessionId> {
        self.target.map(|target| target.session_id)
    }

    /// True while the pointer is over the picture.
    pub fn is_inside(&self) -> bool {
        self.inside
    }

    /// The full-screen bar is out.
    pub fn bar(&self) -> bool {
        self.bar
    }

    /// Where the pointer was last said to be.
    pub fn last_sent(&self) -> Option<Point> {
        self.last_sent
    }

    /// True when something was held; nothing is any more.
    fn let_go(&mut self) -> bool {
        let held = !self.buttons.is_empty() || !self.keys.is_empty();
        self.buttons.clear();
        self.keys.clear();
        held
    }

    /// Takes in an event of the window. `covered` says whether something of the console lies over the picture at a point of the
    /// window (physical pixels).
    pub fn handle_event(&mut self, event: &WindowEvent, covered: impl Fn(f64, f64) -> bool) -> Outcome {
        if let WindowEvent::ModifiersChanged(modifiers) = event {
            self.modifiers = modifiers.state();
        }
        if let WindowEvent::CursorMoved { position, .. } = event {
            self.pos = (position.x, position.y);
        }
        let Some(target) = self.target else { return Outcome::default() };
        let (x, y) = self.pos;
        let over = || target.placement.contains(x, y) && !covered(x, y);
        match event {
            WindowEvent::CursorMoved { .. } => self.moved(&target, over(), covered(x, y)),
            WindowEvent::CursorLeft { .. } => {
                self.inside = false;
                Outcome::default()
            }
            WindowEvent::MouseInput { state, button, .. } => self.button(&target, *state, *button, over()),
            WindowEvent::MouseWheel { delta, .. } if over() => self.wheel(&target, *delta),
            WindowEvent::KeyboardInput { event, is_synthetic, .. } => self.key(&target, event, *is_synthetic),
            WindowEvent::Ime(Ime::Commit(text)) if target.focused => Outcome::sent(InputEvent::Text(text.clone())),
            WindowEvent::Focused(false) => {
                let held = self.let_go();
                Outcome {
                    send: if held { vec![InputEvent::ReleaseAll] } else { vec![] },
                    ..Outcome::default()
                }
            }
            _ => Outcome::default(),
        }
    }

    fn desktop_pos(&mut self, target: &Target) -> Point {
        let pos = target.placement.to_desktop(self.pos.0, self.pos.1);
        self.last_sent = Some(pos);
        pos
    }

    fn moved(&mut self, target: &Target, over: bool, covered: bool) -> Outcome {
        let dragging = !self.buttons.is_empty();
        let wish = if dragging { None } else { self.edge(target, covered) };
        if !over && !dragging {
            self.inside = false;
            self.seen_pos = self.pos;
            return Outcome {
                wish,
                ..Outcome::default()
            };
        }
        // egui sees the pointer come in, and nothing until it leaves: a frame for every step would cost more than the picture.
        let entered = over && !std::mem::replace(&mut self.inside, over);
        // It also sees the pointer at the edge of what it pans, and leave it, or it would pan for ever.
        let pans = is_at_edge(target, self.pos) || is_at_edge(target, self.seen_pos);
        if entered || pans {
            self.seen_pos = self.pos;
        }
        let before = self.last_sent;
        let pos = self.desktop_pos(target);
        let event = InputEvent::PointerMove { epoch: target.epoch, pos };
        let send = if before == Some(pos) { vec![] } else { vec![event] };
        Outcome {
            swallow: !entered && !pans,
            send,
            wish,
        }
    }

    /// The bar stays while the pointer is on it or on a menu of it.
    fn edge(&mut self, target: &Target, covered: bool) -> Option<HandsWish> {
        let [left, _, right, _] = target.placement.visible_px.map(f64::from);
        let third = (right - left) / 3.0;
        let (x, y) = self.pos;
        let called = y <= EDGE_PX && x > left + third && x < right - third;
        let bar = target.full_screen && (called || (self.bar && (covered || y < BAR_PX)));
        (std::mem::replace(&mut self.bar, bar) != bar).then_some(HandsWish::Bar(bar))
    }

    fn button(&mut self, target: &Target, state: ElementState, button: MouseButton, over: bool) -> Outcome {
        let button = match button {
            MouseButton::Left => Button::Left,
            MouseButton::Middle => Button::Middle,
            MouseButton::Right => Button::Right,
            MouseButton::Back => Button::Back,
            MouseButton::Forward => Button::Forward,
            MouseButton::Other(_) => return Outcome::default(),
        };
        let press = match state {
            ElementState::Pressed if over => {
                self.buttons.insert(button);
                Press::Down
            }
            ElementState::Pressed => {
                self.lent |= target.focused;
                let wish = target.focused.then_some(HandsWish::Lend);
                return Outcome {
                    wish,
                    ..Outcome::default()
                };
            }
            ElementState::Released if self.buttons.remove(&button) => Press::Up,
            ElementState::Released => return Outcome::default(),
        };
        let pos = self.desktop_pos(target);
        let wish = (press == Press::Down && !target.focused).then_some(HandsWish::Focus);
        Outcome {
            wish,
            ..Outcome::sent(InputEvent::PointerButton {
                epoch: target.epoch,
                pos,
                button,
                press,
            })
        }
    }

    fn wheel(&mut self, target: &Target, delta: MouseScrollDelta) -> Outcome {
        let detent = f64::from(WHEEL_DETENT);
        // winit counts to the right when what is on the left comes into sight; the wire counts towards the trailing side.
        let (dx, dy) = match delta {
            MouseScrollDelta::LineDelta(x, y) => (-f64::from(x) * detent, f64::from(y) * detent),
            MouseScrollDelta::PixelDelta(by) => (-by.x * detent / PIXELS_PER_DETENT, by.y * detent / PIXELS_PER_DETENT),
        };
        self.wheel = (self.wheel.0 + dx, self.wheel.1 + dy);
        let whole = (self.wheel.0.trunc(), self.wheel.1.trunc());
        self.wheel = (self.wheel.0 - whole.0, self.wheel.1 - whole.1);
        let pos = self.desktop_pos(target);
        let (dx, dy) = (whole.0 as i32, whole.1 as i32);
        let send = if (dx, dy) == (0, 0) {
            vec![]
        } else {
            vec![InputEvent::Wheel {
                epoch: target.epoch,
                pos,
                dx,
                dy,
            }]
        };
        Outcome {
            swallow: true,
            send,
            wish: None,
        }
    }

    fn key(&mut self, target: &Target, event: &winit::event::KeyEvent, synthetic: bool) -> Outcome {
        self.handle_key(
            target,
            &Pressed {
                physical: event.physical_key,
                logical: &event.logical_key,
                text: event.text.as_deref(),
                down: event.state == ElementState::Pressed,
                repeat: event.repeat,
                synthetic,
            },
        )
    }

    fn handle_key(&mut self, target: &Target, key: &Pressed<'_>) -> Outcome {
        let usage = keys::usage(key.physical);
        let held = self.keys.contains(&usage);
        if !target.focused && (!held || key.down) {
            let keeps = key.down && !key.synthetic && std::mem::take(&mut self.lent);
            return Outcome {
                wish: keeps.then_some(HandsWish::Keep),
                ..Outcome::default()
            };
        }
        if key.synthetic && key.down {
            return Outcome {
                swallow: true,
                ..Outcome::default()
            };
        }
        if let Some(wish) = self.own_key(key, held) {
            let send = if wish == Some(HandsWish::Leave) && self.let_go() {
                vec![InputEvent::ReleaseAll]
            } else {
                vec![]
            };
            return Outcome { swallow: true, send, wish };
        }
        if key.down {
            self.keys.insert(usage);
        } else if !self.keys.remove(&usage) {
            // Pressed before the picture had the keyboard: egui saw it go down.
            return Outcome::default();
        }
        Outcome::sent(InputEvent::Key(KeyEvent {
            usage,
            press: if key.down { Press::Down } else { Press::Up },
            logical: logical_name(key.logical),
            text: if key.down { self.text(key.text) } else { None },
            layout: target.layout,
        }))
    }

    /// Takes in a key the window was not told of, because the system would keep it for itself: a place alone, without a text.
    pub fn handle_grabbed(&mut self, key: GrabbedKey) -> Option<InputEvent> {
        let target = self.target?;
        let down = key.press == Press::Down;
        let counts = if down {
            // A key held down comes again and again; the customer's side repeats by itself.
            target.focused && self.keys.insert(key.usage)
        } else {
            self.keys.remove(&key.usage)
        };
        counts.then_some(InputEvent::Key(KeyEvent {
            usage: key.usage,
            press: key.press,
            logical: None,
            text: None,
            layout: target.layout,
        }))
    }

    /// The keys the console keeps for itself while the picture has the keyboard: inner `None` swallows without a wish.
    fn own_key(&self, key: &Pressed<'_>, held: bool) -> Option<Option<HandsWish>> {
        let chord = self.modifiers.control_key() && self.modifiers.alt_key();
        match key.physical {
            PhysicalKey::Code(KeyCode::F11) if self.modifiers.is_empty() && !held => {
                Some((key.down && !key.repeat).then_some(HandsWish::ToggleFullScreen))
            }
            PhysicalKey::Code(KeyCode::Home) if chord && key.down => Some(Some(HandsWish::Leave)),
            _ => None,
        }
    }

    /// What the press types; none for shortcuts and for keys such as Enter whose text is a control character.
    fn text(&self, text: Option<&str>) -> Option<String> {
        let text = text.filter(|text| !text.is_empty() && !text.chars().any(char::is_control))?;
        let (control, alt) = (self.modifiers.control_key(), self.modifiers.alt_key());
        // Control and Alt together are AltGr on some systems, where they type.
        let chord = control != alt || self.modifiers.super_key();
        (!chord || !text.is_ascii()).then(|| text.to_owned())
    }
}

struct Pressed<'a> {
    physical: PhysicalKey,
    logical: &'a Key,
    text: Option<&'a str>,
    down: bool,
    repeat: bool,
    synthetic: bool,
}

/// The name of a key by W3C UI Events; winit's own names are these.
fn logical_name(key: &Key) -> Option<String> {
    match key {
        Key::Named(named) => Some(format!("{named:?}")),
        Key::Character(text) => Some(text.to_string()),
        Key::Dead(_) => Some("Dead".to_owned()),
        Key::Unidentified(_) => None,
    }
}

/// Whether egui pans the picture for a pointer at `pos`.
fn is_at_edge(target: &Target, (x, y): (f64, f64)) -> bool {
    let placement = &target.placement;
    let [left, top, right, bottom] = placement.visible_px.map(f64::from);
    let is_cut = placement.size_px() != [right - left, bottom - top].map(|side| side as f32);
    let is_inner = (left + PAN_PX..right - PAN_PX).contains(&x) && (top + PAN_PX..bottom - PAN_PX).contains(&y);
    target.full_screen && is_cut && !is_inner
}

#[cfg(test)]
mod tests {
    use farhand_protocol::geometry::Rect;
    use winit::{
        dpi::PhysicalPosition,
        event::DeviceId,
        keyboard::{NamedKey, SmolStr},
    };

    use super::*;

    fn target() -> Target {
        Target {
            session_id: SessionId(1),
            placement: Placement::scaled(Rect::new(0, 0, 100, 100), 1.0, 50.0, 50.0, [0.0, 0.0, 500.0, 500.0]),
            epoch: 7,
            layout: KeyLayout::Here,
            focused: true,
            full_screen: false,
        }
    }

    fn hands() -> Hands {
        let mut hands = Hands::default();
        hands.set_target(Some(target()));
        hands
    }

    fn moved(hands: &mut Hands, x: f64, y: f64) -> Outcome {
        let event = WindowEvent::CursorMoved {
            device_id: DeviceId::dummy(),
            position: PhysicalPosition::new(x, y),
        };
        hands.handle_event(&event, |_, _| false)
    }

    fn mouse(hands: &mut Hands, state: ElementState) -> Outcome {
        let event = WindowEvent::MouseInput {
            device_id: DeviceId::dummy(),
            state,
            button: MouseButton::Left,
        };
        hands.handle_event(&event, |_, _| false)
    }

    fn press(hands: &mut Hands, code: KeyCode, logical: Key, text: Option<&str>, down: bool) -> Outcome {
        let physical = PhysicalKey::Code(code);
        let key = Pressed {
            physical,
            logical: &logical,
            text,
            down,
            repeat: false,
            synthetic: false,
        };
        let target = hands.target.unwrap();
        hands.handle_key(&target, &key)
    }

    fn character(text: &str) -> Key {
        Key::Character(SmolStr::new(text))
    }

    #[test]
    fn egui_sees_the_pointer_come_and_go_and_nothing_between() {
        let mut hands = hands();
        assert!(!moved(&mut hands, 10.0, 10.0).swallow);
        let entered = moved(&mut hands, 60.0, 70.0);
        assert!(!entered.swallow);
        let pos = Point { x: 10, y: 20 };
        assert_eq!(entered.send, [InputEvent::PointerMove { epoch: 7, pos }]);
        assert!(moved(&mut hands, 61.0, 70.0).swallow);
        assert!(moved(&mut hands, 61.4, 70.0).send.is_empty(), "the same pixel");
        assert!(!moved(&mut hands, 200.0, 70.0).swallow && !hands.is_inside());
    }

    #[test]
    fn egui_sees_the_pointer_at_the_edge_of_what_it_pans_and_leave_it() {
        let mut hands = hands();
        let screen = [0.0, 0.0, 600.0, 600.0];
        let swallowed = |hands: &mut Hands, width: u32, full_screen: bool| {
            let placement = Placement::scaled(Rect::new(0, 0, width, 600), 1.0, 0.0, 0.0, screen);
            hands.set_target(Some(Target {
                placement,
                full_screen,
                ..target()
            }));
            moved(hands, 300.0, 300.0);
            let edge = moved(hands, 597.0, 300.0).swallow;
            (edge, moved(hands, 300.0, 300.0).swallow, moved(hands, 301.0, 300.0).swallow)
        };
        assert_eq!(swallowed(&mut hands, 900, true), (false, false, true));
        assert_eq!(swallowed(&mut hands, 600, true), (true, true, true), "all of it is seen");
        assert_eq!(swallowed(&mut hands, 900, false), (true, true, true));
        // Seen at the edge while nothing was panned, it is seen once more when something is.
        hands.set_target(Some(target()));
        moved(&mut hands, 597.0, 300.0);
        assert_eq!(swallowed(&mut hands, 900, true), (false, false, true));
    }

    #[test]
    fn a_picture_that_moves_under_a_still_pointer_is_pointed_at_where_it_is_now() {
        let mut hands = hands();
        moved(&mut hands, 60.0, 70.0);
        assert_eq!(hands.set_target(Some(target())), None);
        let mut panned = target();
        panned.placement.left_px -= 5.0;
        let pos = Point { x: 15, y: 20 };
        assert_eq!(
            hands.set_target(Some(panned)),
            Some((SessionId(1), InputEvent::PointerMove { epoch: 7, pos }))
        );
        panned.placement.visible_px = [0.0, 0.0, 50.0, 50.0];
        assert_eq!(hands.set_target(Some(panned)), None, "it shrank away from the pointer");
        moved(&mut hands, 300.0, 300.0);
        assert_eq!(hands.set_target(Some(target())), None, "the pointer is elsewhere");
    }

    #[test]
    fn the_bar_of_full_screen_stays_for_its_menus_and_goes_for_the_picture() {
        let mut hands = hands();
        let whole = Placement::scaled(Rect::new(0, 0, 600, 600), 1.0, 0.0, 0.0, [0.0, 0.0, 600.0, 600.0]);
        hands.set_target(Some(Target {
            placement: whole,
            full_screen: true,
            ..target()
        }));
        let mut wish = |y: f64, covered: bool| {
            let event = WindowEvent::CursorMoved {
                device_id: DeviceId::dummy(),
                position: PhysicalPosition::new(300.0, y),
            };
            hands.handle_event(&event, |_, _| covered).wish
        };
        assert_eq!(wish(1.0, false), Some(HandsWish::Bar(true)));
        assert_eq!((wish(50.0, true), wish(400.0, true)), (None, None), "a menu of it");
        assert_eq!(wish(400.0, false), Some(HandsWish::Bar(false)));
        assert_eq!(wish(300.0, true), None, "something else lies there");
    }

    #[test]
    fn a_drag_goes_on_outside_the_picture_until_the_button_is_up() {
        let mut hands = hands();
        moved(&mut hands, 60.0, 60.0);
        assert!(mouse(&mut hands, ElementState::Pressed).swallow);
        let outside = moved(&mut hands, 400.0, 10.0);
        assert_eq!(
            outside.send,
            [InputEvent::PointerMove {
                epoch: 7,
                pos: Point { x: 99, y: 0 }
            }]
        );
        let up = mouse(&mut hands, ElementState::Released);
        assert!(matches!(up.send[0], InputEvent::PointerButton { press: Press::Up, .. }));
        assert!(moved(&mut hands, 401.0, 10.0).send.is_empty());
    }

    #[test]
    fn a_press_beside_the_picture_brings_the_keyboard_back() {
        let mut hands = hands();
        moved(&mut hands, 10.0, 10.0);
        let outcome = mouse(&mut hands, ElementState::Pressed);
        assert_eq!((outcome.swallow, outcome.wish), (false, Some(HandsWish::Lend)));
        hands.set_target(Some(Target {
            focused: false,
            ..target()
        }));
        let mut typed = || press(&mut hands, KeyCode::KeyA, character("a"), Some("a"), true);
        let first = typed();
        assert_eq!((first.swallow, first.wish), (false, Some(HandsWish::Keep)));
        assert_eq!(typed(), Outcome::default(), "said once");
    }

    #[test]
    fn what_lies_over_the_picture_gets_its_clicks() {
        let mut hands = hands();
        moved(&mut hands, 60.0, 60.0);
        let event = WindowEvent::MouseInput {
            device_id: DeviceId::dummy(),
            state: ElementState::Pressed,
            button: MouseButton::Left,
        };
        assert!(!hands.handle_event(&event, |_, _| true).swallow);
    }

    #[test]
    fn typed_text_travels_and_shortcuts_travel_without() {
        let mut hands = hands();
        let typed = press(&mut hands, KeyCode::KeyE, character("é"), Some("é"), true);
        let InputEvent::Key(key) = &typed.send[0] else {
            panic!("{typed:?}")
        };
        assert_eq!(
            (key.usage, key.text.as_deref(), key.logical.as_deref()),
            (0x08, Some("é"), Some("é"))
        );
        hands.modifiers = ModifiersState::CONTROL;
        let chord = press(&mut hands, KeyCode::KeyC, character("c"), Some("c"), true);
        assert!(matches!(&chord.send[0], InputEvent::Key(key) if key.text.is_none()));
        hands.modifiers = ModifiersState::empty();
        let enter = press(&mut hands, KeyCode::Enter, Key::Named(NamedKey::Enter), Some("\r"), true);
        assert!(matches!(&enter.send[0], InputEvent::Key(key) if key.text.is_none()
            && key.logical.as_deref() == Some("Enter")));
    }

    #[test]
    fn a_key_the_system_would_keep_travels_by_its_place_and_comes_up_once() {
        let mut hands = hands();
        let tab = |press| GrabbedKey { usage: 0x2b, press };
        let down = hands.handle_grabbed(tab(Press::Down));
        assert!(
            matches!(&down, Some(InputEvent::Key(key)) if key.usage == 0x2b && key.text.is_none()),
            "{down:?}"
        );
        assert_eq!(hands.handle_grabbed(tab(Press::Down)), None, "held");
        assert!(hands.handle_grabbed(tab(Press::Up)).is_some());
        assert_eq!(hands.handle_grabbed(tab(Press::Up)), None, "already up");
        hands.set_target(Some(Target {
            focused: false,
            ..target()
        }));
        assert_eq!(hands.handle_grabbed(tab(Press::Down)), None, "the keyboard is here");
    }

    #[test]
    fn losing_the_window_lets_go_of_everything() {
        let mut hands = hands();
        press(&mut hands, KeyCode::ShiftLeft, Key::Named(NamedKey::Shift), None, true);
        let lost = hands.handle_event(&WindowEvent::Focused(false), |_, _| false);
        assert_eq!(lost.send, [InputEvent::ReleaseAll]);
        assert!(hands.handle_event(&WindowEvent::Focused(false), |_, _| false).send.is_empty());
    }

    #[test]
    fn another_session_or_none_lets_go_in_the_one_before() {
        let mut hands = hands();
        press(&mut hands, KeyCode::KeyA, character("a"), Some("a"), true);
        assert_eq!(hands.set_target(None), Some((SessionId(1), InputEvent::ReleaseAll)));
        assert_eq!(hands.set_target(Some(target())), None);
    }

    #[test]
    fn f11_and_the_way_back_stay_here() {
        let mut hands = hands();
        let full = press(&mut hands, KeyCode::F11, Key::Named(NamedKey::F11), None, true);
        assert_eq!((full.wish, full.send.len()), (Some(HandsWish::ToggleFullScreen), 0));
        hands.modifiers = ModifiersState::CONTROL | ModifiersState::ALT;
        press(&mut hands, KeyCode::ControlLeft, Key::Named(NamedKey::Control), None, true);
        let leave = press(&mut hands, KeyCode::Home, Key::Named(NamedKey::Home), None, true);
        assert_eq!((leave.wish, leave.send), (Some(HandsWish::Leave), vec![InputEvent::ReleaseAll]));
    }

    #[test]
    fn the_wheel_counts_up_and_towards_the_trailing_side() {
        let mut hands = hands();
        moved(&mut hands, 60.0, 60.0);
        let event = WindowEvent::MouseWheel {
            device_id: DeviceId::dummy(),
            delta: MouseScrollDelta::LineDelta(-1.0, 2.0),
            phase: winit::event::TouchPhase::Moved,
        };
        let outcome = hands.handle_event(&event, |_, _| false);
        assert!(matches!(outcome.send[0], InputEvent::Wheel { dx: 120, dy: 240, .. }));
    }
}
