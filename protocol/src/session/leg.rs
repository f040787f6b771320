//! Legs: the part each technician has in a session (STM-09, STM-63, STM-64). The session has one
//! state; each technician's leg has its own.

use serde::{Deserialize, Serialize};

use super::status::Status;
use crate::ids::{InviteId, MemberId};

/// Who a leg belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A member of the organisation.
    Member(MemberId),
    /// A person outside of it, known by the invitation (GLO-24).
    External(InviteId),
}

/// State of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegStatus {
    /// In charge of the session; at most one leg is (STM-67).
    Leading,
    /// Passed on a session that was only Waiting; nobody has started it yet (STM-35).
    Handing,
    /// Invited and not there yet (STM-63).
    Invited,
    /// Taking part at the lead's invitation (STM-63).
    Collaboration,
    /// Over, with this value in the reports.
    Ended(Status),
}

/// The part of one technician in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Leg {
    /// Whose.
    pub party: Party,
    /// How it stands.
    pub status: LegStatus,
}

impl Leg {
    /// True until the leg has ended.
    pub const fn is_open(&self) -> bool {
        !matches!(self.status, LegStatus::Ended(_))
    }

    /// True for an invited or joined collaborator.
    pub const fn is_collaborator(&self) -> bool {
        matches!(self.status, LegStatus::Invited | LegStatus::Collaboration)
    }

    /// True when this party has access to the customer's device while the session is Active.
    pub const fn has_access(&self) -> bool {
        matches!(self.status, LegStatus::Leading | LegStatus::Collaboration)
    }
}
