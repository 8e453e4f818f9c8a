//! Reads a day and lives it.

use crate::person::Person;
use simulator::subject;
use station::{
    Command, Desk, EndReport, Report, SittingOptions, StationHome, attendance, claim, desk,
    desk::Which,
};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;

/// Lives a day line by line and verifies the job at its end.
///
/// # Panics
/// Names the line of the day that did not come true.
pub fn run_day(text: &str) {
    let mut day = Day::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["standard", "with", "copies"] => {
                let dir = tempfile::tempdir().expect("a temporary folder");
                let own = standard_with_copies(dir.path());
                day = Day::of_standard(&own, true);
            }
            ["roster", number, name, class] => day.expect_student(Person::new(number, name, class)),
            ["again", number, "of", first, class] => day.expect_again(number, first, class),
            ["comes", number, rest @ ..] => day.comes(number, rest, line),
            ["flag", number, reason] => day.flag(number, reason),
            ["on", "file", number, "generation", generation] => {
                day.on_file(number, generation, line);
            }
            ["kept", number, "generation", generation] => day.kept(number, generation, line),
            ["missing", number] => day.missing(number),
            ["delivered", count] => day.delivered(count, line),
            _ => panic!("a day has no such line: {line}"),
        }
    }
    day.verify();
}

struct Day {
    dir: tempfile::TempDir,
    home: StationHome,
    job: PathBuf,
    people: HashMap<String, Person>,
    order: Vec<String>,
    deliveries: u32,
    /// Every record has a copy with an even background.
    copies: bool,
}

/// A photo standard of one's own: that of the open universities, but that it allows what no standard
/// does, and wants another blue than the drawn cloth has.
///
/// # Panics
/// When it cannot be written.
#[must_use]
pub fn standard_with_copies(dir: &Path) -> String {
    let text = portrait::Profile::text_of("national-60kb").expect("a profile");
    let own = text
        .replace("name = \"national-60kb\"", "name = \"of-our-own\"")
        .replace("rgb = [100, 197, 255]", "rgb = [112, 194, 246]")
        .replace("delta_e_max = 12", "delta_e_max = 3");
    assert!(!own.contains("= 12\n") && !own.contains("= [100") && own.contains("of-our-own"));
    let file = dir.join("of-our-own.toml");
    std::fs::write(&file, format!("{own}\nnormalise = true\n")).expect("written");
    file.to_str().expect("UTF-8").to_owned()
}

/// What is odd about somebody who comes.
#[derive(Default)]
struct Oddity {
    named: Option<String>,
    expired: bool,
    wrong_digit: bool,
    claims: Option<String>,
    referred: bool,
    script: Vec<String>,
    camera: Option<PathBuf>,
}

impl Day {
    fn new() -> Self {
        Self::of_standard("national-60kb", false)
    }

    fn of_standard(standard: &str, copies: bool) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let home = StationHome::at(dir.path().join("station"));
        let job = dir.path().join("job");
        home.create_job(&job, standard, true)
            .expect("a job is created");
        Self {
            dir,
            home,
            job,
            people: HashMap::new(),
            order: Vec::new(),
            deliveries: 0,
            copies,
        }
    }

    fn desk(&self) -> Desk {
        self.home.open_job(&self.job).expect("the job opens")
    }

    fn person(&self, number: &str) -> &Person {
        self.people
            .get(number)
            .unwrap_or_else(|| panic!("{number} is nobody of this day"))
    }

    fn expect_student(&mut self, person: Person) {
        if !self.people.contains_key(&person.student_number) {
            self.order.push(person.student_number.clone());
        }
        self.people.insert(person.student_number.clone(), person);
        self.import();
    }

    fn expect_again(&mut self, number: &str, first: &str, class: &str) {
        let mut second = self.person(first).clone();
        second.student_number = number.to_owned();
        second.class = class.to_owned();
        self.expect_student(second);
    }

    fn import(&self) {
        let mut csv = "学号,姓名,身份证号,班级\n".to_owned();
        for number in &self.order {
            let Person {
                student_number,
                name,
                number,
                class,
                ..
            } = self.person(number);
            writeln!(csv, "{student_number},{name},{number},{class}").expect("written");
        }
        let file = self.dir.path().join("roster.csv");
        std::fs::write(&file, csv).expect("the roster is written");
        let imported = self
            .desk()
            .import_roster(&file, false, false)
            .expect("imported");
        assert!(
            imported.imported,
            "the roster has faults: {:?}",
            imported.faults
        );
    }

    fn comes(&self, number: &str, rest: &[&str], line: &str) {
        let arrow = rest
            .iter()
            .position(|word| *word == "->")
            .expect("-> OUTCOME CODE");
        let (what, expected) = (&rest[..arrow], &rest[arrow + 1..]);
        let action = what
            .windows(2)
            .position(|pair| pair[0] == "does" || pair == ["by", "itself"])
            .unwrap_or_else(|| panic!("what is done? {line}"));
        let unattended = what[action] == "by";
        let commands: Vec<Command> = what[action + 1..]
            .iter()
            .filter_map(|w| command(w))
            .collect();
        let stranger = Person::new(number, "陌生人", "");
        let person = self.people.get(number).unwrap_or(&stranger).clone();
        let odd = self.oddity(&person, &what[..action]);
        let end = self.sit(&person, odd, unattended, commands);
        let told = format!("{} {}", end.outcome, end.code);
        match expected {
            ["filed", generation] => {
                let record = end
                    .record
                    .as_ref()
                    .unwrap_or_else(|| panic!("{line}\n  was {told}"));
                assert_eq!(record.generation.to_string(), *generation, "{line}");
            }
            ["any", code] => {
                assert_ne!(end.outcome, "filed", "{line}");
                assert_eq!(end.code, *code, "{line}\n  was {told}");
            }
            [outcome, code] => assert_eq!(told, format!("{outcome} {code}"), "{line}"),
            _ => panic!("-> OUTCOME CODE: {line}"),
        }
    }

    fn oddity(&self, person: &Person, words: &[&str]) -> Oddity {
        let mut odd = Oddity::default();
        let dir = self.dir.path();
        match words {
            [] | ["as", "stranger"] => {}
            ["named", name] => odd.named = Some((*name).to_owned()),
            ["named", name, "claims", claimed, "referred"] => {
                odd.named = Some((*name).to_owned());
                odd.claims = Some((*claimed).to_owned());
                odd.referred = true;
            }
            ["expired"] => odd.expired = true,
            ["wrong", "digit"] => odd.wrong_digit = true,
            ["claims", claimed] => odd.claims = Some((*claimed).to_owned()),
            ["taken", "at", "read", n] => odd.script.push(format!("remove_at_read = {n}")),
            ["swapped", "for", other, "at", "read", n] => {
                let other = self.person(other).document(dir, "20400101", &[]);
                odd.script
                    .push(format!("swap_to = {other:?}\nswap_at_read = {n}"));
            }
            ["joined", "by", other] => {
                let other = self.person(other).document(dir, "20400101", &[]);
                odd.script.push(format!(
                    "second_document = {other:?}\nsecond_after_ms = 300"
                ));
            }
            ["before", _, kind, ..] => odd.camera = Some(self.odd_camera(person, kind)),
            _ => panic!("nobody comes like this: {words:?}"),
        }
        odd
    }

    fn odd_camera(&self, person: &Person, kind: &str) -> PathBuf {
        let dir = self.dir.path();
        let mut picture = person.picture(dir);
        let fault = match kind {
            "camera" => "frames_are_old_ms = 60000",
            "frozen" => "freeze_after_ms = 500",
            "stalled" => "stall_after_ms = 500",
            "empty" => {
                picture = dir.join("empty.png");
                let cloth = image::RgbImage::from_pixel(960, 1280, image::Rgb([100, 197, 255]));
                cloth.save(&picture).expect("the empty chair is written");
                ""
            }
            _ => panic!("no camera is like this: {kind}"),
        };
        let file = dir.join(format!("camera-{kind}.toml"));
        std::fs::write(&file, format!("picture = {picture:?}\n{fault}\n")).expect("written");
        file
    }

    fn sit(
        &self,
        person: &Person,
        odd: Oddity,
        unattended: bool,
        commands: Vec<Command>,
    ) -> EndReport {
        let mut shown = person.clone();
        if let Some(name) = odd.named {
            shown.name = name;
        }
        if odd.wrong_digit {
            let last = if shown.number.ends_with('1') {
                '2'
            } else {
                '1'
            };
            shown.number.replace_range(17.., &last.to_string());
        }
        let valid_to = if odd.expired { "20251231" } else { "20400101" };
        let document = shown.document(self.dir.path(), valid_to, &odd.script);
        let camera = odd
            .camera
            .unwrap_or_else(|| person.picture(self.dir.path()));
        let options = SittingOptions {
            reader: station::ReaderChoice::Simulated(document),
            camera: station::CameraChoice::Still(camera),
            attendance: attendance(unattended),
            operator: "tester".into(),
            claim: claim(
                odd.claims.as_deref(),
                odd.referred.then(|| "registrar".to_owned()),
            )
            .expect("a claim"),
            document_wait: Duration::from_secs(20),
            decoder: None,
        };
        hold(&mut self.desk(), options, commands)
    }

    fn flag(&self, number: &str, reason: &str) {
        self.desk()
            .flag(number, reason, "registrar")
            .expect("flagged");
    }

    fn on_file(&self, number: &str, generation: &str, line: &str) {
        let desk = self.desk();
        let records = desk.records().expect("records");
        let of_number = records
            .iter()
            .filter(|record| record.student_number == *number);
        let newest = of_number.max_by_key(|record| record.generation);
        let newest = newest.unwrap_or_else(|| panic!("{line}: nothing is on file"));
        assert_eq!(newest.generation.to_string(), generation, "{line}");
        self.shows_the_right_face(&desk, number, newest.generation);
    }

    fn kept(&self, number: &str, generation: &str, line: &str) {
        let generation = generation.parse().unwrap_or_else(|_| panic!("{line}"));
        self.shows_the_right_face(&self.desk(), number, generation);
    }

    /// The oracle: the portrait's own pixels say whose it is.
    fn shows_the_right_face(&self, desk: &Desk, number: &str, generation: u32) {
        let export = |which: Which| {
            let name = format!("{number}-{generation}-{}.jpg", self.job_files());
            let out = self.dir.path().join(name);
            desk.export(number, Some(generation), which, &out)
                .map(|_| out)
        };
        let portrait = export(Which::Portrait).expect("exported");
        let subject = self.person(number).subject;
        assert_eq!(face_of(&portrait), subject, "{number} shows another face");
        match export(Which::Normalised) {
            Ok(copy) => {
                assert!(self.copies, "nobody allowed a copy");
                assert_eq!(face_of(&copy), subject, "the copy of {number}");
                evened(&portrait, &copy);
            }
            Err(error) => assert_eq!(
                (error.code(), self.copies),
                ("normalised-none", false),
                "{number}"
            ),
        }
    }

    fn job_files(&self) -> usize {
        std::fs::read_dir(self.dir.path())
            .expect("the folder")
            .count()
    }

    fn missing(&self, number: &str) {
        let records = self.desk().records().expect("records");
        assert!(
            !records.iter().any(|record| record.student_number == number),
            "{number} is on file"
        );
    }

    fn delivered(&mut self, count: &str, line: &str) {
        self.deliveries += 1;
        let out = self.dir.path().join(format!("package-{}", self.deliveries));
        let delivered = self
            .desk()
            .deliver(&out, &mut |_, _, _| std::ops::ControlFlow::Continue(()));
        if count == "0" {
            let error = delivered
                .err()
                .unwrap_or_else(|| panic!("{line}: something was delivered"));
            assert_eq!(error.code(), "nothing-to-deliver");
            return;
        }
        let delivered = delivered.unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(delivered.portraits.to_string(), count, "{line}");
        let copies = pictures_of(&out, "normalised");
        let expected = if self.copies { delivered.portraits } else { 0 };
        assert_eq!((copies.len(), delivered.copies), (expected, expected));
        let portraits = pictures_of(&out, "portraits");
        assert_eq!(portraits.len(), delivered.portraits, "{line}");
        for (number, file) in portraits.into_iter().chain(copies) {
            assert_eq!(
                face_of(&file),
                self.person(&number).subject,
                "{number} in the package"
            );
        }
        let key = self.home.key().expect("a key").station_key_file;
        let verdict = desk::verify(&out, Some(&key)).expect("verified");
        assert!(verdict.ok, "{line}: {:?}", verdict.faults);
    }

    fn verify(&self) {
        let key = self.home.key().expect("a key").station_key_file;
        let verdict = desk::verify(&self.job, Some(&key)).expect("verified");
        assert!(verdict.ok && !verdict.unpinned, "{:?}", verdict.faults);
    }
}

fn command(word: &str) -> Option<Command> {
    match word {
        "expose" => Some(Command::Expose),
        "retake" => Some(Command::Retake),
        "accept" => Some(Command::Accept(None)),
        "void" => Some(Command::Void),
        _ => None,
    }
}

/// Holds one sitting with commands typed ahead.
fn hold(desk: &mut Desk, options: SittingOptions, commands: Vec<Command>) -> EndReport {
    let (sender, mut receiver) = unbounded_channel();
    for command in commands {
        sender.send(command).expect("the booth listens");
    }
    // Nobody types after this: an open sitting ends by the end of input.
    drop(sender);
    let mut end = None;
    let mut told = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("tokio");
    let outcome = runtime.block_on(desk.hold_sitting(options, &mut receiver, &mut |report| {
        told.push(format!("{report:?}"));
        if let Report::End(report) = report {
            end = Some(report);
        }
    }));
    outcome.unwrap_or_else(|error| panic!("the sitting could not be held: {error}\n{told:#?}"));
    end.expect("a sitting ends with a report")
}

fn face_of(file: &Path) -> u32 {
    let picture = image::open(file).expect("a JPEG").into_rgb8();
    assert_eq!(picture.dimensions(), (480, 640));
    subject::decode(&picture)
        .expect("a portrait of a drawn subject carries its id")
        .id
}

/// The copy's background is nearer to the colour of its standard than the portrait's, and its middle,
/// where somebody sits, is the same but for what the encoder does.
fn evened(portrait: &Path, copy: &Path) {
    let [was, is] = [portrait, copy].map(|file| image::open(file).expect("a JPEG").into_rgb8());
    let off = |one: &image::Rgb<u8>, other: [u8; 3]| {
        let sum = |(a, b): (&u8, u8)| u32::from(a.abs_diff(b));
        one.0.iter().zip(other).map(sum).sum::<u32>()
    };
    let wanted = [112, 194, 246];
    let (before, after) = (
        off(was.get_pixel(20, 20), wanted),
        off(is.get_pixel(20, 20), wanted),
    );
    assert!(after + 5 < before, "{before} {after}");
    let middle: Vec<u32> = (180..300)
        .flat_map(|x| (260..420).map(move |y| (x, y)))
        .map(|(x, y)| off(was.get_pixel(x, y), is.get_pixel(x, y).0))
        .collect();
    let mean = f64::from(middle.iter().sum::<u32>()) / middle.len() as f64;
    assert!(mean < 8.0, "{mean}");
    // The mark of a training job is on both: a strip of dark red at the lower edge.
    for (picture, what) in [(&was, "portrait"), (&is, "copy")] {
        let red = |x: &u32| {
            let [r, g, b] = picture.get_pixel(*x, 634).0;
            r > 100 && g < 60 && b < 60
        };
        let share = (0..480).filter(red).count();
        assert!(share > 300, "{what}: {share}");
    }
}

/// The pictures of one folder of a package, by student number; none where there is no such folder.
fn pictures_of(package: &Path, folder: &str) -> Vec<(String, PathBuf)> {
    let Ok(folder) = std::fs::read_dir(package.join(folder)) else {
        return Vec::new();
    };
    let files = folder.map(|entry| entry.expect("a file").path());
    files
        .map(|file| {
            let stem = file
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (stem, file)
        })
        .collect()
}
