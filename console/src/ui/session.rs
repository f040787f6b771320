//! One session: work-area tabs, the desktop, the chat beside it, and the page that stands when it is over.

use egui::{Frame, Margin, Ui};
use farhand_assets::{
    Palette, Words, icons,
    widgets::{EmptyState, SplitAxis, SplitHandle, Tab, TabStrip},
};
use farhand_protocol::ids::SessionId;

use super::{
    chat::{ChatView, chat_ui},
    desktop::{DesktopView, desktop_ui},
    picture::PictureView,
    text::{error_text, status_and_time},
};
use crate::model::{ChatPlace, Command, ConsoleState, tab::TabLink};

/// A chat beside the picture is no narrower, points.
pub(super) const LEAST_CHAT_WIDTH: f32 = 200.0;
/// What stands beside the picture leaves it this part of the window's width, where there is room for what is least of each.
const PICTURE_SHARE: f32 = 0.5;

/// A session tab's contents.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    /// The session.
    pub session_id: SessionId,
    /// It is over, or its link is.
    pub ended: Option<EndedView>,
    /// The desktop panel.
    pub desktop: DesktopView,
    /// The chat panel.
    pub chat: ChatView,
    /// Width of the chat, points.
    pub chat_width: u16,
    /// Height of the chat where it is below, points.
    pub chat_height: u16,
}

/// What stands in place of a desktop that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct EndedView {
    /// What is over, and how.
    pub title: String,
    /// What is to be known.
    pub text: String,
    /// The session itself is over, as sessions are meant to end.
    pub over: bool,
    /// The session goes on, and its link can be opened again.
    pub again: bool,
}

impl SessionView {
    /// Of the tab in front, with its picture.
    pub fn new(state: &ConsoleState, picture: Option<PictureView>, words: &Words) -> Option<Self> {
        let tab = state.current_tab()?;
        let row = state.rows.get(&tab.session_id);
        let over = row.filter(|row| row.status.is_some_and(|status| status.ends_leg()));
        let ended = match (over, &tab.link) {
            (Some(row), _) => Some(EndedView {
                title: status_and_time(words, row, state.now).0,
                text: words.text("session-ended-text"),
                over: true,
                again: false,
            }),
            (None, TabLink::Ended(error)) => Some(EndedView {
                title: words.text("session-link-ended"),
                text: error_text(words, error),
                over: false,
                again: state.may_reconnect(tab),
            }),
            _ => None,
        };
        Some(Self {
            session_id: tab.session_id,
            ended,
            desktop: DesktopView::new(state, tab, picture, words),
            chat: ChatView::new(state, tab, words),
            chat_width: state.settings.chat_width,
            chat_height: state.settings.chat_height,
        })
    }
}

/// Paints a session.
pub fn session_ui(ui: &mut Ui, words: &Words, view: &SessionView, commands: &mut Vec<Command>) {
    match view.chat.place {
        ChatPlace::Leading | ChatPlace::Trailing => chat_beside(ui, words, view, commands),
        ChatPlace::Below => chat_below(ui, words, view, commands),
        ChatPlace::Window => {}
    }
    if let Some(ended) = &view.ended {
        ended_ui(ui, words, view.session_id, ended, commands);
        return;
    }
    let desktop = words.text("session-desktop");
    let tabs = [Tab {
        icon: Some(icons::MONITOR),
        ..Tab::new(&desktop)
    }];
    TabStrip::new(&tabs, Some(0)).show(ui, ("work", view.session_id));
    ui.spacing_mut().item_spacing.y = 0.0;
    desktop_ui(ui, words, &view.desktop, commands);
}

/// How wide all may be together that stands beside the picture, so that it is not the smallest thing of a small window; points.
pub(super) fn most_beside_picture(ui: &Ui) -> f32 {
    ui.ctx().content_rect().width() * (1.0 - PICTURE_SHARE)
}

fn chat_beside(ui: &mut Ui, words: &Words, view: &SessionView, commands: &mut Vec<Command>) {
    let leading = view.chat.place == ChatPlace::Leading;
    let mut width = f32::from(view.chat_width);
    let picture = ui.ctx().content_rect().width() * PICTURE_SHARE;
    let most = (ui.available_width() - picture).max(LEAST_CHAT_WIDTH);
    let id = ("chat", view.session_id);
    let panel = if leading { egui::Panel::left(id) } else { egui::Panel::right(id) };
    let chat = panel
        .resizable(false)
        .exact_size(width.min(most))
        .frame(chat_frame(ui))
        .show_separator_line(false)
        .show(ui, |ui| chat_ui(ui, words, &view.chat, commands));
    let rect = chat.response.rect;
    let x = if leading { rect.right() } else { rect.left() };
    let edge = egui::Rect::from_x_y_ranges(x..=x, rect.y_range());
    let label = words.text("session-chat-width");
    let handle = SplitHandle::new(SplitAxis::SideBySide, &mut width, &label).limits(LEAST_CHAT_WIDTH, most);
    let handle = if leading { handle } else { handle.reversed() };
    if handle.show(ui, edge, "chat-width") {
        commands.push(Command::ChatWidth(width.round() as u16));
    }
}

fn chat_below(ui: &mut Ui, words: &Words, view: &SessionView, commands: &mut Vec<Command>) {
    let mut height = f32::from(view.chat_height);
    let most = (ui.available_height() - 240.0).max(140.0);
    let chat = egui::Panel::bottom(("chat", view.session_id))
        .resizable(false)
        .exact_size(height.min(most))
        .frame(chat_frame(ui))
        .show_separator_line(false)
        .show(ui, |ui| chat_ui(ui, words, &view.chat, commands));
    let rect = chat.response.rect;
    let edge = egui::Rect::from_x_y_ranges(rect.x_range(), rect.top()..=rect.top());
    let label = words.text("session-chat-height");
    let handle = SplitHandle::new(SplitAxis::Stacked, &mut height, &label).limits(140.0, most);
    if handle.reversed().show(ui, edge, "chat-height") {
        commands.push(Command::ChatHeight(height.round() as u16));
    }
}

fn chat_frame(ui: &Ui) -> Frame {
    Frame::new().fill(Palette::of(ui).surface).inner_margin(Margin::same(8))
}

/// Paints the chat over the whole of a window of its own.
pub fn chat_window_ui(ui: &mut Ui, words: &Words, view: &ChatView, commands: &mut Vec<Command>) {
    egui::CentralPanel::default()
        .frame(chat_frame(ui))
        .show(ui, |ui| chat_ui(ui, words, view, commands));
}

fn ended_ui(ui: &mut Ui, words: &Words, session_id: SessionId, view: &EndedView, commands: &mut Vec<Command>) {
    let (icon, key, command) = if view.again {
        (icons::ARROWS_CLOCKWISE, "session-connect-again", Command::Reconnect(session_id))
    } else {
        (icons::X, "session-close-tab", Command::CloseTab(session_id))
    };
    let glyph = if view.over { icons::CHECK_CIRCLE } else { icons::WARNING };
    if EmptyState::new(glyph, &view.title)
        .text(&view.text)
        .action(icon, &words.text(key))
        .show(ui)
    {
        commands.push(command);
    }
}
