//! WebKitGTK as a booth needs it. What it reads from its environment it reads when the
//! process begins, so the program starts itself again with what is missing there.
//! Somebody who set a switch, to whatever, knows better.

use std::process::ExitCode;

/// Without a graphics processor the default renderer, which shares buffers with one,
/// draws a third of the frames for three times the work (measured), or a blank window.
#[cfg(any(target_os = "linux", test))]
const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// The allocator of the system instead of WebKit's own. Each window has a thread of
/// real-time priority that takes pictures in, and WebKit's allocator waits for its lock
/// by yielding: on a machine with two cores two windows were seen to spin there for a
/// second, above whoever held the lock and above the camera's thread, which is a stalled
/// camera and a void sitting. The system's allocator sleeps.
#[cfg(any(target_os = "linux", test))]
const ALLOCATOR: &str = "Malloc";

/// Starts the program again where a switch is needed and not set. The status is there
/// when that failed; otherwise this process has become the other one.
#[cfg(target_os = "linux")]
#[must_use]
pub fn restart_if_needed() -> Option<ExitCode> {
    use std::os::unix::process::CommandExt;
    let missing = missing(has_graphics_processor(), |switch| {
        std::env::var_os(switch).is_some()
    });
    if missing.is_empty() {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .envs(missing.into_iter().map(|switch| (switch, "1")))
        .exec();
    tracing::warn!(%error, "the program could not start itself with WebKit's switches");
    None
}

/// Nothing is needed elsewhere.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub const fn restart_if_needed() -> Option<ExitCode> {
    None
}

/// Whether there is a screen to show a window on; GTK would say so by a panic.
#[must_use]
pub fn has_screen(is_set: impl Fn(&str) -> bool) -> bool {
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// What has to be set and is not.
#[cfg(any(target_os = "linux", test))]
fn missing(draws_on_a_processor: bool, is_set: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let renderer = (!draws_on_a_processor).then_some(RENDERER);
    let needed = [Some(ALLOCATOR), renderer].into_iter().flatten();
    needed.filter(|switch| !is_set(switch)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_and_not_set_is_set() {
        assert_eq!(missing(true, |_| false), [ALLOCATOR]);
        assert_eq!(missing(false, |_| false), [ALLOCATOR, RENDERER]);
        assert_eq!(missing(false, |switch| switch == RENDERER), [ALLOCATOR]);
        // Else the program would start itself for ever.
        assert!(missing(false, |_| true).is_empty());
    }
    #[cfg(target_os = "linux")]
    #[test]
    fn a_window_needs_one_of_two_kinds_of_screen() {
        assert!(!has_screen(|_| false));
        assert!(has_screen(|name| name == "DISPLAY"));
        assert!(has_screen(|name| name == "WAYLAND_DISPLAY"));
    }
}
