//! What a picture's EXIF says that matters to its age: when, by which camera.
//!
//! EXIF time is wall time by the camera's own clock, to the second, with decimals
//! in a second tag where the camera has them, and with a time zone in a third
//! where it is recent. It is read here as it stands; what it means in the
//! station's time is [`crate::folder`]'s concern.

use ::exif::{DateTime, Exif, In, Reader, Tag, Value};
use std::io::Cursor;

/// What was found; each part may be missing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ExifFacts {
    /// When the picture was taken.
    pub taken: Option<TakenAt>,
    /// Which body took it: its serial number, else make and model.
    pub body: Option<String>,
    /// `ImageUniqueID`, where the camera gives one.
    pub unique_id: Option<String>,
}

/// A time by the camera's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TakenAt {
    /// Milliseconds from 1970-01-01T00:00:00 on the camera's own dial, whatever its
    /// time zone: the earliest moment that the digits allow.
    pub dial_ms: i64,
    /// The picture was taken less than this many milliseconds later.
    pub resolution_ms: u32,
    /// The camera's time zone in minutes east of UTC, if it says so.
    pub zone_min: Option<i16>,
}

/// Reads the EXIF of a JPEG; everything missing when there is none or it is damaged.
#[must_use]
pub fn read(bytes: &[u8]) -> ExifFacts {
    let Ok(exif) = Reader::new().read_from_container(&mut Cursor::new(bytes)) else {
        return ExifFacts::default();
    };
    ExifFacts {
        taken: taken(&exif),
        body: body(&exif),
        unique_id: text(&exif, Tag::ImageUniqueID),
    }
}

fn taken(exif: &Exif) -> Option<TakenAt> {
    let mut time = DateTime::from_ascii(ascii(exif, Tag::DateTimeOriginal)?).ok()?;
    let zone = ascii(exif, Tag::OffsetTimeOriginal);
    let zone_min = zone.and_then(|zone| time.parse_offset(zone).ok().and(time.offset));
    let mut taken = TakenAt {
        dial_ms: dial_ms(&time)?,
        resolution_ms: 1000,
        zone_min,
    };
    if let Some(text) = text(exif, Tag::SubSecTimeOriginal) {
        let (ms, resolution_ms) = subseconds(&text);
        taken.dial_ms += i64::from(ms);
        taken.resolution_ms = resolution_ms;
    }
    Some(taken)
}

/// Milliseconds and their resolution. Digits that are all zero are taken for a
/// camera that writes `00` for want of a finer clock.
fn subseconds(text: &str) -> (u32, u32) {
    let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(10)).collect();
    if digits.iter().all(|&digit| digit == 0) {
        return (0, 1000);
    }
    let ms = digits
        .iter()
        .chain([0, 0].iter())
        .take(3)
        .fold(0, |ms, digit| ms * 10 + digit);
    let resolution_ms = [100, 10].get(digits.len() - 1).copied().unwrap_or(1);
    (ms, resolution_ms)
}

/// The dial as milliseconds; `None` for a time that is none (`0000:00:00 00:00:00`
/// is what a camera writes whose clock was never set).
fn dial_ms(time: &DateTime) -> Option<i64> {
    let date = booth::Date::new(time.year, time.month, time.day)?;
    if time.hour > 23 || time.minute > 59 || time.second > 59 {
        return None;
    }
    let seconds = i64::from(time.hour) * 3600 + i64::from(time.minute) * 60;
    Some((days_of(date) * 86_400 + seconds + i64::from(time.second)) * 1000)
}

/// Days from 1970-01-01: Howard Hinnant's `days_from_civil`.
fn days_of(date: booth::Date) -> i64 {
    let (year, month, day) = date.parts();
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let mp = (i64::from(month) + 9) % 12;
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

fn body(exif: &Exif) -> Option<String> {
    text(exif, Tag::BodySerialNumber).or_else(|| {
        let make = text(exif, Tag::Make)?;
        let model = text(exif, Tag::Model)?;
        Some(format!("{make} {model}"))
    })
}

fn ascii(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    let field = exif.get_field(tag, In::PRIMARY)?;
    if let Value::Ascii(lines) = &field.value {
        return lines.first().map(Vec::as_slice);
    }
    None
}

/// A text field, trimmed; `None` when it is empty, as unset fields are.
fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let text = String::from_utf8_lossy(ascii(exif, tag)?);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        let day = |y, m, d| days_of(booth::Date::new(y, m, d).unwrap());
        assert_eq!(day(1970, 1, 1), 0);
        assert_eq!(day(2024, 2, 29), 19_782);
        assert_eq!(day(2026, 11, 24), 20_781);
        assert_eq!(day(1969, 12, 31), -1);
    }

    #[test]
    fn subseconds_are_decimals_with_the_resolution_of_their_digits() {
        assert_eq!(subseconds("5"), (500, 100));
        assert_eq!(subseconds("05"), (50, 10));
        assert_eq!(subseconds("123"), (123, 1));
        assert_eq!(subseconds("123456"), (123, 1));
        assert_eq!(subseconds("00"), (0, 1000));
        assert_eq!(subseconds(""), (0, 1000));
        assert_eq!(subseconds("  "), (0, 1000));
    }

    #[test]
    fn bytes_without_exif_say_nothing() {
        assert_eq!(read(b"\xFF\xD8\xFF\xD9"), ExifFacts::default());
        assert_eq!(read(b"nothing"), ExifFacts::default());
    }
}
