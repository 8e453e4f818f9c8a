//! Hostile SQL, on the application's own connection and past it.
//!
//! Each attack asserts why it is refused, and has a twin that differs in the point
//! at issue only and passes: nothing is held here for another reason, such as a
//! time that ran out. Where a connection that nothing was taken from does get in,
//! the checker has to name it.

mod list;
mod mutations;
mod rows;

use crate::raw;
use crate::world::{PEOPLE, World, number_of};
use booth::FlagReason;
pub(crate) use list::{Attack, GROWING, Raw, SINGLE, attacks};
use rusqlite::Connection;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use store::{VerifyReport, probe, verify};

/// Entry 1 filed, entry 2 filed and flagged, entry 3 seated with an unused ticket.
pub(crate) fn scene() -> World {
    let mut world = World::new();
    let (one, two) = (number_of(PEOPLE[0].0), number_of(PEOPLE[1].0));
    world.job().store_admission_photo(&one, b"old").unwrap();
    let key = world.key.clone();
    raw::can_vouch(probe::connection(world.job()), &key);
    let clock = raw::camera_clock().sql();
    raw::run(probe::connection(world.job()), &clock).unwrap();
    world.file(0);
    world.file(1);
    world
        .job()
        .flag(&two, FlagReason::EyesClosed, "li")
        .unwrap();
    world.seat(2);
    world
}

/// A copy of a closed job's folder, to break.
pub(crate) fn copy(world: &World, name: &str) -> PathBuf {
    let dir = world.root.path().join(name);
    std::fs::create_dir(&dir).unwrap();
    std::fs::copy(world.database(), dir.join("job.db")).unwrap();
    dir
}

/// Plays an attack and gives everything back: what the hostile statement, then its
/// twin, was answered; an error where the setup failed.
fn play(connection: &Connection, attack: &Attack) -> Result<(Outcome, Outcome), String> {
    raw::run(connection, "SAVEPOINT attack")?;
    let played = raw::run(connection, &attack.setup).and_then(|()| {
        raw::run(connection, "SAVEPOINT hostile")?;
        let hostile = raw::run(connection, &attack.hostile);
        raw::run(connection, "ROLLBACK TO hostile")?;
        let twin = raw::run(connection, &attack.twin);
        Ok((hostile, twin.and_then(|()| journaled(connection))))
    });
    raw::run(connection, "ROLLBACK TO attack; RELEASE attack")?;
    played.map_err(|said| format!("{}: the setup was refused: {said}", attack.name))
}

type Outcome = Result<(), String>;

const LINELESS: &str = "a row without a line";

/// Every row has its line.
fn journaled(connection: &Connection) -> Outcome {
    let tables = GROWING.map(|table| format!("(SELECT count(*) FROM {table})"));
    let sql = format!(
        "SELECT (SELECT count(*) FROM journal) = {} + {}",
        SINGLE.len(),
        tables.join(" + ")
    );
    let whole: bool = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
    whole.then_some(()).ok_or_else(|| LINELESS.to_owned())
}

/// A refusal is a rule's name, all of it; what SQLite says may go on.
fn is_for(said: &Outcome, reason: &str) -> bool {
    let Err(said) = said else { return false };
    said == reason || (reason.contains(' ') && said.starts_with(reason))
}

/// Plays the attacks that a raw connection refuses; says which went otherwise.
fn unheld(connection: &Connection, list: &[Attack]) -> Vec<String> {
    let mut wrong = Vec::new();
    for attack in list {
        let Raw::Refused(reason) = attack.raw else {
            continue;
        };
        let (hostile, twin) = play(connection, attack).unwrap();
        if !is_for(&hostile, reason) || twin.is_err() {
            wrong.push(format!("{}: {hostile:?}, the twin {twin:?}", attack.name));
        }
    }
    wrong
}

#[test]
fn the_list_is_long_and_reaches_every_table() {
    let list = attacks();
    assert!(list.len() >= 250, "{} attacks", list.len());
    let names: HashSet<_> = list.iter().map(|attack| &attack.name).collect();
    assert_eq!(names.len(), list.len(), "two attacks have one name");
    let mut world = scene();
    for table in GROWING {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = probe::connection(world.job())
            .query_row(&sql, [], |row| row.get(0))
            .unwrap();
        assert!(rows > 0, "an UPDATE of {table} would touch nothing");
    }
}

#[test]
fn the_applications_own_connection_holds() {
    let mut world = scene();
    let before = world.job().verify(None).unwrap();
    assert_eq!(before.faults, []);
    let mut wrong = Vec::new();
    for attack in attacks() {
        let connection = probe::connection(world.job());
        let (hostile, twin) = if matches!(attack.raw, Raw::Refused(_)) {
            play(connection, &attack).unwrap()
        } else {
            // Some, such as VACUUM, are another thing within a transaction.
            let hostile = raw::run(connection, &attack.hostile);
            (hostile, play(connection, &attack).unwrap().1)
        };
        if !is_for(&hostile, attack.hardened) || twin.is_err() {
            wrong.push(format!("{}: {hostile:?}, the twin {twin:?}", attack.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let after = world.job().verify(None).unwrap();
    assert_eq!(before, after, "everything was given back");
    world.reopen();
    assert_eq!(world.job().unfinished_sitting().unwrap().unwrap().0, 3);
}

#[test]
fn a_connection_with_functions_and_key_holds_by_the_rules() {
    let mut world = scene();
    world.close();
    let raw = raw::armed(&world.database(), &world.key);
    let wrong = unheld(&raw, &attacks());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_setting_loosens_the_rules() {
    let mut world = scene();
    world.close();
    let raw = raw::armed(&world.database(), &world.key);
    raw::loosen(&raw);
    let wrong = unheld(&raw, &attacks());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_connection_without_functions_inserts_nothing() {
    let mut world = scene();
    world.close();
    let raw = raw::open(&world.database());
    raw::loosen(&raw);
    for attack in attacks() {
        let Raw::Refused(reason) = attack.raw else {
            continue;
        };
        let unknown = "no such function: ";
        let hostile = raw::run(&raw, &attack.hostile);
        let held = is_for(&hostile, reason) || is_for(&hostile, unknown);
        assert!(held, "{}: {hostile:?}", attack.name);
        // The twin shows that the functions are what is missing: armed, it passes.
        let twin = raw::run(&raw, &attack.twin);
        assert!(is_for(&twin, unknown), "{}: {twin:?}", attack.name);
    }
    drop(raw);
    assert_eq!(verify(&world.dir(), None).unwrap().faults, []);
}

/// What the checker says of a copy on which `statement` was run.
fn verdict(dir: &Path, raw: &Connection, attack: &Attack) -> Result<VerifyReport, String> {
    let ran = raw::run(raw, &attack.hostile);
    assert_eq!(ran, Ok(()), "{}", attack.name);
    verify(dir, None).map_err(|error| error.code().to_owned())
}

#[test]
fn what_a_raw_connection_gets_in_is_found() {
    let mut world = scene();
    world.close();
    let (mut found, mut harmless) = (0, 0);
    for (at, attack) in attacks().into_iter().enumerate() {
        if matches!(attack.raw, Raw::Refused(_)) {
            continue;
        }
        let dir = copy(&world, &format!("copy-{at}"));
        let raw = raw::armed(&dir.join("job.db"), &world.key);
        let report = verdict(&dir, &raw, &attack);
        match attack.raw {
            Raw::Found(code, table) => {
                let faults = report.unwrap().faults;
                let named = faults.iter().any(|it| it.code == code && it.table == table);
                assert!(named, "{}: {faults:#?}", attack.name);
                found += 1;
            }
            Raw::NoJob(code) => assert_eq!(report.unwrap_err(), code, "{}", attack.name),
            Raw::Harmless(why) => {
                assert_eq!(report.unwrap().faults, [], "{}: not so: {why}", attack.name);
                harmless += 1;
            }
            Raw::Refused(_) => {}
        }
    }
    assert!(
        found >= 12 && harmless >= 20,
        "{found} found, {harmless} harmless"
    );
}

#[test]
fn a_temporary_trigger_swallows_only_its_own_rows() {
    let mut world = scene();
    let raw = raw::armed(&world.database(), &world.key);
    let swallow = "CREATE TEMP TRIGGER e BEFORE INSERT ON main.stage_change
                   BEGIN SELECT RAISE(IGNORE); END";
    let count = |connection: &Connection| -> i64 {
        let sql = "SELECT count(*) FROM stage_change";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let before = count(&raw);
    raw::run(&raw, swallow).unwrap();
    raw::run(&raw, &raw::stage().sql()).unwrap();
    assert_eq!(
        count(&raw),
        before,
        "told that all is well, and nothing is there"
    );
    raw::run(probe::connection(world.job()), &raw::stage().sql()).unwrap();
    assert_eq!(
        count(&raw),
        before + 1,
        "the application is not touched by it"
    );
    // Where it swallows the line of the journal alone, the row is refused with it.
    let lines = "DROP TRIGGER e; CREATE TEMP TRIGGER e BEFORE INSERT ON main.journal
                 BEGIN SELECT RAISE(IGNORE); END";
    raw::run(&raw, lines).unwrap();
    let refused = raw::run(&raw, &raw::stage().sql());
    assert_eq!(refused, Err("journal-missing".to_owned()));
}
