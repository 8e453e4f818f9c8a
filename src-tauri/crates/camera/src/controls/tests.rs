//! The order of setting and what is made of the answers, without a camera.

use super::plan::Step;
use super::*;
use proptest::prelude::*;
use std::cell::RefCell;
use std::io;

fn number(control: Control, min: i64, max: i64, step: i64, value: i64) -> ControlState {
    ControlState {
        control,
        range: Range::Number { min, max, step },
        value,
        default: value,
        governed: false,
        fixed: false,
    }
}

fn automatic(control: Control, on: bool) -> ControlState {
    ControlState {
        control,
        range: Range::Switch,
        value: i64::from(on),
        default: 1,
        governed: false,
        fixed: false,
    }
}

/// A webcam as it comes out of its box: everything automatic, no automatic for the gain.
fn webcam() -> Vec<ControlState> {
    let governed = |state: ControlState| ControlState {
        governed: true,
        ..state
    };
    let hertz = [(0, "Disabled"), (1, "50 Hz"), (2, "60 Hz")];
    vec![
        number(Control::Brightness, 0, 255, 1, 128),
        automatic(Control::WhiteBalanceAuto, true),
        number(Control::Gain, 0, 255, 1, 64),
        ControlState {
            control: Control::PowerLine,
            range: Range::Menu(hertz.map(|(value, word)| (value, word.to_owned())).into()),
            value: 2,
            default: 2,
            governed: false,
            fixed: false,
        },
        governed(number(Control::WhiteBalance, 2000, 6500, 10, 4000)),
        automatic(Control::ExposureAuto, true),
        governed(number(Control::Exposure, 3, 2047, 1, 250)),
        governed(number(Control::Focus, 0, 250, 5, 0)),
        automatic(Control::FocusAuto, true),
    ]
}

fn steps(states: &[ControlState], wanted: &[(Control, i64)]) -> Vec<(Control, i64)> {
    let plan = plan(states, &wanted.iter().copied().collect());
    let pair = |step: Step| (step.control, step.value);
    plan.steps.into_iter().map(pair).collect()
}

#[test]
fn automatics_go_off_before_the_values_and_on_after_them() {
    use Control::{Exposure, ExposureAuto, Focus, FocusAuto, PowerLine, WhiteBalanceAuto};
    let wanted = [
        (FocusAuto, 1),
        (Exposure, 156),
        (ExposureAuto, 0),
        (PowerLine, 1),
        (WhiteBalanceAuto, 0),
    ];
    assert_eq!(
        steps(&webcam(), &wanted),
        [
            (WhiteBalanceAuto, 0),
            (ExposureAuto, 0),
            (PowerLine, 1),
            (Exposure, 156),
            (FocusAuto, 1),
        ]
    );
    // Nobody has to name the automatic of a value.
    assert_eq!(
        steps(&webcam(), &[(Focus, 35)]),
        [(FocusAuto, 0), (Focus, 35)]
    );
    // One that is off already is left alone.
    let mut manual = webcam();
    manual
        .iter_mut()
        .filter(|state| state.control == FocusAuto)
        .for_each(|state| state.value = 0);
    assert_eq!(steps(&manual, &[(Focus, 35)]), [(Focus, 35)]);
}

#[test]
fn a_gain_without_an_automatic_of_its_own_is_the_exposures() {
    use Control::{ExposureAuto, Gain, GainAuto};
    assert_eq!(
        steps(&webcam(), &[(Gain, 9)]),
        [(ExposureAuto, 0), (Gain, 9)]
    );
    let mut with_its_own = webcam();
    with_its_own.push(automatic(GainAuto, true));
    assert_eq!(
        steps(&with_its_own, &[(Gain, 9)]),
        [(GainAuto, 0), (Gain, 9)]
    );
}

#[test]
fn what_cannot_be_set_as_wanted_is_named_beforehand() {
    let wanted = [
        (Control::Exposure, 99_999),
        (Control::Focus, 37),
        (Control::PowerLine, 3),
        (Control::Zoom, 100),
        (Control::GainAuto, 0),
        (Control::GainAuto, 1),
    ];
    let plan = plan(&webcam(), &wanted.into_iter().collect());
    let clamped = |control, wanted, set| Finding::Clamped {
        control,
        wanted,
        set,
    };
    assert_eq!(
        plan.findings,
        [
            Finding::NotOffered {
                control: Control::PowerLine,
                wanted: 3
            },
            clamped(Control::Exposure, 99_999, 2047),
            Finding::Missing(Control::GainAuto),
            clamped(Control::Focus, 37, 35),
            Finding::Missing(Control::Zoom),
        ]
    );
    let off = super::plan(&webcam(), &[(Control::GainAuto, 0)].into_iter().collect());
    assert_eq!(
        off,
        Plan::default(),
        "an automatic that is not there is off"
    );
}

#[test]
fn values_do_not_contradict_one_another() {
    use Control::{Exposure, ExposureAuto, Gain, GainAuto};
    let mut values = Values::default();
    values.want(ExposureAuto, 1);
    values.want(Exposure, 100);
    values.want(Gain, 4);
    assert_eq!(values.of(ExposureAuto), Some(0));
    assert_eq!(values.of(GainAuto), None);
    values.want(ExposureAuto, 1);
    assert_eq!(values.iter().collect::<Vec<_>>(), [(ExposureAuto, 1)]);
}

#[test]
fn what_was_found_by_itself_is_locked_with_every_automatic_off() {
    let mut states = webcam();
    states[0].fixed = true;
    let locked = Values::locked(&states);
    assert_eq!(locked.of(Control::ExposureAuto), Some(0));
    assert_eq!(locked.of(Control::Exposure), Some(250));
    assert_eq!(locked.of(Control::Brightness), None, "it can be read only");
}

#[test]
fn the_line_for_the_record_tells_what_an_automatic_has() {
    let states = [
        number(Control::Brightness, 0, 255, 1, 128),
        ControlState {
            governed: true,
            ..number(Control::Exposure, 3, 2047, 1, 250)
        },
        automatic(Control::ExposureAuto, true),
    ];
    assert_eq!(
        line(&states),
        "brightness=128 exposure=auto:250 exposure-auto=1"
    );
    assert_eq!(line(&[]), "");
}

#[test]
fn words_lead_back_to_their_control() {
    for control in Control::ALL {
        assert_eq!(Control::from_code(control.code()), Some(control));
    }
    assert_eq!(Control::from_code("shutter"), None);
}

proptest! {
    #[test]
    fn a_fitted_value_lies_in_the_range_and_no_other_is_nearer(
        min in any::<i64>(), span in 0..10_000i64, step in -1..500i64, wanted in any::<i64>(), near in 0..10_000i64
    ) {
        let max = min.saturating_add(span);
        let range = Range::Number { min, max, step };
        for wanted in [wanted, min.saturating_add(near)] {
            let set = range.fit(wanted).unwrap();
            prop_assert!((min..=max).contains(&set));
            let step = step.max(1);
            prop_assert_eq!((i128::from(set) - i128::from(min)) % i128::from(step), 0);
            let far = |value: i128| (value - i128::from(wanted)).abs();
            for other in [i128::from(set) - i128::from(step), i128::from(set) + i128::from(step)] {
                let is_one = (i128::from(min)..=i128::from(max)).contains(&other);
                prop_assert!(!is_one || far(other) >= far(i128::from(set)));
            }
            prop_assert_eq!(range.fit(set), Some(set));
        }
    }
}

/// A camera that does what it is told, but for one misbehaviour.
struct Fake {
    states: RefCell<Vec<ControlState>>,
    log: RefCell<Vec<(Control, i64)>>,
    /// Says yes and does nothing.
    deaf: Option<Control>,
    /// Says no and does it all the same.
    sulky: Option<Control>,
    /// Takes a value only after so many reads.
    slow_reads: RefCell<u32>,
    gone: bool,
}

impl Fake {
    fn new() -> Self {
        Self {
            states: RefCell::new(webcam()),
            log: RefCell::default(),
            deaf: None,
            sulky: None,
            slow_reads: RefCell::new(0),
            gone: false,
        }
    }
}

impl Controls for Fake {
    fn read(&self) -> Result<Vec<ControlState>, ControlError> {
        let mut states = self.states.borrow().clone();
        let mut slow = self.slow_reads.borrow_mut();
        if *slow > 0 {
            *slow -= 1;
            states
                .iter_mut()
                .for_each(|state| state.value = state.default);
        }
        Ok(states)
    }

    fn set(&self, control: Control, value: i64) -> Result<(), ControlError> {
        if self.gone {
            return Err(ControlError::Gone);
        }
        self.log.borrow_mut().push((control, value));
        for state in self.states.borrow_mut().iter_mut() {
            if state.control == control && self.deaf != Some(control) {
                state.value = value;
            }
        }
        if self.sulky == Some(control) {
            return Err(ControlError::Refused(io::Error::from_raw_os_error(34)));
        }
        Ok(())
    }
}

fn wanted() -> Values {
    [(Control::Exposure, 156), (Control::Gain, 10)]
        .into_iter()
        .collect()
}

#[test]
fn what_was_set_is_read_back() {
    let camera = Fake::new();
    let applied = apply(&camera, &wanted()).unwrap();
    assert_eq!(applied.findings, []);
    assert_eq!(
        *camera.log.borrow(),
        [
            (Control::ExposureAuto, 0),
            (Control::Exposure, 156),
            (Control::Gain, 10)
        ]
    );
    let exposure = applied
        .states
        .iter()
        .find(|state| state.control == Control::Exposure);
    assert_eq!(exposure.map(|state| state.value), Some(156));
}

#[test]
fn what_did_not_take_is_a_finding_whatever_the_driver_said() {
    let deaf = Fake {
        deaf: Some(Control::Gain),
        ..Fake::new()
    };
    let applied = apply(&deaf, &wanted()).unwrap();
    let expected = Finding::NotTaken {
        control: Control::Gain,
        set: 10,
        found: 64,
    };
    assert_eq!(applied.findings, [expected]);
    assert_eq!(expected.to_string(), "gain 10, reads 64");
    let sulky = Fake {
        sulky: Some(Control::Gain),
        ..Fake::new()
    };
    assert_eq!(apply(&sulky, &wanted()).unwrap().findings, []);
}

#[test]
fn a_camera_that_takes_its_time_is_read_again() {
    let slow = Fake {
        slow_reads: RefCell::new(4),
        ..Fake::new()
    };
    assert_eq!(apply(&slow, &wanted()).unwrap().findings, []);
    let slower = Fake {
        slow_reads: RefCell::new(99),
        ..Fake::new()
    };
    assert_eq!(apply(&slower, &wanted()).unwrap().findings.len(), 3);
}

#[test]
fn a_control_that_can_only_be_read_is_not_set_and_told() {
    let camera = Fake::new();
    camera.states.borrow_mut()[0].fixed = true;
    let wanted = [(Control::Brightness, 3)].into_iter().collect();
    let applied = apply(&camera, &wanted).unwrap();
    assert!(camera.log.borrow().is_empty());
    assert_eq!(applied.findings.len(), 1, "{:?}", applied.findings);
    let as_it_is = [(Control::Brightness, 128)].into_iter().collect();
    assert_eq!(apply(&camera, &as_it_is).unwrap().findings, []);
}

#[test]
fn a_camera_that_is_gone_is_an_error() {
    let gone = Fake {
        gone: true,
        ..Fake::new()
    };
    let error = apply(&gone, &wanted()).err();
    assert_eq!(error.map(|error| error.code()), Some("camera-disconnected"));
}
