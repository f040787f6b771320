//! The session toolbar: what can be done with the chosen session; what cannot is disabled and says why (CON-22 ff.).

use egui::{Align, KeyboardShortcut, Label, Layout, Ui};
use farhand_assets::{Words, icons, theme, widgets::Button};

use super::{
    shortcuts,
    text::{refusal_text, session_name},
};
use crate::model::{Command, ConsoleState, Step, dialog::DialogKind};
use farhand_protocol::ids::SessionId;

/// The toolbar.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolbarView {
    /// The chosen session.
    pub selected: Option<SessionId>,
    /// Says whose it is: the chosen row may be another than the tab in front.
    pub session: Option<String>,
    /// Why no session can be made (EML-01).
    pub new_session: Option<String>,
    /// Why it cannot be started.
    pub start: Option<String>,
    /// Why it cannot be held.
    pub hold: Option<String>,
    /// Why it cannot be resumed.
    pub resume: Option<String>,
    /// Why it cannot be closed.
    pub close: Option<String>,
}

impl ToolbarView {
    /// From the state.
    pub fn new(state: &ConsoleState, words: &Words) -> Self {
        let step = |step| state.step_refusal(step).map(|refusal| refusal_text(words, refusal));
        Self {
            selected: state.selected_row().map(|row| row.session_id),
            session: state.selected_row().map(|row| {
                let name = session_name(words, state.name_of(row.session_id));
                words.with("toolbar-session", &[("name", name.into())])
            }),
            new_session: state.new_session_refusal().map(|refusal| refusal_text(words, refusal)),
            start: step(Step::Start),
            hold: step(Step::Hold),
            resume: step(Step::Resume),
            close: step(Step::Close),
        }
    }
}

/// Paints the toolbar.
pub fn toolbar_ui(ui: &mut Ui, words: &Words, view: &ToolbarView, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let label = words.text("toolbar-new-session");
        let button = Button::primary(&label)
            .icon(icons::PLUS)
            .shortcut(shortcuts::NEW_SESSION)
            .disabled_because(view.new_session.as_deref());
        if ui.add(button).clicked() {
            commands.push(Command::OpenDialog(DialogKind::NewSession));
        }
        ui.add_space(8.0);
        let session_id = view.selected.unwrap_or_default();
        let mut step = |key: &str, glyph, shortcut: KeyboardShortcut, why: &Option<String>, command| {
            let label = words.text(key);
            let button = Button::ghost(&label)
                .icon(glyph)
                .shortcut(shortcut)
                .disabled_because(why.as_deref());
            if ui.add(button).clicked() {
                commands.push(command);
            }
        };
        step(
            "toolbar-start",
            icons::PLAY,
            shortcuts::START,
            &view.start,
            Command::Start(session_id),
        );
        step("toolbar-hold", icons::PAUSE, shortcuts::HOLD, &view.hold, Command::Hold(session_id));
        let resume = Command::Resume(session_id);
        step("toolbar-resume", icons::PLAY_CIRCLE, shortcuts::RESUME, &view.resume, resume);
        step(
            "toolbar-close",
            icons::X_CIRCLE,
            shortcuts::CLOSE,
            &view.close,
            Command::Close(session_id),
        );
        if let Some(session) = &view.session {
            ui.add_space(8.0);
            ui.add(Label::new(theme::secondary(ui, session.as_str())).truncate());
        }
    });
}
