//! The strip of session tabs: state as a shape, name, time in state, unread lines, close.

use egui::Ui;
use farhand_assets::{
    Tone, Words,
    widgets::{Tab, TabEvent, TabStrip},
};
use farhand_protocol::ids::SessionId;

use super::{
    shortcuts,
    text::{session_name, status_and_time, status_tone},
};
use crate::model::{Command, ConsoleState};

/// The strip.
#[derive(Debug, Clone, PartialEq)]
pub struct TabsView {
    /// The tabs.
    pub tabs: Vec<TabView>,
    /// The one in front.
    pub current: Option<usize>,
}

/// One tab.
#[derive(Debug, Clone, PartialEq)]
pub struct TabView {
    /// The session.
    pub session_id: SessionId,
    /// Name of the session.
    pub title: String,
    /// Time in state.
    pub time: String,
    /// Shape of the state.
    pub tone: Tone,
    /// Lines not seen yet.
    pub unread: u32,
}

impl TabsView {
    /// From the state.
    pub fn new(state: &ConsoleState, words: &Words) -> Self {
        let view = |tab: &crate::model::SessionTab| {
            let row = state.rows.get(&tab.session_id);
            TabView {
                session_id: tab.session_id,
                title: session_name(words, state.name_of(tab.session_id)),
                time: row.map(|row| status_and_time(words, row, state.now).1).unwrap_or_default(),
                tone: row.map_or(Tone::Neutral, |row| status_tone(row.status)),
                unread: tab.unread,
            }
        };
        Self {
            tabs: state.tabs.iter().map(view).collect(),
            current: state.tabs.iter().position(|tab| Some(tab.session_id) == state.current),
        }
    }
}

/// Paints the strip.
pub fn tabs_ui(ui: &mut Ui, words: &Words, view: &TabsView, commands: &mut Vec<Command>) {
    let close: Vec<String> = view
        .tabs
        .iter()
        .map(|tab| words.with("session-close-tab-of", &[("name", tab.title.as_str().into())]))
        .collect();
    let tabs: Vec<Tab<'_>> = view
        .tabs
        .iter()
        .zip(&close)
        .enumerate()
        .map(|(place, (tab, close))| Tab {
            title: &tab.title,
            detail: &tab.time,
            tone: Some(tab.tone),
            badge: tab.unread,
            close: Some(close),
            close_shortcut: (view.current == Some(place)).then_some(shortcuts::CLOSE_TAB),
            ..Tab::default()
        })
        .collect();
    let id = |place: usize| view.tabs[place].session_id;
    match TabStrip::new(&tabs, view.current).show(ui, "session-tabs") {
        Some(TabEvent::Selected(place)) => commands.push(Command::ShowTab(id(place))),
        Some(TabEvent::Closed(place)) => commands.push(Command::CloseTab(id(place))),
        None => {}
    }
}
