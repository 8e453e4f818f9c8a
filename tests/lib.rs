//! The harness of the test package: a day at the booth, told as text.
//!
//! Lines of a day:
//!
//! ```text
//! standard with copies                  (first) a standard of one's own, which allows copies
//! roster NUMBER NAME CLASS              the roster has (from now on) this entry
//! again NUMBER of NUMBER CLASS          a second enrolment of the same person
//! comes NUMBER [what is odd] does COMMANDS | by itself  -> OUTCOME CODE
//! flag NUMBER REASON
//! on file NUMBER generation N           the record that stands, with the right face
//! kept NUMBER generation N              an earlier record, still there
//! missing NUMBER                        nothing is on file
//! delivered N                           a delivery now holds so many portraits
//! ```
//!
//! After every day the job is verified.

pub mod cpu;
mod ctl;
mod day;
#[cfg(target_os = "linux")]
pub mod guest;
mod job;
#[cfg(target_os = "linux")]
pub mod pcscd;
mod person;
#[cfg(target_os = "linux")]
pub mod sitting;
#[cfg(target_os = "linux")]
pub mod telling;
#[cfg(target_os = "linux")]
pub mod watched;
#[cfg(target_os = "linux")]
pub mod window;

pub use ctl::{fake_decoder, fake_library, other_program, program};
pub use day::{run_day, standard_with_copies};
pub use job::{create_job, create_job_of, write_roster};
pub use person::{Person, id_number, repaint};
