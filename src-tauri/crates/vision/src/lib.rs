//! Eyes: finds the face in a picture and measures what the photo standard asks about.
//!
//! Five steps, each but the last with one small model that is part of the program ([`models`]):
//!
//! 1. *detect* finds faces and six points of each, on the whole picture and, where that finds
//!    nothing or only something small, on overlapping tiles of it;
//! 2. *mesh* lays 468 landmarks over the largest face, twice, the second time on a cut that the
//!    first one straightened;
//! 3. *iris* finds the irises and the corners of both eyes, for pictures that are kept;
//! 4. *mask* separates person from background around the head, at the resolution of the head;
//! 5. *crown* reads the top of the hair from the mask.
//!
//! The inference engine appears in `engine` and nowhere else, no type of it is public, and it runs on
//! one thread of its own, so that the same picture always gives the same numbers and a booth's other
//! cores stay free.

mod crown;
mod detect;
mod engine;
mod iris;
mod mask;
mod mesh;
pub mod models;
mod pyramid;

use portrait::{
    FaceGeometry, Finding, FindingCode, Landmarks, PersonMask, Point, Pose, Raster, Sight, light_of,
};
use thiserror::Error;

use detect::{Detection, Detector};
use engine::Network;
use iris::Side;
use mesh::Mesh;
use pyramid::Pyramid;

/// A face counts beside the largest one if it is at least this wide compared with it. Smaller ones are
/// posters, screens and passers-by far behind, which the crop removes or the background check sees.
const COMPARABLE_WIDTH: f32 = 0.4;

/// A head that is leaned further is not leaned: the picture is turned. Nobody holds it so for a portrait,
/// and the warning for tilted eyes begins at a few degrees.
const ROLL_DEG_MAX: f32 = 35.0;

/// A glance lays the mesh once: see the figures at [`Analyst::glance`].
const ROUNDS_AT_ONCE: u32 = 1;

/// Where usual hair ends above the eyes, in face widths; see [`crown`].
const RISE_USUAL: f32 = 0.9;

/// Why a picture could not be analysed. None of these is about the picture: they are faults of the
/// installation.
#[derive(Debug, Error)]
pub enum VisionError {
    /// A model of the program cannot be loaded.
    #[error("the {model} model cannot be loaded")]
    Model {
        /// Which one.
        model: &'static str,
        /// The engine's own words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model failed while it ran.
    #[error("the {model} model failed")]
    Inference {
        /// Which one.
        model: &'static str,
        /// The engine's own words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model gave output of another shape than the code was written for.
    #[error("the {model} model gave an unexpected output")]
    Shape {
        /// Which one.
        model: &'static str,
    },
    /// The picture could not be scaled for the models.
    #[error("the picture cannot be scaled: {0}")]
    Scale(String),
}

impl VisionError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Model { .. } => "vision-model",
            Self::Inference { .. } => "vision-inference",
            Self::Shape { .. } => "vision-shape",
            Self::Scale(_) => "vision-scale",
        }
    }
}

/// Why a picture gave no measures. A verdict about the picture, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unmeasured {
    /// No face was found.
    NoFace,
    /// Something like a face was found, but landmarks do not hold on it: too blurred, too far
    /// turned, or no face after all.
    LandmarksUnsure,
    /// The face was measured but the top of the head could not be told from the background.
    CrownUnsure,
    /// The head lies on its side or stands on its top.
    NotUpright,
}

impl Unmeasured {
    /// The stable code of the verdict.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoFace => "no-face",
            Self::LandmarksUnsure => "landmarks-unsure",
            Self::CrownUnsure => "crown-unsure",
            Self::NotUpright => "not-upright",
        }
    }

    /// The verdict as a finding, for lists that hold both.
    #[must_use]
    pub fn finding(self) -> Finding {
        Finding::plain(match self {
            Self::NoFace => FindingCode::NoFace,
            Self::LandmarksUnsure => FindingCode::LandmarksUnsure,
            Self::CrownUnsure => FindingCode::CrownUnsure,
            Self::NotUpright => FindingCode::NotUpright,
        })
    }
}

/// What was seen in one picture. `Debug` shows numbers, never pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Faces of a size comparable to the largest one, itself included.
    pub faces: u32,
    /// The measures of the largest face, in pixels of the picture, or why there are none.
    pub geometry: Result<FaceGeometry, Unmeasured>,
    /// The points of the largest face with its irises, where they hold.
    pub landmarks: Option<Landmarks>,
}

/// What tells one frame of a burst from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// How far the less open eye is open, as height by width; comparable only between
    /// pictures of one person.
    pub openness: f32,
    /// Middle of the eye on the subject's right, in pixels of the picture.
    pub right_eye: Point,
    /// The same on the left.
    pub left_eye: Point,
}

/// What is known of the crown before a glance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rise {
    /// Nothing: it is to be measured.
    Measure,
    /// How far it lies above the eyes, in face widths; nothing where it could not be told, and is not to
    /// be tried again.
    Known(Option<f32>),
}

/// What a quick look at the living picture gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glance {
    /// What is to be told from it.
    pub sight: Sight,
    /// How far the crown lies above the eyes, in face widths: as it was given, or measured now. Nothing
    /// where it could not be told; then the measures have it where heads usually end.
    pub rise: Option<f32>,
}

/// The models, loaded. Costs some tens of milliseconds to make and a few megabytes to keep; make one
/// and use it for every picture.
pub struct Analyst {
    detector: Detector,
    mesh: Network,
    iris: Network,
    mask: Network,
}

/// Models are large and say nothing to a reader.
impl std::fmt::Debug for Analyst {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Analyst").finish_non_exhaustive()
    }
}

impl Analyst {
    /// Loads the models that are part of the program.
    ///
    /// # Errors
    /// [`VisionError::Model`] if the engine refuses one.
    pub fn new() -> Result<Self, VisionError> {
        let pool = engine::single_thread();
        Ok(Self {
            detector: Detector::new(Network::load(&models::DETECTION, &pool)?),
            mesh: Network::load(&models::LANDMARK, &pool)?,
            iris: Network::load(&models::IRIS, &pool)?,
            mask: Network::load(&models::PERSON_MASK, &pool)?,
        })
    }

    /// Finds and measures the largest face. Works on upright pictures of any size; the face should be
    /// at least a sixth of the picture's longer side wide, and is refused rather than guessed below.
    ///
    /// # Errors
    /// [`VisionError`], never because of what the picture shows.
    pub fn analyse(&self, picture: &Raster) -> Result<Analysis, VisionError> {
        let pyramid = Pyramid::new(picture)?;
        let found = self.detector.detect(&pyramid)?;
        let Some(largest) = found
            .iter()
            .copied()
            .max_by(|a, b| a.width().total_cmp(&b.width()))
        else {
            return Ok(Analysis {
                faces: 0,
                geometry: Err(Unmeasured::NoFace),
                landmarks: None,
            });
        };
        let faces = comparable(&found, &largest);
        let unmeasured = |why| Analysis {
            faces,
            geometry: Err(why),
            landmarks: None,
        };
        // Asked before the landmarks: the mesh lays a face the right way up over one that is not.
        if self.detector.is_upside_down(&pyramid, &largest)? {
            return Ok(unmeasured(Unmeasured::NotUpright));
        }
        let Some(mesh) = mesh::lay(&self.mesh, &pyramid, &largest, mesh::ROUNDS)? else {
            return Ok(unmeasured(Unmeasured::LandmarksUnsure));
        };
        if mesh.roll_deg().abs() > ROLL_DEG_MAX {
            return Ok(unmeasured(Unmeasured::NotUpright));
        }
        let mut landmarks = mesh.landmarks();
        let Landmarks {
            right_eye,
            left_eye,
            ..
        } = &mut landmarks;
        right_eye.iris = iris::find(&self.iris, &pyramid, right_eye.corners, Side::Right)?;
        left_eye.iris = iris::find(&self.iris, &pyramid, left_eye.corners, Side::Left)?;
        Ok(Analysis {
            faces,
            geometry: self.measure(&pyramid, &mesh, faces)?,
            landmarks: Some(landmarks),
        })
    }

    /// Tells person from background over a whole portrait. Meant for finished portraits: of a wide
    /// frame the person would get few cells.
    ///
    /// # Errors
    /// As [`Analyst::analyse`].
    pub fn person(&self, portrait: &Raster) -> Result<PersonMask, VisionError> {
        mask::whole(&self.mask, &Pyramid::new(portrait)?)
    }

    /// Looks at the eyes of the largest face, at a third of the price of [`Analyst::analyse`];
    /// nothing where landmarks do not hold.
    ///
    /// # Errors
    /// As [`Analyst::analyse`].
    pub fn look(&self, picture: &Raster) -> Result<Option<Look>, VisionError> {
        let pyramid = Pyramid::new(picture)?;
        let found = self.detector.detect(&pyramid)?;
        let widest = |a: &Detection, b: &Detection| a.width().total_cmp(&b.width());
        let Some(face) = found.into_iter().max_by(widest) else {
            return Ok(None);
        };
        let mesh = mesh::lay(&self.mesh, &pyramid, &face, mesh::ROUNDS)?;
        Ok(mesh.map(|mesh| Look {
            openness: mesh.openness(),
            right_eye: mesh.right_eye(),
            left_eye: mesh.left_eye(),
        }))
    }

    /// A quick look for guidance: one pass of the face finder, the landmarks, and the crown only where
    /// `rise` is not known. How far hair reaches above the eyes, in face widths, is the subject's own and
    /// stays while they sit, so whoever looks again gives it back. Costs a quarter of
    /// [`Analyst::analyse`] then.
    ///
    /// # Errors
    /// As [`Analyst::analyse`].
    pub fn glance(&self, picture: &Raster, rise: Rise) -> Result<Glance, VisionError> {
        let pyramid = Pyramid::new(picture)?;
        let found = self.detector.detect_at_once(&pyramid)?;
        let widest = |a: &&Detection, b: &&Detection| a.width().total_cmp(&b.width());
        let faceless = |faces: u32| Glance {
            sight: Sight {
                faces,
                face: None,
                light: light_of(picture, None),
            },
            rise: None,
        };
        let Some(largest) = found.iter().max_by(widest) else {
            return Ok(faceless(0));
        };
        let faces = comparable(&found, largest);
        let Some(mesh) = mesh::lay(&self.mesh, &pyramid, largest, ROUNDS_AT_ONCE)? else {
            return Ok(faceless(faces));
        };
        let (cheek_min_x, cheek_max_x) = mesh.cheeks();
        let width = cheek_max_x - cheek_min_x;
        let eyes = f32::midpoint(mesh.right_eye().y, mesh.left_eye().y);
        let rise = match rise {
            Rise::Known(known) => known,
            Rise::Measure => {
                crown::find(&self.mask, &pyramid, &mesh)?.map(|crown| (eyes - crown) / width)
            }
        };
        let crown_y = (eyes - rise.unwrap_or(RISE_USUAL) * width).max(0.0);
        let landmarks = mesh.landmarks();
        let pose = Pose {
            geometry: geometry(&pyramid, &mesh, faces, crown_y),
            crown_is_sure: rise.is_some(),
            yaw_deg: landmarks.yaw_deg,
            pitch_deg: landmarks.pitch_deg,
        };
        let sight = Sight {
            faces,
            face: Some(pose),
            light: light_of(picture, Some(&landmarks)),
        };
        Ok(Glance { sight, rise })
    }

    fn measure(
        &self,
        pyramid: &Pyramid<'_>,
        mesh: &Mesh,
        faces: u32,
    ) -> Result<Result<FaceGeometry, Unmeasured>, VisionError> {
        let Some(crown_y) = crown::find(&self.mask, pyramid, mesh)? else {
            return Ok(Err(Unmeasured::CrownUnsure));
        };
        let geometry = geometry(pyramid, mesh, faces, crown_y);
        Ok(if geometry.is_plausible() {
            Ok(geometry)
        } else {
            Err(Unmeasured::LandmarksUnsure)
        })
    }
}

fn geometry(pyramid: &Pyramid<'_>, mesh: &Mesh, faces: u32, crown_y: f32) -> FaceGeometry {
    let (cheek_min_x, cheek_max_x) = mesh.cheeks();
    FaceGeometry {
        picture_width: pyramid.width(),
        picture_height: pyramid.height(),
        faces,
        crown_y,
        left_eye: mesh.left_eye(),
        right_eye: mesh.right_eye(),
        chin: mesh.chin(),
        cheek_min_x,
        cheek_max_x,
    }
}

fn comparable(found: &[Detection], largest: &Detection) -> u32 {
    let least = largest.width() * COMPARABLE_WIDTH;
    let count = found.iter().filter(|face| face.width() >= least).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
