//! What the technician wants to see and do, and how it comes about: by asking for consent first where it is missing, and by
//! taking it up again after a lost link or a hold. What the customer takes back is not wanted any more: the technician must
//! ask again (APP-37). Sans-I/O.

use farhand_protocol::{
    peer::{ConsentAnswer, GrantCause, Subscribe},
    permission::{Capability, CapabilitySet},
};
use uuid::Uuid;

/// Most questions open at a time.
const MOST_ASKED: usize = 16;

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// Ask the customer.
    Request(Uuid, CapabilitySet),
    /// Tell the host what to show.
    Subscribe(Subscribe),
    /// Take or leave mouse and keyboard.
    Control(bool),
    /// Viewing begins or ends on this side.
    Viewing(bool),
    /// Control begins or ends on this side.
    Controlling(bool),
}

/// Wishes and rights of one viewer.
#[derive(Debug, Default)]
pub(super) struct Wants {
    view: Option<Subscribe>,
    control: bool,
    /// What the host was told on this link.
    subscribed: Option<Subscribe>,
    has_taken: bool,
    /// What the program was told.
    is_viewing: bool,
    is_controlling: bool,
    is_linked: bool,
    granted: CapabilitySet,
    asked: Vec<(Uuid, CapabilitySet)>,
}

const VIEW: CapabilitySet = CapabilitySet::EMPTY.with(Capability::View);
const CONTROL: CapabilitySet = VIEW.with(Capability::Control);

impl Wants {
    /// The technician wants to see, or not any more. `new_id` names the question, should one be needed.
    pub(super) fn handle_subscribe(&mut self, subscribe: Subscribe, new_id: Uuid) -> Vec<Act> {
        self.view = subscribe.on.then_some(subscribe);
        let mut acts = self.ask(new_id);
        acts.extend(self.step());
        acts
    }

    /// The technician wants mouse and keyboard, or not any more.
    pub(super) fn handle_take_control(&mut self, on: bool, new_id: Uuid) -> Vec<Act> {
        self.control = on;
        let mut acts = self.ask(new_id);
        acts.extend(self.step());
        acts
    }

    /// The link stands. Questions whose answer may have been missed are asked again under their names.
    pub(super) fn handle_link(&mut self, granted: CapabilitySet) -> Vec<Act> {
        self.is_linked = true;
        self.granted = granted;
        self.subscribed = None;
        self.has_taken = false;
        let may_come = |wanted: CapabilitySet| {
            let missing = wanted.minus(granted);
            missing.is_empty() || self.asked.iter().any(|(_, asked)| asked.has_all(missing))
        };
        let (view_may_come, control_may_come) = (may_come(VIEW), may_come(CONTROL));
        self.view.take_if(|_| !view_may_come);
        self.control &= control_may_come;
        let mut acts: Vec<Act> = self.asked.iter().map(|(id, c)| Act::Request(*id, *c)).collect();
        acts.extend(self.step());
        acts
    }

    /// The link is lost; wishes stay.
    pub(super) fn handle_lost(&mut self) {
        self.is_linked = false;
        self.subscribed = None;
        self.has_taken = false;
    }

    /// The customer's answer. Returns what had been asked for.
    pub(super) fn handle_consent(&mut self, request_id: Uuid, answer: ConsentAnswer) -> (CapabilitySet, Vec<Act>) {
        let at = self.asked.iter().position(|(id, _)| *id == request_id);
        let capabilities = at.and_then(|at| self.asked.get(at)).map_or(CapabilitySet::EMPTY, |(_, c)| *c);
        match answer {
            ConsentAnswer::Asking => return (capabilities, Vec::new()),
            // The host says so before it says what is effective now, and both are true by then.
            ConsentAnswer::Allowed | ConsentAnswer::AllowedInAdvance => self.granted = self.granted.or(capabilities),
            ConsentAnswer::Refused | ConsentAnswer::TimedOut => {
                let refused = capabilities.minus(self.granted);
                if refused.has(Capability::View) {
                    self.view = None;
                }
                self.control &= refused.and(CONTROL).is_empty();
            }
        }
        if let Some(at) = at {
            self.asked.remove(at);
        }
        (capabilities, self.step())
    }

    /// The host did not give control, or has it no more to give, such as on a desktop that takes no input. The wish ends with it; to be given again,
    /// control must be taken again. Late words about control that was left meanwhile change nothing.
    pub(super) fn handle_control_refused(&mut self) -> Vec<Act> {
        self.control &= !self.has_taken;
        self.step()
    }

    /// What is effective has changed.
    pub(super) fn handle_grant(&mut self, granted: CapabilitySet, cause: GrantCause) -> Vec<Act> {
        self.granted = granted;
        // A hold is lifted by itself; anything else that takes a right away takes the wish with it.
        if cause != GrantCause::Suspended && cause != GrantCause::Allowed {
            if !granted.has(Capability::View) {
                self.view = None;
            }
            self.control &= granted.has_all(CONTROL);
            self.asked.clear();
        }
        self.step()
    }

    /// True while something is to be seen: the picture is kept.
    pub(super) fn is_viewing(&self) -> bool {
        self.is_viewing
    }

    /// What is effective, as far as known.
    pub(super) fn granted(&self) -> CapabilitySet {
        self.granted
    }

    fn note_asked(&mut self, request_id: Uuid, capabilities: CapabilitySet) {
        if self.asked.len() == MOST_ASKED {
            self.asked.remove(0);
        }
        self.asked.push((request_id, capabilities));
    }

    /// Asks for what is wanted, not granted and not being asked.
    fn ask(&mut self, new_id: Uuid) -> Vec<Act> {
        let view = if self.view.is_some() { VIEW } else { CapabilitySet::EMPTY };
        let control = if self.control { CONTROL } else { CapabilitySet::EMPTY };
        let asked = self.asked.iter().fold(CapabilitySet::EMPTY, |all, (_, c)| all.or(*c));
        let missing = view.or(control).minus(self.granted);
        if missing.minus(asked).is_empty() {
            return Vec::new();
        }
        self.note_asked(new_id, missing);
        self.is_linked.then_some(Act::Request(new_id, missing)).into_iter().collect()
    }

    /// Brings what the host and the program were told in line with wishes and rights.
    fn step(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        let may_view = self.granted.has(Capability::View);
        let may_control = self.granted.has_all(CONTROL);
        let view = self.view.clone().filter(|_| may_view);
        let control = self.control && may_control;
        if self.is_linked && self.subscribed != view {
            let off = Subscribe {
                monitors: Vec::new(),
                on: false,
            };
            // Without the right, the host has ended it by itself.
            if view.is_some() || may_view {
                acts.push(Act::Subscribe(view.clone().unwrap_or(off)));
            }
            self.subscribed.clone_from(&view);
        }
        if self.is_linked && self.has_taken != control {
            acts.push(Act::Control(control));
            self.has_taken = control;
        }
        if self.is_viewing != view.is_some() {
            self.is_viewing = view.is_some();
            acts.push(Act::Viewing(self.is_viewing));
        }
        if self.is_controlling != control {
            self.is_controlling = control;
            acts.push(Act::Controlling(control));
        }
        acts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const TWO: Uuid = Uuid::from_u128(2);

    fn all() -> Subscribe {
        Subscribe {
            monitors: Vec::new(),
            on: true,
        }
    }

    fn linked(granted: CapabilitySet) -> Wants {
        let mut wants = Wants::default();
        assert!(wants.handle_link(granted).is_empty());
        wants
    }

    #[test]
    fn seeing_asks_first_and_begins_with_the_answer() {
        let mut wants = linked(CapabilitySet::EMPTY);
        assert_eq!(wants.handle_subscribe(all(), ONE), vec![Act::Request(ONE, VIEW)]);
        assert_eq!(wants.handle_consent(ONE, ConsentAnswer::Asking), (VIEW, vec![]));
        let (asked, acts) = wants.handle_consent(ONE, ConsentAnswer::Allowed);
        assert_eq!((asked, acts), (VIEW, vec![Act::Subscribe(all()), Act::Viewing(true)]));
        assert!(wants.handle_grant(VIEW, GrantCause::Allowed).is_empty());
    }

    #[test]
    fn control_asks_only_for_what_is_missing_and_once() {
        let mut wants = linked(VIEW);
        let control_only = CONTROL.minus(VIEW);
        assert_eq!(wants.handle_take_control(true, ONE), vec![Act::Request(ONE, control_only)]);
        assert!(wants.handle_take_control(true, TWO).is_empty());
        let (_, acts) = wants.handle_consent(ONE, ConsentAnswer::Refused);
        assert!(acts.is_empty());
        assert_eq!(wants.handle_take_control(true, TWO), vec![Act::Request(TWO, control_only)]);
    }

    #[test]
    fn after_stop_everything_ends_and_must_be_asked_for_again() {
        let mut wants = linked(CONTROL);
        wants.handle_subscribe(all(), ONE);
        assert_eq!(
            wants.handle_take_control(true, ONE),
            vec![Act::Control(true), Act::Controlling(true)]
        );
        let acts = wants.handle_grant(CapabilitySet::EMPTY, GrantCause::StopKey);
        assert_eq!(acts, vec![Act::Control(false), Act::Viewing(false), Act::Controlling(false)]);
        assert!(wants.handle_grant(CONTROL, GrantCause::Allowed).is_empty());
    }

    #[test]
    fn control_that_is_refused_ends_here_too_and_can_be_taken_again() {
        let mut wants = linked(CONTROL);
        wants.handle_take_control(true, ONE);
        assert_eq!(wants.handle_control_refused(), vec![Act::Control(false), Act::Controlling(false)]);
        assert!(wants.handle_control_refused().is_empty());
        assert_eq!(
            wants.handle_take_control(true, ONE),
            vec![Act::Control(true), Act::Controlling(true)]
        );
        // Refused because of a hold, which was told before: the wish outlives it.
        wants.handle_grant(CapabilitySet::EMPTY, GrantCause::Suspended);
        assert!(wants.handle_control_refused().is_empty());
        let acts = wants.handle_grant(CONTROL, GrantCause::Suspended);
        assert_eq!(acts, vec![Act::Control(true), Act::Controlling(true)]);
    }

    #[test]
    fn a_hold_ends_and_the_same_comes_back() {
        let mut wants = linked(CONTROL);
        wants.handle_subscribe(all(), ONE);
        wants.handle_take_control(true, ONE);
        let acts = wants.handle_grant(CapabilitySet::EMPTY, GrantCause::Suspended);
        assert!(acts.contains(&Act::Viewing(false)) && acts.contains(&Act::Controlling(false)));
        let acts = wants.handle_grant(CONTROL, GrantCause::Suspended);
        assert_eq!(
            acts,
            vec![
                Act::Subscribe(all()),
                Act::Control(true),
                Act::Viewing(true),
                Act::Controlling(true)
            ]
        );
    }

    #[test]
    fn a_lost_link_is_taken_up_without_asking_or_telling_when_the_grant_stands() {
        let mut wants = linked(CONTROL);
        wants.handle_subscribe(all(), ONE);
        wants.handle_take_control(true, ONE);
        wants.handle_lost();
        assert_eq!(wants.handle_link(CONTROL), vec![Act::Subscribe(all()), Act::Control(true)]);
    }

    #[test]
    fn a_question_that_was_open_when_the_link_was_lost_is_asked_again_under_its_name() {
        let mut wants = linked(CapabilitySet::EMPTY);
        wants.handle_subscribe(all(), ONE);
        wants.handle_lost();
        assert_eq!(wants.handle_link(CapabilitySet::EMPTY), vec![Act::Request(ONE, VIEW)]);
    }

    #[test]
    fn a_host_that_forgot_is_not_asked_behind_the_technicians_back() {
        let mut wants = linked(CONTROL);
        wants.handle_subscribe(all(), ONE);
        wants.handle_lost();
        assert_eq!(wants.handle_link(CapabilitySet::EMPTY), vec![Act::Viewing(false)]);
    }

    #[test]
    fn a_wish_from_before_the_link_is_asked_when_it_stands() {
        let mut wants = Wants::default();
        assert!(wants.handle_subscribe(all(), ONE).is_empty());
        assert_eq!(wants.handle_link(CapabilitySet::EMPTY), vec![Act::Request(ONE, VIEW)]);
        let mut granted = Wants::default();
        granted.handle_subscribe(all(), ONE);
        let acts = granted.handle_link(VIEW);
        assert!(acts.contains(&Act::Subscribe(all())) && acts.contains(&Act::Viewing(true)));
    }

    #[test]
    fn leaving_tells_the_host() {
        let mut wants = linked(CONTROL);
        wants.handle_subscribe(all(), ONE);
        let off = Subscribe {
            monitors: Vec::new(),
            on: false,
        };
        assert_eq!(
            wants.handle_subscribe(off.clone(), TWO),
            vec![Act::Subscribe(off), Act::Viewing(false)]
        );
    }
}
