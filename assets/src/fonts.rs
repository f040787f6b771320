//! The typefaces, compiled in: Inter for text, JetBrains Mono for codes and logs, Noto for emoji and
//! symbols, Phosphor for icons. `assets/fonts/README.md` says where they come from and what they lack; that comes from the system's
//! own fonts, looked for by eframe when it is first met.
//!
//! The bytes are borrowed from the executable, so they cost shared pages, not private memory.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Name of the family used for titles and emphasis (Inter SemiBold).
pub const STRONG: &str = "strong";
/// Name of the family that holds the icons (Phosphor).
pub const ICONS: &str = "icons";

const FILES: [(&str, &[u8]); 6] = [
    ("inter", include_bytes!("../fonts/Inter-Regular.ttf")),
    ("inter-strong", include_bytes!("../fonts/Inter-SemiBold.ttf")),
    ("mono", include_bytes!("../fonts/JetBrainsMono-Regular.ttf")),
    ("phosphor", include_bytes!("../fonts/Phosphor-Subset.ttf")),
    ("emoji", include_bytes!("../fonts/NotoEmoji-Subset.ttf")),
    ("symbols", include_bytes!("../fonts/NotoSansSymbols2-Subset.ttf")),
];

/// The family for emphasis: titles, names, the chosen tab.
#[must_use]
pub fn strong_family() -> FontFamily {
    FontFamily::Name(STRONG.into())
}

/// The family whose private-use characters are the icons.
#[must_use]
pub fn icon_family() -> FontFamily {
    FontFamily::Name(ICONS.into())
}

/// All families with their fallbacks; each ends in emoji and symbols.
#[must_use]
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in FILES {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let chain = |first: &[&str]| -> Vec<String> {
        first
            .iter()
            .chain(&["phosphor", "symbols", "emoji"])
            .map(ToString::to_string)
            .collect()
    };
    fonts.families.insert(FontFamily::Proportional, chain(&["inter"]));
    fonts.families.insert(strong_family(), chain(&["inter-strong"]));
    fonts.families.insert(FontFamily::Monospace, chain(&["mono", "inter"]));
    fonts
        .families
        .insert(icon_family(), vec!["phosphor".to_owned(), "inter".to_owned()]);
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(family: FontFamily, text: &str) -> bool {
        let mut fonts = egui::epaint::Fonts::new(egui::epaint::TextOptions::default(), definitions());
        fonts.has_glyphs(&egui::FontId::new(13.0, family), text)
    }

    #[test]
    fn latin_greek_cyrillic_and_emoji_have_glyphs() {
        assert!(has(
            FontFamily::Proportional,
            "Żółć Größe œuvre İstanbul Ελλάδα Київ → … € ✓ 😀 🙁 👍 ❤ ⌘ ⇧ ⏵"
        ));
        assert!(has(strong_family(), "Żółć Größe Ελλάδα Київ …"));
        assert!(has(FontFamily::Monospace, "427 901 358 ┌─┐ ё"));
    }

    #[test]
    fn every_icon_constant_is_in_the_icon_font() {
        for (name, glyph) in crate::icons::ALL {
            assert!(has(icon_family(), glyph), "{name}");
        }
    }
}
