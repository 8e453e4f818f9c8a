//! 证件照片解码: an installed vendor's library that opens the portrait of the chip.
//!
//! The format (WLT) is closed and no free decoder is known. Where the maker's library is
//! installed, it is loaded in a child process like that of a reader, for one portrait; what
//! comes of it is looked at and never kept.

use super::Options;
use super::child::ChildProcess;
use super::module::VendorFault;
use ::vendor::protocol::{Answer, PICTURE_BYTES, Request};
use booth::ClosedPortrait;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A decoder takes a few milliseconds; one that has not answered by then hangs.
const PATIENCE: Duration = Duration::from_secs(3);
/// Before the pixels of a bitmap.
const HEADER: usize = 54;

/// Why a portrait was not opened, by what can be done about it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecoderFault {
    /// There is no such library, it cannot be loaded, or it is no decoder.
    #[error("the decoder cannot be loaded: {0}")]
    Missing(String),
    /// It hangs, crashes or returns no picture.
    #[error("the decoder returns no picture: {0}")]
    Failed(String),
}

impl DecoderFault {
    /// Stable word for `--json` and the window.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "decoder-missing",
            Self::Failed(_) => "decoder-failed",
        }
    }
}

/// The portrait of a chip: 102 x 126 pixels, RGB, the uppermost row first.
#[derive(Clone, PartialEq, Eq)]
pub struct ChipPortrait {
    rgb: Vec<u8>,
}

impl ChipPortrait {
    /// Pixels a row.
    pub const WIDTH: u32 = 102;
    /// Rows.
    pub const HEIGHT: u32 = 126;

    /// Three bytes a pixel.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The pixels of a bitmap of exactly this size; whatever else it is, it is no portrait.
    fn of_bitmap(file: &[u8; PICTURE_BYTES]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_le_bytes(*file.get(at..)?.first_chunk()?));
        // Where pixels begin; size of the second header; width; height; one plane of 24
        // bits; not packed.
        let wanted = [
            (10, 54),
            (14, 40),
            (18, Self::WIDTH),
            (22, Self::HEIGHT),
            (26, 0x0018_0001),
            (30, 0),
        ];
        let fits = wanted.iter().all(|(at, value)| word(*at) == Some(*value));
        if !fits || !file.starts_with(b"BM") {
            return None;
        }
        let pixels = Self::WIDTH as usize * 3;
        let rows = file[HEADER..].chunks_exact(pixels.next_multiple_of(4));
        let blue_first = rows.rev().flat_map(|row| row[..pixels].chunks_exact(3));
        let rgb = blue_first.flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]);
        Some(Self { rgb: rgb.collect() })
    }
}

impl std::fmt::Debug for ChipPortrait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChipPortrait")
    }
}

/// A decoder that is installed.
#[derive(Clone, Debug)]
pub struct Decoder {
    library: PathBuf,
    programs: Vec<PathBuf>,
    patience: Duration,
}

impl Decoder {
    /// The decoder in this library; whether it is one is seen when it is used.
    #[must_use]
    pub fn new(library: PathBuf) -> Self {
        let Options {
            library, programs, ..
        } = Options::new(library, None);
        Self {
            library: std::path::absolute(&library).unwrap_or(library),
            programs,
            patience: PATIENCE,
        }
    }

    /// With these programs as the child, and another patience.
    #[must_use]
    pub fn held_by(mut self, programs: Vec<PathBuf>, patience: Duration) -> Self {
        (self.programs, self.patience) = (programs, patience);
        self
    }

    /// The library.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// Opens a portrait. Blocks until the library answers, 3 s at most, or `closing` is set.
    ///
    /// # Errors
    /// [`DecoderFault`]; nothing of the portrait is in it.
    pub fn open(
        &self,
        portrait: &ClosedPortrait,
        closing: Arc<AtomicBool>,
    ) -> Result<ChipPortrait, DecoderFault> {
        let mut fault = DecoderFault::Missing("likeness-vendor is not installed".to_owned());
        for program in &self.programs {
            match self.ask(program, portrait, Arc::clone(&closing)) {
                Ok(Answer::Picture(picture)) => {
                    let opened = ChipPortrait::of_bitmap(&picture);
                    let no_portrait = "a bitmap of another form";
                    return opened.ok_or_else(|| DecoderFault::Failed(no_portrait.to_owned()));
                }
                // Of another word size, or this program is not installed.
                Ok(Answer::LibraryUnfit(word)) => fault = DecoderFault::Missing(word),
                Err(VendorFault::Program(_)) => {}
                Ok(Answer::LibraryMissing) => {
                    return Err(DecoderFault::Missing("there is no such file".to_owned()));
                }
                Ok(Answer::SymbolMissing(symbol)) => {
                    let word = format!("it has no function {symbol}");
                    return Err(DecoderFault::Missing(word));
                }
                Ok(other) => return Err(DecoderFault::Failed(format!("{other:?}"))),
                Err(fault) => return Err(DecoderFault::Failed(fault.to_string())),
            }
        }
        Err(fault)
    }

    fn ask(
        &self,
        program: &Path,
        portrait: &ClosedPortrait,
        closing: Arc<AtomicBool>,
    ) -> Result<Answer, VendorFault> {
        let mut child = ChildProcess::start(program, &self.library, self.patience, closing)?;
        let request = Request::Decode(Box::new(*portrait.bytes()));
        child.ask(request).map(|(answer, _)| answer)
    }
}
