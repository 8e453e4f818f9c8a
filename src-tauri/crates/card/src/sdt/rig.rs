//! A security module made of nothing, for tests: it plays the published protocol on
//! any link and misbehaves as it is told.
//!
//! It is written from the documents and not from the code that it tests; only the
//! frame around an answer is shared, and that one is held against published frames.

use super::frame::{Command, frame};
use crate::layout::encode;
use booth::{CardRead, Date, DocumentFields, DocumentKind, PersonName, Sex, Validity};
use std::collections::VecDeque;

/// Nanoseconds in a millisecond.
pub(super) const MS: u64 = 1_000_000;

/// Invented people, each with a document of another kind.
pub(super) const PEOPLE: usize = 4;

pub(super) fn kind_of(person: usize) -> DocumentKind {
    DocumentKind::ALL[person % PEOPLE]
}

fn number_of(person: usize) -> &'static str {
    match kind_of(person) {
        DocumentKind::ResidentCard => "110105188001070018",
        DocumentKind::HmtPermit => "810000188001070012",
        DocumentKind::ForeignerCard2017 => "XXA110080010701",
        DocumentKind::ForeignerCard2023 => "911999188001070012",
    }
}

pub(super) fn text_of(person: usize) -> [u8; 256] {
    let kind = kind_of(person);
    let foreign = [
        DocumentKind::ForeignerCard2017,
        DocumentKind::ForeignerCard2023,
    ]
    .contains(&kind);
    let nation = match kind {
        DocumentKind::ResidentCard => "01",
        DocumentKind::HmtPermit => "",
        DocumentKind::ForeignerCard2017 | DocumentKind::ForeignerCard2023 => "XXA",
    };
    let name = PersonName::parse(&format!(
        "试验{}",
        ["甲", "乙", "丙", "丁"][person % PEOPLE]
    ));
    let latin = PersonName::parse(&format!("EXAMPLE, {person}"));
    let fields = DocumentFields {
        name: name.unwrap(),
        latin_name: foreign.then(|| latin.unwrap()),
        sex: Sex::Female,
        nation: nation.into(),
        birth: Date::new(1880, 1, 7).unwrap(),
        address: String::new(),
        number: number_of(person).into(),
        travel_permit: None,
        issuer: String::new(),
        valid_from: Date::new(2020, 1, 1).unwrap(),
        valid_to: Validity::Until(Date::new(2040, 1, 1).unwrap()),
    };
    encode(kind, &fields).unwrap()
}

/// Whose document a read is; nobody's when anything in it is another's.
pub(super) fn owner(read: &CardRead) -> Option<usize> {
    (0..PEOPLE).find(|person| read.raw() == booth::sha256(&text_of(*person)))
}

/// What goes wrong with one answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Mishap {
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
pub(super) struct Manner {
    /// Selects by itself what lies there: the worst that could be.
    pub(super) reselects: bool,
    /// Finds a selected card as well.
    pub(super) finds_selected: bool,
    /// Does not know how to reset itself.
    pub(super) never_resets: bool,
}

/// A question that is being worked on.
struct Task {
    ready: u64,
    command: Command,
    /// The card that lay there when it was asked.
    began_with: Option<u64>,
    mishap: Option<Mishap>,
}

pub(super) struct Sam {
    pub(super) manner: Manner,
    pub(super) id: [u8; 16],
    /// Who lies there, and the how-manieth laying down that is.
    card: Option<(usize, u64)>,
    laid_down: u64,
    found: Option<u64>,
    selected: Option<u64>,
    heard: Vec<u8>,
    tasks: VecDeque<Task>,
    busy_until: u64,
    pub(super) mishaps: Vec<(Command, Mishap)>,
    /// Hears nothing.
    pub(super) deaf: bool,
    /// Bytes on their way.
    pub(super) outbox: VecDeque<u8>,
    /// Everything that was asked.
    pub(super) asked: Vec<Command>,
}

impl Sam {
    pub(super) fn new(manner: Manner) -> Self {
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

    pub(super) fn lay_down(&mut self, person: usize) {
        self.laid_down += 1;
        self.card = Some((person, self.laid_down));
    }

    /// A card without power forgets that it was selected; the module does not notice.
    pub(super) fn lift(&mut self) {
        self.card = None;
    }

    /// Takes bytes of a question; works on whole ones, one after the other.
    pub(super) fn hear(&mut self, bytes: &[u8], now: u64) {
        if self.deaf {
            return;
        }
        self.heard.extend_from_slice(bytes);
        while self.heard.len() >= 10 {
            let question: Vec<u8> = self.heard.drain(..10).collect();
            let mut commands = Command::ALL.into_iter();
            let known = commands.find(|command| question == command.request());
            let Some(command) = known else { continue };
            self.asked.push(command);
            let mishap = self.mishaps.iter().position(|(at, _)| *at == command);
            let mishap = mishap.map(|at| self.mishaps.remove(at).1);
            let late = match &mishap {
                Some(Mishap::Silent) => continue,
                Some(Mishap::Late(ms)) => *ms,
                _ => 0,
            };
            let thinks = match command {
                Command::Reset => 200,
                Command::Status | Command::Id => 5,
                Command::Find | Command::Select => 30,
                Command::Addresses => 60,
                Command::Read => 600,
            };
            let ready = self.busy_until.max(now) + (thinks + late) * MS;
            self.busy_until = ready;
            self.tasks.push_back(Task {
                ready,
                command,
                began_with: self.card.map(|(_, laid_down)| laid_down),
                mishap,
            });
        }
    }

    /// When the next answer will be ready.
    pub(super) fn next_ready(&self) -> Option<u64> {
        self.tasks.front().map(|task| task.ready)
    }

    /// Answers what is ready by now.
    pub(super) fn work(&mut self, now: u64) {
        while self.next_ready().is_some_and(|ready| ready <= now) {
            let Some(task) = self.tasks.pop_front() else {
                return;
            };
            let mut answer = frame(&self.answer(&task));
            match task.mishap {
                Some(Mishap::BadXor) => *answer.last_mut().unwrap() ^= 1,
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

    fn answer(&mut self, task: &Task) -> Vec<u8> {
        let there = self.card.map(|(_, laid_down)| laid_down);
        // Lifted or exchanged while the question was worked on.
        let stayed = there.is_some() && there == task.began_with;
        let of_a_card = matches!(task.command, Command::Read | Command::Addresses);
        if self.manner.reselects && stayed && of_a_card {
            self.selected = there;
        }
        let selected = stayed && self.selected == there;
        match task.command {
            Command::Reset if self.manner.never_resets => vec![0, 0, 0x21],
            Command::Reset => {
                (self.found, self.selected) = (None, None);
                vec![0, 0, 0x90]
            }
            Command::Status => vec![0, 0, 0x90],
            Command::Id => [&[0, 0, 0x90][..], &self.id].concat(),
            Command::Find if stayed && (!selected || self.manner.finds_selected) => {
                self.found = there;
                vec![0, 0, 0x9F, 0, 0, 0, 0]
            }
            Command::Find => vec![0, 0, 0x80],
            Command::Select if stayed && self.found == there => {
                self.selected = there;
                [&[0, 0, 0x90][..], &[0; 8]].concat()
            }
            Command::Select => vec![0, 0, 0x81],
            Command::Addresses if selected => vec![0, 0, 0x91],
            Command::Read if selected => {
                let (person, _) = self.card.unwrap();
                let header = [0, 0, 0x90, 1, 0, 4, 0];
                [&header[..], &text_of(person), &[0x5A; 1024]].concat()
            }
            Command::Addresses | Command::Read => vec![0, 0, 0x41],
        }
    }
}
