//! The use cases of a camera by itself: look at its controls, set them, lock them, check.

use super::{Calibration, Reference};
use crate::desk::StationHome;
use crate::device::{Bench, CameraChoice, controls_of, open_camera};
use crate::error::StationError;
use crate::studio::decode_preview;
use crate::view::DeviceChoice;
use booth::{Device, Timestamp};
use camera::controls::{Applied, Control, ControlState, Controls, Finding, Range, Values, apply};
use camera::{Camera, CameraEvent};
use portrait::{DRIFT_DELTA_E_MAX, DRIFT_STOPS_MAX, Drift, Patch, Region, measure};
use serde::Serialize;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::Path;
use std::str::FromStr;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
#[cfg(test)]
use ts_rs::TS;

/// Between two looks at what the automatics are doing.
const SAMPLE_EVERY: Duration = Duration::from_millis(250);
/// So many samples in a row have to be alike.
const SAMPLES: usize = 5;
/// What is alike: half of the least that is seen.
const ALIKE_STOPS: f64 = 0.08;
const ALIKE_DELTA_E: f64 = 1.2;
/// After a change of the controls frames are on their way that were exposed before.
const SETTLE: Duration = Duration::from_millis(500);

/// Something to be told of a camera, by its code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
#[cfg_attr(test, ts(rename = "DeviceNote"))]
pub struct Note {
    /// Stable code.
    pub code: String,
    /// Which control, how much.
    pub detail: String,
}

/// One control of a camera.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct ControlLine {
    /// Its name, as `camera set` takes it.
    pub control: &'static str,
    /// Its value now.
    #[cfg_attr(test, ts(type = "number"))]
    pub value: i64,
    /// What it begins with.
    #[cfg_attr(test, ts(type = "number"))]
    pub default: i64,
    /// The lowest value of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, as = "Option<i32>"))]
    pub min: Option<i64>,
    /// The highest value of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, as = "Option<i32>"))]
    pub max: Option<i64>,
    /// The distance of two values of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, as = "Option<i32>"))]
    pub step: Option<i64>,
    /// The values of a menu: `1 50 Hz`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub offers: Vec<String>,
    /// An automatic has it now.
    pub governed: bool,
    /// What is kept for this camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, as = "Option<i32>"))]
    pub kept: Option<i64>,
}

impl ControlLine {
    fn new(state: &ControlState, kept: &Values) -> Self {
        let (mut min, mut max, mut step, mut offers) = (None, None, None, Vec::new());
        match &state.range {
            Range::Switch => (min, max) = (Some(0), Some(1)),
            Range::Number {
                min: low,
                max: high,
                step: by,
            } => (min, max, step) = (Some(*low), Some(*high), Some(*by)),
            Range::Menu(items) => {
                let items = items.iter();
                offers = items
                    .map(|(value, word)| format!("{value} {word}"))
                    .collect();
            }
        }
        Self {
            control: state.control.code(),
            value: state.value,
            default: state.default,
            min,
            max,
            step,
            offers,
            governed: state.governed,
            kept: kept.of(state.control),
        }
    }
}

/// A camera's controls.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct CameraControls {
    /// Which camera.
    pub camera: String,
    /// Every control that it has.
    pub controls: Vec<ControlLine>,
}

/// What was set on a camera.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct ControlsSet {
    /// Everything took.
    pub ok: bool,
    /// Which camera.
    pub camera: String,
    /// Every control, read afterwards.
    pub controls: Vec<ControlLine>,
    /// What is not as it was wanted.
    pub findings: Vec<Note>,
}

/// A colour that was measured.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct PatchLine {
    /// `centre` or `backdrop`.
    pub region: &'static str,
    /// sRGB, 0 to 255.
    pub rgb: [u8; 3],
    /// CIE Lab, one decimal.
    pub lab: [f64; 3],
    /// Relative luminance, 0 to 1.
    pub luminance: f64,
    /// How uneven it is, 0 to 255.
    pub spread: u8,
}

impl PatchLine {
    fn new(patch: Patch, region: Region) -> Self {
        Self {
            region: code_of(region),
            rgb: patch.rgb,
            lab: patch.lab().map(|value| rounded(value, 10.0)),
            luminance: rounded(patch.luminance(), 1000.0),
            spread: patch.spread,
        }
    }
}

/// Stable word of a region.
pub(super) const fn code_of(region: Region) -> &'static str {
    match region {
        Region::Centre => "centre",
        Region::Backdrop => "backdrop",
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// How far a colour is from its reference.
#[derive(Debug, Serialize)]
pub struct DriftLine {
    /// Brighter (positive) or darker, in stops.
    pub stops: f64,
    /// More than that is told.
    pub stops_max: f64,
    /// Distance of the colours at equal brightness, CIE76.
    pub delta_e: f64,
    /// More than that is told.
    pub delta_e_max: f64,
}

impl From<Drift> for DriftLine {
    fn from(drift: Drift) -> Self {
        Self {
            stops: rounded(drift.stops, 100.0),
            stops_max: DRIFT_STOPS_MAX,
            delta_e: rounded(drift.delta_e, 10.0),
            delta_e_max: DRIFT_DELTA_E_MAX,
        }
    }
}

/// A camera that was calibrated, or not.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(TS))]
pub struct CameraLocked {
    /// The controls are locked and kept.
    pub ok: bool,
    /// Which camera.
    pub camera: String,
    /// Every control, read afterwards.
    pub controls: Vec<ControlLine>,
    /// What was measured afterwards; kept where everything took.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub reference: Option<PatchLine>,
    /// What is not as it was wanted.
    pub findings: Vec<Note>,
}

/// A camera compared with its calibration.
#[derive(Debug, Serialize)]
pub struct CameraChecked {
    /// All as it was.
    pub ok: bool,
    /// Which camera.
    pub camera: String,
    /// When it was calibrated, milliseconds since 1970, UTC.
    pub calibrated_ms: i64,
    /// What was measured then.
    pub reference: PatchLine,
    /// What is measured now.
    pub now: PatchLine,
    /// The difference.
    pub drift: DriftLine,
    /// What is not as it was.
    pub findings: Vec<Note>,
}

/// How a camera is to be calibrated.
#[derive(Clone, Copy)]
pub struct LockOptions<'a> {
    /// The job that it is made for.
    pub job: Option<&'a Path>,
    /// Where the reference is measured.
    pub region: Region,
    /// Lock what is set now, and let no automatic look for anything else.
    pub as_is: bool,
    /// How long the automatics may take.
    pub wait: Duration,
}

/// Who is told how far a calibration has come, and may stop it.
pub(crate) struct Pace<'a> {
    /// So many of [`Pace::STEPS`] are done.
    pub(crate) tell: &'a dyn Fn(usize),
    /// Asked before every frame.
    pub(crate) go_on: &'a dyn Fn() -> ControlFlow<()>,
}

impl Pace<'static> {
    /// Opened, settled, measured.
    pub(crate) const STEPS: usize = 3;
    /// Nobody looks.
    const ALONE: Self = Self {
        tell: &|_| (),
        go_on: &|| ControlFlow::Continue(()),
    };
}

/// `NAME=VALUE`, as people type it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings(pub Control, pub i64);

impl FromStr for Settings {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let names = Control::ALL.map(Control::code).join(", ");
            format!("a setting is NAME=NUMBER, or NAME=on and NAME=off; the names: {names}")
        };
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let control = Control::from_code(name).ok_or_else(wrong)?;
        let number = match (control, value) {
            // UVC and V4L2 number the choices alike.
            (_, "off") => 0,
            (Control::PowerLine, "50hz") => 1,
            (Control::PowerLine, "60hz") => 2,
            (Control::PowerLine, "auto") => 3,
            (_, "on") if control.is_automatic() => 1,
            (_, number) => number.parse().map_err(|_| wrong())?,
        };
        Ok(Self(control, number))
    }
}

impl StationHome {
    /// The cameras that are connected.
    #[must_use]
    pub fn cameras(&self) -> Vec<DeviceChoice> {
        crate::device::cameras(true)
    }

    /// What can be set on a camera, and what it is now. It may be in use meanwhile.
    ///
    /// # Errors
    /// `camera-controls-none` for a camera without; a fault of the camera.
    pub fn camera_controls(&self, choice: &CameraChoice) -> Result<CameraControls, StationError> {
        self.controls_at(&controls_of(choice)?)
    }

    /// As [`Self::camera_controls`], of controls that are at hand.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn controls_at(&self, bench: &Bench) -> Result<CameraControls, StationError> {
        let kept = self
            .calibration(&bench.device)?
            .unwrap_or_default()
            .values();
        let states = bench.controls.read().map_err(unreachable_now)?;
        Ok(CameraControls {
            camera: super::name_of(&bench.device),
            controls: lines(&states, &kept),
        })
    }

    /// Sets controls of a camera, reads them back, and keeps what took for the next
    /// opening. A reference that was measured under other values is forgotten.
    ///
    /// # Errors
    /// As [`Self::camera_controls`]; what did not take is told in the result.
    pub fn set_camera(
        &self,
        choice: &CameraChoice,
        settings: &[Settings],
    ) -> Result<ControlsSet, StationError> {
        self.set_at(&controls_of(choice)?, settings)
    }

    /// As [`Self::set_camera`], on controls that are at hand.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn set_at(
        &self,
        bench: &Bench,
        settings: &[Settings],
    ) -> Result<ControlsSet, StationError> {
        let device = &bench.device;
        let mut kept = self
            .calibration(device)?
            .unwrap_or_else(|| Calibration::of(device));
        let mut wanted = Values::default();
        for Settings(control, value) in settings {
            wanted.want(*control, *value);
        }
        let applied = apply(bench.controls.as_ref(), &wanted).map_err(unreachable_now)?;
        let mut values = kept.values();
        for (control, value) in wanted.iter() {
            if let Some(value) = stands_at(&applied, control, value) {
                values.want(control, value);
            }
        }
        if values != kept.values() {
            kept.keep(&values);
            kept.reference = None;
            self.keep_calibration(device, &kept)?;
        }
        let mut findings: Vec<Note> = applied.findings.iter().map(Note::from).collect();
        findings.extend(overruled(settings, &wanted));
        Ok(ControlsSet {
            ok: findings.is_empty(),
            camera: super::name_of(device),
            controls: lines(&applied.states, &values),
            findings,
        })
    }

    /// The calibration: lets the automatics find exposure, white balance and focus for
    /// what is before the camera now, switches them off with what they found, reads back,
    /// measures the region, and keeps all of it for this camera.
    ///
    /// # Errors
    /// `camera-not-settled`, `camera-lock-jumped`, `camera-reference-unusable`, and as
    /// [`Self::camera_controls`]. What did not take is told in the result, and nothing kept.
    pub fn lock_camera(
        &self,
        choice: &CameraChoice,
        options: LockOptions<'_>,
    ) -> Result<CameraLocked, StationError> {
        let desk = options.job.map(|dir| self.open_job(dir)).transpose()?;
        let job = desk.as_ref().map(|desk| desk.job.id().to_string());
        self.calibrate(choice, job, options, &Pace::ALONE)
    }

    /// As [`Self::lock_camera`], for a job by its id.
    ///
    /// # Errors
    /// As there; `work-cancelled` when it was, and nothing kept.
    pub(crate) fn calibrate(
        &self,
        choice: &CameraChoice,
        job: Option<String>,
        options: LockOptions<'_>,
        pace: &Pace<'_>,
    ) -> Result<CameraLocked, StationError> {
        let (eye, mut kept) = Eye::open(self, choice, options.wait, pace)?;
        (pace.tell)(1);
        let controls = eye.camera.controls().map_err(unreachable_now)?;
        let controls = controls.as_ref();
        if !options.as_is {
            let applied = automatics_on(controls, options.region)?;
            if !applied.findings.is_empty() {
                return Ok(not_locked(&eye.device, &applied));
            }
        }
        let settled = eye.settled(options.region, options.wait)?;
        (pace.tell)(2);
        let states = controls.read().map_err(unreachable_now)?;
        let values = found(&states, options.region);
        let applied = apply(controls, &values).map_err(unreachable_now)?;
        if !applied.findings.is_empty() {
            return Ok(not_locked(&eye.device, &applied));
        }
        let patch = eye.patch(options.region, SETTLE)?;
        let jump = Drift::between(settled, patch);
        if jump.is_beyond() {
            // It shows another exposure than the one that it told.
            return Err(StationError::RefusedWith {
                code: "camera-lock-jumped",
                detail: Note::drift(jump).detail,
            });
        }
        if !patch.is_measurable() {
            return Err(StationError::RefusedWith {
                code: "camera-reference-unusable",
                detail: format!("RGB {:?}, spread {}", patch.rgb, patch.spread),
            });
        }
        kept.keep(&values);
        kept.reference = Some(Reference::new(patch, options.region, job));
        self.keep_calibration(&eye.device, &kept)?;
        Ok(CameraLocked {
            ok: true,
            camera: super::name_of(&eye.device),
            controls: lines(&applied.states, &values),
            reference: Some(PatchLine::new(patch, options.region)),
            findings: Vec::new(),
        })
    }

    /// Sets a camera as it is kept, and compares it with its calibration.
    ///
    /// # Errors
    /// `camera-uncalibrated`, and as [`Self::camera_controls`]. A drift is told in the
    /// result.
    pub fn check_camera(
        &self,
        choice: &CameraChoice,
        wait: Duration,
    ) -> Result<CameraChecked, StationError> {
        let (eye, kept) = Eye::open(self, choice, wait, &Pace::ALONE)?;
        let reference = kept
            .reference
            .ok_or(StationError::Refused("camera-uncalibrated"))?;
        let report = eye.camera.kept();
        let mut findings = match report.as_ref().map(|report| &report.result) {
            Some(Ok(applied)) => applied.findings.iter().map(Note::from).collect(),
            Some(Err(error)) => vec![Note::plain(error.code())],
            None => Vec::new(),
        };
        let region = reference.region();
        let patch = eye.patch(region, Duration::ZERO)?;
        let drift = Drift::between(reference.patch(), patch);
        if drift.is_beyond() {
            findings.push(Note::drift(drift));
        }
        Ok(CameraChecked {
            ok: findings.is_empty(),
            camera: super::name_of(&eye.device),
            calibrated_ms: reference.wall_ms,
            reference: PatchLine::new(reference.patch(), region),
            now: PatchLine::new(patch, region),
            drift: drift.into(),
            findings,
        })
    }
}

/// What was given and taken out by a setting behind it: a value beside its automatic.
fn overruled(settings: &[Settings], wanted: &Values) -> Vec<Note> {
    let is_out = |Settings(control, value): &&Settings| wanted.of(*control) != Some(*value);
    let note = |Settings(control, value): &Settings| Note {
        code: "control-overruled".to_owned(),
        detail: format!("{}={value}", control.code()),
    };
    settings.iter().filter(is_out).map(note).collect()
}

/// The value at which a control stands now as it was wanted: a value outside of its range stands at
/// the one that was set instead; nothing where it did not take.
fn stands_at(applied: &Applied, control: Control, value: i64) -> Option<i64> {
    let of_it = |finding: &&Finding| finding.control() == control;
    let mut stands = Some(value);
    for finding in applied.findings.iter().filter(of_it) {
        stands = match finding {
            Finding::Clamped { set, .. } => stands.and(Some(*set)),
            Finding::Missing(_) | Finding::NotOffered { .. } | Finding::NotTaken { .. } => None,
        };
    }
    stands
}

fn lines(states: &[ControlState], kept: &Values) -> Vec<ControlLine> {
    let states = states.iter();
    states.map(|state| ControlLine::new(state, kept)).collect()
}

fn not_locked(device: &Device, applied: &Applied) -> CameraLocked {
    CameraLocked {
        ok: false,
        camera: super::name_of(device),
        controls: lines(&applied.states, &Values::default()),
        reference: None,
        findings: applied.findings.iter().map(Note::from).collect(),
    }
}

/// What a camera has found, every automatic off; but focus only where the region is as far
/// away as a face. Before an empty chair it would be locked on the backdrop, so it stays
/// as it is: automatic, or as it was set by hand.
fn found(states: &[ControlState], region: Region) -> Values {
    let mut values = Values::locked(states);
    let focus = states
        .iter()
        .find(|state| state.control == Control::FocusAuto);
    if let (Region::Backdrop, Some(focus)) = (region, focus) {
        values.want(Control::FocusAuto, focus.value);
    }
    values
}

/// Switches the automatics on whose finding is wanted.
fn automatics_on(controls: &dyn Controls, region: Region) -> Result<Applied, StationError> {
    let states = controls.read().map_err(unreachable_now)?;
    let is_wanted = |control: Control| {
        control.is_automatic() && !(control == Control::FocusAuto && region == Region::Backdrop)
    };
    let automatics = states.iter().filter(|state| is_wanted(state.control));
    let wanted = automatics.map(|state| (state.control, 1)).collect();
    apply(controls, &wanted).map_err(unreachable_now)
}

pub(crate) fn unreachable_now(error: camera::controls::ControlError) -> StationError {
    StationError::Control(error)
}

/// A camera that is looked through, outside of any sitting.
struct Eye<'a> {
    pace: &'a Pace<'a>,
    device: Device,
    camera: Box<dyn Camera>,
    events: Receiver<CameraEvent>,
    /// How often the camera was lost, and why it was the last time.
    lost: Cell<(u32, &'static str)>,
}

impl<'a> Eye<'a> {
    /// Opens a camera with what is kept of it, and waits until it is live.
    fn open(
        home: &StationHome,
        choice: &CameraChoice,
        wait: Duration,
        pace: &'a Pace<'a>,
    ) -> Result<(Self, Calibration), StationError> {
        let (sender, events) = channel();
        let mut read = Ok(None);
        let mut kept = |device: &Device| {
            read = home.calibration(device);
            let values = read.as_ref().ok().and_then(Option::as_ref);
            values.map(Calibration::values).unwrap_or_default()
        };
        let sink: camera::Sink = Box::new(move |event| drop(sender.send(event)));
        let camera = open_camera(choice, None, &mut kept, sink)?;
        // A source without controls has nothing to be calibrated.
        camera.controls().map_err(unreachable_now)?;
        let device = camera.device();
        let kept = read?.unwrap_or_else(|| Calibration::of(&device));
        let eye = Self {
            pace,
            device,
            camera,
            events,
            lost: Cell::new((0, "camera-starting")),
        };
        eye.frame_after(None, wait)?;
        Ok((eye, kept))
    }

    /// The first frame that was born after this.
    fn frame_after(
        &self,
        born: Option<Timestamp>,
        wait: Duration,
    ) -> Result<Patcher, StationError> {
        let begun = Instant::now();
        loop {
            if (self.pace.go_on)().is_break() {
                return Err(StationError::Refused("work-cancelled"));
            }
            for event in self.events.try_iter() {
                if let CameraEvent::Lost { cause, .. } = event {
                    self.lost.set((self.lost.get().0 + 1, cause.code()));
                }
            }
            let latest = self.camera.latest();
            let fresh = latest.filter(|frame| born.is_none_or(|at| frame.at().since(at).is_some()));
            if let Some(frame) = fresh {
                return Ok(Patcher(decode_preview(&frame)?));
            }
            if begun.elapsed() > wait {
                return Err(self.not_ready());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn not_ready(&self) -> StationError {
        StationError::Fault {
            code: "camera-not-ready",
            detail: self.lost.get().1.to_owned(),
        }
    }

    /// The region in a frame that is born at least so long from now.
    fn patch(&self, region: Region, after: Duration) -> Result<Patch, StationError> {
        const FRAME_MAX: Duration = Duration::from_secs(3);
        let from = clock::now().plus(after);
        Ok(self
            .frame_after(Some(from), after + FRAME_MAX)?
            .patch(region))
    }

    /// Waits until the region does not change any more. A camera that is lost meanwhile, frozen for
    /// one, begins anew: what was seen in its former life says nothing about this one.
    fn settled(&self, region: Region, wait: Duration) -> Result<Patch, StationError> {
        let begun = Instant::now();
        let mut samples: Vec<Patch> = Vec::new();
        let (at_first, _) = self.lost.get();
        loop {
            let (before, _) = self.lost.get();
            let sample = self.patch(region, SAMPLE_EVERY)?;
            let (after, _) = self.lost.get();
            if after != before {
                samples.clear();
            }
            samples.push(sample);
            if let Some(patch) = settled(&samples) {
                return Ok(patch);
            }
            if begun.elapsed() > wait {
                return Err(if after == at_first {
                    StationError::Refused("camera-not-settled")
                } else {
                    self.not_ready()
                });
            }
        }
    }
}

/// The last sample, when it is like those before it.
fn settled(samples: &[Patch]) -> Option<Patch> {
    let from = samples.len().checked_sub(SAMPLES)?;
    let last = *samples.last()?;
    let alike = samples.get(from..)?.iter().all(|sample| {
        let drift = Drift::between(*sample, last);
        drift.stops.abs() <= ALIKE_STOPS && drift.delta_e <= ALIKE_DELTA_E
    });
    alike.then_some(last)
}

/// A decoded frame.
struct Patcher(portrait::Raster);

impl Patcher {
    fn patch(&self, region: Region) -> Patch {
        measure(&self.0, region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_typed_as_the_manual_says() {
        let parsed = |text: &str| text.parse::<Settings>().ok();
        assert_eq!(
            parsed("exposure=156"),
            Some(Settings(Control::Exposure, 156))
        );
        assert_eq!(
            parsed("focus-auto=off"),
            Some(Settings(Control::FocusAuto, 0))
        );
        assert_eq!(
            parsed("focus-auto=on"),
            Some(Settings(Control::FocusAuto, 1))
        );
        assert_eq!(
            parsed("power-line=50hz"),
            Some(Settings(Control::PowerLine, 1))
        );
        for wrong in [
            "exposure",
            "exposure=on",
            "shutter=3",
            "gain=",
            "=4",
            "gain=1.5",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn focus_is_not_locked_on_the_backdrop() {
        let state = |control, value| ControlState {
            control,
            range: Range::Switch,
            value,
            default: 0,
            governed: false,
            fixed: false,
        };
        let camera = |focus_auto| {
            [
                state(Control::ExposureAuto, 1),
                state(Control::FocusAuto, focus_auto),
                state(Control::Focus, 1),
            ]
        };
        let on = found(&camera(1), Region::Backdrop);
        assert_eq!(
            (on.of(Control::FocusAuto), on.of(Control::Focus)),
            (Some(1), None)
        );
        let off = found(&camera(0), Region::Backdrop);
        assert_eq!(
            (off.of(Control::FocusAuto), off.of(Control::Focus)),
            (Some(0), Some(1))
        );
        let card = found(&camera(1), Region::Centre);
        assert_eq!(
            (card.of(Control::FocusAuto), card.of(Control::Focus)),
            (Some(0), Some(1))
        );
        assert_eq!(on.of(Control::ExposureAuto), Some(0));
    }

    #[test]
    fn it_is_settled_when_the_last_samples_are_alike() {
        let grey = |level: u8| Patch {
            rgb: [level; 3],
            spread: 2,
        };
        let rising: Vec<Patch> = (0..8).map(|step| grey(100 + 4 * step)).collect();
        assert_eq!(settled(&rising), None);
        let mut calm = rising;
        calm.extend([grey(140); SAMPLES]);
        assert_eq!(settled(&calm), Some(grey(140)));
        assert_eq!(settled(&[grey(9); SAMPLES - 1]), None, "too few");
    }
}
