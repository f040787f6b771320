//! What every request and task of one gateway process shares. No globals: it is passed in.

use std::path::PathBuf;
use std::sync::Arc;

use farhand_protocol::{code::Trust, ids::MemberId, ticket::TechnicianIdentity, time::Timestamp};
use parking::Guarded;

use crate::{
    accounts::Passwords, clock::Clock, db::Db, folder::Keys, limits::GuessLimits, live::Hub, mail::MailService, metrics::Metrics,
    relay::Relay,
};

/// What is set for this process.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Origin customers and technicians use, `https://host[:port]`.
    pub public_url: String,
    /// Trust value of the own CA; none with a certificate from elsewhere.
    pub trust: Option<Trust>,
    /// Relay of this process; none when it runs none.
    pub relay_url: Option<String>,
    /// True when a proxy on this machine ends TLS and names the client.
    pub behind_proxy: bool,
    /// Folder of the applets for download.
    pub downloads: PathBuf,
    /// Sends links (EML-09); none where technicians send them by themselves.
    pub mail: Option<MailService>,
}

/// One running gateway.
#[derive(Debug)]
pub struct Gateway {
    /// The database.
    pub db: Db,
    /// Signing and hashing keys.
    pub keys: Keys,
    /// Name of the organisation.
    pub organisation: String,
    /// What is set for this process.
    pub settings: Settings,
    /// The only clock.
    pub clock: Clock,
    /// Live WebSockets.
    pub hub: Hub,
    /// Argon2id, a few at a time.
    pub passwords: Passwords,
    /// Limits on guesses at codes.
    pub guesses: Guarded<GuessLimits>,
    /// The relay.
    pub relay: Relay,
    /// What is counted.
    pub metrics: Metrics,
}

/// Shared by everything.
pub type App = Arc<Gateway>;

impl Gateway {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How a member is called towards customers.
    pub fn identity(&self, member_id: MemberId, name: String) -> TechnicianIdentity {
        TechnicianIdentity {
            member_id,
            name,
            organisation: self.organisation.clone(),
        }
    }
}

/// A mutex whose poison is ignored: its data are counters and maps that a panic cannot leave half written.
pub mod parking {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// See the module.
    #[derive(Debug, Default)]
    pub struct Guarded<T>(Mutex<T>);

    impl<T> Guarded<T> {
        /// Guards a value.
        pub const fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        /// The value, for a moment without an `await`.
        pub fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
