//! Shoulders and clothes.

use crate::background::{distance, lab};
use crate::finding::FindingCode;
use crate::inspect::face::median;
use crate::inspect::{Backdrop, Scene};

/// A place belongs to the person from here on, and surely from there on.
const PERSON: f32 = 0.5;
const SURELY: f32 = 0.9;
/// Columns in which the shoulders are looked for, in face widths from the middle of the face.
const SHOULDERS: [f32; 4] = [0.70, 0.76, 0.82, 0.88];
/// Clothes are taken from this far below the chin, in lengths from eyes to chin, so that neck and
/// beard do not count.
const BELOW_CHIN: f32 = 0.45;
/// Every so many pixels are looked at.
const GRID: u32 = 4;
/// Fewer samples than this say nothing.
const SAMPLES_MIN: usize = 24;
/// Hues of blue and green in Lab, in degrees, and the chroma and lightness from which a cloth has
/// such a colour: navy and black do not count, they are the dark suits that schools ask for.
const BLUE_GREEN: std::ops::RangeInclusive<f64> = 120.0..=300.0;
const CHROMA_MIN: f64 = 16.0;
const LIGHTNESS_MIN: f64 = 28.0;

pub(super) fn measures(scene: &Scene<'_>) -> Vec<(FindingCode, f64)> {
    let mut found = Vec::new();
    found.extend(shoulders(scene).map(|tilt| (FindingCode::ShouldersTilted, tilt)));
    let mut clothes = clothes(scene);
    if clothes.len() < SAMPLES_MIN {
        return found;
    }
    found.push((FindingCode::ClothesBlueGreen, blue_green(&clothes)));
    let behind = scene.backdrop.map(Backdrop::colour);
    if let (Some(cloth), Some(behind)) = (median(&mut clothes), behind) {
        found.push((FindingCode::ClothesLikeBackground, distance(cloth, behind)));
    }
    found
}

/// Tilt of the line over both shoulders in degrees, positive when the subject's left one is lower.
fn shoulders(scene: &Scene<'_>) -> Option<f64> {
    let (face, person) = (scene.face, scene.person);
    let height = scene.portrait.height() as f32;
    // The first place of the person below the chin: hair that hangs beside it is over it already.
    let top = |x: f32| {
        let inside = (0.0..scene.portrait.width() as f32).contains(&x);
        let start = face.chin.y;
        (inside && person.at(x, start) < PERSON).then_some(())?;
        (start as u32..height as u32)
            .map(|y| y as f32)
            .find(|y| person.at(x, *y) >= PERSON)
    };
    let tilts = SHOULDERS.iter().filter_map(|part| {
        let reach = part * face.face_width();
        let (right, left) = (top(face.centre_x() - reach)?, top(face.centre_x() + reach)?);
        Some(f64::from((left - right).atan2(2.0 * reach).to_degrees()))
    });
    let mut tilts: Vec<f64> = tilts.collect();
    tilts.sort_by(f64::total_cmp);
    tilts.get(tilts.len() / 2).copied()
}

/// Lab colours of the clothes beside the neck.
fn clothes(scene: &Scene<'_>) -> Vec<[f64; 3]> {
    let (portrait, face) = (scene.portrait, scene.face);
    let top = face.chin.y + BELOW_CHIN * scene.landmarks.eyes_to_chin();
    let beside = 0.5 * face.face_width();
    let rows = (top.max(0.0) as u32..portrait.height()).step_by(GRID as usize);
    let places = rows.flat_map(|y| {
        let columns = (0..portrait.width()).step_by(GRID as usize);
        columns.map(move |x| (x, y))
    });
    places
        .filter(|(x, y)| {
            let (x, y) = (*x as f32, *y as f32);
            (x - face.centre_x()).abs() > beside && scene.person.at(x, y) >= SURELY
        })
        .map(|(x, y)| lab(portrait.pixel(x, y)))
        .collect()
}

/// The share of samples that are blue or green.
fn blue_green(clothes: &[[f64; 3]]) -> f64 {
    let is_so = |colour: &&[f64; 3]| {
        let [lightness, a, b] = **colour;
        let hue = b.atan2(a).to_degrees().rem_euclid(360.0);
        lightness >= LIGHTNESS_MIN && a.hypot(b) >= CHROMA_MIN && BLUE_GREEN.contains(&hue)
    };
    clothes.iter().filter(is_so).count() as f64 / clothes.len().max(1) as f64
}
