//! (being written)
use crate::clockcode::ClockOffset;
use crate::{Camera, CameraError, Sink};
use std::path::Path;

/// A picture may have this many bytes; larger files are quarantined.
pub const FILE_BYTES_MAX: u64 = 64 << 20;

/// Watches a folder. `offset` is the measured offset of the camera's clock, if the job has one.
///
/// # Errors
/// [`CameraError`] when the folder cannot be read.
pub fn open(
    _dir: &Path,
    _offset: Option<ClockOffset>,
    _sink: Sink,
) -> Result<Box<dyn Camera>, CameraError> {
    Err(CameraError::NotFound)
}
