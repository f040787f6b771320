//! What applet (host) and console (viewer) say to each other over ALPN `farhand/1`.
//!
//! ```text
//! viewer opens:  control stream (bidirectional, frames both ways), input stream (one way, highest priority)
//! host opens:    one stream per picture update (see `media`), lowest for files
//! datagrams:     cursor positions, host to viewer
//! ```
//!
//! The first frame each way on the control stream is `Hello`; the viewer then presents its ticket. Every message to the host maps,
//! exhaustively, to the capability it needs: [`HostBound::needs`].

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::ErrorBody,
    geometry::{DesktopLayout, MAX_MONITORS},
    input::{InputEvent, InputPriority},
    messages,
    permission::{Capability, CapabilitySet},
    ticket::{Signed, TechnicianIdentity},
    time::Timestamp,
};

/// ALPN of a peer link.
pub const ALPN: &[u8] = b"farhand/1";
/// Oldest and newest version of the peer protocol spoken here.
pub const VERSIONS: (u16, u16) = (1, 1);
/// Longest chat line, in bytes of UTF-8.
pub const MAX_CHAT_BYTES: usize = 16 * 1024;
/// Most abilities a hello may name.
pub const MAX_FEATURES: usize = 64;
/// Most technicians a session may show.
pub const MAX_PRESENT: usize = 64;

/// First words on any link, to a peer or to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Oldest version spoken.
    pub min: u16,
    /// Newest version spoken.
    pub max: u16,
    /// Optional abilities by name; unknown ones are ignored.
    #[serde(deserialize_with = "crate::wire::bounded::<MAX_FEATURES, _, _>")]
    pub features: Vec<String>,
    /// Program and version, for logs.
    pub agent: String,
}

impl Hello {
    /// Our hello.
    pub fn ours(agent: impl Into<String>) -> Self {
        Self {
            min: VERSIONS.0,
            max: VERSIONS.1,
            features: Vec::new(),
            agent: agent.into(),
        }
    }

    /// Newest version both speak.
    pub fn agree(&self, other: &Self) -> Option<u16> {
        let newest = self.max.min(other.max);
        (newest >= self.min.max(other.min)).then_some(newest)
    }
}

/// Shows the ticket this link stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Ticket signed by the gateway.
    pub ticket: Signed,
    /// The newest ceiling update this side has, if any.
    pub update: Option<Signed>,
}

/// One side's part of the short authentication string, see `sas`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SasPart {
    /// Commitment first, then the nonce that opens it.
    #[serde(with = "crate::ticket::bytes_or_text")]
    pub bytes: Vec<u8>,
}

/// Asks the customer for capabilities (APP-24 to APP-35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Names this question.
    pub request_id: Uuid,
    /// What is asked for.
    pub capabilities: CapabilitySet,
}

/// Which monitors to show; sent again to change, with none to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Monitor ids; empty means all.
    #[serde(deserialize_with = "crate::wire::bounded::<MAX_MONITORS, _, _>")]
    pub monitors: Vec<u32>,
    /// False to stop seeing.
    pub on: bool,
}

/// Takes or leaves mouse and keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeControl {
    /// True to take, false to leave; leaving releases every key.
    pub on: bool,
}

/// A chat line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatLine {
    /// Names the line, so that a repeated one is shown once.
    pub line_id: Uuid,
    /// When it was sent, by the sender's clock.
    pub sent_at: Timestamp,
    /// Plain text, at most [`MAX_CHAT_BYTES`].
    pub text: String,
}

/// The newest update the viewer has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledge {
    /// Number of the update.
    pub update: u64,
    /// Bytes of picture received since the last acknowledgement.
    pub received_bytes: u64,
    /// Microseconds from receipt to display, for the latency chart.
    pub shown_after_micros: u32,
}

/// Asks for the whole picture anew: a decoder failed or the digest differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resync {
    /// Why, for the log.
    pub reason: String,
}

/// Measures round trip and clock offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockProbe {
    /// The asker's clock, microseconds.
    pub asked_at_micros: i64,
    /// The answerer's clock, microseconds; 0 in the question.
    pub answered_at_micros: i64,
}

/// What the technician wishes of the coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Most bits per second; 0 leaves it to pacing.
    pub max_bitrate_bps: u64,
    /// Most pictures per second; 0 leaves it to pacing.
    pub max_fps: u8,
}

/// The viewer leaves; the session goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Why, for the log.
    pub reason: String,
}

messages! {
    /// What a viewer may say to a host.
    pub enum HostBound {
        /// First words.
        0x0001 => Hello(Hello),
        /// The ticket.
        0x0002 => Present(Present),
        /// Short authentication string.
        0x0003 => Sas(SasPart),
        /// Ask the customer.
        0x0010 => Request(Request),
        /// See monitors.
        0x0011 => Subscribe(Subscribe),
        /// Take mouse and keyboard.
        0x0012 => TakeControl(TakeControl),
        /// One act of the hands (on the input stream).
        0x0013 => Input(InputEvent),
        /// A chat line.
        0x0020 => Chat(ChatLine),
        /// Picture shown.
        0x0030 => Acknowledge(Acknowledge),
        /// Picture wanted anew.
        0x0031 => Resync(Resync),
        /// Wishes for the coding.
        0x0032 => Quality(Quality),
        /// Clock question.
        0x0040 => Clock(ClockProbe),
        /// A signed ceiling update carried by the peer when the gateway is away.
        0x0041 => Ceiling(Signed),
        /// The viewer leaves.
        0x00f0 => Leave(Leave),
    }
}

/// What a message needs before it may have any effect on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Part of setting up the link; allowed before the ticket.
    Nothing,
    /// An accepted ticket.
    Ticket,
    /// An accepted ticket and this capability in the effective grant.
    Capability(Capability),
}

impl HostBound {
    /// The capability this message needs; a new message does not compile until it says so.
    pub const fn needs(&self) -> Needs {
        match self {
            Self::Hello(_) | Self::Present(_) => Needs::Nothing,
            Self::Sas(_) | Self::Request(_) | Self::Clock(_) | Self::Ceiling(_) | Self::Leave(_) => Needs::Ticket,
            Self::Subscribe(_) | Self::Acknowledge(_) | Self::Resync(_) | Self::Quality(_) => Needs::Capability(Capability::View),
            Self::TakeControl(_) | Self::Input(_) => Needs::Capability(Capability::Control),
            Self::Chat(_) => Needs::Capability(Capability::Chat),
        }
    }

    /// True for a message that only gives something up, and so is accepted (without effect) when its capability is gone.
    pub const fn only_gives_up(&self) -> bool {
        matches!(
            self,
            Self::Subscribe(Subscribe { on: false, .. }) | Self::TakeControl(TakeControl { on: false }) | Self::Acknowledge(_)
        ) || matches!(self, Self::Input(InputEvent::ReleaseAll | InputEvent::Beat))
    }
}

/// The host accepts the ticket and introduces the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// SHA-256 of the ticket as the host saw it; the viewer compares.
    #[serde(with = "crate::ticket::bytes_or_text")]
    pub ticket_hash: Vec<u8>,
    /// What is effective now (more after a redial, when consent still stands).
    pub granted: CapabilitySet,
    /// What may be asked for.
    pub ceiling: CapabilitySet,
    /// Host name of the device.
    pub device: String,
    /// Operating system and version.
    pub system: String,
    /// Whose input wins.
    pub priority: InputPriority,
}

/// The customer's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The question.
    pub request_id: Uuid,
    /// How it was answered.
    pub answer: ConsentAnswer,
}

/// How a consent question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAnswer {
    /// The customer is being asked.
    Asking,
    /// *Allow*.
    Allowed,
    /// *Don't allow*.
    Refused,
    /// 120 s without an answer (APP-33).
    TimedOut,
    /// Allowed in advance on the command line of the applet.
    AllowedInAdvance,
}

/// What ended or changed a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantCause {
    /// The customer allowed something.
    Allowed,
    /// Pause/Break or its shortcut (APP-36).
    StopKey,
    /// The red X (APP-40).
    StopButton,
    /// The ceiling changed.
    Ceiling,
    /// Put on hold or transferred.
    Suspended,
    /// The session ended.
    Ended,
}

/// What is effective from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantChanged {
    /// Effective capabilities.
    pub granted: CapabilitySet,
    /// Why it changed.
    pub cause: GrantCause,
}

/// Whether the screen can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenState {
    /// It is shown.
    Shown,
    /// It is locked; nothing black is sent instead.
    Locked,
    /// It cannot be captured; the error says why.
    Unavailable(ErrorBody),
}

/// Shape of the cursor, drawn by the viewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorImage {
    /// Names the shape; positions refer to it.
    pub serial: u64,
    /// Columns, at most 256.
    pub width: u16,
    /// Rows, at most 256.
    pub height: u16,
    /// Column that points.
    pub hot_x: u16,
    /// Row that points.
    pub hot_y: u16,
    /// Premultiplied BGRA, 4 · width · height bytes.
    #[serde(with = "crate::ticket::bytes_or_text")]
    pub bgra: Vec<u8>,
}

impl CursorImage {
    /// Largest side accepted, in pixels.
    pub const MAX_SIDE_PX: u16 = 256;

    /// True when sizes and bytes agree and are within the limit.
    pub fn is_sane(&self) -> bool {
        self.width <= Self::MAX_SIDE_PX
            && self.height <= Self::MAX_SIDE_PX
            && self.bgra.len() == usize::from(self.width) * usize::from(self.height) * 4
    }
}

/// Proof that the viewer's picture is the host's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The update after which it holds.
    pub update: u64,
    /// SHA-256 of the picture's rows (BGR, without the fourth byte), top to bottom.
    #[serde(with = "crate::ticket::bytes_or_text")]
    pub sha256: Vec<u8>,
}

/// Where the time of one update went on the host, for the latency chart; told of one now and then, not of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Number of the update.
    pub update: u64,
    /// Microseconds that reading the pixels took.
    pub capture_micros: u32,
    /// Microseconds that finding out what changed took.
    pub compare_micros: u32,
    /// Microseconds that coding took, for this viewer.
    pub encode_micros: u32,
    /// When it was handed to the network, by the host's clock.
    pub sent_at_micros: i64,
}

/// A refusal of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Frame kind of the refused message.
    pub kind: u16,
    /// Why; carries the permission that was missing.
    pub error: ErrorBody,
}

/// Everything the viewer sent before [`InputEvent::Mark`] of this number was given to the desktop or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The mark.
    pub mark: u32,
}

/// Others in the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participants {
    /// Technicians linked now, with what each may do.
    #[serde(deserialize_with = "crate::wire::bounded::<MAX_PRESENT, _, _>")]
    pub present: Vec<(TechnicianIdentity, CapabilitySet)>,
}

/// The host ends the link for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goodbye {
    /// Why.
    pub error: ErrorBody,
}

messages! {
    /// What a host may say to a viewer.
    pub enum ViewerBound {
        /// First words.
        0x8001 => Hello(Hello),
        /// Ticket accepted.
        0x8002 => Welcome(Welcome),
        /// Short authentication string.
        0x8003 => Sas(SasPart),
        /// The customer's answer.
        0x8010 => Consent(Consent),
        /// Rights changed.
        0x8011 => Grant(GrantChanged),
        /// Monitors.
        0x8012 => Layout(DesktopLayout),
        /// Whether the screen can be shown.
        0x8013 => Screen(ScreenState),
        /// Cursor shape.
        0x8014 => Cursor(CursorImage),
        /// Input up to a mark is done or refused.
        0x8015 => Done(Done),
        /// A chat line of the customer.
        0x8020 => Chat(ChatLine),
        /// Proof of the picture.
        0x8030 => Digest(Digest),
        /// Where an update's time went.
        0x8031 => Timing(Timing),
        /// Clock answer.
        0x8040 => Clock(ClockProbe),
        /// Who else is there.
        0x8050 => Participants(Participants),
        /// A message was refused.
        0x80e0 => Refused(Refused),
        /// The end of the link.
        0x80f0 => Goodbye(Goodbye),
    }
}
