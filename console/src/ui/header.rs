//! The top of the window: who is signed in, theme, settings; below it what is wrong with the gateway.

use egui::{Align, Layout, Ui};
use farhand_assets::{
    Palette, Words, icons, theme,
    widgets::{Banner, Button, MenuItem, logo, menu_button},
};

use super::{shortcuts, text::error_text};
use crate::model::{Command, ConsoleState, GatewayLine, Settings, dialog::DialogKind};

/// The header.
#[derive(Debug, Clone, PartialEq)]
pub struct HeaderView {
    /// Name of the technician.
    pub name: String,
    /// Their organisation.
    pub organisation: String,
    /// Present settings, from which the theme button makes the next.
    pub settings: Settings,
    /// The gateway cannot be reached: why, and when it is tried again.
    pub offline: Option<(String, String)>,
}

impl HeaderView {
    /// From the state.
    pub fn new(state: &ConsoleState, words: &Words) -> Self {
        let who = state.account.as_ref().map(|signed_in| signed_in.account.technician.clone());
        let offline = match &state.gateway {
            GatewayLine::Up => None,
            GatewayLine::Down { error, retry_at } => {
                let seconds = state.now.seconds_until(*retry_at);
                Some((error_text(words, error), retry_text(words, seconds)))
            }
        };
        Self {
            name: who.as_ref().map(|who| who.name.clone()).unwrap_or_default(),
            organisation: who.map(|who| who.organisation).unwrap_or_default(),
            settings: state.settings.clone(),
            offline,
        }
    }
}

/// "Next try in 4 s", or that it is being tried.
pub fn retry_text(words: &Words, seconds: u64) -> String {
    if seconds == 0 {
        words.text("banner-trying")
    } else {
        words.with("banner-retry", &[("time", words.duration(seconds).into())])
    }
}

/// Paints the header.
pub fn header_ui(ui: &mut Ui, words: &Words, view: &HeaderView, commands: &mut Vec<Command>) {
    let name = words.text("app-name");
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        logo(ui, 20.0, &name);
        ui.label(theme::strong(name.as_str()));
        ui.label(theme::secondary(ui, view.organisation.as_str()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let help = words.text("shortcut-help");
            if ui
                .add(Button::icon_alone(icons::QUESTION, &help).shortcut(shortcuts::HELP))
                .clicked()
            {
                commands.push(Command::OpenDialog(DialogKind::Shortcuts));
            }
            let settings = words.text("button-settings");
            if ui
                .add(Button::icon_alone(icons::GEAR, &settings).shortcut(shortcuts::SETTINGS))
                .clicked()
            {
                commands.push(Command::OpenDialog(DialogKind::Settings));
            }
            theme_button(ui, words, view, commands);
            let palette = words.text("palette-title");
            let button = Button::secondary(&palette)
                .icon(icons::MAGNIFYING_GLASS)
                .shortcut(shortcuts::PALETTE);
            if ui.add(button).clicked() {
                commands.push(Command::OpenDialog(DialogKind::Palette));
            }
            account_menu(ui, words, view, commands);
        });
    });
}

fn theme_button(ui: &mut Ui, words: &Words, view: &HeaderView, commands: &mut Vec<Command>) {
    let dark = Palette::of(ui).dark;
    let (glyph, key) = if dark {
        (icons::SUN, "header-theme-light")
    } else {
        (icons::MOON, "header-theme-dark")
    };
    if ui
        .add(Button::icon_alone(glyph, &words.text(key)).shortcut(shortcuts::THEME))
        .clicked()
    {
        commands.push(shortcuts::other_theme(&view.settings, dark));
    }
}

fn account_menu(ui: &mut Ui, words: &Words, view: &HeaderView, commands: &mut Vec<Command>) {
    let entries = [
        ("account-password", icons::KEY, Command::OpenDialog(DialogKind::Password)),
        ("account-sign-out", icons::SIGN_OUT, Command::SignOut { everywhere: false }),
        (
            "account-sign-out-everywhere",
            icons::DEVICE_MOBILE,
            Command::SignOut { everywhere: true },
        ),
    ];
    menu_button(ui, Button::ghost(&view.name).icon(icons::USER_CIRCLE), |ui| {
        for (key, glyph, command) in entries {
            if ui.add(MenuItem::new(&words.text(key)).icon(glyph)).clicked() {
                commands.push(command);
            }
        }
    });
}

/// Paints what is wrong with the gateway, if anything.
pub fn offline_ui(ui: &mut Ui, view: &HeaderView) {
    if let Some((why, next)) = &view.offline {
        Banner::warning(why).detail(next).icon(icons::CLOUD_SLASH).square().show(ui);
    }
}
