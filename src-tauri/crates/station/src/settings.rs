//! What the station remembers between starts, beside its key: jobs, devices, operator.
//!
//! Nothing here proves anything; a file that cannot be read is a station that
//! remembers nothing.

use crate::desk::StationHome;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// So many jobs are offered again.
const RECENT_MAX: usize = 8;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// Folders of jobs, the last one first.
    pub(crate) recent: Vec<PathBuf>,
    /// The reader that was chosen, by name.
    pub(crate) reader: Option<String>,
    /// The camera that was chosen, by serial number.
    pub(crate) camera: Option<String>,
    /// The library that opens portraits of chips, where one is installed.
    pub(crate) decoder: Option<String>,
    /// Who works here.
    pub(crate) operator: String,
    /// Whether the subject's window was open.
    pub(crate) subject_window: bool,
}

impl Settings {
    pub(crate) fn read(home: &StationHome) -> Self {
        let text = std::fs::read_to_string(file(home)).unwrap_or_default();
        let mut settings: Self = serde_json::from_str(&text).unwrap_or_default();
        settings.recent.retain(|dir| dir.is_dir());
        settings
    }

    pub(crate) fn opened(&mut self, dir: &Path, home: &StationHome) {
        self.recent.retain(|known| known != dir);
        self.recent.insert(0, dir.to_owned());
        self.recent.truncate(RECENT_MAX);
        self.write(home);
    }

    /// Writes beside and renames, so that a crash leaves the old ones or the new ones.
    pub(crate) fn write(&self, home: &StationHome) {
        let Ok(text) = serde_json::to_string_pretty(self) else {
            return;
        };
        let (file, beside) = (file(home), home.dir().join("settings.json.new"));
        let written = std::fs::create_dir_all(home.dir())
            .and_then(|()| std::fs::write(&beside, text))
            .and_then(|()| std::fs::rename(&beside, &file));
        if let Err(error) = written {
            tracing::warn!(%error, "the settings could not be kept");
        }
    }
}

fn file(home: &StationHome) -> PathBuf {
    home.dir().join("settings.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_kept_and_a_damaged_file_is_no_fault() {
        let dir = tempfile::tempdir().unwrap();
        let home = StationHome::at(dir.path().join("station"));
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        std::fs::create_dir(&one).unwrap();
        let mut settings = Settings::read(&home);
        settings.opened(&two, &home);
        settings.opened(&one, &home);
        settings.opened(&one, &home);
        settings.reader = Some("pcsc:A".into());
        assert!(!settings.subject_window, "nobody opened it yet");
        settings.subject_window = true;
        settings.write(&home);
        // A folder that is gone is not offered.
        let read = Settings::read(&home);
        assert_eq!(read.recent, [one]);
        assert_eq!(read.reader.as_deref(), Some("pcsc:A"));
        assert!(read.subject_window);
        std::fs::write(home.dir().join("settings.json"), "{").unwrap();
        assert!(Settings::read(&home).recent.is_empty());
    }
}
