//! What each leg may do, and everything that changes it: consent, ceilings, the session's state, and the customer's STOP.

use std::time::Instant;

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    peer::{Consent as ConsentMessage, ConsentAnswer, GrantCause, GrantChanged, HostBound, Request, ViewerBound},
    permission::{Capability, CapabilitySet, Grant},
    session::{Status, Tool},
    ticket::{Signed, TicketError},
    wire::Message,
};
use serde_json::json;
use uuid::Uuid;

use super::{Actor, Leg, Over};
use crate::host::{
    HostEvent,
    consent::{ANSWER_WITHIN, Asked, Scope, Settled},
    gate::{Refusal, Standing, unguarded},
};

impl Actor {
    /// What the leg stands on now.
    pub(super) fn standing(&self, leg: &Leg) -> Standing {
        let Some((ticket, technician)) = &leg.ticket else {
            return Standing::default();
        };
        Standing {
            has_ticket: true,
            effective: self.effective(leg),
            scope: self.grants.scope(self.tickets.ceiling(*ticket)),
            was_revoked: self.grants.was_revoked(technician.member_id),
            is_unguarded: self.is_unguarded(),
        }
    }

    /// What the leg may do now: its technician's grant, as far as the session's state lets it be used (STM-71).
    pub(super) fn effective(&self, leg: &Leg) -> CapabilitySet {
        let Some((ticket, technician)) = &leg.ticket else {
            return CapabilitySet::EMPTY;
        };
        let granted = self.grants.effective(technician.member_id, self.tickets.ceiling(*ticket));
        if !self.is_suspended() {
            self.guarded(granted)
        } else if self.status.allows(Tool::Chat) {
            granted.and(CapabilitySet::EMPTY.with(Capability::Chat))
        } else {
            CapabilitySet::EMPTY
        }
    }

    /// True while nobody may act. In the states of a lost link the peers may well still have each other, and then go on.
    fn is_suspended(&self) -> bool {
        !matches!(
            self.status,
            Status::Active | Status::Reconnecting | Status::Offline | Status::Rebooting
        )
    }

    pub(super) fn set_status(&mut self, status: Status) -> Result<(), Over> {
        if status.is_final() {
            self.status = status;
            self.end(&ErrorBody::new(
                ErrorCode::SessionEnded,
                format!("the session has ended: {}", status.name()),
            ));
            return Err(Over);
        }
        let was_suspended = self.is_suspended();
        self.status = status;
        if self.is_suspended() && !was_suspended {
            for settled in self.consent.withdraw(None) {
                self.settle(settled);
            }
        }
        self.refresh(GrantCause::Suspended);
        let all: Vec<u64> = self.legs.keys().copied().collect();
        for id in all {
            self.send_missed_chat(id);
            if was_suspended && !self.is_suspended() {
                self.ask_at_start(id);
            }
        }
        Ok(())
    }

    pub(super) fn update_ceiling(&mut self, update: &Signed) -> Result<(), TicketError> {
        self.tickets.handle_update(update)?;
        self.refresh(GrantCause::Ceiling);
        Ok(())
    }

    /// The customer takes everything back. Input was cut before this was queued; now keys are let go, and viewers told.
    pub(super) fn revoke(&mut self, cause: GrantCause) {
        self.switch.cut();
        self.hands.release_all();
        self.legs.values_mut().for_each(|leg| {
            leg.held.release();
        });
        let had_something = self.grants.revoke_all();
        self.emit(HostEvent::Allowed(self.grants.allowed()));
        self.emit(HostEvent::Revoked(cause));
        self.refresh(cause);
        let questions = self.consent.handle_stop(Instant::now());
        if had_something || !questions.is_empty() {
            let cause = if cause == GrantCause::StopKey { "stop_key" } else { "stop_button" };
            self.journal("grant.revoked", "customer", json!({ "cause": cause }));
        }
        for settled in questions {
            self.settle(settled);
        }
    }

    /// Applies what has changed in anybody's rights: what is lost ends first, then it is told.
    pub(super) fn refresh(&mut self, cause: GrantCause) {
        let changed: Vec<(u64, CapabilitySet)> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.ticket.is_some())
            .map(|(id, leg)| (*id, self.effective(leg)))
            .filter(|(id, now)| self.legs.get(id).is_some_and(|leg| leg.told != *now))
            .collect();
        for (id, granted) in &changed {
            if !granted.has(Capability::Control) {
                self.end_control(*id);
            }
            if !granted.has(Capability::View) {
                self.end_view(*id);
            }
        }
        for (id, granted) in &changed {
            self.tell_repeated(*id);
            if let Some(leg) = self.legs.get_mut(id) {
                leg.told = *granted;
                leg.wires.say(&ViewerBound::Grant(GrantChanged { granted: *granted, cause }));
            }
            if let Some(technician) = self.technician(*id) {
                self.emit(HostEvent::Grant {
                    technician,
                    granted: *granted,
                    cause,
                });
            }
        }
        if !changed.is_empty() {
            self.tell_participants();
            self.tell_presence();
        }
    }

    /// Journals how often each refusal was repeated.
    pub(super) fn tell_repeated(&mut self, id: u64) {
        let repeated = self.legs.get_mut(&id).map(|leg| leg.refusals.take_repeated()).unwrap_or_default();
        for (kind, key, times) in repeated {
            self.journal_of(
                id,
                "refused.repeated",
                json!({ "message": super::name_of(kind), "key": key, "times": times }),
            );
        }
    }

    fn scope(&self, leg: &Leg) -> Scope {
        let standing = self.standing(leg);
        Scope {
            possible: standing.scope,
            effective: standing.effective,
            in_advance: self.grants.in_advance().and(standing.scope),
        }
    }

    /// A technician asks for capabilities.
    pub(super) fn request(&mut self, id: u64, request_id: Uuid, capabilities: CapabilitySet) {
        let Some(leg) = self.legs.get(&id) else { return };
        let Some((_, technician)) = leg.ticket.clone() else { return };
        let asked = if self.is_suspended() {
            Asked::Refused(ErrorBody::new(ErrorCode::SessionTransition, "the session is not active"))
        } else if capabilities.has(Capability::Control) && self.is_unguarded() {
            Asked::Refused(unguarded())
        } else {
            self.consent
                .handle_request(Instant::now(), &technician, request_id, capabilities, &self.scope(leg))
        };
        if let Asked::Refused(error) = &asked {
            self.answer(id, request_id, ConsentAnswer::Refused);
            let key = error.permission.as_deref().and_then(known_key).unwrap_or("consent");
            let kind = HostBound::Request(Request { request_id, capabilities }).kind();
            return self.refuse(
                id,
                &Refusal {
                    kind,
                    key,
                    error: error.clone(),
                },
            );
        }
        self.handle_asked(id, request_id, asked);
    }

    /// Asks for everything right after the first welcome, where the group says so (APP-27).
    pub(super) fn ask_at_start(&mut self, id: u64) {
        if !self.config.settings.ask_at_start || self.is_suspended() {
            return;
        }
        let Some(leg) = self.legs.get(&id) else { return };
        let Some((_, technician)) = leg.ticket.clone() else { return };
        // Only the first time: after a redial what was answered stands, and after a revocation an action asks (APP-29).
        if self.asked_at_start.insert(technician.member_id) {
            let question_id = Uuid::now_v7();
            let asked = self
                .consent
                .handle_start(Instant::now(), &technician, question_id, &self.scope(leg));
            self.handle_asked(id, question_id, asked);
        }
    }

    fn handle_asked(&mut self, id: u64, request_id: Uuid, asked: Asked) {
        let Some(technician) = self.technician(id) else { return };
        match asked {
            Asked::Already => self.answer(id, request_id, ConsentAnswer::Allowed),
            Asked::Joined => self.answer(id, request_id, ConsentAnswer::Asking),
            Asked::Answered(answer) => self.answer(id, request_id, answer),
            Asked::InAdvance(capabilities) => self.settle(Settled {
                question_id: request_id,
                member: technician.member_id,
                name: technician.name,
                requests: vec![request_id],
                capabilities,
                answer: ConsentAnswer::AllowedInAdvance,
                was_withdrawn: false,
            }),
            Asked::Question { question_id, capabilities } => {
                self.answer(id, request_id, ConsentAnswer::Asking);
                self.journal_of(id, "consent.asked", json!({ "capabilities": keys(capabilities) }));
                let answer_within_millis = ANSWER_WITHIN.as_millis() as u64;
                self.emit(HostEvent::ConsentAsked {
                    request_id: question_id,
                    technician,
                    capabilities,
                    answer_within_millis,
                });
            }
            Asked::Refused(_) => self.answer(id, request_id, ConsentAnswer::Refused),
        }
    }

    /// A question is over: journals, tells, and makes it count (APP-34).
    pub(super) fn settle(&mut self, settled: Settled) {
        let Settled {
            question_id,
            member,
            name,
            requests,
            capabilities,
            answer,
            was_withdrawn,
        } = settled;
        let is_allowed = matches!(answer, ConsentAnswer::Allowed | ConsentAnswer::AllowedInAdvance);
        if is_allowed {
            // First to be kept, so that a crash right after it does not make the customer answer again.
            self.grants.allow(member, capabilities.minus(Grant::PROMPTLESS));
            self.emit(HostEvent::Allowed(self.grants.allowed()));
        }
        let (kind, actor) = match answer {
            _ if was_withdrawn => ("consent.withdrawn", "system"),
            ConsentAnswer::Allowed => ("consent.allowed", "customer"),
            ConsentAnswer::AllowedInAdvance => ("consent.allowed_in_advance", "customer"),
            ConsentAnswer::TimedOut => ("consent.timed_out", "system"),
            ConsentAnswer::Refused | ConsentAnswer::Asking => ("consent.refused", "customer"),
        };
        let detail = json!({ "capabilities": keys(capabilities), "technician": name, "member_id": member.0 });
        self.journal(kind, actor, detail);
        self.emit(HostEvent::ConsentSettled {
            request_id: question_id,
            answer,
        });
        let of_member = |leg: &&Leg| leg.ticket.as_ref().is_some_and(|(_, technician)| technician.member_id == member);
        for leg in self.legs.values().filter(of_member) {
            for request_id in &requests {
                leg.wires.say(&ViewerBound::Consent(ConsentMessage {
                    request_id: *request_id,
                    answer,
                }));
            }
        }
        if is_allowed {
            self.refresh(GrantCause::Allowed);
        }
    }

    fn answer(&self, id: u64, request_id: Uuid, answer: ConsentAnswer) {
        self.say(id, &ViewerBound::Consent(ConsentMessage { request_id, answer }));
    }
}

fn keys(capabilities: CapabilitySet) -> Vec<&'static str> {
    capabilities.iter().map(Capability::key).collect()
}

/// The registry's own copy of a permission's key.
fn known_key(key: &str) -> Option<&'static str> {
    farhand_protocol::permission::Permission::parse(key).map(farhand_protocol::permission::Permission::key)
}
