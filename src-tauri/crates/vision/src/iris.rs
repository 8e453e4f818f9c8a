//! Iris and corners of one eye: MediaPipe Iris.
//!
//! As MediaPipe does it: a square around the corners that the mesh found, straightened by them. The
//! network knows right eyes only, so a left eye is shown to it in the mirror. It sees the corners more
//! finely than the mesh does, whose eye is 20 of 192 pixels wide.

use portrait::{Iris, Point};

use crate::VisionError;
use crate::engine::Network;
use crate::pyramid::{Pyramid, Range, Square};

/// Pixels of the network's picture.
const SIDE: usize = 64;
/// The network expects the eye in a square 2.3 times as wide as it.
const BORDER: f32 = 2.3;
/// Points of lids and brow that the network gives beside the iris.
const CONTOUR: usize = 71;
/// Middle, then right, upper, left and lower edge.
const IRIS: usize = 5;
/// Points of the contour: the eye's corner at the temple, and that at the nose.
const OUTER: usize = 0;
const INNER: usize = 8;
/// In an eye of fewer pixels from corner to corner the iris is not found well enough. 24 press portraits
/// made smaller: with 20 pixels the measure of gaze moved by 0.006 eye widths in the median and 0.03 at
/// most, with 12 by 0.009 and 0.04, with 10 by 0.10 at most.
const WIDTH_MIN: f32 = 20.0;

/// Which of the subject's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Right,
    Left,
}

/// Finds the iris between the corners of an eye, the one further left in the picture first; nothing in an
/// eye of too few pixels.
pub(crate) fn find(
    network: &Network,
    pyramid: &Pyramid<'_>,
    corners: [Point; 2],
    side: Side,
) -> Result<Option<Iris>, VisionError> {
    let Some(square) = square(corners) else {
        return Ok(None);
    };
    let mut pixels = pyramid.cut(&square, SIDE, Range::UNIT);
    if side == Side::Left {
        pixels.chunks_exact_mut(SIDE).for_each(<[f32]>::reverse);
    }
    let outputs = network.run(SIDE, pixels)?;
    let [contour, iris] = outputs.as_slice() else {
        return Err(network.misshapen());
    };
    if (contour.len(), iris.len()) != (CONTOUR * 3, IRIS * 3) {
        return Err(network.misshapen());
    }
    Ok(Some(placed(&square, side, contour, iris)))
}

fn square([one, other]: [Point; 2]) -> Option<Square> {
    let (across, down) = (other.x - one.x, other.y - one.y);
    (across.hypot(down) >= WIDTH_MIN).then(|| Square {
        centre: Point {
            x: f32::midpoint(one.x, other.x),
            y: f32::midpoint(one.y, other.y),
        },
        side: across.abs().max(down.abs()) * BORDER,
        angle: down.atan2(across),
    })
}

/// What the network gave, three numbers a point, as points of the picture.
fn placed(square: &Square, side: Side, contour: &[f32], iris: &[f32]) -> Iris {
    let point = |points: &[f32], index: usize| {
        let across = points[index * 3] / SIDE as f32;
        let across = match side {
            Side::Right => across,
            Side::Left => 1.0 - across,
        };
        square.place(across, points[index * 3 + 1] / SIDE as f32)
    };
    let apart = |one: usize, other: usize| {
        let (one, other) = (point(iris, one), point(iris, other));
        (one.x - other.x).hypot(one.y - other.y)
    };
    let (outer, inner) = (point(contour, OUTER), point(contour, INNER));
    Iris {
        centre: point(iris, 0),
        diameter: f32::midpoint(apart(1, 3), apart(2, 4)),
        corners: match side {
            Side::Right => [outer, inner],
            Side::Left => [inner, outer],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORNERS: [Point; 2] = [Point { x: 80.0, y: 50.0 }, Point { x: 120.0, y: 50.0 }];

    /// Outer corner at 16, inner at 48, iris of 12 pixels at 30, all at half the height.
    fn output() -> (Vec<f32>, Vec<f32>) {
        let mut contour = vec![0.0; CONTOUR * 3];
        contour[..2].copy_from_slice(&[16.0, 32.0]);
        contour[INNER * 3..][..2].copy_from_slice(&[48.0, 32.0]);
        let iris = [
            (30.0, 32.0),
            (36.0, 32.0),
            (30.0, 26.0),
            (24.0, 32.0),
            (30.0, 38.0),
        ];
        (
            contour,
            iris.iter().flat_map(|(x, y)| [*x, *y, 0.0]).collect(),
        )
    }

    /// By hand: the square is 92 wide and begins at 54, so a pixel of the network is 1.4375.
    #[test]
    fn points_of_a_right_eye_lie_where_the_cut_was_taken() {
        let (contour, iris) = output();
        let found = placed(&square(CORNERS).unwrap(), Side::Right, &contour, &iris);
        assert!((found.centre.x - (54.0 + 30.0 * 1.4375)).abs() < 1e-3);
        assert!((found.centre.y - 50.0).abs() < 1e-3);
        assert!((found.diameter - 12.0 * 1.4375).abs() < 1e-3);
        assert!((found.corners[0].x - 77.0).abs() < 1e-3);
        assert!((found.corners[1].x - 123.0).abs() < 1e-3);
    }

    /// In the mirror: what was two pixels towards the temple on the right is so on the left.
    #[test]
    fn a_left_eye_is_a_right_one_in_the_mirror() {
        let (contour, iris) = output();
        let found = placed(&square(CORNERS).unwrap(), Side::Left, &contour, &iris);
        assert!((found.centre.x - (54.0 + 34.0 * 1.4375)).abs() < 1e-3);
        assert!((found.corners[0].x - 77.0).abs() < 1e-3);
        assert!((found.corners[1].x - 123.0).abs() < 1e-3);
    }

    #[test]
    fn an_eye_of_few_pixels_has_no_iris() {
        let [one, _] = CORNERS;
        let wide = |width: f32| {
            square([
                one,
                Point {
                    x: one.x + width,
                    ..one
                },
            ])
        };
        assert!(wide(20.0).is_some());
        assert!(wide(19.9).is_none());
        assert!(wide(0.0).is_none());
    }
}
