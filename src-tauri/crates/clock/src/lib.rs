//! The machine's clocks, read in one place.
//!
//! The rules take time as an argument; this crate is where it comes from. The
//! monotonic clock is `CLOCK_MONOTONIC`, the same one that V4L2 stamps frames
//! with, so that a driver's timestamp and our own can be compared.

use booth::{BootId, Date, Now, Timestamp};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The monotonic clock now, with the boot it belongs to.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::new(*BOOT, monotonic_nanos())
}

/// A `CLOCK_MONOTONIC` reading of this boot that somebody else took, e.g. a driver.
#[must_use]
pub fn at_nanos(nanos: u64) -> Timestamp {
    Timestamp::new(*BOOT, nanos)
}

/// Milliseconds since the Unix epoch by the wall clock: informative, never decisive.
#[must_use]
pub fn wall_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Monotonic time and the calendar day of UTC+8 (the documents' own time zone).
#[must_use]
pub fn moment() -> Now {
    const SHANGHAI_S: i64 = 8 * 3600;
    let day = (wall_ms() / 1000 + SHANGHAI_S).div_euclid(86_400);
    let epoch_day = Date::new(1970, 1, 1);
    let today = civil(day).or(epoch_day);
    // 1970-01-01 exists, so the fall-back of a fall-back is never taken.
    let today = today.unwrap_or_else(|| unreachable!("1970-01-01 is a day"));
    Now { at: now(), today }
}

/// Days since 1970-01-01 as a date: Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> Option<Date> {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    Date::new(
        u16::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    )
}

#[cfg(unix)]
fn monotonic_nanos() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

#[cfg(not(unix))]
fn monotonic_nanos() -> u64 {
    // Without a shared clock the process is its own boot: see `BOOT`.
    static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The kernel's boot id; where there is none, a random one for this process, which
/// makes every earlier time incomparable: doubt closes.
static BOOT: LazyLock<BootId> = LazyLock::new(|| kernel_boot_id().unwrap_or_else(random_boot_id));

#[cfg(target_os = "linux")]
fn kernel_boot_id() -> Option<BootId> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    u128::from_str_radix(&digits, 16)
        .ok()
        .map(|id| BootId(id.to_be_bytes()))
}

#[cfg(not(target_os = "linux"))]
fn kernel_boot_id() -> Option<BootId> {
    None
}

fn random_boot_id() -> BootId {
    let mut id = [0u8; 16];
    if getrandom::fill(&mut id).is_err() {
        id[8..].copy_from_slice(&wall_ms().to_be_bytes());
    }
    BootId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_does_not_go_back() {
        let first = now();
        let second = now();
        assert!(second.since(first).is_some());
    }

    #[test]
    fn known_days() {
        assert_eq!(civil(0), Date::new(1970, 1, 1));
        assert_eq!(civil(19_782), Date::new(2024, 2, 29));
        assert_eq!(civil(20_781), Date::new(2026, 11, 24));
    }
}
