//! What can be seen of a portrait beside where the face lies.
//!
//! Every measure is one number of pixels, landmarks or the person mask; the profile says which
//! values are allowed and how much a miss weighs. Where ISO/IEC 29794-5:2025 has a formula its
//! native value is taken (before it is mapped to 0 to 100), so that figures can be compared with
//! those of other programs; the rest is ours and says so.
//!
//! These measures serve the person who looks at the portrait. None of them decides who it is, and
//! as delivered none of them blocks: a number about pixels is no proof that a picture is bad.

mod backdrop;
mod border;
mod face;
mod person;

use crate::finding::{Finding, FindingCode};
use crate::geometry::FaceGeometry;
use crate::landmarks::{Landmarks, PersonMask};
use crate::profile::Profile;
use crate::raster::Raster;

pub use backdrop::{Backdrop, Flaw, Place, backdrop};
pub use face::light_of;

/// A portrait with what `vision` saw in it, all in pixels of the portrait.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The pixels.
    pub portrait: &'a Raster,
    /// Where the face lies.
    pub face: &'a FaceGeometry,
    /// Its points.
    pub landmarks: &'a Landmarks,
    /// Which part is the person.
    pub person: &'a PersonMask,
    /// The background, from [`backdrop`]; nothing where there is too little of it.
    pub backdrop: Option<&'a Backdrop>,
}

/// All that can be measured, in the order of the codes. What cannot (a region outside the
/// picture, no background left) is missing.
#[must_use]
pub fn measures(scene: &Scene<'_>) -> Vec<(FindingCode, f64)> {
    let mut found = pose(scene);
    found.extend(face::measures(scene));
    found.extend(scene.backdrop.map_or_else(Vec::new, Backdrop::measures));
    found.extend(person::measures(scene));
    found.push((
        FindingCode::BlackBorder,
        f64::from(border::widest(scene.portrait)),
    ));
    found.retain(|(_, value)| value.is_finite());
    found
}

/// Judges all measures by the demands of the profile; see [`Profile::demand`].
#[must_use]
pub fn inspect(scene: &Scene<'_>, profile: &Profile) -> Vec<Finding> {
    let missed = measures(scene)
        .into_iter()
        .filter_map(|(code, value)| Some((code, value, profile.demand(code)?)))
        .filter(|(_, value, demand)| !demand.band.holds(*value));
    missed
        .map(|(code, value, demand)| {
            Finding::measured(code, value, demand.band).weighing(demand.severity)
        })
        .collect()
}

/// Head and features, from points alone.
fn pose(scene: &Scene<'_>) -> Vec<(FindingCode, f64)> {
    let Scene {
        face, landmarks, ..
    } = scene;
    let head = f64::from(landmarks.chin.y - face.crown_y);
    vec![
        (
            FindingCode::HeadShare,
            head / f64::from(face.picture_height.max(1)),
        ),
        (FindingCode::HeadTurned, f64::from(landmarks.yaw_deg)),
        (FindingCode::ChinOffLevel, f64::from(landmarks.pitch_deg)),
        (FindingCode::MouthOpen, f64::from(landmarks.mouth_open())),
    ]
}

/// Pixels from one place up to another, both clamped into a side.
fn span(from: f32, to: f32, side: u32) -> std::ops::Range<u32> {
    let clamp = |value: f32| value.round().clamp(0.0, side as f32) as u32;
    clamp(from)..clamp(to)
}
