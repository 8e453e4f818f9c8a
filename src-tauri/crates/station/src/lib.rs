//! The application without a window: the booth loop, the use cases, the notices.
//!
//! Everything that a window or a command line wants is here, with results ready to
//! be shown and every refusal as a code of one table ([`notice`]). What is decided
//! is decided in `booth`; this crate carries it out.

mod calibration;
mod console;
pub mod desk;
mod device;
mod error;
mod guidance;
mod notice;
mod reading;
mod remote;
mod report;
mod room;
mod settings;
mod show;
mod sitting;
mod station;
mod studio;
mod subject;
pub mod view;
mod window_frame;

pub use booth::Outcome;
pub use calibration::{
    CameraChecked, CameraControls, CameraLocked, ControlLine, ControlSettings, ControlsSet,
    DriftLine, LockOptions, Note, PatchLine,
};
pub use card::vendor::decoder::Decoder;
pub use desk::{Desk, RecordLine, RosterLine, StationHome, Verdict};
pub use device::{CameraChoice, ReaderChoice};
pub use error::StationError;
pub use notice::{Notice, NoticeKind, notice, notices};
pub use portrait::Region;
pub use reading::{ChipReport, DocumentReport, ReaderReport, read_document, watch_reader};
pub use remote::RemoteKey;
pub use report::{EndReport, FiledReport, Report, ReviewReport, SeatedReport};
pub use room::Picture;
pub use show::Shown;
pub use sitting::{Command, SittingOptions};
pub use station::Station;
pub use studio::{Checked, Made, Studio, StudioError};
pub use window_frame::{REDUCED_SIDE_MAX, UNTOUCHED_PIXELS_MAX, WindowFrame, window_file};

use booth::{Attendance, Claim, Digest, StudentNumber, Token};

/// Whether a person exposes and accepts.
#[must_use]
pub const fn attendance(unattended: bool) -> Attendance {
    if unattended {
        Attendance::Unattended
    } else {
        Attendance::Attended
    }
}

/// The name of whoever answers for something; the journal keeps it.
///
/// # Errors
/// `operator-missing` when nothing is left of it without blanks.
pub(crate) fn who(name: &str) -> Result<&str, StationError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(StationError::Refused("operator-missing"));
    }
    Ok(name)
}

/// What was typed beside the document.
///
/// # Errors
/// A refusal when the student number cannot be one.
pub fn claim(
    student_number: Option<&str>,
    referred_by: Option<String>,
) -> Result<Claim, StationError> {
    let parse =
        |text| StudentNumber::parse(text).map_err(|_| StationError::Refused("unknown-student"));
    let student_number = student_number.map(parse).transpose()?;
    Ok(Claim {
        student_number,
        referred_by,
    })
}

/// A token as it was echoed; what is no token at all fits nothing.
#[must_use]
pub fn parse_token(text: &str) -> Token {
    let digit = |at: usize| {
        text.get(2 * at..2 * at + 2)
            .and_then(|d| u8::from_str_radix(d, 16).ok())
    };
    let mut bytes = [0u8; 32];
    let whole = text.len() == 64;
    for (at, byte) in bytes.iter_mut().enumerate() {
        match digit(at) {
            Some(value) if whole => *byte = value,
            Some(_) | None => return Token::echoed(booth::sha256(b"no token")),
        }
    }
    Token::echoed(Digest::from_bytes(bytes))
}
