//! *Change password*: the present one, the new one twice. Signs out everywhere else.

use egui::Ui;
use farhand_assets::{
    Words, theme,
    widgets::{Banner, Button, TextField, dialog_buttons},
};

use super::text::error_text;
use crate::model::{
    Command,
    dialog::{PasswordForm, PasswordProgress},
};

/// Paints the dialog.
pub fn password_ui(ui: &mut Ui, words: &Words, view: &PasswordForm, commands: &mut Vec<Command>) {
    if let PasswordProgress::Failed(error) = &view.progress {
        Banner::error(&error_text(words, error)).show(ui);
    }
    let mut form = view.clone();
    let (show, hide) = (words.text("sign-in-password-show"), words.text("sign-in-password-hide"));
    let problem = view.problem().map(|key| words.text(key));
    let (of_new, of_again) = match view.problem() {
        Some("password-again-different") => (None, problem.as_deref()),
        _ => (problem.as_deref(), None),
    };
    TextField::new(&words.text("password-current"), &mut form.current.0)
        .password(&show, &hide)
        .show(ui);
    TextField::new(&words.text("password-new"), &mut form.new.0)
        .password(&show, &hide)
        .error(of_new)
        .show(ui);
    TextField::new(&words.text("password-again"), &mut form.again.0)
        .password(&show, &hide)
        .error(of_again)
        .show(ui);
    ui.add(egui::Label::new(theme::secondary(ui, words.text("password-help"))).wrap());
    if form != *view {
        commands.push(Command::EditPassword(form));
    }
    let asking = view.progress == PasswordProgress::Asking;
    dialog_buttons(ui, |ui| {
        let (change, cancel) = (words.text("password-change"), words.text("button-cancel"));
        if ui.add(Button::primary(&change).enabled(view.is_complete() && !asking)).clicked() {
            commands.push(Command::ChangePassword);
        }
        if ui.add(Button::secondary(&cancel)).clicked() {
            commands.push(Command::CloseDialog);
        }
        if asking {
            ui.label(theme::secondary(ui, words.text("password-asking")));
        }
    });
}
