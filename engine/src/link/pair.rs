//! Two ends of a link on this machine, for tests.

use farhand_protocol::peer::ALPN;
use iroh::{
    Endpoint, EndpointAddr, RelayMode, TransportAddr,
    endpoint::{Connection, presets},
};

/// A connection as each end has it, and what it lives on.
pub(crate) struct Pair {
    pub(crate) host: Connection,
    pub(crate) viewer: Connection,
    _endpoints: [Endpoint; 2],
}

impl Pair {
    /// Connected.
    pub(crate) async fn connect() -> Self {
        let (host, viewer) = (endpoint().await, endpoint().await);
        let port = host.bound_sockets().iter().find(|address| address.is_ipv4()).unwrap().port();
        let to = EndpointAddr::from_parts(host.id(), [TransportAddr::Ip(([127, 0, 0, 1], port).into())]);
        let accepting = async { host.accept().await.unwrap().await.unwrap() };
        let (ours, theirs) = tokio::join!(accepting, viewer.connect(to, ALPN));
        Self {
            host: ours,
            viewer: theirs.unwrap(),
            _endpoints: [host, viewer],
        }
    }
}

async fn endpoint() -> Endpoint {
    Endpoint::builder(presets::Minimal)
        .relay_mode(RelayMode::Disabled)
        .alpns(vec![ALPN.to_vec()])
        .bind()
        .await
        .unwrap()
}
