//! What is left behind: nothing. A program that was downloaded for one session removes its own file when the session has ended (APP-01, STM-75).

use std::path::Path;

use farhand_engine::{customer::has_kept_session, folders::Folders, platform};
use farhand_protocol::code::Invitation;

/// True for a file that was downloaded for a session: its name carries gateway and code.
pub fn is_download(program: &Path) -> bool {
    program
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| Invitation::parse(name).is_ok())
}

/// Removes the program's own file, if it was a download and its session is over: one that can still be taken up again needs its program.
pub fn remove_download(program: &Path, folders: &Folders) {
    if is_download(program)
        && !has_kept_session(folders)
        && let Err(error) = platform::remove_own_program(program)
    {
        eprintln!("{} could not be removed: {error}; delete it by hand", program.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_download_is_ever_removed() {
        assert!(is_download(Path::new("/tmp/Farhand~h.example~443~~123456789 (1).exe")));
        assert!(!is_download(Path::new("/usr/bin/farhand-applet")));
    }
}
