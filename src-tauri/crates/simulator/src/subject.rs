//! Drawn synthetic subjects: invented people, for demo, training and tests.
//!
//! No photograph is involved. A number decides every feature, so the same number
//! is the same person for ever, and the pictures carry their own truth: the badge
//! on the chest holds the subject's id and the frame's number. Whatever leaves the
//! system can be [decoded](decode) and compared with the name it was filed under.
//!
//! ```
//! use simulator::subject::{Subject, SubjectMark, decode};
//!
//! let picture = Subject::numbered(7).draw(1280, 720, 3);
//! assert_eq!(decode(&picture), Some(SubjectMark { id: 7, frame: 3 }));
//! ```

mod badge;
mod canvas;
mod clothes;
mod face;
mod hair;
mod look;
mod noise;
mod reading;

use image::RgbImage;

pub use badge::SubjectMark;
pub(crate) use badge::crc16;
pub use reading::decode;

use canvas::{Canvas, Placing};
use look::Look;
use noise::SplitMix;

/// An invented person.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    id: u32,
    look: Look,
}

/// Where the parts of a drawn subject truly are, in pixels of the picture from
/// its top-left corner: what a detector should find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Y of the top of the hair.
    pub crown_y: f32,
    /// Y of the line through both eyes.
    pub eyes_y: f32,
    /// Y of the chin.
    pub chin_y: f32,
    /// X of the middle of the face.
    pub middle_x: f32,
    /// From the middle of one eye to that of the other.
    pub eye_distance: f32,
    /// From cheek to cheek at the widest, without the ears.
    pub face_width: f32,
}

impl Subject {
    /// The person with this number.
    #[must_use]
    pub fn numbered(id: u32) -> Self {
        Self {
            id,
            look: Look::numbered(id),
        }
    }

    /// The same person with their eyes open to this share, 0 to 1: in the middle of a blink.
    #[must_use]
    pub fn with_lids(mut self, open: f32) -> Self {
        self.look.eye_rise *= open;
        self
    }

    /// The same person with their lips apart by this share of the width of the face, 0 to about 0.15:
    /// in the middle of a word.
    #[must_use]
    pub fn with_lips_apart(mut self, share: f32) -> Self {
        self.look.lips_apart = 2.0 * share;
        self
    }

    /// The number of this person.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// Head and shoulders before the light blue cloth, as the booth's camera
    /// sees them: `width` x `height` pixels, landscape or upright, not mirrored.
    /// Eyes are open and level, lips closed. The subject sways a little from
    /// frame to frame, and the sensor's noise differs in each. The badge can be
    /// read from about 640 x 480 up; there is no lower limit to drawing.
    #[must_use]
    pub fn draw(&self, width: u32, height: u32, frame: u32) -> RgbImage {
        let seed = (u64::from(self.id) << 32) | u64::from(frame);
        let look = &self.look;
        let mut canvas = Canvas::filled(
            width,
            height,
            self.placing(width, height, frame),
            clothes::BACKDROP,
        );
        clothes::backdrop(&mut canvas);
        hair::draw_back(&mut canvas, look);
        face::neck(&mut canvas, look);
        clothes::draw(&mut canvas, look);
        hair::draw_tail(&mut canvas, look);
        if hair::shows_ears(look) {
            face::ears(&mut canvas, look);
        }
        face::draw(&mut canvas, look, |x, y| hair::cover(look, x, y));
        hair::draw(&mut canvas, look);
        face::glasses(&mut canvas, look);
        badge::draw(&mut canvas, SubjectMark { id: self.id, frame });
        canvas.developed(seed)
    }

    /// The truth about the picture that [`draw`](Self::draw) gives for the same
    /// arguments.
    #[must_use]
    pub fn geometry(&self, width: u32, height: u32, frame: u32) -> Geometry {
        let Placing { x, y, unit } = self.placing(width, height, frame);
        Geometry {
            crown_y: y - unit * hair::crown(&self.look),
            eyes_y: y,
            chin_y: y + unit * self.look.chin,
            middle_x: x,
            eye_distance: 2.0 * unit * self.look.eye_x,
            face_width: 2.0 * unit,
        }
    }

    /// A national portrait is about 7.1 units high and 5.3 wide at its loosest;
    /// the booth's picture shows at least that, with the eyes three units below
    /// the top.
    fn placing(&self, width: u32, height: u32, frame: u32) -> Placing {
        let (w, h) = (width as f32, height as f32);
        let unit = (h / 7.2).min(w / 5.6);
        let mut sway = SplitMix::seeded(u64::from(self.id) ^ 0x5AA5);
        let (px, py) = (sway.between(0.0, 6.0), sway.between(0.0, 6.0));
        // Irrational steps: a slow wander that does not repeat within a sitting.
        let t = frame as f32 % 100_000.0;
        Placing {
            x: w / 2.0 + unit * 0.025 * (t * 0.137 + px).sin(),
            y: (h - 7.2 * unit) * 0.4 + unit * (3.0 + 0.012 * (t * 0.211 + py).sin()),
            unit,
        }
    }
}
