//! The controls as a person or a screen reader uses them: found by label, pressed, typed into.

use std::cell::{Cell, RefCell};

use egui::{Key, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use farhand_assets::widgets::{
    Banner, Button, ChatKind, ChatLine, ChatList, CodeInput, Dialog, MenuItem, SplitAxis, SplitHandle, Tab, TabEvent, TabStrip, TextField,
    Toasts, menu_button, segmented,
};
use farhand_assets::{Theme, Tone, icons};

fn harness<'a>(paint: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    Harness::builder()
        .with_size(egui::vec2(480.0, 320.0))
        .with_context_setup(Theme::install)
        .build_ui(paint)
}

#[test]
fn a_button_is_found_by_its_text_without_its_icon_and_pressed() {
    let pressed = Cell::new(0);
    let mut harness = harness(|ui| {
        if ui.add(Button::primary("New session…").icon(icons::PLUS)).clicked() {
            pressed.set(pressed.get() + 1);
        }
    });
    harness.get_by_label("New session…").click();
    harness.run();
    assert_eq!(pressed.get(), 1);
}

#[test]
fn a_button_with_the_keyboard_answers_to_space() {
    let pressed = Cell::new(0);
    let mut harness = harness(|ui| {
        if ui.add(Button::secondary("Start")).clicked() {
            pressed.set(pressed.get() + 1);
        }
    });
    harness.get_by_label("Start").focus();
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(pressed.get(), 1);
}

#[test]
fn a_refused_button_is_disabled_says_why_and_does_nothing() {
    let pressed = Cell::new(false);
    let mut harness = harness(|ui| {
        let button = Button::secondary("Transfer…").disabled_because(Some("Not permitted by your group"));
        pressed.set(pressed.get() | ui.add(button).clicked());
    });
    let node = harness.get_by_label("Transfer…");
    assert!(node.accesskit_node().is_disabled());
    assert_eq!(node.accesskit_node().description().as_deref(), Some("Not permitted by your group"));
    node.click();
    harness.run();
    assert!(!pressed.get());
}

#[test]
fn an_icon_alone_has_words() {
    let harness = harness(|ui| {
        ui.add(Button::icon_alone(icons::GEAR, "Settings"));
    });
    harness.get_by_label("Settings");
}

#[test]
fn tab_moves_through_the_controls_in_reading_order() {
    let mut value = String::new();
    let mut harness = harness(|ui| {
        ui.add(Button::primary("First"));
        TextField::new("Second", &mut value).show(ui);
        ui.add(Button::icon_alone(icons::GEAR, "Third"));
    });
    for label in ["First", "Second", "Third"] {
        harness.key_press(Key::Tab);
        harness.run();
        let focused = harness.query_all_by_label(label).any(|node| node.accesskit_node().is_focused());
        assert!(focused, "{label}");
    }
}

#[test]
fn a_text_field_is_named_by_its_visible_label_and_described_by_its_error() {
    let mut value = String::new();
    let harness = harness(|ui| {
        TextField::new("E-mail", &mut value).error(Some("This is no address")).show(ui);
    });
    let field = harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "E-mail");
    assert_eq!(field.accesskit_node().description().as_deref(), Some("This is no address"));
}

#[test]
fn a_password_can_be_shown() {
    let mut value = "secret".to_owned();
    let mut harness = harness(|ui| {
        TextField::new("Password", &mut value)
            .password("Show password", "Hide password")
            .show(ui);
    });
    harness.get_by_label("Show password").click();
    harness.run();
    harness.get_by_label("Hide password");
}

#[test]
fn a_code_pasted_with_dashes_is_kept_as_digits_and_sent_with_enter() {
    let value = RefCell::new(String::new());
    let sent = Cell::new(false);
    let mut harness = harness(|ui| {
        let output = CodeInput::new("Code", &mut value.borrow_mut()).show(ui);
        sent.set(sent.get() | output.submitted);
    });
    harness.get_by_label("Code").focus();
    harness.run();
    harness.event(egui::Event::Paste("427-901 358\n".to_owned()));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(*value.borrow(), "427901358");
    assert!(sent.get());
}

#[test]
fn a_code_too_short_is_not_sent() {
    let value = RefCell::new(String::new());
    let sent = Cell::new(false);
    let mut harness = harness(|ui| {
        let output = CodeInput::new("Code", &mut value.borrow_mut()).show(ui);
        sent.set(sent.get() | output.submitted);
    });
    harness.get_by_label("Code").focus();
    harness.run();
    harness.get_by_label("Code").type_text("42790");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(*value.borrow(), "42790");
    assert!(!sent.get());
}

#[test]
fn a_tab_is_chosen_and_closed() {
    let events = RefCell::new(Vec::new());
    let mut harness = harness(|ui| {
        let tabs = [
            Tab::new("Desktop"),
            Tab {
                close: Some("Close Files"),
                ..Tab::new("Files")
            },
        ];
        events.borrow_mut().extend(TabStrip::new(&tabs, Some(0)).show(ui, "tabs"));
    });
    harness.get_by_label("Files").click();
    harness.run();
    harness.get_by_label("Close Files").click();
    harness.run();
    assert_eq!(*events.borrow(), [TabEvent::Selected(1), TabEvent::Closed(1)]);
}

#[test]
fn a_segment_is_chosen_by_label() {
    let zoom = Cell::new(0);
    let mut harness = harness(|ui| {
        let mut value = zoom.get();
        segmented(ui, "Zoom", &mut value, &[(0, "1:1"), (1, "Fit")]);
        zoom.set(value);
    });
    harness.get_by_label("Fit").click();
    harness.run();
    assert_eq!(zoom.get(), 1);
}

#[test]
fn a_menu_opens_and_its_item_is_pressed() {
    let pressed = Cell::new(false);
    let mut harness = harness(|ui| {
        menu_button(ui, Button::secondary("Send keys"), |ui| {
            pressed.set(pressed.get() | ui.add(MenuItem::new("Ctrl+Alt+Del")).clicked());
        });
    });
    assert!(harness.query_by_label("Ctrl+Alt+Del").is_none());
    harness.get_by_label("Send keys").click();
    harness.run();
    harness.get_by_label("Ctrl+Alt+Del").click();
    harness.run();
    assert!(pressed.get());
    assert!(harness.query_by_label("Ctrl+Alt+Del").is_none(), "the menu has closed");
}

#[test]
fn a_split_handle_moves_with_the_arrow_keys_within_its_limits() {
    let width = Cell::new(200.0_f32);
    let mut harness = harness(|ui| {
        let mut size = width.get();
        let rect = egui::Rect::from_min_size(egui::pos2(200.0, 0.0), egui::vec2(8.0, 100.0));
        SplitHandle::new(SplitAxis::SideBySide, &mut size, "Width")
            .limits(100.0, 210.0)
            .show(ui, rect, "split");
        width.set(size);
    });
    harness.get_by_label("Width").focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert_eq!(width.get(), 210.0);
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert_eq!(width.get(), 194.0);
    harness.get_by_label("Width");
    assert!(
        harness.get_by_label("Width").accesskit_node().is_focused(),
        "arrows do not move the focus away"
    );
}

#[test]
fn a_split_handle_in_a_small_window_keeps_the_size_of_a_larger_one_until_it_is_moved() {
    let (width, changes) = (Cell::new(372.0_f32), Cell::new(0));
    let mut harness = harness(|ui| {
        let mut size = width.get();
        let rect = egui::Rect::from_min_size(egui::pos2(200.0, 0.0), egui::vec2(8.0, 100.0));
        let changed = SplitHandle::new(SplitAxis::SideBySide, &mut size, "Width")
            .limits(220.0, 280.0)
            .show(ui, rect, "split");
        changes.set(changes.get() + u32::from(changed));
        width.set(size);
    });
    harness.run();
    assert_eq!((width.get(), changes.get()), (372.0, 0));
    harness.get_by_label("Width").focus();
    harness.run();
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert_eq!((width.get(), changes.get()), (264.0, 1));
}

#[test]
fn a_banner_s_action_is_pressed() {
    let pressed = Cell::new(false);
    let mut harness = harness(|ui| {
        let output = Banner::warning("Lost").detail("Next try in 4 s").action("Try now").show(ui);
        pressed.set(pressed.get() | output.action);
    });
    harness.get_by_label("Lost. Next try in 4 s");
    harness.get_by_label("Try now").click();
    harness.run();
    assert!(pressed.get());
}

#[test]
fn a_chat_stays_at_its_newest_line() {
    let lines: Vec<ChatLine> = (0..60)
        .map(|number| ChatLine {
            kind: ChatKind::Theirs,
            who: "M. Diaz".to_owned(),
            time: "14:03".to_owned(),
            text: format!("line {number}"),
            detail: Vec::new(),
        })
        .collect();
    let mut harness = harness(|ui| ChatList::new(&lines, "Chat").show(ui, "chat"));
    harness.run();
    let newest = harness
        .query_all_by_value("line 59")
        .last()
        .expect("the newest line is there")
        .rect();
    assert!(newest.max.y <= 320.0 && newest.min.y > 200.0, "{newest:?}");
}

#[test]
fn a_toast_leaves_after_its_time() {
    let toasts = RefCell::new(Toasts::default());
    let mut harness = harness(|ui| toasts.borrow_mut().show(ui.ctx()));
    toasts.borrow_mut().push(Tone::Active, "Code copied", 0.5);
    harness.run_steps(2);
    assert!(harness.query_all_by_label_contains("Code copied").count() > 0);
    harness.run_steps(24);
    assert_eq!(harness.query_all_by_label_contains("Code copied").count(), 0);
    assert!(toasts.borrow().is_empty());
}

#[test]
fn nothing_here_repaints_while_nobody_does_anything() {
    let mut value = "x".to_owned();
    let mut harness = harness(|ui| {
        TextField::new("Name", &mut value).show(ui);
        ui.add(Button::primary("Connect"));
    });
    harness.get_by_label("Name").focus();
    harness.run();
    let wanted = harness.ctx.has_requested_repaint();
    assert!(!wanted, "a focused field must not blink");
}

#[test]
fn a_dialog_closes_with_escape_and_its_button_but_not_with_a_click_beside_it() {
    let closed = Cell::new(0);
    let mut harness = harness(|ui| {
        let dialog = Dialog::new("New session", "Close").width(200.0);
        if dialog.show(ui.ctx(), |ui| ui.add(Button::primary("Create"))).closed {
            closed.set(closed.get() + 1);
        }
    });
    harness.run();
    let beside = egui::pos2(10.0, 10.0);
    harness.hover_at(beside);
    for pressed in [true, false] {
        let button = egui::PointerButton::Primary;
        harness.event(egui::Event::PointerButton {
            pos: beside,
            button,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
    }
    harness.run();
    assert_eq!(closed.get(), 0);
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(closed.get(), 1);
    harness.get_by_label("Close").click();
    harness.run();
    assert_eq!(closed.get(), 2);
}
