//! Camera sources, each on a thread of its own, behind one trait.
//!
//! | source | kind | proof of age |
//! |---|---|---|
//! | [`v4l2`] (Linux) | live | the driver's monotonic timestamp |
//! | [`nokhwa`] (Windows, macOS; Linux for training) | live | time of delivery |
//! | [`folder`] | files | EXIF time mapped by a measured offset ([`clockcode`]) |
//! | `simulator::still` | live | our own clock, in training jobs only |
//!
//! What all live sources share is in [`live`]: the thread that drains the device,
//! the validation of every frame, the latest slot, the burst ring, the heartbeat
//! and the supervisor. A source only knows how to open its device and how to take
//! the next frame from it. There is no asynchronous runtime here and no queue that
//! could grow: the latest frame wins, and the ring forgets.
//!
//! **Architecture invariant:** no function of this crate knows who is seated. A
//! frame leaves with its stamp, and the rules in `booth` judge it.

pub mod clockcode;
pub mod controls;
pub mod exif;
pub mod folder;
pub mod jpeg;
pub mod live;
mod modes;
pub mod nokhwa;
#[cfg(target_os = "linux")]
pub mod v4l2;

use crate::controls::{ControlError, ControlReport, Controls, Values};
use booth::{Device, Encoding, Epoch, ExposureId, Frame, FrameStamp, Timestamp};
use std::fmt;
use std::sync::Arc;

/// Where a camera's events go. Called on one thread of the camera, in order, and
/// never while the camera holds a lock: it may call the camera back.
pub type Sink = Box<dyn Fn(CameraEvent) + Send>;

/// What a camera reports.
#[derive(Debug)]
pub enum CameraEvent {
    /// The first valid frame of a new epoch; for a folder, as soon as it is watched.
    Live {
        /// The life that begins.
        epoch: Epoch,
        /// When.
        at: Timestamp,
    },
    /// The picture is gone, and with it the epoch. Reported again only when the
    /// cause becomes another one. The camera goes on trying by itself.
    Lost {
        /// Why.
        cause: LossCause,
        /// When it was noticed.
        at: Timestamp,
    },
    /// The one answer to [`Camera::expose`].
    Exposed {
        /// What is answered.
        exposure: ExposureId,
        /// In the order of their sequence. Empty when none came in time, or the
        /// epoch ended meanwhile.
        frames: Vec<Frame>,
    },
    /// A file in a watched folder that is shown to the operator, but never offered.
    Quarantined {
        /// Its name within the folder. It may name a person: not for the log.
        file: FileName,
        /// Why.
        reason: QuarantineReason,
        /// When.
        at: Timestamp,
    },
}

/// Why there is no picture now, by what the operator can do about it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum LossCause {
    /// No valid frame for nearly 500 ms ([`live::HEARTBEAT`]).
    #[error("no picture has come for half a second")]
    Stalled,
    /// The same bytes again and again: the picture does not show the present.
    #[error("the camera repeats one picture")]
    Frozen,
    /// Frames come, but none is whole.
    #[error("the camera sends damaged pictures")]
    Garbled,
    /// Unplugged, or not there; waits for the same camera to come back.
    #[error("the camera is not connected")]
    Disconnected,
    /// Another program holds it.
    #[error("another program uses the camera")]
    Busy,
    /// The system does not let us open it.
    #[error("the system refuses access to the camera")]
    Forbidden,
    /// It has no picture format that we read.
    #[error("the camera offers no usable picture format")]
    NoFormat,
    /// The driver reported an input/output error.
    #[error("the camera's driver reported an error")]
    Driver,
    /// Its thread did not come back; it was abandoned and another one started.
    #[error("the camera's driver does not answer")]
    Hung,
    /// Its thread panicked: our bug or a library's.
    #[error("the camera's thread failed")]
    Crashed,
    /// The watched folder cannot be read.
    #[error("the watched folder cannot be read")]
    FolderGone,
    /// The clock of the folder's camera was changed, or has drifted: what was measured no
    /// longer holds.
    #[error("the camera's clock has jumped")]
    ClockJumped,
    /// The pictures in the folder come from another camera body now.
    #[error("the pictures come from another camera")]
    BodyChanged,
}

impl LossCause {
    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stalled => "camera-stalled",
            Self::Frozen => "camera-frozen",
            Self::Garbled => "camera-garbled",
            Self::Disconnected => "camera-disconnected",
            Self::Busy => "camera-busy",
            Self::Forbidden => "camera-forbidden",
            Self::NoFormat => "camera-no-format",
            Self::Driver => "camera-driver-error",
            Self::Hung => "camera-hung",
            Self::Crashed => "camera-crashed",
            Self::FolderGone => "folder-gone",
            Self::ClockJumped => "camera-clock-jumped",
            Self::BodyChanged => "camera-body-changed",
        }
    }
}

/// Why a file of a watched folder is not offered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum QuarantineReason {
    /// It lay there when the watch began: nobody saw it arrive.
    #[error("the file was there before the folder was watched")]
    BeforeWatch,
    /// It stayed empty.
    #[error("the file stayed empty")]
    Empty,
    /// It stopped growing before the picture was whole.
    #[error("the file is not a whole picture")]
    Incomplete,
    /// Not a JPEG or PNG.
    #[error("the file is of a type that is not read")]
    Unsupported,
    /// Larger than [`folder::FILE_BYTES_MAX`].
    #[error("the file is too large")]
    TooLarge,
    /// The same bytes, or the same EXIF image id, came before.
    #[error("the picture came before")]
    Duplicate,
    /// It comes from another camera body than the pictures before it.
    #[error("the picture comes from another camera")]
    OtherBody,
    /// The camera's file number went back.
    #[error("the camera's file number went back")]
    CounterBack,
    /// It was taken before the picture that came before it.
    #[error("the picture was taken before the one before it")]
    OutOfOrder,
    /// By the measured clock it was taken after it arrived, or before the picture with the
    /// file number before its own.
    #[error("the camera's clock has jumped")]
    ClockJumped,
    /// The file was written again after it had been taken in.
    #[error("the file was changed after it had arrived")]
    Changed,
    /// It cannot be read.
    #[error("the file cannot be read")]
    Unreadable,
}

impl QuarantineReason {
    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BeforeWatch => "file-before-watch",
            Self::Empty => "file-empty",
            Self::Incomplete => "file-incomplete",
            Self::Unsupported => "file-unsupported",
            Self::TooLarge => "file-too-large",
            Self::Duplicate => "file-duplicate",
            Self::OtherBody => "file-other-body",
            Self::CounterBack => "file-counter-back",
            Self::OutOfOrder => "file-out-of-order",
            Self::ClockJumped => "file-clock-jumped",
            Self::Changed => "file-changed",
            Self::Unreadable => "file-unreadable",
        }
    }
}

/// The name of a file in a watched folder, without the folder. People name
/// files after people, so it prints as the type's name only.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(String);

impl FileName {
    /// A name as the operating system gives it.
    #[must_use]
    pub const fn new(name: String) -> Self {
        Self(name)
    }

    /// The name, for the operator's eyes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileName")
    }
}

/// One press of the shutter, as a camera needs to know it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExposeRequest {
    /// Its id, returned with the answer.
    pub exposure: ExposureId,
    /// When the operator pressed.
    pub pressed: Timestamp,
    /// How many frames are wanted at most; a folder hands over all it has.
    pub frames: usize,
    /// When to answer with what there is.
    pub deadline: Timestamp,
}

/// A frame to look at: the newest valid one, for the window.
pub struct Preview {
    /// A whole picture, as the camera sent it.
    pub bytes: Vec<u8>,
    /// How to read it.
    pub encoding: Encoding,
    /// Where it stands in its source; its sequence tells a new one from an old one.
    pub stamp: FrameStamp,
}

impl Preview {
    /// The source's counter within the epoch.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.stamp.sequence
    }

    /// When the pixels were exposed.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.stamp.birth.at()
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("stamp", &self.stamp)
            .finish_non_exhaustive()
    }
}

/// What a source has counted since it was opened; a bad cable shows here first.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counters {
    /// Valid frames.
    pub frames: u64,
    /// Frames that the driver's sequence numbers say were lost on the way.
    pub missed: u64,
    /// Frames refused because they were not whole, or not as negotiated.
    pub damaged: u64,
    /// Frames refused because their bytes had come before.
    pub repeated: u64,
    /// How often the picture was lost.
    pub losses: u64,
}

impl dyn Camera {
    /// A handle to its controls, for as long as it is connected. May block.
    ///
    /// # Errors
    /// [`ControlError::None`] where the source does not reach them, `Gone` while the
    /// camera is not there.
    pub fn controls(&self) -> Result<Box<dyn Controls>, ControlError> {
        self.door_to_controls()()
    }
}

/// Opens a handle to a camera's controls, on any thread.
pub type ControlsDoor = Box<dyn FnOnce() -> Result<Box<dyn Controls>, ControlError> + Send>;

/// A source of frames. Dropping it closes the device and joins its threads; one
/// that does not come back within two seconds is left behind.
pub trait Camera: Send {
    /// Which device this is.
    fn device(&self) -> Device;

    /// The newest valid frame of the running epoch; `None` while the camera is lost,
    /// so that no window can show a picture that is no longer true.
    fn latest(&self) -> Option<Arc<Preview>>;

    /// Asks for frames of one press; answered by [`CameraEvent::Exposed`] exactly
    /// once unless the camera is dropped. Never blocks.
    fn expose(&self, request: ExposeRequest);

    /// What was counted since the source was opened.
    fn counters(&self) -> Counters {
        Counters::default()
    }

    /// The way to a handle to its controls. Opening one may block, so whoever watches over
    /// the camera hands the door to another thread.
    fn door_to_controls(&self) -> ControlsDoor {
        Box::new(|| Err(ControlError::None))
    }

    /// Keeps these values from now on: sets them at once if the camera is live, and again
    /// after each reopening, before a frame counts. A source without controls ignores it.
    fn keep(&self, _values: Values) {}

    /// What became of the kept values when they were last set; `None` before that.
    fn kept(&self) -> Option<Arc<ControlReport>> {
        None
    }
}

/// Why a source could not be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// No such camera, file or folder.
    #[error("no such camera is connected")]
    NotFound,
    /// The system does not let us look.
    #[error("the system refuses access to the camera")]
    Forbidden(#[source] std::io::Error),
    /// Another program holds it.
    #[error("another program uses the camera")]
    Busy(#[source] std::io::Error),
    /// It is there, but cannot serve as a camera.
    #[error("this is not a usable camera: {0}")]
    Unusable(String),
    /// Anything else the system says.
    #[error("the camera could not be opened")]
    Io(#[source] std::io::Error),
}

impl CameraError {
    /// Stable word for `--json`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "camera-not-found",
            Self::Forbidden(_) => "camera-forbidden",
            Self::Busy(_) => "camera-busy",
            Self::Unusable(_) => "camera-unusable",
            Self::Io(_) => "camera-io",
        }
    }
}

impl From<std::io::Error> for CameraError {
    fn from(error: std::io::Error) -> Self {
        /// EBUSY on Linux; `ErrorKind::ResourceBusy` covers the rest.
        const BUSY: i32 = 16;
        if error.raw_os_error() == Some(BUSY) {
            return Self::Busy(error);
        }
        if error.kind() == std::io::ErrorKind::NotFound {
            return Self::NotFound;
        }
        if error.kind() == std::io::ErrorKind::PermissionDenied {
            return Self::Forbidden(error);
        }
        Self::Io(error)
    }
}
