//! V4L2 cameras of Linux, read through `v4l`. (being written)

use crate::{Camera, CameraError, Sink};

/// A camera that is connected now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its node, e.g. `/dev/video0`.
    pub node: std::path::PathBuf,
    /// What the driver calls it.
    pub name: String,
    /// The device as the record would name it.
    pub device: booth::Device,
    /// Serial number of the USB device, if it has one.
    pub serial: Option<String>,
}

/// The capture nodes connected now; metadata and output nodes are left out.
#[must_use]
pub fn list() -> Vec<Listed> {
    Vec::new()
}

/// Opens a camera by serial number, by absolute node path, or the first one.
///
/// # Errors
/// [`CameraError`] when it is not there now.
pub fn open(_serial: Option<&str>, _sink: Sink) -> Result<Box<dyn Camera>, CameraError> {
    Err(CameraError::NotFound)
}
