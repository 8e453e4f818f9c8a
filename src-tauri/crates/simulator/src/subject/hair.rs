//! Hair: an outline, a hairline, and strands that run from the parting.

use super::canvas::{Area, Canvas, Colour, bell, step};
use super::look::{Cut, Look};
use super::noise;

/// Where the hair begins on the forehead.
#[derive(Debug, Clone, Copy)]
enum Hairline {
    /// A straight fringe ending at this y.
    Fringe(f32),
    /// Combed from a parting at this x over to the other side.
    Parted(f32),
    /// Parted in the middle, falling to both temples.
    Centre,
    /// All away from the face; highest at this y.
    Back(f32),
}

#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Height of the hair above the eyes, in units.
    crown: f32,
    /// Half the width at the temples.
    side: f32,
    /// Where the sides begin, to each side of the face.
    inner: f32,
    /// Y at which the sides end.
    ends: f32,
    /// Half width and lowest y of the hair behind the neck.
    back: Option<(f32, f32)>,
    line: Hairline,
    /// 0 straight, 1 tight curls.
    curl: f32,
}

const fn short(crown: f32, side: f32, ends: f32, line: Hairline) -> Shape {
    Shape {
        crown,
        side,
        inner: 0.91,
        ends,
        back: None,
        line,
        curl: 0.0,
    }
}

const fn long(side: f32, ends: f32, back: (f32, f32), line: Hairline, curl: f32) -> Shape {
    Shape {
        crown: 1.84,
        side,
        inner: 0.86,
        ends,
        back: Some(back),
        line,
        curl,
    }
}

const fn shape(cut: Cut) -> Shape {
    match cut {
        Cut::Fringe => short(1.83, 1.07, 0.12, Hairline::Fringe(-0.47)),
        Cut::Quiff => short(1.96, 1.03, 0.10, Hairline::Back(-0.92)),
        Cut::Buzzed => short(1.70, 1.01, 0.10, Hairline::Back(-0.84)),
        Cut::Parted => short(1.86, 1.06, 0.14, Hairline::Parted(0.48)),
        Cut::Curtain => short(1.84, 1.10, 0.26, Hairline::Centre),
        Cut::Tied => short(1.76, 1.02, 0.02, Hairline::Back(-0.98)),
        Cut::Curly => Shape {
            curl: 1.0,
            ..short(1.94, 1.17, 0.22, Hairline::Back(-0.74))
        },
        Cut::Bob => long(1.17, 1.12, (1.10, 1.30), Hairline::Fringe(-0.42), 0.0),
        Cut::LongParted => long(1.15, 1.95, (1.22, 2.5), Hairline::Parted(-0.42), 0.15),
        Cut::Wavy => long(1.22, 1.75, (1.32, 2.3), Hairline::Parted(0.3), 0.6),
        Cut::LongStraight => long(1.12, 2.1, (1.16, 2.7), Hairline::Centre, 0.0),
        Cut::LongFringe => long(1.14, 1.9, (1.20, 2.4), Hairline::Fringe(-0.44), 0.1),
    }
}

/// Whether the hair leaves the ears to be seen.
pub(crate) const fn shows_ears(look: &Look) -> bool {
    shape(look.cut).back.is_none()
}

/// Height of the hair's top above the eye line, in units.
pub(crate) const fn crown(look: &Look) -> f32 {
    shape(look.cut).crown
}

/// The hair that hangs behind neck and shoulders.
pub(crate) fn draw_back(canvas: &mut Canvas, look: &Look) {
    let cut = shape(look.cut);
    let Some((half, low)) = cut.back else {
        return;
    };
    let area = Area {
        left: -half - 0.2,
        top: -0.3,
        right: half + 0.2,
        bottom: low + 0.2,
    };
    canvas.paint(area, |canvas, x, y| {
        let wave = (0.03 + 0.07 * cut.curl) * noise::value(x.signum() * 4.0, y * 3.2, look.seed);
        let end =
            low + 0.12 * noise::value(x * 9.0, 0.0, look.seed ^ 5) - 0.25 * (x / half).powi(2);
        // Narrower than the front at the temples, so that no edge shows there.
        let grown = step(-0.1, 1.1, y);
        let wide = (cut.side - 0.06) * (1.0 - grown) + (half + wave) * grown;
        let cover = canvas.inside(x.abs() - wide) * step(end, end - 0.12, y);
        (strands(look, cut, x, y).lit(0.72), cover)
    });
}

/// The hair over and around the face.
pub(crate) fn draw(canvas: &mut Canvas, look: &Look) {
    let cut = shape(look.cut);
    let reach = cut.side + 0.25;
    let area = Area {
        left: -reach,
        top: -cut.crown - 0.15,
        right: reach,
        bottom: cut.ends + 0.3,
    };
    canvas.paint(area, |_, x, y| {
        let cover = cover(look, x, y);
        if cover <= 0.0 {
            return (look.hair, 0.0);
        }
        (strands(look, cut, x, y), cover)
    });
}

/// How much of the skin at a point the hair hides, 0 to 1.
pub(crate) fn cover(look: &Look, x: f32, y: f32) -> f32 {
    let cut = shape(look.cut);
    let a = x.abs();
    let ragged = noise::value(x * 26.0, y * 3.0, look.seed ^ 0x51);
    let bumps = cut.curl * ringlets(look, x, y);
    let outside = outline(cut, a, y) + 0.008 * ragged + bumps;
    let outer = step(0.012, -0.022, outside);
    if outer <= 0.0 {
        return 0.0;
    }
    let line = hairline(look, cut, x) + 0.05 * ragged * fringe_like(cut.line) + bumps;
    let soft = if matches!(look.cut, Cut::Buzzed | Cut::Tied | Cut::Quiff) {
        0.09
    } else {
        0.035
    };
    let above = step(line + soft, line - soft, y);
    // Long hair follows the cheek and the jaw, then the neck.
    let inner = if cut.back.is_some() && y > 0.1 {
        cut.inner.min(look.half_width(y) - 0.05).max(0.60)
    } else {
        cut.inner
    };
    let inner = inner + 0.012 * ragged + 0.3 * bumps;
    let end = cut.ends + 0.05 * ragged;
    let beside = step(inner - 0.03, inner + 0.03, a) * step(end + 0.06, end - 0.06, y);
    let thin = if matches!(look.cut, Cut::Buzzed) {
        0.86 + 0.1 * ragged
    } else {
        1.0
    };
    outer * above.max(beside) * thin
}

/// How far curls push the outline in or out, by direction from the middle of
/// the head: a function of the angle alone leaves no islands of hair in the air.
fn ringlets(look: &Look, x: f32, y: f32) -> f32 {
    let angle = x.atan2(0.2 - y);
    0.055 * noise::value(angle * 7.0, 0.4, look.seed ^ 0x52)
        + 0.03 * noise::value(angle * 17.0, 0.4, look.seed ^ 0x53)
}

/// Signed distance (nearly) to the outline of the whole head of hair.
fn outline(cut: Shape, a: f32, y: f32) -> f32 {
    if y < -0.2 {
        let t = (-0.2 - y) / (cut.crown - 0.2);
        (t.powf(2.35) + (a / cut.side).powf(2.35)).powf(1.0 / 2.35) - 1.0
    } else if cut.back.is_some() {
        let wide =
            cut.side + 0.05 * step(0.0, 1.0, y) - 0.10 * step(1.0, 1.6, y) * (1.0 - cut.curl);
        a - wide
    } else {
        a - cut.side + 0.05 * step(-0.2, cut.ends, y)
    }
}

fn fringe_like(line: Hairline) -> f32 {
    match line {
        Hairline::Fringe(_) => 1.5,
        Hairline::Parted(_) | Hairline::Centre => 0.6,
        Hairline::Back(_) => 0.25,
    }
}

/// Y of the hairline over the forehead at `x`.
fn hairline(look: &Look, cut: Shape, x: f32) -> f32 {
    let a = x.abs();
    match cut.line {
        Hairline::Fringe(y) => {
            y + 0.08 * step(0.4, 0.9, a) + 0.05 * noise::value(x * 4.5, 0.5, look.seed)
        }
        Hairline::Parted(part) => {
            let away = (x - part) * -part.signum();
            let long = -1.02 + 0.60 * step(-0.05, 1.15, away);
            let close = -1.02 + 0.62 * step(0.0, 0.5, -away);
            if away > 0.0 { long } else { close }
        }
        Hairline::Centre => -1.06 + 0.82 * step(0.0, 0.92, a).powf(0.9),
        Hairline::Back(top) => {
            let recess = 0.06 * bell(a - 0.5, 0.0, 0.22, 1.0);
            top - recess + 0.62 * step(0.55, 0.98, a) + 0.02 * bell(x, 0.0, 0.2, 1.0)
        }
    }
}

/// The colour of the hair at a point: strands, sheen, and the shade at the edges.
fn strands(look: &Look, cut: Shape, x: f32, y: f32) -> Colour {
    let part = match cut.line {
        Hairline::Parted(part) => part,
        Hairline::Fringe(_) | Hairline::Centre | Hairline::Back(_) => 0.0,
    };
    // Strands spread from the parting as the head widens below the crown.
    let spread = (cut.side
        * (1.0 - ((-y - 0.1) / (cut.crown + 0.15)).clamp(0.0, 1.0).powi(2)).sqrt())
    .max(0.25);
    let wave = cut.curl * 0.16 * (y * 8.0 + noise::value(x * 3.0, y * 2.0, 4) * 3.0).sin();
    let s = (x - part * step(0.2, -1.4, y)) / spread + wave;
    let coarse = noise::value(s * 13.0, y * 1.6, look.seed ^ 0x61);
    let fine = noise::value(s * 52.0, y * 3.0, look.seed ^ 0x62);
    let finest = noise::value(s * 105.0, y * 6.0, look.seed ^ 0x63);
    let curls = noise::value(x * 13.0, y * 13.0, look.seed ^ 0x64) * cut.curl * cut.curl;
    let sheen_y = -1.18 + 0.45 * (s * s).min(1.5);
    let sheen =
        bell(0.0, y - sheen_y, 1.0, 0.20) + 0.35 * bell(0.0, y - 0.7 - 0.2 * s * s, 1.0, 0.3);
    let edge = step(-0.26, 0.0, outline(cut, x.abs(), y));
    let parting = match cut.line {
        Hairline::Parted(_) | Hairline::Centre => {
            0.35 * bell(x - part, 0.0, 0.03, 1.0) * step(-0.9, -1.1, y)
        }
        Hairline::Fringe(_) | Hairline::Back(_) => 0.0,
    };
    let light =
        1.0 + 0.20 * coarse + 0.26 * fine + 0.14 * finest + 0.35 * curls - 0.34 * edge - parting;
    let shine = (0.15 * sheen * (0.75 + 0.5 * fine + 0.4 * coarse)).clamp(0.0, 0.4);
    look.hair
        .lit(light.max(0.25))
        .toward(Colour(206.0, 196.0, 190.0), shine)
}

/// A pony tail that comes from behind the neck over the shoulder away from the
/// badge; drawn over the clothes and under the head.
pub(crate) fn draw_tail(canvas: &mut Canvas, look: &Look) {
    if !matches!(look.cut, Cut::Tied) {
        return;
    }
    let cut = shape(look.cut);
    let area = Area {
        left: -1.3,
        top: 0.8,
        right: -0.2,
        bottom: 2.8,
    };
    let middle = |y: f32| -0.60 - 0.24 * step(1.1, 1.9, y) + 0.05 * (y * 2.4).sin();
    canvas.shade(area, Colour(0.5, 0.5, 0.52), |x, y| {
        0.6 * step(0.30, 0.12, (x - middle(y) - 0.03).abs()) * step(2.8, 2.4, y) * step(1.3, 1.5, y)
    });
    canvas.paint(area, |_, x, y| {
        let half = 0.19 * step(2.75, 2.0, y) + 0.02 * noise::value(x * 20.0, y * 4.0, 8);
        let off = (x - middle(y)).abs();
        (
            strands(look, cut, (x - middle(y)) * 2.2, y).lit(1.05 - off),
            step(half, half - 0.04, off),
        )
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hair_covers_the_scalp_and_leaves_eyes_nose_and_mouth_free() {
        for id in 0..60 {
            let look = Look::numbered(id);
            assert!(cover(&look, 0.0, -1.4) > 0.7, "scalp of {id}");
            for (x, y) in [
                (look.eye_x, 0.0),
                (-look.eye_x, 0.0),
                (0.0, 0.5),
                (0.0, 1.0),
                (0.6, 0.5),
            ] {
                assert!(cover(&look, x, y) < 0.01, "face of {id} at {x} {y}");
            }
        }
    }

    #[test]
    fn every_crown_leaves_the_crop_room() {
        for id in 0..12 {
            let look = Look::numbered(id);
            assert!((1.65..2.0).contains(&crown(&look)));
            assert!(cover(&look, 0.0, -crown(&look) - 0.1) < 0.01);
        }
    }
}
