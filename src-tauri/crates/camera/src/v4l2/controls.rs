//! The controls of a V4L2 node.
//!
//! Source of the numbers: `linux/v4l2-controls.h`, and for what the exposure's menu means
//! the kernel's documentation of the camera control class. `v4l` panics on names that are
//! not UTF-8 and on kinds of controls that are newer than itself; that is caught here, and
//! such a camera has unreadable controls.

use crate::controls::{Control, ControlError, ControlState, Controls, Range};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use v4l::Device as Node;
use v4l::control::{Control as Raw, Description, Flags, MenuItem, Type, Value};

/// `V4L2_EXPOSURE_*`: who chooses the exposure time, and who the aperture, which webcams
/// do not have.
const EXPOSURE_AUTO: i64 = 0;
const EXPOSURE_MANUAL: i64 = 1;
const EXPOSURE_SHUTTER_PRIORITY: i64 = 2;
const EXPOSURE_APERTURE_PRIORITY: i64 = 3;

const EINVAL: i32 = 22;
const ENOTTY: i32 = 25;

const fn id(control: Control) -> u32 {
    match control {
        Control::Brightness => 0x98_0900,
        Control::Contrast => 0x98_0901,
        Control::WhiteBalanceAuto => 0x98_090C,
        Control::GainAuto => 0x98_0912,
        Control::Gain => 0x98_0913,
        Control::PowerLine => 0x98_0918,
        Control::WhiteBalance => 0x98_091A,
        Control::ExposureAuto => 0x9A_0901,
        Control::Exposure => 0x9A_0902,
        Control::Focus => 0x9A_090A,
        Control::FocusAuto => 0x9A_090C,
        Control::Zoom => 0x9A_090D,
    }
}

/// The controls of a node. It may stream meanwhile, in this process or another.
pub struct NodeControls {
    node: Node,
}

impl NodeControls {
    /// Opens a node such as `/dev/video0`.
    ///
    /// # Errors
    /// [`ControlError::Gone`] when it is not there, `Refused` without the right to,
    /// otherwise `Io`.
    pub fn open(path: &Path) -> Result<Self, ControlError> {
        let node = Node::with_path(path).map_err(fault)?;
        Ok(Self { node })
    }

    fn described(&self) -> Result<Vec<Description>, ControlError> {
        let asked = catch_unwind(AssertUnwindSafe(|| self.node.query_controls()));
        match asked {
            // How a node without a single control says so.
            Ok(Err(error)) if matches!(error.raw_os_error(), Some(EINVAL | ENOTTY)) => {
                Ok(Vec::new())
            }
            Ok(described) => described.map_err(fault),
            Err(_panic) => Err(ControlError::Io(io::Error::other(
                "the driver describes a control that is not known",
            ))),
        }
    }

    fn state(&self, control: Control, about: &Description) -> Result<ControlState, ControlError> {
        let raw = match self.node.control(about.id).map_err(fault)?.value {
            Value::Integer(value) => value,
            Value::Boolean(on) => i64::from(on),
            Value::None
            | Value::String(_)
            | Value::CompoundU8(_)
            | Value::CompoundU16(_)
            | Value::CompoundU32(_)
            | Value::CompoundPtr(_) => {
                return Err(ControlError::Io(io::Error::other("a control has no value")));
            }
        };
        let told = |value: i64| {
            if control == Control::ExposureAuto && about.typ == Type::Menu {
                i64::from(!matches!(
                    value,
                    EXPOSURE_MANUAL | EXPOSURE_SHUTTER_PRIORITY
                ))
            } else {
                value
            }
        };
        Ok(ControlState {
            control,
            range: range(control, about),
            value: told(raw),
            default: told(about.default),
            governed: about.flags.contains(Flags::INACTIVE),
            fixed: about.flags.contains(Flags::READ_ONLY),
        })
    }
}

impl Controls for NodeControls {
    fn read(&self) -> Result<Vec<ControlState>, ControlError> {
        let described = self.described()?;
        let mut states = Vec::new();
        for control in Control::ALL {
            let about = described.iter().find(|about| about.id == id(control));
            let Some(about) = about.filter(|about| is_usable(about)) else {
                continue;
            };
            match self.state(control, about) {
                Ok(state) => states.push(state),
                Err(error @ ControlError::Gone) => return Err(error),
                // One that is announced and cannot be read: the camera does not have it.
                Err(error) => {
                    tracing::debug!(control = control.code(), %error, "a control is unreadable");
                }
            }
        }
        Ok(states)
    }

    fn set(&self, control: Control, value: i64) -> Result<(), ControlError> {
        let value = if control == Control::ExposureAuto {
            let described = self.described()?;
            let about = described.iter().find(|about| about.id == id(control));
            about.map_or(value, |about| exposure_menu(about, value != 0))
        } else {
            value
        };
        let raw = Raw {
            id: id(control),
            value: Value::Integer(value),
        };
        self.node.set_control(raw).map_err(fault)
    }
}

fn is_usable(about: &Description) -> bool {
    let kind = match about.typ {
        Type::Integer | Type::Boolean | Type::Menu => true,
        Type::Button
        | Type::Integer64
        | Type::CtrlClass
        | Type::String
        | Type::Bitmask
        | Type::IntegerMenu
        | Type::U8
        | Type::U16
        | Type::U32
        | Type::Area => false,
    };
    kind && !about.flags.intersects(Flags::DISABLED | Flags::WRITE_ONLY)
}

fn range(control: Control, about: &Description) -> Range {
    if control.is_automatic() {
        return Range::Switch;
    }
    match &about.items {
        Some(items) => {
            let word = |item: &MenuItem| match item {
                MenuItem::Name(name) => name.clone(),
                MenuItem::Value(value) => value.to_string(),
            };
            let items = items.iter();
            Range::Menu(
                items
                    .map(|(index, item)| (i64::from(*index), word(item)))
                    .collect(),
            )
        }
        None if about.typ == Type::Boolean => Range::Switch,
        None => Range::Number {
            min: about.minimum,
            max: about.maximum,
            step: i64::try_from(about.step).unwrap_or(i64::MAX).max(1),
        },
    }
}

/// The entry of the menu that lets the camera choose the exposure time, or does not: the
/// first that it offers. One that offers neither gets the usual one, and refuses it.
fn exposure_menu(about: &Description, on: bool) -> i64 {
    if about.typ != Type::Menu {
        return i64::from(on);
    }
    let choice = if on {
        [EXPOSURE_APERTURE_PRIORITY, EXPOSURE_AUTO]
    } else {
        [EXPOSURE_MANUAL, EXPOSURE_SHUTTER_PRIORITY]
    };
    let offers = |value: i64| {
        let items = about.items.iter().flatten();
        items
            .map(|(index, _)| i64::from(*index))
            .any(|index| index == value)
    };
    let offered = choice.into_iter().find(|value| offers(*value));
    offered.unwrap_or(choice[0])
}

/// What a driver's error means for a control.
fn fault(error: io::Error) -> ControlError {
    const EPERM: i32 = 1;
    const ENOENT: i32 = 2;
    const ENXIO: i32 = 6;
    const EACCES: i32 = 13;
    const EBUSY: i32 = 16;
    const ENODEV: i32 = 19;
    const ERANGE: i32 = 34;
    match error.raw_os_error() {
        Some(ENODEV | ENXIO | ENOENT) => ControlError::Gone,
        Some(EPERM | EACCES | EBUSY | EINVAL | ERANGE) => ControlError::Refused(error),
        Some(_) | None => ControlError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(typ: Type, items: &[u32]) -> Description {
        let named = |index: &u32| (*index, MenuItem::Name(format!("entry {index}")));
        Description {
            id: 0,
            typ,
            name: String::new(),
            minimum: 0,
            maximum: 3,
            step: 1,
            default: 0,
            flags: Flags::empty(),
            items: (typ == Type::Menu).then(|| items.iter().map(named).collect()),
        }
    }

    #[test]
    fn the_exposures_menu_becomes_a_switch() {
        let webcam = about(Type::Menu, &[1, 3]);
        assert_eq!(exposure_menu(&webcam, false), EXPOSURE_MANUAL);
        assert_eq!(exposure_menu(&webcam, true), EXPOSURE_APERTURE_PRIORITY);
        let other = about(Type::Menu, &[0, 2]);
        assert_eq!(exposure_menu(&other, false), EXPOSURE_SHUTTER_PRIORITY);
        assert_eq!(exposure_menu(&other, true), EXPOSURE_AUTO);
        assert_eq!(exposure_menu(&about(Type::Boolean, &[]), true), 1);
    }

    #[test]
    fn ranges_are_told_as_the_driver_means_them() {
        let menu = range(Control::PowerLine, &about(Type::Menu, &[0, 2]));
        assert_eq!((menu.fit(2), menu.fit(1)), (Some(2), None));
        let number = range(Control::Gain, &about(Type::Integer, &[]));
        assert_eq!(number.fit(9), Some(3));
        let switch = range(Control::ExposureAuto, &about(Type::Menu, &[1, 3]));
        assert_eq!(switch, Range::Switch);
    }

    #[test]
    fn a_control_of_another_kind_or_switched_off_for_good_is_none() {
        assert!(is_usable(&about(Type::Menu, &[1])));
        assert!(!is_usable(&about(Type::Button, &[])));
        let mut disabled = about(Type::Integer, &[]);
        disabled.flags = Flags::DISABLED;
        assert!(!is_usable(&disabled));
    }

    #[test]
    fn a_node_that_is_not_there_is_gone() {
        let opened = NodeControls::open(Path::new("/dev/no-such-video"));
        let code = opened.err().map(|error| error.code());
        assert_eq!(code, Some("camera-disconnected"));
    }
}
