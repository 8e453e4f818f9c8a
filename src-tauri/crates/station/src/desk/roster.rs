//! The roster in, with admission photos, and the clock of the watched folder's camera.

use super::Desk;
use crate::device::CameraChoice;
use crate::error::StationError;
use exchange::Column;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

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
    /// Columns that are not used.
    pub ignored_columns: Vec<String>,
    /// Faulty rows. With one of these nothing is imported.
    pub faults: Vec<FilePlace>,
    /// Rows worth a look.
    pub notes: Vec<FilePlace>,
}

/// One line of the roster.
#[derive(Serialize)]
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
    pub standing: &'static str,
    /// The generation that stands or was flagged.
    #[serde(skip_serializing_if = "Option::is_none")]
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
        let roster = exchange::read_roster(file)?;
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
            encoding: roster.source.encoding.unwrap_or(roster.source.format).to_owned(),
            ignored_columns: roster.ignored_columns,
            faults: roster.faults.iter().map(|f| place(f.line, f.column, f.kind.code())).collect(),
            notes: roster.notes.iter().map(|n| place(n.line, Some(n.column), n.kind.code())).collect(),
        };
        if !result.faults.is_empty() && !skip_faulty {
            return Ok(result);
        }
        let rows: Vec<_> = roster.rows.into_iter().map(new_entry).collect();
        let report = self.job.import_roster(&rows, roster.source.sha256, "roster", dry_run)?;
        result.imported = !dry_run;
        result.added = report.added.len();
        result.unchanged = report.unchanged;
        result.absent = report.absent.iter().map(|n| n.as_str().to_owned()).collect();
        let changed = report.changed.into_iter();
        result.changed = changed.map(|c| (c.student_number.as_str().to_owned(), c.columns)).collect();
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

