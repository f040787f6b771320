//! The real program in a real folder.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::PASSWORD;
use super::wire::{Api, client};

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

/// The real program with a technician signed in, over plain HTTP as behind a proxy; commands change its data folder meanwhile.
pub struct Beside {
    pub api: Api,
    pub token: String,
    pub data: PathBuf,
    // It ends before its folder goes.
    _served: Served,
    _temp: TempDir,
}

impl Beside {
    pub async fn start() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let data = initialised(temp.path());
        let listen = format!("127.0.0.1:{}", free_port());
        let served = Served::start(&data, &["--listen", &listen, "--behind-proxy"]);
        let api = Api {
            http: client(None),
            origin: format!("http://{listen}"),
        };
        Self {
            token: api.login().await,
            api,
            data,
            _served: served,
            _temp: temp,
        }
    }

    /// What a customer's applet is answered that joins now; each has a secret of its own.
    pub async fn join(&self, secret: u8) -> Value {
        self.api.join(&self.token, &[secret; 32]).await
    }

    /// What a command prints that works on the data folder.
    #[track_caller]
    pub fn command(&self, args: &[&str]) -> String {
        run_well(&self.with_data(args))
    }

    /// What it says where it is refused.
    #[track_caller]
    pub fn refused(&self, args: &[&str]) -> String {
        let done = run(&self.with_data(args));
        assert!(!done.status.success(), "{args:?}");
        String::from_utf8(done.stderr).unwrap()
    }

    /// A file beside the data folder.
    pub fn file(&self, text: &str) -> String {
        let path = self.data.with_file_name("text");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn with_data<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        [args, &["--data", self.data.to_str().unwrap()]].concat()
    }
}
