//! What a step gives back: the new state, what the log gets, what is to be done, or why not.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::SessionState;
use super::event::{Actor, SessionEvent};
use super::leg::Party;
use super::status::Status;
use crate::error::{ErrorBody, ErrorCode};
use crate::permission::Permission;

/// A change of state for the log (STM-70); the gateway adds the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Transition {
    /// State before, none for a new session.
    pub old: Option<Status>,
    /// State after.
    pub new: Status,
    /// Who did it.
    pub actor: Actor,
}

/// What is to be done outside once the new state is stored, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The chat window opens for the customer (STM-25).
    OpenChat,
    /// Issue one ticket for this pair of applet and technician; a new technician is named in the
    /// customer's consent.
    IssueTicket(Party),
    /// Take the access of one technician back; the others keep theirs.
    WithdrawTicket(Party),
    /// Remote tools stop: keys are released, transfers and terminals paused and kept (STM-41).
    SuspendTools,
    /// The same lead goes on where the tools were suspended.
    ResumeTools,
    /// The pending embedded script *after restart* runs (STM-49).
    RunScriptAfterReboot,
    /// Collaborators get a system message and are cut from the applet; their tabs stay (STM-65).
    DismissCollaborators,
    /// All access rights to the device end (STM-75).
    RevokeAll,
    /// The applet removes itself (STM-75).
    RemoveApplet,
}

/// A step that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// State to store.
    pub state: SessionState,
    /// Entries for the log, in order; empty when only legs or facts changed.
    pub transitions: Vec<Transition>,
    /// What to do next.
    pub effects: Vec<Effect>,
}

/// Why a step is refused. Nothing changes then (STM-68).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Refused {
    /// The event has no place in this state.
    #[error("{event} is not possible in the state {status}")]
    Transition {
        /// State the session is in and stays in.
        status: Status,
        /// What was tried.
        event: &'static str,
    },
    /// The session has ended and its state is final (STM-69).
    #[error("{event} is not possible: the session has ended ({status})")]
    Ended {
        /// The final state.
        status: Status,
        /// What was tried.
        event: &'static str,
    },
    /// The private code has expired (STM-20).
    #[error("the PIN code or link has expired")]
    CodeExpired,
    /// No technician is available and the request is aborted (STM-21).
    #[error("no technician is available")]
    NoTechnician,
    /// The technician may not take this session.
    #[error("the technician may not take this session")]
    NotEligible,
    /// The technician has no free session slot.
    #[error("the technician is at the session maximum")]
    Maximum,
    /// Only the lead technician or an administrator may do this.
    #[error("only the lead technician may do this")]
    NotLead,
    /// Not somebody who takes part in this session.
    #[error("this technician does not take part in the session")]
    NotParticipant,
    /// Takes part or is invited already.
    #[error("this technician takes part in the session already")]
    AlreadyParticipant,
    /// A permission is missing.
    #[error("the permission {} is missing", .0.key())]
    Missing(Permission),
    /// Not theirs to do.
    #[error("{event} may not be done by this person")]
    NotTheirs {
        /// What was tried.
        event: &'static str,
    },
}

impl Refused {
    pub(super) fn transition(status: Status, event: &SessionEvent) -> Self {
        let event = event.name();
        if status.is_final() {
            Self::Ended { status, event }
        } else {
            Self::Transition { status, event }
        }
    }

    /// The stable code for wire and API.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Transition { .. } => ErrorCode::SessionTransition,
            Self::Ended { .. } => ErrorCode::SessionEnded,
            Self::CodeExpired => ErrorCode::CodeExpired,
            Self::NoTechnician => ErrorCode::SessionNoTechnician,
            Self::NotEligible | Self::NotTheirs { .. } => ErrorCode::SessionNotEligible,
            Self::Maximum => ErrorCode::SessionMaximum,
            Self::NotLead => ErrorCode::SessionNotLead,
            Self::NotParticipant => ErrorCode::SessionNotParticipant,
            Self::AlreadyParticipant => ErrorCode::SessionTransition,
            Self::Missing(_) => ErrorCode::PermissionMissing,
        }
    }
}

impl From<Refused> for ErrorBody {
    fn from(refused: Refused) -> Self {
        let body = Self::new(refused.code(), refused.to_string());
        match refused {
            Refused::Missing(permission) => Self {
                permission: Some(permission.key().into()),
                ..body
            },
            _ => body,
        }
    }
}
