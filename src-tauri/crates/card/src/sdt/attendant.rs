//! Who lies on the reader: presence made out of questions, and the reads.
//!
//! The module tells of no arrival and no departure; it is asked every 300 ms.
//!
//! **Arrival** is plain: *find* answers found (`9F`).
//!
//! **Departure** is not. A card that was selected is not found again until it was lifted:
//! *find* answers `80` as if nothing lay there (`80` means "none that is not selected"). A
//! selected card is therefore asked for its further *addresses*, which only a card that has
//! kept power since it was selected can give: `90` or `91` (it has none) say that it is
//! there, every other answer that it is not. Vendors' programs tell a card that was read
//! already in the same way. The addresses themselves are dropped unseen.
//!
//! What keeps two people out of one insertion:
//!
//! - A card that was lifted has lost power and with it its selection. A card that comes in
//!   its place within the 300 ms does not answer for it: the insertion ends.
//! - Should a module select by itself what comes, so that the question is answered
//!   by another card: the first good read **binds** the insertion to its 256 bytes. Any other
//!   text under the same insertion is never handed out: [`ReadFault::Changed`], and
//!   the insertion ends.
//! - A card that was read and that *find* finds again was lifted: the insertion ends.
//! - In doubt it ends too. A card that gave a wrong answer though it never left is gone for
//!   us; the module is then reset, so that it is found again, and presented as one
//!   that lay there already, which the rules do not seat.
//!
//! No thread and no clock of its own in here: the exchange has the clock, so that any
//! sequence of events can be tried in no time.

use super::exchange::{Exchange, ExchangeFault, Heard};
use super::frame::{Command, SamStatus};
use crate::{ReadFault, ReadRequest, ReaderEvent, TEXT_BYTES, document_read, next_insertion};
use booth::{
    Assurance, ClosedPortrait, Device, Digest, InsertionId, QUIET_MIN, ReadMoments, Timestamp,
    sha256,
};
use std::collections::VecDeque;
use std::time::Duration;

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// A module that gave no good answer for so long hangs.
const HANG: Duration = Duration::from_secs(3);

/// What one answer held.
struct RawRead {
    text: Box<[u8; TEXT_BYTES]>,
    portrait: Option<ClosedPortrait>,
    /// When it was asked for.
    asked: Timestamp,
}

/// What lies there.
struct Slot {
    insertion: InsertionId,
    /// The module selected it, and nothing since spoke against that.
    selected: bool,
    /// The last read failed: how the module stands to the card is open.
    troubled: bool,
    /// The identity bytes that were read first.
    bound: Option<Digest>,
}

/// How a card came into view.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    Seen,
    AlreadyThere,
}

pub(crate) struct Attendant<X> {
    module: X,
    device: Device,
    slot: Option<Slot>,
    first_look: bool,
    /// The module knows how to reset itself, as far as we know.
    resets: bool,
    waiting: VecDeque<ReadRequest>,
    /// Arrival, departure or failed read.
    last_event: Timestamp,
    last_good: Timestamp,
    next_look: Timestamp,
    told: Vec<ReaderEvent>,
}

impl<X: Exchange> Attendant<X> {
    pub(crate) fn new(module: X, device: Device) -> Self {
        let now = module.now();
        Self {
            module,
            device,
            slot: None,
            first_look: true,
            resets: true,
            waiting: VecDeque::new(),
            last_event: now,
            last_good: now,
            next_look: now,
            told: Vec::new(),
        }
    }

    /// What happened since the last call.
    pub(crate) fn take_told(&mut self) -> Vec<ReaderEvent> {
        std::mem::take(&mut self.told)
    }

    /// How long nothing is due.
    pub(crate) fn rest(&self) -> Duration {
        let quiet_at = self.last_event.plus(QUIET_MIN);
        let now = self.module.now();
        let begins = |request: &ReadRequest| if request.quiet { quiet_at } else { now };
        let reads = self.waiting.iter().map(begins);
        let left = |at: Timestamp| at.since(now).unwrap_or_default();
        let look = left(self.next_look);
        reads.map(left).min().map_or(look, |read| read.min(look))
    }

    pub(crate) fn request(&mut self, request: ReadRequest) {
        if self.is_present(request.insertion) {
            self.waiting.push_back(request);
        } else {
            self.answer(request, ReadFault::Taken);
        }
    }

    /// Does what is due: one read, else one look.
    ///
    /// # Errors
    /// When the line is dead or the module hangs: it has to be opened anew.
    pub(crate) fn turn(&mut self) -> Result<(), X::Fault> {
        let quiet_at = self.last_event.plus(QUIET_MIN);
        let now = self.module.now();
        let due = |request: &ReadRequest| !request.quiet || now.since(quiet_at).is_some();
        let outcome = match self.waiting.iter().position(due) {
            Some(at) => match self.waiting.remove(at) {
                Some(request) => self.read(request),
                None => Ok(()),
            },
            None if now.since(self.next_look).is_some() => self.look(),
            None => return Ok(()),
        };
        match outcome {
            Err(fault) if fault.is_final() => Err(fault),
            Err(fault) if self.hangs() => Err(fault),
            Err(fault) => {
                // One disturbed answer says nothing about the card: asked again soon.
                tracing::debug!(%fault, "an answer of the reader was disturbed");
                self.next_look = self.module.now().plus(LOOK_EVERY / 3);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Nobody watches any more.
    pub(crate) fn lose(&mut self) {
        self.slot = None;
        for request in std::mem::take(&mut self.waiting) {
            self.answer(request, ReadFault::Gone);
        }
    }

    fn hangs(&self) -> bool {
        let silence = self.module.now().since(self.last_good);
        silence.is_none_or(|silence| silence >= HANG)
    }

    fn ask(&mut self, command: Command) -> Result<SamStatus, X::Fault> {
        let heard = self.module.ask(command)?;
        self.last_good = self.module.now();
        Ok(heard.status)
    }
}

// --- presence -----------------------------------------------------------------------

impl<X: Exchange> Attendant<X> {
    fn look(&mut self) -> Result<(), X::Fault> {
        let looked = if self.slot.is_some() {
            self.look_after()
        } else if self.first_look {
            self.look_first()
        } else {
            self.look_for()
        };
        self.next_look = self.module.now().plus(LOOK_EVERY);
        looked
    }

    /// Nothing lay there.
    fn look_for(&mut self) -> Result<(), X::Fault> {
        if self.ask(Command::Find)? == SamStatus::Found {
            self.present(Arrival::Seen, false);
        }
        Ok(())
    }

    /// Nobody knows: a card may lie there selected, by us or a program before us.
    fn look_first(&mut self) -> Result<(), X::Fault> {
        let found = self.ask(Command::Find)? == SamStatus::Found;
        if found {
            self.present(Arrival::AlreadyThere, false);
        } else if self.is_selected_there()? {
            self.present(Arrival::AlreadyThere, true);
        } else if self.is_found_after_reset()? {
            self.present(Arrival::AlreadyThere, false);
        } else {
            let at = self.module.now();
            self.told.push(ReaderEvent::Empty { at });
        }
        self.first_look = false;
        Ok(())
    }

    /// Does it still lie there?
    fn look_after(&mut self) -> Result<(), X::Fault> {
        let Some(Slot { selected, .. }) = self.slot else {
            return Ok(());
        };
        if selected {
            if self.is_selected_there()? {
                return Ok(());
            }
        } else if self.ask(Command::Find)? == SamStatus::Found {
            return Ok(());
        } else if self.is_selected_there()? {
            self.note_selected();
            return Ok(());
        }
        self.leave();
        self.look_behind()
    }

    /// A card left: what is there now? One that is found came in its place. One that
    /// the reset brings up was not seen to come.
    fn look_behind(&mut self) -> Result<(), X::Fault> {
        if self.ask(Command::Find)? == SamStatus::Found {
            self.present(Arrival::Seen, false);
        } else if self.is_found_after_reset()? {
            self.present(Arrival::AlreadyThere, false);
        }
        Ok(())
    }

    /// Whether the card that was selected is there and still selected.
    fn is_selected_there(&mut self) -> Result<bool, X::Fault> {
        let status = self.ask(Command::Addresses)?;
        Ok(matches!(status, SamStatus::Done | SamStatus::NoContent))
    }

    /// A module that does not reset is not asked again; what it does not show stays unseen.
    fn is_found_after_reset(&mut self) -> Result<bool, X::Fault> {
        if !self.resets {
            return Ok(false);
        }
        match self.ask(Command::Reset) {
            Ok(SamStatus::Done) => {}
            Ok(_) => self.resets = false,
            Err(fault) if fault.is_final() => return Err(fault),
            Err(_) => self.resets = false,
        }
        Ok(self.ask(Command::Find)? == SamStatus::Found)
    }

    fn note_selected(&mut self) {
        if let Some(slot) = &mut self.slot {
            slot.selected = true;
        }
    }

    fn is_present(&self, insertion: InsertionId) -> bool {
        let slot = self.slot.as_ref();
        slot.is_some_and(|slot| slot.insertion == insertion)
    }

    fn present(&mut self, arrival: Arrival, selected: bool) {
        let (insertion, at) = (next_insertion(), self.module.now());
        self.slot = Some(Slot {
            insertion,
            selected,
            troubled: false,
            bound: None,
        });
        self.last_event = at;
        self.told.push(ReaderEvent::Presented {
            insertion,
            already_there: arrival == Arrival::AlreadyThere,
            at,
        });
    }

    fn leave(&mut self) {
        let Some(Slot { insertion, .. }) = self.slot.take() else {
            return;
        };
        let at = self.module.now();
        self.last_event = at;
        self.told.push(ReaderEvent::Removed { insertion, at });
        for request in std::mem::take(&mut self.waiting) {
            self.answer(request, ReadFault::Taken);
        }
    }
}

// --- reads --------------------------------------------------------------------------

impl<X: Exchange> Attendant<X> {
    fn read(&mut self, request: ReadRequest) -> Result<(), X::Fault> {
        let quiet_since = self.last_event;
        let (fault, disturbed) = match self.read_text() {
            Ok(Ok(raw_read)) => {
                let moments = ReadMoments {
                    quiet_since,
                    begun: raw_read.asked,
                    ended: self.module.now(),
                };
                self.hand_out(request, raw_read, moments);
                return Ok(());
            }
            Ok(Err(fault)) => (fault, Ok(())),
            Err(fault) if fault.is_final() => (ReadFault::Gone, Err(fault)),
            Err(fault) => (ReadFault::Line(fault.to_string()), Err(fault)),
        };
        let ours = self
            .slot
            .as_mut()
            .filter(|slot| slot.insertion == request.insertion);
        if let Some(slot) = ours {
            slot.troubled = true;
            self.last_event = self.module.now();
        }
        // What the module refuses, a card that has left explains best.
        let looked = if disturbed.is_ok() {
            self.look()
        } else {
            Ok(())
        };
        if self.is_present(request.insertion) {
            self.answer(request, fault);
        } else {
            self.answer(request, ReadFault::Taken);
        }
        disturbed.and(looked)
    }

    /// What is on the card that lies there, or what the module has against it. The moment
    /// is that of the read: what was asked before only led there.
    fn read_text(&mut self) -> Result<Result<RawRead, ReadFault>, X::Fault> {
        if let Some(fault) = self.approach()? {
            return Ok(Err(fault));
        }
        let Heard {
            status,
            text,
            portrait,
            asked,
        } = self.module.ask(Command::Read)?;
        self.last_good = self.module.now();
        // One answer holds all fields: nothing is put together from several.
        Ok(match text.filter(|_| status == SamStatus::Done) {
            Some(text) => Ok(RawRead {
                text,
                portrait,
                asked,
            }),
            None => Err(ReadFault::Sam(status)),
        })
    }

    /// Selects the card, unless it is. After a failed read what *find* and *select*
    /// say against it counts for nothing, as in vendors' programs: only the read tells.
    fn approach(&mut self) -> Result<Option<ReadFault>, X::Fault> {
        let Some(slot) = &self.slot else {
            return Ok(Some(ReadFault::Taken));
        };
        let (selected, troubled, bound) = (slot.selected, slot.troubled, slot.bound.is_some());
        if selected && !troubled {
            return Ok(None);
        }
        let found = self.ask(Command::Find)?;
        if found == SamStatus::Found && selected && bound {
            self.leave();
            self.present(Arrival::Seen, false);
            return Ok(Some(ReadFault::Taken));
        }
        if found != SamStatus::Found && !selected && !self.is_selected_there()? {
            return Ok(Some(ReadFault::Sam(found)));
        }
        let status = self.ask(Command::Select)?;
        if status == SamStatus::Done {
            self.note_selected();
        } else if found == SamStatus::Found {
            return Ok(Some(ReadFault::Sam(status)));
        }
        Ok(None)
    }

    fn hand_out(&mut self, request: ReadRequest, raw_read: RawRead, moments: ReadMoments) {
        let RawRead { text, portrait, .. } = raw_read;
        let raw = sha256(&text[..]);
        let Some(slot) = self.slot.as_mut() else {
            return self.answer(request, ReadFault::Taken);
        };
        if *slot.bound.get_or_insert(raw) != raw {
            self.answer(request, ReadFault::Changed);
            // Another document lies there; nobody saw it come.
            self.leave();
            self.present(Arrival::AlreadyThere, true);
            return;
        }
        (slot.selected, slot.troubled) = (true, false);
        let ReadRequest {
            read, insertion, ..
        } = request;
        let device = self.device.clone();
        let result = document_read(&text, Assurance::SamVerified, device, insertion, moments)
            .map(|read| read.with_portrait(portrait));
        self.told.push(ReaderEvent::Read {
            read,
            insertion,
            result,
        });
    }

    fn answer(&mut self, request: ReadRequest, fault: ReadFault) {
        let ReadRequest {
            read, insertion, ..
        } = request;
        self.told.push(ReaderEvent::Read {
            read,
            insertion,
            result: Err(fault),
        });
    }
}

#[cfg(test)]
#[path = "attendant/tests.rs"]
mod tests;
