//! The tables of a run, in Markdown: the figures, the ratios of Farhand's to each peer's, and what else was measured of the same frames.

use std::fmt::{self, Display, Write as _};

use super::likeness::Likeness;
use super::report::{LeftOut, Outcome, Row};
use super::{Workload, products::Kind};

const FIGURES: &str = "| workload | product | frames seen | p50, ms | p95, ms | to the viewer, kbit/s | host, cores | viewer, cores | equal after, s |\n\
                       |---|---|---|---|---|---|---|---|---|\n";
const RATIOS: &str = "| workload | beside | p50 | p95 | bytes | processor time, both sides | with both X servers |\n\
                      |---|---|---|---|---|---|---|\n";
const REST: &str = "| workload | product | longest, ms | from the viewer, kbit/s | customer's X server, cores | technician's X server, cores \
                    | likeness after the last frame, dB | at the end, dB | text around (front: before) the film exact, looks | host, MB | viewer, MB |\n\
                    |---|---|---|---|---|---|---|---|---|---|---|\n";
/// What was not measured.
const NOTHING: &str = "–";

/// All tables of a run.
pub fn markdown(outcome: &Outcome) -> String {
    let mut out = measured_with(outcome.seconds, &outcome.compared);
    out.push_str(FIGURES);
    for workload in Workload::ALL {
        for row in rows_of(outcome, workload) {
            let _ = writeln!(out, "{row}");
        }
        for one in outcome.left_out.iter().filter(|one| one.workload == Some(workload.name())) {
            let _ = writeln!(out, "{one}");
        }
    }
    for one in outcome.left_out.iter().filter(|one| one.workload.is_none()) {
        let _ = writeln!(out, "{one}");
    }
    out.push_str(&ratios(outcome));
    out.push_str(&rest(outcome));
    out
}

/// What stands above the tables: how long, on what, and which versions.
pub(super) fn measured_with(seconds: f64, compared: &[String]) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = format!("{cores} core{}", if cores == 1 { "" } else { "s" });
    format!("{seconds} s a workload, {cores}: {}.\n\n", compared.join(", "))
}

fn rows_of(outcome: &Outcome, workload: Workload) -> impl Iterator<Item = &Row> {
    outcome.rows.iter().filter(move |row| row.workload == workload.name())
}

fn ratios(outcome: &Outcome) -> String {
    let ours = Kind::named("farhand").map_or("", |kind| kind.label);
    let mut lines = String::new();
    for workload in Workload::ALL {
        let Some(own) = rows_of(outcome, workload).find(|row| row.product == ours) else {
            continue;
        };
        // Farhand with other settings is no peer.
        for peer in rows_of(outcome, workload).filter(|row| !row.product.starts_with(ours)) {
            let _ = writeln!(lines, "{}", ratio_line(own, peer));
        }
    }
    if lines.is_empty() {
        return lines;
    }
    format!("\n{ours} ÷ each peer, in the same run; below 1 is better:\n\n{RATIOS}{lines}")
}

fn ratio_line(own: &Row, peer: &Row) -> String {
    let ratio = |of: &dyn Fn(&Row) -> Option<f64>| {
        let (own, peer) = of(own).zip(of(peer))?;
        (peer > 0.0).then(|| own / peer)
    };
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        own.workload,
        peer.product,
        cell(ratio(&|row| row.p50_millis), 2),
        cell(ratio(&|row| row.p95_millis), 2),
        cell(ratio(&|row| row.costs.as_ref()?.to_viewer_kbit_per_second), 2),
        cell(ratio(&|row| row.costs.as_ref().map(|costs| costs.cores())), 2),
        cell(ratio(&|row| row.costs.as_ref().map(|costs| costs.cores_with_displays())), 2),
    )
}

fn rest(outcome: &Outcome) -> String {
    let mut out = format!("\nWhat else was measured of the same frames:\n\n{REST}");
    for workload in Workload::ALL {
        for row in rows_of(outcome, workload) {
            let _ = writeln!(out, "{}", rest_line(row));
        }
    }
    out
}

fn rest_line(row: &Row) -> String {
    let costs = row.costs.as_ref();
    let settled = row.settled.as_ref();
    let decibels = |likeness: Option<Likeness>| likeness.map_or_else(|| NOTHING.to_owned(), |likeness| likeness.to_string());
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        row.workload,
        row.product,
        cell(row.max_millis, 1),
        cell(costs.and_then(|costs| costs.from_viewer_kbit_per_second), 1),
        cell(costs.map(|costs| costs.host_display_cores), 3),
        cell(costs.map(|costs| costs.view_display_cores), 3),
        decibels(settled.map(|settled| settled.first)),
        decibels(settled.map(|settled| settled.last)),
        row.around.map_or_else(|| NOTHING.to_owned(), |around| around.to_string()),
        cell(costs.map(|costs| costs.host_mb), 0),
        cell(costs.map(|costs| costs.view_mb), 0),
    )
}

/// A figure with so many digits behind the point.
pub(super) fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.digits$}"))
}

impl Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("exact"),
            Self::Decibels(value) => write!(f, "{value:.1}"),
        }
    }
}

/// The line of the figures' table.
impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let costs = self.costs.as_ref();
        let exact = self.settled.as_ref().map(|settled| settled.exact_after_seconds);
        let exact = exact.map_or_else(|| NOTHING.to_owned(), or_never);
        write!(
            f,
            "| {} | {} | {} of {} | {} | {} | {} | {} | {} | {exact} |",
            self.workload,
            self.product,
            self.seen,
            self.drawn,
            cell(self.p50_millis, 1),
            cell(self.p95_millis, 1),
            cell(costs.and_then(|costs| costs.to_viewer_kbit_per_second), 1),
            cell(costs.map(|costs| costs.host_cores), 3),
            cell(costs.map(|costs| costs.view_cores), 3),
        )
    }
}

/// Seconds, or that it was not in time.
pub(super) fn or_never(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "never".to_owned(), |seconds| format!("{seconds:.2}"))
}

/// The line of the figures' table that stands in their place.
impl Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (workload, why) = (self.workload.unwrap_or("all"), in_cell(&self.why));
        write!(f, "| {workload} | {} | {why} | – | – | – | – | – | – |", self.product)
    }
}

/// Words that break no table.
pub(super) fn in_cell(words: &str) -> String {
    words.replace('|', "/").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glass::costs::Costs;

    fn row(product: &'static str, millis: f64, cores: f64) -> Row {
        let costs = Costs {
            to_viewer_kbit_per_second: Some(millis * 10.0),
            from_viewer_kbit_per_second: Some(1.0),
            host_cores: cores,
            view_cores: cores,
            host_display_cores: 0.1,
            view_display_cores: 0.1,
            host_mb: 50.0,
            view_mb: 60.0,
        };
        Row {
            costs: Some(costs),
            ..Row::new(product, Workload::Typing, 3, vec![millis, millis, millis])
        }
    }

    fn outcome() -> Outcome {
        Outcome {
            seconds: 8.0,
            compared: vec!["Farhand".to_owned()],
            rows: vec![row("Farhand", 2.0, 0.1), row("TigerVNC", 8.0, 0.4), row("x11vnc", 4.0, 0.0)],
            left_out: vec![LeftOut {
                product: "ffmpeg H.264",
                workload: None,
                why: "ffplay is not\ninstalled | here".to_owned(),
            }],
        }
    }

    #[test]
    fn farhand_is_held_against_each_peer_that_ran() {
        let text = markdown(&outcome());
        assert!(text.contains("| typing | TigerVNC | 0.25 | 0.25 | 0.25 | 0.25 | 0.40 |"), "{text}");
        assert!(text.contains("| typing | x11vnc | 0.50 | 0.50 | 0.50 | – | 2.00 |"), "{text}");
    }

    #[test]
    fn a_peer_that_is_left_out_has_a_line_that_says_why() {
        let line = "| all | ffmpeg H.264 | ffplay is not installed / here | – | – | – | – | – | – |";
        assert!(markdown(&outcome()).contains(line));
    }

    #[test]
    fn without_farhand_there_are_no_ratios() {
        let mut outcome = outcome();
        outcome.rows.remove(0);
        assert!(!markdown(&outcome).contains('÷'));
    }
}
