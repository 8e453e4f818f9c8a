//! Which of a camera's formats to use: chosen by ourselves, because the choice of
//! the libraries below fails on cameras that do not have the exact one.

use std::cmp::Reverse;

/// Nothing larger is asked for: a portrait is 480 x 640 pixels, and more costs the
/// frame rate on USB 2.
pub(crate) const WIDTH_MAX: u32 = 1920;
/// See [`WIDTH_MAX`].
pub(crate) const HEIGHT_MAX: u32 = 1080;
/// Below this the preview stutters and a burst around the press is too sparse.
const RATE_MIN: u32 = 15;
/// Above this a faster mode is no better for a portrait.
const RATE_ENOUGH: u32 = 30;

/// How the pixels come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Pixels {
    /// Packed 4:2:2.
    Yuyv,
    /// One JPEG a frame.
    Mjpeg,
}

/// One mode of a camera.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mode {
    pub(crate) pixels: Pixels,
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
    /// Frames a second, rounded down; `None` where the driver does not say.
    pub(crate) rate: Option<u32>,
}

/// The best mode: one that is fast enough, rather MJPEG than raw, the largest, and
/// of these the one nearest to 30 frames a second. `None` when none is small enough.
pub(crate) fn choose(modes: impl IntoIterator<Item = Mode>) -> Option<Mode> {
    modes
        .into_iter()
        .filter(|mode| mode.width <= WIDTH_MAX && mode.height <= HEIGHT_MAX)
        .filter(|mode| mode.width > 0 && mode.height > 0)
        .max_by_key(|mode| {
            // A driver that does not tell its rate gets the benefit of the doubt.
            let rate = mode.rate.unwrap_or(RATE_MIN);
            let slowness = Reverse(RATE_MIN.saturating_sub(rate));
            let area = u64::from(mode.width) * u64::from(mode.height);
            let off = Reverse(rate.abs_diff(RATE_ENOUGH));
            (slowness, mode.pixels, area, off)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn mode(pixels: Pixels, width: u32, height: u32, rate: u32) -> Mode {
        Mode {
            pixels,
            width,
            height,
            rate: Some(rate),
        }
    }

    #[test]
    fn the_largest_mjpeg_that_is_fast_enough_is_chosen() {
        let best = mode(Pixels::Mjpeg, 1920, 1080, 30);
        let modes = [
            mode(Pixels::Yuyv, 1920, 1080, 5),
            mode(Pixels::Yuyv, 640, 480, 30),
            mode(Pixels::Mjpeg, 3840, 2160, 30),
            mode(Pixels::Mjpeg, 1920, 1080, 60),
            best,
            mode(Pixels::Mjpeg, 1280, 720, 30),
        ];
        assert_eq!(choose(modes), Some(best));
    }

    #[test]
    fn raw_and_fast_is_better_than_slow() {
        let best = mode(Pixels::Yuyv, 640, 480, 15);
        let modes = [
            mode(Pixels::Yuyv, 1280, 720, 10),
            best,
            mode(Pixels::Mjpeg, 1920, 1080, 5),
        ];
        assert_eq!(choose(modes), Some(best));
    }

    #[test]
    fn a_slow_camera_is_better_than_none() {
        let only = mode(Pixels::Yuyv, 1280, 720, 10);
        assert_eq!(
            choose([only, mode(Pixels::Yuyv, 1920, 1080, 5)]),
            Some(only)
        );
        assert_eq!(choose([mode(Pixels::Mjpeg, 4000, 3000, 30)]), None);
        assert_eq!(choose([]), None);
    }

    proptest! {
        #[test]
        fn the_choice_is_one_of_the_modes_and_small_enough(
            sizes in proptest::collection::vec((1u32..5_000, 1u32..3_000, 1u32..120, any::<bool>()), 0..20),
        ) {
            let modes: Vec<Mode> = sizes.into_iter().map(|(width, height, rate, jpeg)| {
                mode(if jpeg { Pixels::Mjpeg } else { Pixels::Yuyv }, width, height, rate)
            }).collect();
            let fits = |mode: &&Mode| mode.width <= WIDTH_MAX && mode.height <= HEIGHT_MAX;
            match choose(modes.iter().copied()) {
                None => prop_assert_eq!(modes.iter().find(fits), None),
                Some(chosen) => {
                    prop_assert!(modes.contains(&chosen) && fits(&&chosen));
                    let faster = modes.iter().filter(fits).any(|m| m.rate >= Some(RATE_MIN));
                    prop_assert!(!faster || chosen.rate >= Some(RATE_MIN));
                }
            }
        }
    }
}
