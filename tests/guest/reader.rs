//! Runs in the guest: our reader against pcscd, libccid and a USB reader whose plug is
//! pulled. See `guest_devices.rs` for the test that boots the guest.
//!
//! The driver has faults that no other part of the tests has. A swap within 400 ms of an
//! insertion is not seen at all: same handle, same count, another person's data. A card
//! that does not answer in 3 s is given up, and its answer is handed over later, as the
//! answer to something else. Right after a replug a card that lies there is not announced.

use super::{judge, millis};
use booth::{InsertionId, ReadFailure};
use card::ReadFault;
use likeness_tests::guest::Person::{Anna, Bert};
use likeness_tests::guest::{Fault, Host, Plan, Service, Watched, Wish, load_drivers, start_udevd};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The USB controller.
const DRIVERS: [&str; 1] = ["xhci_pci"];

/// Plays with the rig, panics when something is wrong, and tells what was measured.
type Scenario = fn(&mut Rig) -> String;

const SCENARIOS: &[(&str, Scenario)] = &[
    ("a document is read and leaves", read_and_left),
    ("swapped straight after the insertion", swapped_at_once),
    ("swapped after a rest", swapped_after_a_rest),
    ("swapped within a read", swapped_within_a_read),
    ("pulled within a read", pulled_within_a_read),
    ("late answers", late_answers),
    ("no answer", no_answer),
    ("unplugged and plugged in again", replugged),
    ("unplugged within a read", unplugged_within_a_read),
    ("the service killed", service_killed),
    (
        "the service killed within a read",
        service_killed_within_a_read,
    ),
];

/// Plays every scenario, tells the host how it went and gives the line to it back.
pub(crate) fn play(kernel: &Path, host: Host) -> Host {
    load_drivers(kernel, &DRIVERS).expect("the guest's drivers");
    // Before the service, which asks it for the readers that come and go.
    let mut udevd = start_udevd().expect("udevd");
    let service = Service::start().expect("pcscd");
    let reader = until_listed();
    let mut rig = Rig {
        host,
        service,
        reader,
    };
    rig.host.ask(&Wish::Tidy);
    for (name, scenario) in SCENARIOS {
        let verdict = judge(name, || scenario(&mut rig));
        if verdict.outcome.is_err() {
            rig.restart_service();
        }
        rig.host.ask(&Wish::Note(verdict));
        rig.host.ask(&Wish::Tidy);
    }
    rig.service.kill();
    // The machine ends with the program, whatever comes of these two.
    drop(udevd.kill());
    drop(udevd.wait());
    rig.host
}

/// The name of the only reader.
fn until_listed() -> String {
    let begun = Instant::now();
    loop {
        let (_, mut readers) = card::pcsc::list();
        if let Some((name, _)) = readers.pop() {
            return name;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "no reader in the guest"
        );
        sleep(Duration::from_millis(50));
    }
}

/// What a scenario plays with.
struct Rig {
    host: Host,
    service: Service,
    reader: String,
}

impl Rig {
    fn watch(&self) -> Watched {
        Watched::open(&self.reader)
    }

    fn insert(&mut self, plan: Plan) {
        self.host.ask(&Wish::Insert(plan));
    }

    fn swap(&mut self, gap_ms: u64) {
        self.host.ask(&Wish::Swap { gap_ms, next: Bert });
    }

    /// Takes away what lies there, and lets the service fall asleep.
    fn clear(&mut self, watched: &mut Watched) {
        self.host.ask(&Wish::Remove);
        watched.until_vacant();
        watched.rest();
    }

    /// Identifies Bert, who came right after another. A card that comes within the service's sleep
    /// after a reset of one that is gone is not announced until it is lifted; nobody is
    /// read meanwhile, which is the safe side.
    fn find_bert(&mut self, watched: &mut Watched) -> InsertionId {
        if let Some(insertion) = watched.try_identify(Bert) {
            return insertion;
        }
        self.host.ask(&Wish::Remove);
        watched.rest();
        self.insert(Plan::of(Bert));
        watched.identify(Bert)
    }

    fn restart_service(&mut self) {
        self.service.kill();
        self.service = Service::start().expect("pcscd starts again");
    }
}

fn failure(result: &Result<booth::CardRead, ReadFault>) -> Option<ReadFailure> {
    result.as_ref().err().map(ReadFault::failure)
}

fn read_and_left(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let (mut seen, mut left) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let begun = Instant::now();
        rig.insert(Plan::of(Anna));
        watched.until_presented();
        seen.push(millis(begun.elapsed()));
        watched.identify(Anna);
        let begun = Instant::now();
        rig.host.ask(&Wish::Remove);
        watched.until_vacant();
        left.push(millis(begun.elapsed()));
        watched.rest();
    }
    format!("seen after {seen:?} ms, gone after {left:?} ms")
}

/// Whoever is read afterwards is the one who lies there. In every other round she is
/// read first: one insertion with two people's data, which a record put together of
/// several answers would mix.
fn swapped_at_once(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let (mut unseen, mut both) = (0, 0);
    let gaps = [0, 0, 10, 10, 20, 20, 40, 40, 60, 60];
    for (round, gap_ms) in gaps.into_iter().enumerate() {
        rig.insert(Plan::of(Anna));
        let insertion = watched.until_presented();
        let is_read_first = round % 2 == 1;
        if is_read_first {
            let early = watched.read(insertion, false);
            let is_hers = early.is_ok_and(|read| watched.owner(&read) == Anna);
            watched.assert(is_hers, "Anna lies there and is read");
        }
        rig.swap(gap_ms);
        let is_unseen = rig.find_bert(&mut watched) == insertion;
        unseen += usize::from(is_unseen);
        both += usize::from(is_unseen && is_read_first);
        rig.clear(&mut watched);
    }
    watched.assert(
        unseen > 0,
        "the driver saw every swap: is this the true one?",
    );
    format!(
        "{unseen} of {} swaps unseen by the driver, {both} of them between two reads",
        gaps.len()
    )
}

fn swapped_after_a_rest(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let mut told = Vec::new();
    for gap_ms in [0, 10, 30, 60, 300] {
        rig.insert(Plan::of(Anna));
        let insertion = watched.identify(Anna);
        sleep(Duration::from_millis(1000));
        rig.swap(gap_ms);
        let again = watched.read(insertion, false);
        if let Ok(read) = &again {
            watched.assert(watched.owner(read) == Bert, "WRONG RECORD");
        }
        told.push(failure(&again));
        rig.find_bert(&mut watched);
        rig.clear(&mut watched);
    }
    format!("read at once: {told:?}")
}

/// One answer hers, the next his: with the driver's knowledge and without.
fn swapped_within_a_read(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let mut told = Vec::new();
    let swap = |gap_ms| Fault::Swap { gap_ms, next: Bert };
    let faults = [(1, swap(0)), (1, swap(30)), (2, Fault::Become(Bert))];
    for (command, fault) in faults {
        rig.insert(Plan::of(Anna).at(command, fault));
        let insertion = watched.until_presented();
        let result = watched.read(insertion, false);
        watched.assert(result.is_err(), "a read of two cards is none");
        told.extend(failure(&result));
        rig.find_bert(&mut watched);
        rig.clear(&mut watched);
    }
    let unseen = told.last();
    let is_changed = unseen == Some(&ReadFailure::Changed);
    watched.assert(is_changed, "two answers of one read differ");
    format!("{told:?}")
}

fn pulled_within_a_read(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let mut told = Vec::new();
    for command in 1..=4 {
        rig.insert(Plan::of(Anna).at(command, Fault::Pull));
        let insertion = watched.until_presented();
        // Two commands a read.
        for _ in 0..(command - 1) / 2 {
            let whole = watched.read(insertion, false);
            watched.assert(whole.is_ok(), "nothing has happened yet");
        }
        let begun = Instant::now();
        let cut = watched.read(insertion, false);
        watched.assert(cut.is_err(), "a read without a card");
        told.push(format!(
            "{:?} in {} ms",
            failure(&cut),
            millis(begun.elapsed())
        ));
        watched.until_vacant();
        rig.insert(Plan::of(Bert));
        rig.find_bert(&mut watched);
        rig.clear(&mut watched);
    }
    told.join(", ")
}

/// Her answers come when he lies there: after one given-up command, and after two, which
/// would agree with each other.
fn late_answers(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let slow = |by_ms| Fault::Slow { by_ms };
    let one = Plan::of(Anna).at(1, slow(4500));
    let two = Plan::of(Anna).at(1, slow(8000)).at(2, slow(4800));
    let (mut told, mut met) = (Vec::new(), 0);
    for (plan, given_up) in [(one, 1), (two, 2)] {
        rig.insert(plan);
        let insertion = watched.until_presented();
        for _ in 0..given_up {
            let begun = Instant::now();
            let result = watched.read(insertion, false);
            watched.assert(result.is_err(), "the answer is still to come");
            told.push(format!(
                "{:?} in {} ms",
                failure(&result),
                millis(begun.elapsed())
            ));
        }
        rig.swap(0);
        // Until every late answer has come.
        let mut reads = 0;
        let end = Instant::now() + Duration::from_secs(4);
        while Instant::now() < end {
            let Some(lying) = watched.try_presented() else {
                break;
            };
            if let Ok(read) = watched.read(lying, false) {
                reads += 1;
                watched.assert(watched.owner(&read) == Bert, "WRONG RECORD: a late answer");
            }
        }
        if watched.service_is_down() {
            // The driver does not always survive answers that nobody waits for; seen once in many runs.
            rig.restart_service();
            watched.until_health("reader-ready", Duration::from_secs(5));
            told.push("the service died of it and was started again".to_owned());
        }
        rig.find_bert(&mut watched);
        told.push(format!("then {reads} right"));
        met += reads;
        rig.clear(&mut watched);
    }
    watched.assert(met > 0, "no read was under way while answers were late");
    told.join(", ")
}

fn no_answer(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    rig.insert(Plan::of(Anna).at(1, Fault::Silent));
    let insertion = watched.until_presented();
    let begun = Instant::now();
    let silent = watched.read(insertion, false);
    watched.assert(silent.is_err(), "a read without an answer");
    let alone = format!("{:?} in {} ms", failure(&silent), millis(begun.elapsed()));
    watched.identify(Anna);
    rig.clear(&mut watched);
    rig.insert(Plan::of(Anna).at(1, Fault::Silent));
    let insertion = watched.until_presented();
    let asked = watched.request(insertion, false);
    let wish = Box::new(Wish::Remove);
    rig.host.ask(&Wish::Later {
        after_ms: 1000,
        wish,
    });
    let begun = Instant::now();
    let pulled = watched.answer(asked);
    watched.assert(pulled.is_err(), "a read without an answer");
    let then = format!(
        "pulled {:?} in {} ms",
        failure(&pulled),
        millis(begun.elapsed())
    );
    watched.until_vacant();
    rig.insert(Plan::of(Bert));
    rig.find_bert(&mut watched);
    format!("{alone}, {then}")
}

/// The card lies there before anybody sees that the reader is back, or a little later.
fn replugged(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let (mut gone, mut back, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for laid_after_ms in [0, 0, 0, 150, 1000] {
        rig.insert(Plan::of(Anna));
        let insertion = watched.identify(Anna);
        rig.host.ask(&Wish::Unplug);
        gone.push(millis(
            watched.until_health("reader-unplugged", Duration::from_secs(4)),
        ));
        let lost = watched.read(insertion, false);
        watched.assert(
            failure(&lost) == Some(ReadFailure::Gone),
            "read without a reader",
        );
        watched.rest();
        rig.host.ask(&Wish::Replug);
        let plugged = Instant::now();
        if laid_after_ms == 0 {
            rig.insert(Plan::of(Bert));
        }
        watched.until_health("reader-ready", Duration::from_secs(2));
        back.push(millis(plugged.elapsed()));
        let mut laid = plugged;
        if laid_after_ms > 0 {
            sleep(Duration::from_millis(laid_after_ms));
            rig.insert(Plan::of(Bert));
            laid = Instant::now();
        }
        watched.until_presented();
        seen.push(millis(laid.elapsed()));
        watched.identify(Bert);
        rig.clear(&mut watched);
    }
    format!("gone after {gone:?} ms, ready after {back:?} ms, card seen after {seen:?} ms")
}

fn unplugged_within_a_read(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    let mut told = Vec::new();
    for command in [1, 2] {
        rig.insert(Plan::of(Anna).at(command, Fault::Silent));
        let insertion = watched.until_presented();
        let wish = Box::new(Wish::Unplug);
        rig.host.ask(&Wish::Later {
            after_ms: 500,
            wish,
        });
        let begun = Instant::now();
        let result = watched.read(insertion, false);
        watched.assert(result.is_err(), "a read without a reader");
        told.push(format!(
            "{:?} in {} ms",
            failure(&result),
            millis(begun.elapsed())
        ));
        watched.rest();
        rig.host.ask(&Wish::Replug);
        let ready = watched.until_health("reader-ready", Duration::from_secs(2));
        told.push(format!("ready after {} ms", millis(ready)));
        rig.insert(Plan::of(Bert));
        watched.identify(Bert);
        rig.clear(&mut watched);
    }
    told.join(", ")
}

fn service_killed(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    rig.insert(Plan::of(Anna));
    let insertion = watched.until_presented();
    rig.service.kill();
    watched.until_health("reader-service-down", Duration::from_secs(2));
    let killed = Instant::now();
    rig.restart_service();
    watched.until_health("reader-ready", Duration::from_secs(5));
    let ready = millis(killed.elapsed());
    // The card stayed where it was, but nobody saw that.
    let again = watched.identify(Anna);
    watched.assert(again != insertion, "an insertion ends with the service");
    rig.clear(&mut watched);
    format!("ready after {ready} ms")
}

/// The answer that nobody waits for any more meets the new service's first question. The
/// driver may then take the reader for broken, and looks at it again when it is plugged
/// in anew.
fn service_killed_within_a_read(rig: &mut Rig) -> String {
    let mut watched = rig.watch();
    rig.insert(Plan::of(Anna).at(1, Fault::Slow { by_ms: 2000 }));
    let insertion = watched.until_presented();
    let asked = watched.request(insertion, false);
    sleep(Duration::from_millis(500));
    rig.service.kill();
    let result = watched.answer(asked);
    let is_gone = failure(&result) == Some(ReadFailure::Gone);
    watched.assert(is_gone, "a read without a service");
    rig.restart_service();
    let told = match watched.try_health("reader-ready", Duration::from_secs(5)) {
        Some(ready) => format!("ready after {} ms", millis(ready)),
        None => {
            rig.host.ask(&Wish::Unplug);
            sleep(Duration::from_millis(500));
            rig.host.ask(&Wish::Replug);
            let ready = watched.until_health("reader-ready", Duration::from_secs(2));
            rig.insert(Plan::of(Anna));
            format!(
                "lost by the driver, ready {} ms after a replug",
                millis(ready)
            )
        }
    };
    watched.identify(Anna);
    rig.clear(&mut watched);
    told
}
