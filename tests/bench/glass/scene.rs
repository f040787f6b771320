//! Two displays, the network between them, and a product that shows the one on the other; what is measured of it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use farhand_tests::harness::{Desk, Program, lamp};

use super::costs::Meter;
use super::network::Network;
use super::products::{Ends, Kind, Link, Product};
use super::report::Row;
use super::{SIZE, Workload, around, probe, settle, stamp, stimulus, wan};
use crate::photon;

/// What came with the first picture of a page is over after this time, and no part of the figures.
const SETTLES_AFTER: Duration = Duration::from_secs(2);
/// What is not exact by then is called never exact.
const EXACT_WITHIN: Duration = Duration::from_secs(3);
const KEYS_PER_SECOND: f64 = 8.0;

/// A product at work.
pub struct Scene {
    kind: &'static Kind,
    // INVARIANT: ends before the displays and the network that it needs.
    product: Product,
    /// The customer's computer.
    pub host: Desk,
    /// The technician's computer.
    pub view: Desk,
    network: Network,
    spot: stamp::Spot,
    /// From the start of the viewer until a picture of the customer's display was seen.
    pub first_picture: Duration,
}

impl Scene {
    /// Starts a product over a wire or a link of this shape, and waits until it shows something.
    ///
    /// # Errors
    /// When displays or namespaces cannot be had, and when the product is not installed or shows nothing in time.
    pub fn open(kind: &'static Kind, shape: Option<wan::Shape>, patience: Duration) -> Result<Self> {
        let network = Network::new(shape)?;
        let (host, view) = (Desk::new(SIZE)?, Desk::new(SIZE)?);
        let ends = Ends {
            network: &network,
            host: &host,
            view: &view,
        };
        let product = Product::start(kind, &ends)?;
        let began = Instant::now();
        let spot = stimulus::find_stamp(host.display(), &view, patience)
            .with_context(|| product.log())
            .with_context(|| format!("no picture within {} s", patience.as_secs()))?;
        let scene = Self {
            kind,
            product,
            host,
            view,
            network,
            spot,
            first_picture: began.elapsed(),
        };
        scene.put_pointer_away()?;
        Ok(scene)
    }

    fn ends(&self) -> Ends<'_> {
        Ends {
            network: &self.network,
            host: &self.host,
            view: &self.view,
        }
    }

    /// A pointer over the picture is drawn into it by some products.
    fn put_pointer_away(&self) -> Result<()> {
        self.view.hands.move_to(i32::from(SIZE.0) - 20, 20)
    }

    /// Measures one workload.
    ///
    /// # Errors
    /// When the product ends, takes no keys, or a display is lost.
    pub fn measure(&mut self, workload: Workload, seconds: f64) -> Result<Row> {
        if workload == Workload::Keys && self.kind.link != Link::BothWays {
            bail!("takes no keys");
        }
        std::thread::sleep(Duration::from_secs(1));
        self.product.check_running()?;
        let row = match workload {
            Workload::Keys => self.measure_keys(seconds),
            _ => self.measure_frames(workload, workload.seconds(seconds)),
        };
        let row = row.inspect_err(|_| eprint!("{}", self.product.log()))?;
        self.product.check_running()?;
        Ok(row)
    }

    fn measure_frames(&self, workload: Workload, seconds: f64) -> Result<Row> {
        let probe = probe::start(self.view.display(), self.spot)?;
        let mut drawing = stimulus::Drawing::open(self.host.display(), workload)?;
        std::thread::sleep(SETTLES_AFTER);
        let meter = Meter::start(&self.ends(), self.kind.link, &self.product)?;
        let drawn = drawing.run(Duration::from_secs_f64(seconds))?;
        let costs = meter.stop(&self.ends())?;
        let settled = settle::wait_equal(&self.host, &self.view, EXACT_WITHIN)?;
        let seen = probe.stop()?;
        let around = match workload {
            Workload::Film => Some(around::look(&mut drawing, &self.host, &self.view)?),
            Workload::Front => Some(around::look_at_front(&mut drawing, &self.view)?),
            _ => None,
        };
        ensure!(!drawn.is_empty(), "nothing was drawn");
        let latencies = seen.iter().filter_map(|(number, at)| {
            let drawn = drawn.get(number)?;
            Some(at.saturating_duration_since(*drawn).as_secs_f64() * 1000.0)
        });
        let latencies: Vec<f64> = latencies.collect();
        // A viewer that has lost its server may stand there with a message.
        ensure!(!latencies.is_empty(), "shows none of what is drawn");
        Ok(Row {
            costs: Some(costs),
            settled: Some(settled),
            around,
            ..Row::new(self.kind.label, workload, drawn.len(), latencies)
        })
    }

    /// Each key turns the colours of a small terminal round.
    fn measure_keys(&mut self, seconds: f64) -> Result<Row> {
        let script = r"printf '\e[?25l'; while IFS= read -rsn1; do printf '\e[?5h'; IFS= read -rsn1; printf '\e[?5l'; done";
        let place = ["-geometry", "16x4+900+500", "-fa", "Monospace", "-fs", "10"];
        let colours = ["-bg", lamp::COLOUR_NAMES[0], "-fg", lamp::COLOUR_NAMES[1]];
        let terminal = Program::at("xterm").args(place).args(colours).args(["-e", "bash", "-c", script]);
        let _terminal = self.host.start(terminal)?;
        let spot = lamp::find(&self.view).context("the terminal is not seen")?;
        self.view.hands.click(spot.x, spot.y)?;
        let presses = (seconds * KEYS_PER_SECOND) as usize;
        let latencies = photon::presses_of(&mut self.view, spot, presses)?;
        self.put_pointer_away()?;
        Ok(Row::new(self.kind.label, Workload::Keys, presses, latencies))
    }
}
