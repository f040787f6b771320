//! Where a person's files of Farhand lie: settings and state, each a folder only its owner can read.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use farhand_protocol::error::{ErrorBody, ErrorCode};

use crate::platform;

/// The folders of one user.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Settings a person may edit.
    pub settings: PathBuf,
    /// Sessions, journals, logs.
    pub state: PathBuf,
    /// They were named for this run, and everything stays in them, tokens too.
    pub is_apart: bool,
}

impl Folders {
    /// The places the operating system names (on Linux `$XDG_CONFIG_HOME/farhand` and `$XDG_STATE_HOME/farhand`).
    ///
    /// # Errors
    /// `storage.failed` when the user has no home.
    pub fn of_user() -> Result<Self, ErrorBody> {
        let places =
            platform::user_folders().ok_or_else(|| ErrorBody::new(ErrorCode::StorageFailed, "this user has no home folder; set HOME"))?;
        Ok(Self {
            settings: places.0.join("farhand"),
            state: places.1.join("farhand"),
            is_apart: false,
        })
    }

    /// Both below one folder, for tests and kiosks.
    pub fn below(folder: &Path) -> Self {
        Self {
            settings: folder.join("settings"),
            state: folder.join("state"),
            is_apart: true,
        }
    }
}

/// Creates a folder, and those above it that are missing, so that only their owner can read them.
///
/// # Errors
/// When it cannot be created, or belongs to somebody else.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    platform::create_private_folder(folder)?;
    platform::make_private(folder)
}

/// Writes a file that only its owner can read, whole or not at all; once it is back, file and folder are on disk.
///
/// # Errors
/// `storage.failed`, naming the file.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ErrorBody> {
    let attempt = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            make_private_folder(folder)?;
        }
        let mut file = platform::replace_private(path)?;
        file.write_all(bytes)?;
        file.commit()
    };
    attempt().map_err(|e| ErrorBody::new(ErrorCode::StorageFailed, format!("{} could not be written: {e}", path.display())))
}
