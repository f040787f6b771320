//! Every text exists in every language with the same variables, every key named in the sources exists,
//! and no key is without use.
#![allow(clippy::disallowed_methods, reason = "the test reads the sources; the crate itself reads no file")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;

/// Families looked up by codes that come from registries, so that no source names each member.
const FAMILIES: [&str; 6] = ["state-", "presence-", "capability-", "consent-", "permission-", "error-"];
const FILES: [&str; 3] = ["common.ftl", "console.ftl", "applet.ftl"];

fn assets() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn repository() -> PathBuf {
    assets().parent().expect("assets lies in the repository").to_owned()
}

/// Key → variables, of one file; panics on lines Fluent does not understand.
fn keys(locale: &str, file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let path = assets().join("locales").join(locale).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if let Err((_, errors)) = FluentResource::try_new(text.clone()) {
        panic!("{}: {errors:?}", path.display());
    }
    let mut keys = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with([' ', '}', '\t']) {
            let key = line.split('=').next().unwrap_or_default().trim().to_owned();
            let old = keys.insert(key.clone(), BTreeSet::new());
            assert!(old.is_none(), "{locale}/{file}: {key} twice");
            current = Some(key);
        }
        if let Some(variables) = current.as_ref().and_then(|key| keys.get_mut(key)) {
            variables.extend(variables_in(line));
        }
    }
    keys
}

fn variables_in(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$')
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-').collect())
}

fn all_english() -> BTreeSet<String> {
    FILES.iter().flat_map(|file| keys("en", file).into_keys()).collect()
}

/// A string literal of a Rust source and what stands before it.
struct Literal {
    text: String,
    before: String,
}

/// All string literals outside comments.
fn literals(source: &str) -> Vec<Literal> {
    let letters: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        match (letters[at], letters.get(at + 1)) {
            ('/', Some('/')) => {
                while at < letters.len() && letters[at] != '\n' {
                    at += 1
                }
            }
            ('/', Some('*')) => {
                while at + 1 < letters.len() && !(letters[at] == '*' && letters[at + 1] == '/') {
                    at += 1
                }
                at += 2;
            }
            ('\'', Some('"')) => at += 3,
            ('\'', Some('\\')) => at += 4,
            ('"', _) => {
                let start = at + 1;
                at = start;
                while at < letters.len() && letters[at] != '"' {
                    at += if letters[at] == '\\' { 2 } else { 1 }
                }
                let from = start.saturating_sub(16);
                found.push(Literal {
                    text: letters[start..at.min(letters.len())].iter().collect(),
                    before: letters[from..start - 1].iter().filter(|c| !c.is_whitespace()).collect(),
                });
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

fn sources() -> Vec<(PathBuf, Vec<Literal>)> {
    let mut files = Vec::new();
    for folder in ["console/src", "applet/src", "assets/src"] {
        collect(&repository().join(folder), &mut files);
    }
    assert!(files.len() > 10, "the sources were found");
    let read = |path: PathBuf| std::fs::read_to_string(&path).map(|text| (path, literals(&text)));
    files.into_iter().map(|path| read(path).expect("a source can be read")).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn looks_like_key(text: &str) -> bool {
    text.contains('-')
        && text.split('-').all(|part| !part.is_empty())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[test]
fn every_language_has_the_same_keys_with_the_same_variables() {
    let mut wrong = Vec::new();
    for file in FILES {
        let english = keys("en", file);
        for locale in ["fr", "de"] {
            let other = keys(locale, file);
            for (key, variables) in &english {
                match other.get(key) {
                    None => wrong.push(format!("{locale}/{file}: {key} is missing")),
                    Some(theirs) if theirs != variables => wrong.push(format!("{locale}/{file}: {key} has {theirs:?}, not {variables:?}")),
                    Some(_) => {}
                }
            }
            wrong.extend(
                other
                    .keys()
                    .filter(|key| !english.contains_key(*key))
                    .map(|key| format!("{locale}/{file}: {key} is in no English file")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_key_stands_in_two_files() {
    let mut seen = BTreeMap::new();
    for file in FILES {
        for key in keys("en", file).into_keys() {
            if let Some(other) = seen.insert(key.clone(), file) {
                panic!("{key} is in {other} and in {file}");
            }
        }
    }
}

#[test]
fn every_key_named_in_the_sources_exists() {
    let english = all_english();
    let mut missing = Vec::new();
    for (path, literals) in sources() {
        for literal in literals {
            let asked = [".text(", ".with(", "t!("].iter().any(|call| literal.before.ends_with(call));
            if asked && looks_like_key(&literal.text) && !english.contains(&literal.text) {
                missing.push(format!("{}: {}", path.display(), literal.text));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn no_english_key_is_without_use() {
    let mut used = BTreeSet::new();
    let mut prefixes: BTreeSet<String> = FAMILIES.map(str::to_owned).into();
    for (_, literals) in sources() {
        for literal in literals {
            if let Some((prefix, _)) = literal.text.split_once("-{")
                && looks_like_key(prefix.trim_end_matches('-'))
            {
                prefixes.insert(format!("{prefix}-"));
            }
            used.insert(literal.text);
        }
    }
    let unused: Vec<String> = all_english()
        .into_iter()
        .filter(|key| !used.contains(key) && !prefixes.iter().any(|prefix| key.starts_with(prefix)))
        .collect();
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}

/// The second column of the registry's lines, such as `View = 0, "view", DesktopViewing;`.
fn registry(file: &str, line_ends: &[&str]) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("protocol/src").join(file)).expect("the registry can be read");
    let codes: Vec<String> = text
        .lines()
        .filter(|line| line.contains(" = ") && line_ends.iter().any(|end| line.trim_end().ends_with(end)))
        .filter_map(|line| line.split('"').nth(1).map(str::to_owned))
        .collect();
    assert!(codes.len() > 10, "{file} has codes");
    codes
}

#[test]
fn every_error_code_has_a_sentence() {
    let english = all_english();
    let text = std::fs::read_to_string(repository().join("protocol/src/error.rs")).expect("the registry can be read");
    let codes: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(" = \"") && line.trim_end().ends_with(';') && line.contains("\", "))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(codes.len() > 40, "the registry has codes");
    for code in codes {
        let key = format!("error-{}", code.replace(['.', '_'], "-"));
        assert!(english.contains(&key), "{key}");
    }
}

#[test]
fn every_permission_and_capability_has_a_name_and_a_question() {
    let english = all_english();
    for key in registry("permission.rs", &[", true;", ", false;"]) {
        let key = format!("permission-{}", key.replace('_', "-"));
        assert!(english.contains(&key), "{key}");
    }
    let text = std::fs::read_to_string(repository().join("protocol/src/permission.rs")).expect("the registry can be read");
    let capabilities: Vec<&str> = text
        .lines()
        .filter(|line| {
            line.split(" = ")
                .nth(1)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(capabilities.len() > 15, "the registry has capabilities");
    for key in capabilities {
        for family in ["capability", "consent"] {
            let key = format!("{family}-{}", key.replace('_', "-"));
            assert!(english.contains(&key), "{key}");
        }
    }
}

#[test]
fn every_state_has_a_name() {
    let english = all_english();
    let text = std::fs::read_to_string(repository().join("protocol/src/session/status.rs")).expect("the states can be read");
    let codes: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.trim_start().starts_with("Self::") && line.contains(" => \""))
        .filter_map(|line| line.split('"').nth(1))
        .filter(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    assert_eq!(codes.len(), 18, "{codes:?}");
    for code in codes {
        let key = format!("state-{}", code.replace('_', "-"));
        assert!(english.contains(&key), "{key}");
    }
}
