//! The transitions, in the order of a sitting.

use super::{
    Booth, Custody, Effect, LiveCamera, Offer, READ_TRIES_MAX, Reading, Reread, Stage, Steady,
};
use crate::document::{CardRead, Device, InsertionId, Nature, ReadFailure, ReadId};
use crate::frame::{Epoch, Frame, FrameFault, Pressed};
use crate::refusal::{FilingFault, Outcome, Refusal, VoidCause};
use crate::sitting::{
    Attendance, Developed, ExposureId, JobKind, Seated, SittingId, Token, Undeveloped,
};
use crate::time::{Now, Timestamp};
use crate::verify::{Ground, Verified, verify};

type ReadResult = Result<Box<CardRead>, ReadFailure>;

// --- the document comes and goes ------------------------------------------------

impl Booth {
    pub(super) fn reader_empty(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.documents.clear();
        match self.stage {
            // What lay there when the station stopped has left.
            Stage::Vacant if !self.rules.last_document_left => {
                self.rules.last_document_left = true;
                self.enter(Stage::Vacant, "document-left", now, out);
            }
            Stage::Vacant => {}
            Stage::Leaving => self.enter(Stage::Vacant, "document-left", now, out),
            Stage::Presented { .. }
            | Stage::Seated(_)
            | Stage::Exposing { .. }
            | Stage::Developing { .. }
            | Stage::Review { .. }
            | Stage::Accepted { .. }
            | Stage::Storing { .. } => self.taken(now, out),
        }
    }

    pub(super) fn presented(
        &mut self,
        insertion: InsertionId,
        already_there: bool,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        self.documents.push(insertion);
        if self.stage.sitting().is_some() {
            self.second_document(now, out);
            return;
        }
        let waits = matches!(self.stage, Stage::Leaving) || self.documents.len() > 1;
        let unproven = already_there && !self.rules.last_document_left;
        if waits || unproven {
            self.enter(Stage::Leaving, Refusal::DocumentNotRemoved.code(), now, out);
            out.push(Effect::TakeDocument);
            return;
        }
        self.rules.last_document_left = false;
        let sitting = SittingId(self.next_sitting);
        self.next_sitting += 1;
        out.push(Effect::OpenSitting {
            sitting,
            at: now.at,
        });
        let read = self.ask_read(insertion, false, out);
        let reading = Reading::Waiting {
            read,
            first: None,
            tries: 0,
        };
        self.enter(
            Stage::Presented {
                sitting,
                insertion,
                reading,
            },
            "document-seen",
            now,
            out,
        );
    }

    fn second_document(&mut self, now: Now, out: &mut Vec<Effect>) {
        if matches!(self.stage, Stage::Storing { .. }) {
            return; // The record is being written; the document has to leave anyway.
        }
        if matches!(self.stage, Stage::Presented { .. }) {
            self.refuse(Refusal::SecondDocument, now, out);
        } else {
            self.void(VoidCause::SecondDocument, now, out);
        }
        out.push(Effect::TakeDocument);
    }

    pub(super) fn removed(&mut self, insertion: InsertionId, now: Now, out: &mut Vec<Effect>) {
        self.documents.retain(|present| *present != insertion);
        if self.stage.insertion() == Some(insertion) {
            self.taken(now, out);
        } else if matches!(self.stage, Stage::Leaving) && self.documents.is_empty() {
            self.rules.last_document_left = true;
            self.enter(Stage::Vacant, "document-left", now, out);
        }
    }

    /// The document of the open sitting is gone.
    fn taken(&mut self, now: Now, out: &mut Vec<Effect>) {
        if matches!(self.stage, Stage::Storing { .. }) {
            return; // Every read was made and matched; the store has the word.
        }
        self.rules.last_document_left = true;
        self.void(VoidCause::DocumentTaken, now, out);
    }

    pub(super) fn reader_lost(&mut self, now: Now, out: &mut Vec<Effect>) {
        if !matches!(self.stage, Stage::Storing { .. }) {
            self.void(VoidCause::ReaderLost, now, out);
        }
        // Nobody saw the documents leave: what lies there later has to leave first.
        self.documents.clear();
    }
}

// --- reading and verification -----------------------------------------------------

impl Booth {
    pub(super) fn read(
        &mut self,
        read: ReadId,
        insertion: InsertionId,
        result: ReadResult,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        if self.stage.insertion() != Some(insertion) {
            // An answer for a sitting that is over.
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        }
        if !self.awaits(read) {
            self.read_in_passing(result, now, out);
            return;
        }
        if matches!(self.stage, Stage::Presented { .. }) {
            self.first_reads(result, now, out);
        } else {
            self.reread(result, now, out);
        }
    }

    /// A read of the document that lies there, which nobody waits for any more (the press it
    /// belonged to brought no portrait, or was retaken). It cannot help; what it saw can
    /// still end the sitting.
    fn read_in_passing(&mut self, result: ReadResult, now: Now, out: &mut Vec<Effect>) {
        match (self.seated_raw(), result) {
            (Some(raw), Ok(card_read)) if card_read.raw() != raw => {
                self.void(VoidCause::DocumentChanged, now, out);
            }
            (Some(_), Err(failure @ (ReadFailure::Taken | ReadFailure::Changed))) => {
                self.void(VoidCause::Unread(failure), now, out);
            }
            (Some(_) | None, Ok(_) | Err(_)) => out.push(Effect::Refused(Refusal::LateResult)),
        }
    }

    fn seated_raw(&self) -> Option<crate::digest::Digest> {
        if let Stage::Seated(seated) = &self.stage {
            return Some(seated.raw());
        }
        self.expected_raw()
    }

    fn awaits(&self, read: ReadId) -> bool {
        match &self.stage {
            Stage::Presented {
                reading: Reading::Waiting { read: waited, .. },
                ..
            } => *waited == read,
            Stage::Exposing { reread, .. }
            | Stage::Developing { reread, .. }
            | Stage::Review { reread, .. } => *reread == Reread::Pending(read),
            Stage::Accepted { read: waited, .. } => *waited == read,
            Stage::Presented { .. }
            | Stage::Vacant
            | Stage::Seated(_)
            | Stage::Storing { .. }
            | Stage::Leaving => false,
        }
    }

    fn first_reads(&mut self, result: ReadResult, now: Now, out: &mut Vec<Effect>) {
        let card_read = match result {
            Ok(card_read) => card_read,
            Err(failure) => return self.read_failed(failure, now, out),
        };
        if card_read.device().nature == Nature::Simulated && self.rules.job == JobKind::Production {
            return self.refuse(Refusal::SimulatedDevice, now, out);
        }
        let Stage::Presented {
            sitting,
            insertion,
            reading,
        } = std::mem::replace(&mut self.stage, Stage::Leaving)
        else {
            return;
        };
        let first = match reading {
            Reading::Waiting { first, .. } => first,
            Reading::Verified(_) => None,
        };
        let waiting = |read, first| {
            let reading = Reading::Waiting {
                read,
                first,
                tries: 0,
            };
            Stage::Presented {
                sitting,
                insertion,
                reading,
            }
        };
        let Some(first) = first else {
            let read = self.ask_read(insertion, true, out);
            self.stage = waiting(read, Some(card_read));
            return;
        };
        let ground = Ground {
            roster: &self.roster,
            claim: &self.claim,
            attendance: self.rules.attendance,
            key: &self.rules.key,
            today: now.today,
            at: now.at,
        };
        let verdict = verify(&first, *card_read, &ground);
        self.stage = waiting(ReadId(0), None);
        match verdict {
            // Refused, because a word on the screen does not stop the hand with the pile.
            Ok(_) if self.pile.grows(first.raw(), now.at) => {
                self.refuse(Refusal::PileOfDocuments, now, out);
            }
            Ok(verified) => self.verified(sitting, insertion, verified, now, out),
            Err(refusal) => self.refuse(refusal, now, out),
        }
    }

    fn read_failed(&mut self, failure: ReadFailure, now: Now, out: &mut Vec<Effect>) {
        match failure {
            ReadFailure::Taken => self.void(VoidCause::DocumentTaken, now, out),
            ReadFailure::Changed => self.refuse(Refusal::ReadsDisagree, now, out),
            ReadFailure::Gone => self.reader_lost(now, out),
            ReadFailure::Unsupported | ReadFailure::Invalid => {
                self.refuse(Refusal::Read(failure), now, out);
            }
            ReadFailure::Busy | ReadFailure::Unreadable => self.read_again(failure, now, out),
        }
    }

    /// Noise: from the start, with a new handle, a few times.
    fn read_again(&mut self, failure: ReadFailure, now: Now, out: &mut Vec<Effect>) {
        let Stage::Presented {
            sitting,
            insertion,
            reading: Reading::Waiting { tries, .. },
        } = &self.stage
        else {
            return;
        };
        let (sitting, insertion, tries) = (*sitting, *insertion, tries + 1);
        if tries >= READ_TRIES_MAX {
            self.refuse(Refusal::Read(failure), now, out);
            return;
        }
        let read = self.ask_read(insertion, true, out);
        let reading = Reading::Waiting {
            read,
            first: None,
            tries,
        };
        self.stage = Stage::Presented {
            sitting,
            insertion,
            reading,
        };
    }

    fn verified(
        &mut self,
        sitting: SittingId,
        insertion: InsertionId,
        verified: Verified,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let Some(camera) = &self.camera else {
            let reading = Reading::Verified(Box::new(verified));
            self.stage = Stage::Presented {
                sitting,
                insertion,
                reading,
            };
            return;
        };
        if camera.device.nature == Nature::Simulated && self.rules.job == JobKind::Production {
            self.refuse(Refusal::SimulatedDevice, now, out);
            return;
        }
        let seated = Seated::new(
            verified,
            sitting,
            camera.device.clone(),
            camera.epoch,
            now.at,
        );
        out.push(Effect::Seat(Box::new(seated.to_seating())));
        self.steady = self.presses_itself.then(|| Steady::from(now.at));
        self.enter(Stage::Seated(Box::new(seated)), "verified", now, out);
    }

    /// The full read at exposure or at filing: it must equal the verified one.
    fn reread(&mut self, result: ReadResult, now: Now, out: &mut Vec<Effect>) {
        let Some(raw) = self.expected_raw() else {
            return;
        };
        match result {
            Ok(card_read) if card_read.raw() == raw => self.reread_matched(out),
            Ok(_) => self.void(VoidCause::DocumentChanged, now, out),
            Err(failure) => self.void(VoidCause::Unread(failure), now, out),
        }
    }

    fn expected_raw(&self) -> Option<crate::digest::Digest> {
        match &self.stage {
            Stage::Exposing { seated, .. } => Some(seated.raw()),
            Stage::Developing { custody, .. } => Some(custody.raw),
            Stage::Review { developed, .. } | Stage::Accepted { developed, .. } => {
                Some(developed.seated().raw())
            }
            Stage::Vacant
            | Stage::Presented { .. }
            | Stage::Seated(_)
            | Stage::Storing { .. }
            | Stage::Leaving => None,
        }
    }

    fn reread_matched(&mut self, out: &mut Vec<Effect>) {
        match std::mem::replace(&mut self.stage, Stage::Leaving) {
            Stage::Accepted { developed, at, .. } => {
                let custody = Custody::of(developed.seated());
                let filing = developed.accept(self.rules.attendance, at);
                out.push(Effect::File(Box::new(filing)));
                self.stage = Stage::Storing { custody };
            }
            Stage::Exposing {
                seated,
                exposure,
                pressed,
                ..
            } => {
                self.stage = Stage::Exposing {
                    seated,
                    exposure,
                    pressed,
                    reread: Reread::Matched,
                };
            }
            Stage::Developing {
                custody, exposure, ..
            } => {
                self.stage = Stage::Developing {
                    custody,
                    exposure,
                    reread: Reread::Matched,
                };
            }
            Stage::Review { developed, .. } => {
                out.push(offer(&developed));
                self.stage = Stage::Review {
                    developed,
                    reread: Reread::Matched,
                };
            }
            other @ (Stage::Vacant
            | Stage::Presented { .. }
            | Stage::Seated(_)
            | Stage::Storing { .. }
            | Stage::Leaving) => self.stage = other,
        }
    }
}

// --- the camera, exposure and development ---------------------------------------------

impl Booth {
    pub(super) fn camera_live(
        &mut self,
        device: Device,
        epoch: Epoch,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let interrupted = self
            .camera
            .as_ref()
            .is_some_and(|camera| camera.epoch != epoch);
        self.camera = Some(LiveCamera { device, epoch });
        match &self.stage {
            Stage::Presented {
                reading: Reading::Verified(_),
                ..
            } => self.seat_waiting(now, out),
            Stage::Seated(_)
            | Stage::Exposing { .. }
            | Stage::Developing { .. }
            | Stage::Review { .. }
            | Stage::Accepted { .. }
                if interrupted =>
            {
                self.void(VoidCause::CameraInterrupted, now, out);
            }
            Stage::Vacant
            | Stage::Presented { .. }
            | Stage::Seated(_)
            | Stage::Exposing { .. }
            | Stage::Developing { .. }
            | Stage::Review { .. }
            | Stage::Accepted { .. }
            | Stage::Storing { .. }
            | Stage::Leaving => {}
        }
    }

    fn seat_waiting(&mut self, now: Now, out: &mut Vec<Effect>) {
        let stage = std::mem::replace(&mut self.stage, Stage::Leaving);
        if let Stage::Presented {
            sitting,
            insertion,
            reading: Reading::Verified(verified),
        } = stage
        {
            let reading = Reading::Waiting {
                read: ReadId(0),
                first: None,
                tries: 0,
            };
            self.stage = Stage::Presented {
                sitting,
                insertion,
                reading,
            };
            self.verified(sitting, insertion, *verified, now, out);
        } else {
            self.stage = stage;
        }
    }

    pub(super) fn camera_lost(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.camera = None;
        let needs_it = !matches!(
            self.stage,
            Stage::Vacant | Stage::Presented { .. } | Stage::Storing { .. } | Stage::Leaving
        );
        if needs_it {
            self.void(VoidCause::CameraLost, now, out);
        }
    }

    /// A pose was seen; one that was held long enough presses as the operator does.
    pub(super) fn posed(
        &mut self,
        (sitting, epoch): (SittingId, Epoch),
        born: Timestamp,
        holds: bool,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let Stage::Seated(seated) = &self.stage else {
            return; // A look that came late.
        };
        let is_of_the_seat = seated.sitting() == sitting
            && seated.epoch() == epoch
            && born.since(seated.seated_at()).is_some();
        let presses = is_of_the_seat
            && self
                .steady
                .as_mut()
                .is_some_and(|steady| steady.sees(born, holds, now.at));
        if presses {
            self.expose("held", now, out);
        }
    }

    /// Presses; `why` stands in the journal.
    pub(super) fn expose(&mut self, why: &'static str, now: Now, out: &mut Vec<Effect>) {
        let stage = std::mem::replace(&mut self.stage, Stage::Leaving);
        let Stage::Seated(seated) = stage else {
            let refusal = if matches!(stage, Stage::Review { .. }) {
                Refusal::PortraitWaits
            } else {
                Refusal::NotSeated
            };
            self.stage = stage;
            out.push(Effect::Refused(refusal));
            return;
        };
        self.pile.exposed();
        if let Some(steady) = &mut self.steady {
            steady.exposed();
        }
        let exposure = ExposureId(self.next_exposure);
        self.next_exposure += 1;
        let pressed = Pressed {
            seated: seated.seated_at(),
            epoch: seated.epoch(),
            at: now.at,
            training: self.rules.job == JobKind::Training,
        };
        out.push(Effect::Expose {
            exposure,
            pressed: now.at,
        });
        // The shutter never waits for it: the full read runs beside the exposure.
        let insertion = seated.insertion();
        let reread = Reread::Pending(self.ask_read(insertion, false, out));
        self.stage = Stage::Exposing {
            seated,
            exposure,
            pressed,
            reread,
        };
        self.journal_step(super::StageName::Seated, why, now, out);
    }

    pub(super) fn frames(
        &mut self,
        exposure: ExposureId,
        frames: Vec<Frame>,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let stage = std::mem::replace(&mut self.stage, Stage::Leaving);
        let Stage::Exposing {
            seated,
            exposure: waited,
            pressed,
            reread,
        } = stage
        else {
            self.stage = stage;
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        };
        if waited != exposure {
            self.stage = Stage::Exposing {
                seated,
                exposure: waited,
                pressed,
                reread,
            };
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        }
        let digests: Vec<_> = frames.iter().map(Frame::digest).collect();
        match seated.frame(exposure, pressed, frames, &self.seen.digests) {
            Ok(framed) => {
                let custody = custody_of_framed(&framed);
                self.stage = Stage::Developing {
                    custody,
                    exposure,
                    reread,
                };
                out.push(Effect::Develop(Box::new(framed)));
            }
            Err((seated, fault)) => self.not_framed(seated, fault, now, out),
        }
        for digest in digests {
            self.seen.remember(digest);
        }
    }

    /// No usable frame: back to the seat, the operator may press again.
    fn not_framed(
        &mut self,
        seated: Box<Seated>,
        fault: FrameFault,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        self.stage = Stage::Seated(seated);
        out.push(Effect::Refused(Refusal::Frame(fault)));
        self.journal_step(super::StageName::Exposing, fault.code(), now, out);
    }

    pub(super) fn developed(&mut self, developed: Box<Developed>, now: Now, out: &mut Vec<Effect>) {
        let Stage::Developing {
            custody,
            exposure,
            reread,
        } = &self.stage
        else {
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        };
        if custody.sitting != developed.sitting() || *exposure != developed.exposure() {
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        }
        let reread = *reread;
        if reread == Reread::Matched {
            out.push(offer(&developed));
        }
        self.stage = Stage::Review { developed, reread };
        self.journal_step(super::StageName::Exposing, "developed", now, out);
    }

    pub(super) fn undeveloped(
        &mut self,
        undeveloped: Box<Undeveloped>,
        foreign: bool,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let current = match &self.stage {
            Stage::Developing {
                custody, exposure, ..
            } => custody.sitting == undeveloped.sitting() && *exposure == undeveloped.exposure(),
            Stage::Vacant
            | Stage::Presented { .. }
            | Stage::Seated(_)
            | Stage::Exposing { .. }
            | Stage::Review { .. }
            | Stage::Accepted { .. }
            | Stage::Storing { .. }
            | Stage::Leaving => false,
        };
        if !current {
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        }
        let refusal = if foreign {
            Refusal::ForeignPortrait
        } else {
            Refusal::Portrait
        };
        out.push(Effect::Refused(refusal));
        self.stage = Stage::Seated(Box::new(undeveloped.into_seated()));
        self.journal_step(super::StageName::Exposing, refusal.code(), now, out);
    }

    /// Journals the stage that was just entered, coming from `from`.
    fn journal_step(
        &self,
        from: super::StageName,
        why: &'static str,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        out.push(Effect::Journal(crate::sitting::StageChange {
            sitting: self.stage.sitting(),
            from,
            to: self.stage.name(),
            why,
            at: now.at,
        }));
    }
}

// --- review, acceptance, filing ---------------------------------------------------------

impl Booth {
    pub(super) fn retake(&mut self, now: Now, out: &mut Vec<Effect>) {
        let stage = std::mem::replace(&mut self.stage, Stage::Leaving);
        if let Stage::Review { developed, .. } = stage {
            self.stage = Stage::Seated(Box::new(developed.into_seated()));
            self.steady = self.presses_itself.then(|| Steady::from(now.at));
            self.journal_step(super::StageName::Review, "retake", now, out);
        } else {
            self.stage = stage;
            out.push(Effect::Refused(Refusal::NothingToAccept));
        }
    }

    /// Another frame of the burst: the portrait is made anew from it, and shown anew. The
    /// token changes with it, so that nobody accepts what they no longer see.
    pub(super) fn choose(&mut self, index: usize, now: Now, out: &mut Vec<Effect>) {
        let stage = std::mem::replace(&mut self.stage, Stage::Leaving);
        let Stage::Review { developed, reread } = stage else {
            self.stage = stage;
            out.push(Effect::Refused(Refusal::NothingToAccept));
            return;
        };
        match developed.choose(index) {
            Ok(framed) => {
                let (custody, exposure) = (custody_of_framed(&framed), framed.exposure());
                self.stage = Stage::Developing {
                    custody,
                    exposure,
                    reread,
                };
                out.push(Effect::Develop(Box::new(framed)));
                self.journal_step(super::StageName::Review, "chosen", now, out);
            }
            Err(developed) => self.stage = Stage::Review { developed, reread },
        }
    }

    /// The portrait is made anew from the same frame, cut otherwise by whoever develops, and shown
    /// anew under its own token.
    pub(super) fn recut(&mut self, now: Now, out: &mut Vec<Effect>) {
        let stage = std::mem::replace(&mut self.stage, Stage::Leaving);
        let Stage::Review { developed, reread } = stage else {
            self.stage = stage;
            out.push(Effect::Refused(Refusal::NothingToAccept));
            return;
        };
        let framed = developed.recut();
        let (custody, exposure) = (custody_of_framed(&framed), framed.exposure());
        self.stage = Stage::Developing {
            custody,
            exposure,
            reread,
        };
        out.push(Effect::Develop(Box::new(framed)));
        self.journal_step(super::StageName::Review, "nudged", now, out);
    }

    pub(super) fn accept(&mut self, token: Token, now: Now, out: &mut Vec<Effect>) {
        match std::mem::replace(&mut self.stage, Stage::Leaving) {
            Stage::Review {
                developed,
                reread: Reread::Matched,
            } if developed.token() == token => {
                let insertion = developed.seated().insertion();
                let read = self.ask_read(insertion, false, out);
                self.stage = Stage::Accepted {
                    developed,
                    read,
                    at: now.at,
                };
                self.journal_step(super::StageName::Review, "accepted", now, out);
            }
            Stage::Review { developed, reread } => {
                let refusal = match reread {
                    Reread::Matched => Refusal::StaleToken,
                    Reread::Pending(_) => Refusal::NothingToAccept,
                };
                self.stage = Stage::Review { developed, reread };
                out.push(Effect::Refused(refusal));
            }
            stage @ (Stage::Accepted { .. } | Stage::Storing { .. }) => {
                self.stage = stage;
                out.push(Effect::Refused(Refusal::AcceptedAlready));
            }
            stage @ (Stage::Vacant
            | Stage::Presented { .. }
            | Stage::Seated(_)
            | Stage::Exposing { .. }
            | Stage::Developing { .. }
            | Stage::Leaving) => {
                self.stage = stage;
                out.push(Effect::Refused(Refusal::NothingToAccept));
            }
        }
    }

    pub(super) fn filed(&mut self, sitting: SittingId, now: Now, out: &mut Vec<Effect>) {
        let Stage::Storing { custody } = &self.stage else {
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        };
        let custody = *custody;
        if custody.sitting != sitting {
            out.push(Effect::Refused(Refusal::LateResult));
            return;
        }
        self.roster.mark_filed(custody.entry, custody.generation);
        self.end(Outcome::Filed, now, out);
    }

    pub(super) fn filing_failed(
        &mut self,
        sitting: SittingId,
        fault: FilingFault,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        if self.stage.sitting() == Some(sitting) && matches!(self.stage, Stage::Storing { .. }) {
            self.void(VoidCause::Filing(fault), now, out);
        } else {
            out.push(Effect::Refused(Refusal::LateResult));
        }
    }

    /// Whether the station may press and accept by itself.
    #[must_use]
    pub const fn unattended(&self) -> bool {
        matches!(self.rules.attendance, Attendance::Unattended)
    }
}

fn offer(developed: &Developed) -> Effect {
    Effect::Offer(Offer {
        sitting: developed.sitting(),
        exposure: developed.exposure(),
        token: developed.token(),
    })
}

fn custody_of_framed(framed: &crate::sitting::Framed) -> Custody {
    Custody {
        sitting: framed.sitting(),
        insertion: framed.insertion(),
        raw: framed.raw(),
        entry: framed.entry().id,
        generation: framed.generation(),
    }
}
