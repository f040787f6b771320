//! A TCP line to the gateway, through the HTTP proxy the environment names, if any (APP-04): `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, and `NO_PROXY` for
//! exceptions. Used by the live line; the API client and the links read the same variables themselves.

use data_encoding::BASE64;
use farhand_protocol::error::{ErrorBody, ErrorCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::GatewayAddress;

const MAX_ANSWER_BYTES: usize = 8192;

/// An HTTP proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    host: String,
    port: u16,
    authorization: Option<String>,
}

/// Opens a line to the gateway.
pub(super) async fn connect(address: &GatewayAddress) -> Result<TcpStream, ErrorBody> {
    let stream = match proxy_for(address, |name| std::env::var(name).ok()) {
        Some(proxy) => through(&proxy, address).await?,
        None => TcpStream::connect((address.host(), address.port()))
            .await
            .map_err(|e| unreachable(address, &e))?,
    };
    stream.set_nodelay(true).map_err(|e| unreachable(address, &e))?;
    Ok(stream)
}

fn unreachable(address: &GatewayAddress, error: &std::io::Error) -> ErrorBody {
    ErrorBody::new(
        ErrorCode::GatewayUnreachable,
        format!("{} cannot be reached: {error}", address.origin),
    )
}

fn proxy_for(address: &GatewayAddress, env: impl Fn(&str) -> Option<String>) -> Option<Proxy> {
    let either = |name: &str| env(name).or_else(|| env(&name.to_ascii_uppercase())).filter(|v| !v.is_empty());
    let host = address.host();
    // A line to this machine never leaves it, and so never carries a token through anybody's proxy.
    if super::is_loopback(host) {
        return None;
    }
    let excepted = either("no_proxy").is_some_and(|list| {
        list.split(',').map(str::trim).any(|rule| {
            let rule = rule.trim_start_matches('.');
            rule == "*" || rule == host || (!rule.is_empty() && host.ends_with(&format!(".{rule}")))
        })
    });
    if excepted {
        return None;
    }
    let scheme = if address.is_tls() { "https_proxy" } else { "http_proxy" };
    parse_proxy(&either(scheme).or_else(|| either("all_proxy"))?)
}

fn parse_proxy(text: &str) -> Option<Proxy> {
    let rest = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let (host, port) = place.rsplit_once(':').unwrap_or((place, "8080"));
    Some(Proxy {
        host: host.to_owned(),
        port: port.parse().ok()?,
        authorization: user.map(|user| format!("Proxy-Authorization: Basic {}\r\n", BASE64.encode(user.as_bytes()))),
    })
}

async fn through(proxy: &Proxy, address: &GatewayAddress) -> Result<TcpStream, ErrorBody> {
    let failed = |what: String| {
        ErrorBody::new(
            ErrorCode::GatewayUnreachable,
            format!("the proxy {}:{} {what}", proxy.host, proxy.port),
        )
    };
    let mut stream = TcpStream::connect((proxy.host.as_str(), proxy.port))
        .await
        .map_err(|e| failed(format!("cannot be reached: {e}")))?;
    let host = if address.host().contains(':') {
        format!("[{}]", address.host())
    } else {
        address.host().to_owned()
    };
    let target = format!("{host}:{}", address.port());
    let authorization = proxy.authorization.as_deref().unwrap_or_default();
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|e| failed(format!("broke off: {e}")))?;
    let answer = read_head(&mut stream).await.map_err(|e| failed(format!("broke off: {e}")))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status.starts_with('2') {
        Ok(stream)
    } else {
        Err(failed(format!(
            "refused the connection ({})",
            answer.lines().next().unwrap_or_default()
        )))
    }
}

/// Reads the proxy's answer byte by byte, so that nothing of what follows is taken.
async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > MAX_ANSWER_BYTES {
            return Err(std::io::Error::other("its answer is too long"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> GatewayAddress {
        GatewayAddress::parse("https://support.example.org", None).unwrap()
    }

    #[test]
    fn the_environment_names_the_proxy_and_its_exceptions() {
        let env = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://u:p@proxy.local:3128/".to_owned()),
            _ => None,
        };
        let proxy = proxy_for(&address(), env).unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("proxy.local", 3128));
        assert_eq!(proxy.authorization.unwrap(), "Proxy-Authorization: Basic dTpw\r\n");
        let excepted = |name: &str| {
            if name == "no_proxy" {
                Some("x, .example.org".to_owned())
            } else {
                env(name)
            }
        };
        assert_eq!(proxy_for(&address(), excepted), None);
    }
}
