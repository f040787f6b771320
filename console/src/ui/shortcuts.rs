//! Every shortcut in one place: what the tooltips show, what F1 lists, and what the keyboard does.

use egui::{Context, Key, KeyboardShortcut, Modifiers, Ui};
use farhand_assets::{Words, theme};
use farhand_protocol::input::KeyLayout;

use super::actions::next_monitor;
use crate::model::{
    Combination, Command, ConsoleState, Settings, ThemeChoice, command::Field, dialog::DialogKind, list::ListKind, placement::Zoom,
};

const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(CTRL_SHIFT, key)
}

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

/// The command palette.
pub const PALETTE: KeyboardShortcut = ctrl(Key::K);
/// *New session…*.
pub const NEW_SESSION: KeyboardShortcut = ctrl(Key::N);
/// *Start*.
pub const START: KeyboardShortcut = ctrl_shift(Key::S);
/// *Hold*.
pub const HOLD: KeyboardShortcut = ctrl_shift(Key::H);
/// *Resume*.
pub const RESUME: KeyboardShortcut = ctrl_shift(Key::R);
/// *Close session*.
pub const CLOSE: KeyboardShortcut = ctrl_shift(Key::X);
/// Close the tab.
pub const CLOSE_TAB: KeyboardShortcut = ctrl(Key::W);
/// Next tab.
pub const NEXT_TAB: KeyboardShortcut = ctrl(Key::Tab);
/// Previous tab.
pub const PREVIOUS_TAB: KeyboardShortcut = ctrl_shift(Key::Tab);
/// *View*.
pub const VIEW: KeyboardShortcut = ctrl_shift(Key::V);
/// *Control*.
pub const CONTROL: KeyboardShortcut = ctrl_shift(Key::C);
/// *Fit*.
pub const FIT: KeyboardShortcut = ctrl(Key::Num0);
/// *1:1*.
pub const ACTUAL: KeyboardShortcut = ctrl(Key::Num1);
/// *Stretch*.
pub const STRETCH: KeyboardShortcut = ctrl(Key::Num2);
/// A larger picture: in. Ctrl with plus and minus is the window's own.
pub const ZOOM_IN: KeyboardShortcut = ctrl_shift(Key::I);
/// A smaller picture: out.
pub const ZOOM_OUT: KeyboardShortcut = ctrl_shift(Key::O);
/// *Full screen*.
pub const FULL_SCREEN: KeyboardShortcut = plain(Key::F11);
/// *Refresh*.
pub const REFRESH: KeyboardShortcut = plain(Key::F5);
/// The next monitor, and after the last one all.
pub const NEXT_MONITOR: KeyboardShortcut = ctrl_shift(Key::M);
/// Ctrl+Alt+Del at the customer's.
pub const SEND_CTRL_ALT_DELETE: KeyboardShortcut = ctrl_shift(Key::D);
/// Layout here, or there.
pub const KEYBOARD: KeyboardShortcut = ctrl_shift(Key::K);
/// *Mine*.
pub const MINE: KeyboardShortcut = ctrl_shift(Key::L);
/// *Queue*. Letters, because with Shift the row of digits is a row of signs on most layouts.
pub const QUEUE: KeyboardShortcut = ctrl_shift(Key::G);
/// The session list, folded away or not.
pub const FOLD_LIST: KeyboardShortcut = ctrl(Key::B);
/// The filter of the session list.
pub const FILTER: KeyboardShortcut = ctrl(Key::F);
/// The reply.
pub const REPLY: KeyboardShortcut = ctrl(Key::R);
/// Light, or dark.
pub const THEME: KeyboardShortcut = ctrl_shift(Key::T);
/// Close the window.
pub const QUIT: KeyboardShortcut = ctrl(Key::Q);
/// *Send*, in the reply.
pub const SEND: KeyboardShortcut = plain(Key::Enter);
/// *Settings*.
pub const SETTINGS: KeyboardShortcut = ctrl(Key::Comma);
/// *Shortcuts*.
pub const HELP: KeyboardShortcut = plain(Key::F1);
/// Takes the keyboard back from the customer's desktop.
pub const RELEASE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::ALT), Key::Home);

/// In the order of the list that F1 shows: key of the words, shortcut.
pub const ALL: [(&str, KeyboardShortcut); 31] = [
    ("palette-title", PALETTE),
    ("toolbar-new-session", NEW_SESSION),
    ("toolbar-start", START),
    ("toolbar-hold", HOLD),
    ("toolbar-resume", RESUME),
    ("toolbar-close", CLOSE),
    ("shortcut-next-tab", NEXT_TAB),
    ("shortcut-previous-tab", PREVIOUS_TAB),
    ("shortcut-close-tab", CLOSE_TAB),
    ("shortcut-mine", MINE),
    ("shortcut-queue", QUEUE),
    ("list-filter", FILTER),
    ("shortcut-fold-list", FOLD_LIST),
    ("desktop-view", VIEW),
    ("desktop-control", CONTROL),
    ("desktop-fit", FIT),
    ("desktop-actual", ACTUAL),
    ("desktop-stretch", STRETCH),
    ("desktop-zoom-in", ZOOM_IN),
    ("desktop-zoom-out", ZOOM_OUT),
    ("desktop-full-screen", FULL_SCREEN),
    ("desktop-refresh", REFRESH),
    ("shortcut-next-monitor", NEXT_MONITOR),
    ("shortcut-send-ctrl-alt-delete", SEND_CTRL_ALT_DELETE),
    ("shortcut-keyboard", KEYBOARD),
    ("shortcut-release", RELEASE),
    ("shortcut-reply", REPLY),
    ("shortcut-theme", THEME),
    ("button-settings", SETTINGS),
    ("palette-quit", QUIT),
    ("shortcut-help", HELP),
];

/// Id of the filter field.
pub fn filter_id() -> egui::Id {
    egui::Id::unique("list-filter-field")
}

/// Id of the reply field.
pub fn reply_id() -> egui::Id {
    egui::Id::unique("chat-reply-field")
}

/// Id of a field that an action leads to.
pub fn field_id(field: Field) -> egui::Id {
    match field {
        Field::Filter => filter_id(),
        Field::Reply => reply_id(),
    }
}

/// The other of light and dark, seen from what is shown now.
pub fn other_theme(settings: &Settings, dark: bool) -> Command {
    Command::EditSettings(Settings {
        theme: if dark { ThemeChoice::Light } else { ThemeChoice::Dark },
        ..settings.clone()
    })
}

/// What the keyboard asked for in this frame.
pub fn handle_shortcuts(ctx: &Context, state: &ConsoleState, commands: &mut Vec<Command>) {
    let pressed = |shortcut: &KeyboardShortcut| ctx.input_mut(|input| input.consume_shortcut(shortcut));
    if state.account.is_none() {
        return;
    }
    if pressed(&QUIT) {
        commands.push(Command::Quit);
    }
    // What a dialog holds is not thrown away for another.
    if state.dialog.is_some() {
        return;
    }
    if pressed(&HELP) {
        commands.push(Command::OpenDialog(DialogKind::Shortcuts));
    }
    // Longer chords first: egui lets Ctrl+Tab match with Shift held as well.
    tab_shortcuts(state, &pressed, commands);
    session_shortcuts(state, &pressed, commands);
    if !state.full_screen && pressed(&FOLD_LIST) {
        commands.push(Command::FoldList(!state.settings.list_folded));
    }
    let dark = ctx.global_style().visuals.dark_mode;
    for (shortcut, command) in [
        (&THEME, other_theme(&state.settings, dark)),
        (&PALETTE, Command::OpenDialog(DialogKind::Palette)),
        (&NEW_SESSION, Command::OpenDialog(DialogKind::NewSession)),
        (&SETTINGS, Command::OpenDialog(DialogKind::Settings)),
        (&MINE, Command::ShowList(ListKind::Mine)),
        (&QUEUE, Command::ShowList(ListKind::Queue)),
        (&FILTER, Command::FocusField(Field::Filter)),
        (&REPLY, Command::FocusField(Field::Reply)),
    ] {
        if pressed(shortcut) {
            commands.push(command);
        }
    }
}

fn tab_shortcuts(state: &ConsoleState, pressed: &impl Fn(&KeyboardShortcut) -> bool, commands: &mut Vec<Command>) {
    for (shortcut, back) in [(&PREVIOUS_TAB, true), (&NEXT_TAB, false)] {
        if pressed(shortcut) {
            commands.push(Command::StepTab { back });
        }
    }
    let Some(tab) = state.current_tab() else { return };
    let session_id = tab.session_id;
    let monitors: Vec<(u32, String)> = tab.layout.monitors.iter().map(|monitor| (monitor.id, String::new())).collect();
    if pressed(&NEXT_MONITOR) && tab.view && monitors.len() > 1 {
        commands.push(Command::Monitors(session_id, next_monitor(&monitors, &tab.monitors)));
    }
    if pressed(&SEND_CTRL_ALT_DELETE) && tab.control {
        commands.push(Command::SendKeys(session_id, Combination::CtrlAltDelete));
    }
    let other = match tab.keyboard {
        KeyLayout::Here => KeyLayout::There,
        KeyLayout::There => KeyLayout::Here,
    };
    for (shortcut, command) in [
        (&KEYBOARD, Command::Keyboard(session_id, other)),
        (&CLOSE_TAB, Command::CloseTab(session_id)),
        (&VIEW, Command::View(session_id, !tab.view)),
        (&CONTROL, Command::Control(session_id, !tab.control)),
        (&FIT, Command::Zoom(session_id, Zoom::Fit)),
        (&ACTUAL, Command::Zoom(session_id, Zoom::ACTUAL)),
        (&STRETCH, Command::Zoom(session_id, Zoom::Stretch)),
        (&ZOOM_IN, Command::StepZoom { session_id, larger: true }),
        (&ZOOM_OUT, Command::StepZoom { session_id, larger: false }),
        (&REFRESH, Command::Refresh(session_id)),
        (&FULL_SCREEN, Command::FullScreen(!state.full_screen)),
    ] {
        if pressed(shortcut) {
            commands.push(command);
        }
    }
}

fn session_shortcuts(state: &ConsoleState, pressed: &impl Fn(&KeyboardShortcut) -> bool, commands: &mut Vec<Command>) {
    let Some(session_id) = state.selected else { return };
    for (shortcut, command) in [
        (&START, Command::Start(session_id)),
        (&HOLD, Command::Hold(session_id)),
        (&RESUME, Command::Resume(session_id)),
        (&CLOSE, Command::Close(session_id)),
    ] {
        if pressed(shortcut) {
            commands.push(command);
        }
    }
}

/// The list that F1 shows, in two columns.
pub fn shortcuts_ui(ui: &mut Ui, words: &Words) {
    let half = ALL.len().div_ceil(2);
    egui::Grid::new("shortcuts").num_columns(4).spacing([20.0, 6.0]).show(ui, |ui| {
        for place in 0..half {
            for (key, shortcut) in ALL.iter().skip(place).step_by(half) {
                ui.label(words.text(key));
                ui.label(theme::code(ui.ctx().format_shortcut(shortcut)));
            }
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn pressed(state: &ConsoleState, shortcut: KeyboardShortcut) -> Vec<Command> {
        let ctx = Context::default();
        let mut commands = Vec::new();
        let event = egui::Event::Key {
            key: shortcut.logical_key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: shortcut.modifiers,
        };
        let input = egui::RawInput {
            events: vec![event],
            ..Default::default()
        };
        let mut output = ctx.run_ui(input, |ui| handle_shortcuts(ui.ctx(), state, &mut commands));
        // Nobody draws here.
        output.textures_delta.clear();
        commands
    }

    #[test]
    fn every_shortcut_has_keys_of_its_own() {
        for (place, (key, shortcut)) in ALL.iter().enumerate() {
            assert!(ALL[..place].iter().all(|(_, other)| other != shortcut), "{key}");
        }
        let state = sample::busy();
        assert_eq!(pressed(&state, MINE), [Command::ShowList(ListKind::Mine)]);
        assert_eq!(pressed(&state, QUEUE), [Command::ShowList(ListKind::Queue)]);
    }

    #[test]
    fn the_list_of_shortcuts_throws_no_open_dialog_away() {
        let mut state = sample::busy();
        assert_eq!(pressed(&state, HELP), [Command::OpenDialog(DialogKind::Shortcuts)]);
        state.handle_command(Command::OpenDialog(DialogKind::NewSession));
        assert_eq!(pressed(&state, HELP), []);
    }
}
