//! A reader that is watched in the guest. Each read that succeeds is held against the
//! two people who can lie there: a record that is nobody's is the one thing that must
//! never be.

use super::wish::Person;
use booth::{CardRead, InsertionId, ReadId};
use card::{ReadFault, ReadRequest, Reader, ReaderEvent};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The watchdog of a read answers within this time, whatever hangs.
const ANSWER_MAX: Duration = Duration::from_secs(12);
/// An arrival or departure is told within this time.
const MOVE_MAX: Duration = Duration::from_secs(4);

/// Reader, and what it told.
pub struct Watched {
    reader: Box<dyn Reader>,
    events: Receiver<ReaderEvent>,
    begun: Instant,
    log: Vec<String>,
    /// What lies there, as told.
    lying: Option<InsertionId>,
    reads: u64,
}

impl Watched {
    /// Watches the reader of this name and waits until it is ready.
    ///
    /// # Panics
    /// If it cannot be opened or does not become ready in 5 s.
    #[must_use]
    pub fn open(name: &str) -> Self {
        let (sink, events) = channel();
        let sink = Box::new(move |event| drop(sink.send(event)));
        let mut watched = Self {
            reader: card::pcsc::open(Some(name), sink).expect("the reader opens"),
            events,
            begun: Instant::now(),
            log: Vec::new(),
            lying: None,
            reads: 0,
        };
        watched.until_health("reader-ready", Duration::from_secs(5));
        watched
    }

    fn next(&mut self, max: Duration) -> Option<ReaderEvent> {
        let event = self.events.recv_timeout(max).ok()?;
        let passed = self.begun.elapsed().as_millis();
        self.log.push(format!("{passed:6} {event:?}"));
        match &event {
            ReaderEvent::Presented { insertion, .. } => self.lying = Some(*insertion),
            ReaderEvent::Removed { .. } | ReaderEvent::Empty { .. } => self.lying = None,
            ReaderEvent::Health(health) if !health.is_ready() => self.lying = None,
            ReaderEvent::Health(_) | ReaderEvent::Read { .. } => {}
        }
        Some(event)
    }

    /// The first event that fits, and how long it took; the others are passed over.
    fn try_until(
        &mut self,
        max: Duration,
        mut fits: impl FnMut(&ReaderEvent) -> bool,
    ) -> Option<(ReaderEvent, Duration)> {
        let begun = Instant::now();
        while let Some(event) = self.next(max.saturating_sub(begun.elapsed())) {
            if fits(&event) {
                return Some((event, begun.elapsed()));
            }
        }
        None
    }

    fn until(
        &mut self,
        what: &str,
        max: Duration,
        fits: impl FnMut(&ReaderEvent) -> bool,
    ) -> (ReaderEvent, Duration) {
        let found = self.try_until(max, fits);
        found.unwrap_or_else(|| panic!("{what}: not within {max:?}; told was {:#?}", self.log))
    }

    /// Waits until the reader is in this state, which it may not be in time.
    pub fn try_health(&mut self, code: &str, max: Duration) -> Option<Duration> {
        let is_it = |event: &ReaderEvent| matches!(event, ReaderEvent::Health(health) if health.code() == code);
        self.try_until(max, is_it).map(|(_, took)| took)
    }

    /// Waits until the reader is in this state.
    ///
    /// # Panics
    /// If it is not in time.
    pub fn until_health(&mut self, code: &str, max: Duration) -> Duration {
        let took = self.try_health(code, max);
        took.unwrap_or_else(|| panic!("{code}: not within {max:?}; told was {:#?}", self.log))
    }

    /// Waits until a document lies there, which it may already; `None` if none is told of
    /// in 4 s.
    pub fn try_presented(&mut self) -> Option<InsertionId> {
        if self.lying.is_none() {
            let is_one = |event: &ReaderEvent| matches!(event, ReaderEvent::Presented { .. });
            self.try_until(MOVE_MAX, is_one)?;
        }
        self.lying
    }

    /// Whether the last that was told of the service is that it is gone.
    pub fn service_is_down(&self) -> bool {
        let mut told = self.log.iter().rev();
        let last = told.find(|line| line.contains("Health("));
        last.is_some_and(|line| line.contains("ServiceDown"))
    }

    /// Waits until a document lies there, which it may already.
    ///
    /// # Panics
    /// If none is told of in 4 s.
    pub fn until_presented(&mut self) -> InsertionId {
        let presented = self.try_presented();
        presented.unwrap_or_else(|| panic!("no document in 4 s; told was {:#?}", self.log))
    }

    /// Waits until nothing lies there, which may be so already. A reader that is not
    /// ready any more holds nothing either.
    ///
    /// # Panics
    /// If no departure is told of in 4 s.
    pub fn until_vacant(&mut self) {
        let deadline = Instant::now() + MOVE_MAX;
        while self.lying.is_some() {
            let left = deadline.saturating_duration_since(Instant::now());
            let told = self.next(left).is_some();
            self.assert(told, "a departure: not within 4 s");
        }
    }

    /// Waits until nothing is told any more: the service sleeps after each event.
    pub fn rest(&mut self) {
        while self.next(Duration::from_millis(600)).is_some() {}
    }

    /// Wants a read.
    pub fn request(&mut self, insertion: InsertionId, quiet: bool) -> ReadId {
        self.reads += 1;
        let read = ReadId(self.reads);
        self.reader.request(ReadRequest {
            read,
            insertion,
            quiet,
        });
        read
    }

    /// The answer to a request.
    ///
    /// # Panics
    /// If there is none in 12 s, or the record is nobody's.
    pub fn answer(&mut self, asked: ReadId) -> Result<CardRead, ReadFault> {
        let is_it =
            |event: &ReaderEvent| matches!(event, ReaderEvent::Read { read, .. } if *read == asked);
        let (event, _) = self.until("an answer", ANSWER_MAX, is_it);
        let ReaderEvent::Read { result, .. } = event else {
            panic!("only answers fit");
        };
        if let Ok(read) = &result {
            // Panics unless it is somebody's.
            let _: Person = self.owner(read);
        }
        result
    }

    /// Reads the document of an insertion.
    ///
    /// # Panics
    /// As [`Watched::answer`].
    pub fn read(&mut self, insertion: InsertionId, quiet: bool) -> Result<CardRead, ReadFault> {
        let asked = self.request(insertion, quiet);
        self.answer(asked)
    }

    /// Whose record it is.
    ///
    /// # Panics
    /// If it is nobody's: mixed or cut.
    #[must_use]
    pub fn owner(&self, read: &CardRead) -> Person {
        let fields = read.fields();
        let found = (fields.name.as_str(), fields.number.as_str());
        let mut people = Person::ALL.into_iter();
        let owner = people.find(|person| person.identity() == found);
        owner.unwrap_or_else(|| panic!("A MIXED RECORD; told was {:#?}", self.log))
    }

    /// What the rules make of it: two reads of one insertion that agree, the second
    /// begun 500 ms after the last event. From the start after whatever goes wrong.
    /// `None` if no document is told of in 4 s.
    ///
    /// # Panics
    /// If there is none in 15 s, or one read on the way is another person's.
    pub fn try_identify(&mut self, expected: Person) -> Option<InsertionId> {
        let deadline = Instant::now() + Duration::from_secs(15);
        let mut before: Option<CardRead> = None;
        while Instant::now() < deadline {
            let insertion = self.try_presented()?;
            let result = self.read(insertion, before.is_some());
            let first = before.take();
            let Ok(read) = result else { continue };
            let owner = self.owner(&read);
            assert_eq!(owner, expected, "WRONG RECORD; told was {:#?}", self.log);
            let agrees =
                |first: CardRead| first.insertion() == insertion && first.raw() == read.raw();
            if first.is_some_and(agrees) {
                return Some(insertion);
            }
            before = Some(read);
        }
        panic!("not identified in time; told was {:#?}", self.log);
    }

    /// As [`Watched::try_identify`], where the document has to be told of.
    ///
    /// # Panics
    /// As [`Watched::try_identify`], and if it is not told of.
    pub fn identify(&mut self, expected: Person) -> InsertionId {
        let found = self.try_identify(expected);
        found.unwrap_or_else(|| panic!("no document in 4 s; told was {:#?}", self.log))
    }

    /// Fails, and says why and what was told.
    ///
    /// # Panics
    /// If `holds` is false.
    pub fn assert(&self, holds: bool, why: &str) {
        assert!(holds, "{why}; told was {:#?}", self.log);
    }
}
