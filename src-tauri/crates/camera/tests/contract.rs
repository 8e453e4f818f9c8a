//! What every live source promises, tried on the simulator's: the device is a
//! picture, everything above it is what a real camera runs through.

use booth::{ExposureId, FRAME_AGE_MAX, Frame, Nature};
use camera::{Camera, CameraEvent, ExposeRequest, LossCause, Sink};
use image::RgbImage;
use simulator::stamp::{Stamp, read_stamp};
use simulator::still::{CameraControl, Schedule, SimulatedCamera, Still};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The heartbeat, plus what a loaded machine may add.
const HEARTBEAT_SEEN: Duration = Duration::from_millis(600);
const PATIENCE: Duration = Duration::from_secs(8);

fn still(source: u64) -> Still {
    let picture = RgbImage::from_fn(192, 96, |x, y| {
        let v = x.wrapping_mul(31) ^ y.wrapping_mul(17);
        image::Rgb([v as u8, source as u8, y as u8])
    });
    Still::new(picture, source).expect("room for the stamp")
}

fn start(stills: Vec<Still>) -> (SimulatedCamera, CameraControl, Receiver<CameraEvent>) {
    let (sender, events) = channel();
    let sink: Sink = Box::new(move |event| {
        let _gone = sender.send(event);
    });
    let (camera, control) =
        SimulatedCamera::start(stills, Schedule::default(), sink).expect("a thread");
    (camera, control, events)
}

fn live(events: &Receiver<CameraEvent>) -> booth::Epoch {
    loop {
        match events.recv_timeout(PATIENCE).expect("it becomes live") {
            CameraEvent::Live { epoch, .. } => return epoch,
            CameraEvent::Lost { .. }
            | CameraEvent::Exposed { .. }
            | CameraEvent::Quarantined { .. } => {}
        }
    }
}

fn lost(events: &Receiver<CameraEvent>) -> LossCause {
    loop {
        match events.recv_timeout(PATIENCE).expect("it is lost") {
            CameraEvent::Lost { cause, .. } => return cause,
            CameraEvent::Live { .. }
            | CameraEvent::Exposed { .. }
            | CameraEvent::Quarantined { .. } => {}
        }
    }
}

fn exposed(events: &Receiver<CameraEvent>) -> (ExposureId, Vec<Frame>) {
    loop {
        match events.recv_timeout(PATIENCE).expect("it is answered") {
            CameraEvent::Exposed { exposure, frames } => return (exposure, frames),
            CameraEvent::Live { .. }
            | CameraEvent::Lost { .. }
            | CameraEvent::Quarantined { .. } => {}
        }
    }
}

fn press(camera: &dyn Camera, id: u64, frames: usize, within: Duration) -> booth::Timestamp {
    let pressed = clock::now();
    camera.expose(ExposeRequest {
        exposure: ExposureId(id),
        pressed,
        frames,
        deadline: pressed.plus(within),
    });
    pressed
}

fn stamp_of(bytes: &[u8]) -> Stamp {
    let picture = image::load_from_memory(bytes)
        .expect("a picture")
        .into_rgb8();
    read_stamp(&picture).expect("every frame of the simulator is stamped")
}

#[test]
fn the_latest_frame_wins_and_says_what_it_is() {
    let (camera, _control, events) = start(vec![still(1)]);
    assert_eq!(camera.device().nature, Nature::Simulated);
    let epoch = live(&events);
    std::thread::sleep(Duration::from_millis(700));
    let one = camera.latest().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let two = camera.latest().unwrap();
    assert!(two.sequence() > one.sequence());
    assert_eq!(two.stamp.epoch, epoch);
    assert_eq!(u64::from(stamp_of(&two.bytes).frame), two.sequence());
    let age = clock::now().since(two.at()).unwrap();
    assert!(age < Duration::from_millis(250), "{age:?}");
}

#[test]
fn a_burst_lies_around_the_press_in_order_and_no_frame_comes_twice() {
    let (camera, _control, events) = start(vec![still(1)]);
    let epoch = live(&events);
    std::thread::sleep(Duration::from_millis(800));
    let pressed = press(&camera, 7, 6, Duration::from_secs(3));
    let (exposure, frames) = exposed(&events);
    assert_eq!(exposure, ExposureId(7));
    assert_eq!(frames.len(), 6);
    let mut sequences: Vec<u64> = frames.iter().map(|f| f.stamp().sequence).collect();
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
    let before = |frame: &&Frame| pressed.since(frame.stamp().birth.at()).is_some();
    // Half of the burst comes out of the ring; one more may have been on its way. A busy
    // machine has fewer that are young enough.
    let early = frames.iter().filter(before).count();
    assert!((1..=4).contains(&early), "{early} from before the press");
    for frame in &frames {
        assert_eq!(frame.stamp().epoch, epoch);
        let age = pressed.since(frame.stamp().birth.at());
        assert!(age.is_none_or(|age| age <= FRAME_AGE_MAX), "{age:?}");
    }
    press(&camera, 8, 3, Duration::from_secs(3));
    let (_, again) = exposed(&events);
    sequences.extend(again.iter().map(|f| f.stamp().sequence));
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
}

#[test]
fn a_deadline_is_answered_with_what_there_is() {
    let (camera, _control, events) = start(vec![still(1)]);
    live(&events);
    let pressed = Instant::now();
    press(&camera, 1, 500, Duration::from_millis(400));
    let (_, frames) = exposed(&events);
    let took = pressed.elapsed();
    assert!(
        took >= Duration::from_millis(400) && took < Duration::from_millis(600),
        "{took:?}"
    );
    assert!(!frames.is_empty() && frames.len() < 500);
}

#[test]
fn a_stall_is_seen_within_the_heartbeat_and_takes_the_picture_away() {
    let (camera, control, events) = start(vec![still(1)]);
    let first = live(&events);
    let stalled = Instant::now();
    control.stall();
    assert_eq!(lost(&events), LossCause::Stalled);
    let seen = stalled.elapsed();
    assert!(seen < HEARTBEAT_SEEN, "{seen:?}");
    assert!(camera.latest().is_none());
    press(&camera, 1, 1, Duration::from_secs(5));
    assert!(exposed(&events).1.is_empty());
    control.reconnect();
    assert!(live(&events).0 > first.0);
}

#[test]
fn a_frozen_picture_is_a_lost_camera() {
    let (camera, control, events) = start(vec![still(1)]);
    live(&events);
    let frozen = Instant::now();
    control.freeze();
    assert_eq!(lost(&events), LossCause::Frozen);
    assert!(frozen.elapsed() < HEARTBEAT_SEEN + Duration::from_millis(100));
    assert!(camera.latest().is_none());
    assert!(camera.counters().repeated > 0);
}

#[test]
fn half_pictures_are_counted_and_never_shown() {
    let (camera, control, events) = start(vec![still(1)]);
    live(&events);
    control.truncate();
    assert_eq!(lost(&events), LossCause::Garbled);
    assert!(camera.latest().is_none());
    assert!(camera.counters().damaged >= 3);
}

#[test]
fn after_a_reopen_no_frame_of_the_earlier_life_is_delivered() {
    let (camera, control, events) = start(vec![still(1)]);
    let first = live(&events);
    control.disconnect();
    assert_eq!(lost(&events), LossCause::Disconnected);
    control.show(still(2));
    control.reconnect();
    let second = live(&events);
    assert!(second.0 > first.0);
    press(&camera, 1, 8, Duration::from_secs(3));
    let (_, frames) = exposed(&events);
    assert_eq!(frames.len(), 8);
    for frame in &frames {
        assert_eq!(frame.stamp().epoch, second);
        assert_eq!(stamp_of(frame.bytes()).source, 2);
    }
}

#[test]
fn a_loss_answers_an_open_press_with_nothing() {
    let (camera, control, events) = start(vec![still(1)]);
    live(&events);
    press(&camera, 1, 100, Duration::from_secs(30));
    control.disconnect();
    assert_eq!(lost(&events), LossCause::Disconnected);
    assert!(exposed(&events).1.is_empty());
}

/// Hazard H1: the queue below still holds the previous subject. The frames come
/// with the birth they had, so that the rules can refuse them.
#[test]
fn a_queued_frame_keeps_its_birth() {
    let (camera, control, events) = start(vec![still(1)]);
    live(&events);
    control.queue(4);
    std::thread::sleep(Duration::from_millis(900));
    control.show(still(2));
    let seated = clock::now();
    press(&camera, 1, 8, Duration::from_secs(5));
    let (_, frames) = exposed(&events);
    let mut of_both = [0; 2];
    for frame in &frames {
        let source = stamp_of(frame.bytes()).source;
        let born_after = frame.stamp().birth.at().since(seated).is_some();
        if born_after {
            assert_eq!(
                source, 2,
                "a frame born after the change shows what was before it"
            );
        }
        of_both[usize::from(born_after)] += 1;
    }
    assert!(of_both[0] >= 1 && of_both[1] >= 1, "{of_both:?}");
}

/// One stale frame tells the rules what is wrong; it is never one that they would take.
#[test]
fn a_camera_that_lags_gives_a_press_one_frame_that_is_refused_for_its_age() {
    let (camera, control, events) = start(vec![still(1)]);
    live(&events);
    control.frames_are_old(Duration::from_secs(2));
    std::thread::sleep(Duration::from_millis(700));
    let pressed = press(&camera, 1, 3, Duration::from_millis(500));
    let (_, frames) = exposed(&events);
    assert_eq!(frames.len(), 1);
    let age = pressed.since(frames[0].stamp().birth.at());
    assert!(age.is_some_and(|age| age > FRAME_AGE_MAX), "{age:?}");
}

#[test]
fn a_panic_below_is_a_lost_camera_that_comes_back() {
    let (_camera, control, events) = start(vec![still(1)]);
    let first = live(&events);
    control.crash();
    let mut cause = lost(&events);
    if cause == LossCause::Stalled {
        // A panic that writes where it came from may take longer than the heartbeat.
        cause = lost(&events);
    }
    assert_eq!(cause, LossCause::Crashed);
    assert!(live(&events).0 > first.0);
}

#[test]
fn a_driver_that_never_returns_is_abandoned_and_what_it_says_later_is_ignored() {
    let (camera, control, events) = start(vec![still(1)]);
    let first = live(&events);
    let hung = Instant::now();
    control.hang();
    assert_eq!(lost(&events), LossCause::Stalled);
    assert_eq!(lost(&events), LossCause::Hung);
    assert!(hung.elapsed() < Duration::from_millis(4500));
    control.reconnect();
    assert!(live(&events).0 > first.0);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(camera.counters().losses, 1);
    let closing = Instant::now();
    drop(camera);
    assert!(closing.elapsed() < Duration::from_secs(1));
}

#[test]
fn pictures_turn_over_one_an_exposure() {
    let (camera, _control, events) = start(vec![still(1), still(2)]);
    live(&events);
    let mut shown = Vec::new();
    for id in 0..3 {
        // Longer than any frame of the last picture counts for a press.
        std::thread::sleep(Duration::from_millis(400));
        press(&camera, id, 1, Duration::from_secs(3));
        let (_, frames) = exposed(&events);
        shown.push(stamp_of(frames[0].bytes()).source);
    }
    assert_eq!(shown, [1, 2, 1]);
}
