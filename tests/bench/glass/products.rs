//! What is compared: Farhand, TigerVNC and x11vnc, each with its viewer in full screen at 1:1.

use std::time::Duration;

use anyhow::{Result, bail};
use farhand_tests::harness::{Cli, Desk, Gateway, Program, Running, console, meeting, wait};

use super::network::{HOST_ADDRESS, Network};

/// A server that was started listens after this time.
const LISTENS_AFTER: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(40);

/// A product at work.
pub struct Product {
    host: Vec<Running>,
    view: Vec<Running>,
    // INVARIANT: ends after the programs that need it.
    _gateway: Option<Gateway>,
}

impl Product {
    /// Starts both ends of the product of this name.
    pub fn start(name: &str, network: &Network, host: &Desk, view: &Desk) -> Result<Self> {
        match name {
            "farhand" => farhand(network, host, view, None),
            // As on a desktop where windows take no surface, for comparison.
            "farhand-texture" => farhand(network, host, view, Some(("FARHAND_PICTURE", "texture"))),
            "farhand-bbr" => farhand(network, host, view, Some(("FARHAND_CONGESTION", "bbr"))),
            "farhand-cubic" => farhand(network, host, view, Some(("FARHAND_CONGESTION", "cubic"))),
            "tigervnc" => {
                let server = Program::at("X0tigervnc").args(["-localhost=0", "-SecurityTypes", "None", "-AlwaysShared"]);
                vnc(server, "5950", network, host, view)
            }
            "x11vnc" => {
                let server = Program::at("x11vnc").args(["-nopw", "-forever", "-noxrecord", "-quiet", "-threads"]);
                vnc(server, "5951", network, host, view)
            }
            other => {
                bail!("no product of the name {other}; there are farhand, farhand-texture, farhand-bbr, farhand-cubic, tigervnc and x11vnc")
            }
        }
    }

    /// Processes on the customer's side.
    pub fn host_pids(&self) -> Vec<u32> {
        self.host.iter().map(Running::pid).collect()
    }

    /// Processes on the technician's side.
    pub fn view_pids(&self) -> Vec<u32> {
        self.view.iter().map(Running::pid).collect()
    }

    /// What its programs said.
    pub fn log(&self) -> String {
        self.host.iter().chain(&self.view).map(Running::log).collect()
    }
}

fn farhand(network: &Network, host: &Desk, view: &Desk, setting: Option<(&str, &str)>) -> Result<Product> {
    let prefix = network.host_prefix();
    let prefix: Vec<&str> = prefix.iter().map(String::as_str).collect();
    let gateway = Gateway::start_in(&prefix, &format!("{HOST_ADDRESS}:0"))?;
    let cli: Cli = gateway.sign_in(&gateway.technician)?;
    let session = meeting::new_session(&cli, "Glass", &[])?;
    let applet = meeting::applet(&gateway, host, &session.pin, "view,control")?.envs(setting);
    let applet = host.start(network.on_host(applet))?;
    wait::until("the session to start", PATIENCE, || {
        Ok(cli.text(&["session", "start", &session.id]).ok())
    })?;
    let program = console::program(&gateway, &cli)?
        .args(["--session", &session.id, "--control", "--fullscreen"])
        .envs(setting);
    let console = view.start(network.on_view(program))?;
    Ok(Product {
        host: vec![applet],
        view: vec![console],
        _gateway: Some(gateway),
    })
}

fn vnc(server: Program, port: &str, network: &Network, host: &Desk, view: &Desk) -> Result<Product> {
    let server = server.args(["-rfbport", port, "-display", host.display().name()]);
    let server = host.start(network.on_host(server))?;
    std::thread::sleep(LISTENS_AFTER);
    let viewer = Program::at("xtigervncviewer").args([
        "-FullScreen",
        "-SecurityTypes",
        "None",
        "-ReconnectOnError=0",
        &format!("{HOST_ADDRESS}::{port}"),
    ]);
    let viewer = view.start(network.on_view(viewer))?;
    Ok(Product {
        host: vec![server],
        view: vec![viewer],
        _gateway: None,
    })
}
