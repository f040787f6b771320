//! Glass to glass: what a person sees of each product, from the customer's display to the technician's. A stimulus draws a workload on the
//! first and stamps every frame with a number; a probe reads the number off the second. So a figure covers capture, coding, network, decoding
//! and painting, whatever the product; and all products go through the same run on the same machine.
//!
//! ```text
//!   stimulus ─► customer's Xvfb ═ product ═ technician's Xvfb ─► probe
//!               namespace "host"  ─ wire ─  namespace "view"
//! ```

mod network;
mod probe;
mod products;
mod report;
mod stamp;
mod stimulus;
pub mod wan;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use farhand_tests::harness::{Desk, Program, lamp};

use self::{network::Network, products::Product, report::Row};
pub use self::{report::markdown, stimulus::window_on};
use crate::{photon, process::cpu_seconds};

/// Size of both displays.
pub const SIZE: (u16, u16) = (1920, 1080);
/// A product that shows nothing after this time does not work here.
const FIRST_PICTURE: Duration = Duration::from_secs(30);

const LEAST_STILL_SECONDS: f64 = 60.0;
const KEYS_PER_SECOND: f64 = 8.0;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Nothing but the stamp, once.
    Still,
    /// 12 letters a second.
    Typing,
    /// A page of text, 20 steps a second.
    Scrolling,
    /// A window of 600 × 400, 30 places a second.
    Dragging,
    /// A film of 1280 × 720 in a page of text, 30 pictures a second.
    Film,
    /// Key to photon: a key on the technician's display to the pixel there, through a terminal on the customer's.
    Keys,
}

impl Workload {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 6] = [Self::Still, Self::Typing, Self::Scrolling, Self::Dragging, Self::Film, Self::Keys];

    /// Its name on the command line and in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Still => "still",
            Self::Typing => "typing",
            Self::Scrolling => "scrolling",
            Self::Dragging => "dragging",
            Self::Film => "film",
            Self::Keys => "keys",
        }
    }

    /// Frames a second; none where there is only a first one, or the keys say when.
    const fn rate(self) -> Option<u32> {
        match self {
            Self::Still | Self::Keys => None,
            Self::Typing => Some(12),
            Self::Scrolling => Some(20),
            Self::Dragging | Self::Film => Some(30),
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
/// When displays, namespaces or Farhand's own programs cannot be started. Another product that is missing or shows nothing is left out
/// and said.
pub fn run(names: &[String], workloads: &[Workload], seconds: f64, shape: Option<wan::Shape>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for name in names {
        match measure(name, workloads, seconds, shape) {
            Ok(measured) => rows.extend(measured),
            Err(error) if !name.starts_with("farhand") => eprintln!("{name}: left out: {error:#}"),
            Err(error) => return Err(error.context(name.clone())),
        }
    }
    Ok(rows)
}

fn measure(name: &str, workloads: &[Workload], seconds: f64, shape: Option<wan::Shape>) -> Result<Vec<Row>> {
    let network = Network::new(shape)?;
    let (host, mut view) = (Desk::new(SIZE)?, Desk::new(SIZE)?);
    let mut product = Product::start(name, &network, &host, &view)?;
    let began = Instant::now();
    let spot = stimulus::find_stamp(host.display(), &view, FIRST_PICTURE).with_context(|| product.log())?;
    eprintln!(
        "{name}: a whole screen of black and white was seen after {:.2} s",
        began.elapsed().as_secs_f64()
    );
    // Out of the way: a pointer over the picture is drawn into it by some products.
    view.hands.move_to(i32::from(SIZE.0) - 20, 20)?;
    let mut rows = Vec::new();
    for workload in workloads {
        std::thread::sleep(Duration::from_secs(1));
        if *workload == Workload::Keys {
            let row = measure_keys(name, seconds, &host, &mut view).with_context(|| product.log())?;
            eprintln!("{row}");
            rows.push(row);
            continue;
        }
        let row = measure_one(
            name,
            *workload,
            workload.seconds(seconds),
            (&host, &view, &network),
            &mut product,
            spot,
        )?;
        eprintln!("{row}");
        rows.push(row);
    }
    Ok(rows)
}

/// Each key turns the colours of a small terminal round.
fn measure_keys(name: &str, seconds: f64, host: &Desk, view: &mut Desk) -> Result<Row> {
    let script = r"printf '\e[?25l'; while IFS= read -rsn1; do printf '\e[?5h'; IFS= read -rsn1; printf '\e[?5l'; done";
    let place = ["-geometry", "16x4+900+500", "-fa", "Monospace", "-fs", "10"];
    let colours = ["-bg", lamp::COLOUR_NAMES[0], "-fg", lamp::COLOUR_NAMES[1]];
    let terminal = Program::at("xterm").args(place).args(colours).args(["-e", "bash", "-c", script]);
    let _terminal = host.start(terminal)?;
    let spot = lamp::find(view)?;
    view.hands.click(spot.x, spot.y)?;
    let presses = (seconds * KEYS_PER_SECOND) as usize;
    let values = photon::presses_of(view, spot, presses)?;
    Ok(Row::of_keys(name, presses, values))
}

fn measure_one(
    name: &str,
    workload: Workload,
    seconds: f64,
    (host, view, network): (&Desk, &Desk, &Network),
    product: &mut Product,
    spot: stamp::Spot,
) -> Result<Row> {
    let probe = probe::start(view.display(), spot)?;
    let mut drawing = stimulus::Drawing::open(host.display(), workload)?;
    // What came with the first picture of the page is no part of the figures.
    std::thread::sleep(Duration::from_secs(2));
    let costs = |product: &Product| -> Result<(f64, f64)> {
        let sum = |pids: &[u32]| pids.iter().map(|pid| cpu_seconds(*pid)).sum::<Result<f64>>();
        Ok((sum(&product.host_pids())?, sum(&product.view_pids())?))
    };
    let (bytes, before) = (network.bytes_to_viewer()?, costs(product)?);
    let drawn = drawing.run(Duration::from_secs_f64(seconds))?;
    let (after, sent) = (costs(product)?, network.bytes_to_viewer()? - bytes);
    let exact_after = stimulus::wait_equal(host, view, Duration::from_secs(3))?;
    let seen = probe.stop()?;
    let around_exact = match workload {
        Workload::Film => Some(stimulus::look_around_film(&mut drawing, host, view)?),
        _ => None,
    };
    drop(drawing);
    if drawn.is_empty() {
        bail!("nothing was drawn");
    }
    let latencies: Vec<f64> = seen
        .iter()
        .filter_map(|(number, at)| {
            drawn
                .get(number)
                .map(|drawn| at.saturating_duration_since(*drawn).as_secs_f64() * 1000.0)
        })
        .collect();
    let row = Row::new(
        name,
        workload,
        drawn.len(),
        latencies,
        sent as f64 * 8.0 / seconds / 1000.0,
        ((after.0 - before.0) / seconds, (after.1 - before.1) / seconds),
        exact_after,
    );
    Ok(Row { around_exact, ..row })
}
