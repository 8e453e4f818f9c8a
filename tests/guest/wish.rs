//! What the program in the guest asks of the host: one line of JSON each, answered
//! by one line.

use serde::{Deserialize, Serialize};
use simulator::vpcd::{Card, Misdeed};
use std::time::Duration;

/// One wish.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub enum Wish {
    /// Lay this card on the reader.
    Insert(Plan),
    /// Take the card away.
    Remove,
    /// Take the card away and lay this one there after a gap.
    Swap {
        /// Milliseconds that nothing lies there.
        gap_ms: u64,
        /// What comes then.
        next: Person,
    },
    /// Pull the reader's plug.
    Unplug,
    /// Plug the reader in again; nothing lies on it.
    Replug,
    /// Do this later, answer at once.
    Later {
        /// Milliseconds from now.
        after_ms: u64,
        /// What to do then.
        wish: Box<Self>,
    },
    /// Plugged in and empty, whatever was before.
    Tidy,
    /// Take note of how a scenario went.
    Note(Verdict),
    /// Nothing will follow.
    End,
}

/// How a scenario went.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Verdict {
    /// Its name.
    pub scenario: String,
    /// Milliseconds that it took.
    pub took_ms: u64,
    /// What was measured, or what was wrong.
    pub outcome: Result<String, String>,
}

/// The answer to a wish.
pub type Answer = Result<(), String>;

/// Who lies on the reader: invented people.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Person {
    /// The first.
    Anna,
    /// The second.
    Bert,
}

impl Person {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Anna, Self::Bert];

    /// Name and number.
    #[must_use]
    pub const fn identity(self) -> (&'static str, &'static str) {
        match self {
            Self::Anna => ("安娜·试验", "110105188001070011"),
            Self::Bert => ("贝特·试验", "110105188001080025"),
        }
    }

    fn card(self) -> Card {
        let (name, number) = self.identity();
        Card::new(crate::pcscd::resident_text(name, number))
    }
}

/// A card and what it does wrong.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Plan {
    who: Person,
    faults: Vec<(usize, Fault)>,
}

/// What a card does at one command instead of answering it.
#[derive(Serialize, Deserialize, Clone, Copy, Debug)]
pub enum Fault {
    /// Leaves.
    Pull,
    /// Answers, and is another one after a gap.
    Swap {
        /// Milliseconds that nothing lies there.
        gap_ms: u64,
        /// What comes then.
        next: Person,
    },
    /// Is another card from here on, without having left.
    Become(Person),
    /// Answers late.
    Slow {
        /// Milliseconds.
        by_ms: u64,
    },
    /// Does not answer.
    Silent,
}

impl Plan {
    /// A card that does everything right.
    #[must_use]
    pub const fn of(who: Person) -> Self {
        Self {
            who,
            faults: Vec::new(),
        }
    }

    /// Does this at that command; the first one is 1.
    #[must_use]
    pub fn at(mut self, command: usize, fault: Fault) -> Self {
        self.faults.push((command, fault));
        self
    }

    pub(super) fn card(&self) -> Card {
        let faults = self.faults.iter().copied();
        faults.fold(self.who.card(), |card, (command, fault)| {
            card.at(command, fault.misdeed())
        })
    }
}

impl Fault {
    fn misdeed(self) -> Misdeed {
        match self {
            Self::Pull => Misdeed::Pull,
            Self::Swap { gap_ms, next } => Misdeed::SwapAfter {
                gap: Duration::from_millis(gap_ms),
                next: Box::new(next.card()),
            },
            Self::Become(next) => Misdeed::Become(Box::new(next.card())),
            Self::Slow { by_ms } => Misdeed::Slow(Duration::from_millis(by_ms)),
            Self::Silent => Misdeed::Silent,
        }
    }
}
