//! Light, colour and sharpness of the face, and what covers the eyes.

use crate::background::{distance, lab, linear};
use crate::finding::FindingCode;
use crate::guide::Light;
use crate::inspect::{Scene, span};
use crate::landmarks::{Eye, Landmarks};
use crate::raster::Raster;

/// Side of the squares on the cheeks, in eye distances (ISO/IEC 29794-5).
const CHEEK: f32 = 0.3;
/// At or under this luminance of 255 a pixel is too dark, at or over the other too bright
/// (ISO/IEC 29794-5).
const DARK: usize = 25;
const BRIGHT: usize = 247;
/// Skin of the cheeks has Lab a and b in these ranges (ISO/IEC 29794-5).
const SKIN_A: (f64, f64) = (5.0, 25.0);
const SKIN_B: (f64, f64) = (5.0, 35.0);
/// What ISO/IEC 29794-5 sets for skin with a negative a or b.
const FAR_FROM_SKIN: f64 = 100.0;
/// Under this chroma (Lab) a colour has no hue worth naming.
const GREYISH: f64 = 6.0;
/// A pixel whose darkest channel is at least this bright is a reflection: skin and the white of
/// eyes keep some colour under any light that does not burn them out.
const GLARE: u8 = 244;
/// Lab distance from the cheeks beyond which a pixel around the eyes is not bare skin. Ours:
/// shadow of the socket and make-up stay within about 25.
const NOT_SKIN: f64 = 32.0;
/// The same within an eye, whose lid is skin that lies in a shadow at most.
const NOT_LID: f64 = 22.0;
/// Under this gap of lids (as of `eyes-closed`, whose usual limit it is) nobody can tell where eyes look.
const GAZE_LIDS: f64 = 0.025;
/// Pixels over which the picture is averaged to be compared with itself.
const BLUR: u32 = 9;

pub(super) fn measures(scene: &Scene<'_>) -> Vec<(FindingCode, f64)> {
    let (portrait, landmarks) = (scene.portrait, scene.landmarks);
    let mut found = Vec::new();
    found.extend(light(portrait, landmarks));
    found.extend(cheeks(portrait, landmarks));
    found.extend(eyes(portrait, landmarks));
    found.extend(sharpness(portrait, landmarks));
    found
}

// --- light -----------------------------------------------------------------------------------

/// Relative luminance of each level of a histogram, 0 to 255, of the pixels that were counted.
struct Histogram {
    counts: [u32; 256],
    total: f64,
}

impl Histogram {
    fn of(pixels: impl Iterator<Item = [u8; 3]>) -> Option<Self> {
        let mut counts = [0; 256];
        let mut total = 0_u32;
        for [r, g, b] in pixels {
            let luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
            counts[(luminance * 255.0).round().clamp(0.0, 255.0) as usize] += 1;
            total += 1;
        }
        (total > 0).then(|| Self {
            counts,
            total: f64::from(total),
        })
    }

    fn share(&self, levels: std::ops::RangeInclusive<usize>) -> f64 {
        let counted: u32 = self.counts[levels].iter().sum();
        f64::from(counted) / self.total
    }

    /// Mean luminance, 0 to 1.
    fn mean(&self) -> f64 {
        let sum: f64 = (0_u32..)
            .zip(&self.counts)
            .map(|(level, count)| f64::from(level) * f64::from(*count))
            .sum();
        sum / self.total / 255.0
    }

    /// Entropy in bits, 0 to 8.
    fn entropy(&self) -> f64 {
        let shares = self
            .counts
            .iter()
            .map(|count| f64::from(*count) / self.total);
        -shares
            .filter(|share| *share > 0.0)
            .map(|share| share * share.log2())
            .sum::<f64>()
    }

    /// The part that two have in common, 0 to 1.
    fn common(&self, other: &Self) -> f64 {
        let pairs = self.counts.iter().zip(&other.counts);
        pairs
            .map(|(one, two)| (f64::from(*one) / self.total).min(f64::from(*two) / other.total))
            .sum()
    }
}

/// How a face is lit, as `face-too-dark` and `face-too-bright` measure it; without a face the picture,
/// of which every eighth pixel tells enough.
#[must_use]
pub fn light_of(picture: &Raster, landmarks: Option<&Landmarks>) -> Light {
    const EACH: usize = 8;
    let histogram = match landmarks {
        Some(landmarks) => Histogram::of(
            rows_of(landmarks, picture)
                .into_iter()
                .flat_map(|(y, across)| across.map(move |x| picture.pixel(x, y))),
        ),
        None => Histogram::of((0..picture.height()).step_by(EACH).flat_map(|y| {
            let across = (0..picture.width()).step_by(EACH);
            across.map(move |x| picture.pixel(x, y))
        })),
    };
    histogram.map_or(
        Light {
            dark: 1.0,
            mean: 0.0,
        },
        |histogram| Light {
            dark: histogram.share(0..=DARK),
            mean: histogram.mean(),
        },
    )
}

/// Exposure and dynamic range over the outline of the face.
fn light(portrait: &Raster, landmarks: &Landmarks) -> Vec<(FindingCode, f64)> {
    let pixels = rows_of(landmarks, portrait)
        .into_iter()
        .flat_map(|(y, across)| across.map(move |x| portrait.pixel(x, y)));
    let Some(histogram) = Histogram::of(pixels) else {
        return Vec::new();
    };
    vec![
        (FindingCode::FaceTooDark, histogram.share(0..=DARK)),
        (FindingCode::FaceTooBright, histogram.mean()),
        (FindingCode::Highlights, histogram.share(BRIGHT..=255)),
        (FindingCode::LowContrast, histogram.entropy()),
    ]
}

/// The rows of pixels whose centres lie inside the outline of the face.
fn rows_of(landmarks: &Landmarks, portrait: &Raster) -> Vec<(u32, std::ops::Range<u32>)> {
    let [_, top, _, bottom] = landmarks.bounds();
    let mut rows = Vec::new();
    for y in span(top, bottom, portrait.height()) {
        let level = y as f32 + 0.5;
        let points = &landmarks.outline;
        let edges = points.iter().zip(points.iter().cycle().skip(1));
        let mut crossings: Vec<f32> = edges
            .filter(|(a, b)| (a.y <= level) != (b.y <= level))
            .map(|(a, b)| a.x + (level - a.y) / (b.y - a.y) * (b.x - a.x))
            .collect();
        crossings.sort_by(f32::total_cmp);
        let pairs = crossings.chunks_exact(2);
        rows.extend(pairs.map(|pair| (y, span(pair[0], pair[1], portrait.width()))));
    }
    rows
}

// --- colour ----------------------------------------------------------------------------------

/// The square on the cheek under an eye: in the middle between the eye and the line of the lips.
fn cheek(eye: &Eye, landmarks: &Landmarks) -> [f32; 4] {
    let (centre, half) = (eye.centre(), landmarks.eye_distance() * CHEEK / 2.0);
    let (upper, lower) = landmarks.lips[1];
    let y = f32::midpoint(centre.y, f32::midpoint(upper.y, lower.y));
    [centre.x - half, y - half, centre.x + half, y + half]
}

fn pixels_in(portrait: &Raster, [left, top, right, bottom]: [f32; 4]) -> Vec<[u8; 3]> {
    let columns = span(left, right, portrait.width());
    span(top, bottom, portrait.height())
        .flat_map(|y| columns.clone().map(move |x| portrait.pixel(x, y)))
        .collect()
}

/// Evenness of the light from both sides, and the colour of the skin.
fn cheeks(portrait: &Raster, landmarks: &Landmarks) -> Vec<(FindingCode, f64)> {
    let at = |eye: &Eye| pixels_in(portrait, cheek(eye, landmarks));
    let (right, left) = (at(&landmarks.right_eye), at(&landmarks.left_eye));
    let histograms = (
        Histogram::of(right.iter().copied()),
        Histogram::of(left.iter().copied()),
    );
    let (Some(one), Some(other)) = histograms else {
        return Vec::new();
    };
    let [_, a, b] = mean_lab(right.iter().chain(&left).copied());
    let mut found = vec![
        (FindingCode::LitFromOneSide, one.common(&other)),
        (FindingCode::UnnaturalColour, from_skin(a, b)),
    ];
    if a.hypot(b) >= GREYISH {
        found.push((FindingCode::ColourCast, b.atan2(a).to_degrees()));
    }
    found
}

fn mean_lab(pixels: impl Iterator<Item = [u8; 3]>) -> [f64; 3] {
    let (mut sum, mut count) = ([0.0; 3], 0.0_f64);
    for pixel in pixels {
        for (sum, value) in sum.iter_mut().zip(lab(pixel)) {
            *sum += value;
        }
        count += 1.0;
    }
    sum.map(|sum| sum / count.max(1.0))
}

/// Distance of a colour from the range of skin, as ISO/IEC 29794-5 takes it.
fn from_skin(a: f64, b: f64) -> f64 {
    if a < 0.0 || b < 0.0 {
        return FAR_FROM_SKIN;
    }
    let outside =
        |value: f64, (least, most): (f64, f64)| (least - value).max(value - most).max(0.0);
    outside(a, SKIN_A).hypot(outside(b, SKIN_B))
}

// --- around the eyes ---------------------------------------------------------------------------

/// Lids and gaze, and reflections and coverings in the boxes around both eyes, from the brow to where
/// lenses end.
fn eyes(portrait: &Raster, landmarks: &Landmarks) -> Vec<(FindingCode, f64)> {
    let mut skin: Vec<[f64; 3]> = [&landmarks.right_eye, &landmarks.left_eye]
        .into_iter()
        .flat_map(|eye| pixels_in(portrait, cheek(eye, landmarks)))
        .map(lab)
        .collect();
    let Some(skin) = median(&mut skin) else {
        return Vec::new();
    };
    let (mut glare, mut covered) = (0.0_f64, 0.0_f64);
    for eye in [&landmarks.right_eye, &landmarks.left_eye] {
        let around = pixels_in(portrait, lens(eye, landmarks));
        let share = |counted: usize| counted as f64 / around.len().max(1) as f64;
        let burnt = around
            .iter()
            .filter(|pixel| pixel.iter().all(|c| *c >= GLARE));
        glare = glare.max(share(burnt.count()));
        let foreign = around
            .iter()
            .filter(|p| distance(lab(**p), skin) > NOT_SKIN);
        covered = covered.max(share(foreign.count()));
    }
    let lids = lids(portrait, landmarks, skin);
    let mut found = vec![
        (FindingCode::EyesClosed, lids),
        (FindingCode::GlassesGlare, glare),
        (FindingCode::EyesCovered, covered),
    ];
    if lids >= GAZE_LIDS {
        let gaze = landmarks.gaze().map(f64::from);
        found.extend(gaze.map(|gaze| (FindingCode::Gaze, gaze)));
    }
    found
}

/// The gap of the lids by T, as ISO/IEC 29794-5 measures open eyes, as far as it is seen: the mesh
/// lays open eyes over closed ones as well, so the gap counts only by the share of the eye that is
/// not skin. In a closed eye that is the line of the lashes.
fn lids(portrait: &Raster, landmarks: &Landmarks, skin: [f64; 3]) -> f64 {
    let seen = |eye: &Eye| {
        let [one, other] = eye.corners;
        let (across, down) = ((one.x - other.x).abs() * 0.4, (one.x - other.x).abs() * 0.2);
        let centre = eye.centre();
        let inside = pixels_in(
            portrait,
            [
                centre.x - across,
                centre.y - down,
                centre.x + across,
                centre.y + down,
            ],
        );
        let foreign = inside.iter().filter(|p| distance(lab(**p), skin) > NOT_LID);
        foreign.count() as f64 / inside.len().max(1) as f64
    };
    let widest = seen(&landmarks.right_eye).max(seen(&landmarks.left_eye));
    f64::from(landmarks.eyes_open()) * widest
}

/// Where a lens would be: around the eye, from under the brow to a quarter of the eye distance
/// below.
fn lens(eye: &Eye, landmarks: &Landmarks) -> [f32; 4] {
    let reach = landmarks.eye_distance();
    let centre = eye.centre();
    [
        centre.x - 0.35 * reach,
        eye.brow.y.min(centre.y),
        centre.x + 0.35 * reach,
        centre.y + 0.3 * reach,
    ]
}

/// The median of each of three numbers.
pub(super) fn median(colours: &mut [[f64; 3]]) -> Option<[f64; 3]> {
    if colours.is_empty() {
        return None;
    }
    let middle = colours.len() / 2;
    Some(std::array::from_fn(|channel| {
        let by = |one: &[f64; 3], other: &[f64; 3]| one[channel].total_cmp(&other[channel]);
        colours.select_nth_unstable_by(middle, by).1[channel]
    }))
}

// --- sharpness ---------------------------------------------------------------------------------

/// How little is lost when the face is blurred once more: the *blur effect* of Crete, Dolmiere,
/// Ladret and Nicolas (2007), across and down apart. 0 is as sharp as noise, 1 has no detail left.
/// ISO/IEC 29794-5 leaves the judgement to a trained forest, which is not published with it.
fn sharpness(portrait: &Raster, landmarks: &Landmarks) -> Vec<(FindingCode, f64)> {
    let [left, top, right, bottom] = landmarks.bounds();
    let columns = span(left, right, portrait.width());
    let rows = span(top, bottom, portrait.height());
    let luma = |x: u32, y: u32| {
        let [r, g, b] = portrait.pixel(x, y).map(f64::from);
        0.299 * r + 0.587 * g + 0.114 * b
    };
    let across: Vec<Vec<f64>> = rows
        .clone()
        .map(|y| columns.clone().map(|x| luma(x, y)).collect())
        .collect();
    let down: Vec<Vec<f64>> = columns
        .map(|x| rows.clone().map(|y| luma(x, y)).collect())
        .collect();
    let (Some(across), Some(down)) = (blur_effect(&across), blur_effect(&down)) else {
        return Vec::new();
    };
    vec![
        (FindingCode::Blurred, across.min(down)),
        (FindingCode::MotionBlurred, (across - down).abs()),
    ]
}

/// The blur effect along lines of numbers; nothing where there is no line or no difference.
fn blur_effect(lines: &[Vec<f64>]) -> Option<f64> {
    let (mut all, mut lost) = (0.0, 0.0);
    for line in lines {
        let half = BLUR as usize / 2;
        let mean = |at: usize| {
            let window = &line[at.saturating_sub(half)..(at + half + 1).min(line.len())];
            window.iter().sum::<f64>() / window.len() as f64
        };
        let smooth: Vec<f64> = (0..line.len()).map(mean).collect();
        for at in 1..line.len() {
            let sharp = (line[at] - line[at - 1]).abs();
            let blurred = (smooth[at] - smooth[at - 1]).abs();
            all += sharp;
            lost += (sharp - blurred).max(0.0);
        }
    }
    (all > 0.0).then(|| (all - lost) / all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landmarks::tests::{front, looking};

    fn value(found: &[(FindingCode, f64)], code: FindingCode) -> f64 {
        found.iter().find(|(known, _)| *known == code).unwrap().1
    }

    /// By hand: level 137 has the linear light 0.250 and so the luminance 64 of 255.
    #[test]
    fn one_grey_is_one_level_of_luminance() {
        let grey = Raster::filled(480, 640, [137; 3]).unwrap();
        let found = light(&grey, &front());
        let mean = value(&found, FindingCode::FaceTooBright);
        assert!((mean - 64.0 / 255.0).abs() < 1e-9, "{mean}");
        assert!(value(&found, FindingCode::LowContrast).abs() < 1e-9);
        assert!(value(&found, FindingCode::FaceTooDark).abs() < 1e-9);
        assert!(value(&found, FindingCode::Highlights).abs() < 1e-9);
    }

    /// By hand: level 89 gives 25.6 of 255 and is dark no more, level 88 gives 24.98 and is; level
    /// 252 gives 248.3 and is burnt out. Four levels of equal share have two bits.
    #[test]
    fn shares_and_entropy_are_counted() {
        let pixels = |levels: [u8; 4]| levels.map(|level| [level; 3]).into_iter();
        let histogram = Histogram::of(pixels([88, 90, 180, 252])).unwrap();
        assert!((histogram.share(0..=DARK) - 0.25).abs() < 1e-9);
        assert!((histogram.share(BRIGHT..=255) - 0.25).abs() < 1e-9);
        assert!((histogram.entropy() - 2.0).abs() < 1e-9);
        let other = Histogram::of(pixels([88, 88, 180, 10])).unwrap();
        // A quarter at 88 and a quarter at 180.
        assert!((histogram.common(&other) - 0.5).abs() < 1e-9);
        assert!((histogram.common(&histogram) - 1.0).abs() < 1e-9);
        assert!(Histogram::of(std::iter::empty()).is_none());
    }

    /// By hand: from (2, 39) to the corner (5, 35) are a 3-4-5 triangle.
    #[test]
    fn skin_has_a_range_of_colours() {
        assert!(from_skin(15.0, 20.0).abs() < 1e-9);
        assert!((from_skin(2.0, 39.0) - 5.0).abs() < 1e-9);
        assert!((from_skin(30.0, 20.0) - 5.0).abs() < 1e-9);
        assert!((from_skin(-0.1, 20.0) - FAR_FROM_SKIN).abs() < 1e-9);
    }

    #[test]
    fn cheeks_in_different_light_have_nothing_in_common() {
        let mut portrait = Raster::filled(480, 640, [210, 170, 150]).unwrap();
        let both = cheeks(&portrait, &front());
        assert!((value(&both, FindingCode::LitFromOneSide) - 1.0).abs() < 1e-9);
        assert!(value(&both, FindingCode::UnnaturalColour).abs() < 1e-9);
        for y in 0..640 {
            for x in 240..480 {
                portrait.set_pixel(x, y, [150, 110, 90]);
            }
        }
        let apart = cheeks(&portrait, &front());
        assert!(value(&apart, FindingCode::LitFromOneSide).abs() < 1e-9);
        let grey = cheeks(&Raster::filled(480, 640, [128; 3]).unwrap(), &front());
        assert!(
            !grey
                .iter()
                .any(|(code, _)| *code == FindingCode::ColourCast)
        );
    }

    #[test]
    fn the_outline_is_filled() {
        let portrait = Raster::filled(480, 640, [0; 3]).unwrap();
        let rows = rows_of(&front(), &portrait);
        assert_eq!(rows.len(), 230);
        let (_, widest) = rows.iter().max_by_key(|(_, across)| across.len()).unwrap();
        assert_eq!(*widest, 135..345);
    }

    /// A step of one pixel loses much when it is blurred, a long ramp next to nothing.
    #[test]
    fn the_blur_effect_tells_steps_from_ramps() {
        let step: Vec<f64> = (0..40).map(|x| if x < 20 { 0.0 } else { 90.0 }).collect();
        let ramp: Vec<f64> = (0..40).map(|x| f64::from(x) * 3.0).collect();
        // By hand: nine differences of a ninth remain of the step, the largest of them 10 of 90.
        let sharp = blur_effect(&[step]).unwrap();
        assert!((sharp - 1.0 / 9.0).abs() < 1e-9, "{sharp}");
        assert!(blur_effect(&[ramp]).unwrap() > 0.8);
        assert_eq!(blur_effect(&[vec![5.0; 40]]), None);
    }

    /// By hand: lids 12 apart by a T of 160 are 0.075; half of the eye's box is dark, half skin.
    #[test]
    fn lids_count_as_far_as_an_eye_is_seen() {
        let mut portrait = Raster::filled(480, 640, [210, 170, 150]).unwrap();
        let skin = lab([210, 170, 150]);
        assert!(lids(&portrait, &front(), skin).abs() < 1e-9);
        for y in 250..300 {
            for x in 0..480 {
                portrait.set_pixel(x, y, [40, 25, 20]);
            }
        }
        let half = lids(&portrait, &front(), skin);
        assert!((half - 0.0375).abs() < 1e-6, "{half}");
    }

    /// Eyes of which half is dark are seen and look somewhere; of skin from lid to lid nobody can tell.
    #[test]
    fn closed_eyes_look_nowhere() {
        let mut portrait = Raster::filled(480, 640, [210, 170, 150]).unwrap();
        let face = looking(2.0, 6.0);
        let told = |found: Vec<(FindingCode, f64)>| {
            found
                .into_iter()
                .find(|(code, _)| *code == FindingCode::Gaze)
        };
        assert_eq!(told(eyes(&portrait, &face)), None);
        for y in 250..300 {
            for x in 0..480 {
                portrait.set_pixel(x, y, [40, 25, 20]);
            }
        }
        let (_, gaze) = told(eyes(&portrait, &face)).unwrap();
        assert!((gaze - 0.1).abs() < 1e-6, "{gaze}");
        assert_eq!(told(eyes(&portrait, &front())), None);
    }

    #[test]
    fn a_reflection_and_a_fringe_are_seen_in_the_boxes_of_the_eyes() {
        let mut portrait = Raster::filled(480, 640, [210, 170, 150]).unwrap();
        let clean = eyes(&portrait, &front());
        assert!(value(&clean, FindingCode::GlassesGlare).abs() < 1e-9);
        assert!(value(&clean, FindingCode::EyesCovered).abs() < 1e-9);
        for y in 240..250 {
            for x in 180..190 {
                portrait.set_pixel(x, y, [255; 3]);
            }
        }
        let glare = value(&eyes(&portrait, &front()), FindingCode::GlassesGlare);
        // The box is 77 pixels wide and 58 high.
        assert!((glare - 100.0 / (77.0 * 58.0)).abs() < 0.001, "{glare}");
        for y in 200..265 {
            for x in 0..480 {
                portrait.set_pixel(x, y, [30, 25, 25]);
            }
        }
        assert!(value(&eyes(&portrait, &front()), FindingCode::EyesCovered) > 0.6);
    }
}
