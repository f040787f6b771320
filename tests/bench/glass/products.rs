//! What is compared: Farhand and its peers, each with its viewer in full screen at 1:1.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use farhand_tests::harness::{Cli, Desk, Gateway, Program, Running, console, meeting, wait};

use super::mirror;
use super::network::{HOST_ADDRESS, Network};

/// A server that was started listens after this time.
const LISTENS_AFTER: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(40);
const RDP_PORT: &str = "33890";
const STREAM_PORT: &str = "5960";

/// What goes between the two sides of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The picture one way, keys the other.
    BothWays,
    /// The picture alone.
    PictureOnly,
    /// Nothing over the network: both sides are one process.
    None,
}

/// A product that can be compared.
pub struct Kind {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in the tables.
    pub label: &'static str,
    /// What goes between its sides.
    pub link: Link,
    /// Programs of others that it needs. The first one says its version when it is called with the flag.
    programs: &'static [&'static str],
    version_flag: &'static str,
    start: fn(&Ends<'_>) -> Result<Product>,
}

/// All products that are known here.
pub static KINDS: [Kind; 10] = [
    Kind::farhand("farhand", "Farhand", |ends| farhand(ends, None)),
    // As on a desktop where windows take no surface, for comparison.
    Kind::farhand("farhand-texture", "Farhand texture", |ends| {
        farhand(ends, Some(("FARHAND_PICTURE", "texture")))
    }),
    Kind::farhand("farhand-bbr", "Farhand BBR", |ends| {
        farhand(ends, Some(("FARHAND_CONGESTION", "bbr")))
    }),
    Kind::farhand("farhand-cubic", "Farhand Cubic", |ends| {
        farhand(ends, Some(("FARHAND_CONGESTION", "cubic")))
    }),
    Kind {
        name: "mirror",
        label: "mirror (floor)",
        link: Link::None,
        programs: &[],
        version_flag: "",
        start: mirrored,
    },
    Kind {
        name: "tigervnc",
        label: "TigerVNC",
        link: Link::BothWays,
        programs: &["X0tigervnc", VNC_VIEWER],
        version_flag: "-version",
        start: |ends| {
            let server = Program::at("X0tigervnc").args(["-localhost=0", "-SecurityTypes", "None", "-AlwaysShared"]);
            vnc(server, "5950", ends)
        },
    },
    Kind {
        name: "x11vnc",
        label: "x11vnc",
        link: Link::BothWays,
        programs: &["x11vnc", VNC_VIEWER],
        version_flag: "-version",
        start: |ends| {
            let server = Program::at("x11vnc").args(["-nopw", "-forever", "-noxrecord", "-quiet", "-threads"]);
            vnc(server, "5951", ends)
        },
    },
    Kind::rdp("freerdp", "FreeRDP AVC420", |ends| rdp("/gfx:AVC420", ends)),
    Kind::rdp("freerdp-rfx", "FreeRDP RemoteFX", |ends| rdp("/gfx:RFX", ends)),
    Kind {
        name: "ffmpeg",
        label: "ffmpeg H.264",
        link: Link::PictureOnly,
        programs: &["ffmpeg", "ffplay"],
        version_flag: "-version",
        start: stream,
    },
];

const VNC_VIEWER: &str = "xtigervncviewer";

impl Kind {
    const fn farhand(name: &'static str, label: &'static str, start: fn(&Ends<'_>) -> Result<Product>) -> Self {
        Self {
            name,
            label,
            link: Link::BothWays,
            programs: &[],
            version_flag: "",
            start,
        }
    }

    const fn rdp(name: &'static str, label: &'static str, start: fn(&Ends<'_>) -> Result<Product>) -> Self {
        Self {
            name,
            label,
            link: Link::BothWays,
            programs: &["freerdp-shadow-cli", "xfreerdp"],
            version_flag: "/version",
            start,
        }
    }

    /// The product of this name.
    ///
    /// # Errors
    /// When there is none; with the names there are.
    pub fn named(name: &str) -> Result<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name).with_context(|| {
            let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            format!("no product of the name {name}; there are {}", names.join(", "))
        })
    }

    /// True for what is not ours, so that the run goes on without it.
    pub fn is_peer(&self) -> bool {
        !self.name.starts_with("farhand")
    }

    /// The label with the version, as the program itself says it.
    pub fn versioned(&self) -> String {
        let version = self.programs.first().and_then(|program| version_of(program, self.version_flag));
        version.map_or_else(|| self.label.to_owned(), |version| format!("{} ({version})", self.label))
    }

    fn missing(&self) -> Option<&'static str> {
        self.programs.iter().copied().find(|program| !is_installed(program))
    }
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn version_of(program: &str, flag: &str) -> Option<String> {
    let said = Command::new(program).arg(flag).output().ok()?;
    version_in(&String::from_utf8_lossy(&[said.stdout, said.stderr].concat()))
}

/// The first word that is numbers with points between them, up to what a distribution appends.
fn version_in(words: &str) -> Option<String> {
    words
        .split_whitespace()
        .map(|word| word.trim_start_matches('v').split(['-', ',']).next().unwrap_or_default())
        .find(|word| word.contains('.') && word.split('.').all(|part| part.parse::<u32>().is_ok()))
        .map(str::to_owned)
}

/// Where a product works: both displays and what joins them.
pub struct Ends<'a> {
    /// The wire.
    pub network: &'a Network,
    /// The customer's computer.
    pub host: &'a Desk,
    /// The technician's computer.
    pub view: &'a Desk,
}

/// A product at work.
pub struct Product {
    host: Vec<Running>,
    view: Vec<Running>,
    // INVARIANT: ends after the programs that need it.
    _gateway: Option<Gateway>,
}

impl Product {
    /// Starts both ends of a product.
    ///
    /// # Errors
    /// When a program is not installed or does not start.
    pub fn start(kind: &Kind, ends: &Ends<'_>) -> Result<Self> {
        if let Some(missing) = kind.missing() {
            bail!("{missing} is not installed");
        }
        (kind.start)(ends)
    }

    fn of_peer(host: Running, view: Option<Running>) -> Self {
        Self {
            host: vec![host],
            view: view.into_iter().collect(),
            _gateway: None,
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

    /// That all its programs still run.
    ///
    /// # Errors
    /// When one has ended.
    pub fn check_running(&mut self) -> Result<()> {
        ensure!(self.host.iter_mut().all(Running::is_running), "the host's side ended by itself");
        ensure!(self.view.iter_mut().all(Running::is_running), "the viewer ended by itself");
        Ok(())
    }

    /// What its programs said.
    pub fn log(&self) -> String {
        self.host.iter().chain(&self.view).map(Running::log).collect()
    }
}

fn farhand(ends: &Ends<'_>, setting: Option<(&str, &str)>) -> Result<Product> {
    let prefix = ends.network.host_prefix();
    let prefix: Vec<&str> = prefix.iter().map(String::as_str).collect();
    let gateway = Gateway::start_in(&prefix, &format!("{HOST_ADDRESS}:0"))?;
    let cli: Cli = gateway.sign_in(&gateway.technician)?;
    let session = meeting::new_session(&cli, "Glass", &[])?;
    let applet = meeting::applet(&gateway, ends.host, &session.pin, "view,control")?.envs(setting);
    let applet = ends.host.start(ends.network.on_host(applet))?;
    wait::until("the session to start", PATIENCE, || {
        Ok(cli.text(&["session", "start", &session.id]).ok())
    })?;
    let program = console::program(&gateway, &cli)?
        .args(["--session", &session.id, "--control", "--fullscreen"])
        .envs(setting);
    let console = ends.view.start(ends.network.on_view(program))?;
    Ok(Product {
        host: vec![applet],
        view: vec![console],
        _gateway: Some(gateway),
    })
}

/// One process that is both sides; it counts as the host's.
fn mirrored(ends: &Ends<'_>) -> Result<Product> {
    let program = Program::at(std::env::current_exe()?).args([mirror::WORD, ends.host.display().name(), ends.view.display().name()]);
    Ok(Product::of_peer(ends.host.start(program.named(mirror::WORD))?, None))
}

fn vnc(server: Program, port: &str, ends: &Ends<'_>) -> Result<Product> {
    let server = server.args(["-rfbport", port, "-display", ends.host.display().name()]);
    let viewer = Program::at(VNC_VIEWER).args([
        "-FullScreen",
        "-SecurityTypes",
        "None",
        "-ReconnectOnError=0",
        &format!("{HOST_ADDRESS}::{port}"),
    ]);
    pair(server, viewer, ends)
}

fn rdp(graphics: &str, ends: &Ends<'_>) -> Result<Product> {
    let server = Program::at("freerdp-shadow-cli").args([&format!("/port:{RDP_PORT}"), "-auth", &format!("/bind-address:{HOST_ADDRESS}")]);
    let viewer = Program::at("xfreerdp").arg(format!("/v:{HOST_ADDRESS}:{RDP_PORT}")).args([
        "/cert:ignore",
        "/f",
        "/u:a",
        "/p:a",
        graphics,
        "/network:lan",
    ]);
    pair(server, viewer, ends)
}

/// No remote desktop: the screen as a film, which says what H.264 alone can do.
fn stream(ends: &Ends<'_>) -> Result<Product> {
    let place = format!("tcp://{HOST_ADDRESS}:{STREAM_PORT}");
    let (width, height) = super::SIZE;
    let server = Program::at("ffmpeg")
        .args(["-loglevel", "error", "-f", "x11grab", "-framerate", "30"])
        .args(["-video_size", &format!("{width}x{height}"), "-i", ends.host.display().name()])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"])
        .args(["-g", "300", "-crf", "23", "-pix_fmt", "yuv420p"])
        .args(["-f", "mpegts", &format!("{place}?listen=1")]);
    let viewer = Program::at("ffplay")
        .args(["-loglevel", "error", "-fs", "-fflags", "nobuffer", "-flags", "low_delay"])
        .args(["-probesize", "32", "-sync", "ext", "-framedrop", &place])
        .envs([("SDL_VIDEODRIVER", "x11"), ("SDL_RENDER_DRIVER", "software")]);
    pair(server, viewer, ends)
}

fn pair(server: Program, viewer: Program, ends: &Ends<'_>) -> Result<Product> {
    let server = ends.host.start(ends.network.on_host(server))?;
    std::thread::sleep(LISTENS_AFTER);
    let viewer = ends.view.start(ends.network.on_view(viewer))?;
    Ok(Product::of_peer(server, Some(viewer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        for (said, version) in [
            ("TigerVNC Server version 1.12.0, built 2023-01-06 16:01", "1.12.0"),
            ("\nTigerVNC Viewer 64-bit v1.12.0\nBuilt on: 2023-01-06", "1.12.0"),
            ("x11vnc: 0.9.16 lastmod: 2019-01-05", "0.9.16"),
            (
                "[09:29:10:003] [29824:29824] [INFO] - FreeRDP version 2.11.7 (git 2.11.7)",
                "2.11.7",
            ),
            ("ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026", "5.1.9"),
        ] {
            assert_eq!(version_in(said).as_deref(), Some(version));
        }
        assert_eq!(version_in("failed to open display."), None);
    }
}
