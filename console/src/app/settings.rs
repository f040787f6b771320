//! The settings file, `console.toml` in the user's settings folder. Damage is said and never fatal.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Sender, channel},
};

use farhand_engine::folders::{Folders, write_private};

use crate::model::Settings;

/// The file.
#[derive(Debug, Clone)]
pub struct SettingsFile(PathBuf);

impl SettingsFile {
    /// Of this user.
    pub fn new(folders: &Folders) -> Self {
        Self(folders.settings.join("console.toml"))
    }

    /// At a place of one's own.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// What is kept, or the defaults where nothing readable is.
    pub fn load(&self) -> Settings {
        let Ok(text) = std::fs::read_to_string(&self.0) else {
            return Settings::default();
        };
        toml::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, file = %self.0.display(), "the settings cannot be read; defaults are used");
            Settings::default()
        })
    }

    /// Keeps the settings; a failure is logged, not shown.
    pub fn save(&self, settings: &Settings) {
        let text = match toml::to_string_pretty(settings) {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!(%error, "the settings cannot be written");
                return;
            }
        };
        if let Err(error) = write_private(&self.0, text.as_bytes()) {
            tracing::warn!(%error, "the settings cannot be kept");
        }
    }
}

/// Writes the file on a thread of its own, so that no frame waits for the disk.
pub struct Saver(Sender<Settings>);

impl Saver {
    /// Starts the thread.
    pub fn start(file: SettingsFile) -> Self {
        let (sender, receiver) = channel::<Settings>();
        let run = move || {
            while let Ok(mut newest) = receiver.recv() {
                while let Ok(newer) = receiver.try_recv() {
                    newest = newer;
                }
                file.save(&newest);
            }
        };
        if let Err(error) = std::thread::Builder::new().name("farhand-settings".into()).spawn(run) {
            tracing::warn!(%error, "no thread for the settings");
        }
        Self(sender)
    }

    /// Keeps these.
    pub fn save(&self, settings: &Settings) {
        let _ = self.0.send(settings.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChatPlace, ThemeChoice};

    #[test]
    fn settings_come_back_and_damage_gives_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::at(&folder.path().join("deep/console.toml"));
        assert_eq!(file.load(), Settings::default());
        let chosen = Settings {
            theme: ThemeChoice::Dark,
            email: "ada@acme.example".into(),
            chat_place: ChatPlace::Below,
            ..Settings::default()
        };
        file.save(&chosen);
        assert_eq!(file.load(), chosen);
        std::fs::write(folder.path().join("deep/console.toml"), "theme = 7").unwrap();
        assert_eq!(file.load(), Settings::default());
        std::fs::write(folder.path().join("deep/console.toml"), "sounds = false").unwrap();
        assert!(!file.load().sounds);
    }
}
