//! What is wrong, or worth knowing, about a portrait.

use std::fmt;

use crate::profile::Band;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know; nothing has to be done.
    Informs,
    /// A person should look; the portrait can still be filed.
    Warns,
    /// The portrait does not meet the standard.
    Blocks,
}

impl Severity {
    /// The stable word used in files and JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Informs => "informs",
            Self::Warns => "warns",
            Self::Blocks => "blocks",
        }
    }

    /// The weight of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Informs, Self::Warns, Self::Blocks];
        all.into_iter().find(|severity| severity.code() == word)
    }
}

/// The demand a finding is about. Closed: every one of them is really measured here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingCode {
    /// The bytes are no complete JPEG.
    Unreadable,
    /// Width or height in pixels differ from the profile.
    PixelSize,
    /// The resolution tag in dots per inch differs from the profile.
    Density,
    /// Not three colour components of eight bits (24-bit colour).
    Components,
    /// The chroma planes are not halved both ways (4:2:0), as our encoder writes them.
    Subsampling,
    /// The file has fewer bytes than the window allows, even at the highest quality.
    TooFewBytes,
    /// The file has more bytes than the window allows, even at the quality floor.
    TooManyBytes,
    /// The JPEG quality is under the floor.
    QualityTooLow,
    /// Exif, XMP, comments or another payload that may carry names, places or a thumbnail.
    CarriesMetadata,
    /// No face was found.
    NoFace,
    /// More than one face of comparable size.
    SeveralFaces,
    /// Something like a face was found, but landmarks do not hold on it.
    LandmarksUnsure,
    /// The top of the head could not be told from the background.
    CrownUnsure,
    /// The head lies on its side or stands on its top: the picture, or the camera, is turned.
    NotUpright,
    /// The measures cannot be those of an upright face.
    ImplausibleFace,
    /// The top of the hair is outside its band.
    CrownOutOfBand,
    /// The eye line is outside its band.
    EyeLineOutOfBand,
    /// The width from cheek to cheek is outside its band.
    FaceWidthOutOfBand,
    /// The face is not in the middle.
    OffCentre,
    /// The line between the pupils is not level.
    EyesTilted,
    /// There is too little picture above the head.
    FrameTooTightAbove,
    /// There is too little picture below the head.
    FrameTooTightBelow,
    /// There is too little picture on the left of the picture: the subject's right.
    FrameTooTightLeft,
    /// There is too little picture on the right of the picture: the subject's left.
    FrameTooTightRight,
    /// There is too little picture left and right of the head.
    FrameTooTightAside,
    /// There is too little picture above and below the head.
    FrameTooTightHeight,
    /// There is too little picture above and on the left of the picture.
    FrameTooTightAboveLeft,
    /// There is too little picture above and on the right of the picture.
    FrameTooTightAboveRight,
    /// There is too little picture below and on the left of the picture.
    FrameTooTightBelowLeft,
    /// There is too little picture below and on the right of the picture.
    FrameTooTightBelowRight,
    /// The frame holds too little around the head, on three sides or on all.
    FrameTooTight,
    /// The face has too few pixels: the portrait would have to be enlarged beyond the limit.
    ResolutionTooLow,
    /// The portrait is an enlargement of the frame, within the limit.
    Enlarged,
    /// A band is met so narrowly that another measuring may find it missed. The frame left no
    /// better crop.
    CloseToBand,
    /// The background is not the colour of the profile.
    BackgroundColour,
    /// The head takes too little or too much of the height.
    HeadShare,
    /// The head is turned to a side.
    HeadTurned,
    /// The chin is raised or lowered, as far as one picture can tell.
    ChinOffLevel,
    /// The eyes look closed; narrow eyes may, too.
    EyesClosed,
    /// The eyes are more closed than in another frame of the same press.
    Blink,
    /// The lips are apart.
    MouthOpen,
    /// A lamp is reflected in front of an eye.
    GlassesGlare,
    /// Hair or a frame covers what is around the eyes.
    EyesCovered,
    /// The eyes look past the camera, to a side.
    Gaze,
    /// The face has no fine detail: out of focus, or enlarged.
    Blurred,
    /// The face is blurred in one direction.
    MotionBlurred,
    /// Most of the face is too dark.
    FaceTooDark,
    /// The face is too bright as a whole.
    FaceTooBright,
    /// Parts of the face are burnt out.
    Highlights,
    /// One cheek is brighter than the other.
    LitFromOneSide,
    /// The face has few tones.
    LowContrast,
    /// The skin is far from the colours of skin.
    UnnaturalColour,
    /// The skin has a hue that white light does not give it.
    ColourCast,
    /// The background is not evenly lit, or not flat.
    BackgroundUneven,
    /// The background has folds or a pattern.
    BackgroundTexture,
    /// A shadow lies on the background.
    BackgroundShadow,
    /// Something else than the cloth is behind the person.
    BackgroundObject,
    /// The clothes can hardly be told from the background.
    ClothesLikeBackground,
    /// The clothes are blue or green.
    ClothesBlueGreen,
    /// One shoulder is lower than the other.
    ShouldersTilted,
    /// A black border surrounds the picture.
    BlackBorder,
}

impl FindingCode {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 61] = [
        Self::Unreadable,
        Self::PixelSize,
        Self::Density,
        Self::Components,
        Self::Subsampling,
        Self::TooFewBytes,
        Self::TooManyBytes,
        Self::QualityTooLow,
        Self::CarriesMetadata,
        Self::NoFace,
        Self::SeveralFaces,
        Self::LandmarksUnsure,
        Self::CrownUnsure,
        Self::NotUpright,
        Self::ImplausibleFace,
        Self::CrownOutOfBand,
        Self::EyeLineOutOfBand,
        Self::FaceWidthOutOfBand,
        Self::OffCentre,
        Self::EyesTilted,
        Self::FrameTooTightAbove,
        Self::FrameTooTightBelow,
        Self::FrameTooTightLeft,
        Self::FrameTooTightRight,
        Self::FrameTooTightAside,
        Self::FrameTooTightHeight,
        Self::FrameTooTightAboveLeft,
        Self::FrameTooTightAboveRight,
        Self::FrameTooTightBelowLeft,
        Self::FrameTooTightBelowRight,
        Self::FrameTooTight,
        Self::ResolutionTooLow,
        Self::Enlarged,
        Self::CloseToBand,
        Self::BackgroundColour,
        Self::HeadShare,
        Self::HeadTurned,
        Self::ChinOffLevel,
        Self::EyesClosed,
        Self::Blink,
        Self::MouthOpen,
        Self::GlassesGlare,
        Self::EyesCovered,
        Self::Gaze,
        Self::Blurred,
        Self::MotionBlurred,
        Self::FaceTooDark,
        Self::FaceTooBright,
        Self::Highlights,
        Self::LitFromOneSide,
        Self::LowContrast,
        Self::UnnaturalColour,
        Self::ColourCast,
        Self::BackgroundUneven,
        Self::BackgroundTexture,
        Self::BackgroundShadow,
        Self::BackgroundObject,
        Self::ClothesLikeBackground,
        Self::ClothesBlueGreen,
        Self::ShouldersTilted,
        Self::BlackBorder,
    ];

    /// The stable code used in files, JSON and the manual.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::PixelSize => "pixel-size",
            Self::Density => "density",
            Self::Components => "components",
            Self::Subsampling => "subsampling",
            Self::TooFewBytes => "too-few-bytes",
            Self::TooManyBytes => "too-many-bytes",
            Self::QualityTooLow => "quality-too-low",
            Self::CarriesMetadata => "carries-metadata",
            Self::NoFace => "no-face",
            Self::SeveralFaces => "several-faces",
            Self::LandmarksUnsure => "landmarks-unsure",
            Self::CrownUnsure => "crown-unsure",
            Self::NotUpright => "not-upright",
            Self::ImplausibleFace => "implausible-face",
            Self::CrownOutOfBand => "crown-out-of-band",
            Self::EyeLineOutOfBand => "eye-line-out-of-band",
            Self::FaceWidthOutOfBand => "face-width-out-of-band",
            Self::OffCentre => "off-centre",
            Self::EyesTilted => "eyes-tilted",
            Self::FrameTooTightAbove => "frame-too-tight-above",
            Self::FrameTooTightBelow => "frame-too-tight-below",
            Self::FrameTooTightLeft => "frame-too-tight-left",
            Self::FrameTooTightRight => "frame-too-tight-right",
            Self::FrameTooTightAside => "frame-too-tight-aside",
            Self::FrameTooTightHeight => "frame-too-tight-above-below",
            Self::FrameTooTightAboveLeft => "frame-too-tight-above-left",
            Self::FrameTooTightAboveRight => "frame-too-tight-above-right",
            Self::FrameTooTightBelowLeft => "frame-too-tight-below-left",
            Self::FrameTooTightBelowRight => "frame-too-tight-below-right",
            Self::FrameTooTight => "frame-too-tight",
            Self::ResolutionTooLow => "resolution-too-low",
            Self::Enlarged => "enlarged",
            Self::CloseToBand => "close-to-band",
            Self::BackgroundColour => "background-colour",
            Self::HeadShare => "head-share",
            Self::HeadTurned => "head-turned",
            Self::ChinOffLevel => "chin-off-level",
            Self::EyesClosed => "eyes-closed",
            Self::Blink => "blink",
            Self::MouthOpen => "mouth-open",
            Self::GlassesGlare => "glasses-glare",
            Self::EyesCovered => "eyes-covered",
            Self::Gaze => "gaze",
            Self::Blurred => "blurred",
            Self::MotionBlurred => "motion-blurred",
            Self::FaceTooDark => "face-too-dark",
            Self::FaceTooBright => "face-too-bright",
            Self::Highlights => "highlights",
            Self::LitFromOneSide => "lit-from-one-side",
            Self::LowContrast => "low-contrast",
            Self::UnnaturalColour => "unnatural-colour",
            Self::ColourCast => "colour-cast",
            Self::BackgroundUneven => "background-uneven",
            Self::BackgroundTexture => "background-texture",
            Self::BackgroundShadow => "background-shadow",
            Self::BackgroundObject => "background-object",
            Self::ClothesLikeBackground => "clothes-like-background",
            Self::ClothesBlueGreen => "clothes-blue-green",
            Self::ShouldersTilted => "shoulders-tilted",
            Self::BlackBorder => "black-border",
        }
    }

    /// The name the registration system's upload gate gives the same rejection, where one is
    /// known (collected from published notices of schools and upload sites).
    #[must_use]
    pub fn official_name(self) -> Option<&'static str> {
        match self {
            Self::CrownOutOfBand | Self::FrameTooTightAbove => Some("头顶距离顶部百分比不合格"),
            Self::EyeLineOutOfBand => Some("眼睛中心距离顶部百分比不合格"),
            Self::EyesTilted => Some("瞳孔平行角度不合格"),
            Self::ResolutionTooLow | Self::Blurred | Self::MotionBlurred => {
                Some("照片清晰度不合格")
            }
            Self::BlackBorder | Self::ClothesLikeBackground => Some("黑边检测不合格"),
            Self::Unreadable
            | Self::PixelSize
            | Self::Density
            | Self::Components
            | Self::Subsampling
            | Self::TooFewBytes
            | Self::TooManyBytes
            | Self::QualityTooLow
            | Self::CarriesMetadata
            | Self::NoFace
            | Self::SeveralFaces
            | Self::LandmarksUnsure
            | Self::CrownUnsure
            | Self::NotUpright
            | Self::ImplausibleFace
            | Self::FaceWidthOutOfBand
            | Self::OffCentre
            | Self::FrameTooTightBelow
            | Self::FrameTooTightLeft
            | Self::FrameTooTightRight
            | Self::FrameTooTightAside
            | Self::FrameTooTightHeight
            | Self::FrameTooTightAboveLeft
            | Self::FrameTooTightAboveRight
            | Self::FrameTooTightBelowLeft
            | Self::FrameTooTightBelowRight
            | Self::FrameTooTight
            | Self::Enlarged
            | Self::CloseToBand
            | Self::BackgroundColour
            | Self::HeadShare
            | Self::HeadTurned
            | Self::ChinOffLevel
            | Self::EyesClosed
            | Self::Blink
            | Self::MouthOpen
            | Self::GlassesGlare
            | Self::EyesCovered
            | Self::Gaze
            | Self::FaceTooDark
            | Self::FaceTooBright
            | Self::Highlights
            | Self::LitFromOneSide
            | Self::LowContrast
            | Self::UnnaturalColour
            | Self::ColourCast
            | Self::BackgroundUneven
            | Self::BackgroundTexture
            | Self::BackgroundShadow
            | Self::BackgroundObject
            | Self::ClothesBlueGreen
            | Self::ShouldersTilted => None,
        }
    }

    /// Whether it is about the cloth behind the person.
    #[must_use]
    pub fn is_of_background(self) -> bool {
        matches!(
            self,
            Self::BackgroundColour
                | Self::BackgroundUneven
                | Self::BackgroundTexture
                | Self::BackgroundShadow
                | Self::BackgroundObject
        )
    }

    /// The usual weight of the finding. Where the standard names a number, missing it blocks; where it
    /// only describes ("level", "centred", "uniform") or the measure is coarse, a person decides.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Unreadable
            | Self::PixelSize
            | Self::Density
            | Self::Components
            | Self::TooFewBytes
            | Self::TooManyBytes
            | Self::QualityTooLow
            | Self::NoFace
            | Self::SeveralFaces
            | Self::LandmarksUnsure
            | Self::CrownUnsure
            | Self::NotUpright
            | Self::ImplausibleFace
            | Self::CrownOutOfBand
            | Self::EyeLineOutOfBand
            | Self::FaceWidthOutOfBand
            | Self::FrameTooTightAbove
            | Self::FrameTooTightBelow
            | Self::FrameTooTightLeft
            | Self::FrameTooTightRight
            | Self::FrameTooTightAside
            | Self::FrameTooTightHeight
            | Self::FrameTooTightAboveLeft
            | Self::FrameTooTightAboveRight
            | Self::FrameTooTightBelowLeft
            | Self::FrameTooTightBelowRight
            | Self::FrameTooTight
            | Self::ResolutionTooLow => Severity::Blocks,
            Self::CarriesMetadata
            | Self::OffCentre
            | Self::EyesTilted
            | Self::CloseToBand
            | Self::BackgroundColour
            | Self::HeadShare
            | Self::HeadTurned
            | Self::Blink
            | Self::MouthOpen
            | Self::GlassesGlare
            | Self::EyesCovered
            | Self::Gaze
            | Self::Blurred
            | Self::MotionBlurred
            | Self::FaceTooDark
            | Self::FaceTooBright
            | Self::Highlights
            | Self::LitFromOneSide
            | Self::LowContrast
            | Self::UnnaturalColour
            | Self::ColourCast
            | Self::BackgroundUneven
            | Self::BackgroundTexture
            | Self::BackgroundShadow
            | Self::BackgroundObject
            | Self::ClothesLikeBackground
            | Self::ClothesBlueGreen
            | Self::ShouldersTilted
            | Self::BlackBorder => Severity::Warns,
            Self::Subsampling | Self::Enlarged | Self::ChinOffLevel | Self::EyesClosed => {
                Severity::Informs
            }
        }
    }

    /// What is measured and in which unit, in English.
    fn subject(self) -> &'static str {
        match self {
            Self::Unreadable => "the file is not a complete JPEG",
            Self::PixelSize => "size in pixels",
            Self::Density => "resolution tag in dpi",
            Self::Components => "colour components of 8 bits",
            Self::Subsampling => "luma samples per chroma sample",
            Self::TooFewBytes | Self::TooManyBytes => "file size in bytes",
            Self::QualityTooLow => "JPEG quality",
            Self::CarriesMetadata => "bytes of metadata",
            Self::NoFace | Self::SeveralFaces => "faces in the picture",
            Self::LandmarksUnsure => "the landmarks of the face are unsure",
            Self::CrownUnsure => "the top of the head is unsure",
            Self::NotUpright => "the head is not upright",
            Self::ImplausibleFace => "the measures are not those of an upright face",
            Self::CrownOutOfBand => "top of the hair from the upper edge in px",
            Self::EyeLineOutOfBand => "eye line from the upper edge in px",
            Self::FaceWidthOutOfBand => "face width from cheek to cheek in px",
            Self::OffCentre => "middle of the face off the middle of the picture in px",
            Self::EyesTilted => "tilt of the eye line in degrees",
            Self::FrameTooTightAbove => "top of the hair, the frame ending above it, in px",
            Self::FrameTooTightBelow => "picture below the upper edge of the crop in px",
            Self::FrameTooTightLeft | Self::FrameTooTightRight | Self::FrameTooTightAside => {
                "picture beside the middle of the face in px"
            }
            Self::FrameTooTightHeight
            | Self::FrameTooTightAboveLeft
            | Self::FrameTooTightAboveRight
            | Self::FrameTooTightBelowLeft
            | Self::FrameTooTightBelowRight
            | Self::FrameTooTight => "share of the best crop that the frame holds",
            Self::ResolutionTooLow | Self::Enlarged => "enlargement of the frame",
            Self::CloseToBand => "margin to the tightest band (1 its middle, 0 its end)",
            Self::BackgroundColour => "distance of the background from the colour (Lab dE)",
            Self::HeadShare => "height of the head by that of the picture",
            Self::HeadTurned => "turn of the head in degrees",
            Self::ChinOffLevel => "nod of the head in degrees (doubtful)",
            Self::EyesClosed => "gap of the lids by eyes to chin",
            Self::Blink => "openness of the eyes by that of the widest of the press",
            Self::MouthOpen => "gap of the lips by eyes to chin",
            Self::GlassesGlare => "share of reflection around an eye",
            Self::EyesCovered => "share around an eye that is not skin",
            Self::Gaze => "irises off the middle of the eyes, across, in eye widths",
            Self::Blurred => "blur effect of the face (0 sharp, 1 none)",
            Self::MotionBlurred => "difference of the blur across and down",
            Self::FaceTooDark => "share of the face that is too dark",
            Self::FaceTooBright => "mean luminance of the face",
            Self::Highlights => "share of the face that is burnt out",
            Self::LitFromOneSide => "what the brightness of both cheeks has in common",
            Self::LowContrast => "entropy of the face in bits",
            Self::UnnaturalColour => "distance of the skin from the range of skin (Lab)",
            Self::ColourCast => "hue of the skin in degrees (Lab)",
            Self::BackgroundUneven => "spread of the background (Lab dE, 95 of 100)",
            Self::BackgroundTexture => "mean gradient of the background (Scharr)",
            Self::BackgroundShadow => "share of the background in a shadow",
            Self::BackgroundObject => "share of the background that is something else",
            Self::ClothesLikeBackground => "distance of the clothes from the background (Lab dE)",
            Self::ClothesBlueGreen => "share of the clothes that is blue or green",
            Self::ShouldersTilted => "tilt of the shoulders in degrees",
            Self::BlackBorder => "width of a black border in px",
        }
    }
}

/// One verdict on one demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Which demand.
    pub code: FindingCode,
    /// What was measured, in the unit the code names; nothing where there is no number.
    pub value: Option<f64>,
    /// What is allowed, in the same unit; nothing where there is no band.
    pub band: Option<Band>,
    severity: Severity,
}

impl Finding {
    /// A finding without a number.
    #[must_use]
    pub fn plain(code: FindingCode) -> Self {
        Self {
            code,
            value: None,
            band: None,
            severity: code.severity(),
        }
    }

    /// A finding with what was measured and what is allowed.
    #[must_use]
    pub fn measured(code: FindingCode, value: f64, band: Band) -> Self {
        Self {
            code,
            value: Some(value),
            band: Some(band),
            severity: code.severity(),
        }
    }

    /// The same finding with the weight that a profile gives it.
    #[must_use]
    pub fn weighing(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The weight of the finding: the profile's, or that of its code.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.code(), self.code.subject())?;
        if let Some(value) = self.value {
            write!(formatter, " is {}", round(value))?;
        }
        if let Some(band) = self.band {
            write!(
                formatter,
                ", allowed {} to {}",
                round(band.min),
                round(band.max)
            )?;
        }
        Ok(())
    }
}

/// Two decimals are more than any of the measures carries.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_distinct_and_kebab_case() {
        let codes: HashSet<_> = FindingCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(codes.len(), FindingCode::ALL.len());
        for code in codes {
            assert!(
                code.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{code}"
            );
        }
    }

    #[test]
    fn a_finding_reads_as_a_sentence() {
        let band = Band {
            min: 50.0,
            max: 110.0,
        };
        let finding = Finding::measured(FindingCode::CrownOutOfBand, 41.256, band);
        assert_eq!(
            finding.to_string(),
            "crown-out-of-band: top of the hair from the upper edge in px is 41.26, allowed 50 to 110"
        );
        assert_eq!(finding.severity(), Severity::Blocks);
    }
}
