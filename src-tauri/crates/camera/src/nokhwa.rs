//! Cameras through `nokhwa`: the way on Windows and macOS, and selectable on Linux.
//!
//! On Linux the station lets this source into training jobs only, and production
//! jobs use [`crate::v4l2`], because nokhwa there
//! - drops `bytesused`: a short JPEG comes with the tail of an older frame behind it, and
//!   a decoder joins two people without complaint. The walk cuts at the first end
//!   marker and finds many splices, but only the exact length can exclude them: of 40
//!   frames that came from a camera which cut every other one, 9 were joined of two;
//! - drops the sequence number, the driver's error flag and timestamp: a frame's birth
//!   can only be bounded by its delivery;
//! - has no time-out: a stalled camera blocks for ever. The supervisor then
//!   abandons the thread, which goes on holding the device.
//!
//! On Windows and macOS the length is exact. There this source compiles and has not
//! been tried on a machine.
//!
//! Never used: `CallbackCamera`, which swallows every error.

use crate::live::{Driver, Format, RawFrame, Stream, dequeued};
use crate::modes::{Mode, Pixels, choose};
use crate::{Camera, CameraError, LossCause, Sink, live};
use ::nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, CameraInfo, FrameFormat, RequestedFormat,
    RequestedFormatType, Resolution,
};
use ::nokhwa::{NokhwaError, query};
use booth::{Device, Nature};
use std::time::Duration;

/// Deeper than any queue of the systems below.
const QUEUE: u32 = 4;
/// Exposure settles, and the first frame can be of the format before.
const WARM_UP: u32 = 3;
const FORMATS: [FrameFormat; 2] = [FrameFormat::MJPEG, FrameFormat::YUYV];

/// Opens camera number `index` of the system, counted as the system does (on Linux
/// the number of its node). When it is unplugged, waits for a camera of the same
/// name at the same number; nokhwa tells no serial number.
///
/// # Errors
/// [`CameraError::NotFound`] when there is none.
pub fn open(index: u32, sink: Sink) -> Result<Box<dyn Camera>, CameraError> {
    let name = find(index).ok_or(CameraError::NotFound)?.human_name();
    let device = Device {
        driver: "nokhwa".to_owned(),
        bus: index.to_string(),
        identity: name.clone(),
        nature: Nature::Physical,
    };
    let camera = live::start(device, NokhwaDriver { index, name }, sink)?;
    Ok(Box::new(camera))
}

fn find(index: u32) -> Option<CameraInfo> {
    let listed = query(ApiBackend::Auto).unwrap_or_default();
    listed
        .into_iter()
        .find(|info| *info.index() == CameraIndex::Index(index))
}

struct NokhwaDriver {
    index: u32,
    name: String,
}

impl Driver for NokhwaDriver {
    fn open(&self) -> Result<Box<dyn Stream>, LossCause> {
        #[cfg(target_os = "macos")]
        ::nokhwa::nokhwa_initialize(|_granted| {});
        find(self.index)
            .filter(|info| info.human_name() == self.name)
            .ok_or(LossCause::Disconnected)?;
        let any = RequestedFormat::with_formats(RequestedFormatType::None, &FORMATS);
        let mut camera = ::nokhwa::Camera::new(CameraIndex::Index(self.index), any)
            .map_err(|error| cause(&error))?;
        let format = negotiate(&mut camera)?;
        camera.open_stream().map_err(|error| cause(&error))?;
        let rate = camera.frame_rate().max(1);
        Ok(Box::new(NokhwaStream {
            camera,
            format,
            interval: Duration::from_secs(1) / rate,
            sequence: 0,
            bytes: Vec::new(),
        }))
    }
}

/// Chooses among what is listed, then asks for exactly that: nokhwa's own choosing
/// fails on cameras without the very resolution.
fn negotiate(camera: &mut ::nokhwa::Camera) -> Result<Format, LossCause> {
    let listed = camera
        .compatible_camera_formats()
        .map_err(|error| cause(&error))?;
    let mode = choose(listed.iter().filter_map(mode_of)).ok_or(LossCause::NoFormat)?;
    let pixels = match mode.pixels {
        Pixels::Mjpeg => FrameFormat::MJPEG,
        Pixels::Yuyv => FrameFormat::YUYV,
    };
    let size = Resolution::new(mode.width, mode.height);
    let exact = CameraFormat::new(size, pixels, mode.rate.unwrap_or(0));
    let request = RequestedFormat::with_formats(RequestedFormatType::Exact(exact), &FORMATS);
    camera
        .set_camera_requset(request)
        .map_err(|error| cause(&error))?;
    Ok(match mode.pixels {
        Pixels::Mjpeg => Format::Jpeg {
            size: Some((mode.width, mode.height)),
            tail: true,
        },
        Pixels::Yuyv => Format::Yuyv {
            width: mode.width,
            height: mode.height,
        },
    })
}

fn mode_of(format: &CameraFormat) -> Option<Mode> {
    let pixels = match format.format() {
        FrameFormat::MJPEG => Pixels::Mjpeg,
        FrameFormat::YUYV => Pixels::Yuyv,
        FrameFormat::NV12 | FrameFormat::GRAY | FrameFormat::RAWRGB | FrameFormat::RAWBGR => {
            return None;
        }
    };
    Some(Mode {
        pixels,
        width: format.width(),
        height: format.height(),
        rate: Some(format.frame_rate()),
    })
}

struct NokhwaStream {
    camera: ::nokhwa::Camera,
    format: Format,
    interval: Duration,
    sequence: u64,
    bytes: Vec<u8>,
}

impl Stream for NokhwaStream {
    fn format(&self) -> Format {
        self.format
    }

    fn warm_up(&self) -> u32 {
        WARM_UP
    }

    /// Ignores `wait`: nokhwa cannot be told how long to wait.
    fn next(&mut self, _wait: Duration) -> Result<Option<RawFrame<'_>>, LossCause> {
        let taken = self.camera.frame_raw().map_err(|error| cause(&error))?;
        self.bytes.clear();
        self.bytes.extend_from_slice(&taken);
        drop(taken);
        if let Format::Yuyv { width, height } = self.format {
            // The buffer may be larger than the picture.
            self.bytes.truncate(width as usize * height as usize * 2);
        }
        self.sequence += 1;
        Ok(Some(RawFrame {
            bytes: &self.bytes,
            sequence: self.sequence,
            birth: dequeued(clock::now(), QUEUE, self.interval),
            flawed: false,
        }))
    }
}

/// nokhwa's errors are sentences; the number of the system's error stands in them.
fn cause(error: &NokhwaError) -> LossCause {
    let text = error.to_string();
    let says = |number: u32| text.contains(&format!("(os error {number})"));
    let cause = if says(19) || says(2) || says(6) {
        LossCause::Disconnected
    } else if says(16) {
        LossCause::Busy
    } else if says(13) || says(1) {
        LossCause::Forbidden
    } else if text.contains("Fufill") || text.contains("fufill") {
        LossCause::NoFormat
    } else {
        LossCause::Driver
    };
    tracing::warn!(%error, cause = cause.code(), "nokhwa reports an error");
    cause
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_in_the_sentence_tells_the_cause() {
        let read = |text: &str| cause(&NokhwaError::ReadFrameError(text.to_owned()));
        assert_eq!(
            read("No such device (os error 19)"),
            LossCause::Disconnected
        );
        assert_eq!(
            read("Device or resource busy (os error 16)"),
            LossCause::Busy
        );
        assert_eq!(read("Input/output error (os error 5)"), LossCause::Driver);
        assert_eq!(read("Failed to Fufill"), LossCause::NoFormat);
    }

    #[test]
    fn a_camera_that_is_not_there_is_not_found() {
        let opened = open(97, Box::new(|_| {}));
        assert_eq!(
            opened.err().map(|error| error.code()),
            Some("camera-not-found")
        );
    }
}
