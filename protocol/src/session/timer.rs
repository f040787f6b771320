//! The timers of each state as data (STM-72 and the fixed waits of B.2 and B.3). The gateway owns
//! the clock; this says what runs, from when, and which event it raises.

use super::event::SessionEvent;
use super::status::Status;

/// How long the applet may be unreachable in Waiting and Reconnecting (STM-36, STM-53).
pub const UNREACHABLE_MILLIS: i64 = 2 * 60 * 1000;
/// How long a restart may take (STM-50).
pub const REBOOT_MILLIS: i64 = 15 * 60 * 1000;
/// How long the lead's console may be gone (STM-62).
pub const LEAD_ABSENT_MILLIS: i64 = 2 * 60 * 1000;

/// A timer that may run while a session is in some state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The connecting limit (SES-54).
    Connecting,
    /// The waiting limit (SES-55); in Transferring the receiving unit's, from the transfer (STM-45).
    Waiting,
    /// The idle limit (SES-56).
    Idle,
    /// The applet cannot be reached.
    Unreachable,
    /// The device has not come back from its restart.
    Reboot,
    /// The lead's console is gone.
    LeadAbsent,
}

/// Where the length of a timer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// The setting that held when the session was made (SES-64); 0 means never, except for
    /// [`Timer::Connecting`].
    Configured,
    /// Always this, in milliseconds.
    FixedMillis(i64),
}

/// The moment a timer counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Since {
    /// The session's entry into the state.
    StateEntered,
    /// The last action of technician or customer (SES-58).
    LastAction,
    /// The moment the link to the applet was lost; nothing runs while it stands (STM-73).
    LinkLost,
    /// The moment the lead's last console went; nothing runs while one is open.
    ConsoleGone,
}

impl Timer {
    /// Where its length comes from.
    pub const fn length(self) -> Length {
        match self {
            Self::Connecting | Self::Waiting | Self::Idle => Length::Configured,
            Self::Unreachable => Length::FixedMillis(UNREACHABLE_MILLIS),
            Self::Reboot => Length::FixedMillis(REBOOT_MILLIS),
            Self::LeadAbsent => Length::FixedMillis(LEAD_ABSENT_MILLIS),
        }
    }

    /// The moment it counts from.
    pub const fn since(self) -> Since {
        match self {
            Self::Connecting | Self::Waiting | Self::Reboot => Since::StateEntered,
            Self::Idle => Since::LastAction,
            Self::Unreachable => Since::LinkLost,
            Self::LeadAbsent => Since::ConsoleGone,
        }
    }

    /// The event it raises when it runs out; `prevented` is the fact of SES-59, which only the
    /// idle limit asks for.
    pub const fn event(self, prevented: bool) -> SessionEvent {
        match self {
            Self::Connecting => SessionEvent::ConnectingLimitReached,
            Self::Waiting => SessionEvent::WaitingLimitReached,
            Self::Idle => SessionEvent::IdleLimitReached { prevented },
            Self::Unreachable => SessionEvent::AppletUnreachable,
            Self::Reboot => SessionEvent::RebootOverdue,
            Self::LeadAbsent => SessionEvent::LeadAbsent,
        }
    }
}

/// The timers that may run in a state. On hold has none, and neither has any final state (STM-72).
pub const fn timers_of(status: Status) -> &'static [Timer] {
    match status {
        Status::Connecting => &[Timer::Connecting],
        Status::Waiting => &[Timer::Waiting, Timer::Unreachable],
        Status::Transferring => &[Timer::Waiting],
        Status::Active => &[Timer::Idle, Timer::LeadAbsent],
        Status::Rebooting => &[Timer::Idle, Timer::Reboot],
        Status::Reconnecting => &[Timer::Idle, Timer::Unreachable],
        Status::Offline => &[Timer::Idle],
        _ => &[],
    }
}
