//! The frames that a reader with a security module speaks: bytes in, bytes out, no I/O.
//!
//! ```text
//! request  AA AA AA 96 69 | length | command, parameter     | XOR
//! reply    AA AA AA 96 69 | length | status, 3 bytes | data | XOR
//! ```
//!
//! The length counts what follows it, the XOR included, and the XOR covers length to
//! data. **A reply does not say what it answers**: it is told by its shape alone, and
//! two answers to the same question have the same one. What follows from that is the
//! business of [`super::line`].

use booth::ClosedPortrait;
use std::fmt;
use std::time::Duration;

const PREAMBLE: [u8; 5] = [0xAA, 0xAA, 0xAA, 0x96, 0x69];
/// Status and XOR: the least that a reply holds after its length.
const BODY_MIN: usize = 4;
/// The longest body in any document of the family: text, portrait and fingerprints.
const BODY_MAX: usize = 3 + 6 + 256 + 1024 + 1024 + 1;
/// Text length and portrait length, big endian, before the text.
const LENGTHS: [u8; 4] = [0x01, 0x00, 0x04, 0x00];
const TEXT: usize = crate::TEXT_BYTES;
const PORTRAIT: usize = ClosedPortrait::BYTES;
/// One further address, of which a card holds up to four.
const ADDRESS: usize = 70;

/// What can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Command {
    /// Starts the module anew: nothing is selected after it.
    Reset,
    /// How is the module?
    Status,
    /// Which module is it? Sixteen bytes that no other answer resembles.
    Id,
    /// Is there a card that is not selected?
    Find,
    /// Select the one that was found.
    Select,
    /// Text and portrait of the selected card.
    Read,
    /// Further addresses of the selected card: asked only to see that it is there.
    Addresses,
}

impl Command {
    #[cfg(test)]
    pub(super) const ALL: [Self; 7] = [
        Self::Reset,
        Self::Status,
        Self::Id,
        Self::Find,
        Self::Select,
        Self::Read,
        Self::Addresses,
    ];

    pub(super) const fn code(self) -> [u8; 2] {
        match self {
            Self::Reset => [0x10, 0xFF],
            Self::Status => [0x11, 0xFF],
            Self::Id => [0x12, 0xFF],
            Self::Find => [0x20, 0x01],
            Self::Select => [0x20, 0x02],
            Self::Read => [0x30, 0x01],
            Self::Addresses => [0x30, 0x03],
        }
    }

    /// How long the module may think before its answer is on the line. Vendors' own
    /// programs wait 100 ms for a card to be found or selected, 2 s for a read and
    /// 1.5 s for the addresses.
    pub(super) const fn patience(self) -> Duration {
        Duration::from_millis(match self {
            Self::Status | Self::Id | Self::Find | Self::Select => 300,
            Self::Reset => 1000,
            Self::Addresses => 1500,
            Self::Read => 2000,
        })
    }

    /// The bytes of its longest answer.
    pub(super) const fn answer_bytes_max(self) -> usize {
        PREAMBLE.len() + 2 + 3 + 1 + self.data_bytes_max()
    }

    const fn data_bytes_max(self) -> usize {
        match self {
            Self::Reset | Self::Status => 0,
            Self::Find => 4,
            Self::Select => 8,
            Self::Id => 16,
            Self::Addresses => 4 * ADDRESS,
            Self::Read => LENGTHS.len() + TEXT + PORTRAIT,
        }
    }

    pub(super) fn request(self) -> Vec<u8> {
        frame(&self.code())
    }

    /// Whether this can be the answer: the status is one that this question has, and
    /// the data have its length and their header. A refusal carries no data.
    pub(super) fn is_answered_by(self, reply: &Reply) -> bool {
        let length = reply.data.len();
        let fits = match (self, reply.status) {
            (Self::Read, SamStatus::Done) => {
                length == self.data_bytes_max() && reply.data.starts_with(&LENGTHS)
            }
            (Self::Addresses, SamStatus::Done) => {
                length > 0 && length.is_multiple_of(ADDRESS) && length <= self.data_bytes_max()
            }
            (_, status) if status.is_good() => length == self.data_bytes_max(),
            (_, _) => length == 0,
        };
        self.admits(reply.status) && fits
    }

    /// Whether this question has such an answer at all.
    pub(crate) fn admits(self, status: SamStatus) -> bool {
        match status {
            SamStatus::Done => self != Self::Find,
            SamStatus::Found | SamStatus::NotFound => self == Self::Find,
            SamStatus::NotSelected => self == Self::Select,
            SamStatus::NoContent => self == Self::Addresses,
            SamStatus::Checksum
            | SamStatus::Length
            | SamStatus::BadCommand
            | SamStatus::CardRejectsReader
            | SamStatus::ReaderRejectsCard
            | SamStatus::NotVerified
            | SamStatus::WrongCard
            | SamStatus::ReadFailed
            | SamStatus::RandomFailed
            | SamStatus::SelfTestFailed
            | SamStatus::NotAuthorised
            | SamStatus::Other(_) => true,
        }
    }
}

/// What the module says to a command: the third byte of its status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SamStatus {
    /// `90`
    Done,
    /// `9F`
    Found,
    /// `10`: our frame's XOR was wrong.
    Checksum,
    /// `11`: our frame's length was wrong.
    Length,
    /// `21`: it does not know the command.
    BadCommand,
    /// `31`
    CardRejectsReader,
    /// `32`
    ReaderRejectsCard,
    /// `33`: the card's data do not bear their signature.
    NotVerified,
    /// `40`: a card, but no identity document.
    WrongCard,
    /// `41`: the card does not answer, or not in full.
    ReadFailed,
    /// `47`
    RandomFailed,
    /// `60`
    SelfTestFailed,
    /// `66`: the module may not read.
    NotAuthorised,
    /// `80`: no card, or one that is selected already.
    NotFound,
    /// `81`
    NotSelected,
    /// `91`: the selected card has none of what was asked.
    NoContent,
    /// Any other.
    Other(u8),
}

impl SamStatus {
    pub(crate) const fn of(bytes: [u8; 3]) -> Self {
        match bytes {
            [0, 0, 0x90] => Self::Done,
            [0, 0, 0x9F] => Self::Found,
            [0, 0, 0x10] => Self::Checksum,
            [0, 0, 0x11] => Self::Length,
            [0, 0, 0x21] => Self::BadCommand,
            [0, 0, 0x31] => Self::CardRejectsReader,
            [0, 0, 0x32] => Self::ReaderRejectsCard,
            [0, 0, 0x33] => Self::NotVerified,
            [0, 0, 0x40] => Self::WrongCard,
            [0, 0, 0x41] => Self::ReadFailed,
            [0, 0, 0x47] => Self::RandomFailed,
            [0, 0, 0x60] => Self::SelfTestFailed,
            [0, 0, 0x66] => Self::NotAuthorised,
            [0, 0, 0x80] => Self::NotFound,
            [0, 0, 0x81] => Self::NotSelected,
            [0, 0, 0x91] => Self::NoContent,
            [_, _, last] => Self::Other(last),
        }
    }

    /// Whether it is a success, which carries the data that were asked for.
    const fn is_good(self) -> bool {
        matches!(self, Self::Done | Self::Found)
    }

    /// The byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Done => 0x90,
            Self::Found => 0x9F,
            Self::Checksum => 0x10,
            Self::Length => 0x11,
            Self::BadCommand => 0x21,
            Self::CardRejectsReader => 0x31,
            Self::ReaderRejectsCard => 0x32,
            Self::NotVerified => 0x33,
            Self::WrongCard => 0x40,
            Self::ReadFailed => 0x41,
            Self::RandomFailed => 0x47,
            Self::SelfTestFailed => 0x60,
            Self::NotAuthorised => 0x66,
            Self::NotFound => 0x80,
            Self::NotSelected => 0x81,
            Self::NoContent => 0x91,
            Self::Other(byte) => byte,
        }
    }
}

impl fmt::Display for SamStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Done => "done",
            Self::Found => "found",
            Self::Checksum => "checksum of the request",
            Self::Length => "length of the request",
            Self::BadCommand => "unknown command",
            Self::CardRejectsReader => "the card rejects the reader",
            Self::ReaderRejectsCard => "the reader rejects the card",
            Self::NotVerified => "the data are not verified",
            Self::WrongCard => "wrong card",
            Self::ReadFailed => "read failed",
            Self::RandomFailed => "random number failed",
            Self::SelfTestFailed => "self-test failed",
            Self::NotAuthorised => "not authorised",
            Self::NotFound => "no card found",
            Self::NotSelected => "not selected",
            Self::NoContent => "no content",
            Self::Other(_) => "unknown status",
        };
        write!(f, "{:02X} ({word})", self.byte())
    }
}

/// One whole frame of the module, its XOR right. Holds a person's data after a read.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: SamStatus,
    pub(super) data: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.data.len())
    }
}

impl Reply {
    /// The identity bytes of an answer to [`Command::Read`].
    pub(super) fn text(&self) -> Option<Box<[u8; TEXT]>> {
        let text = self.data.get(LENGTHS.len()..LENGTHS.len() + TEXT)?;
        Some(Box::new(text.try_into().ok()?))
    }

    /// The portrait that follows them, closed.
    pub(super) fn portrait(&self) -> Option<ClosedPortrait> {
        let portrait = self.data.get(LENGTHS.len() + TEXT..)?;
        Some(ClosedPortrait::new(Box::new(portrait.try_into().ok()?)))
    }
}

/// Why bytes are no frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameFault {
    /// A length that no frame has.
    #[error("a frame of {0} bytes")]
    Length(usize),
    /// The XOR does not come out.
    #[error("the checksum of a frame is wrong")]
    Checksum,
}

/// Finds frames in what comes over the line.
#[derive(Default)]
pub(super) struct Decoder {
    bytes: Vec<u8>,
}

impl Decoder {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes that belong to no frame so far.
    pub(super) fn left(&self) -> usize {
        self.bytes.len()
    }

    /// The next frame, or what is wrong with it; `None` until more bytes come. What is
    /// no preamble is passed over, and after a fault the search goes on one byte
    /// further, so that a frame behind a damaged one is found.
    pub(super) fn next(&mut self) -> Option<Result<Reply, FrameFault>> {
        self.seek();
        let length = self.bytes.get(5..7)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if !(BODY_MIN..=BODY_MAX).contains(&length) {
            self.pass_over();
            return Some(Err(FrameFault::Length(length)));
        }
        let body = self.bytes.get(5..7 + length)?;
        if body.iter().fold(0, |sum, byte| sum ^ byte) != 0 {
            self.pass_over();
            return Some(Err(FrameFault::Checksum));
        }
        let status = SamStatus::of([body[2], body[3], body[4]]);
        let data = body[5..body.len() - 1].to_vec();
        self.bytes.drain(..7 + length);
        Some(Ok(Reply { status, data }))
    }

    /// Nothing more will come of the frame that was begun: looks for one behind it.
    pub(super) fn pass_over(&mut self) {
        self.bytes.drain(..1.min(self.bytes.len()));
    }

    /// Drops what stands before the next preamble, or before what may become one.
    fn seek(&mut self) {
        let begins = |at: usize| {
            let there = &self.bytes[at..];
            let length = there.len().min(PREAMBLE.len());
            there[..length] == PREAMBLE[..length]
        };
        let at = (0..self.bytes.len()).find(|at| begins(*at));
        self.bytes.drain(..at.unwrap_or(self.bytes.len()));
    }
}

/// A frame around a body: a command, or a status with its data.
pub(super) fn frame(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 1).unwrap_or(u16::MAX);
    let counted = [&length.to_be_bytes()[..], body].concat();
    let sum = counted.iter().fold(0, |sum, byte| sum ^ byte);
    [&PREAMBLE[..], &counted, &[sum]].concat()
}

#[cfg(test)]
#[path = "frame/tests.rs"]
mod tests;
