//! 模拟相机: a camera made of pictures, for the demo, for training and for tests.
//!
//! It runs through the same core as a real live camera ([`camera::live`]): the
//! same thread, validation, ring, heartbeat and supervisor. Only the device below
//! is a picture, encoded anew as a JPEG 12 or 15 times a second with a
//! [stamp](crate::stamp) in its pixels, so that no two frames are the same bytes.
//!
//! `still:PATH` of the command line takes
//! - a picture (`.jpg`, `.jpeg`, `.png`): shown for ever; another file under its name is
//!   shown from then on, as if somebody else had sat down;
//! - a folder: its pictures in the order of their names. The same one is shown until an
//!   exposure was answered with it, then the next; after the last, the first again. So
//!   one picture is one exposure, and a retake sees the next one;
//! - a file `NAME.toml`, whose picture or folder then misbehaves on schedule:
//!
//! ```toml
//! picture = "face.jpg"          # or a folder; relative to this file
//! stall_after_ms = 3000         # from then on no frame comes
//! freeze_after_ms = 3000        # from then on the same bytes come again and again
//! disconnect_after_ms = 3000    # from then on the device is gone ...
//! reconnect_after_ms = 6000     # ... until then, when all three faults end
//! frames_are_old_ms = 2000      # every frame was born that long before it comes
//! light_stops = -0.5            # the light is weaker by half a stop
//! light_kelvin = 4600           # its colour temperature
//! rate = 30                     # frames a second, 1 to 60; 15, or 12 of a large picture, where it is not told
//! deaf_control = "gain"         # this control says yes and does nothing
//! ```
//!
//! Times count from the opening of the camera. Only `picture` is required. Its controls
//! are those of a [webcam](Light).

mod exif;
mod panel;

pub use exif::{ExifFields, with_exif, with_exif_fields};
pub use panel::Light;

use crate::stamp::{STAMP_HEIGHT, STAMP_WIDTH, Stamp, stamp};
use booth::{Birth, Device, Nature, Timestamp, sha256};
use camera::controls::{Control, ControlError, ControlReport, ControlState, Controls, Values};
use camera::live::{Driver, Format, LiveCamera, RawFrame, Stream, earlier};
use camera::{
    Camera, CameraError, CameraEvent, ControlsDoor, Counters, ExposeRequest, LossCause, Preview,
    Sink, live,
};
use image::RgbImage;
use image::imageops::FilterType;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use panel::{Panel, Tables};
use serde::Deserialize;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longer sides are scaled down to this many pixels, as a Full HD camera has them.
pub const LONG_SIDE_MAX: u32 = 1920;
/// JPEG quality of the frames (encoder's own scale).
const QUALITY: u8 = 92;
/// Frames a second of pictures up to 1280 pixels, and of larger ones, which cost
/// a third of a core otherwise.
const RATE: u32 = 15;
const RATE_LARGE: u32 = 12;
const RATE_MAX: u32 = 60;
/// A folder may hold this many pictures; they are decoded one at a time.
const PICTURES_MAX: usize = 10_000;

/// One picture to be shown, and the number that its stamp carries.
#[derive(Clone)]
pub struct Still {
    picture: Arc<RgbImage>,
    source: u64,
}

impl Still {
    /// Reads a picture file; its stamp carries the first 64 bits of its SHA-256.
    ///
    /// # Errors
    /// [`CameraError::Io`] and its kin when it cannot be read, `Unusable` when it is
    /// no picture or has no room for the stamp.
    pub fn load(path: &Path) -> Result<Self, CameraError> {
        let bytes = std::fs::read(path)?;
        let source = first_64_bits(&bytes);
        let picture = image::load_from_memory(&bytes)
            .map_err(|error| CameraError::Unusable(error.to_string()))?;
        Self::new(picture.into_rgb8(), source)
    }

    /// A picture out of memory, named by a number of the caller's choice.
    ///
    /// # Errors
    /// [`CameraError::Unusable`] when it has no room for the stamp.
    pub fn new(picture: RgbImage, source: u64) -> Result<Self, CameraError> {
        let picture = fit(picture);
        let (width, height) = picture.dimensions();
        if width < STAMP_WIDTH || height < STAMP_HEIGHT {
            let fault = crate::stamp::TooSmall { width, height };
            return Err(CameraError::Unusable(fault.to_string()));
        }
        Ok(Self {
            picture: Arc::new(picture),
            source,
        })
    }

    fn rate(&self) -> u32 {
        let (width, height) = self.picture.dimensions();
        if width.max(height) <= 1280 {
            RATE
        } else {
            RATE_LARGE
        }
    }
}

fn first_64_bits(bytes: &[u8]) -> u64 {
    let digest = sha256(bytes);
    digest
        .as_bytes()
        .iter()
        .take(8)
        .fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// Scales a large picture down to what a camera would give.
fn fit(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    if width.max(height) <= LONG_SIDE_MAX {
        return picture;
    }
    let scaled = |side: u32| {
        let side = u64::from(side) * u64::from(LONG_SIDE_MAX) / u64::from(width.max(height));
        u32::try_from(side).unwrap_or(LONG_SIDE_MAX).max(1)
    };
    image::imageops::resize(
        &picture,
        scaled(width),
        scaled(height),
        FilterType::Triangle,
    )
}

/// What shall go wrong by itself, counted from the opening of the camera.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Schedule {
    /// From then on no frame comes.
    pub stall_after: Option<Duration>,
    /// From then on the same bytes come again and again.
    pub freeze_after: Option<Duration>,
    /// From then on the device is gone.
    pub disconnect_after: Option<Duration>,
    /// From then on all is well again.
    pub reconnect_after: Option<Duration>,
    /// How long before its delivery each frame was born.
    pub frames_are_old: Duration,
    /// The light on the scene.
    pub light: Light,
    /// Frames a second; `None` for what suits the picture's size.
    pub rate: Option<u32>,
    /// A control that says yes and does nothing.
    pub deaf: Option<Control>,
}

/// The TOML file, as written by people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleFile {
    picture: PathBuf,
    stall_after_ms: Option<u64>,
    freeze_after_ms: Option<u64>,
    disconnect_after_ms: Option<u64>,
    reconnect_after_ms: Option<u64>,
    frames_are_old_ms: Option<u64>,
    light_stops: Option<f64>,
    light_kelvin: Option<i64>,
    rate: Option<u32>,
    deaf_control: Option<String>,
}

/// Opens `still:PATH`: a picture, a folder of pictures, or a TOML file (see the
/// [module](self)).
///
/// # Errors
/// [`CameraError`] when nothing usable is there.
pub fn open(path: &Path, sink: Sink) -> Result<Box<dyn Camera>, CameraError> {
    open_kept(path, |_device| Values::default(), sink)
}

/// As [`open`], with values for its controls: set before the first frame counts, and
/// again after each reopening.
///
/// # Errors
/// As [`open`].
pub fn open_kept(
    path: &Path,
    kept: impl FnOnce(&Device) -> Values,
    sink: Sink,
) -> Result<Box<dyn Camera>, CameraError> {
    let is_toml = path.extension().is_some_and(|ending| ending == "toml");
    let (path, schedule) = if is_toml {
        read_schedule(path)?
    } else {
        (path.to_path_buf(), Schedule::default())
    };
    let pictures = pictures_of(&path)?;
    let name = path.file_name().map_or_else(
        || "still".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let album = Album::Files(pictures);
    let (camera, _control) = SimulatedCamera::over(album, name, schedule, kept, sink)?;
    Ok(Box::new(camera))
}

fn read_schedule(path: &Path) -> Result<(PathBuf, Schedule), CameraError> {
    let text = std::fs::read_to_string(path)?;
    let file: ScheduleFile =
        toml::from_str(&text).map_err(|error| CameraError::Unusable(error.message().to_owned()))?;
    let deaf = match file.deaf_control.as_deref() {
        None => None,
        Some(name) => Some(Control::from_code(name).ok_or_else(|| {
            CameraError::Unusable("deaf_control is not the name of a control".to_owned())
        })?),
    };
    if file
        .rate
        .is_some_and(|rate| !(1..=RATE_MAX).contains(&rate))
    {
        let told = format!("rate is frames a second, 1 to {RATE_MAX}");
        return Err(CameraError::Unusable(told));
    }
    let usual = Light::default();
    let schedule = Schedule {
        stall_after: file.stall_after_ms.map(Duration::from_millis),
        freeze_after: file.freeze_after_ms.map(Duration::from_millis),
        disconnect_after: file.disconnect_after_ms.map(Duration::from_millis),
        reconnect_after: file.reconnect_after_ms.map(Duration::from_millis),
        frames_are_old: Duration::from_millis(file.frames_are_old_ms.unwrap_or(0)),
        light: Light {
            stops: file.light_stops.unwrap_or(usual.stops),
            kelvin: file.light_kelvin.unwrap_or(usual.kelvin),
        },
        rate: file.rate,
        deaf,
    };
    let beside = path.parent().unwrap_or_else(|| Path::new(""));
    Ok((beside.join(file.picture), schedule))
}

/// The file itself, or the folder's pictures in the order of their names.
fn pictures_of(path: &Path) -> Result<Vec<PathBuf>, CameraError> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut pictures = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        let ending = file.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        let known =
            ending.is_some_and(|ending| ["jpg", "jpeg", "png"].iter().any(|e| ending == *e));
        if known && pictures.len() < PICTURES_MAX {
            pictures.push(file);
        }
    }
    pictures.sort();
    if pictures.is_empty() {
        return Err(CameraError::NotFound);
    }
    Ok(pictures)
}

/// A camera whose device is a picture.
pub struct SimulatedCamera {
    live: LiveCamera,
    stage: Arc<Stage>,
}

impl SimulatedCamera {
    /// A camera that shows these stills, one an exposure, and its strings.
    ///
    /// # Errors
    /// [`CameraError::NotFound`] without a still.
    pub fn start(
        stills: Vec<Still>,
        schedule: Schedule,
        sink: Sink,
    ) -> Result<(Self, CameraControl), CameraError> {
        Self::start_kept(stills, schedule, Values::default(), sink)
    }

    /// As [`Self::start`], with values for its controls.
    ///
    /// # Errors
    /// [`CameraError::NotFound`] without a still.
    pub fn start_kept(
        stills: Vec<Still>,
        schedule: Schedule,
        kept: Values,
        sink: Sink,
    ) -> Result<(Self, CameraControl), CameraError> {
        let (album, name) = (Album::Stills(stills), "stills".to_owned());
        Self::over(album, name, schedule, |_device| kept, sink)
    }

    fn over(
        album: Album,
        name: String,
        schedule: Schedule,
        kept: impl FnOnce(&Device) -> Values,
        sink: Sink,
    ) -> Result<(Self, CameraControl), CameraError> {
        let marked = match &album {
            Album::Files(files) => files.first().and_then(|file| mark_of(file)),
            Album::Stills(_) => None,
        };
        let still = album.still(0)?;
        let stage = Arc::new(Stage {
            play: Mutex::new(Play {
                album,
                index: 0,
                still,
                marked,
                schedule,
                panel: Panel::new(schedule.light, schedule.deaf),
                started: Instant::now(),
                stalled: false,
                frozen: false,
                gone: false,
                hung: false,
                crash: false,
                truncated: false,
                old: schedule.frames_are_old,
                queue_depth: 0,
                openings: 0,
                closed: false,
            }),
            bell: Condvar::new(),
        });
        let device = Device {
            driver: "simulator".to_owned(),
            bus: String::new(),
            identity: name,
            nature: Nature::Simulated,
        };
        let driver = StillDriver(Arc::clone(&stage));
        let turning = Arc::clone(&stage);
        let turn = move |event: CameraEvent| {
            if let CameraEvent::Exposed { frames, .. } = &event
                && !frames.is_empty()
            {
                turning.lock().turn_page();
            }
            sink(event);
        };
        let kept = kept(&device);
        let live = live::start_kept(device, driver, kept, Box::new(turn))?;
        let control = CameraControl(Arc::clone(&stage));
        Ok((Self { live, stage }, control))
    }
}

impl Camera for SimulatedCamera {
    fn device(&self) -> Device {
        self.live.device()
    }

    fn latest(&self) -> Option<Arc<Preview>> {
        self.live.latest()
    }

    fn expose(&self, request: ExposeRequest) {
        self.live.expose(request);
    }

    fn counters(&self) -> Counters {
        self.live.counters()
    }

    fn door_to_controls(&self) -> ControlsDoor {
        self.live.door_to_controls()
    }

    fn keep(&self, values: Values) {
        self.live.keep(values);
    }

    fn kept(&self) -> Option<Arc<ControlReport>> {
        self.live.kept()
    }
}

impl Drop for SimulatedCamera {
    fn drop(&mut self) {
        // Lets a thread go that hangs on purpose, so that it can be joined.
        self.stage.change(|play| play.closed = true);
    }
}

/// The strings of a simulated camera: shows other pictures and makes it fail.
#[derive(Clone)]
pub struct CameraControl(Arc<Stage>);

impl CameraControl {
    /// Shows another picture from the next frame on; the album is put away.
    pub fn show(&self, still: Still) {
        self.0.change(|play| {
            play.album = Album::Stills(vec![still.clone()]);
            play.index = 0;
            play.still = still;
        });
    }

    /// No frame comes any more.
    pub fn stall(&self) {
        self.0.change(|play| play.stalled = true);
    }

    /// The same bytes come again and again.
    pub fn freeze(&self) {
        self.0.change(|play| play.frozen = true);
    }

    /// Every frame ends in its middle.
    pub fn truncate(&self) {
        self.0.change(|play| play.truncated = true);
    }

    /// The driver does not come back from the next call.
    pub fn hang(&self) {
        self.0.change(|play| play.hung = true);
    }

    /// The next call into the driver panics, once.
    pub fn crash(&self) {
        self.0.change(|play| play.crash = true);
    }

    /// The device is unplugged, and forgets what was set on it.
    pub fn disconnect(&self) {
        self.0.change(|play| play.gone = true);
    }

    /// The light on the scene changes.
    pub fn light(&self, light: Light) {
        self.0.change(|play| play.panel.light = light);
    }

    /// From now on this control says yes and does nothing.
    pub fn deafen(&self, control: Control) {
        self.0.change(|play| play.panel.deaf = Some(control));
    }

    /// All faults end: plugged in, running, moving, whole.
    pub fn reconnect(&self) {
        self.0.change(|play| {
            play.gone = false;
            play.stalled = false;
            play.frozen = false;
            play.hung = false;
            play.truncated = false;
            play.schedule = Schedule::default();
        });
    }

    /// Every frame claims to be born that long before its delivery.
    pub fn frames_are_old(&self, span: Duration) {
        self.0.change(|play| play.old = span);
    }

    /// Frames wait in a queue of that depth, as in a driver whose reader is slow: what
    /// is delivered shows what was before the camera that many frames ago (hazard H1).
    pub fn queue(&self, depth: usize) {
        self.0.change(|play| play.queue_depth = depth);
    }
}

/// Where the pictures come from.
enum Album {
    Stills(Vec<Still>),
    Files(Vec<PathBuf>),
}

impl Album {
    fn still(&self, index: usize) -> Result<Still, CameraError> {
        match self {
            Self::Stills(stills) => {
                let index = index.checked_rem(stills.len());
                let still = index.and_then(|index| stills.get(index));
                still.cloned().ok_or(CameraError::NotFound)
            }
            Self::Files(files) => {
                let index = index.checked_rem(files.len());
                let file = index.and_then(|index| files.get(index));
                Still::load(file.ok_or(CameraError::NotFound)?)
            }
        }
    }

    const fn len(&self) -> usize {
        match self {
            Self::Stills(stills) => stills.len(),
            Self::Files(files) => files.len(),
        }
    }
}

/// What is played, shared by the camera, its control and its device thread.
struct Stage {
    play: Mutex<Play>,
    bell: Condvar,
}

impl Stage {
    fn lock(&self) -> MutexGuard<'_, Play> {
        self.play.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Play)) {
        change(&mut self.lock());
        self.bell.notify_all();
    }

    /// Sleeps, or until something is changed.
    fn wait(&self, span: Duration) {
        let woken = self.bell.wait_timeout(self.lock(), span);
        drop(woken.unwrap_or_else(PoisonError::into_inner));
    }
}

struct Play {
    album: Album,
    index: usize,
    still: Still,
    /// The file of an album of one, as it was when it was read.
    marked: Option<(u64, std::time::SystemTime)>,
    schedule: Schedule,
    panel: Panel,
    started: Instant,
    stalled: bool,
    frozen: bool,
    gone: bool,
    hung: bool,
    crash: bool,
    truncated: bool,
    old: Duration,
    queue_depth: usize,
    openings: u64,
    closed: bool,
}

impl Play {
    /// Whether a scheduled fault is on now.
    fn due(&self, after: Option<Duration>) -> bool {
        let since = self.started.elapsed();
        let over = self.schedule.reconnect_after;
        after.is_some_and(|after| since >= after) && over.is_none_or(|over| since < over)
    }

    fn is_gone(&self) -> bool {
        self.gone || self.due(self.schedule.disconnect_after)
    }

    fn is_stalled(&self) -> bool {
        self.stalled || self.due(self.schedule.stall_after)
    }

    fn is_frozen(&self) -> bool {
        self.frozen || self.due(self.schedule.freeze_after)
    }

    /// Shows the file anew when another one took its name. A file that is no picture yet
    /// is looked at again with the next frame.
    fn look_again(&mut self) {
        let Album::Files(files) = &self.album else {
            return;
        };
        let ([file], marked) = (files.as_slice(), self.marked) else {
            return;
        };
        let mark = mark_of(file);
        if mark.is_some()
            && mark != marked
            && let Ok(still) = Still::load(file)
        {
            (self.still, self.marked) = (still, mark);
        }
    }

    /// The next picture of the album; a file that went bad is skipped over.
    fn turn_page(&mut self) {
        for _ in 1..self.album.len() {
            self.index += 1;
            match self.album.still(self.index) {
                Ok(still) => {
                    self.still = still;
                    return;
                }
                Err(error) => tracing::warn!(%error, "a picture of the simulated camera is bad"),
            }
        }
    }
}

/// What changes when another file takes the name of this one.
fn mark_of(file: &Path) -> Option<(u64, std::time::SystemTime)> {
    let about = std::fs::metadata(file).ok()?;
    Some((about.len(), about.modified().ok()?))
}

/// A handle to the controls, as a second opening of a real camera's node is one.
struct PanelHandle(Arc<Stage>);

impl Controls for PanelHandle {
    fn read(&self) -> Result<Vec<ControlState>, ControlError> {
        let play = self.0.lock();
        if play.is_gone() || play.closed {
            return Err(ControlError::Gone);
        }
        Ok(play.panel.read())
    }

    fn set(&self, control: Control, value: i64) -> Result<(), ControlError> {
        let mut play = self.0.lock();
        if play.is_gone() || play.closed {
            return Err(ControlError::Gone);
        }
        play.panel.set(control, value)
    }
}

struct StillDriver(Arc<Stage>);

impl Driver for StillDriver {
    fn controls(&self) -> Result<Box<dyn Controls>, ControlError> {
        Ok(Box::new(PanelHandle(Arc::clone(&self.0))))
    }

    fn open(&self) -> Result<Box<dyn Stream>, LossCause> {
        let mut play = self.0.lock();
        if play.is_gone() {
            play.panel.forget();
            return Err(LossCause::Disconnected);
        }
        // The moment of the opening, so that no other opening, in whichever process,
        // stamps the same frames.
        play.openings = clock::now().nanos().max(play.openings + 1);
        let opening = play.openings;
        drop(play);
        Ok(Box::new(StillStream {
            stage: Arc::clone(&self.0),
            opening,
            next_due: Instant::now(),
            frame: 0,
            sequence: 0,
            queue: VecDeque::new(),
            last: Vec::new(),
        }))
    }
}

struct StillStream {
    stage: Arc<Stage>,
    opening: u64,
    next_due: Instant,
    frame: u32,
    sequence: u64,
    queue: VecDeque<(Vec<u8>, Timestamp)>,
    last: Vec<u8>,
}

impl StillStream {
    /// Waits for the moment of the next frame; `None` when it is not due yet.
    fn wait_due(&mut self, wait: Duration) -> Result<Option<Shot>, LossCause> {
        let play = self.stage.lock();
        if play.hung && !play.closed {
            drop(play);
            self.hang();
            return Err(LossCause::Driver);
        }
        if play.is_gone() {
            drop(play);
            self.stage.change(|play| play.panel.forget());
            return Err(LossCause::Disconnected);
        }
        let left = self.next_due.saturating_duration_since(Instant::now());
        if play.is_stalled() || left > wait {
            drop(play);
            self.stage.wait(wait);
            return Ok(None);
        }
        drop(play);
        // The bell is not listened to here: it would only make frames come early.
        std::thread::sleep(left);
        let mut play = self.stage.lock();
        play.look_again();
        let shot = Shot {
            still: play.still.clone(),
            tables: play.panel.tables(),
            frozen: play.is_frozen(),
            truncated: play.truncated,
            old: play.old,
            rate: play.schedule.rate.unwrap_or_else(|| play.still.rate()),
            depth: play.queue_depth,
        };
        let crash = std::mem::take(&mut play.crash);
        drop(play);
        assert!(!crash, "the simulated camera crashes on request");
        let interval = Duration::from_secs(1) / shot.rate.max(1);
        self.next_due = (self.next_due + interval).max(Instant::now());
        Ok(Some(shot))
    }

    fn hang(&self) {
        let mut play = self.stage.lock();
        while play.hung && !play.closed {
            let woken = self.stage.bell.wait(play);
            play = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn encode(&mut self, still: &Still, tables: Option<&Tables>) -> Result<Vec<u8>, LossCause> {
        let mut picture = RgbImage::clone(&still.picture);
        if let Some([red, green, blue]) = tables {
            for pixel in picture.pixels_mut() {
                let [r, g, b] = pixel.0.map(usize::from);
                pixel.0 = [red[r], green[g], blue[b]];
            }
        }
        self.frame = self.frame.wrapping_add(1);
        let said = Stamp {
            source: still.source,
            epoch: self.opening,
            frame: self.frame,
        };
        shiver(&mut picture, self.opening ^ u64::from(self.frame) << 40);
        stamp(&mut picture, said).map_err(|_too_small| LossCause::NoFormat)?;
        encode_jpeg(&picture).ok_or(LossCause::Driver)
    }
}

/// One moment of the play.
struct Shot {
    still: Still,
    tables: Option<Tables>,
    frozen: bool,
    truncated: bool,
    old: Duration,
    rate: u32,
    depth: usize,
}

impl Stream for StillStream {
    fn format(&self) -> Format {
        Format::Jpeg {
            size: None,
            tail: false,
        }
    }

    fn next(&mut self, wait: Duration) -> Result<Option<RawFrame<'_>>, LossCause> {
        let Some(shot) = self.wait_due(wait)? else {
            return Ok(None);
        };
        let now = clock::now();
        let mut born = now;
        if !shot.frozen || self.last.is_empty() {
            let bytes = self.encode(&shot.still, shot.tables.as_ref())?;
            self.queue.push_back((bytes, now));
            if self.queue.len() <= shot.depth {
                return Ok(None);
            }
            while self.queue.len() > shot.depth
                && let Some((bytes, at)) = self.queue.pop_front()
            {
                (self.last, born) = (bytes, at);
            }
        }
        self.sequence += 1;
        let end = if shot.truncated {
            self.last.len() / 2
        } else {
            self.last.len()
        };
        Ok(Some(RawFrame {
            bytes: self.last.get(..end).unwrap_or_default(),
            sequence: self.sequence,
            birth: Birth::Driver(earlier(born, shot.old)),
            flawed: false,
        }))
    }
}

/// The noise of a sensor: each sample moves by up to two levels. A crop leaves the stamp
/// behind, and two portraits of one picture would else be the same bytes, which no
/// two exposures of a camera are.
///
/// Each row is a stretch of [`NOISE`] from somewhere else: drawing every sample anew took more of
/// the processor than the encoder.
fn shiver(picture: &mut RgbImage, seed: u64) {
    let length = picture.width() as usize * 3;
    let mut state = seed | 1;
    for row in picture.chunks_exact_mut(length) {
        state = stirred(state);
        let room = NOISE.len().saturating_sub(length) as u64 + 1;
        let start = ((state >> 20) % room) as usize;
        for (sample, level) in row.iter_mut().zip(NOISE.iter().skip(start)) {
            *sample = sample.saturating_add_signed(*level);
        }
    }
}

/// Levels from -2 to 2, for rows of up to 20,000 pixels and many places to begin.
static NOISE: LazyLock<Vec<i8>> = LazyLock::new(|| {
    let mut state = 0x2545_F491_4F6C_DD1D;
    let mut level = || {
        state = stirred(state);
        ((state >> 32) % 5) as i8 - 2
    };
    (0..1 << 18).map(|_| level()).collect()
});

/// Xorshift: the next of a sequence that never is zero.
const fn stirred(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ state << 17
}

/// A picture as the simulated camera sends it: 4:2:0, as most cameras do.
/// `None` when it is larger than JPEG allows.
#[must_use]
pub fn encode_jpeg(picture: &RgbImage) -> Option<Vec<u8>> {
    let width = u16::try_from(picture.width()).ok()?;
    let height = u16::try_from(picture.height()).ok()?;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let encoded = encoder.encode(picture.as_raw(), width, height, ColorType::Rgb);
    encoded.ok().map(|()| bytes)
}

#[cfg(test)]
mod tests;
