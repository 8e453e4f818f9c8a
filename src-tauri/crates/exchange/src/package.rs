//! 交付包: the folder that leaves the station, and the check of it.
//!
//! ```text
//! OUT/
//!   portraits/<学号>.jpg    one for each record
//!   normalised/<学号>.jpg   where the photo standard allows it: the same with an even background
//!   index.xlsx              学号 姓名 性别 身份证号 学院 专业 班级 文件名 代次
//!   missing.xlsx            who is on the roster and not in the package, and why
//!   训练-TRAINING.txt       only in packages of a training job
//!   manifest.json           every file with size and SHA-256, every record
//!   manifest.sig            hex Ed25519 signature over the bytes of manifest.json
//! ```
//!
//! A package is written beside its target, read back in full by the very check
//! that the receiver runs, and only then renamed to its name: under the target's
//! name there is either a whole package or nothing (invariant I6 of the hazards).

mod index;
mod manifest;
mod verify;
mod write;

use crate::names::NameFault;
use crate::roster::coded;
use booth::{
    Digest, DocumentNumber, FlagReason, Generation, JobKind, PersonName, Sex, StudentNumber,
};
use std::fmt;
use std::path::PathBuf;
pub use verify::verify_package;
pub use write::write_package;

/// Where the journal ended when the package was made: a job that is cut shorter
/// afterwards no longer holds this row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JournalHead {
    /// Sequence number of the last row.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

/// 交付的记录: one enrolment with the portrait that stands for it.
pub struct DeliveredRecord {
    /// 学号; names the file.
    pub student_number: StudentNumber,
    /// 姓名 as the roster spells it.
    pub name: PersonName,
    /// 身份证号 as the roster spells it.
    pub number: DocumentNumber,
    /// 性别; empty in the index where it is not known.
    pub sex: Option<Sex>,
    /// 学院.
    pub college: String,
    /// 专业.
    pub major: String,
    /// 班级.
    pub class: String,
    /// 代次: which portrait of this enrolment it is.
    pub generation: Generation,
    /// The sitting it was made in, as the store names it (1 to 64 of `A-Z a-z 0-9 -`).
    pub sitting: String,
    /// The station's signature under the acceptance, as the store keeps it.
    pub acceptance: Vec<u8>,
    /// The JPEG.
    pub portrait: Vec<u8>,
    /// SHA-256 of the JPEG as the store has it signed; compared before anything is written.
    pub portrait_sha256: Digest,
    /// Its copy with an even background, where one is on file.
    pub normalised: Option<DeliveredCopy>,
}

/// 换底副本: delivered beside its portrait, never without it.
pub struct DeliveredCopy {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// SHA-256 of the JPEG as the store has it signed; compared before anything is written.
    pub sha256: Digest,
}

/// Why somebody on the roster is not in the package.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MissingReason {
    /// Nothing is on file.
    NotShot,
    /// The portrait on file is flagged and waits for its re-shoot.
    Flagged(FlagReason),
    /// The document and the roster disagree, and the registrar has not settled it.
    Referred,
}

impl MissingReason {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotShot => "missing",
            Self::Flagged(_) => "flagged",
            Self::Referred => "referred",
        }
    }
}

/// Somebody on the roster who is not in the package.
pub struct MissingEntry {
    /// 学号.
    pub student_number: StudentNumber,
    /// 姓名.
    pub name: PersonName,
    /// 学院.
    pub college: String,
    /// 专业.
    pub major: String,
    /// 班级.
    pub class: String,
    /// Why.
    pub reason: MissingReason,
}

/// Everything that goes into a package.
pub struct PackageSpec {
    /// The job's UUID.
    pub job: String,
    /// Training packages say so in every place where one may look.
    pub kind: JobKind,
    /// Name of the photo standard, e.g. `national`.
    pub profile: String,
    /// When the package is made, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Records to deliver, in any order.
    pub records: Vec<DeliveredRecord>,
    /// Entries that are not delivered, in any order.
    pub missing: Vec<MissingEntry>,
    /// Where the journal stands.
    pub journal: JournalHead,
    /// The station's Ed25519 public key, 32 bytes.
    pub station_key: [u8; 32],
}

macro_rules! redacted {
    ($($type:ident),+) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    )+};
}
redacted!(DeliveredRecord, DeliveredCopy, MissingEntry, PackageSpec);

/// What a delivery is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Comparing digests and decoding portraits before anything is written.
    Checking,
    /// Writing files.
    Writing,
    /// Reading everything back.
    ReadingBack,
}

/// How far a delivery is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What it is doing.
    pub step: Step,
    /// Records done in this step.
    pub done: usize,
    /// Records in all.
    pub of: usize,
}

/// A package that was written and read back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackageReport {
    /// Where it lies.
    pub path: PathBuf,
    /// What is in it.
    pub counts: PackageCounts,
    /// Bytes of all files together.
    pub bytes: u64,
    /// SHA-256 of `manifest.json`: names the whole package.
    pub manifest_sha256: Digest,
}

/// How much is in a package.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PackageCounts {
    /// Records delivered.
    pub records: usize,
    /// Those of them that have a copy with an even background beside them.
    pub copies: usize,
    /// Entries on the roster that are not delivered.
    pub missing: usize,
    /// Files listed in the manifest.
    pub files: usize,
}

coded! {
    /// What a file of a package is.
    FileKind {
        /// A portrait.
        Portrait = "portrait",
        /// A portrait's copy with an even background.
        Normalised = "normalised",
        /// `index.xlsx`.
        Index = "index",
        /// `missing.xlsx`.
        Missing = "missing",
        /// The note in a package of a training job.
        TrainingNote = "training-note",
    }
}

coded! {
    /// What is wrong with a package.
    PackageFaultKind {
        /// `manifest.json` is not there or cannot be read.
        ManifestUnreadable = "package-manifest-unreadable",
        /// `manifest.json` is no manifest, or not in its one stable form.
        ManifestInvalid = "package-manifest-invalid",
        /// `manifest.sig` is not there or is no signature.
        SignatureUnreadable = "package-signature-unreadable",
        /// The signature does not fit manifest and key.
        SignatureWrong = "package-signature-wrong",
        /// The package names another station key than the pinned one.
        StationKeyDiffers = "package-station-key-differs",
        /// A listed file is not there.
        FileMissing = "package-file-missing",
        /// A listed file has other bytes.
        FileChanged = "package-file-changed",
        /// A file that the manifest does not list.
        FileExtra = "package-file-extra",
        /// A link, a device, or a name that leads out of the package.
        FileIrregular = "package-file-irregular",
        /// Two listed files fall together on some disk.
        FileRepeated = "package-file-repeated",
        /// A portrait's name is not its record's student number.
        NameDiffers = "package-name-differs",
        /// Two records have the same student number.
        RecordRepeated = "package-record-repeated",
        /// Two records have the very same picture.
        PortraitRepeated = "package-portrait-repeated",
        /// A copy with an even background that was not made from the portrait of its name.
        CopyForeign = "package-copy-foreign",
        /// A portrait is no JPEG that decodes.
        PortraitUndecodable = "package-portrait-undecodable",
        /// The index cannot be read.
        IndexUnreadable = "package-index-unreadable",
        /// A row of the index does not fit the manifest.
        IndexDiffers = "package-index-differs",
        /// The list of missing entries does not fit the manifest.
        MissingDiffers = "package-missing-differs",
        /// The manifest's counts are not those of its lists.
        CountsDiffer = "package-counts-differ",
        /// A training package does not say so, or one that is none does.
        TrainingUnclear = "package-training-unclear",
    }
}

/// One thing that is wrong with a package. The place holds a student number, so
/// `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PackageFault {
    /// What is wrong.
    pub kind: PackageFaultKind,
    /// Path within the package, with `#row` for a row of a sheet.
    pub path: String,
}

impl PackageFault {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl fmt::Debug for PackageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackageFault({})", self.code())
    }
}

/// What the check of a package found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackageVerdict {
    /// Everything that is wrong; empty when the package is good.
    pub faults: Vec<PackageFault>,
    /// No key was pinned: the signature fits the key that the package itself names,
    /// which proves integrity and not origin.
    pub unpinned: bool,
    /// What the manifest lists.
    pub counts: PackageCounts,
    /// The job's UUID, where the manifest can be read.
    pub job: Option<String>,
    /// Production or training, where the manifest can be read.
    pub kind: Option<JobKind>,
    /// Where the job's journal stood, where the manifest can be read.
    pub journal: Option<JournalHead>,
    /// The key that the package names, where the manifest can be read.
    pub station_key: Option<[u8; 32]>,
}

impl PackageVerdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Why no package was written, or none could be checked. Nothing stands under the
/// target's name then.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The target is a file, or a folder that is not empty.
    #[error("the target exists already: choose another one")]
    TargetExists,
    /// No record at all.
    #[error("there is no record to deliver")]
    NothingToDeliver,
    /// Student numbers that cannot be file names side by side; places in `records`.
    #[error("two student numbers cannot stand side by side on every disk: {0}")]
    Names(#[source] NameFault),
    /// A student number is delivered and missing at once, or missing twice; place in `missing`.
    #[error("entry {0} of the missing ones stands twice")]
    MissingRepeated(usize),
    /// A portrait is not the one that was accepted; place in `records`.
    #[error("the portrait of record {0} is not the one that was accepted: run verify on the job")]
    PortraitDiffers(usize),
    /// Two records hold the same picture; places in `records`.
    #[error("records {0} and {1} hold the same picture: run verify on the job")]
    PortraitRepeated(usize, usize),
    /// A portrait does not decode; place in `records`.
    #[error("the portrait of record {0} is no JPEG: run verify on the job")]
    PortraitUndecodable(usize),
    /// A text of a record cannot be written as it is; place in `records`.
    #[error("a text of record {0} cannot be written: correct the roster")]
    TextUnusable(usize),
    /// The caller stopped it.
    #[error("the delivery was stopped")]
    Cancelled,
    /// The signature does not fit the station's key.
    #[error("the station's signature does not fit its public key: check the station's key files")]
    Signature,
    /// What was read back is not what was written.
    #[error("what was read back differs from what was written: check the disk, use another one")]
    ReadBack(Vec<PackageFault>),
    /// The spreadsheet could not be made.
    #[error("the index could not be made")]
    Index(#[source] rust_xlsxwriter::XlsxError),
    /// Disk full, no permission, disk fault.
    #[error("the package cannot be written or read: check space and permissions")]
    Disk(#[from] std::io::Error),
}

impl PackageError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TargetExists => "target-exists",
            Self::NothingToDeliver => "nothing-to-deliver",
            Self::Names(_) => "package-names-collide",
            Self::MissingRepeated(_) => "package-entry-repeated",
            Self::PortraitDiffers(_) => "package-portrait-differs",
            Self::PortraitRepeated(..) => "package-portrait-repeated",
            Self::PortraitUndecodable(_) => "package-portrait-undecodable",
            Self::TextUnusable(_) => "package-text-unusable",
            Self::Cancelled => "package-cancelled",
            Self::Signature => "package-signature-wrong",
            Self::ReadBack(_) => "package-read-back-differs",
            Self::Index(_) => "package-index-not-made",
            Self::Disk(_) => "disk",
        }
    }
}

pub(crate) const PORTRAITS: &str = "portraits";
/// Folder of their copies.
const NORMALISED: &str = "normalised";
pub(crate) const INDEX: &str = "index.xlsx";
pub(crate) const MISSING: &str = "missing.xlsx";
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const SIGNATURE: &str = "manifest.sig";
pub(crate) const TRAINING: &str = "训练-TRAINING.txt";
