//! What the light does to the picture: a region is measured once and compared later.
//!
//! Brightness and colour are told apart, because they have different causes. Brightness is
//! compared in stops of linear light (a lamp, the exposure); colour as a distance in Lab
//! after the brightness was made equal (a lamp's colour, the white balance).

use crate::background::{distance, lab, lab_of_linear, linear};
use crate::raster::Raster;

/// A change of the brightness that is told: a quarter of a stop, which is seen where two
/// portraits stand side by side.
pub const DRIFT_STOPS_MAX: f64 = 0.25;
/// A change of the colour that is told, in CIE76 units at equal brightness: a third of what
/// the standard's background may differ.
pub const DRIFT_DELTA_E_MAX: f64 = 4.0;
/// A region whose middle half spreads over more levels of 255 than this is not one surface.
const SPREAD_MAX: u8 = 40;

/// Where in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Region {
    /// The middle fifth of both sides: a grey card that is held where the face will be.
    Centre,
    /// Left and right above the shoulders, of the part that portraits are cut from: the
    /// upper corners of an upright frame of 3:4 in the middle, a tenth of its width and a
    /// quarter of its height each.
    Backdrop,
}

/// The colour of a region.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Patch {
    /// Median of each channel, sRGB, 0 to 255.
    pub rgb: [u8; 3],
    /// How far the middle half of the green levels spreads, 0 to 255.
    pub spread: u8,
}

impl Patch {
    /// Relative luminance, 0 black to 1 white.
    #[must_use]
    pub fn luminance(self) -> f64 {
        luminance(self.rgb.map(linear))
    }

    /// CIE Lab, white D65.
    #[must_use]
    pub fn lab(self) -> [f64; 3] {
        lab(self.rgb)
    }

    /// Whether this can be a reference: one surface, neither black nor burnt out. One
    /// channel may be full, as it is in the standard's own blue.
    #[must_use]
    pub fn is_measurable(self) -> bool {
        const DARKEST: f64 = 0.02;
        const BRIGHTEST: f64 = 0.95;
        self.spread <= SPREAD_MAX && (DARKEST..=BRIGHTEST).contains(&self.luminance())
    }
}

/// Measures a region of a frame.
#[must_use]
pub fn measure(frame: &Raster, region: Region) -> Patch {
    let mut channels: [Vec<u8>; 3] = Default::default();
    for (left, top, width, height) in areas(frame, region) {
        for y in top..top + height {
            for x in left..left + width {
                for (channel, value) in channels.iter_mut().zip(frame.pixel(x, y)) {
                    channel.push(value);
                }
            }
        }
    }
    let at = |values: &mut Vec<u8>, of_four: usize| {
        let place = values.len() * of_four / 4;
        *values.select_nth_unstable(place).1
    };
    let spread = at(&mut channels[1], 3) - at(&mut channels[1], 1);
    let rgb = channels.each_mut().map(|values| at(values, 2));
    Patch { rgb, spread }
}

/// Left, top, width and height, none empty.
fn areas(frame: &Raster, region: Region) -> Vec<(u32, u32, u32, u32)> {
    let (width, height) = (frame.width(), frame.height());
    match region {
        Region::Centre => {
            let (wide, high) = ((width / 5).max(1), (height / 5).max(1));
            vec![((width - wide) / 2, (height - high) / 2, wide, high)]
        }
        Region::Backdrop => {
            let upright = (height / 4 * 3).clamp(1, width);
            let left = (width - upright) / 2;
            let (wide, high) = ((upright / 10).max(1), (height / 4).max(1));
            vec![
                (left, 0, wide, high),
                (left + upright - wide, 0, wide, high),
            ]
        }
    }
}

/// How a region differs from what it was.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Drift {
    /// Brighter (positive) or darker, in stops.
    pub stops: f64,
    /// Distance of the colours at equal brightness, CIE76.
    pub delta_e: f64,
}

impl Drift {
    /// From a reference to what is measured now.
    #[must_use]
    pub fn between(reference: Patch, now: Patch) -> Self {
        /// Under the first level above black: nothing is compared with zero.
        const FLOOR: f64 = 1.0 / 4096.0;
        let (was, is) = (reference.luminance().max(FLOOR), now.luminance().max(FLOOR));
        let evened = now.rgb.map(|level| linear(level) * was / is);
        let reference = reference.rgb.map(linear);

        Self {
            stops: (is / was).log2(),
            delta_e: distance(lab_of_linear(reference), lab_of_linear(evened)),
        }
    }

    /// Whether it is worth a warning.
    #[must_use]
    pub fn is_beyond(self) -> bool {
        self.stops.abs() > DRIFT_STOPS_MAX || self.delta_e > DRIFT_DELTA_E_MAX
    }
}

fn luminance([r, g, b]: [f64; 3]) -> f64 {
    0.212_673 * r + 0.715_152 * g + 0.072_175 * b
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(rgb: [u8; 3]) -> Patch {
        Patch { rgb, spread: 0 }
    }

    #[test]
    fn a_stop_is_a_stop_and_no_colour() {
        // Level 93 is half the light of level 128 in sRGB.
        let drift = Drift::between(patch([128; 3]), patch([93; 3]));
        assert!((drift.stops + 1.0).abs() < 0.03, "{drift:?}");
        assert!(drift.delta_e < 0.01, "{drift:?}");
        assert!(drift.is_beyond());
        let same = Drift::between(patch([128; 3]), patch([128; 3]));
        assert!(!same.is_beyond() && same.stops == 0.0);
    }

    #[test]
    fn a_warmer_lamp_is_a_colour_and_hardly_a_stop() {
        let drift = Drift::between(patch([128, 128, 128]), patch([137, 128, 118]));
        assert!(drift.stops.abs() < 0.05, "{drift:?}");
        assert!(drift.delta_e > DRIFT_DELTA_E_MAX, "{drift:?}");
    }

    #[test]
    fn a_level_or_two_of_noise_is_no_drift() {
        for rgb in [[126, 128, 130], [130, 126, 128], [130; 3]] {
            assert!(!Drift::between(patch([128; 3]), patch(rgb)).is_beyond());
        }
        let black = Drift::between(patch([0; 3]), patch([0; 3]));
        assert_eq!(black.stops, 0.0);
    }

    #[test]
    fn the_backdrop_is_beside_the_head_and_the_card_in_the_middle() {
        // 160 x 100: the upright part is 75 wide and begins at 42.
        let mut frame = Raster::filled(160, 100, [10; 3]).unwrap();
        for y in 0..25 {
            for x in (42..49).chain(110..117) {
                frame.set_pixel(x, y, [100, 197, 255]);
            }
        }
        for y in 40..60 {
            for x in 64..96 {
                frame.set_pixel(x, y, [119, 120, 121]);
            }
        }
        assert_eq!(measure(&frame, Region::Backdrop), patch([100, 197, 255]));
        assert_eq!(measure(&frame, Region::Centre), patch([119, 120, 121]));
        // A frame of one pixel has a colour, too.
        let dot = Raster::filled(1, 1, [7; 3]).unwrap();
        assert_eq!(measure(&dot, Region::Backdrop), patch([7; 3]));
    }

    #[test]
    fn hair_in_a_corner_does_not_count_and_two_surfaces_are_none() {
        let mut frame = Raster::filled(300, 400, [100, 197, 255]).unwrap();
        for y in 60..100 {
            for x in 0..300 {
                frame.set_pixel(x, y, [20; 3]);
            }
        }
        assert_eq!(measure(&frame, Region::Backdrop).rgb, [100, 197, 255]);
        assert!(patch([100, 197, 255]).is_measurable());
        assert!(!measure(&frame, Region::Backdrop).is_measurable());
        assert!(!patch([3; 3]).is_measurable());
        assert!(!patch([254; 3]).is_measurable());
    }
}
