//! The booth as a state machine: events in, effects out.
//!
//! ```text
//! vacant -> presented -> seated -> exposing -> review -> filing -> leaving -> vacant
//!               |           ^---------retake------|         |         ^
//!               '--refused--+-------------void--------------+---------'
//! ```
//!
//! [`Booth::handle`] never blocks and never fails: what it wants done comes back
//! as [`Effect`]s in order, and the station reports the result as a later event.
//! Every result carries the id of what asked for it, so that a late one is
//! recognised and dropped.

mod events;
mod pile;
mod steady;
mod steps;

pub use events::{Effect, Event, Intent, Offer, Rules, StageName};

use crate::digest::Digest;
use crate::document::{CardRead, Device, InsertionId, ReadId};
use crate::frame::{Epoch, Pressed};
use crate::refusal::{Outcome, Refusal, VoidCause};
use crate::roster::{EntryId, Generation, Roster};
use crate::sitting::{Developed, ExposureId, Seated, SittingId, StageChange, Undeveloped};
use crate::time::{Now, Timestamp};
use crate::verify::{Claim, Verified};
use pile::Pile;
use std::collections::{HashSet, VecDeque};
use steady::Steady;

/// How many frame digests are remembered to recognise a frozen camera; the store
/// remembers every filed frame for good.
const SEEN_MAX: usize = 4096;

/// A read that failed by noise is asked for again this many times before refusal.
const READ_TRIES_MAX: u8 = 3;

/// The booth: one reader, one camera, one sitting at a time.
pub struct Booth {
    rules: Rules,
    roster: Roster,
    claim: Claim,
    stage: Stage,
    camera: Option<LiveCamera>,
    /// Documents that lie on readers now, in the order they came.
    documents: Vec<InsertionId>,
    next_sitting: i64,
    next_read: u64,
    next_exposure: u64,
    seen: SeenFrames,
    pile: Pile,
    /// What was seen of whoever sits; nothing while the booth does not press by itself.
    steady: Option<Steady>,
    presses_itself: bool,
}

crate::identity::redacted!(Booth);
use std::fmt;

struct LiveCamera {
    device: Device,
    epoch: Epoch,
}

/// What is held while something for a seated subject is under way elsewhere.
#[derive(Clone, Copy)]
struct Custody {
    sitting: SittingId,
    insertion: InsertionId,
    raw: Digest,
    entry: EntryId,
    generation: Generation,
}

impl Custody {
    const fn of(seated: &Seated) -> Self {
        Self {
            sitting: seated.sitting(),
            insertion: seated.insertion(),
            raw: seated.raw(),
            entry: seated.entry().id,
            generation: seated.generation(),
        }
    }
}

/// The full read that runs beside the exposure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reread {
    Pending(ReadId),
    Matched,
}

enum Reading {
    /// Waiting for the first or the second read; holds the first once it is there.
    Waiting {
        read: ReadId,
        first: Option<Box<CardRead>>,
        tries: u8,
    },
    /// Verified, but the camera is not live yet.
    Verified(Box<Verified>),
}

enum Stage {
    Vacant,
    Presented {
        sitting: SittingId,
        insertion: InsertionId,
        reading: Reading,
    },
    Seated(Box<Seated>),
    /// Pressed: the camera gathers frames.
    Exposing {
        seated: Box<Seated>,
        exposure: ExposureId,
        pressed: Pressed,
        reread: Reread,
    },
    /// The framed subject is with the developer.
    Developing {
        custody: Custody,
        exposure: ExposureId,
        reread: Reread,
    },
    /// A portrait is there; offered once the re-read matched.
    Review {
        developed: Box<Developed>,
        reread: Reread,
    },
    /// Accepted; the last full read is under way.
    Accepted {
        developed: Box<Developed>,
        read: ReadId,
        at: Timestamp,
    },
    /// The filing is with the store.
    Storing {
        custody: Custody,
    },
    /// Over; the document has to leave.
    Leaving,
}

impl Stage {
    const fn name(&self) -> StageName {
        match self {
            Self::Vacant => StageName::Vacant,
            Self::Presented { .. } => StageName::Presented,
            Self::Seated(_) => StageName::Seated,
            Self::Exposing { .. } | Self::Developing { .. } => StageName::Exposing,
            Self::Review { .. } => StageName::Review,
            Self::Accepted { .. } | Self::Storing { .. } => StageName::Filing,
            Self::Leaving => StageName::Leaving,
        }
    }

    fn sitting(&self) -> Option<SittingId> {
        match self {
            Self::Vacant | Self::Leaving => None,
            Self::Presented { sitting, .. } => Some(*sitting),
            Self::Seated(seated) | Self::Exposing { seated, .. } => Some(seated.sitting()),
            Self::Developing { custody, .. } | Self::Storing { custody } => Some(custody.sitting),
            Self::Review { developed, .. } | Self::Accepted { developed, .. } => {
                Some(developed.sitting())
            }
        }
    }

    fn insertion(&self) -> Option<InsertionId> {
        match self {
            Self::Vacant | Self::Leaving => None,
            Self::Presented { insertion, .. } => Some(*insertion),
            Self::Seated(seated) | Self::Exposing { seated, .. } => Some(seated.insertion()),
            Self::Developing { custody, .. } | Self::Storing { custody } => Some(custody.insertion),
            Self::Review { developed, .. } | Self::Accepted { developed, .. } => {
                Some(developed.seated().insertion())
            }
        }
    }
}

/// Digests of frames that were taken, bounded, oldest forgotten first.
#[derive(Default)]
struct SeenFrames {
    digests: HashSet<Digest>,
    order: VecDeque<Digest>,
}

impl SeenFrames {
    fn remember(&mut self, digest: Digest) {
        if self.digests.insert(digest) {
            self.order.push_back(digest);
        }
        if self.order.len() > SEEN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.digests.remove(&oldest);
        }
    }
}

impl Booth {
    /// A booth with nobody in it.
    #[must_use]
    pub fn new(rules: Rules, roster: Roster, claim: Claim) -> Self {
        Self {
            next_sitting: rules.next_sitting.0,
            rules,
            roster,
            claim,
            stage: Stage::Vacant,
            camera: None,
            documents: Vec::new(),
            next_read: 1,
            next_exposure: 1,
            seen: SeenFrames::default(),
            pile: Pile::default(),
            steady: None,
            presses_itself: false,
        }
    }

    /// Whether the booth presses by itself once a pose was held; see [`Event::Posed`]. What was seen
    /// before it was switched on does not count.
    pub fn press_itself(&mut self, presses: bool, now: Now) {
        if self.presses_itself != presses {
            self.presses_itself = presses;
            self.steady = presses.then(|| Steady::from(now.at));
        }
    }

    /// The stage now.
    #[must_use]
    pub const fn stage(&self) -> StageName {
        self.stage.name()
    }

    /// The sitting now, if one is open.
    #[must_use]
    pub fn sitting(&self) -> Option<SittingId> {
        self.stage.sitting()
    }

    /// Whether it presses by itself.
    #[must_use]
    pub const fn presses_itself(&self) -> bool {
        self.presses_itself
    }

    /// Takes the roster as it now is: entries were imported, or a record was flagged.
    /// Whoever sits stays verified against the entry as it was; the store judges again.
    pub fn renew_roster(&mut self, roster: Roster) {
        self.roster = roster;
    }

    /// What was typed for the document that comes next, or lies there unread.
    pub fn claim(&mut self, claim: Claim) {
        self.claim = claim;
    }

    /// The roster.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Whether this is the portrait that is being waited for now, and not one of a sitting
    /// or press that is over.
    #[must_use]
    pub fn awaits_developed(&self, developed: &Developed) -> bool {
        self.is_developing(developed.sitting(), developed.exposure())
    }

    /// Whether this is the answer that is being waited for now.
    #[must_use]
    pub fn awaits_undeveloped(&self, undeveloped: &Undeveloped) -> bool {
        self.is_developing(undeveloped.sitting(), undeveloped.exposure())
    }

    fn is_developing(&self, sitting: SittingId, wanted: ExposureId) -> bool {
        matches!(&self.stage, Stage::Developing { custody, exposure, .. }
            if custody.sitting == sitting && *exposure == wanted)
    }

    /// Takes one event and says what is to be done, in this order.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        let out = &mut effects;
        match event {
            Event::ReaderEmpty => self.reader_empty(now, out),
            Event::Presented {
                insertion,
                already_there,
            } => {
                self.presented(insertion, already_there, now, out);
            }
            Event::Removed { insertion } => self.removed(insertion, now, out),
            Event::Read {
                read,
                insertion,
                result,
            } => self.read(read, insertion, result, now, out),
            Event::ReaderLost => self.reader_lost(now, out),
            Event::CameraLive { device, epoch } => self.camera_live(device, epoch, now, out),
            Event::CameraLost => self.camera_lost(now, out),
            Event::Frames { exposure, frames } => self.frames(exposure, frames, now, out),
            Event::Developed(developed) => self.developed(developed, now, out),
            Event::Undeveloped {
                undeveloped,
                foreign,
            } => {
                self.undeveloped(undeveloped, foreign, now, out);
            }
            Event::Posed {
                sitting,
                epoch,
                born,
                holds,
            } => self.posed((sitting, epoch), born, holds, now, out),
            Event::Filed { sitting } => self.filed(sitting, now, out),
            Event::FilingFailed { sitting, fault } => {
                self.filing_failed(sitting, fault, now, out);
            }
            Event::Intent(intent) => self.intent(intent, now, out),
        }
        effects
    }

    fn intent(&mut self, intent: Intent, now: Now, out: &mut Vec<Effect>) {
        match intent {
            Intent::Expose => self.expose("exposed", now, out),
            Intent::Retake => self.retake(now, out),
            Intent::Choose(index) => self.choose(index, now, out),
            Intent::Recut => self.recut(now, out),
            Intent::Accept(token) => self.accept(token, now, out),
            Intent::Void => self.void(VoidCause::Operator, now, out),
            Intent::GiveUp(cause) => self.void(cause, now, out),
        }
    }

    /// Enters another stage and writes it into the journal.
    fn enter(&mut self, stage: Stage, why: &'static str, now: Now, out: &mut Vec<Effect>) {
        let sitting = stage.sitting().or_else(|| self.stage.sitting());
        let change = StageChange {
            sitting,
            from: self.stage.name(),
            to: stage.name(),
            why,
            at: now.at,
        };
        self.stage = stage;
        out.push(Effect::Journal(change));
    }

    /// Ends the open sitting; the document has to leave before the next one.
    fn end(&mut self, outcome: Outcome, now: Now, out: &mut Vec<Effect>) {
        let Some(sitting) = self.stage.sitting() else {
            return;
        };
        out.push(Effect::EndSitting { sitting, outcome });
        self.enter(Stage::Leaving, outcome.code(), now, out);
        self.claim = Claim::default();
        if self.documents.is_empty() {
            self.enter(Stage::Vacant, "document-left", now, out);
        }
    }

    fn void(&mut self, cause: VoidCause, now: Now, out: &mut Vec<Effect>) {
        self.end(Outcome::Void(cause), now, out);
    }

    fn refuse(&mut self, refusal: Refusal, now: Now, out: &mut Vec<Effect>) {
        self.end(Outcome::Refused(refusal), now, out);
    }

    fn ask_read(&mut self, insertion: InsertionId, quiet: bool, out: &mut Vec<Effect>) -> ReadId {
        let read = ReadId(self.next_read);
        self.next_read += 1;
        out.push(Effect::Read {
            read,
            insertion,
            quiet,
        });
        read
    }
}

#[cfg(test)]
mod tests;
