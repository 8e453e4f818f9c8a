//! Shoulders and what is worn on them, and the cloth behind.

use super::canvas::{Area, Canvas, Colour, bell, segment, step};
use super::look::{Garment, Look};
use super::noise;

/// The light blue of the booth's cloth (the collection rule's reference).
pub(crate) const BACKDROP: Colour = Colour(100.0, 197.0, 255.0);

/// The cloth behind the subject: two grey levels of folds and a fine weave.
pub(crate) fn backdrop(canvas: &mut Canvas) {
    let area = canvas.everything();
    canvas.paint(area, |_, x, y| {
        let folds = 0.006 * noise::value(x * 0.9, y * 0.12, 31);
        let weave = 0.008 * noise::value(x * 55.0, y * 14.0, 32)
            + 0.008 * noise::value(x * 14.0, y * 55.0, 33);
        (BACKDROP.lit(1.0 + folds + weave), 1.0)
    });
}

/// Y of the shoulder line at a distance from the middle. High for its width, so
/// that the badge lies on cloth and still inside a tight crop.
fn shoulder(a: f32) -> f32 {
    1.34 + 0.21 * step(0.4, 1.4, a) + 0.32 * ((a - 1.3).max(0.0) / 0.6).powi(2)
}

/// Signed distance (nearly) to the outline of the torso.
fn torso(x: f32, y: f32) -> f32 {
    let a = x.abs();
    let arm = a - 2.02 - 0.16 * step(1.8, 3.2, y);
    (shoulder(a) - y).max(arm)
}

/// The garment with its collar, over the neck.
pub(crate) fn draw(canvas: &mut Canvas, look: &Look) {
    let bottom = canvas.everything().bottom;
    let area = Area {
        left: -2.4,
        top: 1.2,
        right: 2.4,
        bottom,
    };
    canvas.paint(area, |canvas, x, y| {
        let neckline = neckline(look.garment, x, y);
        let cover = canvas.inside(torso(x, y).max(-neckline));
        if cover <= 0.0 {
            return (look.cloth, 0.0);
        }
        (cloth(look, x, y).lit(folds(look, x, y)), cover)
    });
    match look.garment {
        Garment::Suit | Garment::Blazer => jacket(canvas, look),
        Garment::Shirt => collar(canvas, look.cloth, true),
        Garment::Jumper => collar(canvas, Colour(238.0, 238.0, 236.0), false),
        Garment::Hoodie => hood(canvas, look),
        Garment::Tee | Garment::Striped => band(canvas, look),
    }
}

/// Distance to the opening at the neck, negative inside it.
fn neckline(garment: Garment, x: f32, y: f32) -> f32 {
    let a = x.abs();
    match garment {
        Garment::Tee | Garment::Striped => round_neck(x, y),
        Garment::Hoodie => (x / 0.60).hypot((y - 1.36) / 0.40) * 0.4 - 0.4,
        Garment::Shirt | Garment::Suit | Garment::Blazer | Garment::Jumper => {
            a - 0.62 + 0.62 * (y - 1.35) / 0.62
        }
    }
}

fn round_neck(x: f32, y: f32) -> f32 {
    ((x / 0.66).hypot((y - 1.36) / 0.46) - 1.0) * 0.46
}

/// The cloth's own colour and weave at a point.
fn cloth(look: &Look, x: f32, y: f32) -> Colour {
    let base = match look.garment {
        Garment::Striped => {
            let bent = y + 0.05 * x * x;
            let stripe = step(-0.06, 0.06, (bent * 19.0).sin());
            look.cloth.toward(Colour(240.0, 238.0, 232.0), stripe)
        }
        Garment::Suit
        | Garment::Blazer
        | Garment::Tee
        | Garment::Shirt
        | Garment::Hoodie
        | Garment::Jumper => look.cloth,
    };
    let (along, across, depth) = match look.garment {
        Garment::Jumper => (22.0, 40.0, 0.085),
        Garment::Suit | Garment::Blazer => (60.0, 60.0, 0.055),
        Garment::Hoodie => (44.0, 30.0, 0.05),
        Garment::Tee | Garment::Striped | Garment::Shirt => (64.0, 58.0, 0.03),
    };
    let weave = noise::value(x * along, y * across, look.seed ^ 0x71);
    let knit = match look.garment {
        Garment::Jumper => (x * 70.0).sin() * 0.05,
        Garment::Tee
        | Garment::Striped
        | Garment::Shirt
        | Garment::Hoodie
        | Garment::Suit
        | Garment::Blazer => 0.0,
    };
    base.lit(1.0 + depth * weave + knit)
}

/// Light and shade of the body under the cloth.
fn folds(look: &Look, x: f32, y: f32) -> f32 {
    let a = x.abs();
    let top = 0.10 * bell(0.0, y - shoulder(a) - 0.12, 1.0, 0.18);
    let arm = -0.28 * bell(a - 1.58 - 0.05 * (y - 2.0), 0.0, 0.07, 1.0) * step(1.95, 2.6, y);
    let round = -0.30 * step(1.45, 2.15, a);
    let creases = 0.07 * noise::value(x * 2.6 + y * 1.1, y * 1.3 - x, look.seed ^ 0x72);
    let light = -0.05 * x;
    let chin = -0.35 * bell(x, y - 1.5, 0.65, 0.22);
    0.96 + top + arm + round + creases + light + chin
}

/// Two lapels of a shirt's collar, with a button line where it is worn alone.
fn collar(canvas: &mut Canvas, colour: Colour, buttons: bool) {
    let area = Area::around(0.0, 1.75, 0.9, 0.55);
    if buttons {
        let bottom = canvas.everything().bottom;
        canvas.shade(
            Area {
                left: -0.12,
                top: 1.9,
                right: 0.12,
                bottom,
            },
            Colour(0.55, 0.55, 0.58),
            |x, y| {
                let placket = 0.5 * bell(x - 0.085, 0.0, 0.012, 1.0);
                let row = (y * 1.9).fract() - 0.5;
                placket + 0.9 * step(0.034, 0.024, x.hypot(row / 1.9))
            },
        );
    }
    canvas.shade(
        Area::around(0.0, 1.85, 0.95, 0.6),
        Colour(0.45, 0.42, 0.45),
        |x, y| 0.55 * step(0.07, -0.03, lapel(x.abs(), y - 0.05)),
    );
    canvas.paint(area, |canvas, x, y| {
        let edge = lapel(x.abs(), y);
        let seam = 0.12 * step(0.02, 0.0, (edge + 0.05).abs());
        let weave = 0.025 * noise::value(x * 60.0, y * 60.0, 41);
        let light = 1.0 - seam + weave - 0.16 * step(0.3, 0.62, x.abs()) - 0.05 * x + 0.03;
        (colour.lit(light.min(1.06)), canvas.inside(edge))
    });
}

/// Signed distance (nearly) to one half of a collar.
fn lapel(a: f32, y: f32) -> f32 {
    let outer = a - 0.64 + 0.32 * (y - 1.4);
    let inner = 0.56 - 0.9 * (y - 1.36) - a;
    let lower = y - 2.10 + 0.42 * (0.45 - a).abs();
    let upper = 1.30 + 0.1 * a - y;
    outer.max(inner * 0.74).max(lower).max(upper)
}

fn jacket(canvas: &mut Canvas, look: &Look) {
    let white = Colour(240.0, 240.0, 238.0);
    let bottom = canvas.everything().bottom;
    let area = Area {
        left: -1.1,
        top: 1.3,
        right: 1.1,
        bottom,
    };
    // The white of the shirt between the lapels, below the open neck.
    canvas.paint(area, |canvas, x, y| {
        let opening = x.abs() - 0.60 + 0.20 * (y - 1.4);
        let neck = neckline(look.garment, x, y);
        let fold =
            0.04 * noise::value(x * 4.0, y * 2.0, 42) + 0.02 * noise::value(x * 60.0, y * 60.0, 43);
        let cast = 0.2 * step(0.12, 0.0, -opening);
        (
            white.lit(0.97 + fold - cast),
            canvas.inside(opening.max(-neck).max(shoulder(x.abs()) - y)),
        )
    });
    if matches!(look.garment, Garment::Suit) {
        canvas.paint(area, |canvas, x, y| {
            let half = if y < 2.12 {
                0.15 - 0.13 * (y - 1.9)
            } else {
                0.10 + 0.10 * (y - 2.1)
            };
            let stripe = 0.10 * ((x + y) * 34.0).sin().signum();
            let round =
                1.0 - 0.3 * (x / half).powi(2).min(1.0) - 0.25 * bell(0.0, y - 2.12, 1.0, 0.03);
            (
                look.accent.lit(round + stripe),
                canvas.inside((x.abs() - half).max(1.88 - y)),
            )
        });
    }
    collar(canvas, white, false);
    // The jacket's edge: a notched lapel and its shadow.
    canvas.paint(area, |canvas, x, y| {
        let a = x.abs();
        let inner = 0.62 - 0.20 * (y - 1.4) - a;
        let outer = a - 0.92 + 0.14 * (y - 2.0).abs();
        let notch = segment(a, y, (0.74, 2.06), (1.0, 1.98));
        let edge = inner.max(outer).max(shoulder(a) - y);
        let seam = 0.35 * step(0.02, 0.0, notch) + 0.25 * step(0.025, 0.0, outer.abs());
        let weave = 0.06 * noise::value(x * 60.0, y * 60.0, 44);
        (look.cloth.lit(1.12 + weave - seam), canvas.inside(edge))
    });
}

fn hood(canvas: &mut Canvas, look: &Look) {
    let area = Area::around(0.0, 1.7, 1.2, 0.7);
    canvas.paint(area, |canvas, x, y| {
        let ring = ((x / 0.80).hypot((y - 1.34) / 0.56) - 1.0) * 0.56;
        let hole = ((x / 0.60).hypot((y - 1.36) / 0.40) - 1.0) * 0.4;
        let edge = ring.max(-hole).max(1.28 - y);
        let roll = 1.0 + 0.14 * step(0.16, 0.05, hole)
            - 0.40 * step(-0.07, 0.0, ring)
            - 0.30 * step(0.05, 0.0, hole);
        let weave = 0.05 * noise::value(x * 44.0, y * 30.0, 45);
        (look.cloth.lit(roll + weave), canvas.inside(edge))
    });
    canvas.paint(
        Area {
            left: -0.5,
            top: 1.6,
            right: 0.5,
            bottom: 2.8,
        },
        |canvas, x, y| {
            let cord = segment(x.abs(), y, (0.30, 1.78), (0.26, 2.55 + 0.1 * x.signum())) - 0.026;
            let twist = 1.0 + 0.14 * ((y * 60.0) + x * 20.0).sin();
            (Colour(226.0, 222.0, 214.0).lit(twist), canvas.inside(cord))
        },
    );
}

/// The knitted band of a round neck.
fn band(canvas: &mut Canvas, look: &Look) {
    canvas.paint(Area::around(0.0, 1.6, 0.9, 0.5), |canvas, x, y| {
        let edge = (round_neck(x, y) - 0.045).abs() - 0.045;
        let ribs = 0.05 * (x.atan2(y - 1.3) * 90.0).sin();
        let shade = 0.88 + ribs - 0.12 * step(0.06, 0.09, round_neck(x, y));
        let above = shoulder(x.abs()) - 0.03 - y;
        (look.cloth.lit(shade), canvas.inside(edge.max(above)))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::badge;

    #[test]
    fn the_badge_lies_wholly_on_the_clothes() {
        let plate = badge::PLATE;
        for step in 0..=20 {
            let x = plate.left + (plate.right - plate.left) * step as f32 / 20.0;
            assert!(torso(x, plate.top) < 0.0, "cloth behind the badge at {x}");
        }
    }
}
