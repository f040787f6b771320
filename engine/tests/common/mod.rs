//! Displays of one's own for tests: an X server on a free number, killed when dropped.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to end after being asked to.
const GRACE: Duration = Duration::from_secs(3);

/// An X server and what runs on it.
pub struct XServer {
    server: Child,
    programs: Vec<Child>,
    display: String,
}

impl XServer {
    /// Xvfb with one screen of this size and 24 bits.
    pub fn virtual_screen(width: u32, height: u32) -> Self {
        let screen = format!("{width}x{height}x24");
        Self::start(Command::new("Xvfb").args(["-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]))
    }

    /// Xvfb with another depth.
    pub fn start_with_depth(width: u32, height: u32, depth: u32) -> Self {
        let screen = format!("{width}x{height}x{depth}");
        Self::start(Command::new("Xvfb").args(["-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]))
    }

    /// Xephyr in a window of `outer`: what is pressed there comes from real devices here.
    pub fn nested(outer: &Self, width: u32, height: u32) -> Self {
        let screen = format!("{width}x{height}");
        let mut command = Command::new("Xephyr");
        command
            .args(["-screen", &screen, "-resizeable", "-nolisten", "tcp", "-noreset"])
            .env("DISPLAY", outer.display());
        Self::start(&mut command)
    }

    fn start(command: &mut Command) -> Self {
        command
            .args(["-displayfd", "1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = command.spawn().expect("the X server starts");
        let mut number = String::new();
        let stdout = server.stdout.take().expect("the display number comes on stdout");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("the X server tells its display");
        let display = format!(":{}", number.trim().parse::<u32>().expect("a display number"));
        Self {
            server,
            programs: Vec::new(),
            display,
        }
    }

    /// As in `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A program on this display, in a UTF-8 locale.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.display)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("WAYLAND_DISPLAY");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs a program on this display to its end.
    pub fn run(&self, program: &str, args: &[&str]) {
        let status = self.command(program).args(args).status().expect("the program starts");
        assert!(status.success(), "{program} {args:?} failed");
    }

    /// Starts a program that lives as long as this server.
    pub fn keep(&mut self, command: &mut Command) {
        self.programs.push(command.spawn().expect("the program starts"));
    }

    /// Ends the server at once.
    pub fn kill(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }

    /// Asks the server to end, so that it takes its socket with it, and kills it when it does not.
    fn end(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.server.id().cast_signed());
        let until = Instant::now() + GRACE;
        if matches!(self.server.try_wait(), Ok(None)) && nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).is_ok() {
            while matches!(self.server.try_wait(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        self.kill();
    }
}

impl Drop for XServer {
    fn drop(&mut self) {
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
        self.end();
    }
}
