//! What a sitting tells while it goes on: one line each on the command line.

use crate::desk::FindingLine;
use booth::{SittingId, StageName};
use camera::FileName;
use serde::Serialize;

/// One thing that happened in a sitting.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Report {
    /// The reader's state changed.
    Reader {
        /// Stable code: `ready`, `no-reader`, `service-down`, ...
        state: String,
    },
    /// The camera's state changed.
    Camera {
        /// `live`, or the code of the loss.
        state: String,
    },
    /// Something about the camera that is worth a look; the sitting goes on.
    CameraNote {
        /// Stable code: a control that did not take, `camera-drift`, ...
        code: String,
        /// Which control, how much.
        detail: String,
    },
    /// The booth entered a stage.
    Stage {
        /// The stage.
        stage: &'static str,
        /// Why, a stable code.
        why: &'static str,
        /// The sitting, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        sitting: Option<i64>,
    },
    /// A document has to leave the reader first.
    TakeDocument,
    /// A verified subject is seated.
    Seated(SeatedReport),
    /// A portrait is offered for acceptance.
    Review(ReviewReport),
    /// Something was refused; the sitting goes on.
    Refused {
        /// Stable code.
        code: &'static str,
        /// The finding behind `portrait-refused`.
        #[serde(skip_serializing_if = "Option::is_none")]
        finding: Option<&'static str>,
    },
    /// A picture of the watched folder was put aside and will not be offered.
    Quarantined {
        /// Why, a stable code.
        code: &'static str,
        /// Its name, for the operator's eyes: people name files after people.
        #[serde(serialize_with = "name_of")]
        file: FileName,
    },
    /// The sitting is over.
    End(EndReport),
}

fn name_of<S: serde::Serializer>(file: &FileName, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(file.as_str())
}

/// Who sits, for the operator's eyes.
#[derive(Clone, Serialize)]
pub struct SeatedReport {
    /// The sitting.
    pub sitting: i64,
    /// Student number.
    pub student_number: String,
    /// Name as the roster spells it.
    pub name: String,
    /// Class.
    pub class: String,
    /// Document number, masked.
    pub number: String,
    /// The generation that will be filed.
    pub generation: u32,
    /// `matched` or `referred`.
    pub basis: &'static str,
    /// How the name agreed, or why it was referred.
    pub detail: &'static str,
    /// Whether the roster carries an admission photo to compare with.
    pub admission_photo: bool,
}

/// The portrait that waits for acceptance.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewReport {
    /// The sitting.
    pub sitting: i64,
    /// What `accept TOKEN` echoes, hex.
    pub token: String,
    /// SHA-256 of the JPEG, hex.
    pub portrait_sha256: String,
    /// SHA-256 of its copy with an even background, hex, where one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalised_sha256: Option<String>,
    /// Why there is no such copy although the photo standard allows one, a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalised_code: Option<&'static str>,
    /// What informs or warns about the portrait.
    pub findings: Vec<FindingLine>,
    /// What informs or warns about its copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub normalised_findings: Vec<FindingLine>,
    /// Size in bytes.
    pub bytes: usize,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
}

/// How a sitting ended.
#[derive(Clone, Debug, Serialize)]
pub struct EndReport {
    /// The sitting.
    pub sitting: i64,
    /// `filed`, `refused` or `void`.
    pub outcome: &'static str,
    /// Stable code of the reason.
    pub code: &'static str,
    /// The finding behind `portrait-refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<&'static str>,
    /// What was filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<FiledReport>,
}

/// What was filed.
#[derive(Clone, Serialize)]
pub struct FiledReport {
    /// Student number.
    pub student_number: String,
    /// Generation.
    pub generation: u32,
    /// SHA-256 of the portrait, hex.
    pub portrait_sha256: String,
    /// SHA-256 of its copy with an even background, hex, where one was filed beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalised_sha256: Option<String>,
    /// Milliseconds from the press to the durable record, waiting for people included.
    pub press_to_record_ms: u64,
    /// Milliseconds of the last transaction alone.
    pub store_ms: f64,
}

macro_rules! redacted {
    ($($type:ident),+) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    )+};
}
redacted!(SeatedReport, FiledReport);

impl Report {
    pub(crate) fn stage(stage: StageName, why: &'static str, sitting: Option<SittingId>) -> Self {
        Self::Stage {
            stage: stage.code(),
            why,
            sitting: sitting.map(|id| id.0),
        }
    }
}
