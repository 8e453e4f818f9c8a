//! What every live source shares: the thread that drains the device, the
//! supervisor that watches it, and between them the [`Core`] under one lock.
//!
//! ```text
//! device thread            lock                 supervisor thread
//! Driver::open ----------> opened / failed
//! Stream::next --frame---> validate, ring,      every 20 ms: heartbeat, deadlines,
//!              <-verdict-- latest slot          stuck thread?  --events--> Sink
//! ```
//!
//! The device thread does nothing but drain: a sink that takes its time delays
//! neither the queue nor the birth of a frame. The sink belongs to the supervisor.
//!
//! A device thread that does not come back in three seconds (a driver that blocks
//! for ever) is abandoned: it loses its generation, and whatever it delivers later
//! is thrown away. A panic in it is caught and reported as a lost camera.

mod core;

pub use self::core::{FIRST_FRAME, HEARTBEAT, REPEATS_MAX, RING, dequeued};

use self::core::{Core, Verdict};
use crate::controls::{ControlError, ControlReport, Controls, Values, apply};
use crate::{Camera, CameraError, ControlsDoor, Counters, ExposeRequest, LossCause, Preview, Sink};
use booth::{Birth, Device, Timestamp};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long one look for the next frame may take; bounds how late a closing or a
/// silence is noticed.
const LOOK: Duration = Duration::from_millis(100);
/// How often the supervisor looks.
const BEAT: Duration = Duration::from_millis(20);
/// A device thread that was in one call for this long is stuck.
const STUCK: Duration = Duration::from_secs(3);
/// Opening may take longer: cameras re-negotiate their bus and load firmware.
const STUCK_OPENING: Duration = Duration::from_secs(10);
/// A stream without a valid frame for this long is closed and opened anew.
const SILENCE_MAX: Duration = Duration::from_secs(2);
/// Between two attempts to open.
const RETRY: Duration = Duration::from_millis(300);
/// So many abandoned threads may be stuck at once; then we wait for one to end.
const ABANDONED_MAX: usize = 4;
/// Frames that are thrown away after controls were set: so many may wait in a driver's
/// queue, exposed before, and two more until the sensor has followed.
const SETTLE: u32 = 6;
/// How long a closing camera waits for its device thread.
const JOIN_MAX: Duration = Duration::from_secs(2);

/// What the frames of a stream must look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// One JPEG a frame.
    Jpeg {
        /// Negotiated width and height in pixels; `None` where nothing was
        /// negotiated (a simulated camera).
        size: Option<(u32, u32)>,
        /// Whether bytes that are not zero may follow the picture, because the
        /// library below does not tell its length.
        tail: bool,
    },
    /// Packed 4:2:2, two bytes a pixel, no padding.
    Yuyv {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

/// One frame as a driver gives it, before anybody has looked at it.
#[derive(Clone, Copy)]
pub struct RawFrame<'a> {
    /// What the driver says the frame consists of.
    pub bytes: &'a [u8],
    /// Its counter within the stream.
    pub sequence: u64,
    /// When it was exposed.
    pub birth: Birth,
    /// The driver itself calls it damaged.
    pub flawed: bool,
}

/// Opens a device. One driver serves one camera for its whole life and finds the
/// same device again after it was gone.
pub trait Driver: Send + Sync + 'static {
    /// Opens the device and starts its stream. May block; called on the device thread.
    ///
    /// # Errors
    /// Why there is no picture; tried again after a while.
    fn open(&self) -> Result<Box<dyn Stream>, LossCause>;

    /// A handle to the device's controls. May block; called on any thread.
    ///
    /// # Errors
    /// [`ControlError::None`] where they cannot be reached, `Gone` when the device is not
    /// there.
    fn controls(&self) -> Result<Box<dyn Controls>, ControlError> {
        Err(ControlError::None)
    }
}

/// A running stream, owned by the device thread.
pub trait Stream {
    /// What its frames must look like. May change only between two streams.
    fn format(&self) -> Format;

    /// Frames to throw away after opening, while exposure and focus settle.
    fn warm_up(&self) -> u32 {
        0
    }

    /// Waits at most `wait` for the next frame; `None` when none came.
    ///
    /// # Errors
    /// The stream is over: it is closed and opened anew.
    fn next(&mut self, wait: Duration) -> Result<Option<RawFrame<'_>>, LossCause>;
}

/// Starts the two threads of a live camera and returns at once.
///
/// # Errors
/// [`CameraError::Io`] when the system has no thread left.
pub fn start(device: Device, driver: impl Driver, sink: Sink) -> Result<LiveCamera, CameraError> {
    start_kept(device, driver, Values::default(), sink)
}

/// As [`start`], with values for the controls: set after each opening, before the first
/// frame counts.
///
/// # Errors
/// As [`start`].
pub fn start_kept(
    device: Device,
    driver: impl Driver,
    kept: Values,
    sink: Sink,
) -> Result<LiveCamera, CameraError> {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            core: Core::new(),
            generation: 0,
            closing: false,
            since: Instant::now(),
            opening: true,
            keep: Keep {
                values: kept,
                is_due: false,
                report: None,
            },
        }),
        bell: Condvar::new(),
        driver: Box::new(driver),
    });
    let watched = Arc::clone(&shared);
    let supervisor = std::thread::Builder::new()
        .name("camera-watch".to_owned())
        .spawn(move || supervise(&watched, &sink))
        .map_err(CameraError::Io)?;
    Ok(LiveCamera {
        device,
        shared,
        supervisor: Some(supervisor),
    })
}

/// A live source that is running.
pub struct LiveCamera {
    device: Device,
    shared: Arc<Shared>,
    supervisor: Option<JoinHandle<()>>,
}

impl Camera for LiveCamera {
    fn device(&self) -> Device {
        self.device.clone()
    }

    fn latest(&self) -> Option<Arc<Preview>> {
        self.shared.lock().core.latest()
    }

    fn expose(&self, request: ExposeRequest) {
        self.shared.lock().core.expose(request);
        self.shared.bell.notify_all();
    }

    fn counters(&self) -> Counters {
        self.shared.lock().core.counters()
    }

    fn door_to_controls(&self) -> ControlsDoor {
        let shared = Arc::clone(&self.shared);
        Box::new(move || shared.driver.controls())
    }

    fn keep(&self, values: Values) {
        let mut state = self.shared.lock();
        state.keep.is_due = true;
        state.keep.values = values;
    }

    fn kept(&self) -> Option<Arc<ControlReport>> {
        self.shared.lock().keep.report.clone()
    }
}

impl Drop for LiveCamera {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.bell.notify_all();
        if let Some(supervisor) = self.supervisor.take()
            // Dropped from within its own sink, it cannot wait for itself.
            && supervisor.thread().id() != std::thread::current().id()
            && supervisor.join().is_err()
        {
            tracing::error!("the supervisor of a camera panicked");
        }
    }
}

struct Shared {
    state: Mutex<State>,
    /// Rung when there is something for the supervisor, or when closing.
    bell: Condvar,
    driver: Box<dyn Driver>,
}

struct State {
    core: Core,
    /// Which device thread is the present one.
    generation: u64,
    closing: bool,
    /// When the device thread last came back from the driver.
    since: Instant,
    opening: bool,
    keep: Keep,
}

/// What the camera's controls are to be.
struct Keep {
    values: Values,
    /// They are to be set with the next frame.
    is_due: bool,
    report: Option<Arc<ControlReport>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, if the device thread of this generation may still touch it.
    fn own(&self, generation: u64) -> Option<MutexGuard<'_, State>> {
        let state = self.lock();
        (state.generation == generation && !state.closing).then_some(state)
    }

    fn pause(&self, generation: u64, span: Duration) {
        let until = Instant::now() + span;
        let mut state = self.lock();
        while state.generation == generation && !state.closing {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state.since = Instant::now();
            state = self
                .bell
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

/// The supervisor thread: owns the sink, the clock and the device threads.
fn supervise(shared: &Arc<Shared>, sink: &Sink) {
    let mut abandoned: Vec<JoinHandle<()>> = Vec::new();
    let mut current = spawn(shared, 0);
    loop {
        let mut events = Vec::new();
        let mut state = shared.lock();
        if state.closing {
            break;
        }
        state.core.tick(clock::now());
        let limit = match (&current, state.opening) {
            (None, _) => RETRY,
            (Some(_), true) => STUCK_OPENING,
            (Some(_), false) => STUCK,
        };
        let stuck = state.since.elapsed() > limit;
        if stuck && abandoned.len() < ABANDONED_MAX {
            state.generation += 1;
            state.since = Instant::now();
            state.opening = true;
            let generation = state.generation;
            state.core.failed(LossCause::Hung, clock::now());
            drop(state);
            tracing::warn!(generation, "the camera's thread is stuck and was abandoned");
            abandoned.extend(current.take());
            current = spawn(shared, generation);
            state = shared.lock();
        }
        while let Some(event) = state.core.take_event() {
            events.push(event);
        }
        if events.is_empty() {
            let waited = shared.bell.wait_timeout(state, BEAT);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        } else {
            drop(state);
            events.into_iter().for_each(sink);
        }
        abandoned.retain(|thread| !thread.is_finished());
    }
    shared.bell.notify_all();
    if let Some(thread) = current {
        join_briefly(thread);
    }
}

/// Joins a device thread unless it is stuck in its driver.
pub(crate) fn join_briefly(thread: JoinHandle<()>) {
    let until = Instant::now() + JOIN_MAX;
    while !thread.is_finished() {
        if Instant::now() >= until {
            tracing::warn!("the camera's thread did not end and was left behind");
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    if thread.join().is_err() {
        tracing::error!("the camera's thread panicked while it ended");
    }
}

fn spawn(shared: &Arc<Shared>, generation: u64) -> Option<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    let spawned = std::thread::Builder::new()
        .name(format!("camera-{generation}"))
        .spawn(move || drain(&shared, generation));
    spawned
        .inspect_err(|error| tracing::error!(%error, "no thread for the camera"))
        .ok()
}

/// The device thread: opens, drains, closes, and again.
fn drain(shared: &Shared, generation: u64) {
    loop {
        let Some(mut state) = shared.own(generation) else {
            return;
        };
        state.since = Instant::now();
        state.opening = true;
        drop(state);
        let opened = catch_unwind(AssertUnwindSafe(|| shared.driver.open()));
        let cause = match opened {
            Ok(Ok(stream)) => run(shared, generation, stream),
            Ok(Err(cause)) => Some(cause),
            Err(_panic) => Some(LossCause::Crashed),
        };
        let Some(mut state) = shared.own(generation) else {
            return;
        };
        if let Some(cause) = cause {
            state.core.failed(cause, clock::now());
        }
        state.since = Instant::now();
        drop(state);
        shared.bell.notify_all();
        shared.pause(generation, RETRY);
    }
}

/// Runs one stream to its end. `None` when the core has already said why it ended.
fn run(shared: &Shared, generation: u64, mut stream: Box<dyn Stream>) -> Option<LossCause> {
    let pumped = catch_unwind(AssertUnwindSafe(|| {
        pump(shared, generation, stream.as_mut())
    }));
    // A driver may panic while it closes. It is dropped outside of any unwinding,
    // because a second panic would end the process.
    let closed = catch_unwind(AssertUnwindSafe(move || drop(stream)));
    match (pumped, closed) {
        (Ok(cause), Ok(())) => cause,
        (Ok(cause @ Some(_)), Err(_panic)) => cause,
        (Ok(None) | Err(_), _) => Some(LossCause::Crashed),
    }
}

fn pump(shared: &Shared, generation: u64, stream: &mut dyn Stream) -> Option<LossCause> {
    let format = stream.format();
    let mut skip = stream.warm_up();
    let mut state = shared.own(generation)?;
    state.core.opened(clock::now());
    // The camera may have been unplugged, or never set.
    state.keep.is_due = !state.keep.values.is_empty();
    drop(state);
    let mut is_new = true;
    let mut last_good = Instant::now();
    loop {
        let mut state = shared.own(generation)?;
        state.since = Instant::now();
        state.opening = false;
        drop(state);
        let raw = match stream.next(LOOK) {
            Ok(raw) => raw,
            Err(cause) => return Some(cause),
        };
        if let Some(raw) = raw {
            // With the first frame, not before: cameras begin anew when they start to stream.
            if set_kept(shared, generation)? && is_new {
                skip = skip.max(SETTLE);
                // A slow camera may need another second for these: it is no silence yet.
                shared.own(generation)?.core.opened(clock::now());
                last_good = Instant::now();
            }
            is_new = false;
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let mut state = shared.own(generation)?;
            let before = state.core.counters().frames;
            if state.core.frame(&raw, format, clock::now()) == Verdict::Reopen {
                return None;
            }
            if state.core.counters().frames > before {
                last_good = Instant::now();
            }
            drop(state);
            shared.bell.notify_all();
        }
        if last_good.elapsed() > SILENCE_MAX {
            // The heartbeat has long told why; only the stream has to be renewed.
            return None;
        }
    }
}

/// Sets the kept values where they are due; whether they were. `None` when this thread
/// was abandoned meanwhile.
fn set_kept(shared: &Shared, generation: u64) -> Option<bool> {
    let mut state = shared.own(generation)?;
    if !std::mem::take(&mut state.keep.is_due) {
        return Some(false);
    }
    let values = state.keep.values.clone();
    drop(state);
    let controls = shared.driver.controls();
    let result = controls.and_then(|controls| apply(controls.as_ref(), &values));
    match &result {
        Ok(applied) => {
            for finding in &applied.findings {
                tracing::warn!(code = finding.code(), %finding, "a control is not as it is kept");
            }
        }
        Err(error) => tracing::warn!(%error, "the camera's controls were not set"),
    }
    let mut state = shared.own(generation)?;
    let turn = state.keep.report.as_ref().map_or(0, |report| report.turn) + 1;
    state.keep.report = Some(Arc::new(ControlReport { turn, result }));
    Some(true)
}

/// `at`, moved `span` into the past; the start of the boot when it would be earlier.
#[must_use]
pub fn earlier(at: Timestamp, span: Duration) -> Timestamp {
    let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    Timestamp::new(at.boot(), at.nanos().saturating_sub(nanos))
}
