//! How far each session has been told. Whoever publishes reads the session first and speaks later, so two of them may speak in the wrong order: the
//! one that read the older revision is then not heard any more. Memory is bounded by the sessions that go on and the last that ended.

use std::collections::{HashMap, VecDeque};

use farhand_protocol::ids::SessionId;

/// Sessions that have ended and are still known, so that what was read before the end does not follow it.
const ENDED_KNOWN: usize = 1024;

/// A revision of a session's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The session.
    pub session_id: SessionId,
    /// Grows with every change of its row.
    pub revision: i64,
    /// It has ended.
    pub is_final: bool,
}

/// The newest revision told of each session, to one kind of listener.
#[derive(Debug, Default)]
pub(super) struct Told {
    newest: HashMap<SessionId, i64>,
    ended: VecDeque<SessionId>,
}

impl Told {
    /// True unless something newer has been told; what is told next must not be older.
    pub(super) fn advance(&mut self, moment: Moment) -> bool {
        let newest = self.newest.entry(moment.session_id).or_insert(moment.revision);
        if moment.revision < *newest {
            return false;
        }
        *newest = moment.revision;
        if moment.is_final && !self.ended.contains(&moment.session_id) {
            self.ended.push_back(moment.session_id);
            if self.ended.len() > ENDED_KNOWN
                && let Some(oldest) = self.ended.pop_front()
            {
                self.newest.remove(&oldest);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(session_id: i64, revision: i64, is_final: bool) -> Moment {
        Moment {
            session_id: SessionId(session_id),
            revision,
            is_final,
        }
    }

    #[test]
    fn what_is_older_than_what_was_told_is_dropped_also_after_the_end() {
        let mut told = Told::default();
        assert!(told.advance(moment(1, 6, false)));
        assert!(!told.advance(moment(1, 5, false)));
        assert!(told.advance(moment(1, 6, false)), "the same may be said again");
        assert!(told.advance(moment(2, 1, false)), "sessions do not wait for each other");
        assert!(told.advance(moment(1, 7, true)));
        assert!(!told.advance(moment(1, 6, false)));
    }

    #[test]
    fn sessions_that_ended_are_forgotten_one_after_the_other() {
        let mut told = Told::default();
        let most = i64::try_from(ENDED_KNOWN).unwrap();
        (1..=3 * most).for_each(|session_id| assert!(told.advance(moment(session_id, 1, true))));
        assert_eq!((told.newest.len(), told.ended.len()), (ENDED_KNOWN, ENDED_KNOWN));
        assert!(!told.advance(moment(3 * most, 0, false)));
    }
}
