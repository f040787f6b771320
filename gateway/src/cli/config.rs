//! `D/gateway.toml` and the password prompt.

use std::io::{BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::DataArgs;
use crate::{db::Location, folder::Folder, secret::write_private};

/// Settings in the file. Every one can also be a flag or in the environment, but the password of the mail server: it is here or in the environment, and
/// never a flag.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ConfigFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) public_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) listen: Option<SocketAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) database: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) relay_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cert: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) behind_proxy: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) relay_udp: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) downloads: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mail_server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mail_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mail_user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mail_password: Option<String>,
}

impl ConfigFile {
    /// The file in the folder; empty when there is none.
    pub(super) fn load(folder: &Folder) -> anyhow::Result<Self> {
        let path = folder.config_file();
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("{} is not as documented", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// Writes the file; it may hold passwords of the database and the mail server, so it is private.
    pub(super) fn save(&self, folder: &Folder) -> anyhow::Result<()> {
        write_private(&folder.config_file(), toml::to_string(self)?.as_bytes()).context("gateway.toml")
    }
}

/// Folder, settings and database of a command.
pub(super) fn resolve(data: &DataArgs) -> anyhow::Result<(Folder, ConfigFile, Location)> {
    let root = if data.data.is_absolute() {
        data.data.clone()
    } else {
        std::env::current_dir()?.join(&data.data)
    };
    let folder = Folder::new(root);
    let config = ConfigFile::load(&folder)?;
    let location = location(&folder, data.database.as_deref().or(config.database.as_deref()))?;
    Ok((folder, config, location))
}

fn location(folder: &Folder, database: Option<&str>) -> anyhow::Result<Location> {
    match database {
        None => Ok(Location::File(folder.database_file())),
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Location::Url(url.to_owned())),
        Some(_) => bail!("--database takes a postgres:// URL; SQLite needs none"),
    }
}

/// True when the URL of a database holds a password, before its host or among its options.
pub(super) fn has_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
    let user = place.rsplit_once('@').map_or("", |(user, _)| user);
    let named = user.split_once(':').is_some_and(|(_, password)| !password.is_empty());
    named || options.split('&').any(|option| option.starts_with("password="))
}

/// The password of the mail server's account from FARHAND_MAIL_PASSWORD.
pub(super) fn mail_password() -> Option<String> {
    std::env::var("FARHAND_MAIL_PASSWORD").ok().filter(|password| !password.is_empty())
}

/// The password from FARHAND_PASSWORD, or typed twice without echo.
pub(super) fn new_password() -> anyhow::Result<Zeroizing<String>> {
    if let Ok(password) = std::env::var("FARHAND_PASSWORD") {
        return Ok(Zeroizing::new(password));
    }
    if !std::io::stdin().is_terminal() {
        bail!("set FARHAND_PASSWORD, or run this on a terminal");
    }
    let first = ask("New password: ")?;
    if ask("Again: ")? != first {
        bail!("the two are not the same");
    }
    Ok(first)
}

fn ask(question: &str) -> anyhow::Result<Zeroizing<String>> {
    eprint!("{question}");
    std::io::stderr().flush()?;
    let echo = |on: &str| Command::new("stty").arg(on).stdin(std::process::Stdio::inherit()).status();
    echo("-echo").context("the terminal cannot hide what is typed")?;
    let mut line = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().read_line(&mut line);
    let _ = echo("echo");
    eprintln!();
    read?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A path as seen from the folder, absolute.
pub(super) fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_database_url_is_found_wherever_it_stands() {
        for url in [
            "postgres://farhand:secret@db.example:5432/farhand",
            "postgres://farhand:a@b/c@db.example/farhand",
            "postgresql://:secret@db.example/farhand",
            "postgres://farhand@db.example/farhand?sslmode=require&password=secret",
        ] {
            assert!(has_password(url), "{url}");
        }
        for url in [
            "postgres://farhand@db.example:5432/farhand",
            "postgres://farhand:@db.example/farhand",
            "postgres://db.example:5432/farhand?application_name=a@b",
            "/var/lib/farhand/a:b@c",
        ] {
            assert!(!has_password(url), "{url}");
        }
    }
}
