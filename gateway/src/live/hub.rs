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

use super::{
    notice::{Notice, Outbox},
    others::Others,
    told::{Moment, Told},
};
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
    /// States told to applets, and rows told to consoles: a change may be told to the one and not to the other.
    states_told: Told,
    rows_told: Told,
}

impl Lines {
    fn tell_consoles(&mut self, message: &FromGateway, may_see: impl Fn(Viewer) -> bool) {
        let frame = frame(message);
        self.consoles
            .retain(|_, console| !may_see(console.viewer) || console.to.try_send(frame.clone()).is_ok());
    }
}

/// All live sockets of the process.
#[derive(Debug)]
pub struct Hub {
    lines: Guarded<Lines>,
    others: Guarded<Others>,
    next: AtomicU64,
    stop: watch::Sender<bool>,
    /// What other processes are told.
    pub outbox: Outbox,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            lines: Guarded::default(),
            others: Guarded::default(),
            outbox: Outbox::default(),
            next: AtomicU64::new(1),
            stop: watch::Sender::new(false),
        }
    }
}

impl Hub {
    /// An applet is there; an older socket of the same session is closed.
    pub fn add_applet(&self, session_id: SessionId) -> (u64, mpsc::Receiver<Outgoing>) {
        let (line, (to, from)) = (self.next.fetch_add(1, Ordering::Relaxed), mpsc::channel(QUEUE));
        let mut lines = self.lines.lock();
        if let Some(old) = lines.applets.insert(session_id, AppletLine { line, to }) {
            let _ = old.to.try_send(Outgoing::Close("replaced by a newer connection"));
        }
        // Told under the lock, here and below, so that others hear it in the order in which it was.
        self.tell_others(&Notice::Applet(session_id, true));
        (line, from)
    }

    /// That socket of an applet is gone. True when it was the one that counts.
    pub fn remove_applet(&self, session_id: SessionId, line: u64) -> bool {
        let mut lines = self.lines.lock();
        let counts = lines.applets.get(&session_id).is_some_and(|applet| applet.line == line);
        if counts {
            lines.applets.remove(&session_id);
            self.tell_others(&Notice::Applet(session_id, false));
        }
        counts
    }

    /// A console is there.
    pub fn add_console(&self, viewer: Viewer, token_hash: String) -> (u64, mpsc::Receiver<Outgoing>) {
        let (line, (to, from)) = (self.next.fetch_add(1, Ordering::Relaxed), mpsc::channel(QUEUE));
        let mut lines = self.lines.lock();
        lines.consoles.insert(line, ConsoleLine { viewer, token_hash, to });
        self.tell_others(&Notice::Console(viewer.member_id, true));
        (line, from)
    }

    /// That console is gone. True when it was the member's last.
    pub fn remove_console(&self, member_id: MemberId, line: u64) -> bool {
        let mut lines = self.lines.lock();
        lines.consoles.remove(&line);
        lines.links.retain(|session_id, ends| {
            ends.retain(|(by, _)| *by != line);
            if ends.is_empty() {
                self.tell_others(&Notice::Link(*session_id, false));
            }
            !ends.is_empty()
        });
        let last = !lines.consoles.values().any(|console| console.viewer.member_id == member_id);
        if last {
            self.tell_others(&Notice::Console(member_id, false));
        }
        last && !self.others.lock().has_console(member_id)
    }

    /// A console says whether a peer link stands.
    pub fn note_link(&self, line: u64, session_id: SessionId, peer: PeerKey, up: bool) {
        let mut lines = self.lines.lock();
        if up {
            lines.links.entry(session_id).or_default().insert((line, peer));
            self.tell_others(&Notice::Link(session_id, true));
        } else if let Some(ends) = lines.links.get_mut(&session_id) {
            ends.remove(&(line, peer));
            if ends.is_empty() {
                lines.links.remove(&session_id);
                self.tell_others(&Notice::Link(session_id, false));
            }
        }
    }

    /// The session has ended: nobody asks for its links any more.
    pub fn forget_links(&self, session_id: SessionId) {
        let mut lines = self.lines.lock();
        if lines.links.remove(&session_id).is_some() {
            self.tell_others(&Notice::Link(session_id, false));
        }
    }

    /// True while some console says that its link to the applet stands.
    pub fn peer_link_stands(&self, session_id: SessionId) -> bool {
        self.lines.lock().links.contains_key(&session_id) || self.others.lock().link_stands(session_id)
    }

    /// True while the applet's socket is open, here or at another process.
    pub fn has_applet(&self, session_id: SessionId) -> bool {
        self.has_applet_here(session_id) || self.others.lock().has_applet(session_id)
    }

    /// True while the applet's socket is open at this process.
    pub fn has_applet_here(&self, session_id: SessionId) -> bool {
        self.lines.lock().applets.contains_key(&session_id)
    }

    /// True while a console of this member is open, here or at another process.
    pub fn has_console(&self, member_id: MemberId) -> bool {
        let here = self
            .lines
            .lock()
            .consoles
            .values()
            .any(|console| console.viewer.member_id == member_id);
        here || self.others.lock().has_console(member_id)
    }

    /// Tells the other processes, if there are any.
    pub fn tell_others(&self, notice: &Notice) {
        self.outbox.tell(notice);
    }

    /// What is known of the other processes, for a moment.
    pub fn others<T>(&self, with: impl FnOnce(&mut Others) -> T) -> T {
        with(&mut self.others.lock())
    }

    /// Who is connected here: applets, members with consoles, and sessions with a peer link.
    pub fn presence(&self) -> (Vec<SessionId>, Vec<MemberId>, Vec<SessionId>) {
        let lines = self.lines.lock();
        let members: HashSet<MemberId> = lines.consoles.values().map(|console| console.viewer.member_id).collect();
        (
            lines.applets.keys().copied().collect(),
            members.into_iter().collect(),
            lines.links.keys().copied().collect(),
        )
    }

    /// Sign-ins of the consoles here, by their tokens' hashes.
    pub fn sign_ins(&self) -> HashSet<(MemberId, String)> {
        self.lines
            .lock()
            .consoles
            .values()
            .map(|console| (console.viewer.member_id, console.token_hash.clone()))
            .collect()
    }

    /// Closes every socket: their peers come back and are told the whole state.
    pub fn start_anew(&self) {
        let mut lines = self.lines.lock();
        // Sessions may have ended unheard, and would be known for ever.
        (lines.states_told, lines.rows_told) = Default::default();
        let queues = lines
            .applets
            .values()
            .map(|line| &line.to)
            .chain(lines.consoles.values().map(|line| &line.to));
        for to in queues {
            let _ = to.try_send(Outgoing::Close("the state may be old; connect again"));
        }
    }

    /// Open sockets of applets and of consoles.
    pub fn counts(&self) -> (usize, usize) {
        let lines = self.lines.lock();
        (lines.applets.len(), lines.consoles.len())
    }

    /// Tells an applet, if it is there.
    pub fn tell_applet(&self, session_id: SessionId, message: &FromGateway) {
        self.send_applet(&mut self.lines.lock(), session_id, message);
    }

    /// Tells an applet where its session stands, unless something newer has been told.
    pub fn tell_state(&self, moment: Moment, message: &FromGateway) {
        let mut lines = self.lines.lock();
        if lines.states_told.advance(moment) {
            self.send_applet(&mut lines, moment.session_id, message);
        }
    }

    fn send_applet(&self, lines: &mut Lines, session_id: SessionId, message: &FromGateway) {
        if let Some(applet) = lines.applets.get(&session_id)
            && applet.to.try_send(frame(message)).is_err()
        {
            // Its task notices that the queue is gone and closes; the applet comes back and is told anew.
            lines.applets.remove(&session_id);
            self.tell_others(&Notice::Applet(session_id, false));
        }
    }

    /// Tells every console whose technician passes the filter.
    pub fn tell_technicians(&self, message: &FromGateway, may_see: impl Fn(Viewer) -> bool) {
        self.lines.lock().tell_consoles(message, may_see);
    }

    /// Tells a session's row to every console whose technician passes the filter, unless something newer has been told.
    pub fn tell_row(&self, moment: Moment, message: &FromGateway, may_see: impl Fn(Viewer) -> bool) {
        let mut lines = self.lines.lock();
        if lines.rows_told.advance(moment) {
            lines.tell_consoles(message, may_see);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionId = SessionId(7);

    fn moment(revision: i64) -> Moment {
        Moment {
            session_id: SESSION,
            revision,
            is_final: false,
        }
    }

    fn heard(queue: &mut mpsc::Receiver<Outgoing>) -> Vec<FromGateway> {
        let mut heard = Vec::new();
        while let Ok(Outgoing::Frame(frame)) = queue.try_recv() {
            heard.extend(FromGateway::from_frame(&frame).unwrap());
        }
        heard
    }

    #[test]
    fn of_two_who_publish_in_the_wrong_order_the_older_is_not_heard() {
        let hub = Hub::default();
        let viewer = Viewer {
            member_id: MemberId(1),
            is_administrator: false,
        };
        let ((_, mut applet), (_, mut console)) = (hub.add_applet(SESSION), hub.add_console(viewer, String::new()));
        // The numbers stand for what each would say of the session.
        for revision in [1, 3, 2, 3, 4] {
            let said = FromGateway::Pong(revision);
            hub.tell_state(moment(revision as i64), &said);
            hub.tell_row(moment(revision as i64), &said, |_| true);
        }
        let expected = [1, 3, 3, 4].map(FromGateway::Pong);
        assert_eq!((heard(&mut applet), heard(&mut console)), (expected.to_vec(), expected.to_vec()));
    }

    #[test]
    fn a_row_that_is_told_takes_no_state_from_the_applet() {
        let hub = Hub::default();
        let (_, mut applet) = hub.add_applet(SESSION);
        hub.tell_row(moment(5), &FromGateway::Pong(5), |_| true);
        hub.tell_state(moment(4), &FromGateway::Pong(4));
        assert_eq!(heard(&mut applet), [FromGateway::Pong(4)]);
    }
}
