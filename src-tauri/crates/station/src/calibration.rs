//! Calibration: what a camera is set to, and what the backdrop looked like then.
//!
//! Kept by the station and by the camera (its serial number, or vendor, product and name
//! where it has none), in a file of its own beside the station's key. It proves nothing:
//! it is there so that a booth looks at noon as it did in the morning, and says so when
//! it does not. A drift is a warning and never a refusal; the photo standard judges the
//! portrait itself.

mod bench;

pub use bench::{
    CameraChecked, CameraControls, CameraLocked, ControlLine, ControlsSet, DriftLine, LockOptions,
    Note, PatchLine, Settings as ControlSettings,
};

pub(crate) use bench::Pace;

use crate::desk::{StationHome, hex};
use crate::error::StationError;
use crate::report::Report;
use crate::view::CalibrationLine;
use booth::Device;
use camera::Camera;
use camera::controls::{Control, Finding, Values};
use portrait::{Drift, Patch, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is kept of one camera.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Calibration {
    /// Which camera, for people who look into the file.
    pub(crate) camera: String,
    /// Values by the name of their control.
    controls: BTreeMap<String, i64>,
    /// What was seen when they were locked.
    pub(crate) reference: Option<Reference>,
}

/// What a region looked like when the controls were locked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Reference {
    rgb: [u8; 3],
    spread: u8,
    is_backdrop: bool,
    /// The job that it was made for.
    pub(crate) job: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub(crate) wall_ms: i64,
}

impl Reference {
    fn new(patch: Patch, region: Region, job: Option<String>) -> Self {
        Self {
            rgb: patch.rgb,
            spread: patch.spread,
            is_backdrop: region == Region::Backdrop,
            job,
            wall_ms: clock::wall_ms(),
        }
    }

    pub(crate) const fn patch(&self) -> Patch {
        Patch {
            rgb: self.rgb,
            spread: self.spread,
        }
    }

    pub(crate) const fn region(&self) -> Region {
        if self.is_backdrop {
            Region::Backdrop
        } else {
            Region::Centre
        }
    }
}

impl Calibration {
    fn of(device: &Device) -> Self {
        Self {
            camera: name_of(device),
            ..Self::default()
        }
    }

    /// The values that are kept; a name that is not known (of a newer program) is left out.
    pub(crate) fn values(&self) -> Values {
        let known = self.controls.iter().filter_map(|(name, value)| {
            let control = Control::from_code(name)?;
            Some((control, *value))
        });
        known.collect()
    }

    fn keep(&mut self, values: &Values) {
        let named = values.iter();
        self.controls = named
            .map(|(control, value)| (control.code().to_owned(), value))
            .collect();
    }
}

/// The camera as its file names it.
fn name_of(device: &Device) -> String {
    format!("{} {}", device.driver, device.identity)
}

impl StationHome {
    fn calibration_file(&self, device: &Device) -> PathBuf {
        // Names of cameras hold what no file name may.
        let digest = booth::sha256(name_of(device).as_bytes());
        let name = hex(digest.as_bytes().get(..8).unwrap_or_default());
        self.dir().join("cameras").join(format!("{name}.json"))
    }

    /// What is kept of this camera; nothing when there is no file yet.
    ///
    /// # Errors
    /// `calibration-unreadable` when there is one that cannot be read.
    pub(crate) fn calibration(&self, device: &Device) -> Result<Option<Calibration>, StationError> {
        let file = self.calibration_file(device);
        let unreadable = |detail: String| StationError::Fault {
            code: "calibration-unreadable",
            detail: format!("{}: {detail}", file.display()),
        };
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let kept = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(kept))
    }

    /// How the calibration of this camera stands, in a job of this id.
    ///
    /// # Errors
    /// As [`Self::calibration`].
    pub(crate) fn calibration_line(
        &self,
        device: &Device,
        job: &str,
    ) -> Result<Option<CalibrationLine>, StationError> {
        let reference = self.calibration(device)?.and_then(|kept| kept.reference);
        Ok(reference.map(|reference| CalibrationLine {
            wall_ms: reference.wall_ms,
            region: bench::code_of(reference.region()).to_owned(),
            other_job: reference.job.is_some_and(|other| other != job),
        }))
    }

    /// Writes beside and renames, so that a crash leaves the old one or the new one.
    fn keep_calibration(&self, device: &Device, kept: &Calibration) -> Result<(), StationError> {
        let file = self.calibration_file(device);
        let fault = |error: std::io::Error| StationError::Fault {
            code: "file-unwritable",
            detail: format!("{}: {error}", file.display()),
        };
        let beside = file.with_extension("json.new");
        let text = serde_json::to_string_pretty(kept).map_err(|error| fault(error.into()))?;
        std::fs::create_dir_all(self.dir().join("cameras"))
            .and_then(|()| std::fs::write(&beside, text))
            .and_then(|()| std::fs::rename(&beside, &file))
            .map_err(fault)
    }
}

/// Watches over a calibrated camera while the booth is open.
pub(crate) struct CameraWatch {
    reference: Option<Reference>,
    /// How often the controls had been set when they were last looked at.
    turn: u64,
    /// What was found when it opened.
    opening: Vec<Note>,
    /// What became of the controls.
    controls: Vec<Note>,
    /// How far the last exposure was off; told again only after it was over.
    drift: Option<Note>,
    /// What was last wrong with a file of a watched folder; stands until a press brought a picture.
    file: Option<Note>,
    /// To be told with the next look.
    waiting: Vec<Note>,
}

impl CameraWatch {
    /// For a camera that opens; with the values to set on it.
    pub(crate) fn open(home: &StationHome, device: &Device, job: &str) -> (Self, Values) {
        let (kept, waiting) = match home.calibration(device) {
            Ok(kept) => (kept.unwrap_or_default(), Vec::new()),
            Err(error) => {
                let detail = error.detail().unwrap_or_default();
                let code = error.code().to_owned();
                (Calibration::default(), vec![Note { code, detail }])
            }
        };
        let mut watch = Self {
            waiting,
            ..Self::idle()
        };
        match &kept.reference {
            Some(reference) if reference.job.as_deref().is_some_and(|other| other != job) => {
                // Another job, another place: the values are a beginning, the colour is not.
                let code = "calibration-of-another-job";
                watch.waiting.push(Note::plain(code));
            }
            Some(_) | None => watch.reference = kept.reference.clone(),
        }
        watch.opening = watch.waiting.clone();
        (watch, kept.values())
    }

    /// For a camera of which nothing is kept.
    pub(crate) const fn idle() -> Self {
        Self {
            reference: None,
            turn: 0,
            opening: Vec::new(),
            controls: Vec::new(),
            drift: None,
            file: None,
            waiting: Vec::new(),
        }
    }

    /// Other values are set by hand: the colour that was measured counts no more.
    pub(crate) fn set_otherwise(&mut self) {
        self.reference = None;
        self.drift = None;
    }

    /// What became of the controls since the last look.
    pub(crate) fn look(&mut self, camera: &dyn Camera) -> Vec<Report> {
        if let Some(report) = camera.kept().filter(|report| report.turn != self.turn) {
            self.turn = report.turn;
            self.controls = match &report.result {
                Ok(applied) => applied.findings.iter().map(Note::from).collect(),
                Err(error) => vec![Note::plain(error.code())],
            };
            self.waiting.extend(self.controls.iter().cloned());
        }
        let notes = self.waiting.drain(..);
        notes.map(|note| note.report()).collect()
    }

    /// An exposure was made: whether the backdrop still looks as it did.
    pub(crate) fn exposed(&mut self, patch: Patch) -> Option<Report> {
        self.file = None;
        let reference = self.reference.as_ref()?;
        if reference.region() != Region::Backdrop || !is_same_surface(reference.patch(), patch) {
            return None;
        }
        let drift = Drift::between(reference.patch(), patch);
        let now = drift.is_beyond().then(|| Note::drift(drift));
        let before = std::mem::replace(&mut self.drift, now.clone());
        now.filter(|_| before.is_none()).map(Note::report)
    }

    /// A file was not offered, or ended the epoch of its folder.
    pub(crate) fn told_of_a_file(&mut self, code: &str) {
        self.file = Some(Note::plain(code));
    }

    /// What is worth a look as long as it stands.
    pub(crate) fn notes(&self) -> Vec<Note> {
        let all = self.opening.iter().chain(&self.controls).chain(&self.drift);
        all.chain(&self.file).cloned().collect()
    }
}

/// Whether what is measured can be the surface of the reference: as even as it was, less
/// the noise of a darker picture. A shoulder in the corner is no drift of the light.
fn is_same_surface(reference: Patch, now: Patch) -> bool {
    const NOISE: u8 = 12;
    now.spread <= reference.spread.saturating_add(NOISE)
}

impl Note {
    fn plain(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            detail: String::new(),
        }
    }

    fn drift(drift: Drift) -> Self {
        let code = "camera-drift";
        let detail = format!("{:+.2} stops, delta E {:.1}", drift.stops, drift.delta_e);
        Self {
            code: code.to_owned(),
            detail,
        }
    }

    fn report(self) -> Report {
        Report::CameraNote {
            code: self.code,
            detail: self.detail,
        }
    }
}

impl From<Note> for crate::view::DeviceNote {
    fn from(Note { code, detail }: Note) -> Self {
        Self { code, detail }
    }
}

impl From<&Finding> for Note {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code().to_owned(),
            detail: finding.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::Nature;

    fn camera(identity: &str) -> Device {
        Device {
            driver: "v4l2".to_owned(),
            bus: "usb-1".to_owned(),
            identity: identity.to_owned(),
            nature: Nature::Physical,
        }
    }

    fn patch(rgb: [u8; 3]) -> Patch {
        Patch { rgb, spread: 4 }
    }

    fn calibrated(job: Option<&str>) -> Calibration {
        let mut kept = Calibration::of(&camera("1209:ca01 CAM-0001"));
        kept.keep(&[(Control::Exposure, 156)].into_iter().collect());
        let job = job.map(str::to_owned);
        let reference = Reference::new(patch([100, 197, 255]), Region::Backdrop, job);
        kept.reference = Some(reference);
        kept
    }

    fn code(report: Option<Report>) -> Option<String> {
        let value = serde_json::to_value(report?).unwrap();
        assert_eq!(value["event"], "camera-note");
        value["code"].as_str().map(str::to_owned)
    }

    #[test]
    fn a_calibration_is_kept_by_camera_and_a_damaged_one_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let home = StationHome::at(dir.path().join("station"));
        let (one, other) = (camera("1209:ca01 CAM-0001"), camera("1209:ca01 CAM/0002"));
        assert_eq!(home.calibration(&one).unwrap(), None);
        let kept = calibrated(Some("a"));
        home.keep_calibration(&one, &kept).unwrap();
        assert_eq!(home.calibration(&one).unwrap(), Some(kept));
        assert_eq!(home.calibration(&other).unwrap(), None);
        // On another socket it is the same camera.
        let moved = Device {
            bus: "usb-2".to_owned(),
            ..one.clone()
        };
        let (_watch, values) = CameraWatch::open(&home, &moved, "a");
        assert_eq!(values.of(Control::Exposure), Some(156));
        std::fs::write(home.calibration_file(&one), "{").unwrap();
        let (mut watch, values) = CameraWatch::open(&home, &one, "a");
        assert!(values.is_empty());
        assert_eq!(watch.waiting.pop().unwrap().code, "calibration-unreadable");
    }

    #[test]
    fn a_value_of_a_newer_program_is_left_out() {
        let text = r#"{"camera": "x", "controls": {"tint": 3, "gain": 4}}"#;
        let kept: Calibration = serde_json::from_str(text).unwrap();
        let values: Vec<_> = kept.values().iter().collect();
        assert_eq!(values, [(Control::Gain, 4)]);
    }

    #[test]
    fn a_drift_is_told_once_until_it_is_over() {
        let mut watch = CameraWatch {
            reference: calibrated(None).reference,
            ..CameraWatch::idle()
        };
        let drift = Some("camera-drift".to_owned());
        assert_eq!(code(watch.exposed(patch([100, 196, 254]))), None);
        assert_eq!(code(watch.exposed(patch([84, 170, 222]))), drift);
        assert_eq!(code(watch.exposed(patch([84, 170, 222]))), None);
        assert_eq!(watch.notes().len(), 1, "it stands");
        assert_eq!(code(watch.exposed(patch([100, 197, 255]))), None);
        assert_eq!(watch.notes(), []);
        assert_eq!(code(watch.exposed(patch([125, 197, 225]))), drift, "colour");
    }

    #[test]
    fn a_shoulder_in_the_corner_is_no_drift() {
        let mut watch = CameraWatch {
            reference: calibrated(None).reference,
            ..CameraWatch::idle()
        };
        let covered = Patch {
            rgb: [30, 30, 30],
            spread: 90,
        };
        assert_eq!(code(watch.exposed(covered)), None);
        assert_eq!(code(CameraWatch::idle().exposed(patch([1, 1, 1]))), None);
    }

    #[test]
    fn the_reference_of_another_job_is_not_compared_with() {
        let dir = tempfile::tempdir().unwrap();
        let home = StationHome::at(dir.path().join("station"));
        let one = camera("1209:ca01 CAM-0001");
        home.keep_calibration(&one, &calibrated(Some("a"))).unwrap();
        let (mut watch, values) = CameraWatch::open(&home, &one, "b");
        assert_eq!(values.of(Control::Exposure), Some(156));
        let note = watch.waiting.pop().unwrap();
        assert_eq!(note.code, "calibration-of-another-job");
        assert_eq!(code(watch.exposed(patch([30, 30, 30]))), None);
    }
}
