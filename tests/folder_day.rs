//! A production job with a tethered camera: documents through the real smart-card
//! service, pictures as files in a folder.
//!
//! A file that arrives proves only that somebody wrote it (hazard H28). Here pictures
//! of the subject and of others arrive in time, too early and without a time, before and
//! after the camera's clock was measured.

#![cfg(target_os = "linux")]

use likeness_tests::Person;
use likeness_tests::pcscd::{Pcscd, resident_text};
use simulator::still::{encode_jpeg, with_exif};
use simulator::subject;
use simulator::vpcd::{Card, Slot};
use station::{
    CameraChoice, Command, EndReport, ReaderChoice, Report, SittingOptions, StationHome,
    attendance, claim, desk, desk::Which,
};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// The camera stands in UTC+8 and is seven seconds ahead.
const DIAL_AHEAD_MS: i64 = 8 * 3_600_000 + 7_000;
const BODY: &str = "BODY-0042";
const PATIENCE: Duration = Duration::from_secs(30);

struct Studio {
    dir: tempfile::TempDir,
    home: StationHome,
    slot: Slot,
    shots: u32,
    /// How much the camera's dial is ahead of UTC.
    dial_ahead_ms: i64,
    _service: Pcscd,
}

/// One sitting that runs on a thread of its own.
struct Sitting {
    reports: Receiver<Report>,
    commands: UnboundedSender<Command>,
    thread: std::thread::JoinHandle<()>,
}

#[test]
fn pictures_of_a_tethered_camera_count_by_their_measured_time() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut studio = Studio::open(service);
    let anna = Person::new("2024101", "安娜·试验", "一班");

    // The clock is not measured: even a fresh picture of the right person is refused.
    let told = studio.sit_with_picture(&anna, |studio| studio.shot_of(101, Some(0)));
    assert_eq!(told, ["camera-clock-unmeasured"]);
    studio.measure_clock();
    // The last student's picture, or one without a time, however late it comes.
    let told = studio.sit_with_picture(&anna, |studio| studio.shot_of(102, Some(-60_000)));
    assert_eq!(told, ["frame-before-seat"]);
    let told = studio.sit_with_picture(&anna, |studio| studio.shot_of(101, None));
    assert_eq!(told, ["picture-without-exif"]);
    assert!(studio.records().is_empty());

    // Somebody sets the camera's clock: half a minute ahead, a picture of this sitting is
    // from the future, and nothing counts before the clock is measured again.
    studio.dial_ahead_ms += 30_000;
    let end = studio.sit_until_void(&anna, |studio| studio.shot_of(101, Some(0)));
    assert_eq!((end.outcome, end.code), ("void", "camera-lost"));
    let told = studio.sit_with_picture(&anna, |studio| studio.shot_of(101, Some(0)));
    assert_eq!(
        told,
        ["camera-clock-unmeasured"],
        "whoever opens the job anew"
    );
    studio.measure_clock();
    // The next one sits, and the last one's picture comes late.
    let told = studio.sit_with_picture(&anna, |studio| studio.shot_of(102, Some(-25_000)));
    assert_eq!(told, ["frame-before-seat"]);
    assert!(studio.records().is_empty());

    let end = studio.file(&anna);
    assert_eq!((end.outcome, end.code), ("filed", "filed"));
    assert_eq!(studio.records(), ["2024101"]);
    let portrait = studio.export("2024101");
    assert_eq!(subject::decode(&portrait).map(|mark| mark.id), Some(101));
    studio.verify();
}

impl Studio {
    fn open(service: Pcscd) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let home = StationHome::at(dir.path().join("station"));
        let job = dir.path().join("job");
        home.create_job(&job, "national-60kb", false)
            .expect("a job is created");
        std::fs::create_dir(dir.path().join("tether")).expect("a folder for pictures");
        let anna = Person::new("2024101", "安娜·试验", "一班");
        let roster = dir.path().join("roster.csv");
        let csv = format!(
            "学号,姓名,身份证号,班级\n{},{},{},{}\n",
            anna.student_number, anna.name, anna.number, anna.class
        );
        std::fs::write(&roster, csv).expect("the roster is written");
        let imported = home.open_job(&job).expect("the job opens");
        let mut imported = imported;
        assert!(
            imported
                .import_roster(&roster, false, false)
                .expect("read")
                .imported
        );
        Self {
            slot: service.slot(),
            dir,
            home,
            shots: 0,
            dial_ahead_ms: DIAL_AHEAD_MS,
            _service: service,
        }
    }

    fn job(&self) -> PathBuf {
        self.dir.path().join("job")
    }

    fn tether(&self) -> PathBuf {
        self.dir.path().join("tether")
    }

    /// A picture of a drawn subject, taken `after_ms` from now by a right clock; without a
    /// time when there is none.
    fn shot_of(&mut self, subject: u32, after_ms: Option<i64>) {
        self.shots += 1;
        let drawn = subject::Subject::numbered(subject).draw(1280, 960, self.shots);
        let mut jpeg = encode_jpeg(&drawn).expect("a JPEG");
        if let Some(after_ms) = after_ms {
            jpeg = taken_at(&jpeg, wall_ms() + after_ms + self.dial_ahead_ms);
        }
        put(&self.tether(), self.shots, &jpeg);
    }

    fn measure_clock(&mut self) {
        let (home, job, tether) = (self.home.clone(), self.job(), self.tether());
        let code = self.dir.path().join("code.png");
        let _of_an_earlier_measurement = std::fs::remove_file(&code);
        let screen = code.clone();
        let measuring = std::thread::spawn(move || {
            let mut desk = home.open_job(&job).expect("the job opens");
            desk.measure_clock(&CameraChoice::Folder(tether), &screen, PATIENCE, &|| {
                ControlFlow::Continue(())
            })
        });
        while !code.exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let shown = image::open(&code).expect("the clock code").into_rgb8();
        let jpeg = encode_jpeg(&shown).expect("a JPEG");
        self.shots += 1;
        let dial_ms = wall_ms() + self.dial_ahead_ms;
        put(&self.tether(), self.shots, &taken_at(&jpeg, dial_ms));
        let measured = measuring.join().expect("measured");
        let measured = measured.expect("the clock is measured");
        assert_eq!(measured.camera, BODY);
        let off = (measured.offset_ms - self.dial_ahead_ms).abs();
        assert!(off < 2_000, "measured {off} ms beside the truth");
    }

    fn begin(&self) -> Sitting {
        let (home, job) = (self.home.clone(), self.job());
        let options = SittingOptions {
            reader: ReaderChoice::Pcsc(None),
            camera: CameraChoice::Folder(self.tether()),
            attendance: attendance(false),
            operator: "tester".into(),
            claim: claim(None, None).expect("no claim"),
            document_wait: PATIENCE,
            decoder: None,
        };
        let (told, reports) = channel();
        let (commands, mut typed) = unbounded_channel();
        let thread = std::thread::spawn(move || {
            let mut desk = home.open_job(&job).expect("the job opens");
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("tokio");
            let held = runtime.block_on(desk.hold_sitting(options, &mut typed, &mut |report| {
                let _gone = told.send(report);
            }));
            held.expect("the sitting is held");
        });
        Sitting {
            reports,
            commands,
            thread,
        }
    }

    /// Seats the person, exposes, and lets a picture arrive; returns what was refused.
    fn sit_with_picture(
        &mut self,
        person: &Person,
        arrive: impl FnOnce(&mut Self),
    ) -> Vec<&'static str> {
        let sitting = self.seat(person);
        sitting.type_in(Command::Expose);
        std::thread::sleep(Duration::from_millis(300));
        arrive(self);
        let refused = sitting.next(|report| {
            if let Report::Refused { code, .. } = report {
                Some(code)
            } else {
                None
            }
        });
        sitting.type_in(Command::Void);
        let end = sitting.end();
        assert_eq!(end.outcome, "void");
        self.slot.remove();
        vec![refused]
    }

    /// Seats the person, exposes, and lets a picture arrive that ends the sitting.
    fn sit_until_void(&mut self, person: &Person, arrive: impl FnOnce(&mut Self)) -> EndReport {
        let sitting = self.seat(person);
        sitting.type_in(Command::Expose);
        std::thread::sleep(Duration::from_millis(300));
        arrive(self);
        let end = sitting.end();
        self.slot.remove();
        end
    }

    fn file(&mut self, person: &Person) -> EndReport {
        let sitting = self.seat(person);
        sitting.type_in(Command::Expose);
        std::thread::sleep(Duration::from_millis(300));
        self.shot_of(person.subject, Some(0));
        sitting.type_in(Command::Accept(None));
        let end = sitting.end();
        self.slot.remove();
        end
    }

    fn seat(&mut self, person: &Person) -> Sitting {
        let sitting = self.begin();
        // The reader is looked at first, so that the document is seen to arrive.
        std::thread::sleep(Duration::from_millis(900));
        let card = Card::new(resident_text(&person.name, &person.number));
        self.slot.insert(card).expect("the card is laid down");
        sitting.next(|report| matches!(report, Report::Seated(_)).then_some(()));
        sitting
    }

    fn records(&self) -> Vec<String> {
        let desk = self.home.open_job(&self.job()).expect("the job opens");
        let records = desk.records().expect("records");
        records
            .into_iter()
            .map(|record| record.student_number)
            .collect()
    }

    fn export(&self, number: &str) -> image::RgbImage {
        let out = self.dir.path().join(format!("{number}.jpg"));
        let desk = self.home.open_job(&self.job()).expect("the job opens");
        desk.export(number, None, Which::Portrait, &out)
            .expect("exported");
        image::open(out).expect("a JPEG").into_rgb8()
    }

    fn verify(&self) {
        let key = self.home.key().expect("a key").station_key_file;
        let verdict = desk::verify(&self.job(), Some(&key)).expect("verified");
        assert!(verdict.ok && !verdict.unpinned, "{:?}", verdict.faults);
        let devices = verdict.virtual_devices.join("\n");
        assert!(devices.contains("folder") && devices.contains("Virtual PCD"));
    }
}

impl Sitting {
    fn type_in(&self, command: Command) {
        self.commands.send(command).expect("the booth listens");
    }

    fn next<T>(&self, wanted: impl Fn(Report) -> Option<T>) -> T {
        loop {
            let report = self.reports.recv_timeout(PATIENCE);
            let report = report.expect("the sitting tells what was waited for");
            assert!(
                !matches!(&report, Report::End(_)),
                "the sitting ended: {report:?}"
            );
            if let Some(found) = wanted(report) {
                return found;
            }
        }
    }

    fn end(self) -> EndReport {
        let end = loop {
            if let Report::End(end) = self.reports.recv_timeout(PATIENCE).expect("it ends") {
                break end;
            }
        };
        self.thread.join().expect("the sitting is over");
        end
    }
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("now");
    i64::try_from(since.as_millis()).expect("this age")
}

/// The JPEG as the camera's dial would date it.
fn taken_at(jpeg: &[u8], dial: i64) -> Vec<u8> {
    let (days, second) = (
        dial.div_euclid(86_400_000),
        dial.rem_euclid(86_400_000) / 1000,
    );
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let text = format!("{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}");
    let subsec = format!("{:03}", dial.rem_euclid(1000));
    with_exif(jpeg, &text, Some(&subsec), Some(BODY))
}

/// Days since 1970 as a date, counted year by year and month by month.
fn civil(mut days: i64) -> (i64, i64, i64) {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut year = 1970;
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    let february = 28 + i64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month as i64 + 1, days + 1)
}

/// A file that appears whole, as tethering programs write it.
fn put(dir: &Path, number: u32, jpeg: &[u8]) {
    let beside = dir.join(".arriving");
    std::fs::write(&beside, jpeg).expect("written");
    std::fs::rename(beside, dir.join(format!("IMG_{number:04}.JPG"))).expect("renamed");
}
