//! Connections that go past the crate, and rows as SQL text.

use booth::DigestKey;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Batch, Connection, Error};
use std::path::Path;
use store::{StationKey, probe};

/// A connection without any of the store's functions.
pub(crate) fn open(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

/// A connection of somebody who has read this crate and holds the station's key.
pub(crate) fn armed(path: &Path, key: &StationKey) -> Connection {
    let raw = open(path);
    probe::arm(&raw, key, digest_key(&raw)).unwrap();
    can_vouch(&raw, key);
    raw
}

fn digest_key(connection: &Connection) -> [u8; 32] {
    let sql = "SELECT digest_key FROM job";
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Switches off whatever a pragma can switch off.
pub(crate) fn loosen(raw: &Connection) {
    for (pragma, value) in [
        ("foreign_keys", false),
        ("ignore_check_constraints", true),
        ("recursive_triggers", false),
    ] {
        raw.pragma_update(None, pragma, value).unwrap();
    }
}

/// Gives a connection `test_vouch`, which signs an acceptance. The message is put
/// together here a second time: what a signature covers is a promise to whoever
/// checks a delivery, and must not change by accident.
pub(crate) fn can_vouch(connection: &Connection, key: &StationKey) {
    let digest_key = digest_key(connection);
    let signer = key.clone();
    connection
        .create_scalar_function(
            "test_vouch_copy",
            3,
            FunctionFlags::SQLITE_UTF8,
            move |call| {
                let mut message = b"likeness-normalised-v1".to_vec();
                for at in 0..3 {
                    let bytes: Vec<u8> = call.get(at)?;
                    message.extend((bytes.len() as u64).to_be_bytes());
                    message.extend(bytes);
                }
                Ok(signer.sign(&message).to_vec())
            },
        )
        .unwrap();
    let (key, flags) = (key.clone(), FunctionFlags::SQLITE_UTF8);
    connection
        .create_scalar_function("test_vouch", 8, flags, move |call| {
            let student: String = call.get(3)?;
            let student =
                DigestKey::from_bytes(digest_key).digest(&[b"student-number", student.as_bytes()]);
            let mut message = b"likeness-acceptance-v1".to_vec();
            let blob = |message: &mut Vec<u8>, at: usize| {
                let bytes: Vec<u8> = call.get(at)?;
                message.extend((bytes.len() as u64).to_be_bytes());
                message.extend(bytes);
                Ok::<_, Error>(())
            };
            blob(&mut message, 0)?;
            message.extend(call.get::<i64>(1)?.to_be_bytes());
            message.extend(call.get::<i64>(2)?.to_be_bytes());
            message.extend(student.as_bytes());
            message.extend(call.get::<i64>(4)?.to_be_bytes());
            for at in 5..8 {
                blob(&mut message, at)?;
            }
            Ok(key.sign(&message).to_vec())
        })
        .unwrap();
}

/// What SQLite said, without the SQL it was told.
pub(crate) fn message(error: &Error) -> String {
    if let Error::SqliteFailure(_, Some(text)) | Error::SqlInputError { msg: text, .. } = error {
        text.clone()
    } else {
        error.to_string()
    }
}

/// Runs statements, reading every row they give.
pub(crate) fn run(connection: &Connection, sql: &str) -> Result<(), String> {
    let ran = (|| {
        let mut batch = Batch::new(connection, sql);
        while let Some(mut statement) = batch.next()? {
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
        }
        Ok(())
    })();
    ran.map_err(|error: Error| message(&error))
}

/// The columns of a table that are stored and not computed, in order.
pub(crate) fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let sql = "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0";
    let mut statement = connection.prepare_cached(sql).unwrap();
    let rows = statement.query_map([table], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// A row to insert: each column with an SQL expression.
#[derive(Clone)]
pub(crate) struct Row {
    table: &'static str,
    columns: Vec<(&'static str, String)>,
}

impl Row {
    fn of(table: &'static str, columns: &[(&'static str, &str)]) -> Self {
        let columns = columns
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        Self { table, columns }
    }

    /// The same row with another value in one column.
    pub(crate) fn with(mut self, column: &str, value: &str) -> Self {
        let place = self.columns.iter_mut().find(|(name, _)| *name == column);
        value.clone_into(&mut place.unwrap().1);
        self
    }

    /// What stands in a column, as SQL.
    pub(crate) fn value(&self, column: &str) -> &str {
        let place = self.columns.iter().find(|(name, _)| *name == column);
        &place.unwrap().1
    }

    /// The row with an expression for a column it does not have, such as `rowid`.
    pub(crate) fn and(mut self, column: &'static str, value: &str) -> Self {
        self.columns.push((column, value.to_owned()));
        self
    }

    pub(crate) fn columns(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    pub(crate) fn sql(&self) -> String {
        self.sql_as("INSERT")
    }

    /// The insert with another verb, e.g. `INSERT OR REPLACE`.
    pub(crate) fn sql_as(&self, verb: &str) -> String {
        let values: Vec<_> = self.columns.iter().map(|(_, value)| &**value).collect();
        format!(
            "{verb} INTO {} ({}) VALUES ({});",
            self.table,
            self.columns().join(", "),
            values.join(", ")
        )
    }
}

pub(crate) fn script(rows: &[Row]) -> String {
    rows.iter().map(Row::sql).collect::<Vec<_>>().join("\n")
}

/// The sitting that was opened last.
pub(crate) const SITTING: &str = "(SELECT max(sitting_id) FROM sitting)";
const BOOT: &str = "(SELECT boot FROM sitting ORDER BY sitting_id DESC LIMIT 1)";
const LAST_PHOTO: &str = "(SELECT max(photo_id) FROM photo)";

fn next(table: &str, column: &str) -> String {
    format!("(SELECT coalesce(max({column}), 0) + 1 FROM {table})")
}

/// A column of the row that `table` has for the last sitting.
pub(crate) fn own(table: &str, expression: &str) -> String {
    format!("(SELECT {expression} FROM {table} WHERE sitting_id = {SITTING})")
}

/// A column of the newest version of an entry.
pub(crate) fn told(entry: &str, column: &str) -> String {
    format!(
        "(SELECT {column} FROM entry_version WHERE entry_id = {entry} ORDER BY version DESC LIMIT 1)"
    )
}

pub(crate) fn sitting() -> Row {
    let columns = [
        ("sitting_id", &*next("sitting", "sitting_id")),
        ("boot", "x'03030303030303030303030303030303'"),
        ("opened_ns", "1000000000000"),
        ("opened_wall_ms", "1"),
        ("operator", "'op'"),
        ("attendance", "'attended'"),
    ];
    Row::of("sitting", &columns)
}

pub(crate) fn end(outcome: &str) -> Row {
    let columns = [
        ("sitting_id", SITTING),
        ("outcome", outcome),
        ("code", "'test'"),
        ("boot", BOOT),
        ("ended_ns", "1000000000000"),
        ("wall_ms", "1"),
    ];
    Row::of("sitting_end", &columns)
}

pub(crate) fn device(role: &str) -> Row {
    let columns = [
        ("sitting_id", SITTING),
        ("role", role),
        ("driver", "'test'"),
        ("bus", "'usb-1'"),
        ("identity", "'1'"),
        ("nature", "'physical'"),
    ];
    Row::of("sitting_device", &columns)
}

pub(crate) fn evidence(entry: &str) -> Row {
    let columns = [
        ("evidence_id", &*next("evidence", "evidence_id")),
        ("sitting_id", SITTING),
        ("kind", "'resident_card'"),
        ("assurance", "'sam_verified'"),
        ("second_operator", "''"),
        ("id_digest", &told(entry, "id_digest")),
        ("name_digest", &told(entry, "name_digest")),
        ("raw_digest", "likeness_sha256(x'00')"),
        ("insertion", "1"),
        ("boot", BOOT),
        ("read_ns", &own("sitting", "opened_ns + 1000000")),
    ];
    Row::of("evidence", &columns)
}

pub(crate) fn verification(entry: &str) -> Row {
    let columns = [
        ("verification_id", &*next("verification", "verification_id")),
        ("sitting_id", SITTING),
        ("evidence_id", &own("evidence", "evidence_id")),
        ("entry_id", entry),
        ("entry_version", &told(entry, "version")),
        ("id_digest", &own("evidence", "id_digest")),
        ("basis", "'matched'"),
        ("detail", "'equal'"),
        ("referred_by", "''"),
        ("verified_ns", &own("evidence", "read_ns + 1000000")),
    ];
    Row::of("verification", &columns)
}

pub(crate) fn ticket() -> Row {
    let bytes = format!("substr(likeness_sha256(CAST({SITTING} AS BLOB)), 1, 16)");
    let columns = [
        ("ticket", &*bytes),
        ("verification_id", &own("verification", "verification_id")),
        ("sitting_id", SITTING),
        ("entry_id", &own("verification", "entry_id")),
        ("boot", BOOT),
        ("epoch", "9"),
        ("seated_ns", &own("verification", "verified_ns + 1000000")),
        (
            "expires_ns",
            &own("verification", "verified_ns + 300001000000"),
        ),
    ];
    Row::of("ticket", &columns)
}

pub(crate) fn photo() -> Row {
    let portrait = format!("CAST('portrait ' || {SITTING} AS BLOB)");
    let original = format!("CAST('original ' || {SITTING} AS BLOB)");
    let columns = [
        ("photo_id", &*next("photo", "photo_id")),
        ("ticket", &own("ticket", "ticket")),
        ("verification_id", &own("ticket", "verification_id")),
        ("sitting_id", SITTING),
        ("entry_id", &own("ticket", "entry_id")),
        ("sha256", &format!("likeness_sha256({portrait})")),
        ("frame_sha256", &format!("likeness_sha256({original})")),
        ("frame_encoding", "'jpeg'"),
        ("frame_kind", "'live'"),
        ("frame_epoch", &own("ticket", "epoch")),
        ("frame_sequence", "1"),
        ("birth_basis", "'driver'"),
        ("boot", BOOT),
        ("birth_ns", &own("ticket", "seated_ns + 1000000")),
        ("arrived_ns", &own("ticket", "seated_ns + 2000000")),
        ("pressed_ns", &own("ticket", "seated_ns + 3000000")),
        ("quality", "90"),
        ("portrait", &portrait),
        ("original", &original),
    ];
    Row::of("photo", &columns)
}

/// What the camera was set to for the newest photo.
pub(crate) fn controls() -> Row {
    let columns = [
        ("photo_id", LAST_PHOTO),
        ("controls", "'exposure=156 gain=auto:4'"),
    ];
    Row::of("photo_controls", &columns)
}

/// The copy of the newest photo's portrait.
pub(crate) fn normalised() -> Row {
    normalised_of("CAST('copy ' || (SELECT max(photo_id) FROM photo) AS BLOB)")
}

/// A copy of these bytes, vouched for as the newest photo's.
pub(crate) fn normalised_of(picture: &str) -> Row {
    let portrait = format!("(SELECT sha256 FROM photo WHERE photo_id = {LAST_PHOTO})");
    let digest = format!("likeness_sha256({picture})");
    let signature = format!("test_vouch_copy((SELECT uuid FROM job), {portrait}, {digest})");
    let columns = [
        ("photo_id", LAST_PHOTO),
        ("portrait_sha256", &portrait),
        ("sha256", &digest),
        ("quality", "80"),
        ("signature", &signature),
        ("picture", picture),
    ];
    Row::of("photo_normalised", &columns)
}

/// The acceptance of the newest photo.
pub(crate) fn acceptance() -> Row {
    let of_photo =
        |column: &str| format!("(SELECT {column} FROM photo WHERE photo_id = {LAST_PHOTO})");
    let entry = of_photo("entry_id");
    let generation =
        format!("(SELECT coalesce(max(gen), 0) + 1 FROM acceptance WHERE entry_id = {entry})");
    let columns = [
        ("entry_id", &*entry),
        ("gen", &generation),
        ("photo_id", LAST_PHOTO),
        ("id_digest", &verified()),
        ("operator", "'op'"),
        ("attendance", "'attended'"),
        ("token", "zeroblob(32)"),
        ("accepted_ns", &of_photo("pressed_ns + 1000000")),
        ("wall_ms", "1"),
        ("signature", &vouch(&entry, &generation)),
    ];
    Row::of("acceptance", &columns)
}

fn verified() -> String {
    format!(
        "(SELECT v.id_digest FROM photo p JOIN verification v USING (verification_id)
            WHERE p.photo_id = {LAST_PHOTO})"
    )
}

/// The station's signature over the newest photo as this entry's and generation's.
pub(crate) fn vouch(entry: &str, generation: &str) -> String {
    vouch_for(entry, generation, &verified())
}

/// The same over an identity digest of one's own choice.
pub(crate) fn vouch_for(entry: &str, generation: &str, id_digest: &str) -> String {
    let of_photo =
        |column: &str| format!("(SELECT {column} FROM photo WHERE photo_id = {LAST_PHOTO})");
    format!(
        "test_vouch((SELECT uuid FROM job), {}, {entry},
           (SELECT student_number FROM entry WHERE entry_id = {entry}), {generation}, {id_digest}, {}, {})",
        of_photo("sitting_id"),
        of_photo("sha256"),
        of_photo("frame_sha256"),
    )
}

pub(crate) fn flag(entry: &str, generation: &str) -> Row {
    let columns = [
        ("entry_id", entry),
        ("gen", generation),
        ("reason", "'eyes-closed'"),
        ("flagged_by", "'li'"),
        ("wall_ms", "1"),
    ];
    Row::of("flag", &columns)
}

pub(crate) fn import() -> Row {
    let columns = [
        ("import_id", &*next("roster_import", "import_id")),
        ("file_digest", "likeness_sha256(x'01')"),
        ("entry_count", "1"),
        ("operator", "'op'"),
        ("wall_ms", "1"),
    ];
    Row::of("roster_import", &columns)
}

pub(crate) fn entry() -> Row {
    let id = next("entry", "entry_id");
    let columns = [
        ("entry_id", &*id),
        ("student_number", &format!("CAST(900000 + {id} AS TEXT)")),
        ("salt", "zeroblob(16)"),
    ];
    Row::of("entry", &columns)
}

/// One more version of an entry, under this document number.
pub(crate) fn version(entry: &str, number: &str) -> Row {
    let columns = [
        ("entry_id", entry),
        (
            "version",
            &*format!(
                "(SELECT coalesce(max(version), 0) + 1 FROM entry_version WHERE entry_id = {entry})"
            ),
        ),
        ("import_id", "(SELECT max(import_id) FROM roster_import)"),
        ("name", "'安娜'"),
        ("number", number),
        ("id_digest", &format!("likeness_identity_digest({number})")),
        ("name_digest", "likeness_name_digest('安娜')"),
        ("sex", "0"),
        ("college", "''"),
        ("major", "''"),
        ("class", "''"),
        ("position", "1"),
        ("salt", "zeroblob(16)"),
    ];
    Row::of("entry_version", &columns)
}

pub(crate) fn admission(entry: &str) -> Row {
    let version = format!(
        "(SELECT coalesce(max(version), 0) + 1 FROM admission_photo WHERE entry_id = {entry})"
    );
    let columns = [
        ("entry_id", entry),
        ("version", &*version),
        ("sha256", "likeness_sha256(x'0506')"),
        ("wall_ms", "1"),
        ("picture", "x'0506'"),
    ];
    Row::of("admission_photo", &columns)
}

pub(crate) fn stage() -> Row {
    let columns = [
        ("change_id", &*next("stage_change", "change_id")),
        ("sitting_id", "0"),
        ("from_stage", "'leaving'"),
        ("to_stage", "'vacant'"),
        ("why", "'left'"),
        ("boot", "zeroblob(16)"),
        ("at_ns", "1"),
        ("wall_ms", "1"),
    ];
    Row::of("stage_change", &columns)
}

pub(crate) fn camera_clock() -> Row {
    let columns = [
        ("clock_id", &*next("camera_clock", "clock_id")),
        ("camera_serial", "'A1'"),
        ("wall_offset_ms", "1500"),
        ("boot", "zeroblob(16)"),
        ("monotonic_offset_ms", "1500"),
        ("coarse_ms", "10"),
        ("zone", "'480'"),
        ("wall_ms", "1"),
    ];
    Row::of("camera_clock", &columns)
}

/// Where the next line of the journal goes, and what it follows from.
pub(crate) const NEXT_LINE: &str = "(SELECT max(seq) + 1 FROM journal)";
pub(crate) const LAST_HASH: &str = "(SELECT hash FROM journal ORDER BY seq DESC LIMIT 1)";

/// A line of the journal about a row (kind and id), hashed and sealed by hand.
pub(crate) fn line(seq: &str, about: &str, prev: &str) -> Row {
    let (kind, row) = about.split_once(", ").unwrap();
    let said = format!("{seq}, 1, {about}, zeroblob(32), {prev}");
    let columns = [
        ("seq", seq),
        ("wall_ms", "1"),
        ("kind", kind),
        ("row_id", row),
        ("row_digest", "zeroblob(32)"),
        ("prev", prev),
        ("hash", &*format!("likeness_journal_hash({said})")),
        ("signature", &format!("likeness_seal({said})")),
    ];
    Row::of("journal", &columns)
}

/// Ends the sitting that is open and opens the next one, with its devices.
pub(crate) fn fresh() -> Vec<Row> {
    vec![
        end("'void'"),
        sitting(),
        device("'reader'"),
        device("'camera'"),
    ]
}

/// A whole seat of one entry in a fresh sitting.
pub(crate) fn seat(who: &str) -> Vec<Row> {
    let mut rows = fresh();
    rows.extend([evidence(who), verification(who), ticket()]);
    rows
}
