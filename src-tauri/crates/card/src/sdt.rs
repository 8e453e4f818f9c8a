//! Readers with a security module (SAM-V) on a serial port, or on a USB one that
//! looks like it: the open protocol of the module itself, no vendor's program.
//!
//! ```text
//! watch: connect --> line (settled) --> attendant: looks every 300 ms, reads
//!           ^                                |
//!           '---- 0.2 to 3 s <---- lost -----'
//! ```
//!
//! One thread does it all, for the line has room for one question at a time and every
//! wait on it has an end. [`frame`] is the codec, [`line`] keeps questions and answers
//! together, [`attendant`] makes presence of them, [`port`] is the serial port. Attendant
//! and [`watch`] serve [`crate::vendor`] as well: the same module behind a library.
//!
//! The portrait that comes with every read (1024 bytes in a closed format) stays closed here.
//! Nothing here has been tried with a true module yet: frames, statuses and times are
//! those of published documents, and the tests' module plays them.

pub(crate) mod attendant;
pub(crate) mod exchange;
pub(crate) mod frame;
mod line;
#[cfg(test)]
mod people;
mod port;
pub(crate) mod watch;
pub use frame::{FrameFault, SamStatus};
pub use line::{ByteLink, LineFault};
pub use port::{ListedPort, list};

use crate::{CardError, Health, Reader, Sink};
use booth::Device;
use line::Line;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use watch::Source;

/// What modules are set to, the usual first.
const BAUDS: [u32; 5] = [115_200, 57_600, 38_400, 19_200, 9_600];

/// Watches the reader on this serial port.
///
/// Returns at once. A port or module that is missing is reported as [`Health`] and
/// waited for.
///
/// # Errors
/// [`CardError`] when the port's name is empty or the system gives no thread.
pub fn open(port: &str, sink: Sink) -> Result<Box<dyn Reader>, CardError> {
    if port.trim().is_empty() {
        return Err(CardError::Name);
    }
    let closing = Arc::new(AtomicBool::new(false));
    let source = SerialSource {
        port: port.to_owned(),
        closing: Arc::clone(&closing),
        baud: BAUDS[0],
    };
    let device = source.device(port.to_owned());
    watch::watch("card-sdt", source, device, closing, sink)
}

/// A module on a serial port.
struct SerialSource {
    port: String,
    closing: Arc<AtomicBool>,
    /// The speed at which the module answered last.
    baud: u32,
}

type PortLine = Line<Box<dyn ByteLink>>;

impl SerialSource {
    fn device(&self, identity: String) -> Device {
        Device {
            driver: "sdt".to_owned(),
            bus: self.port.clone(),
            identity,
            nature: port::nature(&self.port),
        }
    }

    /// The module, at the first speed at which it answers.
    fn line(&mut self) -> Result<PortLine, LineFault> {
        let mut fault = LineFault::Silent;
        // The speed at which it answered last goes first, and is asked twice: the
        // module may be busy with what was asked before the line was lost.
        let others = BAUDS.into_iter().filter(|baud| *baud != self.baud);
        let speeds = [(self.baud, 2)]
            .into_iter()
            .chain(others.map(|baud| (baud, 1)));
        for (baud, tries) in speeds.collect::<Vec<_>>() {
            let link = port::open(&self.port, baud).map_err(LineFault::Gone)?;
            match Line::open(link, baud, tries, Arc::clone(&self.closing)) {
                Ok(line) => {
                    self.baud = baud;
                    return Ok(line);
                }
                Err(end) if end.is_final() => return Err(end),
                Err(end) => fault = end,
            }
        }
        Err(fault)
    }
}

impl Source for SerialSource {
    type Exchange = PortLine;

    fn connect(&mut self) -> Result<(PortLine, Device), LineFault> {
        let line = self.line()?;
        let identity = line.id().map_or(self.port.clone(), ToString::to_string);
        let device = self.device(identity);
        Ok((line, device))
    }

    fn health(&self, fault: &LineFault, lost: Option<String>) -> Health {
        match (fault, lost) {
            // Held or shut, the port is there: whoever holds it has to let go.
            (LineFault::Gone(error), _) if error.kind() == io::ErrorKind::ResourceBusy => {
                Health::Busy
            }
            (LineFault::Gone(error), _) if error.kind() == io::ErrorKind::PermissionDenied => {
                Health::Forbidden
            }
            (LineFault::Gone(_) | LineFault::Exchanged, Some(reader)) => {
                Health::Unplugged { reader }
            }
            (
                LineFault::Silent
                | LineFault::Cut(_)
                | LineFault::Frame(_)
                | LineFault::Foreign { .. },
                Some(_),
            ) => Health::Hung,
            // No port, or nothing on it that speaks like a module.
            (
                LineFault::Gone(_)
                | LineFault::Exchanged
                | LineFault::Silent
                | LineFault::Cut(_)
                | LineFault::Frame(_)
                | LineFault::Foreign { .. },
                None,
            ) => Health::NoReader,
        }
    }

    fn is_absent(&self, fault: &LineFault) -> bool {
        matches!(fault, LineFault::Gone(_))
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "sdt/tests.rs"]
mod tests;
