//! The one thing this crate wants from Exif: which way up the picture is.
//!
//! Cameras write the pixels as the sensor gave them and a tag that says how to hold them. A parser
//! of its own, of forty lines, because the tag is all that is needed and every read is bounded.

/// How stored pixels must be turned to be upright; the eight values of the Exif tag 0x0112.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orientation {
    Upright,
    MirroredAcross,
    UpsideDown,
    MirroredDown,
    MirroredTurnedLeft,
    TurnRight,
    MirroredTurnedRight,
    TurnLeft,
}

impl Orientation {
    /// Whether width and height change places.
    pub(crate) fn swaps_sides(self) -> bool {
        match self {
            Self::Upright | Self::MirroredAcross | Self::UpsideDown | Self::MirroredDown => false,
            Self::MirroredTurnedLeft
            | Self::TurnRight
            | Self::MirroredTurnedRight
            | Self::TurnLeft => true,
        }
    }

    /// Where pixel (x, y) of the upright picture lies in the stored one of `width` x `height`.
    pub(crate) fn stored(self, x: u32, y: u32, width: u32, height: u32) -> (u32, u32) {
        let (last_x, last_y) = (width - 1, height - 1);
        match self {
            Self::Upright => (x, y),
            Self::MirroredAcross => (last_x - x, y),
            Self::UpsideDown => (last_x - x, last_y - y),
            Self::MirroredDown => (x, last_y - y),
            Self::MirroredTurnedLeft => (y, x),
            Self::TurnRight => (y, last_y - x),
            Self::MirroredTurnedRight => (last_x - y, last_y - x),
            Self::TurnLeft => (last_x - y, x),
        }
    }

    fn from_tag(value: u16) -> Self {
        match value {
            2 => Self::MirroredAcross,
            3 => Self::UpsideDown,
            4 => Self::MirroredDown,
            5 => Self::MirroredTurnedLeft,
            6 => Self::TurnRight,
            7 => Self::MirroredTurnedRight,
            8 => Self::TurnLeft,
            _ => Self::Upright,
        }
    }
}

const ORIENTATION_TAG: u16 = 0x0112;
const TYPE_SHORT: u16 = 3;

/// Reads the orientation from a TIFF block (what follows `Exif\0\0` in a JPEG, or a PNG's `eXIf`
/// chunk). Anything that is not a well-formed tag reads as upright: a camera that writes broken
/// Exif still delivers its picture, and a wrong guess is refused later because no face is found.
pub(crate) fn orientation(tiff: &[u8]) -> Orientation {
    read_tag(tiff).map_or(Orientation::Upright, Orientation::from_tag)
}

fn read_tag(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let first: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first = if little {
        u32::from_le_bytes(first)
    } else {
        u32::from_be_bytes(first)
    };
    let directory = usize::try_from(first).ok()?;
    let entries = usize::from(short(directory)?);
    (0..entries)
        .filter_map(|index| directory.checked_add(2 + index * 12))
        .take_while(|entry| *entry < tiff.len())
        .find(|entry| short(*entry) == Some(ORIENTATION_TAG))
        .filter(|entry| short(entry + 2) == Some(TYPE_SHORT))
        .and_then(|entry| short(entry + 8))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A TIFF block with nothing but the orientation.
    pub(crate) fn block(value: u16) -> Vec<u8> {
        let mut tiff = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        tiff.extend(value.to_le_bytes());
        tiff.extend([0; 6]);
        tiff
    }

    #[test]
    fn both_byte_orders_are_read() {
        assert_eq!(orientation(&block(6)), Orientation::TurnRight);
        let big = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0";
        assert_eq!(orientation(big), Orientation::TurnLeft);
    }

    #[test]
    fn broken_blocks_read_as_upright_at_every_length() {
        let whole = block(6);
        for length in 0..whole.len() - 6 {
            let seen = orientation(&whole[..length]);
            assert!(length >= 20 || seen == Orientation::Upright, "{length}");
        }
        assert_eq!(
            orientation(b"II\x2a\0\xff\xff\xff\xff"),
            Orientation::Upright
        );
    }

    #[test]
    fn a_turned_picture_comes_upright() {
        // Stored 3 wide, 2 high; tag 6: the stored top is the right side of the upright picture.
        let upright_top_left = Orientation::TurnRight.stored(0, 0, 3, 2);
        assert_eq!(upright_top_left, (0, 1));
        let upright_top_right = Orientation::TurnRight.stored(1, 0, 3, 2);
        assert_eq!(upright_top_right, (0, 0));
    }
}
