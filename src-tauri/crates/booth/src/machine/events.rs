//! What the booth is told and what it wants done: two closed lists.

use crate::digest::DigestKey;
use crate::document::{CardRead, Device, InsertionId, ReadFailure, ReadId};
use crate::frame::{Epoch, Frame};
use crate::refusal::{FilingFault, Outcome, Refusal, VoidCause};
use crate::sitting::{
    Attendance, Developed, ExposureId, Filing, Framed, JobKind, Seating, SittingId, StageChange,
    Token, Undeveloped,
};
use crate::time::Timestamp;
use std::fmt;

/// The stages of the booth, as the journal names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StageName {
    /// No document, nobody.
    Vacant,
    /// A document is on the reader and is being read.
    Presented,
    /// A verified subject sits; the shutter is armed.
    Seated,
    /// Pressed; frame or portrait under way.
    Exposing,
    /// A portrait is there to be looked at.
    Review,
    /// Accepted; the document is read for the last time and the record written.
    Filing,
    /// The sitting is over; the document has to leave.
    Leaving,
}

impl StageName {
    /// Stable word for the journal and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vacant => "vacant",
            Self::Presented => "presented",
            Self::Seated => "seated",
            Self::Exposing => "exposing",
            Self::Review => "review",
            Self::Filing => "filing",
            Self::Leaving => "leaving",
        }
    }
}

/// What does not change while a booth is open.
pub struct Rules {
    /// Production or training.
    pub job: JobKind,
    /// Whether a person exposes and accepts.
    pub attendance: Attendance,
    /// The job's key for digests of numbers and names.
    pub key: DigestKey,
    /// The first sitting this booth may open.
    pub next_sitting: SittingId,
    /// Whether the journal shows that the last document left. A document that lies
    /// there at the start counts only then.
    pub last_document_left: bool,
}

/// Something happened.
pub enum Event {
    /// The reader holds nothing at the first look.
    ReaderEmpty,
    /// A document came. `already_there`: it lay there at the first look.
    Presented {
        /// The insertion, never seen before.
        insertion: InsertionId,
        /// Not seen to arrive.
        already_there: bool,
    },
    /// A document left.
    Removed {
        /// Its insertion.
        insertion: InsertionId,
    },
    /// A read that was asked for is over.
    Read {
        /// The request.
        read: ReadId,
        /// The insertion it was about.
        insertion: InsertionId,
        /// What it brought.
        result: Result<Box<CardRead>, ReadFailure>,
    },
    /// Reader, driver or service are gone.
    ReaderLost,
    /// The camera delivers, in this life.
    CameraLive {
        /// The camera.
        device: Device,
        /// Its life.
        epoch: Epoch,
    },
    /// The camera disconnected or stalled.
    CameraLost,
    /// The frames of a press.
    Frames {
        /// The press.
        exposure: ExposureId,
        /// What the camera gathered; may be empty.
        frames: Vec<Frame>,
    },
    /// Somebody looked at a frame of the living picture: whether everything held that can be told
    /// before the press. Only what is of this seat and this life of the camera counts, and only where
    /// the booth presses by itself.
    Posed {
        /// The sitting in which it was looked at.
        sitting: SittingId,
        /// The camera's life in which the frame was born.
        epoch: Epoch,
        /// When it was born.
        born: Timestamp,
        /// Whether all held.
        holds: bool,
    },
    /// A portrait came out.
    Developed(Box<Developed>),
    /// No portrait came out.
    Undeveloped {
        /// The way back to the seat.
        undeveloped: Box<Undeveloped>,
        /// The developer returned a portrait of another frame.
        foreign: bool,
    },
    /// The store has the record, durably.
    Filed {
        /// The sitting.
        sitting: SittingId,
    },
    /// The store has not.
    FilingFailed {
        /// The sitting.
        sitting: SittingId,
        /// Why.
        fault: FilingFault,
    },
    /// The operator, or the station on its own where nobody attends.
    Intent(Intent),
}

/// What the operator wants.
#[derive(Clone, Copy, Debug)]
pub enum Intent {
    /// Space.
    Expose,
    /// R: another exposure within the sitting.
    Retake,
    /// Another frame of the same press, counted from 0.
    Choose(usize),
    /// The same frame, cut otherwise.
    Recut,
    /// Enter, about what was shown.
    Accept(Token),
    /// Esc.
    Void,
    /// The station gives up for a reason of its own (time-out, no portrait).
    GiveUp(VoidCause),
}

/// What is shown for acceptance: the very portrait, with the token to echo.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The sitting.
    pub sitting: SittingId,
    /// The press.
    pub exposure: ExposureId,
    /// What acceptance must echo.
    pub token: Token,
}

/// Something is to be done. The station does them in order.
pub enum Effect {
    /// Write the opened sitting.
    OpenSitting {
        /// Its id.
        sitting: SittingId,
        /// When it began.
        at: Timestamp,
    },
    /// Read the document in full.
    Read {
        /// To be named in the answer.
        read: ReadId,
        /// The insertion to read.
        insertion: InsertionId,
        /// Begin no earlier than 500 ms after the reader's last event.
        quiet: bool,
    },
    /// Write evidence, verification and ticket: somebody is seated.
    Seat(Box<Seating>),
    /// Gather the frames of a press.
    Expose {
        /// To be named in the answer.
        exposure: ExposureId,
        /// The moment of the press.
        pressed: Timestamp,
    },
    /// Make the portrait, away from this thread if wanted.
    Develop(Box<Framed>),
    /// Show the portrait for acceptance.
    Offer(Offer),
    /// Write the record.
    File(Box<Filing>),
    /// An event or intent was refused; the stage stays.
    Refused(Refusal),
    /// A document lies on the reader that has to leave first.
    TakeDocument,
    /// Write the end of the sitting (a filed one is ended by its record).
    EndSitting {
        /// The sitting.
        sitting: SittingId,
        /// How it ended.
        outcome: Outcome,
    },
    /// Write a line of the journal.
    Journal(StageChange),
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenSitting { sitting, .. } => write!(f, "OpenSitting({})", sitting.0),
            Self::Read { read, quiet, .. } => write!(f, "Read({}, quiet: {quiet})", read.0),
            Self::Seat(_) => f.write_str("Seat"),
            Self::Expose { exposure, .. } => write!(f, "Expose({})", exposure.0),
            Self::Develop(_) => f.write_str("Develop"),
            Self::Offer(offer) => write!(f, "Offer({})", offer.exposure.0),
            Self::File(_) => f.write_str("File"),
            Self::Refused(refusal) => write!(f, "Refused({})", refusal.code()),
            Self::TakeDocument => f.write_str("TakeDocument"),
            Self::EndSitting { outcome, .. } => {
                write!(f, "EndSitting({} {})", outcome.kind(), outcome.code())
            }
            Self::Journal(change) => {
                write!(
                    f,
                    "Journal({} -> {}: {})",
                    change.from.code(),
                    change.to.code(),
                    change.why
                )
            }
        }
    }
}
