//! The table of faults against the real service: each one at every command that it can
//! meet. Whatever happens, no read is of two people or of one who has left, and 5 s
//! later the reader reads again.

#![cfg(target_os = "linux")]

use booth::{CardRead, InsertionId, ReadFailure};
use card::ReadFault;
use likeness_tests::other_program;
use likeness_tests::pcscd::{FIRST_READER, Pcscd};
use likeness_tests::watched::{ANNA, BERT, Watched, card_of, failure, owner};
use simulator::vpcd::{Card, Misdeed, Slot};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// After whatever went wrong, the reader reads again within this time.
const READY_MAX: Duration = Duration::from_secs(5);
/// Longer than the service's polling: what is laid down after it is announced.
const LIFTED: Duration = Duration::from_millis(900);

/// Lays Bert's card down and reads it: the reader is well again.
fn assert_well(slot: &mut Slot, watched: &mut Watched, what: &str) {
    slot.remove();
    watched.rest();
    let begun = Instant::now();
    slot.insert(card_of(BERT)).expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    assert_eq!(owner(&watched.read_well(insertion, true)), "bert", "{what}");
    assert!(begun.elapsed() < READY_MAX, "{what}: {:?}", begun.elapsed());
    slot.remove();
    watched.until_removed(insertion);
    watched.rest();
}

/// Three reads, of two commands each.
fn read_thrice(watched: &mut Watched, insertion: InsertionId) -> [Result<CardRead, ReadFault>; 3] {
    std::array::from_fn(|_| watched.read(insertion, false))
}

#[test]
fn a_document_pulled_at_any_command_leaves_no_read_behind() {
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    for command in 1..=6 {
        slot.insert(card_of(ANNA).at(command, Misdeed::Pull))
            .expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let reads = read_thrice(&mut watched, insertion);
        for (at, read) in (0..).zip(&reads) {
            let is_before = 2 * at + 2 < command;
            match read {
                Ok(read) => assert!(
                    is_before && owner(read) == "anna",
                    "read {at}, pulled at {command}: {:#?}",
                    watched.log
                ),
                Err(fault) => assert!(
                    !is_before
                        && matches!(
                            fault.failure(),
                            ReadFailure::Unreadable | ReadFailure::Taken
                        ),
                    "read {at}, pulled at {command}: {fault}"
                ),
            }
        }
        watched.until_removed(insertion);
        assert_well(&mut slot, &mut watched, &format!("pulled at {command}"));
    }
}

/// Longer than a busy machine keeps a thread waiting.
const BEHIND: Duration = Duration::from_millis(200);

#[test]
fn a_document_swapped_at_any_command_is_never_read_as_the_first() {
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    for gap in [10, 30, 200, 600].map(Duration::from_millis) {
        for command in 1..=3 {
            let next = Box::new(card_of(BERT));
            let swap = Misdeed::SwapAfter { gap, next };
            slot.insert(card_of(ANNA).at(command, swap))
                .expect("vpcd listens");
            let (insertion, _) = watched.until_presented();
            let reads = read_thrice(&mut watched, insertion);
            let what = format!("swapped at {command} after {gap:?}");
            for (at, read) in (0..).zip(&reads) {
                // The swap comes after the answer to its command: an even one ends a read.
                let is_before = 2 * at + 2 <= command;
                let is_within = 2 * at + 1 == command;
                let whose = read.as_ref().ok().map(owner);
                match whose {
                    Some("anna") => assert!(is_before, "{what}: read {at} is the first card's"),
                    Some("bert") => assert!(!is_before && !is_within, "{what}: read {at}"),
                    Some(other) => panic!("{what}: {other}"),
                    // Between the answer and a swap soon after it, a busy machine may not get as far as
                    // to say what was read: it is then void, which is the safe side.
                    None => assert!(
                        !is_before || gap < BEHIND,
                        "{what}: read {at} failed: {read:?}"
                    ),
                }
            }
            slot.remove();
            watched.rest();
        }
        assert_well(&mut slot, &mut watched, &format!("swapped after {gap:?}"));
    }
}

/// What a card does wrong, made anew for each command.
type Misdoing = fn() -> Misdeed;

/// All in one insertion: no reply of one command is taken for that of another.
#[test]
fn a_reply_that_is_none_ends_its_read_at_either_command() {
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    let kinds: [(&str, Misdoing, ReadFailure); 9] = [
        ("one byte", || Misdeed::OneByte, ReadFailure::Unreadable),
        (
            "two bytes",
            || Misdeed::Status(0x9000),
            ReadFailure::Unreadable,
        ),
        ("half a page", || Misdeed::Short, ReadFailure::Unreadable),
        ("300 bytes", || Misdeed::Huge(300), ReadFailure::Unreadable),
        (
            "60000 bytes",
            || Misdeed::Huge(60_000),
            ReadFailure::Unreadable,
        ),
        ("garbage", || Misdeed::Noise, ReadFailure::Unreadable),
        ("6F00", || Misdeed::Status(0x6F00), ReadFailure::Unreadable),
        ("6D00", || Misdeed::Status(0x6D00), ReadFailure::Unsupported),
        (
            "another card",
            || Misdeed::Become(Box::new(card_of(BERT))),
            ReadFailure::Changed,
        ),
    ];
    for (what, misdeed, meaning) in kinds {
        // At the first command, then at the second of the next read.
        let is_other_card = meaning == ReadFailure::Changed;
        let card = if is_other_card {
            card_of(ANNA).at(2, misdeed())
        } else {
            card_of(ANNA).at(1, misdeed()).at(3, misdeed())
        };
        slot.insert(card).expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let [first, second, third] = read_thrice(&mut watched, insertion);
        assert_eq!(
            failure(&first),
            Some(meaning),
            "{what} at the first: {first:?}"
        );
        let whose = third.as_ref().ok().map(owner);
        if is_other_card {
            assert_eq!(second.as_ref().ok().map(owner), Some("bert"), "{what}");
            assert_eq!(whose, Some("bert"), "{what}");
        } else {
            assert_eq!(
                failure(&second),
                Some(meaning),
                "{what} at the second: {second:?}"
            );
            assert_eq!(whose, Some("anna"), "{what}: {third:?}");
        }
        slot.remove();
        watched.until_removed(insertion);
        std::thread::sleep(LIFTED);
    }
    assert_well(&mut slot, &mut watched, "replies");
}

#[test]
fn a_card_that_does_not_introduce_itself_is_not_read() {
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    for (what, atr) in [("garbage", vec![0xA5; 12]), ("one byte", vec![0x3B])] {
        slot.insert(card_of(ANNA).with_atr(&atr))
            .expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let read = watched.read(insertion, false);
        assert_eq!(
            failure(&read),
            Some(ReadFailure::Unreadable),
            "{what}: {read:?}"
        );
        assert_well(&mut slot, &mut watched, what);
    }
    // Longer than any ATR: the service takes it for mute. Nothing said: for no card at all.
    for (what, atr) in [("40 bytes", vec![0x3B; 40]), ("none", Vec::new())] {
        slot.insert(card_of(ANNA).with_atr(&atr))
            .expect("vpcd listens");
        if let Some(event) = watched.try_next(Duration::from_secs(2)) {
            let card::ReaderEvent::Presented { insertion, .. } = event else {
                panic!("{what}: {event:?}");
            };
            assert_ne!(what, "none");
            let read = watched.read(insertion, false);
            assert_eq!(
                failure(&read),
                Some(ReadFailure::Unreadable),
                "{what}: {read:?}"
            );
        } else {
            assert_eq!(what, "none");
        }
        assert_well(&mut slot, &mut watched, what);
    }
}

/// Another program, while it runs.
struct Other(Child);

impl Other {
    /// Starts it and waits until it has what it wants.
    fn start(manner: &str, ms: u32) -> Self {
        let mut child = Command::new(other_program())
            .args([FIRST_READER, manner, &ms.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the other program starts");
        let told = child.stdout.take().expect("standard output");
        let mut line = String::new();
        BufReader::new(told)
            .read_line(&mut line)
            .expect("it says something");
        assert_eq!(line.trim(), "held");
        Self(child)
    }

    fn wait(mut self) {
        let status = self.0.wait().expect("it can be waited for");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // Only where a test failed is it still there.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn another_program_is_named_and_waited_for() {
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    for manner in ["exclusive", "transaction"] {
        slot.insert(card_of(ANNA)).expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let begun = Instant::now();
        let other = Other::start(manner, 2000);
        let read = watched.read(insertion, false);
        let waited = begun.elapsed();
        if manner == "exclusive" {
            assert_eq!(failure(&read), Some(ReadFailure::Busy), "{read:?}");
            assert!(waited >= Duration::from_millis(700), "given up at once");
        } else {
            // The service itself makes everybody wait for the end of a transaction.
            assert_eq!(read.as_ref().ok().map(owner), Some("anna"), "{read:?}");
            assert!(waited >= Duration::from_millis(1700), "{waited:?}");
        }
        other.wait();
        let freed = Instant::now();
        assert_eq!(
            owner(&watched.read_well(insertion, true)),
            "anna",
            "{manner}"
        );
        assert!(freed.elapsed() < READY_MAX);
        // Pulled while it is held: its removal is seen all the same.
        let other = Other::start(manner, 1500);
        slot.remove();
        watched.until_removed(insertion);
        drop(other);
        assert_well(&mut slot, &mut watched, manner);
    }
}

#[test]
fn a_transaction_without_end_is_given_up_and_read_after() {
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    let other = Other::start("transaction", 10_000);
    let asked = watched.ask(insertion, false);
    let read = watched.answer(asked, Duration::from_secs(9));
    assert!(matches!(read, Err(ReadFault::Hung)), "{read:?}");
    watched.until_health("reader-hung", Duration::from_secs(1));
    other.wait();
    watched.until_ready(READY_MAX);
    let (again, _) = watched.until_presented();
    assert_ne!(again, insertion);
    assert_eq!(owner(&watched.read_well(again, true)), "anna");
    assert_well(&mut slot, &mut watched, "a transaction without end");
}

#[test]
fn a_program_that_greets_every_card_spoils_no_read() {
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let (insertion, _) = watched.until_presented();
    let other = Other::start("greet", 4000);
    let begun = Instant::now();
    let mut good = 0;
    while begun.elapsed() < Duration::from_secs(3) {
        match watched.read(insertion, false) {
            Ok(read) => {
                assert_eq!(owner(&read), "anna");
                good += 1;
            }
            // Its reset can fall between our connection and our command.
            Err(fault) => assert!(
                matches!(
                    fault.failure(),
                    ReadFailure::Busy | ReadFailure::Changed | ReadFailure::Unreadable
                ),
                "{fault}: {:#?}",
                watched.log
            ),
        }
    }
    assert!(good > 0, "not one read in 3 s: {:#?}", watched.log);
    other.wait();
    assert_eq!(owner(&watched.read_well(insertion, true)), "anna");
    assert_well(&mut slot, &mut watched, "greeted");
}

/// A document that takes this long over this command.
fn slow_at(command: usize) -> Card {
    card_of(ANNA).at(command, Misdeed::Slow(Duration::from_millis(1500)))
}

#[test]
fn a_service_that_ends_within_a_command_takes_its_read_with_it() {
    let Some(mut service) = Pcscd::start_apart_own() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    for (what, end) in [
        ("terminated", Pcscd::terminate as fn(&mut _)),
        ("killed", Pcscd::kill),
    ] {
        for command in [1, 2] {
            slot.insert(slow_at(command)).expect("vpcd listens");
            let (insertion, _) = watched.until_presented();
            let asked = watched.ask(insertion, false);
            std::thread::sleep(Duration::from_millis(400));
            end(&mut service);
            let read = watched.answer(asked, Duration::from_secs(3));
            // A service that ends in good order may let the command end before it.
            match &read {
                Ok(read) => assert!(what == "terminated" && owner(read) == "anna"),
                Err(fault) => assert!(
                    matches!(fault.failure(), ReadFailure::Gone | ReadFailure::Unreadable),
                    "{what} at {command}: {fault}"
                ),
            }
            service.restart();
            let restarted = Instant::now();
            watched.until_ready(READY_MAX);
            let (again, _) = watched.until_presented();
            assert_ne!(again, insertion);
            assert_eq!(owner(&watched.read_well(again, true)), "anna");
            assert!(restarted.elapsed() < READY_MAX, "{what} at {command}");
            assert_well(&mut slot, &mut watched, what);
        }
    }
}

#[test]
fn a_service_that_freezes_within_a_command_reads_nothing_wrong() {
    let Some(service) = Pcscd::start_apart_own() else {
        return;
    };
    let mut slot = service.slot();
    let mut watched = Watched::vacant();
    // For less and for more than a call may take before it counts as hung.
    for (command, frozen_s) in [(1, 2), (2, 2), (1, 10)] {
        slot.insert(slow_at(command)).expect("vpcd listens");
        let (insertion, _) = watched.until_presented();
        let asked = watched.ask(insertion, false);
        std::thread::sleep(Duration::from_millis(400));
        service.freeze();
        std::thread::sleep(Duration::from_secs(frozen_s));
        service.thaw();
        let thawed = Instant::now();
        let read = watched.answer(asked, Duration::from_secs(4));
        if frozen_s > 8 {
            let told = failure(&read);
            assert_eq!(told, Some(ReadFailure::Gone), "{:#?}", watched.log);
            watched.until_health("reader-hung", Duration::from_secs(1));
            watched.until_ready(READY_MAX);
        } else if let Ok(read) = &read {
            assert_eq!(owner(read), "anna");
        }
        assert!(thawed.elapsed() < READY_MAX, "{:?}", thawed.elapsed());
        assert_well(&mut slot, &mut watched, "frozen");
    }
}
