//! The knobs of the camera, with the sense of most real ones: while an automatic is on,
//! its value is taken without complaint and changes nothing.

use super::descriptors::{CAMERA_UNIT, PROCESSING_UNIT};

/// Requests of the class, as the host numbers them.
const GET_CUR: u8 = 0x81;
const GET_MIN: u8 = 0x82;
const GET_MAX: u8 = 0x83;
const GET_RES: u8 = 0x84;
const GET_LEN: u8 = 0x85;
const GET_INFO: u8 = 0x86;
const GET_DEF: u8 = 0x87;

/// Can be read and set.
const PLAIN: u8 = 0b0011;
/// Can be read and set, and changes by itself.
const MOVING: u8 = 0b1011;

/// The automatic that holds a knob.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Held {
    Never,
    ByExposure,
    ByFocus,
    ByWhiteBalance,
}

#[derive(Clone, Copy, Debug)]
struct Knob {
    unit: u8,
    selector: u8,
    name: &'static str,
    bytes: u8,
    min: u32,
    max: u32,
    step: u32,
    default: u32,
    held: Held,
    value: u32,
}

/// Every knob and how it stands.
#[derive(Clone, Debug)]
pub(super) struct Controls {
    knobs: Vec<Knob>,
}

/// Exposure mode is a set of bits: 1 manual, 8 aperture first; its step names those that
/// there are.
const KNOBS: [Knob; 10] = [
    knob((CAMERA_UNIT, 0x02), "exposure mode", 1, [1, 8, 9, 8]),
    knob((CAMERA_UNIT, 0x04), "exposure time", 4, [1, 10_000, 1, 156]).held(Held::ByExposure),
    knob((CAMERA_UNIT, 0x06), "focus", 2, [0, 250, 5, 30]).held(Held::ByFocus),
    knob((CAMERA_UNIT, 0x08), "automatic focus", 1, [0, 1, 1, 1]),
    knob((CAMERA_UNIT, 0x0B), "zoom", 2, [100, 400, 1, 100]),
    knob((PROCESSING_UNIT, 0x02), "brightness", 2, [0, 255, 1, 128]),
    knob((PROCESSING_UNIT, 0x04), "gain", 2, [0, 255, 1, 64]),
    knob((PROCESSING_UNIT, 0x05), "power line", 1, [0, 2, 1, 1]),
    knob(
        (PROCESSING_UNIT, 0x0A),
        "white balance",
        2,
        [2800, 6500, 1, 4600],
    )
    .held(Held::ByWhiteBalance),
    knob(
        (PROCESSING_UNIT, 0x0B),
        "automatic white balance",
        1,
        [0, 1, 1, 1],
    ),
];

/// A knob at its default: unit and selector, name, bytes of its value; least, most, step,
/// default.
const fn knob(place: (u8, u8), name: &'static str, bytes: u8, range: [u32; 4]) -> Knob {
    let [min, max, step, default] = range;
    Knob {
        unit: place.0,
        selector: place.1,
        name,
        bytes,
        min,
        max,
        step,
        default,
        held: Held::Never,
        value: default,
    }
}

impl Knob {
    const fn held(mut self, held: Held) -> Self {
        self.held = held;
        self
    }
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            knobs: KNOBS.to_vec(),
        }
    }
}

impl Controls {
    fn value(&self, name: &str) -> Option<u32> {
        let knob = self.knobs.iter().find(|knob| knob.name == name)?;
        Some(knob.value)
    }

    /// The answer to a question of the host; `None` when there is no such knob or question.
    pub(super) fn answer(&self, unit: u8, selector: u8, request: u8) -> Option<Vec<u8>> {
        let knob = self.knob(unit, selector)?;
        let number = match request {
            GET_CUR => knob.value,
            GET_MIN => knob.min,
            GET_MAX => knob.max,
            GET_RES => knob.step,
            GET_DEF => knob.default,
            GET_LEN => return Some(vec![knob.bytes, 0]),
            GET_INFO if knob.held == Held::Never => return Some(vec![PLAIN]),
            GET_INFO => return Some(vec![MOVING]),
            _ => return None,
        };
        let bytes = number.to_le_bytes();
        bytes.get(..usize::from(knob.bytes)).map(<[u8]>::to_vec)
    }

    /// The host turns a knob: its name, and how it stands then.
    pub(super) fn set(
        &mut self,
        unit: u8,
        selector: u8,
        bytes: &[u8],
    ) -> Option<(&'static str, u32)> {
        let mut number = [0; 4];
        for (to, from) in number.iter_mut().zip(bytes) {
            *to = *from;
        }
        let held = self.knob(unit, selector)?.held;
        let is_held = self.is_held(held);
        let is_it = |knob: &&mut Knob| (knob.unit, knob.selector) == (unit, selector);
        let knob = self.knobs.iter_mut().find(is_it)?;
        if !is_held {
            knob.value = u32::from_le_bytes(number).clamp(knob.min, knob.max);
        }
        Some((knob.name, knob.value))
    }

    fn knob(&self, unit: u8, selector: u8) -> Option<Knob> {
        let mut knobs = self.knobs.iter();
        let found = knobs.find(|knob| (knob.unit, knob.selector) == (unit, selector));
        found.copied()
    }

    fn is_held(&self, held: Held) -> bool {
        match held {
            Held::Never => false,
            Held::ByExposure => self.value("exposure mode") != Some(1),
            Held::ByFocus => self.value("automatic focus") == Some(1),
            Held::ByWhiteBalance => self.value("automatic white balance") == Some(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_only_when_its_automatic_is_off() {
        let mut controls = Controls::default();
        controls.set(CAMERA_UNIT, 0x04, &300_u32.to_le_bytes());
        assert_eq!(controls.value("exposure time"), Some(156));
        controls.set(CAMERA_UNIT, 0x02, &[1]);
        controls.set(CAMERA_UNIT, 0x04, &300_u32.to_le_bytes());
        assert_eq!(controls.value("exposure time"), Some(300));
        controls.set(PROCESSING_UNIT, 0x04, &[0xFF, 0xFF]);
        assert_eq!(controls.value("gain"), Some(255));
        assert_eq!(controls.set(9, 9, &[1]), None);
    }

    #[test]
    fn questions_are_answered_in_the_length_of_the_knob() {
        let controls = Controls::default();
        let ask = |unit, selector, request| controls.answer(unit, selector, request);
        assert_eq!(ask(PROCESSING_UNIT, 0x0A, GET_MAX), Some(vec![0x64, 0x19]));
        assert_eq!(ask(CAMERA_UNIT, 0x02, GET_RES), Some(vec![9]));
        assert_eq!(ask(CAMERA_UNIT, 0x04, GET_LEN), Some(vec![4, 0]));
        assert_eq!(ask(CAMERA_UNIT, 0x04, GET_INFO), Some(vec![MOVING]));
        assert_eq!(ask(CAMERA_UNIT, 0x0B, GET_INFO), Some(vec![PLAIN]));
        assert_eq!(ask(CAMERA_UNIT, 0x0D, GET_CUR), None);
        assert_eq!(ask(CAMERA_UNIT, 0x02, 0x01), None);
    }
}
