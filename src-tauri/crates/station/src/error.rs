//! What a use case can fail with: a refusal, something found wrong, or a fault.

use crate::notice::NoticeKind;
use crate::studio::StudioError;
use exchange::{PackageError, RosterError};
use store::StoreError;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The rules said no; the code is in the table of notices. Exit 1.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The rules said no, with what the operator has to know beside the code.
    #[error("refused: {code}: {detail}")]
    RefusedWith {
        /// Stable code.
        code: &'static str,
        /// E.g. rows of a roster; never personal data.
        detail: String,
    },
    /// A device or file is at fault. Exit 3.
    #[error("{code}: {detail}")]
    Fault {
        /// Stable code.
        code: &'static str,
        /// What the machine said; never personal data.
        detail: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reader.
    #[error(transparent)]
    Card(#[from] card::CardError),
    /// The camera.
    #[error(transparent)]
    Camera(#[from] camera::CameraError),
    /// The camera's controls.
    #[error(transparent)]
    Control(camera::controls::ControlError),
    /// A simulated document.
    #[error(transparent)]
    Document(#[from] simulator::document::SimulatorError),
    /// The studio.
    #[error(transparent)]
    Studio(#[from] StudioError),
    /// A roster file.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// A folder of admission photos.
    #[error(transparent)]
    Photos(#[from] exchange::PhotoError),
    /// A delivery package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A photo standard.
    #[error(transparent)]
    Profile(#[from] portrait::ProfileFault),
}

impl StationError {
    /// Stable code of the manual's table, as far as it is one of ours.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(code) => code,
            Self::RefusedWith { code, .. } | Self::Fault { code, .. } => code,
            Self::Store(error) => error.code(),
            Self::Card(error) => error.code(),
            Self::Camera(error) => error.code(),
            Self::Control(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::Studio(error) => error.code(),
            Self::Roster(error) => error.code(),
            Self::Photos(error) => error.code(),
            Self::Package(error) => error.code(),
            Self::Profile(error) => error.code(),
        }
    }

    /// What is to be known beside the code; never personal data.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Refused(_) => None,
            Self::RefusedWith { detail, .. } | Self::Fault { detail, .. } => Some(detail.clone()),
            Self::Studio(StudioError::Finding(finding)) => Some(finding.to_string()),
            Self::Store(_)
            | Self::Card(_)
            | Self::Camera(_)
            | Self::Control(_)
            | Self::Document(_)
            | Self::Studio(_)
            | Self::Roster(_)
            | Self::Photos(_)
            | Self::Package(_)
            | Self::Profile(_) => Some(self.to_string()),
        }
    }

    /// Whether the rules said no or something is broken: decides the exit status.
    #[must_use]
    pub fn kind(&self) -> NoticeKind {
        match self {
            Self::Refused(_) | Self::RefusedWith { .. } => NoticeKind::Refusal,
            Self::Studio(StudioError::Finding(_)) => NoticeKind::Finding,
            Self::Store(
                StoreError::Busy
                | StoreError::Stopped
                | StoreError::Exists(_)
                | StoreError::Unknown(_)
                | StoreError::NoCopy
                | StoreError::Refused { .. },
            ) => NoticeKind::Refusal,
            Self::Package(error) if is_refusal(error) => NoticeKind::Refusal,
            Self::Control(camera::controls::ControlError::None) => NoticeKind::Refusal,
            Self::Studio(StudioError::Picture(_)) | Self::Profile(_) => NoticeKind::Refusal,
            Self::Roster(RosterError::Unreadable(_)) => NoticeKind::Fault,
            Self::Roster(_) => NoticeKind::Refusal,
            Self::Fault { .. }
            | Self::Store(_)
            | Self::Card(_)
            | Self::Camera(_)
            | Self::Control(_)
            | Self::Document(_)
            | Self::Studio(_)
            | Self::Photos(_)
            | Self::Package(_) => NoticeKind::Fault,
        }
    }
}

/// What the rules say of a delivery; the rest is broken disks and keys.
const fn is_refusal(error: &PackageError) -> bool {
    match error {
        PackageError::TargetExists
        | PackageError::NothingToDeliver
        | PackageError::Names(_)
        | PackageError::MissingRepeated(_)
        | PackageError::TextUnusable(_)
        | PackageError::PortraitDiffers(_)
        | PackageError::PortraitRepeated(..)
        | PackageError::PortraitUndecodable(_)
        | PackageError::Cancelled => true,
        PackageError::Signature
        | PackageError::ReadBack(_)
        | PackageError::Index(_)
        | PackageError::Disk(_) => false,
    }
}

impl From<&StationError> for crate::view::Failure {
    fn from(error: &StationError) -> Self {
        Self {
            code: error.code().to_owned(),
            detail: error.detail(),
        }
    }
}
