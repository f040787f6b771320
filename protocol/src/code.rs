//! Codes that start a session: the PIN a customer types (GLO-50, six to nine digits), the 128-bit code
//! in a link's fragment (GLO-51), and the places that carry one: link, deep link and the name of a download.
//! None of them ever carries a grant.
//!
//! ```text
//! link       https://HOST[:PORT]/join#CODE.TRUST          (TRUST only where the gateway has its own CA)
//! deep link  farhand:join?gateway=https://HOST[:PORT]&trust=TRUST&code=CODE
//! download   Farhand~HOST~PORT~TRUST~CODE[ (1)][.exe]      (an empty TRUST for a public CA)
//! ```
//!
//! An IPv6 address as HOST stands in brackets: `[::1]` in a link, `%5B::1%5D` in a deep link, `[--1]` in the name of a download.

use std::net::{IpAddr, Ipv6Addr};

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Digits of a PIN unless the organisation chose fewer.
pub const PIN_DIGITS: u8 = 9;
/// Fewest digits an organisation may choose.
pub const PIN_DIGITS_MIN: u8 = 6;
/// Bytes of a link's secret.
pub const LINK_CODE_BYTES: usize = 16;
const LINK_CODE_CHARS: usize = 26;
const TRUST_CHARS: usize = 52;
const SCHEME: &str = "farhand:join?";

/// Why a typed or clicked code is not one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Neither a PIN nor a link.
    #[error("type the six to nine digits of the PIN, or paste the whole link")]
    Malformed,
    /// The trust value is damaged.
    #[error("the trust value is damaged; copy it again from the gateway")]
    BadTrust,
    /// The gateway's address is missing or not an address.
    #[error("the gateway address must look like https://support.example.org")]
    BadGateway,
    /// Plain http to another machine.
    #[error("plain http is for a gateway on this machine alone; use https")]
    PlainHttp,
}

/// A PIN: six to nine digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin(String);

impl Pin {
    /// Reads what a person typed: digits, with spaces, dots or dashes anywhere.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut digits = String::with_capacity(9);
        for c in text.chars() {
            match c {
                '0'..='9' if digits.len() < PIN_DIGITS as usize => digits.push(c),
                ' ' | '-' | '.' | '\u{a0}' | '\u{202f}' | '\u{2011}' | '\t' | '\r' | '\n' => {}
                _ => return Err(CodeError::Malformed),
            }
        }
        if digits.len() < PIN_DIGITS_MIN as usize {
            return Err(CodeError::Malformed);
        }
        Ok(Self(digits))
    }

    /// A PIN of `digits` digits from random bits; `None` when the sample must be drawn again to stay unbiased.
    pub fn from_random(sample: u64, digits: u8) -> Option<Self> {
        let digits = digits.clamp(PIN_DIGITS_MIN, PIN_DIGITS);
        let range = 10u64.pow(u32::from(digits));
        let limit = u64::MAX - u64::MAX % range;
        (sample < limit).then(|| Self(format!("{:0width$}", sample % range, width = digits as usize)))
    }

    /// The digits alone.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits in groups of three, as they are shown and read aloud.
    pub fn grouped(&self) -> String {
        let first = match self.0.len() % 3 {
            0 => 3,
            rest => rest,
        };
        let mut out = String::with_capacity(12);
        for (i, c) in self.0.chars().enumerate() {
            if i >= first && (i - first) % 3 == 0 {
                out.push(' ');
            }
            out.push(c);
        }
        out
    }
}

impl TryFrom<String> for Pin {
    type Error = CodeError;
    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::parse(&text)
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> Self {
        pin.0
    }
}

/// The 128-bit secret of a link, as 26 base32 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinkCode([u8; LINK_CODE_BYTES]);

impl LinkCode {
    /// A code from 16 random bytes.
    pub const fn from_random(bytes: [u8; LINK_CODE_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads the 26 characters, in either case.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() != LINK_CODE_CHARS {
            return Err(CodeError::Malformed);
        }
        let bytes = BASE32_NOPAD
            .decode(text.to_ascii_uppercase().as_bytes())
            .map_err(|_| CodeError::Malformed)?;
        bytes.try_into().map(Self).map_err(|_| CodeError::Malformed)
    }
}

impl std::fmt::Display for LinkCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0))
    }
}

/// SHA-256 of the public key of a gateway's own CA (`FARHAND_TRUST`), as 52 base32 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Trust(pub [u8; 32]);

impl Trust {
    /// Reads the printed value; spaces and dashes are ignored.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let kept: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if kept.len() != TRUST_CHARS {
            return Err(CodeError::BadTrust);
        }
        let bytes = BASE32_NOPAD.decode(kept.as_bytes()).map_err(|_| CodeError::BadTrust)?;
        bytes.try_into().map(Self).map_err(|_| CodeError::BadTrust)
    }
}

impl std::fmt::Display for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0))
    }
}

impl TryFrom<String> for Trust {
    type Error = CodeError;
    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::parse(&text)
    }
}

impl From<Trust> for String {
    fn from(trust: Trust) -> Self {
        trust.to_string()
    }
}

/// Either way to name a session before it exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Code {
    /// Typed digits.
    Pin(Pin),
    /// The secret of a link.
    Link(LinkCode),
}

impl Code {
    /// Reads a PIN or the bare code of a link.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        LinkCode::parse(text).map(Self::Link).or_else(|_| Pin::parse(text).map(Self::Pin))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pin(pin) => f.write_str(pin.as_str()),
            Self::Link(code) => code.fmt(f),
        }
    }
}

/// Where a code leads: gateway, its trust value if it has its own CA, and the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Origin of the gateway, `https://host[:port]` (plain `http` only on loopback).
    pub gateway: String,
    /// The pin of the gateway's own CA, if it has one.
    pub trust: Option<Trust>,
    /// What names the session.
    pub code: Code,
}

impl Invitation {
    /// The web link sent to a customer (EML-19, DESIGN 2); the code stays in the fragment and so out of every log.
    pub fn link(&self) -> String {
        match &self.trust {
            Some(trust) => format!("{}/join#{}.{trust}", self.gateway, self.code),
            None => format!("{}/join#{}", self.gateway, self.code),
        }
    }

    /// The address that opens an installed applet. Brackets may not stand in a query as they are (RFC 3986, 3.4), and some systems refuse those that do.
    pub fn deep_link(&self) -> String {
        let trust = self.trust.as_ref().map(|t| format!("&trust={t}")).unwrap_or_default();
        let gateway = self.gateway.replace('[', "%5B").replace(']', "%5D");
        format!("{SCHEME}gateway={gateway}{trust}&code={}", self.code)
    }

    /// The file name of a download that knows where to go (APP-17), without extension. No file name may hold a colon on Windows, so those of an IPv6
    /// address become dashes; its brackets tell it from a name.
    pub fn file_stem(&self) -> String {
        let (host, port) = host_and_port(&self.gateway);
        let host = if host.starts_with('[') {
            host.replace(':', "-")
        } else {
            host.to_owned()
        };
        let trust = self.trust.as_ref().map(Trust::to_string).unwrap_or_default();
        format!("Farhand~{host}~{port}~{trust}~{}", self.code)
    }

    /// Reads a link, a deep link, or a downloaded file's name.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        if let Some(query) = text.strip_prefix(SCHEME).or_else(|| text.strip_prefix("farhand://join?")) {
            return Self::from_query(query);
        }
        if let Some((before, fragment)) = text.split_once("/join#") {
            return Self::from_fragment(before, fragment);
        }
        Self::from_file_name(text)
    }

    fn from_query(query: &str) -> Result<Self, CodeError> {
        let (mut gateway, mut trust, mut code) = (None, None, None);
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("gateway", v)) => gateway = Some(parse_gateway(&decoded(v))?),
                Some(("trust", v)) => trust = Some(Trust::parse(v)?),
                Some(("code", v)) => code = Some(Code::parse(v)?),
                _ => {}
            }
        }
        Ok(Self {
            gateway: gateway.ok_or(CodeError::BadGateway)?,
            trust,
            code: code.ok_or(CodeError::Malformed)?,
        })
    }

    fn from_fragment(before: &str, fragment: &str) -> Result<Self, CodeError> {
        let (code, trust) = match fragment.split_once('.') {
            Some((code, trust)) => (code, Some(Trust::parse(trust)?)),
            None => (fragment, None),
        };
        Ok(Self {
            gateway: parse_gateway(before)?,
            trust,
            code: Code::parse(code)?,
        })
    }

    fn from_file_name(name: &str) -> Result<Self, CodeError> {
        let rest = name.strip_prefix("Farhand~").ok_or(CodeError::Malformed)?;
        let parts: Vec<&str> = rest.split('~').collect();
        let [host, port, trust, code] = parts[..] else {
            return Err(CodeError::Malformed);
        };
        // Browsers append " (1)" and systems append extensions; a code has neither.
        let code: String = code.chars().take_while(char::is_ascii_alphanumeric).collect();
        let trust = if trust.is_empty() { None } else { Some(Trust::parse(trust)?) };
        let host = if host.starts_with('[') {
            host.replace('-', ":")
        } else {
            host.to_owned()
        };
        let gateway = parse_gateway(&format!("https://{host}:{port}"))?;
        Ok(Self {
            gateway,
            trust,
            code: Code::parse(&code)?,
        })
    }
}

/// Undoes percent-encoding of what an origin is made of; whatever else is encoded has no place in one.
fn decoded(text: &str) -> String {
    let mut plain = text.to_owned();
    for (code, sign) in [("%3A", ":"), ("%2F", "/"), ("%5B", "["), ("%5D", "]")] {
        plain = plain.replace(code, sign).replace(&code.to_ascii_lowercase(), sign);
    }
    plain
}

/// Host and port of an origin as [`parse_gateway`] gives it. An IPv6 address keeps its brackets; the port is the scheme's where none is written.
pub fn host_and_port(origin: &str) -> (&str, u16) {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("https", origin));
    let written = rest.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    written.unwrap_or((rest, if scheme == "http" { 80 } else { 443 }))
}

/// Checks and normalises a gateway's origin: scheme and host, no path, default port left out. A bare host gets `https://`. An IPv6 address stands in
/// brackets and is written as short as it can be (RFC 5952). Plain `http` is for loopback alone: `localhost`, `127.0.0.0/8` and `[::1]`.
pub fn parse_gateway(text: &str) -> Result<String, CodeError> {
    let text = text.trim().trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" && scheme != "http" {
        return Err(CodeError::BadGateway);
    }
    let host_ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if rest.is_empty() || rest.len() > 255 || !rest.chars().all(host_ok) {
        return Err(CodeError::BadGateway);
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().map_err(|_| CodeError::BadGateway)?)),
        _ => (rest, None),
    };
    let address = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let host = match address.map(str::parse::<Ipv6Addr>) {
        Some(Ok(address)) => format!("[{address}]"),
        Some(Err(_)) => return Err(CodeError::BadGateway),
        None if host.is_empty() || host.contains([':', '[', ']']) => return Err(CodeError::BadGateway),
        None => host.to_ascii_lowercase(),
    };
    if scheme == "http" && !is_loopback(address.unwrap_or(&host)) {
        return Err(CodeError::PlainHttp);
    }
    let default = if scheme == "https" { 443 } else { 80 };
    Ok(match port {
        Some(port) if port != default => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    })
}

/// True when this host, without brackets, is this machine. Names are not asked of a resolver, which could answer anything.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(trust: Option<Trust>) -> Invitation {
        Invitation {
            gateway: "https://support.example.org:8443".into(),
            trust,
            code: Code::Link(LinkCode::from_random([7; 16])),
        }
    }

    #[test]
    fn host_and_port_come_out_of_every_form() {
        for (origin, host, port) in [
            ("https://support.example.org", "support.example.org", 443),
            ("https://h:8443", "h", 8443),
            ("http://127.0.0.1", "127.0.0.1", 80),
            ("https://[::1]:9000", "[::1]", 9000),
            ("https://[::1]", "[::1]", 443),
        ] {
            assert_eq!(host_and_port(origin), (host, port), "{origin}");
        }
    }

    #[test]
    fn a_pin_reads_as_people_type_it() {
        for text in ["427901358", "427 901 358", " 427-901-358\n", "427.901.358"] {
            assert_eq!(Pin::parse(text).unwrap().grouped(), "427 901 358");
        }
        for text in ["", "12345", "1234567890", "12345a", "١٢٣٤٥٦"] {
            assert_eq!(Pin::parse(text), Err(CodeError::Malformed), "{text}");
        }
        assert_eq!(Pin::parse("1234567").unwrap().grouped(), "1 234 567");
    }

    #[test]
    fn an_invitation_survives_link_deep_link_and_file_name() {
        for trust in [None, Some(Trust([9; 32]))] {
            let one = invitation(trust);
            assert_eq!(Invitation::parse(&one.link()).unwrap(), one);
            assert_eq!(Invitation::parse(&one.deep_link()).unwrap(), one);
            assert_eq!(Invitation::parse(&one.file_stem()).unwrap(), one);
            assert_eq!(Invitation::parse(&format!("{} (2).exe", one.file_stem())).unwrap(), one);
        }
    }

    #[test]
    fn a_gateway_at_an_ipv6_address_is_found_by_every_form_and_its_file_name_holds_no_colon() {
        for gateway in ["https://[::1]:8443", "https://[2001:db8::1]", "https://[::ffff:192.0.2.1]:9000"] {
            let one = Invitation {
                gateway: gateway.into(),
                ..invitation(Some(Trust([9; 32])))
            };
            assert_eq!(Invitation::parse(&one.link()).unwrap(), one);
            assert_eq!(Invitation::parse(&one.deep_link()).unwrap(), one);
            assert!(!one.deep_link().contains(['[', ']']), "{}", one.deep_link());
            assert!(!one.file_stem().contains([':', '%', '/']), "{}", one.file_stem());
            for ending in ["", ".exe", " (2).exe"] {
                let name = format!("{}{ending}", one.file_stem());
                assert_eq!(Invitation::parse(&name).unwrap(), one, "{name}");
            }
        }
        for encoded in [
            "https%3A%2F%2F%5B::1%5D:8443",
            "https%3a%2f%2f%5b%3a%3a1%5d%3a8443",
            "https://[::1]:8443",
        ] {
            let link = format!("{SCHEME}gateway={encoded}&code=427901358");
            assert_eq!(Invitation::parse(&link).unwrap().gateway, "https://[::1]:8443", "{link}");
        }
        assert_eq!(
            Invitation::parse("Farhand~fe80--1~443~~427901358").unwrap().gateway,
            "https://fe80--1",
            "a name stays a name"
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for text in [
            "http://localhost",
            "http://LOCALHOST:8080",
            "http://127.0.0.1",
            "http://127.9.8.7:1",
            "http://[::1]:8080",
        ] {
            assert!(parse_gateway(text).is_ok(), "{text}");
        }
        for text in [
            "http://support.example.org",
            "http://10.0.0.1:8080",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org",
            "http://[fe80::1]",
            "http://0.0.0.0",
        ] {
            assert_eq!(parse_gateway(text), Err(CodeError::PlainHttp), "{text}");
        }
        let link = "http://support.example.org/join#427901358";
        assert_eq!(Invitation::parse(link), Err(CodeError::PlainHttp));
    }

    #[test]
    fn a_gateway_address_is_normalised_or_refused() {
        assert_eq!(parse_gateway("Support.Example.org/").unwrap(), "https://support.example.org");
        assert_eq!(parse_gateway("https://h:443").unwrap(), "https://h");
        assert_eq!(parse_gateway("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(parse_gateway("https://[::1]:8443").unwrap(), "https://[::1]:8443");
        assert_eq!(
            parse_gateway("https://[2001:DB8:0:0::1]:443").unwrap(),
            "https://[2001:db8::1]",
            "one address is one text"
        );
        for text in [
            "",
            "ftp://h",
            "https://",
            "https://h/p",
            "https://h:99999",
            "https://u@h",
            "[::1]h",
            "https://a:b:c",
            "https://[h]",
            "https://[1:2]",
            "https://[::1",
            "https://::1",
            "https://[[::1]]",
        ] {
            assert!(parse_gateway(text).is_err(), "{text}");
        }
    }
}
