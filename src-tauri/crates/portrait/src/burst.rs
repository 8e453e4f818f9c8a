//! Which frame of a press is proposed: the sharpest in which the eyes are open.
//!
//! Both are relative to the person's own burst. How far open eyes look differs from person to
//! person by more than a blink does, so a fixed gate would refuse narrow eyes; and how sharp a
//! face can be is the camera's and the lamp's business.

use crate::{Finding, FindingCode, Point, Profile, Raster};

/// Eyes that are less than this open, compared with the most open ones of the burst, blink. In
/// a blink the lids pass through every position, and half-closed looks worse than blurred.
const OPEN_MIN: f32 = 0.8;

/// What was measured on one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// How far the eyes are open; any measure that grows with it.
    pub openness: f32,
    /// How sharp the face is; see [`sharpness`].
    pub sharpness: f32,
}

/// The place in the burst of the frame that is proposed: of those with open eyes the sharpest,
/// the first of a tie. Nothing when no frame was measured.
#[must_use]
pub fn propose(burst: &[Option<Taken>]) -> Option<usize> {
    let measured = || {
        let places = burst.iter().enumerate();
        places.filter_map(|(at, taken)| Some((at, (*taken)?)))
    };
    let widest = measured()
        .map(|(_, taken)| taken.openness)
        .fold(0.0, f32::max);
    let open = measured().filter(|(_, taken)| taken.openness >= OPEN_MIN * widest);
    open.fold(
        None,
        |best: Option<(usize, Taken)>, (at, taken)| match best {
            Some((_, before)) if before.sharpness >= taken.sharpness => best,
            Some(_) | None => Some((at, taken)),
        },
    )
    .map(|(at, _)| at)
}

/// The finding that a frame of a press blinks: its eyes are more closed than the profile lets them
/// be, compared with the most open ones of the same press. The proposal passes such a frame over;
/// this is for the one that was chosen by hand. Nothing where fewer than two frames were measured,
/// for an eye is compared with itself only.
#[must_use]
pub fn blink(burst: &[Option<Taken>], chosen: usize, profile: &Profile) -> Option<Finding> {
    let demand = profile.demand(FindingCode::Blink)?;
    let own = (*burst.get(chosen)?)?.openness;
    let others = burst.iter().flatten();
    let widest = others.map(|taken| taken.openness).fold(0.0, f32::max);
    let compared = burst.iter().flatten().count() > 1 && widest > 0.0;
    let share = compared.then(|| f64::from(own / widest))?;
    (!demand.band.holds(share)).then(|| {
        Finding::measured(FindingCode::Blink, share, demand.band).weighing(demand.severity)
    })
}

/// How sharp a face is: the variance of the Laplacian of luma (0 to 255) over the square around
/// both eyes, twice as wide as they are apart. Grows with focus and falls with motion; comparable
/// only between pictures of one scene by one camera.
#[must_use]
pub fn sharpness(picture: &Raster, eyes: [Point; 2]) -> f32 {
    let [one, other] = eyes;
    let reach = (one.x - other.x).hypot(one.y - other.y);
    let middle = (f32::midpoint(one.x, other.x), f32::midpoint(one.y, other.y));
    let span = |middle: f32, side: u32| {
        // A pixel on each side is left for the neighbours.
        let last = side.saturating_sub(2) as f32;
        let from = (middle - reach).clamp(1.0, last.max(1.0));
        let to = (middle + reach).clamp(1.0, last.max(1.0));
        from as u32..=to as u32
    };
    let luma = |x: u32, y: u32| {
        let [red, green, blue] = picture.pixel(x, y).map(f32::from);
        0.299 * red + 0.587 * green + 0.114 * blue
    };
    let (mut sum, mut squares, mut count) = (0.0_f64, 0.0_f64, 0.0_f64);
    for y in span(middle.1, picture.height()) {
        for x in span(middle.0, picture.width()) {
            let around = luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1);
            let bend = f64::from(around - 4.0 * luma(x, y));
            sum += bend;
            squares += bend * bend;
            count += 1.0;
        }
    }
    let mean = sum / f64::max(count, 1.0);
    (squares / f64::max(count, 1.0) - mean * mean) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(openness: f32, sharpness: f32) -> Option<Taken> {
        Some(Taken {
            openness,
            sharpness,
        })
    }

    #[test]
    fn the_sharpest_with_open_eyes_is_proposed() {
        let burst = [taken(0.30, 50.0), taken(0.08, 90.0), taken(0.28, 70.0)];
        assert_eq!(propose(&burst), Some(2), "the blink is sharper and loses");
        assert_eq!(propose(&[taken(0.3, 1.0), taken(0.2, 9.0)]), Some(0));
        assert_eq!(propose(&[taken(0.3, 1.0), taken(0.26, 9.0)]), Some(1));
    }

    /// Narrow eyes are open eyes: nobody is measured by another's.
    #[test]
    fn openness_is_relative_to_the_burst() {
        let narrow = [taken(0.12, 5.0), taken(0.13, 6.0), taken(0.05, 9.0)];
        assert_eq!(propose(&narrow), Some(1));
    }

    /// By hand: 0.10 of 0.25 is 0.4.
    #[test]
    fn a_blink_is_told_by_the_eyes_of_the_same_press() {
        let profile = Profile::named("national").unwrap();
        let burst = [taken(0.25, 1.0), taken(0.10, 1.0), None, taken(0.24, 1.0)];
        let found = blink(&burst, 1, &profile).unwrap();
        assert!((found.value.unwrap() - 0.4).abs() < 1e-6);
        assert_eq!(found.severity(), crate::Severity::Warns);
        for open in [0, 2, 3, 9] {
            assert_eq!(blink(&burst, open, &profile), None, "{open}");
        }
        // The same eyes, and nothing wider to compare them with: those of a narrow-eyed person.
        assert_eq!(blink(&[taken(0.10, 1.0)], 0, &profile), None);
        assert_eq!(blink(&[taken(0.10, 1.0), None], 0, &profile), None);
        let narrow = [taken(0.10, 1.0), taken(0.11, 1.0)];
        assert_eq!(blink(&narrow, 0, &profile), None);
        assert_eq!(blink(&[taken(0.0, 1.0); 2], 0, &profile), None);
    }

    /// Whatever is proposed has open eyes.
    #[test]
    fn the_proposed_frame_never_blinks() {
        let profile = Profile::named("national").unwrap();
        for at in 1..400_u32 {
            let open = |step: u32| 0.02 + (at * step % 97) as f32 / 300.0;
            let burst = [7, 31, 53].map(|step| taken(open(step), (at * step % 11) as f32));
            let proposed = propose(&burst).unwrap();
            assert_eq!(blink(&burst, proposed, &profile), None, "{burst:?}");
        }
    }

    #[test]
    fn frames_that_could_not_be_measured_are_passed_over() {
        assert_eq!(propose(&[]), None);
        assert_eq!(propose(&[None, None]), None);
        assert_eq!(propose(&[None, taken(0.1, 1.0)]), Some(1));
        let tie = [taken(0.3, 7.0), taken(0.3, 7.0)];
        assert_eq!(propose(&tie), Some(0), "the first of a tie");
    }

    /// By hand: a single white pixel on black bends by -4 x 255 in its place and by 255 in its
    /// four neighbours', within nine inner pixels of a square of five.
    #[test]
    fn sharpness_is_the_variance_of_the_laplacian() {
        let mut picture = Raster::filled(5, 5, [0; 3]).unwrap();
        let eyes = [Point { x: 1.0, y: 2.0 }, Point { x: 3.0, y: 2.0 }];
        assert!(sharpness(&picture, eyes).abs() < 1e-6);
        picture.set_pixel(2, 2, [255; 3]);
        let squares = (1020.0_f32.powi(2) + 4.0 * 255.0_f32.powi(2)) / 9.0;
        let found = sharpness(&picture, eyes);
        assert!((found - squares).abs() < 1.0, "{found} and not {squares}");
    }

    #[test]
    fn eyes_at_or_beyond_the_edge_measure_what_is_there() {
        let picture = Raster::filled(3, 3, [9; 3]).unwrap();
        let far = [Point { x: -50.0, y: 900.0 }, Point { x: 70.0, y: -3.0 }];
        assert!(sharpness(&picture, far).abs() < 1e-6);
        let tiny = Raster::filled(1, 1, [9; 3]).unwrap();
        assert!(sharpness(&tiny, far).is_finite());
    }
}
