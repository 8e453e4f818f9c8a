//! V4L2 cameras of Linux, read through `v4l` and not through nokhwa.
//!
//! nokhwa gives the whole memory of a buffer, in which the tail of an older frame
//! follows the new one, and drops the driver's sequence number, error flag and
//! timestamp; and it waits for ever for a camera that has stalled. `v4l` gives all
//! of these, and has traps of its own that are kept inside this file:
//!
//! - after a time-out its stream is out of step (it queues a buffer that is queued
//!   already), so it is only asked when a poll of ours has said that a frame is there;
//! - closing a stream panics on most errors; [`crate::live`] closes it where
//!   that is caught.
//!
//! A camera is recognised by what its USB device says of itself, so that the same
//! one is found again on another node, and another one on the same node is not
//! taken for it.

mod controls;
mod sysfs;

pub use controls::NodeControls;
pub use sysfs::Listed;

use crate::controls::{ControlError, Controls, Values};
use crate::live::{Driver, Format, LiveCamera, RawFrame, Stream, dequeued, earlier};
use crate::modes::{HEIGHT_MAX, Mode, Pixels, WIDTH_MAX, choose};
use crate::{Camera, CameraError, LossCause, Sink, live};
use booth::{Birth, Timestamp};
use std::io;
use std::time::Duration;
use v4l::buffer::{Metadata, Type};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::io::mmap;
use v4l::io::traits::CaptureStream;
use v4l::video::Capture;
use v4l::video::capture::Parameters;
use v4l::{Device as Node, FourCC, Fraction};

/// Buffers in the driver's queue. One is always in our hands; at 30 frames a second the
/// others outlast 160 ms without a processor (with four, Full HD frames were lost in the
/// guest machine). More would make a time of delivery prove no fresh frame.
const QUEUE: u32 = 6;
/// The first frame may take this long after the start of the stream.
const START_MAX: Duration = Duration::from_millis(1500);
/// Frames that are thrown away after opening: the first can be of the format before,
/// and exposure has not settled.
const WARM_UP: u32 = 3;
/// When a driver does not tell its frame interval.
const INTERVAL_ASSUMED: Duration = Duration::from_millis(67);
/// `POLLIN` of poll(2).
const POLL_IN: i16 = 1;
/// A driver's timestamp may be this much ahead of the clock that is read after it.
const AHEAD_MAX: Duration = Duration::from_millis(1);

/// The capture nodes connected now, in the order of their numbers; metadata and
/// output nodes are left out.
#[must_use]
pub fn list() -> Vec<Listed> {
    sysfs::list()
}

/// The camera that is called so, as in [`open`].
///
/// # Errors
/// [`CameraError::NotFound`] when it is not connected now.
pub fn find(serial: Option<&str>) -> Result<Listed, CameraError> {
    let mut listed = list().into_iter();
    listed
        .find(|listed| serial.is_none_or(|wanted| listed.answers_to(wanted)))
        .ok_or(CameraError::NotFound)
}

/// Opens a camera: by serial number, by `vid:pid` (four hex digits each), by
/// absolute node path such as `/dev/video0`, or the first one.
///
/// It stays with that device: when it is unplugged, it waits for it to come back.
///
/// # Errors
/// [`CameraError::NotFound`] when it is not connected now.
pub fn open(serial: Option<&str>, sink: Sink) -> Result<Box<dyn Camera>, CameraError> {
    open_kept(serial, |_device| Values::default(), sink)
}

/// As [`open`], with values for the controls of the camera that was found: set before the
/// first frame counts, and again after each reopening.
///
/// # Errors
/// As [`open`].
pub fn open_kept(
    serial: Option<&str>,
    kept: impl FnOnce(&booth::Device) -> Values,
    sink: Sink,
) -> Result<Box<dyn Camera>, CameraError> {
    let found = find(serial)?;
    let device = found.device.clone();
    let kept = kept(&device);
    let driver = V4l2Driver { wanted: found };
    let camera: LiveCamera = live::start_kept(device, driver, kept, sink)?;
    Ok(Box::new(camera))
}

struct V4l2Driver {
    wanted: Listed,
}

impl V4l2Driver {
    /// The same device, wherever its node is now.
    fn find(&self) -> Option<Listed> {
        let mut same = list();
        same.retain(|listed| listed.is_same_device(&self.wanted));
        // Cheap cameras share one serial number. On its own socket it is the one that was
        // opened; anywhere else only if there is no doubt.
        let home = same
            .iter()
            .position(|listed| listed.device.bus == self.wanted.device.bus);
        match home {
            Some(at) => Some(same.swap_remove(at)),
            None if same.len() == 1 => same.pop(),
            None => None,
        }
    }
}

impl Driver for V4l2Driver {
    fn controls(&self) -> Result<Box<dyn Controls>, ControlError> {
        let found = self.find().ok_or(ControlError::Gone)?;
        Ok(Box::new(NodeControls::open(&found.node)?))
    }

    fn open(&self) -> Result<Box<dyn Stream>, LossCause> {
        let found = self.find().ok_or(LossCause::Disconnected)?;
        let node = Node::with_path(&found.node).map_err(|error| cause(&error))?;
        let (format, interval) = negotiate(&node)?;
        let mut stream = mmap::Stream::with_buffers(&node, Type::VideoCapture, QUEUE)
            .map_err(|error| cause(&error))?;
        stream.set_timeout(START_MAX);
        tracing::info!(node = %found.node.display(), ?format, ?interval, "camera opened");
        Ok(Box::new(V4l2Stream {
            stream,
            format,
            interval,
            started: false,
        }))
    }
}

struct V4l2Stream {
    stream: mmap::Stream<'static>,
    format: Format,
    interval: Duration,
    started: bool,
}

impl Stream for V4l2Stream {
    fn format(&self) -> Format {
        self.format
    }

    fn warm_up(&self) -> u32 {
        WARM_UP
    }

    fn next(&mut self, wait: Duration) -> Result<Option<RawFrame<'_>>, LossCause> {
        if self.started && !self.is_ready(wait)? {
            return Ok(None);
        }
        self.started = true;
        let (buffer, about) = match CaptureStream::next(&mut self.stream) {
            Ok(next) => next,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(LossCause::Stalled);
            }
            Err(error) => return Err(cause(&error)),
        };
        let now = clock::now();
        let used = buffer.get(..about.bytesused as usize);
        let flawed = used.is_none() || about.flags.contains(v4l::buffer::Flags::ERROR);
        Ok(Some(RawFrame {
            bytes: used.unwrap_or_default(),
            sequence: u64::from(about.sequence),
            birth: birth(about, self.interval, now),
            flawed,
        }))
    }
}

impl V4l2Stream {
    fn is_ready(&self, wait: Duration) -> Result<bool, LossCause> {
        let wait_ms = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        match self.stream.handle().poll(POLL_IN, wait_ms) {
            Ok(ready) => Ok(ready > 0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            Err(error) => Err(cause(&error)),
        }
    }
}

/// The driver's own timestamp, where it is one of the monotonic clock, less one interval:
/// drivers take it when a frame arrives. `uvcvideo` claims the start of the exposure and
/// takes it with the first packet (measured: 70 ms after the frame was made). Otherwise
/// the time of delivery, less what the queue can have held back.
fn birth(about: &Metadata, interval: Duration, now: Timestamp) -> Birth {
    const CLOCK_MASK: u32 = 0xE000;
    const CLOCK_MONOTONIC: u32 = 0x2000;
    let flags = u32::from(about.flags);
    let seconds = u64::try_from(about.timestamp.sec).unwrap_or(0);
    let micros = u64::try_from(about.timestamp.usec).unwrap_or(0);
    let nanos = seconds
        .saturating_mul(1_000_000_000)
        .saturating_add(micros.saturating_mul(1_000));
    let stamped = Timestamp::new(now.boot(), nanos);
    let plausible = nanos > 0 && now.plus(AHEAD_MAX).since(stamped).is_some();
    if flags & CLOCK_MASK != CLOCK_MONOTONIC || !plausible {
        return dequeued(now, QUEUE, interval);
    }
    Birth::Driver(earlier(stamped, interval))
}

/// Chooses and sets the format; what the driver then says is what counts.
fn negotiate(node: &Node) -> Result<(Format, Duration), LossCause> {
    let mode = choose(modes(node)).ok_or(LossCause::NoFormat)?;
    let fourcc = match mode.pixels {
        Pixels::Mjpeg => FourCC::new(b"MJPG"),
        Pixels::Yuyv => FourCC::new(b"YUYV"),
    };
    let asked = v4l::Format::new(mode.width, mode.height, fourcc);
    let set = node.set_format(&asked).map_err(|error| cause(&error))?;
    if set.fourcc != fourcc {
        return Err(LossCause::NoFormat);
    }
    if let Some(rate) = mode.rate.filter(|&rate| rate > 0) {
        // Some drivers have one rate only and refuse to be asked.
        if let Err(error) = node.set_params(&Parameters::with_fps(rate)) {
            tracing::debug!(%error, "the frame rate was not set");
        }
    }
    let interval = node.params().ok().and_then(|is| duration(is.interval));
    let format = match mode.pixels {
        Pixels::Mjpeg => Format::Jpeg {
            size: Some((set.width, set.height)),
            tail: false,
        },
        // Padded rows would need another copy of every frame; no camera seen has them.
        Pixels::Yuyv if set.stride != 0 && set.stride != set.width * 2 => {
            return Err(LossCause::NoFormat);
        }
        Pixels::Yuyv => Format::Yuyv {
            width: set.width,
            height: set.height,
        },
    };
    Ok((format, interval.unwrap_or(INTERVAL_ASSUMED)))
}

/// Every mode that the node lists, of the two formats that are read.
fn modes(node: &Node) -> Vec<Mode> {
    let mut modes = Vec::new();
    for (fourcc, pixels) in [(b"MJPG", Pixels::Mjpeg), (b"YUYV", Pixels::Yuyv)] {
        let fourcc = FourCC::new(fourcc);
        let listed = node.enum_formats().unwrap_or_default();
        if !listed.iter().any(|format| format.fourcc == fourcc) {
            continue;
        }
        let mut sizes: Vec<(u32, u32)> = node
            .enum_framesizes(fourcc)
            .unwrap_or_default()
            .into_iter()
            .flat_map(|size| sizes_of(&size.size))
            .collect();
        if sizes.is_empty() {
            // A driver that enumerates no sizes has the one it is set to.
            sizes.extend(node.format().map(|is| (is.width, is.height)));
        }
        for (width, height) in sizes {
            let rates = rates_of(node, fourcc, width, height);
            modes.extend(rates.into_iter().map(|rate| Mode {
                pixels,
                width,
                height,
                rate,
            }));
        }
    }
    modes
}

/// A size, or of a range of sizes the common ones that lie in it.
fn sizes_of(size: &FrameSizeEnum) -> Vec<(u32, u32)> {
    match size {
        FrameSizeEnum::Discrete(size) => vec![(size.width, size.height)],
        FrameSizeEnum::Stepwise(range) => {
            let fits = |value: u32, min: u32, max: u32, step: u32| {
                value >= min && value <= max && (value - min).checked_rem(step).unwrap_or(0) == 0
            };
            [(WIDTH_MAX, HEIGHT_MAX), (1280, 720), (640, 480)]
                .into_iter()
                .filter(|&(width, height)| {
                    fits(width, range.min_width, range.max_width, range.step_width)
                        && fits(
                            height,
                            range.min_height,
                            range.max_height,
                            range.step_height,
                        )
                })
                .collect()
        }
    }
}

fn rates_of(node: &Node, fourcc: FourCC, width: u32, height: u32) -> Vec<Option<u32>> {
    let intervals = node
        .enum_frameintervals(fourcc, width, height)
        .unwrap_or_default();
    if intervals.is_empty() {
        return vec![None];
    }
    intervals
        .iter()
        .map(|interval| match &interval.interval {
            FrameIntervalEnum::Discrete(interval) => rate(*interval),
            // The shortest interval is the highest rate; 30 is asked for if it can.
            FrameIntervalEnum::Stepwise(range) => rate(range.min).map(|rate| rate.min(30)),
        })
        .collect()
}

fn rate(interval: Fraction) -> Option<u32> {
    interval.denominator.checked_div(interval.numerator)
}

fn duration(interval: Fraction) -> Option<Duration> {
    let (numerator, denominator) = (interval.numerator, interval.denominator);
    (numerator > 0 && denominator > 0)
        .then(|| Duration::from_secs(u64::from(numerator)) / denominator)
}

/// What a driver's error means for the operator.
fn cause(error: &io::Error) -> LossCause {
    const EPERM: i32 = 1;
    const ENOENT: i32 = 2;
    const ENXIO: i32 = 6;
    const EACCES: i32 = 13;
    const EBUSY: i32 = 16;
    const ENODEV: i32 = 19;
    let cause = match error.raw_os_error() {
        Some(ENODEV | ENXIO | ENOENT) => LossCause::Disconnected,
        Some(EBUSY) => LossCause::Busy,
        Some(EPERM | EACCES) => LossCause::Forbidden,
        Some(_) | None => LossCause::Driver,
    };
    tracing::warn!(%error, cause = cause.code(), "the camera's driver reports an error");
    cause
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::BootId;
    use v4l::buffer::Flags;

    const INTERVAL: Duration = Duration::from_millis(40);

    fn at_ms(ms: u64) -> Timestamp {
        Timestamp::new(BootId([1; 16]), ms * 1_000_000)
    }

    fn stamped(flags: u32, ms: i64) -> Metadata {
        Metadata {
            flags: Flags::from(flags),
            timestamp: v4l::Timestamp::new(ms / 1000, ms % 1000 * 1000),
            ..Metadata::default()
        }
    }

    #[test]
    fn a_frame_is_born_an_interval_before_its_monotonic_timestamp() {
        // Whether the driver claims the start of the exposure or the end of the frame.
        for flags in [0x1_2000, 0x2000] {
            assert_eq!(
                birth(&stamped(flags, 9_900), INTERVAL, at_ms(10_000)),
                Birth::Driver(at_ms(9_860))
            );
        }
    }

    #[test]
    fn any_other_timestamp_is_not_believed() {
        let earliest = Birth::Dequeued(at_ms(10_000 - 240));
        for about in [
            stamped(0, 9_900),
            stamped(0x4000, 9_900),
            stamped(0x2000, 10_500),
            stamped(0x2000, 0),
        ] {
            assert_eq!(birth(&about, INTERVAL, at_ms(10_000)), earliest);
        }
    }

    #[test]
    fn errors_are_sorted_by_what_can_be_done() {
        let of = |errno| cause(&io::Error::from_raw_os_error(errno));
        assert_eq!(of(19), LossCause::Disconnected);
        assert_eq!(of(16), LossCause::Busy);
        assert_eq!(of(13), LossCause::Forbidden);
        assert_eq!(of(5), LossCause::Driver);
    }

    #[test]
    fn intervals_become_rates() {
        assert_eq!(rate(Fraction::new(1, 30)), Some(30));
        assert_eq!(rate(Fraction::new(1001, 30_000)), Some(29));
        assert_eq!(rate(Fraction::new(0, 30)), None);
        assert_eq!(
            duration(Fraction::new(2, 15)),
            Some(Duration::from_secs(2) / 15)
        );
        assert_eq!(duration(Fraction::new(1, 0)), None);
    }

    #[test]
    fn a_camera_that_is_not_there_is_not_found() {
        let opened = open(Some("no such serial"), Box::new(|_| {}));
        assert_eq!(
            opened.err().map(|error| error.code()),
            Some("camera-not-found")
        );
    }
}
