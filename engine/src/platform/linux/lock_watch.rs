//! Is the session locked? Asked of the desktop (`org.freedesktop.ScreenSaver`, GNOME's own) and of
//! logind (`LockedHint`), on one thread that sleeps until one of them says something. All of it is
//! best effort: without D-Bus nothing is ever reported.

use std::thread;

use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::oneshot;
use zbus::proxy::MethodFlags;
use zbus::{Connection, Proxy};

const LOGIND: &str = "org.freedesktop.login1";
/// Name, path and interface of the two ways desktops tell that their saver or lock is up.
const SAVERS: [(&str, &str, &str); 2] = [
    (
        "org.freedesktop.ScreenSaver",
        "/org/freedesktop/ScreenSaver",
        "org.freedesktop.ScreenSaver",
    ),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
];

/// Who said it, and whether the session is locked by their account.
type Said = (usize, bool);

/// Dropping it ends the watch.
#[derive(Debug)]
pub(super) struct LockWatch {
    _stop: oneshot::Sender<()>,
}

impl LockWatch {
    /// Calls `on` with each change, first with what holds now if that is locked.
    pub(super) fn start(on: impl Fn(bool) + Send + 'static) -> Option<Self> {
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    tokio::select! {
                        () = watch(&on) => {}
                        _ = stopped => {}
                    }
                });
            }
        };
        thread::Builder::new().name("lock-watch".to_owned()).spawn(run).ok()?;
        Some(Self { _stop: stop })
    }
}

async fn watch(on: &(impl Fn(bool) + Send)) {
    let session = Connection::session().await.ok();
    let system = Connection::system().await.ok();
    let mut changes: SelectAll<BoxStream<'_, Said>> = SelectAll::new();
    if let Some(session) = &session {
        for (index, saver) in SAVERS.iter().enumerate() {
            match saver_changes(session, saver).await {
                Ok(stream) => changes.push(stream.map(move |locked| (index, locked)).boxed()),
                Err(error) => tracing::debug!(%error, name = saver.0, "no word about the screen saver"),
            }
        }
    }
    if let Some(system) = &system {
        match logind_changes(system).await {
            Ok(stream) => changes.push(stream.map(|locked| (SAVERS.len(), locked)).boxed()),
            Err(error) => tracing::debug!(%error, "no word about the lock from logind"),
        }
    }
    let mut said = [false; SAVERS.len() + 1];
    let mut reported = false;
    while let Some((index, locked)) = changes.next().await {
        said[index] = locked;
        let any = said.contains(&true);
        if any != reported {
            reported = any;
            on(any);
        }
    }
}

async fn saver_changes(
    bus: &Connection,
    (name, path, interface): &(&'static str, &'static str, &'static str),
) -> zbus::Result<BoxStream<'static, bool>> {
    let proxy = Proxy::new(bus, *name, *path, *interface).await?;
    let signals = proxy.receive_signal("ActiveChanged").await?;
    // Asking must not start a screen saver that is not running.
    let now = proxy
        .call_with_flags::<_, _, bool>("GetActive", MethodFlags::NoAutoStart.into(), &())
        .await
        .ok()
        .flatten();
    let changes = signals.filter_map(|message| async move { message.body().deserialize::<bool>().ok() });
    Ok(futures_util::stream::iter(now).chain(changes).boxed())
}

async fn logind_changes(bus: &Connection) -> zbus::Result<BoxStream<'static, bool>> {
    let manager = Proxy::new(bus, LOGIND, "/org/freedesktop/login1", "org.freedesktop.login1.Manager").await?;
    let path: zbus::zvariant::OwnedObjectPath = match std::env::var("XDG_SESSION_ID") {
        Ok(id) => manager.call("GetSession", &(id,)).await?,
        Err(_) => manager.call("GetSessionByPID", &(std::process::id(),)).await?,
    };
    let session = Proxy::new(bus, LOGIND, path, "org.freedesktop.login1.Session").await?;
    let now = session.get_property::<bool>("LockedHint").await.ok();
    let changes = session.receive_property_changed::<bool>("LockedHint").await;
    let changes = changes.filter_map(|change| async move { change.get().map(|r| r.ok()).await }.boxed());
    Ok(futures_util::stream::iter(now).chain(changes).boxed())
}
