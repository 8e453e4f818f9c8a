//! The job on disk: roster, sittings, portraits and the journal, in one SQLite
//! file that defends itself.
//!
//! A job is a folder with `job.db` and `job.lock`. Everything is append-only; the
//! promise (*a portrait of X is never filed under Y*) is repeated as foreign keys,
//! checks and triggers, so that SQL which goes past this crate cannot break it
//! quietly:
//!
//! ```text
//! sitting -> evidence -> verification -> one-use ticket -> photo -> acceptance <-> flag
//! ```
//!
//! Three walls, one behind the other. The *schema* refuses rows that do not follow
//! from one another, on any connection. The *hardened connection* that the
//! application uses can do nothing but SELECT and INSERT. What a raw connection
//! does to the schema itself, nobody can refuse; the *checker* ([`verify`]) names
//! it, because every row stands in a chain of hashes that the station signed with
//! a key outside the folder.
//!
//! **Architecture invariant:** the only way to write a portrait is a
//! [`booth::Filing`]. No function here takes a student and a picture.

mod connection;
mod error;
mod job;
mod key;
mod record;
mod roster;
mod rules;
mod seal;
mod sitting;
mod verify;

pub use error::StoreError;
pub use job::{Job, JobId, KeptStandard, Standard, peek};
pub use key::{StationKey, StationPublicKey};
pub use record::{FlagMark, Hold, JournalRow, RecordFilter, RecordRow, RecordStatus};
pub use roster::{ChangedEntry, EntryRow, ImportReport, NewEntry};
pub use sitting::{CameraClock, FiledRecord, SittingDevice};
pub use verify::{Checkup, Pace, VerifyCounts, VerifyFault, VerifyReport, verify};

/// The largest portrait, or copy of one, that a job has room for, bytes; the tables' own checks say the same.
pub const PORTRAIT_BYTES_MAX: usize = 1 << 20;

/// The schema of a job as SQL, version by version: tables, then the triggers of each.
#[must_use]
pub fn schema_sql() -> String {
    rules::schema_sql(rules::SCHEMA_VERSION)
}

/// For the tests that attack a job: not part of what the application may use.
#[doc(hidden)]
pub mod probe {
    /// The application's own hardened connection.
    #[must_use]
    pub fn connection(job: &crate::Job) -> &rusqlite::Connection {
        &job.connection
    }

    /// The signature that the store itself would put on an acceptance.
    #[must_use]
    pub fn acceptance_signature(
        job: &crate::Job,
        sitting: i64,
        generation: i64,
        photo: i64,
    ) -> Option<[u8; 64]> {
        crate::sitting::sign_photo(job, sitting, generation, photo).ok()
    }

    /// Gives a foreign connection functions of the names that the triggers call, as
    /// an attacker would who has read this crate: right but for the key.
    ///
    /// # Errors
    /// What `SQLite` says.
    pub fn arm(
        connection: &rusqlite::Connection,
        key: &crate::StationKey,
        digest_key: [u8; 32],
    ) -> rusqlite::Result<()> {
        crate::seal::register(connection, key, digest_key)
    }
}
