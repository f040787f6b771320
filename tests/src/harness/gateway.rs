//! A gateway of one's own: its data in a temporary folder, an organisation, an administrator and a
//! technician made on its command line, served on a free port of the loopback address.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::cli::{self, Cli};
use super::process::{Program, Running};

/// How long the gateway may take to answer after a start.
const START: Duration = Duration::from_secs(30);

/// A member of the organisation as the harness makes one.
#[derive(Debug, Clone)]
pub struct Person {
    /// What others see.
    pub name: String,
    /// What signs in.
    pub email: String,
    /// What proves it.
    pub password: String,
}

impl Person {
    /// Somebody of the example organisation, with a password nobody would guess.
    pub fn new(name: &str) -> Self {
        let local: String = name
            .to_lowercase()
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '.' })
            .collect();
        Self {
            name: name.to_owned(),
            email: format!("{local}@acme.example"),
            password: format!("plain words for {local} 4711"),
        }
    }
}

/// A running gateway.
#[derive(Debug)]
pub struct Gateway {
    /// Where it answers.
    pub url: String,
    /// What pins it; empty for one in plain HTTP.
    pub trust: String,
    /// The organisation's name.
    pub organisation: String,
    /// The first administrator.
    pub administrator: Person,
    /// The first technician.
    pub technician: Person,
    process: Running,
    prefix: Vec<String>,
    listen: String,
    scheme: Scheme,
    folder: TempDir,
}

/// How it is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Tls,
    BehindProxy,
}

impl Gateway {
    /// One with the organisation "ACME", served at a free port of 127.0.0.1.
    pub fn start() -> Result<Self> {
        Self::start_in(&[], "127.0.0.1:0")
    }

    /// One started through `prefix` (such as `ip netns exec NAME`) that listens at `listen`.
    pub fn start_in(prefix: &[&str], listen: &str) -> Result<Self> {
        Self::start_as(Scheme::Tls, prefix, listen)
    }

    /// One in plain HTTP, as behind a proxy that says who asks in `X-Forwarded-For`.
    pub fn start_behind_proxy() -> Result<Self> {
        Self::start_as(Scheme::BehindProxy, &[], "127.0.0.1:0")
    }

    fn start_as(scheme: Scheme, prefix: &[&str], listen: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("farhand-gateway-").tempdir()?;
        let organisation = "ACME".to_owned();
        let administrator = Person::new("Olga Admin");
        let technician = Person::new("Ada Kern");
        let data = data_dir(folder.path());
        Program::farhand("farhand-gateway")?
            .arg("init")
            .arg("--data")
            .arg(&data)
            .args(["--org", &organisation])
            .args(["--admin-email", &administrator.email, "--admin-name", &administrator.name])
            .env("FARHAND_PASSWORD", &administrator.password)
            .run()?;
        add_technician(&data, &technician)?;
        let prefix: Vec<String> = prefix.iter().map(|word| (*word).to_owned()).collect();
        let (process, url, trust) = serve(folder.path(), scheme, &prefix, listen)?;
        let listen = url.split("://").nth(1).unwrap_or(listen).trim_end_matches('/').to_owned();
        Ok(Self {
            url,
            trust,
            organisation,
            administrator,
            technician,
            process,
            prefix,
            listen,
            scheme,
            folder,
        })
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        data_dir(self.folder.path())
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Running {
        &mut self.process
    }

    /// Makes another technician.
    pub fn add_technician(&self, name: &str) -> Result<Person> {
        let person = Person::new(name);
        add_technician(&self.data(), &person)?;
        Ok(person)
    }

    /// Kills it with -9; [`Gateway::start_again`] brings it back.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.process.kill_hard().map(drop)
    }

    /// Starts it again on the same data and the same port.
    pub fn start_again(&mut self) -> Result<()> {
        let (process, url, trust) = serve(self.folder.path(), self.scheme, &self.prefix, &self.listen)?;
        (self.process, self.url, self.trust) = (process, url, trust);
        Ok(())
    }

    /// The variables that lead a program to this gateway.
    pub fn envs(&self) -> Vec<(String, String)> {
        let mut envs = vec![("FARHAND_GATEWAY".to_owned(), self.url.clone())];
        if self.scheme == Scheme::Tls {
            envs.push(("FARHAND_TRUST".to_owned(), self.trust.clone()));
        }
        envs
    }

    /// Signs a person in and gives the command line that acts as them; `FARHAND_TOKEN` is among its
    /// variables. It keeps what it stores in a folder of its own.
    pub fn sign_in(&self, person: &Person) -> Result<Cli> {
        let home = self.folder.path().join(format!("home-{}", person.email));
        std::fs::create_dir_all(&home)?;
        let mut envs = self.envs();
        for key in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
            envs.push((key.to_owned(), home.to_string_lossy().into_owned()));
        }
        // Whoever needs a prefix to serve can be reached through the same one.
        let cli = Cli::new(envs).through(&self.prefix);
        let answer = cli
            .clone()
            .env("FARHAND_PASSWORD", &person.password)
            .json(&["login", "--email", &person.email])?;
        Ok(cli.env("FARHAND_TOKEN", &cli::string(&answer, "token")?))
    }
}

fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn add_technician(data: &Path, person: &Person) -> Result<()> {
    Program::farhand("farhand-gateway")?
        .args(["technician", "add", "--data"])
        .arg(data)
        .args(["--email", &person.email, "--name", &person.name])
        .env("FARHAND_PASSWORD", &person.password)
        .run()?;
    Ok(())
}

/// Serves `folder` and waits for the two lines that say where and under which trust value.
fn serve(folder: &Path, scheme: Scheme, prefix: &[String], listen: &str) -> Result<(Running, String, String)> {
    let mut program = Program::farhand("farhand-gateway")?
        .prefixed(prefix)
        .args(["serve", "--listen", listen, "--data"])
        .arg(data_dir(folder));
    if scheme == Scheme::BehindProxy {
        program = program.arg("--behind-proxy");
    }
    let mut process = program.spawn(folder)?;
    let begins = if scheme == Scheme::Tls { "https://" } else { "http://" };
    let url = process.wait_line("its address", START, |line| {
        let word = line.split_whitespace().find(|word| word.starts_with(begins))?;
        Some(word.trim_end_matches('/').to_owned())
    })?;
    if scheme == Scheme::BehindProxy {
        return Ok((process, url, String::new()));
    }
    let trust = process
        .wait_line("its trust value", START, trust_value)
        .context("the gateway prints its trust value")?;
    Ok((process, url, trust))
}

/// The value of a line such as `trust: 3b5d…` or `FARHAND_TRUST=3b5d…`.
fn trust_value(line: &str) -> Option<String> {
    let at = line.to_ascii_lowercase().find("trust")?;
    let value = line[at + "trust".len()..].trim_start_matches([':', '=', ' ', '\t']);
    value.split_whitespace().next().filter(|value| value.len() >= 16).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_value_is_read_from_either_way_of_printing_it() {
        let value = "0123456789abcdef";
        assert_eq!(trust_value(&format!("trust: {value}")).as_deref(), Some(value));
        assert_eq!(trust_value(&format!("FARHAND_TRUST={value}")).as_deref(), Some(value));
        assert_eq!(trust_value("nobody says it"), None);
        assert_eq!(trust_value("trust nobody"), None);
    }
}
