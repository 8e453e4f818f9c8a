//! The attacks: what is tried, why it must fail, and the like that may pass.

use super::rows::by_one_row;
use crate::raw::{
    LAST_HASH, NEXT_LINE, Row, acceptance, admission, camera_clock, controls, device, end, entry,
    evidence, flag, fresh, import, line, normalised, photo, script, sitting, stage, ticket,
    verification, version,
};

/// What becomes of an attack on a connection that nothing was taken from.
#[derive(Clone, Copy)]
pub(crate) enum Raw {
    /// The database refuses it with these words.
    Refused(&'static str),
    /// It passes and touches nothing that is kept; the reason why.
    Harmless(&'static str),
    /// It passes, and the checker names this fault of this table.
    Found(&'static str, &'static str),
    /// It passes, and the file is no longer taken for a job.
    NoJob(&'static str),
}

/// One attack on the scene: entry 1 is filed, entry 2 filed and flagged, entry 3
/// is seated in sitting 3 with an unused ticket, entries 4 and 5 are missing.
pub(crate) struct Attack {
    pub(crate) name: String,
    /// What legitimately comes before.
    pub(crate) setup: String,
    pub(crate) hostile: String,
    /// What differs from `hostile` in the point at issue only, and passes.
    pub(crate) twin: String,
    /// Why the application's own connection refuses it.
    pub(crate) hardened: &'static str,
    pub(crate) raw: Raw,
}

pub(super) const DENIED: &str = "not authorized";

pub(crate) fn attacks() -> Vec<Attack> {
    let mut list = Vec::new();
    list.extend(on_every_table());
    list.extend(by_one_row());
    list.extend(on_the_journal());
    list.extend(on_the_schema());
    list.extend(on_the_session());
    list.extend(on_settings());
    let replacing: Vec<_> = list.iter().filter_map(by_replace).collect();
    list.extend(replacing);
    list
}

/// The same attack with the verb that takes away whatever is in its way: a rule
/// that only a UNIQUE would stand in for is missed by it.
fn by_replace(attack: &Attack) -> Option<Attack> {
    let row = attack.hostile.strip_prefix("INSERT INTO")?;
    let Raw::Refused(_) = attack.raw else {
        return None;
    };
    Some(Attack {
        name: format!("{}, by REPLACE", attack.name),
        setup: attack.setup.clone(),
        hostile: format!("REPLACE INTO{row}"),
        twin: attack.twin.clone(),
        hardened: attack.hardened,
        raw: attack.raw,
    })
}

/// A legitimate row of a table and what has to come before it in the scene.
pub(crate) fn next_row(table: &str) -> (Vec<Row>, Row) {
    let mut opened = vec![end("'void'"), sitting()];
    match table {
        "roster_import" => (vec![], import()),
        "entry" => (vec![], entry()),
        "entry_version" => (vec![import()], version("4", "'110105194912310097'")),
        "admission_photo" => (vec![], admission("1")),
        "sitting" => (vec![end("'void'")], sitting()),
        "sitting_device" => (opened, device("'reader'")),
        "sitting_end" => (vec![], end("'void'")),
        "evidence" => (fresh(), evidence("4")),
        "verification" => {
            opened = fresh();
            opened.push(evidence("4"));
            (opened, verification("4"))
        }
        "ticket" => {
            opened = fresh();
            opened.extend([evidence("4"), verification("4")]);
            (opened, ticket())
        }
        "photo" => (vec![], photo()),
        "photo_controls" => (vec![photo()], controls()),
        "photo_normalised" => (vec![photo()], normalised()),
        "acceptance" => (vec![photo()], acceptance()),
        "flag" => (vec![], flag("1", "1")),
        "stage_change" => (vec![], stage()),
        "camera_clock" => (vec![], camera_clock()),
        other => panic!("no row is known for {other}"),
    }
}

/// The tables that have one row for good.
pub(crate) const SINGLE: [&str; 2] = ["job", "job_standard"];

/// Every other table but the journal.
pub(crate) const GROWING: [&str; 17] = [
    "roster_import",
    "entry",
    "entry_version",
    "admission_photo",
    "sitting",
    "sitting_device",
    "sitting_end",
    "evidence",
    "verification",
    "ticket",
    "photo",
    "photo_controls",
    "photo_normalised",
    "acceptance",
    "flag",
    "stage_change",
    "camera_clock",
];

/// What a copy of the table's first row is refused for.
const COPIES: [(&str, &str); 17] = [
    ("roster_import", "import-not-next"),
    ("entry", "entry-not-next"),
    ("entry_version", "import-unknown"),
    ("admission_photo", "version-not-next"),
    ("sitting", "sitting-not-next"),
    ("sitting_device", "sitting-not-open"),
    ("sitting_end", "sitting-not-open"),
    ("evidence", "sitting-not-open"),
    ("verification", "sitting-not-open"),
    ("ticket", "sitting-not-open"),
    ("photo", "sitting-not-open"),
    ("photo_controls", "controls-exist"),
    ("photo_normalised", "normalised-exists"),
    ("acceptance", "photo-accepted"),
    ("flag", "flagged-already"),
    ("stage_change", "change-not-next"),
    ("camera_clock", "clock-not-next"),
];

fn on_every_table() -> Vec<Attack> {
    let mut list = Vec::new();
    for table in GROWING {
        let (setup, row) = next_row(table);
        let (setup, twin, columns) = (script(&setup), row.sql(), row.columns());
        let mut add = |what: &str, hostile: String, hardened, raw| {
            list.push(Attack {
                name: format!("{what} {table}"),
                setup: setup.clone(),
                hostile,
                twin: twin.clone(),
                hardened,
                raw: Raw::Refused(raw),
            });
        };
        let key = columns[0];
        let update = format!("UPDATE {table} SET {key} = {key}");
        add("update", update, DENIED, "append-only");
        let replacing = format!("UPDATE OR REPLACE {table} SET {key} = {key}");
        add(
            "update, replacing conflicts, of",
            replacing,
            DENIED,
            "append-only",
        );
        let delete = format!("DELETE FROM {table}");
        add("delete from", delete, DENIED, "append-only");
        let copy = COPIES.iter().find(|(name, _)| *name == table).unwrap().1;
        let columns = columns.join(", ");
        let replace = format!(
            "INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1"
        );
        add("replace the first row of", replace, copy, copy);
    }
    list.extend(on_single_rows());
    list.extend(by_rowid());
    list
}

/// The tables of one row, and the journal, which no statement writes.
fn on_single_rows() -> Vec<Attack> {
    let mut list = Vec::new();
    for table in SINGLE.into_iter().chain(["journal"]) {
        for statement in [
            format!("UPDATE {table} SET rowid = rowid"),
            format!("DELETE FROM {table}"),
        ] {
            list.push(Attack {
                name: statement.clone(),
                setup: String::new(),
                hostile: statement,
                twin: stage().sql(),
                hardened: DENIED,
                raw: Raw::Refused("append-only"),
            });
        }
    }
    let columns = "uuid, kind, profile, digest_key, station_key, created_wall_ms";
    list.push(Attack {
        name: "replace the job".to_owned(),
        setup: String::new(),
        hostile: format!("REPLACE INTO job (job_id, {columns}) SELECT 1, {columns} FROM job"),
        twin: stage().sql(),
        hardened: "job-exists",
        raw: Raw::Refused("job-exists"),
    });
    list.push(Attack {
        name: "second job".to_owned(),
        setup: String::new(),
        hostile: format!("INSERT INTO job (job_id, {columns}) SELECT 2, {columns} FROM job"),
        twin: stage().sql(),
        hardened: "job-exists",
        raw: Raw::Refused("job-exists"),
    });
    list.push(Attack {
        name: "second standard".to_owned(),
        setup: String::new(),
        hostile: "INSERT INTO job_standard (job_id, text, usual) VALUES (2, 'other', 'usual')"
            .to_owned(),
        twin: stage().sql(),
        hardened: "standard-exists",
        raw: Raw::Refused("standard-exists"),
    });
    list.push(Attack {
        name: "replace the standard".to_owned(),
        setup: String::new(),
        hostile: "REPLACE INTO job_standard (job_id, text, usual) VALUES (1, 'other', 'usual')"
            .to_owned(),
        twin: stage().sql(),
        hardened: "standard-exists",
        raw: Raw::Refused("standard-exists"),
    });
    list
}

/// A new row that asks for the hidden place of an old one: `REPLACE` would take the
/// old one away without a delete trigger.
fn by_rowid() -> Vec<Attack> {
    let attack = |table: &str, refusal| {
        let (setup, row) = next_row(table);
        Attack {
            name: format!("replace the first row of {table} by its rowid"),
            setup: script(&setup),
            hostile: row.clone().and("rowid", "1").sql_as("REPLACE"),
            twin: row.sql(),
            hardened: refusal,
            raw: Raw::Refused(refusal),
        }
    };
    vec![
        attack(
            "entry_version",
            "table entry_version has no column named rowid",
        ),
        attack(
            "admission_photo",
            "table admission_photo has no column named rowid",
        ),
        attack(
            "sitting_device",
            "table sitting_device has no column named rowid",
        ),
        attack("ticket", "table ticket has no column named rowid"),
        attack("acceptance", "table acceptance has no column named rowid"),
        attack("flag", "table flag has no column named rowid"),
    ]
}

fn on_the_journal() -> Vec<Attack> {
    let forged = |name: &str, refusal, line: Row| Attack {
        name: name.to_owned(),
        setup: String::new(),
        hostile: line.sql(),
        twin: stage().sql(),
        hardened: DENIED,
        raw: Raw::Refused(refusal),
    };
    let (next, last) = (NEXT_LINE, LAST_HASH);
    let about = "'flag', '3/1'";
    let right = || line(next, about, last);
    let mut list = vec![
        forged(
            "journal line out of turn",
            "journal-not-next",
            line("9999", about, last),
        ),
        forged(
            "journal line over another",
            "journal-not-next",
            line("1", about, "zeroblob(32)"),
        ),
        forged(
            "journal line that follows from nothing",
            "journal-chain",
            line(next, about, "zeroblob(32)"),
        ),
        forged(
            "journal line with another hash",
            "journal-chain",
            right().with("hash", "zeroblob(32)"),
        ),
        forged(
            "second line about one row",
            "journaled-already",
            line(next, "'photo', '1'", last),
        ),
    ];
    list.push(Attack {
        raw: Raw::Found("row-missing", "flag"),
        ..forged(
            "journal line about a row that is not there, sealed by hand",
            "",
            right(),
        )
    });
    list.extend(seals());
    list
}

/// Ways to have the station's seal put on a line of one's own.
fn seals() -> Vec<Attack> {
    let seal = "likeness_seal(1, 1, 'flag', '3/1', zeroblob(32), zeroblob(32))";
    let posing = format!(
        "(WITH stage_change_journal AS (SELECT {seal} AS s) SELECT s FROM stage_change_journal)"
    );
    let insert = stage().sql();
    let insert = insert.trim_end_matches(';');
    let attack = |name: &str, hostile: String, raw| Attack {
        name: name.to_owned(),
        setup: String::new(),
        hostile,
        twin: stage().sql(),
        hardened: "not authorized to use function: likeness_seal",
        raw,
    };
    let signs = Raw::Harmless("who holds the key can sign; nothing is written");
    let writes = Raw::Harmless("a row by the rules, journaled by its trigger");
    vec![
        attack("the seal asked for", format!("SELECT {seal}"), signs),
        attack(
            "the seal asked for by a query posing as a trigger",
            format!("SELECT {posing}"),
            signs,
        ),
        attack(
            "the seal in a row",
            stage().with("why", &format!("hex({seal})")).sql(),
            writes,
        ),
        attack(
            "the seal in a row, by a query posing as a trigger",
            stage().with("why", &format!("hex({posing})")).sql(),
            writes,
        ),
        attack(
            "the seal returned",
            format!("{insert} RETURNING {seal}"),
            writes,
        ),
        attack(
            "the seal returned by a query posing as a trigger",
            format!("{insert} RETURNING {posing}"),
            writes,
        ),
    ]
}

fn denied(name: &str, hostile: &str, raw: Raw) -> Attack {
    Attack {
        name: name.to_owned(),
        setup: String::new(),
        hostile: hostile.to_owned(),
        twin: stage().sql(),
        hardened: DENIED,
        raw,
    }
}

fn on_the_schema() -> Vec<Attack> {
    // What it is, what the checker says and of which table, and the statement.
    let lines = "
        drop a trigger | schema-missing | photo | DROP TRIGGER photo_rules
        drop a table | schema-missing | journal | DROP TABLE journal
        rename a table | schema-missing | photo | ALTER TABLE photo RENAME TO photo2
        add a column | schema-changed | flag | ALTER TABLE flag ADD COLUMN more TEXT
        new table | schema-foreign | more | CREATE TABLE more (x)
        new index | schema-foreign | flag | CREATE INDEX more ON flag (reason)
        new view | schema-foreign | more | CREATE VIEW more AS SELECT 1
        new trigger | schema-foreign | photo | CREATE TRIGGER more BEFORE INSERT ON photo BEGIN SELECT RAISE(IGNORE); END
        statistics | schema-foreign | sqlite_stat1 | ANALYZE
        the schema written to | schema-missing | photo | PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'photo_rules'
        the schema inserted into | schema-foreign | more | PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('view', 'more', 'more', 0, 'CREATE VIEW more AS SELECT 1')
    ";
    let lines = lines.lines().map(str::trim);
    let found = lines.filter(|line| !line.is_empty()).map(|line| {
        let [name, code, table, sql] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        denied(name, sql, Raw::Found(code, table))
    });
    found.collect()
}

fn on_the_session() -> Vec<Attack> {
    let own_session = Raw::Harmless("lives and dies with the connection that made it");
    let moved = Raw::Harmless("the same rows in other places");
    let swallow = "BEGIN SELECT RAISE(IGNORE); END";
    vec![
        denied(
            "temporary trigger that swallows photos",
            &format!("CREATE TEMP TRIGGER e BEFORE INSERT ON main.photo {swallow}"),
            own_session,
        ),
        denied(
            "temporary trigger that swallows the journal",
            &format!("CREATE TEMP TRIGGER e BEFORE INSERT ON main.journal {swallow}"),
            own_session,
        ),
        denied(
            "temporary table in front of photo",
            "CREATE TEMP TABLE photo AS SELECT * FROM main.photo WHERE 0",
            own_session,
        ),
        denied(
            "temporary view in front of the roster",
            "CREATE TEMP VIEW entry_version AS SELECT 1",
            own_session,
        ),
        denied("another file", "ATTACH ':memory:' AS other", own_session),
        denied(
            "code loaded",
            "SELECT load_extension('x')",
            Raw::Refused(DENIED),
        ),
        denied("indexes written anew", "REINDEX", moved),
        Attack {
            // It is asked about when it runs, not when it is compiled.
            hardened: "authorization denied",
            ..denied("pages moved", "VACUUM", moved)
        },
    ]
}

fn on_settings() -> Vec<Attack> {
    let attack = |name: &str, setting: &str, raw| {
        let statement = format!("PRAGMA {name} = {setting}");
        denied(&statement, &statement, raw)
    };
    let session =
        Raw::Harmless("a setting of one connection; the rules are triggers, see loosened");
    let set_again = Raw::Harmless("opening a job sets it again; nothing is lost by it alone");
    vec![
        attack("foreign_keys", "OFF", session),
        attack("defer_foreign_keys", "ON", session),
        attack("ignore_check_constraints", "ON", session),
        attack("recursive_triggers", "OFF", session),
        attack("trusted_schema", "ON", session),
        attack("query_only", "ON", session),
        attack("cell_size_check", "OFF", session),
        attack("locking_mode", "EXCLUSIVE", session),
        attack("synchronous", "OFF", session),
        attack("wal_autocheckpoint", "0", session),
        attack("journal_mode", "DELETE", set_again),
        attack("journal_mode", "OFF", set_again),
        attack("writable_schema", "ON", session),
        attack("user_version", "0", Raw::NoJob("not-a-job")),
        attack("user_version", "4", Raw::NoJob("job-newer")),
        attack("application_id", "1", Raw::NoJob("not-a-job")),
    ]
}
