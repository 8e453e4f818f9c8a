//! Black borders: bars that an earlier tool left around the picture.

use crate::raster::Raster;

/// A line of pixels belongs to a border if its mean luma is at most this, of 255.
const DARK: f64 = 40.0;
/// And if it is one colour: the spread of its luma is at most this.
const EVEN: f64 = 10.0;
/// And the picture begins with a step of at least this. A black jacket at the lower edge and dark
/// hair at a side have none that runs along the whole edge.
const STEP: f64 = 24.0;
/// No further than this part of a side is looked for.
const REACH: u32 = 4;

/// Width in pixels of the widest black border, 0 for none.
pub(super) fn widest(picture: &Raster) -> u32 {
    let (width, height) = (picture.width(), picture.height());
    let luma = |x: u32, y: u32| {
        let [r, g, b] = picture.pixel(x, y).map(f64::from);
        0.299 * r + 0.587 * g + 0.114 * b
    };
    let row = |y: u32| -> Vec<f64> { (0..width).map(|x| luma(x, y)).collect() };
    let column = |x: u32| -> Vec<f64> { (0..height).map(|y| luma(x, y)).collect() };
    let sides = [
        border(height, row),
        border(height, |at| row(height - 1 - at)),
        border(width, column),
        border(width, |at| column(width - 1 - at)),
    ];
    sides.into_iter().max().unwrap_or(0)
}

/// The lines from an edge inwards that belong to a border.
fn border(side: u32, line: impl Fn(u32) -> Vec<f64>) -> u32 {
    let mut before = 0.0;
    for at in 0..side / REACH {
        let (mean, spread) = moments(&line(at));
        let is_dark = mean <= DARK && spread <= EVEN;
        if !is_dark {
            return if at > 0 && mean - before >= STEP {
                at
            } else {
                0
            };
        }
        before = mean;
    }
    0
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(left: u32, bottom: u32) -> Raster {
        let mut picture = Raster::filled(40, 60, [100, 197, 255]).unwrap();
        for y in 0..60 {
            for x in 0..40 {
                if x < left || y >= 60 - bottom {
                    picture.set_pixel(x, y, [6, 5, 7]);
                }
            }
        }
        picture
    }

    #[test]
    fn the_widest_bar_is_measured_at_every_edge() {
        assert_eq!(widest(&bars(0, 0)), 0);
        assert_eq!(widest(&bars(3, 0)), 3);
        assert_eq!(widest(&bars(0, 7)), 7);
    }

    #[test]
    fn a_black_picture_and_a_dark_jacket_are_no_border() {
        assert_eq!(widest(&Raster::filled(40, 60, [0; 3]).unwrap()), 0);
        // Shoulders that rise over the whole width, darker towards the edge.
        let mut picture = bars(0, 0);
        for y in 40..60 {
            let rise = (60 - y) * 2;
            for x in rise.min(19)..40 - rise.min(19) {
                picture.set_pixel(x, y, [20; 3]);
            }
        }
        assert_eq!(widest(&picture), 0);
    }
}
