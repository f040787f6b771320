//! What all pages have in common: organisation, host, language and the switch to another. Made for each answer.

use super::words::{Language, Visitor, Words};
use crate::app::Gateway;

/// The frame around a page.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) organisation: &'a str,
    pub(super) host: &'a str,
    /// The page that shows the same in another language.
    pub(super) path: &'static str,
    /// A PIN that must be sent again with it.
    pub(super) again: Option<String>,
    words: Words,
}

impl<'a> Frame<'a> {
    pub(super) fn new(app: &'a Gateway, visitor: &Visitor, path: &'static str) -> Self {
        Self {
            organisation: &app.organisation,
            host: app
                .settings
                .public_url
                .split_once("://")
                .map_or(&app.settings.public_url, |(_, host)| host),
            path,
            again: None,
            words: Words::of(visitor.language),
        }
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.words.text(key)
    }

    pub(super) fn with(&self, key: &str, name: &str, value: &str) -> String {
        self.words.with(key, name, value)
    }

    pub(super) fn language(&self) -> &'static str {
        self.words.language().code()
    }

    pub(super) fn languages(&self) -> [Language; 3] {
        Language::ALL
    }

    pub(super) fn script_words(&self) -> String {
        self.words.for_scripts()
    }

    pub(super) fn footer(&self) -> String {
        self.with("page-footer", "host", self.host)
    }
}
