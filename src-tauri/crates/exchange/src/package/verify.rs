//! Checking a package: what the receiver runs, and the writer before it lets go.

use super::manifest::{self, File, Manifest, Record, bytes32};
use super::{
    FileKind, INDEX, MANIFEST, MISSING, NORMALISED, PORTRAITS, PackageCounts, PackageError,
    PackageFault, PackageFaultKind as Kind, PackageVerdict, SIGNATURE, TRAINING, index,
};
use crate::names::{file_names, folded};
use booth::{DocumentNumber, JobKind, sha256};
use ed25519_dalek::{Signature, VerifyingKey};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// Largest file of a package that is read, bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Longest side of a delivered portrait, pixels.
const SIDE_PX_MAX: u32 = 8_192;
/// Folders of a package.
const FOLDERS: [&str; 2] = [PORTRAITS, NORMALISED];
/// Most files that are looked for in a folder.
const ENTRIES_MAX: usize = 400_000;

/// Checks a package: signature, every hash and size, missing and extra files,
/// index against manifest, portraits as JPEG.
///
/// With `pinned`, the station's public key of 32 bytes from another source, origin
/// is checked too; without it the verdict says `unpinned`.
///
/// # Errors
/// [`PackageError::Disk`] when the folder itself cannot be listed.
pub fn verify_package(
    dir: &Path,
    pinned: Option<&[u8; 32]>,
) -> Result<PackageVerdict, PackageError> {
    verify(dir, pinned, &mut || Ok(()))
}

/// As [`verify_package`], calling `each` after each portrait.
pub(super) fn verify(
    dir: &Path,
    pinned: Option<&[u8; 32]>,
    each: &mut dyn FnMut() -> Result<(), PackageError>,
) -> Result<PackageVerdict, PackageError> {
    let present = list(dir)?;
    let mut verdict = PackageVerdict {
        faults: Vec::new(),
        unpinned: pinned.is_none(),
        counts: PackageCounts::default(),
        job: None,
        kind: None,
        journal: None,
        station_key: None,
    };
    let mut check = Check {
        dir,
        faults: Vec::new(),
    };
    if let Some(manifest) = check.manifest(pinned) {
        verdict.counts = PackageCounts {
            records: manifest.counts.records,
            copies: copies(&manifest).count(),
            missing: manifest.counts.missing,
            files: manifest.counts.files,
        };
        verdict.kind = manifest.job_kind();
        verdict.journal = manifest.journal_head();
        verdict.station_key = manifest.key();
        check.lists(&manifest);
        check.presence(&manifest, &present);
        for file in &manifest.files {
            check.file(file, &manifest)?;
            if file.record.is_some() {
                each()?;
            }
        }
        verdict.job = Some(manifest.job);
    }
    verdict.faults = check.faults;
    Ok(verdict)
}

struct Check<'a> {
    dir: &'a Path,
    faults: Vec<PackageFault>,
}

impl Check<'_> {
    fn fault(&mut self, kind: Kind, path: impl Into<String>) {
        let path = path.into();
        self.faults.push(PackageFault { kind, path });
    }

    /// The manifest, if it can be read at all; its signature is judged on the way.
    fn manifest(&mut self, pinned: Option<&[u8; 32]>) -> Option<Manifest> {
        let Ok(bytes) = bounded(&self.dir.join(MANIFEST), manifest::BYTES_MAX) else {
            self.fault(Kind::ManifestUnreadable, MANIFEST);
            return None;
        };
        let parsed = Manifest::parse(&bytes);
        let named = parsed.as_ref().and_then(Manifest::key);
        if parsed.is_none() {
            self.fault(Kind::ManifestInvalid, MANIFEST);
        }
        if pinned.is_some() && parsed.is_some() && named.as_ref() != pinned {
            self.fault(Kind::StationKeyDiffers, MANIFEST);
        }
        let key = pinned.copied().or(named);
        match (self.signature(), key) {
            (None, _) => self.fault(Kind::SignatureUnreadable, SIGNATURE),
            (Some(signature), Some(key)) if is_signed(&bytes, &signature, &key) => {}
            (Some(_), _) => self.fault(Kind::SignatureWrong, SIGNATURE),
        }
        parsed
    }

    /// The signature, if the file holds it in its one form.
    fn signature(&self) -> Option<[u8; 64]> {
        let text = bounded(&self.dir.join(SIGNATURE), 256).ok()?;
        let mut signature = [0; 64];
        hex::decode_to_slice(text.strip_suffix(b"\n")?, &mut signature).ok()?;
        (signature_text(&signature).as_bytes() == text).then_some(signature)
    }

    /// What the manifest says, judged by itself.
    fn lists(&mut self, manifest: &Manifest) {
        let records: Vec<(&File, &Record)> = records(manifest).collect();
        let counts = &manifest.counts;
        let counted = counts.files == manifest.files.len()
            && counts.records == records.len()
            && counts.missing == manifest.missing.len();
        let sorted = manifest.files.is_sorted_by(|a, b| a.path < b.path);
        if !counted || !sorted || manifest.journal_head().is_none() {
            self.fault(Kind::CountsDiffer, MANIFEST);
        }
        let keys = records
            .iter()
            .map(|(_, record)| record.student_number.as_str());
        let keys: Vec<&str> = keys.collect();
        if file_names(&keys).is_err() {
            self.fault(Kind::RecordRepeated, MANIFEST);
        }
        let mut students: HashSet<String> = keys.into_iter().map(folded).collect();
        for entry in &manifest.missing {
            let new = students.insert(folded(&entry.student_number));
            if !new || !manifest::is_reason(&entry.reason) {
                self.fault(Kind::MissingDiffers, MANIFEST);
            }
        }
        let mut paths = HashSet::new();
        for file in &manifest.files {
            if !paths.insert(folded(&file.path)) {
                self.fault(Kind::FileRepeated, &file.path);
            }
        }
        let mut pictures: HashMap<&str, &File> = HashMap::new();
        for (file, _) in &records {
            if pictures.insert(&file.sha256, file).is_some() {
                self.fault(Kind::PortraitRepeated, &file.path);
            }
        }
        self.copies(manifest, &pictures);
        self.kinds(manifest);
    }

    /// Each copy says which portrait it was made from, and that is the one of its name; no other record
    /// has the same picture. `portraits` are those of all records by their hash.
    fn copies(&mut self, manifest: &Manifest, portraits: &HashMap<&str, &File>) {
        let mut seen = HashSet::new();
        for (file, portrait) in copies(manifest) {
            let name = |path: &str| path.rsplit_once('/').map(|(_, name)| name.to_owned());
            let source = portraits.get(portrait);
            if source.is_none_or(|source| name(&source.path) != name(&file.path)) {
                self.fault(Kind::CopyForeign, &file.path);
            }
            let twin = portraits.get(file.sha256.as_str());
            let is_own = twin.is_none_or(|twin| twin.sha256 == portrait);
            if !is_own || !seen.insert(file.sha256.as_str()) {
                self.fault(Kind::PortraitRepeated, &file.path);
            }
        }
    }

    /// Each file stands where its kind belongs, and those that must be there are.
    fn kinds(&mut self, manifest: &Manifest) {
        for file in &manifest.files {
            let expected = match (&file.record, &file.portrait, file.kind.as_str()) {
                (Some(record), None, "portrait") => {
                    Some(format!("{PORTRAITS}/{}.jpg", record.student_number))
                }
                // Its name was compared with that of its portrait.
                (None, Some(_), "normalised") => file
                    .path
                    .strip_prefix(NORMALISED)
                    .is_some_and(|name| name.starts_with('/'))
                    .then(|| file.path.clone()),
                (None, None, "index") => Some(INDEX.to_owned()),
                (None, None, "missing") => Some(MISSING.to_owned()),
                (None, None, "training-note") => Some(TRAINING.to_owned()),
                _ => None,
            };
            if expected.as_ref() != Some(&file.path) {
                self.fault(Kind::NameDiffers, &file.path);
            }
        }
        let has = |path: &str| manifest.files.iter().any(|file| file.path == path);
        for path in [INDEX, MISSING] {
            if !has(path) {
                self.fault(Kind::FileMissing, path);
            }
        }
        let clear = match manifest.job_kind() {
            Some(JobKind::Training) => has(TRAINING),
            Some(JobKind::Production) => !has(TRAINING),
            None => false,
        };
        if !clear {
            self.fault(Kind::TrainingUnclear, MANIFEST);
        }
    }

    /// Files of the folder against files of the manifest.
    fn presence(&mut self, manifest: &Manifest, present: &BTreeMap<String, bool>) {
        let own = [MANIFEST, SIGNATURE];
        let listed: HashSet<&str> = manifest
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect();
        for (path, regular) in present {
            let expected = own.contains(&path.as_str()) || listed.contains(path.as_str());
            if !regular {
                self.fault(Kind::FileIrregular, path);
            } else if !expected {
                self.fault(Kind::FileExtra, path);
            }
        }
        for file in &manifest.files {
            if !present.contains_key(&file.path) {
                self.fault(Kind::FileMissing, &file.path);
            }
        }
    }

    /// One listed file: its bytes, then what they mean.
    fn file(&mut self, file: &File, manifest: &Manifest) -> Result<(), PackageError> {
        if !is_inside(&file.path) {
            self.fault(Kind::FileIrregular, &file.path);
            return Ok(());
        }
        let bytes = match bounded(&self.dir.join(&file.path), FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            // Named already by `presence`.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                self.fault(Kind::FileChanged, &file.path);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let hash = bytes32(&file.sha256);
        let same = bytes.len() as u64 == file.bytes && hash == Some(*sha256(&bytes).as_bytes());
        if !same {
            self.fault(Kind::FileChanged, &file.path);
        }
        // A changed sheet is compared all the same: saved again by a spreadsheet
        // program it holds the same rows, shifted it does not, and the row is named.
        let kind = FileKind::ALL.iter().find(|kind| kind.code() == file.kind);
        match kind {
            Some(FileKind::Portrait | FileKind::Normalised) if same && !is_jpeg(&bytes) => {
                self.fault(Kind::PortraitUndecodable, &file.path);
            }
            Some(FileKind::Index) => self.index(&bytes, manifest),
            Some(FileKind::Missing) => self.missing(&bytes, manifest),
            Some(FileKind::Portrait | FileKind::Normalised | FileKind::TrainingNote) | None => {}
        }
        Ok(())
    }

    /// Every row of the index names one record, its file and its generation, and
    /// carries a document number that can be one.
    fn index(&mut self, bytes: &[u8], manifest: &Manifest) {
        let Some(rows) = index::read(bytes, &index::INDEX_HEADER) else {
            self.fault(Kind::IndexUnreadable, INDEX);
            return;
        };
        let mut left: BTreeMap<&str, (&File, &Record)> = records(manifest)
            .map(|(file, record)| (record.student_number.as_str(), (file, record)))
            .collect();
        for (line, row) in (2..).zip(&rows) {
            let [student, _, _, number, _, _, _, path, generation] = &row[..] else {
                continue;
            };
            let fits = left.remove(student.as_str()).is_some_and(|(file, record)| {
                file.path == *path && record.generation.to_string() == *generation
            });
            if !fits || DocumentNumber::parse(number).is_err() {
                self.fault(Kind::IndexDiffers, format!("{INDEX}#{line}"));
            }
        }
        for (file, _) in left.into_values() {
            self.fault(Kind::IndexDiffers, &file.path);
        }
    }

    fn missing(&mut self, bytes: &[u8], manifest: &Manifest) {
        let expected: HashSet<(&str, &str)> = manifest
            .missing
            .iter()
            .map(|entry| (entry.student_number.as_str(), entry.reason.as_str()))
            .collect();
        let rows = index::read(bytes, &index::MISSING_HEADER);
        let fits = rows.is_some_and(|rows| {
            let found: HashSet<(&str, &str)> = rows
                .iter()
                .map(|row| (row[0].as_str(), row[5].as_str()))
                .collect();
            found == expected && rows.len() == manifest.missing.len()
        });
        if !fits {
            self.fault(Kind::MissingDiffers, MISSING);
        }
    }
}

fn records(manifest: &Manifest) -> impl Iterator<Item = (&File, &Record)> {
    let files = manifest.files.iter();
    files.filter_map(|file| file.record.as_ref().map(|record| (file, record)))
}

/// Copies with the hash of the portrait that each was made from.
fn copies(manifest: &Manifest) -> impl Iterator<Item = (&File, &str)> {
    let files = manifest.files.iter();
    files.filter_map(|file| file.portrait.as_deref().map(|portrait| (file, portrait)))
}

/// What `manifest.sig` holds.
pub(super) fn signature_text(signature: &[u8; 64]) -> String {
    format!("{}\n", hex::encode(signature))
}

/// Whether a signature over these bytes was made with this key. Strict: keys of
/// small order and malleable signatures do not count.
pub(super) fn is_signed(bytes: &[u8], signature: &[u8; 64], key: &[u8; 32]) -> bool {
    VerifyingKey::from_bytes(key).is_ok_and(|key| {
        key.verify_strict(bytes, &Signature::from_bytes(signature))
            .is_ok()
    })
}

/// Whether the bytes decode as a JPEG of sane size, from the first marker to the last.
pub(super) fn is_jpeg(bytes: &[u8]) -> bool {
    if !bytes.ends_with(&[0xFF, 0xD9]) {
        return false;
    }
    let mut reader = image::ImageReader::with_format(Cursor::new(bytes), image::ImageFormat::Jpeg);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(SIDE_PX_MAX);
    limits.max_image_height = Some(SIDE_PX_MAX);
    reader.limits(limits);
    reader.decode().is_ok()
}

/// `a.b`, `portraits/a.b` or `normalised/a.b`: nothing that leads elsewhere.
fn is_inside(path: &str) -> bool {
    let within = |folder: &str| path.strip_prefix(folder)?.strip_prefix('/');
    let name = FOLDERS.into_iter().find_map(within).unwrap_or(path);
    !name.is_empty() && !name.contains(['/', '\\', ':', '\0']) && name != "." && name != ".."
}

/// Files of the package by path, with whether each is a regular file. Folders
/// other than [`FOLDERS`] are irregular and not entered.
fn list(dir: &Path) -> io::Result<BTreeMap<String, bool>> {
    let mut present = BTreeMap::new();
    list_into(dir, "", &mut present)?;
    for name in FOLDERS {
        let folder = dir.join(name);
        if fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_dir()) {
            let before = present.len();
            list_into(&folder, &format!("{name}/"), &mut present)?;
            // An empty folder is no part of any package.
            if present.len() > before || name == PORTRAITS {
                present.remove(name);
            }
        }
    }
    Ok(present)
}

fn list_into(dir: &Path, prefix: &str, present: &mut BTreeMap<String, bool>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if present.len() >= ENTRIES_MAX {
            return Err(io::Error::other(
                "the folder holds too many files for a package",
            ));
        }
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        present.insert(path, entry.file_type()?.is_file());
    }
    Ok(())
}

/// A whole file of at most so many bytes; links are not followed.
fn bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}
