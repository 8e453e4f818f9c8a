//! The reader as a booth opens it, on the true child with the fake library.

use crate::bench::{Bench, PEOPLE, PROGRAM, kind_of, owner};
use booth::{CardRead, InsertionId, Nature, ReadId};
use card::vendor::{Options, open};
use card::{ReadRequest, Reader, ReaderEvent};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use vendor::protocol::{Answer, Request, encode_answer, encode_request};

/// In the tests a call hangs sooner than in a booth; not so soon that a busy machine does.
const PATIENCE: Duration = Duration::from_secs(2);

fn options(bench: &Bench) -> Options {
    Options {
        programs: vec![PROGRAM.into()],
        patience: PATIENCE,
        ..Options::new(bench.library(), Some(1001))
    }
}

/// A reader that is watched, and everything it told.
struct Watched {
    reader: Box<dyn Reader>,
    events: Receiver<ReaderEvent>,
    log: Vec<String>,
    next_read: u64,
    insertion: Option<InsertionId>,
    /// Who was read under each insertion.
    read: BTreeMap<InsertionId, usize>,
    /// Who lay there since when, where a test notes it.
    lay: Vec<(Instant, Option<usize>)>,
    asked: BTreeMap<ReadId, Instant>,
}

impl Watched {
    fn open(bench: &Bench) -> Self {
        Self::with(options(bench))
    }

    fn with(options: Options) -> Self {
        let (sender, events) = channel();
        let sink = Box::new(move |event| drop(sender.send(event)));
        Self {
            reader: open(options, sink).unwrap(),
            events,
            log: Vec::new(),
            next_read: 1,
            insertion: None,
            read: BTreeMap::new(),
            lay: Vec::new(),
            asked: BTreeMap::new(),
        }
    }

    /// A reader that was seen to be empty.
    fn vacant(bench: &Bench) -> Self {
        let mut watched = Self::open(bench);
        watched.expect(&["reader-ready", "empty"]);
        watched
    }

    /// A document that came and was read once.
    fn occupied(bench: &mut Bench) -> Self {
        let mut watched = Self::vacant(bench);
        bench.lay_down(0);
        watched.expect(&["came"]);
        watched.ask(true);
        watched.expect(&["1 of 0"]);
        watched
    }

    /// What is told within this time.
    fn next(&mut self, max: Duration) -> Option<String> {
        let word = match self.events.recv_timeout(max).ok()? {
            ReaderEvent::Health(health) => {
                if !health.is_ready() {
                    self.insertion = None;
                }
                health.code().to_owned()
            }
            ReaderEvent::Empty { .. } => "empty".to_owned(),
            ReaderEvent::Presented {
                insertion,
                already_there,
                ..
            } => {
                assert_eq!(self.insertion, None, "two documents at once");
                self.insertion = Some(insertion);
                if already_there { "there" } else { "came" }.to_owned()
            }
            ReaderEvent::Removed { insertion, .. } => {
                assert_eq!(self.insertion.take(), Some(insertion));
                "left".to_owned()
            }
            ReaderEvent::Read { read, result, .. } => match result {
                Ok(card_read) => match self.judge(&card_read) {
                    Some(person) if !self.could_lie(person, read) => {
                        panic!("{person} did not lie there: {:?}", self.log)
                    }
                    Some(person) => format!("{} of {person}", read.0),
                    None => format!("{} of nobody", read.0),
                },
                Err(fault) => format!("{} {}", read.0, fault.code()),
            },
        };
        self.log.push(word.clone());
        Some(word)
    }

    /// Whose document was read. Never another one's than was read under the same
    /// insertion before.
    fn judge(&mut self, read: &CardRead) -> Option<usize> {
        assert_eq!(read.device().driver, "sdtapi");
        let person = owner(read.raw())?;
        assert_eq!(read.kind(), kind_of(person));
        let first = *self.read.entry(read.insertion()).or_insert(person);
        assert_eq!(first, person, "two people in one insertion: {:?}", self.log);
        Some(person)
    }

    /// Whether this one can have lain there at some moment since the read was asked for; where
    /// nobody notes who lies there, anybody can.
    fn could_lie(&self, person: usize, read: ReadId) -> bool {
        let asked = self.asked[&read];
        let before = self.lay.iter().rev().find(|(from, _)| *from <= asked);
        let later = self.lay.iter().filter(|(from, _)| *from > asked);
        self.lay.is_empty()
            || before
                .into_iter()
                .chain(later)
                .any(|(_, who)| *who == Some(person))
    }

    /// Exactly these, each within 7 s.
    fn expect(&mut self, words: &[&str]) {
        for word in words {
            let told = self.next(Duration::from_secs(7));
            assert_eq!(told.as_deref(), Some(*word), "{:?}", self.log);
        }
    }

    fn expect_nothing(&mut self, span: Duration) {
        assert_eq!(self.next(span), None, "{:?}", self.log);
    }

    fn ask(&mut self, quiet: bool) {
        let read = ReadId(self.next_read);
        self.next_read += 1;
        self.asked.insert(read, Instant::now());
        self.reader.request(ReadRequest {
            read,
            insertion: self.insertion.unwrap_or(InsertionId(u64::MAX)),
            quiet,
        });
    }

    /// Asks, and expects this of the read.
    fn expect_read(&mut self, word: &str) {
        self.ask(true);
        let read = self.next_read - 1;
        self.expect(&[format!("{read} {word}").as_str()]);
    }
}

#[test]
fn each_kind_of_document_comes_is_read_twice_stays_and_leaves() {
    let mut bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    let device = watched.reader.device();
    assert_eq!(device.identity, "05.01-20160911-0000000042-0000000000");
    assert!(device.bus.starts_with("libsdtapi.so:") && device.bus.ends_with("#1001"));
    assert_eq!(device.nature, Nature::Physical);
    for person in 0..PEOPLE {
        bench.lay_down(person);
        watched.expect(&["came"]);
        watched.expect_read(&format!("of {person}"));
        watched.expect_read(&format!("of {person}"));
        watched.expect_nothing(Duration::from_millis(900));
        watched.expect_read(&format!("of {person}"));
        bench.lift();
        watched.expect(&["left"]);
    }
    drop(watched);
    assert_eq!(
        bench.calls("SDT_ClosePort"),
        1,
        "the port is closed in the end"
    );
}

#[test]
fn one_bad_answer_is_survived_and_nothing_of_it_is_handed_out() {
    let mut bench = Bench::new();
    let mut watched = Watched::occupied(&mut bench);
    for (mishap, word) in [
        ("status 65", "document-unreadable"),
        ("status 102", "document-unsupported"),
        ("status 51", "document-invalid"),
        ("status 2", "document-unreadable"),
        ("status 159", "document-unreadable"),
        ("status 66051", "document-unreadable"),
        ("status -1", "document-unreadable"),
        ("lengths 0 0", "document-unreadable"),
        ("lengths 255 1024", "document-unreadable"),
        ("lengths 256 4096", "document-unreadable"),
        ("chat", "of 0"),
        ("slow 400", "of 0"),
    ] {
        bench.once("SDT_ReadBaseMsg", mishap);
        watched.expect_read(word);
        watched.expect_read("of 0");
    }
}

/// The library calls a read good whose bytes are not those that it read before.
#[test]
fn a_document_that_changes_under_one_insertion_is_nobodys() {
    let mut bench = Bench::new();
    for mishap in ["of 1", "halves 1", "halves 4", "truncate 100", "garbage"] {
        let mut watched = Watched::occupied(&mut bench);
        bench.once("SDT_ReadBaseMsg", mishap);
        watched.expect_read("document-changed");
        // Presented as one that lay there, which the rules do not seat.
        watched.expect(&["left", "there"]);
        watched.expect_read("of 0");
        bench.lift();
        watched.expect(&["left"]);
    }
}

/// The lie is told first: the true document is then the one that does not agree. One read
/// proves nothing, which is why the rules take two.
#[test]
fn two_reads_never_agree_on_a_mixed_document() {
    let mut bench = Bench::new();
    for (mishap, word) in [
        ("truncate 100", "document-invalid"),
        ("garbage", "document-unsupported"),
        ("halves 3", "document-invalid"),
        // The name of one and the number of another, and nothing wrong with either.
        ("halves 4", "of nobody"),
    ] {
        let mut watched = Watched::vacant(&bench);
        bench.lay_down(0);
        watched.expect(&["came"]);
        bench.once("SDT_ReadBaseMsg", mishap);
        watched.expect_read(word);
        watched.expect_read("document-changed");
        watched.expect(&["left", "there"]);
        bench.lift();
        watched.expect(&["left"]);
    }
}

const FUNCTIONS: [&str; 4] = [
    "SDT_StartFindIDCard",
    "SDT_SelectIDCard",
    "SDT_ReadBaseMsg",
    "SDT_ReadNewAppMsg",
];

/// The library fails so in each of its functions, and the reader is ready again.
fn assert_recovers(how: &str, within: Duration) {
    for function in FUNCTIONS {
        let mut bench = Bench::new();
        let mut watched = Watched::vacant(&bench);
        bench.once(function, how);
        let begun = Instant::now();
        bench.lay_down(2);
        let mut lost = None;
        // The document is seen to come unless looking for it is what fails.
        while lost.is_none() {
            match watched.next(Duration::from_secs(5)).as_deref() {
                Some("came") => watched.ask(false),
                Some("reader-hung") => lost = Some(begun.elapsed()),
                Some("1 of 2" | "1 reader-gone") => {}
                other => panic!("{function} {how}: {other:?} after {:?}", watched.log),
            }
        }
        watched.expect(&["reader-ready"]);
        let took = begun.elapsed();
        assert!(took < within, "{function} {how}: ready after {took:?}");
        // Nobody saw whether it was changed meanwhile.
        watched.expect(&["there"]);
        watched.expect_read("of 2");
        bench.lift();
        watched.expect(&["left"]);
        bench.lay_down(1);
        watched.expect(&["came"]);
        watched.expect_read("of 1");
    }
}

#[test]
fn a_library_that_hangs_is_killed_and_started_again() {
    assert_recovers("hang", Duration::from_secs(5));
}

#[test]
fn a_library_that_crashes_is_started_again() {
    for how in ["abort", "fault", "exit"] {
        assert_recovers(how, Duration::from_secs(3));
    }
}

#[test]
fn a_library_that_writes_past_its_buffers_is_started_again() {
    assert_recovers("overrun 3000", Duration::from_secs(3));
}

#[test]
fn a_library_that_crashes_again_and_again_is_not_started_without_a_pause() {
    let bench = Bench::new();
    bench.always("SDT_StartFindIDCard", "abort");
    let mut watched = Watched::open(&bench);
    let end = Instant::now() + Duration::from_secs(5);
    while Instant::now() < end {
        watched.next(Duration::from_millis(100));
    }
    let started = bench.calls("SDT_OpenPort");
    assert!((3..8).contains(&started), "started {started} times in 5 s");
    bench.well_again();
    while watched.next(Duration::from_secs(4)).as_deref() != Some("empty") {}
}

#[test]
fn swaps_and_pulls_end_the_insertion() {
    let mut bench = Bench::new();
    let mut watched = Watched::occupied(&mut bench);
    // Between two reads, faster than any look.
    bench.lay_down(1);
    watched.ask(true);
    watched.expect(&["left", "came", "2 document-taken"]);
    watched.expect_read("of 1");
    // In the middle of a read.
    bench.once("SDT_ReadBaseMsg", "slow 400");
    watched.ask(true);
    std::thread::sleep(Duration::from_millis(200));
    bench.lift();
    watched.expect(&["left", "4 document-taken"]);
    bench.lay_down(3);
    watched.expect(&["came"]);
    watched.expect_read("of 3");
}

#[test]
fn a_library_that_cannot_be_used_is_missing_until_it_is_installed() {
    let bench = Bench::without_a_library();
    let mut watched = Watched::open(&bench);
    watched.expect(&["reader-vendor-missing"]);
    watched.ask(false);
    watched.expect(&["1 reader-gone"]);
    bench.put_library(&[0x7F; 5000]);
    watched.expect_nothing(Duration::from_millis(1500));
    bench.install();
    watched.expect(&["reader-ready", "empty"]);

    let bench = Bench::without("SDT_ReadBaseMsg");
    Watched::open(&bench).expect(&["reader-vendor-missing"]);
}

#[test]
fn the_program_that_holds_it_may_be_missing_or_another_one() {
    let bench = Bench::new();
    let nowhere = bench.library().with_file_name("likeness-vendor");
    let with = |programs: &[&PathBuf]| Options {
        programs: programs.iter().copied().cloned().collect(),
        ..options(&bench)
    };
    Watched::with(with(&[&nowhere])).expect(&["reader-vendor-missing"]);
    // The first of them is not installed.
    Watched::with(with(&[&nowhere, &PROGRAM.into()])).expect(&["reader-ready", "empty"]);
    // It talks, but not like ours: killed, and nothing of it believed.
    for stranger in ["/bin/echo", "/bin/cat", "/bin/true"] {
        let mut watched = Watched::with(with(&[&stranger.into()]));
        watched.expect(&["reader-hung"]);
    }
}

/// A child that answers another request than it was asked.
#[test]
fn an_answer_to_something_else_is_nobodys() {
    let answer = |number: u32, answer: &Answer| {
        let bytes = encode_answer(number, answer);
        let octal: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
        format!("printf '{octal}'")
    };
    let hears = |request: Request| {
        let bytes = encode_request(0, &request).len();
        format!("head -c {bytes} >/dev/null")
    };
    let opens = [
        hears(Request::Open { port: 1001 }),
        answer(1, &Answer::Status(0x90)),
        hears(Request::Module),
        answer(2, &Answer::NotOffered),
    ];
    let found = Answer::Status(0x9F);
    let asked = hears(Request::Find);
    for (then, told) in [
        (vec![asked.clone(), answer(3, &found)], "there"),
        (vec![asked.clone(), answer(2, &found)], "reader-hung"),
        (vec![asked, answer(4, &found)], "reader-hung"),
    ] {
        let bench = Bench::new();
        let script = [&opens[..], &then, &["sleep 9".to_owned()]].concat();
        let program = bench.script(&script.join("\n"));
        let mut watched = Watched::with(Options {
            programs: vec![program],
            ..options(&bench)
        });
        watched.expect(&["reader-ready", told]);
    }
}

#[test]
fn a_library_with_the_least_of_functions_serves() {
    for function in ["SDT_ReadNewAppMsg", "SDT_ResetSAM", "SDT_GetSAMIDToStr"] {
        let mut bench = Bench::without(function);
        let mut watched = Watched::occupied(&mut bench);
        watched.expect_nothing(Duration::from_millis(700));
        bench.lay_down(1);
        watched.expect(&["left", "came"]);
        watched.expect_read("of 1");
        bench.lift();
        watched.expect(&["left"]);
    }
}

#[test]
fn the_first_usb_reader_that_opens_is_taken() {
    let bench = Bench::new();
    bench.set_port(1003);
    let mut watched = Watched::with(Options {
        port: None,
        ..options(&bench)
    });
    watched.expect(&["reader-ready", "empty"]);
    assert!(watched.reader.device().bus.ends_with("#1003"));
    assert_eq!(bench.calls("SDT_OpenPort"), 3);
}

#[test]
fn a_reader_that_is_unplugged_comes_back_within_two_seconds() {
    let mut bench = Bench::new();
    let mut watched = Watched::occupied(&mut bench);
    for function in FUNCTIONS {
        bench.always(function, "status 2");
    }
    bench.set_port(0);
    watched.ask(true);
    watched.expect(&["2 document-unreadable", "reader-unplugged"]);
    watched.ask(true);
    watched.expect(&["3 reader-gone"]);
    std::thread::sleep(Duration::from_millis(1200));
    bench.well_again();
    bench.set_port(1001);
    let plugged = Instant::now();
    watched.expect(&["reader-ready"]);
    let took = plugged.elapsed();
    assert!(took < Duration::from_secs(2), "ready after {took:?}");
    watched.expect(&["there"]);
}

#[test]
fn closing_in_the_middle_of_a_call_takes_no_time() {
    let mut bench = Bench::new();
    let mut watched = Watched::occupied(&mut bench);
    bench.once("SDT_ReadBaseMsg", "hang");
    watched.ask(false);
    std::thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    drop(watched);
    assert!(begun.elapsed() < Duration::from_millis(500));
}

/// Hands, faults and requests in any order: no wrong record, one answer to each request,
/// and all is well in the end.
#[test]
fn any_order_of_hands_and_faults_hands_out_no_wrong_record() {
    const SEED: u8 = 23;
    const FAULTS: [&str; 9] = [
        "hang",
        "abort",
        "fault",
        "chat",
        "status 65",
        "status 2",
        "status 4660",
        "overrun 3000",
        "slow 150",
    ];
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[SEED; 32]);
    let mut pick = |below: usize| usize::try_from(random.next_u64() % 1000).unwrap() % below;
    let mut bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    for _ in 0..60 {
        match pick(9) {
            0 | 1 => {
                let person = pick(PEOPLE);
                watched.lay.push((Instant::now(), Some(person)));
                bench.lay_down(person);
            }
            2 => {
                bench.lift();
                watched.lay.push((Instant::now(), None));
            }
            3 => bench.once(FUNCTIONS[pick(FUNCTIONS.len())], FAULTS[pick(FAULTS.len())]),
            _ => watched.ask(pick(2) == 0),
        }
        let span = Duration::from_millis(u64::try_from(pick(600)).unwrap());
        while watched.next(span).is_some() {}
    }
    bench.well_again();
    bench.lift();
    while watched.next(Duration::from_secs(4)).is_some() {}
    let answered = watched.log.iter().filter(|word| {
        let mut letters = word.chars();
        letters.next().is_some_and(|letter| letter.is_ascii_digit())
    });
    assert_eq!(
        answered.count() + 1,
        usize::try_from(watched.next_read).unwrap()
    );
    let mixed = watched.log.iter().any(|word| word.contains("nobody"));
    assert!(!mixed, "{:?}", watched.log);
    assert!(
        !watched.read.is_empty(),
        "nothing was read: {:?}",
        watched.log
    );
    watched.lay.clear();
    bench.lay_down(3);
    watched.expect(&["came"]);
    watched.expect_read("of 3");
}
