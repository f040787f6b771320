//! The relay of iroh inside the gateway's own routes (DESIGN, "How a session comes to be", 5). It passes on ciphertext between keys that hold a relay
//! token for a session that runs, and drops them when the session ends. What it relays it cannot read.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::{
    extract::{
        FromRequestParts, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::request::Parts,
    response::Response,
};
use bytes::Bytes;
use farhand_protocol::{
    error::ErrorCode,
    ids::{PeerKey, SessionId},
    ticket::{RelayToken, Signed},
};
use futures_util::{Sink, Stream};
use iroh_base::EndpointId;
use iroh_relay::{
    ExportKeyingMaterial, KeyCache,
    http::{CLIENT_AUTH_HEADER, ProtocolVersion},
    protos::{handshake, relay::MAX_PACKET_SIZE, streams::StreamError},
    server::{
        Access, AccessControl, ClientRequest, ConnectionId, DynAccessControl, Metrics, QuicConfig, Server, ServerConfig, client::Config,
        clients::Clients, streams::RelayedStream,
    },
};
use tokio::time::timeout;
use tracing::{debug, info};

use crate::{
    app::{App, Gateway, parking::Guarded},
    error::{HttpError, Result},
    sessions,
    slots::ConnectionSlot,
};

const KEYS_CACHED: usize = 1024;
/// Nobody takes longer than this to prove a key and to be let in.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
const MAX_MESSAGE_BYTES: usize = 2 * MAX_PACKET_SIZE;
/// Held by every WebSocket for as long as it stands, of the relay and of `GET /live` alike.
pub const READ_BUFFER_BYTES: usize = 8 * 1024;

type Connections = HashMap<SessionId, HashSet<(EndpointId, ConnectionId)>>;

/// The relay of this process.
#[derive(Debug)]
pub struct Relay {
    keys: KeyCache,
    metrics: Arc<Metrics>,
    clients: Clients,
    access: Arc<TokenAccess>,
}

impl Default for Relay {
    fn default() -> Self {
        Self {
            keys: KeyCache::new(KEYS_CACHED),
            metrics: Arc::default(),
            clients: Clients::default(),
            access: Arc::default(),
        }
    }
}

impl Relay {
    /// Lets the relay ask the gateway; before that it admits nobody.
    pub fn attach(&self, app: &App) {
        let _ = self.access.gateway.set(Arc::downgrade(app));
    }

    /// Drops every client that was admitted for this session.
    pub fn end_session(&self, session_id: SessionId) {
        self.disconnect(session_id, |_| true);
    }

    /// Drops the clients with this key that were admitted for this session, which goes on.
    pub fn end_client(&self, session_id: SessionId, key: PeerKey) {
        self.disconnect(session_id, |endpoint| key_of(endpoint) == key);
    }

    /// Drops every client that would not be admitted now, whose end went unheard.
    pub async fn drop_ended(&self, app: &Gateway) {
        for (session_id, endpoint) in self.access.admitted() {
            let key = key_of(endpoint);
            match sessions::may_relay(app, session_id, key).await {
                Ok(true) => {}
                Ok(false) => self.end_client(session_id, key),
                // Links go on while the database does not answer.
                Err(_) => return,
            }
        }
    }

    fn disconnect(&self, session_id: SessionId, ends: impl Fn(EndpointId) -> bool) {
        for (endpoint, connection) in self.access.take(session_id, ends) {
            self.clients.disconnect(endpoint, Some(connection));
        }
    }

    /// What it counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Drops everybody.
    pub async fn shutdown(&self) {
        self.clients.shutdown().await;
    }
}

/// Asks for a relay token and whether its session still runs.
#[derive(Debug, Default)]
struct TokenAccess {
    gateway: OnceLock<Weak<Gateway>>,
    connections: Guarded<Connections>,
}

impl TokenAccess {
    /// The session a client may relay for.
    async fn session_for(&self, app: &Gateway, request: &ClientRequest) -> Option<SessionId> {
        let token = Signed::from_text(&request.auth_token()?)?
            .open::<RelayToken>(&app.keys.gateway_key())
            .ok()?;
        let key = key_of(request.endpoint_id());
        token.check(key, app.now()).ok()?;
        // Known before it is asked whether the session runs: an end in between finds it.
        self.connections
            .lock()
            .entry(token.session_id)
            .or_default()
            .insert((request.endpoint_id(), request.connection_id()));
        let may = sessions::may_relay(app, token.session_id, key).await.unwrap_or(false);
        if may && self.knows(token.session_id, request) {
            return Some(token.session_id);
        }
        self.forget(request.endpoint_id(), request.connection_id());
        None
    }

    fn knows(&self, session_id: SessionId, request: &ClientRequest) -> bool {
        self.connections
            .lock()
            .get(&session_id)
            .is_some_and(|known| known.contains(&(request.endpoint_id(), request.connection_id())))
    }

    fn is_known(&self, endpoint: EndpointId, connection: ConnectionId) -> bool {
        self.connections
            .lock()
            .values()
            .any(|known| known.contains(&(endpoint, connection)))
    }

    /// Whoever is admitted, and for which session.
    fn admitted(&self) -> Vec<(SessionId, EndpointId)> {
        let connections = self.connections.lock();
        connections
            .iter()
            .flat_map(|(session_id, known)| known.iter().map(move |(endpoint, _)| (*session_id, *endpoint)))
            .collect()
    }

    /// Takes clients of a session out of those that are admitted.
    fn take(&self, session_id: SessionId, ends: impl Fn(EndpointId) -> bool) -> Vec<(EndpointId, ConnectionId)> {
        let mut connections = self.connections.lock();
        let Some(known) = connections.get_mut(&session_id) else {
            return Vec::new();
        };
        let taken = known.extract_if(|(endpoint, _)| ends(*endpoint)).collect();
        if known.is_empty() {
            connections.remove(&session_id);
        }
        taken
    }

    fn forget(&self, endpoint: EndpointId, connection: ConnectionId) {
        self.connections.lock().retain(|_, known| {
            known.remove(&(endpoint, connection));
            !known.is_empty()
        });
    }
}

impl AccessControl for TokenAccess {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        let Some(app) = self.gateway.get().and_then(Weak::upgrade) else {
            return Access::Deny {
                reason: Some(ErrorCode::GatewayStopping.as_str().into()),
            };
        };
        match self.session_for(&app, request).await {
            Some(session_id) => {
                app.metrics.relay_admitted.add(1);
                debug!(%session_id, "relay client admitted");
                Access::Allow
            }
            None => {
                app.metrics.relay_refused.add(1);
                info!(endpoint = %request.endpoint_id().fmt_short(), "relay client refused");
                Access::Deny {
                    reason: Some(ErrorCode::RelayRefused.as_str().into()),
                }
            }
        }
    }

    fn on_disconnect(&self, endpoint: EndpointId, connection: ConnectionId) {
        self.forget(endpoint, connection);
    }
}

/// `GET /relay`: upgrades, proves the key, asks for the token, then relays.
pub async fn handle_relay(State(app): State<App>, request: Request) -> Result<Response> {
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app)
        .await
        .map_err(|e| HttpError::malformed(e.to_string()))?;
    let upgrade = upgrade
        .protocols([ProtocolVersion::V2.to_str()])
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| async move {
        match timeout(HANDSHAKE_PATIENCE, admit(&app, socket, parts)).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => debug!(%reason, "relay client not served"),
            Err(_) => debug!("relay client took too long to be let in"),
        }
    }))
}

fn key_of(endpoint: EndpointId) -> PeerKey {
    PeerKey(*endpoint.as_bytes())
}

async fn admit(app: &App, socket: WebSocket, parts: Parts) -> std::result::Result<(), String> {
    let slot = parts.extensions.get::<ConnectionSlot>().cloned();
    let mut framed = Framed(Box::pin(socket), slot);
    let header = parts.headers.get(CLIENT_AUTH_HEADER).cloned();
    let proven = handshake::serverside(&mut framed, header).await.map_err(|e| e.to_string())?;
    let request = ClientRequest::new(proven.client_key, ProtocolVersion::V2, parts);
    let access: Arc<dyn DynAccessControl> = app.relay.access.clone();
    let guard = proven
        .authorize_with(&request, &access, &mut framed)
        .await
        .map_err(|e| e.to_string())?;
    let stream = RelayedStream::new(framed, app.relay.keys.clone());
    app.relay
        .clients
        .register(Config::new(guard, stream, ProtocolVersion::V2), app.relay.metrics.clone());
    if !app.relay.access.is_known(request.endpoint_id(), request.connection_id()) {
        // The session ended while this client was being let in.
        app.relay.clients.disconnect(request.endpoint_id(), Some(request.connection_id()));
    }
    Ok(())
}

/// Address discovery on the UDP port of the same number.
pub async fn spawn_address_discovery(address: SocketAddr, tls: rustls::ServerConfig) -> std::result::Result<Server, String> {
    let mut quic = QuicConfig::new(address);
    quic.server_config = Some(tls);
    let mut config = ServerConfig::default();
    config.quic = Some(quic);
    Server::spawn(config).await.map_err(|e| e.to_string())
}

/// axum's WebSocket as the relay's stream of binary messages, with the connection it counts as.
struct Framed(
    Pin<Box<WebSocket>>,
    #[allow(dead_code, reason = "held, not used")] Option<ConnectionSlot>,
);

impl Stream for Framed {
    type Item = std::result::Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.0.as_mut().poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => Some(Ok(bytes)),
                Some(Ok(Message::Close(_))) | None => None,
                Some(Ok(_)) => continue,
                Some(Err(error)) => Some(Err(StreamError::from_std(error))),
            });
        }
    }
}

impl Sink<Bytes> for Framed {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::result::Result<(), StreamError>> {
        self.0.as_mut().poll_ready(cx).map_err(StreamError::from_std)
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> std::result::Result<(), StreamError> {
        self.0.as_mut().start_send(Message::Binary(bytes)).map_err(StreamError::from_std)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::result::Result<(), StreamError>> {
        self.0.as_mut().poll_flush(cx).map_err(StreamError::from_std)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::result::Result<(), StreamError>> {
        self.0.as_mut().poll_close(cx).map_err(StreamError::from_std)
    }
}

/// Behind axum the keys of TLS are out of reach; clients then sign a challenge instead.
impl ExportKeyingMaterial for Framed {
    fn export_keying_material<T: AsMut<[u8]>>(&self, _: T, _: &[u8], _: Option<&[u8]>) -> Option<T> {
        None
    }
}
