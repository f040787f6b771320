//! A window painted from view data alone, with what it asked for.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{cell::RefCell, rc::Rc};

use egui_kittest::Harness;
use farhand_assets::{Theme, Words};
use farhand_console::{
    model::{Command, ConsoleState},
    ui::{RootView, picture::PictureView, root_ui},
};

/// What was asked for so far, without the reports of where the picture lies.
#[derive(Clone, Default)]
pub struct Wishes(Rc<RefCell<Vec<Command>>>);

impl Wishes {
    /// Takes them.
    pub fn take(&self) -> Vec<Command> {
        let all = std::mem::take(&mut *self.0.borrow_mut());
        all.into_iter().filter(|command| !matches!(command, Command::Placed(..))).collect()
    }
}

/// The window of a state.
pub fn window(state: ConsoleState, mode: egui::Theme, size: [f32; 2]) -> (Harness<'static>, Wishes) {
    window_with(state, mode, size, |_| None)
}

/// The window of a state with a picture made in its context.
pub fn window_with(
    state: ConsoleState,
    mode: egui::Theme,
    size: [f32; 2],
    picture: impl Fn(&egui::Context) -> Option<PictureView> + 'static,
) -> (Harness<'static>, Wishes) {
    window_showing(state, mode, size, true, picture)
}

/// The same; `bar` says that the full-screen bar is out.
pub fn window_showing(
    state: ConsoleState,
    mode: egui::Theme,
    size: [f32; 2],
    bar: bool,
    picture: impl Fn(&egui::Context) -> Option<PictureView> + 'static,
) -> (Harness<'static>, Wishes) {
    let words = Words::load("en");
    let wishes = Wishes::default();
    let into = wishes.clone();
    let mut painted = None;
    let harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(1.0)
        .with_theme(mode)
        .with_context_setup(Theme::install)
        .wgpu()
        .build_ui(move |ui| {
            let view = painted.get_or_insert_with(|| RootView::new(&state, picture(ui.ctx()), bar, &words));
            root_ui(ui, &words, view, &mut into.0.borrow_mut());
        });
    (harness, wishes)
}
