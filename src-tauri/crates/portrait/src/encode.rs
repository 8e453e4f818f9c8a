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
/// File size grows with quality, nearly as a power of it, so each try tells where the next one should
/// be: three or four encodings where halving takes six or seven. A window that cannot be met is
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
    // The lowest quality that is too large, with its bytes.
    let mut over: Option<(u8, usize)> = None;
    let mut next = FIRST_TRY.clamp(low, high);
    loop {
        let quality = next;
        let jpeg = attempt(quality)?;
        if jpeg.len() <= profile.bytes.max {
            low = quality + 1;
            best = Some((quality, jpeg));
        } else {
            high = quality - 1;
            over = Some((quality, jpeg.len()));
        }
        if low > high {
            break;
        }
        let under = best.as_ref().map(|(quality, jpeg)| (*quality, jpeg.len()));
        next = aim(under, over, profile.bytes.max).clamp(low, high);
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

/// Where the first try is made: portraits before an even cloth end between 80 and 95.
const FIRST_TRY: u8 = 88;
/// How much the bytes grow with the distance to quality 100, as an exponent: what portraits showed.
const GROWTH: f64 = -0.55;

/// The quality whose file is just small enough, as far as the tries so far tell: in between where there
/// is one on each side, else further along the usual curve.
fn aim(under: Option<(u8, usize)>, over: Option<(u8, usize)>, most: usize) -> u8 {
    // Bytes grow roughly as a power of the distance to 100 (and a bit, for 100 is finite).
    let place = |quality: u8| f64::from(104 - quality.min(100)).ln();
    let size = |bytes: usize| (bytes.max(1) as f64).ln();
    let wanted = size(most);
    let found = match (under, over) {
        (Some((low, less)), Some((high, more))) if more > less => {
            let share = (wanted - size(less)) / (size(more) - size(less));
            place(low) + share * (place(high) - place(low))
        }
        (Some((quality, bytes)), _) | (None, Some((quality, bytes))) => {
            place(quality) + (wanted - size(bytes)) / GROWTH
        }
        (None, None) => place(FIRST_TRY),
    };
    // Down, for the answer is the last one that fits.
    (104.0 - found.exp()).floor().clamp(1.0, 100.0) as u8
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
