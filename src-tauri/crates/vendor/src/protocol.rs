//! The frames between the program and the child: bytes in, bytes out.
//!
//! ```text
//! frame    4C 56 | version | length | body            length: u16, of the body
//! request  number, u32 | question                     big endian, as every number
//! answer   number, u32 | kind | what belongs to it
//! ```
//!
//! An answer names the request that it answers, so that a late one is nobody's. Every
//! frame has exactly the length of its kind; whatever is not exactly a frame is refused
//! whole. There is no checksum: both ends are on one machine and a pipe damages nothing. What
//! can go wrong is that one end runs wild, and then the other one gives it up.

use std::fmt;
use std::io::{self, Read, Write};

/// Of the frames; another one is refused.
pub const VERSION: u8 = 1;
/// Identity bytes of a document.
pub const TEXT_BYTES: usize = 256;
/// The portrait of a document, in its closed format (WLT).
pub const PORTRAIT_BYTES: usize = 1024;
/// The same portrait opened: a bitmap (BMP) of 102 x 126 pixels with three bytes each.
pub const PICTURE_BYTES: usize = 54 + 126 * (102 * 3 + 2);
/// The longest name of a module.
pub const MODULE_BYTES_MAX: usize = 64;
/// The longest word of the system about a library.
pub const WORD_BYTES_MAX: usize = 200;

const MAGIC: [u8; 2] = *b"LV";
/// Magic, version and length.
const HEAD: usize = 5;
/// The longest body: number, kind and the picture.
const BODY_MAX: usize = 4 + 1 + PICTURE_BYTES;

/// What the child is asked to do: one call of the library each.
#[derive(Clone, PartialEq, Eq)]
pub enum Request {
    /// Load the library if it is not, and open its port: `SDT_OpenPort`.
    Open {
        /// 1 to 16 are serial ports, from 1001 on USB readers.
        port: u16,
    },
    /// `SDT_StartFindIDCard`
    Find,
    /// `SDT_SelectIDCard`
    Select,
    /// `SDT_ReadBaseMsg`; answered by [`Answer::Text`] when the library says `90`.
    Read,
    /// `SDT_ReadNewAppMsg`, where the library has it; only its status is answered.
    Addresses,
    /// `SDT_ResetSAM`, where the library has it.
    Reset,
    /// `SDT_GetSAMIDToStr`, where the library has it; answered by [`Answer::Module`].
    Module,
    /// `SDT_ClosePort`
    Close,
    /// Load the library as a decoder, if it is not, and open this portrait: `unpack`.
    Decode(Box<[u8; PORTRAIT_BYTES]>),
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { port } => write!(f, "Open({port})"),
            Self::Find => f.write_str("Find"),
            Self::Select => f.write_str("Select"),
            Self::Read => f.write_str("Read"),
            Self::Addresses => f.write_str("Addresses"),
            Self::Reset => f.write_str("Reset"),
            Self::Module => f.write_str("Module"),
            Self::Close => f.write_str("Close"),
            Self::Decode(_) => f.write_str("Decode"),
        }
    }
}

/// What the child says to a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// What the library returned, as it is. A read that returned `90` is never answered so.
    Status(i32),
    /// The identity bytes of a read that the library called good, and no portrait.
    Text(Box<[u8; TEXT_BYTES]>),
    /// The same with the portrait, closed.
    Both {
        /// The identity bytes.
        text: Box<[u8; TEXT_BYTES]>,
        /// The portrait.
        portrait: Box<[u8; PORTRAIT_BYTES]>,
    },
    /// The portrait, opened; whether it is a bitmap is for the program to see.
    Picture(Box<[u8; PICTURE_BYTES]>),
    /// What the module calls itself; printable ASCII.
    Module(String),
    /// There is no such library.
    LibraryMissing,
    /// The file is there and cannot be loaded: no library, of another word size, or in
    /// want of another one. What the system says to it, in printable ASCII.
    LibraryUnfit(String),
    /// The library lacks a function that we cannot do without.
    SymbolMissing(Symbol),
    /// The library lacks a function that we can do without.
    NotOffered,
    /// No port is open.
    NotOpen,
    /// The library called a read good and named lengths that no read has.
    Lengths {
        /// Bytes of text.
        text: u32,
        /// Bytes of the portrait.
        portrait: u32,
    },
    /// The library called a name good that is none.
    ModuleUnnamed,
    /// The library wrote past a buffer. Nothing that it says counts any more.
    Overrun,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "Status({status:02X})"),
            Self::Text(_) => f.write_str("Text"),
            Self::Both { .. } => f.write_str("Both"),
            Self::Picture(_) => f.write_str("Picture"),
            Self::Module(_) => f.write_str("Module"),
            Self::LibraryMissing => f.write_str("LibraryMissing"),
            Self::LibraryUnfit(_) => f.write_str("LibraryUnfit"),
            Self::SymbolMissing(symbol) => write!(f, "SymbolMissing({symbol})"),
            Self::NotOffered => f.write_str("NotOffered"),
            Self::NotOpen => f.write_str("NotOpen"),
            Self::Lengths { text, portrait } => write!(f, "Lengths({text}, {portrait})"),
            Self::ModuleUnnamed => f.write_str("ModuleUnnamed"),
            Self::Overrun => f.write_str("Overrun"),
        }
    }
}

/// A function that we cannot do without: the first five of a reader's library, the last of
/// a decoder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Symbol {
    /// `SDT_OpenPort`
    OpenPort,
    /// `SDT_ClosePort`
    ClosePort,
    /// `SDT_StartFindIDCard`
    StartFindIdCard,
    /// `SDT_SelectIDCard`
    SelectIdCard,
    /// `SDT_ReadBaseMsg`
    ReadBaseMsg,
    /// `unpack`
    Unpack,
}

impl Symbol {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::OpenPort,
        Self::ClosePort,
        Self::StartFindIdCard,
        Self::SelectIdCard,
        Self::ReadBaseMsg,
        Self::Unpack,
    ];

    /// As the library exports it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenPort => "SDT_OpenPort",
            Self::ClosePort => "SDT_ClosePort",
            Self::StartFindIdCard => "SDT_StartFindIDCard",
            Self::SelectIdCard => "SDT_SelectIDCard",
            Self::ReadBaseMsg => "SDT_ReadBaseMsg",
            Self::Unpack => "unpack",
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::OpenPort => 1,
            Self::ClosePort => 2,
            Self::StartFindIdCard => 3,
            Self::SelectIdCard => 4,
            Self::ReadBaseMsg => 5,
            Self::Unpack => 6,
        }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why bytes are no frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameFault {
    /// They do not begin like one.
    #[error("no frame begins like this")]
    Magic,
    /// Of another version than ours: a child of another release.
    #[error("a frame of version {0}")]
    Version(u8),
    /// Not the length that its kind has.
    #[error("a frame of {0} bytes")]
    Length(usize),
    /// Of a kind that nobody knows.
    #[error("a frame of the unknown kind {0:02X}")]
    Kind(u8),
    /// A value that its kind does not have.
    #[error("a value that no frame of its kind has")]
    Value,
}

/// Why no frame came.
#[derive(Debug, thiserror::Error)]
pub enum StreamFault {
    /// The other end is gone.
    #[error("the other end is gone: {0}")]
    Gone(#[from] io::Error),
    /// What came is none.
    #[error("{0}")]
    Frame(#[from] FrameFault),
}

/// A request as a frame; `number` comes back with its answer.
#[must_use]
pub fn encode_request(number: u32, request: &Request) -> Vec<u8> {
    match request {
        Request::Open { port } => frame(number, 1, &port.to_be_bytes()),
        Request::Find => frame(number, 2, &[]),
        Request::Select => frame(number, 3, &[]),
        Request::Read => frame(number, 4, &[]),
        Request::Addresses => frame(number, 5, &[]),
        Request::Reset => frame(number, 6, &[]),
        Request::Module => frame(number, 7, &[]),
        Request::Close => frame(number, 8, &[]),
        Request::Decode(portrait) => frame(number, 9, &portrait[..]),
    }
}

/// The request that exactly these bytes are, and its number.
///
/// # Errors
/// [`FrameFault`]; never panics, whatever the bytes.
pub fn decode_request(bytes: &[u8]) -> Result<(u32, Request), FrameFault> {
    let (number, kind, rest) = parts(bytes)?;
    let request = match kind {
        1 => {
            let port = rest.try_into().map_err(|_| wrong_length(bytes))?;
            let port = u16::from_be_bytes(port);
            return Ok((number, Request::Open { port }));
        }
        2 => Request::Find,
        3 => Request::Select,
        4 => Request::Read,
        5 => Request::Addresses,
        6 => Request::Reset,
        7 => Request::Module,
        8 => Request::Close,
        9 => {
            let portrait = Box::new(exactly(bytes, rest)?);
            return Ok((number, Request::Decode(portrait)));
        }
        other => return Err(FrameFault::Kind(other)),
    };
    if rest.is_empty() {
        Ok((number, request))
    } else {
        Err(wrong_length(bytes))
    }
}

/// The answer to the request of this number, as a frame.
#[must_use]
pub fn encode_answer(number: u32, answer: &Answer) -> Vec<u8> {
    match answer {
        Answer::Status(status) => frame(number, 1, &status.to_be_bytes()),
        Answer::Text(text) => frame(number, 2, &text[..]),
        Answer::Module(name) => frame(number, 3, name.as_bytes()),
        Answer::LibraryMissing => frame(number, 4, &[]),
        Answer::LibraryUnfit(word) => frame(number, 5, word.as_bytes()),
        Answer::SymbolMissing(symbol) => frame(number, 6, &[symbol.code()]),
        Answer::NotOffered => frame(number, 7, &[]),
        Answer::NotOpen => frame(number, 8, &[]),
        Answer::Lengths { text, portrait } => {
            let both = [text.to_be_bytes(), portrait.to_be_bytes()].concat();
            frame(number, 9, &both)
        }
        Answer::ModuleUnnamed => frame(number, 10, &[]),
        Answer::Overrun => frame(number, 11, &[]),
        Answer::Both { text, portrait } => frame(number, 12, &[&text[..], &portrait[..]].concat()),
        Answer::Picture(picture) => frame(number, 13, &picture[..]),
    }
}

/// The answer that exactly these bytes are, and the number of what it answers.
///
/// # Errors
/// [`FrameFault`]; never panics, whatever the bytes.
pub fn decode_answer(bytes: &[u8]) -> Result<(u32, Answer), FrameFault> {
    let (number, kind, rest) = parts(bytes)?;
    let answer = match kind {
        1 => Answer::Status(i32::from_be_bytes(exactly(bytes, rest)?)),
        2 => Answer::Text(Box::new(exactly(bytes, rest)?)),
        3 if rest.is_empty() => return Err(wrong_length(bytes)),
        3 => Answer::Module(printable(bytes, rest, MODULE_BYTES_MAX)?),
        4 => Answer::LibraryMissing,
        5 => Answer::LibraryUnfit(printable(bytes, rest, WORD_BYTES_MAX)?),
        6 => {
            let [code] = exactly(bytes, rest)?;
            let mut all = Symbol::ALL.into_iter();
            let symbol = all.find(|symbol| symbol.code() == code);
            Answer::SymbolMissing(symbol.ok_or(FrameFault::Value)?)
        }
        7 => Answer::NotOffered,
        8 => Answer::NotOpen,
        9 => {
            let [a, b, c, d, e, f, g, h] = exactly(bytes, rest)?;
            Answer::Lengths {
                text: u32::from_be_bytes([a, b, c, d]),
                portrait: u32::from_be_bytes([e, f, g, h]),
            }
        }
        10 => Answer::ModuleUnnamed,
        11 => Answer::Overrun,
        12 => {
            let (text, portrait) = rest
                .split_at_checked(TEXT_BYTES)
                .ok_or(wrong_length(bytes))?;
            Answer::Both {
                text: Box::new(exactly(bytes, text)?),
                portrait: Box::new(exactly(bytes, portrait)?),
            }
        }
        13 => Answer::Picture(Box::new(exactly(bytes, rest)?)),
        other => return Err(FrameFault::Kind(other)),
    };
    let is_plain = matches!(kind, 4 | 7 | 8 | 10 | 11);
    if is_plain && !rest.is_empty() {
        return Err(wrong_length(bytes));
    }
    Ok((number, answer))
}

/// Whether bytes can be text in a frame.
#[must_use]
pub fn is_printable(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_graphic()
}

/// Reads one frame's bytes off a stream, no more. What is in it, the decoders say.
///
/// # Errors
/// [`StreamFault::Gone`] at the end of the stream, [`StreamFault::Frame`] when what comes
/// does not begin like a frame or is longer than any: no room is made for it.
pub fn read_frame(stream: &mut impl Read) -> Result<Vec<u8>, StreamFault> {
    let mut frame = vec![0; HEAD];
    stream.read_exact(&mut frame)?;
    let length = body_length(&frame)?;
    frame.resize(HEAD + length, 0);
    stream.read_exact(&mut frame[HEAD..])?;
    Ok(frame)
}

/// Writes one frame and sends it off.
///
/// # Errors
/// When the other end is gone.
pub fn write_frame(stream: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    stream.write_all(frame)?;
    stream.flush()
}

fn frame(number: u32, kind: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + 1 + rest.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let head = [MAGIC[0], MAGIC[1], VERSION, high, low];
    [&head[..], &number.to_be_bytes(), &[kind], rest].concat()
}

/// The length of the body that a head announces.
fn body_length(head: &[u8]) -> Result<usize, FrameFault> {
    let [first, second, version, high, low, ..] = *head else {
        return Err(FrameFault::Length(head.len()));
    };
    if [first, second] != MAGIC {
        return Err(FrameFault::Magic);
    }
    if version != VERSION {
        return Err(FrameFault::Version(version));
    }
    let length = usize::from(u16::from_be_bytes([high, low]));
    if (5..=BODY_MAX).contains(&length) {
        Ok(length)
    } else {
        Err(FrameFault::Length(HEAD + length))
    }
}

/// Number, kind and the rest of a whole frame.
fn parts(bytes: &[u8]) -> Result<(u32, u8, &[u8]), FrameFault> {
    let length = body_length(bytes)?;
    match &bytes[HEAD..] {
        body @ [a, b, c, d, kind, rest @ ..] if body.len() == length => {
            Ok((u32::from_be_bytes([*a, *b, *c, *d]), *kind, rest))
        }
        _ => Err(wrong_length(bytes)),
    }
}

fn exactly<const N: usize>(bytes: &[u8], rest: &[u8]) -> Result<[u8; N], FrameFault> {
    rest.try_into().map_err(|_| wrong_length(bytes))
}

fn printable(bytes: &[u8], rest: &[u8], max: usize) -> Result<String, FrameFault> {
    if rest.len() > max {
        return Err(wrong_length(bytes));
    }
    if !rest.iter().copied().all(is_printable) {
        return Err(FrameFault::Value);
    }
    String::from_utf8(rest.to_vec()).map_err(|_| FrameFault::Value)
}

const fn wrong_length(bytes: &[u8]) -> FrameFault {
    FrameFault::Length(bytes.len())
}

#[cfg(test)]
#[path = "protocol/tests.rs"]
mod tests;
