//! Random faces in random frames, cut, scaled and encoded: inside every band and window, or
//! refused by name; and what comes out is read by two decoders that know nothing of each other.
//!
//! 120 of them with every run; `LIKENESS_CROPS=1000 cargo test --workspace --test crops` for more.

use portrait::{
    FaceGeometry, FindingCode, JpegLayout, Point, Profile, Raster, compose, encode, judge, render,
};
use zune_jpeg::zune_core::bytestream::ZCursor;

const SEED: u64 = 20_261_128;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn between(&mut self, least: f32, most: f32) -> f32 {
        let unit = (self.next() >> 40) as f32 / (1_u64 << 24) as f32;
        least + unit * (most - least)
    }
}

/// Slopes with as much noise on them as the dice say: from a flat wall to a gravel path.
fn frame(dice: &mut Dice) -> Raster {
    let (width, height) = (
        dice.between(220.0, 1100.0) as u32,
        dice.between(300.0, 1100.0) as u32,
    );
    let noise = dice.between(0.0, 9.0).powi(2) as u64;
    let mut data = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let bits = dice.next();
            for channel in 0..3_u32 {
                let base = 40 + u64::from((x * (channel + 1) + y * 2) / 9 % 120);
                let shake = (bits >> (16 * channel)) % (noise + 1);
                data.push(u8::try_from(base + shake).expect("below 256"));
            }
        }
    }
    Raster::new(width, height, data).expect("as many bytes as pixels")
}

/// A face of human proportions somewhere in the frame, often too near to an edge.
fn face(dice: &mut Dice, frame: &Raster) -> FaceGeometry {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let across = dice.between(0.12, 0.6) * width.min(height);
    let (middle, eyes) = (
        width * dice.between(0.3, 0.7),
        height * dice.between(0.2, 0.6),
    );
    let (apart, tilt) = (
        across * dice.between(0.40, 0.50),
        across * dice.between(-0.03, 0.03),
    );
    let eye = |side: f32| Point {
        x: middle + side * apart / 2.0,
        y: eyes + side * tilt / 2.0,
    };
    FaceGeometry {
        picture_width: frame.width(),
        picture_height: frame.height(),
        faces: 1,
        crown_y: (eyes - across * dice.between(0.65, 1.3)).max(0.0),
        left_eye: eye(1.0),
        right_eye: eye(-1.0),
        chin: Point {
            x: middle,
            y: eyes + across * dice.between(0.7, 0.95),
        },
        cheek_min_x: middle - across / 2.0,
        cheek_max_x: middle + across / 2.0,
    }
}

/// Width, height and pixels, by the `jpeg-decoder` crate and by `zune-jpeg`.
fn read_by_two(jpeg: &[u8]) -> [(usize, usize, Vec<u8>); 2] {
    let mut one = jpeg_decoder::Decoder::new(jpeg);
    let pixels = one.decode().expect("jpeg-decoder reads it");
    let about = one.info().expect("it was read");
    let mut other = zune_jpeg::JpegDecoder::new(ZCursor::new(jpeg));
    let others = other.decode().expect("zune-jpeg reads it");
    let size = other.dimensions().expect("it was read");
    [
        (about.width.into(), about.height.into(), pixels),
        (size.0, size.1, others),
    ]
}

fn mean_difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / one.len() as f64
}

#[test]
fn random_crops_meet_window_and_bands_or_are_refused_by_name() {
    let asked = std::env::var("LIKENESS_CROPS");
    let wanted: usize = asked.map_or(120, |text| text.parse().expect("a number"));
    let profile = Profile::named("national").expect("it is ours");
    let mut dice = Dice(SEED);
    let (mut made, mut tries) = (0, 0);
    let mut refused = std::collections::BTreeMap::<&str, usize>::new();
    for at in 0..wanted {
        let frame = frame(&mut dice);
        let face = face(&mut dice, &frame);
        let crop = match compose(&profile, &face) {
            Ok(crop) => crop,
            Err(finding) => {
                *refused.entry(finding.code.code()).or_default() += 1;
                continue;
            }
        };
        let portrait = render(&frame, &crop, &profile).expect("it lies in the frame");
        let encoded = match encode(&portrait, &profile) {
            Ok(encoded) => encoded,
            Err(finding) => {
                let of_the_window = [FindingCode::TooFewBytes, FindingCode::TooManyBytes];
                assert!(of_the_window.contains(&finding.code), "{at}: {finding:?}");
                *refused.entry(finding.code.code()).or_default() += 1;
                continue;
            }
        };
        let blocking = judge(&profile, &face.through(&crop), Some(&crop));
        let blocking: Vec<_> = blocking
            .iter()
            .filter(|finding| finding.severity() == portrait::Severity::Blocks)
            .collect();
        assert!(blocking.is_empty(), "{at}: {blocking:?}");
        assert!(
            profile.bytes.holds(encoded.jpeg.len()),
            "{at}: {} bytes",
            encoded.jpeg.len()
        );
        let layout = JpegLayout::read(&encoded.jpeg).expect("a JPEG");
        assert_eq!(layout.quality, Some(encoded.quality), "{at}");
        assert!(
            (profile.quality_min..=100).contains(&encoded.quality),
            "{at}"
        );
        let [one, other] = read_by_two(&encoded.jpeg);
        assert_eq!((one.0, one.1), (480, 640), "{at}");
        assert_eq!((other.0, other.1), (480, 640), "{at}");
        // Two ways to widen the colour channels differ a little on noise.
        let apart = mean_difference(&one.2, &other.2);
        assert!(apart < 4.0, "{at}: the two decoders differ by {apart}");
        let lost = mean_difference(&one.2, portrait.data());
        assert!(lost < 16.0, "{at}: a sample is {lost} off");
        made += 1;
        tries += encoded.tries;
    }
    println!("seed {SEED}: {made} of {wanted} made, {tries} encodings; refused: {refused:?}");
    assert!(made * 5 > wanted, "hardly any was made: {refused:?}");
    assert!(
        refused.len() >= 4,
        "hardly anything was refused: {refused:?}"
    );
    let for_each = f64::from(tries) / f64::from(u32::try_from(made).expect("few"));
    assert!(for_each < 5.0, "{for_each} encodings a portrait");
}
