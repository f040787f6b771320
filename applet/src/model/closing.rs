//! What becomes of a wish to close the window: what would be lost by it is asked about first, once.

use farhand_protocol::session::Status;

use super::{AppletState, Line, Page};

/// What the customer did alone: where nothing else happened, nobody needs a record.
const ALONE: [&str; 3] = ["terms.accepted", "terms.declined", "session.ended_here"];

/// What becomes of the wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The window closes.
    Now,
    /// The window stays, and the page asks.
    Asked,
    /// The window stays until the terms are refused.
    Declined,
}

impl AppletState {
    /// The window shall close, by whichever button. An open session is asked about each time, a receipt that is not saved once.
    pub fn handle_close(&mut self) -> Closing {
        match self.page {
            Page::Code => Closing::Now,
            Page::Terms => {
                self.asks_end = true;
                Closing::Declined
            }
            Page::Waiting | Page::Session => {
                self.asks_end = true;
                Closing::Asked
            }
            Page::End if self.is_declined() || self.asks_receipt || !self.owes_receipt() => Closing::Now,
            Page::End => {
                self.asks_receipt = true;
                Closing::Asked
            }
        }
    }

    /// True once the customer has refused the terms, or left while still connecting: nobody was here, and the program leaves at once (STM-28, APP-48).
    /// The gateway's word alone takes no record away from the customer: where a technician was here, the last page stays.
    pub fn is_declined(&self) -> bool {
        let is_of_technician = |line: &Line| match line {
            Line::Chat { from, .. } => from.is_some(),
            Line::Log(line) => line.actor == "technician",
        };
        self.ended == Some(Status::DeclinedByCustomer) && !self.lines.iter().any(is_of_technician)
    }

    /// True while what others did here is recorded in this window alone.
    fn owes_receipt(&self) -> bool {
        let is_of_others = |line: &Line| match line {
            Line::Chat { from, .. } => from.is_some(),
            Line::Log(line) => !ALONE.contains(&line.kind.as_str()),
        };
        self.receipt.is_none() && self.lines.iter().any(is_of_others)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use farhand_engine::customer::{CustomerEvent, LogLine};
    use farhand_protocol::time::Timestamp;

    use super::*;

    fn logged(actor: &str, kind: &str) -> LogLine {
        LogLine {
            at: Timestamp(0),
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            detail: serde_json::json!({}),
        }
    }

    fn over(kinds: &[&str]) -> AppletState {
        AppletState {
            page: Page::End,
            lines: kinds.iter().map(|kind| Line::Log(logged("technician", kind))).collect(),
            ..AppletState::default()
        }
    }

    /// On the terms, with what a customer has done there; then the session ends so.
    fn ended_on_terms(status: Option<Status>) -> AppletState {
        let mut state = AppletState {
            page: Page::Terms,
            ..AppletState::default()
        };
        for kind in ["consent.in_advance", "terms.declined"] {
            state.handle_event(CustomerEvent::Logged(logged("customer", kind)), 0.0);
        }
        state.handle_event(CustomerEvent::Ended { status }, 0.0);
        state
    }

    #[test]
    fn a_receipt_that_is_not_saved_is_asked_about_once() {
        let mut state = over(&["link.up", "session.ended_here"]);
        assert_eq!((state.handle_close(), state.asks_receipt), (Closing::Asked, true));
        assert_eq!(state.handle_close(), Closing::Now);
    }

    #[test]
    fn a_saved_receipt_is_not_asked_about_and_ends_the_question() {
        let mut state = over(&["link.up"]);
        state.handle_close();
        state.handle_event(CustomerEvent::ReceiptSaved(PathBuf::from("/documents/receipt.txt")), 0.0);
        assert!(!state.asks_receipt);
        assert_eq!((state.handle_close(), state.asks_receipt), (Closing::Now, false));
    }

    #[test]
    fn nobody_is_kept_by_a_receipt_of_nothing() {
        assert_eq!(AppletState::default().handle_close(), Closing::Now);
        assert_eq!(over(&[]).handle_close(), Closing::Now);
        assert_eq!(over(&["terms.accepted", "session.ended_here"]).handle_close(), Closing::Now);
    }

    #[test]
    fn refused_terms_leave_nothing_to_close_or_to_save() {
        let mut state = ended_on_terms(Some(Status::DeclinedByCustomer));
        assert!(state.is_declined());
        assert_eq!((state.handle_close(), state.asks_receipt), (Closing::Now, false));
    }

    #[test]
    fn any_other_end_has_its_last_page() {
        let others = Status::ALL.into_iter().filter(|status| *status != Status::DeclinedByCustomer);
        for status in others.map(Some).chain([None]) {
            let state = ended_on_terms(status);
            assert_eq!((state.page, state.is_declined()), (Page::End, false), "{status:?}");
        }
        let mut state = over(&["link.up"]);
        state.ended = Some(Status::DeclinedByCustomer);
        assert!(!state.is_declined(), "a technician was here, whatever the gateway says");
        assert_eq!(state.handle_close(), Closing::Asked);
    }

    #[test]
    fn an_open_session_is_asked_about_and_terms_are_refused() {
        for (page, closing) in [
            (Page::Terms, Closing::Declined),
            (Page::Waiting, Closing::Asked),
            (Page::Session, Closing::Asked),
        ] {
            let mut state = AppletState {
                page,
                ..AppletState::default()
            };
            assert_eq!((state.handle_close(), state.asks_end), (closing, true), "{page:?}");
        }
    }
}
