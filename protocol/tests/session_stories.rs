//! Whole lives of sessions: the tests STM-76 to STM-80, and one story for each rule whose facts the
//! tables leave to the state machine.

use farhand_protocol::error::{ErrorBody, ErrorCode};
use farhand_protocol::ids::{InviteId, MemberId};
use farhand_protocol::permission::Permission;
use farhand_protocol::session::{SessionEvent as E, *};

const A: MemberId = MemberId(1);
const B: MemberId = MemberId(2);
const C: MemberId = MemberId(3);

/// A session and everything its log says.
struct Life {
    state: SessionState,
    log: Vec<Transition>,
    effects: Vec<Effect>,
}

impl Life {
    fn open(opening: Opening) -> Self {
        let step = open(&opening).unwrap();
        Self {
            state: step.state,
            log: step.transitions,
            effects: step.effects,
        }
    }

    fn by_customer() -> Self {
        Self::open(Opening::ByCustomer {
            code_valid: true,
            no_technician_aborts: false,
        })
    }

    /// Connecting, Waiting, Active with A.
    fn active() -> Self {
        Self::by_customer().then(READY).then(starts(A))
    }

    fn then(mut self, event: E) -> Self {
        let step = step(&self.state, &event).unwrap_or_else(|refused| panic!("{event:?}: {refused}"));
        self.state = step.state;
        self.log.extend(step.transitions);
        self.effects = step.effects;
        self
    }

    fn refused(&self, event: E) -> Refused {
        step(&self.state, &event).expect_err("it is refused")
    }

    fn names(&self) -> String {
        self.log
            .iter()
            .map(|transition| transition.new.name())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn leg_of(&self, member: MemberId) -> LegStatus {
        self.state
            .legs
            .iter()
            .rev()
            .find(|leg| leg.party == Party::Member(member))
            .expect("it has a leg")
            .status
    }
}

const READY: E = E::AppletReady {
    terms_settled: true,
    auto_start: None,
};

fn starts(technician: MemberId) -> E {
    E::TechnicianStarts {
        technician,
        eligible: true,
        below_limit: true,
    }
}

fn closes(technician: MemberId) -> E {
    E::Close {
        by: Actor::Technician(technician),
        allowed: true,
    }
}

fn holds(technician: MemberId) -> E {
    E::Hold {
        by: Actor::Technician(technician),
        allowed: true,
    }
}

fn resumes(technician: MemberId) -> E {
    E::Resume {
        technician,
        below_limit: true,
    }
}

fn transfers(by: Actor) -> E {
    E::Transfer {
        by,
        allowed: true,
        source: None,
    }
}

fn candidate(technician: MemberId) -> Candidate {
    Candidate {
        technician,
        eligible: true,
        below_limit: true,
        console_open: true,
    }
}

fn gone(technician: MemberId) -> E {
    E::TechnicianGone {
        technician,
        responsible: false,
    }
}

#[test]
fn stm_76_started_held_resumed_and_closed() {
    let life = Life::by_customer()
        .then(E::TermsShown)
        .then(READY)
        .then(starts(A))
        .then(holds(A))
        .then(resumes(A))
        .then(closes(A));
    assert_eq!(life.names(), "Connecting, Waiting, Active, On hold, Active, Closed by technician");
    assert_eq!(life.state.class(), Some(Class::Handled));
    assert_eq!(life.leg_of(A), LegStatus::Ended(Status::ClosedByTechnician));
}

#[test]
fn stm_77_auto_transferred_started_by_b_and_left_by_the_customer() {
    let life = Life::by_customer()
        .then(READY)
        .then(transfers(Actor::System))
        .then(starts(B))
        .then(E::CustomerEnds);
    assert_eq!(life.names(), "Connecting, Waiting, Transferring, Active, Closed by customer");
}

#[test]
fn stm_78_nobody_starts_it() {
    let life = Life::by_customer().then(READY).then(E::WaitingLimitReached);
    assert_eq!(life.names(), "Connecting, Waiting, Timed out");
    assert_eq!(life.state.class(), Some(Class::Missed));
}

#[test]
fn stm_79_terms_refused() {
    let life = Life::by_customer().then(E::TermsShown).then(E::TermsRefused);
    assert_eq!(life.names(), "Connecting, Declined by customer");
    assert_eq!(life.state.class(), Some(Class::Failed));
}

#[test]
fn stm_80_the_device_never_comes_back_from_its_restart() {
    let life = Life::active()
        .then(E::Reboot {
            technician: A,
            allowed: true,
        })
        .then(E::RebootOverdue)
        .then(closes(A));
    assert_eq!(life.names(), "Connecting, Waiting, Active, Rebooting, Offline, Rebooted");
}

#[test]
fn auto_start_skips_waiting_only_while_the_technician_has_room_and_a_console() {
    let ready = |candidate| E::AppletReady {
        terms_settled: true,
        auto_start: Some(candidate),
    };
    let life = Life::by_customer().then(ready(candidate(A)));
    assert_eq!(life.names(), "Connecting, Active");
    assert!(life.effects.contains(&Effect::IssueTicket(Party::Member(A))));
    for busy in [
        Candidate {
            below_limit: false,
            ..candidate(A)
        },
        Candidate {
            console_open: false,
            ..candidate(A)
        },
        Candidate {
            eligible: false,
            ..candidate(A)
        },
    ] {
        let life = Life::by_customer().then(ready(busy));
        assert_eq!(life.names(), "Connecting, Waiting", "STM-26: {busy:?}");
        let life = life.then(E::AutoStarts(candidate(A)));
        assert_eq!(
            life.names(),
            "Connecting, Waiting, Active",
            "SES-17: it starts when a place is free"
        );
    }
}

#[test]
fn unsettled_terms_let_nobody_wait() {
    let life = Life::by_customer().then(E::TermsShown);
    let refused = life.refused(E::AppletReady {
        terms_settled: false,
        auto_start: Some(candidate(A)),
    });
    assert_eq!(refused.code(), ErrorCode::SessionTransition);
}

#[test]
fn an_unattended_computer_that_answers_late_is_connecting_first() {
    let life = Life::open(Opening::Unattended {
        technician: A,
        allowed: true,
        below_limit: true,
        answers: false,
    });
    assert_eq!(life.names(), "Offline");
    let closed = Life {
        state: life.state.clone(),
        log: vec![],
        effects: vec![],
    }
    .then(closes(A));
    assert_eq!(closed.names(), "Disconnected");
    let deleted = Life {
        state: life.state.clone(),
        log: vec![],
        effects: vec![],
    }
    .then(E::TechnicianGone {
        technician: A,
        responsible: true,
    });
    assert_eq!(deleted.names(), Status::Aborted.name());
    let life = life.then(E::AppletBack).then(E::UnattendedAccepted { technician: A });
    assert_eq!(life.names(), "Offline, Connecting, Active");
    assert!(!life.effects.contains(&Effect::RunScriptAfterReboot));
}

#[test]
fn starting_needs_eligibility_and_a_free_slot() {
    let life = Life::by_customer().then(READY);
    let start = |eligible, below_limit| E::TechnicianStarts {
        technician: A,
        eligible,
        below_limit,
    };
    assert_eq!(life.refused(start(false, true)), Refused::NotEligible);
    assert_eq!(life.refused(start(true, false)).code(), ErrorCode::SessionMaximum);
    assert_eq!(life.then(holdable()).refused(starts(B)).code(), ErrorCode::SessionTransition);
}

fn holdable() -> E {
    starts(A)
}

#[test]
fn an_administrator_starts_for_a_technician_or_a_unit() {
    let start = |target| E::AdministratorStarts {
        administrator: C,
        allowed: true,
        target,
    };
    let life = Life::by_customer().then(READY).then(start(StartTarget::Unit { found: None }));
    assert_eq!(
        life.names(),
        "Connecting, Waiting, Waiting",
        "it waits in the chosen queue, and the log says who moved it"
    );
    let life = life.then(start(StartTarget::Technician(candidate(B))));
    assert_eq!(life.log.last().unwrap().actor, Actor::Administrator(C));
    assert_eq!(life.state.lead, Some(B));
    // Once it was Active it cannot be Waiting again (STM-02).
    let life = life
        .then(transfers(Actor::Administrator(C)))
        .then(start(StartTarget::Unit { found: None }));
    assert_eq!(life.state.status, Status::Transferring);
    let life = life.then(start(StartTarget::Unit { found: Some(A) }));
    assert_eq!((life.state.status, life.state.lead), (Status::Active, Some(A)));
}

#[test]
fn hold_needs_the_permission_of_the_lead_and_resume_a_free_slot() {
    let life = Life::active();
    let refused = life.refused(E::Hold {
        by: Actor::Technician(A),
        allowed: false,
    });
    assert_eq!(ErrorBody::from(refused).permission.as_deref(), Some(Permission::HoldSessions.key()));
    assert_eq!(life.refused(holds(B)), Refused::NotLead);
    let life = life.then(E::Hold {
        by: Actor::Administrator(C),
        allowed: false,
    });
    assert_eq!(life.effects, [Effect::SuspendTools]);
    assert_eq!(
        life.refused(E::Resume {
            technician: A,
            below_limit: false
        }),
        Refused::Maximum
    );
    assert_eq!(life.refused(resumes(B)), Refused::NotLead);
    let life = life.then(resumes(A));
    assert_eq!(life.effects, [Effect::ResumeTools]);
}

#[test]
fn a_transfer_makes_the_receiver_lead_and_ends_the_source_leg_as_transferred() {
    let life = Life::active().then(transfers(Actor::Technician(A)));
    assert_eq!(life.effects, [Effect::SuspendTools]);
    assert_eq!(life.state.lead, Some(A), "the source stays in charge until it is taken");
    let life = life.then(starts(B));
    assert_eq!(life.leg_of(A), LegStatus::Ended(Status::Transferred));
    assert_eq!(life.leg_of(B), LegStatus::Leading);
    assert_eq!(
        life.effects,
        [Effect::WithdrawTicket(Party::Member(A)), Effect::IssueTicket(Party::Member(B))]
    );
    assert_eq!(life.refused(closes(A)), Refused::NotLead);
}

#[test]
fn the_technician_who_passes_on_a_waiting_session_sees_it_as_transferred() {
    let transfer = E::Transfer {
        by: Actor::Technician(A),
        allowed: true,
        source: Some(A),
    };
    let life = Life::by_customer().then(READY).then(transfer);
    assert_eq!(life.leg_of(A), LegStatus::Handing);
    assert_eq!(life.state.lead, None);
    let back = E::TransferReturns {
        by: Actor::Technician(A),
        allowed: true,
        issuer_gone: false,
    };
    let life = life.then(back);
    assert_eq!((life.state.status, life.state.legs.len()), (Status::Waiting, 0));
    let life = life.then(transfer).then(starts(B));
    assert_eq!(life.leg_of(A), LegStatus::Ended(Status::Transferred), "SES-96");
}

#[test]
fn a_transfer_that_comes_back_restores_the_state_before_it() {
    let back = |by| E::TransferReturns {
        by,
        allowed: true,
        issuer_gone: false,
    };
    let life = Life::active()
        .then(transfers(Actor::Technician(A)))
        .then(back(Actor::Technician(B)));
    assert_eq!((life.state.status, life.state.lead), (Status::Active, Some(A)));
    assert_eq!(life.effects, [Effect::ResumeTools]);
    let life = life
        .then(holds(A))
        .then(transfers(Actor::Technician(A)))
        .then(E::ReceiverGone { issuer_gone: false });
    assert_eq!(life.state.status, Status::OnHold);
    assert_eq!(life.log.last().unwrap().actor, Actor::System);
    let life = Life::by_customer()
        .then(READY)
        .then(transfers(Actor::System))
        .then(back(Actor::Administrator(C)));
    assert_eq!(life.state.status, Status::Waiting);
    let stranger = E::TransferReturns {
        by: Actor::Technician(C),
        allowed: false,
        issuer_gone: false,
    };
    assert_eq!(
        Life::active().then(transfers(Actor::Technician(A))).refused(stranger).code(),
        ErrorCode::SessionNotEligible
    );
}

#[test]
fn a_transfer_goes_on_without_its_source_and_has_nowhere_to_come_back_to() {
    let life = Life::active().then(transfers(Actor::Technician(A))).then(gone(A));
    assert_eq!(life.state.status, Status::Transferring);
    assert_eq!(life.leg_of(A), LegStatus::Ended(Status::Aborted), "STM-47");
    assert_eq!(life.effects, [Effect::WithdrawTicket(Party::Member(A))]);
    let taken = Life {
        state: life.state.clone(),
        log: vec![],
        effects: vec![],
    }
    .then(starts(B));
    assert_eq!((taken.state.status, taken.state.lead), (Status::Active, Some(B)));
    let back = life.then(E::ReceiverGone { issuer_gone: false });
    assert!(
        back.names()
            .ends_with("Transferring, Active, Aborted: technician deleted or disabled")
    );
    assert_eq!(back.effects, [Effect::RevokeAll, Effect::RemoveApplet]);
}

#[test]
fn a_customer_who_leaves_during_a_transfer_is_named_by_what_was_before() {
    let never = Life::by_customer().then(READY).then(transfers(Actor::System)).then(E::CustomerEnds);
    assert_eq!(never.state.status, Status::ClosedByWaitingCustomer);
    assert_eq!(never.state.class(), Some(Class::Missed));
    let once = Life::active().then(transfers(Actor::Technician(A))).then(E::CustomerEnds);
    assert_eq!(once.state.status, Status::ClosedByCustomer);
}

#[test]
fn a_deleted_technician_ends_own_sessions_and_leaves_channel_sessions_in_the_queue() {
    let private = E::TechnicianGone {
        technician: A,
        responsible: true,
    };
    assert_eq!(Life::by_customer().then(READY).then(private).state.status, Status::Aborted);
    assert_eq!(
        Life::by_customer().then(READY).refused(gone(A)).code(),
        ErrorCode::SessionTransition
    );
    assert_eq!(Life::active().then(gone(A)).state.status, Status::Aborted);
    assert_eq!(Life::active().refused(gone(B)).code(), ErrorCode::SessionTransition);
    // The issuing technician matters no more once somebody else leads (STM-58).
    assert_eq!(
        Life::active()
            .refused(E::TechnicianGone {
                technician: B,
                responsible: true
            })
            .code(),
        ErrorCode::SessionTransition
    );
}

#[test]
fn a_lost_link_returns_or_ends_as_what_it_came_from() {
    let lost = || Life::active().then(E::LinkLost);
    assert_eq!(
        lost().then(E::AppletBack).names(),
        "Connecting, Waiting, Active, Reconnecting, Active"
    );
    assert_eq!(lost().then(closes(A)).state.status, Status::Disconnected);
    assert_eq!(lost().then(E::AppletUnreachable).then(closes(A)).state.status, Status::Disconnected);
    assert_eq!(lost().then(E::DeviceLeaves).state.offline_from, Some(OfflineFrom::Reconnecting));
    let rebooting = || {
        Life::active().then(E::Reboot {
            technician: A,
            allowed: true,
        })
    };
    assert_eq!(rebooting().then(closes(A)).state.status, Status::Rebooted);
    assert_eq!(rebooting().then(E::AppletBack).effects, [Effect::RunScriptAfterReboot]);
    assert_eq!(
        rebooting().then(E::RebootOverdue).then(E::AppletBack).effects,
        [Effect::RunScriptAfterReboot]
    );
    assert!(lost().then(E::AppletBack).effects.is_empty(), "permissions stay valid (STM-52)");
}

#[test]
fn a_restart_needs_the_permission_and_a_part_in_the_session() {
    let refused = Life::active().refused(E::Reboot {
        technician: A,
        allowed: false,
    });
    assert_eq!(ErrorBody::from(refused).permission.as_deref(), Some("reboot"));
    assert_eq!(
        Life::active().refused(E::Reboot {
            technician: B,
            allowed: true
        }),
        Refused::NotParticipant
    );
}

#[test]
fn work_in_progress_prevents_the_idle_time_out_and_hold_has_none() {
    let life = Life::active();
    assert_eq!(
        life.refused(E::IdleLimitReached { prevented: true }).code(),
        ErrorCode::SessionTransition
    );
    let held = Life::active().then(holds(A));
    assert_eq!(
        held.refused(E::IdleLimitReached { prevented: false }).code(),
        ErrorCode::SessionTransition
    );
    assert!(timers_of(Status::OnHold).is_empty());
    let life = life.then(E::IdleLimitReached { prevented: false });
    assert_eq!(life.refused(E::TabClosed { technician: B }), Refused::NotLead);
    let life = life.then(E::TabClosed { technician: A });
    assert_eq!(life.state.status.name(), "Timed out: closed by technician");
    assert_eq!(life.leg_of(A), LegStatus::Ended(Status::TimedOutClosedByTechnician));
}

#[test]
fn an_absent_lead_puts_the_session_on_hold_in_the_name_of_the_system() {
    let life = Life::active().then(E::LeadAbsent);
    let last = life.log.last().unwrap();
    assert_eq!((last.new, last.actor), (Status::OnHold, Actor::System));
    assert_eq!(life.then(resumes(A)).state.status, Status::Active);
}

#[test]
fn collaborators_come_go_and_end_with_the_session_without_changing_it() {
    let b = Party::Member(B);
    let guest = Party::External(InviteId(5));
    let invite = |party| E::Invite {
        by: A,
        allowed: true,
        party,
    };
    let life = Life::active().then(invite(b)).then(invite(guest));
    assert_eq!(life.refused(invite(b)), Refused::AlreadyParticipant);
    assert_eq!(life.refused(invite(Party::Member(A))), Refused::AlreadyParticipant);
    assert_eq!(
        life.refused(E::Invite {
            by: B,
            allowed: true,
            party: Party::Member(C)
        }),
        Refused::NotLead
    );
    assert_eq!(
        ErrorBody::from(life.refused(E::Invite {
            by: A,
            allowed: false,
            party: Party::External(InviteId(6))
        }))
        .permission
        .as_deref(),
        Some("invite_external")
    );
    assert_eq!(life.refused(E::Join { party: Party::Member(C) }), Refused::NotParticipant);
    let life = life.then(E::Join { party: b }).then(E::Join { party: guest });
    assert_eq!(life.effects, [Effect::IssueTicket(guest)]);
    assert_eq!(life.refused(E::Join { party: b }), Refused::AlreadyParticipant);
    let left = Life {
        state: life.state.clone(),
        log: vec![],
        effects: vec![],
    }
    .then(E::Leave { party: b });
    assert_eq!(left.leg_of(B), LegStatus::Ended(Status::ClosedByTechnician));
    let deleted = Life {
        state: life.state.clone(),
        log: vec![],
        effects: vec![],
    }
    .then(gone(B));
    assert_eq!((deleted.leg_of(B), deleted.log.len()), (LegStatus::Ended(Status::Aborted), 0));
    let life = life.then(E::CustomerEnds);
    assert_eq!(
        life.effects,
        [Effect::DismissCollaborators, Effect::RevokeAll, Effect::RemoveApplet]
    );
    assert_eq!(life.log.len(), 4, "legs are not transitions");
    let ended = life.state.legs.iter().find(|leg| leg.party == guest).unwrap().status;
    assert_eq!(ended, LegStatus::Ended(Status::ClosedByCustomer));
    assert_eq!(Status::ClosedByCustomer.external_name(), Some("Closed by active customer"));
}

#[test]
fn a_collaborator_who_takes_a_transfer_has_one_leg_and_leads() {
    let b = Party::Member(B);
    let life = Life::active()
        .then(E::Invite {
            by: A,
            allowed: true,
            party: b,
        })
        .then(E::Join { party: b });
    let life = life.then(transfers(Actor::Technician(A))).then(starts(B));
    assert_eq!(life.state.legs.len(), 2);
    assert_eq!(life.leg_of(B), LegStatus::Leading);
}

#[test]
fn nobody_is_invited_before_the_first_activation_or_after_the_end() {
    let invite = E::Invite {
        by: A,
        allowed: true,
        party: Party::Member(B),
    };
    assert_eq!(Life::by_customer().then(READY).refused(invite).code(), ErrorCode::SessionTransition);
    assert_eq!(Life::active().then(closes(A)).refused(invite).code(), ErrorCode::SessionEnded);
}

#[test]
fn every_timer_raises_an_event_its_state_takes() {
    for status in Status::ALL {
        assert!(!status.ends_leg() || timers_of(status).is_empty(), "{status}");
    }
    let waiting = || Life::by_customer().then(READY);
    let lives = [
        Life::by_customer(),
        waiting(),
        waiting().then(transfers(Actor::System)),
        Life::active(),
        Life::active().then(E::LinkLost),
        Life::active().then(E::Reboot {
            technician: A,
            allowed: true,
        }),
        Life::active().then(E::LinkLost).then(E::DeviceLeaves),
    ];
    for life in lives {
        let timers = timers_of(life.state.status);
        assert!(!timers.is_empty(), "{}", life.state.status);
        for timer in timers {
            assert!(step(&life.state, &timer.event(false)).is_ok(), "{timer:?} in {}", life.state.status);
        }
    }
    assert_eq!(Timer::Reboot.length(), Length::FixedMillis(900_000));
    assert_eq!(Timer::Unreachable.since(), Since::LinkLost, "STM-73");
}

#[test]
fn a_state_survives_the_database() {
    let life = Life::active()
        .then(E::Invite {
            by: A,
            allowed: true,
            party: Party::External(InviteId(4)),
        })
        .then(transfers(Actor::Technician(A)));
    let json = serde_json::to_string(&life.state).unwrap();
    assert_eq!(serde_json::from_str::<SessionState>(&json).unwrap(), life.state, "{json}");
}
