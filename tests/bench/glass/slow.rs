//! Slow lines: how letters come through while a page is made exact, and how long a wholly new page takes until something of it is recognised, and
//! until it is exact. Recognised means: the means of blocks of 8 × 8 are liker to the customer's, by [`ABOVE_FLAT_DB`], than the page's mean colour would be.

use std::fmt::{self, Display, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Serialize;

use super::likeness::{Coarse, Likeness};
use super::report::{LeftOut, Row};
use super::scene::Scene;
use super::settle::{self, without_stamp};
use super::tables::{cell, in_cell, measured_with, or_never};
use super::{Kind, SIZE, Workload, stimulus, wan};

/// How long letters are typed when nobody says otherwise: the page below them takes most of it.
pub const USUAL_SECONDS: f64 = 20.0;
const LINES_KBIT_PER_SECOND: [u32; 2] = [128, 28];
/// The lines delay by so much each way, lose nothing, and keep what waits no longer than this.
const DELAY_MILLIS: u32 = 20;
const QUEUE_MILLIS: u32 = 300;
/// Half the squared error that the mean colour alone would have.
const ABOVE_FLAT_DB: f64 = 3.0;
const PAGES: usize = 3;
/// What is not there by then is called never there.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOKS_APART: Duration = Duration::from_millis(50);

/// All that was measured.
#[derive(Debug, Serialize)]
pub struct Outcome {
    seconds: f64,
    compared: Vec<String>,
    rows: Vec<SlowRow>,
    left_out: Vec<(u32, LeftOut)>,
}

/// One product on one line.
#[derive(Debug, Serialize)]
struct SlowRow {
    product: &'static str,
    line_kbit_per_second: u32,
    first_picture_seconds: f64,
    typing: Row,
    pages: Vec<Page>,
}

/// One page, in seconds since it was drawn; none where it was not in time.
#[derive(Debug, Serialize)]
struct Page {
    /// So like it must be to be recognised: peak signal-to-noise ratio of the means of blocks.
    recognised_db: f64,
    recognised_after_seconds: Option<f64>,
    exact_after_seconds: Option<f64>,
}

/// Measures each product on each line.
///
/// # Errors
/// When displays, namespaces or Farhand's own programs cannot be started. A peer that breaks is left out and said.
pub fn run(kinds: &[&'static Kind], seconds: f64) -> Result<Outcome> {
    let mut outcome = Outcome {
        seconds,
        compared: kinds.iter().map(|kind| kind.versioned()).collect(),
        rows: Vec::new(),
        left_out: Vec::new(),
    };
    for line in LINES_KBIT_PER_SECOND {
        for &kind in kinds {
            match measure(kind, line, seconds) {
                Ok(row) => {
                    eprintln!("{row}");
                    outcome.rows.push(row);
                }
                Err(error) => outcome.left_out.push((line, LeftOut::unless_ours(kind, None, error)?)),
            }
        }
    }
    Ok(outcome)
}

fn measure(kind: &'static Kind, line: u32, seconds: f64) -> Result<SlowRow> {
    let shape = wan::Shape::parse(&format!("{DELAY_MILLIS},0,{line},{QUEUE_MILLIS}"))?;
    let mut scene = Scene::open(kind, Some(shape), PATIENCE)?;
    Ok(SlowRow {
        product: kind.label,
        line_kbit_per_second: line,
        first_picture_seconds: scene.first_picture.as_secs_f64(),
        typing: scene.measure(Workload::Typing, seconds)?,
        pages: turn_pages(&scene)?,
    })
}

fn turn_pages(scene: &Scene) -> Result<Vec<Page>> {
    let mut drawing = stimulus::Drawing::open(scene.host.display(), Workload::Still)?;
    let turn = |_| {
        // What is still on its way of the page before is no part of this one's time.
        settle::wait_equal(&scene.host, &scene.view, PATIENCE)?;
        let drawn = drawing.turn_page()?;
        watch(scene, drawn)
    };
    (0..PAGES).map(turn).collect()
}

fn watch(scene: &Scene, drawn: Instant) -> Result<Page> {
    let width = usize::from(SIZE.0);
    let picture = scene.host.screen.grab()?;
    let picture = without_stamp(&picture);
    let coarse = Coarse::of(picture, width);
    let Likeness::Decibels(flat) = coarse.likeness(&coarse.flat()) else {
        bail!("nothing can be recognised in a page of one colour");
    };
    let mut page = Page {
        recognised_db: flat + ABOVE_FLAT_DB,
        recognised_after_seconds: None,
        exact_after_seconds: None,
    };
    while drawn.elapsed() < PATIENCE {
        let shown = scene.view.screen.grab()?;
        let at = Some(drawn.elapsed().as_secs_f64());
        let shown = without_stamp(&shown);
        if page.recognised_after_seconds.is_none() && coarse.likeness(&Coarse::of(shown, width)).reaches(page.recognised_db) {
            page.recognised_after_seconds = at;
        }
        if Likeness::of(picture, shown) == Likeness::Exact {
            page.exact_after_seconds = at;
            break;
        }
        std::thread::sleep(LOOKS_APART);
    }
    Ok(page)
}

/// The table and what its columns mean, for all who read it without this file.
pub fn markdown(outcome: &Outcome) -> String {
    let mut out = measured_with(outcome.seconds, &outcome.compared);
    out.push_str(
        "| line | product | letters seen by themselves | p50, ms | p95, ms | sent, kbit/s | first picture after, s \
         | a new page is recognised after, s | exact after, s |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for line in LINES_KBIT_PER_SECOND {
        for row in outcome.rows.iter().filter(|row| row.line_kbit_per_second == line) {
            let _ = writeln!(out, "{row}");
        }
        for (_, one) in outcome.left_out.iter().filter(|(on, _)| *on == line) {
            let why = in_cell(&one.why);
            let _ = writeln!(out, "| {line} kbit/s | {} | {why} | – | – | – | – | – | – |", one.product);
        }
    }
    out.push_str(&notes(outcome));
    out
}

fn notes(outcome: &Outcome) -> String {
    let patience = PATIENCE.as_secs();
    let mut thresholds = outcome
        .rows
        .iter()
        .flat_map(|row| &row.pages)
        .map(|page| page.recognised_db)
        .peekable();
    if thresholds.peek().is_none() {
        return String::new();
    }
    let (least, most) = thresholds.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), one| {
        (least.min(one), most.max(one))
    });
    format!(
        "\n{DELAY_MILLIS} ms each way, a queue of {QUEUE_MILLIS} ms, nothing lost but by the queue. The *first picture* counts from the start of the viewer, \
         signing in and linking included. A *new page* is text that has nothing in common with the one before, drawn at once over the whole display, light \
         and dark in turn; the median of {PAGES}, *never* when it took more than {patience} s. It is *recognised* when the means of its blocks of 8 × 8 \
         pixels are like the customer's to {least:.1} to {most:.1} dB (PSNR): {ABOVE_FLAT_DB} dB more than a display filled with the page's mean colour.\n",
    )
}

impl Display for SlowRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typing = &self.typing;
        let sent = typing.costs.as_ref().and_then(|costs| costs.to_viewer_kbit_per_second);
        write!(
            f,
            "| {} kbit/s | {} | {} of {} | {} | {} | {} | {:.1} | {} | {} |",
            self.line_kbit_per_second,
            self.product,
            typing.seen,
            typing.drawn,
            cell(typing.p50_millis, 0),
            cell(typing.p95_millis, 0),
            cell(sent, 1),
            self.first_picture_seconds,
            or_never(median(self.pages.iter().map(|page| page.recognised_after_seconds))),
            or_never(median(self.pages.iter().map(|page| page.exact_after_seconds))),
        )
    }
}

/// The one in the middle; what never came is the latest.
fn median(times: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut times: Vec<f64> = times.map(|time| time.unwrap_or(f64::INFINITY)).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().filter(|time| time.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_came_is_later_than_all() {
        assert_eq!(median([None, Some(3.0), Some(1.0)].into_iter()), Some(3.0));
        assert_eq!(median([None, Some(3.0), None].into_iter()), None);
        assert_eq!(median(std::iter::empty()), None);
    }
}
