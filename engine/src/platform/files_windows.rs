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

/// Removes the file of the running program once it has ended, by a shell that waits for it.
///
/// # Errors
/// When no shell can be started.
pub fn remove_own_program(program: &Path) -> std::io::Result<()> {
    std::process::Command::new("cmd")
        .args(["/C", "ping -n 3 127.0.0.1 >NUL & del"])
        .arg(program)
        .spawn()
        .map(drop)
}

/// Resolves when the system asks this program to stop: Ctrl+C or the console closing.
pub async fn terminated() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The regional language of this user (APP-09).
pub fn user_locale() -> String {
    std::env::var("LANG").unwrap_or_else(|_| "en".to_owned())
}

/// Opens a file in the user's profile to read and append to, creating it.
///
/// # Errors
/// When the folder cannot be written.
pub fn append_private(path: &Path) -> std::io::Result<File> {
    std::fs::OpenOptions::new().read(true).append(true).create(true).open(path)
}
