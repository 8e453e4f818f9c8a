//! Records: what is on file, what may be delivered, what was found wrong.

use crate::error::StoreError;
use crate::job::Job;
use crate::roster::{read_entry, standing};
use crate::seal::{Vouched, normalised_message};
use booth::{Digest, Entry, FlagReason, Generation, SittingId, Standing, StudentNumber, sha256};
use rusqlite::{OptionalExtension, Row, params};
use std::fmt;

/// Where a record stands among the generations of its entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordStatus {
    /// The portrait that stands.
    Filed,
    /// Found wrong; a new sitting is admitted.
    Flagged,
    /// A later generation stands.
    Superseded,
}

impl RecordStatus {
    /// Stable word for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Flagged => "flagged",
            Self::Superseded => "superseded",
        }
    }
}

/// Why a record is held back from delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
    /// Flagged and not shot again yet.
    Flagged,
    /// Another generation stands.
    Superseded,
    /// Photographed under a document that the roster does not tell yet.
    Referred,
    /// The roster's number is no longer the one of the document.
    NumberChanged,
    /// The roster's name is no longer the one that was confirmed.
    NameChanged,
}

impl Hold {
    /// Stable word for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Flagged => "flagged",
            Self::Superseded => "superseded",
            Self::Referred => "referred",
            Self::NumberChanged => "number-changed",
            Self::NameChanged => "name-changed",
        }
    }
}

/// Who flagged a portrait and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlagMark {
    /// Code of the reason, see [`FlagReason`].
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When, milliseconds since the Unix epoch by the wall clock.
    pub wall_ms: i64,
}

/// One record: an accepted portrait of one generation.
#[derive(Clone)]
pub struct RecordRow {
    /// The entry in its current version.
    pub entry: Entry,
    /// Which portrait of the entry this is.
    pub generation: Generation,
    /// The sitting it comes from.
    pub sitting: SittingId,
    /// Filed, flagged or superseded.
    pub status: RecordStatus,
    /// Why it may not be delivered; `None` when it may.
    pub hold: Option<Hold>,
    /// SHA-256 of the portrait's JPEG file.
    pub portrait: Digest,
    /// SHA-256 of its copy with an even background, where one was made.
    pub normalised: Option<Digest>,
    /// SHA-256 of the camera's frame.
    pub frame: Digest,
    /// Which camera took it: serial number, or what stands for one.
    pub camera: String,
    /// What the camera was set to; `None` where its source has no controls.
    pub controls: Option<String>,
    /// Keyed digest of the number of the document that was read.
    pub identity: Digest,
    /// `matched` or `referred`.
    pub basis: String,
    /// How the name agreed, or why it was referred.
    pub detail: String,
    /// Who answers for a referred sitting; empty otherwise.
    pub referred_by: String,
    /// Who accepted.
    pub operator: String,
    /// `attended` or `unattended`.
    pub attendance: String,
    /// When it was filed, milliseconds since the Unix epoch by the wall clock.
    pub filed_wall_ms: i64,
    /// The flag, where there is one.
    pub flag: Option<FlagMark>,
    /// The station's signature over the acceptance.
    pub signature: [u8; 64],
}

impl fmt::Debug for RecordRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordRow")
    }
}

/// Which records are asked for.
#[derive(Clone, Default)]
pub struct RecordFilter {
    /// One class only.
    pub class: Option<String>,
    /// One student only.
    pub student_number: Option<StudentNumber>,
    /// Without the superseded ones.
    pub current_only: bool,
}

impl fmt::Debug for RecordFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordFilter")
    }
}

/// One line of the chain. Digests only: what it is about stands in its table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalRow {
    /// 1, 2, 3, ...
    pub seq: i64,
    /// When, milliseconds since the Unix epoch by the wall clock.
    pub wall_ms: i64,
    /// The table.
    pub kind: String,
    /// The row.
    pub row: String,
    /// Digest of the row.
    pub digest: Digest,
    /// Hash of this line, which the next one holds.
    pub hash: Digest,
}

const RECORDS: &str = "
  SELECT e.entry_id, v.version, e.student_number, v.name, v.number, v.sex, v.college, v.major, v.class,
    a.gen, p.sitting_id, p.sha256, p.frame_sha256, a.id_digest, r.basis, r.detail, r.referred_by,
    a.operator, a.attendance, a.wall_ms, a.signature, f.reason, f.flagged_by, f.wall_ms,
    EXISTS (SELECT 1 FROM acceptance n WHERE n.entry_id = a.entry_id AND n.gen > a.gen),
    v.id_digest, v.name_digest, d.name_digest, s.name_digest, c.identity, x.controls, y.sha256
  FROM acceptance a
  JOIN photo p ON p.photo_id = a.photo_id
  JOIN verification r ON r.verification_id = p.verification_id
  JOIN evidence d ON d.evidence_id = r.evidence_id
  JOIN entry e ON e.entry_id = a.entry_id
  JOIN entry_version s ON s.entry_id = a.entry_id AND s.version = r.entry_version
  JOIN entry_version v ON v.entry_id = a.entry_id AND v.version =
    (SELECT max(version) FROM entry_version w WHERE w.entry_id = a.entry_id)
  JOIN sitting_device c ON c.sitting_id = p.sitting_id AND c.role = 'camera'
  LEFT JOIN photo_controls x ON x.photo_id = p.photo_id
  LEFT JOIN photo_normalised y ON y.photo_id = p.photo_id
  LEFT JOIN flag f ON f.entry_id = a.entry_id AND f.gen = a.gen
  WHERE (?1 IS NULL OR v.class = ?1) AND (?2 IS NULL OR e.student_number = ?2)
  ORDER BY v.position, a.entry_id, a.gen";

impl Job {
    /// The records in roster order, earlier generations first.
    ///
    /// # Errors
    /// A fault of the disk, or [`StoreError::Damaged`] when a row no longer parses.
    pub fn records(&self, filter: &RecordFilter) -> Result<Vec<RecordRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(RECORDS)?;
        let student = filter.student_number.as_ref().map(StudentNumber::as_str);
        let mut rows = statement.query(params![filter.class, student])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            let record = read_record(row)?;
            if !filter.current_only || record.status != RecordStatus::Superseded {
                records.push(record);
            }
        }
        Ok(records)
    }

    /// The JPEG file of a record: of `generation`, or of the newest one.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is none, [`StoreError::Damaged`] when the
    /// bytes are not what was filed.
    pub fn record_portrait(
        &self,
        student_number: &StudentNumber,
        generation: Option<Generation>,
    ) -> Result<Vec<u8>, StoreError> {
        self.picture("portrait", "sha256", student_number, generation)
    }

    /// The copy of a record's portrait with an even background, see [`Job::record_portrait`].
    ///
    /// # Errors
    /// As [`Job::record_portrait`]; [`StoreError::NoCopy`] when the record has none, and [`StoreError::Damaged`]
    /// when it is not the one that was made from this portrait.
    pub fn record_normalised(
        &self,
        student_number: &StudentNumber,
        generation: Option<Generation>,
    ) -> Result<Vec<u8>, StoreError> {
        let (_, copy) = self.record_files(student_number, generation)?;
        copy.ok_or(StoreError::NoCopy)
    }

    /// Portrait and copy of a record together, the copy where there is one.
    ///
    /// # Errors
    /// As [`Job::record_normalised`], but for the missing copy.
    pub fn record_files(
        &self,
        student_number: &StudentNumber,
        generation: Option<Generation>,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), StoreError> {
        let portrait = self.record_portrait(student_number, generation)?;
        let sql =
            "SELECT n.photo_id, n.portrait_sha256, n.sha256, n.picture, n.signature FROM entry e
                   JOIN acceptance a ON a.entry_id = e.entry_id
                   LEFT JOIN photo_normalised n ON n.photo_id = a.photo_id
                   WHERE e.student_number = ?1 AND (?2 IS NULL OR a.gen = ?2)
                   ORDER BY a.gen DESC LIMIT 1";
        let wanted = generation.map(|generation| generation.0);
        let found =
            self.connection
                .query_row(sql, params![student_number.as_str(), wanted], |row| {
                    let Some(id) = row.get::<_, Option<i64>>(0)? else {
                        return Ok(None);
                    };
                    let (of, digest): ([u8; 32], [u8; 32]) = (row.get(1)?, row.get(2)?);
                    let (picture, signature): (Vec<u8>, Vec<u8>) = (row.get(3)?, row.get(4)?);
                    let message = normalised_message(&self.id.0, &of, &digest);
                    let holds = of == *sha256(&portrait).as_bytes()
                        && digest == *sha256(&picture).as_bytes()
                        && self.station_key().verifies(&message, &signature);
                    Ok(Some((id, holds.then_some(picture))))
                })?;
        match found {
            None => Ok((portrait, None)),
            Some((_, Some(picture))) => Ok((portrait, Some(picture))),
            Some((id, None)) => Err(StoreError::Damaged {
                table: "photo_normalised",
                row: id.to_string(),
            }),
        }
    }

    /// The camera's own bytes of a record, see [`Job::record_portrait`].
    ///
    /// # Errors
    /// As [`Job::record_portrait`].
    pub fn record_original(
        &self,
        student_number: &StudentNumber,
        generation: Option<Generation>,
    ) -> Result<Vec<u8>, StoreError> {
        self.picture("original", "frame_sha256", student_number, generation)
    }

    /// 标记: says that the portrait that stands is wrong. One new sitting of this
    /// entry is admitted; the portrait stays on file.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when nothing is on file, [`StoreError::Refused`] with
    /// `flagged-already`.
    pub fn flag(
        &mut self,
        student_number: &StudentNumber,
        reason: FlagReason,
        by: &str,
    ) -> Result<Generation, StoreError> {
        let entry = self.entry_id(student_number)?;
        let generations = self.connection.query_row(
            "SELECT (SELECT max(gen) FROM acceptance WHERE entry_id = ?1),
                    (SELECT max(gen) FROM flag WHERE entry_id = ?1)",
            [entry.0],
            |row| Ok(standing(row.get(0)?, row.get(1)?)),
        )?;
        let generation = match generations {
            Standing::Open => return Err(StoreError::Unknown("record")),
            Standing::Filed(generation) | Standing::Flagged(generation) => generation,
        };
        self.connection.execute(
            "INSERT INTO flag VALUES (?1, ?2, ?3, ?4, ?5)",
            params![entry.0, generation.0, reason.code(), by, clock::wall_ms()],
        )?;
        Ok(generation)
    }

    /// The journal after line `after`, in order.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn journal(&self, after: i64) -> Result<Vec<JournalRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, wall_ms, kind, row_id, row_digest, hash FROM journal
             WHERE seq > ?1 ORDER BY seq",
        )?;
        let rows = statement.query_map([after], |row| {
            Ok(JournalRow {
                seq: row.get(0)?,
                wall_ms: row.get(1)?,
                kind: row.get(2)?,
                row: row.get(3)?,
                digest: Digest::from_bytes(row.get(4)?),
                hash: Digest::from_bytes(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn picture(
        &self,
        bytes: &str,
        digest: &str,
        student_number: &StudentNumber,
        generation: Option<Generation>,
    ) -> Result<Vec<u8>, StoreError> {
        let sql = format!(
            "SELECT p.photo_id, p.{bytes}, p.{digest}, p.sitting_id, a.entry_id, a.gen, a.id_digest,
               p.sha256, p.frame_sha256, a.signature FROM entry e
             JOIN acceptance a ON a.entry_id = e.entry_id
             JOIN photo p ON p.photo_id = a.photo_id AND p.entry_id = a.entry_id
             WHERE e.student_number = ?1 AND (?2 IS NULL OR a.gen = ?2)
             ORDER BY a.gen DESC LIMIT 1"
        );
        let wanted = generation.map(|generation| generation.0);
        let key = self.digest_key();
        let found = self
            .connection
            .query_row(&sql, params![student_number.as_str(), wanted], |row| {
                let (id, portrait, frame): ([u8; 32], [u8; 32], [u8; 32]) =
                    (row.get(6)?, row.get(7)?, row.get(8)?);
                let vouched = Vouched {
                    job: &self.id.0,
                    sitting: row.get(3)?,
                    entry: row.get(4)?,
                    student_number: student_number.as_str(),
                    generation: row.get(5)?,
                    id_digest: &id,
                    portrait: &portrait,
                    frame: &frame,
                };
                let signature: Vec<u8> = row.get(9)?;
                // The digest beside the bytes can be changed together with them; what the
                // station signed when the portrait was accepted cannot.
                let is_signed = self
                    .station_key()
                    .verifies(&vouched.message(&key), &signature);
                let picture: (i64, Vec<u8>, [u8; 32]) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((picture, is_signed))
            })
            .optional()?;
        let ((photo, bytes, digest), is_signed) = found.ok_or(StoreError::Unknown("record"))?;
        if *sha256(&bytes).as_bytes() != digest || !is_signed {
            return Err(StoreError::Damaged {
                table: "photo",
                row: photo.to_string(),
            });
        }
        Ok(bytes)
    }
}

fn read_record(row: &Row<'_>) -> Result<RecordRow, StoreError> {
    let digest = |at: usize| row.get(at).map(Digest::from_bytes);
    let reason: Option<String> = row.get(21)?;
    let flag = reason
        .map(|reason| {
            Ok::<_, rusqlite::Error>(FlagMark {
                reason,
                by: row.get(22)?,
                wall_ms: row.get(23)?,
            })
        })
        .transpose()?;
    let status = match (row.get(24)?, &flag) {
        (true, _) => RecordStatus::Superseded,
        (false, Some(_)) => RecordStatus::Flagged,
        (false, None) => RecordStatus::Filed,
    };
    let basis: String = row.get(14)?;
    let told = Told {
        number: digest(25)?,
        name: digest(26)?,
        document_number: digest(13)?,
        document_name: digest(27)?,
        verified_name: digest(28)?,
    };
    Ok(RecordRow {
        entry: read_entry(row, 0)?,
        generation: Generation(row.get(9)?),
        sitting: SittingId(row.get(10)?),
        status,
        hold: hold(status, &basis, &told),
        portrait: digest(11)?,
        normalised: row.get::<_, Option<[u8; 32]>>(31)?.map(Digest::from_bytes),
        frame: digest(12)?,
        camera: row.get(29)?,
        controls: row.get(30)?,
        identity: told.document_number,
        basis,
        detail: row.get(15)?,
        referred_by: row.get(16)?,
        operator: row.get(17)?,
        attendance: row.get(18)?,
        filed_wall_ms: row.get(19)?,
        flag,
        signature: row.get(20)?,
    })
}

/// What roster and document say, as keyed digests.
struct Told {
    /// The roster's number now.
    number: Digest,
    /// The roster's name now.
    name: Digest,
    /// The document's number.
    document_number: Digest,
    /// The document's name.
    document_name: Digest,
    /// The roster's name when the document was verified.
    verified_name: Digest,
}

/// Why a record may not be delivered. The roster may have been corrected since: a
/// referred record is released by it, a matched one may be held by it.
fn hold(status: RecordStatus, basis: &str, told: &Told) -> Option<Hold> {
    match status {
        RecordStatus::Flagged => return Some(Hold::Flagged),
        RecordStatus::Superseded => return Some(Hold::Superseded),
        RecordStatus::Filed => {}
    }
    let number = told.number == told.document_number;
    let as_document = told.name == told.document_name;
    if basis != "matched" {
        return (!number || !as_document).then_some(Hold::Referred);
    }
    if !number {
        return Some(Hold::NumberChanged);
    }
    // A name that was cut on the card was confirmed by a person: as long as the
    // roster tells it as it did then, that look still counts.
    let as_verified = told.name == told.verified_name;
    (!as_document && !as_verified).then_some(Hold::NameChanged)
}
