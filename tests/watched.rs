//! A PC/SC reader that is watched by a test, and two people to put on it.
//!
//! Every wait has an end, and what was told until then is shown when it is over.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each wait picks one kind of event and keeps the others in its log"
)]

use crate::pcscd::{FIRST_READER, resident_text};
use booth::{CardRead, InsertionId, ReadFailure, ReadId};
use card::{ReadFault, ReadRequest, Reader, ReaderEvent};
use simulator::vpcd::Card;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Name and number of one invented person.
pub const ANNA: (&str, &str) = ("安娜·试验", "110105188001070011");
/// Name and number of another one.
pub const BERT: (&str, &str) = ("贝特·试验", "110105188001080025");

/// A card of the fixed people above.
#[must_use]
pub fn card_of((name, number): (&str, &str)) -> Card {
    Card::new(resident_text(name, number))
}

/// Whose document a read is; names and numbers of two people in one read are nobody's.
#[must_use]
pub fn owner(read: &CardRead) -> &'static str {
    let fields = read.fields();
    match (fields.name.as_str(), fields.number.as_str()) {
        (name, number) if (name, number) == ANNA => "anna",
        (name, number) if (name, number) == BERT => "bert",
        _ => "a mixture",
    }
}

/// A reader that is watched, and everything it told.
pub struct Watched {
    /// The reader.
    pub reader: Box<dyn Reader>,
    events: Receiver<ReaderEvent>,
    /// Everything that was told, with its millisecond.
    pub log: Vec<String>,
    next_read: u64,
    begun: Instant,
}

impl Watched {
    /// Watches the reader of this name, or all of them.
    ///
    /// # Panics
    /// If the system gives no thread.
    #[must_use]
    pub fn open(name: Option<&str>) -> Self {
        let (sink, events) = channel();
        let sink = Box::new(move |event| drop(sink.send(event)));
        Self {
            reader: card::pcsc::open(name, sink).expect("the reader opens"),
            events,
            log: Vec::new(),
            next_read: 1,
            begun: Instant::now(),
        }
    }

    /// Watches the first reader and waits until it is seen to be empty.
    ///
    /// # Panics
    /// When it is not seen in time.
    #[must_use]
    pub fn vacant() -> Self {
        let mut watched = Self::open(Some(FIRST_READER));
        watched.until_ready(Duration::from_secs(3));
        watched.until_empty();
        watched
    }

    /// What is told next, if anything is within this time.
    ///
    /// # Panics
    /// When the reader's thread died.
    pub fn try_next(&mut self, wait: Duration) -> Option<ReaderEvent> {
        match self.events.recv_timeout(wait) {
            Ok(event) => {
                self.log
                    .push(format!("{:5} {event:?}", self.begun.elapsed().as_millis()));
                Some(event)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the reader died: {:#?}", self.log),
        }
    }

    /// The first event that fits; the others are passed over.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn until<T>(
        &mut self,
        what: &str,
        max: Duration,
        mut fits: impl FnMut(ReaderEvent) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + max;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.try_next(left).map(&mut fits) {
                Some(Some(found)) => return found,
                Some(None) => {}
                None => panic!("{what}: not within {max:?}; told was {:#?}", self.log),
            }
        }
    }

    /// Waits for this state.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn until_health(&mut self, code: &str, max: Duration) {
        self.until(code, max, |event| match event {
            ReaderEvent::Health(health) => (health.code() == code).then_some(()),
            _ => None,
        });
    }

    /// Waits until documents are seen.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn until_ready(&mut self, max: Duration) {
        self.until_health("reader-ready", max);
    }

    /// Waits until nothing is seen to lie there.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn until_empty(&mut self) {
        self.until("empty", Duration::from_secs(2), |event| {
            matches!(event, ReaderEvent::Empty { .. }).then_some(())
        });
    }

    /// The next document, and whether it lay there already.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn until_presented(&mut self) -> (InsertionId, bool) {
        self.until("presented", Duration::from_secs(3), |event| match event {
            ReaderEvent::Presented {
                insertion,
                already_there,
                ..
            } => Some((insertion, already_there)),
            _ => None,
        })
    }

    /// Waits until this document, and no other, is seen to leave; it may have been told
    /// already while something else was waited for.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn until_removed(&mut self, expected: InsertionId) {
        let told = format!("Removed {{ insertion: {expected:?},");
        if self.log.iter().any(|line| line.contains(&told)) {
            return;
        }
        let removed = self.until("removed", Duration::from_secs(3), |event| match event {
            ReaderEvent::Removed { insertion, .. } => Some(insertion),
            _ => None,
        });
        assert_eq!(removed, expected, "{:#?}", self.log);
    }

    /// Asks for a read and does not wait for it.
    pub fn ask(&mut self, insertion: InsertionId, quiet: bool) -> ReadId {
        let read = ReadId(self.next_read);
        self.next_read += 1;
        self.reader.request(ReadRequest {
            read,
            insertion,
            quiet,
        });
        read
    }

    /// Waits for the answer to a read.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn answer(&mut self, asked: ReadId, max: Duration) -> Result<CardRead, ReadFault> {
        self.until("an answer", max, |event| match event {
            ReaderEvent::Read { read, result, .. } => {
                assert_eq!(read, asked, "nobody asked for another answer");
                Some(result)
            }
            _ => None,
        })
    }

    /// Reads, and waits for it at most 3 s.
    ///
    /// # Panics
    /// When it does not happen in time.
    pub fn read(&mut self, insertion: InsertionId, quiet: bool) -> Result<CardRead, ReadFault> {
        let asked = self.ask(insertion, quiet);
        self.answer(asked, Duration::from_secs(3))
    }

    /// Reads, and it must succeed.
    ///
    /// # Panics
    /// When it does not.
    pub fn read_well(&mut self, insertion: InsertionId, quiet: bool) -> CardRead {
        let result = self.read(insertion, quiet);
        result.unwrap_or_else(|fault| panic!("{fault}; told was {:#?}", self.log))
    }

    /// Passes over what is still told of a card that is gone.
    pub fn rest(&mut self) {
        while self.try_next(Duration::from_millis(900)).is_some() {}
    }

    /// Nothing but silence for longer than a look: no answer was given twice.
    ///
    /// # Panics
    /// When something is told.
    pub fn assert_silent(&mut self) {
        if let Some(event) = self.try_next(Duration::from_millis(400)) {
            panic!("{event:?} after {:#?}", self.log);
        }
    }
}

/// Why a read brought nothing.
#[must_use]
pub fn failure(result: &Result<CardRead, ReadFault>) -> Option<ReadFailure> {
    result.as_ref().err().map(ReadFault::failure)
}
