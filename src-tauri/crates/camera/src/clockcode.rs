//! (being written)
use booth::BootId;

/// How a camera's EXIF clock stands to the station's, measured with a photograph of the clock code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockOffset {
    /// The body it was measured with: its EXIF serial number, or make and model.
    pub body: String,
    /// EXIF wall time (read as if it were UTC) less the station's wall time (UTC), in ms.
    pub wall_offset_ms: i64,
    /// The station's boot during the measurement.
    pub boot: BootId,
    /// EXIF wall time (as if UTC) less the station's monotonic time, in ms; valid in that boot.
    pub monotonic_offset_ms: i64,
    /// Resolution of the camera's clock in the measurement, in ms: the offset may be
    /// larger than stated by up to this.
    pub coarse_ms: u32,
}
