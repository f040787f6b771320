//! Who is connected. Messages go into bounded queues; a socket that does not keep up is closed and starts anew with the whole state.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use farhand_protocol::{
    gateway::FromGateway,
    ids::{MemberId, PeerKey, SessionId},
    wire::Message,
};
use tokio::sync::{mpsc, watch};

use crate::app::parking::Guarded;

const QUEUE: usize = 1024;

/// What a socket's task is given to do.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// Send this frame.
    Frame(Bytes),
    /// Say why and close.
    Close(&'static str),
}

/// A technician on a socket, as filters see one.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    /// Who.
    pub member_id: MemberId,
    /// Sees every session.
    pub is_administrator: bool,
}

#[derive(Debug)]
struct AppletLine {
    line: u64,
    to: mpsc::Sender<Outgoing>,
}

#[derive(Debug)]
struct ConsoleLine {
    viewer: Viewer,
    token_hash: String,
    to: mpsc::Sender<Outgoing>,
}

#[derive(Debug, Default)]
struct Lines {
    applets: HashMap<SessionId, AppletLine>,
    consoles: HashMap<u64, ConsoleLine>,
    /// Peer links that a console says stand, by that console's line.
    links: HashMap<SessionId, HashSet<(u64, PeerKey)>>,
}

/// All live sockets of the process.
#[derive(Debug)]
pub struct Hub {
    lines: Guarded<Lines>,
    next: AtomicU64,
    stop: watch::Sender<bool>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            lines: Guarded::default(),
            next: AtomicU64::new(1),
            stop: watch::Sender::new(false),
        }
    }
}

impl Hub {
    /// An applet is there; an older socket of the same session is closed.
    pub fn add_applet(&self, session_id: SessionId) -> (u64, mpsc::Receiver<Outgoing>) {
        let (line, (to, from)) = (self.next.fetch_add(1, Ordering::Relaxed), mpsc::channel(QUEUE));
        if let Some(old) = self.lines.lock().applets.insert(session_id, AppletLine { line, to }) {
            let _ = old.to.try_send(Outgoing::Close("replaced by a newer connection"));
        }
        (line, from)
    }

    /// That socket of an applet is gone. True when it was the one that counts.
    pub fn remove_applet(&self, session_id: SessionId, line: u64) -> bool {
        let mut lines = self.lines.lock();
        let counts = lines.applets.get(&session_id).is_some_and(|applet| applet.line == line);
        if counts {
            lines.applets.remove(&session_id);
        }
        counts
    }

    /// A console is there.
    pub fn add_console(&self, viewer: Viewer, token_hash: String) -> (u64, mpsc::Receiver<Outgoing>) {
        let (line, (to, from)) = (self.next.fetch_add(1, Ordering::Relaxed), mpsc::channel(QUEUE));
        self.lines.lock().consoles.insert(line, ConsoleLine { viewer, token_hash, to });
        (line, from)
    }

    /// That console is gone. True when it was the member's last.
    pub fn remove_console(&self, member_id: MemberId, line: u64) -> bool {
        let mut lines = self.lines.lock();
        lines.consoles.remove(&line);
        lines.links.retain(|_, ends| {
            ends.retain(|(by, _)| *by != line);
            !ends.is_empty()
        });
        !lines.consoles.values().any(|console| console.viewer.member_id == member_id)
    }

    /// A console says whether a peer link stands.
    pub fn note_link(&self, line: u64, session_id: SessionId, peer: PeerKey, up: bool) {
        let mut lines = self.lines.lock();
        if up {
            lines.links.entry(session_id).or_default().insert((line, peer));
        } else if let Some(ends) = lines.links.get_mut(&session_id) {
            ends.remove(&(line, peer));
            if ends.is_empty() {
                lines.links.remove(&session_id);
            }
        }
    }

    /// The session has ended: nobody asks for its links any more.
    pub fn forget_links(&self, session_id: SessionId) {
        self.lines.lock().links.remove(&session_id);
    }

    /// True while some console says that its link to the applet stands.
    pub fn peer_link_stands(&self, session_id: SessionId) -> bool {
        self.lines.lock().links.contains_key(&session_id)
    }

    /// True while the applet's socket is open.
    pub fn has_applet(&self, session_id: SessionId) -> bool {
        self.lines.lock().applets.contains_key(&session_id)
    }

    /// True while a console of this member is open.
    pub fn has_console(&self, member_id: MemberId) -> bool {
        self.lines
            .lock()
            .consoles
            .values()
            .any(|console| console.viewer.member_id == member_id)
    }

    /// Open sockets of applets and of consoles.
    pub fn counts(&self) -> (usize, usize) {
        let lines = self.lines.lock();
        (lines.applets.len(), lines.consoles.len())
    }

    /// Tells an applet, if it is there.
    pub fn tell_applet(&self, session_id: SessionId, message: &FromGateway) {
        let mut lines = self.lines.lock();
        if let Some(applet) = lines.applets.get(&session_id)
            && applet.to.try_send(frame(message)).is_err()
        {
            // Its task notices that the queue is gone and closes; the applet comes back and is told anew.
            lines.applets.remove(&session_id);
        }
    }

    /// Tells every console whose technician passes the filter.
    pub fn tell_technicians(&self, message: &FromGateway, may_see: impl Fn(Viewer) -> bool) {
        let frame = frame(message);
        self.lines
            .lock()
            .consoles
            .retain(|_, console| !may_see(console.viewer) || console.to.try_send(frame.clone()).is_ok());
    }

    /// Tells consoles of a member that their sign-in ended, and closes them; all of them, or those of other tokens than `keep`.
    pub fn sign_out(&self, member_id: MemberId, message: &FromGateway, ends: impl Fn(&str) -> bool) {
        let frame = frame(message);
        for console in self
            .lines
            .lock()
            .consoles
            .values()
            .filter(|c| c.viewer.member_id == member_id && ends(&c.token_hash))
        {
            let _ = console.to.try_send(frame.clone());
            let _ = console.to.try_send(Outgoing::Close("signed out"));
        }
    }

    /// Members with a console here.
    pub fn members(&self) -> HashSet<MemberId> {
        self.lines
            .lock()
            .consoles
            .values()
            .map(|console| console.viewer.member_id)
            .collect()
    }

    /// The gateway is stopping: every socket says so and closes.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Becomes true when the gateway stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }
}

fn frame(message: &FromGateway) -> Outgoing {
    Outgoing::Frame(Bytes::from(message.to_frame()))
}
