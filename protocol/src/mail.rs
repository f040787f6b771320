//! Addresses that links are mailed to. Console and gateway ask the same question, so that a button is not offered for what would be refused (EML-23).

/// Longest address there is, and longest part before its @ (RFC 5321, 4.5.3.1).
pub const MAX_ADDRESS_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;

/// True for one address that can stand in a header and in a command as it is: words with dots, an @, and the name of a host (EML-23). Quoted ones, those
/// with letters beyond ASCII and lists are not taken.
pub fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    text.len() <= MAX_ADDRESS_BYTES
        && local.len() <= MAX_LOCAL_BYTES
        && is_dotted(local, |c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
        && is_dotted(host, |c| c.is_ascii_alphanumeric() || c == '-')
        && host.split('.').all(|word| !word.starts_with('-') && !word.ends_with('-'))
}

fn is_dotted(text: &str, fits: impl Fn(char) -> bool) -> bool {
    text.split('.').all(|word| !word.is_empty() && word.chars().all(&fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address() {
        for good in [
            "maria@home.example",
            "m.diaz+farhand@mail.home.example",
            "root@localhost",
            "o'neil@x.example",
            "a@xn--bcher-kva.example",
        ] {
            assert!(is_address(good), "{good}");
        }
        let long = format!("{}@home.example", "x".repeat(65));
        for bad in [
            "",
            "maria",
            "@home.example",
            "maria@",
            "maria@home..example",
            ".maria@home.example",
            "maria@-home.example",
            "maria@@home.example",
            "a@b@home.example",
            "maria@home.example,ben@home.example",
            "maria@home.example ben@home.example",
            "Maria <maria@home.example>",
            "maria@home.example>\r\nRCPT TO:<ben@home.example",
            "maría@home.example",
            "\"maria\"@home.example",
            &long,
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
