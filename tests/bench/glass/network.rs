//! Two network namespaces joined by a wire, and how many bytes went along it.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use farhand_tests::harness::Program;

use super::wan::{DEVICE, Shape, Wan};

/// Address of the customer's side.
pub const HOST_ADDRESS: &str = "10.77.0.1";
const VIEW_ADDRESS: &str = "10.77.0.2";

/// Bytes on the wire since it was laid.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    /// Towards the technician.
    pub to_viewer: u64,
    /// Towards the customer.
    pub from_viewer: u64,
}

/// The namespaces; gone when this is dropped.
pub struct Network {
    name: String,
    _wan: Option<Wan>,
}

impl Network {
    /// A fresh wire, or a link of this shape in its place.
    pub fn new(shape: Option<Shape>) -> Result<Self> {
        let mut network = Self {
            name: format!("fhg{}", std::process::id()),
            _wan: None,
        };
        let (host, view) = (network.host(), network.view());
        ip(&["netns", "add", &host])?;
        ip(&["netns", "add", &view])?;
        match shape {
            Some(shape) => network._wan = Some(Wan::start([&host, &view], shape)?),
            None => {
                let peer = ["type", "veth", "peer", "name", DEVICE, "netns", &view];
                ip(&[&["-n", &host, "link", "add", DEVICE][..], &peer[..]].concat())?;
            }
        }
        for (space, address) in [(&host, HOST_ADDRESS), (&view, VIEW_ADDRESS)] {
            ip(&["-n", space, "addr", "add", &format!("{address}/24"), "dev", DEVICE])?;
            ip(&["-n", space, "link", "set", DEVICE, "up"])?;
            ip(&["-n", space, "link", "set", "lo", "up"])?;
        }
        Ok(network)
    }

    fn host(&self) -> String {
        format!("{}h", self.name)
    }

    fn view(&self) -> String {
        format!("{}v", self.name)
    }

    /// A program on the customer's side.
    pub fn on_host(&self, program: Program) -> Program {
        program.prefixed(["ip", "netns", "exec", &self.host()])
    }

    /// A program on the technician's side.
    pub fn on_view(&self, program: Program) -> Program {
        program.prefixed(["ip", "netns", "exec", &self.view()])
    }

    /// What starts a program on the customer's side.
    pub fn host_prefix(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.host()].map(str::to_owned).to_vec()
    }

    /// What went along the wire so far.
    pub fn carried(&self) -> Result<Carried> {
        let shown = ip(&["netns", "exec", &self.host(), "cat", "/proc/net/dev"])?;
        let line = shown
            .lines()
            .find_map(|line| line.trim().strip_prefix(DEVICE)?.strip_prefix(':'))
            .context("no wire")?;
        let fields: Vec<&str> = line.split_whitespace().collect();
        let bytes = |at: usize| fields.get(at).and_then(|bytes| bytes.parse().ok()).context("no count of bytes");
        Ok(Carried {
            to_viewer: bytes(8)?,
            from_viewer: bytes(0)?,
        })
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for space in [self.host(), self.view()] {
            let _ = ip(&["netns", "del", &space]);
        }
    }
}

fn ip(args: &[&str]) -> Result<String> {
    let done = Command::new("ip").args(args).output().context("ip (package iproute2)")?;
    ensure!(
        done.status.success(),
        "ip {}: {}",
        args.join(" "),
        String::from_utf8_lossy(&done.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
