//! The customer's desktop: picture, what there is to say about it, tools, and the strip of figures.

use egui::{Frame, Margin, Ui};
use farhand_assets::{
    Palette, Tone, Words, icons,
    widgets::{Banner, EmptyState},
};
use farhand_engine::viewer::LinkStats;
use farhand_protocol::{
    error::ErrorBody,
    ids::SessionId,
    input::KeyLayout,
    peer::ScreenState,
    permission::{Capability, CapabilitySet, Permission},
    session::{Status, Tool},
};

use super::{
    header::retry_text,
    picture::{PictureOptions, PictureView, picture_ui},
    strip::strip_ui,
    text::{capability_names, error_text, refusal_text, waiting_text},
    tools::{percent_text, tools_ui},
};
use crate::model::{
    Command, ConsoleState, PictureQuality, SessionTab,
    placement::Zoom,
    tab::{Notice, TabLink},
};

/// The desktop panel.
#[derive(Debug, Clone, PartialEq)]
pub struct DesktopView {
    /// The session.
    pub session_id: SessionId,
    /// Name of the customer.
    pub customer: String,
    /// What is shown.
    pub picture: Option<PictureView>,
    /// What is said instead of a picture: title and text.
    pub instead: (String, String),
    /// What is to be said above the picture.
    pub notice: Option<NoticeView>,
    /// The screen is seen.
    pub view: bool,
    /// Why it cannot be; hidden without the permission (CON-23).
    pub view_refusal: Option<String>,
    /// The group may see screens.
    pub may_view: bool,
    /// Mouse and keyboard are held.
    pub control: bool,
    /// Why they cannot be.
    pub control_refusal: Option<String>,
    /// The group may control (CON-22).
    pub may_control: bool,
    /// The keyboard goes to the picture.
    pub focused: bool,
    /// How large the picture is shown.
    pub zoom: Zoom,
    /// What the customer's system draws it larger by, percent.
    pub scale_percent: u16,
    /// The window fills the screen.
    pub full_screen: bool,
    /// Monitors to choose from: id and name; empty with one.
    pub monitors: Vec<(u32, String)>,
    /// Chosen ones; empty means all.
    pub chosen: Vec<u32>,
    /// How good the picture may be.
    pub quality: PictureQuality,
    /// Whose keyboard layout counts.
    pub keyboard: KeyLayout,
    /// Figures, once the link stands and while the device is heard.
    pub stats: Option<LinkStats>,
    /// The link stands, but nothing is heard.
    pub silent: bool,
    /// Short authentication string.
    pub sas: Option<String>,
}

/// A sentence above the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeView {
    /// Its meaning.
    pub tone: Tone,
    /// What.
    pub text: String,
    /// More.
    pub detail: Option<String>,
    /// A button and what it does; nothing yet where its label says in how long.
    pub action: Option<(String, Option<Command>)>,
    /// It can be closed.
    pub closable: bool,
}

impl NoticeView {
    fn new(tone: Tone, text: String) -> Self {
        Self {
            tone,
            text,
            detail: None,
            action: None,
            closable: false,
        }
    }
}

impl DesktopView {
    /// Of a tab.
    pub fn new(state: &ConsoleState, tab: &SessionTab, picture: Option<PictureView>, words: &Words) -> Self {
        let row = state.rows.get(&tab.session_id);
        let status = row.and_then(|row| row.status);
        let customer = state.name_of(tab.session_id).to_owned();
        let refusal = |capability| state.desktop_refusal(tab, capability).map(|why| refusal_text(words, why));
        let picture = picture.filter(|_| tab.view && tab.screen == ScreenState::Shown);
        let monitors = &tab.layout.monitors;
        let names = monitors.iter().map(|monitor| (monitor.id, monitor_name(words, monitor)));
        Self {
            session_id: tab.session_id,
            instead: instead(state, tab, status, words),
            notice: notice(state, tab, status, &customer, words),
            view: tab.view,
            view_refusal: refusal(Capability::View),
            may_view: state.may(Permission::DesktopViewing),
            control: tab.control,
            control_refusal: refusal(Capability::Control),
            may_control: state.may(Permission::RemoteControl),
            focused: state.picture_focused && tab.control && state.dialog.is_none(),
            zoom: tab.zoom,
            scale_percent: scale_percent(tab),
            full_screen: state.full_screen,
            monitors: if monitors.len() > 1 { names.collect() } else { Vec::new() },
            chosen: tab.monitors.clone(),
            quality: tab.quality,
            keyboard: tab.keyboard,
            stats: matches!(tab.link, TabLink::Up(_)).then_some(tab.stats),
            silent: matches!(tab.link, TabLink::Stalled { .. }),
            sas: tab.sas.clone(),
            picture,
            customer,
        }
    }
}

/// The largest of the monitors that are shown.
fn scale_percent(tab: &SessionTab) -> u16 {
    let is_shown = |id: u32| tab.monitors.is_empty() || tab.monitors.contains(&id);
    let shown = tab.layout.monitors.iter().filter(|monitor| is_shown(monitor.id));
    shown.map(|monitor| monitor.scale_percent).max().unwrap_or(100)
}

fn monitor_name(words: &Words, monitor: &farhand_protocol::geometry::Monitor) -> String {
    let size = format!("{} × {}", monitor.area.width, monitor.area.height);
    let scale = percent_text(words, monitor.scale_percent);
    let name = monitor.name.as_str();
    words.with(
        "desktop-monitor",
        &[("name", name.into()), ("size", size.into()), ("scale", scale.into())],
    )
}

fn instead(state: &ConsoleState, tab: &SessionTab, status: Option<Status>, words: &Words) -> (String, String) {
    let text = |key: &str| words.text(key);
    match (&tab.link, &tab.screen, status) {
        (TabLink::Ended(error), ..) => (text("desktop-ended"), error_text(words, error)),
        (_, _, Some(Status::OnHold)) => (text("desktop-on-hold"), text("desktop-on-hold-text")),
        (_, _, Some(status)) if !status.allows(Tool::Remote) => (words.named("state", status.code()), String::new()),
        (TabLink::Opening, ..) => (text("desktop-opening"), text("desktop-opening-text")),
        (TabLink::Connecting(what), ..) => (text("desktop-connecting"), waiting_text(words, what)),
        (TabLink::Lost { retry_at, error }, ..) => {
            let next = retry_text(words, state.now.seconds_until(*retry_at));
            (error_text(words, error), next)
        }
        (_, ScreenState::Locked, _) => (text("desktop-locked"), text("desktop-locked-text")),
        (_, ScreenState::Unavailable(error), _) => (text("desktop-unavailable"), error_text(words, error)),
        _ if tab.view => (text("desktop-waiting-picture"), text("desktop-waiting-picture-text")),
        _ => (text("desktop-not-seen"), text("desktop-not-seen-text")),
    }
}

fn notice(state: &ConsoleState, tab: &SessionTab, status: Option<Status>, customer: &str, words: &Words) -> Option<NoticeView> {
    let name = |key: &str| words.with(key, &[("name", customer.into())]);
    let id = tab.session_id;
    if status == Some(Status::OnHold) {
        let mut view = NoticeView::new(Tone::Hold, words.text("desktop-on-hold"));
        view.action = Some((words.text("toolbar-resume"), Some(Command::Resume(id))));
        return Some(view);
    }
    match &tab.link {
        TabLink::Stalled { since } => {
            let mut view = NoticeView::new(Tone::Waiting, words.text("desktop-stalled"));
            let time = state.now.exact_time_of_day(*since);
            view.detail = Some(words.with("desktop-stalled-text", &[("time", time.into())]));
            return Some(view);
        }
        TabLink::Lost { error, retry_at } => {
            let mut view = NoticeView::new(Tone::Waiting, error_text(words, error));
            view.detail = Some(retry_text(words, state.now.seconds_until(*retry_at)));
            return Some(view);
        }
        _ => {}
    }
    let about = |key: &str, unnamed: &str, set: CapabilitySet| {
        if set.is_empty() {
            return name(unnamed);
        }
        words.with(key, &[("name", customer.into()), ("what", capability_names(words, set).into())])
    };
    let known = |set: CapabilitySet| match state.me() {
        Some(me) if set.is_empty() => tab.log.last_question(me),
        _ => set,
    };
    let again = |set: CapabilitySet| {
        let left = tab.pause.until().map_or(0, |until| state.now.seconds_until(until));
        if left > 0 {
            let time = words.duration(left);
            return Some((words.with("desktop-ask-again-in", &[("time", time.into())]), None));
        }
        let control = set.has(Capability::Control);
        let command = if control {
            Command::Control(id, true)
        } else {
            Command::View(id, true)
        };
        Some((words.text("desktop-ask-again"), Some(command)))
    };
    let mut view = match &tab.notice {
        Notice::None => return None,
        Notice::Asking(set) => {
            let asked = state.me().map_or(*set, |me| set.or(tab.log.asked_by(me)));
            return Some(NoticeView::new(
                Tone::Info,
                about("desktop-asking", "desktop-asking-unnamed", asked),
            ));
        }
        Notice::Refused(set) => {
            let set = known(*set);
            let view = NoticeView::new(Tone::Error, about("desktop-refused", "desktop-refused-unnamed", set));
            NoticeView {
                action: again(set),
                ..view
            }
        }
        Notice::TimedOut(set) => {
            let set = known(*set);
            let view = NoticeView::new(Tone::Waiting, about("desktop-timed-out", "desktop-timed-out-unnamed", set));
            NoticeView {
                action: again(set),
                ..view
            }
        }
        Notice::Stopped => NoticeView::new(Tone::Error, name("desktop-stopped")),
        Notice::Error(error, until) => {
            let left = until.map_or(0, |until| state.now.seconds_until(until));
            NoticeView::new(Tone::Error, with_wait(words, error, left))
        }
    };
    view.closable = true;
    Some(view)
}

/// Why something was refused, and in how many seconds it makes sense to try again.
fn with_wait(words: &Words, error: &ErrorBody, left: u64) -> String {
    let text = error_text(words, error);
    if left == 0 {
        return text;
    }
    let time = words.duration(left);
    format!("{text}. {}", words.with("desktop-wait", &[("time", time.into())]))
}

/// Paints the desktop panel.
pub fn desktop_ui(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    notice_ui(ui, words, view, commands);
    egui::Panel::bottom(("desktop-strip", view.session_id))
        .resizable(false)
        .frame(Frame::NONE)
        .show(ui, |ui| strip_ui(ui, words, view));
    egui::Panel::bottom(("desktop-tools", view.session_id))
        .resizable(false)
        .frame(Frame::new().fill(palette.surface).inner_margin(Margin::symmetric(8, 4)))
        .show(ui, |ui| tools_ui(ui, words, view, commands));
    Frame::new().fill(palette.sunken).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        screen_ui(ui, words, view, true, commands);
    });
}

/// Paints the picture, or what is said instead of it.
pub fn screen_ui(ui: &mut Ui, words: &Words, view: &DesktopView, ring: bool, commands: &mut Vec<Command>) {
    let Some(picture) = &view.picture else {
        let glyph = if view.view { icons::HOURGLASS } else { icons::MONITOR };
        EmptyState::new(glyph, &view.instead.0).text(&view.instead.1).show(ui);
        return;
    };
    let label = words.with("desktop-picture", &[("name", view.customer.as_str().into())]);
    let options = PictureOptions {
        session_id: view.session_id,
        zoom: view.zoom,
        scale_percent: view.scale_percent,
        control: view.control,
        focused: view.focused,
        label: &label,
        ring,
        edge_pans: view.full_screen,
    };
    picture_ui(ui, picture, options, commands);
}

/// Paints what is to be said, if anything.
pub fn notice_ui(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let Some(notice) = &view.notice else { return };
    let mut banner = match notice.tone {
        Tone::Error => Banner::error(&notice.text),
        Tone::Waiting => Banner::warning(&notice.text),
        _ => Banner::info(&notice.text),
    }
    .square();
    if let Some(detail) = &notice.detail {
        banner = banner.detail(detail);
    }
    if let Some((label, command)) = &notice.action {
        banner = banner.action(label).action_enabled(command.is_some());
    }
    let close = words.text("button-close");
    if notice.closable {
        banner = banner.dismissible(&close);
    }
    let output = banner.show(ui);
    if let (true, Some((_, Some(command)))) = (output.action, &notice.action) {
        commands.push(command.clone());
    }
    if output.dismissed {
        commands.push(Command::DismissNotice(view.session_id));
    }
}
