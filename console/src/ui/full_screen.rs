//! The picture alone on the whole screen, with a bar that comes when the pointer touches the middle of the upper edge.

use egui::{Align2, Area, Frame, Margin, Order, Pos2, Stroke, Ui, vec2};
use farhand_assets::{Palette, Words, icons, theme, widgets::Button};

use super::{
    DialogView,
    desktop::{DesktopView, notice_ui, screen_ui},
    shortcuts,
    strip::strip_ui,
    tools::{Tool, tool_ui},
};
use crate::model::Command;

/// The picture and what lies over it.
#[derive(Debug, Clone, PartialEq)]
pub struct FullScreenView {
    /// The desktop panel.
    pub desktop: DesktopView,
    /// The bar is out.
    pub bar: bool,
    /// Every key goes to the picture, those of this desktop too.
    pub keyboard_held: bool,
    /// The open dialog.
    pub dialog: Option<DialogView>,
}

/// How near the upper edge calls the bar, points.
const EDGE: f32 = 2.0;
/// How far below the upper edge it is left again, points.
const LEFT_AT: f32 = 120.0;

/// Whether the bar is out for a pointer at `pos` in a window so wide, both in points; `was` says whether it was, and `covered` that something of
/// the console lies over the picture there, such as a menu of the bar. Under control the hands decide the same from the window's own events, of
/// which egui sees few (`app/hands.rs`).
pub fn bar_follows(was: bool, pos: Option<Pos2>, width: f32, covered: bool) -> bool {
    let Some(pos) = pos else { return was };
    let middle = (width / 3.0..=width * 2.0 / 3.0).contains(&pos.x);
    (pos.y <= EDGE && middle) || (was && (covered || pos.y < LEFT_AT))
}

/// Paints it over the whole window.
pub fn full_screen_ui(ui: &mut Ui, words: &Words, view: &FullScreenView, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    // Dark around a picture; what is said instead of one is written in the colours of the theme.
    let frame = Frame::new().fill(if palette.dark || view.desktop.picture.is_none() {
        palette.sunken
    } else {
        egui::Color32::from_gray(24)
    });
    egui::CentralPanel::default().frame(frame).show(ui, |ui| {
        screen_ui(ui, words, &view.desktop, false, commands);
    });
    let over = Area::new(egui::Id::unique("full-screen-over"))
        // Below its own menus, which are in the foreground, however often the bar is pressed.
        .order(Order::Middle)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 0.0));
    if view.bar || view.desktop.notice.is_some() {
        over.show(ui.ctx(), |ui| {
            Frame::new()
                .fill(palette.raised)
                .stroke(Stroke::new(1.0, palette.line))
                .corner_radius(egui::CornerRadius {
                    nw: 0,
                    ne: 0,
                    sw: 8,
                    se: 8,
                })
                .inner_margin(Margin::symmetric(12, 6))
                .show(ui, |ui| {
                    ui.set_max_width(720.0);
                    notice_ui(ui, words, &view.desktop, commands);
                    if view.bar {
                        bar_ui(ui, words, &view.desktop, commands);
                        keyboard_ui(ui, words, view);
                    }
                });
        });
    }
    super::dialog_ui(ui, words, view.dialog.as_ref(), commands);
}

/// Where the keys go, and how they come back.
fn keyboard_ui(ui: &mut Ui, words: &Words, view: &FullScreenView) {
    if !view.desktop.control {
        return;
    }
    let keys = ui.ctx().format_shortcut(&shortcuts::RELEASE);
    let key = match (view.keyboard_held, view.desktop.focused) {
        (true, _) => "full-screen-keys-all",
        (false, true) => "full-screen-keys-most",
        (false, false) => "full-screen-keys-none",
    };
    let text = words.with(key, &[("keys", keys.into())]);
    ui.label(theme::secondary(ui, text));
}

fn bar_ui(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.label(theme::strong(view.customer.as_str()));
        tool_ui(ui, words, view, Tool::Control, false, commands);
        tool_ui(ui, words, view, Tool::Zoom, false, commands);
        if view.control {
            tool_ui(ui, words, view, Tool::Keys, false, commands);
        }
        tool_ui(ui, words, view, Tool::Monitors, false, commands);
        let leave = words.text("full-screen-leave");
        let button = Button::secondary(&leave).icon(icons::ARROWS_IN).shortcut(shortcuts::FULL_SCREEN);
        if ui.add(button).clicked() {
            commands.push(Command::FullScreen(false));
        }
    });
    strip_ui(ui, words, view);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_edge_calls_the_bar_and_the_picture_sends_it_away() {
        let over = |was, x, y, covered| bar_follows(was, Some(egui::pos2(x, y)), 1200.0, covered);
        let at = |was, x, y| over(was, x, y, false);
        assert!(!at(false, 600.0, 400.0) && !at(false, 100.0, 0.0) && at(false, 600.0, 1.0));
        assert!(at(true, 600.0, 60.0) && at(true, 100.0, 60.0) && !at(true, 600.0, 121.0));
        assert!(
            over(true, 600.0, 300.0, true) && !over(false, 600.0, 300.0, true),
            "in a menu of the bar"
        );
        assert!(bar_follows(true, None, 1200.0, false) && !bar_follows(false, None, 1200.0, true));
    }
}
