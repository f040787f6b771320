//! Folders and private files on Unix: the XDG places, modes 0700 and 0600.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use atomic_write_file::AtomicWriteFile;

/// Settings and state of this user, from the XDG variables or below HOME.
pub fn user_folders() -> Option<(PathBuf, PathBuf)> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let home = named("HOME");
    let settings = named("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|h| h.join(".config")))?;
    let state = named("XDG_STATE_HOME").or_else(|| home.map(|h| h.join(".local/state")))?;
    Some((settings, state))
}

/// Takes the folder away from everyone but its owner.
///
/// # Errors
/// When it belongs to somebody else.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Begins to write a file that only its owner can read; it takes its place when it is committed.
///
/// # Errors
/// When the folder cannot be written.
pub fn replace_private(path: &Path) -> std::io::Result<AtomicWriteFile> {
    use atomic_write_file::unix::OpenOptionsExt as _;
    AtomicWriteFile::options().mode(0o600).preserve_mode(false).open(path)
}

/// Removes the file of the running program; its memory image stays until it ends.
///
/// # Errors
/// When the folder cannot be written.
pub fn remove_own_program(program: &Path) -> std::io::Result<()> {
    fs::remove_file(program)
}

/// Resolves when the system asks this program to stop: SIGTERM, SIGINT or SIGHUP.
pub async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int), Ok(mut hup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
        _ = hup.recv() => {}
    }
}

/// The regional language of this user (APP-09): `LC_ALL`, `LC_MESSAGES`, then `LANG`.
pub fn user_locale() -> String {
    let named = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    named("LC_ALL")
        .or_else(|| named("LC_MESSAGES"))
        .or_else(|| named("LANG"))
        .unwrap_or_else(|| "en".to_owned())
}

/// Opens a file to read and append to that only its owner can read, creating it.
///
/// # Errors
/// When the folder cannot be written.
pub fn append_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

/// Here every program has the console of whoever started it.
pub fn use_callers_console() {}
