//! Every layout over every transport: the smart-card service, a serial port and a vendor's
//! library, through `likeness-ctl card read` and through a whole sitting.
//!
//! Real are the service, the terminal at 115200 baud, the loader of libraries with its child
//! process, the programs and the job; see `simulator` for what lies behind each.

#![cfg(target_os = "linux")]

use booth::DocumentKind;
use likeness_tests::pcscd::{FIRST_READER, Pcscd};
use likeness_tests::sitting::{Sitting, ended, word};
use likeness_tests::{Person, create_job, fake_decoder, fake_library, program};
use serde_json::{Value, json};
use simulator::library::Library;
use simulator::sam::{Plug, Question};
use simulator::vpcd::{Card, Slot};
use simulator::{papers, subject};
use station::StationHome;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A reader is seen to be empty within this time.
const AWAY: Duration = Duration::from_millis(900);

/// A reader that documents are laid on.
trait Tray {
    /// What `--reader` chooses it by.
    fn reader(&self) -> String;
    /// What its name says in any case, and how it is driven.
    fn name(&self) -> (String, &'static str);
    fn lay_down(&mut self, kind: DocumentKind);
    fn lift(&mut self);
    /// What a decoder makes of the portrait: only where text and portrait are one answer is
    /// there one.
    fn portrait(&self) -> Value {
        json!({ "width": 102, "height": 126 })
    }
    /// How often identity bytes were asked for until now.
    fn asked(&self) -> usize;
    /// How often one complete read asks for them.
    fn asks(&self) -> usize;
}

/// What lies behind the smart-card service, which is held as long.
struct Virtual {
    slot: Slot,
    _service: Pcscd,
}

impl Tray for Virtual {
    fn reader(&self) -> String {
        "pcsc".to_owned()
    }

    fn name(&self) -> (String, &'static str) {
        (FIRST_READER.to_owned(), "pcsc")
    }

    fn lay_down(&mut self, kind: DocumentKind) {
        let card = Card::new(papers::text(kind));
        self.slot.insert(card).expect("vpcd listens");
    }

    fn lift(&mut self) {
        self.slot.remove();
    }

    fn portrait(&self) -> Value {
        json!({ "code": "portrait-not-given" })
    }

    fn asked(&self) -> usize {
        self.slot.commands()
    }

    fn asks(&self) -> usize {
        2
    }
}

impl Tray for Plug {
    fn reader(&self) -> String {
        format!("sdt:{}", text(self.port()))
    }

    fn name(&self) -> (String, &'static str) {
        (text(self.port()), "sdt")
    }

    fn lay_down(&mut self, kind: DocumentKind) {
        self.sam().lay_down(&papers::text(kind));
    }

    fn lift(&mut self) {
        self.sam().lift();
    }

    fn asked(&self) -> usize {
        let sam = self.sam();
        let reads = sam.asked.iter().filter(|asked| **asked == Question::Read);
        reads.count()
    }

    fn asks(&self) -> usize {
        1
    }
}

impl Tray for Library {
    fn reader(&self) -> String {
        format!("sdtapi:{}#1001", text(&self.path()))
    }

    fn name(&self) -> (String, &'static str) {
        ("libsdtapi.so:".to_owned(), "sdtapi")
    }

    fn lay_down(&mut self, kind: DocumentKind) {
        let mut kinds = DocumentKind::ALL.iter();
        let document = kinds.position(|other| *other == kind).expect("a kind");
        Self::lay_down(self, document).expect("the folder is there");
    }

    fn lift(&mut self) {
        Self::lift(self);
    }

    fn asked(&self) -> usize {
        self.calls("SDT_ReadBaseMsg")
    }

    fn asks(&self) -> usize {
        1
    }
}

/// A training job with the four people of [`papers`] on its roster.
struct Job {
    dir: TempDir,
    people: Vec<(DocumentKind, Person)>,
}

impl Job {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let people = DocumentKind::ALL.into_iter().zip(1..);
        let people: Vec<_> = people
            .map(|(kind, subject)| {
                let fields = papers::fields(kind);
                let person = Person {
                    student_number: format!("2024{subject:03}"),
                    name: fields.name.as_str().to_owned(),
                    number: fields.number,
                    class: "一班".to_owned(),
                    subject,
                };
                (kind, person)
            })
            .collect();
        let job = Self { dir, people };
        let roster: Vec<_> = job
            .people
            .iter()
            .map(|(_, person)| person.clone())
            .collect();
        create_job(&StationHome::at(job.station()), &job.path(), &roster);
        job
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("job")
    }

    fn station(&self) -> PathBuf {
        self.dir.path().join("station")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--json").args(words);
        command.env("LIKENESS_STATION_DIR", self.station());
        command
    }

    /// Runs a command that succeeds; its lines, and everything that it said.
    fn run(&self, words: &[&str]) -> (Vec<Value>, String) {
        let output = self.command(words).output().expect("likeness-ctl runs");
        assert!(output.status.success(), "{words:?}: {output:?}");
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let values = lines.lines().map(serde_json::from_str);
        let values = values.collect::<Result<_, _>>().expect("JSON in each line");
        (values, lines + &String::from_utf8_lossy(&output.stderr))
    }

    /// The document is read twice, and nothing is shown that does not have to be.
    fn reads(&self, tray: &mut impl Tray, kind: DocumentKind) {
        let fields = papers::fields(kind);
        tray.lay_down(kind);
        let before = tray.asked();
        let (reader, decoder) = (tray.reader(), text(fake_decoder()));
        let words = ["card", "read", "--reader", &reader, "--decoder", &decoder];
        let (lines, told) = self.run(&words);
        assert_eq!(tray.asked() - before, 2 * tray.asks(), "two complete reads");
        let [read] = &lines[..] else {
            panic!("one line: {lines:?}");
        };
        let (reader, driver) = tray.name();
        assert_eq!(read["portrait"], tray.portrait());
        assert_eq!(read["kind"], kind.code());
        assert_eq!(read["assurance"], "sam_verified");
        assert_eq!(read["reads"], 2);
        assert_eq!(read["driver"], driver);
        assert!(word(&read["reader"]).contains(&reader), "{read}");
        assert_eq!(read["name"], fields.name.as_str());
        assert_eq!(read["number"], booth::mask(&fields.number));
        assert_eq!(read["birth_year"], fields.birth.parts().0);
        let permit = fields.travel_permit.as_deref().map(booth::mask);
        assert_eq!(read["travel_permit"].as_str(), permit.as_deref());
        let secrets = [&fields.number[..], &fields.number[6..14], "1880-01-07"];
        for secret in secrets.into_iter().chain(fields.travel_permit.as_deref()) {
            assert!(
                !told.contains(secret),
                "{kind:?} over {driver} shows {secret}"
            );
        }
        assert!(
            !told.contains("试验路"),
            "{kind:?} over {driver} shows an address"
        );
        tray.lift();
    }

    /// The document's own person is seated, photographed and filed, and nobody else.
    fn sits(&self, tray: &mut impl Tray, kind: DocumentKind, person: &Person) {
        let camera = format!("still:{}", text(&person.picture(self.dir.path())));
        let (job, reader) = (text(&self.path()), tray.reader());
        let words = [
            "sit", &job, "--reader", &reader, "--camera", &camera, "--wait", "20",
        ];
        let mut sitting = Sitting::begin(self.command(&words), self.dir.path());
        sitting.until_ready();
        let seated = seat(&mut sitting, tray, kind);
        assert_eq!(word(&seated["student_number"]), person.student_number);
        let before = tray.asked();
        sitting.say("expose");
        let token = word(&sitting.until("review")["token"]);
        sitting.say(&format!("accept {token}"));
        assert_eq!(sitting.end(), ended("filed", "filed", 0));
        let again = tray.asked() - before;
        assert_eq!(
            again,
            2 * tray.asks(),
            "one read at exposure, one at filing"
        );
        tray.lift();
        let portrait = text(
            &self
                .dir
                .path()
                .join(format!("{}.jpg", person.student_number)),
        );
        self.run(&["record", "export", &job, &person.student_number, &portrait]);
        let picture = image::open(&portrait).expect("a JPEG").into_rgb8();
        let mark = subject::decode(&picture).expect("the portrait carries the subject's id");
        assert_eq!(mark.id, person.subject);
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

/// Lays the document down, as a hand does: whoever is faster than the first look at the
/// reader is asked to take the document away, and lays it down again.
fn seat(sitting: &mut Sitting, tray: &mut impl Tray, kind: DocumentKind) -> Value {
    loop {
        tray.lay_down(kind);
        let told = sitting.until_one_of(&["seated", "take-document"]);
        if told["event"] == "seated" {
            return told;
        }
        tray.lift();
        std::thread::sleep(AWAY);
    }
}

/// Each document is read by the command and held a sitting with; then everybody is on file.
fn every_layout_over(mut tray: impl Tray) {
    let job = Job::new();
    for (kind, person) in &job.people {
        job.reads(&mut tray, *kind);
        std::thread::sleep(AWAY);
        job.sits(&mut tray, *kind, person);
        std::thread::sleep(AWAY);
    }
    let path = text(&job.path());
    let (records, _) = job.run(&["record", "list", &path]);
    let mut filed: Vec<_> = records
        .iter()
        .map(|record| word(&record["student_number"]))
        .collect();
    filed.sort();
    let people = job
        .people
        .iter()
        .map(|(_, person)| person.student_number.clone());
    assert_eq!(filed, people.collect::<Vec<_>>());
    job.run(&["verify", &path]);
}

#[test]
fn over_the_smart_card_service() {
    if let Some(service) = Pcscd::start_apart() {
        every_layout_over(Virtual {
            slot: service.slot(),
            _service: service,
        });
    }
}

#[test]
fn over_a_serial_port() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    every_layout_over(Plug::new(dir.path()).expect("a pseudo-terminal"));
}

#[test]
fn over_a_vendors_library() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let documents = DocumentKind::ALL.map(papers::text);
    let library = Library::prepare(dir.path(), &documents).expect("the folder is written");
    let code = std::fs::read(fake_library()).expect("the fake library is built");
    library.install(&code).expect("the folder is written");
    every_layout_over(library);
}
