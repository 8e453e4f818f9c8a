//! Points of one face and a mask of one person, as plain data.
//!
//! `vision` makes both; drawn subjects and tests can make their own. What is concluded from them
//! stands in [`crate::inspect`].

use std::fmt;

use crate::compose::Crop;
use crate::geometry::Point;

/// Diameters of an iris that are believed, in eye widths. Measured on 23 press portraits: 0.38 to 0.49.
const IRIS_SIZES: std::ops::RangeInclusive<f32> = 0.25..=0.55;
/// By how much the irises of eyes that look into a camera are further apart than the middles of the eyes,
/// in eye widths, because the inner corner is drawn out; and what pairs of eyes may differ from it by.
/// Measured on 23 press portraits: 0.02 to 0.19. Where one eye is covered or in shadow it was -0.54 to
/// -0.1; eyes that do not look the same way give no direction either.
const IRISES_APART: f32 = 0.1;
const IRISES_APART_OFF: f32 = 0.15;
/// What a degree of a turned head adds, in eye widths: eyes that stay on the camera then stand off the
/// middle to the other side. From 23 press portraits (slope -0.0028, correlation -0.61), whose spread it
/// brings from 0.029 to 0.023 and whose greatest value from 0.068 to 0.059. The geometry of an eye gives
/// 0.007, but the yaw is unsure itself. Of corners and factors tried, those of the iris network and this one
/// told best whose irises had been moved.
const GAZE_PER_DEGREE: f32 = 0.003;
/// In a head that is turned further the far eye is not seen well enough; it is told as turned before.
const GAZE_YAW_MAX_DEG: f32 = 20.0;

/// One eye.
#[derive(Clone, Copy, PartialEq)]
pub struct Eye {
    /// The two corners, the one further left in the picture first.
    pub corners: [Point; 2],
    /// Points of the upper lid's edge, each with the point of the lower lid below it.
    pub lids: [(Point, Point); 3],
    /// The lowest point of the brow above it.
    pub brow: Point,
    /// Its iris, where one was looked for and the eye has pixels enough to find it.
    pub iris: Option<Iris>,
}

/// The iris of one eye, and the corners of the eye as they were seen beside it.
#[derive(Clone, Copy, PartialEq)]
pub struct Iris {
    /// Its middle.
    pub centre: Point,
    /// The mean of its width and height, in pixels.
    pub diameter: f32,
    /// The corners of the eye, the one further left in the picture first; finer than [`Eye::corners`].
    pub corners: [Point; 2],
}

impl Iris {
    /// How far the iris stands off the middle between the corners, along the line through them and in its
    /// length; positive to the right in the picture. Nothing where its size by that of the eye is none
    /// of an iris.
    fn off_middle(&self) -> Option<f32> {
        let [one, other] = self.corners;
        let (across, down) = (other.x - one.x, other.y - one.y);
        let width = across.hypot(down);
        if !IRIS_SIZES.contains(&(self.diameter / width)) {
            return None;
        }
        let (x, y) = (
            self.centre.x - f32::midpoint(one.x, other.x),
            self.centre.y - f32::midpoint(one.y, other.y),
        );
        Some((x * across + y * down) / (width * width))
    }
}

impl Eye {
    /// The middle between the corners.
    #[must_use]
    pub fn centre(&self) -> Point {
        let [one, other] = self.corners;
        Point {
            x: f32::midpoint(one.x, other.x),
            y: f32::midpoint(one.y, other.y),
        }
    }

    /// The widest gap between the lids, in pixels.
    #[must_use]
    pub fn gap(&self) -> f32 {
        widest(&self.lids)
    }
}

/// Points of one face, in pixels of the picture they were found in.
#[derive(Clone, PartialEq)]
pub struct Landmarks {
    /// The eye further left in an unmirrored picture: the subject's own right one.
    pub right_eye: Eye,
    /// The subject's own left eye.
    pub left_eye: Eye,
    /// Inner edge of the upper lip, each point with the one of the lower lip below it.
    pub lips: [(Point, Point); 3],
    /// Lowest point of the chin.
    pub chin: Point,
    /// The outline of the face from hairline to chin and back, a closed polygon.
    pub outline: Vec<Point>,
    /// How far the head is turned, in degrees; positive towards the subject's own left. From the
    /// depths that the model guesses: good to some degrees.
    pub yaw_deg: f32,
    /// How far the chin is raised, in degrees; negative when the head is lowered. From the same depths,
    /// and far worse: the lens, its height and the shape of a face move it by ten degrees.
    pub pitch_deg: f32,
}

impl Landmarks {
    /// Distance between the middles of the eyes.
    #[must_use]
    pub fn eye_distance(&self) -> f32 {
        distance(self.right_eye.centre(), self.left_eye.centre())
    }

    /// From the middle between the eyes to the chin: the length that ISO/IEC 29794-5 calls T.
    #[must_use]
    pub fn eyes_to_chin(&self) -> f32 {
        let (right, left) = (self.right_eye.centre(), self.left_eye.centre());
        let middle = Point {
            x: f32::midpoint(right.x, left.x),
            y: f32::midpoint(right.y, left.y),
        };
        distance(middle, self.chin)
    }

    /// The lid gap of the less open eye by T, as ISO/IEC 29794-5 measures open eyes; about 0.02 is
    /// half closed there, but narrow eyes are open eyes.
    #[must_use]
    pub fn eyes_open(&self) -> f32 {
        self.right_eye.gap().min(self.left_eye.gap()) / self.eyes_to_chin().max(f32::EPSILON)
    }

    /// The widest gap between the lips by T, as ISO/IEC 29794-5 measures a closed mouth.
    #[must_use]
    pub fn mouth_open(&self) -> f32 {
        widest(&self.lips) / self.eyes_to_chin().max(f32::EPSILON)
    }

    /// How far the eyes look past the camera: the irises off the middle of their eyes, across, in eye
    /// widths, mean of both and less what a turned head does to it. Positive towards the subject's own left.
    ///
    /// Up and down is not told: the lids go along, and the places of irises that look up, straight ahead
    /// and down overlapped on press pictures. Nothing where an iris is missing or has an odd size, the
    /// eyes do not look the same way, or the head is turned too far.
    #[must_use]
    pub fn gaze(&self) -> Option<f32> {
        let right = self.right_eye.iris?.off_middle()?;
        let left = self.left_eye.iris?.off_middle()?;
        let is_seen = (left - right - IRISES_APART).abs() <= IRISES_APART_OFF
            && self.yaw_deg.abs() <= GAZE_YAW_MAX_DEG;
        is_seen.then(|| f32::midpoint(right, left) + GAZE_PER_DEGREE * self.yaw_deg)
    }

    /// The same points as they lie in the portrait that [`crate::render`] makes of `crop`.
    #[must_use]
    pub fn through(&self, crop: &Crop) -> Self {
        let point = |point: Point| Point {
            x: crop.map_x(point.x),
            y: crop.map_y(point.y),
        };
        let pairs = |pairs: [(Point, Point); 3]| pairs.map(|(a, b)| (point(a), point(b)));
        let eye = |eye: &Eye| Eye {
            corners: eye.corners.map(point),
            lids: pairs(eye.lids),
            brow: point(eye.brow),
            iris: eye.iris.map(|iris| Iris {
                centre: point(iris.centre),
                diameter: iris.diameter * crop.scale() as f32,
                corners: iris.corners.map(point),
            }),
        };
        Self {
            right_eye: eye(&self.right_eye),
            left_eye: eye(&self.left_eye),
            lips: pairs(self.lips),
            chin: point(self.chin),
            outline: self.outline.iter().copied().map(point).collect(),
            yaw_deg: self.yaw_deg,
            pitch_deg: self.pitch_deg,
        }
    }

    /// The corner of the picture's part that the outline spans: left, top, right, bottom.
    pub(crate) fn bounds(&self) -> [f32; 4] {
        let start = [f32::INFINITY, f32::INFINITY, 0.0, 0.0];
        self.outline.iter().fold(start, |[l, t, r, b], point| {
            [
                l.min(point.x),
                t.min(point.y),
                r.max(point.x),
                b.max(point.y),
            ]
        })
    }
}

/// A face is described by it as well as by a picture: the type's name and nothing of the content.
impl fmt::Debug for Landmarks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Landmarks").finish_non_exhaustive()
    }
}

/// A place with at least this share may be of the person; below, the mask is sure that it is not.
pub(crate) const PERSON_LEAST: f32 = 0.1;

/// Which part of a picture is the person: a coarse grid over a square of it.
#[derive(Clone, PartialEq)]
pub struct PersonMask {
    side: usize,
    /// 0 background, 255 person, row by row from the top.
    shares: Vec<u8>,
    /// Upper left corner of the square, in pixels of the picture.
    origin: Point,
    /// Pixels of the picture across one cell.
    cell: f32,
}

impl PersonMask {
    /// A grid of `side` x `side` cells (0 background, 255 person) over the square that begins at
    /// `origin` and has cells of `cell` pixels. Nothing if the numbers do not make a grid.
    #[must_use]
    pub fn new(side: usize, shares: Vec<u8>, origin: Point, cell: f32) -> Option<Self> {
        let fits = side > 0 && side.checked_mul(side) == Some(shares.len());
        (fits && cell.is_finite() && cell > 0.0).then_some(Self {
            side,
            shares,
            origin,
            cell,
        })
    }

    /// How much of the place is person, 0 to 1; outside the square that of its edge.
    #[must_use]
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let place = |value: f32, origin: f32| {
            let cell = (value - origin) / self.cell;
            (cell.max(0.0) as usize).min(self.side - 1)
        };
        let cell = place(y, self.origin.y) * self.side + place(x, self.origin.x);
        f32::from(self.shares[cell]) / 255.0
    }

    /// The same mask with the person grown by `pixels` of the picture to every side.
    #[must_use]
    pub fn grown(&self, pixels: f32) -> Self {
        let reach = (pixels / self.cell).ceil().max(0.0) as usize;
        let across = self.spread(&self.shares, reach, 1);
        Self {
            shares: self.spread(&across, reach, self.side),
            ..self.clone()
        }
    }

    /// How surely each place is none of the person: 0 in the person grown by `kept` pixels (see
    /// [`Self::grown`]) and in the cells that touch it, 1 from `soft` pixels beyond.
    pub(crate) fn free(&self, kept: f32, soft: f32) -> Free {
        let reach = (kept / self.cell).ceil().max(0.0) + 1.0;
        let ramp = (soft / self.cell).max(1.0);
        let weight = |ring: u16| ((f32::from(ring) - reach) / ramp).clamp(0.0, 1.0);
        Free {
            weights: self.rings().into_iter().map(weight).collect(),
            side: self.side,
            origin: self.origin,
            cell: self.cell,
        }
    }

    /// How many cells each one is away from the person, along the longer of both ways: the person's own
    /// have none. Two passes, each from the neighbours that were seen before.
    fn rings(&self) -> Vec<u16> {
        let mut rings: Vec<u16> = self
            .shares
            .iter()
            .map(|share| {
                let is_person = f32::from(*share) / 255.0 >= PERSON_LEAST;
                if is_person { 0 } else { u16::MAX }
            })
            .collect();
        let side = self.side;
        let mut come_nearer = |at: usize, neighbours: [(isize, isize); 4]| {
            let (x, y) = (at % side, at / side);
            let near = neighbours.into_iter().filter_map(|(dx, dy)| {
                let (x, y) = (x.checked_add_signed(dx)?, y.checked_add_signed(dy)?);
                (x < side && y < side).then(|| rings[y * side + x].saturating_add(1))
            });
            rings[at] = near.fold(rings[at], u16::min);
        };
        for at in 0..self.shares.len() {
            come_nearer(at, [(-1, -1), (0, -1), (1, -1), (-1, 0)]);
        }
        for at in (0..self.shares.len()).rev() {
            come_nearer(at, [(1, 1), (0, 1), (-1, 1), (1, 0)]);
        }
        rings
    }

    #[cfg(test)]
    pub(crate) fn set_share(&mut self, cell: usize, share: u8) {
        self.shares[cell] = share;
    }

    /// The greatest share within `reach` cells along rows (`stride` 1) or columns (`stride` side).
    fn spread(&self, shares: &[u8], reach: usize, stride: usize) -> Vec<u8> {
        let line = |at: usize| at / stride % self.side;
        (0..shares.len())
            .map(|at| {
                let back = reach.min(line(at));
                let ahead = reach.min(self.side - 1 - line(at));
                let cells = (at - back * stride..=at + ahead * stride).step_by(stride);
                cells.map(|cell| shares[cell]).max().unwrap_or(0)
            })
            .collect()
    }
}

/// How surely a place is none of the person; see [`PersonMask::free`].
pub(crate) struct Free {
    weights: Vec<f32>,
    side: usize,
    origin: Point,
    cell: f32,
}

impl Free {
    /// 0 to 1, between the middles of the cells in proportion; outside the grid as at its edge.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let last = (self.side - 1) as f32;
        let place = |value: f32, origin: f32| {
            let cell = ((value - origin) / self.cell - 0.5).clamp(0.0, last);
            let before = cell.floor();
            let after = (before + 1.0).min(last);
            (before as usize, after as usize, cell - before)
        };
        let (left, right, across) = place(x, self.origin.x);
        let (upper, lower, down) = place(y, self.origin.y);
        let mix = |one: f32, other: f32, share: f32| one + (other - one) * share;
        let row = |row: usize| {
            let at = |column: usize| self.weights[row * self.side + column];
            mix(at(left), at(right), across)
        };
        mix(row(upper), row(lower), down)
    }
}

/// A silhouette is in it: the type's name and nothing of the content.
impl fmt::Debug for PersonMask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PersonMask").finish_non_exhaustive()
    }
}

fn widest(pairs: &[(Point, Point); 3]) -> f32 {
    pairs
        .iter()
        .map(|(a, b)| distance(*a, *b))
        .fold(0.0, f32::max)
}

fn distance(one: Point, other: Point) -> f32 {
    (one.x - other.x).hypot(one.y - other.y)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eye(x: f32, y: f32, gap: f32) -> Eye {
        let at = |dx: f32, dy: f32| Point {
            x: x + dx,
            y: y + dy,
        };
        Eye {
            corners: [at(-20.0, 0.0), at(20.0, 0.0)],
            lids: [-10.0, 0.0, 10.0].map(|dx| (at(dx, -gap / 2.0), at(dx, gap / 2.0))),
            brow: at(0.0, -25.0),
            iris: None,
        }
    }

    /// A face in a portrait of 480 x 640: eyes at 250 and 110 apart, chin at 410 (T is 160), an
    /// outline of straight lines.
    pub(crate) fn front() -> Landmarks {
        let outline = [
            (150.0, 180.0),
            (330.0, 180.0),
            (345.0, 300.0),
            (290.0, 400.0),
            (240.0, 410.0),
            (190.0, 400.0),
            (135.0, 300.0),
        ];
        let mouth = |x: f32| (Point { x, y: 345.0 }, Point { x, y: 346.0 });
        Landmarks {
            right_eye: eye(185.0, 250.0, 12.0),
            left_eye: eye(295.0, 250.0, 12.0),
            lips: [mouth(225.0), mouth(240.0), mouth(255.0)],
            chin: Point { x: 240.0, y: 410.0 },
            outline: outline.map(|(x, y)| Point { x, y }).to_vec(),
            yaw_deg: 0.0,
            pitch_deg: 0.0,
        }
    }

    /// ISO/IEC 29794-5 by hand: T is 160, the lids 12 apart, the lips 1.
    #[test]
    fn eyes_and_mouth_are_measured_by_t() {
        let mut face = front();
        assert!((face.eyes_to_chin() - 160.0).abs() < 1e-4);
        assert!((face.eyes_open() - 0.075).abs() < 1e-5);
        assert!((face.mouth_open() - 1.0 / 160.0).abs() < 1e-5);
        // The less open eye counts, and of the mouth the widest gap.
        face.left_eye = eye(295.0, 250.0, 3.2);
        face.lips[2].1.y += 31.0;
        assert!((face.eyes_open() - 0.02).abs() < 1e-5);
        assert!((face.mouth_open() - 0.2).abs() < 1e-5);
    }

    /// [`front`] with irises that stand so far off the middle of their eyes, in pixels to the right. The
    /// eyes are 40 wide.
    pub(crate) fn looking(right: f32, left: f32) -> Landmarks {
        let mut face = front();
        for (eye, off) in [(&mut face.right_eye, right), (&mut face.left_eye, left)] {
            let mut centre = eye.centre();
            centre.x += off;
            eye.iris = Some(Iris {
                centre,
                diameter: 16.0,
                corners: eye.corners,
            });
        }
        face
    }

    fn near(found: Option<f32>, wanted: f32) {
        let found = found.unwrap();
        assert!((found - wanted).abs() < 1e-5, "{found}, wanted {wanted}");
    }

    /// By hand: eyes of 40 pixels, so 2 pixels outwards on both sides are 0.05 each way and look ahead.
    #[test]
    fn gaze_is_the_mean_of_both_irises_in_eye_widths() {
        near(looking(-2.0, 2.0).gaze(), 0.0);
        near(looking(2.0, 6.0).gaze(), 0.1);
        near(looking(-7.0, -3.0).gaze(), -0.125);
        // The height of an iris says nothing, and the corners beside it count, not those of the mesh.
        let mut face = looking(2.0, 6.0);
        face.left_eye.iris.as_mut().unwrap().centre.y += 5.0;
        face.right_eye.corners[0].x -= 9.0;
        near(face.gaze(), 0.1);
    }

    /// By hand: a head that is turned by 10 degrees and looks into the camera has its irises 0.03 off on
    /// the other side; those in the middle look aside with the head.
    #[test]
    fn gaze_takes_the_turn_of_the_head_into_account() {
        let mut face = looking(-3.2, 0.8);
        face.yaw_deg = 10.0;
        near(face.gaze(), 0.0);
        face.yaw_deg = -10.0;
        near(face.gaze(), -0.06);
        face.yaw_deg = 20.1;
        assert_eq!(face.gaze(), None);
    }

    #[test]
    fn gaze_that_cannot_be_told_is_not() {
        assert_eq!(front().gaze(), None);
        let mut one = looking(2.0, 6.0);
        one.left_eye.iris = None;
        assert_eq!(one.gaze(), None);
        // Eyes that do not look the same way: 0.3 apart, and 0.1 too close.
        assert_eq!(looking(-6.0, 6.0).gaze(), None);
        assert_eq!(looking(2.1, -2.1).gaze(), None);
        for diameter in [0.0, 9.0, 23.0, f32::NAN] {
            let mut odd = looking(2.0, 6.0);
            odd.right_eye.iris.as_mut().unwrap().diameter = diameter;
            assert_eq!(odd.gaze(), None, "{diameter}");
        }
        let mut none = looking(2.0, 6.0);
        let iris = none.right_eye.iris.as_mut().unwrap();
        iris.corners[1] = iris.corners[0];
        assert_eq!(none.gaze(), None);
    }

    /// The same eye after every point went another way.
    fn moved(eye: &Eye, scale: f32, to: impl Fn(Point) -> Point) -> Eye {
        Eye {
            corners: eye.corners.map(&to),
            lids: eye.lids.map(|(upper, lower)| (to(upper), to(lower))),
            brow: to(eye.brow),
            iris: eye.iris.map(|iris| Iris {
                centre: to(iris.centre),
                diameter: iris.diameter * scale,
                corners: iris.corners.map(&to),
            }),
        }
    }

    /// In the mirror the eyes change sides, and so do the corners of each.
    fn mirrored(face: &Landmarks) -> Landmarks {
        let side = |eye: &Eye| {
            let mut eye = moved(eye, 1.0, |at| Point {
                x: 480.0 - at.x,
                ..at
            });
            eye.corners.reverse();
            if let Some(iris) = &mut eye.iris {
                iris.corners.reverse();
            }
            eye
        };
        Landmarks {
            right_eye: side(&face.left_eye),
            left_eye: side(&face.right_eye),
            yaw_deg: -face.yaw_deg,
            ..face.clone()
        }
    }

    proptest! {
        #[test]
        fn gaze_changes_its_sign_in_the_mirror_and_not_with_place_size_or_tilt(
            off in -8.0_f32..8.0,
            apart in 0.0_f32..9.0,
            yaw in -20.0_f32..20.0,
            scale in 0.2_f32..5.0,
            shift in -900.0_f32..900.0,
            tilt in -0.4_f32..0.4,
        ) {
            let mut face = looking(off - apart / 2.0, off + apart / 2.0);
            face.yaw_deg = yaw;
            let here = face.gaze().unwrap();
            prop_assert!((mirrored(&face).gaze().unwrap() + here).abs() < 1e-4);
            let (sin, cos) = tilt.sin_cos();
            let to = |at: Point| Point {
                x: scale * (at.x * cos - at.y * sin) + shift,
                y: scale * (at.x * sin + at.y * cos) - shift,
            };
            let there = Landmarks {
                right_eye: moved(&face.right_eye, scale, to),
                left_eye: moved(&face.left_eye, scale, to),
                ..face.clone()
            };
            prop_assert!((there.gaze().unwrap() - here).abs() < 1e-3);
        }
    }

    #[test]
    fn a_mask_is_asked_by_pixels_and_grows_to_every_side() {
        let mut shares = vec![0; 25];
        shares[12] = 255;
        let origin = Point { x: 100.0, y: 50.0 };
        let mask = PersonMask::new(5, shares, origin, 10.0).unwrap();
        assert!((mask.at(125.0, 75.0) - 1.0).abs() < 1e-6);
        assert!(mask.at(119.0, 75.0) < 1e-6 && mask.at(-1e9, 1e9) < 1e-6);
        let grown = mask.grown(10.0);
        for (x, y) in [(115.0, 65.0), (135.0, 85.0), (125.0, 75.0)] {
            assert!((grown.at(x, y) - 1.0).abs() < 1e-6, "{x} {y}");
        }
        assert!(grown.at(105.0, 75.0) < 1e-6);
        assert_eq!(PersonMask::new(5, vec![0; 24], origin, 10.0), None);
        assert_eq!(PersonMask::new(1, vec![0], origin, f32::NAN), None);
    }

    /// By hand: one cell of a person in the middle of 9 x 9; kept is one cell and the one that touches
    /// it, and the change is whole two cells further.
    #[test]
    fn a_place_is_free_by_its_distance_from_the_person() {
        let mut shares = vec![0; 81];
        shares[40] = 255;
        let mask = PersonMask::new(9, shares, Point { x: 0.0, y: 0.0 }, 10.0).unwrap();
        let free = mask.free(10.0, 20.0);
        for (x, wanted) in [
            (45.0, 0.0),
            (59.9, 0.0),
            (65.0, 0.0),
            (70.0, 0.25),
            (75.0, 0.5),
            (85.0, 1.0),
            (500.0, 1.0),
        ] {
            // Between the middles of four cells the corners' shares mix.
            let corner = if x == 70.0 { (x, 45.0) } else { (x, x) };
            for place in [(x, 45.0), (45.0, x), corner] {
                let found = free.at(place.0, place.1);
                assert!((found - wanted).abs() < 1e-5, "{place:?}: {found}");
            }
        }
        let nobody = PersonMask::new(3, vec![0; 9], Point { x: 0.0, y: 0.0 }, 10.0).unwrap();
        assert!((nobody.free(10.0, 20.0).at(5.0, 5.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn debug_shows_no_face() {
        assert_eq!(format!("{:?}", front()), "Landmarks { .. }");
    }
}
