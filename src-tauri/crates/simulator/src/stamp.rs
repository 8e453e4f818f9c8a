//! The stamp on a still: which picture, which showing of it, which frame.
//!
//! A camera made of one photograph would give the same bytes for ever, and a
//! frozen picture could not be told from a live one. So each frame carries a small
//! block code at its very top-left, in black and white squares of four pixels:
//! 128 x 24 pixels, clear of any face framed for a portrait. It is visible on
//! purpose: nobody should take a simulated frame for a photograph.
//!
//! Squares of four luma pixels divide the 8 x 8 blocks of JPEG, which is why the
//! stamp outlives quality 85 (and a good deal less). It does not outlive scaling
//! or cropping.

use image::{Rgb, RgbImage};

use crate::subject::crc16;

const CELL: u32 = 4;
const COLUMNS: u32 = 32;
const ROWS: u32 = 6;
const BYTES: usize = (COLUMNS * ROWS / 8) as usize;
/// The first two bytes: alternating bits that a flat corner cannot hold.
const OURS: [u8; 2] = [0xA5, 0x3C];
/// Video black and white, so that the ringing of JPEG is not clipped.
const DARK: Rgb<u8> = Rgb([16, 16, 16]);
const LIGHT: Rgb<u8> = Rgb([235, 235, 235]);

/// Width of the stamp in pixels; narrower pictures cannot carry it.
pub const STAMP_WIDTH: u32 = COLUMNS * CELL;
/// Height of the stamp in pixels.
pub const STAMP_HEIGHT: u32 = ROWS * CELL;

/// What a stamp says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The first 64 bits of a hash of the still's file.
    pub source: u64,
    /// Which opening of the simulated camera showed it.
    pub epoch: u64,
    /// Number of the frame within the epoch.
    pub frame: u32,
}

/// The picture has less than [`STAMP_WIDTH`] x [`STAMP_HEIGHT`] pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSmall {
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
}

impl std::fmt::Display for TooSmall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "a picture of {} x {} pixels has no room for the stamp of {STAMP_WIDTH} x {STAMP_HEIGHT}",
            self.width, self.height
        )
    }
}

impl std::error::Error for TooSmall {}

impl TooSmall {
    /// The stable name of this fault.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "still-too-small"
    }
}

impl Stamp {
    fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..2].copy_from_slice(&OURS);
        bytes[2..10].copy_from_slice(&self.source.to_be_bytes());
        bytes[10..18].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[18..22].copy_from_slice(&self.frame.to_be_bytes());
        let check = crc16(&bytes[..22]);
        bytes[22..].copy_from_slice(&check.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: [u8; BYTES]) -> Option<Self> {
        let check = u16::from_be_bytes([bytes[22], bytes[23]]);
        if bytes[..2] != OURS || check != crc16(&bytes[..22]) {
            return None;
        }
        Some(Self {
            source: u64::from_be_bytes(bytes[2..10].try_into().ok()?),
            epoch: u64::from_be_bytes(bytes[10..18].try_into().ok()?),
            frame: u32::from_be_bytes(bytes[18..22].try_into().ok()?),
        })
    }
}

/// Burns the stamp into the top-left corner, over what is there.
///
/// # Errors
/// [`TooSmall`], with the picture unchanged.
pub fn stamp(picture: &mut RgbImage, stamp: Stamp) -> Result<(), TooSmall> {
    let (width, height) = picture.dimensions();
    if width < STAMP_WIDTH || height < STAMP_HEIGHT {
        return Err(TooSmall { width, height });
    }
    let bytes = stamp.to_bytes();
    for y in 0..STAMP_HEIGHT {
        for x in 0..STAMP_WIDTH {
            let bit = (y / CELL * COLUMNS + x / CELL) as usize;
            let set = bytes[bit / 8] >> (7 - bit % 8) & 1 == 1;
            picture.put_pixel(x, y, if set { LIGHT } else { DARK });
        }
    }
    Ok(())
}

/// Reads the stamp of a frame that was neither scaled nor cropped. `None` where
/// there is none, or none that its checksum confirms.
#[must_use]
pub fn read_stamp(picture: &RgbImage) -> Option<Stamp> {
    if picture.width() < STAMP_WIDTH || picture.height() < STAMP_HEIGHT {
        return None;
    }
    let mut bytes = [0; BYTES];
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let bit = (row * COLUMNS + column) as usize;
            if is_light(picture, column * CELL, row * CELL) {
                bytes[bit / 8] |= 1 << (7 - bit % 8);
            }
        }
    }
    Stamp::from_bytes(bytes)
}

/// Whether a cell's mean is nearer to white. Green stands for luma: the cells
/// are grey, and chroma is what JPEG spoils.
fn is_light(picture: &RgbImage, left: u32, top: u32) -> bool {
    let sum: u32 = (0..CELL * CELL)
        .map(|i| u32::from(picture.get_pixel(left + i % CELL, top + i / CELL).0[1]))
        .sum();
    sum > 126 * CELL * CELL
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;

    use super::*;

    fn busy() -> RgbImage {
        RgbImage::from_fn(320, 240, |x, y| {
            let v = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ (x * y)) >> 3;
            Rgb([v as u8, (v >> 5) as u8, (x + y) as u8])
        })
    }

    fn through_jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality)
            .encode_image(picture)
            .unwrap();
        image::load_from_memory(&bytes).unwrap().into_rgb8()
    }

    fn examples() -> impl Iterator<Item = Stamp> {
        (0..40_u32).map(|i| Stamp {
            source: u64::from(i).wrapping_mul(0x9E37_79B9_7F4A_7C15),
            epoch: if i % 5 == 0 { u64::MAX } else { u64::from(i) },
            frame: i.wrapping_mul(0x0101_0001),
        })
    }

    #[test]
    fn a_stamp_survives_jpeg() {
        for quality in [100, 85, 70] {
            for said in examples() {
                let mut picture = busy();
                stamp(&mut picture, said).unwrap();
                assert_eq!(read_stamp(&picture), Some(said));
                assert_eq!(
                    read_stamp(&through_jpeg(&picture, quality)),
                    Some(said),
                    "q{quality}"
                );
            }
        }
    }

    #[test]
    fn neighbouring_frames_differ_and_the_rest_of_the_picture_stays() {
        let still = busy();
        let (mut one, mut two) = (still.clone(), still.clone());
        let said = Stamp {
            source: 9,
            epoch: 1,
            frame: 1,
        };
        stamp(&mut one, said).unwrap();
        stamp(&mut two, Stamp { frame: 2, ..said }).unwrap();
        assert_ne!(one, two);
        for (x, y, pixel) in one.enumerate_pixels() {
            if x >= STAMP_WIDTH || y >= STAMP_HEIGHT {
                assert_eq!(pixel, still.get_pixel(x, y));
            }
        }
    }

    #[test]
    fn an_unstamped_or_hurt_picture_reads_as_none() {
        assert_eq!(read_stamp(&busy()), None);
        assert_eq!(read_stamp(&RgbImage::new(320, 240)), None);
        assert_eq!(read_stamp(&RgbImage::from_pixel(320, 240, LIGHT)), None);
        let mut picture = busy();
        stamp(
            &mut picture,
            Stamp {
                source: 3,
                epoch: 4,
                frame: 5,
            },
        )
        .unwrap();
        // One cell turned over: without the check the frame would read as another.
        let flipped = if is_light(&picture, 80, 16) {
            DARK
        } else {
            LIGHT
        };
        for i in 0..CELL * CELL {
            picture.put_pixel(80 + i % CELL, 16 + i / CELL, flipped);
        }
        assert_eq!(read_stamp(&picture), None);
    }

    #[test]
    fn a_picture_without_room_is_left_alone() {
        let mut small = RgbImage::from_pixel(STAMP_WIDTH - 1, 100, LIGHT);
        let fault = stamp(
            &mut small,
            Stamp {
                source: 1,
                epoch: 1,
                frame: 1,
            },
        )
        .unwrap_err();
        assert_eq!(
            fault,
            TooSmall {
                width: STAMP_WIDTH - 1,
                height: 100
            }
        );
        assert_eq!(small, RgbImage::from_pixel(STAMP_WIDTH - 1, 100, LIGHT));
        assert_eq!(read_stamp(&small), None);
    }
}
