//! Where the time goes from the customer's screen to this one: a bar for each stage, the sum, and how exactly the clocks were compared.

use egui::{Grid, RichText, Role, Sense, Ui, WidgetInfo, vec2};
use farhand_assets::{Palette, Words, theme};
use farhand_engine::viewer::Stages;

/// Width of the longest bar.
const BAR_POINTS: f32 = 140.0;
const BAR_HEIGHT: f32 = 8.0;

/// Paints the chart, or says that there is none yet.
pub fn latency_ui(ui: &mut Ui, words: &Words, stages: Option<&Stages>) {
    ui.label(theme::strong(words.text("strip-latency")));
    let Some(stages) = stages else {
        ui.label(theme::secondary(ui, words.text("latency-none")));
        return;
    };
    let rows = [
        ("latency-capture", Some(stages.capture_micros)),
        ("latency-compare", Some(stages.compare_micros)),
        ("latency-encode", Some(stages.encode_micros)),
        ("latency-network", Some(stages.network_micros)),
        ("latency-decode", Some(stages.decode_micros)),
        ("latency-present", stages.present_micros),
    ];
    let longest = rows.iter().filter_map(|(_, micros)| *micros).max().unwrap_or(0).max(1);
    ui.add_space(4.0);
    Grid::new("latency").num_columns(3).spacing(vec2(12.0, 4.0)).show(ui, |ui| {
        for (key, micros) in rows {
            let Some(micros) = micros else { continue };
            let (name, value) = (words.text(key), millis(words, u64::from(micros)));
            ui.label(&name);
            bar_ui(ui, micros as f32 / longest as f32, &format!("{name}: {value}"));
            ui.label(RichText::new(value).monospace());
            ui.end_row();
        }
        ui.label(theme::strong(words.text("latency-total")));
        ui.label("");
        ui.label(RichText::new(millis(words, stages.total_micros())).monospace());
        ui.end_row();
    });
    ui.add_space(4.0);
    // Each clock counts from the start of its program, so what lies between them means nothing to a person.
    let error = number(words, u64::from(stages.offset_error_micros));
    ui.label(theme::secondary(ui, words.with("latency-clock", &[("error", error.into())])));
}

fn bar_ui(ui: &mut Ui, share: f32, spoken: &str) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(BAR_POINTS, BAR_HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, spoken));
    ui.painter().rect_filled(rect, 2.0, palette.sunken);
    let mut filled = rect;
    filled.set_width((rect.width() * share).max(1.0));
    ui.painter().rect_filled(filled, 2.0, palette.accent);
}

fn millis(words: &Words, micros: u64) -> String {
    words.with("strip-millis", &[("value", number(words, micros).into())])
}

/// Milliseconds with one place.
fn number(words: &Words, micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1000.0).replace('.', &words.text("size-decimal-mark"))
}
