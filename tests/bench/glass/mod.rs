//! Glass to glass: what a person sees of each product, from the customer's display to the technician's. A stimulus draws a workload on the
//! first and stamps every frame with a number; a probe reads the number off the second. So a figure covers capture, coding, network, decoding
//! and painting, whatever the product; and all products go through the same run on the same machine.
//!
//! ```text
//!   stimulus ─► customer's Xvfb ═ product ═ technician's Xvfb ─► probe
//!               namespace "host"  ─ wire ─  namespace "view"
//! ```

mod around;
mod costs;
mod likeness;
pub mod mirror;
mod network;
mod probe;
mod products;
mod report;
mod scene;
mod settle;
pub mod slow;
mod stamp;
mod stimulus;
mod tables;
pub mod wan;

use std::time::Duration;

use anyhow::Result;

use self::report::LeftOut;
use self::scene::Scene;
pub use self::{products::Kind, report::Outcome, stimulus::window_on, tables::markdown};

/// Size of both displays.
pub const SIZE: (u16, u16) = (1920, 1080);
/// How long a workload is measured when nobody says otherwise.
pub const USUAL_SECONDS: f64 = 8.0;
/// A product that shows nothing after this time does not work here.
const FIRST_PICTURE: Duration = Duration::from_secs(30);
const LEAST_STILL_SECONDS: f64 = 60.0;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Nothing but the stamp, once.
    Still,
    /// 12 letters a second.
    Typing,
    /// A page of text, 20 steps a second.
    Scrolling,
    /// The same in smaller steps, 60 a second: a smooth scroll.
    Scroll60,
    /// A window of 600 × 400, 30 places a second.
    Dragging,
    /// A film of 1280 × 720 in a page of text, 30 pictures a second.
    Film,
    /// The same film, and in front of it a window of text that scrolls by a line with each picture.
    Front,
    /// Key to photon: a key on the technician's display to the pixel there, through a terminal on the customer's.
    Keys,
}

impl Workload {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 8] = [
        Self::Still,
        Self::Typing,
        Self::Scrolling,
        Self::Scroll60,
        Self::Dragging,
        Self::Film,
        Self::Front,
        Self::Keys,
    ];

    /// Its name on the command line and in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Still => "still",
            Self::Typing => "typing",
            Self::Scrolling => "scrolling",
            Self::Scroll60 => "scroll60",
            Self::Dragging => "dragging",
            Self::Film => "film",
            Self::Front => "front",
            Self::Keys => "keys",
        }
    }

    /// Frames a second; none where there is only a first one, or the keys say when.
    const fn rate(self) -> Option<u32> {
        match self {
            Self::Still | Self::Keys => None,
            Self::Typing => Some(12),
            Self::Scrolling => Some(20),
            Self::Scroll60 => Some(60),
            Self::Dragging | Self::Film | Self::Front => Some(30),
        }
    }

    /// How long it is measured, where the others are for so long: heartbeats come many seconds apart.
    fn seconds(self, usual: f64) -> f64 {
        if self == Self::Still {
            usual.max(LEAST_STILL_SECONDS)
        } else {
            usual
        }
    }
}

/// Measures each product under each workload, one after the other, over a wire or a link of this shape.
///
/// # Errors
/// When displays, namespaces or Farhand's own programs cannot be started. A peer that is missing, shows nothing or breaks is left out and said.
pub fn run(kinds: &[&'static Kind], workloads: &[Workload], seconds: f64, shape: Option<wan::Shape>) -> Result<Outcome> {
    let mut outcome = Outcome::of(kinds, seconds);
    for &kind in kinds {
        match Scene::open(kind, shape, FIRST_PICTURE) {
            Ok(mut scene) => measure_all(kind, &mut scene, workloads, &mut outcome)?,
            Err(error) => outcome.left_out.push(LeftOut::unless_ours(kind, None, error)?),
        }
    }
    Ok(outcome)
}

fn measure_all(kind: &Kind, scene: &mut Scene, workloads: &[Workload], outcome: &mut Outcome) -> Result<()> {
    let first = scene.first_picture.as_secs_f64();
    eprintln!("{}: a whole screen of black and white was seen after {first:.2} s", kind.name);
    for workload in workloads {
        match scene.measure(*workload, outcome.seconds) {
            Ok(row) => {
                eprintln!("{row}");
                outcome.rows.push(row);
            }
            Err(error) => outcome.left_out.push(LeftOut::unless_ours(kind, Some(*workload), error)?),
        }
    }
    Ok(())
}
