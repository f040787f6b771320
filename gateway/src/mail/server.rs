//! Which mail server takes messages, and how the line to it is kept secret: a link is a secret, and so is the password of an account.
//!
//! | setting | line | port |
//! |---|---|---|
//! | `smtps://HOST[:PORT]` | TLS from the first byte (RFC 8314) | 465 |
//! | `smtp://HOST[:PORT]` | STARTTLS (RFC 3207); without it nothing is sent | 587 |
//! | `smtp+plain://ADDRESS[:PORT]` | not encrypted, and so to a loopback address alone | 25 |
//!
//! What certificates the system trusts, the gateway trusts.

use std::{fmt, net::IpAddr, str::FromStr};

use hyper::Uri;
use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    transport::smtp::{self, AsyncSmtpTransportBuilder},
};
use thiserror::Error;

/// Why a mail server is not taken. What was given is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ServerError {
    /// It stands for an account, too.
    #[error(
        "the mail server is named without an account; its name goes into --mail-user, and its password into FARHAND_MAIL_PASSWORD or \
         mail_password in gateway.toml"
    )]
    Account,
    /// It is none of the three forms.
    #[error("a mail server is smtps://HOST[:PORT], smtp://HOST[:PORT] or, on this machine, smtp+plain://127.0.0.1[:PORT]")]
    Form,
    /// The line to another machine would not be encrypted.
    #[error(
        "smtp+plain:// takes a loopback address alone, such as 127.0.0.1: the line is not encrypted, and links are secrets; use smtps:// or \
         smtp:// (STARTTLS) for a server elsewhere"
    )]
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Tls,
    StartTls,
    Plain,
}

impl Line {
    const ALL: [Self; 3] = [Self::Tls, Self::StartTls, Self::Plain];

    const fn scheme(self) -> &'static str {
        match self {
            Self::Tls => "smtps",
            Self::StartTls => "smtp",
            Self::Plain => "smtp+plain",
        }
    }
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    line: Line,
    /// A name or an address, the latter without brackets.
    host: String,
    /// That of the line's kind if none.
    port: Option<u16>,
}

impl MailServer {
    pub(super) fn transport(&self) -> Result<AsyncSmtpTransportBuilder, smtp::Error> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let host = self.host.as_str();
        let builder = match self.line {
            Line::Tls => Transport::relay(host)?,
            Line::StartTls => Transport::starttls_relay(host)?,
            Line::Plain => Transport::builder_dangerous(host),
        };
        Ok(match self.port {
            Some(port) => builder.port(port),
            None => builder,
        })
    }
}

impl FromStr for MailServer {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let text = text.trim();
        if text.contains('@') {
            return Err(ServerError::Account);
        }
        let uri: Uri = text.parse().map_err(|_| ServerError::Form)?;
        let line = Line::ALL.into_iter().find(|line| uri.scheme_str() == Some(line.scheme()));
        let (Some(line), Some(place)) = (line, uri.authority()) else {
            return Err(ServerError::Form);
        };
        let host = place.host().trim_matches(['[', ']']);
        let port = match place.as_str().strip_prefix(place.host()).unwrap_or_default() {
            "" => None,
            written => Some(written.trim_start_matches(':').parse::<u16>().map_err(|_| ServerError::Form)?),
        };
        if host.is_empty() || !uri.path().trim_matches('/').is_empty() || uri.query().is_some() {
            return Err(ServerError::Form);
        }
        let is_here = host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
        if line == Line::Plain && !is_here {
            return Err(ServerError::Open);
        }
        let host = host.to_owned();
        Ok(Self { line, host, port })
    }
}

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.line.scheme();
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]", self.host)?;
        } else {
            write!(f, "{scheme}://{}", self.host)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_reached_over_an_encrypted_line_or_on_this_machine() {
        for good in [
            "smtps://mail.acme.example",
            "smtps://mail.acme.example:465",
            "smtp://mail.acme.example",
            "smtp://192.0.2.1:587",
            "smtps://[2001:db8::1]:465",
            "smtp+plain://127.0.0.1:25",
            "smtp+plain://127.0.1.1",
            "smtp+plain://[::1]:2525",
            "smtp+plain://[::ffff:127.0.0.1]:25",
        ] {
            let server: MailServer = good.parse().unwrap();
            assert_eq!(server.to_string(), good);
            assert!(server.transport().is_ok(), "{good}");
        }
        assert_eq!(" smtps://h/ ".parse::<MailServer>().unwrap().to_string(), "smtps://h");
        for open in [
            "smtp+plain://192.0.2.1:25",
            "smtp+plain://0.0.0.0:25",
            "smtp+plain://[2001:db8::1]:25",
            "smtp+plain://mail.acme.example",
            "smtp+plain://localhost",
        ] {
            assert_eq!(open.parse::<MailServer>(), Err(ServerError::Open), "{open}");
        }
    }

    #[test]
    fn what_is_no_mail_server_is_refused_and_an_account_in_it_is_not_repeated() {
        for bad in [
            "",
            "mail.acme.example",
            "127.0.0.1:25",
            "https://mail.acme.example",
            "smtps://",
            "smtps://:465",
            "smtps://h:99999",
            "smtps://h:",
            "smtps://h/path",
            "smtps://h?tls=required",
        ] {
            assert_eq!(bad.parse::<MailServer>(), Err(ServerError::Form), "{bad}");
        }
        for account in ["smtps://farhand:secret@mail.acme.example", "smtp://farhand@mail.acme.example"] {
            let error = account.parse::<MailServer>().unwrap_err();
            assert_eq!(error, ServerError::Account);
            assert!(!error.to_string().contains("secret"));
        }
    }
}
