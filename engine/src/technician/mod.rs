//! A technician's side: sign-in, session list, and the viewer side of up to ten sessions. Commands in, events out; nothing here blocks and
//! nothing paints.
//!
//! ```text
//! SignIn ─▶ POST /login or GET /me ─▶ live line ─▶ rows, events
//! Start / Open ─▶ ticket for a key of this session alone ─▶ link endpoint ─▶ viewer
//! ```

mod actor;
mod event;
mod journals;
mod list;
mod open;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::SessionId,
};
use tokio::sync::mpsc;

pub use event::{Credential, EngineEvent, GatewayState, SignedIn, TechnicianCommand};

use crate::{folders::Folders, journal::Disk, keystore::KeyStore, link::Route, viewer::SharedPicture};

/// Worker threads of a technician's runtime: two would wake each other for every letter.
const WORKERS: usize = 1;
/// What is still being written when the program ends is waited for as long.
const SETTLE: Duration = Duration::from_secs(2);
/// Longest that ending waits for links to be closed in order.
const FAREWELL: Duration = Duration::from_secs(3);
/// Sessions that can be open at once (UX: up to ten tabs).
pub const MAX_OPEN_SESSIONS: usize = 10;

/// What a technician's program is started with.
#[derive(Clone)]
pub struct TechnicianConfig {
    /// Program and version, for logs and peers.
    pub agent: String,
    /// Where its files lie.
    pub folders: Folders,
    /// Where tokens are kept.
    pub keys: KeyStore,
    /// Ways links may take.
    pub route: Route,
}

/// Hears what happens; called on engine threads, must not block.
pub type OnEngineEvent = Arc<dyn Fn(EngineEvent) + Send + Sync>;

pub(crate) type Pictures = Arc<Mutex<HashMap<SessionId, Arc<SharedPicture>>>>;

/// A technician's engine. Dropping it closes links and the live line, for which it waits a moment; sessions go on.
pub struct Technician {
    /// Taken when it ends, which tells the engine.
    commands: Option<mpsc::UnboundedSender<TechnicianCommand>>,
    ended: Mutex<std::sync::mpsc::Receiver<()>>,
    pictures: Pictures,
    runtime: Option<tokio::runtime::Runtime>,
    disk: Disk,
}

impl Technician {
    /// Starts the engine; it waits for a sign-in.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(config: TechnicianConfig, on_event: OnEngineEvent) -> Result<Self, ErrorBody> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("farhand-net")
            .enable_all()
            .build()
            .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        let (commands, inbox) = mpsc::unbounded_channel();
        let pictures = Pictures::default();
        let disk = Disk::start()?;
        let (over, ended) = std::sync::mpsc::channel::<()>();
        let work = actor::run(config, disk.clone(), on_event, pictures.clone(), inbox);
        runtime.spawn(async move {
            work.await;
            drop(over);
        });
        Ok(Self {
            commands: Some(commands),
            ended: Mutex::new(ended),
            pictures,
            runtime: Some(runtime),
            disk,
        })
    }

    /// Hands over a command; never blocks.
    pub fn send(&self, command: TechnicianCommand) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
    }

    /// The picture of an open session, shared with its decoder.
    pub fn picture(&self, session_id: SessionId) -> Option<Arc<SharedPicture>> {
        self.pictures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&session_id)
            .cloned()
    }
}

impl Drop for Technician {
    fn drop(&mut self) {
        drop(self.commands.take());
        // Nothing is ever sent: it resolves when the engine has ended.
        let _ = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(FAREWELL);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.disk.settle(SETTLE);
    }
}
