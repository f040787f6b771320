//! The state machine of a session (spec 00-glossary, part B) as one pure function: no clock, no
//! I/O, no identity checks. The gateway alone calls it with the facts it has checked, stores the
//! new state with the transitions, and carries out the effects.
//!
//! ```text
//!            Connecting ──► Waiting ──► Active ◄──► On hold
//!                 │            │  ▲       │ ▲  ◄──► Rebooting, Reconnecting, Offline
//!                 │            ▼  │       ▼ │
//!                 │         Transferring ◄──┘
//!                 └───────── a final state from any of them, never left but by STM-61
//! ```
//!
//! Whatever is not in B.2 to B.4 is refused and changes nothing (STM-68).

mod after_activation;
mod before_activation;
mod collaboration;
mod event;
mod leg;
mod outcome;
mod status;
mod step;
mod timer;
mod transferring;

use serde::{Deserialize, Serialize};

use crate::ids::MemberId;

pub use event::{Actor, Candidate, Opening, SessionEvent, StartTarget};
pub use leg::{Leg, LegStatus, Party};
pub use outcome::{Effect, Refused, Step, Transition};
pub use status::{Class, Reached, Status, Tool, class_of};
pub use step::{open, step};
pub use timer::{LEAD_ABSENT_MILLIS, Length, REBOOT_MILLIS, Since, Timer, UNREACHABLE_MILLIS, timers_of};

/// From where a session became Offline, which decides where it goes on and how it ends (STM-54,
/// STM-55).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfflineFrom {
    /// The computer did not answer when it was opened (STM-23).
    Opening,
    /// The applet did not come back after a restart (STM-50).
    Rebooting,
    /// The link was not restored (STM-53).
    Reconnecting,
}

/// Everything that decides what may happen to a session next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionState {
    /// The one state it has (STM-67).
    pub status: Status,
    /// Waiting, Active or On hold while Transferring, none otherwise (STM-43).
    pub before_transfer: Option<Status>,
    /// How far it ever came; [`Self::was_active`] and the class follow from it.
    pub reached: Reached,
    /// Set while Offline, none otherwise.
    pub offline_from: Option<OfflineFrom>,
    /// The technician in charge since the first activation (STM-67); while Transferring the source.
    /// None before, and after the source of a transfer went away (STM-47). Kept when the session
    /// has ended.
    pub lead: Option<MemberId>,
    /// The parts of all technicians, oldest first.
    pub legs: Vec<Leg>,
}

impl SessionState {
    /// True when it was ever Active.
    pub fn was_active(&self) -> bool {
        self.reached == Reached::Active
    }

    /// What became of it (STM-66); none while it runs.
    pub fn class(&self) -> Option<Class> {
        self.status.is_final().then(|| self.reached.class())
    }

    /// The open leg of a party, if it takes part.
    pub fn open_leg(&self, party: Party) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.party == party && leg.is_open())
    }

    /// The parties that may have tickets now, lead first.
    pub fn participants(&self) -> impl Iterator<Item = Party> + '_ {
        let leads = self.legs.iter().filter(|leg| leg.status == LegStatus::Leading);
        let others = self.legs.iter().filter(|leg| leg.status == LegStatus::Collaboration);
        leads.chain(others).map(|leg| leg.party)
    }
}
