//! What the applet knows, folded from the engine's events: one page at a time.
//!
//! ```text
//! Code ──Joined──▶ Terms ──accepted──▶ Waiting ──Active──▶ Session ──Ended──▶ End
//!   ▲                └─ none set ──────────▲                  │ ▲
//!   └── JoinFailed, with the reason                           └─┘ hold, transfer, reconnection
//! ```
//!
//! Who refuses the terms sees no last page: the program leaves at once (STM-28, APP-48).

mod closing;
mod fold;

use farhand_engine::customer::{LogLine, Presence};
use farhand_protocol::{
    error::ErrorBody,
    geometry::Rect,
    ids::MemberId,
    peer::ScreenState,
    permission::{CapabilitySet, Grant},
    session::Status,
    ticket::TechnicianIdentity,
    time::Timestamp,
};
use uuid::Uuid;

pub use self::closing::Closing;

/// Where the customer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// Typing the code.
    #[default]
    Code,
    /// Reading the terms.
    Terms,
    /// Waiting for a technician.
    Waiting,
    /// With a technician.
    Session,
    /// It is over.
    End,
}

/// A question to the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Names it.
    pub request_id: Uuid,
    /// Who asks.
    pub technician: TechnicianIdentity,
    /// For what.
    pub capabilities: CapabilitySet,
    /// When it was first to be seen, in seconds of the window's clock: a second question waits for the first.
    pub shown_at: Option<f64>,
    /// True once all of it was to be seen.
    pub is_read: bool,
    /// True once a yes counts: it was there for a while, and no button of the pointer was down.
    pub is_ready: bool,
    /// When it counts as refused, in seconds of the window's clock.
    pub until: f64,
}

/// A line of the conversation or of the log, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A chat line; `from` is none for the customer's own.
    Chat {
        /// Names it, so that a repeated one is shown once.
        line_id: Uuid,
        /// Technician, or none.
        from: Option<String>,
        /// When.
        at: Timestamp,
        /// Plain text.
        text: String,
    },
    /// Something that was done.
    Log(LogLine),
}

/// The joined session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Number, for the receipt.
    pub number: String,
    /// Organisation exactly as typed (APP-11).
    pub organisation: String,
    /// Name at the top (APP-52).
    pub application_name: String,
    /// Who made the code, then who leads.
    pub technician: TechnicianIdentity,
    /// Terms to read, while there are any.
    pub terms: Option<String>,
    /// True while Pause/Break revokes.
    pub pause_key: bool,
    /// Set while the stop key cannot be heard; nobody controls the device then.
    pub is_unguarded: bool,
    /// Given on the command line.
    pub granted_in_advance: CapabilitySet,
    /// Whether the screen can be shared.
    pub screen: ScreenState,
}

/// All the applet knows.
#[derive(Debug, Clone, Default)]
pub struct AppletState {
    /// Where the customer is.
    pub page: Page,
    /// The first monitor in the desktop space, once a layout was told: STOP must stay on it.
    pub monitor: Option<Rect>,
    /// What is typed into the code field.
    pub code: String,
    /// Address of the gateway, typed where none is known.
    pub gateway: String,
    /// True while the gateway's address and trust value are shown.
    pub shows_connection: bool,
    /// True after Enter on a code that is not whole.
    pub sent_too_early: bool,
    /// Trust value typed beside the address.
    pub trust: String,
    /// Minutes this computer's clock is ahead of UTC.
    pub utc_offset_minutes: i32,
    /// A Fluent key of what is waited for, while the code is checked.
    pub progress: Option<&'static str>,
    /// Why the last code was not accepted.
    pub join_error: Option<ErrorBody>,
    /// Why this screen cannot be shown, as far as it is known before anything is typed.
    pub no_screen: Option<ErrorBody>,
    /// The session, once joined.
    pub session: Option<Session>,
    /// Its state.
    pub status: Option<Status>,
    /// Minutes of waiting expected.
    pub wait_minutes: Option<u32>,
    /// True once the terms were scrolled to their end.
    pub terms_read: bool,
    /// What is being asked.
    pub questions: Vec<Question>,
    /// Effective for each technician linked in this session.
    pub grants: Vec<(MemberId, CapabilitySet)>,
    /// Effective for any technician now.
    pub granted: CapabilitySet,
    /// Allowed to any technician, whether or not the session's state lets it be used now.
    pub allowed: CapabilitySet,
    /// Who is linked.
    pub present: Vec<Presence>,
    /// Who had the session when they were last seen linked.
    pub met: Option<MemberId>,
    /// Conversation and log.
    pub lines: Vec<Line>,
    /// What is typed into the chat field.
    pub draft: String,
    /// Set while the gateway cannot be reached.
    pub gateway_lost: Option<ErrorBody>,
    /// The customer was asked whether to end.
    pub asks_end: bool,
    /// Last failure worth telling.
    pub failure: Option<ErrorBody>,
    /// Where the receipt was saved.
    pub receipt: Option<String>,
    /// The customer was asked whether to close without the receipt.
    pub asks_receipt: bool,
    /// Final state, on the last page.
    pub ended: Option<Status>,
}

impl AppletState {
    /// True while anyone sees or controls the screen: the bar is up.
    pub fn is_watched(&self) -> bool {
        self.present.iter().any(|p| p.viewing || p.controlling)
    }

    /// True when the technician who has the session was linked and nobody is, as far as it is known here.
    pub fn is_alone(&self) -> bool {
        self.present.is_empty() && self.gateway_lost.is_none() && self.met.is_some() && self.met == self.lead()
    }

    fn lead(&self) -> Option<MemberId> {
        self.session.as_ref().map(|session| session.technician.member_id)
    }

    /// Remembers that the technician who has the session is linked, if they are.
    fn note_met(&mut self) {
        let lead = self.lead();
        if self.present.iter().any(|one| Some(one.technician.member_id) == lead) {
            self.met = lead;
        }
    }

    /// The numbers to compare by voice: one for each link, because a technician may have several programs open.
    pub fn check_numbers(&self) -> Vec<&str> {
        self.present.iter().filter_map(|one| one.check_number.as_deref()).collect()
    }

    /// True when STOP has something to take back: also while a hold suspends what was allowed.
    pub fn can_stop(&self) -> bool {
        let beyond_chat = |set: CapabilitySet| !set.minus(Grant::PROMPTLESS).is_empty();
        self.is_watched() || beyond_chat(self.granted) || beyond_chat(self.allowed)
    }

    /// The name to show for the technician in charge.
    pub fn technician(&self) -> &str {
        self.session.as_ref().map_or("", |s| s.technician.name.as_str())
    }
}

/// What the customer did in the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// *Connect*.
    Connect,
    /// *Accept* the terms.
    AcceptTerms,
    /// Refuse the terms.
    DeclineTerms,
    /// What is allowed of what was asked; nothing for *Don't allow*.
    Answer(Uuid, CapabilitySet),
    /// Send the typed line.
    Send,
    /// STOP.
    Stop,
    /// *End session*, first press: ask.
    AskEnd,
    /// Do not end after all.
    KeepOn,
    /// End it.
    End,
    /// Save the receipt.
    SaveReceipt,
    /// Leave the program.
    Quit,
    /// The warning was read.
    Dismiss,
}
