//! Sign-in: gateway, account, and what is being waited for.

use egui::{Align, Layout, Ui};
use farhand_assets::{
    Words, icons, theme,
    widgets::{Banner, Button, Progress, TextField, card, logo},
};
use farhand_protocol::error::ErrorCode;

use super::{header::retry_text, text::error_text};
use crate::model::{
    Command, ConsoleState,
    sign_in::{SignInForm, SignInProgress},
};

/// The sign-in page.
#[derive(Debug, Clone, PartialEq)]
pub struct SignInView {
    /// What is typed.
    pub form: SignInForm,
    /// What is being waited for.
    pub waiting: Option<String>,
    /// What went wrong and what to do.
    pub error: Option<String>,
    /// Why the kept sign-in could not be tried, and when it is tried again.
    pub unreached: Option<(String, String)>,
    /// Something else to know.
    pub note: Option<String>,
    /// *Sign in* can be pressed.
    pub ready: bool,
}

impl SignInView {
    /// From the state.
    pub fn new(state: &ConsoleState, words: &Words) -> Self {
        let form = state.sign_in.clone();
        let mut view = Self {
            ready: form.is_complete() && !form.is_waiting(),
            form,
            waiting: None,
            error: None,
            unreached: None,
            note: None,
        };
        match &state.sign_in.progress {
            SignInProgress::Idle => {}
            SignInProgress::Remembered => view.waiting = Some(words.text("sign-in-waiting-remembered")),
            SignInProgress::Asking => {
                let gateway = state.sign_in.gateway.trim();
                view.waiting = Some(words.with("sign-in-waiting", &[("gateway", gateway.into())]));
            }
            SignInProgress::Failed(error) | SignInProgress::SignedOut(Some(error)) => view.error = Some(error_text(words, error)),
            SignInProgress::Unreached { error, retry_at } => {
                let seconds = retry_at.map_or(0, |at| state.now.seconds_until(at));
                view.unreached = Some((error_text(words, error), retry_text(words, seconds)));
            }
            SignInProgress::SignedOut(None) => view.note = Some(words.text("sign-in-signed-out")),
            SignInProgress::SignedOutHereAlone(error) => {
                let why = error_text(words, error);
                view.error = Some(words.with("sign-in-signed-out-here", &[("why", why.into())]));
            }
            SignInProgress::TokenWithoutGateway => view.error = Some(words.text("sign-in-token-alone")),
            SignInProgress::TrustMalformed => view.error = Some(words.text("sign-in-trust-malformed")),
        }
        view
    }
}

/// Paints the sign-in page.
pub fn sign_in_ui(ui: &mut Ui, words: &Words, view: &SignInView, commands: &mut Vec<Command>) {
    let width = ui.available_width().min(400.0);
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        let space = ((ui.available_height() - 460.0) / 2.0).max(16.0);
        ui.add_space(space);
        ui.with_layout(Layout::top_down(Align::Center), |ui| {
            ui.allocate_ui_with_layout(egui::vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                heading_ui(ui, words);
                ui.add_space(8.0);
                card(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.spacing_mut().item_spacing.y = 12.0;
                    form_ui(ui, words, view, commands);
                });
            });
        });
    });
}

fn heading_ui(ui: &mut Ui, words: &Words) {
    let name = words.text("app-name");
    ui.horizontal(|ui| {
        logo(ui, 32.0, &name);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.label(theme::title(name.as_str()));
            ui.label(theme::secondary(ui, words.text("sign-in-subtitle")));
        });
    });
}

fn form_ui(ui: &mut Ui, words: &Words, view: &SignInView, commands: &mut Vec<Command>) {
    if let Some(error) = &view.error {
        Banner::error(error).show(ui);
    }
    if let Some((why, next)) = &view.unreached {
        let again = words.text("sign-in-try-again");
        if Banner::warning(why).detail(next).action(&again).show(ui).action {
            commands.push(Command::SignInAgain);
        }
    }
    if let Some(note) = &view.note {
        Banner::info(note).show(ui);
    }
    let mut form = view.form.clone();
    let entered = ui
        .add_enabled_ui(view.waiting.is_none(), |ui| fields_ui(ui, words, &mut form))
        .inner;
    if form != view.form {
        commands.push(Command::EditSignIn(form));
    }
    if let Some(waiting) = &view.waiting {
        Progress::new(waiting, None).show(ui);
    }
    let label = words.text("sign-in-button");
    let pressed = ui
        .add(Button::primary(&label).icon(icons::SIGN_IN).full_width().enabled(view.ready))
        .clicked();
    if pressed || (entered && view.ready) {
        commands.push(Command::SignIn);
    } else if entered {
        ui.memory_mut(|memory| memory.request_focus(empty_field(&view.form)));
    }
}

/// The fields by name, so that the keyboard can be given to them.
const FIELDS: [&str; 4] = ["sign-in-gateway", "sign-in-trust", "sign-in-email", "sign-in-password"];

/// Where the next thing is typed: the first field that is empty, the trust value among them where the gateway needs one.
fn empty_field(form: &SignInForm) -> egui::Id {
    let untrusted = matches!(&form.progress, SignInProgress::Failed(error)
        if matches!(error.code, ErrorCode::GatewayUnpinned | ErrorCode::GatewayUntrusted));
    let place = if form.gateway.is_empty() {
        0
    } else if form.own_certificate && form.trust.is_empty() && untrusted {
        1
    } else if form.email.is_empty() {
        2
    } else {
        3
    };
    egui::Id::unique(FIELDS[place])
}

/// True when Enter was pressed in a field.
fn fields_ui(ui: &mut Ui, words: &Words, form: &mut SignInForm) -> bool {
    let text = |key: &str| words.text(key);
    let [gateway_id, trust_id, email_id, password_id] = FIELDS.map(egui::Id::unique);
    let first = empty_field(form);
    let gateway = TextField::new(&text("sign-in-gateway"), &mut form.gateway)
        .id(gateway_id)
        .hint("https://support.example.org")
        .show(ui);
    let mut entered = false;
    if form.own_certificate {
        let trust = TextField::new(&text("sign-in-trust"), &mut form.trust)
            .id(trust_id)
            .mono()
            .help(&text("sign-in-trust-help"))
            .show(ui);
        entered = trust.lost_focus();
    }
    let email = TextField::new(&text("sign-in-email"), &mut form.email).id(email_id).show(ui);
    let password = TextField::new(&text("sign-in-password"), &mut form.password.0)
        .id(password_id)
        .password(&text("sign-in-password-show"), &text("sign-in-password-hide"))
        .show(ui);
    ui.checkbox(&mut form.stay, text("sign-in-stay"));
    ui.checkbox(&mut form.own_certificate, text("sign-in-own-certificate"));
    let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
    entered |= gateway.lost_focus() || email.lost_focus() || password.lost_focus();
    // The first field that is empty has the keyboard from the start, and again once something was refused.
    let (now, open) = (ui.is_enabled(), egui::Id::unique("sign-in-open"));
    let before = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(open), now));
    if now && !before {
        ui.memory_mut(|memory| memory.request_focus(first));
    }
    enter && entered
}
