//! What a numbered subject looks like. Lengths are in face units (half the
//! width of the face); they lie around the means of adult anthropometry with a
//! face 140 mm wide, so that models trained on people find people.

use super::canvas::Colour;
use super::noise::SplitMix;

/// How the hair is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Straight fringe, ears free.
    Fringe,
    /// Side parting, over the shoulders.
    LongParted,
    /// Combed up from the forehead.
    Quiff,
    /// Fringe and jaw-length sides.
    Bob,
    /// A few millimetres all over.
    Buzzed,
    /// Pulled back, no sides.
    Tied,
    /// Side parting, short.
    Parted,
    /// Waves to the shoulders.
    Wavy,
    /// Centre parting over the temples.
    Curtain,
    /// Centre parting, long and straight.
    LongStraight,
    /// Tight curls with volume.
    Curly,
    /// Fringe and long sides.
    LongFringe,
}

/// What is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Garment {
    /// White shirt collar under a jacket, with a tie.
    Suit,
    /// Round neck.
    Tee,
    /// Buttoned shirt.
    Shirt,
    /// Hood and strings.
    Hoodie,
    /// V-neck over a white shirt.
    Jumper,
    /// Horizontal stripes.
    Striped,
    /// Jacket, open white shirt, no tie.
    Blazer,
}

/// Frames of glasses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glasses {
    Round,
    Square,
    HalfRim,
}

/// Every parameter of one drawn person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Look {
    pub(crate) seed: u32,
    pub(crate) skin: Colour,
    pub(crate) blush: f32,
    /// Y of the chin.
    pub(crate) chin: f32,
    /// Exponent of the jaw's curve: 1.9 pointed, 2.7 square.
    pub(crate) jaw: f32,
    pub(crate) cut: Cut,
    pub(crate) hair: Colour,
    pub(crate) eye_x: f32,
    pub(crate) eye_half: f32,
    /// Height of the upper lid over the half width.
    pub(crate) eye_rise: f32,
    pub(crate) eye_slant: f32,
    pub(crate) iris: Colour,
    pub(crate) crease: bool,
    pub(crate) brow_y: f32,
    pub(crate) brow_weight: f32,
    pub(crate) brow_arch: f32,
    pub(crate) nose_y: f32,
    pub(crate) nose_half: f32,
    pub(crate) mouth_y: f32,
    pub(crate) mouth_half: f32,
    pub(crate) lips: f32,
    /// The gap between them at its widest.
    pub(crate) lips_apart: f32,
    pub(crate) lip_colour: Colour,
    pub(crate) ear: f32,
    pub(crate) stubble: f32,
    pub(crate) freckles: bool,
    pub(crate) mole: Option<(f32, f32)>,
    pub(crate) glasses: Option<(Glasses, Colour)>,
    pub(crate) garment: Garment,
    pub(crate) cloth: Colour,
    pub(crate) accent: Colour,
}

const CUTS: [Cut; 12] = [
    Cut::Fringe,
    Cut::LongParted,
    Cut::Quiff,
    Cut::Bob,
    Cut::Parted,
    Cut::Tied,
    Cut::Curly,
    Cut::Wavy,
    Cut::Curtain,
    Cut::LongStraight,
    Cut::Buzzed,
    Cut::LongFringe,
];

const HAIRS: [Colour; 7] = [
    Colour(38.0, 32.0, 32.0),
    Colour(58.0, 42.0, 34.0),
    Colour(30.0, 28.0, 34.0),
    Colour(92.0, 60.0, 40.0),
    Colour(46.0, 36.0, 34.0),
    Colour(128.0, 86.0, 52.0),
    Colour(70.0, 44.0, 38.0),
];

const SKINS: [Colour; 5] = [
    Colour(236.0, 196.0, 170.0),
    Colour(222.0, 178.0, 146.0),
    Colour(243.0, 208.0, 186.0),
    Colour(205.0, 158.0, 124.0),
    Colour(229.0, 188.0, 158.0),
];

const GARMENTS: [Garment; 7] = [
    Garment::Shirt,
    Garment::Suit,
    Garment::Tee,
    Garment::Jumper,
    Garment::Hoodie,
    Garment::Blazer,
    Garment::Striped,
];

// No light blue among them: the cloth behind is that colour.
const CLOTHS: [Colour; 9] = [
    Colour(236.0, 232.0, 224.0),
    Colour(44.0, 52.0, 78.0),
    Colour(150.0, 48.0, 52.0),
    Colour(58.0, 92.0, 74.0),
    Colour(92.0, 92.0, 98.0),
    Colour(196.0, 148.0, 60.0),
    Colour(50.0, 50.0, 54.0),
    Colour(128.0, 84.0, 120.0),
    Colour(176.0, 112.0, 84.0),
];

const ACCENTS: [Colour; 4] = [
    Colour(146.0, 36.0, 46.0),
    Colour(38.0, 62.0, 120.0),
    Colour(72.0, 104.0, 70.0),
    Colour(198.0, 162.0, 74.0),
];

const RIMS: [Colour; 3] = [
    Colour(34.0, 32.0, 36.0),
    Colour(112.0, 72.0, 44.0),
    Colour(120.0, 120.0, 128.0),
];

impl Look {
    /// The look of a number. Neighbouring numbers step through the tables at
    /// different strides, so that a class of twelve has twelve haircuts.
    pub(crate) fn numbered(id: u32) -> Self {
        let mut random = SplitMix::seeded(0x4C49_4B45_0000_0000 | u64::from(id));
        let step = id as usize;
        let cut = CUTS[(step % 12 * 5 + step / 12) % 12];
        let dressed_soft = matches!(
            cut,
            Cut::LongParted
                | Cut::Bob
                | Cut::Tied
                | Cut::Wavy
                | Cut::LongStraight
                | Cut::LongFringe
        );
        let skin = SKINS[(step * 2 + step / 5) % 5];
        let garment = GARMENTS[(step * 3 + step / 7) % 7];
        let mut look = Self {
            seed: id,
            skin,
            blush: random.between(0.12, 0.4),
            chin: random.between(1.44, 1.54),
            jaw: random.between(2.15, 2.65),
            cut,
            hair: HAIRS[(step * 3 + step / 12) % 7],
            eye_x: random.between(0.43, 0.47),
            eye_half: random.between(0.195, 0.225),
            eye_rise: random.between(0.40, 0.50),
            eye_slant: random.between(-0.01, 0.05),
            iris: Colour(58.0, 38.0, 28.0)
                .toward(Colour(104.0, 74.0, 46.0), random.between(0.0, 1.0)),
            crease: random.chance(0.65),
            brow_y: random.between(-0.34, -0.28),
            brow_weight: random.between(0.048, 0.066),
            brow_arch: random.between(0.02, 0.07),
            nose_y: random.between(0.64, 0.70),
            nose_half: random.between(0.21, 0.27),
            mouth_y: random.between(0.98, 1.03),
            mouth_half: random.between(0.32, 0.39),
            lips: random.between(0.85, 1.2),
            lips_apart: 0.0,
            lip_colour: skin.tinted(Colour(0.86, 0.66, 0.66)),
            ear: random.between(0.9, 1.1),
            stubble: 0.0,
            freckles: random.chance(0.12),
            mole: None,
            glasses: None,
            garment,
            cloth: CLOTHS[(step * 4 + step / 9) % 9],
            accent: ACCENTS[(random.bits() % 4) as usize],
        };
        look.vary(&mut random, dressed_soft);
        look
    }

    /// The details that only some have.
    fn vary(&mut self, random: &mut SplitMix, dressed_soft: bool) {
        if dressed_soft {
            self.jaw -= 0.2;
            self.brow_weight *= 0.75;
            self.eye_half += 0.008;
            self.lip_colour = self.skin.tinted(Colour(0.86, 0.54, 0.56));
        } else {
            self.stubble = random.between(0.0, 0.22);
        }
        if random.chance(0.3) {
            let side = if random.chance(0.5) { 1.0 } else { -1.0 };
            self.mole = Some((side * random.between(0.3, 0.62), random.between(0.35, 1.15)));
        }
        if random.chance(0.36) {
            let shape =
                [Glasses::Round, Glasses::Square, Glasses::HalfRim][(random.bits() % 3) as usize];
            self.glasses = Some((shape, RIMS[(random.bits() % 3) as usize]));
        }
        if matches!(self.garment, Garment::Suit | Garment::Blazer) {
            self.cloth = self.cloth.toward(Colour(40.0, 44.0, 58.0), 0.7);
        }
    }

    /// Half the width of the head at a height, 0 outside it.
    pub(crate) fn half_width(&self, y: f32) -> f32 {
        let t = if y < 0.1 {
            (0.1 - y) / 1.72
        } else {
            (y - 0.1) / (self.chin - 0.1)
        };
        let power = if y < 0.1 { 2.3 } else { self.jaw };
        if t >= 1.0 {
            0.0
        } else {
            (1.0 - t.powf(power)).powf(1.0 / power.max(2.0))
        }
    }

    /// Signed distance (nearly) to the outline of the head.
    pub(crate) fn head(&self, x: f32, y: f32) -> f32 {
        let (reach, power) = if y < 0.1 {
            (1.72, 2.3)
        } else {
            (self.chin - 0.1, self.jaw)
        };
        let t = ((y - 0.1).abs() / reach).powf(power);
        let k = (t + x.abs().powf(power)).powf(1.0 / power);
        k - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_depends_on_its_number_only() {
        assert_eq!(Look::numbered(7), Look::numbered(7));
        assert_ne!(Look::numbered(7), Look::numbered(8));
        assert_ne!(Look::numbered(7), Look::numbered(7 + (1 << 24)));
    }

    #[test]
    fn twelve_neighbours_have_twelve_haircuts() {
        for first in [0, 1, 12, 500] {
            let mut seen: Vec<Cut> = Vec::new();
            for id in first / 12 * 12..first / 12 * 12 + 12 {
                let cut = Look::numbered(id).cut;
                assert!(!seen.contains(&cut), "{id} repeats {cut:?}");
                seen.push(cut);
            }
        }
    }

    #[test]
    fn the_head_is_two_units_wide_at_the_cheeks_and_closed_at_the_chin() {
        let look = Look::numbered(3);
        assert!((look.half_width(0.1) - 1.0).abs() < 1e-6);
        assert!(look.half_width(look.chin) < 1e-6);
        assert!(look.head(0.0, look.chin).abs() < 1e-5);
        assert!(look.head(0.0, 0.0) < -0.5);
    }
}
