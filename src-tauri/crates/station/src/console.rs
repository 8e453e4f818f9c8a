//! 相机参数: the camera's controls and its calibration, as a window uses them.
//!
//! The use cases are those of the command line ([`StationHome::set_camera`] and its kin).
//! Here the booth is open most of the time: controls are those of its own camera, a value
//! stays with it, and for a calibration the booth makes room and opens again.
//!
//! [`StationHome::set_camera`]: crate::StationHome::set_camera

use crate::calibration::Pace;
use crate::device::{Bench, CameraChoice, admit_camera, controls_of};
use crate::error::StationError;
use crate::room::Room;
use crate::station::Station;
use crate::view::CameraPanel;
use crate::{CameraLocked, ControlSettings, ControlsSet, LockOptions};
use booth::{JobKind, StageName};
use camera::controls::Control;
use portrait::Region;
use std::time::{Duration, Instant};

/// The automatics of a webcam take a second or two; a dark room takes its time.
const SETTLE_MAX: Duration = Duration::from_secs(15);
/// A camera opens within that.
const OPENING_MAX: Duration = Duration::from_secs(5);

impl Station {
    /// What can be set on the chosen camera, and how its calibration stands.
    ///
    /// # Errors
    /// `no-job-open`, `devices-unchosen`, `camera-controls-none` for a source without, a
    /// fault of the camera.
    pub fn camera_panel(&self) -> Result<CameraPanel, StationError> {
        let room = self.room()?;
        let bench = self.bench(&room)?;
        let job = room.ask(false, |desk| desk.job.id().to_string())?;
        Ok(CameraPanel {
            controls: self.home.controls_at(&bench)?,
            calibration: self.home.calibration_line(&bench.device, &job)?,
        })
    }

    /// Sets one control of the chosen camera, by its name, and keeps what took.
    ///
    /// # Errors
    /// `booth-occupied` while somebody sits, and as [`Station::camera_panel`]; what did not
    /// take is told in the result.
    pub fn set_control(&self, control: &str, value: i64) -> Result<ControlsSet, StationError> {
        let room = self.room()?;
        nobody_sits(&room)?;
        let control =
            Control::from_code(control).ok_or(StationError::Refused("control-missing"))?;
        let bench = self.bench(&room)?;
        let set = self
            .home
            .set_at(&bench, &[ControlSettings(control, value)])?;
        let kept = self.home.calibration(&bench.device)?.unwrap_or_default();
        if kept.reference.is_none() {
            // Something took. The booth's own camera sets it again after a replug.
            room.keep(kept.values())?;
        }
        Ok(set)
    }

    /// Calibrates the chosen camera for the open job: before the backdrop, or a grey card
    /// in the middle of the picture. An open booth closes for it and opens again.
    ///
    /// # Errors
    /// `booth-occupied` while somebody sits, `work-busy`, `work-cancelled`, and as
    /// [`StationHome::lock_camera`](crate::StationHome::lock_camera).
    pub fn calibrate(&self, region: Region) -> Result<CameraLocked, StationError> {
        let room = self.room()?;
        nobody_sits(&room)?;
        let camera = self.camera()?;
        let is_training = room.view.borrow().job.kind == JobKind::Training.code();
        let kind = if is_training {
            JobKind::Training
        } else {
            JobKind::Production
        };
        admit_camera(&camera, kind)?;
        let _working = self.begin("calibrate")?;
        let job = room.ask(false, |desk| desk.job.id().to_string())?;
        let options = LockOptions {
            job: None,
            region,
            as_is: false,
            wait: SETTLE_MAX,
        };
        let pace = Pace {
            tell: &|done| self.tell("calibrate", done, Pace::STEPS),
            go_on: &|| self.go_on(),
        };
        // A camera streams to one place at a time.
        let was_open = room.view.borrow().open;
        if was_open {
            room.close_booth()?;
        }
        let locked = self.home.calibrate(&camera, Some(job), options, &pace);
        if was_open {
            let operator = self.settings().operator.clone();
            self.open_booth(&operator)?;
            until_live(&room);
        }
        locked
    }

    /// The controls of the open booth's camera, or of the chosen one.
    fn bench(&self, room: &Room) -> Result<Bench, StationError> {
        match room.bench()? {
            Some(bench) => Ok(bench),
            None => controls_of(&self.camera()?),
        }
    }

    fn camera(&self) -> Result<CameraChoice, StationError> {
        let unchosen = StationError::Refused("devices-unchosen");
        let chosen = self.settings().camera.clone();
        let parsed = chosen.and_then(|choice| choice.parse().ok());
        parsed.ok_or(unchosen)
    }
}

/// Waits until the camera streams again, for only then it has the values that it keeps. One
/// that does not come is told by the view.
fn until_live(room: &Room) {
    let begun = Instant::now();
    while !room.view.borrow().live && begun.elapsed() < OPENING_MAX {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A change of the picture in mid-sitting would be another portrait than the one framed.
fn nobody_sits(room: &Room) -> Result<(), StationError> {
    let stage = room.view.borrow().stage.clone();
    if stage == StageName::Vacant.code() || stage == StageName::Leaving.code() {
        return Ok(());
    }
    Err(StationError::Refused("booth-occupied"))
}
