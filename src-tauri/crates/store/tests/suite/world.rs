//! A job with invented people, and the booth that seats and files them.

use booth::{
    Assurance, Attendance, Birth, Booth, CardRead, Claim, Date, Device, DocumentFields,
    DocumentKind, DocumentNumber, Effect, Encoding, Epoch, Event, ExposureControls, Filing, Frame,
    FrameStamp, InsertionId, Intent, JobKind, Nature, Normalised, Now, PersonName, Portrait,
    ReadMoments, Rules, SittingId, SourceKind, StudentNumber, Timestamp, Validity,
};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Job, NewEntry, Standard, StationKey};

/// Student number, name and document number.
pub(crate) type Person = (&'static str, &'static str, &'static str);

/// The invented people, by place.
pub(crate) const PEOPLE: [Person; 5] = [
    ("2022001", "安娜", "11010519491231002X"),
    ("2022002", "鲍里斯", "110105194912310038"),
    ("2022003", "陈晨", "110105194912310054"),
    ("2022004", "戴大", "110105194912310070"),
    ("2022005", "艾米", "110105194912310089"),
];

/// Where a world lives.
pub(crate) enum Root {
    /// Made for one test and removed with it.
    Own(tempfile::TempDir),
    /// Another process made it and minds it.
    Lent(PathBuf),
}

impl Root {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Own(dir) => dir.path(),
            Self::Lent(path) => path,
        }
    }
}

/// A job in a folder of its own, with the station's key beside it.
pub(crate) struct World {
    pub(crate) root: Root,
    pub(crate) key: StationKey,
    pub(crate) job: Option<Job>,
    pub(crate) kind: JobKind,
    /// Milliseconds on the clock of the booth.
    pub(crate) ms: u64,
    insertion: u64,
    arrived: u64,
    sequence: u64,
    /// Bytes of portrait and original: bigger ones for measuring.
    pub(crate) sizes: (usize, usize),
}

/// What every job here is made for.
pub(crate) const STANDARD: Standard<'_> = Standard {
    name: "national",
    text: "name = \"national\"\n",
    usual: "[measures]\n",
};

pub(crate) const BOOT: booth::BootId = booth::BootId([3; 16]);

/// What the camera of every sitting is set to.
pub(crate) const CONTROLS: &str = "exposure=156 gain=auto:4";

pub(crate) fn at(ms: u64) -> Timestamp {
    Timestamp::new(BOOT, ms * 1_000_000)
}

fn device(driver: &str, nature: Nature) -> Device {
    Device {
        driver: driver.into(),
        bus: "usb-1".into(),
        identity: "test".into(),
        nature,
    }
}

pub(crate) fn number_of(student: &str) -> StudentNumber {
    StudentNumber::parse(student).unwrap()
}

pub(crate) fn new_entry(person: Person) -> NewEntry {
    NewEntry {
        student_number: number_of(person.0),
        name: PersonName::parse(person.1).unwrap(),
        number: DocumentNumber::parse(person.2).unwrap(),
        sex: None,
        college: "文学院".into(),
        major: "汉语".into(),
        class: "一班".into(),
    }
}

impl World {
    /// A production job with everybody of [`PEOPLE`] on the roster.
    pub(crate) fn new() -> Self {
        Self::of(JobKind::Production)
    }

    pub(crate) fn of(kind: JobKind) -> Self {
        let root = tempfile::tempdir().unwrap();
        let key = StationKey::load_or_create(&root.path().join("key")).unwrap();
        let mut job = Job::create(&root.path().join("job"), kind, STANDARD, &key).unwrap();
        let roster: Vec<_> = PEOPLE.into_iter().map(new_entry).collect();
        job.import_roster(&roster, booth::sha256(b"file"), "op", false)
            .unwrap();
        Self::with(Root::Own(root), key, job)
    }

    /// The job that another process made, where it stands.
    pub(crate) fn lent(root: PathBuf) -> Self {
        let key = StationKey::load_or_create(&root.join("key")).unwrap();
        let job = Job::open(&root.join("job"), &key).unwrap();
        let mut world = Self::with(Root::Lent(root), key, job);
        // No frame of an earlier life comes again.
        world.sequence = 1_000 * u64::try_from(world.job().next_sitting().unwrap().0).unwrap();
        world
    }

    fn with(root: Root, key: StationKey, job: Job) -> Self {
        Self {
            root,
            key,
            kind: job.kind(),
            job: Some(job),
            ms: 1_000,
            insertion: 0,
            arrived: 0,
            sequence: 0,
            sizes: (64, 64),
        }
    }

    pub(crate) fn job(&mut self) -> &mut Job {
        self.job.as_mut().unwrap()
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.root.path().join("job")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.dir().join("job.db")
    }

    pub(crate) fn close(&mut self) {
        self.job = None;
    }

    pub(crate) fn reopen(&mut self) {
        self.close();
        self.job = Some(Job::open(&self.dir(), &self.key).unwrap());
    }

    /// One whole sitting of the person at `place`, accepted and filed.
    pub(crate) fn file(&mut self, place: usize) {
        let filing = self.filing(place, Claim::default(), PEOPLE[place]);
        self.job().file(&filing, "op").unwrap();
    }

    /// One sitting up to the filing, which is not written yet.
    pub(crate) fn filing(&mut self, place: usize, claim: Claim, document: Person) -> Filing {
        let filing = self.play(claim, document, true);
        filing.unwrap_or_else(|| panic!("nothing was filed for {place}"))
    }

    /// One sitting up to the seat, left open.
    pub(crate) fn seat(&mut self, place: usize) -> SittingId {
        self.play(Claim::default(), PEOPLE[place], false);
        self.job().unfinished_sitting().unwrap().unwrap()
    }

    fn card(&self, document: Person) -> CardRead {
        let number = document.2;
        let sex = if number.as_bytes()[16] % 2 == 1 {
            booth::Sex::Male
        } else {
            booth::Sex::Female
        };
        let fields = DocumentFields {
            name: PersonName::parse(document.1).unwrap(),
            latin_name: None,
            sex,
            nation: "01".into(),
            birth: Date::parse_compact(&number[6..14]).unwrap(),
            address: String::new(),
            number: number.into(),
            travel_permit: None,
            issuer: String::new(),
            valid_from: Date::new(2020, 1, 1).unwrap(),
            valid_to: Validity::LongTerm,
        };
        let moments = ReadMoments {
            quiet_since: at(self.arrived),
            begun: at(self.ms),
            ended: at(self.ms + 20),
        };
        CardRead::new(
            DocumentKind::ResidentCard,
            Assurance::SamVerified,
            device("pcsc", Nature::Physical),
            InsertionId(self.insertion),
            fields,
            format!("{}{number}", document.1).as_bytes(),
            moments,
        )
    }

    /// Plays the booth until it has a filing (or, without `expose`, a seat), doing
    /// to the store what it asks for.
    fn play(&mut self, claim: Claim, document: Person, expose: bool) -> Option<Filing> {
        self.insertion += 1;
        self.arrived = self.ms;
        let rules = Rules {
            job: self.kind,
            attendance: Attendance::Attended,
            key: self.job().digest_key(),
            next_sitting: self.job().next_sitting().unwrap(),
            last_document_left: true,
        };
        let roster = self.job().roster().unwrap();
        let mut booth = Booth::new(rules, roster, claim);
        let mut events = VecDeque::from([
            Event::CameraLive {
                device: device("v4l2", Nature::Physical),
                epoch: Epoch(9),
            },
            Event::Presented {
                insertion: InsertionId(self.insertion),
                already_there: false,
            },
        ]);
        while let Some(event) = events.pop_front() {
            let now = Now {
                at: at(self.ms),
                today: Date::new(2026, 11, 24).unwrap(),
            };
            for effect in booth.handle(event, now) {
                match self.answer(effect, document) {
                    Answer::Event(Event::Intent(Intent::Expose)) if !expose => return None,
                    Answer::Event(event) => events.push_back(event),
                    Answer::Filing(filing) => return Some(*filing),
                    Answer::Nothing => {}
                }
            }
        }
        None
    }

    fn answer(&mut self, effect: Effect, document: Person) -> Answer {
        match effect {
            Effect::OpenSitting { sitting, at } => {
                let attended = Attendance::Attended;
                self.job()
                    .open_sitting(sitting, "op", attended, at)
                    .unwrap();
                Answer::Nothing
            }
            Effect::Read {
                read, insertion, ..
            } => {
                self.ms = self.ms.max(self.arrived + 600);
                let result = Ok(Box::new(self.card(document)));
                self.ms += 40;
                Answer::Event(Event::Read {
                    read,
                    insertion,
                    result,
                })
            }
            Effect::Seat(seating) => {
                self.job().seat(&seating).unwrap();
                self.ms += 100;
                Answer::Event(Event::Intent(Intent::Expose))
            }
            Effect::Expose { exposure, pressed } => Answer::Event(Event::Frames {
                exposure,
                frames: vec![self.frame(pressed)],
            }),
            Effect::Develop(mut framed) => {
                framed.note_controls(|| ExposureControls::new(CONTROLS.to_owned()));
                let size = self.sizes.0;
                let developed = framed.develop(|frame| {
                    let mut jpeg = frame.bytes()[..16].to_vec();
                    jpeg.resize(size, 1);
                    let copy = copy_of(&jpeg);
                    let portrait = Portrait::new(jpeg, frame.digest(), 90);
                    let copy = Normalised::new(copy, 80, portrait.digest());
                    Ok::<_, ()>(portrait.with_normalised(Some(copy)))
                });
                Answer::Event(Event::Developed(Box::new(developed.unwrap())))
            }
            Effect::Offer(offer) => Answer::Event(Event::Intent(Intent::Accept(offer.token))),
            Effect::File(filing) => {
                self.ms += 1_000;
                Answer::Filing(filing)
            }
            Effect::Journal(change) => {
                self.job().note(&change).unwrap();
                Answer::Nothing
            }
            Effect::EndSitting { sitting, outcome } => {
                let now = at(self.ms);
                self.job().end_sitting(sitting, outcome, now).unwrap();
                Answer::Nothing
            }
            Effect::Refused(refusal) => panic!("refused: {refusal}"),
            Effect::TakeDocument => Answer::Nothing,
        }
    }

    fn frame(&mut self, pressed: Timestamp) -> Frame {
        self.sequence += 1;
        let stamp = FrameStamp {
            kind: SourceKind::Live,
            epoch: Epoch(9),
            sequence: self.sequence,
            birth: Birth::Driver(pressed),
            arrived: pressed.plus(Duration::from_millis(5)),
        };
        let mut bytes = [self.sequence.to_be_bytes(), self.insertion.to_be_bytes()].concat();
        bytes.resize(self.sizes.1, 7);
        Frame::new(stamp, Encoding::Jpeg, bytes)
    }
}

/// What stands for a portrait's copy with an even background.
pub(crate) fn copy_of(portrait: &[u8]) -> Vec<u8> {
    portrait.iter().map(|byte| !byte).collect()
}

/// What the world says to an effect.
enum Answer {
    Event(Event),
    Filing(Box<Filing>),
    Nothing,
}
