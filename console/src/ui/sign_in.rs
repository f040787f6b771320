//! Sign-in: gateway, account, and what is being waited for.

use egui::{Align, Layout, Ui};
use farhand_assets::{
    Words, icons, theme,
    widgets::{Banner, Button, Progress, TextField, card},
};

use super::text::error_text;
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
    /// Something else to know.
    pub note: Option<String>,
    /// *Sign in* can be pressed.
    pub ready: bool,
}

impl SignInView {
    /// From the state.
    pub fn new(state: &ConsoleState, words: &Words) -> Self {
        let form = state.sign_in.clone();
        let waiting = match form.progress {
            SignInProgress::Remembered => Some(words.text("sign-in-waiting-remembered")),
            SignInProgress::Asking => Some(words.with("sign-in-waiting", &[("gateway", form.gateway.trim().into())])),
            _ => None,
        };
        let (error, note) = match &form.progress {
            SignInProgress::Failed(error) => (Some(error_text(words, error)), None),
            SignInProgress::SignedOut(Some(error)) => (Some(error_text(words, error)), None),
            SignInProgress::SignedOut(None) => (None, Some(words.text("sign-in-signed-out"))),
            _ => (None, None),
        };
        Self {
            ready: form.is_complete() && waiting.is_none(),
            form,
            waiting,
            error,
            note,
        }
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
    let accent = farhand_assets::Palette::of(ui).accent_text;
    ui.horizontal(|ui| {
        ui.label(theme::icon(icons::LIFEBUOY, 28.0).color(accent));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.label(theme::title(words.text("app-name")));
            ui.label(theme::secondary(ui, words.text("sign-in-subtitle")));
        });
    });
}

fn form_ui(ui: &mut Ui, words: &Words, view: &SignInView, commands: &mut Vec<Command>) {
    if let Some(error) = &view.error {
        Banner::error(error).show(ui);
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
    }
}

/// True when Enter was pressed in a field.
fn fields_ui(ui: &mut Ui, words: &Words, form: &mut SignInForm) -> bool {
    let text = |key: &str| words.text(key);
    let [gateway_id, email_id, password_id] = ["sign-in-gateway", "sign-in-email", "sign-in-password"].map(egui::Id::unique);
    let first = if form.gateway.is_empty() {
        gateway_id
    } else if form.email.is_empty() {
        email_id
    } else {
        password_id
    };
    let gateway = TextField::new(&text("sign-in-gateway"), &mut form.gateway)
        .id(gateway_id)
        .hint("https://support.example.org")
        .show(ui);
    if form.own_certificate {
        TextField::new(&text("sign-in-trust"), &mut form.trust)
            .mono()
            .help(&text("sign-in-trust-help"))
            .show(ui);
    }
    let email = TextField::new(&text("sign-in-email"), &mut form.email).id(email_id).show(ui);
    let password = TextField::new(&text("sign-in-password"), &mut form.password.0)
        .id(password_id)
        .password(&text("sign-in-password-show"), &text("sign-in-password-hide"))
        .show(ui);
    ui.checkbox(&mut form.stay, text("sign-in-stay"));
    ui.checkbox(&mut form.own_certificate, text("sign-in-own-certificate"));
    let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
    let entered = enter && (gateway.lost_focus() || email.lost_focus() || password.lost_focus());
    // The first field that is empty has the keyboard from the start, and again once something was refused.
    let (now, open) = (ui.is_enabled(), egui::Id::unique("sign-in-open"));
    let before = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(open), now));
    if now && !before {
        ui.memory_mut(|memory| memory.request_focus(first));
    }
    entered
}
