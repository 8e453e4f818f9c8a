//! Writing a package: check, write beside the target, read back, rename.

use super::manifest::{self, Counts, File, Journal, Manifest, Missing, Record};
use super::{
    DeliveredRecord, FileKind, INDEX, MANIFEST, MISSING, NORMALISED, PORTRAITS, PackageCounts,
    PackageError, PackageReport, PackageSpec, Progress, SIGNATURE, Step, TRAINING, index, verify,
};
use crate::names::{file_names, folded};
use booth::{Digest, JobKind, sha256};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

/// What the note in a training package says.
const TRAINING_TEXT: &str = "本交付包来自训练任务，照片带有训练标记，不得用于注册、办证或存档。\r\n\
    This package comes from a TRAINING job. Its portraits are marked and must not be registered, printed or kept.\r\n";

/// Writes a package to `out`, which must not exist or be an empty folder.
///
/// `sign` signs the bytes of the manifest with the station's key; the signature is
/// checked with `spec.station_key` before the package gets its name. `progress` is
/// called after each record of each step and stops the delivery by `Break`.
///
/// The index is ordered by class, then student number.
///
/// # Errors
/// [`PackageError`]; nothing stands under the target's name then, and what was
/// written beside it is removed.
pub fn write_package(
    out: &Path,
    spec: &PackageSpec,
    sign: impl FnOnce(&[u8]) -> [u8; 64],
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<PackageReport, PackageError> {
    let parent = refuse_taken(out)?;
    let names = check(spec, progress)?;
    let folder = tempfile::Builder::new()
        .prefix(".likeness-package-")
        .tempdir_in(parent)?;
    let written = write_all(folder.path(), spec, &names, sign, progress)?;
    read_back(folder.path(), spec, &names, progress)?;
    publish(folder, out, parent)?;
    Ok(PackageReport {
        path: out.to_owned(),
        ..written
    })
}

fn refuse_taken(out: &Path) -> Result<&Path, PackageError> {
    match fs::symlink_metadata(out) {
        Ok(metadata) if metadata.is_dir() => {
            if fs::read_dir(out)?.next().is_some() {
                return Err(PackageError::TargetExists);
            }
        }
        Ok(_) => return Err(PackageError::TargetExists),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(parent.unwrap_or_else(|| Path::new(".")))
}

/// Everything that can be found wrong before a byte is written. Returns the file
/// name of each record.
fn check(
    spec: &PackageSpec,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Vec<String>, PackageError> {
    if spec.records.is_empty() {
        return Err(PackageError::NothingToDeliver);
    }
    let records = spec.records.iter();
    let keys: Vec<&str> = records
        .map(|record| record.student_number.as_str())
        .collect();
    let names = file_names(&keys).map_err(PackageError::Names)?;
    let mut taken: HashSet<String> = keys.into_iter().map(folded).collect();
    for (at, entry) in spec.missing.iter().enumerate() {
        if !taken.insert(folded(entry.student_number.as_str())) {
            return Err(PackageError::MissingRepeated(at));
        }
    }
    let mut pictures: HashMap<Digest, usize> = HashMap::new();
    for (at, record) in spec.records.iter().enumerate() {
        for (jpeg, filed) in files_of(record) {
            let digest = sha256(jpeg);
            if digest != filed {
                return Err(PackageError::PortraitDiffers(at));
            }
            // A copy in which nothing had to be changed is its own portrait.
            match pictures.insert(digest, at) {
                Some(first) if first != at => {
                    return Err(PackageError::PortraitRepeated(first, at));
                }
                Some(_) | None => {}
            }
            if !verify::is_jpeg(jpeg) {
                return Err(PackageError::PortraitUndecodable(at));
            }
        }
        if !is_writable(record) {
            return Err(PackageError::TextUnusable(at));
        }
        tell(progress, Step::Checking, at, spec)?;
    }
    Ok(names)
}

/// Portrait and copy of a record, each with the digest it was filed under.
fn files_of(record: &DeliveredRecord) -> impl Iterator<Item = (&[u8], Digest)> {
    let portrait = (record.portrait.as_slice(), record.portrait_sha256);
    let copy = record.normalised.as_ref();
    std::iter::once(portrait).chain(copy.map(|copy| (copy.jpeg.as_slice(), copy.sha256)))
}

/// Whether every text of a record comes back from a sheet as it went in.
fn is_writable(record: &DeliveredRecord) -> bool {
    let sitting = record.sitting.as_str();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let sitting_fits = (1..=64).contains(&sitting.len()) && sitting.chars().all(plain);
    let texts = [
        record.name.as_str(),
        &record.college,
        &record.major,
        &record.class,
    ];
    sitting_fits && texts.into_iter().all(index::is_writable)
}

fn tell(
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    step: Step,
    at: usize,
    spec: &PackageSpec,
) -> Result<(), PackageError> {
    let told = Progress {
        step,
        done: at + 1,
        of: spec.records.len(),
    };
    match progress(told) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(PackageError::Cancelled),
    }
}

fn write_all(
    dir: &Path,
    spec: &PackageSpec,
    names: &[String],
    sign: impl FnOnce(&[u8]) -> [u8; 64],
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<PackageReport, PackageError> {
    let mut writer = Writer {
        dir,
        files: Vec::new(),
        bytes: 0,
    };
    let copies = write_pictures(&mut writer, spec, names, progress)?;
    let rows = index_rows(spec, names);
    let index = index::workbook("交付", &index::INDEX_HEADER, &rows, spec.created_ms)?;
    writer.add(FileKind::Index, INDEX, Of::Package, &index)?;
    let rows = missing_rows(spec);
    let missing = index::workbook("未交付", &index::MISSING_HEADER, &rows, spec.created_ms)?;
    writer.add(FileKind::Missing, MISSING, Of::Package, &missing)?;
    if spec.kind == JobKind::Training {
        writer.add(
            FileKind::TrainingNote,
            TRAINING,
            Of::Package,
            TRAINING_TEXT.as_bytes(),
        )?;
    }
    writer.files.sort_by(|one, other| one.path.cmp(&other.path));
    let counts = PackageCounts {
        records: spec.records.len(),
        copies,
        missing: spec.missing.len(),
        files: writer.files.len(),
    };
    let files = std::mem::take(&mut writer.files);
    let manifest = manifest_of(spec, files, counts).to_bytes()?;
    let signature = sign(&manifest);
    if !verify::is_signed(&manifest, &signature, &spec.station_key) {
        return Err(PackageError::Signature);
    }
    writer.put(MANIFEST, &manifest)?;
    writer.put(SIGNATURE, verify::signature_text(&signature).as_bytes())?;
    sync_dir(&dir.join(PORTRAITS))?;
    if copies > 0 {
        sync_dir(&dir.join(NORMALISED))?;
    }
    sync_dir(dir)?;
    Ok(PackageReport {
        path: dir.to_owned(),
        counts,
        bytes: writer.bytes,
        manifest_sha256: sha256(&manifest),
    })
}

/// Portraits and their copies; how many copies there are.
fn write_pictures(
    writer: &mut Writer<'_>,
    spec: &PackageSpec,
    names: &[String],
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<usize, PackageError> {
    let dir = writer.dir;
    fs::create_dir(dir.join(PORTRAITS))?;
    let copies = spec
        .records
        .iter()
        .filter(|record| record.normalised.is_some());
    let copies = copies.count();
    if copies > 0 {
        fs::create_dir(dir.join(NORMALISED))?;
    }
    for (at, (record, name)) in spec.records.iter().zip(names).enumerate() {
        let entry = Record {
            acceptance: hex::encode(&record.acceptance),
            generation: record.generation.0,
            sitting: record.sitting.clone(),
            student_number: record.student_number.as_str().to_owned(),
        };
        let path = format!("{PORTRAITS}/{name}");
        writer.add(
            FileKind::Portrait,
            &path,
            Of::Record(entry),
            &record.portrait,
        )?;
        if let Some(copy) = &record.normalised {
            let path = format!("{NORMALISED}/{name}");
            let of = Of::Portrait(record.portrait_sha256);
            writer.add(FileKind::Normalised, &path, of, &copy.jpeg)?;
        }
        tell(progress, Step::Writing, at, spec)?;
    }
    Ok(copies)
}

/// Rows of the index, by class and student number.
fn index_rows(spec: &PackageSpec, names: &[String]) -> Vec<Vec<String>> {
    let mut records: Vec<_> = spec.records.iter().zip(names).collect();
    records.sort_by(|(one, _), (other, _)| {
        (&one.class, &one.student_number).cmp(&(&other.class, &other.student_number))
    });
    let rows = records.into_iter();
    rows.map(|(record, name)| index::index_row(record, &format!("{PORTRAITS}/{name}")))
        .collect()
}

fn missing_rows(spec: &PackageSpec) -> Vec<Vec<String>> {
    let mut entries: Vec<_> = spec.missing.iter().collect();
    entries.sort_by_key(|entry| (&entry.class, &entry.student_number));
    entries.into_iter().map(index::missing_row).collect()
}

fn manifest_of(spec: &PackageSpec, files: Vec<File>, counts: PackageCounts) -> Manifest {
    let mut missing: Vec<Missing> = spec
        .missing
        .iter()
        .map(|entry| Missing {
            reason: entry.reason.code().to_owned(),
            student_number: entry.student_number.as_str().to_owned(),
        })
        .collect();
    missing.sort_by(|one, other| one.student_number.cmp(&other.student_number));
    Manifest {
        counts: Counts {
            files: counts.files,
            missing: counts.missing,
            records: counts.records,
        },
        created_ms: spec.created_ms,
        format: manifest::format_of(&files).to_owned(),
        files,
        job: spec.job.clone(),
        journal: Journal {
            hash: spec.journal.hash.to_string(),
            seq: spec.journal.seq,
        },
        kind: spec.kind.code().to_owned(),
        missing,
        profile: spec.profile.clone(),
        station_key: hex::encode(spec.station_key),
    }
}

/// What a file of a package belongs to.
enum Of {
    Package,
    Record(Record),
    /// A copy: the portrait with this digest.
    Portrait(Digest),
}

struct Writer<'a> {
    dir: &'a Path,
    files: Vec<File>,
    bytes: u64,
}

impl Writer<'_> {
    /// Writes a file that the manifest lists.
    fn add(&mut self, kind: FileKind, path: &str, of: Of, bytes: &[u8]) -> io::Result<()> {
        self.put(path, bytes)?;
        let (portrait, record) = match of {
            Of::Package => (None, None),
            Of::Record(record) => (None, Some(record)),
            Of::Portrait(digest) => (Some(digest.to_string()), None),
        };
        self.files.push(File {
            bytes: bytes.len() as u64,
            kind: kind.code().to_owned(),
            path: path.to_owned(),
            portrait,
            record,
            sha256: sha256(bytes).to_string(),
        });
        Ok(())
    }

    /// Writes a new file through to the disk. `create_new` is the last guard against
    /// two names that are one on this very disk.
    fn put(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = fs::File::create_new(self.dir.join(path))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

/// The receiver's check on what lies on the disk, then every row of both sheets
/// against the values they were made of.
fn read_back(
    dir: &Path,
    spec: &PackageSpec,
    names: &[String],
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<(), PackageError> {
    let mut done = 0;
    let mut each = || {
        done += 1;
        tell(progress, Step::ReadingBack, done - 1, spec)
    };
    let verdict = verify::verify(dir, Some(&spec.station_key), &mut each)?;
    if !verdict.is_good() {
        return Err(PackageError::ReadBack(verdict.faults));
    }
    let index = index::read(&fs::read(dir.join(INDEX))?, &index::INDEX_HEADER);
    compare(
        INDEX,
        index,
        &index_rows(spec, names),
        super::PackageFaultKind::IndexDiffers,
    )?;
    let missing = index::read(&fs::read(dir.join(MISSING))?, &index::MISSING_HEADER);
    compare(
        MISSING,
        missing,
        &missing_rows(spec),
        super::PackageFaultKind::MissingDiffers,
    )
}

fn compare(
    path: &str,
    found: Option<Vec<Vec<String>>>,
    expected: &[Vec<String>],
    kind: super::PackageFaultKind,
) -> Result<(), PackageError> {
    let found = found.unwrap_or_default();
    let rows = found.len().max(expected.len());
    let faults: Vec<_> = (0..rows)
        .filter(|at| found.get(*at) != expected.get(*at))
        .map(|at| super::PackageFault {
            kind,
            path: format!("{path}#{}", at + 2),
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(PackageError::ReadBack(faults))
    }
}

/// Gives the package its name, in one step.
fn publish(folder: tempfile::TempDir, out: &Path, parent: &Path) -> Result<(), PackageError> {
    // An empty folder may stand there; removing a filled one fails, as it should.
    match fs::remove_dir(out) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_) => return Err(PackageError::TargetExists),
    }
    if let Err(error) = fs::rename(folder.path(), out) {
        let taken = matches!(
            error.kind(),
            io::ErrorKind::DirectoryNotEmpty
                | io::ErrorKind::AlreadyExists
                | io::ErrorKind::NotADirectory
        );
        return Err(if taken {
            PackageError::TargetExists
        } else {
            PackageError::Disk(error)
        });
    }
    if let Err(error) = sync_dir(parent) {
        // A name that may not last is none: back under the one that is cleaned up.
        fs::rename(out, folder.path())?;
        return Err(error.into());
    }
    // Nothing is left to clean up under the old name.
    drop(folder.keep());
    Ok(())
}

/// Makes names durable. Windows has no such call; NTFS logs its names.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}
