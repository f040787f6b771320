//! The 18 states of a session (STM-01 to STM-18) with their names, codes, finality, and what may be
//! used in each (STM-71). The names are literal values in lists, reports and interfaces; the codes
//! are what databases and APIs store.

use std::fmt;

use serde::{Deserialize, Serialize};

/// State of a session or, for [`Status::Transferred`] alone, of the leg of one technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// STM-01: the applet is being fetched or launched; the customer may be reading the terms.
    Connecting,
    /// STM-02: the applet runs; the session stands in a queue and has never been Active.
    Waiting,
    /// STM-03: a lead technician works in the session.
    Active,
    /// STM-04: suspended by the lead technician or an administrator.
    OnHold,
    /// STM-05: a transfer was issued and the receiver has not started the session yet.
    Transferring,
    /// STM-06: the customer's device restarts at the technician's request.
    Rebooting,
    /// STM-07: the link to the applet was lost and is being restored.
    Reconnecting,
    /// STM-08: the customer's device cannot be reached.
    Offline,
    /// STM-09: state of the source leg once the receiver has started the session.
    Transferred,
    /// STM-10: the customer ended a session that had been Active.
    ClosedByCustomer,
    /// STM-11: the customer left before any technician started the session.
    ClosedByWaitingCustomer,
    /// STM-12: the lead technician or an administrator ended the session.
    ClosedByTechnician,
    /// STM-13: the customer refused the terms or the session.
    DeclinedByCustomer,
    /// STM-14: a configured time ran out.
    TimedOut,
    /// STM-15: it timed out, and the technician then closed its tab.
    TimedOutClosedByTechnician,
    /// STM-16: the account of the responsible technician went away.
    Aborted,
    /// STM-17: the link was lost and the session ended before it came back.
    Disconnected,
    /// STM-18: the device restarted and the session ended before the applet came back.
    Rebooted,
}

/// What a technician may want to use in a session (STM-71).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Remote control, viewing, scripts and everything else that acts on the device.
    Remote,
    /// Files in either direction.
    Files,
    /// Chat with the customer.
    Chat,
    /// Notes about the session.
    Notes,
}

impl Status {
    /// Every state, in the order of STM-01 to STM-18.
    pub const ALL: [Self; 18] = [
        Self::Connecting,
        Self::Waiting,
        Self::Active,
        Self::OnHold,
        Self::Transferring,
        Self::Rebooting,
        Self::Reconnecting,
        Self::Offline,
        Self::Transferred,
        Self::ClosedByCustomer,
        Self::ClosedByWaitingCustomer,
        Self::ClosedByTechnician,
        Self::DeclinedByCustomer,
        Self::TimedOut,
        Self::TimedOutClosedByTechnician,
        Self::Aborted,
        Self::Disconnected,
        Self::Rebooted,
    ];

    /// The name as the specification and the reports write it (REP-34 to REP-51).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Waiting => "Waiting",
            Self::Active => "Active",
            Self::OnHold => "On hold",
            Self::Transferring => "Transferring",
            Self::Rebooting => "Rebooting",
            Self::Reconnecting => "Reconnecting",
            Self::Offline => "Offline",
            Self::Transferred => "Transferred",
            Self::ClosedByCustomer => "Closed by customer",
            Self::ClosedByWaitingCustomer => "Closed by waiting customer",
            Self::ClosedByTechnician => "Closed by technician",
            Self::DeclinedByCustomer => "Declined by customer",
            Self::TimedOut => "Timed out",
            Self::TimedOutClosedByTechnician => "Timed out: closed by technician",
            Self::Aborted => "Aborted: technician deleted or disabled",
            Self::Disconnected => "Disconnected",
            Self::Rebooted => "Rebooted",
        }
    }

    /// The stable code stored in databases and sent over APIs; the same as the serde form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::OnHold => "on_hold",
            Self::Transferring => "transferring",
            Self::Rebooting => "rebooting",
            Self::Reconnecting => "reconnecting",
            Self::Offline => "offline",
            Self::Transferred => "transferred",
            Self::ClosedByCustomer => "closed_by_customer",
            Self::ClosedByWaitingCustomer => "closed_by_waiting_customer",
            Self::ClosedByTechnician => "closed_by_technician",
            Self::DeclinedByCustomer => "declined_by_customer",
            Self::TimedOut => "timed_out",
            Self::TimedOutClosedByTechnician => "timed_out_closed_by_technician",
            Self::Aborted => "aborted",
            Self::Disconnected => "disconnected",
            Self::Rebooted => "rebooted",
        }
    }

    /// The state a stored code stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// True for the states a session ends in (STM-10 to STM-18); [`Self::Transferred`] ends a leg
    /// and never a session.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::ClosedByCustomer
                | Self::ClosedByWaitingCustomer
                | Self::ClosedByTechnician
                | Self::DeclinedByCustomer
                | Self::TimedOut
                | Self::TimedOutClosedByTechnician
                | Self::Aborted
                | Self::Disconnected
                | Self::Rebooted
        )
    }

    /// True when a leg in this state is over.
    pub const fn ends_leg(self) -> bool {
        self.is_final() || matches!(self, Self::Transferred)
    }

    /// True when the tool may be used now (STM-71). Permissions narrow this further.
    pub const fn allows(self, tool: Tool) -> bool {
        match tool {
            Tool::Remote | Tool::Files => matches!(self, Self::Active),
            Tool::Chat => matches!(self, Self::Waiting | Self::Active | Self::Transferring),
            Tool::Notes => true,
        }
    }

    /// True while a technician may pick the session from a queue (STM-30 to STM-32, SES-94).
    pub const fn can_be_started(self) -> bool {
        matches!(self, Self::Waiting | Self::Transferring)
    }

    /// The value of the status column in the report on external technicians, which knows seven
    /// (STM-64, REP-53); none while the leg runs or where no such leg can end.
    pub const fn external_name(self) -> Option<&'static str> {
        match self {
            Self::ClosedByCustomer => Some("Closed by active customer"),
            Self::TimedOut | Self::TimedOutClosedByTechnician => Some("Timed out"),
            Self::Aborted | Self::ClosedByTechnician | Self::ClosedByWaitingCustomer | Self::Disconnected | Self::Rebooted => {
                Some(self.name())
            }
            _ => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How far a session ever came; it only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// Opened by a technician for a computer that has not answered yet (STM-23).
    Opened,
    /// It was Connecting.
    Connecting,
    /// It was Waiting and never Active.
    Waiting,
    /// It was Active.
    Active,
}

/// What became of an ended session (STM-66).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It was Connecting and ended without Waiting or Active.
    Failed,
    /// It was Waiting and never Active.
    Missed,
    /// Everything else.
    Handled,
}

impl Reached {
    /// The furthest point after the session has been in `status`.
    pub(super) fn after(self, status: Status) -> Self {
        self.max(match status {
            Status::Connecting => Self::Connecting,
            Status::Waiting => Self::Waiting,
            Status::Active => Self::Active,
            _ => Self::Opened,
        })
    }

    /// The class of a session that ended having come this far (STM-66, by its letter: a computer
    /// that never answered was never Connecting, so it counts as handled).
    pub const fn class(self) -> Class {
        match self {
            Self::Connecting => Class::Failed,
            Self::Waiting => Class::Missed,
            Self::Opened | Self::Active => Class::Handled,
        }
    }
}

/// The class of an ended session from the states it went through, for reports made from the log.
/// None while it runs.
pub fn class_of(history: impl IntoIterator<Item = Status>) -> Option<Class> {
    let mut reached = Reached::Opened;
    let mut last = None;
    for status in history {
        reached = reached.after(status);
        last = Some(status);
    }
    last.filter(|status| status.is_final()).map(|_| reached.class())
}
