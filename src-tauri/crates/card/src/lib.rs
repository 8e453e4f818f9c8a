//! Document readers, each on threads of its own, behind one trait.
//!
//! | reader | module | what it proves |
//! |---|---|---|
//! | PC/SC reader with a security module | [`pcsc`] | the reader authenticated the card |
//! | security module on a serial port | [`sdt`] | the same |
//! | security module behind its vendor's library | [`vendor`] | the same, by that library's word |
//! | simulated document | `simulator::document` | nothing; training jobs only |
//!
//! A reader reports presence by itself and reads when it is asked to. What it
//! reads is a [`CardRead`]: unproven, judged by the rules in `booth`, which take
//! two reads that agree and read again at exposure and at filing.
//!
//! **Architecture invariant:** this crate decides nothing about people. It only
//! guarantees that every [`CardRead`] is one uninterrupted read of one document:
//! all its fields come from one answer of the card, and after any irregularity nothing
//! counts as an answer to what was asked before. Over PC/SC the same answer came
//! twice on one handle; over a serial line or a vendor's library no insertion ever gives two different texts.
//!
//! **Architecture invariant:** no name, number or address is in a log line, an
//! error or a `Debug` output of this crate.

mod fault;
pub mod layout;
mod page;
pub mod pcsc;
pub mod sdt;
pub mod vendor;

pub use fault::{CardError, ReadFault};
pub use page::{PAGE_BYTES, ReplyFault, StatusWord, TEXT_BYTES, check_page, page_of};

use booth::{Assurance, CardRead, Device, InsertionId, ReadId, ReadMoments, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where a reader's events go. Called on one thread of the reader, in order.
pub type Sink = Box<dyn Fn(ReaderEvent) + Send>;

/// What a reader reports.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of events each minute; a box would burden every match"
)]
pub enum ReaderEvent {
    /// How the device is; on each change.
    ///
    /// Whatever was on the reader counts as lost when it stops being ready: nobody
    /// saw it leave. What lies there afterwards is presented anew, `already_there`.
    Health(Health),
    /// First look at readers that hold nothing (all that are watched).
    Empty {
        /// When it was seen.
        at: Timestamp,
    },
    /// A document came.
    Presented {
        /// Never seen before in this process.
        insertion: InsertionId,
        /// Seen at the very first look, not seen to arrive.
        already_there: bool,
        /// When it was seen.
        at: Timestamp,
    },
    /// A document left.
    Removed {
        /// The insertion that ends.
        insertion: InsertionId,
        /// When it was seen.
        at: Timestamp,
    },
    /// The one answer to [`Reader::request`].
    Read {
        /// What is answered.
        read: ReadId,
        /// The insertion that was asked about.
        insertion: InsertionId,
        /// What the chip said, or why it said nothing.
        result: Result<CardRead, ReadFault>,
    },
}

/// How a reader is, by what the operator can do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Health {
    /// Watched; documents are seen.
    Ready {
        /// Name of the reader; several are joined by ` + `.
        reader: String,
    },
    /// The service runs, but no reader (or not the named one) is connected.
    NoReader,
    /// A reader that was watched went away.
    Unplugged {
        /// Its name.
        reader: String,
    },
    /// The smart-card service does not run or broke off.
    ServiceDown,
    /// The vendor's library, or the program that holds it, is missing or cannot be used.
    VendorMissing,
    /// Another program holds the reader's port.
    Busy,
    /// We may not open the reader's port.
    Forbidden,
    /// Reader, library or service do not answer; new connections are being tried.
    Hung,
}

impl Health {
    /// Stable word for the journal and for `--json`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ready { .. } => "reader-ready",
            Self::NoReader => "reader-none",
            Self::Unplugged { .. } => "reader-unplugged",
            Self::ServiceDown => "reader-service-down",
            Self::VendorMissing => "reader-vendor-missing",
            Self::Busy => "reader-busy",
            Self::Forbidden => "reader-forbidden",
            Self::Hung => "reader-hung",
        }
    }

    /// Whether documents are seen now.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        match self {
            Self::Ready { .. } => true,
            Self::NoReader
            | Self::Unplugged { .. }
            | Self::ServiceDown
            | Self::VendorMissing
            | Self::Busy
            | Self::Forbidden
            | Self::Hung => false,
        }
    }
}

/// One wish to read the document of one insertion in full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadRequest {
    /// Named in the answer.
    pub read: ReadId,
    /// The insertion to read; when it is not the present one (any more), the answer
    /// is [`booth::ReadFailure::Taken`] at once.
    pub insertion: InsertionId,
    /// Begin no earlier than [`booth::QUIET_MIN`] (500 ms) after the reader's last
    /// event. An earlier swap cannot be seen.
    pub quiet: bool,
}

/// A source of identity documents. Dropping it closes the device and joins its
/// threads, except one that hangs inside the system; no event comes after that.
pub trait Reader: Send {
    /// The device. Where several readers are watched, the one that reported last;
    /// each [`CardRead`] names its own.
    fn device(&self) -> Device;

    /// Asks for a read. Never blocks; answered exactly once by [`ReaderEvent::Read`],
    /// unless the reader is dropped before.
    fn request(&self, request: ReadRequest);
}

/// A new insertion id: never given twice in this process, whatever reader asks.
#[must_use]
pub fn next_insertion() -> InsertionId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    InsertionId(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Makes a card read of the 256 identity bytes of a document, whatever its kind.
///
/// Real and simulated documents, and every transport, come through here: one parser
/// for all.
///
/// # Errors
/// [`ReadFault::Layout`] when the bytes break the layout of their kind or are of a
/// kind that no source knows.
pub fn document_read(
    raw: &[u8; TEXT_BYTES],
    assurance: Assurance,
    device: Device,
    insertion: InsertionId,
    moments: ReadMoments,
) -> Result<CardRead, ReadFault> {
    let (kind, fields) = layout::parse(raw)?;
    Ok(CardRead::new(
        kind, assurance, device, insertion, fields, raw, moments,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insertions_are_never_given_twice() {
        let several: Vec<_> = (0..100).map(|_| next_insertion()).collect();
        let mut distinct = several.clone();
        distinct.dedup();
        assert_eq!(several, distinct);
        assert!(several.is_sorted());
    }

    #[test]
    fn only_ready_is_ready() {
        let reader = String::from("R");
        let all = [
            (
                Health::Ready {
                    reader: reader.clone(),
                },
                true,
            ),
            (Health::NoReader, false),
            (Health::Unplugged { reader }, false),
            (Health::ServiceDown, false),
            (Health::VendorMissing, false),
            (Health::Busy, false),
            (Health::Forbidden, false),
            (Health::Hung, false),
        ];
        for (health, ready) in &all {
            assert_eq!(health.is_ready(), *ready, "{health:?}");
        }
        let codes: std::collections::BTreeSet<_> = all.iter().map(|(h, _)| h.code()).collect();
        assert_eq!(codes.len(), all.len());
    }
}
