//! The structure of a JPEG file, read marker by marker.
//!
//! Decoders are made to show something whatever happens: a picture cut off in the middle decodes
//! with a grey lower half, and a booth must not file that. So the file is walked from the first
//! marker to the last before any decoder sees it, and the same walk gives what the photo standard
//! asks of the file: size, density, components, quality, and whether metadata came along.

use thiserror::Error;

use crate::exif::{self, Orientation};
use crate::scan::Scan;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DHT: u8 = 0xC4;
const DQT: u8 = 0xDB;
const DRI: u8 = 0xDD;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;
const APP15: u8 = 0xEF;
const COM: u8 = 0xFE;

/// Luminance quantisation of ITU-T T.81 Annex K.1, in zigzag order: the base of the IJG quality scale.
const ANNEX_K_LUMA_ZIGZAG: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37,
    29, 40, 58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81,
    87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/// Why bytes are not a complete JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JpegFault {
    /// The first bytes are not those of a JPEG.
    #[error("the file is not a JPEG")]
    NotJpeg,
    /// The file ends before its end marker.
    #[error("the JPEG is cut off: it ends before its end marker")]
    Truncated,
    /// A segment contradicts the format.
    #[error("the JPEG is damaged: {0}")]
    Damaged(&'static str),
}

/// What a complete JPEG says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct JpegLayout {
    /// Width in pixels, as stored.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
    /// Bits per sample.
    pub precision: u8,
    /// Number of components: 1 grey, 3 colour, 4 CMYK.
    pub components: u8,
    /// Horizontal and vertical sampling factors of each component.
    pub sampling: Vec<(u8, u8)>,
    /// JFIF density (across, down) in dots per inch; nothing if absent or without a unit of length.
    pub dpi: Option<(f64, f64)>,
    /// Quality on the IJG scale whose luminance table is nearest to the file's; exact for encoders
    /// that use the tables of the standard.
    pub quality: Option<u8>,
    /// Bytes of Exif, XMP, comments, embedded pictures and unknown application segments. The bare
    /// JFIF header and colour profiles do not count.
    pub metadata_bytes: usize,
    /// Bytes after the end marker.
    pub trailing_bytes: usize,
    /// How the stored pixels must be held to be upright.
    pub(crate) orientation: Orientation,
    /// Baseline or extended sequential, Huffman: the kinds whose codes can be counted.
    sequential: bool,
    /// Sequential, with a scan for each component: see [`crate::decode`].
    pub(crate) separate_scans: bool,
    scan: Scan,
}

impl JpegLayout {
    /// Walks a file from start to end marker.
    ///
    /// # Errors
    /// [`JpegFault`], `Truncated` if the end marker is not reached.
    pub fn read(bytes: &[u8]) -> Result<Self, JpegFault> {
        if bytes.get(..2) != Some(&[0xFF, SOI]) {
            return Err(if [0xFF, SOI].starts_with(bytes) && !bytes.is_empty() {
                JpegFault::Truncated
            } else {
                JpegFault::NotJpeg
            });
        }
        let mut walk = Walk { bytes, at: 2 };
        let mut layout = Self::blank();
        let (mut frames, mut scans) = (0, 0);
        loop {
            let marker = walk.marker()?;
            if marker == EOI {
                break;
            }
            let payload = walk.segment()?;
            match marker {
                SOS => {
                    scans += 1;
                    let start = walk.at;
                    walk.skip_scan()?;
                    layout.scan.read_header(payload, start..walk.at);
                }
                DHT => layout.scan.read_tables(payload)?,
                DRI => layout.scan.read_restart_interval(payload),
                DQT => layout.read_quality(payload)?,
                APP0..=APP15 | COM => layout.read_application(marker, payload),
                // Start of frame, all kinds; the four numbers between them are other segments.
                0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                    frames += 1;
                    layout.sequential = matches!(marker, 0xC0 | 0xC1);
                    layout.read_frame(payload)?;
                }
                _ => {}
            }
        }
        if frames != 1 || scans == 0 {
            return Err(JpegFault::Damaged("it holds no picture, or more than one"));
        }
        layout.separate_scans = layout.sequential && scans > 1;
        layout.sequential &= scans == 1;
        layout.trailing_bytes = bytes.len() - walk.at;
        Ok(layout)
    }

    /// Whether the picture's data is complete, counted code by code; costs about as much as half a
    /// decoding. `bytes` are those the layout was read from.
    ///
    /// # Errors
    /// [`JpegFault`] if data is missing between the markers.
    pub fn verify_scan(&self, bytes: &[u8]) -> Result<(), JpegFault> {
        if self.sequential {
            self.scan
                .verify(bytes, (self.width, self.height), &self.sampling)
        } else {
            Ok(())
        }
    }

    fn blank() -> Self {
        Self {
            width: 0,
            height: 0,
            precision: 0,
            components: 0,
            sampling: Vec::new(),
            dpi: None,
            quality: None,
            metadata_bytes: 0,
            trailing_bytes: 0,
            orientation: Orientation::Upright,
            sequential: false,
            separate_scans: false,
            scan: Scan::default(),
        }
    }

    fn read_frame(&mut self, payload: &[u8]) -> Result<(), JpegFault> {
        let [precision, h1, h0, w1, w0, components, described @ ..] = payload else {
            return Err(JpegFault::Damaged("the frame header is too short"));
        };
        if described.len() != usize::from(*components) * 3 {
            return Err(JpegFault::Damaged("the frame header has the wrong length"));
        }
        self.precision = *precision;
        self.height = u32::from(u16::from_be_bytes([*h1, *h0]));
        self.width = u32::from(u16::from_be_bytes([*w1, *w0]));
        self.components = *components;
        self.sampling = described
            .chunks_exact(3)
            .map(|c| (c[1] >> 4, c[1] & 15))
            .collect();
        if self.width == 0 || self.height == 0 {
            return Err(JpegFault::Damaged("the frame header announces no pixels"));
        }
        Ok(())
    }

    fn read_application(&mut self, marker: u8, payload: &[u8]) {
        if marker == APP0 && payload.starts_with(b"JFIF\0") && payload.len() >= 14 {
            self.read_density(payload);
            // Beyond the fixed header lies a thumbnail.
            self.metadata_bytes += payload.len() - 14;
            return;
        }
        if marker == APP1 && payload.starts_with(b"Exif\0\0") {
            self.orientation = exif::orientation(&payload[6..]);
        }
        let colour_only = (marker == APP2 && payload.starts_with(b"ICC_PROFILE\0"))
            || (marker == APP14 && payload.starts_with(b"Adobe"));
        if !colour_only {
            self.metadata_bytes += payload.len();
        }
    }

    fn read_density(&mut self, payload: &[u8]) {
        let across = f64::from(u16::from_be_bytes([payload[8], payload[9]]));
        let down = f64::from(u16::from_be_bytes([payload[10], payload[11]]));
        self.dpi = match payload[7] {
            1 => Some((across, down)),
            2 => Some((across * 2.54, down * 2.54)),
            _ => None,
        };
    }

    /// Takes the quality from table 0, which every colour encoder gives to luminance.
    fn read_quality(&mut self, mut payload: &[u8]) -> Result<(), JpegFault> {
        while let [head, rest @ ..] = payload {
            let wide = head >> 4 != 0;
            let length = if wide { 128 } else { 64 };
            if rest.len() < length {
                return Err(JpegFault::Damaged("a quantisation table is too short"));
            }
            let (table, beyond) = rest.split_at(length);
            if head & 15 == 0 {
                let steps: Vec<u16> = if wide {
                    table
                        .chunks_exact(2)
                        .map(|c| u16::from_be_bytes([c[0], c[1]]))
                        .collect()
                } else {
                    table.iter().map(|step| u16::from(*step)).collect()
                };
                self.quality = Some(nearest_quality(&steps));
            }
            payload = beyond;
        }
        Ok(())
    }
}

/// The IJG quality whose scaled Annex K table differs least from the given one (zigzag order).
fn nearest_quality(table: &[u16]) -> u8 {
    let distance = |quality: u8| -> u32 {
        let quality = u32::from(quality);
        let scale = if quality < 50 {
            5000 / quality
        } else {
            200 - 2 * quality
        };
        let scaled = |base: u16| ((u32::from(base) * scale + 50) / 100).clamp(1, 255);
        let pairs = ANNEX_K_LUMA_ZIGZAG.iter().zip(table);
        pairs
            .map(|(base, step)| scaled(*base).abs_diff(u32::from(*step)))
            .sum()
    };
    (1..=100)
        .min_by_key(|quality| distance(*quality))
        .unwrap_or(1)
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    /// The next marker; any number of fill bytes may stand before it.
    fn marker(&mut self) -> Result<u8, JpegFault> {
        if self.next()? != 0xFF {
            return Err(JpegFault::Damaged("a marker is missing"));
        }
        loop {
            match self.next()? {
                0xFF => {}
                0 => return Err(JpegFault::Damaged("a marker is missing")),
                marker => return Ok(marker),
            }
        }
    }

    /// The payload of a segment, its two bytes of length taken off.
    fn segment(&mut self) -> Result<&'a [u8], JpegFault> {
        let length = usize::from(u16::from_be_bytes([self.next()?, self.next()?]));
        let payload = length
            .checked_sub(2)
            .ok_or(JpegFault::Damaged("a segment has no length"))?;
        let end = self.at + payload;
        let found = self.bytes.get(self.at..end).ok_or(JpegFault::Truncated)?;
        self.at = end;
        Ok(found)
    }

    /// Entropy-coded data: up to the next marker that is neither a stuffed zero nor a restart.
    fn skip_scan(&mut self) -> Result<(), JpegFault> {
        loop {
            let rest = self.bytes.get(self.at..).ok_or(JpegFault::Truncated)?;
            let found = rest
                .iter()
                .position(|byte| *byte == 0xFF)
                .ok_or(JpegFault::Truncated)?;
            self.at += found;
            match self.bytes.get(self.at + 1) {
                None => return Err(JpegFault::Truncated),
                Some(0 | 0xD0..=0xD7) => self.at += 2,
                Some(0xFF) => self.at += 1,
                Some(_) => return Ok(()),
            }
        }
    }

    fn next(&mut self) -> Result<u8, JpegFault> {
        let byte = *self.bytes.get(self.at).ok_or(JpegFault::Truncated)?;
        self.at += 1;
        Ok(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_the_standard_gives_back_its_quality() {
        for quality in 1..=100_u8 {
            let q = u32::from(quality);
            let scale = if q < 50 { 5000 / q } else { 200 - 2 * q };
            let table: Vec<u16> = ANNEX_K_LUMA_ZIGZAG
                .iter()
                .map(|base| {
                    u16::try_from(((u32::from(*base) * scale + 50) / 100).clamp(1, 255)).unwrap()
                })
                .collect();
            assert_eq!(nearest_quality(&table), quality);
        }
    }

    #[test]
    fn what_is_no_jpeg_is_told_from_what_is_cut_off() {
        assert_eq!(JpegLayout::read(b""), Err(JpegFault::NotJpeg));
        assert_eq!(JpegLayout::read(b"\x89PNG"), Err(JpegFault::NotJpeg));
        assert_eq!(JpegLayout::read(b"\xff"), Err(JpegFault::Truncated));
        assert_eq!(JpegLayout::read(b"\xff\xd8"), Err(JpegFault::Truncated));
        assert_eq!(
            JpegLayout::read(b"\xff\xd8\xff\xd9"),
            Err(JpegFault::Damaged("it holds no picture, or more than one"))
        );
        assert_eq!(
            JpegLayout::read(b"\xff\xd8\xff\xe0\0\x01"),
            Err(JpegFault::Damaged("a segment has no length"))
        );
    }
}
