//! The e-mail that carries a link (EML-16 to EML-21): handed to the default mail program as a `mailto:` address.

/// A `mailto:` address with encoded subject and body and no recipient, which the technician types in their own program.
pub fn mailto(subject: &str, body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("mailto:?subject={}&body={}", encode(subject), encode(&body))
}

/// Percent-encoding by RFC 6068: everything but unreserved characters.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_and_body_are_encoded_with_line_ends_as_the_rfc_wants() {
        assert_eq!(
            mailto("Your link & more", "Öffnen:\nhttps://h/join#A"),
            "mailto:?subject=Your%20link%20%26%20more&body=%C3%96ffnen%3A%0D%0Ahttps%3A%2F%2Fh%2Fjoin%23A"
        );
    }
}
