//! The gateway as a client sees it: HTTPS under a pinned CA or a public one, the JSON API, and the live line (WebSocket).
//! One TLS stack serves all three, and the relay as well.

mod api;
mod live;
mod probe;
mod proxy;
mod tls;

use std::sync::Arc;

use farhand_protocol::{
    code::{CodeError, Trust, host_and_port, is_loopback, parse_gateway},
    error::{ErrorBody, ErrorCode},
};

pub use api::GatewayClient;
pub use live::{Live, LiveEvent};
pub use probe::Seen;
pub use tls::{Verifier, client_config};

/// Which gateway, and how it is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayAddress {
    /// Origin, normalised: `https://host[:port]`, or plain `http` on loopback alone.
    pub origin: String,
    /// Pin of the gateway's own CA; none for a certificate of a public CA.
    pub trust: Option<Trust>,
}

impl GatewayAddress {
    /// Reads what a person or the environment gave.
    ///
    /// # Errors
    /// Says what to type instead; plain HTTP anywhere but on loopback is refused.
    pub fn parse(gateway: &str, trust: Option<&str>) -> Result<Self, ErrorBody> {
        let origin = parse_gateway(gateway).map_err(malformed)?;
        let trust = trust
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(Trust::parse)
            .transpose()
            .map_err(malformed)?;
        Ok(Self { origin, trust })
    }

    /// Host name or address literal, without brackets.
    pub fn host(&self) -> &str {
        host_and_port(&self.origin).0.trim_matches(['[', ']'])
    }

    /// Port, by scheme where none is written.
    pub fn port(&self) -> u16 {
        host_and_port(&self.origin).1
    }

    /// False for plain HTTP on loopback.
    pub fn is_tls(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

fn malformed(error: CodeError) -> ErrorBody {
    let code = match error {
        CodeError::PlainHttp => ErrorCode::GatewayUntrusted,
        _ => ErrorCode::RequestMalformed,
    };
    ErrorBody::new(code, error.to_string())
}

/// A TLS configuration that recognises this gateway, shared by API, live line and relay.
///
/// # Errors
/// When the system's own root certificates are needed and cannot be read.
pub(crate) fn tls_for(address: &GatewayAddress) -> Result<Arc<rustls::ClientConfig>, ErrorBody> {
    client_config(address.trust).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_come_out_of_every_form() {
        for (text, host, port) in [
            ("support.example.org", "support.example.org", 443),
            ("https://h:8443", "h", 8443),
            ("http://127.0.0.1:80", "127.0.0.1", 80),
            ("https://[::1]:9000", "::1", 9000),
        ] {
            let address = GatewayAddress::parse(text, None).unwrap();
            assert_eq!((address.host(), address.port()), (host, port), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        assert!(GatewayAddress::parse("http://127.0.0.1:8080", None).is_ok());
        let error = GatewayAddress::parse("http://10.0.0.1", None).unwrap_err();
        assert_eq!(error.code, ErrorCode::GatewayUntrusted);
    }
}
