//! `farhand-applet stop`: how one run of the program asks another to end. The running applet keeps a file; removing it is the request. Portable, needs no
//! port and no signal, and only the same user can do it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use farhand_engine::folders::{Folders, write_private};
use farhand_protocol::error::ErrorBody;

const LOOK: Duration = Duration::from_millis(500);

/// The file a running applet keeps.
#[derive(Debug)]
pub struct StopFile {
    path: PathBuf,
}

impl StopFile {
    /// Creates the file of this process.
    ///
    /// # Errors
    /// `storage.failed` when the state folder cannot be written.
    pub fn create(folders: &Folders) -> Result<Self, ErrorBody> {
        let path = running(folders).join(format!("{}.running", std::process::id()));
        write_private(&path, b"remove this file, or run `farhand-applet stop`, to end the session\n")?;
        Ok(Self { path })
    }

    /// Resolves once somebody removed the file.
    pub async fn asked(&self) {
        while self.path.exists() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for StopFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Asks every running applet of this user to end; how many were asked.
pub fn stop_all(folders: &Folders) -> usize {
    let Ok(entries) = fs::read_dir(running(folders)) else { return 0 };
    let is_request = |path: &Path| path.extension().is_some_and(|e| e == "running");
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_request(path) && fs::remove_file(path).is_ok())
        .count()
}

fn running(folders: &Folders) -> PathBuf {
    folders.state.join("running")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stop_reaches_a_running_applet() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::below(folder.path());
        let file = StopFile::create(&folders).unwrap();
        assert_eq!(stop_all(&folders), 1);
        file.asked().await;
        assert_eq!(stop_all(&folders), 0);
    }
}
