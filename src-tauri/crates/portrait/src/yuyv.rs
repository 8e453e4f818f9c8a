//! YUYV, the raw pixels of webcams: two bytes a pixel, two pixels share their colour.
//!
//! UVC cameras send BT.601 in studio range (luma 16 to 235, colour 16 to 240 about 128) unless
//! their descriptors say otherwise, and none that we know of does. Source of the conversion:
//! ITU-R BT.601-7.

use yuv::{YuvPackedImage, YuvRange, YuvStandardMatrix};

use crate::decode::DecodeFault;
use crate::raster::{Raster, byte_length};

/// Converts `width` x `height` pixels of YUYV without padding, `width * height * 2` bytes. A
/// component is at most two levels off the exact conversion (the instructions calculate with six
/// fractional bits); luma below the studio range counts as black.
///
/// # Errors
/// [`DecodeFault::Truncated`] if bytes are missing, [`DecodeFault::Damaged`] if there are too
/// many or a side is zero, [`DecodeFault::Unsupported`] for an odd width, whose last pixel would
/// have half a colour, [`DecodeFault::TooLarge`] beyond [`crate::PIXELS_MAX`].
pub fn decode_yuyv(bytes: &[u8], width: u32, height: u32) -> Result<Raster, DecodeFault> {
    let length = byte_length(width, height)?;
    if !width.is_multiple_of(2) {
        return Err(DecodeFault::Unsupported("YUYV of an odd width"));
    }
    let expected = length / 3 * 2;
    if bytes.len() < expected {
        return Err(DecodeFault::Truncated);
    }
    if bytes.len() > expected {
        return Err(DecodeFault::Damaged("bytes beyond the picture".to_owned()));
    }
    let packed = YuvPackedImage {
        yuy: bytes,
        yuy_stride: width * 2,
        width,
        height,
    };
    let mut rgb = vec![0; length];
    yuv::yuyv422_to_rgb(
        &packed,
        &mut rgb,
        width * 3,
        YuvRange::Limited,
        YuvStandardMatrix::Bt601,
    )
    .map_err(|fault| DecodeFault::Damaged(fault.to_string()))?;
    Ok(Raster::new(width, height, rgb)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by hand: 255/219 (Y - 16), then 1.402 and 1.772 times 255/224 (C - 128) for red and
    /// blue, and for green what 0.299, 0.587 and 0.114 of the three leave.
    #[test]
    fn colours_are_those_of_bt_601_in_studio_range() {
        // Y, Cb, Cr and the exact RGB, rounded.
        let known: [([u8; 3], [u8; 3]); 10] = [
            ([16, 128, 128], [0, 0, 0]),
            ([235, 128, 128], [255, 255, 255]),
            ([126, 128, 128], [128, 128, 128]),
            ([0, 128, 128], [0, 0, 0]),
            ([255, 128, 128], [255, 255, 255]),
            // The primaries of the recommendation at full amplitude.
            ([81, 90, 240], [254, 0, 0]),
            ([145, 54, 34], [0, 255, 1]),
            ([41, 240, 110], [0, 0, 255]),
            // A complexion and a blue backdrop.
            ([150, 110, 155], [199, 141, 120]),
            ([110, 160, 100], [65, 120, 174]),
        ];
        for ([y, cb, cr], exact) in known {
            let found = decode_yuyv(&[y, cb, y, cr], 2, 1).unwrap();
            for x in 0..2 {
                let off = std::array::from_fn::<u8, 3, _>(|channel| {
                    found.pixel(x, 0)[channel].abs_diff(exact[channel])
                });
                assert!(off.iter().all(|off| *off <= 1), "{y} {cb} {cr}: {off:?}");
            }
        }
    }

    /// Every luma with colours of the studio range, against the exact conversion, in rows long
    /// enough for the widest instructions and their remainder.
    #[test]
    fn no_component_is_more_than_two_levels_off() {
        for cb in (16..=240).step_by(4) {
            for cr in (16..=240).step_by(4) {
                let row: Vec<u8> = (0..=255_u8)
                    .step_by(2)
                    .flat_map(|y| [y, cb, y.saturating_add(1), cr])
                    .collect();
                let found = decode_yuyv(&row, 256, 1).unwrap();
                for x in 0..256_u32 {
                    let exact = exact([f64::from(x.max(16)), f64::from(cb), f64::from(cr)]);
                    let found = found.pixel(x, 0);
                    for channel in 0..3 {
                        let off = f64::from(found[channel]) - exact[channel].round();
                        assert!(off.abs() <= 2.0, "{x} {cb} {cr}: {found:?} for {exact:?}");
                    }
                }
            }
        }
    }

    fn exact([y, cb, cr]: [f64; 3]) -> [f64; 3] {
        let luma = (y - 16.0) * 255.0 / 219.0;
        let (blue, red) = ((cb - 128.0) * 255.0 / 224.0, (cr - 128.0) * 255.0 / 224.0);
        [
            luma + 1.402 * red,
            luma - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587,
            luma + 1.772 * blue,
        ]
        .map(|value| value.clamp(0.0, 255.0))
    }

    #[test]
    fn two_pixels_share_a_colour_and_rows_are_in_order() {
        let bytes = [
            235, 128, 16, 128, //
            81, 90, 81, 240, //
            41, 240, 16, 110,
        ];
        let found = decode_yuyv(&bytes, 2, 3).unwrap();
        assert_eq!(found.pixel(0, 0), [255; 3]);
        assert_eq!(found.pixel(1, 0), [0; 3]);
        let red = found.pixel(1, 1);
        assert!(red[0] > 250 && red[1] < 5 && red[2] < 5, "{red:?}");
        let blue = found.pixel(0, 2);
        assert!(blue[2] > 250 && blue[0] < 5 && blue[1] < 5, "{blue:?}");
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let code = |bytes: usize, width, height| {
            let fault = decode_yuyv(&vec![128; bytes], width, height).unwrap_err();
            fault.code()
        };
        assert_eq!(code(4, 4, 4), "picture-truncated");
        assert_eq!(code(15, 4, 2), "picture-truncated");
        assert_eq!(code(0, 2, 1), "picture-truncated");
        assert_eq!(code(17, 4, 2), "picture-damaged");
        assert_eq!(code(0, 0, 4), "picture-damaged");
        assert_eq!(code(18, 3, 3), "picture-unsupported");
        assert_eq!(code(2, 1, 1), "picture-unsupported");
        assert_eq!(code(8, u32::MAX, u32::MAX), "picture-too-large");
        // An odd height is a picture like any other.
        assert_eq!(decode_yuyv(&[128; 12], 2, 3).unwrap().height(), 3);
    }
}
