//! Chat on the host side: lines of technicians are taken once, lines of the customer reach every technician who links later
//! too. Bounded; nothing is kept on disk here. A line of the customer enters the journal when it first goes to a technician, so what is said while
//! waiting stays in the applet until then (DESIGN, "Decided once, for all"). Nothing says that a line arrived: those that went to a link which is over
//! now, or may be, are said again on the next, and the viewer knows them by their ids.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use farhand_protocol::{ids::MemberId, peer::ChatLine};
use uuid::Uuid;

/// Lines of the customer kept for technicians who link later.
const KEPT_LINES: usize = 200;
/// Line ids remembered to drop repetitions.
const KEPT_IDS: usize = 512;
/// A line that was sent before the end of a link by no more than this may have died with it: a link that nothing comes through any more stands for
/// 30 s before that is noticed.
const DOUBTED: Duration = Duration::from_secs(40);

/// What is known of the chat.
#[derive(Debug, Default)]
pub(super) struct Chat {
    heard: VecDeque<Uuid>,
    said: VecDeque<Said>,
}

/// A line of the customer.
#[derive(Debug)]
struct Said {
    line: ChatLine,
    /// Whom it was sent, and when last.
    sent_to: Vec<(MemberId, Instant)>,
    /// Somebody was sent it once, so that it stands in the journal.
    was_sent: bool,
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
    pub(super) fn keep(&mut self, line: ChatLine, sent_to: Vec<MemberId>, now: Instant) {
        if self.said.len() == KEPT_LINES {
            self.said.pop_front();
        }
        self.said.push_back(Said {
            line,
            was_sent: !sent_to.is_empty(),
            sent_to: sent_to.into_iter().map(|member| (member, now)).collect(),
        });
    }

    /// Lines this technician has not been sent yet, oldest first; true with those that no technician was sent.
    pub(super) fn take_unsent(&mut self, member: MemberId, now: Instant) -> Vec<(ChatLine, bool)> {
        let is_unsent = |said: &&mut Said| said.sent_to.iter().all(|(to, _)| *to != member);
        let unsent = self.said.iter_mut().filter(is_unsent);
        unsent
            .map(|said| {
                said.sent_to.push((member, now));
                (said.line.clone(), !std::mem::replace(&mut said.was_sent, true))
            })
            .collect()
    }

    /// A link of this technician is over, or another one stands: what was sent lately counts as unsent.
    pub(super) fn doubt(&mut self, member: MemberId, now: Instant) {
        for said in &mut self.said {
            said.sent_to.retain(|(to, at)| *to != member || now.duration_since(*at) > DOUBTED);
        }
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
        let now = Instant::now();
        chat.keep(line.clone(), vec![MemberId(1)], now);
        assert!(chat.take_unsent(MemberId(1), now).is_empty());
        assert_eq!(chat.take_unsent(MemberId(2), now), vec![(line.clone(), false)]);
        assert!(chat.take_unsent(MemberId(2), now).is_empty());
        chat.keep(line.clone(), vec![], now);
        assert_eq!(chat.take_unsent(MemberId(2), now), vec![(line.clone(), true)]);
        assert_eq!(chat.take_unsent(MemberId(1), now), vec![(line, false)]);
    }

    #[test]
    fn what_a_link_may_have_taken_with_it_is_said_again_and_journalled_once() {
        let (mut chat, start) = (Chat::default(), Instant::now());
        let line = |id| ChatLine {
            line_id: Uuid::from_u128(id),
            sent_at: Timestamp(0),
            text: String::new(),
        };
        chat.keep(line(1), vec![MemberId(1), MemberId(2)], start);
        chat.keep(line(2), vec![MemberId(1)], start + Duration::from_secs(20));
        let lost = start + DOUBTED + Duration::from_secs(1);
        chat.doubt(MemberId(1), lost);
        assert_eq!(chat.take_unsent(MemberId(1), lost), vec![(line(2), false)]);
        // What one technician may have lost says nothing of another.
        assert_eq!(chat.take_unsent(MemberId(2), lost), vec![(line(2), false)]);
        // The next link may be lost as well.
        let lost = lost + Duration::from_secs(1);
        chat.doubt(MemberId(1), lost);
        assert_eq!(chat.take_unsent(MemberId(1), lost), vec![(line(2), false)]);
        assert!(chat.take_unsent(MemberId(1), lost).is_empty());
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
                Instant::now(),
            );
        }
        assert_eq!((chat.heard.len(), chat.said.len()), (KEPT_IDS, KEPT_LINES));
    }
}
