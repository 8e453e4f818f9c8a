//! The badge on the chest: the subject's id and the frame's number, readable by
//! machine in whatever leaves the system.
//!
//! A version 1 QR code (21 modules) at error correction Q holds eleven bytes:
//! one that says it is ours, four of id, four of frame, two of CRC-16. Q repairs
//! a quarter of the code words, which the JPEG of a delivered portrait needs; the
//! CRC refuses what the correction got wrong.

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

use super::canvas::{Area, Canvas, Colour};

/// Where the badge sits, in face units: on the subject's left chest, high and
/// small enough to stay inside the tightest crop that the national profile
/// allows (eyes at 300 of 640 px, 250 px from the crown to the eyes).
pub(crate) const PLATE: Area = Area {
    left: 0.52,
    top: 1.58,
    right: 1.36,
    bottom: 2.42,
};

pub(crate) const MODULES: usize = 21;
/// Modules of white around the code. The standard asks for four; a plate so
/// small cannot spare them, and the reader used needs one.
const QUIET: f32 = 1.5;
const OURS: u8 = 0x4C;
const PAPER: Colour = Colour(244.0, 244.0, 242.0);
const PRINT: Colour = Colour(18.0, 18.0, 20.0);

/// The true identity of a drawn picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubjectMark {
    /// The number given to [`Subject::numbered`](super::Subject::numbered).
    pub id: u32,
    /// The number given to [`Subject::draw`](super::Subject::draw).
    pub frame: u32,
}

impl SubjectMark {
    fn to_bytes(self) -> [u8; 11] {
        let mut bytes = [0; 11];
        bytes[0] = OURS;
        bytes[1..5].copy_from_slice(&self.id.to_be_bytes());
        bytes[5..9].copy_from_slice(&self.frame.to_be_bytes());
        let check = crc16(&bytes[..9]);
        bytes[9..].copy_from_slice(&check.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 11] = bytes.try_into().ok()?;
        let [ours, i0, i1, i2, i3, f0, f1, f2, f3, c0, c1] = *bytes;
        let whole = ours == OURS && u16::from_be_bytes([c0, c1]) == crc16(&bytes[..9]);
        whole.then_some(Self {
            id: u32::from_be_bytes([i0, i1, i2, i3]),
            frame: u32::from_be_bytes([f0, f1, f2, f3]),
        })
    }
}

/// CRC-16/IBM-3740 (also called CCITT-FALSE): polynomial 0x1021, start 0xFFFF.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |mut crc: u16, byte| {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let carry = crc & 0x8000 != 0;
            crc <<= 1;
            if carry {
                crc ^= 0x1021;
            }
        }
        crc
    })
}

/// Prints the badge.
pub(crate) fn draw(canvas: &mut Canvas, mark: SubjectMark) {
    let modules = modules(mark);
    let size = PLATE.right - PLATE.left;
    let module = size / (MODULES as f32 + 2.0 * QUIET);
    let shadow = Area {
        left: PLATE.left - 0.1,
        top: PLATE.top - 0.1,
        right: PLATE.right + 0.1,
        bottom: PLATE.bottom + 0.1,
    };
    let (cx, cy) = (
        (PLATE.left + PLATE.right) / 2.0,
        (PLATE.top + PLATE.bottom) / 2.0,
    );
    canvas.shade(shadow, Colour(0.5, 0.5, 0.52), |x, y| {
        let out = ((x - cx - 0.012).abs().max((y - cy - 0.02).abs()) - size / 2.0) / 0.05;
        0.6 * (1.0 - out).clamp(0.0, 1.0)
    });
    canvas.paint(PLATE, |canvas, x, y| {
        let inside = canvas.inside((x - cx).abs().max((y - cy).abs()) - size / 2.0);
        let column = (x - PLATE.left) / module - QUIET;
        let row = (y - PLATE.top) / module - QUIET;
        (
            PAPER.toward(
                PRINT,
                ink(&modules, column, row, 1.0 / (module * canvas.unit())),
            ),
            inside,
        )
    });
}

/// How much of a pixel `size` modules wide is printed: exact area cover, so
/// that the code keeps its proportions at any size of picture.
fn ink(modules: &[bool], column: f32, row: f32, size: f32) -> f32 {
    let share = |at: f32, cell: i32| {
        let from = (at - size / 2.0).max(cell as f32);
        let to = (at + size / 2.0).min(cell as f32 + 1.0);
        (to - from).max(0.0) / size
    };
    let (c0, c1) = (
        (column - size / 2.0).floor() as i32,
        (column + size / 2.0).floor() as i32,
    );
    let (r0, r1) = (
        (row - size / 2.0).floor() as i32,
        (row + size / 2.0).floor() as i32,
    );
    let mut sum = 0.0;
    for r in r0..=r1 {
        for c in c0..=c1 {
            let within = (0..MODULES as i32).contains(&r) && (0..MODULES as i32).contains(&c);
            if within && modules[r as usize * MODULES + c as usize] {
                sum += share(column, c) * share(row, r);
            }
        }
    }
    sum
}

/// The 21 x 21 modules, row by row, true where dark. All light if the encoder
/// fails, which eleven bytes in version 1-Q cannot make it do; such a picture
/// reads as unmarked and every test that decodes would tell.
pub(crate) fn modules(mark: SubjectMark) -> Vec<bool> {
    let coded = || {
        let mut bits = Bits::new(Version::Normal(1));
        bits.push_byte_data(&mark.to_bytes())?;
        bits.push_terminator(EcLevel::Q)?;
        QrCode::with_bits(bits, EcLevel::Q)
    };
    coded().map_or_else(
        |_| vec![false; MODULES * MODULES],
        |code| {
            code.into_colors()
                .into_iter()
                .map(|c| c == Color::Dark)
                .collect()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_matches_the_catalogue_check_value() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    #[test]
    fn bytes_come_back_and_any_flipped_bit_is_refused() {
        let mark = SubjectMark {
            id: 0xDEAD_BEEF,
            frame: 42,
        };
        let bytes = mark.to_bytes();
        assert_eq!(SubjectMark::from_bytes(&bytes), Some(mark));
        for bit in 0..88 {
            let mut hurt = bytes;
            hurt[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SubjectMark::from_bytes(&hurt), None, "bit {bit}");
        }
    }

    #[test]
    fn the_code_has_its_finder_patterns() {
        let modules = modules(SubjectMark { id: 1, frame: 2 });
        for corner in [0, 14, 14 * MODULES] {
            assert!((0..7).all(|i| modules[corner + i]), "top edge of a finder");
            assert!(modules[corner + 3 * MODULES + 3], "heart of a finder");
            assert!(!modules[corner + MODULES + 1], "ring of a finder");
        }
    }
}
