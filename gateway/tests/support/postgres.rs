//! PostgreSQL for one test: its own folder, socket and port, gone with the value.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub struct Postgres {
    bin: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

impl Postgres {
    /// Starts a server, in about a second.
    pub fn start() -> Self {
        let bin = newest_version();
        let folder = tempfile::Builder::new().prefix("fhpg").tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { bin, folder, port };
        server.run("initdb", &["-A", "trust", "--no-sync", "-D", &server.data()]);
        let options = format!(
            "-p {port} -k {} -c fsync=off -c listen_addresses=127.0.0.1",
            server.folder.path().display()
        );
        server.run(
            "pg_ctl",
            &[
                "-w",
                "-D",
                &server.data(),
                "-o",
                &options,
                "-l",
                &format!("{}/log", server.folder.path().display()),
                "start",
            ],
        );
        server
    }

    /// A fresh database.
    pub fn database(&self, name: &str) -> String {
        self.run("createdb", &["-h", "127.0.0.1", "-p", &self.port.to_string(), name]);
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, args: &[&str]) {
        let path: &Path = &self.bin.join(program);
        let done = Command::new("runuser")
            .args(["-u", "postgres", "--"])
            .arg(path)
            .args(args)
            .current_dir("/tmp")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(done.expect("runuser").success(), "{program} {args:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        let _ = Command::new("runuser")
            .args(["-u", "postgres", "--"])
            .arg(self.bin.join("pg_ctl"))
            .args(["-D", &data, "-m", "immediate", "stop"])
            .stdout(Stdio::null())
            .status();
    }
}

fn newest_version() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("postgresql is installed")
        .map(|e| e.unwrap().path().join("bin"))
        .collect();
    versions.sort();
    versions.pop().expect("a version of postgresql")
}
