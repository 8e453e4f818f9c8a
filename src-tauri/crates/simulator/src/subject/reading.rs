//! Reading the badge back.
//!
//! `rqrr` finds the code reliably even where a module is three pixels wide, but
//! its corners are whole pixels, and half a module of error in a corner spoils its
//! sampling: measured on 160 portraits at quality 60, it found 154 codes and read
//! 120. The badge is square and upright by construction, so the corners only
//! need to be moved by fractions of a module until the three finder patterns
//! fall into place; the library then corrects and decodes the modules so sampled.

use image::imageops::{FilterType, crop_imm, grayscale, resize};
use image::{GrayImage, RgbImage};
use rqrr::{Grid, Point, PreparedImage, SimpleGrid};

use super::badge::{MODULES, SubjectMark};

/// Cells of the finder patterns and their light borders that a placing must get
/// right, of 192. Blurred edges cost a few.
const FINDER_CELLS_MIN: u32 = 172;

/// Where a code might lie, in pixels.
#[derive(Debug, Clone, Copy)]
struct Placing {
    left: f32,
    top: f32,
    module: f32,
}

/// Reads the badge of a drawn subject: in the booth's picture, and in the
/// portrait cut from it (480 x 640, JPEG down to quality 60). `None` where there
/// is none, or none that its checksum confirms.
#[must_use]
pub fn decode(picture: &RgbImage) -> Option<SubjectMark> {
    let (width, height) = picture.dimensions();
    if width < 40 || height < 40 {
        return None;
    }
    // The badge is below the face: leave out the upper third, hair and cloth.
    let top = height / 3;
    let grey = grayscale(&crop_imm(picture, 0, top, width, height - top).to_image());
    // Small modules are found better in an enlarged picture, at ten times the
    // price; few pictures have to pay it.
    read(&grey).or_else(|| {
        let (w, h) = (grey.width() * 2, grey.height() * 2);
        read(&resize(&grey, w, h, FilterType::CatmullRom))
    })
}

fn read(grey: &GrayImage) -> Option<SubjectMark> {
    let (width, height) = grey.dimensions();
    let mut prepared =
        PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
            grey.get_pixel(x as u32, y as u32).0[0]
        });
    prepared
        .detect_grids()
        .iter()
        .find_map(|grid| mark_of(grid).or_else(|| settle(grey, grid.bounds)))
}

/// What a grid says, if it is ours and whole.
fn mark_of<G: rqrr::BitGrid>(grid: &Grid<G>) -> Option<SubjectMark> {
    let mut bytes = Vec::new();
    grid.decode_to(&mut bytes).ok()?;
    SubjectMark::from_bytes(&bytes)
}

/// Tries the placings around the corners that were found.
fn settle(grey: &GrayImage, [corner, right, _, low]: [Point; 4]) -> Option<SubjectMark> {
    // The fourth corner is extrapolated by the library; three are enough.
    let size = ((right.x - corner.x) as f32 + (low.y - corner.y) as f32) / 2.0;
    let module = size / MODULES as f32;
    // Under two pixels there is nothing to sample; a tilted code is not ours.
    if module < 2.0 || (right.y - corner.y).abs() as f32 > size / 5.0 {
        return None;
    }
    let threshold = threshold(grey, corner, size);
    let shifts = [0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75_f32];
    let growths = [0.0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0_f32];
    shifts
        .iter()
        .flat_map(|dx| shifts.iter().map(move |dy| (dx, dy)))
        .flat_map(|(dx, dy)| growths.iter().map(move |growth| (dx, dy, growth)))
        .find_map(|(dx, dy, growth)| {
            let placing = Placing {
                left: corner.x as f32 + dx * module,
                top: corner.y as f32 + dy * module,
                module: (size + growth * module) / MODULES as f32,
            };
            read_at(grey, placing, threshold)
        })
}

/// Halfway between the dark and the light of the code's square.
fn threshold(grey: &GrayImage, corner: Point, size: f32) -> f32 {
    let mut tones: Vec<f32> = (0..400)
        .map(|i| {
            let (u, v) = ((i % 20) as f32 / 19.0, (i / 20) as f32 / 19.0);
            tone(grey, corner.x as f32 + u * size, corner.y as f32 + v * size)
        })
        .collect();
    tones.sort_by(f32::total_cmp);
    (tones[40] + tones[359]) / 2.0
}

fn read_at(grey: &GrayImage, placing: Placing, threshold: f32) -> Option<SubjectMark> {
    let dark = |column: usize, row: usize| {
        let x = placing.left + (column as f32 + 0.5) * placing.module;
        let y = placing.top + (row as f32 + 0.5) * placing.module;
        tone(grey, x, y) < threshold
    };
    let mut right = 0;
    for row in 0..MODULES {
        for column in 0..MODULES {
            right += u32::from(finder(column, row) == Some(dark(column, row)));
        }
    }
    if right < FINDER_CELLS_MIN {
        return None;
    }
    mark_of(&Grid::new(SimpleGrid::from_func(MODULES, dark)))
}

/// What a cell of the finder patterns and their borders must be; `None` for the
/// cells that carry data.
fn finder(column: usize, row: usize) -> Option<bool> {
    let far = MODULES - 8;
    if column >= 8 && column < far || row >= 8 && row < far || column >= far && row >= far {
        return None;
    }
    // Count from the outer corner of the pattern: 7 is the light border.
    let inward = |at: usize| if at < 8 { at } else { MODULES - 1 - at };
    let (u, v) = (inward(column), inward(row));
    let ring = u.abs_diff(3).max(v.abs_diff(3));
    Some(ring != 2 && ring != 4)
}

/// Grey at a place between pixels; beyond the picture, white.
fn tone(grey: &GrayImage, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (fx, fy) = (x - x.floor(), y - y.floor());
    let at = |dx: i32, dy: i32| {
        let (px, py) = (x.floor() as i32 + dx, y.floor() as i32 + dy);
        let pixel = u32::try_from(px)
            .ok()
            .zip(u32::try_from(py).ok())
            .and_then(|(px, py)| grey.get_pixel_checked(px, py));
        pixel.map_or(255.0, |p| f32::from(p.0[0]))
    };
    let upper = at(0, 0) * (1.0 - fx) + at(1, 0) * fx;
    let lower = at(0, 1) * (1.0 - fx) + at(1, 1) * fx;
    upper * (1.0 - fy) + lower * fy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::badge::modules;

    #[test]
    fn the_finder_cells_are_those_of_the_encoder() {
        let modules = modules(SubjectMark { id: 77, frame: 8 });
        let mut cells = 0;
        for row in 0..MODULES {
            for column in 0..MODULES {
                if let Some(dark) = finder(column, row) {
                    assert_eq!(dark, modules[row * MODULES + column], "{column} {row}");
                    cells += 1;
                }
            }
        }
        assert_eq!(cells, 192);
    }

    #[test]
    fn a_coarse_corner_settles_on_the_code() {
        let mark = SubjectMark {
            id: 0x0102_0304,
            frame: 9,
        };
        let modules = modules(mark);
        // Three pixels a module, the code 30 pixels in.
        let grey = GrayImage::from_fn(123, 123, |x, y| {
            let (c, r) = (
                (x as usize).wrapping_sub(30) / 3,
                (y as usize).wrapping_sub(30) / 3,
            );
            let dark = c < MODULES && r < MODULES && modules[r * MODULES + c];
            image::Luma([if dark { 30 } else { 230 }])
        });
        let point = |x, y| Point { x, y };
        let coarse = [point(28, 32), point(91, 32), point(0, 0), point(28, 95)];
        assert_eq!(settle(&grey, coarse), Some(mark));
        let elsewhere = [point(3, 3), point(66, 3), point(66, 66), point(3, 66)];
        assert_eq!(settle(&grey, elsewhere), None);
    }

    #[test]
    fn a_picture_without_a_badge_reads_as_none() {
        let plain = RgbImage::from_pixel(480, 640, image::Rgb([100, 197, 255]));
        assert_eq!(decode(&plain), None);
        assert_eq!(decode(&RgbImage::new(8, 8)), None);
    }
}
