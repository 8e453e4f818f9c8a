//! A job's folder: made whole or not at all, held by one process at a time.

use crate::connection;
use crate::error::StoreError;
use crate::key::{StationKey, StationPublicKey, random};
use crate::rules::SCHEMA_VERSION;
use crate::seal;
use booth::{DigestKey, JobKind};
use rusqlite::{Connection, OptionalExtension, params};
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The file with everything in it.
pub(crate) const DATABASE: &str = "job.db";
const LOCK: &str = "job.lock";

/// A job's own random identity, 16 bytes; prints as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct JobId(pub [u8; 16]);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The photo standard a job is made for.
#[derive(Clone, Copy, Debug)]
pub struct Standard<'a> {
    /// Its name, at most 64 characters.
    pub name: &'a str,
    /// The text it is written in, at most 65 536 characters; the job keeps it.
    pub text: &'a str,
    /// What holds where that is silent, at most 65 536 characters; the job keeps it too.
    pub usual: &'a str,
}

/// The photo standard as a job keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptStandard {
    /// The text it was written in.
    pub text: String,
    /// What held where that was silent.
    pub usual: String,
}

/// An open job. As long as it lives no other process can open the same folder.
pub struct Job {
    pub(crate) connection: Connection,
    pub(crate) id: JobId,
    pub(crate) kind: JobKind,
    pub(crate) profile: String,
    pub(crate) key: StationKey,
    digest_key: [u8; 32],
    dir: PathBuf,
    // Last: the lock goes after the connection is closed.
    _lock: Lock,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

impl Job {
    /// Makes a new job in `dir`, which keeps the text of its photo standard, and opens it. `dir` may exist if it is empty.
    ///
    /// The folder is made under another name beside it and renamed when complete:
    /// a crash leaves a job or no job.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when something is there, or a fault of disk or key.
    pub fn create(
        dir: &Path,
        kind: JobKind,
        standard: Standard<'_>,
        key: &StationKey,
    ) -> Result<Self, StoreError> {
        refuse_existing(dir)?;
        let parent = match dir.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(StoreError::file(parent))?;
        let half = parent.join(format!(".likeness-{}", hex::encode(random::<8>()?)));
        fs::create_dir(&half).map_err(StoreError::file(&half))?;
        let made = fill(&half, kind, standard, key).and_then(|()| put_in_place(&half, dir, parent));
        if let Err(error) = made {
            // What is left has no name that anybody looks for; the first error counts.
            drop(fs::remove_dir_all(&half));
            return Err(error);
        }
        Self::open(dir, key)
    }

    /// Opens the job in `dir` and holds it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process holds it, [`StoreError::Missing`],
    /// [`StoreError::NotAJob`], [`StoreError::Newer`], [`StoreError::OtherStation`]
    /// when `key` is not the one it was made with, [`StoreError::Damaged`] when a table
    /// or trigger is not as we made it (no wall, no work), or a fault of the disk.
    pub fn open(dir: &Path, key: &StationKey) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        if !path.is_file() {
            return Err(StoreError::Missing(dir.to_owned()));
        }
        let lock = Lock::take(dir)?;
        let connection = connection::open(&path)?;
        let version = connection::check_identity(&connection, dir)?;
        refuse_strange_schema(&connection, version)?;
        if version < SCHEMA_VERSION {
            connection::migrate(&path, false)?;
            refuse_strange_schema(&connection, SCHEMA_VERSION)?;
        }
        let row =
            Identity::read(&connection)?.ok_or_else(|| StoreError::NotAJob(dir.to_owned()))?;
        if row.station_key != key.public().to_bytes() {
            return Err(StoreError::OtherStation);
        }
        seal::register(&connection, key, row.digest_key)?;
        connection::harden(&connection)?;
        Ok(Self {
            connection,
            id: JobId(row.uuid),
            kind: row.kind,
            profile: row.profile,
            key: key.clone(),
            digest_key: row.digest_key,
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// The job's own identity.
    #[must_use]
    pub const fn id(&self) -> JobId {
        self.id
    }

    /// Production or training.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        self.kind
    }

    /// Name of the photo standard the job was made for.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// The photo standard the job was made with; `None` in jobs that were made before
    /// jobs kept it.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn standard(&self) -> Result<Option<KeptStandard>, StoreError> {
        let sql = "SELECT text, usual FROM job_standard";
        let kept = self.connection.query_row(sql, [], |row| {
            Ok(KeptStandard {
                text: row.get(0)?,
                usual: row.get(1)?,
            })
        });
        Ok(kept.optional()?)
    }

    /// The key for digests of numbers and names.
    #[must_use]
    pub const fn digest_key(&self) -> DigestKey {
        DigestKey::from_bytes(self.digest_key)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The public key of the station that signs this job.
    #[must_use]
    pub fn station_key(&self) -> StationPublicKey {
        self.key.public()
    }
}

/// Kind and photo standard of the job in a folder, without opening it: for a list of
/// jobs. Nothing where there is none or it cannot be read.
#[must_use]
pub fn peek(dir: &Path) -> Option<(JobKind, String)> {
    let connection = connection::open_read_only(&dir.join(DATABASE)).ok()?;
    let identity = Identity::read(&connection).ok().flatten()?;
    Some((identity.kind, identity.profile))
}

/// The row of the job table.
pub(crate) struct Identity {
    pub(crate) uuid: [u8; 16],
    pub(crate) kind: JobKind,
    pub(crate) profile: String,
    pub(crate) digest_key: [u8; 32],
    pub(crate) station_key: [u8; 32],
}

impl Identity {
    /// Reads it; `None` where there is no such row or it makes no sense.
    pub(crate) fn read(connection: &Connection) -> Result<Option<Self>, StoreError> {
        let sql = "SELECT uuid, kind, profile, digest_key, station_key FROM job";
        let row = connection.query_row(sql, [], |row| {
            let kind: String = row.get(1)?;
            Ok(Self {
                uuid: row.get(0)?,
                kind: match kind.as_str() {
                    "production" => JobKind::Production,
                    "training" => JobKind::Training,
                    _ => return Err(rusqlite::Error::InvalidQuery),
                },
                profile: row.get(2)?,
                digest_key: row.get(3)?,
                station_key: row.get(4)?,
            })
        });
        match row.optional() {
            Err(rusqlite::Error::SqliteFailure(failure, text)) => {
                Err(rusqlite::Error::SqliteFailure(failure, text).into())
            }
            // Wrong types or an unknown kind: the row is there and says nothing.
            Err(_) => Ok(None),
            Ok(found) => Ok(found),
        }
    }
}

/// The exclusive lock of a job's folder, given back by the kernel however the
/// process ends.
pub(crate) struct Lock {
    file: File,
}

/// Given back in so many words: a program that another thread is starting just now holds the
/// file as well until it runs, and closing ours would leave the job busy for that long.
impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

impl Lock {
    pub(crate) fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(StoreError::file(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(source)) => Err(StoreError::File { path, source }),
        }
    }
}

/// No wall, no work: a schema that is not as we made it.
fn refuse_strange_schema(connection: &Connection, version: usize) -> Result<(), StoreError> {
    match crate::verify::strange_table(connection, version)? {
        None => Ok(()),
        Some(table) => Err(StoreError::Damaged {
            table: "sqlite_schema",
            row: table,
        }),
    }
}

fn refuse_existing(dir: &Path) -> Result<(), StoreError> {
    let empty = fs::read_dir(dir).is_ok_and(|mut there| there.next().is_none());
    if dir.exists() && !empty {
        return Err(StoreError::Exists(dir.to_owned()));
    }
    Ok(())
}

/// Writes a complete job into an empty folder that nobody knows yet.
fn fill(
    dir: &Path,
    kind: JobKind,
    standard: Standard<'_>,
    key: &StationKey,
) -> Result<(), StoreError> {
    let path = dir.join(DATABASE);
    connection::migrate(&path, true)?;
    let digest_key = random::<32>()?;
    let connection = connection::open(&path)?;
    seal::register(&connection, key, digest_key)?;
    connection::harden(&connection)?;
    connection.execute(
        "INSERT INTO job VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            random::<16>()?,
            kind.code(),
            standard.name,
            digest_key,
            key.public().to_bytes(),
            clock::wall_ms(),
        ],
    )?;
    let sql = "INSERT INTO job_standard VALUES (1, ?1, ?2)";
    connection.execute(sql, [standard.text, standard.usual])?;
    // Closing brings everything out of the write-ahead log into the one file.
    connection.close().map_err(|(_, error)| error.into())
}

fn put_in_place(half: &Path, dir: &Path, parent: &Path) -> Result<(), StoreError> {
    if dir.exists() {
        fs::remove_dir(dir).map_err(StoreError::file(dir))?;
    }
    sync_dir(half)?;
    fs::rename(half, dir).map_err(StoreError::file(dir))?;
    sync_dir(parent)
}

/// Makes the names in a folder durable; only the files' contents are otherwise.
#[cfg(unix)]
fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir)
        .and_then(|folder| folder.sync_all())
        .map_err(StoreError::file(dir))
}

#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a thread that starts a program does for a moment: the new process has the file too.
    #[test]
    fn a_lock_is_given_back_although_somebody_else_has_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::take(dir.path()).unwrap();
        let twin = lock.file.try_clone().unwrap();
        assert!(matches!(Lock::take(dir.path()), Err(StoreError::Busy)));
        drop(lock);
        assert!(Lock::take(dir.path()).is_ok());
        drop(twin);
    }
}
