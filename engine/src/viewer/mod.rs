//! The viewer side of a session: what a technician's program sees of one customer's device, and does there.
//!
//! ```text
//! program ─► Viewer ─► actor ─► wants (consent first, then act) ─► link ═► host
//!              │                                                     │
//!              └── input gate ──────────────────────────────► input stream
//! program ◄─ ViewerEvent, SharedPicture ◄─ decode thread ◄─ updates ─┘
//! ```

mod acks;
mod actor;
mod clock;
mod decode;
mod event;
mod input;
mod link;
mod picture;
mod presenter;
mod silence;
mod stages;
mod stats;
mod wants;

use std::sync::Arc;

use async_trait::async_trait;
use farhand_protocol::{
    error::ErrorBody,
    ids::{PeerKey, SessionId},
    input::InputEvent,
    peer::{Quality, Subscribe},
    ticket::{GatewayKey, Signed},
};
use tokio::sync::mpsc;

pub use event::{LinkPath, LinkState, LinkStats, Stages, ViewerEvent};
pub use picture::{PictureGuard, SharedPicture};
pub use presenter::{Presenter, Shown};

use self::{
    actor::{Actor, Command},
    input::InputGate,
};

/// One attempt to reach the host; the viewer repeats it while the ticket's lease lasts.
#[async_trait]
pub trait Dial: Send + Sync + 'static {
    /// Connects on [`farhand_protocol::peer::ALPN`].
    ///
    /// # Errors
    /// With a code of the area `link`.
    async fn dial(&self) -> Result<iroh::endpoint::Connection, ErrorBody>;
}

/// What a viewer needs to know.
pub struct ViewerConfig {
    /// The session.
    pub session_id: SessionId,
    /// The ticket.
    pub ticket: Signed,
    /// Key the gateway signs with.
    pub gateway_key: GatewayKey,
    /// Key of the applet.
    pub host_key: PeerKey,
    /// Program and version, for logs.
    pub agent: String,
    /// The way to the host.
    pub dial: Arc<dyn Dial>,
}

/// Where events of a viewer go; called from its task and its decode thread, so it must not block.
pub type ViewerEvents = Arc<dyn Fn(ViewerEvent) + Send + Sync>;

/// The viewer side of one session; clones are the same viewer. It ends with [`Viewer::leave`] or the last clone.
#[derive(Clone)]
pub struct Viewer {
    inner: Arc<Inner>,
}

struct Inner {
    commands: mpsc::UnboundedSender<Command>,
    input: InputGate,
    picture: Arc<SharedPicture>,
}

impl Viewer {
    /// Starts to dial, and keeps the link up until it is left, ended by the host, or the lease is over.
    pub fn start(config: ViewerConfig, runtime: tokio::runtime::Handle, on_event: ViewerEvents) -> Self {
        let (commands, queue) = mpsc::unbounded_channel();
        let picture = Arc::new(SharedPicture::default());
        let input = InputGate::default();
        let actor = Actor::new(config, picture.clone(), input.clone(), runtime.clone(), on_event);
        runtime.spawn(actor.run(queue));
        Self {
            inner: Arc::new(Inner { commands, input, picture }),
        }
    }

    /// Sees monitors, or stops. Asks for consent first where it is missing, and begins when it is given.
    pub fn subscribe(&self, subscribe: Subscribe) {
        self.send(Command::Subscribe(subscribe));
    }

    /// Takes or leaves mouse and keyboard. Asks for consent first where it is missing, and begins when it is given.
    pub fn take_control(&self, on: bool) {
        self.send(Command::TakeControl(on));
    }

    /// One act of the hands; goes nowhere while control is not held. Never blocks.
    pub fn input(&self, event: InputEvent) {
        self.inner.input.handle_input(event);
    }

    /// Says something to the customer; kept until it is through.
    pub fn chat(&self, text: String) {
        self.send(Command::Chat(text));
    }

    /// Wishes for the coding; hold for later links too.
    pub fn quality(&self, quality: Quality) {
        self.send(Command::Quality(quality));
    }

    /// The whole picture anew.
    pub fn refresh(&self) {
        self.send(Command::Refresh);
    }

    /// Leaves; the session goes on.
    pub fn leave(&self, reason: &str) {
        self.send(Command::Leave(reason.to_owned()));
    }

    /// A newer ticket for the same two ends; a viewer that had ended for want of one dials again.
    pub fn handle_ticket(&self, ticket: Signed) {
        self.send(Command::Ticket(ticket));
    }

    /// A newer ceiling; carried to the host, which may be cut off from the gateway.
    pub fn handle_ceiling(&self, update: Signed) {
        self.send(Command::Ceiling(update));
    }

    /// Does not wait for the next attempt: something has changed.
    pub fn redial_now(&self) {
        self.send(Command::Redial);
    }

    /// The picture, for the life of the viewer.
    pub fn picture(&self) -> Arc<SharedPicture> {
        self.inner.picture.clone()
    }

    fn send(&self, command: Command) {
        // After the end there is nobody to do it for.
        let _ = self.inner.commands.send(command);
    }
}
