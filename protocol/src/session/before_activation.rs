//! Transitions before the first activation: Connecting and Waiting (STM-24 to STM-38).

use super::SessionState;
use super::event::{Actor, SessionEvent as E, StartTarget};
use super::leg::{Leg, LegStatus, Party};
use super::outcome::{Effect, Refused, Step};
use super::status::Status;
use super::step::{Move, require, require_can_start, require_lead, startable};
use crate::permission::Permission;

pub(super) fn step(state: &SessionState, event: &E) -> Result<Step, Refused> {
    match state.status {
        Status::Connecting => connecting(state, event),
        _ => waiting(state, event),
    }
}

fn connecting(state: &SessionState, event: &E) -> Result<Step, Refused> {
    let next = Move::from(state);
    match *event {
        // STM-24: nothing changes, and the connecting limit keeps running.
        E::TermsShown => next.done(),
        E::AppletReady { terms_settled: false, .. } => Err(Refused::transition(state.status, event)),
        E::AppletReady {
            terms_settled: true,
            auto_start,
        } => match auto_start.filter(|candidate| candidate.can_start()) {
            Some(candidate) => next.effect(Effect::OpenChat).activate(candidate.technician, Actor::System).done(),
            None => next.effect(Effect::OpenChat).enter(Status::Waiting, Actor::Customer).done(),
        },
        E::UnattendedAccepted { technician } => next.activate(technician, Actor::Technician(technician)).done(),
        E::TermsRefused | E::CustomerEnds => next.finish(Status::DeclinedByCustomer, Actor::Customer).done(),
        E::ConnectingLimitReached => next.finish(Status::TimedOut, Actor::System).done(),
        E::Close { .. } => close(state, event),
        E::TechnicianGone { responsible: true, .. } => next.finish(Status::Aborted, Actor::System).done(),
        _ => Err(Refused::transition(state.status, event)),
    }
}

fn waiting(state: &SessionState, event: &E) -> Result<Step, Refused> {
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
            let actor = Actor::Administrator(administrator);
            if !allowed {
                return Err(Refused::NotTheirs { event: event.name() });
            }
            match target {
                StartTarget::Technician(candidate) => next.activate(startable(candidate)?, actor).done(),
                StartTarget::Unit { found: Some(technician) } => next.activate(technician, actor).done(),
                // STM-31: it changes the queue and keeps its state; the log shows who moved it.
                StartTarget::Unit { found: None } => next.enter(Status::Waiting, actor).done(),
            }
        }
        E::AutoStarts(candidate) => next.activate(startable(candidate)?, Actor::System).done(),
        E::CustomerEnds => next.finish(Status::ClosedByWaitingCustomer, Actor::Customer).done(),
        E::WaitingLimitReached => next.finish(Status::TimedOut, Actor::System).done(),
        E::Transfer { .. } => transfer(state, event),
        E::AppletUnreachable => next.finish(Status::Disconnected, Actor::System).done(),
        E::Close { .. } => close(state, event),
        E::TechnicianGone { responsible: true, .. } => next.finish(Status::Aborted, Actor::System).done(),
        _ => Err(Refused::transition(state.status, event)),
    }
}

/// STM-35: by technician, administrator or auto-transfer. The technician whose list it leaves gets
/// a leg, so that the list can show it as *Outgoing* and then *Transferred* (SES-96).
fn transfer(state: &SessionState, event: &E) -> Result<Step, Refused> {
    let E::Transfer { by, allowed, source } = *event else {
        return Err(Refused::transition(state.status, event));
    };
    if by == Actor::Customer {
        return Err(Refused::NotTheirs { event: event.name() });
    }
    require(allowed, Permission::TransferSessions)?;
    let mut next = Move::from(state);
    if let Some(source) = source {
        next.state.legs.push(Leg {
            party: Party::Member(source),
            status: LegStatus::Handing,
        });
    }
    next.enter(Status::Transferring, by).done()
}

/// STM-37.
fn close(state: &SessionState, event: &E) -> Result<Step, Refused> {
    let E::Close { by, allowed } = *event else {
        return Err(Refused::transition(state.status, event));
    };
    require_lead(state, by, event)?;
    if !allowed {
        return Err(Refused::NotTheirs { event: event.name() });
    }
    Move::from(state).finish(Status::ClosedByTechnician, by).done()
}
