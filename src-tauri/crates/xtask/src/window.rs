//! The pages of the window, by npm.

use crate::step::{run_and_show, timed};
use std::path::Path;
use std::process::{Command, Stdio};

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
