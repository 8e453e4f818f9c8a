//! The child alone, spoken to in frames.

use crate::bench::{Bench, PEOPLE, PROGRAM, text_of};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use vendor::protocol::{
    Answer, Request, StreamFault, Symbol, decode_answer, encode_request, read_frame, write_frame,
};

const OPEN: Request = Request::Open { port: 1001 };

/// What a read answers: the identity bytes, and the portrait that the fake library has.
fn both(text: Box<[u8; 256]>) -> Answer {
    let mut portrait = Box::new([0x5A; 1024]);
    let mut people = 0..PEOPLE;
    let person = people.find(|person| text_of(*person) == *text).unwrap();
    portrait[1] = u8::try_from(0x30 * (1 + person)).unwrap();
    Answer::Both { text, portrait }
}

struct Spoken {
    child: Child,
    requests: Option<ChildStdin>,
    answers: Receiver<Result<Vec<u8>, StreamFault>>,
    number: u32,
}

impl Spoken {
    fn start(library: &Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg(library)
            .current_dir(library.parent().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = child.stdout.take().unwrap();
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            loop {
                let frame = read_frame(&mut output);
                let last = frame.is_err();
                if sender.send(frame).is_err() || last {
                    return;
                }
            }
        });
        let requests = child.stdin.take();
        Self {
            child,
            requests,
            answers,
            number: 40,
        }
    }

    fn opened(bench: &Bench) -> Self {
        let mut child = Self::start(&bench.library());
        assert_eq!(child.ask(OPEN), Some(Answer::Status(0x90)));
        child
    }

    fn send(&mut self, request: Request) {
        self.number += 1;
        let frame = encode_request(self.number, &request);
        write_frame(self.requests.as_mut().unwrap(), &frame).unwrap();
    }

    /// The answer within 5 s; `None` when the child ended.
    fn ask(&mut self, request: Request) -> Option<Answer> {
        self.send(request);
        let frame = self.answers.recv_timeout(Duration::from_secs(5)).unwrap();
        match frame {
            Ok(frame) => {
                let (number, answer) = decode_answer(&frame).unwrap();
                assert_eq!(number, self.number);
                Some(answer)
            }
            Err(StreamFault::Gone(_)) => None,
            Err(StreamFault::Frame(fault)) => panic!("{fault}"),
        }
    }

    fn ends_within(&mut self, span: Duration) -> bool {
        let end = Instant::now() + span;
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn each_kind_of_document_is_read() {
    let mut bench = Bench::new();
    let mut child = Spoken::opened(&bench);
    assert_eq!(child.ask(Request::Find), Some(Answer::Status(0x80)));
    for person in 0..PEOPLE {
        bench.lay_down(person);
        assert_eq!(child.ask(Request::Read), Some(Answer::Status(0x41)));
        assert_eq!(child.ask(Request::Find), Some(Answer::Status(0x9F)));
        assert_eq!(child.ask(Request::Select), Some(Answer::Status(0x90)));
        let text = Box::new(text_of(person));
        assert_eq!(child.ask(Request::Read), Some(both(text)));
        assert_eq!(child.ask(Request::Find), Some(Answer::Status(0x80)));
        assert_eq!(child.ask(Request::Addresses), Some(Answer::Status(0x91)));
    }
    assert_eq!(child.ask(Request::Reset), Some(Answer::Status(0x90)));
    assert_eq!(child.ask(Request::Find), Some(Answer::Status(0x9F)));
}

#[test]
fn nothing_is_asked_of_a_library_that_is_not_open() {
    let bench = Bench::new();
    let mut child = Spoken::start(&bench.library());
    for request in [
        Request::Find,
        Request::Read,
        Request::Module,
        Request::Close,
    ] {
        assert_eq!(child.ask(request), Some(Answer::NotOpen));
    }
    let elsewhere = Request::Open { port: 1002 };
    assert_eq!(child.ask(elsewhere), Some(Answer::Status(1)));
    assert_eq!(child.ask(Request::Find), Some(Answer::NotOpen));
    assert_eq!(child.ask(OPEN), Some(Answer::Status(0x90)));
    let name = Answer::Module("05.01-20160911-0000000042-0000000000".into());
    assert_eq!(child.ask(Request::Module), Some(name));
    assert_eq!(child.ask(Request::Close), Some(Answer::Status(0x90)));
    assert_eq!(child.ask(Request::Find), Some(Answer::NotOpen));
    assert_eq!(bench.calls("SDT_StartFindIDCard"), 0);
}

#[test]
fn a_library_that_cannot_be_used_is_named() {
    let bench = Bench::without_a_library();
    let mut child = Spoken::start(&bench.library());
    assert_eq!(child.ask(OPEN), Some(Answer::LibraryMissing));
    bench.put_library(&b"no library at all".repeat(100));
    let unfit = child.ask(OPEN);
    assert!(matches!(unfit, Some(Answer::LibraryUnfit(word)) if word.contains("ELF")));
    // It was installed while the child waited.
    bench.install();
    assert_eq!(child.ask(OPEN), Some(Answer::Status(0x90)));

    // The last one is a decoder's.
    for symbol in Symbol::ALL
        .into_iter()
        .filter(|symbol| *symbol != Symbol::Unpack)
    {
        let bench = Bench::without(symbol.name());
        let mut child = Spoken::start(&bench.library());
        assert_eq!(child.ask(OPEN), Some(Answer::SymbolMissing(symbol)));
    }
    for (function, request) in [
        ("SDT_ReadNewAppMsg", Request::Addresses),
        ("SDT_ResetSAM", Request::Reset),
        ("SDT_GetSAMIDToStr", Request::Module),
    ] {
        let bench = Bench::without(function);
        let mut child = Spoken::opened(&bench);
        assert_eq!(child.ask(request), Some(Answer::NotOffered));
    }
}

#[test]
fn a_library_that_prints_and_waits_for_keys_disturbs_nothing() {
    let mut bench = Bench::new();
    for function in [
        "SDT_OpenPort",
        "SDT_GetSAMIDToStr",
        "SDT_StartFindIDCard",
        "SDT_SelectIDCard",
        "SDT_ReadBaseMsg",
    ] {
        bench.always(function, "chat");
    }
    bench.lay_down(0);
    let mut child = Spoken::opened(&bench);
    for _ in 0..3 {
        assert!(matches!(
            child.ask(Request::Module),
            Some(Answer::Module(_))
        ));
    }
    assert_eq!(child.ask(Request::Find), Some(Answer::Status(0x9F)));
    assert_eq!(child.ask(Request::Select), Some(Answer::Status(0x90)));
    let text = Box::new(text_of(0));
    assert_eq!(child.ask(Request::Read), Some(both(text)));
}

#[test]
fn what_a_library_cannot_have_done_is_not_believed() {
    let mut bench = Bench::new();
    bench.lay_down(0);
    let mut child = Spoken::opened(&bench);
    child.ask(Request::Find);
    child.ask(Request::Select);
    for (text, portrait) in [
        (0, 1024),
        (255, 1024),
        (257, 1024),
        (512, 1024),
        (256, 1025),
        (u32::MAX, 0),
        (256, u32::MAX),
    ] {
        bench.once("SDT_ReadBaseMsg", &format!("lengths {text} {portrait}"));
        let lengths = Answer::Lengths { text, portrait };
        assert_eq!(child.ask(Request::Read), Some(lengths));
    }
    // No portrait at all is no lie.
    bench.once("SDT_ReadBaseMsg", "lengths 256 0");
    let text = Box::new(text_of(0));
    assert_eq!(child.ask(Request::Read), Some(Answer::Text(text)));
    for status in [0x41, 0, -1, 0x123, i32::MIN] {
        bench.once("SDT_ReadBaseMsg", &format!("status {status}"));
        assert_eq!(child.ask(Request::Read), Some(Answer::Status(status)));
    }
    for (function, request) in [
        ("SDT_StartFindIDCard", Request::Find),
        ("SDT_SelectIDCard", Request::Select),
        ("SDT_ReadBaseMsg", Request::Read),
        ("SDT_ReadNewAppMsg", Request::Addresses),
        ("SDT_GetSAMIDToStr", Request::Module),
    ] {
        bench.once(function, "overrun 3000");
        assert_eq!(child.ask(request), Some(Answer::Overrun), "{function}");
    }
    bench.once("SDT_GetSAMIDToStr", "overrun 65");
    assert_eq!(child.ask(Request::Module), Some(Answer::ModuleUnnamed));
    let text = Box::new(text_of(0));
    assert_eq!(child.ask(Request::Read), Some(both(text)), "still alive");
}

#[test]
fn a_library_that_crashes_takes_the_child_with_it() {
    for how in ["abort", "fault", "exit", "overrun 300000000"] {
        let mut bench = Bench::new();
        bench.lay_down(0);
        let mut child = Spoken::opened(&bench);
        bench.once("SDT_StartFindIDCard", how);
        assert_eq!(child.ask(Request::Find), None, "{how}");
        assert!(child.ends_within(Duration::from_secs(2)), "{how}");
    }
}

#[test]
fn the_child_ends_with_the_program_even_while_the_library_hangs() {
    let bench = Bench::new();
    let mut child = Spoken::opened(&bench);
    bench.once("SDT_StartFindIDCard", "hang");
    child.send(Request::Find);
    assert!(!child.ends_within(Duration::from_millis(300)));
    child.requests = None;
    assert!(child.ends_within(Duration::from_secs(1)));
}

#[test]
fn a_program_that_talks_nonsense_is_left() {
    let bench = Bench::new();
    let mut unknown = encode_request(1, &Request::Find);
    *unknown.last_mut().unwrap() = 0x77;
    for nonsense in [b"hello child".to_vec(), vec![0; 64], unknown] {
        let mut child = Spoken::opened(&bench);
        write_frame(child.requests.as_mut().unwrap(), &nonsense).unwrap();
        assert!(child.ends_within(Duration::from_secs(1)));
    }
}

#[test]
fn people_who_start_it_get_a_status() {
    let ended = Command::new(PROGRAM).stdin(Stdio::null()).output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.stdout.is_empty());
}

/// What a library that crashes held in its hands is on no disk afterwards.
#[test]
fn the_child_leaves_no_core() {
    let bench = Bench::new();
    let child = Spoken::opened(&bench);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.child.id()));
    let limits = limits.unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{words:?}");
}
