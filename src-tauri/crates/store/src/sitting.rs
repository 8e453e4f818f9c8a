//! One subject's turn on disk: opened, seated, filed or ended.

use crate::error::StoreError;
use crate::job::Job;
use crate::key::random;
use crate::seal::{Vouched, normalised_message};
use booth::{
    Attendance, BootId, Device, Digest, Encoding, EntryId, Filing, Generation, Outcome, Seating,
    SittingId, SourceKind, StageChange, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::time::Duration;

/// How long after the seat a portrait may be taken.
const TICKET_LIFE: Duration = Duration::from_secs(300);

/// Stands in a measurement's place for the body of a camera whose clock jumped.
const JUMPED: &str = "(jumped)";

/// What [`Job::file`] made durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FiledRecord {
    /// The entry.
    pub entry: EntryId,
    /// The generation that stands now.
    pub generation: Generation,
    /// The sitting, which is ended by the record.
    pub sitting: SittingId,
    /// SHA-256 of the portrait's JPEG file.
    pub portrait: Digest,
}

/// A device of a sitting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SittingDevice {
    /// The sitting.
    pub sitting: SittingId,
    /// `reader` or `camera`.
    pub role: String,
    /// Driver, e.g. `pcsc`.
    pub driver: String,
    /// Bus path, may be empty.
    pub bus: String,
    /// Lasting identity.
    pub identity: String,
    /// `physical`, `virtual` or `simulated`.
    pub nature: String,
}

/// How a folder camera's clock stood to the station's when it was measured. What the
/// fields mean is told by the crate that measures, `camera::clockcode`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CameraClock {
    /// The camera's EXIF serial number, or make and model.
    pub body: String,
    /// Camera's dial less the station's wall time, milliseconds.
    pub wall_offset_ms: i64,
    /// The station's boot during the measurement.
    pub boot: BootId,
    /// Camera's dial less the station's monotonic time of that boot, milliseconds.
    pub monotonic_offset_ms: i64,
    /// Resolution of the camera's clock, milliseconds.
    pub coarse_ms: u32,
    /// Zone the camera said it was in, minutes east of UTC.
    pub zone_min: Option<i16>,
}

impl Job {
    /// The id that the next sitting must have.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn next_sitting(&self) -> Result<SittingId, StoreError> {
        Ok(SittingId(next_id(
            &self.connection,
            "sitting",
            "sitting_id",
        )?))
    }

    /// A sitting that was opened and not ended: the process stopped in its middle.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn unfinished_sitting(&self) -> Result<Option<SittingId>, StoreError> {
        let sql = "SELECT max(sitting_id) FROM sitting
                   WHERE sitting_id NOT IN (SELECT sitting_id FROM sitting_end)";
        let found: Option<i64> = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(found.map(SittingId))
    }

    /// Whether the journal shows that the last document left: the booth never moved, or
    /// the last line about it is a move to *vacant*. A sitting that was opened after that
    /// line had a document, however far it came.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn last_document_left(&self) -> Result<bool, StoreError> {
        let last_line = "SELECT coalesce(max(seq), 0) FROM journal WHERE kind = ?1";
        let line_of = |kind: &str| -> Result<i64, StoreError> {
            Ok(self
                .connection
                .query_row(last_line, [kind], |row| row.get(0))?)
        };
        let last: Option<String> = self
            .connection
            .query_row(
                "SELECT to_stage FROM stage_change ORDER BY change_id DESC LIMIT 1",
                [],
                |row| row.get(0),
            )
            .optional()?;
        let vacant = last.is_none_or(|stage| stage == booth::StageName::Vacant.code());
        Ok(vacant && line_of("stage_change")? >= line_of("sitting")?)
    }

    /// Opens a sitting.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when another is open or the id is not the next one.
    pub fn open_sitting(
        &mut self,
        sitting: SittingId,
        operator: &str,
        attendance: Attendance,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO sitting VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                sitting.0,
                at.boot().0,
                nanos(at)?,
                clock::wall_ms(),
                operator,
                attendance.code()
            ])?;
        Ok(())
    }

    /// Writes who sits and by what right: devices, evidence, verification and the
    /// one-use ticket, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Refused`] names the rule that does not hold; nothing is written.
    pub fn seat(&mut self, seating: &Seating) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        insert_device(&transaction, seating.sitting(), "reader", seating.reader())?;
        insert_device(&transaction, seating.sitting(), "camera", seating.camera())?;
        let evidence = insert_evidence(&transaction, seating)?;
        let verification = insert_verification(&transaction, seating, evidence)?;
        let seated = seating.seated_at();
        transaction
            .prepare_cached("INSERT INTO ticket VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                random::<16>()?,
                verification,
                seating.sitting().0,
                seating.entry().id.0,
                seated.boot().0,
                integer(seating.epoch().0)?,
                nanos(seated)?,
                nanos(seated.plus(TICKET_LIFE))?,
            ])?;
        transaction.commit()?;
        Ok(())
    }

    /// 归档: writes portrait and its copy, original, what the camera was set to, acceptance and the end of the sitting in one
    /// transaction that is on disk when this returns. The database judges the
    /// frame's freshness again from the same values.
    ///
    /// # Errors
    /// [`StoreError::Refused`] names the rule that does not hold; a fault of the
    /// disk otherwise. Nothing is written in either case.
    pub fn file(&mut self, filing: &Filing, operator: &str) -> Result<FiledRecord, StoreError> {
        let photo = next_id(&self.connection, "photo", "photo_id")?;
        let signature = self.key.sign(&self.vouched(filing));
        let transaction = self.connection.transaction()?;
        insert_photo(&transaction, filing, photo)?;
        if let Some(controls) = filing.controls() {
            transaction
                .prepare_cached("INSERT INTO photo_controls VALUES (?1, ?2)")?
                .execute(params![photo, controls.as_str()])?;
        }
        if let Some(copy) = filing.portrait().normalised() {
            // What it says of itself; the rule of the table compares that with the portrait filed here.
            let portrait = copy.of();
            let message =
                normalised_message(&self.id.0, portrait.as_bytes(), copy.digest().as_bytes());
            transaction
                .prepare_cached("INSERT INTO photo_normalised VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![
                    photo,
                    portrait.as_bytes(),
                    copy.digest().as_bytes(),
                    copy.quality(),
                    self.key.sign(&message),
                    copy.jpeg(),
                ])?;
        }
        transaction
            .prepare_cached(
                "INSERT INTO acceptance VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                filing.entry().id.0,
                filing.generation().0,
                photo,
                filing.identity().as_bytes(),
                operator,
                filing.attendance().code(),
                filing.token().digest().as_bytes(),
                nanos(filing.accepted_at())?,
                clock::wall_ms(),
                signature,
            ])?;
        insert_end(
            &transaction,
            filing.sitting(),
            Outcome::Filed,
            filing.accepted_at(),
        )?;
        transaction.commit()?;
        Ok(FiledRecord {
            entry: filing.entry().id,
            generation: filing.generation(),
            sitting: filing.sitting(),
            portrait: filing.portrait().digest(),
        })
    }

    /// Ends a sitting that brought no record.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not open, or `outcome` says *filed* and
    /// nothing is on file.
    pub fn end_sitting(
        &mut self,
        sitting: SittingId,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        insert_end(&self.connection, sitting, outcome, at)
    }

    /// Writes one line of the booth's own account.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn note(&mut self, change: &StageChange) -> Result<(), StoreError> {
        let id = next_id(&self.connection, "stage_change", "change_id")?;
        self.connection
            .prepare_cached("INSERT INTO stage_change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                id,
                change.sitting.map_or(0, |sitting| sitting.0),
                change.from.code(),
                change.to.code(),
                change.why,
                change.at.boot().0,
                nanos(change.at)?,
                clock::wall_ms(),
            ])?;
        Ok(())
    }

    /// Whether a frame with these bytes was filed before: a frozen camera.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn has_frame(&self, frame: Digest) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM photo WHERE frame_sha256 = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([frame.as_bytes()], |row| row.get(0))?)
    }

    /// The devices of every seated sitting, in order.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn sitting_devices(&self) -> Result<Vec<SittingDevice>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT sitting_id, role, driver, bus, identity, nature FROM sitting_device
             ORDER BY sitting_id, role",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(SittingDevice {
                sitting: SittingId(row.get(0)?),
                role: row.get(1)?,
                driver: row.get(2)?,
                bus: row.get(3)?,
                identity: row.get(4)?,
                nature: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The clock of the folder camera as last measured; `None` when it was not, or has been
    /// seen to jump since.
    ///
    /// # Errors
    /// A fault of the disk, or [`StoreError::Damaged`] when the row no longer parses.
    pub fn camera_clock(&self) -> Result<Option<CameraClock>, StoreError> {
        let sql = "SELECT camera_serial, wall_offset_ms, boot, monotonic_offset_ms, coarse_ms, zone, clock_id
                   FROM camera_clock ORDER BY clock_id DESC LIMIT 1";
        let found = self.connection.query_row(sql, [], |row| {
            let zone: String = row.get(5)?;
            let zone_min = if zone.is_empty() {
                Ok(None)
            } else {
                zone.parse().map(Some)
            };
            let clock = CameraClock {
                body: row.get(0)?,
                wall_offset_ms: row.get(1)?,
                boot: BootId(row.get(2)?),
                monotonic_offset_ms: row.get(3)?,
                coarse_ms: row.get(4)?,
                zone_min: None,
            };
            let id: i64 = row.get(6)?;
            Ok((clock, zone_min, id))
        });
        let Some((clock, zone_min, id)) = found.optional()? else {
            return Ok(None);
        };
        let zone_min = zone_min.map_err(|_| StoreError::Damaged {
            table: "camera_clock",
            row: id.to_string(),
        })?;
        let measured = CameraClock { zone_min, ..clock };
        Ok(Some(measured).filter(|clock| clock.body != JUMPED))
    }

    /// What was measured no longer holds: the camera's clock was seen to jump. So it stays,
    /// whoever opens the job, until it is measured again.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn void_camera_clock(&mut self) -> Result<(), StoreError> {
        if self.camera_clock()?.is_none() {
            return Ok(());
        }
        self.set_camera_clock(&CameraClock {
            body: JUMPED.to_owned(),
            wall_offset_ms: 0,
            boot: BootId([0; 16]),
            monotonic_offset_ms: 0,
            coarse_ms: 0,
            zone_min: None,
        })
    }

    /// Keeps a measurement; earlier ones stay and no longer count.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn set_camera_clock(&mut self, clock: &CameraClock) -> Result<(), StoreError> {
        let id = next_id(&self.connection, "camera_clock", "clock_id")?;
        let zone = clock.zone_min.map(|zone| zone.to_string());
        self.connection.execute(
            "INSERT INTO camera_clock VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                id,
                clock.body,
                clock.wall_offset_ms,
                clock.boot.0,
                clock.monotonic_offset_ms,
                clock.coarse_ms,
                zone.unwrap_or_default(),
                clock::wall_ms()
            ],
        )?;
        Ok(())
    }

    /// What the station vouches for with this filing, as the bytes to sign.
    fn vouched(&self, filing: &Filing) -> Vec<u8> {
        Vouched {
            job: &self.id.0,
            sitting: filing.sitting().0,
            entry: filing.entry().id.0,
            student_number: filing.entry().student_number.as_str(),
            generation: i64::from(filing.generation().0),
            id_digest: filing.identity().as_bytes(),
            portrait: filing.portrait().digest().as_bytes(),
            frame: filing.frame().digest().as_bytes(),
        }
        .message(&self.digest_key())
    }
}

fn insert_device(
    transaction: &Transaction<'_>,
    sitting: SittingId,
    role: &str,
    device: &Device,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO sitting_device VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            sitting.0,
            role,
            device.driver,
            device.bus,
            device.identity,
            device.nature.code()
        ])?;
    Ok(())
}

fn insert_evidence(transaction: &Transaction<'_>, seating: &Seating) -> Result<i64, StoreError> {
    let id = next_id(transaction, "evidence", "evidence_id")?;
    let read = seating.read_at();
    transaction
        .prepare_cached(
            "INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, '', ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            id,
            seating.sitting().0,
            seating.kind(),
            seating.assurance(),
            seating.identity().as_bytes(),
            seating.name().as_bytes(),
            seating.raw().as_bytes(),
            integer(seating.insertion().0)?,
            read.boot().0,
            nanos(read)?,
        ])?;
    Ok(id)
}

fn insert_verification(
    transaction: &Transaction<'_>,
    seating: &Seating,
    evidence: i64,
) -> Result<i64, StoreError> {
    if seating.verified_at().boot() != seating.seated_at().boot() {
        return Err(StoreError::refused("boots-differ"));
    }
    let id = next_id(transaction, "verification", "verification_id")?;
    transaction
        .prepare_cached(
            "INSERT INTO verification VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            id,
            seating.sitting().0,
            evidence,
            seating.entry().id.0,
            seating.entry().version,
            seating.identity().as_bytes(),
            seating.basis(),
            seating.detail(),
            seating.referred_by().unwrap_or(""),
            nanos(seating.verified_at())?,
        ])?;
    Ok(id)
}

fn insert_photo(
    transaction: &Transaction<'_>,
    filing: &Filing,
    photo: i64,
) -> Result<(), StoreError> {
    let frame = filing.frame();
    let stamp = frame.stamp();
    let birth = stamp.birth.at();
    let boots = [stamp.arrived, filing.pressed_at(), filing.accepted_at()];
    if boots.iter().any(|moment| moment.boot() != birth.boot()) {
        return Err(StoreError::refused("boots-differ"));
    }
    let kind = match stamp.kind {
        SourceKind::Live => "live",
        SourceKind::Folder => "folder",
    };
    transaction
        .prepare_cached(
            "INSERT INTO photo SELECT ?1, ticket, verification_id, sitting_id, ?2, ?3, ?4, ?5, ?6,
               ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16
             FROM (SELECT 1) LEFT JOIN ticket ON sitting_id = ?17",
        )?
        .execute(params![
            photo,
            filing.entry().id.0,
            filing.portrait().digest().as_bytes(),
            frame.digest().as_bytes(),
            encoding(frame.encoding()),
            kind,
            integer(stamp.epoch.0)?,
            integer(stamp.sequence)?,
            stamp.birth.basis(),
            birth.boot().0,
            nanos(birth)?,
            nanos(stamp.arrived)?,
            nanos(filing.pressed_at())?,
            filing.portrait().quality(),
            filing.portrait().jpeg(),
            frame.bytes(),
            filing.sitting().0,
        ])?;
    Ok(())
}

fn insert_end(
    connection: &Connection,
    sitting: SittingId,
    outcome: Outcome,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO sitting_end VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            sitting.0,
            outcome.kind(),
            outcome.code(),
            at.boot().0,
            nanos(at)?,
            clock::wall_ms()
        ])?;
    Ok(())
}

/// `jpeg`, `png`, or `yuyv:WIDTHxHEIGHT`: all that is needed to read the original.
fn encoding(encoding: Encoding) -> String {
    match encoding {
        Encoding::Jpeg => "jpeg".to_owned(),
        Encoding::Png => "png".to_owned(),
        Encoding::Yuyv { width, height } => format!("yuyv:{width}x{height}"),
    }
}

/// One more than the highest id. Table and column are names of ours.
fn next_id(connection: &Connection, table: &str, column: &str) -> Result<i64, StoreError> {
    let sql = format!("SELECT coalesce(max({column}), 0) + 1 FROM {table}");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// `SQLite` has no unsigned numbers; 2^63 nanoseconds are 292 years.
fn integer(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::refused("number-too-large"))
}

fn nanos(at: Timestamp) -> Result<i64, StoreError> {
    integer(at.nanos())
}

/// The signature an acceptance of a stored photo would need; for the hostile tests.
pub(crate) fn sign_photo(
    job: &Job,
    sitting: i64,
    generation: i64,
    photo: i64,
) -> Result<[u8; 64], StoreError> {
    let sql = "SELECT p.entry_id, e.student_number, v.id_digest, p.sha256, p.frame_sha256
               FROM photo p JOIN entry e USING (entry_id)
               JOIN verification v ON v.verification_id = p.verification_id WHERE photo_id = ?1";
    let message = job.connection.query_row(sql, [photo], |row| {
        let digest = |at: usize| row.get::<_, [u8; 32]>(at);
        Ok(Vouched {
            job: &job.id.0,
            sitting,
            entry: row.get(0)?,
            student_number: &row.get::<_, String>(1)?,
            generation,
            id_digest: &digest(2)?,
            portrait: &digest(3)?,
            frame: &digest(4)?,
        }
        .message(&job.digest_key()))
    })?;
    Ok(job.key.sign(&message))
}
