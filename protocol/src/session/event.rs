//! What can happen to a session. An event carries the facts that were checked outside (permissions,
//! free slots, expiry), so that the state machine needs neither clock nor database; it trusts
//! them and decides what follows.

use serde::{Deserialize, Serialize};

use super::leg::Party;
use crate::ids::MemberId;

/// Who made something happen, as the log names them (STM-70).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The person at the device.
    Customer,
    /// A technician.
    Technician(MemberId),
    /// An administrator or master administrator acting as such.
    Administrator(MemberId),
    /// A rule or a timer.
    System,
}

/// A technician a rule would give the session to, with what was found out about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// Who.
    pub technician: MemberId,
    /// May take this session: queue, status, mobile support, exemptions.
    pub eligible: bool,
    /// Has a free session slot.
    pub below_limit: bool,
    /// Has a console open.
    pub console_open: bool,
}

impl Candidate {
    /// True when the session may start with this technician at once.
    pub const fn can_start(&self) -> bool {
        self.eligible && self.below_limit && self.console_open
    }
}

/// For whom an administrator starts a session (SES-91 to SES-93).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartTarget {
    /// One technician.
    Technician(Candidate),
    /// A group or channel, with the least busy available technician there, if any.
    Unit {
        /// Whom the rule found.
        found: Option<MemberId>,
    },
}

/// How a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Opening {
    /// The customer starts the applet or Instant Chat (STM-19 to STM-21).
    ByCustomer {
        /// The private code was valid; true where none is needed.
        code_valid: bool,
        /// The rule for "no technician available" aborts the request (SES-45).
        no_technician_aborts: bool,
    },
    /// A technician opens an unattended or LAN computer (STM-22, STM-23).
    Unattended {
        /// Who opens it.
        technician: MemberId,
        /// May open this computer.
        allowed: bool,
        /// Has a free session slot.
        below_limit: bool,
        /// The computer answers.
        answers: bool,
    },
}

/// What happens to a session that exists. The rows named are those of B.2 to B.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionEvent {
    /// The customer reads the terms (STM-24).
    TermsShown,
    /// The applet is linked to the gateway (STM-25, STM-26).
    AppletReady {
        /// The terms are accepted, or there are none.
        terms_settled: bool,
        /// For a private session with auto-start: the issuing technician (SES-15, SES-17).
        auto_start: Option<Candidate>,
    },
    /// The sign-in to an unattended or LAN computer was accepted (STM-27).
    UnattendedAccepted {
        /// Who opened it.
        technician: MemberId,
    },
    /// The customer does not accept the terms (STM-28).
    TermsRefused,
    /// The customer ends the session or closes the applet (STM-28, STM-33, STM-44, STM-60).
    CustomerEnds,
    /// The connecting limit ran out (STM-29).
    ConnectingLimitReached,
    /// The waiting limit ran out (STM-34, STM-45).
    WaitingLimitReached,
    /// The idle limit ran out (STM-57).
    IdleLimitReached {
        /// Something of SES-59 is going on.
        prevented: bool,
    },
    /// A technician starts the session (STM-30, STM-42).
    TechnicianStarts {
        /// Who.
        technician: MemberId,
        /// Stands in an eligible queue of theirs.
        eligible: bool,
        /// Has a free session slot.
        below_limit: bool,
    },
    /// An administrator starts it for somebody (STM-31).
    AdministratorStarts {
        /// Who decides.
        administrator: MemberId,
        /// May start sessions of this unit.
        allowed: bool,
        /// For whom.
        target: StartTarget,
    },
    /// A rule found a technician: channel auto-start (STM-32) or a slot that became free (SES-17).
    AutoStarts(Candidate),
    /// The session is passed on (STM-35, STM-41).
    Transfer {
        /// Who passes it on; the system for auto-transfer, from Waiting only.
        by: Actor,
        /// Permission, target and visibility were checked.
        allowed: bool,
        /// Whose list a session leaves that is only Waiting; none for a queue.
        source: Option<MemberId>,
    },
    /// The source takes the transfer back, or the receiver refuses it (STM-43).
    TransferReturns {
        /// Who.
        by: Actor,
        /// Is the source or the receiver of this transfer.
        allowed: bool,
        /// A private session whose technician went away meanwhile (STM-38).
        issuer_gone: bool,
    },
    /// The technician it was passed to was deleted or disabled (STM-46).
    ReceiverGone {
        /// A private session whose technician went away meanwhile (STM-38).
        issuer_gone: bool,
    },
    /// The account of a technician was deleted or disabled (STM-38, STM-47, STM-58, STM-64).
    TechnicianGone {
        /// Who.
        technician: MemberId,
        /// The private session is theirs, or they opened the computer.
        responsible: bool,
    },
    /// The applet has been unreachable for 2 minutes (STM-36, STM-53).
    AppletUnreachable,
    /// A technician or administrator closes the session (STM-37, STM-55, STM-56, STM-59).
    Close {
        /// Who.
        by: Actor,
        /// May close it.
        allowed: bool,
    },
    /// The technician closes the tab of a session that timed out (STM-61).
    TabClosed {
        /// Who.
        technician: MemberId,
    },
    /// The session is suspended (STM-39).
    Hold {
        /// Lead technician or administrator.
        by: Actor,
        /// The lead has the permission *Hold sessions*.
        allowed: bool,
    },
    /// The lead takes the session up again (STM-40).
    Resume {
        /// Who.
        technician: MemberId,
        /// Has a free session slot.
        below_limit: bool,
    },
    /// A technician restarts the customer's device (STM-48).
    Reboot {
        /// Who.
        technician: MemberId,
        /// Has the permission *Reboot*.
        allowed: bool,
    },
    /// The applet is linked again: restarted, reconnected or answering (STM-49, STM-52, STM-54).
    AppletBack,
    /// The applet has not come back 15 minutes after the restart (STM-50).
    RebootOverdue,
    /// The link to the applet was lost on the customer's side (STM-51).
    LinkLost,
    /// The device whose link is lost had announced shutdown or sleep (STM-53).
    DeviceLeaves,
    /// The lead's console has been gone for 2 minutes, or the lead has logged out (STM-62).
    LeadAbsent,
    /// The lead invites a collaborator (STM-63).
    Invite {
        /// Who invites.
        by: MemberId,
        /// Permission and visibility were checked.
        allowed: bool,
        /// Who is invited.
        party: Party,
    },
    /// An invited collaborator joins (STM-63).
    Join {
        /// Who.
        party: Party,
    },
    /// A collaborator leaves or does not take the invitation (STM-63).
    Leave {
        /// Who.
        party: Party,
    },
}

impl SessionEvent {
    /// Name for messages and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TermsShown => "terms_shown",
            Self::AppletReady { .. } => "applet_ready",
            Self::UnattendedAccepted { .. } => "unattended_accepted",
            Self::TermsRefused => "terms_refused",
            Self::CustomerEnds => "customer_ends",
            Self::ConnectingLimitReached => "connecting_limit_reached",
            Self::WaitingLimitReached => "waiting_limit_reached",
            Self::IdleLimitReached { .. } => "idle_limit_reached",
            Self::TechnicianStarts { .. } => "technician_starts",
            Self::AdministratorStarts { .. } => "administrator_starts",
            Self::AutoStarts(_) => "auto_starts",
            Self::Transfer { .. } => "transfer",
            Self::TransferReturns { .. } => "transfer_returns",
            Self::ReceiverGone { .. } => "receiver_gone",
            Self::TechnicianGone { .. } => "technician_gone",
            Self::AppletUnreachable => "applet_unreachable",
            Self::Close { .. } => "close",
            Self::TabClosed { .. } => "tab_closed",
            Self::Hold { .. } => "hold",
            Self::Resume { .. } => "resume",
            Self::Reboot { .. } => "reboot",
            Self::AppletBack => "applet_back",
            Self::RebootOverdue => "reboot_overdue",
            Self::LinkLost => "link_lost",
            Self::DeviceLeaves => "device_leaves",
            Self::LeadAbsent => "lead_absent",
            Self::Invite { .. } => "invite",
            Self::Join { .. } => "join",
            Self::Leave { .. } => "leave",
        }
    }
}
