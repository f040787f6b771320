//! Chat with the customer and, between the lines, what happened and by whom.

use egui::{Align, Key, KeyboardShortcut, Layout, Modifiers, TextEdit, Ui};
use farhand_assets::{
    Words, icons, theme,
    widgets::{Button, ChatKind, ChatLine, ChatList, MenuItem, menu_button},
};
use farhand_protocol::{
    ids::SessionId,
    session::{Status, Tool},
};

use super::{shortcuts, text::capability_names};
use crate::model::{
    ChatPlace, Command, ConsoleState, SessionTab,
    log::{LogEntry, LogWhat, Writer, capabilities_of},
};

/// The chat panel.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatView {
    /// The session.
    pub session_id: SessionId,
    /// Name of the customer, for the empty reply box.
    pub customer: String,
    /// Lines, oldest first.
    pub lines: Vec<ChatLine>,
    /// The reply being typed.
    pub reply: String,
    /// Why nothing can be written now.
    pub closed: Option<String>,
    /// Where it is.
    pub place: ChatPlace,
}

impl ChatView {
    /// Of a tab.
    pub fn new(state: &ConsoleState, tab: &SessionTab, words: &Words) -> Self {
        let row = state.rows.get(&tab.session_id);
        let customer = state.name_of(tab.session_id).to_owned();
        let names = Names {
            customer: &customer,
            me: state.my_name(),
            words,
        };
        let lines = tab.log.entries().iter().filter_map(|entry| line(state, entry, &names)).collect();
        let open = row.and_then(|row| row.status).is_some_and(|status| status.allows(Tool::Chat));
        let over = tab.is_ended() || row.and_then(|row| row.status).is_some_and(Status::ends_leg);
        let closed = if over {
            Some(words.text("chat-closed-over"))
        } else if !open {
            Some(words.text("chat-closed-state"))
        } else if !tab.is_linked() {
            Some(words.text("chat-closed-link"))
        } else {
            None
        };
        Self {
            session_id: tab.session_id,
            lines,
            reply: tab.reply.clone(),
            closed,
            place: state.settings.chat_place,
            customer,
        }
    }
}

struct Names<'a> {
    customer: &'a str,
    me: &'a str,
    words: &'a Words,
}

impl Names<'_> {
    fn customer(&self) -> String {
        if self.customer.is_empty() {
            self.words.text("chat-customer")
        } else {
            self.customer.to_owned()
        }
    }
}

fn line(state: &ConsoleState, entry: &LogEntry, names: &Names<'_>) -> Option<ChatLine> {
    let time = state.now.time_of_day(entry.at);
    match &entry.what {
        LogWhat::Chat { from, text } => {
            let (kind, who) = match from {
                Writer::Me => (ChatKind::Mine, names.me.to_owned()),
                Writer::Customer => (ChatKind::Theirs, names.customer()),
                Writer::Technician(name) => (ChatKind::Theirs, name.clone()),
            };
            Some(ChatLine {
                kind,
                who,
                time,
                text: text.clone(),
                detail: Vec::new(),
            })
        }
        LogWhat::Event { kind, actor, detail } => {
            let text = event_text(kind, actor, detail, names)?;
            Some(ChatLine {
                kind: ChatKind::System,
                who: String::new(),
                time,
                text,
                detail: Vec::new(),
            })
        }
    }
}

/// The sentence of an event; none for events that tell people nothing.
fn event_text(kind: &str, actor: &str, detail: &serde_json::Value, names: &Names<'_>) -> Option<String> {
    let field = |name: &str| detail.get(name).and_then(serde_json::Value::as_str);
    let words = names.words;
    let who = match actor {
        // Nobody acts when time runs out; what is said is still about the customer.
        _ if kind == "consent.timed_out" => names.customer(),
        "customer" => names.customer(),
        "technician" | "administrator" => field("technician").or(field("name")).unwrap_or(names.me).to_owned(),
        _ => words.text("chat-system"),
    };
    let what = capabilities_of(detail).map(|set| capability_names(words, set)).unwrap_or_default();
    let key = match kind {
        "session.status" => {
            let status = field("new").or(field("status")).and_then(Status::from_code)?;
            let status = words.named("state", status.code());
            return Some(words.with("event-status", &[("status", status.into())]));
        }
        "consent.asked" => "event-consent-asked",
        "consent.allowed" => "event-consent-allowed",
        "consent.allowed_in_advance" | "consent.in_advance" => "event-consent-in-advance",
        "consent.refused" => "event-consent-refused",
        "consent.timed_out" => "event-consent-timed-out",
        "consent.withdrawn" => "event-consent-withdrawn",
        "consent.revoked" | "grant.revoked" => "event-consent-revoked",
        "view.started" => "event-view-started",
        "view.stopped" | "view.ended" => "event-view-ended",
        "control.started" => "event-control-started",
        "control.stopped" | "control.ended" => "event-control-ended",
        "link.up" => "event-link-up",
        "link.down" => "event-link-down",
        _ => return None,
    };
    Some(words.with(key, &[("who", who.into()), ("what", what.into())]))
}

/// Paints the chat panel.
pub fn chat_ui(ui: &mut Ui, words: &Words, view: &ChatView, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.label(theme::icon(icons::CHAT_CIRCLE_TEXT, 16.0));
        ui.label(theme::strong(words.text("chat-title")));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| place_menu(ui, words, view, commands));
    });
    egui::Panel::bottom(("chat-reply", view.session_id))
        .show_separator_line(false)
        .resizable(false)
        .frame(egui::Frame::NONE)
        .show(ui, |ui| reply_ui(ui, words, view, commands));
    if view.lines.is_empty() {
        ui.add_space(8.0);
        ui.label(theme::secondary(ui, words.text("chat-empty")));
    } else {
        ChatList::new(&view.lines, &words.text("chat-title")).show(ui, view.session_id);
    }
}

/// Where the chat may be: beside or below the desktop, or in a window of its own.
fn place_menu(ui: &mut Ui, words: &Words, view: &ChatView, commands: &mut Vec<Command>) {
    let label = words.text("chat-place");
    menu_button(ui, Button::icon_alone(icons::SIDEBAR_SIMPLE, &label), |ui| {
        for place in ChatPlace::ALL {
            let label = words.text(place.key());
            if ui.add(MenuItem::new(&label).checked(view.place == place)).clicked() {
                commands.push(Command::PlaceChat(place));
            }
        }
    });
}

fn reply_ui(ui: &mut Ui, words: &Words, view: &ChatView, commands: &mut Vec<Command>) {
    ui.add_space(6.0);
    if let Some(why) = &view.closed {
        ui.add(egui::Label::new(theme::secondary(ui, why.as_str())).wrap());
        return;
    }
    ui.with_layout(Layout::right_to_left(Align::Max), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let send = words.text("chat-send");
        let button = Button::icon_alone(icons::PAPER_PLANE_RIGHT, &send).shortcut(shortcuts::SEND);
        let pressed = ui.add(button.enabled(!view.reply.trim().is_empty())).clicked();
        let mut reply = view.reply.clone();
        let hint = words.with("chat-hint", &[("name", view.customer.as_str().into())]);
        let edit = TextEdit::multiline(&mut reply)
            .id(shortcuts::reply_id())
            .hint_text(hint)
            .desired_rows(2)
            .desired_width(ui.available_width())
            .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter));
        let response = ui.add(edit).accessible_name(words.text("chat-reply"));
        if reply != view.reply {
            commands.push(Command::EditReply(view.session_id, reply));
        }
        let enter = ui.input(|input| input.key_pressed(Key::Enter) && !input.modifiers.shift);
        if pressed || (response.has_focus() && enter) {
            commands.push(Command::SendReply(view.session_id));
        }
    });
}
