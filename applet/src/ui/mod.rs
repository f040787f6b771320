//! The pages of the applet, one file each, drawn from the state alone. Painters get the state, the words and a list for what the customer
//! does; they see no engine, clock or file.

mod bar;
mod code;
mod consent;
mod conversation;
mod end;
mod may;
mod reading;
mod session;
mod terms;
mod waiting;
mod words;

use egui::{CentralPanel, Frame, Label, Margin, Panel, ScrollArea, Ui};
use farhand_assets::{
    Palette, Words, theme,
    widgets::{Banner, logo},
};

use crate::model::{Act, AppletState, Page};

pub use bar::{BarView, bar_size, bar_ui};
pub use words::{receipt_line, receipt_words};

/// Draws the window's contents.
pub fn applet_ui(ui: &mut Ui, state: &mut AppletState, words: &Words, now: f64, acts: &mut Vec<Act>) {
    header(ui, state, words);
    let canvas = Palette::of(ui).canvas;
    let frame = Frame::NONE.fill(canvas).inner_margin(Margin::symmetric(16, 12));
    match state.page {
        Page::Session => {
            Panel::bottom("applet-actions")
                .frame(frame)
                .show(ui, |ui| session::actions_ui(ui, state, words, acts));
        }
        Page::End => {
            Panel::bottom("applet-end-actions")
                .frame(frame)
                .show(ui, |ui| end::actions_ui(ui, state, words, acts));
        }
        Page::Code | Page::Terms | Page::Waiting => {}
    }
    CentralPanel::default()
        .frame(
            Frame::NONE
                .fill(canvas)
                .inner_margin(Margin::symmetric(16, if state.questions.is_empty() { 16 } else { 8 })),
        )
        .show(ui, |ui| match state.page {
            Page::Terms => {
                notices(ui, state, words, acts);
                terms::terms_ui(ui, state, words, acts);
            }
            Page::Session => {
                notices(ui, state, words, acts);
                session::session_ui(ui, state, words, now, acts);
            }
            Page::Code => scrolled(ui, "applet-code", state, words, acts, code::code_ui),
            Page::Waiting => scrolled(ui, "applet-waiting", state, words, acts, waiting::waiting_ui),
            Page::End => {
                let page = |ui: &mut Ui, state: &mut AppletState, words: &Words, _: &mut Vec<Act>| end::end_ui(ui, state, words);
                scrolled(ui, "applet-end", state, words, acts, page);
            }
        });
}

/// A page of one column: what a small window has no room for is below.
fn scrolled(
    ui: &mut Ui,
    name: &'static str,
    state: &mut AppletState,
    words: &Words,
    acts: &mut Vec<Act>,
    page: impl FnOnce(&mut Ui, &mut AppletState, &Words, &mut Vec<Act>),
) {
    ScrollArea::vertical().id_salt(name).auto_shrink([false, false]).show(ui, |ui| {
        notices(ui, state, words, acts);
        page(ui, state, words, acts);
    });
}

fn header(ui: &mut Ui, state: &AppletState, words: &Words) {
    let palette = Palette::of(ui);
    let product = words.text("applet-window-title");
    Panel::top("applet-header")
        .frame(Frame::NONE.fill(palette.surface).inner_margin(Margin::symmetric(16, 10)))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                logo(ui, 24.0, &product);
                let name = state
                    .session
                    .as_ref()
                    .map(|s| s.application_name.as_str())
                    .filter(|n| !n.is_empty());
                let title = name.map_or_else(|| words.text("applet-header-name"), str::to_owned);
                let owner = state.session.as_ref().filter(|s| s.organisation != s.application_name);
                let title = Label::new(theme::title(title)).truncate();
                match owner {
                    None => {
                        ui.add(title);
                    }
                    Some(session) => {
                        ui.vertical(|ui| {
                            ui.spacing_mut().item_spacing.y = 0.0;
                            ui.add(title);
                            ui.add(Label::new(theme::secondary(ui, &session.organisation)).truncate());
                        });
                    }
                }
            });
        });
}

fn notices(ui: &mut Ui, state: &mut AppletState, words: &Words, acts: &mut Vec<Act>) {
    if state.gateway_lost.is_some() {
        Banner::warning(&words.text("applet-banner-gateway")).show(ui);
        theme::gap(ui, 2);
    }
    if let Some(error) = &state.failure {
        let text = words.error(error.code.as_str(), &error.message);
        if Banner::error(&text)
            .dismissible(&words.text("applet-banner-dismiss"))
            .show(ui)
            .dismissed
        {
            acts.push(Act::Dismiss);
        }
        theme::gap(ui, 2);
    }
}
