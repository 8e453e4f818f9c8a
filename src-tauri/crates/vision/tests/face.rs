//! The whole of the eyes on one real face in the public domain (`tests/fixtures/README.md`).
//!
//! The expected places were read off the picture by hand, and the tolerances are what matters in a
//! portrait: the crown's band is 60 pixels of a portrait in which this face is about 220 wide, so 6
//! pixels of the picture, where it is 90 wide, are a quarter of the band.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use portrait::{FaceGeometry, Profile, Raster, compose, decode, encode, judge, render, scale};
use vision::{Analyst, Unmeasured};

const ASTRONAUT: &[u8] = include_bytes!("../../../../tests/fixtures/astronaut.png");

/// The picture placed on a canvas of its own background's grey, with room around the head.
fn with_room(left: u32, top: u32, width: u32, height: u32) -> Raster {
    let face = decode(ASTRONAUT).unwrap();
    let mut canvas = Raster::filled(width, height, [205, 205, 210]).unwrap();
    copy(&face, &mut canvas, left, top);
    canvas
}

fn copy(from: &Raster, onto: &mut Raster, left: u32, top: u32) {
    for y in 0..from.height() {
        for x in 0..from.width() {
            onto.set_pixel(left + x, top + y, from.pixel(x, y));
        }
    }
}

fn measured(picture: &Raster) -> FaceGeometry {
    Analyst::new()
        .unwrap()
        .analyse(picture)
        .unwrap()
        .geometry
        .unwrap()
}

fn near(found: f32, expected: f32, tolerance: f32, what: &str) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{what} is {found}, expected {expected}"
    );
}

#[test]
fn the_measures_are_where_the_eye_sees_them() {
    let face = measured(&decode(ASTRONAUT).unwrap());
    assert_eq!(
        (face.faces, face.picture_width, face.picture_height),
        (1, 512, 512)
    );
    // Read off an enlargement with a ruler.
    near(face.right_eye.x, 203.0, 4.0, "her right eye across");
    near(face.left_eye.x, 247.0, 4.0, "her left eye across");
    near(face.eye_line_y(), 102.0, 4.0, "eye line");
    near(face.chin.y, 183.0, 8.0, "chin");
    near(face.crown_y, 15.5, 5.0, "crown");
    near(face.face_width(), 96.0, 14.0, "face width");
}

/// Her eyes are 19 pixels wide, too few for irises; twice as large they are where the ruler has them.
#[test]
fn the_irises_are_where_the_eye_sees_them() {
    let picture = decode(ASTRONAUT).unwrap();
    let twice = scale(&picture, (1024, 1024)).unwrap();
    let analyst = Analyst::new().unwrap();
    let seen = |picture| analyst.analyse(picture).unwrap().landmarks.unwrap();
    let (small, large) = (seen(&picture), seen(&twice));
    assert!(small.right_eye.iris.is_none() && small.left_eye.iris.is_none());
    assert_eq!(small.gaze(), None);
    let (right, left) = (large.right_eye.iris.unwrap(), large.left_eye.iris.unwrap());
    // Read off an enlargement with a ruler; an iris is 8.3 wide there.
    near(right.centre.x / 2.0, 203.6, 0.8, "her right iris across");
    near(right.centre.y / 2.0, 101.0, 0.8, "her right iris down");
    near(left.centre.x / 2.0, 246.6, 0.8, "her left iris across");
    near(left.centre.y / 2.0, 103.4, 0.8, "her left iris down");
    near(right.diameter / 2.0, 8.3, 1.0, "her right iris");
    near(left.diameter / 2.0, 8.3, 1.0, "her left iris");
    near(large.gaze().unwrap(), 0.0, 0.04, "gaze");
}

/// A picture in the mirror: what the left eye had the right one has, and the gaze the other sign.
#[test]
fn eyes_in_the_mirror_look_the_other_way() {
    let picture = scale(&decode(ASTRONAUT).unwrap(), (1024, 1024)).unwrap();
    let mut mirror = Raster::filled(1024, 1024, [0; 3]).unwrap();
    for y in 0..1024 {
        for x in 0..1024 {
            mirror.set_pixel(1023 - x, y, picture.pixel(x, y));
        }
    }
    let analyst = Analyst::new().unwrap();
    let seen = |picture| analyst.analyse(picture).unwrap().landmarks.unwrap();
    let (here, there) = (seen(&picture), seen(&mirror));
    let (one, other) = (here.right_eye.iris.unwrap(), there.left_eye.iris.unwrap());
    near(1024.0 - other.centre.x, one.centre.x, 0.8, "iris across");
    near(other.centre.y, one.centre.y, 0.8, "iris down");
    let sum = here.gaze().unwrap() + there.gaze().unwrap();
    near(sum, 0.0, 0.02, "gaze and its mirror image");
}

#[test]
fn the_measures_move_with_the_picture() {
    let (here, there) = (with_room(100, 150, 800, 800), with_room(180, 210, 800, 800));
    let (here, there) = (measured(&here), measured(&there));
    near(there.left_eye.x - here.left_eye.x, 80.0, 1.0, "eye across");
    near(
        there.eye_line_y() - here.eye_line_y(),
        60.0,
        1.0,
        "eye line",
    );
    near(there.crown_y - here.crown_y, 60.0, 6.0, "crown");
    near(
        there.face_width() - here.face_width(),
        0.0,
        2.0,
        "face width",
    );
}

#[test]
fn the_same_picture_gives_the_same_numbers() {
    let picture = with_room(100, 150, 800, 800);
    let analyst = Analyst::new().unwrap();
    let first = analyst.analyse(&picture).unwrap();
    assert_eq!(first, analyst.analyse(&picture).unwrap());
    assert_eq!(first, Analyst::new().unwrap().analyse(&picture).unwrap());
}

#[test]
fn a_face_with_room_becomes_a_portrait_that_measures_right_again() {
    let picture = with_room(200, 150, 900, 900);
    let profile = Profile::named("national").unwrap();
    let face = measured(&picture);
    let crop = compose(&profile, &face).unwrap();
    let portrait = render(&picture, &crop, &profile).unwrap();
    let encoded = encode(&portrait, &profile).unwrap();
    // Measured anew on the decoded file, not carried over from the frame.
    let again = measured(&decode(&encoded.jpeg).unwrap());
    let blocks: Vec<_> = judge(&profile, &again, None)
        .into_iter()
        .filter(|finding| finding.severity() == portrait::Severity::Blocks)
        .collect();
    assert!(blocks.is_empty(), "{blocks:?}");
    let carried = face.through(&crop);
    near(again.crown_y, carried.crown_y, 8.0, "crown");
    near(again.eye_line_y(), carried.eye_line_y(), 3.0, "eye line");
    near(again.face_width(), carried.face_width(), 6.0, "face width");
}

#[test]
fn a_small_face_in_a_large_picture_is_found() {
    // 96 of 1400 pixels: a fifteenth of the width, far below what one pass sees.
    let face = measured(&with_room(700, 500, 1400, 1100));
    near(face.left_eye.x, 947.0, 6.0, "her left eye across");
    near(face.eye_line_y(), 608.0, 6.0, "eye line");
}

#[test]
fn a_second_face_is_counted() {
    let mut picture = with_room(0, 100, 1100, 700);
    copy(&decode(ASTRONAUT).unwrap(), &mut picture, 540, 130);
    let analysis = Analyst::new().unwrap().analyse(&picture).unwrap();
    assert_eq!(analysis.faces, 2);
    assert!(analysis.geometry.is_ok());
}

#[test]
fn no_face_is_a_verdict_and_not_an_error() {
    let analyst = Analyst::new().unwrap();
    for (width, height) in [(1, 1), (7, 900), (640, 480)] {
        let blank = Raster::filled(width, height, [100, 197, 255]).unwrap();
        let analysis = analyst.analyse(&blank).unwrap();
        assert_eq!(
            analysis.geometry,
            Err(Unmeasured::NoFace),
            "{width} x {height}"
        );
        assert_eq!(analysis.faces, 0);
    }
}
