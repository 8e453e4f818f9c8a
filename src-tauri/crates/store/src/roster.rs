//! Who is expected: versions of the roster, side by side, nothing overwritten.

use crate::error::StoreError;
use crate::job::Job;
use crate::key::random;
use booth::{
    Digest, DocumentNumber, Entry, EntryId, Generation, PersonName, Roster, Sex, Standing,
    StudentNumber, identity_digest, name_digest, sha256,
};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// One row of a roster file, parsed.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// 学号.
    pub student_number: StudentNumber,
    /// 姓名.
    pub name: PersonName,
    /// 身份证号 or another document's number.
    pub number: DocumentNumber,
    /// 性别, where the roster tells it.
    pub sex: Option<Sex>,
    /// 学院.
    pub college: String,
    /// 专业.
    pub major: String,
    /// 班级.
    pub class: String,
}

impl fmt::Debug for NewEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewEntry")
    }
}

/// What an import did, or would do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// New entries.
    pub added: Vec<StudentNumber>,
    /// Entries that the file tells otherwise.
    pub changed: Vec<ChangedEntry>,
    /// How many entries the file tells as they were.
    pub unchanged: usize,
    /// Entries that the file does not tell. They stay.
    pub absent: Vec<StudentNumber>,
}

/// An entry of which the roster tells something else than before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedEntry {
    /// Which.
    pub student_number: StudentNumber,
    /// The columns that differ: `name`, `number`, `sex`, `college`, `major`, `class`.
    pub columns: Vec<&'static str>,
}

/// An entry with what a list of people shows beside it.
#[derive(Clone)]
pub struct EntryRow {
    /// The entry in its current version.
    pub entry: Entry,
    /// What is on file.
    pub standing: Standing,
    /// Place in the roster file, from 1.
    pub position: i64,
    /// Whether the school gave an admission photo.
    pub admission_photo: bool,
}

impl fmt::Debug for EntryRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryRow")
    }
}

impl Job {
    /// Takes a roster in, in one transaction; with `dry_run` only says what would
    /// change. A changed row becomes a new version of its entry. Entries that are
    /// missing from the file are kept and reported. A row that only moved within
    /// the file is unchanged and keeps its place.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with `student-number-twice` when the file tells one
    /// student number twice, or a fault of the disk; nothing is imported then.
    pub fn import_roster(
        &mut self,
        rows: &[NewEntry],
        file_digest: Digest,
        operator: &str,
        dry_run: bool,
    ) -> Result<ImportReport, StoreError> {
        let known: HashMap<StudentNumber, Entry> = self
            .entries(None)?
            .into_iter()
            .map(|row| (row.entry.student_number.clone(), row.entry))
            .collect();
        let report = compare(&known, rows)?;
        if dry_run {
            return Ok(report);
        }
        let key = self.digest_key();
        let transaction = self.connection.transaction()?;
        let import: i64 = transaction.query_row(
            "SELECT coalesce(max(import_id), 0) + 1 FROM roster_import",
            [],
            |row| row.get(0),
        )?;
        transaction.execute(
            "INSERT INTO roster_import VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                import,
                file_digest.as_bytes(),
                i64::try_from(rows.len()).unwrap_or(i64::MAX),
                operator,
                clock::wall_ms()
            ],
        )?;
        for (row, position) in rows.iter().zip(1..) {
            let (entry, version) = match known.get(&row.student_number) {
                Some(entry) if differences(entry, row).is_empty() => continue,
                Some(entry) => (entry.id.0, entry.version + 1),
                None => (insert_entry(&transaction, row)?, 1),
            };
            let place = Place {
                import,
                entry,
                version,
                position,
            };
            insert_version(&transaction, row, &place, &key)?;
        }
        transaction.commit()?;
        Ok(report)
    }

    /// The roster with what is on file for each entry.
    ///
    /// # Errors
    /// A fault of the disk, or [`StoreError::Damaged`] when a row no longer parses.
    pub fn roster(&self) -> Result<Roster, StoreError> {
        let rows = self.entries(None)?;
        Ok(Roster::new(
            rows.into_iter().map(|row| (row.entry, row.standing)),
        ))
    }

    /// The entries in roster order, of one class or of all.
    ///
    /// # Errors
    /// As [`Job::roster`].
    pub fn entries(&self, class: Option<&str>) -> Result<Vec<EntryRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.entry_id, v.version, e.student_number, v.name, v.number, v.sex, v.college,
               v.major, v.class, v.position,
               (SELECT max(gen) FROM acceptance a WHERE a.entry_id = e.entry_id) AS filed,
               (SELECT max(gen) FROM flag f WHERE f.entry_id = e.entry_id) AS flagged,
               EXISTS (SELECT 1 FROM admission_photo p WHERE p.entry_id = e.entry_id)
             FROM entry e JOIN entry_version v ON v.entry_id = e.entry_id AND v.version =
               (SELECT max(version) FROM entry_version w WHERE w.entry_id = e.entry_id)
             WHERE ?1 IS NULL OR v.class = ?1
             ORDER BY v.position, e.entry_id",
        )?;
        let mut rows = statement.query([class])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(EntryRow {
                entry: read_entry(row, 0)?,
                standing: standing(row.get(10)?, row.get(11)?),
                position: row.get(9)?,
                admission_photo: row.get(12)?,
            });
        }
        Ok(entries)
    }

    /// Keeps the school's older picture of an entry; `false` when it is there already.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when no entry has this number, [`StoreError::Refused`]
    /// when the picture is larger than 8 MiB, or a fault of the disk.
    pub fn store_admission_photo(
        &mut self,
        student_number: &StudentNumber,
        picture: &[u8],
    ) -> Result<bool, StoreError> {
        let entry = self.entry_id(student_number)?;
        let digest = sha256(picture);
        let last: Option<(i64, [u8; 32])> = self
            .connection
            .query_row(
                "SELECT version, sha256 FROM admission_photo WHERE entry_id = ?1
                 ORDER BY version DESC LIMIT 1",
                [entry.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        if last.is_some_and(|(_, there)| there == *digest.as_bytes()) {
            return Ok(false);
        }
        let version = last.map_or(1, |(version, _)| version + 1);
        self.connection.execute(
            "INSERT INTO admission_photo VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                entry.0,
                version,
                digest.as_bytes(),
                clock::wall_ms(),
                picture
            ],
        )?;
        Ok(true)
    }

    /// The newest admission photo of an entry, where there is one.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the bytes are not what was imported.
    pub fn admission_photo(&self, entry: EntryId) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<(i64, [u8; 32], Vec<u8>)> = self
            .connection
            .query_row(
                "SELECT version, sha256, picture FROM admission_photo WHERE entry_id = ?1
                 ORDER BY version DESC LIMIT 1",
                [entry.0],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let Some((version, digest, picture)) = found else {
            return Ok(None);
        };
        if *sha256(&picture).as_bytes() != digest {
            return Err(StoreError::Damaged {
                table: "admission_photo",
                row: format!("{}/{version}", entry.0),
            });
        }
        Ok(Some(picture))
    }

    /// The entry with this student number.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is none.
    pub fn entry_id(&self, student_number: &StudentNumber) -> Result<EntryId, StoreError> {
        self.connection
            .query_row(
                "SELECT entry_id FROM entry WHERE student_number = ?1",
                [student_number.as_str()],
                |row| row.get(0).map(EntryId),
            )
            .optional()?
            .ok_or(StoreError::Unknown("entry"))
    }
}

/// What stands, from the highest generation filed and the highest flagged.
pub(crate) fn standing(filed: Option<u32>, flagged: Option<u32>) -> Standing {
    match filed {
        None => Standing::Open,
        Some(gen_no) if flagged == Some(gen_no) => Standing::Flagged(Generation(gen_no)),
        Some(gen_no) => Standing::Filed(Generation(gen_no)),
    }
}

/// Parses an entry from nine columns that begin at `at`: `entry_id`, version,
/// student number, name, number, sex, college, major, class.
pub(crate) fn read_entry(row: &Row<'_>, at: usize) -> Result<Entry, StoreError> {
    let id: i64 = row.get(at)?;
    let damaged = || StoreError::Damaged {
        table: "entry_version",
        row: id.to_string(),
    };
    let text = |offset: usize| row.get::<_, String>(at + offset);
    Ok(Entry {
        id: EntryId(id),
        version: row.get(at + 1)?,
        student_number: StudentNumber::parse(&text(2)?).map_err(|_| damaged())?,
        name: PersonName::parse(&text(3)?).map_err(|_| damaged())?,
        number: DocumentNumber::parse(&text(4)?).map_err(|_| damaged())?,
        sex: match row.get(at + 5)? {
            1 => Some(Sex::Male),
            2 => Some(Sex::Female),
            _ => None,
        },
        college: text(6)?,
        major: text(7)?,
        class: text(8)?,
    })
}

fn compare(
    known: &HashMap<StudentNumber, Entry>,
    rows: &[NewEntry],
) -> Result<ImportReport, StoreError> {
    let mut report = ImportReport::default();
    let mut told = HashSet::new();
    for row in rows {
        if !told.insert(&row.student_number) {
            return Err(StoreError::refused("student-number-twice"));
        }
        let Some(entry) = known.get(&row.student_number) else {
            report.added.push(row.student_number.clone());
            continue;
        };
        let columns = differences(entry, row);
        if columns.is_empty() {
            report.unchanged += 1;
        } else {
            report.changed.push(ChangedEntry {
                student_number: row.student_number.clone(),
                columns,
            });
        }
    }
    report.absent = known
        .keys()
        .filter(|number| !told.contains(number))
        .cloned()
        .collect();
    report.absent.sort();
    Ok(report)
}

fn differences(entry: &Entry, row: &NewEntry) -> Vec<&'static str> {
    let compared = [
        ("name", entry.name == row.name),
        ("number", entry.number == row.number),
        ("sex", entry.sex == row.sex),
        ("college", entry.college == row.college),
        ("major", entry.major == row.major),
        ("class", entry.class == row.class),
    ];
    let differing = compared.into_iter().filter(|(_, same)| !same);
    differing.map(|(column, _)| column).collect()
}

fn insert_entry(transaction: &Transaction<'_>, row: &NewEntry) -> Result<i64, StoreError> {
    let entry: i64 = transaction
        .prepare_cached("SELECT coalesce(max(entry_id), 0) + 1 FROM entry")?
        .query_row([], |row| row.get(0))?;
    transaction
        .prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3)")?
        .execute(params![entry, row.student_number.as_str(), random::<16>()?])?;
    Ok(entry)
}

/// Where a version belongs.
struct Place {
    import: i64,
    entry: i64,
    version: u32,
    position: i64,
}

fn insert_version(
    transaction: &Transaction<'_>,
    row: &NewEntry,
    place: &Place,
    key: &booth::DigestKey,
) -> Result<(), StoreError> {
    let sex = match row.sex {
        None => 0,
        Some(Sex::Male) => 1,
        Some(Sex::Female) => 2,
    };
    transaction
        .prepare_cached(
            "INSERT INTO entry_version VALUES
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            place.entry,
            place.version,
            place.import,
            row.name.as_str(),
            row.number.as_str(),
            identity_digest(key, row.number.as_str()).as_bytes(),
            name_digest(key, &row.name).as_bytes(),
            sex,
            row.college,
            row.major,
            row.class,
            place.position,
            random::<16>()?,
        ])?;
    Ok(())
}
