//! Several applets on one display: each takes a row of its own for as long as it runs, and its bar stands in that row, so that no bar lies over the STOP
//! of another. A row is a locked file, which the operating system gives back however a program ends.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use farhand_engine::folders::{Folders, make_private_folder};

/// More applets than this on one display share the first row.
const ROWS: u8 = 8;

/// The row of this applet's bar.
#[derive(Debug, Default)]
pub(super) struct Row {
    number: u8,
    _taken: Option<File>,
}

impl Row {
    /// Takes the first free row among this user's applets on this display; the first of all where none can be taken.
    pub(super) fn take(folders: &Folders) -> Self {
        let run = std::env::var_os("XDG_RUNTIME_DIR")
            .map(PathBuf::from)
            .filter(|run| run.is_absolute());
        let folder = run.map_or_else(|| folders.state.clone(), |run| run.join("farhand"));
        Self::take_in(&folder, &std::env::var("DISPLAY").unwrap_or_default())
    }

    fn take_in(folder: &Path, display: &str) -> Self {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let display: String = display.chars().map(letter).collect();
        if let Err(error) = make_private_folder(folder) {
            tracing::debug!(%error, "no row of its own for the bar");
            return Self::default();
        }
        let taken = (0..ROWS).find_map(|number| {
            let path = folder.join(format!("bar-{display}-{number}"));
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).ok()?;
            file.try_lock().ok()?;
            Some(Self {
                number,
                _taken: Some(file),
            })
        });
        taken.unwrap_or_default()
    }

    /// Rows before it.
    pub(super) fn number(&self) -> u8 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_applet_on_a_display_has_a_row_until_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let take = |display| Row::take_in(&run, display);
        let (first, second) = (take(":0"), take(":0"));
        assert_eq!((first.number(), second.number()), (0, 1));
        assert_eq!(take(":1").number(), 0, "another display");
        drop(first);
        assert_eq!(take(":0").number(), 0);
    }

    #[test]
    fn without_a_place_for_files_the_bar_stands_in_the_first_row() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(Row::take_in(&file, ":0").number(), 0);
    }
}
