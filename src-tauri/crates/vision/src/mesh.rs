//! 468 landmarks on one face: MediaPipe Face Mesh.

use portrait::{Eye, Landmarks, Point};

use crate::VisionError;
use crate::detect::Detection;
use crate::engine::Network;
use crate::pyramid::{Pyramid, Range, Square};

/// Pixels of the network's picture.
const SIDE: usize = 192;
const LANDMARKS: usize = 468;
/// The network expects the face with a quarter of its size around it on each side.
const BORDER: f32 = 1.5;
/// The cut is straightened by the eyes, so a second round sees an upright face in the middle; a
/// third moved no landmark by more than a hundredth of the face.
pub(crate) const ROUNDS: u32 = 2;
/// Below this the network itself says that it does not look at a face.
const PRESENCE_MIN: f32 = 0.5;

// Landmarks by number, on the subject's own side.
const RIGHT_EYE: [usize; 4] = [33, 133, 159, 145];
const LEFT_EYE: [usize; 4] = [362, 263, 386, 374];
const CHIN: usize = 152;
const FOREHEAD: usize = 10;
/// The outline of the face from temple to jaw, both sides: where the cheeks end.
const OUTLINE: [usize; 14] = [
    127, 234, 93, 132, 58, 172, 136, 356, 454, 323, 361, 288, 397, 365,
];

/// Where the lids are furthest apart, upper and lower.
const RIGHT_LIDS: [(usize, usize); 3] = [(158, 153), (159, 145), (160, 144)];
const LEFT_LIDS: [(usize, usize); 3] = [(385, 380), (386, 374), (387, 373)];
/// The lower edge of the brows.
const RIGHT_BROW: [usize; 5] = [46, 53, 52, 65, 55];
const LEFT_BROW: [usize; 5] = [276, 283, 282, 295, 285];
/// The inner edge of the lips, upper and lower.
const LIPS: [(usize, usize); 3] = [(82, 87), (13, 14), (312, 317)];
/// The sides of the face at the height of the ears, whose depths tell how far it is turned.
const RIGHT_SIDE: usize = 234;
const LEFT_SIDE: usize = 454;
/// The whole outline of the face, closed.
const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// Landmarks in pixels of the picture.
pub(crate) struct Mesh {
    points: Vec<Point>,
    /// How far behind the middle of the head each point lies, in the same pixels.
    depths: Vec<f32>,
}

impl Mesh {
    pub(crate) fn right_eye(&self) -> Point {
        self.mean(RIGHT_EYE)
    }

    pub(crate) fn left_eye(&self) -> Point {
        self.mean(LEFT_EYE)
    }

    /// How far the line of the eyes is off level, in degrees; half a circle for a head that stands on its top.
    pub(crate) fn roll_deg(&self) -> f32 {
        angle(self.right_eye(), self.left_eye()).to_degrees()
    }

    pub(crate) fn chin(&self) -> Point {
        self.points[CHIN]
    }

    /// Top of the forehead, near the hairline.
    pub(crate) fn forehead(&self) -> Point {
        self.points[FOREHEAD]
    }

    /// Outermost points of the cheeks, further left and further right in the picture.
    pub(crate) fn cheeks(&self) -> (f32, f32) {
        let across = OUTLINE.map(|index| self.points[index].x);
        let least = across.into_iter().fold(f32::INFINITY, f32::min);
        let most = across.into_iter().fold(f32::NEG_INFINITY, f32::max);
        (least, most)
    }

    /// The points that the photo standard asks about; the mesh has no irises.
    pub(crate) fn landmarks(&self) -> Landmarks {
        Landmarks {
            right_eye: self.eye([RIGHT_EYE[0], RIGHT_EYE[1]], RIGHT_LIDS, RIGHT_BROW),
            left_eye: self.eye([LEFT_EYE[0], LEFT_EYE[1]], LEFT_LIDS, LEFT_BROW),
            lips: self.pairs(LIPS),
            chin: self.chin(),
            outline: OVAL.map(|index| self.points[index]).to_vec(),
            yaw_deg: self.slope(RIGHT_SIDE, LEFT_SIDE),
            pitch_deg: self.slope(CHIN, FOREHEAD),
        }
    }

    fn eye(&self, corners: [usize; 2], lids: [(usize, usize); 3], brow: [usize; 5]) -> Eye {
        let lower = |a: &Point, b: &Point| a.y.total_cmp(&b.y);
        let brow = brow.map(|index| self.points[index]);
        let corners = corners.map(|index| self.points[index]);
        Eye {
            corners,
            lids: self.pairs(lids),
            brow: brow.into_iter().max_by(lower).unwrap_or(corners[0]),
            iris: None,
        }
    }

    fn pairs(&self, pairs: [(usize, usize); 3]) -> [(Point, Point); 3] {
        pairs.map(|(upper, lower)| (self.points[upper], self.points[lower]))
    }

    /// By how many degrees the second point lies further back than the first.
    fn slope(&self, from: usize, to: usize) -> f32 {
        let (one, other) = (self.points[from], self.points[to]);
        let apart = (one.x - other.x).hypot(one.y - other.y);
        let deeper = self.depths[to] - self.depths[from];
        deeper.atan2(apart.max(f32::EPSILON)).to_degrees()
    }

    /// How far the less open eye is open: lid to lid against corner to corner. About 0.3 for
    /// open eyes and 0.1 for closed ones, but people differ more than that: only to be compared
    /// with other pictures of the same person.
    pub(crate) fn openness(&self) -> f32 {
        let apart = |one: usize, other: usize| {
            let (one, other) = (self.points[one], self.points[other]);
            (one.x - other.x).hypot(one.y - other.y)
        };
        let open = |[corner, other, upper, lower]: [usize; 4]| {
            apart(upper, lower) / apart(corner, other).max(f32::EPSILON)
        };
        open(RIGHT_EYE).min(open(LEFT_EYE))
    }

    fn mean(&self, indices: [usize; 4]) -> Point {
        let sum = |of: fn(&Point) -> f32| -> f32 {
            indices
                .iter()
                .map(|index| of(&self.points[*index]))
                .sum::<f32>()
                / 4.0
        };
        Point {
            x: sum(|point| point.x),
            y: sum(|point| point.y),
        }
    }

    /// The cut for the next round: the landmarks' own extent along the eye line.
    fn square(&self) -> Square {
        let angle = angle(self.right_eye(), self.left_eye());
        let (sin, cos) = angle.sin_cos();
        let mut extent = [
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::INFINITY,
            f32::NEG_INFINITY,
        ];
        for point in &self.points {
            let (along, across) = (point.x * cos + point.y * sin, point.y * cos - point.x * sin);
            extent[0] = extent[0].min(along);
            extent[1] = extent[1].max(along);
            extent[2] = extent[2].min(across);
            extent[3] = extent[3].max(across);
        }
        let (along, across) = (
            f32::midpoint(extent[0], extent[1]),
            f32::midpoint(extent[2], extent[3]),
        );
        let centre = Point {
            x: along * cos - across * sin,
            y: along * sin + across * cos,
        };
        let side = (extent[1] - extent[0]).max(extent[3] - extent[2]) * BORDER;
        Square {
            centre,
            side,
            angle,
        }
    }
}

/// Lays the mesh over a face that was found; nothing if the network does not see one there.
pub(crate) fn lay(
    network: &Network,
    pyramid: &Pyramid<'_>,
    face: &Detection,
    rounds: u32,
) -> Result<Option<Mesh>, VisionError> {
    let mut square = Square {
        centre: Point {
            x: f32::midpoint(face.min.x, face.max.x),
            y: f32::midpoint(face.min.y, face.max.y),
        },
        side: face.width().max(face.height()) * BORDER,
        angle: angle(face.right_eye, face.left_eye),
    };
    let mut laid = None;
    for _ in 0..rounds {
        let Some(mesh) = round(network, pyramid, &square)? else {
            return Ok(None);
        };
        square = mesh.square();
        laid = Some(mesh);
    }
    Ok(laid)
}

fn round(
    network: &Network,
    pyramid: &Pyramid<'_>,
    square: &Square,
) -> Result<Option<Mesh>, VisionError> {
    let outputs = network.run(SIDE, pyramid.cut(square, SIDE, Range::UNIT))?;
    let [landmarks, presence] = outputs.as_slice() else {
        return Err(network.misshapen());
    };
    let ([presence], true) = (presence.as_slice(), landmarks.len() == LANDMARKS * 3) else {
        return Err(network.misshapen());
    };
    if 1.0 / (1.0 + (-presence).exp()) < PRESENCE_MIN {
        return Ok(None);
    }
    let side = SIDE as f32;
    let points = landmarks
        .chunks_exact(3)
        .map(|point| square.place(point[0] / side, point[1] / side))
        .collect();
    let depths = landmarks
        .chunks_exact(3)
        .map(|point| point[2] / side * square.side)
        .collect();
    Ok(Some(Mesh { points, depths }))
}

/// Angle of the line from the right to the left eye.
fn angle(right_eye: Point, left_eye: Point) -> f32 {
    (left_eye.y - right_eye.y).atan2(left_eye.x - right_eye.x)
}
