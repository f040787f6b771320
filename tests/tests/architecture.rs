//! The shape of the workspace holds, and each way of breaking it is caught.
//!
//! `fixtures/architecture/clean` is a tiny workspace that keeps every rule. Every other folder there
//! lays a few files over it that break one, and says in `expected.txt` what must be found. Arrows that must
//! not be are generated from the table that forbids them, one workspace for each. The files of
//! `fixtures/clippy` go through the real clippy with the real list of their crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use farhand_tests::architecture::{Violation, arrows, check_workspace, files};

fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy_over(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a fixture is a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).expect("a folder");
            copy_over(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

fn found_in(fixture: &Path) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    copy_over(&fixture.with_file_name("clean"), folder.path());
    copy_over(fixture, folder.path());
    // Not part of the workspace it describes.
    let _ = fs::remove_file(folder.path().join("expected.txt"));
    let violations = check_workspace(folder.path()).expect("the fixture can be checked");
    violations.iter().map(ToString::to_string).collect()
}

/// Where a crate of ours lies.
fn folder_of(crate_name: &str) -> &str {
    match crate_name.trim_start_matches("farhand-") {
        "resample" => "codec/resample",
        folder => folder,
    }
}

fn fixtures() -> Vec<PathBuf> {
    let folder = tests_folder().join("fixtures/architecture");
    let entries = fs::read_dir(folder).expect("the fixtures");
    let mut fixtures: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    fixtures.sort();
    fixtures
}

#[test]
fn this_workspace_keeps_every_rule() {
    let root = tests_folder().parent().expect("the workspace");
    let violations = check_workspace(root).expect("the workspace can be checked");
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn a_clean_workspace_has_nothing_to_mend() {
    let clean = tests_folder().join("fixtures/architecture/clean");
    assert_eq!(found_in(&clean), Vec::<String>::new());
}

#[test]
fn every_fixture_is_caught_with_its_message_and_no_other() {
    let broken: Vec<PathBuf> = fixtures().into_iter().filter(|fixture| !fixture.ends_with("clean")).collect();
    assert!(broken.len() >= 20, "the fixtures are missing");
    for fixture in broken {
        let expected = fs::read_to_string(fixture.join("expected.txt")).expect("expected.txt");
        let expected: Vec<&str> = expected.lines().collect();
        assert!(!expected.is_empty(), "{} breaks nothing", fixture.display());
        assert_eq!(found_in(&fixture), expected, "{}", fixture.display());
    }
}

#[test]
fn every_arrow_that_must_not_be_is_caught_also_where_it_closes_a_circle() {
    let clean = tests_folder().join("fixtures/architecture/clean");
    let forbidden = arrows::forbidden();
    assert!(forbidden.len() > 50, "the table of arrows is not read");
    for (from, to) in forbidden {
        let folder = tempfile::tempdir().expect("a folder");
        copy_over(&clean, folder.path());
        let place = format!("{}/Cargo.toml", folder_of(from));
        let manifest = folder.path().join(&place);
        // What a crate of the clean workspace depends on stands at the end.
        let text = fs::read_to_string(&manifest).expect("a manifest");
        fs::write(&manifest, format!("{text}{to}.workspace = true\n")).expect("a manifest that breaks the rule");
        let violations = arrows::check(folder.path()).expect("the workspace can be checked");
        let found: Vec<&Violation> = violations.iter().filter(|violation| violation.rule == "arrow").collect();
        let wanted = Violation::new("arrow", place, format!("`{from}` must not depend on `{to}`"));
        assert_eq!(found, [&wanted], "{from} → {to}");
    }
}

#[test]
fn every_rule_has_a_fixture_that_breaks_it() {
    let caught: BTreeSet<String> = fixtures()
        .iter()
        .filter_map(|fixture| fs::read_to_string(fixture.join("expected.txt")).ok())
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| line.split(':').next().map(str::to_owned))
        .collect();
    let mut rules = BTreeSet::new();
    let sources = tests_folder().join("src/architecture");
    for entry in fs::read_dir(sources).expect("the rules") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a source");
        for call in [
            "Violation::new(\"",
            "self.push(\"",
            "scan.push(\"",
            "Violation::new(\n            \"",
        ] {
            for part in text.split(call).skip(1) {
                rules.extend(part.split('"').next().map(str::to_owned));
            }
        }
    }
    assert!(rules.len() >= 12, "the rules are not found in their sources: {rules:?}");
    let unproved: Vec<&String> = rules.difference(&caught).collect();
    assert!(unproved.is_empty(), "no fixture breaks {unproved:?}");
}

#[test]
fn each_crates_clippy_list_refuses_what_its_fixture_reaches_for() {
    let mut seen = 0;
    for entry in fs::read_dir(tests_folder().join("fixtures/clippy")).expect("the fixtures") {
        let fixture = entry.expect("an entry").path();
        let text = fs::read_to_string(&fixture).expect("a fixture");
        let marked = (1..).zip(text.lines()).filter(|(_, line)| line.ends_with("// refused"));
        let expected: BTreeSet<usize> = marked.map(|(number, _)| number).collect();
        assert!(!expected.is_empty(), "{} marks nothing", fixture.display());
        assert_eq!(refused_lines(&fixture), expected, "{}", fixture.display());
        seen += 1;
    }
    let root = tests_folder().parent().expect("the workspace");
    let all = files::list(root).expect("the workspace's files");
    let lists = all.iter().filter(|file| file.ends_with("clippy.toml")).count();
    assert!(lists >= 8, "a crate lost its list");
    assert_eq!(seen, lists, "a crate's list has no fixture");
}

/// The lines of a fixture that clippy refuses under the list of the crate it is named after.
fn refused_lines(fixture: &Path) -> BTreeSet<usize> {
    let crate_name = fixture.file_stem().and_then(|name| name.to_str()).expect("a name");
    let root = tests_folder().parent().expect("the workspace");
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("src")).expect("a folder");
    fs::copy(fixture, at("src/lib.rs")).expect("a copy");
    fs::copy(root.join(folder_of(crate_name)).join("clippy.toml"), at("clippy.toml")).expect("a clippy list");
    let manifest = "[package]\nname = \"fixture\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(at("Cargo.toml"), manifest).expect("a manifest");
    let output = Command::new("cargo")
        .args(["clippy", "--offline", "--quiet", "--message-format=short", "--"])
        .args(["-D", "clippy::disallowed_types", "-D", "clippy::disallowed_methods"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", at("target"))
        .env_remove("CLIPPY_CONF_DIR")
        .output()
        .expect("clippy is installed: `rustup component add clippy`");
    let words = String::from_utf8_lossy(&output.stderr);
    let lines = words.lines().filter(|line| line.contains("error: use of a disallowed"));
    let numbers = lines.filter_map(|line| line.strip_prefix("src/lib.rs:")?.split(':').next()?.parse().ok());
    let numbers: BTreeSet<usize> = numbers.collect();
    assert_eq!(output.status.success(), numbers.is_empty(), "{words}");
    numbers
}
