//! The tables of a run: of each stage one, a line for each screen and a column for each thing it does; and the bytes of small changes.

use std::fmt::Write as _;

use serde::Serialize;

use super::measure::Time;

/// Everything that was measured.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    times: Vec<Row>,
    sizes: Vec<Size>,
}

#[derive(Debug, Serialize)]
struct Row {
    stage: &'static str,
    screen: &'static str,
    what: &'static str,
    runs: usize,
    least_millis: f64,
    median_millis: f64,
    beside: Option<Beside>,
}

/// What says more than the time alone.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    /// So many bytes were made, on average.
    Bytes(usize),
    /// So many bytes of pixels were gone through.
    Pixels(u64),
    /// This part of what changed was found.
    Found(f64),
}

/// Bytes of one kind of change by one coder, the mean of some places.
#[derive(Debug, Serialize)]
struct Size {
    screen: &'static str,
    change: &'static str,
    coder: &'static str,
    bytes: f64,
}

/// Takes in what one stage does with one screen.
pub struct Record<'a> {
    report: &'a mut Report,
    stage: &'static str,
    screen: &'static str,
}

impl Report {
    /// For the figures of this stage and screen.
    pub fn record(&mut self, stage: &'static str, screen: &'static str) -> Record<'_> {
        Record {
            report: self,
            stage,
            screen,
        }
    }
}

impl Record<'_> {
    /// A time.
    pub fn note(&mut self, what: &'static str, time: Time) {
        self.push(what, time, None);
    }

    /// A time, and what goes with it.
    pub fn note_with(&mut self, what: &'static str, time: Time, beside: Beside) {
        self.push(what, time, Some(beside));
    }

    /// Bytes of a change.
    pub fn note_size(&mut self, change: &'static str, coder: &'static str, bytes: f64) {
        let screen = self.screen;
        self.report.sizes.push(Size {
            screen,
            change,
            coder,
            bytes,
        });
    }

    fn push(&mut self, what: &'static str, time: Time, beside: Option<Beside>) {
        self.report.times.push(Row {
            stage: self.stage,
            screen: self.screen,
            what,
            runs: time.runs,
            least_millis: time.least.as_secs_f64() * 1000.0,
            median_millis: time.median.as_secs_f64() * 1000.0,
            beside,
        });
    }
}

/// A table of each stage, and one of the sizes.
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    for stage in distinct(report.times.iter().map(|row| row.stage)) {
        let rows: Vec<&Row> = report.times.iter().filter(|row| row.stage == stage).collect();
        let what = distinct(rows.iter().map(|row| row.what));
        heading(&mut out, &[stage], &what);
        for screen in distinct(rows.iter().map(|row| row.screen)) {
            let cell = |what: &&'static str| {
                rows.iter()
                    .find(|row| row.screen == screen && row.what == *what)
                    .map(|row| row.cell())
            };
            line(&mut out, &[screen], what.iter().map(cell));
        }
        out.push('\n');
    }
    sizes(&report.sizes, &mut out);
    out
}

fn sizes(sizes: &[Size], out: &mut String) {
    let coders = distinct(sizes.iter().map(|size| size.coder));
    if coders.is_empty() {
        return;
    }
    heading(out, &["bytes of a change", "screen"], &coders);
    for change in distinct(sizes.iter().map(|size| size.change)) {
        let of_change = || sizes.iter().filter(|size| size.change == change);
        for screen in distinct(of_change().map(|size| size.screen)) {
            let cell = |coder: &&str| {
                let size = of_change().find(|size| size.screen == screen && size.coder == *coder);
                size.map(|size| format!("{:.0}", size.bytes))
            };
            line(out, &[change, screen], coders.iter().map(cell));
        }
    }
}

impl Row {
    /// The least and the median in milliseconds, and what goes with them.
    fn cell(&self) -> String {
        let mut cell = format!("{} / {}", short(self.least_millis), short(self.median_millis));
        let _ = match self.beside {
            None => Ok(()),
            Some(Beside::Bytes(bytes)) if bytes < 10_000 => write!(cell, ", {bytes} B"),
            Some(Beside::Bytes(bytes)) => write!(cell, ", {:.1} kB", bytes as f64 / 1000.0),
            Some(Beside::Pixels(bytes)) => write!(cell, ", {:.0} MB/s", bytes as f64 / 1000.0 / self.median_millis),
            Some(Beside::Found(part)) => write!(cell, ", {:.0} %", part * 100.0),
        };
        cell
    }
}

/// Three digits that say something, for what is below a second.
fn short(millis: f64) -> String {
    let digits = match millis {
        ..0.1 => 4,
        ..1.0 => 3,
        ..10.0 => 2,
        _ => 1,
    };
    format!("{millis:.digits$}")
}

fn heading(out: &mut String, names: &[&str], columns: &[&str]) {
    let all = [names, columns].concat();
    let _ = writeln!(out, "| {} |\n|{}", all.join(" | "), "---|".repeat(all.len()));
}

fn line(out: &mut String, names: &[&str], cells: impl Iterator<Item = Option<String>>) {
    let cells: Vec<String> = cells.map(Option::unwrap_or_default).collect();
    let _ = writeln!(out, "| {} | {} |", names.join(" | "), cells.join(" | "));
}

/// Each once, in the order in which it comes first.
fn distinct(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}
