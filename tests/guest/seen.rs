//! A camera as the station sees it, watched by the guest's program. Every wait has an
//! end, and what was told until then is shown when it is over.

use booth::{Epoch, ExposureId, Frame, Timestamp};
use camera::controls::{ControlReport, Values};
use camera::{Camera, CameraEvent, Counters, ExposeRequest, LossCause, Sink};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Whatever is waited for comes within this time, or something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// The driver has opened a camera that was just plugged in within this time.
const FOUND_MAX: Duration = Duration::from_secs(10);

/// Our camera and what it told.
pub(crate) struct Seen {
    pub(crate) camera: Box<dyn Camera>,
    events: Receiver<CameraEvent>,
    log: Vec<String>,
    asked: u64,
}

impl Seen {
    /// Opens the camera of this serial number, once the driver has it.
    pub(crate) fn open(serial: &str) -> Self {
        Self::through(|sink| camera::v4l2::open(Some(serial), sink).ok())
    }

    /// The same with values for its controls.
    pub(crate) fn open_kept(serial: &str, kept: &Values) -> Self {
        Self::through(|sink| camera::v4l2::open_kept(Some(serial), |_| kept.clone(), sink).ok())
    }

    /// The same through `nokhwa`, which knows numbers of nodes only.
    pub(crate) fn open_nokhwa(serial: &str) -> Self {
        Self::through(|sink| {
            let listed = camera::v4l2::list();
            let found = listed
                .iter()
                .find(|one| one.serial.as_deref() == Some(serial))?;
            let node = found.node.to_string_lossy();
            let number = node.strip_prefix("/dev/video")?.parse().ok()?;
            camera::nokhwa::open(number, sink).ok()
        })
    }

    fn through(open: impl Fn(Sink) -> Option<Box<dyn Camera>>) -> Self {
        let begun = Instant::now();
        loop {
            let (sender, events) = channel();
            let sink: Sink = Box::new(move |event| drop(sender.send(event)));
            if let Some(camera) = open(sink) {
                return Self {
                    camera,
                    events,
                    log: Vec::new(),
                    asked: 0,
                };
            }
            assert!(begun.elapsed() < FOUND_MAX, "the camera is not listed");
            sleep(Duration::from_millis(20));
        }
    }

    /// The first event of a kind; others are passed over and logged.
    fn until<T>(
        &mut self,
        what: &str,
        max: Duration,
        fits: impl Fn(&CameraEvent) -> bool,
        take: impl Fn(CameraEvent) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + max;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(event) = self.events.recv_timeout(left) else {
                self.log.push(format!("no {what} in {max:?}"));
                return None;
            };
            self.log.push(match &event {
                CameraEvent::Exposed { exposure, frames } => {
                    format!("{} frames for {exposure:?}", frames.len())
                }
                CameraEvent::Live { .. }
                | CameraEvent::Lost { .. }
                | CameraEvent::Quarantined { .. } => format!("{event:?}"),
            });
            if fits(&event) {
                return take(event);
            }
        }
    }

    fn or_panic<T>(&self, found: Option<T>) -> T {
        found.unwrap_or_else(|| panic!("told was {:#?}; {:?}", self.log, self.counters()))
    }

    /// The next life of the camera, if it begins in time.
    pub(crate) fn try_live(&mut self, max: Duration) -> Option<(Epoch, Timestamp)> {
        let fits = |event: &CameraEvent| matches!(event, CameraEvent::Live { .. });
        self.until("picture", max, fits, |event| match event {
            CameraEvent::Live { epoch, at } => Some((epoch, at)),
            CameraEvent::Lost { .. }
            | CameraEvent::Exposed { .. }
            | CameraEvent::Quarantined { .. } => None,
        })
    }

    /// The next life of the camera.
    pub(crate) fn live(&mut self) -> (Epoch, Timestamp) {
        let found = self.try_live(PATIENCE);
        self.or_panic(found)
    }

    /// The next loss of the picture.
    pub(crate) fn lost(&mut self) -> (LossCause, Timestamp) {
        let fits = |event: &CameraEvent| matches!(event, CameraEvent::Lost { .. });
        let found = self.until("loss", PATIENCE, fits, |event| match event {
            CameraEvent::Lost { cause, at } => Some((cause, at)),
            CameraEvent::Live { .. }
            | CameraEvent::Exposed { .. }
            | CameraEvent::Quarantined { .. } => None,
        });
        self.or_panic(found)
    }

    /// Asks for frames of a press now, and returns its moment.
    pub(crate) fn press(&mut self, frames: usize, within: Duration) -> Timestamp {
        self.asked += 1;
        let pressed = clock::now();
        self.camera.expose(ExposeRequest {
            exposure: ExposureId(self.asked),
            pressed,
            frames,
            deadline: pressed.plus(within),
        });
        pressed
    }

    /// The answer to the last press.
    pub(crate) fn exposed(&mut self) -> Vec<Frame> {
        let asked = ExposureId(self.asked);
        let fits = move |event: &CameraEvent| matches!(event, CameraEvent::Exposed { exposure, .. } if *exposure == asked);
        let found = self.until("answer", PATIENCE * 4, fits, |event| match event {
            CameraEvent::Exposed { frames, .. } => Some(frames),
            CameraEvent::Live { .. }
            | CameraEvent::Lost { .. }
            | CameraEvent::Quarantined { .. } => None,
        });
        self.or_panic(found)
    }

    /// A press that is answered when its frames are there.
    pub(crate) fn frames(&mut self, count: usize) -> Vec<Frame> {
        self.press(count, PATIENCE * 3);
        let frames = self.exposed();
        let told = &self.log;
        assert_eq!(frames.len(), count, "frames of a press; told was {told:#?}");
        frames
    }

    pub(crate) fn kept(&self) -> Option<Arc<ControlReport>> {
        self.camera.kept()
    }

    pub(crate) fn counters(&self) -> Counters {
        self.camera.counters()
    }

    /// Fails, and says why and what was told.
    pub(crate) fn assert(&self, holds: bool, why: &str) {
        let (log, counters) = (&self.log, self.counters());
        assert!(holds, "{why}; told was {log:#?}; {counters:?}");
    }
}
