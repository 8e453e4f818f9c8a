//! Delivery, and the proof of jobs and packages.

use super::Desk;
use crate::error::StationError;
use booth::{FlagReason, JobKind};
use exchange::{
    DeliveredCopy, DeliveredRecord, JournalHead, MissingEntry, MissingReason, PackageSpec,
    Progress, Step,
};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use store::{EntryRow, Hold, RecordFilter, RecordRow, RecordStatus, StationKey, StationPublicKey};

/// A delivery package that was written and read back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Delivered {
    /// Its folder.
    #[cfg_attr(test, ts(type = "string"))]
    pub package: PathBuf,
    /// Portraits in it.
    #[cfg_attr(test, ts(type = "number"))]
    pub portraits: usize,
    /// Those of them that have a copy with an even background beside them.
    #[cfg_attr(test, ts(type = "number"))]
    pub copies: usize,
    /// Entries of the roster that are not in it.
    #[cfg_attr(test, ts(type = "number"))]
    pub missing: usize,
    /// Bytes of all files.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// SHA-256 of the manifest, hex: names the whole package.
    pub manifest_sha256: String,
}

/// One thing that is not as it was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct WrongPlace {
    /// Stable code of the rule that does not hold.
    pub code: &'static str,
    /// Table and row of a job, or path within a package.
    pub place: String,
}

/// What the verifier found in a job or package.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Verdict {
    /// `job` or `package`.
    #[cfg_attr(test, ts(type = "\"job\" | \"package\""))]
    pub what: &'static str,
    /// Nothing is wrong.
    pub ok: bool,
    /// No station key was given: the signatures fit the key that job or package names
    /// itself.
    pub unpinned: bool,
    /// Records looked at.
    #[cfg_attr(test, ts(type = "number"))]
    pub records: usize,
    /// Lines of the journal; 0 for a package.
    #[cfg_attr(test, ts(type = "number"))]
    pub journal_rows: usize,
    /// Last line of the journal and its hash, hex: to be noted elsewhere.
    #[cfg_attr(test, ts(type = "[number, string] | null"))]
    pub journal_head: Option<(u64, String)>,
    /// `production` or `training`, where it can be read.
    pub kind: Option<&'static str>,
    /// Devices that were not physical, each with the number of its sittings.
    pub virtual_devices: Vec<String>,
    /// What is wrong.
    pub faults: Vec<WrongPlace>,
}

impl Desk {
    /// Writes a delivery package, reads it back and compares. `each` is told how far it
    /// is and stops it by `Break`.
    ///
    /// # Errors
    /// A refusal when nothing can be delivered, the target exists or names collide; a
    /// fault of the disk. Nothing stands under the target's name then.
    pub fn deliver(
        &self,
        out: &Path,
        each: &mut dyn FnMut(&'static str, usize, usize) -> ControlFlow<()>,
    ) -> Result<Delivered, StationError> {
        self.pack()?.write(out, each)
    }

    /// Proves the job, then gathers everything that goes into a package; writing it needs
    /// the job no more.
    ///
    /// # Errors
    /// `job-found-wrong` when the proof fails, or a fault of the disk.
    pub fn pack(&self) -> Result<Parcel, StationError> {
        // The station's signature on a package says that the job is whole. It is never put
        // under one that somebody changed behind our back.
        let report = self.job.verify(Some(&self.key.public()))?;
        if let Some(first) = report.faults.first() {
            return Err(StationError::RefusedWith {
                code: "job-found-wrong",
                detail: format!(
                    "{} {} {}, {} in all",
                    first.code,
                    first.table,
                    first.row,
                    report.faults.len()
                ),
            });
        }
        Ok(Parcel {
            spec: self.package()?,
            key: self.key.clone(),
        })
    }

    /// The proof of this job, to be run away from it.
    #[must_use]
    pub fn checker(&self) -> Checker {
        Checker(self.job.checker())
    }

    fn package(&self) -> Result<PackageSpec, StationError> {
        let filter = RecordFilter {
            current_only: true,
            ..RecordFilter::default()
        };
        let current = self.job.records(&filter)?;
        let mut records = Vec::new();
        for row in current.iter().filter(|row| row.hold.is_none()) {
            records.push(self.delivered(row)?);
        }
        let missing = self.job.entries(None)?.into_iter().filter_map(|entry| {
            let record = current.iter().find(|row| row.entry.id == entry.entry.id);
            missing(entry, record)
        });
        let missing = missing.collect();
        let last = self.job.journal(0)?.pop();
        let (seq, hash) = last.map_or((0, booth::sha256(b"")), |row| (row.seq, row.hash));
        Ok(PackageSpec {
            job: self.job.id().to_string(),
            kind: self.job.kind(),
            profile: self.job.profile().to_owned(),
            created_ms: clock::wall_ms(),
            records,
            missing,
            journal: JournalHead {
                seq: u64::try_from(seq).unwrap_or(0),
                hash,
            },
            station_key: self.key.public().to_bytes(),
        })
    }

    fn delivered(&self, row: &RecordRow) -> Result<DeliveredRecord, StationError> {
        let (portrait, copy) = self
            .job
            .record_files(&row.entry.student_number, Some(row.generation))?;
        let normalised = copy.zip(row.normalised);
        let normalised = normalised.map(|(jpeg, sha256)| DeliveredCopy { jpeg, sha256 });
        let entry = row.entry.clone();
        Ok(DeliveredRecord {
            student_number: entry.student_number,
            name: entry.name,
            number: entry.number,
            sex: entry.sex,
            college: entry.college,
            major: entry.major,
            class: entry.class,
            generation: row.generation,
            sitting: row.sitting.0.to_string(),
            acceptance: row.signature.to_vec(),
            portrait,
            portrait_sha256: row.portrait,
            normalised,
        })
    }
}

/// What goes into a package, with the key that signs it.
pub struct Parcel {
    spec: PackageSpec,
    key: StationKey,
}

impl Parcel {
    /// Writes the package, reads it back and compares; see [`Desk::deliver`].
    ///
    /// # Errors
    /// As [`Desk::deliver`].
    pub fn write(
        &self,
        out: &Path,
        each: &mut dyn FnMut(&'static str, usize, usize) -> ControlFlow<()>,
    ) -> Result<Delivered, StationError> {
        let mut progress = |progress: Progress| {
            let step = match progress.step {
                Step::Checking => "checking",
                Step::Writing => "writing",
                Step::ReadingBack => "reading-back",
            };
            each(step, progress.done, progress.of)
        };
        let sign = |manifest: &[u8]| self.key.sign(manifest);
        let report = exchange::write_package(out, &self.spec, sign, &mut progress)?;
        Ok(Delivered {
            package: report.path,
            portraits: report.counts.records,
            copies: report.counts.copies,
            missing: report.counts.missing,
            bytes: report.bytes,
            manifest_sha256: report.manifest_sha256.to_string(),
        })
    }
}

/// The proof of an open job.
pub struct Checker(store::Checkup);

impl Checker {
    /// Verifies the job as it lies on the disk now. `each` is told rows looked at, of about
    /// how many, and stops it by `Break`.
    ///
    /// # Errors
    /// When the key file cannot be read; `work-cancelled` when it was stopped.
    pub fn run(
        &self,
        station_key: Option<&Path>,
        each: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<Verdict, StationError> {
        let pinned = station_key.map(StationPublicKey::read).transpose()?;
        Ok(of_job(self.0.run_watched(pinned.as_ref(), each)?))
    }
}

/// Why an entry is not delivered, or nothing when it is.
fn missing(entry: EntryRow, record: Option<&RecordRow>) -> Option<MissingEntry> {
    let reason = match record {
        None => MissingReason::NotShot,
        Some(row) => reason_of(row)?,
    };
    let entry = entry.entry;
    Some(MissingEntry {
        student_number: entry.student_number,
        name: entry.name,
        college: entry.college,
        major: entry.major,
        class: entry.class,
        reason,
    })
}

fn reason_of(row: &RecordRow) -> Option<MissingReason> {
    match row.hold? {
        Hold::Flagged | Hold::Superseded => {
            let code = row.flag.as_ref().map_or("", |flag| flag.reason.as_str());
            // An unknown reason is that of a newer program: still flagged.
            let reason = FlagReason::from_code(code).unwrap_or(FlagReason::Requested);
            debug_assert!(row.status != RecordStatus::Filed, "a held record stands");
            Some(MissingReason::Flagged(reason))
        }
        Hold::Referred | Hold::NumberChanged | Hold::NameChanged => Some(MissingReason::Referred),
    }
}

// --- the proof ----------------------------------------------------------------------------

/// Verifies a job or a package, whichever lies there.
///
/// # Errors
/// When it is neither, somebody holds the job, or the key file cannot be read.
pub fn verify(path: &Path, station_key: Option<&Path>) -> Result<Verdict, StationError> {
    let pinned = station_key.map(StationPublicKey::read).transpose()?;
    if is_package(path) {
        verify_package(path, pinned.as_ref())
    } else {
        Ok(of_job(store::verify(path, pinned.as_ref())?))
    }
}

/// Whether a folder has the parts of a package, whole or not.
fn is_package(path: &Path) -> bool {
    ["manifest.json", "manifest.sig", "portraits"]
        .iter()
        .any(|part| path.join(part).exists())
}

fn of_job(report: store::VerifyReport) -> Verdict {
    let mut devices: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for device in &report.virtual_devices {
        let (driver, identity) = (&device.driver, &device.identity);
        let line = format!("{} {} {driver} {identity}", device.role, device.nature);
        *devices.entry(line).or_default() += 1;
    }
    let devices = devices
        .into_iter()
        .map(|(line, sittings)| format!("{line} ({sittings} sittings)"));
    Verdict {
        what: "job",
        ok: report.faults.is_empty(),
        unpinned: report.unpinned,
        records: report.counts.records,
        journal_rows: report.counts.journal,
        journal_head: report
            .head
            .map(|(seq, hash)| (u64::try_from(seq).unwrap_or(0), hash.to_string())),
        kind: None,
        virtual_devices: devices.collect(),
        faults: report
            .faults
            .into_iter()
            .map(|fault| WrongPlace {
                code: fault.code,
                place: format!("{} {}", fault.table, fault.row),
            })
            .collect(),
    }
}

fn verify_package(path: &Path, pinned: Option<&StationPublicKey>) -> Result<Verdict, StationError> {
    let pinned = pinned.map(|key| key.to_bytes());
    let verdict = exchange::verify_package(path, pinned.as_ref())?;
    Ok(Verdict {
        what: "package",
        ok: verdict.is_good(),
        unpinned: verdict.unpinned,
        records: verdict.counts.records,
        journal_rows: 0,
        journal_head: verdict
            .journal
            .map(|head| (head.seq, head.hash.to_string())),
        kind: verdict.kind.map(JobKind::code),
        virtual_devices: Vec::new(),
        faults: verdict
            .faults
            .into_iter()
            .map(|fault| WrongPlace {
                code: fault.code(),
                place: fault.path,
            })
            .collect(),
    })
}
