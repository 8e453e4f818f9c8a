//! The pages of the window, by npm.

use crate::step::{run_and_show, timed};
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether a window can be shown at all.
///
/// # Errors
/// Says what to do where it cannot.
pub(crate) fn need_a_screen() -> Result<(), String> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    Err("there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): give the command in a desktop session, \
         or `cargo xtask demo`, which does the same on the command line"
        .to_owned())
}

/// Builds the pages, checking and testing them first where asked.
pub(crate) fn build_pages(root: &Path, with_tests: bool) -> Result<(), String> {
    timed("pages of the window", || {
        let ui = root.join("ui");
        if !is_fresh(&ui) {
            npm(&ui, &["ci", "--no-audit", "--no-fund"])?;
        }
        if with_tests {
            npm(&ui, &["test"])?;
        }
        npm(&ui, &["run", "build"])
    })
}

/// Whether what is installed is what the lock file names: npm keeps a copy of it.
fn is_fresh(ui: &Path) -> bool {
    let read = |name: &str| std::fs::metadata(ui.join(name)).and_then(|about| about.modified());
    match (
        read("package-lock.json"),
        read("node_modules/.package-lock.json"),
    ) {
        (Ok(wanted), Ok(installed)) => installed >= wanted,
        _ => false,
    }
}

fn npm(ui: &Path, words: &[&str]) -> Result<(), String> {
    let mut command = Command::new("npm");
    command.current_dir(ui).args(words).stdin(Stdio::null());
    run_and_show(&mut command)
}
