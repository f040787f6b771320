//! The one gate through which every message of a viewer passes before it may have an effect (DESIGN 6). It asks
//! [`HostBound::needs`], which is exhaustive at compile time, and the rights effective for the leg at this moment.
//! Pure: what is refused, ignored or passed is decided here and done elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    geometry::MAX_MONITORS,
    input::{InputEvent, MAX_TEXT_BYTES},
    peer::{HostBound, MAX_CHAT_BYTES, Needs},
    permission::{Capability, CapabilitySet},
    wire::Message,
};

/// What a leg stands on when it says something.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    /// Its ticket was accepted.
    pub(super) has_ticket: bool,
    /// What it may do now.
    pub(super) effective: CapabilitySet,
    /// What it could be allowed: ceiling ∩ local policy.
    pub(super) scope: CapabilitySet,
    /// The customer took its rights back since they were given last.
    pub(super) was_revoked: bool,
    /// The stop key cannot be heard, so control waits.
    pub(super) is_unguarded: bool,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// It may have its effect.
    Pass,
    /// It only gives up what is gone already: no effect, no answer.
    Ignore,
    /// No effect; answered and journalled.
    Refuse(Refusal),
}

/// A refused message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    /// Kind of its frame.
    pub(super) kind: u16,
    /// Key of what it lacked, for the journal: a permission (ORG-113), or what was in its way, such as `ticket`, `limit` or `priority`.
    pub(super) key: &'static str,
    /// The answer.
    pub(super) error: ErrorBody,
}

/// Decides about one message.
pub(super) fn judge(message: &HostBound, standing: &Standing) -> Verdict {
    let refuse = |key, error| {
        Verdict::Refuse(Refusal {
            kind: message.kind(),
            key,
            error,
        })
    };
    if let Some(what) = beyond_limit(message) {
        return refuse(
            "limit",
            ErrorBody::new(ErrorCode::RequestTooLarge, format!("{what} is beyond its limit")),
        );
    }
    let no_ticket = || ErrorBody::new(ErrorCode::TicketInvalid, "no ticket was presented on this link");
    match message.needs() {
        Needs::Nothing => Verdict::Pass,
        Needs::Ticket if standing.has_ticket => Verdict::Pass,
        Needs::Ticket => refuse("ticket", no_ticket()),
        Needs::Capability(one) if standing.effective.has(one) && standing.has_ticket => Verdict::Pass,
        Needs::Capability(_) if standing.has_ticket && message.only_gives_up() => Verdict::Ignore,
        Needs::Capability(one) => {
            let key = one.permission().key();
            let error = if !standing.has_ticket {
                no_ticket()
            } else if !standing.scope.has(one) {
                ErrorBody::missing(key)
            } else if one == Capability::Control && standing.is_unguarded {
                unguarded()
            } else if standing.was_revoked {
                ErrorBody::new(ErrorCode::PermissionRevoked, format!("the customer withdrew {one}"))
            } else {
                ErrorBody::new(ErrorCode::PermissionNotGranted, format!("the customer has not allowed {one}"))
            };
            refuse(
                key,
                ErrorBody {
                    permission: Some(key.to_owned()),
                    ..error
                },
            )
        }
    }
}

/// Why nobody may control a device whose stop key cannot be heard.
pub(super) fn unguarded() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::InputUnguarded,
        "the stop key of this device cannot be heard; control waits until it can",
    )
}

/// Which part of a message is larger than the protocol allows, if any.
fn beyond_limit(message: &HostBound) -> Option<&'static str> {
    let text_is_long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > MAX_TEXT_BYTES);
    match message {
        HostBound::Subscribe(subscribe) if subscribe.monitors.len() > MAX_MONITORS => Some("the number of monitors"),
        HostBound::Chat(line) if line.text.len() > MAX_CHAT_BYTES => Some("the chat line"),
        HostBound::Input(InputEvent::Text(text)) if text.len() > MAX_TEXT_BYTES => Some("the text to type"),
        HostBound::Input(InputEvent::Key(key)) if text_is_long(&key.text) || text_is_long(&key.logical) => Some("the key's text"),
        _ => None,
    }
}

/// What to do about one more refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// The first of its kind: answer and journal it.
    First,
    /// Said before, a while ago: answer it again.
    Again,
    /// Said just now: only counted.
    Counted,
}

/// Refusals of one leg, so that a thousand of a kind make one line and one count (STM-68 asks for each to be told, not
/// for a flood).
#[derive(Debug, Default)]
pub(super) struct RefusalLog {
    // INVARIANT: bounded by kinds × keys of the protocol.
    seen: BTreeMap<(u16, &'static str), (u64, Instant)>,
}

const ANSWER_AGAIN: Duration = Duration::from_secs(1);

impl RefusalLog {
    /// Takes in one refusal.
    pub(super) fn note(&mut self, refusal: &Refusal, now: Instant) -> Noted {
        match self.seen.get_mut(&(refusal.kind, refusal.key)) {
            None => {
                self.seen.insert((refusal.kind, refusal.key), (0, now));
                Noted::First
            }
            Some((repeated, answered_at)) => {
                *repeated += 1;
                if now.duration_since(*answered_at) < ANSWER_AGAIN {
                    return Noted::Counted;
                }
                *answered_at = now;
                Noted::Again
            }
        }
    }

    /// The counts of what was repeated; after it the next refusal of any kind is a first one again. Called when rights
    /// change and when the leg ends.
    pub(super) fn take_repeated(&mut self) -> Vec<(u16, &'static str, u64)> {
        let seen = std::mem::take(&mut self.seen);
        seen.into_iter()
            .filter(|(_, (n, _))| *n > 0)
            .map(|((kind, key), (n, _))| (kind, key, n))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::{
        geometry::Point,
        input::{Button, Press},
        peer::{Leave, Subscribe, TakeControl},
    };

    use super::*;

    fn standing(effective: CapabilitySet) -> Standing {
        Standing {
            has_ticket: true,
            effective,
            scope: CapabilitySet::all(),
            ..Standing::default()
        }
    }

    fn key_of(verdict: Verdict) -> (&'static str, ErrorCode) {
        match verdict {
            Verdict::Refuse(refusal) => (refusal.key, refusal.error.code),
            other => panic!("{other:?} is no refusal"),
        }
    }

    #[test]
    fn without_a_ticket_nothing_passes_but_the_set_up() {
        let leave = HostBound::Leave(Leave { reason: String::new() });
        let nobody = Standing {
            has_ticket: false,
            effective: CapabilitySet::all(),
            ..Standing::default()
        };
        assert_eq!(key_of(judge(&leave, &nobody)), ("ticket", ErrorCode::TicketInvalid));
        let view = HostBound::Subscribe(Subscribe {
            monitors: vec![],
            on: true,
        });
        assert_eq!(key_of(judge(&view, &nobody)), ("desktop_viewing", ErrorCode::TicketInvalid));
        assert_eq!(judge(&leave, &standing(CapabilitySet::EMPTY)), Verdict::Pass);
    }

    #[test]
    fn the_reason_tells_ceiling_consent_and_revocation_apart() {
        let take = HostBound::TakeControl(TakeControl { on: true });
        let code = |standing: Standing| key_of(judge(&take, &standing));
        let none = standing(CapabilitySet::EMPTY.with(Capability::View));
        assert_eq!(code(none), ("remote_control", ErrorCode::PermissionNotGranted));
        assert_eq!(
            code(Standing { was_revoked: true, ..none }),
            ("remote_control", ErrorCode::PermissionRevoked)
        );
        assert_eq!(
            code(Standing {
                is_unguarded: true,
                ..none
            }),
            ("remote_control", ErrorCode::InputUnguarded)
        );
        assert_eq!(
            code(Standing {
                scope: CapabilitySet::EMPTY,
                ..none
            }),
            ("remote_control", ErrorCode::PermissionMissing)
        );
    }

    #[test]
    fn letting_go_is_never_refused_but_a_button_going_down_is() {
        let none = standing(CapabilitySet::EMPTY);
        assert_eq!(judge(&HostBound::Input(InputEvent::ReleaseAll), &none), Verdict::Ignore);
        assert_eq!(judge(&HostBound::TakeControl(TakeControl { on: false }), &none), Verdict::Ignore);
        let down = InputEvent::PointerButton {
            epoch: 1,
            pos: Point::default(),
            button: Button::Left,
            press: Press::Down,
        };
        assert_eq!(key_of(judge(&HostBound::Input(down), &none)).0, "remote_control");
    }

    #[test]
    fn what_is_too_long_is_refused_even_when_allowed() {
        let all = standing(CapabilitySet::all());
        let text = HostBound::Input(InputEvent::Text("x".repeat(MAX_TEXT_BYTES + 1)));
        assert_eq!(key_of(judge(&text, &all)), ("limit", ErrorCode::RequestTooLarge));
    }

    #[test]
    fn a_flood_of_one_refusal_is_one_line_and_a_count() {
        let mut log = RefusalLog::default();
        let refusal = Refusal {
            kind: 0x13,
            key: "remote_control",
            error: ErrorBody::missing("remote_control"),
        };
        let now = Instant::now();
        assert_eq!(log.note(&refusal, now), Noted::First);
        for _ in 0..1000 {
            assert_eq!(log.note(&refusal, now), Noted::Counted);
        }
        assert_eq!(log.note(&refusal, now + ANSWER_AGAIN), Noted::Again);
        assert_eq!(log.take_repeated(), vec![(0x13, "remote_control", 1001)]);
        assert_eq!(log.note(&refusal, now), Noted::First);
    }
}
