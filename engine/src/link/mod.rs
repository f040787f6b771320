//! Peer links through iroh: QUIC (TLS 1.3) between pinned keys, from peer to peer where possible, through the gateway's relay otherwise, moving
//! between the two unnoticed. One endpoint per session, so that keys and relay tokens never mix.
//!
//! No public discovery and no port mapper: addresses come from the gateway alone.

mod congestion;
pub(crate) mod frames;
pub(crate) mod least_rtt;
#[cfg(test)]
pub(crate) mod pair;
pub(crate) mod repair;
mod trickle;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use farhand_protocol::{
    api::PeerAddress,
    error::{ErrorBody, ErrorCode},
    gateway::RelayGrant,
    ids::PeerKey,
    peer::ALPN,
};
use iroh::{
    Endpoint, EndpointAddr, EndpointId, RelayConfig, RelayMap, RelayMode, RelayUrl, SecretKey, TransportAddr, Watcher,
    endpoint::{
        AckFrequencyConfig, Connection, IdleTimeout, MtuDiscoveryConfig, NetReportConfig, Path, PortmapperConfig, QuicTransportConfig,
        VarInt, presets,
    },
    tls::CaTlsConfig,
};

use crate::gateway::{GatewayAddress, Verifier};

/// A connection that hears nothing for this long is over; shorter cuts go unnoticed.
pub(crate) const IDLE: Duration = Duration::from_secs(30);
const KEEP_ALIVE: Duration = Duration::from_secs(4);
const DIAL_TIMEOUT: Duration = Duration::from_secs(15);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Peers that may be connecting at the same moment.
const MAX_HANDSHAKES: usize = 16;
/// Picture updates in flight at once; pacing stays far below.
const MAX_STREAMS: u32 = 64;
/// Bytes a peer may have in flight towards a console, which takes pictures, and towards an applet, which takes words; and most bytes on the way from
/// here.
const PICTURES_WINDOW: u32 = 16 << 20;
const WORDS_WINDOW: u32 = 1 << 20;

/// Larger packets are looked for until the next would be larger by less than this. Half of what there is to gain and one more: the first probe is of the
/// largest, one a path and direction instead of four, each of which takes four tenths of a second on the slowest line.
const LEAST_MTU_GAIN: u16 = 127;

/// Which end of a session's links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The applet's.
    Host,
    /// The console's.
    Viewer,
}

/// Which ways a link may take; anything but [`Route::Any`] is for tests and measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// Direct where possible, relayed otherwise.
    #[default]
    Any,
    /// Through the relay alone.
    RelayOnly,
    /// From peer to peer alone.
    DirectOnly,
}

impl Route {
    /// Reads `any`, `relay` or `direct` (`FARHAND_ROUTE`).
    ///
    /// # Errors
    /// Names the three words.
    pub fn parse(text: &str) -> Result<Self, ErrorBody> {
        match text {
            "" | "any" => Ok(Self::Any),
            "relay" => Ok(Self::RelayOnly),
            "direct" => Ok(Self::DirectOnly),
            other => Err(ErrorBody::new(
                ErrorCode::RequestMalformed,
                format!("a route is any, relay or direct, not {other}"),
            )),
        }
    }
}

/// One end of the links of one session.
#[derive(Debug, Clone)]
pub struct LinkEndpoint {
    endpoint: Endpoint,
    route: Route,
}

impl LinkEndpoint {
    /// Binds an endpoint under this key. The relay may come later, see [`LinkEndpoint::use_relay`].
    ///
    /// # Errors
    /// When no socket can be bound, or the gateway's address is not good for a relay.
    pub async fn bind(
        end: End,
        key: [u8; 32],
        gateway: &GatewayAddress,
        relay: Option<&RelayGrant>,
        route: Route,
    ) -> Result<Self, ErrorBody> {
        let trust = gateway.trust;
        let tls = CaTlsConfig::custom_server_cert_verifier(Arc::new(move |provider| {
            let verifier = Verifier::new(trust, provider).map_err(|e| std::io::Error::other(e.message))?;
            Ok(Arc::new(verifier) as Arc<dyn rustls::client::danger::ServerCertVerifier>)
        }));
        let map = RelayMap::empty();
        if let Some(grant) = relay.filter(|_| route != Route::DirectOnly) {
            let (url, config) = relay_config(grant)?;
            map.insert(url, Arc::new(config));
        }
        let mut probes = NetReportConfig::default();
        probes.captive_portal_check = false;
        // They tell a relay that is near, where UDP is blocked. The viewer takes the host's; on a slow line each costs half a second.
        probes.https_probes = end == End::Host;
        let mut builder = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(&key))
            .alpns(vec![ALPN.to_vec()])
            .relay_mode(RelayMode::Custom(map))
            .transport_config(transport(end))
            .ca_tls_config(tls)
            .portmapper_config(PortmapperConfig::Disabled)
            .net_report_config(probes)
            .proxy_from_env();
        if route == Route::RelayOnly {
            builder = builder.clear_ip_transports();
        }
        let endpoint = builder
            .bind()
            .await
            .map_err(|e| unreachable(format!("no socket for peer links: {e}")))?;
        Ok(Self { endpoint, route })
    }

    /// Adds the gateway's relay, or renews its token.
    ///
    /// # Errors
    /// When the relay's address is malformed.
    pub async fn use_relay(&self, grant: &RelayGrant) -> Result<(), ErrorBody> {
        if self.route != Route::DirectOnly {
            let (url, config) = relay_config(grant)?;
            self.endpoint.insert_relay(url, Arc::new(config)).await;
        }
        Ok(())
    }

    /// Key of this end.
    pub fn key(&self) -> PeerKey {
        PeerKey(*self.endpoint.id().as_bytes())
    }

    /// Where this end can be dialled as far as it knows now.
    pub fn address(&self) -> PeerAddress {
        from_endpoint(&self.endpoint.addr())
    }

    /// Tells each change of [`LinkEndpoint::address`] until the endpoint closes.
    pub async fn watch_address(&self, mut on_change: impl FnMut(PeerAddress)) {
        let mut watcher = self.endpoint.watch_addr();
        on_change(from_endpoint(&watcher.get()));
        while let Ok(address) = watcher.updated().await {
            on_change(from_endpoint(&address));
        }
    }

    /// One attempt to reach a peer.
    ///
    /// # Errors
    /// `link.unreachable`, with what was tried.
    pub async fn dial(&self, peer: &PeerAddress) -> Result<Connection, ErrorBody> {
        let address = to_endpoint(peer, self.route)?;
        match tokio::time::timeout(DIAL_TIMEOUT, self.endpoint.connect(address, ALPN)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(e)) => Err(unreachable(format!("the other side cannot be reached: {e}"))),
            Err(_) => Err(unreachable("the other side does not answer".into())),
        }
    }

    /// Hands over each peer that dialled us and proved its key, until the endpoint is closed. One that stalls in the middle of connecting
    /// holds up nobody else.
    pub async fn accept_all(&self, on_connection: impl Fn(Connection) + Clone + Send + 'static) {
        let turns = Arc::new(tokio::sync::Semaphore::new(MAX_HANDSHAKES));
        while let Some(incoming) = self.endpoint.accept().await {
            let Ok(turn) = turns.clone().try_acquire_owned() else {
                incoming.ignore();
                continue;
            };
            let on_connection = on_connection.clone();
            tokio::spawn(async move {
                match tokio::time::timeout(HANDSHAKE_TIMEOUT, incoming).await {
                    Ok(Ok(connection)) => on_connection(connection),
                    Ok(Err(e)) => tracing::debug!(error = %e, "a peer broke off while connecting"),
                    Err(_) => tracing::debug!("a peer stalled while connecting"),
                }
                drop(turn);
            });
        }
    }

    /// Closes every link and the sockets.
    pub async fn close(&self) {
        self.endpoint.close().await;
    }
}

/// Looks at the path that bytes go now; none while that is unknown.
pub(crate) fn on_selected_path<T>(conn: &Connection, look: impl FnOnce(&Path<'_>) -> T) -> Option<T> {
    let paths = conn.paths();
    paths.iter().find(|path| path.is_selected()).map(|path| look(&path))
}

fn transport(end: End) -> QuicTransportConfig {
    let window = match end {
        End::Host => WORDS_WINDOW,
        End::Viewer => PICTURES_WINDOW,
    };
    let idle = IdleTimeout::try_from(IDLE).ok();
    let mut mtu = MtuDiscoveryConfig::default();
    mtu.minimum_change(LEAST_MTU_GAIN);
    // The viewer acknowledges what came where it takes it in: to wait for more to acknowledge, 25 ms, is a waking by itself for every letter. Packets that come
    // together are acknowledged together all the same. Only the host asks for that, since it has one session to lose: a viewer that announces nonsense about
    // its own acknowledgements makes the library give up the connection, not gracefully.
    let acknowledging = matches!(end, End::Host).then(|| {
        let mut acknowledging = AckFrequencyConfig::default();
        acknowledging.ack_eliciting_threshold(VarInt::from_u32(0));
        acknowledging
    });
    QuicTransportConfig::builder()
        .max_idle_timeout(idle)
        .keep_alive_interval(KEEP_ALIVE)
        .mtu_discovery_config(Some(mtu))
        .ack_frequency_config(acknowledging)
        .max_concurrent_uni_streams(VarInt::from_u32(MAX_STREAMS))
        .max_concurrent_bidi_streams(VarInt::from_u32(4))
        .receive_window(VarInt::from_u32(window))
        .stream_receive_window(VarInt::from_u32(window))
        .send_window(u64::from(PICTURES_WINDOW))
        .congestion_controller_factory(congestion::congestion())
        .build()
}

fn relay_config(grant: &RelayGrant) -> Result<(RelayUrl, RelayConfig), ErrorBody> {
    let url: RelayUrl = grant
        .url
        .parse()
        .map_err(|e| ErrorBody::new(ErrorCode::RelayRefused, format!("{} is not a relay address: {e}", grant.url)))?;
    let quic = url
        .port_or_known_default()
        .map(iroh_relay::RelayQuicConfig::new)
        .filter(|_| url.scheme() == "https");
    Ok((url.clone(), RelayConfig::new(url, quic).with_auth_token(grant.token.clone())))
}

fn to_endpoint(peer: &PeerAddress, route: Route) -> Result<EndpointAddr, ErrorBody> {
    let id = EndpointId::from_bytes(&peer.key.0).map_err(|e| unreachable(format!("not a key: {e}")))?;
    let relay = peer
        .relay_url
        .iter()
        .filter(|_| route != Route::DirectOnly)
        .filter_map(|url| url.parse().ok())
        .map(TransportAddr::Relay);
    let direct = peer
        .direct
        .iter()
        .filter(|_| route != Route::RelayOnly)
        .filter_map(|a| a.parse::<SocketAddr>().ok())
        .map(TransportAddr::Ip);
    Ok(EndpointAddr::from_parts(id, relay.chain(direct)))
}

fn from_endpoint(address: &EndpointAddr) -> PeerAddress {
    PeerAddress {
        key: PeerKey(*address.id.as_bytes()),
        relay_url: address.relay_urls().next().map(ToString::to_string),
        direct: address.ip_addrs().map(ToString::to_string).collect(),
    }
}

fn unreachable(message: String) -> ErrorBody {
    ErrorBody::new(ErrorCode::LinkUnreachable, message)
}
