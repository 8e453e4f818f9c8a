//! A portrait against its profile.

use crate::background::background_distance;
use crate::compose::Crop;
use crate::decode::decode;
use crate::finding::{Finding, FindingCode};
use crate::geometry::FaceGeometry;
use crate::jpeg::JpegLayout;
use crate::profile::{Band, Profile};

/// From this margin on, a crown measured 5 pixels differently is still inside its band of 60 pixels; 5 is
/// the usual difference between our measure and the eye.
const MARGIN_SAFE: f64 = 5.0 / 30.0;

/// Judges where the face lies in a portrait. `face` is in pixels of the portrait (see
/// [`FaceGeometry::through`]); `crop` is known when the portrait was just made, and tells how much
/// the frame was enlarged.
///
/// An empty list means that every demand that was measured is met.
#[must_use]
pub fn judge(profile: &Profile, face: &FaceGeometry, crop: Option<&Crop>) -> Vec<Finding> {
    let one_face = Band { min: 1.0, max: 1.0 };
    if face.faces == 0 {
        return vec![Finding::measured(FindingCode::NoFace, 0.0, one_face)];
    }
    if !face.is_plausible() {
        return vec![Finding::plain(FindingCode::ImplausibleFace)];
    }
    let off_centre = f64::from(face.centre_x()) - f64::from(face.picture_width) / 2.0;
    let symmetric = |max: f64| Band { min: -max, max };
    let mut demands = vec![
        (FindingCode::SeveralFaces, f64::from(face.faces), one_face),
        (
            FindingCode::CrownOutOfBand,
            f64::from(face.crown_y),
            profile.crown,
        ),
        (
            FindingCode::EyeLineOutOfBand,
            f64::from(face.eye_line_y()),
            profile.eye_line,
        ),
        (
            FindingCode::FaceWidthOutOfBand,
            f64::from(face.face_width()),
            profile.face_width,
        ),
        (
            FindingCode::OffCentre,
            off_centre,
            symmetric(profile.off_centre_max),
        ),
        (
            FindingCode::EyesTilted,
            f64::from(face.tilt_deg()),
            symmetric(profile.tilt_deg_max),
        ),
    ];
    if let Some(crop) = crop {
        demands.push((
            FindingCode::Enlarged,
            crop.scale(),
            Band { min: 0.0, max: 1.0 },
        ));
        let safe = Band {
            min: MARGIN_SAFE,
            max: 1.0,
        };
        demands.push((FindingCode::CloseToBand, crop.margin(), safe));
    }
    unmet(demands)
}

/// Judges a finished file. With `face`, in pixels of the file, also where the face lies.
///
/// An empty list means that every demand that was measured is met.
#[must_use]
pub fn check(jpeg: &[u8], profile: &Profile, face: Option<&FaceGeometry>) -> Vec<Finding> {
    let Ok(layout) = JpegLayout::read(jpeg) else {
        return vec![Finding::plain(FindingCode::Unreadable)];
    };
    let mut findings = check_layout(&layout, jpeg.len(), profile);
    match decode(jpeg) {
        Ok(portrait) => {
            let found = background_distance(&portrait, &profile.background);
            let allowed = Band {
                min: 0.0,
                max: profile.background.delta_e_max,
            };
            findings.extend(unmet(vec![(FindingCode::BackgroundColour, found, allowed)]));
        }
        Err(_) => findings.push(Finding::plain(FindingCode::Unreadable)),
    }
    if let Some(face) = face {
        findings.extend(judge(profile, face, None));
    }
    findings
}

/// What the headers say, against the profile.
fn check_layout(layout: &JpegLayout, length: usize, profile: &Profile) -> Vec<Finding> {
    let exactly = |number: f64| Band {
        min: number,
        max: number,
    };
    let (dpi_across, dpi_down) = layout.dpi.unwrap_or((0.0, 0.0));
    let metadata = (layout.metadata_bytes + layout.trailing_bytes) as f64;
    let over = length > profile.bytes.max;
    let size = if over {
        FindingCode::TooManyBytes
    } else {
        FindingCode::TooFewBytes
    };
    let mut demands = vec![
        (
            FindingCode::PixelSize,
            f64::from(layout.width),
            exactly(f64::from(profile.width)),
        ),
        (
            FindingCode::PixelSize,
            f64::from(layout.height),
            exactly(f64::from(profile.height)),
        ),
        (
            FindingCode::Density,
            dpi_across,
            exactly(f64::from(profile.dpi)),
        ),
        (
            FindingCode::Density,
            dpi_down,
            exactly(f64::from(profile.dpi)),
        ),
        (
            FindingCode::Components,
            f64::from(layout.components),
            exactly(3.0),
        ),
        (size, length as f64, profile.bytes.band()),
        (FindingCode::CarriesMetadata, metadata, exactly(0.0)),
    ];
    if let Some(quality) = layout.quality {
        let allowed = Band {
            min: f64::from(profile.quality_min),
            max: 100.0,
        };
        demands.push((FindingCode::QualityTooLow, f64::from(quality), allowed));
    }
    let mut findings = unmet(demands);
    if layout.precision != 8 && layout.components == 3 {
        findings.push(Finding::plain(FindingCode::Components));
    }
    if layout.components == 3 && layout.sampling != [(2, 2), (1, 1), (1, 1)] {
        let halved = exactly(4.0);
        let (across, down) = layout.sampling.first().copied().unwrap_or((1, 1));
        let found = f64::from(across) * f64::from(down);
        findings.push(Finding::measured(FindingCode::Subsampling, found, halved));
    }
    findings
}

fn unmet(demands: Vec<(FindingCode, f64, Band)>) -> Vec<Finding> {
    demands
        .into_iter()
        .filter(|(_, value, band)| !band.holds(*value))
        .map(|(code, value, band)| Finding::measured(code, value, band))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::compose;
    use crate::geometry::{Point, tests::adult};

    fn codes(findings: &[Finding]) -> Vec<FindingCode> {
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn each_measure_out_of_band_is_found_alone() {
        let profile = Profile::named("national").unwrap();
        let crop = compose(&profile, &adult()).unwrap();
        let good = adult().through(&crop);
        assert_eq!(judge(&profile, &good, Some(&crop)), vec![]);
        let of = |face: FaceGeometry| codes(&judge(&profile, &face, None));
        assert_eq!(of(FaceGeometry { faces: 0, ..good }), [FindingCode::NoFace]);
        assert_eq!(
            of(FaceGeometry { faces: 2, ..good }),
            [FindingCode::SeveralFaces]
        );
        assert_eq!(
            of(FaceGeometry {
                crown_y: 49.0,
                ..good
            }),
            [FindingCode::CrownOutOfBand]
        );
        let narrow = FaceGeometry {
            cheek_min_x: 200.0,
            cheek_max_x: 280.0,
            ..good
        };
        assert_eq!(of(narrow), [FindingCode::FaceWidthOutOfBand]);
        let aside = FaceGeometry {
            cheek_min_x: good.cheek_min_x + 30.0,
            cheek_max_x: good.cheek_max_x + 30.0,
            ..good
        };
        assert_eq!(of(aside), [FindingCode::OffCentre]);
        let tilted = FaceGeometry {
            left_eye: Point {
                y: good.left_eye.y + 6.0,
                ..good.left_eye
            },
            right_eye: Point {
                y: good.right_eye.y - 6.0,
                ..good.right_eye
            },
            ..good
        };
        assert_eq!(of(tilted), [FindingCode::EyesTilted]);
        let low = 301.0 - good.eye_line_y();
        let sunken = FaceGeometry {
            left_eye: Point {
                y: good.left_eye.y + low,
                ..good.left_eye
            },
            right_eye: Point {
                y: good.right_eye.y + low,
                ..good.right_eye
            },
            ..good
        };
        assert_eq!(of(sunken), [FindingCode::EyeLineOutOfBand]);
    }

    #[test]
    fn bytes_that_are_no_jpeg_are_one_finding() {
        let profile = Profile::named("national").unwrap();
        assert_eq!(
            codes(&check(b"\x89PNG", &profile, None)),
            [FindingCode::Unreadable]
        );
    }
}
