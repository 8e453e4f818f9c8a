//! A picture in halving sizes, and square cuts of it in any place, size and angle.
//!
//! Models want 128 to 256 pixels from a square that may be a thousand wide. Picking single pixels
//! of the full picture would alias; averaging them each time is slow. So the picture is halved as
//! often as it can be of use, once, and every cut is taken bilinearly from the size whose pixels are
//! just finer than the cut's.

use portrait::{Point, Raster, scale};

use crate::VisionError;

/// No model looks at more than 256 pixels, so halving stops at twice that.
const SMALLEST_SIDE: u32 = 512;

/// A square cut, turned about its centre. Lengths in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Square {
    pub(crate) centre: Point,
    pub(crate) side: f32,
    /// Radians; positive turns the cut clockwise as seen in the picture.
    pub(crate) angle: f32,
}

impl Square {
    /// Where a place of the cut (0 to 1 across and down) lies in the picture.
    pub(crate) fn place(&self, across: f32, down: f32) -> Point {
        let (x, y) = ((across - 0.5) * self.side, (down - 0.5) * self.side);
        let (sin, cos) = self.angle.sin_cos();
        Point {
            x: self.centre.x + x * cos - y * sin,
            y: self.centre.y + x * sin + y * cos,
        }
    }
}

/// How bytes become numbers: `value * scale + offset`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    scale: f32,
    offset: f32,
}

impl Range {
    /// 0 to 1.
    pub(crate) const UNIT: Self = Self {
        scale: 1.0 / 255.0,
        offset: 0.0,
    };
    /// -1 to 1.
    pub(crate) const SIGNED: Self = Self {
        scale: 1.0 / 127.5,
        offset: -1.0,
    };
}

pub(crate) struct Pyramid<'a> {
    picture: &'a Raster,
    /// Each half the size of the one before, the first half of the picture.
    halves: Vec<Raster>,
}

impl<'a> Pyramid<'a> {
    pub(crate) fn new(picture: &'a Raster) -> Result<Self, VisionError> {
        let mut halves: Vec<Raster> = Vec::new();
        loop {
            let last = halves.last().unwrap_or(picture);
            if last.width().max(last.height()) < SMALLEST_SIDE * 2 {
                return Ok(Self { picture, halves });
            }
            let next = halve(last)?;
            halves.push(next);
        }
    }

    pub(crate) fn width(&self) -> u32 {
        self.picture.width()
    }

    pub(crate) fn height(&self) -> u32 {
        self.picture.height()
    }

    /// A square of the picture as `side` x `side` numbers, channels first. Black outside the
    /// picture, as the models were trained with.
    pub(crate) fn cut(&self, square: &Square, side: usize, range: Range) -> Vec<f32> {
        let (level, shrink) = self.level(square.side / side as f32);
        let plane = side * side;
        let mut numbers = vec![range.offset; plane * 3];
        let step = 1.0 / side as f32;
        for row in 0..side {
            for column in 0..side {
                let at = square.place((column as f32 + 0.5) * step, (row as f32 + 0.5) * step);
                let (x, y) = (at.x * shrink.0 - 0.5, at.y * shrink.1 - 0.5);
                if let Some(colour) = bilinear(level, x, y) {
                    for (channel, value) in colour.into_iter().enumerate() {
                        numbers[channel * plane + row * side + column] =
                            value * range.scale + range.offset;
                    }
                }
            }
        }
        numbers
    }

    /// The size to cut from when one pixel of the cut covers `ratio` pixels of the picture, and the
    /// factors from the picture to it.
    fn level(&self, ratio: f32) -> (&Raster, (f32, f32)) {
        let wanted = ratio.max(1.0).log2().floor() as usize;
        let level = match wanted.min(self.halves.len()).checked_sub(1) {
            Some(index) => &self.halves[index],
            None => self.picture,
        };
        let across = level.width() as f32 / self.picture.width() as f32;
        let down = level.height() as f32 / self.picture.height() as f32;
        (level, (across, down))
    }
}

fn halve(picture: &Raster) -> Result<Raster, VisionError> {
    let size = (picture.width().div_ceil(2), picture.height().div_ceil(2));
    scale(picture, size).map_err(|fault| VisionError::Scale(fault.to_string()))
}

/// The colour between four pixels, whose centres are at whole numbers; nothing outside.
fn bilinear(raster: &Raster, x: f32, y: f32) -> Option<[f32; 3]> {
    let (width, height) = (raster.width() as f32, raster.height() as f32);
    let inside = x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5;
    if !inside {
        return None;
    }
    let (x, y) = (x.clamp(0.0, width - 1.0), y.clamp(0.0, height - 1.0));
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = (
        (left + 1).min(raster.width() as usize - 1),
        (top + 1).min(raster.height() as usize - 1),
    );
    let (fx, fy) = (x - left as f32, y - top as f32);
    let data = raster.data();
    let row = raster.width() as usize;
    let at = |x: usize, y: usize| (y * row + x) * 3;
    let corners = [
        at(left, top),
        at(right, top),
        at(left, bottom),
        at(right, bottom),
    ];
    Some(std::array::from_fn(|channel| {
        let [nw, ne, sw, se] = corners.map(|corner| f32::from(data[corner + channel]));
        let (upper, lower) = (nw + (ne - nw) * fx, sw + (se - sw) * fx);
        upper + (lower - upper) * fy
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red grows with x, green with y.
    fn ramp(width: u32, height: u32) -> Raster {
        let mut raster = Raster::filled(width, height, [0; 3]).unwrap();
        for y in 0..height {
            for x in 0..width {
                let red = (x * 255 / (width - 1)) as u8;
                let green = (y * 255 / (height - 1)) as u8;
                raster.set_pixel(x, y, [red, green, 7]);
            }
        }
        raster
    }

    #[test]
    fn a_cut_shows_the_place_it_was_taken_from_at_every_size() {
        for (width, height) in [(300, 300), (2400, 2400)] {
            let raster = ramp(width, height);
            let pyramid = Pyramid::new(&raster).unwrap();
            let centre = Point {
                x: 0.25 * width as f32,
                y: 0.75 * height as f32,
            };
            let square = Square {
                centre,
                side: width as f32 / 10.0,
                angle: 0.0,
            };
            let numbers = pyramid.cut(&square, 16, Range::UNIT);
            let mean = |channel: usize| numbers[channel * 256..][..256].iter().sum::<f32>() / 256.0;
            assert!((mean(0) - 0.25).abs() < 0.01, "{}", mean(0));
            assert!((mean(1) - 0.75).abs() < 0.01, "{}", mean(1));
        }
    }

    #[test]
    fn a_turned_cut_is_turned() {
        let raster = ramp(300, 300);
        let pyramid = Pyramid::new(&raster).unwrap();
        let centre = Point { x: 150.0, y: 150.0 };
        let quarter = std::f32::consts::FRAC_PI_2;
        let square = Square {
            centre,
            side: 100.0,
            angle: quarter,
        };
        let numbers = pyramid.cut(&square, 10, Range::UNIT);
        // Along a row of the cut the picture is walked downwards: green rises, red stays.
        assert!(numbers[100 + 9] - numbers[100] > 0.25);
        assert!((numbers[9] - numbers[0]).abs() < 0.02);
    }

    #[test]
    fn outside_is_black() {
        let raster = Raster::filled(100, 100, [255; 3]).unwrap();
        let pyramid = Pyramid::new(&raster).unwrap();
        let square = Square {
            centre: Point { x: 0.0, y: 50.0 },
            side: 100.0,
            angle: 0.0,
        };
        let numbers = pyramid.cut(&square, 10, Range::SIGNED);
        assert_eq!((numbers[0], numbers[9]), (-1.0, 1.0));
    }
}
