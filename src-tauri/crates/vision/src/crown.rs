//! The top of the hair, from a person mask.
//!
//! Landmarks end at the hairline; what the standard measures is the top of the hair, and hair differs
//! by a third of a face. The mask network tells person from background. It is run on a square around
//! head and shoulders, so that one of its pixels is about three of the portrait's, and the mask is
//! read only in the columns of the head: a raised arm, a second person or a lamp beside the head
//! cannot lift the crown.

use portrait::Point;

use crate::VisionError;
use crate::engine::Network;
use crate::mesh::Mesh;
use crate::pyramid::{Pyramid, Range, Square};

/// Pixels of the network's picture.
const SIDE: usize = 256;
/// Side of the square, in face widths: head, hair and shoulders.
const SQUARE: f32 = 3.4;
/// The square's centre lies this far below the eyes, in face widths.
const SQUARE_DROP: f32 = 0.15;
/// A pixel belongs to the person from here on.
const PERSON: f32 = 0.5;
/// Half the width of the columns that are read, in face widths: the head without arms.
const COLUMNS: f32 = 0.6;
/// A row belongs to the hair if at least this much of it, in face widths, is connected to the face; a
/// single strand is not the top of the hair.
const ROW_MIN: f32 = 0.10;
/// The crown is at most this far above the eyes, in face widths; beyond, the mask took something
/// else for hair.
const RISE_MAX: f32 = 1.7;

/// Finds the crown, from the upper edge of the picture in its pixels; nothing if the mask does not
/// show a head around the face. A head that reaches the upper edge has its crown at 0.
pub(crate) fn find(
    network: &Network,
    pyramid: &Pyramid<'_>,
    mesh: &Mesh,
) -> Result<Option<f32>, VisionError> {
    let (least, most) = mesh.cheeks();
    let width = most - least;
    let eyes = f32::midpoint(mesh.right_eye().y, mesh.left_eye().y);
    let centre = Point {
        x: f32::midpoint(least, most),
        y: eyes + SQUARE_DROP * width,
    };
    let square = Square {
        centre,
        side: width * SQUARE,
        angle: 0.0,
    };
    let outputs = network.run(SIDE, pyramid.cut(&square, SIDE, Range::UNIT))?;
    let [mask] = outputs.as_slice() else {
        return Err(network.misshapen());
    };
    if mask.len() != SIDE * SIDE {
        return Err(network.misshapen());
    }
    let to_mask = SIDE as f32 / square.side;
    let origin = square.place(0.0, 0.0);
    let head = Head {
        mask,
        seed: Point {
            x: (mesh.forehead().x - origin.x) * to_mask,
            y: (f32::midpoint(mesh.forehead().y, eyes) - origin.y) * to_mask,
        },
        width: width * to_mask,
    };
    let crown = head.crown().map(|row| (origin.y + row / to_mask).max(0.0));
    Ok(
        crown
            .filter(|crown| *crown < mesh.forehead().y.max(1.0) && eyes - crown < RISE_MAX * width),
    )
}

/// A mask with the place of the face in it, in mask pixels.
struct Head<'a> {
    mask: &'a [f32],
    /// A place on the forehead.
    seed: Point,
    /// Width of the face.
    width: f32,
}

impl Head<'_> {
    /// The row, with a fraction, where the hair begins.
    fn crown(&self) -> Option<f32> {
        let filled = self.connected()?;
        let enough = (self.width * ROW_MIN).max(2.0) as usize;
        let row = filled
            .chunks_exact(SIDE)
            .position(|row| row.iter().filter(|member| **member).count() >= enough)?;
        Some(self.refine(&filled, row))
    }

    /// The person's pixels that hang together with the forehead inside the head's columns.
    fn connected(&self) -> Option<Vec<bool>> {
        let bound = |value: f32| (value.max(0.0) as usize).min(SIDE - 1);
        let half = self.width * COLUMNS;
        let columns = bound(self.seed.x - half)..=bound(self.seed.x + half);
        let start = bound(self.seed.y) * SIDE + bound(self.seed.x);
        if self.mask[start] < PERSON {
            return None;
        }
        let mut filled = vec![false; SIDE * SIDE];
        let mut open = vec![start];
        filled[start] = true;
        while let Some(at) = open.pop() {
            let (column, row) = (at % SIDE, at / SIDE);
            let mut visit = |column: usize, row: usize| {
                let next = row * SIDE + column;
                if columns.contains(&column) && !filled[next] && self.mask[next] >= PERSON {
                    filled[next] = true;
                    open.push(next);
                }
            };
            if column > 0 {
                visit(column - 1, row);
            }
            if column + 1 < SIDE {
                visit(column + 1, row);
            }
            if row > 0 {
                visit(column, row - 1);
            }
            if row + 1 < SIDE {
                visit(column, row + 1);
            }
        }
        Some(filled)
    }

    /// The crossing of the threshold between this row and the one above, averaged over the row's
    /// members: the mask is soft, and half a row of it is more than a pixel of the portrait.
    fn refine(&self, filled: &[bool], row: usize) -> f32 {
        if row == 0 {
            return 0.0;
        }
        let members = (0..SIDE).filter(|column| filled[row * SIDE + column]);
        let (mut sum, mut count) = (0.0, 0.0_f32);
        for column in members {
            let (here, above) = (
                self.mask[row * SIDE + column],
                self.mask[(row - 1) * SIDE + column],
            );
            if above < PERSON {
                sum += (here - PERSON) / (here - above);
                count += 1.0;
            }
        }
        let rise = if count > 0.0 { sum / count } else { 0.0 };
        row as f32 + 0.5 - rise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A head: columns 100 to 160, from row 60 down.
    fn head_mask() -> Vec<f32> {
        let mut mask = vec![0.0; SIDE * SIDE];
        for row in 60..SIDE {
            mask[row * SIDE + 100..row * SIDE + 160].fill(1.0);
        }
        mask
    }

    fn crown(mask: &[f32]) -> Option<f32> {
        Head {
            mask,
            seed: Point { x: 130.0, y: 110.0 },
            width: 75.0,
        }
        .crown()
    }

    #[test]
    fn the_crown_is_where_the_mask_begins() {
        assert!((crown(&head_mask()).unwrap() - 60.0).abs() < 0.01);
    }

    #[test]
    fn a_soft_edge_gives_a_fraction() {
        let mut mask = head_mask();
        mask[59 * SIDE + 100..59 * SIDE + 160].fill(0.25);
        let soft = crown(&mask).unwrap();
        assert!(soft < 59.95 && soft > 59.5, "{soft}");
    }

    #[test]
    fn arms_strands_and_things_above_do_not_lift_the_crown() {
        let mut mask = head_mask();
        for row in 0..SIDE {
            // A raised arm, joined to the body far below.
            mask[row * SIDE + 200..row * SIDE + 220].fill(1.0);
            if row > 200 {
                mask[row * SIDE + 100..row * SIDE + 220].fill(1.0);
            }
        }
        for row in 30..60 {
            // A strand three pixels wide, and a lamp that hangs free.
            mask[row * SIDE + 129..row * SIDE + 132].fill(1.0);
        }
        for row in 5..20 {
            mask[row * SIDE + 110..row * SIDE + 150].fill(1.0);
        }
        assert!((crown(&mask).unwrap() - 60.0).abs() < 0.01);
    }

    #[test]
    fn no_person_at_the_forehead_is_no_crown() {
        assert_eq!(crown(&vec![0.0; SIDE * SIDE]), None);
    }
}
