//! What is done with the customer's desktop: the buttons and menus below the picture, of which full screen has some in its bar. On a
//! narrow line they leave out their text, and then some of them go into one menu.

use egui::{Frame, Margin, Response, Ui, vec2};
use farhand_assets::{
    Words, icons, theme,
    widgets::{Button, MenuItem, hairline, menu_button},
};
use farhand_protocol::input::KeyLayout;

use super::{actions::next_monitor, desktop::DesktopView, shortcuts};
use crate::model::{Combination, Command, PictureQuality, placement::Zoom};

/// Between two tools, in points.
const GAP: f32 = 4.0;

/// A button or a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// To see the screen.
    View,
    /// To take mouse and keyboard.
    Control,
    /// How large the picture is shown.
    Zoom,
    /// The picture alone.
    FullScreen,
    /// Keys that this side would keep.
    Keys,
    /// Which monitors.
    Monitors,
    /// How good the picture may be.
    Quality,
    /// Whose keyboard layout counts.
    Keyboard,
    /// The whole picture anew.
    Refresh,
}

/// In the order of the line.
const ALL: [Tool; 9] = [
    Tool::View,
    Tool::Control,
    Tool::Zoom,
    Tool::FullScreen,
    Tool::Keys,
    Tool::Monitors,
    Tool::Quality,
    Tool::Keyboard,
    Tool::Refresh,
];
/// Those that leave out their text on a narrow line, the least missed first.
const BARE: [&[Tool]; 5] = [
    &[Tool::Keyboard],
    &[Tool::Monitors],
    &[Tool::Keys],
    &[Tool::Quality],
    &[Tool::Control, Tool::View],
];
/// Those that go into one menu where that is not enough.
const MORE: [Tool; 4] = [Tool::Refresh, Tool::Keyboard, Tool::Quality, Tool::Monitors];

impl Tool {
    fn is_there(self, view: &DesktopView) -> bool {
        match self {
            Self::View => view.may_view,
            Self::Control => view.may_control,
            Self::Monitors => !view.monitors.is_empty(),
            _ => true,
        }
    }

    fn label(self, words: &Words, view: &DesktopView) -> String {
        let key = match self {
            Self::View => "desktop-view",
            Self::Control => "desktop-control",
            Self::Zoom => return zoom_name(words, view.zoom),
            Self::FullScreen => "desktop-full-screen",
            Self::Keys => "desktop-send-keys",
            Self::Monitors => "desktop-monitors",
            Self::Quality if view.quality != PictureQuality::Automatic => return quality_name(words, view.quality),
            Self::Quality => "desktop-quality",
            Self::Keyboard => "desktop-keyboard",
            Self::Refresh => "desktop-refresh",
        };
        words.text(key)
    }

    /// What its tooltip says besides the label, where there is more to say.
    fn help(self, words: &Words, view: &DesktopView) -> Option<String> {
        match self {
            Self::Zoom => Some(words.text("desktop-zoom")),
            Self::Quality => Some(words.text(view.quality.help_key())),
            _ => None,
        }
    }

    fn refusal(self, words: &Words, view: &DesktopView) -> Option<String> {
        match self {
            Self::View => view.view_refusal.clone().filter(|_| !view.view),
            Self::Control => view.control_refusal.clone().filter(|_| !view.control),
            Self::FullScreen | Self::Refresh => (!view.view).then(|| words.text("desktop-not-viewing")),
            Self::Keys => (!view.control).then(|| words.text("desktop-not-controlling")),
            _ => None,
        }
    }

    /// What a press does; none for menus.
    fn command(self, view: &DesktopView) -> Option<Command> {
        let id = view.session_id;
        match self {
            Self::View => Some(Command::View(id, !view.view)),
            Self::Control => Some(Command::Control(id, !view.control)),
            Self::FullScreen => Some(Command::FullScreen(true)),
            Self::Refresh => Some(Command::Refresh(id)),
            _ => None,
        }
    }

    fn button<'a>(self, view: &DesktopView, label: &'a str) -> Button<'a> {
        let toggle = |glyph, shortcut, on| Button::secondary(label).icon(glyph).shortcut(shortcut).selected(on);
        let menu = |glyph| Button::ghost(label).icon(glyph).trailing_icon(icons::CARET_DOWN);
        match self {
            Self::View => toggle(icons::EYE, shortcuts::VIEW, view.view),
            Self::Control => toggle(icons::CURSOR_CLICK, shortcuts::CONTROL, view.control),
            Self::FullScreen => Button::icon_alone(icons::ARROWS_OUT, label).shortcut(shortcuts::FULL_SCREEN),
            Self::Refresh => Button::icon_alone(icons::ARROWS_CLOCKWISE, label).shortcut(shortcuts::REFRESH),
            Self::Zoom => menu(icons::MAGNIFYING_GLASS),
            Self::Keys => menu(icons::COMMAND),
            Self::Monitors => menu(icons::MONITOR),
            Self::Quality => menu(icons::GAUGE),
            Self::Keyboard => menu(icons::KEYBOARD),
        }
    }
}

/// How the tools share a line.
struct Line {
    shown: Vec<Tool>,
    bare: Vec<Tool>,
    more: Vec<Tool>,
}

impl Line {
    fn new(ui: &Ui, words: &Words, view: &DesktopView) -> Self {
        let mut line = Self {
            shown: ALL.into_iter().filter(|tool| tool.is_there(view)).collect(),
            bare: Vec::new(),
            more: Vec::new(),
        };
        for tools in BARE {
            if line.fits(ui, words, view) {
                return line;
            }
            line.bare.extend(tools);
        }
        for tool in MORE {
            if line.fits(ui, words, view) {
                return line;
            }
            line.more.extend(line.shown.extract_if(.., |shown| *shown == tool));
        }
        line
    }

    fn fits(&self, ui: &Ui, words: &Words, view: &DesktopView) -> bool {
        let width = |tool: &Tool| {
            let label = tool.label(words, view);
            GAP + tool.button(view, &label).bare(self.bare.contains(tool)).natural_width(ui)
        };
        let more = if self.more.is_empty() {
            0.0
        } else {
            GAP + more_button("").natural_width(ui)
        };
        self.shown.iter().map(width).sum::<f32>() + more - GAP <= ui.available_width()
    }
}

/// Paints the buttons and menus.
pub fn tools_ui(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let line = Line::new(ui, words, view);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(GAP, GAP);
        for tool in &line.shown {
            tool_ui(ui, words, view, *tool, line.bare.contains(tool), commands);
        }
        if !line.more.is_empty() {
            let label = words.text("desktop-more");
            menu_button(ui, more_button(&label), |ui| more_items(ui, words, view, &line.more, commands));
        }
    });
}

/// Paints one of them, without its text where that is `bare`.
pub fn tool_ui(ui: &mut Ui, words: &Words, view: &DesktopView, tool: Tool, bare: bool, commands: &mut Vec<Command>) {
    if !tool.is_there(view) {
        return;
    }
    let (label, why) = (tool.label(words, view), tool.refusal(words, view));
    let help = tool.help(words, view);
    let help = help.map(|help| if bare { format!("{label}\n{help}") } else { help });
    let mut button = tool.button(view, &label).bare(bare).disabled_because(why.as_deref());
    if let Some(help) = &help {
        button = button.tooltip(help);
    }
    match tool.command(view) {
        Some(command) => {
            if ui.add(button).clicked() {
                commands.push(command);
            }
        }
        None => {
            menu_button(ui, button, |ui| items_ui(ui, words, view, tool, commands));
        }
    }
}

fn more_button(label: &str) -> Button<'_> {
    Button::icon_alone(icons::DOTS_THREE, label)
}

fn more_items(ui: &mut Ui, words: &Words, view: &DesktopView, tools: &[Tool], commands: &mut Vec<Command>) {
    for tool in ALL.iter().filter(|tool| tools.contains(tool)) {
        let label = tool.label(words, view);
        if *tool != Tool::Refresh {
            ui.add_space(GAP);
            Frame::new().inner_margin(Margin::symmetric(8, 0)).show(ui, |ui| {
                ui.label(theme::secondary(ui, label));
            });
            items_ui(ui, words, view, *tool, commands);
            ui.add_space(GAP);
            hairline(ui);
            continue;
        }
        let why = tool.refusal(words, view);
        let item = MenuItem::new(&label)
            .icon(icons::ARROWS_CLOCKWISE)
            .shortcut(shortcuts::REFRESH)
            .disabled_because(why.as_deref());
        if ui.add(item).clicked() {
            commands.push(Command::Refresh(view.session_id));
        }
    }
}

/// What a menu offers.
fn items_ui(ui: &mut Ui, words: &Words, view: &DesktopView, tool: Tool, commands: &mut Vec<Command>) {
    match tool {
        Tool::Zoom => zoom_items(ui, words, view, commands),
        Tool::Keys => keys_items(ui, words, view, commands),
        Tool::Monitors => monitor_items(ui, words, view, commands),
        Tool::Quality => quality_items(ui, words, view, commands),
        Tool::Keyboard => keyboard_items(ui, words, view, commands),
        Tool::View | Tool::Control | Tool::FullScreen | Tool::Refresh => {}
    }
}

fn zoom_items(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    for (zoom, help, shortcut) in [
        (Zoom::Fit, "desktop-fit-help", shortcuts::FIT),
        (Zoom::Stretch, "desktop-stretch-help", shortcuts::STRETCH),
        (Zoom::ACTUAL, "desktop-actual-help", shortcuts::ACTUAL),
    ] {
        let label = zoom_name(words, zoom);
        let response = ui.add(MenuItem::new(&label).checked(view.zoom == zoom).shortcut(shortcut));
        if explained(response, words.text(help)).clicked() {
            commands.push(Command::Zoom(view.session_id, zoom));
        }
    }
    hairline(ui);
    for zoom in Zoom::STEPS.map(Zoom::Percent).into_iter().filter(|zoom| *zoom != Zoom::ACTUAL) {
        let label = zoom_name(words, zoom);
        if ui.add(MenuItem::new(&label).checked(view.zoom == zoom)).clicked() {
            commands.push(Command::Zoom(view.session_id, zoom));
        }
    }
}

/// A size of the picture.
pub fn zoom_name(words: &Words, zoom: Zoom) -> String {
    match zoom {
        Zoom::Fit => words.text("desktop-fit"),
        Zoom::Stretch => words.text("desktop-stretch"),
        Zoom::ACTUAL => words.text("desktop-actual"),
        Zoom::Percent(percent) => percent_text(words, percent),
    }
}

/// A number of percent.
pub fn percent_text(words: &Words, percent: u16) -> String {
    words.with("desktop-percent", &[("value", percent.into())])
}

/// What the tooltip shows is read aloud too.
fn explained(response: Response, help: String) -> Response {
    response
        .ctx
        .accesskit_node_builder(response.id, |node| node.set_description(help.as_str()));
    response.on_hover_text(help)
}

fn keys_items(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    for keys in Combination::ALL {
        let label = words.text(keys.key());
        let item = match keys {
            Combination::CtrlAltDelete => MenuItem::new(&label).shortcut(shortcuts::SEND_CTRL_ALT_DELETE),
            _ => MenuItem::new(&label),
        };
        if ui.add(item).clicked() {
            commands.push(Command::SendKeys(view.session_id, keys));
        }
    }
}

fn monitor_items(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    let all = words.text("desktop-monitors-all");
    let next = next_monitor(&view.monitors, &view.chosen);
    let each = view.monitors.iter().map(|(id, name)| (vec![*id], name));
    for (monitors, name) in std::iter::once((Vec::new(), &all)).chain(each) {
        let mut item = MenuItem::new(name).checked(view.chosen == monitors);
        if monitors == next {
            item = item.shortcut(shortcuts::NEXT_MONITOR);
        }
        if ui.add(item).clicked() {
            commands.push(Command::Monitors(view.session_id, monitors));
        }
    }
}

fn quality_items(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    for quality in PictureQuality::ALL {
        let label = words.text(quality.key());
        let response = ui.add(MenuItem::new(&label).checked(view.quality == quality));
        if explained(response, words.text(quality.help_key())).clicked() {
            commands.push(Command::Quality(view.session_id, quality));
        }
    }
}

/// A quality where nothing around it says that it is one.
pub fn quality_name(words: &Words, quality: PictureQuality) -> String {
    words.with("desktop-quality-named", &[("name", words.text(quality.key()).into())])
}

fn keyboard_items(ui: &mut Ui, words: &Words, view: &DesktopView, commands: &mut Vec<Command>) {
    for (layout, key) in [
        (KeyLayout::Here, "desktop-keyboard-here"),
        (KeyLayout::There, "desktop-keyboard-there"),
    ] {
        let chosen = view.keyboard == layout;
        let label = words.text(key);
        let mut item = MenuItem::new(&label).checked(chosen);
        if !chosen {
            item = item.shortcut(shortcuts::KEYBOARD);
        }
        if ui.add(item).clicked() {
            commands.push(Command::Keyboard(view.session_id, layout));
        }
    }
}
