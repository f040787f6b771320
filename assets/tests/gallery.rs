//! Pictures of every control in light and dark, dense and comfortable.
//!
//! Run with `UPDATE_SNAPSHOTS=1` after a wanted change of the look, and look at the pictures in `tests/snapshots`.

use egui::{Frame, Key, KeyboardShortcut, Margin, Modifiers, Ui, vec2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotResults};
use farhand_assets::widgets::{
    Banner, Button, ChatKind, ChatLine, ChatList, CodeInput, Dialog, EmptyState, MenuItem, Progress, QrImage, SplitAxis, SplitHandle,
    StatusPill, StatusStrip, Tab, TabStrip, TextField, card, hairline, logo, menu_button, section_title, segmented,
};
use farhand_assets::{Palette, Size, Theme, Tone, icons, theme};

fn harness<'a>(mode: egui::Theme, size: Size, wide: f32, high: f32, paint: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    let mut paint = paint;
    Harness::builder()
        .with_size(vec2(wide, high))
        .with_pixels_per_point(1.0)
        .with_theme(mode)
        .with_context_setup(move |ctx| Theme::install_with(ctx, size))
        .wgpu()
        .build_ui(move |ui| {
            let fill = Palette::of(ui).canvas;
            ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, fill);
            Frame::new().fill(fill).inner_margin(Margin::same(16)).show(ui, |ui| {
                ui.set_min_size(ui.available_size());
                paint(ui);
            });
        })
}

fn in_both_modes(name: &str, size: Size, wide: f32, high: f32, paint: fn(&mut Ui)) {
    let mut results = SnapshotResults::new();
    for (mode, suffix) in [(egui::Theme::Light, "light"), (egui::Theme::Dark, "dark")] {
        let mut harness = harness(mode, size, wide, high, paint);
        harness.run();
        results.add(harness.try_snapshot(format!("{name}_{suffix}")));
    }
}

fn buttons(ui: &mut Ui) {
    let new = KeyboardShortcut::new(Modifiers::COMMAND, Key::N);
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        section_title(ui, "Buttons");
        ui.horizontal(|ui| {
            ui.add(Button::primary("New session…").icon(icons::PLUS).shortcut(new));
            ui.add(Button::primary("Connect"));
            ui.add(Button::secondary("Start").icon(icons::PLAY));
            ui.add(Button::secondary("Cancel"));
            ui.add(Button::danger("STOP").icon(icons::X));
            ui.add(Button::ghost("Monitor").icon(icons::MONITOR));
            ui.add(Button::ghost("Hold").icon(icons::PAUSE).selected(true));
        });
        section_title(ui, "Not now, and why");
        ui.horizontal(|ui| {
            ui.add(
                Button::primary("Start")
                    .icon(icons::PLAY)
                    .disabled_because(Some("Select a waiting session")),
            );
            ui.add(Button::secondary("Transfer…").disabled_because(Some("Not permitted by your group")));
            ui.add(Button::ghost("Invite…").icon(icons::USERS).disabled_because(Some("Not active")));
        });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add(Button::icon_alone(icons::GEAR, "Settings"));
            ui.add(Button::icon_alone(icons::COPY, "Copy"));
            ui.add(Button::icon_alone(icons::CLIPBOARD, "Clipboard").selected(true));
            ui.add(Button::icon_alone(icons::RECORD, "Record").tone(Tone::Error));
            ui.add(Button::icon_alone(icons::ARROWS_OUT, "Full screen").disabled_because(Some("No picture yet")));
            ui.add(Button::icon_alone(icons::X, "Close").small());
        });
        ui.horizontal(|ui| {
            let mut zoom = 1;
            segmented(ui, "Zoom", &mut zoom, &[(0, "1:1"), (1, "Fit"), (2, "Stretch")]);
            menu_button(ui, Button::secondary("Send keys").icon(icons::KEYBOARD), |_| {});
            let mut on = true;
            ui.checkbox(&mut on, "Keep signed in");
            ui.checkbox(&mut false, "Off");
            ui.radio_value(&mut on, true, "Radio");
        });
    });
}

fn status(ui: &mut Ui) {
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        section_title(ui, "Status");
        let states = [
            (Tone::Neutral, "Closed by technician"),
            (Tone::Info, "Connecting"),
            (Tone::Waiting, "Waiting"),
            (Tone::Active, "Active"),
            (Tone::Hold, "On hold"),
            (Tone::Transferring, "Transferring"),
            (Tone::Error, "Timed out"),
        ];
        ui.horizontal(|ui| {
            for (tone, text) in states {
                ui.add(StatusPill::new(tone, text));
            }
        });
        ui.horizontal(|ui| {
            for (tone, text) in states {
                ui.add(StatusPill::new(tone, text).plain());
            }
        });
        hairline(ui);
        ui.label(theme::code("7f3a 90c1 55de 0b42"));
        Progress::new("crash-report.zip", Some(0.42)).left("1.2 MB, 4 s").show(ui);
        Progress::new("Asking the gateway", None).show(ui);
    });
}

fn banners(ui: &mut Ui) {
    Banner::info("A new version is ready")
        .action("Restart")
        .dismissible("Close")
        .show(ui);
    Banner::warning("The gateway is not reachable")
        .detail("Next try in 4 s")
        .action("Try now")
        .show(ui);
    Banner::error("Ada Kern was refused control")
        .detail("The customer chose not to allow it")
        .show(ui);
    Banner::success("The receipt was saved").show(ui);
}

fn fields(ui: &mut Ui) {
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        section_title(ui, "Fields");
        ui.columns(3, |columns| {
            let mut gateway = "support.acme.example".to_owned();
            TextField::new("Gateway", &mut gateway)
                .help("Address and, if needed, port")
                .show(&mut columns[0]);
            let mut name = String::new();
            TextField::new("Name", &mut name).hint("Customer's name").show(&mut columns[1]);
            let mut password = "secret".to_owned();
            TextField::new("Password", &mut password)
                .password("Show password", "Hide password")
                .error(Some("E-mail or password is wrong"))
                .show(&mut columns[2]);
        });
    });
}

fn tabs(ui: &mut Ui) {
    let palette = Palette::of(ui);
    Frame::new().fill(palette.surface).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let session = |title, detail, tone, badge| Tab {
            title,
            detail,
            tone,
            badge,
            close: Some("Close"),
            ..Tab::default()
        };
        let sessions = [
            session("M. Diaz", "4 min", Some(Tone::Active), 0),
            session("ACME-PC7", "31 s", Some(Tone::Waiting), 3),
            session("Jiro Ono, accounting department", "1 h 2 min", Some(Tone::Hold), 0),
        ];
        TabStrip::new(&sessions, Some(0)).show(ui, "sessions");
        hairline(ui);
        let work = ["Desktop", "Files", "System info", "Scripts", "Reboot"].map(Tab::new);
        TabStrip::new(&work, Some(0)).show(ui, "work");
        hairline(ui);
        StatusStrip::show(ui, |strip| {
            strip.tone_cell(Tone::Active, "Picture", "Exact");
            strip.cell("Path", "Direct");
            strip.cell("Round trip", "12 ms");
            strip.cell("Rate", "340 kbit/s");
            strip.cell("Frames", "24 / s");
            strip.trailing(|ui| {
                ui.label(theme::secondary(ui, "1920 × 1080"));
            });
        });
    });
}

fn chat_lines() -> Vec<ChatLine> {
    let line = |kind, who: &str, time: &str, text: &str| ChatLine {
        kind,
        who: who.to_owned(),
        time: time.to_owned(),
        text: text.to_owned(),
        detail: Vec::new(),
    };
    vec![
        line(ChatKind::System, "", "14:02", "Session started by Ada Kern"),
        line(
            ChatKind::Theirs,
            "M. Diaz",
            "14:03",
            "Hello, my printer prints only half of each page.",
        ),
        line(ChatKind::Theirs, "M. Diaz", "14:03", "Since this morning 🙁"),
        line(
            ChatKind::Mine,
            "Ada Kern",
            "14:04",
            "Good afternoon. May I have a look at your screen?",
        ),
        line(ChatKind::System, "M. Diaz", "14:04", "allowed: See your screen"),
        line(
            ChatKind::Mine,
            "Ada Kern",
            "14:05",
            "Thank you. Ça marche, Größe A4, ok → one moment.",
        ),
    ]
}

fn console_gallery(ui: &mut Ui) {
    ui.horizontal(|ui| {
        logo(ui, 32.0, "Farhand");
        ui.label(theme::title("Farhand console"));
    });
    buttons(ui);
    status(ui);
    fields(ui);
    banners(ui);
    tabs(ui);
    let all = ui.available_rect_before_wrap();
    let part = |from: f32, wide: f32| egui::Rect::from_min_size(all.min + vec2(from, 0.0), vec2(wide, 290.0));
    let within = |ui: &mut Ui, rect: egui::Rect, paint: &dyn Fn(&mut Ui)| {
        ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| paint(ui));
    };
    within(ui, part(0.0, 330.0), &|ui| {
        let lines = chat_lines();
        card(ui, |ui| ChatList::new(&lines, "Chat").show(ui, "chat"));
    });
    let mut left = 0.0;
    SplitHandle::new(SplitAxis::SideBySide, &mut left, "Width of the chat").show(ui, part(334.0, 8.0), "split");
    within(ui, part(360.0, 220.0), &|ui| {
        if let Some(code) = QrImage::new("https://support.acme.example/j#c=k3v9-8fqx-22lm") {
            ui.add(code.show(190.0, "Link as QR code"));
        }
        ui.label(theme::large_code("427 901 358"));
    });
    within(ui, part(620.0, 320.0), &|ui| {
        EmptyState::new(icons::TRAY, "Nobody is waiting")
            .text("New sessions appear here")
            .action(icons::PLUS, "New session…")
            .show(ui);
    });
}

fn menu_gallery(ui: &mut Ui) {
    ui.set_width(240.0);
    Frame::menu(ui.style()).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let cad = KeyboardShortcut::new(Modifiers::COMMAND, Key::K);
        ui.add(MenuItem::new("Ctrl+Alt+Del").icon(icons::KEYBOARD));
        ui.add(MenuItem::new("Command palette").icon(icons::COMMAND).shortcut(cad));
        ui.add(MenuItem::new("Clipboard").checked(true));
        ui.add(MenuItem::new("Sound").checked(false));
        ui.add(MenuItem::new("Record").icon(icons::RECORD).disabled_because(Some("Not permitted")));
        ui.add(MenuItem::new("Close session").icon(icons::X));
    });
}

fn applet_gallery(ui: &mut Ui) {
    ui.label(theme::title("Enter the code your technician gave you"));
    let mut pin = "427901358".to_owned();
    CodeInput::new("Code", &mut pin)
        .help("Nine digits, or the link you were sent")
        .show(ui);
    ui.add(Button::primary("Connect").full_width());
    let mut empty = String::new();
    CodeInput::new("Another code", &mut empty)
        .id(egui::Id::unique("other"))
        .error(Some("This code has expired. Ask for a new one"))
        .show(ui);
    card(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(theme::strong("Ada Kern of ACME asks to see and control your screen"));
        ui.horizontal(|ui| {
            ui.add(Button::primary("Allow"));
            ui.add(Button::secondary("Don't allow"));
        });
    });
    ui.horizontal(|ui| {
        ui.add(Button::secondary("Send file…").icon(icons::PAPERCLIP));
        ui.add(Button::danger("STOP").icon(icons::HAND_PALM));
    });
    Banner::warning("The connection was lost")
        .detail("Trying again in 8 s. Nothing was changed")
        .show(ui);
    let lines = chat_lines();
    ChatList::new(&lines, "Chat").show(ui, "chat");
}

#[test]
fn the_console_gallery_looks_as_agreed() {
    in_both_modes("console", Size::Dense, 1000.0, 1290.0, console_gallery);
}

#[test]
fn the_applet_gallery_looks_as_agreed_at_its_narrowest() {
    in_both_modes("applet", Size::Comfortable, 360.0, 900.0, applet_gallery);
}

fn dialog_gallery(ui: &mut Ui) {
    ui.label("Behind");
    Dialog::new("New session", "Close").show(ui.ctx(), |ui| {
        let mut name = String::new();
        TextField::new("Name", &mut name).icon(icons::USER).hint("Customer's name").show(ui);
        let mut tab = 0;
        segmented(ui, "Way", &mut tab, &[(0, "PIN"), (1, "Link"), (2, "E-mail")]);
        theme::gap(ui, 2);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(Button::primary("Create"));
            ui.add(Button::secondary("Cancel"));
        });
    });
}

#[test]
fn dialogs_look_as_agreed() {
    in_both_modes("dialog", Size::Dense, 560.0, 320.0, dialog_gallery);
}

#[test]
fn menus_look_as_agreed() {
    in_both_modes("menu", Size::Dense, 280.0, 220.0, menu_gallery);
}

#[test]
fn the_focus_ring_is_visible_on_each_kind_of_control() {
    let mut results = SnapshotResults::new();
    for (mode, suffix) in [(egui::Theme::Light, "light"), (egui::Theme::Dark, "dark")] {
        for label in ["Connect", "Cancel", "Settings", "Name", "Desktop", "Fit"] {
            let mut harness = harness(mode, Size::Dense, 420.0, 150.0, |ui| {
                let mut name = "Ada".to_owned();
                let mut zoom = 0;
                ui.horizontal(|ui| {
                    ui.add(Button::primary("Connect"));
                    ui.add(Button::secondary("Cancel"));
                    ui.add(Button::icon_alone(icons::GEAR, "Settings"));
                    segmented(ui, "Zoom", &mut zoom, &[(0, "1:1"), (1, "Fit")]);
                });
                TextField::new("Name", &mut name).show(ui);
                TabStrip::new(&[Tab::new("Desktop"), Tab::new("Files")], Some(1)).show(ui, "tabs");
            });
            let by_label = harness.query_all_by_label(label).last();
            by_label.expect("the control has a label").focus();
            harness.run();
            results.add(harness.try_snapshot(format!("focus_{}_{suffix}", label.to_lowercase())));
        }
    }
}
