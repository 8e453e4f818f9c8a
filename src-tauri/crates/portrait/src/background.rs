//! The colour of the background.

use std::sync::LazyLock;

use crate::profile::Background;
use crate::raster::Raster;

/// Distance in Lab (CIE76) between the background of a finished portrait and the colour it should
/// have. Taken where hair and shoulders do not reach: the two upper corners, a tenth of the width
/// and a quarter of the height each. The colour is the median of each channel, so that a strand of
/// hair does not count.
#[must_use]
pub fn background_distance(portrait: &Raster, background: &Background) -> f64 {
    let (wide, high) = (
        (portrait.width() / 10).max(1),
        (portrait.height() / 4).max(1),
    );
    let columns = (0..wide).chain(portrait.width() - wide..portrait.width());
    let mut channels: [Vec<u8>; 3] = Default::default();
    for x in columns {
        for y in 0..high {
            for (channel, value) in channels.iter_mut().zip(portrait.pixel(x, y)) {
                channel.push(value);
            }
        }
    }
    let found = channels.map(|mut values| {
        let middle = values.len() / 2;
        *values.select_nth_unstable(middle).1
    });
    distance(lab(found), lab(background.rgb))
}

/// CIE76: the straight line between two Lab colours.
pub(crate) fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
    let squares = one.iter().zip(other).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// A level of sRGB as linear light, 0 to 1. Looked up: a portrait asks for a million of them.
pub(crate) fn linear(level: u8) -> f64 {
    static LINEAR: LazyLock<[f64; 256]> = LazyLock::new(|| {
        std::array::from_fn(|level| {
            let value = level as f64 / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        })
    });
    LINEAR[usize::from(level)]
}

/// CIE lightness of a colour of sRGB, 0 to 100: the first number of [`lab`] for a third of the price.
pub(crate) fn lightness(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(linear);
    116.0 * curve(0.212_673 * r + 0.715_152 * g + 0.072_175 * b) - 16.0
}

/// How CIE Lab bends a share of the white's light.
fn curve(value: f64) -> f64 {
    if value > 0.008_856 {
        value.cbrt()
    } else {
        7.787 * value + 16.0 / 116.0
    }
}

/// sRGB to CIE Lab, white D65.
pub(crate) fn lab(rgb: [u8; 3]) -> [f64; 3] {
    lab_of_linear(rgb.map(linear))
}

/// Linear light with the primaries of sRGB to CIE Lab, white D65.
pub(crate) fn lab_of_linear([r, g, b]: [f64; 3]) -> [f64; 3] {
    let xyz = [
        (0.412_456 * r + 0.357_576 * g + 0.180_437 * b) / 0.950_47,
        0.212_673 * r + 0.715_152 * g + 0.072_175 * b,
        (0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83,
    ];
    let [x, y, z] = xyz.map(curve);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_blue_has_its_known_lab_values() {
        let [l, a, b] = lab([100, 197, 255]);
        assert!((lightness([100, 197, 255]) - l).abs() < 1e-12);
        assert!((l - 76.0).abs() < 0.1 && (a + 11.8).abs() < 0.1 && (b + 37.1).abs() < 0.1);
    }

    #[test]
    fn the_blues_of_the_trade_are_as_far_apart_as_published() {
        let reference = Background {
            rgb: [100, 197, 255],
            delta_e_max: 12.0,
            normalise: false,
        };
        let of = |rgb| background_distance(&Raster::filled(480, 640, rgb).unwrap(), &reference);
        assert!(of([100, 197, 255]) < 1e-9);
        assert!(
            (of([0, 191, 243]) - 10.7).abs() < 0.2,
            "{}",
            of([0, 191, 243])
        );
        assert!(
            (of([51, 143, 178]) - 23.3).abs() < 0.2,
            "{}",
            of([51, 143, 178])
        );
    }
}
