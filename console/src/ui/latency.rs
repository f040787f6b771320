//! Where the time goes from the customer's screen to this one: a bar for each stage, the sum, and how far the clocks are apart.

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
    let clock = clock_text(words, stages.offset_micros, stages.offset_error_micros);
    ui.label(theme::secondary(ui, clock))
        .on_hover_text(words.text("latency-clock-help"));
}

/// By how much the clocks differ, and by how much that may be wrong.
fn clock_text(words: &Words, offset_micros: i64, error_micros: u32) -> String {
    let sign = if offset_micros < 0 { "\u{2212}" } else { "" };
    let micros = offset_micros.unsigned_abs();
    let offset = if micros < 10_000_000 {
        format!("{sign}{}", millis(words, micros))
    } else {
        let seconds = format!("{sign}{}", number(words, micros / 1000));
        words.with("strip-seconds", &[("value", seconds.into())])
    };
    let error = millis(words, u64::from(error_micros));
    words.with("latency-clock", &[("offset", offset.into()), ("error", error.into())])
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

/// Thousands with one place.
fn number(words: &Words, micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1000.0).replace('.', &words.text("size-decimal-mark"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_told_with_its_error_and_a_large_one_in_seconds() {
        let words = Words::load("en");
        assert_eq!(clock_text(&words, -1_240, 300), "Clock offset \u{2212}1.2 ms ± 0.3 ms");
        assert_eq!(clock_text(&words, 7_201_440_000, 5_900), "Clock offset 7201.4 s ± 5.9 ms");
    }
}
