//! The top of the hair, from a person mask.
//!
//! Landmarks end at the hairline; what the standard measures is the top of the hair, and hair differs
//! by a third of a face. The mask network tells person from background. It is run on squares close
//! around the head, where one of its pixels is two of the portrait's: on a square with shoulders and
//! surroundings it took parts of busy backgrounds for hair, in one of six press pictures. The mask is
//! read in the columns of the head alone, so that a raised arm, a second person or a lamp beside it
//! cannot lift the crown.
//!
//! What the network says about a doubtful background changes with the square it is shown, while hair
//! stays where it is. So it is asked three times, the middle answer counts, and answers that
//! contradict one another are no answer.

use portrait::Point;

use crate::VisionError;
use crate::engine::Network;
use crate::mesh::Mesh;
use crate::pyramid::{Pyramid, Range, Square};

/// Pixels of the network's picture.
const SIDE: usize = 256;
/// A square to look at: its side, and how far its centre lies below the eyes, in face widths.
type View = (f32, f32);
/// The squares that are asked. They end 1.2 to 1.3 face widths above the eyes; bald heads reach 0.7,
/// usual hair 0.8 to 1.0.
const VIEWS: [View; 3] = [(2.0, -0.2), (2.2, -0.2), (2.4, -0.05)];
/// The square for hair that is higher than the others reach; ends 1.75 face widths above the eyes.
const TALL_VIEW: View = (3.0, -0.25);
/// Answers may differ by this much, in face widths: about half the crown's band in a portrait.
const SPREAD_MAX: f32 = 0.15;
/// A crown within this many rows of a square's edge may be cut off by it.
const EDGE_ROWS: f32 = 6.0;
/// A pixel belongs to the person from here on.
const PERSON: f32 = 0.5;
/// Half the width of the columns that are read, in face widths: the head without arms.
const COLUMNS: f32 = 0.6;
/// A row belongs to the hair if at least this much of it, in face widths, is connected to the face; a
/// single strand is not the top of the hair.
const ROW_MIN: f32 = 0.10;
/// The crown is at most this far above the eyes, in face widths; beyond, the mask took something
/// else for hair.
const RISE_MAX: f32 = 1.65;

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
    let middle = f32::midpoint(least, most);
    let look = |view: View| -> Result<Option<f32>, VisionError> {
        let centre = Point {
            x: middle,
            y: eyes + view.1 * width,
        };
        let square = Square {
            centre,
            side: width * view.0,
            angle: 0.0,
        };
        let row = crown_row(network, pyramid, mesh, &square)?;
        let crown = row.map(|row| (row, square.place(0.0, row / SIDE as f32).y));
        // Cut off by the square, or by the picture itself? Only the latter is an answer.
        Ok(crown
            .filter(|(row, y)| *row > EDGE_ROWS || *y <= 0.0)
            .map(|(_, y)| y.max(0.0)))
    };
    let mut answers = Vec::new();
    for view in VIEWS {
        answers.extend(look(view)?);
    }
    let found = if answers.len() > 1 {
        agree(answers, width)
    } else {
        look(TALL_VIEW)?
    };
    let lowest = mesh.forehead().y.max(1.0);
    Ok(found.filter(|crown| *crown < lowest && eyes - crown < RISE_MAX * width))
}

/// The middle of the answers (of two the lower one, which is nearer to the face), if they agree.
fn agree(mut answers: Vec<f32>, width: f32) -> Option<f32> {
    answers.sort_by(f32::total_cmp);
    let spread = answers.last()? - answers.first()?;
    answers
        .get(answers.len() / 2)
        .copied()
        .filter(|_| spread <= SPREAD_MAX * width)
}

/// The crown in rows of the mask of one square.
fn crown_row(
    network: &Network,
    pyramid: &Pyramid<'_>,
    mesh: &Mesh,
    square: &Square,
) -> Result<Option<f32>, VisionError> {
    let outputs = network.run(SIDE, pyramid.cut(square, SIDE, Range::UNIT))?;
    let [mask] = outputs.as_slice() else {
        return Err(network.misshapen());
    };
    if mask.len() != SIDE * SIDE {
        return Err(network.misshapen());
    }
    let to_mask = SIDE as f32 / square.side;
    let origin = square.place(0.0, 0.0);
    let (least, most) = mesh.cheeks();
    let eyes = f32::midpoint(mesh.right_eye().y, mesh.left_eye().y);
    let head = Head {
        mask,
        seed: Point {
            x: (mesh.forehead().x - origin.x) * to_mask,
            y: (f32::midpoint(mesh.forehead().y, eyes) - origin.y) * to_mask,
        },
        width: (most - least) * to_mask,
    };
    Ok(head.crown())
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
    fn answers_that_contradict_one_another_are_no_answer() {
        assert_eq!(agree(vec![52.0, 50.0, 40.0], 100.0), Some(50.0));
        assert_eq!(agree(vec![52.0, 40.0], 100.0), Some(52.0));
        assert_eq!(agree(vec![52.0, 50.0, 30.0], 100.0), None);
    }

    #[test]
    fn no_person_at_the_forehead_is_no_crown() {
        assert_eq!(crown(&vec![0.0; SIDE * SIDE]), None);
    }
}
