//! The cloth behind the person: one colour, evenly lit, without shadow and without anything else.
//!
//! The picture is divided into blocks, a sixty-fourth of its height each, so that the noise of a
//! camera averages out; those that the person touches do not count. What remains is compared with
//! its own median, never with a fixed colour: whether the colour is the right one is another
//! question, and answered in [`crate::background_distance`]. A plane through the lightness takes
//! out what a lamp at one side does, so that a shadow is told from a slope.

use crate::background::{distance, lab, lab_of_linear, lightness, linear};
use crate::finding::{Finding, FindingCode};
use crate::inspect::face::median;
use crate::landmarks::PersonMask;
use crate::profile::Background;
use crate::raster::Raster;

/// Blocks along the height.
const BLOCKS: u32 = 64;
/// Fewer blocks than this say nothing about a background.
const BLOCKS_MIN: usize = 40;
/// The mask is grown by this part of the height: its edge eats into hair.
const MARGIN: f32 = 0.025;
/// More person than this in a block, and it does not count.
const PERSON: f32 = 0.1;
/// Darker than the plane by more than this (Lab L), at the same colour, a block is in a shadow.
/// Ours: folds of an ironed cloth stay within 3, a head's shadow from a lamp takes 8 to 20.
const SHADOW: f64 = 5.0;
/// Another colour at equal brightness (Lab distance), or brighter by this, is another thing.
const OBJECT: f64 = 11.0;
/// Darker than the median by this (Lab L) a place is hair or a thing rather than cloth in a shadow, and
/// surely so by half more. Ours: shadows on a cloth take 8 to 20.
const DARK: f64 = 24.0;
/// Unevenness (Lab distance from the median) from which a block is shown as failing.
const UNEVEN: f64 = 8.0;
/// The shape of the person in a picture of where the background fails.
const PERSON_GREY: [u8; 3] = [128; 3];
/// Rounds of fitting the plane. It begins level, and each takes in the blocks that are near the one
/// before: a slope grows from its middle, and a shadow, which begins with a step, stays outside.
const ROUNDS: u32 = 8;
/// How near, in Lab L.
const NEAR: f64 = SHADOW;
/// So many places at most are told; of more, which only a pattern all over the cloth has, the largest.
const PLACES_MAX: usize = 300;

/// What is wrong at one place of the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Darker, the same colour: a shadow.
    Shadow,
    /// Another colour than the rest, or brighter: another thing, or a lamp.
    Object,
    /// Off the rest by a slope of the light, a fold or a pattern.
    Uneven,
    /// Not the colour of the profile, and else as the rest of the cloth.
    Colour,
}

impl Flaw {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Shadow, Self::Object, Self::Uneven, Self::Colour];

    /// The stable word used in the view of a window.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Object => "object",
            Self::Uneven => "uneven",
            Self::Colour => "colour",
        }
    }

    /// A pixel with what is wrong there laid over it.
    fn painted(self, seen: [u8; 3]) -> [u8; 3] {
        let colour: [u8; 3] = match self {
            Self::Shadow => [160, 0, 200],
            Self::Object => [220, 0, 0],
            Self::Uneven => [255, 210, 0],
            Self::Colour => [40, 60, 70],
        };
        // Three parts of four: what is there can still be told.
        std::array::from_fn(|at| ((u16::from(colour[at]) * 3 + u16::from(seen[at])) / 4) as u8)
    }
}

/// A rectangle of the background that fails, in pixels of the portrait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What is wrong there.
    pub flaw: Flaw,
    /// Left edge.
    pub left: u32,
    /// Upper edge.
    pub top: u32,
    /// To the right of the left edge.
    pub width: u32,
    /// Below the upper edge.
    pub height: u32,
}

/// From where on a block fails, as far as the findings say more than the constants do.
struct Limits {
    /// Lab distance from the median.
    uneven: f64,
    /// Mean gradient of a block; only where the whole cloth misses it.
    gradient: f64,
    /// The profile's colour with its tolerance; only where it is missed.
    colour: Option<([f64; 3], f64)>,
}

impl Limits {
    /// Nothing without a finding about the background.
    fn of(findings: &[Finding], wanted: &Background) -> Option<Self> {
        let found = |code| findings.iter().find(|finding| finding.code == code);
        let most = |code| Some(found(code)?.band?.max);
        findings
            .iter()
            .any(|finding| finding.code.is_of_background())
            .then(|| Self {
                uneven: most(FindingCode::BackgroundUneven).map_or(UNEVEN, |max| max.min(UNEVEN)),
                gradient: most(FindingCode::BackgroundTexture).unwrap_or(f64::INFINITY),
                colour: found(FindingCode::BackgroundColour)
                    .map(|_| (lab(wanted.rgb), wanted.delta_e_max)),
            })
    }
}

/// One block of background.
#[derive(Debug, Clone, Copy)]
struct Block {
    lab: [f64; 3],
    /// Mean gradient of the lightness, as of the whole.
    gradient: f64,
    /// Distance from the median of the background at equal brightness.
    colour_off: f64,
    /// Lightness above the plane.
    above: f64,
}

/// A background, measured.
#[derive(Clone)]
pub struct Backdrop {
    side: u32,
    columns: u32,
    blocks: Vec<Option<Block>>,
    median: [f64; 3],
    gradient: f64,
}

/// Its pixels show no person, but where the person is follows from it.
impl std::fmt::Debug for Backdrop {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Backdrop").finish_non_exhaustive()
    }
}

/// Measures the background of a portrait; nothing if the person leaves too little of it.
#[must_use]
pub fn backdrop(portrait: &Raster, person: &PersonMask) -> Option<Backdrop> {
    let side = (portrait.height() / BLOCKS).max(1);
    let (columns, rows) = (portrait.width() / side, portrait.height() / side);
    let grown = person.grown(portrait.height() as f32 * MARGIN);
    let free = |column: u32, row: u32| {
        let middle = |at: u32| (at as f32 + 0.5) * side as f32;
        grown.at(middle(column), middle(row)) <= PERSON
    };
    let mut means = vec![None; (columns * rows) as usize];
    for row in 0..rows {
        for column in 0..columns {
            if free(column, row) {
                let at = (row * columns + column) as usize;
                means[at] = Some(mean(portrait, column * side, row * side, side));
            }
        }
    }
    let mut labs: Vec<[f64; 3]> = means
        .iter()
        .flatten()
        .map(|rgb| lab_of_linear(*rgb))
        .collect();
    if labs.len() < BLOCKS_MIN {
        return None;
    }
    let block_of = |x: u32, y: u32| {
        let (column, row) = ((x / side).min(columns - 1), (y / side).min(rows - 1));
        (row * columns + column) as usize
    };
    let mut steep = vec![Mean::default(); means.len()];
    let mut whole = Mean::default();
    gradients(
        portrait,
        |x, y| means[block_of(x, y)].is_some(),
        |x, y, value| {
            whole.add(value);
            steep[block_of(x, y)].add(value);
        },
    );
    let middle = median(&mut labs)?;
    let measured = means.iter().zip(&steep).map(|(mean, steep)| {
        mean.map(|rgb| Block {
            gradient: steep.value(),
            ..block(rgb, middle)
        })
    });
    let mut found = Backdrop {
        side,
        columns,
        blocks: measured.collect(),
        median: middle,
        gradient: whole.value(),
    };
    found.level();
    Some(found)
}

impl Backdrop {
    /// What the profile judges.
    pub(super) fn measures(&self) -> Vec<(FindingCode, f64)> {
        let counted = self.blocks.iter().flatten().count().max(1) as f64;
        let share = |flaw: Flaw| {
            let blocks = self.blocks.iter().flatten();
            blocks.filter(|block| thing(block) == Some(flaw)).count() as f64 / counted
        };
        vec![
            (FindingCode::BackgroundUneven, self.spread()),
            (FindingCode::BackgroundTexture, self.gradient),
            (FindingCode::BackgroundShadow, share(Flaw::Shadow)),
            (FindingCode::BackgroundObject, share(Flaw::Object)),
        ]
    }

    /// Median colour in Lab.
    #[must_use]
    pub fn colour(&self) -> [f64; 3] {
        self.median
    }

    /// How much a colour looks like this cloth, in light or shadow: 1 as the cloth, 0 another thing.
    pub(crate) fn likeness(&self, rgb: [u8; 3]) -> f64 {
        let seen = block(rgb.map(linear), self.median);
        let brighter = seen.lab[0] - self.median[0];
        let falls = |value: f64, from: f64| ((1.5 * from - value) / (0.5 * from)).clamp(0.0, 1.0);
        falls(seen.colour_off, OBJECT)
            .min(falls(brighter, OBJECT))
            .min(falls(-brighter, DARK))
    }

    /// The distance from the median that nineteen of twenty blocks keep.
    fn spread(&self) -> f64 {
        let mut off: Vec<f64> = self.off().collect();
        let last = off.len() * 19 / 20;
        let by = |one: &f64, other: &f64| one.total_cmp(other);
        match last.min(off.len().saturating_sub(1)) {
            _ if off.is_empty() => 0.0,
            at => *off.select_nth_unstable_by(at, by).1,
        }
    }

    fn off(&self) -> impl Iterator<Item = f64> {
        let blocks = self.blocks.iter().flatten();
        blocks.map(|block| distance(block.lab, self.median))
    }

    /// Where the background fails, as rectangles of blocks that fail alike: where the findings about
    /// it come from, and nothing where there are none. `wanted` is the profile's background.
    #[must_use]
    pub fn places(&self, findings: &[Finding], wanted: &Background) -> Vec<Place> {
        let Some(limits) = Limits::of(findings, wanted) else {
            return Vec::new();
        };
        let mut places: Vec<Place> = Vec::new();
        for (row, blocks) in self.blocks.chunks(self.columns as usize).enumerate() {
            let top = row as u32 * self.side;
            let mut column = 0;
            while column < blocks.len() {
                let flaw = blocks[column].and_then(|block| self.flaw(&block, &limits));
                let alike = |block: &&Option<Block>| {
                    block.and_then(|block| self.flaw(&block, &limits)) == flaw
                };
                let run = blocks[column..].iter().take_while(alike).count();
                if let Some(flaw) = flaw {
                    let left = column as u32 * self.side;
                    self.put(&mut places, (flaw, left, run as u32 * self.side), top);
                }
                column += run;
            }
        }
        if places.len() > PLACES_MAX {
            places.sort_by_key(|place| std::cmp::Reverse(place.width * place.height));
            places.truncate(PLACES_MAX);
        }
        places
    }

    /// Lengthens the place that ends above by a run of the same width, or begins one.
    fn put(&self, places: &mut Vec<Place>, (flaw, left, width): (Flaw, u32, u32), top: u32) {
        let above = places.iter_mut().rev().find(|place| {
            place.top + place.height == top
                && (place.flaw, place.left, place.width) == (flaw, left, width)
        });
        match above {
            Some(place) => place.height += self.side,
            None => places.push(Place {
                flaw,
                left,
                top,
                width,
                height: self.side,
            }),
        }
    }

    /// A small picture of these places, half the portrait's width and height: shadows are purple,
    /// other things red, slopes and folds yellow, cloth of another colour than the profile's dark. The
    /// person is a grey shape, so that it can be passed on; nothing if there is no place.
    #[must_use]
    pub fn picture(&self, portrait: &Raster, places: &[Place]) -> Option<Raster> {
        if places.is_empty() {
            return None;
        }
        let size = (
            (portrait.width() / 2).max(1),
            (portrait.height() / 2).max(1),
        );
        let mut small = Raster::filled(size.0, size.1, PERSON_GREY).ok()?;
        for y in 0..size.1 {
            for x in 0..size.0 {
                if self.is_background(x * 2, y * 2) {
                    small.set_pixel(x, y, portrait.pixel(x * 2, y * 2));
                }
            }
        }
        for place in places {
            for y in place.top / 2..((place.top + place.height) / 2).min(size.1) {
                for x in place.left / 2..((place.left + place.width) / 2).min(size.0) {
                    small.set_pixel(x, y, place.flaw.painted(portrait.pixel(x * 2, y * 2)));
                }
            }
        }
        Some(small)
    }

    fn is_background(&self, x: u32, y: u32) -> bool {
        let column = (x / self.side).min(self.columns - 1);
        let at = (y / self.side * self.columns + column) as usize;
        self.blocks.get(at).is_some_and(Option::is_some)
    }

    fn flaw(&self, block: &Block, limits: &Limits) -> Option<Flaw> {
        let is_uneven =
            distance(block.lab, self.median) > limits.uneven || block.gradient > limits.gradient;
        let off_colour = limits
            .colour
            .is_some_and(|(wanted, most)| distance(block.lab, wanted) > most);
        thing(block)
            .or(is_uneven.then_some(Flaw::Uneven))
            .or(off_colour.then_some(Flaw::Colour))
    }

    /// Lays a plane through the lightness, and notes how far each block is above it.
    fn level(&mut self) {
        let columns = self.columns as usize;
        let place = |at: usize| {
            let (x, y) = (at % columns, at / columns);
            [1.0, x as f64 / columns as f64, y as f64 / f64::from(BLOCKS)]
        };
        let mut plane = [self.median[0], 0.0, 0.0];
        for _ in 0..ROUNDS {
            let near = self.blocks.iter().enumerate().filter_map(|(at, block)| {
                let (spot, lightness) = (place(at), block.as_ref()?.lab[0]);
                ((lightness - dot(plane, spot)).abs() <= NEAR).then_some((spot, lightness))
            });
            let Some(fitted) = fit(near) else { break };
            plane = fitted;
        }
        for (at, block) in self.blocks.iter_mut().enumerate() {
            if let Some(block) = block {
                block.above = block.lab[0] - dot(plane, place(at));
            }
        }
    }
}

/// What a block is by itself, whatever the findings are: another thing, in a shadow, or neither.
fn thing(block: &Block) -> Option<Flaw> {
    if block.colour_off > OBJECT || block.above > OBJECT {
        Some(Flaw::Object)
    } else if block.above < -SHADOW {
        Some(Flaw::Shadow)
    } else {
        None
    }
}

/// A mean that grows.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn value(self) -> f64 {
        self.sum / self.count.max(1.0)
    }
}

fn block(rgb: [f64; 3], middle: [f64; 3]) -> Block {
    let found = lab_of_linear(rgb);
    // Two steps bring it to the brightness of the median: light scales, lightness does not.
    let luminance = |lightness: f64| ((lightness + 16.0) / 116.0).max(0.0).powi(3);
    let factor = luminance(middle[0]) / luminance(found[0]).max(1e-4);
    let evened = lab_of_linear(rgb.map(|channel| channel * factor));
    Block {
        lab: found,
        gradient: 0.0,
        colour_off: (evened[1] - middle[1]).hypot(evened[2] - middle[2]),
        above: 0.0,
    }
}

/// Mean light of a block.
fn mean(portrait: &Raster, left: u32, top: u32, side: u32) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for y in top..top + side {
        for x in left..left + side {
            for (sum, level) in sum.iter_mut().zip(portrait.pixel(x, y)) {
                *sum += f64::from(level);
            }
        }
    }
    // Levels within a block are near one another, so their mean stands for that of the light.
    let count = f64::from(side * side);
    sum.map(|sum| linear((sum / count).round() as u8))
}

/// Gradients of the lightness (0 to 255) over the background, 3 x 3 Scharr: their mean is the native
/// value of *background uniformity* in ISO/IEC 29794-5.
fn gradients(
    portrait: &Raster,
    is_background: impl Fn(u32, u32) -> bool,
    mut note: impl FnMut(u32, u32, f64),
) {
    let lightness = |x: u32, y: u32| (lightness(portrait.pixel(x, y)) * 2.55) as f32;
    let (width, height) = (portrait.width(), portrait.height());
    let plane: Vec<f32> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| {
            if is_background(x, y) {
                lightness(x, y)
            } else {
                f32::NAN
            }
        })
        .collect();
    let at = |x: u32, y: u32| plane[(y * width + x) as usize];
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let across = 3.0 * (at(x + 1, y - 1) - at(x - 1, y - 1))
                + 10.0 * (at(x + 1, y) - at(x - 1, y))
                + 3.0 * (at(x + 1, y + 1) - at(x - 1, y + 1));
            let down = 3.0 * (at(x - 1, y + 1) - at(x - 1, y - 1))
                + 10.0 * (at(x, y + 1) - at(x, y - 1))
                + 3.0 * (at(x + 1, y + 1) - at(x + 1, y - 1));
            let steep = f64::from(across.hypot(down));
            if steep.is_finite() {
                note(x, y, steep);
            }
        }
    }
}

fn dot(one: [f64; 3], other: [f64; 3]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// The plane of least squares; nothing if the places lie on a line.
fn fit(points: impl Iterator<Item = ([f64; 3], f64)>) -> Option<[f64; 3]> {
    let (mut square, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
    for (spot, value) in points {
        for row in 0..3 {
            for column in 0..3 {
                square[row][column] += spot[row] * spot[column];
            }
            right[row] += spot[row] * value;
        }
    }
    let determinant = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(square);
    // Cramer's rule; a determinant this small is a line of blocks or a few of them.
    (whole.abs() > 1e-6).then(|| {
        std::array::from_fn(|column| {
            let mut replaced = square;
            for (row, value) in replaced.iter_mut().zip(right) {
                row[column] = value;
            }
            determinant(replaced) / whole
        })
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::geometry::Point;
    use crate::profile::Band;

    const BLUE: [u8; 3] = [100, 197, 255];

    /// A person in the lower middle of 480 x 640 pixels.
    pub(crate) fn person() -> PersonMask {
        let mut shares = vec![0; 64 * 64];
        for row in 12..64 {
            let half = if row < 44 { 13 } else { 22 };
            shares[row * 64 + 32 - half..row * 64 + 32 + half].fill(255);
        }
        let origin = Point { x: -80.0, y: 0.0 };
        PersonMask::new(64, shares, origin, 10.0).unwrap()
    }

    fn painted(paint: impl Fn(u32, u32) -> [u8; 3]) -> Raster {
        let mut portrait = Raster::filled(480, 640, BLUE).unwrap();
        for y in 0..640 {
            for x in 0..480 {
                portrait.set_pixel(x, y, paint(x, y));
            }
        }
        portrait
    }

    fn values(portrait: &Raster) -> [f64; 4] {
        let measures = backdrop(portrait, &person()).unwrap().measures();
        std::array::from_fn(|at| measures[at].1)
    }

    #[test]
    fn a_plain_cloth_has_nothing() {
        let [uneven, texture, shadow, object] = values(&painted(|_, _| BLUE));
        assert!(uneven < 1e-9 && texture < 1e-9 && shadow < 1e-9 && object < 1e-9);
    }

    /// A shadow is of the cloth, hair and a door are not, nor is a lamp.
    #[test]
    fn a_colour_looks_like_the_cloth_or_does_not() {
        let cloth = backdrop(&painted(|_, _| BLUE), &person()).unwrap();
        let of = |rgb| cloth.likeness(rgb);
        assert!((of(BLUE) - 1.0).abs() < 1e-9);
        assert!((of(BLUE.map(|level| (f64::from(level) * 0.75) as u8)) - 1.0).abs() < 1e-9);
        for other in [
            [35, 28, 26],
            [150, 110, 80],
            [255; 3],
            [220, 180, 150],
            [0; 3],
        ] {
            assert!(of(other).abs() < 1e-9, "{other:?}: {}", of(other));
        }
    }

    /// A slope is uneven and no shadow; a dark part beside it is one; another colour is neither.
    #[test]
    fn slope_shadow_and_object_are_told_apart() {
        let scaled = |share: f64| BLUE.map(|level| (f64::from(level) * share) as u8);
        let slope = painted(|x, _| scaled(0.72 + 0.28 * f64::from(x) / 480.0));
        let [uneven, _, shadow, object] = values(&slope);
        assert!(
            uneven > 8.0 && shadow < 0.01 && object < 1e-9,
            "{uneven} {shadow} {object}"
        );
        let dark = painted(|x, y| {
            if x > 380 && y > 100 {
                scaled(0.78)
            } else {
                BLUE
            }
        });
        let [_, _, shadow, object] = values(&dark);
        assert!(shadow > 0.05 && object < 1e-9, "{shadow} {object}");
        let door = painted(|x, _| if x < 60 { [150, 110, 80] } else { BLUE });
        let [_, _, _, object] = values(&door);
        assert!(object > 0.1, "{object}");
    }

    const WANTED: Background = Background {
        rgb: BLUE,
        delta_e_max: 12.0,
        normalise: false,
    };

    /// The findings that these limits would make of a picture.
    fn found(limits: &[(FindingCode, f64)]) -> Vec<Finding> {
        let finding = |(code, max): &(FindingCode, f64)| {
            let (min, max) = (0.0, *max);
            Finding::measured(*code, max + 1.0, Band { min, max })
        };
        limits.iter().map(finding).collect()
    }

    fn places(portrait: &Raster, findings: &[Finding]) -> Vec<Place> {
        let cloth = backdrop(portrait, &person()).unwrap();
        cloth.places(findings, &WANTED)
    }

    /// Door at the left edge, a shadow at the right, both down to the bottom.
    fn door_and_shadow() -> Raster {
        painted(|x, y| match (x, y) {
            (0..60, _) => [150, 110, 80],
            (400.., 100..) => BLUE.map(|level| (f64::from(level) * 0.78) as u8),
            (200..280, 200..) => [1, 2, 3],
            _ => BLUE,
        })
    }

    #[test]
    fn places_are_where_it_fails_and_told_apart() {
        let findings = found(&[(FindingCode::BackgroundObject, 0.02)]);
        let found = places(&door_and_shadow(), &findings);
        let covers = |flaw: Flaw, x: u32, y: u32| {
            let covering = |place: &&Place| {
                (place.left..place.left + place.width).contains(&x)
                    && (place.top..place.top + place.height).contains(&y)
            };
            let covering: Vec<Flaw> = found.iter().filter(covering).map(|it| it.flaw).collect();
            assert!(covering.len() < 2, "{x}, {y}: {covering:?}");
            covering == [flaw]
        };
        assert!(covers(Flaw::Object, 0, 0) && covers(Flaw::Object, 59, 200));
        assert!(covers(Flaw::Shadow, 400, 100) && covers(Flaw::Shadow, 479, 400));
        for flaw in Flaw::ALL {
            for (x, y) in [(60, 0), (399, 0), (470, 99), (240, 300)] {
                assert!(!covers(flaw, x, y), "{flaw:?} at {x}, {y}");
            }
        }
        // The person cuts the lower end off the door; what is above is one rectangle.
        assert!(found.iter().any(|place| (place.left, place.top) == (0, 0)
            && place.width == 60
            && place.height > 300));
    }

    #[test]
    fn there_are_no_places_without_a_finding_of_the_background() {
        let nothing: &[&[(FindingCode, f64)]] = &[&[], &[(FindingCode::EyesClosed, 0.2)]];
        for limits in nothing {
            assert_eq!(places(&door_and_shadow(), &found(limits)), []);
        }
        let all = [FindingCode::BackgroundShadow, FindingCode::BackgroundObject];
        let all = all.map(|code| (code, 0.02));
        assert_eq!(places(&painted(|_, _| BLUE), &found(&all)), []);
    }

    /// A cloth of a wrong blue fails everywhere, and only where that was found.
    #[test]
    fn a_wrong_colour_is_all_of_the_cloth_but_not_the_person() {
        let wrong = painted(|_, _| [51, 143, 178]);
        let uneven = found(&[(FindingCode::BackgroundUneven, 8.0)]);
        assert_eq!(places(&wrong, &uneven), []);
        let colour = found(&[(FindingCode::BackgroundColour, 12.0)]);
        let found = places(&wrong, &colour);
        assert!(found.iter().all(|place| place.flaw == Flaw::Colour));
        let area: u32 = found.iter().map(|place| place.width * place.height).sum();
        let whole = backdrop(&wrong, &person()).unwrap();
        let cloth = whole.blocks.iter().flatten().count() as u32;
        assert_eq!(area, cloth * whole.side * whole.side);
    }

    /// Fine stripes have the mean of the cloth: only their gradient tells where they are.
    #[test]
    fn a_pattern_is_shown_where_it_lies() {
        let striped = painted(|x, y| {
            if x < 100 && y < 200 && y % 4 < 2 {
                BLUE.map(|level| (f64::from(level) * 0.94) as u8)
            } else {
                BLUE
            }
        });
        let uneven = found(&[(FindingCode::BackgroundUneven, 8.0)]);
        assert_eq!(places(&striped, &uneven), []);
        let folds = found(&[(FindingCode::BackgroundTexture, 40.0)]);
        let found = places(&striped, &folds);
        assert!(!found.is_empty());
        for place in found {
            assert_eq!(place.flaw, Flaw::Uneven);
            let (right, bottom) = (place.left + place.width, place.top + place.height);
            assert!(right <= 110 && bottom <= 210, "{place:?}");
        }
    }

    #[test]
    fn a_pattern_all_over_is_told_by_its_largest_places() {
        let dotted = |x: u32, y: u32| {
            let is_large = x < 40 && y < 40;
            if is_large || (x / 10 + y / 10).is_multiple_of(3) {
                [150, 110, 80]
            } else {
                BLUE
            }
        };
        let findings = found(&[(FindingCode::BackgroundObject, 0.02)]);
        let found = places(&painted(dotted), &findings);
        assert_eq!(found.len(), PLACES_MAX);
        assert!(found.iter().any(|place| place.width >= 40), "the largest");
    }

    #[test]
    fn the_picture_shows_where_and_not_who() {
        let findings = found(&[(FindingCode::BackgroundObject, 0.02)]);
        let drawn = |portrait: &Raster| {
            let cloth = backdrop(portrait, &person()).unwrap();
            cloth.picture(portrait, &cloth.places(&findings, &WANTED))
        };
        assert!(drawn(&painted(|_, _| BLUE)).is_none());
        let picture = drawn(&door_and_shadow()).unwrap();
        assert_eq!((picture.width(), picture.height()), (240, 320));
        // Red over the door, the cloth as it is, the person a grey shape.
        assert_eq!(picture.pixel(10, 20), [202, 27, 20]);
        assert_eq!(picture.pixel(200, 20), BLUE);
        assert_eq!(picture.pixel(120, 200), PERSON_GREY);
    }

    /// By hand: a ramp of one level of lightness a pixel has a Scharr gradient of 2 x 16.
    #[test]
    fn the_gradient_is_that_of_the_standard() {
        let grey = |lightness: f64| {
            // sRGB of a lightness: through the luminance and the inverse of the transfer curve.
            let y = ((lightness + 16.0) / 116.0).powi(3);
            let level = 1.055 * y.powf(1.0 / 2.4) - 0.055;
            [(level * 255.0).round() as u8; 3]
        };
        let mut ramp = Raster::filled(102, 20, [0; 3]).unwrap();
        for y in 0..20 {
            for x in 0..102 {
                ramp.set_pixel(x, y, grey(30.0 + f64::from(x) / 2.55));
            }
        }
        let mut mean = Mean::default();
        gradients(&ramp, |_, _| true, |_, _, value| mean.add(value));
        assert!((mean.value() - 32.0).abs() < 0.5, "{}", mean.value());
    }

    #[test]
    fn a_person_who_fills_the_picture_leaves_no_background() {
        let everywhere = PersonMask::new(1, vec![255], Point { x: 0.0, y: 0.0 }, 640.0).unwrap();
        assert!(backdrop(&painted(|_, _| BLUE), &everywhere).is_none());
    }
}
