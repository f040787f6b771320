//! What a product costs while it is measured: bytes on the wire, processor time of both sides and of both X servers, memory.

use std::time::Instant;

use anyhow::{Context as _, Result};
use farhand_tests::harness::Desk;
use serde::Serialize;
use tokio::{net::UnixStream, runtime::Builder};

use super::network::Carried;
use super::products::{Ends, Link, Product};
use crate::process;

/// Rates over the time of a workload, and memory at its end.
#[derive(Debug, Clone, Serialize)]
pub struct Costs {
    /// Towards the technician, with everything that the network adds; none for what uses no network.
    pub to_viewer_kbit_per_second: Option<f64>,
    /// Towards the customer.
    pub from_viewer_kbit_per_second: Option<f64>,
    /// Of the product on the customer's side, in cores.
    pub host_cores: f64,
    /// Of the product on the technician's side.
    pub view_cores: f64,
    /// Of the customer's X server.
    pub host_display_cores: f64,
    /// Of the technician's X server.
    pub view_display_cores: f64,
    /// Of the product on the customer's side, in 2²⁰ bytes; what is shared by several processes counts by their number (PSS).
    pub host_mb: f64,
    /// Of the product on the technician's side.
    pub view_mb: f64,
}

impl Costs {
    /// Processor time of the product on both sides.
    pub fn cores(&self) -> f64 {
        self.host_cores + self.view_cores
    }

    /// The same and that of both X servers, which some products give more to do than others.
    pub fn cores_with_displays(&self) -> f64 {
        self.cores() + self.host_display_cores + self.view_display_cores
    }
}

/// A measurement under way.
pub struct Meter {
    link: Link,
    host: Vec<u32>,
    view: Vec<u32>,
    displays: [u32; 2],
    before: Reading,
}

struct Reading {
    at: Instant,
    carried: Carried,
    /// Host, viewer, customer's and technician's X server.
    cpu_seconds: [f64; 4],
}

impl Meter {
    /// Begins now.
    pub fn start(ends: &Ends<'_>, link: Link, product: &Product) -> Result<Self> {
        let (host, view) = (product.host_pids(), product.view_pids());
        let displays = [server_pid(ends.host)?, server_pid(ends.view)?];
        let before = read(ends, &host, &view, displays)?;
        Ok(Self {
            link,
            host,
            view,
            displays,
            before,
        })
    }

    /// Ends now.
    pub fn stop(self, ends: &Ends<'_>) -> Result<Costs> {
        let (before, after) = (&self.before, read(ends, &self.host, &self.view, self.displays)?);
        let seconds = (after.at - before.at).as_secs_f64();
        // What the wire carries of its own accord is no product's.
        let rate = |before: u64, after: u64| (self.link != Link::None).then(|| (after - before) as f64 * 8.0 / seconds / 1000.0);
        let cores = |place: usize| (after.cpu_seconds[place] - before.cpu_seconds[place]) / seconds;
        Ok(Costs {
            to_viewer_kbit_per_second: rate(before.carried.to_viewer, after.carried.to_viewer),
            from_viewer_kbit_per_second: rate(before.carried.from_viewer, after.carried.from_viewer),
            host_cores: cores(0),
            view_cores: cores(1),
            host_display_cores: cores(2),
            view_display_cores: cores(3),
            host_mb: process::tree_pss_mb(&self.host)?,
            view_mb: process::tree_pss_mb(&self.view)?,
        })
    }
}

fn read(ends: &Ends<'_>, host: &[u32], view: &[u32], displays: [u32; 2]) -> Result<Reading> {
    Ok(Reading {
        at: Instant::now(),
        carried: ends.network.carried()?,
        cpu_seconds: [
            process::tree_cpu_seconds(host)?,
            process::tree_cpu_seconds(view)?,
            process::cpu_seconds(displays[0])?,
            process::cpu_seconds(displays[1])?,
        ],
    })
}

/// Who listens at the other end of a desk's display; a server that chose its number itself writes its process id nowhere.
fn server_pid(desk: &Desk) -> Result<u32> {
    let socket = format!("/tmp/.X11-unix/X{}", desk.display().name().trim_start_matches(':'));
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let stream = runtime.block_on(UnixStream::connect(&socket)).with_context(|| socket.clone())?;
    let pid = stream.peer_cred()?.pid().with_context(|| format!("{socket} has no process"))?;
    Ok(pid.cast_unsigned())
}
