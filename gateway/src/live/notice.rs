//! What gateway processes on one PostgreSQL tell each other by NOTIFY: numbers of what changed, never its content, which each reads from the
//! database. One process with SQLite has nobody to tell.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use farhand_protocol::ids::{MemberId, SessionId};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use uuid::Uuid;

/// The channel of NOTIFY.
pub const CHANNEL: &str = "farhand";
/// Statement by which the command line says, with its commit, that accounts have changed.
pub const ACCOUNTS_STATEMENT: &str = "NOTIFY farhand, '\"accounts\"'";
/// PostgreSQL takes 8,000 bytes; so many numbers fit in any case.
pub const CHUNK: usize = 300;
const QUEUE: usize = 4096;

/// One thing another process should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// This process is alive; said every few seconds.
    Beat {
        /// Its relay.
        relay_url: Option<String>,
        /// How much it has said is connected to it; who has noted something else asks.
        lines: usize,
    },
    /// This process is stopping.
    Leaving,
    /// Say who is connected: one process, or all.
    WhoIsThere(Option<Uuid>),
    /// A part of who is connected; the first replaces what was known.
    Presence(Presence),
    /// An applet came or went.
    Applet(SessionId, bool),
    /// A member's first console came or the last one went.
    Console(MemberId, bool),
    /// A peer link stands, or none does any more.
    Link(SessionId, bool),
    /// A session changed: its row, and these events of its log, first and last.
    Session(SessionId, Option<(i64, i64)>),
    /// A ticket was issued.
    Ticket(SessionId, String),
    /// The ceiling of a ticket changed.
    Ceiling(String),
    /// An applet can be dialled elsewhere.
    Moved(SessionId),
    /// An account or a sign-in changed.
    Accounts,
    /// Something could not be told: start anew with the whole state.
    Anew,
}

/// Who is connected to a process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// True for the first part.
    pub first: bool,
    /// Sessions whose applet is there.
    pub applets: Vec<SessionId>,
    /// Members with a console there.
    pub consoles: Vec<MemberId>,
    /// Sessions with a peer link, as a console there says.
    pub links: Vec<SessionId>,
}

/// A notice as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The process that says it.
    pub from: Uuid,
    /// What it says.
    pub say: Notice,
}

/// Where notices wait for the database. Without other processes they go nowhere.
#[derive(Debug)]
pub struct Outbox {
    /// This process.
    pub process: Uuid,
    to: OnceLock<mpsc::Sender<Notice>>,
    lost: AtomicBool,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            process: Uuid::now_v7(),
            to: OnceLock::new(),
            lost: AtomicBool::new(false),
        }
    }
}

impl Outbox {
    /// From now on notices are kept for sending. None when that has been said already.
    pub fn open(&self) -> Option<mpsc::Receiver<Notice>> {
        let (to, from) = mpsc::channel(QUEUE);
        self.to.set(to).ok().map(|()| from)
    }

    /// Tells the others.
    pub fn tell(&self, notice: &Notice) {
        if let Some(to) = self.to.get()
            && to.try_send(notice.clone()).is_err()
        {
            self.lost.store(true, Ordering::SeqCst);
        }
    }

    /// A notice could not be sent.
    pub fn note_lost(&self) {
        self.lost.store(true, Ordering::SeqCst);
    }

    /// True once after something was lost.
    pub fn take_lost(&self) -> bool {
        self.lost.swap(false, Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_notice_fits_and_the_command_lines_is_understood() {
        let letter = Letter {
            from: Uuid::now_v7(),
            say: Notice::Presence(Presence {
                first: true,
                applets: vec![SessionId(i64::MAX); CHUNK],
                ..Presence::default()
            }),
        };
        let text = serde_json::to_string(&letter).unwrap();
        assert!(text.len() < 7_900, "{}", text.len());
        assert_eq!(serde_json::from_str::<Letter>(&text).unwrap(), letter);
        let said = ACCOUNTS_STATEMENT.split('\'').nth(1).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(said).unwrap(), Notice::Accounts);
        assert!(ACCOUNTS_STATEMENT.contains(CHANNEL));
    }
}
