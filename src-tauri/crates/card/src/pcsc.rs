//! Readers of the smart-card service: pcscd on Linux, the system's own elsewhere.
//!
//! Three threads and two contexts, because every call into the service may block:
//!
//! ```text
//! watch --looks--> desk --events--> sink
//!                 |    ^
//!            orders    answers
//!                 v    |
//!                 worker (one context for each read)
//! ```
//!
//! The *watch* has a context of its own for nothing but the states of the readers.
//! The *worker* reads. The *desk* never calls the service: it keeps what is on which
//! reader, when the last event was, and who waits for which answer, and it notices
//! when one of the other two no longer comes back. The waits of the watch are short
//! (250 ms), so closing needs no `SCardCancel`, which itself blocks when the service
//! hangs.
//!
//! A dead context says "valid" and never recovers (measured), so any word of the
//! service that smells of it drops the context and makes a new one, after 0.2 to 3 s.

mod desk;
mod name;
mod session;
mod watch;

use crate::{CardError, ReadRequest, Reader, Sink};
use booth::{Device, Timestamp};
use desk::{Desk, Message, Order};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A reader that is being closed waits this long for threads that may hang in the service.
const CLOSE_MAX: Duration = Duration::from_millis(1500);
/// The desk looks after the watchdogs at least this often.
const TICK_MAX: Duration = Duration::from_millis(250);

/// Watches one reader, or all of them.
///
/// With a name, readers of exactly that name are watched; when there is none, those
/// that have it apart from the trailing numbers (`... 00 00`), which change when a
/// reader is plugged in elsewhere. The virtual readers of Windows Hello never count.
///
/// Returns at once. A service or reader that is missing is reported as
/// [`Health`](crate::Health) and waited for.
///
/// # Errors
/// [`CardError`] when the name is empty or the system gives no thread.
pub fn open(name: Option<&str>, sink: Sink) -> Result<Box<dyn Reader>, CardError> {
    if name.is_some_and(|name| name.trim().is_empty()) {
        return Err(CardError::Name);
    }
    let (inbox, messages) = channel();
    let device = Arc::new(Mutex::new(name::device(name.unwrap_or_default())));
    let closing = Arc::new(AtomicBool::new(false));
    let renew = Arc::new(AtomicBool::new(false));
    let watch = watch::Watch {
        wanted: name.map(str::to_owned),
        closing: Arc::clone(&closing),
        renew: Arc::clone(&renew),
        outbox: inbox.clone(),
    };
    let watching = spawn("card-watch", move || watch.run())?;
    let clerk = Clerk {
        sink,
        device: Arc::clone(&device),
        inbox: inbox.clone(),
        closing: Arc::clone(&closing),
        renew,
        workers: Vec::new(),
    };
    let desk = spawn("card-desk", move || clerk.run(&messages))?;
    Ok(Box::new(PcscReader {
        inbox,
        device,
        closing,
        desk: Some(desk),
        watch: Some(watching),
    }))
}

/// The readers that are connected now, each with its nature, and how the service is.
/// Waits at most a second, on a thread that is left behind should the service hang.
#[must_use]
pub fn list() -> (crate::Health, Vec<(String, booth::Nature)>) {
    let (sender, answer) = channel();
    let asking = move || {
        let found = catch_unwind(AssertUnwindSafe(watch::readers_now));
        drop(sender.send(found));
    };
    if spawn("card-list", asking).is_err() {
        return (crate::Health::ServiceDown, Vec::new());
    }
    match answer.recv_timeout(Duration::from_secs(1)) {
        Ok(Ok(Ok(names))) if names.is_empty() => (crate::Health::NoReader, Vec::new()),
        Ok(Ok(Ok(names))) => {
            let reader = names.join(" + ");
            let named = |name: String| {
                let nature = name::device(&name).nature;
                (name, nature)
            };
            let readers = names.into_iter().map(named).collect();
            (crate::Health::Ready { reader }, readers)
        }
        Ok(Ok(Err(_)) | Err(_)) => (crate::Health::ServiceDown, Vec::new()),
        Err(_) => (crate::Health::Hung, Vec::new()),
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, CardError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(CardError::Thread)
}

struct PcscReader {
    inbox: Sender<Message>,
    device: Arc<Mutex<Device>>,
    closing: Arc<AtomicBool>,
    desk: Option<JoinHandle<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Reader for PcscReader {
    fn device(&self) -> Device {
        self.device
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn request(&self, request: ReadRequest) {
        // The desk lives as long as this handle; if it died, nobody can answer.
        drop(self.inbox.send(Message::Request(request)));
    }
}

impl Drop for PcscReader {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        drop(self.inbox.send(Message::Close));
        let deadline = Instant::now() + CLOSE_MAX;
        // The desk never blocks, but it waits for a read that is on its way.
        for thread in [self.desk.take(), self.watch.take()].into_iter().flatten() {
            join_until(thread, deadline);
        }
    }
}

/// Joins a thread that comes back in time, and leaves alone one that hangs in the service.
fn join_until(thread: JoinHandle<()>, deadline: Instant) {
    while !thread.is_finished() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
    if thread.is_finished() {
        // A panic was reported when it happened.
        drop(thread.join());
    } else {
        tracing::warn!("a thread of the card reader hangs in the service and is left behind");
    }
}

/// Runs the desk: messages in, orders carried out.
struct Clerk {
    sink: Sink,
    device: Arc<Mutex<Device>>,
    inbox: Sender<Message>,
    closing: Arc<AtomicBool>,
    renew: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Clerk {
    fn run(mut self, messages: &Receiver<Message>) {
        let mut desk = Desk::new(clock::now());
        loop {
            let now = clock::now();
            let wait = desk.next_look(now).min(TICK_MAX);
            let orders = match messages.recv_timeout(wait) {
                Ok(Message::Close) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => desk.handle(message, clock::now()),
                Err(RecvTimeoutError::Timeout) => Vec::new(),
            };
            let due = desk.tick(clock::now());
            for order in orders.into_iter().chain(due) {
                self.carry_out(order);
            }
        }
        // A read on its way ends properly: the card is reset, the reader set free.
        let deadline = Instant::now() + CLOSE_MAX / 2;
        for worker in self.workers {
            join_until(worker, deadline);
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Tell(event) => (self.sink)(*event),
            Order::Watched(reader) => {
                let device = name::device(&reader);
                *self.device.lock().unwrap_or_else(PoisonError::into_inner) = device;
            }
            Order::Renew => self.renew.store(true, Ordering::Relaxed),
            Order::Read { worker, reader } => {
                if let Err(error) = self.start_read(worker, reader) {
                    tracing::error!(code = error.code(), "no thread for a read");
                    // Through the inbox like any other answer: what follows from it,
                    // the start of the next read for one, is carried out as ever.
                    let result = Err(crate::ReadFault::Gone);
                    drop(self.inbox.send(Message::Answer { worker, result }));
                }
            }
        }
    }

    /// Each read has a thread of its own, so that one that hangs is left behind
    /// with everything it holds, and what it says later is known by its number.
    fn start_read(&mut self, worker: u64, reader: String) -> Result<(), CardError> {
        self.workers.retain(|worker| !worker.is_finished());
        let inbox = self.inbox.clone();
        let closing = Arc::clone(&self.closing);
        let thread = spawn("card-read", move || {
            let progress = || {
                drop(inbox.send(Message::Progress { worker }));
                !closing.load(Ordering::Relaxed)
            };
            // The library panics on words of the service that it does not know.
            let result = catch_unwind(AssertUnwindSafe(|| session::read(&reader, &progress)))
                .unwrap_or(Err(crate::ReadFault::Gone));
            drop(inbox.send(Message::Answer { worker, result }));
        })?;
        self.workers.push(thread);
        Ok(())
    }
}

/// The identity bytes of one read and its moments.
struct RawRead {
    text: Box<[u8; crate::TEXT_BYTES]>,
    begun: Timestamp,
    ended: Timestamp,
}

impl std::fmt::Debug for RawRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawRead")
    }
}
