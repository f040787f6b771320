//! `serve`: flags, environment and file put together; what it says on standard output is for scripts to read.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::warn;

use super::{ServeArgs, Switch, config};
use crate::serve::{ServeOptions, Serving, Tls, stop_on_signals};

pub(super) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let json = args.json;
    raise_file_limit();
    let stop = stop_on_signals()?;
    let serving = Serving::bind(options(args)?).await?;
    say(&serving, json)?;
    serving.run(stop).await
}

pub(super) fn options(args: ServeArgs) -> anyhow::Result<ServeOptions> {
    let (folder, file, database) = config::resolve(&args.data)?;
    let listen: SocketAddr = args.listen.or(file.listen).context("say where to listen: --listen IP:PORT")?;
    let tls = match (args.cert.or(file.cert), args.key.or(file.key)) {
        _ if args.behind_proxy || file.behind_proxy == Some(true) => Tls::BehindProxy,
        (Some(cert), Some(key)) => Tls::Pem { cert, key },
        (None, None) => Tls::OwnCa,
        _ => anyhow::bail!("a certificate needs its key, and a key its certificate"),
    };
    let downloads = match args.downloads.or(file.downloads) {
        Some(path) => config::absolute(&path)?,
        None => folder.downloads(),
    };
    Ok(ServeOptions {
        folder,
        database,
        listen,
        public_url: args.public_url.or(file.public_url),
        relay_url: args.relay_url.or(file.relay_url),
        tls,
        relay_udp: args.relay_udp.map_or(file.relay_udp.unwrap_or(true), |switch| switch == Switch::On),
        downloads,
    })
}

/// Every connection takes a file descriptor, and a shell or a service often starts with 1,024 of them where many more are allowed.
fn raise_file_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        warn!(%error, "the limit on open files could not be raised");
    }
}

fn say(serving: &Serving, json: bool) -> anyhow::Result<()> {
    let scheme = if serving.app.settings.behind_proxy { "http" } else { "https" };
    let mut out = std::io::stdout().lock();
    if json {
        let line = serde_json::json!({ "url": serving.app.settings.public_url, "trust": serving.trust, "listen": serving.listen });
        writeln!(out, "{line}")?;
    } else {
        writeln!(out, "listening on {scheme}://{}", serving.listen)?;
        if let Some(trust) = &serving.trust {
            writeln!(out, "trust {trust}")?;
        }
    }
    out.flush()?;
    Ok(())
}
