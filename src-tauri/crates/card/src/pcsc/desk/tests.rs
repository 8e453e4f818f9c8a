use super::*;
use crate::layout::{encode, encode_resident};
use booth::{
    BootId, Date, DocumentFields, DocumentKind, PersonName, ReadFailure, ReadId, Sex, Validity,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const ONE: &str = "Reader 00 00";
const TWO: &str = "Reader 00 01";

fn at(ms: u64) -> Timestamp {
    Timestamp::new(BootId([7; 16]), (1_000_000 + ms) * 1_000_000)
}

fn look(reader: &str, seen: Seen, count: u32) -> Look {
    Look {
        reader: reader.to_owned(),
        seen,
        count,
    }
}

fn text() -> Box<[u8; 256]> {
    let fields = DocumentFields {
        name: PersonName::parse("安娜·试验").unwrap(),
        latin_name: None,
        sex: Sex::Female,
        nation: "01".into(),
        birth: Date::new(1880, 1, 7).unwrap(),
        address: String::new(),
        number: "110105188001070018".into(),
        travel_permit: None,
        issuer: "某市公安局".into(),
        valid_from: Date::new(2020, 1, 1).unwrap(),
        valid_to: Validity::LongTerm,
    };
    Box::new(encode_resident(&fields).unwrap())
}

/// A desk, the time, and what came out of it so far.
struct Rig {
    desk: Desk,
    ms: u64,
    told: Vec<ReaderEvent>,
    /// Reads that were ordered and not answered by the test: worker and reader.
    ordered: Vec<(u64, String)>,
    watched: Vec<String>,
    renewed: usize,
}

impl Rig {
    fn new() -> Self {
        Self {
            desk: Desk::new(at(0)),
            ms: 0,
            told: Vec::new(),
            ordered: Vec::new(),
            watched: Vec::new(),
            renewed: 0,
        }
    }

    /// A desk that has seen one empty reader.
    fn ready() -> Self {
        let mut rig = Self::new();
        rig.look(ONE, Seen::Empty, 0);
        rig.told.clear();
        rig
    }

    /// A desk with a document that was seen to arrive 600 ms ago.
    fn occupied() -> (Self, InsertionId) {
        let mut rig = Self::ready();
        rig.look(ONE, Seen::Present, 1);
        let insertion = rig.insertion();
        rig.told.clear();
        rig.pass(600);
        (rig, insertion)
    }

    fn keep(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Tell(event) => self.told.push(*event),
                Order::Watched(reader) => self.watched.push(reader),
                Order::Read { worker, reader } => self.ordered.push((worker, reader)),
                Order::Renew => self.renewed += 1,
            }
        }
    }

    fn say(&mut self, message: Message) {
        let orders = self.desk.handle(message, at(self.ms));
        self.keep(orders);
        let due = self.desk.tick(at(self.ms));
        self.keep(due);
    }

    fn look(&mut self, reader: &str, seen: Seen, count: u32) {
        self.looks(vec![look(reader, seen, count)]);
    }

    fn looks(&mut self, looks: Vec<Look>) {
        self.say(Message::Looked(looks));
    }

    fn request(&mut self, read: u64, insertion: InsertionId, quiet: bool) {
        self.say(Message::Request(ReadRequest {
            read: ReadId(read),
            insertion,
            quiet,
        }));
    }

    /// Time passes without a word from anybody.
    fn pass(&mut self, ms: u64) {
        self.ms += ms;
        let due = self.desk.tick(at(self.ms));
        self.keep(due);
    }

    /// The oldest ordered read brings a document.
    fn succeed(&mut self) {
        let begun = at(self.ms);
        self.finish(Ok(RawRead {
            text: text(),
            begun,
            ended: begun,
        }));
    }

    fn finish(&mut self, result: Result<RawRead, ReadFault>) {
        let (worker, _) = self.ordered.remove(0);
        self.say(Message::Answer { worker, result });
    }

    /// The insertion that was presented last.
    fn insertion(&self) -> InsertionId {
        let presented = self.told.iter().rev().find_map(|event| match event {
            ReaderEvent::Presented { insertion, .. } => Some(*insertion),
            ReaderEvent::Health(_)
            | ReaderEvent::Empty { .. }
            | ReaderEvent::Removed { .. }
            | ReaderEvent::Read { .. } => None,
        });
        presented.expect("a document was presented")
    }

    /// Everything told since the last call, as words.
    fn words(&mut self) -> Vec<String> {
        self.told.drain(..).map(|event| word(&event)).collect()
    }
}

fn word(event: &ReaderEvent) -> String {
    match event {
        ReaderEvent::Health(health) => health.code().to_owned(),
        ReaderEvent::Empty { .. } => "empty".to_owned(),
        ReaderEvent::Presented {
            already_there: true,
            ..
        } => "lies".to_owned(),
        ReaderEvent::Presented { .. } => "came".to_owned(),
        ReaderEvent::Removed { .. } => "left".to_owned(),
        ReaderEvent::Read { read, result, .. } => {
            let said = result.as_ref().map_or_else(ReadFault::code, |_| "ok");
            format!("{} {said}", read.0)
        }
    }
}

// --- presence -----------------------------------------------------------------------

#[test]
fn a_document_comes_and_goes() {
    let mut rig = Rig::new();
    rig.look(ONE, Seen::Empty, 4);
    assert_eq!(rig.words(), ["reader-ready", "empty"]);
    rig.pass(250);
    rig.look(ONE, Seen::Empty, 4);
    assert!(rig.words().is_empty());
    rig.pass(250);
    rig.look(ONE, Seen::Present, 5);
    let insertion = rig.insertion();
    assert!(matches!(
        rig.told[..],
        [ReaderEvent::Presented { already_there: false, at: when, .. }] if when == at(500)
    ));
    rig.told.clear();
    rig.pass(100);
    rig.look(ONE, Seen::Empty, 6);
    assert!(matches!(
        rig.told[..],
        [ReaderEvent::Removed { insertion: left, at: when }] if left == insertion && when == at(600)
    ));
}

#[test]
fn a_document_that_lies_there_was_not_seen_to_arrive() {
    let mut rig = Rig::new();
    rig.look(ONE, Seen::Present, 9);
    assert_eq!(rig.words(), ["reader-ready", "lies"]);
    rig.look(ONE, Seen::Present, 9);
    rig.look(ONE, Seen::Empty, 10);
    // `Empty` is for the first look only; later emptiness is a departure.
    assert_eq!(rig.words(), ["left"]);
}

#[test]
fn a_swap_shows_in_the_count() {
    let (mut rig, first) = Rig::occupied();
    rig.look(ONE, Seen::Present, 1);
    assert!(
        rig.words().is_empty(),
        "the same count is the same document"
    );
    rig.look(ONE, Seen::Present, 3);
    let second = rig.insertion();
    assert_ne!(first, second);
    assert_eq!(rig.words(), ["left", "came"]);
}

#[test]
fn a_visit_between_two_looks_restarts_the_quiet_time() {
    let mut rig = Rig::ready();
    rig.pass(250);
    rig.look(ONE, Seen::Empty, 2);
    assert!(rig.words().is_empty());
    assert_eq!(rig.desk.slots[ONE].last_event, at(250));
}

#[test]
fn empty_is_told_only_when_all_are_empty() {
    let mut rig = Rig::new();
    rig.looks(vec![look(ONE, Seen::Empty, 0), look(TWO, Seen::Present, 1)]);
    assert_eq!(rig.words(), ["reader-ready", "lies"]);

    let mut rig = Rig::new();
    rig.looks(vec![look(ONE, Seen::Empty, 0), look(TWO, Seen::Unsure, 0)]);
    assert_eq!(
        rig.words(),
        ["reader-ready"],
        "one of them is not known yet"
    );
    rig.looks(vec![look(ONE, Seen::Empty, 0), look(TWO, Seen::Empty, 0)]);
    assert_eq!(rig.words(), ["reader-ready", "empty"]);
}

#[test]
fn two_readers_are_two_places() {
    let mut rig = Rig::new();
    rig.looks(vec![look(ONE, Seen::Empty, 0), look(TWO, Seen::Empty, 0)]);
    assert!(matches!(
        &rig.told[0],
        ReaderEvent::Health(Health::Ready { reader }) if reader == "Reader 00 00 + Reader 00 01"
    ));
    rig.told.clear();
    rig.looks(vec![look(ONE, Seen::Present, 1), look(TWO, Seen::Empty, 0)]);
    let first = rig.insertion();
    rig.looks(vec![
        look(ONE, Seen::Present, 1),
        look(TWO, Seen::Present, 1),
    ]);
    let second = rig.insertion();
    assert_ne!(first, second);
    assert_eq!(rig.words(), ["came", "came"]);
    assert_eq!(rig.watched, [ONE, ONE, TWO], "the one that reported last");
    rig.request(1, first, false);
    rig.request(2, second, false);
    assert_eq!(rig.ordered, [(1, ONE.to_owned())], "one read at a time");
    rig.succeed();
    assert_eq!(rig.ordered, [(2, TWO.to_owned())]);
    let ReaderEvent::Read { result, .. } = &rig.told[0] else {
        panic!("{:?}", rig.told);
    };
    let device = result.as_ref().unwrap().device();
    assert_eq!(device.bus, "00 00", "each read names its own reader");
    rig.succeed();
    assert_eq!(rig.words(), ["1 ok", "2 ok"]);
}

#[test]
fn a_reader_that_is_unplugged_loses_its_document() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, false);
    rig.request(2, insertion, false);
    rig.looks(Vec::new());
    assert_eq!(
        rig.words(),
        ["1 reader-gone", "2 reader-gone", "reader-unplugged"]
    );
    rig.looks(Vec::new());
    assert_eq!(rig.words(), ["reader-none"]);
    rig.request(3, insertion, false);
    assert_eq!(rig.words(), ["3 reader-gone"]);
    // Plugged in again with the document still on it: nobody saw it stay.
    rig.look(ONE, Seen::Present, 1);
    assert_ne!(rig.insertion(), insertion);
    assert_eq!(rig.words(), ["reader-ready", "lies"]);
    // The worker of read 1 comes back only now; its answer is nobody's.
    rig.succeed();
    assert!(rig.words().is_empty());
}

#[test]
fn one_of_two_readers_unplugged_leaves_the_other() {
    let mut rig = Rig::new();
    rig.looks(vec![look(ONE, Seen::Present, 1), look(TWO, Seen::Empty, 0)]);
    rig.told.clear();
    rig.look(ONE, Seen::Present, 1);
    assert!(matches!(
        &rig.told[..],
        [ReaderEvent::Health(Health::Unplugged { reader })] if reader == TWO
    ));
    rig.told.clear();
    rig.look(ONE, Seen::Present, 1);
    assert_eq!(rig.words(), ["reader-ready", "lies"]);
}

#[test]
fn a_reader_in_doubt_counts_as_away() {
    let (mut rig, _) = Rig::occupied();
    rig.look(ONE, Seen::Unsure, 1);
    assert_eq!(rig.words(), ["reader-unplugged"]);
}

// --- reads --------------------------------------------------------------------------

#[test]
fn a_quiet_read_waits_until_500_ms_after_the_last_event() {
    let mut rig = Rig::ready();
    rig.look(ONE, Seen::Present, 1);
    let insertion = rig.insertion();
    rig.told.clear();
    rig.request(1, insertion, true);
    assert!(rig.ordered.is_empty());
    assert_eq!(rig.desk.next_look(at(rig.ms)), QUIET_MIN);
    rig.pass(499);
    assert!(rig.ordered.is_empty());
    assert_eq!(rig.desk.next_look(at(rig.ms)), Duration::from_millis(1));
    rig.pass(1);
    assert_eq!(rig.ordered.len(), 1);
    rig.pass(3);
    rig.succeed();
    let ReaderEvent::Read { result, .. } = &rig.told[0] else {
        panic!("{:?}", rig.told);
    };
    let read = result.as_ref().unwrap();
    assert_eq!(read.moments().quiet_since, at(0));
    assert_eq!(read.moments().begun, at(503));
    assert_eq!(read.insertion(), insertion);
    assert_eq!(read.assurance(), Assurance::SamVerified);
}

#[test]
fn a_read_that_may_be_early_begins_at_once() {
    let mut rig = Rig::ready();
    rig.look(ONE, Seen::Present, 1);
    let insertion = rig.insertion();
    rig.request(1, insertion, false);
    assert_eq!(rig.ordered.len(), 1);
}

#[test]
fn a_failed_read_is_an_event() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.finish(Err(ReadFault::Changed));
    rig.request(2, insertion, true);
    assert_eq!(rig.words(), ["1 document-changed"]);
    rig.pass(499);
    assert!(rig.ordered.is_empty());
    rig.pass(1);
    assert_eq!(rig.ordered.len(), 1);
}

#[test]
fn a_good_read_is_no_event() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.succeed();
    rig.request(2, insertion, true);
    assert_eq!(rig.ordered.len(), 1, "the second read begins at once");
}

#[test]
fn a_request_for_a_document_that_left_is_answered_at_once() {
    let (mut rig, insertion) = Rig::occupied();
    rig.look(ONE, Seen::Empty, 2);
    rig.request(1, insertion, false);
    assert_eq!(rig.words(), ["left", "1 document-taken"]);
    assert!(rig.ordered.is_empty());
}

#[test]
fn a_request_that_waits_ends_with_its_document() {
    let mut rig = Rig::ready();
    rig.look(ONE, Seen::Present, 1);
    let insertion = rig.insertion();
    rig.request(1, insertion, true);
    rig.told.clear();
    rig.look(ONE, Seen::Present, 3);
    assert_eq!(rig.words(), ["left", "came", "1 document-taken"]);
    rig.pass(1000);
    assert!(rig.ordered.is_empty());
}

#[test]
fn what_a_read_brings_after_its_document_left_is_not_passed_on() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.look(ONE, Seen::Empty, 2);
    assert_eq!(rig.words(), ["left"]);
    rig.succeed();
    assert_eq!(rig.words(), ["1 document-taken"]);

    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.look(ONE, Seen::Present, 3);
    rig.succeed();
    assert_eq!(rig.words(), ["left", "came", "1 document-taken"]);
}

#[test]
fn before_anything_was_seen_there_is_nothing_to_read() {
    let mut rig = Rig::new();
    rig.request(1, InsertionId(u64::MAX), true);
    assert_eq!(rig.words(), ["1 reader-gone"]);
}

/// A document of each kind under the resident's name; the numbers are nobody's.
fn document(kind: DocumentKind) -> Box<[u8; 256]> {
    let foreign =
        kind == DocumentKind::ForeignerCard2017 || kind == DocumentKind::ForeignerCard2023;
    let number = match kind {
        DocumentKind::ResidentCard => "110105188001070018",
        DocumentKind::HmtPermit => "810000188001070012",
        DocumentKind::ForeignerCard2017 => "XXA110080010701",
        DocumentKind::ForeignerCard2023 => "911999188001070012",
    };
    let resident = kind == DocumentKind::ResidentCard;
    let fields = DocumentFields {
        name: PersonName::parse("安娜·试验").unwrap(),
        latin_name: foreign.then(|| PersonName::parse("EXAMPLE, ANNA").unwrap()),
        sex: Sex::Female,
        nation: if foreign {
            "XXA"
        } else if resident {
            "01"
        } else {
            ""
        }
        .into(),
        birth: Date::new(1880, 1, 7).unwrap(),
        address: String::new(),
        number: number.into(),
        travel_permit: None,
        issuer: String::new(),
        valid_from: Date::new(2020, 1, 1).unwrap(),
        valid_to: Validity::Until(Date::new(2040, 1, 1).unwrap()),
    };
    Box::new(encode(kind, &fields).unwrap())
}

#[test]
fn each_kind_of_document_is_read() {
    for kind in DocumentKind::ALL {
        let (mut rig, insertion) = Rig::occupied();
        rig.request(1, insertion, true);
        let (begun, ended) = (at(rig.ms), at(rig.ms));
        rig.finish(Ok(RawRead {
            text: document(kind),
            begun,
            ended,
        }));
        let read = rig.told.iter().find_map(|event| match event {
            ReaderEvent::Read { result, .. } => result.as_ref().ok(),
            ReaderEvent::Health(_)
            | ReaderEvent::Empty { .. }
            | ReaderEvent::Presented { .. }
            | ReaderEvent::Removed { .. } => None,
        });
        assert_eq!(read.map(booth::CardRead::kind), Some(kind));
    }
}

#[test]
fn what_is_no_document_is_said_so() {
    // An unknown flag is another document; a wrong one makes the fields invalid.
    for (flag, word) in [
        (b'W', "1 document-unsupported"),
        (b'J', "1 document-invalid"),
    ] {
        let (mut rig, insertion) = Rig::occupied();
        rig.request(1, insertion, true);
        let mut raw = text();
        raw[248] = flag;
        let (begun, ended) = (at(rig.ms), at(rig.ms));
        rig.finish(Ok(RawRead {
            text: raw,
            begun,
            ended,
        }));
        assert_eq!(rig.words(), [word]);
    }
}

// --- faults -------------------------------------------------------------------------

#[test]
fn a_service_that_is_down_answers_everybody() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.request(2, insertion, true);
    rig.request(3, insertion, false);
    rig.say(Message::ServiceDown);
    assert_eq!(
        rig.words(),
        [
            "1 reader-gone",
            "2 reader-gone",
            "3 reader-gone",
            "reader-service-down"
        ]
    );
    rig.say(Message::ServiceDown);
    assert!(rig.words().is_empty(), "told once");
    rig.finish(Err(ReadFault::Gone));
    assert!(rig.words().is_empty(), "answered once");
    rig.look(ONE, Seen::Empty, 0);
    assert_eq!(rig.words(), ["reader-ready", "empty"]);
}

#[test]
fn a_hung_read_is_given_up_after_8_s_and_its_late_answer_dropped() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.request(2, insertion, true);
    for _ in 0..31 {
        rig.pass(250);
        rig.look(ONE, Seen::Present, 1);
    }
    assert!(rig.words().is_empty(), "7.75 s are slow and not hung");
    rig.pass(250);
    assert_eq!(
        rig.words(),
        ["1 reader-gone", "2 reader-gone", "reader-hung"]
    );
    assert_eq!(rig.renewed, 1);
    // Looks do not count before the call came back or 3 s passed.
    rig.look(ONE, Seen::Present, 1);
    rig.request(3, insertion, false);
    assert_eq!(rig.words(), ["3 reader-gone"]);
    rig.succeed();
    assert!(rig.words().is_empty(), "the late answer is nobody's");
    rig.look(ONE, Seen::Present, 1);
    assert_ne!(rig.insertion(), insertion);
    assert_eq!(rig.words(), ["reader-ready", "lies"]);
}

#[test]
fn a_reader_that_never_comes_back_is_tried_again_after_3_s() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.pass(8000);
    rig.look(ONE, Seen::Present, 1);
    rig.pass(2999);
    rig.look(ONE, Seen::Present, 1);
    assert_eq!(rig.words(), ["1 reader-gone", "reader-hung"]);
    rig.pass(1);
    rig.look(ONE, Seen::Present, 1);
    let again = rig.insertion();
    assert_eq!(rig.words(), ["reader-ready", "lies"]);
    // A new read has its own number; the old worker cannot answer for it.
    rig.request(2, again, false);
    assert_eq!(rig.ordered.len(), 2);
    rig.finish(Err(ReadFault::Changed));
    assert!(rig.words().is_empty());
    rig.succeed();
    assert_eq!(rig.words(), ["2 ok"]);
}

#[test]
fn progress_is_no_hang() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    let worker = rig.ordered[0].0;
    for _ in 0..4 {
        rig.pass(6000);
        rig.look(ONE, Seen::Present, 1);
        rig.say(Message::Progress { worker });
    }
    assert!(rig.words().is_empty());
    rig.succeed();
    assert_eq!(rig.words(), ["1 ok"]);
}

#[test]
fn a_watch_that_says_nothing_for_8_s_hangs() {
    let (mut rig, insertion) = Rig::occupied();
    rig.pass(7399);
    assert!(rig.words().is_empty());
    rig.pass(1);
    assert_eq!(rig.words(), ["reader-hung"]);
    rig.request(1, insertion, false);
    assert_eq!(rig.words(), ["1 reader-gone"]);
    rig.look(ONE, Seen::Present, 1);
    assert_eq!(rig.words(), ["reader-ready", "lies"]);
}

#[test]
fn a_desk_that_waits_for_a_worker_does_not_spin() {
    let (mut rig, insertion) = Rig::occupied();
    rig.request(1, insertion, true);
    rig.request(2, insertion, true);
    assert_eq!(rig.ordered.len(), 1);
    let wait = rig.desk.next_look(at(rig.ms));
    assert!(wait >= Duration::from_secs(1), "{wait:?}");
}

// --- every order of events ----------------------------------------------------------

/// Something that can happen, whatever happened before.
#[derive(Clone, Debug)]
enum Happening {
    /// Both readers at a look: absent (0), empty, present, unsure; and what to add to the count.
    Look([(u8, u32); 2]),
    ServiceDown,
    /// The insertion presented so many presentations ago; beyond the first: one never given.
    Request(usize, bool),
    /// One of the unanswered workers.
    Answer(usize, bool),
    Progress(usize),
    Pass(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let reader = || {
        (
            prop::sample::select(vec![0u8, 1, 1, 2, 2, 2, 2, 3]),
            prop::sample::select(vec![0u32, 0, 0, 1, 2]),
        )
    };
    prop_oneof![
        4 => (reader(), reader()).prop_map(|(one, two)| Happening::Look([one, two])),
        1 => Just(Happening::ServiceDown),
        4 => (0usize..3, any::<bool>()).prop_map(|(back, quiet)| Happening::Request(back, quiet)),
        4 => (0usize..3, any::<bool>()).prop_map(|(worker, good)| Happening::Answer(worker, good)),
        1 => (0usize..3).prop_map(Happening::Progress),
        4 => prop::sample::select(vec![1u64, 20, 250, 499, 500, 600, 3000, 8000])
            .prop_map(Happening::Pass),
    ]
}

/// What must hold of everything that a desk tells, kept beside the desk.
#[derive(Default)]
struct Ledger {
    asked: BTreeSet<u64>,
    answered: BTreeSet<u64>,
    present: BTreeSet<InsertionId>,
    presented: Vec<InsertionId>,
    ready: bool,
    counts: [u32; 2],
}

impl Ledger {
    fn enter(&mut self, event: &ReaderEvent, now: Timestamp) {
        match event {
            ReaderEvent::Health(health) => {
                self.ready = health.is_ready();
                if !self.ready {
                    self.present.clear();
                }
            }
            ReaderEvent::Empty { .. } => assert!(self.ready && self.present.is_empty()),
            ReaderEvent::Presented { insertion, .. } => {
                assert!(self.ready && !self.presented.contains(insertion));
                self.present.insert(*insertion);
                self.presented.push(*insertion);
            }
            ReaderEvent::Removed { insertion, .. } => assert!(self.present.remove(insertion)),
            ReaderEvent::Read {
                read,
                insertion,
                result,
            } => {
                assert!(self.asked.contains(&read.0), "{} was not asked", read.0);
                assert!(self.answered.insert(read.0), "{} answered twice", read.0);
                let Ok(read) = result else { return };
                assert!(self.present.contains(insertion), "a document that left");
                assert_eq!(read.insertion(), *insertion);
                assert!(
                    read.moments()
                        .ended
                        .since(now)
                        .is_none_or(|late| late.is_zero())
                );
            }
        }
    }

    fn enter_all(&mut self, rig: &mut Rig) {
        let now = at(rig.ms);
        for event in rig.told.drain(..) {
            self.enter(&event, now);
        }
    }
}

fn happen(rig: &mut Rig, ledger: &mut Ledger, what: &Happening) {
    match what {
        Happening::Look(readers) => {
            let mut looks = Vec::new();
            for (place, (seen, more)) in readers.iter().enumerate() {
                ledger.counts[place] += more;
                let seen = match seen {
                    0 => continue,
                    1 => Seen::Empty,
                    2 => Seen::Present,
                    _ => Seen::Unsure,
                };
                looks.push(look([ONE, TWO][place], seen, ledger.counts[place]));
            }
            rig.looks(looks);
        }
        Happening::ServiceDown => rig.say(Message::ServiceDown),
        Happening::Request(back, quiet) => {
            let asked = ledger.presented.iter().rev().nth(*back).copied();
            let number = ledger.asked.len() as u64;
            ledger.asked.insert(number);
            rig.request(number, asked.unwrap_or(InsertionId(u64::MAX)), *quiet);
        }
        Happening::Answer(which, good) if !rig.ordered.is_empty() => {
            let which = which % rig.ordered.len();
            rig.ordered.swap(0, which);
            if *good {
                rig.succeed();
            } else {
                rig.finish(Err(ReadFault::Simulated(ReadFailure::Unreadable)));
            }
        }
        Happening::Progress(which) if !rig.ordered.is_empty() => {
            let worker = rig.ordered[which % rig.ordered.len()].0;
            rig.say(Message::Progress { worker });
        }
        Happening::Answer(..) | Happening::Progress(_) => {}
        Happening::Pass(ms) => rig.pass(*ms),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever the order: each request is answered exactly once, no read is passed on
    /// for a document that left, and quiet reads begin no earlier than they may.
    #[test]
    fn every_request_is_answered_exactly_once(
        happenings in prop::collection::vec(happening(), 0..80),
        workers_come_back in any::<bool>(),
    ) {
        let mut rig = Rig::new();
        let mut ledger = Ledger::default();
        for what in &happenings {
            let before = rig.ordered.len();
            happen(&mut rig, &mut ledger, what);
            if rig.ordered.len() > before {
                let running = rig.desk.running.as_ref().expect("a read that was ordered runs");
                let quiet = running.request.is_some_and(|request| request.quiet);
                prop_assert!(!quiet || is_over(running.quiet_since, QUIET_MIN, at(rig.ms)));
            }
            ledger.enter_all(&mut rig);
        }
        // Nothing more arrives; what is on its way comes back or hangs.
        for _ in 0..100 {
            rig.pass(600);
            if workers_come_back && !rig.ordered.is_empty() {
                rig.succeed();
            }
            ledger.enter_all(&mut rig);
        }
        prop_assert_eq!(&ledger.answered, &ledger.asked);
    }
}
