//! Is the file what we made, and is it whole?

use super::Checker;
use crate::rules::{schema_sql, tables};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

/// Type and name of a schema object, with its table and its text.
type Objects = BTreeMap<(String, String), (String, Option<String>)>;

impl Checker<'_, '_> {
    /// Every table, index and trigger is there, word by word, and nothing else is.
    pub(super) fn check_schema(&mut self) {
        let Ok(expected) = expected(self.version) else {
            self.fault("schema-unreadable", "sqlite_schema", "expected");
            return;
        };
        let Ok(mut found) = objects(self.connection) else {
            self.fault("schema-unreadable", "sqlite_schema", "found");
            return;
        };
        for (name, (table, text)) in expected {
            match found.remove(&name) {
                None => self.fault("schema-missing", &table, name.1),
                Some((_, there)) if there != text => self.fault("schema-changed", &table, name.1),
                Some(_) => {}
            }
        }
        for ((_, name), (table, _)) in found {
            self.fault("schema-foreign", &table, name);
        }
    }

    /// SQLite's own opinion on pages, indexes, checks and foreign keys.
    pub(super) fn check_file(&mut self) {
        self.each("job.db", "PRAGMA integrity_check", |checker, row| {
            let said: String = row.get(0)?;
            checker.require(said == "ok", "integrity", "job.db", said);
            Ok(())
        });
        self.each("job.db", "PRAGMA foreign_key_check", |checker, row| {
            let (table, rowid): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
            // Tables without row numbers: the links are followed by name as well.
            let id = rowid.map_or_else(|| "?".to_owned(), |rowid| checker.name_row(&table, rowid));
            checker.fault("link-broken", &table, id);
            Ok(())
        });
    }

    /// A row's name in the journal, from its place in the table.
    fn name_row(&self, table: &str, rowid: i64) -> String {
        let known = tables(self.version).find(|known| known.name == table);
        let named = known.and_then(|known| {
            let sql = format!("SELECT {} FROM {table} WHERE rowid = ?1", known.row_id(""));
            let row = self
                .connection
                .query_row(&sql, [rowid], |row| row.get::<_, String>(0));
            row.optional().ok().flatten()
        });
        named.unwrap_or_else(|| rowid.to_string())
    }
}

/// The first table whose part of the schema is not as we made it.
pub(crate) fn strange_table(
    connection: &Connection,
    version: usize,
) -> rusqlite::Result<Option<String>> {
    let (expected, found) = (expected(version)?, objects(connection)?);
    let differs = |one: &Objects, other: &Objects| {
        let strange = one
            .iter()
            .find(|(name, part)| other.get(*name) != Some(part));
        strange.map(|(_, (table, _))| table.clone())
    };
    Ok(differs(&expected, &found).or_else(|| differs(&found, &expected)))
}

/// What the schema of this version reads like.
fn expected(version: usize) -> rusqlite::Result<Objects> {
    let model = Connection::open_in_memory()?;
    model.execute_batch(&schema_sql(version))?;
    objects(&model)
}

fn objects(connection: &Connection) -> rusqlite::Result<Objects> {
    let mut statement =
        connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema")?;
    let rows = statement.query_map([], |row| {
        Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
    })?;
    rows.collect()
}
