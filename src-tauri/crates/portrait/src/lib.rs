//! Pixels: the photo standard as data, and everything that turns a frame into a portrait.
//!
//! A portrait is a crop of a frame, scaled by one factor, and nothing else: the photo standard
//! forbids mirroring, rotating and retouching, so this crate has no function that does any of
//! them to a portrait. The steps are separate and pure:
//!
//! 1. [`decode`] turns the bytes of a JPEG or PNG into a [`Raster`], refusing by name what is
//!    truncated, oversized or of another colour model; [`decode_yuyv`] does it for raw pixels;
//! 2. `vision` finds the face and hands over a [`FaceGeometry`];
//! 3. [`compose`] chooses the [`Crop`] that puts crown, eye line and face width deepest inside
//!    the bands of the [`Profile`], or says which demand cannot be met;
//! 4. [`render`] resamples the crop, [`encode`] finds the best JPEG inside the byte window;
//! 5. [`judge`] and [`check`] measure the result against the profile and return [`Finding`]s;
//!    [`inspect`] adds what light, clothes, background and the features of the face tell.
//!
//! [`propose`] says before that which frame of a press is the one: the sharpest with open eyes; and
//! [`blink`] whether the one that was taken instead has them.
//!
//! [`normalise`] makes a second picture beside a portrait, whose background has the colour of the
//! profile; where a profile allows it, and never in the portrait's place.
//!
//! [`preview`] makes a picture small for a window; nothing that is filed passes through it.
//!
//! There is no I/O, no clock and no thread here: the same input gives the same bytes.

mod background;
mod burst;
mod check;
mod compose;
mod decode;
mod demand;
mod encode;
mod exif;
mod finding;
mod geometry;
mod guide;
mod inspect;
mod jpeg;
mod landmarks;
mod light;
mod mark;
mod normalise;
mod nudge;
mod preview;
mod profile;
mod raster;
mod render;
mod scale;
mod scan;
mod yuyv;

pub use background::background_distance;
pub use burst::{Taken, blink, propose, sharpness};
pub use check::{check, judge};
pub use compose::{Crop, compose};
pub use decode::{DecodeFault, decode};
pub use demand::{Demand, Demands};
pub use encode::{Encoded, encode};
pub use finding::{Finding, FindingCode, Severity};
pub use geometry::{FaceGeometry, Point};
pub use guide::{Advice, Arrow, Guidance, Guide, Light, Pose, STANDS_MS_MIN, Sight, advise};
pub use inspect::{Backdrop, Flaw, Place, Scene, backdrop, inspect, light_of, measures};
pub use jpeg::{JpegFault, JpegLayout};
pub use landmarks::{Eye, Iris, Landmarks, PersonMask};
pub use light::{DRIFT_DELTA_E_MAX, DRIFT_STOPS_MAX, Drift, Patch, Region, measure};
pub use mark::mark_training;
pub use normalise::normalise;
pub use nudge::{Nudged, STEP_PX, STEP_SIZE, Step, nudge};
pub use preview::{preview, shrink, size_of};
pub use profile::{Background, Band, ByteWindow, Profile, ProfileFault};
pub use raster::{PIXELS_MAX, Raster, RasterFault};
pub use render::{RenderFault, render};
pub use scale::scale;
pub use yuyv::decode_yuyv;
