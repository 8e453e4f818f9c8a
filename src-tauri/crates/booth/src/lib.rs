//! The rules of the booth: who sits, what was seen, what may be filed.
//!
//! This crate is the one promise of Likeness written as types: *a portrait of X
//! is never filed under Y*. It does no I/O and reads no clock; time is an
//! argument, devices are events and consequences are effects. What it returns
//! can be tested to exhaustion in microseconds.
//!
//! The way of one subject through the types:
//!
//! ```text
//! CardRead + CardRead --verify--> Verified --seat--> Seated --frame--> Framed
//!     --develop--> Developed --accept--> Filing
//! ```
//!
//! Every arrow consumes its left side, none of the types can be cloned or built
//! from outside, and no function takes a student and a picture as two arguments.
//!
//! **Architecture invariant:** no type on that way implements `Clone`,
//! `Deserialize` or a public constructor.

mod digest;
mod document;
mod frame;
mod identity;
mod machine;
mod name;
mod refusal;
mod roster;
mod sitting;
mod time;
mod verify;

pub use digest::{Digest, DigestKey, sha256};
pub use document::{
    Assurance, CardRead, ClosedPortrait, Device, DocumentFields, DocumentKind, InsertionId, Nature,
    ReadFailure, ReadId, ReadMoments, Validity,
};
pub use frame::{
    Birth, Encoding, Epoch, ExposureControls, FRAME_AGE_MAX, Frame, FrameFault, FrameStamp,
    Pressed, SourceKind, judge_frame,
};
pub use identity::{
    CollectionCode, DocumentNumber, IdNumber, IdNumberFault, PersonName, Sex, StudentNumber,
    TextFault, mask,
};
pub use machine::{Booth, Effect, Event, Intent, Offer, Rules, StageName};
pub use name::{NameMatch, compare_names, fold_name};
pub use refusal::{FilingFault, FlagReason, Outcome, Refusal, VoidCause};
pub use roster::{Entry, EntryId, Generation, Roster, Standing};
pub use sitting::{
    Attendance, DevelopFault, Developed, ExposureId, Filing, Framed, JobKind, Normalised, Portrait,
    Seated, Seating, SittingId, StageChange, Token, Undeveloped,
};
pub use time::{BootId, Date, Now, Timestamp};
pub use verify::{Basis, Claim, QUIET_MIN, Verified, identity_digest, name_digest};
