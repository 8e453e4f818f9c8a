//! The desk: what lies on which reader, who waits for which answer.
//!
//! No call into the service and no clock in here: messages in, orders out, so that
//! every sequence of events can be tried without a reader.
//!
//! Presence is taken from the states of the readers. The event count only adds
//! doubt: the same "present" with another count is another insertion. It never takes
//! doubt away, for a swap within the service's polling leaves it as it was.

use super::RawRead;
use super::name::device;
use crate::{Health, ReadFault, ReadRequest, ReaderEvent, document_read, next_insertion};
use booth::{Assurance, InsertionId, QUIET_MIN, ReadMoments, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// A call that has not come back after this long hangs. The driver of USB readers
/// gives up after 3 s; others wait for ever.
const HANG: Duration = Duration::from_secs(8);
/// After a hang the reader is looked at again when the call came back, or after this.
const HANG_REST: Duration = Duration::from_secs(3);

/// What the other threads say.
pub(super) enum Message {
    /// All readers, at least every 250 ms while the service lives.
    Looked(Vec<Look>),
    /// The watch lost its context or could not make one.
    ServiceDown,
    /// From the program.
    Request(ReadRequest),
    /// The worker is about to make another call.
    Progress {
        /// Which one.
        worker: u64,
    },
    /// The worker is done.
    Answer {
        /// Which one: an abandoned one may answer late.
        worker: u64,
        /// What it read.
        result: Result<RawRead, ReadFault>,
    },
    /// No more.
    Close,
}

/// One reader at one look.
pub(super) struct Look {
    pub(super) reader: String,
    pub(super) seen: Seen,
    /// The service's count of arrivals and departures.
    pub(super) count: u32,
}

/// What the service says of a reader.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Empty,
    Present,
    /// Neither, or going away.
    Unsure,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Order {
    /// Report.
    Tell(Box<ReaderEvent>),
    /// This reader is the one to name as the device.
    Watched(String),
    /// Start a read under this number.
    Read { worker: u64, reader: String },
    /// Give the watch's context up for a new one.
    Renew,
}

struct Slot {
    insertion: Option<InsertionId>,
    count: u32,
    /// Arrival, departure or failed read.
    last_event: Timestamp,
}

struct Running {
    worker: u64,
    /// `None` once it was answered in the worker's place.
    request: Option<ReadRequest>,
    reader: String,
    quiet_since: Timestamp,
    progress: Timestamp,
}

pub(super) struct Desk {
    slots: BTreeMap<String, Slot>,
    health: Option<Health>,
    /// The first look since the readers were ready is over.
    settled: bool,
    waiting: VecDeque<ReadRequest>,
    running: Option<Running>,
    /// A worker that hangs, and since when.
    stuck: Option<(u64, Timestamp)>,
    next_worker: u64,
    /// The last word of the watch.
    heard: Timestamp,
    orders: Vec<Order>,
}

impl Desk {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            slots: BTreeMap::new(),
            health: None,
            settled: false,
            waiting: VecDeque::new(),
            running: None,
            stuck: None,
            next_worker: 1,
            heard: now,
            orders: Vec::new(),
        }
    }

    /// Takes a message and says what follows from it.
    pub(super) fn handle(&mut self, message: Message, now: Timestamp) -> Vec<Order> {
        match message {
            Message::Looked(looks) => self.looked(&looks, now),
            Message::ServiceDown => {
                self.heard = now;
                self.lose(Health::ServiceDown);
            }
            Message::Request(request) => self.requested(request),
            Message::Progress { worker } => {
                if let Some(running) = self.running.as_mut().filter(|run| run.worker == worker) {
                    running.progress = now;
                }
            }
            Message::Answer { worker, result } => self.answered(worker, result, now),
            Message::Close => {}
        }
        self.dispatch(now);
        std::mem::take(&mut self.orders)
    }

    /// Looks after the watchdogs and after reads whose time has come.
    pub(super) fn tick(&mut self, now: Timestamp) -> Vec<Order> {
        let hung = self
            .running
            .take_if(|running| is_over(running.progress, HANG, now));
        if let Some(running) = hung {
            self.stuck = Some((running.worker, now));
            if let Some(request) = running.request {
                self.answer(request, ReadFault::Hung);
            }
            self.lose(Health::Hung);
            self.orders.push(Order::Renew);
        } else if is_over(self.heard, HANG, now) {
            // The watch is not replaced: its call comes back when the service does or
            // dies, and another one would hang beside it.
            self.lose(Health::Hung);
        }
        self.dispatch(now);
        std::mem::take(&mut self.orders)
    }

    /// How long nothing will be due.
    pub(super) fn next_look(&self, now: Timestamp) -> Duration {
        if self.running.is_some() {
            // One read at a time: until its answer comes, nothing can be due.
            return HANG;
        }
        let due = self.waiting.iter().filter_map(|request| {
            let (_, slot) = self.slot_of(request.insertion)?;
            let quiet_at = slot.last_event.plus(QUIET_MIN);
            Some(quiet_at.since(now).unwrap_or(Duration::from_millis(1)))
        });
        due.min().unwrap_or(HANG)
    }
}

// --- presence -----------------------------------------------------------------------

impl Desk {
    fn looked(&mut self, looks: &[Look], now: Timestamp) {
        self.heard = now;
        if self
            .stuck
            .is_some_and(|(_, since)| !is_over(since, HANG_REST, now))
        {
            return;
        }
        self.stuck = None;
        let sure = |look: &&Look| look.seen != Seen::Unsure;
        let gone = self.slots.keys().find(|reader| {
            let mut seen = looks.iter().filter(sure);
            !seen.any(|look| look.reader == **reader)
        });
        if let Some(reader) = gone.cloned() {
            return self.lose(Health::Unplugged { reader });
        }
        let names: Vec<_> = looks
            .iter()
            .filter(sure)
            .map(|look| look.reader.as_str())
            .collect();
        let Some(first) = names.first() else {
            return self.lose(Health::NoReader);
        };
        let ready = Health::Ready {
            reader: names.join(" + "),
        };
        if self.health.as_ref() != Some(&ready) {
            self.orders.push(Order::Watched((*first).to_owned()));
            self.set_health(ready);
        }
        for look in looks.iter().filter(sure) {
            self.compare(look, now);
        }
        let all_sure = looks.iter().all(|look| sure(&look));
        if all_sure && !self.settled {
            self.settled = true;
            // Only if all hold nothing: it says that no document lies anywhere.
            if self.slots.values().all(|slot| slot.insertion.is_none()) {
                self.tell(ReaderEvent::Empty { at: now });
            }
        }
        self.drop_stale();
    }

    /// One reader, then and now.
    fn compare(&mut self, look: &Look, now: Timestamp) {
        let present = look.seen == Seen::Present;
        let Some(slot) = self.slots.get_mut(&look.reader) else {
            let slot = Slot {
                insertion: None,
                count: look.count,
                last_event: now,
            };
            self.slots.insert(look.reader.clone(), slot);
            if present {
                self.present(&look.reader, true, now);
            }
            return;
        };
        let moved = slot.count != look.count;
        slot.count = look.count;
        if slot.insertion.is_some() == present && !moved {
            return;
        }
        slot.last_event = now;
        if let Some(insertion) = slot.insertion.take() {
            self.tell(ReaderEvent::Removed { insertion, at: now });
        }
        if present {
            self.present(&look.reader, false, now);
        }
    }

    fn present(&mut self, reader: &str, already_there: bool, now: Timestamp) {
        let insertion = next_insertion();
        if let Some(slot) = self.slots.get_mut(reader) {
            slot.insertion = Some(insertion);
        }
        self.orders.push(Order::Watched(reader.to_owned()));
        self.tell(ReaderEvent::Presented {
            insertion,
            already_there,
            at: now,
        });
    }

    /// The readers are not watched any more: nobody sees documents leave.
    fn lose(&mut self, health: Health) {
        self.slots.clear();
        self.settled = false;
        let running = self.running.as_mut();
        let unanswered = running.and_then(|running| running.request.take());
        let waiting = std::mem::take(&mut self.waiting);
        for request in unanswered.into_iter().chain(waiting) {
            self.answer(request, ReadFault::Gone);
        }
        self.set_health(health);
    }

    fn set_health(&mut self, health: Health) {
        if self.health.as_ref() != Some(&health) {
            self.health = Some(health.clone());
            self.tell(ReaderEvent::Health(health));
        }
    }

    fn slot_of(&self, insertion: InsertionId) -> Option<(&String, &Slot)> {
        let mut slots = self.slots.iter();
        slots.find(|(_, slot)| slot.insertion == Some(insertion))
    }
}

// --- reads --------------------------------------------------------------------------

impl Desk {
    fn requested(&mut self, request: ReadRequest) {
        if !self.health.as_ref().is_some_and(Health::is_ready) {
            self.answer(request, ReadFault::Gone);
        } else if self.slot_of(request.insertion).is_none() {
            self.answer(request, ReadFault::Taken);
        } else {
            self.waiting.push_back(request);
        }
    }

    /// Answers what waits for a document that has left.
    fn drop_stale(&mut self) {
        for request in std::mem::take(&mut self.waiting) {
            if self.slot_of(request.insertion).is_some() {
                self.waiting.push_back(request);
            } else {
                self.answer(request, ReadFault::Taken);
            }
        }
    }

    /// Starts the first read that may begin, one at a time.
    fn dispatch(&mut self, now: Timestamp) {
        if self.running.is_some() {
            return;
        }
        let due = self.waiting.iter().position(|request| {
            let slot = self.slot_of(request.insertion);
            slot.is_some_and(|(_, slot)| !request.quiet || is_over(slot.last_event, QUIET_MIN, now))
        });
        let Some(request) = due.and_then(|at| self.waiting.remove(at)) else {
            return;
        };
        let Some((reader, slot)) = self.slot_of(request.insertion) else {
            return;
        };
        let (reader, quiet_since) = (reader.clone(), slot.last_event);
        let worker = self.next_worker;
        self.next_worker += 1;
        self.running = Some(Running {
            worker,
            request: Some(request),
            reader: reader.clone(),
            quiet_since,
            progress: now,
        });
        self.orders.push(Order::Read { worker, reader });
    }

    fn answered(&mut self, worker: u64, result: Result<RawRead, ReadFault>, now: Timestamp) {
        if self.stuck.is_some_and(|(stuck, _)| stuck == worker) {
            // It came back; what it brings belongs to nobody.
            self.stuck = None;
        }
        let Some(running) = self.running.take_if(|running| running.worker == worker) else {
            return;
        };
        let Some(request) = running.request else {
            return;
        };
        let slot = self.slots.get_mut(&running.reader);
        let Some(slot) = slot.filter(|slot| slot.insertion == Some(request.insertion)) else {
            return self.answer(request, ReadFault::Taken);
        };
        if result.is_err() {
            slot.last_event = now;
        }
        let result = result.and_then(|raw| {
            let moments = ReadMoments {
                quiet_since: running.quiet_since,
                begun: raw.begun,
                ended: raw.ended,
            };
            let device = device(&running.reader);
            document_read(
                &raw.text,
                Assurance::SamVerified,
                device,
                request.insertion,
                moments,
            )
        });
        let ReadRequest {
            read, insertion, ..
        } = request;
        self.tell(ReaderEvent::Read {
            read,
            insertion,
            result,
        });
    }

    fn answer(&mut self, request: ReadRequest, fault: ReadFault) {
        let ReadRequest {
            read, insertion, ..
        } = request;
        self.tell(ReaderEvent::Read {
            read,
            insertion,
            result: Err(fault),
        });
    }

    fn tell(&mut self, event: ReaderEvent) {
        self.orders.push(Order::Tell(Box::new(event)));
    }
}

/// Whether a span since a moment is over. Times that cannot be compared: it is not.
fn is_over(since: Timestamp, span: Duration, now: Timestamp) -> bool {
    now.since(since).is_some_and(|passed| passed >= span)
}

#[cfg(test)]
#[path = "desk/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "desk/replay.rs"]
mod replay;
