//! 时钟码: the station's clock as a picture, to measure a camera's clock against.
//!
//! A picture that arrives as a file says when it was taken by the camera's clock,
//! which may be minutes or time zones off. So the camera once photographs the
//! station's screen while that shows this code: the photograph then holds both
//! clocks, the station's in the picture and the camera's in its EXIF.
//!
//! The code carries two times. Within the same boot the monotonic one counts,
//! which no correction of the wall clock can move; after a restart only the
//! wall time is left.

use crate::exif;
use crate::jpeg::{JpegFault, walk};
use booth::{BootId, Timestamp};
use image::{GrayImage, Luma};
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// First word of the code's text; the number is its version.
const MARK: &str = "LIKENESS-CLOCK-1";
/// The white margin that the standard demands, in modules.
const MARGIN: usize = 4;
/// Larger photographs are first searched at this size of their long side, in pixels.
const SEARCH_SIDE: u32 = 1600;

/// The station's two clocks, read together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockCode {
    /// Milliseconds since 1970-01-01T00:00:00Z by the wall clock.
    pub wall_ms: i64,
    /// Monotonic time, with its boot.
    pub at: Timestamp,
}

impl ClockCode {
    /// The clocks now.
    #[must_use]
    pub fn now() -> Self {
        Self {
            wall_ms: clock::wall_ms(),
            at: clock::now(),
        }
    }

    fn text(self) -> String {
        let boot = u128::from_be_bytes(self.at.boot().0);
        format!("{MARK} {} {boot:032X} {}", self.wall_ms, self.at.nanos())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        if words.next() != Some(MARK) {
            return None;
        }
        let wall_ms = words.next()?.parse().ok()?;
        let boot = u128::from_str_radix(words.next()?, 16).ok()?;
        let nanos = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Self {
            wall_ms,
            at: Timestamp::new(BootId(boot.to_be_bytes()), nanos),
        })
    }
}

/// How a camera's EXIF clock stands to the station's, measured once for a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockOffset {
    /// The body it was measured with: its EXIF serial number, or make and model.
    pub body: String,
    /// The camera's dial (read as if it were UTC) less the station's wall time (UTC),
    /// in milliseconds.
    pub wall_offset_ms: i64,
    /// The station's boot during the measurement.
    pub boot: BootId,
    /// The camera's dial (as if UTC) less the station's monotonic time, in
    /// milliseconds; holds in that boot only.
    pub monotonic_offset_ms: i64,
    /// The offsets may be larger than stated by less than this, in milliseconds: the
    /// resolution of the camera's clock in the measurement.
    pub coarse_ms: u32,
    /// The time zone the camera said it was in, in minutes east of UTC.
    pub zone_min: Option<i16>,
}

/// Why a photograph is no measurement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MeasureFault {
    /// No picture that can be decoded.
    #[error("the file is not a picture")]
    NotAPicture,
    /// The clock code was not found in it.
    #[error("the clock code cannot be read in the picture")]
    NoCode,
    /// The code in it was drawn before this measurement began, or in another boot: a late
    /// picture would bring an old offset back.
    #[error("the clock code in the picture is an old one")]
    OldCode,
    /// It carries no time of exposure.
    #[error("the picture carries no EXIF time")]
    NoExif,
    /// It does not say which camera took it.
    #[error("the picture does not say which camera took it")]
    NoBody,
}

impl MeasureFault {
    /// Stable word for the store and for `--json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAPicture => "clock-not-a-picture",
            Self::NoCode => "clock-no-code",
            Self::OldCode => "clock-old-code",
            Self::NoExif => "clock-no-exif",
            Self::NoBody => "clock-no-body",
        }
    }
}

/// Draws the code, black on white, `module_px` pixels a module (at least 1).
///
/// # Errors
/// The encoder's fault; the text is shorter than any limit, so it does not occur.
pub fn render(code: ClockCode, module_px: u32) -> Result<GrayImage, QrError> {
    let qr = QrCode::with_error_correction_level(code.text(), EcLevel::M)?;
    let modules = qr.width() + 2 * MARGIN;
    let scale = module_px.max(1) as usize;
    let colors = qr.to_colors();
    let side = u32::try_from(modules * scale).unwrap_or(u32::MAX);
    Ok(GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| (at as usize / scale).checked_sub(MARGIN);
        let dark = module(x)
            .zip(module(y))
            .filter(|&(x, y)| x < qr.width() && y < qr.width())
            .and_then(|(x, y)| colors.get(y * qr.width() + x))
            .is_some_and(|&color| color == Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    }))
}

/// Finds and reads the code in a photograph (JPEG or PNG bytes).
#[must_use]
pub fn read(picture: &[u8]) -> Option<ClockCode> {
    find(&image::load_from_memory(picture).ok()?.into_luma8())
}

/// Measures the camera's clock with a photograph of the code, as the camera
/// stored it.
///
/// # Errors
/// [`MeasureFault`]: take another photograph.
pub fn measure(picture: &[u8], since: Timestamp) -> Result<ClockOffset, MeasureFault> {
    // A decoder fills what is missing with grey, and a code in that part is not found: the file is
    // what has to be mended then, and not the photograph.
    if walk(picture) == Err(JpegFault::Truncated) {
        return Err(MeasureFault::NotAPicture);
    }
    let pixels =
        image::load_from_memory(picture).map_err(|_undecodable| MeasureFault::NotAPicture)?;
    let facts = exif::read(picture);
    let code = find(&pixels.into_luma8()).ok_or(MeasureFault::NoCode)?;
    if code.at.since(since).is_none() {
        return Err(MeasureFault::OldCode);
    }
    let taken = facts.taken.ok_or(MeasureFault::NoExif)?;
    let monotonic_ms = i64::try_from(code.at.nanos() / 1_000_000).unwrap_or(i64::MAX);
    Ok(ClockOffset {
        body: facts.body.ok_or(MeasureFault::NoBody)?,
        wall_offset_ms: taken.dial_ms.saturating_sub(code.wall_ms),
        boot: code.at.boot(),
        monotonic_offset_ms: taken.dial_ms.saturating_sub(monotonic_ms),
        coarse_ms: taken.resolution_ms,
        zone_min: taken.zone_min,
    })
}

/// A photograph of 24 megapixels is searched small first: the code is large in it,
/// and noise is averaged away.
fn find(picture: &GrayImage) -> Option<ClockCode> {
    let (width, height) = picture.dimensions();
    let long = width.max(height);
    if long > SEARCH_SIDE {
        let scaled = |side: u32| {
            let side = u64::from(side) * u64::from(SEARCH_SIDE) / u64::from(long);
            u32::try_from(side).unwrap_or(SEARCH_SIDE).max(1)
        };
        let small = image::imageops::thumbnail(picture, scaled(width), scaled(height));
        if let Some(code) = decode(&small) {
            return Some(code);
        }
    }
    decode(picture)
}

fn decode(picture: &GrayImage) -> Option<ClockCode> {
    let (width, height) = picture.dimensions();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
            // The coordinates come from the size just given.
            let x = u32::try_from(x).unwrap_or(0);
            let y = u32::try_from(y).unwrap_or(0);
            picture.get_pixel(x, y).0[0]
        });
    let grids = prepared.detect_grids();
    grids
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .find_map(|(_, text)| ClockCode::parse(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code() -> ClockCode {
        ClockCode {
            wall_ms: 1_780_000_000_123,
            at: Timestamp::new(BootId([0xAB; 16]), 98_765_432_109_876),
        }
    }

    #[test]
    fn the_text_reads_back() {
        assert_eq!(ClockCode::parse(&code().text()), Some(code()));
        assert_eq!(ClockCode::parse("LIKENESS-CLOCK-1 5"), None);
        assert_eq!(ClockCode::parse(&format!("{} 1", code().text())), None);
        assert_eq!(ClockCode::parse("https://example.org"), None);
    }

    #[test]
    fn the_drawn_code_reads_back() {
        let drawn = render(code(), 4).unwrap();
        assert_eq!(find(&drawn), Some(code()));
        assert_eq!(find(&GrayImage::from_pixel(300, 300, Luma([200]))), None);
    }

    #[test]
    fn what_is_no_picture_is_said() {
        assert_eq!(
            measure(b"no", Timestamp::new(BootId([0; 16]), 0)),
            Err(MeasureFault::NotAPicture)
        );
        assert_eq!(read(b"no"), None);
    }

    proptest! {
        #[test]
        fn every_time_reads_back_as_text(wall_ms: i64, boot: [u8; 16], nanos: u64) {
            let code = ClockCode { wall_ms, at: Timestamp::new(BootId(boot), nanos) };
            prop_assert_eq!(ClockCode::parse(&code.text()), Some(code));
        }

        #[test]
        fn another_code_in_the_picture_is_not_ours(text in "[ -~]{0,80}") {
            prop_assert_eq!(ClockCode::parse(&text), None);
        }
    }
}
