//! `doctor`: whether this gateway can serve, point by point, without a secret in what it prints.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;

use anyhow::bail;
use farhand_protocol::{code::host_and_port, time::Timestamp};
use serde::Serialize;

use super::{ServeSettings, config, serve};
use crate::{
    db::{Columns, Db, Location, pending},
    folder::{Folder, Keys},
    pages::downloads_there,
    secret::mode_of,
    serve::{ServeOptions, Tls, now, organisation_name},
    tls::{OwnCa, certified_key, not_after},
};

/// Less free space than this is a problem.
const LEAST_FREE_MIB: u64 = 512;
/// A certificate with fewer days left is a problem.
const LEAST_DAYS: i64 = 14;
/// Before this the clock is surely wrong.
const CLOCK_FLOOR_MILLIS: i64 = 1_735_689_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Finding {
    Good,
    Warning,
    Problem,
}

#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    finding: Finding,
    text: String,
}

fn check(check: &'static str, finding: Finding, text: impl Into<String>) -> Check {
    Check {
        check,
        finding,
        text: text.into(),
    }
}

fn judged(name: &'static str, result: anyhow::Result<String>) -> Check {
    match result {
        Ok(text) => check(name, Finding::Good, text),
        Err(error) => check(name, Finding::Problem, format!("{error:#}")),
    }
}

pub(super) async fn run(settings: ServeSettings, json: bool) -> anyhow::Result<()> {
    let (folder, file, location) = config::resolve(&settings.data)?;
    let mut checks = vec![
        judged("folder", folder_is_there(&folder)),
        judged("permissions", files_are_private(&folder)),
        clock(),
    ];
    checks.push(judged(
        "keys",
        Keys::load(&folder)
            .map(|keys| format!("tickets are signed with {}", hex(&keys.gateway_key().0)))
            .map_err(Into::into),
    ));
    checks.push(judged("database", database(&location).await));
    checks.push(disk(folder.root()));
    let listen = settings.listen.or(file.listen);
    let settings = ServeSettings {
        listen: listen.or(Some(SocketAddr::from(([127, 0, 0, 1], 0)))),
        ..settings
    };
    match serve::options(settings) {
        Ok(options) => {
            checks.push(judged("certificate", certificate(&options)));
            checks.extend(ports(&options, listen.is_some()));
            checks.push(relay(&options));
            checks.push(downloads(&options.downloads));
            checks.push(mail(&options).await);
        }
        Err(error) => checks.push(check("settings", Finding::Problem, format!("{error:#}"))),
    }
    report(&checks, json)
}

fn report(checks: &[Check], json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(checks)?);
    } else {
        for one in checks {
            let mark = match one.finding {
                Finding::Good => "ok     ",
                Finding::Warning => "warning",
                Finding::Problem => "PROBLEM",
            };
            println!("{mark}  {:<12} {}", one.check, one.text);
        }
    }
    match checks.iter().filter(|c| c.finding == Finding::Problem).count() {
        0 => Ok(()),
        problems => bail!("{problems} problem(s) found"),
    }
}

fn folder_is_there(folder: &Folder) -> anyhow::Result<String> {
    if !folder.is_initialised() {
        bail!("{} holds no gateway yet; run `farhand-gateway init`", folder.root().display());
    }
    Ok(format!("{}", folder.root().display()))
}

fn files_are_private(folder: &Folder) -> anyhow::Result<String> {
    let mut open = Vec::new();
    for path in folder
        .secrets()
        .into_iter()
        .chain([folder.root().to_owned(), folder.keys(), folder.tls()])
    {
        if mode_of(&path).is_ok_and(|mode| mode & 0o077 != 0) {
            open.push(path.display().to_string());
        }
    }
    if open.is_empty() {
        return Ok("secrets are readable by their owner alone".into());
    }
    bail!("others can read {}; run chmod go-rwx on them", open.join(", "))
}

fn clock() -> Check {
    let now = now();
    let finding = if now.0 < CLOCK_FLOOR_MILLIS {
        Finding::Problem
    } else {
        Finding::Good
    };
    check("clock", finding, format!("{now}; tickets forgive two minutes of difference"))
}

async fn database(location: &Location) -> anyhow::Result<String> {
    if let Location::File(path) = location
        && !path.exists()
    {
        bail!("{} is missing", path.display());
    }
    let db = Db::connect(location).await?;
    let left = pending(&db).await?;
    let organisation = organisation_name(&db).await?;
    let members = sqlx::query("SELECT COUNT(*) AS members FROM members")
        .fetch_one(db.read())
        .await?
        .int("members")?;
    db.close().await;
    Ok(format!("{organisation}, {members} accounts, {} migrations pending", left.len()))
}

fn certificate(options: &ServeOptions) -> anyhow::Result<String> {
    match &options.tls {
        Tls::BehindProxy => Ok("the proxy on this machine has it".into()),
        Tls::Pem { cert, key } => {
            certified_key(cert, key)?;
            Ok(format!("{} and its key fit together; it ends {}", cert.display(), in_force(cert)?))
        }
        Tls::OwnCa => {
            let ca = OwnCa::load(&options.folder)?;
            let ends = in_force(&options.folder.tls().join("ca.pem"))?;
            Ok(format!("own CA until {ends}, trust {}; `serve` renews what it signs", ca.trust()))
        }
    }
}

/// The end of a certificate, which must not be near.
fn in_force(cert: &Path) -> anyhow::Result<Timestamp> {
    let ends = not_after(cert)?;
    let days = ends.since_millis(now()) / 86_400_000;
    if days < LEAST_DAYS {
        bail!("{} ends {ends}, in {days} days", cert.display());
    }
    Ok(ends)
}

fn ports(options: &ServeOptions, configured: bool) -> Vec<Check> {
    if !configured {
        return vec![check("port", Finding::Good, "no listen address is set here; `serve` is told one")];
    }
    let taken = |what: &str| {
        check(
            "port",
            Finding::Warning,
            format!("{what} {} is in use; by this gateway, if it runs", options.listen),
        )
    };
    let tcp = TcpListener::bind(options.listen).map_or_else(
        |_| taken("TCP"),
        |_| check("port", Finding::Good, format!("TCP {} is free", options.listen)),
    );
    let udp = || {
        UdpSocket::bind(options.listen).map_or_else(
            |_| taken("UDP"),
            |_| check("port", Finding::Good, format!("UDP {} is free", options.listen)),
        )
    };
    let mut checks = vec![tcp];
    checks.extend(options.discovers_addresses().then(udp));
    checks
}

fn relay(options: &ServeOptions) -> Check {
    let Some(url) = options.relay_url.as_ref().or(options.public_url.as_ref()) else {
        return check(
            "relay",
            Finding::Warning,
            "no public URL is set: the relay announces the listen address",
        );
    };
    let host = host_and_port(url).0;
    match () {
        () if host.starts_with('[') => check(
            "relay",
            Finding::Problem,
            format!("{url}: relay clients cannot use an IPv6 address; give the relay a name"),
        ),
        () if url.starts_with("http://") && !matches!(host, "localhost" | "127.0.0.1") => {
            check("relay", Finding::Warning, format!("{url} is not encrypted"))
        }
        () => check("relay", Finding::Good, format!("{url}{}", discovery(options))),
    }
}

/// Whether peers learn on UDP how they are seen from outside.
fn discovery(options: &ServeOptions) -> &'static str {
    match (options.discovers_addresses(), &options.tls) {
        (true, _) => ", address discovery on UDP",
        (false, Tls::BehindProxy) => ", without UDP: behind a proxy there is no address discovery",
        (false, _) => ", without UDP",
    }
}

/// Which applets customers can download: without any, no link and no PIN leads to a program.
fn downloads(folder: &Path) -> Check {
    let (there, missing): (Vec<_>, Vec<_>) = downloads_there(folder).into_iter().partition(|(_, is_there)| *is_there);
    let names = |files: &[(&'static str, bool)]| files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    match (there.is_empty(), missing.is_empty()) {
        (true, _) => check(
            "downloads",
            Finding::Warning,
            format!(
                "{} holds no applet for customers; they belong there as {}",
                folder.display(),
                names(&missing)
            ),
        ),
        (false, true) => check("downloads", Finding::Good, names(&there)),
        (false, false) => check(
            "downloads",
            Finding::Good,
            format!("{}; without {}", names(&there), names(&missing)),
        ),
    }
}

/// Whether the mail server lets the gateway in; nothing is sent.
async fn mail(options: &ServeOptions) -> Check {
    let Some(service) = &options.mail else {
        return check("mail", Finding::Good, "none is set; technicians send links by themselves");
    };
    let server = service.server();
    match service.check().await {
        Ok(()) => check(
            "mail",
            Finding::Good,
            format!("{server} is ready; mail comes from {}", service.sender()),
        ),
        Err(error) => check("mail", Finding::Problem, format!("{server}: {error}")),
    }
}

/// Free space as `df` sees it.
fn disk(root: &Path) -> Check {
    let output = std::process::Command::new("df").args(["-Pm"]).arg(root).output();
    let free = output
        .ok()
        .and_then(|o| String::from_utf8(o.stdout).ok())
        .and_then(|text| text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok());
    match free {
        Some(mib) if mib < LEAST_FREE_MIB => check("disk", Finding::Problem, format!("only {mib} MiB are free")),
        Some(mib) => check("disk", Finding::Good, format!("{mib} MiB are free")),
        None => check("disk", Finding::Warning, "free space could not be found out"),
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
