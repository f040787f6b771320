//! The session list while it is fetched: what the live line says of rows meanwhile is newer than the list that is on its way, and stays. A list that a
//! later fetch has overtaken is not taken at all. Sans-I/O.
//!
//! ```text
//! begin ──► rows and removals of the line are noted ──► the list, with what was noted on top
//!   └─────────────── begin again: the earlier list is of no use
//! ```

use std::collections::HashMap;

use farhand_protocol::{api::SessionRow, ids::SessionId};

/// At most one fetch counts at a time.
#[derive(Debug, Default)]
pub(super) struct ListFetch {
    number: u64,
    is_under_way: bool,
    /// None for a row that was removed.
    heard: HashMap<SessionId, Option<SessionRow>>,
}

impl ListFetch {
    /// A fetch begins; its number comes back with the list.
    pub(super) fn begin(&mut self) -> u64 {
        self.cancel();
        self.is_under_way = true;
        self.number
    }

    /// What is on its way is not wanted any more.
    pub(super) fn cancel(&mut self) {
        self.number += 1;
        self.is_under_way = false;
        self.heard.clear();
    }

    /// The line tells of a row, or of one that is gone.
    pub(super) fn handle_heard(&mut self, session_id: SessionId, row: Option<&SessionRow>) {
        if self.is_under_way {
            self.heard.insert(session_id, row.cloned());
        }
    }

    /// A fetch is over: what the line told meanwhile, if it is the one that counts.
    pub(super) fn finish(&mut self, number: u64) -> Option<Heard> {
        if !self.is_under_way || self.number != number {
            return None;
        }
        self.is_under_way = false;
        Some(Heard(std::mem::take(&mut self.heard)))
    }
}

/// What the line told while a list was fetched.
#[derive(Debug)]
pub(super) struct Heard(HashMap<SessionId, Option<SessionRow>>);

impl Heard {
    /// The list as it is now.
    pub(super) fn over(mut self, rows: Vec<SessionRow>) -> Vec<SessionRow> {
        let mut now: Vec<SessionRow> = rows
            .into_iter()
            .filter_map(|row| self.0.remove(&row.session_id).unwrap_or(Some(row)))
            .collect();
        now.extend(self.0.into_values().flatten());
        now
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{ids::MemberId, session::Status, ticket::TechnicianIdentity, time::Timestamp};

    use super::*;

    fn row(session_id: i64, status: Status) -> SessionRow {
        SessionRow {
            session_id: SessionId(session_id),
            name: String::new(),
            fields: Vec::new(),
            status: Some(status),
            since: Timestamp(0),
            created_at: Timestamp(0),
            lead: None,
            issued_by: TechnicianIdentity {
                member_id: MemberId(1),
                name: "Ada".into(),
                organisation: "ACME".into(),
            },
            platform: None,
            device: None,
            comment: String::new(),
            expires_at: None,
            waiting_ends_at: None,
            customer_online: true,
        }
    }

    #[test]
    fn what_was_heard_since_the_fetch_began_is_newer_than_the_list() {
        let mut fetch = ListFetch::default();
        let number = fetch.begin();
        fetch.handle_heard(SessionId(1), Some(&row(1, Status::Active)));
        fetch.handle_heard(SessionId(2), Some(&row(2, Status::Active)));
        fetch.handle_heard(SessionId(2), None);
        fetch.handle_heard(SessionId(4), Some(&row(4, Status::Waiting)));
        let list = vec![row(1, Status::Waiting), row(2, Status::Waiting), row(3, Status::OnHold)];
        let now = fetch.finish(number).unwrap().over(list);
        assert_eq!(now, [row(1, Status::Active), row(3, Status::OnHold), row(4, Status::Waiting)]);
    }

    #[test]
    fn only_the_newest_fetch_counts_and_only_once() {
        let mut fetch = ListFetch::default();
        let first = fetch.begin();
        fetch.handle_heard(SessionId(1), None);
        let second = fetch.begin();
        assert!(fetch.finish(first).is_none());
        // Heard before this fetch began, so the list knows it.
        let now = fetch.finish(second).unwrap().over(vec![row(1, Status::Active)]);
        assert_eq!(now, [row(1, Status::Active)]);
        assert!(fetch.finish(second).is_none());
        let third = fetch.begin();
        fetch.cancel();
        assert!(fetch.finish(third).is_none());
    }
}
