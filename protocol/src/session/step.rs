//! The entry points [`open`] and [`step`], and the moves all files of the machine share: entering a
//! state, giving the session to a technician, ending it.

use super::event::{Actor, Candidate, Opening, SessionEvent};
use super::leg::{Leg, LegStatus, Party};
use super::outcome::{Effect, Refused, Step, Transition};
use super::status::{Reached, Status};
use super::{OfflineFrom, SessionState, after_activation, before_activation, collaboration, transferring};
use crate::ids::MemberId;
use crate::permission::Permission;

/// Begins a session, or says why there is none (STM-19 to STM-23).
pub fn open(opening: &Opening) -> Result<Step, Refused> {
    let (status, actor) = match *opening {
        Opening::ByCustomer { code_valid: false, .. } => return Err(Refused::CodeExpired),
        Opening::ByCustomer {
            no_technician_aborts: true,
            ..
        } => return Err(Refused::NoTechnician),
        Opening::ByCustomer { .. } => (Status::Connecting, Actor::Customer),
        Opening::Unattended { allowed: false, .. } => return Err(Refused::NotEligible),
        Opening::Unattended { below_limit: false, .. } => return Err(Refused::Maximum),
        Opening::Unattended { technician, answers, .. } => (
            if answers { Status::Connecting } else { Status::Offline },
            Actor::Technician(technician),
        ),
    };
    let state = SessionState {
        status,
        before_transfer: None,
        reached: Reached::Opened.after(status),
        offline_from: (status == Status::Offline).then_some(OfflineFrom::Opening),
        lead: None,
        legs: Vec::new(),
    };
    let transitions = vec![Transition {
        old: None,
        new: status,
        actor,
    }];
    Ok(Step {
        state,
        transitions,
        effects: Vec::new(),
    })
}

/// What an event does to a session. Pure: the same state and event always give the same answer, and
/// a refusal leaves everything as it was (STM-68).
pub fn step(state: &SessionState, event: &SessionEvent) -> Result<Step, Refused> {
    if let Some(outcome) = collaboration::step(state, event) {
        return outcome;
    }
    match state.status {
        Status::Connecting | Status::Waiting => before_activation::step(state, event),
        Status::Transferring => transferring::step(state, event),
        Status::Active | Status::OnHold | Status::Rebooting | Status::Reconnecting | Status::Offline => {
            after_activation::step(state, event)
        }
        Status::TimedOut => close_tab(state, event),
        _ => Err(Refused::transition(state.status, event)),
    }
}

/// STM-61. End time and durations stay what they were: only the name of the end changes.
fn close_tab(state: &SessionState, event: &SessionEvent) -> Result<Step, Refused> {
    let SessionEvent::TabClosed { technician } = *event else {
        return Err(Refused::transition(state.status, event));
    };
    match state.lead {
        None => Err(Refused::transition(state.status, event)),
        Some(lead) if lead != technician => Err(Refused::NotLead),
        Some(_) => {
            let mut next = Move::from(state);
            let mine = next
                .state
                .legs
                .iter_mut()
                .rev()
                .find(|leg| leg.party == Party::Member(technician) && leg.status == LegStatus::Ended(Status::TimedOut));
            if let Some(leg) = mine {
                leg.status = LegStatus::Ended(Status::TimedOutClosedByTechnician);
            }
            next.set_status(Status::TimedOutClosedByTechnician, Actor::Technician(technician));
            next.done()
        }
    }
}

/// Fails unless the actor is the lead or an administrator. Before there is a lead (or when the
/// source of a transfer went away) any technician who was found allowed passes.
pub(super) fn require_lead(state: &SessionState, by: Actor, event: &SessionEvent) -> Result<(), Refused> {
    match by {
        Actor::Administrator(_) => Ok(()),
        Actor::Technician(id) if state.lead.is_none_or(|lead| lead == id) => Ok(()),
        Actor::Technician(_) => Err(Refused::NotLead),
        Actor::Customer | Actor::System => Err(Refused::NotTheirs { event: event.name() }),
    }
}

/// Fails with the permission's name unless the fact holds.
pub(super) fn require(allowed: bool, permission: Permission) -> Result<(), Refused> {
    if allowed { Ok(()) } else { Err(Refused::Missing(permission)) }
}

/// Fails unless a session may start with this technician.
pub(super) fn require_can_start(eligible: bool, below_limit: bool) -> Result<(), Refused> {
    match (eligible, below_limit) {
        (false, _) => Err(Refused::NotEligible),
        (true, false) => Err(Refused::Maximum),
        (true, true) => Ok(()),
    }
}

/// The technician of a candidate who can start at once.
pub(super) fn startable(candidate: Candidate) -> Result<MemberId, Refused> {
    require_can_start(candidate.eligible && candidate.console_open, candidate.below_limit)?;
    Ok(candidate.technician)
}

/// A step in the making.
pub(super) struct Move {
    pub(super) state: SessionState,
    transitions: Vec<Transition>,
    effects: Vec<Effect>,
}

impl From<&SessionState> for Move {
    fn from(state: &SessionState) -> Self {
        Self {
            state: state.clone(),
            transitions: Vec::new(),
            effects: Vec::new(),
        }
    }
}

impl Move {
    /// Ready.
    pub(super) fn done(self) -> Result<Step, Refused> {
        Ok(Step {
            state: self.state,
            transitions: self.transitions,
            effects: self.effects,
        })
    }

    /// One more thing to do outside.
    pub(super) fn effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// Enters a state that is not final.
    pub(super) fn enter(mut self, status: Status, actor: Actor) -> Self {
        self.set_status(status, actor);
        self
    }

    /// Becomes Offline, remembering from where.
    pub(super) fn enter_offline(mut self, from: OfflineFrom, actor: Actor) -> Self {
        self.set_status(Status::Offline, actor);
        self.state.offline_from = Some(from);
        self
    }

    /// Gives the session to a technician and makes it Active (STM-26, STM-27, STM-30 to STM-32,
    /// STM-42). The leg it comes from ends as Transferred.
    pub(super) fn activate(mut self, technician: MemberId, actor: Actor) -> Self {
        let party = Party::Member(technician);
        for leg in &mut self.state.legs {
            match leg.status {
                LegStatus::Leading => {
                    leg.status = LegStatus::Ended(Status::Transferred);
                    self.effects.push(Effect::WithdrawTicket(leg.party));
                }
                LegStatus::Handing => leg.status = LegStatus::Ended(Status::Transferred),
                LegStatus::Invited | LegStatus::Collaboration | LegStatus::Ended(_) => {}
            }
        }
        match self.state.legs.iter_mut().find(|leg| leg.party == party && leg.is_open()) {
            Some(leg) => leg.status = LegStatus::Leading,
            None => self.state.legs.push(Leg {
                party,
                status: LegStatus::Leading,
            }),
        }
        self.state.lead = Some(technician);
        self.enter(Status::Active, actor).effect(Effect::IssueTicket(party))
    }

    /// Ends the session: every open leg ends with it, and all access to the device (STM-65, STM-75).
    pub(super) fn finish(mut self, status: Status, actor: Actor) -> Self {
        debug_assert!(status.is_final());
        if self.state.legs.iter().any(Leg::is_collaborator) {
            self.effects.push(Effect::DismissCollaborators);
        }
        for leg in self.state.legs.iter_mut().filter(|leg| leg.is_open()) {
            leg.status = LegStatus::Ended(status);
        }
        self.enter(status, actor).effect(Effect::RevokeAll).effect(Effect::RemoveApplet)
    }

    fn set_status(&mut self, status: Status, actor: Actor) {
        let old = self.state.status;
        self.state.before_transfer = (status == Status::Transferring).then_some(old);
        self.state.offline_from = None;
        self.state.reached = self.state.reached.after(status);
        self.state.status = status;
        self.transitions.push(Transition {
            old: Some(old),
            new: status,
            actor,
        });
    }
}
