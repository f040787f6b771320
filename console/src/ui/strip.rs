//! The strip of figures: path, round trip, rate, frames, and the mark of exactness, which opens into where the time goes.

use egui::Ui;
use farhand_assets::{Tone, Words, widgets::StatusStrip};
use farhand_engine::viewer::{LinkPath, LinkStats};

use super::{desktop::DesktopView, latency::latency_ui};

/// The figures that leave a strip too narrow for all, the least important first, so that the mark of exactness is whole.
const GIVE_WAY: [&str; 4] = ["strip-latency", "strip-updates", "strip-rate", "strip-round-trip"];

/// Paints the strip.
pub fn strip_ui(ui: &mut Ui, words: &Words, view: &DesktopView) {
    let text = |key: &str| words.text(key);
    let sas = view
        .sas
        .as_ref()
        .map(|sas| words.with("strip-sas", &[("code", sas.as_str().into())]));
    let mut below = false;
    StatusStrip::show(ui, |strip| {
        if view.silent {
            // What the figures said, and that the picture is exact, was true when the device was heard last.
            strip.tone_cell(Tone::Waiting, &text("strip-path"), &text("strip-silent"));
            return;
        }
        let Some(stats) = &view.stats else {
            strip.tone_cell(Tone::Neutral, &text("strip-path"), &text("strip-no-link"));
            return;
        };
        let (tone, path) = match stats.path {
            LinkPath::Direct => (Tone::Active, "strip-direct"),
            LinkPath::Relayed => (Tone::Info, "strip-relayed"),
            LinkPath::Unknown => (Tone::Neutral, "strip-unknown"),
        };
        strip.tone_cell(tone, &text("strip-path"), &text(path));
        let (tone, exact) = if stats.exact {
            (Tone::Active, text("strip-exact-yes"))
        } else {
            (Tone::Waiting, text("strip-exact-no"))
        };
        let mut figures = figures(words, stats, view.view);
        let mut other = text(if stats.exact { "strip-exact-no" } else { "strip-exact-yes" });
        if view.view {
            make_fit(strip, &mut figures, &exact, &mut other, sas.as_deref());
        }
        for figure in &figures {
            strip.cell_for(&text(figure.key), &figure.value, &figure.widest);
        }
        if view.view {
            strip.menu_cell_for(tone, &text("strip-exact-opens"), [&exact, &other], |ui| {
                latency_ui(ui, words, stats.stages.as_ref());
            });
        }
        if let Some(value) = &sas {
            below = !strip.fits(value);
            if !below {
                strip.trailing(|ui| {
                    ui.label(farhand_assets::theme::secondary(ui, value.as_str()))
                        .on_hover_text(text("strip-sas-help"));
                });
            }
        }
    });
    if let (true, Some(value)) = (below, &sas) {
        StatusStrip::show(ui, |strip| {
            strip.cell(&text("strip-sas-help"), value);
        });
    }
}

/// Takes out what there is no room for: rather the delay, which the chart says too, than that the check number needs a line of its own; rather figures that
/// move as they change than none.
fn make_fit(strip: &StatusStrip<'_>, figures: &mut Vec<Figure>, exact: &str, other: &mut String, sas: Option<&str>) {
    let fits = |figures: &[Figure], sas: Option<&str>| {
        let values: Vec<[&str; 2]> = figures.iter().map(|figure| [&*figure.value, &*figure.widest]).collect();
        strip.fits_all(&values, [exact, &*other], sas)
    };
    let is_delay = |figure: &Figure| figure.key == "strip-latency";
    let delay = figures.iter().position(is_delay).filter(|_| sas.is_some() && !fits(figures, sas));
    if let Some(delay) = delay.map(|at| figures.remove(at)) {
        if fits(figures, sas) {
            return;
        }
        figures.push(delay);
    }
    for key in GIVE_WAY {
        if fits(figures, None) {
            return;
        }
        let present: Vec<[&str; 2]> = figures.iter().map(|figure| [&*figure.value; 2]).collect();
        if strip.fits_all(&present, [exact; 2], None) {
            figures.iter_mut().for_each(|figure| figure.widest.clear());
            other.clear();
            return;
        }
        figures.retain(|figure| figure.key != key);
    }
}

/// A figure of the strip.
struct Figure {
    /// Key of what it is.
    key: &'static str,
    value: String,
    /// As wide as it usually gets: it keeps this much room, so that nothing moves when it changes.
    widest: String,
}

fn figures(words: &Words, stats: &LinkStats, is_seen: bool) -> Vec<Figure> {
    let number = |key: &'static str, named: &str, value: u64| Figure {
        key,
        value: words.with(named, &[("value", value.into())]),
        widest: words.with(named, &[("value", 888.into())]),
    };
    // Two times side by side say which is which.
    let mut figures = vec![number("strip-round-trip", "strip-round-trip-value", stats.rtt_millis.into())];
    if is_seen {
        figures.push(Figure {
            key: "strip-rate",
            value: rate(words, stats.received_bps),
            widest: rate(words, 88_800_000),
        });
        figures.push(number("strip-updates", "strip-per-second", stats.updates_per_second.into()));
        // The same figure as the chart's sum, where there is one.
        let summed = stats.stages.map(|stages| (stages.total_micros() + 500) / 1000);
        let delay = summed.or(stats.latency_millis.map(u64::from));
        figures.extend(delay.map(|value| number("strip-latency", "strip-latency-value", value)));
    }
    figures
}

fn rate(words: &Words, bps: u64) -> String {
    if bps >= 1_000_000 {
        let value = format!("{:.1}", bps as f64 / 1e6).replace('.', &words.text("size-decimal-mark"));
        words.with("strip-megabits", &[("value", value.into())])
    } else {
        words.with("strip-kilobits", &[("value", (bps / 1000).into())])
    }
}
