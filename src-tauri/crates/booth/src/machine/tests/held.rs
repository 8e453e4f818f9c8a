//! 自动拍: the booth presses by itself, by the same way and under the same rules as a hand.

use super::*;

fn attended(presses: bool) -> World {
    let mut world = World::fresh();
    world.booth.press_itself(presses, now(world.ms));
    world
}

fn looked(world: &mut World, sitting: i64, epoch: u64, born: u64, holds: bool) {
    world.ms = world.ms.max(born);
    world.tell(Event::Posed {
        sitting: SittingId(sitting),
        epoch: Epoch(epoch),
        born: now(born).at,
        holds,
    });
}

/// Holds the pose for so many milliseconds from now on, looked at every 100 and at the end.
fn hold(world: &mut World, sitting: i64, span_ms: u64) {
    let from = world.ms;
    let looks = (0..span_ms).step_by(100).chain([span_ms]);
    for born in looks {
        looked(world, sitting, 9, from + born, true);
    }
}

fn presses(world: &World) -> usize {
    let is_press = |line: &&String| line.starts_with("Expose(");
    world.log.iter().filter(is_press).count()
}

#[test]
fn a_pose_that_was_held_is_exposed_and_read_again_as_by_hand() {
    let mut world = attended(true);
    world.seat(fields("安娜", ANNA));
    hold(&mut world, 1, 599);
    assert_eq!(presses(&world), 0);
    let born = world.ms + 1;
    looked(&mut world, 1, 9, born, true);
    assert_eq!(presses(&world), 1);
    assert!(world.has("Journal(seated -> exposing: held)"));
    world.settle();
    assert_eq!(world.booth.stage(), StageName::Review);
    assert!(world.offer.is_some(), "the document was read beside it");
    assert!(world.filed.is_empty(), "a person accepts");
    // In review nothing presses.
    hold(&mut world, 1, 2_000);
    assert_eq!(presses(&world), 1);
}

#[test]
fn nothing_presses_unless_it_was_switched_on() {
    let mut world = attended(false);
    world.seat(fields("安娜", ANNA));
    hold(&mut world, 1, 2_000);
    assert_eq!(presses(&world), 0);
    // What was held before the switch does not count, and switching off ends it.
    world.booth.press_itself(true, now(world.ms));
    hold(&mut world, 1, 500);
    world.booth.press_itself(false, now(world.ms));
    world.booth.press_itself(true, now(world.ms));
    hold(&mut world, 1, 500);
    assert_eq!(presses(&world), 0);
}

#[test]
fn looks_of_another_sitting_or_life_of_the_camera_press_nobody() {
    let mut world = attended(true);
    world.seat(fields("安娜", ANNA));
    hold(&mut world, 1, 500);
    world.remove();
    world.seat(fields("鲍里斯", BORIS));
    // The first one's looks come late, and of frames from before the seat.
    hold(&mut world, 1, 1_000);
    let seat = world.ms;
    for born in (seat - 1_050..seat - 1_000).step_by(10) {
        looked(&mut world, 2, 9, born, true);
    }
    for step in 0..9 {
        looked(&mut world, 2, 8, seat + step * 100, true);
    }
    assert_eq!(presses(&world), 0);
    hold(&mut world, 2, 600);
    assert_eq!(presses(&world), 1);
}

#[test]
fn a_lost_camera_voids_and_presses_nobody() {
    let mut world = attended(true);
    world.seat(fields("安娜", ANNA));
    hold(&mut world, 1, 500);
    world.tell(Event::CameraLost);
    assert!(
        world.has("EndSitting(void camera-lost)"),
        "{:#?}",
        world.log
    );
    hold(&mut world, 1, 1_000);
    assert_eq!(presses(&world), 0);
}

#[test]
fn a_portrait_that_is_cut_otherwise_is_of_the_same_frame_and_shown_anew() {
    let mut world = attended(false);
    world.seat(fields("安娜", ANNA));
    world.tell(Event::Intent(Intent::Recut));
    assert!(world.has("Refused(nothing-to-accept)"), "{:#?}", world.log);
    world.expose();
    let first = world.offer.unwrap();
    world.tell(Event::Intent(Intent::Recut));
    assert!(world.has("Journal(review -> exposing: nudged)"));
    assert_eq!(world.booth.stage(), StageName::Exposing);
    // The former one may stand on a screen meanwhile; accepted it is not.
    world.tell(Event::Intent(Intent::Accept(first)));
    assert_eq!(world.booth.stage(), StageName::Exposing);
    assert!(world.filed.is_empty());
    // What is cut otherwise has other bytes, and so another token.
    let Some(Effect::Develop(framed)) = world.pending.pop_front() else {
        panic!("{:#?}", world.log);
    };
    let frame = framed.frame().digest();
    let made =
        framed.develop(|frame| Ok::<_, ()>(Portrait::new(b"nudged".to_vec(), frame.digest(), 90)));
    world.tell(Event::Developed(Box::new(made.unwrap())));
    world.settle();
    assert_ne!(world.offer.unwrap(), first);
    world.tell(Event::Intent(Intent::Accept(first)));
    assert!(world.has("Refused(stale-token)"));
    world.accept();
    world.settle();
    assert_eq!(world.filed[0].frame().digest(), frame);
    assert_eq!(world.filed[0].portrait().jpeg(), b"nudged");
}

#[test]
fn a_retake_lets_it_press_again_and_a_refused_portrait_does_not() {
    let mut world = attended(true);
    world.seat(fields("安娜", ANNA));
    hold(&mut world, 1, 600);
    world.settle();
    world.tell(Event::Intent(Intent::Retake));
    hold(&mut world, 1, 600);
    assert_eq!(presses(&world), 2, "the operator retook");
    // No usable frame: the same pose is not shot again and again.
    let exposure = ExposureId(2);
    let frames = Vec::new();
    world.tell(Event::Frames { exposure, frames });
    world.pending.clear();
    assert_eq!(world.booth.stage(), StageName::Seated);
    hold(&mut world, 1, 2_000);
    assert_eq!(presses(&world), 2);
    let born = world.ms + 10;
    looked(&mut world, 1, 9, born, false);
    hold(&mut world, 1, 600);
    assert_eq!(presses(&world), 2, "one look that failed is no lost pose");
    for later in [10, 400] {
        let born = world.ms + later;
        looked(&mut world, 1, 9, born, false);
    }
    hold(&mut world, 1, 600);
    assert_eq!(presses(&world), 3, "lost and taken anew");
}
