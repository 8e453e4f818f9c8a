//! One question at a time on a link that says what the test wrote down.

use super::super::frame::frame;
use super::*;
use booth::BootId;
use proptest::prelude::*;
use std::collections::VecDeque;

const ID: [u8; 16] = [5, 0, 1, 0, 0x8F, 0xA1, 0x33, 1, 42, 0, 0, 0, 0, 0, 0, 0];

fn reply(status: u8, data: &[u8]) -> Vec<u8> {
    frame(&[&[0, 0, status], data].concat())
}

/// An answer to a read whose every byte is this one.
fn read_of(byte: u8) -> Vec<u8> {
    reply(0x90, &[&[1, 0, 4, 0][..], &[byte; 1280]].concat())
}

struct Script {
    on_the_line: VecDeque<u8>,
    /// What comes for each question that is no id and no status.
    answers: VecDeque<Vec<u8>>,
    id: [u8; 16],
    asked: Vec<[u8; 2]>,
    nanos: u64,
}

impl ByteLink for Script {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let code = [bytes[7], bytes[8]];
        self.asked.push(code);
        let answer = match code {
            [0x12, 0xFF] => reply(0x90, &self.id),
            [0x11, 0xFF] => reply(0x90, &[]),
            _ => self.answers.pop_front().unwrap_or_default(),
        };
        self.on_the_line.extend(answer);
        Ok(())
    }

    fn receive(&mut self, room: &mut [u8], wait: Duration) -> io::Result<usize> {
        let got = room.len().min(self.on_the_line.len());
        if got == 0 {
            self.nanos += u64::from(wait.subsec_nanos()) + wait.as_secs() * 1_000_000_000;
        }
        for (place, byte) in room.iter_mut().zip(self.on_the_line.drain(..got)) {
            *place = byte;
        }
        Ok(got)
    }

    fn now(&self) -> Timestamp {
        Timestamp::new(BootId([4; 16]), self.nanos)
    }
}

fn line(answers: &[Vec<u8>]) -> Line<Script> {
    let script = Script {
        on_the_line: VecDeque::new(),
        answers: answers.iter().cloned().collect(),
        id: ID,
        asked: Vec::new(),
        nanos: 1,
    };
    let mut line = Line::open(script, 115_200, 3, Arc::default()).unwrap();
    line.link.asked.clear();
    line
}

fn text_byte(line: &mut Line<Script>) -> Result<u8, LineFault> {
    let (reply, _) = line.ask(Command::Read)?;
    Ok(reply.text().map_or(0, |text| text[7]))
}

#[test]
fn the_id_is_read_as_it_is_printed() {
    let line = line(&[]);
    let id = line.id().unwrap().to_string();
    assert_eq!(id, "05.01-20160911-0000000042-0000000000");
}

#[test]
fn what_lies_on_the_line_is_no_answer_to_what_is_asked_now() {
    let mut line = line(&[read_of(2), read_of(3)]);
    line.link.on_the_line.extend(read_of(1));
    assert_eq!(text_byte(&mut line).unwrap(), 2);
    // It was in doubt, and settled before the question.
    assert_eq!(line.link.asked, [[0x12, 0xFF], [0x30, 0x01]]);
    assert_eq!(text_byte(&mut line).unwrap(), 3);
    assert_eq!(line.link.asked.len(), 3, "and is in doubt no more");
}

#[test]
fn what_follows_an_answer_is_no_answer_either() {
    let twice = [read_of(1), read_of(9)].concat();
    let mut line = line(&[twice, read_of(2)]);
    assert_eq!(text_byte(&mut line).unwrap(), 1);
    assert_eq!(text_byte(&mut line).unwrap(), 2);
}

#[test]
fn an_answer_to_something_else_is_refused() {
    let mut header = read_of(1);
    header[13] ^= 1;
    *header.last_mut().unwrap() ^= 1;
    for (answer, bytes) in [
        (reply(0x90, &[]), 0),
        (reply(0x90, &[0; 8]), 8),
        (reply(0x90, &ID), 16),
        (reply(0x9F, &[0; 4]), 4),
        (reply(0x80, &[]), 0),
        (reply(0x91, &[]), 0),
        (header, 1284),
    ] {
        let mut line = line(&[answer, read_of(2)]);
        let fault = text_byte(&mut line).unwrap_err();
        assert!(
            matches!(fault, LineFault::Foreign { bytes: told, .. } if told == bytes),
            "{fault}"
        );
        assert_eq!(text_byte(&mut line).unwrap(), 2);
    }
}

#[test]
fn each_disturbance_is_named() {
    let good = read_of(1);
    let mut xor = good.clone();
    xor[100] ^= 1;
    type Named = fn(&LineFault) -> bool;
    let cases: [(Vec<u8>, Named); 5] = [
        (Vec::new(), |fault| matches!(fault, LineFault::Silent)),
        (vec![0; 50], |fault| matches!(fault, LineFault::Silent)),
        (good[..700].to_vec(), |fault| {
            matches!(fault, LineFault::Cut(700))
        }),
        (xor, |fault| {
            matches!(fault, LineFault::Frame(FrameFault::Checksum))
        }),
        (vec![0xAA, 0xAA, 0xAA, 0x96, 0x69, 0xFF, 0xFF], |fault| {
            matches!(fault, LineFault::Frame(FrameFault::Length(0xFFFF)))
        }),
    ];
    for (answer, named) in cases {
        let mut line = line(&[answer, read_of(2)]);
        let fault = text_byte(&mut line).unwrap_err();
        assert!(named(&fault), "{fault}");
        assert!(!fault.is_final());
        assert_eq!(text_byte(&mut line).unwrap(), 2);
    }
}

#[test]
fn a_wait_has_an_end() {
    let mut line = line(&[]);
    let begun = line.now();
    assert!(matches!(text_byte(&mut line), Err(LineFault::Silent)));
    let waited = line.now().since(begun).unwrap();
    assert!(waited >= Duration::from_secs(2) && waited < Duration::from_millis(2500));
}

#[test]
fn slow_lines_are_given_their_time() {
    // 1295 bytes at 9600 baud take 1.35 s.
    assert!(transfer_time(1295, 9600) > Duration::from_millis(1350));
    assert!(transfer_time(1295, 115_200) > Duration::from_millis(112));
    assert!(transfer_time(1295, 115_200) < Duration::from_millis(250));
}

#[test]
fn another_module_is_not_taken_for_ours() {
    let mut line = line(&[Vec::new(), read_of(2)]);
    assert!(text_byte(&mut line).is_err());
    line.link.id[0] = 6;
    let fault = text_byte(&mut line).unwrap_err();
    assert!(matches!(fault, LineFault::Exchanged) && fault.is_final());
}

#[test]
fn closing_cuts_a_wait_short() {
    let mut line = line(&[read_of(1)]);
    line.closing.store(true, Ordering::Relaxed);
    assert!(text_byte(&mut line).unwrap_err().is_final());
}

proptest! {
    /// Whatever came for the question before: this one gets its own answer or none.
    #[test]
    fn no_noise_makes_an_old_answer_new(
        before in prop::collection::vec(any::<u8>(), 0..60),
        pieces in prop::collection::vec(0u8..4, 0..6),
    ) {
        let mut first = before;
        for piece in pieces {
            match piece {
                0 => first.extend(read_of(1)),
                1 => first.extend(&read_of(1)[..600]),
                2 => first.extend(reply(0x90, &ID)),
                _ => first.extend([0xAA, 0xAA, 0xAA, 0x96, 0x69, 5, 8]),
            }
        }
        let mut line = line(&[first, read_of(2), read_of(2)]);
        if let Ok(byte) = text_byte(&mut line) {
            prop_assert_eq!(byte, 1);
        }
        prop_assert_eq!(text_byte(&mut line).unwrap(), 2);
        prop_assert_eq!(text_byte(&mut line).unwrap(), 2);
    }
}
