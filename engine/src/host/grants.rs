//! What the customer has allowed, per technician: it belongs to the person, not to a connection, so it outlives lost links,
//! redials and newer tickets, and ends only when the customer takes it back (DESIGN 6 and 7).

use std::collections::BTreeMap;

use farhand_protocol::{
    ids::MemberId,
    permission::{CapabilitySet, Grant},
};

/// Rights given on this device in this session.
#[derive(Debug)]
pub(super) struct Grants {
    local_policy: CapabilitySet,
    in_advance: CapabilitySet,
    members: BTreeMap<MemberId, Given>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Given {
    allowed: CapabilitySet,
    was_revoked: bool,
}

impl Grants {
    /// Nothing allowed yet; `in_advance` is the local person's consent from the command line.
    pub(super) fn new(local_policy: CapabilitySet, in_advance: CapabilitySet) -> Self {
        Self {
            local_policy,
            in_advance: in_advance.normalised(),
            members: BTreeMap::new(),
        }
    }

    /// What can be allowed at all under this ceiling.
    pub(super) fn scope(&self, ceiling: CapabilitySet) -> CapabilitySet {
        ceiling.and(self.local_policy)
    }

    /// What the technician may do now under this ceiling; see [`Grant::effective`].
    pub(super) fn effective(&self, member: MemberId, ceiling: CapabilitySet) -> CapabilitySet {
        let allowed = self.members.get(&member).map_or(CapabilitySet::EMPTY, |given| given.allowed);
        Grant {
            ceiling,
            local_policy: self.local_policy,
            allowed,
        }
        .effective()
    }

    /// What may be given without asking because the person said so when starting the applet.
    pub(super) fn in_advance(&self) -> CapabilitySet {
        self.in_advance
    }

    /// The customer allowed this.
    pub(super) fn allow(&mut self, member: MemberId, capabilities: CapabilitySet) {
        let given = self.members.entry(member).or_default();
        given.allowed = given.allowed.or(capabilities).normalised();
        given.was_revoked = false;
    }

    /// Takes back everything from everyone, what was given in advance too: the person at the machine has changed their
    /// mind (APP-36, APP-40). True when somebody had something.
    pub(super) fn revoke_all(&mut self) -> bool {
        let mut had_something = !self.in_advance.is_empty();
        self.in_advance = CapabilitySet::EMPTY;
        for given in self.members.values_mut() {
            had_something |= !given.allowed.is_empty();
            given.was_revoked |= !given.allowed.is_empty();
            given.allowed = CapabilitySet::EMPTY;
        }
        had_something
    }

    /// What stands allowed, by technician: what must survive a crash of the applet.
    pub(super) fn allowed(&self) -> Vec<(MemberId, CapabilitySet)> {
        let given = self.members.iter().map(|(member, given)| (*member, given.allowed));
        given.filter(|(_, allowed)| !allowed.is_empty()).collect()
    }

    /// True when the customer took this technician's rights back and has not given any since.
    pub(super) fn was_revoked(&self, member: MemberId) -> bool {
        self.members.get(&member).is_some_and(|given| given.was_revoked)
    }
}

#[cfg(test)]
mod tests {
    use farhand_protocol::permission::Capability;

    use super::*;

    const ADA: MemberId = MemberId(1);
    const BEN: MemberId = MemberId(2);

    #[test]
    fn a_grant_is_of_one_person_and_within_ceiling_and_policy() {
        let all = CapabilitySet::all();
        let mut grants = Grants::new(all.without(Capability::Reboot), CapabilitySet::EMPTY);
        grants.allow(ADA, CapabilitySet::EMPTY.with(Capability::Control).with(Capability::Reboot));
        let ada = grants.effective(ADA, all);
        assert!(ada.has(Capability::Control) && ada.has(Capability::View) && !ada.has(Capability::Reboot));
        assert!(!grants.effective(BEN, all).has(Capability::View));
        assert!(!grants.effective(ADA, all.without(Capability::Control)).has(Capability::Control));
    }

    #[test]
    fn revoking_takes_back_what_was_given_in_advance_too() {
        let view = CapabilitySet::EMPTY.with(Capability::View);
        let mut grants = Grants::new(CapabilitySet::all(), view);
        assert!(grants.revoke_all() && grants.in_advance().is_empty());
        assert!(!grants.revoke_all());
        grants.allow(ADA, view);
        assert!(grants.revoke_all() && grants.was_revoked(ADA) && !grants.was_revoked(BEN));
        assert!(!grants.effective(ADA, CapabilitySet::all()).has(Capability::View));
        grants.allow(ADA, view);
        assert!(!grants.was_revoked(ADA));
    }
}
