//! The face: a relief lit from above, and the features drawn on it.
//!
//! A flat cartoon is not enough. Detectors look for the light and shade of eye
//! sockets, nose and lips, so the skin is shaded from a relief's normals.

use super::canvas::{Area, Canvas, Colour, bell, ellipse, segment, step};
use super::look::{Glasses, Look};
use super::noise;

/// What a shadow does to skin: it reddens while it darkens.
const SKIN_SHADOW: Colour = Colour(0.60, 0.46, 0.42);
const LIGHT: (f32, f32, f32) = (-0.22, -0.46, 0.86);

/// Head and features; `hair` tells how much hair covers a point, for its shadow.
pub(crate) fn draw(canvas: &mut Canvas, look: &Look, hair: impl Fn(f32, f32) -> f32) {
    head(canvas, look, hair);
    nostrils(canvas, look);
    for side in [-1.0, 1.0] {
        eye(canvas, look, side);
        brow(canvas, look, side);
    }
    mouth(canvas, look);
}

/// The neck, and the shadow of the chin on it.
pub(crate) fn neck(canvas: &mut Canvas, look: &Look) {
    let chin = look.chin;
    let area = Area {
        left: -0.95,
        top: 0.9,
        right: 0.95,
        bottom: 2.3,
    };
    canvas.paint(area, |canvas, x, y| {
        let half = 0.60 + 0.28 * step(1.4, 2.0, y);
        let round = (1.0 - (x / half) * (x / half)).max(0.0).sqrt();
        let cast = step(chin + 0.42, chin - 0.05, y + 0.35 * x * x) * 0.75;
        let cords = 0.05
            * (bell(x - 0.26 - 0.1 * (2.0 - y), y - 1.8, 0.07, 0.4)
                + bell(x + 0.26 + 0.1 * (2.0 - y), y - 1.8, 0.07, 0.4));
        let dark = (0.62 * (1.0 - round) + cast - cords).clamp(0.0, 0.9);
        let colour = look
            .skin
            .lit(0.95)
            .toward(look.skin.tinted(SKIN_SHADOW), dark);
        (colour, canvas.inside(x.abs() - half))
    });
}

/// Both ears, where the hair does not cover them; drawn before the head.
pub(crate) fn ears(canvas: &mut Canvas, look: &Look) {
    for side in [-1.0, 1.0] {
        let (cx, cy) = (side * 1.03, 0.2);
        canvas.paint(Area::around(cx, cy, 0.24, 0.5), |canvas, x, y| {
            let (dx, dy) = ((x - cx) * side, y - cy);
            let (rx, ry) = (0.135 * look.ear, 0.34 * look.ear);
            let edge = ellipse(dx - 0.08 * -dy * 0.6, dy, rx, ry);
            let bowl = bell(dx + 0.01, dy + 0.02, 0.06, 0.17);
            let rim = step(0.06, 0.0, edge.abs()) * 0.15;
            let dark = (0.3 + 0.45 * bowl - rim).clamp(0.0, 1.0);
            let warm = look.skin.tinted(Colour(1.0, 0.92, 0.9));
            (
                warm.toward(look.skin.tinted(SKIN_SHADOW), dark),
                canvas.inside(edge),
            )
        });
    }
}

/// Height of the face above the picture's plane, in units.
fn relief(look: &Look, x: f32, y: f32) -> f32 {
    let a = x.abs();
    let r = (x / 1.06).powi(2) + ((y - 0.05) / 1.72).powi(2);
    let skull = 0.95 * (1.0 - r).max(0.0).powf(0.45);
    let ny = look.nose_y;
    // The bridge rises from between the brows to the tip and ends abruptly.
    let along = ((y + 0.12) / (ny - 0.02)).clamp(0.0, 1.2);
    let end = step(ny + 0.06, ny - 0.09, y) * step(-0.25, 0.05, y);
    let ridge = (0.05 + 0.25 * along * along) * end * bell(x, 0.0, 0.10 + 0.09 * along, 1.0);
    let wings = 0.10 * bell(a - look.nose_half * 0.72, y - ny + 0.05, 0.09, 0.085);
    let tip = 0.09 * bell(x, y - ny + 0.09, 0.12, 0.10);
    let sockets = -0.11 * bell(a - look.eye_x + 0.03, y + 0.03, 0.25, 0.14);
    let brows = 0.05 * bell(a - 0.42, y - look.brow_y, 0.34, 0.10);
    let balls = 0.045 * bell(a - look.eye_x, y, 0.17, 0.10);
    let bags = 0.02 * bell(a - look.eye_x, y - 0.21, 0.18, 0.06);
    let cheeks = 0.07 * bell(a - 0.56, y - 0.46, 0.26, 0.24);
    let folds = -0.022 * bell(a - 0.30 - 0.35 * (y - ny), y - ny - 0.13, 0.05, 0.16);
    let my = look.mouth_y;
    let muzzle = 0.06 * bell(x, y - my, 0.34, 0.26);
    let lip =
        0.045 * bell(x, y - my + 0.06, 0.26, 0.05) + 0.06 * bell(x, y - my - 0.075, 0.23, 0.06);
    let under = -0.05 * bell(x, y - my - 0.19, 0.22, 0.055);
    let chin = 0.09 * bell(x, y - look.chin + 0.17, 0.24, 0.15);
    let philtrum = -0.018 * bell(x, y - (ny + my) / 2.0 + 0.01, 0.035, 0.09);
    let temples = -0.03 * bell(a - 0.82, y + 0.35, 0.14, 0.3);
    skull
        + ridge
        + wings
        + tip
        + sockets
        + brows
        + balls
        + bags
        + cheeks
        + folds
        + muzzle
        + lip
        + under
        + chin
        + philtrum
        + temples
}

fn head(canvas: &mut Canvas, look: &Look, hair: impl Fn(f32, f32) -> f32) {
    let area = Area {
        left: -1.02,
        top: -1.64,
        right: 1.02,
        bottom: look.chin + 0.02,
    };
    canvas.paint(area, |canvas, x, y| {
        let edge = look.head(x, y);
        let cover = canvas.inside(edge);
        if cover <= 0.0 {
            return (look.skin, 0.0);
        }
        let light = lit(look, x, y);
        let rim = step(-0.22, 0.02, edge) * 0.30;
        // Hair throws a soft shadow on the skin below it.
        let cast = (hair(x * 0.97, y - 0.07) * 0.28 + hair(x * 0.95, y - 0.16) * 0.14).min(0.4);
        let dark = (1.0 - light + rim + cast).clamp(0.0, 0.95);
        let base = complexion(look, x, y);
        let shaded = base.toward(base.tinted(SKIN_SHADOW), dark);
        let shine = (light - 1.0).max(0.0) * 0.9;
        let pores = 1.0
            + 0.014 * noise::value(x * 46.0, y * 46.0, look.seed)
            + 0.012 * noise::value(x * 17.0, y * 17.0, 9);
        (
            shaded
                .toward(Colour(255.0, 250.0, 244.0), shine.min(0.4))
                .lit(pores),
            cover,
        )
    });
}

/// Light on the relief: 1 is the full tone of the skin.
fn lit(look: &Look, x: f32, y: f32) -> f32 {
    const D: f32 = 0.012;
    let z = relief(look, x, y);
    let gx = (relief(look, x + D, y) - z) / D;
    let gy = (relief(look, x, y + D) - z) / D;
    let length = (gx * gx + gy * gy + 1.0).sqrt();
    let facing = (-gx * LIGHT.0 - gy * LIGHT.1 + LIGHT.2) / length;
    0.28 + 0.86 * facing.max(0.0)
}

/// The colour of the skin before light: blush, stubble, freckles, a mole.
fn complexion(look: &Look, x: f32, y: f32) -> Colour {
    let a = x.abs();
    let rosy = bell(a - 0.58, y - 0.52, 0.26, 0.2) * look.blush
        + bell(x, y - look.nose_y + 0.08, 0.16, 0.14) * look.blush * 0.7;
    let mut colour = look
        .skin
        .toward(look.skin.tinted(Colour(1.0, 0.78, 0.76)), rosy);
    if look.stubble > 0.0 {
        let beard = step(0.62, 1.0, y + 0.35 * a * a) * look.stubble;
        let grain = 0.8 + 0.5 * noise::value(x * 60.0, y * 60.0, 77);
        colour = colour.toward(Colour(96.0, 84.0, 82.0), beard * grain);
    }
    if look.freckles {
        let spots = step(0.55, 0.8, noise::value(x * 30.0, y * 30.0, look.seed ^ 3));
        let zone = bell(a - 0.42, y - 0.42, 0.3, 0.2);
        colour = colour.toward(
            look.skin.tinted(Colour(0.74, 0.58, 0.5)),
            0.6 * spots * zone,
        );
    }
    if let Some((mx, my)) = look.mole {
        colour = colour.toward(
            Colour(74.0, 48.0, 40.0),
            0.85 * bell(x - mx, y - my, 0.022, 0.022),
        );
    }
    colour
}

fn nostrils(canvas: &mut Canvas, look: &Look) {
    let (ny, half) = (look.nose_y, look.nose_half);
    let area = Area::around(0.0, ny, 0.5, 0.3);
    canvas.shade(area, Colour(0.30, 0.20, 0.19), |x, y| {
        let a = x.abs();
        let hole = 0.9
            * bell(
                a - half * 0.42,
                y - ny - 0.01 + 0.25 * (a - half * 0.42),
                0.055,
                0.026,
            );
        let wing = 0.4 * bell(a - half - 0.005, y - ny + 0.04, 0.018, 0.07);
        let base = 0.32 * bell(x, y - ny - 0.035, half * 0.8, 0.035);
        (hole + wing + base).min(0.9)
    });
    // The shadow of the nose on the upper lip.
    canvas.shade(area, Colour(0.72, 0.60, 0.57), |x, y| {
        0.5 * bell(x - 0.03, y - ny - 0.1, half * 0.75, 0.07)
    });
}

/// Height of the eye's opening above (negative) and below the axis at `t` of
/// -1 (inner corner) to 1 (outer corner).
fn lids(look: &Look, t: f32) -> (f32, f32) {
    let rise = look.eye_half * look.eye_rise;
    let arch = (1.0 - t * t).max(0.0);
    let upper = -rise * arch.powf(0.72) * (1.0 - 0.10 * t);
    let lower = rise * 0.62 * arch.powf(0.85) * (1.0 + 0.18 * t);
    (upper, lower)
}

fn eye(canvas: &mut Canvas, look: &Look, side: f32) {
    let (cx, half) = (side * look.eye_x, look.eye_half);
    // Along the axis, outward, and across it; the outer corner sits higher.
    let place = move |x: f32, y: f32| {
        let along = (x - cx) * side / half;
        (along, y + look.eye_slant * along)
    };
    let around = Area::around(cx, -0.03, half * 1.5, 0.26);
    canvas.shade(around, SKIN_SHADOW, |x, y| {
        let (t, v) = place(x, y);
        let (upper, lower) = lids(look, t.clamp(-1.0, 1.0));
        let fade = step(1.35, 0.95, t.abs());
        let fold = if look.crease {
            0.75 * bell(0.0, v - upper + 0.055, 1.0, 0.014)
        } else {
            0.2 * bell(0.0, v - upper + 0.05, 1.0, 0.03)
        };
        let lid = 0.30 * bell(0.0, v - upper, 1.0, 0.06);
        let below = 0.28 * bell(0.0, v - lower - 0.02, 1.0, 0.03);
        ((fold + lid + below) * fade + 0.4 * bell(t + 1.02, v - 0.01, 0.18, 0.035)).min(0.85)
    });
    canvas.paint(around, |canvas, x, y| {
        let (t, v) = place(x, y);
        if t.abs() > 1.0 {
            return (look.iris, 0.0);
        }
        let (upper, lower) = lids(look, t);
        (
            eyeball(look, x - cx, v, v - upper),
            canvas.inside((upper - v).max(v - lower)),
        )
    });
    lashes(canvas, look, around, place);
}

/// White, iris, pupil and highlight; `under` is the distance below the lid.
fn eyeball(look: &Look, dx: f32, dy: f32, under: f32) -> Colour {
    let white = Colour(240.0, 234.0, 230.0).toward(Colour(206.0, 186.0, 180.0), (dx / 0.2).powi(2));
    let r = dx.hypot(dy + 0.006);
    let ring = look
        .iris
        .toward(Colour(24.0, 18.0, 18.0), step(0.075, 0.1, r));
    let inner = ring.toward(look.iris.lit(1.7), bell(0.0, dy - 0.05, 1.0, 0.035) * 0.5);
    let mut colour = white.toward(inner, step(0.106, 0.094, r));
    colour = colour.toward(Colour(12.0, 10.0, 12.0), step(0.047, 0.037, r));
    colour = colour.lit(1.0 - 0.42 * bell(0.0, under, 1.0, 0.04));
    let glint =
        bell(dx + 0.03, dy + 0.04, 0.018, 0.018) + 0.25 * bell(dx - 0.035, dy - 0.04, 0.015, 0.015);
    colour.toward(Colour(255.0, 255.0, 255.0), glint)
}

fn lashes(canvas: &mut Canvas, look: &Look, area: Area, place: impl Fn(f32, f32) -> (f32, f32)) {
    let dark = look.hair.toward(Colour(22.0, 16.0, 16.0), 0.75);
    canvas.paint(area, |canvas, x, y| {
        let (t, v) = place(x, y);
        let (upper, lower) = lids(look, t.clamp(-1.0, 1.0));
        // The line is heavier to the outside and a little longer than the eye.
        let weight = 0.011 + 0.009 * step(-0.8, 0.8, t);
        let top = canvas.inside((v - upper + 0.008).abs() - weight)
            * step(1.14, 1.0, t)
            * step(-1.08, -0.95, t);
        let low = 0.38 * canvas.inside((v - lower - 0.004).abs() - 0.006) * step(1.0, 0.8, t.abs());
        (dark, top.max(low))
    });
}

fn brow(canvas: &mut Canvas, look: &Look, side: f32) {
    let colour = look.hair.toward(Colour(40.0, 30.0, 28.0), 0.5);
    let area = Area::around(side * 0.46, look.brow_y, 0.42, 0.2);
    canvas.paint(area, |_, x, y| {
        let t = (x * side - 0.46) / 0.31;
        let line = look.brow_y - look.brow_arch * (1.0 - 0.7 * (t - 0.15).powi(2))
            + 0.05 * t.max(0.0).powi(2)
            + 0.02;
        let weight = look.brow_weight * (1.0 - 0.45 * step(-0.1, 1.0, t));
        let hairs = noise::value(x * 34.0 + y * side * 30.0, y * 9.0, look.seed ^ 0xB0);
        let reach = step(1.1, 0.75, t.abs());
        let cover = step(weight, weight * 0.35, (y - line).abs()) * reach * (0.74 + 0.3 * hairs);
        (colour, cover.clamp(0.0, 0.92))
    });
}

fn mouth(canvas: &mut Canvas, look: &Look) {
    let (my, half) = (look.mouth_y, look.mouth_half);
    let seam =
        move |t: f32| my + 0.012 * (t * 7.0).cos() * (1.0 - t.abs()) - 0.034 * t.abs().powi(3);
    // What lies between the lips: the lower one sinks by it.
    let gap = move |t: f32| look.lips_apart * (1.0 - t * t).max(0.0).powf(0.6);
    let area = Area::around(0.0, my, half * 1.3, 0.3 + look.lips_apart);
    canvas.paint(area, |canvas, x, y| {
        let t = x / half;
        let open = canvas.inside((seam(t) - y).max(y - seam(t) - gap(t)));
        (Colour(52.0, 24.0, 26.0), open * step(0.0, 0.02, gap(t)))
    });
    canvas.paint(area, |canvas, x, y| {
        let t = x / half;
        if t.abs() >= 1.0 {
            return (look.lip_colour, 0.0);
        }
        let below = y - seam(t) - gap(t) / 2.0;
        if below.abs() < gap(t) / 2.0 {
            return (look.lip_colour, 0.0);
        }
        // As if the lips were closed.
        let y = y - if below > 0.0 { gap(t) } else { 0.0 };
        let arch = 1.0 - t * t;
        let bow = 1.0 - 0.22 * bell(t, 0.0, 0.13, 1.0);
        let top = seam(t) - 0.098 * look.lips * arch.powf(0.8) * bow;
        let low = seam(t) + 0.132 * look.lips * arch.powf(0.75);
        let inside = canvas.inside(((top - y).max(y - low)) * 0.7);
        let upper = y < seam(t);
        let tone = if upper { 0.82 } else { 0.98 };
        let gloss = bell(x + 0.04, y - seam(t) - 0.062, half * 0.34, 0.025) * 0.26;
        let lines = 1.0 + 0.05 * noise::value(x * 38.0, y * 5.0, 21);
        let fall = 1.0 - 0.16 * step(0.06, 0.14, y - seam(t));
        let colour = look
            .lip_colour
            .lit(tone * lines * fall)
            .toward(Colour(255.0, 236.0, 230.0), gloss);
        (colour, inside * 0.88)
    });
    canvas.shade(area, Colour(0.36, 0.22, 0.22), |x, y| {
        let t = x / half;
        let line = bell(0.0, y - seam(t.clamp(-1.1, 1.1)), 1.0, 0.013) * step(1.1, 0.92, t.abs());
        let corner = bell(t.abs() - 1.02, y - seam(1.0), 0.06, 0.025) * 0.5;
        (0.85 * line + corner).min(0.9)
    });
}

/// Glasses, drawn last: rims, bridge, temples and a little reflection.
pub(crate) fn glasses(canvas: &mut Canvas, look: &Look) {
    let Some((shape, rim)) = look.glasses else {
        return;
    };
    let (cx, cy) = (look.eye_x + 0.01, 0.04);
    let lens = move |x: f32, y: f32| match shape {
        Glasses::Round => ellipse(x.abs() - cx, y - cy, 0.335, 0.315),
        Glasses::Square | Glasses::HalfRim => {
            let (qx, qy) = ((x.abs() - cx).abs() - 0.25, (y - cy).abs() - 0.16);
            qx.max(0.0).hypot(qy.max(0.0)) + qx.max(qy).min(0.0) - 0.095
        }
    };
    let area = Area::around(0.0, cy, 1.05, 0.5);
    canvas.shade(area, Colour(0.80, 0.76, 0.74), |x, y| {
        step(0.03, 0.0, lens(x, y - 0.035).abs()) * 0.5
    });
    canvas.paint(area, |_, x, y| {
        let streak = step(0.05, 0.0, (x.abs() - cx + 0.6 * (y - cy) - 0.2).abs());
        let inside = step(0.0, -0.05, lens(x, y));
        (
            Colour(255.0, 255.0, 255.0),
            inside * (0.035 + 0.07 * streak),
        )
    });
    canvas.paint(area, |canvas, x, y| {
        let thin = matches!(shape, Glasses::HalfRim) && y > cy;
        let weight = if thin { 0.006 } else { 0.021 };
        let ring = lens(x, y).abs() - weight;
        let bridge = segment(x, y + 0.25 * (0.02 - x * x), (-0.13, -0.02), (0.13, -0.02)) - 0.018;
        let temple = segment(x.abs(), y, (cx + 0.33, -0.03), (0.99, -0.08)) - 0.022;
        let shine = 1.0 + 0.9 * step(0.1, -0.3, y - cy) * step(0.012, 0.0, ring + weight * 0.6);
        (rim.lit(shine), canvas.inside(ring.min(bridge).min(temple)))
    });
}
