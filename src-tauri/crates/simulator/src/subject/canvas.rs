//! The canvas: layers painted back to front in units of the face.
//!
//! Coordinates have their origin between the eyes, x to the right of the
//! picture, y down; the unit is half the face's width. Everything drawn is thus
//! independent of the size of the picture.

use image::RgbImage;

use super::noise::SplitMix;

/// A colour in sRGB, 0 to 255 for each channel, kept unrounded until the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colour(pub(crate) f32, pub(crate) f32, pub(crate) f32);

impl Colour {
    /// Brighter (over 1) or darker (under 1).
    pub(crate) fn lit(self, factor: f32) -> Self {
        Self(self.0 * factor, self.1 * factor, self.2 * factor)
    }

    /// Each channel by its own factor.
    pub(crate) fn tinted(self, by: Self) -> Self {
        Self(self.0 * by.0, self.1 * by.1, self.2 * by.2)
    }

    /// The way from this colour to `other`, `share` of 0 to 1.
    pub(crate) fn toward(self, other: Self, share: f32) -> Self {
        let s = share.clamp(0.0, 1.0);
        Self(
            self.0 + (other.0 - self.0) * s,
            self.1 + (other.1 - self.1) * s,
            self.2 + (other.2 - self.2) * s,
        )
    }
}

/// A rectangle in face units, outside of which a layer has no paint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Area {
    /// The rectangle reaching `rx` and `ry` to each side of a centre.
    pub(crate) const fn around(x: f32, y: f32, rx: f32, ry: f32) -> Self {
        Self {
            left: x - rx,
            top: y - ry,
            right: x + rx,
            bottom: y + ry,
        }
    }
}

/// Where the face lies in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placing {
    /// Pixels to the point between the eyes.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Pixels in one unit.
    pub(crate) unit: f32,
}

pub(crate) struct Canvas {
    width: u32,
    height: u32,
    placing: Placing,
    pixels: Vec<Colour>,
}

impl Canvas {
    pub(crate) fn filled(width: u32, height: u32, placing: Placing, colour: Colour) -> Self {
        Self {
            width,
            height,
            placing,
            pixels: vec![colour; width as usize * height as usize],
        }
    }

    /// How much of a pixel lies inside an edge, for a signed distance in units
    /// (negative inside).
    pub(crate) fn inside(&self, distance: f32) -> f32 {
        (0.5 - distance * self.placing.unit).clamp(0.0, 1.0)
    }

    /// Pixels in one unit.
    pub(crate) const fn unit(&self) -> f32 {
        self.placing.unit
    }

    /// The part of the unit plane that the picture shows.
    pub(crate) fn everything(&self) -> Area {
        let Placing { x, y, unit } = self.placing;
        Area {
            left: -x / unit,
            top: -y / unit,
            right: (self.width as f32 - x) / unit,
            bottom: (self.height as f32 - y) / unit,
        }
    }

    /// Lays one layer over what is there. `paint` is asked for the colour and
    /// the cover (0 to 1) of the point at each pixel's centre.
    pub(crate) fn paint(&mut self, area: Area, paint: impl Fn(&Self, f32, f32) -> (Colour, f32)) {
        let Placing { x, y, unit } = self.placing;
        let columns = clipped(x + area.left * unit, x + area.right * unit, self.width);
        let rows = clipped(y + area.top * unit, y + area.bottom * unit, self.height);
        for row in rows {
            let uy = (row as f32 + 0.5 - y) / unit;
            for column in columns.clone() {
                let ux = (column as f32 + 0.5 - x) / unit;
                let (colour, cover) = paint(self, ux, uy);
                if cover > 0.0 {
                    let at = row * self.width as usize + column;
                    self.pixels[at] = self.pixels[at].toward(colour, cover);
                }
            }
        }
    }

    /// Multiplies what is there: shadows and blushes.
    pub(crate) fn shade(&mut self, area: Area, tint: Colour, depth: impl Fn(f32, f32) -> f32) {
        let Placing { x, y, unit } = self.placing;
        let columns = clipped(x + area.left * unit, x + area.right * unit, self.width);
        let rows = clipped(y + area.top * unit, y + area.bottom * unit, self.height);
        for row in rows {
            let uy = (row as f32 + 0.5 - y) / unit;
            for column in columns.clone() {
                let ux = (column as f32 + 0.5 - x) / unit;
                let share = depth(ux, uy);
                if share > 0.0 {
                    let at = row * self.width as usize + column;
                    let under = self.pixels[at];
                    self.pixels[at] = under.toward(under.tinted(tint), share);
                }
            }
        }
    }

    /// The finished picture, with a sensor's noise of about 1.7 grey levels.
    pub(crate) fn developed(self, seed: u64) -> RgbImage {
        let mut random = SplitMix::seeded(seed);
        let mut bytes = Vec::with_capacity(self.pixels.len() * 3);
        for colour in self.pixels {
            let bits = random.bits().to_le_bytes();
            let sum =
                |from: usize, to: usize| bits[from..to].iter().map(|b| f32::from(*b)).sum::<f32>();
            // Four bytes sum to a near-normal value: mean 510, deviation 148.
            let luma = (sum(0, 4) - 510.0) * (1.6 / 148.0);
            let red = (sum(4, 6) - 255.0) * (0.7 / 104.0);
            let blue = (sum(6, 8) - 255.0) * (0.9 / 104.0);
            for (channel, noise) in [(colour.0, red), (colour.1, 0.0), (colour.2, blue)] {
                // `as` saturates, which is what an overexposed sensor does too.
                bytes.push((channel + luma + noise).round() as u8);
            }
        }
        // The length is width x height x 3 by construction.
        RgbImage::from_raw(self.width, self.height, bytes).unwrap_or_default()
    }
}

fn clipped(from: f32, to: f32, limit: u32) -> std::ops::Range<usize> {
    let from = from.floor().clamp(0.0, limit as f32) as usize;
    let to = to.ceil().clamp(0.0, limit as f32) as usize;
    from..to.max(from)
}

/// A bell of height 1 around a point.
pub(crate) fn bell(x: f32, y: f32, rx: f32, ry: f32) -> f32 {
    let t = (x / rx) * (x / rx) + (y / ry) * (y / ry);
    if t > 12.0 { 0.0 } else { (-t).exp() }
}

/// 0 below `from`, 1 above `to`, smooth between.
pub(crate) fn step(from: f32, to: f32, at: f32) -> f32 {
    let t = ((at - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Signed distance (nearly) to an ellipse around the origin.
pub(crate) fn ellipse(x: f32, y: f32, rx: f32, ry: f32) -> f32 {
    let k = ((x / rx) * (x / rx) + (y / ry) * (y / ry)).sqrt();
    (k - 1.0) * rx.min(ry)
}

/// Distance to the straight line between two points.
pub(crate) fn segment(x: f32, y: f32, from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = ((x - from.0) * dx + (y - from.1) * dy) / (dx * dx + dy * dy);
    let t = along.clamp(0.0, 1.0);
    (x - from.0 - t * dx).hypot(y - from.1 - t * dy)
}
