//! The host side of a session: what the customer's applet lets viewers see and do.
//!
//! ```text
//! connection ─► leg (wires) ─► actor ─► gate ─► pipeline (screen → updates)
//! gateway, customer ─────────────►│           └► hands (input → desktop)
//!                                 └─► HostEvent
//! ```
//!
//! Everything is enforced here, where the harm would be done (DESIGN 6): tickets in [`tickets`], questions in [`consent`],
//! what is allowed in [`grants`], each message in [`gate`]. Those four do no I/O; [`actor`] drives them and owns the clock.

mod actor;
mod chat;
mod clock;
mod consent;
mod gate;
mod grants;
mod hands;
mod held;
mod leg;
mod pipeline;
mod place;
mod throttle;
mod tickets;
mod watch;

use std::sync::Arc;

use farhand_protocol::{
    api::AppletSettings,
    error::ErrorBody,
    geometry::DesktopLayout,
    ids::{MemberId, PeerKey, SessionId},
    peer::{ChatLine, ConsentAnswer, GrantCause, ScreenState},
    permission::CapabilitySet,
    session::Status,
    ticket::{GatewayKey, Signed, TechnicianIdentity},
    time::Timestamp,
};
use thiserror::Error;
use tokio::sync::mpsc;
use uuid::Uuid;

pub(crate) use self::clock::{Clock, DAY_MICROS, wall_now};
pub(crate) use self::held::Held;
pub(crate) use self::pipeline::hash_rows;
// `farhand-bench` measures this stage by itself; nobody else has a use for it.
#[doc(hidden)]
pub use self::pipeline::{Change, Comparer};
pub use self::place::Place;

use self::actor::{Actor, Command};
use crate::{
    customer::Presence,
    platform::{CaptureError, DesktopSession, Platform},
};

/// What a host needs to know.
pub struct HostConfig {
    /// The session.
    pub session_id: SessionId,
    /// Public key of this end.
    pub host_key: PeerKey,
    /// Key the gateway signs with.
    pub gateway_key: GatewayKey,
    /// Settings of the unit.
    pub settings: AppletSettings,
    /// What the device's own policy leaves.
    pub local_policy: CapabilitySet,
    /// The local person's consent from the command line.
    pub grant_in_advance: CapabilitySet,
    /// Name of the device, for the technician.
    pub device: String,
    /// Operating system and version, for the technician.
    pub system: String,
    /// Program and version, for logs.
    pub agent: String,
    /// The operating system.
    pub platform: Arc<dyn Platform>,
}

/// Why a host cannot start.
#[derive(Debug, Error)]
pub enum HostError {
    /// The system has no thread to give.
    #[error("no thread could be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// What the host side tells its program.
#[derive(Debug, Clone)]
pub enum HostEvent {
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
    /// A question is settled; also told for consent given in advance, which was never asked.
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
    /// What stands allowed, by technician, after each change: to be kept on disk.
    Allowed(Vec<(MemberId, CapabilitySet)>),
    /// The customer took everything back, whether or not anybody had anything.
    Revoked(GrantCause),
    /// Who is linked, sees, controls.
    Present(Vec<Presence>),
    /// A chat line; `from` is none for the customer's own.
    Chat {
        /// Names the line.
        line_id: Uuid,
        /// Technician, or none.
        from: Option<TechnicianIdentity>,
        /// When, by the sender's clock.
        at: Timestamp,
        /// Plain text.
        text: String,
    },
    /// Whether the screen can be shown.
    Screen(ScreenState),
    /// Monitors as they are now, told while somebody sees them.
    Layout(DesktopLayout),
    /// The stop key is heard again, or not any more; then nobody controls the device, and the window's STOP remains.
    StopKey {
        /// True once it is.
        is_heard: bool,
    },
    /// The short authentication string to compare by voice with this technician, once both ends have it; windows show the one that comes with
    /// [`HostEvent::Present`].
    Sas {
        /// With whom.
        technician: TechnicianIdentity,
        /// Six digits.
        digits: String,
    },
    /// For the log of the session: what happened and who did it.
    Journal {
        /// Such as `consent.allowed`, `control.started`, `refused`.
        kind: &'static str,
        /// `customer`, `technician` or `system`.
        actor: &'static str,
        /// A JSON object of texts, whole numbers, lists and maps.
        detail: serde_json::Value,
        /// The place of the viewer that caused it, to be dropped once the line is on disk.
        place: Option<Place>,
    },
    /// A link with a technician stands or is gone.
    Link {
        /// Who.
        technician: TechnicianIdentity,
        /// Key of the console.
        peer: PeerKey,
        /// True while it stands.
        up: bool,
    },
}

/// Where events of a host go.
pub type HostEvents = Arc<dyn Fn(HostEvent) + Send + Sync>;

/// The host side of one session; clones are the same host. It ends with [`Host::end`], a final status, or the last clone.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    commands: mpsc::UnboundedSender<Command>,
    switch: Arc<hands::Switch>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.switch.cut();
        let _ = self.commands.send(Command::Dropped);
    }
}

impl Host {
    /// Starts the host side. Nothing is captured and no input is opened before somebody may use it.
    ///
    /// # Errors
    /// When threads cannot be started.
    pub fn start(config: HostConfig, runtime: tokio::runtime::Handle, on_event: HostEvents) -> Result<Self, HostError> {
        let (commands, queue) = mpsc::unbounded_channel();
        let switch = Arc::new(hands::Switch::default());
        let actor = Actor::new(config, &commands, switch.clone(), runtime.clone(), on_event)?;
        runtime.spawn(actor.run(queue));
        Ok(Self {
            inner: Arc::new(Inner { commands, switch }),
        })
    }

    /// The gateway told, over our own pinned line, which ticket to expect.
    pub fn handle_ticket(&self, ticket: Signed) {
        self.send(Command::Ticket(ticket));
    }

    /// What the customer had allowed before this program was last stopped by force, which counts as allowed again; and the chat lines that were heard
    /// by then, which are not taken twice; and what the customer wrote that no technician was sent.
    pub fn restore(&self, allowed: Vec<(MemberId, CapabilitySet)>, heard: Vec<Uuid>, unsent: Vec<ChatLine>) {
        self.send(Command::Restore { allowed, heard, unsent });
    }

    /// The gateway changed a ceiling.
    pub fn handle_ceiling(&self, update: Signed) {
        self.send(Command::Ceiling(update));
    }

    /// A connection was accepted on [`farhand_protocol::peer::ALPN`]; TLS has proven the key of its other end.
    pub fn handle_connection(&self, conn: iroh::endpoint::Connection) {
        self.send(Command::Connection(conn));
    }

    /// The session's state, as the gateway tells it: *Active* enables, *On hold* and *Transferring* suspend, a final one ends.
    pub fn set_status(&self, status: Status) {
        self.send(Command::Status(status));
    }

    /// The customer allows this of what was asked; the rest is refused, and all of it by nothing.
    pub fn answer_consent(&self, request_id: Uuid, allowed: CapabilitySet) {
        self.send(Command::Answer { request_id, allowed });
    }

    /// The customer says something.
    pub fn send_chat(&self, text: String) {
        self.send(Command::Chat(text));
    }

    /// Takes everything back at once (APP-36, APP-40); the session stays. Input stops before this returns.
    pub fn revoke(&self, cause: GrantCause) {
        self.inner.switch.cut();
        self.send(Command::Revoke(cause));
    }

    /// Ends every link for good.
    pub fn end(&self, error: ErrorBody) {
        self.inner.switch.cut();
        self.send(Command::End(error));
    }

    fn send(&self, command: Command) {
        // After the end there is nobody to tell, and nothing left to do.
        let _ = self.inner.commands.send(command);
    }
}

/// Whether the screen can be shared from here at all; said before anything is asked.
pub fn screen_state(platform: &dyn Platform) -> ScreenState {
    let error = match platform.session() {
        DesktopSession::Wayland => CaptureError::WaylandUnsupported,
        DesktopSession::None { reason } => CaptureError::NoDisplay(reason),
        _ => return ScreenState::Shown,
    };
    ScreenState::Unavailable(pipeline::body_of(&error))
}
