//! Where to cut.
//!
//! The standard allows a crop and one scale; it gives bands for three measures that all hang
//! together: crown height, eye line and face width. Choosing a scale for one of them and hoping for
//! the rest fails on tall hair or a narrow face, so the three are solved together.
//!
//! With `s` the scale (portrait pixels per frame pixel), `t` the cut above and `u` the shift
//! aside (both in portrait pixels), every measure of the portrait and every edge of the frame is
//! linear in (s, t, u). The *margin* of a measure is 1 in the middle of its band, 0 at its ends and
//! negative outside; the least of the margins is a concave function of (s, t, u), and its maximum
//! is the crop. For a given scale the best `t` and `u` are known in closed form, so one golden
//! section over the scale finds it. A negative maximum proves that no crop exists, and solving again
//! with one limit lifted tells which one is to blame.
//!
//! Pixels are never invented: where the frame ends, the portrait cannot go on. Padding a frame that
//! is too tight would be the "technical processing" the standard forbids.

use crate::finding::{Finding, FindingCode};
use crate::geometry::FaceGeometry;
use crate::profile::{Band, Profile};

/// Steps of the golden section: each leaves 0.618 of the interval, so 80 leave less than 1e-16.
const STEPS: u32 = 80;

/// The middle of the face is a description in the standard, not a number, so it yields to the numbers:
/// its margin counts this much, and half of what is allowed costs nothing against a band.
const CENTRE_EASE: f64 = 2.0;

/// A rectangle of the frame with the aspect of the portrait, and the size of the portrait made of
/// it. Made by [`compose`], and moved by [`crate::nudge`], and so always inside the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    left: f64,
    top: f64,
    scale: f64,
    portrait: (u32, u32),
    margin: f64,
}

impl Crop {
    /// Left edge in the frame, in frame pixels.
    #[must_use]
    pub fn left(&self) -> f64 {
        self.left
    }

    /// Upper edge in the frame, in frame pixels.
    #[must_use]
    pub fn top(&self) -> f64 {
        self.top
    }

    /// Width of the rectangle in frame pixels.
    #[must_use]
    pub fn width(&self) -> f64 {
        f64::from(self.portrait.0) / self.scale
    }

    /// Height of the rectangle in frame pixels.
    #[must_use]
    pub fn height(&self) -> f64 {
        f64::from(self.portrait.1) / self.scale
    }

    /// Portrait pixels per frame pixel; above 1 the frame is enlarged.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Width of the portrait in pixels.
    #[must_use]
    pub fn portrait_width(&self) -> u32 {
        self.portrait.0
    }

    /// Height of the portrait in pixels.
    #[must_use]
    pub fn portrait_height(&self) -> u32 {
        self.portrait.1
    }

    /// How well the tightest demand is met: 1 in the middle of its band, 0 at its end.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// A horizontal place of the frame as it comes to lie in the portrait.
    #[must_use]
    pub fn map_x(&self, x: f32) -> f32 {
        ((f64::from(x) - self.left) * self.scale) as f32
    }

    /// A vertical place of the frame as it comes to lie in the portrait.
    #[must_use]
    pub fn map_y(&self, y: f32) -> f32 {
        ((f64::from(y) - self.top) * self.scale) as f32
    }
}

impl Crop {
    /// A crop of a frame of this size, cut away on the left and above by portrait pixels; rounding of the
    /// last bits is kept inside the frame. `measures` are those of the portrait with their bands.
    pub(crate) fn at(
        profile: &Profile,
        (frame_width, frame_height): (f64, f64),
        (left, cut): (f64, f64),
        scale: f64,
        measures: [(Band, f64); 3],
    ) -> Self {
        let inside = |start: f64, length: f64, whole: f64| start.min(whole - length).max(0.0);
        let (width, height) = (f64::from(profile.width), f64::from(profile.height));
        let margins = measures.iter().map(|(band, value)| margin(band, *value));
        Self {
            left: inside(left / scale, width / scale, frame_width),
            top: inside(cut / scale, height / scale, frame_height),
            scale,
            portrait: (profile.width, profile.height),
            margin: margins.fold(f64::INFINITY, f64::min),
        }
    }
}

/// Chooses the crop that puts crown, eye line, face width and centre deepest inside the bands.
///
/// # Errors
/// The finding that no crop of this frame can avoid: `implausible-face`, `face-width-out-of-band`
/// (the proportions fit no scale), `resolution-too-low`, or `frame-too-tight-*`.
pub fn compose(profile: &Profile, face: &FaceGeometry) -> Result<Crop, Finding> {
    if !face.is_plausible() {
        return Err(Finding::plain(FindingCode::ImplausibleFace));
    }
    let problem = Problem::new(profile, face);
    let solution = problem.solve(Limits::ALL);
    let Some(solution) = solution.filter(|solution| solution.margin >= 0.0) else {
        return Err(problem.blame());
    };
    Ok(problem.crop(&solution))
}

/// Which limits of the frame are respected; lifted one by one to find the one to blame.
#[derive(Clone, Copy)]
struct Limits {
    above: bool,
    below: bool,
    left: bool,
    right: bool,
    enlargement: bool,
}

/// Sides of the frame, as a set of bits.
type Sides = u8;
const ABOVE: Sides = 1;
const BELOW: Sides = 2;
const LEFT: Sides = 4;
const RIGHT: Sides = 8;
const ALL_SIDES: Sides = ABOVE | BELOW | LEFT | RIGHT;

impl Limits {
    const ALL: Self = Self::without(0);
    const NONE: Self = Self {
        enlargement: false,
        ..Self::without(ALL_SIDES)
    };

    /// All but that the frame ends at these sides.
    const fn without(lifted: Sides) -> Self {
        Self {
            above: lifted & ABOVE == 0,
            below: lifted & BELOW == 0,
            left: lifted & LEFT == 0,
            right: lifted & RIGHT == 0,
            enlargement: true,
        }
    }
}

/// The numbers of one search, all f64. Heights and widths of the face are in frame pixels.
struct Problem<'a> {
    profile: &'a Profile,
    frame_width: f64,
    frame_height: f64,
    crown: f64,
    eye_line: f64,
    face_width: f64,
    centre: f64,
    width: f64,
    height: f64,
}

/// A scale with its best cut and shift.
#[derive(Clone, Copy)]
struct Solution {
    scale: f64,
    /// Portrait pixels cut away above.
    cut: f64,
    /// Left edge of the crop in portrait pixels.
    left: f64,
    margin: f64,
}

impl<'a> Problem<'a> {
    fn new(profile: &'a Profile, face: &FaceGeometry) -> Self {
        Self {
            profile,
            frame_width: f64::from(face.picture_width),
            frame_height: f64::from(face.picture_height),
            crown: f64::from(face.crown_y),
            eye_line: f64::from(face.eye_line_y()),
            face_width: f64::from(face.face_width()),
            centre: f64::from(face.centre_x()),
            width: f64::from(profile.width),
            height: f64::from(profile.height),
        }
    }

    /// The scale of the greatest margin, or nothing if the limits leave no scale at all.
    fn solve(&self, limits: Limits) -> Option<Solution> {
        let (mut low, mut high) = self.scales(limits)?;
        let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
        for _ in 0..STEPS {
            let third = high - (high - low) * golden;
            let two_thirds = low + (high - low) * golden;
            if self.best_at(third, limits).margin < self.best_at(two_thirds, limits).margin {
                low = third;
            } else {
                high = two_thirds;
            }
        }
        Some(self.best_at(f64::midpoint(low, high), limits))
    }

    /// The scales to search: the frame must hold the portrait, and no measure may be so far outside
    /// that a larger scale could not be better.
    fn scales(&self, limits: Limits) -> Option<(f64, f64)> {
        let to_chin_of_bands = self.profile.eye_line.max / (self.eye_line - self.crown);
        let high = (self.profile.face_width.max / self.face_width).max(to_chin_of_bands) * 2.0;
        let low = high * 1e-6;
        let high = if limits.enlargement {
            high.min(self.profile.enlargement_max)
        } else {
            high
        };
        let low = if limits.left && limits.right {
            low.max(self.width / self.frame_width)
        } else {
            low
        };
        let vertical = limits.above && limits.below;
        let low = if vertical {
            low.max(self.height / self.frame_height)
        } else {
            low
        };
        (low <= high).then_some((low, high))
    }

    /// The best cut and shift for one scale.
    fn best_at(&self, scale: f64, limits: Limits) -> Solution {
        let (crown_band, eye_band) = (&self.profile.crown, &self.profile.eye_line);
        let (crown, eye_line) = (self.crown * scale, self.eye_line * scale);
        // Crown and eye line pull the cut in opposite directions; it is best where both are equally
        // far, in half widths, from the middle of their bands.
        let (h_crown, h_eye) = (crown_band.half_width(), eye_band.half_width());
        let balanced =
            h_eye * (crown - crown_band.middle()) + h_crown * (eye_line - eye_band.middle());
        let mut cut = balanced / (h_crown + h_eye);
        if limits.below {
            cut = cut.min(self.frame_height * scale - self.height);
        }
        if limits.above {
            cut = cut.max(0.0);
        }
        let centred = self.centre * scale - self.width / 2.0;
        let mut left = centred;
        if limits.right {
            left = left.min(self.frame_width * scale - self.width);
        }
        if limits.left {
            left = left.max(0.0);
        }
        let margins = [
            margin(crown_band, crown - cut),
            margin(eye_band, eye_line - cut),
            margin(&self.profile.face_width, self.face_width * scale),
            CENTRE_EASE * (1.0 - (left - centred).abs() / self.profile.off_centre_max),
        ];
        let margin = margins.into_iter().fold(f64::INFINITY, f64::min);
        Solution {
            scale,
            cut,
            left,
            margin,
        }
    }

    /// Which demand makes it impossible. Asked only when it is.
    fn blame(&self) -> Finding {
        let Some(free) = self.solve(Limits::NONE) else {
            return Finding::plain(FindingCode::ImplausibleFace);
        };
        if free.margin < 0.0 {
            let value = self.face_width * free.scale;
            return Finding::measured(
                FindingCode::FaceWidthOutOfBand,
                value,
                self.profile.face_width,
            );
        }
        if !self.is_feasible(Limits::without(ALL_SIDES)) {
            let band = Band {
                min: 0.0,
                max: self.profile.enlargement_max,
            };
            return Finding::measured(FindingCode::ResolutionTooLow, free.scale, band);
        }
        self.tight(&free)
    }

    fn is_feasible(&self, limits: Limits) -> bool {
        let solution = self.solve(limits);
        solution.is_some_and(|solution| solution.margin >= 0.0)
    }

    /// At which sides the frame ends too early: the fewest that would have to go on. Where it could
    /// be one or another, it is both: a frame that is too narrow is so left and right.
    fn tight_sides(&self) -> Sides {
        let together = |count: u32| {
            let sets = (0..=ALL_SIDES).filter(|set| set.count_ones() == count);
            sets.filter(|set| self.is_feasible(Limits::without(*set)))
                .fold(0, |all, set| all | set)
        };
        (1..=ALL_SIDES.count_ones())
            .map(together)
            .find(|sides| *sides != 0)
            .unwrap_or(ALL_SIDES)
    }

    /// The finding that names the sides. `free` is what would be best in a frame without end.
    fn tight(&self, free: &Solution) -> Finding {
        let sides = self.tight_sides();
        let (before, after) = (self.centre, self.frame_width - self.centre);
        let least = |min: f64| Band {
            min,
            max: f64::INFINITY,
        };
        let aside =
            |code, room: f64| Finding::measured(code, room * free.scale, least(self.width / 2.0));
        let held = |code| {
            let whole = Band { min: 1.0, max: 1.0 };
            Finding::measured(code, self.held(free), whole)
        };
        match sides {
            ABOVE => {
                let room = self.crown * free.scale;
                Finding::measured(FindingCode::FrameTooTightAbove, room, self.profile.crown)
            }
            BELOW => {
                let room = self.frame_height * free.scale - free.cut;
                Finding::measured(FindingCode::FrameTooTightBelow, room, least(self.height))
            }
            LEFT => aside(FindingCode::FrameTooTightLeft, before),
            RIGHT => aside(FindingCode::FrameTooTightRight, after),
            _ if sides == LEFT | RIGHT => aside(FindingCode::FrameTooTightAside, before.min(after)),
            _ if sides == ABOVE | BELOW => held(FindingCode::FrameTooTightHeight),
            _ if sides == ABOVE | LEFT => held(FindingCode::FrameTooTightAboveLeft),
            _ if sides == ABOVE | RIGHT => held(FindingCode::FrameTooTightAboveRight),
            _ if sides == BELOW | LEFT => held(FindingCode::FrameTooTightBelowLeft),
            _ if sides == BELOW | RIGHT => held(FindingCode::FrameTooTightBelowRight),
            _ => held(FindingCode::FrameTooTight),
        }
    }

    /// The share of a crop's area that lies inside the frame.
    fn held(&self, crop: &Solution) -> f64 {
        let inside = |start: f64, length: f64, frame: f64| {
            ((start + length).min(frame * crop.scale) - start.max(0.0)).max(0.0) / length
        };
        inside(crop.left, self.width, self.frame_width)
            * inside(crop.cut, self.height, self.frame_height)
    }

    /// The solution as a rectangle of the frame; rounding of the last bits is kept inside it.
    fn crop(&self, solution: &Solution) -> Crop {
        let inside = |start: f64, length: f64, whole: f64| start.min(whole - length).max(0.0);
        let Solution {
            scale,
            cut,
            left,
            margin,
        } = *solution;
        Crop {
            left: inside(left / scale, self.width / scale, self.frame_width),
            top: inside(cut / scale, self.height / scale, self.frame_height),
            scale,
            portrait: (self.profile.width, self.profile.height),
            margin,
        }
    }
}

/// 1 in the middle of the band, 0 at its ends, negative outside.
fn margin(band: &Band, value: f64) -> f64 {
    1.0 - (value - band.middle()).abs() / band.half_width()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::judge;
    use crate::finding::Severity;
    use crate::geometry::{Point, tests::adult};

    fn national() -> Profile {
        Profile::named("national").unwrap()
    }

    #[test]
    fn a_well_framed_head_lands_near_the_middle_of_every_band() {
        let crop = compose(&national(), &adult()).unwrap();
        let portrait = adult().through(&crop);
        assert!(crop.margin() > 0.5, "{crop:?}");
        assert!((portrait.centre_x() - 240.0).abs() < 0.01);
        assert!((65.0..95.0).contains(&portrait.crown_y), "{portrait:?}");
        assert!(
            (225.0..275.0).contains(&portrait.eye_line_y()),
            "{portrait:?}"
        );
        assert!(
            (200.0..270.0).contains(&portrait.face_width()),
            "{portrait:?}"
        );
    }

    #[test]
    fn each_side_of_a_tight_frame_is_named() {
        let shifted = |dx: f32, dy: f32, width: u32, height: u32| {
            let face = adult();
            let by = |p: Point| Point {
                x: p.x + dx,
                y: p.y + dy,
            };
            FaceGeometry {
                picture_width: width,
                picture_height: height,
                crown_y: face.crown_y + dy,
                left_eye: by(face.left_eye),
                right_eye: by(face.right_eye),
                chin: by(face.chin),
                cheek_min_x: face.cheek_min_x + dx,
                cheek_max_x: face.cheek_max_x + dx,
                ..face
            }
        };
        let code = |face: FaceGeometry| compose(&national(), &face).unwrap_err().code;
        assert_eq!(
            code(shifted(0.0, -280.0, 1080, 1440)),
            FindingCode::FrameTooTightAbove
        );
        assert_eq!(
            code(shifted(0.0, 0.0, 1080, 1000)),
            FindingCode::FrameTooTightBelow
        );
        for (face, sides) in [
            (shifted(-300.0, 0.0, 1080, 1440), "left"),
            (shifted(300.0, 0.0, 1080, 1440), "right"),
            (shifted(-300.0, 0.0, 480, 1440), "aside"),
            (shifted(0.0, -280.0, 1080, 700), "above-below"),
            (shifted(-300.0, -280.0, 1080, 1440), "above-left"),
            (shifted(300.0, -280.0, 1080, 1440), "above-right"),
            (shifted(-300.0, 0.0, 1080, 1000), "below-left"),
            (shifted(300.0, 0.0, 1080, 1000), "below-right"),
        ] {
            let found = code(face).code();
            assert_eq!(found, format!("frame-too-tight-{sides}"));
        }
        assert_eq!(
            code(shifted(-300.0, -280.0, 480, 700)),
            FindingCode::FrameTooTight
        );
    }

    #[test]
    fn a_face_of_few_pixels_is_refused_for_its_resolution() {
        let face = FaceGeometry {
            picture_width: 200,
            picture_height: 200,
            crown_y: 30.0,
            left_eye: Point { x: 105.0, y: 64.0 },
            right_eye: Point { x: 90.0, y: 64.0 },
            chin: Point { x: 97.0, y: 94.0 },
            cheek_min_x: 77.0,
            cheek_max_x: 117.0,
            faces: 1,
        };
        assert_eq!(
            compose(&national(), &face).unwrap_err().code,
            FindingCode::ResolutionTooLow
        );
    }

    #[test]
    fn impossible_proportions_are_told_from_a_bad_frame() {
        let face = FaceGeometry {
            cheek_min_x: 440.0,
            cheek_max_x: 480.0,
            ..adult()
        };
        assert_eq!(
            compose(&national(), &face).unwrap_err().code,
            FindingCode::FaceWidthOutOfBand
        );
        let upside_down = FaceGeometry {
            crown_y: 1000.0,
            ..adult()
        };
        assert_eq!(
            compose(&national(), &upside_down).unwrap_err().code,
            FindingCode::ImplausibleFace
        );
    }

    prop_compose! {
        pub(crate) fn any_face()(
            width in 100_u32..4000,
            height in 100_u32..4000,
            centre in 0.0_f32..1.0,
            crown in -0.2_f32..0.9,
            face in 0.02_f32..0.9,
            rise in 0.4_f32..1.6,
            fall in 0.3_f32..1.2,
            tilt in -0.1_f32..0.1,
        ) -> FaceGeometry {
            let wide = face * width as f32;
            let middle = centre * width as f32;
            let crown_y = crown * height as f32;
            let eyes = crown_y + rise * wide;
            FaceGeometry {
                picture_width: width,
                picture_height: height,
                faces: 1,
                crown_y,
                left_eye: Point { x: middle + 0.2 * wide, y: eyes + tilt * wide },
                right_eye: Point { x: middle - 0.2 * wide, y: eyes - tilt * wide },
                chin: Point { x: middle, y: eyes + fall * wide },
                cheek_min_x: middle - 0.5 * wide,
                cheek_max_x: middle + 0.5 * wide,
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_crop_is_inside_the_frame_and_inside_the_bands_or_refused(face in any_face()) {
            let profile = national();
            match compose(&profile, &face) {
                Ok(crop) => {
                    prop_assert!(crop.left() >= 0.0 && crop.top() >= 0.0);
                    prop_assert!(crop.left() + crop.width() <= f64::from(face.picture_width) + 1e-6);
                    prop_assert!(crop.top() + crop.height() <= f64::from(face.picture_height) + 1e-6);
                    prop_assert!(crop.scale() <= profile.enlargement_max);
                    let portrait = face.through(&crop);
                    // A hundredth of a pixel for the way through f32.
                    let near = |band: &Band, value: f32| {
                        band.min - 0.01 <= f64::from(value) && f64::from(value) <= band.max + 0.01
                    };
                    prop_assert!(near(&profile.crown, portrait.crown_y));
                    prop_assert!(near(&profile.eye_line, portrait.eye_line_y()));
                    prop_assert!(near(&profile.face_width, portrait.face_width()));
                    prop_assert!((portrait.centre_x() - 240.0).abs() <= 24.01);
                }
                Err(finding) => prop_assert_eq!(finding.severity(), Severity::Blocks),
            }
        }

        /// The solver against brute force: where a coarse grid finds a crop, compose must too.
        #[test]
        fn nothing_feasible_is_refused(face in any_face()) {
            let profile = national();
            if compose(&profile, &face).is_err() {
                let problem = Problem::new(&profile, &face);
                for step in 0..400 {
                    let scale = 0.01 * 1.0143_f64.powi(step);
                    let fits = scale <= profile.enlargement_max
                        && problem.frame_width * scale >= 480.0
                        && problem.frame_height * scale >= 640.0;
                    if fits {
                        let best = problem.best_at(scale, Limits::ALL);
                        prop_assert!(best.margin < 0.0, "scale {scale} was overlooked");
                    }
                }
            }
        }

        /// The same face with more picture where the finding wants it fits.
        #[test]
        fn more_picture_at_the_named_sides_suffices(face in any_face()) {
            const MORE: u32 = 20_000;
            let profile = national();
            let code = compose(&profile, &face).err().map(|finding| finding.code.code());
            if let Some(sides) = code.and_then(|code| code.strip_prefix("frame-too-tight")) {
                let grows = |side: &str, both: &str| {
                    let wanted = sides.is_empty() || sides.contains(side) || sides == both;
                    if wanted { MORE } else { 0 }
                };
                let [left, right] = ["left", "right"].map(|side| grows(side, "-aside"));
                let [above, below] = ["above", "below"].map(|side| grows(side, ""));
                let moved = |point: Point| Point {
                    x: point.x + left as f32,
                    y: point.y + above as f32,
                };
                let grown = FaceGeometry {
                    picture_width: face.picture_width + left + right,
                    picture_height: face.picture_height + above + below,
                    crown_y: face.crown_y + above as f32,
                    left_eye: moved(face.left_eye),
                    right_eye: moved(face.right_eye),
                    chin: moved(face.chin),
                    cheek_min_x: face.cheek_min_x + left as f32,
                    cheek_max_x: face.cheek_max_x + left as f32,
                    ..face
                };
                let margin = Problem::new(&profile, &grown).solve(Limits::ALL).map(|it| it.margin);
                // Places that far out are rounded to a five-hundredth of a pixel.
                prop_assert!(margin.is_some_and(|margin| margin > -0.01), "{sides}: {margin:?}");
            }
        }

        #[test]
        fn a_crop_with_room_to_spare_passes_the_judge(face in any_face()) {
            let profile = national();
            if let Ok(crop) = compose(&profile, &face) && crop.margin() > 0.01 {
                let blocks = judge(&profile, &face.through(&crop), Some(&crop))
                    .into_iter()
                    .filter(|finding| finding.severity() == Severity::Blocks)
                    .collect::<Vec<_>>();
                prop_assert!(blocks.is_empty(), "{blocks:?}");
            }
        }
    }
}
