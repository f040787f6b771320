//! Words on screen, from the Fluent files in `assets/locales`, compiled in.
//!
//! A text that a language lacks comes from English; a key nobody has shows itself, so that it is seen
//! and mended. `en-XA` is a pseudo-language made from English (accented, a third longer, in brackets)
//! that makes untranslated and cut-off texts visible. Isolation marks are off: egui would draw them.
//!
//! Keys read `screen-element-state`. Tests in `assets/tests/locales.rs` compare the languages and the
//! sources.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

/// A value put into a text: `"Ada".into()`, `3.into()`.
pub type Value<'a> = fluent_bundle::FluentValue<'a>;

type Bundle = FluentBundle<FluentResource>;

/// Name of the pseudo-language.
pub const PSEUDO: &str = "en-XA";

/// The languages that can be chosen, with the name each gives itself.
pub const LANGUAGES: [(&str, &str); 3] = [("en", "English"), ("fr", "Français"), ("de", "Deutsch")];

macro_rules! files {
    ($locale:literal) => {
        [
            include_str!(concat!("../locales/", $locale, "/common.ftl")),
            include_str!(concat!("../locales/", $locale, "/console.ftl")),
            include_str!(concat!("../locales/", $locale, "/applet.ftl")),
        ]
    };
}

const ENGLISH: [&str; 3] = files!("en");
const FRENCH: [&str; 3] = files!("fr");
const GERMAN: [&str; 3] = files!("de");

/// Texts in one language, with English behind it. Cheap to share in an `Arc`.
pub struct Words {
    chosen: Option<Bundle>,
    english: Bundle,
    locale: &'static str,
    pseudo: bool,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Words")
            .field("locale", &self.locale)
            .finish_non_exhaustive()
    }
}

impl Words {
    /// Texts for a locale such as `de`, `fr-CH` or `de_AT.UTF-8`; anything unknown gives English.
    #[must_use]
    pub fn load(locale: &str) -> Self {
        let pseudo = locale.replace('_', "-").to_ascii_lowercase().starts_with("en-xa");
        let language = locale.split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
        let (locale, chosen) = match language.as_str() {
            "fr" => ("fr", Some(bundle("fr", &FRENCH))),
            "de" => ("de", Some(bundle("de", &GERMAN))),
            _ if pseudo => (PSEUDO, None),
            _ => ("en", None),
        };
        let mut english = bundle("en", &ENGLISH);
        if pseudo {
            english.set_transform(Some(pseudo_text));
        }
        Self {
            chosen,
            english,
            locale,
            pseudo,
        }
    }

    /// The language in use: `en`, `fr`, `de` or `en-XA`.
    #[must_use]
    pub fn locale(&self) -> &'static str {
        self.locale
    }

    /// The text of a key without variables.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of a key with its variables: `words.with("chat-from", &[("name", name.into())])`.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        let found = self.chosen.as_ref().and_then(|bundle| format(bundle, key, &args));
        match found.or_else(|| format(&self.english, key, &args)) {
            Some(text) if self.pseudo => format!("[{text}]"),
            Some(text) => text,
            None => key.to_owned(),
        }
    }

    /// Whether any language has this key; for families such as `error-…` whose members come from outside.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.english.has_message(key)
    }

    /// A member of a family, by the code that registries use: `("state", "on_hold")` gives `state-on-hold`.
    /// Families are `state`, `presence`, `capability`, `consent`, `permission` and `error`.
    #[must_use]
    pub fn named(&self, family: &str, code: &str) -> String {
        self.text(&family_key(family, code))
    }

    /// The text for a stable error code `area.reason`, with `detail` where the code is unknown here.
    #[must_use]
    pub fn error(&self, code: &str, detail: &str) -> String {
        self.refusal(code, detail, None)
    }

    /// The same, naming the permission that was missing by its key (ORG-113).
    #[must_use]
    pub fn refusal(&self, code: &str, detail: &str, permission: Option<&str>) -> String {
        let key = family_key("error", code);
        if !self.has(&key) {
            return self.with("error-unknown", &[("code", code.into()), ("detail", detail.into())]);
        }
        let permission = permission.map(|name| family_key("permission", name)).filter(|name| self.has(name));
        let permission = permission.map_or_else(|| "none".to_owned(), |name| self.text(&name));
        self.with(&key, &[("detail", detail.into()), ("permission", permission.into())])
    }

    /// A time in a state, short: `31 s`, `4 min`, `2 h 5 min`, `3 d`. After a minute it changes once a
    /// minute only, so that a clock never repaints a window each second for long.
    #[must_use]
    pub fn duration(&self, seconds: u64) -> String {
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        match seconds {
            0..60 => self.with("duration-seconds", &[("seconds", seconds.into())]),
            60..3_600 => self.with("duration-minutes", &[("minutes", minutes.into())]),
            3_600..86_400 => self.with("duration-hours", &[("hours", hours.into()), ("minutes", (minutes % 60).into())]),
            _ => self.with("duration-days", &[("days", (hours / 24).into())]),
        }
    }

    /// A size in bytes with one decimal: `512 B`, `3.4 kB`, `1.2 MB`, in the language's own way.
    #[must_use]
    pub fn bytes(&self, bytes: u64) -> String {
        const UNITS: [&str; 4] = ["size-kilobytes", "size-megabytes", "size-gigabytes", "size-terabytes"];
        if bytes < 1000 {
            return self.with("size-bytes", &[("value", bytes.to_string().into())]);
        }
        let mut value = bytes as f64 / 1000.0;
        let mut unit = 0;
        while value >= 999.95 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        let number = format!("{value:.1}").replace('.', &self.text("size-decimal-mark"));
        self.with(UNITS[unit], &[("value", number.into())])
    }
}

fn family_key(family: &str, code: &str) -> String {
    format!("{family}-{}", code.replace(['.', '_'], "-"))
}

fn bundle(locale: &str, files: &[&str]) -> Bundle {
    let language = locale.parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    for text in files {
        // A file with a mistake in it still gives its good lines; tests/locales.rs fails on mistakes.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

fn format(bundle: &Bundle, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
}

/// Accents every letter and makes the text a third longer.
fn pseudo_text(text: &str) -> Cow<'_, str> {
    const PLAIN: &str = "aceghijklnorstuyzACEGHIJKLNORSTUYZ";
    const ACCENTED: &str = "àçéĝĥîĵķļñöřšţûýžÀÇÉĜĤÎĴĶĻÑÖŘŠŢÛÝŽ";
    let mut out = String::with_capacity(text.len() * 2);
    let mut letters = 0_usize;
    for letter in text.chars() {
        let accented = PLAIN
            .chars()
            .position(|plain| plain == letter)
            .and_then(|at| ACCENTED.chars().nth(at));
        letters += usize::from(letter.is_alphabetic());
        out.push(accented.unwrap_or(letter));
    }
    for _ in 0..letters.div_ceil(3) {
        out.push('~');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_locale_with_region_and_encoding_finds_its_language() {
        assert_eq!(Words::load("de_AT.UTF-8").locale(), "de");
        assert_eq!(Words::load("fr-CH").locale(), "fr");
        assert_eq!(Words::load("C").locale(), "en");
        assert_eq!(Words::load("").locale(), "en");
    }

    #[test]
    fn an_unknown_key_shows_itself() {
        assert_eq!(Words::load("en").text("Nobody has this"), "Nobody has this");
    }

    #[test]
    fn variables_arrive_without_isolation_marks() {
        let words = Words::load("en");
        assert_eq!(words.with("duration-minutes", &[("minutes", 4.into())]), "4 min");
    }

    #[test]
    fn durations_are_short_and_change_each_minute_after_the_first() {
        let words = Words::load("en");
        let shown: Vec<String> = [0, 31, 60, 299, 3_600, 7_500, 90_000].map(|s| words.duration(s)).into();
        assert_eq!(shown, ["0 s", "31 s", "1 min", "4 min", "1 h 0 min", "2 h 5 min", "1 d"]);
    }

    #[test]
    fn sizes_use_the_language_s_decimal_mark() {
        assert_eq!(Words::load("en").bytes(999), "999 B");
        assert_eq!(Words::load("en").bytes(1_250_000), "1.2 MB");
        assert_eq!(Words::load("de").bytes(999_999), "1,0 MB");
    }

    #[test]
    fn the_pseudo_language_is_longer_accented_and_bracketed() {
        let text = Words::load("en-XA").text("button-cancel");
        assert!(text.starts_with('[') && text.ends_with(']'), "{text}");
        assert!(text.contains("çéļ"), "{text}");
        assert!(text.chars().count() >= "Cancel".len() + 2, "{text}");
    }

    #[test]
    fn a_refusal_names_the_permission_it_lacked() {
        let words = Words::load("en");
        let named = words.refusal("permission.missing", "", Some("transfer_sessions"));
        assert_eq!(named, "Your group does not have the permission “Transfer sessions”");
        let unnamed = words.error("permission.missing", "");
        assert_eq!(unnamed, "Your group does not have the permission for this");
    }

    #[test]
    fn states_are_named_by_their_code() {
        assert_eq!(Words::load("de").named("state", "on_hold"), "Gehalten");
    }

    #[test]
    fn an_unknown_error_code_is_shown_with_its_detail() {
        let text = Words::load("en").error("moon.eclipse", "it is dark");
        assert!(text.contains("moon.eclipse") && text.contains("it is dark"), "{text}");
    }
}
