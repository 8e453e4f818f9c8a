//! What an attendant asks through, whatever lies between it and the module: a serial
//! line, or a vendor's library in a process of its own.

use super::frame::{Command, SamStatus};
use crate::TEXT_BYTES;
use booth::{ClosedPortrait, Timestamp};
use std::fmt;
use std::io;

/// One question at a time to one module.
pub(crate) trait Exchange {
    /// Why a question got no answer.
    type Fault: ExchangeFault;

    /// Asks, and returns an answer to exactly this question. An answer that came too
    /// late, or to another question, is never returned; nor is a status that this
    /// question does not have ([`Command::admits`]).
    fn ask(&mut self, command: Command) -> Result<Heard, Self::Fault>;

    /// The clock by which answers are waited for.
    fn now(&self) -> Timestamp;
}

/// Why a question got no answer.
pub(crate) trait ExchangeFault: fmt::Display {
    /// The way to the module failed, or the program is closing.
    fn gone(error: io::Error) -> Self;

    /// Whether the way to the module is dead, and not only disturbed.
    fn is_final(&self) -> bool;
}

/// What the module said. Holds a person's data after a read.
pub(crate) struct Heard {
    pub(crate) status: SamStatus,
    /// The identity bytes: after a read that is done, and never else.
    pub(crate) text: Option<Box<[u8; TEXT_BYTES]>>,
    /// The portrait that came in the same answer.
    pub(crate) portrait: Option<ClosedPortrait>,
    /// When the question was put.
    pub(crate) asked: Timestamp,
}
