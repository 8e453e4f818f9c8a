//! The studio: from camera bytes to a portrait that meets the photo standard.
//!
//! Decode, find the face, cut, scale, encode, and check the file that came out by
//! reading it again. The steps belong to `portrait` and `vision`; here they are
//! put in order.

use crate::show::Shown;
use booth::{Encoding, Frame, JobKind, Portrait};
use camera::Preview;
use image::ImageEncoder as _;
use portrait::{
    Backdrop, Crop, Encoded, FaceGeometry, Finding, FindingCode, Landmarks, Patch, PersonMask,
    Place, Profile, Raster, Region, Scene, Severity, Step, Taken,
};
use vision::{Analyst, VisionError};

/// Why no portrait came out.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    /// The picture, or the portrait, misses the photo standard.
    #[error("the portrait does not meet the photo standard: {}", .0.code.code())]
    Finding(Finding),
    /// The bytes are no picture.
    #[error("the picture cannot be read")]
    Picture(#[from] portrait::DecodeFault),
    /// The picture cannot be held or scaled.
    #[error("the picture cannot be scaled")]
    Raster(#[from] portrait::RasterFault),
    /// Scaling failed.
    #[error("the picture cannot be scaled")]
    Render(#[from] portrait::RenderFault),
    /// The face models failed.
    #[error("the face models failed")]
    Vision(#[from] VisionError),
    /// There is too little of the background to bring it to a colour.
    #[error("too little of the background is seen")]
    NoBackground,
}

impl StudioError {
    /// Stable code: the finding's own, or the fault's.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Finding(finding) => finding.code.code(),
            Self::Picture(fault) => fault.code(),
            Self::Raster(_) => "picture-unreadable",
            Self::Render(fault) => fault.code(),
            Self::Vision(fault) => fault.code(),
            Self::NoBackground => "background-unseen",
        }
    }
}

/// Where a frame was cut, and what was found in it; lengths in its own pixels.
#[derive(Clone)]
pub(crate) struct Cut {
    crop: Crop,
    face: FaceGeometry,
    landmarks: Option<Landmarks>,
    /// What [`portrait::blink`] found on its press, where somebody looked.
    pub(crate) blink: Option<Finding>,
}

/// A portrait with what was measured on it.
pub struct Made {
    /// The JPEG file.
    pub jpeg: Vec<u8>,
    /// The encoder's quality factor, 1 to 100.
    pub quality: u8,
    /// The face in the portrait's own pixels.
    pub face: FaceGeometry,
    /// What informs or warns; what blocks is an error instead.
    pub findings: Vec<Finding>,
    /// Where the background fails, in the portrait's own pixels; nothing without such a finding.
    pub(crate) places: Vec<Place>,
    cut: Cut,
    /// What was encoded, before the mark of a training job.
    pixels: Raster,
    /// The points of the face in the portrait's own pixels, where they hold.
    landmarks: Option<Landmarks>,
    /// Who is on it, where the points hold.
    person: Option<PersonMask>,
}

/// A second file beside a portrait, with its background brought to the profile's colour.
pub struct Normalised {
    /// The JPEG file.
    pub jpeg: Vec<u8>,
    /// The encoder's quality factor, 1 to 100.
    pub quality: u8,
    /// What informs or warns; what blocks is an error instead.
    pub findings: Vec<Finding>,
}

/// What was found on a finished file.
pub struct Checked {
    /// Everything that was found.
    pub findings: Vec<Finding>,
    /// The face in the file's own pixels.
    pub face: Option<FaceGeometry>,
    /// Where the background fails, if it does; see [`Backdrop::picture`].
    pub background: Option<Raster>,
}

/// The face models with the photo standard of one job.
pub struct Studio {
    analyst: Analyst,
    profile: Profile,
    kind: JobKind,
}

impl Studio {
    /// Loads the models (some tens of milliseconds).
    ///
    /// # Errors
    /// [`StudioError::Vision`] when they cannot be loaded.
    pub fn new(profile: Profile, kind: JobKind) -> Result<Self, StudioError> {
        let analyst = Analyst::new()?;
        Ok(Self {
            analyst,
            profile,
            kind,
        })
    }

    /// The photo standard.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Makes the portrait of a sitting's frame; with a cut and a step, that cut moved by the step.
    /// `blink` is what [`portrait::blink`] found on its press; `seen` gets the colour of its backdrop,
    /// whatever becomes of the portrait.
    ///
    /// # Errors
    /// [`StudioError`] names what is wrong with the picture.
    pub(crate) fn develop(
        &self,
        frame: &Frame,
        blink: Option<Finding>,
        nudged: Option<(Cut, Step)>,
        seen: &mut Option<Patch>,
    ) -> Result<(Portrait, Shown), StudioError> {
        let picture = pixels(frame.bytes(), frame.encoding())?;
        *seen = Some(portrait::measure(&picture, Region::Backdrop));
        if let Some(blocking) = blocking(blink.as_slice()) {
            return Err(StudioError::Finding(blocking));
        }
        let (made, stopped) = match nudged {
            None => (self.make(&picture)?, None),
            Some((cut, step)) => self.make_nudged(&picture, cut, step)?,
        };
        // What a copy lacks is told beside the portrait, which never depends on it.
        let second = (self.profile.background.normalise).then(|| self.normalise(&made));
        let portrait = Portrait::new(made.jpeg, frame.digest(), made.quality);
        let (copy, told) = match second {
            None => (None, None),
            Some(Ok(second)) => {
                let of = portrait.digest();
                let copy = booth::Normalised::new(second.jpeg, second.quality, of);
                (Some(copy), Some(Ok(second.findings)))
            }
            Some(Err(why)) => (None, Some(Err(why.code()))),
        };
        let mut shown = Shown {
            face: Some(made.face),
            findings: made.findings,
            copy: told,
            places: made.places,
            cut: Some(Cut { blink, ..made.cut }),
            stopped,
        };
        shown.findings.extend(blink);
        Ok((portrait.with_normalised(copy), shown))
    }

    /// Eyes and sharpness of every frame of a press, in their order; nothing of one that cannot
    /// be measured (the developer says why). A single frame is compared with no other and needs no
    /// look.
    #[must_use]
    pub fn look_at(&self, burst: &[Frame]) -> Vec<Option<Taken>> {
        if burst.len() < 2 {
            return Vec::new();
        }
        burst.iter().map(|frame| self.taken(frame)).collect()
    }

    fn taken(&self, frame: &Frame) -> Option<Taken> {
        let picture = pixels(frame.bytes(), frame.encoding()).ok()?;
        let look = self.analyst.look(&picture).ok()??;
        Some(Taken {
            openness: look.openness,
            sharpness: portrait::sharpness(&picture, [look.right_eye, look.left_eye]),
        })
    }

    /// Makes a portrait from a picture file.
    ///
    /// # Errors
    /// [`StudioError`] names what is wrong with the picture.
    pub fn make_from_file(&self, bytes: &[u8]) -> Result<Made, StudioError> {
        self.make(&portrait::decode(bytes)?)
    }

    fn make(&self, picture: &Raster) -> Result<Made, StudioError> {
        let analysis = self.analyst.analyse(picture)?;
        if analysis.faces > 1 {
            return Err(StudioError::Finding(Finding::plain(
                FindingCode::SeveralFaces,
            )));
        }
        let face = analysis
            .geometry
            .map_err(|unmeasured| StudioError::Finding(unmeasured.finding()))?;
        let crop = portrait::compose(&self.profile, &face).map_err(StudioError::Finding)?;
        let landmarks = analysis.landmarks;
        self.make_cut(
            picture,
            Cut {
                crop,
                face,
                landmarks,
                blink: None,
            },
        )
    }

    /// The portrait of a cut moved by one step, and what the step stopped at. A step that leads to no
    /// portrait (the file would be too large) stops where it began.
    fn make_nudged(
        &self,
        picture: &Raster,
        cut: Cut,
        step: Step,
    ) -> Result<(Made, Option<FindingCode>), StudioError> {
        let moved = portrait::nudge(&cut.crop, &cut.face, &self.profile, step)
            .map_err(StudioError::Finding)?;
        let there = Cut {
            crop: moved.crop,
            ..cut.clone()
        };
        match self.make_cut(picture, there) {
            Ok(made) => Ok((made, moved.stopped)),
            Err(StudioError::Finding(finding)) => {
                Ok((self.make_cut(picture, cut)?, Some(finding.code)))
            }
            Err(fault) => Err(fault),
        }
    }

    fn make_cut(&self, picture: &Raster, cut: Cut) -> Result<Made, StudioError> {
        let crop = &cut.crop;
        let face = cut.face.through(crop);
        let findings = portrait::judge(&self.profile, &face, Some(crop));
        if let Some(blocking) = blocking(&findings) {
            return Err(StudioError::Finding(blocking));
        }
        let rendered = portrait::render(picture, crop, &self.profile)?;
        // Before the mark of a training job is burnt in, which is none of the subject's.
        let landmarks = cut.landmarks.as_ref().map(|found| found.through(crop));
        let person = landmarks
            .is_some()
            .then(|| self.analyst.person(&rendered))
            .transpose()?;
        let (seen, backdrop) = self.inspect(&rendered, &face, landmarks.as_ref(), person.as_ref());
        if let Some(blocking) = blocking(&seen) {
            return Err(StudioError::Finding(blocking));
        }
        let encoded = self.encode(&rendered)?;
        // Checked again after encoding: the file is what is filed.
        let mut after = portrait::check(&encoded.jpeg, &self.profile, Some(&face));
        if let Some(blocking) = blocking(&after) {
            return Err(StudioError::Finding(blocking));
        }
        after.extend(
            findings
                .into_iter()
                .filter(|found| found.code == FindingCode::Enlarged),
        );
        after.dedup_by_key(|finding| finding.code);
        after.extend(seen);
        // Of all findings: the colour is judged on the finished file.
        let places = backdrop.map(|seen| seen.places(&after, &self.profile.background));
        Ok(Made {
            jpeg: encoded.jpeg,
            quality: encoded.quality,
            face,
            findings: after,
            places: places.unwrap_or_default(),
            pixels: rendered,
            landmarks,
            person,
            cut,
        })
    }

    /// The file, with the mark of a training job burnt in.
    fn encode(&self, picture: &Raster) -> Result<Encoded, StudioError> {
        let encoded = match self.kind {
            JobKind::Production => portrait::encode(picture, &self.profile),
            JobKind::Training => {
                let mut marked = picture.clone();
                portrait::mark_training(&mut marked);
                portrait::encode(&marked, &self.profile)
            }
        };
        encoded.map_err(StudioError::Finding)
    }

    /// Makes the derivative of a portrait: the same picture with its background brought to the
    /// colour of the profile, inside the same byte window, decoded and judged again like any
    /// portrait. Whether the profile allows it is asked by the caller.
    ///
    /// # Errors
    /// [`StudioError`] names what the derivative would miss; the portrait stays as it is.
    pub fn normalise(&self, made: &Made) -> Result<Normalised, StudioError> {
        let person = match &made.person {
            Some(person) => person,
            None => &self.analyst.person(&made.pixels)?,
        };
        let backdrop = portrait::backdrop(&made.pixels, person).ok_or(StudioError::NoBackground)?;
        let colour = &self.profile.background;
        let even = portrait::normalise(&made.pixels, person, &backdrop, colour);
        let encoded = self.encode(&even)?;
        let mut findings = portrait::check(&encoded.jpeg, &self.profile, Some(&made.face));
        let landmarks = made.landmarks.as_ref();
        let (seen, _) = self.inspect(&even, &made.face, landmarks, Some(person));
        findings.extend(seen);
        // An even background is all that it is for: one that still fails is no copy.
        let fails = |finding: &&Finding| {
            finding.severity() == Severity::Blocks
                || (finding.code.is_of_background() && finding.severity() == Severity::Warns)
        };
        match findings.iter().find(fails).copied() {
            Some(failing) => Err(StudioError::Finding(failing)),
            None => Ok(Normalised {
                jpeg: encoded.jpeg,
                quality: encoded.quality,
                findings,
            }),
        }
    }

    /// Checks a finished portrait file against the photo standard, the face measured anew.
    ///
    /// # Errors
    /// [`StudioError::Vision`] when the models fail; an unreadable file is a finding.
    pub fn check(&self, jpeg: &[u8]) -> Result<Checked, StudioError> {
        let Ok(picture) = portrait::decode(jpeg) else {
            return Ok(Checked {
                findings: portrait::check(jpeg, &self.profile, None),
                face: None,
                background: None,
            });
        };
        let analysis = self.analyst.analyse(&picture)?;
        let face = analysis.geometry.ok();
        let mut findings = portrait::check(jpeg, &self.profile, face.as_ref());
        if let Err(unmeasured) = analysis.geometry {
            findings.push(unmeasured.finding());
        }
        if analysis.faces > 1 && !findings.iter().any(|f| f.code == FindingCode::SeveralFaces) {
            findings.push(Finding::plain(FindingCode::SeveralFaces));
        }
        let mut background = None;
        if let Some(face) = &face {
            let landmarks = analysis.landmarks.as_ref();
            let person = landmarks
                .is_some()
                .then(|| self.analyst.person(&picture))
                .transpose()?;
            let (seen, backdrop) = self.inspect(&picture, face, landmarks, person.as_ref());
            findings.extend(seen);
            background = backdrop.and_then(|backdrop| {
                let places = backdrop.places(&findings, &self.profile.background);
                backdrop.picture(&picture, &places)
            });
        }
        Ok(Checked {
            findings,
            face,
            background,
        })
    }

    /// What light, clothes, background and features of a portrait tell; nothing without points and person.
    fn inspect(
        &self,
        portrait: &Raster,
        face: &FaceGeometry,
        landmarks: Option<&Landmarks>,
        person: Option<&PersonMask>,
    ) -> (Vec<Finding>, Option<Backdrop>) {
        let (Some(landmarks), Some(person)) = (landmarks, person) else {
            return (Vec::new(), None);
        };
        let backdrop = portrait::backdrop(portrait, person);
        let scene = Scene {
            portrait,
            face,
            landmarks,
            person,
            backdrop: backdrop.as_ref(),
        };
        (portrait::inspect(&scene, &self.profile), backdrop)
    }
}

pub(crate) fn pixels(bytes: &[u8], encoding: Encoding) -> Result<Raster, StudioError> {
    match encoding {
        Encoding::Jpeg | Encoding::Png => Ok(portrait::decode(bytes)?),
        Encoding::Yuyv { width, height } => Ok(portrait::decode_yuyv(bytes, width, height)?),
    }
}

/// The pixels of a frame to look at.
pub(crate) fn decode_preview(preview: &Preview) -> Result<Raster, StudioError> {
    pixels(&preview.bytes, preview.encoding)
}

fn blocking(findings: &[Finding]) -> Option<Finding> {
    findings
        .iter()
        .find(|finding| finding.severity() == Severity::Blocks)
        .copied()
}

/// Pixels of three bytes as a PNG; nothing when they are no picture of this size.
pub(crate) fn png(rgb: &[u8], width: u32, height: u32) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut file);
    encoder
        .write_image(rgb, width, height, image::ExtendedColorType::Rgb8)
        .ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::{Birth, Epoch, FrameStamp, SourceKind};
    use simulator::subject::Subject;

    fn raster(picture: image::RgbImage) -> Raster {
        let (width, height) = picture.dimensions();
        Raster::new(width, height, picture.into_raw()).unwrap()
    }

    fn frame(picture: &image::RgbImage) -> Frame {
        let at = clock::now();
        let stamp = FrameStamp {
            kind: SourceKind::Live,
            epoch: Epoch(1),
            sequence: 1,
            birth: Birth::Driver(at),
            arrived: at,
        };
        let bytes = simulator::still::encode_jpeg(picture).unwrap();
        Frame::new(stamp, Encoding::Jpeg, bytes)
    }

    /// Drawn people of every kind, some of them with narrow eyes and glasses: a blink is less
    /// open than the same one's open eyes by more than the proposal asks for.
    #[test]
    fn a_blink_loses_against_open_eyes_and_blur_against_sharp_ones() {
        let analyst = Analyst::new().unwrap();
        let taken = |picture: &Raster| {
            let look = analyst.look(picture).unwrap()?;
            Some(Taken {
                openness: look.openness,
                sharpness: portrait::sharpness(picture, [look.right_eye, look.left_eye]),
            })
        };
        for id in 1..=12 {
            let open = Subject::numbered(id);
            let drawn = open.draw(720, 960, 1);
            let burst = [
                raster(Subject::numbered(id).with_lids(0.15).draw(720, 960, 0)),
                raster(image::imageops::fast_blur(&drawn, 2.5)),
                raster(drawn),
                raster(Subject::numbered(id).with_lids(0.3).draw(720, 960, 2)),
            ];
            let burst: Vec<_> = burst.iter().map(taken).collect();
            assert_eq!(portrait::propose(&burst), Some(2), "{id}: {burst:?}");
        }
    }

    /// Of a press with open and closed eyes the closed ones warn where somebody chose them, block
    /// where the profile wants that, and nobody's open eyes are told.
    #[test]
    fn a_blink_that_was_chosen_by_hand_is_told() {
        let press = [
            Subject::numbered(2),
            Subject::numbered(2).with_lids(0.1),
            Subject::numbered(2),
        ];
        let press: Vec<Frame> = (0..)
            .zip(press)
            .map(|(at, subject)| frame(&subject.draw(720, 960, at)))
            .collect();
        let told = |studio: &Studio, chosen: usize| {
            let looks = studio.look_at(&press);
            let blink = portrait::blink(&looks, chosen, studio.profile());
            let developed = studio.develop(&press[chosen], blink, None, &mut None);
            developed.map(|(_, shown)| {
                let codes = shown.findings.iter().map(|finding| finding.code);
                codes.filter(|code| *code == FindingCode::Blink).count()
            })
        };
        let studio = Studio::new(Profile::named("national").unwrap(), JobKind::Training).unwrap();
        let counts: Vec<_> = (0..3).map(|at| told(&studio, at).unwrap()).collect();
        assert_eq!(counts, [0, 1, 0]);
        assert!(
            studio.look_at(&press[..1]).is_empty(),
            "one is compared with none"
        );

        let strict = "\n[measures]\nblink = { min = 0.8, severity = \"blocks\" }\n";
        let strict = format!("{}{strict}", Profile::text_of("national").unwrap());
        let studio = Studio::new(Profile::parse(&strict).unwrap(), JobKind::Training).unwrap();
        assert_eq!(told(&studio, 0).unwrap(), 0);
        assert_eq!(told(&studio, 1).unwrap_err().code(), "blink");
    }
}
