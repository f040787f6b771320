//! The real program in a real folder.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::PASSWORD;

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farhand-gateway"));
    command
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("FARHAND_PASSWORD", PASSWORD)
        .stdin(Stdio::null());
    command
}

pub fn run(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

#[track_caller]
pub fn run_well(args: &[&str]) -> String {
    let done = run(args);
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// A folder with an organisation, an administrator and a technician.
pub fn initialised(root: &Path) -> PathBuf {
    let data = root.join("d");
    let shown = data.display().to_string();
    run_well(&[
        "init",
        "--data",
        &shown,
        "--org",
        "ACME",
        "--admin-email",
        super::ADMIN,
        "--admin-name",
        "Root",
    ]);
    run_well(&["technician", "add", "--data", &shown, "--email", super::ADA, "--name", "Ada Kern"]);
    data
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// `serve` under way; killed with the value.
pub struct Served {
    pub child: Child,
    pub lines: Vec<String>,
}

impl Served {
    /// Starts `serve` and reads what it says until the port is there.
    pub fn start(data: &Path, more: &[&str]) -> Self {
        Self::start_with(data, more, &[])
    }

    pub fn start_with(data: &Path, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = program();
        command
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(more)
            .envs(environment.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut lines = Vec::new();
        let expected = if more.contains(&"--json") || more.contains(&"--behind-proxy") {
            1
        } else {
            2
        };
        while lines.len() < expected {
            let mut line = String::new();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "serve ended: {lines:?}");
            lines.push(line.trim().to_owned());
        }
        Self { child, lines }
    }

    /// SIGKILL, and gone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the exit status.
    pub fn stop(mut self) -> std::process::ExitStatus {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
