//! Moving the head within the portrait by hand, never out of the bands.
//!
//! [`compose`](crate::compose) puts the head where it is safest; a person may see a better place. For a given scale
//! every measure and every edge of the frame is a limit on how far the cut lies across and down, so where
//! the head may be is a rectangle. A step that would leave it ends at its edge and says which limit that
//! is; a change of size goes as far as the rectangle is not empty.

use crate::compose::Crop;
use crate::finding::{Finding, FindingCode};
use crate::geometry::FaceGeometry;
use crate::profile::Profile;

/// How far one step moves the head, in pixels of the portrait: a fifteenth of the usual band of the crown.
pub const STEP_PX: f64 = 4.0;
/// By how much one step makes the head larger or smaller.
pub const STEP_SIZE: f64 = 1.02;

/// A hand keeps this far within the ends, in pixels of the portrait: the judge reads the measures through
/// `f32`, and again from the finished file.
const WITHIN_PX: f64 = 0.05;
/// Halvings of a change of size; each leaves half a step.
const HALVINGS: u32 = 30;

/// Where the head goes in the portrait, as it is seen there: never mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// To the left of the portrait.
    Left,
    /// To the right of the portrait.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Larger.
    Larger,
    /// Smaller.
    Smaller,
}

/// A crop after a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nudged {
    /// Where it is cut now.
    pub crop: Crop,
    /// The limit that the step ended at, where it did.
    pub stopped: Option<FindingCode>,
}

/// Moves the head by one step, as far as bands and frame allow. `face` is in pixels of the frame.
///
/// # Errors
/// `implausible-face` where the measures cannot be those of a face; there is nothing to go by.
pub fn nudge(
    crop: &Crop,
    face: &FaceGeometry,
    profile: &Profile,
    step: Step,
) -> Result<Nudged, Finding> {
    if !face.is_plausible() {
        return Err(Finding::plain(FindingCode::ImplausibleFace));
    }
    let room = Room::new(face, profile);
    let here = Place::of(crop);
    let (place, stopped) = match step {
        Step::Left => room.moved(here, STEP_PX, 0.0),
        Step::Right => room.moved(here, -STEP_PX, 0.0),
        Step::Up => room.moved(here, 0.0, STEP_PX),
        Step::Down => room.moved(here, 0.0, -STEP_PX),
        Step::Larger => room.sized(here, STEP_SIZE),
        Step::Smaller => room.sized(here, 1.0 / STEP_SIZE),
    };
    Ok(Nudged {
        crop: room.crop(place),
        stopped,
    })
}

/// A crop in portrait pixels: its scale, and how much is cut away on the left and above.
#[derive(Clone, Copy)]
struct Place {
    scale: f64,
    left: f64,
    cut: f64,
}

impl Place {
    fn of(crop: &Crop) -> Self {
        let scale = crop.scale();
        Self {
            scale,
            left: crop.left() * scale,
            cut: crop.top() * scale,
        }
    }
}

/// From here to there, with what ends it.
#[derive(Clone, Copy)]
struct Span {
    min: (f64, FindingCode),
    max: (f64, FindingCode),
}

impl Span {
    fn of(limits: [(f64, f64, FindingCode, FindingCode); 3]) -> Self {
        let unlimited = FindingCode::FrameTooTight;
        let mut span = Self {
            min: (f64::NEG_INFINITY, unlimited),
            max: (f64::INFINITY, unlimited),
        };
        for (min, max, at_min, at_max) in limits {
            if min > span.min.0 {
                span.min = (min, at_min);
            }
            if max < span.max.0 {
                span.max = (max, at_max);
            }
        }
        span
    }

    /// What is empty has no place; the end that comes first is told.
    fn is_empty(&self) -> bool {
        self.min.0 > self.max.0
    }

    /// The nearest place to `wanted`; where one already is outside, one may stay, but not go on.
    fn nearest(&self, here: f64, wanted: f64) -> (f64, Option<FindingCode>) {
        let (min, max) = (self.min.0.min(here), self.max.0.max(here));
        if wanted < min {
            (min, Some(self.min.1))
        } else if wanted > max {
            (max, Some(self.max.1))
        } else {
            (wanted, None)
        }
    }
}

/// The limits of one frame, face and profile.
struct Room<'a> {
    profile: &'a Profile,
    frame: (f64, f64),
    crown: f64,
    eye_line: f64,
    face_width: f64,
    centre: f64,
}

impl<'a> Room<'a> {
    fn new(face: &FaceGeometry, profile: &'a Profile) -> Self {
        Self {
            profile,
            frame: (
                f64::from(face.picture_width),
                f64::from(face.picture_height),
            ),
            crown: f64::from(face.crown_y),
            eye_line: f64::from(face.eye_line_y()),
            face_width: f64::from(face.face_width()),
            centre: f64::from(face.centre_x()),
        }
    }

    /// How far it may be cut on the left.
    fn across(&self, scale: f64) -> Span {
        let centred = self.centre * scale - f64::from(self.profile.width) / 2.0;
        let off = self.profile.off_centre_max - WITHIN_PX;
        let most = self.frame.0 * scale - f64::from(self.profile.width);
        let aside = FindingCode::FrameTooTightAside;
        let middle = FindingCode::OffCentre;
        Span::of([
            (
                0.0,
                most,
                FindingCode::FrameTooTightLeft,
                FindingCode::FrameTooTightRight,
            ),
            (centred - off, centred + off, middle, middle),
            (f64::NEG_INFINITY, f64::INFINITY, aside, aside),
        ])
    }

    /// How far it may be cut above.
    fn down(&self, scale: f64) -> Span {
        let (crown, eyes) = (&self.profile.crown, &self.profile.eye_line);
        let (at_crown, at_eyes) = (self.crown * scale, self.eye_line * scale);
        let most = self.frame.1 * scale - f64::from(self.profile.height);
        Span::of([
            (
                0.0,
                most,
                FindingCode::FrameTooTightAbove,
                FindingCode::FrameTooTightBelow,
            ),
            (
                at_crown - crown.max + WITHIN_PX,
                at_crown - crown.min - WITHIN_PX,
                FindingCode::CrownOutOfBand,
                FindingCode::CrownOutOfBand,
            ),
            (
                at_eyes - eyes.max + WITHIN_PX,
                at_eyes - eyes.min - WITHIN_PX,
                FindingCode::EyeLineOutOfBand,
                FindingCode::EyeLineOutOfBand,
            ),
        ])
    }

    fn moved(&self, here: Place, across: f64, down: f64) -> (Place, Option<FindingCode>) {
        let (left, aside) = self
            .across(here.scale)
            .nearest(here.left, here.left + across);
        let (cut, above) = self.down(here.scale).nearest(here.cut, here.cut + down);
        // What was not moved cannot have stopped.
        let stopped = if across == 0.0 { above } else { aside };
        (Place { left, cut, ..here }, stopped)
    }

    /// Changes the size about the middle of the eyes.
    fn sized(&self, here: Place, factor: f64) -> (Place, Option<FindingCode>) {
        match self.at_size(here, here.scale * factor) {
            Ok(place) => (place, None),
            Err(stopped) => {
                let (mut good, mut place, mut bad) = (0.0_f64, here, 1.0_f64);
                for _ in 0..HALVINGS {
                    let share = f64::midpoint(good, bad);
                    let scale = here.scale * (1.0 + (factor - 1.0) * share);
                    match self.at_size(here, scale) {
                        Ok(found) => (good, place) = (share, found),
                        Err(_) => bad = share,
                    }
                }
                (place, Some(stopped))
            }
        }
    }

    /// The place of this size that leaves the middle of the eyes nearest to where it is.
    fn at_size(&self, here: Place, scale: f64) -> Result<Place, FindingCode> {
        let width = self.face_width * scale;
        let band = &self.profile.face_width;
        if width < band.min + WITHIN_PX || width > band.max - WITHIN_PX {
            return Err(FindingCode::FaceWidthOutOfBand);
        }
        if scale > self.profile.enlargement_max {
            return Err(FindingCode::ResolutionTooLow);
        }
        let (across, down) = (self.across(scale), self.down(scale));
        for span in [&across, &down] {
            if span.is_empty() {
                return Err(span.max.1);
            }
        }
        let (grown_x, grown_y) = (
            self.centre * (scale - here.scale),
            self.eye_line * (scale - here.scale),
        );
        Ok(Place {
            scale,
            left: (here.left + grown_x).clamp(across.min.0, across.max.0),
            cut: (here.cut + grown_y).clamp(down.min.0, down.max.0),
        })
    }

    fn crop(&self, place: Place) -> Crop {
        Crop::at(
            self.profile,
            self.frame,
            (place.left, place.cut),
            place.scale,
            [
                (self.profile.crown, self.crown * place.scale - place.cut),
                (
                    self.profile.eye_line,
                    self.eye_line * place.scale - place.cut,
                ),
                (self.profile.face_width, self.face_width * place.scale),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::judge;
    use crate::compose::compose;
    use crate::compose::tests::any_face;
    use crate::finding::Severity;
    use crate::geometry::tests::adult;

    fn national() -> Profile {
        Profile::named("national").unwrap()
    }

    /// Steps one way until it stops; how often, and at what.
    fn walk(mut crop: Crop, step: Step) -> (Crop, u32, Option<FindingCode>) {
        for steps in 0..200 {
            let moved = nudge(&crop, &adult(), &national(), step).unwrap();
            crop = moved.crop;
            if moved.stopped.is_some() {
                return (crop, steps, moved.stopped);
            }
        }
        (crop, 200, None)
    }

    #[test]
    fn a_step_moves_the_head_as_it_is_seen_in_the_portrait() {
        let crop = compose(&national(), &adult()).unwrap();
        let before = adult().through(&crop);
        let after = |step: Step| {
            let moved = nudge(&crop, &adult(), &national(), step).unwrap();
            assert_eq!(moved.stopped, None, "{step:?}");
            adult().through(&moved.crop)
        };
        let near = |one: f32, other: f32| (one - other).abs() < 0.01;
        assert!(near(after(Step::Left).centre_x(), before.centre_x() - 4.0));
        assert!(near(after(Step::Right).centre_x(), before.centre_x() + 4.0));
        assert!(near(after(Step::Up).crown_y, before.crown_y - 4.0));
        assert!(near(
            after(Step::Down).eye_line_y(),
            before.eye_line_y() + 4.0
        ));
        let larger = after(Step::Larger);
        assert!(near(larger.face_width(), before.face_width() * 1.02));
        // About the eyes: they stay where they are.
        assert!(near(larger.eye_line_y(), before.eye_line_y()));
        assert!(near(
            after(Step::Smaller).face_width(),
            before.face_width() / 1.02
        ));
    }

    #[test]
    fn every_way_ends_at_a_limit_that_is_named() {
        let crop = compose(&national(), &adult()).unwrap();
        let ends = |step: Step| {
            let (end, steps, stopped) = walk(crop, step);
            // Once there, another step changes nothing.
            let again = nudge(&end, &adult(), &national(), step).unwrap();
            assert!((again.crop.left() - end.left()).abs() < 1e-3, "{step:?}");
            assert!((again.crop.top() - end.top()).abs() < 1e-3, "{step:?}");
            assert!(again.stopped.is_some());
            (steps, stopped, adult().through(&end))
        };
        let (steps, stopped, face) = ends(Step::Left);
        assert_eq!((steps, stopped), (5, Some(FindingCode::OffCentre)));
        assert!((face.centre_x() - 216.05).abs() < 0.01);
        assert_eq!(ends(Step::Right).1, Some(FindingCode::OffCentre));
        let (_, stopped, face) = ends(Step::Up);
        assert_eq!(stopped, Some(FindingCode::CrownOutOfBand));
        assert!((face.crown_y - 50.05).abs() < 0.01);
        let (_, stopped, face) = ends(Step::Down);
        let ended = [FindingCode::CrownOutOfBand, FindingCode::EyeLineOutOfBand];
        assert!(ended.contains(&stopped.unwrap()), "{face:?}");
        assert!(ends(Step::Larger).1.is_some() && ends(Step::Smaller).1.is_some());
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let all = [
            Step::Left,
            Step::Right,
            Step::Up,
            Step::Down,
            Step::Larger,
            Step::Smaller,
        ];
        prop::collection::vec(prop::sample::select(all.to_vec()), 1..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// Whatever is pressed: inside the frame, and what the judge let pass before it lets pass after.
        #[test]
        fn no_steps_lead_out_of_the_frame_or_the_bands(face in any_face(), steps in steps()) {
            let profile = national();
            let blocks = |crop: &Crop| {
                let found = judge(&profile, &face.through(crop), Some(crop));
                let blocks = found.into_iter().filter(|f| f.severity() == Severity::Blocks);
                blocks.map(|f| f.code).collect::<Vec<_>>()
            };
            if let Ok(mut crop) = compose(&profile, &face) {
                let before = blocks(&crop);
                for step in steps {
                    crop = nudge(&crop, &face, &profile, step).unwrap().crop;
                    prop_assert!(crop.left() >= 0.0 && crop.top() >= 0.0);
                    prop_assert!(crop.left() + crop.width() <= f64::from(face.picture_width) + 1e-6);
                    prop_assert!(crop.top() + crop.height() <= f64::from(face.picture_height) + 1e-6);
                    prop_assert!(crop.scale() <= profile.enlargement_max + 1e-9);
                    let portrait = face.through(&crop);
                    prop_assert!((portrait.centre_x() - 240.0).abs() <= 24.01, "{step:?} {portrait:?}");
                    let after = blocks(&crop);
                    prop_assert!(after.iter().all(|code| before.contains(code)), "{step:?} {after:?} {portrait:?}");
                }
            }
        }
    }
}
