//! The reader as a booth opens it, on a pseudo-terminal at the pace of 115200 baud.
//!
//! The system's terminal and the port library are real; the module at the other end is
//! [`simulator::sam`]. What depends on order and time is tried in `attendant`, on a clock of
//! its own; here is what only real ports and threads can show.

use super::people::{PEOPLE, owner, text_of};
use super::*;
use crate::{ReadRequest, ReaderEvent};
use booth::{CardRead, InsertionId, Nature, ReadId};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use simulator::sam::{Manner, Mishap, Plug, Question, Sam};
use std::sync::MutexGuard;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A port with a module on it, and the folder that its name stands in.
struct Bench {
    _dir: TempDir,
    plug: Plug,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self::pulled();
        bench.plug.plug_in(Plug::BAUD).unwrap();
        bench
    }

    /// A name with nothing behind it.
    fn pulled() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let plug = Plug::pulled(dir.path());
        Self { _dir: dir, plug }
    }

    fn sam(&self) -> MutexGuard<'_, Sam> {
        self.plug.sam()
    }

    fn lay_down(&self, person: usize) {
        self.sam().lay_down(&text_of(person));
    }
}

/// A reader that is watched, and everything it told.
struct Watched {
    reader: Box<dyn Reader>,
    events: Receiver<ReaderEvent>,
    log: Vec<String>,
    next_read: u64,
    insertion: Option<InsertionId>,
}

impl Watched {
    fn open(bench: &Bench) -> Self {
        let (sender, events) = channel();
        let sink = Box::new(move |event| drop(sender.send(event)));
        Self {
            reader: open(&bench.plug.port().to_string_lossy(), sink).unwrap(),
            events,
            log: Vec::new(),
            next_read: 1,
            insertion: None,
        }
    }

    /// A reader that was seen to be empty.
    fn vacant(bench: &Bench) -> Self {
        let mut watched = Self::open(bench);
        watched.expect(&["reader-ready", "empty"]);
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
                self.insertion = Some(insertion);
                if already_there { "there" } else { "came" }.to_owned()
            }
            ReaderEvent::Removed { insertion, .. } => {
                assert_eq!(self.insertion.take(), Some(insertion));
                "left".to_owned()
            }
            ReaderEvent::Read { read, result, .. } => match result {
                Ok(card_read) => format!("{} of {}", read.0, person(&card_read)),
                Err(fault) => format!("{} {}", read.0, fault.code()),
            },
        };
        self.log.push(word.clone());
        Some(word)
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
        self.reader.request(ReadRequest {
            read,
            insertion: self.insertion.unwrap_or(InsertionId(u64::MAX)),
            quiet,
        });
    }
}

fn person(read: &CardRead) -> usize {
    assert_eq!(read.device().driver, "sdt");
    owner(read).unwrap()
}

#[test]
fn a_document_comes_is_read_stays_and_leaves() {
    let bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    let device = watched.reader.device();
    assert_eq!(device.identity, "05.01-20160911-0000000042-0000000000");
    assert_eq!(
        device.nature,
        Nature::Virtual,
        "a pseudo-terminal is no thing"
    );

    bench.lay_down(1);
    watched.expect(&["came"]);
    watched.ask(false);
    watched.ask(true);
    watched.expect(&["1 of 1", "2 of 1"]);
    watched.expect_nothing(Duration::from_millis(1500));
    watched.ask(true);
    watched.expect(&["3 of 1"]);
    bench.sam().lift();
    watched.expect(&["left"]);
}

/// Each of these spoils one read; the next one is good.
fn assert_survived(mishaps: &[(Mishap, &str)]) {
    let bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    bench.lay_down(0);
    watched.expect(&["came"]);
    for (mishap, word) in mishaps {
        bench.sam().mishaps.push((Question::Read, mishap.clone()));
        let first = watched.next_read;
        watched.ask(true);
        watched.expect(&[format!("{first} {word}").as_str()]);
        watched.ask(true);
        watched.expect(&[format!("{} of 0", first + 1).as_str()]);
    }
}

#[test]
fn what_the_module_refuses_is_survived() {
    assert_survived(&[
        (Mishap::Status(0x41), "document-unreadable"),
        (Mishap::Status(0x66), "document-unsupported"),
        (Mishap::Status(0x33), "document-invalid"),
    ]);
}

#[test]
fn damaged_answers_are_survived() {
    assert_survived(&[
        (Mishap::BadXor, "document-unreadable"),
        (Mishap::Cut(700), "document-unreadable"),
        (Mishap::Garbage(vec![0xC3; 900]), "document-unreadable"),
    ]);
}

#[test]
fn missing_and_late_answers_are_survived() {
    assert_survived(&[
        (Mishap::Silent, "document-unreadable"),
        (Mishap::Late(2200), "document-unreadable"),
    ]);
}

#[test]
fn junk_before_an_answer_is_passed_over() {
    assert_survived(&[
        (Mishap::Junk(vec![0x00, 0xFF, 0xAA, 0xAA]), "of 0"),
        (Mishap::Twice, "of 0"),
    ]);
}

#[test]
fn a_card_that_is_not_found_or_not_selected() {
    let bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    bench
        .sam()
        .mishaps
        .push((Question::Find, Mishap::Status(0x80)));
    bench.lay_down(0);
    watched.expect(&["came"]);
    bench
        .sam()
        .mishaps
        .push((Question::Select, Mishap::Status(0x81)));
    watched.ask(false);
    watched.expect(&["1 document-unreadable"]);
    watched.ask(false);
    watched.expect(&["2 of 0"]);
}

#[test]
fn swaps_and_pulls_end_the_insertion() {
    let bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    bench.lay_down(0);
    watched.expect(&["came"]);
    watched.ask(true);
    watched.expect(&["1 of 0"]);
    // Between two reads, faster than any look.
    bench.lay_down(1);
    watched.ask(true);
    watched.expect(&["left", "came", "2 document-taken"]);
    watched.ask(true);
    watched.expect(&["3 of 1"]);
    // In the middle of a read.
    watched.ask(true);
    std::thread::sleep(Duration::from_millis(300));
    bench.sam().lift();
    watched.expect(&["left", "4 document-taken"]);
    bench.lay_down(2);
    watched.expect(&["came"]);
    watched.ask(true);
    watched.expect(&["5 of 2"]);
}

#[test]
fn a_port_that_goes_and_comes_back_is_ready_within_two_seconds() {
    let mut bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    bench.lay_down(0);
    watched.expect(&["came"]);
    for round in 0..3 {
        let read = watched.next_read;
        watched.ask(true);
        std::thread::sleep(Duration::from_millis(650));
        bench.plug.pull_out().unwrap();
        watched.expect(&[format!("{read} reader-gone").as_str(), "reader-unplugged"]);
        watched.ask(true);
        watched.expect(&[format!("{} reader-gone", read + 1).as_str()]);
        std::thread::sleep(Duration::from_millis(400 * round));

        *bench.sam() = Sam::new(Manner::default());
        bench.lay_down(1);
        bench.plug.plug_in(115_200).unwrap();
        let plugged = Instant::now();
        watched.expect(&["reader-ready"]);
        let took = plugged.elapsed();
        assert!(took < Duration::from_secs(2), "ready after {took:?}");
        // Nobody saw it come.
        watched.expect(&["there"]);
    }
}

#[test]
fn a_reader_that_is_plugged_in_later_is_waited_for() {
    let mut bench = Bench::pulled();
    let mut watched = Watched::open(&bench);
    watched.expect(&["reader-none"]);
    bench.plug.plug_in(115_200).unwrap();
    watched.expect(&["reader-ready", "empty"]);
}

#[test]
fn a_module_of_another_speed_is_found() {
    let mut bench = Bench::pulled();
    bench.plug.plug_in(19_200).unwrap();
    let mut watched = Watched::vacant(&bench);
    bench.lay_down(0);
    watched.expect(&["came"]);
    watched.ask(true);
    watched.expect(&["1 of 0"]);
}

#[test]
fn a_port_without_a_module_is_no_reader_and_closes_at_once() {
    let bench = Bench::new();
    bench.sam().deaf = true;
    let mut watched = Watched::open(&bench);
    watched.expect(&["reader-none"]);
    let begun = Instant::now();
    drop(watched);
    assert!(begun.elapsed() < Duration::from_millis(500));
}

#[test]
fn closing_in_the_middle_of_a_read_takes_no_time() {
    let bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    bench.lay_down(0);
    watched.expect(&["came"]);
    bench.sam().mishaps.push((Question::Read, Mishap::Silent));
    watched.ask(false);
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    drop(watched);
    assert!(begun.elapsed() < Duration::from_millis(500));
}

#[test]
fn a_port_is_ours_alone() {
    let bench = Bench::new();
    let first = Watched::vacant(&bench);
    let mut second = Watched::open(&bench);
    second.expect(&["reader-busy"]);
    drop(first);
    second.expect(&["reader-ready", "empty"]);
}

/// The tests may run as one who may open everything: the word of the system is given.
#[test]
fn what_keeps_a_port_shut_is_told_apart() {
    let source = SerialSource {
        port: String::new(),
        closing: Arc::default(),
        baud: BAUDS[0],
    };
    let health = |kind: io::ErrorKind, lost: Option<&str>| {
        source.health(&LineFault::Gone(kind.into()), lost.map(str::to_owned))
    };
    let (busy, denied) = (io::ErrorKind::ResourceBusy, io::ErrorKind::PermissionDenied);
    for lost in [None, Some("R")] {
        assert_eq!(health(busy, lost), Health::Busy);
        assert_eq!(health(denied, lost), Health::Forbidden);
    }
    assert_eq!(health(io::ErrorKind::NotFound, None), Health::NoReader);
    let reader = "R".to_owned();
    let unplugged = Health::Unplugged { reader };
    assert_eq!(health(io::ErrorKind::NotFound, Some("R")), unplugged);
}

#[test]
fn a_port_needs_a_name() {
    let sink: Sink = Box::new(|_| {});
    assert!(matches!(open(" ", sink), Err(CardError::Name)));
}

#[test]
fn no_port_is_opened_to_be_listed() {
    let bench = Bench::new();
    let _reader = Watched::vacant(&bench);
    // A pseudo-terminal is no port of this machine.
    assert!(list().iter().all(|listed| !listed.port.contains("pts")));
}

/// A short slice of what `attendant` does by the ten thousand, on the real port.
#[test]
fn hands_and_faults_in_any_order() {
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut pick = |below: usize| usize::try_from(random.next_u64() % 1000).unwrap() % below;
    let bench = Bench::new();
    let mut watched = Watched::vacant(&bench);
    let mut lay = std::collections::BTreeSet::new();
    for _ in 0..20 {
        match pick(6) {
            0 | 1 => {
                let person = pick(PEOPLE);
                lay.insert(person);
                bench.lay_down(person);
            }
            2 => bench.sam().lift(),
            3 => {
                let all = [
                    Mishap::BadXor,
                    Mishap::Cut(9),
                    Mishap::Silent,
                    Mishap::Twice,
                ];
                let mishap = all[pick(4)].clone();
                let command = [Question::Find, Question::Read, Question::Addresses][pick(3)];
                bench.sam().mishaps.push((command, mishap));
            }
            _ => watched.ask(pick(2) == 0),
        }
        let span = Duration::from_millis(u64::try_from(pick(400)).unwrap());
        while watched.next(span).is_some() {}
    }
    bench.sam().mishaps.clear();
    bench.sam().lift();
    while watched.next(Duration::from_secs(4)).is_some() {}
    let answered = watched.log.iter().filter(|word| word.contains(' '));
    assert_eq!(
        answered.count() + 1,
        usize::try_from(watched.next_read).unwrap()
    );
    for word in &watched.log {
        if let Some((_, person)) = word.split_once(" of ") {
            assert!(lay.contains(&person.parse().unwrap()), "{:?}", watched.log);
        }
    }
    bench.lay_down(3);
    watched.expect(&["came"]);
    let read = watched.next_read;
    watched.ask(true);
    watched.expect(&[format!("{read} of 3").as_str()]);
}
