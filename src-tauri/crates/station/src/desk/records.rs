//! Records on file: listing, export, flags.

use super::{Desk, parse_reason, parse_student_number, write_new};
use crate::error::StationError;
use booth::Generation;
use serde::Serialize;
use std::path::{Path, PathBuf};
use store::{RecordFilter, RecordRow, StoreError};

/// One record, one generation.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecordLine {
    /// 学号.
    pub student_number: String,
    /// 姓名.
    pub name: String,
    /// 班级.
    pub class: String,
    /// Generation, from 1.
    pub generation: u32,
    /// `filed`, `flagged` or `superseded`.
    #[cfg_attr(test, ts(type = "\"filed\" | \"flagged\" | \"superseded\""))]
    pub status: &'static str,
    /// Whether it goes into the next delivery.
    pub deliverable: bool,
    /// Why not: `flagged`, `superseded`, `referred`, `number-changed`, `name-changed`.
    pub held_back: Option<&'static str>,
    /// The sitting it came from.
    #[cfg_attr(test, ts(type = "number"))]
    pub sitting: i64,
    /// `matched` or `referred`.
    pub basis: String,
    /// Who accepted it: `attended` or `unattended`.
    pub attendance: String,
    /// SHA-256 of the portrait, hex.
    pub portrait_sha256: String,
    /// SHA-256 of its copy with an even background, hex, where one is on file.
    pub normalised_sha256: Option<String>,
    /// Which camera took it: serial number, or what stands for one.
    pub camera: String,
    /// What the camera was set to, `exposure=156 gain=auto:4`; nothing where its source has no controls.
    pub controls: Option<String>,
    /// When it was filed, milliseconds since 1970 by the wall clock.
    #[cfg_attr(test, ts(type = "number"))]
    pub filed_wall_ms: i64,
    /// Why it was flagged.
    pub flag_reason: Option<String>,
    /// Who flagged it.
    pub flagged_by: Option<String>,
    /// Path of the portrait, for a window.
    pub portrait: String,
}

impl From<RecordRow> for RecordLine {
    fn from(row: RecordRow) -> Self {
        let (number, generation) = (row.entry.student_number.as_str(), row.generation.0);
        let portrait = format!("record/{number}/{generation}");
        Self {
            student_number: row.entry.student_number.as_str().to_owned(),
            name: row.entry.name.as_str().to_owned(),
            class: row.entry.class,
            generation: row.generation.0,
            status: row.status.code(),
            deliverable: row.hold.is_none(),
            held_back: row.hold.map(store::Hold::code),
            sitting: row.sitting.0,
            basis: row.basis,
            attendance: row.attendance,
            portrait_sha256: row.portrait.to_string(),
            normalised_sha256: row.normalised.map(|copy| copy.to_string()),
            camera: row.camera,
            controls: row.controls,
            filed_wall_ms: row.filed_wall_ms,
            flag_reason: row.flag.as_ref().map(|flag| flag.reason.clone()),
            flagged_by: row.flag.map(|flag| flag.by),
            portrait,
        }
    }
}

/// Which file of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// The portrait.
    Portrait,
    /// Its copy with an even background.
    Normalised,
}

/// A portrait that was written to a file.
#[derive(Serialize)]
pub struct Exported {
    /// 学号.
    pub student_number: String,
    /// The file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: usize,
    /// SHA-256 of it, hex.
    pub sha256: String,
    /// SHA-256 of the record's portrait, hex; another one where a copy was written.
    pub portrait_sha256: String,
    /// Its generation.
    pub generation: u32,
    /// Why it is not delivered, if it is not: a portrait that leaves the job this way may
    /// have been found wrong.
    pub held_back: Option<&'static str>,
}

/// A record that was flagged.
#[derive(Serialize)]
pub struct Flagged {
    /// 学号.
    pub student_number: String,
    /// The generation that was found wrong.
    pub generation: u32,
    /// Reason code.
    pub reason: &'static str,
}

impl Desk {
    /// Every record, every generation, in roster order.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn records(&self) -> Result<Vec<RecordLine>, StationError> {
        let rows = self.job.records(&RecordFilter::default())?;
        Ok(rows.into_iter().map(RecordLine::from).collect())
    }

    /// Writes a portrait, or its copy with an even background, to a new file, after comparing it with its
    /// digest.
    ///
    /// # Errors
    /// A refusal when there is no such student, record or copy, or the file exists.
    pub fn export(
        &self,
        student_number: &str,
        generation: Option<u32>,
        which: Which,
        out: &Path,
    ) -> Result<Exported, StationError> {
        let number = parse_student_number(student_number)?;
        let wanted = generation.map(Generation);
        let jpeg = match which {
            Which::Portrait => self.job.record_portrait(&number, wanted)?,
            Which::Normalised => self.job.record_normalised(&number, wanted)?,
        };
        let filter = RecordFilter {
            student_number: Some(number.clone()),
            ..RecordFilter::default()
        };
        let rows = self.job.records(&filter)?;
        let wanted = |row: &&RecordRow| generation.is_none_or(|wanted| row.generation.0 == wanted);
        let row = rows.iter().rfind(wanted);
        let row = row.ok_or(StationError::Refused("record-unknown"))?;
        write_new(out, &jpeg)?;
        Ok(Exported {
            student_number: number.as_str().to_owned(),
            file: out.to_owned(),
            bytes: jpeg.len(),
            sha256: booth::sha256(&jpeg).to_string(),
            portrait_sha256: row.portrait.to_string(),
            generation: row.generation.0,
            held_back: row.hold.map(store::Hold::code),
        })
    }

    /// Marks the portrait that stands as wrong: admits one new sitting.
    ///
    /// # Errors
    /// A refusal when nothing is on file, it is flagged already, or the reason is unknown.
    pub fn flag(
        &mut self,
        student_number: &str,
        reason: &str,
        by: &str,
    ) -> Result<Flagged, StationError> {
        let number = parse_student_number(student_number)?;
        let reason = parse_reason(reason)?;
        let by = crate::who(by)?;
        let flagged = self.job.flag(&number, reason, by);
        let generation = flagged.map_err(flag_refused)?;
        Ok(Flagged {
            student_number: number.as_str().to_owned(),
            generation: generation.0,
            reason: reason.code(),
        })
    }
}

/// The two ways in which nothing is there to be flagged, by their own names.
fn flag_refused(error: StoreError) -> StationError {
    if matches!(&error, StoreError::Refused { rule, .. } if rule.contains("flagged-already")) {
        StationError::Refused("already-flagged")
    } else if matches!(&error, StoreError::Unknown("record")) {
        StationError::Refused("nothing-filed")
    } else {
        error.into()
    }
}
