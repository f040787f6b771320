//! The certificate a gateway serves: its own leaf, a PEM from elsewhere, or none behind a proxy; and its renewal while it serves.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use farhand_protocol::code::{Trust, host_and_port};
use rustls::sign::CertifiedKey;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tracing::warn;

use crate::{
    folder::Folder,
    serve::{ServeOptions, Tls, now},
    tls::{OwnCa, Served, TlsError, certified_key, leaf_names, not_after, server_config},
};

const RENEW_EVERY: Duration = Duration::from_secs(6 * 3600);
/// A certificate from elsewhere with fewer days left is warned of.
const SOON_DAYS: i64 = 14;

/// Where a certificate comes from, when it is renewed.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Own(Folder, Vec<String>),
    Pem(PathBuf, PathBuf),
}

impl Source {
    pub(crate) fn load(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        match self {
            Self::Own(folder, names) => OwnCa::load(folder)?.leaf(folder, names),
            Self::Pem(cert, key) => certified_key(cert, key),
        }
    }
}

pub(crate) type Certificate = (
    Option<TlsAcceptor>,
    Option<Arc<Served>>,
    Option<Trust>,
    Option<(Arc<Served>, Source)>,
);

/// What is served, its trust value, and how it is renewed.
pub(crate) fn certificate(options: &ServeOptions, public_url: &str, listen: IpAddr) -> anyhow::Result<Certificate> {
    let (source, trust) = match &options.tls {
        Tls::BehindProxy => return Ok((None, None, None, None)),
        Tls::Pem { cert, key } => {
            refuse_expired(cert)?;
            (Source::Pem(cert.clone(), key.clone()), None)
        }
        Tls::OwnCa => {
            let ca = OwnCa::load(&options.folder)?;
            let hosts = [Some(public_url), options.relay_url.as_deref()];
            let names = leaf_names(hosts.into_iter().flatten().map(|origin| host_and_port(origin).0), listen);
            (Source::Own(options.folder.clone(), names), Some(ca.trust()))
        }
    };
    let served = Served::new(source.load()?);
    let config = server_config(served.clone(), &[b"h2", b"http/1.1"])?;
    let renewal = Some((served.clone(), source));
    Ok((Some(TlsAcceptor::from(Arc::new(config))), Some(served), trust, renewal))
}

fn refuse_expired(cert: &Path) -> anyhow::Result<()> {
    let ends = not_after(cert)?;
    let days = ends.since_millis(now()) / 86_400_000;
    if ends <= now() {
        bail!(
            "the certificate in {} ended {ends}: renew it, or leave --cert and --key out to use the gateway's own authority",
            cert.display()
        );
    }
    if days < SOON_DAYS {
        warn!(%ends, days, "the certificate ends soon; a renewed file is taken up without a restart");
    }
    Ok(())
}

/// The own leaf is renewed in good time, and a file from elsewhere read again.
pub(crate) async fn renew(served: Arc<Served>, source: Source) {
    loop {
        sleep(RENEW_EVERY).await;
        match source.load() {
            Ok(leaf) => served.replace(leaf),
            Err(error) => warn!(%error, "the certificate could not be renewed; the old one is served on"),
        }
    }
}
