//! What can be set on a camera: exposure, gain, white balance, focus, zoom, mains
//! frequency, brightness and contrast; each with its range, and with the automatic that
//! takes it over.
//!
//! | what goes wrong on real cameras | so |
//! |---|---|
//! | a value is refused, or taken and overwritten, while its automatic is on | the automatic is switched off first ([`plan`]) |
//! | a value out of range is refused and all the same set to the limit | it is brought into the range first |
//! | a driver says yes and the camera does otherwise | everything is read again and compared ([`apply`]) |
//! | a camera forgets everything when it is unplugged | [`crate::live`] sets it again at each opening |
//!
//! A source implements [`Controls`]: read all, set one. In which order, and what to make
//! of the answer, is decided here and without a device. What did not take is a
//! [`Finding`] with a code, never silence.

mod plan;

pub use plan::{Plan, plan};

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A value may be taken a moment after the driver has said yes: so often, and at this
/// distance, everything is read again before a difference counts.
const RE_READS: u32 = 4;
const RE_READ_AFTER: Duration = Duration::from_millis(50);

/// One thing that can be set, in the order in which they are set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Control {
    /// Frequency of the mains that lamps flicker with: 0 off, 1 50 Hz, 2 60 Hz, 3 automatic.
    PowerLine,
    /// Whether the camera chooses the exposure time.
    ExposureAuto,
    /// Exposure time in units of 100 µs.
    Exposure,
    /// Whether the camera chooses the gain.
    GainAuto,
    /// Gain, in units of the camera's own.
    Gain,
    /// Whether the camera chooses the white balance.
    WhiteBalanceAuto,
    /// Colour temperature in kelvin.
    WhiteBalance,
    /// Whether the camera focuses by itself.
    FocusAuto,
    /// Focus, in units of the camera's own; larger is nearer.
    Focus,
    /// Zoom, in units of the camera's own.
    Zoom,
    /// Brightness, in units of the camera's own.
    Brightness,
    /// Contrast, in units of the camera's own.
    Contrast,
}

impl Control {
    /// All of them, in the order in which they are set.
    pub const ALL: [Self; 12] = [
        Self::PowerLine,
        Self::ExposureAuto,
        Self::Exposure,
        Self::GainAuto,
        Self::Gain,
        Self::WhiteBalanceAuto,
        Self::WhiteBalance,
        Self::FocusAuto,
        Self::Focus,
        Self::Zoom,
        Self::Brightness,
        Self::Contrast,
    ];

    /// Stable word for files, the command line and `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PowerLine => "power-line",
            Self::ExposureAuto => "exposure-auto",
            Self::Exposure => "exposure",
            Self::GainAuto => "gain-auto",
            Self::Gain => "gain",
            Self::WhiteBalanceAuto => "white-balance-auto",
            Self::WhiteBalance => "white-balance",
            Self::FocusAuto => "focus-auto",
            Self::Focus => "focus",
            Self::Zoom => "zoom",
            Self::Brightness => "brightness",
            Self::Contrast => "contrast",
        }
    }

    /// The control of this word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.code() == code)
    }

    /// The automatics that take this value over while they are on. A camera without one
    /// for its gain lets that of the exposure have it.
    #[must_use]
    pub const fn automatics(self) -> &'static [Self] {
        match self {
            Self::Exposure => &[Self::ExposureAuto],
            Self::Gain => &[Self::GainAuto, Self::ExposureAuto],
            Self::WhiteBalance => &[Self::WhiteBalanceAuto],
            Self::Focus => &[Self::FocusAuto],
            Self::PowerLine
            | Self::ExposureAuto
            | Self::GainAuto
            | Self::WhiteBalanceAuto
            | Self::FocusAuto
            | Self::Zoom
            | Self::Brightness
            | Self::Contrast => &[],
        }
    }

    /// Whether this is such an automatic.
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        match self {
            Self::ExposureAuto | Self::GainAuto | Self::WhiteBalanceAuto | Self::FocusAuto => true,
            Self::PowerLine
            | Self::Exposure
            | Self::Gain
            | Self::WhiteBalance
            | Self::Focus
            | Self::Zoom
            | Self::Brightness
            | Self::Contrast => false,
        }
    }
}

/// What values a control takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Range {
    /// 0 off, 1 on. Every automatic is one, however its driver writes it.
    Switch,
    /// From `min` to `max`, both included, in steps from `min`.
    Number {
        /// The lowest value.
        min: i64,
        /// The highest value.
        max: i64,
        /// The distance of two values; at least 1.
        step: i64,
    },
    /// One of these values, each with the driver's word for it.
    Menu(Vec<(i64, String)>),
}

impl Range {
    /// The value of this range that is nearest to the wanted one; `None` when a menu does
    /// not have it, for two entries of a menu are not near to one another.
    #[must_use]
    pub fn fit(&self, wanted: i64) -> Option<i64> {
        match self {
            Self::Switch => Some(i64::from(wanted != 0)),
            Self::Number { min, max, step } => {
                let (min, max) = (i128::from(*min), i128::from(*max));
                let step = i128::from(*step).max(1);
                let within = i128::from(wanted).clamp(min, max.max(min));
                let steps = (within - min + step / 2) / step;
                let steps = steps.min((max - min).max(0) / step);
                i64::try_from(min + steps * step).ok()
            }
            Self::Menu(items) => items
                .iter()
                .map(|(value, _)| *value)
                .find(|value| *value == wanted),
        }
    }
}

/// A control of one camera as it is now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlState {
    /// Which one.
    pub control: Control,
    /// What values it takes.
    pub range: Range,
    /// Its value now.
    pub value: i64,
    /// What the camera begins with.
    pub default: i64,
    /// An automatic has it now: the value may be an old one.
    pub governed: bool,
    /// It can be read only.
    pub fixed: bool,
}

/// What a camera is set to, in one line for the record: `exposure=156 gain=auto:4`. A value
/// that an automatic has stands behind `auto:`, for it may be an old one.
#[must_use]
pub fn line(states: &[ControlState]) -> String {
    let words = states.iter().map(|state| {
        let auto = if state.governed { "auto:" } else { "" };
        format!("{}={auto}{}", state.control.code(), state.value)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Values to be set, at most one for each control, free of contradictions: a value stands
/// beside an automatic that is off, or beside none.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Values(BTreeMap<Control, i64>);

impl Values {
    /// Wants this value. A value of its own switches its automatics off where they were
    /// wanted on, and an automatic that is wanted on takes its values out.
    pub fn want(&mut self, control: Control, value: i64) {
        for automatic in control.automatics() {
            if self.0.get(automatic).is_some_and(|wanted| *wanted != 0) {
                self.0.insert(*automatic, 0);
            }
        }
        if control.is_automatic() && value != 0 {
            self.0
                .retain(|governed, _| !governed.automatics().contains(&control));
        }
        self.0.insert(control, value);
    }

    /// The wanted value of a control.
    #[must_use]
    pub fn of(&self, control: Control) -> Option<i64> {
        self.0.get(&control).copied()
    }

    /// Every control with its wanted value, in the order of [`Control::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Control, i64)> + '_ {
        self.0.iter().map(|(control, value)| (*control, *value))
    }

    /// Nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a camera has now, every automatic off: what was found by itself stays.
    #[must_use]
    pub fn locked(states: &[ControlState]) -> Self {
        let settable = states.iter().filter(|state| !state.fixed);
        let values = settable.map(|state| {
            let value = if state.control.is_automatic() {
                0
            } else {
                state.value
            };
            (state.control, value)
        });
        Self(values.collect())
    }
}

impl FromIterator<(Control, i64)> for Values {
    fn from_iter<I: IntoIterator<Item = (Control, i64)>>(pairs: I) -> Self {
        let mut values = Self::default();
        for (control, value) in pairs {
            values.want(control, value);
        }
        values
    }
}

/// What is not as it was wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finding {
    /// The camera has no such control.
    Missing(Control),
    /// The value lies outside of the range, or between two steps.
    Clamped {
        /// Of this control.
        control: Control,
        /// What was wanted.
        wanted: i64,
        /// What was set instead.
        set: i64,
    },
    /// The control is a choice among a few, and this is not among them.
    NotOffered {
        /// The control.
        control: Control,
        /// What was wanted.
        wanted: i64,
    },
    /// It was set, and reads otherwise.
    NotTaken {
        /// The control.
        control: Control,
        /// What was set.
        set: i64,
        /// What it reads.
        found: i64,
    },
}

impl Finding {
    /// Which control it is about.
    #[must_use]
    pub const fn control(self) -> Control {
        match self {
            Self::Missing(control)
            | Self::Clamped { control, .. }
            | Self::NotOffered { control, .. }
            | Self::NotTaken { control, .. } => control,
        }
    }

    /// Stable word for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing(_) => "control-missing",
            Self::Clamped { .. } => "control-clamped",
            Self::NotOffered { .. } => "control-not-offered",
            Self::NotTaken { .. } => "control-not-taken",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.control().code();
        match self {
            Self::Missing(_) => f.write_str(name),
            Self::Clamped { wanted, set, .. } => write!(f, "{name} {wanted} -> {set}"),
            Self::NotOffered { wanted, .. } => write!(f, "{name} {wanted}"),
            Self::NotTaken { set, found, .. } => write!(f, "{name} {set}, reads {found}"),
        }
    }
}

/// Why a camera's controls cannot be read or set at all.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// This source has none: a folder, or a library that does not pass them on.
    #[error("this camera's controls cannot be reached")]
    None,
    /// The camera is not there now.
    #[error("the camera is not connected")]
    Gone,
    /// The driver refuses this control or value.
    #[error("the camera refuses a control")]
    Refused(#[source] std::io::Error),
    /// Another fault of the driver.
    #[error("the camera's controls cannot be read")]
    Io(#[source] std::io::Error),
}

impl ControlError {
    /// Stable word for `--json`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::None => "camera-controls-none",
            Self::Gone => "camera-disconnected",
            Self::Refused(_) => "camera-control-refused",
            Self::Io(_) => "camera-controls-unreadable",
        }
    }
}

/// The controls of one camera. A handle: it may outlive the camera, and says
/// [`ControlError::Gone`] then.
pub trait Controls: Send {
    /// Every control of [`Control::ALL`] that the camera has, as it is now.
    ///
    /// # Errors
    /// [`ControlError`] when they cannot be read.
    fn read(&self) -> Result<Vec<ControlState>, ControlError>;

    /// Sets one, to a value that lies in its range. Whether it took is told by reading it.
    ///
    /// # Errors
    /// [`ControlError`]; after `Refused` the value may have changed nevertheless.
    fn set(&self, control: Control, value: i64) -> Result<(), ControlError>;
}

/// What became of values that were set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// Every control, read afterwards.
    pub states: Vec<ControlState>,
    /// What is not as it was wanted; empty when everything took.
    pub findings: Vec<Finding>,
}

/// Sets values in the order of [`plan`], reads everything again and compares. Takes as
/// long as the driver does, and up to 200 ms more where something does not take.
///
/// # Errors
/// [`ControlError`] when the camera cannot be read or is gone. A control that it refuses
/// is no error but a finding, unless it reads as wanted.
pub fn apply(device: &dyn Controls, wanted: &Values) -> Result<Applied, ControlError> {
    let plan = plan(&device.read()?, wanted);
    for step in &plan.steps {
        match device.set(step.control, step.value) {
            Ok(()) => {}
            Err(error @ ControlError::Refused(_)) => {
                let control = step.control.code();
                tracing::warn!(control, value = step.value, %error, "a control was refused");
            }
            Err(error @ (ControlError::None | ControlError::Gone | ControlError::Io(_))) => {
                return Err(error);
            }
        }
    }
    let mut states = device.read()?;
    for _ in 0..RE_READS {
        if plan.not_taken(&states).is_empty() {
            break;
        }
        std::thread::sleep(RE_READ_AFTER);
        states = device.read()?;
    }
    let mut findings = plan.findings.clone();
    findings.extend(plan.not_taken(&states));
    Ok(Applied { states, findings })
}

/// What became of the values that a camera keeps, the last time that they were set: at an
/// opening, or when others were wanted.
#[derive(Debug)]
pub struct ControlReport {
    /// Counts the times from 1.
    pub turn: u64,
    /// What became of them.
    pub result: Result<Applied, ControlError>,
}

#[cfg(test)]
mod tests;
