//! Walks the markers of a JPEG from its first byte to its end, without decoding.
//!
//! A decoder is no judge of completeness: given half a picture it paints the rest
//! grey, and given half a picture followed by the tail of an older one it joins
//! two people and reports success. So every frame is walked before anybody may
//! see it: each segment by its announced length, the coded data up to the next
//! marker, restart markers in their order, one frame header, one end.
//!
//! The walk allocates nothing and reads every byte at most once.

/// What the walk found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Walked {
    /// Width in pixels, as the frame header announces it.
    pub width: u32,
    /// Height in pixels, as the frame header announces it.
    pub height: u32,
    /// Length from the first byte to the last byte of EOI, in bytes. Whatever
    /// follows does not belong to the picture.
    pub length: usize,
}

/// Why some bytes are not one complete JPEG.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JpegFault {
    /// It does not begin with SOI.
    #[error("it does not begin as a JPEG")]
    NoStart,
    /// The bytes end before EOI.
    #[error("it ends before its end marker")]
    Truncated,
    /// A marker, length or order that no JPEG has: two pictures spliced, or damage.
    #[error("its markers contradict each other")]
    Broken,
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

/// Walks from SOI to the first EOI.
///
/// # Errors
/// [`JpegFault`] when no complete picture begins at the first byte.
pub fn walk(bytes: &[u8]) -> Result<Walked, JpegFault> {
    if bytes.len() < 2 && [0xFF].starts_with(bytes) {
        return Err(JpegFault::Truncated);
    }
    if !bytes.starts_with(&[0xFF, SOI]) {
        return Err(JpegFault::NoStart);
    }
    let mut at = 2;
    let mut size = None;
    let mut scanned = false;
    loop {
        let marker = marker_at(bytes, &mut at)?;
        match marker {
            EOI => {
                let (width, height) = size.filter(|_| scanned).ok_or(JpegFault::Broken)?;
                return Ok(Walked {
                    width,
                    height,
                    length: at,
                });
            }
            // SOF0-2: baseline, extended, progressive. The others (lossless,
            // arithmetic, hierarchical) come from no camera and no decoder of ours.
            0xC0..=0xC2 => {
                let body = segment(bytes, &mut at)?;
                if size.replace(frame_size(body)?).is_some() {
                    return Err(JpegFault::Broken);
                }
            }
            SOS => {
                segment(bytes, &mut at)?;
                if size.is_none() {
                    return Err(JpegFault::Broken);
                }
                skip_scan(bytes, &mut at)?;
                scanned = true;
            }
            // Tables, application data, comments, restart interval, line count.
            0xC4 | 0xDB..=0xDD | 0xE0..=0xEF | 0xFE => {
                segment(bytes, &mut at)?;
            }
            _ => return Err(JpegFault::Broken),
        }
    }
}

/// The marker's code, with `at` moved behind it. Fill bytes (FF) before it are legal.
fn marker_at(bytes: &[u8], at: &mut usize) -> Result<u8, JpegFault> {
    if *bytes.get(*at).ok_or(JpegFault::Truncated)? != 0xFF {
        return Err(JpegFault::Broken);
    }
    loop {
        *at += 1;
        let code = *bytes.get(*at).ok_or(JpegFault::Truncated)?;
        if code != 0xFF {
            *at += 1;
            return Ok(code);
        }
    }
}

/// The body of a segment with a two-byte length, with `at` moved behind it.
fn segment<'a>(bytes: &'a [u8], at: &mut usize) -> Result<&'a [u8], JpegFault> {
    let [high, low] = *bytes
        .get(*at..)
        .and_then(|rest| rest.first_chunk::<2>())
        .ok_or(JpegFault::Truncated)?;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length < 2 {
        return Err(JpegFault::Broken);
    }
    let body = bytes
        .get(*at + 2..*at + length)
        .ok_or(JpegFault::Truncated)?;
    *at += length;
    Ok(body)
}

/// Width and height in pixels out of a frame header's body.
fn frame_size(body: &[u8]) -> Result<(u32, u32), JpegFault> {
    let [_precision, h1, h0, w1, w0, ..] = *body else {
        return Err(JpegFault::Broken);
    };
    let height = u32::from(u16::from_be_bytes([h1, h0]));
    let width = u32::from(u16::from_be_bytes([w1, w0]));
    if width == 0 || height == 0 {
        return Err(JpegFault::Broken);
    }
    Ok((width, height))
}

/// Moves `at` over entropy-coded data to the next marker that is no restart.
fn skip_scan(bytes: &[u8], at: &mut usize) -> Result<(), JpegFault> {
    let mut restart = 0;
    loop {
        let rest = bytes.get(*at..).ok_or(JpegFault::Truncated)?;
        let found = rest.iter().position(|&byte| byte == 0xFF);
        *at += found.ok_or(JpegFault::Truncated)?;
        match *bytes.get(*at + 1).ok_or(JpegFault::Truncated)? {
            0x00 => *at += 2,
            0xFF => *at += 1,
            code @ 0xD0..=0xD7 => {
                // Out of order means that a piece is missing or another picture's.
                if code != 0xD0 + restart {
                    return Err(JpegFault::Broken);
                }
                restart = (restart + 1) % 8;
                *at += 2;
            }
            _ => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use proptest::prelude::*;

    fn jpeg(width: u32, height: u32, seed: u32) -> Vec<u8> {
        let picture = image::RgbImage::from_fn(width, height, |x, y| {
            let v = x.wrapping_mul(seed | 1) ^ y.wrapping_mul(40_503) ^ (x * y);
            image::Rgb([v as u8, (v >> 5) as u8, (x + y) as u8])
        });
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 80)
            .encode_image(&picture)
            .unwrap();
        bytes
    }

    #[test]
    fn a_whole_picture_walks_to_its_last_byte() {
        let bytes = jpeg(64, 48, 7);
        let walked = walk(&bytes).unwrap();
        assert_eq!((walked.width, walked.height), (64, 48));
        assert_eq!(walked.length, bytes.len());
    }

    #[test]
    fn every_prefix_is_rejected_as_truncated() {
        let bytes = jpeg(40, 30, 11);
        for length in 0..bytes.len() {
            assert_eq!(
                walk(&bytes[..length]),
                Err(JpegFault::Truncated),
                "{length}"
            );
        }
    }

    #[test]
    fn what_follows_the_end_is_not_counted() {
        let bytes = jpeg(32, 32, 3);
        let mut longer = bytes.clone();
        longer.extend_from_slice(&[0; 17]);
        assert_eq!(walk(&longer).unwrap().length, bytes.len());
    }

    #[test]
    fn half_a_picture_continued_by_another_is_broken() {
        let one = jpeg(64, 64, 5);
        let other = jpeg(64, 64, 9);
        let mut spliced = one[..one.len() / 2].to_vec();
        spliced.extend_from_slice(&other);
        assert_eq!(walk(&spliced), Err(JpegFault::Broken));
    }

    #[test]
    fn restart_markers_must_come_in_order() {
        let frame = [0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0];
        let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
        let picture = |coded: &[u8]| {
            let mut bytes = vec![0xFF, SOI];
            bytes.extend_from_slice(&frame);
            bytes.extend_from_slice(&scan);
            bytes.extend_from_slice(coded);
            bytes.extend_from_slice(&[0xFF, EOI]);
            bytes
        };
        let good = picture(&[1, 0xFF, 0xD0, 2, 0xFF, 0xD1, 3, 0xFF, 0x00]);
        assert!(walk(&good).is_ok());
        let skipped = picture(&[1, 0xFF, 0xD0, 2, 0xFF, 0xD2, 3]);
        assert_eq!(walk(&skipped), Err(JpegFault::Broken));
    }

    #[test]
    fn headers_alone_are_no_picture() {
        assert_eq!(walk(&[0xFF, SOI, 0xFF, EOI]), Err(JpegFault::Broken));
        assert_eq!(walk(b"\x89PNG"), Err(JpegFault::NoStart));
        assert_eq!(walk(b""), Err(JpegFault::Truncated));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            if let Ok(walked) = walk(&bytes) {
                prop_assert!(walked.length <= bytes.len());
            }
        }

        /// A damaged header must not lead the walk out of the bytes either.
        #[test]
        fn damage_never_panics(seed in 0u32..50, at in 0usize..600, value: u8) {
            let mut bytes = jpeg(24, 24, seed);
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(walked) = walk(&bytes) {
                prop_assert!(walked.length <= bytes.len());
            }
        }

        #[test]
        fn no_prefix_passes(seed in 0u32..1_000, width in 8u32..64, height in 8u32..64, cut in 0.0f64..1.0) {
            let bytes = jpeg(width, height, seed);
            let length = (bytes.len() as f64 * cut) as usize;
            prop_assert_eq!(walk(&bytes[..length]), Err(JpegFault::Truncated));
        }
    }
}
