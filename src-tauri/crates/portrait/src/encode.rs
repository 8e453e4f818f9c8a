//! The best JPEG that fits the byte window.

use std::fmt;

use jpeg_encoder::{
    ChromaSubsamplingMethod, ColorType, Encoder, PixelDensity, PixelDensityUnit, SamplingFactor,
};

use crate::decode::decode;
use crate::finding::{Finding, FindingCode};
use crate::profile::Profile;
use crate::raster::Raster;

/// Mean difference of a sample between picture and file beyond which something is broken.
const DIFFERENCE_MAX: u64 = 16;

/// A portrait as it is filed.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file: JFIF, three components, 4:2:0, density of the profile, no metadata.
    pub jpeg: Vec<u8>,
    /// The quality it was encoded with, IJG scale.
    pub quality: u8,
    /// How many encodings the search took.
    pub tries: u32,
}

/// A face is in it: no bytes.
impl fmt::Debug for Encoded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Encoded").finish_non_exhaustive()
    }
}

/// Encodes with the highest quality that stays within the byte window of the profile.
///
/// File size grows with quality, so the quality is found by bisection. A window that cannot be met is
/// said so: no junk is appended to reach a minimum and the floor is never passed to reach a maximum.
///
/// # Errors
/// [`FindingCode::PixelSize`] if the portrait has another size than the profile,
/// [`FindingCode::TooManyBytes`] if it is too large even at the floor, [`FindingCode::TooFewBytes`]
/// if it is too small even at the best quality that is not too large.
pub fn encode(portrait: &Raster, profile: &Profile) -> Result<Encoded, Finding> {
    if (portrait.width(), portrait.height()) != (profile.width, profile.height) {
        return Err(Finding::plain(FindingCode::PixelSize));
    }
    let mut tries = 0;
    let mut attempt = |quality: u8| {
        tries += 1;
        encode_at(portrait, profile, quality)
    };
    let (mut low, mut high) = (profile.quality_min, 100_u8);
    let mut best: Option<(u8, Vec<u8>)> = None;
    while low <= high {
        let quality = low.midpoint(high);
        let jpeg = attempt(quality)?;
        if jpeg.len() <= profile.bytes.max {
            best = Some((quality, jpeg));
            low = quality + 1;
        } else {
            high = quality - 1;
        }
    }
    let Some((quality, jpeg)) = best else {
        let floor = attempt(profile.quality_min)?;
        return Err(Finding::measured(
            FindingCode::TooManyBytes,
            floor.len() as f64,
            profile.bytes.band(),
        ));
    };
    if jpeg.len() < profile.bytes.min {
        let band = profile.bytes.band();
        return Err(Finding::measured(
            FindingCode::TooFewBytes,
            jpeg.len() as f64,
            band,
        ));
    }
    if !shows(&jpeg, portrait) {
        return Err(Finding::plain(FindingCode::Unreadable));
    }
    Ok(Encoded {
        jpeg,
        quality,
        tries,
    })
}

/// Whether the file, decoded again, shows the picture that was encoded: on average a sample may
/// differ by [`DIFFERENCE_MAX`] levels of 255. At quality 60 faces differ by about 3.
fn shows(jpeg: &[u8], portrait: &Raster) -> bool {
    let Ok(decoded) = decode(jpeg) else {
        return false;
    };
    let samples = decoded.data().iter().zip(portrait.data());
    let difference: u64 = samples
        .map(|(one, other)| u64::from(one.abs_diff(*other)))
        .sum();
    decoded.data().len() == portrait.data().len()
        && difference <= DIFFERENCE_MAX * portrait.data().len() as u64
}

fn encode_at(portrait: &Raster, profile: &Profile, quality: u8) -> Result<Vec<u8>, Finding> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    // Averaging the four pixels of a chroma sample; taking one of them shows on red lips and collars.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    // Optimised Huffman tables would save a few per cent, but this encoder then writes a scan for
    // each component, which decoders get wrong (one reports success and gives green); whoever receives
    // the portrait must be able to read it, so it is the plainest JPEG there is.
    encoder.set_density(PixelDensity {
        density: (profile.dpi, profile.dpi),
        unit: PixelDensityUnit::Inches,
    });
    // A profile's sides are at most 4096, so the conversion holds; the encoder writes to memory and
    // fails on nothing else.
    let side = |length: u32| u16::try_from(length).map_err(|_| unencodable());
    let (width, height) = (side(portrait.width())?, side(portrait.height())?);
    encoder
        .encode(portrait.data(), width, height, ColorType::Rgb)
        .map_err(|_| unencodable())?;
    Ok(jpeg)
}

fn unencodable() -> Finding {
    Finding::plain(FindingCode::PixelSize)
}
