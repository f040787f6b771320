//! Which files the checks look at: every text file of the workspace except what is built, what is
//! generated, and the fixtures that break the rules on purpose.

use std::path::{Path, PathBuf};

use super::CheckError;

/// Folders nobody edits, wherever they are.
const SKIPPED_FOLDERS: [&str; 2] = [".git", "target"];
/// Folders whose files break the rules on purpose, relative to the workspace.
const FIXTURES: &str = "tests/fixtures/architecture";
/// Kinds of file that are text and written by hand.
const TEXT_EXTENSIONS: [&str; 18] = [
    "rs", "toml", "md", "ftl", "sh", "yml", "yaml", "html", "css", "js", "sql", "json", "txt", "service", "desktop", "conf", "lock", "py",
];
/// Text files without an extension.
const TEXT_NAMES: [&str; 3] = ["Makefile", "run", "Dockerfile"];

/// Every text file under `root`, relative to it, sorted.
pub fn list(root: &Path) -> Result<Vec<PathBuf>, CheckError> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unreadable = |source| CheckError::Read {
            path: folder.clone(),
            source,
        };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let path = entry.path();
            let name = entry.file_name();
            let relative = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
            if kind.is_dir() {
                let skipped = SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped);
                if !skipped && relative != Path::new(FIXTURES) {
                    folders.push(path);
                }
            } else if kind.is_file() && is_text(&relative) {
                found.push(relative);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The text of `file`; bytes that are not UTF-8 are replaced.
pub fn read(root: &Path, file: &Path) -> Result<String, CheckError> {
    let path = root.join(file);
    let bytes = std::fs::read(&path).map_err(|source| CheckError::Read { path, source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_text(path: &Path) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => TEXT_EXTENSIONS.contains(&extension),
        None => path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| TEXT_NAMES.contains(&name)),
    }
}
