//! E-mail with the link of a session: its words, which each technician group may have of its own (EML-16, EML-20), and the way out through the
//! organisation's mail server (EML-09, EML-22). Queue, further tries and signatures are that server's business; once it has taken a message over, nothing
//! more is heard of it here.
//!
//! ```text
//! sessions::mail_link ─► words (subject, text) ─► letter (a message) ─► lettre ─► server
//! ```

mod error;
mod letter;
mod server;
mod words;

use std::time::Duration;

use farhand_protocol::{mail::is_address, time::Timestamp};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{self, authentication::Credentials},
};
use thiserror::Error;
use tokio::time::timeout;

pub use error::MailError;
pub use letter::Letter;
pub use server::{MailServer, ServerError};
pub use words::{LINK, MAX_TEXT_CHARS, MailWords, WordsError, check_subject, check_text, set_subject, set_text};

/// The whole way of one message: less than a request may take here, and than the programs of technicians wait for it.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why there can be no mail service.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// Mail cannot come from there.
    #[error("{0:?} is not an e-mail address that mail can come from")]
    Sender(String),
    /// TLS cannot be set up.
    #[error("the line to the mail server cannot be encrypted")]
    Tls(#[from] smtp::Error),
}

/// The mail service of a gateway (EML-09, EML-22). What it says of itself holds no password.
#[derive(Debug, Clone)]
pub struct MailService {
    server: MailServer,
    sender: Address,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl MailService {
    /// Mail by this server and from this address; with an account where the server wants one.
    pub fn new(server: MailServer, sender: &str, account: Option<Credentials>) -> Result<Self, ServiceError> {
        let sender = address(sender).ok_or_else(|| ServiceError::Sender(sender.to_owned()))?;
        let transport = server.transport()?.timeout(Some(PATIENCE));
        let transport = match account {
            Some(account) => transport.credentials(account),
            None => transport,
        };
        Ok(Self {
            server,
            sender,
            transport: transport.build(),
        })
    }

    /// Where mail goes.
    pub fn server(&self) -> &MailServer {
        &self.server
    }

    /// Address that mail comes from.
    pub fn sender(&self) -> &Address {
        &self.sender
    }

    /// Hands one message over; from then on it is the server's.
    pub async fn send(&self, letter: &Letter<'_>, now: Timestamp) -> Result<(), MailError> {
        let message = letter.message(&self.sender, now)?;
        match timeout(PATIENCE, self.transport.send(message)).await {
            Ok(answered) => answered.map(drop).map_err(MailError::from),
            Err(_) => Err(MailError::TooSlow),
        }
    }

    /// Whether the server lets the gateway in: greeting, encryption, account. Nothing is sent.
    pub async fn check(&self) -> Result<(), MailError> {
        match timeout(PATIENCE, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(MailError::NotSmtp),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(MailError::TooSlow),
        }
    }
}

/// One address that mail can go to or come from (EML-23).
pub fn address(text: &str) -> Option<Address> {
    text.parse().ok().filter(|_| is_address(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_comes_from_one_address_and_the_password_stays_unsaid() {
        let server: MailServer = "smtp+plain://127.0.0.1:25".parse().unwrap();
        let account = || Some(Credentials::new("farhand".to_owned(), "correct horse".to_owned()));
        let service = MailService::new(server.clone(), "support@acme.example", account()).unwrap();
        assert_eq!(service.sender().to_string(), "support@acme.example");
        assert!(!format!("{service:?}").contains("correct horse"));
        let refused = MailService::new(server, "ACME <support@acme.example>", account());
        assert!(matches!(refused, Err(ServiceError::Sender(_))));
    }

    #[test]
    fn what_both_programs_take_for_an_address_the_library_takes_as_well() {
        for good in [
            "maria@home.example",
            "m.diaz+x@mail.home.example",
            "root@localhost",
            "o'neil@x.example",
        ] {
            assert_eq!(address(good).unwrap().to_string(), good);
        }
        for bad in ["", "maria", "\"maria\"@home.example", "maría@home.example", "maria@[192.0.2.1]"] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
