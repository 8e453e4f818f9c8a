//! Random sequences on the real service: cards come, leave and are swapped, misbehave at some
//! command, the service is killed, frozen and started again, and reads are asked for at any
//! moment. No read is of two people or of one who did not lie there, each is answered, and at
//! the end of every sequence the next card is read.
//!
//! A few of them run with every test; `LIKENESS_SEQUENCES=1000` runs so many, and
//! `LIKENESS_SEED=N` begins with that one. Each sequence is made of its seed alone.

#![cfg(target_os = "linux")]

use booth::{InsertionId, ReadId};
use card::ReaderEvent;
use likeness_tests::pcscd::Pcscd;
use likeness_tests::watched::{ANNA, BERT, Watched, card_of, owner};
use simulator::vpcd::{Card, Misdeed, Slot};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::{Duration, Instant};

const FIRST_SEED: u64 = 20_261_128;
const SEQUENCES: u64 = 8;
/// So many sequences share a service; between two such lots other tests have their turn.
const LOT: u64 = 20;
/// Long enough for another test to take the service.
const TURN: Duration = Duration::from_millis(500);
/// Whatever was asked is answered within this time, and whatever happened is over.
const READY_MAX: Duration = Duration::from_secs(5);
/// A read that hangs is given up after 8 s.
const ANSWER_MAX: Duration = Duration::from_secs(12);

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        let at = self.below(choices.len() as u64);
        choices[usize::try_from(at).expect("below the length")]
    }
}

/// What was done and what was told, and whether the two fit.
struct Story<'a> {
    service: &'a mut Pcscd,
    slot: Slot,
    watched: &'a mut Watched,
    dice: Dice,
    /// Who can have lain there since when.
    lay: Vec<(Instant, BTreeSet<&'static str>)>,
    lying: Option<InsertionId>,
    asked: BTreeMap<ReadId, (InsertionId, Instant)>,
    good: u32,
    done: Vec<String>,
}

impl Story<'_> {
    fn note(&mut self, what: impl Into<String>) {
        self.done.push(what.into());
    }

    /// From now on one of these lies there.
    fn lies(&mut self, who: &[&'static str]) {
        self.lay
            .push((Instant::now(), who.iter().copied().collect()));
    }

    fn insert(&mut self) {
        let (one, whose) = self.dice.of(&[(ANNA, "anna"), (BERT, "bert")]);
        let (other, others) = if whose == "anna" {
            (BERT, "bert")
        } else {
            (ANNA, "anna")
        };
        let command = usize::try_from(1 + self.dice.below(4)).expect("small");
        let gap = Duration::from_millis(self.dice.of(&[10, 30, 200, 600]));
        let next = || Box::new(card_of(other));
        let (what, card, who): (_, Card, &[&'static str]) = match self.dice.below(10) {
            0 => ("pulled", card_of(one).at(command, Misdeed::Pull), &[whose]),
            1 => {
                let swap = Misdeed::SwapAfter { gap, next: next() };
                ("swapped", card_of(one).at(command, swap), &[whose, others])
            }
            2 => {
                let become_other = Misdeed::Become(next());
                let card = card_of(one).at(command, become_other);
                ("becomes another", card, &[whose, others])
            }
            3 => ("noise", card_of(one).at(command, Misdeed::Noise), &[whose]),
            4 => ("short", card_of(one).at(command, Misdeed::Short), &[whose]),
            5 => {
                let slow = Misdeed::Slow(Duration::from_millis(700));
                ("slow", card_of(one).at(command, slow), &[whose])
            }
            _ => ("well", card_of(one), &[whose]),
        };
        self.note(format!("insert {whose}, {what} at {command} ({gap:?})"));
        self.lies(who);
        self.slot.insert(card).expect("vpcd listens");
    }

    fn pull(&mut self) {
        self.note("pull");
        self.slot.remove();
        self.lies(&[]);
    }

    fn swap(&mut self) {
        self.slot.remove();
        self.lies(&[]);
        let gap = self.dice.of(&[10, 30, 200, 600]);
        self.note(format!("swap after {gap} ms"));
        std::thread::sleep(Duration::from_millis(gap));
        self.insert();
    }

    fn end_service(&mut self) {
        let ends = [Pcscd::kill as fn(&mut _), Pcscd::terminate];
        let end = self.dice.of(&ends);
        let away = self.dice.of(&[0, 100, 600]);
        self.note(format!("the service ends for {away} ms"));
        end(self.service);
        std::thread::sleep(Duration::from_millis(away));
        self.service.restart();
    }

    fn freeze(&mut self) {
        let frozen = self.dice.of(&[50, 500, 1200]);
        self.note(format!("the service freezes for {frozen} ms"));
        self.service.freeze();
        std::thread::sleep(Duration::from_millis(frozen));
        self.service.thaw();
    }

    fn ask(&mut self) {
        if let Some(insertion) = self.lying {
            let quiet = self.dice.below(3) == 0;
            let read = self.watched.ask(insertion, quiet);
            self.note(format!("ask {} of {}", read.0, insertion.0));
            self.asked.insert(read, (insertion, Instant::now()));
        }
    }

    /// Hears what is told for this long.
    fn listen(&mut self, span: Duration) {
        let end = Instant::now() + span;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.watched.try_next(left) {
                Some(event) => self.hear(event),
                None => return,
            }
        }
    }

    fn hear(&mut self, event: ReaderEvent) {
        match event {
            ReaderEvent::Health(health) => {
                if !health.is_ready() {
                    self.lying = None;
                }
            }
            ReaderEvent::Empty { .. } => {}
            ReaderEvent::Presented { insertion, .. } => self.lying = Some(insertion),
            ReaderEvent::Removed { insertion, .. } => {
                if self.lying == Some(insertion) {
                    self.lying = None;
                }
            }
            ReaderEvent::Read {
                read,
                insertion,
                result,
            } => {
                let (of, since) = self.asked.remove(&read).expect("asked for, and once");
                assert_eq!(of, insertion, "the answer to another question");
                if let Ok(read) = result {
                    let whose = owner(&read);
                    assert_eq!(self.lying, Some(insertion), "{whose} had left");
                    assert!(self.could_lie(whose, since), "{whose} did not lie there");
                    self.good += 1;
                }
            }
        }
    }

    /// Whether this one can have lain there at some moment since then.
    fn could_lie(&self, whose: &str, since: Instant) -> bool {
        let later = self.lay.iter().skip_while(|(from, _)| *from <= since);
        let before = self.lay.iter().take_while(|(from, _)| *from <= since);
        let mut possible = before.last().into_iter().chain(later);
        possible.any(|(_, who)| who.contains(whose))
    }

    fn tell(&mut self) {
        for _ in 0..3 + self.dice.below(4) {
            match self.dice.below(16) {
                0..=5 => self.insert(),
                6..=7 => self.pull(),
                8..=10 => self.swap(),
                11 => self.end_service(),
                12 => self.freeze(),
                _ => {}
            }
            let pause = self.dice.of(&[0, 30, 300, 700, 700]);
            self.listen(Duration::from_millis(pause));
            self.ask();
        }
        let begun = Instant::now();
        while !self.asked.is_empty() {
            assert!(begun.elapsed() < ANSWER_MAX, "a read is never answered");
            self.listen(Duration::from_millis(20));
        }
        self.recover();
    }

    /// The next card is seen and read, whatever went before.
    fn recover(&mut self) {
        self.pull();
        let begun = Instant::now();
        while self.lying.is_some() {
            let late = begun.elapsed() > READY_MAX;
            assert!(!late, "what was taken away still lies there");
            self.listen(Duration::from_millis(20));
        }
        self.listen(Duration::from_millis(850));
        self.note("insert bert, well");
        self.lies(&["bert"]);
        self.slot.insert(card_of(BERT)).expect("vpcd listens");
        let begun = Instant::now();
        let good = self.good;
        while self.good == good {
            assert!(begun.elapsed() < READY_MAX, "the next card is not read");
            if self.asked.is_empty() {
                self.ask();
            }
            self.listen(Duration::from_millis(20));
        }
        self.pull();
        while self.lying.is_some() {
            assert!(begun.elapsed() < READY_MAX, "the last card does not leave");
            self.listen(Duration::from_millis(20));
        }
        self.listen(Duration::from_millis(450));
    }
}

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number")),
    )
}

#[test]
fn no_sequence_ends_with_a_wrong_read_or_a_hang() {
    let first = number("LIKENESS_SEED").unwrap_or(FIRST_SEED);
    let sequences = number("LIKENESS_SEQUENCES").unwrap_or(SEQUENCES);
    let mut good = 0;
    let end = first + sequences;
    for lot in (first..end).step_by(usize::try_from(LOT).expect("small")) {
        let Some(mut service) = Pcscd::start_apart_own() else {
            return;
        };
        let mut watched = Watched::vacant();
        for seed in lot..(lot + LOT).min(end) {
            watched.log.clear();
            let mut story = Story {
                slot: service.slot(),
                service: &mut service,
                watched: &mut watched,
                dice: Dice(seed),
                lay: Vec::new(),
                lying: None,
                asked: BTreeMap::new(),
                good: 0,
                done: Vec::new(),
            };
            let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| story.tell()));
            good += story.good;
            let done = std::mem::take(&mut story.done);
            drop(story);
            assert!(
                told.is_ok(),
                "LIKENESS_SEED={seed}: {done:#?}\ntold was {:#?}",
                watched.log
            );
        }
        let told = (lot + LOT).min(end) - first;
        let progress = format!("{told} sequences from seed {first}: {good} good reads, none wrong");
        drop(writeln!(std::io::stderr(), "{progress}"));
        drop(watched);
        drop(service);
        if told < sequences {
            std::thread::sleep(TURN);
        }
    }
    assert!(u64::from(good) >= sequences, "only {good} good reads");
}
