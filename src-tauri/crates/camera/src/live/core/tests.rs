//! The core without a device: frames, faults and time in any order.

use super::*;
use booth::{BootId, ExposureId};
use proptest::prelude::*;

const JPEG: Format = Format::Yuyv {
    width: 2,
    height: 1,
};

fn at(ms: u64) -> Timestamp {
    Timestamp::new(BootId([1; 16]), ms * 1_000_000)
}

/// A core that was opened at 0 ms.
fn opened() -> Core {
    let mut core = Core::new();
    core.opened(at(0));
    core
}

/// A frame whose four bytes are its number, born and come at `ms`.
fn feed(core: &mut Core, number: u32, ms: u64) -> Verdict {
    feed_born(core, number, ms, ms)
}

fn feed_born(core: &mut Core, number: u32, born_ms: u64, ms: u64) -> Verdict {
    let bytes = number.to_le_bytes();
    let raw = RawFrame {
        bytes: &bytes,
        sequence: u64::from(number),
        birth: Birth::Driver(at(born_ms)),
        flawed: false,
    };
    core.frame(&raw, JPEG, at(ms))
}

fn events(core: &mut Core) -> Vec<CameraEvent> {
    std::iter::from_fn(|| core.take_event()).collect()
}

fn losses(core: &mut Core) -> Vec<LossCause> {
    let lost = events(core).into_iter().filter_map(|event| match event {
        CameraEvent::Lost { cause, .. } => Some(cause),
        CameraEvent::Live { .. }
        | CameraEvent::Exposed { .. }
        | CameraEvent::Quarantined { .. } => None,
    });
    lost.collect()
}

fn press(core: &mut Core, id: u64, pressed_ms: u64, frames: usize, deadline_ms: u64) {
    core.expose(ExposeRequest {
        exposure: ExposureId(id),
        pressed: at(pressed_ms),
        frames,
        deadline: at(deadline_ms),
    });
}

/// Exposures that were answered, with the numbers of their frames.
fn answers(core: &mut Core) -> Vec<(u64, Vec<u64>)> {
    let exposed = events(core).into_iter().filter_map(|event| match event {
        CameraEvent::Exposed { exposure, frames } => {
            let numbers = frames.iter().map(|frame| frame.stamp().sequence).collect();
            Some((exposure.0, numbers))
        }
        CameraEvent::Live { .. } | CameraEvent::Lost { .. } | CameraEvent::Quarantined { .. } => {
            None
        }
    });
    exposed.collect()
}

#[test]
fn a_dead_camera_is_told_before_half_a_second_without_a_frame_is_over() {
    let mut core = opened();
    feed(&mut core, 1, 100);
    core.tick(at(559));
    assert_eq!(losses(&mut core), []);
    core.tick(at(560));
    assert_eq!(losses(&mut core), [LossCause::Stalled]);
    assert!(
        core.latest().is_none(),
        "no frame of a dead camera is shown"
    );
}

#[test]
fn a_stream_that_was_just_opened_has_two_seconds() {
    let mut core = opened();
    core.tick(at(1_999));
    assert_eq!(losses(&mut core), []);
    core.tick(at(2_000));
    assert_eq!(losses(&mut core), [LossCause::Stalled]);
}

#[test]
fn the_same_bytes_again_and_again_are_a_frozen_camera() {
    let mut core = opened();
    feed(&mut core, 1, 10);
    for repeat in 1..REPEATS_MAX {
        assert_eq!(
            feed(&mut core, 1, 10 + u64::from(repeat)),
            Verdict::Continue
        );
    }
    assert_eq!(feed(&mut core, 1, 30), Verdict::Reopen);
    assert_eq!(losses(&mut core), [LossCause::Frozen]);
}

#[test]
fn damaged_frames_do_not_keep_a_camera_alive() {
    let mut core = opened();
    feed(&mut core, 1, 10);
    let raw = RawFrame {
        bytes: &[1, 2, 3],
        sequence: 2,
        birth: Birth::Driver(at(20)),
        flawed: false,
    };
    assert_eq!(core.frame(&raw, JPEG, at(20)), Verdict::Continue);
    core.tick(at(510));
    assert_eq!(losses(&mut core), [LossCause::Garbled]);
    assert_eq!(core.counters().damaged, 1);
}

#[test]
fn another_opening_is_another_epoch_even_at_the_same_moment() {
    let mut core = opened();
    feed(&mut core, 1, 10);
    let first = core.latest().unwrap().stamp.epoch;
    core.opened(at(10));
    feed(&mut core, 2, 10);
    let second = core.latest().unwrap().stamp.epoch;
    assert!(second.0 > first.0);
}

#[test]
fn a_burst_takes_young_frames_from_before_the_press_and_new_ones() {
    let mut core = opened();
    for number in 1..=8 {
        feed(&mut core, number, u64::from(number) * 100);
    }
    press(&mut core, 1, 820, 4, 2_000);
    feed(&mut core, 9, 900);
    feed(&mut core, 10, 1_000);
    // 600 to 820 ms are young enough; half of four may come from before the press.
    assert_eq!(answers(&mut core), [(1, vec![7, 8, 9, 10])]);
}

#[test]
fn a_press_that_gets_nothing_fresh_is_told_the_newest_stale_frame() {
    let mut core = opened();
    feed_born(&mut core, 1, 10, 1_000);
    press(&mut core, 1, 1_100, 3, 1_300);
    feed_born(&mut core, 2, 20, 1_200);
    core.tick(at(1_299));
    assert_eq!(answers(&mut core), []);
    core.tick(at(1_300));
    assert_eq!(answers(&mut core), [(1, vec![2])]);
}

#[test]
fn what_was_gathered_before_a_loss_is_not_handed_over() {
    let mut core = opened();
    feed(&mut core, 1, 10);
    press(&mut core, 1, 20, 3, 2_000);
    feed(&mut core, 2, 30);
    core.failed(LossCause::Disconnected, at(40));
    assert_eq!(answers(&mut core), [(1, vec![])]);
}

proptest! {
    /// Whatever happens in whatever order: each press is answered once, with frames of
    /// the living epoch that were never handed over before.
    #[test]
    fn every_press_is_answered_once_and_no_frame_twice(steps in prop::collection::vec(0_u8..6, 1..80)) {
        let (mut core, mut now, mut number, mut presses) = (opened(), 0, 0_u32, 0_u64);
        let (mut answered, mut handed) = (Vec::new(), Vec::new());
        for step in steps {
            now += 40;
            match step {
                0..=2 => {
                    number += 1;
                    feed(&mut core, number, now);
                }
                3 => {
                    presses += 1;
                    press(&mut core, presses, now, 3, now + 200);
                }
                4 => core.failed(LossCause::Driver, at(now)),
                _ => core.opened(at(now)),
            }
            core.tick(at(now));
            for (id, frames) in answers(&mut core) {
                answered.push(id);
                // A stale frame may be told again; it is refused each time.
                handed.extend(frames);
            }
        }
        core.tick(at(now + 1_000));
        answered.extend(answers(&mut core).into_iter().map(|(id, _)| id));
        answered.sort_unstable();
        prop_assert_eq!(answered, (1..=presses).collect::<Vec<_>>());
        let mut distinct = handed.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert!(handed.len() - distinct.len() <= presses as usize);
    }
}
