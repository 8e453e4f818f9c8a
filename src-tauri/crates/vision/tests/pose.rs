//! The signs of a turned and a nodding head, from pixels to what guidance is given: the face in the
//! public domain (`tests/fixtures/README.md`) laid on a cylinder and turned. A sign that is the wrong way
//! round would send every subject further off.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use portrait::{Pose, Raster, decode};
use vision::{Analyst, Rise};

const ASTRONAUT: &[u8] = include_bytes!("../../../../tests/fixtures/astronaut.png");
/// The face in the picture, in pixels: its middle, and half of its width and height.
const MIDDLE: [f32; 2] = [225.0, 105.0];
const HALF: [f32; 2] = [52.0, 88.0];

/// The picture with what is on the face moved as a turn moves it; hair and shoulders stay. Positive: to
/// the right of the picture, which is the subject's left, and up.
fn turned(left_deg: f32, up_deg: f32) -> Raster {
    let picture = decode(ASTRONAUT).unwrap();
    let mut turned = picture.clone();
    let from = |part: f32, degrees: f32| (part.asin() - degrees.to_radians()).sin();
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            let across = (x as f32 - MIDDLE[0]) / HALF[0];
            let down = (y as f32 - MIDDLE[1]) / HALF[1];
            if across.hypot(down) < 1.0 {
                let from_x = MIDDLE[0] + from(across, left_deg) * HALF[0];
                let from_y = MIDDLE[1] + from(down, -up_deg) * HALF[1];
                turned.set_pixel(x, y, picture.pixel(from_x as u32, from_y as u32));
            }
        }
    }
    turned
}

fn mirrored(picture: &Raster) -> Raster {
    let mut other = picture.clone();
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            other.set_pixel(picture.width() - 1 - x, y, picture.pixel(x, y));
        }
    }
    other
}

fn seen(picture: &Raster) -> Pose {
    let glance = Analyst::new()
        .unwrap()
        .glance(picture, Rise::Known(Some(0.9)));
    glance.unwrap().sight.face.unwrap()
}

#[test]
fn a_head_that_turns_to_its_left_has_a_positive_yaw() {
    let straight = seen(&turned(0.0, 0.0)).yaw_deg;
    let (left, right) = (
        seen(&turned(20.0, 0.0)).yaw_deg,
        seen(&turned(-20.0, 0.0)).yaw_deg,
    );
    assert!(
        left > straight + 6.0 && right < straight - 6.0,
        "{right} {straight} {left}"
    );
    // The other way round in a mirror.
    let mirror = seen(&mirrored(&turned(20.0, 0.0))).yaw_deg;
    assert!((mirror + left).abs() < 4.0, "{left} mirrored is {mirror}");
}

#[test]
fn a_chin_that_is_raised_has_a_positive_pitch() {
    let straight = seen(&turned(0.0, 0.0)).pitch_deg;
    let (up, down) = (
        seen(&turned(0.0, 20.0)).pitch_deg,
        seen(&turned(0.0, -20.0)).pitch_deg,
    );
    assert!(
        up > straight + 4.0 && down < straight - 4.0,
        "{down} {straight} {up}"
    );
}
