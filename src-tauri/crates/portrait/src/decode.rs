//! From the bytes of a file or a camera to pixels.
//!
//! The header is read by our own code first, so that a picture is refused for what it is (cut
//! off, too large, CMYK) before a decoder allocates anything for it.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, codecs::png::PngDecoder};
use thiserror::Error;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

use crate::exif::{self, Orientation};
use crate::jpeg::{JpegFault, JpegLayout};
use crate::raster::{Raster, RasterFault, byte_length};

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Scans a progressive JPEG may have. Encoders write about ten; a file of thousands of scans over
/// the same pixels is made to stall its reader.
const SCANS_MAX: usize = 100;

/// Why bytes do not give a picture.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeFault {
    /// Neither JPEG nor PNG.
    #[error("the file is neither a JPEG nor a PNG")]
    UnknownFormat,
    /// The file ends too early.
    #[error("the picture is cut off")]
    Truncated,
    /// The file contradicts its format; the decoder's own words.
    #[error("the picture is damaged: {0}")]
    Damaged(String),
    /// More than [`crate::PIXELS_MAX`].
    #[error("the picture of {width} x {height} pixels is too large")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A colour model or depth that has no sure way to RGB: CMYK, 12-bit JPEG, transparency.
    #[error("the picture is of an unsupported kind: {0}")]
    Unsupported(&'static str),
}

impl DecodeFault {
    /// The stable code of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownFormat => "picture-format-unknown",
            Self::Truncated => "picture-truncated",
            Self::Damaged(_) => "picture-damaged",
            Self::TooLarge { .. } => "picture-too-large",
            Self::Unsupported(_) => "picture-unsupported",
        }
    }
}

impl From<JpegFault> for DecodeFault {
    fn from(fault: JpegFault) -> Self {
        match fault {
            JpegFault::NotJpeg => Self::UnknownFormat,
            JpegFault::Truncated => Self::Truncated,
            JpegFault::Damaged(what) => Self::Damaged(what.to_owned()),
        }
    }
}

impl From<RasterFault> for DecodeFault {
    fn from(fault: RasterFault) -> Self {
        match fault {
            RasterFault::TooLarge { width, height } => Self::TooLarge { width, height },
            RasterFault::Empty { .. } | RasterFault::WrongLength { .. } => {
                Self::Damaged(fault.to_string())
            }
        }
    }
}

/// Decodes a JPEG (grey or colour, baseline or progressive) or a PNG (grey, palette or colour, up
/// to 16 bits, opaque) and turns it upright by its Exif orientation.
///
/// # Errors
/// [`DecodeFault`]; never a picture with a part missing.
pub fn decode(bytes: &[u8]) -> Result<Raster, DecodeFault> {
    if bytes.starts_with(PNG_SIGNATURE) {
        decode_png(bytes)
    } else {
        decode_jpeg(bytes)
    }
}

fn decode_jpeg(bytes: &[u8]) -> Result<Raster, DecodeFault> {
    let layout = JpegLayout::read(bytes)?;
    byte_length(layout.width, layout.height)?;
    if layout.precision != 8 {
        return Err(DecodeFault::Unsupported(
            "JPEG with more than 8 bits a sample",
        ));
    }
    if !matches!(layout.components, 1 | 3) {
        return Err(DecodeFault::Unsupported(
            "JPEG that is neither grey nor three-colour (CMYK?)",
        ));
    }
    if layout.separate_scans {
        // The decoder reports success and gives other colours (measured): a wrong picture
        // would be filed without a word.
        return Err(DecodeFault::Unsupported(
            "JPEG with a scan for each colour; save it again as a plain JPEG",
        ));
    }
    layout.verify_scan(bytes)?;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(layout.width as usize)
        .set_max_height(layout.height as usize)
        .jpeg_set_max_scans(SCANS_MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let data = decoder
        .decode()
        .map_err(|fault| DecodeFault::Damaged(format!("{fault:?}")))?;
    let stored = Raster::new(layout.width, layout.height, data)?;
    upright(stored, layout.orientation)
}

fn decode_png(bytes: &[u8]) -> Result<Raster, DecodeFault> {
    let header = PngHeader::read(bytes)?;
    byte_length(header.width, header.height)?;
    let damaged = |fault: image::ImageError| DecodeFault::Damaged(fault.to_string());
    // Eight bytes a pixel is the widest PNG (16-bit RGBA); the rest is room for the inflater.
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(u64::from(header.width) * u64::from(header.height) * 9 + (1 << 20));
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(damaged)?;
    let transparent = decoder.color_type().has_alpha();
    let picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if transparent
        && picture
            .to_rgba8()
            .pixels()
            .any(|pixel| pixel.0[3] != u8::MAX)
    {
        return Err(DecodeFault::Unsupported("PNG with transparent pixels"));
    }
    let stored = Raster::new(header.width, header.height, picture.into_rgb8().into_raw())?;
    upright(stored, header.orientation)
}

pub(crate) struct PngHeader {
    pub(crate) width: u32,
    pub(crate) height: u32,
    orientation: Orientation,
}

impl PngHeader {
    /// The header, where the bytes begin as a PNG does.
    pub(crate) fn of(bytes: &[u8]) -> Option<Result<Self, DecodeFault>> {
        bytes.starts_with(PNG_SIGNATURE).then(|| Self::read(bytes))
    }

    /// Walks the chunks to the last one. The decoder checks their sums; this only makes sure that
    /// all of them are there and takes size and orientation.
    fn read(bytes: &[u8]) -> Result<Self, DecodeFault> {
        let mut rest = &bytes[PNG_SIGNATURE.len()..];
        let mut header: Option<Self> = None;
        loop {
            let (length, after) = rest
                .split_first_chunk::<4>()
                .ok_or(DecodeFault::Truncated)?;
            let (kind, after) = after
                .split_first_chunk::<4>()
                .ok_or(DecodeFault::Truncated)?;
            let length = u32::from_be_bytes(*length) as usize;
            let data = after.get(..length).ok_or(DecodeFault::Truncated)?;
            rest = after[length..].get(4..).ok_or(DecodeFault::Truncated)?;
            match (kind, &mut header) {
                (b"IHDR", None) => header = Some(Self::from_chunk(data)?),
                (_, None) | (b"IHDR", Some(_)) => {
                    return Err(DecodeFault::Damaged(
                        "the header chunk is misplaced".to_owned(),
                    ));
                }
                (b"eXIf", Some(header)) => header.orientation = exif::orientation(data),
                (b"IEND", Some(_)) => break,
                (_, Some(_)) => {}
            }
        }
        header.ok_or(DecodeFault::Truncated)
    }

    fn from_chunk(data: &[u8]) -> Result<Self, DecodeFault> {
        let [w3, w2, w1, w0, h3, h2, h1, h0, ..] = *data else {
            return Err(DecodeFault::Damaged(
                "the header chunk is too short".to_owned(),
            ));
        };
        Ok(Self {
            width: u32::from_be_bytes([w3, w2, w1, w0]),
            height: u32::from_be_bytes([h3, h2, h1, h0]),
            orientation: Orientation::Upright,
        })
    }
}

/// Turns stored pixels the way the camera was held. This is reading, not editing: the file says
/// that these pixels lie on their side.
fn upright(stored: Raster, orientation: Orientation) -> Result<Raster, DecodeFault> {
    if orientation == Orientation::Upright {
        return Ok(stored);
    }
    let (width, height) = (stored.width(), stored.height());
    let (out_width, out_height) = if orientation.swaps_sides() {
        (height, width)
    } else {
        (width, height)
    };
    let mut data = Vec::with_capacity(stored.data().len());
    for y in 0..out_height {
        for x in 0..out_width {
            let (from_x, from_y) = orientation.stored(x, y, width, height);
            data.extend(stored.pixel(from_x, from_y));
        }
    }
    Ok(Raster::new(out_width, out_height, data)?)
}
