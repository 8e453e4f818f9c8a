//! The mark that tells a training portrait from a real one.
//!
//! It is burnt into the pixels, because everything beside the pixels (names, tags, tables) can be
//! lost on the way. The strip lies along the lower edge, where the standard asks for nothing but clothes,
//! and is opaque, so that no cropping of a few rows and no recompression hides it. The letters are
//! our own drawing: no font is needed to prove that a picture is not for delivery.

use crate::raster::Raster;

/// The strip takes this part of the height: 32 of 640 pixels.
const STRIP_PART: u32 = 20;
/// Rows the strip is drawn in before it is scaled: one above and three below twelve of a glyph.
const STRIP_ROWS: u32 = 16;
const STRIP_COLOUR: [u8; 3] = [160, 0, 0];
const INK: [u8; 3] = [255, 255, 255];

/// A glyph: rows from the top, `#` is ink, any width.
type Glyph = &'static [&'static str];

const T: Glyph = &[
    "#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#..", "..#..",
];
const R: Glyph = &[
    "####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#", "#...#",
];
const A: Glyph = &[
    "..#..", ".#.#.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#",
];
const I: Glyph = &["###", ".#.", ".#.", ".#.", ".#.", ".#.", ".#.", "###"];
const N: Glyph = &[
    "#...#", "##..#", "##..#", "#.#.#", "#.#.#", "#..##", "#..##", "#...#",
];
const G: Glyph = &[
    ".###.", "#...#", "#....", "#....", "#..##", "#...#", "#...#", ".###.",
];
const GAP: Glyph = &["..."];
/// 训
const XUN: Glyph = &[
    ".#....#..#.#",
    "..#...#..#.#",
    "......#..#.#",
    "......#..#.#",
    "####..#..#.#",
    "...#..#..#.#",
    "...#..#..#.#",
    "...#..#..#.#",
    "...#..#..#.#",
    "...#.#...#.#",
    "...###.....#",
    "...##......#",
];
/// 练
const LIAN: Glyph = &[
    "...#....#...",
    "..#..#######",
    "..#.....#...",
    ".#.#...#....",
    "####..#.#...",
    "..#..#######",
    ".#......#...",
    "####..#.#.#.",
    "......#.#..#",
    "..##.#..#..#",
    "##......#...",
    "......###...",
];

/// TRAINING 训练
const TEXT: [Glyph; 11] = [T, R, A, I, N, I, N, G, GAP, XUN, LIAN];

/// Burns the training mark into the lower edge of a portrait.
pub fn mark_training(portrait: &mut Raster) {
    let (width, height) = (portrait.width(), portrait.height());
    let strip = (height / STRIP_PART).max(1);
    let top = height - strip;
    for y in top..height {
        for x in 0..width {
            portrait.set_pixel(x, y, STRIP_COLOUR);
        }
    }
    let dot = strip / STRIP_ROWS;
    if dot == 0 {
        // A picture under 320 rows has no room for letters; the red strip still marks it.
        return;
    }
    let columns: usize = TEXT.iter().map(|glyph| advance(glyph)).sum();
    let mut left = (width / 2).saturating_sub(columns as u32 * dot / 2);
    for glyph in TEXT {
        // Letters are lower than the ideographs: all stand on one line, two rows above the edge.
        let rise = (glyph.len() as u32 + 2) * dot;
        draw(portrait, glyph, (left, height - rise.min(strip)), dot);
        left += advance(glyph) as u32 * dot;
    }
}

/// Columns a glyph takes, with the space after it.
fn advance(glyph: Glyph) -> usize {
    glyph.first().map_or(0, |row| row.len()) + 1
}

fn draw(portrait: &mut Raster, glyph: Glyph, (left, top): (u32, u32), dot: u32) {
    for (row, line) in (0_u32..).zip(glyph) {
        for (column, cell) in (0_u32..).zip(line.bytes()) {
            if cell == b'#' {
                for part in 0..dot * dot {
                    let (x, y) = (column * dot + part % dot, row * dot + part / dot);
                    portrait.set_pixel(left + x, top + y, INK);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stays_in_its_strip_and_is_legible() {
        let mut portrait = Raster::filled(480, 640, [100, 197, 255]).unwrap();
        let before = portrait.clone();
        mark_training(&mut portrait);
        let strip = 608 * 480 * 3;
        assert_eq!(portrait.data()[..strip], before.data()[..strip]);
        let ink = portrait.data()[strip..]
            .chunks_exact(3)
            .filter(|pixel| *pixel == INK)
            .count();
        let dots: usize = TEXT
            .iter()
            .flat_map(|glyph| glyph.iter())
            .map(|row| row.bytes().filter(|cell| *cell == b'#').count())
            .sum();
        assert_eq!(
            ink,
            dots * 4,
            "every dot of every glyph is there, two by two pixels"
        );
    }

    #[test]
    fn glyphs_have_straight_edges() {
        for glyph in TEXT {
            assert!(glyph.iter().all(|row| row.len() == glyph[0].len()));
            assert!(glyph.len() <= 12);
        }
    }

    #[test]
    fn any_size_is_marked() {
        for (width, height) in [(16, 16), (40, 640), (295, 413)] {
            let mut portrait = Raster::filled(width, height, [0, 0, 255]).unwrap();
            mark_training(&mut portrait);
            assert_eq!(portrait.pixel(0, height - 1), STRIP_COLOUR);
        }
    }
}
