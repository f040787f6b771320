//! The command palette: a few letters, and the actions they fit, best first. Arrows choose, Enter does it.

use egui::{Key, Modifiers, ScrollArea, Ui};
use farhand_assets::{
    Words, theme,
    widgets::{MenuItem, TextField},
};

use super::actions::{ActionView, actions};
use crate::model::{Command, ConsoleState, dialog::Palette, fuzzy};

/// The palette.
#[derive(Debug, Clone, PartialEq)]
pub struct PaletteView {
    /// What was typed, and which line is chosen.
    pub palette: Palette,
    /// The actions that fit, best first.
    pub actions: Vec<ActionView>,
}

impl PaletteView {
    /// From the state.
    pub fn new(state: &ConsoleState, palette: &Palette, words: &Words) -> Self {
        let all = actions(state, words).into_iter();
        let mut fitting: Vec<(u32, ActionView)> = all
            .filter_map(|action| Some((fuzzy::score(&palette.typed, &action.label)?, action)))
            .collect();
        // What can be done comes before what cannot; the sort is stable, so equals keep the order of the window.
        fitting.sort_by_key(|(score, action)| (action.refusal.is_some(), std::cmp::Reverse(*score)));
        let chosen = palette.chosen.min(fitting.len().saturating_sub(1));
        Self {
            palette: Palette { chosen, ..palette.clone() },
            actions: fitting.into_iter().map(|(_, action)| action).collect(),
        }
    }
}

/// Paints the dialog.
pub fn palette_ui(ui: &mut Ui, words: &Words, view: &PaletteView, commands: &mut Vec<Command>) {
    let count = view.actions.len();
    let step = |key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
    let (down, up) = (step(Key::ArrowDown), step(Key::ArrowUp));
    let entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let mut palette = view.palette.clone();
    let label = words.text("palette-field");
    let id = egui::Id::unique("palette-field");
    ui.memory_mut(|memory| memory.request_focus(id));
    TextField::new(&label, &mut palette.typed).hint(&label).hide_label().id(id).show(ui);
    if palette.typed != view.palette.typed {
        palette.chosen = 0;
    } else if count > 0 {
        palette.chosen = (palette.chosen + down + count - up % count) % count;
    }
    let moved = palette.chosen != view.palette.chosen;
    let mut run = view.actions.get(view.palette.chosen).filter(|_| entered);
    ScrollArea::vertical()
        .max_height(336.0)
        .min_scrolled_height(336.0)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if count == 0 {
                ui.label(theme::secondary(ui, words.text("palette-nothing")));
            }
            for (place, action) in view.actions.iter().enumerate() {
                let mut item = MenuItem::new(&action.label)
                    .icon(action.glyph)
                    .chosen(place == palette.chosen)
                    .disabled_because(action.refusal.as_deref());
                if let Some(shortcut) = action.shortcut {
                    item = item.shortcut(shortcut);
                }
                let response = ui.add(item);
                if moved && place == palette.chosen {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    run = Some(action);
                }
            }
        });
    match run {
        Some(action) if action.refusal.is_none() => {
            commands.push(Command::CloseDialog);
            commands.push(action.command.clone());
        }
        _ if palette != view.palette => commands.push(Command::EditPalette(palette)),
        _ => {}
    }
}
