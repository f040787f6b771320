//! The state machine against the tables B.2 to B.4, written down here a second time: every state ×
//! event × flag, also in states that cannot come about. What is not a row is refused (STM-68), every
//! row is reached by some facts, and long random lives keep the invariants.

use std::collections::BTreeSet;

use farhand_protocol::ids::{InviteId, MemberId};
use farhand_protocol::session::*;

const LEAD: MemberId = MemberId(1);
const OTHER: MemberId = MemberId(2);
const COLLABORATOR: MemberId = MemberId(3);
const GUEST: Party = Party::External(InviteId(9));

/// From, event, to: the rows that change a state. Each is named by its number in the tables.
#[rustfmt::skip]
fn rows() -> Vec<(&'static str, Status, &'static str, Status)> {
    use Status::*;
    vec![
        ("STM-25", Connecting, "applet_ready", Waiting),
        ("STM-26", Connecting, "applet_ready", Active),
        ("STM-27", Connecting, "unattended_accepted", Active),
        ("STM-28", Connecting, "terms_refused", DeclinedByCustomer),
        ("STM-28", Connecting, "customer_ends", DeclinedByCustomer),
        ("STM-29", Connecting, "connecting_limit_reached", TimedOut),
        ("STM-30", Waiting, "technician_starts", Active),
        ("STM-30", Transferring, "technician_starts", Active),
        ("STM-31", Waiting, "administrator_starts", Active),
        ("STM-31", Waiting, "administrator_starts", Waiting),
        ("STM-31", Transferring, "administrator_starts", Active),
        ("STM-31", Transferring, "administrator_starts", Waiting),
        ("STM-32", Waiting, "auto_starts", Active),
        ("STM-32", Transferring, "auto_starts", Active),
        ("STM-33", Waiting, "customer_ends", ClosedByWaitingCustomer),
        ("STM-34", Waiting, "waiting_limit_reached", TimedOut),
        ("STM-35", Waiting, "transfer", Transferring),
        ("STM-36", Waiting, "applet_unreachable", Disconnected),
        ("STM-37", Connecting, "close", ClosedByTechnician),
        ("STM-37", Waiting, "close", ClosedByTechnician),
        ("STM-38", Connecting, "technician_gone", Aborted),
        ("STM-38", Waiting, "technician_gone", Aborted),
        ("STM-39", Active, "hold", OnHold),
        ("STM-40", OnHold, "resume", Active),
        ("STM-41", Active, "transfer", Transferring),
        ("STM-41", OnHold, "transfer", Transferring),
        ("STM-43", Transferring, "transfer_returns", Waiting),
        ("STM-43", Transferring, "transfer_returns", Active),
        ("STM-43", Transferring, "transfer_returns", OnHold),
        ("STM-43 then STM-38", Waiting, "transfer_returns", Aborted),
        ("STM-43 then STM-58", Active, "transfer_returns", Aborted),
        ("STM-43 then STM-58", OnHold, "transfer_returns", Aborted),
        ("STM-44", Transferring, "customer_ends", ClosedByCustomer),
        ("STM-44", Transferring, "customer_ends", ClosedByWaitingCustomer),
        ("STM-45", Transferring, "waiting_limit_reached", TimedOut),
        ("STM-46", Transferring, "receiver_gone", Waiting),
        ("STM-46", Transferring, "receiver_gone", Active),
        ("STM-46", Transferring, "receiver_gone", OnHold),
        ("STM-46 then STM-38", Waiting, "receiver_gone", Aborted),
        ("STM-46 then STM-58", Active, "receiver_gone", Aborted),
        ("STM-46 then STM-58", OnHold, "receiver_gone", Aborted),
        ("STM-48", Active, "reboot", Rebooting),
        ("STM-49", Rebooting, "applet_back", Active),
        ("STM-50", Rebooting, "reboot_overdue", Offline),
        ("STM-51", Active, "link_lost", Reconnecting),
        ("STM-52", Reconnecting, "applet_back", Active),
        ("STM-53", Reconnecting, "applet_unreachable", Offline),
        ("STM-53", Reconnecting, "device_leaves", Offline),
        ("STM-54", Offline, "applet_back", Active),
        ("STM-54", Offline, "applet_back", Connecting),
        ("STM-55", Reconnecting, "close", Disconnected),
        ("STM-55", Offline, "close", Disconnected),
        ("STM-55", Offline, "close", Rebooted),
        ("STM-56", Rebooting, "close", Rebooted),
        ("STM-57", Active, "idle_limit_reached", TimedOut),
        ("STM-57", Reconnecting, "idle_limit_reached", TimedOut),
        ("STM-57", Rebooting, "idle_limit_reached", TimedOut),
        ("STM-57", Offline, "idle_limit_reached", TimedOut),
        ("STM-58", Active, "technician_gone", Aborted),
        ("STM-58", OnHold, "technician_gone", Aborted),
        ("STM-58", Rebooting, "technician_gone", Aborted),
        ("STM-58", Reconnecting, "technician_gone", Aborted),
        ("STM-58", Offline, "technician_gone", Aborted),
        ("STM-59", Active, "close", ClosedByTechnician),
        ("STM-59", OnHold, "close", ClosedByTechnician),
        ("STM-59", Transferring, "close", ClosedByTechnician),
        ("STM-60", Active, "customer_ends", ClosedByCustomer),
        ("STM-60", OnHold, "customer_ends", ClosedByCustomer),
        ("STM-61", TimedOut, "tab_closed", TimedOutClosedByTechnician),
        ("STM-62", Active, "lead_absent", OnHold),
    ]
}

/// Events that may be accepted and change no state: STM-24, STM-31 in another queue, STM-47, STM-63.
const QUIET: [&str; 6] = ["terms_shown", "administrator_starts", "technician_gone", "invite", "join", "leave"];

const FLAGS: [bool; 2] = [false, true];

fn actors() -> Vec<Actor> {
    let members = [LEAD, OTHER, COLLABORATOR];
    let mut all = vec![Actor::Customer, Actor::System];
    all.extend(members.map(Actor::Technician));
    all.extend(members.map(Actor::Administrator));
    all
}

fn candidates() -> Vec<Candidate> {
    let mut all = Vec::new();
    for technician in [LEAD, OTHER, COLLABORATOR] {
        for bits in 0..8u8 {
            all.push(Candidate {
                technician,
                eligible: bits & 1 != 0,
                below_limit: bits & 2 != 0,
                console_open: bits & 4 != 0,
            });
        }
    }
    all
}

/// Every event with every combination of its facts.
fn events() -> Vec<SessionEvent> {
    use SessionEvent as E;
    let mut all = vec![
        E::TermsShown,
        E::TermsRefused,
        E::CustomerEnds,
        E::ConnectingLimitReached,
        E::WaitingLimitReached,
        E::AppletUnreachable,
        E::AppletBack,
        E::RebootOverdue,
        E::LinkLost,
        E::DeviceLeaves,
        E::LeadAbsent,
    ];
    for candidate in candidates() {
        all.push(E::AutoStarts(candidate));
        for flag in FLAGS {
            all.push(E::AppletReady {
                terms_settled: flag,
                auto_start: Some(candidate),
            });
            all.push(E::AdministratorStarts {
                administrator: OTHER,
                allowed: flag,
                target: StartTarget::Technician(candidate),
            });
        }
    }
    for flag in FLAGS {
        all.push(E::AppletReady {
            terms_settled: flag,
            auto_start: None,
        });
        all.push(E::IdleLimitReached { prevented: flag });
        all.push(E::ReceiverGone { issuer_gone: flag });
        for found in [None, Some(LEAD), Some(OTHER)] {
            all.push(E::AdministratorStarts {
                administrator: OTHER,
                allowed: flag,
                target: StartTarget::Unit { found },
            });
        }
        for by in actors() {
            all.push(E::Close { by, allowed: flag });
            all.push(E::Hold { by, allowed: flag });
            for source in [None, Some(LEAD)] {
                all.push(E::Transfer { by, allowed: flag, source });
            }
            for issuer_gone in FLAGS {
                all.push(E::TransferReturns {
                    by,
                    allowed: flag,
                    issuer_gone,
                });
            }
        }
    }
    for technician in [LEAD, OTHER, COLLABORATOR] {
        all.push(E::UnattendedAccepted { technician });
        all.push(E::TabClosed { technician });
        for flag in FLAGS {
            all.push(E::TechnicianGone {
                technician,
                responsible: flag,
            });
            all.push(E::Resume {
                technician,
                below_limit: flag,
            });
            all.push(E::Reboot { technician, allowed: flag });
            for below_limit in FLAGS {
                all.push(E::TechnicianStarts {
                    technician,
                    eligible: flag,
                    below_limit,
                });
            }
            for party in [Party::Member(OTHER), Party::Member(COLLABORATOR), GUEST] {
                all.push(E::Invite {
                    by: technician,
                    allowed: flag,
                    party,
                });
            }
        }
    }
    for party in [Party::Member(LEAD), Party::Member(OTHER), Party::Member(COLLABORATOR), GUEST] {
        all.push(E::Join { party });
        all.push(E::Leave { party });
    }
    all
}

fn leg(party: Party, status: LegStatus) -> Leg {
    Leg { party, status }
}

/// Every combination of the fields, also those that cannot come about.
fn states() -> Vec<SessionState> {
    let lead = Party::Member(LEAD);
    let leg_sets = [
        vec![],
        vec![leg(lead, LegStatus::Leading)],
        vec![
            leg(lead, LegStatus::Leading),
            leg(Party::Member(COLLABORATOR), LegStatus::Collaboration),
            leg(GUEST, LegStatus::Invited),
        ],
        vec![
            leg(lead, LegStatus::Ended(Status::Transferred)),
            leg(Party::Member(OTHER), LegStatus::Leading),
        ],
        vec![leg(lead, LegStatus::Handing)],
        vec![leg(lead, LegStatus::Ended(Status::TimedOut))],
    ];
    let mut all = Vec::new();
    for status in Status::ALL {
        for before_transfer in [None, Some(Status::Waiting), Some(Status::Active), Some(Status::OnHold)] {
            for reached in [Reached::Opened, Reached::Connecting, Reached::Waiting, Reached::Active] {
                for offline_from in [
                    None,
                    Some(OfflineFrom::Opening),
                    Some(OfflineFrom::Rebooting),
                    Some(OfflineFrom::Reconnecting),
                ] {
                    for lead in [None, Some(LEAD), Some(OTHER)] {
                        for legs in &leg_sets {
                            all.push(SessionState {
                                status,
                                before_transfer,
                                reached,
                                offline_from,
                                lead,
                                legs: legs.clone(),
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn only_the_rows_of_the_tables_change_a_state_and_each_row_does() {
    let rows = rows();
    let events = events();
    let mut seen = BTreeSet::new();
    for state in states() {
        for event in &events {
            let Ok(step) = step(&state, event) else {
                continue;
            };
            let mut at = state.status;
            for transition in &step.transitions {
                assert_eq!(transition.old, Some(at), "the log has no holes: {state:?} {event:?}");
                at = transition.new;
                let row = rows
                    .iter()
                    .position(|(_, from, name, to)| (*from, *name, *to) == (transition.old.unwrap(), event.name(), at));
                let row = row.unwrap_or_else(|| panic!("no row allows {transition:?} by {event:?} in {state:?}"));
                seen.insert(row);
            }
            assert_eq!(at, step.state.status, "the last transition leads to the new state");
            if step.transitions.is_empty() {
                assert!(
                    QUIET.contains(&event.name()),
                    "{event:?} changed nothing in {state:?} and was not refused"
                );
            }
        }
    }
    let missing: Vec<_> = rows
        .iter()
        .enumerate()
        .filter(|(i, _)| !seen.contains(i))
        .map(|(_, row)| row)
        .collect();
    assert!(missing.is_empty(), "rows nothing leads through: {missing:?}");
}

#[test]
fn a_final_state_is_left_by_closing_the_tab_of_a_time_out_alone() {
    let events = events();
    for state in states().into_iter().filter(|state| state.status.ends_leg()) {
        for event in &events {
            match step(&state, event) {
                Ok(step) => {
                    assert_eq!(state.status, Status::TimedOut);
                    assert_eq!(event.name(), "tab_closed");
                    assert_eq!(step.state.status, Status::TimedOutClosedByTechnician);
                    assert!(step.effects.is_empty(), "everything was taken back before");
                }
                Err(Refused::Ended { status, .. }) => assert_eq!(status, state.status),
                Err(Refused::NotLead) => assert_eq!((state.status, event.name()), (Status::TimedOut, "tab_closed")),
                Err(other) => assert_eq!(state.status, Status::Transferred, "{other}"),
            }
        }
    }
}

#[test]
fn the_same_step_taken_twice_gives_the_same_answer() {
    let events = events();
    for state in states().iter().step_by(7) {
        for event in &events {
            assert_eq!(step(state, event), step(state, event));
        }
    }
}

fn openings() -> Vec<Opening> {
    let mut all = Vec::new();
    for a in FLAGS {
        for b in FLAGS {
            all.push(Opening::ByCustomer {
                code_valid: a,
                no_technician_aborts: b,
            });
            for c in FLAGS {
                all.push(Opening::Unattended {
                    technician: LEAD,
                    allowed: a,
                    below_limit: b,
                    answers: c,
                });
            }
        }
    }
    all
}

/// What must hold in every state that can come about.
fn assert_consistent(state: &SessionState) {
    assert_eq!(state.before_transfer.is_some(), state.status == Status::Transferring, "{state:?}");
    assert_eq!(state.offline_from.is_some(), state.status == Status::Offline, "{state:?}");
    assert_ne!(state.status, Status::Transferred, "only legs are Transferred");
    let leading: Vec<_> = state.legs.iter().filter(|leg| leg.status == LegStatus::Leading).collect();
    assert!(leading.len() <= 1, "at most one lead (STM-67): {state:?}");
    if let Some(leg) = leading.first() {
        assert_eq!(state.lead.map(Party::Member), Some(leg.party), "{state:?}");
    }
    let worked_in = matches!(
        state.status,
        Status::Active | Status::OnHold | Status::Rebooting | Status::Reconnecting
    );
    if worked_in {
        assert_eq!(leading.len(), 1, "somebody is in charge: {state:?}");
    }
    if state.status == Status::Waiting {
        assert!(!state.was_active(), "Waiting has never been Active (STM-02): {state:?}");
    }
    if worked_in || state.status == Status::ClosedByCustomer {
        assert!(state.was_active(), "{state:?}");
    }
    if state.status == Status::ClosedByWaitingCustomer || state.status == Status::DeclinedByCustomer {
        assert!(!state.was_active(), "{state:?}");
    }
    assert_eq!(state.class().is_some(), state.status.is_final());
    if state.status.is_final() {
        assert!(
            state.legs.iter().all(|leg| !leg.is_open()),
            "all legs end with the session: {state:?}"
        );
        assert_eq!(state.participants().count(), 0);
    }
    for leg in &state.legs {
        if let (Party::External(_), LegStatus::Ended(end)) = (leg.party, leg.status) {
            assert!(
                end.external_name().is_some(),
                "an external leg ends in one of seven values (STM-64): {end:?}"
            );
        }
    }
    let parties: Vec<_> = state.legs.iter().filter(|leg| leg.is_open()).map(|leg| leg.party).collect();
    assert_eq!(
        parties.iter().collect::<BTreeSet<_>>().len(),
        parties.len(),
        "one open leg per party: {state:?}"
    );
}

fn assert_effects(before: &SessionState, step: &Step) {
    let ended = !before.status.is_final() && step.state.status.is_final();
    assert_eq!(
        step.effects.contains(&Effect::RevokeAll),
        ended,
        "access ends exactly at the end (STM-75)"
    );
    assert_eq!(step.effects.contains(&Effect::RemoveApplet), ended);
    let had: BTreeSet<_> = before.participants().collect();
    let has: BTreeSet<_> = step.state.participants().collect();
    for gained in has.difference(&had) {
        assert!(
            step.effects.contains(&Effect::IssueTicket(*gained)),
            "{gained:?} needs a ticket: {step:?}"
        );
    }
    if !ended {
        for lost in had.difference(&has) {
            assert!(
                step.effects.contains(&Effect::WithdrawTicket(*lost)),
                "{lost:?} keeps a ticket: {step:?}"
            );
        }
    }
}

#[test]
fn random_lives_keep_the_invariants() {
    let events = events();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let openings: Vec<_> = openings().iter().filter_map(|opening| open(opening).ok()).collect();
    let mut met = BTreeSet::new();
    for _ in 0..3000 {
        let mut state = openings[next(openings.len())].state.clone();
        let mut history = vec![state.status];
        for _ in 0..120 {
            assert_consistent(&state);
            met.insert(state.status);
            let event = &events[next(events.len())];
            // Ends are put off, or no life would get far.
            let Ok(step) = step(&state, event) else {
                continue;
            };
            if step.state.status.is_final() && history.len() < 8 && next(8) > 0 {
                continue;
            }
            assert!(step.state.reached >= state.reached, "how far it came only grows");
            assert_effects(&state, &step);
            history.extend(step.transitions.iter().map(|transition| transition.new));
            state = step.state;
        }
        assert_consistent(&state);
        assert_eq!(
            class_of(history.iter().copied()),
            state.class(),
            "the log and the state agree on the class: {history:?}"
        );
    }
    assert_eq!(met.len(), Status::ALL.len() - 1, "all but Transferred were met: {met:?}");
}

#[test]
fn a_session_opens_only_with_a_good_code_and_somebody_to_take_it() {
    for opening in openings() {
        let outcome = open(&opening);
        match opening {
            Opening::ByCustomer { code_valid: false, .. } => assert_eq!(outcome, Err(Refused::CodeExpired), "STM-20"),
            Opening::ByCustomer {
                no_technician_aborts: true,
                ..
            } => assert_eq!(outcome, Err(Refused::NoTechnician), "STM-21"),
            Opening::ByCustomer { .. } => {
                let step = outcome.unwrap();
                assert_eq!(
                    step.transitions,
                    [Transition {
                        old: None,
                        new: Status::Connecting,
                        actor: Actor::Customer
                    }],
                    "STM-19"
                );
            }
            Opening::Unattended { allowed: false, .. } => {
                assert_eq!(outcome, Err(Refused::NotEligible))
            }
            Opening::Unattended { below_limit: false, .. } => assert_eq!(outcome, Err(Refused::Maximum)),
            Opening::Unattended { answers, .. } => {
                let new = if answers { Status::Connecting } else { Status::Offline };
                let step = outcome.unwrap();
                assert_eq!(
                    step.transitions,
                    [Transition {
                        old: None,
                        new,
                        actor: Actor::Technician(LEAD)
                    }],
                    "STM-22, STM-23"
                );
            }
        }
    }
}
