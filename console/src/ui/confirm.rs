//! A question before something that cannot be taken back: what will happen, and the two answers.

use egui::{Label, Ui};
use farhand_assets::{
    Words,
    widgets::{Button, dialog_buttons},
    words::Value,
};
use farhand_protocol::ids::SessionId;

use crate::model::{Command, ConsoleState, dialog::Question};

/// The question in words.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfirmView {
    /// What is asked.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// The button that does it.
    pub button: String,
    /// What it does.
    pub command: Command,
}

impl ConfirmView {
    /// From the state.
    pub fn new(state: &ConsoleState, question: Question, words: &Words) -> Self {
        let name = |session_id: SessionId| {
            let name = state
                .rows
                .get(&session_id)
                .map(|row| row.name.clone())
                .filter(|name| !name.is_empty());
            name.unwrap_or_else(|| words.text("confirm-customer"))
        };
        let view = |[title, text, button]: [&str; 3], values: &[(&str, Value<'_>)], command| Self {
            title: words.text(title),
            text: words.with(text, values),
            button: words.text(button),
            command,
        };
        let only_code = |id: SessionId| state.rows.get(&id).is_some_and(|row| row.status.is_none());
        match question {
            Question::CloseSession(id) if only_code(id) => view(
                ["confirm-code-title", "confirm-code-text", "confirm-code-button"],
                &[("name", name(id).into())],
                Command::CloseNow(id),
            ),
            Question::CloseSession(id) => view(
                ["confirm-close-title", "confirm-close-text", "confirm-close-button"],
                &[("name", name(id).into())],
                Command::CloseNow(id),
            ),
            Question::CloseTab(id) => view(
                ["confirm-tab-title", "confirm-tab-text", "confirm-tab-button"],
                &[("name", name(id).into())],
                Command::CloseTabNow(id),
            ),
            Question::Quit => view(
                ["confirm-quit-title", "confirm-quit-text", "confirm-quit-button"],
                &[("count", state.running_count().into())],
                Command::QuitNow,
            ),
            Question::SignOut { everywhere } => view(
                [
                    "confirm-sign-out-title",
                    "confirm-sign-out-text",
                    if everywhere {
                        "account-sign-out-everywhere"
                    } else {
                        "account-sign-out"
                    },
                ],
                &[("count", state.running_count().into())],
                Command::SignOutNow { everywhere },
            ),
        }
    }
}

/// Paints the question and its answers.
pub fn confirm_ui(ui: &mut Ui, words: &Words, view: &ConfirmView, commands: &mut Vec<Command>) {
    ui.add(Label::new(view.text.as_str()).wrap());
    ui.add_space(4.0);
    dialog_buttons(ui, |ui| {
        if ui.add(Button::danger(&view.button)).clicked() {
            commands.push(view.command.clone());
        }
        // Enter on a question that has just come up must not do what it warns of.
        let cancel = ui.add(Button::secondary(&words.text("button-cancel")));
        if ui.memory(|memory| memory.focused().is_none()) {
            cancel.request_focus();
        }
        if cancel.clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}
