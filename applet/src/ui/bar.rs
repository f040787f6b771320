//! The thin bar that stays on top while anyone sees or controls the screen: who, what, and STOP.

use egui::{Align, CentralPanel, Frame, Layout, Margin, Ui};
use farhand_assets::{
    Palette, Size, Tone, Words, icons, theme,
    widgets::{Button, status_dot},
};

use crate::model::AppletState;

/// What the bar shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarView {
    /// "Ada Kern, ACME sees and controls this screen".
    pub text: String,
    /// True when somebody has mouse and keyboard.
    pub controlled: bool,
    /// Text of the button.
    pub stop: String,
}

impl BarView {
    /// The bar for this state; none while nobody watches.
    pub fn of(state: &AppletState, words: &Words) -> Option<Self> {
        let watcher = state
            .present
            .iter()
            .find(|p| p.controlling)
            .or_else(|| state.present.iter().find(|p| p.viewing))?;
        let others = state.present.iter().filter(|p| p.viewing || p.controlling).count() - 1;
        let key = if watcher.controlling {
            "applet-bar-controls"
        } else {
            "applet-bar-sees"
        };
        let technician = &watcher.technician;
        let values = [
            ("name", technician.name.as_str().into()),
            ("organisation", technician.organisation.as_str().into()),
            ("others", others.into()),
        ];
        Some(Self {
            text: words.with(key, &values),
            controlled: watcher.controlling,
            stop: words.text("applet-session-stop"),
        })
    }
}

/// Draws the bar; true when STOP was pressed.
pub fn bar_ui(ui: &mut Ui, view: &BarView) -> bool {
    let palette = Palette::of(ui);
    let mut stopped = false;
    CentralPanel::default()
        .frame(Frame::NONE.fill(palette.surface).inner_margin(Margin::symmetric(10, 4)))
        .show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                stopped = ui.add(Button::danger(&view.stop).icon(icons::X).size(Size::Dense)).clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    status_dot(ui, if view.controlled { Tone::Waiting } else { Tone::Info }, &view.text);
                    ui.add(egui::Label::new(theme::strong(&view.text)).truncate());
                });
            });
        });
    stopped
}
