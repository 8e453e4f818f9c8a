//! (being written)
use crate::{Camera, CameraError, Sink};

/// Opens camera number `index` of the system.
///
/// # Errors
/// [`CameraError`] when it is not there now.
pub fn open(_index: u32, _sink: Sink) -> Result<Box<dyn Camera>, CameraError> {
    Err(CameraError::NotFound)
}
