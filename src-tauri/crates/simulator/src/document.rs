//! 模拟证件: an identity document made of a TOML file, on a reader made of nothing.
//!
//! It opens in training jobs only. The fields go through the very layout of a real
//! card ([`card::layout`]) and come back through its parser, so that what cannot be
//! on a card cannot be simulated either.
//!
//! ```toml
//! name = "张三"                 # up to 15 UTF-16 units, as on the card
//! sex = "male"                  # or "female"
//! nation = "01"                 # GB/T 3304
//! birth = "20040229"            # or "2004-02-29"
//! address = "某省某市某路1号"     # up to 35 units
//! number = "11010520040229001X" # 18 characters; a wrong check digit is allowed
//! issuer = "某市公安局"           # up to 15 units
//! valid_from = "20200101"
//! valid_to = "20400101"         # or "长期"
//!
//! # Documents of other kinds; the fields that a kind has not are left out.
//! kind = "hmt_permit"           # foreigner_card_2017, foreigner_card_2023; else resident_card
//! latin_name = "ZHANG SAN"      # the foreigners' cards, whose nation is three letters
//! travel_permit = "H00000000"   # the permit of Hong Kong, Macao and Taiwan
//!
//! [script]                      # all optional: what shall go wrong, and when
//! already_there = true          # lies on the reader when it is first looked at
//! insert_after_ms = 100         # else: put on so long after the opening
//! remove_at_read = 2            # taken away inside the second read
//! remove_after_ms = 3000        # taken away so long after it was put on
//! fail_at_read = 1              # this read fails ...
//! fail_with = "document-unreadable" # ... like this (a code of the manual)
//! swap_at_read = 3              # from this read on another document answers, unseen
//! swap_to = "other.toml"
//! second_document = "other.toml" # laid beside it ...
//! second_after_ms = 300         # ... so long after the first one
//! lost_at_read = 3              # the reader is unplugged inside this read
//! ```
//!
//! Paths are relative to the file. A sitting reads four times: twice before the
//! seat, once at the exposure, once at the filing.

use booth::{
    Assurance, Date, Device, DocumentFields, DocumentKind, InsertionId, Nature, PersonName,
    QUIET_MIN, ReadFailure, ReadMoments, Sex, Timestamp, Validity,
};
use card::layout::{EncodeFault, encode};
use card::{
    Health, ReadFault, ReadRequest, Reader, ReaderEvent, Sink, TEXT_BYTES, document_read,
    next_insertion,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A read takes so long, like one through a real reader.
const READ_TIME: Duration = Duration::from_millis(30);
/// A document is put on so long after the opening, unless the script says otherwise.
const INSERT_AFTER: Duration = Duration::from_millis(100);
/// The largest file that is read as a document.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Why a simulated document cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The file cannot be read.
    #[error("the simulated document cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The file is no document.
    #[error("the simulated document has a fault: {0}")]
    File(String),
    /// The fields do not fit on a card.
    #[error("the simulated document has a fault: {0}")]
    Layout(#[from] EncodeFault),
}

impl SimulatorError {
    /// Stable word for the table of notices.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file-unreadable",
            Self::File(_) | Self::Layout(_) => "simulated-document-faulty",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    kind: Option<String>,
    name: String,
    latin_name: Option<String>,
    sex: String,
    #[serde(default)]
    nation: String,
    birth: String,
    #[serde(default)]
    address: String,
    number: String,
    travel_permit: Option<String>,
    #[serde(default)]
    issuer: String,
    valid_from: String,
    valid_to: String,
    #[serde(default)]
    script: ScriptFile,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ScriptFile {
    already_there: bool,
    insert_after_ms: Option<u64>,
    remove_at_read: Option<u32>,
    remove_after_ms: Option<u64>,
    fail_at_read: Option<u32>,
    fail_with: Option<String>,
    swap_at_read: Option<u32>,
    swap_to: Option<PathBuf>,
    second_document: Option<PathBuf>,
    second_after_ms: Option<u64>,
    lost_at_read: Option<u32>,
}

/// A document with the script of what happens to it.
struct Play {
    text: [u8; TEXT_BYTES],
    already_there: bool,
    insert_after: Duration,
    remove_at_read: Option<u32>,
    remove_after: Option<Duration>,
    fail_at_read: Option<(u32, ReadFailure)>,
    swap: Option<(u32, [u8; TEXT_BYTES])>,
    second: Option<(Duration, [u8; TEXT_BYTES])>,
    lost_at_read: Option<u32>,
}

/// Reads the identity bytes of a document file, without its script: for virtual cards.
///
/// # Errors
/// [`SimulatorError`] names the line or the field.
pub fn load(path: &Path) -> Result<[u8; TEXT_BYTES], SimulatorError> {
    text_of(&read(path)?)
}

/// Opens a simulated reader with the document of this file, or a [tray](crate::tray)
/// when it is a folder.
///
/// # Errors
/// [`SimulatorError`] when the file is none.
pub fn open(path: &Path, sink: Sink) -> Result<Box<dyn Reader>, SimulatorError> {
    if path.is_dir() {
        return crate::tray::open(path, sink);
    }
    let play = load_play(path)?;
    let identity = path.file_stem().map_or_else(
        || "document".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let device = Device {
        driver: "simulator".to_owned(),
        bus: String::new(),
        identity,
        nature: Nature::Simulated,
    };
    let (inbox, requests) = channel();
    let shown = device.clone();
    let thread = std::thread::Builder::new()
        .name("card-simulator".to_owned())
        .spawn(move || Stage::new(play, shown, sink).run(&requests))?;
    Ok(Box::new(SimulatedReader {
        device,
        inbox: Some(inbox),
        thread: Some(thread),
    }))
}

fn read(path: &Path) -> Result<DocumentFile, SimulatorError> {
    if std::fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(SimulatorError::File("the file is too large".to_owned()));
    }
    let text = std::fs::read_to_string(path)?;
    // The message alone: the parser's own display quotes the line with its data.
    toml::from_str(&text).map_err(|error| SimulatorError::File(error.message().to_owned()))
}

fn load_play(path: &Path) -> Result<Play, SimulatorError> {
    let file = read(path)?;
    let text = text_of(&file)?;
    let beside = path.parent().unwrap_or_else(|| Path::new(""));
    let other = |name: &Option<PathBuf>, key: &str| match name {
        Some(name) => load(&beside.join(name)),
        None => Err(SimulatorError::File(format!("{key} is missing"))),
    };
    let script = &file.script;
    let swap = match script.swap_at_read {
        Some(read) => Some((read, other(&script.swap_to, "swap_to")?)),
        None => None,
    };
    let second = match &script.second_document {
        Some(_) => {
            let after = Duration::from_millis(script.second_after_ms.unwrap_or(0));
            Some((after, other(&script.second_document, "second_document")?))
        }
        None => None,
    };
    let fail_at_read = match script.fail_at_read {
        Some(read) => Some((read, failure_of(script.fail_with.as_deref())?)),
        None => None,
    };
    Ok(Play {
        text,
        already_there: script.already_there,
        insert_after: script
            .insert_after_ms
            .map_or(INSERT_AFTER, Duration::from_millis),
        remove_at_read: script.remove_at_read,
        remove_after: script.remove_after_ms.map(Duration::from_millis),
        fail_at_read,
        swap,
        second,
        lost_at_read: script.lost_at_read,
    })
}

fn failure_of(code: Option<&str>) -> Result<ReadFailure, SimulatorError> {
    const ALL: [ReadFailure; 5] = [
        ReadFailure::Changed,
        ReadFailure::Busy,
        ReadFailure::Unreadable,
        ReadFailure::Unsupported,
        ReadFailure::Invalid,
    ];
    let code = code.unwrap_or("document-unreadable");
    let found = ALL.into_iter().find(|failure| failure.code() == code);
    found.ok_or_else(|| {
        let known: Vec<_> = ALL.iter().map(|failure| failure.code()).collect();
        SimulatorError::File(format!("fail_with is one of {}", known.join(", ")))
    })
}

fn text_of(file: &DocumentFile) -> Result<[u8; TEXT_BYTES], SimulatorError> {
    let code = file.kind.as_deref();
    let code = code.unwrap_or(DocumentKind::ResidentCard.code());
    let kind = DocumentKind::ALL
        .into_iter()
        .find(|kind| kind.code() == code);
    let kind = kind.ok_or_else(|| {
        let known = DocumentKind::ALL.map(DocumentKind::code).join(", ");
        SimulatorError::File(format!("kind is one of {known}"))
    })?;
    Ok(encode(kind, &fields_of(file)?)?)
}

fn fields_of(file: &DocumentFile) -> Result<DocumentFields, SimulatorError> {
    let fault = |field: &str, wanted: &str| SimulatorError::File(format!("{field} is {wanted}"));
    let date = |field: &str, text: &str| {
        let compact = text.replace('-', "");
        Date::parse_compact(&compact).ok_or_else(|| fault(field, "a day, YYYYMMDD"))
    };
    let sex = match file.sex.as_str() {
        "male" => Sex::Male,
        "female" => Sex::Female,
        _ => return Err(fault("sex", "male or female")),
    };
    let valid_to = match file.valid_to.as_str() {
        "长期" => Validity::LongTerm,
        day => Validity::Until(date("valid_to", day)?),
    };
    let told = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let latin = told(&file.latin_name).map(|latin| PersonName::parse(&latin));
    Ok(DocumentFields {
        name: PersonName::parse(&file.name).map_err(|_| fault("name", "a name"))?,
        latin_name: latin
            .transpose()
            .map_err(|_| fault("latin_name", "a name"))?,
        sex,
        nation: file.nation.clone(),
        birth: date("birth", &file.birth)?,
        address: file.address.clone(),
        number: file.number.clone(),
        travel_permit: told(&file.travel_permit),
        issuer: file.issuer.clone(),
        valid_from: date("valid_from", &file.valid_from)?,
        valid_to,
    })
}

struct SimulatedReader {
    device: Device,
    inbox: Option<Sender<ReadRequest>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader for SimulatedReader {
    fn device(&self) -> Device {
        self.device.clone()
    }

    fn request(&self, request: ReadRequest) {
        if let Some(inbox) = &self.inbox {
            // The thread lives as long as this handle; if it died, nobody can answer.
            let _sent = inbox.send(request);
        }
    }
}

impl Drop for SimulatedReader {
    fn drop(&mut self) {
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened.
            drop(thread.join());
        }
    }
}

/// What is next in the script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cue {
    Insert,
    InsertSecond,
    Remove,
}

/// The thread of the reader.
struct Stage {
    play: Play,
    device: Device,
    sink: Sink,
    /// Insertion of the document and of the one laid beside it.
    first: Option<InsertionId>,
    second: Option<InsertionId>,
    cues: Vec<(Instant, Cue)>,
    waiting: Vec<ReadRequest>,
    reads: u32,
    last_event: Timestamp,
    lost: bool,
}

impl Stage {
    fn new(play: Play, device: Device, sink: Sink) -> Self {
        Self {
            play,
            device,
            sink,
            first: None,
            second: None,
            cues: Vec::new(),
            waiting: Vec::new(),
            reads: 0,
            last_event: clock::now(),
            lost: false,
        }
    }

    fn run(mut self, requests: &Receiver<ReadRequest>) {
        let reader = self.device.identity.clone();
        (self.sink)(ReaderEvent::Health(Health::Ready { reader }));
        if self.play.already_there {
            self.insert(true);
        } else {
            (self.sink)(ReaderEvent::Empty { at: clock::now() });
            let at = Instant::now() + self.play.insert_after;
            self.cues.push((at, Cue::Insert));
        }
        loop {
            match requests.recv_timeout(self.next_wake()) {
                Ok(request) => self.waiting.push(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.play_cues();
            self.serve();
        }
    }

    fn next_wake(&self) -> Duration {
        let now = Instant::now();
        let cues = self.cues.iter().map(|(at, _)| *at);
        let next = cues.min().map(|at| at.saturating_duration_since(now));
        let quiet = self.quiet_left();
        let reads = (!self.waiting.is_empty()).then_some(quiet.max(Duration::from_millis(1)));
        let wakes = [next, reads].into_iter().flatten();
        wakes.min().unwrap_or(Duration::from_secs(3600))
    }

    /// How long until the reader was quiet for long enough.
    fn quiet_left(&self) -> Duration {
        let quiet_at = self.last_event.plus(QUIET_MIN);
        quiet_at.since(clock::now()).unwrap_or_default()
    }

    fn play_cues(&mut self) {
        let now = Instant::now();
        let due: Vec<Cue> = self
            .cues
            .extract_if(.., |(at, _)| *at <= now)
            .map(|(_, cue)| cue)
            .collect();
        for cue in due {
            match cue {
                Cue::Insert => self.insert(false),
                Cue::InsertSecond => self.insert_second(),
                Cue::Remove => self.remove(),
            }
        }
    }

    fn insert(&mut self, already_there: bool) {
        let now = Instant::now();
        self.first = Some(self.present(already_there));
        if let Some(after) = self.play.remove_after {
            self.cues.push((now + after, Cue::Remove));
        }
        if let Some((after, _)) = &self.play.second {
            self.cues.push((now + *after, Cue::InsertSecond));
        }
    }

    fn insert_second(&mut self) {
        self.second = Some(self.present(false));
    }

    fn present(&mut self, already_there: bool) -> InsertionId {
        let (insertion, at) = (next_insertion(), clock::now());
        self.last_event = at;
        (self.sink)(ReaderEvent::Presented {
            insertion,
            already_there,
            at,
        });
        insertion
    }

    fn remove(&mut self) {
        if let Some(insertion) = self.first.take() {
            let at = clock::now();
            self.last_event = at;
            (self.sink)(ReaderEvent::Removed { insertion, at });
        }
    }

    fn lose(&mut self) {
        let reader = self.device.identity.clone();
        (self.first, self.second, self.lost) = (None, None, true);
        (self.sink)(ReaderEvent::Health(Health::Unplugged { reader }));
    }

    /// Answers every request whose time has come, in order.
    fn serve(&mut self) {
        let quiet = self.quiet_left().is_zero();
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|request| quiet || !request.quiet);
        self.waiting = later;
        for request in due {
            let result = self.read(request.insertion);
            let ReadRequest {
                read, insertion, ..
            } = request;
            (self.sink)(ReaderEvent::Read {
                read,
                insertion,
                result,
            });
        }
    }

    fn read(&mut self, insertion: InsertionId) -> Result<booth::CardRead, ReadFault> {
        if self.lost {
            return Err(ReadFault::Gone);
        }
        let text = if Some(insertion) == self.first {
            self.read_first()?
        } else if Some(insertion) == self.second {
            self.play
                .second
                .as_ref()
                .map(|(_, text)| *text)
                .ok_or(ReadFault::Taken)?
        } else {
            return Err(ReadFault::Taken);
        };
        let (quiet_since, begun) = (self.last_event, clock::now());
        std::thread::sleep(READ_TIME);
        let moments = ReadMoments {
            quiet_since,
            begun,
            ended: clock::now(),
        };
        let device = self.device.clone();
        document_read(&text, Assurance::Simulated, device, insertion, moments)
    }

    fn read_first(&mut self) -> Result<[u8; TEXT_BYTES], ReadFault> {
        self.reads += 1;
        let reads = self.reads;
        if self.play.lost_at_read == Some(reads) {
            self.lose();
            return Err(ReadFault::Gone);
        }
        if self.play.remove_at_read == Some(reads) {
            self.remove();
            return Err(ReadFault::Taken);
        }
        if let Some((at, failure)) = self.play.fail_at_read
            && at == reads
        {
            return Err(ReadFault::Simulated(failure));
        }
        Ok(match &self.play.swap {
            Some((at, other)) if reads >= *at => *other,
            Some(_) | None => self.play.text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::ReadId;

    const GOOD: &str = r#"
        name = "张三"
        sex = "male"
        nation = "01"
        birth = "2004-02-29"
        address = "某省某市某路1号"
        number = "110105200402290010"
        issuer = "某市公安局"
        valid_from = "20200101"
        valid_to = "长期"
    "#;

    fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
        let file = dir.join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    #[test]
    fn documents_of_each_kind_are_played() {
        let dir = tempfile::tempdir().unwrap();
        let permit = r#"
            kind = "hmt_permit"
            name = "陈大文"
            sex = "male"
            birth = "20010203"
            address = "某市某路"
            number = "810000200102030018"
            travel_permit = "H00000000"
            issuer = "某市公安局"
            valid_from = "20240101"
            valid_to = "20290101"
        "#;
        let foreigner = r#"
            kind = "foreigner_card_2023"
            name = "EXAMPLE, ANNA"
            latin_name = "EXAMPLE, ANNA"
            sex = "female"
            nation = "XXA"
            birth = "20010203"
            number = "931999200102030025"
            valid_from = "20240101"
            valid_to = "20340101"
        "#;
        let of_2017 = foreigner
            .replace("2023\"", "2017\"")
            .replace("931999200102030025", "XXA310001020312");
        for (text, kind) in [
            (GOOD, DocumentKind::ResidentCard),
            (permit, DocumentKind::HmtPermit),
            (foreigner, DocumentKind::ForeignerCard2023),
            (&of_2017, DocumentKind::ForeignerCard2017),
        ] {
            let raw = load(&write(dir.path(), "document.toml", text)).unwrap();
            let (read_as, _) = card::layout::parse(&raw).unwrap();
            assert_eq!(read_as, kind);
        }
        for (text, told) in [
            (permit.replace("hmt_permit", "passport"), "kind is one of"),
            (
                GOOD.replace("nation", "latin_name"),
                "has no field latin_name",
            ),
            (
                foreigner.replace("latin_name = \"EXAMPLE, ANNA\"", ""),
                "latin_name",
            ),
        ] {
            let error = load(&write(dir.path(), "document.toml", &text)).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
        }
    }

    struct Rig {
        reader: Box<dyn Reader>,
        events: Receiver<ReaderEvent>,
    }

    impl Rig {
        fn open(path: &Path) -> Self {
            let (sender, events) = channel();
            let sink = Box::new(move |event| drop(sender.send(event)));
            let reader = open(path, sink).unwrap();
            Self { reader, events }
        }

        fn next(&self) -> ReaderEvent {
            let patience = Duration::from_secs(5);
            self.events.recv_timeout(patience).expect("an event comes")
        }

        fn insertion(&self) -> (InsertionId, bool) {
            loop {
                if let ReaderEvent::Presented {
                    insertion,
                    already_there,
                    ..
                } = self.next()
                {
                    return (insertion, already_there);
                }
            }
        }

        fn read(&self, insertion: InsertionId, quiet: bool) -> Result<booth::CardRead, ReadFault> {
            let read = ReadId(1);
            self.reader.request(ReadRequest {
                read,
                insertion,
                quiet,
            });
            loop {
                if let ReaderEvent::Read { result, .. } = self.next() {
                    return result;
                }
            }
        }
    }

    #[test]
    fn a_document_is_put_on_and_read() {
        let dir = tempfile::tempdir().unwrap();
        let rig = Rig::open(&write(dir.path(), "a.toml", GOOD));
        assert!(matches!(
            rig.next(),
            ReaderEvent::Health(Health::Ready { .. })
        ));
        assert!(matches!(rig.next(), ReaderEvent::Empty { .. }));
        let (insertion, already_there) = rig.insertion();
        assert!(!already_there);
        let first = rig.read(insertion, false).unwrap();
        let second = rig.read(insertion, true).unwrap();
        assert_eq!(first.raw(), second.raw());
        assert_eq!(first.fields().number, "110105200402290010");
        assert_eq!(first.assurance(), Assurance::Simulated);
        let moments = second.moments();
        assert!(moments.begun.since(moments.quiet_since).unwrap() >= QUIET_MIN);
    }

    #[test]
    fn the_script_is_played() {
        let dir = tempfile::tempdir().unwrap();
        let other = GOOD.replace("张三", "李四");
        write(dir.path(), "other.toml", &other);
        let script = "\n[script]\nalready_there = true\nswap_at_read = 2\nswap_to = \"other.toml\"\n\
                      fail_at_read = 3\nfail_with = \"reader-busy\"\nremove_at_read = 4\n";
        let rig = Rig::open(&write(dir.path(), "a.toml", &format!("{GOOD}{script}")));
        let (insertion, already_there) = rig.insertion();
        assert!(already_there);
        let first = rig.read(insertion, false).unwrap();
        let second = rig.read(insertion, false).unwrap();
        assert_ne!(first.raw(), second.raw());
        let third = rig.read(insertion, false).unwrap_err();
        assert_eq!(third.failure(), ReadFailure::Busy);
        assert_eq!(
            rig.read(insertion, false).unwrap_err().failure(),
            ReadFailure::Taken
        );
        // And from then on there is nothing to read.
        assert_eq!(
            rig.read(insertion, false).unwrap_err().failure(),
            ReadFailure::Taken
        );
    }

    #[test]
    fn a_reader_is_lost_on_request() {
        let dir = tempfile::tempdir().unwrap();
        let script = "\n[script]\nlost_at_read = 1\n";
        let rig = Rig::open(&write(dir.path(), "a.toml", &format!("{GOOD}{script}")));
        let (insertion, _) = rig.insertion();
        assert_eq!(
            rig.read(insertion, false).unwrap_err().failure(),
            ReadFailure::Gone
        );
    }

    #[test]
    fn faulty_files_are_named_without_their_data() {
        let dir = tempfile::tempdir().unwrap();
        let cases = [
            (GOOD.replace("name = ", "nom = "), "unknown field"),
            (GOOD.replace("\"male\"", "\"m\""), "sex is male or female"),
            (GOOD.replace("02-29", "02-30"), "birth is a day"),
            (GOOD.replace("张三", &"长".repeat(16)), "too long"),
            (
                format!("{GOOD}[script]\nswap_at_read = 1\n"),
                "swap_to is missing",
            ),
            (
                format!("{GOOD}[script]\nfail_at_read = 1\nfail_with = \"x\"\n"),
                "fail_with is one of",
            ),
            (GOOD.replace('=', ""), "expected"),
        ];
        for (text, said) in cases {
            let file = write(dir.path(), "x.toml", &text);
            let Err(error) = load_play(&file) else {
                panic!("{said}: it opened");
            };
            let told = error.to_string();
            assert!(told.contains(said), "{told}");
            assert!(!told.contains("张三"), "{told}");
        }
    }
}
