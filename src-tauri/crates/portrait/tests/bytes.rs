//! What goes into files and comes out of them, checked with other people's decoders.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use portrait::{
    DecodeFault, FindingCode, JpegLayout, Profile, Raster, Severity, check, decode, encode,
};
use proptest::prelude::*;
use zune_jpeg::zune_core::bytestream::ZCursor;

fn national() -> Profile {
    Profile::named("national").unwrap()
}

/// A picture with as much detail as `noise` says, from a fixed seed.
fn textured(width: u32, height: u32, noise: u32, seed: u32) -> Raster {
    let mut state = seed | 1;
    let mut data = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3_u32 {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                let base = 60 + (x * (channel + 1) + y * 2) / 16 % 120;
                let shake = if noise == 0 { 0 } else { state % (noise + 1) };
                data.push(u8::try_from((base + shake).min(255)).unwrap());
            }
        }
    }
    Raster::new(width, height, data).unwrap()
}

fn jpeg_of(raster: &Raster, colour: ColorType, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 80);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let (width, height) = (raster.width() as u16, raster.height() as u16);
    encoder.encode(data, width, height, colour).unwrap();
    bytes
}

fn small_jpeg() -> (Raster, Vec<u8>) {
    let raster = textured(40, 24, 30, 7);
    let bytes = jpeg_of(&raster, ColorType::Rgb, raster.data());
    (raster, bytes)
}

/// A finished portrait and its profile.
fn portrait_jpeg() -> (Vec<u8>, Profile) {
    let profile = national();
    let encoded = encode(&textured(480, 640, 14, 3), &profile).unwrap();
    (encoded.jpeg, profile)
}

#[test]
fn the_file_shows_the_picture_that_was_encoded() {
    let picture = textured(480, 640, 14, 3);
    let jpeg = encode(&picture, &national()).unwrap().jpeg;
    let decoded = decode(&jpeg).unwrap();
    let differences = decoded.data().iter().zip(picture.data());
    let sum: u64 = differences.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = sum as f64 / decoded.data().len() as f64;
    assert!(mean < 8.0, "a sample differs by {mean} on average");
}

#[test]
fn separate_scans_are_refused_and_not_misread() {
    let raster = textured(64, 48, 30, 7);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 80);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(true);
    encoder
        .encode(raster.data(), 64, 48, ColorType::Rgb)
        .unwrap();
    assert!(matches!(decode(&bytes), Err(DecodeFault::Unsupported(_))));
}

#[test]
fn the_header_says_what_the_standard_asks() {
    let (jpeg, _) = portrait_jpeg();
    // By hand, byte by byte: SOI, APP0 of 16 bytes, JFIF, unit 1 (inch), 300 and 300, no thumbnail.
    assert_eq!(jpeg[..6], [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]);
    assert_eq!(&jpeg[6..11], b"JFIF\0");
    assert_eq!(jpeg[13..20], [1, 0x01, 0x2C, 0x01, 0x2C, 0, 0]);
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    // 17 bytes, 8 bits, 640 rows, 480 columns, 3 components: Y 2x2, Cb 1x1, Cr 1x1.
    assert_eq!(
        jpeg[frame + 2..frame + 10],
        [0, 17, 8, 0x02, 0x80, 0x01, 0xE0, 3]
    );
    let factors = [jpeg[frame + 11], jpeg[frame + 14], jpeg[frame + 17]];
    assert_eq!(factors, [0x22, 0x11, 0x11]);
    for marker in 0xE1..=0xEF {
        assert!(
            !jpeg.windows(2).any(|pair| pair == [0xFF, marker]),
            "APP{}",
            marker - 0xE0
        );
    }
}

#[test]
fn two_other_decoders_read_the_portrait() {
    let (jpeg, _) = portrait_jpeg();
    let by_image = image::load_from_memory(&jpeg).unwrap();
    assert_eq!((by_image.width(), by_image.height()), (480, 640));
    assert_eq!(by_image.color(), image::ColorType::Rgb8);
    let mut decoder = zune_jpeg::JpegDecoder::new(ZCursor::new(&jpeg));
    let pixels = decoder.decode().unwrap();
    assert_eq!(pixels.len(), 480 * 640 * 3);
    assert_eq!(pixels, decode(&jpeg).unwrap().data());
}

#[test]
fn the_quality_that_was_used_is_the_quality_that_is_read() {
    let profile = Profile {
        bytes: portrait::ByteWindow {
            min: 0,
            max: 10 << 20,
        },
        ..national()
    };
    for floor in [60, 75, 99, 100] {
        let profile = Profile {
            quality_min: floor,
            ..profile.clone()
        };
        let encoded = encode(&textured(480, 640, 14, 3), &profile).unwrap();
        assert_eq!(encoded.quality, 100);
        assert_eq!(JpegLayout::read(&encoded.jpeg).unwrap().quality, Some(100));
    }
    let encoded = encode(&textured(480, 640, 14, 3), &national()).unwrap();
    assert_eq!(
        JpegLayout::read(&encoded.jpeg).unwrap().quality,
        Some(encoded.quality)
    );
}

#[test]
fn a_window_that_cannot_be_met_is_refused_by_name() {
    let profile = national();
    let flat = Raster::filled(480, 640, [100, 197, 255]).unwrap();
    let finding = encode(&flat, &profile).unwrap_err();
    assert_eq!(
        (finding.code, finding.severity()),
        (FindingCode::TooFewBytes, Severity::Blocks)
    );
    let finding = encode(&textured(480, 640, 150, 3), &profile).unwrap_err();
    assert_eq!(finding.code, FindingCode::TooManyBytes);
    let finding = encode(&textured(640, 480, 14, 3), &profile).unwrap_err();
    assert_eq!(finding.code, FindingCode::PixelSize);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_encoded_is_inside_the_window(noise in 0_u32..100, seed in any::<u32>()) {
        let profile = national();
        match encode(&textured(480, 640, noise, seed), &profile) {
            Ok(encoded) => {
                prop_assert!(profile.bytes.holds(encoded.jpeg.len()));
                prop_assert!((60..=100).contains(&encoded.quality));
                prop_assert!(encoded.tries <= 7);
                let blocks = check(&encoded.jpeg, &profile, None)
                    .into_iter()
                    .filter(|finding| finding.severity() == Severity::Blocks)
                    .count();
                prop_assert_eq!(blocks, 0);
            }
            Err(finding) => prop_assert!(matches!(
                finding.code,
                FindingCode::TooFewBytes | FindingCode::TooManyBytes
            )),
        }
    }

    #[test]
    fn damaged_files_never_panic(at in 0_usize..2000, value in any::<u8>(), png in any::<bool>()) {
        let (_, jpeg) = small_jpeg();
        let mut bytes = if png { small_png() } else { jpeg };
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(raster) = decode(&bytes) {
            prop_assert!(raster.width() > 0);
        }
    }
}

#[test]
fn each_departure_from_the_profile_is_found() {
    let (jpeg, profile) = portrait_jpeg();
    let codes = |jpeg: &[u8], profile: &Profile| -> Vec<FindingCode> {
        let mut codes: Vec<_> = check(jpeg, profile, None)
            .into_iter()
            .map(|finding| finding.code)
            .collect();
        // The texture is not on blue cloth.
        codes.retain(|code| *code != FindingCode::BackgroundColour);
        codes
    };
    assert_eq!(codes(&jpeg, &profile), []);
    let wide = Profile {
        width: 500,
        ..profile.clone()
    };
    assert_eq!(codes(&jpeg, &wide), [FindingCode::PixelSize]);
    let fine = Profile {
        dpi: 350,
        ..profile.clone()
    };
    assert_eq!(
        codes(&jpeg, &fine),
        [FindingCode::Density, FindingCode::Density]
    );
    let strict = Profile {
        quality_min: 100,
        ..profile.clone()
    };
    assert_eq!(codes(&jpeg, &strict), [FindingCode::QualityTooLow]);
    let mut tagged = jpeg.clone();
    tagged.splice(20..20, *b"\xff\xe1\0\x0aExif\0\0XY");
    assert_eq!(codes(&tagged, &profile), [FindingCode::CarriesMetadata]);
    assert_eq!(
        codes(&jpeg[..jpeg.len() - 1], &profile),
        [FindingCode::Unreadable]
    );
    let grey = jpeg_of(
        &textured(480, 640, 0, 3),
        ColorType::Luma,
        &vec![9; 480 * 640],
    );
    assert!(codes(&grey, &profile).contains(&FindingCode::Components));
}

#[test]
fn a_jpeg_cut_off_anywhere_is_refused() {
    let (_, bytes) = small_jpeg();
    assert!(decode(&bytes).is_ok());
    for length in 0..bytes.len() {
        let fault = decode(&bytes[..length]).unwrap_err();
        let expected = if length == 0 {
            DecodeFault::UnknownFormat
        } else {
            DecodeFault::Truncated
        };
        assert_eq!(fault, expected, "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn a_jpeg_cut_off_and_closed_again_is_refused() {
    let raster = textured(320, 320, 60, 9);
    let bytes = jpeg_of(&raster, ColorType::Rgb, raster.data());
    for part in [3, 5, 8] {
        let mut short = bytes[..bytes.len() * part / 10].to_vec();
        short.extend([0xFF, 0xD9]);
        assert!(
            decode(&short).is_err(),
            "{part} tenths of the file with an end marker"
        );
    }
}

fn small_png() -> Vec<u8> {
    let raster = textured(40, 24, 30, 7);
    let buffer = image::RgbImage::from_raw(40, 24, raster.data().to_vec()).unwrap();
    png(&image::DynamicImage::ImageRgb8(buffer))
}

fn png(picture: &image::DynamicImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

#[test]
fn a_png_comes_back_exactly_and_cut_off_is_refused() {
    let bytes = small_png();
    assert_eq!(
        decode(&bytes).unwrap().data(),
        textured(40, 24, 30, 7).data()
    );
    for length in 8..bytes.len() {
        assert_eq!(
            decode(&bytes[..length]).unwrap_err(),
            DecodeFault::Truncated,
            "{length}"
        );
    }
}

#[test]
fn depths_and_colour_models_are_handled_or_refused_by_name() {
    let deep = image::ImageBuffer::from_pixel(4, 4, image::Luma([0x8080_u16]));
    let grey = decode(&png(&image::DynamicImage::ImageLuma16(deep))).unwrap();
    assert_eq!(grey.pixel(0, 0), [0x80; 3]);
    let mut clear = image::RgbaImage::from_pixel(4, 4, image::Rgba([1, 2, 3, 255]));
    let opaque = decode(&png(&image::DynamicImage::ImageRgba8(clear.clone()))).unwrap();
    assert_eq!(opaque.pixel(3, 3), [1, 2, 3]);
    clear.put_pixel(2, 2, image::Rgba([1, 2, 3, 254]));
    let fault = decode(&png(&image::DynamicImage::ImageRgba8(clear))).unwrap_err();
    assert_eq!(fault.code(), "picture-unsupported");
    let small = Raster::filled(8, 8, [0; 3]).unwrap();
    let grey = jpeg_of(&small, ColorType::Luma, &[200; 64]);
    assert_eq!(decode(&grey).unwrap().pixel(4, 4), [200; 3]);
    let cmyk = jpeg_of(&small, ColorType::Cmyk, &[9; 256]);
    assert_eq!(decode(&cmyk).unwrap_err().code(), "picture-unsupported");
}

#[test]
fn an_announced_size_is_refused_before_memory_is_taken() {
    let (_, mut bytes) = small_jpeg();
    let frame = bytes
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    bytes[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    let expected = DecodeFault::TooLarge {
        width: 65535,
        height: 65535,
    };
    assert_eq!(decode(&bytes).unwrap_err(), expected);
    let mut bytes = small_png();
    bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let expected = DecodeFault::TooLarge {
        width: 65536,
        height: 65536,
    };
    assert_eq!(decode(&bytes).unwrap_err(), expected);
}

#[test]
fn a_picture_lying_on_its_side_is_read_upright() {
    let mut raster = Raster::filled(32, 16, [10, 10, 10]).unwrap();
    for y in 0..16 {
        for x in 0..8 {
            raster.set_pixel(x, y, [250, 250, 250]);
        }
    }
    let mut bytes = jpeg_of(&raster, ColorType::Rgb, raster.data());
    // Tag 6: the left side of the stored picture is the top of the upright one.
    let exif =
        b"\xff\xe1\0\x22Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    bytes.splice(2..2, *exif);
    let upright = decode(&bytes).unwrap();
    assert_eq!((upright.width(), upright.height()), (16, 32));
    assert!(upright.pixel(8, 2)[0] > 240 && upright.pixel(8, 20)[0] < 20);
}
