//! Is every trigger and every rule needed? Each is taken out, and the attacks have
//! to notice; what they do not notice stands here with what covers it.

use super::{Attack, LINELESS, Raw, attacks, is_for, play, scene};
use crate::raw;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// What nobody misses: trigger and rule, what refuses the row in its stead, and why
/// it stays. A new line here needs such a reason.
const COVERED: &[(&str, &str, &str, &str)] = &[
    (
        "acceptance_rules",
        "generation-not-next",
        "UNIQUE constraint failed: acceptance.entry_id, acceptance.gen, journaled-already, not-flagged",
        "a generation ahead lacks the flag before it, an old one has its line in the journal; \
         the rule says which of it is wrong, and holds where the other two are lost",
    ),
    (
        "acceptance_rules",
        "not-flagged",
        "",
        "a photo of a filed entry cannot arise: its ticket is refused as already-filed, and no \
         second photo can be accepted in the sitting that filed the first; the foreign key to \
         flag says the same",
    ),
    (
        "flag_rules",
        "flagged-already",
        "UNIQUE constraint failed: flag.entry_id, flag.gen, journaled-already",
        "the primary key, and where REPLACE gets round it the journal, which has its line",
    ),
    (
        "job_journal",
        "",
        "",
        "the one row of job is written at creation, and job-exists refuses every later one; \
         creation without a line is row-unjournaled to the checker, see tamper",
    ),
    (
        "job_standard_journal",
        "",
        "",
        "as that of job: the one row is written at creation",
    ),
    (
        "job_standard_rules",
        "job-begun",
        "",
        "standard-exists says so first where a job keeps a text; in a job of an earlier version, which \
         keeps none, this rule alone does, see job",
    ),
    (
        "job_standard_rules",
        "standard-exists",
        "job-begun",
        "nobody is on the roster of a job in which it is missed",
    ),
    (
        "photo_controls_rules",
        "controls-exist",
        "UNIQUE constraint failed: photo_controls.photo_id, journaled-already, sitting-not-open",
        "the primary key, and where REPLACE gets round it the journal, which has its line; once \
         the sitting is over nothing comes in at all",
    ),
    (
        "sitting_device_rules",
        "device-exists",
        "UNIQUE constraint failed: sitting_device.sitting_id, sitting_device.role, journaled-already",
        "the primary key, and where REPLACE gets round it the journal, which has its line",
    ),
];

/// A trigger as the schema has it.
struct Trigger {
    name: String,
    table: String,
    sql: String,
}

fn triggers(connection: &Connection) -> Vec<Trigger> {
    let sql = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Trigger {
            name: row.get(0)?,
            table: row.get(1)?,
            sql: row.get(2)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The trigger without one rule, for each rule it has.
fn without_one_rule(trigger: &Trigger) -> Vec<(String, String)> {
    let (head, body) = trigger.sql.split_once("BEGIN\n").unwrap();
    let rules: Vec<_> = body
        .trim_end_matches("END")
        .split_inclusive("IS NOT TRUE;\n")
        .collect();
    (0..rules.len())
        .map(|out| {
            let name = rules[out].split('\'').nth(1).unwrap().to_owned();
            let mut left = rules.clone();
            left.remove(out);
            // A trigger must do something.
            left.push("SELECT 1;\n");
            (name, format!("{head}BEGIN\n{}END", left.concat()))
        })
        .collect()
}

/// Whether somebody notices that the schema was changed by `change`: an attack gets
/// in, or a twin leaves no line. Those who were refused in other words tell these.
fn noticed(raw: &Connection, change: &str, list: &[&Attack]) -> (bool, BTreeSet<String>) {
    raw::run(raw, "SAVEPOINT mutant").unwrap();
    raw::run(raw, change).unwrap();
    let mut otherwise = BTreeSet::new();
    let missed = list.iter().any(|attack| {
        let Raw::Refused(reason) = attack.raw else {
            return false;
        };
        let (hostile, twin) = play(raw, attack).unwrap();
        let lineless = twin.is_err_and(|said| said == LINELESS);
        let gets_in = hostile.is_ok();
        if let Err(said) = hostile
            && !is_for(&Err(said.clone()), reason)
        {
            otherwise.insert(said);
        }
        gets_in || lineless
    });
    raw::run(raw, "ROLLBACK TO mutant; RELEASE mutant").unwrap();
    (missed, otherwise)
}

/// The attacks, those first that the rule or the table of the trigger is about.
fn nearest_first<'a>(list: &'a [Attack], table: &str, rule: &str) -> Vec<&'a Attack> {
    let aims = |attack: &Attack| {
        ["INTO", "UPDATE", "FROM"]
            .iter()
            .any(|verb| attack.hostile.contains(&format!("{verb} {table} ")))
    };
    let mut list: Vec<_> = list.iter().collect();
    list.sort_by_cached_key(|attack| {
        let meant = matches!(attack.raw, Raw::Refused(reason) if reason == rule);
        (!(meant && aims(attack)), !aims(attack))
    });
    list
}

#[test]
fn every_trigger_and_rule_is_missed_or_known_to_be_covered() {
    let mut world = scene();
    world.close();
    let raw = raw::armed(&world.database(), &world.key);
    // Without foreign keys and checks: a rule that only they would replace is missed.
    raw::loosen(&raw);
    let list = attacks();
    let mut unnoticed = BTreeMap::new();
    let mut mutants = 0;
    for trigger in triggers(&raw) {
        let drop = format!("DROP TRIGGER {};", trigger.name);
        let mut changes = vec![(String::new(), drop.clone())];
        if trigger.name.ends_with("_rules") {
            let rules = without_one_rule(&trigger).into_iter();
            changes.extend(rules.map(|(rule, sql)| (rule, format!("{drop}{sql}"))));
        }
        for (rule, change) in changes {
            mutants += 1;
            let list = nearest_first(&list, &trigger.table, &rule);
            let (missed, otherwise) = noticed(&raw, &change, &list);
            if !missed {
                let by: Vec<_> = otherwise.into_iter().collect();
                unnoticed.insert((trigger.name.clone(), rule), by.join(", "));
            }
        }
    }
    assert!(mutants > 130, "{mutants} mutants");
    let known: BTreeMap<_, _> = COVERED
        .iter()
        .map(|(trigger, rule, by, _)| {
            (
                ((*trigger).to_owned(), (*rule).to_owned()),
                (*by).to_owned(),
            )
        })
        .collect();
    assert_eq!(unnoticed, known);
}
