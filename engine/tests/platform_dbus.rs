//! What the Linux platform asks of the desktop and of logind, against a bus of its own on which the
//! test plays both. One test, because the bus is named by the environment of the whole process.
#![cfg(target_os = "linux")]
#![allow(missing_docs, reason = "the bus interfaces below are for this test alone")]

mod common;

use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd as StdFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use common::XServer;
use farhand_engine::platform::linux::LinuxPlatform;
use farhand_engine::platform::{Platform, ScreenEvent, ScreenSource};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedFd, OwnedObjectPath};

const PATIENCE: Duration = Duration::from_secs(20);
const SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";
const SESSION_PATH: &str = "/org/freedesktop/login1/session/_7";

struct Saver {
    told: mpsc::Sender<(String, String)>,
}

#[zbus::interface(name = "org.freedesktop.ScreenSaver")]
impl Saver {
    fn inhibit(&self, application: String, reason: String) -> u32 {
        self.told.send((application, reason)).unwrap();
        7
    }

    fn get_active(&self) -> bool {
        false
    }

    #[zbus(signal)]
    async fn active_changed(emitter: &SignalEmitter<'_>, active: bool) -> zbus::Result<()>;
}

struct Manager {
    told: mpsc::Sender<(String, std::io::PipeReader)>,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: String, _who: String, _why: String, _mode: String) -> OwnedFd {
        let (reader, writer) = std::io::pipe().unwrap();
        self.told.send((what, reader)).unwrap();
        StdFd::from(writer).into()
    }

    #[zbus(name = "GetSession")]
    fn session(&self, _id: String) -> OwnedObjectPath {
        SESSION_PATH.try_into().unwrap()
    }
}

struct LoginSession {
    locked: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl LoginSession {
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }
}

struct Bus {
    daemon: Child,
    /// Where its socket lies.
    _folder: tempfile::TempDir,
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

#[allow(clippy::disallowed_methods, reason = "the buses are found through the environment alone")]
fn own_bus() -> Bus {
    let folder = tempfile::tempdir().expect("a folder for the socket");
    let mut command = Command::new("dbus-daemon");
    command
        .args(["--session", "--nofork", "--print-address=1"])
        .arg(format!("--address=unix:dir={}", folder.path().display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut daemon = command.spawn().expect("dbus-daemon starts");
    let mut address = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
    for name in ["DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"] {
        // SAFETY: this process has one test, which has started no thread yet.
        unsafe { std::env::set_var(name, address.trim()) };
    }
    // SAFETY: as above.
    unsafe { std::env::set_var("XDG_SESSION_ID", "7") };
    Bus { daemon, _folder: folder }
}

fn next_lock(screen: &mut dyn ScreenSource) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        for event in screen.wait(Duration::from_millis(500)).unwrap() {
            if let ScreenEvent::Locked(locked) = event {
                return locked;
            }
        }
    }
    panic!("the screen never said so");
}

#[test]
fn the_desktop_is_kept_awake_while_held_and_a_lock_is_heard() {
    let _bus = own_bus();
    let server = XServer::virtual_screen(320, 200);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (saver_told, inhibited) = mpsc::channel();
    let (manager_told, slept) = mpsc::channel();
    let desktop = runtime.block_on(async {
        let builder = zbus::connection::Builder::session().unwrap();
        let builder = builder.serve_at(SAVER_PATH, Saver { told: saver_told }).unwrap();
        let builder = builder.serve_at("/org/freedesktop/login1", Manager { told: manager_told }).unwrap();
        let builder = builder.serve_at(SESSION_PATH, LoginSession { locked: false }).unwrap();
        builder
            .name("org.freedesktop.ScreenSaver")
            .unwrap()
            .name("org.freedesktop.login1")
            .unwrap()
            .build()
            .await
            .unwrap()
    });
    let platform = LinuxPlatform::x11_on(server.display());

    let start = Instant::now();
    let awake = platform.hold_awake("someone is helping").unwrap();
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(
        inhibited.recv_timeout(PATIENCE).unwrap(),
        ("Farhand".to_owned(), "someone is helping".to_owned())
    );
    let (what, mut until_let_go) = slept.recv_timeout(PATIENCE).unwrap();
    assert_eq!(what, "idle:sleep");
    drop(awake);
    let mut rest = Vec::new();
    until_let_go.read_to_end(&mut rest).expect("the inhibition ends with the lock");

    let mut screen = platform.open_screen().unwrap();
    let emitter = SignalEmitter::new(&desktop, SAVER_PATH).unwrap();
    let session = runtime
        .block_on(desktop.object_server().interface::<_, LoginSession>(SESSION_PATH))
        .unwrap();
    // The watch subscribes on a thread of its own: the lock is told again until it is heard.
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let heard = std::sync::Arc::clone(&stop);
    let telling = runtime.spawn(async move {
        while !heard.load(std::sync::atomic::Ordering::Relaxed) {
            Saver::active_changed(&emitter, true).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        emitter
    });
    assert!(next_lock(&mut *screen));
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let emitter = runtime.block_on(telling).unwrap();
    runtime.block_on(async { Saver::active_changed(&emitter, false).await.unwrap() });
    assert!(!next_lock(&mut *screen));

    runtime.block_on(async {
        let mut inner = session.get_mut().await;
        inner.locked = true;
        inner.locked_hint_changed(session.signal_emitter()).await.unwrap();
    });
    assert!(next_lock(&mut *screen));
}
