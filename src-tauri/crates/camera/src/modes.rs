//! Which of a camera's formats to use: chosen by ourselves, because the choice of
//! the libraries below fails on cameras that do not have the exact one.

use std::cmp::Reverse;

/// Nothing larger is asked for where there is a choice: a portrait is 480 x 640 pixels, and
/// more costs the frame rate on USB 2.
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

/// The best mode: one of Full HD at most, fast enough, rather MJPEG than raw, the largest, and
/// of these the one nearest to 30 frames a second. Of a camera that has larger ones only, the
/// smallest. `None` when there is none.
pub(crate) fn choose(modes: impl IntoIterator<Item = Mode>) -> Option<Mode> {
    modes
        .into_iter()
        .filter(|mode| mode.width > 0 && mode.height > 0)
        .max_by_key(|mode| {
            // A driver that does not tell its rate gets the benefit of the doubt.
            let rate = mode.rate.unwrap_or(RATE_MIN);
            let slowness = Reverse(RATE_MIN.saturating_sub(rate));
            let area = i128::from(mode.width) * i128::from(mode.height);
            let larger_is_better = if is_small(mode) { area } else { -area };
            let off = Reverse(rate.abs_diff(RATE_ENOUGH));
            (is_small(mode), slowness, mode.pixels, larger_is_better, off)
        })
}

const fn is_small(mode: &Mode) -> bool {
    mode.width <= WIDTH_MAX && mode.height <= HEIGHT_MAX
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
        assert_eq!(choose([]), None);
    }

    #[test]
    fn a_camera_that_has_large_modes_only_is_no_reason_to_refuse_it() {
        let best = mode(Pixels::Mjpeg, 2560, 1440, 30);
        let modes = [
            mode(Pixels::Mjpeg, 4000, 3000, 30),
            best,
            mode(Pixels::Mjpeg, 2048, 1536, 5),
        ];
        assert_eq!(choose(modes), Some(best));
    }

    proptest! {
        #[test]
        fn the_choice_is_one_of_the_modes_and_small_where_one_is(
            sizes in proptest::collection::vec((1u32..5_000, 1u32..3_000, 1u32..120, any::<bool>()), 0..20),
        ) {
            let modes: Vec<Mode> = sizes.into_iter().map(|(width, height, rate, jpeg)| {
                mode(if jpeg { Pixels::Mjpeg } else { Pixels::Yuyv }, width, height, rate)
            }).collect();
            match choose(modes.iter().copied()) {
                None => prop_assert!(modes.is_empty()),
                Some(chosen) => {
                    prop_assert!(modes.contains(&chosen));
                    let small: Vec<&Mode> = modes.iter().filter(|mode| is_small(mode)).collect();
                    prop_assert!(small.is_empty() || is_small(&chosen));
                    let others = if small.is_empty() { modes.iter().collect() } else { small };
                    let faster = others.iter().any(|mode| mode.rate >= Some(RATE_MIN));
                    prop_assert!(!faster || chosen.rate >= Some(RATE_MIN));
                }
            }
        }
    }
}
