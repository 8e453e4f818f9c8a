//! A reader's security module (SAM) made of nothing: it plays the published protocol on any
//! link and misbehaves as it is told.
//!
//! It is written from the documents and not from the code that talks to it. [`Sam`] has no
//! clock and no line of its own; [`Plug`] puts one behind a pseudo-terminal, at the pace of
//! a serial port.

#[cfg(unix)]
mod plug;

#[cfg(unix)]
pub use plug::Plug;

use card::TEXT_BYTES;
use std::collections::VecDeque;

/// Nanoseconds in a millisecond.
const MS: u64 = 1_000_000;
const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
/// Text length and portrait length, big endian.
const LENGTHS: [u8; 4] = [0x01, 0x00, 0x04, 0x00];
const PORTRAIT_BYTES: usize = 1024;
/// Preamble, length, command and parameter, XOR.
const QUESTION_BYTES: usize = 10;

/// What can be asked of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// `10 FF`
    Reset,
    /// `11 FF`
    Status,
    /// `12 FF`
    Id,
    /// `20 01`
    Find,
    /// `20 02`
    Select,
    /// `30 01`
    Read,
    /// `30 03`
    Addresses,
}

impl Question {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Reset,
        Self::Status,
        Self::Id,
        Self::Find,
        Self::Select,
        Self::Read,
        Self::Addresses,
    ];

    const fn code(self) -> [u8; 2] {
        match self {
            Self::Reset => [0x10, 0xFF],
            Self::Status => [0x11, 0xFF],
            Self::Id => [0x12, 0xFF],
            Self::Find => [0x20, 0x01],
            Self::Select => [0x20, 0x02],
            Self::Read => [0x30, 0x01],
            Self::Addresses => [0x30, 0x03],
        }
    }

    /// How long the module and the card take, in milliseconds.
    const fn thinks(self) -> u64 {
        match self {
            Self::Reset => 200,
            Self::Status | Self::Id => 5,
            Self::Find | Self::Select => 30,
            Self::Addresses => 60,
            Self::Read => 600,
        }
    }
}

/// What goes wrong with one answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// The XOR of the answer is wrong.
    BadXor,
    /// Only the first bytes come.
    Cut(usize),
    /// These come before the answer.
    Junk(Vec<u8>),
    /// These come instead.
    Garbage(Vec<u8>),
    /// The question was not heard.
    Silent,
    /// The answer comes so many milliseconds later.
    Late(u64),
    /// It comes twice.
    Twice,
    /// This status instead.
    Status(u8),
}

/// How a module is made, where documents leave room.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Manner {
    /// Selects by itself what lies there: the worst that could be.
    pub reselects: bool,
    /// Finds a selected card as well.
    pub finds_selected: bool,
    /// Does not know how to reset itself.
    pub never_resets: bool,
}

/// A question that is being worked on.
struct Task {
    ready: u64,
    question: Question,
    /// The card that lay there when it was asked.
    began_with: Option<u64>,
    mishap: Option<Mishap>,
}

/// The module, what lies on it, and what goes wrong next.
pub struct Sam {
    /// How it is made.
    pub manner: Manner,
    /// What it calls itself.
    pub id: [u8; 16],
    /// The text of what lies there, and the how-manieth laying down that is.
    card: Option<(Box<[u8; TEXT_BYTES]>, u64)>,
    laid_down: u64,
    found: Option<u64>,
    selected: Option<u64>,
    heard: Vec<u8>,
    tasks: VecDeque<Task>,
    busy_until: u64,
    /// What goes wrong with the next answer to each of these questions.
    pub mishaps: Vec<(Question, Mishap)>,
    /// Hears nothing.
    pub deaf: bool,
    /// Bytes on their way.
    pub outbox: VecDeque<u8>,
    /// Everything that was asked.
    pub asked: Vec<Question>,
}

impl Sam {
    /// A module with nothing on it.
    #[must_use]
    pub fn new(manner: Manner) -> Self {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&[5, 0, 1, 0, 0x8F, 0xA1, 0x33, 0x01]);
        id[8] = 42;
        Self {
            manner,
            id,
            card: None,
            laid_down: 0,
            found: None,
            selected: None,
            heard: Vec::new(),
            tasks: VecDeque::new(),
            busy_until: 0,
            mishaps: Vec::new(),
            deaf: false,
            outbox: VecDeque::new(),
            asked: Vec::new(),
        }
    }

    /// Lays a document with this text down, in the place of what lies there.
    pub fn lay_down(&mut self, text: &[u8; TEXT_BYTES]) {
        self.laid_down += 1;
        self.card = Some((Box::new(*text), self.laid_down));
    }

    /// A card without power forgets that it was selected; the module does not notice.
    pub fn lift(&mut self) {
        self.card = None;
    }

    /// Takes bytes of a question; works on whole ones, one after the other.
    /// `now` is in nanoseconds of the caller's clock.
    pub fn hear(&mut self, bytes: &[u8], now: u64) {
        if self.deaf {
            return;
        }
        self.heard.extend_from_slice(bytes);
        while self.heard.len() >= QUESTION_BYTES {
            let bytes: Vec<u8> = self.heard.drain(..QUESTION_BYTES).collect();
            let mut known = Question::ALL.into_iter();
            let known = known.find(|question| bytes == frame(&question.code()));
            let Some(question) = known else { continue };
            self.asked.push(question);
            let mishap = self.mishaps.iter().position(|(at, _)| *at == question);
            let mishap = mishap.map(|at| self.mishaps.remove(at).1);
            if mishap == Some(Mishap::Silent) {
                continue;
            }
            let late = if let Some(Mishap::Late(ms)) = mishap {
                ms
            } else {
                0
            };
            let ready = self.busy_until.max(now) + (question.thinks() + late) * MS;
            self.busy_until = ready;
            self.tasks.push_back(Task {
                ready,
                question,
                began_with: self.lying(),
                mishap,
            });
        }
    }

    /// When the next answer will be ready.
    #[must_use]
    pub fn next_ready(&self) -> Option<u64> {
        self.tasks.front().map(|task| task.ready)
    }

    /// Answers what is ready by now.
    pub fn work(&mut self, now: u64) {
        while self.next_ready().is_some_and(|ready| ready <= now) {
            let Some(task) = self.tasks.pop_front() else {
                return;
            };
            let mut answer = frame(&self.answer(&task));
            match task.mishap {
                Some(Mishap::BadXor) => {
                    let xor = answer.len() - 1;
                    answer[xor] ^= 1;
                }
                Some(Mishap::Cut(bytes)) => answer.truncate(bytes.min(answer.len() - 1)),
                Some(Mishap::Junk(junk)) => answer = [junk, answer].concat(),
                Some(Mishap::Garbage(garbage)) => answer = garbage,
                Some(Mishap::Twice) => answer = answer.repeat(2),
                Some(Mishap::Status(status)) => answer = frame(&[0, 0, status]),
                Some(Mishap::Late(_) | Mishap::Silent) | None => {}
            }
            self.outbox.extend(answer);
        }
    }

    fn lying(&self) -> Option<u64> {
        self.card.as_ref().map(|(_, laid_down)| *laid_down)
    }

    fn answer(&mut self, task: &Task) -> Vec<u8> {
        let there = self.lying();
        // Lifted or exchanged while the question was worked on.
        let stayed = there.is_some() && there == task.began_with;
        let of_a_card = matches!(task.question, Question::Read | Question::Addresses);
        if self.manner.reselects && stayed && of_a_card {
            self.selected = there;
        }
        let selected = stayed && self.selected == there;
        match task.question {
            Question::Reset if self.manner.never_resets => vec![0, 0, 0x21],
            Question::Reset => {
                (self.found, self.selected) = (None, None);
                vec![0, 0, 0x90]
            }
            Question::Status => vec![0, 0, 0x90],
            Question::Id => [&[0, 0, 0x90][..], &self.id].concat(),
            Question::Find if stayed && (!selected || self.manner.finds_selected) => {
                self.found = there;
                vec![0, 0, 0x9F, 0, 0, 0, 0]
            }
            Question::Find => vec![0, 0, 0x80],
            Question::Select if stayed && self.found == there => {
                self.selected = there;
                [&[0, 0, 0x90][..], &[0; 8]].concat()
            }
            Question::Select => vec![0, 0, 0x81],
            Question::Addresses if selected => vec![0, 0, 0x91],
            Question::Read if selected => match &self.card {
                Some((text, _)) => {
                    let header = [&[0, 0, 0x90][..], &LENGTHS].concat();
                    [&header, &text[..], &[0x5A; PORTRAIT_BYTES]].concat()
                }
                None => vec![0, 0, 0x41],
            },
            Question::Addresses | Question::Read => vec![0, 0, 0x41],
        }
    }
}

/// A frame around a body: a question, or a status with its data.
fn frame(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 1).unwrap_or(u16::MAX);
    let counted = [&length.to_be_bytes()[..], body].concat();
    let xor = counted.iter().fold(0, |xor, byte| xor ^ byte);
    [&PREAMBLE[..], &counted, &[xor]].concat()
}
