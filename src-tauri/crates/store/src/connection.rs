//! Connections: a raw one for the migrator, hardened ones for everything else.

use crate::error::StoreError;
use crate::rules::{SCHEMA_VERSION, step_sql, tables};
use crate::seal::SEAL;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::sync::LazyLock;

/// `LKNS`: what `PRAGMA application_id` of a job says.
pub(crate) const APPLICATION_ID: i64 = 0x4C4B_4E53;

/// One migration for each version of the schema.
static STEPS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut steps: Vec<_> = (1..=SCHEMA_VERSION).map(step_sql).collect();
    if let Some(first) = steps.first_mut() {
        first.push_str(&format!("PRAGMA application_id = {APPLICATION_ID};\n"));
    }
    steps
});

/// Brings the file at `path` to the newest schema, creating it where asked.
///
/// **Architecture invariant:** this is the only place that holds a connection which
/// may change the schema, and it is dropped before the job is used.
pub(crate) fn migrate(path: &Path, create: bool) -> Result<(), StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, create);
    let mut raw = Connection::open_with_flags(path, flags)?;
    raw.pragma_update(None, "journal_mode", "WAL")?;
    raw.pragma_update(None, "synchronous", "FULL")?;
    let migrations = Migrations::new(STEPS.iter().map(|step| M::up(step)).collect());
    migrations.to_latest(&mut raw).map_err(|error| {
        if let rusqlite_migration::Error::RusqliteError { err, .. } = error {
            return StoreError::from(err);
        }
        StoreError::refused(&format!("migration: {error}"))
    })
}

/// Refuses what is no job, or one of a newer program. Returns the version of its schema.
pub(crate) fn check_identity(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = pragma("application_id").map_err(|error| {
        if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            StoreError::NotAJob(path.to_owned())
        } else {
            error.into()
        }
    })?;
    let version = pragma("user_version")?;
    let counted = usize::try_from(version).unwrap_or(0);
    if application != APPLICATION_ID || counted < 1 {
        return Err(StoreError::NotAJob(path.to_owned()));
    }
    if counted > SCHEMA_VERSION {
        return Err(StoreError::Newer {
            found: counted,
            known: SCHEMA_VERSION,
        });
    }
    Ok(counted)
}

/// Opens the job's file for use; [`harden`] has to follow once the functions are in.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

/// Opens the job's file for looking only.
///
/// Not with SQLite's read-only flag: with it CHECK constraints are not even parsed,
/// and `PRAGMA integrity_check` says *ok* to a row that breaks one. `query_only` takes
/// the right to write away instead, and closing does not touch the file either. On a
/// medium that cannot be written SQLite falls back to the flag by itself.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Takes from a connection everything that the application does not need.
pub(crate) fn harden(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "recursive_triggers", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    let mut guard = Guard::default();
    connection.authorizer(Some(move |context: AuthContext<'_>| guard.judge(&context)))?;
    Ok(())
}

/// Pragmas that may be asked, never set.
const READABLE: &[&str] = &[
    "application_id",
    "foreign_key_check",
    "foreign_keys",
    "integrity_check",
    "journal_mode",
    "quick_check",
    "synchronous",
    "user_version",
];

/// The allow-list, asked while a statement is compiled.
///
/// SQLite tells the innermost trigger *or view* that asks, and a common table
/// expression counts as one: `WITH photo_journal AS (SELECT likeness_seal(..)) ..`
/// calls itself `photo_journal`. A name alone therefore proves nothing. What no
/// common table expression can do is insert: only a trigger of ours is asked about
/// an INSERT into the journal with an accessor. Each such INSERT is worth one seal.
#[derive(Default)]
struct Guard {
    may_seal: Option<String>,
}

impl Guard {
    fn judge(&mut self, context: &AuthContext<'_>) -> Authorization {
        if self.allows(context) {
            Authorization::Allow
        } else {
            Authorization::Deny
        }
    }

    fn allows(&mut self, context: &AuthContext<'_>) -> bool {
        let action = &context.action;
        if let AuthAction::Insert { table_name } = action {
            return self.allows_insert(table_name, context);
        }
        if let AuthAction::Function { function_name } = action {
            return match *function_name {
                SEAL => {
                    let granted = self.may_seal.take();
                    granted.is_some() && granted.as_deref() == context.accessor
                }
                "load_extension" => false,
                _ => true,
            };
        }
        if let AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } = action
        {
            return pragma_value.is_none() && READABLE.contains(pragma_name);
        }
        matches!(
            action,
            AuthAction::Select
                | AuthAction::Read { .. }
                | AuthAction::Transaction { .. }
                | AuthAction::Savepoint { .. }
                | AuthAction::Recursive
        )
    }

    fn allows_insert(&mut self, table: &str, context: &AuthContext<'_>) -> bool {
        self.may_seal = None;
        if context.database_name != Some("main") {
            return false;
        }
        if table == "journal" {
            self.may_seal = context.accessor.map(str::to_owned);
            return self.may_seal.is_some();
        }
        context.accessor.is_none() && tables(SCHEMA_VERSION).any(|known| known.name == table)
    }
}
