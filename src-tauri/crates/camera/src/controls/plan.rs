//! What to set in which order, as a value: no device, no clock.

use super::{Control, ControlState, Finding, Values};

/// One value to be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// The control.
    pub control: Control,
    /// A value of its range.
    pub value: i64,
}

/// What to set, in order, and what cannot be set as wanted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Plan {
    /// To be set one after the other.
    pub steps: Vec<Step>,
    /// What is known beforehand: missing, out of range, not offered.
    pub findings: Vec<Finding>,
    /// What has to read so afterwards; with controls that can only be read, and so not
    /// be set.
    expected: Vec<Step>,
}

impl Plan {
    /// What does not read as it has to.
    #[must_use]
    pub fn not_taken(&self, states: &[ControlState]) -> Vec<Finding> {
        let missed = self.expected.iter().filter_map(|step| {
            let Some(state) = state_of(states, step.control) else {
                return Some(Finding::Missing(step.control));
            };
            (state.value != step.value).then_some(Finding::NotTaken {
                control: step.control,
                set: step.value,
                found: state.value,
            })
        });
        missed.collect()
    }

    fn step(&mut self, state: &ControlState, value: i64) {
        let control = state.control;
        let step = Step { control, value };
        self.expected.push(step);
        if !state.fixed {
            self.steps.push(step);
        }
    }
}

/// Brings wanted values into their ranges and into an order that a camera takes: first
/// every automatic is switched off that is not wanted or would overwrite a wanted value,
/// then the values are set, last the automatics are switched on that are wanted.
///
/// A value is set even where it reads as wanted already: what an automatic shows is not
/// what the camera falls back to when that is switched off.
#[must_use]
pub fn plan(states: &[ControlState], wanted: &Values) -> Plan {
    let mut plan = Plan::default();
    for automatic in states.iter().filter(|state| state.control.is_automatic()) {
        let explicit = wanted.of(automatic.control);
        let governs = |(control, _): (Control, i64)| {
            state_of(states, control).is_some() && first_automatic(states, control, automatic)
        };
        let implied = explicit.is_none() && automatic.value != 0 && wanted.iter().any(governs);
        if explicit == Some(0) || implied {
            plan.step(automatic, 0);
        }
    }
    for (control, value) in wanted.iter() {
        let Some(state) = state_of(states, control) else {
            // An automatic that is not there is off.
            if !(control.is_automatic() && value == 0) {
                plan.findings.push(Finding::Missing(control));
            }
            continue;
        };
        if control.is_automatic() {
            continue;
        }
        match state.range.fit(value) {
            Some(set) => {
                if set != value {
                    plan.findings.push(Finding::Clamped {
                        control,
                        wanted: value,
                        set,
                    });
                }
                plan.step(state, set);
            }
            None => plan.findings.push(Finding::NotOffered {
                control,
                wanted: value,
            }),
        }
    }
    for (control, value) in wanted.iter() {
        if let (true, Some(state)) = (
            control.is_automatic() && value != 0,
            state_of(states, control),
        ) {
            plan.step(state, 1);
        }
    }
    plan
}

/// Whether this automatic is the one of the control: the first of its automatics that
/// the camera has, and any other one while the control is marked as governed.
fn first_automatic(states: &[ControlState], control: Control, automatic: &ControlState) -> bool {
    let automatics = control.automatics();
    let first = automatics
        .iter()
        .find(|candidate| state_of(states, **candidate).is_some());
    let governed = state_of(states, control).is_some_and(|state| state.governed);
    first == Some(&automatic.control) || (governed && automatics.contains(&automatic.control))
}

fn state_of(states: &[ControlState], control: Control) -> Option<&ControlState> {
    states.iter().find(|state| state.control == control)
}
