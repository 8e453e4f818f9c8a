//! What leaves the station, and what is begun again, after somebody had a hand in it.

use likeness_tests::{Person, create_job, standard_with_copies};
use rusqlite::Connection;
use simulator::subject;
use station::{
    CameraChoice, Command, Desk, ReaderChoice, Report, SittingOptions, StationError, StationHome,
    attendance, claim, desk::Which,
};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;

/// So often somebody sits down again on a machine that starves.
const SITTINGS_MAX: usize = 5;

struct Job {
    dir: tempfile::TempDir,
    home: StationHome,
    people: [Person; 2],
}

impl Job {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let home = StationHome::at(dir.path().join("station"));
        let people = [
            Person::new("20260071", "林一", "一班"),
            Person::new("20260072", "周二", "一班"),
        ];
        create_job(&home, &dir.path().join("job"), &people);
        Self { dir, home, people }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("job")
    }

    fn desk(&self) -> Desk {
        self.home.open_job(&self.path()).expect("the job opens")
    }

    fn options(&self, person: &Person, script: &[String]) -> SittingOptions {
        let document = person.document(self.dir.path(), "20400101", script);
        SittingOptions {
            reader: ReaderChoice::Simulated(document),
            camera: CameraChoice::Still(person.picture(self.dir.path())),
            attendance: attendance(true),
            operator: "tester".into(),
            claim: claim(None, None).expect("no claim"),
            document_wait: Duration::from_secs(3),
            decoder: None,
        }
    }

    /// Holds one sitting; the code it ended with.
    fn hold(&self, options: SittingOptions) -> Result<&'static str, StationError> {
        let (sender, mut commands) = unbounded_channel::<Command>();
        drop(sender);
        let mut code = "";
        let runtime = runtime();
        let mut desk = self.desk();
        runtime.block_on(desk.hold_sitting(options, &mut commands, &mut |report| {
            if let Report::End(end) = report {
                code = end.code;
            }
        }))?;
        Ok(code)
    }

    /// Files somebody. A machine that is starved of time starves the simulated camera too,
    /// and the station voids that sitting, rightly; where a test is not about the camera,
    /// the subject sits again.
    fn file(&self, person: &Person) {
        let held = || self.hold(self.options(person, &[])).expect("held");
        let code = (0..SITTINGS_MAX)
            .map(|_| held())
            .find(|code| !is_starved(code));
        assert_eq!(code, Some("filed"));
    }

    fn raw(&self) -> Connection {
        Connection::open(self.path().join("job.db")).expect("the database opens")
    }
}

fn is_starved(code: &str) -> bool {
    code == "camera-interrupted" || code == "camera-lost"
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("tokio")
}

/// Takes the triggers off, does something, and puts them back word by word: what
/// somebody with the file and a little patience can do.
fn behind_its_back(connection: &Connection, sql: &str) {
    let triggers: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut statement| {
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .expect("the triggers");
    for (name, _) in &triggers {
        connection
            .execute_batch(&format!("DROP TRIGGER {name}"))
            .expect("dropped");
    }
    connection
        .execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}"))
        .expect("changed");
    for (_, text) in &triggers {
        connection.execute_batch(text).expect("put back");
    }
}

/// The station's signature never goes under a job that somebody changed, and a swapped
/// portrait does not leave it either (hazard H27).
#[test]
fn a_swapped_portrait_is_neither_delivered_nor_exported() {
    let job = Job::open();
    for person in &job.people {
        job.file(person);
    }
    let out = |name: &str| job.dir.path().join(name);
    let mut go_on = |_: &str, _: usize, _: usize| ControlFlow::Continue(());
    job.desk()
        .deliver(&out("good"), &mut go_on)
        .expect("a whole job is delivered");
    let first = out("good.jpg");
    job.desk()
        .export("20260071", None, Which::Portrait, &first)
        .expect("and exported");
    let face = image::open(&first).expect("a JPEG").into_rgb8();
    assert_eq!(subject::decode(&face).map(|mark| mark.id), Some(71));

    let raw = job.raw();
    behind_its_back(
        &raw,
        "CREATE TEMP TABLE swapped AS SELECT photo_id, portrait, sha256 FROM photo;
         UPDATE photo SET sha256 = randomblob(32);
         UPDATE photo SET (portrait, sha256) =
           (SELECT portrait, sha256 FROM swapped WHERE swapped.photo_id <> photo.photo_id);
         DROP TABLE swapped;",
    );
    drop(raw);
    let delivered = job.desk().deliver(&out("bad"), &mut go_on);
    assert_eq!(delivered.unwrap_err().code(), "job-found-wrong");
    assert!(!out("bad").exists());
    let exported = job
        .desk()
        .export("20260071", None, Which::Portrait, &out("bad.jpg"));
    assert_eq!(exported.err().expect("refused").code(), "job-damaged");
    assert!(!out("bad.jpg").exists());
}

#[test]
fn a_student_number_exchanged_in_the_database_stops_the_delivery() {
    let job = Job::open();
    for person in &job.people {
        job.file(person);
    }
    let raw = job.raw();
    behind_its_back(
        &raw,
        "UPDATE entry SET student_number = 'x' WHERE entry_id = 1;
         UPDATE entry SET student_number = '20260071' WHERE entry_id = 2;
         UPDATE entry SET student_number = '20260072' WHERE entry_id = 1;",
    );
    drop(raw);
    let out = job.dir.path().join("package");
    let delivered = job
        .desk()
        .deliver(&out, &mut |_, _, _| ControlFlow::Continue(()));
    assert_eq!(delivered.unwrap_err().code(), "job-found-wrong");
    let exported = job.desk().export(
        "20260071",
        None,
        Which::Portrait,
        &job.dir.path().join("x.jpg"),
    );
    assert_eq!(exported.err().expect("refused").code(), "job-damaged");
}

/// Nobody sits in a job whose roster, or whose photo standard, is not what the station wrote: the proof comes
/// before the sitting and not only before the delivery. A row changed back is sound again.
#[test]
fn nobody_is_verified_against_a_roster_that_somebody_changed() {
    let job = Job::open();
    let changes = [
        (
            "UPDATE entry SET student_number = 'x' || student_number WHERE entry_id = 1",
            "UPDATE entry SET student_number = substr(student_number, 2) WHERE entry_id = 1",
        ),
        (
            "UPDATE entry_version SET name = name || '甲' WHERE entry_id = 2",
            "UPDATE entry_version SET name = substr(name, 1, length(name) - 1) WHERE entry_id = 2",
        ),
        (
            "UPDATE job_standard SET text = text || '# '",
            "UPDATE job_standard SET text = substr(text, 1, length(text) - 2)",
        ),
        // A correction taken back together with its line: the chain has a gap.
        (
            "DELETE FROM journal WHERE kind = 'entry_version' AND row_id = '2/1'; \
             DELETE FROM entry_version WHERE entry_id = 2",
            "",
        ),
        // The row and its line, by somebody without the station's key.
        (
            "UPDATE journal SET row_digest = zeroblob(32) WHERE kind = 'entry' AND row_id = '1'",
            "",
        ),
    ];
    for (change, back) in changes {
        let raw = job.raw();
        behind_its_back(&raw, change);
        drop(raw);
        let held = job.hold(job.options(&job.people[0], &[]));
        let error = held.expect_err(change);
        assert_eq!(error.code(), "job-found-wrong", "{change}");
        let table = change
            .split(' ')
            .nth(if change.starts_with("DELETE") { 2 } else { 1 });
        let detail = error.detail().unwrap_or_default();
        assert!(detail.contains(table.unwrap_or("?")), "{change}: {detail}");
        let raw = job.raw();
        behind_its_back(&raw, back);
        drop(raw);
        if back.starts_with("UPDATE") {
            // Changed back it is sound again: the next case is found for its own sake.
            let held = job.hold(job.options(&Person::new("20269999", "陌生人", ""), &[]));
            assert_eq!(held.ok(), Some("not-on-roster"), "{back}");
        }
    }
}

#[test]
fn a_document_that_lies_there_at_the_start_counts_only_if_the_last_one_left() {
    let there = ["already_there = true".to_owned()];
    // The job is new: nobody can have forgotten a document.
    let first = |_| {
        let job = Job::open();
        let code = job.hold(job.options(&job.people[0], &there));
        (job, code.expect("held"))
    };
    let mut begun = (0..SITTINGS_MAX).map(first);
    let (job, code) = begun
        .find(|(_, code)| !is_starved(code))
        .expect("a machine that is not starved");
    assert_eq!(code, "filed");
    // It was filed and the process ended: nobody saw the document leave.
    let second = job.hold(job.options(&job.people[1], &there));
    assert_eq!(second.unwrap_err().code(), "document-not-removed");
    job.file(&job.people[1]);
}

#[test]
fn a_referral_needs_another_person_and_every_act_a_name() {
    let job = Job::open();
    let refer = |by: &str, unattended: bool, operator: &str| {
        let options = SittingOptions {
            attendance: attendance(unattended),
            operator: operator.into(),
            claim: claim(Some("20260071"), Some(by.to_owned())).expect("a claim"),
            ..job.options(&job.people[0], &[])
        };
        job.hold(options).map_err(|error| error.code())
    };
    assert_eq!(
        refer("tester", false, "tester"),
        Err("referral-needs-another")
    );
    assert_eq!(
        refer("registrar", true, "tester"),
        Err("referral-needs-another")
    );
    assert_eq!(refer(" ", false, "tester"), Err("operator-missing"));
    assert_eq!(refer("registrar", false, "  "), Err("operator-missing"));
    // With both it is held; nobody typed, so it is void, and not refused.
    assert_eq!(
        refer("registrar", false, "tester"),
        Ok("voided-by-operator")
    );
    let flagged = job.desk().flag("20260071", "glare", " ");
    assert_eq!(flagged.err().expect("refused").code(), "operator-missing");
}

/// Whatever becomes of the file, or of the profiles that a later program ships: what was judged by one
/// text goes on being judged by it.
#[test]
fn a_job_keeps_the_text_of_the_standard_it_was_made_with() {
    let dir = tempfile::tempdir().expect("a folder");
    let home = StationHome::at(dir.path().join("station"));
    let own = standard_with_copies(dir.path());
    let job = dir.path().join("job");
    let made = home.create_job(&job, &own, true).expect("created");
    assert_eq!(made.profile, "of-our-own");
    let text = std::fs::read_to_string(&own).expect("written");
    std::fs::write(&own, "nonsense").expect("written");
    let desk = home.open_job(&job).expect("the job opens");
    let kept = desk.profile().expect("a profile");
    assert_eq!(kept, portrait::Profile::parse(&text).expect("a profile"));
    assert!(kept.background.normalise);

    let refused = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, text).expect("written");
        let job = dir.path().join("other");
        let error = home.create_job(&job, file.to_str().expect("UTF-8"), true);
        assert!(!job.exists());
        error.expect_err("refused")
    };
    let national = portrait::Profile::text_of("national").expect("a profile");
    let error = refused("a.toml", &national.replace("bytes_max", "#\nbytes_max"));
    assert_eq!(error.code(), "profile-name-taken");
    assert!(error.to_string().contains("national"), "{error}");
    let error = refused("b.toml", &text.replace("of-our-own", &"x".repeat(65)));
    assert_eq!(error.code(), "profile-contradiction");
    assert_eq!(refused("c.toml", "nonsense").code(), "profile-syntax");
    // A copy of one that ships, word by word, is that one.
    let same = dir.path().join("same.toml");
    std::fs::write(&same, national).expect("written");
    let same = same.to_str().expect("UTF-8");
    let made = home.create_job(&dir.path().join("third"), same, true);
    assert_eq!(made.expect("created").profile, "national");
}
