//! The mark on a drawn subject must outlive what the system does to a frame:
//! crop anywhere the national profile allows, scale to 480 x 640, JPEG at the
//! lowest quality permitted.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use image::{Rgb, RgbImage};
use simulator::subject::{Geometry, Subject, SubjectMark, decode};

const WIDTH: f32 = 480.0;
const HEIGHT: f32 = 640.0;

/// One place of the crop: y of the eyes and width of the face in the portrait.
#[derive(Debug, Clone, Copy)]
struct Position {
    eyes_y: f32,
    face_width: f32,
    /// How far the face is off the middle, in portrait pixels.
    aside: f32,
}

/// Corners and middle of what the bands allow (crown 50-110, eyes 200-300, face
/// 180-300 px) for a face of this shape.
fn positions(geometry: &Geometry) -> Vec<Position> {
    let rise = (geometry.eyes_y - geometry.crown_y) / geometry.face_width;
    let mut all = Vec::new();
    for face_width in [180.0, 195.0, 210.0, 225.0, 240.0, 255.0, 270.0] {
        let (from, to) = (
            (rise * face_width + 50.0).max(200.0),
            (rise * face_width + 110.0).min(300.0),
        );
        if from <= to {
            for (eyes_y, aside) in [(from, -12.0), ((from + to) / 2.0, 0.0), (to, 12.0)] {
                all.push(Position {
                    eyes_y,
                    face_width,
                    aside,
                });
            }
        }
    }
    all
}

/// The portrait cut at a position; beyond the picture's edge the cloth goes on.
fn cut(picture: &RgbImage, geometry: &Geometry, position: Position) -> RgbImage {
    let scale = geometry.face_width / position.face_width;
    let (w, h) = (
        (WIDTH * scale).round() as u32,
        (HEIGHT * scale).round() as u32,
    );
    let left = (geometry.middle_x - (WIDTH / 2.0 + position.aside) * scale).round() as i64;
    let top = (geometry.eyes_y - position.eyes_y * scale).round() as i64;
    let mut whole = RgbImage::from_pixel(w, h, Rgb([100, 197, 255]));
    image::imageops::replace(&mut whole, picture, -left, -top);
    resize(&whole, WIDTH as u32, HEIGHT as u32, FilterType::Lanczos3)
}

fn jpeg(picture: &RgbImage, quality: u8) -> (RgbImage, usize) {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .expect("a portrait encodes");
    (
        image::load_from_memory(&bytes)
            .expect("what was encoded decodes")
            .into_rgb8(),
        bytes.len(),
    )
}

#[test]
fn the_mark_is_read_from_every_original() {
    for id in (1..=20).chain([0, 999_999, u32::MAX]) {
        for (width, height, frame) in [(1280, 720, 0), (960, 1280, id), (1920, 1080, u32::MAX)] {
            let picture = Subject::numbered(id).draw(width, height, frame);
            assert_eq!(
                decode(&picture),
                Some(SubjectMark { id, frame }),
                "{width} x {height}"
            );
        }
    }
}

#[test]
fn the_mark_is_read_from_every_portrait_within_the_bands_at_quality_60() {
    let mut read = 0;
    for id in 1..=20 {
        for (frame, (width, height)) in [(id * 3, (1280, 720)), (id * 1000 + 1, (960, 1280))] {
            let subject = Subject::numbered(id);
            let picture = subject.draw(width, height, frame);
            let geometry = subject.geometry(width, height, frame);
            // A third of the places each, a different third for the next subject.
            for position in positions(&geometry)
                .into_iter()
                .skip(id as usize % 3)
                .step_by(3)
            {
                let (portrait, _) = jpeg(&cut(&picture, &geometry, position), 60);
                let expected = Some(SubjectMark { id, frame });
                assert_eq!(
                    decode(&portrait),
                    expected,
                    "{width} x {height} {position:?}"
                );
                read += 1;
            }
        }
    }
    assert!(read > 180, "only {read} crops were tried");
}

#[test]
fn a_portrait_without_its_badge_reads_as_none() {
    for id in 1..=6 {
        let mut picture = Subject::numbered(id).draw(1280, 720, 1);
        let geometry = Subject::numbered(id).geometry(1280, 720, 1);
        let chin = geometry.chin_y as u32;
        for y in chin..720 {
            for x in 0..1280 {
                picture.put_pixel(x, y, Rgb([(x % 251) as u8, (y % 13) as u8 * 9, 60]));
            }
        }
        assert_eq!(decode(&picture), None);
    }
}

#[test]
fn a_picture_depends_on_id_and_frame_alone() {
    let draw = |id, frame| Subject::numbered(id).draw(640, 480, frame);
    assert_eq!(draw(5, 9), draw(5, 9));
    assert_ne!(draw(5, 9), draw(5, 10));
    assert_ne!(draw(5, 9), draw(6, 9));
}

#[test]
fn a_portrait_has_detail_enough_for_the_byte_window() {
    for id in 1..=12 {
        let subject = Subject::numbered(id);
        let picture = subject.draw(1280, 720, 1);
        let geometry = subject.geometry(1280, 720, 1);
        let position = Position {
            eyes_y: 265.0,
            face_width: 205.0,
            aside: 0.0,
        };
        let portrait = cut(&picture, &geometry, position);
        // Chroma at full resolution here; 4:2:0 takes off less than a quarter.
        assert!(
            jpeg(&portrait, 95).1 > 45 * 1024,
            "{id}: {}",
            jpeg(&portrait, 95).1
        );
        assert!(
            jpeg(&portrait, 60).1 < 40 * 1024,
            "{id}: {}",
            jpeg(&portrait, 60).1
        );
    }
}

#[test]
fn the_cloth_behind_is_the_reference_blue() {
    let picture = Subject::numbered(4).draw(1280, 720, 2);
    let corner = crop_imm(&picture, 20, 20, 200, 300).to_image();
    let count = u64::from(corner.width() * corner.height());
    for (channel, expected) in [(0, 100), (1, 197), (2, 255)] {
        let mean = corner
            .pixels()
            .map(|p| u64::from(p.0[channel]))
            .sum::<u64>()
            / count;
        assert!(mean.abs_diff(expected) <= 2, "channel {channel} is {mean}");
    }
}
