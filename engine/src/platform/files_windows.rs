//! Folders and private files on Windows: the user's own profile, which other users cannot read.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// Settings (roaming) and state (local) of this user.
pub fn user_folders() -> Option<(PathBuf, PathBuf)> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    Some((named("APPDATA")?, named("LOCALAPPDATA")?))
}

/// The profile's own access list already keeps others out.
///
/// # Errors
/// Never.
pub fn make_private(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Creates or empties a file in the user's profile.
///
/// # Errors
/// When the folder cannot be written.
pub fn create_private(path: &Path) -> std::io::Result<File> {
    File::create(path)
}
