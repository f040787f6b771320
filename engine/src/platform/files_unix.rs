//! Folders and private files on Unix: the XDG places, modes 0700 and 0600.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
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

/// Creates a folder and those above it that are missing, none of which anyone but their owner can read.
///
/// # Errors
/// When a folder cannot be written.
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
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
    private(OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?)
}

/// The mode counts for new files alone; one from elsewhere is taken away from others here.
fn private(file: File) -> std::io::Result<File> {
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Here every program has the console of whoever started it.
pub fn use_callers_console() {}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn new_folders_and_files_and_old_open_ones_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("state/console/7-key");
        create_private_folder(&deep).unwrap();
        for folder in [deep.as_path(), deep.parent().unwrap(), deep.parent().unwrap().parent().unwrap()] {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
        let file = replace_private(&deep.join("stored")).unwrap();
        file.commit().unwrap();
        append_private(&deep.join("chain")).unwrap();
        let old = deep.join("old");
        fs::write(&old, "x").unwrap();
        fs::set_permissions(&old, Permissions::from_mode(0o644)).unwrap();
        append_private(&old).unwrap();
        for name in ["stored", "chain", "old"] {
            assert_eq!(mode(&deep.join(name)), 0o600, "{name}");
        }
    }
}
