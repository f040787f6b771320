//! The shape of the workspace, checked: who may depend on whom, what each crate must not reach for,
//! and what every file must open with. ARCHITECTURE.md states the rules in words.
//!
//! [`arrows`] asks cargo, [`manifests`] reads `Cargo.toml`, [`syntax`] parses every source file and
//! [`text`] reads every text file. Each finds [`Violation`]s; none of them stops at the first.

use std::fmt;
use std::path::{Path, PathBuf};

pub mod arrows;
pub mod files;
pub mod manifests;
pub mod syntax;
pub mod text;

/// One place where the workspace breaks one of its rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Which rule, as a short stable name.
    pub rule: &'static str,
    /// Where: a path relative to the workspace, with the line where one is known.
    pub place: String,
    /// What is wrong, and what to do instead.
    pub message: String,
}

impl Violation {
    /// A violation of `rule` at `place`.
    pub fn new(rule: &'static str, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule,
            place: place.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.place, self.message)
    }
}

/// Why the check could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Cargo could not describe the workspace.
    #[error("cargo metadata failed: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    /// A manifest is not TOML.
    #[error("{path}: {source}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What the parser said.
        source: toml::de::Error,
    },
    /// A file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Checks the workspace under `root` against every rule, sorted by rule and place.
pub fn check_workspace(root: &Path) -> Result<Vec<Violation>, CheckError> {
    let files = files::list(root)?;
    let mut violations = arrows::check(root)?;
    violations.extend(manifests::check(root, &files)?);
    for file in &files {
        let text = files::read(root, file)?;
        violations.extend(text::check(file, &text));
        if file.extension().is_some_and(|extension| extension == "rs") {
            violations.extend(syntax::check(file, &text));
        }
    }
    violations.sort();
    violations.dedup();
    Ok(violations)
}
