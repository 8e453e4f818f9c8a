//! Pictures made to break each finding: the right one is told by its code, and nothing else goes
//! wrong.
//!
//! The pictures are drawn subjects that are spoilt in one respect. Each line of a table names the
//! code and how much it weighs; a line that cannot fail would be worth nothing, so the same subject
//! unspoilt is asked first, and has none of the codes.

use image::imageops::{self, FilterType};
use image::{ImageFormat, Rgb, RgbImage};
use simulator::subject::{Geometry, Subject};
use station::desk::{PortraitVerdict, check_portrait, make_portrait};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A woman with a black jacket and no glasses, one of the drawn subjects.
const SUBJECT: u32 = 1;
const WIDTH: u32 = 720;
const HEIGHT: u32 = 960;

/// A folder in which pictures are made and checked.
struct Bench {
    dir: TempDir,
    made: std::cell::Cell<u32>,
}

impl Bench {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            made: std::cell::Cell::new(0),
        }
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.made.set(self.made.get() + 1);
        self.dir
            .path()
            .join(format!("{}.{ending}", self.made.get()))
    }

    /// What is found on the portrait of a picture: codes with their weights. A refusal is one that
    /// blocks.
    fn make(&self, bytes: &[u8]) -> Vec<(String, String)> {
        let input = self.path("picture");
        std::fs::write(&input, bytes).expect("a picture can be written");
        match make_portrait(&input, &self.path("jpg"), "national") {
            Ok(verdict) => findings(&verdict),
            Err(error) => vec![(error.code().to_owned(), "blocks".to_owned())],
        }
    }

    fn check(&self, bytes: &[u8]) -> Vec<(String, String)> {
        let input = self.path("jpg");
        std::fs::write(&input, bytes).expect("a portrait can be written");
        findings(&check_portrait(&input, "national", None).expect("a verdict"))
    }
}

fn findings(verdict: &PortraitVerdict) -> Vec<(String, String)> {
    let lines = verdict.findings.iter();
    lines
        .map(|line| (line.code.to_owned(), line.severity.to_owned()))
        .collect()
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("a PNG can be written");
    bytes.into_inner()
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 92)
        .encode_image(picture)
        .expect("a JPEG can be written");
    bytes
}

fn drawn() -> (RgbImage, Geometry) {
    let subject = Subject::numbered(SUBJECT);
    (
        subject.draw(WIDTH, HEIGHT, 1),
        subject.geometry(WIDTH, HEIGHT, 1),
    )
}

/// Each pixel anew, from its place and what was there.
fn with(mut picture: RgbImage, paint: impl Fn(f32, f32, [f32; 3]) -> [f32; 3]) -> RgbImage {
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let painted = paint(x as f32, y as f32, pixel.0.map(f32::from));
        pixel.0 = painted.map(|level| level.clamp(0.0, 255.0) as u8);
    }
    picture
}

/// Whether a colour is that of the drawn cloth.
fn is_cloth([r, g, b]: [f32; 3]) -> bool {
    (r - 100.0).abs() + (g - 197.0).abs() + (b - 255.0).abs() < 70.0
}

/// The cloth anew, the person as drawn.
fn before(paint: impl Fn(f32, f32) -> [f32; 3]) -> RgbImage {
    with(
        drawn().0,
        |x, y, seen| {
            if is_cloth(seen) { paint(x, y) } else { seen }
        },
    )
}

fn clothes(colour: [f32; 3]) -> RgbImage {
    let (picture, geometry) = drawn();
    let below = geometry.chin_y + 0.35 * geometry.eye_distance;
    with(picture, |_, y, seen| {
        if y < below || is_cloth(seen) {
            return seen;
        }
        // A little of the drawn folds stays.
        let fold = (seen[1] - 60.0) * 0.1;
        colour.map(|channel| channel + fold)
    })
}

/// Turned about the middle of the face, as a head that is held askew.
fn turned(degrees: f32) -> RgbImage {
    let (picture, geometry) = drawn();
    let (sin, cos) = degrees.to_radians().sin_cos();
    with(picture.clone(), |x, y, _| {
        let (dx, dy) = (x - geometry.middle_x, y - geometry.eyes_y);
        let from_x = (geometry.middle_x + dx * cos + dy * sin).clamp(0.0, WIDTH as f32 - 1.0);
        let from_y = (geometry.eyes_y + dy * cos - dx * sin).clamp(0.0, HEIGHT as f32 - 1.0);
        picture
            .get_pixel(from_x as u32, from_y as u32)
            .0
            .map(f32::from)
    })
}

/// The head turned to a side, as a cylinder about its axis; hair and ears beside it stay.
fn looking_aside(degrees: f32) -> RgbImage {
    let (picture, geometry) = drawn();
    let (half, top) = (geometry.face_width / 2.0, geometry.crown_y);
    with(picture.clone(), |x, y, seen| {
        let across = (x - geometry.middle_x) / half;
        if across.abs() >= 1.0 || !(top..geometry.chin_y).contains(&y) {
            return seen;
        }
        let from = (across.asin() - degrees.to_radians()).sin();
        let from_x = geometry.middle_x + from * half;
        picture.get_pixel(from_x as u32, y as u32).0.map(f32::from)
    })
}

/// One shoulder lower than the other by so many degrees, the head upright.
fn leaning(degrees: f32) -> RgbImage {
    let (picture, geometry) = drawn();
    let slope = degrees.to_radians().tan();
    with(picture.clone(), |x, y, _| {
        // From the chin on, so that no seam shows; the shoulders begin there, and get about half.
        let share = ((y - geometry.chin_y) / (0.3 * geometry.eye_distance)).clamp(0.0, 1.0);
        let from_y = y - share * slope * (x - geometry.middle_x);
        let from_y = from_y.clamp(0.0, HEIGHT as f32 - 1.0);
        picture.get_pixel(x as u32, from_y as u32).0.map(f32::from)
    })
}

/// The mean of so many pixels to the right: the camera or the head moved across.
fn smeared(pixels: u32) -> RgbImage {
    let (picture, _) = drawn();
    with(picture.clone(), |x, y, _| {
        let mut sum = [0.0; 3];
        for step in 0..pixels {
            let from = (x as u32 + step).min(WIDTH - 1);
            let seen = picture.get_pixel(from, y as u32).0;
            for (sum, level) in sum.iter_mut().zip(seen) {
                *sum += f32::from(level);
            }
        }
        sum.map(|sum| sum / pixels as f32)
    })
}

fn exposed(factor: f32) -> RgbImage {
    with(drawn().0, |_, _, seen| seen.map(|level| level * factor))
}

fn glare() -> RgbImage {
    let (picture, geometry) = drawn();
    let (x, y) = (
        geometry.middle_x + geometry.eye_distance / 2.0,
        geometry.eyes_y,
    );
    with(picture, |px, py, seen| {
        let inside = ((px - x) / 26.0).powi(2) + ((py - y) / 14.0).powi(2) < 1.0;
        if inside { [255.0; 3] } else { seen }
    })
}

/// Hair that hangs over one eye.
fn strand() -> RgbImage {
    let (picture, geometry) = drawn();
    let half = geometry.face_width / 2.0;
    with(picture, |x, y, seen| {
        let down = (geometry.eyes_y - half..geometry.eyes_y + 0.6 * half).contains(&y);
        let across = (0.12 * half..half).contains(&(x - geometry.middle_x));
        if down && across {
            [38.0, 32.0, 32.0]
        } else {
            seen
        }
    })
}

/// Ears, eyes and whiskers: what looks like a face and is none.
fn cat() -> RgbImage {
    let blank = RgbImage::from_pixel(WIDTH, HEIGHT, Rgb([100, 197, 255]));
    with(blank, |x, y, seen| {
        let (dx, dy) = (x - 360.0, y - 420.0);
        let within = |cx: f32, cy: f32, rx: f32, ry: f32| {
            ((dx - cx) / rx).powi(2) + ((dy - cy) / ry).powi(2) < 1.0
        };
        let ear = |side: f32| dy < -90.0 && dy > -330.0 + (dx * side - 150.0).abs() * 3.0;
        if within(-80.0, -30.0, 14.0, 40.0) || within(80.0, -30.0, 14.0, 40.0) {
            [20.0, 30.0, 20.0]
        } else if within(-80.0, -30.0, 45.0, 42.0) || within(80.0, -30.0, 45.0, 42.0) {
            [190.0, 220.0, 90.0]
        } else if within(0.0, 60.0, 26.0, 16.0) {
            [230.0, 130.0, 140.0]
        } else if within(0.0, 0.0, 220.0, 190.0) || ear(1.0) || ear(-1.0) {
            [150.0, 110.0, 70.0]
        } else {
            seen
        }
    })
}

/// The real face of the tests (`fixtures/README.md`): corners of both eyes and middle of the iris, read
/// off an enlargement, in its pixels. An iris is 8 wide, an eye 20.
const REAL_EYES: [([f32; 2], [f32; 2], f32); 2] = [
    ([193.8, 101.9], [213.2, 102.6], 203.6),
    ([237.2, 104.6], [256.9, 103.9], 246.6),
];

/// That face, three times as large and with room around, looking to a side: between the lids the picture
/// is stretched on one side of the iris and pressed together on the other, by so many eye widths.
fn glancing(share: f32) -> RgbImage {
    const LARGER: u32 = 3;
    const LEFT: u32 = 60;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/astronaut.png");
    let whole = image::open(file).expect("the picture is there").into_rgb8();
    let head = imageops::crop_imm(&whole, LEFT, 0, 380, 380).to_image();
    let side = 380 * LARGER;
    let face = imageops::resize(&head, side, side, FilterType::CatmullRom);
    let looking = with(face.clone(), |x, y, seen| {
        let (px, py) = (x / LARGER as f32 + LEFT as f32, y / LARGER as f32);
        let from = REAL_EYES
            .iter()
            .find_map(|eye| seen_at(*eye, share, px, py));
        let Some((from_x, from_y)) = from else {
            return seen;
        };
        let from_x = (from_x - LEFT as f32) * LARGER as f32;
        let from_y = from_y * LARGER as f32;
        let level = |channel: usize| {
            // Between the pixels, so that no step shows in the iris.
            let at = |x: f32, y: f32| f32::from(face.get_pixel(x as u32, y as u32).0[channel]);
            let (fx, fy) = (from_x.fract(), from_y.fract());
            let upper = at(from_x, from_y) * (1.0 - fx) + at(from_x + 1.0, from_y) * fx;
            let lower = at(from_x, from_y + 1.0) * (1.0 - fx) + at(from_x + 1.0, from_y + 1.0) * fx;
            upper * (1.0 - fy) + lower * fy
        };
        [level(0), level(1), level(2)]
    });
    let mut frame = RgbImage::from_pixel(1500, 1500, Rgb([205, 205, 210]));
    imageops::replace(&mut frame, &looking, 180, 300);
    frame
}

/// Which place of an eye is seen at another one, if that lies between its lids.
fn seen_at(
    ([left, left_y], [right, right_y], iris): ([f32; 2], [f32; 2], f32),
    share: f32,
    x: f32,
    y: f32,
) -> Option<(f32, f32)> {
    const RADIUS: f32 = 4.3;
    let width = right - left;
    let across = (x - left) / width;
    let level = |across: f32| left_y + (right_y - left_y) * across;
    let (lens, down) = (4.0 * across * (1.0 - across), y - level(across));
    if !(0.0..1.0).contains(&across) || down < -5.0 * lens || down > 2.5 * lens {
        return None;
    }
    let (begins, ends) = (
        (iris - RADIUS - left) / width,
        (iris + RADIUS - left) / width,
    );
    let (to_begin, to_end) = (begins + share, ends + share);
    let from = if across < to_begin {
        across / to_begin * begins
    } else if across < to_end {
        across - share
    } else {
        ends + (across - to_end) / (1.0 - to_end) * (1.0 - ends)
    };
    Some((left + from * width, level(from) + down))
}

fn two_people() -> RgbImage {
    let mut both = RgbImage::new(WIDTH * 2, HEIGHT);
    imageops::replace(&mut both, &drawn().0, 0, 0);
    let other = Subject::numbered(SUBJECT + 1).draw(WIDTH, HEIGHT, 1);
    imageops::replace(&mut both, &other, i64::from(WIDTH), 0);
    both
}

/// The codes that tell of anything but the file and the fit into the bands.
fn told(found: &[(String, String)]) -> Vec<&str> {
    let silent = ["enlarged", "close-to-band", "subsampling"];
    let codes = found.iter().map(|(code, _)| code.as_str());
    codes.filter(|code| !silent.contains(code)).collect()
}

/// The drawn subjects as they are: no warning at all but for those in blue.
#[test]
fn good_pictures_are_left_alone() {
    let bench = Bench::new();
    for subject in 1..=6 {
        let picture = Subject::numbered(subject).draw(WIDTH, HEIGHT, 1);
        let found = bench.make(&png(&picture));
        assert_eq!(told(&found), [""; 0], "subject {subject}");
    }
}

/// Name, picture, code, weight.
type Spoilt = (&'static str, RgbImage, &'static str, &'static str);

fn each_is_told(table: Vec<Spoilt>) {
    let bench = Bench::new();
    let mut complaints = Vec::new();
    for (name, picture, code, severity) in table {
        let found = bench.make(&png(&picture));
        let wanted = (code.to_owned(), severity.to_owned());
        if !found.contains(&wanted) {
            complaints.push(format!("{name}: {code} {severity} is not in {found:?}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn spoilt_light_is_told() {
    let (picture, geometry) = drawn();
    let dark_side = with(picture.clone(), |x, _, seen| {
        let right = (x - geometry.middle_x) / geometry.face_width;
        seen.map(|level| level * (0.75 - 1.1 * right).clamp(0.2, 1.0))
    });
    let cast = with(picture.clone(), |_, _, [r, g, b]| [r * 0.62, g, b * 1.25]);
    let green = with(picture.clone(), |_, _, [r, g, b]| [r * 0.85, g, b * 0.8]);
    let grey = with(picture.clone(), |_, _, [r, g, b]| [(r + g + b) / 3.0; 3]);
    let veiled = with(picture.clone(), |_, _, seen| {
        seen.map(|level| 150.0 + 0.2 * (level - 128.0))
    });
    each_is_told(vec![
        ("over-exposure", exposed(2.1), "highlights", "warns"),
        ("over-exposure", exposed(2.1), "face-too-bright", "warns"),
        ("under-exposure", exposed(0.25), "face-too-dark", "warns"),
        (
            "light from one side",
            dark_side,
            "lit-from-one-side",
            "warns",
        ),
        ("cast", cast, "unnatural-colour", "warns"),
        ("green lamp", green, "colour-cast", "warns"),
        ("veil", veiled, "low-contrast", "warns"),
        ("grey", grey, "unnatural-colour", "warns"),
        ("glare", glare(), "glasses-glare", "warns"),
        ("blur", imageops::blur(&picture, 6.0), "blurred", "warns"),
        ("motion", smeared(15), "motion-blurred", "warns"),
    ]);
}

#[test]
fn spoilt_people_are_told() {
    let closed = Subject::numbered(SUBJECT)
        .with_lids(0.03)
        .draw(WIDTH, HEIGHT, 1);
    let talking = Subject::numbered(SUBJECT)
        .with_lips_apart(0.09)
        .draw(WIDTH, HEIGHT, 1);
    let few = imageops::resize(&drawn().0, 132, 176, FilterType::Triangle);
    let wall = RgbImage::from_pixel(WIDTH, HEIGHT, Rgb([200, 205, 210]));
    let (blue, green) = (clothes([50.0, 90.0, 190.0]), clothes([40.0, 140.0, 70.0]));
    let like_cloth = clothes([104.0, 196.0, 250.0]);
    each_is_told(vec![
        ("tilt", turned(9.0), "eyes-tilted", "warns"),
        ("closed eyes, one file", closed, "eyes-closed", "informs"),
        ("open mouth", talking, "mouth-open", "warns"),
        (
            "looks to one side",
            looking_aside(28.0),
            "head-turned",
            "warns",
        ),
        (
            "looks to the other",
            looking_aside(-28.0),
            "head-turned",
            "warns",
        ),
        (
            "left shoulder low",
            leaning(20.0),
            "shoulders-tilted",
            "warns",
        ),
        (
            "right shoulder low",
            leaning(-20.0),
            "shoulders-tilted",
            "warns",
        ),
        ("hair", strand(), "eyes-covered", "warns"),
        ("blue shirt", blue, "clothes-blue-green", "warns"),
        ("green shirt", green, "clothes-blue-green", "warns"),
        (
            "shirt like the cloth",
            like_cloth,
            "clothes-like-background",
            "warns",
        ),
        ("two faces", two_people(), "several-faces", "blocks"),
        ("few pixels", few, "resolution-too-low", "blocks"),
        ("wall", wall, "no-face", "blocks"),
    ]);
}

/// A real face, because drawn eyes are simpler than true ones: with its irises moved by a quarter of an
/// eye it looks to one side or the other, as it is into the camera.
#[test]
fn eyes_that_look_aside_are_told() {
    let gaze = |found: &[(String, String)]| {
        let line = found.iter().find(|(code, _)| code == "gaze");
        line.map(|(_, severity)| severity.clone())
    };
    let bench = Bench::new();
    for (share, wanted) in [(0.0, None), (-0.25, Some("warns")), (0.25, Some("warns"))] {
        let found = bench.make(&png(&glancing(share)));
        assert_eq!(gaze(&found).as_deref(), wanted, "{share}: {found:?}");
        assert!(
            found.iter().all(|(_, weight)| weight != "blocks"),
            "{found:?}"
        );
    }
}

/// The same wide picture, cut too close on one side or two.
#[test]
fn a_tight_frame_names_its_sides() {
    let subject = Subject::numbered(SUBJECT);
    let (picture, geometry) = (subject.draw(1280, 960, 1), subject.geometry(1280, 960, 1));
    let aside = 0.6 * geometry.face_width;
    let (left, right) = (geometry.middle_x - aside, geometry.middle_x + aside);
    let (above, below) = (
        geometry.crown_y - 4.0,
        geometry.chin_y + 0.15 * geometry.face_width,
    );
    let cut = |left: f32, top: f32, right: f32, bottom: f32| {
        let [left, top, right, bottom] = [left, top, right, bottom].map(|edge| edge as u32);
        imageops::crop_imm(&picture, left, top, right - left, bottom - top).to_image()
    };
    let name = |sides: &'static str| ("tight", sides, "blocks");
    let table = [
        (cut(left, 0.0, 1280.0, 960.0), name("frame-too-tight-left")),
        (cut(0.0, 0.0, right, 960.0), name("frame-too-tight-right")),
        (
            cut(0.0, above, 1280.0, 960.0),
            name("frame-too-tight-above"),
        ),
        (cut(0.0, 0.0, 1280.0, below), name("frame-too-tight-below")),
        (
            cut(0.0, above, right, 960.0),
            name("frame-too-tight-above-right"),
        ),
        (
            cut(left, 0.0, 1280.0, below),
            name("frame-too-tight-below-left"),
        ),
    ];
    let spoilt = table.map(|(picture, (name, code, weight))| (name, picture, code, weight));
    each_is_told(spoilt.into());
    let found = Bench::new().make(&png(&cut(0.0, 0.0, 1280.0, 960.0)));
    assert_eq!(told(&found), [""; 0], "uncut there is room enough");
}

/// A picture or a camera that lies on its side or stands on its top: the network sees faces in those too.
#[test]
fn a_head_that_is_not_upright_is_no_portrait() {
    let bench = Bench::new();
    let codes = |picture: &RgbImage| -> Vec<String> {
        let found = bench.make(&png(picture)).into_iter();
        found
            .filter(|(_, severity)| severity == "blocks")
            .map(|(code, _)| code)
            .collect()
    };
    for number in [1, 3, 6, 8, 11] {
        let picture = Subject::numbered(number).draw(WIDTH, HEIGHT, 1);
        assert_eq!(codes(&picture), [""; 0], "{number} sits upright");
        let on_top = codes(&imageops::rotate180(&picture));
        assert_eq!(on_top, ["not-upright"], "{number} on its top");
        for side in [imageops::rotate90(&picture), imageops::rotate270(&picture)] {
            let lying = codes(&side);
            let unmeasured = ["not-upright", "no-face", "landmarks-unsure", "crown-unsure"];
            assert!(
                lying.len() == 1 && unmeasured.contains(&&*lying[0]),
                "{number}: {lying:?}"
            );
        }
    }
    // A head that is leaned is measured, and told to straighten up; one that is leaned by half a right angle is not.
    for degrees in [-20.0, 20.0] {
        let found = bench.make(&png(&turned(degrees)));
        let has = |code: &str| found.iter().any(|(found, _)| found == code);
        assert!(
            has("eyes-tilted") && !has("not-upright"),
            "{degrees}: {found:?}"
        );
    }
    assert_eq!(codes(&turned(45.0)), ["not-upright"]);
}

#[test]
fn an_animal_is_nobody() {
    let found = Bench::new().make(&png(&cat()));
    let unmeasured = [
        "no-face",
        "landmarks-unsure",
        "crown-unsure",
        "implausible-face",
    ];
    assert!(unmeasured.contains(&found[0].0.as_str()), "{found:?}");
}

#[test]
fn backgrounds_good_and_bad() {
    let bench = Bench::new();
    let scaled = |share: f32| [100.0 * share, 197.0 * share, 255.0 * share];
    let shadow = before(|x, y| {
        // A head's shadow, a little to the right and lower, soft at the edge.
        let off = ((x - 560.0) / 190.0).hypot((y - 430.0) / 300.0);
        scaled(1.0 - 0.28 * ((1.15 - off) * 5.0).clamp(0.0, 1.0))
    });
    let wrinkled = before(|x, y| scaled(0.93 + 0.07 * ((x + 0.3 * y) * 0.35).sin()));
    let slope = before(|x, _| scaled(0.66 + 0.34 * x / WIDTH as f32));
    let door = before(|x, y| {
        if x < 90.0 && y > 60.0 {
            [150.0, 115.0, 85.0]
        } else {
            scaled(1.0)
        }
    });
    let table = [
        ("cast shadow", shadow, Some("background-shadow")),
        ("wrinkled cloth", wrinkled, Some("background-texture")),
        ("gradient", slope, Some("background-uneven")),
        (
            "wrong blue",
            before(|_, _| [40.0, 110.0, 190.0]),
            Some("background-colour"),
        ),
        (
            "white",
            before(|_, _| [250.0, 250.0, 250.0]),
            Some("background-colour"),
        ),
        ("a door behind", door, Some("background-object")),
        ("even cloth", before(|_, _| scaled(1.0)), None),
        (
            "even cloth, the other light blue",
            before(|_, _| [92.0, 190.0, 250.0]),
            None,
        ),
    ];
    let mut complaints = Vec::new();
    for (name, picture, code) in table {
        let found = bench.make(&png(&picture));
        let of_background: Vec<_> = found
            .iter()
            .map(|(code, _)| code.as_str())
            .filter(|code| code.starts_with("background"))
            .collect();
        let is_right = code.map_or(of_background.is_empty(), |code| {
            of_background.contains(&code)
        });
        if !is_right {
            complaints.push(format!("{name}: {code:?}, found {found:?}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Where a background fails there is a picture of it, and it shows nobody.
#[test]
fn a_failing_background_is_drawn() {
    let bench = Bench::new();
    let door = before(|x, _| {
        if x < 110.0 {
            [150.0, 115.0, 85.0]
        } else {
            [100.0, 197.0, 255.0]
        }
    });
    let (input, portrait) = (bench.path("png"), bench.path("jpg"));
    std::fs::write(&input, png(&door)).expect("a picture can be written");
    make_portrait(&input, &portrait, "national").expect("a portrait");
    let overlay = bench.path("png");
    let verdict = check_portrait(&portrait, "national", Some(&overlay)).expect("a verdict");
    assert_eq!(verdict.overlay.as_deref(), Some(overlay.as_path()));
    let drawn = image::open(&overlay).expect("a picture").into_rgb8();
    assert_eq!(drawn.dimensions(), (240, 320));
    let [r, g, b] = drawn.get_pixel(8, 40).0;
    assert!(r > 150 && g < 80 && b < 80, "the door is red: {r} {g} {b}");
    assert_eq!(
        drawn.get_pixel(120, 130).0,
        [128; 3],
        "the face is a grey shape"
    );
    // A wrong colour fails everywhere but at the person, and its picture says so.
    let wrong = before(|_, _| [40.0, 110.0, 190.0]);
    let (input, portrait) = (bench.path("png"), bench.path("jpg"));
    std::fs::write(&input, png(&wrong)).expect("a picture can be written");
    make_portrait(&input, &portrait, "national").expect("a portrait");
    let overlay = bench.path("png");
    check_portrait(&portrait, "national", Some(&overlay)).expect("a verdict");
    let drawn = image::open(&overlay).expect("a picture").into_rgb8();
    let darkened = drawn.get_pixel(8, 40).0;
    assert!(darkened[2] < 120, "the cloth is marked: {darkened:?}");
    // A good one has none.
    let (input, portrait) = (bench.path("png"), bench.path("jpg"));
    std::fs::write(&input, png(&self::drawn().0)).expect("a picture can be written");
    make_portrait(&input, &portrait, "national").expect("a portrait");
    let overlay = bench.path("png");
    let verdict = check_portrait(&portrait, "national", Some(&overlay)).expect("a verdict");
    assert!(verdict.overlay.is_none() && !overlay.exists());
}

#[test]
fn odd_files_are_read_or_refused_by_name() {
    let bench = Bench::new();
    let (picture, _) = drawn();
    let whole = jpeg(&picture);
    let table = [
        (
            "truncated",
            whole[..whole.len() / 2].to_vec(),
            "picture-truncated",
        ),
        (
            "100 megapixels",
            announcing(whole.clone(), 10_000, 10_000),
            "picture-too-large",
        ),
        (
            "100 megapixels, all of them",
            flat(10_000, 10_000),
            "picture-too-large",
        ),
        ("CMYK", cmyk(), "picture-unsupported"),
        (
            "no picture",
            b"no picture at all".to_vec(),
            "picture-format-unknown",
        ),
    ];
    for (name, bytes, code) in table {
        assert_eq!(bench.make(&bytes)[0].0, code, "{name}");
    }
    // What a finished file is judged by.
    let broken = |bytes: &[u8], code: &str| {
        let found = bench.check(bytes);
        let blocks = (code.to_owned(), "blocks".to_owned());
        assert!(found.contains(&blocks), "{code}: {found:?}");
    };
    broken(&whole[..whole.len() / 2], "unreadable");
    broken(&announcing(whole, 10_000, 10_000), "pixel-size");
    broken(&cmyk(), "components");
    let mut framed = imageops::resize(&picture, 480, 640, FilterType::Triangle);
    framed = with(framed, |x, _, seen| if x < 12.0 { [4.0; 3] } else { seen });
    let found = bench.check(&jpeg(&framed));
    assert!(told(&found).contains(&"black-border"), "{found:?}");
}

/// Sixteen bits and a picture that lies on its side give the same portrait.
#[test]
fn deep_and_turned_files_become_portraits() {
    let bench = Bench::new();
    let (picture, _) = drawn();
    let deep = image::DynamicImage::ImageRgb8(picture.clone()).into_rgb16();
    let mut bytes = Cursor::new(Vec::new());
    deep.write_to(&mut bytes, ImageFormat::Png)
        .expect("a PNG can be written");
    assert_eq!(told(&bench.make(&bytes.into_inner())), [""; 0]);
    let sideways = jpeg(&imageops::rotate270(&picture));
    // Exif in front of everything: hold the picture turned to the right.
    let mut exif =
        b"\xFF\xD8\xFF\xE1\0\x22Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0"
            .to_vec();
    exif.extend([0; 6]);
    exif.extend(&sideways[2..]);
    assert_eq!(told(&bench.make(&exif)), [""; 0]);
    assert_ne!(
        bench.make(&sideways)[0].1,
        "informs",
        "without the tag it lies on its side"
    );
}

/// Memory is bounded: with less than the pixels would take the verdict is the same, whether the file
/// only says that it is so large or is.
#[cfg(target_os = "linux")]
#[test]
fn a_hundred_megapixels_do_not_take_the_memory() {
    let bench = Bench::new();
    let true_one = flat(10_000, 10_000);
    assert!(true_one.len() > 1_500_000, "{}", true_one.len());
    let announced = announcing(jpeg(&drawn().0), 10_000, 10_000);
    for bytes in [true_one, announced] {
        let file = bench.path("jpg");
        std::fs::write(&file, bytes).expect("a file");
        let out = bench.path("jpg");
        let (status, said) = in_little_memory(&[Path::new("make"), &file, &out]);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains("picture-too-large"), "{said}");
        assert!(!out.exists());
        let (status, said) = in_little_memory(&[Path::new("check"), &file]);
        assert_eq!(status, Some(1), "{said}");
        let both = said.contains("pixel-size") && said.contains("unreadable");
        assert!(both, "{said}");
    }
}

/// Status and output of `portrait`. 100 megapixels are 300 MB; data and heap of the program may have
/// 200.
#[cfg(target_os = "linux")]
fn in_little_memory(words: &[&Path]) -> (Option<i32>, String) {
    let run = Command::new("sh")
        .args(["-c", "ulimit -d 200000; exec \"$0\" --json portrait \"$@\""])
        .arg(likeness_tests::program())
        .args(words)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    (run.status.code(), said)
}

/// What it is made of is a picture: a small one of the same kind, read by somebody else's decoder.
#[test]
fn the_large_file_is_a_whole_picture() {
    let (width, height) = (320, 160);
    let bytes = flat(width, height);
    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(bytes));
    let pixels = decoder.decode().expect("a whole JPEG");
    assert_eq!(pixels.len(), usize::from(width) * usize::from(height) * 3);
    assert!(pixels.iter().all(|level| level.abs_diff(128) <= 1));
}

/// A grey JPEG of any size whose every block is there: one of 16 x 16 pixels has a scan of four
/// whole bytes, which is written again for each of its like.
fn flat(width: u16, height: u16) -> Vec<u8> {
    let mut small = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut small, 90);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder
        .encode(&[128; 16 * 16 * 3], 16, 16, jpeg_encoder::ColorType::Rgb)
        .expect("a JPEG can be written");
    let (head, scan) = small.split_at(small.len() - 6);
    let (blocks, end) = scan.split_at(4);
    assert!(!blocks.contains(&0xFF) && end == [0xFF, 0xD9], "{scan:?}");
    let count = usize::from(width.div_ceil(16)) * usize::from(height.div_ceil(16));
    let whole = [head, &blocks.repeat(count), end].concat();
    announcing(whole, width, height)
}

/// A JPEG whose header says another size.
fn announcing(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]);
    let at = frame.expect("a baseline JPEG") + 5;
    jpeg[at..at + 2].copy_from_slice(&height.to_be_bytes());
    jpeg[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
    jpeg
}

fn cmyk() -> Vec<u8> {
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 90)
        .encode(&[60; 64 * 64 * 4], 64, 64, jpeg_encoder::ColorType::Cmyk)
        .expect("a JPEG can be written");
    bytes
}
