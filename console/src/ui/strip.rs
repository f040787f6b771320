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
        for key in GIVE_WAY {
            let values: Vec<&str> = figures.iter().map(|(_, value)| value.as_str()).collect();
            if !view.view || strip.fits_all(&values, &exact) {
                break;
            }
            figures.retain(|(known, _)| *known != key);
        }
        for (key, value) in &figures {
            strip.cell(&text(key), value);
        }
        if view.view {
            strip.menu_cell(tone, &text("strip-exact-opens"), &exact, |ui| {
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

/// What each figure is, by its key, and the figure.
fn figures(words: &Words, stats: &LinkStats, is_seen: bool) -> Vec<(&'static str, String)> {
    // Two times side by side say which is which.
    let millis = |key: &str, value: u32| words.with(key, &[("value", value.into())]);
    let mut figures = vec![("strip-round-trip", millis("strip-round-trip-value", stats.rtt_millis))];
    if is_seen {
        let updates = words.with("strip-per-second", &[("value", stats.updates_per_second.into())]);
        figures.push(("strip-rate", rate(words, stats.received_bps)));
        figures.push(("strip-updates", updates));
        figures.extend(
            stats
                .latency_millis
                .map(|value| ("strip-latency", millis("strip-latency-value", value))),
        );
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
