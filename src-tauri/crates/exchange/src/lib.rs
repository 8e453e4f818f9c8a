//! Files in and out of the station: rosters and admission photos in, delivery
//! packages out.
//!
//! This crate turns files into values and values into files. It knows the rules'
//! types (`booth`) and nothing of the store: who imports or delivers decides what
//! becomes of the values.
//!
//! Everything read here was written by somebody else's program, so it is bounded
//! before it is parsed, and nothing is guessed: what cannot be read with
//! certainty is a fault that names its line and column, and never the person.
//!
//! **Architecture invariant:** no text of this crate's errors, faults or `Debug`
//! holds a name, a number or a picture; places are lines, columns and paths.

mod names;
mod package;
mod photos;
mod roster;
mod table;

pub use names::{NameFault, file_names};
pub use package::{
    DeliveredCopy, DeliveredRecord, FileKind, JournalHead, MissingEntry, MissingReason,
    PackageCounts, PackageError, PackageFault, PackageFaultKind, PackageReport, PackageSpec,
    PackageVerdict, Progress, Step, verify_package, write_package,
};
pub use photos::{
    MATCH_PROBLEMS, MatchProblem, Photo, PhotoError, PhotoFault, PhotoFaultKind, PhotoFolder,
    PhotoMatch, PhotoMatches, match_photos, scan_photos,
};
pub use roster::{
    Column, Missing, RosterError, RosterFile, RosterRow, RosterSource, RowFault, RowFaultKind,
    RowNote, RowNoteKind, read_roster,
};
