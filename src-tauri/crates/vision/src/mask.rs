//! Person and background over a whole portrait.

use portrait::{PersonMask, Point};

use crate::VisionError;
use crate::engine::Network;
use crate::pyramid::{Pyramid, Range, Square};

/// Pixels of the network's picture, and cells of the mask.
const SIDE: usize = 256;

/// The square that holds the whole picture, from its upper left corner. What is outside the
/// picture is shown to the network as black and never asked for.
pub(crate) fn whole(network: &Network, pyramid: &Pyramid<'_>) -> Result<PersonMask, VisionError> {
    let side = pyramid.width().max(pyramid.height()) as f32;
    let centre = Point {
        x: pyramid.width() as f32 / 2.0,
        y: pyramid.height() as f32 / 2.0,
    };
    let square = Square {
        centre,
        side,
        angle: 0.0,
    };
    let outputs = network.run(SIDE, pyramid.cut(&square, SIDE, Range::UNIT))?;
    let [shares] = outputs.as_slice() else {
        return Err(network.misshapen());
    };
    let shares = shares
        .iter()
        .map(|share| (share.clamp(0.0, 1.0) * 255.0).round() as u8)
        .collect();
    PersonMask::new(SIDE, shares, square.place(0.0, 0.0), side / SIDE as f32)
        .ok_or_else(|| network.misshapen())
}
