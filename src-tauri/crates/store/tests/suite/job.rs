//! A job from creation to delivery, by its public doors.

use crate::world::{CONTROLS, PEOPLE, STANDARD, World, at, copy_of, new_entry, number_of};
use booth::{
    Attendance, BootId, Claim, DocumentNumber, FlagReason, Generation, JobKind, Outcome,
    PersonName, SittingId, Standing, VoidCause, sha256,
};
use std::fs;
use std::path::Path;
use store::{CameraClock, Hold, Job, NewEntry, RecordFilter, RecordStatus, StationKey, probe};

fn import(world: &mut World, rows: &[NewEntry]) {
    world
        .job()
        .import_roster(rows, sha256(b"again"), "op", false)
        .unwrap();
}

fn everybody() -> Vec<NewEntry> {
    PEOPLE.into_iter().map(new_entry).collect()
}

#[test]
fn a_sitting_is_filed_and_read_back() {
    let mut world = World::new();
    world.file(0);
    world.file(1);
    world.reopen();
    let records = world.job().records(&RecordFilter::default()).unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].entry.student_number, number_of(PEOPLE[0].0));
    assert_eq!(records[0].status, RecordStatus::Filed);
    assert_eq!(records[0].hold, None);
    assert_eq!(records[0].camera, "test");
    assert_eq!(records[0].controls.as_deref(), Some(CONTROLS));
    let one = number_of(PEOPLE[0].0);
    let portrait = world.job().record_portrait(&one, None).unwrap();
    assert_eq!(sha256(&portrait), records[0].portrait);
    let copy = world.job().record_normalised(&one, None).unwrap();
    assert_eq!(copy, copy_of(&portrait));
    assert_eq!(Some(sha256(&copy)), records[0].normalised);
    let original = world.job().record_original(&one, None).unwrap();
    assert_eq!(sha256(&original), records[0].frame);
    assert!(world.job().has_frame(records[0].frame).unwrap());
    assert_eq!(world.job().unfinished_sitting().unwrap(), None);
    assert_eq!(world.job().sitting_devices().unwrap().len(), 4);
}

#[test]
fn one_process_holds_a_job_and_it_stays_with_its_station() {
    let mut world = World::new();
    let busy = Job::open(&world.dir(), &world.key).unwrap_err();
    assert_eq!(busy.code(), "job-busy");
    world.close();
    let other = StationKey::load_or_create(&world.root.path().join("other")).unwrap();
    let error = Job::open(&world.dir(), &other).unwrap_err();
    assert_eq!(error.code(), "job-of-another-station");
    world.reopen();
    assert_eq!(world.job().kind(), JobKind::Production);
    assert_eq!(world.job().profile(), "national");
}

#[test]
fn a_job_that_the_first_version_made_keeps_its_records_and_goes_on() {
    // Nobody had asked the camera then.
    goes_on("first-version", 1, None);
}

#[test]
fn a_job_that_the_second_version_made_keeps_its_records_and_goes_on() {
    goes_on("second-version", 2, Some(CONTROLS));
}

/// The true file of an earlier version: two filed, a third left in the seat (`data/README.md`).
fn goes_on(data: &str, version: i64, controls: Option<&str>) {
    let made = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(data);
    let root = tempfile::tempdir().unwrap();
    for folder in ["job", "key"] {
        let to = root.path().join(folder);
        fs::create_dir(&to).unwrap();
        for file in fs::read_dir(made.join(folder)).unwrap() {
            let file = file.unwrap();
            let copy = to.join(file.file_name());
            fs::copy(file.path(), &copy).unwrap();
            #[cfg(unix)]
            {
                // A repository keeps no modes, and a key that others may read is refused.
                use std::os::unix::fs::PermissionsExt;
                fs::set_permissions(copy, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
    }
    let dir = root.path().join("job");
    assert_eq!(store::verify(&dir, None).unwrap().faults, []);
    let mut world = World::lent(root.path().to_owned());
    let old = world.job().records(&RecordFilter::default()).unwrap();
    let of_whom: Vec<_> = old.iter().map(|one| &one.entry.student_number).collect();
    let two = [number_of(PEOPLE[0].0), number_of(PEOPLE[1].0)];
    assert_eq!(of_whom, [&two[0], &two[1]]);
    for (record, number) in old.iter().zip(&two) {
        assert_eq!(record.controls.as_deref(), controls);
        let portrait = world.job().record_portrait(number, None).unwrap();
        assert_eq!(sha256(&portrait), record.portrait);
        let original = world.job().record_original(number, None).unwrap();
        assert_eq!(sha256(&original), record.frame);
    }
    let seated = world.job().unfinished_sitting().unwrap().unwrap();
    let voided = Outcome::Void(VoidCause::Restarted);
    world
        .job()
        .end_sitting(seated, voided, at(9_000_000))
        .unwrap();
    world.file(2);
    let filter = RecordFilter::default();
    let records = world.job().records(&filter).unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(records[2].controls.as_deref(), Some(CONTROLS));
    assert!(records[1].normalised.is_none() && records[2].normalised.is_some());
    let none = world.job().record_normalised(&two[0], None).unwrap_err();
    assert_eq!(none.code(), "normalised-none");
    // It kept no text of its standard, and with a roster in it nobody brings one.
    assert_eq!(world.job().standard().unwrap(), None);
    let late = "INSERT INTO job_standard VALUES (1, 'other', 'usual')";
    let refused = probe::connection(world.job())
        .execute(late, [])
        .unwrap_err();
    assert!(refused.to_string().starts_with("job-begun"), "{refused}");
    world.close();
    assert_eq!(store::verify(&dir, None).unwrap().faults, []);
    // What says that it is of the earlier version has no business with the newest one's.
    let raw = rusqlite::Connection::open(world.database()).unwrap();
    raw.pragma_update(None, "user_version", version).unwrap();
    drop(raw);
    let error = Job::open(&world.dir(), &world.key).unwrap_err();
    assert_eq!(error.code(), "job-damaged");
    let faults = store::verify(&world.dir(), None).unwrap().faults;
    assert!(faults.iter().any(|fault| fault.code == "schema-foreign"));
}

#[test]
fn what_is_no_job_is_named() {
    let mut world = World::new();
    let nowhere = world.root.path().join("nowhere");
    assert_eq!(
        Job::open(&nowhere, &world.key).unwrap_err().code(),
        "job-missing"
    );
    assert!(!nowhere.exists(), "opening makes nothing");
    let again = Job::create(&world.dir(), JobKind::Training, STANDARD, &world.key);
    assert_eq!(again.unwrap_err().code(), "job-exists");
    fs::create_dir(&nowhere).unwrap();
    fs::write(nowhere.join("job.db"), b"hello, this is no database").unwrap();
    assert_eq!(
        Job::open(&nowhere, &world.key).unwrap_err().code(),
        "not-a-job"
    );
    world.close();
    let raw = rusqlite::Connection::open(world.database()).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    assert_eq!(
        Job::open(&world.dir(), &world.key).unwrap_err().code(),
        "job-newer"
    );
    let raw = rusqlite::Connection::open(world.database()).unwrap();
    raw.pragma_update(None, "user_version", 1).unwrap();
    raw.pragma_update(None, "application_id", 1).unwrap();
    drop(raw);
    assert_eq!(
        Job::open(&world.dir(), &world.key).unwrap_err().code(),
        "not-a-job"
    );
}

#[test]
fn a_job_is_made_in_an_empty_folder_without_leftovers() {
    let world = World::new();
    let empty = world.root.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let job = Job::create(&empty, JobKind::Training, STANDARD, &world.key).unwrap();
    assert_eq!(job.kind(), JobKind::Training);
    let kept = job.standard().unwrap().unwrap();
    assert_eq!((&*kept.text, &*kept.usual), (STANDARD.text, STANDARD.usual));
    let names = fs::read_dir(world.root.path()).unwrap();
    let hidden = names.filter(|name| {
        let name = name.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(".likeness")
    });
    assert_eq!(hidden.count(), 0);
}

#[test]
fn an_import_reports_and_never_deletes() {
    let mut world = World::new();
    let mut rows = everybody();
    rows.remove(4);
    rows.reverse();
    rows[0].name = PersonName::parse("陈戴").unwrap();
    rows[0].class = "二班".into();
    let before = world.job().journal(0).unwrap().len();
    let dry = world
        .job()
        .import_roster(&rows, sha256(b"2"), "op", true)
        .unwrap();
    assert_eq!(
        world.job().journal(0).unwrap().len(),
        before,
        "a dry run writes nothing"
    );
    let report = world
        .job()
        .import_roster(&rows, sha256(b"2"), "op", false)
        .unwrap();
    assert_eq!(dry, report);
    assert_eq!(report.unchanged, 3);
    assert_eq!(report.absent, [number_of(PEOPLE[4].0)]);
    assert_eq!(report.changed.len(), 1);
    assert_eq!(report.changed[0].columns, ["name", "class"]);
    let entries = world.job().entries(None).unwrap();
    assert_eq!(entries.len(), 5);
    assert_eq!(
        world.job().entries(Some("二班")).unwrap()[0].entry.version,
        2
    );
    rows[1] = rows[0].clone();
    let twice = world.job().import_roster(&rows, sha256(b"3"), "op", false);
    assert_eq!(
        twice.unwrap_err().to_string(),
        "the database refused the row: student-number-twice"
    );
}

#[test]
fn a_flag_admits_one_more_generation_and_the_old_one_stays() {
    let mut world = World::new();
    let one = number_of(PEOPLE[0].0);
    let none = world.job().flag(&one, FlagReason::EyesClosed, "li");
    assert_eq!(none.unwrap_err().code(), "record-unknown");
    world.file(0);
    let first = world.job().record_portrait(&one, None).unwrap();
    world
        .job()
        .flag(&one, FlagReason::EyesClosed, "li")
        .unwrap();
    let again = world.job().flag(&one, FlagReason::Glare, "li").unwrap_err();
    assert!(again.to_string().contains("flagged-already"));
    assert_eq!(
        world.job().entries(None).unwrap()[0].standing,
        Standing::Flagged(Generation(1))
    );
    world.file(0);
    let records = world.job().records(&RecordFilter::default()).unwrap();
    let status: Vec<_> = records
        .iter()
        .map(|record| (record.generation.0, record.status))
        .collect();
    assert_eq!(
        status,
        [(1, RecordStatus::Superseded), (2, RecordStatus::Filed)]
    );
    let flag = records[0].flag.as_ref().unwrap();
    assert_eq!(
        (flag.reason.as_str(), flag.by.as_str()),
        ("eyes-closed", "li")
    );
    let old = world
        .job()
        .record_portrait(&one, Some(Generation(1)))
        .unwrap();
    assert_eq!(old, first);
    assert_ne!(world.job().record_portrait(&one, None).unwrap(), first);
    let current = RecordFilter {
        current_only: true,
        ..RecordFilter::default()
    };
    assert_eq!(world.job().records(&current).unwrap().len(), 1);
}

#[test]
fn a_referred_record_waits_for_the_registrar() {
    let mut world = World::new();
    let stranger = ("", "戴达", "110105194912310097");
    let claim = Claim {
        student_number: Some(number_of(PEOPLE[3].0)),
        referred_by: Some("registrar".into()),
    };
    let filing = world.filing(3, claim, stranger);
    world.job().file(&filing, "op").unwrap();
    let hold = |world: &mut World| world.job().records(&RecordFilter::default()).unwrap()[0].hold;
    assert_eq!(hold(&mut world), Some(Hold::Referred));
    let mut rows = everybody();
    rows[3].number = DocumentNumber::parse(stranger.2).unwrap();
    import(&mut world, &rows);
    assert_eq!(
        hold(&mut world),
        Some(Hold::Referred),
        "the name is still the old one"
    );
    rows[3].name = PersonName::parse(stranger.1).unwrap();
    import(&mut world, &rows);
    assert_eq!(hold(&mut world), None);
}

#[test]
fn a_roster_that_changes_after_the_sitting_holds_the_record() {
    let mut world = World::new();
    world.file(0);
    world.file(1);
    let mut rows = everybody();
    rows[0].number = DocumentNumber::parse("110105194912310097").unwrap();
    rows[1].name = PersonName::parse("别人").unwrap();
    import(&mut world, &rows);
    let records = world.job().records(&RecordFilter::default()).unwrap();
    assert_eq!(records[0].hold, Some(Hold::NumberChanged));
    assert_eq!(records[1].hold, Some(Hold::NameChanged));
    rows = everybody();
    import(&mut world, &rows);
    let records = world.job().records(&RecordFilter::default()).unwrap();
    assert_eq!(records[0].hold.or(records[1].hold), None);
}

#[test]
fn a_sitting_that_was_left_open_is_found_and_ended() {
    let mut world = World::new();
    let sitting = world.seat(0);
    assert!(!world.job().last_document_left().unwrap());
    world.reopen();
    assert_eq!(world.job().unfinished_sitting().unwrap(), Some(sitting));
    let open = world
        .job()
        .open_sitting(SittingId(2), "op", Attendance::Attended, at(9_000));
    assert!(open.unwrap_err().to_string().contains("sitting-still-open"));
    let untrue = world.job().end_sitting(sitting, Outcome::Filed, at(9_000));
    assert!(untrue.unwrap_err().to_string().contains("outcome-untrue"));
    let void = Outcome::Void(VoidCause::Restarted);
    world.job().end_sitting(sitting, void, at(9_000)).unwrap();
    assert_eq!(world.job().unfinished_sitting().unwrap(), None);
    assert_eq!(world.job().next_sitting().unwrap(), SittingId(2));
}

#[test]
fn a_filing_is_written_once_and_only_while_its_sitting_is_open() {
    let mut world = World::new();
    let filing = world.filing(0, Claim::default(), PEOPLE[0]);
    world.job().file(&filing, "op").unwrap();
    let twice = world.job().file(&filing, "op").unwrap_err();
    assert_eq!(twice.code(), "record-refused");
    assert_eq!(twice.filing_fault(), booth::FilingFault::Refused);
    let late = world.filing(1, Claim::default(), PEOPLE[1]);
    let void = Outcome::Void(VoidCause::CameraLost);
    world
        .job()
        .end_sitting(late.sitting(), void, at(99_000))
        .unwrap();
    let late = world.job().file(&late, "op").unwrap_err();
    assert!(late.to_string().contains("sitting-not-open"), "{late}");
    assert_eq!(
        world.job().records(&RecordFilter::default()).unwrap().len(),
        1
    );
}

#[test]
fn admission_photos_and_camera_clocks_are_kept() {
    let mut world = World::new();
    let one = number_of(PEOPLE[0].0);
    let entry = world.job().entry_id(&one).unwrap();
    assert_eq!(world.job().admission_photo(entry).unwrap(), None);
    assert!(world.job().store_admission_photo(&one, b"old").unwrap());
    assert!(!world.job().store_admission_photo(&one, b"old").unwrap());
    assert!(world.job().store_admission_photo(&one, b"new").unwrap());
    assert_eq!(world.job().admission_photo(entry).unwrap().unwrap(), b"new");
    let unknown = world
        .job()
        .store_admission_photo(&number_of("nobody"), b"x");
    assert_eq!(unknown.unwrap_err().code(), "record-unknown");
    assert!(world.job().entries(None).unwrap()[0].admission_photo);
    assert_eq!(world.job().camera_clock().unwrap(), None);
    let first = CameraClock {
        body: "A1".to_owned(),
        wall_offset_ms: 28_800_000,
        boot: BootId([7; 16]),
        monotonic_offset_ms: 1_780_000_000_000,
        coarse_ms: 1000,
        zone_min: None,
    };
    let second = CameraClock {
        wall_offset_ms: -20,
        zone_min: Some(-210),
        ..first.clone()
    };
    world.job().set_camera_clock(&first).unwrap();
    assert_eq!(world.job().camera_clock().unwrap(), Some(first));
    world.job().set_camera_clock(&second).unwrap();
    assert_eq!(world.job().camera_clock().unwrap(), Some(second));
}

#[test]
fn nothing_personal_is_printed_or_journaled() {
    let mut world = World::new();
    world.file(0);
    let records = world.job().records(&RecordFilter::default()).unwrap();
    let entries = world.job().entries(None).unwrap();
    let journal = world.job().journal(0).unwrap();
    let shown = format!(
        "{records:?} {entries:?} {journal:?} {:?}",
        new_entry(PEOPLE[0])
    );
    for secret in [PEOPLE[0].0, PEOPLE[0].1, PEOPLE[0].2] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn a_job_without_one_of_its_triggers_is_not_worked_in() {
    let mut world = World::new();
    world.file(0);
    world.close();
    let raw = rusqlite::Connection::open(world.database()).unwrap();
    raw.execute_batch("DROP TRIGGER photo_rules").unwrap();
    drop(raw);
    let refused = Job::open(&world.dir(), &world.key).unwrap_err();
    assert_eq!(refused.code(), "job-damaged");
    assert!(refused.to_string().contains("photo"), "{refused}");
}

/// The process may die between the two commits that a document causes.
#[test]
fn a_sitting_that_was_opened_and_never_moved_had_a_document() {
    let mut world = World::new();
    assert!(world.job().last_document_left().unwrap());
    let next = world.job().next_sitting().unwrap();
    world
        .job()
        .open_sitting(next, "op", Attendance::Attended, at(1_000))
        .unwrap();
    world.reopen();
    assert!(!world.job().last_document_left().unwrap());
}
