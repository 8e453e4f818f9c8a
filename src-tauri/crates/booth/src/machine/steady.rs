//! 自动拍: whether a pose has been held long enough for the booth to press by itself.
//!
//! It looks at what the station saw of single frames and adds nothing to it: a gap in what was seen is a
//! break, and so is a look that comes late. It presses once; again only after the operator retook, or
//! after the pose was lost and taken anew, so that a face which the photo standard refuses is not shot
//! again and again.

use crate::time::Timestamp;
use std::time::Duration;

/// How long all has to hold.
pub(super) const HOLD: Duration = Duration::from_millis(600);
/// Two looks further apart than this do not show what was between them.
pub(super) const GAP_MAX: Duration = Duration::from_millis(500);

/// A pose that did not hold for so long is lost: one look that failed does not tell that.
pub(super) const LOST: Duration = Duration::from_millis(400);

/// What was seen of one seat, from the seat or from the retake on.
pub(super) struct Steady {
    /// What was born before counts for somebody or something else.
    from: Timestamp,
    /// The first and the last frame of the run in which all held.
    run: Option<(Timestamp, Timestamp)>,
    /// Since when nothing has held.
    lost: Option<Timestamp>,
    /// It pressed, and the pose was not lost since.
    pressed: bool,
}

impl Steady {
    /// Begins with a seat or a retake.
    pub(super) const fn from(from: Timestamp) -> Self {
        Self {
            from,
            run: None,
            lost: None,
            pressed: false,
        }
    }

    /// The shutter was pressed, by whomever: what was seen before is of that press.
    pub(super) const fn exposed(&mut self) {
        self.run = None;
        self.pressed = true;
    }

    /// Takes what was seen of a frame born at `born`, at the moment `now`. Whether to press.
    pub(super) fn sees(&mut self, born: Timestamp, holds: bool, now: Timestamp) -> bool {
        let is_recent = now.since(born).is_some_and(|age| age <= GAP_MAX);
        if born.since(self.from).is_none() || !is_recent {
            self.run = None;
            return false;
        }
        if !holds {
            let since = *self.lost.get_or_insert(born);
            self.run = None;
            self.pressed &= born.since(since).is_none_or(|span| span < LOST);
            return false;
        }
        self.lost = None;
        let (first, _) = *self.run.insert(match self.run {
            Some((first, last)) if born.since(last).is_some_and(|gap| gap <= GAP_MAX) => {
                (first, born)
            }
            Some(_) | None => (born, born),
        });
        !self.pressed && born.since(first) >= Some(HOLD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BootId;

    fn at(ms: u64) -> Timestamp {
        Timestamp::new(BootId([7; 16]), ms * 1_000_000)
    }

    /// Sees frames of these births, each looked at 50 ms later; when it pressed.
    fn seen(steady: &mut Steady, looks: &[(u64, bool)]) -> Vec<u64> {
        let pressed = looks
            .iter()
            .filter(|(born, holds)| steady.sees(at(*born), *holds, at(born + 50)));
        pressed.map(|(born, _)| *born).collect()
    }

    fn steady() -> Steady {
        Steady::from(at(1_000))
    }

    #[test]
    fn six_hundred_milliseconds_press_and_one_less_does_not() {
        let looks = [(1_000, true), (1_300, true), (1_599, true)];
        assert_eq!(seen(&mut steady(), &looks), [0_u64; 0]);
        let looks = [(1_000, true), (1_300, true), (1_600, true)];
        assert_eq!(seen(&mut steady(), &looks), [1_600]);
    }

    #[test]
    fn a_break_begins_anew() {
        let looks = [(1_000, true), (1_300, true), (1_310, false), (1_320, true)];
        let mut held = steady();
        assert_eq!(seen(&mut held, &looks), [0_u64; 0]);
        let looks = [(1_600, true), (1_919, true), (1_920, true)];
        assert_eq!(seen(&mut held, &looks), [1_920]);
    }

    #[test]
    fn what_nobody_saw_did_not_hold() {
        // 501 ms without a look, and a look that tells of long ago.
        let looks = [(1_000, true), (1_501, true), (1_800, true)];
        assert_eq!(seen(&mut steady(), &looks), [0_u64; 0]);
        let looks = [(1_000, true), (1_500, true), (1_700, true)];
        assert_eq!(seen(&mut steady(), &looks), [1_700]);
        let mut late = steady();
        assert!(!late.sees(at(1_000), true, at(1_050)));
        assert!(!late.sees(at(1_300), true, at(1_350)));
        assert!(!late.sees(at(1_600), true, at(2_101)));
        assert!(!late.sees(at(1_610), true, at(1_650)), "begun anew");
        // From the future, of another boot, or older than the one before.
        assert!(!late.sees(at(3_000), true, at(2_900)));
        let other = Timestamp::new(BootId([8; 16]), 3_000_000_000);
        assert!(!late.sees(other, true, at(3_050)));
    }

    #[test]
    fn frames_from_before_the_seat_count_for_nobody() {
        let looks = [
            (700, true),
            (999, true),
            (1_000, true),
            (1_300, true),
            (1_599, true),
        ];
        assert_eq!(seen(&mut steady(), &looks), [0_u64; 0]);
    }

    #[test]
    fn it_presses_once_until_the_pose_was_lost_or_the_operator_retook() {
        let hold = |from: u64| {
            (0..8)
                .map(|step| (from + step * 100, true))
                .collect::<Vec<_>>()
        };
        let mut held = steady();
        assert_eq!(seen(&mut held, &hold(1_000)), [1_600, 1_700]);
        held.exposed();
        assert_eq!(seen(&mut held, &hold(3_000)), [0_u64; 0], "pressed already");
        // A look that failed, and one that failed 399 ms after the first: the pose was not lost.
        assert_eq!(seen(&mut held, &[(4_000, false)]), [0_u64; 0]);
        assert_eq!(seen(&mut held, &hold(4_100)), [0_u64; 0]);
        assert_eq!(
            seen(&mut held, &[(5_000, false), (5_399, false)]),
            [0_u64; 0]
        );
        assert_eq!(seen(&mut held, &hold(5_400)), [0_u64; 0]);
        assert_eq!(
            seen(&mut held, &[(7_000, false), (7_400, false)]),
            [0_u64; 0]
        );
        assert_eq!(seen(&mut held, &hold(7_500)), [8_100, 8_200]);
        held.exposed();
        held = Steady::from(at(9_000));
        assert_eq!(seen(&mut held, &hold(9_000)), [9_600, 9_700]);
    }
}
