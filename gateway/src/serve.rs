//! One gateway process: listens, accepts, and stops in good order. Requests under way are finished, WebSockets are closed with a reason, the
//! database is flushed.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use farhand_protocol::{
    code::{Trust, parse_gateway},
    time::Timestamp,
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, info, warn};

use crate::{
    accounts::Passwords,
    api::{self, ClientAddress},
    app::{App, Gateway, Settings, parking::Guarded},
    certificate::{Source, certificate, renew},
    clock::Clock,
    db::{Columns, Db, DbError, Location},
    folder::{Folder, Keys},
    limits::GuessLimits,
    live::{self, Hub},
    mail::MailService,
    metrics::Metrics,
    relay::{Relay, spawn_address_discovery},
    sessions,
    slots::{ConnectionSlot, Slots},
    tls::{Served, server_config},
};

const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// A connection that asks nothing for so long is closed, whatever protocol it was about to speak.
const FIRST_REQUEST_PATIENCE: Duration = Duration::from_secs(15);
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// How TLS is done.
#[derive(Debug, Clone)]
pub enum Tls {
    /// By the gateway's own CA.
    OwnCa,
    /// With a certificate from elsewhere.
    Pem {
        /// Chain.
        cert: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// By a proxy on this machine; we speak plain HTTP on loopback.
    BehindProxy,
}

/// What `serve` is told.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Data folder.
    pub folder: Folder,
    /// Database.
    pub database: Location,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Origin customers use; from the listen address when absent.
    pub public_url: Option<String>,
    /// Relay address of this process; the public URL when absent.
    pub relay_url: Option<String>,
    /// How TLS is done.
    pub tls: Tls,
    /// Address discovery on UDP, where the gateway has a certificate.
    pub relay_udp: bool,
    /// Folder of the applets for download.
    pub downloads: PathBuf,
    /// Sends links, if any does.
    pub mail: Option<MailService>,
}

impl ServeOptions {
    /// True when peers are answered on UDP how they are seen from outside. That takes a certificate, and behind a proxy the proxy has it.
    pub fn discovers_addresses(&self) -> bool {
        self.relay_udp && !matches!(self.tls, Tls::BehindProxy)
    }
}

/// A gateway that listens.
pub struct Serving {
    /// Shared state.
    pub app: App,
    /// Address really bound.
    pub listen: SocketAddr,
    /// Trust value to give out.
    pub trust: Option<Trust>,
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    discovery: Option<iroh_relay::server::Server>,
    renewal: Option<(Arc<Served>, Source)>,
    claim: std::fs::File,
    notices: Option<sqlx::PgPool>,
}

impl Serving {
    /// Opens everything and binds the port; nothing is accepted yet.
    pub async fn bind(options: ServeOptions) -> anyhow::Result<Self> {
        let folder = &options.folder;
        if !folder.is_initialised() {
            bail!("{} holds no gateway yet; run `farhand-gateway init` first", folder.root().display());
        }
        if matches!(options.tls, Tls::BehindProxy) && !options.listen.ip().is_loopback() {
            bail!(
                "behind a proxy the gateway speaks plain HTTP and so listens on loopback only, not on {}",
                options.listen
            );
        }
        let keys = Keys::load(folder)?;
        let folder_claim = folder
            .claim()
            .with_context(|| format!("the data folder {} cannot be used", folder.root().display()))?;
        if let Location::File(path) = &options.database
            && !path.exists()
        {
            bail!(
                "{} is missing: run `farhand-gateway init` again if it was cut short, or restore the file from a backup",
                path.display()
            );
        }
        let db = Db::open(&options.database).await?;
        let notices = match &options.database {
            Location::File(_) => None,
            Location::Url(url) => Some(live::pool_for_notices(url).await.map_err(DbError::from)?),
        };
        let organisation = organisation_name(&db).await?;
        let tcp = TcpListener::bind(options.listen)
            .await
            .with_context(|| cannot_listen(options.listen))?;
        let listen = tcp.local_addr()?;
        let public_url = public_url(&options, listen)?;
        let (tls, served, trust, renewal) = certificate(&options, &public_url, listen.ip())?;
        let discovery = match &served {
            Some(served) if options.discovers_addresses() => start_discovery(listen, served.clone()).await,
            _ => None,
        };
        let settings = Settings {
            relay_url: Some(options.relay_url.clone().unwrap_or_else(|| public_url.clone())),
            public_url,
            trust,
            behind_proxy: matches!(options.tls, Tls::BehindProxy),
            downloads: options.downloads.clone(),
            mail: options.mail.clone(),
        };
        let app = new_app(db, keys, organisation, settings, Clock::System)?;
        Ok(Self {
            app,
            listen,
            trust,
            tcp,
            tls,
            discovery,
            renewal,
            claim: folder_claim,
            notices,
        })
    }

    /// Serves until `stop` becomes true, then stops in good order.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let Self {
            app,
            tcp,
            tls,
            discovery,
            renewal,
            claim,
            notices,
            ..
        } = self;
        sessions::resume_after_restart(&app).await?;
        let timers = tokio::spawn(sessions::run_timers(app.clone()));
        let watch = tokio::spawn(live::run_watch(app.clone(), notices.clone()));
        let renewing = renewal.map(|(served, source)| tokio::spawn(renew(served, source)));
        let router = api::router(app.clone());
        let (open, mut all_closed) = mpsc::channel::<()>(1);
        let slots = Slots::new(app.settings.behind_proxy);
        loop {
            let accepted = tokio::select! {
                accepted = tcp.accept() => accepted,
                () = stopped(&mut stop) => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: others must end first.
                    warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let Some(slot) = slots.take(peer.ip()) else {
                continue;
            };
            let (router, tls, stop, open) = (router.clone(), tls.clone(), stop.clone(), open.clone());
            tokio::spawn(async move {
                serve_connection(stream, (peer, slot), router, tls, stop).await;
                drop(open);
            });
        }
        drop((tcp, open));
        info!("stopping");
        app.hub.stop();
        let _ = timeout(STOP_PATIENCE, all_closed.recv()).await;
        let _ = timeout(STOP_PATIENCE, sockets_closed(&app)).await;
        timers.abort();
        watch.abort();
        if let Some(pool) = notices {
            live::say_leaving(&app, &pool).await;
            pool.close().await;
        }
        if let Some(renewing) = renewing {
            renewing.abort();
        }
        app.relay.shutdown().await;
        if let Some(discovery) = discovery {
            let _ = timeout(STOP_PATIENCE, discovery.shutdown()).await;
        }
        app.db.close().await;
        drop(claim);
        info!("stopped");
        Ok(())
    }
}

/// The shared state, also for tests without a port.
pub fn new_app(db: Db, keys: Keys, organisation: String, settings: Settings, clock: Clock) -> anyhow::Result<App> {
    let limits_key = crate::secret::hmac_sha256(&keys.codes, &[b"farhand guess limits v1\0"]);
    let app = Arc::new(Gateway {
        db,
        keys,
        organisation,
        settings,
        clock,
        hub: Hub::default(),
        passwords: Passwords::new()?,
        guesses: Guarded::new(GuessLimits::new(limits_key)),
        relay: Relay::default(),
        metrics: Metrics::default(),
    });
    app.relay.attach(&app);
    Ok(app)
}

/// Name of the organisation in the database.
pub async fn organisation_name(db: &Db) -> anyhow::Result<String> {
    let row = sqlx::query("SELECT name FROM organisation").fetch_optional(db.read()).await?;
    Ok(row
        .context("the database holds no organisation; run `farhand-gateway init` with the same --database")?
        .text("name")?)
}

fn public_url(options: &ServeOptions, listen: SocketAddr) -> anyhow::Result<String> {
    if let Some(url) = &options.public_url {
        return parse_gateway(url).with_context(|| format!("--public-url {url}"));
    }
    let host = match listen.ip() {
        ip if ip.is_unspecified() => {
            warn!("no --public-url is set: links will say localhost");
            "localhost".to_owned()
        }
        IpAddr::V6(ip) => format!("[{ip}]"),
        IpAddr::V4(ip) => ip.to_string(),
    };
    let scheme = if matches!(options.tls, Tls::BehindProxy) { "http" } else { "https" };
    Ok(parse_gateway(&format!("{scheme}://{host}:{}", listen.port()))?)
}

fn cannot_listen(listen: SocketAddr) -> String {
    format!(
        "cannot listen on {listen}: see that no other program uses the port and that this machine has the address, or name another with --listen"
    )
}

/// UDP makes paths better and is never needed: without it the gateway serves all the same.
async fn start_discovery(listen: SocketAddr, served: Arc<Served>) -> Option<iroh_relay::server::Server> {
    let config = server_config(served, &[]).map_err(|e| e.to_string());
    let started = match config {
        Ok(config) => spawn_address_discovery(listen, config).await,
        Err(error) => Err(error),
    };
    started
        .inspect_err(|error| warn!(%error, "address discovery does not run: UDP on the port is not available"))
        .ok()
}

type Client = (SocketAddr, ConnectionSlot);

async fn serve_connection(stream: TcpStream, client: Client, router: Router, tls: Option<TlsAcceptor>, stop: watch::Receiver<bool>) {
    let peer = client.0;
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve_http(stream, client, router, stop).await,
        Some(tls) => match timeout(HANDSHAKE_PATIENCE, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve_http(stream, client, router, stop).await,
            Ok(Err(error)) => debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => debug!(%peer, "TLS handshake took too long"),
        },
    }
}

async fn serve_http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    (peer, slot): Client,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let inner = TowerToHyperService::new(router);
    let asked = Arc::new(Notify::new());
    let first = asked.clone();
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        asked.notify_one();
        request.extensions_mut().insert(slot.clone());
        request.extensions_mut().insert(ClientAddress(peer.ip().to_canonical()));
        hyper::service::Service::call(&inner, request)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HANDSHAKE_PATIENCE);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(20)));
    let mut connection = std::pin::pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = silence(&first) => return debug!(%peer, "nothing was asked in time"),
    };
    if let Err(error) = ended {
        debug!(%peer, %error, "connection ended");
    }
}

/// Ends only when the first request does not come in time.
async fn silence(first: &Notify) {
    if timeout(FIRST_REQUEST_PATIENCE, first.notified()).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// Waits until it is time to stop, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn sockets_closed(app: &App) {
    while app.hub.counts() != (0, 0) {
        sleep(Duration::from_millis(20)).await;
    }
}

/// Becomes true on SIGTERM or SIGINT.
pub fn stop_on_signals() -> anyhow::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, stop) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        tell.send_replace(true);
    });
    Ok(stop)
}

/// The present moment for commands that run without a gateway.
pub fn now() -> Timestamp {
    Clock::System.now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    fn client() -> (Client, Arc<tokio::sync::Semaphore>) {
        let (slots, peer) = (Slots::of(1, None), SocketAddr::from(([192, 0, 2, 1], 9)));
        let slot = slots.take(peer.ip()).expect("it is free");
        ((peer, slot), slots.all)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_never_says_which_protocol_it_speaks_is_closed_and_its_slot_is_free() {
        let (mut theirs, ours) = duplex(1024);
        let (_tell, stop) = watch::channel(false);
        let (client, slots) = client();
        theirs.write_all(b"P").await.expect("it is taken");
        let started = tokio::time::Instant::now();
        serve_http(ours, client, Router::new(), stop).await;
        assert_eq!(started.elapsed().as_secs(), FIRST_REQUEST_PATIENCE.as_secs());
        assert_eq!((slots.available_permits(), theirs.read(&mut [0]).await.expect("it ends")), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_upgraded_socket_holds_its_slot_and_may_be_silent() {
        let (mut theirs, ours) = duplex(1024);
        let (_tell, stop) = watch::channel(false);
        let (client, slots) = client();
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let ended = Arc::new(tokio::sync::Mutex::new(Some(ended)));
        let router = Router::new().route(
            "/",
            axum::routing::get(
                async move |axum::Extension(slot): axum::Extension<ConnectionSlot>, upgrade: axum::extract::WebSocketUpgrade| {
                    let ended = ended.lock().await.take().expect("one upgrade");
                    upgrade.on_upgrade(async move |socket| {
                        let _ = ended.await;
                        drop((socket, slot));
                    })
                },
            ),
        );
        let upgrade = "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        theirs.write_all(upgrade.as_bytes()).await.expect("it is taken");
        serve_http(ours, client, router, stop).await;
        sleep(4 * FIRST_REQUEST_PATIENCE).await;
        assert_eq!(slots.available_permits(), 0);
        end.send(()).expect("it still stands");
        drop(slots.acquire().await);
    }
}
