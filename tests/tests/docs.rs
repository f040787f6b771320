//! The documentation lists what the programs have: every error code with its statuses, every variable.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use farhand_protocol::error::ErrorCode;

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

/// Every `FARHAND_…` that stands alone in double quotes: the names programs ask the environment for.
fn variables(text: &str) -> BTreeSet<String> {
    let quoted = text.split('"').filter(|word| word.starts_with("FARHAND_"));
    let is_name = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    quoted.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_error_code_is_listed_with_its_statuses() {
    let listed = fs::read_to_string(root().join("docs/errors.md")).expect("docs/errors.md");
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
    let listed = fs::read_to_string(root().join("docs/environment.md")).expect("docs/environment.md");
    let mut text = String::new();
    for program in ["gateway", "console", "applet", "engine"] {
        sources(&root().join(program).join("src"), &mut text);
    }
    let variables = variables(&text);
    assert!(variables.contains("FARHAND_GATEWAY"), "the sources are not read");
    for variable in variables {
        assert!(listed.contains(&format!("`{variable}`")), "docs/environment.md lacks {variable}");
    }
}
