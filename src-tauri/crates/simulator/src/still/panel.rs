//! The controls of the simulated camera, and what they do to its picture.
//!
//! A webcam as most are: everything automatic out of the box, the gain under the
//! exposure's automatic, and everything forgotten when it is unplugged. While exposure and
//! white balance are automatic the picture is shown as it is, whatever the light; what
//! they have found can be read. Switched off they keep that value, and the picture changes
//! with the light from then on. Focus, zoom and mains frequency can be set and show
//! nothing.

use camera::controls::{Control, ControlError, ControlState, Range};
use std::io;

/// Exposure time in units of 100 µs and colour temperature in kelvin that show the
/// picture as it is under a [`Light`] of zero stops and this temperature.
const EXPOSURE: f64 = 156.0;
const KELVIN: i64 = 4600;
/// Units of gain that double the brightness.
const GAIN_STOP: f64 = 64.0;
/// ERANGE.
const OUT_OF_RANGE: i32 = 34;

/// The light on the scene.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Light {
    /// Brighter (positive) or darker than usual, in stops.
    pub stops: f64,
    /// Its colour temperature in kelvin.
    pub kelvin: i64,
}

impl Default for Light {
    fn default() -> Self {
        Self {
            stops: 0.0,
            kelvin: KELVIN,
        }
    }
}

/// Values for the 256 levels of red, green and blue.
pub(super) type Tables = [[u8; 256]; 3];

pub(super) struct Panel {
    states: Vec<ControlState>,
    pub(super) light: Light,
    /// Says yes to this one and does nothing.
    pub(super) deaf: Option<Control>,
}

impl Panel {
    pub(super) fn new(light: Light, deaf: Option<Control>) -> Self {
        Self {
            states: factory(),
            light,
            deaf,
        }
    }

    /// Unplugged: it forgets.
    pub(super) fn forget(&mut self) {
        self.states = factory();
    }

    pub(super) fn read(&self) -> Vec<ControlState> {
        let mut states = self.states.clone();
        for state in &mut states {
            let automatics = state.control.automatics();
            state.governed = automatics.iter().any(|automatic| self.is_on(*automatic));
            if state.governed {
                let found = self.found(state.control);
                state.value = state.range.fit(found).unwrap_or(state.value);
            }
        }
        states
    }

    pub(super) fn set(&mut self, control: Control, value: i64) -> Result<(), ControlError> {
        let refused = || ControlError::Refused(io::Error::from_raw_os_error(OUT_OF_RANGE));
        if self.deaf == Some(control) {
            return Ok(());
        }
        // What the automatics have found stays when they are switched off.
        let mut now = self.read();
        let state = now.iter_mut().find(|state| state.control == control);
        let state = state.ok_or_else(refused)?;
        if state.governed || state.range.fit(value) != Some(value) {
            return Err(refused());
        }
        state.value = value;
        self.states = now;
        Ok(())
    }

    /// How the picture is changed now; `None` when it is shown as it is.
    pub(super) fn tables(&self) -> Option<Tables> {
        let exposure = if self.is_on(Control::ExposureAuto) {
            1.0
        } else {
            let gain = self.value(Control::Gain) as f64 / GAIN_STOP;
            self.value(Control::Exposure) as f64 / EXPOSURE * (self.light.stops + gain).exp2()
        };
        let warmth = if self.is_on(Control::WhiteBalanceAuto) {
            1.0
        } else {
            (self.value(Control::WhiteBalance) as f64 / self.light.kelvin.max(1) as f64).sqrt()
        };
        let lift = (self.value(Control::Brightness) - 128) as f64 / 512.0;
        let as_it_is = (exposure - 1.0).abs() < 0.01 && (warmth - 1.0).abs() < 0.001 && lift == 0.0;
        let factors = [exposure * warmth, exposure, exposure / warmth];
        (!as_it_is).then(|| factors.map(|factor| table(factor, lift)))
    }

    fn is_on(&self, automatic: Control) -> bool {
        self.value(automatic) != 0 && automatic.is_automatic()
    }

    fn value(&self, control: Control) -> i64 {
        let state = self.states.iter().find(|state| state.control == control);
        state.map_or(0, |state| state.value)
    }

    /// What an automatic finds in this light.
    fn found(&self, control: Control) -> i64 {
        if control == Control::Exposure {
            (EXPOSURE * (-self.light.stops).exp2()).round() as i64
        } else if control == Control::WhiteBalance {
            self.light.kelvin
        } else if control == Control::Gain {
            0
        } else {
            self.value(control)
        }
    }
}

/// The levels with the light scaled, which is done before the camera's gamma (sRGB).
fn table(factor: f64, lift: f64) -> [u8; 256] {
    let mut levels = [0; 256];
    for (level, out) in levels.iter_mut().enumerate() {
        let coded = level as f64 / 255.0;
        let light = if coded <= 0.040_45 {
            coded / 12.92
        } else {
            ((coded + 0.055) / 1.055).powf(2.4)
        } * factor;
        let coded = if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        *out = ((coded + lift).clamp(0.0, 1.0) * 255.0).round() as u8;
    }
    levels
}

fn factory() -> Vec<ControlState> {
    let number = |control, min, max, step, value| {
        let range = Range::Number { min, max, step };
        (control, range, value)
    };
    let hertz = [(0, "Disabled"), (1, "50 Hz"), (2, "60 Hz")];
    let hertz = hertz.map(|(value, word)| (value, word.to_owned()));
    let all = [
        (Control::PowerLine, Range::Menu(hertz.into()), 2),
        (Control::ExposureAuto, Range::Switch, 1),
        number(Control::Exposure, 3, 2047, 1, 250),
        number(Control::Gain, 0, 255, 1, 0),
        (Control::WhiteBalanceAuto, Range::Switch, 1),
        number(Control::WhiteBalance, 2000, 6500, 10, KELVIN),
        (Control::FocusAuto, Range::Switch, 1),
        number(Control::Focus, 0, 250, 5, 30),
        number(Control::Zoom, 100, 500, 1, 100),
        number(Control::Brightness, 0, 255, 1, 128),
        number(Control::Contrast, 0, 255, 1, 32),
    ];
    let state = |(control, range, value)| ControlState {
        control,
        range,
        value,
        default: value,
        governed: false,
        fixed: false,
    };
    all.map(state).into()
}
