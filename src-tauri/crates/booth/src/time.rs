//! Time as an argument: monotonic moments with the boot they belong to, and
//! calendar days.

use std::time::Duration;

/// Which start of the machine a monotonic time belongs to (128 random bits that
/// the operating system draws at boot). Two times of different boots cannot be
/// compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BootId(pub [u8; 16]);

/// A moment of the machine's monotonic clock: nanoseconds since boot, with the boot.
///
/// Decisions are made with this clock only. Wall-clock time jumps (time zones,
/// dead batteries, network corrections) and is kept for people to read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Timestamp {
    boot: BootId,
    nanos: u64,
}

impl Timestamp {
    /// A moment `nanos` nanoseconds after the start of `boot`.
    #[must_use]
    pub const fn new(boot: BootId, nanos: u64) -> Self {
        Self { boot, nanos }
    }

    /// The boot this moment belongs to.
    #[must_use]
    pub const fn boot(self) -> BootId {
        self.boot
    }

    /// Nanoseconds since that boot.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.nanos
    }

    /// How long after `earlier` this is; `None` when it is before it, or of
    /// another boot. Doubt closes: callers treat `None` as a refusal.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        if self.boot != earlier.boot {
            return None;
        }
        self.nanos
            .checked_sub(earlier.nanos)
            .map(Duration::from_nanos)
    }

    /// This moment plus a span; the far future when it would overflow.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Self {
            boot: self.boot,
            nanos: self.nanos.saturating_add(nanos),
        }
    }
}

/// The moment an event is handled at: the clock for decisions, the calendar day
/// for what is printed on a document.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Monotonic time.
    pub at: Timestamp,
    /// The station's local calendar day.
    pub today: Date,
}

/// A day of the Gregorian calendar between 1800 and 2999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day, or `None` when the calendar has no such day.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
        let length = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        let known = (1800..3000).contains(&year) && (1..=length).contains(&day);
        known.then_some(Self { year, month, day })
    }

    /// Reads `YYYYMMDD`, the form of identity documents.
    #[must_use]
    pub fn parse_compact(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Self::new(
            text[..4].parse().ok()?,
            text[4..6].parse().ok()?,
            text[6..].parse().ok()?,
        )
    }

    /// Year, month (1-12), day (1-31).
    #[must_use]
    pub const fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_two_boots_are_not_compared() {
        let one = Timestamp::new(BootId([1; 16]), 5);
        let other = Timestamp::new(BootId([2; 16]), 9);
        assert_eq!(other.since(one), None);
        assert_eq!(
            one.plus(Duration::from_nanos(2)).since(one),
            Some(Duration::from_nanos(2))
        );
        assert_eq!(one.since(one.plus(Duration::from_nanos(1))), None);
    }

    #[test]
    fn the_calendar_is_respected() {
        assert!(Date::parse_compact("20000229").is_some());
        assert!(Date::parse_compact("19000229").is_none());
        assert!(Date::parse_compact("20230431").is_none());
        assert!(Date::parse_compact("2023043").is_none());
        assert!(Date::parse_compact("2023O401").is_none());
        assert!(Date::parse_compact("20230401") < Date::parse_compact("20230402"));
    }
}
