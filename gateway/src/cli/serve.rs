//! `serve`: flags, environment and file put together; what it says on standard output is for scripts to read.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::{Context, bail};
use lettre::transport::smtp::authentication::Credentials;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::warn;

use super::{MailSettings, ServeArgs, ServeSettings, Switch, config};
use crate::{
    mail::{MailServer, MailService},
    serve::{ServeOptions, Serving, Tls, stop_on_signals},
};

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
    let mail = mail_service(args.mail, &file).context("the mail service")?;
    let listen: SocketAddr = args.listen.or(file.listen).context("say where to listen: --listen IP:PORT")?;
    // A certificate that is named outside the file goes before the proxy in it.
    let behind_proxy = args.behind_proxy || (args.cert.is_none() && file.behind_proxy == Some(true));
    let tls = match (args.cert.or(file.cert), args.key.or(file.key)) {
        _ if behind_proxy => Tls::BehindProxy,
        (Some(cert), Some(key)) => Tls::Pem { cert, key },
        (None, None) => Tls::OwnCa,
        _ => bail!("a certificate needs its key, and a key its certificate"),
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
        mail,
    })
}

/// What sends links, if a mail server is named.
fn mail_service(args: MailSettings, file: &config::ConfigFile) -> anyhow::Result<Option<MailService>> {
    let user = args.mail_user.or_else(|| file.mail_user.clone());
    let account = match (user, config::mail_password().or_else(|| file.mail_password.clone())) {
        // They are kept for as long as the gateway runs; wiping copies from memory would gain nothing.
        (Some(user), Some(password)) => Some(Credentials::new(user, password)),
        (None, None) => None,
        (Some(_), None) => bail!("the account needs its password; put it into FARHAND_MAIL_PASSWORD or as mail_password into gateway.toml"),
        (None, Some(_)) => bail!("there is a password without the account it belongs to; name it by --mail-user"),
    };
    let server = args.mail_server.or_else(|| file.mail_server.clone());
    match (server, args.mail_from.or_else(|| file.mail_from.clone())) {
        (Some(server), Some(from)) => {
            let server: MailServer = server.parse()?;
            Ok(Some(MailService::new(server, &from, account)?))
        }
        (None, None) if account.is_none() => Ok(None),
        (Some(_), None) => bail!("it needs the address that mail comes from; name it by --mail-from"),
        (None, _) => bail!("it needs the server that mail goes to; name it by --mail-server"),
    }
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

    /// What `serve` with these flags would do, with this file.
    fn told(file: &str, more: &[&str]) -> anyhow::Result<ServeOptions> {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("gateway.toml"), file).unwrap();
        let data = temp.path().display().to_string();
        let line = [&["farhand-gateway", "serve", "--data", &data], more].concat();
        let Command::Serve(args) = Cli::try_parse_from(line).unwrap().command else {
            panic!("it is serve")
        };
        options(args.settings)
    }

    #[test]
    fn a_certificate_on_the_command_line_goes_before_a_proxy_in_the_file() {
        let tls = |more: &[&str]| told("listen = \"127.0.0.1:0\"\nbehind_proxy = true\n", more).unwrap().tls;
        assert!(matches!(tls(&[]), Tls::BehindProxy));
        let named = tls(&["--cert", "c.pem", "--key", "k.pem"]);
        assert!(matches!(named, Tls::Pem { cert, key } if cert.ends_with("c.pem") && key.ends_with("k.pem")));
    }

    #[test]
    fn mail_takes_a_server_and_an_address_it_comes_from() {
        let listen = "listen = \"127.0.0.1:0\"\n";
        assert!(told(listen, &[]).unwrap().mail.is_none());
        let from = format!("{listen}mail_from = \"support@acme.example\"\n");
        let server = ["--mail-server", "smtp+plain://127.0.0.1:25"];
        let service = told(&from, &server).unwrap().mail.unwrap();
        assert_eq!(service.server().to_string(), "smtp+plain://127.0.0.1:25");
        assert_eq!(service.sender().to_string(), "support@acme.example");
        let refused = |file: &str, more: &[&str]| format!("{:#}", told(file, more).unwrap_err());
        assert!(refused(listen, &server).contains("--mail-from"));
        assert!(refused(&from, &[]).contains("--mail-server"));
        let elsewhere = refused(&from, &["--mail-server", "smtp+plain://192.0.2.1:25"]);
        assert!(elsewhere.contains("loopback"), "{elsewhere}");
    }

    #[test]
    fn an_account_at_the_mail_server_is_whole_and_its_password_is_in_the_file() {
        let settings = "listen = \"127.0.0.1:0\"\nmail_from = \"support@acme.example\"\nmail_server = \"smtps://mail.acme.example\"\n";
        let with_password = format!("{settings}mail_password = \"correct horse\"\n");
        let service = told(&with_password, &["--mail-user", "farhand"]).unwrap().mail.unwrap();
        assert_eq!(service.server().to_string(), "smtps://mail.acme.example");
        let refused = |file: &str, more: &[&str]| format!("{:#}", told(file, more).unwrap_err());
        assert!(refused(settings, &["--mail-user", "farhand"]).contains("FARHAND_MAIL_PASSWORD"));
        let nameless = refused(&with_password, &[]);
        assert!(
            nameless.contains("--mail-user") && !nameless.contains("correct horse"),
            "{nameless}"
        );
        let shown = refused(settings, &["--mail-server", "smtps://farhand:correct-horse@mail.acme.example"]);
        assert!(
            shown.contains("FARHAND_MAIL_PASSWORD") && !shown.contains("correct-horse"),
            "{shown}"
        );
    }
}
