//! What is drawn: plain view data from the state, and painters that take `&View` and report wishes. No socket, clock, file, lock or
//! environment; one file per panel.

pub mod actions;
pub mod chat;
pub mod confirm;
pub mod desktop;
pub mod full_screen;
pub mod header;
pub mod latency;
pub mod list;
pub mod mail;
pub mod new_session;
pub mod palette;
pub mod password;
pub mod picture;
pub mod session;
pub mod settings;
pub mod shortcuts;
pub mod sign_in;
pub mod strip;
pub mod tabs;
pub mod text;
pub mod toolbar;
pub mod tools;

use egui::{Frame, Margin, Ui};
use farhand_assets::{
    Palette, Words, icons,
    widgets::{Dialog, EmptyState, SplitAxis, SplitHandle, hairline},
};

use self::{
    confirm::{ConfirmView, confirm_ui},
    full_screen::{FullScreenView, full_screen_ui},
    header::{HeaderView, header_ui, offline_ui},
    list::{ListView, folded_list_ui, list_ui},
    new_session::{NewSessionView, new_session_ui},
    palette::{PaletteView, palette_ui},
    password::password_ui,
    picture::PictureView,
    session::{SessionView, session_ui},
    settings::settings_ui,
    shortcuts::shortcuts_ui,
    sign_in::{SignInView, sign_in_ui},
    tabs::{TabsView, tabs_ui},
    toolbar::{ToolbarView, toolbar_ui},
};
use crate::model::{self, Command, ConsoleState, Settings, dialog::PasswordForm};

/// The whole window.
#[derive(Debug, Clone, PartialEq)]
pub enum RootView {
    /// Nobody is signed in.
    SignIn(Box<SignInView>),
    /// The picture alone.
    FullScreen(Box<FullScreenView>),
    /// Everything.
    Main(Box<MainView>),
}

/// The main window.
#[derive(Debug, Clone, PartialEq)]
pub struct MainView {
    /// The header.
    pub header: HeaderView,
    /// The session toolbar.
    pub toolbar: ToolbarView,
    /// The session list.
    pub list: ListView,
    /// Its width, points.
    pub list_width: u16,
    /// The list is folded away.
    pub list_folded: bool,
    /// The session tabs.
    pub tabs: TabsView,
    /// The session in front.
    pub session: Option<SessionView>,
    /// The open dialog.
    pub dialog: Option<DialogView>,
}

/// The open dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum DialogView {
    /// *Create session*.
    NewSession(Box<NewSessionView>),
    /// Settings.
    Settings(Settings),
    /// *Change password*.
    Password(PasswordForm),
    /// Shortcuts.
    Shortcuts,
    /// The command palette.
    Palette(Box<PaletteView>),
    /// A question before something that cannot be taken back.
    Confirm(Box<ConfirmView>),
}

impl DialogView {
    /// The open dialog, from the state.
    fn new(state: &ConsoleState, words: &Words) -> Option<Self> {
        Some(match state.dialog.as_ref()? {
            model::Dialog::NewSession(form) => Self::NewSession(Box::new(NewSessionView::new(state, form, words))),
            model::Dialog::Settings => Self::Settings(state.settings.clone()),
            model::Dialog::Password(form) => Self::Password(form.clone()),
            model::Dialog::Shortcuts => Self::Shortcuts,
            model::Dialog::Palette(palette) => Self::Palette(Box::new(PaletteView::new(state, palette, words))),
            model::Dialog::Confirm(question) => Self::Confirm(Box::new(ConfirmView::new(state, *question, words))),
        })
    }
}

impl RootView {
    /// True when what is in front is a session that is over: there is nothing to fill a screen with.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Main(view) if view.session.as_ref().is_some_and(|session| session.ended.is_some()))
    }

    /// From the state, with the picture of the session in front; `bar` says that the full-screen bar is out.
    pub fn new(state: &ConsoleState, picture: Option<PictureView>, bar: bool, words: &Words) -> Self {
        if state.account.is_none() {
            return Self::SignIn(Box::new(SignInView::new(state, words)));
        }
        let session = SessionView::new(state, picture, words);
        let dialog = DialogView::new(state, words);
        if let (true, Some(session)) = (state.full_screen, &session)
            && session.ended.is_none()
        {
            return Self::FullScreen(Box::new(FullScreenView {
                desktop: session.desktop.clone(),
                bar,
                keyboard_held: state.keyboard_held,
                dialog,
            }));
        }
        Self::Main(Box::new(MainView {
            header: HeaderView::new(state, words),
            toolbar: ToolbarView::new(state, words),
            list: ListView::new(state, words),
            list_width: state.settings.list_width,
            list_folded: state.settings.list_folded,
            tabs: TabsView::new(state, words),
            session,
            dialog,
        }))
    }
}

/// Paints the whole window.
pub fn root_ui(ui: &mut Ui, words: &Words, view: &RootView, commands: &mut Vec<Command>) {
    match view {
        RootView::SignIn(view) => {
            let frame = Frame::new().fill(Palette::of(ui).canvas).inner_margin(Margin::same(16));
            egui::CentralPanel::default()
                .frame(frame)
                .show(ui, |ui| sign_in_ui(ui, words, view, commands));
        }
        RootView::FullScreen(view) => full_screen_ui(ui, words, view, commands),
        RootView::Main(view) => main_ui(ui, words, view, commands),
    }
}

/// Paints the main window.
pub fn main_ui(ui: &mut Ui, words: &Words, view: &MainView, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let bar = |fill| Frame::new().fill(fill).inner_margin(Margin::symmetric(12, 6));
    egui::Panel::top("header")
        .resizable(false)
        .frame(bar(palette.canvas))
        .show(ui, |ui| header_ui(ui, words, &view.header, commands));
    if view.header.offline.is_some() {
        egui::Panel::top("offline")
            .resizable(false)
            .frame(Frame::NONE)
            .show_separator_line(false)
            .show(ui, |ui| offline_ui(ui, &view.header));
    }
    egui::Panel::top("toolbar")
        .resizable(false)
        .frame(bar(palette.surface))
        .show(ui, |ui| toolbar_ui(ui, words, &view.toolbar, commands));
    if view.list_folded {
        folded_list_panel(ui, words, view, commands);
    } else {
        list_panel(ui, words, view, commands);
    }
    egui::CentralPanel::default()
        .frame(Frame::new().fill(palette.surface))
        .show(ui, |ui| work_area(ui, words, view, commands));
    dialog_ui(ui, words, view.dialog.as_ref(), commands);
}

/// Width of what stays of a list that is folded away, points.
const FOLDED_LIST_WIDTH: f32 = 52.0;

fn folded_list_panel(ui: &mut Ui, words: &Words, view: &MainView, commands: &mut Vec<Command>) {
    egui::Panel::left("sessions-folded")
        .resizable(false)
        .exact_size(FOLDED_LIST_WIDTH)
        .frame(Frame::new().fill(Palette::of(ui).canvas).inner_margin(Margin::symmetric(4, 8)))
        .show(ui, |ui| folded_list_ui(ui, words, &view.list, commands));
}

fn list_panel(ui: &mut Ui, words: &Words, view: &MainView, commands: &mut Vec<Command>) {
    let mut width = f32::from(view.list_width);
    let left = match &view.session {
        // A chat beside the picture takes at least so much.
        Some(session) if session.chat.place.is_beside() => session::most_beside_picture(ui) - session::LEAST_CHAT_WIDTH,
        Some(_) => session::most_beside_picture(ui),
        None => ui.available_width() - 480.0,
    };
    let most = left.max(220.0);
    let panel = egui::Panel::left("sessions")
        .resizable(false)
        .exact_size(width.min(most))
        .show_separator_line(false)
        .frame(Frame::new().fill(Palette::of(ui).canvas).inner_margin(Margin::same(8)))
        .show(ui, |ui| list_ui(ui, words, &view.list, commands));
    let rect = panel.response.rect;
    let edge = egui::Rect::from_min_max(rect.right_top(), rect.right_bottom());
    let label = words.text("list-width");
    if SplitHandle::new(SplitAxis::SideBySide, &mut width, &label)
        .limits(220.0, most)
        .show(ui, edge, "list")
    {
        commands.push(Command::ListWidth(width.round() as u16));
    }
}

fn work_area(ui: &mut Ui, words: &Words, view: &MainView, commands: &mut Vec<Command>) {
    if !view.tabs.tabs.is_empty() {
        tabs_ui(ui, words, &view.tabs, commands);
        ui.spacing_mut().item_spacing.y = 0.0;
        hairline(ui);
    }
    match &view.session {
        Some(session) => session_ui(ui, words, session, commands),
        None => {
            let (title, text) = (words.text("work-empty"), words.text("work-empty-text"));
            EmptyState::new(icons::HEADSET, &title).text(&text).show(ui);
        }
    }
}

fn dialog_ui(ui: &mut Ui, words: &Words, view: Option<&DialogView>, commands: &mut Vec<Command>) {
    let Some(dialog) = view else { return };
    let (title, width) = match dialog {
        DialogView::NewSession(_) => (words.text("new-session-title"), 440.0),
        DialogView::Settings(_) => (words.text("settings-title"), 420.0),
        DialogView::Password(_) => (words.text("password-title"), 380.0),
        DialogView::Shortcuts => (words.text("shortcuts-title"), 720.0),
        DialogView::Palette(_) => (words.text("palette-title"), 520.0),
        DialogView::Confirm(view) => (view.title.clone(), 420.0),
    };
    let close = words.text("dialog-close");
    let output = Dialog::new(&title, &close).width(width).show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        match dialog {
            DialogView::NewSession(view) => new_session_ui(ui, words, view, commands),
            DialogView::Settings(settings) => settings_ui(ui, words, settings, commands),
            DialogView::Password(form) => password_ui(ui, words, form, commands),
            DialogView::Shortcuts => shortcuts_ui(ui, words),
            DialogView::Palette(view) => palette_ui(ui, words, view, commands),
            DialogView::Confirm(view) => confirm_ui(ui, words, view, commands),
        }
    });
    if output.closed {
        commands.push(Command::CloseDialog);
    }
}
