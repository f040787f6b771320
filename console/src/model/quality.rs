//! How much of the link a customer's picture may take, as the technician chooses it by hand. Here is only what the host is asked for:
//! how it stays within that, and what it shows coarse before it is exact, is the host's business.

use farhand_protocol::peer::Quality;

/// How good the picture may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum PictureQuality {
    /// As good as the link allows.
    #[default]
    Automatic,
    /// For a link that others need too.
    Low,
    /// For a weak link.
    VeryLow,
    /// For a link no better than that of a modem.
    Modem,
}

impl PictureQuality {
    /// In the order of the menu.
    pub const ALL: [Self; 4] = [Self::Automatic, Self::Low, Self::VeryLow, Self::Modem];

    /// What the host is asked for.
    pub const fn wish(self) -> Quality {
        let (max_bitrate_bps, max_fps) = match self {
            Self::Automatic => (0, 0),
            Self::Low => (1_000_000, 15),
            Self::VeryLow => (128_000, 5),
            Self::Modem => (28_000, 2),
        };
        Quality { max_bitrate_bps, max_fps }
    }

    /// Key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Automatic => "desktop-quality-automatic",
            Self::Low => "desktop-quality-low",
            Self::VeryLow => "desktop-quality-very-low",
            Self::Modem => "desktop-quality-modem",
        }
    }

    /// Key of what it means.
    pub const fn help_key(self) -> &'static str {
        match self {
            Self::Automatic => "desktop-quality-automatic-help",
            Self::Low => "desktop-quality-low-help",
            Self::VeryLow => "desktop-quality-very-low-help",
            Self::Modem => "desktop-quality-modem-help",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_asks_for_nothing_and_each_further_choice_for_less() {
        let wishes = PictureQuality::ALL.map(|quality| (quality.wish().max_bitrate_bps, quality.wish().max_fps));
        assert_eq!((PictureQuality::default(), wishes[0]), (PictureQuality::Automatic, (0, 0)));
        for pair in wishes[1..].windows(2) {
            assert!(pair[0].0 > pair[1].0 && pair[0].1 > pair[1].1 && pair[1].1 > 0, "{pair:?}");
        }
    }
}
