//! The PC/SC reader of `card` against the real service: pcscd with its virtual driver.
//!
//! Everything but the driver and the card is what a booth runs. Each test holds a
//! service of its own; see [`likeness_tests::pcscd`] for what happens without one.

#![cfg(target_os = "linux")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each wait picks one kind of event and keeps the others in its log"
)]

use booth::{Nature, QUIET_MIN, ReadFailure};
use card::{Health, ReadFault, ReaderEvent};
use likeness_tests::pcscd::{FIRST_READER, Pcscd, SECOND_READER, resident_text};
use likeness_tests::watched::{ANNA, BERT, Watched, card_of, failure, owner};
use simulator::vpcd::{Card, Misdeed};
use std::time::{Duration, Instant};

#[test]
fn a_document_is_read_twice_and_its_removal_seen() {
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    let Some(service) = Pcscd::start_apart() else {
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
    // Two readers that stay are told of once.
    watched.assert_silent();
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
    let Some(mut service) = Pcscd::start_apart_own() else {
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
    let Some(mut service) = Pcscd::start_apart_own() else {
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
    let Some(service) = Pcscd::start_apart_own() else {
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
    let Some(mut service) = Pcscd::start_apart_own() else {
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
