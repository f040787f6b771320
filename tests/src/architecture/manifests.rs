//! What every `Cargo.toml` of the workspace must say: lints, package fields and dependencies are
//! inherited, so that there is one lint table and one dependency table, and only the engine depends
//! on something for one operating system alone.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{CheckError, Violation, files};

/// Package fields that come from the workspace.
const INHERITED_FIELDS: [&str; 4] = ["version", "edition", "rust-version", "license"];
const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks the manifests of the crates that are folders of the workspace.
pub fn check(root: &Path, files: &[PathBuf]) -> Result<Vec<Violation>, CheckError> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| is_member_manifest(file)) {
        let text = files::read(root, file)?;
        let manifest: Table = text.parse().map_err(|source| CheckError::Manifest {
            path: file.clone(),
            source,
        })?;
        check_manifest(&file.to_string_lossy(), &manifest, &mut violations);
    }
    Ok(violations)
}

fn is_member_manifest(file: &Path) -> bool {
    file.components().count() == 2 && file.ends_with("Cargo.toml")
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
