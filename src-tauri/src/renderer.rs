//! The renderer of WebKitGTK: without a graphics processor its default one draws a
//! third of the frames for three times the work (measured), or a blank window.
//!
//! Its switch is an environment variable that WebKit reads when the process begins,
//! so the program starts itself again with it. Somebody who set it, to whatever, knows
//! better.

use std::process::ExitCode;

/// Switches the renderer that shares buffers with a graphics processor off.
#[cfg(target_os = "linux")]
const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Starts the program again where the switch is needed and not set. The status is
/// there when that failed; otherwise this process has become the other one.
#[cfg(target_os = "linux")]
#[must_use]
pub fn restart_if_needed() -> Option<ExitCode> {
    use std::os::unix::process::CommandExt;
    if std::env::var_os(SWITCH).is_some() || has_graphics_processor() {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(SWITCH, "1")
        .exec();
    tracing::warn!(%error, "the program could not start itself with another renderer");
    None
}

/// Nothing is needed elsewhere.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub const fn restart_if_needed() -> Option<ExitCode> {
    None
}

#[cfg(target_os = "linux")]
fn has_graphics_processor() -> bool {
    let devices = std::fs::read_dir("/dev/dri");
    devices.is_ok_and(|mut devices| {
        devices.any(|device| {
            device.is_ok_and(|device| device.file_name().to_string_lossy().starts_with("render"))
        })
    })
}
