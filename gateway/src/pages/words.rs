//! Words of the public pages, from the Fluent files in `gateway/locales`, compiled in, and the language a visitor reads: chosen on the page, else by
//! `Accept-Language`, else English.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

/// Keeps a language that was chosen on a page.
const COOKIE: &str = "farhand_language";
const SCRIPT_KEYS: &str = "script-";

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
    /// German.
    De,
}

impl Language {
    /// Every language there is.
    pub const ALL: [Self; 3] = [Self::En, Self::Fr, Self::De];

    /// As in `lang` attributes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::De => "de",
        }
    }

    /// What the language calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::De => "Deutsch",
        }
    }

    const fn texts(self) -> &'static str {
        match self {
            Self::En => include_str!("../../locales/en.ftl"),
            Self::Fr => include_str!("../../locales/fr.ftl"),
            Self::De => include_str!("../../locales/de.ftl"),
        }
    }

    /// The language of a code such as `de` or `fr-CH`.
    pub fn parse(code: &str) -> Option<Self> {
        let language = code.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|known| known.code().eq_ignore_ascii_case(language))
    }

    /// The language a browser prefers most among ours (RFC 9110, 12.5.4); of two it likes alike, the first named.
    fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',') {
            let (code, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
            if let Some(language) = Self::parse(code).filter(|_| weight > best.map_or(0.0, |(most, _)| most)) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// What a request says about who reads the answer.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The language to answer in.
    pub language: Language,
    /// It was chosen with this very request, and is kept.
    pub chosen: bool,
    /// Headers of the request.
    pub headers: HeaderMap,
}

impl Visitor {
    /// The visitor as the form says, which goes before the rest.
    pub fn with_choice(mut self, code: Option<&str>) -> Self {
        if let Some(language) = code.and_then(Language::parse) {
            (self.language, self.chosen) = (language, true);
        }
        self
    }

    /// Keeps the choice for the other pages, and for no longer than a year.
    pub fn cookie(&self) -> Option<String> {
        let language = self.language.code();
        self.chosen
            .then(|| format!("{COOKIE}={language}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"))
    }

    fn of(headers: &HeaderMap, query: Option<&str>) -> Self {
        let asked = query.and_then(|query| query.split('&').find_map(|pair| Language::parse(pair.strip_prefix("lang=")?)));
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let kept = || {
            text(header::COOKIE)?
                .split(';')
                .find_map(|one| Language::parse(one.trim().strip_prefix(COOKIE)?.strip_prefix('=')?))
        };
        let accepted = || Language::accepted(text(header::ACCEPT_LANGUAGE)?);
        Self {
            language: asked.or_else(kept).or_else(accepted).unwrap_or(Language::En),
            chosen: asked.is_some(),
            headers: headers.clone(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, parts.uri.query()))
    }
}

/// Texts in one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Words {
    /// Texts of this language.
    pub fn of(language: Language) -> Self {
        let tags = language.code().parse().map(|tag| vec![tag]).unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(tags);
        bundle.set_use_isolating(false);
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(language.texts().to_owned());
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> String {
        self.with(key, "", "")
    }

    /// The text of a key with a variable in it.
    pub fn with(&self, key: &str, name: &str, value: &str) -> String {
        let args: FluentArgs<'_> = [(name, value)].into_iter().collect();
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        pattern.map_or_else(
            || key.to_owned(),
            |pattern| self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned(),
        )
    }

    /// What the scripts say, as JSON that can stand in a page.
    pub fn for_scripts(&self) -> String {
        let keys = keys(self.language).into_iter().filter(|key| key.starts_with(SCRIPT_KEYS));
        let texts: serde_json::Map<String, serde_json::Value> = keys
            .map(|key| (key[SCRIPT_KEYS.len()..].to_owned(), self.text(&key).into()))
            .chain([("download".to_owned(), self.with("ready-download", "system", "{system}").into())])
            .collect();
        serde_json::Value::from(texts).to_string().replace('<', "\\u003c")
    }
}

/// Keys of a language's file.
fn keys(language: Language) -> Vec<String> {
    let lines = language
        .texts()
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    lines.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_keys_and_variables_and_fluent_understands_them() {
        let variables = |language: Language, key: &str| -> Vec<String> {
            let line = language.texts().lines().find(|line| line.starts_with(&format!("{key} ="))).unwrap();
            line.split('$')
                .skip(1)
                .map(|rest| rest.split_whitespace().next().unwrap().to_owned())
                .collect()
        };
        for language in Language::ALL {
            assert!(FluentResource::try_new(language.texts().to_owned()).is_ok(), "{language:?}");
            assert_eq!(keys(language), keys(Language::En), "{language:?}");
            for key in keys(language) {
                assert_eq!(variables(language, &key), variables(Language::En, &key), "{language:?} {key}");
            }
        }
    }

    #[test]
    fn no_key_is_missing_and_none_is_without_use() {
        let scripts: String = ["check.js", "pin.js", "link.js", "offers.js"].map(source_of_script).concat();
        let rust = [include_str!("mod.rs"), include_str!("download.rs"), include_str!("frame.rs")].concat();
        let templates = ["base", "pin", "link", "ready", "problem", "offers"].map(template).concat();
        let known = keys(Language::En);
        for key in &known {
            let used = match key.strip_prefix(SCRIPT_KEYS) {
                Some(key) => scripts.contains(&format!("words['{key}']")) || scripts.contains(&format!("words.{key}")),
                None => rust.contains(&format!("\"{key}\"")) || templates.contains(&format!("\"{key}\"")),
            };
            assert!(used, "{key} is used nowhere");
        }
        for used in templates
            .split("frame.text(\"")
            .skip(1)
            .chain(templates.split("frame.with(\"").skip(1))
        {
            let key = used.split('"').next().unwrap();
            assert!(known.iter().any(|one| one == key), "{key} is missing");
        }
    }

    fn template(name: &str) -> String {
        std::fs::read_to_string(format!("{}/templates/{name}.html", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn source_of_script(name: &str) -> String {
        std::fs::read_to_string(format!("{}/src/pages/assets/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn the_language_is_the_one_chosen_then_the_one_kept_then_the_one_preferred() {
        let read = |query: Option<&str>, cookie: &str, accept: &str| {
            let headers = HeaderMap::from_iter([
                (header::COOKIE, cookie.parse().unwrap()),
                (header::ACCEPT_LANGUAGE, accept.parse().unwrap()),
            ]);
            Visitor::of(&headers, query).language
        };
        assert_eq!(read(None, "", "de-AT,de;q=0.9,en;q=0.8"), Language::De);
        assert_eq!(read(None, "", "es, en;q=0.5, fr;q=0.7"), Language::Fr);
        assert_eq!(read(None, "", "es"), Language::En);
        assert_eq!(read(None, "", "fr;q=0, *"), Language::En);
        assert_eq!(read(None, "a=b; farhand_language=fr", "de"), Language::Fr);
        assert_eq!(read(Some("x=1&lang=en"), "farhand_language=fr", "de"), Language::En);
        assert_eq!(read(Some("lang=<script>"), "", "de"), Language::De);
    }

    #[test]
    fn words_for_scripts_cannot_leave_their_element() {
        for language in Language::ALL {
            let text = Words::of(language).for_scripts();
            assert!(!text.contains('<'));
            let words: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert!(words["download"].as_str().unwrap().contains("{system}") && words["other"].is_string());
        }
    }
}
