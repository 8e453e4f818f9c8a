//! The desk: every use case beside the sitting, with results ready to be shown.

mod delivery;
mod portraits;
mod records;
mod roster;

pub use delivery::{Checker, Delivered, Parcel, Verdict, WrongPlace, verify};
pub use portraits::{Batch, PortraitLine, PortraitsDone, make_normalised, portraits};
pub use records::{Exported, Flagged, RecordLine, Which};
pub(crate) use roster::camera_clock;
pub use roster::{ClockMeasured, FilePlace, PhotosImported, RosterImported, RosterLine};

use crate::error::StationError;
use crate::report::Report;
use crate::sitting::{Command, SittingOptions, hold_sitting};
use crate::studio::{Checked, Made, Studio};
use booth::{FlagReason, JobKind, Outcome, StudentNumber};
use portrait::{Finding, Profile, ProfileFault, Raster, Severity};
use serde::Serialize;
use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Job, PORTRAIT_BYTES_MAX, Standard, StationKey};
use tokio::sync::mpsc::UnboundedReceiver;

/// Where this station keeps its signing key: outside every job.
#[derive(Clone, Debug)]
pub struct StationHome(PathBuf);

/// This station's public key.
#[derive(Debug, Serialize)]
pub struct StationKeyInfo {
    /// 64 hexadecimal digits.
    pub public_key: String,
    /// The file to give to whoever verifies (`--station-key`).
    pub station_key_file: PathBuf,
}

/// A job that was created.
#[derive(Debug, Serialize)]
pub struct JobCreated {
    /// Its folder.
    pub job: PathBuf,
    /// Its lasting id.
    pub id: String,
    /// `production` or `training`.
    pub kind: &'static str,
    /// Its photo standard.
    pub profile: String,
    /// The file that pins its signatures.
    pub station_key_file: PathBuf,
}

impl StationHome {
    /// A home in this folder.
    #[must_use]
    pub const fn at(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.0
    }

    /// The home that the environment names: `LIKENESS_STATION_DIR`, else the user's
    /// data folder.
    ///
    /// # Errors
    /// A fault when the environment names no place.
    pub fn from_environment() -> Result<Self, StationError> {
        let variable = |name: &str| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        variable("LIKENESS_STATION_DIR")
            .or_else(|| variable("XDG_DATA_HOME").map(|dir| dir.join("likeness")))
            .or_else(|| variable("LOCALAPPDATA").map(|dir| dir.join("likeness")))
            .or_else(|| variable("HOME").map(|dir| dir.join(".local/share/likeness")))
            .map(Self)
            .ok_or_else(|| StationError::Fault {
                code: "station-key-unusable",
                detail: "set LIKENESS_STATION_DIR to a folder for the station's key".into(),
            })
    }

    /// The station's public key; made at the first use.
    ///
    /// # Errors
    /// A fault when the key cannot be read or made.
    pub fn key(&self) -> Result<StationKeyInfo, StationError> {
        let public = StationKey::load_or_create(&self.0)?.public();
        let station_key_file = self.0.join("station.pub");
        Ok(StationKeyInfo {
            public_key: hex(&public.to_bytes()),
            station_key_file,
        })
    }

    /// Creates a job in a new folder. `profile` is the name of one that ships with the program, or a TOML
    /// file of one's own; the job keeps its text.
    ///
    /// # Errors
    /// A refusal when the folder holds something, the profile is unknown or faulty, or a file calls itself
    /// like a profile that ships; a fault of the disk.
    pub fn create_job(
        &self,
        dir: &Path,
        profile: &str,
        training: bool,
    ) -> Result<JobCreated, StationError> {
        let text = text_of_profile(profile)?;
        let parsed = Profile::parse(&text).map_err(|fault| in_profile(profile, &fault))?;
        fit_for_a_job(&parsed, &text, profile)?;
        let kind = if training {
            JobKind::Training
        } else {
            JobKind::Production
        };
        let standard = Standard {
            name: &parsed.name,
            text: &text,
            usual: Profile::usual(),
        };
        let job = Job::create(dir, kind, standard, &StationKey::load_or_create(&self.0)?)?;
        Ok(JobCreated {
            job: dir.to_owned(),
            id: job.id().to_string(),
            kind: kind.code(),
            profile: parsed.name,
            station_key_file: self.0.join("station.pub"),
        })
    }

    /// Opens a job; the desk holds it until it is dropped.
    ///
    /// # Errors
    /// A refusal when another process holds it, a fault when it is no job.
    pub fn open_job(&self, dir: &Path) -> Result<Desk, StationError> {
        let key = StationKey::load_or_create(&self.0)?;
        let job = Job::open(dir, &key)?;
        let home = self.clone();
        Ok(Desk { job, key, home })
    }
}

/// An open job: this process holds it until the value is dropped.
pub struct Desk {
    pub(crate) job: Job,
    pub(crate) key: StationKey,
    /// Where the station keeps what belongs to no job.
    pub(crate) home: StationHome,
}

impl Desk {
    /// The photo standard of the job: the text that it keeps, or in a job that keeps none the profile of
    /// its name.
    ///
    /// # Errors
    /// A fault of the disk; `job-standard-unreadable` when a program that knows more wrote the text.
    pub fn profile(&self) -> Result<Profile, StationError> {
        let Some(kept) = self.job.standard()? else {
            return Ok(Profile::named(self.job.profile())?);
        };
        let parsed = Profile::parse_with(&kept.text, &kept.usual);
        parsed.map_err(|fault| StationError::Fault {
            code: "job-standard-unreadable",
            detail: fault.to_string(),
        })
    }

    /// Holds one sitting and returns when it is filed, refused or void.
    ///
    /// # Errors
    /// When the sitting could not be held at all.
    pub async fn hold_sitting(
        &mut self,
        options: SittingOptions,
        commands: &mut UnboundedReceiver<Command>,
        report: &mut (dyn FnMut(Report) + Send),
    ) -> Result<Outcome, StationError> {
        hold_sitting(self, options, commands, report).await
    }
}

// --- portraits outside any job ------------------------------------------------------------

/// A finding, ready to be shown.
#[derive(Clone, Debug, Serialize)]
pub struct FindingLine {
    /// Stable code.
    pub code: &'static str,
    /// `blocks`, `warns` or `informs`.
    pub severity: &'static str,
    /// The registration system's own name, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub official_name: Option<&'static str>,
    /// What was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// What is allowed: lowest and highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<(f64, f64)>,
}

impl From<&Finding> for FindingLine {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.code(),
            severity: finding.severity().code(),
            official_name: finding.code.official_name(),
            value: finding.value,
            allowed: finding.band.map(|band| (band.min, band.max)),
        }
    }
}

/// What was measured on a portrait, in its own pixels.
#[derive(Debug, Serialize)]
pub struct Measures {
    /// Top of the hair from the upper edge.
    pub crown_px: f32,
    /// Eye line from the upper edge.
    pub eye_line_px: f32,
    /// Cheek to cheek.
    pub face_width_px: f32,
    /// Tilt of the eye line in degrees.
    pub tilt_deg: f32,
}

impl From<&portrait::FaceGeometry> for Measures {
    fn from(face: &portrait::FaceGeometry) -> Self {
        Self {
            crown_px: face.crown_y,
            eye_line_px: face.eye_line_y(),
            face_width_px: face.face_width(),
            tilt_deg: face.tilt_deg(),
        }
    }
}

/// A portrait that was made or checked.
#[derive(Debug, Serialize)]
pub struct PortraitVerdict {
    /// No finding blocks.
    pub ok: bool,
    /// Size of the file in bytes.
    pub bytes: usize,
    /// SHA-256 of the file, where we made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// JPEG quality it was encoded with, where we did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// What was measured, where a face was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measures: Option<Measures>,
    /// Where a picture of what fails in the background was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<PathBuf>,
    /// What was found.
    pub findings: Vec<FindingLine>,
    /// What became of the second file with a normalised background, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalised: Option<NormalisedLine>,
}

/// A portrait's derivative: the same picture with its background brought to the profile's colour.
#[derive(Debug, Serialize)]
pub struct NormalisedLine {
    /// It was written.
    pub ok: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// Where it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Size of the file in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// SHA-256 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// JPEG quality it was encoded with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// What was found on it.
    pub findings: Vec<FindingLine>,
}

/// A photo standard that ships with the program.
#[derive(Debug, Serialize)]
pub struct ProfileListed {
    /// What jobs and commands call it.
    pub name: &'static str,
    /// What people read, Chinese.
    pub title_zh: String,
    /// The same in English.
    pub title_en: String,
}

/// A photo standard as it is written.
#[derive(Debug, Serialize)]
pub struct ProfileText {
    /// TOML.
    pub text: &'static str,
}

/// The photo standards that ship with the program.
#[must_use]
pub fn profiles() -> Vec<ProfileListed> {
    let listed = |name| {
        let profile = Profile::named(name).ok()?;
        Some(ProfileListed {
            name,
            title_zh: profile.title_zh,
            title_en: profile.title_en,
        })
    };
    Profile::names().filter_map(listed).collect()
}

/// The text of a photo standard that ships with the program.
///
/// # Errors
/// `profile-unknown`.
pub fn profile_text(name: &str) -> Result<&'static str, StationError> {
    Ok(Profile::text_of(name)?)
}

/// The limits that hold where a photo standard is silent, each with its reason.
#[must_use]
pub const fn usual_measures() -> &'static str {
    Profile::usual()
}

/// The largest profile that is read: far above any that people write.
const PROFILE_BYTES_MAX: usize = 1 << 16;

/// Whether a profile that reads well can be the standard of a job.
fn fit_for_a_job(parsed: &Profile, text: &str, place: &str) -> Result<(), StationError> {
    // Two standards under one name: nobody could tell from a job which of them it is of.
    let name = parsed.name.trim();
    let shipped = Profile::names().find(|shipped| shipped.eq_ignore_ascii_case(name));
    if shipped.is_some_and(|shipped| Profile::text_of(shipped) != Ok(text)) {
        return Err(StationError::RefusedWith {
            code: "profile-name-taken",
            detail: format!("{place}: {name}"),
        });
    }
    if parsed.bytes.max > PORTRAIT_BYTES_MAX {
        let what = format!(
            "file.bytes_max is {}, a job has room for {PORTRAIT_BYTES_MAX}",
            parsed.bytes.max
        );
        return Err(in_profile(place, &ProfileFault::Contradiction(what)));
    }
    Ok(())
}

/// The profile of a name, or of a TOML file of one's own.
fn profile_of(name: &str) -> Result<Profile, StationError> {
    let text = text_of_profile(name)?;
    Profile::parse(&text).map_err(|fault| in_profile(name, &fault))
}

/// The text of the profile of a name, or of a TOML file of one's own.
fn text_of_profile(name: &str) -> Result<Cow<'static, str>, StationError> {
    let path = Path::new(name);
    let is_toml = |extension: &std::ffi::OsStr| extension.eq_ignore_ascii_case("toml");
    if !path.extension().is_some_and(is_toml) {
        return Ok(Cow::Borrowed(Profile::text_of(name)?));
    }
    let bytes = read_file(path)?;
    if bytes.len() > PROFILE_BYTES_MAX {
        let what = format!("{} bytes, allowed are {PROFILE_BYTES_MAX}", bytes.len());
        return Err(in_profile(name, &ProfileFault::Syntax(what)));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        let what = "it is not UTF-8 text".to_owned();
        in_profile(name, &ProfileFault::Syntax(what))
    })?;
    // As it is written elsewhere; the same text is the same standard.
    Ok(Cow::Owned(text.replace("\r\n", "\n")))
}

fn in_profile(name: &str, fault: &ProfileFault) -> StationError {
    StationError::RefusedWith {
        code: fault.code(),
        detail: format!("{name}: {fault}"),
    }
}

fn png_of(picture: &Raster) -> Result<Vec<u8>, StationError> {
    crate::studio::png(picture.data(), picture.width(), picture.height()).ok_or_else(|| {
        StationError::Fault {
            code: "file-unwritable",
            detail: "the picture of the background cannot be encoded".to_owned(),
        }
    })
}

/// Makes a portrait from a picture file. It belongs to nobody.
///
/// # Errors
/// A refusal that names the finding; a fault when a file cannot be read or written.
pub fn make_portrait(
    input: &Path,
    out: &Path,
    profile: &str,
) -> Result<PortraitVerdict, StationError> {
    let studio = Studio::new(profile_of(profile)?, JobKind::Production)?;
    make_one(&studio, input, out)
}

fn make_one(studio: &Studio, input: &Path, out: &Path) -> Result<PortraitVerdict, StationError> {
    let made = studio.make_from_file(&read_file(input)?)?;
    write_new(out, &made.jpeg)?;
    Ok(verdict_on(&made))
}

fn verdict_on(made: &Made) -> PortraitVerdict {
    PortraitVerdict {
        ok: true,
        bytes: made.jpeg.len(),
        sha256: Some(booth::sha256(&made.jpeg).to_string()),
        quality: Some(made.quality),
        measures: Some((&made.face).into()),
        overlay: None,
        findings: made.findings.iter().map(FindingLine::from).collect(),
        normalised: None,
    }
}

/// Checks a finished portrait against a photo standard. Where the background fails, a picture of
/// the places is written to `overlay` (PNG; the person is a grey shape in it), if it is asked for.
///
/// # Errors
/// A fault when the file cannot be read or the profile is unknown or faulty; a refusal when the
/// file of the picture exists.
pub fn check_portrait(
    file: &Path,
    profile: &str,
    overlay: Option<&Path>,
) -> Result<PortraitVerdict, StationError> {
    let studio = Studio::new(profile_of(profile)?, JobKind::Production)?;
    check_one(&studio, file, overlay)
}

fn check_one(
    studio: &Studio,
    file: &Path,
    overlay: Option<&Path>,
) -> Result<PortraitVerdict, StationError> {
    let jpeg = read_file(file)?;
    let Checked {
        findings,
        face,
        background,
    } = studio.check(&jpeg)?;
    let overlay = match (overlay, background) {
        (Some(path), Some(picture)) => {
            write_new(path, &png_of(&picture)?)?;
            Some(path.to_owned())
        }
        (None, _) | (_, None) => None,
    };
    Ok(PortraitVerdict {
        overlay,
        ok: !findings
            .iter()
            .any(|finding| finding.severity() == Severity::Blocks),
        bytes: jpeg.len(),
        sha256: None,
        quality: None,
        measures: face.as_ref().map(Measures::from),
        findings: findings.iter().map(FindingLine::from).collect(),
        normalised: None,
    })
}

// --- small things ---------------------------------------------------------------------------

pub(crate) fn parse_student_number(text: &str) -> Result<StudentNumber, StationError> {
    StudentNumber::parse(text).map_err(|_| StationError::Refused("unknown-student"))
}

/// The largest file that is read whole: a picture or a key.
const FILE_BYTES_MAX: u64 = 256 << 20;

pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, StationError> {
    let fault = |detail: String| StationError::Fault {
        code: "file-unreadable",
        detail: format!("{}: {detail}", path.display()),
    };
    let about = std::fs::metadata(path).map_err(|error| fault(error.to_string()))?;
    if !about.is_file() {
        return Err(fault("it is no ordinary file".into()));
    }
    if about.len() > FILE_BYTES_MAX {
        return Err(fault("the file is larger than 256 MiB".into()));
    }
    std::fs::read(path).map_err(|error| fault(error.to_string()))
}

/// Writes a file that must not exist: nothing is overwritten.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StationError> {
    let fault = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            StationError::RefusedWith {
                code: "target-exists",
                detail: path.display().to_string(),
            }
        } else {
            StationError::Fault {
                code: "file-unwritable",
                detail: format!("{}: {error}", path.display()),
            }
        }
    };

    let mut file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(fault)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(fault)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn parse_reason(code: &str) -> Result<FlagReason, StationError> {
    FlagReason::from_code(code).ok_or_else(|| {
        let known: Vec<_> = FlagReason::ALL.iter().map(|reason| reason.code()).collect();
        StationError::RefusedWith {
            code: "reason-unknown",
            detail: known.join(", "),
        }
    })
}
