//! The settings dialog: look, language, attention, keyboard. Every change takes effect at once.

use egui::Ui;
use farhand_assets::{
    Words, theme,
    widgets::{Button, dialog_buttons, section_title, segmented},
    words::{LANGUAGES, PSEUDO},
};
use farhand_protocol::input::KeyLayout;

use crate::model::{Command, Settings, ThemeChoice};

/// Paints the dialog.
pub fn settings_ui(ui: &mut Ui, words: &Words, view: &Settings, commands: &mut Vec<Command>) {
    let mut settings = view.clone();
    section_title(ui, &words.text("settings-theme"));
    let themes = [
        (ThemeChoice::System, words.text("settings-theme-system")),
        (ThemeChoice::Light, words.text("settings-theme-light")),
        (ThemeChoice::Dark, words.text("settings-theme-dark")),
    ];
    choice(ui, &words.text("settings-theme"), &mut settings.theme, &themes);
    section_title(ui, &words.text("settings-language"));
    language_ui(ui, words, &mut settings);
    section_title(ui, &words.text("settings-attention"));
    ui.checkbox(&mut settings.sounds, words.text("settings-sounds"));
    ui.checkbox(&mut settings.notifications, words.text("settings-notifications"));
    section_title(ui, &words.text("settings-keyboard"));
    let layouts = [
        (KeyLayout::Here, words.text("desktop-keyboard-here")),
        (KeyLayout::There, words.text("desktop-keyboard-there")),
    ];
    choice(ui, &words.text("settings-keyboard"), &mut settings.keyboard, &layouts);
    ui.add(egui::Label::new(theme::secondary(ui, words.text("settings-keyboard-help"))).wrap());
    if settings != *view {
        commands.push(Command::EditSettings(settings));
    }
    dialog_buttons(ui, |ui| {
        if ui.add(Button::primary(&words.text("button-close"))).clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}

fn choice<T: PartialEq + Copy>(ui: &mut Ui, label: &str, chosen: &mut T, choices: &[(T, String)]) {
    let choices: Vec<(T, &str)> = choices.iter().map(|(value, name)| (*value, name.as_str())).collect();
    segmented(ui, label, chosen, &choices);
}

fn language_ui(ui: &mut Ui, words: &Words, settings: &mut Settings) {
    let system = words.text("settings-language-system");
    let name = |tag: &str| match tag {
        "" => system.clone(),
        PSEUDO => words.text("settings-language-pseudo"),
        tag => LANGUAGES
            .iter()
            .find(|(known, _)| *known == tag)
            .map_or(tag, |(_, name)| name)
            .to_owned(),
    };
    let combo = egui::ComboBox::from_id_salt("settings-language")
        .selected_text(name(&settings.language))
        .width(200.0);
    let response = combo.show_ui(ui, |ui| {
        // Nobody reads the pseudo-language but who builds the program.
        let pseudo = (cfg!(debug_assertions) || settings.language == PSEUDO).then_some(PSEUDO);
        let tags = std::iter::once("").chain(LANGUAGES.iter().map(|(tag, _)| *tag)).chain(pseudo);
        for tag in tags {
            ui.selectable_value(&mut settings.language, tag.to_owned(), name(tag));
        }
    });
    let _ = response.response.accessible_name(words.text("settings-language"));
}
