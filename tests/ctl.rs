//! Programs of this workspace that tests start as processes of their own.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The command-line program of this build, with the one that holds vendors' libraries
/// beside it.
///
/// # Panics
/// If it does not build.
#[must_use]
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let words = ["--bin", "likeness-ctl", "--bin", "likeness-vendor"];
    PROGRAM.get_or_init(|| built(&words, "likeness-ctl"))
}

/// A library that stands in a vendor's place: an example of `vendor`.
///
/// # Panics
/// If it does not build.
#[must_use]
pub fn fake_library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| library("fake_sdtapi"))
}

/// A decoder of chips' portraits that stands in a vendor's place, likewise.
///
/// # Panics
/// If it does not build.
#[must_use]
pub fn fake_decoder() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| library("fake_decoder"))
}

fn library(example: &str) -> PathBuf {
    let file = format!("examples/{DLL_PREFIX}{example}{DLL_SUFFIX}");
    built(&["--example", example], &file)
}

/// Another program at the smart-card service: an example of `card`, which alone knows it.
///
/// # Panics
/// If it does not build.
#[must_use]
pub fn other_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let words = ["--example", "other_program"];
    PROGRAM.get_or_init(|| built(&words, "examples/other_program"))
}

/// Cargo builds no binary of another package for a test, so it is asked to, once; an old
/// one must not be tested by accident.
fn built(words: &[&str], file: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test is a program");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("target/PROFILE/deps");
    let target = profile.parent().expect("target/PROFILE");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        // The whole workspace is named, so that nothing is built again with other features.
        .args(["build", "--quiet", "--workspace", "--target-dir"])
        .arg(target)
        .args(words);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(
        status.expect("cargo runs").success(),
        "{file} does not build"
    );
    profile.join(file)
}
