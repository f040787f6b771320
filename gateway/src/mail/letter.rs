//! One message as it travels: a few headers and a plain text in UTF-8, written by lettre. Names and subjects become single lines first, so that nothing
//! anybody has typed can be another header.

use std::time::{Duration, UNIX_EPOCH};

use farhand_protocol::time::Timestamp;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox,
        header::{ContentType, MIME_VERSION_1_0},
    },
};
use uuid::Uuid;

/// A message to one recipient (EML-18, EML-22).
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Name of the sender: technician and organisation.
    pub sender_name: &'a str,
    /// Where answers go; where mail comes from if none.
    pub reply_to: Option<&'a Address>,
    /// Name of the recipient; may be empty.
    pub recipient_name: &'a str,
    /// The recipient.
    pub to: &'a Address,
    /// Subject.
    pub subject: &'a str,
    /// Plain text with `\n` at the ends of its lines.
    pub text: &'a str,
}

impl Letter<'_> {
    pub(super) fn message(&self, from: &Address, now: Timestamp) -> Result<Message, lettre::error::Error> {
        let named = |name: &str, address: &Address| Mailbox::new(one_line(name), address.clone());
        let mut message = Message::builder()
            .envelope(Envelope::new(Some(from.clone()), vec![self.to.clone()])?)
            .date(UNIX_EPOCH + Duration::from_millis(now.0.unsigned_abs()))
            .message_id(Some(format!("<{}@{}>", Uuid::now_v7(), from.domain())))
            .from(named(self.sender_name, from))
            .to(named(self.recipient_name, self.to))
            .subject(one_line(self.subject).unwrap_or_default())
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN);
        if let Some(address) = self.reply_to {
            message = message.reply_to(address.clone().into());
        }
        message.body(self.text.to_owned())
    }
}

/// A text as one line without control characters, which lettre must not see in a name; none if nothing is left of it.
fn one_line(text: &str) -> Option<String> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 28 November 2026, 21:51.
    const NOW: Timestamp = Timestamp(1_795_902_660_000);

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    /// Headers and text of a message with these names and this subject.
    fn written(sender_name: &str, recipient_name: &str, subject: &str) -> (String, String) {
        let (from, to, ada) = (
            address("support@acme.example"),
            address("maria@home.example"),
            address("ada@acme.example"),
        );
        let letter = Letter {
            sender_name,
            reply_to: Some(&ada),
            recipient_name,
            to: &to,
            subject,
            text: "Please open this link:\n\nhttps://support.acme.example/join#AAAA\n",
        };
        let message = letter.message(&from, NOW).unwrap();
        assert_eq!(message.envelope().from(), Some(&from));
        assert_eq!(message.envelope().to(), std::slice::from_ref(&to));
        let text = String::from_utf8(message.formatted()).unwrap();
        let (headers, body) = text.split_once("\r\n\r\n").unwrap();
        (headers.to_owned(), body.to_owned())
    }

    #[test]
    fn a_letter_names_technician_and_customer_and_its_text_arrives_as_it_was() {
        let (headers, body) = written("Ada Kern", "Maria Diaz", "Your support session link");
        for header in [
            "Date: Sat, 28 Nov 2026 21:51:00 +0000",
            "From: \"Ada Kern\" <support@acme.example>",
            "To: \"Maria Diaz\" <maria@home.example>",
            "Reply-To: ada@acme.example",
            "Subject: Your support session link",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(headers.lines().any(|line| line == header), "{header} in {headers}");
        }
        assert!(headers.contains("Message-ID: <") && headers.contains("@acme.example>"), "{headers}");
        assert_eq!(body, "Please open this link:\r\n\r\nhttps://support.acme.example/join#AAAA\r\n");
    }

    #[test]
    fn nothing_that_is_typed_becomes_a_header() {
        let evil = "x\0\r\nBcc: all@acme.example\r\n\r\n\"<>\\, QUIT – and much, much more, so that it takes several words";
        let (headers, body) = written(evil, evil, evil);
        for line in headers.lines() {
            assert!(line.is_ascii() && line.len() < 998, "{line}");
            assert!(!line.starts_with("Bcc") && !line.starts_with("QUIT"), "{line}");
        }
        assert!(headers.contains("<maria@home.example>"), "{headers}");
        assert!(body.starts_with("Please open"), "{body}");
        let (unnamed, _) = written(" ", "\t", "\r\n");
        assert!(unnamed.lines().any(|line| line == "To: maria@home.example"), "{unnamed}");
        assert!(unnamed.lines().any(|line| line == "From: support@acme.example"), "{unnamed}");
    }
}
