//! What the station remembers between starts, beside its key: jobs, devices, operator.
//!
//! Nothing here proves anything; a file that cannot be read is a station that
//! remembers nothing, and says so.

use crate::desk::StationHome;
use crate::error::StationError;
use crate::remote::RemoteKey;
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
    /// The key of a presenter or a foot pedal that exposes as Space does.
    pub(crate) remote: Option<RemoteKey>,
    /// Whether the booth presses by itself once all has held.
    pub(crate) presses_itself: bool,
}

impl Settings {
    /// What is remembered, and what of it cannot be used: `settings-unreadable` for a file
    /// that says nothing, the refusal of [`RemoteKey::check`] for a remote trigger that
    /// would take another key's place. The next change writes the file anew.
    pub(crate) fn read(home: &StationHome) -> (Self, Option<StationError>) {
        let (mut settings, mut fault) = match read_file(&file(home)) {
            Ok(settings) => (settings.unwrap_or_default(), None),
            Err(error) => (Self::default(), Some(error)),
        };
        settings.recent.retain(|dir| dir.is_dir());
        if let Some(Err(error)) = settings.remote.as_ref().map(RemoteKey::check) {
            settings.remote = None;
            fault = Some(error);
        }
        (settings, fault)
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

/// The settings of a file; nothing where there is none yet.
fn read_file(file: &Path) -> Result<Option<Settings>, StationError> {
    let unreadable = |what: String| StationError::Fault {
        code: "settings-unreadable",
        detail: format!("{}: {what}", file.display()),
    };
    match std::fs::read_to_string(file) {
        // The place only: the parser's own words quote the file, which names people.
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| unreadable(format!("{}:{}", error.line(), error.column()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

fn file(home: &StationHome) -> PathBuf {
    home.dir().join("settings.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_kept_and_a_damaged_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let home = StationHome::at(dir.path().join("station"));
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        std::fs::create_dir(&one).unwrap();
        let (mut settings, fault) = Settings::read(&home);
        assert!(fault.is_none(), "there is no file yet");
        settings.opened(&two, &home);
        settings.opened(&one, &home);
        settings.opened(&one, &home);
        settings.reader = Some("pcsc:A".into());
        assert!(!settings.subject_window, "nobody opened it yet");
        settings.subject_window = true;
        assert!(!settings.presses_itself, "a hand presses");
        settings.presses_itself = true;
        settings.remote = Some(RemoteKey {
            key: "PageDown".into(),
            code: "PageDown".into(),
        });
        settings.write(&home);
        // A folder that is gone is not offered.
        let (read, fault) = Settings::read(&home);
        assert!(fault.is_none());
        assert_eq!(read.remote, settings.remote);
        assert_eq!(read.recent, [one]);
        assert_eq!(read.reader.as_deref(), Some("pcsc:A"));
        assert!(read.subject_window && read.presses_itself);
        for damaged in [
            "{",
            "7",
            r#"{"remote": "PageDown"}"#,
            r#"{"operator": ["invented name"]}"#,
        ] {
            std::fs::write(home.dir().join("settings.json"), damaged).unwrap();
            let (read, fault) = Settings::read(&home);
            assert!(read.recent.is_empty() && read.remote.is_none(), "{damaged}");
            let fault = fault.expect(damaged);
            assert_eq!(fault.code(), "settings-unreadable", "{damaged}");
            let detail = fault.detail().unwrap_or_default();
            assert!(detail.contains("settings.json: 1:"), "{detail}");
            assert!(!detail.contains("invented"), "{detail}");
        }
    }

    #[test]
    fn a_remote_trigger_that_is_no_such_key_is_not_taken_from_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let home = StationHome::at(dir.path().to_owned());
        let written = r#"{"operator": "A", "remote": {"key": "Enter", "code": "Enter"}}"#;
        std::fs::write(home.dir().join("settings.json"), written).unwrap();
        let (read, fault) = Settings::read(&home);
        assert_eq!(read.operator, "A", "the rest counts");
        assert_eq!(read.remote, None);
        assert_eq!(fault.map(|error| error.code()), Some("remote-key-own"));
    }
}
