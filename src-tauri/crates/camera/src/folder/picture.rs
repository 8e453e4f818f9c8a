//! Whether a file is a whole picture, by its bytes and not by its name.

use crate::jpeg::{self, JpegFault};
use booth::Encoding;

/// What a look into a file's bytes tells.
pub(super) enum Look {
    /// A whole picture.
    Whole(Picture),
    /// It begins as a picture and is not finished: it may still grow.
    Unfinished,
    /// It begins as a picture and contradicts itself.
    Broken,
    /// No picture of a kind that is read.
    Foreign,
}

/// A whole picture, as the file holds it.
pub(super) struct Picture {
    pub(super) bytes: Vec<u8>,
    pub(super) encoding: Encoding,
}

const PNG: [u8; 8] = *b"\x89PNG\r\n\x1A\n";

/// Looks into a file. Bytes behind the picture stay: cameras append previews there.
pub(super) fn look_into(name: &str, bytes: Vec<u8>) -> Look {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let named = |known: &[&str]| {
        ending.is_some_and(|ending| known.iter().any(|known| ending.eq_ignore_ascii_case(known)))
    };
    if named(&["jpg", "jpeg"]) {
        return match jpeg::walk(&bytes) {
            Ok(_walked) => Look::Whole(Picture {
                bytes,
                encoding: Encoding::Jpeg,
            }),
            Err(JpegFault::Truncated) => Look::Unfinished,
            Err(JpegFault::Broken) => Look::Broken,
            Err(JpegFault::NoStart) => Look::Foreign,
        };
    }
    if named(&["png"]) && bytes.starts_with(&PNG) {
        return if ends_as_png(&bytes) {
            Look::Whole(Picture {
                bytes,
                encoding: Encoding::Png,
            })
        } else {
            Look::Unfinished
        };
    }
    Look::Foreign
}

/// Walks the chunks of a PNG to IEND.
fn ends_as_png(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(PNG.len()..).unwrap_or_default();
    loop {
        let Some((header, after)) = rest.split_first_chunk::<8>() else {
            return false;
        };
        let [l3, l2, l1, l0, kind @ ..] = *header;
        let length = u32::from_be_bytes([l3, l2, l1, l0]) as usize;
        // Each chunk's data is followed by four bytes of checksum.
        let Some(next) = length.checked_add(4).and_then(|length| after.get(length..)) else {
            return false;
        };
        if &kind == b"IEND" {
            return true;
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png() -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(9, 7)
            .write_to(&mut bytes, image::ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_prefix_of_a_png_is_unfinished() {
        let whole = png();
        assert!(matches!(look_into("a.PNG", whole.clone()), Look::Whole(_)));
        for length in PNG.len()..whole.len() {
            let look = look_into("a.png", whole[..length].to_vec());
            assert!(matches!(look, Look::Unfinished), "{length}");
        }
    }

    #[test]
    fn a_name_does_not_make_a_picture() {
        assert!(matches!(look_into("a.jpg", png()), Look::Foreign));
        assert!(matches!(look_into("a.cr3", png()), Look::Foreign));
        assert!(matches!(look_into("a", png()), Look::Foreign));
        assert!(matches!(
            look_into("a.jpg", b"hello".to_vec()),
            Look::Foreign
        ));
    }
}
