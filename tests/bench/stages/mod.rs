//! What each stage of the path of a frame costs by itself, over screens of real programs: the least and the median of several runs.
//!
//! ```text
//! capture ─► compare ─► copies ─► plan ─┬─► tiles ───┬─► scale ─► present
//!                                       ├─► film ────┤
//!                                       └─► preview ─┘
//! ```
//!
//! Runs follow one another, so memory and branches are as warm as they get. Large work is shared by threads as in a session.

mod changes;
mod display;
mod film;
mod measure;
mod report;
mod scale;
mod scene;
mod tiles;
mod way;

use anyhow::{Context as _, Result};

pub use self::report::{Report, markdown};
use self::{report::Record, scene::Scene};
use crate::codec::corpus;

type Measure = fn(&Scene<'_>, &mut Record<'_>) -> Result<()>;

/// Every stage, in the order of the path. The last has no times.
const STAGES: [(&str, Measure); 12] = [
    ("capture", display::capture),
    ("compare", changes::compare),
    ("copies", changes::copies),
    ("plan", changes::plan),
    ("tiles, encode", tiles::encode),
    ("tiles, decode", tiles::decode),
    ("video 1280×720", film::video),
    ("preview", film::preview),
    ("scale", scale::measure),
    ("present", display::present),
    ("from frame to picture", way::measure),
    ("sizes", tiles::sizes),
];

/// Measures every stage on every screen.
///
/// # Errors
/// When a program of the corpus or a display cannot be started, or what comes out of a stage is not what went in.
pub fn run() -> Result<Report> {
    let screens = corpus::draw()?;
    let mut report = Report::default();
    for (stage, measure) in STAGES {
        for (place, screen) in screens.iter().enumerate() {
            eprintln!("{stage}: {}", screen.name);
            let scene = Scene {
                now: &screen.picture,
                next: &screens[(place + 1) % screens.len()].picture,
            };
            let done = measure(&scene, &mut report.record(stage, screen.name));
            done.with_context(|| format!("{stage} of the {}", screen.name))?;
        }
    }
    Ok(report)
}
