//! Which ways to the gateway this network leaves open, for `farhand doctor`: the relay (a WebSocket on the gateway's own port), and UDP to the same port
//! number, where the gateway tells peers their address as seen from outside. Asks like a peer does, and is admitted to nothing.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use farhand_protocol::error::{ErrorBody, ErrorCode};
use futures_util::StreamExt;
use iroh_relay::{http::ProtocolVersion, quic::QuicClient};

use super::{GatewayClient, live};

/// Longest that either way is tried.
const PATIENCE: Duration = Duration::from_secs(6);
const RELAY_PATH: &str = "/relay";

/// What address discovery said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// This machine's address as the gateway sees it.
    pub address: SocketAddr,
    /// How long the answer took, connecting included.
    pub after: Duration,
}

impl GatewayClient {
    /// Whether the relay takes a connection from here, and how long that took. No token is shown, so nothing can be relayed by it.
    ///
    /// # Errors
    /// `link.unreachable`, with what stands in the way.
    pub async fn probe_relay(&self) -> Result<Duration, ErrorBody> {
        let began = Instant::now();
        let attempt = live::connect_to(self, RELAY_PATH, Some(ProtocolVersion::V2.to_str()));
        match tokio::time::timeout(PATIENCE, attempt).await {
            Ok(Ok(_)) => Ok(began.elapsed()),
            Ok(Err(error)) => Err(unreachable(format!("the relay cannot be reached: {}", error.message))),
            Err(_) => Err(unreachable("the relay does not answer".to_owned())),
        }
    }

    /// Whether the gateway answers on UDP, which peers need to find a direct way to each other through routers.
    ///
    /// # Errors
    /// `link.unreachable`, with what stands in the way.
    pub async fn probe_udp(&self) -> Result<Seen, ErrorBody> {
        let address = self.address();
        if !address.is_tls() {
            return Err(unreachable("a gateway on plain http does not answer on UDP".to_owned()));
        }
        let began = Instant::now();
        match tokio::time::timeout(PATIENCE, self.ask_address()).await {
            Ok(Ok(seen)) => Ok(Seen {
                address: seen,
                after: began.elapsed(),
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(unreachable(format!(
                "no answer from {} port {} on UDP: a firewall in between, or the gateway does not offer it",
                address.host(),
                address.port()
            ))),
        }
    }

    async fn ask_address(&self) -> Result<SocketAddr, ErrorBody> {
        let (host, port) = (self.address().host(), self.address().port());
        let failed = |e: &dyn std::fmt::Display| unreachable(format!("UDP to {host} port {port}: {e}"));
        let server = tokio::net::lookup_host((host, port)).await.map_err(|e| failed(&e))?.next();
        let server = server.ok_or_else(|| failed(&"the name has no address"))?;
        let any: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let endpoint = noq::Endpoint::client(any).map_err(|e| failed(&e))?;
        let tls = rustls::ClientConfig::clone(&self.tls());
        let connection = QuicClient::new(endpoint.clone(), tls)
            .create_conn(server, host)
            .await
            .map_err(|e| failed(&e))?;
        let seen = connection.observed_external_addr().next().await;
        connection.close(noq::VarInt::from_u32(0), b"over");
        endpoint.wait_idle().await;
        let seen = seen.ok_or_else(|| failed(&"the gateway did not say where it sees this machine"))?;
        Ok(SocketAddr::new(seen.ip().to_canonical(), seen.port()))
    }
}

fn unreachable(message: String) -> ErrorBody {
    ErrorBody::new(ErrorCode::LinkUnreachable, message)
}
