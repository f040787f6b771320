//! What the viewer side of one session tells its program.

use farhand_protocol::{
    error::ErrorBody,
    geometry::DesktopLayout,
    peer::{ConsentAnswer, GrantCause, ScreenState, Welcome},
    permission::CapabilitySet,
    ticket::TechnicianIdentity,
    time::Timestamp,
};
use uuid::Uuid;

/// How the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LinkPath {
    /// Not known yet.
    #[default]
    Unknown,
    /// From peer to peer.
    Direct,
    /// Through the gateway's relay, which sees only ciphertext.
    Relayed,
}

/// State of a peer link.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkState {
    /// Being dialled; a Fluent key says what is waited for.
    Connecting(&'static str),
    /// Stands.
    Up(LinkPath),
    /// Nothing was heard for a moment; the connection is kept.
    Stalled {
        /// How long ago the last packet of the host came.
        silent_millis: u64,
    },
    /// Lost; dialled again in so many milliseconds. The tab stays.
    Lost {
        /// Why.
        error: ErrorBody,
        /// Until the next try.
        retry_in_millis: u64,
    },
    /// Over for good.
    Ended(ErrorBody),
}

/// Where the time of one update went, from the host's screen to this side's display, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stages {
    /// Reading the pixels.
    pub capture_micros: u32,
    /// Finding out what changed, and what only moved.
    pub compare_micros: u32,
    /// Coding it.
    pub encode_micros: u32,
    /// From the host's network to all of it being here; what the clocks' offset is wrong by goes in here.
    pub network_micros: u32,
    /// Decoding, waiting for the update before it included.
    pub decode_micros: u32,
    /// From there until the window or the surface had it; none while nobody looks.
    pub present_micros: Option<u32>,
    /// The host's clock minus this one.
    pub offset_micros: i64,
    /// By how much that may be wrong either way: half the least round trip.
    pub offset_error_micros: u32,
}

impl Stages {
    /// All of it.
    pub fn total_micros(&self) -> u64 {
        let stages = [
            self.capture_micros,
            self.compare_micros,
            self.encode_micros,
            self.network_micros,
            self.decode_micros,
            self.present_micros.unwrap_or(0),
        ];
        stages.into_iter().map(u64::from).sum()
    }
}

/// Figures of the status strip; refreshed at most once a second and only when one of them changed visibly.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LinkStats {
    /// Direct or relayed.
    pub path: LinkPath,
    /// Round trip, milliseconds.
    pub rtt_millis: u32,
    /// Picture bytes received in the last second, bits per second.
    pub received_bps: u64,
    /// Updates shown in the last second.
    pub updates_per_second: u32,
    /// Every pixel shown is exact.
    pub exact: bool,
    /// Capture on the host to the picture being ready here, milliseconds (clock offset removed), newest update.
    pub latency_millis: Option<u32>,
    /// Where the time went, of an update lately; none before the first.
    pub stages: Option<Stages>,
}

/// What the viewer side tells.
#[derive(Debug, Clone)]
pub enum ViewerEvent {
    /// The link.
    Link(LinkState),
    /// The host accepted the ticket.
    Welcome(Box<Welcome>),
    /// The short authentication string to compare by voice.
    Sas(String),
    /// The customer's answer to a question.
    Consent {
        /// The question.
        request_id: Uuid,
        /// The answer.
        answer: ConsentAnswer,
        /// What was asked for.
        capabilities: CapabilitySet,
    },
    /// Effective rights changed.
    Grant {
        /// Now effective.
        granted: CapabilitySet,
        /// Why.
        cause: GrantCause,
    },
    /// Monitors.
    Layout(DesktopLayout),
    /// Whether the screen can be shown.
    Screen(ScreenState),
    /// New pixels or a new cursor are in the shared picture: repaint.
    Picture,
    /// This side's control of mouse and keyboard begins or ends.
    Control(bool),
    /// This side's view begins or ends.
    View(bool),
    /// A chat line; `mine` for the technician's own, once it was handed over.
    Chat {
        /// Names the line.
        line_id: Uuid,
        /// True for this technician's.
        mine: bool,
        /// When.
        at: Timestamp,
        /// Plain text.
        text: String,
    },
    /// Technicians linked now.
    Participants(Vec<(TechnicianIdentity, CapabilitySet)>),
    /// The host refused something.
    Refused(ErrorBody),
    /// Input up to this [`InputEvent::Mark`](farhand_protocol::input::InputEvent::Mark) is done or was refused.
    Done(u32),
    /// Figures for the status strip.
    Stats(LinkStats),
}
