//! When the rows of sessions that are over leave the list (STM-10 to STM-18): at once, or, where the time ran out, once they have been seen red for a
//! moment (STM-14, STM-34). A row whose session has a tab stays until the tab is closed; that is decided where the list is made.
//!
//! The moments are those of this side's clock: how far it is from the gateway's shortens nothing.

use std::collections::BTreeMap;

use farhand_protocol::{ids::SessionId, session::Status, time::Timestamp};

/// So long a session that timed out is seen red, milliseconds.
pub(super) const RED_MILLIS: i64 = 10_000;

/// The sessions that are over, with the moment at which their rows leave.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaving(BTreeMap<SessionId, Timestamp>);

impl Leaving {
    /// A session has ended, or its end has another name (STM-61). What was to leave sooner still does.
    pub(super) fn note(&mut self, session_id: SessionId, status: Status, now: Timestamp) {
        let stays = if status == Status::TimedOut { RED_MILLIS } else { 0 };
        let at = now.plus_millis(stays);
        let known = self.0.entry(session_id).or_insert(at);
        *known = at.min(*known);
    }

    /// True once its row has left.
    pub(super) fn has_left(&self, session_id: SessionId, now: Timestamp) -> bool {
        self.0.get(&session_id).is_some_and(|at| *at <= now)
    }

    /// Milliseconds until its row leaves; none when it has left, or is not about to.
    pub(super) fn millis_left(&self, session_id: SessionId, now: Timestamp) -> Option<u64> {
        let at = self.0.get(&session_id)?;
        u64::try_from(at.since_millis(now)).ok().filter(|left| *left > 0)
    }

    /// Forgets the sessions that are of no interest any more.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(SessionId) -> bool) {
        self.0.retain(|session_id, _| is_wanted(*session_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: SessionId = SessionId(1);

    #[test]
    fn what_timed_out_stays_for_a_moment_and_everything_else_leaves_at_once() {
        let (mut leaving, now) = (Leaving::default(), Timestamp(1_000));
        assert!(!leaving.has_left(ID, now));
        assert_eq!(leaving.millis_left(ID, now), None);
        leaving.note(ID, Status::TimedOut, now);
        assert!(!leaving.has_left(ID, now));
        assert_eq!(leaving.millis_left(ID, now), Some(10_000));
        leaving.note(ID, Status::TimedOut, Timestamp(4_000));
        assert_eq!(
            leaving.millis_left(ID, Timestamp(4_000)),
            Some(7_000),
            "told twice, it stays no longer"
        );
        let end = now.plus_millis(RED_MILLIS);
        assert!(leaving.has_left(ID, end) && leaving.millis_left(ID, end).is_none());
        leaving.note(SessionId(2), Status::ClosedByCustomer, now);
        assert!(leaving.has_left(SessionId(2), now));
    }

    #[test]
    fn a_tab_that_is_closed_while_the_row_is_red_takes_it_along() {
        let (mut leaving, now) = (Leaving::default(), Timestamp(1_000));
        leaving.note(ID, Status::TimedOut, now);
        leaving.note(ID, Status::TimedOutClosedByTechnician, Timestamp(2_000));
        assert!(leaving.has_left(ID, Timestamp(2_000)));
        leaving.retain(|session_id| session_id != ID);
        assert!(!leaving.has_left(ID, Timestamp(2_000)));
    }
}
