//! What is done with the customer's desktop: the buttons and menus below the picture, of which full screen has some in its bar.

use egui::{Response, Ui};
use farhand_assets::{
    Words, icons,
    widgets::{Button, MenuItem, hairline, menu_button},
};
use farhand_protocol::input::KeyLayout;

use super::{actions::next_monitor, desktop::DesktopView, shortcuts};
use crate::model::{Combination, Command, PictureQuality, placement::Zoom};

/// Paints the buttons and menus.
pub fn tools_ui(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let id = view.session_id;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        let mut toggle = |key: &str, glyph, shortcut, on: bool, why: &Option<String>, command| {
            let label = words.text(key);
            let why = if on { None } else { why.as_deref() };
            let button = Button::secondary(&label)
                .icon(glyph)
                .shortcut(shortcut)
                .selected(on)
                .disabled_because(why);
            if ui.add(button).clicked() {
                commands.push(command);
            }
        };
        if view.may_view {
            let command = Command::View(id, !view.view);
            toggle("desktop-view", icons::EYE, shortcuts::VIEW, view.view, &view.view_refusal, command);
        }
        if view.may_control {
            let command = Command::Control(id, !view.control);
            let why = &view.control_refusal;
            toggle(
                "desktop-control",
                icons::CURSOR_CLICK,
                shortcuts::CONTROL,
                view.control,
                why,
                command,
            );
        }
        ui.add_space(4.0);
        zoom_menu(ui, words, view, commands);
        full_screen_button(ui, words, view, commands);
        keys_menu(ui, words, view, commands);
        monitor_menu(ui, words, view, commands);
        quality_menu(ui, words, view, commands);
        keyboard_menu(ui, words, view, commands);
        let refresh = words.text("desktop-refresh");
        let why = (!view.view).then(|| words.text("desktop-not-viewing"));
        let button = Button::icon_alone(icons::ARROWS_CLOCKWISE, &refresh)
            .shortcut(shortcuts::REFRESH)
            .disabled_because(why.as_deref());
        if ui.add(button).clicked() {
            commands.push(Command::Refresh(id));
        }
    });
}

/// How large the picture is shown, and the sizes to choose from.
pub fn zoom_menu(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let (label, help) = (zoom_name(words, view.zoom), words.text("desktop-zoom"));
    let button = Button::ghost(&label).icon(icons::MAGNIFYING_GLASS).tooltip(&help);
    menu_button(ui, button, |ui| {
        let mut item = |ui: &mut Ui, zoom, help: Option<&str>, shortcut| {
            let label = zoom_name(words, zoom);
            let mut item = MenuItem::new(&label).checked(view.zoom == zoom);
            if let Some(shortcut) = shortcut {
                item = item.shortcut(shortcut);
            }
            let response = ui.add(item);
            let response = match help {
                Some(help) => explained(response, words.text(help)),
                None => response,
            };
            if response.clicked() {
                commands.push(Command::Zoom(view.session_id, zoom));
            }
        };
        for (zoom, help, shortcut) in [
            (Zoom::Fit, "desktop-fit-help", shortcuts::FIT),
            (Zoom::Stretch, "desktop-stretch-help", shortcuts::STRETCH),
            (Zoom::ACTUAL, "desktop-actual-help", shortcuts::ACTUAL),
        ] {
            item(ui, zoom, Some(help), Some(shortcut));
        }
        hairline(ui);
        for zoom in Zoom::STEPS.map(Zoom::Percent).into_iter().filter(|zoom| *zoom != Zoom::ACTUAL) {
            item(ui, zoom, None, None);
        }
    });
}

/// A size of the picture.
pub fn zoom_name(words: &Words, zoom: Zoom) -> String {
    match zoom {
        Zoom::Fit => words.text("desktop-fit"),
        Zoom::Stretch => words.text("desktop-stretch"),
        Zoom::ACTUAL => words.text("desktop-actual"),
        Zoom::Percent(percent) => percent_text(words, percent),
    }
}

/// A number of percent.
pub fn percent_text(words: &Words, percent: u16) -> String {
    words.with("desktop-percent", &[("value", percent.into())])
}

/// What the tooltip shows is read aloud too.
fn explained(response: Response, help: String) -> Response {
    response
        .ctx
        .accesskit_node_builder(response.id, |node| node.set_description(help.as_str()));
    response.on_hover_text(help)
}

fn full_screen_button(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let label = words.text("desktop-full-screen");
    let why = (!view.view).then(|| words.text("desktop-not-viewing"));
    let button = Button::icon_alone(icons::ARROWS_OUT, &label)
        .shortcut(shortcuts::FULL_SCREEN)
        .disabled_because(why.as_deref());
    if ui.add(button).clicked() {
        commands.push(Command::FullScreen(true));
    }
}

fn keys_menu(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let label = words.text("desktop-send-keys");
    let why = (!view.control).then(|| words.text("desktop-not-controlling"));
    let button = Button::ghost(&label).icon(icons::COMMAND).disabled_because(why.as_deref());
    menu_button(ui, button, |ui| {
        for keys in Combination::ALL {
            if ui.add(keys_item(keys, &words.text(keys.key()))).clicked() {
                commands.push(Command::SendKeys(view.session_id, keys));
            }
        }
    });
}

/// A line of the menu that sends keys.
pub fn keys_item(keys: Combination, label: &str) -> MenuItem<'_> {
    let item = MenuItem::new(label);
    match keys {
        Combination::CtrlAltDelete => item.shortcut(shortcuts::SEND_CTRL_ALT_DELETE),
        _ => item,
    }
}

fn monitor_menu(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    if view.monitors.is_empty() {
        return;
    }
    let label = words.text("desktop-monitors");
    menu_button(ui, Button::ghost(&label).icon(icons::MONITOR), |ui| {
        let all = words.text("desktop-monitors-all");
        let next = next_monitor(&view.monitors, &view.chosen);
        let each = view.monitors.iter().map(|(id, name)| (vec![*id], name));
        for (monitors, name) in std::iter::once((Vec::new(), &all)).chain(each) {
            let mut item = MenuItem::new(name).checked(view.chosen == monitors);
            if monitors == next {
                item = item.shortcut(shortcuts::NEXT_MONITOR);
            }
            if ui.add(item).clicked() {
                commands.push(Command::Monitors(view.session_id, monitors));
            }
        }
    });
}

fn quality_menu(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let label = match view.quality {
        PictureQuality::Automatic => words.text("desktop-quality"),
        chosen => quality_name(words, chosen),
    };
    let button = menu_button(ui, Button::ghost(&label).icon(icons::GAUGE), |ui| {
        for quality in PictureQuality::ALL {
            let (label, help) = (words.text(quality.key()), words.text(quality.help_key()));
            let response = ui.add(MenuItem::new(&label).checked(view.quality == quality));
            if explained(response, help).clicked() {
                commands.push(Command::Quality(view.session_id, quality));
            }
        }
    });
    button.on_hover_text(words.text(view.quality.help_key()));
}

/// A quality where nothing around it says that it is one.
pub fn quality_name(words: &Words, quality: PictureQuality) -> String {
    words.with("desktop-quality-named", &[("name", words.text(quality.key()).into())])
}

fn keyboard_menu(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let label = words.text("desktop-keyboard");
    menu_button(ui, Button::ghost(&label).icon(icons::KEYBOARD), |ui| {
        for (layout, key) in [
            (KeyLayout::Here, "desktop-keyboard-here"),
            (KeyLayout::There, "desktop-keyboard-there"),
        ] {
            let chosen = view.keyboard == layout;
            let label = words.text(key);
            let mut item = MenuItem::new(&label).checked(chosen);
            if !chosen {
                item = item.shortcut(shortcuts::KEYBOARD);
            }
            if ui.add(item).clicked() {
                commands.push(Command::Keyboard(view.session_id, layout));
            }
        }
    });
}
