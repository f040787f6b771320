//! The tab *E-mail* of *Create session*: who sends the message with the link, its words, and what became of it (EML-07 to EML-09, EML-11, EML-16 to
//! EML-23).

use egui::{Frame, Key, Label, Role, ScrollArea, Ui, UiBuilder};
use farhand_assets::{
    Palette, Size, Tone, Words, icons, theme,
    widgets::{Banner, Button, TextField},
};
use farhand_protocol::{api::SessionCreated, mail::MAX_ADDRESS_BYTES};

use super::text::error_text;
use crate::model::{
    Command, ConsoleState,
    dialog::{MailSender, Mailing, NewSessionForm},
};

/// Of a long message as much is seen at once, points.
const MESSAGE_HEIGHT: f32 = 120.0;

/// The message that carries the link.
#[derive(Debug, Clone, PartialEq)]
pub struct MailView {
    /// The gateway sends mail too, so that there is something to choose (EML-03).
    pub has_choice: bool,
    /// Who sends it.
    pub sender: MailSender,
    /// Subject; that of the technician group where the gateway sends it.
    pub subject: String,
    /// Text, likewise.
    pub text: String,
    /// *To*, where the gateway sends it.
    pub to: String,
    /// Why it cannot be sent there, once that was tried.
    pub to_error: Option<String>,
    /// The gateway can be asked (EML-23).
    pub can_send: bool,
    /// What became of it.
    pub result: MailResult,
}

/// What became of the message.
#[derive(Debug, Clone, PartialEq)]
pub enum MailResult {
    /// Nothing yet.
    Nothing,
    /// No mail program took it (EML-21).
    NoProgram,
    /// The gateway is at it.
    Sending,
    /// A mail server has it; says for whom.
    Sent(String),
    /// It was not sent; says why (EML-22).
    Failed(String),
}

impl MailView {
    /// From the form and the code it has led to.
    pub fn new(state: &ConsoleState, form: &NewSessionForm, created: &SessionCreated, words: &Words) -> Self {
        let has_choice = state.gateway_sends_mail();
        let sender = if has_choice { form.mail_sender } else { MailSender::MailProgram };
        let (subject, text, result) = match sender {
            MailSender::MailProgram if form.mail_failed => (&form.mail_subject, &form.mail_text, MailResult::NoProgram),
            MailSender::MailProgram => (&form.mail_subject, &form.mail_text, MailResult::Nothing),
            MailSender::Gateway => (&created.mail_subject, &created.mail_text, result_of(&form.mailing, words)),
        };
        let is_alive = state.now.seconds_until(created.expires_at) > 0;
        Self {
            has_choice,
            sender,
            subject: subject.clone(),
            text: text.clone(),
            to: form.mail_to.clone(),
            to_error: form.mail_to_wrong.then(|| words.text("new-session-mail-to-wrong")),
            can_send: is_alive && form.mail().is_some(),
            result,
        }
    }
}

fn result_of(mailing: &Mailing, words: &Words) -> MailResult {
    match mailing {
        Mailing::No => MailResult::Nothing,
        Mailing::Asking => MailResult::Sending,
        Mailing::Sent(to) => MailResult::Sent(words.with("new-session-mail-sent", &[("address", to.as_str().into())])),
        Mailing::Failed(error) => MailResult::Failed(error_text(words, error)),
    }
}

/// Paints the tab.
pub fn mail_ui(ui: &mut Ui, words: &Words, view: &MailView, commands: &mut Vec<Command>) {
    if view.has_choice {
        sender_ui(ui, words, view.sender, commands);
    }
    match view.sender {
        MailSender::MailProgram => program_ui(ui, words, view, commands),
        MailSender::Gateway => gateway_ui(ui, words, view, commands),
    }
}

fn sender_ui(ui: &mut Ui, words: &Words, chosen: MailSender, commands: &mut Vec<Command>) {
    let mut sender = chosen;
    let builder = UiBuilder::new()
        .accessibility_role(Role::RadioGroup)
        .accessibility_label(words.text("new-session-mail-sender"));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.radio_value(&mut sender, MailSender::MailProgram, words.text("new-session-mail-program"));
        ui.radio_value(&mut sender, MailSender::Gateway, words.text("new-session-mail-gateway"));
    });
    if sender != chosen {
        commands.push(Command::ChooseMailSender(sender));
    }
}

/// Subject and text can be changed here, and once more in the mail program (EML-17).
fn program_ui(ui: &mut Ui, words: &Words, view: &MailView, commands: &mut Vec<Command>) {
    let (mut subject, mut text) = (view.subject.clone(), view.text.clone());
    TextField::new(&words.text("new-session-mail-subject"), &mut subject).show(ui);
    TextField::new(&words.text("new-session-mail-text"), &mut text).rows(7).show(ui);
    if view.result == MailResult::NoProgram {
        Banner::warning(&words.text("new-session-mail-failed")).show(ui);
    }
    if subject != view.subject || text != view.text {
        commands.push(Command::EditMail {
            subject: subject.clone(),
            text: text.clone(),
        });
    }
    ui.horizontal(|ui| {
        let (send, copy) = (words.text("new-session-mail-send"), words.text("new-session-mail-copy"));
        if ui.add(Button::secondary(&send).icon(icons::ENVELOPE)).clicked() {
            commands.push(Command::OpenMail);
        }
        if ui.add(Button::secondary(&copy).icon(icons::COPY)).clicked() {
            let text = format!("{subject}\n\n{text}");
            commands.push(Command::Copy {
                what: "new-session-mail-copied",
                text,
            });
        }
    });
}

fn gateway_ui(ui: &mut Ui, words: &Words, view: &MailView, commands: &mut Vec<Command>) {
    let mut to = view.to.clone();
    let id = egui::Id::unique("new-session-mail-to");
    let was_shown = ui.ctx().read_response(id).is_some();
    let field = TextField::new(&words.text("new-session-mail-to"), &mut to)
        .id(id)
        .char_limit(MAX_ADDRESS_BYTES)
        .help(&words.text("new-session-mail-to-help"))
        .error(view.to_error.as_deref())
        .show(ui);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    // The tab was just opened, or there is something to be said about what was typed.
    let is_free = ui.memory(|memory| memory.focused().is_none());
    if (!was_shown && is_free) || (entered && !view.can_send) {
        field.request_focus();
    }
    if to != view.to {
        commands.push(Command::EditMailTo(to));
    }
    message_ui(ui, view);
    ui.horizontal(|ui| {
        let send = words.text("new-session-mail-send");
        let button = Button::secondary(&send).icon(icons::ENVELOPE).enabled(view.can_send);
        // Enter asks in any case, so that it is said why it is not sent.
        if (ui.add(button).clicked() && view.can_send) || entered {
            commands.push(Command::MailLink);
        }
        result_ui(ui, words, &view.result);
    });
}

/// What became of the message, beside the button, so that nothing moves when it is known.
fn result_ui(ui: &mut Ui, words: &Words, result: &MailResult) {
    let (tone, icon, text) = match result {
        MailResult::Nothing | MailResult::NoProgram => return,
        MailResult::Sending => (Tone::Neutral, icons::HOURGLASS, words.text("new-session-mail-sending")),
        MailResult::Sent(text) => (Tone::Active, icons::CHECK_CIRCLE, text.clone()),
        MailResult::Failed(text) => (Tone::Error, icons::WARNING_CIRCLE, text.clone()),
    };
    let color = Palette::of(ui).tone(tone).text;
    let role = if tone == Tone::Error { Role::Alert } else { Role::Status };
    let builder = UiBuilder::new().accessibility_role(role).accessibility_label(text.as_str());
    ui.scope_builder(builder, |ui| {
        ui.label(theme::icon(icon, Size::of(ui).icon()).color(color));
        ui.add(Label::new(theme::secondary(ui, text).color(color)).wrap());
    });
}

/// The words of the technician group, as the gateway sends them.
fn message_ui(ui: &mut Ui, view: &MailView) {
    Frame::new()
        .fill(Palette::of(ui).sunken)
        .corner_radius(8)
        .inner_margin(12)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(Label::new(theme::strong(view.subject.as_str())).wrap());
            ScrollArea::vertical().max_height(MESSAGE_HEIGHT).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.add(Label::new(view.text.trim_end()).wrap());
            });
        });
}
