//! A reader by itself, without a job: how it is and what lies on it.
//!
//! For whoever sets a booth up or looks for a fault: the same readers and the same two
//! complete reads as in a sitting, but nobody is verified, nothing is kept and nothing filed.
//!
//! What follows from an event is decided in [`Desk`], which knows no reader and no clock.

use crate::device::{ReaderChoice, open_reader};
use crate::error::StationError;
use booth::{CardRead, ClosedPortrait, InsertionId, ReadFailure, ReadId, Sex, Validity, mask};
use card::vendor::decoder::{ChipPortrait, Decoder};
use card::{Health, ReadFault, ReadRequest, Reader, ReaderEvent};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A reader that is not ready after this long at the start is a fault.
const READY_MAX: Duration = Duration::from_secs(6);
/// A document that lies there and is not read after this long is given up.
const READING_MAX: Duration = Duration::from_secs(30);
/// Complete reads that have to agree.
const READS: u8 = 2;
/// A disturbed read is begun anew until so many have failed.
const TRIES_MAX: u8 = 3;
/// Whoever watches is asked this often whether it is enough.
const ASK_MAX: Duration = Duration::from_millis(50);

/// One thing that a reader told.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum ReaderReport {
    /// How the reader is; on each change.
    Reader {
        /// Stable code: `reader-ready`, `reader-none`, ...
        code: &'static str,
        /// Whether documents are seen now.
        ready: bool,
        /// The name of the reader that is ready or was unplugged.
        #[serde(skip_serializing_if = "Option::is_none")]
        reader: Option<String>,
    },
    /// The first look: nothing lies there.
    Empty,
    /// A document came.
    Presented {
        /// Counts the insertions of this process.
        insertion: u64,
        /// It lay there at the first look.
        already_there: bool,
    },
    /// A document left.
    Removed {
        /// The insertion that ends.
        insertion: u64,
    },
    /// A document was read in full.
    Read {
        /// Its insertion.
        insertion: u64,
        /// What it says.
        #[serde(flatten)]
        document: Box<DocumentReport>,
    },
    /// A document was not read.
    Fault {
        /// Its insertion.
        insertion: u64,
        /// Stable code of the table of notices.
        code: &'static str,
    },
}

impl ReaderReport {
    /// The code that the table of notices explains, for reports that have one.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Reader { code, .. } | Self::Fault { code, .. } => Some(*code),
            Self::Empty | Self::Presented { .. } | Self::Removed { .. } | Self::Read { .. } => None,
        }
    }
}

/// A document as people may see it who only look after the reader: no address, no day of
/// birth, numbers but for their last four.
#[derive(Clone, Serialize)]
pub struct DocumentReport {
    /// `resident_card`, `hmt_permit`, `foreigner_card_2017` or `foreigner_card_2023`.
    pub kind: &'static str,
    /// How much the way of reading proves.
    pub assurance: &'static str,
    /// How many complete reads brought exactly these bytes: 1, or 2 when both agreed.
    pub reads: u8,
    /// Driver of the reader.
    pub driver: String,
    /// The reader.
    pub reader: String,
    /// `physical`, `virtual` or `simulated`.
    pub nature: &'static str,
    /// Name as the chip spells it.
    pub name: String,
    /// Name in Latin letters, on the foreigners' cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latin_name: Option<String>,
    /// `male` or `female`.
    pub sex: &'static str,
    /// Code of the ethnic group or of the nationality.
    pub nation: String,
    /// Year of birth.
    pub birth_year: u16,
    /// Document number, masked.
    pub number: String,
    /// Number of the travel permit, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel_permit: Option<String>,
    /// Issuing authority.
    pub issuer: String,
    /// First day of validity.
    pub valid_from: String,
    /// Last day of validity; none: without end.
    pub valid_to: Option<String>,
    /// What became of the portrait of the chip, where a decoder was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portrait: Option<ChipReport>,
    #[serde(skip)]
    closed: Option<ClosedPortrait>,
}

/// What became of the portrait of the chip. It is opened to see whether the decoder works,
/// and shown and kept nowhere.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum ChipReport {
    /// The decoder opened it.
    Opened {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// It was not opened.
    Shut {
        /// Stable code: `decoder-missing`, `decoder-failed`, `portrait-not-given`.
        code: &'static str,
    },
}

impl ChipReport {
    fn of(closed: Option<&ClosedPortrait>, decoder: &Decoder) -> Self {
        let Some(closed) = closed else {
            return Self::Shut {
                code: "portrait-not-given",
            };
        };
        match decoder.open(closed, Arc::default()) {
            Ok(_) => Self::Opened {
                width: ChipPortrait::WIDTH,
                height: ChipPortrait::HEIGHT,
            },
            Err(fault) => {
                tracing::warn!(%fault, "the portrait of the chip is not opened");
                Self::Shut { code: fault.code() }
            }
        }
    }
}

impl std::fmt::Debug for DocumentReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DocumentReport")
    }
}

impl DocumentReport {
    fn of(read: &CardRead, reads: u8) -> Self {
        let (device, fields) = (read.device(), read.fields());
        Self {
            kind: read.kind().code(),
            assurance: read.assurance().code(),
            reads,
            driver: device.driver.clone(),
            reader: format!("{} {}", device.identity, device.bus)
                .trim()
                .to_owned(),
            nature: device.nature.code(),
            name: fields.name.as_str().to_owned(),
            latin_name: fields
                .latin_name
                .as_ref()
                .map(|name| name.as_str().to_owned()),
            sex: match fields.sex {
                Sex::Male => "male",
                Sex::Female => "female",
            },
            nation: fields.nation.clone(),
            birth_year: fields.birth.parts().0,
            number: mask(&fields.number),
            travel_permit: fields.travel_permit.as_deref().map(mask),
            issuer: fields.issuer.clone(),
            valid_from: fields.valid_from.to_string(),
            valid_to: match fields.valid_to {
                Validity::Until(last) => Some(last.to_string()),
                Validity::LongTerm => None,
            },
            portrait: None,
            closed: read.portrait().cloned(),
        }
    }
}

/// Tells everything about a reader until it is enough. Each document that comes is read
/// twice, as in a sitting.
///
/// # Errors
/// [`StationError`] when the reader cannot be opened at all. A reader that is not there is
/// reported and waited for.
pub fn watch_reader(
    choice: &ReaderChoice,
    is_enough: &mut dyn FnMut() -> bool,
    report: &mut dyn FnMut(ReaderReport),
) -> Result<(), StationError> {
    let mut open = Open::new(choice)?;
    while !is_enough() {
        open.next(ASK_MAX)?.into_iter().for_each(&mut *report);
    }
    Ok(())
}

/// Reads the document that lies on a reader, or the first that comes: twice, and both reads
/// have to agree. A decoder is tried on the portrait of the chip; that it fails does not make
/// the read fail.
///
/// # Errors
/// [`StationError::Refused`] when the document cannot be read, or not twice the same;
/// [`StationError::Fault`] when the reader is not ready after 6 s, no document comes within
/// `wait`, or the reader is lost.
pub fn read_document(
    choice: &ReaderChoice,
    wait: Duration,
    decoder: Option<&Decoder>,
) -> Result<DocumentReport, StationError> {
    let mut open = Open::new(choice)?;
    let mut patience = Patience::new(wait);
    loop {
        if let Some(report) = open.next(ASK_MAX)? {
            patience.note(&report);
            match report {
                ReaderReport::Read { mut document, .. } if document.reads == READS => {
                    let closed = document.closed.take();
                    let opened = decoder.map(|decoder| ChipReport::of(closed.as_ref(), decoder));
                    document.portrait = opened;
                    return Ok(*document);
                }
                ReaderReport::Fault { code, .. } => return Err(failed(code)),
                ReaderReport::Reader { .. }
                | ReaderReport::Empty
                | ReaderReport::Presented { .. }
                | ReaderReport::Removed { .. }
                | ReaderReport::Read { .. } => {}
            }
        }
        if let Some(code) = patience.is_over(Instant::now()) {
            return Err(fault(code, format!("{} s", wait.as_secs())));
        }
    }
}

/// A lost reader is a fault of the device; all else is a verdict on the document.
fn failed(code: &'static str) -> StationError {
    if code == ReadFailure::Gone.code() {
        fault(code, "while a document was read".to_owned())
    } else {
        StationError::Refused(code)
    }
}

const fn fault(code: &'static str, detail: String) -> StationError {
    StationError::Fault { code, detail }
}

/// A reader that is open, and what follows from its events.
struct Open {
    reader: Box<dyn Reader>,
    events: Receiver<ReaderEvent>,
    desk: Desk,
}

impl Open {
    fn new(choice: &ReaderChoice) -> Result<Self, StationError> {
        let (sink, events) = channel();
        // A closed inbox means that nobody wants the event any more.
        let reader = open_reader(choice, Box::new(move |event| drop(sink.send(event))))?;
        Ok(Self {
            reader,
            events,
            desk: Desk::default(),
        })
    }

    /// What the reader tells within this time.
    fn next(&mut self, wait: Duration) -> Result<Option<ReaderReport>, StationError> {
        let event = match self.events.recv_timeout(wait) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(fault("reader-not-ready", "its thread ended".to_owned()));
            }
        };
        let (report, request) = self.desk.take(event);
        if let Some(request) = request {
            self.reader.request(request);
        }
        Ok(report)
    }
}

/// How long a reader and its document are waited for.
struct Patience {
    begun: Instant,
    wait: Duration,
    /// The last word of a reader that is not ready.
    not_ready: Option<&'static str>,
    /// When the document came that is being read.
    presented: Option<Instant>,
}

impl Patience {
    fn new(wait: Duration) -> Self {
        Self {
            begun: Instant::now(),
            wait,
            not_ready: Some("reader-not-ready"),
            presented: None,
        }
    }

    fn note(&mut self, report: &ReaderReport) {
        match report {
            ReaderReport::Reader { code, ready, .. } => {
                self.not_ready = (!ready).then_some(*code);
                self.presented = None;
            }
            ReaderReport::Presented { .. } => self.presented = Some(Instant::now()),
            ReaderReport::Empty | ReaderReport::Removed { .. } => self.presented = None,
            ReaderReport::Read { .. } | ReaderReport::Fault { .. } => {}
        }
    }

    /// The code of what was waited for in vain.
    fn is_over(&self, now: Instant) -> Option<&'static str> {
        let waited = now.duration_since(self.begun);
        if let Some(presented) = self.presented {
            let reading = now.saturating_duration_since(presented);
            return (reading > READING_MAX).then_some(Health::Hung.code());
        }
        match self.not_ready {
            Some(code) => (waited > READY_MAX).then_some(code),
            None => (waited > self.wait).then_some("no-document"),
        }
    }
}

/// Whose document is being read, and how far.
#[derive(Default)]
struct Desk {
    next_read: u64,
    lying: BTreeMap<InsertionId, Progress>,
}

#[derive(Default)]
struct Progress {
    awaited: Option<ReadId>,
    first: Option<CardRead>,
    tries: u8,
}

impl Desk {
    /// What is to be told about an event, and what is to be read next.
    fn take(&mut self, event: ReaderEvent) -> (Option<ReaderReport>, Option<ReadRequest>) {
        match event {
            ReaderEvent::Health(health) => {
                // Whatever lay there counts as lost when a reader stops being ready.
                if !health.is_ready() {
                    self.lying.clear();
                }
                (Some(health_report(&health)), None)
            }
            ReaderEvent::Empty { .. } => (Some(ReaderReport::Empty), None),
            ReaderEvent::Presented {
                insertion,
                already_there,
                ..
            } => {
                self.lying.insert(insertion, Progress::default());
                let report = ReaderReport::Presented {
                    insertion: insertion.0,
                    already_there,
                };
                (Some(report), self.ask(insertion))
            }
            ReaderEvent::Removed { insertion, .. } => {
                self.lying.remove(&insertion);
                let insertion = insertion.0;
                (Some(ReaderReport::Removed { insertion }), None)
            }
            ReaderEvent::Read {
                read,
                insertion,
                result,
            } => self.answered(read, insertion, result),
        }
    }

    fn ask(&mut self, insertion: InsertionId) -> Option<ReadRequest> {
        let progress = self.lying.get_mut(&insertion)?;
        self.next_read += 1;
        let read = ReadId(self.next_read);
        progress.awaited = Some(read);
        Some(ReadRequest {
            read,
            insertion,
            quiet: true,
        })
    }

    fn answered(
        &mut self,
        read: ReadId,
        insertion: InsertionId,
        result: Result<CardRead, ReadFault>,
    ) -> (Option<ReaderReport>, Option<ReadRequest>) {
        let told = |code| {
            let insertion = insertion.0;
            Some(ReaderReport::Fault { insertion, code })
        };
        let progress = self.lying.get_mut(&insertion);
        let Some(progress) = progress.filter(|progress| progress.awaited == Some(read)) else {
            // Of a document that has left: it was taken too early, or the reader was lost. What
            // such a read brought in spite of it is nobody's.
            return (result.err().and_then(|fault| told(fault.code())), None);
        };
        progress.awaited = None;
        let card = match result {
            Ok(card) => card,
            Err(fault) => {
                progress.tries += 1;
                let again = matches!(fault.failure(), ReadFailure::Busy | ReadFailure::Unreadable)
                    && progress.tries < TRIES_MAX;
                return if again {
                    (None, self.ask(insertion))
                } else {
                    (told(fault.code()), None)
                };
            }
        };
        let reads = match &progress.first {
            Some(first) if first.raw() != card.raw() => {
                return (told("reads-disagree"), None);
            }
            Some(_) => READS,
            None => 1,
        };
        let report = ReaderReport::Read {
            insertion: insertion.0,
            document: Box::new(DocumentReport::of(&card, reads)),
        };
        progress.first = Some(card);
        let request = (reads < READS).then(|| self.ask(insertion)).flatten();
        (Some(report), request)
    }
}

fn health_report(health: &Health) -> ReaderReport {
    let reader = match health {
        Health::Ready { reader } | Health::Unplugged { reader } => Some(reader.clone()),
        Health::NoReader
        | Health::ServiceDown
        | Health::VendorMissing
        | Health::Busy
        | Health::Forbidden
        | Health::Hung => None,
    };
    ReaderReport::Reader {
        code: health.code(),
        ready: health.is_ready(),
        reader,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::{
        Assurance, BootId, Date, Device, DocumentFields, DocumentKind, PersonName, ReadMoments,
        Timestamp,
    };

    const AT: Timestamp = Timestamp::new(BootId([7; 16]), 1);

    fn read_of(insertion: InsertionId, raw: u8) -> CardRead {
        let fields = DocumentFields {
            name: PersonName::parse("安娜·试验").unwrap(),
            latin_name: None,
            sex: Sex::Female,
            nation: "01".into(),
            birth: Date::new(1949, 12, 31).unwrap(),
            address: "试验路一号".into(),
            number: "11010519491231002X".into(),
            travel_permit: Some("H00000000".into()),
            issuer: "试验市公安局".into(),
            valid_from: Date::new(2020, 2, 29).unwrap(),
            valid_to: Validity::LongTerm,
        };
        let device = Device {
            driver: "pcsc".into(),
            bus: "00 00".into(),
            identity: "Reader".into(),
            nature: booth::Nature::Physical,
        };
        let moments = ReadMoments {
            quiet_since: AT,
            begun: AT,
            ended: AT,
        };
        CardRead::new(
            DocumentKind::ResidentCard,
            Assurance::SamVerified,
            device,
            insertion,
            fields,
            &[raw; 256],
            moments,
        )
    }

    struct Rig {
        desk: Desk,
        asked: Option<ReadRequest>,
    }

    impl Rig {
        /// A desk that was told of a document and asks for it.
        fn occupied() -> (Self, InsertionId) {
            let mut rig = Self {
                desk: Desk::default(),
                asked: None,
            };
            let insertion = InsertionId(7);
            let told = rig.tell(ReaderEvent::Presented {
                insertion,
                already_there: false,
                at: AT,
            });
            assert!(matches!(told, Some(ReaderReport::Presented { .. })));
            assert!(rig.asked.is_some_and(|asked| asked.quiet));
            (rig, insertion)
        }

        fn tell(&mut self, event: ReaderEvent) -> Option<ReaderReport> {
            let (report, request) = self.desk.take(event);
            self.asked = request;
            report
        }

        fn answer(&mut self, result: Result<CardRead, ReadFault>) -> Option<ReaderReport> {
            let ReadRequest {
                read, insertion, ..
            } = self.asked?;
            self.tell(ReaderEvent::Read {
                read,
                insertion,
                result,
            })
        }
    }

    #[test]
    fn two_reads_that_agree_are_told_and_nothing_more_is_asked() {
        let (mut rig, insertion) = Rig::occupied();
        for reads in [1, 2] {
            let told = rig.answer(Ok(read_of(insertion, 1)));
            let Some(ReaderReport::Read { document, .. }) = told else {
                panic!("{told:?}");
            };
            assert_eq!(document.reads, reads);
        }
        assert_eq!(rig.asked, None);
    }

    #[test]
    fn two_reads_that_differ_are_no_document() {
        let (mut rig, insertion) = Rig::occupied();
        rig.answer(Ok(read_of(insertion, 1)));
        let told = rig.answer(Ok(read_of(insertion, 2)));
        assert_eq!(told.and_then(|told| told.code()), Some("reads-disagree"));
        assert_eq!(rig.asked, None);
    }

    #[test]
    fn noise_is_read_again_and_a_verdict_is_not() {
        let (mut rig, _) = Rig::occupied();
        let line = || Err(ReadFault::Line("noise".into()));
        for _ in 1..TRIES_MAX {
            assert!(rig.answer(line()).is_none());
            assert!(rig.asked.is_some());
        }
        let told = rig.answer(line());
        assert_eq!(
            told.and_then(|told| told.code()),
            Some(ReadFailure::Unreadable.code())
        );
        assert_eq!(rig.asked, None);

        let (mut rig, _) = Rig::occupied();
        let told = rig.answer(Err(ReadFault::Changed));
        assert_eq!(
            told.and_then(|told| told.code()),
            Some(ReadFailure::Changed.code())
        );
        assert_eq!(rig.asked, None);
    }

    #[test]
    fn an_answer_about_what_is_gone_is_nobodys() {
        let (mut rig, insertion) = Rig::occupied();
        let asked = rig.asked;
        rig.tell(ReaderEvent::Removed { insertion, at: AT });
        rig.asked = asked;
        assert!(rig.answer(Ok(read_of(insertion, 1))).is_none());
        rig.asked = asked;
        let told = rig.answer(Err(ReadFault::Taken));
        assert_eq!(
            told.and_then(|told| told.code()),
            Some(ReadFailure::Taken.code())
        );

        let (mut rig, insertion) = Rig::occupied();
        let asked = rig.asked;
        rig.tell(ReaderEvent::Health(Health::ServiceDown));
        rig.asked = asked;
        assert!(rig.answer(Ok(read_of(insertion, 1))).is_none());
    }

    #[test]
    fn nothing_that_is_told_shows_a_number_an_address_or_a_birthday() {
        let report = DocumentReport::of(&read_of(InsertionId(7), 1), 2);
        let told = serde_json::to_string(&report).unwrap();
        for secret in ["1101051949", "1231002", "H0000", "试验路", "12-31"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(told.contains("**************002X"), "{told}");
        assert!(!format!("{report:?}").contains("安娜"));
    }

    #[test]
    fn patience_names_what_was_waited_for() {
        let mut patience = Patience::new(Duration::from_secs(20));
        let after = |patience: &Patience, s| patience.begun + Duration::from_secs(s);
        assert_eq!(patience.is_over(after(&patience, 5)), None);
        assert_eq!(
            patience.is_over(after(&patience, 7)),
            Some("reader-not-ready")
        );
        patience.note(&health_report(&Health::NoReader));
        assert_eq!(
            patience.is_over(after(&patience, 7)),
            Some(Health::NoReader.code())
        );
        let reader = "R".to_owned();
        patience.note(&health_report(&Health::Ready { reader }));
        assert_eq!(patience.is_over(after(&patience, 19)), None);
        assert_eq!(patience.is_over(after(&patience, 21)), Some("no-document"));
        patience.note(&ReaderReport::Presented {
            insertion: 1,
            already_there: false,
        });
        assert_eq!(
            patience.is_over(after(&patience, 21)),
            None,
            "it is being read"
        );
        assert_eq!(
            patience.is_over(after(&patience, 60)),
            Some(Health::Hung.code())
        );
    }
}
