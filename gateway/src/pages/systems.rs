//! Which systems there are applets for, and which one the visitor has.

use std::path::{Path, PathBuf};

use axum::http::{HeaderMap, header};

/// A system with an applet of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Windows,
    MacOs,
    Linux,
}

impl System {
    pub(super) const ALL: [Self; 3] = [Self::Windows, Self::MacOs, Self::Linux];

    /// Name of the file in the downloads folder, and in addresses.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Windows => "windows-x86_64.exe",
            Self::MacOs => "macos",
            Self::Linux => "linux-x86_64",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::MacOs => "macOS",
            Self::Linux => "Linux",
        }
    }

    /// What the name of the download ends with.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Windows => ".exe",
            Self::MacOs | Self::Linux => "",
        }
    }

    pub(super) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.key() == key)
    }

    pub(super) fn file(self, downloads: &Path) -> PathBuf {
        downloads.join(self.key())
    }

    /// The visitor's system by the browser's own words; none for phones and unknown ones.
    pub(super) fn of_visitor(headers: &HeaderMap) -> Option<Self> {
        let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
        let has = |word: &str| agent.contains(word);
        match () {
            () if has("Android") || has("iPhone") || has("iPad") => None,
            () if has("Windows") => Some(Self::Windows),
            () if has("Macintosh") || has("Mac OS X") => Some(Self::MacOs),
            () if has("Linux") || has("X11") => Some(Self::Linux),
            () => None,
        }
    }
}

/// A download that can be offered.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) extension: &'static str,
    pub(super) mine: bool,
    pub(super) href: String,
}

impl Offer {
    /// What a browser downloads there cannot be started as it is.
    pub(super) fn is_for_linux(&self) -> bool {
        self.key == System::Linux.key()
    }
}

/// What lies in the downloads folder.
pub(super) fn offers(downloads: &Path, visitor: Option<System>, file_stem: &str) -> Vec<Offer> {
    let offer = |system: System| Offer {
        key: system.key(),
        label: system.label(),
        extension: system.extension(),
        mine: visitor == Some(system),
        href: format!("/download/{}/{}{}", system.key(), in_path(file_stem), system.extension()),
    };
    System::ALL
        .into_iter()
        .filter(|system| system.file(downloads).is_file())
        .map(offer)
        .collect()
}

/// Names of the files that the downloads folder can hold, and whether each is there, for `doctor`.
pub(crate) fn downloads_there(downloads: &Path) -> Vec<(&'static str, bool)> {
    let all = System::ALL.into_iter();
    all.map(|system| (system.key(), system.file(downloads).is_file())).collect()
}

/// A name as it stands in an address: brackets, which an IPv6 address has, may not stand in a path as they are (RFC 3986, 3.3).
fn in_path(name: &str) -> String {
    name.replace('[', "%5B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_tells_its_system_and_phones_have_none() {
        let of = |agent: &str| System::of_visitor(&HeaderMap::from_iter([(header::USER_AGENT, agent.parse().unwrap())]));
        assert_eq!(of("Mozilla/5.0 (Windows NT 10.0; Win64; x64)"), Some(System::Windows));
        assert_eq!(of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"), Some(System::MacOs));
        assert_eq!(of("Mozilla/5.0 (X11; Linux x86_64)"), Some(System::Linux));
        assert_eq!(of("Mozilla/5.0 (Linux; Android 14)"), None);
        assert_eq!(of("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"), None);
    }
}
