//! The session list: name, state, time in state, technician, platform, device; filtered, sorted, with alarms. The columns share the width there is;
//! where it is too little for all, the last ones are left out, and a row says under the pointer what they would.

use egui::{Align, Align2, Color32, FontFamily, FontId, Layout, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use farhand_assets::{
    Palette, Size, Tone, Words, icons, theme,
    widgets::{Button, EmptyState, StatusPill, TextField, segmented_with_shortcuts},
};
use farhand_protocol::ids::SessionId;

use super::{
    shortcuts,
    text::{session_name, status_and_time, status_tone},
};
use crate::model::{
    Command, ConsoleState,
    list::{self, Alarm, Column, ListKind, ListState},
};

/// Height of a row, points.
const ROW: f32 = 30.0;
/// Widths of the columns where there is room for them, points; in a wider list they grow in these proportions.
const WIDTHS: [f32; 6] = [128.0, 140.0, 86.0, 110.0, 130.0, 110.0];
/// A column that is narrower says too little.
const LEAST: [f32; 6] = [96.0, 108.0, 72.0, 90.0, 90.0, 90.0];
/// So many columns are there in the narrowest list.
const ALWAYS: usize = 3;
/// Width of the mark that says how many columns are left out, points.
const MORE: f32 = 16.0;

/// The list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListView {
    /// What was chosen for it.
    pub list: ListState,
    /// Sessions of this technician.
    pub mine: usize,
    /// Sessions that wait for any technician.
    pub queue: usize,
    /// The rows.
    pub rows: Vec<RowView>,
    /// The list has come from the gateway.
    pub known: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowView {
    /// The session.
    pub session_id: SessionId,
    /// Texts in the order of [`Column::ALL`].
    pub texts: [String; 6],
    /// Colour and shape of the state.
    pub tone: Tone,
    /// How pressing it is.
    pub alarm: Alarm,
    /// It is the chosen one.
    pub selected: bool,
}

impl ListView {
    /// From the state.
    pub fn new(state: &ConsoleState, words: &Words) -> Self {
        let me = state.me().unwrap_or_default();
        let count = |kind| {
            let open = |row: &&farhand_protocol::api::SessionRow| {
                list::belongs(row, kind, me) && !row.status.is_some_and(|status| status.is_final())
            };
            state.rows.values().filter(open).count()
        };
        let listed = state.rows.values().filter(|row| state.is_listed(row));
        let rows = list::shown(listed, &state.list, me)
            .into_iter()
            .map(|row| {
                let (status, time) = status_and_time(words, row, state.now);
                let technician = row.lead.as_ref().unwrap_or(&row.issued_by).name.clone();
                RowView {
                    session_id: row.session_id,
                    texts: [
                        session_name(words, &row.name),
                        status,
                        time,
                        technician,
                        row.platform.clone().unwrap_or_default(),
                        row.device.clone().unwrap_or_default(),
                    ],
                    tone: status_tone(row.status),
                    alarm: list::alarm(row, state.now.at),
                    selected: state.selected == Some(row.session_id),
                }
            })
            .collect();
        Self {
            list: state.list.clone(),
            mine: count(ListKind::Mine),
            queue: count(ListKind::Queue),
            rows,
            known: state.rows_known,
        }
    }
}

/// Paints the list.
pub fn list_ui(ui: &mut Ui, words: &Words, view: &ListView, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 6.0;
    top_ui(ui, words, view, commands);
    if view.rows.is_empty() {
        empty_ui(ui, words, view);
        return;
    }
    ScrollArea::vertical()
        .id_salt("session-list")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let widths = column_widths(ui.available_width());
            headings_ui(ui, words, view, &widths, commands);
            for row in &view.rows {
                row_ui(ui, row, &widths, commands);
            }
        });
}

/// Widths of the columns that are shown in a list so wide, points; all together are no wider.
fn column_widths(room: f32) -> Vec<f32> {
    let least = |count: usize| LEAST[..count].iter().sum::<f32>();
    let count = (ALWAYS..=LEAST.len()).rev().find(|count| least(*count) <= room).unwrap_or(ALWAYS);
    let least = least(count);
    if room < least {
        return LEAST[..count].iter().map(|width| (width * room / least).floor()).collect();
    }
    let wanted: f32 = WIDTHS[..count].iter().sum();
    if room >= wanted {
        return WIDTHS[..count].iter().map(|width| (width * room / wanted).floor()).collect();
    }
    let part = (room - least) / (wanted - least);
    let width = |(least, wanted): (&f32, &f32)| (least + (wanted - least) * part).floor();
    LEAST[..count].iter().zip(&WIDTHS).map(width).collect()
}

fn top_ui(ui: &mut Ui, words: &Words, view: &ListView, commands: &mut Vec<Command>) {
    let mine = words.with("list-mine", &[("count", view.mine.into())]);
    let queue = words.with("list-queue", &[("count", view.queue.into())]);
    let mut kind = view.list.kind;
    let choices = [
        (ListKind::Mine, mine.as_str(), Some(shortcuts::MINE)),
        (ListKind::Queue, queue.as_str(), Some(shortcuts::QUEUE)),
    ];
    if segmented_with_shortcuts(ui, &words.text("list-kind"), &mut kind, &choices) {
        commands.push(Command::ShowList(kind));
    }
    let mut filter = view.list.filter.clone();
    let label = words.text("list-filter");
    ui.horizontal(|ui| {
        let beside = Size::of(ui).height() + ui.spacing().item_spacing.x;
        TextField::new(&label, &mut filter)
            .hint(&label)
            .hide_label()
            .id(shortcuts::filter_id())
            .shortcut(shortcuts::FILTER)
            .width(ui.available_width() - beside)
            .show(ui);
        let fold = words.text("list-fold");
        let button = Button::icon_alone(icons::SIDEBAR_SIMPLE, &fold).shortcut(shortcuts::FOLD_LIST);
        if ui.add(button).clicked() {
            commands.push(Command::FoldList(true));
        }
    });
    if filter != view.list.filter {
        commands.push(Command::Filter(filter));
    }
}

/// What stays of a list that is folded away: the way back, and how many wait for anybody.
pub fn folded_list_ui(ui: &mut Ui, words: &Words, view: &ListView, commands: &mut Vec<Command>) {
    ui.vertical_centered(|ui| {
        let unfold = words.text("list-unfold");
        let button = Button::icon_alone(icons::SIDEBAR_SIMPLE, &unfold).shortcut(shortcuts::FOLD_LIST);
        if ui.add(button).clicked() {
            commands.push(Command::FoldList(false));
        }
        if view.queue > 0 {
            let queue = words.with("list-queue", &[("count", view.queue.into())]);
            ui.add_space(4.0);
            ui.label(theme::strong(view.queue.to_string()))
                .accessible_name(queue.as_str())
                .on_hover_text(queue);
        }
    });
}

fn empty_ui(ui: &mut Ui, words: &Words, view: &ListView) {
    let (icon, title, text) = match (view.known, view.list.filter.is_empty(), view.list.kind) {
        (false, ..) => (icons::HOURGLASS, "list-loading", "list-loading-text"),
        (_, false, _) => (icons::MAGNIFYING_GLASS, "list-no-match", "list-no-match-text"),
        (_, _, ListKind::Mine) => (icons::TRAY, "list-empty-mine", "list-empty-mine-text"),
        (_, _, ListKind::Queue) => (icons::TRAY, "list-empty-queue", "list-empty-queue-text"),
    };
    EmptyState::new(icon, &words.text(title)).text(&words.text(text)).show(ui);
}

/// Key of a column's name.
pub const fn column_key(column: Column) -> &'static str {
    match column {
        Column::Name => "list-column-name",
        Column::Status => "list-column-status",
        Column::Time => "list-column-time",
        Column::Technician => "list-column-technician",
        Column::Platform => "list-column-platform",
        Column::Device => "list-column-device",
    }
}

fn headings_ui(ui: &mut Ui, words: &Words, view: &ListView, widths: &[f32], commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let left_out = &Column::ALL[widths.len()..];
    ui.horizontal(|ui| {
        for (place, (column, width)) in Column::ALL.into_iter().zip(widths).enumerate() {
            let is_before_mark = !left_out.is_empty() && place + 1 == widths.len();
            let width = if is_before_mark { width - MORE } else { *width };
            let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::click());
            let text = words.text(column_key(column));
            response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, &text));
            let sorted = view.list.sort == column;
            let color = if sorted || response.hovered() {
                palette.text
            } else {
                palette.secondary
            };
            let (end, _) = cell(ui, rect, &text, FontId::proportional(11.0), color);
            if sorted {
                let glyph = if view.list.descending { icons::CARET_UP } else { icons::CARET_DOWN };
                let square = Rect::from_center_size(pos2(end + 9.0, rect.center().y), vec2(10.0, 10.0));
                theme::paint_icon(ui, square, glyph, 10.0, color);
            }
            if response.has_focus() {
                ui.painter().rect_stroke(rect, 4.0, (1.5, palette.focus), egui::StrokeKind::Inside);
            }
            if response.clicked() {
                commands.push(Command::Sort(column));
            }
        }
        left_out_ui(ui, words, left_out);
    });
    let line = ui.cursor().top();
    ui.painter().hline(ui.max_rect().x_range(), line, (1.0, palette.line));
}

/// How many columns a wider list would show, and which.
fn left_out_ui(ui: &mut Ui, words: &Words, left_out: &[Column]) {
    if left_out.is_empty() {
        return;
    }
    let (rect, response) = ui.allocate_exact_size(vec2(MORE, 24.0), Sense::hover());
    let names: Vec<String> = left_out.iter().map(|column| words.text(column_key(*column))).collect();
    let names = names.join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &names));
    let (count, color) = (format!("+{}", left_out.len()), Palette::of(ui).secondary);
    ui.painter()
        .text(rect.right_center(), Align2::RIGHT_CENTER, count, FontId::proportional(11.0), color);
    response.on_hover_text(names);
}

fn row_ui(ui: &mut Ui, row: &RowView, widths: &[f32], commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let [name, status, time, ..] = &row.texts;
    let label = format!("{name}, {status} {time}");
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, row.selected, &label));
    if response.clicked() {
        commands.push(if row.selected && response.has_focus() && enter(ui) {
            Command::Activate(row.session_id)
        } else {
            Command::Select(row.session_id)
        });
    }
    if response.double_clicked() {
        commands.push(Command::Activate(row.session_id));
    }
    if !ui.is_rect_visible(rect) {
        return;
    }
    let fill = match (row.selected, row.alarm, response.hovered()) {
        (true, ..) => palette.accent_weak,
        (_, Alarm::Now, _) => palette.tone(Tone::Error).background,
        (_, Alarm::Soon, _) => palette.tone(Tone::Waiting).background,
        (_, _, true) => palette.hover,
        _ => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect.shrink2(vec2(2.0, 1.0)), 4.0, fill);
    paint_cells(ui, rect, row, widths);
    if response.has_focus() {
        ui.painter()
            .rect_stroke(rect.shrink(1.0), 4.0, (2.0, palette.focus), egui::StrokeKind::Inside);
    }
}

fn enter(ui: &Ui) -> bool {
    ui.input(|input| input.key_pressed(egui::Key::Enter))
}

fn paint_cells(ui: &mut Ui, rect: Rect, row: &RowView, widths: &[f32]) {
    let palette = Palette::of(ui);
    let mut left = rect.left();
    for (place, (text, width)) in row.texts.iter().zip(widths).enumerate() {
        let inner = Rect::from_min_size(pos2(left, rect.top()), vec2(*width, rect.height()));
        if place == 1 {
            let inside = inner.shrink2(vec2(8.0, 0.0));
            let builder = egui::UiBuilder::new().max_rect(inside).layout(Layout::left_to_right(Align::Center));
            ui.scope_builder(builder, |ui| ui.add(StatusPill::new(row.tone, text).plain()));
        } else {
            let alarmed = place == 2 && row.alarm != Alarm::None;
            let color = match (place, alarmed) {
                (_, true) if row.alarm == Alarm::Now => palette.tone(Tone::Error).text,
                (_, true) => palette.tone(Tone::Waiting).text,
                (0, _) => palette.text,
                _ => palette.secondary,
            };
            let strong = place == 0 && row.selected;
            let family = if strong {
                farhand_assets::fonts::strong_family()
            } else {
                FontFamily::Proportional
            };
            let (_, is_cut) = cell(ui, inner, text, FontId::new(13.0, family), color);
            let rest = rest_of(row, place, widths.len(), is_cut);
            if !rest.is_empty() {
                let id = ui.scope_id().with(("rest", row.session_id, place));
                ui.interact(inner, id, Sense::hover()).on_hover_text(rest);
            }
        }
        left += width;
    }
}

/// What a cell says under the pointer: all of a text that is cut and, at the name, what stands in columns that are left out.
fn rest_of(row: &RowView, place: usize, columns: usize, is_cut: bool) -> String {
    let own = row.texts[place..].iter().take(usize::from(is_cut));
    let left_out = row.texts[columns..].iter().filter(|_| place == 0);
    let lines = own.chain(left_out).filter(|text| !text.is_empty()).map(String::as_str);
    lines.collect::<Vec<_>>().join("\n")
}

/// Paints one line, cut with `…` where it is too long; returns where it ends, and whether it was cut.
fn cell(ui: &Ui, rect: Rect, text: &str, font: FontId, color: Color32) -> (f32, bool) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap.max_width = rect.width() - 16.0;
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.painter().layout_job(job);
    let corner = pos2((rect.left() + 8.0).round(), (rect.center().y - galley.rect.height() / 2.0).round());
    let ends = (corner.x + galley.rect.width(), galley.elided);
    ui.painter().galley(corner, galley, color);
    ends
}

#[cfg(test)]
mod tests {
    use farhand_engine::technician::EngineEvent;
    use farhand_protocol::session::Status;

    use super::*;
    use crate::model::sample;

    #[test]
    fn the_columns_share_what_room_there_is_and_no_more() {
        for room in 190..=1_000_u16 {
            let room = f32::from(room);
            let widths = column_widths(room);
            let total: f32 = widths.iter().sum();
            let all = widths.len() == WIDTHS.len();
            assert!(widths.len() >= ALWAYS && total <= room, "{widths:?} in {room}");
            assert!(!all || total > room - 6.0, "{widths:?} leave a gap in {room}");
        }
        assert_eq!(column_widths(704.0), WIDTHS);
        assert_eq!(column_widths(1_408.0), WIDTHS.map(|width| 2.0 * width));
    }

    #[test]
    fn a_session_that_timed_out_is_red_before_its_row_leaves() {
        let (mut state, id) = (sample::busy(), SessionId(2));
        let row = sample::row(2, "J. Ono", Some(Status::TimedOut));
        state.handle_event(EngineEvent::SessionChanged(row));
        let shown = |state: &ConsoleState| {
            let view = ListView::new(state, &Words::load("en"));
            let row = view.rows.into_iter().find(|row| row.session_id == id);
            row.map(|row| (row.texts[1].clone(), row.tone, row.alarm))
        };
        assert_eq!(shown(&state), Some(("Timed out".to_owned(), Tone::Error, Alarm::Now)));
        state.now.at = sample::NOW.plus_millis(10_000);
        assert_eq!(shown(&state), None, "STM-34");
    }

    #[test]
    fn what_has_no_room_is_said_at_the_name() {
        let view = ListView::new(&sample::busy(), &Words::load("en"));
        let row = view.rows.iter().find(|row| row.session_id == SessionId(1)).unwrap();
        assert_eq!(rest_of(row, 0, 3, false), "Ada Kern\nDebian 12\nPC-1");
        assert_eq!(rest_of(row, 0, 6, true), "M. Diaz");
        assert_eq!(rest_of(row, 2, 3, true), "4 min");
        assert_eq!(rest_of(row, 3, 4, false), "");
    }
}
