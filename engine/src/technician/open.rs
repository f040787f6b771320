//! One open session of a technician: its key, endpoint, ticket, viewer and journal. The same session may be left and opened again at once, so each
//! opening has a number, and nobody hears of one that is over.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use farhand_protocol::{
    api::{PeerAddress, TicketRequest},
    error::{ErrorBody, ErrorCode},
    gateway::{LinkReport, ToGateway},
    ids::SessionId,
    ticket::GatewayKey,
};
use iroh::endpoint::Connection;
use tokio::task::JoinSet;

use super::{TechnicianConfig, journals::Writing};
use crate::{
    gateway::GatewayClient,
    journal::{Journal, Line},
    link::{End, LinkEndpoint},
    random,
    viewer::{Dial, LinkState, Viewer, ViewerConfig, ViewerEvent, ViewerEvents},
};

/// One taking up of a session's link.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) number: u64,
    /// None once it is over.
    on_event: Arc<Mutex<Option<ViewerEvents>>>,
}

impl Opening {
    /// One whose events go there until it is over.
    pub(super) fn new(number: u64, on_event: ViewerEvents) -> Self {
        Self {
            number,
            on_event: Arc::new(Mutex::new(Some(on_event))),
        }
    }

    /// It is over: what its viewer still says is said to nobody.
    pub(super) fn end(&self) {
        self.on_event.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn tell(&self, event: ViewerEvent) {
        // Held while it is told, so that nothing follows the end.
        if let Some(on_event) = &*self.on_event.lock().unwrap_or_else(PoisonError::into_inner) {
            on_event(event);
        }
    }
}

/// How a link stands, as its viewer told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not yet or not any more; it is dialled.
    Down,
    /// It stands.
    Up,
    /// Nothing is heard; the connection is kept.
    Silent,
    /// Over until there is a good ticket.
    Unticketed,
    /// Over.
    Over,
}

impl Standing {
    /// What a viewer told means.
    pub(super) fn of(state: &LinkState) -> Self {
        match state {
            LinkState::Connecting(_) | LinkState::Lost { .. } => Self::Down,
            LinkState::Up(_) => Self::Up,
            LinkState::Stalled { .. } => Self::Silent,
            LinkState::Ended(error) => match error.code {
                ErrorCode::TicketExpired | ErrorCode::TicketInvalid | ErrorCode::TicketForeign => Self::Unticketed,
                _ => Self::Over,
            },
        }
    }
}

/// What a technician does on a device, as the journal says that it begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Sees the screen.
    Viewing,
    /// Uses mouse and keyboard.
    Controlling,
}

impl Doing {
    fn line(self, begins: bool) -> Line {
        let kind = match (self, begins) {
            (Self::Viewing, true) => "view.started",
            (Self::Viewing, false) => "view.ended",
            (Self::Controlling, true) => "control.started",
            (Self::Controlling, false) => "control.ended",
        };
        Line::new(kind, "technician", serde_json::Value::Null)
    }
}

/// A session whose link this program holds.
pub(super) struct OpenSession {
    pub(super) opening: Opening,
    pub(super) viewer: Viewer,
    pub(super) link: LinkEndpoint,
    pub(super) journal: Journal,
    pub(super) standing: Standing,
    /// A fresh ticket is being asked for.
    pub(super) is_renewing: bool,
    /// What has begun and not ended, by the journal.
    doing: Vec<Doing>,
    peer: Arc<Mutex<PeerAddress>>,
}

struct Dialer {
    link: LinkEndpoint,
    peer: Arc<Mutex<PeerAddress>>,
}

#[async_trait]
impl Dial for Dialer {
    async fn dial(&self) -> Result<Connection, ErrorBody> {
        let peer = self.peer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.link.dial(&peer).await
    }
}

impl OpenSession {
    /// Takes the session's link up: a fresh key, a ticket for it, and the viewer that dials.
    pub(super) async fn open(
        config: &TechnicianConfig,
        writing: &Writing,
        client: &GatewayClient,
        gateway_key: GatewayKey,
        session_id: SessionId,
        opening: Opening,
    ) -> Result<Self, ErrorBody> {
        opening.tell(ViewerEvent::Link(LinkState::Connecting("console-link-ticket")));
        let link = LinkEndpoint::bind(End::Viewer, random::secret_key()?, client.address(), None, config.route).await?;
        let opened = Self::with_link(config, writing, client, gateway_key, session_id, opening, link.clone()).await;
        if opened.is_err() {
            link.close().await;
        }
        opened
    }

    async fn with_link(
        config: &TechnicianConfig,
        writing: &Writing,
        client: &GatewayClient,
        gateway_key: GatewayKey,
        session_id: SessionId,
        opening: Opening,
        link: LinkEndpoint,
    ) -> Result<Self, ErrorBody> {
        let answer = client.ticket(session_id, &TicketRequest { viewer: link.address() }).await?;
        if let Some(grant) = &answer.relay {
            link.use_relay(grant).await?;
        }
        let journal = writing.begin(&config.folders, session_id, link.key()).await?;
        let peer = Arc::new(Mutex::new(answer.host.clone()));
        let told = opening.clone();
        let viewer = Viewer::start(
            ViewerConfig {
                session_id,
                ticket: answer.ticket,
                gateway_key,
                host_key: answer.host.key,
                agent: config.agent.clone(),
                dial: Arc::new(Dialer {
                    link: link.clone(),
                    peer: peer.clone(),
                }),
            },
            tokio::runtime::Handle::current(),
            Arc::new(move |event: ViewerEvent| told.tell(event)),
        );
        Ok(Self {
            opening,
            viewer,
            link,
            journal,
            standing: Standing::Down,
            is_renewing: false,
            doing: Vec::new(),
            peer,
        })
    }

    /// Gets a fresh ticket under the same key, and dials with it where the applet is now: the old lease ended, the applet came back without its memory,
    /// or it moved unheard.
    pub(super) fn fresh_ticket(
        &self,
        client: GatewayClient,
        session_id: SessionId,
    ) -> impl Future<Output = Result<(), ErrorBody>> + Send + use<> {
        let (viewer, link, peer) = (self.viewer.clone(), self.link.clone(), self.peer.clone());
        async move {
            let before = peer.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let answer = client.ticket(session_id, &TicketRequest { viewer: link.address() }).await?;
            if let Some(grant) = &answer.relay {
                link.use_relay(grant).await?;
            }
            {
                let mut peer = peer.lock().unwrap_or_else(PoisonError::into_inner);
                // What the line told meanwhile is newer than the answer.
                if *peer == before {
                    *peer = answer.host;
                }
            }
            viewer.handle_ticket(answer.ticket);
            viewer.redial_now();
            Ok(())
        }
    }

    /// Whether the link stands, for the gateway.
    pub(super) fn report(&self, session_id: SessionId) -> ToGateway {
        ToGateway::Link(LinkReport {
            session_id,
            peer: self.link.key(),
            up: self.standing == Standing::Up,
        })
    }

    /// The applet can be dialled elsewhere now.
    pub(super) fn handle_moved(&self, peer: PeerAddress) {
        *self.peer.lock().unwrap_or_else(PoisonError::into_inner) = peer;
        self.viewer.redial_now();
    }

    /// Something begins or ends, and the journal says so.
    pub(super) fn handle_doing(&mut self, doing: Doing, begins: bool) {
        self.doing.retain(|known| *known != doing);
        self.doing.extend(begins.then_some(doing));
        self.journal.append(doing.line(begins));
    }

    /// Leaves the session and its sockets, which takes a moment; the journal, if the gateway does not have all of it. Nothing more is told of it, so
    /// that what is still being done ends here for the journal, the last thing first.
    pub(super) fn close(mut self, reason: &str, closing: &mut JoinSet<()>) -> Option<Journal> {
        self.opening.end();
        for doing in self.doing.drain(..).rev() {
            self.journal.append(doing.line(false));
        }
        self.viewer.leave(reason);
        let link = self.link;
        closing.spawn(async move {
            // The farewell goes out before the sockets close.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            link.close().await;
        });
        if !self.journal.is_uploaded() {
            return Some(self.journal);
        }
        self.journal.remove();
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn what_an_opening_that_is_over_still_tells_is_heard_by_nobody() {
        let heard = Arc::new(AtomicUsize::new(0));
        let count = heard.clone();
        let on_event = move |_: ViewerEvent| {
            count.fetch_add(1, Ordering::Relaxed);
        };
        let opening = Opening::new(1, Arc::new(on_event));
        let of_its_viewer = opening.clone();
        of_its_viewer.tell(ViewerEvent::Picture);
        opening.end();
        of_its_viewer.tell(ViewerEvent::Picture);
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }
}
