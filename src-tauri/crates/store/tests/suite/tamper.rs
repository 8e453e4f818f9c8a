//! A raw connection takes the triggers away, damages the job and puts them back.
//! The checker names the row.

use crate::attacks::{GROWING, SINGLE, copy, scene};
use crate::raw;
use crate::world::World;
use booth::Digest;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use store::{StationKey, VerifyFault, probe, verify};

/// A copy of the job, damaged behind the triggers' back.
fn damaged(world: &World, name: &str, damage: impl FnOnce(&Connection)) -> PathBuf {
    let dir = copy(world, name);
    let raw = raw::armed(&dir.join("job.db"), &world.key);
    raw::loosen(&raw);
    let flip = |call: &rusqlite::functions::Context<'_>| {
        let mut bytes: Vec<u8> = call.get(0)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        Ok(bytes)
    };
    raw.create_scalar_function("flip", 1, FunctionFlags::SQLITE_UTF8, flip)
        .unwrap();
    let triggers = column(&raw, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'");
    let names = column(
        &raw,
        "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
    );
    // Durable or not, the next process sees it: this is no test of power cuts.
    raw::run(&raw, "PRAGMA synchronous = OFF; BEGIN").unwrap();
    for name in names {
        raw::run(&raw, &format!("DROP TRIGGER {name}")).unwrap();
    }
    damage(&raw);
    for trigger in triggers {
        raw::run(&raw, &trigger).unwrap();
    }
    raw::run(&raw, "COMMIT").unwrap();
    dir
}

fn column(raw: &Connection, sql: &str) -> Vec<String> {
    let mut statement = raw.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What is wrong by the job's own key; with the station's key it must be no less.
fn faults(world: &World, dir: &Path) -> Vec<VerifyFault> {
    let unpinned = verify(dir, None).unwrap();
    assert!(unpinned.unpinned);
    let pinned = verify(dir, Some(&world.key.public())).unwrap();
    assert!(!pinned.unpinned);
    for fault in &unpinned.faults {
        assert!(pinned.faults.contains(fault), "only unpinned: {fault}");
    }
    unpinned.faults
}

/// The scene with all its sittings ended, and its folder closed.
fn good() -> World {
    let mut world = scene();
    world.close();
    world
}

#[test]
fn a_good_job_passes_with_and_without_the_key() {
    let world = good();
    let dir = damaged(&world, "untouched", |_| {});
    assert_eq!(faults(&world, &dir), []);
    let pinned = verify(&dir, Some(&world.key.public())).unwrap();
    assert_eq!(pinned.faults, []);
    assert_eq!(pinned.counts.records, 2);
    assert_eq!((pinned.counts.entries, pinned.counts.sittings), (5, 3));
    assert_eq!(pinned.station_key, Some(world.key.public()));
    assert_eq!(pinned.virtual_devices, []);
}

/// One damage: what it is, what must be named (`code table row`, several by commas),
/// and the SQL that does it.
const DAMAGES: &str = "
    one byte of a portrait | portrait-bytes photo 1 | UPDATE photo SET portrait = flip(portrait) WHERE photo_id = 1
    one byte of an original | original-bytes photo 2 | UPDATE photo SET original = flip(original) WHERE photo_id = 2
    one byte of an admission photo | picture-bytes admission_photo 1/1 | UPDATE admission_photo SET picture = flip(picture)
    a portrait and its digest | row-changed photo 1, signature-wrong acceptance 1/1 | UPDATE photo SET portrait = flip(portrait) WHERE photo_id = 1; UPDATE photo SET sha256 = likeness_sha256(portrait) WHERE photo_id = 1
    the portraits of two students exchanged | portrait-bytes photo 1, portrait-bytes photo 2 | UPDATE photo SET portrait = o.portrait FROM (SELECT photo_id AS id, portrait FROM photo) o WHERE o.id = 3 - photo_id
    one byte of a copy | normalised-bytes photo_normalised 1 | UPDATE photo_normalised SET picture = flip(picture) WHERE photo_id = 1
    a copy and its digest | row-changed photo_normalised 1, signature-wrong photo_normalised 1 | UPDATE photo_normalised SET picture = flip(picture) WHERE photo_id = 1; UPDATE photo_normalised SET sha256 = likeness_sha256(picture)
    the copies of two students exchanged | normalised-source photo_normalised 1, normalised-source photo_normalised 2 | UPDATE photo_normalised SET photo_id = photo_id + 90; UPDATE photo_normalised SET photo_id = 93 - photo_id
    the portrait of another as a copy | normalised-foreign photo_normalised 1, signature-wrong photo_normalised 1 | UPDATE photo_normalised SET picture = (SELECT portrait FROM photo WHERE photo_id = 2), sha256 = (SELECT sha256 FROM photo WHERE photo_id = 2) WHERE photo_id = 1
    a copy forgotten | row-missing photo_normalised 1 | DELETE FROM photo_normalised WHERE photo_id = 1
    the standard of the job | row-changed job_standard 1 | UPDATE job_standard SET text = text || ' '
    an acceptance on another photo | photo-foreign acceptance 1/1, row-changed acceptance 1/1 | UPDATE acceptance SET photo_id = 3 - photo_id + 90; UPDATE acceptance SET photo_id = photo_id - 90
    an acceptance for another entry | photo-foreign acceptance 4/1, row-missing acceptance 1/1, row-unjournaled acceptance 4/1 | UPDATE acceptance SET entry_id = 4 WHERE entry_id = 1
    an acceptance on another identity | identity-foreign acceptance 1/1 | UPDATE acceptance SET id_digest = flip(id_digest) WHERE entry_id = 1
    a photo under another entry | ticket-foreign photo 1, photo-foreign acceptance 1/1 | UPDATE photo SET entry_id = 4 WHERE photo_id = 1
    a photo with its acceptance under another entry | ticket-foreign photo 1, signature-wrong acceptance 4/1 | UPDATE photo SET entry_id = 4 WHERE photo_id = 1; UPDATE acceptance SET entry_id = 4 WHERE entry_id = 1
    a whole chain under another entry | entry-foreign verification 1, signature-wrong acceptance 4/1 | UPDATE verification SET entry_id = 4 WHERE entry_id = 1; UPDATE ticket SET entry_id = 4 WHERE entry_id = 1; UPDATE photo SET entry_id = 4 WHERE entry_id = 1; UPDATE acceptance SET entry_id = 4 WHERE entry_id = 1
    a verification of another document | evidence-foreign verification 1 | UPDATE verification SET id_digest = flip(id_digest) WHERE verification_id = 1
    a document of another person | evidence-foreign verification 1, row-changed evidence 1 | UPDATE evidence SET id_digest = flip(id_digest) WHERE evidence_id = 1
    the roster's identity digest | digest-foreign entry_version 1/1, entry-foreign verification 1 | UPDATE entry_version SET id_digest = flip(id_digest) WHERE entry_id = 1
    the roster's number | digest-foreign entry_version 1/1 | UPDATE entry_version SET number = '110105194912310097' WHERE entry_id = 1
    the roster's name | digest-foreign entry_version 1/1 | UPDATE entry_version SET name = '别人' WHERE entry_id = 1
    two student numbers exchanged | row-changed entry 1, row-changed entry 2, signature-wrong acceptance 1/1 | UPDATE entry SET student_number = 'x' || student_number WHERE entry_id < 3; UPDATE entry SET student_number = CASE entry_id WHEN 1 THEN '2022002' ELSE '2022001' END WHERE entry_id < 3
    a frame made younger | frame-before-seat photo 1 | UPDATE photo SET birth_ns = 1 WHERE photo_id = 1
    a frame of another epoch | frame-other-epoch photo 1 | UPDATE photo SET frame_epoch = 1 WHERE photo_id = 1
    a longer ticket | ticket-life ticket * | UPDATE ticket SET expires_ns = expires_ns + 1 WHERE sitting_id = 1
    a device forgotten | device-missing ticket *, row-missing sitting_device 1/camera | DELETE FROM sitting_device WHERE sitting_id = 1 AND role = 'camera'
    a device simulated | simulated-in-production sitting_device 1/camera | UPDATE sitting_device SET nature = 'simulated' WHERE sitting_id = 1 AND role = 'camera'
    a flag forgotten | row-missing flag 2/1 | DELETE FROM flag
    a record forgotten | row-missing acceptance 1/1, row-missing photo 1, outcome-untrue sitting_end 1 | DELETE FROM acceptance WHERE entry_id = 1; DELETE FROM photo WHERE photo_id = 1
    a second photo accepted | not-flagged acceptance 1/2 | UPDATE acceptance SET entry_id = 1, gen = 2 WHERE entry_id = 2
    one signature of a record | signature-wrong acceptance 1/1, row-changed acceptance 1/1 | UPDATE acceptance SET signature = flip(signature) WHERE entry_id = 1
    one signature of the journal | journal-signature journal 5 | UPDATE journal SET signature = flip(signature) WHERE seq = 5
    a journal line changed | journal-hash journal 5, row-changed entry_version 1/1 | UPDATE journal SET row_digest = flip(row_digest) WHERE kind = 'entry_version' AND row_id = '1/1'; UPDATE journal SET wall_ms = 0 WHERE seq = 5
    a journal line changed and hashed again | journal-signature journal 5, journal-chain journal 6 | UPDATE journal SET wall_ms = 0 WHERE seq = 5; UPDATE journal SET hash = likeness_journal_hash(seq, wall_ms, kind, row_id, row_digest, prev) WHERE seq = 5
    a journal line deleted | journal-gap journal 6, journal-chain journal 6 | DELETE FROM journal WHERE seq = 5
    the first line deleted | row-unjournaled job 1, journal-gap journal 2 | DELETE FROM journal WHERE seq = 1
    a journal line deleted and the rest moved up | journal-chain journal 5, journal-hash journal 5 | DELETE FROM journal WHERE seq = 5; UPDATE journal SET seq = seq - 1 + 9000 WHERE seq > 5; UPDATE journal SET seq = seq - 9000 WHERE seq > 9000
    a journal line inserted | journal-hash journal 6, journal-chain journal 5, row-missing flag 9/9 | UPDATE journal SET seq = seq + 9001 WHERE seq > 4; UPDATE journal SET seq = seq - 9000 WHERE seq > 9000; INSERT INTO journal VALUES (5, 1, 'flag', '9/9', zeroblob(32), zeroblob(32), zeroblob(32), zeroblob(64))
    two journal lines exchanged | journal-hash journal 5, journal-hash journal 6, journal-chain journal 5 | UPDATE journal SET seq = 9000 + seq WHERE seq IN (5, 6); UPDATE journal SET seq = 11 - (seq - 9000) WHERE seq > 9000
    the journal's last line changed | journal-hash journal * | UPDATE journal SET wall_ms = 0 WHERE seq = (SELECT max(seq) FROM journal)
    the journal's last line cut off | row-unjournaled ticket * | DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)
    the public key | row-changed job 1, journal-signature journal 1, signature-wrong acceptance 1/1 | UPDATE job SET station_key = x'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
    a public key that is none | row-changed job 1, journal-signature journal 1 | UPDATE job SET station_key = x'0200000000000000000000000000000000000000000000000000000000000000'
    the digest key | row-changed job 1, digest-foreign entry_version 1/1, signature-wrong acceptance 1/1 | UPDATE job SET digest_key = flip(digest_key)
    another kind of job | row-changed job 1 | UPDATE job SET kind = 'training'
    the job's row | job-unreadable job 1 | DELETE FROM job
    the end of a sitting | row-missing sitting_end 2, sitting-still-open sitting 2 | DELETE FROM sitting_end WHERE sitting_id = 2
    a sitting | row-missing sitting 2, evidence-before-sitting evidence 2 | DELETE FROM sitting WHERE sitting_id = 2
    a value that no column admits | integrity job.db * | UPDATE evidence SET kind = 'dream' WHERE evidence_id = 1
";

#[test]
fn every_damage_is_named() {
    let world = good();
    let lines = DAMAGES.lines().map(str::trim);
    let mut wrong = Vec::new();
    for (at, line) in lines.filter(|line| !line.is_empty()).enumerate() {
        let [what, named, sql] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let dir = damaged(&world, &format!("damage-{at}"), |raw| {
            let before = raw.total_changes();
            raw::run(raw, sql).unwrap_or_else(|said| panic!("{what}: {said}"));
            assert!(raw.total_changes() > before, "{what}: nothing was done");
        });
        let faults = faults(&world, &dir);
        for name in named.split(", ") {
            let [code, table, row] = name.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{name}");
            };
            let found = faults
                .iter()
                .any(|it| it.code == code && it.table == table && (row == "*" || it.row == row));
            if !found {
                wrong.push(format!("{what}: no {name} in {faults:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Columns of a table's key and all others that are stored, in order.
fn columns(raw: &Connection, table: &str) -> (Vec<String>, Vec<String>) {
    let info = format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0");
    let key = format!("{info} AND pk > 0 ORDER BY pk");
    (column(raw, &key), column(raw, &info))
}

/// A row's name in the journal, as SQL.
fn row_id(table: &str, key: &[String]) -> String {
    if table == "ticket" {
        return "lower(hex(ticket))".to_owned();
    }
    let parts: Vec<_> = key
        .iter()
        .map(|name| format!("CAST({name} AS TEXT)"))
        .collect();
    parts.join(" || '/' || ")
}

#[test]
fn every_column_of_every_table_counts() {
    let world = good();
    let model = raw::open(&world.database());
    let mut tried = 0;
    for table in GROWING.into_iter().chain(SINGLE).chain(["journal"]) {
        let (key, all) = columns(&model, table);
        let (id, key) = (row_id(table, &key), key.join(", "));
        let sql = format!("SELECT {id} FROM {table} ORDER BY {key} LIMIT 1");
        let id = column(&model, &sql).remove(0);
        for name in all {
            let dir = damaged(&world, &format!("{table}-{name}"), |raw| {
                let sql = format!(
                    "UPDATE {table} SET {name} = CASE typeof({name}) WHEN 'integer' THEN {name} + 1000
                       WHEN 'text' THEN {name} || 'x' ELSE flip({name}) END
                     WHERE ({key}) = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1)"
                );
                assert_eq!(raw.execute(&sql, []).unwrap(), 1);
            });
            let faults = faults(&world, &dir);
            let named = |fault: &VerifyFault| {
                // A line that changes its number leaves a gap before the next one.
                fault.table == table && (fault.row == id || (table == "journal" && name == "seq"))
            };
            assert!(faults.iter().any(named), "{table}.{name} {id}: {faults:?}");
            tried += 1;
        }
    }
    assert!(tried > 110, "{tried} columns");
}

#[test]
fn looking_changes_nothing() {
    let mut world = scene();
    let bytes = |world: &World| {
        ["job.db", "job.db-wal"]
            .map(|name| std::fs::read(world.dir().join(name)).unwrap_or_default())
    };
    let before = bytes(&world);
    assert!(
        !before[1].is_empty(),
        "there is a log that a writer would bring in"
    );
    assert_eq!(world.job().verify(None).unwrap().faults, []);
    assert!(bytes(&world) == before);
    world.close();
    let before = bytes(&world);
    assert_eq!(verify(&world.dir(), None).unwrap().faults, []);
    assert!(bytes(&world) == before);
}

#[test]
fn a_schema_that_was_changed_is_named() {
    let world = good();
    let model = raw::open(&world.database());
    let triggers = column(
        &model,
        "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
    );
    assert_eq!(triggers.len(), 20 * 3 + 19);
    let named = |dir: &Path, code: &str, row: &str| {
        let faults = faults(&world, dir);
        let [fault] = &faults[..] else {
            panic!("{faults:?}")
        };
        assert_eq!((fault.code, &*fault.row), (code, row));
    };
    for trigger in triggers {
        let dir = damaged(&world, &trigger, |_| {});
        let raw = raw::open(&dir.join("job.db"));
        raw::run(&raw, &format!("DROP TRIGGER {trigger}")).unwrap();
        drop(raw);
        named(&dir, "schema-missing", &trigger);
    }
    let dir = damaged(&world, "emptied", |_| {});
    let raw = raw::open(&dir.join("job.db"));
    let emptied = "DROP TRIGGER photo_rules;
        CREATE TRIGGER photo_rules BEFORE INSERT ON photo BEGIN SELECT 1; END";
    raw::run(&raw, emptied).unwrap();
    drop(raw);
    named(&dir, "schema-changed", "photo_rules");
}

/// Two portraits exchanged with everything that follows from it, as one would who has
/// everything but the station's key.
fn exchange_and_sign_again(raw: &Connection, other: &StationKey) {
    let digest_key = raw.query_row("SELECT digest_key FROM job", [], |row| row.get(0));
    probe::arm(raw, other, digest_key.unwrap()).unwrap();
    raw::can_vouch(raw, other);
    let public = other.public().to_bytes();
    raw.execute("UPDATE job SET station_key = ?1", [public])
        .unwrap();
    let exchange = "
        CREATE TEMP TABLE face AS SELECT photo_id, portrait, sha256 FROM photo;
        UPDATE photo SET sha256 = randomblob(32);
        UPDATE photo SET (portrait, sha256) =
          (SELECT portrait, sha256 FROM temp.face WHERE face.photo_id = 3 - photo.photo_id);
        DROP TABLE temp.face;
        UPDATE acceptance SET signature = (SELECT test_vouch((SELECT uuid FROM job), sitting_id,
            acceptance.entry_id, student_number, gen, id_digest, sha256, frame_sha256)
          FROM photo JOIN entry USING (entry_id) WHERE photo.photo_id = acceptance.photo_id);
        UPDATE photo_normalised SET portrait_sha256 =
          (SELECT sha256 FROM photo WHERE photo.photo_id = photo_normalised.photo_id);
        UPDATE photo_normalised SET signature =
          test_vouch_copy((SELECT uuid FROM job), portrait_sha256, sha256);";
    raw::run(raw, exchange).unwrap();
    let lines = column(
        raw,
        "SELECT kind || ' ' || row_id FROM journal ORDER BY seq",
    );
    for (line, seq) in lines.iter().zip(1..) {
        let (table, row) = line.split_once(' ').unwrap();
        let (key, mut all) = columns(raw, table);
        all.retain(|name| !["portrait", "original", "picture"].contains(&&**name));
        let digest = format!(
            "SELECT likeness_row('{table}', {}) FROM {table} WHERE {} = ?1",
            all.join(", "),
            row_id(table, &key)
        );
        let digest: Vec<u8> = raw.query_row(&digest, [row], |row| row.get(0)).unwrap();
        let line = "UPDATE journal SET row_digest = ?2, prev =
            coalesce((SELECT hash FROM journal WHERE seq = ?1 - 1), zeroblob(32)) WHERE seq = ?1";
        raw.execute(line, params![seq, digest]).unwrap();
        let seal = "UPDATE journal SET (hash, signature) = (
            likeness_journal_hash(seq, wall_ms, kind, row_id, row_digest, prev),
            likeness_seal(seq, wall_ms, kind, row_id, row_digest, prev)) WHERE seq = ?1";
        raw.execute(seal, [seq]).unwrap();
    }
}

#[test]
fn a_job_signed_again_with_another_key_needs_the_pinned_one() {
    let world = good();
    let other = StationKey::load_or_create(&world.root.path().join("other")).unwrap();
    let dir = damaged(&world, "forged", |raw| exchange_and_sign_again(raw, &other));
    let unpinned = verify(&dir, None).unwrap();
    assert_eq!(unpinned.faults, [], "it is a perfect job of somebody else");
    assert!(
        unpinned.unpinned,
        "and the report says that this was not asked"
    );
    let pinned = verify(&dir, Some(&world.key.public())).unwrap();
    let said: Vec<_> = pinned.faults.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["station-key-differs: job 1"]);
    let pinned = verify(&dir, Some(&other.public())).unwrap();
    assert_eq!(pinned.faults, [], "the twin: by its own key it passes");
}

#[test]
fn a_tail_cut_off_cleanly_shows_in_the_head_only() {
    let mut world = World::new();
    let head = |world: &mut World| world.job().verify(None).unwrap().head.unwrap();
    world.file(0);
    let earlier: (i64, Digest) = head(&mut world);
    world.file(1);
    let noted = head(&mut world);
    world.close();
    let dir = damaged(&world, "cut", |raw| {
        let sql = format!(
            "SELECT kind || ' ' || row_id FROM journal WHERE seq > {} ORDER BY seq DESC",
            earlier.0
        );
        for line in column(raw, &sql) {
            let (table, row) = line.split_once(' ').unwrap();
            let id = row_id(table, &columns(raw, table).0);
            let delete = format!("DELETE FROM {table} WHERE {id} = ?1");
            assert_eq!(raw.execute(&delete, [row]).unwrap(), 1);
        }
        raw.execute("DELETE FROM journal WHERE seq > ?1", [earlier.0])
            .unwrap();
    });
    let report = verify(&dir, Some(&world.key.public())).unwrap();
    assert_eq!(report.faults, [], "a shorter job is a perfect one");
    assert_eq!(report.head, Some(earlier));
    assert_ne!(
        report.head,
        Some(noted),
        "only a head noted elsewhere tells"
    );
}
