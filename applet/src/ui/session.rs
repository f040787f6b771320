//! With a technician: who is there and what they may do, the questions, the conversation, STOP and *End session*.

use egui::{Color32, FontFamily, FontId, Id, Key, ScrollArea, Ui};
use farhand_assets::{
    Size, Tone, Words,
    fonts::strong_family,
    icons, theme,
    widgets::{Banner, Button, ChatList, StatusPill, TextField, card, expandable},
};
use farhand_protocol::{
    peer::ScreenState,
    permission::{Capability, CapabilitySet},
    session::Status,
};

use super::{consent::consent_ui, conversation::conversation, may, reading::beside_bar};
use crate::model::{Act, AppletState};

/// The message's field keeps its name, and so the keyboard, whatever appears above it.
const MESSAGE: &str = "applet-message";
/// In less height than this the card with the technician is put in few words, points.
const ROOMY: f32 = 300.0;
/// The list of what is allowed takes this part of the height there is.
const MOST_OF_LIST: f32 = 0.4;

pub(super) fn session_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, now: f64, acts: &mut Vec<Act>) {
    // A question names the person itself and needs the room.
    if state.questions.is_empty() {
        who(ui, state, words);
        theme::gap(ui, 2);
    }
    if let Some(session) = &state.session {
        if session.is_unguarded {
            Banner::warning(&words.text("applet-session-unguarded")).show(ui);
            theme::gap(ui, 2);
        }
        match &session.screen {
            ScreenState::Unavailable(error) => {
                Banner::warning(&words.error(error.code.as_str(), &error.message)).show(ui);
                theme::gap(ui, 2);
            }
            ScreenState::Locked => {
                Banner::info(&words.text("applet-session-locked")).show(ui);
                theme::gap(ui, 2);
            }
            ScreenState::Shown => {}
        }
    }
    // One thing at a time: the second question waits for the first. The conversation goes on below ("why?").
    if let Some(question) = state.questions.first_mut() {
        consent_ui(ui, question, words, now, acts);
        theme::gap(ui, 1);
    }
    let lines = conversation(&state.lines, state.utc_offset_minutes, words);
    ChatList::new(&lines, &words.text("applet-session-conversation")).show(ui, "applet-conversation");
}

/// What stays at the bottom whatever is above it: the message, STOP (APP-40) and *End session*.
pub(super) fn actions_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    compose(ui, state, words, acts);
    theme::gap(ui, 2);
    if state.asks_end {
        stop_button(ui, state, words, 0.0, acts);
        theme::gap(ui, 1);
        end_button(ui, state, words, acts);
        return;
    }
    // Side by side: a small window needs its height for the conversation.
    ui.horizontal(|ui| {
        let end = words.text("applet-session-end");
        let beside = text_width(ui, &end, FontFamily::Proportional) + 2.0 * Size::of(ui).padding() + ui.spacing().item_spacing.x;
        stop_button(ui, state, words, beside, acts);
        if ui.add(Button::ghost(&end)).clicked() {
            acts.push(Act::AskEnd);
        }
    });
}

/// Width of a line of body text, points.
fn text_width(ui: &Ui, text: &str, family: FontFamily) -> f32 {
    let font = FontId::new(Size::of(ui).body(), family);
    ui.painter()
        .layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER)
        .rect
        .width()
}

fn who(ui: &mut Ui, state: &AppletState, words: &Words) {
    if ui.available_height() < ROOMY {
        who_in_short(ui, state, words);
        return;
    }
    card(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(theme::strong(with_whom(state, words)));
        theme::gap(ui, 1);
        what_pill(ui, state, words);
        let allowed = allowed(state);
        if !allowed.is_empty() {
            theme::gap(ui, 1);
            let text = may_text(words, allowed);
            if may::is_shortened(words, allowed) {
                let points = Size::of(ui).small();
                // Opened, it leaves most of the window to the conversation.
                let most = ui.available_height() * MOST_OF_LIST;
                let list = ScrollArea::vertical()
                    .id_salt("applet-may")
                    .max_height(most)
                    .auto_shrink([false, true]);
                beside_bar(ui, list, |ui| expandable(ui, &text, points, &may::each(words, allowed)));
            } else {
                ui.label(theme::secondary(ui, text));
            }
        }
        if let Some(numbers) = numbers_text(state, words) {
            theme::gap(ui, 1);
            ui.label(theme::secondary(ui, numbers));
        }
    });
}

/// In a small window the conversation needs the room: what is done with the screen stays, the rest is one press away.
fn who_in_short(ui: &mut Ui, state: &AppletState, words: &Words) {
    what_pill(ui, state, words);
    theme::gap(ui, 1);
    let mut more: Vec<String> = numbers_text(state, words).into_iter().collect();
    more.extend(may::each(words, allowed(state)));
    let with_whom = with_whom(state, words);
    if more.is_empty() {
        ui.label(theme::secondary(ui, with_whom));
    } else {
        let points = Size::of(ui).small();
        ui.vertical(|ui| expandable(ui, &with_whom, points, &more));
    }
}

fn with_whom(state: &AppletState, words: &Words) -> String {
    let organisation = state.session.as_ref().map_or("", |s| s.organisation.as_str());
    let key = if state.status == Some(Status::OnHold) {
        "applet-session-hold"
    } else if state.is_alone() {
        "applet-session-apart"
    } else {
        "applet-session-with"
    };
    words.with(key, &[("name", state.technician().into()), ("organisation", organisation.into())])
}

fn what_pill(ui: &mut Ui, state: &AppletState, words: &Words) {
    let controlling = state.present.iter().any(|p| p.controlling);
    let viewing = state.present.iter().any(|p| p.viewing);
    let (tone, key) = match (controlling, viewing) {
        (true, _) => (Tone::Waiting, "applet-session-controls"),
        (false, true) => (Tone::Info, "applet-session-sees"),
        _ => (Tone::Neutral, "applet-session-nothing"),
    };
    ui.add(StatusPill::new(tone, &words.text(key)));
}

/// What is allowed beyond the chat, which everybody may.
fn allowed(state: &AppletState) -> CapabilitySet {
    state.granted.or(state.allowed).without(Capability::Chat)
}

fn may_text(words: &Words, allowed: CapabilitySet) -> String {
    let what = may::in_short(words, allowed);
    words.with("applet-session-may", &[("what", what.into())])
}

/// The numbers to compare by voice, if any link stands.
fn numbers_text(state: &AppletState, words: &Words) -> Option<String> {
    let numbers = state.check_numbers();
    let digits = numbers.join(", ");
    let values = [("digits", digits.as_str().into()), ("count", numbers.len().into())];
    (!numbers.is_empty()).then(|| words.with("applet-session-sas", &values))
}

fn compose(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    ui.horizontal(|ui| {
        let hint = if state.status == Some(Status::OnHold) {
            "applet-session-message-hint-hold"
        } else {
            "applet-session-message-hint"
        };
        let (label, hint, send) = (
            words.text("applet-session-message"),
            words.text(hint),
            words.text("applet-session-send"),
        );
        let button = text_width(ui, &send, strong_family()) + 2.0 * Size::of(ui).padding();
        let width = (ui.available_width() - button - ui.spacing().item_spacing.x).max(80.0);
        let response = TextField::new(&label, &mut state.draft)
            .id(Id::unique(MESSAGE))
            .hint(&hint)
            .hide_label()
            .width(width)
            .show(ui);
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let can_send = !state.draft.trim().is_empty();
        if ui.add(Button::primary(&send).enabled(can_send)).clicked() || (entered && can_send) {
            acts.push(Act::Send);
            response.request_focus();
        }
    });
    if !state.questions.is_empty() {
        // The question needs the room.
        return;
    }
    let organisation = state.session.as_ref().map_or("", |s| s.organisation.as_str());
    let kept = words.with("applet-session-kept", &[("organisation", organisation.into())]);
    ui.label(theme::secondary(ui, kept));
}

/// STOP, over the width there is but what stands beside it.
fn stop_button(ui: &mut Ui, state: &AppletState, words: &Words, beside: f32, acts: &mut Vec<Act>) {
    let (stop, reason) = (words.text("applet-session-stop"), words.text("applet-session-stop-nothing"));
    let tip = if state.session.as_ref().is_some_and(|s| s.pause_key && !s.is_unguarded) {
        words.text("applet-session-stop-tip")
    } else {
        words.text("applet-session-stop-tip-no-key")
    };
    let width = ui.available_width() - beside;
    let button = Button::danger(&stop).icon(icons::X).min_width(width).tooltip(&tip);
    let nothing = (!state.can_stop()).then_some(reason.as_str());
    if ui.add(button.disabled_because(nothing)).clicked() {
        acts.push(Act::Stop);
    }
}

/// *End session* asks once before it acts (APP-40).
pub(super) fn end_button(ui: &mut Ui, state: &AppletState, words: &Words, acts: &mut Vec<Act>) {
    if !state.asks_end {
        if ui.add(Button::ghost(&words.text("applet-session-end")).full_width()).clicked() {
            acts.push(Act::AskEnd);
        }
        return;
    }
    ui.label(words.text("applet-session-end-sure"));
    theme::gap(ui, 1);
    ui.horizontal(|ui| {
        if ui.add(Button::danger(&words.text("applet-session-end-yes"))).clicked() {
            acts.push(Act::End);
        }
        if ui.add(Button::secondary(&words.text("applet-session-end-no"))).clicked() {
            acts.push(Act::KeepOn);
        }
    });
}
