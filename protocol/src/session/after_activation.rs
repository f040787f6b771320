//! Transitions after the first activation, but for Transferring: Active, On hold, Rebooting,
//! Reconnecting, Offline (STM-39 to STM-41, STM-48 to STM-60, STM-62). An unattended computer that
//! did not answer is Offline here too, without a lead (STM-23).

use super::event::{Actor, SessionEvent as E};
use super::leg::Party;
use super::outcome::{Effect, Refused, Step};
use super::status::Status;
use super::step::{Move, require, require_lead};
use super::{OfflineFrom, SessionState};
use crate::permission::Permission;

pub(super) fn step(state: &SessionState, event: &E) -> Result<Step, Refused> {
    let next = Move::from(state);
    match (state.status, *event) {
        (Status::Active, E::Hold { by, allowed }) => {
            require_lead(state, by, event)?;
            // STM-39: the permission is asked of the lead, not of an administrator.
            require(allowed || matches!(by, Actor::Administrator(_)), Permission::HoldSessions)?;
            next.enter(Status::OnHold, by).effect(Effect::SuspendTools).done()
        }
        (Status::OnHold, E::Resume { technician, below_limit }) => {
            require_lead(state, Actor::Technician(technician), event)?;
            if !below_limit {
                return Err(Refused::Maximum);
            }
            next.enter(Status::Active, Actor::Technician(technician))
                .effect(Effect::ResumeTools)
                .done()
        }
        (Status::Active | Status::OnHold, E::Transfer { by, allowed, .. }) => {
            require_lead(state, by, event)?;
            require(allowed, Permission::TransferSessions)?;
            let next = next.enter(Status::Transferring, by);
            // On hold they are suspended already.
            if state.status == Status::Active {
                next.effect(Effect::SuspendTools).done()
            } else {
                next.done()
            }
        }
        (Status::Active, E::Reboot { technician, allowed }) => {
            if !state.open_leg(Party::Member(technician)).is_some_and(|leg| leg.has_access()) {
                return Err(Refused::NotParticipant);
            }
            require(allowed, Permission::Reboot)?;
            next.enter(Status::Rebooting, Actor::Technician(technician)).done()
        }
        (Status::Active, E::LinkLost) => next.enter(Status::Reconnecting, Actor::System).done(),
        (Status::Active, E::LeadAbsent) => next.enter(Status::OnHold, Actor::System).effect(Effect::SuspendTools).done(),
        (Status::Rebooting, E::RebootOverdue) => next.enter_offline(OfflineFrom::Rebooting, Actor::System).done(),
        (Status::Reconnecting, E::AppletUnreachable | E::DeviceLeaves) => {
            next.enter_offline(OfflineFrom::Reconnecting, Actor::System).done()
        }
        (Status::Rebooting | Status::Reconnecting | Status::Offline, E::AppletBack) => applet_back(state),
        (Status::Active | Status::OnHold, E::CustomerEnds) => next.finish(Status::ClosedByCustomer, Actor::Customer).done(),
        (_, E::Close { by, allowed }) => {
            require_lead(state, by, event)?;
            if !allowed {
                return Err(Refused::NotTheirs { event: event.name() });
            }
            next.finish(end_when_closed(state), by).done()
        }
        (Status::Active | Status::Reconnecting | Status::Rebooting | Status::Offline, E::IdleLimitReached { prevented: false }) => {
            next.finish(Status::TimedOut, Actor::System).done()
        }
        (_, E::TechnicianGone { technician, responsible }) => {
            // Before the first activation of an unattended computer nobody leads it yet.
            let aborts = state.lead.map_or(responsible, |lead| lead == technician);
            if !aborts {
                return Err(Refused::transition(state.status, event));
            }
            next.finish(Status::Aborted, Actor::System).done()
        }
        _ => Err(Refused::transition(state.status, event)),
    }
}

/// STM-49, STM-52, STM-54. A script that waits for the restart runs however long the restart took.
fn applet_back(state: &SessionState) -> Result<Step, Refused> {
    let next = Move::from(state);
    match (state.status, state.offline_from) {
        (Status::Offline, Some(OfflineFrom::Opening)) => next.enter(Status::Connecting, Actor::System).done(),
        (Status::Rebooting, _) | (Status::Offline, Some(OfflineFrom::Rebooting)) => next
            .enter(Status::Active, Actor::System)
            .effect(Effect::RunScriptAfterReboot)
            .done(),
        _ => next.enter(Status::Active, Actor::System).done(),
    }
}

/// STM-55, STM-56, STM-59.
fn end_when_closed(state: &SessionState) -> Status {
    match state.status {
        Status::Rebooting => Status::Rebooted,
        Status::Offline if state.offline_from == Some(OfflineFrom::Rebooting) => Status::Rebooted,
        Status::Reconnecting | Status::Offline => Status::Disconnected,
        _ => Status::ClosedByTechnician,
    }
}
