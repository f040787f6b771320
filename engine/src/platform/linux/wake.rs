//! Keeping a Linux desktop awake: the desktop's own inhibitor and logind over D-Bus, the X server's
//! saver and screen power by its extensions. Each is best effort and ends with the connection it
//! was asked on, so nothing stays inhibited when this process dies.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use x11rb::connection::Connection as _;
use x11rb::protocol::dpms::{self, ConnectionExt as _};
use x11rb::protocol::screensaver::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, ScreenSaver};
use zbus::zvariant::OwnedFd;
use zbus::{Connection, Proxy};

use super::connection::{Server, XError};
use crate::platform::{WakeError, WakeLock};

/// The longest that asking for all of it may take.
const PATIENCE: Duration = Duration::from_millis(900);
const APPLICATION: &str = "Farhand";

/// Holds everything that could be had.
pub(super) struct LinuxWakeLock {
    _bus: Option<BusHold>,
    _server: Option<Server>,
}

impl LinuxWakeLock {
    pub(super) fn hold(display: Option<&str>, reason: &str) -> Result<Self, WakeError> {
        let bus = BusHold::start(reason);
        let server = display.and_then(|display| match suspend_saver(display) {
            Ok(server) => Some(server),
            Err(error) => {
                tracing::debug!(%error, "the X screen saver was not suspended");
                None
            }
        });
        let (bus, by_bus) = bus.map_or((None, Vec::new()), BusHold::confirm);
        tracing::info!(x11 = server.is_some(), ?by_bus, "the machine is kept awake");
        if server.is_none() && by_bus.is_empty() {
            return Err(WakeError("neither D-Bus nor an X server took the request".to_owned()));
        }
        Ok(Self {
            _bus: bus,
            _server: server,
        })
    }
}

impl WakeLock for LinuxWakeLock {}

/// Suspends saver and power saving for the life of the connection, and lights a dark screen.
fn suspend_saver(display: &str) -> Result<Server, XError> {
    let server = Server::connect(display)?;
    if !server.has(screensaver::X11_EXTENSION_NAME)? {
        return Err(XError::Refused("no screen saver extension".to_owned()));
    }
    server.conn.screensaver_query_version(1, 1)?.reply()?;
    server.conn.screensaver_suspend(1)?.check()?;
    server.conn.force_screen_saver(ScreenSaver::RESET)?;
    if server.has(dpms::X11_EXTENSION_NAME)? {
        let info = server.conn.dpms_info()?.reply()?;
        if info.state && info.power_level != dpms::DPMSMode::ON {
            server.conn.dpms_force_level(dpms::DPMSMode::ON)?;
        }
    }
    server.conn.flush()?;
    Ok(server)
}

/// A thread that keeps the D-Bus connections, and with them the inhibitions, until this is dropped.
struct BusHold {
    _release: oneshot::Sender<()>,
    holds: mpsc::Receiver<&'static str>,
    deadline: Instant,
}

impl BusHold {
    fn start(reason: &str) -> Option<Self> {
        let (release, released) = oneshot::channel();
        let (tell, holds) = mpsc::channel();
        let reason = reason.to_owned();
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    tokio::select! {
                        () = hold_buses(&reason, tell) => {}
                        _ = released => {}
                    }
                });
            }
        };
        thread::Builder::new().name("wake-lock".to_owned()).spawn(run).ok()?;
        Some(Self {
            _release: release,
            holds,
            deadline: Instant::now() + PATIENCE,
        })
    }

    /// What was granted in time; what comes later is held all the same.
    fn confirm(self) -> (Option<Self>, Vec<&'static str>) {
        let mut granted = Vec::new();
        while let Ok(name) = self.holds.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            granted.push(name);
        }
        (Some(self), granted)
    }
}

async fn hold_buses(reason: &str, tell: mpsc::Sender<&'static str>) {
    let (saver, logind) = tokio::join!(inhibit_saver(reason), inhibit_logind(reason));
    let mut holds = false;
    match &saver {
        Ok(_) => holds |= tell.send("org.freedesktop.ScreenSaver").is_ok(),
        Err(error) => tracing::debug!(%error, "the desktop's screen saver was not inhibited"),
    }
    match &logind {
        Ok(_) => holds |= tell.send("org.freedesktop.login1").is_ok(),
        Err(error) => tracing::debug!(%error, "logind did not inhibit sleep"),
    }
    drop(tell);
    if holds {
        // The inhibitions live as long as `saver` and `logind`, which this keeps.
        std::future::pending::<()>().await;
    }
}

/// The desktop drops the inhibition when its connection goes, so the connection is the lock.
async fn inhibit_saver(reason: &str) -> zbus::Result<Connection> {
    let bus = Connection::session().await?;
    let name = "org.freedesktop.ScreenSaver";
    let proxy = Proxy::new(&bus, name, "/org/freedesktop/ScreenSaver", name).await?;
    let _cookie: u32 = proxy.call("Inhibit", &(APPLICATION, reason)).await?;
    Ok(bus)
}

/// Logind gives a descriptor, and inhibits until it is closed.
async fn inhibit_logind(reason: &str) -> zbus::Result<OwnedFd> {
    let bus = Connection::system().await?;
    let manager = Proxy::new(
        &bus,
        "org.freedesktop.login1",
        "/org/freedesktop/login1",
        "org.freedesktop.login1.Manager",
    )
    .await?;
    manager.call("Inhibit", &("idle:sleep", APPLICATION, reason, "block")).await
}
