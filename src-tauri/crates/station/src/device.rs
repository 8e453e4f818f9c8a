//! Devices as the operator names them, opened for one job.
//!
//! There is no automatic fall-back from a real device to a simulated one, and a
//! simulated one never opens in a production job (invariant 10).

use crate::error::StationError;
use crate::view::DeviceChoice;
use booth::{Device, JobKind};
use camera::Camera;
use camera::clockcode::ClockOffset;
use camera::controls::{ControlError, Controls, Values};
use card::Reader;
use std::path::PathBuf;
use std::str::FromStr;

/// `--reader`: where documents are read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReaderChoice {
    /// `pcsc[:NAME]`: the smart-card service; without a name every reader is watched.
    Pcsc(Option<String>),
    /// `sdt:PORT`: a reader with a security module on a serial port, or on a USB one that
    /// looks like it (`sdt:/dev/ttyUSB0`, `sdt:COM3`).
    Sdt(String),
    /// `sdtapi:PATH[#PORT]`: a reader behind its vendor's library, on this port of the
    /// library (1001 and on: USB, 1 to 16: serial); without one the first USB reader.
    Sdtapi {
        /// The file of the library.
        library: PathBuf,
        /// Its port.
        port: Option<u16>,
    },
    /// `simulated:FILE`: a document made of a TOML file.
    Simulated(PathBuf),
}

impl FromStr for ReaderChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "pcsc" => Ok(Self::Pcsc(None)),
            Some(("pcsc", name)) if !name.is_empty() => Ok(Self::Pcsc(Some(name.to_owned()))),
            Some(("sdt", port)) if !port.is_empty() => Ok(Self::Sdt(port.to_owned())),
            Some(("sdtapi", place)) if !place.is_empty() => Ok(library_at(place)),
            Some(("simulated", file)) if !file.is_empty() => Ok(Self::Simulated(file.into())),
            Some(_) | None => Err(
                "a reader is pcsc, pcsc:NAME, sdt:PORT, sdtapi:PATH[#PORT] or simulated:FILE"
                    .to_owned(),
            ),
        }
    }
}

/// What stands behind `sdtapi:`. A number behind the last `#` is a port; any other `#`
/// belongs to the path.
fn library_at(place: &str) -> ReaderChoice {
    let numbered = place.rsplit_once('#').and_then(|(path, port)| {
        let port = port.parse().ok().filter(|port| *port > 0)?;
        (!path.is_empty()).then(|| (path.into(), Some(port)))
    });
    let (library, port) = numbered.unwrap_or_else(|| (place.into(), None));
    ReaderChoice::Sdtapi { library, port }
}

/// `--camera`: where frames come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CameraChoice {
    /// `v4l[:SERIAL]`: a camera of the kernel's video subsystem.
    V4l(Option<String>),
    /// `folder:DIR`: pictures that a tethering program puts into a folder.
    Folder(PathBuf),
    /// `still:PATH`: a simulated camera that shows a picture.
    Still(PathBuf),
    /// `nokhwa[:N]`: the cross-platform crate; on Linux in training jobs only.
    Nokhwa(u32),
}

impl FromStr for CameraChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, rest) = text
            .split_once(':')
            .map_or((text, None), |(k, r)| (k, Some(r)));
        match (kind, rest.filter(|rest| !rest.is_empty())) {
            ("v4l", serial) => Ok(Self::V4l(serial.map(str::to_owned))),
            ("folder", Some(dir)) => Ok(Self::Folder(dir.into())),
            ("still", Some(path)) => Ok(Self::Still(path.into())),
            ("nokhwa", None) => Ok(Self::Nokhwa(0)),
            ("nokhwa", Some(index)) => index
                .parse()
                .map(Self::Nokhwa)
                .map_err(|_| "nokhwa:N wants the number of a camera".to_owned()),
            (_, _) => {
                Err("a camera is v4l[:SERIAL], folder:DIR, still:PATH or nokhwa[:N]".to_owned())
            }
        }
    }
}

impl CameraChoice {
    /// How long a press waits for its frames.
    pub(crate) const fn patience_ms(&self, unattended: bool) -> u64 {
        match self {
            Self::Folder(_) if unattended => 20_000,
            Self::Folder(_) => 60_000,
            Self::V4l(_) | Self::Still(_) | Self::Nokhwa(_) => 2_000,
        }
    }
}

/// Whether this reader may open in a job of this kind.
///
/// # Errors
/// [`StationError::Refused`] with `simulated-device`.
pub(crate) fn admit_reader(choice: &ReaderChoice, kind: JobKind) -> Result<(), StationError> {
    match (choice, kind) {
        (ReaderChoice::Simulated(_), JobKind::Production) => {
            Err(StationError::Refused("simulated-device"))
        }
        (ReaderChoice::Simulated(_), JobKind::Training)
        | (ReaderChoice::Pcsc(_) | ReaderChoice::Sdt(_) | ReaderChoice::Sdtapi { .. }, _) => Ok(()),
    }
}

/// Whether this camera may open in a job of this kind.
///
/// # Errors
/// [`StationError::Refused`] with `simulated-device` or `nokhwa-in-production`.
pub(crate) fn admit_camera(choice: &CameraChoice, kind: JobKind) -> Result<(), StationError> {
    match (choice, kind) {
        (CameraChoice::Still(_), JobKind::Production) => {
            Err(StationError::Refused("simulated-device"))
        }
        // It drops bytesused, sequence and time-outs: two people can be spliced.
        (CameraChoice::Nokhwa(_), JobKind::Production) if cfg!(target_os = "linux") => {
            Err(StationError::Refused("nokhwa-in-production"))
        }
        (
            CameraChoice::Still(_)
            | CameraChoice::Nokhwa(_)
            | CameraChoice::V4l(_)
            | CameraChoice::Folder(_),
            _,
        ) => Ok(()),
    }
}

/// Opens the reader; its events go to `sink`.
pub(crate) fn open_reader(
    choice: &ReaderChoice,
    sink: card::Sink,
) -> Result<Box<dyn Reader>, StationError> {
    match choice {
        ReaderChoice::Pcsc(name) => Ok(card::pcsc::open(name.as_deref(), sink)?),
        ReaderChoice::Sdt(port) => Ok(card::sdt::open(port, sink)?),
        ReaderChoice::Sdtapi { library, port } => {
            let options = card::vendor::Options::new(library.clone(), *port);
            Ok(card::vendor::open(options, sink)?)
        }
        ReaderChoice::Simulated(file) => Ok(simulator::document::open(file, sink)?),
    }
}

/// Opens the camera; its events go to `sink`. `kept` is asked for the values of
/// the camera that was found, where the source has controls.
pub(crate) fn open_camera(
    choice: &CameraChoice,
    clock: Option<ClockOffset>,
    kept: &mut dyn FnMut(&Device) -> Values,
    sink: camera::Sink,
) -> Result<Box<dyn Camera>, StationError> {
    match choice {
        CameraChoice::V4l(serial) => open_v4l(serial.as_deref(), kept, sink),
        CameraChoice::Folder(dir) => Ok(camera::folder::open(dir, clock, sink)?),
        CameraChoice::Still(path) => Ok(simulator::still::open_kept(path, kept, sink)?),
        CameraChoice::Nokhwa(index) => Ok(camera::nokhwa::open(*index, sink)?),
    }
}

/// The readers that are connected, and the state of their service. Serial ports come
/// after them: whether a reader hangs on one is known only when it is opened, which
/// a list does not do.
pub(crate) fn readers() -> (String, Vec<DeviceChoice>) {
    let (health, names) = card::pcsc::list();
    let ports = card::sdt::list().into_iter().map(|listed| DeviceChoice {
        choice: format!("sdt:{}", listed.port),
        name: listed.name,
        kind: "reader".to_owned(),
        nature: "physical".to_owned(),
        allowed: true,
    });
    let readers = names.into_iter().map(|(name, nature)| DeviceChoice {
        choice: format!("pcsc:{name}"),
        name,
        kind: "reader".to_owned(),
        nature: nature.code().to_owned(),
        allowed: true,
    });
    (health.code().to_owned(), readers.chain(ports).collect())
}

/// The cameras that are connected.
#[cfg(target_os = "linux")]
pub(crate) fn cameras(_training: bool) -> Vec<DeviceChoice> {
    let found = camera::v4l2::list().into_iter();
    let choices = found.map(|listed| {
        let identity = listed.serial.or(listed.vid_pid);
        let node = listed.node.to_string_lossy().into_owned();
        DeviceChoice {
            choice: format!("v4l:{}", identity.unwrap_or(node)),
            name: listed.name,
            kind: "camera".to_owned(),
            nature: listed.device.nature.code().to_owned(),
            allowed: true,
        }
    });
    choices.collect()
}

/// The cameras that are connected: the system's first two, which is all that can be
/// told before one is opened.
#[cfg(not(target_os = "linux"))]
pub(crate) fn cameras(_training: bool) -> Vec<DeviceChoice> {
    let choice = |index: u32| DeviceChoice {
        choice: format!("nokhwa:{index}"),
        name: format!("camera {index}"),
        kind: "camera".to_owned(),
        nature: "physical".to_owned(),
        allowed: true,
    };
    (0..2).map(choice).collect()
}

#[cfg(target_os = "linux")]
fn open_v4l(
    serial: Option<&str>,
    kept: &mut dyn FnMut(&Device) -> Values,
    sink: camera::Sink,
) -> Result<Box<dyn Camera>, StationError> {
    Ok(camera::v4l2::open_kept(serial, kept, sink)?)
}

/// A camera's controls, without its picture where the system allows that: it may be in
/// use.
pub(crate) struct Bench {
    pub(crate) device: Device,
    pub(crate) controls: Box<dyn Controls>,
    /// A simulated camera lives as long as it is held; that of an open booth lives there.
    pub(crate) _camera: Option<Box<dyn Camera>>,
}

/// The controls of a camera.
///
/// # Errors
/// [`StationError::Control`] for a source without any.
pub(crate) fn controls_of(choice: &CameraChoice) -> Result<Bench, StationError> {
    match choice {
        CameraChoice::V4l(serial) => v4l_controls(serial.as_deref()),
        CameraChoice::Still(path) => {
            let camera = simulator::still::open(path, Box::new(|_event| {}))?;
            Ok(Bench {
                device: camera.device(),
                controls: camera.controls().map_err(StationError::Control)?,
                _camera: Some(camera),
            })
        }
        CameraChoice::Folder(_) | CameraChoice::Nokhwa(_) => {
            Err(StationError::Control(ControlError::None))
        }
    }
}

#[cfg(target_os = "linux")]
fn v4l_controls(serial: Option<&str>) -> Result<Bench, StationError> {
    let listed = camera::v4l2::find(serial)?;
    let controls = camera::v4l2::NodeControls::open(&listed.node);
    Ok(Bench {
        device: listed.device,
        controls: Box::new(controls.map_err(StationError::Control)?),
        _camera: None,
    })
}

#[cfg(not(target_os = "linux"))]
fn v4l_controls(_: Option<&str>) -> Result<Bench, StationError> {
    Err(StationError::Control(ControlError::None))
}

#[cfg(not(target_os = "linux"))]
fn open_v4l(
    _: Option<&str>,
    _: &mut dyn FnMut(&Device) -> Values,
    _: camera::Sink,
) -> Result<Box<dyn Camera>, StationError> {
    Err(StationError::Fault {
        code: "camera-not-ready",
        detail: "v4l is Linux only".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_the_manual_says() {
        assert_eq!("pcsc".parse(), Ok(ReaderChoice::Pcsc(None)));
        assert_eq!(
            "pcsc:A: B".parse(),
            Ok(ReaderChoice::Pcsc(Some("A: B".into())))
        );
        assert_eq!(
            "simulated:x.toml".parse(),
            Ok(ReaderChoice::Simulated("x.toml".into()))
        );
        assert_eq!(
            "sdt:/dev/ttyUSB0".parse(),
            Ok(ReaderChoice::Sdt("/dev/ttyUSB0".into()))
        );
        let library = |path: &str, port| {
            let library = path.into();
            Ok(ReaderChoice::Sdtapi { library, port })
        };
        let dll = r"sdtapi:C:\reader\sdtapi.dll";
        assert_eq!(dll.parse(), library(r"C:\reader\sdtapi.dll", None));
        assert_eq!("sdtapi:l.so#1001".parse(), library("l.so", Some(1001)));
        assert_eq!("sdtapi:a#1/l.so".parse(), library("a#1/l.so", None));
        assert_eq!("sdtapi:l.so#0".parse(), library("l.so#0", None));
        assert_eq!("sdtapi:#7".parse(), library("#7", None));
        assert!("sdtapi:".parse::<ReaderChoice>().is_err());
        assert!("sdt".parse::<ReaderChoice>().is_err());
        assert!("sdt:".parse::<ReaderChoice>().is_err());
        assert!("simulated".parse::<ReaderChoice>().is_err());
        assert_eq!("v4l".parse(), Ok(CameraChoice::V4l(None)));
        assert_eq!(
            "v4l:CAM-1".parse(),
            Ok(CameraChoice::V4l(Some("CAM-1".into())))
        );
        assert_eq!("nokhwa:2".parse(), Ok(CameraChoice::Nokhwa(2)));
        assert!("folder".parse::<CameraChoice>().is_err());
        assert!("webcam".parse::<CameraChoice>().is_err());
    }

    #[test]
    fn simulated_devices_stay_out_of_production() {
        let reader = ReaderChoice::Simulated("x".into());
        assert!(admit_reader(&reader, JobKind::Production).is_err());
        assert!(admit_reader(&reader, JobKind::Training).is_ok());
        let serial = ReaderChoice::Sdt("COM3".into());
        assert!(admit_reader(&serial, JobKind::Production).is_ok());
        let library: ReaderChoice = "sdtapi:l.so".parse().unwrap();
        assert!(admit_reader(&library, JobKind::Production).is_ok());
        let camera = CameraChoice::Still("x".into());
        assert!(admit_camera(&camera, JobKind::Production).is_err());
        assert!(admit_camera(&camera, JobKind::Training).is_ok());
        let nokhwa = CameraChoice::Nokhwa(0);
        assert_eq!(
            admit_camera(&nokhwa, JobKind::Production).is_err(),
            cfg!(target_os = "linux")
        );
    }
}
