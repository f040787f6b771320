//! The table for people, in Markdown.

use std::fmt::Write;

use crate::figures::Figures;

/// One line a figure: what, median, 95th percentile, goal, and their ratio.
pub fn markdown(figures: &Figures) -> String {
    let mut out = String::from("| what | median | p95 | goal | median ÷ goal | rounds |\n|---|---|---|---|---|---|\n");
    for one in &figures.0 {
        let p95 = one.p95.map_or_else(String::new, |p| format!("{p:.1}"));
        let ratio = one.median / one.goal;
        let _ = writeln!(
            out,
            "| {} | {:.1} {} | {p95} | {} | {ratio:.2} | {} |",
            one.name, one.median, one.unit, one.goal, one.rounds
        );
    }
    out
}
