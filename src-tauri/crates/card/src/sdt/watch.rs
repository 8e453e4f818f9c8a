//! The thread of a reader that has to be asked: finds the module, lets an attendant
//! serve until it is lost, and looks for it again.

use super::attendant::Attendant;
use super::exchange::{Exchange, ExchangeFault};
use crate::{CardError, Health, ReadFault, ReadRequest, Reader, ReaderEvent, Sink};
use booth::Device;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Pause before the module is looked for again: at first, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(3);
/// While the port itself is missing it is looked for this often: ready within 2 s of
/// a replug, and looking for a name costs nothing.
const PAUSE_ABSENT: Duration = Duration::from_millis(500);
/// A module that was lost sooner than this was hardly there: the pauses grow on.
const LASTING: Duration = Duration::from_secs(1);

/// Where a module is found.
pub(crate) trait Source: Send + 'static {
    /// The way to it.
    type Exchange: Exchange;

    /// Finds it, and says which device it is.
    fn connect(&mut self) -> Result<(Self::Exchange, Device), Fault<Self>>;

    /// How the reader is after this fault. `lost`: its name, if it was ready before.
    fn health(&self, fault: &Fault<Self>, lost: Option<String>) -> Health;

    /// Whether the place where it hangs is missing.
    fn is_absent(&self, fault: &Fault<Self>) -> bool;
}

pub(crate) type Fault<S> = <<S as Source>::Exchange as Exchange>::Fault;

/// Watches a source on a thread of this name. Returns at once. The source ends every
/// wait soon after `closing` is set.
pub(crate) fn watch(
    thread: &str,
    source: impl Source,
    device: Device,
    closing: Arc<AtomicBool>,
    sink: Sink,
) -> Result<Box<dyn Reader>, CardError> {
    let (inbox, requests) = channel();
    let device = Arc::new(Mutex::new(device));
    let watch = Watch {
        source,
        device: Arc::clone(&device),
        closing: Arc::clone(&closing),
        sink,
        health: None,
        was_ready: false,
    };
    let thread = std::thread::Builder::new()
        .name(thread.to_owned())
        .spawn(move || watch.run(&requests))
        .map_err(CardError::Thread)?;
    Ok(Box::new(Watched {
        inbox: Some(inbox),
        device,
        closing,
        thread: Some(thread),
    }))
}

struct Watched {
    inbox: Option<Sender<ReadRequest>>,
    device: Arc<Mutex<Device>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reader for Watched {
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

impl Drop for Watched {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        self.inbox = None;
        if let Some(thread) = self.thread.take() {
            // Every wait of it is cut short; a panic was reported when it happened.
            drop(thread.join());
        }
    }
}

struct Watch<S> {
    source: S,
    device: Arc<Mutex<Device>>,
    closing: Arc<AtomicBool>,
    sink: Sink,
    health: Option<Health>,
    was_ready: bool,
}

impl<S: Source> Watch<S> {
    fn run(mut self, requests: &Receiver<ReadRequest>) {
        let mut pause = PAUSE_MIN;
        loop {
            let lost = match self.source.connect() {
                Ok((exchange, device)) => {
                    let begun = Instant::now();
                    let lost = self.attend(exchange, device, requests);
                    if begun.elapsed() >= LASTING {
                        pause = PAUSE_MIN;
                    }
                    lost
                }
                Err(fault) => fault,
            };
            if self.closing.load(Ordering::Relaxed) {
                return;
            }
            let absent = self.source.is_absent(&lost);
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

    /// Watches until the module is lost, and returns why.
    fn attend(
        &mut self,
        exchange: S::Exchange,
        device: Device,
        requests: &Receiver<ReadRequest>,
    ) -> Fault<S> {
        let reader = device.identity.clone();
        *self.device.lock().unwrap_or_else(PoisonError::into_inner) = device.clone();
        self.was_ready = true;
        self.report(Health::Ready { reader });
        let mut attendant = Attendant::new(exchange, device);
        let fault = loop {
            match requests.recv_timeout(attendant.rest()) {
                Ok(request) => attendant.request(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Fault::<S>::gone(io::ErrorKind::Interrupted.into());
                }
            }
            let turned = catch_unwind(AssertUnwindSafe(|| attendant.turn()));
            attendant.take_told().into_iter().for_each(&self.sink);
            match turned {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => break fault,
                Err(_) => {
                    let crashed = io::Error::other("the driver of the port failed");
                    break Fault::<S>::gone(crashed);
                }
            }
        };
        if !self.closing.load(Ordering::Relaxed) {
            attendant.lose();
            attendant.take_told().into_iter().for_each(&self.sink);
        }
        fault
    }

    fn report_lost(&mut self, fault: &Fault<S>) {
        let device = self.device.lock();
        let reader = device
            .unwrap_or_else(PoisonError::into_inner)
            .identity
            .clone();
        let lost = self.was_ready.then_some(reader);
        let health = self.source.health(fault, lost);
        let code = health.code();
        if self.health.as_ref() == Some(&health) {
            tracing::debug!(%fault, code, "the reader is still not there");
        } else {
            tracing::warn!(%fault, code, "the reader is not there");
        }
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
