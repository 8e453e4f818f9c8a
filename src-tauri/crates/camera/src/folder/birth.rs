//! When a picture from a folder was taken, in the station's monotonic time.
//!
//! Pure arithmetic between two clocks. Every doubt moves the birth into the past,
//! because a picture that seems younger than it is could pass for one of the
//! subject who sits now.

use crate::clockcode::{ClockCode, ClockOffset};
use crate::exif::{ExifFacts, TakenAt};
use booth::{Birth, Timestamp};

/// The zone that an unmeasured camera without a zone of its own is assumed to show:
/// UTC+8, in which all of the mainland lives and in which the documents are dated.
///
/// The operating system's zone would be no better witness: a station started from
/// a USB stick stands at UTC while the photographer's camera shows Beijing time.
/// Nothing in production rests on this: such a birth is
/// [`Birth::ExifUnmapped`], which the rules accept in training jobs only.
const ASSUMED_ZONE_MIN: i16 = 8 * 60;

/// The birth of a picture with this EXIF that was complete at `arrived`.
#[must_use]
pub fn birth(facts: &ExifFacts, offset: Option<&ClockOffset>, arrived: ClockCode) -> Birth {
    let Some(taken) = facts.taken else {
        return Birth::Arrived(arrived.at);
    };
    let measured = offset.filter(|offset| {
        // Another body has another clock; another zone means that somebody has been
        // in the camera's menu since.
        facts.body.as_deref() == Some(&offset.body) && taken.zone_min == offset.zone_min
    });
    measured.map_or_else(
        || Birth::ExifUnmapped(assumed(taken, arrived)),
        |offset| Birth::Exif(mapped(taken, offset, arrived)),
    )
}

/// The earliest moment that a measured offset and the coarseness of both readings
/// allow. The picture was taken at or after the dial's reading; the offset may be
/// larger than measured by less than `coarse_ms`.
fn mapped(taken: TakenAt, offset: &ClockOffset, arrived: ClockCode) -> Timestamp {
    let dial = i128::from(taken.dial_ms) - i128::from(offset.coarse_ms);
    if offset.boot == arrived.at.boot() {
        let monotonic_ms = dial - i128::from(offset.monotonic_offset_ms);
        return at_nanos(arrived, monotonic_ms * 1_000_000);
    }
    at_wall_ms(arrived, dial - i128::from(offset.wall_offset_ms))
}

/// The camera's dial taken at its word.
fn assumed(taken: TakenAt, arrived: ClockCode) -> Timestamp {
    let zone_min = taken.zone_min.unwrap_or(ASSUMED_ZONE_MIN);
    let utc_ms = i128::from(taken.dial_ms) - i128::from(zone_min) * 60_000;
    at_wall_ms(arrived, utc_ms)
}

/// A moment of the wall clock on the monotonic one, by the reading of both at `arrived`.
fn at_wall_ms(arrived: ClockCode, wall_ms: i128) -> Timestamp {
    let ago_ms = i128::from(arrived.wall_ms) - wall_ms;
    at_nanos(arrived, i128::from(arrived.at.nanos()) - ago_ms * 1_000_000)
}

/// A moment of the running boot; what was before it becomes its very start, which
/// is before every seat.
fn at_nanos(arrived: ClockCode, nanos: i128) -> Timestamp {
    let nanos = u64::try_from(nanos.max(0)).unwrap_or(u64::MAX);
    Timestamp::new(arrived.at.boot(), nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::BootId;
    use proptest::prelude::*;

    const BOOT: BootId = BootId([1; 16]);
    /// 2026-06-01T01:30:00Z.
    const WALL_MS: i64 = 1_780_277_400_000;
    const HOUR_MS: i64 = 3_600_000;

    fn arrived() -> ClockCode {
        ClockCode {
            wall_ms: WALL_MS,
            at: Timestamp::new(BOOT, 500_000_000_000),
        }
    }

    fn facts(dial_ms: i64, zone_min: Option<i16>) -> ExifFacts {
        ExifFacts {
            taken: Some(TakenAt {
                dial_ms,
                resolution_ms: 1000,
                zone_min,
            }),
            body: Some("0042".to_owned()),
            unique_id: None,
        }
    }

    /// A camera whose dial is `ahead_ms` ahead of UTC, measured in the running boot.
    fn offset(ahead_ms: i64, coarse_ms: u32) -> ClockOffset {
        ClockOffset {
            body: "0042".to_owned(),
            wall_offset_ms: ahead_ms,
            boot: BOOT,
            monotonic_offset_ms: WALL_MS - 500_000 + ahead_ms,
            coarse_ms,
            zone_min: None,
        }
    }

    fn at_ms(ms: u64) -> Timestamp {
        Timestamp::new(BOOT, ms * 1_000_000)
    }

    #[test]
    fn a_measured_clock_is_mapped_to_the_earliest_moment() {
        let taken = facts(WALL_MS + 8 * HOUR_MS + 7_000 - 3_000, None);
        let ahead = offset(8 * HOUR_MS + 7_000, 0);
        assert_eq!(
            birth(&taken, Some(&ahead), arrived()),
            Birth::Exif(at_ms(497_000))
        );
        let coarse = offset(8 * HOUR_MS + 7_000, 1000);
        assert_eq!(
            birth(&taken, Some(&coarse), arrived()),
            Birth::Exif(at_ms(496_000))
        );
    }

    #[test]
    fn a_step_of_the_wall_clock_does_not_move_a_birth_in_the_same_boot() {
        let taken = facts(WALL_MS - 3_000, None);
        let mut stepped = arrived();
        stepped.wall_ms += HOUR_MS;
        assert_eq!(
            birth(&taken, Some(&offset(0, 0)), stepped),
            Birth::Exif(at_ms(497_000))
        );
        let mut before_restart = offset(0, 0);
        before_restart.boot = BootId([9; 16]);
        before_restart.monotonic_offset_ms = 12;
        assert_eq!(
            birth(&taken, Some(&before_restart), arrived()),
            Birth::Exif(at_ms(497_000))
        );
    }

    #[test]
    fn another_body_or_zone_is_not_measured() {
        let ahead = offset(0, 0);
        let mut other = facts(WALL_MS - 3_000, None);
        other.body = Some("0043".to_owned());
        assert!(matches!(
            birth(&other, Some(&ahead), arrived()),
            Birth::ExifUnmapped(_)
        ));
        let moved = facts(WALL_MS - 3_000, Some(540));
        assert!(matches!(
            birth(&moved, Some(&ahead), arrived()),
            Birth::ExifUnmapped(_)
        ));
    }

    #[test]
    fn an_unmeasured_clock_is_taken_at_its_word() {
        let beijing = facts(WALL_MS + 8 * HOUR_MS - 2_000, None);
        assert_eq!(
            birth(&beijing, None, arrived()),
            Birth::ExifUnmapped(at_ms(498_000))
        );
        let tokyo = facts(WALL_MS + 9 * HOUR_MS - 2_000, Some(540));
        assert_eq!(
            birth(&tokyo, None, arrived()),
            Birth::ExifUnmapped(at_ms(498_000))
        );
        assert_eq!(
            birth(&ExifFacts::default(), None, arrived()),
            Birth::Arrived(arrived().at)
        );
    }

    #[test]
    fn a_picture_from_before_the_boot_was_born_at_its_start() {
        let old = facts(WALL_MS - 10 * 24 * HOUR_MS, None);
        assert_eq!(
            birth(&old, Some(&offset(0, 0)), arrived()),
            Birth::Exif(at_ms(0))
        );
    }

    proptest! {
        /// Whatever the true offset, the true time and the coarseness of both clocks:
        /// the birth is never after the exposure.
        #[test]
        fn a_birth_is_never_too_late(
            ahead_ms in -90_000_000i64..90_000_000, coarse in prop::sample::select(vec![1i64, 10, 100, 1000]),
            measured_at in 100_000i64..400_000, taken_at in 100_000i64..500_000,
        ) {
            let utc = |mono_ms: i64| WALL_MS - 500_000 + mono_ms;
            let dial = |mono_ms: i64| (utc(mono_ms) + ahead_ms).div_euclid(coarse) * coarse;
            let offset = ClockOffset {
                body: "0042".to_owned(), boot: BOOT, coarse_ms: coarse as u32, zone_min: None,
                wall_offset_ms: dial(measured_at) - utc(measured_at),
                monotonic_offset_ms: dial(measured_at) - measured_at,
            };
            let born = birth(&facts(dial(taken_at), None), Some(&offset), arrived()).at();
            let truth = at_ms(taken_at as u64);
            let early = truth.since(born);
            prop_assert!(early.is_some_and(|early| early.as_millis() <= 2 * coarse as u128));
        }
    }
}
