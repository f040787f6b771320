//! One open session of a technician: its key, endpoint, ticket, viewer and journal.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use farhand_protocol::{
    api::{PeerAddress, TicketRequest},
    error::ErrorBody,
    gateway::{LinkReport, ToGateway},
    ids::SessionId,
    ticket::GatewayKey,
};
use iroh::endpoint::Connection;
use tokio::task::JoinSet;

use super::{TechnicianConfig, journals::Writing};
use crate::{
    gateway::GatewayClient,
    journal::Journal,
    link::{End, LinkEndpoint},
    random,
    viewer::{Dial, Viewer, ViewerConfig, ViewerEvent},
};

/// A session whose link this program holds.
pub(super) struct OpenSession {
    pub(super) viewer: Viewer,
    pub(super) link: LinkEndpoint,
    pub(super) journal: Journal,
    /// The link stands, as far as the gateway was to be told.
    pub(super) is_up: bool,
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
        on_event: Arc<dyn Fn(ViewerEvent) + Send + Sync>,
    ) -> Result<Self, ErrorBody> {
        on_event(ViewerEvent::Link(crate::viewer::LinkState::Connecting("console-link-ticket")));
        let link = LinkEndpoint::bind(End::Viewer, random::secret_key()?, client.address(), None, config.route).await?;
        let opened = Self::with_link(config, writing, client, gateway_key, session_id, on_event, link.clone()).await;
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
        on_event: Arc<dyn Fn(ViewerEvent) + Send + Sync>,
        link: LinkEndpoint,
    ) -> Result<Self, ErrorBody> {
        let answer = client.ticket(session_id, &TicketRequest { viewer: link.address() }).await?;
        if let Some(grant) = &answer.relay {
            link.use_relay(grant).await?;
        }
        let journal = writing.begin(&config.folders, session_id, link.key()).await?;
        let peer = Arc::new(Mutex::new(answer.host.clone()));
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
            on_event,
        );
        Ok(Self {
            viewer,
            link,
            journal,
            is_up: false,
            peer,
        })
    }

    /// A fresh ticket under the same key: the old lease ended, or the applet came back without its memory.
    pub(super) async fn fresh_ticket(
        client: GatewayClient,
        session_id: SessionId,
        viewer: Viewer,
        link: LinkEndpoint,
    ) -> Result<(), ErrorBody> {
        let answer = client.ticket(session_id, &TicketRequest { viewer: link.address() }).await?;
        if let Some(grant) = &answer.relay {
            link.use_relay(grant).await?;
        }
        viewer.handle_ticket(answer.ticket);
        viewer.redial_now();
        Ok(())
    }

    /// Whether the link stands, for the gateway.
    pub(super) fn report(&self, session_id: SessionId) -> ToGateway {
        ToGateway::Link(LinkReport {
            session_id,
            peer: self.link.key(),
            up: self.is_up,
        })
    }

    /// The applet can be dialled elsewhere now.
    pub(super) fn handle_moved(&self, peer: PeerAddress) {
        *self.peer.lock().unwrap_or_else(PoisonError::into_inner) = peer;
        self.viewer.redial_now();
    }

    /// Leaves the session and its sockets, which takes a moment; the journal, if the gateway does not have all of it.
    pub(super) fn close(self, reason: &str, closing: &mut JoinSet<()>) -> Option<Journal> {
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
