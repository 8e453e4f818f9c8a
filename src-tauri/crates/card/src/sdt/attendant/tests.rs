//! The attendant on a link of memory with a clock of its own: hours in a second.

use super::super::line::{ByteLink, Line};
use super::super::people::{PEOPLE, kind_of, owner, text_of};
use super::*;
use booth::{BootId, CardRead, Nature, ReadId};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use simulator::sam::{Manner, Mishap, Question, Sam};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard};

/// Nanoseconds in a millisecond.
const MS: u64 = 1_000_000;
const BOOT: BootId = BootId([9; 16]);

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap()
}

fn at(nanos: u64) -> Timestamp {
    Timestamp::new(BOOT, nanos)
}

/// The module, the time, and what hands do at which time.
struct World {
    sam: Sam,
    now: u64,
    hands: VecDeque<(u64, Option<usize>)>,
    /// Who lay there from when to when.
    lay: Vec<(usize, u64, Option<u64>)>,
    /// The port is gone.
    gone: bool,
}

impl World {
    fn hand(&mut self, person: Option<usize>) {
        if let Some((_, _, until @ None)) = self.lay.last_mut() {
            *until = Some(self.now);
        }
        match person {
            Some(person) => {
                self.sam.lay_down(&text_of(person));
                self.lay.push((person, self.now, None));
            }
            None => self.sam.lift(),
        }
    }

    /// Lets time pass, until bytes are there or this moment is reached.
    fn pass_until(&mut self, end: u64, stops_at_bytes: bool) {
        loop {
            self.sam.work(self.now);
            if stops_at_bytes && !self.sam.outbox.is_empty() {
                return;
            }
            let hand = self.hands.front().map(|(at, _)| *at);
            let next = [hand, self.sam.next_ready()].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = self.now.max(end);
                return;
            };
            self.now = self.now.max(next);
            if hand.is_some_and(|hand| hand <= self.now)
                && let Some((_, person)) = self.hands.pop_front()
            {
                self.hand(person);
            }
        }
    }

    /// Whether this person alone lay there through the whole span.
    fn lay_through(&self, person: usize, from: Timestamp, to: Timestamp) -> bool {
        let mut spans = self.lay.iter();
        spans.any(|(who, since, until)| {
            *who == person
                && *since <= from.nanos()
                && until.is_none_or(|until| until >= to.nanos())
        })
    }
}

#[derive(Clone)]
struct Link(Arc<Mutex<World>>);

impl Link {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

impl ByteLink for Link {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut world = self.world();
        if world.gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let now = world.now;
        world.sam.hear(bytes, now);
        Ok(())
    }

    fn receive(&mut self, room: &mut [u8], wait: Duration) -> io::Result<usize> {
        let mut world = self.world();
        if world.gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let end = world.now + nanos(wait);
        world.pass_until(end, true);
        let got = room.len().min(world.sam.outbox.len());
        for (place, byte) in room.iter_mut().zip(world.sam.outbox.drain(..got)) {
            *place = byte;
        }
        Ok(got)
    }

    fn now(&self) -> Timestamp {
        at(self.world().now)
    }
}

/// A module, an attendant who is opened anew when it must be, and what was told.
struct Rig {
    link: Link,
    attendant: Attendant<Line<Link>>,
    words: Vec<String>,
    insertion: Option<InsertionId>,
    next_read: u64,
    open_reads: usize,
    reopened: usize,
    /// Who was read under each insertion.
    read: BTreeMap<InsertionId, usize>,
}

fn open(link: &Link) -> Attendant<Line<Link>> {
    let device = Device {
        driver: "sdt".into(),
        bus: String::new(),
        identity: String::new(),
        nature: Nature::Virtual,
    };
    for _ in 0..100 {
        let closing = Arc::new(AtomicBool::new(false));
        if let Ok(line) = Line::open(link.clone(), 115_200, 3, closing) {
            return Attendant::new(line, device);
        }
        let end = link.world().now + 200 * MS;
        link.world().pass_until(end, false);
    }
    panic!("the module never answers again")
}

impl Rig {
    fn new(manner: Manner) -> Self {
        Self::with(manner, None)
    }

    fn with(manner: Manner, person: Option<usize>) -> Self {
        let world = World {
            sam: Sam::new(manner),
            now: 1000 * MS,
            hands: VecDeque::new(),
            lay: Vec::new(),
            gone: false,
        };
        let link = Link(Arc::new(Mutex::new(world)));
        link.world().hand(person);
        let mut rig = Self {
            attendant: open(&link),
            link,
            words: Vec::new(),
            insertion: None,
            next_read: 1,
            open_reads: 0,
            reopened: 0,
            read: BTreeMap::new(),
        };
        rig.pass(1000);
        rig
    }

    /// A reader that was seen to be empty.
    fn vacant() -> Self {
        let mut rig = Self::new(Manner::default());
        assert_eq!(rig.take_words(), ["empty"]);
        rig
    }

    /// A document that came 600 ms ago and was read once.
    fn occupied(manner: Manner) -> Self {
        let mut rig = Self::new(manner);
        rig.lay_down(0);
        rig.pass(600);
        rig.request(true);
        rig.pass(1500);
        assert_eq!(rig.take_words(), ["empty", "came", "1 of 0"]);
        rig
    }

    fn lay_down(&mut self, person: usize) {
        self.link.world().hand(Some(person));
    }

    fn lift(&mut self) {
        self.link.world().hand(None);
    }

    /// In so many milliseconds.
    fn later(&mut self, ms: u64, person: Option<usize>) {
        let mut world = self.link.world();
        let at = world.now + ms * MS;
        world.hands.push_back((at, person));
    }

    fn spoil(&mut self, command: Question, mishap: Mishap) {
        self.link.world().sam.mishaps.push((command, mishap));
    }

    fn request(&mut self, quiet: bool) {
        let read = ReadId(self.next_read);
        self.next_read += 1;
        self.open_reads += 1;
        self.attendant.request(ReadRequest {
            read,
            insertion: self.insertion.unwrap_or(InsertionId(u64::MAX)),
            quiet,
        });
    }

    /// Lets time pass as the thread of the reader does.
    fn pass(&mut self, ms: u64) {
        let end = self.link.world().now + ms * MS;
        loop {
            self.collect();
            let rest = nanos(self.attendant.rest());
            {
                let mut world = self.link.world();
                let wake = (world.now + rest).min(end);
                world.pass_until(wake, false);
                if world.now >= end {
                    return;
                }
            }
            let before = self.link.world().now;
            let turned = self.attendant.turn();
            let took = self.link.world().now - before;
            assert!(took < 15_000 * MS, "a turn of {} ms", took / MS);
            self.collect();
            if turned.is_err() {
                self.attendant.lose();
                self.collect();
                self.words.push("lost".into());
                self.insertion = None;
                self.reopened += 1;
                if self.link.world().gone {
                    return;
                }
                self.attendant = open(&self.link);
            }
        }
    }

    fn collect(&mut self) {
        for event in self.attendant.take_told() {
            let word = self.word(event);
            self.words.push(word);
        }
    }

    fn word(&mut self, event: ReaderEvent) -> String {
        match event {
            ReaderEvent::Health(health) => health.code().to_owned(),
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
            ReaderEvent::Read {
                read,
                insertion,
                result,
            } => {
                self.open_reads -= 1;
                match result {
                    Ok(card_read) => {
                        assert_eq!(self.insertion, Some(insertion));
                        format!("{} of {}", read.0, self.judge(&card_read))
                    }
                    Err(fault) => format!("{} {}", read.0, fault.code()),
                }
            }
        }
    }

    /// What no read may ever be: of a person who did not lie there all through it, or
    /// of another one than was read under the same insertion before.
    fn judge(&mut self, read: &CardRead) -> usize {
        let person = owner(read).unwrap();
        assert_eq!(read.kind(), kind_of(person));
        let moments = read.moments();
        let world = self.link.world();
        let lay = world.lay_through(person, moments.begun, moments.ended);
        assert!(lay, "{person} read without lying there: {:?}", self.words);
        drop(world);
        let first = *self.read.entry(read.insertion()).or_insert(person);
        assert_eq!(
            first, person,
            "two people in one insertion: {:?}",
            self.words
        );
        person
    }

    fn take_words(&mut self) -> Vec<String> {
        self.collect();
        std::mem::take(&mut self.words)
    }

    /// Whatever was: lifted, laid down and read, all is well again.
    fn assert_well(&mut self) {
        self.link.world().sam.mishaps.clear();
        self.lift();
        self.pass(8000);
        assert_eq!(self.insertion, None, "{:?}", self.words);
        assert_eq!(self.open_reads, 0, "a request without an answer");
        self.take_words();
        self.lay_down(3);
        self.pass(1000);
        self.request(true);
        let read = format!("{} of 3", self.next_read - 1);
        self.pass(3000);
        assert_eq!(self.take_words(), ["came".to_owned(), read]);
    }
}

#[test]
fn a_document_comes_is_read_twice_and_leaves() {
    let mut rig = Rig::vacant();
    rig.lay_down(1);
    rig.pass(400);
    rig.request(false);
    rig.pass(900);
    rig.request(true);
    rig.pass(2000);
    assert_eq!(rig.take_words(), ["came", "1 of 1", "2 of 1"]);
    rig.pass(10_000);
    assert!(rig.take_words().is_empty(), "it stays");
    rig.lift();
    rig.pass(700);
    assert_eq!(rig.take_words(), ["left"]);
    rig.assert_well();
}

#[test]
fn a_quiet_read_begins_half_a_second_after_the_arrival() {
    let mut rig = Rig::vacant();
    rig.lay_down(0);
    rig.pass(350);
    assert_eq!(rig.take_words(), ["came"]);
    rig.request(true);
    let (_, laid, _) = rig.link.world().lay[0];
    rig.pass(100);
    assert!(!rig.link.world().sam.asked.contains(&Question::Read));
    rig.pass(1500);
    assert_eq!(rig.take_words(), ["1 of 0"]);
    assert!(rig.link.world().now > laid + 1100 * MS);
}

#[test]
fn what_lies_there_at_the_start_is_said_to() {
    let mut rig = Rig::with(Manner::default(), Some(2));
    assert_eq!(rig.take_words(), ["there"]);
    rig.lift();
    rig.pass(1000);
    assert_eq!(rig.take_words(), ["left"]);

    // Selected by a program before us: find answers 80 as if nothing lay there.
    let mut rig = Rig::occupied(Manner::default());
    rig.attendant = open(&rig.link);
    rig.insertion = None;
    rig.pass(1000);
    assert_eq!(rig.take_words(), ["there"]);
    rig.assert_well();
}

#[test]
fn a_selected_document_that_is_lifted_leaves_whatever_comes_behind() {
    for gap in [0, 10, 30, 200, 299, 600] {
        let mut rig = Rig::occupied(Manner::default());
        rig.lift();
        rig.later(gap, Some(1));
        rig.pass(2000);
        let words = rig.take_words();
        assert_eq!(words[0], "left", "gap {gap}");
        // Seen to come, or, where the module was just resetting, not seen to.
        assert!(
            words == ["left", "came"] || words == ["left", "there"],
            "{words:?}"
        );
        rig.request(true);
        rig.pass(2000);
        assert_eq!(rig.take_words(), ["2 of 1"]);
        rig.assert_well();
    }
}

#[test]
fn a_module_that_selects_by_itself_hands_out_no_second_person() {
    let manner = Manner {
        reselects: true,
        ..Manner::default()
    };
    let mut rig = Rig::occupied(manner);
    rig.lay_down(1);
    rig.pass(2000);
    assert!(rig.take_words().is_empty(), "this one cannot be seen");
    rig.request(true);
    rig.pass(2000);
    assert_eq!(rig.take_words(), ["2 document-changed", "left", "there"]);
}

#[test]
fn modules_of_other_manners_serve() {
    for manner in [
        Manner {
            finds_selected: true,
            ..Manner::default()
        },
        Manner {
            never_resets: true,
            ..Manner::default()
        },
    ] {
        let mut rig = Rig::occupied(manner);
        rig.lift();
        rig.pass(1000);
        assert_eq!(rig.take_words(), ["left"], "{manner:?}");
        rig.assert_well();
    }
}

#[test]
fn one_refused_read_can_be_repeated() {
    for (status, word) in [
        (0x41, "document-unreadable"),
        (0x47, "document-unreadable"),
        (0x10, "document-unreadable"),
        (0x11, "document-unreadable"),
        (0x60, "document-unreadable"),
        (0x99, "document-unreadable"),
        (0x21, "document-unsupported"),
        (0x31, "document-unsupported"),
        (0x32, "document-unsupported"),
        (0x40, "document-unsupported"),
        (0x66, "document-unsupported"),
        (0x33, "document-invalid"),
    ] {
        let mut rig = Rig::occupied(Manner::default());
        rig.spoil(Question::Read, Mishap::Status(status));
        rig.request(true);
        rig.pass(1500);
        assert_eq!(rig.take_words(), [format!("2 {word}")], "{status:02X}");
        rig.request(true);
        rig.pass(2500);
        assert_eq!(rig.take_words(), ["3 of 0"], "{status:02X}");
        rig.assert_well();
    }
}

#[test]
fn a_card_that_cannot_be_found_or_selected_for_the_read() {
    let mut rig = Rig::vacant();
    rig.lay_down(0);
    rig.pass(400);
    // Found when it came, not found for the read: as far as the module goes, it left.
    rig.spoil(Question::Find, Mishap::Status(0x80));
    rig.spoil(Question::Find, Mishap::Status(0x80));
    rig.request(false);
    rig.pass(1500);
    assert_eq!(
        rig.take_words(),
        ["came", "left", "came", "1 document-taken"]
    );

    rig.spoil(Question::Select, Mishap::Status(0x81));
    rig.request(false);
    rig.pass(1000);
    assert_eq!(rig.take_words(), ["2 document-unreadable"]);
    rig.request(false);
    rig.pass(1500);
    assert_eq!(rig.take_words(), ["3 of 0"]);
    rig.assert_well();
}

#[test]
fn a_disturbed_answer_is_never_used_and_the_next_one_is() {
    let preamble = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
    let mishaps = [
        Mishap::BadXor,
        Mishap::Cut(1),
        Mishap::Cut(9),
        Mishap::Cut(700),
        Mishap::Cut(1294),
        Mishap::Garbage(vec![0xFF; 1295]),
        Mishap::Garbage(preamble.to_vec()),
        Mishap::Garbage([&preamble[..], &[5, 8]].concat()),
        Mishap::Garbage([&preamble[..], &[0xFF; 300]].concat()),
        Mishap::Silent,
        Mishap::Late(2500),
    ];
    for mishap in mishaps {
        let mut rig = Rig::occupied(Manner::default());
        rig.spoil(Question::Read, mishap.clone());
        rig.request(true);
        rig.pass(4500);
        assert_eq!(rig.take_words(), ["2 document-unreadable"], "{mishap:?}");
        rig.request(true);
        rig.pass(4500);
        assert_eq!(rig.take_words(), ["3 of 0"], "{mishap:?}");
        rig.assert_well();
    }
}

#[test]
fn junk_around_an_answer_does_no_harm() {
    for mishap in [
        Mishap::Junk(vec![0x00, 0xFF, 0xAA, 0xAA]),
        Mishap::Junk(vec![0xAA; 64]),
        Mishap::Twice,
    ] {
        let mut rig = Rig::occupied(Manner::default());
        rig.spoil(Question::Read, mishap.clone());
        rig.request(true);
        rig.pass(1500);
        assert_eq!(rig.take_words(), ["2 of 0"], "{mishap:?}");
        rig.request(true);
        rig.pass(3000);
        assert_eq!(rig.take_words(), ["3 of 0"], "{mishap:?}");
        rig.assert_well();
    }
}

/// The answer about the first person comes after the second one lies there and is asked
/// for: the one thing that must not happen.
#[test]
fn a_late_answer_is_nobodys() {
    for late in (1500..6000).step_by(150) {
        let mut rig = Rig::occupied(Manner::default());
        rig.spoil(Question::Read, Mishap::Late(late));
        rig.request(true);
        rig.later(1000, None);
        rig.later(1300, Some(1));
        for _ in 0..6 {
            rig.pass(1200);
            rig.request(false);
        }
        rig.pass(10_000);
        let words = rig.take_words();
        // Person 0 is read by nobody any more; person 1 is, in the end.
        assert!(
            !words.iter().any(|word| word.ends_with("of 0")),
            "{late}: {words:?}"
        );
        rig.request(false);
        rig.pass(3000);
        let words = rig.take_words();
        assert!(
            words.last().is_some_and(|word| word.ends_with("of 1")),
            "{late}: {words:?}"
        );
        rig.assert_well();
    }
}

#[test]
fn a_document_pulled_at_any_time_of_a_read_is_taken() {
    for ms in (0..1200).step_by(40) {
        let mut rig = Rig::vacant();
        rig.lay_down(0);
        rig.pass(600);
        rig.request(true);
        rig.later(ms, None);
        rig.pass(4000);
        let words = rig.take_words();
        let pulled = ["came", "left", "1 document-taken"];
        let read = ["came", "1 of 0", "left"];
        assert!(words == pulled || words == read, "{ms}: {words:?}");
        rig.assert_well();
    }
}

#[test]
fn a_document_swapped_at_any_time_of_a_read_is_not_mixed() {
    for ms in (0..1200).step_by(40) {
        let mut rig = Rig::occupied(Manner::default());
        rig.request(true);
        rig.later(ms, Some(1));
        rig.pass(2500);
        let words = rig.take_words();
        let swapped = ["left", "came", "2 document-taken"];
        let read = ["2 of 0", "left", "came"];
        assert!(words == swapped || words == read, "{ms}: {words:?}");
        rig.request(true);
        rig.pass(2500);
        assert_eq!(rig.take_words(), ["3 of 1"], "{ms}");
        rig.assert_well();
    }
}

/// A wrong word about a card that never moved: for us it left, and it is shown as one
/// that lay there already, which nobody is seated on.
#[test]
fn a_card_that_is_denied_once_is_not_seated_again() {
    let mut rig = Rig::occupied(Manner::default());
    rig.spoil(Question::Addresses, Mishap::Status(0x41));
    rig.pass(2000);
    assert_eq!(rig.take_words(), ["left", "there"]);
    rig.assert_well();
}

#[test]
fn disturbed_looks_change_nothing() {
    for mishap in [
        Mishap::BadXor,
        Mishap::Silent,
        Mishap::Cut(8),
        Mishap::Late(1700),
    ] {
        let mut rig = Rig::occupied(Manner::default());
        rig.spoil(Question::Addresses, mishap.clone());
        rig.pass(6000);
        assert!(rig.take_words().is_empty(), "{mishap:?}");
        rig.assert_well();

        let mut rig = Rig::vacant();
        rig.spoil(Question::Find, mishap.clone());
        rig.lay_down(0);
        rig.pass(6000);
        assert_eq!(rig.take_words(), ["came"], "{mishap:?}");
    }
}

#[test]
fn a_module_that_falls_silent_is_lost_and_comes_back() {
    for exchanged in [false, true] {
        let mut rig = Rig::occupied(Manner::default());
        rig.link.world().sam.deaf = true;
        rig.request(true);
        let begun = rig.link.world().now;
        while rig.reopened == 0 {
            let turned = rig.attendant.turn();
            rig.attendant.take_told().into_iter().for_each(|event| {
                let word = rig.word(event);
                rig.words.push(word);
            });
            if turned.is_err() {
                break;
            }
            let wake = rig.link.world().now + 100 * MS;
            rig.link.world().pass_until(wake, false);
        }
        let silent = rig.link.world().now - begun;
        assert!(silent < 6000 * MS, "noticed after {} ms", silent / MS);
        rig.attendant.lose();
        assert_eq!(rig.take_words(), ["2 document-unreadable"]);
        rig.insertion = None;

        // Nobody saw whether it left meanwhile: what lies there, lies there already.
        rig.link.world().sam.deaf = false;
        if exchanged {
            rig.lay_down(1);
        }
        rig.attendant = open(&rig.link);
        rig.pass(1000);
        assert_eq!(rig.take_words(), ["there"]);
        rig.assert_well();
    }
}

#[test]
fn another_module_on_the_port_ends_the_line() {
    let mut rig = Rig::occupied(Manner::default());
    rig.link.world().sam.id[8] = 43;
    rig.spoil(Question::Addresses, Mishap::BadXor);
    rig.pass(3000);
    assert_eq!(rig.take_words(), ["lost", "there"]);
}

#[test]
fn a_port_that_is_gone_answers_everybody() {
    let mut rig = Rig::occupied(Manner::default());
    rig.link.world().gone = true;
    rig.request(true);
    rig.request(false);
    rig.pass(1000);
    assert_eq!(rig.take_words(), ["2 reader-gone", "3 reader-gone", "lost"]);
}

#[test]
fn a_request_for_a_document_that_left_is_answered_at_once() {
    let mut rig = Rig::vacant();
    rig.request(false);
    assert_eq!(rig.take_words(), ["1 document-taken"]);
}

// --- any order ------------------------------------------------------------------------

fn pick(random: &mut TestRng, below: u64) -> u64 {
    random.next_u64() % below
}

fn any_mishap(random: &mut TestRng) -> Mishap {
    match pick(random, 8) {
        0 => Mishap::BadXor,
        1 => Mishap::Cut(usize::try_from(pick(random, 1295)).unwrap()),
        2 => Mishap::Junk(vec![0xAA; usize::try_from(pick(random, 20)).unwrap()]),
        3 => Mishap::Garbage((0..pick(random, 60)).map(|byte| byte as u8).collect()),
        4 => Mishap::Silent,
        5 => Mishap::Late(pick(random, 4000)),
        6 => Mishap::Twice,
        _ => {
            let all = [
                0x10, 0x21, 0x33, 0x40, 0x41, 0x66, 0x80, 0x81, 0x90, 0x91, 0x9F,
            ];
            Mishap::Status(all[usize::try_from(pick(random, 11)).unwrap()])
        }
    }
}

/// One thing that hands or the line do.
fn any_step(rig: &mut Rig, random: &mut TestRng) {
    let person = usize::try_from(pick(random, PEOPLE as u64)).unwrap();
    match pick(random, 10) {
        0 => rig.lay_down(person),
        1 => rig.lift(),
        2 if rig.link.world().hands.is_empty() => {
            let gap = pick(random, 700);
            rig.later(gap, None);
            rig.later(gap + pick(random, 50), Some(person));
        }
        3 => {
            let command = Question::ALL[usize::try_from(pick(random, 7)).unwrap()];
            let mishap = any_mishap(random);
            rig.spoil(command, mishap);
        }
        4..=6 => rig.request(pick(random, 2) == 0),
        _ => rig.pass(pick(random, 1500)),
    }
    if rig.link.world().sam.mishaps.len() > 8 {
        rig.link.world().sam.mishaps.clear();
    }
}

/// 10,000 steps of hands, faults and requests in each of the manners of a module: what is
/// handed out is never wrong ([`Rig::judge`]), nothing hangs, and all is well in the end.
#[test]
fn any_order_of_hands_and_faults_hands_out_no_wrong_record() {
    let manners = [(false, false), (true, false), (false, true), (true, true)];
    let mut reads = 0;
    for (seed, (reselects, finds_selected)) in (0..).zip(manners) {
        let manner = Manner {
            reselects,
            finds_selected,
            never_resets: seed == 2,
        };
        let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut rig = Rig::new(manner);
        for step in 0..10_000 {
            any_step(&mut rig, &mut random);
            if step % 500 == 499 {
                rig.pass(2000);
                rig.assert_well();
            }
        }
        reads += rig.read.len();
    }
    assert!(reads > 1000, "only {reads} insertions were read");
}
