//! Admission photos: a folder of pictures named by student number or ID number.
//!
//! The admission photo stands beside the live and the saved picture as the second
//! check, so a wrong one is worse than none: whatever could mean two people is
//! reported and not guessed.

use crate::roster::coded;
use booth::{Digest, DocumentNumber, Entry, EntryId, Roster, StudentNumber, sha256};
use std::collections::HashMap;
use std::fmt;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization;

/// Largest admission photo, bytes.
const PHOTO_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Longest side of an admission photo, pixels.
const SIDE_PX_MAX: u32 = 10_000;
/// Most memory that decoding one photo may take, bytes.
const DECODED_MAX: u64 = 512 * 1024 * 1024;
/// Most files in the folder.
const FILES_MAX: usize = 200_000;

/// One picture that decodes and whose name may be somebody's number.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// The name of the file without extension and blanks, full-width characters
    /// made plain, capitals as written.
    pub key: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Size of the file, bytes.
    pub bytes: u64,
    /// SHA-256 of the file when it was looked at.
    pub sha256: Digest,
    /// `jpeg` or `png`.
    pub format: &'static str,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Photo")
    }
}

impl Photo {
    /// The bytes of the file, if they are still the ones that were looked at.
    ///
    /// # Errors
    /// [`PhotoError::Unreadable`] or [`PhotoError::Changed`].
    pub fn read(&self) -> Result<Vec<u8>, PhotoError> {
        let bytes = bounded(&self.path).map_err(PhotoError::Unreadable)?;
        if sha256(&bytes) == self.sha256 {
            Ok(bytes)
        } else {
            Err(PhotoError::Changed)
        }
    }
}

coded! {
    /// Why a file of the folder is not used.
    PhotoFaultKind {
        /// No permission, disk fault, or not a regular file.
        Unreadable = "photo-unreadable",
        /// Neither `.jpg`, `.jpeg` nor `.png`.
        OtherFile = "photo-other-file",
        /// Cannot be decoded as the JPEG or PNG it is.
        NotAPicture = "photo-not-a-picture",
        /// More than 20 MiB, or more than 10,000 pixels on a side.
        TooLarge = "photo-too-large",
        /// Nothing is left of the name without extension and blanks, or it is not Unicode.
        NameEmpty = "photo-name-empty",
        /// Another file has the same name apart from case, blanks and extension.
        NameRepeated = "photo-name-repeated",
    }
}

/// A file that is not used. Its path holds a number, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PhotoFault {
    /// Which file.
    pub path: PathBuf,
    /// Why not.
    pub kind: PhotoFaultKind,
}

impl fmt::Debug for PhotoFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhotoFault({})", self.kind.code())
    }
}

/// What a folder holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PhotoFolder {
    /// Pictures, ordered by path.
    pub photos: Vec<Photo>,
    /// Everything else but hidden files, ordered by path.
    pub faults: Vec<PhotoFault>,
}

/// Why a folder or photo could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// Wrong path, no permission, disk fault.
    #[error("the folder or photo cannot be read: check path and permissions")]
    Unreadable(#[source] std::io::Error),
    /// More files than a school has students.
    #[error("the folder holds more than 200,000 files: is it the right folder?")]
    TooMany,
    /// The file is no longer the one that was looked at.
    #[error("a photo was changed during the import: start the import again")]
    Changed,
}

impl PhotoError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "file-unreadable",
            Self::TooMany => "photos-too-many",
            Self::Changed => "photo-changed",
        }
    }
}

/// Looks at every file of a folder (not of folders inside it) and decodes every
/// picture once, so that what is accepted here can be shown later.
///
/// # Errors
/// [`PhotoError`] when the folder itself cannot be read.
pub fn scan_photos(dir: &Path) -> Result<PhotoFolder, PhotoError> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(PhotoError::Unreadable)? {
        if paths.len() >= FILES_MAX {
            return Err(PhotoError::TooMany);
        }
        paths.push(entry.map_err(PhotoError::Unreadable)?.path());
    }
    paths.sort();
    let mut folder = PhotoFolder::default();
    for path in paths.into_iter().filter(|path| !is_hidden(path)) {
        match look(&path) {
            Ok(photo) => folder.photos.push(photo),
            Err(kind) => folder.faults.push(PhotoFault { path, kind }),
        }
    }
    set_repeated_aside(&mut folder);
    Ok(folder)
}

/// What operating systems leave in every folder.
fn is_hidden(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| name.starts_with('.') || name == "thumbs.db" || name == "desktop.ini")
}

fn look(path: &Path) -> Result<Photo, PhotoFaultKind> {
    let metadata = std::fs::metadata(path).map_err(|_| PhotoFaultKind::Unreadable)?;
    if metadata.is_dir() {
        return Err(PhotoFaultKind::OtherFile);
    }
    if !metadata.is_file() {
        return Err(PhotoFaultKind::Unreadable);
    }
    let extension = path
        .extension()
        .map(|text| text.to_string_lossy().trim().to_lowercase());
    if !matches!(extension.as_deref(), Some("jpg" | "jpeg" | "png")) {
        return Err(PhotoFaultKind::OtherFile);
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let key: String = stem
        .ok_or(PhotoFaultKind::NameEmpty)?
        .nfkc()
        .filter(|c| !crate::table::is_blank(*c))
        .collect();
    if key.is_empty() {
        return Err(PhotoFaultKind::NameEmpty);
    }
    if metadata.len() > PHOTO_BYTES_MAX {
        return Err(PhotoFaultKind::TooLarge);
    }
    let bytes = bounded(path).map_err(|_| PhotoFaultKind::Unreadable)?;
    let (format, width, height) = decode(&bytes)?;
    Ok(Photo {
        key,
        path: path.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
        format,
        width,
        height,
    })
}

fn bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(PHOTO_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Decodes in full: a header alone proves no picture. The content decides which
/// format it is, because PNGs named `.jpg` are common. The decoder paints what a
/// JPEG cut short lacks grey and is content, so its end marker is looked for first.
fn decode(bytes: &[u8]) -> Result<(&'static str, u32, u32), PhotoFaultKind> {
    let not_a_picture = |_| PhotoFaultKind::NotAPicture;
    let mut reader = image::ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| PhotoFaultKind::NotAPicture)?;
    let format = match reader.format() {
        Some(image::ImageFormat::Jpeg) => "jpeg",
        Some(image::ImageFormat::Png) => "png",
        _ => return Err(PhotoFaultKind::NotAPicture),
    };
    if format == "jpeg" && !has_end(bytes) {
        return Err(PhotoFaultKind::NotAPicture);
    }
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(SIDE_PX_MAX);
    limits.max_image_height = Some(SIDE_PX_MAX);
    limits.max_alloc = Some(DECODED_MAX);
    reader.limits(limits);
    match reader.decode() {
        Ok(picture) => Ok((format, picture.width(), picture.height())),
        Err(image::ImageError::Limits(_)) => Err(PhotoFaultKind::TooLarge),
        Err(error) => Err(not_a_picture(error)),
    }
}

/// Whether a JPEG has its end marker after the start of its scan. The markers before
/// that are walked by their lengths, because the thumbnail inside an EXIF segment has
/// an end of its own; after it cameras append what they like.
fn has_end(bytes: &[u8]) -> bool {
    const SCAN: u8 = 0xDA;
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xFF, marker, high, low, ..] = rest {
        // A marker may be preceded by any number of fill bytes.
        if *marker == 0xFF {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest.get(2 + length..).unwrap_or_default();
        if *marker == SCAN {
            return rest.windows(2).any(|pair| pair == [0xFF, 0xD9]);
        }
    }
    false
}

/// Two files of one name are both put aside: which is the right one is unknown.
fn set_repeated_aside(folder: &mut PhotoFolder) {
    let mut count: HashMap<String, usize> = HashMap::new();
    for photo in &folder.photos {
        *count.entry(photo.key.to_uppercase()).or_default() += 1;
    }
    let (single, repeated) = std::mem::take(&mut folder.photos)
        .into_iter()
        .partition(|photo| count.get(&photo.key.to_uppercase()) == Some(&1));
    folder.photos = single;
    let repeated: Vec<Photo> = repeated;
    folder
        .faults
        .extend(repeated.into_iter().map(|photo| PhotoFault {
            path: photo.path,
            kind: PhotoFaultKind::NameRepeated,
        }));
    folder
        .faults
        .sort_by(|one, other| one.path.cmp(&other.path));
}

coded! {
    /// Why a photo is not given to an entry.
    MatchProblem {
        /// No entry has the number of its name.
        Unmatched = "photo-unmatched",
        /// The ID number has several enrolments: name the file by student number.
        SeveralEntries = "photo-several-entries",
        /// The name is one entry's student number and another's document number.
        TwoMeanings = "photo-two-meanings",
        /// Another file is meant for the same entry.
        SeveralFiles = "photo-several-files",
    }
}

/// Every problem of matching, in the order of the manual.
pub const MATCH_PROBLEMS: &[MatchProblem] = MatchProblem::ALL;

/// A photo and the entry it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PhotoMatch<'a> {
    /// The entry.
    pub entry: EntryId,
    /// The photo.
    pub photo: &'a Photo,
}

/// Which photo belongs to whom.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PhotoMatches<'a> {
    /// At most one for each entry.
    pub matched: Vec<PhotoMatch<'a>>,
    /// Photos that belong to nobody with certainty.
    pub problems: Vec<(&'a Photo, MatchProblem)>,
}

/// Finds the entry of each photo: by student number, else by document number.
#[must_use]
pub fn match_photos<'a>(photos: &'a [Photo], roster: &Roster) -> PhotoMatches<'a> {
    let mut found: Vec<(&Photo, Result<EntryId, MatchProblem>)> = photos
        .iter()
        .map(|photo| (photo, entry_of(&photo.key, roster)))
        .collect();
    let mut files: HashMap<EntryId, usize> = HashMap::new();
    for entry in found.iter().filter_map(|(_, entry)| entry.ok()) {
        *files.entry(entry).or_default() += 1;
    }
    let mut matches = PhotoMatches::default();
    for (photo, entry) in found.drain(..) {
        match entry {
            Ok(entry) if files.get(&entry) == Some(&1) => {
                matches.matched.push(PhotoMatch { entry, photo });
            }
            Ok(_) => matches.problems.push((photo, MatchProblem::SeveralFiles)),
            Err(problem) => matches.problems.push((photo, problem)),
        }
    }
    matches
}

fn entry_of(key: &str, roster: &Roster) -> Result<EntryId, MatchProblem> {
    let student = StudentNumber::parse(key)
        .ok()
        .and_then(|number| roster.with_student_number(&number));
    let number = DocumentNumber::parse(key).ok();
    let holders: Vec<&Entry> = number
        .iter()
        .flat_map(|number| roster.with_number(number.as_str()))
        .map(|(entry, _)| entry)
        .collect();
    match (student, &holders[..]) {
        (Some((entry, _)), holders) if holders.iter().all(|holder| holder.id == entry.id) => {
            Ok(entry.id)
        }
        (Some(_), _) => Err(MatchProblem::TwoMeanings),
        (None, [entry]) => Ok(entry.id),
        (None, []) => Err(MatchProblem::Unmatched),
        (None, [_, _, ..]) => Err(MatchProblem::SeveralEntries),
    }
}
