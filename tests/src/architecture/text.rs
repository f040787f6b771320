//! What the text of a file must and must not say: every Rust file opens by saying what it is, and no
//! file names a place that exists only on one machine or a host packages were downloaded from.

use std::path::Path;

use super::Violation;

/// Beginnings of paths that exist on somebody's machine, not on everybody's. Written in two parts so
/// that this file does not break its own rule.
const MACHINE_PATHS: [(&str, &str); 3] = [("/ro", "ot/"), ("/wo", "rk/"), ("/ho", "me/")];
/// Hosts packages come from; a manifest, lock file or script must not pin one.
const REGISTRY_HOSTS: [(&str, &str); 9] = [
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("files.python", "hosted.org"),
    ("pypi", ".org/simple"),
    ("registry.npm", "js.org"),
    ("deb.debian", ".org"),
    ("archive.ubuntu", ".com"),
    ("proxy.gol", "ang.org"),
    ("rsproxy", ".cn"),
];
/// The one source a lock file may name.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks one file, whose path is relative to the workspace.
pub fn check(file: &Path, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    if file.extension().is_some_and(|extension| extension == "rs") {
        violations.extend(check_header(file, text));
    }
    if file.file_name().is_some_and(|name| name == "Cargo.lock") {
        violations.extend(check_lock(file, text));
    }
    for (index, line) in text.lines().enumerate() {
        let place = || format!("{}:{}", file.display(), index + 1);
        if let Some(path) = MACHINE_PATHS.iter().map(join).find(|path| names_path(line, path)) {
            let message = format!("`{path}…` exists on one machine only; say where from a setting");
            violations.push(Violation::new("machine-path", place(), message));
        }
        if let Some(host) = REGISTRY_HOSTS.iter().map(join).find(|host| line.contains(host.as_str())) {
            let message = format!("`{host}` is a package host; leave it to the machine's configuration");
            violations.push(Violation::new("registry-host", place(), message));
        }
    }
    violations
}

fn check_header(file: &Path, text: &str) -> Option<Violation> {
    let first = text.lines().next().unwrap_or_default();
    (!first.starts_with("//!")).then(|| {
        let message = "open the file with `//!`: what it is, what it follows, what it does not do";
        Violation::new("file-header", file.display().to_string(), message)
    })
}

fn check_lock(file: &Path, text: &str) -> Vec<Violation> {
    let foreign = text.lines().enumerate().filter_map(|(index, line)| {
        let source = line.strip_prefix("source = \"")?.strip_suffix('"')?;
        (source != CRATES_IO).then_some((index, source))
    });
    foreign
        .map(|(index, source)| {
            let message = format!("`{source}` is not the public crate index");
            Violation::new("lock-source", format!("{}:{}", file.display(), index + 1), message)
        })
        .collect()
}

/// Whether `line` names `path` as the beginning of a path, not as the tail of a longer one.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "}_-.~*/)".contains(c))
    })
}

fn join((head, tail): &(&str, &str)) -> String {
    format!("{head}{tail}")
}
