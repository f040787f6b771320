//! X displays: Xvfb by itself, or Xephyr inside another display, where a key pressed outside arrives
//! inside as from a real keyboard. The server chooses a free number, so tests never collide.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use super::process::{Program, Running};
use super::wait;

/// How long a server or a window manager may take to be there.
const START: Duration = Duration::from_secs(20);

/// Width and height in pixels.
pub type SizePx = (u16, u16);

/// A running X server, perhaps with a window manager.
#[derive(Debug)]
pub struct Display {
    name: String,
    size_px: SizePx,
    // INVARIANT: ends before the server it talks to.
    window_manager: Option<Running>,
    server: Option<Running>,
}

impl Display {
    /// Starts Xvfb with one screen of `size_px`.
    pub fn virtual_screen(size_px: SizePx, log_dir: &Path) -> Result<Self> {
        let geometry = format!("{}x{}x24", size_px.0, size_px.1);
        let program = Program::at("Xvfb").named("xvfb").args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            &geometry,
            "-nolisten",
            "tcp",
            "-noreset",
            "+extension",
            "XTEST",
        ]);
        Self::start(&program, size_px, log_dir)
    }

    /// Starts Xephyr as a window of `outer`.
    pub fn nested(outer: &str, title: &str, size_px: SizePx, log_dir: &Path) -> Result<Self> {
        let geometry = format!("{}x{}x24", size_px.0, size_px.1);
        let program = Program::at("Xephyr").named("xephyr").env("DISPLAY", outer).args([
            "-displayfd",
            "1",
            "-screen",
            &geometry,
            "-title",
            title,
            "-nolisten",
            "tcp",
            "-noreset",
            "-no-host-grab",
        ]);
        Self::start(&program, size_px, log_dir)
    }

    /// A display that is there already and stays when this value goes.
    pub fn existing(name: &str) -> Result<Self> {
        let (connection, screen) = RustConnection::connect(Some(name))?;
        let root = &connection.setup().roots[screen];
        let size_px = (root.width_in_pixels, root.height_in_pixels);
        Ok(Self {
            name: name.to_owned(),
            size_px,
            window_manager: None,
            server: None,
        })
    }

    fn start(program: &Program, size_px: SizePx, log_dir: &Path) -> Result<Self> {
        let mut server = program.spawn(log_dir)?;
        let number = server.wait_line("a display number", START, |line| line.trim().parse::<u32>().ok())?;
        let name = format!(":{number}");
        Ok(Self {
            name,
            size_px,
            window_manager: None,
            server: Some(server),
        })
    }

    /// Starts openbox on it and waits until it manages windows.
    pub fn with_window_manager(mut self, log_dir: &Path) -> Result<Self> {
        let program = Program::at("openbox").args(["--sm-disable"]).env("DISPLAY", &self.name);
        self.window_manager = Some(program.spawn(log_dir)?);
        let (connection, screen) = self.connect()?;
        let root = connection.setup().roots[screen].root;
        let check = connection.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK")?.reply()?.atom;
        wait::until("a window manager", START, || {
            let reply = connection.get_property(false, root, check, AtomEnum::WINDOW, 0, 1)?.reply()?;
            Ok((reply.length > 0).then_some(()))
        })?;
        Ok(self)
    }

    /// Its name, as `DISPLAY` holds it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was started here, so that nobody else is using it.
    pub fn is_own(&self) -> bool {
        self.server.is_some()
    }

    /// The size it was started with.
    pub fn size_px(&self) -> SizePx {
        self.size_px
    }

    /// A connection to it, and the number of its screen.
    pub fn connect(&self) -> Result<(RustConnection, usize)> {
        RustConnection::connect(Some(&self.name)).with_context(|| format!("connect to {}", self.name))
    }

    /// The server, when it was started here.
    pub fn server(&mut self) -> Option<&mut Running> {
        self.server.as_mut()
    }
}

impl Drop for Display {
    /// A server that is asked to end takes its socket with it; one that is killed leaves it behind.
    fn drop(&mut self) {
        drop(self.window_manager.take());
        if let Some(server) = &mut self.server {
            // One that does not end is killed with its value.
            let _ = server.terminate();
        }
    }
}
