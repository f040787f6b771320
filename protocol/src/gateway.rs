//! What applet, console and gateway say to each other over the gateway's WebSocket (`/api/v1/live`), one frame per binary message.
//! The bearer token in the request decides the side: an applet's session credential or a technician's token.

use serde::{Deserialize, Serialize};

use crate::{
    api::{NewEvent, PeerAddress, SessionEvent, SessionRow},
    error::ErrorBody,
    ids::{PeerKey, SessionId},
    messages,
    peer::Hello,
    session::Status,
    ticket::{Signed, TechnicianIdentity},
};

/// A peer that says nothing for this long is taken for gone; both sides ping at a third of it.
pub const SILENCE_MILLIS: u64 = 30_000;
/// Most events in one upload.
pub const MAX_EVENTS: usize = 256;

/// Where this peer can be dialled; sent at start and at each change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reachable {
    /// Addresses of the endpoint.
    pub address: PeerAddress,
}

/// What the customer did in the applet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerStep {
    /// Accepted the terms, or there are none: ready to wait (STM-25).
    Ready,
    /// Refused the terms or closed the applet before waiting (STM-28).
    Declined,
    /// Ended the session (STM-33, STM-60).
    Ended,
}

/// What happened on the peer's side, as links of its hash chain; repeated until acknowledged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Events {
    /// The session.
    pub session_id: SessionId,
    /// In order, at most [`MAX_EVENTS`].
    #[serde(deserialize_with = "crate::wire::bounded::<MAX_EVENTS, _, _>")]
    pub entries: Vec<NewEvent>,
}

/// Whether the peer link of this session stands, as this side sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReport {
    /// The session.
    pub session_id: SessionId,
    /// Key of the console's end, which names the link: both ends say the same.
    pub peer: PeerKey,
    /// True while the link stands.
    pub up: bool,
}

messages! {
    /// What a peer may say to the gateway.
    pub enum ToGateway {
        /// First words.
        0x0101 => Hello(Hello),
        /// Where I can be dialled.
        0x0102 => Reachable(Reachable),
        /// The customer did something (applet only).
        0x0103 => Customer(CustomerStep),
        /// Chain entries.
        0x0104 => Events(Events),
        /// State of a peer link.
        0x0105 => Link(LinkReport),
        /// Still there.
        0x01f0 => Ping(u64),
    }
}

/// Where a session stands, told to its applet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionIs {
    /// The session.
    pub session_id: SessionId,
    /// Its state.
    pub status: Status,
    /// Lead technician, once there is one.
    pub lead: Option<TechnicianIdentity>,
    /// Minutes a technician will likely take (APP-56 to APP-58).
    pub estimated_wait_minutes: Option<u32>,
}

/// A ticket, for both its ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketIssued {
    /// The session.
    pub session_id: SessionId,
    /// The ticket.
    pub ticket: Signed,
    /// Where the other end can be dialled.
    pub peer: PeerAddress,
}

/// A ceiling that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeilingIs {
    /// The session.
    pub session_id: SessionId,
    /// Signed update.
    pub update: Signed,
}

/// The other end moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerMoved {
    /// The session.
    pub session_id: SessionId,
    /// Where it can be dialled now.
    pub peer: PeerAddress,
}

/// Entries up to here are on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsStored {
    /// The session.
    pub session_id: SessionId,
    /// Origin of the chain.
    pub origin: String,
    /// Last stored number.
    pub seq: u64,
}

/// A technician's relay token and where to use it; renewed before it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayGrant {
    /// The relay of this gateway process, `https://host:port`.
    pub url: String,
    /// Text form of a signed `RelayToken`.
    pub token: String,
}

messages! {
    /// What the gateway may say to a peer.
    pub enum FromGateway {
        /// First words.
        0x8101 => Hello(Hello),
        /// To an applet: its session's state.
        0x8102 => Session(SessionIs),
        /// A ticket was issued for this end.
        0x8103 => Ticket(TicketIssued),
        /// The ceiling of a ticket changed.
        0x8104 => Ceiling(CeilingIs),
        /// The other end can be dialled elsewhere.
        0x8105 => Peer(PeerMoved),
        /// Chain entries are on disk.
        0x8106 => Stored(EventsStored),
        /// To a technician: a session row is new or changed.
        0x8110 => Row(SessionRow),
        /// To a technician: a session left the list.
        0x8111 => Removed(SessionId),
        /// To a technician: an event of a session was stored.
        0x8112 => Event(SessionEvent),
        /// The sign-in ended elsewhere.
        0x81e0 => SignedOut(ErrorBody),
        /// Something this side said was refused.
        0x81e1 => Refused(ErrorBody),
        /// Answer to a ping.
        0x81f0 => Pong(u64),
    }
}
