//! `likeness-ctl card` as a process of its own: what it says of each fault, and what it keeps to itself.

#![cfg(target_os = "linux")]

use likeness_tests::pcscd::{FIRST_READER, Pcscd, resident_text};
use likeness_tests::telling::Telling;
use likeness_tests::{Person, program};
use serde_json::Value;
use simulator::vpcd::{Card, Misdeed};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const ANNA: (&str, &str) = ("安娜·试验", "110105188001070011");
const BERT: (&str, &str) = ("贝特·试验", "110105188001080025");

fn card_of((name, number): (&str, &str)) -> Card {
    Card::new(resident_text(name, number))
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(words);
    command
}

fn run(words: &[&str]) -> Output {
    command(words).output().expect("likeness-ctl runs")
}

/// The one line of JSON that was printed.
fn value(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let value = serde_json::from_str(lines.next().expect("a line")).expect("JSON");
    assert_eq!(lines.next(), None, "one line");
    value
}

fn status(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn a_simulated_document_is_read_as_such() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let person = Person::new("2024001", "安娜·试验", "一班");
    let file = person.document(dir.path(), "20400101", &[]);
    let reader = format!("simulated:{}", file.display());
    let output = run(&["--json", "card", "read", "--reader", &reader]);
    assert_eq!(status(&output), Some(0), "{output:?}");
    let read = value(&output);
    assert_eq!(
        (&read["assurance"], &read["nature"]),
        (&"simulated".into(), &"simulated".into())
    );
    assert_eq!(read["number"], booth::mask(&person.number));
}

/// Each end has its code, and the exit status tells a verdict from a fault.
#[test]
fn what_cannot_be_read_is_named() {
    let Some(mut service) = Pcscd::start_apart_own() else {
        return;
    };
    let mut slot = service.slot();
    let mut broken = resident_text(ANNA.0, ANNA.1);
    broken[36..52].fill(0xA5);
    let noise = |card: Card| (1..=6).fold(card, |card, at| card.at(at, Misdeed::Noise));
    let changed = Misdeed::Become(Box::new(card_of(BERT)));
    let within = Misdeed::Become(Box::new(card_of(BERT)));
    let cards = [
        ("document-unsupported", Card::plain()),
        ("document-invalid", Card::new(broken)),
        ("document-unreadable", noise(card_of(ANNA))),
        ("reads-disagree", card_of(ANNA).at(3, changed)),
        ("document-changed", card_of(ANNA).at(2, within)),
    ];
    for (code, card) in cards {
        slot.insert(card).expect("vpcd listens");
        let output = run(&["--json", "--lang", "en", "card", "read"]);
        let told = value(&output);
        assert_eq!(
            (&told["code"], status(&output)),
            (&code.into(), Some(1)),
            "{output:?}"
        );
        assert!(
            told["remedy"].as_str().is_some_and(|text| !text.is_empty()),
            "{told}"
        );
        slot.remove();
        std::thread::sleep(Duration::from_millis(900));
    }
    // Noise twice, and the third try is good.
    slot.insert(card_of(ANNA).at(1, Misdeed::Noise).at(2, Misdeed::OneByte))
        .expect("vpcd listens");
    assert_eq!(status(&run(&["--json", "card", "read"])), Some(0));
    slot.remove();
    std::thread::sleep(Duration::from_millis(900));

    let absent = run(&["--json", "card", "read", "--wait", "1"]);
    assert_eq!(
        (&value(&absent)["code"], status(&absent)),
        (&"no-document".into(), Some(3))
    );
    let stranger = run(&["--json", "card", "read", "--reader", "pcsc:Nobody's Reader"]);
    assert_eq!(
        (&value(&stranger)["code"], status(&stranger)),
        (&"reader-none".into(), Some(3))
    );
    service.terminate();
    let down = run(&["--json", "card", "read"]);
    assert_eq!(
        (&value(&down)["code"], status(&down)),
        (&"reader-service-down".into(), Some(3))
    );
    let unknown = run(&["--json", "card", "read", "--reader", "webcam"]);
    assert_eq!(status(&unknown), Some(2));
}

/// A running `card watch`.
struct Watching(Telling);

impl Watching {
    fn start(words: &[&str]) -> Self {
        let mut watch = command(&["--json", "--lang", "en", "card", "watch"]);
        watch.args(words);
        Self(Telling::begin(watch))
    }

    fn next(&mut self) -> Value {
        let next = self.0.next(Duration::from_secs(12));
        next.unwrap_or_else(|| panic!("nothing more after {:#?}", self.0.told()))
    }

    /// The next lines are of these events, in this order; a code stands for its event.
    fn expect(&mut self, words: &[&str]) -> Value {
        let mut last = Value::Null;
        for word in words {
            last = self.next();
            let said = last.get("code").unwrap_or(&last["event"]);
            assert_eq!(said, word, "{:#?}", self.0.told());
        }
        last
    }
}

#[test]
fn watching_tells_everything_as_it_happens() {
    let Some(mut service) = Pcscd::start_apart_own() else {
        return;
    };
    let mut slot = service.slot();
    let mut watching = Watching::start(&["--reader", &format!("pcsc:{FIRST_READER}")]);
    let ready = watching.expect(&["reader-ready"]);
    assert_eq!(
        (&ready["reader"], &ready["ready"]),
        (&FIRST_READER.into(), &true.into())
    );
    watching.expect(&["empty"]);
    slot.insert(card_of(ANNA)).expect("vpcd listens");
    let came = watching.expect(&["presented"]);
    assert_eq!(came["already_there"], false);
    let first = watching.expect(&["read"]);
    let second = watching.expect(&["read"]);
    assert_eq!((&first["reads"], &second["reads"]), (&1.into(), &2.into()));
    assert_eq!(second["number"], booth::mask(ANNA.1));
    slot.remove();
    watching.expect(&["removed"]);
    std::thread::sleep(Duration::from_millis(900));
    slot.insert(Card::plain()).expect("vpcd listens");
    let fault = watching.expect(&["presented", "document-unsupported"]);
    assert_eq!(fault["event"], "fault");
    assert!(
        fault["message"]
            .as_str()
            .is_some_and(|text| text.contains("cannot be read"))
    );
    assert!(
        fault["remedy"]
            .as_str()
            .is_some_and(|text| text.contains("SAM")),
        "{fault}"
    );
    slot.remove();
    watching.expect(&["removed"]);
    service.kill();
    let down = watching.expect(&["reader-service-down"]);
    assert_eq!(down["ready"], false);
    assert!(down["remedy"].is_string(), "{down}");
    service.restart();
    // The service may be there before its readers are.
    while watching.next()["event"] != "empty" {}
    watching.0.interrupt();
    assert_eq!(watching.0.wait(), 0, "Ctrl-C is how it ends");
}

#[test]
fn watching_ends_after_its_time() {
    let begun = Instant::now();
    let mut watching = Watching::start(&["--for", "1"]);
    assert_eq!(watching.0.wait(), 0);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}
