//! A dialog over the window: title, close button, contents. Escape closes it; a click beside it does
//! not, because what was typed would be lost. Tab stays inside (egui keeps the focus in a modal layer).

use egui::{Align, Context, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Role, Stroke, Ui, UiBuilder, vec2};

use super::button::Button;
use crate::icons;
use crate::palette::Palette;
use crate::theme::{self, CARD_ROUNDING};

/// A dialog. Show it with [`Dialog::show`] in every frame in which it is open.
#[derive(Clone, Debug)]
#[must_use = "show it with .show(ctx, …)"]
pub struct Dialog<'a> {
    title: &'a str,
    close: &'a str,
    width: f32,
}

/// The buttons that end a dialog, from the trailing edge on, the main one first. The row is as high as a button, whatever room an earlier
/// page of the same dialog left.
pub fn dialog_buttons(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui)) {
    let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), add_contents);
}

/// What came of a [`Dialog`] in this frame.
#[derive(Clone, Copy, Debug)]
pub struct DialogOutput<R> {
    /// What the contents returned.
    pub inner: R,
    /// Escape or the close button was pressed.
    pub closed: bool,
}

impl<'a> Dialog<'a> {
    /// A dialog with a title; `close` names its close button.
    pub fn new(title: &'a str, close: &'a str) -> Self {
        Self {
            title,
            close,
            width: 420.0,
        }
    }

    /// Width of the contents in points, where the window has that much; 420 by default.
    pub fn width(mut self, points: f32) -> Self {
        self.width = points;
        self
    }

    /// Paints it over everything else.
    pub fn show<R>(self, ctx: &Context, add_contents: impl FnOnce(&mut Ui) -> R) -> DialogOutput<R> {
        let palette = Palette::of_context(ctx);
        let style = ctx.global_style();
        let frame = Frame::new()
            .fill(palette.raised)
            .stroke(Stroke::new(1.0, palette.line))
            .shadow(style.visuals.window_shadow)
            .corner_radius(CARD_ROUNDING)
            .inner_margin(Margin::same(16));
        let width = self.width.min(ctx.content_rect().width() - 64.0);
        let modal = Modal::new(Id::unique(("dialog", self.title))).frame(frame);
        let shown = modal.show(ctx, |ui| {
            let builder = UiBuilder::new().accessibility_role(Role::Dialog).accessibility_label(self.title);
            ui.scope_builder(builder, |ui| {
                ui.set_width(width);
                let pressed = self.head(ui);
                ui.add_space(4.0);
                (add_contents(ui), pressed)
            })
            .inner
        });
        let (inner, pressed) = shown.inner;
        let may_escape = shown.is_top_modal && !shown.any_popup_open;
        let escaped = may_escape && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        DialogOutput {
            inner,
            closed: pressed || escaped,
        }
    }

    fn head(&self, ui: &mut Ui) -> bool {
        ui.horizontal(|ui| {
            ui.add(egui::Label::new(theme::title(self.title)).truncate());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Button::icon_alone(icons::X, self.close)).clicked()
            })
            .inner
        })
        .inner
    }
}
