//! `cargo xtask`: what the README's commands run.
//!
//! The program needs nothing but the standard library, because it runs before
//! anything is installed: it installs the rest. Every step says what it does and
//! how long it took.

#![expect(clippy::print_stdout, reason = "progress is this program's product")]
#![expect(clippy::print_stderr, reason = "complaints go to standard error")]

mod checks;
mod demo;
mod evaluate;
mod guest;
mod mutants;
mod programs;
mod roster;
mod setup;
mod step;
mod window;

use setup::Need;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND
  booth    install what is missing; open the station's window on simulated devices and a sample roster
  demo     install what is missing; photograph, deliver and verify five simulated students into demo/
  test     install what is missing; check formatting and lints, run all tests
  setup    install what is missing (Debian, Ubuntu and their kin)
  tidy     only the house rules over the files of the checkout
  evaluate portrait DIR
           make portraits of the pictures of DIR and of its folders; have them measured by others
  mutants  take every named control out once; a named test must notice";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let root = root();
    let done = match words.as_slice() {
        // Said before ten minutes of building.
        ["booth"] => window::need_a_screen()
            .and_then(|()| setup::install_missing(Need::Window))
            .and_then(|()| demo::open_booth(&root)),
        ["demo"] => setup::install_missing(Need::CommandLine).and_then(|()| demo::run(&root)),
        ["test"] => set_up_tests(&root).and_then(|()| checks::run(&root)),
        ["setup"] => set_up_tests(&root),
        ["tidy"] => checks::tidy(&root),
        ["evaluate", "portrait", dir] => evaluate::portrait(&root, Path::new(dir)),
        ["mutants"] => mutants::run(&root),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("\nxtask: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn set_up_tests(root: &Path) -> Result<(), String> {
    setup::install_missing(Need::Tests)?;
    guest::fetch(root)
}

/// The checkout: three folders above this crate. Cargo names the crate when it
/// runs us; the path of the build is the answer for a binary run by hand.
fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(own)
        .ancestors()
        .nth(3)
        .map_or_else(PathBuf::new, PathBuf::from)
}
