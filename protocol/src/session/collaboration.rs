//! Legs of collaborators (STM-63, STM-64). They come and go without a change of the session's
//! state, from the first activation to the end.

use super::SessionState;
use super::event::SessionEvent as E;
use super::leg::{Leg, LegStatus, Party};
use super::outcome::{Effect, Refused, Step};
use super::status::Status;
use super::step::{Move, require};
use crate::ids::MemberId;
use crate::permission::Permission;

/// Handles events about collaborators; none for every other event.
pub(super) fn step(state: &SessionState, event: &E) -> Option<Result<Step, Refused>> {
    let outcome = match *event {
        E::Invite { .. } | E::Join { .. } | E::Leave { .. } if state.status.ends_leg() || !state.was_active() => {
            Err(Refused::transition(state.status, event))
        }
        E::Invite { by, allowed, party } => invite(state, by, allowed, party),
        E::Join { party } => join(state, party),
        E::Leave { party } => leave(state, party, Status::ClosedByTechnician),
        E::TechnicianGone { technician, .. } if !state.status.ends_leg() && is_collaborator(state, technician) => {
            leave(state, Party::Member(technician), Status::Aborted)
        }
        _ => return None,
    };
    Some(outcome)
}

fn is_collaborator(state: &SessionState, technician: MemberId) -> bool {
    state.open_leg(Party::Member(technician)).is_some_and(Leg::is_collaborator)
}

fn invite(state: &SessionState, by: MemberId, allowed: bool, party: Party) -> Result<Step, Refused> {
    if state.lead != Some(by) {
        return Err(Refused::NotLead);
    }
    let permission = match party {
        Party::Member(_) => Permission::InviteCollaborators,
        Party::External(_) => Permission::InviteExternal,
    };
    require(allowed, permission)?;
    if state.open_leg(party).is_some() {
        return Err(Refused::AlreadyParticipant);
    }
    let mut next = Move::from(state);
    next.state.legs.push(Leg {
        party,
        status: LegStatus::Invited,
    });
    next.done()
}

fn join(state: &SessionState, party: Party) -> Result<Step, Refused> {
    let mut next = Move::from(state);
    let leg = next
        .state
        .legs
        .iter_mut()
        .find(|leg| leg.party == party && leg.is_open())
        .ok_or(Refused::NotParticipant)?;
    if leg.status != LegStatus::Invited {
        return Err(Refused::AlreadyParticipant);
    }
    leg.status = LegStatus::Collaboration;
    next.effect(Effect::IssueTicket(party)).done()
}

fn leave(state: &SessionState, party: Party, end: Status) -> Result<Step, Refused> {
    let mut next = Move::from(state);
    let leg = next
        .state
        .legs
        .iter_mut()
        .find(|leg| leg.party == party && leg.is_collaborator())
        .ok_or(Refused::NotParticipant)?;
    let had_access = leg.has_access();
    leg.status = LegStatus::Ended(end);
    if had_access {
        next.effect(Effect::WithdrawTicket(party)).done()
    } else {
        next.done()
    }
}
