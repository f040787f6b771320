//! Transitions out of Transferring (STM-30 to STM-32, STM-42 to STM-47, STM-59). The lead stays the
//! source until the receiver starts the session.

use super::SessionState;
use super::event::{Actor, SessionEvent as E, StartTarget};
use super::leg::{LegStatus, Party};
use super::outcome::{Effect, Refused, Step};
use super::status::Status;
use super::step::{Move, require_can_start, require_lead, startable};
use crate::ids::MemberId;

pub(super) fn step(state: &SessionState, event: &E) -> Result<Step, Refused> {
    let next = Move::from(state);
    match *event {
        E::TechnicianStarts {
            technician,
            eligible,
            below_limit,
        } => {
            require_can_start(eligible, below_limit)?;
            next.activate(technician, Actor::Technician(technician)).done()
        }
        E::AdministratorStarts {
            administrator,
            allowed,
            target,
        } => {
            if !allowed {
                return Err(Refused::NotTheirs { event: event.name() });
            }
            start_for(state, Actor::Administrator(administrator), target)
        }
        E::AutoStarts(candidate) => next.activate(startable(candidate)?, Actor::System).done(),
        E::TransferReturns {
            by: by @ (Actor::Technician(_) | Actor::Administrator(_)),
            allowed: true,
            issuer_gone,
        } => give_back(state, by, issuer_gone),
        E::TransferReturns { .. } => Err(Refused::NotTheirs { event: event.name() }),
        E::ReceiverGone { issuer_gone } => give_back(state, Actor::System, issuer_gone),
        // STM-44.
        E::CustomerEnds if state.was_active() => next.finish(Status::ClosedByCustomer, Actor::Customer).done(),
        E::CustomerEnds => next.finish(Status::ClosedByWaitingCustomer, Actor::Customer).done(),
        // STM-45.
        E::WaitingLimitReached => next.finish(Status::TimedOut, Actor::System).done(),
        E::TechnicianGone { technician, responsible } => source_gone(state, event, technician, responsible),
        E::Close { by, allowed } => {
            require_lead(state, by, event)?;
            if !allowed {
                return Err(Refused::NotTheirs { event: event.name() });
            }
            next.finish(Status::ClosedByTechnician, by).done()
        }
        _ => Err(Refused::transition(state.status, event)),
    }
}

/// STM-31. A session that was Active cannot be Waiting again (STM-02): in the queue of another unit
/// it stays Transferring.
fn start_for(state: &SessionState, actor: Actor, target: StartTarget) -> Result<Step, Refused> {
    let next = Move::from(state);
    match target {
        StartTarget::Technician(candidate) => next.activate(startable(candidate)?, actor).done(),
        StartTarget::Unit { found: Some(technician) } => next.activate(technician, actor).done(),
        StartTarget::Unit { found: None } if state.was_active() => next.done(),
        StartTarget::Unit { found: None } => drop_handing(next).enter(Status::Waiting, actor).done(),
    }
}

/// STM-43, STM-46: the state before the transfer. Where the one it returns to went away meanwhile
/// (STM-47), what follows is what that state says of it: the session ends as Aborted (STM-38, STM-58).
fn give_back(state: &SessionState, actor: Actor, issuer_gone: bool) -> Result<Step, Refused> {
    let before = state.before_transfer.unwrap_or(Status::Waiting);
    let orphaned = match before {
        Status::Waiting => issuer_gone,
        _ => state.lead.is_none(),
    };
    let next = drop_handing(Move::from(state)).enter(before, actor);
    if orphaned {
        return next.finish(Status::Aborted, Actor::System).done();
    }
    if before == Status::Active {
        next.effect(Effect::ResumeTools).done()
    } else {
        next.done()
    }
}

/// STM-47: the transfer goes on, and the source's leg ends as Aborted.
fn source_gone(state: &SessionState, event: &E, technician: MemberId, responsible: bool) -> Result<Step, Refused> {
    let party = Party::Member(technician);
    let mut next = Move::from(state);
    let leg = next.state.legs.iter_mut().find(|leg| leg.party == party && leg.is_open());
    let had_leg = leg.is_some();
    if let Some(leg) = leg {
        leg.status = LegStatus::Ended(Status::Aborted);
    }
    if state.lead == Some(technician) {
        next.state.lead = None;
        return next.effect(Effect::WithdrawTicket(party)).done();
    }
    if had_leg || responsible {
        next.done()
    } else {
        Err(Refused::transition(state.status, event))
    }
}

/// The session is back in a queue as if it had never left it.
fn drop_handing(mut next: Move) -> Move {
    next.state.legs.retain(|leg| leg.status != LegStatus::Handing);
    next
}
