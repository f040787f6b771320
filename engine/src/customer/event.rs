//! What the customer's applet asks of the engine and hears from it: code → terms → waiting → consent → chat → end.

use std::{path::PathBuf, sync::Arc};

use farhand_protocol::{
    error::ErrorBody,
    geometry::DesktopLayout,
    ids::SessionId,
    peer::{ConsentAnswer, GrantCause, ScreenState},
    permission::CapabilitySet,
    session::Status,
    ticket::TechnicianIdentity,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{technician::GatewayState, viewer::LinkPath};

/// What the applet wants. STOP is not among it: it waits behind nothing, see [`Customer::stop`](super::Customer::stop).
#[derive(Debug, Clone)]
pub enum CustomerCommand {
    /// Start or rejoin the session behind a PIN, link, deep link or download name.
    Join {
        /// Gateway as typed or configured; ignored where the code names its own.
        gateway: Option<String>,
        /// Trust value as configured; ignored where the code names its own.
        trust: Option<String>,
        /// What was typed, pasted or found in the file name.
        code: String,
    },
    /// Take up the session left on disk by a crash or reboot.
    Resume,
    /// Accept the terms.
    AcceptTerms,
    /// Refuse the terms; the session ends as Declined (STM-28).
    DeclineTerms,
    /// Answer a consent question.
    Answer {
        /// The question.
        request_id: Uuid,
        /// What is allowed of what was asked; nothing for *Don't allow*.
        allowed: CapabilitySet,
    },
    /// A chat line.
    Chat(String),
    /// End the session.
    End,
    /// Write the receipt: what was done, by whom, when.
    SaveReceipt {
        /// The file.
        path: PathBuf,
        /// In the customer's words.
        words: ReceiptWords,
    },
}

/// The words of a receipt, in the language of the customer. The engine has none of its own.
#[derive(Clone)]
pub struct ReceiptWords {
    /// Lines at the top.
    pub heading: Vec<String>,
    /// Says that so many of the oldest lines are left out.
    pub left_out: Arc<dyn Fn(u64) -> String + Send + Sync>,
    /// The sentence for a line of the log.
    pub say: Arc<dyn Fn(&LogLine) -> String + Send + Sync>,
    /// Stands above the lines as they were recorded.
    pub chain: String,
}

impl std::fmt::Debug for ReceiptWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiptWords")
            .field("heading", &self.heading)
            .finish_non_exhaustive()
    }
}

/// The session as the customer meets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    /// The session.
    pub session_id: SessionId,
    /// Exactly as typed by the organisation (APP-11).
    pub organisation: String,
    /// Name at the top (APP-52).
    pub application_name: String,
    /// Who made the code.
    pub technician: TechnicianIdentity,
    /// To be accepted first.
    pub terms: Option<String>,
    /// Whether Pause/Break is heard (APP-36, APP-38).
    pub pause_key: bool,
    /// Capabilities given in advance on the command line; none once the customer has pressed STOP in this session.
    pub granted_in_advance: CapabilitySet,
    /// Whether the screen can be shared here; says why not (Wayland), before anything is asked.
    pub screen: ScreenState,
}

/// A technician who is linked to this device now.
#[derive(Debug, Clone, PartialEq)]
pub struct Presence {
    /// Who.
    pub technician: TechnicianIdentity,
    /// Sees the screen now.
    pub viewing: bool,
    /// Has mouse and keyboard now.
    pub controlling: bool,
    /// Direct or relayed.
    pub path: LinkPath,
    /// Digits to compare by voice, each link its own; none until they are agreed on.
    pub check_number: Option<String>,
}

/// One line of the log that stays with the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// What, as a journal kind (`consent.allowed`, `control.started`, `chat.line`, …).
    pub kind: String,
    /// Who.
    pub actor: String,
    /// Details for the sentence shown.
    pub detail: serde_json::Value,
}

/// What the engine tells the applet.
#[derive(Debug, Clone)]
pub enum CustomerEvent {
    /// Something takes a moment; a Fluent key says what is being waited for.
    Progress(&'static str),
    /// The code was accepted.
    Joined(Box<Joined>),
    /// The code was not accepted, or the gateway not reached.
    JoinFailed(ErrorBody),
    /// No session was left on disk.
    NothingToResume,
    /// The session's state changed.
    Status {
        /// New state.
        status: Status,
        /// Lead technician, once there is one.
        lead: Option<TechnicianIdentity>,
        /// Minutes of waiting expected (APP-56).
        estimated_wait_minutes: Option<u32>,
    },
    /// The customer must be asked.
    ConsentAsked {
        /// Names the question.
        request_id: Uuid,
        /// Who asks, verified by the gateway.
        technician: TechnicianIdentity,
        /// For what.
        capabilities: CapabilitySet,
        /// Counts as *Don't allow* then (APP-33), milliseconds from now.
        answer_within_millis: u64,
    },
    /// A question is settled and goes away.
    ConsentSettled {
        /// The question.
        request_id: Uuid,
        /// How.
        answer: ConsentAnswer,
    },
    /// What is effective for a technician changed.
    Grant {
        /// Who.
        technician: TechnicianIdentity,
        /// Effective capabilities.
        granted: CapabilitySet,
        /// Why.
        cause: GrantCause,
    },
    /// Everything was taken back, whether or not anybody had anything.
    Revoked(GrantCause),
    /// What the customer has allowed to any technician and not taken back, whether or not the session's state lets it be used now.
    Allowed(CapabilitySet),
    /// Who is linked, sees, controls.
    Present(Vec<Presence>),
    /// A chat line; `from` is none for the customer's own.
    Chat {
        /// Names the line.
        line_id: Uuid,
        /// Technician, or none.
        from: Option<TechnicianIdentity>,
        /// When.
        at: Timestamp,
        /// Plain text.
        text: String,
    },
    /// Something was done and is in the log.
    Logged(LogLine),
    /// The live line to the gateway.
    Gateway(GatewayState),
    /// Whether the screen can be shown.
    Screen(ScreenState),
    /// Monitors as they are now, told while somebody sees them.
    Layout(DesktopLayout),
    /// The stop key is heard again, or not any more; then nobody controls the device, and the window's STOP remains.
    StopKey {
        /// True once it is.
        is_heard: bool,
    },
    /// The receipt was written.
    ReceiptSaved(PathBuf),
    /// The session is over and every right is gone.
    Ended {
        /// Final state, or none when the gateway could not be asked.
        status: Option<Status>,
    },
    /// A command failed.
    Failed(ErrorBody),
}
