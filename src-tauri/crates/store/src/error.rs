//! What can go wrong with a job, sorted by what the operator can do about it.

use rusqlite::ErrorCode;
use std::io;
use std::path::PathBuf;

/// Why the store did not do what it was asked.
///
/// No variant holds a name, a number or a picture: rules, tables and row ids only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no job in this folder.
    #[error("there is no job at {}", .0.display())]
    Missing(PathBuf),
    /// The folder for a new job is there already and not empty.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// Another process holds the job.
    #[error("another process holds the job")]
    Busy,
    /// The file is no job of Likeness.
    #[error("{} is not a job of Likeness", .0.display())]
    NotAJob(PathBuf),
    /// The job was written by a newer program.
    #[error("the job has schema {found}, this program knows {known}")]
    Newer {
        /// Version in the file.
        found: usize,
        /// The newest this program can open.
        known: usize,
    },
    /// The job was made with another station's key.
    #[error("the job belongs to another station")]
    OtherStation,
    /// A rule of the database said no: a bug or an attack, never routine.
    #[error("the database refused the row: {rule}")]
    Refused {
        /// Name of the rule, e.g. `ticket-used`.
        rule: String,
        /// What SQLite said, where it was asked.
        #[source]
        source: Option<rusqlite::Error>,
    },
    /// No entry has this student number, or it has no such record.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// The record has no copy with an even background: its job's photo standard allows none, or none
    /// could be made.
    #[error("the record has no copy with an even background")]
    NoCopy,
    /// What is on disk contradicts itself; `verify` tells more.
    #[error("row {row} of {table} is damaged")]
    Damaged {
        /// Table.
        table: &'static str,
        /// Row as the journal names it.
        row: String,
    },
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    /// The disk did not do its part.
    #[error("the job's file could not be read or written")]
    Disk(#[source] rusqlite::Error),
    /// A file or folder could not be read or written.
    #[error("{} could not be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The station's key file cannot be used.
    #[error("the station key {} cannot be used: {why}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A check was stopped by whoever asked for it.
    #[error("stopped")]
    Stopped,
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Random(#[source] getrandom::Error),
}

impl StoreError {
    /// Stable code of the manual's table.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "job-missing",
            Self::Exists(_) => "job-exists",
            Self::Busy => "job-busy",
            Self::NotAJob(_) => "not-a-job",
            Self::Newer { .. } => "job-newer",
            Self::OtherStation => "job-of-another-station",
            Self::Refused { .. } => "record-refused",
            Self::Unknown(_) => "record-unknown",
            Self::NoCopy => "normalised-none",
            Self::Damaged { .. } => "job-damaged",
            Self::DiskFull(_) => "disk-full",
            Self::Disk(_) => "disk-fault",
            Self::File { .. } => "file-fault",
            Self::Key { .. } => "station-key-unusable",
            Self::Stopped => "work-cancelled",
            Self::Random(_) => "no-random-numbers",
        }
    }

    /// The fault as the booth wants to hear it after a filing.
    #[must_use]
    pub const fn filing_fault(&self) -> booth::FilingFault {
        match self {
            Self::Refused { .. } | Self::Damaged { .. } | Self::Unknown(_) | Self::NoCopy => {
                booth::FilingFault::Refused
            }
            Self::Missing(_)
            | Self::Exists(_)
            | Self::Busy
            | Self::NotAJob(_)
            | Self::Newer { .. }
            | Self::OtherStation
            | Self::DiskFull(_)
            | Self::Disk(_)
            | Self::File { .. }
            | Self::Key { .. }
            | Self::Stopped
            | Self::Random(_) => booth::FilingFault::Disk,
        }
    }

    /// A refusal of our own code, by the name of its rule.
    pub(crate) fn refused(rule: &str) -> Self {
        Self::Refused {
            rule: rule.to_owned(),
            source: None,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Self::Disk(error);
        };
        if failure.code == ErrorCode::DiskFull {
            return Self::DiskFull(error);
        }
        let refused = [
            ErrorCode::ConstraintViolation,
            ErrorCode::AuthorizationForStatementDenied,
        ];
        if refused.contains(&failure.code) {
            let rule = message.clone().unwrap_or_else(|| "constraint".to_owned());
            return Self::Refused {
                rule,
                source: Some(error),
            };
        }
        Self::Disk(error)
    }
}
