//! What every `Cargo.toml` of the workspace must say: lints, package fields and dependencies are
//! inherited, so that there is one lint table and one dependency table, and only the engine depends
//! on something for one operating system alone.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{CheckError, Violation, files};

/// Package fields that come from the workspace.
const INHERITED_FIELDS: [&str; 4] = ["version", "edition", "rust-version", "license"];
const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks the manifest of every crate of the workspace, however deep it lies.
pub fn check(root: &Path, files: &[PathBuf]) -> Result<Vec<Violation>, CheckError> {
    let excluded = excluded(root)?;
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| is_member_manifest(file, &excluded)) {
        check_manifest(&file.to_string_lossy(), &read(root, file)?, &mut violations);
    }
    Ok(violations)
}

/// Folders whose crates are no part of the workspace.
fn excluded(root: &Path) -> Result<Vec<PathBuf>, CheckError> {
    let manifest = read(root, Path::new("Cargo.toml"))?;
    let workspace = manifest.get("workspace").and_then(Value::as_table);
    let folders = workspace.and_then(|workspace| workspace.get("exclude")).and_then(Value::as_array);
    Ok(folders.into_iter().flatten().filter_map(Value::as_str).map(PathBuf::from).collect())
}

/// All but the workspace's own, which describes no crate, and those of crates outside it.
fn is_member_manifest(file: &Path, excluded: &[PathBuf]) -> bool {
    file.ends_with("Cargo.toml") && file.components().count() > 1 && !excluded.iter().any(|folder| file.starts_with(folder))
}

fn read(root: &Path, file: &Path) -> Result<Table, CheckError> {
    files::read(root, file)?.parse::<Table>().map_err(|source| CheckError::Manifest {
        path: file.to_path_buf(),
        source,
    })
}

fn check_manifest(place: &str, manifest: &Table, violations: &mut Vec<Violation>) {
    if !inherits(manifest.get("lints")) {
        let message = "inherit the workspace's lints: `[lints] workspace = true`";
        violations.push(Violation::new("inherit-lints", place, message));
    }
    let package = manifest.get("package").and_then(Value::as_table);
    for field in INHERITED_FIELDS {
        if !inherits(package.and_then(|package| package.get(field))) {
            let message = format!("inherit `{field}`: `{field}.workspace = true`");
            violations.push(Violation::new("inherit-package", place, message));
        }
    }
    check_dependencies(place, manifest, violations);
    for (target, tables) in manifest.get("target").and_then(Value::as_table).into_iter().flatten() {
        if !place.starts_with("engine/") {
            let message = format!("dependencies for `{target}` alone belong to the engine's platform folder");
            violations.push(Violation::new("os-dependency", place, message));
        }
        if let Some(tables) = tables.as_table() {
            check_dependencies(place, tables, violations);
        }
    }
}

fn check_dependencies(place: &str, tables: &Table, violations: &mut Vec<Violation>) {
    for table in DEPENDENCY_TABLES {
        let Some(dependencies) = tables.get(table).and_then(Value::as_table) else {
            continue;
        };
        for (name, dependency) in dependencies {
            if !inherits(Some(dependency)) {
                let message = format!("`{name}` must come from the workspace's table: `{name}.workspace = true`");
                violations.push(Violation::new("inherit-dependency", place, message));
            }
        }
    }
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}
