//! The background brought to the colour of the profile: a derivative, never the portrait itself.
//!
//! The photo standard forbids retouching, so no portrait of record passes through here. Some receivers
//! ask for one exact colour all the same; for those a profile may allow a second file, made beside the
//! first. It changes what is surely background and nothing else: the person, grown by a margin that
//! takes in stray hair and the edge of the mask, stays as it was, pixel by pixel, and so does whatever
//! does not look like the cloth, on whichever side of the mask it lies.

use crate::inspect::Backdrop;
use crate::landmarks::PersonMask;
use crate::profile::Background;
use crate::raster::Raster;

/// The person is grown by this part of the height, and left alone. Ours: the mask's edge eats some
/// pixels into hair, and strands stand off by as much.
pub(crate) const MARGIN: f32 = 0.03;
/// From there on the change grows over this part of the height, so that no edge shows.
const SOFT: f32 = 0.04;

/// The same portrait with its background brought towards the colour of `background`; wholly where it is
/// far from the person and looks like the cloth. No pixel of the person grown by 0.03 of the height
/// changes, nor any whose colour is not that of the cloth.
#[must_use]
pub fn normalise(
    portrait: &Raster,
    person: &PersonMask,
    backdrop: &Backdrop,
    background: &Background,
) -> Raster {
    let height = portrait.height() as f32;
    let free = person.free(height * MARGIN, height * SOFT);
    let mut even = portrait.clone();
    for y in 0..portrait.height() {
        for x in 0..portrait.width() {
            let surely = free.at(x as f32 + 0.5, y as f32 + 0.5);
            if surely <= 0.0 {
                continue;
            }
            let seen = portrait.pixel(x, y);
            let share = surely * backdrop.likeness(seen) as f32;
            if share > 0.0 {
                even.set_pixel(x, y, toward(seen, background.rgb, share));
            }
        }
    }
    even
}

/// A colour on the way to another one: 0 stays, 1 arrives.
fn toward(seen: [u8; 3], wanted: [u8; 3], share: f32) -> [u8; 3] {
    std::array::from_fn(|at| {
        let (from, to) = (f32::from(seen[at]), f32::from(wanted[at]));
        (from + (to - from) * share.min(1.0)).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geometry::Point;
    use crate::inspect::backdrop;
    use crate::landmarks::PERSON_LEAST;

    const WANTED: Background = Background {
        rgb: [100, 197, 255],
        delta_e_max: 12.0,
        normalise: true,
    };
    /// A tired cloth, as it is photographed.
    const CLOTH: [u8; 3] = [110, 170, 215];

    /// A head and shoulders in a picture of 120 x 160: nine tenths of the national portrait's blocks.
    fn person(left: usize, top: usize, half: usize) -> PersonMask {
        let mut shares = vec![0; 64 * 64];
        for row in top..64 {
            let wide = if row < top + 20 { half } else { 2 * half };
            for column in left.saturating_sub(wide)..(left + wide).min(64) {
                shares[row * 64 + column] = 255;
            }
        }
        let origin = Point { x: -20.0, y: 0.0 };
        PersonMask::new(64, shares, origin, 2.5).unwrap()
    }

    /// A slope of light, some noise, and whatever the person looks like.
    fn taken(seed: u32) -> Raster {
        let mut portrait = Raster::filled(120, 160, CLOTH).unwrap();
        let mut state = seed | 1;
        for y in 0..160 {
            for x in 0..120 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 29) as u8;
                let light = 0.9 + 0.1 * f64::from(x) / 120.0;
                let lit = CLOTH.map(|level| (f64::from(level) * light) as u8 + noise);
                portrait.set_pixel(x, y, lit);
            }
        }
        portrait
    }

    fn changed(one: &Raster, other: &Raster) -> usize {
        let pairs = one.data().chunks_exact(3).zip(other.data().chunks_exact(3));
        pairs.filter(|(before, after)| before != after).count()
    }

    #[test]
    fn a_tired_cloth_becomes_the_colour_and_the_person_stays() {
        let (mut portrait, mask) = (taken(7), person(32, 16, 8));
        // Somebody in grey, and a strand of hair that the mask does not know.
        for y in 0..160 {
            for x in 0..120 {
                if mask.at(x as f32 + 0.5, y as f32 + 0.5) > 0.5 {
                    portrait.set_pixel(x, y, [90, 90, 95]);
                }
            }
        }
        let strand = [35, 28, 26];
        for y in 20..60 {
            portrait.set_pixel(10, y, strand);
        }
        let before = portrait.clone();
        let behind = backdrop(&portrait, &mask).unwrap();
        let even = normalise(&portrait, &mask, &behind, &WANTED);
        assert_eq!(portrait, before, "what was given is not touched");
        assert_eq!(even.pixel(2, 2), WANTED.rgb);
        assert_eq!(even.pixel(117, 30), WANTED.rgb);
        assert_eq!(even.pixel(60, 80), [90, 90, 95]);
        assert_eq!(even.pixel(10, 40), strand, "hair is no cloth");
        let far = |picture: &Raster| crate::background_distance(picture, &WANTED);
        assert!(far(&portrait) > 12.0 && far(&even) < 1.0, "{}", far(&even));
    }

    /// A door is not painted over: the finding that tells of it has to stay.
    #[test]
    fn what_is_no_cloth_stays() {
        let (mut portrait, mask) = (taken(3), person(32, 16, 8));
        for y in 0..160 {
            for x in 0..14 {
                portrait.set_pixel(x, y, [150, 110, 80]);
            }
        }
        let behind = backdrop(&portrait, &mask).unwrap();
        let even = normalise(&portrait, &mask, &behind, &WANTED);
        assert_eq!(even.pixel(5, 60), [150, 110, 80]);
        assert_eq!(even.pixel(115, 20), WANTED.rgb);
    }

    #[test]
    fn toward_begins_here_and_ends_there() {
        assert_eq!(toward([0, 100, 255], [100, 100, 55], 0.0), [0, 100, 255]);
        assert_eq!(toward([0, 100, 255], [100, 100, 55], 0.25), [25, 100, 205]);
        assert_eq!(toward([0, 100, 255], [100, 100, 55], 1.0), [100, 100, 55]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Whoever sits there, wherever: the grown person stays pixel by pixel, and everything else
        /// lies between what it was and the colour.
        #[test]
        fn only_the_background_changes_and_only_toward_the_colour(
            left in 12_usize..52,
            top in 4_usize..40,
            half in 1_usize..10,
            speck in 0_usize..4096,
            seed in any::<u32>(),
        ) {
            let portrait = taken(seed);
            let mut mask = person(left, top, half);
            mask.set_share(speck, 40);
            let Some(behind) = backdrop(&portrait, &mask) else {
                return Ok(());
            };
            let even = normalise(&portrait, &mask, &behind, &WANTED);
            let kept = mask.grown(160.0 * MARGIN);
            for y in 0..160 {
                for x in 0..120 {
                    let (was, is) = (portrait.pixel(x, y), even.pixel(x, y));
                    if kept.at(x as f32 + 0.5, y as f32 + 0.5) >= PERSON_LEAST {
                        prop_assert_eq!(was, is, "{} {}", x, y);
                    }
                    for ((was, is), wanted) in was.into_iter().zip(is).zip(WANTED.rgb) {
                        prop_assert!((was.min(wanted)..=was.max(wanted)).contains(&is));
                    }
                }
            }
            prop_assert!(changed(&portrait, &even) > 0);
        }
    }
}
