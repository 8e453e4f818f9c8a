//! What the camera sees.

use super::Pixels;
use crate::stamp::{Stamp, stamp};
use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder};
use std::collections::HashMap;

/// JPEG quality of drawn frames (encoder's own scale).
const QUALITY: u8 = 90;

/// One frame to be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shot {
    /// Counted from 1 since the camera was plugged in.
    pub number: u64,
    /// How to tell its pixels.
    pub pixels: Pixels,
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
}

/// Draws the bytes of a frame.
pub type Source = Box<dyn FnMut(Shot) -> Vec<u8> + Send>;

/// A grey wall with a [stamp](crate::stamp): who it is and the number of the frame. No
/// two frames are alike. Small pictures are drawn in a few milliseconds.
#[must_use]
pub fn stamped(who: u64) -> Source {
    Box::new(move |shot| draw(who, shot))
}

/// The given JPEG of a size (width and height in pixels), told apart frame by frame only
/// by a comment in each; for any other size and for uncompressed pixels what
/// [`stamped`] draws. The cheapest source for large pictures.
#[must_use]
pub fn stills(who: u64, jpegs: HashMap<(u16, u16), Vec<u8>>) -> Source {
    Box::new(move |shot| match jpegs.get(&(shot.width, shot.height)) {
        Some(jpeg) if shot.pixels == Pixels::Mjpeg => commented(jpeg, shot.number),
        Some(_) | None => draw(who, shot),
    })
}

/// The picture with a comment after its first marker.
fn commented(jpeg: &[u8], number: u64) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(jpeg.len().min(2));
    let mut bytes = start.to_vec();
    bytes.extend([0xFF, 0xFE, 0, 10]);
    bytes.extend(number.to_be_bytes());
    bytes.extend(rest);
    bytes
}

fn draw(who: u64, shot: Shot) -> Vec<u8> {
    let (width, height) = (u32::from(shot.width), u32::from(shot.height));
    let mut picture = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(64 + (x ^ y) % 64) as u8; 3])
    });
    let said = Stamp {
        source: who,
        epoch: 0,
        frame: u32::try_from(shot.number).unwrap_or(u32::MAX),
    };
    if let Err(fault) = stamp(&mut picture, said) {
        tracing::warn!(%fault, "a frame without a stamp");
    }
    match shot.pixels {
        // All three channels are the same: one of them is the brightness.
        Pixels::Yuyv => {
            let bright = picture.pixels().map(|pixel| pixel.0[1]);
            bright.flat_map(|bright| [bright, 128]).collect()
        }
        Pixels::Mjpeg => {
            let mut bytes = Vec::new();
            let encoder = Encoder::new(&mut bytes, QUALITY);
            let encoded = encoder.encode(&picture, shot.width, shot.height, ColorType::Rgb);
            if let Err(error) = encoded {
                tracing::warn!(%error, "a frame could not be encoded");
            }
            bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::read_stamp;

    const SHOT: Shot = Shot {
        number: 7,
        pixels: Pixels::Mjpeg,
        width: 160,
        height: 120,
    };

    #[test]
    fn a_frame_says_who_and_which_it_is() {
        let mut source = stamped(3);
        let picture = image::load_from_memory(&source(SHOT)).unwrap().into_rgb8();
        let said = read_stamp(&picture).unwrap();
        assert_eq!((said.source, said.frame), (3, 7));
        let raw = source(Shot {
            pixels: Pixels::Yuyv,
            ..SHOT
        });
        assert_eq!(raw.len(), 160 * 120 * 2);
    }

    #[test]
    fn a_still_is_never_sent_twice_in_the_same_bytes() {
        let jpeg = stamped(3)(SHOT);
        let mut source = stills(9, HashMap::from([((160, 120), jpeg)]));
        let one = source(SHOT);
        let two = source(Shot { number: 8, ..SHOT });
        assert_ne!(one, two);
        assert_eq!(camera::jpeg::walk(&two).unwrap().width, 160);
        let picture = image::load_from_memory(&two).unwrap().into_rgb8();
        assert_eq!(read_stamp(&picture).unwrap().source, 3);
        // A size that it has not is drawn.
        let other = source(Shot { width: 320, ..SHOT });
        let picture = image::load_from_memory(&other).unwrap().into_rgb8();
        assert_eq!(read_stamp(&picture).unwrap().source, 9);
    }
}
