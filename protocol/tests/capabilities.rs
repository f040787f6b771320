//! The map from every message a viewer may send to what it needs, written down a second time; and
//! that the map and the grants together let nothing through that somebody did not allow.

mod common;

use std::collections::BTreeMap;

use farhand_protocol::peer::{HostBound, Needs, Subscribe, TakeControl};
use farhand_protocol::permission::{Capability, CapabilitySet, Grant, Permission};
use farhand_protocol::wire::Message;

fn expected() -> BTreeMap<&'static str, Needs> {
    use Capability::{Chat, Control, View};
    let capability = Needs::Capability;
    BTreeMap::from([
        ("Hello", Needs::Nothing),
        ("Present", Needs::Nothing),
        ("Sas", Needs::Ticket),
        ("Request", Needs::Ticket),
        ("Clock", Needs::Ticket),
        ("Ceiling", Needs::Ticket),
        ("Leave", Needs::Ticket),
        ("Subscribe", capability(View)),
        ("Acknowledge", capability(View)),
        ("Resync", capability(View)),
        ("Quality", capability(View)),
        ("TakeControl", capability(Control)),
        ("Input", capability(Control)),
        ("Chat", capability(Chat)),
    ])
}

fn name_of(message: &HostBound) -> &'static str {
    HostBound::KINDS
        .iter()
        .find(|(kind, _)| *kind == message.kind())
        .expect("every kind has a name")
        .1
}

/// What a host may do with a message under a grant.
fn passes(message: &HostBound, has_ticket: bool, grant: &Grant) -> bool {
    match message.needs() {
        Needs::Nothing => true,
        Needs::Ticket => has_ticket,
        Needs::Capability(capability) => has_ticket && grant.effective().has(capability),
    }
}

#[test]
fn every_message_needs_exactly_what_the_table_says() {
    let expected = expected();
    assert_eq!(expected.len(), HostBound::KINDS.len(), "a new message needs a line here");
    for message in common::host_bound() {
        assert_eq!(message.needs(), expected[name_of(&message)], "{message:?}");
    }
}

#[test]
fn without_its_capability_no_message_passes_whoever_withholds_it() {
    let all = CapabilitySet::all();
    for message in common::host_bound() {
        let full = Grant {
            ceiling: all,
            local_policy: all,
            allowed: all,
        };
        assert!(passes(&message, true, &full));
        assert!(!passes(&message, false, &full) || message.needs() == Needs::Nothing);
        let Needs::Capability(needed) = message.needs() else {
            continue;
        };
        for missing in Capability::ALL {
            let rest = all.without(*missing);
            assert_eq!(
                passes(&message, true, &Grant { ceiling: rest, ..full }),
                *missing != needed,
                "{message:?} without {missing}"
            );
            assert_eq!(
                passes(
                    &message,
                    true,
                    &Grant {
                        local_policy: rest,
                        ..full
                    }
                ),
                *missing != needed
            );
            let promptless = Grant::PROMPTLESS.has(needed);
            assert_eq!(
                passes(&message, true, &Grant { allowed: rest, ..full }),
                *missing != needed || promptless
            );
        }
        let mut revoked = full;
        revoked.revoke();
        assert_eq!(
            passes(&message, true, &revoked),
            Grant::PROMPTLESS.has(needed),
            "after STOP: {message:?}"
        );
    }
}

#[test]
fn chat_is_the_only_thing_that_needs_no_prompt() {
    assert_eq!(Grant::PROMPTLESS.iter().collect::<Vec<_>>(), [Capability::Chat]);
}

#[test]
fn only_messages_that_give_up_pass_as_such() {
    for message in common::host_bound() {
        if message.only_gives_up() {
            assert!(matches!(message.needs(), Needs::Capability(_)), "{message:?}");
        }
    }
    assert!(HostBound::TakeControl(TakeControl { on: false }).only_gives_up());
    assert!(!HostBound::TakeControl(TakeControl { on: true }).only_gives_up());
    assert!(
        HostBound::Subscribe(Subscribe {
            monitors: vec![],
            on: false
        })
        .only_gives_up()
    );
    assert!(
        !HostBound::Subscribe(Subscribe {
            monitors: vec![],
            on: true
        })
        .only_gives_up()
    );
}

#[test]
fn a_group_gives_no_capability_its_permissions_lack() {
    for missing in Permission::ALL {
        let held: Vec<_> = Permission::ALL.iter().copied().filter(|permission| permission != missing).collect();
        let ceiling = CapabilitySet::ceiling(&held);
        for capability in Capability::ALL {
            assert_eq!(
                ceiling.has(*capability),
                capability.permission() != *missing,
                "{capability} without {missing:?}"
            );
        }
    }
    assert!(CapabilitySet::ceiling(&[]).is_empty());
}
