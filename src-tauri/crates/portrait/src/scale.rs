//! Resampling: the one door to the resampler.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use crate::raster::{Raster, byte_length};
use crate::render::RenderFault;

/// Resamples a rectangle of a picture (left, top, width, height, in pixels) to a size. When
/// shrinking the filter widens with the factor, so nothing aliases.
///
/// Only for one type of pixels: asked by the type at run time, the resampler is compiled into its
/// caller for all thirteen, which took two minutes.
///
/// # Errors
/// [`RenderFault::Resample`] when the rectangle reaches beyond the picture.
pub(crate) fn resample(
    picture: &Raster,
    (left, top, width, height): (f64, f64, f64, f64),
    size: (u32, u32),
    filter: FilterType,
) -> Result<Raster, RenderFault> {
    let fault = |fault: &dyn std::fmt::Display| RenderFault::Resample(fault.to_string());
    let source =
        TypedImageRef::<U8x3>::from_buffer(picture.width(), picture.height(), picture.data())
            .map_err(|e| fault(&e))?;
    let mut pixels = vec![0; byte_length(size.0, size.1)?];
    let mut target =
        TypedImage::<U8x3>::from_buffer(size.0, size.1, &mut pixels).map_err(|e| fault(&e))?;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .crop(left, top, width, height);
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .map_err(|e| fault(&e))?;
    Ok(Raster::new(size.0, size.1, pixels)?)
}

/// The whole picture at another size, bilinear.
///
/// # Errors
/// [`RenderFault::Resample`] when a side is zero.
pub fn scale(picture: &Raster, size: (u32, u32)) -> Result<Raster, RenderFault> {
    let whole = (
        0.0,
        0.0,
        f64::from(picture.width()),
        f64::from(picture.height()),
    );
    resample(picture, whole, size, FilterType::Bilinear)
}
