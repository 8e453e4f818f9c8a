//! What the subject should do now, told while they sit before the living picture.
//!
//! Of all that is wrong one thing is told, in the order in which people can act on it: somebody has to be
//! there, alone and lit; then sit where the portrait can be cut from; then hold the head straight. Left
//! and right are always **the subject's own**. On a mirrored screen, the subject's and the operator's, the
//! subject's own left is the left of the screen, so an arrow points where the sentence says. In the
//! camera's picture, which is never mirrored, it is the right: x grows towards the subject's own left.
//!
//! A sentence that changes with every frame helps nobody. So what is told has to be clearly mended before
//! it goes (the bands that end a sentence are narrower than those that begin it), and a sentence stands for
//! [`STANDS_MS_MIN`]. Whether everything holds is told at once: the station presses by that.

use crate::compose::compose;
use crate::finding::FindingCode;
use crate::geometry::{FaceGeometry, Point};
use crate::profile::{Band, Profile};

/// A sentence stands at least this long, in milliseconds: less cannot be read.
pub const STANDS_MS_MIN: u64 = 400;

/// A slope of the head is told from this share of what the profile allows, so that what is not told still
/// holds in the frame of the press, and is told until it is below the second.
const SLOPE: [f64; 2] = [0.9, 0.6];
/// A nod is told at what the profile allows: it is measured too badly to be strict.
const NOD: [f64; 2] = [1.0, 0.85];
/// How deep inside all bands a crop must lie to end what was told about the place (1 is their middle).
const MARGIN_MENDED: f64 = 0.1;
/// Some heads fit the bands narrowly in any frame: this share of what they can reach will do.
const MARGIN_REACHED: f64 = 0.8;
/// An enlarged face should come closer while the crop takes less than this of the frame's height, until
/// it takes more than the second. A camera of few pixels enlarges whatever one does.
const ROOM: [f64; 2] = [0.7, 0.78];
/// So much picture, in face widths, is left between the middle of the face and the edge of what the
/// screen shows before it is told; and until it is mended.
const SHOWN: [f32; 2] = [0.75, 0.9];
/// A face that fills what is shown may lie off its middle by this much, in face widths, before it is told;
/// and until it is mended.
const OFF: [f32; 2] = [0.25, 0.18];
/// Steps in face widths by which a face is moved in thought to see whether moving helps.
const STEPS: [f32; 3] = [0.25, 0.5, 1.0];
/// A demand on light has to be missed by this much less to count as mended.
const LIGHT_MENDED: f64 = 0.9;
/// A picture without a face whose mean luminance (0 to 1, linear) is below this is dark, and not empty.
const DARK_PICTURE: f64 = 0.01;

/// What one look at a frame gave, in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Faces of a size comparable to the largest one, itself included.
    pub faces: u32,
    /// The largest face; nothing where there is none, or where landmarks do not hold on it.
    pub face: Option<Pose>,
    /// How it is lit; see [`crate::light_of`].
    pub light: Light,
}

/// How the largest face is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Where it lies.
    pub geometry: FaceGeometry,
    /// Whether the crown was measured, or only taken to be where heads usually end.
    pub crown_is_sure: bool,
    /// As [`crate::Landmarks::yaw_deg`].
    pub yaw_deg: f32,
    /// As [`crate::Landmarks::pitch_deg`].
    pub pitch_deg: f32,
}

/// How a face, or a picture without one, is lit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// Share of it that is too dark (0 to 1), as `face-too-dark` measures it.
    pub dark: f64,
    /// Mean luminance (0 to 1, linear), as `face-too-bright` measures it.
    pub mean: f64,
}

/// One thing to do. Left and right are the subject's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Nobody is to be seen.
    Nobody,
    /// It is too dark to see a face well.
    Dark,
    /// More than one face.
    Several,
    /// A face is there, but not to be measured.
    LookHere,
    /// Sit further away.
    Back,
    /// Sit closer.
    Closer,
    /// Move to the left.
    Left,
    /// Move to the right.
    Right,
    /// Sit higher.
    Up,
    /// Sit lower.
    Down,
    /// Hair or a hat is too high for every crop.
    Hair,
    /// What is behind the head cannot be told from it.
    Crown,
    /// Lean the head to the left.
    TiltLeft,
    /// Lean the head to the right.
    TiltRight,
    /// Turn the head to the left.
    TurnLeft,
    /// Turn the head to the right.
    TurnRight,
    /// Raise the chin.
    ChinUp,
    /// Lower the chin.
    ChinDown,
    /// The face is too bright.
    Bright,
}

impl Advice {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 19] = [
        Self::Nobody,
        Self::Dark,
        Self::Several,
        Self::LookHere,
        Self::Back,
        Self::Closer,
        Self::Left,
        Self::Right,
        Self::Up,
        Self::Down,
        Self::Hair,
        Self::Crown,
        Self::TiltLeft,
        Self::TiltRight,
        Self::TurnLeft,
        Self::TurnRight,
        Self::ChinUp,
        Self::ChinDown,
        Self::Bright,
    ];

    /// The stable code, whose sentence stands in the table of notices.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Nobody => "guide-nobody",
            Self::Dark => "guide-dark",
            Self::Several => "guide-several",
            Self::LookHere => "guide-look-here",
            Self::Back => "guide-back",
            Self::Closer => "guide-closer",
            Self::Left => "guide-left",
            Self::Right => "guide-right",
            Self::Up => "guide-up",
            Self::Down => "guide-down",
            Self::Hair => "guide-hair",
            Self::Crown => "guide-crown",
            Self::TiltLeft => "guide-tilt-left",
            Self::TiltRight => "guide-tilt-right",
            Self::TurnLeft => "guide-turn-left",
            Self::TurnRight => "guide-turn-right",
            Self::ChinUp => "guide-chin-up",
            Self::ChinDown => "guide-chin-down",
            Self::Bright => "guide-bright",
        }
    }

    /// The arrow that says the same on a mirrored screen; nothing where no movement helps.
    #[must_use]
    pub fn arrow(self) -> Option<Arrow> {
        match self {
            Self::Back => Some(Arrow::Back),
            Self::Closer => Some(Arrow::Closer),
            Self::Left => Some(Arrow::Left),
            Self::Right => Some(Arrow::Right),
            Self::Up => Some(Arrow::Up),
            Self::Down => Some(Arrow::Down),
            Self::TiltLeft => Some(Arrow::TiltLeft),
            Self::TiltRight => Some(Arrow::TiltRight),
            Self::TurnLeft => Some(Arrow::TurnLeft),
            Self::TurnRight => Some(Arrow::TurnRight),
            Self::ChinUp => Some(Arrow::ChinUp),
            Self::ChinDown => Some(Arrow::ChinDown),
            Self::Nobody
            | Self::Dark
            | Self::Several
            | Self::LookHere
            | Self::Hair
            | Self::Crown
            | Self::Bright => None,
        }
    }

    /// Whether it is about where the head lies in the frame.
    fn is_of_place(self) -> bool {
        matches!(
            self,
            Self::Back | Self::Closer | Self::Left | Self::Right | Self::Up | Self::Down
        )
    }
}

/// A movement, as an arrow on a mirrored screen shows it: `Left` points to the left of the screen, which
/// is the subject's own left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrow {
    /// Away from the camera.
    Back,
    /// Towards the camera.
    Closer,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
    /// The top of the head to the left.
    TiltLeft,
    /// The top of the head to the right.
    TiltRight,
    /// The nose to the left.
    TurnLeft,
    /// The nose to the right.
    TurnRight,
    /// The nose up.
    ChinUp,
    /// The nose down.
    ChinDown,
}

impl Arrow {
    /// The stable word that a window draws it by.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Closer => "closer",
            Self::Left => "left",
            Self::Right => "right",
            Self::Up => "up",
            Self::Down => "down",
            Self::TiltLeft => "tilt-left",
            Self::TiltRight => "tilt-right",
            Self::TurnLeft => "turn-left",
            Self::TurnRight => "turn-right",
            Self::ChinUp => "chin-up",
            Self::ChinDown => "chin-down",
        }
    }
}

/// What is told now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guidance {
    /// The one thing to do; nothing while all holds. It stands for a while, so it may be about a frame of
    /// a moment ago.
    pub advice: Option<Advice>,
    /// Whether nothing was to be told of this very frame.
    pub holds: bool,
}

/// What has been told to one subject. Make another for the next one, and after each press.
#[derive(Debug, Clone, Default)]
pub struct Guide {
    standing: Option<(Option<Advice>, u64)>,
}

impl Guide {
    /// Takes one look, made at `at_ms` of a clock that does not go back, and says what to tell.
    pub fn see(&mut self, sight: &Sight, profile: &Profile, at_ms: u64) -> Guidance {
        let before = self.standing.and_then(|(advice, _)| advice);
        let now = advise(sight, profile, before);
        let stands = |since: u64| at_ms.saturating_sub(since) < STANDS_MS_MIN;
        match self.standing {
            Some((told, since)) if told == now || stands(since) => {}
            Some(_) | None => self.standing = Some((now, at_ms)),
        }
        Guidance {
            advice: self.standing.and_then(|(advice, _)| advice),
            holds: now.is_none(),
        }
    }
}

/// The one thing to tell about a frame; nothing when all holds. `standing` is what is being told: it has
/// to be clearly mended.
#[must_use]
pub fn advise(sight: &Sight, profile: &Profile, standing: Option<Advice>) -> Option<Advice> {
    if sight.faces == 0 {
        let is_dark = sight.light.mean < DARK_PICTURE;
        return Some(if is_dark {
            Advice::Dark
        } else {
            Advice::Nobody
        });
    }
    if is_lit_wrongly(sight, profile, standing, Advice::Dark) {
        return Some(Advice::Dark);
    }
    if sight.faces > 1 {
        return Some(Advice::Several);
    }
    let Some(pose) = sight.face.filter(|pose| pose.geometry.is_plausible()) else {
        return Some(Advice::LookHere);
    };
    of_place(&pose.geometry, profile, standing)
        .or_else(|| (!pose.crown_is_sure).then_some(Advice::Crown))
        .or_else(|| of_head(&pose, profile, standing))
        .or_else(|| {
            let is_bright = is_lit_wrongly(sight, profile, standing, Advice::Bright);
            is_bright.then_some(Advice::Bright)
        })
}

fn is_lit_wrongly(
    sight: &Sight,
    profile: &Profile,
    standing: Option<Advice>,
    wanted: Advice,
) -> bool {
    let (code, value) = if wanted == Advice::Dark {
        (FindingCode::FaceTooDark, sight.light.dark)
    } else {
        (FindingCode::FaceTooBright, sight.light.mean)
    };
    let share = if standing == Some(wanted) {
        LIGHT_MENDED
    } else {
        1.0
    };
    let demand = profile.demand(code);
    demand.is_some_and(|demand| value > demand.band.max * share)
}

// --- the place --------------------------------------------------------------------------------

/// Where to sit, if not here.
fn of_place(face: &FaceGeometry, profile: &Profile, standing: Option<Advice>) -> Option<Advice> {
    let standing = standing.filter(|told| told.is_of_place());
    let crop = match compose(profile, face) {
        Ok(crop) => crop,
        Err(finding) => return Some(from_refusal(finding.code, finding.value, face, profile)),
    };
    let mended = || MARGIN_MENDED.min(roomy_margin(profile, face) * MARGIN_REACHED);
    if let Some(told) = standing.filter(|_| crop.margin() < mended()) {
        return Some(told);
    }
    if let Some(aside) = of_shown(face, profile, standing) {
        return Some(aside);
    }
    let room = if standing == Some(Advice::Closer) {
        ROOM[1]
    } else {
        ROOM[0]
    };
    let is_far = crop.scale() > 1.0 && crop.height() < room * f64::from(face.picture_height);
    is_far.then_some(Advice::Closer)
}

/// What helps against a crop that is not there.
fn from_refusal(
    code: FindingCode,
    value: Option<f64>,
    face: &FaceGeometry,
    profile: &Profile,
) -> Advice {
    if code == FindingCode::ResolutionTooLow {
        return Advice::Closer;
    }
    if code == FindingCode::FaceWidthOutOfBand {
        // A face that is narrow against crown and eyes has high hair; the other way round it is bent.
        let is_narrow = value.is_some_and(|value| value < profile.face_width.min);
        return if is_narrow {
            Advice::Hair
        } else {
            Advice::LookHere
        };
    }
    use FindingCode as F;
    let is_one_of = |codes: &[F]| codes.contains(&code);
    let down = if is_one_of(&[
        F::FrameTooTightAbove,
        F::FrameTooTightAboveLeft,
        F::FrameTooTightAboveRight,
    ]) {
        Some((Advice::Down, 1.0))
    } else {
        is_one_of(&[
            F::FrameTooTightBelow,
            F::FrameTooTightBelowLeft,
            F::FrameTooTightBelowRight,
        ])
        .then_some((Advice::Up, -1.0))
    };
    let across = is_one_of(&[
        F::FrameTooTightLeft,
        F::FrameTooTightRight,
        F::FrameTooTightAside,
        F::FrameTooTightAboveLeft,
        F::FrameTooTightAboveRight,
        F::FrameTooTightBelowLeft,
        F::FrameTooTightBelowRight,
    ])
    .then(|| sideways(face));
    // In a corner the way aside comes first; what is left is told after it.
    let Some((advice, _)) = across.or(down) else {
        return Advice::Back;
    };
    let along = |way: Option<(Advice, f32)>| way.map_or(0.0, |(_, towards)| towards);
    let (across, down) = (along(across), along(down));
    let helps = STEPS.iter().any(|step| {
        let step = step * face.face_width();
        compose(profile, &moved(face, across * step, down * step)).is_ok()
    });
    if helps { advice } else { Advice::Back }
}

/// To which side the middle of the picture lies, as the subject has it, and as x grows. A face left of
/// the middle is on the subject's own right, and has to go to the left.
fn sideways(face: &FaceGeometry) -> (Advice, f32) {
    if face.centre_x() < face.picture_width as f32 / 2.0 {
        (Advice::Left, 1.0)
    } else {
        (Advice::Right, -1.0)
    }
}

/// The screen shows the middle of the frame, as wide as the portrait is for its height. Whoever sits
/// outside of it can be cut, but does not see themselves.
fn of_shown(face: &FaceGeometry, profile: &Profile, standing: Option<Advice>) -> Option<Advice> {
    let (width, height) = (face.picture_width as f32, face.picture_height as f32);
    let shown = width.min(height * profile.width as f32 / profile.height as f32);
    let (advice, _) = sideways(face);
    let which = usize::from(standing == Some(advice));
    let off = (face.centre_x() - width / 2.0).abs() / face.face_width();
    let reach = shown / 2.0 / face.face_width() - SHOWN[which];
    (off > reach.max(OFF[which])).then_some(advice)
}

/// How deep inside all bands the same face would lie if the frame had room on every side.
fn roomy_margin(profile: &Profile, face: &FaceGeometry) -> f64 {
    let (width, height) = (face.picture_width, face.picture_height);
    let roomy = FaceGeometry {
        picture_width: width.saturating_mul(3),
        picture_height: height.saturating_mul(3),
        ..moved(face, width as f32, height as f32)
    };
    compose(profile, &roomy).map_or(0.0, |crop| crop.margin())
}

fn moved(face: &FaceGeometry, across: f32, down: f32) -> FaceGeometry {
    let point = |point: Point| Point {
        x: point.x + across,
        y: point.y + down,
    };
    FaceGeometry {
        crown_y: face.crown_y + down,
        left_eye: point(face.left_eye),
        right_eye: point(face.right_eye),
        chin: point(face.chin),
        cheek_min_x: face.cheek_min_x + across,
        cheek_max_x: face.cheek_max_x + across,
        ..*face
    }
}

// --- the head ---------------------------------------------------------------------------------

/// How to hold the head, if not so.
fn of_head(pose: &Pose, profile: &Profile, standing: Option<Advice>) -> Option<Advice> {
    let symmetric = |max: f64| Band { min: -max, max };
    let demanded = |code: FindingCode| profile.demand(code).map(|demand| demand.band);
    // A tilt is positive when the subject's own left eye is lower: the head leans to the left.
    slope(
        f64::from(pose.geometry.tilt_deg()),
        Some(symmetric(profile.tilt_deg_max)),
        (Advice::TiltLeft, Advice::TiltRight),
        SLOPE,
        standing,
    )
    // A turn is positive towards the subject's own left.
    .or_else(|| {
        slope(
            f64::from(pose.yaw_deg),
            demanded(FindingCode::HeadTurned),
            (Advice::TurnLeft, Advice::TurnRight),
            SLOPE,
            standing,
        )
    })
    // A nod is positive when the chin is raised.
    .or_else(|| {
        slope(
            f64::from(pose.pitch_deg),
            demanded(FindingCode::ChinOffLevel),
            (Advice::ChinUp, Advice::ChinDown),
            NOD,
            standing,
        )
    })
}

/// The first is told below the band, the second above it.
fn slope(
    degrees: f64,
    band: Option<Band>,
    (below, above): (Advice, Advice),
    [begins, ends]: [f64; 2],
    standing: Option<Advice>,
) -> Option<Advice> {
    let band = band?;
    let share = |told: Advice| if standing == Some(told) { ends } else { begins };
    if degrees > band.max * share(above) {
        Some(above)
    } else if degrees < band.min * share(below) {
        Some(below)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::judge;
    use crate::finding::Severity;
    use crate::geometry::tests::adult;

    fn national() -> Profile {
        Profile::named("national").unwrap()
    }

    /// The adult in the middle of a Full HD frame, well lit and straight.
    fn well() -> Sight {
        let face = moved(&adult(), 420.0, -190.0);
        posed(FaceGeometry {
            picture_width: 1920,
            picture_height: 1080,
            ..face
        })
    }

    fn posed(geometry: FaceGeometry) -> Sight {
        Sight {
            faces: 1,
            face: Some(Pose {
                geometry,
                crown_is_sure: true,
                yaw_deg: 0.0,
                pitch_deg: 0.0,
            }),
            light: Light {
                dark: 0.1,
                mean: 0.3,
            },
        }
    }

    fn with(change: impl Fn(&mut Pose)) -> Sight {
        let mut sight = well();
        change(sight.face.as_mut().unwrap());
        sight
    }

    fn shifted(across: f32, down: f32) -> Sight {
        with(|pose| pose.geometry = moved(&pose.geometry, across, down))
    }

    /// The same head `factor` times as large, about the middle of the frame.
    fn grown(factor: f32) -> Sight {
        with(|pose| {
            let about = |value: f32, middle: f32| middle + (value - middle) * factor;
            let point = |point: Point| Point {
                x: about(point.x, 960.0),
                y: about(point.y, 500.0),
            };
            let face = pose.geometry;
            pose.geometry = FaceGeometry {
                crown_y: about(face.crown_y, 500.0).max(0.0),
                left_eye: point(face.left_eye),
                right_eye: point(face.right_eye),
                chin: point(face.chin),
                cheek_min_x: about(face.cheek_min_x, 960.0),
                cheek_max_x: about(face.cheek_max_x, 960.0),
                ..face
            };
        })
    }

    /// The eye line turned clockwise in the picture by so many degrees: the subject's own left eye, which
    /// is the one at the right of the picture, comes down.
    fn tilted(degrees: f32) -> Sight {
        with(|pose| {
            let drop = 80.0 * degrees.to_radians().tan();
            pose.geometry.left_eye.y += drop;
            pose.geometry.right_eye.y -= drop;
        })
    }

    fn told(sight: &Sight) -> Option<Advice> {
        advise(sight, &national(), None)
    }

    /// Where the frame ends beside, above or below the head there is no cut at all, and the way back to
    /// the middle is told all the same: aside before down.
    #[test]
    fn a_head_at_an_edge_or_in_a_corner_of_an_upright_frame_is_sent_to_the_middle() {
        let upright = |across: f32, down: f32| {
            let face = moved(&adult(), across, down);
            assert!(compose(&national(), &face).is_err(), "{across}, {down}");
            advise(&posed(face), &national(), None)
        };
        for (across, advice) in [(-300.0, Advice::Left), (300.0, Advice::Right)] {
            assert_eq!(upright(across, 0.0), Some(advice));
            assert_eq!(upright(across, -280.0), Some(advice));
        }
        assert_eq!(upright(0.0, -280.0), Some(Advice::Down));
    }

    #[test]
    fn nothing_is_told_while_all_holds() {
        assert_eq!(told(&well()), None);
    }

    /// x grows towards the subject's own left: a face at the left of the camera's picture is on the
    /// subject's own right, and on a mirrored screen at the right. It has to go to the left of both.
    #[test]
    fn sides_are_the_subjects_own_and_those_of_a_mirrored_screen() {
        assert_eq!(told(&shifted(-300.0, 0.0)), Some(Advice::Left));
        assert_eq!(told(&shifted(300.0, 0.0)), Some(Advice::Right));
        // The left eye down: the head leans to the left shoulder.
        assert_eq!(told(&tilted(6.0)), Some(Advice::TiltRight));
        assert_eq!(told(&tilted(-6.0)), Some(Advice::TiltLeft));
        let turned = |yaw_deg: f32| told(&with(|pose| pose.yaw_deg = yaw_deg));
        assert_eq!(turned(20.0), Some(Advice::TurnRight));
        assert_eq!(turned(-20.0), Some(Advice::TurnLeft));
        for (advice, arrow) in [
            (Advice::Left, Arrow::Left),
            (Advice::Right, Arrow::Right),
            (Advice::TiltLeft, Arrow::TiltLeft),
            (Advice::TurnRight, Arrow::TurnRight),
        ] {
            assert_eq!(advice.arrow(), Some(arrow));
        }
    }

    #[test]
    fn a_frame_that_holds_no_portrait_says_where_to_sit() {
        assert_eq!(told(&shifted(0.0, -110.0)), Some(Advice::Down));
        assert_eq!(told(&shifted(0.0, 330.0)), Some(Advice::Up));
        assert_eq!(told(&grown(2.2)), Some(Advice::Back));
        assert_eq!(told(&grown(0.4)), Some(Advice::Closer));
        // Too few pixels for any portrait, and enlarged although there is room.
        assert_eq!(told(&grown(0.15)), Some(Advice::Closer));
        let hat = told(&with(|pose| {
            pose.geometry.cheek_min_x = 900.0;
            pose.geometry.cheek_max_x = 1020.0;
        }));
        assert_eq!(hat, Some(Advice::Hair));
    }

    #[test]
    fn chins_go_where_they_are_missing() {
        let nodding = |pitch_deg: f32| told(&with(|pose| pose.pitch_deg = pitch_deg));
        assert_eq!(nodding(-30.0), Some(Advice::ChinUp));
        assert_eq!(nodding(30.0), Some(Advice::ChinDown));
        // Straight faces were measured from -19 to 7.
        assert_eq!((nodding(-19.0), nodding(7.0)), (None, None));
    }

    #[test]
    fn what_keeps_from_measuring_is_told_first() {
        let worst = tilted(20.0);
        let so = |change: fn(&mut Sight)| {
            let mut sight = worst;
            change(&mut sight);
            told(&sight)
        };
        assert_eq!(so(|_| {}), Some(Advice::TiltRight));
        assert_eq!(so(|sight| sight.faces = 2), Some(Advice::Several));
        assert_eq!(so(|sight| sight.face = None), Some(Advice::LookHere));
        assert_eq!(so(|sight| sight.light.dark = 0.7), Some(Advice::Dark));
        assert_eq!(so(|sight| sight.faces = 0), Some(Advice::Nobody));
        let dark_room = so(|sight| {
            sight.faces = 0;
            sight.light.mean = 0.005;
        });
        assert_eq!(dark_room, Some(Advice::Dark));
        let unsure = so(|sight| {
            if let Some(pose) = &mut sight.face {
                pose.crown_is_sure = false;
            }
        });
        assert_eq!(unsure, Some(Advice::Crown));
        let mut bright = well();
        bright.light.mean = 0.7;
        assert_eq!(told(&bright), Some(Advice::Bright));
    }

    #[test]
    fn what_is_told_has_to_be_clearly_mended() {
        let again = |sight: &Sight, standing| advise(sight, &national(), Some(standing));
        assert_eq!(told(&tilted(3.5)), None);
        let leans = again(&tilted(3.5), Advice::TiltRight);
        assert_eq!(leans, Some(Advice::TiltRight));
        assert_eq!(again(&tilted(2.5), Advice::TiltRight), None);
        assert_eq!(again(&tilted(3.5), Advice::TurnLeft), None);
        // Aside of what is shown, near the limit.
        let off = shifted(-90.0, 0.0);
        assert_eq!(told(&off), None);
        assert_eq!(again(&off, Advice::Left), Some(Advice::Left));
        assert_eq!(again(&shifted(-60.0, 0.0), Advice::Left), None);
    }

    /// A head that fits the bands narrowly in any frame is not sent about for ever.
    #[test]
    fn a_head_that_cannot_do_better_is_left_in_peace() {
        let tall = with(|pose| {
            pose.geometry = FaceGeometry {
                picture_height: 2000,
                ..moved(&pose.geometry, 0.0, 500.0)
            };
            pose.geometry.crown_y = pose.geometry.eye_line_y() - 540.0;
        });
        let margin = compose(&national(), &tall.face.unwrap().geometry)
            .unwrap()
            .margin();
        assert!(margin < MARGIN_MENDED, "{margin}");
        assert_eq!(advise(&tall, &national(), Some(Advice::Back)), None);
    }

    #[test]
    fn a_sentence_stands_long_enough_to_be_read_and_what_holds_is_told_at_once() {
        let profile = national();
        let mut guide = Guide::default();
        let mut at = |sight: &Sight, ms: u64| {
            let Guidance { advice, holds } = guide.see(sight, &profile, ms);
            (advice, holds)
        };
        assert_eq!(at(&tilted(9.0), 1_000), (Some(Advice::TiltRight), false));
        assert_eq!(at(&well(), 1_399), (Some(Advice::TiltRight), true));
        assert_eq!(at(&well(), 1_400), (None, true));
        assert_eq!(at(&tilted(9.0), 1_500), (None, false));
        assert_eq!(at(&tilted(-9.0), 1_800), (Some(Advice::TiltLeft), false));
        // A clock that goes back changes nothing.
        assert_eq!(at(&well(), 0), (Some(Advice::TiltLeft), true));
    }

    #[test]
    fn codes_are_distinct() {
        let codes: std::collections::HashSet<_> =
            Advice::ALL.iter().map(|advice| advice.code()).collect();
        assert_eq!(codes.len(), Advice::ALL.len());
    }

    prop_compose! {
        fn sights()(
            faces in 0..3_u32,
            there in prop::bool::weighted(0.9),
            across in -900.0..900.0_f32,
            down in -300.0..600.0_f32,
            rise in 20.0..400.0_f32,
            tilt in -9.0..9.0_f32,
            yaw in -25.0..25.0_f32,
            pitch in -40.0..40.0_f32,
            dark in 0.0..1.0_f64,
        ) -> Sight {
            let mut sight = tilted(tilt);
            let pose = sight.face.as_mut().unwrap();
            pose.geometry = moved(&pose.geometry, across, down);
            pose.geometry.crown_y = pose.geometry.eye_line_y() - rise;
            (pose.yaw_deg, pose.pitch_deg) = (yaw, pitch);
            sight.face = sight.face.filter(|_| there);
            (sight.faces, sight.light.dark) = (faces, dark);
            sight
        }
    }

    proptest! {
        #[test]
        fn what_holds_is_a_portrait(sight in sights()) {
            if advise(&sight, &national(), None).is_none() {
                let face = sight.face.unwrap().geometry;
                let crop = compose(&national(), &face).unwrap();
                let found = judge(&national(), &face.through(&crop), Some(&crop));
                // How near a crop comes to its bands lies in the proportions of a head: no movement mends it.
                let stands = |finding: &crate::Finding| {
                    finding.severity() == Severity::Informs
                        || finding.code == FindingCode::CloseToBand
                };
                prop_assert!(found.iter().all(stands), "{found:?}");
            }
        }

        #[test]
        fn sentences_never_change_faster_than_they_are_read(
            looks in prop::collection::vec((sights(), 0..300_u64), 1..60)
        ) {
            let profile = national();
            let (mut guide, mut at) = (Guide::default(), 0);
            let mut changed: Option<(Option<Advice>, u64)> = None;
            for (sight, later) in looks {
                at += later;
                let told = guide.see(&sight, &profile, at).advice;
                if let Some((before, since)) = changed.filter(|(before, _)| *before != told) {
                    prop_assert!(at - since >= STANDS_MS_MIN, "{before:?} to {told:?}");
                }
                if changed.is_none_or(|(before, _)| before != told) {
                    changed = Some((told, at));
                }
            }
        }
    }
}
