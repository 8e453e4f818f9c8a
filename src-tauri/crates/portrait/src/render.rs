//! Resampling a crop to the size of the portrait.

use fast_image_resize::FilterType;
use thiserror::Error;

use crate::compose::Crop;
use crate::profile::Profile;
use crate::raster::{Raster, RasterFault};
use crate::scale::resample;

/// Why a crop could not be resampled. With a crop made for the same frame and profile this does
/// not happen; it is an error all the same, because the frame is an argument.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderFault {
    /// The crop was made for another frame or another profile.
    #[error("the crop does not belong to this frame and profile")]
    ForeignCrop,
    /// The resampler or the buffers refused.
    #[error("the portrait cannot be resampled: {0}")]
    Resample(String),
}

impl RenderFault {
    /// The stable code of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ForeignCrop => "render-foreign-crop",
            Self::Resample(_) => "render-resample",
        }
    }
}

impl From<RasterFault> for RenderFault {
    fn from(fault: RasterFault) -> Self {
        Self::Resample(fault.to_string())
    }
}

/// Cuts and scales (Lanczos, 3 lobes; when shrinking the filter widens, so nothing aliases).
/// The picture is never mirrored, turned or retouched.
///
/// # Errors
/// [`RenderFault::ForeignCrop`] if the crop reaches beyond the frame or has another size than the
/// profile.
pub fn render(frame: &Raster, crop: &Crop, profile: &Profile) -> Result<Raster, RenderFault> {
    let (frame_width, frame_height) = (f64::from(frame.width()), f64::from(frame.height()));
    // The crop's far edges may pass the frame's by the last bits of the arithmetic.
    let (width, height) = (
        crop.width().min(frame_width - crop.left()),
        crop.height().min(frame_height - crop.top()),
    );
    let belongs = width > crop.width() - 1e-6
        && height > crop.height() - 1e-6
        && (crop.portrait_width(), crop.portrait_height()) == (profile.width, profile.height);
    if !belongs {
        return Err(RenderFault::ForeignCrop);
    }
    resample(
        frame,
        (crop.left(), crop.top(), width, height),
        (profile.width, profile.height),
        FilterType::Lanczos3,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::compose;
    use crate::geometry::tests::adult;

    /// Red left of the face's middle, green right of it, blue below the chin.
    fn asymmetric() -> Raster {
        let mut frame = Raster::filled(1080, 1440, [255, 0, 0]).unwrap();
        for y in 0..1440 {
            for x in 540..1080 {
                frame.set_pixel(x, y, [0, 255, 0]);
            }
        }
        for y in 940..1440 {
            for x in 0..1080 {
                frame.set_pixel(x, y, [0, 0, 255]);
            }
        }
        frame
    }

    #[test]
    fn left_stays_left_and_up_stays_up() {
        let profile = Profile::named("national").unwrap();
        let crop = compose(&profile, &adult()).unwrap();
        let portrait = render(&asymmetric(), &crop, &profile).unwrap();
        assert_eq!((portrait.width(), portrait.height()), (480, 640));
        assert_eq!(portrait.pixel(10, 10), [255, 0, 0]);
        assert_eq!(portrait.pixel(470, 10), [0, 255, 0]);
        assert_eq!(portrait.pixel(10, 630), [0, 0, 255]);
    }

    #[test]
    fn the_mapping_of_points_is_the_mapping_of_pixels() {
        let profile = Profile::named("national").unwrap();
        let crop = compose(&profile, &adult()).unwrap();
        let portrait = render(&asymmetric(), &crop, &profile).unwrap();
        let chin = adult().through(&crop).chin.y;
        let above = portrait.pixel(100, (chin - 4.0) as u32);
        let below = portrait.pixel(100, (chin + 4.0) as u32);
        assert_eq!((above, below), ([255, 0, 0], [0, 0, 255]));
    }

    #[test]
    fn a_crop_of_another_frame_is_refused() {
        let profile = Profile::named("national").unwrap();
        let crop = compose(&profile, &adult()).unwrap();
        let small = Raster::filled(500, 500, [0; 3]).unwrap();
        assert_eq!(
            render(&small, &crop, &profile),
            Err(RenderFault::ForeignCrop)
        );
    }
}
