//! *Create session*: name, then the code as PIN, link or e-mail (EML-05 to EML-23).

use egui::{Role, Sense, Ui, WidgetInfo};
use farhand_assets::{
    Palette, Tone, Words, icons, theme,
    widgets::{Banner, Button, QrImage, TextField, dialog_buttons, group_code, segmented},
};
use farhand_protocol::api::MAX_NAME_CHARS;

use super::{
    mail::{MailView, mail_ui},
    text::error_text,
};
use crate::model::{
    Command, ConsoleState,
    dialog::{NewSessionForm, NewSessionProgress, Way},
};

/// The dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSessionView {
    /// Name field.
    pub name: String,
    /// Active without a click.
    pub auto_start: bool,
    /// The gateway makes the code.
    pub creating: bool,
    /// It was refused.
    pub error: Option<String>,
    /// The code, once it exists.
    pub code: Option<CodeView>,
}

/// PIN, link and message.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeView {
    /// The way shown.
    pub way: Way,
    /// PIN in groups of three.
    pub pin: String,
    /// Where the PIN can be typed as well.
    pub address: String,
    /// Link.
    pub link: String,
    /// What became of both.
    pub progress: CodeProgress,
    /// The sentence that says it, or how long they still work.
    pub left: String,
    /// The message that carries the link.
    pub mail: MailView,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProgress {
    /// It waits for the customer.
    Waits,
    /// It does not work any more.
    Expired,
    /// The customer has come.
    Joined,
}

impl NewSessionView {
    /// From the form.
    pub fn new(state: &ConsoleState, form: &NewSessionForm, words: &Words) -> Self {
        let page = state.account.as_ref().map_or("", |signed_in| &signed_in.account.pin_page);
        let code = form.created().map(|created| {
            let seconds = state.now.seconds_until(created.expires_at);
            let progress = match seconds {
                _ if state.has_joined(created.session_id) => CodeProgress::Joined,
                0 => CodeProgress::Expired,
                _ => CodeProgress::Waits,
            };
            CodeView {
                way: form.way,
                pin: group_code(&created.pin),
                address: words.with("new-session-address", &[("address", page.into())]),
                link: created.link.clone(),
                progress,
                left: match progress {
                    CodeProgress::Joined => words.text("new-session-joined"),
                    CodeProgress::Expired => words.text("new-session-expired"),
                    CodeProgress::Waits => words.with("new-session-left", &[("time", words.duration(seconds).into())]),
                },
                mail: MailView::new(state, form, created, words),
            }
        });
        Self {
            name: form.name.clone(),
            auto_start: form.auto_start,
            creating: matches!(form.progress, NewSessionProgress::Creating(_)),
            error: match &form.progress {
                NewSessionProgress::Failed(error) => Some(error_text(words, error)),
                _ => None,
            },
            code,
        }
    }
}

/// Paints the dialog.
pub fn new_session_ui(ui: &mut Ui, words: &Words, view: &NewSessionView, commands: &mut Vec<Command>) {
    match &view.code {
        None => form_ui(ui, words, view, commands),
        Some(code) => code_ui(ui, words, view, code, commands),
    }
}

fn form_ui(ui: &mut Ui, words: &Words, view: &NewSessionView, commands: &mut Vec<Command>) {
    if let Some(error) = &view.error {
        Banner::error(error).show(ui);
    }
    let (mut name, mut auto_start) = (view.name.clone(), view.auto_start);
    let id = egui::Id::unique("new-session-name");
    let response = TextField::new(&words.text("new-session-name"), &mut name)
        .id(id)
        .char_limit(MAX_NAME_CHARS)
        .help(&words.text("new-session-name-help"))
        .show(ui);
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if !entered && ui.memory(|memory| memory.focused().is_none()) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    ui.checkbox(&mut auto_start, words.text("new-session-auto-start"));
    if name != view.name || auto_start != view.auto_start {
        commands.push(Command::EditNewSession { name, auto_start });
    }
    dialog_buttons(ui, |ui| {
        let (create, cancel) = (words.text("new-session-create"), words.text("button-cancel"));
        let pressed = ui.add(Button::primary(&create).enabled(!view.creating)).clicked();
        if (pressed || entered) && !view.creating {
            commands.push(Command::CreateSession);
        }
        if ui.add(Button::secondary(&cancel)).clicked() {
            commands.push(Command::CloseDialog);
        }
        if view.creating {
            ui.label(theme::secondary(ui, words.text("new-session-creating")));
        }
    });
}

fn code_ui(ui: &mut Ui, words: &Words, view: &NewSessionView, code: &CodeView, commands: &mut Vec<Command>) {
    if !view.name.trim().is_empty() {
        ui.label(theme::strong(view.name.trim()));
    }
    let names = [Way::Pin, Way::Link, Way::Email].map(|way| (way, words.text(way_key(way))));
    let choices: Vec<(Way, &str)> = names.iter().map(|(way, name)| (*way, name.as_str())).collect();
    let mut way = code.way;
    if segmented(ui, &words.text("new-session-way"), &mut way, &choices) {
        commands.push(Command::ShowWay(way));
    }
    match code.way {
        Way::Pin => pin_ui(ui, words, code, commands),
        Way::Link => link_ui(ui, words, code, commands),
        Way::Email => mail_ui(ui, words, &code.mail, commands),
    }
    let (tone, glyph) = match code.progress {
        CodeProgress::Waits => (Tone::Neutral, icons::CLOCK_COUNTDOWN),
        CodeProgress::Expired => (Tone::Error, icons::CLOCK_COUNTDOWN),
        CodeProgress::Joined => (Tone::Active, icons::CHECK_CIRCLE),
    };
    let color = Palette::of(ui).tone(tone).text;
    ui.horizontal(|ui| {
        ui.label(theme::icon(glyph, 16.0).color(color));
        ui.label(egui::RichText::new(&code.left).color(color));
    });
    dialog_buttons(ui, |ui| {
        if ui.add(Button::primary(&words.text("button-close"))).clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}

const fn way_key(way: Way) -> &'static str {
    match way {
        Way::Pin => "new-session-pin",
        Way::Link => "new-session-link",
        Way::Email => "new-session-email",
    }
}

fn pin_ui(ui: &mut Ui, words: &Words, code: &CodeView, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    egui::Frame::new()
        .fill(palette.sunken)
        .corner_radius(8)
        .inner_margin(16)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.vertical_centered(|ui| {
                let text = theme::large_code(&code.pin).size(40.0);
                let label = ui.add(egui::Label::new(text).selectable(true).sense(Sense::click()));
                label.widget_info(|| WidgetInfo::labeled(Role::Label, true, &code.pin));
            });
        });
    ui.horizontal(|ui| {
        let copy = words.text("new-session-copy-pin");
        if ui.add(Button::secondary(&copy).icon(icons::COPY)).clicked() {
            let text = code.pin.replace(' ', "");
            commands.push(Command::Copy {
                what: "new-session-pin-copied",
                text,
            });
        }
    });
    ui.add(egui::Label::new(&code.address).wrap().selectable(true));
}

fn link_ui(ui: &mut Ui, words: &Words, code: &CodeView, commands: &mut Vec<Command>) {
    ui.horizontal_top(|ui| {
        if let Some(qr) = QrImage::new(&code.link) {
            ui.add(qr.show(180.0, &words.text("new-session-qr")));
        }
        ui.vertical(|ui| {
            ui.add(egui::Label::new(theme::code(&code.link)).wrap().selectable(true));
            let copy = words.text("new-session-copy-link");
            if ui.add(Button::secondary(&copy).icon(icons::COPY)).clicked() {
                commands.push(Command::Copy {
                    what: "new-session-link-copied",
                    text: code.link.clone(),
                });
            }
        });
    });
}
