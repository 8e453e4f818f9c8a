//! The one picture type of the crate: eight-bit RGB, rows from the top, pixels from the left.

use std::fmt;

use thiserror::Error;

/// The most pixels a picture may have: 60 megapixels.
///
/// The largest stills of cameras used in booths are 45 to 50 megapixels; at three bytes a pixel
/// this bounds one picture to 180 MB, which a station can hold while it works on it.
pub const PIXELS_MAX: u64 = 60_000_000;

/// Why pixels do not make a [`Raster`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RasterFault {
    /// One side is zero.
    #[error("a picture of {width} x {height} pixels is empty")]
    Empty {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// More than [`PIXELS_MAX`].
    #[error("a picture of {width} x {height} pixels is over the limit of {PIXELS_MAX} pixels")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The data is not width x height x 3 bytes long.
    #[error("{found} bytes were given where {expected} are needed")]
    WrongLength {
        /// Bytes needed.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
}

/// A picture: RGB, eight bits a component, width x height x 3 bytes, row-major from the top left.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Raster {
    /// Takes pixels, interleaved RGB.
    ///
    /// # Errors
    /// [`RasterFault`] if a side is zero, the limit is passed or the length does not fit.
    pub fn new(width: u32, height: u32, data: Vec<u8>) -> Result<Self, RasterFault> {
        let expected = byte_length(width, height)?;
        if data.len() != expected {
            return Err(RasterFault::WrongLength {
                expected,
                found: data.len(),
            });
        }
        Ok(Self {
            width,
            height,
            data,
        })
    }

    /// A picture of one colour (red, green, blue).
    ///
    /// # Errors
    /// [`RasterFault`] if a side is zero or the limit is passed.
    pub fn filled(width: u32, height: u32, colour: [u8; 3]) -> Result<Self, RasterFault> {
        let length = byte_length(width, height)?;
        Ok(Self {
            width,
            height,
            data: colour.repeat(length / 3),
        })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes, interleaved RGB, width x height x 3.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The colour at (x, y), from the top left; outside the picture the nearest edge pixel.
    #[must_use]
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = self.offset(x.min(self.width - 1), y.min(self.height - 1));
        [self.data[at], self.data[at + 1], self.data[at + 2]]
    }

    /// Sets the colour at (x, y); outside the picture nothing happens.
    pub fn set_pixel(&mut self, x: u32, y: u32, colour: [u8; 3]) {
        if x < self.width && y < self.height {
            let at = self.offset(x, y);
            self.data[at..at + 3].copy_from_slice(&colour);
        }
    }

    fn offset(&self, x: u32, y: u32) -> usize {
        (y as usize * self.width as usize + x as usize) * 3
    }
}

/// A face may be in it: the type's name and nothing of the content.
impl fmt::Debug for Raster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Raster").finish_non_exhaustive()
    }
}

/// Bytes of an RGB picture, checked before anything is allocated.
pub(crate) fn byte_length(width: u32, height: u32) -> Result<usize, RasterFault> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(RasterFault::Empty { width, height });
    }
    if pixels > PIXELS_MAX {
        return Err(RasterFault::TooLarge { width, height });
    }
    usize::try_from(pixels * 3).map_err(|_| RasterFault::TooLarge { width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_refused_before_memory_is_taken() {
        assert_eq!(
            Raster::filled(0, 5, [0; 3]),
            Err(RasterFault::Empty {
                width: 0,
                height: 5
            })
        );
        assert_eq!(
            Raster::filled(u32::MAX, u32::MAX, [0; 3]),
            Err(RasterFault::TooLarge {
                width: u32::MAX,
                height: u32::MAX
            })
        );
        assert_eq!(
            Raster::new(2, 2, vec![0; 11]),
            Err(RasterFault::WrongLength {
                expected: 12,
                found: 11
            })
        );
    }

    #[test]
    fn debug_shows_no_pixels() {
        let raster = Raster::filled(2, 2, [123, 124, 125]).unwrap();
        assert_eq!(format!("{raster:?}"), "Raster { .. }");
    }

    #[test]
    fn pixels_are_addressed_from_the_top_left() {
        let mut raster = Raster::filled(3, 2, [0; 3]).unwrap();
        raster.set_pixel(2, 1, [9, 8, 7]);
        raster.set_pixel(3, 1, [1, 1, 1]);
        assert_eq!(raster.data()[15..], [9, 8, 7]);
        assert_eq!(raster.pixel(7, 7), [9, 8, 7]);
    }
}
