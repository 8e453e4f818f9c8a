//! A picture made small enough to be looked at in a window. What is filed never comes from it.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::decode::{DecodeFault, PngHeader};
use crate::jpeg::JpegLayout;
use crate::raster::Raster;
use crate::render::RenderFault;
use crate::scale::scale;

/// The encoder's own scale; a face at this quality cannot be told from the original on a screen.
const QUALITY: u8 = 85;

/// Width and height of a JPEG or PNG as it is stored, before any turning, in pixels. Reads the
/// markers and decodes nothing.
///
/// # Errors
/// [`DecodeFault`] when it is neither, or is cut off.
pub fn size_of(bytes: &[u8]) -> Result<(u32, u32), DecodeFault> {
    if let Some(header) = PngHeader::of(bytes) {
        return header.map(|header| (header.width, header.height));
    }
    let layout = JpegLayout::read(bytes)?;
    Ok((layout.width, layout.height))
}

/// Shrinks a picture in proportion until its longer side is `side_max` pixels; a smaller one stays
/// as it is, and no side is less than one pixel. The filter widens with the factor, so nothing
/// aliases.
///
/// # Errors
/// [`RenderFault::Resample`] when the resampler refuses.
pub fn shrink(picture: &Raster, side_max: u32) -> Result<Raster, RenderFault> {
    let longer = picture.width().max(picture.height());
    if longer <= side_max {
        return Ok(picture.clone());
    }
    let scaled = |side: u32| {
        let exact = u64::from(side) * u64::from(side_max);
        let rounded = (exact + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded).unwrap_or(side_max).max(1)
    };
    scale(picture, (scaled(picture.width()), scaled(picture.height())))
}

/// A JPEG of the picture whose longer side is at most `side_max` pixels.
///
/// # Errors
/// [`RenderFault::Resample`] when the resampler refuses or the picture is larger than a JPEG can be.
pub fn preview(picture: &Raster, side_max: u32) -> Result<Vec<u8>, RenderFault> {
    let small = shrink(picture, side_max)?;
    let fault = |fault: &dyn std::fmt::Display| RenderFault::Resample(fault.to_string());
    let side = |length: u32| u16::try_from(length).map_err(|e| fault(&e));
    let (width, height) = (side(small.width())?, side(small.height())?);
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(small.data(), width, height, ColorType::Rgb)
        .map_err(|e| fault(&e))?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode;

    /// Red on the left, blue on the right.
    fn halves(width: u32, height: u32) -> Raster {
        let mut raster = Raster::filled(width, height, [200, 10, 10]).unwrap();
        for y in 0..height {
            for x in width / 2..width {
                raster.set_pixel(x, y, [10, 10, 200]);
            }
        }
        raster
    }

    #[test]
    fn the_longer_side_is_the_limit_and_the_shape_stays() {
        let size = |width, height, side_max| {
            let small = shrink(&halves(width, height), side_max).unwrap();
            (small.width(), small.height())
        };
        assert_eq!(size(1920, 1080, 960), (960, 540));
        assert_eq!(size(1080, 1920, 960), (540, 960));
        assert_eq!(size(1001, 333, 500), (500, 166));
        assert_eq!(size(500, 1, 10), (10, 1));
        assert_eq!(size(300, 200, 300), (300, 200));
        assert_eq!(size(4, 4, 0), (1, 1));
    }

    #[test]
    fn a_preview_shows_the_picture_the_same_way_round() {
        let jpeg = preview(&halves(1920, 1080), 960).unwrap();
        assert_eq!(size_of(&jpeg), Ok((960, 540)));
        let shown = decode(&jpeg).unwrap();
        let (left, right) = (shown.pixel(100, 300), shown.pixel(860, 300));
        assert!(left[0] > 180 && left[2] < 40, "{left:?}");
        assert!(right[2] > 180 && right[0] < 40, "{right:?}");
    }

    #[test]
    fn what_is_no_picture_has_no_size() {
        let jpeg = preview(&halves(64, 32), 64).unwrap();
        assert_eq!(size_of(&jpeg[..200]), Err(DecodeFault::Truncated));
        assert_eq!(size_of(b"GIF89a"), Err(DecodeFault::UnknownFormat));
        assert_eq!(
            size_of(b"\x89PNG\r\n\x1a\n\0\0"),
            Err(DecodeFault::Truncated)
        );
    }
}
