//! Every action of the console as a line of its own: what the command palette offers, each with its shortcut and, where it cannot be done
//! now, the reason.

use egui::KeyboardShortcut;
use farhand_assets::{Words, icons};
use farhand_protocol::{ids::SessionId, input::KeyLayout};

use super::{
    list::column_key,
    shortcuts,
    text::{refusal_text, session_name},
    tools::{quality_name, zoom_name},
};
use crate::model::{
    ChatPlace, Combination, Command, ConsoleState, PictureQuality, SessionTab, Settings, Step, ThemeChoice,
    command::Field,
    dialog::DialogKind,
    list::{Column, ListKind},
    placement::Zoom,
};

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionView {
    /// What it is called.
    pub label: String,
    /// Its icon.
    pub glyph: &'static str,
    /// Its shortcut.
    pub shortcut: Option<KeyboardShortcut>,
    /// Why it cannot be done now.
    pub refusal: Option<String>,
    /// What it does.
    pub command: Command,
}

/// What can be done in this state, in the order of the window.
pub fn actions(state: &ConsoleState, words: &Words) -> Vec<ActionView> {
    let mut list = List {
        words,
        actions: Vec::new(),
    };
    list.sessions(state);
    if let Some(tab) = state.current_tab() {
        list.desktop(state, tab);
    }
    list.window(state);
    list.actions
}

struct List<'a> {
    words: &'a Words,
    actions: Vec<ActionView>,
}

impl List<'_> {
    fn add(&mut self, label: String, glyph: &'static str, shortcut: Option<KeyboardShortcut>, refusal: Option<String>, command: Command) {
        self.actions.push(ActionView {
            label,
            glyph,
            shortcut,
            refusal,
            command,
        });
    }

    fn key(&mut self, key: &str, glyph: &'static str, shortcut: KeyboardShortcut, refusal: Option<String>, command: Command) {
        self.add(self.words.text(key), glyph, Some(shortcut), refusal, command);
    }

    fn sessions(&mut self, state: &ConsoleState) {
        let words = self.words;
        let why = |step| state.step_refusal(step).map(|refusal| refusal_text(words, refusal));
        let id = state.selected.unwrap_or_default();
        let refusal = state.new_session_refusal().map(|refusal| refusal_text(words, refusal));
        let open = Command::OpenDialog(DialogKind::NewSession);
        self.key("toolbar-new-session", icons::PLUS, shortcuts::NEW_SESSION, refusal, open);
        self.key("toolbar-start", icons::PLAY, shortcuts::START, why(Step::Start), Command::Start(id));
        self.key("toolbar-hold", icons::PAUSE, shortcuts::HOLD, why(Step::Hold), Command::Hold(id));
        let resume = Command::Resume(id);
        self.key("toolbar-resume", icons::PLAY_CIRCLE, shortcuts::RESUME, why(Step::Resume), resume);
        self.key(
            "toolbar-close",
            icons::X_CIRCLE,
            shortcuts::CLOSE,
            why(Step::Close),
            Command::Close(id),
        );
        for tab in &state.tabs {
            let name = session_name(words, state.name_of(tab.session_id));
            let label = words.with("palette-tab", &[("name", name.into())]);
            self.add(label, icons::MONITOR, None, None, Command::ShowTab(tab.session_id));
        }
        let (mine, queue) = (Command::ShowList(ListKind::Mine), Command::ShowList(ListKind::Queue));
        self.key("shortcut-mine", icons::USER, shortcuts::MINE, None, mine);
        self.key("shortcut-queue", icons::USERS, shortcuts::QUEUE, None, queue);
        let (fold, folded) = if state.settings.list_folded {
            ("list-unfold", false)
        } else {
            ("list-fold", true)
        };
        self.key(fold, icons::SIDEBAR_SIMPLE, shortcuts::FOLD_LIST, None, Command::FoldList(folded));
        self.key(
            "list-filter",
            icons::FUNNEL,
            shortcuts::FILTER,
            None,
            Command::FocusField(Field::Filter),
        );
        for column in Column::ALL {
            let label = words.with("palette-sort", &[("column", words.text(column_key(column)).into())]);
            self.add(label, icons::SORT_ASCENDING, None, None, Command::Sort(column));
        }
    }

    fn desktop(&mut self, state: &ConsoleState, tab: &SessionTab) {
        let (words, id) = (self.words, tab.session_id);
        let view = super::desktop::DesktopView::new(state, tab, None, words);
        let unseen = (!tab.view).then(|| words.text("desktop-not-viewing"));
        let idle = (!tab.control).then(|| words.text("desktop-not-controlling"));
        if state.may_reconnect(tab) {
            let label = words.text("session-connect-again");
            self.add(label, icons::ARROWS_CLOCKWISE, None, None, Command::Reconnect(id));
        }
        if view.may_view {
            let why = view.view_refusal.filter(|_| !tab.view);
            self.key("desktop-view", icons::EYE, shortcuts::VIEW, why, Command::View(id, !tab.view));
        }
        if view.may_control {
            let why = view.control_refusal.filter(|_| !tab.control);
            let command = Command::Control(id, !tab.control);
            self.key("desktop-control", icons::CURSOR_CLICK, shortcuts::CONTROL, why, command);
        }
        self.zoom(id);
        let full = Command::FullScreen(!state.full_screen);
        self.key(
            "desktop-full-screen",
            icons::ARROWS_OUT,
            shortcuts::FULL_SCREEN,
            unseen.clone(),
            full,
        );
        let refresh = Command::Refresh(id);
        self.key(
            "desktop-refresh",
            icons::ARROWS_CLOCKWISE,
            shortcuts::REFRESH,
            unseen.clone(),
            refresh,
        );
        self.monitors(&view.monitors, &tab.monitors, id, unseen.as_deref());
        for quality in PictureQuality::ALL.into_iter().filter(|quality| *quality != tab.quality) {
            let label = quality_name(words, quality);
            self.add(label, icons::GAUGE, None, None, Command::Quality(id, quality));
        }
        for keys in Combination::ALL {
            let label = words.with("palette-send-keys", &[("keys", words.text(keys.key()).into())]);
            let shortcut = (keys == Combination::CtrlAltDelete).then_some(shortcuts::SEND_CTRL_ALT_DELETE);
            self.add(label, icons::COMMAND, shortcut, idle.clone(), Command::SendKeys(id, keys));
        }
        let other = match tab.keyboard {
            KeyLayout::Here => (KeyLayout::There, "desktop-keyboard-there"),
            KeyLayout::There => (KeyLayout::Here, "desktop-keyboard-here"),
        };
        let command = Command::Keyboard(id, other.0);
        self.key(other.1, icons::KEYBOARD, shortcuts::KEYBOARD, None, command);
        let reply = Command::FocusField(Field::Reply);
        self.key("shortcut-reply", icons::CHAT_CIRCLE_TEXT, shortcuts::REPLY, None, reply);
        for place in ChatPlace::ALL.into_iter().filter(|place| *place != state.settings.chat_place) {
            let label = words.with("palette-chat", &[("place", words.text(place.key()).into())]);
            self.add(label, icons::SIDEBAR_SIMPLE, None, None, Command::PlaceChat(place));
        }
        let back = Command::StepTab { back: true };
        self.key(
            "shortcut-next-tab",
            icons::ARROW_RIGHT,
            shortcuts::NEXT_TAB,
            None,
            Command::StepTab { back: false },
        );
        self.key("shortcut-previous-tab", icons::ARROW_LEFT, shortcuts::PREVIOUS_TAB, None, back);
        self.key("shortcut-close-tab", icons::X, shortcuts::CLOSE_TAB, None, Command::CloseTab(id));
        self.key("shortcut-release", icons::KEYBOARD, shortcuts::RELEASE, idle, Command::LeavePicture);
    }

    fn zoom(&mut self, session_id: SessionId) {
        for (zoom, glyph, shortcut) in [
            (Zoom::Fit, icons::FRAME_CORNERS, shortcuts::FIT),
            (Zoom::ACTUAL, icons::MAGNIFYING_GLASS, shortcuts::ACTUAL),
            (Zoom::Stretch, icons::ARROWS_OUT_SIMPLE, shortcuts::STRETCH),
        ] {
            let label = zoom_name(self.words, zoom);
            self.add(label, glyph, Some(shortcut), None, Command::Zoom(session_id, zoom));
        }
        for (key, glyph, shortcut, larger) in [
            ("desktop-zoom-in", icons::MAGNIFYING_GLASS_PLUS, shortcuts::ZOOM_IN, true),
            ("desktop-zoom-out", icons::MAGNIFYING_GLASS_MINUS, shortcuts::ZOOM_OUT, false),
        ] {
            self.key(key, glyph, shortcut, None, Command::StepZoom { session_id, larger });
        }
        for zoom in Zoom::STEPS.map(Zoom::Percent).into_iter().filter(|zoom| *zoom != Zoom::ACTUAL) {
            let size = zoom_name(self.words, zoom);
            let label = self.words.with("palette-zoom", &[("size", size.into())]);
            self.add(label, icons::MAGNIFYING_GLASS, None, None, Command::Zoom(session_id, zoom));
        }
    }

    fn monitors(&mut self, all: &[(u32, String)], chosen: &[u32], id: SessionId, why: Option<&str>) {
        if all.is_empty() {
            return;
        }
        let why = why.map(str::to_owned);
        let every = self.words.text("desktop-monitors-all");
        let next = next_monitor(all, chosen);
        let shortcut = |monitors: &[u32]| (monitors == next).then_some(shortcuts::NEXT_MONITOR);
        let command = Command::Monitors(id, Vec::new());
        self.add(every, icons::MONITOR, shortcut(&[]), why.clone(), command);
        for (monitor, name) in all {
            let command = Command::Monitors(id, vec![*monitor]);
            let label = self.words.with("palette-monitor", &[("name", name.as_str().into())]);
            self.add(label, icons::MONITOR, shortcut(&[*monitor]), why.clone(), command);
        }
    }

    fn window(&mut self, state: &ConsoleState) {
        let theme = |theme| {
            Command::EditSettings(Settings {
                theme,
                ..state.settings.clone()
            })
        };
        self.key(
            "button-settings",
            icons::GEAR,
            shortcuts::SETTINGS,
            None,
            Command::OpenDialog(DialogKind::Settings),
        );
        let help = Command::OpenDialog(DialogKind::Shortcuts);
        self.key("shortcut-help", icons::QUESTION, shortcuts::HELP, None, help);
        for (key, glyph, choice) in [
            ("header-theme-light", icons::SUN, ThemeChoice::Light),
            ("header-theme-dark", icons::MOON, ThemeChoice::Dark),
            ("palette-theme-system", icons::CIRCLE_HALF, ThemeChoice::System),
        ] {
            if state.settings.theme != choice {
                self.add(self.words.text(key), glyph, None, None, theme(choice));
            }
        }
        for (key, glyph, command) in [
            ("account-password", icons::KEY, Command::OpenDialog(DialogKind::Password)),
            ("account-sign-out", icons::SIGN_OUT, Command::SignOut { everywhere: false }),
            (
                "account-sign-out-everywhere",
                icons::DEVICE_MOBILE,
                Command::SignOut { everywhere: true },
            ),
            ("palette-quit", icons::POWER, Command::Quit),
        ] {
            let shortcut = matches!(command, Command::Quit).then_some(shortcuts::QUIT);
            self.add(self.words.text(key), glyph, shortcut, None, command);
        }
    }
}

/// The monitors to show after these: one after the other, then all.
pub fn next_monitor(all: &[(u32, String)], chosen: &[u32]) -> Vec<u32> {
    let place = all.iter().position(|(id, _)| chosen.first() == Some(id));
    let next = place.map_or(0, |place| place + 1);
    all.get(next).map(|(id, _)| vec![*id]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn every_shortcut_has_its_action_in_the_palette() {
        let mut state = sample::controlling();
        let second = state.tabs[0].layout.monitors[0].clone();
        state.tabs[0]
            .layout
            .monitors
            .push(farhand_protocol::geometry::Monitor { id: 2, ..second });
        let offered: Vec<_> = actions(&state, &Words::load("en"))
            .into_iter()
            .filter_map(|action| action.shortcut)
            .collect();
        for (key, shortcut) in shortcuts::ALL {
            // The palette itself and the switch between light and dark, which stands there as its two choices.
            let apart = [shortcuts::PALETTE, shortcuts::THEME].contains(&shortcut);
            assert!(apart || offered.contains(&shortcut), "{key}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_offered_with_its_reason() {
        let state = sample::with_tab();
        let all = actions(&state, &Words::load("en"));
        let full = all.iter().find(|action| action.label == "Full screen").unwrap();
        assert_eq!(full.refusal.as_deref(), Some("View the screen first"));
    }

    #[test]
    fn each_quality_but_the_chosen_one_is_offered() {
        let mut state = sample::controlling();
        state.tabs[0].quality = PictureQuality::Low;
        let all = actions(&state, &Words::load("en")).into_iter();
        let offered: Vec<String> = all
            .filter(|action| matches!(action.command, Command::Quality(..)))
            .map(|action| action.label)
            .collect();
        assert_eq!(offered, ["Quality: Automatic", "Quality: Very low bandwidth", "Quality: Modem"]);
    }

    #[test]
    fn monitors_come_one_after_the_other_and_then_all() {
        let all = [(1, "a".to_owned()), (5, "b".to_owned())];
        assert_eq!(next_monitor(&all, &[]), [1]);
        assert_eq!(next_monitor(&all, &[1]), [5]);
        assert_eq!(next_monitor(&all, &[5]), [0; 0]);
        assert_eq!(next_monitor(&[], &[5]), [0; 0]);
    }
}
