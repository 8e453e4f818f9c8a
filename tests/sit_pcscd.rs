//! `likeness-ctl sit` as a process of its own, reading documents through the real
//! smart-card service.
//!
//! Only the card, the driver of the reader and the camera are not real; see
//! [`likeness_tests::pcscd`] for what happens without a service.

#![cfg(target_os = "linux")]

use likeness_tests::pcscd::{Pcscd, resident_text};
use likeness_tests::sitting::{Sitting, ended, word};
use likeness_tests::{Person, program, write_roster};
use serde_json::Value;
use simulator::subject;
use simulator::vpcd::{Card, Misdeed, Slot};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// A job with two people on its roster, and the place where documents are laid.
struct Desk {
    dir: tempfile::TempDir,
    anna: Person,
    bert: Person,
    slot: Slot,
    _service: Pcscd,
}

impl Desk {
    fn open(training: bool) -> Option<Self> {
        let service = Pcscd::start_apart()?;
        let desk = Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
            anna: Person::new("2024001", "安娜·试验", "一班"),
            bert: Person::new("2024002", "贝特·试验", "一班"),
            slot: service.slot(),
            _service: service,
        };
        let job = desk.job();
        let mut create = vec!["job", "create", &job, "--profile", "national-60kb"];
        if training {
            create.push("--training");
        }
        assert!(desk.run(&create).status.success(), "the job is created");
        let roster = desk.dir.path().join("roster.csv");
        write_roster(&roster, &[desk.anna.clone(), desk.bert.clone()]);
        let imported = desk.run(&["roster", "import", &job, &text(&roster)]);
        assert!(imported.status.success(), "{imported:?}");
        Some(desk)
    }

    fn job(&self) -> String {
        text(&self.dir.path().join("job"))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--json").args(words);
        command.env("LIKENESS_STATION_DIR", self.dir.path().join("station"));
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("likeness-ctl runs")
    }

    /// Begins a sitting in front of the camera that shows this person.
    fn sit(&self, face: &Person) -> Sitting {
        self.sit_with("pcsc", face, &[])
    }

    fn sit_with(&self, reader: &str, face: &Person, more: &[&str]) -> Sitting {
        let camera = format!("still:{}", text(&face.picture(self.dir.path())));
        let job = self.job();
        let mut words = vec![
            "sit", &job, "--reader", reader, "--camera", &camera, "--wait", "20",
        ];
        words.extend(more);
        Sitting::begin(self.command(&words), self.dir.path())
    }

    fn records(&self) -> Vec<Value> {
        let output = self.run(&["record", "list", &self.job()]);
        assert!(output.status.success(), "{output:?}");
        values(&output)
    }

    /// The job stands whatever happened, and nothing is on file.
    fn assert_nothing_filed(&self) {
        assert!(self.records().is_empty(), "{:?}", self.records());
        self.assert_verified();
    }

    fn assert_verified(&self) -> Value {
        let output = self.run(&["verify", &self.job()]);
        assert!(output.status.success(), "{output:?}");
        values(&output).remove(0)
    }
}

fn card_of(person: &Person) -> Card {
    Card::new(resident_text(&person.name, &person.number))
}

fn text(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

fn values(output: &Output) -> Vec<Value> {
    let lines = String::from_utf8_lossy(&output.stdout);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_sitting_is_filed_under_the_document_on_the_reader() {
    let Some(mut desk) = Desk::open(true) else {
        return;
    };
    let mut sitting = desk.sit(&desk.anna);
    sitting.until("camera");
    desk.slot.insert(card_of(&desk.anna)).expect("vpcd listens");
    let seated = sitting.until("seated");
    assert_eq!(word(&seated["student_number"]), desk.anna.student_number);
    sitting.say("expose");
    let token = word(&sitting.until("review")["token"]);
    sitting.say(&format!("accept {token}"));
    assert_eq!(sitting.end(), ended("filed", "filed", 0));
    assert_eq!(
        desk.slot.commands(),
        8,
        "two reads, one at exposure, one at filing"
    );
    let records = desk.records();
    assert_eq!(records.len(), 1);
    assert_eq!(
        word(&records[0]["student_number"]),
        desk.anna.student_number
    );
    let portrait = desk.dir.path().join("anna.jpg");
    let number = &desk.anna.student_number;
    let exported = desk.run(&["record", "export", &desk.job(), number, &text(&portrait)]);
    assert!(exported.status.success(), "{exported:?}");
    let picture = image::open(&portrait).expect("a JPEG").into_rgb8();
    let mark = subject::decode(&picture).expect("the portrait carries the subject's id");
    assert_eq!(mark.id, desk.anna.subject);
    let verdict = desk.assert_verified();
    let devices = verdict["virtual_devices"].to_string();
    assert!(devices.contains("Virtual PCD"), "{devices}");
}

#[test]
fn a_document_that_is_not_on_the_roster_is_refused() {
    let Some(mut desk) = Desk::open(true) else {
        return;
    };
    let stranger = Person::new("2024009", "陌生人", "");
    let mut sitting = desk.sit(&stranger);
    sitting.until("camera");
    desk.slot.insert(card_of(&stranger)).expect("vpcd listens");
    assert_eq!(sitting.end(), ended("refused", "not-on-roster", 1));
    desk.assert_nothing_filed();
}

#[test]
fn a_document_pulled_before_the_review_voids_the_sitting() {
    let Some(mut desk) = Desk::open(true) else {
        return;
    };
    let mut sitting = desk.sit(&desk.anna);
    sitting.until("camera");
    desk.slot.insert(card_of(&desk.anna)).expect("vpcd listens");
    sitting.until("seated");
    desk.slot.remove();
    assert_eq!(sitting.end(), ended("void", "document-taken", 1));
    desk.assert_nothing_filed();
}

#[test]
fn a_document_swapped_right_after_the_press_voids_the_sitting() {
    let Some(mut desk) = Desk::open(true) else {
        return;
    };
    let mut sitting = desk.sit(&desk.anna);
    sitting.until("camera");
    desk.slot.insert(card_of(&desk.anna)).expect("vpcd listens");
    sitting.until("seated");
    sitting.say("expose");
    desk.slot
        .swap(card_of(&desk.bert), Duration::from_millis(30))
        .expect("vpcd listens");
    // Where the virtual driver meets the cut line, the read fails instead of differing.
    let (outcome, code, status) = sitting.end();
    assert_eq!((outcome.as_str(), status), ("void", 1), "{code}");
    assert!(
        ["document-changed", "document-unreadable", "document-taken"].contains(&code.as_str()),
        "{code}"
    );
    desk.assert_nothing_filed();
}

/// The swap that the true USB driver was measured not to see: reads go on, with the
/// second card's data on the first card's handle.
#[test]
fn a_document_that_became_another_unseen_voids_the_sitting() {
    let Some(mut desk) = Desk::open(true) else {
        return;
    };
    // Commands 5 and 6 are the read at exposure, 7 and 8 the one at filing: between two
    // reads, and within one.
    for command in [5, 6, 7, 8] {
        let mut sitting = desk.sit(&desk.anna);
        sitting.until("camera");
        let bert = Misdeed::Become(Box::new(card_of(&desk.bert)));
        desk.slot
            .insert(card_of(&desk.anna).at(command, bert))
            .expect("vpcd listens");
        sitting.until("seated");
        sitting.say("expose");
        if command > 6 {
            let token = word(&sitting.until("review")["token"]);
            sitting.say(&format!("accept {token}"));
        }
        let end = sitting.end();
        assert_eq!(
            end,
            ended("void", "document-changed", 1),
            "at command {command}"
        );
        desk.slot.remove();
        // The next sitting wants to see an empty reader.
        std::thread::sleep(Duration::from_millis(900));
    }
    desk.assert_nothing_filed();
}

#[test]
fn a_job_is_held_by_one_process() {
    let Some(desk) = Desk::open(true) else {
        return;
    };
    let mut first = desk.sit(&desk.anna);
    first.until("camera");
    let second = desk.sit(&desk.bert);
    assert_eq!(second.refusal(), ("job-busy".to_owned(), 1));
    first.say("void");
    first.wait();
    let mut third = desk.sit(&desk.bert);
    third.until("camera");
}

#[test]
fn simulated_devices_do_not_open_in_a_production_job() {
    let Some(desk) = Desk::open(false) else {
        return;
    };
    let document = desk.anna.document(desk.dir.path(), "20400101", &[]);
    let reader = format!("simulated:{}", text(&document));
    let refused = desk.sit_with(&reader, &desk.anna, &[]).refusal();
    assert_eq!(refused, ("simulated-device".to_owned(), 1));
    let refused = desk.sit(&desk.anna).refusal();
    assert_eq!(
        refused,
        ("simulated-device".to_owned(), 1),
        "the camera is simulated"
    );
    desk.assert_nothing_filed();
    drop(desk);

    let Some(desk) = Desk::open(true) else {
        return;
    };
    let document = desk.anna.document(desk.dir.path(), "20400101", &[]);
    let reader = format!("simulated:{}", text(&document));
    let trained = desk.sit_with(&reader, &desk.anna, &["--auto"]).end();
    assert_eq!(trained, ended("filed", "filed", 0));
}
