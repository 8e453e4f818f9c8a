//! The roster in, with admission photos, and the clock of the watched folder's camera.

use super::{Desk, read_file};
use crate::device::CameraChoice;
use crate::error::StationError;
use booth::StudentNumber;
use camera::clockcode::{self, ClockCode, ClockOffset, MeasureFault};
use exchange::{Column, Photo, PhotoFolder, RosterFile};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::Job;

/// Pixels of one module of the clock code: readable across a room on a screen.
const CODE_MODULE_PX: u32 = 12;
/// The clock code on the screen is drawn anew this often.
const CODE_LIFE: Duration = Duration::from_millis(500);
/// An admission photo is kept up to this size, bytes (the store's own limit).
const ADMISSION_BYTES_MAX: usize = 8 << 20;

/// A place in a file that has a fault or is worth a note; never what stands there.
#[derive(Debug, Clone, Serialize)]
pub struct FilePlace {
    /// Line of the file, counted from 1, or the file's name for pictures.
    pub line: String,
    /// Column header.
    pub column: &'static str,
    /// Stable code.
    pub code: &'static str,
}

/// What a roster import did, or would do.
#[derive(Serialize)]
pub struct RosterImported {
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Whether anything was written.
    pub imported: bool,
    /// Rows that could be read.
    pub rows: usize,
    /// New entries.
    pub added: usize,
    /// Entries told otherwise than before: student number and columns.
    pub changed: BTreeMap<String, Vec<&'static str>>,
    /// Entries told as before.
    pub unchanged: usize,
    /// Entries that the file does not tell; they stay.
    pub absent: Vec<String>,
    /// How the file was read.
    pub encoding: String,
    /// The encoding was guessed: look at the names before importing.
    pub encoding_doubtful: bool,
    /// Columns that are not used.
    pub ignored_columns: Vec<String>,
    /// Faulty rows. With one of these nothing is imported.
    pub faults: Vec<FilePlace>,
    /// Rows worth a look.
    pub notes: Vec<FilePlace>,
}

/// One line of the roster.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RosterLine {
    /// 学号.
    pub student_number: String,
    /// 姓名.
    pub name: String,
    /// 身份证号, masked.
    pub number: String,
    /// 班级.
    pub class: String,
    /// `missing`, `filed` or `flagged`.
    #[cfg_attr(test, ts(type = "\"missing\" | \"filed\" | \"flagged\""))]
    pub standing: &'static str,
    /// The generation that stands or was flagged.
    pub generation: Option<u32>,
    /// Whether the school gave an admission photo.
    pub admission_photo: bool,
}

/// What an import of admission photos did.
#[derive(Serialize)]
pub struct PhotosImported {
    /// Pictures kept.
    pub imported: usize,
    /// Pictures that were there already.
    pub unchanged: usize,
    /// Pictures that fit no entry, or more than one, or cannot be read.
    pub faults: Vec<FilePlace>,
}

/// A camera clock that was measured for the job.
#[derive(Serialize)]
pub struct ClockMeasured {
    /// The camera's EXIF serial number, or make and model.
    pub camera: String,
    /// How far the camera's dial is ahead of UTC, milliseconds.
    pub offset_ms: i64,
    /// Resolution of the camera's clock, milliseconds.
    pub resolution_ms: u32,
}

impl Desk {
    /// Imports a roster: all of it or nothing, or with `skip_faulty` the good rows.
    ///
    /// # Errors
    /// When the file cannot be read as a roster, or a fault of the disk. Faulty rows
    /// are no error: they come back in the result, and nothing is imported.
    pub fn import_roster(
        &mut self,
        file: &Path,
        dry_run: bool,
        skip_faulty: bool,
    ) -> Result<RosterImported, StationError> {
        self.import_read_roster(exchange::read_roster(file)?, dry_run, skip_faulty)
    }

    /// As [`Desk::import_roster`], with a file that was read already.
    ///
    /// # Errors
    /// A fault of the disk.
    pub(crate) fn import_read_roster(
        &mut self,
        roster: RosterFile,
        dry_run: bool,
        skip_faulty: bool,
    ) -> Result<RosterImported, StationError> {
        let place = |line: u32, column: Option<Column>, code: &'static str| FilePlace {
            line: line.to_string(),
            column: column.map_or("", Column::title),
            code,
        };
        let mut result = RosterImported {
            dry_run,
            imported: false,
            rows: roster.rows.len(),
            added: 0,
            changed: BTreeMap::new(),
            unchanged: 0,
            absent: Vec::new(),
            encoding: roster
                .source
                .encoding
                .unwrap_or(roster.source.format)
                .to_owned(),
            encoding_doubtful: roster.source.encoding_doubtful,
            ignored_columns: roster.ignored_columns,
            faults: roster
                .faults
                .iter()
                .map(|f| place(f.line, f.column, f.kind.code()))
                .collect(),
            notes: roster
                .notes
                .iter()
                .map(|n| place(n.line, Some(n.column), n.kind.code()))
                .collect(),
        };
        if !result.faults.is_empty() && !skip_faulty {
            return Ok(result);
        }
        let rows: Vec<_> = roster.rows.into_iter().map(new_entry).collect();
        let report = self
            .job
            .import_roster(&rows, roster.source.sha256, "roster", dry_run)?;
        result.imported = !dry_run;
        result.added = report.added.len();
        result.unchanged = report.unchanged;
        result.absent = report
            .absent
            .iter()
            .map(|n| n.as_str().to_owned())
            .collect();
        let changed = report.changed.into_iter();
        result.changed = changed
            .map(|c| (c.student_number.as_str().to_owned(), c.columns))
            .collect();
        Ok(result)
    }

    /// The roster with the standing of each entry, in roster order.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn roster(&self, class: Option<&str>) -> Result<Vec<RosterLine>, StationError> {
        let rows = self.job.entries(class)?.into_iter().map(|row| RosterLine {
            student_number: row.entry.student_number.as_str().to_owned(),
            name: row.entry.name.as_str().to_owned(),
            number: row.entry.number.masked(),
            class: row.entry.class.clone(),
            standing: row.standing.code(),
            generation: match row.standing {
                booth::Standing::Open => None,
                booth::Standing::Filed(at) | booth::Standing::Flagged(at) => Some(at.0),
            },
            admission_photo: row.admission_photo,
        });
        Ok(rows.collect())
    }

    /// Keeps the admission photos of a folder whose files are named by student number
    /// or document number. `each` is told how many are done, of how many, and stops it by
    /// `Break`; what was kept until then stays.
    ///
    /// # Errors
    /// When the folder cannot be read, or a fault of the disk; `work-cancelled` when it was
    /// stopped. Pictures that fit nobody with certainty are no error: they come back in
    /// the result.
    pub fn import_photos(
        &mut self,
        dir: &Path,
        each: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<PhotosImported, StationError> {
        let folder = exchange::scan_photos(dir)?;
        let mut plan = self.plan_photos(folder)?;
        let of = plan.photos.len();
        for (done, (number, photo)) in std::mem::take(&mut plan.photos).into_iter().enumerate() {
            if each(done, of).is_break() {
                return Err(StationError::Refused("work-cancelled"));
            }
            self.keep_photo(&mut plan.result, &number, &photo)?;
        }
        Ok(plan.result)
    }

    /// Which picture belongs to whom; nothing is kept yet.
    ///
    /// # Errors
    /// A fault of the disk.
    pub(crate) fn plan_photos(&self, folder: PhotoFolder) -> Result<PhotoPlan, StationError> {
        let roster = self.job.roster()?;
        let matches = exchange::match_photos(&folder.photos, &roster);
        let faults = folder.faults.iter();
        let faults = faults.map(|fault| photo_place(&fault.path, fault.kind.code()));
        let problems = matches.problems.iter();
        let problems = problems.map(|(photo, problem)| photo_place(&photo.path, problem.code()));
        let found = matches.matched.iter().filter_map(|found| {
            let (entry, _) = roster.with_id(found.entry)?;
            Some((entry.student_number.clone(), found.photo.clone()))
        });
        Ok(PhotoPlan {
            photos: found.collect(),
            result: PhotosImported {
                imported: 0,
                unchanged: 0,
                faults: faults.chain(problems).collect(),
            },
        })
    }

    /// Keeps one picture of a plan.
    ///
    /// # Errors
    /// A fault of the disk, or the file is not what it was.
    pub(crate) fn keep_photo(
        &mut self,
        result: &mut PhotosImported,
        number: &StudentNumber,
        photo: &Photo,
    ) -> Result<(), StationError> {
        let picture = photo.read()?;
        if picture.len() > ADMISSION_BYTES_MAX {
            let place = photo_place(&photo.path, "photo-too-large");
            result.faults.push(place);
        } else if self.job.store_admission_photo(number, &picture)? {
            result.imported += 1;
        } else {
            result.unchanged += 1;
        }
        Ok(())
    }

    /// Measures the clock of the watched folder's camera: draws the station's clock
    /// code into `code`, again and again, and waits for a photograph of it.
    ///
    /// # Errors
    /// A refusal when the camera is no folder, `code` exists, no photograph of the code came in
    /// time or `goes_on` says no; a fault when a file cannot be read or written.
    pub fn measure_clock(
        &mut self,
        camera: &CameraChoice,
        code: &Path,
        wait: Duration,
        goes_on: &dyn Fn() -> ControlFlow<()>,
    ) -> Result<ClockMeasured, StationError> {
        let CameraChoice::Folder(dir) = camera else {
            return Err(StationError::Refused("clock-needs-folder"));
        };
        let known: BTreeSet<PathBuf> = pictures_in(dir)?.into_iter().collect();
        let code = CodeFile::new(code)?;
        let mut judged = BTreeSet::new();
        let mut fault = MeasureFault::NoCode;
        let (begun, since) = (Instant::now(), clock::now());
        while begun.elapsed() < wait {
            code.draw()?;
            let drawn = Instant::now();
            while drawn.elapsed() < CODE_LIFE {
                if goes_on().is_break() {
                    return Err(StationError::Refused("work-cancelled"));
                }
                for file in pictures_in(dir)? {
                    let bytes = read_file(&file)?;
                    if known.contains(&file) || !judged.insert((file, bytes.len())) {
                        continue;
                    }
                    match clockcode::measure(&bytes, since) {
                        Ok(offset) => return self.keep_clock(&offset),
                        Err(found) => fault = found,
                    }
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        Err(StationError::Refused(if judged.is_empty() {
            "clock-no-picture"
        } else {
            fault.code()
        }))
    }

    fn keep_clock(&mut self, offset: &ClockOffset) -> Result<ClockMeasured, StationError> {
        self.job.set_camera_clock(&store::CameraClock {
            body: offset.body.clone(),
            wall_offset_ms: offset.wall_offset_ms,
            boot: offset.boot,
            monotonic_offset_ms: offset.monotonic_offset_ms,
            coarse_ms: offset.coarse_ms,
            zone_min: offset.zone_min,
        })?;
        Ok(ClockMeasured {
            camera: offset.body.clone(),
            offset_ms: offset.wall_offset_ms,
            resolution_ms: offset.coarse_ms,
        })
    }
}

/// Pictures with the student number each belongs to, and what was found so far.
pub(crate) struct PhotoPlan {
    pub(crate) photos: Vec<(StudentNumber, Photo)>,
    pub(crate) result: PhotosImported,
}

fn photo_place(path: &Path, code: &'static str) -> FilePlace {
    let name = path.file_name().map(|name| name.to_string_lossy());
    FilePlace {
        line: without_numbers(&name.unwrap_or_default()),
        column: "",
        code,
    }
}

/// The name of a file without the document number that it may be: of each run of 15 and
/// more letters and digits that holds 8 digits, the last four are told.
fn without_numbers(name: &str) -> String {
    let mut told = String::new();
    for run in name.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = run.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if word.len() >= 15 && digits >= 8 {
            told += &booth::mask(word);
            told += &run[word.len()..];
        } else {
            told += run;
        }
    }
    told
}

/// The clock of the folder camera as the job last measured it.
pub(crate) fn camera_clock(job: &Job) -> Result<Option<ClockOffset>, StationError> {
    let clock = job.camera_clock()?;
    Ok(clock.map(|clock| ClockOffset {
        body: clock.body,
        wall_offset_ms: clock.wall_offset_ms,
        boot: clock.boot,
        monotonic_offset_ms: clock.monotonic_offset_ms,
        coarse_ms: clock.coarse_ms,
        zone_min: clock.zone_min,
    }))
}

fn pictures_in(dir: &Path) -> Result<Vec<PathBuf>, StationError> {
    let fault = |error: std::io::Error| StationError::Fault {
        code: "file-unreadable",
        detail: format!("{}: {error}", dir.display()),
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        if ending.is_some_and(|ending| ["jpg", "jpeg", "png"].iter().any(|e| ending == *e)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The picture of the clock code, which takes the place of no other file and is gone at the end: an
/// old code measures nothing.
struct CodeFile {
    file: PathBuf,
    /// Where each code is written first, so that a viewer never shows half of one.
    beside: PathBuf,
}

impl CodeFile {
    fn new(file: &Path) -> Result<Self, StationError> {
        // A link that leads nowhere is in the way as well.
        if std::fs::symlink_metadata(file).is_ok() {
            return Err(StationError::Refused("target-exists"));
        }
        let beside = file.with_file_name(format!(".likeness-code-{}.png", std::process::id()));
        Ok(Self {
            file: file.to_owned(),
            beside,
        })
    }

    /// Draws the code of this moment.
    fn draw(&self) -> Result<(), StationError> {
        let fault = |detail: String| StationError::Fault {
            code: "file-unwritable",
            detail: format!("{}: {detail}", self.file.display()),
        };
        let picture = clockcode::render(ClockCode::now(), CODE_MODULE_PX)
            .map_err(|error| fault(error.to_string()))?;
        let mut png = std::io::Cursor::new(Vec::new());
        picture
            .write_to(&mut png, image::ImageFormat::Png)
            .map_err(|error| fault(error.to_string()))?;
        std::fs::File::create_new(&self.beside)
            .and_then(|mut beside| beside.write_all(&png.into_inner()))
            .and_then(|()| std::fs::rename(&self.beside, &self.file))
            .map_err(|error| fault(error.to_string()))
    }
}

impl Drop for CodeFile {
    fn drop(&mut self) {
        // What cannot be removed measures nothing either, and is told when it is in the way.
        drop(std::fs::remove_file(&self.file));
        drop(std::fs::remove_file(&self.beside));
    }
}

fn new_entry(row: exchange::RosterRow) -> store::NewEntry {
    store::NewEntry {
        student_number: row.student_number,
        name: row.name,
        number: row.number,
        sex: row.sex,
        college: row.college,
        major: row.major,
        class: row.class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_told_without_a_document_number() {
        assert_eq!(without_numbers("20220001.jpg"), "20220001.jpg");
        assert_eq!(
            without_numbers("11010519491231002X.jpg"),
            "**************002X.jpg"
        );
        assert_eq!(
            without_numbers("class 1_11010519491231002X (2).jpeg"),
            "class 1_**************002X (2).jpeg"
        );
        assert_eq!(without_numbers("照片.png"), "照片.png");
    }
}
