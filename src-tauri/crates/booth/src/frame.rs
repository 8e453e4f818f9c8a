//! Frames and their freshness: pixels with a provable birth.

use crate::digest::{Digest, sha256};
use crate::time::Timestamp;
use std::fmt;
use std::time::Duration;

/// A live frame older than this at the press is not what the operator saw (invariant 4).
pub const FRAME_AGE_MAX: Duration = Duration::from_millis(250);

/// One uninterrupted life of a camera stream. A reopen, a stall, a disconnect or
/// a format change begins another epoch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Epoch(pub u64);

/// How the bytes of a frame are to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// A complete JPEG file, SOI to EOI.
    Jpeg,
    /// 4:2:2 packed Y0 U Y1 V, two bytes a pixel, rows without padding.
    Yuyv {
        /// Width in pixels, even.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A complete PNG file; simulated stills and watched folders only.
    Png,
}

/// What a camera was set to when it took a frame, as its source writes it: `exposure=156
/// gain=0`. Kept with the record and compared with nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExposureControls(String);

impl ExposureControls {
    /// The longest text that is kept, bytes.
    pub const BYTES_MAX: usize = 1024;

    /// Printable ASCII, not empty, not too long; `None` for any other.
    #[must_use]
    pub fn new(text: String) -> Option<Self> {
        let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let is_kept = is_printable && !text.is_empty() && text.len() <= Self::BYTES_MAX;
        is_kept.then_some(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the source shows what is in front of it now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceKind {
    /// A stream that is drained as it comes.
    Live,
    /// Pictures that arrive as files, some time after they were taken.
    Folder,
}

/// When the pixels were exposed, and how that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Birth {
    /// The driver's own monotonic timestamp.
    Driver(Timestamp),
    /// Dequeue time less the queue's depth times the frame interval: the earliest
    /// the frame can have been.
    Dequeued(Timestamp),
    /// The camera's EXIF clock mapped by the offset measured for the job: the
    /// earliest moment that the coarse clock allows.
    Exif(Timestamp),
    /// EXIF time is there, but the job knows no offset of that camera's clock. The
    /// moment assumes that the camera's clock agrees with the station's.
    ExifUnmapped(Timestamp),
    /// No usable EXIF time; the file arrived then.
    Arrived(Timestamp),
}

impl Birth {
    /// The moment, whatever it rests on.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        match self {
            Self::Driver(at)
            | Self::Dequeued(at)
            | Self::Exif(at)
            | Self::ExifUnmapped(at)
            | Self::Arrived(at) => at,
        }
    }

    /// Stable word for the store: what the birth rests on.
    #[must_use]
    pub const fn basis(self) -> &'static str {
        match self {
            Self::Driver(_) => "driver",
            Self::Dequeued(_) => "dequeued",
            Self::Exif(_) => "exif",
            Self::ExifUnmapped(_) => "exif_unmapped",
            Self::Arrived(_) => "arrived",
        }
    }
}

/// Where a frame stands in its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameStamp {
    /// Live stream or files.
    pub kind: SourceKind,
    /// The life of the source it belongs to.
    pub epoch: Epoch,
    /// The driver's or the source's counter within the epoch.
    pub sequence: u64,
    /// When the pixels were exposed.
    pub birth: Birth,
    /// When the station had all of its bytes.
    pub arrived: Timestamp,
}

/// 帧: pixels from the camera with the proof of their age.
///
/// `Frame` is deliberately not `Clone`: the frame a portrait is made from is the
/// one that was checked.
pub struct Frame {
    stamp: FrameStamp,
    encoding: Encoding,
    bytes: Vec<u8>,
    digest: Digest,
}

impl Frame {
    /// A frame as a source delivers it; the digest is computed here.
    #[must_use]
    pub fn new(stamp: FrameStamp, encoding: Encoding, bytes: Vec<u8>) -> Self {
        let digest = sha256(&bytes);
        Self {
            stamp,
            encoding,
            bytes,
            digest,
        }
    }

    /// Where and when it comes from.
    #[must_use]
    pub const fn stamp(&self) -> FrameStamp {
        self.stamp
    }

    /// How to read its bytes.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The camera's own bytes, untouched.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("stamp", &self.stamp)
            .finish_non_exhaustive()
    }
}

/// The moment the operator pressed, and what the press was about.
#[derive(Clone, Copy, Debug)]
pub struct Pressed {
    /// When the subject was seated.
    pub seated: Timestamp,
    /// The epoch the camera was in when the subject was seated.
    pub epoch: Epoch,
    /// When the shutter was pressed.
    pub at: Timestamp,
    /// Whether the job may file frames whose birth nothing proves.
    pub training: bool,
}

/// Why a frame may not become a portrait of this sitting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameFault {
    /// Born before the subject was seated: it may show the previous one (H1).
    #[error("the frame is older than the seat")]
    BeforeSeat,
    /// A live frame that was already too old at the press.
    #[error("the frame was older than 250 ms at the press")]
    Stale,
    /// The stream was interrupted between seat and frame.
    #[error("the frame belongs to another life of the camera")]
    OtherEpoch,
    /// Byte-identical to an earlier one: a frozen camera (H2).
    #[error("the frame repeats an earlier one byte for byte")]
    Repeated,
    /// A file without a usable EXIF time in a production job.
    #[error("the picture carries no usable EXIF time")]
    NoExif,
    /// EXIF is there, but the job has no measured offset of that camera's clock.
    #[error("the camera's clock has not been measured for this job")]
    ClockUnmeasured,
    /// Born later than it arrived: the clocks are wrong.
    #[error("the frame claims to be born after it arrived")]
    FromTheFuture,
    /// No frame at all came in time.
    #[error("no frame came")]
    None,
}

impl FrameFault {
    /// Stable word for the journal and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BeforeSeat => "frame-before-seat",
            Self::Stale => "frame-stale",
            Self::OtherEpoch => "frame-other-epoch",
            Self::Repeated => "frame-repeated",
            Self::NoExif => "picture-without-exif",
            Self::ClockUnmeasured => "camera-clock-unmeasured",
            Self::FromTheFuture => "frame-from-the-future",
            Self::None => "no-frame",
        }
    }
}

/// A clock that is right to the second may run this much ahead of ours.
const FUTURE_TOLERANCE: Duration = Duration::from_secs(2);

/// Judges one frame against the press. `seen` are the digests of earlier frames.
///
/// # Errors
/// The [`FrameFault`] that the frame shows; the most telling one first.
pub fn judge_frame(
    frame: &Frame,
    pressed: &Pressed,
    seen: &std::collections::HashSet<Digest>,
) -> Result<(), FrameFault> {
    let stamp = frame.stamp;
    let birth = stamp.birth.at();
    if stamp.epoch != pressed.epoch {
        return Err(FrameFault::OtherEpoch);
    }
    if seen.contains(&frame.digest) {
        return Err(FrameFault::Repeated);
    }
    // What the birth rests on comes before what it says: a camera clock that nobody
    // measured makes every further verdict about it a guess.
    judge_basis(stamp, pressed.training)?;
    if stamp.arrived.since(pressed.seated).is_none() || birth.since(pressed.seated).is_none() {
        return Err(FrameFault::BeforeSeat);
    }
    if birth.since(stamp.arrived.plus(FUTURE_TOLERANCE)).is_some() {
        return Err(FrameFault::FromTheFuture);
    }
    let age = pressed.at.since(birth);
    if stamp.kind == SourceKind::Live && age.is_some_and(|age| age > FRAME_AGE_MAX) {
        return Err(FrameFault::Stale);
    }
    Ok(())
}

/// Whether a birth of this kind proves anything here.
fn judge_basis(stamp: FrameStamp, training: bool) -> Result<(), FrameFault> {
    match (stamp.kind, stamp.birth) {
        (SourceKind::Live, Birth::Driver(_) | Birth::Dequeued(_))
        | (SourceKind::Folder, Birth::Exif(_)) => Ok(()),
        (SourceKind::Live, Birth::Exif(_) | Birth::ExifUnmapped(_) | Birth::Arrived(_)) => {
            Err(FrameFault::Stale)
        }
        (
            SourceKind::Folder,
            Birth::ExifUnmapped(_) | Birth::Driver(_) | Birth::Dequeued(_) | Birth::Arrived(_),
        ) if training => Ok(()),
        (SourceKind::Folder, Birth::ExifUnmapped(_)) => Err(FrameFault::ClockUnmeasured),
        (SourceKind::Folder, Birth::Driver(_) | Birth::Dequeued(_) | Birth::Arrived(_)) => {
            Err(FrameFault::NoExif)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BootId;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn at(ms: u64) -> Timestamp {
        Timestamp::new(BootId([1; 16]), ms * 1_000_000)
    }

    fn live(birth_ms: u64) -> Frame {
        let stamp = FrameStamp {
            kind: SourceKind::Live,
            epoch: Epoch(1),
            sequence: 7,
            birth: Birth::Driver(at(birth_ms)),
            arrived: at(birth_ms + 5),
        };
        Frame::new(stamp, Encoding::Jpeg, birth_ms.to_be_bytes().to_vec())
    }

    fn folder(birth: Birth, arrived_ms: u64) -> Frame {
        let stamp = FrameStamp {
            kind: SourceKind::Folder,
            epoch: Epoch(1),
            sequence: 1,
            birth,
            arrived: at(arrived_ms),
        };
        Frame::new(stamp, Encoding::Jpeg, vec![1])
    }

    const fn pressed(training: bool) -> Pressed {
        let boot = BootId([1; 16]);
        Pressed {
            seated: Timestamp::new(boot, 1_000_000_000),
            epoch: Epoch(1),
            at: Timestamp::new(boot, 2_000_000_000),
            training,
        }
    }

    fn judge(frame: &Frame, training: bool) -> Result<(), FrameFault> {
        judge_frame(frame, &pressed(training), &HashSet::new())
    }

    #[test]
    fn a_live_frame_must_be_young_and_of_this_seat() {
        assert_eq!(judge(&live(1990), false), Ok(()));
        assert_eq!(judge(&live(1750), false), Ok(()));
        assert_eq!(judge(&live(1749), false), Err(FrameFault::Stale));
        assert_eq!(judge(&live(999), false), Err(FrameFault::BeforeSeat));
        assert_eq!(judge(&live(2100), false), Ok(()));
    }

    #[test]
    fn another_epoch_or_boot_is_refused() {
        let mut pressed = pressed(false);
        pressed.epoch = Epoch(2);
        assert_eq!(
            judge_frame(&live(1990), &pressed, &HashSet::new()),
            Err(FrameFault::OtherEpoch)
        );
        let mut other = live(1990);
        other.stamp.birth = Birth::Driver(Timestamp::new(BootId([9; 16]), u64::MAX));
        assert_eq!(judge(&other, false), Err(FrameFault::BeforeSeat));
    }

    #[test]
    fn a_repeated_frame_is_a_frozen_camera() {
        let frame = live(1990);
        let seen = HashSet::from([frame.digest()]);
        assert_eq!(
            judge_frame(&frame, &pressed(false), &seen),
            Err(FrameFault::Repeated)
        );
    }

    #[test]
    fn a_folder_picture_needs_a_mapped_exif_time_in_production() {
        let good = folder(Birth::Exif(at(1500)), 2500);
        assert_eq!(judge(&good, false), Ok(()));
        assert_eq!(
            judge(&folder(Birth::Exif(at(900)), 2500), false),
            Err(FrameFault::BeforeSeat)
        );
        assert_eq!(
            judge(&folder(Birth::Exif(at(900)), 2500), true),
            Err(FrameFault::BeforeSeat)
        );
        assert_eq!(
            judge(&folder(Birth::Exif(at(1500)), 900), false),
            Err(FrameFault::BeforeSeat)
        );
        let unmapped = folder(Birth::ExifUnmapped(at(1500)), 2500);
        assert_eq!(judge(&unmapped, false), Err(FrameFault::ClockUnmeasured));
        assert_eq!(judge(&unmapped, true), Ok(()));
        let bare = folder(Birth::Arrived(at(2500)), 2500);
        assert_eq!(judge(&bare, false), Err(FrameFault::NoExif));
        assert_eq!(judge(&bare, true), Ok(()));
        let future = folder(Birth::Exif(at(9000)), 2500);
        assert_eq!(judge(&future, false), Err(FrameFault::FromTheFuture));
    }

    proptest! {
        /// Whatever the numbers, a frame that passes was born after the seat, in the same epoch.
        #[test]
        fn what_passes_is_fresh(birth in 0u64..5_000, arrive in 0u64..5_000, press in 1_000u64..5_000, epoch in 0u64..3) {
            let stamp = FrameStamp {
                kind: SourceKind::Live, epoch: Epoch(epoch), sequence: 0,
                birth: Birth::Driver(at(birth)), arrived: at(arrive),
            };
            let frame = Frame::new(stamp, Encoding::Jpeg, vec![0]);
            let mut press_of = pressed(false);
            press_of.at = at(press);
            if judge_frame(&frame, &press_of, &HashSet::new()).is_ok() {
                prop_assert!(birth >= 1_000 && arrive >= 1_000 && epoch == 1);
                prop_assert!(press <= birth + 250);
            }
        }
    }
}
