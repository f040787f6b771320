//! The 18 states themselves: literal names and codes, finality, what may be used in each.

use std::collections::BTreeSet;

use farhand_protocol::session::{Class, Status, Tool, class_of, timers_of};

#[test]
fn tools_chat_and_notes_follow_the_state() {
    for status in Status::ALL {
        let active = status == Status::Active;
        assert_eq!(status.allows(Tool::Remote), active, "{status}");
        assert_eq!(status.allows(Tool::Files), active, "{status}");
        let chat = matches!(status, Status::Waiting | Status::Active | Status::Transferring);
        assert_eq!(status.allows(Tool::Chat), chat, "{status}");
        assert!(status.allows(Tool::Notes));
    }
}

#[test]
fn names_and_codes_are_the_literal_values() {
    let names: Vec<_> = Status::ALL.iter().map(|status| status.name()).collect();
    assert_eq!(
        names,
        [
            "Connecting",
            "Waiting",
            "Active",
            "On hold",
            "Transferring",
            "Rebooting",
            "Reconnecting",
            "Offline",
            "Transferred",
            "Closed by customer",
            "Closed by waiting customer",
            "Closed by technician",
            "Declined by customer",
            "Timed out",
            "Timed out: closed by technician",
            "Aborted: technician deleted or disabled",
            "Disconnected",
            "Rebooted",
        ]
    );
    for status in Status::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), status.code());
        assert_eq!(Status::from_code(status.code()), Some(status));
        assert_eq!(
            status.is_final(),
            (9..18).contains(&Status::ALL.iter().position(|s| *s == status).unwrap())
        );
    }
    let external: BTreeSet<_> = Status::ALL.iter().filter_map(|status| status.external_name()).collect();
    assert_eq!(external.len(), 7, "STM-64");
}

#[test]
fn the_class_of_a_session_follows_from_the_states_it_went_through() {
    use Status::*;
    let classes = [
        (vec![Connecting, DeclinedByCustomer], Some(Class::Failed)),
        (vec![Connecting, TimedOut], Some(Class::Failed)),
        (vec![Connecting, Waiting, TimedOut], Some(Class::Missed)),
        (
            vec![Connecting, Waiting, Transferring, ClosedByWaitingCustomer],
            Some(Class::Missed),
        ),
        (vec![Connecting, Active, ClosedByTechnician], Some(Class::Handled)),
        (
            vec![Connecting, Waiting, Active, Reconnecting, Offline, Disconnected],
            Some(Class::Handled),
        ),
        (vec![Offline, Disconnected], Some(Class::Handled)),
        (vec![Connecting, Waiting], None),
        (vec![], None),
    ];
    for (history, class) in classes {
        assert_eq!(class_of(history.iter().copied()), class, "{history:?}");
    }
}

#[test]
fn only_states_that_go_on_have_timers() {
    for status in Status::ALL {
        let none = status.ends_leg() || status == Status::OnHold;
        assert_eq!(timers_of(status).is_empty(), none, "{status}");
    }
}
