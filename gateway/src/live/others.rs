//! Who is connected to other gateway processes on the same database, as they said. Noted in memory only: each process says it again when asked,
//! and one that falls silent is forgotten with all it said.

use std::collections::{HashMap, HashSet};

use farhand_protocol::{
    ids::{MemberId, SessionId},
    time::Timestamp,
};
use uuid::Uuid;

use super::notice::Presence;

/// A process that says nothing for so long is gone; it beats three times in between.
const SILENCE_MILLIS: i64 = 15_000;

/// What one process said.
#[derive(Debug, Default)]
struct Other {
    heard_at: Timestamp,
    relay_url: Option<String>,
    applets: HashSet<SessionId>,
    consoles: HashSet<MemberId>,
    links: HashSet<SessionId>,
}

/// Who was connected to a process that is gone.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Sessions of applets.
    pub applets: Vec<SessionId>,
    /// Members of consoles.
    pub consoles: Vec<MemberId>,
}

/// All other processes.
#[derive(Debug, Default)]
pub struct Others(HashMap<Uuid, Other>);

impl Others {
    /// A process beats. False when what is noted of it is not what it has.
    pub fn note_beat(&mut self, process: Uuid, relay_url: Option<String>, lines: usize, now: Timestamp) -> bool {
        let other = self.0.entry(process).or_default();
        (other.heard_at, other.relay_url) = (now, relay_url);
        other.applets.len() + other.consoles.len() + other.links.len() == lines
    }

    /// A process says who is connected to it.
    pub fn note_presence(&mut self, process: Uuid, presence: Presence, now: Timestamp) {
        let other = self.0.entry(process).or_default();
        other.heard_at = now;
        if presence.first {
            (other.applets, other.consoles, other.links) = Default::default();
        }
        other.applets.extend(presence.applets);
        other.consoles.extend(presence.consoles);
        other.links.extend(presence.links);
    }

    /// An applet came to a process or left it.
    pub fn note_applet(&mut self, process: Uuid, session_id: SessionId, here: bool, now: Timestamp) {
        let other = self.0.entry(process).or_default();
        other.heard_at = now;
        note(&mut other.applets, session_id, here);
    }

    /// A member's consoles came to a process or left it.
    pub fn note_console(&mut self, process: Uuid, member_id: MemberId, here: bool, now: Timestamp) {
        let other = self.0.entry(process).or_default();
        other.heard_at = now;
        note(&mut other.consoles, member_id, here);
    }

    /// A peer link stands, as a console of that process says.
    pub fn note_link(&mut self, process: Uuid, session_id: SessionId, stands: bool, now: Timestamp) {
        let other = self.0.entry(process).or_default();
        other.heard_at = now;
        note(&mut other.links, session_id, stands);
    }

    /// A process has gone: who was connected to it.
    pub fn remove(&mut self, process: Uuid) -> Gone {
        let other = self.0.remove(&process).unwrap_or_default();
        Gone {
            applets: other.applets.into_iter().collect(),
            consoles: other.consoles.into_iter().collect(),
        }
    }

    /// Processes that have fallen silent.
    pub fn silent(&self, now: Timestamp) -> Vec<Uuid> {
        let silent = |other: &Other| now.since_millis(other.heard_at) > SILENCE_MILLIS;
        self.0
            .iter()
            .filter(|(_, other)| silent(other))
            .map(|(process, _)| *process)
            .collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Relays of the others.
    pub fn relay_urls(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter_map(|other| other.relay_url.as_deref())
    }

    /// True when an applet is connected to one of them.
    pub fn has_applet(&self, session_id: SessionId) -> bool {
        self.0.values().any(|other| other.applets.contains(&session_id))
    }

    /// True when a console of this member is.
    pub fn has_console(&self, member_id: MemberId) -> bool {
        self.0.values().any(|other| other.consoles.contains(&member_id))
    }

    /// True when a console there says that its link stands.
    pub fn link_stands(&self, session_id: SessionId) -> bool {
        self.0.values().any(|other| other.links.contains(&session_id))
    }
}

fn note<T: Eq + std::hash::Hash>(set: &mut HashSet<T>, one: T, here: bool) {
    if here {
        set.insert(one);
    } else {
        set.remove(&one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn what_a_process_said_holds_until_it_says_otherwise_or_falls_silent() {
        let (mut others, process) = (Others::default(), Uuid::now_v7());
        assert!(
            !others.note_beat(process, Some("https://a".into()), 2, NOW),
            "two lines that were never heard of"
        );
        others.note_presence(
            process,
            Presence {
                first: true,
                applets: vec![SessionId(1)],
                consoles: vec![MemberId(7)],
                links: vec![],
            },
            NOW,
        );
        assert!(others.note_beat(process, Some("https://a".into()), 2, NOW));
        assert!(others.has_applet(SessionId(1)) && others.has_console(MemberId(7)) && !others.link_stands(SessionId(1)));
        others.note_link(process, SessionId(1), true, NOW);
        others.note_applet(process, SessionId(1), false, NOW);
        assert!(!others.has_applet(SessionId(1)) && others.link_stands(SessionId(1)));
        assert!(others.silent(NOW.plus_millis(SILENCE_MILLIS)).is_empty());
        assert_eq!(others.silent(NOW.plus_millis(SILENCE_MILLIS + 1)), [process]);
        let gone = others.remove(process);
        assert_eq!((gone.applets.len(), gone.consoles), (0, vec![MemberId(7)]));
        assert_eq!((others.count(), others.has_console(MemberId(7))), (0, false));
    }
}
