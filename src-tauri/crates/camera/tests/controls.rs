//! What every source with controls promises, tried on the simulator's: kept values are set
//! before a frame counts, again after a replug, and what did not take is told.

use camera::controls::{Control, Controls, Finding, Range, Values, apply};
use camera::{Camera, CameraEvent, Sink};
use image::RgbImage;
use simulator::still::{CameraControl, Light, Schedule, SimulatedCamera, Still};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(8);
/// Level of the grey that is shown; far from black and white, so that stops show.
const GREY: u8 = 128;

fn start(kept: Values) -> (Box<dyn Camera>, CameraControl, Receiver<CameraEvent>) {
    let (sender, events) = channel();
    let sink: Sink = Box::new(move |event| {
        let _gone = sender.send(event);
    });
    let grey = Still::new(RgbImage::from_pixel(192, 96, image::Rgb([GREY; 3])), 1);
    let stills = vec![grey.expect("room for the stamp")];
    let (camera, control) =
        SimulatedCamera::start_kept(stills, Schedule::default(), kept, sink).expect("a thread");
    (Box::new(camera), control, events)
}

fn until(events: &Receiver<CameraEvent>, is_it: fn(&CameraEvent) -> bool) {
    while !is_it(&events.recv_timeout(PATIENCE).expect("it happens in time")) {}
}

fn live(events: &Receiver<CameraEvent>) {
    until(events, |event| matches!(event, CameraEvent::Live { .. }));
}

fn lost(events: &Receiver<CameraEvent>) {
    until(events, |event| matches!(event, CameraEvent::Lost { .. }));
}

/// The colour below the stamp of the newest frame.
fn shown(camera: &dyn Camera) -> Option<[u8; 3]> {
    let frame = camera.latest()?;
    let picture = image::load_from_memory(&frame.bytes).ok()?.into_rgb8();
    Some(picture.get_pixel(150, 80).0)
}

/// Waits until the picture is so.
fn shows(camera: &dyn Camera, is_it: impl Fn([u8; 3]) -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if shown(camera).is_some_and(&is_it) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn value(controls: &dyn Controls, control: Control) -> i64 {
    let states = controls.read().expect("they can be read");
    let state = states.iter().find(|state| state.control == control);
    state.expect("the camera has it").value
}

/// One stop under what shows the grey as it is.
fn darker() -> Values {
    let kept = [
        (Control::PowerLine, 1),
        (Control::Exposure, 78),
        (Control::WhiteBalance, 4600),
    ];
    kept.into_iter().collect()
}

#[test]
fn kept_values_hold_from_the_first_frame_that_counts() {
    let (camera, _control, events) = start(darker());
    live(&events);
    // One stop below mid grey is level 93 in sRGB.
    let first = shown(camera.as_ref()).expect("a live camera shows something");
    assert!(
        first.iter().all(|level| (88..=98).contains(level)),
        "{first:?}"
    );
    let report = camera.kept().expect("they were set");
    assert_eq!(report.turn, 1);
    let applied = report.result.as_ref().expect("they can be set");
    assert_eq!(applied.findings, []);
    let controls = camera.controls().expect("it has controls");
    assert_eq!(value(controls.as_ref(), Control::ExposureAuto), 0);
    assert_eq!(value(controls.as_ref(), Control::Exposure), 78);
    assert_eq!(value(controls.as_ref(), Control::PowerLine), 1);
}

#[test]
fn a_camera_that_forgot_them_while_unplugged_gets_them_again() {
    let (camera, control, events) = start(darker());
    live(&events);
    let handle = camera.controls().expect("it has controls");
    control.disconnect();
    lost(&events);
    let gone = handle.read().err().map(|error| error.code());
    assert_eq!(gone, Some("camera-disconnected"));
    control.reconnect();
    live(&events);
    let first = shown(camera.as_ref()).expect("a live camera shows something");
    assert!(
        first.iter().all(|level| (88..=98).contains(level)),
        "{first:?}"
    );
    let report = camera.kept().expect("they were set");
    assert_eq!(report.turn, 2);
    assert_eq!(
        report.result.as_ref().expect("they can be set").findings,
        []
    );
    assert_eq!(value(handle.as_ref(), Control::Exposure), 78);
}

#[test]
fn a_camera_without_kept_values_is_left_as_it_is() {
    let (camera, _control, events) = start(Values::default());
    live(&events);
    assert!(camera.kept().is_none());
    let controls = camera.controls().expect("it has controls");
    assert_eq!(value(controls.as_ref(), Control::ExposureAuto), 1);
    // Kept later, they are set at once.
    camera.keep(darker());
    assert!(shows(camera.as_ref(), |rgb| rgb[1] < 98));
    assert_eq!(camera.kept().map(|report| report.turn), Some(1));
}

#[test]
fn a_control_that_says_yes_and_does_nothing_is_told() {
    let (camera, control, events) = start(darker());
    live(&events);
    control.deafen(Control::Exposure);
    control.disconnect();
    lost(&events);
    control.reconnect();
    live(&events);
    let report = camera.kept().expect("they were set");
    let applied = report.result.as_ref().expect("the others can be set");
    let expected = Finding::NotTaken {
        control: Control::Exposure,
        set: 78,
        found: 156,
    };
    assert_eq!(applied.findings, [expected]);
}

#[test]
fn every_control_takes_both_ends_of_its_range_and_nothing_beyond() {
    let (camera, _control, events) = start(Values::default());
    live(&events);
    let controls = camera.controls().expect("it has controls");
    let states = controls.read().expect("they can be read");
    assert!(states.len() >= 9);
    for state in states {
        let Range::Number { min, max, .. } = state.range else {
            continue;
        };
        for (wanted, set) in [(min, min), (max, max), (i64::MAX, max), (i64::MIN, min)] {
            let values = [(state.control, wanted)].into_iter().collect();
            let applied = apply(controls.as_ref(), &values).expect("they can be set");
            let fits = wanted == set;
            assert_eq!(applied.findings.is_empty(), fits, "{:?}", applied.findings);
            assert_eq!(value(controls.as_ref(), state.control), set);
        }
    }
}

#[test]
fn a_locked_camera_shows_the_light_and_an_automatic_one_hides_it() {
    let (camera, control, events) = start(Values::default());
    live(&events);
    let evening = Light {
        stops: -1.0,
        kelvin: 3600,
    };
    control.light(evening);
    let controls = camera.controls().expect("it has controls");
    assert_eq!(value(controls.as_ref(), Control::Exposure), 312);
    std::thread::sleep(Duration::from_millis(400));
    assert!(
        shown(camera.as_ref()).is_some_and(|rgb| rgb.iter().all(|level| level.abs_diff(GREY) < 5))
    );
    control.light(Light::default());
    let found = controls.read().expect("they can be read");
    let locked = Values::locked(&found);
    let applied = apply(controls.as_ref(), &locked).expect("they can be set");
    assert_eq!(applied.findings, []);
    control.light(evening);
    assert!(shows(camera.as_ref(), |[red, green, blue]| {
        green < 98 && red > green + 3 && blue + 3 < green
    }));
}
