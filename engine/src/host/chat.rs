//! Chat on the host side: lines of technicians are taken once, lines of the customer reach every technician who links later
//! too. Bounded; nothing is kept on disk here. A line of the customer enters the journal when it first goes to a technician, so what is said while
//! waiting stays in the applet until then (DESIGN, "Decided once, for all").

use std::collections::VecDeque;

use farhand_protocol::{ids::MemberId, peer::ChatLine};
use uuid::Uuid;

/// Lines of the customer kept for technicians who link later.
const KEPT_LINES: usize = 200;
/// Line ids remembered to drop repetitions.
const KEPT_IDS: usize = 512;

/// What is known of the chat.
#[derive(Debug, Default)]
pub(super) struct Chat {
    heard: VecDeque<Uuid>,
    said: VecDeque<(ChatLine, Vec<MemberId>)>,
}

impl Chat {
    /// True for a technician's line that was not heard before.
    pub(super) fn is_new(&mut self, line_id: Uuid) -> bool {
        if self.heard.contains(&line_id) {
            return false;
        }
        if self.heard.len() == KEPT_IDS {
            self.heard.pop_front();
        }
        self.heard.push_back(line_id);
        true
    }

    /// Keeps a line of the customer that these technicians were just sent.
    pub(super) fn keep(&mut self, line: ChatLine, sent_to: Vec<MemberId>) {
        if self.said.len() == KEPT_LINES {
            self.said.pop_front();
        }
        self.said.push_back((line, sent_to));
    }

    /// Lines this technician has not been sent yet, oldest first; true with those that no technician was sent.
    pub(super) fn take_unsent(&mut self, member: MemberId) -> Vec<(ChatLine, bool)> {
        let unsent = self.said.iter_mut().filter(|(_, sent_to)| !sent_to.contains(&member));
        unsent
            .map(|(line, sent_to)| {
                let is_first = sent_to.is_empty();
                sent_to.push(member);
                (line.clone(), is_first)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::time::Timestamp;

    use super::*;

    #[test]
    fn a_repeated_line_is_heard_once_and_an_unsent_one_is_sent_once() {
        let mut chat = Chat::default();
        assert!(chat.is_new(Uuid::from_u128(1)) && !chat.is_new(Uuid::from_u128(1)));
        let line = ChatLine {
            line_id: Uuid::from_u128(2),
            sent_at: Timestamp(0),
            text: "hello".into(),
        };
        chat.keep(line.clone(), vec![MemberId(1)]);
        assert!(chat.take_unsent(MemberId(1)).is_empty());
        assert_eq!(chat.take_unsent(MemberId(2)), vec![(line.clone(), false)]);
        assert!(chat.take_unsent(MemberId(2)).is_empty());
        chat.keep(line.clone(), vec![]);
        assert_eq!(chat.take_unsent(MemberId(2)), vec![(line.clone(), true)]);
        assert_eq!(chat.take_unsent(MemberId(1)), vec![(line, false)]);
    }

    #[test]
    fn a_flood_of_lines_stays_bounded() {
        let mut chat = Chat::default();
        for id in 0..10_000 {
            chat.is_new(Uuid::from_u128(id));
            chat.keep(
                ChatLine {
                    line_id: Uuid::from_u128(id),
                    sent_at: Timestamp(0),
                    text: String::new(),
                },
                vec![],
            );
        }
        assert_eq!((chat.heard.len(), chat.said.len()), (KEPT_IDS, KEPT_LINES));
    }
}
