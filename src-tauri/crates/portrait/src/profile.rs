//! The photo standard as data.
//!
//! Regions and years differ in byte window and background, so nothing of the standard is a
//! constant of the code: a job names a profile or brings its own TOML file, and keeps the text.

use serde::Deserialize;
use thiserror::Error;

use crate::demand::{Demand, Demands, USUAL, Written as WrittenMeasures};
use crate::finding::FindingCode;

/// The profiles that ship with the program: name and TOML text, in the order they are offered.
const BUILT_IN: [(&str, &str); 10] = [
    (
        "national",
        include_str!("../../../../assets/profiles/national.toml"),
    ),
    (
        "national-60kb",
        include_str!("../../../../assets/profiles/national-60kb.toml"),
    ),
    (
        "national-white",
        include_str!("../../../../assets/profiles/national-white.toml"),
    ),
    (
        "national-grey",
        include_str!("../../../../assets/profiles/national-grey.toml"),
    ),
    (
        "degree",
        include_str!("../../../../assets/profiles/degree.toml"),
    ),
    (
        "degree-150x210",
        include_str!("../../../../assets/profiles/degree-150x210.toml"),
    ),
    (
        "school-card",
        include_str!("../../../../assets/profiles/school-card.toml"),
    ),
    (
        "id-card",
        include_str!("../../../../assets/profiles/id-card.toml"),
    ),
    (
        "exam-teacher",
        include_str!("../../../../assets/profiles/exam-teacher.toml"),
    ),
    (
        "exam-ncre",
        include_str!("../../../../assets/profiles/exam-ncre.toml"),
    ),
];

/// Longest side a portrait may have, in pixels: a bound for buffers, far above any standard.
const SIDE_PX_MAX: u32 = 4096;

/// The largest tilt of the eye line that a profile may allow, degrees; `vision` measures none above 35.
const TILT_DEG_MAX: f64 = 30.0;

/// Longest name of a profile, in characters: what a job has room for.
const NAME_CHARS_MAX: usize = 64;

/// Most bytes a portrait may be allowed to have: a bound like that of the sides.
const BYTES_MAX: usize = 64 << 20;

/// Why a text is no profile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileFault {
    /// Not TOML, a key is missing or unknown, a value has the wrong type. The message names line,
    /// column and key.
    #[error("the profile cannot be read: {0}")]
    Syntax(String),
    /// The text reads well but its numbers cannot be met.
    #[error("the profile contradicts itself: {0}")]
    Contradiction(String),
    /// No built-in profile has this name.
    #[error("there is no built-in profile '{0}'")]
    Unknown(String),
}

impl ProfileFault {
    /// The stable code of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "profile-syntax",
            Self::Contradiction(_) => "profile-contradiction",
            Self::Unknown(_) => "profile-unknown",
        }
    }
}

/// A closed interval.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Least value that is allowed.
    pub min: f64,
    /// Greatest value that is allowed.
    pub max: f64,
}

impl Band {
    /// Whether the value is allowed.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        (self.min..=self.max).contains(&value)
    }

    /// The value furthest from both ends.
    #[must_use]
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.min, self.max)
    }

    /// Half the width of the band.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.max - self.min) / 2.0
    }
}

/// Colour of the background and how far from it is still right.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// Red, green, blue (sRGB).
    pub rgb: [u8; 3],
    /// Greatest distance in Lab (CIE76).
    pub delta_e_max: f64,
    /// Whether a second file may be made whose background is brought to this colour; see
    /// [`crate::normalise`]. Left out, it may not.
    #[serde(default)]
    pub normalise: bool,
}

/// A photo standard. Lengths are pixels of the finished portrait, heights are taken from its upper
/// edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The name by which jobs refer to it.
    pub name: String,
    /// What the operator reads, Chinese.
    pub title_zh: String,
    /// What the operator reads, English.
    pub title_en: String,
    /// Width of the portrait.
    pub width: u32,
    /// Height of the portrait.
    pub height: u32,
    /// Resolution tag in dots per inch.
    pub dpi: u16,
    /// Fewest and most bytes of the file.
    pub bytes: ByteWindow,
    /// Lowest JPEG quality (1 to 100, IJG scale).
    pub quality_min: u8,
    /// Where the top of the hair must lie.
    pub crown: Band,
    /// Where the eye line must lie.
    pub eye_line: Band,
    /// How wide the face must be from cheek to cheek.
    pub face_width: Band,
    /// How far the middle of the face may lie from the middle of the portrait.
    pub off_centre_max: f64,
    /// How far the eye line may be tilted, in degrees.
    pub tilt_deg_max: f64,
    /// The most a frame may be enlarged to make the portrait.
    pub enlargement_max: f64,
    /// The background.
    pub background: Background,
    /// What is demanded of what is to be seen; see [`Self::demand`].
    pub demands: Demands,
}

/// Fewest and most bytes of a file, both allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteWindow {
    /// Fewest bytes.
    pub min: usize,
    /// Most bytes.
    pub max: usize,
}

impl ByteWindow {
    /// Whether a file of this length is allowed.
    #[must_use]
    pub fn holds(&self, bytes: usize) -> bool {
        (self.min..=self.max).contains(&bytes)
    }

    /// The window in the form findings carry.
    #[must_use]
    pub fn band(&self) -> Band {
        Band {
            min: self.min as f64,
            max: self.max as f64,
        }
    }
}

impl Profile {
    /// Reads a profile from TOML; `assets/profiles/national.toml` shows every key.
    ///
    /// # Errors
    /// [`ProfileFault::Syntax`] or [`ProfileFault::Contradiction`], each with the place.
    pub fn parse(text: &str) -> Result<Self, ProfileFault> {
        let profile = Self::parse_with(text, USUAL)?;
        // Asked of new ones only: what a job keeps was accepted once, and is read for ever.
        profile
            .name_or_tilt()
            .map_or(Ok(profile), |what| Err(ProfileFault::Contradiction(what)))
    }

    /// What holds where a profile is silent (`assets/measures.toml`), for a job to keep with its files.
    #[must_use]
    pub const fn usual() -> &'static str {
        USUAL
    }

    /// Reads a profile as a job keeps it: with what held where it was silent.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_with(text: &str, usual: &str) -> Result<Self, ProfileFault> {
        let written: Written =
            toml::from_str(text).map_err(|fault| ProfileFault::Syntax(fault.to_string()))?;
        let demands = Demands::with(&written.measures, usual)?;
        let profile = Self::from_written(written, demands);
        profile
            .contradiction()
            .map_or(Ok(profile), |what| Err(ProfileFault::Contradiction(what)))
    }

    /// What is demanded of a measure; nothing if the profile does not ask for it.
    #[must_use]
    pub fn demand(&self, measure: FindingCode) -> Option<Demand> {
        self.demands.of(measure)
    }

    /// A profile that ships with the program.
    ///
    /// # Errors
    /// [`ProfileFault::Unknown`] if there is none of this name.
    pub fn named(name: &str) -> Result<Self, ProfileFault> {
        Self::parse(Self::text_of(name)?)
    }

    /// The TOML text of a profile that ships with the program, for a job to keep with its files.
    ///
    /// # Errors
    /// [`ProfileFault::Unknown`] if there is none of this name.
    pub fn text_of(name: &str) -> Result<&'static str, ProfileFault> {
        BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| *text)
            .ok_or_else(|| ProfileFault::Unknown(name.to_owned()))
    }

    /// The names of the profiles that ship with the program; the first is the default.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A name that no job has room for, or a tilt at which nothing is measured.
    fn name_or_tilt(&self) -> Option<String> {
        let letters = self.name.chars().count();
        if !(1..=NAME_CHARS_MAX).contains(&letters) {
            return Some(format!(
                "name has {letters} characters, allowed are 1 to {NAME_CHARS_MAX}"
            ));
        }
        if self.tilt_deg_max > TILT_DEG_MAX {
            return Some(format!(
                "bands.tilt_deg_max is {}, allowed are {TILT_DEG_MAX} at most: beyond, a head is not upright",
                self.tilt_deg_max
            ));
        }
        None
    }

    /// What cannot be met, if anything. Checked once here so that everything behind may rely on
    /// ordered bands and bounded sizes.
    fn contradiction(&self) -> Option<String> {
        let sides = [
            ("picture.width_px", self.width),
            ("picture.height_px", self.height),
        ];
        if let Some((key, side)) = sides
            .iter()
            .find(|(_, side)| !(16..=SIDE_PX_MAX).contains(side))
        {
            return Some(format!("{key} is {side}, allowed are 16 to {SIDE_PX_MAX}"));
        }
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let bands = [
            ("crown_px", self.crown, height),
            ("eye_line_px", self.eye_line, height),
            ("face_width_px", self.face_width, width),
        ];
        for (key, band, limit) in bands {
            if !(band.min >= 0.0 && band.min < band.max && band.max <= limit) {
                return Some(format!(
                    "bands.{key} goes from {} to {}, it must rise from 0 or more to {limit} or less",
                    band.min, band.max
                ));
            }
        }
        if self.face_width.min <= 0.0 {
            return Some("bands.face_width_px.min is 0, it must be above 0".to_owned());
        }
        if self.crown.min >= self.eye_line.max {
            return Some(format!(
                "bands.crown_px begins at {}, it must be above bands.eye_line_px, which ends at {}",
                self.crown.min, self.eye_line.max
            ));
        }
        let bytes = [
            ("file.bytes_min", self.bytes.min),
            ("file.bytes_max", self.bytes.max),
        ];
        let is_absurd = |(_, bytes): &&(&str, usize)| !(1..=BYTES_MAX).contains(bytes);
        if let Some((key, bytes)) = bytes.iter().find(is_absurd) {
            return Some(format!("{key} is {bytes}, allowed are 1 to {BYTES_MAX}"));
        }
        if self.bytes.min > self.bytes.max {
            return Some(format!(
                "file.bytes_min is {}, it must not be above file.bytes_max, {}",
                self.bytes.min, self.bytes.max
            ));
        }
        if !(1..=100).contains(&self.quality_min) {
            return Some(format!(
                "file.quality_min is {}, allowed are 1 to 100",
                self.quality_min
            ));
        }
        let positive = [
            ("picture.dpi", f64::from(self.dpi)),
            ("bands.off_centre_px_max", self.off_centre_max),
            ("bands.tilt_deg_max", self.tilt_deg_max),
            ("source.enlargement_max", self.enlargement_max),
            ("background.delta_e_max", self.background.delta_e_max),
        ];
        positive
            .iter()
            .find(|(_, number)| !(number.is_finite() && *number > 0.0))
            .map(|(key, number)| format!("{key} is {number}, it must be above 0"))
    }
}

/// The TOML file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    title_zh: String,
    title_en: String,
    picture: WrittenPicture,
    file: WrittenFile,
    bands: WrittenBands,
    source: WrittenSource,
    background: Background,
    #[serde(default)]
    measures: WrittenMeasures,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPicture {
    width_px: u32,
    height_px: u32,
    dpi: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    bytes_min: usize,
    bytes_max: usize,
    quality_min: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBands {
    crown_px: Band,
    eye_line_px: Band,
    face_width_px: Band,
    off_centre_px_max: f64,
    tilt_deg_max: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    enlargement_max: f64,
}

impl Profile {
    fn from_written(written: Written, demands: Demands) -> Self {
        Self {
            name: written.name,
            title_zh: written.title_zh,
            title_en: written.title_en,
            width: written.picture.width_px,
            height: written.picture.height_px,
            dpi: written.picture.dpi,
            bytes: ByteWindow {
                min: written.file.bytes_min,
                max: written.file.bytes_max,
            },
            quality_min: written.file.quality_min,
            crown: written.bands.crown_px,
            eye_line: written.bands.eye_line_px,
            face_width: written.bands.face_width_px,
            off_centre_max: written.bands.off_centre_px_max,
            tilt_deg_max: written.bands.tilt_deg_max,
            enlargement_max: written.source.enlargement_max,
            background: written.background,
            demands,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job keeps its text for good, so what was accepted once is read for ever, as it was meant. These two
    /// are frozen: whoever changes what a key means gives it another name.
    #[test]
    fn a_standard_that_a_job_keeps_is_read_for_ever() {
        let text = include_str!("../tests/data/standard-1.toml");
        let usual = include_str!("../tests/data/usual-1.toml");
        let kept = Profile::parse_with(text, usual).unwrap();
        assert_eq!((kept.width, kept.height, kept.dpi), (480, 640, 300));
        assert_eq!(
            kept.crown,
            Band {
                min: 50.0,
                max: 110.0
            }
        );
        assert_eq!(kept.bytes.max, 40_960);
        let turned = kept.demand(FindingCode::HeadTurned).unwrap();
        assert_eq!(
            turned.band,
            Band {
                min: -14.0,
                max: 14.0
            }
        );
        // Limits that came later are asked of new texts only.
        let loose = text.replace("tilt_deg_max = 5", "tilt_deg_max = 80");
        assert_eq!(
            Profile::parse_with(&loose, usual).unwrap().tilt_deg_max,
            80.0
        );
        assert_eq!(
            Profile::parse(&loose).unwrap_err().code(),
            "profile-contradiction"
        );
        // What is demanded of pixels is the text's own business, not that of the running program.
        let stricter = usual.replace(
            "head-turned = { min = -14, max = 14 }",
            "head-turned = { min = -5, max = 5 }",
        );
        let kept = Profile::parse_with(text, &stricter).unwrap();
        assert_eq!(kept.demand(FindingCode::HeadTurned).unwrap().band.max, 5.0);
    }

    #[test]
    fn every_built_in_profile_parses_and_bears_its_name() {
        for name in Profile::names() {
            assert_eq!(Profile::named(name).unwrap().name, name);
        }
    }

    /// A usual head fits into every profile: its proportions are those of an adult with short hair.
    #[test]
    fn every_built_in_profile_can_be_met() {
        for name in Profile::names() {
            let profile = Profile::named(name).unwrap();
            let crop = crate::compose(&profile, &crate::geometry::tests::adult());
            assert!(crop.is_ok_and(|crop| crop.margin() > 0.3), "{name}");
        }
    }

    #[test]
    fn the_national_profile_has_the_numbers_of_the_standard() {
        let profile = Profile::named("national").unwrap();
        assert_eq!(
            (profile.width, profile.height, profile.dpi),
            (480, 640, 300)
        );
        assert_eq!(
            profile.bytes,
            ByteWindow {
                min: 30 * 1024,
                max: 40 * 1024
            }
        );
        assert_eq!(profile.quality_min, 60);
        assert_eq!(
            profile.crown,
            Band {
                min: 50.0,
                max: 110.0
            }
        );
        assert_eq!(
            profile.eye_line,
            Band {
                min: 200.0,
                max: 300.0
            }
        );
        assert_eq!(
            profile.face_width,
            Band {
                min: 180.0,
                max: 300.0
            }
        );
        assert_eq!(profile.background.rgb, [100, 197, 255]);
    }

    /// No standard that we know allows it, so it is never on unless somebody writes it.
    #[test]
    fn the_background_is_normalised_only_where_a_profile_says_so() {
        for name in Profile::names() {
            assert!(
                !Profile::named(name).unwrap().background.normalise,
                "{name}"
            );
        }
        let text = Profile::text_of("national").unwrap();
        let with = |line: &str| Profile::parse(&format!("{text}\n{line}\n"));
        assert!(with("normalise = true").unwrap().background.normalise);
        let fault = with("normalise = \"yes\"").unwrap_err().to_string();
        assert!(
            fault.contains("normalise") && fault.contains("boolean"),
            "{fault}"
        );
    }

    #[test]
    fn a_fault_names_the_key() {
        let text = Profile::text_of("national").unwrap();
        let unknown = Profile::parse(&text.replace("dpi = 300", "dots = 300")).unwrap_err();
        assert!(unknown.to_string().contains("dots"), "{unknown}");
        let turned = text.replace(
            "crown_px = { min = 50, max = 110 }",
            "crown_px = { min = 110, max = 50 }",
        );
        let turned = Profile::parse(&turned).unwrap_err();
        assert_eq!(turned.code(), "profile-contradiction");
        assert!(turned.to_string().contains("crown_px"), "{turned}");
        for (there, wrong, words) in [
            (
                "tilt_deg_max = 5",
                "tilt_deg_max = nan",
                ["bands.tilt_deg_max", "NaN", "above 0"],
            ),
            (
                "width_px = 480",
                "width_px = 48000",
                ["picture.width_px", "48000", "16 to 4096"],
            ),
            (
                "bytes_min = 30720",
                "bytes_min = 0",
                ["file.bytes_min", "is 0", "1 to"],
            ),
            (
                "bytes_max = 40960",
                "bytes_max = 9",
                ["file.bytes_min", "30720", "bytes_max, 9"],
            ),
            (
                "quality_min = 60",
                "quality_min = 0",
                ["file.quality_min", "is 0", "1 to 100"],
            ),
            (
                "max = 300 } #",
                "max = 900 } #",
                ["bands.face_width_px", "900", "480 or less"],
            ),
            (
                "enlargement_max = 3.0",
                "enlargement_max = inf",
                ["source.", "inf", "above 0"],
            ),
        ] {
            let fault = Profile::parse(&text.replacen(there, wrong, 1)).unwrap_err();
            let fault = fault.to_string();
            for word in words {
                assert!(fault.contains(word), "{wrong}: {fault}");
            }
        }
        assert_eq!(
            Profile::named("passport").unwrap_err().code(),
            "profile-unknown"
        );
    }
}
