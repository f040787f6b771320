//! What the technician chose: look, language, sounds, keyboard. Reading and writing the file is `app/settings.rs`.

use farhand_protocol::input::KeyLayout;
use serde::{Deserialize, Serialize};

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Where the chat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatPlace {
    /// Before the desktop.
    Leading,
    /// After it.
    #[default]
    Trailing,
    /// Below it.
    Below,
    /// In a window of its own.
    Window,
}

impl ChatPlace {
    /// In the order of the menu.
    pub const ALL: [Self; 4] = [Self::Leading, Self::Trailing, Self::Below, Self::Window];

    /// The desktop is narrower for it.
    pub const fn is_beside(self) -> bool {
        matches!(self, Self::Leading | Self::Trailing)
    }

    /// Key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Leading => "chat-place-leading",
            Self::Trailing => "chat-place-trailing",
            Self::Below => "chat-place-below",
            Self::Window => "chat-place-window",
        }
    }
}

/// The technician's settings; every field has a default, so that older files stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Language tag; empty follows the system.
    pub language: String,
    /// A chime when a customer waits or writes.
    pub sounds: bool,
    /// A desktop notification when a customer waits or writes.
    pub notifications: bool,
    /// Whose keyboard layout new sessions begin with (CON-17).
    pub keyboard: KeyLayout,
    /// Gateway of the last sign-in.
    pub gateway: String,
    /// Its trust value, if it has its own certificate authority.
    pub trust: String,
    /// E-mail address of the last sign-in.
    pub email: String,
    /// Keep the token for the next start.
    pub stay_signed_in: bool,
    /// Width of the session list, points.
    pub list_width: u16,
    /// The session list is folded away.
    pub list_folded: bool,
    /// Where the chat is.
    pub chat_place: ChatPlace,
    /// Width of the chat, points.
    pub chat_width: u16,
    /// Height of the chat where it is below, points.
    pub chat_height: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            language: String::new(),
            sounds: true,
            notifications: true,
            keyboard: KeyLayout::Here,
            gateway: String::new(),
            trust: String::new(),
            email: String::new(),
            stay_signed_in: true,
            list_width: 372,
            list_folded: false,
            chat_place: ChatPlace::Trailing,
            chat_width: 280,
            chat_height: 220,
        }
    }
}
