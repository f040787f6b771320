//! `serve`: flags, environment and file put together; what it says on standard output is for scripts to read.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::warn;

use super::{ServeArgs, ServeSettings, Switch, config};
use crate::serve::{ServeOptions, Serving, Tls, stop_on_signals};

pub(super) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let json = args.json;
    raise_file_limit();
    let stop = stop_on_signals()?;
    let serving = Serving::bind(options(args.settings)?).await?;
    say(&serving, json)?;
    serving.run(stop).await
}

pub(super) fn options(args: ServeSettings) -> anyhow::Result<ServeOptions> {
    let (folder, file, database) = config::resolve(&args.data)?;
    let listen: SocketAddr = args.listen.or(file.listen).context("say where to listen: --listen IP:PORT")?;
    // A certificate that is named outside the file goes before the proxy in it.
    let behind_proxy = args.behind_proxy || (args.cert.is_none() && file.behind_proxy == Some(true));
    let tls = match (args.cert.or(file.cert), args.key.or(file.key)) {
        _ if behind_proxy => Tls::BehindProxy,
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn a_certificate_on_the_command_line_goes_before_a_proxy_in_the_file() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("gateway.toml"), "listen = \"127.0.0.1:0\"\nbehind_proxy = true\n").unwrap();
        let data = temp.path().display().to_string();
        let tls = |more: &[&str]| {
            let line = [&["farhand-gateway", "serve", "--data", &data], more].concat();
            let Command::Serve(args) = Cli::try_parse_from(line).unwrap().command else {
                panic!("it is serve")
            };
            options(args.settings).unwrap().tls
        };
        assert!(matches!(tls(&[]), Tls::BehindProxy));
        let named = tls(&["--cert", "c.pem", "--key", "k.pem"]);
        assert!(matches!(named, Tls::Pem { cert, key } if cert.ends_with("c.pem") && key.ends_with("k.pem")));
    }
}
