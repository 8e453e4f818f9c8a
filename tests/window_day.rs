//! A day at the booth as a window lives it, without a window: one room that stays
//! open, the demo's tray and chair, wishes in, views out.

use likeness_tests::Person;
use simulator::subject;
use station::view::{BoothView, StateKind, Wish};
use station::{Station, StationHome};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

struct Day {
    dir: tempfile::TempDir,
    station: Station,
    runtime: tokio::runtime::Runtime,
}

impl Day {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let demo = dir.path().join("demo");
        for folder in ["documents", "pictures", "now"] {
            std::fs::create_dir_all(demo.join(folder)).expect("a folder");
        }
        let people: Vec<Person> = ["林一", "周二", "吴三"]
            .iter()
            .zip(31..)
            .map(|(name, seed)| Person::new(&format!("20260{seed:03}"), name, "一班"))
            .collect();
        let home = StationHome::at(dir.path().join("station"));
        home.create_job(&demo.join("job"), "national-60kb", true)
            .expect("a job");
        let mut csv = "学号,姓名,身份证号,班级\n".to_owned();
        for (person, seed) in people.iter().zip(31..) {
            let Person {
                student_number,
                name,
                number,
                class,
                ..
            } = person;
            writeln!(csv, "{student_number},{name},{number},{class}").expect("written");
            let document = person.document(dir.path(), "20400101", &[]);
            move_to(&document, &demo.join(format!("documents/{seed}.toml")));
            move_to(
                &person.picture(dir.path()),
                &demo.join(format!("pictures/{seed}.png")),
            );
        }
        let stranger = Person::new("20269999", "陌生人", "");
        let document = stranger.document(dir.path(), "20400101", &[]);
        move_to(&document, &demo.join("documents/99.toml"));
        let empty = image::RgbImage::from_pixel(960, 1280, image::Rgb([100, 197, 255]));
        empty
            .save(demo.join("pictures/empty.png"))
            .expect("an empty chair");
        std::fs::copy(
            demo.join("pictures/empty.png"),
            demo.join("pictures/99.png"),
        )
        .expect("copied");
        let station = Station::new(home, Some(demo));
        station.open_demo().expect("the demo opens");
        let roster = dir.path().join("roster.csv");
        std::fs::write(&roster, csv).expect("the roster is written");
        let tried = station.import_roster(&roster, true).expect("tried");
        assert!(tried.dry_run && !tried.imported && tried.added == 3);
        let imported = station.import_roster(&roster, false).expect("imported");
        assert!(imported.imported, "{:?}", imported.faults);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("tokio");
        Self {
            dir,
            station,
            runtime,
        }
    }

    fn view(&self, after: u64) -> Arc<BoothView> {
        self.runtime
            .block_on(self.station.view(after))
            .expect("a job is open")
    }

    /// Waits for a view; the last one is told when it does not come.
    fn until(&self, what: &str, wanted: impl Fn(&BoothView) -> bool) -> Arc<BoothView> {
        let begun = Instant::now();
        let mut view = self.view(0);
        while !wanted(&view) {
            assert!(
                begun.elapsed() < PATIENCE,
                "no {what}; the last view was {} {} {:?}",
                view.stage,
                view.state.code,
                view.end.as_ref().map(|end| (&end.outcome, &end.code)),
            );
            view = self.view(view.seq);
        }
        view
    }

    fn until_code(&self, code: &str) -> Arc<BoothView> {
        self.until(code, |view| view.state.code == code)
    }

    fn wish(&self, wish: Wish) {
        self.station.wish(wish).expect("the room listens");
    }

    /// Sits down, is shot and filed; returns the view of the review.
    fn file(&self, who: &str) -> Arc<BoothView> {
        self.station.tray_put(who).expect("somebody comes");
        self.until_code("seated");
        self.wait_for_face();
        self.wish(Wish::Expose);
        let review = self.until_code("review");
        let shown = review.review.as_ref().expect("a review");
        assert_eq!(self.face(&shown.portrait).to_string(), who);
        let token = shown.token.clone();
        self.wish(Wish::Accept { token });
        self.until_code("filed");
        review
    }

    /// The chair's picture changes with the person, and the ring holds what was before.
    fn wait_for_face(&self) {
        std::thread::sleep(Duration::from_millis(700));
    }

    fn leave(&self) {
        self.station.tray_take().expect("the document leaves");
        self.until("an empty reader", |view| view.devices.document == "none");
    }

    fn face(&self, path: &str) -> u32 {
        let picture = self.station.picture(path).expect("a picture");
        let picture = image::load_from_memory(&picture.bytes)
            .expect("it decodes")
            .into_rgb8();
        subject::decode(&picture).expect("a badge").id
    }
}

fn move_to(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("copied");
}

#[test]
fn subject_after_subject_through_one_open_booth() {
    let day = Day::open();
    day.station.open_booth("tester").expect("the booth opens");
    day.until_code("put-document");

    // One is filed; what is shown and what is on file is the same face.
    let review = day.file("31");
    let shown = review.review.as_ref().expect("a review");
    let gone = day.station.picture(&shown.portrait);
    assert_eq!(gone.err().map(|error| error.code()), Some("picture-gone"));
    let seated = review.subject.as_ref().expect("a subject");
    assert_eq!(seated.name, "林一");
    assert!(seated.fields.iter().all(|field| field.same));
    assert!(seated.number.contains('*'), "the queue can see the screen");
    assert!(seated.admission_photo.is_none());
    let filed = day.view(0);
    let end = filed.end.as_ref().expect("an end");
    assert_eq!(filed.state.kind, StateKind::Filed);
    assert_eq!(end.student_number.as_deref(), Some("20260031"));
    assert_eq!(day.face(end.portrait.as_ref().expect("a record")), 31);
    assert!(filed.subject.is_none() && filed.review.is_none());
    let class = filed.class.as_ref().expect("a class");
    assert_eq!((class.total, class.filed, class.missing), (3, 1, 2));
    assert_eq!(class.next[0].name, "周二");
    day.leave();

    // A stranger is refused, and sits nowhere.
    day.station.tray_put("99").expect("a stranger comes");
    let refused = day.until_code("not-on-roster");
    assert!(refused.subject.is_none());
    // Keys press nothing: there is nobody to press for.
    day.wish(Wish::Expose);
    day.wish(Wish::Accept { token: "00".into() });
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        day.view(0)
            .end
            .as_ref()
            .is_some_and(|end| end.outcome == "refused")
    );
    day.leave();

    // A stale token files nothing; a retake and another frame of the burst do.
    day.station.tray_put("32").expect("somebody comes");
    day.until_code("seated");
    day.wait_for_face();
    day.wish(Wish::Expose);
    let first = day.until_code("review");
    let stale = first.review.as_ref().expect("a review").token.clone();
    day.wish(Wish::Retake);
    day.until_code("seated");
    day.wish(Wish::Expose);
    let second = day.until("another review", |view| {
        view.review
            .as_ref()
            .is_some_and(|review| review.token != stale)
    });
    day.wish(Wish::Accept { token: stale });
    day.until_code("stale-token");
    let review = second.review.as_ref().expect("a review");
    assert!(review.burst.len() > 1, "a burst");
    let other = u32::from(review.chosen == 0);
    day.wish(Wish::Choose { index: other });
    let chosen = day.until("the other frame", |view| {
        view.review
            .as_ref()
            .is_some_and(|review| review.chosen == other)
    });
    let token = chosen.review.as_ref().expect("a review").token.clone();
    day.wish(Wish::Accept { token });
    day.until_code("filed");
    day.leave();
    verify(&day, 2);
}

#[test]
fn a_flag_is_heard_by_the_open_booth() {
    let day = Day::open();
    day.station.open_booth("tester").expect("the booth opens");
    day.file("31");
    day.leave();
    day.station.tray_put("31").expect("the same comes again");
    day.until_code("already-filed");
    day.leave();
    day.station
        .flag("20260031", "eyes-closed", "registrar")
        .expect("flagged");
    assert_eq!(
        day.station
            .flag("20260031", "glare", "registrar")
            .unwrap_err()
            .code(),
        "already-flagged"
    );
    let review = day.file("31");
    let subject = review.subject.as_ref().expect("a subject");
    assert_eq!(subject.generation, 2);
    assert_eq!(
        day.face(subject.former_portrait.as_ref().expect("the old one")),
        31
    );
    let records = day.station.records().expect("records");
    let statuses: Vec<_> = records.iter().map(|record| record.status).collect();
    assert_eq!(statuses, ["superseded", "filed"]);
    verify(&day, 2);
}

#[test]
fn what_happens_while_somebody_sits_voids_and_a_new_booth_begins_clean() {
    let day = Day::open();
    day.station.open_booth("tester").expect("the booth opens");
    day.station.tray_put("33").expect("somebody comes");
    day.until_code("seated");
    // The document is taken from under the subject.
    day.leave();
    let void = day.until_code("document-taken");
    assert_eq!(void.state.kind, StateKind::Void);
    // The booth is closed in mid-sitting.
    day.station.tray_put("33").expect("somebody comes");
    day.until_code("seated");
    day.station.close_booth().expect("it closes");
    assert!(!day.view(0).open);
    day.station.open_booth("tester").expect("it opens again");
    // The document still lies there: nobody saw it leave, so it has to.
    day.until_code("document-not-removed");
    day.leave();
    day.until_code("put-document");
    day.file("33");
    assert_eq!(
        day.station.open_booth("x").unwrap_err().code(),
        "booth-open"
    );
    verify(&day, 1);
}

#[test]
fn a_delivery_tells_its_progress_and_leaves_nothing_when_it_is_stopped() {
    let day = Day::open();
    let out = day.dir.path().join("package");
    assert_eq!(
        day.station.deliver(&out).unwrap_err().code(),
        "nothing-to-deliver"
    );
    day.station.open_booth("tester").expect("the booth opens");
    day.file("31");
    let delivered = day.station.deliver(&out).expect("delivered");
    assert_eq!((delivered.portraits, delivered.missing), (1, 2));
    let done = day.runtime.block_on(day.station.work(0));
    assert_eq!(done.kind, None);
    let package = day.station.verify(Some(&out)).expect("verified");
    assert!(package.ok && package.what == "package" && !package.unpinned);
    assert_eq!(
        day.station.deliver(&out).unwrap_err().code(),
        "target-exists"
    );
}

#[test]
fn admission_photos_come_in_beside_an_open_booth_and_long_work_can_be_stopped() {
    let day = Day::open();
    day.station.open_booth("tester").expect("the booth opens");
    let photos = day.dir.path().join("photos");
    std::fs::create_dir(&photos).expect("a folder");
    for (number, seed) in [("20260031", 31), ("20260032", 32)] {
        let drawn = subject::Subject::numbered(seed).draw(480, 640, 1);
        drawn
            .save(photos.join(format!("{number}.jpg")))
            .expect("a picture");
    }
    std::fs::write(photos.join("nobody.jpg"), "no picture").expect("written");
    let imported = day.station.import_photos(&photos).expect("imported");
    assert_eq!((imported.imported, imported.unchanged), (2, 0));
    assert_eq!(imported.faults.len(), 1);
    let again = day.station.import_photos(&photos).expect("again");
    assert_eq!((again.imported, again.unchanged), (0, 2));
    let review = day.file("31");
    let subject = review.subject.as_ref().expect("a subject");
    let shown = subject.admission_photo.as_ref().expect("a photo");
    assert_eq!(day.face(shown), 31);

    // Somebody presses cancel as soon as the proof tells how far it is.
    let verdict = std::thread::scope(|scope| {
        let verifying = scope.spawn(|| {
            let mut verdict = day.station.verify(None);
            // A small job may be proven before anybody can press.
            for _ in 0..200 {
                if verdict.is_err() {
                    break;
                }
                verdict = day.station.verify(None);
            }
            verdict
        });
        while !verifying.is_finished() {
            day.station.cancel_work();
            std::thread::sleep(Duration::from_micros(300));
        }
        verifying.join().expect("it ends")
    });
    assert_eq!(verdict.map(|v| v.ok).unwrap_err().code(), "work-cancelled");
    verify(&day, 1);
}

fn verify(day: &Day, records: usize) {
    let verdict = day.station.verify(None).expect("verified");
    assert!(verdict.ok && !verdict.unpinned, "{:?}", verdict.faults);
    assert_eq!(verdict.records, records);
    let job: PathBuf = day.dir.path().join("demo/job");
    let same = day
        .station
        .verify(Some(&job))
        .expect("the open job by its path");
    assert_eq!(same.records, records);
}
