//! Folders and private files on Windows: the user's own profile, which other users cannot read; and what else a
//! program needs of the system it was started in.

use std::{
    fs::File,
    os::windows::process::CommandExt,
    path::{Path, PathBuf},
};

use atomic_write_file::AtomicWriteFile;
use windows_sys::Win32::Globalization::GetUserDefaultLocaleName;
use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

/// Longest locale name, in UTF-16 units, with the zero at its end (`LOCALE_NAME_MAX_LENGTH`).
const MAX_LOCALE: usize = 85;

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

/// Creates a folder and those above it that are missing, in the user's profile.
///
/// # Errors
/// When a folder cannot be written.
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// Begins to write a file in the user's profile; it takes its place when it is committed.
///
/// # Errors
/// When the folder cannot be written.
pub fn replace_private(path: &Path) -> std::io::Result<AtomicWriteFile> {
    AtomicWriteFile::open(path)
}

/// Removes the file of the running program once it has ended, by a shell that waits for it. The shell takes
/// the path from a variable that it does not read as a command, whatever is in it.
///
/// # Errors
/// When no shell can be started.
pub fn remove_own_program(program: &Path) -> std::io::Result<()> {
    std::process::Command::new("cmd")
        .raw_arg(r#"/D /V:ON /C "ping -n 3 127.0.0.1 >NUL & del "!OWN_PROGRAM!"""#)
        .env("OWN_PROGRAM", program)
        .creation_flags(CREATE_NO_WINDOW)
        .spawn()
        .map(drop)
}

/// Resolves when the system asks this program to stop: Ctrl+C, Ctrl+Break, its console closing, or the user
/// signing out.
pub async fn terminated() {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
    let (Ok(mut c), Ok(mut stop), Ok(mut close), Ok(mut logoff), Ok(mut shutdown)) =
        (ctrl_c(), ctrl_break(), ctrl_close(), ctrl_logoff(), ctrl_shutdown())
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = c.recv() => {}
        _ = stop.recv() => {}
        _ = close.recv() => {}
        _ = logoff.recv() => {}
        _ = shutdown.recv() => {}
    }
}

/// The regional language of this user (APP-09), such as "de-CH".
pub fn user_locale() -> String {
    let mut name = [0_u16; MAX_LOCALE];
    // SAFETY: writes at most as many units as given, and says how many, the zero included.
    let len = unsafe { GetUserDefaultLocaleName(name.as_mut_ptr(), MAX_LOCALE as i32) };
    match usize::try_from(len) {
        Ok(len @ 2..) => String::from_utf16_lossy(&name[..len - 1]),
        _ => "en".to_owned(),
    }
}

/// Programs with windows have no console of their own; what they print goes to that of whoever started them.
pub fn use_callers_console() {
    // SAFETY: takes a constant; fails harmlessly where there is no console or the output goes elsewhere.
    unsafe { AttachConsole(ATTACH_PARENT_PROCESS) };
}

/// Opens a file in the user's profile to read and append to, creating it.
///
/// # Errors
/// When the folder cannot be written.
pub fn append_private(path: &Path) -> std::io::Result<File> {
    std::fs::OpenOptions::new().read(true).append(true).create(true).open(path)
}
