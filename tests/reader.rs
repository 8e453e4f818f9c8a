//! The PC/SC reader of `card` against the real service: pcscd with its virtual driver.
//!
//! Everything but the driver and the card is what a booth runs. Each test holds a
//! service of its own; see [`likeness_tests::pcscd`] for what happens without one.

#![cfg(target_os = "linux")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each wait picks one kind of event and keeps the others in its log"
)]

use booth::{CardRead, InsertionId, Nature, QUIET_MIN, ReadFailure, ReadId};
use card::{Health, ReadFault, ReadRequest, Reader, ReaderEvent};
use likeness_tests::pcscd::{FIRST_READER, Pcscd, SECOND_READER, resident_text};
use simulator::vpcd::{Card, Misdeed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const ANNA: (&str, &str) = ("安娜·试验", "110105188001070011");
const BERT: (&str, &str) = ("贝特·试验", "110105188001080025");

/// A card of the fixed people above.
fn card_of((name, number): (&str, &str)) -> Card {
    Card::new(resident_text(name, number))
}

/// Whose document a read is; names and numbers of two people in one read are nobody's.
fn owner(read: &CardRead) -> &'static str {
    let fields = read.fields();
    match (fields.name.as_str(), fields.number.as_str()) {
        (name, number) if (name, number) == ANNA => "anna",
        (name, number) if (name, number) == BERT => "bert",
        _ => "a mixture",
    }
}

/// A reader that is watched, and everything it told.
struct Watched {
    reader: Box<dyn Reader>,
    events: Receiver<ReaderEvent>,
    log: Vec<String>,
    next_read: u64,
    begun: Instant,
}

impl Watched {
    fn open(name: Option<&str>) -> Self {
        let (sink, events) = channel();
        let sink = Box::new(move |event| drop(sink.send(event)));
        Self {
            reader: card::pcsc::open(name, sink).expect("the reader opens"),
            events,
            log: Vec::new(),
            next_read: 1,
            begun: Instant::now(),
        }
    }

    /// Watches the first reader and waits until it is seen to be empty.
    fn vacant() -> Self {
        let mut watched = Self::open(Some(FIRST_READER));
        watched.until_ready(Duration::from_secs(3));
        watched.until_empty();
        watched
    }

    fn try_next(&mut self, wait: Duration) -> Option<ReaderEvent> {
        match self.events.recv_timeout(wait) {
            Ok(event) => {
                self.log
                    .push(format!("{:5} {event:?}", self.begun.elapsed().as_millis()));
                Some(event)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the reader died: {:#?}", self.log),
        }
    }

    /// The first event that fits; the others are passed over.
    fn until<T>(
        &mut self,
        what: &str,
        max: Duration,
        mut fits: impl FnMut(ReaderEvent) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + max;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.try_next(left).map(&mut fits) {
                Some(Some(found)) => return found,
                Some(None) => {}
                None => panic!("{what}: not within {max:?}; told was {:#?}", self.log),
            }
        }
    }

    fn until_health(&mut self, code: &str, max: Duration) {
        self.until(code, max, |event| match event {
            ReaderEvent::Health(health) => (health.code() == code).then_some(()),
            _ => None,
        });
    }

    fn until_ready(&mut self, max: Duration) {
        self.until_health("reader-ready", max);
    }

    fn until_empty(&mut self) {
        self.until("empty", Duration::from_secs(2), |event| {
            matches!(event, ReaderEvent::Empty { .. }).then_some(())
        });
    }

    /// The next document, and whether it lay there already.
    fn until_presented(&mut self) -> (InsertionId, bool) {
        self.until("presented", Duration::from_secs(3), |event| match event {
            ReaderEvent::Presented {
                insertion,
                already_there,
                ..
            } => Some((insertion, already_there)),
            _ => None,
        })
    }

    fn until_removed(&mut self, expected: InsertionId) {
        let removed = self.until("removed", Duration::from_secs(3), |event| match event {
            ReaderEvent::Removed { insertion, .. } => Some(insertion),
            _ => None,
        });
        assert_eq!(removed, expected, "{:#?}", self.log);
    }

    fn ask(&mut self, insertion: InsertionId, quiet: bool) -> ReadId {
        let read = ReadId(self.next_read);
        self.next_read += 1;
        self.reader.request(ReadRequest {
            read,
            insertion,
            quiet,
        });
        read
    }

    fn answer(&mut self, asked: ReadId, max: Duration) -> Result<CardRead, ReadFault> {
        self.until("an answer", max, |event| match event {
            ReaderEvent::Read { read, result, .. } => {
                assert_eq!(read, asked, "nobody asked for another answer");
                Some(result)
            }
            _ => None,
        })
    }

    fn read(&mut self, insertion: InsertionId, quiet: bool) -> Result<CardRead, ReadFault> {
        let asked = self.ask(insertion, quiet);
        self.answer(asked, Duration::from_secs(3))
    }

    fn read_well(&mut self, insertion: InsertionId, quiet: bool) -> CardRead {
        let result = self.read(insertion, quiet);
        result.unwrap_or_else(|fault| panic!("{fault}; told was {:#?}", self.log))
    }

    /// Passes over what is still told of a card that is gone.
    fn rest(&mut self) {
        while self.try_next(Duration::from_millis(900)).is_some() {}
    }

    /// Nothing but this many looks of silence: no answer was given twice.
    fn assert_silent(&mut self) {
        if let Some(event) = self.try_next(Duration::from_millis(400)) {
            panic!("{event:?} after {:#?}", self.log);
        }
    }
}

fn failure(result: &Result<CardRead, ReadFault>) -> Option<ReadFailure> {
    result.as_ref().err().map(ReadFault::failure)
}

#[test]
fn a_document_is_read_twice_and_its_removal_seen() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let (insertion, already_there) = watched.until_presented();
    assert!(!already_there);
    let first = watched.read_well(insertion, true);
    let second = watched.read_well(insertion, true);
    for read in [&first, &second] {
        let moments = read.moments();
        let quiet = moments
            .begun
            .since(moments.quiet_since)
            .expect("after the insertion");
        assert!(quiet >= QUIET_MIN, "begun after {quiet:?}");
        assert!(moments.ended.since(moments.begun).is_some());
        assert_eq!(read.insertion(), insertion);
    }
    assert_eq!(first.raw(), second.raw());
    assert_eq!(owner(&first), "anna");
    assert_eq!(slot.commands(), 4, "each read asks twice");
    let device = first.device();
    assert_eq!(
        (device.driver.as_str(), device.bus.as_str()),
        ("pcsc", "00 00")
    );
    assert_eq!(device.nature, Nature::Virtual);
    assert_eq!(&watched.reader.device(), device);
    slot.remove();
    watched.until_removed(insertion);
    let late = watched.read(insertion, false);
    assert_eq!(failure(&late), Some(ReadFailure::Taken));
    watched.assert_silent();
}

#[test]
fn a_document_that_lies_there_is_presented_as_such() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    // The service itself takes a moment to see it.
    std::thread::sleep(Duration::from_millis(800));
    let mut watched = Watched::open(Some(FIRST_READER));
    let (insertion, already_there) = watched.until_presented();
    assert!(already_there);
    assert!(
        !watched.log.iter().any(|line| line.contains("Empty")),
        "{:#?}",
        watched.log
    );
    assert_eq!(owner(&watched.read_well(insertion, true)), "anna");
}

#[test]
fn a_document_pulled_within_a_read_is_never_read() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    for command in [1, 2] {
        slot.insert(card_of(ANNA).at(command, Misdeed::Pull))
            .expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let result = watched.read(insertion, false);
        let told = failure(&result);
        // The service notices later than the command does: the read ends as noise,
        // unless the departure was seen first.
        assert!(
            matches!(told, Some(ReadFailure::Unreadable | ReadFailure::Taken)),
            "{told:?} at command {command}"
        );
        watched.until_removed(insertion);
        watched.rest();
    }
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    assert_eq!(owner(&watched.read_well(insertion, true)), "anna");
}

/// The service takes a card that is laid back within its polling for one that never
/// came; whoever lies there, no read of the earlier insertion may bring it.
#[test]
fn a_card_laid_back_at_once_is_not_the_document_that_was_pulled() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    slot.insert(card_of(ANNA).at(1, Misdeed::Pull))
        .expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    assert!(watched.read(insertion, false).is_err());
    slot.insert(card_of(BERT)).expect("vpcd listens");
    watched.until_removed(insertion);
    let late = watched.read(insertion, false);
    assert_eq!(failure(&late), Some(ReadFailure::Taken));
    // Lifted for longer than a poll and laid there again, it is heard of.
    slot.remove();
    watched.rest();
    slot.insert(card_of(BERT)).expect("vpcd listens");
    let (again, already_there) = watched.until_presented();
    assert!(!already_there && again != insertion);
    assert_eq!(owner(&watched.read_well(again, true)), "bert");
}

#[test]
fn a_swap_is_seen_or_shows_when_it_is_read_again() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    let mut seen = Vec::new();
    for gap in [10, 30, 200, 600] {
        slot.insert(card_of(ANNA)).expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let first = watched.read_well(insertion, true);
        assert_eq!(owner(&first), "anna");
        slot.swap(card_of(BERT), Duration::from_millis(gap))
            .expect("vpcd listens");
        let again = watched.read(insertion, false);
        match &again {
            // The handle of one card, the data of another: only reading again tells.
            Ok(read) => {
                assert_eq!(owner(read), "bert", "after {gap} ms");
                assert_ne!(read.raw(), first.raw());
            }
            Err(fault) => assert!(
                matches!(
                    fault.failure(),
                    ReadFailure::Taken | ReadFailure::Changed | ReadFailure::Unreadable
                ),
                "{fault} after {gap} ms"
            ),
        }
        seen.push(failure(&again));
        slot.remove();
        watched.rest();
    }
    assert!(
        seen[3].is_some(),
        "a gap of 600 ms is longer than the service's polling: {seen:?}"
    );
}

#[test]
fn a_swap_within_a_read_is_no_read() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    for gap in [0, 10, 30] {
        let gap = Duration::from_millis(gap);
        let next = Box::new(card_of(BERT));
        let card = card_of(ANNA).at(1, Misdeed::SwapAfter { gap, next });
        slot.insert(card).expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let result = watched.read(insertion, false);
        let told = failure(&result);
        assert!(
            matches!(
                told,
                Some(ReadFailure::Changed | ReadFailure::Unreadable | ReadFailure::Taken)
            ),
            "{told:?} after {gap:?}"
        );
        slot.remove();
        watched.rest();
    }
}

/// What the true USB driver was measured to do with a swap right after an insertion:
/// same handle, same count, every call a success.
#[test]
fn a_swap_that_no_driver_sees_shows_in_the_data() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    // Commands 1 and 2 are Anna's, 3 to 5 Bert's, 6 Anna's again.
    let again = Misdeed::Become(Box::new(card_of(ANNA)));
    let bert = Misdeed::Become(Box::new(card_of(BERT).at(4, again)));
    slot.insert(card_of(ANNA).at(3, bert))
        .expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    let first = watched.read_well(insertion, false);
    // Between two reads: only comparing them tells.
    let second = watched.read_well(insertion, false);
    assert_eq!((owner(&first), owner(&second)), ("anna", "bert"));
    assert_ne!(first.raw(), second.raw());
    // Within a read: its own end check tells.
    let third = watched.read(insertion, false);
    assert_eq!(failure(&third), Some(ReadFailure::Changed));
}

#[test]
fn what_is_no_page_is_refused_and_the_next_read_is_clean() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    // Reads 1 to 7 fail, some at their first command and some at their second.
    let card = card_of(ANNA)
        .at(1, Misdeed::OneByte)
        .at(2, Misdeed::Short)
        .at(3, Misdeed::Huge(300))
        .at(4, Misdeed::Huge(60_000))
        .at(6, Misdeed::Noise)
        .at(8, Misdeed::Status(0x6F00))
        .at(9, Misdeed::Status(0x6D00));
    slot.insert(card).expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    let expected = [
        ("one byte", ReadFailure::Unreadable),
        ("short", ReadFailure::Unreadable),
        ("300 bytes", ReadFailure::Unreadable),
        ("60000 bytes", ReadFailure::Unreadable),
        ("noise after a page", ReadFailure::Unreadable),
        ("6F00 after a page", ReadFailure::Unreadable),
        ("6D00", ReadFailure::Unsupported),
    ];
    for (what, meaning) in expected {
        let result = watched.read(insertion, false);
        assert_eq!(failure(&result), Some(meaning), "{what}: {result:?}");
    }
    assert_eq!(slot.commands(), 9);
    assert_eq!(owner(&watched.read_well(insertion, true)), "anna");
    assert_eq!(slot.commands(), 11);
    watched.assert_silent();
}

#[test]
fn what_is_no_document_is_said_so() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    let mut kind = resident_text(ANNA.0, ANNA.1);
    kind[248] = b'W';
    let mut permit = resident_text(ANNA.0, ANNA.1);
    permit[248] = b'J';
    let mut date = resident_text(ANNA.0, ANNA.1);
    date[36..52].fill(0xA5);
    let cards = [
        ("a plain card", Card::plain(), ReadFailure::Unsupported),
        ("an unknown kind", Card::new(kind), ReadFailure::Unsupported),
        (
            "a resident's number on a permit",
            Card::new(permit),
            ReadFailure::Invalid,
        ),
        ("a broken date", Card::new(date), ReadFailure::Invalid),
        (
            "garbage as ATR",
            card_of(ANNA).with_atr(&[0xA5; 12]),
            ReadFailure::Unreadable,
        ),
        (
            "an ATR of one byte",
            card_of(ANNA).with_atr(&[0x3B]),
            ReadFailure::Unreadable,
        ),
    ];
    for (what, card, meaning) in cards {
        slot.insert(card).expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let result = watched.read(insertion, false);
        assert_eq!(failure(&result), Some(meaning), "{what}: {result:?}");
        slot.remove();
        watched.until_removed(insertion);
    }
}

#[test]
fn a_slow_document_is_not_hung_and_others_find_the_reader_busy() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    let mut other = Watched::vacant();
    let slow = Misdeed::Slow(Duration::from_secs(6));
    slot.insert(card_of(ANNA).at(1, slow))
        .expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    let (other_insertion, _) = other.until_presented();
    let begun = Instant::now();
    let asked = watched.ask(insertion, false);
    std::thread::sleep(Duration::from_millis(500));
    let refused = other.read(other_insertion, false);
    assert_eq!(failure(&refused), Some(ReadFailure::Busy), "{refused:?}");
    assert!(
        begun.elapsed() >= Duration::from_millis(1300),
        "given up at once"
    );
    let read = watched
        .answer(asked, Duration::from_secs(8))
        .expect("slow, but read");
    assert!(begun.elapsed() >= Duration::from_secs(6));
    assert_eq!(owner(&read), "anna");
    let free = other.read_well(other_insertion, false);
    assert_eq!(free.raw(), read.raw());
    assert!(
        !watched.log.iter().any(|line| line.contains("Hung")),
        "{:#?}",
        watched.log
    );
}

#[test]
fn a_document_that_never_answers_hangs_the_reader_until_it_is_pulled() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    slot.insert(card_of(ANNA).at(1, Misdeed::Silent))
        .expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    let asked = watched.ask(insertion, false);
    let result = watched.answer(asked, Duration::from_secs(10));
    assert!(matches!(result, Err(ReadFault::Hung)), "{result:?}");
    watched.until_health("reader-hung", Duration::from_secs(1));
    slot.remove();
    watched.until_ready(Duration::from_secs(4));
    // The service may believe in the pulled card until its next poll.
    watched.rest();
    slot.insert(card_of(BERT)).expect("vpcd listens");
    let (again, _) = watched.until_presented();
    assert_ne!(again, insertion);
    assert_eq!(owner(&watched.read_well(again, true)), "bert");
    watched.assert_silent();
}

#[test]
fn two_readers_hold_two_documents() {
    let Some(service) = Pcscd::start() else {
        return;
    };
    let (mut slot, mut second_slot) = (service.slot(), service.second_slot());
    let mut watched = Watched::open(None);
    let names = watched.until("ready", Duration::from_secs(3), |event| match event {
        ReaderEvent::Health(Health::Ready { reader }) => Some(reader),
        _ => None,
    });
    assert_eq!(names, format!("{FIRST_READER} + {SECOND_READER}"));
    watched.until_empty();
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let (first, _) = watched.until_presented();
    second_slot.insert(card_of(BERT)).expect("vpcd listens");
    let (second, already_there) = watched.until_presented();
    assert!(!already_there && first != second);
    assert_eq!(
        watched.reader.device().bus,
        "00 01",
        "the one that reported last"
    );
    let anna = watched.read_well(first, true);
    let bert = watched.read_well(second, true);
    assert_eq!((owner(&anna), owner(&bert)), ("anna", "bert"));
    assert_eq!(
        (anna.device().bus.as_str(), bert.device().bus.as_str()),
        ("00 00", "00 01")
    );
    second_slot.remove();
    watched.until_removed(second);
    assert_eq!(owner(&watched.read_well(first, true)), "anna");

    // Who watches the first reader only hears nothing of the second.
    let mut one = Watched::open(Some(FIRST_READER));
    let (_, already_there) = one.until_presented();
    assert!(already_there);
    second_slot.insert(card_of(BERT)).expect("vpcd listens");
    watched.until_presented();
    one.assert_silent();
}

#[test]
fn a_service_that_ends_is_found_again() {
    let Some(mut service) = Pcscd::start_own() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let (mut insertion, _) = watched.until_presented();
    // Away for a moment, and for so long that the reader looks for it ever more seldom.
    for (end, away) in [(Pcscd::terminate as fn(&mut _), 0), (Pcscd::kill, 3500)] {
        end(&mut service);
        watched.until_health("reader-service-down", Duration::from_secs(2));
        let lost = watched.read(insertion, false);
        assert_eq!(failure(&lost), Some(ReadFailure::Gone));
        std::thread::sleep(Duration::from_millis(away));
        service.restart();
        watched.until_ready(Duration::from_secs(5));
        // The card stayed where it was, but nobody saw that.
        let (again, _) = watched.until_presented();
        assert_ne!(again, insertion);
        assert_eq!(owner(&watched.read_well(again, true)), "anna");
        insertion = again;
    }
}

#[test]
fn a_service_killed_within_a_read_takes_the_read_with_it() {
    let Some(mut service) = Pcscd::start_own() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    let slow = Misdeed::Slow(Duration::from_secs(2));
    slot.insert(card_of(ANNA).at(1, slow))
        .expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    let asked = watched.ask(insertion, false);
    std::thread::sleep(Duration::from_millis(500));
    let killed = Instant::now();
    service.kill();
    let result = watched.answer(asked, Duration::from_secs(1));
    assert_eq!(failure(&result), Some(ReadFailure::Gone), "{result:?}");
    service.restart();
    watched.until_ready(Duration::from_secs(5));
    assert!(killed.elapsed() < Duration::from_secs(6));
    let (again, _) = watched.until_presented();
    assert_eq!(owner(&watched.read_well(again, true)), "anna");
    watched.assert_silent();
}

#[test]
fn a_service_that_freezes_is_hung_and_goes_on_when_it_thaws() {
    let Some(service) = Pcscd::start_own() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    // A second of silence is nothing.
    service.freeze();
    std::thread::sleep(Duration::from_secs(1));
    service.thaw();
    assert_eq!(owner(&watched.read_well(insertion, false)), "anna");
    service.freeze();
    let asked = watched.ask(insertion, false);
    let result = watched.answer(asked, Duration::from_secs(10));
    assert_eq!(failure(&result), Some(ReadFailure::Gone), "{result:?}");
    watched.until_health("reader-hung", Duration::from_secs(2));
    service.thaw();
    watched.until_ready(Duration::from_secs(4));
    let (again, already_there) = watched.until_presented();
    assert!(already_there && again != insertion);
    assert_eq!(owner(&watched.read_well(again, true)), "anna");
}

#[test]
fn without_a_service_the_reader_says_so_and_closes() {
    let Some(mut service) = Pcscd::start_own() else {
        return;
    };
    service.terminate();
    let mut watched = Watched::open(None);
    watched.until_health("reader-service-down", Duration::from_secs(2));
    service.restart();
    watched.until_ready(Duration::from_secs(5));
    watched.until_empty();
    let mut stranger = Watched::open(Some("Nobody's Reader 00 00"));
    stranger.until_health("reader-none", Duration::from_secs(2));
    service.freeze();
    std::thread::sleep(Duration::from_millis(400));
    let begun = Instant::now();
    drop(watched);
    drop(stranger);
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "closing took {:?}",
        begun.elapsed()
    );
}
