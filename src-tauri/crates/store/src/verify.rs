//! 验证: proves afterwards that every face is where it belongs.
//!
//! The checker trusts no trigger, no constraint and no program that wrote the job.
//! It reads the tables, follows every link in Rust and computes every digest and
//! signature again. It never migrates: what it judges is the file as it lies there.
//!
//! What it cannot see alone: a job whose last rows were cut off together with their
//! journal lines is a shorter, perfect job. Compare [`VerifyReport::head`] with a
//! head noted earlier (a printed sheet, a delivery). And without a pinned key it
//! cannot tell a job from one that was rewritten and signed anew by somebody else.

mod chain;
mod journal;
mod pictures;
mod schema;

pub(crate) use schema::strange_table;

use crate::connection;
use crate::error::StoreError;
use crate::job::{DATABASE, Identity, Job, JobId, Lock};
use crate::key::StationPublicKey;
use crate::rules::SCHEMA_VERSION;
use crate::sitting::SittingDevice;
use booth::{Digest, SittingId};
use rusqlite::{Connection, Row};
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// One thing that is not as it was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct VerifyFault {
    /// Stable code: the name of the rule that does not hold.
    pub code: &'static str,
    /// Table it was found in.
    pub table: String,
    /// Row as the journal names it, or the part of the schema.
    pub row: String,
}

impl fmt::Display for VerifyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.code, self.table, self.row)
    }
}

/// How much was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VerifyCounts {
    /// Roster entries.
    pub entries: usize,
    /// Sittings, however they ended.
    pub sittings: usize,
    /// Accepted portraits of every generation.
    pub records: usize,
    /// Lines of the journal.
    pub journal: usize,
}

/// What the checker found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VerifyReport {
    /// The job, where its row can be read.
    pub job: Option<JobId>,
    /// The key the job says it was signed with.
    pub station_key: Option<StationPublicKey>,
    /// No public key was given: a job rewritten as a whole would pass.
    pub unpinned: bool,
    /// What is wrong, each thing once; empty when all is well.
    pub faults: Vec<VerifyFault>,
    /// How much was looked at.
    pub counts: VerifyCounts,
    /// Last line of the journal and its hash: to be noted elsewhere.
    pub head: Option<(i64, Digest)>,
    /// Devices that were not physical: allowed, and not to be overlooked.
    pub virtual_devices: Vec<SittingDevice>,
}

/// Checks the job in `dir`, which nobody else may hold meanwhile.
///
/// # Errors
/// As [`Job::open`] when there is nothing to check or somebody holds it. Whatever
/// is wrong with the job's contents is in the report.
pub fn verify(dir: &Path, pinned: Option<&StationPublicKey>) -> Result<VerifyReport, StoreError> {
    let path = dir.join(DATABASE);
    if !path.is_file() {
        return Err(StoreError::Missing(dir.to_owned()));
    }
    let lock = Lock::take(dir)?;
    let report = verify_file(dir, pinned, &mut |_, _| ControlFlow::Continue(()));
    drop(lock);
    report
}

/// The check of a job that is open elsewhere in this process, on a connection of its own.
#[derive(Clone)]
pub struct Checkup(PathBuf);

impl Checkup {
    /// Checks the job as it lies on the disk now.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn run(&self, pinned: Option<&StationPublicKey>) -> Result<VerifyReport, StoreError> {
        self.run_watched(pinned, &mut |_, _| ControlFlow::Continue(()))
    }

    /// As [`Checkup::run`], telling from time to time how many rows were looked at, of about
    /// how many, and stopping when it is told to.
    ///
    /// # Errors
    /// As [`verify`]; [`StoreError::Stopped`] when it was stopped.
    pub fn run_watched(
        &self,
        pinned: Option<&StationPublicKey>,
        pace: &mut Pace<'_>,
    ) -> Result<VerifyReport, StoreError> {
        verify_file(&self.0, pinned, pace)
    }
}

impl Job {
    /// Checks this job while it is open, on a connection of its own.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(&self, pinned: Option<&StationPublicKey>) -> Result<VerifyReport, StoreError> {
        self.checker().run(pinned)
    }

    /// The first row of roster or photo standard that is not what the station wrote; nothing where all are. The
    /// part of [`Job::verify`] that a sitting rests on; two signatures an entry.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn roster_fault(&self) -> Result<Option<VerifyFault>, StoreError> {
        let mut pace = |_, _| ControlFlow::Continue(());
        let mut checker = Checker {
            connection: &self.connection,
            version: SCHEMA_VERSION,
            pace: &mut pace,
            looked_at: 0,
            of: 0,
            stopped: false,
            report: VerifyReport::default(),
        };
        checker.check_roster(&self.station_key());
        Ok(checker.finish()?.faults.into_iter().next())
    }

    /// The same check, to be run on another thread while the job is worked in.
    #[must_use]
    pub fn checker(&self) -> Checkup {
        Checkup(self.dir().to_owned())
    }
}

/// Told rows looked at and rows in all; says whether to go on.
pub type Pace<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// Rows between two words about how far it is.
const PACE_ROWS: usize = 64;

fn verify_file(
    dir: &Path,
    pinned: Option<&StationPublicKey>,
    pace: &mut Pace<'_>,
) -> Result<VerifyReport, StoreError> {
    let connection = connection::open_read_only(&dir.join(DATABASE))?;
    let version = connection::check_identity(&connection, dir)?;
    // One snapshot for all looks.
    connection.execute_batch("BEGIN")?;
    // Each row is met in the journal, in its table and in the chain.
    let lines: i64 = connection
        .query_row("SELECT count(*) FROM journal", [], |row| row.get(0))
        .unwrap_or(0);
    let lines = usize::try_from(lines).unwrap_or(0);
    let mut checker = Checker {
        connection: &connection,
        version,
        pace,
        looked_at: 0,
        of: lines.saturating_mul(3),
        stopped: false,
        report: VerifyReport {
            unpinned: pinned.is_none(),
            ..VerifyReport::default()
        },
    };
    checker.check_schema();
    checker.check_file();
    let identity = Identity::read(&connection).ok().flatten();
    let Some(identity) = identity else {
        checker.fault("job-unreadable", "job", "1");
        return checker.finish();
    };
    checker.report.job = Some(JobId(identity.uuid));
    let stated = StationPublicKey::from_bytes(&identity.station_key);
    checker.report.station_key = stated;
    if pinned.is_some() && pinned != stated.as_ref() {
        checker.fault("station-key-differs", "job", "1");
    }
    // With another key pinned, the rest is still judged by the job's own: one fault
    // that says it all, and those that a stranger's key would not explain.
    checker.check_journal(stated.as_ref());
    checker.check_chain(&identity, stated.as_ref());
    checker.check_devices(identity.kind);
    checker.finish()
}

/// The connection and what was found so far.
struct Checker<'c, 'p> {
    connection: &'c Connection,
    /// Of its schema.
    version: usize,
    pace: &'c mut Pace<'p>,
    looked_at: usize,
    of: usize,
    stopped: bool,
    report: VerifyReport,
}

impl Checker<'_, '_> {
    fn fault(&mut self, code: &'static str, table: &str, row: impl fmt::Display) {
        self.report.faults.push(VerifyFault {
            code,
            table: table.to_owned(),
            row: row.to_string(),
        });
    }

    /// Says that a rule does not hold, if it does not.
    fn require(&mut self, holds: bool, code: &'static str, table: &str, row: impl fmt::Display) {
        if !holds {
            self.fault(code, table, row);
        }
    }

    /// Calls `look` for each row. A table that cannot be read is a fault, not an end.
    fn each(
        &mut self,
        table: &'static str,
        sql: &str,
        mut look: impl FnMut(&mut Self, &Row<'_>) -> rusqlite::Result<()>,
    ) {
        let connection = self.connection;
        let looked = (|| {
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while !self.stopped
                && let Some(row) = rows.next()?
            {
                look(self, row)?;
                self.count_row();
            }
            Ok::<_, rusqlite::Error>(())
        })();
        if looked.is_err() {
            self.fault("table-unreadable", table, "?");
        }
    }

    fn count_row(&mut self) {
        self.looked_at += 1;
        if self.looked_at.is_multiple_of(PACE_ROWS) {
            let of = self.of.max(self.looked_at);
            self.stopped = (self.pace)(self.looked_at, of).is_break();
        }
    }

    fn check_devices(&mut self, kind: booth::JobKind) {
        let sql = "SELECT sitting_id, role, driver, bus, identity, nature FROM sitting_device
                   WHERE nature <> 'physical' ORDER BY sitting_id, role";
        self.each("sitting_device", sql, |checker, row| {
            let device = SittingDevice {
                sitting: SittingId(row.get(0)?),
                role: row.get(1)?,
                driver: row.get(2)?,
                bus: row.get(3)?,
                identity: row.get(4)?,
                nature: row.get(5)?,
            };
            let allowed = kind == booth::JobKind::Training || device.nature == "virtual";
            let id = format!("{}/{}", device.sitting.0, device.role);
            checker.require(allowed, "simulated-in-production", "sitting_device", id);
            checker.report.virtual_devices.push(device);
            Ok(())
        });
    }

    fn finish(mut self) -> Result<VerifyReport, StoreError> {
        if self.stopped {
            return Err(StoreError::Stopped);
        }
        self.report.faults.sort();
        self.report.faults.dedup();
        Ok(self.report)
    }
}
