//! The clock code through a photograph: drawn, photographed badly, measured.

use booth::{BootId, Timestamp};
use camera::clockcode::{ClockCode, MeasureFault, measure, read, render};
use image::{GrayImage, Luma, RgbImage};
use simulator::still::{ExifFields, encode_jpeg, with_exif, with_exif_fields};

fn code() -> ClockCode {
    ClockCode {
        wall_ms: 1_780_277_400_250,
        at: Timestamp::new(BootId([7; 16]), 1_234_567_000_000),
    }
}

/// The code on a screen in a dim room: smaller than the picture, grey instead of
/// black and white, with noise and a brightness that falls off to one side.
fn photograph(drawn: &GrayImage, width: u32, height: u32) -> Vec<u8> {
    let (left, top) = (width / 3, height / 4);
    let mut noise = 0x2545_F491_u32;
    let picture = RgbImage::from_fn(width, height, |x, y| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let inside = x >= left && y >= top && x - left < drawn.width() && y - top < drawn.height();
        let value = if inside {
            60 + u32::from(drawn.get_pixel(x - left, y - top).0[0]) / 2
        } else {
            40 + (x / 16 + y / 16) % 60
        };
        let value = value + noise % 24 + x * 20 / width;
        image::Rgb([value.min(255) as u8; 3])
    });
    encode_jpeg(&picture).expect("it fits")
}

/// When the measurement began.
fn before() -> Timestamp {
    Timestamp::new(code().at.boot(), 0)
}

#[test]
fn a_code_of_an_earlier_run_or_boot_measures_nothing() {
    let drawn = render(code(), 6).expect("the text fits");
    let picture = photograph(&drawn, 1600, 1000);
    let taken = with_exif(&picture, "2026:06:01 09:30:03", None, Some("0042"));
    let later = Timestamp::new(code().at.boot(), code().at.nanos() + 1);
    assert_eq!(measure(&taken, later), Err(MeasureFault::OldCode));
    let other_boot = Timestamp::new(BootId([0xee; 16]), 0);
    assert_eq!(measure(&taken, other_boot), Err(MeasureFault::OldCode));
}

/// A transfer that broke off has lost the code, or not yet: it is no whole picture either way.
#[test]
fn a_cut_off_photograph_is_told_as_such() {
    let drawn = render(code(), 6).expect("the text fits");
    let picture = photograph(&drawn, 1600, 1000);
    let taken = with_exif(&picture, "2026:06:01 09:30:03", None, Some("0042"));
    for part in [3, 10, 35, 60, 95] {
        let cut = &taken[..taken.len() * part / 100];
        let measured = measure(cut, before());
        assert_eq!(measured, Err(MeasureFault::NotAPicture), "{part} of 100");
    }
    let away = photograph(&GrayImage::from_pixel(8, 8, Luma([0])), 1600, 1000);
    assert_eq!(measure(&away, before()), Err(MeasureFault::NoCode));
}

#[test]
fn a_photograph_of_the_code_measures_the_camera() {
    let drawn = render(code(), 6).expect("the text fits");
    let picture = photograph(&drawn, 1600, 1000);
    assert_eq!(read(&picture), Some(code()));
    // The dial stands at Beijing time and is three seconds fast.
    let taken = with_exif(&picture, "2026:06:01 09:30:03", Some("25"), Some("0042"));
    let offset = measure(&taken, before()).expect("both clocks are in it");
    assert_eq!(offset.body, "0042");
    assert_eq!(offset.wall_offset_ms, 8 * 3_600_000 + 3_000);
    assert_eq!(offset.boot, code().at.boot());
    assert_eq!(
        offset.monotonic_offset_ms,
        offset.wall_offset_ms + code().wall_ms - 1_234_567
    );
    assert_eq!((offset.coarse_ms, offset.zone_min), (10, None));
}

#[test]
fn a_large_photograph_is_read_too() {
    let drawn = render(code(), 14).expect("the text fits");
    assert_eq!(read(&photograph(&drawn, 4000, 3000)), Some(code()));
}

#[test]
fn what_is_missing_is_said() {
    let drawn = render(code(), 6).expect("the text fits");
    let picture = photograph(&drawn, 1600, 1000);
    assert_eq!(measure(&picture, before()), Err(MeasureFault::NoExif));
    let nobody = with_exif(&picture, "2026:06:01 09:30:03", None, None);
    assert_eq!(measure(&nobody, before()), Err(MeasureFault::NoBody));
    let unset = with_exif(&picture, "0000:00:00 00:00:00", None, Some("0042"));
    assert_eq!(measure(&unset, before()), Err(MeasureFault::NoExif));
    let blank = photograph(&GrayImage::from_pixel(400, 400, Luma([255])), 1600, 1000);
    let blank = with_exif(&blank, "2026:06:01 09:30:03", None, Some("0042"));
    assert_eq!(measure(&blank, before()), Err(MeasureFault::NoCode));
}

#[test]
fn a_camera_with_a_zone_and_no_subseconds_is_coarse_and_says_its_zone() {
    let drawn = render(code(), 6).expect("the text fits");
    let fields = ExifFields {
        taken: Some("2026:06:01 09:30:00"),
        subsec: Some("00"),
        offset: Some("+08:00"),
        serial: Some("0042"),
        unique_id: None,
    };
    let picture = with_exif_fields(&photograph(&drawn, 1600, 1000), &fields);
    let offset = measure(&picture, before()).expect("both clocks are in it");
    assert_eq!((offset.coarse_ms, offset.zone_min), (1000, Some(480)));
}
