//! Random hostile SQL on a connection with every function and the station's key. A
//! checker of its own, which knows neither triggers nor `verify`, looks whether the
//! promise still holds.

use crate::attacks::GROWING;
use crate::raw::{self, Row};
use crate::world::World;
use booth::sha256;
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};
use store::verify;

const SEED: u64 = 0x11ce_2026;
const STATEMENTS: usize = 20_000;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, choice: &[&'a T]) -> &'a T {
        choice[self.roll(choice.len())]
    }
}

/// How far the sitting that was opened last has come: `end`, or the table whose row
/// it lacks.
fn stage(raw: &Connection) -> String {
    let sql = "SELECT CASE
        WHEN s IS NULL OR EXISTS (SELECT 1 FROM sitting_end WHERE sitting_id = s) THEN 'sitting'
        WHEN 2 > (SELECT count(*) FROM sitting_device WHERE sitting_id = s) THEN 'device'
        WHEN NOT EXISTS (SELECT 1 FROM evidence WHERE sitting_id = s) THEN 'evidence'
        WHEN NOT EXISTS (SELECT 1 FROM verification WHERE sitting_id = s) THEN 'verification'
        WHEN NOT EXISTS (SELECT 1 FROM ticket WHERE sitting_id = s) THEN 'ticket'
        WHEN NOT EXISTS (SELECT 1 FROM photo WHERE sitting_id = s) THEN 'photo'
        WHEN NOT EXISTS (SELECT 1 FROM acceptance JOIN photo USING (photo_id)
          WHERE sitting_id = s) THEN 'acceptance' ELSE 'end' END
        FROM (SELECT max(sitting_id) AS s FROM sitting)";
    raw.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A row that would follow, or close to one.
fn row(raw: &Connection, dice: &mut Dice) -> Row {
    let entry = (dice.roll(40) + 1).to_string();
    let seated = "(SELECT entry_id FROM entry_version JOIN evidence USING (id_digest)
        WHERE sitting_id = (SELECT max(sitting_id) FROM sitting))";
    if dice.roll(6) == 0 {
        return out_of_turn(&entry, dice);
    }
    match &*stage(raw) {
        "sitting" => raw::sitting(),
        "device" => raw::device(dice.of(&["'reader'", "'camera'"])),
        "evidence" => raw::evidence(&entry),
        "verification" => raw::verification(seated),
        // Whoever is filed already gets no ticket, and a spoilt sitting no portrait.
        "ticket" if dice.roll(4) == 0 => raw::end("'refused'"),
        "photo" | "acceptance" if dice.roll(8) == 0 => raw::end("'void'"),
        "ticket" => raw::ticket(),
        "photo" => raw::photo(),
        "acceptance" if dice.roll(3) == 0 => raw::controls(),
        "acceptance" if dice.roll(3) == 0 => raw::normalised(),
        "acceptance" => raw::acceptance(),
        _ => raw::end("'filed'"),
    }
}

fn out_of_turn(entry: &str, dice: &mut Dice) -> Row {
    let number = format!("'1101051949123{:05}'", dice.roll(100_000));
    match dice.roll(16) {
        0 => raw::import(),
        1 | 2 => raw::entry(),
        3 | 4 => raw::version(entry, &number),
        5 => raw::admission(entry),
        6 => raw::stage(),
        7 => raw::camera_clock(),
        8 => raw::end("'void'"),
        9 => raw::evidence(entry),
        10 => raw::acceptance(),
        _ => raw::flag(
            entry,
            &format!("(SELECT max(gen) FROM acceptance WHERE entry_id = {entry})"),
        ),
    }
}

const VALUES: &[&str] = &[
    "NULL",
    "0",
    "-1",
    "1",
    "2",
    "3",
    "9223372036854775807",
    "-9223372036854775808",
    "1.5",
    "''",
    "'void'",
    "'filed'",
    "'manual'",
    "'simulated'",
    "'referred'",
    "'matched'",
    "'folder'",
    "'exif'",
    "'op'",
    "x''",
    "zeroblob(16)",
    "zeroblob(32)",
    "zeroblob(64)",
    "(SELECT max(sitting_id) FROM sitting)",
    "(SELECT max(sitting_id) - 1 FROM sitting)",
    "(SELECT max(entry_id) FROM entry)",
    "(SELECT max(photo_id) FROM photo)",
    "(SELECT ticket FROM ticket ORDER BY sitting_id DESC LIMIT 1 OFFSET 1)",
    "(SELECT id_digest FROM entry_version LIMIT 1 OFFSET 3)",
    "(SELECT id_digest FROM evidence ORDER BY sitting_id DESC LIMIT 1 OFFSET 1)",
    "(SELECT sha256 FROM photo ORDER BY photo_id DESC LIMIT 1)",
    "(SELECT portrait FROM photo ORDER BY photo_id DESC LIMIT 1)",
    "(SELECT signature FROM acceptance LIMIT 1)",
    "(SELECT seated_ns - 1 FROM ticket ORDER BY sitting_id DESC LIMIT 1)",
];

const VERBS: &[&str] = &[
    "INSERT",
    "REPLACE",
    "INSERT OR IGNORE",
    "INSERT OR FAIL",
    "INSERT OR ROLLBACK",
];

const SETTINGS: &[&str] = &[
    "PRAGMA foreign_keys = OFF",
    "PRAGMA foreign_keys = ON",
    "PRAGMA ignore_check_constraints = ON",
    "PRAGMA ignore_check_constraints = OFF",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA defer_foreign_keys = ON",
    "PRAGMA reverse_unordered_selects = ON",
];

/// One statement: half of them follow the rules, so that portraits do arise.
fn statement(raw: &Connection, dice: &mut Dice) -> String {
    let follows = row(raw, dice);
    let columns = follows.columns();
    match dice.roll(20) {
        0..=11 => follows.sql(),
        12 | 13 => {
            let column = dice.of(&columns);
            follows.with(column, dice.of(VALUES)).sql_as(dice.of(VERBS))
        }
        14 => {
            let (one, two) = (dice.of(&columns), dice.of(&columns));
            let bad = follows.with(one, dice.of(VALUES));
            bad.with(two, dice.of(VALUES)).sql_as(dice.of(VERBS))
        }
        15 => {
            let table = dice.of(&GROWING);
            let verb = dice.of(&["UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"]);
            let columns = raw::columns(raw, table);
            let column = &columns[dice.roll(columns.len())];
            format!("{verb} {table} SET {column} = {}", dice.of(VALUES))
        }
        16 => format!(
            "DELETE FROM {} WHERE {}",
            dice.of(&GROWING),
            dice.of(&["1", "rowid = 1"])
        ),
        17 => {
            let insert = follows.sql();
            let column = dice.of(&columns);
            let value = dice.of(&["excluded.", ""]);
            let insert = insert.trim_end_matches(';');
            format!("{insert} ON CONFLICT DO UPDATE SET {column} = {value}{column}")
        }
        18 => dice.of(SETTINGS).to_owned(),
        _ => dice
            .of(&[
                "BEGIN",
                "COMMIT",
                "COMMIT",
                "COMMIT",
                "ROLLBACK",
                "SAVEPOINT s",
                "ROLLBACK TO s",
                "RELEASE s",
            ])
            .to_owned(),
    }
}

/// What was on file at the last look, which has to be there at the next.
#[derive(Default)]
struct Seen {
    photos: HashMap<i64, (i64, Vec<u8>)>,
    accepted: HashMap<(i64, i64), i64>,
}

/// One acceptance with its whole chain.
struct Link {
    entries: [i64; 4],
    sittings: [i64; 4],
    identities: [Vec<u8>; 3],
    roster: Option<Vec<u8>>,
    basis: String,
    pictures: [Vec<u8>; 4],
    life: [(Vec<u8>, i64); 2],
    moments: [i64; 5],
}

const LINKS: &str = "SELECT a.entry_id, a.gen, a.photo_id,
    p.entry_id, t.entry_id, v.entry_id, p.sitting_id, t.sitting_id, v.sitting_id, e.sitting_id,
    a.id_digest, v.id_digest, e.id_digest, r.id_digest, v.basis,
    p.sha256, p.portrait, p.frame_sha256, p.original, p.boot, p.frame_epoch, t.boot, t.epoch,
    t.seated_ns, min(p.birth_ns, p.arrived_ns, p.pressed_ns), max(p.arrived_ns, p.pressed_ns),
    t.expires_ns, p.pressed_ns - p.birth_ns
  FROM acceptance a LEFT JOIN photo p ON p.photo_id = a.photo_id
    LEFT JOIN ticket t ON t.ticket = p.ticket
    LEFT JOIN verification v ON v.verification_id = p.verification_id
      AND v.verification_id = t.verification_id
    LEFT JOIN evidence e ON e.evidence_id = v.evidence_id
    LEFT JOIN entry_version r ON r.entry_id = v.entry_id AND r.version = v.entry_version";

fn link(row: &rusqlite::Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        entries: [row.get(0)?, row.get(3)?, row.get(4)?, row.get(5)?],
        sittings: [row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?],
        identities: [row.get(10)?, row.get(11)?, row.get(12)?],
        roster: row.get(13)?,
        basis: row.get(14)?,
        pictures: [row.get(15)?, row.get(16)?, row.get(17)?, row.get(18)?],
        life: [(row.get(19)?, row.get(20)?), (row.get(21)?, row.get(22)?)],
        moments: [
            row.get(23)?,
            row.get(24)?,
            row.get(25)?,
            row.get(26)?,
            row.get(27)?,
        ],
    })
}

impl Link {
    fn holds(&self) -> bool {
        let one = |numbers: &[i64]| numbers.iter().all(|number| *number == numbers[0]);
        let [identity, verified, read] = &self.identities;
        let [portrait, pixels, frame, original] = &self.pictures;
        let [seated, earliest, latest, expires, age] = self.moments;
        let matched = self.basis == "referred" || self.roster.as_ref() == Some(identity);
        one(&self.entries)
            && one(&self.sittings)
            && identity == verified
            && verified == read
            && matched
            && portrait == sha256(pixels).as_bytes()
            && frame == sha256(original).as_bytes()
            && self.life[0] == self.life[1]
            && seated <= earliest
            && latest <= expires
            && expires - seated <= 300_000_000_000
            && age <= 250_000_000
    }
}

impl Seen {
    /// Looks at everything; says what does not hold.
    fn look(&mut self, raw: &Connection) -> Result<(), String> {
        let mut now = Self::default();
        let mut statement = raw.prepare(LINKS).unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut photos = HashSet::new();
        while let Some(row) = rows.next().unwrap() {
            let key: (i64, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
            let photo: i64 = row.get(2).unwrap();
            let link = link(row).map_err(|error| format!("acceptance {key:?}: {error}"))?;
            if !link.holds() {
                return Err(format!("acceptance {key:?} and its chain disagree"));
            }
            if !photos.insert(photo) {
                return Err(format!("photo {photo} is accepted twice"));
            }
            now.accepted.insert(key, photo);
            now.photos.insert(photo, (key.0, link.pictures[1].clone()));
        }
        now.one_stands(raw)?;
        self.photos
            .retain(|id, was| now.photos.get(id) != Some(was));
        self.accepted
            .retain(|id, was| now.accepted.get(id) != Some(was));
        if !self.photos.is_empty() || !self.accepted.is_empty() {
            return Err("a record changed or went away".to_owned());
        }
        *self = now;
        for (what, sql) in NEVER {
            let broken: i64 = raw.query_row(sql, [], |row| row.get(0)).unwrap();
            if broken != 0 {
                return Err(format!("{broken} times: {what}"));
            }
        }
        Ok(())
    }

    /// Generations are 1, 2, 3, .., and each but the last was flagged.
    fn one_stands(&self, raw: &Connection) -> Result<(), String> {
        let mut statement = raw.prepare("SELECT entry_id, gen FROM flag").unwrap();
        let flags = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let flags: HashSet<(i64, i64)> = flags.unwrap().map(Result::unwrap).collect();
        for (entry, generation) in self.accepted.keys() {
            let before = (*entry, generation - 1);
            let first = *generation == 1;
            let follows = flags.contains(&before) && self.accepted.contains_key(&before);
            if !(first || follows) {
                return Err(format!("entry {entry} has two portraits that stand"));
            }
        }
        Ok(())
    }
}

/// What must be counted as nothing.
const NEVER: &[(&str, &str)] = &[
    (
        "a ticket used twice",
        "SELECT count(*) - count(DISTINCT ticket) FROM photo",
    ),
    (
        "a verification with two tickets",
        "SELECT count(*) - count(DISTINCT verification_id) FROM ticket",
    ),
    (
        "a document verified twice",
        "SELECT count(*) - count(DISTINCT evidence_id) FROM verification",
    ),
    (
        "two documents in a sitting",
        "SELECT count(*) - count(DISTINCT sitting_id) FROM evidence",
    ),
    (
        "one picture twice",
        "SELECT 2 * count(*) - count(DISTINCT sha256) - count(DISTINCT frame_sha256) FROM photo",
    ),
    (
        "two sittings open",
        "SELECT max(0, (SELECT count(*) FROM sitting) - (SELECT count(*) FROM sitting_end) - 1)",
    ),
    (
        "a sitting that says filed and is not, or is and does not say so",
        "SELECT count(*) FROM sitting_end WHERE (outcome = 'filed') <> (sitting_id IN
           (SELECT sitting_id FROM photo JOIN acceptance USING (photo_id)))",
    ),
    (
        "manual evidence of one operator",
        "SELECT count(*) FROM evidence JOIN sitting USING (sitting_id)
           WHERE kind = 'manual' AND (second_operator = '' OR second_operator = operator)",
    ),
    (
        "something simulated",
        "SELECT (SELECT count(*) FROM evidence WHERE assurance = 'simulated')
           + (SELECT count(*) FROM sitting_device WHERE nature = 'simulated')",
    ),
    (
        "a seat without its devices",
        "SELECT count(*) FROM ticket WHERE 2 <> (SELECT count(*) FROM sitting_device d
           WHERE d.sitting_id = ticket.sitting_id)",
    ),
    (
        "a row without a line",
        "SELECT count(*) - (SELECT count(*) FROM journal WHERE kind = 'photo') FROM photo",
    ),
];

#[test]
fn the_promise_survives_random_sql() {
    let mut world = World::new();
    world.close();
    let raw = raw::armed(&world.database(), &world.key);
    raw::run(&raw, "PRAGMA synchronous = OFF").unwrap();
    let (mut dice, mut seen) = (Dice(SEED), Seen::default());
    let (mut passed, mut refused, mut looks) = (0, 0, 0);
    for step in 1..=STATEMENTS {
        let sql = statement(&raw, &mut dice);
        match raw::run(&raw, &sql) {
            Ok(()) => passed += 1,
            Err(_) => refused += 1,
        }
        // What was not committed may still be taken back.
        if step % 100 == 0 && raw.is_autocommit() {
            looks += 1;
            let held = seen.look(&raw);
            assert_eq!(held, Ok(()), "seed {SEED:#x}, step {step}, last: {sql}");
        }
    }
    if !raw.is_autocommit() {
        raw::run(&raw, "COMMIT").unwrap();
    }
    seen.look(&raw).unwrap();
    let (photos, flags) = (seen.photos.len(), flagged(&raw));
    println!("{passed} passed, {refused} refused, {photos} records, {flags} flags, {looks} looks");
    assert!(photos >= 200, "only {photos} records arose");
    assert!(flags >= 50, "only {flags} were flagged");
    assert!(looks >= 50, "only {looks} looks");
    assert!(refused >= 5_000, "only {refused} were refused");
    drop(raw);
    let faults = verify(&world.dir(), Some(&world.key.public()))
        .unwrap()
        .faults;
    // What no rule promises: a value that only a CHECK knows, a reason nobody knows,
    // and a photo that was never accepted. The checker names them all the same.
    let allowed = ["integrity", "flag-without-reason", "photo-unaccepted"];
    for fault in faults {
        assert!(allowed.contains(&fault.code), "seed {SEED:#x}: {fault}");
    }
}

fn flagged(raw: &Connection) -> i64 {
    let sql = "SELECT count(*) FROM flag";
    raw.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_checker_of_this_test_sees_what_it_should() {
    let damages = [
        ("UPDATE acceptance SET entry_id = 4", "disagree"),
        ("UPDATE photo SET portrait = x'01'", "disagree"),
        ("UPDATE evidence SET id_digest = zeroblob(32)", "disagree"),
        ("UPDATE photo SET birth_ns = 0", "disagree"),
        ("UPDATE acceptance SET gen = 2", "stand"),
        (
            "DELETE FROM acceptance; DELETE FROM sitting_end",
            "went away",
        ),
        ("UPDATE evidence SET kind = 'manual'", "one operator"),
        ("UPDATE sitting_end SET outcome = 'void'", "says filed"),
        ("DELETE FROM sitting_device", "without its devices"),
    ];
    let mut world = World::new();
    world.file(0);
    world.close();
    let raw = raw::armed(&world.database(), &world.key);
    raw::loosen(&raw);
    let mut triggers = raw
        .prepare("SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap();
    let drop: String = triggers.query_row([], |row| row.get(0)).unwrap();
    for (damage, says) in damages {
        let mut seen = Seen::default();
        seen.look(&raw).unwrap();
        raw::run(&raw, &format!("BEGIN; {drop}; {damage}")).unwrap();
        let said = seen.look(&raw).unwrap_err();
        assert!(said.contains(says), "{damage}: {said}");
        raw::run(&raw, "ROLLBACK").unwrap();
    }
}
