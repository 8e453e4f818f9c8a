//! Finding faces: BlazeFace, short range.
//!
//! The network looks at 128 x 128 pixels and answers for 896 fixed places (anchors), each with a
//! score, a box and six points. It was trained for faces within two metres of a telephone and
//! loses those under about a seventh of its picture, so small faces are looked for on tiles.

use portrait::Point;

use crate::VisionError;
use crate::engine::Network;
use crate::pyramid::{Pyramid, Range, Square};

/// Pixels of the network's picture.
const SIDE: usize = 128;
const ANCHORS: usize = 896;
/// Numbers per anchor: box centre, box size, six points.
const NUMBERS: usize = 16;
/// The model card's own threshold.
const SCORE_MIN: f32 = 0.5;
/// Boxes that overlap by more than this (intersection over union) are one face.
const OVERLAP_MAX: f32 = 0.3;
/// A face of a whole-picture pass this wide (part of the picture's longer side) is found reliably;
/// below, tiles are looked at as well.
const SURE_WIDTH: f32 = 0.18;
/// Sides of the tiles, as part of the longer side. The smaller ones are asked only when the larger ones
/// found nothing.
const TILES: [f32; 2] = [0.6, 0.35];

/// A face that was found, in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Detection {
    pub(crate) score: f32,
    pub(crate) min: Point,
    pub(crate) max: Point,
    pub(crate) right_eye: Point,
    pub(crate) left_eye: Point,
}

impl Detection {
    pub(crate) fn width(&self) -> f32 {
        self.max.x - self.min.x
    }

    pub(crate) fn height(&self) -> f32 {
        self.max.y - self.min.y
    }

    fn overlap(&self, other: &Self) -> f32 {
        let across = (self.max.x.min(other.max.x) - self.min.x.max(other.min.x)).max(0.0);
        let down = (self.max.y.min(other.max.y) - self.min.y.max(other.min.y)).max(0.0);
        let both = across * down;
        let union = self.width() * self.height() + other.width() * other.height() - both;
        if union > 0.0 { both / union } else { 0.0 }
    }
}

/// A face is looked at again with this many times its own size around it.
const AROUND: f32 = 3.0;
/// By so much must the score of a face be better to count as better.
const SURER: f32 = 0.05;

pub(crate) struct Detector {
    network: Network,
    anchors: Vec<(f32, f32)>,
}

impl Detector {
    pub(crate) fn new(network: Network) -> Self {
        Self {
            network,
            anchors: anchors(),
        }
    }

    /// All faces, best score first.
    pub(crate) fn detect(&self, pyramid: &Pyramid<'_>) -> Result<Vec<Detection>, VisionError> {
        let (width, height) = (pyramid.width() as f32, pyramid.height() as f32);
        let longer = width.max(height);
        let mut found = self.detect_at_once(pyramid)?;
        for part in TILES {
            let widest = found.iter().map(Detection::width).fold(0.0, f32::max);
            if widest >= SURE_WIDTH * longer * part.min(1.0) && !found.is_empty() {
                break;
            }
            for tile in tiles(width, height, longer * part) {
                found.extend(self.detect_in(pyramid, &tile)?);
            }
        }
        Ok(merge(found))
    }

    /// The faces of a size that a look at the whole picture finds, best score first.
    pub(crate) fn detect_at_once(
        &self,
        pyramid: &Pyramid<'_>,
    ) -> Result<Vec<Detection>, VisionError> {
        let (width, height) = (pyramid.width() as f32, pyramid.height() as f32);
        let longer = width.max(height);
        let whole = Square {
            centre: Point {
                x: width / 2.0,
                y: height / 2.0,
            },
            side: longer,
            angle: 0.0,
        };
        let found = self.detect_in(pyramid, &whole)?;
        if !found.is_empty() {
            return Ok(found);
        }
        // A face that fills the picture is cut by its edges; with a border it is whole again.
        let bordered = Square {
            side: longer * 1.5,
            ..whole
        };
        self.detect_in(pyramid, &bordered)
    }

    /// Whether this face is seen more surely with the picture turned by half a circle.
    ///
    /// The network finds a face that stands on its top as well, with the chin for a forehead; but less surely. Of 190
    /// pictures (24 in colour, 150 grey press pictures, 16 drawn subjects) none was taken for turned; turned by half a
    /// circle 160 were, and none of the others became a portrait.
    pub(crate) fn is_upside_down(
        &self,
        pyramid: &Pyramid<'_>,
        face: &Detection,
    ) -> Result<bool, VisionError> {
        let around = Square {
            centre: Point {
                x: f32::midpoint(face.min.x, face.max.x),
                y: f32::midpoint(face.min.y, face.max.y),
            },
            side: face.width().max(face.height()) * AROUND,
            angle: 0.0,
        };
        let turned = Square {
            angle: std::f32::consts::PI,
            ..around
        };
        // Of this face, and not of a poster beside it.
        let best = |square| {
            let found = self.detect_in(pyramid, square)?.into_iter();
            let mut own = found.filter(|other| other.overlap(face) > 0.0);
            Ok(own.next().map(|other| other.score))
        };
        // Where it is not seen again the landmarks decide.
        let (Some(upright), Some(turned)): (Option<f32>, Option<f32>) =
            (best(&around)?, best(&turned)?)
        else {
            return Ok(false);
        };
        Ok(turned > upright + SURER)
    }

    fn detect_in(
        &self,
        pyramid: &Pyramid<'_>,
        square: &Square,
    ) -> Result<Vec<Detection>, VisionError> {
        let outputs = self
            .network
            .run(SIDE, pyramid.cut(square, SIDE, Range::SIGNED))?;
        let [boxes, scores] = outputs.as_slice() else {
            return Err(self.network.misshapen());
        };
        if boxes.len() != ANCHORS * NUMBERS || scores.len() != ANCHORS {
            return Err(self.network.misshapen());
        }
        let rows = boxes.chunks_exact(NUMBERS).zip(scores).zip(&self.anchors);
        let found = rows
            .map(|((numbers, raw), anchor)| (numbers, 1.0 / (1.0 + (-raw).exp()), anchor))
            .filter(|(_, score, _)| *score >= SCORE_MIN)
            .map(|(numbers, score, anchor)| read_row(numbers, score, *anchor, square))
            .collect();
        Ok(merge(found))
    }
}

/// One anchor's numbers in pixels of the picture.
fn read_row(numbers: &[f32], score: f32, anchor: (f32, f32), square: &Square) -> Detection {
    let part = |index: usize| numbers[index] / SIDE as f32;
    let place = |index: usize| square.place(part(index) + anchor.0, part(index + 1) + anchor.1);
    let centre = place(0);
    let (half_width, half_height) = (part(2) * square.side / 2.0, part(3) * square.side / 2.0);
    Detection {
        score,
        min: Point {
            x: centre.x - half_width,
            y: centre.y - half_height,
        },
        max: Point {
            x: centre.x + half_width,
            y: centre.y + half_height,
        },
        right_eye: place(4),
        left_eye: place(6),
    }
}

/// The fixed places the network answers for: two to each of 16 x 16 fields, six to each of 8 x 8.
fn anchors() -> Vec<(f32, f32)> {
    let mut places = Vec::with_capacity(ANCHORS);
    for (fields, each) in [(16_u16, 2), (8, 6)] {
        for field in 0..fields * fields {
            let (column, row) = (f32::from(field % fields), f32::from(field / fields));
            let place = (
                (column + 0.5) / f32::from(fields),
                (row + 0.5) / f32::from(fields),
            );
            places.extend(std::iter::repeat_n(place, each));
        }
    }
    places
}

/// Squares of one size that cover the picture and overlap by half.
fn tiles(width: f32, height: f32, side: f32) -> Vec<Square> {
    let starts = |length: f32| -> Vec<f32> {
        let room = length - side;
        if room <= 0.0 {
            return vec![length / 2.0];
        }
        let steps = (room / (side / 2.0)).ceil();
        (0..=steps as u32)
            .map(|step| side / 2.0 + room * step as f32 / steps)
            .collect()
    };
    let columns = starts(width);
    let rows = starts(height);
    rows.iter()
        .flat_map(|y| columns.iter().map(|x| Point { x: *x, y: *y }))
        .map(|centre| Square {
            centre,
            side,
            angle: 0.0,
        })
        .collect()
}

/// Keeps the best of every group of overlapping boxes. Boxes also count as one face where one lies
/// mostly inside the other, which happens between tiles.
fn merge(mut found: Vec<Detection>) -> Vec<Detection> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Detection> = Vec::new();
    for face in found {
        let known = kept.iter().any(|other| {
            let middle = Point {
                x: f32::midpoint(face.min.x, face.max.x),
                y: f32::midpoint(face.min.y, face.max.y),
            };
            let within = (other.min.x..other.max.x).contains(&middle.x)
                && (other.min.y..other.max.y).contains(&middle.y);
            within || face.overlap(other) > OVERLAP_MAX
        });
        if !known {
            kept.push(face);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, y: f32, side: f32, score: f32) -> Detection {
        let eye = Point { x, y };
        Detection {
            score,
            min: eye,
            max: Point {
                x: x + side,
                y: y + side,
            },
            right_eye: eye,
            left_eye: eye,
        }
    }

    #[test]
    fn anchors_are_those_of_the_network() {
        let places = anchors();
        assert_eq!(places.len(), ANCHORS);
        assert_eq!(places[0], (0.5 / 16.0, 0.5 / 16.0));
        assert_eq!(places[512], (0.5 / 8.0, 0.5 / 8.0));
        assert_eq!(places[895], (7.5 / 8.0, 7.5 / 8.0));
    }

    #[test]
    fn overlapping_boxes_are_one_face_and_separate_ones_are_two() {
        let found = vec![
            face(0.0, 0.0, 100.0, 0.7),
            face(10.0, 5.0, 100.0, 0.9),
            face(300.0, 0.0, 90.0, 0.8),
        ];
        let kept = merge(found);
        assert_eq!(kept.len(), 2);
        assert_eq!(kept[0].score, 0.9);
    }

    #[test]
    fn tiles_cover_every_place() {
        for (width, height) in [(640.0, 480.0), (480.0, 640.0), (1000.0, 300.0)] {
            let covering = tiles(width, height, 300.0);
            for (x, y) in [(0.0, 0.0), (width, height), (width / 2.0, height / 3.0)] {
                let covered = covering.iter().any(|tile| {
                    (tile.centre.x - x).abs() <= 150.01 && (tile.centre.y - y).abs() <= 150.01
                });
                assert!(covered, "({x}, {y}) of {width} x {height}");
            }
        }
    }
}
