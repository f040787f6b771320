//! The documentation lists what the programs have: every error code with its statuses, every variable; and nothing that they do not have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use farhand_protocol::error::ErrorCode;

/// What a person runs, and what only tests and their tools read.
const PROGRAMS: [&str; 4] = ["gateway/src", "console/src", "applet/src", "engine/src"];
const TESTS: [&str; 2] = ["tests/src", "tests/tests"];
const LISTED: &str = "docs/environment.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&fs::read_to_string(path).expect("a source"));
        }
    }
}

fn is_variable(word: &str) -> bool {
    let rest = word.strip_prefix("FARHAND_").unwrap_or_default();
    !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Every `FARHAND_…` that stands alone in double quotes below these folders: the names programs ask the environment for.
fn variables(folders: &[&str]) -> BTreeSet<String> {
    let mut text = String::new();
    for folder in folders {
        sources(&root().join(folder), &mut text);
    }
    text.split('"').filter(|word| is_variable(word)).map(str::to_owned).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_error_code_is_listed_with_its_statuses() {
    let listed = read("docs/errors.md");
    for code in ErrorCode::ALL {
        let class = code.class();
        let row = format!("| `{code}` | {} | {} | ", class.http_status(), class.exit_status());
        assert!(listed.contains(&row), "docs/errors.md lacks {row:?}");
    }
    let rows = listed.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, ErrorCode::ALL.len(), "docs/errors.md lists codes that do not exist");
}

#[test]
fn every_variable_is_listed() {
    let listed = read(LISTED);
    let variables = variables(&[&PROGRAMS[..], &TESTS[..]].concat());
    assert!(variables.contains("FARHAND_GATEWAY"), "the sources are not read");
    for variable in variables {
        assert!(listed.contains(&format!("`{variable}`")), "{LISTED} lacks {variable}");
    }
    let proxies: BTreeSet<String> = read("engine/src/gateway/proxy.rs")
        .split('"')
        .filter(|word| word.ends_with("_proxy") && word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .map(str::to_ascii_uppercase)
        .collect();
    assert!(proxies.contains("HTTPS_PROXY"), "the sources are not read");
    for variable in proxies {
        assert!(listed.contains(&format!("`{variable}`")), "{LISTED} lacks {variable}");
    }
}

#[test]
fn every_variable_that_is_listed_is_read() {
    let (programs, tests) = (variables(&PROGRAMS), variables(&TESTS));
    let mut count = 0;
    for row in read(LISTED).lines().filter(|line| line.starts_with("| `")) {
        let mut columns = row.split('|').skip(1);
        let (names, readers) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        let known = if readers.contains("tests") { &tests } else { &programs };
        for name in names.split('`').filter(|word| is_variable(word)) {
            assert!(known.contains(name), "{LISTED} lists {name} for {readers}, where nobody reads it");
            count += 1;
        }
    }
    assert!(count > 10, "the list is not read");
}

#[test]
fn every_variable_that_the_documentation_names_is_listed() {
    let listed = read(LISTED);
    for path in [
        "README.md",
        "ARCHITECTURE.md",
        "docs/gateway.md",
        "docs/guide.md",
        "docs/platforms.md",
        "docs/watch.md",
    ] {
        let text = read(path);
        let words = text.split(|c: char| !c.is_ascii_uppercase() && c != '_');
        for name in words.filter(|word| is_variable(word)) {
            assert!(listed.contains(&format!("`{name}`")), "{path} names {name}, which {LISTED} lacks");
        }
    }
}
