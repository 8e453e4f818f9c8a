//! `manifest.json`: what the signature covers, in one stable form.
//!
//! The fields of each struct stand in alphabetical order, serde writes them in the
//! order of the struct, and the lists are sorted; so one package has exactly one
//! manifest, and a manifest that does not come out the same when it is written
//! again is refused. No field holds a name or a document number: those are in the
//! index, which the manifest covers by its hash.

use super::{JournalHead, MissingReason};
use booth::{Digest, JobKind};
use serde::{Deserialize, Serialize};

/// The first version of this form: portraits alone.
const FORMAT: &str = "likeness-package-1";
/// The second: some portraits have a copy with an even background.
const FORMAT_WITH_COPIES: &str = "likeness-package-2";
/// Largest manifest that is read, bytes: 200,000 records of less than 640 bytes.
pub(super) const BYTES_MAX: u64 = 128 * 1024 * 1024;

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) counts: Counts,
    pub(super) created_ms: i64,
    /// Sorted by path.
    pub(super) files: Vec<File>,
    pub(super) format: String,
    pub(super) job: String,
    pub(super) journal: Journal,
    pub(super) kind: String,
    /// Sorted by student number.
    pub(super) missing: Vec<Missing>,
    pub(super) profile: String,
    /// 64 hex digits.
    pub(super) station_key: String,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) files: usize,
    pub(super) missing: usize,
    pub(super) records: usize,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) bytes: u64,
    /// A code of [`FileKind`](super::FileKind).
    pub(super) kind: String,
    /// With `/`, relative to the package.
    pub(super) path: String,
    /// Copies only: the SHA-256 of the portrait that it was made from, 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) portrait: Option<String>,
    /// Portraits only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) record: Option<Record>,
    /// 64 hex digits.
    pub(super) sha256: String,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// Hex of the signature under the acceptance.
    pub(super) acceptance: String,
    pub(super) generation: u32,
    pub(super) sitting: String,
    pub(super) student_number: String,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    pub(super) hash: String,
    pub(super) seq: u64,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Missing {
    /// A code of [`MissingReason`].
    pub(super) reason: String,
    pub(super) student_number: String,
}

/// The format that a list of files needs.
pub(super) fn format_of(files: &[File]) -> &'static str {
    if files.iter().any(|file| file.portrait.is_some()) {
        FORMAT_WITH_COPIES
    } else {
        FORMAT
    }
}

impl Manifest {
    /// The one form, with a line feed at the end.
    pub(super) fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a manifest; `None` when it is none, or not in its one form.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(bytes).ok()?;
        let again = manifest.to_bytes().ok()?;
        (manifest.format == format_of(&manifest.files) && again == bytes).then_some(manifest)
    }

    pub(super) fn job_kind(&self) -> Option<JobKind> {
        let kinds = [JobKind::Production, JobKind::Training];
        kinds.into_iter().find(|kind| kind.code() == self.kind)
    }

    pub(super) fn key(&self) -> Option<[u8; 32]> {
        bytes32(&self.station_key)
    }

    pub(super) fn journal_head(&self) -> Option<JournalHead> {
        Some(JournalHead {
            seq: self.journal.seq,
            hash: Digest::from_bytes(bytes32(&self.journal.hash)?),
        })
    }
}

/// 32 bytes from exactly 64 small hex digits.
pub(super) fn bytes32(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

/// Whether a code is one of [`MissingReason`]'s.
pub(super) fn is_reason(code: &str) -> bool {
    let flagged = MissingReason::Flagged(booth::FlagReason::Rejected);
    [MissingReason::NotShot, flagged, MissingReason::Referred]
        .iter()
        .any(|reason| reason.code() == code)
}
