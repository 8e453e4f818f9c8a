//! The roster: who is expected, and what is already on file for each.

use crate::identity::{DocumentNumber, PersonName, Sex, StudentNumber, redacted};
use std::collections::HashMap;
use std::fmt;

/// A roster entry's lasting identity within a job: one enrolment, not one person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct EntryId(pub i64);

/// The how-manieth portrait of an entry: 1 is the first, a re-shoot makes the next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Generation(pub u32);

impl Generation {
    /// The generation after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What is on file for an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nothing yet.
    Open,
    /// A portrait of this generation stands.
    Filed(Generation),
    /// The portrait of this generation was flagged: one new sitting is admitted.
    Flagged(Generation),
}

impl Standing {
    /// The generation a new sitting would file; `None` where none is admitted.
    #[must_use]
    pub const fn admits(self) -> Option<Generation> {
        match self {
            Self::Open => Some(Generation(1)),
            Self::Filed(_) => None,
            Self::Flagged(generation) => Some(generation.next()),
        }
    }

    /// Stable word for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "missing",
            Self::Filed(_) => "filed",
            Self::Flagged(_) => "flagged",
        }
    }
}

/// 条目: one enrolment as the roster tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Lasting identity.
    pub id: EntryId,
    /// Which telling of the roster this is; a corrected entry has a higher version.
    pub version: u32,
    /// 学号, unique within the job.
    pub student_number: StudentNumber,
    /// 姓名.
    pub name: PersonName,
    /// 身份证号, or the number of another document.
    pub number: DocumentNumber,
    /// 性别, where the roster tells it.
    pub sex: Option<Sex>,
    /// 学院.
    pub college: String,
    /// 专业.
    pub major: String,
    /// 班级.
    pub class: String,
}

redacted!(Entry);

/// 名册: the entries of a job with their standing, found by document number.
///
/// Look-ups go by number only. Names are confirmations: two people of one class
/// may share a name, and nobody is ever chosen by it (hazard H10).
#[derive(Default)]
pub struct Roster {
    entries: Vec<(Entry, Standing)>,
    by_number: HashMap<String, Vec<usize>>,
    by_student_number: HashMap<StudentNumber, usize>,
}

redacted!(Roster);

impl Roster {
    /// A roster of the given entries. Student numbers are unique within a job (the
    /// store guarantees it); a second entry with the same one is dropped.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = (Entry, Standing)>) -> Self {
        let mut roster = Self::default();
        for (entry, standing) in entries {
            if roster.by_student_number.contains_key(&entry.student_number) {
                continue;
            }
            let at = roster.entries.len();
            roster
                .by_student_number
                .insert(entry.student_number.clone(), at);
            roster
                .by_number
                .entry(entry.number.as_str().to_owned())
                .or_default()
                .push(at);
            roster.entries.push((entry, standing));
        }
        roster
    }

    /// All enrolments under a document number, in roster order.
    pub fn with_number(&self, number: &str) -> impl Iterator<Item = &(Entry, Standing)> {
        let places = self.by_number.get(number).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|at| self.entries.get(*at))
    }

    /// The enrolment with this student number.
    #[must_use]
    pub fn with_student_number(&self, number: &StudentNumber) -> Option<&(Entry, Standing)> {
        self.by_student_number
            .get(number)
            .and_then(|at| self.entries.get(*at))
    }

    /// The enrolment with this id.
    #[must_use]
    pub fn with_id(&self, id: EntryId) -> Option<&(Entry, Standing)> {
        self.entries.iter().find(|(entry, _)| entry.id == id)
    }

    /// All entries, in roster order.
    pub fn iter(&self) -> impl Iterator<Item = &(Entry, Standing)> {
        self.entries.iter()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Notes that a portrait of this generation now stands.
    pub(crate) fn mark_filed(&mut self, id: EntryId, generation: Generation) {
        let found = self.entries.iter_mut().find(|(entry, _)| entry.id == id);
        if let Some((_, standing)) = found {
            *standing = Standing::Filed(generation);
        }
    }
}
