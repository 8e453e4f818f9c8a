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
//! together, [`attendant`] makes presence of them, [`port`] is the serial port.
//!
//! The portrait that comes with every read (1024 bytes in a closed format) is dropped.
//! Nothing here has been tried with a true module yet: frames, statuses and times are
//! those of published documents, and the tests' module plays them.

mod attendant;
mod frame;
mod line;
mod port;
#[cfg(test)]
mod rig;
pub use frame::{FrameFault, SamStatus};
pub use line::{ByteLink, LineFault};
pub use port::{ListedPort, list};

use crate::{CardError, Health, ReadFault, ReadRequest, Reader, ReaderEvent, Sink};
use attendant::Attendant;
use booth::Device;
use line::Line;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What modules are set to, the usual first.
const BAUDS: [u32; 5] = [115_200, 57_600, 38_400, 19_200, 9_600];
/// Pause before a port is opened again: at first, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(3);
/// While the port itself is missing it is looked for this often: ready within 2 s of
/// a replug, and looking for a name costs nothing.
const PAUSE_ABSENT: Duration = Duration::from_millis(500);

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
    let (inbox, messages) = channel();
    let device = Device {
        driver: "sdt".to_owned(),
        bus: port.to_owned(),
        identity: port.to_owned(),
        nature: port::nature(port),
    };
    let device = Arc::new(Mutex::new(device));
    let closing = Arc::new(AtomicBool::new(false));
    let watch = Watch {
        port: port.to_owned(),
        device: Arc::clone(&device),
        closing: Arc::clone(&closing),
        sink,
        health: None,
        was_ready: false,
        baud: BAUDS[0],
    };
    let thread = std::thread::Builder::new()
        .name("card-sdt".to_owned())
        .spawn(move || watch.run(&messages))
        .map_err(CardError::Thread)?;
    Ok(Box::new(SdtReader {
        inbox: Some(inbox),
        device,
        closing,
        thread: Some(thread),
    }))
}

struct SdtReader {
    inbox: Option<Sender<ReadRequest>>,
    device: Arc<Mutex<Device>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reader for SdtReader {
    fn device(&self) -> Device {
        let device = self.device.lock();
        device.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn request(&self, request: ReadRequest) {
        if let Some(inbox) = &self.inbox {
            // The thread lives as long as this handle; if it died, nobody can answer.
            let _sent = inbox.send(request);
        }
    }
}

impl Drop for SdtReader {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            // Every wait on the line is cut short; a panic was reported when it happened.
            drop(thread.join());
        }
    }
}

/// The thread of the reader.
struct Watch {
    port: String,
    device: Arc<Mutex<Device>>,
    closing: Arc<AtomicBool>,
    sink: Sink,
    health: Option<Health>,
    was_ready: bool,
    /// The speed at which the module answered last.
    baud: u32,
}

type PortLine = Line<Box<dyn ByteLink>>;

impl Watch {
    fn run(mut self, requests: &Receiver<ReadRequest>) {
        let mut pause = PAUSE_MIN;
        loop {
            let lost = match self.connect() {
                Ok(line) => {
                    pause = PAUSE_MIN;
                    self.attend(line, requests)
                }
                Err(fault) => fault,
            };
            if self.closing.load(Ordering::Relaxed) {
                return;
            }
            tracing::debug!(fault = %lost, port = self.port, "the reader is not there");
            let absent = matches!(&lost, LineFault::Gone(_));
            self.report_lost(&lost);
            let rest = if absent {
                pause.min(PAUSE_ABSENT)
            } else {
                pause
            };
            if self.turn_away(requests, rest).is_err() {
                return;
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// The module, at the first speed at which it answers.
    fn connect(&mut self) -> Result<PortLine, LineFault> {
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

    /// Watches until the line is lost, and returns why.
    fn attend(&mut self, line: PortLine, requests: &Receiver<ReadRequest>) -> LineFault {
        let identity = line.id().map_or(self.port.clone(), ToString::to_string);
        let device = Device {
            driver: "sdt".to_owned(),
            bus: self.port.clone(),
            identity: identity.clone(),
            nature: port::nature(&self.port),
        };
        *self.device.lock().unwrap_or_else(PoisonError::into_inner) = device.clone();
        self.was_ready = true;
        self.report(Health::Ready { reader: identity });
        let mut attendant = Attendant::new(line, device);
        let fault = loop {
            match requests.recv_timeout(attendant.rest()) {
                Ok(request) => attendant.request(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return closed(),
            }
            let turned = catch_unwind(AssertUnwindSafe(|| attendant.turn()));
            attendant.take_told().into_iter().for_each(&self.sink);
            match turned {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => break fault,
                Err(_) => break LineFault::Gone(io::Error::other("the driver of the port failed")),
            }
        };
        if !self.closing.load(Ordering::Relaxed) {
            attendant.lose();
            attendant.take_told().into_iter().for_each(&self.sink);
        }
        fault
    }

    fn report_lost(&mut self, fault: &LineFault) {
        let reader = {
            let device = self.device.lock();
            device
                .unwrap_or_else(PoisonError::into_inner)
                .identity
                .clone()
        };
        let health = match fault {
            LineFault::Gone(_) | LineFault::Exchanged if self.was_ready => {
                Health::Unplugged { reader }
            }
            LineFault::Silent
            | LineFault::Cut(_)
            | LineFault::Frame(_)
            | LineFault::Foreign { .. }
                if self.was_ready =>
            {
                Health::Hung
            }
            LineFault::Gone(error) => {
                let told = self.health.is_some();
                if !told && error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, port = self.port, "the port cannot be opened");
                }
                Health::NoReader
            }
            // A port, but nothing on it that speaks like a module.
            LineFault::Exchanged
            | LineFault::Silent
            | LineFault::Cut(_)
            | LineFault::Frame(_)
            | LineFault::Foreign { .. } => Health::NoReader,
        };
        self.report(health);
    }

    fn report(&mut self, health: Health) {
        if self.health.as_ref() != Some(&health) {
            self.health = Some(health.clone());
            (self.sink)(ReaderEvent::Health(health));
        }
    }

    /// Answers whoever asks while there is no reader, for so long.
    fn turn_away(&self, requests: &Receiver<ReadRequest>, rest: Duration) -> Result<(), ()> {
        let end = Instant::now() + rest;
        loop {
            match requests.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(ReadRequest {
                    read, insertion, ..
                }) => (self.sink)(ReaderEvent::Read {
                    read,
                    insertion,
                    result: Err(ReadFault::Gone),
                }),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(()),
            }
        }
    }
}

fn closed() -> LineFault {
    LineFault::Gone(io::ErrorKind::Interrupted.into())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "sdt/tests.rs"]
mod tests;
